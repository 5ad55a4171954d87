/* Own registers: what one person thinks of one thing. Owns: whose view counts. Must not: add scores up. */
#include <stdlib.h>
#include <string.h>

#include "proto/record_cells.h"

const uint8_t *cp_view_criterion(const struct cp_frame *f)
{
    for (size_t i = 0; i < f->ops_count; i++)
        if (f->ops[i].field == CP_FIELD_BY_CRITERION && f->ops[i].how == CP_HOW_LINK)
            return cp_frame_ref(f, f->ops[i].ref);
    return NULL;
}

const uint8_t *cp_view_for(const struct cp_frame *f)
{
    for (size_t i = 0; i < f->ops_count; i++)
        if (f->ops[i].field == CP_FIELD_FOR_PERSON && f->ops[i].how == CP_HOW_LINK)
            return cp_frame_ref(f, f->ops[i].ref);
    return NULL;
}

static int cmp_optional(const uint8_t *a, const uint8_t *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return memcmp(a, b, CP_ID_LEN);
}

bool cp_view_same_register(const struct cp_frame *a, const struct cp_frame *b)
{
    return a->subkind == b->subkind && cmp_optional(cp_view_criterion(a), cp_view_criterion(b)) == 0;
}

static const struct cp_op *value_op(const struct cp_frame *f)
{
    for (size_t i = f->ops_count; i > 0; i--)
        if (f->ops[i - 1].field == CP_FIELD_VALUE && f->ops[i - 1].how == CP_HOW_SET)
            return &f->ops[i - 1];
    return NULL;
}

/* One view that stands, with what it is sorted by. */
struct standing {
    const struct cp_write *write;
    const uint8_t *person; /* whose view it is */
    const uint8_t *criterion;
    const struct cp_value *value;
};

static int cmp_register(const struct standing *a, const struct standing *b)
{
    if (a->write->frame->subkind != b->write->frame->subkind)
        return a->write->frame->subkind < b->write->frame->subkind ? -1 : 1;
    int criteria = cmp_optional(a->criterion, b->criterion);
    return criteria != 0 ? criteria : memcmp(a->person, b->person, CP_ID_LEN);
}

static bool by_proxy(const struct standing *s)
{
    return s->person != s->write->person;
}

static int cmp_value(const struct standing *a, const struct standing *b)
{
    if (a->value->type != b->value->type)
        return a->value->type < b->value->type ? -1 : 1;
    if (a->value->number != b->value->number)
        return a->value->number < b->value->number ? -1 : 1;
    return cp_bytes_cmp(a->value->bytes, b->value->bytes);
}

static bool before(const struct cp_write *a, const struct cp_write *b)
{
    return a->lamport != b->lamport ? a->lamport < b->lamport : memcmp(a->id, b->id, CP_ID_LEN) < 0;
}

/* One register after the other, equal values side by side: whoever writes thousands of views apart must not make
 * everybody's machine compare each with each. */
static int by_register(const void *a, const void *b)
{
    const struct standing *x = a, *y = b;
    int order = cmp_register(x, y);
    if (order == 0) /* the person's own first: beside them no proxy's counts */
        order = by_proxy(x) - by_proxy(y);
    if (order == 0)
        order = cmp_value(x, y);
    if (order == 0)
        order = before(y->write, x->write) - before(x->write, y->write);
    return order;
}

static void fill_row(struct cp_view_row *row, const struct standing *list, size_t count,
                     const struct cp_write *writes)
{
    const struct cp_write *first = list[0].write;
    *row = (struct cp_view_row){.person = list[0].person,
                                .by_proxy = by_proxy(&list[0]),
                                .measure = first->frame->subkind,
                                .criterion = list[0].criterion,
                                .current_count = 1};
    for (size_t i = 1; i < count; i++) {
        row->current_count += cmp_value(&list[i - 1], &list[i]) != 0 ? 1 : 0;
        if (before(list[i].write, first))
            first = list[i].write;
    }
    row->first = (size_t)(first - writes);
}

enum cp_err cp_views_fold(struct cp_views *out, const struct cp_mem *mem, const struct cp_write *writes,
                          size_t count)
{
    size_t views = 0;
    *out = (struct cp_views){.mem = mem};
    uint64_t *left = cp_alloc_array(mem, count, sizeof *left);
    struct standing *list = cp_alloc_array(mem, count, sizeof *list);
    enum cp_err err =
        left == NULL || list == NULL ? CP_ERR_NO_MEMORY : cp_record_left(mem, writes, count, left);
    for (size_t i = 0; i < count && err == CP_OK; i++) {
        const struct cp_frame *f = writes[i].frame;
        /* withdrawn: as if nothing had been answered */
        bool says = f->kind == CP_KIND_VIEW && left[i] != 0 && f->words_here;
        const struct cp_op *op = says ? value_op(f) : NULL;
        const uint8_t *person = says && cp_view_for(f) != NULL ? writes[i].speaks_for : writes[i].person;
        if (op != NULL && person != NULL)
            list[views++] = (struct standing){&writes[i], person, cp_view_criterion(f), &op->value};
    }
    if (views > 1)
        qsort(list, views, sizeof *list, by_register);
    for (size_t from = 0, to = 0; from < views && err == CP_OK; from = to) {
        void *array = out->rows;
        size_t counts = 0;
        while (to < views && cmp_register(&list[from], &list[to]) == 0)
            counts += by_proxy(&list[to++]) == by_proxy(&list[from]) ? 1 : 0;
        err = cp_grow(mem, &array, &out->cap, out->count + 1, SIZE_MAX, sizeof *out->rows);
        out->rows = array;
        if (err == CP_OK)
            fill_row(&out->rows[out->count++], &list[from], counts, writes);
    }
    cp_free(mem, list);
    cp_free(mem, left);
    if (err != CP_OK)
        cp_views_clear(out);
    return err;
}

void cp_views_clear(struct cp_views *v)
{
    if (v->mem != NULL)
        cp_free(v->mem, v->rows);
    *v = (struct cp_views){.mem = v->mem};
}

static bool names_person(const struct cp_record_state *item, uint16_t field, const uint8_t *person)
{
    const struct cp_register *r = cp_record_get(item, field, CP_BYTES(NULL, 0));
    for (size_t i = 0; r != NULL && i < r->count; i++) {
        const uint8_t *link = cp_record_link(item, &r->values[i]);
        if (link != NULL && memcmp(link, person, CP_ID_LEN) == 0)
            return true;
    }
    return false;
}

bool cp_measure_is_own(uint64_t measure)
{
    return measure == cp_measure_of_word(cp_bytes_str("accepted_level"));
}

bool cp_view_is_theirs(const struct cp_record_state *item, const struct cp_view_row *row)
{
    return !cp_measure_is_own(row->measure) || names_person(item, CP_FIELD_ABOUT_PERSON, row->person) ||
           names_person(item, CP_FIELD_AFFECTS, row->person);
}
