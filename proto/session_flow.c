/*
 * What is sent next: acknowledgements, lists, chunks, ends. Owns: the order of sending and the window of chunks.
 * Must not: decide what the other needs.
 */
#include <assert.h>
#include <string.h>

#include "proto/session_internal.h"

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

/* Words that went while the exchange was under way: the other may lack the WITHDRAW, which is no part of this one,
 * and would have to refuse the chunk. The next meeting brings it first. Where no news came by another way and all
 * that we hold was shown, it was the other that brought it; a WITHDRAW whose own words are damaged was not shown. */
struct guarded {
    const struct cp_entry_source *from;
    uint64_t row_end; /* UINT64_MAX: all that arrived since came from the other */
};

static enum cp_err guarded_entry(void *ctx, uint64_t row, struct cp_outgoing *out)
{
    const struct guarded *g = ctx;
    enum cp_err err = g->from->entry(g->from->ctx, row, out);
    return err == CP_OK && out->gone_row != 0 && out->gone_row >= g->row_end ? CP_ERR_INTERRUPTED : err;
}

/* Sends `count` of the rows or as many of them as make a chunk; they are number `number`. Returns how many. */
static size_t send_chunk(struct cp_session *s, struct plan *p, enum cp_class class, size_t at, size_t count,
                         uint64_t number, bool *compact)
{
    struct cp_buf full, small;
    size_t taken = 0;
    struct guarded guarded = {.from = &s->replica->source,
                              .row_end = p->dirty || p->partial ? plan_row_end(p) : UINT64_MAX};
    unsigned depth = 0;
    const struct cp_entry_source source = {.entry = guarded_entry, .ctx = &guarded, .depth = &depth};
    if (s->config.door == CP_DOOR_MEMBER && !session_with_member(s, p))
        return 0;
    cp_buf_init(&full, s->mem, CP_MESSAGE_MAX);
    cp_buf_init(&small, s->mem, CP_MESSAGE_MAX);
    enum cp_err err =
        cp_chunk_build(&source, s->mem, p->rows[class].list + at, count, &full, &taken);
    if (err == CP_OK && *compact)
        err = names_pack(s, p, class, depth, cp_buf_bytes(&full), &small, compact);
    if (err != CP_OK) {
        session_fail(s, err);
    } else {
        struct cp_buf *b = session_message(s);
        cp_wire_put_chunk(b, (uint64_t)(p - s->plans), class, depth, number,
                          *compact ? CP_CHUNK_FORM_COMPACT : CP_CHUNK_FORM_FULL,
                          cp_buf_bytes(*compact ? &small : &full));
        session_send(s, b);
    }
    cp_buf_clear(&full);
    cp_buf_clear(&small);
    return taken;
}

static void pump_chunk(struct cp_session *s, struct plan *p, size_t index)
{
    enum cp_class class = p->rows[CP_CONTROL].at < p->rows[CP_CONTROL].count ? CP_CONTROL : CP_CONTENT;
    struct rows *rows = &p->rows[class];
    bool compact = s->peer_compact;
    size_t taken = send_chunk(s, p, class, rows->at, rows->count - rows->at, s->chunk_sent + 1, &compact);
    if (!session_going(s))
        return;
    s->flight[s->chunk_sent % CP_CHUNKS_IN_FLIGHT] = (struct outgoing_chunk){
        .plan = index, .entries = taken, .exchange = p->exchange, .class = class, .at = rows->at, .compact = compact};
    s->chunk_sent++;
    rows->at += taken;
}

/* The other could not rebuild a chunk. Whatever the reason, it gets this one and all that follow in full. */
void flow_again(struct cp_session *s, const struct cp_wire *m)
{
    bool there = m->number > s->chunk_acked && m->number <= s->chunk_sent;
    struct outgoing_chunk *c = &s->flight[there ? (m->number - 1) % CP_CHUNKS_IN_FLIGHT : 0];
    struct plan *p = there ? &s->plans[c->plan] : NULL;
    if (p == NULL || !c->compact || p->state != PLAN_ROUND || p->exchange != c->exchange) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    c->compact = s->peer_compact = false;
    bool compact = false;
    size_t taken = send_chunk(s, p, c->class, c->at, c->entries, m->number, &compact);
    if (taken != c->entries && session_going(s)) /* a signature that came meanwhile made it larger */
        session_fail(s, CP_ERR_INTERRUPTED);
}

static void send_plan(struct cp_session *s, enum cp_wire_type type, size_t index)
{
    struct cp_buf *b = session_message(s);
    cp_wire_put_plan(b, type, index);
    session_send(s, b);
}

static void pump_report(struct cp_session *s, struct plan *p)
{
    session_report(s, p);
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

bool flow_all_settled(const struct cp_session *s)
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
    } else if (!session_both_stay(s) && flow_all_settled(s) && fetch_over(s)) {
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
        fetch_pump(s);
    if (session_going(s))
        try_leave(s);
}
