/*
 * "Lies in the past of", among control entries. Owns: the walk, and what control entries cite, kept in memory.
 * Must not: know what a frontier or an admission is (store_graph.c).
 *
 * What an entry cites has come before it, so it has a smaller row. A walk takes the greatest row that is left, and ends
 * when that is no greater than what it looks for: whatever is still to come lies further back.
 */
#include "daemon/store_internal.h"

/* ---- What control entries cite ---- */

struct cp_past_row {
    uint64_t row, lamport; /* row 0: empty */
    uint32_t at, len;      /* in `packed`: LEB128 of how far back prev is (0: none), then the column `parents` */
};
struct cp_past {
    struct cp_past_row *slots; /* open addressing */
    size_t mask, count;        /* mask: capacity - 1 */
    struct cp_buf packed;
};

/* More than any plan of the size that we promise needs; beyond it all is forgotten and read again. */
enum { PAST_ROWS_MAX = 32768, PAST_BYTES_MAX = 4 * 1024 * 1024 };

void cp_past_forget(struct cp_store *s)
{
    if (s->past == NULL)
        return;
    cp_free(&s->mem, s->past->slots);
    cp_buf_clear(&s->past->packed);
    cp_free(&s->mem, s->past);
    s->past = NULL;
}

static size_t spread(uint64_t row, size_t mask)
{
    return (size_t)(row ^ row >> 9) & mask; /* rows follow each other, so they spread by themselves */
}

static struct cp_past_row *past_slot(struct cp_past_row *slots, size_t mask, uint64_t row)
{
    size_t i = spread(row, mask);
    while (slots[i].row != 0 && slots[i].row != row)
        i = (i + 1) & mask;
    return &slots[i];
}

static enum cp_err past_room(struct cp_store *s)
{
    if (s->past != NULL && (s->past->count >= PAST_ROWS_MAX || s->past->packed.len >= PAST_BYTES_MAX))
        cp_past_forget(s);
    if (s->past == NULL) {
        s->past = cp_alloc(&s->mem, sizeof *s->past);
        if (s->past == NULL)
            return CP_ERR_NO_MEMORY;
        cp_buf_init(&s->past->packed, &s->mem, 2 * (size_t)PAST_BYTES_MAX);
    }
    struct cp_past *p = s->past;
    if (p->slots != NULL && p->count * 2 <= p->mask)
        return CP_OK;
    size_t mask = p->slots == NULL ? 63 : p->mask * 2 + 1;
    struct cp_past_row *slots = cp_alloc_array(&s->mem, mask + 1, sizeof *slots);
    if (slots == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; p->slots != NULL && i <= p->mask; i++)
        if (p->slots[i].row != 0)
            *past_slot(slots, mask, p->slots[i].row) = p->slots[i];
    cp_free(&s->mem, p->slots);
    p->slots = slots;
    p->mask = mask;
    return CP_OK;
}

