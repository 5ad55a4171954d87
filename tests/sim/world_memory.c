/* The memory of one session. See world_memory.h. */
#include "tests/sim/world_memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* ---- Counting ---- */

static void grew(struct session_memory *m, const void *p)
{
    m->live += p == NULL ? 0 : malloc_usable_size((void *)(uintptr_t)p);
    m->peak = m->live > m->peak ? m->live : m->peak;
}

static void shrank(struct session_memory *m, size_t len)
{
    m->live -= len < m->live ? len : m->live;
}

static void hoard(struct session_memory *m, void *p)
{
    if (m->kept_count == m->kept_cap) {
        m->kept_cap = m->kept_cap == 0 ? 64 : 2 * m->kept_cap;
        m->kept = realloc(m->kept, m->kept_cap * sizeof *m->kept);
        if (m->kept == NULL)
            abort();
    }
    m->kept[m->kept_count++] = p;
}

static void *resize(void *ctx, void *old, size_t len)
{
    struct session_memory *m = ctx;
    size_t had = old == NULL ? 0 : malloc_usable_size(old);
    if (len == 0) {
        if (m->hoards && old != NULL) {
            hoard(m, old);
            return NULL;
        }
        shrank(m, had);
        free(old);
        return NULL;
    }
    void *fresh = realloc(old, len);
    if (fresh != NULL) {
        shrank(m, had);
        grew(m, fresh);
    }
    return fresh;
}

/* ---- Look-ups: arrays that the store makes become the session's ---- */

static enum cp_err plans(void *ctx, const uint8_t peer[CP_KEY_LEN], uint8_t (**out)[CP_ID_LEN], size_t *count)
{
    struct session_memory *m = ctx;
    enum cp_err err = m->held->plans(m->held->ctx, peer, out, count);
    if (err == CP_OK)
        grew(m, *out);
    return err;
}

static enum cp_err awaits(void *ctx, const uint8_t plan[CP_ID_LEN], bool *yes)
{
    struct session_memory *m = ctx;
    return m->held->awaits(m->held->ctx, plan, yes);
}

static enum cp_err offered(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t device[CP_KEY_LEN],
                           struct cp_bytes frame, bool *take)
{
    struct session_memory *m = ctx;
    enum cp_err err = m->held->offered(m->held->ctx, plan, device, frame, take);
    m->took = m->took || (err == CP_OK && *take);
    return err;
}

static enum cp_err origin(void *ctx, const uint8_t plan[CP_ID_LEN], unsigned depth, uint8_t out[CP_ID_LEN], bool *found)
{
    struct session_memory *m = ctx;
    return m->held->origin(m->held->ctx, plan, depth, out, found);
}

static enum cp_err tips(void *ctx, const uint8_t plan[CP_ID_LEN], enum cp_class class, struct cp_tip **out,
                        size_t *count)
{
    struct session_memory *m = ctx;
    enum cp_err err = m->held->tips(m->held->ctx, plan, class, out, count);
    if (err != CP_OK)
        return err;
    grew(m, *out);
    m->tips = *count > m->tips ? *count : m->tips;
    return CP_OK;
}

static enum cp_err ids_at(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t chain, uint64_t seq,
                          uint8_t (**ids)[CP_ID_LEN], size_t *count)
{
    struct session_memory *m = ctx;
    enum cp_err err = m->held->ids_at(m->held->ctx, plan, chain, seq, ids, count);
    if (err == CP_OK)
        grew(m, *ids);
    return err;
}

static enum cp_err rows(void *ctx, const uint8_t plan[CP_ID_LEN], enum cp_class class, const struct cp_range *ranges,
                        size_t ranges_count, uint64_t **out, size_t *count)
{
    struct session_memory *m = ctx;
    enum cp_err err = m->held->rows(m->held->ctx, plan, class, ranges, ranges_count, out, count);
    if (err == CP_OK)
        grew(m, *out);
    return err;
}

static enum cp_err place_of(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t id[CP_ID_LEN], struct cp_place *out,
                            bool *found)
{
    struct session_memory *m = ctx;
    return m->held->place_of(m->held->ctx, plan, id, out, found);
}

static enum cp_err place_at(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t chain, uint64_t seq,
                            struct cp_place *out, bool *found)
{
    struct session_memory *m = ctx;
    return m->held->place_at(m->held->ctx, plan, chain, seq, out, found);
}

static enum cp_err wanted(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t *count)
{
    struct session_memory *m = ctx;
    return m->held->wanted(m->held->ctx, plan, count);
}

static enum cp_err first(void *ctx, const uint8_t plan[CP_ID_LEN], struct cp_outgoing *out)
{
    struct session_memory *m = ctx;
    return m->held->first(m->held->ctx, plan, out);
}

static enum cp_err is_member(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t peer[CP_KEY_LEN], bool *yes)
{
    struct session_memory *m = ctx;
    return m->held->is_member(m->held->ctx, plan, peer, yes);
}

static enum cp_err proof_keys(void *ctx, const uint8_t plan[CP_ID_LEN], uint8_t (**keys)[CP_KEY_LEN], size_t *count)
{
    struct session_memory *m = ctx;
    enum cp_err err = m->held->proof_keys(m->held->ctx, plan, keys, count);
    if (err == CP_OK)
        grew(m, *keys);
    return err;
}

/* ---- A session's life ---- */

void session_memory_init(struct session_memory *m, const struct cp_replica *held, bool hoards)
{
    memset(m, 0, sizeof *m);
    m->held = held;
    m->hoards = hoards;
    m->mem = (struct cp_mem){.resize = resize, .ctx = m};
    m->replica = (struct cp_replica){.ctx = m,
                                     .mem = &m->mem,
                                     .plans = plans,
                                     .awaits = awaits,
                                     .offered = offered,
                                     .origin = origin,
                                     .tips = tips,
                                     .ids_at = ids_at,
                                     .rows = rows,
                                     .source = held->source,
                                     .place_of = place_of,
                                     .place_at = place_at,
                                     .wanted = wanted,
                                     .first = first,
                                     .is_member = is_member,
                                     .proof_keys = proof_keys,
                                     .pieces = held->pieces};
}

size_t session_memory_end(struct session_memory *m)
{
    for (size_t i = 0; i < m->kept_count; i++) {
        shrank(m, malloc_usable_size(m->kept[i]));
        free(m->kept[i]);
    }
    free(m->kept);
    m->kept = NULL;
    m->kept_count = m->kept_cap = 0;
    return m->live;
}

size_t session_memory_bound(size_t tips, size_t chunk, size_t message)
{
    return SESSION_MEMORY_FIXED + SESSION_MEMORY_CHUNKS * chunk + SESSION_MEMORY_MESSAGES * message +
           SESSION_MEMORY_PER_TIP * tips;
}
