/*
 * What a home remembers of its meetings, and what follows for who has seen what (daemon/meet_facts.c, daemon/holds.h): only what
 * was proven, of one life of the other machine, also after the home was closed, and from notes that an earlier program wrote.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/holds.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct someone a, b;
static struct cp_store *s;
static uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
static struct cp_node node;
static struct cp_meeting all;

static void open_home(void)
{
    node = (struct cp_node){.mem = test_mem(), .store = s, .meetings = &all};
    all = (struct cp_meeting){.node = &node};
    cp_meet_facts_load(&all);
}

static void close_home(void)
{
    cp_meet_facts_save(&all);
    cp_free(test_mem(), all.reports);
    cp_free(test_mem(), all.places);
}

static void before(void)
{
    folder = group_begin(&a, &b, &s, NULL, plan, "a garden", item);
    open_home();
}

static void after(void)
{
    close_home();
    group_end(folder, s, NULL);
}

TestSuite(facts, .init = before, .fini = after);

/* The exchange with b's machine is over; `life` is which life of that machine it was. */
static void met(bool in_sync, bool more, uint8_t life)
{
    struct cp_report r = {.in_sync = in_sync, .more = more};
    memcpy(r.plan, plan, CP_ID_LEN);
    memset(r.incarnation, life, sizeof r.incarnation);
    cp_meet_reported(&all, b.curve, &r);
}

/* What is known of what b's machine has. */
static struct cp_holds holds(void)
{
    return group_holds(&node, plan, b.curve);
}

Test(facts, only_what_was_proven_is_said_of_a_machine)
{
    uint8_t id[CP_ID_LEN];
    uint64_t row = 0;
    cr_expect_eq(holds().how, CP_HOLDS_UNKNOWN);
    met(false, false, 1);
    cr_expect_eq(holds().how, CP_HOLDS_UNKNOWN, "they met, and nothing was proven");
    met(true, true, 1);
    cr_expect_eq(holds().how, CP_HOLDS_UNKNOWN, "more came in meanwhile than was compared");
    cr_expect_not(cp_meet_last(&all, plan, b.curve)->in_sync);
    met(true, false, 1);
    cr_assert_eq(cp_store_last_row(s, &row), CP_OK);
    cr_expect(holds().how == CP_HOLDS_MET && holds().lacks == 0 && holds().first == UINT64_MAX);
    group_item(s, &a, plan, "a pond", id);
    group_item(s, &a, plan, "a bench", id);
    cr_expect(holds().lacks == 2 && holds().first == row + 1, "what came after that");
    met(false, false, 1);
    cr_expect(holds().how == CP_HOLDS_MET && holds().lacks == 2, "what it once held it holds");
    met(false, false, 2);
    cr_expect_eq(holds().how, CP_HOLDS_UNKNOWN, "unless it was set back: then it is another life");
}

/* More plans than one meeting takes: who has had no turn comes first, then who had it longest ago; what is alike stays as it stands. */
Test(facts, plans_come_to_their_turn)
{
    uint8_t plans[3][CP_ID_LEN] = {{0}, {8}, {9}};
    memcpy(plans[0], plan, CP_ID_LEN);
    met(true, false, 1);
    cp_meet_in_turn(&all, b.curve, plans, 3);
    cr_expect_eq(plans[0][0], 8);
    cr_expect_eq(plans[1][0], 9);
    cr_expect_arr_eq(plans[2], plan, CP_ID_LEN, "it had its turn");
    cp_meet_in_turn(&all, a.curve, plans, 3);
    cr_expect_eq(plans[0][0], 8, "of another machine nothing follows");
    cr_expect_arr_eq(plans[2], plan, CP_ID_LEN);
}

Test(facts, are_kept_when_the_home_is_closed)
{
    uint8_t id[CP_ID_LEN];
    met(true, false, 1);
    group_item(s, &a, plan, "a pond", id);
    close_home();
    open_home();
    cr_expect(holds().how == CP_HOLDS_MET && holds().lacks == 1);
    met(false, false, 1);
    cr_expect_eq(holds().how, CP_HOLDS_MET, "the life is kept too");
}

/* meet.reports as it was written before it said when they were in sync last, and bent. */
static void note(size_t members, size_t count)
{
    struct cp_buf out;
    uint8_t digest[CP_ID_LEN] = {7};
    close_home();
    cp_buf_init(&out, test_mem(), 4096);
    cp_put_array(&out, 1);
    cp_put_array(&out, members);
    cp_put_fixed(&out, plan, CP_ID_LEN);
    cp_put_fixed(&out, b.curve, CP_KEY_LEN);
    cp_put_uint(&out, 1700000000000);
    cp_put_uint(&out, 1);
    cp_put_uint(&out, 3);
    cp_put_uint(&out, 5);
    cp_put_fixed(&out, digest, sizeof digest);
    for (size_t i = 7; i < count; i++)
        cp_put_uint(&out, 9);
    cr_assert_eq(cp_store_note_set(s, "meet.reports", cp_buf_bytes(&out)), CP_OK);
    cp_buf_clear(&out);
    open_home();
}

Test(facts, of_an_earlier_program)
{
    note(7, 7);
    const struct cp_meet_report *r = cp_meet_last(&all, plan, b.curve);
    cr_assert_not_null(r);
    cr_expect(r->in_sync && r->missing == 3 && r->entries == 5 && r->time_ms == 1700000000000);
    cr_expect_eq(holds().how, CP_HOLDS_UNKNOWN, "it did not say up to where");
    for (size_t members = 8; members < 10; members++) {
        note(members, members);
        cr_expect_null(cp_meet_last(&all, plan, b.curve), "%zu: it is only a memory, so it begins anew", members);
    }
}
