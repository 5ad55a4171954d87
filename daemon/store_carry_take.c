/*
 * What a continuation takes over from the plan before, on this machine: in order of arrival and in whole runs, through the
 * same door as everything that comes from elsewhere.
 * Owns: which rows those are. Must not: decide whether anybody follows; whoever calls does.
 *
 * A run must end at an entry whose signature is held here. Where the heads cut a run short, its end is left to an ordinary
 * session, and whatever cites that with it.
 */
#include "daemon/store_internal.h"

/* Takes away the ends of runs that nothing here proves. *again: something went, so look once more. */
static enum cp_err cut_unproven(struct cp_store *s, struct cp_carried_past *past, bool *again)
{
    struct cp_carried_past proven = {.last = past->last};
    sqlite3_stmt *st = NULL;
    enum cp_err err = CP_OK;
    proven.bits = cp_alloc(&s->mem, (size_t)(past->last / 8 + 1));
    if (proven.bits == NULL)
        return CP_ERR_NO_MEMORY;
    for (uint64_t row = past->last; row > 0 && err == CP_OK; row--) {
        bool yes = cp_carried_past_has(&proven, row), found = false;
        if (!cp_carried_past_has(past, row))
            continue;
        if (!yes)
            err = cp_sql_has(s, CP_SQL_SIG_HAS, &yes, "i", row);
        if (err == CP_OK && !yes) {
            cp_carried_past_cut(past, row);
            *again = true;
            continue;
        }
        if (err == CP_OK)
            err = cp_sql_one(s, CP_SQL_GRAPH, &st, &found, "i", row);
        uint64_t prev = err == CP_OK && found ? cp_col_u64(st, 1) : 0;
        if (err == CP_OK && found)
            cp_sql_done(st);
        if (prev != 0 && prev < row)
            proven.bits[prev / 8] = (uint8_t)((unsigned)proven.bits[prev / 8] | 1U << prev % 8);
    }
    cp_carried_past_clear(s, &proven);
    return err;
}

/* Takes away what cites something that went. */
static enum cp_err cut_orphans(struct cp_store *s, struct cp_carried_past *past, bool *again)
{
    struct cp_rows preds = {0};
    enum cp_err err = CP_OK;
    for (uint64_t row = 1; row <= past->last && err == CP_OK; row++) {
        if (!cp_carried_past_has(past, row))
            continue;
        err = cp_carried_preds(s, row, &preds);
        for (size_t i = 0; i < preds.count && err == CP_OK; i++)
            if (cp_carried_past_has(past, row) && !cp_carried_past_has(past, preds.at[i])) {
                cp_carried_past_cut(past, row);
                *again = true;
            }
    }
    cp_rows_clear(s, &preds);
    return err;
}

/*
 * Takes away content whose words are not here and that no WITHDRAW taken over with it took back: one that came after the heads
 * says nothing to a plan that does not hold it. Such an entry comes with its words in an ordinary session, and whoever
 * follows takes them back there as well. The control entries of `plan` are here by now.
 */
static enum cp_err cut_wordless(struct cp_store *s, const struct cp_store_plan *plan, const struct cp_store_plan *old,
                                struct cp_carried_past *past, bool *again)
{
    struct cp_rows all = {0};
    sqlite3_stmt *st = NULL;
    enum cp_err err = cp_sql_open(s, CP_SQL_ROWS_CLASS, &st, "ii", old->num, (uint64_t)CP_CONTENT);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &all);
    for (size_t i = 0; i < all.count && err == CP_OK; i++) {
        struct cp_bytes frame, words;
        uint8_t id[CP_ID_LEN];
        uint64_t person = 0;
        uint64_t by = 0; /* row of the WITHDRAW */
        bool found = false;
        if (!cp_carried_past_has(past, all.at[i]))
            continue;
        err = cp_sql_one(s, CP_SQL_ENTRY_BODY, &st, &found, "i", all.at[i]);
        uint64_t state = err == CP_OK && found ? cp_col_u64(st, 3) : CP_WORDS_HERE;
        if (err == CP_OK && found)
            cp_sql_done(st);
        if (err != CP_OK || state == CP_WORDS_HERE)
            continue;
        err = cp_open_row(s, all.at[i], 1, id, &person, &frame, &words);
        if (err == CP_OK && state == CP_WORDS_ERASED)
            err = cp_withdraw_first(s, plan, id, person, &by);
        err = err == CP_ERR_DAMAGED_STORE ? CP_OK : err;
        if (err == CP_OK && by == 0) {
            cp_carried_past_cut(past, all.at[i]);
            *again = true;
        }
    }
    cp_rows_clear(s, &all);
    return err;
}

static enum cp_err cut_what_rests(struct cp_store *s, struct cp_carried_past *past)
{
    bool again = true;
    enum cp_err err = CP_OK;
    while (err == CP_OK && again && past->last != 0) {
        again = false;
        err = cut_unproven(s, past, &again);
        if (err == CP_OK && again)
            err = cut_orphans(s, past, &again);
    }
    return err;
}

/* Once its control entries are taken over. */
static enum cp_err cut_what_is_gone(struct cp_store *s, const struct cp_store_plan *plan, const struct cp_store_plan *old,
                                    struct cp_carried_past *past)
{
    bool again = false;
    enum cp_err err = cut_wordless(s, plan, old, past, &again);
    if (err == CP_OK && again)
        err = cut_orphans(s, past, &again);
    return err == CP_OK && again ? cut_what_rests(s, past) : err;
}

