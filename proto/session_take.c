/*
 * The peer's chunks: in which order they are stored, and what is asked for again. Owns: the queue of those that came.
 * Must not: judge entries; whoever stores them does.
 *
 * A chunk in form 1 may name entries of every chunk before it, so it is rebuilt when these are stored, and the next one
 * waits for it. One that does not rebuild is asked for once in full; those behind it wait.
 */
#include <assert.h>

#include "proto/session_internal.h"

static struct incoming_chunk *slot(struct cp_session *s, uint64_t number)
{
    return &s->in[(number - 1) % CP_CHUNKS_IN_FLIGHT];
}

static void give(struct cp_session *s, struct incoming_chunk *c)
{
    struct plan *p = &s->plans[c->plan];
    struct cp_buf *b = session_message(s); /* kept for the action, not sent */
    *b = c->payload; /* moved */
    cp_buf_init(&c->payload, s->mem, CP_MESSAGE_MAX);
    s->chunk_given++;
    struct cp_action *a = session_action(s, CP_ACTION_STORE);
    a->bytes = cp_buf_bytes(b);
    a->store_id = s->chunk_given;
    a->form = CP_CHUNK_FORM_FULL;
    a->depth = c->depth;
    a->control_only = s->config.door == CP_DOOR_KNOCK || c->class == CP_CONTROL;
    memcpy(a->plan, p->id, CP_ID_LEN);
}

static bool rebuild(struct cp_session *s, struct incoming_chunk *c)
{
    struct cp_buf full;
    cp_buf_init(&full, s->mem, CP_MESSAGE_MAX);
    enum cp_err err = names_unpack(s, &s->plans[c->plan], c->class, c->depth, cp_buf_bytes(&c->payload), &full);
    if (err == CP_OK) {
        cp_buf_clear(&c->payload);
        c->payload = full;
        return true;
    }
    cp_buf_clear(&full);
    if (cp_err_class(err) != CP_CLASS_PEER) {
        session_fail(s, err);
        return false;
    }
    struct cp_buf *b = session_message(s);
    cp_wire_put_again(b, s->chunk_given + 1);
    session_send(s, b);
    s->again_asked = true;
    return false;
}

/* At most one at a time: each that is stored brings on the next. */
static void give_next(struct cp_session *s)
{
    if (!session_going(s) || s->chunk_given == s->chunk_taken || s->again_asked)
        return;
    struct incoming_chunk *c = slot(s, s->chunk_given + 1);
    bool compact = c->form != CP_CHUNK_FORM_FULL;
    if ((compact || s->given_compact) && s->chunk_stored < s->chunk_given)
        return;
    if (compact && !rebuild(s, c))
        return;
    s->given_compact = compact;
    give(s, c);
}

static enum cp_err keep(struct cp_session *s, struct incoming_chunk *c, size_t index, const struct cp_wire *m)
{
    cp_buf_clear(&c->payload);
    cp_buf_init(&c->payload, s->mem, CP_MESSAGE_MAX);
    cp_buf_put_bytes(&c->payload, m->bytes);
    c->plan = index;
    c->class = m->class;
    c->depth = m->depth;
    c->form = m->form;
    return cp_buf_err(&c->payload);
}

/* The chunk that was asked for again: in full, and the same one as far as can be told. */
static void take_again(struct cp_session *s, size_t index, const struct cp_wire *m)
{
    struct incoming_chunk *c = slot(s, m->number);
    if (m->form != CP_CHUNK_FORM_FULL || c->plan != index || c->class != m->class || c->depth != m->depth || m->bytes.len == 0) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    enum cp_err err = keep(s, c, index, m);
    if (err != CP_OK) {
        session_fail(s, err);
        return;
    }
    s->again_asked = false;
    give_next(s);
}

void take_chunk(struct cp_session *s, struct plan *p, size_t index, const struct cp_wire *m)
{
    bool knock = s->config.door == CP_DOOR_KNOCK;
    if (s->again_asked && m->number == s->chunk_given + 1) {
        take_again(s, index, m);
        return;
    }
    bool expected = p->state == PLAN_ROUND && !p->peer_sent && m->number == s->chunk_taken + 1 &&
                    (knock ? !s->config.caller && m->class == CP_CONTROL : p->peer_tips_known);
    bool form = m->form == CP_CHUNK_FORM_FULL || (m->form == CP_CHUNK_FORM_COMPACT && !knock && !s->config.full_only);
    if (!expected || !form) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    if (s->chunk_taken - s->ack_sent >= CP_CHUNKS_IN_FLIGHT || m->bytes.len == 0) {
        session_fail(s, CP_ERR_PEER_TOO_MUCH);
        return;
    }
    enum cp_err err = keep(s, slot(s, m->number), index, m);
    if (err != CP_OK) {
        session_fail(s, err);
        return;
    }
    s->chunk_taken++;
    p->storing++;
    give_next(s);
}

void take_stored(struct cp_session *s, const struct cp_event *e)
{
    assert(s->chunk_stored < s->chunk_given && e->store_id == s->chunk_stored + 1);
    struct plan *p = &s->plans[slot(s, s->chunk_stored + 1)->plan];
    s->chunk_stored++;
    p->storing--;
    if (e->result != CP_OK) {
        session_fail(s, e->result);
        return;
    }
    p->held = true;
    p->report.received += e->stored;
    if (e->stored == 0 && ++s->useless > CP_SESSION_USELESS_MAX)
        session_fail(s, CP_ERR_PEER_TOO_MUCH);
    give_next(s);
}

void take_clear(struct cp_session *s)
{
    for (size_t i = 0; i < CP_CHUNKS_IN_FLIGHT; i++)
        cp_buf_clear(&s->in[i].payload);
}
