/* Carrying on: whom a continuation is for, who has come, what lets nobody in, and what is no FOLLOW. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/replica.h"

enum { ENTRIES_MAX = 24 };
struct someone {
    uint8_t key[3][CP_KEY_LEN]; /* device, identity, recovery */
    uint8_t secret[3][64];
};
struct log {
    struct cp_control_entry entries[ENTRIES_MAX];
    struct cp_buf frames[ENTRIES_MAX];
    size_t count;
    uint8_t plan[CP_ID_LEN];
};

static void someone_make(struct someone *p, unsigned n)
{
    for (unsigned i = 0; i < 3; i++) {
        uint8_t seed[32] = {(uint8_t)n, (uint8_t)(i + 1)};
        (void)crypto_sign_seed_keypair(p->key[i], p->secret[i], seed);
    }
}

static void sign(enum cp_tag tag, struct cp_bytes text, const uint8_t *secret, uint8_t *sig)
{
    struct cp_buf b;
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    cp_sign_input(tag, text, &b);
    (void)crypto_sign_detached(sig, NULL, b.ptr, b.len, secret);
    cp_buf_clear(&b);
}

/* A join array; token_secret NULL: a founder's. */
static void make_join_how(struct cp_buf *out, const struct someone *p, enum cp_join_how how, const uint8_t *device,
                          const uint8_t *device_secret, const uint8_t *plan, const uint8_t *invite,
                          const uint8_t *token_secret)
{
    uint8_t sigs[3][CP_SIG_LEN];
    struct cp_buf text;
    struct cp_join j = {.how = how, .device_name = cp_bytes_str("phone"), .name = cp_bytes_str("Asha")};
    memcpy(j.plan, plan, CP_ID_LEN);
    memcpy(j.invite, invite, CP_ID_LEN);
    memcpy(j.device_key, device, CP_KEY_LEN);
    memcpy(j.identity_key, p->key[1], CP_KEY_LEN);
    memcpy(j.recovery_key, p->key[2], CP_KEY_LEN);
    cp_person_id(j.identity_key, j.recovery_key, j.person);
    cp_buf_init(&text, &replica_mem, CP_JOIN_MAX);
    cp_join_text(&j, &text);
    j.text = cp_buf_bytes(&text);
    sign(CP_TAG_STATEMENT_DEVICE, j.text, device_secret, sigs[0]);
    sign(CP_TAG_STATEMENT_IDENTITY, j.text, p->secret[1], sigs[1]);
    j.device_sig = sigs[0];
    j.identity_sig = sigs[1];
    if (token_secret != NULL) {
        sign(CP_TAG_STATEMENT_TOKEN, j.text, token_secret, sigs[2]);
        j.token_sig = sigs[2];
    }
    cp_join_write(&j, out);
    cp_buf_clear(&text);
}

static void make_join(struct cp_buf *out, const struct someone *p, const uint8_t *plan, const uint8_t *invite,
                      const uint8_t *token_secret)
{
    make_join_how(out, p, CP_JOIN_NEW, p->key[0], p->secret[0], plan, invite, token_secret);
}

static size_t add(struct log *l, const uint8_t *author, struct cp_buf frame)
{
    size_t at = l->count++;
    l->frames[at] = frame;
    l->entries[at] = (struct cp_control_entry){.lamport = at + 1, .frame = cp_buf_bytes(&l->frames[at])};
    memcpy(l->entries[at].device, author, CP_KEY_LEN);
    memset(l->entries[at].id, (int)(at + 1), CP_ID_LEN);
    return at;
}

static void found(struct log *l, const struct someone *p)
{
    struct cp_buf join, frame;
    memset(l, 0, sizeof *l);
    memset(l->plan, 1, CP_ID_LEN); /* the id that add() gives the first */
    cp_buf_init(&join, &replica_mem, CP_JOIN_MAX);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    make_join(&join, p, cp_zero_id, cp_zero_id, NULL);
    cp_first_write(cp_buf_bytes(&join), &frame);
    (void)add(l, p->key[0], frame);
    cp_buf_clear(&join);
}

