/*
 * The derived tables all anew from the log, and their digest, which must not change by it. Owns: the order of a rebuild.
 * Must not: know what follows from an entry (store_derive.c, store_intake.c).
 */
#include "daemon/store_internal.h"

enum { REBUILD_BATCH = 4096 };

/* One row of the log, as far as the derived tables need it. */
static enum cp_err next_logged(struct cp_store *s, uint64_t after, struct cp_derive *d, struct cp_rows *preds,
                               bool *wanted, bool *found)
{
    sqlite3_stmt *st = NULL;
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_NEXT, &st, found, "i", after);
    if (err != CP_OK || !*found)
        return err;
    d->known = (struct cp_known){.row = cp_col_u64(st, 0), .chain = cp_col_u64(st, 3), .lamport = cp_col_u64(st, 5),
                                 .person = cp_col_u64(st, 6), .plan = cp_col_u64(st, 7),
                                 .class = cp_col_u64(st, 8) == CP_CONTROL ? CP_CONTROL : CP_CONTENT,
                                 .frontier = cp_col_u64(st, 10), .depth = (unsigned)cp_col_u64(st, 11)};
    uint64_t prev = cp_col_u64(st, 1);
    d->kind = cp_col_u64(st, 4);
    *wanted = cp_col_u64(st, 9) == CP_WORDS_WANTED;
    d->has_prev = prev != 0;
    preds->count = 0;
    if (d->has_prev)
        err = cp_rows_add(s, preds, prev);
    if (err == CP_OK)
        err = cp_parents_unpack(s, d->known.row, cp_col_blob(st, 2), preds);
    cp_sql_done(st);
    d->preds = preds;
    return err;
}

static enum cp_err row_known(struct cp_store *s, uint64_t plan, uint64_t row, struct cp_known *out)
{
    sqlite3_stmt *st = NULL;
    bool found;
    uint8_t id[CP_ID_LEN];
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_ID, &st, &found, "i", row);
    bool ok = err == CP_OK && found && cp_col_fixed(st, 0, id, sizeof id);
    if (err == CP_OK && found)
        cp_sql_done(st);
    if (err != CP_OK || !ok)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    err = cp_known_by_id(s, plan, id, out, &found);
    return err == CP_OK && !found ? CP_ERR_DAMAGED_STORE : err;
}

/* Words that came home when their WITHDRAW could not be read, or it could not be told whose they are. */
static enum cp_err erase_again(struct cp_intake *in, struct cp_derive *d)
{
    bool counts = false;
    enum cp_err err = cp_withdraw_counts(in, d->id, d->kind, d->known.person, &counts);
    if (err == CP_OK && counts)
        err = cp_withdraw_erase(in, &d->known);
    if (err == CP_OK && counts)
        d->words = CP_BYTES(NULL, 0);
    return err;
}

static enum cp_err derive_again(struct cp_intake *in, struct cp_derive *d, bool wanted)
{
    struct cp_known preds[CP_PARENTS_MAX + 1];
    uint8_t id[CP_ID_LEN] = {0};
    uint64_t person;
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < d->preds->count && err == CP_OK; i++)
        err = row_known(in->s, in->plan.num, d->preds->at[i], &preds[i]);
    if (err == CP_OK)
        err = cp_open_row(in->s, d->known.row, 0, id, &person, &d->frame, &d->words);
    if (err == CP_ERR_DAMAGED_STORE) { /* wanted: keeps its place in the graph, says nothing until it is here again */
        d->frame = d->words = CP_BYTES(NULL, 0);
        err = CP_OK;
        if (!wanted)
            err = cp_sql_run(in->s, CP_SQL_ENTRY_WANTED, "i", d->known.row);
        in->s->damage_seen++;
        wanted = true;
    }
    d->id = id;
    if (err == CP_OK && !wanted && d->words.len != 0)
        err = erase_again(in, d);
    if (err == CP_OK)
        err = cp_intake_derived(in, d, preds, d->preds->count);
    if (err == CP_OK && wanted)
        err = cp_sql_run(in->s, CP_SQL_TALLY_ADD, "iiii", in->plan.num, (uint64_t)0, (uint64_t)0, (uint64_t)1);
    return err;
}

