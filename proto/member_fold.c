/*
 * Who is in and who stands (design 5), from the control entries of a plan. Pure: any order gives the same.
 * Owns: the rule. Must not: look at anything but the entries given, or say what REVOKEs (member_cut.c) and KEYs (member_key.c)
 * come to.
 *
 * An admission is the first entry for its author, or an ADMIT whose JOIN verifies against an INVITE that is
 * present and, for a further device, whose person was admitted. It names the device's person whoever wrote it; of several, the lowest by (lamport, id) does. A device
 * stands when one of its admissions is within every cut, by a device that stands, and comes by a key that counts, and its
 * INVITE too is within every cut and by a device that stands; an ADMIT whose past holds what cut the INVITE off needs none.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/member_internal.h"

#define NOBODY  CP_FOLD_NOBODY
#define FOUNDED CP_FOLD_FOUNDED

void cp_members_init(struct cp_members *m, const struct cp_mem *mem)
{
    *m = (struct cp_members){.mem = mem};
}

void cp_members_clear(struct cp_members *m)
{
    const struct cp_mem *mem = m->mem;
    if (mem != NULL) {
        cp_free(mem, m->devices);
        cp_free(mem, m->joins);
        cp_free(mem, m->cuts);
        cp_free(mem, m->keys);
        cp_free(mem, m->changes);
        cp_free(mem, m->named);
    }
    *m = (struct cp_members){.mem = mem};
}

static size_t find(const struct cp_members *m, const uint8_t *device)
{
    size_t from = 0, to = m->count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        int order = memcmp(m->devices[mid].device_key, device, CP_KEY_LEN);
        if (order == 0)
            return mid;
        if (order < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return NOBODY;
}

const struct cp_member_device *cp_members_find(const struct cp_members *m, const uint8_t device[static CP_KEY_LEN])
{
    size_t at = find(m, device);
    return at == NOBODY ? NULL : &m->devices[at];
}

static int by_id(const void *a, const void *b)
{
    const struct cp_fold_invite *x = a, *y = b;
    return memcmp(x->entry->id, y->entry->id, CP_ID_LEN);
}

static int by_device(const void *a, const void *b)
{
    const struct cp_fold_admission *x = a, *y = b;
    int order = memcmp(x->join.device_key, y->join.device_key, CP_KEY_LEN);
    if (order != 0)
        return order;
    if (x->entry->lamport != y->entry->lamport)
        return x->entry->lamport < y->entry->lamport ? -1 : 1;
    return memcmp(x->entry->id, y->entry->id, CP_ID_LEN);
}

/* Same INVITE together, then the same person. */
static int by_invite(const void *a, const void *b)
{
    const struct cp_fold_admission *x = *(const struct cp_fold_admission *const *)a, *y = *(const struct cp_fold_admission *const *)b;
    int order = memcmp(x->invite->id, y->invite->id, CP_ID_LEN);
    return order != 0 ? order : memcmp(x->join.person, y->join.person, CP_ID_LEN);
}

static const struct cp_fold_invite *find_invite(const struct cp_fold *f, const uint8_t *id)
{
    struct cp_control_entry named = {.lamport = 0};
    memcpy(named.id, id, CP_ID_LEN);
    const struct cp_fold_invite key = {.entry = &named};
    return f->invites_count == 0 ? NULL : bsearch(&key, f->invites, f->invites_count, sizeof key, by_id);
}

static void take_invites(struct cp_fold *f, const struct cp_control_entry *entries, size_t count)
{
    struct cp_control c;
    for (size_t i = 0; i < count; i++) {
        cp_control_read(entries[i].frame, &c);
        if (!c.known || c.kind != CP_KIND_INVITE)
            continue;
        struct cp_fold_invite *invite = &f->invites[f->invites_count++];
        invite->entry = &entries[i];
        memcpy(invite->token_key, c.token_key, CP_KEY_LEN);
        invite->for_person = c.for_person;
        memcpy(invite->person, c.person, CP_ID_LEN);
    }
    if (f->invites_count > 1)
        qsort(f->invites, f->invites_count, sizeof *f->invites, by_id);
}

static void add_admission(struct cp_fold *f, const struct cp_fold_admission *a)
{
    struct cp_fold_admission *to = &f->admissions[f->admissions_count++];
    *to = *a;
    to->carried = a->entry->depth > 0;
}

static void take_founder(struct cp_fold *f, const struct cp_control_entry *entry, const struct cp_control *c)
{
    if (!c->continues && memcmp(entry->id, f->plans[entry->depth], CP_ID_LEN) == 0 &&
        memcmp(entry->device, c->join.device_key, CP_KEY_LEN) == 0 &&
        (entry->judged || cp_join_ok(&c->join, cp_zero_id, cp_zero_id, NULL, true)))
        add_admission(f, &(struct cp_fold_admission){.entry = entry, .join = c->join, .first = true});
}

