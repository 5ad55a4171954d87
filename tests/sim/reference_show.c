/*
 * What people should see, told from the definition: lines of replacing writes, lists, set aside, views.
 * Must not: be clever. Every question is asked of every pair that it is about: of a list of hundreds, what takes
 * something out and what sets aside are looked up once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/reference.h"
#include "tests/support/heap.h"

/* ---- Lines ---- */

void ref_lines_add(struct ref_lines *l, struct cp_buf *line)
{
    if (l->count == l->cap) {
        l->cap = l->cap == 0 ? 16 : l->cap * 2;
        char **grown = realloc(l->list, l->cap * sizeof *grown);
        if (grown == NULL)
            abort();
        l->list = grown;
    }
    l->list[l->count] = malloc(line->len + 1);
    if (l->list[l->count] == NULL || line->err != CP_OK)
        abort();
    memcpy(l->list[l->count], line->ptr, line->len);
    l->list[l->count++][line->len] = '\0';
    cp_buf_reset(line);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void ref_lines_end(struct ref_lines *l, struct cp_buf *out)
{
    if (l->count > 0)
        qsort(l->list, l->count, sizeof *l->list, by_text);
    for (size_t i = 0; i < l->count; i++) {
        cp_buf_put_str(out, l->list[i]);
        cp_buf_put_byte(out, '\n');
        free(l->list[i]);
    }
    free(l->list);
    memset(l, 0, sizeof *l);
}

void ref_put_value(const uint8_t id[static CP_ID_LEN], size_t op, const uint8_t *link, const struct cp_value *v,
                   struct cp_buf *out)
{
    char number[32];
    cp_buf_put_str(out, " | ");
    cp_buf_put_hex(out, CP_BYTES(id, CP_ID_LEN));
    (void)snprintf(number, sizeof number, ".%zu ", op);
    cp_buf_put_str(out, number);
    if (link != NULL)
        cp_buf_put_hex(out, CP_BYTES(link, CP_ID_LEN));
    if (v->type == CP_VALUE_INT) {
        (void)snprintf(number, sizeof number, " %lld", (long long)v->number);
        cp_buf_put_str(out, number);
    } else if (v->type == CP_VALUE_TEXT) {
        cp_escape(v->bytes, out);
    } else {
        cp_buf_put_str(out, v->type == CP_VALUE_NIL ? "nil" : "");
    }
}

/* ---- One record's writes ---- */

struct shelf {
    const struct ref_entry **list; /* lowest (lamport, id) first */
    size_t count;
    const struct ref_entry **removers; /* of these, what takes something out of a list and has effect */
    size_t removers_count;
    const struct ref_entry *item;
    const struct ref_log *log;
    struct ref_set gone; /* whose words were withdrawn */
    struct ref_set void_ones; /* without effect */
};

static bool is_gone(const struct shelf *s, const struct ref_entry *e)
{
    return ref_set_has(&s->gone, (size_t)(e - s->log->entries));
}

static bool is_void(const struct shelf *s, const struct ref_entry *e)
{
    return ref_set_has(&s->void_ones, (size_t)(e - s->log->entries));
}

static void put_down(struct shelf *s)
{
    free(s->list);
    free(s->removers);
    ref_set_clear(&s->gone);
    ref_set_clear(&s->void_ones);
}

static int by_lamport(const void *a, const void *b)
{
    const struct ref_entry *x = *(const struct ref_entry *const *)a, *y = *(const struct ref_entry *const *)b;
    if (x->lamport != y->lamport)
        return x->lamport < y->lamport ? -1 : 1;
    return memcmp(x->id, y->id, CP_ID_LEN);
}

/* A person's fields are written by that person alone. */
static bool has_effect(const struct ref_entry *e)
{
    return e->kind != CP_KIND_PERSON || memcmp(e->person, e->target, CP_ID_LEN) == 0;
}

static bool removes(const struct ref_entry *e)
{
    bool any = false;
    for (size_t i = 0; i < e->ops_count; i++)
        any = any || e->ops[i].how == CP_HOW_REMOVE;
    return any && has_effect(e);
}

static void take_down(struct shelf *s, const struct ref_log *log, const struct ref_set *held, const uint8_t *id,
                      uint64_t kind, uint64_t kind2)
{
    size_t r = ref_record_find(log, id);
    memset(s, 0, sizeof *s);
    s->log = log;
    s->list = malloc((log->count + 1) * sizeof(void *));
    s->removers = malloc((log->count + 1) * sizeof(void *));
    if (s->list == NULL || s->removers == NULL)
        abort();
    for (size_t i = r == REF_NONE ? REF_NONE : log->records[r].first; i != REF_NONE; i = log->entries[i].next) {
        const struct ref_entry *e = &log->entries[i];
        if (!ref_set_has(held, i) || (e->kind != kind && e->kind != kind2) || !ref_says(log, held, i))
            continue;
        if (ref_withdrawn(log, held, i))
            ref_set_add(&s->gone, i);
        if (ref_void(log, held, i))
            ref_set_add(&s->void_ones, i);
        s->list[s->count++] = e;
        if (removes(e) && !is_void(s, e))
            s->removers[s->removers_count++] = e;
        if (e->kind == CP_KIND_ITEM)
            s->item = e;
    }
    if (s->count > 0)
        qsort(s->list, s->count, sizeof(void *), by_lamport);
}

/* ---- The definition ---- */

static bool adds(const struct ref_op *op)
{
    return op->how == CP_HOW_ADD || op->how == CP_HOW_LINK_ADD || op->how == CP_HOW_LINK_VALUE;
}

static bool same_id(const uint8_t *a, const uint8_t *b)
{
    return a == NULL || b == NULL ? a == b : memcmp(a, b, CP_ID_LEN) == 0;
}

/* A register: field, language, column. */
static bool same_register(const struct ref_op *a, const struct ref_op *b)
{
    return a->field == b->field && !adds(a) && !adds(b) && a->how != CP_HOW_REMOVE && b->how != CP_HOW_REMOVE &&
           cp_bytes_eq(a->lang, b->lang) &&
           same_id(a->how == CP_HOW_COLUMN ? a->ref : NULL, b->how == CP_HOW_COLUMN ? b->ref : NULL);
}

/* Which op of the entry writes the register: the last of several. REF_NONE: none. */
static size_t writes_at(const struct ref_entry *e, const struct ref_op *reg)
{
    for (size_t i = e->ops_count; i > 0; i--)
        if (same_register(&e->ops[i - 1], reg))
            return i - 1;
    return REF_NONE;
}

static bool says_replaced(const struct ref_entry *by, const struct ref_entry *of)
{
    for (size_t i = 0; i < by->replaced_count; i++)
        if (memcmp(by->refs[by->replaced_from + i], of->id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static bool saw(const struct ref_entry *e, const struct ref_entry *other)
{
    for (size_t i = 0; i < e->refs_count; i++)
        if (memcmp(e->refs[i], other->id, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* Does a write that is not void replace it, directly or through a line of void ones each replacing the next? */
typedef bool goes_on(const struct ref_entry *by, const void *ctx);
static bool is_replaced(const struct shelf *s, const struct ref_entry *e, goes_on *links, const void *ctx)
{
    const struct ref_entry **todo = malloc((s->count + 1) * sizeof(void *));
    size_t count = 0, done = 0;
    bool yes = false;
    if (todo == NULL)
        abort();
    todo[count++] = e;
    while (done < count && !yes) {
        const struct ref_entry *of = todo[done++];
        for (size_t i = 0; i < s->count && !yes; i++) {
            const struct ref_entry *by = s->list[i];
            bool seen = by == e || !links(by, ctx) || !says_replaced(by, of);
            for (size_t k = 0; k < count && !seen; k++)
                seen = todo[k] == by;
            yes = !seen && !is_void(s, by);
            if (!seen && !yes)
                todo[count++] = by;
        }
    }
    free(todo);
    return yes;
}

static bool writes_same(const struct ref_entry *by, const void *ctx)
{
    return has_effect(by) && writes_at(by, ctx) != REF_NONE;
}

static bool is_current(const struct shelf *s, const struct ref_entry *e, size_t op)
{
    const struct ref_op *o = &e->ops[op];
    if (!has_effect(e) || o->how == CP_HOW_REMOVE || is_void(s, e))
        return false;
    if (!adds(o) && writes_at(e, o) != op)
        return false;
    if (!adds(o) && is_replaced(s, e, writes_same, o))
        return false;
    for (size_t i = 0; i < s->removers_count && adds(o); i++) {
        const struct ref_entry *by = s->removers[i];
        for (size_t k = 0; by != e && k < by->ops_count; k++)
            if (by->ops[k].how == CP_HOW_REMOVE && by->ops[k].field == o->field && by->ops[k].removed_op == op &&
                same_id(by->ops[k].ref, e->id))
                return false;
    }
    return true;
}

/* A field that this kind of record has, and a word that it knows. */
static bool fits(const struct ref_op *o, const struct cp_value *v, unsigned record)
{
    const struct cp_field *f = cp_field_by_code(o->field);
    return f != NULL && (f->on >> record & 1U) != 0 &&
           (v->type != CP_VALUE_TEXT || cp_field_check_text(f, v->bytes, (enum cp_record)record) == CP_OK);
}

/* Every current value of the record, in order. */
struct stands {
    const struct ref_entry *e;
    size_t op;
    struct cp_value value; /* NONE: it has none beside the link, or it was withdrawn */
    bool told;
};

static size_t find_current(const struct shelf *s, uint64_t kind, struct stands *out)
{
    size_t count = 0;
    unsigned record = kind == CP_KIND_PLAN ? CP_RECORD_PLAN : kind == CP_KIND_PERSON ? CP_RECORD_PERSON : 0;
    if (kind == CP_KIND_ITEM && s->item == NULL)
        return 0;
    if (kind == CP_KIND_ITEM)
        record = (unsigned)s->item->subkind;
    for (size_t i = 0; i < s->count; i++)
        for (size_t op = 0; op < s->list[i]->ops_count; op++) {
            struct stands v = {.e = s->list[i], .op = op};
            if (!is_gone(s, v.e))
                v.value = v.e->ops[op].value;
            if (is_current(s, v.e, op) && fits(&v.e->ops[op], &v.value, record))
                out[count++] = v;
        }
    return count;
}

static bool same_words(const struct cp_value *a, const struct cp_value *b)
{
    return a->type == b->type && a->number == b->number && cp_bytes_eq(a->bytes, b->bytes);
}

static const uint8_t *link_of(const struct stands *v)
{
    const struct ref_op *o = &v->e->ops[v->op];
    return o->how == CP_HOW_COLUMN ? NULL : o->ref;
}

static bool same_value(const struct stands *a, const struct stands *b)
{
    return same_id(link_of(a), link_of(b)) && same_words(&a->value, &b->value);
}

/* Nothing of it can be shown. */
static bool is_unseen(const struct stands *v)
{
    return link_of(v) == NULL && v->value.type == CP_VALUE_NONE;
}

/* Does it say that the item is set aside (closes false), or gone or accepted (closes true)? */
static bool says_off(const struct stands *v, bool closes)
{
    const struct ref_op *o = &v->e->ops[v->op];
    if (o->field != CP_FIELD_STATE || v->value.type != CP_VALUE_TEXT)
        return false;
    return closes ? cp_bytes_eq(v->value.bytes, cp_bytes_str("gone")) ||
                        cp_bytes_eq(v->value.bytes, cp_bytes_str("accepted"))
                  : cp_bytes_eq(v->value.bytes, cp_bytes_str("set aside"));
}

/* Some such word is current, and every current write of another field was seen by one or saw one. */
static void put_off(const struct stands *v, size_t count, bool closes, const char *holds, const char *apart,
                    const char *none, struct cp_buf *line)
{
    const struct ref_entry **offs = malloc((count + 1) * sizeof(void *));
    size_t offs_count = 0;
    bool all = true;
    if (offs == NULL)
        abort();
    for (size_t i = 0; i < count; i++)
        if (says_off(&v[i], closes))
            offs[offs_count++] = v[i].e;
    for (size_t i = 0; i < count && offs_count > 0; i++) {
        uint16_t field = v[i].e->ops[v[i].op].field;
        bool met = field == CP_FIELD_STATE || field == CP_FIELD_POSITION;
        for (size_t j = 0; j < offs_count && !met; j++)
            met = offs[j] == v[i].e || saw(offs[j], v[i].e) || saw(v[i].e, offs[j]);
        all = all && met;
    }
    free(offs);
    cp_buf_put_str(line, offs_count == 0 ? none : all ? holds : apart);
}

static bool one_register(const struct ref_op *a, const struct ref_op *b)
{
    return a->field == b->field && cp_bytes_eq(a->lang, b->lang) &&
           same_id(a->how == CP_HOW_COLUMN ? a->ref : NULL, b->how == CP_HOW_COLUMN ? b->ref : NULL);
}

static void put_register(struct stands *v, size_t count, size_t from, struct cp_buf *line)
{
    const struct ref_op *reg = &v[from].e->ops[v[from].op];
    cp_buf_put_dec(line, reg->field);
    cp_buf_put_byte(line, ' ');
    cp_buf_put_bytes(line, reg->lang);
    if (reg->how == CP_HOW_COLUMN)
        cp_buf_put_hex(line, CP_BYTES(reg->ref, CP_ID_LEN));
    size_t last = from;
    bool any_seen = false;
    for (size_t i = from; i < count; i++)
        any_seen = any_seen || (one_register(reg, &v[i].e->ops[v[i].op]) && !is_unseen(&v[i]));
    for (size_t i = from; i < count; i++)
        if (one_register(reg, &v[i].e->ops[v[i].op]) && (!any_seen || !is_unseen(&v[i])))
            last = i;
    for (size_t i = from; i < count; i++) {
        const struct ref_op *o = &v[i].e->ops[v[i].op];
        if (!one_register(reg, o))
            continue;
        bool repeated = reg->field == CP_FIELD_POSITION && i != last; /* the highest, never a wording */
        for (size_t j = from; j < i && !repeated; j++)
            repeated = one_register(reg, &v[j].e->ops[v[j].op]) && same_value(&v[j], &v[i]);
        if (reg->field == CP_FIELD_POSITION)
            repeated = i != last;
        v[i].told = true;
        if (!repeated && (!any_seen || !is_unseen(&v[i]))) /* withdrawn: shown only where nothing else is */
            ref_put_value(v[i].e->id, v[i].op, link_of(&v[i]), &v[i].value, line);
    }
}

void ref_show(const struct ref_log *log, const struct ref_set *held, uint64_t kind, const uint8_t id[static CP_ID_LEN],
              struct cp_buf *out)
{
    struct shelf s;
    struct ref_lines lines = {0};
    struct cp_buf line;
    cp_buf_init(&line, test_mem(), SIZE_MAX / 2);
    take_down(&s, log, held, id, kind, kind == CP_KIND_ITEM ? CP_KIND_SET : kind);
    struct stands *v = malloc((s.count * CP_OPS_MAX + 1) * sizeof *v);
    if (v == NULL)
        abort();
    size_t count = find_current(&s, kind, v);
    for (size_t i = 0; i < count; i++)
        if (!v[i].told) {
            put_register(v, count, i, &line);
            ref_lines_add(&lines, &line);
        }
    put_off(v, count, false, "~ set aside", "~ edited apart", "~ open", &line);
    put_off(v, count, true, "", ", closed apart", "", &line);
    ref_lines_add(&lines, &line);
    ref_lines_end(&lines, out);
    cp_buf_clear(&line);
    free(v);
    put_down(&s);
}

/* ---- Views ---- */

static const uint8_t *criterion_of(const struct ref_entry *e)
{
    for (size_t i = 0; i < e->ops_count; i++)
        if (e->ops[i].field == CP_FIELD_BY_CRITERION && e->ops[i].how == CP_HOW_LINK)
            return e->ops[i].ref;
    return NULL;
}

static bool one_view(const struct ref_entry *a, const struct ref_entry *b)
{
    return a->subkind == b->subkind && memcmp(a->person, b->person, CP_ID_LEN) == 0 &&
           same_id(criterion_of(a), criterion_of(b));
}

static const struct ref_op *view_value(const struct ref_entry *e)
{
    for (size_t i = e->ops_count; i > 0; i--)
        if (e->ops[i - 1].field == CP_FIELD_VALUE && e->ops[i - 1].how == CP_HOW_SET)
            return &e->ops[i - 1];
    return NULL;
}

static bool same_view_words(const struct ref_entry *a, const struct ref_entry *b)
{
    const struct ref_op *x = view_value(a), *y = view_value(b);
    return x != NULL && y != NULL && same_words(&x->value, &y->value);
}

static bool same_view(const struct ref_entry *by, const void *ctx)
{
    return one_view(by, ctx);
}

static bool view_stands(const struct shelf *s, const struct ref_entry *e)
{
    if (is_gone(s, e) || is_void(s, e)) /* as if it had not been given; what a withdrawn one replaced stays replaced */
        return false;
    return !is_replaced(s, e, same_view, e) && view_value(e) != NULL;
}

void ref_show_views(const struct ref_log *log, const struct ref_set *held, const uint8_t id[static CP_ID_LEN],
                    struct cp_buf *out)
{
    struct shelf s;
    struct ref_lines lines = {0};
    struct cp_buf line;
    cp_buf_init(&line, test_mem(), SIZE_MAX / 2);
    take_down(&s, log, held, id, CP_KIND_VIEW, CP_KIND_VIEW);
    for (size_t i = 0; i < s.count; i++) {
        const struct ref_entry *e = s.list[i];
        bool first = view_stands(&s, e);
        size_t distinct = 0;
        for (size_t j = 0; j < i && first; j++)
            first = !(view_stands(&s, s.list[j]) && one_view(s.list[j], e));
        for (size_t j = i; j < s.count && first; j++) {
            bool fresh = view_stands(&s, s.list[j]) && one_view(s.list[j], e);
            for (size_t k = i; k < j && fresh; k++)
                fresh = !(view_stands(&s, s.list[k]) && one_view(s.list[k], e) && same_view_words(s.list[k], s.list[j]));
            distinct += fresh ? 1 : 0;
        }
        if (!first)
            continue;
        cp_buf_put_dec(&line, e->subkind);
        if (criterion_of(e) != NULL)
            cp_buf_put_hex(&line, CP_BYTES(criterion_of(e), CP_ID_LEN));
        cp_buf_put_byte(&line, ' ');
        cp_buf_put_hex(&line, CP_BYTES(e->person, CP_ID_LEN));
        cp_buf_put_byte(&line, ' ');
        cp_buf_put_dec(&line, distinct);
        ref_put_value(e->id, 0, NULL, &(struct cp_value){.type = CP_VALUE_NIL}, &line);
        ref_lines_add(&lines, &line);
    }
    ref_lines_end(&lines, out);
    cp_buf_clear(&line);
    put_down(&s);
}
