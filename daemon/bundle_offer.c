/*
 * What a machine will find at a carrier. Owns: whose bundles there count for whom. Must not: be needed for being right: what is
 * left out by mistake the machine's own next bundle there shows, and it is put there then.
 *
 * After its visit everything that a writer holds lies there for each machine that it knew to be in, or that machine has said
 * to hold it. So for a machine that has not come by since, that writer's tips count as its own.
 */
#include <string.h>

#include "daemon/bundle.h"

static enum cp_err add_all(struct cp_heard *to, const struct cp_heard *from)
{
    enum cp_err err = CP_OK;
    for (int c = 0; c < 2; c++)
        for (size_t i = 0; i < from->count[c] && err == CP_OK; i++)
            err = cp_heard_add(to, c == 1 ? CP_CONTENT : CP_CONTROL, &from->tips[c][i]);
    return err == CP_ERR_TOO_BIG ? CP_OK : err; /* what is not known is sent */
}

/* Adds what is kept under this name; nothing is no error. */
static enum cp_err add_heard(struct cp_node *node, const uint8_t *where, const uint8_t *machine,
                             struct cp_heard *to)
{
    struct cp_heard h;
    enum cp_err err = cp_heard_get(node, where, machine, &h);
    if (err == CP_OK)
        err = add_all(to, &h);
    cp_heard_clear(&h);
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

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

/* Adds what one writer's latest bundle there says, where it is for the machine. */
static enum cp_err add_offered(struct cp_node *node, const struct cp_bundle_offer *offer, const uint8_t *plan,
                               const uint8_t *writer, const uint8_t *machine, const uint8_t *box,
                               struct cp_heard *to)
{
    struct cp_heard h;
    bool yes = false;
    enum cp_err err = cp_heard_get(node, offer->pile, writer, &h);
    if (err == CP_OK)
        err = knew(node, plan, &h, machine, box, &yes);
    if (err == CP_OK && yes)
        err = add_all(to, &h);
    cp_heard_clear(&h);
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

enum cp_err cp_offer_lower(struct cp_node *node, const struct cp_bundle_offer *offer,
                           const uint8_t plan[static CP_ID_LEN], const uint8_t machine[static CP_KEY_LEN],
                           const uint8_t box[static CP_KEY_LEN], enum cp_class class, const struct cp_tip *tips,
                           size_t count, uint64_t *after)
{
    const struct cp_carried *there = offer->carried;
    uint64_t passed = cp_carried_latest(there, machine);
    struct cp_heard all;
    cp_heard_init(&all, node->mem);
    enum cp_err err = add_heard(node, plan, machine, &all);
    for (size_t i = 0; err == CP_OK && i < there->machines_count; i++)
        if (there->machines[i].number > passed && memcmp(there->machines[i].key, machine, CP_KEY_LEN) != 0)
            err = add_offered(node, offer, plan, there->machines[i].key, machine, box, &all);
    if (err == CP_OK)
        err = cp_heard_lower(cp_store_replica(node->store), plan, class, &all, tips, count, after);
    cp_heard_clear(&all);
    return err;
}