static void take_admission(struct cp_fold *f, const struct cp_control_entry *entry)
{
    struct cp_control c;
    cp_control_read(entry->frame, &c);
    if (!c.known || entry->depth >= f->plans_count)
        return;
    if (c.kind == CP_KIND_FIRST)
        take_founder(f, entry, &c);
    if (c.kind != CP_KIND_ADMIT)
        return;
    const struct cp_fold_invite *invite = find_invite(f, c.invite);
    const uint8_t *person = invite != NULL && invite->for_person ? invite->person : NULL;
    if (invite != NULL && invite->entry->depth == entry->depth) {
        if (entry->judged || cp_join_under(&c.join, f->plans[entry->depth], c.invite, invite->token_key, person))
            add_admission(f, &(struct cp_fold_admission){.entry = entry, .invite = invite->entry, .join = c.join});
    } else if (cp_fold_old_join(f, entry, &c, invite == NULL ? NULL : invite->entry,
                                invite == NULL ? NULL : invite->token_key, person)) {
        add_admission(f, &(struct cp_fold_admission){.entry = entry, .join = c.join, .old = true});
    }
}

static int by_person(const void *a, const void *b)
{
    const struct cp_fold_admission *x = a, *y = b;
    int order = memcmp(x->join.person, y->join.person, CP_ID_LEN);
    return order != 0 ? order : (x->join.how > y->join.how) - (x->join.how < y->join.how);
}

/* A further device of somebody whom nobody admitted admits nobody, nor one under another sheet than theirs. Its own past
 * is the store's to look at (judged). */
static void drop_orphans(struct cp_fold *f)
{
    size_t kept = 0, first = 0;
    if (f->admissions_count > 1)
        qsort(f->admissions, f->admissions_count, sizeof *f->admissions, by_person);
    for (size_t i = 0; i < f->admissions_count; i++) {
        const struct cp_fold_admission *a = &f->admissions[i];
        if (kept == 0 || memcmp(f->admissions[first].join.person, a->join.person, CP_ID_LEN) != 0)
            first = kept; /* of its person, if it is kept */
        if (a->join.how == CP_JOIN_NEW || (first < kept && cp_join_is_of(&a->join, &f->admissions[first].join)))
            f->admissions[kept++] = *a;
    }
    f->admissions_count = kept;
}

static void put_device(struct cp_members *m, const struct cp_fold_admission *a)
{
    struct cp_member_device *d = &m->devices[m->count++];
    *d = (struct cp_member_device){.lamport = a->entry->lamport,
                                   .device_name = a->join.device_name,
                                   .name = a->join.name};
    memcpy(d->device_key, a->join.device_key, CP_KEY_LEN);
    memcpy(d->person, a->join.person, CP_ID_LEN);
    memcpy(d->curve_key, a->join.curve_key, CP_KEY_LEN);
    memcpy(d->box_key, a->join.box_key, CP_KEY_LEN);
    memcpy(d->identity_key, a->join.identity_key, CP_KEY_LEN);
    memcpy(d->recovery_key, a->join.recovery_key, CP_KEY_LEN);
    memcpy(d->admission, a->entry->id, CP_ID_LEN);
}

/* One device for each run of admissions with its key; the first of a run is the lowest. */
static void make_devices(struct cp_fold *f, struct cp_members *m)
{
    if (f->admissions_count > 1)
        qsort(f->admissions, f->admissions_count, sizeof *f->admissions, by_device);
    for (size_t i = 0; i < f->admissions_count; i++) {
        struct cp_fold_admission *a = &f->admissions[i];
        if (m->count == 0 || memcmp(m->devices[m->count - 1].device_key, a->join.device_key, CP_KEY_LEN) != 0)
            put_device(m, a);
        a->device = m->count - 1;
    }
    const uint8_t *continuer = cp_fold_continuer(f);
    for (size_t i = 0; i < f->admissions_count; i++) {
        struct cp_fold_admission *a = &f->admissions[i];
        bool founded = a->first || (a->old && !a->carried && continuer != NULL &&
                                    memcmp(continuer, a->entry->device, CP_KEY_LEN) == 0);
        a->by = founded ? FOUNDED : find(m, a->entry->device);
        a->invited_by = a->invite == NULL ? FOUNDED : find(m, a->invite->device);
    }
}

