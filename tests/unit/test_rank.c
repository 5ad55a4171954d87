/* Comparing ideas: exact numbers, the golden ranking in any order of records, privacy of small groups, late scores. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/rank.h"
#include "tests/support/heap.h"
#include "tests/support/village.h"

/* ---- Exact numbers ---- */

Test(ratio, lowest_terms_order_and_text)
{
    char text[24];
    struct cp_ratio half = cp_ratio_make(2, 4);
    cr_assert_eq(half.num, 1);
    cr_assert_eq(half.den, 2);
    cr_assert_eq(cp_ratio_make(0, 7).den, 1);
    cr_assert_eq(cp_ratio_make(3, 0).den, 0);
    cr_assert_eq(cp_ratio_cmp(cp_ratio_make(1, 3), cp_ratio_make(1, 2)), -1);
    cr_assert_eq(cp_ratio_cmp(cp_ratio_make(7, 2), cp_ratio_make(7, 2)), 0);
    cr_assert_eq(cp_ratio_cmp(cp_ratio_make(0, 1), cp_ratio_make(1, 0)), 1, "nothing is below zero");
    cr_assert_eq(
        cp_ratio_cmp(cp_ratio_make(INT64_MAX, INT64_MAX - 1), cp_ratio_make(INT64_MAX - 1, INT64_MAX - 2)),
        -1, "no overflow");
    cp_ratio_text(cp_ratio_make(8, 3), text);
    cr_assert_str_eq(text, "2.67");
    cp_ratio_text(cp_ratio_make(1, 8), text);
    cr_assert_str_eq(text, "0.13", "halves up");
    cp_ratio_text(cp_ratio_make(1999, 500), text);
    cr_assert_str_eq(text, "4.00");
    cp_ratio_text(cp_ratio_make(1, 0), text);
    cr_assert_str_eq(text, "");
    struct cp_ratio middle = cp_ratio_middle(cp_ratio_make(5, 2), cp_ratio_make(7, 3));
    cr_assert_eq(middle.num, 29);
    cr_assert_eq(middle.den, 12);
}

/* ---- The golden plan: 4 options, 5 criteria, 9 people in 3 perspectives ---- */

static const char *const sides[] = {"carer", "professional", "uses services"};
static const int weights[5] = {3, 2, 1, 2, 1};
/* scores[person][option] has five digits, one a criterion; '-' do not know, '.' not answered. */
static const char *const scores[9][4] = {
    {"43210", "22222", "1-1-1", "44444"}, {"33333", "12340", "43.11", "00000"},
    {"4444-", "20202", "11111", "40404"}, {"01234", "32323", "24242", "11111"},
    {"10101", "33333", "2-2-2", "44440"}, {"22222", "43214", ".....", "33333"},
    {"44332", "23232", "31313", "00111"}, {"34343", "2222-", "40000", "01010"},
    {"33344", "32223", "21212", "10101"},
};

struct golden {
    struct village t;
    struct cp_model_item *priority;
};

static void golden_make(struct golden *g)
{
    static const char *const names[] = {"Asha", "Bill", "Chen", "Dina", "Emyr", "Fay", "Gwen", "Huw", "Iqra"};
    struct cp_model_item *options[4], *criteria[5];
    village_make(&g->t, "2031-03-01");
    for (size_t i = 0; i < 9; i++)
        village_person(&g->t, names[i], sides[i / 3]);
    g->priority = village_item(&g->t, CP_RECORD_PRIORITY, "Someone to talk to", "chosen");
    for (size_t i = 0; i < 4; i++) {
        options[i] = village_item(&g->t, CP_RECORD_OPTION, "An idea", "open");
        village_link(&g->t, &options[i]->r, CP_M_FOR, g->priority->r.id);
    }
    for (size_t i = 0; i < 5; i++) {
        criteria[i] = village_item(&g->t, CP_RECORD_CRITERION, "Good", "open");
        village_number(&g->t, &criteria[i]->r, CP_M_COUNTS, weights[i]);
    }
    for (size_t p = 0; p < 9; p++)
        for (size_t o = 0; o < 4; o++)
            for (size_t c = 0; c < 5; c++)
                if (scores[p][o][c] != '.')
                    village_score(&g->t, p, options[o], criteria[c], scores[p][o][c]);
    village_view(&g->t, 1, options[3], CP_M_MEASURE_COMMITMENT, "cannot");
    village_view(&g->t, 7, options[3], CP_M_MEASURE_COMMITMENT, "cannot");
    village_view(&g->t, 4, options[0], CP_M_MEASURE_COMMITMENT, "fine");
}

