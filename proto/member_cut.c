/*
 * What REVOKEs come to, and what is cut by them and by KEYs (design 5). Pure.
 * Owns: these rules. Must not: say which KEYs count (member_key.c) or who stands (member_fold.c).
 *
 * A REVOKE counts by the recovery key, by the identity key in force, or by a replaced one where every KEY that replaced it
 * lists it; its device must have been admitted as one of that person's. One made in the place of earlier ones ends their
 * effect, but what the recovery key made (a KEY's cuts too) only the recovery key replaces. Of those left an entry must
 * lie within each.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/member_internal.h"

/* ---- Order ---- */

static int by_entry_id(const void *a, const void *b)
{
    return memcmp((*(const struct cp_control_entry *const *)a)->id,
                  (*(const struct cp_control_entry *const *)b)->id, CP_ID_LEN);
}

static int by_carried(const void *a, const void *b)
{
    const struct cp_fold_carrier *x = a, *y = b;
    int order = memcmp(x->statement, y->statement, CP_ID_LEN);
    return order != 0 ? order : memcmp(x->entry->id, y->entry->id, CP_ID_LEN);
}

static int by_cut(const void *a, const void *b)
{
    const struct cp_member_cut *x = a, *y = b;
    int order = memcmp(x->device, y->device, CP_KEY_LEN);
    return order != 0 ? order : memcmp(x->statement, y->statement, CP_ID_LEN);
}

/* ---- Statements that count ---- */

enum cp_err cp_fold_carry(struct cp_fold *f, const uint8_t *statement, const struct cp_control_entry *entry)
{
    void *array = f->carriers;
    enum cp_err err =
        cp_grow(f->mem, &array, &f->carriers_cap, f->carriers_count + 1, SIZE_MAX, sizeof *f->carriers);
    f->carriers = array;
    if (err != CP_OK)
        return err;
    struct cp_fold_carrier *c = &f->carriers[f->carriers_count++];
    c->entry = entry;
    memcpy(c->statement, statement, CP_ID_LEN);
    return CP_OK;
}

/* ---- REVOKEs ---- */

/* One that counts, before it is known whether another was made in its place. */
struct revocation {
    uint8_t id[CP_ID_LEN];
    struct cp_revoke revoke;
};
struct revocations {
    struct revocation *list;
    size_t count, cap;
};

static bool is_device_of(const struct cp_fold *f, const uint8_t *device, const uint8_t *person)
{
    for (size_t i = 0; i < f->admissions_count; i++)
        if (memcmp(f->admissions[i].join.device_key, device, CP_KEY_LEN) == 0 &&
            memcmp(f->admissions[i].join.person, person, CP_ID_LEN) == 0)
            return true;
    return false;
}

static enum cp_err take_revoke(struct cp_fold *f, struct cp_members *m, const struct cp_control_entry *e,
                               struct revocations *all)
{
    struct cp_control c;
    uint8_t id[CP_ID_LEN];
    void *array = all->list;
    if (cp_frame_kind(e->frame) != CP_KIND_REVOKE)
        return CP_OK;
    cp_control_read(e->frame, &c);
    const struct cp_statement *st = &c.revoke.statement;
    if (!c.known || !cp_fold_names_plan(f, e, st) || !is_device_of(f, c.revoke.device, st->person))
        return CP_OK;
    cp_statement_id(st->text, id);
    bool counts =
        st->by == CP_BY_RECOVERY ? cp_fold_by_recovery(f, st) : cp_members_says(m, st->person, st->key, id);
    if (!counts || !(e->judged || cp_statement_sig_ok(st)))
        return CP_OK;
    enum cp_err err = cp_fold_carry(f, id, e);
    for (size_t i = 0; err == CP_OK && i < all->count; i++)
        if (memcmp(all->list[i].id, id, CP_ID_LEN) == 0)
            return CP_OK;
    if (err == CP_OK)
        err = cp_grow(f->mem, &array, &all->cap, all->count + 1, SIZE_MAX, sizeof *all->list);
    all->list = array;
    if (err != CP_OK)
        return err;
    all->list[all->count].revoke = c.revoke;
    memcpy(all->list[all->count++].id, id, CP_ID_LEN);
    return CP_OK;
}

/* Was another made in the place of what this statement says of this device? */
static bool is_overtaken(const struct revocations *all, const struct cp_member_cut *cut)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct cp_revoke *r = &all->list[i].revoke;
        if (memcmp(r->device, cut->device, CP_KEY_LEN) == 0 &&
            memcmp(r->statement.person, cut->person, CP_ID_LEN) == 0 &&
            (r->statement.by == CP_BY_RECOVERY || !cut->by_recovery) &&
            cp_id_list_has(&r->earlier, cut->statement))
            return true;
    }
    return false;
}

