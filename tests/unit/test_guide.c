/* The guides: every stage has one, in words and sentences that the check of Easy Read lets pass. */
#include <criterion/criterion.h>
#include <string.h>

#include "client/easyread.h"
#include "client/guide.h"
#include "tests/support/heap.h"

/* Words of a sentence one after the other. */
static void check_words(const char *text)
{
    for (const char *p = text; *p != '\0';) {
        size_t len = strcspn(p, " ,.?!;:()\"");
        cr_assert_not(len > 0 && cp_easy_is_hard(CP_BYTES((const uint8_t *)p, len)), "\"%.*s\" in: %s",
                      (int)len, p, text);
        p += len + (p[len] != '\0' ? 1 : 0);
    }
}

Test(guide, short_sentences_and_common_words)
{
    for (size_t i = 0; i < cp_words_guide_table.count; i++) {
        const struct cp_words_row *row = &cp_words_guide_table.rows[i];
        struct cp_bytes sentence;
        if (strstr(row->id, " type") != NULL) {
            cr_assert_eq(strncmp(row->text, "coplan ", 7), 0, "typed: %s", row->text);
            continue;
        }
        cr_assert_leq(cp_easy_longest(cp_bytes_str(row->text), &sentence), CP_EASY_WORDS_MAX, "%s",
                      row->text);
        check_words(row->text);
    }
}

Test(guide, each_stage_has_one_that_fits_one_side)
{
    static const char *const stages[] = {"gathering", "choosing",   "planning", "out for comment", "signing",
                                         "agreed",    "review due", "changing", "finished",        "ended"};
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        struct cp_buf page;
        size_t lines = 0;
        const char *stage = cp_guide_of_stage(stages[i]);
        cr_assert_not_null(stage, "%s", stages[i]);
        cp_buf_init(&page, test_mem(), 65536);
        cr_assert(cp_guide_write(stage, false, &page));
        for (size_t at = 0; at < page.len; at++)
            lines += page.ptr[at] == '\n' ? 1 : 0;
        cr_assert_geq(lines, 10, "%s", stage);
        cr_assert_leq(lines, 24, "%s: more than a side", stage);
        cp_buf_clear(&page);
    }
}

Test(guide, no_other_stage)
{
    struct cp_buf page;
    cp_buf_init(&page, test_mem(), 65536);
    cr_assert_not(cp_guide_write("", false, &page));
    cr_assert_not(cp_guide_write("gathering|choosing", true, &page));
    cr_assert_not(cp_guide_write("../gathering", true, &page));
    cr_assert_eq(page.len, 0);
    cr_assert_null(cp_guide_of_stage("out"));
    cp_buf_clear(&page);
}
