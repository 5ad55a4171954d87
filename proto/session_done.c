/*
 * How the exchange of a plan ended. Owns: the merged digest and what "in sync" means. Must not: be satisfied with
 * what the peer says: every tip that it showed must be held here before a digest is even made.
 *
 * The merge is the union of both sides' tips of the exchange. Each side hashes it with its own CURVE key in
 * front, so that an echo is not an agreement.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/session_internal.h"

static int by_id(const void *a, const void *b)
{
    const struct tip *x = a, *y = b;
    int order = memcmp(x->tag, y->tag, CP_TAG_LEN);
    if (order != 0)
        return order;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return memcmp(x->id, y->id, CP_ID_LEN);
}

static void add_tip(struct tips *merged, const uint8_t *tag, uint64_t seq, const uint8_t *id)
{
    struct tip *t = &merged->list[merged->count++];
    memcpy(t->tag, tag, CP_TAG_LEN);
    memcpy(t->id, id, CP_ID_LEN);
    t->seq = seq;
}

/* The peer's listed tips of a group, looked up in what is held now. */
static enum cp_err add_listed(struct cp_session *s, struct plan *p, const struct group *g, const struct tips *now,
                              struct tips *merged)
{
    struct group here;
    uint64_t most = 0, lacking = 0;
    size_t peers = group_peer_count(g);
    (void)tips_find(now, group_tag(g), &here);
    if (here.own_count != 0)
        most = here.own[here.own_count - 1].seq;
    for (size_t i = 0; i < peers; i++) {
        uint8_t id[CP_ID_LEN];
        bool held = false;
        const struct cp_wire_tip *tip = &g->listed[i];
        enum cp_err err = group_held(s, p, &here, tip->seq, tip->hash, &held, id);
        if (err != CP_OK)
            return err;
        if (held) {
            add_tip(merged, tip->tag, tip->seq, id);
            continue;
        }
        uint64_t beyond = tip->seq > most ? tip->seq - most : 1; /* at least one: a branch of a fork */
        lacking = beyond > lacking ? beyond : lacking;
    }
    p->missing = lacking > CP_INT_MAX - p->missing ? CP_INT_MAX : p->missing + lacking;
    return CP_OK;
}

static enum cp_err merge_class(struct cp_session *s, struct plan *p, enum cp_class class)
{
    struct tips now = {0};
    struct tips *merged = &p->merged[class];
    struct groups it = plan_groups(p, class);
    struct group g;
    tips_clear(s, merged);
    enum cp_err err = tips_load(s, p, class, &now, NULL, NULL);
    if (err == CP_OK)
        merged->list = cp_alloc_array(s->mem, it.own->count + it.base->count + it.listed->count, sizeof *merged->list);
    if (err == CP_OK && merged->list == NULL)
        err = CP_ERR_NO_MEMORY;
    while (err == CP_OK && groups_next(&it, &g)) {
        for (size_t i = 0; i < g.own_count; i++)
            add_tip(merged, g.own[i].tag, g.own[i].seq, g.own[i].id);
        for (size_t i = 0; i < g.base_count && g.listed_count == 0; i++)
            add_tip(merged, g.base[i].tag, g.base[i].seq, g.base[i].id);
        if (g.listed_count != 0)
            err = add_listed(s, p, &g, &now, merged);
    }
    tips_clear(s, &now);
    if (err != CP_OK)
        return err;
    if (merged->count > 1)
        qsort(merged->list, merged->count, sizeof *merged->list, by_id);
    size_t kept = 0;
    for (size_t i = 0; i < merged->count; i++)
        if (i == 0 || by_id(&merged->list[kept - 1], &merged->list[i]) != 0)
            merged->list[kept++] = merged->list[i];
    merged->count = kept;
    return CP_OK;
}

static void merged_digest(const struct plan *p, const uint8_t *sender, uint8_t *out)
{
    struct cp_hasher h;
    cp_hash_init(&h, CP_TAG_MERGED, CP_ID_LEN);
    cp_hash_add(&h, p->id, CP_ID_LEN);
    cp_hash_add(&h, sender, CP_KEY_LEN);
    for (int class = 0; class < 2; class++) {
        cp_hash_add_u64(&h, p->merged[class].count);
        for (size_t i = 0; i < p->merged[class].count; i++) {
            const struct tip *t = &p->merged[class].list[i];
            cp_hash_add(&h, t->tag, CP_TAG_LEN);
            cp_hash_add_u64(&h, t->seq);
            cp_hash_add(&h, t->id, CP_ID_LEN);
        }
    }
    cp_hash_end(&h, out, CP_ID_LEN);
}

