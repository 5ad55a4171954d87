/* Shortening texts, and texts that show nothing: see utf8.h. */
#include "proto/utf8.h"

#include <string.h>

size_t cp_utf8_whole(struct cp_bytes text, size_t most)
{
    if (text.len <= most)
        return text.len;
    while (most > 0 && (text.ptr[most] & 0xc0U) == 0x80U)
        most--;
    return most;
}

void cp_utf8_keep(struct cp_bytes text, char *out, size_t size)
{
    size_t len = cp_utf8_whole(text, size - 1);
    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

/* White space, fillers, and marks that turn, join or hide. */
static const struct {
    uint32_t first, last;
} shapeless[] = {
    {0x0, 0x20},        {0x7f, 0xa0},       {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},
    {0x115f, 0x1160},   {0x1680, 0x1680},   {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x2000, 0x200f},
    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x2800, 0x2800},   {0x3000, 0x3000},   {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff9, 0xfffb},   {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_shapeless(uint32_t character)
{
    for (size_t i = 0; i < sizeof shapeless / sizeof shapeless[0]; i++)
        if (character >= shapeless[i].first && character <= shapeless[i].last)
            return true;
    return false;
}

bool cp_utf8_blank(struct cp_bytes text)
{
    for (size_t at = 0; at < text.len;) {
        uint8_t first = text.ptr[at];
        size_t len = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        uint32_t character = len == 1 ? first : first & (0x7fU >> len);
        if (len > text.len - at)
            return false; /* no text: whoever asks has not looked */
        for (size_t i = 1; i < len; i++)
            character = (character << 6) | (text.ptr[at + i] & 0x3fU);
        if (!is_shapeless(character))
            return false;
        at += len;
    }
    return true;
}

struct cp_bytes cp_utf8_said(struct cp_bytes text)
{
    return cp_utf8_ok(text) && cp_utf8_blank(text) ? CP_BYTES(NULL, 0) : text;
}
