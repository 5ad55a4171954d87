/*
 * Asking who stands of a set of entries, and what was worked out last for sets like it.
 * Owns: these few. Must not: know the rules (reference_standing.c).
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/reference_internal.h"

static bool same_id(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, CP_ID_LEN) == 0;
}

/* ---- What was worked out last ---- */

static void standing_free(struct ref_standing *s)
{
    for (unsigned i = 0; s != NULL && i < s->count; i++) {
        struct ref_told *t = &s->told[i];
        free(t->list);
        free(t->key_said);
        free(t->revokes);
        free(t->devices);
        free(t->stands);
    }
    if (s != NULL) {
        free(s->told);
        ref_set_clear(&s->asked);
        ref_set_clear(&s->heads);
        free(s);
    }
}

void ref_standings_forget(struct ref_log *log)
{
    for (size_t i = 0; i < REF_STANDINGS; i++) {
        standing_free(log->standings[i]);
        log->standings[i] = NULL;
    }
}

static void add_tips(struct ref_log *log, const struct cp_cut *cut)
{
    struct cp_cut_walk w;
    struct cp_cut_tip t;
    cp_cut_begin(&w, cut);
    while (cp_cut_next(&w, &t)) {
        size_t at = ref_find(log, t.tip);
        if (at != REF_NONE)
            ref_set_add(&log->decides, at);
    }
}

/* Control entries, the tips that cuts name, and the heads that a continuation names: nothing else decides. */
static void find_what_decides(struct ref_log *log)
{
    if (log->decides_count == log->count)
        return;
    ref_set_clear(&log->decides);
    log->decides_count = log->count;
    for (size_t i = 0; i < log->controls_count; i++) {
        const struct ref_control *r = &log->controls[i];
        ref_set_add(&log->decides, r->entry);
        if (r->c.known && r->c.kind == CP_KIND_REVOKE)
            add_tips(log, &r->c.revoke.cut);
        for (size_t k = 0; r->c.known && r->c.kind == CP_KIND_KEY && k < r->c.key.cuts_count; k++) {
            const uint8_t *device = NULL;
            struct cp_cut cut;
            cp_key_cut(&r->c.key, k, &device, &cut);
            add_tips(log, &cut);
        }
        for (size_t k = 0; r->c.known && r->c.continues && k < r->c.from.heads.count; k++) {
            size_t at = ref_find(log, cp_id_list_at(&r->c.from.heads, k));
            if (at != REF_NONE)
                ref_set_add(&log->decides, at);
        }
    }
}

static void narrow(const struct ref_log *log, const struct ref_set *held, struct ref_set *out)
{
    ref_set_copy(out, held);
    out->count = 0; /* of no use here */
    for (size_t i = 0; i < out->words; i++)
        out->bits[i] &= i < log->decides.words ? log->decides.bits[i] : 0;
}

/* The past of a continuation's heads, and of its first entry alone. */
static void find_past(const struct ref_log *log, const struct ref_set *held, struct ref_standing *s,
                      struct ref_set *of_first)
{
    if (log->line_count < 2 || log->first == REF_NONE || !ref_set_has(held, log->first))
        return;
    const struct ref_control *first = &log->controls[log->entries[log->first].control];
    ref_past(log, log->first, of_first);
    s->heads_known = first->c.known && first->c.continues;
    for (size_t i = 0; s->heads_known && i < first->c.from.heads.count; i++) {
        size_t at = ref_find(log, cp_id_list_at(&first->c.from.heads, i));
        s->heads_known = at != REF_NONE && ref_set_has(held, at);
        if (s->heads_known) {
            ref_past(log, at, &s->heads);
            ref_set_add(&s->heads, at);
        }
    }
}

static const struct ref_standing *standing(const struct ref_log *log, const struct ref_set *held)
{
    struct ref_log *kept =
        (struct ref_log *)(uintptr_t)log; /* what was worked out changes nothing that it says */
    struct ref_set asked = {0}, of_first = {0};
    find_what_decides(kept);
    narrow(log, held, &asked);
    for (size_t i = 0; i < REF_STANDINGS; i++)
        if (log->standings[i] != NULL && ref_set_includes(&log->standings[i]->asked, &asked) &&
            ref_set_includes(&asked, &log->standings[i]->asked)) {
            ref_set_clear(&asked);
            return log->standings[i];
        }
    struct ref_standing *s = ref_zeros(1, sizeof *s);
    s->asked = asked;
    s->count = log->line_count;
    s->told = ref_zeros(s->count, sizeof *s->told);
    find_past(log, held, s, &of_first);
    for (unsigned i = 0; i < s->count; i++)
        ref_tell(log, held, &of_first, i, &s->told[i]);
    ref_set_clear(&of_first);
    struct ref_standing **place = &kept->standings[kept->standings_next++ % REF_STANDINGS];
    standing_free(*place);
    *place = s;
    return s;
}

/* ---- Answers ---- */

static bool is_lost(const struct ref_view *v, const uint8_t *key)
{
    struct cp_cut cut;
    for (size_t i = 0; i < v->t->count; i++)
        if (ref_view_cut_of(v, i, key, &cut))
            return true;
    return false;
}

