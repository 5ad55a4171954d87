/* Tips: what is held, compared by chain. Owns: lists and groups. Must not: decide what is sent. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/session_internal.h"

void cp_chain_tag(const uint8_t plan_written_in[static CP_ID_LEN], const uint8_t device[static CP_KEY_LEN],
                  const uint8_t incarnation[static CP_INCARNATION_LEN], enum cp_class class, uint8_t out[static 8])
{
    struct cp_hasher h;
    const uint8_t last = (uint8_t)class;
    cp_hash_init(&h, CP_TAG_CHAIN_TAG, CP_TAG_LEN);
    cp_hash_add(&h, plan_written_in, CP_ID_LEN);
    cp_hash_add(&h, device, CP_KEY_LEN);
    cp_hash_add(&h, incarnation, CP_INCARNATION_LEN);
    cp_hash_add(&h, &last, 1);
    cp_hash_end(&h, out, CP_TAG_LEN);
}

void cp_tips_digest(const uint8_t plan[static CP_ID_LEN], const uint8_t sender[static CP_KEY_LEN],
                    const struct cp_tip *tips, size_t count, uint8_t out[static 16])
{
    struct cp_hasher h;
    cp_hash_init(&h, CP_TAG_TIPS_DIGEST, CP_DIGEST_LEN);
    cp_hash_add(&h, plan, CP_ID_LEN);
    cp_hash_add(&h, sender, CP_KEY_LEN);
    for (size_t i = 0; i < count; i++) {
        cp_hash_add(&h, tips[i].chain_tag, CP_TAG_LEN);
        cp_hash_add_u64(&h, tips[i].seq);
        cp_hash_add(&h, tips[i].id, CP_ID_LEN);
    }
    cp_hash_end(&h, out, CP_DIGEST_LEN);
}

void tip_hash(const struct cp_session *s, const uint8_t *id, uint8_t out[static CP_TIP_HASH_LEN])
{
    struct cp_hasher h;
    cp_hash_init_keyed(&h, CP_TAG_TIP_HASH, CP_TIP_HASH_LEN, s->greeting, CP_ID_LEN);
    cp_hash_add(&h, id, CP_ID_LEN);
    cp_hash_end(&h, out, CP_TIP_HASH_LEN);
}

static int compare(const uint8_t *tag_a, uint64_t seq_a, const uint8_t *hash_a, const uint8_t *tag_b, uint64_t seq_b,
                   const uint8_t *hash_b)
{
    int order = memcmp(tag_a, tag_b, CP_TAG_LEN);
    if (order != 0)
        return order;
    if (seq_a != seq_b)
        return seq_a < seq_b ? -1 : 1;
    return memcmp(hash_a, hash_b, CP_TIP_HASH_LEN);
}

static int by_place(const void *a, const void *b)
{
    const struct tip *x = a, *y = b;
    return compare(x->tag, x->seq, x->hash, y->tag, y->seq, y->hash);
}

void tips_clear(struct cp_session *s, struct tips *t)
{
    cp_free(s->mem, t->list);
    *t = (struct tips){0};
}

void tips_rehash(const struct cp_session *s, struct tips *t)
{
    for (size_t i = 0; i < t->count; i++)
        tip_hash(s, t->list[i].id, t->list[i].hash);
    if (t->count > 1)
        qsort(t->list, t->count, sizeof *t->list, by_place);
}

enum cp_err tips_load(struct cp_session *s, const struct plan *p, enum cp_class class, struct tips *out,
                      struct cp_wire_digests *own, struct cp_wire_digests *peer)
{
    struct cp_tip *held = NULL;
    size_t count = 0;
    tips_clear(s, out);
    enum cp_err err = p->held ? s->replica->tips(s->replica->ctx, p->id, class, &held, &count) : CP_OK;
    if (err != CP_OK)
        return err;
    out->list = cp_alloc_array(s->mem, count, sizeof *out->list);
    if (out->list == NULL) {
        cp_free(s->replica->mem, held);
        return CP_ERR_NO_MEMORY;
    }
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        struct tip *t = &out->list[i];
        memcpy(t->tag, held[i].chain_tag, CP_TAG_LEN);
        memcpy(t->id, held[i].id, CP_ID_LEN);
        t->own = memcmp(held[i].incarnation, s->config.own_incarnation, CP_INCARNATION_LEN) == 0;
        t->seq = held[i].seq;
        t->chain = held[i].chain;
        out->row_end = held[i].row >= out->row_end ? held[i].row + 1 : out->row_end;
    }
    if (own != NULL)
        cp_tips_digest(p->id, s->config.own_key, held, count, own->class[class]);
    if (peer != NULL)
        cp_tips_digest(p->id, s->config.peer_key, held, count, peer->class[class]);
    cp_free(s->replica->mem, held);
    tips_rehash(s, out);
    return CP_OK;
}

/* ---- Groups ---- */

