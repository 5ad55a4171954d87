/*
 * Entries whole, as they travel: the header built again from columns, body and signature; and the scrub, which asks
 * of each whether it still hashes to its id. Must not: decide who gets what.
 */
#include <assert.h>

#include "daemon/store_internal.h"

static enum cp_err fill_preds(struct cp_store *s, uint64_t prev, const struct cp_rows *parents, struct cp_header *h)
{
    enum cp_err err = prev != 0 ? cp_id_of_row(s, prev, h->prev) : CP_OK;
    if (parents->count > CP_PARENTS_MAX)
        return CP_ERR_DAMAGED_STORE;
    for (size_t i = 0; i < parents->count && err == CP_OK; i++)
        err = cp_id_of_row(s, parents->at[i], h->parents[i]);
    h->parents_count = parents->count;
    cp_id_sort(h->parents, parents->count);
    return err;
}

/* Everything of the row but predecessors' ids: header values, body into s->out_body, signature. */
static enum cp_err read_whole(struct cp_store *s, sqlite3_stmt *st, uint64_t row, struct cp_header *h,
                              struct cp_rows *parents, struct cp_outgoing *out)
{
    h->seq = cp_col_u64(st, 1);
    h->lamport = cp_col_u64(st, 4);
    h->time_ms = cp_col_u64(st, 5);
    if (!cp_col_fixed(st, 0, out->id, CP_ID_LEN))
        return CP_ERR_DAMAGED_STORE;
    if (cp_col_fixed(st, 8, s->out_sig, CP_SIG_LEN))
        out->entry.sig = CP_BYTES(s->out_sig, CP_SIG_LEN);
    enum cp_err err = cp_parents_unpack(s, row, cp_col_blob(st, 3), parents);
    struct cp_body body = {.erased = false};
    if (err == CP_OK)
        err = cp_body_open(s, out->id, cp_col_u64(st, 6), cp_col_blob(st, 7), &s->out_body, &body);
    out->entry.frame = body.frame;
    out->entry.words = body.words;
    h->words_len = (uint32_t)body.words_len;
    if (body.erased) {
        memcpy(s->out_words_hash, body.words_hash, CP_ID_LEN);
        out->entry.words_hash = CP_BYTES(s->out_words_hash, CP_ID_LEN);
    }
    return err;
}

/* What the chain says, and the plan. */
static enum cp_err fill_chain(struct cp_store *s, uint64_t num, struct cp_header *h, struct cp_store_plan *plan,
                              unsigned *depth)
{
    const struct cp_chain *chain = NULL;
    enum cp_err err = cp_chain_get(s, num, &chain);
    if (err != CP_OK)
        return err;
    memcpy(h->device, chain->device, CP_KEY_LEN);
    memcpy(h->incarnation, chain->incarnation, CP_INCARNATION_LEN);
    h->class = chain->class;
    *depth = chain->depth;
    err = cp_store_plan_by_num(s, chain->plan, plan);
    h->rules = (uint32_t)(plan->rules & UINT32_MAX);
    return err;
}

/* Since when the words are gone. Later WITHDRAWs of the same words change nothing: whoever has the first knows all. */
static enum cp_err find_withdrawal(struct cp_store *s, const struct cp_store_plan *plan, uint64_t row,
                                   struct cp_outgoing *out)
{
    sqlite3_stmt *st = NULL;
    bool found;
    uint64_t person = 0;
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_AUTHOR, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    person = cp_col_u64(st, 0);
    cp_sql_done(st);
    err = cp_withdraw_first(s, plan, out->id, person, &out->gone_row);
    if (err != CP_OK || out->gone_row != 0)
        return err;
    err = cp_sql_one(s, CP_SQL_WITHDRAWAL_LAST, &st, &found, "i", cp_mark(s, plan->id, out->id)); /* it is damaged now */
    if (err == CP_OK && found) {
        out->gone_row = cp_col_u64(st, 0);
        cp_sql_done(st);
    }
    return err;
}

