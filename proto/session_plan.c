/*
 * One exchange of one plan: from both sides' tips to what each must send. Owns: the ranges, and when an exchange
 * begins. Must not: send (session_flow.c), or judge how it ended (session_done.c).
 *
 * Who decides about a chain: the side that holds the higher entry of it (both when equal) can look up every tip
 * of the other. It sends what lies above, or finds a fork. The other side waits for READY before it sends
 * anything of the plan, because its entries could cite a branch that only a fork's settling will bring.
 */
#include <string.h>

#include "proto/session_internal.h"

void plan_reset(struct cp_session *s, struct plan *p)
{
    for (int class = 0; class < 2; class++) {
        tips_clear(s, &p->own[class]);
        tips_clear(s, &p->merged[class]);
        s->tips_taken -= p->peer[class].count; /* given back: a session that stays for weeks hears many exchanges */
        cp_free(s->mem, p->peer[class].list);
        cp_free(s->mem, p->ranges[class].list);
        cp_free(s->mem, p->rows[class].list);
        names_clear(s, &p->names[class]);
        p->peer[class] = (struct wire_tips){0};
        p->ranges[class] = (struct ranges){0};
        p->rows[class] = (struct rows){0};
        p->base_is_own[class] = false;
    }
    cp_free(s->mem, p->listing.list);
    cp_free(s->mem, p->forks);
    p->listing = (struct wire_tips){0};
    p->forks = NULL;
    p->forks_count = p->forks_cap = p->forks_at = 0;
    p->listing_split = p->listing_at = p->wants_taken = p->storing = 0;
    p->exchange++;
    p->by_welcome = p->listing_due = p->answers_listing = p->peer_tips_begun = p->peer_tips_known = false;
    p->evaluated = p->uncertain = p->peer_ready = p->ready_due = p->rows_final = p->pushed = p->want_due = false;
    p->sent = p->peer_sent = p->done_sent = p->peer_done = p->peer_has_digest = p->dirty = p->partial = false;
    p->levels_told = p->to_come = 0;
    p->missing = p->wanted = p->peer_missing = p->peer_wanted = 0;
    p->report = (struct cp_report){.round_trips = 1};
    memcpy(p->report.plan, p->id, CP_ID_LEN);
}

void plan_clear(struct cp_session *s, struct plan *p)
{
    plan_reset(s, p);
    tips_clear(s, &p->base[0]);
    tips_clear(s, &p->base[1]);
}

/* ---- Lists ---- */

static enum cp_err list_group(struct cp_session *s, struct plan *p, const struct group *g)
{
    struct cp_wire_tip row = {.seq = 0};
    enum cp_err err = CP_OK;
    memcpy(row.tag, group_tag(g), CP_TAG_LEN);
    if (g->own_count == 0)
        err = listing_add(s, p, &row);
    for (size_t i = 0; i < g->own_count && err == CP_OK; i++) {
        memcpy(row.hash, g->own[i].hash, CP_TIP_HASH_LEN);
        row.seq = g->own[i].seq;
        err = listing_add(s, p, &row);
    }
    return err;
}

enum cp_err plan_list(struct cp_session *s, struct plan *p, const bool whole[2])
{
    enum cp_err err = CP_OK;
    for (int class = 0; class < 2; class++) {
        struct groups it = plan_groups(p, (enum cp_class)class);
        struct group g;
        while (err == CP_OK && groups_next(&it, &g))
            if (whole[class] || !group_match(&g).same)
                err = list_group(s, p, &g);
        if (class == CP_CONTROL)
            p->listing_split = p->listing.count;
    }
    p->listing_due = err == CP_OK;
    return err;
}

/* ---- Ranges and rows ---- */

enum cp_err plan_range(struct cp_session *s, struct plan *p, enum cp_class class, const struct group *g,
                       uint64_t after, bool once)
{
    struct ranges *r = &p->ranges[class];
    uint64_t chains[8];
    size_t count = group_chains(g, chains);
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        size_t at = once ? r->count : 0;
        while (at < r->count && r->list[at].chain != chains[i])
            at++;
        if (at < r->count) {
            r->list[at].after = after < r->list[at].after ? after : r->list[at].after;
            continue;
        }
        void *list = r->list;
        err = cp_grow(s->mem, &list, &r->cap, r->count + 1, SIZE_MAX / sizeof *r->list, sizeof *r->list);
        if (err != CP_OK)
            break;
        r->list = list;
        r->list[r->count++] = (struct cp_range){.chain = chains[i], .after = after};
    }
    return err;
}

/* What arrived after our tips were read waits for the next exchange: it may cite chains that had no entry yet or
 * were equal then, and of those nothing is sent in this one. */
uint64_t plan_row_end(const struct plan *p)
{
    uint64_t control = p->own[CP_CONTROL].row_end, content = p->own[CP_CONTENT].row_end;
    return control > content ? control : content;
}

