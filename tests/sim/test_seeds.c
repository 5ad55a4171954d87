/*
 * Mistakes that the simulator found, each kept as the shortest story that shows it. A seed alone would not keep:
 * it tells another story as soon as the simulator draws one thing more.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/support/replica.h"

/* What arrives at one side while two are meeting, before its first chunk goes out. */
struct interruption {
    struct replica *a;
    const struct device *newcomer, *writer;
    bool done;
};

static bool interrupt(void *ctx, struct link *l, int to, struct link_message *m)
{
    struct interruption *i = ctx;
    struct cp_event news = {.type = CP_EVENT_NEWS, .now_ms = l->now_ms};
    if (i->done || to != 0 || m->len < 2 || m->bytes[1] != CP_WIRE_WELCOME)
        return true;
    i->done = true;
    replica_write(i->a, i->newcomer, CP_CONTENT, 12); /* a chain that the other side never heard of ... */
    replica_write(i->a, i->writer, CP_CONTENT, 12);   /* ... and one that goes on and cites it */
    memcpy(news.plan, i->a->plan, CP_ID_LEN);
    link_event(l, 0, &news);
    return true;
}

/* "Dora's phone refuses what Fay's laptop honestly sends: missing_parent" (seed 13 of 695fa6b): while they met, Fay
 * met Bill and wrote what cites him; ranges are open at the top, so that went to Dora without what it cites. */
Test(seeds, what_arrives_during_a_meeting_waits_for_the_next)
{
    struct replica a, b;
    struct device d[3];
    struct link l = {.now_ms = 5};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    struct interruption i = {&a, &d[2], &d[0], false};
    replica_init(&a, 1);
    replica_init(&b, 2);
    for (unsigned k = 0; k < 3; k++)
        device_make(&d[k], k + 1);
    replica_found(&a, &d[0]);
    replica_copy(&b, &a);
    replica_write(&a, &d[0], CP_CONTENT, 10);
    replica_write(&b, &d[1], CP_CONTENT, 10);
    l.meddle = interrupt;
    l.meddle_ctx = &i;
    link_start(&l, &a, &b, &ca, &cb);
    link_run(&l, SIZE_MAX);
    cr_assert(i.done);
    for (int k = 0; k < 2; k++) {
        cr_assert(l.side[k].ended);
        cr_assert_eq(l.side[k].err, CP_OK, "side %d: %s", k, cp_err_word(l.side[k].err));
    }
    link_clear(&l);
    cr_assert(link_meet(&a, &b));
    cr_assert(replica_same(&a, &b));
    replica_clear(&a);
    replica_clear(&b);
}
