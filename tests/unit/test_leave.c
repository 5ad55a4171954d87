/* Leaving: which JOINs a LEAVE ends, what stays, and what is no LEAVE. */
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

/* The statement id of the JOIN in entry `at`. */
static void join_id(const struct log *l, size_t at, uint8_t out[static CP_ID_LEN])
{
    struct cp_control c;
    cp_control_read(l->entries[at].frame, &c);
    cr_assert(c.known);
    cp_statement_id(c.join.text, out);
}

/* What a LEAVE may be got wrong in; zeros: a good one by `who` of these JOINs. */
struct spoil {
    const struct someone *signer; /* whose identity signs and is named */
    const uint8_t *plan;
    bool bent_sig, by_recovery, other_refs;
};

static void leave_frame(const struct log *l, const struct someone *who, const uint8_t (*ids)[CP_ID_LEN], size_t count,
                        struct spoil s, struct cp_buf *out)
{
    struct cp_buf fields, text;
    uint8_t sig[CP_SIG_LEN], refs[CP_LEAVE_JOINS_MAX][CP_ID_LEN];
    const struct someone *signer = s.signer == NULL ? who : s.signer;
    struct cp_statement st = {.kind = CP_STATEMENT_LEAVE, .by = s.by_recovery ? CP_BY_RECOVERY : CP_BY_IDENTITY};
    unsigned key = s.by_recovery ? 2 : 1;
    cp_buf_init(&fields, &replica_mem, CP_STATEMENT_MAX);
    cp_buf_init(&text, &replica_mem, CP_STATEMENT_MAX);
    cr_assert_eq(cp_leave_fields(ids, count, &fields), CP_OK);
    memcpy(st.plan, s.plan == NULL ? l->plan : s.plan, CP_ID_LEN);
    cp_person_id(who->key[1], who->key[2], st.person);
    memcpy(st.key, signer->key[key], CP_KEY_LEN);
    st.fields = cp_buf_bytes(&fields);
    cp_statement_text(&st, &text);
    sign(cp_statement_tag(st.by), cp_buf_bytes(&text), signer->secret[key], sig);
    sig[5] ^= s.bent_sig ? 1 : 0;
    memcpy(refs, ids, count * CP_ID_LEN);
    refs[0][3] ^= s.other_refs ? 1 : 0;
    cp_statement_frame_write(CP_KIND_LEAVE, (const uint8_t(*)[CP_ID_LEN])refs, count, cp_buf_bytes(&text), sig, out);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
}

static size_t leave(struct log *l, const struct someone *carrier, const struct someone *who, size_t join, struct spoil s)
{
    struct cp_buf frame;
    uint8_t ids[1][CP_ID_LEN];
    join_id(l, join, ids[0]);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    leave_frame(l, who, (const uint8_t(*)[CP_ID_LEN])ids, 1, s, &frame);
    return add(l, carrier->key[0], frame);
}

static struct cp_members fold(struct log *l)
{
    struct cp_members m;
    cp_members_init(&m, &replica_mem);
    cr_assert_eq(cp_members_fold(&m, l->entries, l->count, l->plan, NULL), CP_OK);
    return m;
}

static const struct cp_member_device *device(const struct cp_members *m, const struct someone *p)
{
    const struct cp_member_device *d = cp_members_find(m, p->key[0]);
    cr_assert_not_null(d);
    return d;
}

/* 0 founds; 1 comes in by 0 and lets 2 in. Indices of the entries that admit. */
struct group {
    struct log l;
    struct someone p[16];
    size_t first, one, two;
};

static struct group *group_make(void)
{
    struct group *g = calloc(1, sizeof *g);
    for (unsigned i = 0; i < 16; i++)
        someone_make(&g->p[i], i);
    found(&g->l, &g->p[0]);
    size_t i1 = invite(&g->l, &g->p[0], &g->p[10]);
    g->one = admit(&g->l, &g->p[0], i1, &g->p[1], &g->p[10]);
    size_t i2 = invite(&g->l, &g->p[1], &g->p[11]);
    g->two = admit(&g->l, &g->p[1], i2, &g->p[2], &g->p[11]);
    return g;
}

static void group_free(struct group *g)
{
    log_clear(&g->l);
    free(g);
}

