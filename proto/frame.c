/* Content frames and words. Owns: their layout. Must not: decide what is current. */
#include "proto/frame.h"

#include <assert.h>
#include <string.h>

enum { REF_STRIDE = CP_ID_LEN + 2 }; /* bin 8: two bytes of head before each id */

bool cp_kind_has_target(uint64_t kind)
{
    return kind == CP_KIND_SET || kind == CP_KIND_PERSON || kind == CP_KIND_VIEW || kind == CP_KIND_NOTE ||
           kind == CP_KIND_RECEIPT || kind == CP_KIND_ANSWER || kind == CP_KIND_ATTACHMENT;
}

const uint8_t *cp_frame_ref(const struct cp_frame *f, size_t i)
{
    assert(i < f->refs_count);
    return f->refs + i * REF_STRIDE;
}

const uint8_t *cp_frame_target(const struct cp_frame *f)
{
    return f->has_target ? cp_frame_ref(f, 0) : NULL;
}

const uint8_t *cp_frame_replaced(const struct cp_frame *f, size_t i)
{
    assert(i < f->replaced);
    return cp_frame_ref(f, (f->has_target ? 1 : 0) + i);
}

/* What stands around the references. */
static bool around_refs(struct cp_bytes frame, uint64_t *kind, size_t *refs, struct cp_bytes *behind)
{
    struct cp_cursor c;
    cp_cursor_init(&c, frame, CP_ITEMS_MAX);
    (void)cp_get_array(&c, 5, 5);
    *kind = cp_get_uint(&c, UINT32_MAX);
    *refs = cp_get_array(&c, 0, CP_REFS_MAX);
    for (size_t i = 0; i < *refs; i++)
        (void)cp_get_fixed_ref(&c, CP_ID_LEN);
    *behind = CP_BYTES(c.at, cp_cursor_left(&c));
    return c.err == CP_OK;
}

static bool behind_salt(struct cp_bytes words, size_t *count, struct cp_bytes *behind)
{
    struct cp_cursor c;
    *count = 0;
    *behind = CP_BYTES(NULL, 0);
    if (words.len == 0)
        return words.ptr != NULL;
    cp_cursor_init(&c, words, CP_ITEMS_MAX);
    *count = cp_get_array(&c, 1, CP_ITEMS_MAX);
    (void)cp_get_fixed_ref(&c, CP_SALT_LEN);
    *behind = CP_BYTES(c.at, cp_cursor_left(&c));
    return c.err == CP_OK;
}

bool cp_frame_says_again(struct cp_bytes frame, struct cp_bytes words, struct cp_bytes again, struct cp_bytes words_again)
{
    uint64_t kind = 0, kind_again = 0;
    size_t refs = 0, refs_again = 0, count = 0, count_again = 0;
    struct cp_bytes ops, ops_again, values, values_again;
    return around_refs(frame, &kind, &refs, &ops) && around_refs(again, &kind_again, &refs_again, &ops_again) &&
           kind == kind_again && refs + 1 == refs_again && cp_bytes_eq(ops, ops_again) &&
           behind_salt(words, &count, &values) && behind_salt(words_again, &count_again, &values_again) &&
           count == count_again && cp_bytes_eq(values, values_again);
}

size_t cp_frame_size(const struct cp_frame *f)
{
    return offsetof(struct cp_frame, ops) + f->ops_count * sizeof f->ops[0];
}

const struct cp_frame *cp_frame_keep(const struct cp_frame *f, void *room)
{
    memcpy(room, f, cp_frame_size(f));
    return room;
}

static bool how_has_slot(enum cp_how how)
{
    return how == CP_HOW_SET || how == CP_HOW_SET_LANG || how == CP_HOW_ADD || how == CP_HOW_COLUMN ||
           how == CP_HOW_LINK_VALUE;
}

static bool how_has_ref(enum cp_how how)
{
    return how == CP_HOW_LINK || how == CP_HOW_LINK_ADD || how == CP_HOW_REMOVE || how == CP_HOW_COLUMN ||
           how == CP_HOW_LINK_VALUE;
}

