/*
 * Who is in and who stands (design 5), from the control entries of a plan. Pure: any order gives the same.
 * Owns: the rule. Must not: look at anything but the entries given.
 *
 * An admission is the first entry for its author, or an ADMIT whose JOIN verifies against an INVITE that is
 * present and, for a further device, whose person was admitted. It names the device's person whoever wrote it; of several, the lowest by (lamport, id) does. A device
 * stands when one of its admissions, and that admission's INVITE, are by devices that stand.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"

struct invite {
    const struct cp_control_entry *entry;
    uint8_t token_key[CP_KEY_LEN];
    bool for_person;
    uint8_t person[CP_ID_LEN];
};
/* Indices into devices; NOBODY when the author was never admitted, FOUNDED for the first entry. */
#define NOBODY SIZE_MAX
#define FOUNDED (SIZE_MAX - 1)
struct admission {
    const struct cp_control_entry *entry;
    const struct cp_control_entry *invite; /* NULL: the first entry */
    struct cp_join join;
    size_t device, by, invited_by;
};
struct fold {
    const struct cp_mem *mem;
    const uint8_t *plan;
    struct invite *invites; /* by id */
    size_t invites_count;
    struct admission *admissions; /* by (device, lamport, id) */
    size_t admissions_count;
};

void cp_members_init(struct cp_members *m, const struct cp_mem *mem)
{
    *m = (struct cp_members){.mem = mem};
}

void cp_members_clear(struct cp_members *m)
{
    if (m->mem != NULL)
        cp_free(m->mem, m->devices);
    m->devices = NULL;
    m->count = m->cap = 0;
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
    const struct invite *x = a, *y = b;
    return memcmp(x->entry->id, y->entry->id, CP_ID_LEN);
}

static int by_device(const void *a, const void *b)
{
    const struct admission *x = a, *y = b;
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
    const struct admission *x = *(const struct admission *const *)a, *y = *(const struct admission *const *)b;
    int order = memcmp(x->invite->id, y->invite->id, CP_ID_LEN);
    return order != 0 ? order : memcmp(x->join.person, y->join.person, CP_ID_LEN);
}

static const struct invite *find_invite(const struct fold *f, const uint8_t *id)
{
    struct cp_control_entry named = {.lamport = 0};
    memcpy(named.id, id, CP_ID_LEN);
    const struct invite key = {.entry = &named};
    return f->invites_count == 0 ? NULL : bsearch(&key, f->invites, f->invites_count, sizeof key, by_id);
}

static void take_invites(struct fold *f, const struct cp_control_entry *entries, size_t count)
{
    struct cp_control c;
    for (size_t i = 0; i < count; i++) {
        cp_control_read(entries[i].frame, &c);
        if (!c.known || c.kind != CP_KIND_INVITE)
            continue;
        struct invite *invite = &f->invites[f->invites_count++];
        invite->entry = &entries[i];
        memcpy(invite->token_key, c.token_key, CP_KEY_LEN);
        invite->for_person = c.for_person;
        memcpy(invite->person, c.person, CP_ID_LEN);
    }
    if (f->invites_count > 1)
        qsort(f->invites, f->invites_count, sizeof *f->invites, by_id);
}

static void take_admission(struct fold *f, const struct cp_control_entry *entry)
{
    struct cp_control c;
    const struct invite *invite = NULL;
    cp_control_read(entry->frame, &c);
    if (!c.known)
        return;
    if (c.kind == CP_KIND_FIRST) {
        if (memcmp(entry->id, f->plan, CP_ID_LEN) != 0 || memcmp(entry->device, c.join.device_key, CP_KEY_LEN) != 0 ||
            !(entry->judged || cp_join_ok(&c.join, f->plan, cp_zero_id, NULL, true)))
            return;
    } else if (c.kind == CP_KIND_ADMIT) {
        invite = find_invite(f, c.invite);
        if (invite == NULL ||
            !(entry->judged || cp_join_under(&c.join, f->plan, c.invite, invite->token_key,
                                             invite->for_person ? invite->person : NULL)))
            return;
    } else {
        return;
    }
    f->admissions[f->admissions_count++] =
        (struct admission){.entry = entry, .invite = invite == NULL ? NULL : invite->entry, .join = c.join};
}

