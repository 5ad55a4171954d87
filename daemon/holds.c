/* Who has seen what. See holds.h. */
#include "daemon/holds.h"

#include <string.h>

static uint64_t first_after(const struct cp_holds_plan *p, uint64_t row, uint64_t *count)
{
    size_t low = 0, high = p->rows_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->rows[middle] <= row)
            low = middle + 1;
        else
            high = middle;
    }
    *count = p->rows_count - low;
    return low < p->rows_count ? p->rows[low] : UINT64_MAX;
}

enum cp_err cp_holds_begin(struct cp_holds_plan *p, struct cp_node *node,
                           const uint8_t plan[static CP_ID_LEN])
{
    struct cp_meeting *all = node->meetings;
    uint64_t least = UINT64_MAX;
    *p = (struct cp_holds_plan){.node = node};
    memcpy(p->plan, plan, CP_ID_LEN);
    cp_meet_facts_load(all);
    for (size_t i = 0; i < all->reports_count; i++)
        if (all->reports[i].synced_row > 0 && all->reports[i].synced_row < least &&
            memcmp(all->reports[i].plan, plan, CP_ID_LEN) == 0)
            least = all->reports[i].synced_row;
    return least == UINT64_MAX ? CP_OK : cp_store_since(node->store, plan, least, &p->rows, &p->rows_count);
}

void cp_holds_finish(struct cp_holds_plan *p)
{
    cp_free(cp_store_replica(p->node->store)->mem, p->rows);
    p->rows = NULL;
    p->rows_count = 0;
}

/* What the machine said that it holds: how many of ours are beyond that, and the first of them. */
static enum cp_err by_stick(struct cp_holds_plan *p, const struct cp_heard *h, uint64_t *lacks,
                            uint64_t *more, uint64_t *first)
{
    const struct cp_replica *held = cp_store_replica(p->node->store);
    enum cp_err err = cp_heard_unknown(p->node, p->plan, h, more);
    *lacks = 0;
    *first = UINT64_MAX;
    for (int c = 0; c < 2 && err == CP_OK; c++) {
        enum cp_class class = c == 1 ? CP_CONTENT : CP_CONTROL;
        struct cp_tip *tips = NULL;
        struct cp_range *ranges = NULL;
        uint64_t *after = NULL, *rows = NULL;
        size_t count = 0, rows_count = 0, used = 0;
        err = held->tips(held->ctx, p->plan, class, &tips, &count);
        if (err == CP_OK) {
            after = cp_alloc_array(held->mem, count + 1, sizeof *after);
            ranges = cp_alloc_array(held->mem, count + 1, sizeof *ranges);
            err = after == NULL || ranges == NULL ? CP_ERR_NO_MEMORY : CP_OK;
        }
        for (size_t i = 0; err == CP_OK && i < count; i++)
            after[i] = tips[i].seq;
        if (err == CP_OK)
            err = cp_heard_lower(held, p->plan, class, h, tips, count, after);
        for (size_t i = 0; err == CP_OK && i < count; i++)
            if (after[i] < tips[i].seq)
                ranges[used++] = (struct cp_range){.chain = tips[i].chain, .after = after[i]};
        if (err == CP_OK && used > 0)
            err = held->rows(held->ctx, p->plan, class, ranges, used, &rows, &rows_count);
        if (err == CP_OK && rows_count > 0) {
            *lacks += rows_count;
            *first = rows[0] < *first ? rows[0] : *first;
        }
        cp_free(held->mem, rows);
        cp_free(held->mem, after);
        cp_free(held->mem, ranges);
        cp_free(held->mem, tips);
    }
    return err;
}

enum cp_err cp_holds_of(struct cp_holds_plan *p, const uint8_t machine[static CP_KEY_LEN],
                        struct cp_holds *out)
{
    const struct cp_meet_report *met = cp_meet_last(p->node->meetings, p->plan, machine);
    struct cp_heard heard;
    *out = (struct cp_holds){.how = CP_HOLDS_UNKNOWN};
    bool was_met = met != NULL && met->synced_row > 0;
    if (was_met) {
        out->how = CP_HOLDS_MET;
        out->heard_ms = met->synced_ms;
        out->first = first_after(p, met->synced_row, &out->lacks);
    }
    enum cp_err err = cp_heard_get(p->node, p->plan, machine, &heard);
    if (err == CP_OK && heard.standing == CP_HEARD_DOUBTED) {
        *out = (struct cp_holds){.how = CP_HOLDS_UNKNOWN}; /* nor was it met since */
        cp_heard_clear(&heard);
    } else if (err == CP_OK) {
        uint64_t lacks = 0, more = 0, first = UINT64_MAX;
        err = by_stick(p, &heard, &lacks, &more, &first);
        /* Of one life of the machine what tells of more holds; of two lives what was heard last. */
        bool one_life = was_met && memcmp(heard.incarnation, met->incarnation, CP_INCARNATION_LEN) == 0;
        bool better = !was_met || (one_life ? lacks < out->lacks : heard.heard_ms > out->heard_ms);
        if (err == CP_OK && better) {
            *out = (struct cp_holds){.how = CP_HOLDS_STICK,
                                     .heard_ms = heard.heard_ms,
                                     .said_ms = heard.claimed_ms,
                                     .lacks = lacks,
                                     .more = more,
                                     .first = first};
        }
        cp_heard_clear(&heard);
    } else if (err == CP_ERR_NOT_FOUND) {
        err = CP_OK;
    }
    return err;
}

enum cp_err cp_holds_edit(const struct cp_holds_plan *p, const struct cp_holds *seen,
                          struct cp_store_edit *out)
{
    const struct cp_keeper *k = p->node->keeper;
    enum cp_err found = CP_ERR_NOT_FOUND;
    for (size_t i = 0; seen->how != CP_HOLDS_UNKNOWN && i < cp_keeper_count(k); i++) {
        struct cp_store_edit e;
        enum cp_err err =
            cp_store_before(p->node->store, p->plan, cp_keeper_person(k, i)->device_key, seen->first, &e);
        if (err != CP_OK && err != CP_ERR_NOT_FOUND)
            return err;
        if (err == CP_OK && (found != CP_OK || e.row > out->row)) {
            found = CP_OK;
            *out = e;
        }
    }
    return found;
}

enum cp_err cp_holds_others(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                            struct cp_holds_count *out)
{
    const struct cp_members *members = NULL;
    struct cp_holds_plan p;
    uint8_t own[CP_KEY_LEN], box[CP_KEY_LEN];
    *out = (struct cp_holds_count){0};
    cp_keeper_machine(node->keeper, own, box);
    enum cp_err err = cp_holds_begin(&p, node, plan);
    if (err == CP_OK)
        err = cp_store_members(node->store, plan, &members);
    for (size_t i = 0; err == CP_OK && i < members->count; i++) {
        const struct cp_member_device *d = &members->devices[i];
        struct cp_holds seen;
        bool again = !cp_member_is_in(d) || memcmp(d->curve_key, own, CP_KEY_LEN) == 0;
        for (size_t k = 0; k < i && !again; k++) /* several people on one machine */
            again = cp_member_is_in(&members->devices[k]) &&
                    memcmp(members->devices[k].curve_key, d->curve_key, CP_KEY_LEN) == 0;
        if (again)
            continue;
        err = cp_holds_of(&p, d->curve_key, &seen);
        out->devices++;
        out->everything += seen.how != CP_HOLDS_UNKNOWN && seen.lacks == 0 ? 1U : 0U;
        out->unheard += seen.how == CP_HOLDS_UNKNOWN ? 1U : 0U;
    }
    cp_holds_finish(&p);
    return err;
}
