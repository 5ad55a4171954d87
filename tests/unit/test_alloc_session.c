/*
 * Every allocation of a meeting fails, on either side: the session ends with NO_MEMORY or goes on rightly, "in sync"
 * is never said falsely, nothing is kept, and the next meeting makes both equal. And the members of a plan, whose
 * control entries need a store to be made.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/group.h"
#include "tests/support/heap.h"
#include "tests/support/replica.h"
#include "tests/support/shortage.h"

/* ---- Sessions ---- */

static struct replica first[2]; /* as they were before each meeting */
static struct device devices[3];

/* Both hold the plan; each has what the other lacks. fork: and both have a branch of one chain. */
static void make_first(bool fork)
{
    for (unsigned i = 0; i < 3; i++)
        device_make(&devices[i], i + 1);
    replica_init(&first[0], 1);
    replica_init(&first[1], 2);
    replica_found(&first[0], &devices[0]);
    replica_write(&first[0], &devices[1], CP_CONTROL, 0);
    replica_write(&first[0], &devices[2], CP_CONTENT, 50);
    replica_copy(&first[1], &first[0]);
    for (unsigned i = 0; i < 3; i++) {
        replica_write(&first[0], &devices[0], CP_CONTENT, 300);
        replica_write(&first[1], &devices[1], i == 0 ? CP_CONTROL : CP_CONTENT, 700);
    }
    for (unsigned i = 0; fork && i < 2; i++)
        replica_write(&first[i], &devices[2], CP_CONTENT, 60 + i);
}

static void clear_first(void)
{
    replica_clear(&first[0]);
    replica_clear(&first[1]);
}

/* As link_start, but a session that gets no memory at all is an answer too. */
static bool start(struct link *l, struct replica *r)
{
    const struct cp_event begin = {.type = CP_EVENT_START, .now_ms = l->now_ms};
    for (int i = 0; i < 2; i++) {
        struct cp_session_config c = {.door = CP_DOOR_MEMBER, .caller = i == 0, .now_ms = l->now_ms};
        memcpy(c.own_key, r[i].key, CP_KEY_LEN);
        memcpy(c.peer_key, r[1 - i].key, CP_KEY_LEN);
        memcpy(c.own_incarnation, r[i].incarnation, CP_INCARNATION_LEN);
        l->side[i].replica = &r[i];
        l->side[i].session = cp_session_new(&r[i].iface, &c);
        if (l->side[i].session == NULL)
            return false;
    }
    link_event(l, 1, &begin);
    link_event(l, 0, &begin);
    return true;
}

/* The other side waits for one that went away; the clock ends it. */
static void let_time_pass(struct link *l)
{
    for (int i = 0; i < 2; i++) {
        uint64_t at = l->side[i].ended ? UINT64_MAX : cp_session_deadline_ms(l->side[i].session);
        const struct cp_event tick = {.type = CP_EVENT_TICK, .now_ms = at};
        if (at != UINT64_MAX) {
            l->now_ms = at;
            link_event(l, i, &tick);
        }
    }
}

static void judge(const struct link *l, const struct replica *r, int short_side, bool hit, uint64_t n)
{
    for (int i = 0; i < 2; i++) {
        const struct link_side *side = &l->side[i];
        cr_assert(side->ended, "side %d still waits, n %llu", i, (unsigned long long)n);
        for (size_t k = 0; k < side->reports_count; k++)
            cr_assert(!side->reports[k].in_sync || replica_same(&r[0], &r[1]),
                      "in sync, said falsely; n %llu", (unsigned long long)n);
        if (!hit)
            cr_assert_eq(side->err, CP_OK);
        else if (i == short_side) /* OK: it had no memory for its goodbye alone */
            cr_assert(side->err == CP_ERR_NO_MEMORY || (side->err == CP_OK && replica_same(&r[0], &r[1])),
                      "n %llu: %s", (unsigned long long)n, cp_err_word(side->err));
        else /* and the other is not told that it was at fault, nor believes it of this one */
            cr_assert(side->err == CP_OK || cp_err_class(side->err) != CP_CLASS_PEER, "n %llu: %s",
                      (unsigned long long)n, cp_err_word(side->err));
    }
}

/* One meeting in which `short_side` gets no memory at its n-th call; true when that came about. */
static bool meet_short(int short_side, uint64_t n, bool on)
{
    static struct link l;
    static struct replica r[2];
    struct shortage s;
    memset(&l, 0, sizeof l);
    l.now_ms = 1000;
    for (unsigned i = 0; i < 2; i++) {
        replica_init(&r[i], i + 1);
        replica_copy(&r[i], &first[i]);
    }
    shortage_init(&s, n, on);
    s.below = &replica_mem; /* what the look-ups give, the session gives back */
    r[short_side].iface.mem = &s.mem;
    if (start(&l, r)) {
        link_run(&l, SIZE_MAX);
        let_time_pass(&l);
        link_run(&l, SIZE_MAX);
        let_time_pass(&l);
        judge(&l, r, short_side, s.hit, n);
    } else {
        cr_assert(s.hit);
    }
    link_clear(&l);
    r[short_side].iface.mem = &replica_mem;
    cr_assert(link_meet(&r[0], &r[1]), "the next meeting, n %llu", (unsigned long long)n);
    cr_assert(replica_same(&r[0], &r[1]));
    replica_clear(&r[0]);
    replica_clear(&r[1]);
    return s.hit;
}

