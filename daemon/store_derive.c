/*
 * What follows from an entry, row by row: touch, dangling, listed, admission.
 * Owns: the derived tables but for heads, tips and counts (store_intake.c). Must not: decide what replaces what
 * (proto/record.h) or whether a JOIN verifies (proto/member.h).
 *
 * Order of arrival does not matter: a replacement of a write that is not held is kept in `dangling` under the mark
 * of the missing id, and takes effect when that write comes.
 */
#include <assert.h>

#include "daemon/store_internal.h"

/* frame = [kind, references, replaced, subkind, ...]; 0 when it is not that. */
static uint64_t frame_subkind(struct cp_bytes frame)
{
    struct cp_cursor c;
    cp_cursor_init(&c, frame, CP_ITEMS_MAX);
    (void)cp_get_array(&c, 4, 0xffff);
    (void)cp_get_uint(&c, UINT32_MAX);
    uint64_t refs = cp_get_array(&c, 0, CP_REFS_MAX);
    for (uint64_t i = 0; i < refs; i++)
        (void)cp_get_fixed_ref(&c, CP_ID_LEN);
    (void)cp_get_uint(&c, CP_REFS_MAX);
    uint64_t subkind = cp_get_uint(&c, UINT16_MAX);
    return c.err == CP_OK ? subkind : 0;
}

bool cp_derive_target(const struct cp_frame *f, const uint8_t *plan, const uint8_t *id, uint8_t out[static CP_ID_LEN])
{
    const uint8_t *target = NULL;
    if (f->kind == CP_KIND_PLAN)
        target = plan;
    else if (f->kind == CP_KIND_ITEM)
        target = id;
    else if (f->has_target)
        target = cp_frame_target(f);
    if (target != NULL)
        memcpy(out, target, CP_ID_LEN);
    return target != NULL;
}

enum cp_err cp_target_of(struct cp_store *s, const struct cp_store_plan *plan, const struct cp_frame *f, const uint8_t *id,
                         uint8_t out[static CP_ID_LEN], bool *touches)
{
    bool before = false;
    enum cp_err err = CP_OK;
    *touches = cp_derive_target(f, plan->id, id, out);
    if (*touches && plan->line > 0)
        err = cp_line_has(s, plan, out, &before);
    if (before) /* said of the plan while it was an earlier one */
        memcpy(out, plan->id, CP_ID_LEN);
    return err;
}

static bool can_replace(uint64_t kind)
{
    return kind == CP_KIND_PLAN || kind == CP_KIND_ITEM || kind == CP_KIND_SET || kind == CP_KIND_PERSON ||
           kind == CP_KIND_VIEW;
}

/* A side of "by takes from of": its frame, who wrote it. */
struct side {
    const struct cp_frame *frame;
    const uint8_t *id;
    uint64_t person;
    bool mute; /* a person's fields written by somebody else: without effect */
};

static uint64_t takes(const struct side *by, const struct side *of)
{
    bool own = by->frame->kind == CP_KIND_VIEW || by->frame->kind == CP_KIND_PERSON;
    if (by->mute || of->mute || (own && by->person != of->person))
        return 0;
    return cp_record_takes(by->frame, of->frame, of->id);
}

static enum cp_err judge_mute(struct cp_store *s, struct side *side)
{
    uint8_t person[CP_ID_LEN];
    side->mute = false;
    if (side->frame->kind != CP_KIND_PERSON)
        return CP_OK;
    enum cp_err err = cp_person_of(s, side->person, person);
    side->mute = memcmp(person, cp_frame_target(side->frame), CP_ID_LEN) != 0;
    return err;
}

