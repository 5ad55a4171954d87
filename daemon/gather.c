/* What a version frozen now would say. Owns: choice, order and people. Must not: lay out the text. */
#include "daemon/gather.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/gather_ready.h"
#include "proto/rule.h"

/* ---- Memory ---- */

enum {
    BLOCK_LEN = 65536,
    ALIGN = 16
};

void cp_arena_init(struct cp_arena *a, const struct cp_mem *mem)
{
    *a = (struct cp_arena){.mem = mem};
}

void cp_arena_clear(struct cp_arena *a)
{
    for (size_t i = 0; i < a->blocks_count; i++)
        cp_free(a->mem, a->blocks[i]);
    if (a->mem != NULL)
        cp_free(a->mem, a->blocks);
    *a = (struct cp_arena){.mem = a->mem};
}

void *cp_arena_take(struct cp_arena *a, size_t count, size_t size)
{
    if (a->failed || (size > 0 && count > (SIZE_MAX - ALIGN) / size)) {
        a->failed = true;
        return NULL;
    }
    size_t len = (count * size + ALIGN - 1) / ALIGN * ALIGN;
    len = len == 0 ? ALIGN : len;
    if (len > a->left) {
        size_t block = len > BLOCK_LEN ? len : BLOCK_LEN;
        void *array = a->blocks;
        if (cp_grow(a->mem, &array, &a->blocks_cap, a->blocks_count + 1, SIZE_MAX, sizeof *a->blocks) !=
            CP_OK) {
            a->failed = true;
            return NULL;
        }
        a->blocks = array;
        a->at = cp_alloc(a->mem, block);
        if (a->at == NULL) {
            a->left = 0;
            a->failed = true;
            return NULL;
        }
        a->blocks[a->blocks_count++] = a->at;
        a->left = block;
    }
    void *taken = a->at;
    a->at += len;
    a->left -= len;
    return taken;
}

struct cp_bytes cp_arena_copy(struct cp_arena *a, struct cp_bytes b)
{
    uint8_t *copy = cp_arena_take(a, b.len + 1, 1);
    if (copy == NULL)
        return CP_BYTES(NULL, 0);
    if (b.len > 0)
        memcpy(copy, b.ptr, b.len);
    return CP_BYTES(copy, b.len);
}

static struct cp_bytes hex_of(struct cp_arena *a, const uint8_t *id)
{
    char *hex = cp_arena_take(a, 2 * CP_ID_LEN + 1, 1);
    if (hex == NULL)
        return CP_BYTES(NULL, 0);
    cp_hex_encode(id, CP_ID_LEN, hex);
    return cp_bytes_str(hex);
}

static struct cp_bytes decimal_of(struct cp_arena *a, int64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
    return cp_arena_copy(a, CP_BYTES((const uint8_t *)digits, (size_t)(len > 0 ? len : 0)));
}

/* ---- Facts of one record ---- */

static enum cp_err fact_add(struct cp_facts *out, struct cp_arena *a, const struct cp_fact *fact)
{
    if (out->count == out->cap) {
        size_t cap = out->cap == 0 ? 16 : out->cap * 2;
        struct cp_fact *grown = cp_arena_take(a, cap, sizeof *grown);
        if (grown == NULL)
            return CP_ERR_NO_MEMORY;
        if (out->count > 0)
            memcpy(grown, out->list, out->count * sizeof *grown);
        out->list = grown;
        out->cap = cap;
    }
    out->list[out->count++] = *fact;
    return a->failed ? CP_ERR_NO_MEMORY : CP_OK;
}

/* The fields that a version says in another place, or not at all. */
static bool has_no_fact(uint16_t field)
{
    return field == CP_FIELD_POSITION || field == CP_FIELD_IMPORT || field == CP_FIELD_RULE ||
           field == CP_FIELD_KEPT_INFORMED || field == CP_FIELD_PRIVATE_WORDS;
}

/* Nobody's words change by an item being set aside and brought back, so the page does not either; and what somebody
 * closed while somebody else changed it is open, so no page says that it is closed. */
