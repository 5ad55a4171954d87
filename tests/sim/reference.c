/*
 * The log of the model: learning entries and judging them by rule R1, and sets of them. Must not: know merging
 * (reference_show.c does).
 */
#include "tests/sim/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/heap.h"

static void *more(void *old, size_t len)
{
    void *p = realloc(old, len == 0 ? 1 : len);
    if (p == NULL)
        abort();
    return p;
}

/* ---- Tables ---- */

static size_t place(const uint8_t *id, size_t count)
{
    uint64_t v;
    memcpy(&v, id, sizeof v); /* ids are hashes or keys */
    return (size_t)(v % count);
}

void ref_init(struct ref_log *log, const uint8_t plan[static CP_ID_LEN])
{
    memset(log, 0, sizeof *log);
    memcpy(log->plan, plan, CP_ID_LEN);
}

void ref_clear(struct ref_log *log)
{
    for (size_t i = 0; i < log->count; i++) {
        free(log->entries[i].preds);
        free(log->entries[i].bytes);
        free(log->entries[i].ops);
    }
    for (size_t i = 0; i < log->withdraws_count; i++)
        free(log->withdraws[i].ids);
    free(log->withdraws);
    free(log->entries);
    free(log->slots);
    free(log->records);
    free(log->record_slots);
    memset(log, 0, sizeof *log);
}

size_t ref_find(const struct ref_log *log, const uint8_t id[static CP_ID_LEN])
{
    if (log->slots_count == 0)
        return REF_NONE;
    for (size_t i = place(id, log->slots_count); log->slots[i] != 0; i = (i + 1) % log->slots_count)
        if (memcmp(log->entries[log->slots[i] - 1].id, id, CP_ID_LEN) == 0)
            return log->slots[i] - 1;
    return REF_NONE;
}

static void index_entries(struct ref_log *log)
{
    if ((log->count + 1) * 2 < log->slots_count)
        return;
    log->slots_count = log->slots_count == 0 ? 256 : log->slots_count * 2;
    log->slots = more(log->slots, log->slots_count * sizeof *log->slots);
    memset(log->slots, 0, log->slots_count * sizeof *log->slots);
    for (size_t e = 0; e < log->count; e++) {
        size_t i = place(log->entries[e].id, log->slots_count);
        while (log->slots[i] != 0)
            i = (i + 1) % log->slots_count;
        log->slots[i] = e + 1;
    }
}

static size_t record_slot(const struct ref_log *log, const uint8_t *id)
{
    size_t i = place(id, log->record_slots_count);
    while (log->record_slots[i] != 0 && memcmp(log->records[log->record_slots[i] - 1].id, id, CP_ID_LEN) != 0)
        i = (i + 1) % log->record_slots_count;
    return i;
}

size_t ref_record_find(const struct ref_log *log, const uint8_t id[static CP_ID_LEN])
{
    size_t slot = log->record_slots_count == 0 ? 0 : log->record_slots[record_slot(log, id)];
    return slot == 0 ? REF_NONE : slot - 1;
}

static void index_record(struct ref_log *log, const uint8_t *id, size_t entry)
{
    if ((log->records_count + 1) * 2 >= log->record_slots_count) {
        log->record_slots_count = log->record_slots_count == 0 ? 64 : log->record_slots_count * 2;
        log->record_slots = more(log->record_slots, log->record_slots_count * sizeof(size_t));
        memset(log->record_slots, 0, log->record_slots_count * sizeof(size_t));
        for (size_t r = 0; r < log->records_count; r++)
            log->record_slots[record_slot(log, log->records[r].id)] = r + 1;
    }
    size_t slot = record_slot(log, id);
    if (log->record_slots[slot] != 0) {
        struct ref_record *r = &log->records[log->record_slots[slot] - 1];
        log->entries[r->last].next = entry;
        r->last = entry;
        return;
    }
    if (log->records_count == log->records_cap) {
        log->records_cap = log->records_cap == 0 ? 64 : log->records_cap * 2;
        log->records = more(log->records, log->records_cap * sizeof *log->records);
    }
    struct ref_record *r = &log->records[log->records_count];
    *r = (struct ref_record){.first = entry, .last = entry};
    memcpy(r->id, id, CP_ID_LEN);
    log->record_slots[slot] = ++log->records_count;
}

