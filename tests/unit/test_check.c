/* The standard over plans made by hand: P9 and the means point by point, hard failures, order, progress, days. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client/words_check.h"
#include "proto/balance.h"
#include "proto/check.h"
#include "proto/match.h"
#include "proto/progress.h"
#include "proto/reason_text.h"
#include "tests/support/heap.h"
#include "tests/support/village.h"

/* ---- The table of fields ---- */

Test(model, fields_are_those_of_the_table)
{
#define X(field_name, number, word)                           \
    cr_assert_not_null(cp_field_by_code(number), "%s", word); \
    cr_assert_str_eq(cp_field_by_code(number)->name, word);
    CP_MODEL_FIELD_LIST(X)
#undef X
}

/* ---- Views ---- */

/* As the header says it, by looking at every one. */
static const struct cp_model_view *view_by_definition(const struct cp_model *m, const uint8_t *target,
                                                      uint64_t measure, const uint8_t *person)
{
    for (size_t i = 0; i < m->views_count; i++) {
        const struct cp_model_view *v = &m->views[i];
        if (memcmp(v->target, target, CP_ID_LEN) == 0 && memcmp(v->person, person, CP_ID_LEN) == 0 &&
            v->measure == measure && v->criterion == NULL && !v->two &&
            !cp_bytes_eq(v->value, cp_bytes_str("dont_know")))
            return v;
    }
    return NULL;
}

Test(model, the_view_of_a_person_is_the_one_without_a_criterion_that_is_answered)
{
    static const char *const values[] = {"0", "1", "dont_know"};
    static const uint8_t criterion[CP_ID_LEN] = {7};
    struct village t;
    uint64_t seed = 1;
    size_t found = 0;
    village_make(&t, "2031-03-01");
    for (size_t i = 0; i < 5; i++)
        village_person(&t, "Somebody", NULL);
    struct cp_model_item *items[3];
    for (size_t i = 0; i < 3; i++)
        items[i] = village_item(&t, CP_RECORD_OPTION, "A room", "open");
    for (int i = 0; i < 60; i++) {
        struct cp_model_view *v = village_view(&t, test_below(&seed, 5), items[test_below(&seed, 3)],
                                               1 + test_below(&seed, 3), values[test_below(&seed, 3)]);
        v->criterion = test_below(&seed, 2) == 0 ? criterion : NULL;
        v->two = test_below(&seed, 5) == 0;
    }
    uint8_t ids[3][CP_ID_LEN];
    for (size_t i = 0; i < 3; i++)
        memcpy(ids[i], items[i]->r.id, CP_ID_LEN);
    cr_assert_eq(cp_model_index(&t.m, test_mem()), CP_OK);
    for (size_t i = 0; i < 3; i++)
        for (size_t p = 0; p < 5; p++)
            for (uint64_t measure = 0; measure < 5; measure++) {
                const struct cp_model_view *v = cp_model_view(&t.m, ids[i], measure, t.m.people[p].r.id);
                cr_assert_eq(v, view_by_definition(&t.m, ids[i], measure, t.m.people[p].r.id));
                found += v != NULL ? 1 : 0;
            }
    cr_assert_gt(found, 5);
    village_clear(&t);
}

/* ---- Days ---- */

static int64_t day(const char *text)
{
    return cp_day_number(cp_bytes_str(text));
}

static void after(const char *from, const char *duration, const char *expected)
{
    char text[11];
    int64_t number = cp_day_after(day(from), cp_bytes_str(duration));
    cr_assert_neq(number, 0);
    cp_day_text(number, text);
    cr_assert_str_eq(text, expected);
}

