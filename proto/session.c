/*
 * A session's life: events in, actions out, leaving, deadlines. Owns: which message may come when, and the memory
 * of what the last step's actions point to. Must not: read the messages' insides.
 */
#include "proto/session_internal.h"

#include <assert.h>
#include <string.h>

/* ---- Actions ---- */

enum { ROOM_FOR_END = 3 }; /* BYE, END, and one reserve */

bool session_room(struct cp_session *s)
{
    return s->out->count + ROOM_FOR_END < CP_ACTIONS_MAX && s->sends_count + ROOM_FOR_END < CP_ACTIONS_MAX;
}

struct cp_action *session_action(struct cp_session *s, enum cp_action_type type)
{
    assert(s->out->count < CP_ACTIONS_MAX);
    struct cp_action *a = &s->out->list[s->out->count++];
    memset(a, 0, sizeof *a);
    a->type = type;
    return a;
}

struct cp_buf *session_message(struct cp_session *s)
{
    assert(s->sends_count < CP_ACTIONS_MAX);
    struct cp_buf *b = &s->sends[s->sends_count++];
    cp_buf_init(b, s->mem, CP_MESSAGE_MAX);
    return b;
}

void session_send(struct cp_session *s, struct cp_buf *b)
{
    if (cp_buf_err(b) != CP_OK) {
        session_fail(s, cp_buf_err(b));
        return;
    }
    session_action(s, CP_ACTION_SEND)->bytes = cp_buf_bytes(b);
    s->totals.bytes_out += b->len;
    s->totals.messages_out++;
}

bool session_going(const struct cp_session *s)
{
    return s->phase < PHASE_ENDING;
}

bool session_both_stay(const struct cp_session *s)
{
    return s->config.stay && s->peer_stays;
}

bool cp_session_stays(const struct cp_session *s)
{
    return session_both_stay(s) && s->phase == PHASE_MEETING;
}

bool cp_session_unfinished(const struct cp_session *s)
{
    for (size_t i = 0; i < s->plans_count; i++)
        if (s->plans[i].state == PLAN_ROUND)
            return true;
    return s->fetch.asked_count > 0 || s->fetch.owed_count > 0 || s->fetch.keeping > 0;
}

bool cp_session_shares(const struct cp_session *s, const uint8_t plan[static CP_ID_LEN])
{
    for (size_t i = 0; i < s->plans_count; i++)
        if (memcmp(s->plans[i].id, plan, CP_ID_LEN) == 0 &&
            (s->plans[i].state == PLAN_ROUND || s->plans[i].state == PLAN_QUIET))
            return true;
    return false;
}

/* ---- Ending ---- */

static void end(struct cp_session *s, enum cp_err err, bool bye, enum cp_err word)
{
    if (!session_going(s))
        return;
    s->phase = PHASE_ENDING;
    s->end_err = err == CP_OK && s->differs ? CP_ERR_DIGEST_DIFFERS : err;
    s->bye_due = bye;
    s->bye_word = word;
    for (size_t i = 0; i < s->plans_count; i++)
        if (s->plans[i].state == PLAN_ROUND)
            s->plans[i].report_due = true;
}

/* What is wrong with us is not the peer's business: it only learns that we broke off. */
void session_fail(struct cp_session *s, enum cp_err err)
{
    bool theirs = cp_err_class(err) == CP_CLASS_PEER || err == CP_ERR_NOT_A_MEMBER;
    end(s, err, true, theirs ? err : CP_ERR_INTERRUPTED);
}

void session_leave(struct cp_session *s, enum cp_err err)
{
    end(s, err, true, CP_OK);
}

void session_report(struct cp_session *s, struct plan *p)
{
    p->report.more = p->dirty;
    memcpy(p->report.incarnation, s->peer_incarnation, CP_INCARNATION_LEN);
    session_action(s, CP_ACTION_REPORT)->report = p->report;
    p->report_due = false;
}