/* ---- The past of an entry ---- */

/* Calls visit for every entry in the past of `of`, each once, until it returns false. */
typedef bool past_visit(void *ctx, const struct ref_log *log, size_t at);
static void walk_past(const struct ref_log *log, const struct ref_entry *of, past_visit *visit, void *ctx)
{
    uint8_t *seen = calloc(log->count + 1, 1);
    size_t *todo = more(NULL, (log->count + 1) * sizeof *todo), count = 0;
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
    const struct ref_entry *lowest;
    uint8_t person[CP_ID_LEN];
};

static bool before(const struct ref_entry *a, const struct ref_entry *b)
{
    return a->lamport != b->lamport ? a->lamport < b->lamport : memcmp(a->id, b->id, CP_ID_LEN) < 0;
}

static bool admits(const struct ref_log *log, const struct ref_entry *e, struct cp_control *c);

struct person_seek {
    const struct cp_join *join;
    bool found;
};
static bool is_first_of(void *ctx, const struct ref_log *log, size_t at)
{
    struct person_seek *s = ctx;
    struct cp_control c;
    s->found = admits(log, &log->entries[at], &c) && c.join.how == CP_JOIN_NEW &&
               memcmp(c.join.person, s->join->person, CP_ID_LEN) == 0 &&
               memcmp(c.join.recovery_key, s->join->recovery_key, CP_KEY_LEN) == 0;
    return !s->found;
}

/* A KEY of the JOIN's person, by their sheet, that names the key which signed the JOIN. */
static bool names_key(void *ctx, const struct ref_log *log, size_t at)
{
    struct person_seek *s = ctx;
    struct cp_control c;
    if (log->entries[at].kind != CP_KIND_KEY)
        return true;
    cp_control_read(log->entries[at].frame, &c);
    const struct cp_statement *st = &c.key.statement;
    s->found = c.known && memcmp(st->plan, log->plan, CP_ID_LEN) == 0 &&
               memcmp(st->person, s->join->person, CP_ID_LEN) == 0 &&
               memcmp(st->key, s->join->recovery_key, CP_KEY_LEN) == 0 &&
               memcmp(c.key.key, s->join->identity_key, CP_KEY_LEN) == 0 && cp_statement_sig_ok(st);
    return !s->found;
}

/* An ADMIT that verifies and has its INVITE, and for a further device its person's first admission, in its own past;
 * or the first entry for its author. */
static bool admits(const struct ref_log *log, const struct ref_entry *e, struct cp_control *c)
{
    struct cp_control invite;
    if (e->kind != CP_KIND_FIRST && e->kind != CP_KIND_ADMIT)
        return false;
    cp_control_read(e->frame, c);
    if (!c->known)
        return false;
    if (e->kind == CP_KIND_FIRST)
        return memcmp(e->device, c->join.device_key, CP_KEY_LEN) == 0;
    struct seek s = {.id = c->invite, .found = REF_NONE};
    walk_past(log, e, is_it, &s);
    if (s.found == REF_NONE || log->entries[s.found].kind != CP_KIND_INVITE)
        return false;
    cp_control_read(log->entries[s.found].frame, &invite);
    if (!invite.known || !cp_join_under(&c->join, log->plan, c->invite, invite.token_key,
                                        invite.for_person ? invite.person : NULL))
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
    struct cp_control c;
    if (e->kind != CP_KIND_FIRST && e->kind != CP_KIND_ADMIT)
        return true;
    cp_control_read(e->frame, &c);
    if (!c.known || memcmp(c.join.device_key, a->device, CP_KEY_LEN) != 0 || !admits(log, e, &c))
        return true;
    if (a->lowest == NULL || before(e, a->lowest)) {
        a->lowest = e;
        memcpy(a->person, c.join.person, CP_ID_LEN);
    }
    return true;
}