/* Does `how` fit the field's row? A removal fits every list. */
static bool how_fits(enum cp_how how, const struct cp_field *f)
{
    switch (how) {
    case CP_HOW_SET:
        return !f->list && !cp_field_is_link(f) && f->type != CP_TYPE_COLUMN;
    case CP_HOW_SET_LANG:
        return f->type == CP_TYPE_TEXT && !f->list;
    case CP_HOW_ADD:
        return f->list && !cp_field_is_link(f);
    case CP_HOW_LINK:
        return !f->list && cp_field_is_link(f);
    case CP_HOW_LINK_ADD:
        return f->list && cp_field_is_link(f) && f->type != CP_TYPE_COST;
    case CP_HOW_REMOVE:
        return f->list;
    case CP_HOW_COLUMN:
        return f->type == CP_TYPE_COLUMN;
    case CP_HOW_LINK_VALUE:
        return f->list && f->type == CP_TYPE_COST;
    }
    return false;
}

/* A language stands in labels of version texts and of exports: anything but a tag could say another fact there. */
static bool lang_fits(struct cp_bytes lang)
{
    const struct cp_field tag = {.on = UINT32_MAX, .type = CP_TYPE_LANG};
    return cp_field_check_text(&tag, lang, CP_RECORD_COUNT) == CP_OK;
}

/* [field, how, ...]; an unknown field or how fails with NEWER_CONTENT. A link field may be cleared by SET nil. */
static void read_op(struct cp_cursor *c, const struct cp_frame *f, struct cp_op *op)
{
    size_t count = cp_get_array(c, 2, 4);
    op->field = (uint16_t)cp_get_uint(c, UINT16_MAX);
    uint64_t how = cp_get_uint(c, CP_HOW_KNOWN_MAX);
    if (c->err != CP_OK)
        return;
    op->how = (enum cp_how)how;
    size_t expected = 2;
    if (op->how == CP_HOW_SET_LANG) {
        op->lang = cp_get_str(c, CP_LANG_MAX);
        expected = 3;
        if (c->err == CP_OK && !lang_fits(op->lang))
            cp_cursor_fail(c, CP_ERR_NEWER_CONTENT);
    } else if (how_has_ref(op->how)) {
        uint64_t ref = cp_get_uint(c, CP_REFS_MAX);
        if (c->err == CP_OK && ref >= f->refs_count)
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
        op->ref = (uint16_t)ref;
        expected = 3;
        if (op->how == CP_HOW_REMOVE) {
            op->removed_op = (uint16_t)cp_get_uint(c, CP_OPS_MAX - 1);
            expected = 4;
        }
    }
    const struct cp_field *field = cp_field_by_code(op->field);
    bool clears_link = field != NULL && op->how == CP_HOW_SET && !field->list && cp_field_is_link(field);
    if (count != expected || field == NULL || (!clears_link && !how_fits(op->how, field)))
        cp_cursor_fail(c, CP_ERR_NEWER_CONTENT);
}

static struct cp_value read_value(struct cp_cursor *c)
{
    struct cp_value v = {.type = CP_VALUE_NONE};
    switch (cp_cursor_peek(c)) {
    case CP_MP_NIL:
        cp_get_nil(c);
        v.type = CP_VALUE_NIL;
        break;
    case CP_MP_STR:
        v.bytes = cp_get_str(c, CP_ENTRY_MAX);
        v.type = CP_VALUE_TEXT;
        break;
    case CP_MP_BIN:
        v.bytes = cp_get_bin(c, CP_ENTRY_MAX);
        v.type = CP_VALUE_BYTES;
        break;
    case CP_MP_UINT:
    case CP_MP_NEG:
        v.number = cp_get_int(c);
        v.type = CP_VALUE_INT;
        break;
    case CP_MP_ARRAY:
    case CP_MP_NONE:
        cp_cursor_fail(c, CP_ERR_BAD_TYPE);
        break;
    }
    return v;
}

/* The record kind that decides which words a field allows; CP_RECORD_COUNT where only the item knows. */
static enum cp_record record_of(const struct cp_frame *f)
{
    if (f->kind == CP_KIND_ITEM)
        return (enum cp_record)f->subkind;
    if (f->kind == CP_KIND_PLAN)
        return CP_RECORD_PLAN;
    return CP_RECORD_COUNT;
}

