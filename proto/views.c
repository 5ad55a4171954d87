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

static bool same_view(const struct cp_write *a, const struct cp_write *b)
{
    const struct cp_op *va = value_op(a->frame), *vb = value_op(b->frame);
    return va != NULL && vb != NULL && va->value.type == vb->value.type && va->value.number == vb->value.number &&
           cp_bytes_eq(va->value.bytes, vb->value.bytes);
}

static int cmp_rows(const void *a, const void *b)
{
    const struct cp_view_row *ra = a, *rb = b;
    if (ra->measure != rb->measure)
        return ra->measure < rb->measure ? -1 : 1;
    int criteria = cmp_optional(ra->criterion, rb->criterion);
    return criteria != 0 ? criteria : memcmp(ra->person, rb->person, CP_ID_LEN);
}

static bool before(const struct cp_write *a, const struct cp_write *b)
{
    return a->lamport != b->lamport ? a->lamport < b->lamport : memcmp(a->id, b->id, CP_ID_LEN) < 0;
}

static bool in_row(const struct cp_view_row *row, const struct cp_write *w)
{
    return row->measure == w->frame->subkind && memcmp(row->person, w->person, CP_ID_LEN) == 0 &&
           cmp_optional(row->criterion, cp_view_criterion(w->frame)) == 0;
}

/* Is an equal value of the same register already counted among the writes before `at`? */
static bool counted(const struct cp_write *writes, const uint64_t *left, const struct cp_view_row *row, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (left[i] != 0 && writes[i].frame->kind == CP_KIND_VIEW && value_op(writes[i].frame) != NULL &&
            in_row(row, &writes[i]) &&
            (same_view(&writes[i], &writes[at]) || memcmp(writes[i].id, writes[at].id, CP_ID_LEN) == 0))
            return true;
    return false;
}

static enum cp_err add_view(struct cp_views *out, const struct cp_write *writes, const uint64_t *left, size_t at)
{
    struct cp_view_row *row = NULL;
    for (size_t i = 0; i < out->count && row == NULL; i++)
        if (in_row(&out->rows[i], &writes[at]))
            row = &out->rows[i];
    if (row == NULL) {
        void *array = out->rows;
        enum cp_err err = cp_grow(out->mem, &array, &out->cap, out->count + 1, SIZE_MAX, sizeof *out->rows);
        if (err != CP_OK)
            return err;
        out->rows = array;
        row = &out->rows[out->count++];
        *row = (struct cp_view_row){.person = writes[at].person,
                                    .measure = writes[at].frame->subkind,
                                    .criterion = cp_view_criterion(writes[at].frame),
                                    .first = at,
                                    .current_count = 1};
        return CP_OK;
    }
    row->current_count += counted(writes, left, row, at) ? 0 : 1;
    if (before(&writes[at], &writes[row->first]))
        row->first = at;
    return CP_OK;
}

enum cp_err cp_views_fold(struct cp_views *out, const struct cp_mem *mem, const struct cp_write *writes, size_t count)
{
    *out = (struct cp_views){.mem = mem};
    uint64_t *left = cp_alloc_array(mem, count, sizeof *left);
    enum cp_err err = left == NULL ? CP_ERR_NO_MEMORY : cp_record_left(mem, writes, count, left);
    for (size_t i = 0; i < count && err == CP_OK; i++)
        if (left[i] != 0 && writes[i].frame->kind == CP_KIND_VIEW && value_op(writes[i].frame) != NULL)
            err = add_view(out, writes, left, i);
    cp_free(mem, left);
    if (err != CP_OK) {
        cp_views_clear(out);
        return err;
    }
    if (out->count > 0)
        qsort(out->rows, out->count, sizeof *out->rows, cmp_rows);
    return CP_OK;
}

void cp_views_clear(struct cp_views *v)
{
    if (v->mem != NULL)
        cp_free(v->mem, v->rows);
    *v = (struct cp_views){.mem = v->mem};
}
