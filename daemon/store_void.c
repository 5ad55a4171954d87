/*
 * Which entries are void (design 4): their device was reported lost and they lie beyond the cut, or it does not stand.
 * Owns: the table `void`, and that what is left of the records they touch is counted anew. Must not: say what a cut
 * is or who stands (proto/member.h), or what replaces what (proto/record.h).
 *
 * Void is a state of the whole set: a REVOKE that comes late, an admission made again, or the entry that a cut names can
 * change it for entries that came long ago. So it is settled once at the end of each batch, for chains of devices that
 * were reported lost or do not stand; while a plan holds no REVOKE and no KEY nothing of this costs anything. A record
 * that holds a void write is counted whole: the step by step way holds only where none is void.
 */
#include "daemon/store_internal.h"

enum cp_err cp_void_any(struct cp_store *s, uint64_t plan, bool *yes)
{
    struct cp_store_plan p;
    enum cp_err err = cp_store_plan_by_num(s, plan, &p);
    *yes = err == CP_OK && p.line > 0; /* a continuation: who has not come yet, and strays from before */
    if (err != CP_OK || *yes)
        return err;
    return cp_sql_has(s, CP_SQL_SAID_ANY, yes, "ii", plan, (uint64_t)CP_LIST_SAID);
}

enum cp_err cp_void_has(struct cp_store *s, uint64_t row, bool *yes)
{
    return cp_sql_has(s, CP_SQL_VOID_HAS, yes, "i", row);
}

/* ---- A chain ---- */

struct place {
    uint64_t row, seq, prev, kind;
    bool within, in_cut, stray;
};
struct chain {
    uint64_t num, plan;
    unsigned depth;
    uint8_t device[CP_KEY_LEN], incarnation[CP_INCARNATION_LEN];
    enum cp_class class;
    struct place *places; /* ascending rows */
    size_t count, cap;
};

static enum cp_err chain_read(struct cp_store *s, struct chain *c)
{
    sqlite3_stmt *st = NULL;
    bool row = true;
    enum cp_err err = cp_sql_open(s, CP_SQL_CHAIN_ROWS, &st, "i", c->num);
    while (err == CP_OK && row) {
        void *array = c->places;
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        err = cp_grow(&s->mem, &array, &c->cap, c->count + 1, SIZE_MAX / 64, sizeof *c->places);
        c->places = array;
        if (err == CP_OK)
            c->places[c->count++] = (struct place){.row = cp_col_u64(st, 0),
                                                   .seq = cp_col_u64(st, 1),
                                                   .prev = cp_col_u64(st, 2),
                                                   .kind = cp_col_u64(st, 3)};
    }
    if (row)
        cp_sql_done(st);
    return err;
}

static struct place *place_at(const struct chain *c, uint64_t row)
{
    size_t from = 0, to = c->count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (c->places[mid].row < row)
            from = mid + 1;
        else
            to = mid;
    }
    return from < c->count && c->places[from].row == row ? &c->places[from] : NULL;
}

/* One row of a cut: the named tip's branch at or below it; while that tip is not held, by seq alone. */
static enum cp_err mark_tip(struct cp_store *s, struct chain *c, const struct cp_cut_tip *tip)
{
    struct cp_known held;
    bool found;
    if (tip->class != c->class || memcmp(tip->incarnation, c->incarnation, CP_INCARNATION_LEN) != 0)
        return CP_OK;
    enum cp_err err = cp_known_by_id(s, c->plan, tip->tip, &held, &found);
    if (err != CP_OK)
        return err;
    if (found && held.chain == c->num && held.seq == tip->seq) {
        for (struct place *p = place_at(c, held.row); p != NULL && !p->in_cut; p = place_at(c, p->prev))
            p->in_cut = true;
        return CP_OK;
    }
    for (size_t i = 0; i < c->count; i++)
        c->places[i].in_cut = c->places[i].in_cut || c->places[i].seq <= tip->seq;
    return CP_OK;
}

/*
 * Of several cuts an entry must lie within each. m: as of the plan where the chain was written, so a cut of depth 0 was said in
 * that plan, and the others in plans before it: these name chains of their own plans, and nothing here lies within them.
 */
static enum cp_err mark_cuts(struct cp_store *s, const struct cp_members *m, struct chain *c)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < m->cuts_count && err == CP_OK; i++) {
        struct cp_cut_walk w;
        struct cp_cut_tip tip;
        if (memcmp(m->cuts[i].device, c->device, CP_KEY_LEN) != 0)
            continue;
        for (size_t k = 0; k < c->count; k++)
            c->places[k].in_cut = false;
        cp_cut_begin(&w, &m->cuts[i].cut);
        while (err == CP_OK && m->cuts[i].depth == 0 && cp_cut_next(&w, &tip))
            err = mark_tip(s, c, &tip);
        for (size_t k = 0; k < c->count; k++)
            c->places[k].within = c->places[k].within && c->places[k].in_cut;
    }
    return err;
}

