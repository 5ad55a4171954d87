/*
 * The graph as rows: lists of rows, interned control frontiers, "lies in the past of", and the search for an
 * admission that rule R1 asks for. Owns: frontiers. Must not: judge a JOIN (store_derive.c did, once).
 *
 * Walks go back over control entries alone, and never below the lamport number of what they look for: whatever
 * lies in an entry's past has a smaller one.
 */
#include <assert.h>
#include <stdlib.h>

#include "daemon/store_internal.h"

/* ---- Lists of rows ---- */

enum cp_err cp_rows_add(struct cp_store *s, struct cp_rows *rows, uint64_t row)
{
    void *array = rows->at;
    enum cp_err err = cp_grow(&s->mem, &array, &rows->cap, rows->count + 1, SIZE_MAX / 16, sizeof *rows->at);
    if (err != CP_OK)
        return err;
    rows->at = array;
    rows->at[rows->count++] = row;
    return CP_OK;
}

void cp_rows_clear(struct cp_store *s, struct cp_rows *rows)
{
    cp_free(&s->mem, rows->at);
    *rows = (struct cp_rows){0};
}

static int ascending(const void *a, const void *b)
{
    uint64_t ra = *(const uint64_t *)a, rb = *(const uint64_t *)b;
    return (ra > rb) - (ra < rb);
}

void cp_rows_sort(struct cp_rows *rows)
{
    size_t kept = 0;
    if (rows->count < 2)
        return;
    qsort(rows->at, rows->count, sizeof *rows->at, ascending);
    for (size_t i = 0; i < rows->count; i++)
        if (kept == 0 || rows->at[kept - 1] != rows->at[i])
            rows->at[kept++] = rows->at[i];
    rows->count = kept;
}

void cp_leb_put(struct cp_buf *out, uint64_t v)
{
    while (v >= 0x80) {
        cp_buf_put_byte(out, (uint8_t)((v & 0x7f) | 0x80));
        v >>= 7;
    }
    cp_buf_put_byte(out, (uint8_t)v);
}

uint64_t cp_leb_get(struct cp_bytes *b, bool *ok)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        if (b->len == 0)
            break;
        uint8_t byte = *b->ptr;
        *b = CP_BYTES(b->ptr + 1, b->len - 1);
        v |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return v;
    }
    *ok = false;
    return 0;
}

void cp_rows_pack(const struct cp_rows *rows, struct cp_buf *out)
{
    uint64_t before = 0;
    for (size_t i = 0; i < rows->count; i++) {
        cp_leb_put(out, rows->at[i] - before);
        before = rows->at[i];
    }
}

enum cp_err cp_rows_unpack(struct cp_store *s, struct cp_bytes packed, struct cp_rows *out)
{
    uint64_t at = 0;
    bool ok = true;
    while (packed.len > 0) {
        uint64_t step = cp_leb_get(&packed, &ok);
        if (!ok || step > CP_INT_MAX - at)
            return CP_ERR_DAMAGED_STORE;
        at += step;
        enum cp_err err = cp_rows_add(s, out, at);
        if (err != CP_OK)
            return err;
    }
    return CP_OK;
}

enum cp_err cp_parents_pack(struct cp_store *s, uint64_t row, const uint64_t *parents, size_t count,
                            struct cp_buf *out)
{
    struct cp_rows back = {0};
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        if (parents[i] == 0 || parents[i] >= row)
            err = CP_ERR_DAMAGED_STORE; /* rows that we never gave */
        else
            err = cp_rows_add(s, &back, row - parents[i]);
    }
    if (err == CP_OK) {
        cp_rows_sort(&back);
        cp_rows_pack(&back, out);
        err = cp_buf_err(out);
    }
    cp_rows_clear(s, &back);
    return err;
}

enum cp_err cp_parents_unpack(struct cp_store *s, uint64_t row, struct cp_bytes packed, struct cp_rows *out)
{
    size_t from = out->count;
    if (packed.len > CP_PARENTS_MAX * (size_t)9)
        return CP_ERR_DAMAGED_STORE;
    enum cp_err err = cp_rows_unpack(s, packed, out);
    for (size_t i = from; err == CP_OK && i < out->count; i++) {
        if (out->at[i] >= row || out->at[i] == 0)
            return CP_ERR_DAMAGED_STORE;
        out->at[i] = row - out->at[i];
    }
    return err == CP_OK && out->count - from > CP_PARENTS_MAX ? CP_ERR_DAMAGED_STORE : err;
}

/* ---- Walking back ---- */

/* Rows seen: open addressing, 0 is empty. */
struct seen {
    uint64_t *slots;
    size_t mask; /* capacity - 1; 0: none yet */
    size_t count;
};

static size_t seen_slot(const struct seen *v, uint64_t row)
{
    size_t i = (size_t)(row ^ row >> 9) & v->mask; /* rows follow each other, so they spread by themselves */
    while (v->slots[i] != 0 && v->slots[i] != row)
        i = (i + 1) & v->mask;
    return i;
}