static size_t invite(struct log *l, const struct someone *by, const struct someone *token)
{
    struct cp_buf frame;
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    cp_invite_write(token->key[0], token->key[1], NULL, &frame);
    return add(l, by->key[0], frame);
}

static size_t admit(struct log *l, const struct someone *by, size_t invitation, const struct someone *who,
                    const struct someone *token)
{
    struct cp_buf join, frame;
    cp_buf_init(&join, &replica_mem, CP_JOIN_MAX);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    make_join(&join, who, l->plan, l->entries[invitation].id, token->secret[0]);
    cp_admit_write(l->entries[invitation].id, cp_buf_bytes(&join), &frame);
    cp_buf_clear(&join);
    return add(l, by->key[0], frame);
}

static void log_clear(struct log *l)
{
    for (size_t i = 0; i < l->count; i++)
        cp_buf_clear(&l->frames[i]);
}


enum { OLD = 1, NEW = 0x60 };

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

static size_t follow(struct log *l, const struct someone *carrier, const struct someone *who, struct spoil s)
{
    struct cp_buf fields, text, frame;
    uint8_t sig[CP_SIG_LEN], ref[1][CP_ID_LEN], old[CP_ID_LEN];
    const struct someone *signer = s.signer == NULL ? who : s.signer;
    struct cp_statement st = {.kind = CP_STATEMENT_FOLLOW, .by = s.by_recovery ? CP_BY_RECOVERY : CP_BY_IDENTITY};
    unsigned key = s.by_recovery ? 2 : 1;
    cp_buf_init(&fields, &replica_mem, CP_STATEMENT_MAX);
    cp_buf_init(&text, &replica_mem, CP_STATEMENT_MAX);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    fill(old, s.old == 0 ? OLD : s.old);
    cp_follow_fields(old, &fields);
    fill(st.plan, s.plan == 0 ? NEW : s.plan);
    cp_person_id(who->key[1], who->key[2], st.person);
    memcpy(st.key, signer->key[key], CP_KEY_LEN);
    st.fields = cp_buf_bytes(&fields);
    cp_statement_text(&st, &text);
    sign(cp_statement_tag(st.by), cp_buf_bytes(&text), signer->secret[key], sig);
    sig[5] ^= s.bent_sig ? 1 : 0;
    memcpy(ref[0], st.plan, CP_ID_LEN);
    ref[0][3] ^= s.other_ref ? 1 : 0;
    cp_statement_frame_write(CP_KIND_FOLLOW, (const uint8_t(*)[CP_ID_LEN])ref, 1, cp_buf_bytes(&text), sig, &frame);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    size_t at = add(l, carrier->key[0], frame);
    l->entries[at].depth = s.depth;
    return at;
}

/* The JOIN of entry `at`, let in again here under what let it in there. */
static size_t admit_old(struct log *l, const struct someone *by, size_t at, const uint8_t *invite)
{
    struct cp_control c;
    struct cp_buf join, frame;
    cp_control_read(l->entries[at].frame, &c);
    cr_assert(c.known);
    cp_buf_init(&join, &replica_mem, CP_JOIN_MAX);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    cp_join_write(&c.join, &join);
    cp_admit_write(invite, cp_buf_bytes(&join), &frame);
    cp_buf_clear(&join);
    return add(l, by->key[0], frame);
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, CP_ID_LEN);
}

