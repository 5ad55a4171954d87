/* The sentences that a version text gives for what was left open: fixed words, nothing of ours forgotten. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/reason_text.h"
#include "tests/support/heap.h"

static void reads(const struct cp_check_reason *reason, const char *expected)
{
    struct cp_buf out;
    cp_buf_init(&out, test_mem(), CP_TEXT_MAX);
    cp_reason_text(reason, &out);
    cr_assert_eq(cp_buf_err(&out), CP_OK);
    cp_buf_put_byte(&out, 0);
    cr_assert_str_eq((const char *)out.ptr, expected);
    cp_buf_clear(&out);
}

static struct cp_check_arg text(const char *s)
{
    return (struct cp_check_arg){.type = CP_ARG_TEXT, .text = cp_bytes_str(s)};
}

static struct cp_check_arg number(enum cp_check_arg_type type, int64_t n)
{
    return (struct cp_check_arg){.type = type, .number = n};
}

/* These bytes are in pages that people signed: whoever changes one raises the revision. */
Test(reason_text, the_words_of_revision_1)
{
    cr_assert_eq(CP_REASON_TEXT_REVISION, 1);
    struct cp_check_reason r = {.code = "no_lead", .args = {text("Open the garden")}};
    reads(&r, "\"Open the garden\": nobody makes sure it happens");
    r.code = "no_first_review";
    reads(&r, "there is no day when we look again");
    r = (struct cp_check_reason){
        .code = "money_short",
        .args = {number(CP_ARG_PENCE, 125000), number(CP_ARG_PENCE, 100005), number(CP_ARG_PENCE, 24995)}};
    reads(&r, "money: 1250.00 pounds needed, 1000.05 pounds offered, 249.95 pounds short");
    r = (struct cp_check_reason){
        .code = "time_short", .args = {text("Asha"), number(CP_ARG_MINUTES, 540), number(CP_ARG_MINUTES, 0)}};
    reads(&r, "Asha: 540 minutes asked, 0 minutes offered");
    r = (struct cp_check_reason){.code = "newer", .args = {number(CP_ARG_NUMBER, INT64_MIN)}};
    reads(&r, "-9223372036854775808 entries were made with a newer coplan");
}

Test(reason_text, a_code_that_is_not_known_is_said_as_it_is)
{
    struct cp_check_reason r = {.code = "of_tomorrow", .args = {text("x")}};
    reads(&r, "of_tomorrow");
    cr_assert(!cp_reason_text_known("of_tomorrow"));
}

/* Long texts are cut between characters, and places inside them are not filled. */
Test(reason_text, long_and_hostile_texts)
{
    char words[200], expected[256];
    struct cp_check_reason r = {.code = "no_due"};
    memset(words, 'a', 119);
    memcpy(words + 119, "\xc3\xa9 and more", 12);
    r.args[0] = text(words);
    snprintf(expected, sizeof expected, "\"%.119s...\": it is not said by when, or how often", words);
    reads(&r, expected);
    r.args[0] = text("{1}{2}\n\xe2\x80\xae");
    reads(&r, "\"{1}{2}\n\xe2\x80\xae\": it is not said by when, or how often");
}

Test(reason_text, what_nothing_passes)
{
    static const char *const never[] = {"two_wordings", "two_whats", "two_leads", "two_dates",
                                        "risk_stopped",
                                        "rule_short",   "rule_needs_perspectives"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        cr_assert(cp_reason_blocks(never[i]), "%s", never[i]);
    cr_assert(!cp_reason_blocks("no_lead"));
    cr_assert(!cp_reason_is_wordings("risk_stopped"), "it is told, as it is no wording");
}
