/*
 * cp_utf8_ok against a reader that looks at one byte at a time: the shortcut over plain ASCII must see the same.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/bytes.h"

/* RFC 3629 section 4 by arithmetic: decode, then ask whether this is the one way to write it. */
static bool plain_ok(const uint8_t *p, size_t n)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    for (size_t i = 0; i < n;) {
        size_t len = p[i] < 0x80 ? 1 : p[i] >> 5 == 6 ? 2 : p[i] >> 4 == 14 ? 3 : p[i] >> 3 == 30 ? 4 : 0;
        if (len == 0 || len > n - i || p[i] == 0)
            return false;
        uint32_t code = len == 1 ? p[i] : p[i] & (0x7fU >> len);
        for (size_t k = 1; k < len; k++) {
            if (p[i + k] >> 6 != 2)
                return false;
            code = code << 6 | (p[i + k] & 0x3f);
        }
        if (len > 1 && (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)))
            return false;
        i += len;
    }
    return true;
}

Test(utf8, every_byte_at_every_place_of_plain_text)
{
    uint8_t text[27];
    for (size_t n = 0; n <= sizeof text; n++)
        for (size_t at = 0; at < n; at++)
            for (unsigned byte = 0; byte < 256; byte++) {
                memset(text, 'a', sizeof text);
                text[at] = (uint8_t)byte;
                cr_assert_eq(cp_utf8_ok(CP_BYTES(text, n)), plain_ok(text, n), "byte %u at %zu of %zu", byte,
                             at, n);
            }
}

Test(utf8, every_start_of_two_and_three_bytes_at_every_offset)
{
    uint8_t text[12];
    for (uint32_t three = 0; three < 1U << 24;
         three += 7) /* 7: every byte value in every place, in a second */
        for (size_t at = 0; at <= 9; at += 3) {
            memset(text, 'z', sizeof text);
            text[at] = (uint8_t)(three >> 16);
            text[at + 1] = (uint8_t)(three >> 8);
            text[at + 2] = (uint8_t)three;
            bool want = plain_ok(text, sizeof text);
            if (cp_utf8_ok(CP_BYTES(text, sizeof text)) != want)
                cr_assert(false, "%06x at %zu: want %d", three, at, want);
        }
}

Test(utf8, four_bytes_and_cut_ends)
{
    static const char *const good[] = {"12345678\xf0\x90\x80\x80", "1234567\xf4\x8f\xbf\xbf\x38",
                                       "\xf0\x9f\x99\x82\x31\x32\x33\x34"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct cp_bytes b = cp_bytes_str(good[i]);
        cr_assert(cp_utf8_ok(b));
        for (size_t n = 0; n < b.len; n++)
            cr_assert_eq(cp_utf8_ok(CP_BYTES(b.ptr, n)), plain_ok(b.ptr, n), "%zu of %zu", n, i);
    }
    cr_assert_not(cp_utf8_ok(cp_bytes_str("12345678\xf4\x90\x80\x80")));
    cr_assert_not(cp_utf8_ok(cp_bytes_str("12345678\xf0\x8f\xbf\xbf")));
}
