/*
 * What lies at a carrier for a machine (daemon/bundle_offer.c), when a member lets in a device of nobody's and says that it is on
 * that machine.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/bundle.h"
#include "daemon/work.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct someone asha, vera;
static struct cp_store *s;
static uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
static struct cp_keeper *ours;
static struct cp_node node;

static void before(void)
{
    static const uint8_t seal[32] = {0};
    struct cp_kdf kdf;
    char sheet[CP_SHEET_MAX];
    folder = group_begin(&asha, &vera, &s, NULL, plan, "a garden", item);
    cp_kdf_choose(&kdf, true);
    cr_assert_eq(cp_keeper_create(&ours, in_folder(folder, "ours"), cp_bytes_str("ours"), &kdf, seal, sheet),
                 CP_OK);
    cr_assert_eq(cp_keeper_unlock_plain(ours), CP_OK);
    node = (struct cp_node){.mem = test_mem(), .store = s, .keeper = ours};
}

static void after(void)
{
    cp_keeper_free(ours);
    group_end(folder, s, NULL);
}

TestSuite(offer, .init = before, .fini = after);

/* Whoever knew the puppet but not Vera made no box for her: what they put there does not count as lying there for her. */
Test(offer, what_lies_at_a_carrier_for_a_puppet_lies_there_for_nobody_else)
{
    const struct cp_replica *held = cp_store_replica(s);
    struct someone late, early;
    struct cp_carried_machine writers[3] = {
        {.key = {5}, .number = 1}, {.key = {6}, .number = 2}, {.key = {7}, .number = 3}};
    struct cp_carried there = {.machines = writers, .machines_count = 3};
    struct cp_bundle_offer offer = {.pile = {8}, .carried = &there};
    struct cp_heard h, many;
    struct cp_tip *tips = NULL;
    size_t count = 0;
    struct cp_bundle_to to[2];
    uint64_t lies = 0, hers, puppets, both;
    someone_make(&late, 5);
    someone_make(&early, 6);
    memcpy(early.box, early.curve, CP_KEY_LEN);
    memcpy(early.curve, late.curve, CP_KEY_LEN);
    memcpy(late.box, late.curve, CP_KEY_LEN);
    group_add(s, &asha, plan, &early, 3);
    cp_heard_init(&h, test_mem());
    cp_heard_init(&many, test_mem());
    cr_assert_eq(held->tips(held->ctx, plan, CP_CONTROL, &tips, &count), CP_OK);
    cr_assert_eq(count, 1);
    struct cp_bundle_tip tip = {.seq = lies = tips[0].seq};
    memcpy(tip.id, tips[0].id, CP_ID_LEN);
    cp_free(test_mem(), tips);
    cr_assert_eq(cp_heard_add(&h, CP_CONTROL, &tip), CP_OK);
    cr_assert_eq(cp_heard_set(&node, offer.pile, writers[0].key, &h), CP_OK);
    group_add(s, &asha, plan, &late, 4);
    for (size_t i = 0; i < CP_HEARD_TIPS_MAX / 2 + 1;
         i++) { /* branches that nobody here has: no reason to fail */
        tip = (struct cp_bundle_tip){.seq = 1, .id = {1, (uint8_t)i, (uint8_t)(i >> 8)}};
        cr_assert_eq(cp_heard_add(&many, CP_CONTROL, &tip), CP_OK);
    }
    for (size_t i = 1; i < 3; i++)
        cr_assert_eq(cp_heard_set(&node, offer.pile, writers[i].key, &many), CP_OK);
    cp_heard_clear(&many);
    cr_assert_eq(held->tips(held->ctx, plan, CP_CONTROL, &tips, &count), CP_OK);
    hers = puppets = both = tips[0].seq;
    memcpy(to[0].curve_key, late.curve, CP_KEY_LEN);
    memcpy(to[0].box_key, late.box, CP_KEY_LEN);
    memcpy(to[1].curve_key, late.curve, CP_KEY_LEN);
    memcpy(to[1].box_key, early.box, CP_KEY_LEN);
    cr_assert_eq(cp_offer_lower(&node, &offer, plan, &to[0], 1, CP_CONTROL, tips, count, &hers), CP_OK);
    cr_assert_eq(cp_offer_lower(&node, &offer, plan, &to[1], 1, CP_CONTROL, tips, count, &puppets), CP_OK);
    cr_assert_eq(cp_offer_lower(&node, &offer, plan, to, 2, CP_CONTROL, tips, count, &both), CP_OK);
    cr_expect_eq(both, 0, "what one of them lacks goes to both");
    cr_expect_eq(hers, 0);
    cr_expect(puppets == lies && lies > 0);
    cp_free(test_mem(), tips);
    cp_heard_clear(&h);
}

/* ---- What is written for it ---- */

struct ending {
    bool done;
    enum cp_err err;
    struct cp_bundle_written wrote;
};

static void was_written(void *ctx, enum cp_err err, const struct cp_bundle_written *w)
{
    struct ending *e = ctx;
    *e = (struct ending){.done = true, .err = err, .wrote = *w};
}

static void progressed(void *ctx, uint64_t done, uint64_t of)
{
    (void)ctx;
    (void)done;
    (void)of;
}

static uint64_t written(bool control_only)
{
    struct cp_carried there = {.machines_count = 0};
    struct cp_heard said;
    struct cp_bundle_offer offer = {
        .pile = {8}, .carried = &there, .control_only = control_only, .said = &said};
    struct cp_bundle_plan what = {.one_person = false};
    struct ending end = {.done = false};
    struct cp_bundle_write ask = {.path = in_folder(folder, "going"),
                                  .plans = &what,
                                  .plans_count = 1,
                                  .offer = &offer,
                                  .done = was_written,
                                  .progress = progressed,
                                  .ctx = &end};
    memcpy(what.plan, plan, CP_ID_LEN);
    cp_heard_init(&said, test_mem());
    cr_assert_eq(cp_bundle_write_start(&node, &ask), CP_OK);
    while (!end.done)
        cp_work_step(&node);
    cp_heard_clear(&said);
    cr_expect_eq(end.err, CP_OK);
    return end.wrote.entries;
}

/* Whoever has an older secret alone needs what leads to the newer one; the words lie in its pile. */
Test(offer, under_an_older_ticket_lies_control_alone)
{
    size_t count = 0;
    uint64_t *rows = group_rows(s, plan, &count);
    cp_free(test_mem(), rows);
    cr_expect_eq(written(false), count);
    cr_expect_eq(written(true), count - 1, "all but the garden");
}
