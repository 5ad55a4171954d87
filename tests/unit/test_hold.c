/* Who has to wait, and how much memory sessions may hold (daemon/meet_hold.c, daemon/quota.h). */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/meet.h"
#include "daemon/memory.h"
#include "proto/limits.h"

struct fixture {
    struct cp_node node;
    struct cp_meeting all;
};

static void open_fixture(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->node.mem = cp_memory();
    f->all.node = &f->node;
}

static const uint8_t *machine(unsigned n)
{
    static uint8_t key[CP_KEY_LEN];
    memset(key, 1, sizeof key);
    memcpy(key, &n, sizeof n);
    return key;
}

Test(hold, four_broken_rules_and_it_has_to_wait_longer_each_time)
{
    struct fixture f;
    uint64_t now = 1000000, waited = 0;
    open_fixture(&f);
    for (int i = 0; i < 3; i++)
        cp_meet_misbehaved(&f.all, machine(1), true, now);
    cr_assert(!cp_meet_must_wait(&f.all, machine(1), now));
    for (int i = 0; i < 12; i++) {
        uint64_t until = now;
        cp_meet_misbehaved(&f.all, machine(1), true, now);
        while (cp_meet_must_wait(&f.all, machine(1), until))
            until += 1000;
        cr_assert(until - now == 2 * waited || (waited == 0 && until - now == 1000) || until - now == 256000,
                  "%llu ms", (unsigned long long)(until - now));
        waited = until - now;
        now = until;
    }
    cr_assert_eq(waited, 256000, "no longer than that");
    cr_assert(!cp_meet_must_wait(&f.all, machine(2), now), "nobody else has to");
    cp_free(f.node.mem, f.all.holds);
}

Test(hold, visits_for_nothing_count_less)
{
    struct fixture f;
    open_fixture(&f);
    for (int i = 0; i < 15; i++)
        cp_meet_misbehaved(&f.all, machine(1), false, 5);
    cr_assert(!cp_meet_must_wait(&f.all, machine(1), 5));
    cp_meet_misbehaved(&f.all, machine(1), false, 5);
    cr_assert(cp_meet_must_wait(&f.all, machine(1), 5));
    cr_assert(!cp_meet_must_wait(&f.all, machine(1), 1005));
    cp_free(f.node.mem, f.all.holds);
}

Test(hold, is_forgotten_after_one_good_meeting_and_after_a_quiet_while)
{
    struct fixture f;
    open_fixture(&f);
    for (int i = 0; i < 10; i++)
        cp_meet_misbehaved(&f.all, machine(1), true, 5);
    cp_meet_behaved(&f.all, machine(1));
    cr_assert(!cp_meet_must_wait(&f.all, machine(1), 5));
    for (int i = 0; i < 10; i++)
        cp_meet_misbehaved(&f.all, machine(1), true, 5);
    cr_assert(cp_meet_must_wait(&f.all, machine(1), 6));
    cp_meet_misbehaved(&f.all, machine(1), true, 2000000);
    cr_assert(!cp_meet_must_wait(&f.all, machine(1), 2000000));
    cp_meet_behaved(&f.all, machine(7)); /* who never did anything */
    cp_free(f.node.mem, f.all.holds);
}

Test(hold, no_more_machines_are_remembered_than_fit)
{
    struct fixture f;
    open_fixture(&f);
    for (unsigned n = 0; n < 5000; n++)
        for (int i = 0; i < 4; i++)
            cp_meet_misbehaved(&f.all, machine(n), true, 100 + n);
    cr_assert_leq(f.all.holds_count, 1024);
    cr_assert(cp_meet_must_wait(&f.all, machine(4999), 100 + 4999), "the newest");
    cr_assert(cp_meet_must_wait(&f.all, machine(4998), 100 + 4999), "whoever was quiet for longest goes, not whoever came last");
    cr_assert(!cp_meet_must_wait(&f.all, machine(4999 - 1024), 100 + 4999));
    cp_free(f.node.mem, f.all.holds);
}

/* How often a session that a member began, and that brought nothing, may end so before the member has to wait; 40: oftener. */
static int until_held(enum cp_err err, enum cp_door door)
{
    struct fixture f;
    int times = 0;
    open_fixture(&f);
    while (times < 40 && !cp_meet_must_wait(&f.all, machine(1), cp_node_monotonic_ms())) {
        struct cp_meet m = {.all = &f.all, .door = door};
        memcpy(m.machine, machine(1), CP_KEY_LEN);
        cp_meet_finish(&m, err);
        times++;
    }
    cp_free(f.node.mem, f.all.holds);
    return times;
}

Test(hold, how_a_session_ends_says_something_of_who_called)
{
    static const struct {
        enum cp_err err;
        int times;
    } rows[] = {{CP_OK, 16},
                {CP_ERR_INTERRUPTED, 16},
                {CP_ERR_TIMED_OUT, 16},
                {CP_ERR_NEWER_RULES, 16}, /* a newer program breaks no rule of its own */
                {CP_ERR_BAD_MESSAGE, 4},
                {CP_ERR_BAD_SIGNATURE, 4},
                {CP_ERR_DISK_FULL, 40}, /* ours */
                {CP_ERR_IO, 40},
                {CP_ERR_NO_MEMORY, 40},
                {CP_ERR_DAMAGED_STORE, 40}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(until_held(rows[i].err, CP_DOOR_MEMBER), rows[i].times, "%s", cp_err_word(rows[i].err));
    cr_expect_eq(until_held(CP_ERR_INTERRUPTED, CP_DOOR_INVITE), 40, "a key that several people share");
}

Test(quota, beyond_its_bound_there_is_none)
{
    struct cp_quota_pool pool = {0};
    struct cp_quota a, b;
    cp_quota_init(&a, &pool, 1 << 20);
    cp_quota_init(&b, &pool, 1 << 20);
    void *first = cp_alloc(&a.mem, 900000), *other = cp_alloc(&b.mem, 900000);
    cr_assert_not_null(first);
    cr_assert_not_null(other);
    cr_assert_null(cp_alloc(&a.mem, 200000), "a is full");
    cr_assert_null(cp_alloc(&a.mem, SIZE_MAX / 2));
    cr_assert_geq(pool.used, 1800000);
    cr_assert_eq(pool.used, a.used + b.used);
    cp_free(&a.mem, first);
    cr_assert_eq(a.used, 0);
    first = cp_alloc(&a.mem, 1000000);
    cr_assert_not_null(first, "what was given back may be had again");
    cp_free(&a.mem, first);
    cp_free(&b.mem, other);
    cp_free(&b.mem, NULL);
    cr_assert_eq(pool.used, 0);
}

Test(quota, growing_and_shrinking_are_counted)
{
    struct cp_quota_pool pool = {0};
    struct cp_quota q;
    struct cp_buf buf;
    cp_quota_init(&q, &pool, 100000);
    cp_buf_init(&buf, &q.mem, SIZE_MAX / 2);
    for (int i = 0; i < 200000 && cp_buf_err(&buf) == CP_OK; i++)
        cp_buf_put_byte(&buf, 1);
    cr_assert_eq(cp_buf_err(&buf), CP_ERR_NO_MEMORY);
    cr_assert_leq(q.used, 100000);
    cr_assert_geq(q.used, buf.len);
    cp_buf_clear(&buf);
    cr_assert_eq(q.used, 0);
}
