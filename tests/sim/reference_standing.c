/*
 * Who stands, which REVOKEs, KEYs, LEAVEs and FOLLOWs count, and what is void: the words of docs/protocol.md "Standing" and
 * "Carrying on", one after the other, asked of a set of entries.
 * Owns: its own reading of these rules, as plainly as it can be. Must not: share a line with
 * proto/member*.c or the store, or take an entry's word for more than it says.
 *
 * tests/model tells the same of small histories of one plan; towns have more entries than its sets hold, and continuations.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/reference_internal.h"

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, CP_ID_LEN) == 0;
}

static const struct ref_entry *entry_of(const struct ref_view *v, const struct ref_control *r)
{
    return &v->log->entries[r->entry];
}

static bool is_admission(const struct ref_control *r)
{
    return r->admits;
}

/* Whom it lets in: a continuation's first entry its own author, who has no JOIN there. */
const uint8_t *ref_view_device_of(const struct ref_view *v, const struct ref_control *r)
{
    return r->c.continues ? entry_of(v, r)->device : r->c.join.device_key;
}

const uint8_t *ref_view_person_of(const struct ref_view *v, const struct ref_control *r)
{
    return r->c.continues ? entry_of(v, r)->person : r->c.join.person;
}

/* The JOIN that says who a continuer is: of the plan before. */
const struct cp_join *ref_view_join_of(const struct ref_view *v, const struct ref_control *r)
{
    const struct ref_control *lowest = NULL;
    if (!r->c.continues)
        return &r->c.join;
    for (size_t i = 0; i < v->t->count; i++) {
        const struct ref_control *a = v->t->list[i];
        const struct ref_entry *e = entry_of(v, a);
        if (is_admission(a) && e->depth == entry_of(v, r)->depth + 1 &&
            same(ref_view_device_of(v, a), entry_of(v, r)->device) &&
            (lowest == NULL || ref_before(e, entry_of(v, lowest))))
            lowest = a;
    }
    return lowest == NULL ? NULL : ref_view_join_of(v, lowest);
}

static const struct cp_statement *statement_of(const struct ref_control *r)
{
    return r->c.kind == CP_KIND_REVOKE   ? &r->c.revoke.statement
           : r->c.kind == CP_KIND_KEY    ? &r->c.key.statement
           : r->c.kind == CP_KIND_LEAVE  ? &r->c.leave.statement
           : r->c.kind == CP_KIND_FOLLOW ? &r->c.follow.statement
                                         : NULL;
}

/* A statement with a good signature, made for the plan that its carrier was written in. */
const struct cp_statement *ref_view_says(const struct ref_view *v, const struct ref_control *r,
                                         enum cp_kind kind)
{
    const struct cp_statement *st =
        r->c.known && r->c.kind == kind && r->signed_well ? statement_of(r) : NULL;
    return st != NULL && same(st->plan, v->log->line[entry_of(v, r)->depth]) ? st : NULL;
}

/* ---- Keys ---- */

static const struct ref_control *first_admission(const struct ref_view *v, const uint8_t *person)
{
    for (size_t i = 0; i < v->t->count; i++) {
        const struct ref_control *r = v->t->list[i];
        if (is_admission(r) && !r->c.continues && r->c.join.how == CP_JOIN_NEW &&
            same(r->c.join.person, person))
            return r;
    }
    return NULL;
}

static bool is_keys_of(const struct ref_view *v, size_t i, const uint8_t *person)
{
    return v->t->key_said[i] && same(v->t->list[i]->c.key.statement.person, person);
}

static bool names_earlier(const struct ref_view *v, size_t by, size_t of)
{
    return cp_id_list_has(&v->t->list[by]->c.key.earlier, v->t->list[of]->id);
}

/* Did this KEY replace the key? Where a KEY names it, those do that name that KEY in `earlier`; as the person's first key, those
 * that name none, and where only others are held, these. */
