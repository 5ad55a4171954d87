/* Calendars: lines of every length, escapes, repeats; and what counts as a name or a word about health. */
#include <criterion/criterion.h>
#include <string.h>

#include "client/ics.h"
#include "proto/sensitive.h"
#include "tests/support/heap.h"

/* ---- Lines ---- */

/* Unfolds and checks every rule of a folded line on the way. */
static void unfold(struct cp_bytes folded, struct cp_buf *out)
{
    size_t line = 0;
    cr_assert(folded.len >= 2 && memcmp(folded.ptr + folded.len - 2, "\r\n", 2) == 0);
    for (size_t i = 0; i + 2 < folded.len; i++) {
        if (folded.ptr[i] == '\r' && folded.ptr[i + 1] == '\n') {
            cr_assert_eq(folded.ptr[i + 2], ' ');
            cr_assert_leq(line, 75, "%zu octets", line);
            cr_assert(cp_utf8_ok(cp_buf_bytes(out)), "folded inside a character");
            i += 2;
            line = 1;
        } else {
            cr_assert_neq(folded.ptr[i], '\n');
            cp_buf_put_byte(out, folded.ptr[i]);
            line++;
        }
    }
    cr_assert_leq(line, 75);
}

static void lines_of(const char *letter, size_t most)
{
    struct cp_buf value, folded, again;
    cp_buf_init(&value, test_mem(), SIZE_MAX / 2);
    cp_buf_init(&folded, test_mem(), SIZE_MAX / 2);
    cp_buf_init(&again, test_mem(), SIZE_MAX / 2);
    for (size_t n = 0; n < most; n++) {
        cp_buf_reset(&folded);
        cp_buf_reset(&again);
        cp_ics_text(&folded, "SUMMARY", cp_buf_bytes(&value));
        unfold(cp_buf_bytes(&folded), &again);
        cr_assert_eq(again.len, value.len + 8);
        cr_assert_arr_eq(again.ptr, "SUMMARY:", 8);
        if (value.len > 0)
            cr_assert_arr_eq(again.ptr + 8, value.ptr, value.len);
        cp_buf_put_str(&value, letter);
    }
    cp_buf_clear(&value);
    cp_buf_clear(&folded);
    cp_buf_clear(&again);
}

Test(ics, lines_of_every_length_are_folded_between_characters)
{
    lines_of("x", 300);
    lines_of("\xc3\xa9", 150);
    lines_of("\xe0\xa4\xac", 100);
    lines_of("\xf0\x9f\x8c\xb1", 100);
    lines_of("a\xf0\x9f\x8c\xb1", 80);
}

static void escaped(const char *value, const char *expected)
{
    struct cp_buf out;
    cp_buf_init(&out, test_mem(), SIZE_MAX / 2);
    cp_ics_text(&out, "X", cp_bytes_str(value));
    cp_buf_put_byte(&out, 0);
    cr_assert_str_eq((const char *)out.ptr, expected);
    cp_buf_clear(&out);
}

Test(ics, text_is_escaped_and_nothing_is_hidden_in_it)
{
    escaped("a,b;c\\d:e\"f\"", "X:a\\,b\\;c\\\\d:e\"f\"\r\n");
    escaped("a\nb", "X:a\\nb\r\n");
    escaped("\\n", "X:\\\\n\r\n");
    escaped("a\r\nEND:VEVENT", "X:a\\\\u{d}\\nEND:VEVENT\r\n");
    escaped("\x01\x7f\xe2\x80\xae", "X:\\\\u{1}\\\\u{7f}\\\\u{202e}\r\n");
}

/* ---- Repeats ---- */

static void rule(const char *start, const char *every, const char *expected)
{
    char out[96];
    cr_assert_eq(cp_ics_rule(start, every, out), expected != NULL, "%s from %s", every, start);
    if (expected != NULL)
        cr_assert_str_eq(out, expected);
}