/* Opens a held entry into scratch slot 1. *ok false: its body is damaged or newer; then it neither takes nor loses. */
static enum cp_err open_side(struct cp_store *s, uint64_t row, uint8_t id[static CP_ID_LEN], struct side *side, bool *ok)
{
    struct cp_bytes frame, words;
    enum cp_err err = cp_open_row(s, row, 1, id, &side->person, &frame, &words);
    *ok = false;
    if (err == CP_ERR_DAMAGED_STORE)
        return CP_OK;
    if (err != CP_OK)
        return err;
    if (cp_frame_read(frame, CP_BYTES(NULL, 0), &s->frames[1]) != CP_OK)
        return CP_OK;
    side->frame = &s->frames[1];
    side->id = id;
    *ok = true;
    return judge_mute(s, side);
}

static enum cp_err same_target(struct cp_store *s, const struct cp_store_plan *plan, const struct side *a,
                               const struct side *b, bool *same)
{
    uint8_t ta[CP_ID_LEN], tb[CP_ID_LEN];
    bool a_touches = false, b_touches = false;
    enum cp_err err = cp_target_of(s, plan, a->frame, a->id, ta, &a_touches);
    if (err == CP_OK)
        err = cp_target_of(s, plan, b->frame, b->id, tb, &b_touches);
    *same = err == CP_OK && a_touches && b_touches && memcmp(ta, tb, CP_ID_LEN) == 0;
    return err;
}

/* ---- Arrival of a write ---- */

/* Entries that came earlier and replace this one: their effect now, and the end of their waiting. */
static enum cp_err apply_waiting(struct cp_intake *in, const struct side *of, uint64_t mark, uint64_t *left)
{
    struct cp_store *s = in->s;
    struct cp_rows waiting = {0};
    sqlite3_stmt *st = NULL;
    if (!in->dangling)
        return CP_OK;
    enum cp_err err = cp_sql_open(s, CP_SQL_DANGLING_GET, &st, "i", mark);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &waiting);
    for (size_t i = 0; i < waiting.count && err == CP_OK && of->frame != NULL; i++) {
        struct side by;
        uint8_t id[CP_ID_LEN];
        bool ok, same = false;
        err = open_side(s, waiting.at[i], id, &by, &ok);
        if (err == CP_OK && ok)
            err = same_target(s, &in->plan, &by, of, &same);
        if (same)
            *left &= ~takes(&by, of);
    }
    if (err == CP_OK && waiting.count > 0)
        err = cp_sql_run(s, CP_SQL_DANGLING_CUT, "i", mark);
    cp_rows_clear(s, &waiting);
    return err;
}

/* A write of the same batch, which is in memory: nothing is opened. */
static enum cp_err batch_side(struct cp_store *s, const struct cp_batch_entry *e, struct side *side, bool *ok)
{
    *ok = cp_frame_read(e->frame, CP_BYTES(NULL, 0), &s->frames[1]) == CP_OK;
    *side = (struct side){.frame = &s->frames[1], .id = e->id, .person = e->known.person};
    return *ok ? judge_mute(s, side) : CP_OK;
}

/* It is not held: it waits. */
static enum cp_err wait_for(struct cp_intake *in, const struct cp_derive *d, const uint8_t *ref)
{
    in->dangling = true;
    return cp_sql_run(in->s, CP_SQL_DANGLING_ADD, "ii", cp_mark(in->s, in->plan.id, ref), d->known.row);
}

/* From a write of the same batch, whose row of `touch` is not written yet. */
static enum cp_err take_in_batch(struct cp_store *s, struct cp_batch_entry *e, const struct side *by, uint64_t target)
{
    struct side of;
    uint8_t id[CP_ID_LEN];
    bool ok = false;
    if (!e->touches || e->target != target || (e->left & ~CP_LEFT_ALWAYS) == 0)
        return CP_OK; /* another record: counts for nothing */
    enum cp_err err = e->frame.ptr != NULL ? batch_side(s, e, &of, &ok) : open_side(s, e->known.row, id, &of, &ok);
    if (err == CP_OK && ok)
        e->left &= ~(takes(by, &of) & ~CP_LEFT_ALWAYS);
    return err;
}

