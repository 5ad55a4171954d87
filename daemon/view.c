/* One record from the store to people's eyes. Owns: loading, folding, grouping columns. Must not: write. */
#include "daemon/view.h"

#include <stdlib.h>
#include <string.h>

/* ---- Lists of ids ---- */

void cp_ids_init(struct cp_ids *ids, const struct cp_mem *mem)
{
    *ids = (struct cp_ids){.mem = mem};
}

void cp_ids_clear(struct cp_ids *ids)
{
    cp_free(ids->mem, ids->ids);
    cp_free(ids->mem, ids->numbers);
    *ids = (struct cp_ids){.mem = ids->mem};
}

enum cp_err cp_ids_add(struct cp_ids *ids, const uint8_t id[static CP_ID_LEN], uint64_t number)
{
    void *array = ids->ids;
    enum cp_err err = cp_grow(ids->mem, &array, &ids->cap, ids->count + 1, SIZE_MAX, sizeof *ids->ids);
    if (err != CP_OK)
        return err;
    ids->ids = array;
    array = ids->numbers;
    err = cp_grow(ids->mem, &array, &ids->numbers_cap, ids->count + 1, SIZE_MAX, sizeof *ids->numbers);
    if (err != CP_OK)
        return err;
    ids->numbers = array;
    memcpy(ids->ids[ids->count], id, CP_ID_LEN);
    ids->numbers[ids->count++] = number;
    return CP_OK;
}