bool ref_admitted(const struct ref_log *log, const struct ref_set *held, const uint8_t device[CP_KEY_LEN])
{
    struct admissions a = {.device = device};
    for (size_t i = 0; i < log->count && a.lowest == NULL; i++)
        if (ref_set_has(held, i))
            (void)is_admission(&a, log, i);
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

static const char *judge(struct ref_log *log, struct ref_entry *e, const struct cp_header *h, const struct cp_entry *raw)
{
    uint8_t body[CP_ID_LEN];
    uint64_t highest = 0;
    cp_body_hash(raw->frame, raw->words, body);
    if (h->rules != CP_RULES_VERSION || h->frame_len != raw->frame.len || h->words_len != raw->words.len ||
        raw->header.len + raw->frame.len + raw->words.len > CP_ENTRY_MAX || memcmp(body, h->body_hash, CP_ID_LEN) != 0)
        return "a body that does not fit its header";
    if ((e->kind < 64) != (h->class == CP_CONTROL) || (h->class == CP_CONTROL && raw->words.len != 0))
        return "a kind of the other class";
    if (memcmp(e->id, log->plan, CP_ID_LEN) == 0)
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
    if (h->seq > 1) {
        const struct ref_entry *p = &log->entries[e->preds[0]];
        if (p->class != e->class || p->seq + 1 != h->seq || memcmp(p->device, e->device, CP_KEY_LEN) != 0 ||
            memcmp(p->incarnation, e->incarnation, CP_INCARNATION_LEN) != 0)
            return "a predecessor in another chain";
        memcpy(e->person, p->person, CP_ID_LEN);
        return NULL;
    }
    struct admissions a = {.device = e->device};
    walk_past(log, e, is_admission, &a);
    memcpy(e->person, a.person, CP_ID_LEN);
    return a.lowest == NULL ? "nobody admitted its device in its past" : NULL;
}

/* ---- Reading ---- */

static void read_content(struct ref_log *log, struct ref_entry *e)
{
    static struct cp_frame f;
    if (e->class != CP_CONTENT)
        return;
    e->readable = cp_frame_read(e->frame, e->words, &f) == CP_OK;
    e->bare = !e->readable && cp_frame_read(e->frame, CP_BYTES(NULL, 0), &f) == CP_OK;
    if (!e->readable && !e->bare)
        return;
    e->subkind = f.subkind;
    e->refs_count = f.refs_count;
    e->replaced_from = f.has_target ? 1 : 0;
    e->replaced_count = f.replaced;
    e->ops_count = f.ops_count;
    size_t ops_len = f.ops_count * sizeof *e->ops;
    e->ops = more(NULL, ops_len + f.refs_count * CP_ID_LEN); /* the ids behind the ops */
    uint8_t(*refs)[CP_ID_LEN] = (void *)((uint8_t *)e->ops + ops_len);
    for (size_t i = 0; i < f.refs_count; i++)
        memcpy(refs[i], cp_frame_ref(&f, i), CP_ID_LEN);
    e->refs = (const uint8_t(*)[CP_ID_LEN])refs;
    for (size_t i = 0; i < f.ops_count; i++) {
        const struct cp_op *op = &f.ops[i];
        bool names = op->how == CP_HOW_LINK || op->how == CP_HOW_LINK_ADD || op->how == CP_HOW_LINK_VALUE ||
                     op->how == CP_HOW_REMOVE || op->how == CP_HOW_COLUMN;
        e->ops[i] = (struct ref_op){.field = op->field, .how = op->how, .ref = names ? refs[op->ref] : NULL,
                                    .removed_op = op->removed_op, .lang = op->lang, .value = op->value};
    }
    if (f.has_target)
        e->target = refs[0];
    else if (e->kind == CP_KIND_ITEM)
        e->target = e->id;
    else if (e->kind == CP_KIND_PLAN)
        e->target = log->plan;
}

static void read_withdraw(struct ref_log *log, size_t at)
{
    static struct cp_control c;
    cp_control_read(log->entries[at].frame, &c);
    if (log->entries[at].kind != CP_KIND_WITHDRAW || !c.known || !cp_statement_sig_ok(&c.withdraw.statement))
        return;
    log->withdraws = more(log->withdraws, (log->withdraws_count + 1) * sizeof *log->withdraws);
    struct ref_withdraw *r = &log->withdraws[log->withdraws_count++];
    *r = (struct ref_withdraw){.entry = at, .count = c.withdraw.count};
    memcpy(r->person, c.withdraw.statement.person, CP_ID_LEN);
    memcpy(r->key, c.withdraw.statement.key, CP_KEY_LEN);
    r->ids = more(NULL, r->count * CP_ID_LEN);
    for (size_t i = 0; i < r->count; i++)
        memcpy(r->ids[i], cp_withdraw_entry(&c.withdraw, i), CP_ID_LEN);
}

static uint64_t kind_of(struct cp_bytes frame)
{
    struct cp_cursor c;
    cp_cursor_init(&c, frame, CP_ITEMS_MAX);
    (void)cp_get_array(&c, 1, 0xffff);
    return cp_get_uint(&c, UINT32_MAX);
}

static void keep(struct ref_log *log, struct ref_entry *e, const struct cp_header *h, const struct cp_entry *raw)
{
    memcpy(e->device, h->device, CP_KEY_LEN);
    memcpy(e->incarnation, h->incarnation, CP_INCARNATION_LEN);
    e->class = h->class;
    e->seq = h->seq;
    e->lamport = h->lamport;
    e->next = REF_NONE;
    e->bytes = more(NULL, raw->frame.len + raw->words.len + 1);
    memcpy(e->bytes, raw->frame.ptr, raw->frame.len);
    if (raw->words.len > 0)
        memcpy(e->bytes + raw->frame.len, raw->words.ptr, raw->words.len);
    e->frame = CP_BYTES(e->bytes, raw->frame.len);
    e->words = CP_BYTES(e->bytes + raw->frame.len, raw->words.len);
    e->kind = kind_of(e->frame);
    e->preds = more(NULL, (h->parents_count + 1) * sizeof *e->preds);
    if (h->seq > 1)
        e->preds[e->preds_count++] = ref_find(log, h->prev);
    for (size_t i = 0; i < h->parents_count; i++)
        e->preds[e->preds_count++] = ref_find(log, h->parents[i]);
}

size_t ref_learn(struct ref_log *log, const struct cp_entry *raw)
{
    static struct cp_header h;
    struct ref_entry e = {.unfit = NULL};
    uint8_t as_first[CP_ID_LEN];
    cp_entry_id(log->plan, raw->header, e.id);
    cp_entry_id(cp_zero_id, raw->header, as_first);
    if (memcmp(as_first, log->plan, CP_ID_LEN) == 0)
        memcpy(e.id, as_first, CP_ID_LEN);
    size_t at = ref_find(log, e.id);
    if (at != REF_NONE)
        return at;
    if (cp_header_decode(raw->header, &h) != CP_OK)
        return REF_NONE;
    keep(log, &e, &h, raw);
    e.unfit = judge(log, &e, &h, raw);
    if (log->count == log->cap) {
        log->cap = log->cap == 0 ? 256 : log->cap * 2;
        log->entries = more(log->entries, log->cap * sizeof *log->entries);
        for (size_t i = 0; i < log->count; i++) /* an item's target is its own id, which moved */
            if (log->entries[i].target != NULL && log->entries[i].kind == CP_KIND_ITEM)
                log->entries[i].target = log->entries[i].id;
    }
    at = log->count;
    log->entries[at] = e;
    read_content(log, &log->entries[at]);
    read_withdraw(log, at);
    index_entries(log);
    size_t slot = place(e.id, log->slots_count);
    while (log->slots[slot] != 0)
        slot = (slot + 1) % log->slots_count;
    log->slots[slot] = at + 1;
    log->count++;
    if (log->entries[at].target != NULL)
        index_record(log, log->entries[at].target, at);
    return at;
}

/* ---- Sets ---- */

void ref_set_clear(struct ref_set *s)
{
    free(s->bits);
    memset(s, 0, sizeof *s);
}

bool ref_set_has(const struct ref_set *s, size_t at)
{
    return at / 64 < s->words && (s->bits[at / 64] >> at % 64 & 1) != 0;
}

void ref_set_add(struct ref_set *s, size_t at)
{
    if (at / 64 >= s->words) {
        size_t words = at / 64 * 2 + 8;
        s->bits = more(s->bits, words * sizeof *s->bits);
        memset(s->bits + s->words, 0, (words - s->words) * sizeof *s->bits);
        s->words = words;
    }
    s->count += ref_set_has(s, at) ? 0 : 1;
    s->bits[at / 64] |= UINT64_C(1) << at % 64;
}

void ref_set_remove(struct ref_set *s, size_t at)
{
    if (!ref_set_has(s, at))
        return;
    s->bits[at / 64] &= ~(UINT64_C(1) << at % 64);
    s->count--;
}

void ref_set_copy(struct ref_set *to, const struct ref_set *from)
{
    if (from->words == 0) {
        ref_set_clear(to);
        return;
    }
    to->bits = more(to->bits, from->words * sizeof *to->bits);
    memcpy(to->bits, from->bits, from->words * sizeof *to->bits);
    to->words = from->words;
    to->count = from->count;
}

bool ref_set_includes(const struct ref_set *all, const struct ref_set *some)
{
    for (size_t i = 0; i < some->words; i++)
        if ((some->bits[i] & ~(i < all->words ? all->bits[i] : 0)) != 0)
            return false;
    return true;
}

static bool is_key_of(const struct ref_log *log, const struct ref_set *held, const struct ref_withdraw *r)
{
    for (size_t i = 0; i < log->count; i++) {
        static struct cp_control c;
        const struct ref_entry *e = &log->entries[i];
        if ((e->kind != CP_KIND_FIRST && e->kind != CP_KIND_ADMIT) || !ref_set_has(held, i))
            continue;
        cp_control_read(e->frame, &c);
        if (c.known && memcmp(c.join.person, r->person, CP_ID_LEN) == 0 &&
            memcmp(c.join.identity_key, r->key, CP_KEY_LEN) == 0)
            return true;
    }
    return false;
}

bool ref_withdrawn(const struct ref_log *log, const struct ref_set *held, size_t at)
{
    const struct ref_entry *e = &log->entries[at];
    if (e->class != CP_CONTENT || e->words.len == 0 || e->kind == CP_KIND_VERSION || e->kind == CP_KIND_PART ||
        e->kind == CP_KIND_ANSWER)
        return false;
    for (size_t i = 0; i < log->withdraws_count; i++) {
        const struct ref_withdraw *r = &log->withdraws[i];
        if (!ref_set_has(held, r->entry) || memcmp(r->person, e->person, CP_ID_LEN) != 0)
            continue;
        for (size_t k = 0; k < r->count; k++)
            if (memcmp(r->ids[k], e->id, CP_ID_LEN) == 0 && is_key_of(log, held, r))
                return true;
    }
    return false;
}

bool ref_says(const struct ref_log *log, const struct ref_set *held, size_t at)
{
    const struct ref_entry *e = &log->entries[at];
    return e->readable || (e->bare && ref_withdrawn(log, held, at));
}

const struct ref_withdraw *ref_withdraw_of(const struct ref_log *log, size_t entry)
{
    for (size_t i = 0; i < log->withdraws_count; i++)
        if (log->withdraws[i].entry == entry)
            return &log->withdraws[i];
    return NULL;
}

const char *ref_set_sound(const struct ref_log *log, const struct ref_set *s)
{
    for (size_t i = 0; i < log->count; i++) {
        const struct ref_entry *e = &log->entries[i];
        if (!ref_set_has(s, i))
            continue;
        if (e->unfit != NULL)
            return e->unfit;
        for (size_t p = 0; p < e->preds_count; p++)
            if (!ref_set_has(s, e->preds[p]))
                return "an entry without its predecessor";
    }
    return NULL;
}
