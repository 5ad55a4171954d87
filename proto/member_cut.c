/*
 * What REVOKEs and KEYs come to: which count, which keys are in force, what is cut (design 5). Pure.
 * Owns: these rules. Must not: say who stands (member_fold.c).
 *
 * A KEY counts by its signature alone, by the recovery key that the person's first admission names. It replaces the
 * new keys of the KEYs it names, or the person's first key where it names none. The key of the one KEY that no other of
 * the person names is in force; while there are two such, neither is. A REVOKE counts by the recovery key, by the
 * identity key in force, or by a replaced one where every KEY that replaced it lists it; its device must have been
 * admitted as one of that person's. One made in the place of earlier ones ends their effect, but what the recovery
 * key made (a KEY's cuts too) only the recovery key replaces. Of those left an entry must lie within each.
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

static int by_change(const void *a, const void *b)
{
    return memcmp(((const struct cp_member_change *)a)->statement,
                  ((const struct cp_member_change *)b)->statement, CP_ID_LEN);
}

static int by_key(const void *a, const void *b)
{
    const struct cp_member_key *x = a, *y = b;
    int order = memcmp(x->person, y->person, CP_ID_LEN);
    if (order == 0)
        order = memcmp(x->key, y->key, CP_KEY_LEN);
    return order != 0 ? order : memcmp(x->named_by, y->named_by, CP_ID_LEN);
}

static int by_cut(const void *a, const void *b)
{
    const struct cp_member_cut *x = a, *y = b;
    int order = memcmp(x->device, y->device, CP_KEY_LEN);
    return order != 0 ? order : memcmp(x->statement, y->statement, CP_ID_LEN);
}

/* ---- Whose ---- */

static const struct cp_fold_person *find_person(const struct cp_fold *f, const uint8_t *person)
{
    for (size_t i = 0; i < f->persons_count; i++)
        if (memcmp(f->persons[i].person, person, CP_ID_LEN) == 0)
            return &f->persons[i];
    return NULL;
}

/* By the key that the person's sheet gives. */
static bool is_by_recovery(const struct cp_fold *f, const struct cp_statement *st)
{
    const struct cp_fold_person *p = find_person(f, st->person);
    return st->by == CP_BY_RECOVERY && p != NULL && memcmp(p->recovery_key, st->key, CP_KEY_LEN) == 0;
}

static enum cp_err carry(struct cp_fold *f, const uint8_t *statement, const struct cp_control_entry *entry)
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

/* ---- KEYs ---- */

static enum cp_err take_change(struct cp_fold *f, struct cp_members *m, const struct cp_control_entry *e)
{
    struct cp_control c;
    uint8_t id[CP_ID_LEN];
    void *array = m->changes;
    if (cp_frame_kind(e->frame) != CP_KIND_KEY)
        return CP_OK;
    cp_control_read(e->frame, &c);
    const struct cp_statement *st = &c.key.statement;
    if (!c.known || !cp_fold_names_plan(f, e, st) || !is_by_recovery(f, st) ||
        !(e->judged || cp_statement_sig_ok(st)))
        return CP_OK;
    cp_statement_id(st->text, id);
    enum cp_err err = carry(f, id, e);
    for (size_t i = 0; err == CP_OK && i < m->changes_count; i++)
        if (memcmp(m->changes[i].statement, id, CP_ID_LEN) == 0)
            return CP_OK; /* carried twice: one statement */
    if (err == CP_OK)
        err = cp_grow(f->mem, &array, &m->changes_cap, m->changes_count + 1, SIZE_MAX, sizeof *m->changes);
    m->changes = array;
    if (err != CP_OK)
        return err;
    struct cp_member_change *change = &m->changes[m->changes_count++];
    change->key = c.key;
    memcpy(change->statement, id, CP_ID_LEN);
    return CP_OK;
}

