/*
 * Continuations: the line of plans that one goes back to, its first entry, and the past of the heads that it names.
 * Owns: the table `line`, and which entries of earlier plans belong to a continuation. Must not: copy them
 * (store_carry_take.c), or say who is in (proto/member_follow.c).
 *
 * A continuation holds what it carries on in chains of its own, each with the depth of the plan where it was written. Rule R1
 * looks at none of this: it takes what a peer sends of those plans. What does not lie in the past of the heads is void, which
 * can be told once all heads are held, and does not change from then on.
 */
#include "daemon/store_internal.h"

static enum cp_err load_line(struct cp_store *s, const struct cp_store_plan *plan)
{
    sqlite3_stmt *st = NULL;
    size_t count = 1;
    bool row = true;
    if (s->line.plan == plan->num)
        return CP_OK;
    s->line.plan = 0;
    memcpy(s->line.ids[0], plan->id, CP_ID_LEN);
    enum cp_err err = cp_sql_open(s, CP_SQL_LINE_OF, &st, "i", plan->num);
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err == CP_OK && row &&
            (count > CP_LINEAGE_MAX || !cp_col_fixed(st, 0, s->line.ids[count++], CP_ID_LEN)))
            err = CP_ERR_DAMAGED_STORE;
    }
    if (row)
        cp_sql_done(st);
    if (err == CP_OK && count != plan->line + 1)
        err = CP_ERR_DAMAGED_STORE;
    if (err == CP_OK)
        s->line.plan = plan->num;
    return err;
}

enum cp_err cp_line_of(struct cp_store *s, const struct cp_store_plan *plan, const uint8_t (**ids)[CP_ID_LEN])
{
    enum cp_err err = load_line(s, plan);
    *ids = (const uint8_t(*)[CP_ID_LEN])s->line.ids;
    return err;
}

enum cp_err cp_line_at(struct cp_store *s, const struct cp_store_plan *plan, unsigned depth,
                       uint8_t out[static CP_ID_LEN])
{
    memcpy(out, plan->id, CP_ID_LEN);
    if (depth == 0)
        return CP_OK;
    if (depth > plan->line)
        return CP_ERR_WRONG_PLAN;
    enum cp_err err = load_line(s, plan);
    if (err == CP_OK)
        memcpy(out, s->line.ids[depth], CP_ID_LEN);
    return err;
}

enum cp_err cp_line_has(struct cp_store *s, const struct cp_store_plan *plan, const uint8_t *id, bool *yes)
{
    *yes = memcmp(plan->id, id, CP_ID_LEN) == 0;
    enum cp_err err = plan->line == 0 ? CP_OK : load_line(s, plan);
    for (unsigned i = 1; i <= plan->line && err == CP_OK && !*yes; i++)
        *yes = memcmp(s->line.ids[i], id, CP_ID_LEN) == 0;
    return err;
}

enum cp_err cp_admission_mark(struct cp_store *s, const struct cp_store_plan *plan, unsigned depth,
                              const uint8_t *device, uint64_t *mark)
{
    uint8_t scope[CP_ID_LEN], origin[CP_ID_LEN];
    enum cp_err err = cp_line_at(s, plan, depth, origin);
    for (size_t i = 0; i < CP_ID_LEN; i++) /* a mark of its own for each plan of each line */
        scope[i] = depth == 0 ? plan->id[i] : (uint8_t)(plan->id[i] ^ origin[i]);
    *mark = cp_mark(s, scope, device);
    return err;
}

enum cp_err cp_store_learn_line(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                const struct cp_continuation *from)
{
    struct cp_store_plan p;
    bool own;
    enum cp_err err = cp_store_enter(s, &own);
    if (err != CP_OK)
        return err;
    err = cp_store_plan_make(s, plan, &p);
    for (size_t i = 0; i < from->plans.count && err == CP_OK && p.line == 0; i++)
        err = cp_sql_run(s, CP_SQL_LINE_ADD, "iib", p.num, (uint64_t)i + 1, cp_id_list_at(&from->plans, i),
                         (size_t)CP_ID_LEN);
    s->plan.num = 0;
    s->line.plan = 0;
    return cp_store_leave(s, own, err);
}

