/* Plans held or waited for, and this machine's own notes. Must not: know what an entry says (of a JOIN that waits, its id). */
#include <assert.h>

#include "daemon/store_internal.h"

static enum cp_err plan_row(struct cp_store *s, sqlite3_stmt *st, struct cp_store_plan *out)
{
    out->num = cp_col_u64(st, 0);
    out->rules = cp_col_u64(st, 2);
    out->first = cp_col_u64(st, 3);
    out->line = (unsigned)(cp_col_u64(st, 4) & UINT32_MAX);
    bool ok = cp_col_fixed(st, 1, out->id, CP_ID_LEN) && out->num != 0 && out->line <= CP_LINEAGE_MAX;
    cp_sql_done(st);
    if (!ok)
        return CP_ERR_DAMAGED_STORE;
    s->plan = *out;
    return CP_OK;
}

enum cp_err cp_store_plan_by_id(struct cp_store *s, const uint8_t *id, struct cp_store_plan *out)
{
    sqlite3_stmt *st = NULL;
    bool found;
    if (s->plan.num != 0 && memcmp(s->plan.id, id, CP_ID_LEN) == 0) {
        *out = s->plan;
        return CP_OK;
    }
    enum cp_err err = cp_sql_one(s, CP_SQL_PLAN_BY_ID, &st, &found, "b", id, (size_t)CP_ID_LEN);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_NO_PLAN;
    return plan_row(s, st, out);
}

enum cp_err cp_store_plan_by_num(struct cp_store *s, uint64_t num, struct cp_store_plan *out)
{
    sqlite3_stmt *st = NULL;
    bool found;
    if (s->plan.num == num && num != 0) {
        *out = s->plan;
        return CP_OK;
    }
    enum cp_err err = cp_sql_one(s, CP_SQL_PLAN_BY_NUM, &st, &found, "i", num);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    return plan_row(s, st, out);
}

enum cp_err cp_store_plan_make(struct cp_store *s, const uint8_t *id, struct cp_store_plan *out)
{
    enum cp_err err = cp_store_plan_by_id(s, id, out);
    if (err != CP_ERR_NO_PLAN)
        return err;
    err = cp_sql_run(s, CP_SQL_PLAN_ADD, "bi", id, (size_t)CP_ID_LEN, (uint64_t)CP_RULES_VERSION);
    return err == CP_OK ? cp_store_plan_by_id(s, id, out) : err;
}

enum cp_err cp_store_plans(struct cp_store *s, struct cp_plan_row **rows, size_t *count)
{
    sqlite3_stmt *st = NULL;
    void *array = NULL;
    size_t cap = 0;
    bool row = true;
    *count = 0;
    enum cp_err err = cp_sql_open(s, CP_SQL_PLAN_EACH, &st, "");
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        err = cp_grow(&s->mem, &array, &cap, *count + 1, SIZE_MAX / sizeof(struct cp_plan_row),
                      sizeof(struct cp_plan_row));
        if (err != CP_OK)
            break;
        struct cp_plan_row *p = (struct cp_plan_row *)array + (*count)++;
        *p = (struct cp_plan_row){.awaited = cp_col_u64(st, 2) == 0, .entries = cp_col_u64(st, 3),
                                  .newer = cp_col_u64(st, 4), .wanted = cp_col_u64(st, 5), .forks = cp_col_u64(st, 6),
                                  .void_count = cp_col_u64(st, 7)};
        err = cp_col_fixed(st, 1, p->id, CP_ID_LEN) ? CP_OK : CP_ERR_DAMAGED_STORE;
    }
    if (row)
        cp_sql_done(st);
    if (err != CP_OK) {
        cp_free(&s->mem, array);
        array = NULL;
        *count = 0;
    }
    *rows = array;
    return err;
}

enum cp_err cp_store_await(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], struct cp_bytes join,
                           struct cp_bytes invitation)
{
    struct cp_store_plan p;
    struct cp_buf sealed_join, sealed_invitation;
    assert(s->in_transaction);
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    cp_buf_init(&sealed_join, &s->mem, CP_ENTRY_MAX);
    cp_buf_init(&sealed_invitation, &s->mem, CP_ENTRY_MAX);
    enum cp_err err = cp_store_plan_make(s, plan, &p);
    if (err == CP_OK && join.len == 0) {
        err = cp_sql_run(s, CP_SQL_PLAN_AWAIT, "nni", p.num);
        if (err == CP_OK) /* nothing held and nothing awaited: no plan of ours */
            err = cp_sql_run(s, CP_SQL_PLAN_FORGET, "i", p.num);
        s->plan.num = 0;
    } else if (err == CP_OK) {
        err = cp_store_seal(s, plan, CP_COLUMN_JOIN, join, &sealed_join);
        if (err == CP_OK)
            err = cp_store_seal(s, plan, CP_COLUMN_INVITATION, invitation, &sealed_invitation);
        if (err == CP_OK)
            err = cp_sql_run(s, CP_SQL_PLAN_AWAIT, "bbi", sealed_join.ptr, sealed_join.len, sealed_invitation.ptr,
                             sealed_invitation.len, p.num);
    }
    cp_buf_clear(&sealed_join);
    cp_buf_clear(&sealed_invitation);
    return err;
}

