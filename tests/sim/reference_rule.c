/*
 * Rule R1 of the model: the past of an entry, what is an admission, which entries a store may hold (docs/protocol.md "Rule R1",
 * "Carrying on"). Must not: look at anything but an entry and its own past.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/reference_internal.h"

/* ---- The past of an entry ---- */

/* Calls visit for every entry in the past of `of`, each once, until it returns false. */
typedef bool past_visit(void *ctx, const struct ref_log *log, size_t at);
static void walk_past(const struct ref_log *log, const struct ref_entry *of, past_visit *visit, void *ctx)
{
    uint8_t *seen = calloc(log->count + 1, 1);
    size_t *todo = ref_more(NULL, (log->count + 1) * sizeof *todo), count = 0;
    bool go_on = seen != NULL;
    for (size_t i = 0; i < of->preds_count; i++)
        if (of->preds[i] != REF_NONE && seen != NULL && !seen[of->preds[i]]) {
            seen[of->preds[i]] = 1;
            todo[count++] = of->preds[i];
        }
    while (count > 0 && go_on) {
        size_t at = todo[--count];
        const struct ref_entry *e = &log->entries[at];
        go_on = visit(ctx, log, at);
        for (size_t i = 0; i < e->preds_count && go_on; i++)
            if (e->preds[i] != REF_NONE && !seen[e->preds[i]]) {
                seen[e->preds[i]] = 1;
                todo[count++] = e->preds[i];
            }
    }
    free(seen);
    free(todo);
}

static bool add_to_set(void *ctx, const struct ref_log *log, size_t at)
{
    (void)log;
    ref_set_add(ctx, at);
    return true;
}

void ref_past(const struct ref_log *log, size_t at, struct ref_set *out)
{
    walk_past(log, &log->entries[at], add_to_set, out);
}

struct seek {
    const uint8_t *id;
    size_t found;
};
static bool is_it(void *ctx, const struct ref_log *log, size_t at)
{
    struct seek *s = ctx;
    if (memcmp(log->entries[at].id, s->id, CP_ID_LEN) == 0)
        s->found = at;
    return s->found == REF_NONE;
}

struct admissions {
    const uint8_t *device;
    unsigned depth;
    const struct ref_entry *lowest;
    uint8_t person[CP_ID_LEN];
};

bool ref_before(const struct ref_entry *a, const struct ref_entry *b)
{
    return a->lamport != b->lamport ? a->lamport < b->lamport : memcmp(a->id, b->id, CP_ID_LEN) < 0;
}

struct person_seek {
    const struct cp_join *join;
    bool found;
};
static bool is_first_of(void *ctx, const struct ref_log *log, size_t at)
{
    struct person_seek *s = ctx;
    const struct ref_entry *e = &log->entries[at];
    const struct ref_control *r = e->control == REF_NONE ? NULL : &log->controls[e->control];
    s->found = r != NULL && r->admits && !r->c.continues && r->c.join.how == CP_JOIN_NEW &&
               memcmp(r->c.join.person, s->join->person, CP_ID_LEN) == 0 &&
               memcmp(r->c.join.recovery_key, s->join->recovery_key, CP_KEY_LEN) == 0;
    return !s->found;
}

/* A KEY of the JOIN's person, by their sheet, that names the key which signed the JOIN. */
static bool names_key(void *ctx, const struct ref_log *log, size_t at)
{
    struct person_seek *s = ctx;
    const struct ref_entry *e = &log->entries[at];
    if (e->kind != CP_KIND_KEY || e->control == REF_NONE)
        return true;
    const struct ref_control *r = &log->controls[e->control];
    const struct cp_statement *st = &r->c.key.statement;
    s->found = r->c.known && r->signed_well && memcmp(st->plan, log->line[e->depth], CP_ID_LEN) == 0 &&
               memcmp(st->person, s->join->person, CP_ID_LEN) == 0 &&
               memcmp(st->key, s->join->recovery_key, CP_KEY_LEN) == 0 &&
               memcmp(r->c.key.key, s->join->identity_key, CP_KEY_LEN) == 0;
    return !s->found;
}

