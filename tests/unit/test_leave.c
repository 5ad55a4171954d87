/* Leaving: which JOINs a LEAVE ends, what stays, and what is no LEAVE. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/control.h"
#include "tests/support/heap.h"

/* The statement id of the JOIN in entry `at`. */
static void join_id(const struct control_log *l, size_t at, uint8_t out[static CP_ID_LEN])
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

static void leave_frame(const struct control_log *l, const struct someone *who, const uint8_t (*ids)[CP_ID_LEN], size_t count,
                        struct spoil s, struct cp_buf *out)
{
    struct cp_buf fields, text;
    uint8_t sig[CP_SIG_LEN], refs[CP_LEAVE_JOINS_MAX][CP_ID_LEN];
    const struct someone *signer = s.signer == NULL ? who : s.signer;
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    cp_buf_init(&text, test_mem(), CP_STATEMENT_MAX);
    cr_assert_eq(cp_leave_fields(ids, count, &fields), CP_OK);
    someone_says(CP_STATEMENT_LEAVE, who, signer, s.by_recovery ? CP_BY_RECOVERY : CP_BY_IDENTITY,
                 s.plan == NULL ? l->plan : s.plan, &fields, &text, sig);
    sig[5] ^= s.bent_sig ? 1 : 0;
    memcpy(refs, ids, count * CP_ID_LEN);
    refs[0][3] ^= s.other_refs ? 1 : 0;
    cp_statement_frame_write(CP_KIND_LEAVE, (const uint8_t(*)[CP_ID_LEN])refs, count, cp_buf_bytes(&text), sig, out);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
}

static size_t leave(struct control_log *l, const struct someone *carrier, const struct someone *who, size_t join, struct spoil s)
{
    struct cp_buf frame;
    uint8_t ids[1][CP_ID_LEN];
    join_id(l, join, ids[0]);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    leave_frame(l, who, (const uint8_t(*)[CP_ID_LEN])ids, 1, s, &frame);
    return control_add(l, carrier, frame);
}

static struct cp_members fold(struct control_log *l)
{
    struct cp_members m;
    cp_members_init(&m, test_mem());
    cr_assert_eq(cp_members_fold(&m, l->entries, l->count, l->plan, NULL), CP_OK);
    return m;
}

static const struct cp_member_device *device(const struct cp_members *m, const struct someone *p)
{
    const struct cp_member_device *d = cp_members_find(m, p->device);
    cr_assert_not_null(d);
    return d;
}

/* 0 founds; 1 comes in by 0 and lets 2 in. Indices of the entries that admit. */
struct group {
    struct control_log l;
    struct someone p[16];
    size_t first, one, two;
};

static struct group *group_make(void)
{
    struct group *g = calloc(1, sizeof *g);
    for (unsigned i = 0; i < 16; i++)
        someone_make(&g->p[i], i);
    (void)control_found(&g->l, &g->p[0]);
    size_t i1 = control_invite(&g->l, &g->p[0], &g->p[10], NULL);
    g->one = control_admit(&g->l, &g->p[0], i1, &g->p[10], &(struct joining){.who = &g->p[1]});
    size_t i2 = control_invite(&g->l, &g->p[1], &g->p[11], NULL);
    g->two = control_admit(&g->l, &g->p[1], i2, &g->p[11], &(struct joining){.who = &g->p[2]});
    return g;
}

static void group_free(struct group *g)
{
    control_clear(&g->l);
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
    cp_buf_init(&again, test_mem(), CP_ENTRY_MAX);
    cp_buf_put_bytes(&again, g->l.entries[g->one].frame);
    (void)control_add(&g->l, &g->p[2], again); /* admitted once more, by somebody else, with the same JOIN */
    struct cp_members m = fold(&g->l);
    cr_assert(device(&m, &g->p[1])->left);
    cp_members_clear(&m);
    size_t i3 = control_invite(&g->l, &g->p[2], &g->p[12], NULL);
    size_t back = control_admit(&g->l, &g->p[2], i3, &g->p[12], &(struct joining){.who = &g->p[1]});
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

/* 9 was never let in: neither their INVITE nor their ADMIT is a way back. */
Test(leave, a_way_back_by_somebody_who_does_not_stand_is_none)
{
    for (unsigned inviting = 0; inviting < 2; inviting++) {
        struct group *g = group_make();
        const struct someone *host = &g->p[inviting == 0 ? 9 : 2], *porter = &g->p[inviting == 0 ? 2 : 9];
        (void)leave(&g->l, &g->p[1], &g->p[1], g->one, (struct spoil){0});
        size_t i3 = control_invite(&g->l, host, &g->p[12], NULL);
        (void)control_admit(&g->l, porter, i3, &g->p[12], &(struct joining){.who = &g->p[1]});
        struct cp_members m = fold(&g->l);
        cr_expect(device(&m, &g->p[1])->left, "%s", inviting == 0 ? "their invitation" : "let in by them");
        cp_members_clear(&m);
        group_free(g);
    }
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
    cp_buf_init(&out, test_mem(), CP_STATEMENT_MAX);
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
        cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
        cp_buf_init(&text, test_mem(), CP_STATEMENT_MAX);
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
