/*
 * The merge rules for shared words and lists. Owns: current, two wordings, positions.
 * Must not: depend on the order in which writes are given, on a clock, or on anything outside its arguments.
 */
#include "proto/record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/record_cells.h"

/* ---- Cells: one op of one write that stands for a value ---- */

bool cp_how_is_add(enum cp_how how)
{
    return how == CP_HOW_ADD || how == CP_HOW_LINK_ADD || how == CP_HOW_LINK_VALUE;
}

bool cp_kind_is_record(uint64_t kind)
{
    return kind == CP_KIND_PLAN || kind == CP_KIND_ITEM || kind == CP_KIND_SET || kind == CP_KIND_PERSON;
}

static const uint8_t *column_of(const struct cp_frame *f, const struct cp_op *op)
{
    return op->how == CP_HOW_COLUMN ? cp_frame_ref(f, op->ref) : NULL;
}

/* Do two ops write the same register? Elements of lists never do: each stands for itself. */
static bool same_register(const struct cp_frame *fa, const struct cp_op *a, const struct cp_frame *fb,
                          const struct cp_op *b)
{
    if (a->field != b->field || a->how == CP_HOW_REMOVE || b->how == CP_HOW_REMOVE || cp_how_is_add(a->how) ||
        cp_how_is_add(b->how) || !cp_bytes_eq(a->lang, b->lang))
        return false;
    const uint8_t *ca = column_of(fa, a), *cb = column_of(fb, b);
    return ca == NULL || cb == NULL ? ca == cb : memcmp(ca, cb, CP_ID_LEN) == 0;
}

/* Of two ops of one entry on one register the last counts. */
static bool is_last_of_register(const struct cp_frame *f, size_t i)
{
    for (size_t j = i + 1; j < f->ops_count; j++)
        if (same_register(f, &f->ops[i], f, &f->ops[j]))
            return false;
    return true;
}

