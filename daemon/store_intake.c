/*
 * Intake: one entry at a time into the log and its derived rows, in batches whose heads, tips and counts are
 * written once at the end. Owns: rule R1's part that needs what is held. Must not: open transactions or judge
 * signatures (proto/chunk.h proved them, or the keeper just made them).
 */
#include <assert.h>
#include <stddef.h>

#include "daemon/store_internal.h"

/* ---- The batch ---- */

/* What judging one entry gathers. One for the whole batch: it is large, and most of it is never looked at. */
struct cp_judged {
    size_t count;
    bool is_first;
    uint64_t frontier; /* of its past; 0: it has none */
    uint64_t chain, chain_person, person;
    bool erased; /* its words were withdrawn before they came, or they are left out for that reason */
    struct cp_known preds[CP_PARENTS_MAX + 1]; /* `count` of each, from here on */
    struct cp_pred checked[CP_PARENTS_MAX + 1];
    const uint8_t *ids[CP_PARENTS_MAX + 1];
    uint64_t frontiers[CP_PARENTS_MAX + 1];
};

enum cp_err cp_intake_begin(struct cp_intake *in, struct cp_store *s, const struct cp_store_plan *plan, size_t max)
{
    sqlite3_stmt *st = NULL;
    bool found;
    memset(in, 0, sizeof *in);
    in->s = s;
    in->plan = *plan;
    in->max = max;
    enum cp_err err = cp_sql_one(s, CP_SQL_ENTRY_LAST, &st, &found, "");
    if (err != CP_OK)
        return err;
    in->next_row = (found ? cp_col_u64(st, 0) : 0) + 1;
    cp_sql_done(st);
    if (in->next_row == 0 || in->next_row > CP_INT_MAX - max)
        return CP_ERR_DAMAGED_STORE;
    err = cp_sql_one(s, CP_SQL_DANGLING_ANY, &st, &in->dangling, "");
    if (err != CP_OK)
        return err;
    cp_sql_done(st);
    err = cp_sql_one(s, CP_SQL_WITHDRAWAL_ANY, &st, &in->withdrawals, "");
    if (err != CP_OK)
        return err;
    cp_sql_done(st);
    err = cp_void_any(s, plan->num, &in->voids);
    if (err != CP_OK)
        return err;
    in->by_id_mask = 1;
    while (in->by_id_mask < max * 2)
        in->by_id_mask = in->by_id_mask * 2 + 1;
    in->entries = cp_alloc_array(&s->mem, max, sizeof *in->entries);
    in->by_id = cp_alloc_array(&s->mem, in->by_id_mask + 1, sizeof *in->by_id);
    in->judged = cp_alloc(&s->mem, sizeof *in->judged);
    return in->entries == NULL || in->by_id == NULL || in->judged == NULL ? CP_ERR_NO_MEMORY : CP_OK;
}

void cp_intake_clear(struct cp_intake *in)
{
    if (in->s == NULL)
        return;
    cp_free(&in->s->mem, in->entries);
    cp_free(&in->s->mem, in->by_id);
    cp_free(&in->s->mem, in->judged);
    cp_rows_clear(in->s, &in->preds);
    cp_rows_clear(in->s, &in->touched);
    cp_rows_clear(in->s, &in->touched_chains);
    *in = (struct cp_intake){0};
}

static size_t id_slot(const struct cp_intake *in, const uint8_t *id)
{
    uint32_t start;
    memcpy(&start, id, sizeof start); /* ids are hashes already */
    size_t i = start & in->by_id_mask;
    while (in->by_id[i] != 0 && memcmp(in->entries[in->by_id[i] - 1].id, id, CP_ID_LEN) != 0)
        i = (i + 1) & in->by_id_mask;
    return i;
}