/* What CP_SQL_TOUCH_OF gave of the write `ref`, opened into scratch slot 1. */
static enum cp_err read_side(struct cp_store *s, sqlite3_stmt *st, const uint8_t *ref, const struct cp_chain *chain,
                             struct side *side, bool *ok)
{
    struct cp_body body;
    uint64_t author = cp_col_u64(st, 2);
    enum cp_err err = cp_body_open(s, ref, cp_col_u64(st, 3), cp_col_blob(st, 4), &s->body[1], &body);
    *ok = false;
    if (err == CP_ERR_DAMAGED_STORE)
        return CP_OK;
    if (err != CP_OK || cp_frame_read(body.frame, CP_BYTES(NULL, 0), &s->frames[1]) != CP_OK)
        return err;
    *side = (struct side){.frame = &s->frames[1], .id = ref, .person = author != 0 ? author : chain->person};
    *ok = true;
    return judge_mute(s, side);
}

/* From a write that was held before; one look at the tables for what is known of it, what is left, and its body. */
static enum cp_err take_from_held(struct cp_intake *in, const struct cp_derive *d, const struct side *by, uint64_t target,
                                  const uint8_t *ref)
{
    struct cp_store *s = in->s;
    const struct cp_chain *chain = NULL;
    sqlite3_stmt *st = NULL;
    struct side of;
    bool more = true, ours = false, ok = false;
    enum cp_err err = cp_sql_open(s, CP_SQL_TOUCH_OF, &st, "ib", target, ref, (size_t)CP_ID_LEN);
    while (err == CP_OK && !ours) { /* a row for each plan that holds it */
        err = cp_sql_step(s, st, &more);
        if (err == CP_OK && !more)
            return wait_for(in, d, ref);
        if (err == CP_OK)
            err = cp_chain_get(s, cp_col_u64(st, 1), &chain);
        ours = err == CP_OK && chain->plan == in->plan.num;
    }
    uint64_t row = ours ? cp_col_u64(st, 0) : 0, left = ours ? cp_col_u64(st, 5) : 0; /* NULL, of another record, is 0 */
    if (ours && (left & ~CP_LEFT_ALWAYS) != 0)
        err = read_side(s, st, ref, chain, &of, &ok);
    cp_sql_done(st);
    uint64_t taken = err == CP_OK && ok ? takes(by, &of) & left & ~CP_LEFT_ALWAYS : 0;
    return taken == 0 ? err : cp_sql_run(s, CP_SQL_TOUCH_SET, "iii", left & ~taken, target, row);
}

/* One reference of the new write: takes from it when it is held, waits for it when it is not. */
static enum cp_err apply_one(struct cp_intake *in, const struct cp_derive *d, const struct side *by, uint64_t target,
                             const uint8_t *ref)
{
    struct cp_batch_entry *e = cp_intake_by_id(in, ref);
    if (e == NULL && in->rebuild) { /* it holds what had not come yet */
        struct cp_known of;
        bool found;
        enum cp_err err = cp_intake_known(in, ref, &of, &found);
        if (err != CP_OK)
            return err;
        if (!found || of.row > d->known.row)
            return wait_for(in, d, ref);
        e = cp_intake_in_batch(in, of.row);
    }
    return e != NULL ? take_in_batch(in->s, e, by, target) : take_from_held(in, d, by, target, ref);
}

/* Does op number `from` or a later one of the frame remove from reference r? Replaced ones are looked at anyway. */
static bool removes_from(const struct cp_frame *f, size_t r)
{
    for (size_t i = 0; i < f->ops_count; i++)
        if (f->ops[i].how == CP_HOW_REMOVE && f->ops[i].ref == r)
            return true;
    return false;
}

static enum cp_err apply_refs(struct cp_intake *in, const struct cp_derive *d, const struct side *by, uint64_t target)
{
    size_t first = by->frame->has_target ? 1 : 0;
    enum cp_err err = CP_OK;
    if (by->mute || !can_replace(by->frame->kind))
        return CP_OK;
    for (size_t r = 0; r < by->frame->refs_count && err == CP_OK; r++)
        if ((r >= first && r < first + by->frame->replaced) || removes_from(by->frame, r))
            err = apply_one(in, d, by, target, cp_frame_ref(by->frame, r));
    return err;
}

