/*
 * Every record of a plan in one pass. Owns: the order in which records are opened, and rows that were read ahead. Must
 * not: fold records, or keep a record open beyond its visit.
 *
 * Marks of records are scattered, and so are the rows of one record: looked up one by one, each costs a search and mostly
 * a page of the file. So records are visited in the order of their first entries, some thousand rows at a time, and the
 * rows of these are read ahead in the order of the file, by one statement that walks. What is read ahead stays sealed
 * until its record's turn. It is no more than a convenience: a row that is not there is looked up.
 */
#include <stdlib.h>

#include "daemon/store_internal.h"

enum {
    AHEAD_STEPS = 32,              /* so many rows are walked over rather than searched past */
    AHEAD_RANGE = 16 * 1024 * 1024 /* from the least row to the greatest; beyond it nothing is read ahead */
};

void cp_records_init(struct cp_store *s)
{
    s->ahead.rows = 65536;
    s->ahead.bytes = 24U * 1024 * 1024;
    s->ahead.block = 256U * 1024; /* more than one row takes */
}

/* Where a record's rows stand. */
struct record {
    uint64_t first; /* row */
    size_t at, count;
};

struct pass {
    const struct cp_store_plan *plan;
    uint32_t kinds;          /* that are opened */
    struct cp_touched *rows; /* record after record */
    size_t rows_count, rows_cap;
    struct record *records;
    size_t records_count, records_cap;
    uint64_t low, high;
    uint32_t *by_row;  /* of each row from `low`: its index in `rows`, and 1. NULL: nothing is read ahead */
    size_t ahead_rows; /* s->ahead.rows, and fewer after these did not find room */
    uint8_t **blocks;  /* that hold what was read ahead */
    size_t blocks_count, blocks_cap, block, used;
    struct cp_loaded l;
};

/* ---- What there is ---- */

static int by_first(const void *pa, const void *pb)
{
    const struct record *a = pa, *b = pb;
    return a->first != b->first ? (a->first < b->first ? -1 : 1) : a->at < b->at ? -1 : a->at > b->at;
}

static enum cp_err gather_row(struct cp_store *s, struct pass *g, bool begins, uint64_t row, uint64_t left)
{
    void *rows = g->rows, *records = g->records;
    if (g->rows_count == UINT32_MAX - 1)
        return CP_ERR_TOO_BIG; /* by_row counts so far */
    enum cp_err err =
        cp_grow(&s->mem, &rows, &g->rows_cap, g->rows_count + 1, SIZE_MAX / sizeof *g->rows, sizeof *g->rows);
    g->rows = rows;
    if (err == CP_OK && begins)
        err = cp_grow(&s->mem, &records, &g->records_cap, g->records_count + 1, SIZE_MAX / sizeof *g->records,
                      sizeof *g->records);
    g->records = records;
    if (err != CP_OK)
        return err;
    if (begins)
        g->records[g->records_count++] = (struct record){.first = row, .at = g->rows_count};
    g->low = g->rows_count == 0 || row < g->low ? row : g->low;
    g->high = row > g->high ? row : g->high;
    g->records[g->records_count - 1].count++;
    g->rows[g->rows_count++] = (struct cp_touched){.row = row, .left = left};
    return CP_OK;
}

/* All touch rows with something left, record after record. */
static enum cp_err gather(struct cp_store *s, struct pass *g)
{
    sqlite3_stmt *st = NULL;
    bool row = true;
    uint64_t mark = 0;
    enum cp_err err = cp_sql_open(s, CP_SQL_ROWS_TOUCHED, &st, "");
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        uint64_t of = cp_col_u64(st, 0);
        err = gather_row(s, g, g->rows_count == 0 || of != mark, cp_col_u64(st, 1), cp_col_u64(st, 2));
        mark = of;
    }
    if (row)
        cp_sql_done(st);
    return err;
}

static struct cp_touched *touched_at(const struct pass *g, uint64_t row)
{
    uint32_t at = g->by_row == NULL || row < g->low || row > g->high ? 0 : g->by_row[row - g->low];
    return at == 0 ? NULL : &g->rows[at - 1];
}