/* All that the ranking says, as text. */
static void told(const struct cp_ranking *r, const struct cp_model *m, char *out, size_t max)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < r->count; i++) {
        const struct cp_rank_row *row = &r->rows[i];
        char lowest[24], overall[24], median[24];
        cp_ratio_text(row->lowest, lowest);
        cp_ratio_text(row->overall, overall);
        at += (size_t)snprintf(
            out + at, max - at, "%zu. option %d lowest %s all %s scored %zu unknown %zu cannot %zu",
            row->place, row->option->r.id[1], lowest, overall, row->scored, row->dont_know, row->cannot);
        for (size_t g = 0; g < m->perspectives_count; g++) {
            cp_ratio_text(row->groups[g].median, median);
            at +=
                (size_t)snprintf(out + at, max - at, " %.1s=%s", (const char *)row->groups[g].perspective.ptr,
                                 row->groups[g].shown ? median : "hidden");
        }
        at += (size_t)snprintf(out + at, max - at, "\n");
    }
}

/* Worked out apart from this program, with fractions, from the table above. */
static const char golden_text[] =
    "1. option 13 lowest 2.00 all 2.44 scored 9 unknown 1 cannot 0 c=2.00 p=2.89 u=2.44\n"
    "2. option 12 lowest 1.56 all 3.00 scored 9 unknown 1 cannot 0 c=3.00 p=1.56 u=3.44\n"
    "3. option 14 lowest 1.00 all 1.78 scored 8 unknown 4 cannot 0 c=1.00 p=2.44 u=1.56\n"
    "4. option 15 lowest 0.44 all 1.00 scored 9 unknown 0 cannot 2 c=2.22 p=3.00 u=0.44\n";

Test(rank, golden_whatever_the_order)
{
    char first[4096] = "", again[4096];
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct golden g;
        struct cp_ranking r;
        golden_make(&g);
        uint8_t priority[CP_ID_LEN];
        memcpy(priority, g.priority->r.id, CP_ID_LEN);
        village_shuffle(&g.t, seed);
        cr_assert_eq(cp_model_index(&g.t.m, test_mem()), CP_OK);
        cr_assert_eq(cp_rank(&r, test_mem(), &g.t.m, cp_model_item(&g.t.m, priority)), CP_OK);
        told(&r, &g.t.m, seed == 0 ? first : again, sizeof first);
        if (seed > 0)
            cr_assert_str_eq(again, first, "seed %d", (int)seed);
        cp_ranking_clear(&r);
        village_clear(&g.t);
    }
    cr_assert_str_eq(first, golden_text);
}

/* ---- Privacy ---- */

static void ask(struct village *t, struct cp_ranking *r, const uint8_t *priority)
{
    cr_assert_eq(cp_model_index(&t->m, test_mem()), CP_OK);
    cr_assert_eq(cp_rank(r, test_mem(), &t->m, cp_model_item(&t->m, priority)), CP_OK);
}

/* Two carers and three professionals score one idea. */
static void small_make(struct village *t, uint8_t priority[CP_ID_LEN])
{
    village_make(t, "2031-03-01");
    for (size_t i = 0; i < 5; i++)
        village_person(t, "Somebody", i < 2 ? "carer" : "professional");
    struct cp_model_item *p = village_item(t, CP_RECORD_PRIORITY, "Quiet", "chosen");
    struct cp_model_item *o = village_item(t, CP_RECORD_OPTION, "A room", "open");
    struct cp_model_item *c = village_item(t, CP_RECORD_CRITERION, "Good", "open");
    village_link(t, &o->r, CP_M_FOR, p->r.id);
    for (size_t i = 0; i < 5; i++)
        village_score(t, i, o, c, i < 2 ? '1' : '4');
    memcpy(priority, p->r.id, CP_ID_LEN);
}

