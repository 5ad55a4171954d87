/*
 * Entries by their order of arrival: what came after a moment, and who wrote what before it. Owns: nothing; reads.
 * Must not: say who has seen what (holds.c does).
 */
#include "daemon/store_internal.h"

enum cp_err cp_store_last_row(struct cp_store *s, uint64_t *row)
{
    sqlite3_stmt *st = NULL;
    bool found = false;
    *row = 0;
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_LAST, &st, &found, "");
    if (err != CP_OK || !found)
        return err;
    *row = cp_col_u64(st, 0); /* NULL, where there is no entry, reads as 0 */
    cp_sql_done(st);
    return CP_OK;
}

enum cp_err cp_store_since(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], uint64_t row,
                           uint64_t **rows, size_t *count)
{
    struct cp_store_plan p;
    struct cp_rows all = {0};
    sqlite3_stmt *st = NULL;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_sql_open(s, CP_SQL_ENTRY_SINCE, &st, "ii", row, p.num);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &all);
    if (err != CP_OK)
        cp_rows_clear(s, &all);
    *rows = all.at;
    *count = all.count;
    return err;
}

enum cp_err cp_store_before(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                            const uint8_t device[static CP_KEY_LEN], uint64_t row, struct cp_store_edit *out)
{
    struct cp_store_plan p;
    sqlite3_stmt *st = NULL;
    bool found = false;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_sql_one(s, CP_SQL_ENTRY_BEFORE, &st, &found, "iib",
                         row < CP_INT_MAX ? row : (uint64_t)CP_INT_MAX, p.num, device, (size_t)CP_KEY_LEN);
    if (err != CP_OK || !found)
        return err == CP_OK ? CP_ERR_NOT_FOUND : err;
    out->row = cp_col_u64(st, 0);
    bool ok = cp_col_fixed(st, 1, out->id, sizeof out->id);
    out->time_ms = cp_col_u64(st, 2);
    cp_sql_done(st);
    return ok ? CP_OK : CP_ERR_DAMAGED_STORE;
}