struct cp_batch_entry *cp_intake_in_batch(struct cp_intake *in, uint64_t row)
{
    size_t low = 0, high = in->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (in->entries[middle].known.row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low < in->count && in->entries[low].known.row == row ? &in->entries[low] : NULL;
}

struct cp_batch_entry *cp_intake_by_id(struct cp_intake *in, const uint8_t *id)
{
    uint32_t at = in->by_id[id_slot(in, id)];
    return at == 0 ? NULL : &in->entries[at - 1];
}

enum cp_err cp_known_by_id(struct cp_store *s, uint64_t plan, const uint8_t id[static CP_ID_LEN], struct cp_known *out,
                           bool *found)
{
    sqlite3_stmt *st = NULL;
    const struct cp_chain *chain = NULL;
    bool row = true;
    *found = false;
    enum cp_err err = cp_sql_open(s, CP_SQL_ENTRY_KNOWN, &st, "b", id, (size_t)CP_ID_LEN);
    while (err == CP_OK && !*found) { /* a row for each plan that holds it */
        err = cp_sql_step(s, st, &row);
        if (err != CP_OK || !row)
            return err;
        *out = (struct cp_known){.row = cp_col_u64(st, 0), .chain = cp_col_u64(st, 1), .seq = cp_col_u64(st, 2),
                                 .lamport = cp_col_u64(st, 3), .frontier = cp_col_u64(st, 4),
                                 .person = cp_col_u64(st, 5), .wanted = cp_col_u64(st, 6) == CP_WORDS_WANTED};
        err = cp_chain_get(s, out->chain, &chain);
        *found = err == CP_OK && (chain->plan == plan || plan == 0);
    }
    cp_sql_done(st);
    if (err != CP_OK)
        return err;
    out->person = out->person != 0 ? out->person : chain->person; /* NULL: the chain's */
    out->class = chain->class;
    out->plan = chain->plan;
    out->depth = chain->depth;
    return CP_OK;
}

enum cp_err cp_intake_known(struct cp_intake *in, const uint8_t *id, struct cp_known *out, bool *found)
{
    const struct cp_batch_entry *e = cp_intake_by_id(in, id);
    *found = e != NULL;
    if (e != NULL) {
        *out = e->known;
        return CP_OK;
    }
    enum cp_err err = cp_known_by_id(in->s, in->plan.num, id, out, found);
    return err;
}

/* The new entry covers its predecessors: those of its class are heads no more, the one before is no tip. */
static enum cp_err cover(struct cp_intake *in, const struct cp_known *by, const struct cp_known *pred, bool is_prev)
{
    struct cp_batch_entry *e = cp_intake_in_batch(in, pred->row);
    enum cp_err err = CP_OK;
    if (e != NULL) {
        e->cited = e->cited || pred->class == by->class;
        e->continued = e->continued || is_prev;
        return CP_OK;
    }
    if (pred->class == by->class)
        err = cp_sql_run(in->s, CP_SQL_HEAD_CUT, "iii", in->plan.num, (uint64_t)by->class, pred->row);
    if (err == CP_OK && is_prev)
        err = cp_sql_run(in->s, CP_SQL_TIP_CUT, "ii", by->chain, pred->row);
    return err;
}

static void batch_add(struct cp_intake *in, const struct cp_derive *d)
{
    const struct cp_known *known = &d->known;
    assert(in->count < in->max);
    in->entries[in->count] = (struct cp_batch_entry){.known = *known, .id = d->id};
    if (!in->rebuild) {
        in->entries[in->count].frame = d->frame;
        in->by_id[id_slot(in, d->id)] = (uint32_t)(in->count + 1);
    }
    in->count++;
    in->tally_entries++;
    in->control = in->control || known->class == CP_CONTROL;
}

static int by_target(const void *a, const void *b)
{
    const struct cp_batch_entry *x = *(const struct cp_batch_entry *const *)a, *y = *(const struct cp_batch_entry *const *)b;
    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    return (x->known.row > y->known.row) - (x->known.row < y->known.row);
}

/* In the order of the table: its pages are then written one after the other. */
static enum cp_err flush_touch(struct cp_intake *in)
{
    const struct cp_batch_entry **list = cp_alloc_array(&in->s->mem, in->count, sizeof *list);
    size_t count = 0;
    enum cp_err err = list == NULL && in->count > 0 ? CP_ERR_NO_MEMORY : CP_OK;
    for (size_t i = 0; i < in->count && err == CP_OK; i++)
        if (in->entries[i].touches)
            list[count++] = &in->entries[i];
    if (count > 1)
        qsort(list, count, sizeof *list, by_target);
    for (size_t i = 0; i < count && err == CP_OK; i++)
        err = cp_sql_run(in->s, CP_SQL_TOUCH_ADD, "iii", list[i]->target, list[i]->known.row, list[i]->left);
    cp_free(&in->s->mem, list);
    return err;
}

enum cp_err cp_intake_flush(struct cp_intake *in)
{
    enum cp_err err = flush_touch(in);
    for (size_t i = 0; i < in->count && err == CP_OK; i++) {
        const struct cp_batch_entry *e = &in->entries[i];
        if (!e->cited)
            err = cp_sql_run(in->s, CP_SQL_HEAD_ADD, "iii", e->known.plan, (uint64_t)e->known.class, e->known.row);
        if (err == CP_OK && !e->continued)
            err = cp_sql_run(in->s, CP_SQL_TIP_ADD, "ii", e->known.chain, e->known.row);
    }
    if (err == CP_OK && in->tally_entries > 0)
        err = cp_sql_run(in->s, CP_SQL_TALLY_ADD, "iiii", in->plan.num, in->tally_entries, in->tally_newer, (uint64_t)0);
    in->count = 0;
    in->tally_entries = in->tally_newer = 0;
    memset(in->by_id, 0, (in->by_id_mask + 1) * sizeof *in->by_id);
    return err;
}

/* Invitations and secrets alone say nothing of who is a member: an ADMIT does, and it comes after its INVITE. Where
 * there is a cut, each control entry may be what it names. */
static bool tells_members(const struct cp_intake *in, const struct cp_derive *d)
{
    return d->known.class == CP_CONTROL && (in->voids || (d->kind != CP_KIND_INVITE && d->kind != CP_KIND_UNINVITE &&
                                                          d->kind != CP_KIND_SECRET));
}

enum cp_err cp_intake_derived(struct cp_intake *in, const struct cp_derive *d, const struct cp_known *preds,
                              size_t preds_count)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < preds_count && err == CP_OK; i++)
        err = cover(in, &d->known, &preds[i], i == 0 && d->has_prev);
    if (err != CP_OK)
        return err;
    batch_add(in, d);
    err = cp_derive_entry(in, d);
    if (err == CP_OK && in->voids)
        err = cp_rows_add(in->s, &in->touched_chains, d->known.chain);
    in->members = in->members || tells_members(in, d);
    return err;
}