static void finish_ending(struct cp_session *s)
{
    for (size_t i = 0; i < s->plans_count; i++) {
        struct plan *p = &s->plans[i];
        if (!p->report_due)
            continue;
        if (!session_room(s)) {
            s->more = true;
            return;
        }
        session_report(s, p);
    }
    if (s->bye_due) {
        struct cp_buf *b = session_message(s);
        s->bye_due = false;
        cp_wire_put_word(b, CP_WIRE_BYE, s->bye_word);
        if (cp_buf_err(b) == CP_OK) /* without memory there is no goodbye, but there is an end */
            session_send(s, b);
    }
    session_action(s, CP_ACTION_END)->err = s->end_err;
    s->phase = PHASE_ENDED;
}

/* The other's reason is its word, not our finding: what it says of us is not counted as its misbehaviour. */
static void take_bye(struct cp_session *s, const struct cp_wire *m)
{
    bool open = s->phase != PHASE_MEETING && s->phase != PHASE_JUDGED;
    for (size_t i = 0; i < s->plans_count; i++)
        open = open || (s->plans[i].state == PLAN_ROUND && s->config.door != CP_DOOR_KNOCK);
    if (s->config.door == CP_DOOR_KNOCK && !s->config.caller && s->plans_count != 0)
        open = open || !s->plans[0].peer_sent || s->plans[0].storing != 0;
    enum cp_err err = open ? CP_ERR_INTERRUPTED : CP_OK;
    if (m->word == CP_ERR_NOT_A_MEMBER || m->word == CP_ERR_UNPROVEN)
        err = m->word;
    else if (m->word != CP_OK)
        err = CP_ERR_INTERRUPTED;
    if (err == CP_OK && s->phase == PHASE_JUDGED)
        err = s->joined;
    end(s, err, false, CP_OK);
}

/* ---- Messages ---- */

static void take_plan_message(struct cp_session *s, struct cp_wire *m)
{
    struct plan *p = m->plan < s->plans_count ? &s->plans[m->plan] : NULL;
    bool knock = s->config.door == CP_DOOR_KNOCK;
    if (p == NULL || p->state == PLAN_OVER || (knock && m->type != CP_WIRE_CHUNK && m->type != CP_WIRE_SENT)) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    switch (m->type) {
    case CP_WIRE_TIPS:
        plan_take_tips(s, p, m);
        return;
    case CP_WIRE_ASK:
        fork_asked(s, p, m);
        return;
    case CP_WIRE_TAGS:
        fork_tags(s, p, m);
        return;
    case CP_WIRE_WANT:
        fork_want(s, p, m);
        return;
    case CP_WIRE_CHUNK:
        take_chunk(s, p, (size_t)m->plan, m);
        return;
    case CP_WIRE_READY:
        if (p->state == PLAN_ROUND && !p->peer_ready && p->peer_tips_known) {
            p->peer_ready = true;
            plan_try_rows(s, p);
            return;
        }
        break;
    case CP_WIRE_SENT:
        if (p->state == PLAN_ROUND && !p->peer_sent && (knock ? !s->config.caller : p->peer_tips_known)) {
            p->peer_sent = true;
            return;
        }
        break;
    case CP_WIRE_DONE:
        if (p->state == PLAN_ROUND && p->peer_sent && !p->peer_done) {
            p->peer_done = true;
            p->peer_missing = m->number;
            p->peer_wanted = m->wanted;
            p->peer_has_digest = m->digest != NULL;
            if (m->digest != NULL)
                memcpy(p->peer_digest, m->digest, CP_ID_LEN);
            plan_try_finish(s, p);
            return;
        }
        break;
    case CP_WIRE_DECLINE:
        if (p->state == PLAN_OFFERED && s->config.caller) {
            p->state = PLAN_OVER;
            return;
        }
        break;
    case CP_WIRE_HELLO:
    case CP_WIRE_WELCOME:
    case CP_WIRE_ACK:
    case CP_WIRE_OFFER:
    case CP_WIRE_BYE:
    case CP_WIRE_JOIN:
    case CP_WIRE_JOINED:
    case CP_WIRE_AGAIN:
    case CP_WIRE_FETCH:
    case CP_WIRE_PIECE:
    case CP_WIRE_ENOUGH:
    case CP_WIRE_COUNT:
        break;
    }
    session_fail(s, CP_ERR_BAD_MESSAGE);
}