/* True when the value is one the field may have (nil always may: it clears, except as a list's element). */
static bool value_fits(const struct cp_op *op, const struct cp_frame *f)
{
    const struct cp_field *field = cp_field_by_code(op->field);
    if (op->value.type == CP_VALUE_NIL)
        return op->how == CP_HOW_SET || op->how == CP_HOW_SET_LANG || op->how == CP_HOW_COLUMN;
    if (cp_field_is_link(field) && op->how == CP_HOW_SET)
        return false; /* only a clearing may be written so */
    if (cp_field_is_int(field))
        return op->value.type == CP_VALUE_INT && cp_field_check_int(field, op->value.number) == CP_OK;
    if (f->kind == CP_KIND_VIEW && op->field == CP_FIELD_VALUE)
        return op->value.type == CP_VALUE_TEXT && cp_word_in(cp_measure_values(f->subkind), op->value.bytes);
    return op->value.type == CP_VALUE_TEXT &&
           cp_field_check_text(field, op->value.bytes, record_of(f)) == CP_OK;
}

static enum cp_err read_words(struct cp_bytes words, struct cp_frame *out)
{
    struct cp_cursor c;
    cp_cursor_init(&c, words, CP_ITEMS_MAX);
    size_t slots = 0;
    for (size_t i = 0; i < out->ops_count; i++)
        slots += how_has_slot(out->ops[i].how) ? 1 : 0;
    if (slots == 0)
        return words.len == 0 ? CP_OK : CP_ERR_NEWER_CONTENT;
    (void)cp_get_array(&c, slots + 1, slots + 1);
    (void)cp_get_fixed_ref(&c, CP_SALT_LEN);
    for (size_t i = 0; i < out->ops_count && c.err == CP_OK; i++) {
        if (!how_has_slot(out->ops[i].how))
            continue;
        out->ops[i].value = read_value(&c);
        if (c.err == CP_OK && !value_fits(&out->ops[i], out))
            return CP_ERR_NEWER_CONTENT;
    }
    return cp_cursor_end(&c) == CP_OK ? CP_OK : CP_ERR_NEWER_CONTENT;
}

/* Kinds whose words are read by cp_words_values, not through ops. */
static bool words_are_bare(uint64_t kind)
{
    return kind == CP_KIND_PART || kind == CP_KIND_ANSWER || kind == CP_KIND_COLUMN || kind == CP_KIND_ATTACHMENT;
}

enum cp_err cp_frame_read(struct cp_bytes frame, struct cp_bytes words, struct cp_frame *out)
{
    struct cp_cursor c;
    memset(out, 0, offsetof(struct cp_frame, ops)); /* the ops are many, and few are used */
    cp_cursor_init(&c, frame, CP_ITEMS_MAX);
    size_t count = cp_get_array(&c, 2, 0xffff);
    out->kind = cp_get_uint(&c, UINT32_MAX);
    out->refs_count = cp_get_array(&c, 0, CP_REFS_MAX);
    for (size_t i = 0; i < out->refs_count; i++) {
        const uint8_t *id = cp_get_fixed_ref(&c, CP_ID_LEN);
        if (i == 0)
            out->refs = id;
    }
    if (c.err != CP_OK || cp_kind_word(out->kind) == NULL || cp_kind_class(out->kind) != CP_CONTENT || count != 5)
        return CP_ERR_NEWER_CONTENT;
    out->has_target = cp_kind_has_target(out->kind);
    out->replaced = (size_t)cp_get_uint(&c, CP_REFS_MAX);
    out->subkind = cp_get_uint(&c, UINT16_MAX);
    if (out->replaced + (out->has_target ? 1 : 0) > out->refs_count)
        return CP_ERR_NEWER_CONTENT;
    if (out->kind == CP_KIND_ITEM && !cp_record_is_item(out->subkind))
        return CP_ERR_NEWER_CONTENT;
    if ((out->kind == CP_KIND_VIEW && cp_measure_word(out->subkind) == NULL) ||
        (out->kind == CP_KIND_NOTE && cp_note_word(out->subkind) == NULL))
        return CP_ERR_NEWER_CONTENT;
    out->ops_count = cp_get_array(&c, 0, CP_OPS_MAX);
    for (size_t i = 0; i < out->ops_count && c.err == CP_OK; i++) {
        out->ops[i] = (struct cp_op){.field = 0};
        read_op(&c, out, &out->ops[i]);
    }
    if (cp_cursor_end(&c) != CP_OK)
        return CP_ERR_NEWER_CONTENT;
    out->words_here = words.ptr != NULL || words.len == 0;
    if (words.ptr == NULL || words_are_bare(out->kind)) {
        out->words_here = words.ptr != NULL;
        return CP_OK;
    }
    return read_words(words, out);
}

