/*
 * The log of the model: learning entries, and sets of them. Must not: know merging (reference_show.c does), rule R1
 * (reference_rule.c) or who stands (reference_standing.c).
 */
#include "tests/sim/reference_internal.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/heap.h"

void *ref_more(void *old, size_t len)
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
    log->line = ref_more(NULL, CP_ID_LEN);
    memcpy(log->line[0], plan, CP_ID_LEN);
    log->line_count = 1;
    log->first = REF_NONE;
}

void ref_init_from(struct ref_log *log, const uint8_t plan[static CP_ID_LEN], const struct ref_log *old)
{
    ref_init(log, plan);
    log->line_count = 1 + old->line_count;
    log->line = ref_more(log->line, log->line_count * CP_ID_LEN);
    memcpy(log->line[1], old->line, old->line_count * CP_ID_LEN);
}

void ref_clear(struct ref_log *log)
{
    ref_standings_forget(log);
    ref_set_clear(&log->decides);
    free(log->line);
    free(log->controls);
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
    log->slots = ref_more(log->slots, log->slots_count * sizeof *log->slots);
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
        log->record_slots = ref_more(log->record_slots, log->record_slots_count * sizeof(size_t));
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
        log->records = ref_more(log->records, log->records_cap * sizeof *log->records);
    }
    struct ref_record *r = &log->records[log->records_count];
    *r = (struct ref_record){.first = entry, .last = entry};
    memcpy(r->id, id, CP_ID_LEN);
    log->record_slots[slot] = ++log->records_count;
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
    e->ops = ref_more(NULL, ops_len + f.refs_count * CP_ID_LEN); /* the ids behind the ops */
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
    if (f.has_target) {
        e->target = refs[0];
        for (unsigned i = 1; i < log->line_count; i++) /* what was said of a plan before is said of this one */
            if (memcmp(refs[0], log->line[i], CP_ID_LEN) == 0)
                e->target = log->line[0];
    }
    if (!f.has_target && e->kind == CP_KIND_ITEM)
        e->target = e->id;
    if (!f.has_target && e->kind == CP_KIND_PLAN)
        e->target = log->line[0];
}

static void read_withdraw(struct ref_log *log, size_t at)
{
    static struct cp_control c;
    cp_control_read(log->entries[at].frame, &c);
    if (log->entries[at].kind != CP_KIND_WITHDRAW || !c.known || !cp_statement_sig_ok(&c.withdraw.statement))
        return;
    log->withdraws = ref_more(log->withdraws, (log->withdraws_count + 1) * sizeof *log->withdraws);
    struct ref_withdraw *r = &log->withdraws[log->withdraws_count++];
    *r = (struct ref_withdraw){.entry = at, .count = c.withdraw.count};
    memcpy(r->person, c.withdraw.statement.person, CP_ID_LEN);
    memcpy(r->key, c.withdraw.statement.key, CP_KEY_LEN);
    r->ids = ref_more(NULL, r->count * CP_ID_LEN);
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
    e->bytes = ref_more(NULL, raw->frame.len + raw->words.len + 1);
    memcpy(e->bytes, raw->frame.ptr, raw->frame.len);
    if (raw->words.len > 0)
        memcpy(e->bytes + raw->frame.len, raw->words.ptr, raw->words.len);
    e->frame = CP_BYTES(e->bytes, raw->frame.len);
    e->words = CP_BYTES(e->bytes + raw->frame.len, raw->words.len);
    e->kind = kind_of(e->frame);
    e->preds = ref_more(NULL, (h->parents_count + 1) * sizeof *e->preds);
    if (h->seq > 1)
        e->preds[e->preds_count++] = ref_find(log, h->prev);
    for (size_t i = 0; i < h->parents_count; i++)
        e->preds[e->preds_count++] = ref_find(log, h->parents[i]);
}

