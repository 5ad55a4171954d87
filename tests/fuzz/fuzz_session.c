/*
 * Sessions: a peer made of the input's bytes. Each command byte picks a message and its values from what a real peer could know
 * (tags of chains, hashes of tips, valid chunks, a plan that we wait for, one that carries ours on) or from the input. Whatever it
 * says: no crash, bounded memory, every byte given back. (That nothing false is called in sync is for fuzz_meeting and tests/unit.)
 * Input: one byte of settings, then commands.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

enum {
    MEMORY_MAX = 24 * 1024 * 1024,
    STEPS_MAX = 200
};

struct bytes_in {
    const uint8_t *at, *end;
};
struct peer {
    struct replica ours, theirs;
    const struct replica *on; /* a plan that carries on theirs */
    struct cp_session *s;
    struct cp_session_config config;
    struct bytes_in in;
    uint64_t now_ms, chunk;
    struct shelf shelf;
    bool waits; /* we hold nothing yet, and wait for theirs */
    bool over;
};

/* What was offered last is for us, as the store would say. */
static bool comes;

static uint8_t next(struct bytes_in *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static void event(struct peer *p, struct cp_event e)
{
    static struct cp_actions out;
    e.now_ms = p->now_ms;
    for (bool again = !p->over; again;) {
        struct cp_event follow = {.type = CP_EVENT_TICK, .now_ms = p->now_ms};
        cp_session_step(p->s, &e, &out);
        again = false;
        for (size_t i = 0; i < out.count; i++) {
            const struct cp_action *a = &out.list[i];
            if (a->type == CP_ACTION_END)
                p->over = true;
            if (a->type == CP_ACTION_JOIN)
                follow = (struct cp_event){.type = CP_EVENT_JOINED, .now_ms = p->now_ms};
            if (a->type == CP_ACTION_STORE) {
                follow =
                    (struct cp_event){.type = CP_EVENT_STORED, .store_id = a->store_id, .now_ms = p->now_ms};
                follow.result = replica_take(&p->ours, a->plan, a->bytes, a->control_only, &follow.stored);
            }
            if (a->type == CP_ACTION_PIECE)
                follow = (struct cp_event){
                    .type = CP_EVENT_KEPT, .now_ms = p->now_ms, .result = shelf_keep(&p->shelf, a)};
            again = again || a->type == CP_ACTION_JOIN || a->type == CP_ACTION_STORE ||
                    a->type == CP_ACTION_PIECE;
        }
        if (replica_bytes > MEMORY_MAX)
            abort();
        again = !p->over && (again || cp_session_deadline_ms(p->s) == 0);
        e = follow;
    }
}

/* A chain tag of one side, or noise. */
static void put_some_tag(struct peer *p, uint8_t *tag)
{
    const struct replica *known = p->ours.chains_count > 0 ? &p->ours : &p->theirs;
    uint8_t which = next(&p->in);
    memset(tag, which, CP_TAG_LEN);
    if (which < 200)
        memcpy(tag, known->chains[which % known->chains_count].tag, CP_TAG_LEN);
}

static void put_some_tips(struct peer *p, struct cp_buf *b)
{
    struct cp_wire_tip tips[4];
    size_t count = next(&p->in) % 5;
    memset(tips, 0, sizeof tips);
    for (size_t i = 0; i < count; i++) {
        put_some_tag(p, tips[i].tag);
        tips[i].seq = next(&p->in) % 8;
        memset(tips[i].hash, tips[i].seq == 0 ? 0 : next(&p->in), CP_TIP_HASH_LEN);
    }
    cp_wire_put_tips(b, tips, count);
}

/* The first entry of their plan, or of one that carries it on: as it is, as another plan's, or badly signed. */
static void put_offer(struct peer *p, struct cp_buf *b, uint8_t what)
{
    const struct replica *of = (what & 16) != 0 ? p->on : &p->theirs;
    struct cp_outgoing first = {.entry = {.sig = {NULL, 0}}};
    uint8_t plan[CP_ID_LEN], sig[CP_SIG_LEN];
    if (of->iface.first(of->iface.ctx, of->plan, &first) != CP_OK)
        abort();
    comes = (what & 8) != 0;
    memcpy(plan, of->plan, sizeof plan);
    memcpy(sig, first.entry.sig.ptr, sizeof sig);
    plan[0] ^= (what & 1) != 0;
    sig[0] ^= (what & 2) != 0;
    first.entry.sig = CP_BYTES(sig, sizeof sig);
    cp_wire_put_offer(b, plan, &first);
}

/* WELCOME to somebody who listed nothing. */
static void put_offers(struct peer *p, struct cp_buf *b)
{
    size_t count = next(&p->in) % 3;
    cp_put_array(b, 0);
    cp_put_array(b, 0);
    cp_put_array(b, 4 * count);
    for (size_t i = 0; i < count; i++)
        put_offer(p, b, next(&p->in));
    cp_put_array(b, 0);
}

static void put_greeting(struct peer *p, struct cp_buf *b)
{
    unsigned bits = next(&p->in);
    struct cp_wire_digests d = {.wanted = (bits & 1) != 0, .listed = (bits & 2) != 0};
    uint8_t tag[CP_TAG_LEN];
    bool hello = !p->config.caller;
    cp_hash2(CP_TAG_PLAN_TAG, CP_BYTES(p->ours.plan, CP_ID_LEN),
             CP_BYTES(hello ? p->config.peer_key : p->config.own_key, CP_KEY_LEN), tag, CP_TAG_LEN);
    cp_wire_put_greeting(b, hello ? CP_WIRE_HELLO : CP_WIRE_WELCOME, p->theirs.incarnation,
                         next(&p->in) % 32);
    if (hello) {
        cp_put_array(b, 1);
        cp_wire_put_digests(b, tag, &d);
        return;
    }
    if (p->waits) {
        put_offers(p, b);
        return;
    }
    cp_put_array(b, 2);
    cp_put_uint(b, 0);
    cp_wire_put_digests(b, NULL, &d);
    cp_put_array(b, 6);
    cp_put_uint(b, 0);
    cp_put_uint(b, next(&p->in) % 2);
    put_some_tips(p, b);
    put_some_tips(p, b);
    bool offers = (bits & 4) != 0;
    cp_put_array(b, offers ? 4 : 0);
    if (offers)
        put_offer(p, b, next(&p->in));
    cp_put_array(b, 0);
}

static void put_chunk(struct peer *p, struct cp_buf *b)
{
    struct cp_buf payload;
    uint64_t row = next(&p->in) % p->theirs.count;
    size_t taken = 0;
    cp_buf_init(&payload, &replica_mem, CP_MESSAGE_MAX);
    if (cp_chunk_build(&p->theirs.iface.source, &replica_mem, &row, 1, &payload, &taken) == CP_OK)
        cp_wire_put_chunk(b, 0, (enum cp_class)(next(&p->in) % 2), 0, ++p->chunk, next(&p->in) % 2,
                          cp_buf_bytes(&payload));
    cp_buf_clear(&payload);
}

static void put_tags(struct peer *p, struct cp_buf *b)
{
    uint8_t tag[CP_TAG_LEN], hashes[4 * CP_TIP_HASH_LEN] = {0};
    size_t levels = next(&p->in) % 5;
    put_some_tag(p, tag);
    cp_put_array(b, 7);
    cp_put_uint(b, CP_WIRE_TAGS);
    cp_put_uint(b, 0);
    cp_put_uint(b, next(&p->in) % 2);
    cp_put_fixed(b, tag, CP_TAG_LEN);
    cp_put_uint(b, next(&p->in) % 8);
    cp_put_bin(b, CP_BYTES(hashes, levels * CP_TIP_HASH_LEN));
    cp_put_array(b, levels);
    for (size_t i = 0; i < levels; i++)
        cp_put_uint(b, 1);
}

/* About pieces: of the right attachment or another, right bytes or spoiled ones. */
static void put_piece(struct peer *p, struct cp_buf *b)
{
    static uint8_t bytes[CP_PIECE_LEN];
    uint8_t what = next(&p->in), number = next(&p->in) % 4;
    const struct shelf_row *r = &p->shelf.rows[what % 2];
    struct cp_bytes piece = shelf_piece(r, number, bytes);
    if ((what & 16) != 0)
        bytes[0] ^= 1;
    if (what < 64)
        cp_wire_put_fetch(b, what % 3, r->id, number);
    else if (what < 192)
        cp_wire_put_piece(b, 0, r->id, number, (what & 32) != 0 ? CP_BYTES(NULL, 0) : piece);
    else
        cp_wire_put_enough(b);
}

static void put_message(struct peer *p, struct cp_buf *b, uint8_t command)
{
    uint8_t tag[CP_TAG_LEN], digest[CP_ID_LEN], number;
    if (command % 16 == CP_WIRE_OFFER) {
        uint8_t what = next(&p->in);
        cp_put_array(b, 6);
        cp_put_uint(b, CP_WIRE_OFFER);
        cp_put_uint(b, what >> 2 & 1);
        put_offer(p, b, what);
        return;
    }
    switch (command % 16) {
    case CP_WIRE_HELLO:
    case CP_WIRE_WELCOME:
        put_greeting(p, b);
        break;
    case CP_WIRE_TIPS:
        cp_put_array(b, 7);
        cp_put_uint(b, CP_WIRE_TIPS);
        cp_put_uint(b, 0);
        cp_put_uint(b, next(&p->in) % 2);
        put_some_tips(p, b);
        put_some_tips(p, b);
        break;
    case CP_WIRE_ASK:
    case CP_WIRE_WANT:
        put_some_tag(p, tag);
        cp_wire_put_chain(b, (enum cp_wire_type)(command % 16), 0, (enum cp_class)(next(&p->in) % 2), tag,
                          next(&p->in) % 8);
        break;
    case CP_WIRE_TAGS:
        put_tags(p, b);
        break;
    case CP_WIRE_CHUNK:
        put_chunk(p, b);
        break;
    case CP_WIRE_ACK:
        number = next(&p->in);
        if (number < 0x80)
            cp_wire_put_ack(b, number % 4);
        else
            cp_wire_put_again(b, number % 4);
        break;
    case CP_WIRE_DONE:
        memset(digest, next(&p->in), sizeof digest);
        cp_wire_put_done(b, 0, (digest[0] & 1) != 0 ? digest : NULL, next(&p->in) % 3, next(&p->in) % 2);
        break;
    case CP_WIRE_READY:
    case CP_WIRE_SENT:
    case CP_WIRE_DECLINE:
        cp_wire_put_plan(b, (enum cp_wire_type)(command % 16), next(&p->in) % 2);
        break;
    case CP_WIRE_BYE:
    case CP_WIRE_JOINED:
        cp_wire_put_word(b, (enum cp_wire_type)(command % 16), (enum cp_err)(next(&p->in) % CP_ERR_COUNT));
        break;
    case CP_WIRE_JOIN:
        cp_wire_put_join(b, CP_BYTES(p->in.at, (size_t)(p->in.end - p->in.at) % 64));
        break;
    default: /* noise, as long as the input is */
        cp_buf_put(b, p->in.at, (size_t)(p->in.end - p->in.at));
        p->in.at = p->in.end;
        break;
    }
}

static void step(struct peer *p)
{
    uint8_t command = next(&p->in);
    struct cp_buf b;
    struct cp_event e = {.type = CP_EVENT_NEWS};
    memcpy(e.plan, p->ours.plan, CP_ID_LEN);
    if (command >= 0xf0) { /* things that happen at home */
        p->now_ms += command == 0xff ? 40000 : 1;
        e.type = command == 0xf1   ? CP_EVENT_CLOSE
                 : command == 0xff ? CP_EVENT_TICK
                 : command == 0xf2 ? CP_EVENT_WISHES
                                   : CP_EVENT_NEWS;
        event(p, e);
        return;
    }
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    bool pieces = command >= 0xe0;
    if (pieces)
        put_piece(p, &b);
    else
        put_message(p, &b, command);
    if (command >= 0x80 && !pieces && b.len != 0) /* spoiled on the way */
        b.ptr[next(&p->in) % b.len] ^= (uint8_t)(1U << next(&p->in) % 8);
    e.type = CP_EVENT_MESSAGE;
    e.message = cp_buf_bytes(&b);
    event(p, e);
    cp_buf_clear(&b);
}

/* Entries with signatures cost much; they are made once. */
static void make_sides(struct replica *ours, struct replica *theirs, struct replica *on)
{
    struct device d[3];
    replica_init(ours, 1);
    replica_init(theirs, 2);
    replica_init(on, 2);
    for (unsigned i = 0; i < 3; i++)
        device_make(&d[i], i + 1);
    replica_found(ours, &d[0]);
    for (unsigned i = 0; i < 3; i++)
        replica_write(ours, &d[i], CP_CONTENT, 4);
    replica_copy(theirs, ours);
    replica_write(ours, &d[0], CP_CONTENT, 4);
    replica_write(theirs, &d[0], CP_CONTENT, 5);
    replica_write(theirs, &d[1], CP_CONTROL, 0);
    replica_write(theirs, &d[2], CP_CONTENT, 5);
    replica_continue(on, &d[1], theirs);
}

/* As where there are continuations: what is waited for is taken, and what this machine's people may follow. */
static enum cp_err see_offer(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t device[CP_KEY_LEN],
                             struct cp_bytes frame, bool *take)
{
    (void)ctx, (void)plan, (void)device, (void)frame;
    *take = *take || comes;
    return CP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct replica ours, theirs, on;
    struct peer p = {.in = {data, data + size}, .on = &on};
    if (!ours.held)
        make_sides(&ours, &theirs, &on);
    size_t before = replica_bytes;
    uint8_t settings = next(&p.in);
    replica_init(&p.ours, 1);
    replica_init(&p.theirs, 2);
    replica_copy(&p.theirs, &theirs);
    p.waits = (settings & 128) != 0;
    p.ours.iface.offered = see_offer;
    if (p.waits) {
        p.ours.waits = true;
        memcpy(p.ours.plan, theirs.plan, CP_ID_LEN);
    } else {
        replica_copy(&p.ours, &ours);
    }
    shelf_init(&p.shelf);
    (void)shelf_add(&p.shelf, 1, 3 * (size_t)CP_PIECE_LEN, (settings & 64) != 0, (settings & 64) == 0);
    (void)shelf_add(&p.shelf, 2, 100, true, false);
    if ((settings & 32) != 0)
        replica_shelve(&p.ours, &p.shelf);
    p.config.caller = (settings & 1) != 0;
    p.config.stay = (settings & 2) != 0;
    p.config.door = (enum cp_door)((settings >> 2) % 3);
    if (p.waits && p.config.door == CP_DOOR_KNOCK) /* that is for who holds the plan */
        p.config.door = CP_DOOR_MEMBER;
    p.config.must_prove = (settings & 16) != 0;
    p.config.join = cp_bytes_str("join");
    memcpy(p.config.own_key, p.ours.key, CP_KEY_LEN);
    memcpy(p.config.peer_key, p.theirs.key, CP_KEY_LEN);
    memcpy(p.config.plan, p.ours.plan, CP_ID_LEN);
    p.s = cp_session_new(&p.ours.iface, &p.config);
    if (p.s == NULL)
        abort();
    event(&p, (struct cp_event){.type = CP_EVENT_START});
    for (size_t i = 0; i < STEPS_MAX && !p.over && p.in.at < p.in.end; i++)
        step(&p);
    cp_session_free(p.s);
    replica_clear(&p.ours);
    replica_clear(&p.theirs);
    if (replica_bytes != before)
        abort();
    return 0;
}
