/* Rules of the ranking one by one: whose scores count, with what weight, and how what is equal is ordered. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/rank.h"
#include "tests/support/heap.h"
#include "tests/support/village.h"

static struct village t;
static struct cp_ranking r;
static struct cp_model_item *priority;

static void set_up(void)
{
    village_make(&t, "2031-03-01");
    for (size_t i = 0; i < 4; i++)
        village_person(&t, "Somebody", NULL);
    priority = village_item(&t, CP_RECORD_PRIORITY, "Quiet", "chosen");
}

static void tear_down(void)
{
    cp_ranking_clear(&r);
    cp_model_clear(&t.m);
    village_clear(&t);
}

TestSuite(rank_rules, .init = set_up, .fini = tear_down);

static struct cp_model_item *option(void)
{
    struct cp_model_item *o = village_item(&t, CP_RECORD_OPTION, "An idea", "open");
    village_link(&t, &o->r, CP_M_FOR, priority->r.id);
    return o;
}

static void ask(void)
{
    cp_ranking_clear(&r);
    cp_model_clear(&t.m);
    cr_assert_eq(cp_model_index(&t.m, test_mem()), CP_OK);
    cr_assert_eq(cp_rank(&r, test_mem(), &t.m, priority), CP_OK);
}

static bool is(struct cp_ratio a, int64_t num, int64_t den)
{
    return cp_ratio_cmp(a, cp_ratio_make(num, den)) == 0;
}

Test(rank_rules, criteria_count_once_unless_somebody_said_and_only_in_use)
{
    struct cp_model_item *o = option(), *plain = village_item(&t, CP_RECORD_CRITERION, "Good", "open"),
                         *heavy = village_item(&t, CP_RECORD_CRITERION, "Cheap", "open"),
                         *unused = village_item(&t, CP_RECORD_CRITERION, "Old", "not used");
    village_number(&t, &heavy->r, CP_M_COUNTS, 3);
    village_score(&t, 0, o, plain, '0');
    village_score(&t, 0, o, heavy, '4');
    village_score(&t, 0, o, unused, '0');
    ask();
    cr_assert(is(r.rows[0].overall, 3, 1), "12 over 4");
}

Test(rank_rules, who_left_is_in_no_group)
{
    struct cp_model_item *o = option(), *c = village_item(&t, CP_RECORD_CRITERION, "Good", "open");
    for (size_t i = 0; i < 4; i++) {
        village_text(&t, &t.m.people[i].r, CP_M_PERSPECTIVES, "carer");
        village_score(&t, i, o, c, i == 0 ? '0' : '4');
    }
    t.m.people[0].in = false;
    ask();
    cr_assert_eq(t.m.perspectives_count, 1);
    cr_assert_eq(r.rows[0].groups[0].size, 3);
    cr_assert_eq(r.rows[0].scored, 3);
}

Test(rank_rules, without_groups_everybodys_median_stands)
{
    struct cp_model_item *o = option(), *c = village_item(&t, CP_RECORD_CRITERION, "Good", "open");
    village_score(&t, 0, o, c, '0');
    village_score(&t, 1, o, c, '4');
    village_score(&t, 2, o, c, '4');
    ask();
    cr_assert(is(r.rows[0].lowest, 4, 1));
    cr_assert(is(r.rows[0].least, 0, 1));
    cr_assert(r.rows[0].lowest_shown);
}

Test(rank_rules, a_shown_group_at_the_same_place_is_no_secret)
{
    struct cp_model_item *o = option(), *c = village_item(&t, CP_RECORD_CRITERION, "Good", "open");
    for (size_t i = 0; i < 4; i++) {
        village_text(&t, &t.m.people[i].r, CP_M_PERSPECTIVES, i < 1 ? "carer" : "professional");
        village_score(&t, i, o, c, '2');
    }
    ask();
    cr_assert_not(r.rows[0].groups[0].shown, "one carer");
    cr_assert(r.rows[0].groups[1].shown, "three professionals");
    cr_assert(r.rows[0].lowest_shown);
}

/* One carer and three professionals give each option its scores. */
static void scores(struct cp_model_item *o, const struct cp_model_item *c, const char *four)
{
    for (size_t i = 0; i < 4; i++)
        village_score(&t, i, o, c, four[i]);
}