/* Statements: which one, and is its signature good? Of an ADMIT and FIRST whether it is an admission. */
static void read_control(struct ref_log *log, size_t at)
{
    struct ref_entry *e = &log->entries[at];
    struct cp_control again;
    e->control = REF_NONE;
    if (e->class != CP_CONTROL)
        return;
    if (log->controls_count == log->controls_cap) {
        log->controls_cap = log->controls_cap == 0 ? 64 : log->controls_cap * 2;
        log->controls = ref_more(log->controls, log->controls_cap * sizeof *log->controls);
    }
    struct ref_control *r = &log->controls[log->controls_count];
    memset(r, 0, sizeof *r);
    r->entry = at;
    cp_control_read(e->frame, &r->c);
    const struct cp_statement *st = !r->c.known                   ? NULL
                                    : e->kind == CP_KIND_REVOKE   ? &r->c.revoke.statement
                                    : e->kind == CP_KIND_KEY      ? &r->c.key.statement
                                    : e->kind == CP_KIND_LEAVE    ? &r->c.leave.statement
                                    : e->kind == CP_KIND_FOLLOW   ? &r->c.follow.statement
                                    : e->kind == CP_KIND_WITHDRAW ? &r->c.withdraw.statement
                                                                  : NULL;
    if (st != NULL) {
        r->signed_well = cp_statement_sig_ok(st);
        cp_statement_id(st->text, r->id);
    }
    r->admits = e->unfit == NULL && (ref_admits(log, e, &again, &r->earlier) ||
                                     (e->kind == CP_KIND_FIRST && r->c.known && r->c.continues));
    if (r->admits && !r->c.continues)
        cp_statement_id(r->c.join.text, r->id);
    e->control = log->controls_count++;
    if (memcmp(e->id, log->plan, CP_ID_LEN) == 0)
        log->first = at;
}

static size_t add(struct ref_log *log, const struct ref_entry *e)
{
    if (log->count == log->cap) {
        log->cap = log->cap == 0 ? 256 : log->cap * 2;
        log->entries = ref_more(log->entries, log->cap * sizeof *log->entries);
        for (size_t i = 0; i < log->count; i++) /* an item's target is its own id, which moved */
            if (log->entries[i].target != NULL && log->entries[i].kind == CP_KIND_ITEM)
                log->entries[i].target = log->entries[i].id;
        ref_standings_forget(log); /* they name devices in the entries, which moved */
    }
    size_t at = log->count;
    log->entries[at] = *e;
    read_content(log, &log->entries[at]);
    read_withdraw(log, at);
    index_entries(log);
    size_t slot = place(e->id, log->slots_count);
    while (log->slots[slot] != 0)
        slot = (slot + 1) % log->slots_count;
    log->slots[slot] = at + 1;
    log->count++;
    read_control(log, at);
    if (log->entries[at].control != REF_NONE)
        ref_standings_forget(log);
    if (log->entries[at].target != NULL)
        index_record(log, log->entries[at].target, at);
    return at;
}

size_t ref_learn(struct ref_log *log, const struct cp_entry *raw, unsigned depth)
{
    static struct cp_header h;
    struct ref_entry e = {.depth = depth};
    uint8_t as_first[CP_ID_LEN];
    if (depth >= log->line_count)
        return REF_NONE;
    cp_entry_id(log->line[depth], raw->header, e.id);
    cp_entry_id(cp_zero_id, raw->header, as_first);
    if (memcmp(as_first, log->line[depth], CP_ID_LEN) == 0)
        memcpy(e.id, as_first, CP_ID_LEN);
    size_t at = ref_find(log, e.id);
    if (at != REF_NONE)
        return at;
    if (cp_header_decode(raw->header, &h) != CP_OK)
        return REF_NONE;
    keep(log, &e, &h, raw);
    e.unfit = ref_judge(log, &e, &h, raw);
    return add(log, &e);
}

size_t ref_adopt(struct ref_log *log, const struct ref_log *old, size_t at)
{
    const struct ref_entry *from = &old->entries[at];
    size_t there = ref_find(log, from->id);
    if (there != REF_NONE)
        return there;
    struct ref_entry e = *from;
    e.depth = from->depth + 1;
    e.bytes = ref_more(NULL, from->frame.len + from->words.len + 1);
    memcpy(e.bytes, from->bytes, from->frame.len + from->words.len);
    e.frame = CP_BYTES(e.bytes, from->frame.len);
    e.words = CP_BYTES(e.bytes + from->frame.len, from->words.len);
    e.preds = ref_more(NULL, (from->preds_count + 1) * sizeof *e.preds);
    for (size_t i = 0; i < from->preds_count; i++)
        e.preds[i] = from->preds[i] == REF_NONE ? REF_NONE : ref_find(log, old->entries[from->preds[i]].id);
    e.next = REF_NONE;
    e.ops = NULL;
    e.ops_count = e.refs_count = e.replaced_from = e.replaced_count = 0;
    e.refs = NULL;
    e.target = NULL;
    return add(log, &e);
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
        s->bits = ref_more(s->bits, words * sizeof *s->bits);
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
    to->bits = ref_more(to->bits, from->words * sizeof *to->bits);
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
            if (memcmp(r->ids[k], e->id, CP_ID_LEN) == 0 && ref_ever_key(log, held, r->person, r->key))
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