static enum cp_err rows_of(struct cp_session *s, struct plan *p, enum cp_class class)
{
    struct ranges *r = &p->ranges[class];
    struct rows *rows = &p->rows[class];
    uint64_t *found = NULL;
    size_t count = 0;
    if (r->count == 0)
        return CP_OK;
    enum cp_err err = s->replica->rows(s->replica->ctx, p->id, class, r->list, r->count, &found, &count);
    r->count = 0;
    if (err != CP_OK)
        return err;
    void *list = rows->list;
    while (count > 0 && found[count - 1] >= plan_row_end(p))
        count--;
    err = cp_grow(s->mem, &list, &rows->cap, rows->count + count, SIZE_MAX / sizeof *found, sizeof *found);
    if (err == CP_OK && count != 0) {
        rows->list = list;
        memcpy(rows->list + rows->count, found, count * sizeof *found);
        rows->count += count;
    }
    cp_free(s->replica->mem, found);
    return err;
}

/* Both classes at one moment: content may cite control that came a moment ago. */
void plan_rows(struct cp_session *s, struct plan *p)
{
    enum cp_err err = rows_of(s, p, CP_CONTROL);
    if (err == CP_OK)
        err = rows_of(s, p, CP_CONTENT);
    if (err != CP_OK)
        session_fail(s, err);
}

void plan_try_rows(struct cp_session *s, struct plan *p)
{
    if (p->rows_final || !p->evaluated || p->forks_at < p->forks_count || (p->uncertain && !p->peer_ready))
        return;
    p->rows_final = true;
    plan_rows(s, p);
}

/* ---- Comparing ---- */

/* All the peer's tips are held and m is the highest: does it hold all of ours up to m? An entry of ours up to m
 * lies below an entry at m or below a tip of ours that is no higher: so when the peer shows as many at m as we
 * hold there, and each such tip, then yes. */
static enum cp_err holds_up_to(struct cp_session *s, struct plan *p, const struct group *g, uint64_t m, bool *yes)
{
    uint8_t(*ids)[CP_ID_LEN] = NULL;
    size_t here = 0, shown = 0, j = 0;
    size_t peers = group_peer_count(g);
    uint64_t seq = 0;
    const uint8_t *hash = NULL;
    *yes = false;
    for (size_t i = 0; i < peers; i++) {
        group_peer_at(g, i, &seq, &hash);
        shown += seq == m;
    }
    for (size_t i = 0; i < g->own_count && g->own[i].seq <= m; i++) {
        bool found = false;
        for (; j < peers && !found; j++) { /* both sorted the same way */
            group_peer_at(g, j, &seq, &hash);
            found = seq == g->own[i].seq && memcmp(hash, g->own[i].hash, CP_TIP_HASH_LEN) == 0;
        }
        if (!found)
            return CP_OK;
    }
    enum cp_err err = group_ids_at(s, p, g, m, &ids, &here);
    cp_free(s->mem, ids);
    *yes = err == CP_OK && here == shown && shown < CP_BRANCHES_SHOWN;
    return err;
}

static enum cp_err compare_held(struct cp_session *s, struct plan *p, enum cp_class class, const struct group *g,
                                const struct group_match *match)
{
    size_t peers = group_peer_count(g);
    bool held = true;
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < peers && held && err == CP_OK; i++) {
        uint64_t seq = 0;
        const uint8_t *hash = NULL;
        group_peer_at(g, i, &seq, &hash);
        err = group_held(s, p, g, seq, hash, &held, NULL);
    }
    bool up_to = false;
    if (err == CP_OK && held)
        err = holds_up_to(s, p, g, match->peer_max, &up_to);
    if (err != CP_OK)
        return err;
    return up_to ? plan_range(s, p, class, g, match->peer_max, true) : fork_add(s, p, class, g, match);
}

/* True when these entries went out already, before the peer's tips came. */
static bool was_pushed(const struct plan *p, const struct group *g)
{
    return p->pushed && g->listed_count == 0 && g->own_count != 0 && g->own->own;
}

/* The highest that it shows: of a fork's branches more may come. */
static void expect(struct plan *p, const struct group *g)
{
    uint64_t most = 0, own = g->own_count == 0 ? 0 : g->own[g->own_count - 1].seq;
    for (size_t i = 0; i < group_peer_count(g); i++) {
        uint64_t seq = 0;
        const uint8_t *hash = NULL;
        group_peer_at(g, i, &seq, &hash);
        most = seq > most ? seq : most;
    }
    uint64_t more = most > own ? most - own : 0;
    p->to_come = more > CP_INT_MAX - p->to_come ? CP_INT_MAX : p->to_come + more;
}

