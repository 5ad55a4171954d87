/*
 * What a machine said in one life and what it said in another (daemon/bundle_heard.c): a home that was put back to an earlier day lacks
 * what it once had, and its old files go on lying about. In whatever order they are read, and however wrong its clock is, nothing is
 * left out of what is written for it but what it has.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/bundle.h"
#include "daemon/holds.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct someone a, b;
static struct cp_store *s;
static uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
static struct cp_node node;
static struct cp_meeting all;

static void before(void)
{
    folder = group_begin(&a, &b, &s, NULL, plan, "a garden", item);
    node = (struct cp_node){.mem = test_mem(), .store = s, .meetings = &all};
    all = (struct cp_meeting){.node = &node};
    cp_meet_facts_load(&all);
}

static void after(void)
{
    cp_free(test_mem(), all.reports);
    cp_free(test_mem(), all.places);
    group_end(folder, s, NULL);
}

TestSuite(lives, .init = before, .fini = after);

/* The one content chain here. */
static uint64_t last_of_chain(struct cp_tip **tips)
{
    const struct cp_replica *held = cp_store_replica(s);
    size_t count = 0;
    cr_assert_eq(held->tips(held->ctx, plan, CP_CONTENT, tips, &count), CP_OK);
    cr_assert_eq(count, 1);
    return (*tips)[0].seq;
}

/* b's machine says in this life, at this time by its clock, that it holds all that is here, or nothing. */
static void says(uint8_t life, uint64_t time_ms, bool everything)
{
    struct cp_heard h;
    struct cp_tip *tips = NULL;
    cp_heard_init(&h, test_mem());
    memset(h.incarnation, life, sizeof h.incarnation);
    h.claimed_ms = time_ms;
    h.heard_ms = cp_node_time_ms();
    struct cp_bundle_tip tip = {.seq = last_of_chain(&tips)};
    memcpy(tip.id, tips[0].id, CP_ID_LEN);
    cp_free(test_mem(), tips);
    if (everything)
        cr_assert_eq(cp_heard_add(&h, CP_CONTENT, &tip), CP_OK);
    cr_assert_eq(cp_heard_set(&node, plan, b.curve, &h), CP_OK);
    cp_heard_clear(&h);
}

static void meets(uint8_t life)
{
    struct cp_report r = {.in_sync = false};
    memcpy(r.plan, plan, CP_ID_LEN);
    memset(r.incarnation, life, sizeof r.incarnation);
    cp_meet_reported(&all, b.curve, &r);
}

/* Is everything left out of what is written for it? */
static bool passed_over(void)
{
    struct cp_heard h;
    struct cp_tip *tips = NULL;
    uint64_t after_seq, last = after_seq = last_of_chain(&tips);
    enum cp_err err = cp_heard_get(&node, plan, b.curve, &h);
    cr_assert(err == CP_OK || err == CP_ERR_NOT_FOUND);
    cr_assert_eq(cp_heard_lower(cp_store_replica(s), plan, CP_CONTENT, err == CP_OK ? &h : NULL, tips, 1, &after_seq),
                 CP_OK);
    cp_heard_clear(&h);
    cp_free(test_mem(), tips);
    return after_seq == last;
}

/* What is known of what b's machine has. */
static struct cp_holds holds(void)
{
    return group_holds(&node, plan, b.curve);
}

Test(lives, an_old_file_says_nothing_of_a_machine_that_was_put_back)
{
    says(1, 10, true);
    cr_expect(passed_over(), "what a machine has it is not sent");
    says(2, 20, false);
    cr_expect_not(passed_over(), "it was put back");
    says(1, 10, true);
    cr_expect_not(passed_over(), "its old file, read once more");
    says(1, 12, true);
    cr_expect_not(passed_over(), "another one");
    cr_expect_eq(holds().how, CP_HOLDS_UNKNOWN, "of which life is the last nobody can be sure");
    says(2, 20, false);
    cr_expect_not(passed_over());
    says(2, 30, true);
    cr_expect(passed_over(), "it says itself that it has all now");
    cr_expect_eq(holds().how, CP_HOLDS_STICK);
    says(1, 12, false);
    cr_expect(passed_over(), "and what was read before changes nothing any more");
}

Test(lives, the_order_of_the_files_is_of_no_matter)
{
    says(2, 20, false);
    says(1, 10, true);
    cr_expect_not(passed_over());
    says(1, 15, true);
    cr_expect_not(passed_over());
    says(2, 30, true);
    cr_expect(passed_over());
}

/* Put back, and the battery of its clock is empty. */
Test(lives, a_clock_that_is_behind_costs_entries_that_are_sent_twice_and_no_more)
{
    says(1, 1000, true);
    says(2, 5, false);
    cr_expect_not(passed_over());
    says(2, 6, true);
    cr_expect_not(passed_over(), "nothing is believed of it");
    says(1, 900, true);
    cr_expect_not(passed_over());
    says(2, 1001, true);
    cr_expect(passed_over(), "until its clock is right");
    /* The file of the new life was read first. */
    says(4, 1100, false);
    says(3, 2000, true);
    says(4, 1101, false);
    cr_expect_not(passed_over());
}

Test(lives, a_meeting_says_which_life_it_is)
{
    uint64_t now = cp_node_time_ms();
    says(1, 10, true);
    meets(2);
    cr_expect_not(passed_over(), "what it said before it was put back");
    says(1, 11, true);
    cr_expect_not(passed_over());
    meets(2);
    says(2, 5, true);
    cr_expect(passed_over(), "whatever its clock says: in this life it was met");
    meets(2);
    cr_expect(passed_over());
    says(3, now + 1000000, false);
    cr_expect_not(passed_over(), "put back again, after the meeting");
}

Test(lives, the_sixteen_latest_are_kept_in_mind)
{
    for (uint8_t life = 1; life < 40; life++)
        says(life, 10U * life, life % 2 == 0);
    for (uint8_t life = 38; life > 24; life--)
        says(life, 10U * life, true);
    cr_expect_not(passed_over());
    says(1, 10, true);
    cr_expect_not(passed_over(), "of one that was forgotten: earlier than all that are known");
    says(39, 1000, true);
    cr_expect(passed_over());
}