static void sweep_meetings(bool fork)
{
    make_first(fork);
    for (int side = 0; side < 2; side++) {
        uint64_t n = 0;
        for (bool once = true, on = true; once || on;) {
            n++;
            once = meet_short(side, n, false);
            on = meet_short(side, n, true);
        }
        cr_assert_geq(n, 10, "%llu", (unsigned long long)n);
    }
    clear_first();
}

Test(alloc_session, two_replicas_meet)
{
    sweep_meetings(false);
}

Test(alloc_session, two_branches_of_a_chain_meet)
{
    sweep_meetings(true);
}

/* The look-ups and the storing get no memory either, on both sides, from the n-th call on. */
Test(alloc_session, nobody_gets_any)
{
    static struct link l;
    static struct replica r[2];
    make_first(true);
    for (uint64_t n = 1, last = 0; n < 10000 && last == 0; n++) {
        memset(&l, 0, sizeof l);
        l.now_ms = 1000;
        for (unsigned i = 0; i < 2; i++) {
            replica_init(&r[i], i + 1);
            replica_copy(&r[i], &first[i]);
        }
        replica_calls = 0;
        replica_fail_at = n;
        bool began = start(&l, r);
        for (int i = 0; i < 3 && began; i++) {
            link_run(&l, SIZE_MAX);
            let_time_pass(&l);
        }
        bool hit = replica_calls >= n;
        replica_fail_at = 0;
        for (int i = 0; i < 2 && began; i++) {
            cr_assert(l.side[i].ended, "side %d still waits, n %llu", i, (unsigned long long)n);
            cr_assert(cp_err_class(l.side[i].err) != CP_CLASS_PEER || l.side[i].err == CP_OK, "n %llu: %s",
                      (unsigned long long)n, cp_err_word(l.side[i].err));
            for (size_t k = 0; k < l.side[i].reports_count; k++)
                cr_assert(!l.side[i].reports[k].in_sync || replica_same(&r[0], &r[1]));
        }
        link_clear(&l);
        cr_assert(link_meet(&r[0], &r[1]));
        replica_clear(&r[0]);
        replica_clear(&r[1]);
        last = hit ? 0 : n;
    }
    clear_first();
}

/* ---- Members ---- */

enum {
    CONTROL_MAX = 32
};
struct gathered {
    struct cp_control_entry entries[CONTROL_MAX];
    struct cp_buf frames[CONTROL_MAX];
    size_t count;
    uint8_t plan[CP_ID_LEN];
};

static bool gather(void *ctx, const struct cp_entry_info *info)
{
    struct gathered *g = ctx;
    if (info->class != CP_CONTROL || g->count == CONTROL_MAX)
        return true;
    struct cp_control_entry *e = &g->entries[g->count];
    struct cp_buf *frame = &g->frames[g->count++];
    cp_buf_init(frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_put_bytes(frame, info->frame);
    memcpy(e->id, info->id, CP_ID_LEN);
    memcpy(e->device, info->device, CP_KEY_LEN);
    e->lamport = info->lamport;
    e->frame = cp_buf_bytes(frame);
    return true;
}

static enum cp_err act_members(const struct cp_mem *mem, void *ctx)
{
    const struct gathered *g = ctx;
    struct cp_members m;
    cp_members_init(&m, mem);
    enum cp_err err = cp_members_fold(&m, g->entries, g->count, g->plan, NULL);
    bool right = m.count == 3;
    for (size_t i = 0; i < m.count && err == CP_OK; i++)
        right = right && m.devices[i].stands;
    cp_members_clear(&m);
    return err != CP_OK || right ? err : CP_ERR_BAD_MESSAGE;
}

Test(alloc_session, members)
{
    static struct gathered g;
    static struct someone a, b, c;
    const char *folder = folder_make();
    someone_make(&a, 1);
    someone_make(&b, 2);
    someone_make(&c, 3);
    struct cp_store *s = store_at(in_folder(folder, "db"), 1, NULL);
    group_found(s, &a, g.plan);
    group_add(s, &a, g.plan, &b, 7);
    group_add(s, &a, g.plan, &c, 8);
    cr_assert_eq(cp_store_each(s, g.plan, 0, true, gather, &g), CP_OK);
    cp_store_close(s);
    cr_assert_eq(g.count, 5);
    cr_assert_eq(act_members(test_mem(), &g), CP_OK);
    cr_assert_geq(shortage_sweep("members fold", act_members, &g), 3);
    for (size_t i = 0; i < g.count; i++)
        cp_buf_clear(&g.frames[i]);
    folder_remove(folder);
}