enum cp_err cp_words_values(struct cp_bytes words, struct cp_value *out, size_t max, size_t *count)
{
    struct cp_cursor c;
    cp_cursor_init(&c, words, CP_ITEMS_MAX);
    size_t all = cp_get_array(&c, 1, max + 1);
    (void)cp_get_fixed_ref(&c, CP_SALT_LEN);
    *count = all == 0 ? 0 : all - 1;
    for (size_t i = 0; i < *count && c.err == CP_OK; i++)
        out[i] = read_value(&c);
    enum cp_err err = cp_cursor_end(&c);
    return err == CP_OK ? CP_OK : CP_ERR_NEWER_CONTENT;
}

/* ---- Writing ---- */

void cp_draft_init(struct cp_draft *d, const struct cp_mem *mem, uint64_t kind, uint64_t subkind,
                   const uint8_t *target)
{
    assert(cp_kind_has_target(kind) == (target != NULL));
    memset(d, 0, sizeof *d);
    d->kind = kind;
    d->subkind = subkind;
    cp_buf_init(&d->values, mem, CP_ENTRY_MAX);
    if (target != NULL) {
        memcpy(d->refs[0], target, CP_ID_LEN);
        d->target_count = d->refs_count = 1;
    }
}

void cp_draft_clear(struct cp_draft *d)
{
    cp_buf_clear(&d->values);
}

static void draft_fail(struct cp_draft *d)
{
    if (d->err == CP_OK)
        d->err = CP_ERR_TOO_BIG;
}

/* Index of id among refs[from..], or refs_count. */
static size_t find_ref(const struct cp_draft *d, size_t from, const uint8_t *id)
{
    for (size_t i = from; i < d->refs_count; i++)
        if (memcmp(d->refs[i], id, CP_ID_LEN) == 0)
            return i;
    return d->refs_count;
}

void cp_draft_replace(struct cp_draft *d, const uint8_t id[static CP_ID_LEN])
{
    assert(d->refs_count == d->target_count + d->replaced);
    if (d->replaced == CP_REPLACED_MAX || find_ref(d, d->target_count, id) < d->refs_count)
        return;
    memcpy(d->refs[d->refs_count++], id, CP_ID_LEN);
    d->replaced++;
}

uint16_t cp_draft_name(struct cp_draft *d, const uint8_t id[static CP_ID_LEN])
{
    size_t at = find_ref(d, 0, id);
    if (at == CP_REFS_MAX) {
        draft_fail(d);
        return 0;
    }
    if (at == d->refs_count)
        memcpy(d->refs[d->refs_count++], id, CP_ID_LEN);
    return (uint16_t)at;
}

static struct cp_op *add_op(struct cp_draft *d, uint16_t field, enum cp_how how)
{
    static struct cp_op none; /* written to after an overflow, never read */
    if (d->ops_count == CP_OPS_MAX) {
        draft_fail(d);
        return &none;
    }
    struct cp_op *op = &d->ops[d->ops_count++];
    *op = (struct cp_op){.field = field, .how = how};
    return op;
}

void cp_draft_value(struct cp_draft *d, struct cp_bytes value, bool text)
{
    if (text)
        cp_put_str(&d->values, value);
    else
        cp_put_bin(&d->values, value);
    d->values_count++;
    d->words_any = true;
}

