/* Sessions: plans one side waits for, the two narrow doors, and sessions that stay. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/support/replica.h"

static void found(struct replica *a, struct device *d, unsigned entries)
{
    replica_init(a, 1);
    for (unsigned i = 0; i < 3; i++)
        device_make(&d[i], i + 1);
    replica_found(a, &d[0]);
    for (unsigned i = 0; i < entries; i++)
        replica_write(a, &d[0], i % 4 == 0 ? CP_CONTROL : CP_CONTENT, 20);
}

/* b waits for a's plan. */
static void awaiting(struct replica *b, const struct replica *a)
{
    replica_init(b, 2);
    memcpy(b->plan, a->plan, CP_ID_LEN);
    b->waits = true;
}

Test(doors, an_awaited_plan_comes_whole_whoever_calls)
{
    for (int newcomer_calls = 0; newcomer_calls < 2; newcomer_calls++) {
        struct replica a, b;
        struct device d[3];
        found(&a, d, 20);
        awaiting(&b, &a);
        cr_assert(newcomer_calls ? link_meet(&b, &a) : link_meet(&a, &b));
        cr_assert(replica_same(&a, &b));
        replica_write(&b, &d[1], CP_CONTENT, 5);
        cr_assert(link_meet(&b, &a));
        cr_assert(replica_same(&a, &b));
        replica_clear(&a);
        replica_clear(&b);
    }
}

Test(doors, a_plan_nobody_waits_for_is_passed_over)
{
    for (int newcomer_calls = 0; newcomer_calls < 2; newcomer_calls++) {
        struct replica a, b;
        struct device d[3];
        struct link l = {.now_ms = 5};
        struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
        found(&a, d, 8);
        awaiting(&b, &a);
        b.waits = false;
        link_start(&l, newcomer_calls ? &b : &a, newcomer_calls ? &a : &b, &ca, &cb);
        link_run(&l, SIZE_MAX);
        for (int i = 0; i < 2; i++) {
            cr_assert(l.side[i].ended);
            cr_assert_eq(l.side[i].err, CP_OK);
            cr_assert_eq(l.side[i].reports_count, 0);
        }
        cr_assert_eq(b.count, 0);
        link_clear(&l);
        replica_clear(&a);
        replica_clear(&b);
    }
}

Test(doors, one_who_is_out_gets_nothing)
{
    struct replica a, b;
    struct device d[3];
    struct link l = {.now_ms = 5};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    found(&a, d, 8);
    replica_init(&b, 2);
    replica_copy(&b, &a);
    replica_write(&a, &d[0], CP_CONTENT, 20);
    a.peer_out = true;
    size_t had = b.count;
    link_start(&l, &b, &a, &ca, &cb);
    link_run(&l, SIZE_MAX);
    cr_assert_eq(b.count, had);
    cr_assert(!l.chunk_seen);
    link_clear(&l);
    replica_clear(&a);
    replica_clear(&b);
}

static bool throw_out(void *ctx, struct link *l, int to, struct link_message *m)
{
    struct replica *a = ctx;
    (void)l;
    (void)to;
    if (m->len > 1 && m->bytes[1] == CP_WIRE_CHUNK)
        a->peer_out = true;
    return true;
}

Test(doors, one_thrown_out_in_the_middle_gets_no_more)
{
    struct replica a, b;
    struct device d[3];
    struct link l = {.now_ms = 5, .meddle = throw_out};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    found(&a, d, 2);
    replica_init(&b, 2);
    replica_copy(&b, &a);
    for (int i = 0; i < 100; i++)
        replica_write(&a, &d[0], CP_CONTENT, 60000);
    l.meddle_ctx = &a;
    link_start(&l, &a, &b, &ca, &cb);
    link_run(&l, SIZE_MAX);
    cr_assert_eq(l.side[0].err, CP_ERR_NOT_A_MEMBER);
    cr_assert_eq(l.side[1].err, CP_ERR_NOT_A_MEMBER);
    cr_assert(!l.side[0].reports[0].in_sync && !l.side[1].reports[0].in_sync);
    cr_assert_leq(b.chunks, CP_CHUNKS_IN_FLIGHT);
    link_clear(&l);
    replica_clear(&a);
    replica_clear(&b);
}