static void take_answer(struct cp_session *s, struct cp_wire *m)
{
    if (s->config.door == CP_DOOR_INVITE && m->type == CP_WIRE_JOINED)
        session_leave(s, m->word == CP_ERR_COUNT ? CP_ERR_BAD_MESSAGE : m->word);
    else if (s->config.door != CP_DOOR_INVITE && m->type == CP_WIRE_WELCOME)
        greet_take_welcome(s, m);
    else
        session_fail(s, CP_ERR_BAD_MESSAGE);
}

static void take_message(struct cp_session *s, struct cp_bytes message)
{
    struct cp_wire m;
    s->heard_ms = s->now_ms;
    s->totals.bytes_in += message.len;
    enum cp_err err = cp_wire_read(message, &m);
    if (++s->totals.messages_in > CP_SESSION_MESSAGES_MAX)
        err = CP_ERR_PEER_TOO_MUCH;
    if (err != CP_OK) {
        session_fail(s, err);
    } else if (m.type == CP_WIRE_BYE) {
        take_bye(s, &m);
    } else if (s->phase == PHASE_LISTENING) {
        called_first(s, message, &m);
    } else if (s->phase == PHASE_GREETED) {
        take_answer(s, &m);
    } else if (s->phase != PHASE_MEETING) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
    } else if (m.type == CP_WIRE_ACK) {
        flow_ack(s, &m);
    } else if (m.type == CP_WIRE_AGAIN) {
        flow_again(s, &m);
    } else if (m.type == CP_WIRE_OFFER) {
        called_take_offer(s, &m);
    } else if (m.type == CP_WIRE_FETCH || m.type == CP_WIRE_PIECE || m.type == CP_WIRE_ENOUGH) {
        fetch_take(s, &m);
    } else if (m.type >= CP_WIRE_TIPS && m.type <= CP_WIRE_DECLINE) {
        take_plan_message(s, &m);
    } else {
        session_fail(s, CP_ERR_BAD_MESSAGE);
    }
}

/* ---- Events ---- */

/* True while it is the peer's turn. A session that stays and has nothing under way waits for ever; the
 * connection's own heartbeats notice a lost peer. */
static bool waits_for_peer(const struct cp_session *s)
{
    if (s->again_asked && session_going(s))
        return true;
    if (s->phase == PHASE_JUDGING || s->chunk_stored < s->chunk_taken || !session_going(s) || s->phase == PHASE_NEW)
        return false;
    if (s->phase != PHASE_MEETING || !session_both_stay(s) || s->chunk_acked < s->chunk_sent || fetch_waits(s))
        return true;
    for (size_t i = 0; i < s->plans_count; i++)
        if (s->plans[i].state == PLAN_ROUND)
            return true;
    return false;
}

uint64_t cp_session_deadline_ms(const struct cp_session *s)
{
    if (s->more)
        return 0;
    return waits_for_peer(s) ? s->heard_ms + s->config.idle_ms : UINT64_MAX;
}

static void take_news(struct cp_session *s, const uint8_t *plan)
{
    for (size_t i = 0; i < s->plans_count && session_going(s); i++)
        if (s->plans[i].held && memcmp(s->plans[i].id, plan, CP_ID_LEN) == 0)
            plan_news(s, &s->plans[i]);
}

