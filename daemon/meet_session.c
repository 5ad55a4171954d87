/*
 * One session: carries the core's actions out and tells it how they went.
 * Owns: the order of the two. Must not: step a session from inside its own step; actions' bytes are the session's
 * and valid only until then.
 */
#include "daemon/log.h"
#include "daemon/meet.h"
#include "daemon/notice.h"
#include "daemon/store_pieces.h"
#include "daemon/taken_back.h"

#include <assert.h>

#define QUEUE_MAX (2U * CP_ACTIONS_MAX)
struct queue {
    struct cp_event list[QUEUE_MAX];
    size_t first, end;
};

static bool queue_put(struct queue *q, struct cp_event e)
{
    if (q->end == QUEUE_MAX)
        return false;
    q->list[q->end++] = e;
    return true;
}

static enum cp_err take_in(struct cp_meet *m, const struct cp_action *a, size_t *fresh)
{
    struct cp_node *node = m->all->node;
    struct cp_chunk chunk;
    struct cp_put_result result = {.fresh = 0};
    uint8_t origin[CP_ID_LEN];
    *fresh = 0;
    if (a->form != CP_CHUNK_FORM_FULL)
        return CP_ERR_BAD_MESSAGE;
    enum cp_err err = cp_store_origin(node->store, a->plan, a->depth, origin);
    if (err == CP_OK)
        err = cp_chunk_read(&chunk, node->mem, a->bytes, origin);
    if (err != CP_OK)
        return err;
    chunk.depth = a->depth;
    err = cp_store_put(node->store, a->plan, &chunk, a->control_only, &result);
    cp_chunk_clear(&chunk);
    if (err != CP_OK)
        return err;
    if (result.own_unknown && cp_notice_restored(node->store, node->mem, 0) != CP_OK)
        cp_log(CP_LOG_WARN, "set_back", "what=notice");
    *fresh = result.fresh;
    if (result.fresh > 0) {
        cp_meet_news_from(m->all, a->plan, m, result.control);
        cp_taken_back_came(node);
    }
    return CP_OK;
}

/* Have all people of this machine left the plan? Then somebody else knows it now, and that was the last of it from here. */
static void told(struct cp_meet *m, const uint8_t *plan)
{
    struct cp_node *node = m->all->node;
    const struct cp_members *members = NULL;
    size_t were = 0, left = 0;
    bool waits = true;
    if (cp_store_members(node->store, plan, &members) != CP_OK)
        return;
    for (size_t i = 0; i < cp_keeper_count(node->keeper); i++) {
        const struct cp_member_device *d = cp_members_find(members, cp_keeper_person(node->keeper, i)->device_key);
        were += d != NULL ? 1 : 0;
        left += d != NULL && d->left ? 1 : 0;
    }
    if (were == 0 || left < were)
        return;
    if (cp_store_waits(node->store, plan, &waits) != CP_OK || waits) /* to be let in again: who brings that must find us */
        return;
    enum cp_err err = cp_store_hush(node->store, plan, true);
    cp_log(err == CP_OK ? CP_LOG_INFO : CP_LOG_WARN, "left", "code=%s", cp_err_word(err));
    m->all->doors_known = false;
}

/* One row for each plan: of several exchanges in one session the counts add up and the last verdict counts. */
static void report(struct cp_meet *m, const struct cp_report *r)
{
    static const uint8_t nobody[CP_KEY_LEN] = {0};
    struct cp_session_totals t = cp_session_totals(m->session);
    struct cp_meet_row *row = NULL;
    void *rows = m->rows;
    for (size_t i = 0; i < m->rows_count; i++)
        if (memcmp(m->rows[i].report.plan, r->plan, CP_ID_LEN) == 0)
            row = &m->rows[i];
    if (row != NULL && r->no_place) /* there was one in an earlier session of this meeting */
        return;
    if (row == NULL && cp_grow(m->all->node->mem, &rows, &m->rows_cap, m->rows_count + 1,
                               SIZE_MAX / sizeof *m->rows, sizeof *m->rows) == CP_OK) { /* offers that are taken, and plans that we hold */
        m->rows = rows;
        row = &m->rows[m->rows_count++];
        memset(row, 0, sizeof *row);
        memcpy(row->peer, m->machine, sizeof row->peer);
    }
    if (row != NULL) {
        uint64_t sent = row->report.sent, received = row->report.received;
        row->report = *r;
        row->apart = false;
        row->report.sent += sent;
        row->report.received += received;
        row->bytes_out += t.bytes_out - m->bytes_out_told;
        row->bytes_in += t.bytes_in - m->bytes_in_told;
        m->bytes_out_told = t.bytes_out;
        m->bytes_in_told = t.bytes_in;
    }
    if (memcmp(m->machine, nobody, sizeof nobody) != 0 && !r->no_place) /* what was known of it stays so */
        cp_meet_reported(m->all, m->machine, r);
    if (!cp_meet_stands(m->all->node, NULL, m->machine))
        m->all->control = true; /* they have left: looked at when this step is over */
    if (r->in_sync)
        told(m, r->plan);
    if (r->in_sync && cp_notice_back(m->all->node->store, m->all->node->mem) != CP_OK)
        cp_log(CP_LOG_WARN, "set_back", "what=notice");
}