Test(leave, whoever_left_is_out_and_what_they_did_stands)
{
    struct group *g = group_make();
    (void)leave(&g->l, &g->p[1], &g->p[1], g->one, (struct spoil){0});
    struct cp_members m = fold(&g->l);
    const struct cp_member_device *d = device(&m, &g->p[1]);
    cr_assert(d->left && d->stands && !cp_member_is_in(d) && cp_member_may_stay(d));
    cr_assert(cp_member_is_in(device(&m, &g->p[2])), "whom they let in stays in");
    cr_assert(cp_member_is_in(device(&m, &g->p[0])));
    cp_members_clear(&m);
    group_free(g);
}

Test(leave, the_founder_may_leave_too_and_anybody_may_carry_it)
{
    struct group *g = group_make();
    (void)leave(&g->l, &g->p[2], &g->p[0], g->first, (struct spoil){0});
    struct cp_members m = fold(&g->l);
    cr_assert(device(&m, &g->p[0])->left);
    cr_assert(cp_member_is_in(device(&m, &g->p[1])) && cp_member_is_in(device(&m, &g->p[2])));
    cp_members_clear(&m);
    group_free(g);
}

Test(leave, it_is_the_same_in_any_order)
{
    struct group *g = group_make();
    (void)leave(&g->l, &g->p[1], &g->p[1], g->one, (struct spoil){0});
    for (size_t turn = 0; turn < g->l.count; turn++) {
        struct cp_control_entry first = g->l.entries[0];
        memmove(&g->l.entries[0], &g->l.entries[1], (g->l.count - 1) * sizeof first);
        g->l.entries[g->l.count - 1] = first;
        struct cp_members m = fold(&g->l);
        cr_assert(device(&m, &g->p[1])->left);
        cr_assert(cp_member_is_in(device(&m, &g->p[2])));
        cp_members_clear(&m);
    }
    group_free(g);
}

Test(leave, the_join_never_counts_again_and_a_new_one_does)
{
    struct group *g = group_make();
    (void)leave(&g->l, &g->p[1], &g->p[1], g->one, (struct spoil){0});
    struct cp_buf again;
    cp_buf_init(&again, &replica_mem, CP_ENTRY_MAX);
    cp_buf_put_bytes(&again, g->l.entries[g->one].frame);
    (void)add(&g->l, g->p[2].key[0], again); /* admitted once more, by somebody else, with the same JOIN */
    struct cp_members m = fold(&g->l);
    cr_assert(device(&m, &g->p[1])->left);
    cp_members_clear(&m);
    size_t i3 = invite(&g->l, &g->p[2], &g->p[12]);
    size_t back = admit(&g->l, &g->p[2], i3, &g->p[1], &g->p[12]);
    m = fold(&g->l);
    cr_assert(cp_member_is_in(device(&m, &g->p[1])), "a new invitation");
    cr_assert_eq(m.joins_count, 4);
    cp_members_clear(&m);
    (void)leave(&g->l, &g->p[1], &g->p[1], back, (struct spoil){0});
    m = fold(&g->l);
    cr_assert(device(&m, &g->p[1])->left, "and out again");
    cp_members_clear(&m);
    group_free(g);
}

Test(leave, a_way_back_by_somebody_who_does_not_stand_is_none)
{
    struct group *g = group_make();
    (void)leave(&g->l, &g->p[1], &g->p[1], g->one, (struct spoil){0});
    size_t i3 = invite(&g->l, &g->p[9], &g->p[12]); /* 9 was never let in */
    (void)admit(&g->l, &g->p[9], i3, &g->p[1], &g->p[12]);
    struct cp_members m = fold(&g->l);
    cr_assert(device(&m, &g->p[1])->left);
    cp_members_clear(&m);
    group_free(g);
}