static enum cp_err add_cut(struct cp_fold *f, struct cp_members *m, const struct revocations *all,
                           const struct cp_member_cut *cut)
{
    void *array = m->cuts;
    if (is_overtaken(all, cut))
        return CP_OK;
    enum cp_err err = cp_grow(f->mem, &array, &m->cuts_cap, m->cuts_count + 1, SIZE_MAX, sizeof *m->cuts);
    m->cuts = array;
    if (err == CP_OK)
        m->cuts[m->cuts_count++] = *cut;
    return err;
}

static struct cp_member_cut cut_by(const struct cp_fold *f, const struct cp_statement *st, const uint8_t *id,
                                   const uint8_t *device, const struct cp_cut *rows)
{
    struct cp_member_cut cut = {.by_recovery = st->by == CP_BY_RECOVERY, .cut = *rows};
    memcpy(cut.device, device, CP_KEY_LEN);
    memcpy(cut.person, st->person, CP_ID_LEN);
    memcpy(cut.statement, id, CP_ID_LEN);
    while (cut.depth + 1 < f->plans_count && memcmp(f->plans[cut.depth], st->plan, CP_ID_LEN) != 0)
        cut.depth++;
    return cut;
}

static enum cp_err make_cuts(struct cp_fold *f, struct cp_members *m, const struct revocations *all)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < all->count && err == CP_OK; i++) {
        const struct cp_revoke *r = &all->list[i].revoke;
        struct cp_member_cut cut = cut_by(f, &r->statement, all->list[i].id, r->device, &r->cut);
        err = add_cut(f, m, all, &cut);
    }
    for (size_t i = 0; i < m->changes_count; i++)
        for (size_t k = 0; k < m->changes[i].key.cuts_count && err == CP_OK; k++) {
            const uint8_t *device;
            struct cp_cut rows;
            cp_key_cut(&m->changes[i].key, k, &device, &rows);
            if (!is_device_of(f, device, m->changes[i].key.statement.person))
                continue; /* nobody's but theirs is theirs to cut */
            struct cp_member_cut cut =
                cut_by(f, &m->changes[i].key.statement, m->changes[i].statement, device, &rows);
            err = add_cut(f, m, all, &cut);
        }
    if (m->cuts_count > 1)
        qsort(m->cuts, m->cuts_count, sizeof *m->cuts, by_cut);
    return err;
}

static enum cp_err index_entries(struct cp_fold *f)
{
    f->by_id = cp_alloc_array(f->mem, f->entries_count, sizeof *f->by_id);
    if (f->by_id == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < f->entries_count; i++)
        f->by_id[i] = &f->entries[i];
    if (f->entries_count > 1)
        qsort(f->by_id, f->entries_count, sizeof *f->by_id, by_entry_id);
    return CP_OK;
}

enum cp_err cp_fold_cuts(struct cp_fold *f, struct cp_members *m)
{
    struct revocations all = {.count = 0};
    enum cp_err err = cp_fold_keys(f, m);
    for (size_t i = 0; i < f->entries_count && err == CP_OK; i++)
        err = take_revoke(f, m, &f->entries[i], &all);
    if (err == CP_OK)
        err = make_cuts(f, m, &all);
    if (f->carriers_count > 1)
        qsort(f->carriers, f->carriers_count, sizeof *f->carriers, by_carried);
    if (err == CP_OK && m->cuts_count > 0)
        err = index_entries(f);
    cp_free(f->mem, all.list);
    return err;
}

/* ---- Within ---- */

static const struct cp_control_entry *find_entry(const struct cp_fold *f, const uint8_t *id)
{
    struct cp_control_entry named = {.lamport = 0};
    const struct cp_control_entry *key = &named;
    memcpy(named.id, id, CP_ID_LEN);
    const struct cp_control_entry **hit =
        f->by_id == NULL ? NULL : bsearch(&key, f->by_id, f->entries_count, sizeof *f->by_id, by_entry_id);
    return hit == NULL ? NULL : *hit;
}

/* On the named tip's branch at or below it; while that tip is not held, by seq alone. */
static bool within_tip(const struct cp_fold *f, const struct cp_cut_tip *row,
                       const struct cp_control_entry *e)
{
    if (row->class != CP_CONTROL || memcmp(row->incarnation, e->incarnation, CP_INCARNATION_LEN) != 0 ||
        e->seq > row->seq)
        return false;
    const struct cp_control_entry *at = find_entry(f, row->tip);
    if (at == NULL || at->seq != row->seq || at->depth != e->depth ||
        memcmp(at->device, e->device, CP_KEY_LEN) != 0 ||
        memcmp(at->incarnation, e->incarnation, CP_INCARNATION_LEN) != 0)
        return true;
    while (at != NULL && at->seq > e->seq)
        at = find_entry(f, at->prev);
    return at == e;
}

