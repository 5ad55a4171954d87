/*
 * Pictures and papers in a bundle: which ones its writer says that somebody there asked for, which pieces it puts in for others,
 * and which of those that lie before a reader are kept. Owns: these three choices. Must not: lay out a frame (proto/bundle.h), or
 * keep a piece that nobody here asked for (docs/decisions/0024).
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/bundle.h"

/* ---- What we ask for ---- */

enum cp_err cp_pictures_wishes(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                               struct cp_bundle_wish **out, size_t *count)
{
    const struct cp_pieces *pieces = cp_store_replica(node->store)->pieces;
    struct cp_piece_place from = {.number = 0};
    void *list = NULL;
    size_t cap = 0;
    bool found = pieces != NULL;
    enum cp_err err = CP_OK;
    *count = 0;
    while (err == CP_OK && found && *count < CP_BUNDLE_WISHES_MAX) {
        struct cp_piece_want want;
        err = pieces->next(pieces->ctx, plan, &from, &want, &found);
        if (err == CP_OK && found)
            err = cp_grow(node->mem, &list, &cap, *count + 1, CP_BUNDLE_WISHES_MAX, sizeof **out);
        if (err != CP_OK || !found)
            break;
        struct cp_bundle_wish *wish = (struct cp_bundle_wish *)list + (*count)++;
        wish->number = want.place.number;
        memcpy(wish->id, want.id, CP_ID_LEN);
        from = (struct cp_piece_place){.lamport = want.place.lamport, .row = want.place.row + 1};
    }
    if (err != CP_OK) {
        cp_free(node->mem, list);
        list = NULL;
        *count = 0;
    }
    *out = list;
    return err;
}

/* ---- What others get ---- */

static int by_id(const void *a, const void *b)
{
    return memcmp(((const struct cp_bundle_wish *)a)->id, ((const struct cp_bundle_wish *)b)->id, CP_ID_LEN);
}

enum cp_err cp_pictures_begin(struct cp_pictures *p, struct cp_node *node,
                              const uint8_t plan[static CP_ID_LEN], bool all)
{
    uint8_t(*ids)[CP_ID_LEN] = NULL;
    size_t count = 0;
    *p = (struct cp_pictures){.node = node};
    memcpy(p->plan, plan, CP_ID_LEN);
    enum cp_err err = cp_store_pieces_here(node->store, plan, &ids, &count);
    if (err == CP_OK && count > 0) {
        p->list = cp_alloc_array(node->mem, count, sizeof *p->list);
        err = p->list == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    }
    for (size_t i = 0; err == CP_OK && i < count; i++) { /* they come sorted */
        memcpy(p->list[i].id, ids[i], CP_ID_LEN);
        p->list[i].number = all ? 0 : CP_PIECES_MAX;
        p->count = i + 1;
    }
    cp_free(node->mem, ids);
    return err;
}

void cp_pictures_ask(struct cp_pictures *p, const struct cp_heard *heard)
{
    for (size_t i = 0; i < heard->wishes_count && p->count > 0; i++) {
        const struct cp_bundle_wish *wish = &heard->wishes[i];
        struct cp_bundle_wish *here = bsearch(wish, p->list, p->count, sizeof *p->list, by_id);
        if (here != NULL && wish->number < here->number)
            here->number = wish->number;
    }
}

enum cp_err cp_pictures_next(struct cp_pictures *p, struct cp_buf *out, const uint8_t **id, uint64_t *number,
                             bool *found)
{
    enum cp_err err = CP_OK;
    *found = false;
    while (err == CP_OK && !*found && p->at < p->count) {
        struct cp_bundle_wish *next = &p->list[p->at];
        if (next->number >= CP_PIECES_MAX) {
            p->at++;
            continue;
        }
        *id = next->id;
        *number = next->number++;
        err = cp_store_piece_read(p->node->store, p->plan, next->id, *number, out, found);
        if (err == CP_ERR_NOT_FOUND) { /* withdrawn, or of a device that was lost */
            next->number = CP_PIECES_MAX;
            err = CP_OK;
        }
    }
    return err;
}

void cp_pictures_end(struct cp_pictures *p)
{
    if (p->node != NULL)
        cp_free(p->node->mem, p->list);
    *p = (struct cp_pictures){.node = NULL};
}

/* ---- What we keep ---- */

enum cp_err cp_pictures_take(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                             const struct cp_bundle_frame *f, enum cp_piece_use *use)
{
    enum cp_err err = cp_store_piece_use(node->store, plan, f->id, f->number, use);
    if (err == CP_OK && *use == CP_PIECE_WANTED)
        err = cp_store_piece_keep(node->store, plan, f->id, f->number, f->bytes);
    if (err == CP_ERR_NOT_FOUND) { /* its entry did not come, or counts no longer */
        *use = CP_PIECE_UNASKED;
        err = CP_OK;
    }
    return err;
}
