/* The sentences of what a page left open (reason_text.h). Owns: the table. Must not: judge a plan. */
#include "proto/reason_text.h"
#include "proto/utf8.h"

#include <string.h>

/* {1} to {3} are the reason's arguments. In the order in which people meet them. */
static const struct {
    const char *code;
    const char *text;
} sentences[] = {
    {"no_text", "an action has no words"},
    {"no_details", "\"{1}\": it is not said what exactly"},
    {"no_lead", "\"{1}\": nobody makes sure it happens"},
    {"lead_left", "\"{1}\": who makes sure it happens is not in the plan any more: {2}"},
    {"helper_left", "\"{1}\": who helps is not in the plan any more: {2}"},
    {"checker_left", "\"{1}\": who checks how it goes is not in the plan any more: {2}"},
    {"reviewer_left", "who makes sure that we look again is not in the plan any more: {1}"},
    {"no_due", "\"{1}\": it is not said by when, or how often"},
    {"due_before_start", "\"{1}\": it is to be done before it starts"},
    {"no_measure", "\"{1}\": it is not said how we will know"},
    {"nobody_checks", "\"{1}\": nobody checks how it goes"},
    {"no_check_every", "\"{1}\": it is not said how often we check"},
    {"no_first_review", "there is no day when we look again"},
    {"no_reviewer", "nobody is named who sees to it that we look again"},
    {"no_if_behind", "it is not said what we do if we fall behind"},
    {"money_short", "money: {1} needed, {2} offered, {3} short"},
    {"budget_passed", "money: {1} needed, but the plan may cost {2}"},
    {"time_short", "{1}: {2} asked, {3} offered"},
    {"time_of_nobody", "{1} of work that nobody makes sure of"},
    {"resource_short", "\"{1}\": {2} is taken from it, but there is {3}"},
    {"takes_from", "\"{1}\" takes from \"{2}\""},
    {"taken_back_used", "\"{1}\" needs \"{2}\", and that was taken back"},
    {"no_language", "\"{1}\" has no words in: {2}"},
    {"no_field_language", "\"{1}\": {2} has no words in: {3}"},
    {"no_one_yet", "nobody is in yet who speaks for: {1}"},
    {"risk_stopped", "\"{1}\": stopped by the person it is about"},
    {"newer", "{1} entries were made with a newer coplan"},
    {"wanted", "the words of {1} entries are being fetched again"},
};

static const char *sentence_of(const char *code)
{
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strcmp(sentences[i].code, code) == 0)
            return sentences[i].text;
    return NULL;
}

bool cp_reason_text_known(const char *code)
{
    return sentence_of(code) != NULL;
}

bool cp_reason_is_wordings(const char *code)
{
    return cp_word_in("two_wordings|two_whats|two_leads|two_dates", cp_bytes_str(code));
}

bool cp_reason_blocks(const char *code)
{
    return cp_reason_is_wordings(code) ||
           cp_word_in("risk_stopped|rule_short|rule_needs_perspectives", cp_bytes_str(code));
}

static void put_number(struct cp_buf *out, int64_t n, const char *after)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = n < 0 ? ~(uint64_t)n + 1 : (uint64_t)n;
    digits[--at] = '\0';
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (n < 0)
        digits[--at] = '-';
    cp_buf_put_str(out, digits + at);
    cp_buf_put_str(out, after);
}

/* The beginning of a long text, ended at a character: a line is to name a thing, not to repeat it. */
static void put_text(struct cp_buf *out, struct cp_bytes text)
{
    size_t len = cp_utf8_whole(text, CP_REASON_TEXT_PART);
    cp_buf_put(out, text.ptr, len);
    if (len < text.len)
        cp_buf_put_str(out, "...");
}

static void put_arg(struct cp_buf *out, const struct cp_check_arg *a)
{
    switch (a->type) {
    case CP_ARG_NONE:
        break;
    case CP_ARG_TEXT:
    case CP_ARG_WORD:
        put_text(out, a->text);
        break;
    case CP_ARG_NUMBER:
        put_number(out, a->number, "");
        break;
    case CP_ARG_PENCE:
        put_number(out, a->number / 100, a->number % 100 < 10 ? ".0" : ".");
        put_number(out, a->number % 100, " pounds");
        break;
    case CP_ARG_MINUTES:
        put_number(out, a->number, " minutes");
        break;
    }
}

void cp_reason_text(const struct cp_check_reason *reason, struct cp_buf *out)
{
    const char *text = sentence_of(reason->code);
    if (text == NULL) {
        cp_buf_put_str(out, reason->code);
        return;
    }
    for (; *text != '\0'; text++) {
        if (text[0] == '{' && text[1] >= '1' && text[1] < '1' + (char)CP_CHECK_ARGS_MAX && text[2] == '}') {
            put_arg(out, &reason->args[text[1] - '1']);
            text += 2;
        } else {
            cp_buf_put_byte(out, (uint8_t)*text);
        }
    }
}
