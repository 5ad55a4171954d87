/* Sessions: peers that lie, repeat, flip bits or never end. Nothing crashes, nothing false is called in sync. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/support/replica.h"

static void apart(struct replica *a, struct replica *b, struct device *d)
{
    replica_init(a, 1);
    replica_init(b, 2);
    for (unsigned i = 0; i < 3; i++)
        device_make(&d[i], i + 1);
    replica_found(a, &d[0]);
    for (unsigned i = 0; i < 3; i++)
        replica_write(a, &d[i], CP_CONTENT, 6);
    replica_copy(b, a);
    replica_write(a, &d[0], CP_CONTENT, 6);
    replica_write(b, &d[0], CP_CONTENT, 7); /* a fork, so that its messages are met too */
    replica_write(a, &d[1], CP_CONTENT, 6);
    replica_write(b, &d[2], CP_CONTROL, 0);
}

/* Whoever says "in sync" must hold all that the other held when they met. */
static void no_false_sync(const struct link *l, const struct replica *had_a, const struct replica *had_b, size_t what)
{
    const struct replica *had[2] = {had_a, had_b};
    for (int i = 0; i < 2; i++)
        for (size_t k = 0; k < l->side[i].reports_count; k++)
            if (l->side[i].reports[k].in_sync)
                cr_assert(replica_includes(l->side[i].replica, had[1 - i]), "side %d, case %zu", i, what);
}

struct meddler {
    size_t message; /* which one */
    size_t bit;     /* bit to flip; SIZE_MAX: cut the message to `keep` bytes */
    size_t keep;
    size_t seen;
    size_t len; /* of that message, once seen */
};

static bool meddle(void *ctx, struct link *l, int to, struct link_message *m)
{
    struct meddler *x = ctx;
    (void)l;
    (void)to;
    if (x->seen++ != x->message)
        return true;
    x->len = m->len;
    if (x->bit == SIZE_MAX)
        m->len = x->keep < m->len ? x->keep : m->len;
    else if (x->bit / 8 < m->len)
        m->bytes[x->bit / 8] ^= (uint8_t)(1U << x->bit % 8);
    return true;
}

/* One meeting with one fault. Returns the length of the message that was touched; 0: there was no such one. */
static size_t meet_with_fault(const struct replica *from_a, const struct replica *from_b, struct meddler *x, size_t what)
{
    struct replica a, b;
    struct link l = {.now_ms = 5, .meddle = meddle, .meddle_ctx = x};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    replica_init(&a, 1);
    replica_init(&b, 2);
    replica_copy(&a, from_a);
    replica_copy(&b, from_b);
    link_start(&l, &a, &b, &ca, &cb);
    link_run(&l, 500);
    cr_assert_lt(l.messages, 500, "case %zu never ends", what);
    no_false_sync(&l, from_a, from_b, what);
    link_clear(&l);
    replica_clear(&a);
    replica_clear(&b);
    return x->len;
}

Test(hostile, flipped_bits)
{
    struct replica a, b;
    struct device d[3];
    apart(&a, &b, d);
    size_t messages = 0;
    for (bool more = true; more; messages++) {
        struct meddler probe = {.message = messages, .bit = SIZE_MAX - 8};
        size_t len = meet_with_fault(&a, &b, &probe, messages);
        more = len != 0;
        /* A sample, to be quick: at least two bits of every byte of the smallest, fewer of larger ones. */
        size_t step = len < 64 ? 3 : len < 300 ? 11 : 47;
        for (size_t bit = 0; bit < len * 8; bit += step) {
            struct meddler x = {.message = messages, .bit = bit};
            (void)meet_with_fault(&a, &b, &x, messages * 100000 + bit);
        }
    }
    cr_assert_gt(messages, 12);
    replica_clear(&a);
    replica_clear(&b);
}

Test(hostile, messages_cut_short)
{
    struct replica a, b;
    struct device d[3];
    apart(&a, &b, d);
    size_t messages = 0;
    for (bool more = true; more; messages++) {
        struct meddler probe = {.message = messages, .bit = SIZE_MAX - 8};
        size_t len = meet_with_fault(&a, &b, &probe, messages);
        more = len != 0;
        for (size_t keep = 0; keep < len; keep += 1 + len / 24) {
            struct meddler x = {.message = messages, .bit = SIZE_MAX, .keep = keep};
            (void)meet_with_fault(&a, &b, &x, messages * 100000 + keep);
        }
    }
    replica_clear(&a);
    replica_clear(&b);
}

/* ---- A side driven by hand ---- */

struct hand {
    struct replica r;
    struct cp_session *s;
    struct cp_actions out;
    enum cp_err ended; /* CP_ERR_COUNT: not ended */
    bool in_sync;
    size_t stores;
};

