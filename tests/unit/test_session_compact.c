/* Chunks in form 1 between two sessions: who gets them, what they save, and what happens when one does not rebuild. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/compact.h"
#include "proto/wire.h"
#include "tests/support/replica.h"

/* ---- What goes over the line ---- */

struct tap {
    size_t chunks[2]; /* by form */
    size_t bytes[2], again;
    size_t spoil;     /* the form 1 chunk with this number, from 1, gets a bit flipped in its check; 0: none */
    size_t largest_after_first; /* payload of form 1 */
};

static bool listen(void *ctx, struct link *l, int to, struct link_message *m)
{
    struct tap *t = ctx;
    struct cp_wire w;
    (void)l;
    (void)to;
    if (cp_wire_read(CP_BYTES(m->bytes, m->len), &w) != CP_OK)
        return true;
    t->again += w.type == CP_WIRE_AGAIN;
    if (w.type != CP_WIRE_CHUNK)
        return true;
    cr_assert_leq(w.form, CP_CHUNK_FORM_COMPACT);
    t->chunks[w.form]++;
    t->bytes[w.form] += w.bytes.len;
    if (w.form == CP_CHUNK_FORM_COMPACT && t->chunks[1] > 1 && w.bytes.len > t->largest_after_first)
        t->largest_after_first = w.bytes.len;
    if (w.form == CP_CHUNK_FORM_COMPACT && t->chunks[1] == t->spoil)
        m->bytes[w.bytes.ptr - m->bytes] ^= 1;
    return true;
}

/* One meeting; true when both ended well and in sync. */
static bool meet(struct replica *a, struct replica *b, struct tap *t, bool a_old, bool b_old)
{
    struct link l = {.now_ms = 5, .meddle = listen, .meddle_ctx = t};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER, .full_only = a_old};
    struct cp_session_config cb = {.door = CP_DOOR_MEMBER, .full_only = b_old};
    link_start(&l, a, b, &ca, &cb);
    link_run(&l, SIZE_MAX);
    bool ok = true;
    for (int i = 0; i < 2; i++)
        ok = ok && l.side[i].ended && l.side[i].err == CP_OK && l.side[i].reports_count == 1 &&
             l.side[i].reports[0].in_sync;
    link_clear(&l);
    return ok && replica_same(a, b);
}

static void shared(struct replica *a, struct replica *b, struct device *d, unsigned chains, unsigned each)
{
    replica_init(a, 1);
    replica_init(b, 2);
    for (unsigned i = 0; i < chains; i++)
        device_make(&d[i], i + 1);
    replica_found(a, &d[0]);
    for (unsigned i = 0; i < chains * each; i++)
        replica_write(a, &d[i % chains], CP_CONTENT, 20);
    replica_copy(b, a);
}

static void clear(struct replica *a, struct replica *b)
{
    replica_clear(a);
    replica_clear(b);
}

static void apart(struct replica *a, struct replica *b, struct device *d)
{
    shared(a, b, d, 4, 3);
    for (unsigned i = 0; i < 60; i++) {
        replica_write(a, &d[i % 2], CP_CONTENT, 30);
        replica_write(b, &d[2 + i % 2], i % 20 == 0 ? CP_CONTROL : CP_CONTENT, 30);
    }
}

/* ---- Who gets it ---- */

Test(session_compact, both_say_so_and_little_travels)
{
    struct replica a, b;
    struct device d[4];
    struct tap t = {.spoil = 0};
    apart(&a, &b, d);
    cr_assert(meet(&a, &b, &t, false, false));
    cr_assert_eq(t.chunks[0], 0);
    cr_assert_eq(t.chunks[1], 3, "content from one side, control and content from the other");
    cr_assert_eq(t.again, 0);
    cr_assert_leq(t.bytes[1], 120 * 30, "%zu bytes", t.bytes[1]);
    clear(&a, &b);
}

Test(session_compact, one_who_does_not_know_it_gets_it_in_full)
{
    for (int old = 1; old < 4; old++) {
        struct replica a, b;
        struct device d[4];
        struct tap t = {.spoil = 0};
        apart(&a, &b, d);
        cr_assert(meet(&a, &b, &t, (old & 1) != 0, (old & 2) != 0));
        cr_assert_eq(t.chunks[1], 0);
        cr_assert_eq(t.chunks[0], 3);
        clear(&a, &b);
    }
}