static enum cp_err read_row(struct cp_store *s, uint64_t row, struct cp_past_row *out)
{
    sqlite3_stmt *st = NULL;
    bool found;
    enum cp_err err = cp_sql_one(s, CP_SQL_GRAPH, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    struct cp_buf *packed = &s->past->packed;
    uint64_t prev = cp_col_u64(st, 1);
    *out = (struct cp_past_row){.row = row, .lamport = cp_col_u64(st, 0), .at = (uint32_t)packed->len};
    if (prev < row)
        cp_leb_put(packed, prev == 0 ? 0 : row - prev);
    else
        err = CP_ERR_DAMAGED_STORE;
    struct cp_bytes parents = cp_col_blob(st, 2);
    if (err == CP_OK && parents.len > CP_PARENTS_MAX * (size_t)9)
        err = CP_ERR_DAMAGED_STORE;
    if (err == CP_OK)
        cp_buf_put_bytes(packed, parents);
    cp_sql_done(st);
    out->len = (uint32_t)(packed->len - out->at);
    return err == CP_OK ? cp_buf_err(packed) : err;
}

/* Lamport number and predecessors of one control entry; predecessors are appended. */
static enum cp_err past_row(struct cp_store *s, uint64_t row, uint64_t *lamport, struct cp_rows *preds)
{
    struct cp_past_row *r = NULL;
    if (s->past != NULL && s->past->slots != NULL)
        r = past_slot(s->past->slots, s->past->mask, row);
    if (r == NULL || r->row == 0) {
        struct cp_past_row fresh = {.row = 0};
        enum cp_err err = past_room(s);
        if (err == CP_OK)
            err = read_row(s, row, &fresh);
        if (err != CP_OK) {
            cp_past_forget(s); /* half a row may lie in the buffer */
            return err;
        }
        r = past_slot(s->past->slots, s->past->mask, row);
        *r = fresh;
        s->past->count++;
    }
    bool ok = true;
    struct cp_bytes packed = CP_BYTES(s->past->packed.ptr + r->at, r->len);
    uint64_t back = cp_leb_get(&packed, &ok);
    *lamport = r->lamport;
    if (!ok || back >= row)
        return CP_ERR_DAMAGED_STORE;
    enum cp_err err = back == 0 ? CP_OK : cp_rows_add(s, preds, row - back);
    return err == CP_OK ? cp_parents_unpack(s, row, packed, preds) : err;
}

/* ---- The walk ---- */

struct walk {
    struct cp_rows heap; /* greatest first */
    struct cp_rows preds;
    uint64_t *seen; /* open addressing, 0 is empty */
    size_t mask, count;
};

static void walk_clear(struct cp_store *s, struct walk *w)
{
    cp_rows_clear(s, &w->heap);
    cp_rows_clear(s, &w->preds);
    cp_free(&s->mem, w->seen);
    *w = (struct walk){.count = 0};
}

static size_t seen_slot(const uint64_t *seen, size_t mask, uint64_t row)
{
    size_t i = spread(row, mask);
    while (seen[i] != 0 && seen[i] != row)
        i = (i + 1) & mask;
    return i;
}

static enum cp_err seen_room(struct cp_store *s, struct walk *w)
{
    if (w->seen != NULL && w->count * 2 <= w->mask)
        return CP_OK;
    size_t mask = w->seen == NULL ? 63 : w->mask * 2 + 1;
    uint64_t *seen = cp_alloc_array(&s->mem, mask + 1, sizeof *seen);
    if (seen == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; w->seen != NULL && i <= w->mask; i++)
        if (w->seen[i] != 0)
            seen[seen_slot(seen, mask, w->seen[i])] = w->seen[i];
    cp_free(&s->mem, w->seen);
    w->seen = seen;
    w->mask = mask;
    return CP_OK;
}

static enum cp_err walk_push(struct cp_store *s, struct walk *w, uint64_t row)
{
    enum cp_err err = seen_room(s, w);
    if (err != CP_OK)
        return err;
    size_t slot = seen_slot(w->seen, w->mask, row);
    if (w->seen[slot] == row)
        return CP_OK;
    err = cp_rows_add(s, &w->heap, row);
    if (err != CP_OK)
        return err;
    w->seen[slot] = row;
    w->count++;
    size_t i = w->heap.count - 1;
    for (; i > 0 && w->heap.at[(i - 1) / 2] < row; i = (i - 1) / 2)
        w->heap.at[i] = w->heap.at[(i - 1) / 2];
    w->heap.at[i] = row;
    return CP_OK;
}

static uint64_t walk_pop(struct walk *w)
{
    uint64_t top = w->heap.at[0], last = w->heap.at[--w->heap.count];
    size_t i = 0;
    for (size_t child = 1; child < w->heap.count; child = 2 * i + 1) {
        child += child + 1 < w->heap.count && w->heap.at[child + 1] > w->heap.at[child] ? 1 : 0;
        if (w->heap.at[child] <= last)
            break;
        w->heap.at[i] = w->heap.at[child];
        i = child;
    }
    if (w->heap.count > 0)
        w->heap.at[i] = last;
    return top;
}

enum cp_err cp_graph_reaches(struct cp_store *s, const struct cp_rows *from, uint64_t row, uint64_t lamport, bool *yes)
{
    struct walk w = {.count = 0};
    enum cp_err err = CP_OK;
    *yes = false;
    for (size_t i = 0; i < from->count && err == CP_OK; i++) {
        *yes = *yes || from->at[i] == row;
        err = from->at[i] < row ? CP_OK : walk_push(s, &w, from->at[i]);
    }
    while (err == CP_OK && !*yes && w.heap.count > 0) {
        uint64_t at = walk_pop(&w), here = 0;
        w.preds.count = 0;
        err = past_row(s, at, &here, &w.preds);
        for (size_t i = 0; i < w.preds.count && err == CP_OK && here > lamport; i++) {
            *yes = *yes || w.preds.at[i] == row;
            err = w.preds.at[i] <= row ? CP_OK : walk_push(s, &w, w.preds.at[i]);
        }
    }
    *yes = *yes && err == CP_OK;
    walk_clear(s, &w);
    return err;
}

/* Takes `row` out of a sorted list when it is there. */
static void take_out(struct cp_rows *rows, uint64_t row)
{
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->at[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < rows->count && rows->at[low] == row) {
        memmove(&rows->at[low], &rows->at[low + 1], (rows->count - low - 1) * sizeof row);
        rows->count--;
    }
}

enum cp_err cp_past_leave_greatest(struct cp_store *s, struct cp_rows *rows)
{
    struct walk w = {.count = 0};
    uint64_t lamport;
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < rows->count && err == CP_OK; i++)
        err = walk_push(s, &w, rows->at[i]);
    /* The least that is left lies furthest back: nothing of a smaller row can be among those that are looked for. */
    while (err == CP_OK && w.heap.count > 0 && rows->count > 1 && w.heap.at[0] > rows->at[0]) {
        uint64_t at = walk_pop(&w);
        w.preds.count = 0;
        err = past_row(s, at, &lamport, &w.preds);
        for (size_t i = 0; i < w.preds.count && err == CP_OK; i++) {
            take_out(rows, w.preds.at[i]);
            err = w.preds.at[i] <= rows->at[0] ? CP_OK : walk_push(s, &w, w.preds.at[i]);
        }
    }
    walk_clear(s, &w);
    return err;
}