/* What is frozen counts whoever brought it. */
static bool may_be_void(uint64_t kind)
{
    return kind != CP_KIND_VERSION && kind != CP_KIND_PART && kind != CP_KIND_ANSWER;
}

/* Writes what changed for one entry; the record it touches is to be counted anew. */
static enum cp_err turn(struct cp_store *s, const struct cp_store_plan *plan, const struct place *p,
                        bool is_void, struct cp_rows *targets)
{
    struct cp_bytes frame, words;
    uint8_t id[CP_ID_LEN], target[CP_ID_LEN];
    uint64_t person;
    enum cp_err err = is_void ? cp_sql_run(s, CP_SQL_VOID_ADD, "ii", p->row, plan->num)
                              : cp_sql_run(s, CP_SQL_VOID_CUT, "i", p->row);
    if (err != CP_OK || cp_kind_class(p->kind) == CP_CONTROL)
        return err;
    err = cp_open_row(s, p->row, 1, id, &person, &frame, &words);
    if (err != CP_OK)
        return err == CP_ERR_DAMAGED_STORE ? CP_OK
                                           : err; /* says nothing now; when it is back all is made anew */
    bool touches = false;
    if (cp_frame_read(frame, words, &s->frames[1]) != CP_OK)
        return CP_OK;
    err = cp_target_of(s, plan, &s->frames[1], id, target, &touches);
    if (err != CP_OK || !touches)
        return err;
    return cp_rows_add(s, targets, cp_mark(s, plan->id, target));
}

static enum cp_err settle_chain(struct cp_store *s, const struct cp_store_plan *plan,
                                const struct cp_members *m, const struct cp_member_device *d, struct chain *c,
                                struct cp_rows *targets)
{
    enum cp_err err = chain_read(s, c);
    for (size_t i = 0; i < c->count; i++)
        c->places[i].within = d != NULL && d->stands;
    if (err == CP_OK && d != NULL && d->revoked && d->stands)
        err = mark_cuts(s, m, c);
    for (size_t i = 0; i < c->count && err == CP_OK && c->depth > 0; i++) {
        bool held = false;
        err = cp_carry_heads_hold(s, plan, c->places[i].row, &held);
        c->places[i].within = c->places[i].within && held;
        c->places[i].stray = !held;
    }
    for (size_t i = 0; i < c->count && err == CP_OK; i++) {
        const struct place *p = &c->places[i];
        bool was = false, is = !p->within && (p->stray || may_be_void(p->kind));
        err = cp_void_has(s, p->row, &was);
        if (err == CP_OK && was != is)
            err = turn(s, plan, p, is, targets);
    }
    return err;
}

/* ---- Records ---- */

static enum cp_err count_anew(struct cp_store *s, uint64_t target)
{
    struct cp_loaded l;
    sqlite3_stmt *st = NULL;
    bool here = false;
    enum cp_err err = cp_store_load_mark(s, target, &l);
    if (err != CP_OK)
        return err;
    uint64_t *left = cp_alloc_array(&s->mem, l.writes_count + 1, sizeof *left);
    err = left == NULL ? CP_ERR_NO_MEMORY : cp_record_left(&s->mem, l.writes, l.writes_count, left);
    for (size_t i = 0; i < l.writes_count && err == CP_OK; i++) {
        const struct cp_write *w = &l.writes[i];
        uint64_t now = left[i] | (w->frame->kind == CP_KIND_ITEM ? CP_LEFT_ALWAYS : 0);
        err = cp_sql_one(s, CP_SQL_TOUCH_GET, &st, &here, "ii", target, w->row);
        bool same = err == CP_OK && here && cp_col_u64(st, 0) == now;
        if (err == CP_OK && here)
            cp_sql_done(st);
        if (err == CP_OK && here && !same)
            err = cp_sql_run(s, CP_SQL_TOUCH_SET, "iii", now, target, w->row);
    }
    cp_free(&s->mem, left);
    cp_loaded_clear(&l);
    return err;
}

/* Records that a batch touched and that hold something void. */
static enum cp_err add_touched(struct cp_store *s, const struct cp_rows *touched, struct cp_rows *targets)
{
    bool some = false;
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < touched->count && err == CP_OK; i++) {
        err = cp_sql_has(s, CP_SQL_TOUCH_VOID, &some, "i", touched->at[i]);
        if (err == CP_OK && some)
            err = cp_rows_add(s, targets, touched->at[i]);
    }
    return err;
}

/* ---- A plan ---- */

