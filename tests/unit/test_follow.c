/* Carrying on: whom a continuation is for, who has come, what lets nobody in, and what is no FOLLOW. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/control.h"
#include "tests/support/heap.h"

enum { OLD = 1, NEW = 6 }; /* each in every byte of the plan's id */

struct spoil {
    const struct someone *signer;
    uint8_t plan, old; /* 0: as it should be */
    bool bent_sig, by_recovery, other_ref;
    unsigned depth;
};

static void fill(uint8_t *id, int byte)
{
    memset(id, byte, CP_ID_LEN);
}

static size_t follow(struct control_log *l, const struct someone *carrier, const struct someone *who, struct spoil s)
{
    struct cp_buf fields, text, frame;
    uint8_t sig[CP_SIG_LEN], ref[1][CP_ID_LEN], old[CP_ID_LEN];
    const struct someone *signer = s.signer == NULL ? who : s.signer;
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    cp_buf_init(&text, test_mem(), CP_STATEMENT_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    fill(old, s.old == 0 ? OLD : s.old);
    cp_follow_fields(old, &fields);
    fill(ref[0], s.plan == 0 ? NEW : s.plan);
    someone_says(CP_STATEMENT_FOLLOW, who, signer, s.by_recovery ? CP_BY_RECOVERY : CP_BY_IDENTITY, ref[0], &fields, &text, sig);
    sig[5] ^= s.bent_sig ? 1 : 0;
    ref[0][3] ^= s.other_ref ? 1 : 0;
    cp_statement_frame_write(CP_KIND_FOLLOW, (const uint8_t(*)[CP_ID_LEN])ref, 1, cp_buf_bytes(&text), sig, &frame);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    l->depth = s.depth;
    size_t at = control_add(l, carrier, frame);
    l->depth = 0;
    return at;
}

/* 0 founds the old plan and lets 1 and 2 in; then it is carried on by 0, for 0 and 1. */
struct group {
    struct control_log l;
    struct someone p[8];
    uint8_t plans[2][CP_ID_LEN];
    size_t invited[3]; /* in the old plan */
    size_t first;      /* of the continuation */
};

static struct group *group_make(void)
{
    struct group *g = calloc(1, sizeof *g);
    uint8_t heads[1][CP_ID_LEN], people[2][CP_ID_LEN];
    struct cp_buf frame;
    for (unsigned i = 0; i < 8; i++)
        someone_make(&g->p[i], i);
    (void)control_found(&g->l, &g->p[0]);
    g->l.depth = 1;
    g->l.entries[0].depth = 1;
    for (unsigned i = 1; i < 3; i++) {
        g->invited[i] = control_invite(&g->l, &g->p[0], &g->p[4 + i], NULL);
        (void)control_admit(&g->l, &g->p[0], g->invited[i], &g->p[4 + i], &(struct joining){.who = &g->p[i]});
    }
    g->l.depth = 0;
    fill(g->plans[0], NEW);
    fill(g->plans[1], OLD);
    fill(heads[0], 5);
    for (unsigned i = 0; i < 2; i++)
        memcpy(people[i], g->p[i].person, CP_ID_LEN);
    cp_id_sort(people, 2);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_continue_write((const uint8_t(*)[CP_ID_LEN])g->plans + 1, 1, (const uint8_t(*)[CP_ID_LEN])heads, 1,
                                   (const uint8_t(*)[CP_ID_LEN])people, 2, &frame), CP_OK);
    g->first = control_add(&g->l, &g->p[0], frame);
    memcpy(g->l.entries[g->first].id, g->plans[0], CP_ID_LEN);
    memcpy(g->l.plan, g->plans[0], CP_ID_LEN);
    (void)control_admit_again(&g->l, &g->p[0], 0, g->plans[1]);
    (void)control_admit_again(&g->l, &g->p[0], g->invited[1] + 1, g->l.entries[g->invited[1]].id);
    return g;
}

static void group_free(struct group *g)
{
    control_clear(&g->l);
    free(g);
}