void plan_done(struct cp_session *s, struct plan *p)
{
    p->missing = 0;
    s->fetch.met = true;
    fetch_again(s); /* what came may name pictures that are wanted */
    enum cp_err err = merge_class(s, p, CP_CONTROL);
    if (err == CP_OK)
        err = merge_class(s, p, CP_CONTENT);
    if (err == CP_OK && p->held)
        err = s->replica->wanted(s->replica->ctx, p->id, &p->wanted);
    if (err != CP_OK) {
        session_fail(s, err);
        return;
    }
    if (p->partial && p->wanted == 0) { /* all came home; what arrived after it was not shown in this exchange */
        p->wanted = 1;
        p->dirty = true;
    }
    merged_digest(p, s->config.own_key, p->own_digest);
    merged_digest(p, s->config.peer_key, p->expected_digest);
    p->done_sent = true;
    struct cp_buf *b = session_message(s);
    cp_wire_put_done(b, (uint64_t)(p - s->plans), p->missing == 0 ? p->own_digest : NULL, p->missing, p->wanted);
    session_send(s, b);
}

/* The highest of each chain: what an unlisted chain stands for in the next exchange. Both sides hold the same
 * merge, so both take the same from it. */
static void keep_base(struct cp_session *s, struct plan *p)
{
    for (int class = 0; class < 2; class++) {
        struct tips *from = &p->merged[class];
        size_t kept = 0;
        for (size_t i = 0; i < from->count; i++) {
            size_t last = i;
            while (last + 1 < from->count && memcmp(from->list[last + 1].tag, from->list[i].tag, CP_TAG_LEN) == 0)
                last++;
            uint64_t most = from->list[last].seq;
            for (; i <= last; i++)
                if (from->list[i].seq == most)
                    from->list[kept++] = from->list[i];
            i--;
        }
        from->count = kept;
        tips_rehash(s, from);
        tips_clear(s, &p->base[class]);
        p->base[class] = *from;
        *from = (struct tips){0};
    }
    p->base_known = true;
}

/* What is claimed is claimed as of now: words may have been found damaged since our digest was sent or read. */
static bool wanted_now(struct cp_session *s, struct plan *p)
{
    uint64_t wanted = 0;
    enum cp_err err = p->held ? s->replica->wanted(s->replica->ctx, p->id, &wanted) : CP_OK;
    if (err != CP_OK)
        session_fail(s, err);
    p->wanted = wanted > p->wanted ? wanted : p->wanted;
    return err == CP_OK;
}

void plan_try_finish(struct cp_session *s, struct plan *p)
{
    if (!p->done_sent || !p->peer_done || p->state != PLAN_ROUND || !wanted_now(s, p))
        return;
    bool same = p->missing == 0 && p->peer_has_digest && memcmp(p->peer_digest, p->expected_digest, CP_ID_LEN) == 0;
    if (!same && p->missing == 0 && p->peer_missing == 0)
        s->differs = true;
    p->report.in_sync = same && p->peer_missing == 0 && p->wanted == 0 && p->peer_wanted == 0;
    p->report.missing = p->missing;
    p->report_due = true;
    p->state = PLAN_QUIET;
    if (same && session_both_stay(s)) {
        s->useless = 0; /* an exchange that ended well begins the count anew: honest peers may stay for weeks */
        keep_base(s, p);
    } else {
        tips_clear(s, &p->base[0]);
        tips_clear(s, &p->base[1]);
        p->base_known = false;
    }
}

void plan_settle_equal(struct cp_session *s, struct plan *p, bool wanted)
{
    if (!wanted_now(s, p))
        return;
    p->report.in_sync = !wanted && p->wanted == 0;
    p->report_due = true;
    p->state = PLAN_QUIET;
    for (int class = 0; class < 2 && session_both_stay(s); class++) {
        tips_clear(s, &p->base[class]);
        p->base[class] = p->own[class];
        p->own[class] = (struct tips){0};
        p->base_known = true;
    }
}

bool plan_settled(const struct plan *p)
{
    return p->state == PLAN_OVER || (p->state == PLAN_QUIET && !p->report_due);
}