/* 0 founds the old plan and lets 1 and 2 in; then it is carried on by 0, for 0 and 1. */
struct group {
    struct log l;
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
    found(&g->l, &g->p[0]);
    for (unsigned i = 1; i < 3; i++) {
        g->invited[i] = invite(&g->l, &g->p[0], &g->p[4 + i]);
        (void)admit(&g->l, &g->p[0], g->invited[i], &g->p[i], &g->p[4 + i]);
    }
    for (size_t i = 0; i < g->l.count; i++)
        g->l.entries[i].depth = 1;
    fill(g->plans[0], NEW);
    fill(g->plans[1], OLD);
    fill(heads[0], 5);
    for (unsigned i = 0; i < 2; i++)
        cp_person_id(g->p[i].key[1], g->p[i].key[2], people[i]);
    qsort(people, 2, CP_ID_LEN, by_id);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    cr_assert_eq(cp_continue_write((const uint8_t(*)[CP_ID_LEN])g->plans + 1, 1, (const uint8_t(*)[CP_ID_LEN])heads, 1,
                                   (const uint8_t(*)[CP_ID_LEN])people, 2, &frame), CP_OK);
    g->first = add(&g->l, g->p[0].key[0], frame);
    memcpy(g->l.entries[g->first].id, g->plans[0], CP_ID_LEN);
    memcpy(g->l.plan, g->plans[0], CP_ID_LEN);
    (void)admit_old(&g->l, &g->p[0], 0, g->plans[1]);
    (void)admit_old(&g->l, &g->p[0], g->invited[1] + 1, g->l.entries[g->invited[1]].id);
    return g;
}

static void group_free(struct group *g)
{
    log_clear(&g->l);
    free(g);
}

static struct cp_members fold(const struct group *g)
{
    struct cp_members m;
    cp_members_init(&m, &replica_mem);
    cr_assert_eq(cp_members_fold_line(&m, g->l.entries, g->l.count, (const uint8_t(*)[CP_ID_LEN])g->plans, 2, NULL), CP_OK);
    return m;
}

static const struct cp_member_device *device(const struct cp_members *m, const struct someone *p)
{
    return cp_members_find(m, p->key[0]);
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
    (void)admit_old(&g->l, &g->p[0], g->invited[2] + 1, g->l.entries[g->invited[2]].id);
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
    (void)admit(&g->l, &g->p[0], g->invited[2], &g->p[3], &g->p[6]); /* a JOIN for the new plan under the old INVITE */
    (void)follow(&g->l, &g->p[0], &g->p[0], (struct spoil){.depth = 0});
    struct cp_members m = fold(g);
    cr_assert_null(device(&m, &g->p[3]));
    cp_members_clear(&m);
    fresh = invite(&g->l, &g->p[0], &g->p[7]);
    (void)admit(&g->l, &g->p[0], fresh, &g->p[3], &g->p[7]);
    m = fold(g);
    cr_assert(cp_member_speaks(device(&m, &g->p[3])), "a new one does, by somebody who has come");
    cp_members_clear(&m);
    group_free(g);
}

/* Found by tests/model/standing. An unlocked device signs a JOIN for a puppet; what it writes would still be its owner's. */
Test(follow, a_device_comes_for_nobody_but_its_own_person)
{
    struct group *g = group_make();
    struct someone puppet = g->p[3];
    memcpy(puppet.key[0], g->p[1].key[0], sizeof puppet.key[0]);
    memcpy(puppet.secret[0], g->p[1].secret[0], sizeof puppet.secret[0]);
    size_t fresh = invite(&g->l, &g->p[0], &g->p[7]);
    (void)admit(&g->l, &g->p[0], fresh, &puppet, &g->p[7]);
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
    size_t fresh = invite(&g->l, &g->p[1], &g->p[7]);
    (void)admit(&g->l, &g->p[1], fresh, &g->p[3], &g->p[7]);
    struct cp_members m = fold(g);
    cr_assert(!device(&m, &g->p[3])->stands);
    cp_members_clear(&m);
    (void)follow(&g->l, &g->p[0], &g->p[1], (struct spoil){.depth = 0});
    m = fold(g);
    cr_assert(device(&m, &g->p[3])->stands);
    cp_members_clear(&m);
    group_free(g);
}

static void shuffle(struct log *l, uint32_t *seed)
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
    size_t fresh = invite(&g->l, &g->p[1], &g->p[7]);
    (void)admit(&g->l, &g->p[1], fresh, &g->p[3], &g->p[7]);
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
    cp_buf_init(&b, &replica_mem, CP_ENTRY_MAX);
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
