/* Shortening texts: whatever is asked for, no character is cut in two. And texts that show nothing. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/utf8.h"

Test(utf8, a_beginning_ends_with_a_whole_character)
{
    static const char *const texts[] = {"", "a", "Pâté", "Łódź", "日本語のテキスト", "a😀b😀"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct cp_bytes text = cp_bytes_str(texts[i]);
        for (size_t most = 0; most <= text.len + 3; most++) {
            char out[64];
            size_t len = cp_utf8_whole(text, most);
            cr_assert_leq(len, most < text.len ? most : text.len);
            cr_assert(cp_utf8_ok(CP_BYTES(text.ptr, len)), "%s, %zu", texts[i], most);
            cr_assert(len == text.len || most - len < 4, "no more is left out than one character");
            memset(out, 'x', sizeof out);
            cp_utf8_keep(text, out, most + 1);
            cr_assert_eq(strlen(out), len);
            cr_assert_eq(memcmp(out, texts[i], len), 0);
            cr_assert_eq(out[most + 1], 'x');
        }
    }
    char none[1] = "x";
    cp_utf8_keep(CP_BYTES(NULL, 0), none, 1);
    cr_assert_eq(none[0], '\0');
}

Test(utf8, what_nobody_can_see_is_blank)
{
    static const char *const blank[] = {"", "  ", "\t\n", "\u00a0", " \u200b\u2060 ", "\u3164", "\u2800", "\ufeff", "\U000e0041"};
    static const char *const seen[] = {"a", " a ", ".", "\u0623\u0645\u064a\u0646\u0629", "\U0001f41d", "\u200b\u00e9", "\u65e5"};
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++)
        cr_assert(cp_utf8_blank(cp_bytes_str(blank[i])), "%zu", i);
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        cr_assert(!cp_utf8_blank(cp_bytes_str(seen[i])), "%zu", i);
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++)
        cr_assert_eq(cp_utf8_said(cp_bytes_str(blank[i])).len, 0, "%zu", i);
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) /* blanks around words are theirs */
        cr_assert(cp_bytes_eq(cp_utf8_said(cp_bytes_str(seen[i])), cp_bytes_str(seen[i])), "%zu", i);
    cr_assert_eq(cp_utf8_said(cp_bytes_str(" \xc2")).len, 2, "what is no text is refused by somebody else");
}
