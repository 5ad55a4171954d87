/*
 * A chunk of somebody's entries, proven by proto/chunk.h: judged by R1 and stored, all or nothing.
 * Owns: the transaction around it. Must not: verify signatures again, or take a plan that nobody awaits.
 */
#include <assert.h>

#include "daemon/store_internal.h"

struct put {
    struct cp_intake in;
    struct cp_put_result *result;
    bool control_only;
    bool repaired;
};

/* An own entry that is not held, under the incarnation in use: this database is not the only one that writes it. */
static enum cp_err meet_own(struct cp_store *s, const struct cp_header *h, const uint8_t *id, unsigned depth,
                            struct cp_put_result *result)
{
    struct cp_known known;
    sqlite3_stmt *st = NULL;
    bool own;
    if (memcmp(h->incarnation, s->home.incarnation, CP_INCARNATION_LEN) != 0)
        return CP_OK;
    if (depth > 0) { /* written in an earlier plan, where it is held */
        enum cp_err failed = cp_known_by_id(s, 0, id, &known, &own);
        if (failed != CP_OK || own)
            return failed;
    }
    enum cp_err err = cp_sql_one(s, CP_SQL_OWN_HAS, &st, &own, "b", h->device, (size_t)CP_KEY_LEN);
    if (err != CP_OK || !own)
        return err;
    cp_sql_done(st);
    result->own_unknown = true;
    return cp_store_new_incarnation(s);
}

/* Held before: a signature that we lack is kept, and damaged words come home. */
static enum cp_err put_known(struct put *p, const struct cp_known *known, const struct cp_header *h,
                             const struct cp_entry *e, const uint8_t *id)
{
    enum cp_err err = CP_OK;
    bool erased = false;
    p->result->known++;
    if (e->sig.len == CP_SIG_LEN)
        err = cp_sql_run(p->in.s, CP_SQL_SIG_ADD, "ib", known->row, e->sig.ptr, e->sig.len);
    if (err == CP_OK && known->wanted && h->words_len != 0)
        err = cp_withdraw_counts(&p->in, id, cp_frame_kind(e->frame), known->person, &erased);
    if (err == CP_OK && known->wanted && (e->words.ptr != NULL || h->words_len == 0 || erased)) {
        err = cp_intake_repair(&p->in, known, h, e, id, erased);
        p->repaired = err == CP_OK;
    }
    return err;
}

/*
 * Content of others comes once, nearly always: that it is held already is found by storing it. What must be known
 * before anything is done is looked up: an own entry that is not held, words that are left out, control.
 */
static bool look_first(const struct put *p, const struct cp_header *h, const struct cp_entry *e)
{
    return h->class == CP_CONTROL || (e->words.ptr == NULL && h->words_len != 0) ||
           memcmp(h->incarnation, p->in.s->home.incarnation, CP_INCARNATION_LEN) == 0;
}

static enum cp_err put_one(struct put *p, const struct cp_chunk *chunk, size_t i)
{
    const struct cp_header *h = &chunk->headers[i];
    const struct cp_entry *e = &chunk->entries[i];
    struct cp_known known;
    bool held = false;
    enum cp_err err = CP_OK;
    if (p->control_only || look_first(p, h, e)) {
        err = cp_intake_known(&p->in, chunk->ids[i], &known, &held);
        if (err == CP_OK && held)
            return put_known(p, &known, h, e, chunk->ids[i]);
        if (err == CP_OK && p->control_only && h->class != CP_CONTROL)
            err = CP_ERR_BAD_MESSAGE;
        if (err == CP_OK)
            err = meet_own(p->in.s, h, chunk->ids[i], chunk->depth, p->result);
    }
    if (err == CP_OK)
        err = cp_intake_entry(&p->in, h, e, chunk->ids[i], &held);
    if (err != CP_OK)
        return err;
    if (!held) {
        p->result->fresh++;
        return CP_OK;
    }
    err = cp_intake_known(&p->in, chunk->ids[i], &known, &held);
    if (err == CP_OK && !held)
        err = CP_ERR_DAMAGED_STORE;
    return err == CP_OK ? put_known(p, &known, h, e, chunk->ids[i]) : err;
}

static enum cp_err put_all(struct put *p, const struct cp_store_plan *plan, const struct cp_chunk *chunk)
{
    struct cp_store *s = p->in.s;
    enum cp_err err = cp_intake_begin(&p->in, s, plan, chunk->count);
    p->in.depth = chunk->depth;
    for (size_t i = 0; i < chunk->count && err == CP_OK; i++) {
        err = put_one(p, chunk, i);
        if (err != CP_OK)
            memcpy(p->result->bad, chunk->ids[i], CP_ID_LEN);
    }
    if (err == CP_OK)
        err = cp_intake_flush(&p->in);
    if (err == CP_OK)
        err = cp_void_settle(&p->in);
    if (err == CP_OK && (p->repaired || p->in.again)) /* a rebuild may have passed while they were away */
        err = cp_store_rebuild(s);
    p->result->control = p->in.control;
    if (p->in.members)
        cp_store_forget_members(s);
    return err;
}

enum cp_err cp_put_chunk(struct cp_store *s, const struct cp_store_plan *plan, const struct cp_chunk *chunk,
                         bool control_only, struct cp_put_result *result)
{
    struct put p = {.in = {.s = s}, .result = result, .control_only = control_only};
    enum cp_err err = put_all(&p, plan, chunk);
    cp_intake_clear(&p.in);
    return err;
}

enum cp_err cp_store_put(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], const struct cp_chunk *chunk,
                         bool control_only, struct cp_put_result *result)
{
    struct cp_store_plan row;
    *result = (struct cp_put_result){0};
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_plan_by_id(s, plan, &row);
    if (err != CP_OK)
        return err == CP_ERR_NO_PLAN ? CP_ERR_WRONG_PLAN : err;
    if (chunk->count == 0)
        return CP_OK;
    err = cp_store_begin(s);
    if (err != CP_OK)
        return err;
    err = cp_put_chunk(s, &row, chunk, control_only, result);
    err = cp_store_leave(s, true, err);
    if (err != CP_OK) {
        struct cp_put_result refused = {0};
        memcpy(refused.bad, result->bad, CP_ID_LEN);
        *result = refused;
    }
    return err;
}