static enum cp_err chains_of(struct cp_store *s, uint64_t plan, struct chain **out, size_t *count)
{
    sqlite3_stmt *st = NULL;
    void *array = NULL;
    size_t cap = 0;
    bool row = true;
    *count = 0;
    enum cp_err err = cp_sql_open(s, CP_SQL_CHAINS_OF, &st, "i", plan);
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            break;
        err = cp_grow(&s->mem, &array, &cap, *count + 1, SIZE_MAX / 256, sizeof(struct chain));
        if (err != CP_OK)
            break;
        struct chain *c = (struct chain *)array + (*count)++;
        *c = (struct chain){.num = cp_col_u64(st, 0),
                            .plan = plan,
                            .depth = (unsigned)(cp_col_u64(st, 4) & UINT32_MAX),
                            .class = cp_col_u64(st, 3) == CP_CONTROL ? CP_CONTROL : CP_CONTENT};
        if (!cp_col_fixed(st, 1, c->device, CP_KEY_LEN) ||
            !cp_col_fixed(st, 2, c->incarnation, CP_INCARNATION_LEN))
            err = CP_ERR_DAMAGED_STORE;
    }
    if (row)
        cp_sql_done(st);
    *out = array;
    return err;
}

static bool is_among(const struct cp_rows *rows, uint64_t row)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->at[i] == row)
            return true;
    return false;
}

/*
 * Is there something to look at? strays: what does not lie in the past of a continuation's heads is to be found. A device that
 * is let in may still wait for its person to follow.
 */
static enum cp_err to_look_at(struct cp_store *s, const struct chain *c, const struct cp_member_device *d, bool strays,
                              bool *look)
{
    *look = strays && c->depth > 0;
    if (*look || (d == NULL && c->depth == 0))
        return CP_OK;
    *look = d == NULL || !cp_member_speaks(d);
    return *look ? CP_OK : cp_sql_has(s, CP_SQL_VOID_CHAIN, look, "i", c->num); /* of a time when it did not stand */
}

/* chains NULL: all of them. */
static enum cp_err settle(struct cp_store *s, const struct cp_store_plan *plan, const struct cp_rows *chains,
                          bool strays, struct cp_rows *targets)
{
    const struct cp_members *m = NULL;
    struct chain *all = NULL;
    size_t count = 0;
    enum cp_err err = chains_of(s, plan->num, &all, &count);
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        bool look = chains == NULL || is_among(chains, all[i].num);
        if (!look)
            continue;
        err = cp_store_members_at(s, plan, all[i].depth, &m);
        const struct cp_member_device *d = err == CP_OK ? cp_members_find(m, all[i].device) : NULL;
        if (err == CP_OK)
            err = to_look_at(s, &all[i], d, strays, &look);
        if (err == CP_OK && look)
            err = settle_chain(s, plan, m, d, &all[i], targets);
        cp_free(&s->mem, all[i].places);
    }
    cp_free(&s->mem, all);
    return err;
}

static enum cp_err count_all(struct cp_store *s, struct cp_rows *targets)
{
    enum cp_err err = CP_OK;
    cp_rows_sort(targets);
    for (size_t i = 0; i < targets->count && err == CP_OK; i++)
        err = count_anew(s, targets->at[i]);
    return err;
}

enum cp_err cp_void_settle(struct cp_intake *in)
{
    struct cp_store *s = in->s;
    struct cp_rows targets = {0};
    if (!in->voids && !in->cuts_came)
        return CP_OK;
    if (in->control)
        cp_store_forget_members(s);
    bool strays = false, known = s->carried.bits != NULL && s->carried.plan == in->plan.num;
    struct cp_store_plan plan;
    enum cp_err err = cp_store_plan_by_id(s, in->plan.id, &plan); /* its first entry may have come in this batch */
    if (err == CP_OK && plan.line > 0 && plan.first != 0 && (in->depth > 0 || in->first_came))
        err = cp_carry_complete(s, &plan, &strays);
    if (err == CP_OK)
        err = settle(s, &plan, in->control || (strays && !known) ? NULL : &in->touched_chains, strays, &targets);
    if (err == CP_OK)
        err = add_touched(s, &in->touched, &targets);
    if (err == CP_OK)
        err = count_all(s, &targets);
    cp_rows_clear(s, &targets);
    return err;
}

enum cp_err cp_void_rebuild(struct cp_store *s)
{
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    cp_store_forget_members(s);
    enum cp_err err = cp_store_plans(s, &plans, &count);
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        struct cp_store_plan plan;
        struct cp_rows targets = {0};
        bool any = false, strays = false;
        err = cp_store_plan_by_id(s, plans[i].id, &plan);
        if (err == CP_OK)
            err = cp_void_any(s, plan.num, &any);
        if (err == CP_OK && any)
            err = cp_carry_complete(s, &plan, &strays);
        if (err == CP_OK && any)
            err = settle(s, &plan, NULL, strays, &targets);
        if (err == CP_OK && any)
            err = count_all(s, &targets);
        cp_rows_clear(s, &targets);
    }
    cp_free(&s->mem, plans);
    return err;
}