/* Under which plan's INVITE, or as the founder of which, this ADMIT's JOIN was made: its depth; NONE: none. */
static unsigned join_depth(const struct ref_log *log, const struct ref_entry *e, const struct cp_control *c)
{
    struct cp_control invite;
    struct seek s = {.id = c->invite, .found = REF_NONE};
    walk_past(log, e, is_it, &s);
    if (s.found == REF_NONE)
        return UINT_MAX;
    const struct ref_entry *of = &log->entries[s.found];
    if (of->kind == CP_KIND_FIRST && of->depth > e->depth) {
        const struct ref_control *first = &log->controls[of->control];
        bool same = first->admits && !first->c.continues && cp_bytes_eq(first->c.join.text, c->join.text) &&
                    cp_join_ok(&c->join, cp_zero_id, cp_zero_id, NULL, true);
        return same ? of->depth : UINT_MAX;
    }
    if (of->kind != CP_KIND_INVITE || of->depth < e->depth)
        return UINT_MAX;
    cp_control_read(of->frame, &invite);
    return invite.known && cp_join_under(&c->join, log->line[of->depth], c->invite, invite.token_key,
                                         invite.for_person ? invite.person : NULL)
               ? of->depth
               : UINT_MAX;
}

/* An ADMIT that verifies and has its INVITE, and for a further device its person's first admission, in its own past;
 * or the first entry for its author. A continuation's first entry has no JOIN (judge_continuation). */
bool ref_admits(const struct ref_log *log, const struct ref_entry *e, struct cp_control *c, bool *earlier)
{
    *earlier = false;
    if (e->kind != CP_KIND_FIRST && e->kind != CP_KIND_ADMIT)
        return false;
    cp_control_read(e->frame, c);
    if (!c->known || (e->kind == CP_KIND_FIRST && c->continues))
        return false;
    if (e->kind == CP_KIND_FIRST)
        return memcmp(e->device, c->join.device_key, CP_KEY_LEN) == 0;
    unsigned depth = join_depth(log, e, c);
    *earlier = depth != e->depth;
    if (depth == UINT_MAX)
        return false;
    struct person_seek p = {.join = &c->join, .found = c->join.how == CP_JOIN_NEW};
    if (!p.found)
        walk_past(log, e, is_first_of, &p);
    if (!p.found || c->join.how != CP_JOIN_DEVICE || !cp_join_new_key(&c->join))
        return p.found;
    p.found = false;
    walk_past(log, e, names_key, &p);
    return p.found;
}

static bool is_admission(void *ctx, const struct ref_log *log, size_t at)
{
    struct admissions *a = ctx;
    const struct ref_entry *e = &log->entries[at];
    const struct ref_control *r = e->control == REF_NONE ? NULL : &log->controls[e->control];
    bool names = r != NULL && r->admits && e->depth == a->depth &&
                 memcmp(r->c.continues ? e->device : r->c.join.device_key, a->device, CP_KEY_LEN) == 0;
    if (names && (a->lowest == NULL || ref_before(e, a->lowest))) {
        a->lowest = e;
        memcpy(a->person, r->c.continues ? e->person : r->c.join.person, CP_ID_LEN);
    }
    return true;
}

bool ref_admitted(const struct ref_log *log, const struct ref_set *held, const uint8_t device[CP_KEY_LEN])
{
    struct admissions a = {.device = device};
    for (size_t i = 0; i < log->controls_count && a.lowest == NULL; i++)
        if (ref_set_has(held, log->controls[i].entry))
            (void)is_admission(&a, log, log->controls[i].entry);
    return a.lowest != NULL;
}

/* ---- Rule R1, of one entry ---- */

static const char *judge_first(struct ref_log *log, struct ref_entry *e, const struct cp_header *h)
{
    struct cp_control c;
    cp_control_read(e->frame, &c);
    if (h->seq != 1 || h->parents_count != 0 || h->lamport != 1 || h->class != CP_CONTROL)
        return "a first entry in the wrong place";
    if (!c.known || c.kind != CP_KIND_FIRST || !cp_join_ok(&c.join, cp_zero_id, cp_zero_id, NULL, true) ||
        memcmp(c.join.device_key, e->device, CP_KEY_LEN) != 0)
        return "a first entry without its founder's JOIN";
    memcpy(e->person, c.join.person, CP_ID_LEN);
    (void)log;
    return NULL;
}