static enum cp_err derive_content(struct cp_intake *in, const struct cp_derive *d)
{
    struct cp_store *s = in->s;
    struct side self = {.id = d->id, .person = d->known.person};
    uint8_t target_id[CP_ID_LEN];
    uint64_t left = 0, target = 0;
    bool touches = false;
    enum cp_err err = CP_OK;
    if (cp_frame_read(d->frame, d->words, &s->frames[0]) == CP_OK) {
        self.frame = &s->frames[0];
        err = cp_target_of(s, &in->plan, self.frame, d->id, target_id, &touches);
        if (err == CP_OK)
            err = judge_mute(s, &self);
    } else if (d->frame.len != 0) {
        in->tally_newer++;
    }
    if (touches && !self.mute)
        left = cp_record_starts(self.frame) | (self.frame->kind == CP_KIND_ITEM ? CP_LEFT_ALWAYS : 0);
    if (err == CP_OK && in->dangling)
        err = apply_waiting(in, &self, cp_mark(s, in->plan.id, d->id), &left);
    if (err != CP_OK || !touches)
        return err;
    target = cp_mark(s, in->plan.id, target_id);
    if (in->voids)
        err = cp_rows_add(s, &in->touched, target);
    struct cp_batch_entry *e = cp_intake_in_batch(in, d->known.row);
    assert(e != NULL); /* cp_intake_derived put it there */
    e->touches = true;
    e->target = target;
    e->left = left;
    return err == CP_OK ? apply_refs(in, d, &self, target) : err;
}

/* ---- Admissions ---- */

/* Rows of one statement with their lamport numbers, in its order. */
static enum cp_err rows_lamports(struct cp_store *s, sqlite3_stmt *st, struct cp_rows *rows, struct cp_rows *lamports)
{
    bool row = true;
    enum cp_err err = CP_OK;
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err == CP_OK && row)
            err = cp_rows_add(s, rows, cp_col_u64(st, 0));
        if (err == CP_OK && row)
            err = cp_rows_add(s, lamports, cp_col_u64(st, 1));
    }
    if (row)
        cp_sql_done(st);
    return err;
}

/* Is this control entry what the JOIN needs in its ADMIT's past? Of a damaged one nothing can be said. */
typedef bool backs_join(const struct cp_control *c, const struct cp_join *j, bool in_line);

static bool is_first_admission(const struct cp_control *c, const struct cp_join *j, bool in_line)
{
    (void)in_line;
    return (c->kind == CP_KIND_ADMIT || c->kind == CP_KIND_FIRST) && cp_join_is_of(j, &c->join);
}

static bool names_key(const struct cp_control *c, const struct cp_join *j, bool in_line)
{
    const struct cp_statement *st = &c->key.statement;
    return c->kind == CP_KIND_KEY && in_line &&
           memcmp(st->person, j->person, CP_ID_LEN) == 0 && memcmp(st->key, j->recovery_key, CP_KEY_LEN) == 0 &&
           memcmp(c->key.key, j->identity_key, CP_KEY_LEN) == 0;
}

