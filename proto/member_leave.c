/*
 * Leaving (design 5): which JOINs a LEAVE ends. Pure: any order gives the same.
 * Owns: the rule. Must not: take standing away from anybody: what somebody wrote, and whom they let in, stays.
 *
 * A LEAVE counts in the plan that it names, by its signature: an identity key that counts for that person and statement,
 * whoever's entry carries it. It ends the JOINs of its own person that it names; one that is not held yet as well, when it comes.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/member_internal.h"

static int by_person_join(const void *a, const void *b)
{
    const struct cp_member_join *x = a, *y = b;
    int order = memcmp(x->person, y->person, CP_ID_LEN);
    return order != 0 ? order : memcmp(x->join, y->join, CP_ID_LEN);
}

static struct cp_member_join *find(const struct cp_members *m, const uint8_t *person, const uint8_t *join)
{
    struct cp_member_join key = {.ended = false};
    memcpy(key.person, person, CP_ID_LEN);
    memcpy(key.join, join, CP_ID_LEN);
    return m->joins_count == 0 ? NULL : bsearch(&key, m->joins, m->joins_count, sizeof key, by_person_join);
}

bool cp_fold_ended(const struct cp_fold *f, const struct cp_members *m, const struct cp_fold_admission *a)
{
    bool any = false;
    for (size_t i = 0; a->first && a->old && i < f->admissions_count; i++) {
        const struct cp_fold_admission *was = &f->admissions[i];
        if (was->entry->depth != a->entry->depth + 1 ||
            memcmp(was->join.device_key, a->join.device_key, CP_KEY_LEN) != 0)
            continue;
        any = true;
        if (!cp_fold_ended(f, m, was))
            return false; /* left, and came back before carrying on */
    }
    if (any)
        return true;
    const struct cp_member_join *j = find(m, a->join.person, a->join_id);
    return j != NULL && j->ended;
}

/* One row for each JOIN, however often it was admitted. */
static enum cp_err list_joins(struct cp_fold *f, struct cp_members *m)
{
    size_t kept = 0;
    m->joins = cp_alloc_array(m->mem, f->admissions_count + 1, sizeof *m->joins);
    if (m->joins == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < f->admissions_count; i++) {
        struct cp_fold_admission *a = &f->admissions[i];
        cp_statement_id(a->join.text, a->join_id);
        memcpy(m->joins[i].person, a->join.person, CP_ID_LEN);
        memcpy(m->joins[i].join, a->join_id, CP_ID_LEN);
    }
    if (f->admissions_count > 1)
        qsort(m->joins, f->admissions_count, sizeof *m->joins, by_person_join);
    for (size_t i = 0; i < f->admissions_count; i++)
        if (kept == 0 || by_person_join(&m->joins[kept - 1], &m->joins[i]) != 0)
            m->joins[kept++] = m->joins[i];
    m->joins_count = kept;
    return CP_OK;
}

enum cp_err cp_fold_leaves(struct cp_fold *f, struct cp_members *m)
{
    struct cp_control c;
    enum cp_err err = list_joins(f, m);
    for (size_t i = 0; i < f->entries_count && err == CP_OK; i++) {
        if (cp_frame_kind(f->entries[i].frame) != CP_KIND_LEAVE)
            continue; /* not every ADMIT of a large plan is read once more */
        cp_control_read(f->entries[i].frame, &c);
        if (!c.known || !cp_fold_says(f, m, &f->entries[i], &c.leave.statement))
            continue;
        for (size_t k = 0; k < c.leave.count; k++) {
            struct cp_member_join *j = find(m, c.leave.statement.person, cp_leave_join(&c.leave, k));
            if (j != NULL)
                j->ended = true;
        }
    }
    return err;
}