/* Keeps a piece that the core proved; counted for the plan's row. */
static enum cp_err keep_piece(struct cp_meet *m, const struct cp_action *a)
{
    enum cp_err err = cp_store_piece_keep(m->all->node->store, a->plan, a->id, a->number, a->bytes);
    for (size_t i = 0; i < m->rows_count && err == CP_OK; i++)
        if (memcmp(m->rows[i].report.plan, a->plan, CP_ID_LEN) == 0)
            m->rows[i].pieces++;
    return err;
}

/* Does one action. OK: go on; an error ends the session, *over says that the core ended it. */
static enum cp_err act(struct cp_meet *m, const struct cp_action *a, struct queue *q, bool *over)
{
    struct cp_event e = {.type = CP_EVENT_STORED, .store_id = a->store_id};
    switch (a->type) {
    case CP_ACTION_SEND:
        return cp_peer_send(m->peer, a->bytes);
    case CP_ACTION_STORE:
        e.result = take_in(m, a, &e.stored); /* a refusal ends the session, where it is counted */
        break;
    case CP_ACTION_JOIN:
        e.type = CP_EVENT_JOINED;
        e.result = cp_meet_admit(m->all, a->plan, a->bytes);
        if (e.result != CP_OK && e.result != CP_ERR_LOCKED)
            cp_meet_count_refused(m->all, cp_peer_key(m->peer), e.result);
        break;
    case CP_ACTION_PIECE:
        e.type = CP_EVENT_KEPT;
        e.result = keep_piece(m, a);
        break;
    case CP_ACTION_REPORT:
        report(m, &a->report);
        return CP_OK;
    case CP_ACTION_END:
        *over = true;
        return a->err;
    }
    return queue_put(q, e) ? CP_OK : CP_ERR_PEER_TOO_MUCH;
}

/* Each plan had its verdict: now those that have none. */
static void settle(struct cp_meet *m)
{
    if (!cp_meet_turn_back(m))
        cp_meet_conclude(m, CP_OK);
}

/* A session that stays does not end, so whoever asked for it is answered when each plan has had its verdict. */
static void look_whether_settled(struct cp_meet *m)
{
    const struct cp_replica *replica = cp_store_replica(m->all->node->store);
    uint8_t(*plans)[CP_ID_LEN] = NULL;
    size_t count = 0;
    if (!m->stay || m->done == NULL || !cp_session_stays(m->session))
        return;
    m->settled_ms = cp_node_monotonic_ms() + (m->rows_count > 0 ? 1U : 10U) * CP_MEET_SETTLED_MS;
    if (replica->plans(replica->ctx, m->machine, &plans, &count) != CP_OK)
        return;
    cp_free(replica->mem, plans);
    if (m->rows_count > 0 && m->rows_count >= count)
        settle(m);
}

void cp_meet_session_tick(struct cp_meet *m, uint64_t now_ms)
{
    if (m->again_ms <= now_ms)
        cp_meet_call_kept(m, now_ms);
    if (m->done != NULL && m->settled_ms <= now_ms)
        settle(m);
    if (m->session != NULL && m->look_ms <= now_ms) {
        m->look_ms = UINT64_MAX;
        (void)cp_meet_turn_back(m);
    }
    if (m->session != NULL && cp_session_deadline_ms(m->session) <= now_ms)
        cp_meet_step(m, (struct cp_event){.type = CP_EVENT_TICK});
}

uint64_t cp_meet_session_deadline_ms(const struct cp_meet *m)
{
    uint64_t at = m->session == NULL ? UINT64_MAX : cp_session_deadline_ms(m->session);
    at = m->done != NULL && m->settled_ms < at ? m->settled_ms : at;
    at = m->again_ms < at ? m->again_ms : at;
    return m->session != NULL && m->look_ms < at ? m->look_ms : at;
}