static size_t run_of_tips(const struct tips *t, size_t at, const uint8_t *tag)
{
    size_t end = at;
    while (end < t->count && memcmp(t->list[end].tag, tag, CP_TAG_LEN) == 0)
        end++;
    return end - at;
}

static size_t run_of_listed(const struct wire_tips *t, size_t at, const uint8_t *tag)
{
    size_t end = at;
    while (end < t->count && memcmp(t->list[end].tag, tag, CP_TAG_LEN) == 0)
        end++;
    return end - at;
}

static void lower(const uint8_t **least, const uint8_t *tag)
{
    if (*least == NULL || memcmp(tag, *least, CP_TAG_LEN) < 0)
        *least = tag;
}

bool groups_next(struct groups *it, struct group *g)
{
    const uint8_t *tag = NULL;
    memset(g, 0, sizeof *g);
    if (it->own_at < it->own->count)
        lower(&tag, it->own->list[it->own_at].tag);
    if (it->base_at < it->base->count)
        lower(&tag, it->base->list[it->base_at].tag);
    if (it->listed_at < it->listed->count)
        lower(&tag, it->listed->list[it->listed_at].tag);
    if (tag == NULL)
        return false;
    g->own_count = run_of_tips(it->own, it->own_at, tag);
    g->base_count = run_of_tips(it->base, it->base_at, tag);
    g->listed_count = run_of_listed(it->listed, it->listed_at, tag);
    g->own = g->own_count != 0 ? it->own->list + it->own_at : NULL;
    g->base = g->base_count != 0 ? it->base->list + it->base_at : NULL;
    g->listed = g->listed_count != 0 ? it->listed->list + it->listed_at : NULL;
    it->own_at += g->own_count;
    it->base_at += g->base_count;
    it->listed_at += g->listed_count;
    return true;
}

struct groups plan_groups(const struct plan *p, enum cp_class class)
{
    return (struct groups){.own = &p->own[class],
                           .base = p->base_is_own[class] ? &p->own[class] : &p->base[class],
                           .listed = &p->peer[class]};
}

const uint8_t *group_tag(const struct group *g)
{
    if (g->own_count != 0)
        return g->own->tag;
    return g->listed_count != 0 ? g->listed->tag : g->base->tag;
}

size_t group_peer_count(const struct group *g)
{
    if (g->listed_count == 0)
        return g->base_count;
    return g->listed[0].seq == 0 ? 0 : g->listed_count;
}

void group_peer_at(const struct group *g, size_t i, uint64_t *seq, const uint8_t **hash)
{
    assert(i < group_peer_count(g));
    *seq = g->listed_count != 0 ? g->listed[i].seq : g->base[i].seq;
    *hash = g->listed_count != 0 ? g->listed[i].hash : g->base[i].hash;
}

struct group_match group_match(const struct group *g)
{
    size_t peers = group_peer_count(g), i = 0, j = 0;
    struct group_match m = {.same = true, .unmatched_min = UINT64_MAX};
    const uint8_t *tag = group_tag(g);
    while (i < g->own_count || j < peers) {
        uint64_t seq = 0;
        const uint8_t *hash = NULL;
        int order = -1;
        if (j < peers) {
            group_peer_at(g, j, &seq, &hash);
            m.peer_max = seq > m.peer_max ? seq : m.peer_max;
            order = i == g->own_count ? 1 : compare(tag, g->own[i].seq, g->own[i].hash, tag, seq, hash);
        }
        if (order <= 0 && g->own[i].seq > m.own_max)
            m.own_max = g->own[i].seq;
        if (order != 0) {
            uint64_t here = order < 0 ? g->own[i].seq : seq;
            m.unmatched_min = here < m.unmatched_min ? here : m.unmatched_min;
            m.same = false;
        }
        i += order <= 0;
        j += order >= 0;
    }
    return m;
}