static bool is_plain_open(const struct cp_shown *s, const struct cp_shown_field *f, const struct cp_value *v)
{
    if (f->field->code != CP_FIELD_STATE)
        return false;
    return cp_bytes_eq(v->bytes, cp_bytes_str("open")) ||
           (s->state.edited_apart && cp_bytes_eq(v->bytes, cp_bytes_str("set aside"))) ||
           (s->state.closed_apart && cp_state_word_closes(v->bytes));
}

/* False for what has no words here, was cleared, or does not fit this kind of record (no version could be read
 * back with it, and one odd write must not keep a group from freezing). */
static bool fact_of(struct cp_arena *a, const struct cp_shown *s, const struct cp_shown_field *f,
                    const struct cp_current *at, struct cp_fact *fact)
{
    const struct cp_value *v = cp_record_value(&s->state, at);
    const uint8_t *link = cp_record_link(&s->state, at);
    *fact = (struct cp_fact){.field = f->field->code};
    fact->lang = cp_arena_copy(a, f->lang);
    fact->column = cp_arena_copy(a, f->column);
    if (link != NULL) {
        fact->value = hex_of(a, link);
        if (f->field->type == CP_TYPE_COST)
            fact->also = decimal_of(a, v->number);
        return f->field->type != CP_TYPE_COST || v->type == CP_VALUE_INT;
    }
    if (v->type == CP_VALUE_INT) {
        fact->value = decimal_of(a, v->number);
        return true;
    }
    if (v->type != CP_VALUE_TEXT || is_plain_open(s, f, v) ||
        cp_field_check_text(f->field, v->bytes, s->kind) != CP_OK)
        return false;
    fact->value = cp_arena_copy(a, v->bytes);
    return true;
}

enum cp_err cp_gather_facts(struct cp_facts *out, struct cp_arena *a, const struct cp_shown *s,
                            bool all_wordings)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < s->fields_count && err == CP_OK; i++) {
        const struct cp_shown_field *f = &s->fields[i];
        if (has_no_fact(f->field->code))
            continue;
        size_t count = f->field->list || all_wordings ? f->count : f->count > 0;
        for (size_t j = 0; j < count && err == CP_OK; j++) {
            struct cp_fact fact;
            if (fact_of(a, s, f, &f->values[j], &fact))
                err = fact_add(out, a, &fact);
        }
    }
    return a->failed ? CP_ERR_NO_MEMORY : err;
}

/* ---- Everything ---- */

struct gathering {
    struct cp_gathered *g;
    const struct cp_desk *d;
    bool all_wordings;
    struct item_row {
        struct cp_version_item item;
        struct cp_fact *facts; /* the same as item.facts, to complete links in */
        struct cp_bytes text, position;
        size_t place; /* by (lamport, id) */
        bool in;      /* not set aside */
    } * items;
    size_t count;
    struct cp_ids informed, asked, leads;
    struct cp_fact *plan_facts; /* the same as g->v.facts, to complete links in */
};

static void put_reason(struct gathering *t, const char *code, const uint8_t *id,
                       const struct cp_shown_field *f, uint64_t number)
{
    struct cp_buf *out = &t->g->reasons;
    if (!cp_gathered_shows_more(t->g))
        return;
    cp_api_object(out, 2);
    cp_api_key(out, "code");
    cp_api_cstr(out, code);
    cp_api_key(out, "args");
    cp_api_list(out, id != NULL ? 2 : 1);
    if (id != NULL) {
        cp_api_hex(out, id, CP_ID_LEN);
        cp_put_field_name(f, out);
    } else {
        cp_api_int(out, (int64_t)number);
    }
}

static void put_wordings(struct gathering *t, const struct cp_shown *s)
{
    for (size_t i = 0; i < s->fields_count; i++) {
        const struct cp_shown_field *f = &s->fields[i];
        if (f->field->list || f->count < 2)
            continue;
        put_reason(t, "two_wordings", s->id, f, 0);
        t->g->wordings++;
    }
}

