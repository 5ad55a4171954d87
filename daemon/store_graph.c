/*
 * The graph as rows: lists of rows, interned control frontiers, and the search for an admission that rule R1 asks
 * for. Owns: frontiers. Must not: walk the graph (store_past.c), or judge a JOIN (store_derive.c did, once).
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

/*
 * The greatest of what several frontiers hold between them. Nothing in one frontier lies in the past of another of its
 * own, so what all of them hold stays, and where one holds all of the other there is nothing to look for.
 */
static enum cp_err join_members(struct cp_store *s, const struct cp_rows *nums, struct cp_rows *out)
{
    struct cp_rows all = {0}, apart = {0};
    size_t first_count = 0;
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < nums->count && err == CP_OK; i++) {
        err = cp_frontier_members(s, nums->at[i], &all);
        first_count = i == 0 ? all.count : first_count;
    }
    if (all.count > 1)
        qsort(all.at, all.count, sizeof *all.at, ascending);
    for (size_t i = 0, end = 0; i < all.count && err == CP_OK; i = end) {
        while (end < all.count && all.at[end] == all.at[i])
            end++;
        err = cp_rows_add(s, end - i == nums->count ? out : &apart, all.at[i]);
    }
    bool one_has_all = nums->count == 2 && (first_count == out->count || all.count - first_count == out->count);
    if (err == CP_OK && !one_has_all)
        err = cp_past_leave_greatest(s, &apart);
    for (size_t i = 0; i < apart.count && err == CP_OK; i++)
        err = cp_rows_add(s, out, apart.at[i]);
    cp_rows_sort(out);
    cp_rows_clear(s, &all);
    cp_rows_clear(s, &apart);
    return err;
}

/* All at once: joined two by two, an entry with 64 parents made 63 walks and as many frontiers that nothing else has. */
static enum cp_err join(struct cp_store *s, const struct cp_rows *nums, uint64_t *num)
{
    uint64_t low = nums->at[0], high = nums->at[1];
    size_t slot = (size_t)((low * 31 + high) % CP_FRONTIER_MEMO);
    bool two = nums->count == 2;
    if (two && s->frontiers[slot].merged != 0 && s->frontiers[slot].a == low && s->frontiers[slot].b == high) {
        *num = s->frontiers[slot].merged;
        return CP_OK;
    }
    struct cp_rows members = {0};
    enum cp_err err = join_members(s, nums, &members);
    if (err == CP_OK)
        err = cp_frontier_make(s, &members, num);
    cp_rows_clear(s, &members);
    if (err == CP_OK && two) {
        s->frontiers[slot].a = low;
        s->frontiers[slot].b = high;
        s->frontiers[slot].merged = *num;
    }
    return err;
}

enum cp_err cp_frontier_join(struct cp_store *s, const uint64_t *nums, size_t count, uint64_t *num)
{
    struct cp_rows distinct = {0};
    enum cp_err err = CP_OK;
    bool same = true;
    assert(count > 0);
    *num = nums[0];
    for (size_t i = 1; i < count; i++)
        same = same && nums[i] == nums[0];
    if (same)
        return CP_OK;
    for (size_t i = 0; i < count && err == CP_OK; i++)
        err = cp_rows_add(s, &distinct, nums[i]);
    cp_rows_sort(&distinct);
    if (err == CP_OK)
        err = join(s, &distinct, num);
    cp_rows_clear(s, &distinct);
    return err;
}

/* ---- Admission ---- */

enum cp_err cp_admission_in(struct cp_store *s, const struct cp_store_plan *plan, unsigned depth,
                            const uint8_t *device, uint64_t frontier, uint64_t *person, bool *found)
{
    struct cp_rows heads = {0};
    sqlite3_stmt *st = NULL;
    bool row = false;
    *found = false;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    uint64_t mark = 0;
    enum cp_err err = cp_frontier_members(s, frontier, &heads);
    if (err == CP_OK)
        err = cp_admission_mark(s, plan, depth, device, &mark);
    if (err == CP_OK)
        err = cp_sql_open(s, CP_SQL_ADMISSIONS, &st, "i", mark);
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