static enum cp_err rows_of_class(struct cp_store *s, const struct cp_store_plan *old, enum cp_class class,
                                 const struct cp_carried_past *past, struct cp_rows *out)
{
    struct cp_rows all = {0};
    sqlite3_stmt *st = NULL;
    enum cp_err err = cp_sql_open(s, CP_SQL_ROWS_CLASS, &st, "ii", old->num, (uint64_t)class);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &all);
    for (size_t i = 0; i < all.count && err == CP_OK; i++)
        if (cp_carried_past_has(past, all.at[i]))
            err = cp_rows_add(s, out, all.at[i]);
    cp_rows_clear(s, &all);
    cp_rows_sort(out);
    return err;
}

static enum cp_err take_chunk(struct cp_store *s, const struct cp_store_plan *plan, unsigned depth, struct cp_bytes full)
{
    struct cp_chunk chunk;
    struct cp_put_result result = {.fresh = 0};
    uint8_t origin[CP_ID_LEN];
    enum cp_err err = cp_line_at(s, plan, depth, origin);
    if (err == CP_OK)
        err = cp_chunk_read(&chunk, &s->mem, full, origin);
    if (err != CP_OK)
        return err;
    chunk.depth = depth;
    err = cp_put_chunk(s, plan, &chunk, false, &result);
    cp_chunk_clear(&chunk);
    return err;
}

static enum cp_err take_rows(struct cp_store *s, const struct cp_store_plan *plan, const struct cp_rows *rows)
{
    unsigned depth = 0;
    struct cp_entry_source from = s->replica.source;
    enum cp_err err = CP_OK;
    from.depth = &depth;
    for (size_t at = 0, taken = 0; at < rows->count && err == CP_OK; at += taken) {
        struct cp_buf full;
        taken = 0;
        cp_buf_init(&full, &s->mem, CP_MESSAGE_MAX);
        err = cp_chunk_build(&from, &s->mem, rows->at + at, rows->count - at, &full, &taken);
        if (err == CP_OK)
            err = take_chunk(s, plan, depth + 1, cp_buf_bytes(&full));
        cp_buf_clear(&full);
    }
    return err;
}

enum cp_err cp_store_take_over(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                               const struct cp_continuation *from)
{
    struct cp_store_plan p, old;
    struct cp_carried_past past = {.whole = false};
    bool own;
    enum cp_err err = cp_store_enter(s, &own);
    if (err != CP_OK)
        return err;
    err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_store_plan_by_id(s, cp_id_list_at(&from->plans, 0), &old);
    if (err == CP_OK)
        err = cp_carried_past(s, &old, &from->heads, &past);
    if (err == CP_OK)
        err = cut_what_rests(s, &past);
    for (unsigned class = CP_CONTROL; class <= CP_CONTENT && err == CP_OK && past.last != 0; class++) {
        struct cp_rows rows = {0};
        if (class == CP_CONTENT)
            err = cut_what_is_gone(s, &p, &old, &past);
        if (err == CP_OK)
            err = rows_of_class(s, &old, (enum cp_class)class, &past, &rows);
        if (err == CP_OK)
            err = take_rows(s, &p, &rows);
        cp_rows_clear(s, &rows);
    }
    cp_carried_past_clear(s, &past);
    return cp_store_leave(s, own, err);
}

/* ---- What is offered ---- */

void cp_store_offers(struct cp_store *s, cp_store_for_us *for_us, void *ctx)
{
    s->for_us = for_us;
    s->for_us_ctx = ctx;
}

/* The one who begins it must be known in the plan before: anybody else could have it copied here as often as they like. */
static enum cp_err begun_by_one_of_us(struct cp_store *s, const struct cp_store_plan *old, const uint8_t *device, bool *yes)
{
    const struct cp_members *members = NULL;
    enum cp_err err = cp_store_members_at(s, old, 0, &members);
    *yes = err == CP_OK && cp_members_find(members, device) != NULL;
    return err;
}

enum cp_err cp_store_offered(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                             const uint8_t device[static CP_KEY_LEN], struct cp_bytes frame, bool *take)
{
    struct cp_store_plan p;
    struct cp_control c;
    bool ours = false;
    cp_control_read(frame, &c);
    if (!c.known || c.kind != CP_KIND_FIRST || !c.continues)
        return CP_OK;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err != CP_OK && err != CP_ERR_NO_PLAN)
        return err;
    if (*take || err == CP_OK) /* waited for; or held, or begun to come */
        return *take ? cp_store_learn_line(s, plan, &c.from) : CP_OK;
    err = cp_store_plan_by_id(s, cp_id_list_at(&c.from.plans, 0), &p);
    if (err == CP_ERR_NO_PLAN)
        return CP_OK;
    if (err != CP_OK || p.first == 0 || s->for_us == NULL || !s->for_us(s->for_us_ctx, &c.from))
        return err;
    err = begun_by_one_of_us(s, &p, device, &ours);
    if (err != CP_OK || !ours)
        return err;
    err = cp_store_learn_line(s, plan, &c.from);
    if (err == CP_OK)
        err = cp_store_take_over(s, plan, &c.from);
    if (err == CP_ERR_DAMAGED_STORE) /* nothing was taken over: the other sends it all, and the meeting mends the old plan */
        err = CP_OK;
    *take = err == CP_OK;
    return err;
}