static enum cp_err past_backs(struct cp_intake *in, const struct cp_derive *d, const struct cp_join *j, sqlite3_stmt *st,
                              backs_join *backs, bool *yes)
{
    struct cp_store *s = in->s;
    struct cp_rows rows = {0}, lamports = {0};
    enum cp_err err = rows_lamports(s, st, &rows, &lamports);
    *yes = false;
    for (size_t i = 0; i < rows.count && err == CP_OK && !*yes; i++) {
        struct cp_bytes frame, words;
        struct cp_control control;
        uint8_t id[CP_ID_LEN];
        uint64_t person;
        err = cp_graph_reaches(s, d->preds, rows.at[i], lamports.at[i], yes);
        if (err != CP_OK || !*yes)
            continue;
        err = cp_open_row(s, rows.at[i], 1, id, &person, &frame, &words);
        *yes = false;
        if (err == CP_ERR_DAMAGED_STORE) {
            err = CP_OK;
            continue;
        }
        if (err != CP_OK)
            break;
        cp_control_read(frame, &control);
        bool in_line = false;
        if (control.known && control.kind == CP_KIND_KEY)
            err = cp_line_has(s, &in->plan, control.key.statement.plan, &in_line);
        *yes = err == CP_OK && control.known && backs(&control, j, in_line);
    }
    cp_rows_clear(s, &rows);
    cp_rows_clear(s, &lamports);
    return err;
}

/* A further device, or one after a loss, is somebody's only where that somebody was admitted in the ADMIT's own past, under
 * the same sheet; and by a key that they did not begin with only where a KEY in that past names it. */
static enum cp_err was_admitted(struct cp_intake *in, const struct cp_derive *d, const struct cp_join *j, bool *yes)
{
    sqlite3_stmt *st = NULL;
    uint64_t person;
    *yes = false;
    enum cp_err err = cp_person_num(in->s, j->person, &person);
    if (err == CP_OK)
        err = cp_sql_open(in->s, CP_SQL_ADMISSIONS_OF, &st, "ii", person, in->plan.num);
    if (err == CP_OK)
        err = past_backs(in, d, j, st, is_first_admission, yes);
    if (err != CP_OK || !*yes || j->how != CP_JOIN_DEVICE || !cp_join_new_key(j))
        return err;
    err = cp_sql_open(in->s, CP_SQL_SAID_ROWS, &st, "ii", in->plan.num, (uint64_t)CP_LIST_SAID);
    return err == CP_OK ? past_backs(in, d, j, st, names_key, yes) : err;
}

/* The JOIN of an earlier plan's founder: its first entry lies in the past and holds the same. */
static enum cp_err founder_counts(struct cp_intake *in, const struct cp_derive *d, const struct cp_known *first,
                                  const struct cp_control *admit, const struct cp_control *founded, bool *counts)
{
    uint8_t origin[CP_ID_LEN];
    enum cp_err err = cp_line_at(in->s, &in->plan, first->depth, origin);
    *counts = err == CP_OK && first->depth > d->known.depth && memcmp(admit->invite, origin, CP_ID_LEN) == 0 &&
              !founded->continues && cp_bytes_eq(founded->join.text, admit->join.text) &&
              cp_join_ok(&admit->join, cp_zero_id, cp_zero_id, NULL, true);
    return err;
}

/* The INVITE lies in the ADMIT's own past and the JOIN verifies against it; in a continuation also an earlier plan's. */
static enum cp_err admit_counts(struct cp_intake *in, const struct cp_derive *d, const struct cp_control *admit,
                                bool *counts)
{
    struct cp_store *s = in->s;
    struct cp_known invite;
    struct cp_control invited;
    struct cp_bytes frame, words;
    uint8_t id[CP_ID_LEN], origin[CP_ID_LEN];
    uint64_t person;
    bool found, reached = false;
    *counts = false;
    enum cp_err err = cp_intake_known(in, admit->invite, &invite, &found);
    if (err != CP_OK || !found || invite.class != CP_CONTROL)
        return err;
    err = cp_graph_reaches(s, d->preds, invite.row, invite.lamport, &reached);
    if (err == CP_OK)
        err = cp_line_at(s, &in->plan, invite.depth, origin);
    if (err != CP_OK || !reached)
        return err;
    err = cp_open_row(s, invite.row, 1, id, &person, &frame, &words);
    if (err != CP_OK)
        return err == CP_ERR_DAMAGED_STORE ? CP_OK : err;
    cp_control_read(frame, &invited);
    if (invited.known && invited.kind == CP_KIND_FIRST)
        return founder_counts(in, d, &invite, admit, &invited, counts);
    *counts = invited.known && invited.kind == CP_KIND_INVITE && invite.depth >= d->known.depth &&
              cp_join_under(&admit->join, origin, admit->invite, invited.token_key,
                            invited.for_person ? invited.person : NULL);
    return *counts && admit->join.how != CP_JOIN_NEW ? was_admitted(in, d, &admit->join, counts) : CP_OK;
}