static void hand_event(struct hand *h, struct cp_event e)
{
    if (h->ended != CP_ERR_COUNT)
        return;
    cp_session_step(h->s, &e, &h->out);
    struct cp_event stored = {.type = CP_EVENT_TICK};
    for (size_t i = 0; i < h->out.count; i++) {
        const struct cp_action *a = &h->out.list[i];
        if (a->type == CP_ACTION_END)
            h->ended = a->err;
        if (a->type == CP_ACTION_REPORT)
            h->in_sync = h->in_sync || a->report.in_sync;
        if (a->type == CP_ACTION_STORE) {
            size_t fresh = 0;
            stored = (struct cp_event){.type = CP_EVENT_STORED, .store_id = a->store_id};
            stored.result = replica_take(&h->r, a->plan, a->bytes, a->control_only, &fresh);
            stored.stored = fresh;
            h->stores++;
        }
    }
    if (stored.type == CP_EVENT_STORED)
        hand_event(h, stored);
}

static void hand_say(struct hand *h, struct cp_buf *b)
{
    cr_assert_eq(cp_buf_err(b), CP_OK);
    hand_event(h, (struct cp_event){.type = CP_EVENT_MESSAGE, .message = cp_buf_bytes(b)});
    cp_buf_reset(b);
}

/* A called side that has a plan with two chains; `tag` gets the plan's tag for the caller that we play. */
static void hand_start(struct hand *h, struct device *d, uint8_t *tag)
{
    struct cp_session_config c = {.door = CP_DOOR_MEMBER};
    memset(h, 0, sizeof *h);
    h->ended = CP_ERR_COUNT;
    replica_init(&h->r, 1);
    device_make(&d[0], 1);
    device_make(&d[1], 2);
    replica_found(&h->r, &d[0]);
    replica_write(&h->r, &d[0], CP_CONTENT, 6);
    replica_write(&h->r, &d[1], CP_CONTENT, 6);
    memcpy(c.own_key, h->r.key, CP_KEY_LEN);
    memset(c.peer_key, 0x77, CP_KEY_LEN);
    h->s = cp_session_new(&h->r.iface, &c);
    cp_hash2(CP_TAG_PLAN_TAG, CP_BYTES(h->r.plan, CP_ID_LEN), CP_BYTES(c.peer_key, CP_KEY_LEN), tag, CP_TAG_LEN);
    hand_event(h, (struct cp_event){.type = CP_EVENT_START});
}

static void hand_clear(struct hand *h)
{
    cp_session_free(h->s);
    replica_clear(&h->r);
}

static void put_hello(struct cp_buf *b, const uint8_t *tag, size_t times)
{
    static const uint8_t incarnation[CP_INCARNATION_LEN] = {1};
    const struct cp_wire_digests d = {.wanted = false};
    cp_wire_put_greeting(b, CP_WIRE_HELLO, incarnation, 0);
    cp_put_array(b, times);
    for (size_t i = 0; i < times; i++)
        cp_wire_put_digests(b, tag, &d);
}

static void put_tips(struct cp_buf *b, const struct cp_wire_tip *tips, size_t count)
{
    cp_put_array(b, 7);
    cp_put_uint(b, CP_WIRE_TIPS);
    cp_put_uint(b, 0);
    cp_put_uint(b, 1);
    cp_wire_put_tips(b, NULL, 0);
    cp_wire_put_tips(b, tips, count);
}

/* Caller claims a tip far above ours, sends nothing, and claims to be done with any digest. */
Test(hostile, claims_without_entries_are_no_agreement)
{
    struct hand h;
    struct device d[2];
    struct cp_buf b;
    uint8_t tag[CP_TAG_LEN], digest[CP_ID_LEN] = {9};
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    for (int with_digest = 0; with_digest < 2; with_digest++) {
        struct cp_wire_tip tip = {.seq = 50, .hash = {5}};
        hand_start(&h, d, tag);
        memcpy(tip.tag, h.r.chains[1].tag, CP_TAG_LEN);
        put_hello(&b, tag, 1);
        hand_say(&h, &b);
        put_tips(&b, &tip, 1);
        hand_say(&h, &b);
        cp_wire_put_plan(&b, CP_WIRE_READY, 0);
        hand_say(&h, &b);
        cp_wire_put_plan(&b, CP_WIRE_SENT, 0);
        hand_say(&h, &b);
        cp_wire_put_done(&b, 0, with_digest ? digest : NULL, 0, 0);
        hand_say(&h, &b);
        cp_wire_put_word(&b, CP_WIRE_BYE, CP_OK);
        hand_say(&h, &b);
        cr_assert_neq(h.ended, CP_ERR_COUNT);
        cr_assert(!h.in_sync);
        hand_clear(&h);
    }
    cp_buf_clear(&b);
}