Test(day, numbers_texts_and_durations)
{
    char text[11];
    cr_assert_eq(day("1970-01-02") - day("1970-01-01"), 1);
    cr_assert_eq(day("2000-03-01") - day("2000-02-28"), 2);
    cr_assert_eq(day("2031-02-29"), 0);
    cr_assert_eq(day("2031-13-01"), 0);
    cr_assert_eq(day("2031-1-01"), 0);
    cr_assert_eq(day(""), 0);
    for (int64_t n = day("1999-12-25"); n < day("2001-01-05"); n++) {
        cp_day_text(n, text);
        cr_assert_eq(day(text), n, "%s", text);
    }
    after("2031-01-31", "P1M", "2031-02-28");
    after("2031-11-15", "P3M", "2032-02-15");
    after("2032-02-29", "P1Y", "2033-02-28");
    after("2031-12-31", "P2W", "2032-01-14");
    after("2031-01-01", "P1Y2M3D", "2032-03-04");
    cr_assert_eq(cp_day_after(day("2031-01-01"), cp_bytes_str("1M")), 0);
    cr_assert_eq(cp_day_after(0, cp_bytes_str("P1M")), 0);
    cr_assert_eq(cp_day_after(day("2031-01-01"), cp_bytes_str("P12345D")), 0);
}

/* ---- A plan that lacks nothing for P9 ---- */

struct whole {
    struct village t;
    struct cp_model_item *action, *money, *time;
};

static void whole_make(struct whole *w)
{
    struct village *t = &w->t;
    village_make(t, "2031-03-01");
    village_person(t, "Asha", "uses services");
    village_person(t, "Bill", "carer");
    w->action = village_item(t, CP_RECORD_ACTION, "Open the garden", "open");
    w->money = village_item(t, CP_RECORD_RESOURCE, "Grant", "open");
    w->time = village_item(t, CP_RECORD_RESOURCE, "Asha's Sundays", "open");
    village_text(t, &w->money->r, CP_M_UNIT, "pence");
    village_number(t, &w->money->r, CP_M_AMOUNT, 100000);
    village_text(t, &w->time->r, CP_M_UNIT, "minutes");
    village_number(t, &w->time->r, CP_M_AMOUNT, 360);
    village_link(t, &w->time->r, CP_M_OWNER, t->m.people[0].r.id);
    struct cp_model_record *a = &w->action->r;
    village_text(t, a, CP_M_DETAILS, "Every Sunday from two to four");
    village_link(t, a, CP_FIELD_LEAD, t->m.people[0].r.id);
    village_text(t, a, CP_M_START, "2031-04-01");
    village_text(t, a, CP_M_DUE, "2031-09-30");
    village_text(t, a, CP_M_MEASURE, "Ten people come");
    village_link(t, a, CP_M_CHECKED_BY, t->m.people[1].r.id);
    village_text(t, a, CP_M_CHECK_EVERY, "P1M");
    village_link(t, a, CP_M_COSTS, w->money->r.id)->number = 90000;
    village_number(t, a, CP_M_EFFORT, 300);
    village_text(t, &t->m.plan, CP_M_FIRST_REVIEW, "2031-06-01");
    village_link(t, &t->m.plan, CP_M_REVIEWER, t->m.people[1].r.id);
    village_text(t, &t->m.plan, CP_M_IF_BEHIND, "We meet within a week");
}

static struct cp_model_fact *fact(struct cp_model_record *r, uint16_t field)
{
    const struct cp_model_fact *f = cp_model_get(r, field);
    struct cp_model_fact *writable = NULL;
    cr_assert_not_null(f);
    memcpy(&writable, &f, sizeof writable);
    return writable;
}

static void check(struct village *t, const char *name, struct cp_checked *c)
{
    const struct cp_criterion *criterion = cp_criterion_find(cp_bytes_str(name));
    cr_assert_not_null(criterion, "%s", name);
    if (t->m.mem == NULL)
        cr_assert_eq(cp_model_index(&t->m, test_mem()), CP_OK);
    cp_checked_init(c, test_mem());
    cr_assert_eq(cp_check_run(c, &t->m, criterion), CP_OK);
}

static bool says(const struct cp_checked *c, const char *code)
{
    for (size_t i = 0; i < c->reasons_count; i++)
        if (strcmp(c->reasons[i].code, code) == 0)
            return true;
    return false;
}

