/*
 * What a machine will find at a carrier. Owns: whose bundles there count for whom. Must not: be needed for being right: what is
 * left out by mistake the machine's own next bundle there shows, and it is put there then.
 *
 * After its visit everything that a writer holds lies there for each machine that it knew to be in, or that machine has said
 * to hold it. So for a machine that has not come by since, that writer's tips count as its own.
 */
#include <string.h>

#include "daemon/bundle.h"

/* As many readers at a time as have this many chains between them: 2 MiB. */
#define READINGS_MAX (256U * 1024U)

/* Where an entry lies. */
struct spot {
    uint64_t chain, seq;
};
/* A device that is on one of the machines, as its JOIN says, with that box key: whoever held its admission made a box for it. */
struct admission {
    size_t of; /* which machine */
    struct spot at;
};
/* The machines that are asked about, and what is known of each by now: known[k * count + i] of machine k and tips[i]. */
struct readers {
    struct cp_node *node;
    const struct cp_replica *held;
    const struct cp_bundle_offer *offer;
    const uint8_t *plan;
    enum cp_class class;
    const struct cp_tip *tips;
    size_t count;
    const struct cp_bundle_to *to;
    size_t to_count;
    struct admission *admissions;
    size_t admissions_count, admissions_cap;
    uint64_t *known, *word; /* word: of one bundle */
    struct spot *spots;     /* where the control tips of that bundle lie */
    size_t spots_count;
};

static enum cp_err spot_of(const struct readers *r, const uint8_t *id, struct spot *at, bool *found)
{
    struct cp_place place = {.chain = 0};
    enum cp_err err = r->held->place_of(r->held->ctx, r->plan, id, &place, found);
    *at = (struct spot){.chain = place.chain, .seq = place.seq};
    return err;
}

static enum cp_err find_admissions(struct readers *r)
{
    const struct cp_members *members = NULL;
    enum cp_err err = cp_store_members(r->node->store, r->plan, &members);
    for (size_t i = 0; err == CP_OK && i < members->count; i++) {
        const struct cp_member_device *d = &members->devices[i];
        struct admission a = {.of = 0};
        bool found = false;
        for (; a.of < r->to_count; a.of++)
            if (memcmp(d->curve_key, r->to[a.of].curve_key, CP_KEY_LEN) == 0 &&
                memcmp(d->box_key, r->to[a.of].box_key, CP_KEY_LEN) == 0)
                break;
        if (!cp_member_is_in(d) || a.of == r->to_count)
            continue;
        err = spot_of(r, d->admission, &a.at, &found);
        if (err != CP_OK || !found)
            continue;
        void *rows = r->admissions;
        err = cp_grow(r->node->mem, &rows, &r->admissions_cap, r->admissions_count + 1, CP_BUNDLE_SLOTS_MAX,
                      sizeof *r->admissions);
        if (err == CP_OK) {
            r->admissions = rows;
            r->admissions[r->admissions_count++] = a;
        }
    }
    return err;
}

/* Reads a word that was kept under `where` into r->word and r->spots. *found false: there is none. */
static enum cp_err hear(struct readers *r, const uint8_t *where, const uint8_t *of, bool *found)
{
    struct cp_heard h;
    memset(r->word, 0, r->count * sizeof *r->word);
    r->spots_count = 0;
    enum cp_err err = cp_heard_get(r->node, where, of, &h);
    *found = err == CP_OK;
    if (err == CP_OK)
        err = cp_heard_known(r->held, r->plan, r->class, &h, r->tips, r->count, r->word);
    if (err == CP_OK) {
        cp_free(r->node->mem, r->spots);
        r->spots = cp_alloc_array(r->node->mem, h.count[0] + 1, sizeof *r->spots);
        err = r->spots == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    }
    for (size_t i = 0; err == CP_OK && i < h.count[0]; i++) {
        bool held = false;
        err = spot_of(r, h.tips[0][i].id, &r->spots[r->spots_count], &held);
        r->spots_count += held ? 1 : 0;
    }
    cp_heard_clear(&h);
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

/* What was heard last counts for machine k. */
static void raise(struct readers *r, size_t k)
{
    uint64_t *known = r->known + k * r->count;
    for (size_t i = 0; i < r->count; i++)
        known[i] = known[i] < r->word[i] ? r->word[i] : known[i];
}

/* Did the writer of what was heard last know that machine k is in? Then its bundle is boxed to it too. */
static bool knew(const struct readers *r, size_t k)
{
    for (size_t i = 0; i < r->admissions_count; i++)
        for (size_t j = 0; r->admissions[i].of == k && j < r->spots_count; j++)
            if (r->spots[j].chain == r->admissions[i].at.chain && r->spots[j].seq >= r->admissions[i].at.seq)
                return true;
    return false;
}

/* Each bundle there is read once for all machines, not once for each: with 200 machines that is a second, not minutes. */
static enum cp_err hear_all(struct readers *r)
{
    const struct cp_carried *there = r->offer->carried;
    bool found;
    enum cp_err err = find_admissions(r);
    for (size_t k = 0; err == CP_OK && k < r->to_count; k++) {
        err = hear(r, r->plan, r->to[k].curve_key, &found);
        if (err == CP_OK && found)
            raise(r, k);
    }
    for (size_t i = 0; err == CP_OK && i < there->machines_count; i++) {
        const struct cp_carried_machine *writer = &there->machines[i];
        err = hear(r, r->offer->pile, writer->key, &found);
        for (size_t k = 0; err == CP_OK && found && k < r->to_count; k++)
            if (writer->number > cp_carried_latest(there, r->to[k].curve_key) && knew(r, k))
                raise(r, k);
    }
    return err;
}

static enum cp_err lower_some(struct readers *r, uint64_t *after)
{
    const struct cp_mem *mem = r->node->mem;
    r->known = cp_alloc_array(mem, r->to_count * r->count + 1, sizeof *r->known);
    r->word = cp_alloc_array(mem, r->count + 1, sizeof *r->word);
    enum cp_err err = r->known == NULL || r->word == NULL ? CP_ERR_NO_MEMORY : hear_all(r);
    for (size_t k = 0; err == CP_OK && k < r->to_count; k++)
        cp_heard_leave_out(r->tips, r->count, r->known + k * r->count, after);
    cp_free(mem, r->known);
    cp_free(mem, r->word);
    cp_free(mem, r->spots);
    cp_free(mem, r->admissions);
    return err;
}

enum cp_err cp_offer_lower(struct cp_node *node, const struct cp_bundle_offer *offer,
                           const uint8_t plan[static CP_ID_LEN], const struct cp_bundle_to *to,
                           size_t to_count, enum cp_class class, const struct cp_tip *tips, size_t count,
                           uint64_t *after)
{
    size_t most = READINGS_MAX / (count + 1) + 1;
    enum cp_err err = CP_OK;
    for (size_t k = 0; err == CP_OK && k < to_count; k += most) {
        struct readers r = {.node = node,
                            .held = cp_store_replica(node->store),
                            .offer = offer,
                            .plan = plan,
                            .class = class,
                            .tips = tips,
                            .count = count,
                            .to = to + k,
                            .to_count = to_count - k < most ? to_count - k : most};
        err = lower_some(&r, after);
    }
    return err;
}
