/*
 * The rules of a session one by one, against a peer played by hand: each test says everything right but one thing, so
 * that no other rule can notice it.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/support/replica.h"

struct hand {
    struct replica r;
    struct device d[2];
    struct cp_session *s;
    struct cp_actions out; /* of the last step */
    struct cp_buf b;       /* what we say next */
    uint8_t tag[CP_TAG_LEN];
    enum cp_err ended; /* CP_ERR_COUNT: not ended */
    struct cp_report report;
    bool holds; /* STORE is not answered */
    uint64_t storing;
};

static void event(struct hand *h, struct cp_event e)
{
    cr_assert_eq(h->ended, CP_ERR_COUNT, "ended: %s", cp_err_word(h->ended));
    cp_session_step(h->s, &e, &h->out);
    for (size_t i = 0; i < h->out.count; i++) {
        const struct cp_action *a = &h->out.list[i];
        if (a->type == CP_ACTION_END)
            h->ended = a->err;
        if (a->type == CP_ACTION_REPORT)
            h->report = a->report;
        if (a->type == CP_ACTION_STORE)
            h->storing = a->store_id;
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

/* A message of this type among those of the last step; its bytes live until the next. */
static bool said(const struct hand *h, enum cp_wire_type type, struct cp_wire *m)
{
    for (size_t i = 0; i < h->out.count; i++)
        if (h->out.list[i].type == CP_ACTION_SEND && cp_wire_read(h->out.list[i].bytes, m) == CP_OK && m->type == type)
            return true;
    return false;
}

/* A machine with a plan, one control chain and two content chains of so many entries; then START. */
static void start(struct hand *h, struct cp_session_config *c, unsigned entries, size_t words_len)
{
    memset(h, 0, sizeof *h);
    h->ended = CP_ERR_COUNT;
    cp_buf_init(&h->b, &replica_mem, CP_MESSAGE_MAX);
    replica_init(&h->r, 1);
    for (unsigned i = 0; i < 2; i++)
        device_make(&h->d[i], i + 1);
    replica_found(&h->r, &h->d[0]);
    for (unsigned i = 0; i < entries * 2; i++)
        replica_write(&h->r, &h->d[i % 2], CP_CONTENT, words_len);
    memcpy(c->own_key, h->r.key, CP_KEY_LEN);
    memset(c->peer_key, 0x77, CP_KEY_LEN);
    memcpy(c->plan, h->r.plan, CP_ID_LEN);
    h->s = cp_session_new(&h->r.iface, c);
    cp_hash2(CP_TAG_PLAN_TAG, CP_BYTES(h->r.plan, CP_ID_LEN), CP_BYTES(c->caller ? c->own_key : c->peer_key, CP_KEY_LEN),
             h->tag, CP_TAG_LEN);
    event(h, (struct cp_event){.type = CP_EVENT_START});
}

static void clear(struct hand *h)
{
    cp_session_free(h->s);
    cp_buf_clear(&h->b);
    replica_clear(&h->r);
}

static void hello(struct hand *h, size_t plans)
{
    static const uint8_t incarnation[CP_INCARNATION_LEN] = {1};
    const struct cp_wire_digests d = {.wanted = false};
    cp_wire_put_greeting(&h->b, CP_WIRE_HELLO, incarnation, 0);
    cp_put_array(&h->b, plans);
    for (size_t i = 0; i < plans; i++)
        cp_wire_put_digests(&h->b, h->tag, &d);
    say(h);
}

/* Our last list: of each chain named, what we hold. */
static void tips(struct hand *h, const struct cp_wire_tip *content, size_t count)
{
    cp_put_array(&h->b, 7);
    cp_put_uint(&h->b, CP_WIRE_TIPS);
    cp_put_uint(&h->b, 0);
    cp_put_uint(&h->b, 1);
    cp_wire_put_tips(&h->b, NULL, 0);
    cp_wire_put_tips(&h->b, content, count);
    say(h);
}

static void plan_message(struct hand *h, enum cp_wire_type type)
{
    cp_wire_put_plan(&h->b, type, 0);
    say(h);
}

/* A chunk of the machine's own first content entry: valid, and not new. */
static void chunk(struct hand *h, enum cp_class class, uint64_t number)
{
    struct cp_buf payload;
    uint64_t row = class == CP_CONTROL ? 0 : 1;
    size_t taken = 0;
    cp_buf_init(&payload, &replica_mem, CP_MESSAGE_MAX);
    cr_assert_eq(cp_chunk_build(&h->r.iface.source, &replica_mem, &row, 1, &payload, &taken), CP_OK);
    cp_wire_put_chunk(&h->b, 0, class, 0, number, CP_CHUNK_FORM_FULL, cp_buf_bytes(&payload));
    cp_buf_clear(&payload);
    say(h);
}

/* ---- What was received ---- */

static void meeting(struct hand *h, unsigned entries, size_t words_len)
{
    struct cp_session_config c = {.door = CP_DOOR_MEMBER};
    start(h, &c, entries, words_len);
    hello(h, 1);
}

Test(session_rules, a_chunk_is_acknowledged_when_it_is_stored_and_not_before)
{
    struct hand h;
    struct cp_wire m;
    meeting(&h, 1, 8);
    tips(&h, NULL, 0);
    chunk(&h, CP_CONTENT, 1);
    cr_expect(!said(&h, CP_WIRE_ACK, &m));
    stored(&h);
    cr_expect(said(&h, CP_WIRE_ACK, &m) && m.number == 1);
    clear(&h);
}

Test(session_rules, the_fifth_chunk_in_flight_is_too_much)
{
    struct hand h;
    meeting(&h, 1, 8);
    tips(&h, NULL, 0);
    for (uint64_t i = 1; i <= CP_CHUNKS_IN_FLIGHT; i++)
        chunk(&h, CP_CONTENT, i);
    cr_assert_eq(h.ended, CP_ERR_COUNT);
    chunk(&h, CP_CONTENT, CP_CHUNKS_IN_FLIGHT + 1);
    cr_assert_eq(h.ended, CP_ERR_PEER_TOO_MUCH);
    clear(&h);
}

Test(session_rules, chunks_are_numbered_from_one)
{
    for (uint64_t number = 0; number < 4; number++) {
        struct hand h;
        meeting(&h, 1, 8);
        tips(&h, NULL, 0);
        chunk(&h, CP_CONTENT, number);
        cr_assert_eq(h.ended, number == 1 ? CP_ERR_COUNT : CP_ERR_BAD_MESSAGE, "number %u", (unsigned)number);
        clear(&h);
    }
}

Test(session_rules, a_knock_brings_control_alone)
{
    for (int class = 0; class < 2; class++) {
        struct hand h;
        struct cp_session_config c = {.door = CP_DOOR_KNOCK};
        start(&h, &c, 1, 8);
        hello(&h, 0);
        cr_assert_eq(h.ended, CP_ERR_COUNT);
        chunk(&h, (enum cp_class)class, 1);
        cr_assert_eq(h.ended, class == CP_CONTROL ? CP_ERR_COUNT : CP_ERR_BAD_MESSAGE);
        if (class == CP_CONTROL)
            cr_expect(h.out.list[0].type == CP_ACTION_STORE && h.out.list[0].control_only);
        clear(&h);
    }
}

/* ---- What was sent ---- */

/* The peer holds nothing of the two content chains: many chunks are due. */
static void lacking(struct hand *h)
{
    struct cp_wire_tip none[2] = {{.seq = 0}, {.seq = 0}};
    meeting(h, 8, 60000);
    const uint8_t *a = h->r.chains[1].tag, *b = h->r.chains[2].tag;
    bool order = memcmp(a, b, CP_TAG_LEN) < 0;
    memcpy(none[0].tag, order ? a : b, CP_TAG_LEN);
    memcpy(none[1].tag, order ? b : a, CP_TAG_LEN);
    tips(h, none, 2);
}

Test(session_rules, acknowledgements_come_in_order)
{
    for (uint64_t number = 0; number < 4; number++) {
        struct hand h;
        struct cp_wire m;
        lacking(&h);
        cr_assert(said(&h, CP_WIRE_CHUNK, &m));
        cp_wire_put_ack(&h.b, number);
        say(&h);
        cr_expect_eq(h.ended, number == 1 ? CP_ERR_COUNT : CP_ERR_BAD_MESSAGE, "number %u", (unsigned)number);
        clear(&h);
    }
}

Test(session_rules, a_goodbye_in_the_middle_is_an_interruption)
{
    struct hand h;
    lacking(&h);
    cp_wire_put_word(&h.b, CP_WIRE_BYE, CP_OK);
    say(&h);
    cr_expect_eq(h.ended, CP_ERR_INTERRUPTED);
    cr_expect(!h.report.in_sync);
    clear(&h);
}

/* ---- How an exchange ends ---- */

Test(session_rules, what_the_other_only_claims_is_missing_here)
{
    struct hand h;
    struct cp_wire m;
    struct cp_wire_tip tip = {.seq = 50, .hash = {5}};
    uint8_t digest[CP_ID_LEN] = {9};
    meeting(&h, 2, 8);
    memcpy(tip.tag, h.r.chains[1].tag, CP_TAG_LEN);
    tips(&h, &tip, 1);
    plan_message(&h, CP_WIRE_READY);
    plan_message(&h, CP_WIRE_SENT);
    cr_assert(said(&h, CP_WIRE_DONE, &m));
    cr_expect_null(m.digest, "there is nothing to agree on");
    cr_expect_eq(m.number, 48, "50 are shown and 2 are held");
    cp_wire_put_done(&h.b, 0, digest, 0, 0);
    say(&h);
    cr_expect(!h.report.in_sync);
    cr_expect_eq(h.report.missing, 48);
    clear(&h);
}

/* ---- Who it is ---- */

Test(session_rules, nobody_meets_itself)
{
    struct hand h = {.ended = CP_ERR_COUNT};
    struct cp_session_config c = {.door = CP_DOOR_MEMBER};
    for (int caller = 0; caller < 2; caller++) {
        h.ended = CP_ERR_COUNT;
        c.caller = caller == 1;
        replica_init(&h.r, 1);
        memcpy(c.own_key, h.r.key, CP_KEY_LEN);
        memcpy(c.peer_key, h.r.key, CP_KEY_LEN);
        h.s = cp_session_new(&h.r.iface, &c);
        event(&h, (struct cp_event){.type = CP_EVENT_START});
        cr_expect_eq(h.ended, CP_ERR_BAD_MESSAGE);
        cp_session_free(h.s);
        replica_clear(&h.r);
    }
}

/* WELCOME without plans: offers as they stand in h->b's place are put by the caller of this. */
static void welcome(struct hand *h)
{
    static const uint8_t incarnation[CP_INCARNATION_LEN] = {1};
    cp_wire_put_greeting(&h->b, CP_WIRE_WELCOME, incarnation, 0);
    cp_put_array(&h->b, 0);
    cp_put_array(&h->b, 0);
}

/* A proof is good from the machine that it was made for, to the machine that asked, in this session alone. */
Test(session_rules, a_proof_cannot_be_carried_over)
{
    for (int wrong = 0; wrong < 5; wrong++) {
        struct hand h;
        struct cp_hasher hash;
        struct cp_session_config c = {.door = CP_DOOR_KNOCK, .caller = true, .must_prove = true};
        uint8_t greeting[CP_ID_LEN], proof[CP_PROOF_LEN], caller[CP_KEY_LEN], called[CP_KEY_LEN], key[CP_KEY_LEN];
        start(&h, &c, 1, 8);
        h.r.proof_count = 1;
        memset(h.r.proof[0], 3, CP_KEY_LEN);
        cp_hash2(CP_TAG_GREETING, h.out.list[0].bytes, CP_BYTES(NULL, 0), greeting, CP_ID_LEN);
        memcpy(caller, c.own_key, CP_KEY_LEN);
        memcpy(called, c.peer_key, CP_KEY_LEN);
        memcpy(key, h.r.proof[0], CP_KEY_LEN);
        uint8_t *const changed[] = {NULL, caller, called, greeting, key};
        if (wrong != 0)
            changed[wrong][0] ^= 1;
        cp_hash_init_keyed(&hash, CP_TAG_DOOR_PROOF, CP_PROOF_LEN, key, CP_KEY_LEN);
        cp_hash_add(&hash, caller, CP_KEY_LEN);
        cp_hash_add(&hash, called, CP_KEY_LEN);
        cp_hash_add(&hash, greeting, CP_ID_LEN);
        cp_hash_end(&hash, proof, CP_PROOF_LEN);
        welcome(&h);
        cp_put_array(&h.b, 0);
        cp_put_array(&h.b, 1);
        cp_put_fixed(&h.b, proof, CP_PROOF_LEN);
        say(&h);
        cr_expect_eq(h.ended, wrong == 0 ? CP_ERR_COUNT : CP_ERR_UNPROVEN, "case %d: %s", wrong, cp_err_word(h.ended));
        clear(&h);
    }
}

/* The plan that we wait for is offered: with its own first entry, with another plan's, badly signed. */
Test(session_rules, an_offer_shows_that_plans_own_first_entry)
{
    static const enum cp_err expected[] = {CP_ERR_COUNT, CP_ERR_WRONG_PLAN, CP_ERR_BAD_SIGNATURE, CP_ERR_BAD_SIGNATURE};
    for (int wrong = 0; wrong < 4; wrong++) {
        struct hand h = {.ended = CP_ERR_COUNT};
        struct replica owner, other;
        struct device d[2];
        struct cp_outgoing first = {.entry = {.sig = {NULL, 0}}}, of_other = first;
        struct cp_session_config c = {.door = CP_DOOR_MEMBER, .caller = true};
        uint8_t sig[CP_SIG_LEN];
        replica_init(&owner, 2);
        replica_init(&other, 3);
        replica_init(&h.r, 1);
        device_make(&d[0], 1);
        device_make(&d[1], 2);
        replica_found(&owner, &d[0]);
        replica_found(&other, &d[1]);
        cr_assert_eq(owner.iface.first(owner.iface.ctx, owner.plan, &first), CP_OK);
        cr_assert_eq(other.iface.first(other.iface.ctx, other.plan, &of_other), CP_OK);
        memcpy(sig, first.entry.sig.ptr, CP_SIG_LEN);
        sig[3] ^= wrong == 2 ? 1 : 0;
        first.entry.sig = CP_BYTES(wrong == 3 ? of_other.entry.sig.ptr : sig, CP_SIG_LEN);
        memcpy(h.r.plan, owner.plan, CP_ID_LEN);
        h.r.waits = true;
        cp_buf_init(&h.b, &replica_mem, CP_MESSAGE_MAX);
        memcpy(c.own_key, h.r.key, CP_KEY_LEN);
        memset(c.peer_key, 0x77, CP_KEY_LEN);
        h.s = cp_session_new(&h.r.iface, &c);
        event(&h, (struct cp_event){.type = CP_EVENT_START});
        welcome(&h);
        cp_put_array(&h.b, 4);
        cp_wire_put_offer(&h.b, owner.plan, wrong == 1 ? &of_other : &first);
        cp_put_array(&h.b, 0);
        say(&h);
        cr_expect_eq(h.ended, expected[wrong], "case %d: %s", wrong, cp_err_word(h.ended));
        clear(&h);
        replica_clear(&owner);
        replica_clear(&other);
    }
}
