/*
 * What is sent next: acknowledgements, lists, chunks, ends. Owns: the order of sending and the window of chunks.
 * Must not: decide what the other needs.
 */
#include <assert.h>
#include <string.h>

#include "proto/session_internal.h"

/* ---- The peer's chunks ---- */

void flow_chunk(struct cp_session *s, struct plan *p, size_t index, const struct cp_wire *m)
{
    bool knock = s->config.door == CP_DOOR_KNOCK;
    bool expected = p->state == PLAN_ROUND && !p->peer_sent && m->number == s->chunk_taken + 1 &&
                    (knock ? !s->config.caller && m->class == CP_CONTROL : p->peer_tips_known);
    if (!expected) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    if (s->chunk_taken - s->ack_sent >= CP_CHUNKS_IN_FLIGHT || m->bytes.len == 0) {
        session_fail(s, CP_ERR_PEER_TOO_MUCH);
        return;
    }
    struct cp_buf *b = session_message(s); /* kept for the action, not sent */
    cp_buf_put_bytes(b, m->bytes);
    if (cp_buf_err(b) != CP_OK) {
        session_fail(s, cp_buf_err(b));
        return;
    }
    s->storing[s->chunk_taken % CP_CHUNKS_IN_FLIGHT] = index;
    s->chunk_taken++;
    p->storing++;
    struct cp_action *a = session_action(s, CP_ACTION_STORE);
    a->bytes = cp_buf_bytes(b);
    a->store_id = s->chunk_taken;
    a->form = m->form;
    a->control_only = knock || m->class == CP_CONTROL;
    memcpy(a->plan, p->id, CP_ID_LEN);
}

void flow_stored(struct cp_session *s, const struct cp_event *e)
{
    assert(s->chunk_stored < s->chunk_taken && e->store_id == s->chunk_stored + 1);
    struct plan *p = &s->plans[s->storing[s->chunk_stored % CP_CHUNKS_IN_FLIGHT]];
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
}

void flow_ack(struct cp_session *s, const struct cp_wire *m)
{
    if (s->chunk_acked == s->chunk_sent || m->number != s->chunk_acked + 1) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    const struct outgoing_chunk *c = &s->flight[s->chunk_acked % CP_CHUNKS_IN_FLIGHT];
    s->plans[c->plan].report.sent += c->entries;
    s->chunk_acked++;
}

/* ---- Ours ---- */

static bool rows_left(const struct plan *p)
{
    return p->rows[CP_CONTROL].at < p->rows[CP_CONTROL].count || p->rows[CP_CONTENT].at < p->rows[CP_CONTENT].count;
}

static void pump_listing(struct cp_session *s, struct plan *p, size_t index)
{
    while (p->listing_due && session_going(s) && session_room(s)) {
        size_t from = p->listing_at, left = p->listing.count - from;
        size_t take = left < CP_TIPS_PER_MESSAGE ? left : CP_TIPS_PER_MESSAGE;
        size_t control = from < p->listing_split ? p->listing_split - from : 0;
        control = control < take ? control : take;
        struct cp_buf *b = session_message(s);
        cp_put_array(b, 7);
        cp_put_uint(b, CP_WIRE_TIPS);
        cp_put_uint(b, index);
        cp_put_uint(b, take == left);
        const struct cp_wire_tip *at = take == 0 ? NULL : p->listing.list + from; /* no list: no arithmetic on NULL */
        cp_wire_put_tips(b, at, control);
        cp_wire_put_tips(b, take == control ? NULL : at + control, take - control);
        session_send(s, b);
        p->listing_at += take;
        p->listing_due = take < left;
    }
}

