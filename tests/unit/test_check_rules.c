/* Rules of the standard one by one, at their edges: what is said just here and not just there. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/check.h"
#include "proto/handout.h"
#include "tests/support/heap.h"
#include "tests/support/village.h"

static struct village t;

static void set_up(void)
{
    village_make(&t, "2031-03-01");
    village_person(&t, "Asha", "uses services");
    village_person(&t, "Bill", "carer");
}

static void tear_down(void)
{
    cp_model_clear(&t.m);
    village_clear(&t);
}

TestSuite(check_rules, .init = set_up, .fini = tear_down);

/* Does the point say this? Records made since the last question count. */
static size_t times(const char *name, const char *code, enum cp_check_weight least)
{
    struct cp_checked c;
    size_t said = 0;
    cp_model_clear(&t.m);
    cr_assert_eq(cp_model_index(&t.m, test_mem()), CP_OK);
    cp_checked_init(&c, test_mem());
    cr_assert_eq(cp_check_run(&c, &t.m, cp_criterion_find(cp_bytes_str(name))), CP_OK);
    for (size_t i = 0; i < c.reasons_count; i++)
        said += strcmp(c.reasons[i].code, code) == 0 && c.reasons[i].weight >= least ? 1 : 0;
    cp_checked_clear(&c);
    return said;
}

static bool says_as(const char *name, const char *code, enum cp_check_weight least)
{
    return times(name, code, least) > 0;
}

static bool says(const char *name, const char *code)
{
    return says_as(name, code, CP_CHECK_REMARK);
}

static enum cp_met met(const char *name)
{
    struct cp_checked c;
    cp_model_clear(&t.m);
    cr_assert_eq(cp_model_index(&t.m, test_mem()), CP_OK);
    cp_checked_init(&c, test_mem());
    cr_assert_eq(cp_check_run(&c, &t.m, cp_criterion_find(cp_bytes_str(name))), CP_OK);
    enum cp_met is = c.rows[0].met;
    cp_checked_clear(&c);
    return is;
}

/* A fact as it lies in its record, to be written over. */
static struct cp_model_fact *fact(const struct cp_model_item *item, uint16_t field)
{
    const struct cp_model_fact *f = cp_model_get(&item->r, field);
    struct cp_model_fact *writable = NULL;
    cr_assert_not_null(f);
    memcpy(&writable, &f, sizeof writable);
    return writable;
}

static struct cp_model_item *option_for(const struct cp_model_item *priority, const char *state)
{
    struct cp_model_item *o = village_item(&t, CP_RECORD_OPTION, "An idea", state);
    village_link(&t, &o->r, CP_M_FOR, priority->r.id);
    return o;
}

Test(check_rules, p6_asks_everybody_and_looks_for_common_ground)
{
    struct cp_model_item *p = village_item(&t, CP_RECORD_PRIORITY, "Quiet", "chosen");
    struct cp_model_item *o = option_for(p, "open");
    village_view(&t, 0, o, CP_M_MEASURE_COMMITMENT, "fine");
    cr_assert(says("P6", "commitment_missing"), "one of two is missing");
    village_view(&t, 1, o, CP_M_MEASURE_COMMITMENT, "fine");
    cr_assert_not(says("P6", "commitment_missing"));
    cr_assert_not(says("P6", "no_common_ground"));
    t.m.views[0].value = t.m.views[1].value = cp_bytes_str("cannot");
    cr_assert(says("P6", "no_common_ground"));
}

Test(check_rules, p7_three_to_six_criteria_in_use)
{
    struct cp_model_item *criteria[7];
    for (size_t i = 0; i < 7; i++) {
        cr_assert_eq(says("P7", "criteria_count"), i < 3, "%zu criteria", i);
        criteria[i] = village_item(&t, CP_RECORD_CRITERION, "Good", "open");
    }
    cr_assert(says("P7", "criteria_count"), "seven");
    criteria[3]->state = cp_bytes_str("not used");
    cr_assert_not(says("P7", "criteria_count"), "six of them");
}

Test(check_rules, p7_a_pick_has_a_reason_and_doing_nothing_needs_no_scores)
{
    struct cp_model_item *p = village_item(&t, CP_RECORD_PRIORITY, "Quiet", "chosen");
    struct cp_model_item *o = option_for(p, "chosen");
    village_text(&t, &o->r, CP_M_DO_NOTHING, "yes");
    cr_assert_not(says("P7", "not_scored"));
    cr_assert(says("P7", "picked_no_reason"), "no choice was noted");
    struct cp_model_note *n = village_note(&t, CP_M_NOTE_CHOICE, p->r.id, "2031-02-01");
    cr_assert(says("P7", "picked_no_reason"), "a choice without a word");
    village_text(&t, &n->r, CP_FIELD_WHY, "most could live with it");
    cr_assert_not(says("P7", "picked_no_reason"));
    (void)option_for(p, "open");
    cr_assert(says("P7", "not_scored"));
}