/* ---- Chains ---- */

/* The chain of a header, made when it is new; then `person` must be known. */
static enum cp_err find_chain(struct cp_intake *in, const struct cp_header *h, uint64_t *num, uint64_t *person)
{
    size_t slot = (h->device[0] ^ h->incarnation[0] ^ (unsigned)h->class) % CP_BATCH_CHAINS;
    sqlite3_stmt *st = NULL;
    bool found;
    if (in->chains[slot].num != 0 && in->chains[slot].class == h->class &&
        in->chains[slot].depth == in->depth &&
        memcmp(in->chains[slot].device, h->device, CP_KEY_LEN) == 0 &&
        memcmp(in->chains[slot].incarnation, h->incarnation, CP_INCARNATION_LEN) == 0) {
        *num = in->chains[slot].num;
        *person = in->chains[slot].person;
        return CP_OK;
    }
    enum cp_err err = cp_sql_one(in->s, CP_SQL_CHAIN_FIND, &st, &found, "ibbii", in->plan.num, h->device,
                                 (size_t)CP_KEY_LEN, h->incarnation, (size_t)CP_INCARNATION_LEN, (uint64_t)h->class,
                                 (uint64_t)in->depth);
    *num = 0;
    if (err != CP_OK || !found)
        return err;
    *num = cp_col_u64(st, 0);
    *person = cp_col_u64(st, 1);
    cp_sql_done(st);
    in->chains[slot].num = *num;
    in->chains[slot].person = *person;
    in->chains[slot].class = h->class;
    in->chains[slot].depth = in->depth;
    memcpy(in->chains[slot].device, h->device, CP_KEY_LEN);
    memcpy(in->chains[slot].incarnation, h->incarnation, CP_INCARNATION_LEN);
    return CP_OK;
}