Test(doors, an_invitation_delivers_one_join)
{
    static const enum cp_err answers[] = {CP_OK, CP_ERR_INVITATION_USED, CP_ERR_BAD_INVITATION, CP_ERR_BUSY};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct replica a, b;
        struct device d[3];
        struct link l = {.now_ms = 5};
        struct cp_session_config ca = {.door = CP_DOOR_INVITE, .join = cp_bytes_str("any")};
        struct cp_session_config cb = {.door = CP_DOOR_INVITE};
        found(&a, d, 8);
        awaiting(&b, &a);
        memcpy(cb.plan, a.plan, CP_ID_LEN);
        l.side[1].join_result = answers[i];
        link_start(&l, &b, &a, &ca, &cb);
        link_run(&l, SIZE_MAX);
        for (int k = 0; k < 2; k++) {
            cr_assert(l.side[k].ended);
            cr_assert_eq(l.side[k].err, answers[i]);
        }
        cr_assert_eq(l.side[1].joins, 1);
        cr_assert_eq(b.count, 0, "the door gives nothing");
        link_clear(&l);
        replica_clear(&a);
        replica_clear(&b);
    }
}

static void knock(struct replica *a, struct replica *b, bool must_prove, struct link *l)
{
    struct cp_session_config ca = {.door = CP_DOOR_KNOCK, .must_prove = must_prove}, cb = {.door = CP_DOOR_KNOCK};
    memcpy(ca.plan, a->plan, CP_ID_LEN);
    memcpy(cb.plan, a->plan, CP_ID_LEN);
    link_start(l, a, b, &ca, &cb);
    link_run(l, SIZE_MAX);
}

Test(doors, knocking_hands_over_control_and_takes_nothing)
{
    struct replica a, b;
    struct device d[3];
    struct link l = {.now_ms = 5};
    found(&a, d, 8);
    replica_init(&b, 2);
    replica_copy(&b, &a);
    replica_write(&a, &d[1], CP_CONTROL, 0);
    replica_write(&a, &d[1], CP_CONTENT, 9);
    replica_write(&b, &d[2], CP_CONTROL, 0);
    size_t had[2] = {a.count, b.count};
    knock(&a, &b, false, &l);
    for (int i = 0; i < 2; i++) {
        cr_assert(l.side[i].ended);
        cr_assert_eq(l.side[i].err, CP_OK);
        cr_assert(!l.side[i].reports[0].in_sync);
    }
    cr_assert_eq(a.count, had[0]);
    cr_assert_eq(b.count, had[1] + 1);
    link_clear(&l);
    replica_clear(&a);
    replica_clear(&b);
}

Test(doors, the_called_side_must_prove_itself)
{
    for (int shared = 0; shared < 2; shared++) {
        struct replica a, b;
        struct device d[3];
        struct link l = {.now_ms = 5};
        found(&a, d, 8);
        replica_init(&b, 2);
        replica_copy(&b, &a);
        replica_write(&a, &d[1], CP_CONTROL, 0);
        a.proof_count = b.proof_count = 2;
        memset(a.proof[0], 1, CP_KEY_LEN); /* each has a newer secret that the other does not know */
        memset(b.proof[0], 2, CP_KEY_LEN);
        memset(a.proof[1], 3, CP_KEY_LEN);
        memset(b.proof[1], shared ? 3 : 4, CP_KEY_LEN);
        size_t had = b.count;
        knock(&a, &b, true, &l);
        cr_assert_eq(l.side[0].err, shared ? CP_OK : CP_ERR_UNPROVEN);
        cr_assert_eq(b.count, had + (shared ? 1 : 0));
        link_clear(&l);
        replica_clear(&a);
        replica_clear(&b);
    }
}