Test(check_rules, p8_1_hears_those_who_are_in)
{
    struct cp_model_item *p = village_item(&t, CP_RECORD_PRIORITY, "Quiet", "chosen");
    struct cp_model_item *o = option_for(p, "chosen"), *a = village_item(&t, CP_RECORD_ACTION, "Do it", "open");
    village_link(&t, &a->r, CP_M_FROM, o->r.id);
    village_text(&t, &t.m.plan, CP_M_PERSPECTIVES_NEEDED, "carer");
    cr_assert(says("P8.1", "perspective_no_views"), "Bill is in and has said nothing");
    village_view(&t, 1, o, CP_M_MEASURE_COMMITMENT, "fine");
    cr_assert_not(says("P8.1", "perspective_no_views"));
    village_person(&t, "Chen", "carer")->in = false;
    village_view(&t, 2, o, CP_M_MEASURE_COMMITMENT, "cannot");
    cr_assert_not(says("P8.1", "some_cannot"), "who left is not asked");
    t.m.people[2].in = true;
    cr_assert(says("P8.1", "some_cannot"), "half of them cannot");
    cr_assert_not(says("P8.1", "perspective_cannot"), "two are too few to be named");
}

Test(check_rules, p8_2_an_action_comes_from_a_chosen_option_or_says_why)
{
    struct cp_model_item *p = village_item(&t, CP_RECORD_PRIORITY, "Quiet", "chosen");
    struct cp_model_item *o = option_for(p, "open"), *a = village_item(&t, CP_RECORD_ACTION, "Do it", "open");
    cr_assert(says("P8.2", "from_no_option"));
    struct cp_model_fact *why = village_text(&t, &a->r, CP_FIELD_WHY, "it costs nothing");
    cr_assert_not(says("P8.2", "from_no_option"));
    why->text = CP_BYTES(NULL, 0);
    village_link(&t, &a->r, CP_M_FROM, o->r.id);
    cr_assert(says("P8.2", "option_not_chosen"));
    o->state = cp_bytes_str("chosen");
    cr_assert_not(says("P8.2", "option_not_chosen"));
}

Test(check_rules, p8_3_the_careful_reading_of_three_and_more)
{
    struct cp_model_item *o = village_item(&t, CP_RECORD_OBSTACLE, "Stairs", "open");
    village_view(&t, 0, o, CP_M_MEASURE_IMPACT, "2");
    cr_assert_not(says("P8.3", "not_tackled"));
    village_view(&t, 1, o, CP_M_MEASURE_IMPACT, "3");
    cr_assert(says("P8.3", "not_tackled"));
}

Test(check_rules, p9_wordings_and_who_checks)
{
    struct cp_model_item *a = village_item(&t, CP_RECORD_ACTION, "Do it", "open");
    village_text(&t, &a->r, CP_M_DETAILS, "on Sundays");
    village_text(&t, &a->r, CP_M_START, "2031-04-01");
    village_text(&t, &a->r, CP_M_DUE, "2031-05-01");
    village_link(&t, &a->r, CP_FIELD_LEAD, t.m.people[0].r.id);
    village_link(&t, &a->r, CP_M_CHECKED_BY, t.m.people[1].r.id);
    cr_assert_not(says("P9.1", "two_whats"));
    cr_assert_not(says("P9.3", "two_dates"));
    cr_assert_not(says("P9.4", "lead_checks"));
    fact(a, CP_FIELD_TEXT)->two = fact(a, CP_M_START)->two = true;
    cr_assert(says("P9.1", "two_whats"));
    cr_assert(says("P9.3", "two_dates"));
    fact(a, CP_M_CHECKED_BY)->link = cp_model_link(&a->r, CP_FIELD_LEAD);
    cr_assert(says("P9.4", "lead_checks"));
}