/* A REVOKE or KEY whose signature is good: what it comes to is folded with all others (store_members.c). */
static enum cp_err derive_said(struct cp_intake *in, const struct cp_derive *d, const struct cp_control *c)
{
    bool key = c->kind == CP_KIND_KEY;
    if (!cp_statement_sig_ok(key ? &c->key.statement : &c->revoke.statement))
        return CP_OK;
    in->cuts_came = true;
    enum cp_err err = cp_sql_run(in->s, CP_SQL_LISTED_ADD, "iiii", in->plan.num, (uint64_t)CP_LIST_SAID,
                                 d->known.lamport, d->known.row);
    return err == CP_OK && key ? cp_withdraw_key_came(in, c->key.statement.person) : err;
}

static enum cp_err derive_control(struct cp_intake *in, const struct cp_derive *d)
{
    struct cp_control control;
    uint8_t origin[CP_ID_LEN];
    uint64_t person = d->known.person, mark = 0;
    enum cp_err err = cp_line_at(in->s, &in->plan, d->known.depth, origin);
    bool counts = err == CP_OK && memcmp(d->id, origin, CP_ID_LEN) == 0;
    if (err != CP_OK)
        return err;
    cp_control_read(d->frame, &control);
    if (control.known && control.kind == CP_KIND_WITHDRAW)
        return cp_withdraw_arrives(in, d, &control.withdraw);
    if (control.known && (control.kind == CP_KIND_REVOKE || control.kind == CP_KIND_KEY))
        return derive_said(in, d, &control);
    if (!control.known || (control.kind != CP_KIND_ADMIT && !counts))
        return CP_OK;
    if (!counts) {
        err = admit_counts(in, d, &control, &counts);
        if (err == CP_OK && counts)
            err = cp_person_num(in->s, control.join.person, &person);
    }
    if (err != CP_OK || !counts)
        return err;
    const uint8_t *device = control.join.device_key;
    const struct cp_chain *chain = NULL;
    if (control.kind == CP_KIND_FIRST && control.continues) { /* it has no JOIN: its author */
        err = cp_chain_get(in->s, d->known.chain, &chain);
        device = err == CP_OK ? chain->device : NULL;
    }
    if (err == CP_OK)
        err = cp_admission_mark(in->s, &in->plan, d->known.depth, device, &mark);
    if (err == CP_OK)
        err = cp_sql_run(in->s, CP_SQL_ADMISSION_ADD, "iii", mark, d->known.row, person);
    return err == CP_OK && !control.continues && cp_join_new_key(&control.join) ? cp_withdraw_key_came(in, control.join.person) : err;
}

enum cp_err cp_derive_entry(struct cp_intake *in, const struct cp_derive *d)
{
    enum cp_err err = CP_OK;
    if (d->kind != CP_KIND_SET)
        err = cp_sql_run(in->s, CP_SQL_LISTED_ADD, "iiii", in->plan.num, d->kind, d->known.lamport, d->known.row);
    if (err != CP_OK)
        return err;
    if (d->kind == CP_KIND_ITEM &&
        frame_subkind(d->frame) == CP_RECORD_SOMEONE) /* found by name all the time */
        err = cp_sql_run(in->s, CP_SQL_LISTED_ADD, "iiii", in->plan.num, (uint64_t)CP_LIST_SOMEONE,
                         d->known.lamport, d->known.row);
    if (err != CP_OK)
        return err;
    return d->known.class == CP_CONTROL ? derive_control(in, d) : derive_content(in, d);
}