static bool replaces(const struct ref_view *v, size_t by, const uint8_t *person, const uint8_t *key)
{
    if (!is_keys_of(v, by, person))
        return false;
    for (size_t i = 0; i < v->t->count; i++)
        if (is_keys_of(v, i, person) && same(v->t->list[i]->c.key.key, key) && names_earlier(v, by, i))
            return true;
    const struct ref_control *first = first_admission(v, person);
    if (first == NULL || !same(first->c.join.identity_key, key))
        return false;
    bool none_named = false;
    for (size_t i = 0; i < v->t->count; i++)
        none_named = none_named || (is_keys_of(v, i, person) && v->t->list[i]->c.key.earlier.count == 0);
    return !none_named || v->t->list[by]->c.key.earlier.count == 0;
}

static bool is_replaced(const struct ref_view *v, const uint8_t *person, const uint8_t *key)
{
    for (size_t i = 0; i < v->t->count; i++)
        if (replaces(v, i, person, key))
            return true;
    return false;
}

/* NULL: none is in force. */
static const uint8_t *key_in_force(const struct ref_view *v, const uint8_t *person)
{
    const struct ref_control *first = first_admission(v, person);
    const uint8_t *key = first == NULL ? NULL : first->c.join.identity_key;
    size_t open = 0;
    for (size_t i = 0; i < v->t->count; i++) {
        bool named = false;
        for (size_t k = 0; k < v->t->count && is_keys_of(v, i, person); k++)
            named = named || (is_keys_of(v, k, person) && names_earlier(v, k, i));
        if (is_keys_of(v, i, person) && !named) {
            open++;
            key = v->t->list[i]->c.key.key;
        }
    }
    return key == NULL || open > 1 || is_replaced(v, person, key) ? NULL : key;
}

bool ref_view_key_says(const struct ref_view *v, const uint8_t *person, const uint8_t *key,
                       const uint8_t *statement)
{
    const uint8_t *now = key_in_force(v, person);
    if (now != NULL && same(now, key))
        return true;
    if (!is_replaced(v, person, key))
        return false;
    for (size_t i = 0; i < v->t->count; i++)
        if (replaces(v, i, person, key) && !cp_id_list_has(&v->t->list[i]->c.key.stand, statement))
            return false;
    return true;
}

/* What a KEY says of a device: NULL: nothing; else its cut (count set) or, as one that stays, `*stays`. */
static bool key_names(const struct cp_key_change *k, const uint8_t *device, bool *stays, struct cp_cut *cut)
{
    *stays = cp_id_list_has(&k->stay, device);
    for (size_t i = 0; i < k->cuts_count; i++) {
        const uint8_t *of = NULL;
        cp_key_cut(k, i, &of, cut);
        if (same(of, device))
            return true;
    }
    return *stays;
}

static bool comes_by_key(const struct ref_view *v, const struct cp_join *j)
{
    bool stays = false;
    struct cp_cut cut;
    const uint8_t *now = j == NULL ? NULL : key_in_force(v, j->person);
    if (j == NULL)
        return false;
    if (j->how == CP_JOIN_RECOVERY || (now != NULL && same(now, j->identity_key)))
        return true;
    if (!is_replaced(v, j->person, j->identity_key))
        return false;
    for (size_t i = 0; i < v->t->count; i++)
        if (replaces(v, i, j->person, j->identity_key) &&
            !key_names(&v->t->list[i]->c.key, j->device_key, &stays, &cut))
            return false;
    return true;
}

/* ---- Cuts ---- */

static bool is_device_of(const struct ref_view *v, const uint8_t *device, const uint8_t *person)
{
    for (size_t i = 0; i < v->t->count; i++)
        if (is_admission(v->t->list[i]) && same(ref_view_device_of(v, v->t->list[i]), device) &&
            same(ref_view_person_of(v, v->t->list[i]), person))
            return true;
    return false;
}

/* Did a REVOKE that counts take the place of what this statement says of the device? What the sheet made only the sheet ends. */
static bool overtaken(const struct ref_view *v, size_t of, const uint8_t *device)
{
    const struct cp_statement *was = statement_of(v->t->list[of]);
    for (size_t i = 0; i < v->t->count; i++) {
        const struct cp_revoke *r = &v->t->list[i]->c.revoke;
        if (v->t->revokes[i] && same(r->device, device) && same(r->statement.person, was->person) &&
            cp_id_list_has(&r->earlier, v->t->list[of]->id) &&
            (r->statement.by == CP_BY_RECOVERY || was->by == CP_BY_IDENTITY))
            return true;
    }
    return false;
}