static bool join_ended(const struct ref_view *v, const struct ref_control *a)
{
    bool any = false;
    for (size_t i = 0; a->c.continues && i < v->t->count; i++) { /* a continuer came by the JOINs of the plan before */
        const struct ref_control *was = v->t->list[i];
        if (!was->admits || v->log->entries[was->entry].depth != v->log->entries[a->entry].depth + 1 ||
            !same_id(ref_view_device_of(v, was), ref_view_device_of(v, a)))
            continue;
        any = true;
        if (!join_ended(v, was))
            return false;
    }
    if (any)
        return true;
    const struct cp_join *j = ref_view_join_of(v, a);
    uint8_t id[CP_ID_LEN];
    if (j == NULL)
        return false;
    cp_statement_id(j->text, id);
    for (size_t i = 0; i < v->t->count; i++) {
        const struct cp_statement *st = ref_view_says(v, v->t->list[i], CP_KIND_LEAVE);
        if (st == NULL || !same_id(st->person, j->person) ||
            !ref_view_key_says(v, st->person, st->key, v->t->list[i]->id))
            continue;
        for (size_t k = 0; k < v->t->list[i]->c.leave.count; k++)
            if (same_id(cp_leave_join(&v->t->list[i]->c.leave, k), id))
                return true;
    }
    return false;
}

struct ref_device ref_device(const struct ref_log *log, const struct ref_set *held,
                             const uint8_t key[CP_KEY_LEN])
{
    const struct ref_standing *s = standing(log, held);
    struct ref_view v = {log, held, &s->told[0]};
    struct ref_device d = {.admitted = false};
    const struct ref_entry *lowest = NULL;
    bool ended = false, stays = false;
    for (size_t i = 0; i < v.t->count; i++) {
        const struct ref_control *a = v.t->list[i];
        const struct ref_entry *e = (&v.log->entries[a->entry]);
        if (!a->admits || e->depth != 0 || !same_id(ref_view_device_of(&v, a), key))
            continue;
        d.admitted = true;
        if (lowest == NULL || ref_before(e, lowest)) {
            lowest = e;
            memcpy(d.person, ref_view_person_of(&v, a), CP_ID_LEN);
        }
        bool over = join_ended(&v, a), in = ref_view_lets_in(&v, a, true);
        ended = ended || over;
        stays = stays || (!over && in);
        d.waits = d.waits || in;
    }
    d.stands = ref_view_stands(&v, key);
    d.waits = d.waits && !d.stands;
    d.lost = d.admitted && is_lost(&v, key);
    d.left = ended && !stays;
    return d;
}

bool ref_is_in(const struct ref_device *d)
{
    return (d->stands || d->waits) && !d->lost && !d->left;
}

bool ref_void(const struct ref_log *log, const struct ref_set *held, size_t at)
{
    const struct ref_entry *e = &log->entries[at];
    const struct ref_standing *s = standing(log, held);
    struct ref_view v = {log, held, &s->told[e->depth]};
    if (e->depth > 0 && s->heads_known && !ref_set_has(&s->heads, at))
        return true;
    if (e->kind == CP_KIND_VERSION || e->kind == CP_KIND_PART || e->kind == CP_KIND_ANSWER)
        return false;
    return !ref_view_stands(&v, e->device) || !ref_view_within(&v, at);
}

bool ref_key_says(const struct ref_log *log, const struct ref_set *held, const uint8_t person[CP_ID_LEN],
                  const uint8_t key[CP_KEY_LEN], const uint8_t statement[CP_ID_LEN])
{
    struct ref_view v = {log, held, &standing(log, held)->told[0]};
    return ref_view_key_says(&v, person, key, statement);
}

bool ref_ever_key(const struct ref_log *log, const struct ref_set *held, const uint8_t person[CP_ID_LEN],
                  const uint8_t key[CP_KEY_LEN])
{
    const uint8_t *sheet = NULL;
    for (size_t i = 0; i < log->controls_count; i++) {
        const struct ref_control *r = &log->controls[i];
        if (!ref_set_has(held, r->entry) || !r->c.known || r->c.continues ||
            (r->c.kind != CP_KIND_FIRST && r->c.kind != CP_KIND_ADMIT) || !same_id(r->c.join.person, person))
            continue;
        if (same_id(r->c.join.identity_key, key))
            return true;
        sheet = r->admits && r->c.join.how == CP_JOIN_NEW ? r->c.join.recovery_key : sheet;
    }
    for (size_t i = 0; i < log->controls_count && sheet != NULL; i++) {
        const struct ref_control *r = &log->controls[i];
        const struct cp_statement *st =
            r->c.known && r->c.kind == CP_KIND_KEY && r->signed_well ? &r->c.key.statement : NULL;
        if (st != NULL && ref_set_has(held, r->entry) && same_id(st->person, person) && same_id(st->key, sheet) && same_id(r->c.key.key, key))
            return true;
    }
    return false;
}