static void news(struct link *l, int side)
{
    struct cp_event e = {.type = CP_EVENT_NEWS, .now_ms = l->now_ms};
    memcpy(e.plan, l->side[side].replica->plan, CP_ID_LEN);
    link_event(l, side, &e);
}

/* Device d[i] writes on machine i: its chain is that machine's own. */
static void staying(struct link *l, struct replica *a, struct replica *b, struct device *d)
{
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER, .stay = true}, cb = {.door = CP_DOOR_MEMBER, .stay = true};
    replica_init(a, 1);
    replica_init(b, 2);
    for (unsigned i = 0; i < 3; i++)
        device_make(&d[i], i + 1);
    memcpy(d[0].incarnation, a->incarnation, CP_INCARNATION_LEN);
    memcpy(d[1].incarnation, b->incarnation, CP_INCARNATION_LEN);
    replica_found(a, &d[0]);
    replica_write(a, &d[0], CP_CONTENT, 5);
    replica_copy(b, a);
    replica_write(b, &d[1], CP_CONTENT, 5);
    link_start(l, a, b, &ca, &cb);
    link_run(l, SIZE_MAX);
}

static void settled(struct link *l, size_t reports, int line)
{
    for (int i = 0; i < 2; i++) {
        cr_assert(!l->side[i].ended, "line %d side %d ended: %s", line, i, cp_err_word(l->side[i].err));
        cr_assert_eq(l->side[i].reports_count, reports, "line %d side %d: %zu reports", line, i,
                     l->side[i].reports_count);
        cr_assert(l->side[i].reports[reports - 1].in_sync, "line %d", line);
        cr_assert_eq(cp_session_deadline_ms(l->side[i].session), UINT64_MAX);
    }
    cr_assert(replica_same(l->side[0].replica, l->side[1].replica));
}

Test(doors, a_session_that_stays_pushes_both_ways)
{
    struct replica a, b;
    struct device d[3];
    struct link l = {.now_ms = 5};
    staying(&l, &a, &b, d);
    cr_assert(cp_session_stays(l.side[0].session) && cp_session_stays(l.side[1].session));
    settled(&l, 1, __LINE__);
    for (unsigned i = 0; i < 6; i++) { /* own entries: at once */
        replica_write(i % 2 == 0 ? &a : &b, &d[i % 2], i == 4 ? CP_CONTROL : CP_CONTENT, 5);
        news(&l, i % 2 == 0 ? 0 : 1);
        link_run(&l, SIZE_MAX);
        settled(&l, 2 + i, __LINE__);
    }
    replica_write(&b, &d[2], CP_CONTENT, 5); /* somebody else's: announced by tip */
    replica_write(&b, &d[1], CP_CONTENT, 5);
    news(&l, 1);
    link_run(&l, SIZE_MAX);
    settled(&l, 8, __LINE__);
    replica_write(&a, &d[0], CP_CONTENT, 5); /* both at the same moment */
    replica_write(&b, &d[1], CP_CONTENT, 5);
    news(&l, 0);
    news(&l, 1);
    link_run(&l, SIZE_MAX);
    settled(&l, 9, __LINE__);
    news(&l, 0); /* nothing new: nothing is said */
    cr_assert(!link_step(&l));
    struct cp_event close = {.type = CP_EVENT_CLOSE, .now_ms = l.now_ms};
    link_event(&l, 0, &close);
    link_run(&l, SIZE_MAX);
    cr_assert(l.side[0].ended && l.side[1].ended);
    cr_assert(l.side[0].err == CP_OK && l.side[1].err == CP_OK);
    link_clear(&l);
    replica_clear(&a);
    replica_clear(&b);
}

