/* The plan, its people, items and views as plain structs. Owns: their loading. Must not: judge. */
#include "daemon/model.h"

#include <stdlib.h>
#include <string.h>

#include "proto/utf8.h"

struct cp_bytes cp_loading_day(struct cp_loading *g, uint64_t time_ms)
{
    char text[11];
    cp_day_of(time_ms, text);
    return cp_arena_copy(&g->l->arena, cp_bytes_str(text));
}

enum cp_err cp_loading_room(struct cp_loading *g, void *list, size_t *cap, size_t count, size_t size)
{
    void *array = NULL;
    memcpy(&array, list, sizeof array);
    enum cp_err err = cp_grow(g->d->mem, &array, cap, count + 1, SIZE_MAX, size);
    if (err == CP_OK)
        memcpy(list, &array, sizeof array);
    return err;
}

static uint8_t *copy_id(struct cp_loading *g, const uint8_t *id)
{
    uint8_t *copy = cp_arena_take(&g->l->arena, 1, CP_ID_LEN);
    if (copy != NULL)
        memcpy(copy, id, CP_ID_LEN);
    return copy;
}

/* ---- Fields ---- */

static bool fact_of(struct cp_loading *g, const struct cp_shown *s, const struct cp_shown_field *f,
                    const struct cp_current *at, struct cp_model_fact *out)
{
    const struct cp_value *v = cp_record_value(&s->state, at);
    const uint8_t *link = cp_record_link(&s->state, at);
    *out = (struct cp_model_fact){.field = f->field->code, .two = !f->field->list && f->count > 1};
    out->lang = cp_arena_copy(&g->l->arena, f->lang);
    if (link != NULL)
        out->link = copy_id(g, link);
    if (v->type == CP_VALUE_INT)
        out->number = v->number;
    if (v->type == CP_VALUE_TEXT)
        out->text = cp_arena_copy(&g->l->arena, cp_utf8_said(v->bytes)); /* another program may write blanks */
    return link != NULL || v->type == CP_VALUE_INT || out->text.len > 0 || out->two;
}

static enum cp_err fill_record(struct cp_loading *g, const struct cp_shown *s, struct cp_model_record *r)
{
    size_t count = 0;
    *r = (struct cp_model_record){.kind = s->kind};
    memcpy(r->id, s->id, CP_ID_LEN);
    for (size_t i = 0; i < s->fields_count; i++)
        count += s->fields[i].count;
    struct cp_model_fact *facts = cp_arena_take(&g->l->arena, count, sizeof *facts);
    if (facts == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < s->fields_count; i++)
        for (size_t j = 0; j < s->fields[i].count; j++)
            if (fact_of(g, s, &s->fields[i], &s->fields[i].values[j], &facts[r->facts_count]))
                r->facts_count++;
    r->facts = facts;
    return g->l->arena.failed ? CP_ERR_NO_MEMORY : CP_OK;
}

/* ---- Views ---- */

static struct cp_bytes said(struct cp_loading *g, const struct cp_frame *f, uint16_t field)
{
    for (size_t i = 0; i < f->ops_count; i++)
        if (f->ops[i].field == field && f->ops[i].how == CP_HOW_SET && f->ops[i].value.type == CP_VALUE_TEXT)
            return cp_arena_copy(&g->l->arena, cp_utf8_said(f->ops[i].value.bytes));
    return CP_BYTES(NULL, 0);
}

static enum cp_err load_views(struct cp_loading *g, const struct cp_shown *s)
{
    struct cp_views views;
    struct cp_model *m = &g->l->m;
    enum cp_err err = cp_views_of(&views, g->d, s);
    if (err != CP_OK)
        return err;
    for (size_t i = 0; err == CP_OK && i < views.count; i++) {
        const struct cp_view_row *row = &views.rows[i];
        const struct cp_write *w = &s->loaded.writes[row->first];
        if (!cp_view_is_theirs(&s->state, row))
            continue;
        err = cp_loading_room(g, &m->views, &g->views_cap, m->views_count, sizeof *m->views);
        if (err != CP_OK)
            break;
        struct cp_model_view *v = &m->views[m->views_count++];
        *v = (struct cp_model_view){.measure = row->measure, .two = row->current_count > 1};
        memcpy(v->entry, w->id, CP_ID_LEN);
        memcpy(v->target, s->id, CP_ID_LEN);
        memcpy(v->person, row->person, CP_ID_LEN);
        v->criterion = row->criterion == NULL ? NULL : copy_id(g, row->criterion);
        v->value = said(g, w->frame, CP_FIELD_VALUE);
        v->why = said(g, w->frame, CP_FIELD_WHY);
        v->would_change_if = said(g, w->frame, 108);
    }
    cp_views_clear(&views);
    return err;
}

/* ---- Items ---- */