static enum cp_err gather_plan(struct gathering *t)
{
    struct cp_shown s;
    struct cp_facts facts = {.count = 0};
    struct cp_version *v = &t->g->v;
    enum cp_err err = cp_shown_load_fields(&s, t->d, CP_RECORD_PLAN, t->d->plan);
    if (err != CP_OK)
        return err;
    put_wordings(t, &s);
    err = cp_gather_facts(&facts, &t->g->arena, &s, t->all_wordings);
    v->facts = t->plan_facts = facts.list;
    v->facts_count = facts.count;
    struct cp_bytes said = cp_record_text(&s.state, CP_FIELD_RULE, cp_bytes_str("everyone"));
    struct cp_rule rule; /* one odd write must not keep a group from freezing */
    v->rule = cp_arena_copy(&t->g->arena, cp_rule_read(said, &rule) ? said : cp_bytes_str("everyone"));
    const struct cp_shown_field *informed =
        cp_shown_field(&s, CP_FIELD_KEPT_INFORMED, CP_BYTES(NULL, 0), CP_BYTES(NULL, 0));
    for (size_t i = 0; err == CP_OK && informed != NULL && i < informed->count; i++) {
        const uint8_t *link = cp_record_link(&s.state, &informed->values[i]);
        if (link != NULL)
            err = cp_ids_add(&t->informed, link, 0);
    }
    cp_shown_clear(&s);
    return err;
}

/* Who left cannot answer, and said so: a page that waited for them would never be agreed. Whoever leads is asked all the same
 * (gather_people), so that nobody reads a yes to what they were to make sure of. */
static bool has_left(const struct gathering *t, const uint8_t *person)
{
    const struct cp_named *known = cp_desk_person(t->d, person);
    return known != NULL && known->left;
}

/* A dropped action asks nothing of anybody. */
static enum cp_err ask_doers(struct gathering *t, const struct cp_shown *s)
{
    enum cp_err err = CP_OK;
    if (s->kind != CP_RECORD_ACTION || cp_word_in("dropped|set aside", cp_shown_state(s)))
        return CP_OK;
    for (size_t i = 0; i < s->fields_count; i++) {
        const struct cp_shown_field *f = &s->fields[i];
        if (f->field->code != CP_FIELD_LEAD && f->field->code != CP_FIELD_HELPERS)
            continue;
        for (size_t j = 0; err == CP_OK && j < f->count; j++) {
            const uint8_t *link = cp_record_link(&s->state, &f->values[j]);
            if (link != NULL && (f->field->code == CP_FIELD_LEAD || !has_left(t, link)))
                err = cp_ids_add(&t->asked, link, 0);
            if (link != NULL && err == CP_OK && f->field->code == CP_FIELD_LEAD)
                err = cp_ids_add(&t->leads, link, 0);
        }
    }
    return err;
}

static enum cp_err gather_item(struct gathering *t, struct item_row *row, const uint8_t *id,
                               enum cp_record kind)
{
    struct cp_shown s;
    struct cp_facts facts = {.count = 0};
    struct cp_arena *a = &t->g->arena;
    struct cp_bytes none = CP_BYTES(NULL, 0);
    enum cp_err err = cp_shown_load_fields(&s, t->d, kind, id);
    if (err != CP_OK)
        return err;
    row->in = !s.state.set_aside && kind != CP_RECORD_SOMEONE; /* people stand where they are named */
    row->item.kind = kind;
    memcpy(row->item.id, id, CP_ID_LEN);
    row->text = cp_arena_copy(a, cp_record_text(&s.state, CP_FIELD_TEXT, none));
    row->position = cp_arena_copy(a, cp_record_text(&s.state, CP_FIELD_POSITION, none));
    if (kind == CP_RECORD_SOMEONE && !s.state.set_aside)
        put_wordings(t, &s);
    if (row->in) {
        put_wordings(t, &s);
        err = cp_gather_facts(&facts, a, &s, t->all_wordings);
        row->facts = facts.list;
        row->item.facts = facts.list;
        row->item.facts_count = facts.count;
        if (err == CP_OK)
            err = ask_doers(t, &s);
    }
    cp_shown_clear(&s);
    return err;
}

static enum cp_err gather_items(struct gathering *t)
{
    struct cp_ids ids;
    cp_ids_init(&ids, t->d->mem);
    enum cp_err err = cp_ids_of_kind(&ids, t->d->node, t->d->plan, CP_KIND_ITEM);
    if (err == CP_OK) {
        t->items = cp_alloc_array(t->d->mem, ids.count + 1, sizeof *t->items);
        err = t->items == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    }
    for (size_t i = 0; err == CP_OK && i < ids.count; i++) {
        t->items[t->count].place = i;
        err = gather_item(t, &t->items[t->count++], ids.ids[i], (enum cp_record)ids.numbers[i]);
    }
    cp_ids_clear(&ids);
    return err;
}