/* Which rows are void, once and for all. */
static enum cp_err gather_void(struct cp_store *s, struct pass *g)
{
    sqlite3_stmt *st = NULL;
    bool row = true;
    enum cp_err err = cp_sql_open(s, CP_SQL_VOID_ROWS, &st, "i", g->plan->num);
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        struct cp_touched *t = err == CP_OK && row ? touched_at(g, cp_col_u64(st, 0)) : NULL;
        if (t != NULL)
            t->is_void = true;
    }
    if (row)
        cp_sql_done(st);
    return err;
}

/* The order of visits, and the way from a row to where it is needed. */
static enum cp_err put_in_order(struct cp_store *s, struct pass *g)
{
    qsort(g->records, g->records_count, sizeof *g->records, by_first);
    if (g->high - g->low >= AHEAD_RANGE)
        return CP_OK;
    g->by_row = cp_alloc_array(&s->mem, (size_t)(g->high - g->low) + 1, sizeof *g->by_row);
    if (g->by_row == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < g->records_count; i++)
        for (size_t k = 0; k < g->records[i].count; k++) {
            size_t at = g->records[i].at + k;
            g->rows[at].turn = (uint32_t)i;
            g->by_row[g->rows[at].row - g->low] = (uint32_t)at + 1;
        }
    return CP_OK;
}

/* ---- Reading ahead ---- */

/* Room among what is read ahead; NULL: there is no more of it, and nothing is lost by that. */
static void *ahead_take(struct cp_store *s, struct pass *g, size_t len)
{
    size_t want = (len + 15) / 16 * 16;
    if (want > s->ahead.block)
        return NULL;
    if (g->block == g->blocks_count || s->ahead.block - g->used < want) {
        size_t next = g->block < g->blocks_count ? g->block + 1 : g->block;
        void *blocks = g->blocks;
        if (next == g->blocks_count) {
            if (next >= s->ahead.bytes / s->ahead.block ||
                cp_grow(&s->mem, &blocks, &g->blocks_cap, next + 1, SIZE_MAX, sizeof *g->blocks) != CP_OK)
                return NULL;
            g->blocks = blocks;
            g->blocks[next] = s->mem.resize(s->mem.ctx, NULL, s->ahead.block); /* written before it is read */
            if (g->blocks[next] == NULL)
                return NULL;
            g->blocks_count++;
        }
        g->block = next;
        g->used = 0;
    }
    void *at = g->blocks[g->block] + g->used;
    g->used += want;
    return at;
}

/* Keeps the row that the statement is at, when its record wants it. False: there is no room. */
static bool ahead_keep(struct cp_store *s, struct pass *g, struct cp_touched *t, sqlite3_stmt *st)
{
    const struct cp_chain *chain = NULL;
    struct cp_stored stored;
    cp_stored_read(st, &stored);
    if (cp_chain_get(s, stored.chain, &chain) != CP_OK)
        return true;
    t->closed = chain->plan != g->plan->num || !cp_kind_among(g->kinds, stored.kind);
    if (t->closed)
        return true;
    struct cp_stored *kept = ahead_take(s, g, sizeof *kept + stored.body.len);
    if (kept == NULL)
        return false;
    *kept = stored;
    kept->is_void = t->is_void;
    kept->body.ptr = (const uint8_t *)(kept + 1);
    if (stored.body.len > 0)
        memcpy(kept + 1, stored.body.ptr, stored.body.len);
    t->stored = kept;
    return true;
}

/* Reads ahead what the records from..to-1 need. Whatever fails here is met again, and told, when the row is looked up. */
static void ahead_read(struct cp_store *s, struct pass *g, size_t from, size_t to)
{
    sqlite3_stmt *st = NULL;
    uint64_t at = 0; /* the row that st is at */
    bool row = false, room = true;
    g->block = g->used = 0;
    for (uint64_t i = 0; g->by_row != NULL && i <= g->high - g->low && room; i++) {
        struct cp_touched *t = g->by_row[i] == 0 ? NULL : &g->rows[g->by_row[i] - 1];
        if (t == NULL || t->turn < from || t->turn >= to)
            continue;
        enum cp_err err = CP_OK;
        if (!row || t->row - at > AHEAD_STEPS) {
            if (row)
                cp_sql_done(st);
            row = false;
            at = 0;
            err = cp_sql_open(s, CP_SQL_ENTRIES_FROM, &st, "i", t->row);
        }
        while (err == CP_OK && at < t->row) {
            err = cp_sql_step(s, st, &row);
            if (err != CP_OK || !row)
                return;
            at = cp_col_u64(st, 0);
        }
        if (err != CP_OK)
            return;
        if (at == t->row)
            room = ahead_keep(s, g, t, st);
    }
    if (row)
        cp_sql_done(st);
    if (!room && g->ahead_rows > 1)
        g->ahead_rows /= 2;
}

