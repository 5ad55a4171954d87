/* The tables: every row makes sense, no number stands twice, and values are what their types say. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/kinds.h"

static const struct cp_field *field(const char *name, enum cp_record on)
{
    const struct cp_field *f = cp_field_by_name(cp_bytes_str(name), on);
    cr_assert_not_null(f, "%s", name);
    return f;
}

static enum cp_err check(const char *name, enum cp_record on, const char *value)
{
    return cp_field_check_text(field(name, on), cp_bytes_str(value), on);
}

Test(kinds, rows_hold_together)
{
    size_t count = 0;
    const struct cp_field *rows = cp_fields(&count);
    for (size_t i = 0; i < count; i++) {
        const struct cp_field *f = &rows[i];
        cr_assert_eq(cp_field_by_code(f->code), f, "code %u", f->code);
        cr_assert_neq(f->on, 0, "%s", f->name);
        cr_assert_lt(f->on, 1U << CP_RECORD_COUNT);
        cr_assert_eq(f->words != NULL, f->type == CP_TYPE_WORD || f->type == CP_TYPE_OPEN, "%s", f->name);
        cr_assert_leq(f->min, f->max);
        cr_assert(!cp_field_is_int(f) || f->max > 0, "%s", f->name);
        for (unsigned on = 0; on < CP_RECORD_COUNT; on++)
            if ((f->on & 1U << on) != 0 && f->type != CP_TYPE_COLUMN)
                cr_assert_eq(cp_field_by_name(cp_bytes_str(f->name), (enum cp_record)on), f,
                             "%s has two rows on %s", f->name, cp_record_word(on));
    }
    for (unsigned code = 1; code < CP_FIELD_OTHERS_FIRST; code++)
        cr_assert_not_null(cp_field_by_code(code), "%u", code);
    cr_assert_null(cp_field_by_code(0));
    cr_assert_null(cp_field_by_code(149));
    cr_assert_null(cp_field_by_code(UINT64_MAX));
}

/* What domain.md says that each record has. A row that went missing would be somebody's lost words. */
Test(kinds, every_record_has_its_fields)
{
    static const struct {
        enum cp_record on;
        const char *names;
    } wanted[] = {
        {CP_RECORD_PLAN,
         "title|purpose|place|kind_of_place|languages|perspectives_needed|rule|comment_days|"
         "send_within_hours|review_every|first_review|reviewer|budget_pence|if_behind|criteria_order|"
         "kept_informed|private_words"},
        {CP_RECORD_PERSON,
         "name|perspectives|duties|wants_format|wants_language|wants_by|contact_every|interests|"
         "acts_for|helped_by"},
        {CP_RECORD_PRIORITY,
         "text|plain|picture|picture_alt|state|position|by|place|environment|aspect|for|serves|"
         "tackles|blocks|uses|from|about|same_as|tension|evidence|hope|from_perspective"},
        {CP_RECORD_EVIDENCE, "source|link|read_on|check_again_on|type|strength_of_evidence"},
        {CP_RECORD_RESOURCE, "amount|unit|from|to|conditions|owner"},
        {CP_RECORD_RISK,
         "type|effect|gain|harm|strengths|early_signs|if_it_happens|other_options|about_person|"
         "review_on|way_round"},
        {CP_RECORD_CRITERION, "counts"},
        {CP_RECORD_OPTION, "cost_pence|effort_minutes|pilot|who_could|for|tackles"},
        {CP_RECORD_ACTION,
         "title|details|lead|helpers|consulted|informed|start|due|repeats|costs|cost_pence|"
         "effort_minutes|measure|baseline|target|measure_unit|checked_by|check_every|role_created|from"},
        {CP_RECORD_NOTE,
         "text|status|rag|why|value|unit|on|to|format|language|option|priority|outcome|version|held_on|"
         "present|learned|decision|next|scope|given|changed|how_to_celebrate|for_person|visibility|seen"},
        {CP_RECORD_SOMEONE,
         "text|name|plain|state|by|why|helped_by|perspectives|wants_format|wants_language|wants_by|contact_every|"
         "cannot_on"},
        {CP_RECORD_RECEIPT, "to|how|format|language|part|given_by|given_at|sent_at|state"},
        {CP_RECORD_VIEW, "value|why|by_criterion|would_change_if|words"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        for (const char *at = wanted[i].names; *at != '\0'; at += *at == '|' ? 1 : 0) {
            size_t len = strcspn(at, "|");
            cr_assert_not_null(cp_field_by_name(CP_BYTES((const uint8_t *)at, len), wanted[i].on), "%.*s",
                               (int)len, at);
            at += len;
        }
    cr_assert_null(cp_field_by_name(cp_bytes_str("needs"), CP_RECORD_PERSON), "private: never in an entry");
}

Test(kinds, one_name_two_meanings)
{
    cr_assert_eq(field("from", CP_RECORD_RESOURCE)->type, CP_TYPE_DATE);
    cr_assert_eq(field("from", CP_RECORD_OPTION)->type, CP_TYPE_ITEM);
    cr_assert_eq(field("to", CP_RECORD_RECEIPT)->type, CP_TYPE_PERSON);
    cr_assert_eq(field("title", CP_RECORD_ACTION)->code, CP_FIELD_TEXT);
    cr_assert_eq(field("title", CP_RECORD_PLAN)->code, CP_FIELD_TITLE);
    cr_assert_null(cp_field_by_name(cp_bytes_str("title"), CP_RECORD_NEED));
    cr_assert_null(cp_field_by_name(cp_bytes_str("lead"), CP_RECORD_NEED));
    cr_assert_null(cp_field_by_name(cp_bytes_str("lead"), CP_RECORD_COUNT));
    cr_assert_null(cp_field_by_name(cp_bytes_str(""), CP_RECORD_ACTION));
    cr_assert_eq(field("csv:Success: how", CP_RECORD_ACTION)->code, CP_FIELD_COLUMN);
    cr_assert_null(cp_field_by_name(cp_bytes_str("csv:"), CP_RECORD_ACTION));
    cr_assert_null(cp_field_by_name(cp_bytes_str("csv"), CP_RECORD_ACTION));
    cr_assert_null(cp_field_by_name(cp_bytes_str("csv:x"), CP_RECORD_PLAN));
}

Test(kinds, words)
{
    cr_assert_eq(cp_item_kind_of_word(cp_bytes_str("action")), CP_RECORD_ACTION);
    cr_assert_eq(cp_item_kind_of_word(cp_bytes_str("plan")), CP_RECORD_COUNT);
    cr_assert_eq(cp_item_kind_of_word(cp_bytes_str("someone")), CP_RECORD_SOMEONE);
    cr_assert_eq(cp_item_kind_of_word(cp_bytes_str("note")), CP_RECORD_COUNT);
    cr_assert_null(cp_field_by_name(cp_bytes_str("serves"), CP_RECORD_SOMEONE));
    cr_assert_null(cp_field_by_name(cp_bytes_str("lead"), CP_RECORD_SOMEONE));
    cr_assert_eq(field("name", CP_RECORD_SOMEONE)->code, CP_FIELD_TEXT);
    cr_assert_eq(cp_item_kind_of_word(cp_bytes_str("item")), CP_RECORD_COUNT);
    cr_assert_eq(cp_item_kind_of_word(CP_BYTES(NULL, 0)), CP_RECORD_COUNT);
    cr_assert_str_eq(cp_kind_word(CP_KIND_ANSWER), "answer");
    cr_assert_null(cp_kind_word(12));
    cr_assert_null(cp_kind_word(UINT64_MAX));
    cr_assert_eq(cp_kind_class(63), CP_CONTROL);
    cr_assert_eq(cp_kind_class(64), CP_CONTENT);
    cr_assert_eq(cp_measure_of_word(cp_bytes_str("fairness")), 3);
    cr_assert_eq(cp_measure_of_word(CP_BYTES(NULL, 0)), 0);
    cr_assert_null(cp_measure_word(0));
    cr_assert_null(cp_measure_word(8));
    cr_assert_str_eq(cp_measure_values(7), "ok|ok_if|not_ok|dont_know");
    cr_assert_null(cp_measure_values(UINT64_MAX));
    cr_assert_eq(cp_note_of_word(cp_bytes_str("met")), 13);
    cr_assert_eq(cp_note_of_word(cp_bytes_str("checked")), CP_NOTE_CHECKED);
    cr_assert_eq(cp_note_of_word(cp_bytes_str("rumour")), 0);
    cr_assert_null(cp_note_word(15));
    cr_assert_null(cp_record_word(CP_RECORD_COUNT));
    cr_assert(cp_word_in("a|bc|d", cp_bytes_str("bc")));
    cr_assert_not(cp_word_in("a|bc|d", cp_bytes_str("b")));
    cr_assert_not(cp_word_in("a|bc|d", cp_bytes_str("a|bc")));
    cr_assert_not(cp_word_in("a|bc|d", CP_BYTES(NULL, 0)));
    cr_assert_not(cp_word_in("", CP_BYTES(NULL, 0)));
}

Test(kinds, values_that_are_taken)
{
    static const struct {
        enum cp_record on;
        const char *name, *value;
    } good[] = {
        {CP_RECORD_ACTION, "state", "dropped"},
        {CP_RECORD_ACTION, "start", "2028-02-29"},
        {CP_RECORD_ACTION, "due", "2000-02-29"},
        {CP_RECORD_ACTION, "check_every", "P1M"},
        {CP_RECORD_ACTION, "check_every", "P1Y2M3W4D"},
        {CP_RECORD_PLAN, "languages", "cy"},
        {CP_RECORD_PLAN, "languages", "zh-hant-tw"},
        {CP_RECORD_PLAN, "rule", "everyone"},
        {CP_RECORD_PERSON, "perspectives", "carer"},
        {CP_RECORD_PERSON, "perspectives", "own words"},
        {CP_RECORD_OPTION, "pilot", "yes"},
        {CP_RECORD_ACTION, "text", "two\nlines"},
        {CP_RECORD_ACTION, "csv:x", "\x01\t\r\n"},
        {CP_RECORD_NOTE, "visibility", "group"},
        {CP_RECORD_RISK, "type", "attitudes"},
        {CP_RECORD_EVIDENCE, "type", "local data"},
        {CP_RECORD_ACTION, "plain", ""},
        {CP_RECORD_RECEIPT, "state", "could_not"},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        cr_assert_eq(check(good[i].name, good[i].on, good[i].value), CP_OK, "%s=%s", good[i].name,
                     good[i].value);
}

Test(kinds, values_that_are_refused)
{
    static const struct {
        enum cp_record on;
        const char *name, *value;
    } bad[] = {
        {CP_RECORD_ACTION, "state", "chosen"},
        {CP_RECORD_ACTION, "state", ""},
        {CP_RECORD_ACTION, "start", "2027-02-29"},
        {CP_RECORD_ACTION, "start", "1900-02-29"},
        {CP_RECORD_ACTION, "start", "2027-13-01"},
        {CP_RECORD_ACTION, "start", "2027-00-01"},
        {CP_RECORD_ACTION, "start", "2027-04-31"},
        {CP_RECORD_ACTION, "start", "2027-04-00"},
        {CP_RECORD_ACTION, "start", "0000-01-01"},
        {CP_RECORD_ACTION, "start", "2027-1-01"},
        {CP_RECORD_ACTION, "start", "2027-01-011"},
        {CP_RECORD_ACTION, "start", "Summer term"},
        {CP_RECORD_ACTION, "start", "2027/01/01"},
        {CP_RECORD_ACTION, "check_every", "P"},
        {CP_RECORD_ACTION, "check_every", "P1"},
        {CP_RECORD_ACTION, "check_every", "1M"},
        {CP_RECORD_ACTION, "check_every", "P0D"},
        {CP_RECORD_ACTION, "check_every", "P01M"},
        {CP_RECORD_ACTION, "check_every", "P1D1M"},
        {CP_RECORD_ACTION, "check_every", "P1M1M"},
        {CP_RECORD_ACTION, "check_every", "PT1H"},
        {CP_RECORD_ACTION, "check_every", "P12345D"},
        {CP_RECORD_ACTION, "check_every", "P1.5D"},
        {CP_RECORD_ACTION, "check_every", "P1M "},
        {CP_RECORD_PLAN, "languages", "EN"},
        {CP_RECORD_PLAN, "languages", "e"},
        {CP_RECORD_PLAN, "languages", "english"},
        {CP_RECORD_PLAN, "languages", "en-"},
        {CP_RECORD_PLAN, "languages", "en--gb"},
        {CP_RECORD_PLAN, "languages", "-gb"},
        {CP_RECORD_PLAN, "languages", "en_gb"},
        {CP_RECORD_PLAN, "languages", ""},
        {CP_RECORD_PLAN, "languages", "en-abcdefghi"},
        {CP_RECORD_PLAN, "rule", "majority"},
        {CP_RECORD_OPTION, "pilot", "true"},
        {CP_RECORD_PERSON, "name", "Mal\nAsha"},
        {CP_RECORD_PERSON, "name", "Mal\rAsha"},
        {CP_RECORD_PERSON, "name", "Mal\xc2\x85"},
        {CP_RECORD_PERSON, "name", "Mal\xe2\x80\xa8"},
        {CP_RECORD_PERSON, "perspectives", ""},
        {CP_RECORD_NOTE, "visibility", "me"},
        {CP_RECORD_RISK, "type", "weather"},
        {CP_RECORD_ACTION, "lead", "Asha"},
        {CP_RECORD_ACTION, "cost_pence", "12"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(check(bad[i].name, bad[i].on, bad[i].value), CP_ERR_BAD_VALUE, "%s=%s", bad[i].name,
                     bad[i].value);
    cr_assert_eq(check("text", CP_RECORD_ACTION, "\xff"), CP_ERR_BAD_TEXT);
    cr_assert_eq(check("name", CP_RECORD_PERSON, "\xe2\x80"), CP_ERR_BAD_TEXT);
}

Test(kinds, states_where_the_kind_is_not_known)
{
    const struct cp_field *state = cp_field_by_code(CP_FIELD_STATE);
    cr_assert_eq(cp_field_check_text(state, cp_bytes_str("combined"), CP_RECORD_COUNT), CP_OK);
    cr_assert_eq(cp_field_check_text(state, cp_bytes_str("taken back"), CP_RECORD_COUNT), CP_OK);
    cr_assert_eq(cp_field_check_text(state, cp_bytes_str("lost"), CP_RECORD_COUNT), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_field_check_text(state, cp_bytes_str("open"), CP_RECORD_PLAN), CP_ERR_BAD_VALUE);
}

Test(kinds, sizes_and_ranges)
{
    static uint8_t big[CP_TEXT_MAX + 1];
    memset(big, 'x', sizeof big);
    const struct cp_field *text = field("text", CP_RECORD_NEED), *name = field("name", CP_RECORD_PERSON);
    cr_assert_eq(cp_field_check_text(text, CP_BYTES(big, CP_TEXT_MAX), CP_RECORD_NEED), CP_OK);
    cr_assert_eq(cp_field_check_text(text, CP_BYTES(big, CP_TEXT_MAX + 1), CP_RECORD_NEED), CP_ERR_TOO_BIG);
    cr_assert_eq(cp_field_check_text(name, CP_BYTES(big, CP_NAME_MAX), CP_RECORD_PERSON), CP_OK);
    cr_assert_eq(cp_field_check_text(name, CP_BYTES(big, CP_NAME_MAX + 1), CP_RECORD_PERSON), CP_ERR_TOO_BIG);
    const struct cp_field *counts = field("counts", CP_RECORD_CRITERION),
                          *cost = field("cost_pence", CP_RECORD_ACTION);
    cr_assert_eq(cp_field_check_int(counts, 0), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_field_check_int(counts, 3), CP_OK);
    cr_assert_eq(cp_field_check_int(counts, 4), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_field_check_int(cost, 0), CP_OK);
    cr_assert_eq(cp_field_check_int(cost, -1), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_field_check_int(cost, INT64_MAX), CP_ERR_BAD_VALUE, "a sum must not overflow");
    cr_assert_eq(cp_field_check_int(text, 1), CP_ERR_BAD_VALUE);
}