/* What the statement at i, in force, says of the device. */
bool ref_view_cut_of(const struct ref_view *v, size_t i, const uint8_t *device, struct cp_cut *cut)
{
    const struct ref_control *r = v->t->list[i];
    bool stays = false;
    if (v->t->revokes[i]) {
        *cut = r->c.revoke.cut;
        return same(r->c.revoke.device, device) && !overtaken(v, i, device);
    }
    return v->t->key_said[i] && is_device_of(v, device, r->c.key.statement.person) &&
           key_names(&r->c.key, device, &stays, cut) && !stays && !overtaken(v, i, device);
}

/* depth: of the plan that the statement is made for, whose chains it names. */
static bool in_cut(const struct ref_view *v, const struct cp_cut *cut, unsigned depth, size_t at)
{
    const struct ref_entry *e = &v->log->entries[at];
    struct cp_cut_walk w;
    struct cp_cut_tip t;
    cp_cut_begin(&w, cut);
    while (cp_cut_next(&w, &t)) {
        if (e->depth != depth || t.class != e->class ||
            memcmp(t.incarnation, e->incarnation, CP_INCARNATION_LEN) != 0)
            continue;
        size_t tip = ref_find(v->log, t.tip);
        const struct ref_entry *x = tip == REF_NONE ? NULL : &v->log->entries[tip];
        bool held = x != NULL && ref_set_has(v->held, tip) && x->seq == t.seq && x->class == t.class &&
                    x->depth == depth && same(x->device, e->device) &&
                    memcmp(x->incarnation, t.incarnation, CP_INCARNATION_LEN) == 0;
        if (!held && e->seq <= t.seq)
            return true;
        for (; held && tip != REF_NONE;
             tip = v->log->entries[tip].seq > 1 ? v->log->entries[tip].preds[0] : REF_NONE)
            if (tip == at)
                return true;
    }
    return false;
}

static bool beyond(const struct ref_view *v, size_t i, size_t at)
{
    struct cp_cut cut;
    return ref_view_cut_of(v, i, v->log->entries[at].device, &cut) &&
           !in_cut(v, &cut, entry_of(v, v->t->list[i])->depth, at);
}

bool ref_view_within(const struct ref_view *v, size_t at)
{
    for (size_t i = 0; i < v->t->count && v->t->any_cut; i++)
        if (beyond(v, i, at))
            return false;
    return true;
}

/* ---- Standing ---- */

static size_t place_of(const struct ref_view *v, const uint8_t *device)
{
    for (size_t i = 0; i < v->t->devices_count; i++)
        if (same(v->t->devices[i], device))
            return i;
    return REF_NONE;
}

bool ref_view_stands(const struct ref_view *v, const uint8_t *device)
{
    size_t at = place_of(v, device);
    return at != REF_NONE && v->t->stands[at];
}

static bool lies_in_past(const struct ref_view *v, size_t older, const struct ref_set *past)
{
    (void)v;
    return ref_set_has(past, older);
}

/* Is the statement at i carried by something in this past? */
static bool known_to(const struct ref_view *v, size_t i, const struct ref_set *past)
{
    for (size_t k = 0; k < v->t->count; k++)
        if (v->t->list[k]->signed_well && same(v->t->list[k]->id, v->t->list[i]->id) &&
            v->t->list[k]->c.kind == v->t->list[i]->c.kind && lies_in_past(v, v->t->list[k]->entry, past))
            return true;
    return false;
}

static size_t invite_of(const struct ref_view *v, const struct ref_control *r)
{
    size_t at = entry_of(v, r)->kind == CP_KIND_ADMIT ? ref_find(v->log, r->c.invite) : REF_NONE;
    return at != REF_NONE && ref_set_has(v->held, at) ? at : REF_NONE;
}