static bool within_cut(const struct cp_fold *f, const struct cp_member_cut *cut,
                       const struct cp_control_entry *e)
{
    struct cp_cut_walk w;
    struct cp_cut_tip row;
    bool within = false;
    if (cut->depth != e->depth)
        return false; /* a home goes on with its incarnation in every plan: it is another chain there */
    cp_cut_begin(&w, &cut->cut);
    while (!within && cp_cut_next(&w, &row))
        within = within_tip(f, &row, e);
    return within;
}

bool cp_fold_within(const struct cp_fold *f, const struct cp_members *m, const struct cp_control_entry *e)
{
    for (size_t i = 0; i < m->cuts_count; i++)
        if (memcmp(m->cuts[i].device, e->device, CP_KEY_LEN) == 0 && !within_cut(f, &m->cuts[i], e))
            return false;
    return true;
}

/* ---- Admitted again, knowing ---- */

/* Does one of the entries that carry the statement lie in the past of `by`? */
static enum cp_err knows(struct cp_fold *f, const struct cp_control_entry *by, const uint8_t *statement,
                         bool *yes)
{
    enum cp_err err = CP_OK;
    *yes = false;
    for (size_t i = 0; i < f->carriers_count && err == CP_OK && !*yes; i++)
        if (f->past != NULL && memcmp(f->carriers[i].statement, statement, CP_ID_LEN) == 0)
            err = f->past->lies(f->past->ctx, f->carriers[i].entry, by, yes);
    return err;
}

/* What is being asked: all that keeps one INVITE from counting. */
struct blame {
    struct cp_fold *f;
    const struct cp_members *m;
    const struct cp_control_entry *by;
    const struct cp_control_entry **todo; /* room for two of each admission, and one */
    size_t todo_count;
    bool any, all;
};

static enum cp_err blame_one(struct blame *b, const uint8_t *statement)
{
    bool known = false;
    b->any = true;
    enum cp_err err = knows(b->f, b->by, statement, &known);
    b->all = b->all && known;
    return err;
}

static enum cp_err blame_key(struct blame *b, const struct cp_join *join)
{
    enum cp_err err = CP_OK;
    if (cp_fold_key_counts(b->m, join))
        return CP_OK;
    for (size_t i = 0; i < b->m->changes_count && err == CP_OK; i++)
        if (memcmp(b->m->changes[i].key.statement.person, join->person, CP_ID_LEN) == 0)
            err = blame_one(b, b->m->changes[i].statement);
    return err;
}

/* The first admission of a device: they are ordered by device. */
static size_t first_admission(const struct cp_fold *f, const uint8_t *device)
{
    size_t from = 0, to = f->admissions_count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (memcmp(f->admissions[mid].join.device_key, device, CP_KEY_LEN) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

/* What cuts this entry off; then, whoever it is by, what may keep them from standing: each device is looked at once. */
static enum cp_err blame_entry(struct blame *b, const struct cp_control_entry *e)
{
    struct cp_fold *f = b->f;
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < b->m->cuts_count && err == CP_OK && b->all; i++)
        if (memcmp(b->m->cuts[i].device, e->device, CP_KEY_LEN) == 0 && !within_cut(f, &b->m->cuts[i], e))
            err = blame_one(b, b->m->cuts[i].statement);
    for (size_t i = first_admission(f, e->device); i < f->admissions_count && err == CP_OK && b->all; i++) {
        struct cp_fold_admission *a = &f->admissions[i];
        if (memcmp(a->join.device_key, e->device, CP_KEY_LEN) != 0 || a->visited)
            break;
        a->visited = true;
        err = blame_key(b, &a->join);
        if (a->invite != NULL) {
            b->todo[b->todo_count++] = a->entry;
            b->todo[b->todo_count++] = a->invite;
        }
    }
    return err;
}

enum cp_err cp_fold_knowing(struct cp_fold *f, const struct cp_members *m, const struct cp_control_entry *by,
                            const struct cp_control_entry *invite, bool *yes)
{
    struct blame b = {.f = f, .m = m, .by = by, .all = true};
    enum cp_err err = CP_OK;
    *yes = false;
    b.todo = cp_alloc_array(f->mem, 2 * f->admissions_count + 1, sizeof *b.todo);
    if (b.todo == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < f->admissions_count; i++)
        f->admissions[i].visited = false;
    b.todo[b.todo_count++] = invite;
    while (b.todo_count > 0 && err == CP_OK && b.all)
        err = blame_entry(&b, b.todo[--b.todo_count]);
    cp_free(f->mem, b.todo);
    *yes = err == CP_OK && b.any && b.all;
    return err;
}