static enum cp_err load_item(struct cp_loading *g, const uint8_t *id, const struct cp_loaded *l)
{
    struct cp_shown s;
    struct cp_model *m = &g->l->m;
    const struct cp_write *origin = cp_item_origin(l, id);
    if (origin == NULL || origin->frame->subkind == CP_RECORD_SOMEONE) /* who is among the people */
        return CP_OK;
    enum cp_err err = cp_shown_fold(&s, g->d, id, l);
    if (err != CP_OK)
        return err;
    if (!s.state.set_aside) {
        err = cp_loading_room(g, &m->items, &g->items_cap, m->items_count, sizeof *m->items);
        if (err == CP_OK) {
            struct cp_model_item *item = &m->items[m->items_count];
            *item = (struct cp_model_item){.place = (size_t)origin->lamport};
            m->items_count++;
            err = fill_record(g, &s, &item->r);
            item->state = cp_arena_copy(&g->l->arena, cp_shown_state(&s));
            item->author = copy_id(g, origin->person);
        }
        if (err == CP_OK)
            err = load_views(g, &s);
    }
    cp_shown_clear(&s);
    return g->l->arena.failed ? CP_ERR_NO_MEMORY : err;
}

/* By position, then as they came into the plan; `place` still holds the lamport. */
static int by_position(const void *a, const void *b)
{
    const struct cp_model_item *x = a, *y = b;
    int order =
        cp_position_cmp(cp_model_text(&x->r, CP_FIELD_POSITION), cp_model_text(&y->r, CP_FIELD_POSITION));
    if (order == 0)
        order = (x->place > y->place) - (x->place < y->place);
    return order != 0 ? order : memcmp(x->r.id, y->r.id, CP_ID_LEN);
}

static bool load_record(void *ctx, const uint8_t target[CP_ID_LEN], const struct cp_loaded *l)
{
    struct cp_loading *g = ctx;
    g->err = load_item(g, target, l);
    if (g->err == CP_OK)
        g->err = cp_loading_notes(g, target, l);
    return g->err == CP_OK;
}

/* Items with their views, notes and receipts: all in one pass. */
static enum cp_err load_records(struct cp_loading *g)
{
    struct cp_model *m = &g->l->m;
    enum cp_err err = cp_store_records(g->d->node->store, g->d->plan, CP_KINDS_ALL, load_record, g);
    if (err == CP_OK)
        err = g->err;
    if (m->items_count > 0)
        qsort(m->items, m->items_count, sizeof *m->items, by_position);
    for (size_t i = 0; i < m->items_count; i++)
        m->items[i].place = i;
    return err;
}

/* ---- The plan and its people ---- */

static enum cp_err load_plan(struct cp_loading *g)
{
    struct cp_shown s;
    enum cp_err err = cp_shown_load_fields(&s, g->d, CP_RECORD_PLAN, g->d->plan);
    if (err != CP_OK)
        return err;
    err = fill_record(g, &s, &g->l->m.plan);
    cp_shown_clear(&s);
    return err;
}

static enum cp_err load_people(struct cp_loading *g)
{
    struct cp_model *m = &g->l->m;
    m->people = cp_alloc_array(g->d->mem, g->d->people_count + 1, sizeof *m->people);
    enum cp_err err = m->people == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    for (size_t i = 0; err == CP_OK && i < g->d->people_count; i++) {
        const struct cp_named *named = &g->d->people[i];
        struct cp_model_person *p = &m->people[m->people_count++];
        struct cp_shown s;
        err = cp_shown_load_fields(&s, g->d, named->someone ? CP_RECORD_SOMEONE : CP_RECORD_PERSON,
                                   named->person);
        if (err != CP_OK)
            break;
        err = fill_record(g, &s, &p->r);
        p->name = cp_arena_copy(&g->l->arena, named->name);
        p->in = named->stands;
        p->left = named->left;
        p->someone = named->someone && !named->aside;
        p->kept_informed = cp_model_links(&m->plan, CP_FIELD_KEPT_INFORMED, named->person);
        cp_shown_clear(&s);
    }
    return err;
}

/* ---- All ---- */

enum cp_err cp_model_load(struct cp_model_loaded *l, const struct cp_desk *d, struct cp_bytes today)
{
    struct cp_loading g = {.l = l, .d = d};
    *l = (struct cp_model_loaded){.m = {.mem = d->mem}};
    cp_arena_init(&l->arena, d->mem);
    if (today.len > 0 && cp_day_number(today) == 0)
        return CP_ERR_BAD_VALUE;
    l->m.today = today.len > 0 ? cp_arena_copy(&l->arena, today) : cp_loading_day(&g, cp_node_time_ms());
    enum cp_err err = load_plan(&g);
    if (err == CP_OK)
        err = load_people(&g);
    if (err == CP_OK)
        err = load_records(&g);
    if (err == CP_OK)
        err = cp_loading_pages(&g);
    if (err == CP_OK && l->arena.failed)
        err = CP_ERR_NO_MEMORY;
    if (err == CP_OK)
        err = cp_model_index(&l->m, d->mem);
    if (err != CP_OK)
        cp_model_unload(l);
    return err;
}

void cp_model_unload(struct cp_model_loaded *l)
{
    const struct cp_mem *mem = l->arena.mem;
    cp_model_clear(&l->m);
    if (mem != NULL) {
        cp_free(mem, l->m.items);
        cp_free(mem, l->m.people);
        cp_free(mem, l->m.views);
        cp_free(mem, l->m.notes);
        cp_free(mem, l->m.receipts);
        cp_free(mem, l->m.versions);
        cp_free(mem, l->m.answers);
        cp_free(mem, l->m.asks);
        cp_free(mem, l->m.differs);
        cp_free(mem, l->m.waiting);
        cp_arena_clear(&l->arena);
    }
    *l = (struct cp_model_loaded){.m = {.today = {NULL, 0}}};
}