/* What an earlier chunk brought may be named in a later one: also chains that the other had never seen. */
Test(session_compact, a_new_machine_gets_everything_small)
{
    struct replica a, b;
    struct device d[3];
    struct tap t = {.spoil = 0};
    shared(&a, &b, d, 3, 0);
    replica_clear(&b);
    b.waits = true;
    for (unsigned i = 0; i < 3000; i++)
        replica_write(&a, &d[i % 3], CP_CONTENT, 8);
    cr_assert(meet(&b, &a, &t, false, false));
    cr_assert_eq(t.again, 0);
    cr_assert_geq(t.chunks[1], 3, "one of control, several of content");
    cr_assert_leq(t.largest_after_first, 3000 * 4);
    clear(&a, &b);
}

/* ---- What does not rebuild ---- */

Test(session_compact, a_spoiled_chunk_is_asked_for_once_in_full)
{
    for (size_t spoil = 1; spoil < 4; spoil++) {
        struct replica a, b;
        struct device d[4];
        struct tap t = {.spoil = spoil};
        apart(&a, &b, d);
        cr_assert(meet(&a, &b, &t, false, false), "chunk %zu", spoil);
        cr_assert(t.again == 1 || t.again == 2, "and the one behind it, which names what it brings");
        cr_assert_eq(t.chunks[0], t.again);
        clear(&a, &b);
    }
}

Test(session_compact, chunks_behind_a_spoiled_one_wait_for_it)
{
    struct replica a, b;
    struct device d[2];
    struct tap t = {.spoil = 2};
    shared(&a, &b, d, 2, 1);
    for (unsigned i = 0; i < 80; i++) /* of zeros: nearly nothing in form 1, and ten chunks all the same */
        replica_write(&a, &d[i % 2], CP_CONTENT, 60000);
    cr_assert(meet(&a, &b, &t, false, false));
    cr_assert_geq(t.again, 1);
    cr_assert_leq(t.again, CP_CHUNKS_IN_FLIGHT);
    cr_assert_geq(t.chunks[0], t.again);
    clear(&a, &b);
}

/* Both sides went on from the same entry of one chain, and the shorter branch is no beginning of the longer. The tips
 * show a fork to one side alone. */
Test(session_compact, forks_seen_and_unseen_end_with_both_branches)
{
    static const unsigned shapes[][2] = {{1, 1}, {2, 4}, {4, 2}, {1, 30}, {30, 1}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct replica a, b;
        struct device d[4];
        struct tap t = {.spoil = 0};
        shared(&a, &b, d, 4, 3);
        for (unsigned k = 0; k < shapes[i][0]; k++)
            replica_write(&a, &d[0], CP_CONTENT, 10);
        for (unsigned k = 0; k < shapes[i][1]; k++)
            replica_write(&b, &d[0], CP_CONTENT, 12);
        for (unsigned k = 0; k < 8; k++) {
            replica_write(&a, &d[k % 2], CP_CONTENT, 10);
            replica_write(&b, &d[2 * (k % 2)], CP_CONTENT, 10);
        }
        cr_assert(meet(&a, &b, &t, false, false), "shape %zu", i);
        for (unsigned k = 0; k < 8; k++)
            replica_write(&a, &d[k % 4], CP_CONTENT, 10);
        struct tap known = {.spoil = 0};
        cr_assert(meet(&b, &a, &known, false, false), "shape %zu, again", i);
        cr_assert_eq(known.again, 0, "a fork that both hold is seen, and its entries are not named");
        clear(&a, &b);
    }
}

/* ---- A peer played by hand ---- */

struct hand {
    struct replica r, other;
    struct device d[2];
    struct cp_session *s;
    struct cp_actions out;
    struct cp_buf b;
    enum cp_err ended; /* CP_ERR_COUNT: not ended */
    size_t stores, again, chunks;
    uint64_t storing;
    unsigned form;     /* of the last chunk sent */
};

static void event(struct hand *h, struct cp_event e)
{
    struct cp_wire w;
    cr_assert_eq(h->ended, CP_ERR_COUNT, "ended: %s", cp_err_word(h->ended));
    cp_session_step(h->s, &e, &h->out);
    for (size_t i = 0; i < h->out.count; i++) {
        const struct cp_action *a = &h->out.list[i];
        if (a->type == CP_ACTION_END)
            h->ended = a->err;
        if (a->type == CP_ACTION_STORE) {
            cr_assert_eq(a->form, CP_CHUNK_FORM_FULL);
            h->storing = a->store_id;
            h->stores++;
        }
        if (a->type == CP_ACTION_SEND && cp_wire_read(a->bytes, &w) == CP_OK) {
            h->again += w.type == CP_WIRE_AGAIN;
            h->chunks += w.type == CP_WIRE_CHUNK;
            h->form = w.type == CP_WIRE_CHUNK ? w.form : h->form;
        }
    }
}