bool tips_find(const struct tips *t, const uint8_t *tag, struct group *g)
{
    size_t from = 0, to = t->count;
    memset(g, 0, sizeof *g);
    while (from < to) { /* the first with a tag not below */
        size_t mid = from + (to - from) / 2;
        if (memcmp(t->list[mid].tag, tag, CP_TAG_LEN) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    g->own_count = run_of_tips(t, from, tag);
    g->own = g->own_count != 0 ? t->list + from : NULL;
    return g->own_count != 0;
}

size_t group_chains(const struct group *g, uint64_t out[static 8])
{
    size_t count = 0;
    for (size_t i = 0; i < g->own_count && count < 8; i++) {
        size_t at = 0;
        while (at < count && out[at] != g->own[i].chain)
            at++;
        if (at == count)
            out[count++] = g->own[i].chain;
    }
    return count;
}

enum cp_err group_ids_at(struct cp_session *s, const struct plan *p, const struct group *g, uint64_t seq,
                         uint8_t (**ids)[CP_ID_LEN], size_t *count)
{
    uint64_t chains[8];
    size_t chains_count = group_chains(g, chains);
    enum cp_err err = CP_OK;
    uint8_t(*all)[CP_ID_LEN] = cp_alloc_array(s->mem, chains_count * CP_BRANCHES_SHOWN, sizeof *all);
    *count = 0;
    *ids = NULL;
    if (all == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < chains_count && err == CP_OK; i++) {
        uint8_t(*some)[CP_ID_LEN] = NULL;
        size_t some_count = 0;
        err = s->replica->ids_at(s->replica->ctx, p->id, chains[i], seq, &some, &some_count);
        for (size_t k = 0; k < some_count && k < CP_BRANCHES_SHOWN && err == CP_OK; k++)
            memcpy(all[(*count)++], some[k], CP_ID_LEN);
        cp_free(s->replica->mem, some);
    }
    if (err != CP_OK) {
        cp_free(s->mem, all);
        return err;
    }
    *ids = all;
    return CP_OK;
}

enum cp_err group_held(struct cp_session *s, const struct plan *p, const struct group *g, uint64_t seq,
                       const uint8_t *hash, bool *held, uint8_t *id)
{
    uint8_t(*ids)[CP_ID_LEN] = NULL;
    size_t count = 0;
    *held = false;
    if (g->own_count == 0)
        return CP_OK;
    struct tip key = {.seq = seq};
    memcpy(key.tag, g->own->tag, CP_TAG_LEN);
    memcpy(key.hash, hash, CP_TIP_HASH_LEN);
    const struct tip *tip = bsearch(&key, g->own, g->own_count, sizeof key, by_place);
    if (tip != NULL) {
        *held = true;
        if (id != NULL)
            memcpy(id, tip->id, CP_ID_LEN);
        return CP_OK;
    }
    enum cp_err err = group_ids_at(s, p, g, seq, &ids, &count);
    for (size_t i = 0; i < count && err == CP_OK && !*held; i++) {
        uint8_t here[CP_TIP_HASH_LEN];
        tip_hash(s, ids[i], here);
        *held = memcmp(here, hash, CP_TIP_HASH_LEN) == 0;
        if (*held && id != NULL)
            memcpy(id, ids[i], CP_ID_LEN);
    }
    cp_free(s->mem, ids);
    return err;
}

/* ---- Lists on their way ---- */

static enum cp_err wire_tips_add(struct cp_session *s, struct wire_tips *t, const struct cp_wire_tip *tip)
{
    void *list = t->list;
    enum cp_err err = cp_grow(s->mem, &list, &t->cap, t->count + 1, SIZE_MAX / sizeof *tip, sizeof *tip);
    if (err != CP_OK)
        return err;
    t->list = list;
    t->list[t->count++] = *tip;
    return CP_OK;
}

enum cp_err listing_add(struct cp_session *s, struct plan *p, const struct cp_wire_tip *tip)
{
    return wire_tips_add(s, &p->listing, tip);
}

/* A chain that is not held has one row of its own, with a hash of zeros. */
static bool follows(const struct wire_tips *t, const struct cp_wire_tip *tip)
{
    static const uint8_t zeros[CP_TIP_HASH_LEN] = {0};
    if (tip->seq == 0 && memcmp(tip->hash, zeros, sizeof zeros) != 0)
        return false;
    if (t->count == 0)
        return true;
    const struct cp_wire_tip *last = &t->list[t->count - 1];
    if (last->seq == 0 && memcmp(last->tag, tip->tag, CP_TAG_LEN) == 0)
        return false;
    return compare(last->tag, last->seq, last->hash, tip->tag, tip->seq, tip->hash) < 0;
}

enum cp_err tips_take(struct cp_session *s, struct plan *p, enum cp_class class, struct cp_cursor *c)
{
    struct cp_wire_tips in;
    struct cp_wire_tip tip;
    enum cp_err err = CP_OK;
    cp_wire_get_tips(c, &in);
    while (err == CP_OK && cp_wire_next_tip(&in, &tip)) {
        if (!follows(&p->peer[class], &tip))
            err = CP_ERR_BAD_MESSAGE;
        else if (s->tips_taken >= CP_SESSION_TIPS_TAKEN_MAX)
            err = CP_ERR_PEER_TOO_MUCH;
        else
            err = wire_tips_add(s, &p->peer[class], &tip);
        s->tips_taken += err == CP_OK ? 1 : 0;
    }
    return err != CP_OK ? err : c->err;
}
