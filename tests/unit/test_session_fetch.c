/*
 * Pieces of attachments in a session: fetched by either side after the words, resumed where a link was cut, given only to who
 * asks, and everything that a liar may say about them.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/support/replica.h"

#define BIG   ((size_t)9 * CP_PIECE_LEN + 100)
#define SMALL 1000U

struct two {
    struct replica r[2];
    struct shelf shelf[2];
    struct device d;
    struct link l;
    size_t fetches[2], chunks; /* FETCH messages towards a side; CHUNKs seen */
    size_t fetch_before_done;  /* FETCHes while an exchange was still under way */
    bool done[2];
    int lie; /* what is bent on its way to side 0 */
    bool wish_late; /* side 0's machine asks for all once the first chunk comes */
};

/* Both hold the same plan; side 1 has the bytes of a big and a small attachment. */
static void two_init(struct two *t)
{
    memset(t, 0, sizeof *t);
    device_make(&t->d, 1);
    for (unsigned i = 0; i < 2; i++) {
        replica_init(&t->r[i], i + 1);
        shelf_init(&t->shelf[i]);
        (void)shelf_add(&t->shelf[i], 11, BIG, i == 1, i == 0);
        (void)shelf_add(&t->shelf[i], 22, SMALL, i == 1, i == 0);
        replica_shelve(&t->r[i], &t->shelf[i]);
    }
    replica_found(&t->r[0], &t->d);
    replica_write(&t->r[0], &t->d, CP_CONTENT, 20);
    memcpy(t->r[1].plan, t->r[0].plan, CP_ID_LEN);
    t->r[1].held = true;
    replica_copy(&t->r[1], &t->r[0]);
    t->l.now_ms = 1000;
}

static void two_clear(struct two *t)
{
    link_clear(&t->l);
    replica_clear(&t->r[0]);
    replica_clear(&t->r[1]);
}

enum {
    LIE_NONE,
    LIE_BYTES,
    LIE_SHORT,
    LIE_NUMBER,
    LIE_TWICE,
    LIE_OTHER
};

static bool watch(void *ctx, struct link *l, int to, struct link_message *m)
{
    struct two *t = ctx;
    struct cp_wire w;
    cr_assert_eq(cp_wire_read(CP_BYTES(m->bytes, m->len), &w), CP_OK);
    t->chunks += w.type == CP_WIRE_CHUNK ? 1 : 0;
    t->done[to] = t->done[to] || w.type == CP_WIRE_DONE;
    if (t->wish_late && w.type == CP_WIRE_CHUNK)
        t->shelf[0].rows[0].wished = t->shelf[0].rows[1].wished = true;
    if (w.type == CP_WIRE_FETCH) {
        t->fetches[to]++;
        t->fetch_before_done += t->chunks > 0 && !t->done[1 - to] ? 1 : 0;
    }
    if (w.type != CP_WIRE_PIECE || to != 0 || t->lie == LIE_NONE)
        return true;
    struct cp_buf b;
    static uint8_t bytes[CP_PIECE_LEN];
    memcpy(bytes, w.bytes.ptr, w.bytes.len);
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    if (t->lie == LIE_BYTES)
        bytes[w.bytes.len / 2] ^= 1;
    uint8_t other[CP_ID_LEN];
    memset(other, 22, sizeof other);
    cp_wire_put_piece(&b, 0, t->lie == LIE_OTHER ? other : w.id, w.number + (t->lie == LIE_NUMBER ? 1 : 0),
                      CP_BYTES(bytes, w.bytes.len - (t->lie == LIE_SHORT ? 1 : 0)));
    const struct cp_event e = {.type = CP_EVENT_MESSAGE, .now_ms = l->now_ms, .message = cp_buf_bytes(&b)};
    bool twice = t->lie == LIE_TWICE;
    t->lie = LIE_NONE;
    for (int i = 0; i < (twice ? 2 : 1) && !l->side[0].ended; i++)
        link_event(l, 0, &e);
    cp_buf_clear(&b);
    return false;
}

static void begin(struct two *t, bool stay, int caller)
{
    struct cp_session_config a = {.door = CP_DOOR_MEMBER, .stay = stay}, b = a;
    t->l.meddle = watch;
    t->l.meddle_ctx = t;
    link_start(&t->l, &t->r[caller], &t->r[1 - caller], &a, &b);
}

static void both_ended_well(const struct two *t)
{
    for (int i = 0; i < 2; i++)
        cr_expect(t->l.side[i].ended && t->l.side[i].err == CP_OK, "side %d: %s", i,
                  cp_err_word(t->l.side[i].err));
}

