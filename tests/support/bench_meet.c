/* Two sessions and a line between them. See bench_meet.h. */
#include "tests/support/bench_meet.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/store_pieces.h"
#include "proto/wire.h"
#include "tests/support/bench_tool.h"

/* What waits for one side: messages, and answers to its STORE actions. */
struct waiting {
    struct waiting *next;
    enum cp_event_type type;
    uint64_t store_id;
    enum cp_err result;
    size_t stored, len;
    uint8_t bytes[];
};
struct side {
    struct town *town;
    struct cp_session *session;
    struct waiting *first, **last;
    bool ended, in_sync;
    uint64_t round_trips;
};

static void wait_for(struct side *to, enum cp_event_type type, struct cp_bytes b, uint64_t store_id,
                     size_t stored, enum cp_err result)
{
    struct waiting *w = malloc(sizeof *w + b.len);
    if (w == NULL)
        bench_die("meeting", "no memory");
    *w = (struct waiting){
        .type = type, .store_id = store_id, .result = result, .stored = stored, .len = b.len};
    if (b.len > 0)
        memcpy(w->bytes, b.ptr, b.len);
    *to->last = w;
    to->last = &w->next;
}

/* The length of the payload when it is a chunk, 0 otherwise. */
static size_t chunk_payload(struct cp_bytes message)
{
    struct cp_wire w;
    return cp_wire_read(message, &w) == CP_OK && w.type == CP_WIRE_CHUNK ? w.bytes.len : 0;
}

static void store(struct side *me, const struct cp_action *a, struct bench_meeting *m)
{
    struct cp_chunk chunk;
    struct cp_put_result put = {0};
    double begun = bench_wall_us(), cpu = bench_cpu_us();
    m->full_bytes += a->bytes.len;
    enum cp_err err = cp_chunk_read(&chunk, &bench_mem, a->bytes, a->plan);
    if (err == CP_OK) {
        err = cp_store_put(me->town->store, a->plan, &chunk, a->control_only, &put);
        cp_chunk_clear(&chunk);
    }
    bench_must(err, "take in a chunk");
    m->take_us += bench_wall_us() - begun;
    m->take_cpu_us += bench_cpu_us() - cpu;
    m->moved += put.fresh;
    wait_for(me, CP_EVENT_STORED, CP_BYTES(NULL, 0), a->store_id, put.fresh, CP_OK);
}

static void act(struct side *me, struct side *other, const struct cp_actions *actions,
                struct bench_meeting *m)
{
    for (size_t i = 0; i < actions->count; i++) {
        const struct cp_action *a = &actions->list[i];
        switch (a->type) {
        case CP_ACTION_SEND:
            m->bytes += a->bytes.len;
            m->messages++;
            m->chunk_bytes += chunk_payload(a->bytes);
            wait_for(other, CP_EVENT_MESSAGE, a->bytes, 0, 0, CP_OK);
            break;
        case CP_ACTION_STORE:
            store(me, a, m);
            break;
        case CP_ACTION_PIECE:
            bench_must(cp_store_piece_keep(me->town->store, a->plan, a->id, a->number, a->bytes), "a piece is kept");
            wait_for(me, CP_EVENT_KEPT, CP_BYTES(NULL, 0), 0, 0, CP_OK);
            break;
        case CP_ACTION_REPORT:
            me->in_sync = a->report.in_sync;
            me->round_trips = a->report.round_trips;
            break;
        case CP_ACTION_END:
            bench_must(a->err, "a meeting ended");
            me->ended = true;
            break;
        case CP_ACTION_JOIN:
            bench_die("meeting", "a JOIN came up");
        }
    }
}

static void step(struct side *me, struct side *other, const struct cp_event *e, struct bench_meeting *m)
{
    static struct cp_actions actions; /* one thread */
    actions.count = 0;
    cp_session_step(me->session, e, &actions);
    act(me, other, &actions, m);
}

/* True when something was done. */
static bool go_on(struct side *me, struct side *other, uint64_t now_ms, struct bench_meeting *m)
{
    struct waiting *w = me->first;
    if (me->ended)
        return false;
    if (w == NULL) {
        if (cp_session_deadline_ms(me->session) > now_ms)
            return false;
        step(me, other, &(struct cp_event){.type = CP_EVENT_TICK, .now_ms = now_ms}, m);
        return true;
    }
    me->first = w->next;
    if (me->first == NULL)
        me->last = &me->first;
    struct cp_event e = {.type = w->type,
                         .now_ms = now_ms,
                         .store_id = w->store_id,
                         .result = w->result,
                         .stored = w->stored,
                         .message = CP_BYTES(w->bytes, w->len)};
    step(me, other, &e, m);
    free(w);
    return true;
}

static void begin(struct side *me, struct town *t, const uint8_t own[CP_KEY_LEN],
                  const uint8_t peer[CP_KEY_LEN], bool caller)
{
    struct cp_session_config config = {.caller = caller, .door = CP_DOOR_MEMBER, .now_ms = 1};
    memset(me, 0, sizeof *me);
    me->town = t;
    me->last = &me->first;
    memcpy(config.own_key, own, CP_KEY_LEN);
    memcpy(config.peer_key, peer, CP_KEY_LEN);
    cp_store_incarnation(t->store, config.own_incarnation, NULL);
    me->session = cp_session_new(cp_store_replica(t->store), &config);
    if (me->session == NULL)
        bench_die("session", "no memory");
}

static void end(struct side *me)
{
    while (me->first != NULL) {
        struct waiting *next = me->first->next;
        free(me->first);
        me->first = next;
    }
    cp_session_free(me->session);
}

void bench_meet(struct town *caller, const uint8_t caller_key[CP_KEY_LEN], struct town *called,
                const uint8_t called_key[CP_KEY_LEN], struct bench_meeting *out)
{
    struct side a, b;
    memset(out, 0, sizeof *out);
    double from = bench_cpu_us();
    begin(&a, caller, caller_key, called_key, true);
    begin(&b, called, called_key, caller_key, false);
    step(&a, &b, &(struct cp_event){.type = CP_EVENT_START, .now_ms = 1}, out);
    step(&b, &a, &(struct cp_event){.type = CP_EVENT_START, .now_ms = 1}, out);
    bool closing = false;
    for (;;) {
        bool some = go_on(&a, &b, 1, out);
        some = go_on(&b, &a, 1, out) || some;
        if (some)
            continue;
        if (closing || (a.ended && b.ended))
            break;
        closing = true; /* all has been said: who is still there leaves */
        if (!a.ended)
            step(&a, &b, &(struct cp_event){.type = CP_EVENT_CLOSE, .now_ms = 1}, out);
    }
    out->in_sync = a.in_sync && b.in_sync;
    out->round_trips = a.round_trips;
    end(&a);
    end(&b);
    out->cpu_us = bench_cpu_us() - from;
}
