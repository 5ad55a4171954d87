/* Texts that people type. See typed.h. */
#include "proto/typed.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define RAW_MAX (CP_TYPED_MAX + CP_TYPED_CHECK_LEN)
#define SPACE   255

void cp_typed_check(enum cp_tag check, struct cp_bytes raw, uint8_t out[static CP_TYPED_CHECK_LEN])
{
    cp_hash2(check, raw, CP_BYTES(NULL, 0), out, CP_TYPED_CHECK_LEN);
}

void cp_typed_write(const char *prefix, enum cp_tag check, struct cp_bytes raw, struct cp_buf *out)
{
    uint8_t bytes[RAW_MAX];
    char text[RAW_MAX * 8 / 5 + 2];
    assert(raw.len <= CP_TYPED_MAX);
    if (raw.len > 0)
        memcpy(bytes, raw.ptr, raw.len);
    cp_typed_check(check, raw, bytes + raw.len);
    cp_base32_encode(bytes, raw.len + CP_TYPED_CHECK_LEN, text);
    cp_buf_put_str(out, prefix);
    cp_buf_put_str(out, text);
    sodium_memzero(bytes, sizeof bytes);
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
static bool decode(struct cp_bytes text, uint8_t out[static RAW_MAX], size_t *len)
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
        if (*len == RAW_MAX)
            return false;
        out[(*len)++] = (uint8_t)(acc >> bits & 0xff);
    }
    return bits < 5 && (acc & ((1U << bits) - 1)) == 0;
}

bool cp_typed_read(const char *prefix, enum cp_tag check, struct cp_bytes text,
                   uint8_t out[static CP_TYPED_MAX + CP_TYPED_CHECK_LEN], size_t *len)
{
    uint8_t want[CP_TYPED_CHECK_LEN];
    size_t all = 0;
    *len = 0;
    if (!skip_prefix(prefix, &text) || !decode(text, out, &all) || all < sizeof want)
        return false;
    all -= sizeof want;
    cp_typed_check(check, CP_BYTES(out, all), want);
    if (memcmp(want, out + all, sizeof want) != 0)
        return false;
    *len = all;
    return true;
}