enum cp_err cp_store_awaited(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], struct cp_buf *join,
                             struct cp_buf *invitation)
{
    struct cp_store_plan p;
    sqlite3_stmt *st = NULL;
    bool found;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err != CP_OK)
        return err == CP_ERR_NO_PLAN ? CP_ERR_NOT_FOUND : err;
    err = cp_sql_one(s, CP_SQL_PLAN_AWAITED, &st, &found, "i", p.num);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_NOT_FOUND;
    if (cp_col_blob(st, 0).len == 0)
        err = CP_ERR_NOT_FOUND;
    if (err == CP_OK)
        err = cp_store_open_sealed(s, plan, CP_COLUMN_JOIN, cp_col_blob(st, 0), join);
    if (err == CP_OK)
        err = cp_store_open_sealed(s, plan, CP_COLUMN_INVITATION, cp_col_blob(st, 1), invitation);
    cp_sql_done(st);
    return err;
}

enum cp_err cp_store_waits(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], bool *yes)
{
    const struct cp_members *members = NULL;
    struct cp_buf join, invitation;
    struct cp_join j;
    uint8_t id[CP_ID_LEN];
    *yes = false;
    cp_buf_init(&join, &s->mem, CP_JOIN_MAX);
    cp_buf_init(&invitation, &s->mem, CP_TEXT_MAX);
    enum cp_err err = cp_store_awaited(s, plan, &join, &invitation);
    if (invitation.ptr != NULL)
        sodium_memzero(invitation.ptr, invitation.len); /* it has the token */
    cp_buf_clear(&invitation);
    if (err == CP_OK)
        err = cp_join_read(cp_buf_bytes(&join), &j);
    if (err == CP_OK) {
        *yes = true;
        cp_statement_id(j.text, id);
        err = cp_store_members(s, plan, &members);
    }
    for (size_t i = 0; err == CP_OK && i < members->joins_count; i++)
        *yes = *yes && memcmp(members->joins[i].join, id, CP_ID_LEN) != 0;
    cp_buf_clear(&join);
    return err == CP_ERR_NOT_FOUND || (err == CP_ERR_NO_PLAN && *yes) ? CP_OK : err;
}

/* ---- Plans that are not spoken of any more ---- */

#define HUSH "hush."

static const char *hush_key(const uint8_t *plan, char out[static sizeof HUSH + 2 * CP_ID_LEN])
{
    memcpy(out, HUSH, sizeof HUSH);
    cp_hex_encode(plan, CP_ID_LEN, out + sizeof HUSH - 1);
    return out;
}

enum cp_err cp_store_hush(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], bool yes)
{
    char key[sizeof HUSH + 2 * CP_ID_LEN];
    struct cp_store_plan p;
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_store_plan_by_id(s, plan, &p);
    return err == CP_OK ? cp_store_note_set(s, hush_key(plan, key), cp_bytes_str(yes ? "1" : "0")) : err;
}

enum cp_err cp_store_hushed(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], bool *yes)
{
    char key[sizeof HUSH + 2 * CP_ID_LEN];
    struct cp_buf note;
    *yes = false;
    cp_buf_init(&note, &s->mem, 8);
    enum cp_err err = cp_store_note_get(s, hush_key(plan, key), &note);
    if (err == CP_OK)
        *yes = note.len == 1 && note.ptr[0] == '1';
    cp_buf_clear(&note);
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

/* ---- Notes ---- */

/* A note's key is sealed too: its row and the name of its column are keyed hashes of it. */
static uint64_t note_place(const struct cp_store *s, const char *key, uint8_t name[static CP_ID_LEN])
{
    cp_mark_name(s, cp_bytes_str(key), name);
    return cp_mark(s, cp_zero_id, name);
}

enum cp_err cp_store_note_set(struct cp_store *s, const char *key, struct cp_bytes value)
{
    uint8_t name[CP_ID_LEN];
    bool own;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_enter(s, &own);
    if (err != CP_OK)
        return err;
    uint64_t mark = note_place(s, key, name);
    cp_buf_reset(&s->sealed);
    err = cp_store_seal(s, name, CP_COLUMN_NOTE, value, &s->sealed);
    if (err == CP_OK)
        err = cp_sql_run(s, CP_SQL_NOTE_SET, "ib", mark, s->sealed.ptr, s->sealed.len);
    return cp_store_leave(s, own, err);
}

enum cp_err cp_store_note_get(struct cp_store *s, const char *key, struct cp_buf *out)
{
    uint8_t name[CP_ID_LEN];
    sqlite3_stmt *st = NULL;
    bool found;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    uint64_t mark = note_place(s, key, name);
    enum cp_err err = cp_sql_one(s, CP_SQL_NOTE_GET, &st, &found, "i", mark);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_NOT_FOUND;
    err = cp_store_open_sealed(s, name, CP_COLUMN_NOTE, cp_col_blob(st, 0), out);
    cp_sql_done(st);
    return err;
}