static void look_how_far(struct cp_meet *m)
{
    struct cp_session_progress now = cp_session_progress(m->session);
    struct cp_session_totals t = cp_session_totals(m->session);
    bool changed = now.done != m->told.done || now.of != m->told.of;
    bool moved = now.done != m->told.done || t.pieces_in + t.pieces_out != m->pieces_told;
    m->told = now;
    m->pieces_told = t.pieces_in + t.pieces_out;
    if (m->peer != NULL && moved) {
        m->useful = true;
        cp_peer_useful(m->peer);
    }
    if (m->peer != NULL && cp_session_stays(m->session))
        cp_peer_keep(m->peer);
    if (changed && m->progress != NULL && m->done != NULL)
        m->progress(m->ctx);
}

void cp_meet_step(struct cp_meet *m, struct cp_event event)
{
    struct queue q = {.first = 0, .end = 0};
    struct cp_actions actions;
    enum cp_err err = CP_OK;
    bool over = false;
    assert(m->session != NULL && !m->stepping);
    m->stepping = true;
    (void)queue_put(&q, event);
    while (q.first < q.end && err == CP_OK && !over) {
        struct cp_event e = q.list[q.first++];
        if (q.first == q.end)
            q.first = q.end = 0;
        e.now_ms = cp_node_monotonic_ms();
        actions.count = 0;
        cp_session_step(m->session, &e, &actions);
        for (size_t i = 0; i < actions.count && !over; i++) {
            const struct cp_action *a = &actions.list[i];
            m->ended = m->ended || a->type == CP_ACTION_END;
            if (err == CP_OK)
                err = act(m, a, &q, &over);
            else if (a->type == CP_ACTION_REPORT)
                report(m, &a->report);
        }
    }
    m->stepping = false;
    look_how_far(m);
    if (err == CP_ERR_NO_MEMORY && m->quota.used > CP_MEET_SESSION_BYTES / 2)
        err = CP_ERR_PEER_TOO_MUCH; /* what we lack is what the other has us hold */
    if (m->look_ms != UINT64_MAX)
        m->look_ms = cp_node_monotonic_ms() + CP_MEET_SETTLED_MS; /* once it is quiet */
    if (over || err != CP_OK)
        cp_meet_finish(m, err == CP_ERR_BUSY ? CP_ERR_INTERRUPTED : err);
    else
        look_whether_settled(m);
}

/* The line is gone, or what we were to do failed: what was begun and came to no verdict is told as that, so that nobody goes on
 * believing what was found before. */
static void report_unfinished(struct cp_meet *m)
{
    struct cp_event e = {.type = CP_EVENT_CLOSE};
    struct cp_actions actions;
    while (m->session != NULL && !m->ended && m->door == CP_DOOR_MEMBER) {
        e.now_ms = cp_node_monotonic_ms();
        actions.count = 0;
        cp_session_step(m->session, &e, &actions);
        for (size_t i = 0; i < actions.count; i++) {
            if (actions.list[i].type == CP_ACTION_REPORT)
                report(m, &actions.list[i].report);
            m->ended = m->ended || actions.list[i].type == CP_ACTION_END;
        }
        e.type = CP_EVENT_TICK;
    }
}

static void in_turn(void *ctx, uint8_t (*plans)[CP_ID_LEN], size_t count)
{
    struct cp_meet *m = ctx;
    cp_meet_in_turn(m->all, cp_peer_key(m->peer), plans, count);
}

void cp_meet_begin(struct cp_meet *m)
{
    struct cp_node *node = m->all->node;
    struct cp_session_config c = {
        .caller = m->caller, .door = m->door, .stay = m->stay, .now_ms = cp_node_monotonic_ms(), .mem = &m->quota.mem,
        .in_turn = in_turn, .in_turn_ctx = m};
    uint8_t box[CP_KEY_LEN];
    cp_keeper_machine(node->keeper, c.own_key, box);
    memcpy(c.peer_key, cp_peer_key(m->peer), CP_KEY_LEN);
    m->told = (struct cp_session_progress){0, 0};
    m->pieces_told = 0;
    m->ended = false;
    m->fails = 0;
    if (!m->caller && m->door == CP_DOOR_MEMBER)
        m->look_ms = c.now_ms + CP_MEET_SETTLED_MS;
    cp_quota_init(&m->quota, &m->all->memory, CP_MEET_SESSION_BYTES);
    cp_store_incarnation(node->store, c.own_incarnation, NULL);
    m->known = m->door == CP_DOOR_MEMBER && cp_meet_stands(node, NULL, c.peer_key);
    if (!m->caller && m->door != CP_DOOR_MEMBER) {
        memcpy(c.plan, cp_peer_plan(m->peer), CP_ID_LEN);
    } else if (m->as == CP_MEET_KNOCK) {
        uint8_t secret[CP_KEY_LEN];
        memcpy(c.plan, m->knocks[m->knock].plan, CP_ID_LEN);
        cp_door_curve(m->knocks[m->knock].secret, c.own_key,
                      secret); /* both sides name the keys of this link */
        sodium_memzero(secret, sizeof secret);
        c.must_prove = !cp_meet_stands(node, c.plan, c.peer_key);
    } else if (m->as == CP_MEET_INVITED) {
        uint8_t sign_key[CP_KEY_LEN];
        memcpy(c.plan, m->invitation.plan, CP_ID_LEN);
        cp_token_public(m->invitation.token, sign_key, c.own_key);
        c.join = cp_buf_bytes(&m->join);
    }
    const struct cp_replica *replica = cp_store_replica(node->store);
    if (m->as == CP_MEET_MEMBER && m->proven) {
        m->trust = cp_meet_trust_new(replica, m->proven_plan, c.peer_key);
        replica = m->trust == NULL ? replica : cp_meet_trust_replica(m->trust);
    }
    m->session = cp_session_new(replica, &c);
    if (m->session == NULL) {
        cp_meet_finish(m, CP_ERR_NO_MEMORY);
        return;
    }
    cp_meet_step(m, (struct cp_event){.type = CP_EVENT_START});
}