static void pump_chunk(struct cp_session *s, struct plan *p, size_t index)
{
    enum cp_class class = p->rows[CP_CONTROL].at < p->rows[CP_CONTROL].count ? CP_CONTROL : CP_CONTENT;
    struct rows *rows = &p->rows[class];
    struct cp_buf payload;
    size_t taken = 0;
    if (s->config.door == CP_DOOR_MEMBER && !s->replica->is_member(s->replica->ctx, p->id, s->config.peer_key)) {
        session_fail(s, CP_ERR_NOT_A_MEMBER);
        return;
    }
    cp_buf_init(&payload, s->mem, CP_MESSAGE_MAX);
    enum cp_err err = cp_chunk_build(&s->replica->source, s->mem, rows->list + rows->at, rows->count - rows->at,
                                     &payload, &taken);
    if (err != CP_OK) {
        session_fail(s, err);
    } else {
        struct cp_buf *b = session_message(s);
        cp_wire_put_chunk(b, index, class, s->chunk_sent + 1, CP_CHUNK_FORM_FULL, cp_buf_bytes(&payload));
        session_send(s, b);
        s->flight[s->chunk_sent % CP_CHUNKS_IN_FLIGHT] = (struct outgoing_chunk){.plan = index, .entries = taken};
        s->chunk_sent++;
        rows->at += taken;
    }
    cp_buf_clear(&payload);
}

static void send_plan(struct cp_session *s, enum cp_wire_type type, size_t index)
{
    struct cp_buf *b = session_message(s);
    cp_wire_put_plan(b, type, index);
    session_send(s, b);
}

static void pump_report(struct cp_session *s, struct plan *p)
{
    session_action(s, CP_ACTION_REPORT)->report = p->report;
    p->report_due = false;
    if (p->dirty && p->state == PLAN_QUIET && session_both_stay(s))
        plan_open(s, p, false);
}

/* Each call takes the plan at most one message further. Returns true when there may be more to do. */
static bool pump_plan(struct cp_session *s, struct plan *p, size_t index)
{
    bool window = s->chunk_sent - s->chunk_acked < CP_CHUNKS_IN_FLIGHT;
    if (p->report_due) {
        pump_report(s, p);
    } else if (p->offer_due) {
        greet_offer(s, p);
    } else if (p->decline_due) {
        send_plan(s, CP_WIRE_DECLINE, index);
        p->decline_due = false;
    } else if (p->state != PLAN_ROUND) {
        return false;
    } else if (p->listing_due) {
        pump_listing(s, p, index);
    } else if (p->want_due || (p->evaluated && p->forks_at < p->forks_count && !p->forks[p->forks_at].asked)) {
        fork_pump(s, p, index);
    } else if (p->ready_due && p->forks_at == p->forks_count) {
        send_plan(s, CP_WIRE_READY, index);
        p->ready_due = false;
    } else if (rows_left(p) && window) {
        pump_chunk(s, p, index);
    } else if (p->rows_final && !rows_left(p) && !p->sent) {
        send_plan(s, CP_WIRE_SENT, index);
        p->sent = true;
    } else if (p->sent && p->peer_sent && p->storing == 0 && !p->done_sent && s->config.door == CP_DOOR_MEMBER) {
        plan_done(s, p);
        plan_try_finish(s, p);
    } else {
        return false;
    }
    return true;
}

static bool all_settled(const struct cp_session *s)
{
    for (size_t i = 0; i < s->plans_count; i++) {
        const struct plan *p = &s->plans[i];
        if (!plan_settled(p) && !(p->state == PLAN_OFFERED && !s->config.caller))
            return false;
    }
    return true;
}

/* The caller says goodbye when nothing is left to do and nobody stays. */
static void try_leave(struct cp_session *s)
{
    if (!s->config.caller || s->phase != PHASE_MEETING)
        return;
    if (s->config.door == CP_DOOR_KNOCK) {
        if (s->plans_count != 0 && s->plans[0].sent && s->chunk_acked == s->chunk_sent)
            session_leave(s, CP_OK);
    } else if (!session_both_stay(s) && all_settled(s)) {
        session_leave(s, CP_OK);
    }
}

void flow_pump(struct cp_session *s)
{
    while (s->ack_sent < s->chunk_stored && session_going(s) && session_room(s)) {
        struct cp_buf *b = session_message(s);
        cp_wire_put_ack(b, ++s->ack_sent);
        session_send(s, b);
    }
    bool moved = true;
    while (moved && session_going(s)) {
        moved = false;
        for (size_t i = 0; i < s->plans_count && session_going(s); i++) {
            if (!session_room(s)) {
                s->more = true;
                return;
            }
            moved = pump_plan(s, &s->plans[i], i) || moved;
        }
    }
    if (session_going(s))
        try_leave(s);
}