enum cp_err cp_store_whole(struct cp_store *s, uint64_t row, struct cp_outgoing *out)
{
    struct cp_header h = {0};
    struct cp_rows parents = {0};
    sqlite3_stmt *st = NULL;
    struct cp_store_plan plan = {.num = 0};
    uint8_t id[CP_ID_LEN], origin[CP_ID_LEN];
    bool found;
    memset(out, 0, sizeof *out);
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_WHOLE, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    uint64_t prev = cp_col_u64(st, 2), chain = cp_col_u64(st, 9);
    err = read_whole(s, st, row, &h, &parents, out);
    cp_sql_done(st);
    if (err == CP_OK)
        err = fill_chain(s, chain, &h, &plan, &out->depth);
    if (err == CP_OK)
        err = cp_line_at(s, &plan, out->depth, origin);
    if (err == CP_OK)
        err = fill_preds(s, prev, &parents, &h);
    cp_rows_clear(s, &parents);
    if (err != CP_OK)
        return err;
    memcpy(out->prev, h.prev, CP_ID_LEN);
    h.frame_len = (uint32_t)out->entry.frame.len;
    if (out->entry.words_hash.len != 0)
        cp_body_hash_erased(out->entry.frame, out->entry.words_hash.ptr, h.body_hash);
    else
        cp_body_hash(out->entry.frame, out->entry.words, h.body_hash);
    cp_buf_reset(&s->out_header);
    cp_header_encode(&h, &s->out_header);
    err = cp_buf_err(&s->out_header);
    if (err != CP_OK)
        return err;
    out->entry.header = cp_buf_bytes(&s->out_header);
    cp_chunk_id(origin, out->entry.header, &h, id);
    out->first = plan.first == row;
    if (memcmp(id, out->id, CP_ID_LEN) != 0)
        return CP_ERR_DAMAGED_STORE;
    cp_id_remember(s, row, id);
    return out->entry.words_hash.len != 0 ? find_withdrawal(s, &plan, row, out) : CP_OK;
}

enum cp_err cp_store_want(struct cp_store *s, uint64_t row)
{
    sqlite3_stmt *st = NULL;
    const struct cp_chain *chain = NULL;
    struct cp_stored stored;
    enum cp_err err = cp_sql_run(s, CP_SQL_ENTRY_WANTED, "i", row);
    if (err != CP_OK || sqlite3_changes(s->db) == 0)
        return err;
    err = cp_stored_get(s, row, &st, &stored);
    cp_sql_done(st);
    if (err == CP_OK)
        err = cp_chain_get(s, stored.chain, &chain);
    if (err != CP_OK)
        return err;
    s->damage_seen++;
    return cp_sql_run(s, CP_SQL_TALLY_ADD, "iiii", chain->plan, (uint64_t)0, (uint64_t)0, (uint64_t)1);
}

enum cp_err cp_store_scrub(struct cp_store *s, size_t most, size_t *damaged)
{
    struct cp_rows rows = {0};
    struct cp_outgoing whole;
    sqlite3_stmt *st = NULL;
    bool own, found;
    *damaged = 0;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_enter(s, &own);
    if (err != CP_OK)
        return err;
    err = cp_sql_one(s, CP_SQL_HOME_GET, &st, &found, "");
    uint64_t after = err == CP_OK && found ? cp_col_u64(st, 2) : 0;
    if (err == CP_OK)
        cp_sql_done(st);
    if (err == CP_OK)
        err = cp_sql_open(s, CP_SQL_SCRUB_NEXT, &st, "ii", after, (uint64_t)most);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &rows);
    for (size_t i = 0; i < rows.count && err == CP_OK; i++) {
        err = cp_store_whole(s, rows.at[i], &whole);
        if (err == CP_ERR_DAMAGED_STORE) {
            (*damaged)++;
            err = cp_store_want(s, rows.at[i]);
        }
    }
    uint64_t place = rows.count < most || rows.count == 0 ? 0 : rows.at[rows.count - 1]; /* round again */
    if (err == CP_OK)
        err = cp_sql_run(s, CP_SQL_HOME_SCRUB, "i", place);
    cp_rows_clear(s, &rows);
    return cp_store_leave(s, own, err);
}