/* A called side that gives a caller its own digests back, and later its own DONE. */
Test(hostile, echoes_are_no_agreement)
{
    struct hand h = {.ended = CP_ERR_COUNT};
    struct device d;
    struct cp_session_config c = {.door = CP_DOOR_MEMBER, .caller = true};
    struct cp_wire m;
    struct cp_wire_digests theirs;
    struct cp_buf b;
    uint8_t tag[CP_TAG_LEN];
    static const uint8_t incarnation[CP_INCARNATION_LEN] = {1};
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    replica_init(&h.r, 1);
    device_make(&d, 1);
    replica_found(&h.r, &d);
    memcpy(c.own_key, h.r.key, CP_KEY_LEN);
    memset(c.peer_key, 0x77, CP_KEY_LEN);
    h.s = cp_session_new(&h.r.iface, &c);
    hand_event(&h, (struct cp_event){.type = CP_EVENT_START});
    cr_assert_eq(cp_wire_read(h.out.list[0].bytes, &m), CP_OK);
    (void)cp_wire_get_greeting(&m.rest, NULL);
    (void)cp_get_array(&m.rest, 1, 1);
    cp_wire_get_digests(&m.rest, tag, &theirs);
    cr_assert_eq(m.rest.err, CP_OK);
    cp_wire_put_greeting(&b, CP_WIRE_WELCOME, incarnation, 0);
    cp_put_array(&b, 2);
    cp_put_uint(&b, 0);
    cp_wire_put_digests(&b, NULL, &theirs);
    cp_put_array(&b, 6);
    cp_put_uint(&b, 0);
    cp_put_uint(&b, 1);
    cp_wire_put_tips(&b, NULL, 0);
    cp_wire_put_tips(&b, NULL, 0);
    cp_put_array(&b, 0);
    cp_put_array(&b, 0);
    hand_say(&h, &b);
    cr_assert_eq(h.ended, CP_ERR_COUNT, "an exchange begins");
    cr_assert(!h.in_sync);
    /* It takes our chunk and says what we say. */
    cp_wire_put_plan(&b, CP_WIRE_READY, 0);
    hand_say(&h, &b);
    cp_wire_put_ack(&b, 1);
    hand_say(&h, &b);
    cp_wire_put_plan(&b, CP_WIRE_SENT, 0);
    hand_say(&h, &b);
    bool echoed = false;
    for (size_t i = 0; i < h.out.count && !echoed; i++) {
        struct cp_bytes said = h.out.list[i].bytes;
        if (h.out.list[i].type != CP_ACTION_SEND || said.ptr[1] != CP_WIRE_DONE)
            continue;
        cp_buf_put_bytes(&b, said);
        echoed = true;
    }
    cr_assert(echoed);
    hand_say(&h, &b);
    cr_assert_eq(h.ended, CP_ERR_DIGEST_DIFFERS);
    cr_assert(!h.in_sync);
    hand_clear(&h);
    cp_buf_clear(&b);
}

/* Each: a greeting that is fine, then one message that may not come. */
Test(hostile, messages_out_of_place)
{
    for (int what = 0; what < 9; what++) {
        struct hand h;
        struct device d[2];
        struct cp_buf b;
        uint8_t tag[CP_TAG_LEN];
        const struct cp_wire_tip twice[2] = {{.seq = 4}, {.seq = 4}};
        const struct cp_wire_tip hash_of_nothing = {.seq = 0, .hash = {1}};
        cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
        hand_start(&h, d, tag);
        put_hello(&b, tag, what == 0 ? 2 : 1); /* 0: a plan listed twice */
        hand_say(&h, &b);
        if (what == 1)
            cp_wire_put_ack(&b, 1);
        else if (what == 2)
            cp_wire_put_chunk(&b, 0, CP_CONTENT, 0, 1, 0, cp_bytes_str("x"));
        else if (what == 3)
            cp_wire_put_plan(&b, CP_WIRE_SENT, 0);
        else if (what == 4)
            cp_wire_put_plan(&b, CP_WIRE_READY, 7);
        else if (what == 5)
            put_tips(&b, twice, 2);
        else if (what == 6)
            put_tips(&b, &hash_of_nothing, 1);
        else if (what == 7)
            cp_wire_put_done(&b, 0, NULL, 0, 0);
        else if (what == 8)
            cp_wire_put_chain(&b, CP_WIRE_WANT, 0, CP_CONTENT, tag, 0);
        if (what != 0)
            hand_say(&h, &b);
        cr_assert_eq(h.ended, CP_ERR_BAD_MESSAGE, "case %d: %d", what, h.ended);
        cr_assert_eq(h.stores, 0);
        hand_clear(&h);
        cp_buf_clear(&b);
    }
}

