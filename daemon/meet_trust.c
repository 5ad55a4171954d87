/*
 * What is held, as a session with a machine sees it that our log does not name yet: one whose key was given by hand
 * and which has shown, when we knocked, that it knows a secret of the plan.
 * Owns: that one exception. Must not: reach further than this plan, this machine and this session; as soon as its
 * control entries are here, the log itself names it.
 */
#include "daemon/meet.h"

struct cp_meet_trust {
    struct cp_replica replica; /* handed to the session; its ctx is this */
    const struct cp_replica *held;
    uint8_t plan[CP_ID_LEN];
    uint8_t machine[CP_KEY_LEN];
};

static bool trusted(const struct cp_meet_trust *t, const uint8_t *plan, const uint8_t *machine)
{
    return memcmp(t->plan, plan, CP_ID_LEN) == 0 && memcmp(t->machine, machine, CP_KEY_LEN) == 0;
}

static enum cp_err plans(void *ctx, const uint8_t peer[CP_KEY_LEN], uint8_t (**out)[CP_ID_LEN], size_t *count)
{
    struct cp_meet_trust *t = ctx;
    uint8_t(*ids)[CP_ID_LEN] = NULL;
    size_t n = 0;
    enum cp_err err = t->held->plans(t->held->ctx, peer, &ids, &n);
    bool there = memcmp(t->machine, peer, CP_KEY_LEN) != 0;
    for (size_t i = 0; err == CP_OK && i < n; i++)
        there = there || memcmp(ids[i], t->plan, CP_ID_LEN) == 0;
    if (err == CP_OK && !there) {
        uint8_t(*more)[CP_ID_LEN] = cp_alloc_array(t->replica.mem, n + 1, sizeof *more);
        if (more == NULL)
            err = CP_ERR_NO_MEMORY;
        else if (n > 0)
            memcpy(more, ids, n * sizeof *more);
        cp_free(t->replica.mem, ids);
        ids = more;
        if (more != NULL)
            memcpy(more[n++], t->plan, CP_ID_LEN);
    }
    if (err != CP_OK)
        return err;
    *out = ids;
    *count = n;
    return CP_OK;
}

static enum cp_err is_member(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t peer[CP_KEY_LEN], bool *yes)
{
    struct cp_meet_trust *t = ctx;
    *yes = trusted(t, plan, peer);
    return *yes ? CP_OK : t->held->is_member(t->held->ctx, plan, peer, yes);
}

/* ---- The rest is as it is ---- */

static enum cp_err awaits(void *ctx, const uint8_t plan[CP_ID_LEN], bool *yes)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->awaits(r->ctx, plan, yes);
}

static enum cp_err offered(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t device[CP_KEY_LEN],
                           struct cp_bytes frame, bool *take)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->offered(r->ctx, plan, device, frame, take);
}

static enum cp_err origin(void *ctx, const uint8_t plan[CP_ID_LEN], unsigned depth, uint8_t out[CP_ID_LEN],
                          bool *found)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->origin(r->ctx, plan, depth, out, found);
}

static enum cp_err tips(void *ctx, const uint8_t plan[CP_ID_LEN], enum cp_class class, struct cp_tip **out,
                        size_t *count)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->tips(r->ctx, plan, class, out, count);
}

static enum cp_err ids_at(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t chain, uint64_t seq,
                          uint8_t (**ids)[CP_ID_LEN], size_t *count)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->ids_at(r->ctx, plan, chain, seq, ids, count);
}

static enum cp_err place_of(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t id[CP_ID_LEN], struct cp_place *out,
                            bool *found)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->place_of(r->ctx, plan, id, out, found);
}

static enum cp_err place_at(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t chain, uint64_t seq,
                            struct cp_place *out, bool *found)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->place_at(r->ctx, plan, chain, seq, out, found);
}

static enum cp_err rows(void *ctx, const uint8_t plan[CP_ID_LEN], enum cp_class class,
                        const struct cp_range *ranges, size_t ranges_count, uint64_t **out, size_t *count)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->rows(r->ctx, plan, class, ranges, ranges_count, out, count);
}

static enum cp_err wanted(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t *count)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->wanted(r->ctx, plan, count);
}

static enum cp_err first(void *ctx, const uint8_t plan[CP_ID_LEN], struct cp_outgoing *out)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->first(r->ctx, plan, out);
}

static enum cp_err proof_keys(void *ctx, const uint8_t plan[CP_ID_LEN], uint8_t (**keys)[CP_KEY_LEN],
                              size_t *count)
{
    const struct cp_replica *r = ((struct cp_meet_trust *)ctx)->held;
    return r->proof_keys(r->ctx, plan, keys, count);
}

struct cp_meet_trust *cp_meet_trust_new(const struct cp_replica *held, const uint8_t plan[static CP_ID_LEN],
                                        const uint8_t machine[static CP_KEY_LEN])
{
    struct cp_meet_trust *t = cp_alloc(held->mem, sizeof *t);
    if (t == NULL)
        return NULL;
    t->held = held;
    memcpy(t->plan, plan, sizeof t->plan);
    memcpy(t->machine, machine, sizeof t->machine);
    t->replica = (struct cp_replica){.ctx = t,
                                     .mem = held->mem,
                                     .plans = plans,
                                     .awaits = awaits,
                                     .offered = held->offered == NULL ? NULL : offered,
                                     .origin = held->origin == NULL ? NULL : origin,
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
    return t;
}

const struct cp_replica *cp_meet_trust_replica(const struct cp_meet_trust *t)
{
    return &t->replica;
}