static struct cp_members fold(const struct group *g)
{
    struct cp_members m;
    cp_members_init(&m, test_mem());
    cr_assert_eq(cp_members_fold_line(&m, g->l.entries, g->l.count, (const uint8_t(*)[CP_ID_LEN])g->plans, 2, NULL), CP_OK);
    return m;
}

static const struct cp_member_device *device(const struct cp_members *m, const struct someone *p)
{
    return cp_members_find(m, p->device);
}

static size_t come(const struct cp_members *m)
{
    size_t count = 0;
    for (size_t i = 0; i < m->named_count; i++)
        count += m->named[i].follows ? 1 : 0;
    return count;
}

static size_t come_after(struct spoil s, unsigned who)
{
    struct group *g = group_make();
    (void)follow(&g->l, &g->p[0], &g->p[who], s);
    struct cp_members m = fold(g);
    size_t count = come(&m);
    cp_members_clear(&m);
    group_free(g);
    return count;
}

Test(follow, what_is_no_follow_brings_nobody)
{
    struct group *g = group_make();
    const struct someone other = g->p[2];
    group_free(g);
    cr_assert_eq(come_after((struct spoil){.depth = 0}, 1), 1);
    cr_assert_eq(come_after((struct spoil){.bent_sig = true}, 1), 0);
    cr_assert_eq(come_after((struct spoil){.signer = &other}, 1), 0, "somebody else's key");
    cr_assert_eq(come_after((struct spoil){.by_recovery = true}, 1), 0);
    cr_assert_eq(come_after((struct spoil){.plan = 0x61}, 1), 0, "into another plan");
    cr_assert_eq(come_after((struct spoil){.old = 9}, 1), 0, "out of another plan");
    cr_assert_eq(come_after((struct spoil){.other_ref = true}, 1), 0);
    cr_assert_eq(come_after((struct spoil){.plan = OLD, .old = 9, .depth = 1}, 1), 0, "in the old plan");
    cr_assert_eq(come_after((struct spoil){.depth = 1}, 1), 0, "carried on with the old plan");
    cr_assert_eq(come_after((struct spoil){.depth = 0}, 2), 0, "somebody left out");
}

Test(follow, nobody_stands_before_they_come)
{
    struct group *g = group_make();
    struct cp_members m = fold(g);
    cr_assert_eq(m.named_count, 2);
    cr_assert_eq(come(&m), 0);
    for (unsigned i = 0; i < 2; i++) {
        const struct cp_member_device *d = device(&m, &g->p[i]);
        cr_assert(d->waits && !d->stands && cp_member_is_in(d) && !cp_member_speaks(d), "%u is met, and not one of us", i);
    }
    cr_assert(device(&m, &g->p[2]) != NULL && !cp_member_is_in(device(&m, &g->p[2])), "2 is known by name, and not met");
    cp_members_clear(&m);
    (void)follow(&g->l, &g->p[0], &g->p[0], (struct spoil){.depth = 0});
    (void)follow(&g->l, &g->p[2], &g->p[1], (struct spoil){.depth = 0}); /* whoever carries it */
    (void)follow(&g->l, &g->p[0], &g->p[1], (struct spoil){.depth = 0}); /* twice is once */
    m = fold(g);
    cr_assert_eq(come(&m), 2);
    cr_assert(cp_member_speaks(device(&m, &g->p[0])) && cp_member_speaks(device(&m, &g->p[1])));
    cr_assert(!cp_member_is_in(device(&m, &g->p[2])));
    cp_members_clear(&m);
    group_free(g);
}

Test(follow, somebody_who_is_not_named_is_let_in_by_no_old_join)
{
    struct group *g = group_make();
    (void)control_admit_again(&g->l, &g->p[0], g->invited[2] + 1, g->l.entries[g->invited[2]].id);
    (void)follow(&g->l, &g->p[0], &g->p[0], (struct spoil){.depth = 0});
    (void)follow(&g->l, &g->p[0], &g->p[2], (struct spoil){.depth = 0});
    struct cp_members m = fold(g);
    cr_assert(!device(&m, &g->p[2])->stands && !device(&m, &g->p[2])->waits && !cp_member_is_in(device(&m, &g->p[2])));
    cp_members_clear(&m);
    group_free(g);
}