/* ---- Names beside links ---- */

static int by_id(const void *a, const void *b)
{
    return memcmp(((const struct item_row *)a)->item.id, ((const struct item_row *)b)->item.id, CP_ID_LEN);
}

static int by_order(const void *a, const void *b)
{
    const struct item_row *x = a, *y = b;
    int order = cp_position_cmp(x->position, y->position);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static struct cp_bytes text_beside(const struct gathering *t, const struct cp_field *f, struct cp_bytes hex)
{
    struct item_row key = {.place = 0};
    uint8_t id[CP_ID_LEN];
    if (!cp_hex_decode(hex, id, CP_ID_LEN))
        return CP_BYTES(NULL, 0);
    if (f->type == CP_TYPE_PERSON)
        return cp_arena_copy(&t->g->arena, cp_desk_name(t->d, id));
    memcpy(key.item.id, id, CP_ID_LEN);
    const struct item_row *hit =
        t->count == 0 ? NULL : bsearch(&key, t->items, t->count, sizeof *t->items, by_id);
    return hit == NULL ? CP_BYTES(NULL, 0) : hit->text;
}

static void complete_links(const struct gathering *t, struct cp_fact *facts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct cp_field *f = cp_field_by_code(facts[i].field);
        if (f != NULL && cp_field_is_link(f) && f->type != CP_TYPE_COST)
            facts[i].also = text_beside(t, f, facts[i].value);
    }
}

static enum cp_err order_items(struct gathering *t)
{
    struct cp_version *v = &t->g->v;
    if (t->count > 0)
        qsort(t->items, t->count, sizeof *t->items, by_id);
    complete_links(t, t->plan_facts, v->facts_count);
    for (size_t i = 0; i < t->count; i++)
        complete_links(t, t->items[i].facts, t->items[i].item.facts_count);
    if (t->count > 0)
        qsort(t->items, t->count, sizeof *t->items, by_order);
    struct cp_version_item *items = cp_arena_take(&t->g->arena, t->count, sizeof *items);
    if (items == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].in)
            items[v->items_count++] = t->items[i].item;
    v->items = items;
    return CP_OK;
}

/* ---- People ---- */

static struct cp_version_person *people_of(struct gathering *t, const struct cp_ids *ids)
{
    struct cp_version_person *people = cp_arena_take(&t->g->arena, ids->count, sizeof *people);
    for (size_t i = 0; people != NULL && i < ids->count; i++) {
        const struct cp_named *known = cp_desk_person(t->d, ids->ids[i]);
        memcpy(people[i].person, ids->ids[i], CP_ID_LEN);
        if (known == NULL)
            continue; /* someone outside the plan: no key, no name that the plan knows */
        memcpy(people[i].key, known->key, CP_KEY_LEN);
        people[i].name = cp_arena_copy(&t->g->arena, known->name);
    }
    return people;
}

/* Somebody who used their recovery sheet on two devices apart has no key in force: a page without one asks them in vain. */
static void put_keyless(struct gathering *t, const struct cp_version_person *asked)
{
    const struct cp_named *known = cp_desk_person(t->d, asked->person);
    struct cp_buf *out = &t->g->reasons;
    if (known == NULL || known->someone || !sodium_is_zero(known->key, CP_KEY_LEN))
        return;
    t->g->wordings++;
    if (!cp_gathered_shows_more(t->g))
        return;
    cp_api_object(out, 2);
    cp_api_key(out, "code");
    cp_api_cstr(out, "key_apart");
    cp_api_key(out, "args");
    cp_api_list(out, 1);
    cp_api_text(out, known->name);
}

/* Whoever leads an action is asked, also when the plan keeps them informed: nobody leads what they have not said yes
 * to (domain 4.3, invariant 4). */
