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

Test(session, control_traffic_before_the_first_chunk_is_small)
{
    struct replica a, b;
    struct device d[40];
    struct link l = {.now_ms = 5};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    shared_plan(&a, &b, d, 40, 6);
    for (unsigned i = 0; i < 40; i++) /* every chain differs, half on each side */
        replica_write(i % 2 == 0 ? &a : &b, &d[i], CP_CONTENT, 20);
    link_start(&l, &a, &b, &ca, &cb);
    link_run(&l, SIZE_MAX);
    cr_assert(l.chunk_seen);
    cr_assert_leq(l.bytes_before_chunk, 2048, "%zu bytes", l.bytes_before_chunk);
    cr_assert_eq(l.side[0].reports[0].round_trips, 1);
    cr_assert(l.side[0].reports[0].in_sync && l.side[1].reports[0].in_sync);
    cr_assert_eq(l.side[0].reports[0].sent, 20);
    cr_assert_eq(l.side[0].reports[0].received, 20);
    cr_assert(replica_same(&a, &b));
    link_clear(&l);
    both_clear(&a, &b);
}

Test(session, a_thousand_new_on_each_side)
{
    struct replica a, b;
    struct device d[4];
    shared_plan(&a, &b, d, 4, 2);
    for (int i = 0; i < 1000; i++) {
        replica_write(&a, &d[i % 2], CP_CONTENT, 10);
        replica_write(&b, &d[2 + i % 2], CP_CONTENT, 10);
    }
    cr_assert(link_meet(&a, &b));
    cr_assert(replica_same(&a, &b));
    both_clear(&a, &b);
}

Test(session, large_entries_take_many_chunks)
{
    struct replica a, b;
    struct device d[2];
    shared_plan(&a, &b, d, 2, 1);
    for (int i = 0; i < 70; i++) { /* 4.2 MB: more than fills the window */
        replica_write(&a, &d[0], CP_CONTENT, 60000);
        replica_write(&b, &d[1], CP_CONTENT, 1000);
    }
    cr_assert(link_meet(&a, &b));
    cr_assert(replica_same(&a, &b));
    cr_assert_gt(b.chunks, 8);
    both_clear(&a, &b);
}

/* A fork: the same chain went on apart on both sides, and other chains cite the branches. */
static void fork_apart(struct replica *a, struct replica *b, struct device *d, unsigned on_a, unsigned on_b)
{
    for (unsigned i = 0; i < on_a; i++)
        replica_write(a, &d[0], CP_CONTENT, 10);
    for (unsigned i = 0; i < on_b; i++)
        replica_write(b, &d[0], CP_CONTENT, 12);
    replica_write(a, &d[1], CP_CONTENT, 10);
    replica_write(b, &d[2], CP_CONTENT, 10);
}

struct watch {
    struct cp_session_progress last[2];
    size_t early; /* messages at which both knew what is to come and not all of it had come */
};
static bool watch_progress(void *ctx, struct link *l, int to, struct link_message *m)
{
    struct watch *w = ctx;
    (void)to;
    (void)m;
    for (int i = 0; i < 2; i++) {
        struct cp_session_progress now = cp_session_progress(l->side[i].session);
        cr_assert_leq(now.done, now.of);
        cr_assert_geq(now.done, w->last[i].done);
        cr_assert_geq(now.of, w->last[i].of);
        w->last[i] = now;
    }
    w->early += w->last[0].of == 90 && w->last[1].of == 90 && w->last[0].done < 90;
    return true;
}

Test(session, how_far_it_is_can_be_told_meanwhile)
{
    struct replica a, b;
    struct device d[2];
    struct watch w = {.early = 0};
    struct link l = {.now_ms = 5, .meddle = watch_progress, .meddle_ctx = &w};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    shared_plan(&a, &b, d, 2, 5);
    for (int i = 0; i < 60; i++)
        replica_write(&a, &d[0], CP_CONTENT, 50000);
    for (int i = 0; i < 30; i++)
        replica_write(&b, &d[1], i < 3 ? CP_CONTROL : CP_CONTENT, 50000);
    link_start(&l, &a, &b, &ca, &cb);
    link_run(&l, SIZE_MAX);
    for (int i = 0; i < 2; i++) {
        struct cp_session_progress end = cp_session_progress(l.side[i].session);
        cr_assert_eq(end.done, 90);
        cr_assert_eq(end.of, 90);
    }
    cr_assert_gt(w.early, 5);
    link_clear(&l);
    both_clear(&a, &b);
}