Test(session_fetch, the_caller_fetches)
{
    struct two t;
    two_init(&t);
    begin(&t, false, 0);
    link_run(&t.l, SIZE_MAX);
    both_ended_well(&t);
    cr_expect(shelf_whole(&t.shelf[0].rows[0]) && shelf_whole(&t.shelf[0].rows[1]));
    cr_expect(t.shelf[0].kept == 11 && t.shelf[1].given == 11 && t.fetches[1] == 11, "nothing twice");
    cr_expect_eq(cp_session_totals(t.l.side[0].session).pieces_in, 11);
    cr_expect_eq(cp_session_totals(t.l.side[1].session).pieces_out, 11);
    two_clear(&t);
}

Test(session_fetch, the_called_side_fetches)
{
    struct two t;
    two_init(&t);
    begin(&t, false, 1);
    link_run(&t.l, SIZE_MAX);
    both_ended_well(&t);
    cr_expect(t.shelf[0].kept == 11);
    two_clear(&t);
}

Test(session_fetch, words_come_before_pictures)
{
    struct two t;
    two_init(&t);
    for (int i = 0; i < 200; i++)
        replica_write(&t.r[1], &t.d, CP_CONTENT, 3000);
    begin(&t, false, 0);
    link_run(&t.l, SIZE_MAX);
    both_ended_well(&t);
    cr_expect(replica_same(&t.r[0], &t.r[1]) && t.chunks > 0);
    cr_expect_eq(t.fetch_before_done, 0);
    cr_expect_eq(t.shelf[0].kept, 11);
    two_clear(&t);
}

/* The words that come bring the wish: whoever called must not hang up before the other has looked. */
Test(session_fetch, what_comes_may_bring_wishes)
{
    struct two t;
    two_init(&t);
    t.shelf[0].rows[0].wished = t.shelf[0].rows[1].wished = false;
    t.wish_late = true;
    replica_write(&t.r[1], &t.d, CP_CONTENT, 3000);
    begin(&t, false, 1);
    link_run(&t.l, SIZE_MAX);
    both_ended_well(&t);
    cr_expect(t.chunks > 0 && t.shelf[0].kept == 11);
    two_clear(&t);
}

Test(session_fetch, nothing_wanted_is_one_round_trip)
{
    struct two t;
    two_init(&t);
    t.shelf[0].rows[0].wished = t.shelf[0].rows[1].wished = false;
    begin(&t, false, 0);
    link_run(&t.l, SIZE_MAX);
    both_ended_well(&t);
    cr_expect_eq(t.l.messages, 3, "HELLO, WELCOME, BYE");
    cr_expect_eq(t.fetches[0] + t.fetches[1], 0);
    two_clear(&t);
}

Test(session_fetch, a_peer_that_does_not_know_pieces_is_not_asked)
{
    struct two t;
    two_init(&t);
    t.r[1].iface.pieces = NULL;
    begin(&t, false, 0);
    link_run(&t.l, SIZE_MAX);
    both_ended_well(&t);
    cr_expect(t.fetches[1] == 0 && t.shelf[0].kept == 0);
    two_clear(&t);
}

Test(session_fetch, what_is_not_given_keeps_nobody_from_the_rest)
{
    struct two t;
    two_init(&t);
    t.shelf[1].rows[0].hidden = true;
    begin(&t, false, 0);
    link_run(&t.l, SIZE_MAX);
    both_ended_well(&t);
    cr_expect(!t.shelf[0].rows[0].here[0] && shelf_whole(&t.shelf[0].rows[1]));
    cr_expect_leq(t.fetches[1], CP_PIECES_IN_FLIGHT + 1, "and it is not asked for piece after piece");
    two_clear(&t);
}

Test(session_fetch, cut_at_every_message_it_goes_on_where_it_broke)
{
    for (size_t cut = 1; cut < 30; cut++) {
        struct two t;
        two_init(&t);
        begin(&t, false, 0);
        link_run(&t.l, cut);
        size_t before = t.shelf[0].kept;
        link_clear(&t.l);
        t.l.now_ms = 1000;
        begin(&t, false, 0);
        link_run(&t.l, SIZE_MAX);
        both_ended_well(&t);
        cr_expect(t.shelf[0].kept == 11, "cut after %zu: %zu, then %zu", cut, before, t.shelf[0].kept);
        two_clear(&t);
    }
}

