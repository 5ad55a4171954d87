/*
 * Carrying on (design 5): whom a continuation is for, who has come, and how JOINs of the plans before it count in it. Pure.
 * Owns: these rules. Must not: let anybody in for whom it is not meant, or who has not said so themselves.
 *
 * A continuation's first entry names the plans it goes back to, heads and people, and has no JOIN: its author is who they were
 * in the plan it is carried on from. An ADMIT may hold a JOIN of an earlier plan as it stood there. It lets its device in
 * for one who is named, and has them stand once a FOLLOW of theirs counts: a statement for this plan, by an identity key of
 * theirs that counts. Nothing else of the plans before lets anybody in.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/member_internal.h"

/* The first entry of the plan at this depth; NULL: not among them. */
static const struct cp_control_entry *first_of(const struct cp_fold *f, size_t depth, struct cp_control *c)
{
    for (size_t i = 0; i < f->entries_count; i++) {
        const struct cp_control_entry *e = &f->entries[i];
        if (e->depth != depth || memcmp(e->id, f->plans[depth], CP_ID_LEN) != 0)
            continue;
        cp_control_read(e->frame, c);
        return c->known && c->kind == CP_KIND_FIRST ? e : NULL;
    }
    return NULL;
}

const uint8_t *cp_fold_continuer(const struct cp_fold *f)
{
    struct cp_control c;
    const struct cp_control_entry *first = f->plans_count > 1 ? first_of(f, 0, &c) : NULL;
    return first != NULL && c.continues ? first->device : NULL;
}

/* The lowest admission of a device in the plan at this depth. */
static const struct cp_fold_admission *admitted(const struct cp_fold *f, size_t depth, const uint8_t *device)
{
    const struct cp_fold_admission *lowest = NULL;
    for (size_t i = 0; i < f->admissions_count; i++) {
        const struct cp_fold_admission *a = &f->admissions[i];
        if (a->entry->depth != depth || memcmp(a->join.device_key, device, CP_KEY_LEN) != 0)
            continue;
        if (lowest == NULL || a->entry->lamport < lowest->entry->lamport ||
            (a->entry->lamport == lowest->entry->lamport && memcmp(a->entry->id, lowest->entry->id, CP_ID_LEN) < 0))
            lowest = a;
    }
    return lowest;
}

void cp_fold_continued(struct cp_fold *f)
{
    struct cp_control c;
    for (size_t left = f->plans_count; left > 0; left--) {
        size_t depth = left - 1;
        const struct cp_control_entry *first = depth + 1 < f->plans_count ? first_of(f, depth, &c) : NULL;
        if (first == NULL || !c.continues)
            continue;
        const struct cp_fold_admission *was = admitted(f, depth + 1, first->device);
        if (was == NULL)
            continue;
        f->admissions[f->admissions_count++] = (struct cp_fold_admission){
            .entry = first, .join = was->join, .first = true, .old = true, .carried = depth > 0};
    }
}

bool cp_fold_old_join(const struct cp_fold *f, const struct cp_control_entry *admit, const struct cp_control *c,
                      const struct cp_control_entry *invite, const uint8_t *token_key, const uint8_t *invited_person)
{
    struct cp_control first;
    if (invite != NULL)
        return invite->depth > admit->depth && invite->depth < f->plans_count &&
               (admit->judged || cp_join_under(&c->join, f->plans[invite->depth], c->invite, token_key, invited_person));
    for (size_t depth = admit->depth + 1; depth < f->plans_count; depth++) {
        if (memcmp(c->invite, f->plans[depth], CP_ID_LEN) != 0)
            continue;
        if (admit->judged)
            return true;
        return first_of(f, depth, &first) != NULL && !first.continues && cp_bytes_eq(first.join.text, c->join.text) &&
               cp_join_ok(&c->join, cp_zero_id, cp_zero_id, NULL, true);
    }
    return false;
}

static int by_person(const void *a, const void *b)
{
    return memcmp(((const struct cp_member_named *)a)->person, ((const struct cp_member_named *)b)->person, CP_ID_LEN);
}

static struct cp_member_named *find(const struct cp_members *m, const uint8_t *person)
{
    struct cp_member_named key = {.follows = false};
    memcpy(key.person, person, CP_ID_LEN);
    return m->named_count == 0 ? NULL : bsearch(&key, m->named, m->named_count, sizeof key, by_person);
}

const struct cp_member_named *cp_members_named(const struct cp_members *m, const uint8_t person[static CP_ID_LEN])
{
    return find(m, person);
}

bool cp_members_came(const struct cp_members *m, const struct cp_member_named *named)
{
    for (size_t i = 0; i < m->count && !named->follows; i++)
        if (cp_member_speaks(&m->devices[i]) && memcmp(m->devices[i].person, named->person, CP_ID_LEN) == 0)
            return true;
    return named->follows;
}

enum cp_err cp_fold_follows(struct cp_fold *f, struct cp_members *m)
{
    struct cp_control c;
    if (f->plans_count < 2 || first_of(f, 0, &c) == NULL || !c.continues)
        return CP_OK;
    size_t count = c.from.people.count;
    m->named = cp_alloc_array(m->mem, count, sizeof *m->named);
    if (m->named == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        m->named[i].follows = false;
        memcpy(m->named[i].person, cp_id_list_at(&c.from.people, i), CP_ID_LEN);
    }
    m->named_count = count;
    for (size_t i = 0; i < f->entries_count; i++) {
        const struct cp_control_entry *e = &f->entries[i];
        if (e->depth != 0)
            continue;
        if (cp_frame_kind(e->frame) != CP_KIND_FOLLOW)
            continue;
        cp_control_read(e->frame, &c);
        struct cp_member_named *n = c.known ? find(m, c.follow.statement.person) : NULL;
        if (n != NULL && !n->follows)
            n->follows = memcmp(c.follow.old, f->plans[1], CP_ID_LEN) == 0 && cp_fold_says(f, m, e, &c.follow.statement);
    }
    return CP_OK;
}