/* The point is not met and says so by this code. */
static void fails(struct village *t, const char *name, const char *code)
{
    struct cp_checked c;
    check(t, name, &c);
    cr_assert_eq(c.rows[0].met, CP_MET_NO, "%s %s", name, code);
    cr_assert(says(&c, code), "%s does not say %s", name, code);
    for (size_t i = 0; i < c.reasons_count; i++)
        cr_assert_not_null(cp_words_check(c.reasons[i].code), "no sentence for %s", c.reasons[i].code);
    for (size_t i = 0; i < c.reasons_count; i++)
        if (c.reasons[i].weight == CP_CHECK_HARD)
            cr_assert(cp_reason_text_known(c.reasons[i].code) || cp_reason_is_wordings(c.reasons[i].code),
                      "no words for a page: %s", c.reasons[i].code);
    cp_checked_clear(&c);
}

static void met(struct village *t, const char *name)
{
    struct cp_checked c;
    check(t, name, &c);
    cr_assert_eq(c.rows[0].met, CP_MET_YES, "%s: %s", name, c.reasons_count > 0 ? c.reasons[0].code : "");
    cp_checked_clear(&c);
}

Test(check, p9_of_a_whole_plan_is_met_and_nothing_is_hard)
{
    struct whole w;
    struct cp_checked c;
    whole_make(&w);
    met(&w.t, "P9");
    check(&w.t, "P9", &c);
    cr_assert_eq(c.count, 5, "P9 and its four points");
    cr_assert_str_eq(c.rows[4].criterion, "P9.4");
    cp_checked_clear(&c);
    cp_checked_init(&c, test_mem());
    cr_assert_eq(cp_check_hard_failures(&c, &w.t.m), CP_OK);
    cr_assert_eq(c.count, 0);
    cp_checked_clear(&c);
    village_clear(&w.t);
}