static int by_person(const void *a, const void *b)
{
    const struct admission *x = a, *y = b;
    int order = memcmp(x->join.person, y->join.person, CP_ID_LEN);
    return order != 0 ? order : (x->join.how > y->join.how) - (x->join.how < y->join.how);
}

/* A further device of somebody whom nobody admitted admits nobody. Its own past is the store's to look at (judged). */
static void drop_orphans(struct fold *f)
{
    size_t kept = 0;
    if (f->admissions_count > 1)
        qsort(f->admissions, f->admissions_count, sizeof *f->admissions, by_person);
    for (size_t i = 0; i < f->admissions_count; i++) {
        const struct admission *a = &f->admissions[i];
        bool known = kept > 0 && memcmp(f->admissions[kept - 1].join.person, a->join.person, CP_ID_LEN) == 0;
        if (a->join.how == CP_JOIN_NEW || known)
            f->admissions[kept++] = *a;
    }
    f->admissions_count = kept;
}

static void put_device(struct cp_members *m, const struct admission *a)
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
static void make_devices(struct fold *f, struct cp_members *m)
{
    if (f->admissions_count > 1)
        qsort(f->admissions, f->admissions_count, sizeof *f->admissions, by_device);
    for (size_t i = 0; i < f->admissions_count; i++) {
        struct admission *a = &f->admissions[i];
        if (m->count == 0 || memcmp(m->devices[m->count - 1].device_key, a->join.device_key, CP_KEY_LEN) != 0)
            put_device(m, a);
        a->device = m->count - 1;
    }
    for (size_t i = 0; i < f->admissions_count; i++) {
        struct admission *a = &f->admissions[i];
        a->by = a->invite == NULL ? FOUNDED : find(m, a->entry->device);
        a->invited_by = a->invite == NULL ? FOUNDED : find(m, a->invite->device);
    }
}

static bool stands(const struct cp_members *m, size_t device)
{
    return device == FOUNDED || (device != NOBODY && m->devices[device].stands);
}

/* The smallest set: it only grows, so it is the same whatever the order. */
static void spread_standing(const struct fold *f, struct cp_members *m)
{
    bool grew = true;
    while (grew) {
        grew = false;
        for (size_t i = 0; i < f->admissions_count; i++) {
            const struct admission *a = &f->admissions[i];
            if (m->devices[a->device].stands || !stands(m, a->by) || !stands(m, a->invited_by))
                continue;
            m->devices[a->device].stands = true;
            grew = true;
        }
    }
}

static enum cp_err mark_shared(const struct fold *f, struct cp_members *m)
{
    size_t count = 0;
    struct admission **sorted = cp_alloc_array(f->mem, f->admissions_count, sizeof *sorted);
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

enum cp_err cp_members_fold(struct cp_members *m, const struct cp_control_entry *entries, size_t count,
                            const uint8_t plan[static CP_ID_LEN])
{
    enum cp_err err = CP_ERR_NO_MEMORY;
    struct fold f = {.mem = m->mem, .plan = plan};
    cp_members_clear(m);
    f.invites = cp_alloc_array(m->mem, count, sizeof *f.invites);
    f.admissions = cp_alloc_array(m->mem, count, sizeof *f.admissions);
    if (f.invites == NULL || f.admissions == NULL)
        goto out;
    take_invites(&f, entries, count);
    for (size_t i = 0; i < count; i++)
        take_admission(&f, &entries[i]);
    drop_orphans(&f);
    m->devices = cp_alloc_array(m->mem, f.admissions_count, sizeof *m->devices);
    if (m->devices == NULL)
        goto out;
    m->cap = f.admissions_count;
    make_devices(&f, m);
    spread_standing(&f, m);
    err = mark_shared(&f, m);
out:
    if (err != CP_OK)
        cp_members_clear(m);
    cp_free(f.mem, f.invites);
    cp_free(f.mem, f.admissions);
    return err;
}