enum cp_err cp_store_origin(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], unsigned depth,
                            uint8_t out[static CP_ID_LEN])
{
    struct cp_store_plan p;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    return err == CP_OK ? cp_line_at(s, &p, depth, out) : err;
}

/* ---- The first entry ---- */

static enum cp_err same_line(struct cp_store *s, const struct cp_store_plan *plan, unsigned depth,
                             const struct cp_continuation *from, bool *yes)
{
    const uint8_t(*line)[CP_ID_LEN] = NULL;
    enum cp_err err = cp_line_of(s, plan, &line);
    *yes = err == CP_OK && from->plans.count == plan->line - depth;
    for (size_t i = 0; *yes && i < from->plans.count; i++)
        *yes = memcmp(cp_id_list_at(&from->plans, i), line[depth + 1 + i], CP_ID_LEN) == 0;
    return err;
}

enum cp_err cp_carry_judge_first(struct cp_intake *in, const struct cp_header *h, const struct cp_control *c,
                                 const struct cp_rows *preds, uint64_t frontier, uint64_t *person)
{
    struct cp_known first;
    uint8_t before[CP_ID_LEN];
    bool yes = false, found = false;
    enum cp_err err = same_line(in->s, &in->plan, in->depth, &c->from, &yes);
    for (size_t i = 0; yes && i < h->parents_count; i++)
        yes = cp_id_list_has(&c->from.heads, h->parents[i]);
    if (err != CP_OK || !yes || h->parents_count == 0)
        return err != CP_OK ? err : CP_ERR_NOT_ADMITTED;
    err = cp_line_at(in->s, &in->plan, in->depth + 1, before);
    if (err == CP_OK)
        err = cp_intake_known(in, before, &first, &found);
    yes = false;
    if (err == CP_OK && found)
        err = cp_graph_reaches(in->s, preds, first.row, first.lamport, &yes);
    if (err == CP_OK && yes)
        err = cp_admission_in(in->s, &in->plan, in->depth + 1, h->device, frontier, person, &yes);
    return err == CP_OK && !yes ? CP_ERR_NOT_ADMITTED : err;
}

/* ---- The past of the heads ---- */

void cp_carry_forget(struct cp_store *s)
{
    cp_free(&s->mem, s->carried.bits);
    s->carried.bits = NULL;
    s->carried.plan = s->carried.last = 0;
    s->line.plan = 0;
}

static bool has(const struct cp_carried_past *p, uint64_t row)
{
    return row <= p->last && p->bits != NULL && ((unsigned)p->bits[row / 8] >> row % 8 & 1U) != 0;
}

bool cp_carried_past_has(const struct cp_carried_past *p, uint64_t row)
{
    return has(p, row);
}

void cp_carried_past_cut(struct cp_carried_past *p, uint64_t row)
{
    p->bits[row / 8] = (uint8_t)((unsigned)p->bits[row / 8] & ~(1U << row % 8));
}

static void set(struct cp_carried_past *p, uint64_t row)
{
    p->bits[row / 8] = (uint8_t)((unsigned)p->bits[row / 8] | 1U << row % 8);
}

enum cp_err cp_carried_preds(struct cp_store *s, uint64_t row, struct cp_rows *preds)
{
    sqlite3_stmt *st = NULL;
    bool found;
    preds->count = 0;
    enum cp_err err = cp_sql_one(s, CP_SQL_GRAPH, &st, &found, "i", row);
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    uint64_t prev = cp_col_u64(st, 1);
    err = prev < row ? cp_parents_unpack(s, row, cp_col_blob(st, 2), preds) : CP_ERR_DAMAGED_STORE;
    cp_sql_done(st);
    return err == CP_OK && prev != 0 ? cp_rows_add(s, preds, prev) : err;
}