Test(session_fetch, a_wrong_piece_is_not_kept)
{
    static const struct {
        int lie;
        enum cp_err err;
    } rows[] = {{LIE_BYTES, CP_ERR_BAD_PIECE},
                {LIE_SHORT, CP_ERR_BAD_PIECE},
                {LIE_NUMBER, CP_ERR_BAD_MESSAGE},
                {LIE_TWICE, CP_ERR_BAD_MESSAGE},
                {LIE_OTHER, CP_ERR_BAD_MESSAGE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct two t;
        two_init(&t);
        t.lie = rows[i].lie;
        begin(&t, false, 0);
        link_run(&t.l, SIZE_MAX);
        cr_expect(t.l.side[0].ended && t.l.side[0].err == rows[i].err, "lie %d: %s", rows[i].lie,
                  cp_err_word(t.l.side[0].err));
        cr_expect_eq(t.shelf[0].kept, rows[i].lie == LIE_TWICE ? 1 : 0);
        two_clear(&t);
    }
}

static void say(struct two *t, int to, struct cp_buf *b)
{
    cr_assert_eq(cp_buf_err(b), CP_OK);
    link_event(
        &t->l, to,
        &(struct cp_event){.type = CP_EVENT_MESSAGE, .now_ms = t->l.now_ms, .message = cp_buf_bytes(b)});
    cp_buf_reset(b);
}

/* Both stay, and are in sync: side 1 hears something by hand. */
static void settled(struct two *t, struct cp_buf *b)
{
    two_init(t);
    t->shelf[0].rows[0].wished = t->shelf[0].rows[1].wished = false;
    begin(t, true, 0);
    link_run(&t->l, SIZE_MAX);
    cr_assert(!t->l.side[0].ended && !t->l.side[1].ended);
    cp_buf_init(b, &replica_mem, CP_MESSAGE_MAX);
}

Test(session_fetch, messages_that_make_no_sense_end_it)
{
    static const uint8_t zeros[CP_ID_LEN];
    for (int i = 0; i < 7; i++) {
        struct two t;
        struct cp_buf b;
        settled(&t, &b);
        const uint8_t *id = t.shelf[1].rows[0].id;
        if (i == 0)
            cp_wire_put_fetch(&b, 7, id, 0); /* no such plan */
        else if (i == 1)
            cp_wire_put_fetch(&b, 0, id, CP_PIECES_MAX); /* beyond what there can be */
        else if (i == 2)
            cp_wire_put_piece(&b, 0, id, 0, CP_BYTES(id, 8)); /* nobody asked */
        else if (i == 3)
            cp_wire_put_piece(&b, 0, id, 0, CP_BYTES(NULL, 0));
        else if (i == 4)
            cp_wire_put_enough(&b); /* where both stay there is no such thing */
        else if (i == 5)
            cp_wire_put_piece(&b, 0, zeros, 0, CP_BYTES(NULL, 0)); /* as if "nothing" had been asked for */
        else
            cp_buf_put(&b, "\x94\x11\0\xc4\x20", 5); /* cut short */
        say(&t, 1, &b);
        cr_expect(t.l.side[1].ended && cp_err_class(t.l.side[1].err) == CP_CLASS_PEER, "message %d: %s", i,
                  cp_err_word(t.l.side[1].err));
        cr_expect_eq(t.shelf[1].kept, 0);
        cp_buf_clear(&b);
        two_clear(&t);
    }
}

/* Each piece that was asked for, answered and kept: once more, when nothing is asked for any more. */
Test(session_fetch, what_was_answered_is_not_taken_again)
{
    for (uint64_t i = 0; i < 11; i++) {
        struct two t;
        struct cp_buf b;
        uint8_t bytes[CP_PIECE_LEN];
        two_init(&t);
        begin(&t, true, 0);
        link_run(&t.l, SIZE_MAX);
        cr_assert(t.shelf[0].kept == 11 && !t.l.side[0].ended);
        const struct shelf_row *r = &t.shelf[1].rows[i < 10 ? 0 : 1];
        cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
        cp_wire_put_piece(&b, 0, r->id, i % 10, shelf_piece(r, i % 10, bytes));
        say(&t, 0, &b);
        cr_expect(t.l.side[0].ended && t.l.side[0].err == CP_ERR_BAD_MESSAGE, "piece %zu", (size_t)i);
        cr_expect_eq(t.shelf[0].kept, 11);
        cp_buf_clear(&b);
        two_clear(&t);
    }
}

Test(session_fetch, who_does_not_know_pieces_is_not_answered)
{
    struct two t;
    struct cp_buf b;
    settled(&t, &b);
    link_clear(&t.l);
    t.l.now_ms = 1000;
    t.r[1].iface.pieces = NULL;
    begin(&t, true, 0);
    link_run(&t.l, SIZE_MAX);
    cp_wire_put_fetch(&b, 0, t.shelf[1].rows[0].id, 0);
    say(&t, 1, &b);
    cr_expect(t.l.side[1].ended && t.l.side[1].err == CP_ERR_BAD_MESSAGE);
    cp_buf_clear(&b);
    two_clear(&t);
}

/* Unknown entries, pieces beyond the end, somebody who is no member any more. */
Test(session_fetch, nil_for_what_is_not_here_and_nothing_for_strangers)
{
    struct two t;
    struct cp_buf b;
    uint8_t none[CP_ID_LEN] = {0};
    settled(&t, &b);
    cp_wire_put_fetch(&b, 0, none, 0);
    say(&t, 1, &b);
    cp_wire_put_fetch(&b, 0, t.shelf[1].rows[1].id, 1);
    say(&t, 1, &b);
    cr_expect(!t.l.side[1].ended && t.shelf[1].given == 0);
    t.r[1].peer_out = true;
    cp_wire_put_fetch(&b, 0, t.shelf[1].rows[1].id, 0);
    say(&t, 1, &b);
    cr_expect(t.l.side[1].ended && t.l.side[1].err == CP_ERR_NOT_A_MEMBER && t.shelf[1].given == 0);
    cp_buf_clear(&b);
    two_clear(&t);
}

Test(session_fetch, a_wish_in_a_session_that_stays)
{
    struct two t;
    struct cp_buf b;
    settled(&t, &b);
    t.shelf[0].rows[1].wished = true;
    link_event(&t.l, 0, &(struct cp_event){.type = CP_EVENT_WISHES, .now_ms = 1000});
    link_run(&t.l, SIZE_MAX);
    cr_expect(shelf_whole(&t.shelf[0].rows[1]) && t.fetches[1] == 1 && !t.l.side[0].ended &&
              !t.l.side[1].ended);
    cr_expect_eq(cp_session_deadline_ms(t.l.side[0].session), UINT64_MAX);
    /* Asked, and never answered: that is waited for, and not for ever. */
    t.shelf[0].rows[0].wished = true;
    link_event(&t.l, 0, &(struct cp_event){.type = CP_EVENT_WISHES, .now_ms = 1000});
    cr_expect_eq(cp_session_deadline_ms(t.l.side[0].session), 1000 + 30000);
    link_event(&t.l, 0, &(struct cp_event){.type = CP_EVENT_TICK, .now_ms = 31000});
    cr_expect(t.l.side[0].ended && t.l.side[0].err == CP_ERR_TIMED_OUT);
    cp_buf_clear(&b);
    two_clear(&t);
}

/* Asked for once more while pieces are under way: a look from the beginning meets those again, and asks for none twice. */
Test(session_fetch, a_second_wish_asks_for_nothing_twice)
{
    struct two t;
    struct cp_buf b;
    settled(&t, &b);
    t.shelf[0].rows[0].wished = true;
    link_event(&t.l, 0, &(struct cp_event){.type = CP_EVENT_WISHES, .now_ms = 1000});
    link_run(&t.l, 2);
    cr_assert_gt(t.fetches[1], 0);
    t.shelf[0].rows[1].wished = true;
    link_event(&t.l, 0, &(struct cp_event){.type = CP_EVENT_WISHES, .now_ms = 1000});
    link_run(&t.l, SIZE_MAX);
    cr_expect(t.shelf[0].kept == 11 && t.fetches[1] == 11, "%zu asked for", t.fetches[1]);
    cp_buf_clear(&b);
    two_clear(&t);
}

Test(session_fetch, enough_is_said_once)
{
    struct two t;
    struct cp_buf b;
    two_init(&t);
    begin(&t, false, 1);
    link_run(&t.l, 2); /* the called side fetches: it has not enough yet */
    cr_assert(!t.l.side[1].ended);
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    for (int i = 0; i < 2; i++) {
        cp_wire_put_enough(&b);
        if (!t.l.side[1].ended)
            say(&t, 1, &b);
        cp_buf_reset(&b);
    }
    cr_expect(t.l.side[1].ended && t.l.side[1].err == CP_ERR_BAD_MESSAGE, "%s", cp_err_word(t.l.side[1].err));
    cp_buf_clear(&b);
    two_clear(&t);
}

Test(session_fetch, no_room_and_trouble_of_our_own)
{
    struct two t;
    two_init(&t);
    t.shelf[0].room = 3;
    begin(&t, false, 0);
    link_run(&t.l, SIZE_MAX);
    both_ended_well(&t);
    cr_expect_eq(t.shelf[0].kept, 3,
                 "the rest of what was under way is given up, and nothing more asked for");
    cr_expect_leq(t.fetches[1], 3 + CP_PIECES_IN_FLIGHT);
    two_clear(&t);
    two_init(&t);
    t.shelf[1].broken = CP_ERR_IO;
    begin(&t, false, 0);
    link_run(&t.l, SIZE_MAX);
    cr_expect(t.l.side[1].ended && t.l.side[1].err == CP_ERR_IO);
    cr_expect(t.l.side[0].ended && t.l.side[0].err == CP_ERR_INTERRUPTED, "what is wrong there is not told");
    two_clear(&t);
}