Test(check_rules, p9_all_that_there_is_may_be_used)
{
    struct cp_model_item *a = village_item(&t, CP_RECORD_ACTION, "Do it", "open");
    struct cp_model_item *money = village_item(&t, CP_RECORD_RESOURCE, "Grant", "open");
    struct cp_model_item *time = village_item(&t, CP_RECORD_RESOURCE, "Sundays", "open");
    village_text(&t, &money->r, CP_M_UNIT, "pence");
    village_number(&t, &money->r, CP_M_AMOUNT, 500);
    village_text(&t, &time->r, CP_M_UNIT, "minutes");
    village_number(&t, &time->r, CP_M_AMOUNT, 60);
    village_link(&t, &time->r, CP_M_OWNER, t.m.people[0].r.id);
    village_link(&t, &a->r, CP_FIELD_LEAD, t.m.people[0].r.id);
    village_number(&t, &a->r, CP_M_EFFORT, 60);
    village_link(&t, &a->r, CP_M_COSTS, money->r.id)->number = 500;
    cr_assert_not(says("P9", "resource_short"));
    cr_assert_not(says("P9", "money_short"));
    cr_assert_not(says("P9", "time_short"));
    fact(a, CP_M_COSTS)->number = 501;
    cr_assert(says("P9", "resource_short"));
    cr_assert(says("P9", "money_short"));
    fact(a, CP_M_COSTS)->number = 500;
    fact(a, CP_M_EFFORT)->number = 61;
    cr_assert(says_as("P9", "time_short", CP_CHECK_HARD));
}

/* Pages and answers, as the daemon hands them over. */
static struct cp_model_version pages[2];
static struct cp_model_answer answers[2];

static void page_with_a_no(void)
{
    static const uint8_t newest[CP_ID_LEN] = {5, 1}, older[CP_ID_LEN] = {6, 1};
    memset(pages, 0, sizeof pages);
    memset(answers, 0, sizeof answers);
    memcpy(pages[0].id, newest, CP_ID_LEN);
    pages[0].stage = CP_STAGE_AGREEMENT;
    pages[0].newest = true;
    memcpy(pages[1].id, older, CP_ID_LEN);
    pages[1].stage = CP_STAGE_AGREEMENT;
    for (size_t i = 0; i < 2; i++) {
        answers[i].entry[0] = (uint8_t)(9 + i);
        memcpy(answers[i].person, t.m.people[i].r.id, CP_ID_LEN);
        memcpy(answers[i].version, pages[0].id, CP_ID_LEN);
        answers[i].word = i == 0 ? CP_ANSWER_NO : CP_ANSWER_AGREE;
    }
    t.m.versions = pages;
    t.m.versions_count = 2;
    t.m.answers = answers;
    t.m.answers_count = 2;
}

Test(check_rules, p10_a_no_is_talked_about)
{
    page_with_a_no();
    cr_assert(says("P10", "no_not_talked"));
    village_note(&t, CP_M_NOTE_NEGOTIATION, answers[0].entry, "2031-02-01");
    cr_assert(says("P10", "no_stands"));
    cr_assert_not(says("P10", "no_not_talked"));
    for (int first = 4; first < 8; first += 3) { /* a version before, and one behind the newest by id */
        memset(answers[0].version, first, CP_ID_LEN);
        cr_assert_not(says("P10", "no_stands"), "an answer to another page");
    }
}

Test(check_rules, p10_of_pages_made_apart_each_counts_and_the_last_is_the_newest)
{
    static struct cp_model_waiting waits[2];
    page_with_a_no();
    pages[1].newest = true;
    for (size_t last = 0; last < 2; last++) {
        pages[last].place = 7;
        pages[1 - last].place = 3;
        cr_assert_eq(cp_model_newest(&t.m, CP_STAGE_AGREEMENT), &pages[last], "not by the id, which is chance");
        cr_assert(says("P10", "no_not_talked"), "a no to either of them");
        cr_assert_not(says("P10", "waiting_for"));
    }
    for (size_t i = 0; i < 2; i++) {
        memcpy(waits[i].version, pages[i].id, CP_ID_LEN);
        memcpy(waits[i].person, t.m.people[1].r.id, CP_ID_LEN);
    }
    t.m.waiting = waits;
    t.m.waiting_count = 2;
    cr_assert_eq(times("P10", "waiting_for", CP_CHECK_REMARK), 1, "named once, though both pages wait");
}