static enum cp_err compare_group(struct cp_session *s, struct plan *p, enum cp_class class, const struct group *g)
{
    expect(p, g);
    if (g->own_count == 0 || was_pushed(p, g))
        return CP_OK;
    if (group_peer_count(g) == 0)
        return plan_range(s, p, class, g, 0, true);
    struct group_match match = group_match(g);
    if (match.same)
        return CP_OK;
    if (match.peer_max >= match.own_max)
        p->uncertain = true;
    return match.peer_max > match.own_max ? CP_OK : compare_held(s, p, class, g, &match);
}

static enum cp_err evaluate(struct cp_session *s, struct plan *p)
{
    enum cp_err err = CP_OK;
    for (int class = 0; class < 2; class++) {
        struct groups it = plan_groups(p, (enum cp_class)class);
        struct group g;
        while (err == CP_OK && groups_next(&it, &g))
            err = compare_group(s, p, (enum cp_class)class, &g);
    }
    p->evaluated = true;
    p->ready_due = true;
    return err;
}

void plan_tips_known(struct cp_session *s, struct plan *p)
{
    static const bool none[2] = {false, false};
    enum cp_err err = CP_OK;
    p->peer_tips_begun = p->peer_tips_known = true;
    if (p->answers_listing)
        err = plan_list(s, p, none);
    if (err == CP_OK)
        err = evaluate(s, p);
    if (err != CP_OK)
        session_fail(s, err);
    else
        plan_try_rows(s, p);
}

void plan_take_tips(struct cp_session *s, struct plan *p, struct cp_wire *m)
{
    bool opens = p->state == PLAN_OFFERED || (p->state == PLAN_QUIET && session_both_stay(s));
    if (!opens && (p->state != PLAN_ROUND || p->peer_tips_known)) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    if (opens)
        plan_open(s, p, true);
    if (!session_going(s))
        return;
    p->peer_tips_begun = true;
    enum cp_err err = tips_take(s, p, CP_CONTROL, &m->rest);
    if (err == CP_OK)
        err = tips_take(s, p, CP_CONTENT, &m->rest);
    if (err != CP_OK)
        session_fail(s, err);
    else if (m->last)
        plan_tips_known(s, p);
}

/* ---- Beginning ---- */

/* Own new entries alone go out at once: the other cannot have them, and all that they cite is in the base or
 * among them. */
static enum cp_err push(struct cp_session *s, struct plan *p)
{
    for (int pass = 0; pass < 2; pass++) {
        for (int class = 0; class < 2; class++) {
            struct groups it = plan_groups(p, (enum cp_class)class);
            struct group g;
            while (groups_next(&it, &g)) {
                struct group_match match = group_match(&g);
                if (match.same)
                    continue;
                if (g.own_count != 1 || !g.own->own || match.own_max <= match.peer_max)
                    return CP_OK; /* news of others too, or a fork: tips first */
                enum cp_err err = pass == 0 ? CP_OK : plan_range(s, p, (enum cp_class)class, &g, match.peer_max, true);
                if (err != CP_OK)
                    return err;
            }
        }
    }
    p->pushed = true;
    plan_rows(s, p);
    return CP_OK;
}

bool session_with_member(struct cp_session *s, const struct plan *p)
{
    bool yes = false;
    enum cp_err err = s->replica->is_member(s->replica->ctx, p->id, s->config.peer_key, &yes);
    if (err == CP_OK && !yes)
        err = CP_ERR_NOT_A_MEMBER;
    if (err != CP_OK)
        session_fail(s, err);
    return err == CP_OK;
}

void plan_open(struct cp_session *s, struct plan *p, bool answering)
{
    static const bool none[2] = {false, false};
    enum cp_err err = CP_OK;
    if (p->held && !session_with_member(s, p))
        return;
    if (!p->held) /* what a continuation takes over is here before it says itself who is in it */
        err = s->replica->is_member(s->replica->ctx, p->id, s->config.peer_key, &p->held);
    plan_reset(s, p);
    if (err == CP_OK)
        err = tips_load(s, p, CP_CONTROL, &p->own[CP_CONTROL], NULL, NULL);
    if (err == CP_OK)
        err = tips_load(s, p, CP_CONTENT, &p->own[CP_CONTENT], NULL, NULL);
    uint64_t wanted = 0;
    if (err == CP_OK && p->held)
        err = s->replica->wanted(s->replica->ctx, p->id, &wanted);
    p->partial = wanted != 0;
    if (err == CP_OK)
        err = plan_list(s, p, none);
    if (err == CP_OK && !answering && p->listing.count == 0 && p->base_known) {
        plan_reset(s, p);
        return;
    }
    p->state = PLAN_ROUND;
    if (err == CP_OK && !answering && p->base_known)
        err = push(s, p);
    if (err != CP_OK)
        session_fail(s, err);
}

void plan_news(struct cp_session *s, struct plan *p)
{
    if (p->state == PLAN_ROUND || p->state == PLAN_GREETED || p->report_due)
        p->dirty = true;
    else if (p->state == PLAN_QUIET && session_both_stay(s))
        plan_open(s, p, false);
}