enum cp_err cp_carried_past(struct cp_store *s, const struct cp_store_plan *plan, const struct cp_id_list *heads,
                            struct cp_carried_past *out)
{
    struct cp_rows rows = {0}, preds = {0};
    struct cp_known known;
    bool found;
    enum cp_err err = CP_OK;
    *out = (struct cp_carried_past){.whole = true};
    for (size_t i = 0; i < heads->count && err == CP_OK; i++) {
        err = cp_known_by_id(s, plan->num, cp_id_list_at(heads, i), &known, &found);
        if (err == CP_OK && found)
            err = cp_rows_add(s, &rows, known.row);
        out->whole = out->whole && found;
        if (found && known.row > out->last)
            out->last = known.row;
    }
    out->bits = err == CP_OK ? cp_alloc(&s->mem, (size_t)(out->last / 8 + 1)) : NULL;
    if (err == CP_OK && out->bits == NULL)
        err = CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < rows.count && err == CP_OK; i++)
        set(out, rows.at[i]);
    for (uint64_t row = out->last; row > 0 && err == CP_OK; row--) {
        if (!has(out, row))
            continue;
        err = cp_carried_preds(s, row, &preds);
        for (size_t i = 0; i < preds.count && err == CP_OK; i++)
            set(out, preds.at[i]);
    }
    cp_rows_clear(s, &rows);
    cp_rows_clear(s, &preds);
    if (err != CP_OK)
        cp_carried_past_clear(s, out);
    return err;
}

void cp_carried_past_clear(struct cp_store *s, struct cp_carried_past *p)
{
    cp_free(&s->mem, p->bits);
    *p = (struct cp_carried_past){.whole = false};
}

enum cp_err cp_store_continued_from(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], struct cp_buf *frame,
                                    struct cp_continuation *out, bool *continues)
{
    struct cp_store_plan p;
    struct cp_bytes opened, words;
    struct cp_control c;
    uint8_t id[CP_ID_LEN];
    uint64_t person;
    *continues = false;
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_store_plan_by_id(s, plan, &p);
    if (err != CP_OK || p.line == 0 || p.first == 0)
        return err;
    err = cp_open_row(s, p.first, 1, id, &person, &opened, &words);
    if (err == CP_ERR_DAMAGED_STORE) /* being fetched again: nothing can be said until it is here */
        return CP_OK;
    if (err != CP_OK)
        return err;
    cp_buf_reset(frame);
    cp_buf_put_bytes(frame, opened);
    err = cp_buf_err(frame);
    if (err != CP_OK)
        return err;
    cp_control_read(cp_buf_bytes(frame), &c);
    *continues = c.known && c.continues;
    *out = c.from;
    return CP_OK;
}

/* Works the past out once; *known: all heads are held, so it will not change. */
static enum cp_err work_out(struct cp_store *s, const struct cp_store_plan *plan, bool *known)
{
    struct cp_continuation from;
    struct cp_carried_past past = {.whole = false};
    struct cp_buf frame;
    bool continues = false;
    *known = s->carried.bits != NULL && s->carried.plan == plan->num;
    if (*known)
        return CP_OK;
    cp_buf_init(&frame, &s->mem, CP_ENTRY_MAX);
    enum cp_err err = cp_store_continued_from(s, plan->id, &frame, &from, &continues);
    for (size_t i = 0; err == CP_OK && continues && i < from.heads.count; i++) {
        struct cp_known head;
        err = cp_known_by_id(s, plan->num, cp_id_list_at(&from.heads, i), &head, &continues);
    }
    if (err == CP_OK && continues)
        err = cp_carried_past(s, plan, &from.heads, &past);
    if (err == CP_OK && past.whole) {
        cp_free(&s->mem, s->carried.bits);
        s->carried.bits = past.bits;
        s->carried.last = past.last;
        s->carried.plan = plan->num;
        past.bits = NULL; /* transferred */
        *known = true;
    }
    cp_carried_past_clear(s, &past);
    cp_buf_clear(&frame);
    return err;
}

enum cp_err cp_carry_complete(struct cp_store *s, const struct cp_store_plan *plan, bool *yes)
{
    return work_out(s, plan, yes);
}

enum cp_err cp_carry_heads_hold(struct cp_store *s, const struct cp_store_plan *plan, uint64_t row, bool *yes)
{
    bool known = false;
    enum cp_err err = work_out(s, plan, &known);
    const struct cp_carried_past past = {.bits = s->carried.bits, .last = s->carried.last};
    *yes = err == CP_OK && (!known || has(&past, row));
    return err;
}