/* ---- Rule R1 ---- */

static struct cp_judged *judge_anew(struct cp_intake *in)
{
    memset(in->judged, 0, offsetof(struct cp_judged, preds));
    return in->judged;
}

static enum cp_err judge_preds(struct cp_intake *in, const struct cp_header *h, struct cp_judged *j)
{
    bool found;
    j->count = 0;
    if (h->seq > 1)
        j->ids[j->count++] = h->prev;
    for (size_t i = 0; i < h->parents_count; i++)
        j->ids[j->count++] = h->parents[i];
    for (size_t i = 0; i < j->count; i++) {
        enum cp_err err = cp_intake_known(in, j->ids[i], &j->preds[i], &found);
        if (err != CP_OK || !found)
            return err != CP_OK ? err : CP_ERR_MISSING_PARENT;
        j->checked[i] = (struct cp_pred){.id = j->ids[i], .class = j->preds[i].class, .lamport = j->preds[i].lamport,
                                         .same_chain = j->chain != 0 && j->preds[i].chain == j->chain,
                                         .seq = j->preds[i].seq};
        j->frontiers[i] = j->preds[i].frontier;
    }
    enum cp_err err = cp_entry_check_preds(h, j->checked, j->count);
    if (err == CP_OK && j->count > 0)
        err = cp_frontier_join(in->s, j->frontiers, j->count, &j->frontier);
    return err;
}

/* A plan's first entry: its JOIN verifies as the founder's and names the author's device; or it carries on another. */
static enum cp_err judge_first(struct cp_intake *in, const struct cp_header *h, const struct cp_entry *e,
                               struct cp_judged *j)
{
    struct cp_control control;
    if (in->plan.first != 0 && in->depth == 0)
        return CP_ERR_NOT_ADMITTED;
    cp_control_read(e->frame, &control);
    if (!control.known || control.kind != CP_KIND_FIRST)
        return CP_ERR_NOT_ADMITTED;
    if (control.continues) {
        struct cp_rows preds = {0};
        enum cp_err err = CP_OK;
        for (size_t i = 0; i < j->count && err == CP_OK; i++)
            err = cp_rows_add(in->s, &preds, j->preds[i].row);
        if (err == CP_OK)
            err = cp_carry_judge_first(in, h, &control, &preds, j->frontier, &j->person);
        cp_rows_clear(in->s, &preds);
        return err;
    }
    if (h->parents_count != 0 || in->depth != in->plan.line ||
        !cp_join_ok(&control.join, cp_zero_id, cp_zero_id, NULL, true) ||
        memcmp(control.join.device_key, h->device, CP_KEY_LEN) != 0)
        return CP_ERR_NOT_ADMITTED;
    return cp_person_num(in->s, control.join.person, &j->person);
}

static enum cp_err judge(struct cp_intake *in, const struct cp_header *h, const struct cp_entry *e, const uint8_t *id,
                         struct cp_judged *j)
{
    bool admitted = false;
    uint8_t origin[CP_ID_LEN];
    enum cp_err err = cp_line_at(in->s, &in->plan, in->depth, origin);
    if (err == CP_OK)
        err = find_chain(in, h, &j->chain, &j->chain_person);
    if (err == CP_OK)
        err = judge_preds(in, h, j);
    if (err != CP_OK)
        return err;
    if (memcmp(id, origin, CP_ID_LEN) == 0) {
        j->is_first = in->depth == 0;
        return judge_first(in, h, e, j);
    }
    if (h->seq > 1) {
        j->person = j->preds[0].person;
        return CP_OK;
    }
    if (j->count == 0)
        return CP_ERR_NOT_ADMITTED;
    err = cp_admission_in(in->s, &in->plan, in->depth, h->device, j->frontier, &j->person, &admitted);
    return err != CP_OK || admitted ? err : CP_ERR_NOT_ADMITTED;
}