/* Each field that is taken away has its own reason, and each is hard. */
Test(check, p9_names_what_is_missing)
{
    static const struct {
        uint16_t field;
        const char *point, *code;
    } cases[] = {
        {CP_FIELD_TEXT, "P9.1", "no_text"},           {CP_M_DETAILS, "P9.1", "no_details"},
        {CP_FIELD_LEAD, "P9.2", "no_lead"},           {CP_M_DUE, "P9.3", "no_due"},
        {CP_M_MEASURE, "P9.4", "no_measure"},         {CP_M_CHECKED_BY, "P9.4", "nobody_checks"},
        {CP_M_CHECK_EVERY, "P9.4", "no_check_every"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct whole w;
        struct cp_checked c;
        whole_make(&w);
        fact(&w.action->r, cases[i].field)->field = 0;
        fails(&w.t, cases[i].point, cases[i].code);
        cp_checked_init(&c, test_mem());
        cr_assert_eq(cp_check_hard_failures(&c, &w.t.m), CP_OK);
        cr_assert(says(&c, cases[i].code), "%s is not hard", cases[i].code);
        cp_checked_clear(&c);
        village_clear(&w.t);
    }
}

Test(check, p9_dates_leads_and_the_plans_own_fields)
{
    struct whole w;
    whole_make(&w);
    fact(&w.action->r, CP_M_DUE)->text = cp_bytes_str("2031-03-31");
    fails(&w.t, "P9.3", "due_before_start");
    fact(&w.action->r, CP_M_DUE)->two = true;
    fails(&w.t, "P9.3", "two_dates");
    w.t.m.people[0].in = false;
    fails(&w.t, "P9.2", "lead_left");
    fact(&w.action->r, CP_FIELD_LEAD)->two = true;
    fails(&w.t, "P9.2", "two_leads");
    for (size_t i = 0; i < w.t.m.people_count; i++)
        w.t.m.people[i].left = true;
    fails(&w.t, "P9.4", "checker_left");
    fails(&w.t, "P9.4", "reviewer_left");
    fact(&w.t.m.plan, CP_M_REVIEWER)->field = 0;
    fact(&w.t.m.plan, CP_M_FIRST_REVIEW)->field = 0;
    fact(&w.t.m.plan, CP_M_IF_BEHIND)->field = 0;
    fails(&w.t, "P9.4", "no_reviewer");
    fails(&w.t, "P9.4", "no_first_review");
    fails(&w.t, "P9.4", "no_if_behind");
    village_clear(&w.t);
}

Test(check, p9_money_and_time_asked_against_offered)
{
    struct whole w;
    struct cp_means means;
    whole_make(&w);
    met(&w.t, "P9");
    fact(&w.action->r, CP_M_COSTS)->number = 125000;
    cp_model_clear(&w.t.m);
    fails(&w.t, "P9", "money_short");
    fails(&w.t, "P9", "resource_short");
    fails(&w.t, "P9", "takes_from");
    fact(&w.action->r, CP_M_EFFORT)->number = 540;
    fails(&w.t, "P9", "time_short");
    cr_assert_eq(cp_means(&means, test_mem(), &w.t.m), CP_OK);
    cr_assert_eq(means.pence_asked, 125000);
    cr_assert_eq(means.pence_offered, 100000);
    cr_assert_eq(means.people[0].asked, 540);
    cr_assert_eq(means.people[0].offered, 360);
    cp_means_clear(&means);
    village_number(&w.t, &w.t.m.plan, CP_M_BUDGET, 50000);
    fails(&w.t, "P9", "budget_passed");
    village_clear(&w.t);
}

Test(check, the_last_money_spent_twice_names_both)
{
    struct whole w;
    struct cp_checked c;
    size_t named = 0;
    whole_make(&w);
    struct cp_model_item *second = village_item(&w.t, CP_RECORD_ACTION, "Print leaflets", "open");
    village_link(&w.t, &second->r, CP_M_COSTS, w.money->r.id)->number = 20000;
    check(&w.t, "P9", &c);
    for (size_t i = 0; i < c.reasons_count; i++)
        named += strcmp(c.reasons[i].code, "takes_from") == 0 ? 1 : 0;
    cr_assert_eq(named, 2);
    cp_checked_clear(&c);
    second->state = cp_bytes_str("dropped");
    met(&w.t, "P9");
    village_clear(&w.t);
}

Test(check, what_was_taken_back_cannot_be_spent)
{
    struct whole w;
    struct cp_checked c;
    whole_make(&w);
    w.money->state = cp_bytes_str("taken back");
    fails(&w.t, "P2", "taken_back_used");
    cp_checked_init(&c, test_mem());
    cr_assert_eq(cp_check_hard_failures(&c, &w.t.m), CP_OK);
    cr_assert(says(&c, "taken_back_used"));
    cr_assert(says(&c, "money_short"));
    cp_checked_clear(&c);
    village_clear(&w.t);
}

Test(check, two_wordings_are_hard)
{
    struct whole w;
    struct cp_checked c;
    whole_make(&w);
    fact(&w.money->r, CP_FIELD_TEXT)->two = true;
    cr_assert_eq(cp_model_index(&w.t.m, test_mem()), CP_OK);
    cp_checked_init(&c, test_mem());
    cr_assert_eq(cp_check_hard_failures(&c, &w.t.m), CP_OK);
    cr_assert_eq(c.count, 1);
    cr_assert_str_eq(c.rows[0].criterion, "wordings");
    cr_assert_eq(c.rows[0].reasons_count, 1);
    cr_assert(says(&c, "two_wordings"));
    cp_checked_clear(&c);
    village_clear(&w.t);
}

/* ---- Other points ---- */

Test(check, p4_needs_a_gain_and_what_happens_otherwise)
{
    struct village t;
    village_make(&t, "2031-03-01");
    village_person(&t, "Asha", NULL);
    struct cp_model_item *p = village_item(&t, CP_RECORD_PRIORITY, "Quiet", "chosen");
    struct cp_model_item *gain = village_item(&t, CP_RECORD_BENEFIT, "We sleep", "open");
    village_link(&t, &gain->r, CP_M_ABOUT, p->r.id);
    met(&t, "P4.1");
    fails(&t, "P4.2", "no_inaction");
    fails(&t, "P4", "no_inaction");
    cp_model_clear(&t.m);
    struct cp_model_item *not_now = village_item(&t, CP_RECORD_PRIORITY, "Light", "not now");
    fails(&t, "P4.1", "not_now_no_reason");
    village_text(&t, &not_now->r, CP_FIELD_WHY, "next year");
    met(&t, "P4.1");
    village_clear(&t);
}

Test(check, p8_1_half_who_cannot_and_a_silent_side)
{
    struct village t;
    struct cp_checked c;
    village_make(&t, "2031-03-01");
    for (size_t i = 0; i < 4; i++)
        village_person(&t, "Somebody", i < 3 ? "carer" : "council");
    village_text(&t, &t.m.plan, CP_M_PERSPECTIVES_NEEDED, "carer");
    village_text(&t, &t.m.plan, CP_M_PERSPECTIVES_NEEDED, "uses services");
    struct cp_model_item *o = village_item(&t, CP_RECORD_OPTION, "A room", "chosen");
    struct cp_model_item *a = village_item(&t, CP_RECORD_ACTION, "Find a room", "open");
    village_link(&t, &a->r, CP_M_FROM, o->r.id);
    village_view(&t, 0, o, CP_M_MEASURE_COMMITMENT, "cannot");
    village_view(&t, 1, o, CP_M_MEASURE_COMMITMENT, "fine");
    fails(&t, "P8.1", "perspective_cannot");
    fails(&t, "P8.1", "perspective_no_views");
    met(&t, "P8.2");
    cp_model_clear(&t.m);
    t.m.views_count = 0;
    village_view(&t, 3, o, CP_M_MEASURE_COMMITMENT, "cannot");
    check(&t, "P8.1", &c);
    cr_assert(says(&c, "some_cannot"), "one person of the council is not named by the group");
    cr_assert_not(says(&c, "perspective_cannot"));
    cp_checked_clear(&c);
    village_clear(&t);
}

Test(check, p8_3_an_obstacle_that_matters_needs_an_action_or_a_yes)
{
    struct village t;
    village_make(&t, "2031-03-01");
    village_person(&t, "Asha", NULL);
    struct cp_model_item *o = village_item(&t, CP_RECORD_OBSTACLE, "No lift", "open");
    village_view(&t, 0, o, CP_M_MEASURE_IMPACT, "4");
    fails(&t, "P8.3", "not_tackled");
    o->state = cp_bytes_str("accepted");
    met(&t, "P8.3");
    o->state = cp_bytes_str("open");
    struct cp_model_item *a = village_item(&t, CP_RECORD_ACTION, "A ramp", "open");
    village_link(&t, &a->r, CP_M_TACKLES, o->r.id);
    cp_model_clear(&t.m);
    met(&t, "P8.3");
    village_clear(&t);
}

Test(check, c9_only_the_person_it_is_about_stops_it)
{
    struct village t;
    struct cp_checked c;
    village_make(&t, "2031-03-01");
    village_person(&t, "Asha", NULL);
    village_person(&t, "Bill", NULL);
    struct cp_model_item *risk = village_item(&t, CP_RECORD_RISK, "Walking home at night", "open");
    village_link(&t, &risk->r, CP_M_ABOUT_PERSON, t.m.people[0].r.id);
    village_view(&t, 1, risk, CP_M_MEASURE_ACCEPTED_LEVEL, "not_ok"); /* not his to say */
    check(&t, "risk", &c);
    cr_assert_not(says(&c, "risk_stopped"));
    cr_assert(says(&c, "risk_not_asked"));
    cp_checked_clear(&c);
    cp_model_clear(&t.m);
    village_view(&t, 0, risk, CP_M_MEASURE_ACCEPTED_LEVEL, "not_ok");
    fails(&t, "C9", "risk_stopped");
    cp_checked_init(&c, test_mem());
    cr_assert_eq(cp_check_hard_failures(&c, &t.m), CP_OK);
    cr_assert(says(&c, "risk_stopped"));
    cp_checked_clear(&c);
    village_clear(&t);
}

Test(check, names_of_points)
{
    cr_assert_str_eq(cp_criterion_find(cp_bytes_str("p9.2"))->name, "P9.2");
    cr_assert_str_eq(cp_criterion_find(cp_bytes_str("Fairness"))->name, "C4");
    cr_assert_str_eq(cp_criterion_find(cp_bytes_str("K36"))->name, "K-G");
    cr_assert_str_eq(cp_criterion_find(cp_bytes_str("K2"))->name, "K-A");
    cr_assert_null(cp_criterion_find(cp_bytes_str("P14")));
    cr_assert_null(cp_criterion_find(cp_bytes_str("P")));
    cr_assert_null(cp_criterion_find(cp_bytes_str("")));
    cr_assert_null(cp_criterion_find(cp_bytes_str("|")));
    for (size_t k = 1; k <= 36; k++) {
        char name[8];
        (void)snprintf(name, sizeof name, "K%zu", k);
        cr_assert_not_null(cp_criterion_find(cp_bytes_str(name)), "%s", name);
    }
    for (size_t i = 0; cp_criterion_at(i) != NULL; i++)
        cr_assert_str_not_empty(cp_words_criterion(cp_criterion_at(i)->name), "%s", cp_criterion_at(i)->name);
}

/* Everything the checks say of a plan, in a buffer. */
static void all_of(struct village *t, char *out, size_t max)
{
    struct cp_checked c;
    size_t at = 0;
    cp_checked_init(&c, test_mem());
    cr_assert_eq(cp_model_index(&t->m, test_mem()), CP_OK);
    cr_assert_eq(cp_check_all(&c, &t->m), CP_OK);
    for (size_t i = 0; i < c.count; i++)
        at += (size_t)snprintf(out + at, max - at, "%s %s %zu\n", c.rows[i].criterion,
                               cp_met_word(c.rows[i].met), c.rows[i].records_count);
    for (size_t i = 0; i < c.reasons_count; i++)
        at += (size_t)snprintf(
            out + at, max - at, "%s %d %.*s\n", c.reasons[i].code,
            c.reasons[i].record == NULL ? 0 : c.reasons[i].record[1], (int)c.reasons[i].args[0].text.len,
            c.reasons[i].args[0].text.len > 0 ? (const char *)c.reasons[i].args[0].text.ptr : "");
    cr_assert_lt(at, max);
    cp_checked_clear(&c);
}

Test(check, the_same_whatever_the_order_of_records)
{
    static char first[16384], again[16384];
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct whole w;
        whole_make(&w);
        struct cp_model_item *p = village_item(&w.t, CP_RECORD_PRIORITY, "Quiet", "chosen");
        struct cp_model_item *risk = village_item(&w.t, CP_RECORD_RISK, "Wet steps", "open");
        village_note(&w.t, CP_M_NOTE_PRESENTED, w.t.m.plan.id, "2031-02-01");
        village_note(&w.t, CP_M_NOTE_PROGRESS, w.action->r.id, "2031-02-01");
        village_note(&w.t, CP_M_NOTE_PROGRESS, w.action->r.id, "2031-02-02");
        village_view(&w.t, 0, p, CP_M_MEASURE_IMPORTANCE, "4");
        village_view(&w.t, 1, risk, CP_M_MEASURE_IMPACT, "4");
        village_shuffle(&w.t, seed);
        all_of(&w.t, seed == 0 ? first : again, sizeof first);
        if (seed > 0)
            cr_assert_str_eq(again, first);
        village_clear(&w.t);
    }
}