Test(session, forked_chains_end_with_both_branches)
{
    static const unsigned shapes[][2] = {{1, 1}, {3, 1}, {1, 3}, {1, 9}, {9, 1}, {5, 5}, {300, 2}, {2, 300}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct replica a, b;
        struct device d[3];
        shared_plan(&a, &b, d, 3, 4);
        fork_apart(&a, &b, d, shapes[i][0], shapes[i][1]);
        cr_assert(link_meet(&a, &b), "shape %zu", i);
        cr_assert(replica_same(&a, &b));
        /* The fork stays; later work on one branch still finds its way, and back. */
        replica_write(&a, &d[0], CP_CONTENT, 10);
        replica_write_at(&b, &d[1], CP_CONTENT, 10, 2);
        cr_assert(link_meet(&b, &a), "shape %zu, second meeting", i);
        cr_assert(replica_same(&a, &b));
        cr_assert(link_meet(&a, &b));
        both_clear(&a, &b);
    }
}

/* Many branches of one device: more at one level than a look-up gives. */
Test(session, a_chain_of_many_branches_does_not_stall)
{
    struct replica a, b;
    struct device d[2];
    shared_plan(&a, &b, d, 2, 2);
    for (unsigned i = 0; i < 24; i++)
        replica_write_at(i % 2 == 0 ? &a : &b, &d[0], CP_CONTENT, 10 + i, 3);
    (void)link_meet(&a, &b);
    cr_assert(replica_same(&a, &b));
    cr_assert(link_meet(&a, &b));
    both_clear(&a, &b);
}

/* A level with more branches than are shown says nothing about those that are not: what goes on from one of them
 * must still find its predecessor. */
Test(session, branches_beyond_those_shown_are_not_taken_for_equal)
{
    struct replica a, b;
    struct device d[2];
    shared_plan(&a, &b, d, 2, 2);
    for (unsigned i = 0; i < 16; i++)
        replica_write_at(&a, &d[0], CP_CONTENT, 10 + i, 3);
    cr_assert(link_meet(&a, &b));
    replica_write_at(&a, &d[0], CP_CONTENT, 40, 3);
    replica_write_at(&a, &d[0], CP_CONTENT, 41, 4);
    replica_write_at(&b, &d[0], CP_CONTENT, 42, 3);
    replica_write_at(&b, &d[0], CP_CONTENT, 43, 4);
    (void)link_meet(&a, &b);
    cr_assert(replica_same(&a, &b));
    cr_assert(link_meet(&b, &a));
    both_clear(&a, &b);
}

static uint32_t dice(uint32_t *seed)
{
    *seed = (*seed % 65521U) * 75U + 74U;
    return *seed >> 4;
}

Test(session, three_machines_at_random)
{
    for (uint32_t round = 1; round <= 40; round++) {
        struct replica r[3];
        struct device d[3];
        uint32_t seed = round * 40503U;
        shared_plan(&r[0], &r[1], d, 3, 2);
        replica_init(&r[2], 3);
        replica_copy(&r[2], &r[0]);
        for (unsigned i = 0; i < 30; i++) {
            unsigned at = dice(&seed) % 3;
            unsigned who = dice(&seed) % 8 == 0 ? dice(&seed) % 3 : at; /* now and then a cloned device */
            replica_write(&r[at], &d[who], dice(&seed) % 4 == 0 ? CP_CONTROL : CP_CONTENT, dice(&seed) % 64);
            if (dice(&seed) % 6 == 0)
                cr_assert(link_meet(&r[at], &r[(at + 1) % 3]), "round %u", round);
        }
        for (unsigned i = 0; i < 4; i++)
            cr_assert(link_meet(&r[i % 3], &r[(i + 1) % 3]), "round %u", round);
        cr_assert(replica_same(&r[0], &r[1]) && replica_same(&r[1], &r[2]), "round %u", round);
        for (int i = 0; i < 3; i++)
            replica_clear(&r[i]);
    }
}