/* Words may be left out only where a WITHDRAW that is held counts for them; where one does they are not kept. */
static enum cp_err judge_words(struct cp_intake *in, const struct cp_header *h, const struct cp_entry *e,
                               const uint8_t *id, struct cp_judged *j)
{
    enum cp_err err = CP_OK;
    if (h->words_len != 0)
        err = cp_withdraw_counts(in, id, cp_frame_kind(e->frame), j->person, &j->erased);
    if (err == CP_OK && h->words_len != 0 && e->words.ptr == NULL && !j->erased)
        err = CP_ERR_WORDS_MISSING;
    return err;
}

/* ---- Storing ---- */

static enum cp_err settle_chain(struct cp_intake *in, const struct cp_header *h, struct cp_judged *j)
{
    if (j->chain != 0)
        return CP_OK;
    j->chain_person = j->person;
    enum cp_err err = cp_sql_run(in->s, CP_SQL_CHAIN_ADD, "ibbiii", in->plan.num, h->device, (size_t)CP_KEY_LEN,
                                 h->incarnation, (size_t)CP_INCARNATION_LEN, (uint64_t)h->class, j->person,
                                 (uint64_t)in->depth);
    j->chain = (uint64_t)sqlite3_last_insert_rowid(in->s->db);
    return err;
}

/* A control entry is the greatest of its own past; a content entry's is what its predecessors share. */
static enum cp_err settle_frontier(struct cp_intake *in, const struct cp_header *h, uint64_t row, struct cp_judged *j)
{
    struct cp_rows self = {.at = &row, .count = 1};
    return h->class == CP_CONTROL ? cp_frontier_make(in->s, &self, &j->frontier) : CP_OK;
}

static enum cp_err pack_preds(struct cp_intake *in, const struct cp_header *h, const struct cp_judged *j, uint64_t row,
                              uint64_t *prev, struct cp_buf *parents)
{
    uint64_t rows[CP_PARENTS_MAX];
    size_t first_parent = h->seq > 1 ? 1 : 0;
    *prev = first_parent == 1 ? j->preds[0].row : 0;
    for (size_t i = first_parent; i < j->count; i++)
        rows[i - first_parent] = j->preds[i].row;
    return cp_parents_pack(in->s, row, rows, j->count - first_parent, parents);
}

static enum cp_err insert(struct cp_intake *in, const struct cp_header *h, const struct cp_entry *e, const uint8_t *id,
                          const struct cp_judged *j, uint64_t row, bool *held)
{
    struct cp_store *s = in->s;
    struct cp_body body = cp_body_of(h, e, j->erased);
    uint64_t prev = 0;
    sqlite3_stmt *st = NULL;
    bool more;
    cp_buf_reset(&s->parents);
    cp_buf_reset(&s->sealed);
    enum cp_err err = pack_preds(in, h, j, row, &prev, &s->parents);
    if (err == CP_OK)
        err = cp_body_seal(s, id, &body, &s->sealed);
    if (err == CP_OK)
        err = cp_sql_open(s, CP_SQL_ENTRY_ADD, &st, "ibiiibiiiinib", row, id, (size_t)CP_ID_LEN, j->chain, h->seq, prev,
                          s->parents.ptr, s->parents.len, h->lamport, h->time_ms, j->frontier, cp_frame_kind(e->frame),
                          (uint64_t)(j->erased ? CP_WORDS_ERASED : CP_WORDS_HERE), s->sealed.ptr, s->sealed.len);
    if (err == CP_OK && j->person != j->chain_person)
        err = cp_sql_err(s, sqlite3_bind_int64(st, 11, (sqlite3_int64)j->person));
    if (err == CP_OK)
        err = cp_sql_step(s, st, &more);
    else
        cp_sql_done(st);
    *held = err == CP_OK && sqlite3_changes(s->db) == 0;
    if (err == CP_OK && !*held)
        cp_id_remember(s, row, id);
    if (err == CP_OK && !*held && e->sig.len == CP_SIG_LEN)
        err = cp_sql_run(s, CP_SQL_SIG_ADD, "ib", row, e->sig.ptr, e->sig.len);
    return err;
}