Test(check_rules, p10_each_who_asked_is_told_what_came_of_it)
{
    static struct cp_model_ask ask;
    static struct cp_model_waiting waits;
    page_with_a_no();
    answers[0].word = CP_ANSWER_AGREE; /* agrees now; asked at the page before */
    ask = (struct cp_model_ask){.name = cp_bytes_str("Asha"), .word = CP_ANSWER_NO};
    memcpy(ask.page, pages[0].id, CP_ID_LEN);
    memcpy(ask.version, pages[1].id, CP_ID_LEN);
    memcpy(ask.person, answers[0].person, CP_ID_LEN);
    t.m.asks = &ask;
    t.m.asks_count = 1;
    cr_assert(says_as("P10", "asked_open", CP_CHECK_NO));
    ask.state = CP_ASKED_CHANGED;
    cr_assert_not(says("P10", "asked_open"));
    ask.state = CP_ASKED_STAYS;
    cr_assert_not(says("P10", "asked_open"));
    ask.state = CP_ASKED_OPEN;
    ask.word = CP_ANSWER_WORRY;
    cr_assert(says("P10", "asked_open"));
    cr_assert_not(says_as("P10", "asked_open", CP_CHECK_NO), "a worry is for people");
    ask.cannot = true;
    cr_assert(says_as("P10", "asked_open", CP_CHECK_NO), "but not that they cannot do their part");
    memcpy(ask.page, pages[1].id, CP_ID_LEN);
    cr_assert_not(says("P10", "asked_open"), "of another page");
    memcpy(ask.page, pages[0].id, CP_ID_LEN);
    memcpy(waits.version, pages[0].id, CP_ID_LEN);
    memcpy(waits.person, answers[0].person, CP_ID_LEN);
    t.m.waiting = &waits;
    t.m.waiting_count = 1;
    cr_assert(says("P10", "waiting_for"));
    answers[0].word = CP_ANSWER_NO;
    cr_assert_not(says("P10", "asked_open"), "they ask again, here");
    cr_assert_not(says("P10", "waiting_for"), "and have answered");
}

Test(check_rules, p11_a_comment_on_an_older_page_is_owed_a_reply)
{
    page_with_a_no();
    pages[0].stage = pages[1].stage = CP_STAGE_COMMENT;
    cr_assert_not(says("P11", "no_reply"));
    struct cp_model_note *comment = village_note(&t, CP_M_NOTE_COMMENT, pages[1].id, "2031-02-01");
    uint8_t id[CP_ID_LEN];
    memcpy(id, comment->r.id, CP_ID_LEN);
    cr_assert(says("P11", "no_reply"));
    village_note(&t, CP_M_NOTE_REPLY, id, "2031-02-02");
    cr_assert_not(says("P11", "no_reply"));
}

Test(check_rules, p13_who_is_named_gets_a_copy)
{
    struct cp_model_copy copy = {.name = cp_bytes_str("Asha")};
    memcpy(copy.person, t.m.people[0].r.id, CP_ID_LEN);
    page_with_a_no();
    pages[0].result = CP_RESULT_AGREED;
    pages[0].copies = &copy;
    pages[0].copies_count = 1;
    cr_assert_not(says("P13", "not_given"), "nobody is named");
    copy.why = CP_COPY_NAMED;
    cr_assert(says("P13", "not_given"));
}

/* Bill says that Asha's copy of the newest page was given, in the standard form, on a day. */
static void receipt(struct cp_model_receipt *r, const char *day)
{
    *r = (struct cp_model_receipt){.lamport = 1};
    r->r.facts = calloc(VILLAGE_FACTS, sizeof *r->r.facts);
    cr_assert_not_null(r->r.facts);
    memcpy(r->version, pages[0].id, CP_ID_LEN);
    memcpy(r->by, t.m.people[1].r.id, CP_ID_LEN);
    village_link(&t, &r->r, CP_M_RECEIPT_TO, t.m.people[0].r.id);
    village_text(&t, &r->r, CP_M_RECEIPT_STATE, "given");
    village_text(&t, &r->r, CP_M_FORMAT, "standard");
    village_text(&t, &r->r, CP_M_GIVEN_AT, day);
    t.m.receipts = r;
    t.m.receipts_count = 1;
}

Test(check_rules, p13_a_copy_in_another_form_is_none_and_p11_a_late_one_is_late)
{
    struct cp_model_receipt r;
    struct cp_model_copy copy = {.name = cp_bytes_str("Asha"), .why = CP_COPY_NAMED};
    memcpy(copy.person, t.m.people[0].r.id, CP_ID_LEN);
    page_with_a_no();
    pages[0].result = CP_RESULT_AGREED;
    pages[0].day = cp_bytes_str("2031-02-01");
    pages[0].copies = &copy;
    pages[0].copies_count = 1;
    receipt(&r, "2031-02-04");
    cr_assert_not(says("P13", "not_given"));
    village_text(&t, &t.m.people[0].r, CP_M_WANTS_FORMAT, "audio");
    cr_assert(says("P13", "not_given"), "she asked to hear it");
    pages[0].stage = CP_STAGE_COMMENT;
    cr_assert_not(says("P11", "sent_late"), "three days are 72 hours");
    free((void *)(uintptr_t)r.r.facts);
    receipt(&r, "2031-02-05");
    cr_assert(says("P11", "sent_late"));
    cr_assert_not(says("P11", "not_sent"));
    cp_model_clear(&t.m);
    t.m.receipts = NULL;
    t.m.receipts_count = 0;
    free((void *)(uintptr_t)r.r.facts);
}