Test(check, no_memory_at_any_step)
{
    struct whole w;
    whole_make(&w);
    cr_assert_eq(cp_model_index(&w.t.m, test_mem()), CP_OK);
    for (size_t left = 0;; left++) {
        struct test_heap heap;
        struct cp_checked c;
        test_heap_init(&heap, left);
        cp_checked_init(&c, &heap.mem);
        enum cp_err err = cp_check_all(&c, &w.t.m);
        cp_checked_clear(&c);
        if (err == CP_OK)
            break;
        cr_assert_eq(err, CP_ERR_NO_MEMORY);
        cr_assert_lt(left, 500);
    }
    village_clear(&w.t);
}

/* ---- Progress, reviews, matches ---- */

Test(progress, two_updates_apart_show_the_more_worrying)
{
    struct whole w;
    struct cp_progress p;
    whole_make(&w);
    struct cp_model_note *first = village_note(&w.t, CP_M_NOTE_PROGRESS, w.action->r.id, "2031-02-01");
    struct cp_model_note *second = village_note(&w.t, CP_M_NOTE_PROGRESS, w.action->r.id, "2031-02-02");
    village_text(&w.t, &first->r, CP_M_RAG, "red");
    village_text(&w.t, &second->r, CP_M_RAG, "green");
    cr_assert_eq(cp_model_index(&w.t.m, test_mem()), CP_OK);
    cp_progress_of(&w.t.m, cp_model_item(&w.t.m, w.action->r.id), &p);
    cr_assert_eq(p.updates, 2);
    cr_assert_eq(p.rag, CP_RAG_RED);
    cr_assert(p.stuck);
    fails(&w.t, "K-G", "two_updates");
    village_clear(&w.t);
}