static void stored(struct hand *h)
{
    event(h, (struct cp_event){.type = CP_EVENT_STORED, .store_id = h->storing, .stored = 1});
}

static void say(struct hand *h)
{
    cr_assert_eq(cp_buf_err(&h->b), CP_OK);
    event(h, (struct cp_event){.type = CP_EVENT_MESSAGE, .message = cp_buf_bytes(&h->b)});
    cp_buf_reset(&h->b);
}

/* A called machine with six entries of content; we say that we hold none of them. */
static void begin(struct hand *h, unsigned flags)
{
    static const uint8_t incarnation[CP_INCARNATION_LEN] = {1};
    const struct cp_wire_digests digests = {.wanted = false};
    struct cp_session_config c = {.door = CP_DOOR_MEMBER};
    uint8_t tag[CP_TAG_LEN];
    memset(h, 0, sizeof *h);
    h->ended = CP_ERR_COUNT;
    cp_buf_init(&h->b, &replica_mem, CP_MESSAGE_MAX);
    replica_init(&h->r, 1);
    for (unsigned i = 0; i < 2; i++)
        device_make(&h->d[i], i + 1);
    replica_found(&h->r, &h->d[0]);
    for (unsigned i = 0; i < 6; i++)
        replica_write(&h->r, &h->d[i % 2], CP_CONTENT, 6);
    memcpy(c.own_key, h->r.key, CP_KEY_LEN);
    memset(c.peer_key, 0x77, CP_KEY_LEN);
    h->s = cp_session_new(&h->r.iface, &c);
    event(h, (struct cp_event){.type = CP_EVENT_START});
    cp_hash2(CP_TAG_PLAN_TAG, CP_BYTES(h->r.plan, CP_ID_LEN), CP_BYTES(c.peer_key, CP_KEY_LEN), tag, sizeof tag);
    cp_wire_put_greeting(&h->b, CP_WIRE_HELLO, incarnation, flags);
    cp_put_array(&h->b, 1);
    cp_wire_put_digests(&h->b, tag, &digests);
    say(h);
    struct cp_wire_tip none[2] = {{.seq = 0}};
    for (size_t i = 0; i < 2; i++) {
        cp_chain_tag(h->r.plan, h->d[i].key, h->d[i].incarnation, CP_CONTENT, none[i].tag);
    }
    if (memcmp(none[0].tag, none[1].tag, CP_TAG_LEN) > 0) {
        struct cp_wire_tip first = none[1];
        none[1] = none[0];
        none[0] = first;
    }
    cp_put_array(&h->b, 7);
    cp_put_uint(&h->b, CP_WIRE_TIPS);
    cp_put_uint(&h->b, 0);
    cp_put_uint(&h->b, 1);
    cp_wire_put_tips(&h->b, NULL, 0);
    cp_wire_put_tips(&h->b, none, 2);
    say(h);
}

static void end(struct hand *h)
{
    cp_session_free(h->s);
    cp_buf_clear(&h->b);
    replica_clear(&h->r);
}

/* A chunk of the machine's own: valid and not new. */
static void put_chunk(struct hand *h, uint64_t number, unsigned form)
{
    struct cp_buf payload;
    uint64_t row = 1;
    size_t taken = 0;
    cp_buf_init(&payload, &replica_mem, CP_MESSAGE_MAX);
    if (form == CP_CHUNK_FORM_FULL)
        cr_assert_eq(cp_chunk_build(&h->r.iface.source, &replica_mem, &row, 1, &payload, &taken), CP_OK);
    else
        cp_buf_put_str(&payload, "this is no chunk at all");
    cp_wire_put_chunk(&h->b, 0, CP_CONTENT, 0, number, form, cp_buf_bytes(&payload));
    cp_buf_clear(&payload);
    say(h);
}

static void again(struct hand *h, uint64_t number)
{
    cp_wire_put_again(&h->b, number);
    say(h);
}

Test(session_compact, a_chunk_is_sent_again_once)
{
    struct hand h;
    begin(&h, CP_WIRE_COMPACT);
    cr_assert_eq(h.chunks, 1);
    cr_assert_eq(h.form, CP_CHUNK_FORM_COMPACT);
    again(&h, 1);
    cr_assert_eq(h.chunks, 2);
    cr_assert_eq(h.form, CP_CHUNK_FORM_FULL);
    again(&h, 1);
    cr_assert_eq(h.ended, CP_ERR_BAD_MESSAGE);
    end(&h);
}