/* The INVITE, the admissions of its author with their INVITEs, and so on up the line. */
static void line_up(const struct ref_view *v, size_t invite, struct ref_set *line)
{
    size_t before = 0;
    ref_set_add(line, invite);
    while (line->count != before) {
        before = line->count;
        for (size_t i = 0; i < v->t->count; i++) {
            const struct ref_control *a = v->t->list[i];
            bool author = false;
            if (!is_admission(a) || entry_of(v, a)->kind != CP_KIND_ADMIT ||
                entry_of(v, a)->depth != v->t->depth)
                continue;
            for (size_t e = 0; e < v->log->controls_count && !author; e++)
                author = ref_set_has(line, v->log->controls[e].entry) &&
                         same(v->log->entries[v->log->controls[e].entry].device, ref_view_device_of(v, a));
            if (author) {
                ref_set_add(line, a->entry);
                if (invite_of(v, a) != REF_NONE)
                    ref_set_add(line, invite_of(v, a));
            }
        }
    }
}

/* Does the statement at i keep somebody in this line from counting? */
static bool keeps(const struct ref_view *v, size_t i, const struct ref_set *line)
{
    for (size_t e = 0; e < v->log->controls_count; e++) {
        size_t at = v->log->controls[e].entry;
        if (!ref_set_has(line, at))
            continue;
        if (beyond(v, i, at))
            return true;
        for (size_t a = 0; a < v->t->count && v->t->key_said[i]; a++) {
            const struct ref_control *r = v->t->list[a];
            if (is_admission(r) && entry_of(v, r)->depth == v->t->depth &&
                same(ref_view_device_of(v, r), v->log->entries[at].device) &&
                !comes_by_key(v, ref_view_join_of(v, r)) &&
                same(v->t->list[i]->c.key.statement.person, ref_view_person_of(v, r)))
                return true;
        }
    }
    return false;
}

static bool admitted_knowing(const struct ref_view *v, const struct ref_control *admit, size_t invite)
{
    struct ref_set line = {0}, past = {0};
    bool any = false, all = true;
    line_up(v, invite, &line);
    ref_past(v->log, admit->entry, &past);
    for (size_t i = 0; i < v->t->count; i++) {
        if ((!v->t->revokes[i] && !v->t->key_said[i]) || !keeps(v, i, &line))
            continue;
        any = true;
        all = all && known_to(v, i, &past);
    }
    ref_set_clear(&line);
    ref_set_clear(&past);
    return any && all;
}

static bool is_named(const struct ref_view *v, const uint8_t *person)
{
    size_t first = ref_find(v->log, v->log->line[v->t->depth]);
    const struct ref_control *r =
        first == REF_NONE ? NULL : &v->log->controls[v->log->entries[first].control];
    return r != NULL && r->c.continues && cp_id_list_has(&r->c.from.people, person);
}

static bool follows(const struct ref_view *v, const uint8_t *person)
{
    for (size_t i = 0; i < v->t->count; i++) {
        const struct ref_control *r = v->t->list[i];
        const struct cp_statement *st = ref_view_says(v, r, CP_KIND_FOLLOW);
        if (st != NULL && entry_of(v, r)->depth == v->t->depth && same(st->person, person) &&
            same(r->c.follow.old, v->log->line[v->t->depth + 1]) &&
            ref_view_key_says(v, person, st->key, r->id))
            return true;
    }
    return false;
}

/* May the author of this ADMIT let somebody in who comes along from an earlier plan? */
static bool may_carry(const struct ref_view *v, const uint8_t *author)
{
    size_t first = ref_find(v->log, v->log->line[v->t->depth]);
    return ref_view_stands(v, author) || (first != REF_NONE && same(v->log->entries[first].device, author));
}

