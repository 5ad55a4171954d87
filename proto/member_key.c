/*
 * What KEYs come to: which count, which keys are in force, and what a replaced key still says (design 5). Pure.
 * Owns: these rules. Must not: say what is cut (member_cut.c) or who stands (member_fold.c).
 *
 * A KEY counts by its signature alone, by the recovery key that the person's first admission names. It replaces the
 * new keys of the KEYs it names, or the person's first key where it names none. The key of the one KEY that no other of
 * the person names is in force; while there are two such, neither is.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/member_internal.h"

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

/* ---- KEYs ---- */

static const struct cp_fold_person *find_person(const struct cp_fold *f, const uint8_t *person)
{
    for (size_t i = 0; i < f->persons_count; i++)
        if (memcmp(f->persons[i].person, person, CP_ID_LEN) == 0)
            return &f->persons[i];
    return NULL;
}

/* By the key that the person's sheet gives. */
bool cp_fold_by_recovery(const struct cp_fold *f, const struct cp_statement *st)
{
    const struct cp_fold_person *p = find_person(f, st->person);
    return st->by == CP_BY_RECOVERY && p != NULL && memcmp(p->recovery_key, st->key, CP_KEY_LEN) == 0;
}

static enum cp_err take_change(struct cp_fold *f, struct cp_members *m, const struct cp_control_entry *e)
{
    struct cp_control c;
    uint8_t id[CP_ID_LEN];
    void *array = m->changes;
    if (cp_frame_kind(e->frame) != CP_KIND_KEY)
        return CP_OK;
    cp_control_read(e->frame, &c);
    const struct cp_statement *st = &c.key.statement;
    if (!c.known || !cp_fold_names_plan(f, e, st) || !cp_fold_by_recovery(f, st) ||
        !(e->judged || cp_statement_sig_ok(st)))
        return CP_OK;
    cp_statement_id(st->text, id);
    enum cp_err err = cp_fold_carry(f, id, e);
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

enum cp_err cp_fold_keys(struct cp_fold *f, struct cp_members *m)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < f->entries_count && err == CP_OK; i++)
        err = take_change(f, m, &f->entries[i]);
    if (m->changes_count > 1)
        qsort(m->changes, m->changes_count, sizeof *m->changes, by_change);
    return err == CP_OK ? make_keys(f, m) : err;
}

/* ---- What a key says ---- */

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
