/* Texts that people type. See typed.h. */
#include "proto/typed.h"

#include <assert.h>
#include <sodium.h>

#define RAW_MAX 1024U
#define SPACE   255

void cp_typed_write(const char *prefix, struct cp_bytes raw, struct cp_buf *out)
{
    char text[RAW_MAX * 8 / 5 + 2];
    assert(raw.len <= RAW_MAX);
    cp_base32_encode(raw.ptr, raw.len, text);
    cp_buf_put_str(out, prefix);
    cp_buf_put_str(out, text);
    sodium_memzero(text, sizeof text);
}

/* 0..31, SPACE, or -1. Upper case is what QR codes and people make of it. */
static int digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        c = (uint8_t)(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= '2' && c <= '7')
        return c - '2' + 26;
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return SPACE;
    return -1;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* Leaves *text after the prefix; false when it does not begin with it. */
static bool skip_prefix(const char *want, struct cp_bytes *text)
{
    size_t at = 0;
    for (; *want != '\0'; at++) {
        if (at == text->len)
            return false;
        if (digit(text->ptr[at]) == SPACE)
            continue;
        if (lower(text->ptr[at]) != (uint8_t)*want)
            return false;
        want++;
    }
    *text = CP_BYTES(text->ptr + at, text->len - at);
    return true;
}

/* The bits left over after the last byte must be zero and fewer than five. */
static bool decode(struct cp_bytes text, uint8_t *out, size_t max, size_t *len)
{
    uint32_t acc = 0;
    unsigned bits = 0;
    *len = 0;
    for (size_t i = 0; i < text.len; i++) {
        int d = digit(text.ptr[i]);
        if (d < 0)
            return false;
        if (d == SPACE)
            continue;
        acc = (acc << 5 | (uint32_t)d) & 0xfff;
        bits += 5;
        if (bits < 8)
            continue;
        bits -= 8;
        if (*len == max)
            return false;
        out[(*len)++] = (uint8_t)(acc >> bits & 0xff);
    }
    return bits < 5 && (acc & ((1U << bits) - 1)) == 0;
}

bool cp_typed_read(const char *prefix, struct cp_bytes text, uint8_t *out, size_t max, size_t *len)
{
    *len = 0;
    return skip_prefix(prefix, &text) && decode(text, out, max, len);
}