/* Is the device let in by this admission: does it stand, or (waits) would it if its person followed? */
bool ref_view_lets_in(const struct ref_view *v, const struct ref_control *r, bool waits)
{
    const struct ref_entry *e = entry_of(v, r);
    if (e->depth != v->t->depth || !comes_by_key(v, ref_view_join_of(v, r)))
        return false;
    if (r->c.continues || r->earlier) {
        bool carried = r->c.continues || (ref_view_within(v, r->entry) && may_carry(v, e->device));
        return carried && is_named(v, ref_view_person_of(v, r)) &&
               (waits || follows(v, ref_view_person_of(v, r)));
    }
    if (e->kind == CP_KIND_FIRST)
        return true;
    size_t invite = invite_of(v, r);
    if (invite == REF_NONE || !ref_view_within(v, r->entry) || !ref_view_stands(v, e->device))
        return false;
    return (ref_view_within(v, invite) && ref_view_stands(v, v->log->entries[invite].device)) ||
           admitted_knowing(v, r, invite);
}

static void work_out_standing(struct ref_view *v, struct ref_told *t)
{
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < t->count; i++) {
            if (!is_admission(t->list[i]))
                continue;
            size_t at = place_of(v, ref_view_device_of(v, t->list[i]));
            if (at != REF_NONE && !t->stands[at] && ref_view_lets_in(v, t->list[i], false))
                t->stands[at] = again = true;
        }
    }
}

/* ---- One depth, from the set ---- */

static void work_out_statements(struct ref_view *v, struct ref_told *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct cp_statement *st = ref_view_says(v, t->list[i], CP_KIND_KEY);
        const struct ref_control *first = st == NULL ? NULL : first_admission(v, st->person);
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again = again || (t->key_said[k] && same(t->list[k]->id, t->list[i]->id));
        t->key_said[i] =
            first != NULL && !again && st->by == CP_BY_RECOVERY && same(st->key, first->c.join.recovery_key);
        t->any_cut = t->any_cut || t->key_said[i];
    }
    for (size_t i = 0; i < t->count; i++) {
        const struct cp_statement *st = ref_view_says(v, t->list[i], CP_KIND_REVOKE);
        const struct ref_control *first = st == NULL ? NULL : first_admission(v, st->person);
        bool again = false, counts = false;
        if (first == NULL || !is_device_of(v, t->list[i]->c.revoke.device, st->person))
            continue;
        for (size_t k = 0; k < i; k++)
            again = again || (t->revokes[k] && same(t->list[k]->id, t->list[i]->id));
        counts = st->by == CP_BY_RECOVERY ? same(st->key, first->c.join.recovery_key)
                                          : ref_view_key_says(v, st->person, st->key, t->list[i]->id);
        t->revokes[i] = counts && !again;
        t->any_cut = t->any_cut || t->revokes[i];
    }
}

void ref_tell(const struct ref_log *log, const struct ref_set *held, const struct ref_set *before,
              unsigned depth, struct ref_told *t)
{
    struct ref_view v = {log, held, t};
    t->depth = depth;
    t->list = ref_zeros(log->controls_count, sizeof(void *));
    t->key_said = ref_zeros(log->controls_count, sizeof(bool));
    t->revokes = ref_zeros(log->controls_count, sizeof(bool));
    t->devices = ref_zeros(log->controls_count, sizeof(void *));
    t->stands = ref_zeros(log->controls_count, sizeof(bool));
    for (size_t i = 0; i < log->controls_count; i++) {
        struct ref_control *r = &log->controls[i];
        const struct ref_entry *e = &log->entries[r->entry];
        bool in = e->depth == 0 ? ref_set_has(held, r->entry) : ref_set_has(before, r->entry);
        if (!in || e->depth < depth || !r->c.known || r->c.kind == CP_KIND_INVITE ||
            r->c.kind == CP_KIND_SECRET || r->c.kind == CP_KIND_UNINVITE || r->c.kind == CP_KIND_WITHDRAW)
            continue;
        t->list[t->count++] = r;
        if (is_admission(r) && e->depth == depth && place_of(&v, ref_view_device_of(&v, r)) == REF_NONE)
            t->devices[t->devices_count++] = ref_view_device_of(&v, r);
    }
    work_out_statements(&v, t);
    work_out_standing(&v, t);
}

void *ref_zeros(size_t count, size_t size)
{
    void *p = calloc(count + 1, size);
    if (p == NULL)
        abort();
    return p;
}