static bool names_as_replaced(const struct cp_frame *f, const uint8_t *id)
{
    for (size_t i = 0; i < f->replaced; i++)
        if (memcmp(cp_frame_replaced(f, i), id, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* A plan is written by PLAN, a person by PERSON, an item by ITEM and SET: a SET that names a person's or the plan's
 * id as its target reaches nothing of theirs. */
static bool is_about_item(const struct cp_frame *f)
{
    return f->kind == CP_KIND_ITEM || f->kind == CP_KIND_SET;
}

uint64_t cp_record_starts(const struct cp_frame *frame)
{
    if (!cp_kind_is_record(frame->kind) && frame->kind != CP_KIND_VIEW)
        return CP_LEFT_ALWAYS;
    uint64_t bits = 0;
    for (size_t i = 0; i < frame->ops_count; i++)
        if (frame->ops[i].how != CP_HOW_REMOVE && is_last_of_register(frame, i))
            bits |= 1ULL << i;
    return bits;
}

static uint64_t takes_from_record(const struct cp_frame *by, const struct cp_frame *of, const uint8_t *of_id)
{
    bool replaces = names_as_replaced(by, of_id);
    uint64_t bits = 0;
    for (size_t i = 0; i < by->ops_count; i++) {
        const struct cp_op *op = &by->ops[i];
        if (op->how == CP_HOW_REMOVE) {
            if (memcmp(cp_frame_ref(by, op->ref), of_id, CP_ID_LEN) == 0 && op->removed_op < of->ops_count &&
                of->ops[op->removed_op].field == op->field && cp_how_is_add(of->ops[op->removed_op].how))
                bits |= 1ULL << op->removed_op;
            continue;
        }
        for (size_t j = 0; replaces && j < of->ops_count; j++)
            if (same_register(by, op, of, &of->ops[j]))
                bits |= 1ULL << j;
    }
    return bits;
}

uint64_t cp_record_takes(const struct cp_frame *by, const struct cp_frame *of, const uint8_t of_id[static CP_ID_LEN])
{
    if (by->kind == CP_KIND_VIEW && of->kind == CP_KIND_VIEW)
        return cp_view_same_register(by, of) && names_as_replaced(by, of_id) ? cp_record_starts(of) : 0;
    if (!cp_kind_is_record(by->kind) || !cp_kind_is_record(of->kind) || is_about_item(by) != is_about_item(of) ||
        (!is_about_item(by) && by->kind != of->kind))
        return 0;
    return takes_from_record(by, of, of_id);
}

/* ---- Which writes are covered ---- */

static int by_id(const void *a, const void *b)
{
    return memcmp((*(const struct cp_write *const *)a)->id, (*(const struct cp_write *const *)b)->id, CP_ID_LEN);
}

/* The writes of one record, findable by id, and what the definition says of each op. */
struct cover {
    const struct cp_write *writes;
    size_t count;
    const struct cp_write **sorted; /* by id, each id once */
    size_t sorted_count;
    uint64_t *covered;              /* per write: ops that a non-void write replaces, in a line */
    size_t *todo;                   /* void writes whose new cover must be passed on */
    size_t todo_count;
};

static const struct cp_write *find(const struct cover *c, const uint8_t *id)
{
    const struct cp_write key = {.id = id}, *key_at = &key;
    const struct cp_write **hit = bsearch(&key_at, c->sorted, c->sorted_count, sizeof *c->sorted, by_id);
    return hit == NULL ? NULL : *hit;
}

/* May this write have an effect on the record at all? A person's fields are written by that person alone. */
static bool has_effect(const struct cp_write *w)
{
    if (!cp_kind_is_record(w->frame->kind))
        return w->frame->kind == CP_KIND_VIEW;
    return w->frame->kind != CP_KIND_PERSON || memcmp(w->person, cp_frame_target(w->frame), CP_ID_LEN) == 0;
}

static bool may_replace(const struct cp_write *by, const struct cp_write *of)
{
    bool own = by->frame->kind == CP_KIND_VIEW || by->frame->kind == CP_KIND_PERSON;
    return by != of && has_effect(of) && (!own || memcmp(by->person, of->person, CP_ID_LEN) == 0);
}

/*
 * Covers what write `by` replaces. A void write passes on only the registers in which it is itself covered
 * (`through`); a non-void one covers all it replaces, and only a non-void one removes.
 */
static void cover_by(struct cover *c, const struct cp_write *by, uint64_t through)
{
    for (size_t r = 0; r < by->frame->refs_count; r++) {
        const struct cp_write *of = find(c, cp_frame_ref(by->frame, r));
        if (of == NULL || !may_replace(by, of))
            continue;
        uint64_t bits = cp_record_takes(by->frame, of->frame, of->id);
        if (by->is_void) {
            uint64_t passed = 0;
            for (size_t i = 0; i < by->frame->ops_count; i++)
                for (size_t j = 0; (through >> i & 1) != 0 && j < of->frame->ops_count; j++)
                    if (same_register(by->frame, &by->frame->ops[i], of->frame, &of->frame->ops[j]))
                        passed |= 1ULL << j;
            bits &= by->frame->kind == CP_KIND_VIEW ? bits : passed;
        }
        size_t at = (size_t)(of - c->writes);
        uint64_t fresh = bits & ~c->covered[at];
        if (fresh == 0)
            continue;
        c->covered[at] |= fresh;
        if (of->is_void)
            c->todo[c->todo_count++] = at;
    }
}

static enum cp_err cover_all(struct cover *c, const struct cp_mem *mem)
{
    c->sorted = cp_alloc_array(mem, c->count, sizeof *c->sorted);
    c->covered = cp_alloc_array(mem, c->count, sizeof *c->covered);
    size_t void_count = 0;
    for (size_t i = 0; i < c->count; i++)
        void_count += c->writes[i].is_void ? 1 : 0;
    /* A void write is queued once for each newly covered op at most. */
    c->todo = cp_alloc_array(mem, void_count, (CP_OPS_MAX + 1) * sizeof *c->todo);
    if (c->sorted == NULL || c->covered == NULL || c->todo == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < c->count; i++)
        c->sorted[i] = &c->writes[i];
    qsort(c->sorted, c->count, sizeof *c->sorted, by_id);
    for (size_t i = 0; i < c->count; i++) /* delivered twice: one write */
        if (c->sorted_count == 0 || memcmp(c->sorted[c->sorted_count - 1]->id, c->sorted[i]->id, CP_ID_LEN) != 0)
            c->sorted[c->sorted_count++] = c->sorted[i];
    for (size_t i = 0; i < c->sorted_count; i++)
        if (!c->sorted[i]->is_void && has_effect(c->sorted[i]))
            cover_by(c, c->sorted[i], UINT64_MAX);
    for (size_t i = 0; i < c->todo_count; i++)
        cover_by(c, &c->writes[c->todo[i]], c->covered[c->todo[i]]);
    return CP_OK;
}

static void cover_clear(struct cover *c, const struct cp_mem *mem)
{
    cp_free(mem, c->sorted);
    cp_free(mem, c->covered);
    cp_free(mem, c->todo);
}

/* Ops of a write that are current: it stands, they are values, nothing covers them. */
static uint64_t current_bits(const struct cover *c, const struct cp_write *w)
{
    if (w->is_void || !has_effect(w))
        return 0;
    return cp_record_starts(w->frame) & ~c->covered[w - c->writes] & ~w->gone;
}

enum cp_err cp_record_left(const struct cp_mem *mem, const struct cp_write *writes, size_t count, uint64_t *left)
{
    struct cover c = {.writes = writes, .count = count};
    enum cp_err err = cover_all(&c, mem);
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        bool added_only = !cp_kind_is_record(writes[i].frame->kind) && writes[i].frame->kind != CP_KIND_VIEW;
        left[i] = added_only ? CP_LEFT_ALWAYS : current_bits(&c, &writes[i]);
    }
    cover_clear(&c, mem);
    return err;
}

/* ---- Folding into registers ---- */

/* The order in which people see values: (lamport, id, op). */
static int order_of(const struct cp_write *a, size_t a_op, const struct cp_write *b, size_t b_op)
{
    if (a->lamport != b->lamport)
        return a->lamport < b->lamport ? -1 : 1;
    int ids = memcmp(a->id, b->id, CP_ID_LEN);
    if (ids != 0)
        return ids;
    return a_op < b_op ? -1 : a_op > b_op;
}

const struct cp_value *cp_record_value(const struct cp_record_state *s, const struct cp_current *at)
{
    return &s->writes[at->write].frame->ops[at->op].value;
}

const uint8_t *cp_record_link(const struct cp_record_state *s, const struct cp_current *at)
{
    const struct cp_frame *f = s->writes[at->write].frame;
    const struct cp_op *op = &f->ops[at->op];
    bool link = op->how == CP_HOW_LINK || op->how == CP_HOW_LINK_ADD || op->how == CP_HOW_LINK_VALUE;
    return link ? cp_frame_ref(f, op->ref) : NULL;
}

static bool same_value(const struct cp_record_state *s, const struct cp_current *a, const struct cp_current *b)
{
    const uint8_t *la = cp_record_link(s, a), *lb = cp_record_link(s, b);
    if ((la == NULL) != (lb == NULL) || (la != NULL && memcmp(la, lb, CP_ID_LEN) != 0))
        return false;
    const struct cp_value *va = cp_record_value(s, a), *vb = cp_record_value(s, b);
    return va->type == vb->type && va->number == vb->number && cp_bytes_eq(va->bytes, vb->bytes);
}

/* True when the value cannot be shown: its words were withdrawn or are being fetched. */
static bool is_unseen(const struct cp_record_state *s, const struct cp_current *at)
{
    return cp_record_link(s, at) == NULL && cp_record_value(s, at)->type == CP_VALUE_NONE;
}

/* One value of a register while it is sorted: where it stands, and what it says. */
struct cell {
    const struct cp_write *write;
    size_t op, place; /* of the field in the table */
    const uint8_t *column, *link;
    const struct cp_value *value;
    bool repeated;
};

static int by_order(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    return order_of(x->write, x->op, y->write, y->op);
}

static int cmp_ids(const uint8_t *a, const uint8_t *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return memcmp(a, b, CP_ID_LEN);
}

/* Equal values side by side, the one that people see first before the others. */
static int by_value(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    int order = cmp_ids(x->link, y->link);
    if (order == 0 && x->value->type != y->value->type)
        order = x->value->type < y->value->type ? -1 : 1;
    if (order == 0 && x->value->number != y->value->number)
        order = x->value->number < y->value->number ? -1 : 1;
    if (order == 0)
        order = cp_bytes_cmp(x->value->bytes, y->value->bytes);
    return order != 0 ? order : by_order(a, b);
}

static struct cell cell_of(const struct cp_record_state *s, const struct cp_current *at)
{
    return (struct cell){.write = &s->writes[at->write],
                         .op = at->op,
                         .link = cp_record_link(s, at),
                         .value = cp_record_value(s, at)};
}

/* Equal values become one; withdrawn words give way to any others; of positions the highest stays. By sorting:
 * whoever writes thousands of values apart must not make everybody's machine compare each with each. */
static enum cp_err register_settle(struct cp_record_state *s, struct cp_register *r)
{
    size_t seen = 0, kept = 0;
    if (r->field == CP_FIELD_POSITION && r->count > 1) {
        size_t last = r->count - 1;
        for (size_t i = r->count; i > 0 && is_unseen(s, &r->values[last]); i--)
            if (!is_unseen(s, &r->values[i - 1]))
                last = i - 1; /* withdrawn words give way to any others */
        r->values[0] = r->values[last];
        r->count = 1;
    }
    if (r->count < 2)
        return CP_OK;
    struct cell *cells = cp_alloc_array(s->mem, r->count, sizeof *cells);
    if (cells == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < r->count; i++) {
        cells[i] = cell_of(s, &r->values[i]);
        seen += is_unseen(s, &r->values[i]) ? 0 : 1;
    }
    qsort(cells, r->count, sizeof *cells, by_value);
    for (size_t i = 1; i < r->count; i++) {
        const struct cp_current before = {.write = (size_t)(cells[i - 1].write - s->writes), .op = cells[i - 1].op};
        const struct cp_current here = {.write = (size_t)(cells[i].write - s->writes), .op = cells[i].op};
        cells[i].repeated = same_value(s, &before, &here);
    }
    qsort(cells, r->count, sizeof *cells, by_order);
    for (size_t i = 0; i < r->count; i++) {
        const struct cp_current here = {.write = (size_t)(cells[i].write - s->writes), .op = cells[i].op};
        if (!cells[i].repeated && (seen == 0 || !is_unseen(s, &here)))
            r->values[kept++] = here;
    }
    r->count = kept;
    cp_free(s->mem, cells);
    return CP_OK;
}

static size_t field_place(uint16_t code)
{
    size_t count;
    const struct cp_field *all = cp_fields(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i].code == code)
            return i;
    return count;
}

/* The same register side by side, registers in the order of the table, values as people see them. */
static int cmp_registers(const struct cell *x, const struct cell *y)
{
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    int langs = cp_bytes_cmp(x->write->frame->ops[x->op].lang, y->write->frame->ops[y->op].lang);
    return langs != 0 ? langs : cmp_ids(x->column, y->column);
}

static int by_place(const void *a, const void *b)
{
    int order = cmp_registers(a, b);
    return order != 0 ? order : by_order(a, b);
}

/* What kind of record a write is about: for a SET the ITEM entry says it; CP_RECORD_COUNT when that is not here. */
static enum cp_record record_kind(const struct cp_frame *f, const struct cp_frame *item)
{
    if (f->kind == CP_KIND_PLAN || f->kind == CP_KIND_PERSON)
        return f->kind == CP_KIND_PLAN ? CP_RECORD_PLAN : CP_RECORD_PERSON;
    return item != NULL ? (enum cp_record)item->subkind : CP_RECORD_COUNT;
}

static const struct cp_frame *item_of(const struct cover *c)
{
    for (size_t i = 0; i < c->sorted_count; i++)
        if (c->sorted[i]->frame->kind == CP_KIND_ITEM)
            return c->sorted[i]->frame;
    return NULL;
}

/* A write of a field that this kind of record does not have, or of a word it does not know, counts for nothing:
 * an edit names its item by id alone, so only here, with the item in sight, can that be told. */
static bool fits_record(const struct cp_op *op, enum cp_record kind)
{
    const struct cp_field *field = cp_field_by_code(op->field);
    if (kind == CP_RECORD_COUNT || field == NULL || (field->on >> kind & 1U) == 0)
        return false;
    return op->value.type != CP_VALUE_TEXT || cp_field_check_text(field, op->value.bytes, kind) == CP_OK;
}

struct cells {
    struct cell *list;
    size_t count, cap;
};

/* Every op that is current and belongs to this kind of record. */
static enum cp_err find_cells(struct cp_record_state *s, const struct cover *c, struct cells *out)
{
    const struct cp_frame *item = item_of(c);
    for (size_t i = 0; i < c->sorted_count; i++) {
        const struct cp_write *w = c->sorted[i];
        enum cp_record kind = record_kind(w->frame, item);
        uint64_t bits = cp_kind_is_record(w->frame->kind) ? current_bits(c, w) : 0;
        for (size_t op = 0; op < w->frame->ops_count; op++) {
            void *array = out->list;
            if ((bits >> op & 1) == 0 || !fits_record(&w->frame->ops[op], kind))
                continue;
            enum cp_err err = cp_grow(s->mem, &array, &out->cap, out->count + 1, SIZE_MAX, sizeof *out->list);
            if (err != CP_OK)
                return err;
            out->list = array;
            out->list[out->count++] = (struct cell){.write = w,
                                                    .op = op,
                                                    .place = field_place(w->frame->ops[op].field),
                                                    .column = column_of(w->frame, &w->frame->ops[op])};
        }
    }
    return CP_OK;
}

/* One register of the cells [from, to). */
static enum cp_err add_register(struct cp_record_state *s, const struct cell *cells, size_t count)
{
    void *array = s->registers;
    enum cp_err err = cp_grow(s->mem, &array, &s->cap, s->count + 1, SIZE_MAX, sizeof *s->registers);
    if (err != CP_OK)
        return err;
    s->registers = array;
    const struct cp_op *op = &cells[0].write->frame->ops[cells[0].op];
    const struct cp_field *field = cp_field_by_code(op->field);
    struct cp_register *r = &s->registers[s->count++];
    *r = (struct cp_register){
        .field = op->field, .lang = op->lang, .column = cells[0].column, .list = field != NULL && field->list};
    r->values = cp_alloc_array(s->mem, count, sizeof *r->values);
    if (r->values == NULL)
        return CP_ERR_NO_MEMORY;
    r->count = r->cap = count;
    for (size_t i = 0; i < count; i++)
        r->values[i] = (struct cp_current){.write = (size_t)(cells[i].write - s->writes), .op = cells[i].op};
    return CP_OK;
}

static enum cp_err gather(struct cp_record_state *s, const struct cover *c)
{
    struct cells cells = {.count = 0};
    enum cp_err err = find_cells(s, c, &cells);
    if (err == CP_OK && cells.count > 1)
        qsort(cells.list, cells.count, sizeof *cells.list, by_place);
    for (size_t from = 0, to = 0; err == CP_OK && from < cells.count; from = to) {
        while (to < cells.count && cmp_registers(&cells.list[from], &cells.list[to]) == 0)
            to++;
        err = add_register(s, &cells.list[from], to - from);
    }
    cp_free(s->mem, cells.list);
    return err;
}

enum cp_err cp_record_fold(struct cp_record_state *out, const struct cp_mem *mem, const struct cp_write *writes,
                           size_t count)
{
    struct cover c = {.writes = writes, .count = count};
    *out = (struct cp_record_state){.writes = writes, .writes_count = count, .mem = mem};
    enum cp_err err = cover_all(&c, mem);
    if (err == CP_OK)
        err = gather(out, &c);
    cover_clear(&c, mem);
    if (err != CP_OK) {
        cp_record_clear(out);
        return err;
    }
    err = cp_record_judge_state(out);
    for (size_t i = 0; i < out->count && err == CP_OK; i++) {
        err = register_settle(out, &out->registers[i]);
        if (!out->registers[i].list && out->registers[i].count > 1)
            out->wordings++;
    }
    if (err != CP_OK)
        cp_record_clear(out);
    return err;
}

void cp_record_clear(struct cp_record_state *s)
{
    for (size_t i = 0; i < s->count; i++)
        cp_free(s->mem, s->registers[i].values);
    if (s->mem != NULL)
        cp_free(s->mem, s->registers);
    *s = (struct cp_record_state){.mem = s->mem};
}

const struct cp_register *cp_record_get(const struct cp_record_state *s, uint16_t field, struct cp_bytes lang)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->registers[i].field == field && s->registers[i].column == NULL &&
            cp_bytes_eq(s->registers[i].lang, lang))
            return &s->registers[i];
    return NULL;
}

struct cp_bytes cp_record_text(const struct cp_record_state *s, uint16_t field, struct cp_bytes otherwise)
{
    const struct cp_register *r = cp_record_get(s, field, CP_BYTES(NULL, 0));
    if (r == NULL || r->count == 0)
        return otherwise;
    const struct cp_value *v = cp_record_value(s, &r->values[0]);
    return v->type == CP_VALUE_TEXT ? v->bytes : otherwise;
}