bool cp_ids_have(const struct cp_ids *ids, const uint8_t id[static CP_ID_LEN])
{
    for (size_t i = 0; i < ids->count; i++)
        if (memcmp(ids->ids[i], id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static void swap_ids(struct cp_ids *ids, size_t a, size_t b)
{
    uint8_t id[CP_ID_LEN];
    memcpy(id, ids->ids[a], CP_ID_LEN);
    memcpy(ids->ids[a], ids->ids[b], CP_ID_LEN);
    memcpy(ids->ids[b], id, CP_ID_LEN);
    uint64_t number = ids->numbers[a];
    ids->numbers[a] = ids->numbers[b];
    ids->numbers[b] = number;
}

static void sift(struct cp_ids *ids, size_t at, size_t count)
{
    for (size_t child = 2 * at + 1; child < count; at = child, child = 2 * at + 1) {
        if (child + 1 < count && memcmp(ids->ids[child], ids->ids[child + 1], CP_ID_LEN) < 0)
            child++;
        if (memcmp(ids->ids[at], ids->ids[child], CP_ID_LEN) >= 0)
            return;
        swap_ids(ids, at, child);
    }
}

/* Heap sort, because two arrays are sorted together and people choose the ids' order in no way. */
void cp_ids_sort(struct cp_ids *ids)
{
    for (size_t i = ids->count / 2; i > 0; i--)
        sift(ids, i - 1, ids->count);
    for (size_t i = ids->count; i > 1; i--) {
        swap_ids(ids, 0, i - 1);
        sift(ids, 0, i - 1);
    }
    size_t kept = 0;
    for (size_t i = 0; i < ids->count; i++) {
        if (kept > 0 && memcmp(ids->ids[kept - 1], ids->ids[i], CP_ID_LEN) == 0)
            continue;
        if (kept != i) {
            memcpy(ids->ids[kept], ids->ids[i], CP_ID_LEN);
            ids->numbers[kept] = ids->numbers[i];
        }
        kept++;
    }
    ids->count = kept;
}

struct collecting {
    struct cp_ids *ids;
    bool targets;
    enum cp_err err;
};

static bool collect(void *ctx, const struct cp_entry_info *info)
{
    struct collecting *c = ctx;
    struct cp_frame f;
    if (info->newer || cp_frame_read(info->frame, CP_BYTES(NULL, 0), &f) != CP_OK)
        return true;
    const uint8_t *id = c->targets ? cp_frame_target(&f) : info->id;
    if (id != NULL)
        c->err = cp_ids_add(c->ids, id, f.subkind);
    return c->err == CP_OK;
}

static enum cp_err collect_all(struct cp_ids *ids, struct cp_node *node, const uint8_t *plan,
                               enum cp_kind kind, bool targets)
{
    struct collecting c = {.ids = ids, .targets = targets};
    enum cp_err err = cp_store_each(node->store, plan, kind, false, collect, &c);
    return err != CP_OK ? err : c.err;
}

enum cp_err cp_ids_of_kind(struct cp_ids *ids, struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                           enum cp_kind kind)
{
    return collect_all(ids, node, plan, kind, false);
}

enum cp_err cp_ids_of_targets(struct cp_ids *ids, struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                              enum cp_kind kind)
{
    enum cp_err err = collect_all(ids, node, plan, kind, true);
    cp_ids_sort(ids);
    return err;
}

const struct cp_write *cp_item_origin(const struct cp_loaded *l, const uint8_t id[static CP_ID_LEN])
{
    for (size_t i = 0; i < l->writes_count; i++)
        if (l->writes[i].frame->kind == CP_KIND_ITEM && memcmp(l->writes[i].id, id, CP_ID_LEN) == 0)
            return &l->writes[i];
    return NULL;
}

enum cp_err cp_item_kind(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                         const uint8_t id[static CP_ID_LEN], enum cp_record *kind)
{
    struct cp_loaded l;
    enum cp_err err = cp_store_entry(node->store, plan, id, &l);
    if (err != CP_OK)
        return err;
    err = CP_ERR_NOT_FOUND;
    if (l.writes_count == 1 && l.writes[0].frame->kind == CP_KIND_ITEM) {
        *kind = (enum cp_record)l.writes[0].frame->subkind;
        err = CP_OK;
    }
    cp_loaded_clear(&l);
    return err;
}

/* ---- One record ---- */

static bool belongs(const struct cp_write *w, enum cp_record kind)
{
    if (kind == CP_RECORD_PLAN)
        return w->frame->kind == CP_KIND_PLAN;
    if (kind == CP_RECORD_PERSON)
        return w->frame->kind == CP_KIND_PERSON;
    return w->frame->kind == CP_KIND_ITEM || w->frame->kind == CP_KIND_SET;
}

static struct cp_bytes column_name(const struct cp_desk *d, const uint8_t *id)
{
    for (size_t i = 0; id != NULL && i < d->columns_count; i++)
        if (memcmp(d->columns[i].id, id, CP_ID_LEN) == 0)
            return d->columns[i].name;
    return CP_BYTES(NULL, 0);
}

/* Where a column stands among the plan's; one that is not known here comes last. */
static size_t column_place(const struct cp_desk *d, struct cp_bytes name)
{
    for (size_t i = 0; i < d->columns_count; i++)
        if (cp_bytes_eq(d->columns[i].name, name))
            return i;
    return d->columns_count;
}

static enum cp_err field_add(struct cp_shown *s, struct cp_shown_field *f, const struct cp_register *r,
                             bool no_nil)
{
    struct cp_current *grown =
        s->mem->resize(s->mem->ctx, f->values, (f->count + r->count + 1) * sizeof *grown);
    if (grown == NULL)
        return CP_ERR_NO_MEMORY;
    f->values = grown;
    for (size_t i = 0; i < r->count; i++) {
        const struct cp_value *v = cp_record_value(&s->state, &r->values[i]);
        bool repeated = no_nil && v->type <= CP_VALUE_NIL; /* nothing was said, or it was withdrawn */
        for (size_t j = 0; j < f->count && !repeated && no_nil; j++) {
            const struct cp_value *o = cp_record_value(&s->state, &f->values[j]);
            repeated = o->type == v->type && cp_bytes_eq(o->bytes, v->bytes);
        }
        if (!repeated)
            f->values[f->count++] = r->values[i];
    }
    return CP_OK;
}

/* Values of several registers in the order in which people count them: lowest (lamport, id) first. */
static void sort_values(const struct cp_shown *s, struct cp_shown_field *f)
{
    for (size_t i = 1; i < f->count; i++)
        for (size_t j = i; j > 0; j--) {
            const struct cp_write *a = &s->writes[f->values[j - 1].write],
                                  *b = &s->writes[f->values[j].write];
            if (a->lamport < b->lamport || (a->lamport == b->lamport && memcmp(a->id, b->id, CP_ID_LEN) <= 0))
                break;
            struct cp_current swapped = f->values[j];
            f->values[j] = f->values[j - 1];
            f->values[j - 1] = swapped;
        }
}

/* Two machines may have made a column of one name apart: people see one column, so it is one field here. */
static enum cp_err add_column(struct cp_shown *s, const struct cp_desk *d, const struct cp_register *r)
{
    struct cp_bytes name = column_name(d, r->column);
    if (name.len == 0)
        return CP_OK; /* no column of the plan: nobody could name it, and so nobody settle what it says */
    for (size_t i = 0; i < s->fields_count; i++) {
        struct cp_shown_field *f = &s->fields[i];
        if (f->field->code == CP_FIELD_COLUMN && cp_bytes_eq(f->column, name)) {
            if (f->count == 1 && cp_record_value(&s->state, &f->values[0])->type <= CP_VALUE_NIL)
                f->count = 0;
            enum cp_err err = field_add(s, f, r, true);
            sort_values(s, f);
            return err;
        }
    }
    size_t at = s->fields_count;
    while (at > 0 && s->fields[at - 1].field->code == CP_FIELD_COLUMN &&
           column_place(d, s->fields[at - 1].column) > column_place(d, name)) {
        s->fields[at] = s->fields[at - 1];
        at--;
    }
    s->fields[at] = (struct cp_shown_field){.field = cp_field_by_code(CP_FIELD_COLUMN), .column = name};
    s->fields_count++;
    return field_add(s, &s->fields[at], r, false);
}

static enum cp_err make_fields(struct cp_shown *s, const struct cp_desk *d)
{
    s->fields = cp_alloc_array(s->mem, s->state.count + 1, sizeof *s->fields);
    if (s->fields == NULL)
        return CP_ERR_NO_MEMORY;
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < s->state.count && err == CP_OK; i++) {
        const struct cp_register *r = &s->state.registers[i];
        const struct cp_field *field = cp_field_by_code(r->field);
        if (field == NULL || r->count == 0 || (field->on & 1U << (unsigned)s->kind) == 0)
            continue; /* a field of another kind of record says nothing here */
        if (r->column != NULL) {
            err = add_column(s, d, r);
            continue;
        }
        s->fields[s->fields_count] = (struct cp_shown_field){.field = field, .lang = r->lang};
        err = field_add(s, &s->fields[s->fields_count++], r, false);
    }
    return err;
}

static enum cp_err fold(struct cp_shown *s, const struct cp_desk *d)
{
    s->writes = cp_alloc_array(s->mem, s->loaded.writes_count + 1, sizeof *s->writes);
    enum cp_err err = s->writes == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    for (size_t i = 0; err == CP_OK && i < s->loaded.writes_count; i++)
        if (belongs(&s->loaded.writes[i], s->kind))
            s->writes[s->writes_count++] = s->loaded.writes[i];
    if (err == CP_OK)
        err = cp_record_fold(&s->state, s->mem, s->writes, s->writes_count);
    if (err == CP_OK)
        err = make_fields(s, d);
    if (err != CP_OK)
        cp_shown_clear(s);
    return err;
}

/* Folds what was loaded, if it was. */
static enum cp_err loaded(struct cp_shown *s, const struct cp_desk *d, enum cp_err err)
{
    if (err == CP_OK)
        return fold(s, d);
    *s = (struct cp_shown){.mem = d->mem};
    return err;
}

enum cp_err cp_shown_load(struct cp_shown *s, const struct cp_desk *d, enum cp_record kind,
                          const uint8_t id[static CP_ID_LEN], bool history)
{
    *s = (struct cp_shown){.kind = kind, .mem = d->mem};
    memcpy(s->id, id, CP_ID_LEN);
    return loaded(s, d, cp_store_load(d->node->store, d->plan, id, history, &s->loaded));
}

enum cp_err cp_shown_load_fields(struct cp_shown *s, const struct cp_desk *d, enum cp_record kind,
                                 const uint8_t id[static CP_ID_LEN])
{
    uint32_t kinds = kind == CP_RECORD_PLAN     ? cp_kind_bit(CP_KIND_PLAN)
                     : kind == CP_RECORD_PERSON ? cp_kind_bit(CP_KIND_PERSON)
                                                : cp_kind_bit(CP_KIND_ITEM) | cp_kind_bit(CP_KIND_SET);
    *s = (struct cp_shown){.kind = kind, .mem = d->mem};
    memcpy(s->id, id, CP_ID_LEN);
    return loaded(s, d, cp_store_load_kinds(d->node->store, d->plan, id, kinds, &s->loaded));
}

enum cp_err cp_shown_fold(struct cp_shown *s, const struct cp_desk *d, const uint8_t id[static CP_ID_LEN],
                          const struct cp_loaded *l)
{
    const struct cp_write *origin = cp_item_origin(l, id);
    *s = (struct cp_shown){.mem = cp_loaded_mem(l), .loaded = *l, .borrowed = true};
    memcpy(s->id, id, CP_ID_LEN);
    if (origin == NULL)
        return CP_ERR_NOT_FOUND;
    s->kind = (enum cp_record)origin->frame->subkind;
    return fold(s, d);
}

void cp_shown_clear(struct cp_shown *s)
{
    if (s->mem == NULL)
        return;
    for (size_t i = 0; i < s->fields_count; i++)
        cp_free(s->mem, s->fields[i].values);
    cp_free(s->mem, s->fields);
    cp_record_clear(&s->state);
    cp_free(s->mem, s->writes);
    if (!s->borrowed)
        cp_loaded_clear(&s->loaded);
    *s = (struct cp_shown){.mem = s->mem};
}

const struct cp_shown_field *cp_shown_field(const struct cp_shown *s, uint16_t field, struct cp_bytes lang,
                                            struct cp_bytes column)
{
    for (size_t i = 0; i < s->fields_count; i++) {
        const struct cp_shown_field *f = &s->fields[i];
        if (f->field->code == field && cp_bytes_eq(f->lang, lang) && cp_bytes_eq(f->column, column))
            return f;
    }
    return NULL;
}

static bool is_unseen(const struct cp_shown *s, const struct cp_current *at)
{
    return cp_record_link(&s->state, at) == NULL && cp_record_value(&s->state, at)->type == CP_VALUE_NONE;
}

bool cp_shown_withdrawn(const struct cp_shown *s, const struct cp_shown_field *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (!is_unseen(s, &f->values[i]))
            return false;
    return f->count > 0;
}

bool cp_shown_empty(const struct cp_shown *s, const struct cp_shown_field *f)
{
    if (f->count == 0 || cp_shown_withdrawn(s, f))
        return true;
    return !f->field->list && f->count == 1 &&
           cp_record_value(&s->state, &f->values[0])->type == CP_VALUE_NIL;
}

size_t cp_shown_wordings(const struct cp_shown *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->fields_count; i++)
        count += !s->fields[i].field->list && s->fields[i].count > 1 ? 1 : 0;
    return count;
}

struct cp_bytes cp_shown_state(const struct cp_shown *s)
{
    return cp_record_state_word(&s->state);
}

static struct cp_bytes digits_of(struct cp_bytes b)
{
    size_t zeros = 0, len = 0;
    while (zeros < b.len && b.ptr[zeros] == '0')
        zeros++;
    while (zeros + len < b.len && b.ptr[zeros + len] >= '0' && b.ptr[zeros + len] <= '9')
        len++;
    return CP_BYTES(b.len == 0 ? NULL : b.ptr + zeros, len);
}

/* "2" before "10", "2" before "2b"; whoever has no position comes after all who have one. */
int cp_position_cmp(struct cp_bytes a, struct cp_bytes b)
{
    if (a.len == 0 || b.len == 0)
        return (a.len == 0) - (b.len == 0);
    struct cp_bytes da = digits_of(a), db = digits_of(b);
    bool na = a.ptr[0] >= '0' && a.ptr[0] <= '9', nb = b.ptr[0] >= '0' && b.ptr[0] <= '9';
    if (na && nb && da.len != db.len)
        return da.len < db.len ? -1 : 1;
    int order = na && nb ? cp_bytes_cmp(da, db) : 0;
    if (order == 0)
        order = cp_bytes_cmp(a, b);
    return order < 0 ? -1 : order > 0;
}
