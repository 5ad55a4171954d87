/*
 * What both sides hold, for chunks in form 1. Owns: the names of chains. Must not: believe anything: an entry is held
 * by the other when its tips of this exchange show it, or when a chunk of ours that comes before brings it.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/session_internal.h"

void names_clear(struct cp_session *s, struct names *n)
{
    cp_free(s->mem, n->list);
    cp_free(s->mem, n->order);
    *n = (struct names){0};
}

static enum cp_err add(struct cp_session *s, struct names *n, const struct name *name)
{
    void *list = n->list;
    enum cp_err err = cp_grow(s->mem, &list, &n->cap, n->count + 1, SIZE_MAX / sizeof *name, sizeof *name);
    if (err != CP_OK)
        return err;
    n->list = list;
    n->list[n->count++] = *name;
    return CP_OK;
}

/* ---- The names that an exchange begins with ---- */

/* The tag of row i of the list that both sides know: what the called side listed, or the base. NULL: no more. */
static const uint8_t *known_tag(const struct cp_session *s, const struct plan *p, enum cp_class class, size_t i)
{
    bool listed = p->by_welcome && s->config.caller && !p->base_is_own[class];
    const struct tips *tips = p->by_welcome ? &p->own[class] : &p->base[class];
    if (listed)
        return i < p->peer[class].count ? p->peer[class].list[i].tag : NULL;
    return i < tips->count ? tips->list[i].tag : NULL;
}

static bool is_fork(const struct plan *p, enum cp_class class, const uint8_t *tag)
{
    for (size_t i = 0; i < p->forks_count; i++)
        if (p->forks[i].class == class && memcmp(p->forks[i].tag, tag, CP_TAG_LEN) == 0)
            return true;
    return false;
}

/* One tip on each side: all up to the lower one is held by both, unless a fork that only one side can see says
 * otherwise when the other rebuilds. Both sides come to the same number. */
static uint64_t held_by_both(const struct group *g)
{
    uint64_t seq = 0;
    const uint8_t *hash = NULL;
    if (g->own_count != 1 || group_peer_count(g) != 1)
        return 0;
    group_peer_at(g, 0, &seq, &hash);
    return seq < g->own->seq ? seq : g->own->seq;
}

static enum cp_err make_class(struct cp_session *s, struct plan *p, enum cp_class class, struct names *n)
{
    struct groups it = plan_groups(p, class);
    struct group g;
    bool more = groups_next(&it, &g);
    const uint8_t *tag = NULL, *last = NULL;
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && (tag = known_tag(s, p, class, i)) != NULL; i++) {
        struct name name = {.class = class, .chain = UINT64_MAX};
        if (last != NULL && memcmp(last, tag, CP_TAG_LEN) == 0)
            continue;
        last = tag;
        memcpy(name.tag, tag, CP_TAG_LEN);
        while (more && memcmp(group_tag(&g), tag, CP_TAG_LEN) < 0) /* both ascend by tag */
            more = groups_next(&it, &g);
        if (more && memcmp(group_tag(&g), tag, CP_TAG_LEN) == 0) {
            uint64_t chains[8];
            if (group_chains(&g, chains) == 1)
                name.chain = chains[0];
            name.held = held_by_both(&g);
            name.forked = is_fork(p, class, tag);
        }
        err = add(s, n, &name);
    }
    return err;
}

static int by_chain(const void *a, const void *b)
{
    const struct name_order *x = a, *y = b;
    if (x->chain != y->chain)
        return x->chain < y->chain ? -1 : 1;
    return x->name == y->name ? 0 : x->name < y->name ? -1 : 1;
}

static enum cp_err sort(struct cp_session *s, struct names *n)
{
    void *order = n->order;
    enum cp_err err = cp_grow(s->mem, &order, &n->order_cap, n->count, SIZE_MAX / sizeof *n->order, sizeof *n->order);
    if (err != CP_OK)
        return err;
    n->order = order;
    for (n->order_count = 0; n->order_count < n->count; n->order_count++)
        n->order[n->order_count] =
            (struct name_order){.chain = n->list[n->order_count].chain, .name = n->order_count};
    if (n->count > 1)
        qsort(n->order, n->count, sizeof *n->order, by_chain);
    return CP_OK;
}

static enum cp_err make(struct cp_session *s, struct plan *p, struct names *n)
{
    if (n->made)
        return CP_OK;
    n->count = 0;
    enum cp_err err = make_class(s, p, CP_CONTROL, n);
    if (err == CP_OK)
        err = make_class(s, p, CP_CONTENT, n);
    n->made = err == CP_OK;
    return err;
}

/* ---- Our chunks ---- */

struct look {
    struct cp_session *s;
    struct plan *p;
    struct names *n;
    enum cp_class class;
    uint8_t origin[CP_ID_LEN]; /* the plan that the chunk's entries were written in */
    bool looked, grown;
};

/* The last name that a chain was given; NULL: it has none. */
static struct name *name_of(const struct names *n, uint64_t chain)
{
    size_t from = 0, to = n->order_count;
    while (from < to) { /* the first above */
        size_t mid = from + (to - from) / 2;
        if (n->order[mid].chain <= chain)
            from = mid + 1;
        else
            to = mid;
    }
    return from != 0 && n->order[from - 1].chain == chain ? &n->list[n->order[from - 1].name] : NULL;
}

