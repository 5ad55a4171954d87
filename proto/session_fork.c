/*
 * Forked chains: two branches of one chain that the tips alone cannot place. Owns: ASK, TAGS, WANT.
 * Must not: judge a fork; both branches are kept.
 *
 * The side that found it asks for the tags of the chain from the top, level by level, until a level where both
 * hold the same and below which no tip differs: everything up to there is held by both. Above it each sends all.
 */
#include <string.h>

#include "proto/session_internal.h"

enum cp_err fork_add(struct cp_session *s, struct plan *p, enum cp_class class, const struct group *g,
                     const struct group_match *match)
{
    void *list = p->forks;
    enum cp_err err =
        cp_grow(s->mem, &list, &p->forks_cap, p->forks_count + 1, SIZE_MAX / sizeof *p->forks, sizeof *p->forks);
    if (err != CP_OK)
        return err;
    p->forks = list;
    struct fork *f = &p->forks[p->forks_count++];
    *f = (struct fork){.class = class,
                       .below = match->peer_max + 1,
                       .own_max = match->own_max,
                       .peer_max = match->peer_max,
                       .unmatched_min = match->unmatched_min,
                       .need_send = match->own_max > match->peer_max};
    memcpy(f->tag, group_tag(g), CP_TAG_LEN);
    return CP_OK;
}

void fork_pump(struct cp_session *s, struct plan *p, size_t index)
{
    if (p->want_due) {
        struct cp_buf *b = session_message(s);
        cp_wire_put_chain(b, CP_WIRE_WANT, index, p->want.class, p->want.tag, p->want_after);
        session_send(s, b);
        p->want_due = false;
    }
    if (!p->evaluated || p->forks_at == p->forks_count || p->forks[p->forks_at].asked)
        return;
    struct fork *f = &p->forks[p->forks_at];
    struct cp_buf *b = session_message(s);
    cp_wire_put_chain(b, CP_WIRE_ASK, index, f->class, f->tag, f->below);
    session_send(s, b);
    f->asked = true;
}

/* ---- Being asked ---- */

/* Levels from `top` down, whole ones, while they fit. */
static enum cp_err put_levels(struct cp_session *s, const struct plan *p, const struct group *g, uint64_t top,
                              struct cp_buf *hashes, struct cp_buf *counts, size_t *levels)
{
    size_t total = 0;
    enum cp_err err = CP_OK;
    *levels = 0;
    for (uint64_t seq = top; seq > 0 && err == CP_OK; seq--) {
        uint8_t(*ids)[CP_ID_LEN] = NULL;
        size_t count = 0;
        err = group_ids_at(s, p, g, seq, &ids, &count);
        if (count > CP_BRANCHES_SHOWN)
            count = CP_BRANCHES_SHOWN;
        bool fits = err == CP_OK && count != 0 && total + count <= CP_TAGS_PER_MESSAGE;
        for (size_t i = 0; i < count && fits; i++) {
            uint8_t hash[CP_TIP_HASH_LEN];
            tip_hash(s, ids[i], hash);
            cp_buf_put(hashes, hash, sizeof hash);
        }
        cp_free(s->mem, ids);
        if (!fits)
            break;
        cp_put_uint(counts, count);
        total += count;
        (*levels)++;
    }
    return err;
}

/* An honest peer asks about each level of each chain once. */
static bool asks_too_much(struct plan *p, size_t levels)
{
    uint64_t held = 0;
    for (int class = 0; class < 2; class++)
        for (size_t i = 0; i < p->own[class].count; i++)
            held += p->own[class].list[i].seq;
    p->levels_told += levels;
    return levels == 0 || p->levels_told > held;
}