Test(hostile, asking_for_the_same_tags_for_ever_is_cut)
{
    struct hand h;
    struct device d[2];
    struct cp_buf b;
    uint8_t tag[CP_TAG_LEN];
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    hand_start(&h, d, tag);
    put_hello(&b, tag, 1);
    hand_say(&h, &b);
    for (int i = 0; i < 100 && h.ended == CP_ERR_COUNT; i++) {
        cp_wire_put_chain(&b, CP_WIRE_ASK, 0, CP_CONTENT, h.r.chains[1].tag, 2);
        hand_say(&h, &b);
    }
    cr_assert_eq(h.ended, CP_ERR_PEER_TOO_MUCH);
    hand_clear(&h);
    cp_buf_clear(&b);
}

/* The same valid chunk over and over, each time under the next number. */
Test(hostile, replaying_a_chunk_is_cut)
{
    struct hand h;
    struct device d[2];
    struct cp_buf b, payload;
    uint8_t tag[CP_TAG_LEN];
    uint64_t row = 1;
    size_t taken = 0;
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    cp_buf_init(&payload, &replica_mem, CP_MESSAGE_MAX);
    hand_start(&h, d, tag);
    cr_assert_eq(cp_chunk_build(&h.r.iface.source, &replica_mem, &row, 1, &payload, &taken), CP_OK);
    put_hello(&b, tag, 1);
    hand_say(&h, &b);
    put_tips(&b, NULL, 0);
    hand_say(&h, &b);
    for (uint64_t i = 1; i < 1000 && h.ended == CP_ERR_COUNT; i++) {
        cp_wire_put_chunk(&b, 0, CP_CONTENT, 0, i, 0, cp_buf_bytes(&payload));
        hand_say(&h, &b);
    }
    cr_assert_eq(h.ended, CP_ERR_PEER_TOO_MUCH);
    cr_assert_lt(h.stores, 300);
    cr_assert_eq(h.r.count, 3);
    hand_clear(&h);
    cp_buf_clear(&b);
    cp_buf_clear(&payload);
}

Test(hostile, a_refused_chunk_ends_both_with_what_was_stored)
{
    struct replica a, b;
    struct device d[3];
    struct link l = {.now_ms = 5};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    apart(&a, &b, d);
    l.side[1].store_result = CP_ERR_DISK_FULL;
    link_start(&l, &a, &b, &ca, &cb);
    link_run(&l, SIZE_MAX);
    cr_assert_eq(l.side[1].err, CP_ERR_DISK_FULL);
    cr_assert_eq(l.side[0].err, CP_ERR_INTERRUPTED, "our trouble is not told");
    cr_assert(!l.side[0].reports[0].in_sync && !l.side[1].reports[0].in_sync);
    link_clear(&l);
    replica_clear(&a);
    replica_clear(&b);
}

/* An entry whose parent the other will never get: refused, and nothing of that chunk stays. */
Test(hostile, a_missing_parent_is_refused)
{
    struct replica a, b;
    struct device d[3];
    struct link l = {.now_ms = 5};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    replica_init(&a, 1);
    replica_init(&b, 2);
    for (unsigned i = 0; i < 3; i++)
        device_make(&d[i], i + 1);
    replica_found(&a, &d[0]);
    replica_copy(&b, &a);
    replica_write(&a, &d[0], CP_CONTENT, 5);
    replica_write(&a, &d[1], CP_CONTENT, 5); /* cites the one before */
    a.entries[1].head.class = CP_CONTROL;    /* our liar keeps that one back */
    a.entries[1].head.seq = 0;
    size_t had = b.count;
    link_start(&l, &a, &b, &ca, &cb);
    link_run(&l, SIZE_MAX);
    cr_assert_neq(l.side[1].err, CP_OK);
    cr_assert_eq(b.count, had);
    cr_assert(!l.side[1].reports[0].in_sync);
    link_clear(&l);
    replica_clear(&a);
    replica_clear(&b);
}

/* Memory gives out at every call in turn: an end, no crash, and nothing leaks (the sanitizer looks). */
Test(hostile, memory_gives_out_at_every_call)
{
    struct replica a, b;
    struct device d[3];
    struct cp_session_config c = {.door = CP_DOOR_MEMBER, .caller = true};
    apart(&a, &b, d);
    memcpy(c.own_key, a.key, CP_KEY_LEN);
    memcpy(c.peer_key, b.key, CP_KEY_LEN);
    for (size_t at = 1; at < 60; at++) {
        struct cp_actions out;
        const struct cp_event start = {.type = CP_EVENT_START};
        replica_calls = 0;
        replica_fail_at = at;
        struct cp_session *s = cp_session_new(&a.iface, &c);
        if (s != NULL)
            cp_session_step(s, &start, &out);
        cp_session_free(s);
    }
    replica_fail_at = 0;
    replica_clear(&a);
    replica_clear(&b);
}