static void consent(struct village *t, size_t person, const char *given, const struct cp_model_note *saw)
{
    struct cp_model_note *n = village_note(t, CP_M_NOTE_CONSENT, t->m.plan.id, "2031-01-01");
    memcpy(n->by, t->m.people[person].r.id, CP_ID_LEN);
    village_text(t, &n->r, CP_M_SCOPE, "perspective");
    village_text(t, &n->r, CP_M_GIVEN, given);
    if (saw != NULL) {
        n->seen = saw->r.id;
        n->seen_count = 1;
    }
}

Test(rank, two_people_are_hidden_and_count_all_the_same)
{
    struct village t;
    struct cp_ranking r;
    uint8_t priority[CP_ID_LEN];
    small_make(&t, priority);
    ask(&t, &r, priority);
    cr_assert_eq(r.count, 1);
    cr_assert_not(r.rows[0].groups[0].shown, "two carers");
    cr_assert(r.rows[0].groups[1].shown, "three professionals");
    cr_assert_eq(cp_ratio_cmp(r.rows[0].lowest, cp_ratio_make(1, 1)), 0, "they still hold the idea down");
    cr_assert_not(r.rows[0].lowest_shown, "but the number is not told");
    cp_ranking_clear(&r);
    village_clear(&t);
}

Test(rank, two_people_who_both_said_yes_are_shown)
{
    struct village t;
    struct cp_ranking r;
    uint8_t priority[CP_ID_LEN];
    small_make(&t, priority);
    consent(&t, 0, "yes", NULL);
    consent(&t, 1, "yes", NULL);
    ask(&t, &r, priority);
    cr_assert(r.rows[0].groups[0].shown);
    cr_assert(r.rows[0].lowest_shown);
    cp_ranking_clear(&r);
    village_clear(&t);
}

Test(rank, a_consent_taken_back_stands_until_a_later_yes_saw_it)
{
    struct village t;
    struct cp_ranking r;
    uint8_t priority[CP_ID_LEN];
    struct cp_model_note taken_back;
    small_make(&t, priority);
    consent(&t, 0, "yes", NULL);
    consent(&t, 1, "yes", NULL);
    consent(&t, 0, "no", NULL);
    taken_back = t.m.notes[2];
    consent(&t, 0, "yes", NULL); /* made on another device, apart */
    ask(&t, &r, priority);
    cr_assert_not(r.rows[0].groups[0].shown);
    cp_ranking_clear(&r);
    cp_model_clear(&t.m);
    consent(&t, 0, "yes", &taken_back);
    ask(&t, &r, priority);
    cr_assert(r.rows[0].groups[0].shown);
    cp_ranking_clear(&r);
    village_clear(&t);
}

/* ---- What else ---- */

Test(rank, two_devices_of_one_person_apart_are_no_answer)
{
    struct village t;
    struct cp_ranking r;
    uint8_t priority[CP_ID_LEN];
    small_make(&t, priority);
    t.m.views[0].two = true;
    ask(&t, &r, priority);
    cr_assert_eq(r.rows[0].scored, 4);
    cp_ranking_clear(&r);
    village_clear(&t);
}

Test(rank, a_weight_in_two_wordings_gives_both_places)
{
    struct village t;
    struct cp_ranking r;
    uint8_t priority[CP_ID_LEN];
    small_make(&t, priority);
    struct cp_model_item *second = village_item(&t, CP_RECORD_OPTION, "A garden", "open");
    struct cp_model_item *other = village_item(&t, CP_RECORD_CRITERION, "Cheap", "open");
    village_link(&t, &second->r, CP_M_FOR, priority);
    village_number(&t, &other->r, CP_M_COUNTS, 1)->two = true;
    village_number(&t, &other->r, CP_M_COUNTS, 3)->two = true;
    for (size_t i = 0; i < 5; i++) {
        village_score(&t, i, &t.m.items[1], other, '0');
        village_score(&t, i, second, &t.m.items[2], '0');
        village_score(&t, i, second, other, '1');
    }
    ask(&t, &r, priority);
    cr_assert_eq(r.others_count, 1);
    cr_assert_eq(r.others[0].counts, 3);
    cr_assert_eq(r.rows[0].option->r.id[1], 8, "one half is as much as one half; of all people it has more");
    cr_assert_eq(r.others[0].places[0], 2, "with the other weight the garden comes first");
    cr_assert_eq(r.others[0].places[1], 1);
    cp_ranking_clear(&r);
    village_clear(&t);
}