static bool seen_has(const struct seen *v, uint64_t row)
{
    return v->slots != NULL && v->slots[seen_slot(v, row)] == row;
}

static enum cp_err seen_add(struct cp_store *s, struct seen *v, uint64_t row)
{
    if (v->slots == NULL || v->count * 2 > v->mask) {
        struct seen bigger = {.mask = v->slots == NULL ? 63 : v->mask * 2 + 1};
        bigger.slots = cp_alloc_array(&s->mem, bigger.mask + 1, sizeof *bigger.slots);
        if (bigger.slots == NULL)
            return CP_ERR_NO_MEMORY;
        for (size_t i = 0; v->slots != NULL && i <= v->mask; i++)
            if (v->slots[i] != 0)
                bigger.slots[seen_slot(&bigger, v->slots[i])] = v->slots[i];
        bigger.count = v->count;
        cp_free(&s->mem, v->slots);
        *v = bigger;
    }
    size_t i = seen_slot(v, row);
    v->count += v->slots[i] == 0 ? 1 : 0;
    v->slots[i] = row;
    return CP_OK;
}

/* Lamport number and predecessors of one entry; predecessors are appended. */
static enum cp_err graph_row(struct cp_store *s, uint64_t row, uint64_t *lamport, struct cp_rows *preds)
{
    sqlite3_stmt *st = NULL;
    bool found;
    enum cp_err err = cp_sql_one(s, CP_SQL_GRAPH, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    *lamport = cp_col_u64(st, 0);
    uint64_t prev = cp_col_u64(st, 1);
    err = cp_parents_unpack(s, row, cp_col_blob(st, 2), preds);
    cp_sql_done(st);
    if (err == CP_OK && prev != 0)
        err = prev < row ? cp_rows_add(s, preds, prev) : CP_ERR_DAMAGED_STORE;
    return err;
}

/*
 * Visits what lies in the past of todo's rows, they themselves not counted as visited unless met again, down to
 * lamport `floor`. Stops early when `stop` is met (0: never). todo is used up.
 */
static enum cp_err walk(struct cp_store *s, struct cp_rows *todo, uint64_t floor, uint64_t stop, struct seen *met)
{
    struct seen expanded = {0};
    struct cp_rows preds = {0};
    enum cp_err err = CP_OK;
    while (err == CP_OK && todo->count > 0 && !(stop != 0 && seen_has(met, stop))) {
        uint64_t row = todo->at[--todo->count], lamport = 0;
        if (seen_has(&expanded, row))
            continue;
        err = seen_add(s, &expanded, row);
        preds.count = 0;
        if (err == CP_OK)
            err = graph_row(s, row, &lamport, &preds);
        if (err != CP_OK || lamport <= floor)
            continue;
        for (size_t i = 0; i < preds.count && err == CP_OK; i++) {
            err = seen_add(s, met, preds.at[i]);
            if (err == CP_OK)
                err = cp_rows_add(s, todo, preds.at[i]);
        }
    }
    cp_free(&s->mem, expanded.slots);
    cp_rows_clear(s, &preds);
    return err;
}

enum cp_err cp_graph_reaches(struct cp_store *s, const struct cp_rows *from, uint64_t row, uint64_t lamport, bool *yes)
{
    struct cp_rows todo = {0};
    struct seen met = {0};
    enum cp_err err = CP_OK;
    *yes = false;
    for (size_t i = 0; i < from->count && err == CP_OK; i++) {
        *yes = *yes || from->at[i] == row;
        err = cp_rows_add(s, &todo, from->at[i]);
    }
    if (err == CP_OK && !*yes) {
        err = walk(s, &todo, lamport, row, &met);
        *yes = err == CP_OK && seen_has(&met, row);
    }
    cp_rows_clear(s, &todo);
    cp_free(&s->mem, met.slots);
    return err;
}

/* ---- Frontiers ---- */

enum cp_err cp_frontier_make(struct cp_store *s, const struct cp_rows *members, uint64_t *num)
{
    struct cp_buf packed;
    sqlite3_stmt *st = NULL;
    bool found = false;
    cp_buf_init(&packed, &s->mem, SIZE_MAX / 2);
    cp_rows_pack(members, &packed);
    enum cp_err err = cp_buf_err(&packed);
    if (err == CP_OK)
        err = cp_sql_one(s, CP_SQL_FRONTIER_FIND, &st, &found, "b", packed.ptr, packed.len);
    if (err == CP_OK && found) {
        *num = cp_col_u64(st, 0);
        cp_sql_done(st);
    } else if (err == CP_OK) {
        err = cp_sql_run(s, CP_SQL_FRONTIER_ADD, "b", packed.ptr, packed.len);
        *num = (uint64_t)sqlite3_last_insert_rowid(s->db);
    }
    cp_buf_clear(&packed);
    return err;
}

enum cp_err cp_frontier_members(struct cp_store *s, uint64_t num, struct cp_rows *out)
{
    sqlite3_stmt *st = NULL;
    bool found;
    enum cp_err err = cp_sql_one(s, CP_SQL_FRONTIER_GET, &st, &found, "i", num);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    err = cp_rows_unpack(s, cp_col_blob(st, 0), out);
    cp_sql_done(st);
    return err;
}

/* Leaves those of `rows` that lie in no other's past. */
static enum cp_err keep_greatest(struct cp_store *s, struct cp_rows *rows)
{
    struct cp_rows todo = {0}, unused = {0};
    struct seen met = {0};
    uint64_t floor = UINT64_MAX;
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < rows->count && err == CP_OK; i++) {
        uint64_t lamport = 0;
        unused.count = 0;
        err = graph_row(s, rows->at[i], &lamport, &unused);
        floor = lamport < floor ? lamport : floor;
        if (err == CP_OK)
            err = cp_rows_add(s, &todo, rows->at[i]);
    }
    if (err == CP_OK)
        err = walk(s, &todo, floor, 0, &met);
    size_t kept = 0;
    for (size_t i = 0; err == CP_OK && i < rows->count; i++)
        if (!seen_has(&met, rows->at[i]))
            rows->at[kept++] = rows->at[i];
    rows->count = err == CP_OK ? kept : rows->count;
    cp_rows_clear(s, &todo);
    cp_rows_clear(s, &unused);
    cp_free(&s->mem, met.slots);
    return err;
}

