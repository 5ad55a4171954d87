/*
 * Every record of a plan in one pass. Owns: the order in which records are opened. Must not: fold records, or keep a
 * record open beyond its visit.
 *
 * Marks of records are scattered, rows are not: opened in the order of their first entries, records that were written
 * together are read together, and a page of the file is fetched about once.
 */
#include <stdlib.h>

#include "daemon/store_internal.h"

/* One row of `touch`, and the first row of its record. */
struct touched {
    uint64_t first;
    uint64_t mark;
    uint64_t row;
    uint64_t left;
};

struct pass {
    struct touched *at;
    size_t count, cap;
    struct cp_rows rows, lefts; /* of the record at hand */
    uint32_t kinds;             /* that are opened */
    struct cp_loaded l;
};

static int by_mark(const void *pa, const void *pb)
{
    const struct touched *a = pa, *b = pb;
    return a->mark != b->mark ? (a->mark < b->mark ? -1 : 1) : a->row < b->row ? -1 : a->row > b->row;
}

static int by_first(const void *pa, const void *pb)
{
    const struct touched *a = pa, *b = pb;
    return a->first != b->first ? (a->first < b->first ? -1 : 1) : by_mark(pa, pb);
}

/* All touch rows with something left, record after record, the records in the order of their first rows. */
static enum cp_err gather(struct cp_store *s, struct pass *g)
{
    sqlite3_stmt *st = NULL;
    bool row = true;
    enum cp_err err = cp_sql_open(s, CP_SQL_ROWS_TOUCHED, &st, "");
    while (err == CP_OK && row) {
        void *array = g->at;
        err = cp_sql_step(s, st, &row);
        if (err == CP_OK && row)
            err = cp_grow(&s->mem, &array, &g->cap, g->count + 1, SIZE_MAX / sizeof *g->at, sizeof *g->at);
        if (err != CP_OK || !row)
            break;
        g->at = array;
        g->at[g->count++] =
            (struct touched){.mark = cp_col_u64(st, 0), .row = cp_col_u64(st, 1), .left = cp_col_u64(st, 2)};
    }
    if (row)
        cp_sql_done(st);
    if (err != CP_OK || g->count == 0)
        return err;
    qsort(g->at, g->count, sizeof *g->at, by_mark);
    for (size_t i = 0; i < g->count; i++)
        g->at[i].first = i > 0 && g->at[i].mark == g->at[i - 1].mark ? g->at[i - 1].first : g->at[i].row;
    qsort(g->at, g->count, sizeof *g->at, by_first);
    return CP_OK;
}

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
static enum cp_err visit_record(struct cp_store *s, const struct cp_store_plan *p, struct pass *g,
                                cp_store_record_visit *visit, void *ctx, bool *go_on)
{
    uint8_t target[CP_ID_LEN];
    bool known = false;
    uint64_t plan = 0;
    enum cp_err err = cp_loaded_fill(s, &g->l, g->rows.at, g->lefts.at, g->rows.count, g->kinds, true, &plan);
    if (err != CP_OK || plan != p->num)
        return err;
    for (size_t i = 0; i < g->l.writes_count && err == CP_OK && !known; i++)
        err = cp_target_of(s, p, g->l.writes[i].frame, g->l.writes[i].id, target, &known);
    if (err == CP_OK && known && is_there(&g->l))
        *go_on = visit(ctx, target, &g->l);
    return err == CP_OK && s->key == NULL && *go_on ? CP_ERR_LOCKED : err; /* the visitor locked the store */
}

static enum cp_err visit_all(struct cp_store *s, const struct cp_store_plan *p, struct pass *g,
                             cp_store_record_visit *visit, void *ctx)
{
    enum cp_err err = CP_OK;
    bool go_on = true;
    for (size_t i = 0, end; i < g->count && err == CP_OK && go_on; i = end) {
        g->rows.count = g->lefts.count = 0;
        for (end = i; end < g->count && g->at[end].mark == g->at[i].mark && err == CP_OK; end++) {
            err = cp_rows_add(s, &g->rows, g->at[end].row);
            if (err == CP_OK)
                err = cp_rows_add(s, &g->lefts, g->at[end].left);
        }
        if (err == CP_OK)
            err = visit_record(s, p, g, visit, ctx, &go_on);
    }
    return err;
}

enum cp_err cp_store_records(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], uint32_t kinds,
                             cp_store_record_visit *visit, void *ctx)
{
    struct cp_store_plan p;
    struct pass g = {.kinds = kinds | cp_kind_bit(CP_KIND_ITEM) | cp_kind_bit(CP_KIND_SET)}; /* is_there */
    sqlite3_stmt *still = NULL;
    bool held = false;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK) /* a statement that stays under way: all look-ups are one read of SQLite's */
        err = cp_sql_one(s, CP_SQL_HELD_STILL, &still, &held, "");
    if (err == CP_OK)
        err = gather(s, &g);
    if (err == CP_OK)
        err = visit_all(s, &p, &g, visit, ctx);
    if (held)
        cp_sql_done(still);
    cp_loaded_clear(&g.l);
    cp_rows_clear(s, &g.rows);
    cp_rows_clear(s, &g.lefts);
    cp_free(&s->mem, g.at);
    return err;
}
