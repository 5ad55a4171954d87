/* Lines of a page, and where they stand in the next one (proto/page_line.h). */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/page_line.h"

#define A "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
#define B "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2"

static const char page[] = "coplan version 1, for comment\n"
                           "\n"
                           "plan " A "\n"
                           "  title: Walks\n"
                           "\n"
                           "action " A "\n"
                           "  text: Walk\n"
                           "  helpers: " A " Asha\n"
                           "  helpers: " B " Bill\n"
                           "  due: 2031-05-01\n"
                           "  column Cost\\: how much: 5: or 6\n"
                           "  details:\n"
                           "\n"
                           "action " B "\n"
                           "  text: Walk\n"
                           "  due: 2031-05-01\n"
                           "\n"
                           "rule everyone\n"
                           "\n"
                           "end\n";
/* B's block stands first now, A's day is another, and Bill does not help any more. */
static const char next[] = "coplan version 1, for comment\n"
                           "\n"
                           "plan " A "\n"
                           "  title: Walks\n"
                           "\n"
                           "action " B "\n"
                           "  text: Walk\n"
                           "  due: 2031-05-01\n"
                           "\n"
                           "action " A "\n"
                           "  text: Walk\n"
                           "  helpers: " A " Asha\n"
                           "  due: 2031-06-01\n"
                           "\n"
                           "rule everyone\n"
                           "\n"
                           "end\n";

static struct cp_page_line at(uint64_t number)
{
    struct cp_page_line line;
    cr_assert(cp_page_line_at(cp_bytes_str(page), number, &line), "line %llu", (unsigned long long)number);
    cr_assert_eq(line.number, number);
    return line;
}

static bool is(struct cp_bytes b, const char *text)
{
    return cp_bytes_eq(b, cp_bytes_str(text));
}

Test(page_line, what_a_number_names)
{
    struct cp_page_line line;
    uint8_t item[CP_ID_LEN], expected[CP_ID_LEN];
    memset(expected, 0xa1, sizeof expected);
    line = at(10);
    cr_assert(is(line.words, "due: 2031-05-01"));
    cr_assert(is(line.label, "due"));
    cr_assert(is(line.block, "action " A));
    cr_assert(cp_page_line_item(&line, item));
    cr_assert_arr_eq(item, expected, CP_ID_LEN);
    line = at(11);
    cr_assert(is(line.label, "column Cost\\: how much"), "a colon of a name does not end it");
    line = at(12);
    cr_assert(is(line.label, "details"), "an empty value");
    line = at(4);
    cr_assert(is(line.label, "title"));
    cr_assert_not(cp_page_line_item(&line, item), "of the plan itself");
    line = at(18);
    cr_assert(is(line.words, "rule everyone") && line.label.len == 0);
    cr_assert_not(cp_page_line_item(&line, item));
}

Test(page_line, what_no_number_names)
{
    struct cp_page_line line;
    static const uint64_t none[] = {0, 2, 5, 21, 22, UINT64_MAX};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        cr_assert_not(cp_page_line_at(cp_bytes_str(page), none[i], &line));
    cr_assert_not(cp_page_line_at(CP_BYTES(NULL, 0), 1, &line));
    cr_assert_not(cp_page_line_at(cp_bytes_str("cut off"), 1, &line), "a line without its end is none");
}

Test(page_line, the_line_of_a_field)
{
    struct cp_page_line line;
    uint8_t item[CP_ID_LEN];
    memset(item, 0xb2, sizeof item);
    cr_assert(cp_page_line_of(cp_bytes_str(page), item, cp_bytes_str("due"), &line));
    cr_assert_eq(line.number, 16);
    cr_assert(cp_page_line_of(cp_bytes_str(page), item, CP_BYTES(NULL, 0), &line));
    cr_assert_eq(line.number, 14);
    cr_assert(cp_page_line_of(cp_bytes_str(page), NULL, cp_bytes_str("title"), &line));
    cr_assert_eq(line.number, 4);
    cr_assert_not(cp_page_line_of(cp_bytes_str(page), NULL, cp_bytes_str("due"), &line));
    item[0] = 0;
    cr_assert_not(cp_page_line_of(cp_bytes_str(page), item, cp_bytes_str("due"), &line));
}

static enum cp_page_line_now now(uint64_t number, struct cp_page_line *out)
{
    struct cp_page_line line = at(number);
    return cp_page_line_find(cp_bytes_str(next), cp_bytes_str(page), &line, out);
}

Test(page_line, where_it_stands_in_the_next_page)
{
    struct cp_page_line there;
    cr_assert_eq(now(16, &there), CP_LINE_SAME, "its block has moved");
    cr_assert_eq(there.number, 8);
    cr_assert_eq(now(10, &there), CP_LINE_CHANGED);
    cr_assert_eq(there.number, 13);
    cr_assert(is(there.words, "due: 2031-06-01"), "and not the same words of another item");
    cr_assert_eq(now(8, &there), CP_LINE_SAME);
    cr_assert_eq(there.number, 12);
    cr_assert_eq(now(9, &there), CP_LINE_GONE, "one of a list: who is left is not who was there");
    cr_assert_eq(there.number, 0);
    cr_assert_eq(now(11, &there), CP_LINE_GONE);
    cr_assert_eq(now(18, &there), CP_LINE_SAME);
    cr_assert_eq(there.number, 15);
    cr_assert_str_eq(cp_page_line_now_word(CP_LINE_SAME), "same");
    cr_assert_str_eq(cp_page_line_now_word(CP_LINE_CHANGED), "changed");
    cr_assert_str_eq(cp_page_line_now_word(CP_LINE_GONE), "gone");
}

Test(page_line, any_bytes)
{
    static const char odd[] = "  : \n\\\n  a\\\n : x\n  \\:\naction zz\n  due:\naction " A "x\n  due: 1\n";
    struct cp_page_line line, out;
    uint8_t item[CP_ID_LEN];
    for (size_t len = 0; len <= sizeof odd - 1; len++)
        for (uint64_t number = 1; number < 12; number++) {
            struct cp_bytes text = CP_BYTES((const uint8_t *)odd, len);
            if (!cp_page_line_at(text, number, &line))
                continue;
            cr_assert_not(cp_page_line_item(&line, item));
            cr_assert_eq(cp_page_line_find(text, text, &line, &out), CP_LINE_SAME);
            cr_assert_leq(out.number, line.number);
        }
}