static enum cp_err look_find(void *ctx, const uint8_t id[CP_ID_LEN], struct cp_place *out, bool *found)
{
    const struct look *l = ctx;
    const struct cp_replica *r = l->s->replica;
    enum cp_err err = r->place_of(r->ctx, l->p->id, id, out, found);
    if (err != CP_OK || !*found)
        return err;
    const struct name *name = out->chain == UINT64_MAX ? NULL : name_of(l->n, out->chain);
    *found = name != NULL && out->seq <= name->held && !name->forked;
    if (*found)
        out->chain = (uint64_t)(name - l->n->list);
    return CP_OK;
}

static uint64_t chain_of_tag(const struct tips *tips, const uint8_t *tag)
{
    struct group g;
    uint64_t chains[8];
    return tips_find(tips, tag, &g) && group_chains(&g, chains) == 1 ? chains[0] : UINT64_MAX;
}

static uint64_t look_held(void *ctx, uint64_t name)
{
    const struct look *l = ctx;
    return name < l->n->count ? l->n->list[name].held : 0;
}

/* The name of a chain that a chunk wrote out. What both hold of a chain grows by a chunk when that goes on where it
 * ended; else nobody can tell any more. Each side does this with the same names in the same order. */
static enum cp_err brought(void *ctx, const struct cp_compact_row *row)
{
    struct look *l = ctx;
    if (!row->fresh) {
        struct name *name = &l->n->list[row->name];
        name->held = name->held != 0 && row->first == name->held + 1 ? row->last : 0;
        return CP_OK;
    }
    struct name new = {.class = l->class, .chain = UINT64_MAX, .held = row->first == 1 ? row->last : 0};
    cp_chain_tag(l->origin, row->device, row->incarnation, l->class, new.tag);
    new.chain = chain_of_tag(&l->p->own[l->class], new.tag);
    l->grown = true;
    return add(l->s, l->n, &new);
}

static enum cp_err find_origin(struct look *l, unsigned depth)
{
    const struct cp_replica *r = l->s->replica;
    bool found = depth == 0;
    enum cp_err err = CP_OK;
    memcpy(l->origin, l->p->id, CP_ID_LEN);
    if (depth != 0 && r->origin != NULL)
        err = r->origin(r->ctx, l->p->id, depth, l->origin, &found);
    return err == CP_OK && !found ? CP_ERR_WRONG_PLAN : err;
}

enum cp_err names_pack(struct cp_session *s, struct plan *p, enum cp_class class, unsigned depth, struct cp_bytes full,
                       struct cp_buf *out, bool *packed)
{
    struct look l = {.s = s, .p = p, .n = &p->names[0], .class = class};
    const struct cp_compact_look look = {.find = look_find, .held = look_held, .brought = brought, .ctx = &l};
    bool made = l.n->made;
    enum cp_err err = find_origin(&l, depth);
    if (err == CP_OK)
        err = make(s, p, l.n);
    if (err == CP_OK && !made)
        err = sort(s, l.n);
    if (err == CP_OK)
        err = cp_compact_pack(&look, s->mem, l.origin, class, full, out, packed);
    if (err == CP_OK && l.grown)
        err = sort(s, l.n);
    return err;
}

/* ---- The peer's ---- */

/* Chains that earlier chunks brought have their number only now. */
static enum cp_err look_again(struct look *l)
{
    enum cp_err err = CP_OK;
    for (int class = 0; class < 2 && err == CP_OK && l->p->held; class++) {
        struct tips now = {0};
        err = tips_load(l->s, l->p, (enum cp_class)class, &now, NULL, NULL);
        for (size_t i = 0; i < l->n->count && err == CP_OK; i++) {
            struct name *name = &l->n->list[i];
            if (name->chain == UINT64_MAX && name->class == (enum cp_class)class)
                name->chain = chain_of_tag(&now, name->tag);
        }
        tips_clear(l->s, &now);
    }
    l->looked = true;
    return err;
}

static enum cp_err look_at(void *ctx, uint64_t name, uint64_t seq, struct cp_place *out, bool *found)
{
    struct look *l = ctx;
    const struct cp_replica *r = l->s->replica;
    *found = false;
    if (name >= l->n->count)
        return CP_OK;
    if (l->n->list[name].chain == UINT64_MAX && !l->looked) {
        enum cp_err err = look_again(l);
        if (err != CP_OK)
            return err;
    }
    if (l->n->list[name].chain == UINT64_MAX)
        return CP_OK;
    return r->place_at(r->ctx, l->p->id, l->n->list[name].chain, seq, out, found);
}

enum cp_err names_unpack(struct cp_session *s, struct plan *p, enum cp_class class, unsigned depth,
                         struct cp_bytes compact, struct cp_buf *full)
{
    struct look l = {.s = s, .p = p, .n = &p->names[1], .class = class};
    const struct cp_compact_look look = {.at = look_at, .held = look_held, .brought = brought, .ctx = &l};
    enum cp_err err = find_origin(&l, depth);
    if (err == CP_OK)
        err = make(s, p, l.n);
    return err == CP_OK ? cp_compact_unpack(&look, s->mem, l.origin, class, compact, full) : err;
}
