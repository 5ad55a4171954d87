/* Sessions: two machines meet and hold the union. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/support/replica.h"

/* A plan with `chains` devices that have `each` content entries, held by both. */
static void shared_plan(struct replica *a, struct replica *b, struct device *d, unsigned chains, unsigned each)
{
    replica_init(a, 1);
    replica_init(b, 2);
    for (unsigned i = 0; i < chains; i++)
        device_make(&d[i], i + 1);
    replica_found(a, &d[0]);
    for (unsigned k = 0; k < each; k++)
        for (unsigned i = 0; i < chains; i++)
            replica_write(a, &d[i], CP_CONTENT, 20);
    replica_copy(b, a);
}

static void both_clear(struct replica *a, struct replica *b)
{
    replica_clear(a);
    replica_clear(b);
}

Test(session, equal_machines_need_one_round_trip)
{
    struct replica a, b;
    struct device d[4];
    struct link l = {.now_ms = 5};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    shared_plan(&a, &b, d, 4, 3);
    link_start(&l, &a, &b, &ca, &cb);
    link_run(&l, SIZE_MAX);
    for (int i = 0; i < 2; i++) {
        cr_assert(l.side[i].ended);
        cr_assert_eq(l.side[i].err, CP_OK);
        cr_assert_eq(l.side[i].reports_count, 1);
        cr_assert(l.side[i].reports[0].in_sync);
        cr_assert_eq(l.side[i].reports[0].round_trips, 1);
    }
    cr_assert_eq(l.messages, 3, "greeting, answer, goodbye");
    cr_assert_leq(l.bytes[0] + l.bytes[1], 128);
    link_clear(&l);
    both_clear(&a, &b);
}

Test(session, new_entries_on_both_sides)
{
    struct replica a, b;
    struct device d[4];
    shared_plan(&a, &b, d, 4, 3);
    for (int i = 0; i < 5; i++) {
        replica_write(&a, &d[0], i == 2 ? CP_CONTROL : CP_CONTENT, 30);
        replica_write(&b, &d[1], i == 3 ? CP_CONTROL : CP_CONTENT, 30);
    }
    cr_assert(link_meet(&a, &b));
    cr_assert(replica_same(&a, &b));
    cr_assert(link_meet(&b, &a));
    both_clear(&a, &b);
}