Test(check_rules, p11_comments_have_replies)
{
    page_with_a_no();
    pages[0].stage = CP_STAGE_COMMENT;
    const struct cp_model_note *comment = village_note(&t, CP_M_NOTE_COMMENT, pages[0].id, "2031-02-01");
    cr_assert(says("P11", "no_reply"));
    village_note(&t, CP_M_NOTE_REPLY, comment->r.id, "2031-02-02");
    cr_assert_not(says("P11", "no_reply"));
}

Test(check_rules, c4_unfair_is_nought_or_one_and_few_are_not_named)
{
    struct cp_model_item *a = village_item(&t, CP_RECORD_ACTION, "Do it", "open");
    village_link(&t, &a->r, CP_FIELD_LEAD, t.m.people[0].r.id);
    struct cp_model_view *v = village_view(&t, 1, a, CP_M_MEASURE_FAIRNESS, "2");
    cr_assert_not(says("C4", "unfair_to_some"));
    cr_assert_not(says("C4", "unfair_to"));
    v->value = cp_bytes_str("1");
    cr_assert(says("C4", "unfair_to_some"));
    cr_assert_not(says("C4", "unfair_to"), "one carer would be known by it");
    for (unsigned i = 0; i < CP_PERSPECTIVE_MIN; i++)
        village_person(&t, "Chen", "neighbour");
    struct cp_model_view *other = village_view(&t, 2, a, CP_M_MEASURE_FAIRNESS, "2");
    cr_assert_not(says("C4", "unfair_to"), "who scored it 2 is not with them");
    other->value = cp_bytes_str("0");
    cr_assert(says("C4", "unfair_to"));
}

Test(check_rules, c6_strengths_are_those_of_the_same_people)
{
    struct cp_model_item *need = village_item(&t, CP_RECORD_NEED, "Company", "open");
    struct cp_model_item *strength = village_item(&t, CP_RECORD_STRENGTH, "Cooking", "open");
    village_text(&t, &need->r, CP_M_ABOUT_GROUP, "young carers");
    struct cp_model_fact *group = village_text(&t, &strength->r, CP_M_ABOUT_GROUP, "the club");
    cr_assert(says("C6", "needs_no_strengths"));
    group->text = cp_bytes_str("young carers");
    cr_assert_not(says("C6", "needs_no_strengths"));
}

Test(check_rules, c7_half_of_the_goals_and_c8_one_thing_to_rest_on)
{
    struct cp_model_item *p = village_item(&t, CP_RECORD_PRIORITY, "Quiet", "chosen");
    struct cp_model_item *o = option_for(p, "chosen"), *e = village_item(&t, CP_RECORD_EVIDENCE, "A study", "open");
    (void)village_item(&t, CP_RECORD_PRIORITY, "A lift", "chosen");
    cr_assert(says("C7", "goals_of_others"));
    village_text(&t, &p->r, CP_M_FROM_PERSPECTIVE, "uses services");
    cr_assert_not(says("C7", "goals_of_others"), "one of two");
    cr_assert(says("C8", "rests_on_nothing"));
    village_link(&t, &o->r, CP_M_EVIDENCE, e->r.id);
    cr_assert_not(says("C8", "rests_on_nothing"));
}

Test(check_rules, c9_words_of_a_risk_and_one_that_is_gone)
{
    static const struct {
        int64_t number;
        const char *word;
    } words[] = {{3, "low"}, {4, "moderate"}, {7, "moderate"}, {8, "high"}, {14, "high"}, {15, "extreme"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        cr_assert_str_eq(cp_risk_word(words[i].number), words[i].word);
    struct cp_model_item *risk = village_item(&t, CP_RECORD_RISK, "Falls", "open");
    village_link(&t, &risk->r, CP_M_ABOUT_PERSON, t.m.people[0].r.id);
    cr_assert(says("C9", "risk_lacks"));
    struct cp_model_view *v = village_view(&t, 0, risk, CP_M_MEASURE_ACCEPTED_LEVEL, "ok_if");
    cr_assert(says("C9", "risk_if_what"));
    v->why = cp_bytes_str("somebody comes along");
    cr_assert_not(says("C9", "risk_if_what"));
    risk->state = cp_bytes_str("gone");
    cr_assert_not(says("C9", "risk_lacks"));
    cr_assert_neq(met("C9"), CP_MET_NO);
}