/* ---- Visiting ---- */

/* An item whose own entry is void is there while an edit of it stands. */
static bool is_there(const struct cp_loaded *l)
{
    bool edited = false, is_void = false;
    for (size_t i = 0; i < l->writes_count; i++) {
        const struct cp_write *w = &l->writes[i];
        is_void = is_void || (w->frame->kind == CP_KIND_ITEM && w->is_void);
        edited = edited || (w->frame->kind == CP_KIND_SET && !w->is_void && ~w->gone != 0);
    }
    return edited || !is_void;
}

/* Opens one record and hands it on. A record is of one plan: its mark is made with the plan's id. */
static enum cp_err visit_record(struct cp_store *s, struct pass *g, const struct record *r,
                                cp_store_record_visit *visit, void *ctx, bool *go_on)
{
    uint8_t target[CP_ID_LEN];
    bool known = false;
    uint64_t plan = 0;
    enum cp_err err = cp_loaded_fill(s, &g->l, &g->rows[r->at], r->count, g->kinds, true, &plan);
    if (err != CP_OK || plan != g->plan->num)
        return err;
    for (size_t i = 0; i < g->l.writes_count && err == CP_OK && !known; i++)
        err = cp_target_of(s, g->plan, g->l.writes[i].frame, g->l.writes[i].id, target, &known);
    if (err == CP_OK && known && is_there(&g->l))
        *go_on = visit(ctx, target, &g->l);
    return err == CP_OK && s->key == NULL && *go_on ? CP_ERR_LOCKED : err; /* the visitor locked the store */
}

static enum cp_err visit_all(struct cp_store *s, struct pass *g, cp_store_record_visit *visit, void *ctx)
{
    enum cp_err err = CP_OK;
    bool go_on = true;
    for (size_t i = 0, end = 0; i < g->records_count && err == CP_OK && go_on; i++) {
        if (i == end) {
            for (size_t rows = 0; end < g->records_count && rows < g->ahead_rows; end++)
                rows += g->records[end].count;
            ahead_read(s, g, i, end);
        }
        err = visit_record(s, g, &g->records[i], visit, ctx, &go_on);
    }
    return err;
}

static void pass_clear(struct cp_store *s, struct pass *g)
{
    for (size_t i = 0; i < g->blocks_count; i++)
        cp_free(&s->mem, g->blocks[i]);
    cp_free(&s->mem, g->blocks);
    cp_free(&s->mem, g->by_row);
    cp_free(&s->mem, g->records);
    cp_free(&s->mem, g->rows);
    cp_loaded_clear(&g->l);
}

enum cp_err cp_store_records(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], uint32_t kinds,
                             cp_store_record_visit *visit, void *ctx)
{
    struct cp_store_plan p;
    struct pass g = {.plan = &p, .ahead_rows = s->ahead.rows};
    sqlite3_stmt *still = NULL;
    bool held = false;
    g.kinds = kinds | cp_kind_bit(CP_KIND_ITEM) | cp_kind_bit(CP_KIND_SET); /* is_there */
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK) /* a statement that stays under way: all look-ups are one read of SQLite's */
        err = cp_sql_one(s, CP_SQL_HELD_STILL, &still, &held, "");
    if (err == CP_OK)
        err = gather(s, &g);
    if (err == CP_OK && g.rows_count > 0)
        err = put_in_order(s, &g);
    if (err == CP_OK && g.rows_count > 0)
        err = gather_void(s, &g);
    if (err == CP_OK)
        err = visit_all(s, &g, visit, ctx);
    if (held)
        cp_sql_done(still);
    pass_clear(s, &g);
    return err;
}