static enum cp_err join_two(struct cp_store *s, uint64_t a, uint64_t b, uint64_t *num)
{
    uint64_t low = a < b ? a : b, high = a < b ? b : a;
    size_t slot = (size_t)((low ^ high >> 3 ^ high) % CP_FRONTIER_MEMO);
    if (s->frontiers[slot].merged != 0 && s->frontiers[slot].a == low && s->frontiers[slot].b == high) {
        *num = s->frontiers[slot].merged;
        return CP_OK;
    }
    struct cp_rows members = {0};
    enum cp_err err = cp_frontier_members(s, low, &members);
    if (err == CP_OK)
        err = cp_frontier_members(s, high, &members);
    cp_rows_sort(&members);
    if (err == CP_OK)
        err = keep_greatest(s, &members);
    if (err == CP_OK)
        err = cp_frontier_make(s, &members, num);
    cp_rows_clear(s, &members);
    if (err == CP_OK) {
        s->frontiers[slot].a = low;
        s->frontiers[slot].b = high;
        s->frontiers[slot].merged = *num;
    }
    return err;
}

/* More than two at once: one walk for all. Joined two by two, an entry with 64 parents made 63 walks and as many
 * frontiers that nothing else has. */
static enum cp_err join_many(struct cp_store *s, const struct cp_rows *nums, uint64_t *num)
{
    struct cp_rows members = {0};
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < nums->count && err == CP_OK; i++)
        err = cp_frontier_members(s, nums->at[i], &members);
    cp_rows_sort(&members);
    if (err == CP_OK)
        err = keep_greatest(s, &members);
    if (err == CP_OK)
        err = cp_frontier_make(s, &members, num);
    cp_rows_clear(s, &members);
    return err;
}

enum cp_err cp_frontier_join(struct cp_store *s, const uint64_t *nums, size_t count, uint64_t *num)
{
    struct cp_rows distinct = {0};
    enum cp_err err = CP_OK;
    assert(count > 0);
    *num = nums[0];
    for (size_t i = 0; i < count && err == CP_OK; i++)
        if (i == 0 || nums[i] != nums[i - 1])
            err = cp_rows_add(s, &distinct, nums[i]);
    cp_rows_sort(&distinct);
    if (err == CP_OK && distinct.count == 2)
        err = join_two(s, distinct.at[0], distinct.at[1], num);
    else if (err == CP_OK && distinct.count > 2)
        err = join_many(s, &distinct, num);
    cp_rows_clear(s, &distinct);
    return err;
}

/* ---- Admission ---- */

enum cp_err cp_admission_in(struct cp_store *s, const struct cp_store_plan *plan, const uint8_t *device,
                            uint64_t frontier, uint64_t *person, bool *found)
{
    struct cp_rows heads = {0};
    sqlite3_stmt *st = NULL;
    bool row = false;
    *found = false;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_frontier_members(s, frontier, &heads);
    if (err == CP_OK)
        err = cp_sql_open(s, CP_SQL_ADMISSIONS, &st, "i", cp_mark(s, plan->id, device));
    while (err == CP_OK && !*found) {
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        *person = cp_col_u64(st, 1);
        err = cp_graph_reaches(s, &heads, cp_col_u64(st, 0), cp_col_u64(st, 2), found);
    }
    if (row)
        cp_sql_done(st);
    cp_rows_clear(s, &heads);
    return err;
}