Test(session, cut_at_every_message_keeps_a_prefix_and_resumes)
{
    size_t cut = 0;
    for (bool whole = false; !whole; cut++) {
        struct replica a, b;
        struct device d[3];
        struct link l = {.now_ms = 5};
        struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
        shared_plan(&a, &b, d, 3, 3);
        fork_apart(&a, &b, d, 3, 2);
        for (int i = 0; i < 9; i++)
            replica_write(&a, &d[1], CP_CONTENT, 60000);
        size_t had[2] = {a.count, b.count};
        link_start(&l, &a, &b, &ca, &cb);
        link_run(&l, cut);
        whole = l.side[0].ended && l.side[1].ended;
        for (int i = 0; i < 2 && !whole; i++)
            if (l.side[i].ended)
                cr_assert_eq(l.side[i].err, CP_OK);
        link_clear(&l);
        cr_assert_geq(a.count, had[0]);
        cr_assert_geq(b.count, had[1]);
        cr_assert(link_meet(&b, &a), "cut after %zu", cut);
        cr_assert(replica_same(&a, &b));
        both_clear(&a, &b);
    }
    cr_assert_gt(cut, 10);
}

Test(session, silence_ends_with_timed_out)
{
    struct replica a, b;
    struct device d[2];
    struct link l = {.now_ms = 100};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER, .idle_ms = 500}, cb = {.door = CP_DOOR_MEMBER};
    shared_plan(&a, &b, d, 2, 2);
    link_start(&l, &a, &b, &ca, &cb);
    cr_assert_eq(cp_session_deadline_ms(l.side[0].session), 600);
    struct cp_event tick = {.type = CP_EVENT_TICK, .now_ms = 599};
    link_event(&l, 0, &tick);
    cr_assert(!l.side[0].ended);
    tick.now_ms = 600;
    link_event(&l, 0, &tick);
    cr_assert(l.side[0].ended);
    cr_assert_eq(l.side[0].err, CP_ERR_TIMED_OUT);
    link_clear(&l);
    both_clear(&a, &b);
}

Test(session, wanted_words_are_never_called_in_sync)
{
    for (int differing = 0; differing < 2; differing++) {
        struct replica a, b;
        struct device d[2];
        struct link l = {.now_ms = 5};
        struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
        shared_plan(&a, &b, d, 2, 2);
        if (differing)
            replica_write(&a, &d[0], CP_CONTENT, 5);
        b.wanted = 1;
        link_start(&l, &a, &b, &ca, &cb);
        link_run(&l, SIZE_MAX);
        for (int i = 0; i < 2; i++) {
            cr_assert_eq(l.side[i].err, CP_OK);
            cr_assert(!l.side[i].reports[0].in_sync);
        }
        link_clear(&l);
        both_clear(&a, &b);
    }
}

/* Words go bad on the machine of one side after any message of a meeting: what it says from then on knows it. */
Test(session, words_found_damaged_in_the_middle_are_never_in_sync)
{
    size_t said_after = 0;
    for (size_t at = 0; at < 64; at++)
        for (int side = 0; side < 2; side++) {
            struct replica r[2];
            struct device d[2];
            struct link l = {.now_ms = 5};
            struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
            shared_plan(&r[0], &r[1], d, 2, 2);
            if (at % 2 == 1)
                replica_write(&r[0], &d[0], CP_CONTENT, 5);
            link_start(&l, &r[0], &r[1], &ca, &cb);
            link_run(&l, at / 2);
            size_t before = l.side[side].reports_count;
            r[side].wanted = 1;
            link_run(&l, SIZE_MAX);
            cr_assert_eq(l.side[side].err, CP_OK);
            for (size_t i = before; i < l.side[side].reports_count; i++) {
                said_after++;
                cr_assert(!l.side[side].reports[i].in_sync, "damaged at %zu of side %d", at / 2, side);
            }
            link_clear(&l);
            both_clear(&r[0], &r[1]);
        }
    cr_assert_gt(said_after, 8);
}
