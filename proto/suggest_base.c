/* What two wordings have in common. Owns: the way back from both to the words that both replaced. */
#include <stdlib.h>
#include <string.h>

#include "proto/suggest.h"

enum {
    OF_A = 1,
    OF_B = 2,
    OF_BOTH = 3,
    COVERED = 4 /* another common one replaced it */
};

struct line {
    const struct cp_write *writes;
    const struct cp_write **by_id;
    uint8_t *marks;
    size_t *stack;
    size_t count;
    const struct cp_frame *frame; /* of the value whose register it is */
    const struct cp_op *op;
};

static int compare(const void *a, const void *b)
{
    return memcmp((*(const struct cp_write *const *)a)->id, (*(const struct cp_write *const *)b)->id,
                  CP_ID_LEN);
}

static const struct cp_write *find(const struct line *l, const uint8_t *id)
{
    struct cp_write key = {.id = id};
    const struct cp_write *wanted = &key;
    const struct cp_write *const *found = bsearch(&wanted, l->by_id, l->count, sizeof *l->by_id, compare);
    return found == NULL ? NULL : *found;
}

/* What the write says of the register: its last op on it; NULL when it says nothing. */
static const struct cp_op *op_of(const struct line *l, const struct cp_write *w)
{
    const struct cp_op *found = NULL;
    for (size_t i = 0; i < w->frame->ops_count; i++) {
        const struct cp_op *op = &w->frame->ops[i];
        if (op->field != l->op->field || op->how == CP_HOW_REMOVE || !cp_bytes_eq(op->lang, l->op->lang) ||
            (op->how == CP_HOW_COLUMN) != (l->op->how == CP_HOW_COLUMN))
            continue;
        if (op->how == CP_HOW_COLUMN &&
            memcmp(cp_frame_ref(w->frame, op->ref), cp_frame_ref(l->frame, l->op->ref), CP_ID_LEN) != 0)
            continue;
        found = op;
    }
    return found;
}

/* Marks what the write at `from` replaced, and what that replaced. */
static void mark(const struct line *l, size_t from, uint8_t whose)
{
    size_t depth = 0;
    l->stack[depth++] = from;
    while (depth > 0) {
        const struct cp_frame *f = l->writes[l->stack[--depth]].frame;
        for (size_t i = 0; i < f->replaced; i++) {
            const struct cp_write *w = find(l, cp_frame_replaced(f, i));
            if (w == NULL || op_of(l, w) == NULL || (l->marks[w - l->writes] & whose) != 0)
                continue;
            l->marks[w - l->writes] |= whose;
            l->stack[depth++] = (size_t)(w - l->writes);
        }
    }
}

static void cover(const struct line *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct cp_frame *f = l->writes[i].frame;
        for (size_t r = 0; (l->marks[i] & OF_BOTH) == OF_BOTH && r < f->replaced; r++) {
            const struct cp_write *w = find(l, cp_frame_replaced(f, r));
            if (w != NULL)
                l->marks[w - l->writes] |= COVERED;
        }
    }
}

/* False: there is no one common text. */
static bool common_text(const struct line *l, struct cp_bytes *base)
{
    bool any = false;
    for (size_t i = 0; i < l->count; i++) {
        if (l->marks[i] != OF_BOTH)
            continue;
        const struct cp_op *op = op_of(l, &l->writes[i]);
        struct cp_bytes text = {NULL, 0};
        if (op == NULL || (op->value.type != CP_VALUE_TEXT && op->value.type != CP_VALUE_NIL))
            return false;
        if (op->value.type == CP_VALUE_TEXT)
            text = op->value.bytes;
        if (any && !cp_bytes_eq(text, *base))
            return false;
        *base = text;
        any = true;
    }
    return any;
}

enum cp_err cp_suggest_for(const struct cp_mem *mem, const struct cp_write *writes, size_t count,
                           const struct cp_current *a, const struct cp_current *b, struct cp_buf *out,
                           bool *found)
{
    struct line l = {.writes = writes, .count = count};
    const struct cp_op *op_a = &writes[a->write].frame->ops[a->op],
                       *op_b = &writes[b->write].frame->ops[b->op];
    struct cp_bytes base = {NULL, 0};
    enum cp_err err = CP_ERR_NO_MEMORY;
    *found = false;
    if (op_a->value.type != CP_VALUE_TEXT || op_b->value.type != CP_VALUE_TEXT)
        return CP_OK;
    l.frame = writes[a->write].frame;
    l.op = op_a;
    l.by_id = cp_alloc_array(mem, count, sizeof *l.by_id);
    l.marks = cp_alloc_array(mem, count, sizeof *l.marks);
    l.stack = cp_alloc_array(mem, count + 1, sizeof *l.stack);
    if (l.by_id == NULL || l.marks == NULL || l.stack == NULL)
        goto out;
    for (size_t i = 0; i < count; i++)
        l.by_id[i] = &writes[i];
    qsort(l.by_id, count, sizeof *l.by_id, compare);
    mark(&l, a->write, OF_A);
    mark(&l, b->write, OF_B);
    cover(&l);
    err = CP_OK;
    if (common_text(&l, &base))
        err = cp_suggest(mem, base, op_a->value.bytes, op_b->value.bytes, out, found);
out:
    cp_free(mem, l.by_id);
    cp_free(mem, l.marks);
    cp_free(mem, l.stack);
    return err;
}