/* Whom the first admissions name: a person id holds both keys, so all of one person's say the same. */
static enum cp_err make_persons(struct cp_fold *f)
{
    f->persons = cp_alloc_array(f->mem, f->admissions_count, sizeof *f->persons);
    if (f->persons == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < f->admissions_count; i++) { /* by person, the first admissions before others */
        const struct cp_join *j = &f->admissions[i].join;
        if (j->how != CP_JOIN_NEW ||
            (f->persons_count > 0 && memcmp(f->persons[f->persons_count - 1].person, j->person, CP_ID_LEN) == 0))
            continue;
        struct cp_fold_person *p = &f->persons[f->persons_count++];
        memcpy(p->person, j->person, CP_ID_LEN);
        memcpy(p->identity_key, j->identity_key, CP_KEY_LEN);
        memcpy(p->recovery_key, j->recovery_key, CP_KEY_LEN);
    }
    return CP_OK;
}

/* ---- Standing ---- */

static bool stands(const struct cp_members *m, size_t device)
{
    return device == FOUNDED || (device != NOBODY && m->devices[device].stands);
}

/* In a continuation whose device it is stands since the plans before; nobody comes, by a JOIN that the device alone can
 * make, in the place of a person who has not followed. */
static bool is_by_its_person(const struct cp_fold *f, const struct cp_members *m, const struct cp_fold_admission *a)
{
    return f->plans_count == 1 || memcmp(a->join.person, m->devices[a->device].person, CP_ID_LEN) == 0;
}

/* What does not change while standing spreads. */
static void judge_admissions(struct cp_fold *f, const struct cp_members *m)
{
    for (size_t i = 0; i < f->admissions_count; i++) {
        struct cp_fold_admission *a = &f->admissions[i];
        a->counts = !a->carried && cp_fold_key_counts(m, &a->join) && is_by_its_person(f, m, a) &&
                    (a->first || cp_fold_within(f, m, a->entry)); /* nobody let the first one in */
        a->invite_within = a->invite == NULL || cp_fold_within(f, m, a->invite);
    }
}

static enum cp_err invited(struct cp_fold *f, const struct cp_members *m, struct cp_fold_admission *a, bool *yes)
{
    enum cp_err err = CP_OK;
    *yes = a->invite_within && stands(m, a->invited_by);
    if (*yes || a->invite == NULL)
        return CP_OK;
    if (!a->past_judged)
        err = cp_fold_knowing(f, m, a->entry, a->invite, &a->past_known);
    a->past_judged = true;
    *yes = a->past_known;
    return err;
}

static bool follows(const struct cp_members *m, const uint8_t *person)
{
    const struct cp_member_named *n = cp_members_named(m, person);
    return n != NULL && n->follows;
}

/* The smallest set: it only grows, so it is the same whatever the order. */
static enum cp_err spread_standing(struct cp_fold *f, struct cp_members *m)
{
    bool grew = true, yes = false;
    enum cp_err err = CP_OK;
    judge_admissions(f, m);
    while (grew && err == CP_OK) {
        grew = false;
        for (size_t i = 0; i < f->admissions_count && err == CP_OK; i++) {
            struct cp_fold_admission *a = &f->admissions[i];
            if (m->devices[a->device].stands || !a->counts || !stands(m, a->by))
                continue;
            err = invited(f, m, a, &yes);
            if (yes && a->old && !follows(m, a->join.person)) {
                m->devices[a->device].waits = true;
                continue;
            }
            m->devices[a->device].stands = yes;
            grew = grew || yes;
        }
    }
    return err;
}

/* What is read off the cuts and keys, device by device. */
static void mark_devices(struct cp_members *m)
{
    for (size_t i = 0; i < m->cuts_count; i++) {
        size_t at = find(m, m->cuts[i].device);
        if (at != NOBODY)
            m->devices[at].revoked = true;
    }
    for (size_t i = 0; i < m->count; i++) /* let in by another way too */
        m->devices[i].waits = m->devices[i].waits && !m->devices[i].stands && cp_members_named(m, m->devices[i].person) != NULL;
    for (size_t d = 0; d < m->count; d++)
        cp_fold_key_in_force(m, m->devices[d].person, m->devices[d].identity_key);
}

bool cp_member_may_stay(const struct cp_member_device *d)
{
    return (d->stands || d->waits) && !d->revoked;
}

bool cp_member_speaks(const struct cp_member_device *d)
{
    return d->stands && cp_member_is_in(d);
}

bool cp_member_is_in(const struct cp_member_device *d)
{
    return cp_member_may_stay(d) && !d->left;
}