Test(progress, late_due_soon_and_we_do_not_know)
{
    static const struct {
        const char *today;
        bool late, soon;
    } cases[] = {{"2031-09-15", false, false},
                 {"2031-09-16", false, true},
                 {"2031-09-30", false, true},
                 {"2031-10-01", true, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct whole w;
        struct cp_progress p;
        whole_make(&w);
        w.t.m.today = cp_bytes_str(cases[i].today);
        cr_assert_eq(cp_model_index(&w.t.m, test_mem()), CP_OK);
        cp_progress_of(&w.t.m, cp_model_item(&w.t.m, w.action->r.id), &p);
        cr_assert_eq(p.late, cases[i].late, "%s", cases[i].today);
        cr_assert_eq(p.due_soon, cases[i].soon, "%s", cases[i].today);
        cr_assert_eq(p.rag, CP_RAG_UNKNOWN);
        cr_assert(p.check_late, "checked every month since April");
        village_clear(&w.t);
    }
}

Test(progress, the_next_review_counts_from_the_day_really_held)
{
    struct whole w;
    struct cp_review r;
    whole_make(&w);
    cr_assert_eq(cp_model_index(&w.t.m, test_mem()), CP_OK);
    cp_review_of(&w.t.m, &r);
    cr_assert_eq(r.next_day, day("2031-06-01"));
    cp_model_clear(&w.t.m);
    village_note(&w.t, CP_M_NOTE_REVIEW, w.t.m.plan.id, "2031-07-09");
    w.t.m.today = cp_bytes_str("2031-10-10");
    cr_assert_eq(cp_model_index(&w.t.m, test_mem()), CP_OK);
    cp_review_of(&w.t.m, &r);
    cr_assert_eq(r.next_day, day("2031-10-09"), "three months when the plan does not say");
    cr_assert(r.overdue);
    village_clear(&w.t);
}

Test(match, by_type_and_by_unit)
{
    struct whole w;
    whole_make(&w);
    struct cp_model_item *o = village_item(&w.t, CP_RECORD_OBSTACLE, "No money", "open");
    cr_assert_not(cp_match(o, w.money), "an obstacle nobody sorted");
    village_text(&w.t, &o->r, CP_M_TYPE, "money");
    cr_assert(cp_match(o, w.money));
    cr_assert_not(cp_match(o, w.time));
    village_text(&w.t, &w.time->r, CP_M_TYPE, "money");
    cr_assert(cp_match(o, w.time), "what it says of itself counts");
    w.money->state = cp_bytes_str("taken back");
    cr_assert_not(cp_match(o, w.money));
    village_clear(&w.t);
}
