/* Two sessions that talk to each other, message by message. Owns: the queues. Must not: know what is said. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/replica.h"

static void push(struct link_side *to, struct cp_bytes bytes)
{
    if (to->queue_count == to->queue_cap) {
        to->queue_cap = to->queue_cap == 0 ? 64 : to->queue_cap * 2;
        struct link_message *grown = realloc(to->queue, to->queue_cap * sizeof *grown);
        if (grown == NULL)
            abort();
        to->queue = grown;
    }
    uint8_t *copy = malloc(bytes.len + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, bytes.ptr, bytes.len);
    to->queue[to->queue_count++] = (struct link_message){.bytes = copy, .len = bytes.len};
}

static void note_sent(struct link *l, int side, struct cp_bytes bytes)
{
    l->bytes[side] += bytes.len;
    bool chunk = bytes.len > 1 && bytes.ptr[1] == 7;
    l->chunk_seen = l->chunk_seen || chunk;
    if (!l->chunk_seen)
        l->bytes_before_chunk += bytes.len;
}

static void store(struct link *l, int side, const struct cp_action *a, struct cp_event *next)
{
    struct link_side *own = &l->side[side];
    size_t fresh = 0;
    enum cp_err err = own->store_result;
    if (err == CP_OK)
        err = replica_take(own->replica, a->plan, a->bytes, a->control_only, &fresh);
    *next = (struct cp_event){
        .type = CP_EVENT_STORED, .now_ms = l->now_ms, .store_id = a->store_id, .result = err, .stored = fresh};
}

void link_event(struct link *l, int side, const struct cp_event *event)
{
    static struct cp_actions out;
    struct link_side *own = &l->side[side], *other = &l->side[1 - side];
    struct cp_event next = *event;
    bool again = !own->ended;
    while (again) {
        struct cp_event follow = {.type = CP_EVENT_TICK, .now_ms = l->now_ms};
        cp_session_step(own->session, &next, &out);
        again = false;
        for (size_t i = 0; i < out.count; i++) {
            const struct cp_action *a = &out.list[i];
            assert(!own->ended);
            if (a->type == CP_ACTION_SEND) {
                push(other, a->bytes);
                note_sent(l, side, a->bytes);
            } else if (a->type == CP_ACTION_STORE) {
                store(l, side, a, &follow);
                again = true;
            } else if (a->type == CP_ACTION_PIECE) {
                follow = (struct cp_event){
                    .type = CP_EVENT_KEPT, .now_ms = l->now_ms, .result = shelf_keep(own->replica->shelf, a)};
                again = true;
            } else if (a->type == CP_ACTION_JOIN) {
                follow = (struct cp_event){.type = CP_EVENT_JOINED, .now_ms = l->now_ms, .result = own->join_result};
                own->joins++;
                again = true;
            } else if (a->type == CP_ACTION_REPORT) {
                if (own->reports_count < sizeof own->reports / sizeof own->reports[0])
                    own->reports[own->reports_count++] = a->report;
            } else {
                own->ended = true;
                own->err = a->err;
            }
        }
        next = follow;
        if (own->ended)
            return;
        again = again || cp_session_deadline_ms(own->session) == 0;
    }
}

void link_start(struct link *l, struct replica *caller, struct replica *called,
                struct cp_session_config *caller_config, struct cp_session_config *called_config)
{
    struct replica *r[2] = {caller, called};
    struct cp_session_config *c[2] = {caller_config, called_config};
    const struct cp_event start = {.type = CP_EVENT_START, .now_ms = l->now_ms};
    for (int i = 0; i < 2; i++) {
        c[i]->caller = i == 0;
        c[i]->now_ms = l->now_ms;
        memcpy(c[i]->own_key, r[i]->key, CP_KEY_LEN);
        memcpy(c[i]->peer_key, r[1 - i]->key, CP_KEY_LEN);
        memcpy(c[i]->own_incarnation, r[i]->incarnation, CP_INCARNATION_LEN);
        l->side[i].replica = r[i];
        l->side[i].session = cp_session_new(&r[i]->iface, c[i]);
        if (l->side[i].session == NULL)
            abort();
    }
    link_event(l, 1, &start);
    link_event(l, 0, &start);
}

static bool deliver(struct link *l, int to)
{
    struct link_side *side = &l->side[to];
    if (side->queue_from == side->queue_count)
        return false;
    struct link_message m = side->queue[side->queue_from++];
    bool pass = !side->ended && (l->meddle == NULL || l->meddle(l->meddle_ctx, l, to, &m));
    if (pass) {
        /* A copy of exactly that length, so that a read past the end is seen. */
        const struct cp_event e = {.type = CP_EVENT_MESSAGE, .now_ms = l->now_ms, .message = {m.bytes, m.len}};
        l->messages++;
        link_event(l, to, &e);
    }
    free(m.bytes);
    return true;
}

bool link_step(struct link *l)
{
    return deliver(l, 1) || deliver(l, 0);
}

void link_run(struct link *l, size_t most)
{
    for (size_t i = 0; i < most && link_step(l); i++)
        ;
}

void link_clear(struct link *l)
{
    for (int i = 0; i < 2; i++) {
        struct link_side *side = &l->side[i];
        for (; side->queue_from < side->queue_count; side->queue_from++)
            free(side->queue[side->queue_from].bytes);
        free(side->queue);
        cp_session_free(side->session);
    }
    memset(l, 0, sizeof *l);
}

bool link_meet(struct replica *caller, struct replica *called)
{
    struct link l = {.now_ms = 1000};
    struct cp_session_config a = {.door = CP_DOOR_MEMBER}, b = {.door = CP_DOOR_MEMBER};
    link_start(&l, caller, called, &a, &b);
    link_run(&l, SIZE_MAX);
    bool ok = true;
    for (int i = 0; i < 2; i++)
        ok = ok && l.side[i].ended && l.side[i].err == CP_OK && l.side[i].reports_count == 1 &&
             l.side[i].reports[0].in_sync;
    link_clear(&l);
    return ok;
}