static void sides(void)
{
    for (size_t i = 0; i < 4; i++)
        village_text(&t, &t.m.people[i].r, CP_M_PERSPECTIVES, i < 1 ? "carer" : "professional");
}

Test(rank_rules, equal_lowest_then_everybody)
{
    struct cp_model_item *c = village_item(&t, CP_RECORD_CRITERION, "Good", "open"), *less = option(), *more = option();
    sides();
    scores(less, c, "1224");
    scores(more, c, "1334");
    ask();
    cr_assert_eq(r.rows[0].option, more);
    cr_assert_eq(r.rows[0].place, 1);
    cr_assert_eq(r.rows[1].place, 2);
}

Test(rank_rules, then_how_many_cannot)
{
    struct cp_model_item *c = village_item(&t, CP_RECORD_CRITERION, "Good", "open");
    struct cp_model_item *options[2] = {option(), option()};
    for (size_t which = 0; which < 2; which++) {
        t.m.views_count = 0;
        scores(options[0], c, "2222");
        scores(options[1], c, "2222");
        village_view(&t, 3, options[which], CP_M_MEASURE_COMMITMENT, "cannot");
        ask();
        cr_assert_eq(r.rows[0].option, options[1 - which]);
        cr_assert_eq(r.rows[1].cannot, 1);
        cr_assert_eq(r.rows[1].place, 2);
    }
}

Test(rank_rules, what_is_equal_shares_a_place_in_the_order_of_ids)
{
    struct cp_model_item *c = village_item(&t, CP_RECORD_CRITERION, "Good", "open");
    for (size_t i = 0; i < 4; i++)
        scores(option(), c, i == 1 ? "1111" : "3333");
    ask();
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(r.rows[i].place, 1, "%zu", i);
        cr_assert(i == 0 || memcmp(r.rows[i - 1].option->r.id, r.rows[i].option->r.id, CP_ID_LEN) < 0);
    }
    cr_assert_eq(r.rows[3].place, 4);
}

Test(rank_rules, the_newest_choice_counts_and_one_that_names_nothing_cannot_tell)
{
    struct cp_model_item *o = option(), *c = village_item(&t, CP_RECORD_CRITERION, "Good", "open");
    scores(o, c, "2222");
    for (unsigned lamport = 1; lamport < 4; lamport++) /* the middle one is the newest */
        village_note(&t, CP_M_NOTE_CHOICE, priority->r.id, "2031-02-01")->lamport = lamport == 2 ? 9 : lamport;
    ask();
    cr_assert_not_null(r.choice);
    cr_assert_eq(r.choice->lamport, 9);
    cr_assert_eq(r.late, 0);
}

Test(rank_rules, each_other_weight_is_tried_alone)
{
    struct cp_model_item *x = village_item(&t, CP_RECORD_CRITERION, "Good", "open"),
                         *y = village_item(&t, CP_RECORD_CRITERION, "Cheap", "open"), *first = option(),
                         *second = option();
    for (size_t i = 0; i < 2; i++) {
        village_number(&t, i == 0 ? &x->r : &y->r, CP_M_COUNTS, 1)->two = true;
        village_number(&t, i == 0 ? &x->r : &y->r, CP_M_COUNTS, 3)->two = true;
    }
    village_score(&t, 0, first, x, '4');
    village_score(&t, 0, first, y, '1');
    village_score(&t, 0, second, x, '0');
    village_score(&t, 0, second, y, '3');
    ask();
    cr_assert_eq(r.rows[0].option, first, "5/2 against 3/2");
    cr_assert_eq(r.others_count, 2);
    cr_assert_eq(r.others[0].criterion, x);
    cr_assert_eq(r.others[0].places[0], 1, "13/4 against 3/4");
    cr_assert_eq(r.others[1].places[0], 2, "7/4 against 9/4");
    cr_assert_eq(r.others[1].places[1], 1);
}