void fork_asked(struct cp_session *s, struct plan *p, const struct cp_wire *m)
{
    struct group g;
    struct cp_buf hashes, counts;
    size_t levels = 0;
    /* Only about a chain that we showed, while the exchange is open and the peer has not said READY. */
    if (p->state != PLAN_ROUND || p->peer_ready || m->number == 0 || !tips_find(&p->own[m->class], m->tag, &g)) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    uint64_t top = g.own[g.own_count - 1].seq;
    top = m->number - 1 < top ? m->number - 1 : top;
    cp_buf_init(&hashes, s->mem, CP_MESSAGE_MAX);
    cp_buf_init(&counts, s->mem, CP_MESSAGE_MAX);
    enum cp_err err = put_levels(s, p, &g, top, &hashes, &counts, &levels);
    if (err == CP_OK)
        err = cp_buf_err(&hashes);
    if (err == CP_OK)
        err = cp_buf_err(&counts);
    if (err == CP_OK && asks_too_much(p, levels))
        err = CP_ERR_PEER_TOO_MUCH;
    if (err != CP_OK) {
        session_fail(s, err);
    } else {
        struct cp_buf *b = session_message(s);
        cp_put_array(b, 7);
        cp_put_uint(b, CP_WIRE_TAGS);
        cp_put_uint(b, m->plan);
        cp_put_uint(b, m->class);
        cp_put_fixed(b, m->tag, CP_TAG_LEN);
        cp_put_uint(b, top);
        cp_put_bin(b, cp_buf_bytes(&hashes));
        cp_put_array(b, levels);
        cp_buf_put_bytes(b, cp_buf_bytes(&counts));
        session_send(s, b);
    }
    cp_buf_clear(&hashes);
    cp_buf_clear(&counts);
}

/* ---- The answer ---- */

/* Compares one level; *equal when both hold the same there. */
static enum cp_err compare_level(struct cp_session *s, const struct plan *p, const struct group *g, struct fork *f,
                                 uint64_t seq, const uint8_t *hashes, size_t count, bool *equal)
{
    uint8_t(*ids)[CP_ID_LEN] = NULL;
    size_t own = 0, shared = 0;
    enum cp_err err = group_ids_at(s, p, g, seq, &ids, &own);
    for (size_t i = 0; i < own && err == CP_OK; i++) {
        uint8_t hash[CP_TIP_HASH_LEN];
        bool found = false;
        tip_hash(s, ids[i], hash);
        for (size_t k = 0; k < count && !found; k++)
            found = memcmp(hash, hashes + k * CP_TIP_HASH_LEN, CP_TIP_HASH_LEN) == 0;
        shared += found;
    }
    cp_free(s->mem, ids);
    f->need_send = f->need_send || shared < own;
    f->need_want = f->need_want || shared < count;
    /* As many as are ever shown: there may be more, and those need not be the same. */
    *equal = shared == own && shared == count && count < CP_BRANCHES_SHOWN;
    return err;
}

static void settle(struct cp_session *s, struct plan *p, const struct group *g, struct fork *f, uint64_t common)
{
    if (f->need_send) {
        enum cp_err err = plan_range(s, p, f->class, g, common, false);
        if (err != CP_OK) {
            session_fail(s, err);
            return;
        }
    }
    if (f->need_want) {
        p->want_due = true;
        p->want = *f;
        p->want_after = common;
    }
    p->forks_at++;
    plan_try_rows(s, p);
}

void fork_tags(struct cp_session *s, struct plan *p, struct cp_wire *m)
{
    struct group g;
    struct fork *f = p->forks_at < p->forks_count ? &p->forks[p->forks_at] : NULL;
    bool fits = p->state == PLAN_ROUND && p->evaluated && f != NULL && f->asked && m->class == f->class &&
                memcmp(m->tag, f->tag, CP_TAG_LEN) == 0 && m->number == f->below - 1 && m->count != 0;
    if (!fits || !tips_find(&p->own[f->class], f->tag, &g)) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    if (s->chunk_sent + s->chunk_taken == 0)
        p->report.round_trips++;
    const uint8_t *hashes = m->bytes.ptr;
    uint64_t seq = m->number;
    for (size_t i = 0; i < m->count; i++, seq--) {
        size_t count = (size_t)cp_get_uint(&m->rest, CP_BRANCHES_SHOWN);
        bool equal = false;
        enum cp_err err = compare_level(s, p, &g, f, seq, hashes, count, &equal);
        hashes += count * CP_TIP_HASH_LEN;
        if (err != CP_OK) {
            session_fail(s, err);
            return;
        }
        if (equal && seq < f->unmatched_min) {
            settle(s, p, &g, f, seq);
            return;
        }
    }
    f->asked = false;
    f->below = seq + 1;
    if (seq == 0)
        settle(s, p, &g, f, 0);
}

void fork_want(struct cp_session *s, struct plan *p, const struct cp_wire *m)
{
    struct group g;
    size_t groups_max = p->own[CP_CONTROL].count + p->own[CP_CONTENT].count;
    if (p->state != PLAN_ROUND || p->peer_ready || p->rows_final || p->wants_taken >= groups_max ||
        !tips_find(&p->own[m->class], m->tag, &g)) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    p->wants_taken++;
    enum cp_err err = plan_range(s, p, m->class, &g, m->number, false);
    if (err != CP_OK)
        session_fail(s, err);
}