Test(leave, what_somebody_else_made_up_counts_nowhere)
{
    static const uint8_t other_plan[CP_ID_LEN] = {9};
    struct group *g = group_make();
    const struct spoil spoils[] = {
        {.signer = &g->p[0]},     /* another member's key */
        {.signer = &g->p[9]},     /* a stranger's */
        {.plan = other_plan},     /* made for another plan */
        {.bent_sig = true},
        {.by_recovery = true},    /* the sheet's key does not leave */
        {.other_refs = true},     /* the frame names something else */
    };
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        size_t count = g->l.count;
        (void)leave(&g->l, &g->p[0], &g->p[1], g->one, spoils[i]);
        struct cp_members m = fold(&g->l);
        cr_assert_not(device(&m, &g->p[1])->left, "spoil %zu", i);
        cp_members_clear(&m);
        cp_buf_clear(&g->l.frames[count]);
        g->l.count = count;
    }
    (void)leave(&g->l, &g->p[2], &g->p[2], g->one, (struct spoil){0}); /* 2 names the JOIN of 1 */
    struct cp_members m = fold(&g->l);
    cr_assert_not(device(&m, &g->p[1])->left);
    cr_assert_not(device(&m, &g->p[2])->left);
    cp_members_clear(&m);
    group_free(g);
}

Test(leave, fields_ascend_each_once)
{
    uint8_t ids[CP_LEAVE_JOINS_MAX + 1][CP_ID_LEN];
    const uint8_t(*in)[CP_ID_LEN] = (const uint8_t(*)[CP_ID_LEN])ids;
    struct cp_buf out;
    for (size_t i = 0; i <= CP_LEAVE_JOINS_MAX; i++)
        memset(ids[i], (int)i + 1, CP_ID_LEN);
    cp_buf_init(&out, &replica_mem, CP_STATEMENT_MAX);
    cr_assert_eq(cp_leave_fields(in, CP_LEAVE_JOINS_MAX, &out), CP_OK);
    cr_assert_eq(cp_leave_fields(in, CP_LEAVE_JOINS_MAX + 1, &out), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_leave_fields(in, 0, &out), CP_ERR_BAD_VALUE);
    memcpy(ids[1], ids[0], CP_ID_LEN);
    cr_assert_eq(cp_leave_fields(in, 2, &out), CP_ERR_BAD_VALUE, "twice");
    memset(ids[0], 7, CP_ID_LEN);
    cr_assert_eq(cp_leave_fields(in, 2, &out), CP_ERR_BAD_VALUE, "descending");
    cp_buf_clear(&out);
}

/* A text that no writer makes: ids out of order, twice, none, or a statement of another kind. */
Test(leave, what_is_no_leave_is_refused)
{
    static const uint8_t sig[CP_SIG_LEN] = {1};
    struct cp_leave got;
    for (unsigned way = 0; way < 6; way++) {
        uint8_t ids[3][CP_ID_LEN];
        struct cp_buf fields, text;
        struct cp_statement st = {.kind = way == 3 ? CP_STATEMENT_WITHDRAW : CP_STATEMENT_LEAVE,
                                  .by = way == 4 ? CP_BY_RECOVERY : CP_BY_IDENTITY};
        for (size_t i = 0; i < 3; i++)
            memset(ids[i], (int)i + 1, CP_ID_LEN);
        if (way == 0)
            memset(ids[1], 9, CP_ID_LEN);
        if (way == 1)
            memcpy(ids[1], ids[0], CP_ID_LEN);
        cp_buf_init(&fields, &replica_mem, CP_STATEMENT_MAX);
        cp_buf_init(&text, &replica_mem, CP_STATEMENT_MAX);
        cp_put_array(&fields, way == 2 ? 0 : 3);
        for (size_t i = 0; i < (way == 2 ? 0U : 3U); i++)
            cp_put_fixed(&fields, ids[i], CP_ID_LEN);
        st.fields = cp_buf_bytes(&fields);
        cp_statement_text(&st, &text);
        enum cp_err err = cp_leave_read(cp_buf_bytes(&text), sig, &got);
        if (way == 5) {
            cr_assert_eq(err, CP_OK);
            cr_assert(got.count == 3 && memcmp(cp_leave_join(&got, 2), ids[2], CP_ID_LEN) == 0);
            for (size_t len = 0; len < text.len; len++)
                cr_assert_neq(cp_leave_read(CP_BYTES(text.ptr, len), sig, &got), CP_OK);
        } else {
            cr_assert_eq(err, CP_ERR_BAD_VALUE, "way %u", way);
        }
        cp_buf_clear(&fields);
        cp_buf_clear(&text);
    }
}