static void take_event(struct cp_session *s, const struct cp_event *e)
{
    switch (e->type) {
    case CP_EVENT_START:
        assert(s->phase == PHASE_NEW);
        s->heard_ms = s->now_ms;
        greet_start(s);
        break;
    case CP_EVENT_MESSAGE:
        take_message(s, e->message);
        break;
    case CP_EVENT_STORED:
        s->heard_ms = s->now_ms; /* the time that storing took is not the peer's */
        take_stored(s, e);
        break;
    case CP_EVENT_JOINED:
        assert(s->phase == PHASE_JUDGING);
        s->heard_ms = s->now_ms;
        called_joined(s, e->result);
        break;
    case CP_EVENT_KEPT:
        s->heard_ms = s->now_ms;
        fetch_kept(s, e->result);
        break;
    case CP_EVENT_WISHES:
        fetch_again(s);
        break;
    case CP_EVENT_NEWS:
        if (s->phase == PHASE_MEETING || s->phase == PHASE_GREETED)
            take_news(s, e->plan);
        break;
    case CP_EVENT_TICK:
        if (waits_for_peer(s) && s->now_ms >= s->heard_ms + s->config.idle_ms)
            session_fail(s, CP_ERR_TIMED_OUT);
        break;
    case CP_EVENT_CLOSE:
        session_leave(s, CP_OK);
        break;
    }
}

void cp_session_step(struct cp_session *s, const struct cp_event *event, struct cp_actions *out)
{
    assert(s->phase != PHASE_ENDED);
    for (size_t i = 0; i < s->sends_count; i++)
        cp_buf_clear(&s->sends[i]);
    s->sends_count = 0;
    out->count = 0;
    s->out = out;
    s->more = false;
    s->now_ms = event->now_ms > s->now_ms ? event->now_ms : s->now_ms;
    if (session_going(s))
        take_event(s, event);
    if (s->phase == PHASE_MEETING)
        flow_pump(s);
    if (s->phase == PHASE_ENDING)
        finish_ending(s);
    s->out = NULL;
}

/* ---- Life ---- */

struct cp_session *cp_session_new(const struct cp_replica *replica, const struct cp_session_config *config)
{
    const struct cp_mem *mem = config->mem != NULL ? config->mem : replica->mem;
    struct cp_session *s = cp_alloc(mem, sizeof *s);
    if (s == NULL)
        return NULL;
    s->replica = replica;
    s->mem = mem;
    s->config = *config;
    s->now_ms = s->heard_ms = config->now_ms;
    if (s->config.idle_ms == 0)
        s->config.idle_ms = CP_SESSION_IDLE_MS;
    s->join = cp_dup(s->mem, config->join);
    s->config.join = CP_BYTES(s->join, config->join.len);
    if (s->join == NULL) {
        cp_session_free(s);
        return NULL;
    }
    return s;
}

void cp_session_free(struct cp_session *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->sends_count; i++)
        cp_buf_clear(&s->sends[i]);
    for (size_t i = 0; i < s->plans_count; i++)
        plan_clear(s, &s->plans[i]);
    take_clear(s);
    cp_free(s->mem, s->plans);
    cp_free(s->replica->mem, s->beyond);
    cp_free(s->mem, s->join);
    cp_free(s->mem, s);
}

struct cp_session_totals cp_session_totals(const struct cp_session *s)
{
    return s->totals;
}

struct cp_session_progress cp_session_progress(const struct cp_session *s)
{
    struct cp_session_progress g = {0, 0};
    for (size_t i = 0; i < s->plans_count; i++) {
        const struct plan *p = &s->plans[i];
        uint64_t done = p->report.sent + p->report.received;
        uint64_t send = p->rows[CP_CONTROL].count + p->rows[CP_CONTENT].count;
        uint64_t of = p->to_come > CP_INT_MAX - send ? CP_INT_MAX : p->to_come + send;
        of = of > done ? of : done;
        g.done += done;
        g.of = of > CP_INT_MAX - g.of ? CP_INT_MAX : g.of + of;
    }
    return g;
}

const char *cp_session_state_word(const struct cp_session *s)
{
    static const char *const words[] = {
        [PHASE_NEW] = "new",         [PHASE_GREETED] = "greeted", [PHASE_LISTENING] = "listening",
        [PHASE_MEETING] = "meeting", [PHASE_JUDGING] = "judging", [PHASE_JUDGED] = "judged",
        [PHASE_ENDING] = "ending",   [PHASE_ENDED] = "ended",
    };
    return words[s->phase];
}