Test(follow, an_old_invitation_lets_nobody_new_in)
{
    struct group *g = group_make();
    size_t fresh = 0;
    (void)control_admit(&g->l, &g->p[0], g->invited[2], &g->p[6], &(struct joining){.who = &g->p[3]}); /* a JOIN for the new plan under the old INVITE */
    (void)follow(&g->l, &g->p[0], &g->p[0], (struct spoil){.depth = 0});
    struct cp_members m = fold(g);
    cr_assert_null(device(&m, &g->p[3]));
    cp_members_clear(&m);
    fresh = control_invite(&g->l, &g->p[0], &g->p[7], NULL);
    (void)control_admit(&g->l, &g->p[0], fresh, &g->p[7], &(struct joining){.who = &g->p[3]});
    m = fold(g);
    cr_assert(cp_member_speaks(device(&m, &g->p[3])), "a new one does, by somebody who has come");
    cp_members_clear(&m);
    group_free(g);
}

/* Found by tests/model/standing. An unlocked device signs a JOIN for a puppet; what it writes would still be its owner's. */
Test(follow, a_device_comes_for_nobody_but_its_own_person)
{
    struct group *g = group_make();
    size_t fresh = control_invite(&g->l, &g->p[0], &g->p[7], NULL);
    (void)control_admit(&g->l, &g->p[0], fresh, &g->p[7], &(struct joining){.who = &g->p[3], .device = &g->p[1]});
    (void)follow(&g->l, &g->p[0], &g->p[0], (struct spoil){.depth = 0});
    struct cp_members m = fold(g);
    cr_assert(!device(&m, &g->p[1])->stands, "whose it is has not come");
    cp_members_clear(&m);
    (void)follow(&g->l, &g->p[0], &g->p[1], (struct spoil){.depth = 0});
    m = fold(g);
    cr_assert(cp_member_speaks(device(&m, &g->p[1])));
    cp_members_clear(&m);
    group_free(g);
}

Test(follow, whoever_has_yet_to_come_lets_nobody_in)
{
    struct group *g = group_make();
    size_t fresh = control_invite(&g->l, &g->p[1], &g->p[7], NULL);
    (void)control_admit(&g->l, &g->p[1], fresh, &g->p[7], &(struct joining){.who = &g->p[3]});
    struct cp_members m = fold(g);
    cr_assert(!device(&m, &g->p[3])->stands);
    cp_members_clear(&m);
    (void)follow(&g->l, &g->p[0], &g->p[1], (struct spoil){.depth = 0});
    m = fold(g);
    cr_assert(device(&m, &g->p[3])->stands);
    cp_members_clear(&m);
    group_free(g);
}

/* 1 has lost every device, and comes by an invitation and the sheet: that is no FOLLOW, and they are here. */
Test(follow, whoever_is_asked_back_in_has_come)
{
    struct group *g = group_make();
    (void)follow(&g->l, &g->p[0], &g->p[0], (struct spoil){.depth = 0});
    struct cp_members m = fold(g);
    const struct cp_member_named *one = cp_members_named(&m, g->p[1].person);
    cr_assert(one != NULL && !cp_members_came(&m, one));
    cr_assert(cp_members_came(&m, cp_members_named(&m, g->p[0].person)));
    cp_members_clear(&m);
    size_t asked = control_invite(&g->l, &g->p[0], &g->p[7], &g->p[1]);
    (void)control_admit(&g->l, &g->p[0], asked, &g->p[7], &(struct joining){.who = &g->p[1], .how = CP_JOIN_RECOVERY, .by = CP_BY_RECOVERY, .device = &g->p[3]});
    m = fold(g);
    one = cp_members_named(&m, g->p[1].person);
    cr_assert(one != NULL && !one->follows && cp_members_came(&m, one));
    cr_assert(device(&m, &g->p[1])->waits, "the lost device is no more one of us than before");
    cp_members_clear(&m);
    group_free(g);
}