static enum cp_err gather_people(struct gathering *t)
{
    struct cp_ids asked, informed;
    struct cp_version *v = &t->g->v;
    enum cp_err err = CP_OK;
    cp_ids_init(&asked, t->d->mem);
    cp_ids_init(&informed, t->d->mem);
    for (size_t i = 0; err == CP_OK && i < t->d->people_count; i++) {
        if (t->d->people[i].stands)
            err = cp_ids_add(&t->asked, t->d->people[i].person, 0);
    }
    cp_ids_sort(&t->asked);
    cp_ids_sort(&t->informed);
    cp_ids_sort(&t->leads);
    for (size_t i = 0; err == CP_OK && i < t->asked.count; i++)
        if (!cp_ids_have(&t->informed, t->asked.ids[i]) || cp_ids_have(&t->leads, t->asked.ids[i]))
            err = cp_ids_add(&asked, t->asked.ids[i], 0);
    for (size_t i = 0; err == CP_OK && i < t->informed.count; i++)
        if (!cp_ids_have(&t->leads, t->informed.ids[i]))
            err = cp_ids_add(&informed, t->informed.ids[i], 0);
    if (err == CP_OK) {
        v->must_answer = t->g->asked = people_of(t, &asked);
        v->must_answer_count = asked.count;
        v->kept_informed = people_of(t, &informed);
        v->kept_informed_count = informed.count;
        for (size_t i = 0; v->must_answer != NULL && v->stage == CP_STAGE_AGREEMENT && i < asked.count; i++)
            put_keyless(t, &v->must_answer[i]);
    }
    cp_ids_clear(&asked);
    cp_ids_clear(&informed);
    return t->g->arena.failed ? CP_ERR_NO_MEMORY : err;
}

/* ---- What is not ready ---- */

static enum cp_err leave_open(struct gathering *t, const char *code, uint64_t count)
{
    struct cp_check_reason reason = {.code = code};
    if (count == 0)
        return CP_OK;
    put_reason(t, code, NULL, NULL, count);
    reason.args[0] = (struct cp_check_arg){.type = CP_ARG_NUMBER, .number = (int64_t)count};
    return cp_gathered_leave_open(t->g, &reason);
}

static enum cp_err gather_reasons(struct gathering *t)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_plans(t->d->node->store, &rows, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        if (memcmp(rows[i].id, t->d->plan, CP_ID_LEN) != 0)
            continue;
        err = leave_open(t, "newer", rows[i].newer);
        if (err == CP_OK)
            err = leave_open(t, "wanted", rows[i].wanted);
    }
    cp_free(t->d->mem, rows);
    return err == CP_OK ? cp_buf_err(&t->g->reasons) : err;
}

bool cp_gathered_shows_more(struct cp_gathered *g)
{
    g->reasons_count++;
    if (g->reasons_shown == CP_REASONS_SHOWN)
        return false;
    g->reasons_shown++;
    return true;
}

void cp_gathered_clear(struct cp_gathered *g)
{
    cp_arena_clear(&g->arena);
    if (g->reasons.mem != NULL)
        cp_buf_clear(&g->reasons);
    g->v = (struct cp_version){.stage = g->v.stage};
}

enum cp_err cp_gather(struct cp_gathered *g, const struct cp_desk *d, enum cp_stage stage, bool all_wordings)
{
    struct gathering t = {.g = g, .d = d, .all_wordings = all_wordings};
    *g = (struct cp_gathered){.v = {.stage = stage}};
    memcpy(g->v.plan, d->plan, CP_ID_LEN);
    cp_arena_init(&g->arena, d->mem);
    cp_buf_init(&g->reasons, d->mem, CP_API_MESSAGE_MAX);
    cp_ids_init(&t.informed, d->mem);
    cp_ids_init(&t.asked, d->mem);
    cp_ids_init(&t.leads, d->mem);
    enum cp_err err = gather_plan(&t);
    if (err == CP_OK)
        err = gather_items(&t);
    if (err == CP_OK)
        err = gather_people(&t);
    if (err == CP_OK)
        err = order_items(&t);
    if (err == CP_OK)
        err = gather_reasons(&t);
    if (err == CP_OK && g->arena.failed)
        err = CP_ERR_NO_MEMORY;
    cp_free(d->mem, t.items);
    cp_ids_clear(&t.informed);
    cp_ids_clear(&t.asked);
    cp_ids_clear(&t.leads);
    if (err != CP_OK)
        cp_gathered_clear(g);
    return err;
}