Test(session_compact, only_what_is_under_way_in_form_1_is_sent_again)
{
    static const uint64_t numbers[] = {0, 2, CP_INT_MAX};
    struct hand h;
    for (size_t i = 0; i < 3; i++) {
        begin(&h, CP_WIRE_COMPACT);
        again(&h, numbers[i]);
        cr_assert_eq(h.ended, CP_ERR_BAD_MESSAGE);
        end(&h);
    }
    begin(&h, CP_WIRE_COMPACT);
    cp_wire_put_ack(&h.b, 1);
    say(&h);
    again(&h, 1); /* acknowledged */
    cr_assert_eq(h.ended, CP_ERR_BAD_MESSAGE);
    end(&h);
    begin(&h, 0);
    cr_assert_eq(h.form, CP_CHUNK_FORM_FULL, "we did not say that we take form 1");
    again(&h, 1);
    cr_assert_eq(h.ended, CP_ERR_BAD_MESSAGE);
    end(&h);
    begin(&h, CP_WIRE_COMPACT | 64U); /* a flag of the future */
    cr_assert_eq(h.form, CP_CHUNK_FORM_COMPACT);
    h.r.peer_out = true; /* thrown out meanwhile: gets no more, not even again */
    again(&h, 1);
    cr_assert_eq(h.ended, CP_ERR_NOT_A_MEMBER);
    end(&h);
}

Test(session_compact, a_chunk_is_rebuilt_when_those_before_it_are_stored)
{
    struct hand h;
    begin(&h, CP_WIRE_COMPACT);
    put_chunk(&h, 1, CP_CHUNK_FORM_FULL);
    cr_assert_eq(h.stores, 1);
    put_chunk(&h, 2, CP_CHUNK_FORM_COMPACT);
    cr_assert_eq(h.again, 0, "nobody looked at it yet");
    stored(&h);
    cr_assert_eq(h.again, 1);
    put_chunk(&h, 3, CP_CHUNK_FORM_FULL);
    cr_assert_eq(h.stores, 1, "it waits");
    put_chunk(&h, 2, CP_CHUNK_FORM_FULL);
    cr_assert_eq(h.stores, 2);
    stored(&h);
    cr_assert_eq(h.stores, 3);
    stored(&h);
    cr_assert_eq(h.again, 1);
    end(&h);
}

Test(session_compact, what_was_asked_for_comes_in_full_or_not_at_all)
{
    struct hand h;
    begin(&h, CP_WIRE_COMPACT);
    put_chunk(&h, 1, CP_CHUNK_FORM_COMPACT);
    cr_assert_eq(h.again, 1);
    put_chunk(&h, 1, CP_CHUNK_FORM_COMPACT);
    cr_assert_eq(h.ended, CP_ERR_BAD_MESSAGE);
    end(&h);
    begin(&h, CP_WIRE_COMPACT);
    put_chunk(&h, 1, 2); /* a form of the future */
    cr_assert_eq(h.ended, CP_ERR_BAD_MESSAGE);
    end(&h);
    begin(&h, CP_WIRE_COMPACT);
    put_chunk(&h, 1, CP_CHUNK_FORM_COMPACT);
    for (uint64_t number = 2; number < 5; number++)
        put_chunk(&h, number, CP_CHUNK_FORM_FULL);
    put_chunk(&h, 5, CP_CHUNK_FORM_FULL);
    cr_assert_eq(h.ended, CP_ERR_PEER_TOO_MUCH, "what waits is bounded");
    end(&h);
    begin(&h, CP_WIRE_COMPACT);
    put_chunk(&h, 1, CP_CHUNK_FORM_COMPACT);
    event(&h, (struct cp_event){.type = CP_EVENT_TICK, .now_ms = 40000});
    cr_assert_eq(h.ended, CP_ERR_TIMED_OUT, "it is the peer's turn");
    end(&h);
}

Test(session_compact, memory_gives_out_at_every_call)
{
    for (size_t at = 1; at < 400; at += 3) {
        struct replica a, b;
        struct device d[4];
        struct tap t = {.spoil = 1};
        shared(&a, &b, d, 2, 1);
        replica_write(&a, &d[0], CP_CONTENT, 30);
        replica_write(&b, &d[1], CP_CONTENT, 30);
        struct link l = {.now_ms = 5, .meddle = listen, .meddle_ctx = &t};
        struct cp_session_config c[2] = {{.door = CP_DOOR_MEMBER}, {.door = CP_DOOR_MEMBER}};
        link_start(&l, &a, &b, &c[0], &c[1]);
        replica_calls = 0;
        replica_fail_at = at;
        link_run(&l, SIZE_MAX);
        replica_fail_at = 0;
        link_clear(&l);
        clear(&a, &b);
    }
}