/* How many have come after 1's FOLLOW by this key. */
static size_t come_by(struct group *g, const struct someone *key)
{
    size_t count = g->l.count;
    (void)follow(&g->l, &g->p[0], &g->p[1], (struct spoil){.signer = key});
    struct cp_members m = fold(g);
    size_t came = come(&m);
    cp_members_clear(&m);
    cp_buf_clear(&g->l.frames[count]);
    g->l.count = count;
    return came;
}

/* 1 changes their key by the sheet. Said in the old plan beyond the heads it is nothing here; said here it is, and in the
 * past of the heads too. */
Test(follow, a_key_counts_where_the_plan_has_heard_of_it)
{
    static const struct {
        uint8_t plan;
        unsigned depth;
        bool heard;
    } ways[] = {{OLD, 0, false}, {NEW, 1, false}, {NEW, 0, true}, {OLD, 1, true}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct group *g = group_make();
        const struct key_says says = {.stay = {&g->p[1]}};
        uint8_t id[CP_ID_LEN];
        fill(g->l.plan, ways[i].plan);
        g->l.depth = ways[i].depth;
        (void)control_key(&g->l, &g->p[2], &g->p[1], &g->p[3], &says, id);
        fill(g->l.plan, NEW);
        g->l.depth = 0;
        cr_expect_eq(come_by(g, &g->p[3]), ways[i].heard ? 1 : 0, "the new key, way %zu", i);
        cr_expect_eq(come_by(g, &g->p[1]), ways[i].heard ? 0 : 1, "the old key, way %zu", i);
        struct cp_members m = fold(g);
        cr_expect(device(&m, &g->p[1])->waits, "the device that stays is met, way %zu", i);
        cp_members_clear(&m);
        group_free(g);
    }
}

Test(follow, one_that_was_said_of_an_older_plan_is_none_here)
{
    struct group *g = group_make();
    struct cp_members m;
    uint8_t plans[3][CP_ID_LEN];
    memcpy(plans, g->plans, sizeof g->plans);
    fill(plans[2], 9);
    (void)follow(&g->l, &g->p[0], &g->p[1], (struct spoil){.plan = 9, .depth = 2});
    cp_members_init(&m, test_mem());
    cr_assert_eq(cp_members_fold_line(&m, g->l.entries, g->l.count, (const uint8_t(*)[CP_ID_LEN])plans, 3, NULL), CP_OK);
    cr_assert_eq(m.named_count, 2);
    cr_assert_eq(come(&m), 0);
    cp_members_clear(&m);
    group_free(g);
}

/* The line of keys goes on over plans: one in the past of the heads is replaced here, where its place is named. */
Test(follow, a_key_of_the_old_plan_is_replaced_here)
{
    struct group *g = group_make();
    const struct key_says first = {.stay = {&g->p[1]}};
    uint8_t before[CP_ID_LEN], id[CP_ID_LEN];
    fill(g->l.plan, OLD);
    g->l.depth = 1;
    (void)control_key(&g->l, &g->p[1], &g->p[1], &g->p[3], &first, before);
    fill(g->l.plan, NEW);
    g->l.depth = 0;
    const struct key_says second = {.stay = {&g->p[1]}, .earlier = {before}};
    (void)control_key(&g->l, &g->p[1], &g->p[1], &g->p[4], &second, id);
    cr_expect_eq(come_by(g, &g->p[4]), 1);
    cr_expect_eq(come_by(g, &g->p[3]), 0);
    cr_expect_eq(come_by(g, &g->p[1]), 0);
    group_free(g);
}

static void shuffle(struct control_log *l, uint32_t *seed)
{
    for (size_t i = l->count; i > 1; i--) {
        *seed = (uint32_t)((uint64_t)*seed * 1664525U + 1013904223U);
        size_t k = (*seed >> 8) % i;
        struct cp_control_entry e = l->entries[i - 1];
        l->entries[i - 1] = l->entries[k];
        l->entries[k] = e;
    }
}