Test(doors, news_in_the_middle_of_an_exchange_is_not_lost)
{
    for (size_t after = 0; after < 14; after++) {
        struct replica a, b;
        struct device d[3];
        struct link l = {.now_ms = 5};
        staying(&l, &a, &b, d);
        replica_write(&a, &d[0], CP_CONTENT, 5);
        news(&l, 0);
        link_run(&l, after);
        replica_write(&a, &d[0], CP_CONTENT, 5);
        replica_write(&b, &d[2], CP_CONTENT, 5);
        replica_write(&b, &d[1], CP_CONTENT, 5);
        news(&l, 0);
        news(&l, 1);
        link_run(&l, SIZE_MAX);
        for (int i = 0; i < 2; i++) {
            const struct link_side *side = &l.side[i];
            cr_assert(!side->ended, "after %zu: %s", after, cp_err_word(side->err));
            cr_assert(side->reports[side->reports_count - 1].in_sync, "after %zu", after);
        }
        cr_assert(replica_same(&a, &b), "after %zu", after);
        link_clear(&l);
        replica_clear(&a);
        replica_clear(&b);
    }
}

/* The worked example of the document is what the program says. */
Test(doors, the_greeting_in_the_document)
{
    static char text[65536];
    char path[1024], line[512], hex[256];
    const char *root = getenv("COPLAN_SRC");
    struct replica a;
    struct device d;
    struct cp_actions out;
    struct cp_session_config c = {.door = CP_DOOR_MEMBER, .caller = true};
    const struct cp_event start = {.type = CP_EVENT_START};
    replica_init(&a, 1);
    device_make(&d, 1);
    replica_found(&a, &d);
    memcpy(c.own_key, a.key, CP_KEY_LEN);
    memset(c.peer_key, 0x77, CP_KEY_LEN);
    memcpy(c.own_incarnation, a.incarnation, CP_INCARNATION_LEN);
    struct cp_session *s = cp_session_new(&a.iface, &c);
    cr_assert_not_null(s);
    cp_session_step(s, &start, &out);
    (void)snprintf(path, sizeof path, "%s/docs/protocol-session.md", root != NULL ? root : ".");
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size_t len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    cr_assert_gt(len, 0);
    cp_hex_encode(a.plan, CP_ID_LEN, hex);
    (void)snprintf(line, sizeof line, "\nplan   %s\n", hex);
    cr_assert_not_null(strstr(text, line), "%s", line);
    cr_assert_leq(out.list[0].bytes.len, (sizeof hex - 1) / 2);
    cp_hex_encode(out.list[0].bytes.ptr, out.list[0].bytes.len, hex);
    (void)snprintf(line, sizeof line, "\nhello  %s\n", hex);
    cr_assert_not_null(strstr(text, line), "%s", line);
    cp_session_free(s);
    replica_clear(&a);
}

/* What a third machine brought while two compared was not compared: "in sync" is about less than is held then. */
Test(doors, what_came_in_meanwhile_is_told_apart)
{
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    bool seen = false;
    for (size_t at = 1; at < 12; at++) {
        struct replica a, b;
        struct device d[3];
        struct link l = {.now_ms = 5};
        replica_init(&a, 1);
        replica_init(&b, 2);
        for (unsigned i = 0; i < 3; i++)
            device_make(&d[i], i + 1);
        replica_found(&a, &d[0]);
        replica_copy(&b, &a);
        replica_write(&a, &d[0], CP_CONTENT, 5);
        replica_write(&b, &d[1], CP_CONTENT, 5);
        link_start(&l, &a, &b, &ca, &cb);
        link_run(&l, at);
        bool going = !l.side[0].ended && l.side[0].reports_count == 0;
        if (going) {
            replica_write(&a, &d[2], CP_CONTENT, 1);
            news(&l, 0);
        }
        link_run(&l, SIZE_MAX);
        for (int i = 0; i < 2; i++) {
            cr_assert_eq(l.side[i].reports_count, 1);
            cr_assert_arr_eq(l.side[i].reports[0].incarnation, i == 0 ? b.incarnation : a.incarnation,
                             CP_INCARNATION_LEN, "whose it is");
        }
        cr_assert_not(l.side[1].reports[0].more, "nothing came to the other side");
        cr_assert(!going || l.side[0].reports[0].more, "after %zu messages", at);
        seen = seen || (going && l.side[0].reports[0].in_sync);
        link_clear(&l);
        replica_clear(&a);
        replica_clear(&b);
    }
    cr_assert(seen, "in sync all the same, as of what was compared");
}