static enum cp_err add_key(struct cp_fold *f, struct cp_members *m, const uint8_t *person, const uint8_t *key,
                           const uint8_t *named_by)
{
    void *array = m->keys;
    enum cp_err err = cp_grow(f->mem, &array, &m->keys_cap, m->keys_count + 1, SIZE_MAX, sizeof *m->keys);
    m->keys = array;
    if (err != CP_OK)
        return err;
    struct cp_member_key *k = &m->keys[m->keys_count++];
    *k = (struct cp_member_key){.in_force = false};
    memcpy(k->person, person, CP_ID_LEN);
    memcpy(k->key, key, CP_KEY_LEN);
    memcpy(k->named_by, named_by, CP_ID_LEN);
    return CP_OK;
}

static bool is_of(const struct cp_member_change *change, const uint8_t *person)
{
    return memcmp(change->key.statement.person, person, CP_ID_LEN) == 0;
}

/* Was the key that this KEY (zeros: the first admission) names replaced by that one? */
static bool replaces(const struct cp_member_change *by, const uint8_t *person, const uint8_t *named_by)
{
    if (!is_of(by, person))
        return false;
    if (memcmp(named_by, cp_zero_id, CP_ID_LEN) == 0)
        return by->key.earlier.count == 0;
    return cp_id_list_has(&by->key.earlier, named_by);
}

static bool is_replaced(const struct cp_members *m, const struct cp_member_key *k)
{
    for (size_t i = 0; i < m->changes_count; i++)
        if (replaces(&m->changes[i], k->person, k->named_by))
            return true;
    return false;
}

/* One line of KEYs and nothing beside it: then its last key is in force. Any KEY ends the first key, whatever it names. */
static void judge_person(struct cp_members *m, size_t from, size_t to)
{
    size_t open = 0;
    for (size_t i = from; i < to; i++) {
        struct cp_member_key *k = &m->keys[i];
        k->replaced = is_replaced(m, k);
        if (memcmp(k->named_by, cp_zero_id, CP_ID_LEN) == 0 && to - from > 1)
            k->replaced = true;
        open += k->replaced ? 0 : 1;
    }
    for (size_t i = from; i < to; i++)
        m->keys[i].in_force = open == 1 && !m->keys[i].replaced;
}

/* A key that was ended under one name is ended under every other. */
static void judge_keys(struct cp_members *m)
{
    for (size_t from = 0, to = 0; from < m->keys_count; from = to) {
        while (to < m->keys_count && memcmp(m->keys[to].person, m->keys[from].person, CP_ID_LEN) == 0)
            to++;
        judge_person(m, from, to);
    }
    for (size_t from = 0, to = 0; from < m->keys_count; from = to) {
        bool ended = false;
        while (to < m->keys_count && memcmp(m->keys[to].person, m->keys[from].person, CP_ID_LEN) == 0 &&
               memcmp(m->keys[to].key, m->keys[from].key, CP_KEY_LEN) == 0)
            ended = m->keys[to++].replaced || ended;
        for (size_t i = from; i < to && ended; i++) {
            m->keys[i].replaced = true;
            m->keys[i].in_force = false;
        }
    }
}

static enum cp_err make_keys(struct cp_fold *f, struct cp_members *m)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < f->persons_count && err == CP_OK; i++)
        err = add_key(f, m, f->persons[i].person, f->persons[i].identity_key, cp_zero_id);
    for (size_t i = 0; i < m->changes_count && err == CP_OK; i++)
        err =
            add_key(f, m, m->changes[i].key.statement.person, m->changes[i].key.key, m->changes[i].statement);
    if (m->keys_count > 1)
        qsort(m->keys, m->keys_count, sizeof *m->keys, by_key);
    judge_keys(m);
    return err;
}