Test(follow, any_order_gives_the_same)
{
    struct group *g = group_make();
    uint32_t seed = 7;
    size_t fresh = control_invite(&g->l, &g->p[1], &g->p[7], NULL);
    (void)control_admit(&g->l, &g->p[1], fresh, &g->p[7], &(struct joining){.who = &g->p[3]});
    (void)follow(&g->l, &g->p[2], &g->p[1], (struct spoil){.depth = 0});
    (void)follow(&g->l, &g->p[0], &g->p[0], (struct spoil){.bent_sig = true});
    (void)follow(&g->l, &g->p[0], &g->p[2], (struct spoil){.depth = 0});
    struct cp_members want = fold(g);
    for (int turn = 0; turn < 300; turn++) {
        shuffle(&g->l, &seed);
        struct cp_members m = fold(g);
        cr_assert_eq(m.count, want.count);
        for (size_t i = 0; i < m.count; i++)
            cr_assert(m.devices[i].stands == want.devices[i].stands && m.devices[i].waits == want.devices[i].waits &&
                      memcmp(m.devices[i].person, want.devices[i].person, CP_ID_LEN) == 0 &&
                      memcmp(m.devices[i].admission, want.devices[i].admission, CP_ID_LEN) == 0);
        cr_assert_eq(come(&m), 1);
        cp_members_clear(&m);
    }
    cp_members_clear(&want);
    group_free(g);
}

static bool reads(struct cp_bytes frame)
{
    struct cp_control c;
    cp_control_read(frame, &c);
    return c.known;
}

Test(follow, frames_that_are_cut_or_out_of_order_say_nothing)
{
    struct group *g = group_make();
    size_t at = follow(&g->l, &g->p[0], &g->p[1], (struct spoil){.depth = 0});
    const size_t which[] = {g->first, at};
    uint8_t ids[3][CP_ID_LEN];
    struct cp_buf b;
    for (size_t k = 0; k < 2; k++) {
        struct cp_bytes frame = g->l.entries[which[k]].frame;
        cr_assert(reads(frame));
        for (size_t cut = 0; cut < frame.len; cut++)
            cr_assert(!reads(CP_BYTES(frame.ptr, cut)), "cut at %zu", cut);
    }
    cp_buf_init(&b, test_mem(), CP_ENTRY_MAX);
    for (unsigned i = 0; i < 3; i++)
        fill(ids[i], (int)(3 - i)); /* descending */
    const uint8_t(*down)[CP_ID_LEN] = (const uint8_t(*)[CP_ID_LEN])ids;
    cr_assert_eq(cp_continue_write(down, 1, down, 2, down + 2, 1, &b), CP_ERR_BAD_VALUE, "heads descend");
    cr_assert_eq(cp_continue_write(down, 1, down + 2, 1, down, 2, &b), CP_ERR_BAD_VALUE, "people descend");
    cr_assert_eq(cp_continue_write(down, 0, down, 1, down, 1, &b), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_continue_write(down, 1, down, 0, down, 1, &b), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_continue_write(down, 1, down, 1, down, 0, &b), CP_ERR_BAD_VALUE);
    for (unsigned bad = 0; bad < 4; bad++) { /* the same, as somebody else may have written them */
        cp_buf_reset(&b);
        cp_put_array(&b, 4);
        cp_put_uint(&b, CP_KIND_FIRST);
        cp_put_array(&b, 3);
        for (unsigned i = 0; i < 3; i++)
            cp_put_fixed(&b, ids[bad == 0 ? i : bad == 3 ? 0 : 2 - i], CP_ID_LEN);
        cp_put_nil(&b);
        cp_put_array(&b, 2);
        cp_put_uint(&b, bad == 1 ? 0 : bad == 2 ? 3 : 1); /* no plan; no head */
        cp_put_array(&b, 1);
        cp_put_fixed(&b, ids[0], CP_ID_LEN);
        cr_assert(!reads(cp_buf_bytes(&b)), "%u", bad);
    }
    cp_buf_clear(&b);
    group_free(g);
}
