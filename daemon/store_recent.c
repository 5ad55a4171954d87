/*
 * What is asked again and again while entries come and go: chains by their numbers, ids by their rows.
 * Owns: these two caches; neither changes once it is committed. Must not: hold what a commit may still change.
 */
#include "daemon/store_internal.h"

enum cp_err cp_chain_get(struct cp_store *s, uint64_t num, const struct cp_chain **out)
{
    struct cp_chain *c = &s->chains[num % CP_CHAIN_CACHE];
    sqlite3_stmt *st = NULL;
    bool found;
    *out = c;
    if (c->num == num && num != 0)
        return CP_OK;
    enum cp_err err = cp_sql_one(s, CP_SQL_CHAIN_GET, &st, &found, "i", num);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    *c = (struct cp_chain){.num = num, .plan = cp_col_u64(st, 0), .person = cp_col_u64(st, 1),
                           .class = cp_col_u64(st, 4) == CP_CONTROL ? CP_CONTROL : CP_CONTENT,
                           .depth = (unsigned)(cp_col_u64(st, 5) & UINT32_MAX)};
    bool ok = cp_col_fixed(st, 2, c->device, CP_KEY_LEN) && cp_col_fixed(st, 3, c->incarnation, CP_INCARNATION_LEN);
    cp_sql_done(st);
    c->num = ok ? num : 0;
    return ok ? CP_OK : CP_ERR_DAMAGED_STORE;
}

void cp_id_remember(struct cp_store *s, uint64_t row, const uint8_t id[static CP_ID_LEN])
{
    s->ids[row % CP_ID_CACHE].row = row;
    memcpy(s->ids[row % CP_ID_CACHE].id, id, CP_ID_LEN);
}

enum cp_err cp_id_of_row(struct cp_store *s, uint64_t row, uint8_t id[static CP_ID_LEN])
{
    sqlite3_stmt *st = NULL;
    bool found;
    if (s->ids[row % CP_ID_CACHE].row == row && row != 0) {
        memcpy(id, s->ids[row % CP_ID_CACHE].id, CP_ID_LEN);
        return CP_OK;
    }
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_ID, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    err = cp_col_fixed(st, 0, id, CP_ID_LEN) ? CP_OK : CP_ERR_DAMAGED_STORE;
    cp_sql_done(st);
    if (err == CP_OK)
        cp_id_remember(s, row, id);
    return err;
}

void cp_recent_forget(struct cp_store *s)
{
    memset(s->chains, 0, sizeof s->chains);
    memset(s->ids, 0, sizeof s->ids);
}