/* A device whose person left and that no other JOIN has let in since. */
static enum cp_err mark_left(struct cp_fold *f, struct cp_members *m)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < f->admissions_count; i++)
        if (cp_fold_ended(f, m, &f->admissions[i]))
            m->devices[f->admissions[i].device].left = true;
    for (size_t i = 0; i < f->admissions_count && err == CP_OK; i++) {
        struct cp_fold_admission *a = &f->admissions[i];
        bool yes = false;
        if (!m->devices[a->device].left || cp_fold_ended(f, m, a) || !a->counts || !stands(m, a->by))
            continue;
        err = invited(f, m, a, &yes);
        if (yes)
            m->devices[a->device].left = false;
    }
    return err;
}

static enum cp_err mark_shared(const struct cp_fold *f, struct cp_members *m)
{
    size_t count = 0;
    struct cp_fold_admission **sorted = cp_alloc_array(f->mem, f->admissions_count, sizeof *sorted);
    if (sorted == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < f->admissions_count; i++)
        if (f->admissions[i].invite != NULL)
            sorted[count++] = &f->admissions[i];
    if (count > 1)
        qsort(sorted, count, sizeof *sorted, by_invite);
    for (size_t from = 0, to = 0; from < count; from = to) {
        while (to < count && memcmp(sorted[to]->invite->id, sorted[from]->invite->id, CP_ID_LEN) == 0)
            to++;
        if (memcmp(sorted[from]->join.person, sorted[to - 1]->join.person, CP_ID_LEN) == 0)
            continue;
        for (size_t i = from; i < to; i++)
            m->devices[sorted[i]->device].token_shared = true;
    }
    cp_free(f->mem, sorted);
    return CP_OK;
}

static enum cp_err fold(struct cp_fold *f, struct cp_members *m)
{
    f->invites = cp_alloc_array(m->mem, f->entries_count, sizeof *f->invites);
    f->admissions = cp_alloc_array(m->mem, f->entries_count + f->plans_count, sizeof *f->admissions);
    if (f->invites == NULL || f->admissions == NULL)
        return CP_ERR_NO_MEMORY;
    take_invites(f, f->entries, f->entries_count);
    for (size_t i = 0; i < f->entries_count; i++)
        take_admission(f, &f->entries[i]);
    cp_fold_continued(f);
    drop_orphans(f);
    m->devices = cp_alloc_array(m->mem, f->admissions_count, sizeof *m->devices);
    if (m->devices == NULL)
        return CP_ERR_NO_MEMORY;
    m->cap = f->admissions_count;
    enum cp_err err = make_persons(f);
    if (err != CP_OK)
        return err;
    make_devices(f, m);
    err = cp_fold_cuts(f, m);
    if (err == CP_OK)
        err = cp_fold_follows(f, m);
    if (err == CP_OK)
        err = spread_standing(f, m);
    if (err == CP_OK)
        err = cp_fold_leaves(f, m);
    if (err == CP_OK)
        err = mark_left(f, m);
    if (err == CP_OK)
        err = mark_shared(f, m);
    mark_devices(m);
    return err;
}

bool cp_fold_names_plan(const struct cp_fold *f, const struct cp_control_entry *e, const struct cp_statement *st)
{
    return e->depth < f->plans_count && memcmp(st->plan, f->plans[e->depth], CP_ID_LEN) == 0;
}

bool cp_fold_says(const struct cp_fold *f, const struct cp_members *m, const struct cp_control_entry *e,
                  const struct cp_statement *st)
{
    uint8_t id[CP_ID_LEN];
    cp_statement_id(st->text, id);
    return cp_fold_names_plan(f, e, st) && cp_members_says(m, st->person, st->key, id) && cp_statement_sig_ok(st);
}

enum cp_err cp_members_fold_line(struct cp_members *m, const struct cp_control_entry *entries, size_t count,
                                 const uint8_t (*plans)[CP_ID_LEN], size_t plans_count,
                                 const struct cp_control_past *past)
{
    struct cp_fold f = {.mem = m->mem, .plans = plans, .plans_count = plans_count, .past = past, .entries = entries,
                        .entries_count = count};
    cp_members_clear(m);
    enum cp_err err = fold(&f, m);
    if (err != CP_OK)
        cp_members_clear(m);
    cp_free(f.mem, f.invites);
    cp_free(f.mem, f.admissions);
    cp_free(f.mem, f.persons);
    cp_free(f.mem, f.carriers);
    cp_free(f.mem, f.by_id);
    return err;
}

enum cp_err cp_members_fold(struct cp_members *m, const struct cp_control_entry *entries, size_t count,
                            const uint8_t plan[static CP_ID_LEN], const struct cp_control_past *past)
{
    uint8_t plans[1][CP_ID_LEN];
    memcpy(plans[0], plan, CP_ID_LEN);
    return cp_members_fold_line(m, entries, count, (const uint8_t(*)[CP_ID_LEN])plans, 1, past);
}