Test(ics, a_rule_only_where_it_says_the_same)
{
    rule("2031-05-01", "P1D", "FREQ=DAILY");
    rule("2031-05-01", "P10D", "FREQ=DAILY;INTERVAL=10");
    rule("2031-05-01", "P2W", "FREQ=WEEKLY;INTERVAL=2");
    rule("2031-05-30", "P1M", "FREQ=MONTHLY");
    rule("2031-05-31", "P3M", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1");
    rule("2032-02-29", "P1Y", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1");
    rule("2032-02-28", "P1Y", "FREQ=YEARLY");
    rule("2031-05-01", "P9999D", "FREQ=DAILY;INTERVAL=9999");
    rule("2031-05-01", "P1M10D", NULL);
    rule("2031-05-01", "P1Y1M", NULL);
    rule("2031-05-01", "P0D", NULL);
    rule("2031-05-01", "P", NULL);
    rule("2031-05-01", "PT1H", NULL);
    rule("2031-05-01", "P-1D", NULL);
    rule("2031-05-01", "P 1D", NULL);
    rule("2031-05-01", "P1H", NULL);
    rule("2031-05-01", "1M", NULL);
    rule("2031-05-01", "P1M\r\nX", NULL);
    rule("", "P1M", NULL);
}

/* ---- Names and health words ---- */

static void health(const char *text, const char *expected)
{
    struct cp_bytes found = cp_sensitive_health(cp_bytes_str(text), 0);
    cr_assert(cp_bytes_eq(found, cp_bytes_str(expected)), "\"%s\": \"%.*s\"", text, (int)found.len,
              found.len > 0 ? (const char *)found.ptr : "");
}

Test(sensitive, words_about_health_whole_and_in_any_case)
{
    health("", "");
    health("We plant beans", "");
    health("a DEPRESSION cafe", "DEPRESSION");
    health("depressed", "depressed");
    health("(self-harm)", "self-harm");
    health("self harming", "self harming");
    health("Mental  health", "");
    health("mental-health walk", "mental-health");
    health("ptsd\xc3\xa9", ""); /* another word */
    health("xptsd ptsd", "ptsd");
    health("The council", "");
    health("a counsellor", "counsellor");
    health("su", "");
    health("suicid", "suicid");
}

static void own(const char *text, const char *word, const char *expected)
{
    struct cp_bytes found = cp_sensitive_word(cp_bytes_str(text), 0, cp_bytes_str(word));
    cr_assert(cp_bytes_eq(found, cp_bytes_str(expected)), "\"%s\" for %s: %zu bytes", text, word, found.len);
}

Test(sensitive, words_of_a_plan_s_own)
{
    own("the Tuesday group meets", "tuesday group", "Tuesday group");
    own("the Tuesday-group", "Tuesday group", "Tuesday-group");
    own("Tuesday groups", "Tuesday group", "");
    own("pretuesday group", "tuesday group", "");
    own("ward 7b", "7B", "7b");
    own("(x) and x", "(x)", "(x)");
    own("ax) x)", "x)", "x)");
    own("", "x", "");
    own("x", "", "");
    own("x", "xy", "");
}

static void name(const char *text, const char *who, const char *expected)
{
    struct cp_bytes found = cp_sensitive_name(cp_bytes_str(text), 0, cp_bytes_str(who));
    cr_assert(cp_bytes_eq(found, cp_bytes_str(expected)), "\"%s\" for %s: %zu bytes", text, who, found.len);
}

Test(sensitive, names_and_their_parts)
{
    name("Ask Patel", "Asha Patel", "Patel");
    name("ask ASHA's friend", "Asha Patel", "ASHA");
    name("Ashanti", "Asha", "");
    name("the gardener", "Bill, the caretaker", "");
    name("our caretaker", "Bill, the caretaker", "caretaker");
    name("Jo is in", "Jo", "Jo");
    name("a jo", "Jo Li", "");
    name("", "Jo", "");
    name("Jo", "", "");
    name("\xc3\x89lodie mends", "\xc3\x89lodie", "\xc3\x89lodie");
    name("*", "*", "");
}