enum cp_err cp_intake_entry(struct cp_intake *in, const struct cp_header *h, const struct cp_entry *e,
                            const uint8_t *id, bool *held)
{
    struct cp_judged *j = judge_anew(in);
    uint64_t row = in->next_row;
    *held = false;
    enum cp_err err = judge(in, h, e, id, j);
    if (err == CP_OK)
        err = judge_words(in, h, e, id, j);
    if (err == CP_OK)
        err = settle_chain(in, h, j);
    if (err == CP_OK)
        err = settle_frontier(in, h, row, j);
    if (err == CP_OK)
        err = insert(in, h, e, id, j, row, held);
    if (err != CP_OK || *held)
        return err;
    if (j->is_first) {
        in->plan.first = row;
        if (in->s->plan.num == in->plan.num)
            in->s->plan.first = row;
        in->first_came = true;
        err = cp_sql_run(in->s, CP_SQL_PLAN_FIRST, "ii", row, in->plan.num);
    }
    in->preds.count = 0;
    for (size_t i = 0; i < j->count && err == CP_OK; i++)
        err = cp_rows_add(in->s, &in->preds, j->preds[i].row);
    if (err == CP_OK) {
        in->next_row++;
        struct cp_derive d = {.id = id, .kind = cp_frame_kind(e->frame), .frame = e->frame,
                              .words = j->erased ? CP_BYTES(NULL, 0) : e->words, .preds = &in->preds, .has_prev = h->seq > 1,
                              .known = {.row = row, .chain = j->chain, .seq = h->seq, .lamport = h->lamport,
                                        .frontier = j->frontier, .person = j->person, .plan = in->plan.num,
                                        .class = h->class, .depth = in->depth}};
        err = cp_intake_derived(in, &d, j->preds, j->count);
    }
    return err;
}

enum cp_err cp_intake_repair(struct cp_intake *in, const struct cp_known *held, const struct cp_header *h,
                             const struct cp_entry *e, const uint8_t *id, bool erased)
{
    struct cp_store *s = in->s;
    struct cp_judged *j = judge_anew(in);
    struct cp_body body = cp_body_of(h, e, erased);
    uint64_t prev = 0;
    cp_buf_reset(&s->parents);
    cp_buf_reset(&s->sealed);
    enum cp_err err = find_chain(in, h, &j->chain, &j->chain_person);
    if (err == CP_OK)
        err = judge_preds(in, h, j);
    for (size_t i = 0; err == CP_OK && i < j->count; i++)
        err = j->preds[i].row < held->row ? CP_OK : CP_ERR_DAMAGED_STORE;
    if (err == CP_OK && j->chain == 0)
        err = CP_ERR_DAMAGED_STORE;
    if (err == CP_OK)
        err = pack_preds(in, h, j, held->row, &prev, &s->parents);
    if (err == CP_OK)
        err = cp_body_seal(s, id, &body, &s->sealed);
    if (err == CP_OK)
        err = cp_sql_run(s, CP_SQL_ENTRY_REPAIR, "iiibiiiibi", j->chain, h->seq, prev, s->parents.ptr, s->parents.len,
                         h->lamport, h->time_ms, cp_frame_kind(e->frame),
                         (uint64_t)(erased ? CP_WORDS_ERASED : CP_WORDS_HERE), s->sealed.ptr, s->sealed.len,
                         held->row);
    if (err == CP_OK)
        err = cp_sql_run(s, CP_SQL_TALLY_FIXED, "i", in->plan.num);
    s->damage_seen++;
    cp_past_forget(s);
    return err;
}