static enum cp_err rebuild_all(struct cp_store *s, bool *again)
{
    struct cp_intake in = {0};
    struct cp_rows preds = {0};
    uint64_t row = 0;
    bool found = true, wanted;
    enum cp_err err = CP_OK;
    while (err == CP_OK && found) {
        struct cp_derive d = {0};
        err = next_logged(s, row, &d, &preds, &wanted, &found);
        if (err != CP_OK || !found)
            break;
        row = d.known.row;
        if (in.s == NULL || in.plan.num != d.known.plan || in.count == REBUILD_BATCH) {
            struct cp_store_plan plan;
            err = in.s == NULL ? CP_OK : cp_intake_flush(&in);
            *again = *again || in.again;
            cp_intake_clear(&in);
            if (err == CP_OK)
                err = cp_store_plan_by_num(s, d.known.plan, &plan);
            if (err == CP_OK)
                err = cp_intake_begin(&in, s, &plan, REBUILD_BATCH);
            in.rebuild = true;
            in.voids = false; /* settled when all is here */
        }
        in.depth = d.known.depth;
        if (err == CP_OK)
            err = derive_again(&in, &d, wanted);
    }
    if (err == CP_OK && in.s != NULL)
        err = cp_intake_flush(&in);
    *again = *again || in.again;
    cp_intake_clear(&in);
    cp_rows_clear(s, &preds);
    return err;
}

enum cp_err cp_store_rebuild(struct cp_store *s)
{
    bool own;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_enter(s, &own);
    if (err != CP_OK)
        return err;
    for (bool again = true; err == CP_OK && again;) { /* a second time finds nothing left to erase */
        again = false;
        err = cp_sql_exec(s, cp_schema_drop);
        if (err == CP_OK)
            err = cp_sql_exec(s, cp_schema_derived);
        if (err == CP_OK)
            err = rebuild_all(s, &again);
    }
    if (err == CP_OK)
        err = cp_void_rebuild(s);
    cp_store_forget_members(s);
    return cp_store_leave(s, own, err);
}

static enum cp_err digest_table(struct cp_store *s, const char *query, struct cp_hasher *h)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(s->db, query, -1, &st, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(st); i++)
            cp_hash_add_u64(h, cp_col_u64(st, i));
        rc = SQLITE_OK;
    }
    enum cp_err err = cp_sql_err(s, rc);
    (void)sqlite3_finalize(st);
    cp_hash_add_u64(h, UINT64_MAX);
    return err;
}

enum cp_err cp_store_derived_digest(struct cp_store *s, uint8_t digest[static CP_ID_LEN])
{
    static const char *const queries[] = {
        "SELECT target, row, left FROM touch ORDER BY 1, 2",
        "SELECT mark, row FROM dangling ORDER BY 1, 2",
        "SELECT plan, kind, lamport, row FROM listed ORDER BY 1, 2, 3, 4",
        "SELECT plan, class, row FROM head ORDER BY 1, 2, 3",
        "SELECT chain, row FROM tip ORDER BY 1, 2",
        "SELECT mark, row, person FROM admission ORDER BY 1, 2",
        "SELECT mark, row FROM withdrawal ORDER BY 1, 2",
        "SELECT row, plan FROM void ORDER BY 1",
        "SELECT plan, entries, newer, wanted FROM tally ORDER BY 1",
    };
    struct cp_hasher h;
    enum cp_err err = CP_OK;
    cp_hash_init(&h, CP_TAG_STATE_DIGEST, CP_ID_LEN);
    for (size_t i = 0; i < sizeof queries / sizeof *queries && err == CP_OK; i++)
        err = digest_table(s, queries[i], &h);
    cp_hash_end(&h, digest, CP_ID_LEN);
    return err;
}