/* All sessions together hold too much: of those that brought nothing of late, who holds most goes; else who holds most. */
void cp_meet_shed(struct cp_meeting *all)
{
    while (all->memory.used > CP_MEET_SESSIONS_BYTES) {
        uint64_t now_ms = cp_node_monotonic_ms();
        struct cp_meet *goes = NULL;
        bool goes_useless = false;
        for (struct cp_meet *m = all->list; m != NULL; m = m->next) {
            if (m->over || m->session == NULL || m->stepping || m->peer == NULL)
                continue;
            bool useless = cp_peer_useful_ms(m->peer) + CP_MEET_USELESS_MS <= now_ms;
            if (goes == NULL || (useless && !goes_useless) || (useless == goes_useless && m->quota.used > goes->quota.used)) {
                goes = m;
                goes_useless = useless;
            }
        }
        if (goes == NULL)
            return;
        cp_meet_finish(goes, CP_ERR_PEER_TOO_MUCH);
    }
}

/* What this machine could not do is nobody else's fault. */
static bool is_own_trouble(enum cp_err err)
{
    return err == CP_ERR_DISK_FULL || err == CP_ERR_IO || err == CP_ERR_NO_MEMORY || err == CP_ERR_DAMAGED_STORE;
}

/* What the end of a session by a member that called us says of it. */
static void judge(struct cp_meet *m, enum cp_err err)
{
    bool met = m->useful, broken = err != CP_OK && cp_err_class(err) == CP_CLASS_PEER;
    if (m->caller || m->ours || m->door != CP_DOOR_MEMBER || is_own_trouble(err))
        return;
    for (size_t i = 0; i < m->rows_count; i++)
        met = met || m->rows[i].report.in_sync;
    /* A newer program breaks no rule of its own. */
    broken = broken && err != CP_ERR_NEWER_RULES && err != CP_ERR_NEWER_CONTENT;
    if (met && !broken)
        cp_meet_behaved(m->all, m->machine);
    else
        cp_meet_misbehaved(m->all, m->machine, broken, cp_node_monotonic_ms());
}

void cp_meet_finish(struct cp_meet *m, enum cp_err err)
{
    bool broke = err == CP_ERR_INTERRUPTED || err == CP_ERR_TIMED_OUT;
    bool cut = broke && m->session != NULL && cp_session_unfinished(m->session);
    report_unfinished(m);
    for (size_t i = 0; i < m->rows_count; i++)
        m->rows[i].cut = cut;
    judge(m, err);
    if (m->session != NULL && m->rows_count > 0) {
        struct cp_session_totals t =
            cp_session_totals(m->session); /* the goodbye belongs to somebody's row */
        m->rows[m->rows_count - 1].bytes_out += t.bytes_out - m->bytes_out_told;
        m->rows[m->rows_count - 1].bytes_in += t.bytes_in - m->bytes_in_told;
    }
    m->bytes_out_told = m->bytes_in_told = 0;
    cp_session_free(m->session);
    cp_free(m->all->node->mem, m->trust);
    m->session = NULL;
    m->trust = NULL;
    if (m->peer != NULL) {
        if (cp_err_class(err) == CP_CLASS_PEER && err != CP_OK)
            cp_meet_count_refused(m->all, cp_peer_key(m->peer), err);
        *cp_peer_tag(m->peer) = NULL;
        cp_peer_close(m->peer);
        m->peer = NULL;
    }
    cp_meet_facts_save(m->all);
    if (m->caller)
        cp_meet_onwards(m, err);
    else
        m->over = true;
}