/* A continuation's: it goes on from what it cites, and its author was somebody there. */
static const char *judge_continuation(struct ref_log *log, struct ref_entry *e, const struct cp_header *h)
{
    struct cp_control c;
    struct admissions a = {.device = e->device, .depth = e->depth + 1};
    struct seek first = {.found = REF_NONE};
    cp_control_read(e->frame, &c);
    if (h->seq != 1 || h->parents_count == 0 || h->class != CP_CONTROL)
        return "a first entry in the wrong place";
    if (!c.known || c.kind != CP_KIND_FIRST || !c.continues ||
        c.from.plans.count != log->line_count - e->depth - 1)
        return "a first entry of another line";
    for (size_t i = 0; i < c.from.plans.count; i++)
        if (memcmp(cp_id_list_at(&c.from.plans, i), log->line[e->depth + 1 + i], CP_ID_LEN) != 0)
            return "a first entry of another line";
    for (size_t i = 0; i < h->parents_count; i++)
        if (!cp_id_list_has(&c.from.heads, h->parents[i]))
            return "a first entry that cites what it does not name";
    first.id = log->line[e->depth + 1];
    walk_past(log, e, is_it, &first);
    walk_past(log, e, is_admission, &a);
    memcpy(e->person, a.person, CP_ID_LEN);
    return first.found == REF_NONE ? "a first entry without the plan before it"
           : a.lowest == NULL      ? "a first entry by nobody of the plan before it"
                                   : NULL;
}

const char *ref_judge(struct ref_log *log, struct ref_entry *e, const struct cp_header *h,
                      const struct cp_entry *raw)
{
    uint8_t body[CP_ID_LEN];
    uint64_t highest = 0;
    cp_body_hash(raw->frame, raw->words, body);
    if (h->rules != CP_RULES_VERSION || h->frame_len != raw->frame.len || h->words_len != raw->words.len ||
        raw->header.len + raw->frame.len + raw->words.len > CP_ENTRY_MAX ||
        memcmp(body, h->body_hash, CP_ID_LEN) != 0)
        return "a body that does not fit its header";
    if ((e->kind < 64) != (h->class == CP_CONTROL) || (h->class == CP_CONTROL && raw->words.len != 0))
        return "a kind of the other class";
    bool first = memcmp(e->id, log->line[e->depth], CP_ID_LEN) == 0;
    if (first && e->depth + 1 == log->line_count)
        return judge_first(log, e, h);
    for (size_t i = 0; i < e->preds_count; i++) {
        if (e->preds[i] == REF_NONE)
            return "a predecessor that nobody ever had";
        const struct ref_entry *p = &log->entries[e->preds[i]];
        highest = p->lamport > highest ? p->lamport : highest;
        if (h->class == CP_CONTROL && p->class != CP_CONTROL)
            return "a control entry that cites content";
        if (p->unfit != NULL)
            return "a predecessor that may not be there";
    }
    if (h->lamport != highest + 1)
        return "a wrong lamport number";
    if (first)
        return judge_continuation(log, e, h);
    if (h->seq > 1) {
        const struct ref_entry *p = &log->entries[e->preds[0]];
        if (p->class != e->class || p->depth != e->depth || p->seq + 1 != h->seq ||
            memcmp(p->device, e->device, CP_KEY_LEN) != 0 ||
            memcmp(p->incarnation, e->incarnation, CP_INCARNATION_LEN) != 0)
            return "a predecessor in another chain";
        memcpy(e->person, p->person, CP_ID_LEN);
        return NULL;
    }
    struct admissions a = {.device = e->device, .depth = e->depth};
    walk_past(log, e, is_admission, &a);
    memcpy(e->person, a.person, CP_ID_LEN);
    return a.lowest == NULL ? "nobody admitted its device in its past" : NULL;
}