static void put_nil_value(struct cp_draft *d)
{
    cp_put_nil(&d->values);
    d->values_count++;
    d->words_any = true;
}

static void put_int_value(struct cp_draft *d, int64_t value)
{
    cp_put_int(&d->values, value);
    d->values_count++;
    d->words_any = true;
}

void cp_draft_number(struct cp_draft *d, int64_t value)
{
    put_int_value(d, value);
}

void cp_draft_text(struct cp_draft *d, uint16_t field, struct cp_bytes lang, struct cp_bytes text)
{
    add_op(d, field, lang.len == 0 ? CP_HOW_SET : CP_HOW_SET_LANG)->lang = lang;
    cp_draft_value(d, text, true);
}

void cp_draft_int(struct cp_draft *d, uint16_t field, int64_t value)
{
    (void)add_op(d, field, CP_HOW_SET);
    put_int_value(d, value);
}

void cp_draft_nil(struct cp_draft *d, uint16_t field, struct cp_bytes lang)
{
    add_op(d, field, lang.len == 0 ? CP_HOW_SET : CP_HOW_SET_LANG)->lang = lang;
    put_nil_value(d);
}

void cp_draft_add_text(struct cp_draft *d, uint16_t field, struct cp_bytes text)
{
    (void)add_op(d, field, CP_HOW_ADD);
    cp_draft_value(d, text, true);
}

void cp_draft_link(struct cp_draft *d, uint16_t field, uint16_t ref, bool list)
{
    add_op(d, field, list ? CP_HOW_LINK_ADD : CP_HOW_LINK)->ref = ref;
}

void cp_draft_link_value(struct cp_draft *d, uint16_t field, uint16_t ref, int64_t value)
{
    add_op(d, field, CP_HOW_LINK_VALUE)->ref = ref;
    put_int_value(d, value);
}

void cp_draft_remove(struct cp_draft *d, uint16_t field, uint16_t ref, uint16_t op)
{
    struct cp_op *removal = add_op(d, field, CP_HOW_REMOVE);
    removal->ref = ref;
    removal->removed_op = op;
}

void cp_draft_column(struct cp_draft *d, uint16_t ref, struct cp_bytes text)
{
    add_op(d, CP_FIELD_COLUMN, CP_HOW_COLUMN)->ref = ref;
    if (text.ptr == NULL)
        put_nil_value(d);
    else
        cp_draft_value(d, text, true);
}

static void write_op(const struct cp_op *op, struct cp_buf *out)
{
    bool lang = op->how == CP_HOW_SET_LANG, ref = how_has_ref(op->how), removal = op->how == CP_HOW_REMOVE;
    size_t count = 2U + (lang ? 1U : 0U) + (ref ? 1U : 0U) + (removal ? 1U : 0U);
    cp_put_array(out, count);
    cp_put_uint(out, op->field);
    cp_put_uint(out, op->how);
    if (lang)
        cp_put_str(out, op->lang);
    if (ref)
        cp_put_uint(out, op->ref);
    if (removal)
        cp_put_uint(out, op->removed_op);
}

enum cp_err cp_draft_write(const struct cp_draft *d, const uint8_t salt[static CP_SALT_LEN],
                           struct cp_buf *frame, struct cp_buf *words)
{
    if (d->err != CP_OK)
        return d->err;
    if (d->values.err != CP_OK)
        return d->values.err;
    cp_put_array(frame, 5);
    cp_put_uint(frame, d->kind);
    cp_put_array(frame, d->refs_count);
    for (size_t i = 0; i < d->refs_count; i++)
        cp_put_fixed(frame, d->refs[i], CP_ID_LEN);
    cp_put_uint(frame, d->replaced);
    cp_put_uint(frame, d->subkind);
    cp_put_array(frame, d->ops_count);
    for (size_t i = 0; i < d->ops_count; i++)
        write_op(&d->ops[i], frame);
    if (d->words_any) {
        cp_put_array(words, d->values_count + 1);
        cp_put_fixed(words, salt, CP_SALT_LEN);
        cp_buf_put_bytes(words, cp_buf_bytes(&d->values));
    }
    if (frame->err != CP_OK)
        return frame->err;
    return words->err;
}