const struct cp_member_key *cp_members_key(const struct cp_members *m, const uint8_t person[static CP_ID_LEN],
                                           const uint8_t key[static CP_KEY_LEN])
{
    size_t from = 0, to = m->keys_count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        int order = memcmp(m->keys[mid].person, person, CP_ID_LEN);
        if (order == 0)
            order = memcmp(m->keys[mid].key, key, CP_KEY_LEN);
        if (order == 0)
            return &m->keys[mid];
        if (order < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

void cp_fold_key_in_force(const struct cp_members *m, const uint8_t *person, uint8_t key[static CP_KEY_LEN])
{
    size_t from = 0, to = m->keys_count;
    while (from < to) { /* the person's first row */
        size_t mid = from + (to - from) / 2;
        if (memcmp(m->keys[mid].person, person, CP_ID_LEN) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    for (; from < m->keys_count && memcmp(m->keys[from].person, person, CP_ID_LEN) == 0; from++)
        if (m->keys[from].in_force)
            memcpy(key, m->keys[from].key, CP_KEY_LEN);
}

typedef bool key_lists(const struct cp_key_change *k, const uint8_t *id);

/* Does every KEY that ended this name of the key list it? Those that name it in `earlier`; where a person's first key has
 * none such here, whatever KEYs there are. */
static bool name_lists(const struct cp_members *m, const struct cp_member_key *k, const uint8_t *id,
                       key_lists *lists)
{
    bool strict = memcmp(k->named_by, cp_zero_id, CP_ID_LEN) != 0;
    for (size_t c = 0; c < m->changes_count && !strict; c++)
        strict = replaces(&m->changes[c], k->person, k->named_by);
    for (size_t c = 0; k->replaced && c < m->changes_count; c++) {
        bool ends = strict ? replaces(&m->changes[c], k->person, k->named_by) : is_of(&m->changes[c], k->person);
        if (ends && !lists(&m->changes[c].key, id))
            return false;
    }
    return true;
}

static bool all_list(const struct cp_members *m, const uint8_t *person, const uint8_t *key, const uint8_t *id,
                     key_lists *lists)
{
    for (size_t i = 0; i < m->keys_count; i++)
        if (memcmp(m->keys[i].person, person, CP_ID_LEN) == 0 &&
            memcmp(m->keys[i].key, key, CP_KEY_LEN) == 0 && !name_lists(m, &m->keys[i], id, lists))
            return false;
    return true;
}

static bool lists_statement(const struct cp_key_change *k, const uint8_t *id)
{
    return cp_id_list_has(&k->stand, id);
}

static bool names_device(const struct cp_key_change *k, const uint8_t *id)
{
    for (size_t i = 0; i < k->cuts_count; i++) {
        const uint8_t *device;
        struct cp_cut cut;
        cp_key_cut(k, i, &device, &cut);
        if (memcmp(device, id, CP_KEY_LEN) == 0)
            return true;
    }
    return cp_id_list_has(&k->stay, id);
}

static bool key_allows(const struct cp_members *m, const uint8_t *person, const uint8_t *key,
                       const uint8_t *id, key_lists *lists)
{
    const struct cp_member_key *k = cp_members_key(m, person, key);
    if (k == NULL)
        return false;
    return k->in_force || (k->replaced && all_list(m, person, key, id, lists));
}

bool cp_members_says(const struct cp_members *m, const uint8_t person[static CP_ID_LEN],
                     const uint8_t key[static CP_KEY_LEN], const uint8_t statement[static CP_ID_LEN])
{
    return key_allows(m, person, key, statement, lists_statement);
}

bool cp_fold_key_counts(const struct cp_members *m, const struct cp_join *join)
{
    return join->how == CP_JOIN_RECOVERY ||
           key_allows(m, join->person, join->identity_key, join->device_key, names_device);
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
        st->by == CP_BY_RECOVERY ? is_by_recovery(f, st) : cp_members_says(m, st->person, st->key, id);
    if (!counts || !(e->judged || cp_statement_sig_ok(st)))
        return CP_OK;
    enum cp_err err = carry(f, id, e);
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
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < f->entries_count && err == CP_OK; i++)
        err = take_change(f, m, &f->entries[i]);
    if (m->changes_count > 1)
        qsort(m->changes, m->changes_count, sizeof *m->changes, by_change);
    if (err == CP_OK)
        err = make_keys(f, m);
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
        if (is_of(&b->m->changes[i], join->person))
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