Test(rank, scores_that_the_choice_did_not_see_are_late)
{
    struct village t;
    struct cp_ranking r;
    uint8_t priority[CP_ID_LEN], seen[3 * CP_ID_LEN];
    small_make(&t, priority);
    struct cp_model_note *choice = village_note(&t, CP_M_NOTE_CHOICE, priority, "2031-02-01");
    for (size_t i = 0; i < 3; i++)
        memcpy(seen + i * CP_ID_LEN, t.m.views[i].entry, CP_ID_LEN);
    choice->seen = seen;
    choice->seen_count = 3;
    ask(&t, &r, priority);
    cr_assert_not_null(r.choice);
    cr_assert_eq(r.late, 2);
    cr_assert_eq(r.rows[0].late, 2);
    cp_ranking_clear(&r);
    village_clear(&t);
}

Test(rank, no_memory_at_any_step)
{
    struct golden g;
    golden_make(&g);
    uint8_t priority[CP_ID_LEN];
    memcpy(priority, g.priority->r.id, CP_ID_LEN);
    cr_assert_eq(cp_model_index(&g.t.m, test_mem()), CP_OK);
    const struct cp_model_item *item = cp_model_item(&g.t.m, priority);
    for (size_t left = 0;; left++) {
        struct test_heap heap;
        struct cp_ranking r;
        test_heap_init(&heap, left);
        enum cp_err err = cp_rank(&r, &heap.mem, &g.t.m, item);
        cp_ranking_clear(&r);
        if (err == CP_OK)
            break;
        cr_assert_eq(err, CP_ERR_NO_MEMORY);
        cr_assert_lt(left, 50);
    }
    village_clear(&g.t);
}

/* ---- Common ground ---- */

Test(ground, common_then_one_cannot_then_the_others)
{
    struct village t;
    struct cp_ground_row rows[8];
    village_make(&t, "2031-03-01");
    village_person(&t, "Asha", NULL);
    village_person(&t, "Bill", NULL);
    village_person(&t, "Chen", NULL)->kept_informed = true;
    struct cp_model_item *split = village_item(&t, CP_RECORD_OPTION, "A", "open");
    struct cp_model_item *one = village_item(&t, CP_RECORD_OPTION, "B", "open");
    struct cp_model_item *common = village_item(&t, CP_RECORD_OPTION, "C", "open");
    struct cp_model_item *few = village_item(&t, CP_RECORD_OPTION, "D", "open");
    village_view(&t, 0, split, CP_M_MEASURE_COMMITMENT, "unsure");
    village_view(&t, 1, split, CP_M_MEASURE_COMMITMENT, "lead");
    village_view(&t, 0, one, CP_M_MEASURE_COMMITMENT, "cannot")->would_change_if =
        cp_bytes_str("it were quiet");
    village_view(&t, 1, one, CP_M_MEASURE_COMMITMENT, "fine");
    village_view(&t, 0, common, CP_M_MEASURE_COMMITMENT, "fine");
    village_view(&t, 1, common, CP_M_MEASURE_COMMITMENT, "help");
    village_view(&t, 0, few, CP_M_MEASURE_COMMITMENT, "fine");
    village_view(&t, 1, few, CP_M_MEASURE_COMMITMENT, "dont_know");
    cr_assert_eq(cp_model_index(&t.m, test_mem()), CP_OK);
    cr_assert_eq(cp_common_ground(&t.m, NULL, rows), 4);
    cr_assert_eq(rows[0].ground, CP_GROUND_COMMON);
    cr_assert_eq(rows[1].ground, CP_GROUND_ONE_CANNOT);
    cr_assert(cp_bytes_eq(rows[1].first_cannot->would_change_if, cp_bytes_str("it were quiet")));
    cr_assert_eq(rows[2].ground, CP_GROUND_SPLIT);
    cr_assert_eq(rows[3].ground, CP_GROUND_NOT_ENOUGH);
    cr_assert_eq(rows[3].missing, 1);
    village_clear(&t);
}
