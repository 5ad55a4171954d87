/*
 * What a machine will find at a carrier. Owns: whose bundles there count for whom. Must not: be needed for being right: what is
 * left out by mistake the machine's own next bundle there shows, and it is put there then.
 *
 * After its visit everything that a writer holds lies there for each machine that it knew to be in, or that machine has said
 * to hold it. So for a machine that has not come by since, that writer's tips count as its own.
 */
#include <string.h>

#include "daemon/bundle.h"

/* Does what they held cover this entry? */
static enum cp_err covers(const struct cp_replica *held, const uint8_t *plan, const struct cp_heard *h,
                          const struct cp_place *entry, bool *yes)
{
    enum cp_err err = CP_OK;
    *yes = false;
    for (size_t i = 0; i < h->count[0] && err == CP_OK && !*yes; i++) {
        struct cp_place tip;
        bool found = false;
        err = held->place_of(held->ctx, plan, h->tips[0][i].id, &tip, &found);
        *yes = err == CP_OK && found && tip.chain == entry->chain && tip.seq >= entry->seq;
    }
    return err;
}

/* Did the writer of these tips know that the machine is in? Then its bundle is boxed to it too. */
static enum cp_err knew(struct cp_node *node, const uint8_t *plan, const struct cp_heard *writer,
                        const uint8_t *machine, const uint8_t *box, bool *yes)
{
    const struct cp_replica *held = cp_store_replica(node->store);
    const struct cp_members *members = NULL;
    enum cp_err err = cp_store_members(node->store, plan, &members);
    *yes = false;
    for (size_t i = 0; err == CP_OK && i < members->count && !*yes; i++) {
        const struct cp_member_device *d = &members->devices[i];
        struct cp_place admission;
        bool found = false;
        if (!cp_member_is_in(d) || memcmp(d->curve_key, machine, CP_KEY_LEN) != 0 ||
            memcmp(d->box_key, box, CP_KEY_LEN) != 0)
            continue;
        err = held->place_of(held->ctx, plan, d->admission, &admission, &found);
        if (err == CP_OK && found)
            err = covers(held, plan, writer, &admission, yes);
    }
    return err;
}

/* What is asked about, and what is known of it by now. */
struct lowering {
    struct cp_node *node;
    const uint8_t *plan, *machine, *box;
    enum cp_class class;
    const struct cp_tip *tips;
    size_t count;
    uint64_t *known;
};

/* A word that was kept under `where`. writer: it counts for the machine only where its writer knew it. */
static enum cp_err add(const struct lowering *l, const uint8_t *where, const uint8_t *of, bool writer)
{
    struct cp_heard h;
    bool yes = true;
    enum cp_err err = cp_heard_get(l->node, where, of, &h);
    if (err == CP_OK && writer)
        err = knew(l->node, l->plan, &h, l->machine, l->box, &yes);
    if (err == CP_OK && yes)
        err = cp_heard_known(cp_store_replica(l->node->store), l->plan, l->class, &h, l->tips, l->count,
                             l->known);
    cp_heard_clear(&h);
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

enum cp_err cp_offer_lower(struct cp_node *node, const struct cp_bundle_offer *offer,
                           const uint8_t plan[static CP_ID_LEN], const uint8_t machine[static CP_KEY_LEN],
                           const uint8_t box[static CP_KEY_LEN], enum cp_class class,
                           const struct cp_tip *tips, size_t count, uint64_t *after)
{
    const struct cp_carried *there = offer->carried;
    uint64_t passed = cp_carried_latest(there, machine);
    struct lowering l = {.node = node,
                         .plan = plan,
                         .machine = machine,
                         .box = box,
                         .class = class,
                         .tips = tips,
                         .count = count};
    l.known = cp_alloc_array(node->mem, count + 1, sizeof *l.known);
    enum cp_err err = l.known == NULL ? CP_ERR_NO_MEMORY : add(&l, plan, machine, false);
    for (size_t i = 0; err == CP_OK && i < there->machines_count; i++)
        if (there->machines[i].number > passed && memcmp(there->machines[i].key, machine, CP_KEY_LEN) != 0)
            err = add(&l, offer->pile, there->machines[i].key, true);
    if (err == CP_OK)
        cp_heard_leave_out(tips, count, l.known, after);
    cp_free(node->mem, l.known);
    return err;
}
