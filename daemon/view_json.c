/* How records are told to the client (docs/api.md). Owns: the shapes of rows. Must not: load or judge. */
#include <stdlib.h>
#include <string.h>

#include "daemon/view.h"
#include "proto/utf8.h"

void cp_put_field_name(const struct cp_shown_field *f, struct cp_buf *out)
{
    uint8_t small[CP_NAME_MAX + CP_LANG_MAX + 8];
    struct cp_bytes name = cp_bytes_str(f->field->name);
    bool column = f->field->code == CP_FIELD_COLUMN;
    struct cp_bytes tail = column ? f->column : f->lang;
    if (tail.len == 0 && !column) {
        cp_api_text(out, name);
        return;
    }
    struct cp_buf joined; /* column names may be long: people's tables know no limit of ours */
    if (name.len + 1 + tail.len <= sizeof small) {
        memcpy(small, name.ptr, name.len);
        small[name.len] = column ? ':' : '.';
        if (tail.len > 0)
            memcpy(small + name.len + 1, tail.ptr, tail.len);
        cp_api_text(out, CP_BYTES(small, name.len + 1 + tail.len));
        return;
    }
    cp_buf_init(&joined, out->mem, CP_ENTRY_MAX);
    cp_buf_put_bytes(&joined, name);
    cp_buf_put_byte(&joined, column ? ':' : '.');
    cp_buf_put_bytes(&joined, tail);
    if (joined.err != CP_OK && out->err == CP_OK)
        out->err = joined.err;
    cp_api_text(out, cp_buf_bytes(&joined));
    cp_buf_clear(&joined);
}

static void put_op(const struct cp_frame *f, const struct cp_op *op, struct cp_buf *out)
{
    if (op->how == CP_HOW_LINK_VALUE) {
        cp_api_object(out, 2);
        cp_api_key(out, "id");
        cp_api_hex(out, cp_frame_ref(f, op->ref), CP_ID_LEN);
        cp_api_key(out, "amount");
        if (op->value.type == CP_VALUE_INT)
            cp_api_int(out, op->value.number);
        else
            cp_api_null(out);
        return;
    }
    if (op->how == CP_HOW_LINK || op->how == CP_HOW_LINK_ADD) {
        cp_api_hex(out, cp_frame_ref(f, op->ref), CP_ID_LEN);
        return;
    }
    if (op->value.type == CP_VALUE_TEXT)
        cp_api_text(out, op->value.bytes);
    else if (op->value.type == CP_VALUE_INT)
        cp_api_int(out, op->value.number);
    else
        cp_api_null(out);
}

void cp_put_value(const struct cp_shown *s, const struct cp_current *at, struct cp_buf *out)
{
    const struct cp_frame *f = s->state.writes[at->write].frame;
    put_op(f, &f->ops[at->op], out);
}

static void put_list(const struct cp_shown *s, const struct cp_shown_field *f, struct cp_buf *out)
{
    cp_api_list(out, f->count);
    for (size_t i = 0; i < f->count; i++)
        cp_put_value(s, &f->values[i], out);
}

/* What an import remembers about itself is nobody's field. */
static bool is_shown(const struct cp_shown *s, const struct cp_shown_field *f)
{
    return f->field->code != CP_FIELD_IMPORT && !cp_shown_empty(s, f);
}

/* A state that was written and does not hold, because somebody changed the thing apart: a table would say that it is off. */
static bool is_overruled(const struct cp_shown *s, const struct cp_shown_field *f)
{
    if (f->field->code != CP_FIELD_STATE || !cp_record_is_item(s->kind))
        return false;
    return f->count == 1 ||
           (cp_bytes_eq(cp_record_value(&s->state, &f->values[0])->bytes, cp_bytes_str("set aside")) &&
            !s->state.set_aside);
}

void cp_put_fields(const struct cp_shown *s, struct cp_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < s->fields_count; i++)
        count += is_shown(s, &s->fields[i]) ? 1 : 0;
    cp_api_object(out, count);
    for (size_t i = 0; i < s->fields_count; i++) {
        if (!is_shown(s, &s->fields[i]))
            continue;
        cp_put_field_name(&s->fields[i], out);
        if (s->fields[i].field->list)
            put_list(s, &s->fields[i], out);
        else if (is_overruled(s, &s->fields[i]))
            cp_api_text(out, cp_shown_state(s));
        else
            cp_put_value(s, &s->fields[i].values[0], out);
    }
}

void cp_put_wordings(const struct cp_desk *d, const struct cp_shown *s, const struct cp_shown_field *f,
                     struct cp_buf *out)
{
    cp_api_list(out, f->count);
    for (size_t i = 0; i < f->count; i++) {
        const struct cp_write *w = &s->state.writes[f->values[i].write];
        cp_api_object(out, 4);
        cp_api_key(out, "value");
        cp_put_value(s, &f->values[i], out);
        cp_api_key(out, "by");
        cp_api_hex(out, w->person, CP_ID_LEN);
        cp_api_key(out, "name");
        cp_api_text(out, cp_desk_name(d, w->person));
        cp_api_key(out, "entry");
        cp_api_hex(out, w->id, CP_ID_LEN);
    }
}

void cp_put_all_wordings(const struct cp_desk *d, const struct cp_shown *s, struct cp_buf *out)
{
    cp_api_object(out, cp_shown_wordings(s));
    for (size_t i = 0; i < s->fields_count; i++) {
        if (s->fields[i].field->list || s->fields[i].count < 2)
            continue;
        cp_put_field_name(&s->fields[i], out);
        cp_put_wordings(d, s, &s->fields[i], out);
    }
}

void cp_put_withdrawn(const struct cp_shown *s, struct cp_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < s->fields_count; i++)
        count += cp_shown_withdrawn(s, &s->fields[i]) ? 1 : 0;
    cp_api_list(out, count);
    for (size_t i = 0; i < s->fields_count; i++)
        if (cp_shown_withdrawn(s, &s->fields[i]))
            cp_put_field_name(&s->fields[i], out);
}

size_t cp_put_row_members(const struct cp_desk *d, const struct cp_shown *s, struct cp_buf *out)
{
    uint16_t words = CP_FIELD_TEXT;
    if (s->kind == CP_RECORD_PLAN)
        words = CP_FIELD_TITLE;
    else if (s->kind == CP_RECORD_PERSON)
        words = CP_FIELD_NAME;
    bool item = cp_record_is_item(s->kind);
    struct cp_bytes text = cp_record_text(&s->state, words, CP_BYTES(NULL, 0));
    if (s->kind == CP_RECORD_PERSON && text.len == 0)
        text = cp_desk_name(d, s->id);
    cp_api_key(out, "id");
    cp_api_hex(out, s->id, CP_ID_LEN);
    cp_api_key(out, "kind");
    cp_api_cstr(out, cp_record_word(s->kind));
    cp_api_key(out, "text");
    cp_api_text(out, text);
    cp_api_key(out, "state");
    cp_api_text(out, item ? cp_shown_state(s) : CP_BYTES(NULL, 0));
    cp_api_key(out, "fields");
    cp_put_fields(s, out);
    cp_api_key(out, "wordings");
    cp_put_all_wordings(d, s, out);
    cp_api_key(out, "edited_apart");
    cp_api_bool(out, s->state.edited_apart);
    cp_api_key(out, "closed_apart");
    cp_api_bool(out, s->state.closed_apart);
    cp_api_key(out, "withdrawn");
    cp_put_withdrawn(s, out);
    return 9;
}

/* ---- History ---- */

static const char *subkind_word(const struct cp_frame *f)
{
    const char *word = NULL;
    if (f->kind == CP_KIND_ITEM)
        word = cp_record_word(f->subkind);
    else if (f->kind == CP_KIND_VIEW)
        word = cp_measure_word(f->subkind);
    else if (f->kind == CP_KIND_NOTE)
        word = cp_note_word(f->subkind);
    else if (f->kind == CP_KIND_VERSION)
        word = f->subkind == CP_STAGE_COMMENT ? "comment" : "agreement";
    return word == NULL ? "" : word;
}

static struct cp_shown_field field_of(const struct cp_desk *d, const struct cp_frame *f,
                                      const struct cp_op *op)
{
    struct cp_shown_field shown = {.field = cp_field_by_code(op->field), .lang = op->lang};
    for (size_t i = 0; op->how == CP_HOW_COLUMN && i < d->columns_count; i++)
        if (memcmp(d->columns[i].id, cp_frame_ref(f, op->ref), CP_ID_LEN) == 0)
            shown.column = d->columns[i].name;
    return shown;
}

/* Is this the first op of the frame on its field? A field that was written in several ways is named once. */
static bool names_anew(const struct cp_frame *f, size_t at)
{
    const struct cp_op *op = &f->ops[at];
    for (size_t i = 0; i < at; i++) {
        const struct cp_op *o = &f->ops[i];
        bool columns = o->how == CP_HOW_COLUMN && op->how == CP_HOW_COLUMN;
        if (o->field == op->field && cp_bytes_eq(o->lang, op->lang) && (!columns || o->ref == op->ref))
            return false;
    }
    return op->field != CP_FIELD_IMPORT;
}

/* Is this op a value that somebody wrote into a field? */
static bool is_value(const struct cp_op *op)
{
    return op->field != CP_FIELD_IMPORT && op->how != CP_HOW_REMOVE && op->value.type != CP_VALUE_NIL;
}

/* The values themselves, where nobody but the plan is spoken of: [{field, value}]. */
static void put_values(const struct cp_desk *d, const struct cp_frame *f, struct cp_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < f->ops_count; i++)
        count += is_value(&f->ops[i]) ? 1 : 0;
    cp_api_list(out, count);
    for (size_t i = 0; i < f->ops_count; i++) {
        if (!is_value(&f->ops[i]))
            continue;
        struct cp_shown_field shown = field_of(d, f, &f->ops[i]);
        cp_api_object(out, 2);
        cp_api_key(out, "field");
        cp_put_field_name(&shown, out);
        cp_api_key(out, "value");
        put_op(f, &f->ops[i], out);
    }
}

static void put_what(const struct cp_desk *d, const struct cp_entry_info *info, bool values, struct cp_buf *out)
{
    struct cp_frame f;
    const char *kind = cp_kind_word(info->kind);
    bool known =
        info->class == CP_CONTENT && !info->newer && cp_frame_read(info->frame, info->words, &f) == CP_OK;
    if (kind == NULL || (info->class == CP_CONTENT && !known))
        kind = "newer";
    size_t count = 0;
    for (size_t i = 0; known && i < f.ops_count; i++)
        count += names_anew(&f, i) ? 1 : 0;
    values = values && known && !info->is_void &&
             (info->kind == CP_KIND_ITEM || info->kind == CP_KIND_SET || info->kind == CP_KIND_PLAN);
    cp_api_object(out, values ? 4 : 3);
    cp_api_key(out, "kind");
    cp_api_cstr(out, kind);
    cp_api_key(out, "subkind");
    cp_api_cstr(out, known ? subkind_word(&f) : "");
    cp_api_key(out, "fields");
    cp_api_list(out, count);
    for (size_t i = 0; known && i < f.ops_count; i++) {
        if (!names_anew(&f, i))
            continue;
        struct cp_shown_field shown = field_of(d, &f, &f.ops[i]);
        cp_put_field_name(&shown, out);
    }
    if (values) {
        cp_api_key(out, "values");
        put_values(d, &f, out);
    }
}

static void put_entry(const struct cp_desk *d, const struct cp_entry_info *info, bool values, struct cp_buf *out)
{
    cp_api_object(out, 9);
    cp_api_key(out, "entry");
    cp_api_hex(out, info->id, CP_ID_LEN);
    cp_api_key(out, "by");
    cp_api_hex(out, info->person, CP_ID_LEN);
    cp_api_key(out, "name");
    cp_api_text(out, cp_desk_name(d, info->person));
    cp_api_key(out, "device");
    cp_api_hex(out, info->device, CP_KEY_LEN);
    cp_api_key(out, "claimed_at");
    cp_api_int(out, (int64_t)info->time_ms);
    cp_api_key(out, "lamport");
    cp_api_int(out, (int64_t)info->lamport);
    cp_api_key(out, "what");
    put_what(d, info, values, out);
    cp_api_key(out, "withdrawn");
    cp_api_bool(out, info->withdrawn);
    cp_api_key(out, "void");
    cp_api_bool(out, info->is_void);
}

void cp_put_history(const struct cp_desk *d, const struct cp_entry_info *info, struct cp_buf *out)
{
    put_entry(d, info, false, out);
}

void cp_put_history_values(const struct cp_desk *d, const struct cp_entry_info *info, struct cp_buf *out)
{
    put_entry(d, info, true, out);
}

/* ---- Notes and views ---- */

static struct cp_bytes op_text(const struct cp_frame *f, uint16_t field)
{
    for (size_t i = 0; i < f->ops_count; i++)
        if (f->ops[i].field == field && f->ops[i].how == CP_HOW_SET && f->ops[i].value.type == CP_VALUE_TEXT)
            return f->ops[i].value.bytes;
    return CP_BYTES(NULL, 0);
}

/* Fields of a note as an object: what is written once stays, so a register is a field's ops in their order. */
static void put_note_fields(const struct cp_desk *d, const struct cp_frame *f, uint16_t but,
                            struct cp_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < f->ops_count; i++)
        count += f->ops[i].field != CP_FIELD_TEXT && f->ops[i].field != but && names_anew(f, i) ? 1 : 0;
    cp_api_object(out, count);
    for (size_t i = 0; i < f->ops_count; i++) {
        const struct cp_op *op = &f->ops[i];
        if (op->field == CP_FIELD_TEXT || op->field == but || !names_anew(f, i))
            continue;
        struct cp_shown_field shown = field_of(d, f, op);
        cp_put_field_name(&shown, out);
        if (!shown.field->list) {
            put_op(f, op, out);
            continue;
        }
        size_t elements = 0;
        for (size_t j = i; j < f->ops_count; j++)
            elements += f->ops[j].field == op->field && f->ops[j].how != CP_HOW_REMOVE ? 1 : 0;
        cp_api_list(out, elements);
        for (size_t j = i; j < f->ops_count; j++)
            if (f->ops[j].field == op->field && f->ops[j].how != CP_HOW_REMOVE)
                put_op(f, &f->ops[j], out);
    }
}

void cp_put_note(const struct cp_desk *d, const struct cp_entry_info *info, const struct cp_frame *f,
                 struct cp_buf *out)
{
    uint16_t hidden = cp_note_hides(d, info, f);
    cp_api_object(out, 10);
    cp_api_key(out, "id");
    cp_api_hex(out, info->id, CP_ID_LEN);
    cp_api_key(out, "kind");
    cp_api_cstr(out, subkind_word(f));
    cp_api_key(out, "about");
    cp_api_hex(out, cp_frame_target(f), CP_ID_LEN);
    cp_api_key(out, "text");
    cp_api_text(out, op_text(f, CP_FIELD_TEXT));
    cp_api_key(out, "fields");
    put_note_fields(d, f, hidden, out);
    cp_api_key(out, "by");
    cp_api_hex(out, info->person, CP_ID_LEN);
    cp_api_key(out, "name");
    cp_api_text(out, cp_desk_name(d, info->person));
    cp_api_key(out, "claimed_at");
    cp_api_int(out, (int64_t)info->time_ms);
    cp_api_key(out, "withdrawn");
    cp_api_bool(out, info->withdrawn);
    cp_api_key(out, "for_a_member");
    cp_api_bool(out, hidden != 0);
}

static void put_view(const struct cp_desk *d, const struct cp_shown *s, const struct cp_view_row *row,
                     struct cp_buf *out)
{
    const struct cp_write *w = &s->loaded.writes[row->first];
    struct cp_bytes why = op_text(w->frame, CP_FIELD_WHY);
    cp_api_object(out, 10);
    cp_api_key(out, "target");
    cp_api_hex(out, s->id, CP_ID_LEN);
    cp_api_key(out, "person");
    cp_api_hex(out, row->person, CP_ID_LEN);
    cp_api_key(out, "name");
    cp_api_text(out, cp_desk_name(d, row->person));
    cp_api_key(out, "measure");
    cp_api_cstr(out, cp_measure_word(row->measure));
    cp_api_key(out, "value");
    cp_api_text(out, op_text(w->frame, CP_FIELD_VALUE));
    cp_api_key(out, "criterion");
    if (row->criterion == NULL)
        cp_api_null(out);
    else
        cp_api_hex(out, row->criterion, CP_ID_LEN);
    cp_api_key(out, "why");
    cp_api_text(out, why);
    cp_api_key(out, "two");
    cp_api_bool(out, row->current_count > 1);
    cp_api_key(out, "entry");
    cp_api_hex(out, w->id, CP_ID_LEN);
    cp_api_key(out, "by");
    if (!row->by_proxy) {
        cp_api_null(out);
        return;
    }
    cp_api_object(out, 2);
    cp_api_key(out, "person");
    cp_api_hex(out, w->person, CP_ID_LEN);
    cp_api_key(out, "name");
    cp_api_text(out, cp_desk_name(d, w->person));
}

enum cp_err cp_each_view(const struct cp_desk *d, const struct cp_shown *s, cp_view_visit *visit, void *ctx)
{
    struct cp_views views;
    struct cp_buf row;
    enum cp_err err = cp_views_of(&views, d, s);
    if (err != CP_OK)
        return err;
    cp_buf_init(&row, d->mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; i < views.count && err == CP_OK; i++) {
        if (!cp_view_is_theirs(&s->state, &views.rows[i]))
            continue;
        cp_buf_reset(&row);
        put_view(d, s, &views.rows[i], &row);
        err = cp_buf_err(&row);
        if (err == CP_OK)
            visit(ctx, cp_buf_bytes(&row));
    }
    cp_buf_clear(&row);
    cp_views_clear(&views);
    return err;
}

/* Rows as they come out of the store, until they are in order: a target's follow each other. */
struct kept_row {
    uint8_t target[CP_ID_LEN];
    size_t at, len; /* in the bytes */
};
struct keeping {
    const struct cp_desk *d;
    struct cp_buf bytes;
    struct kept_row *rows;
    size_t count, cap;
    const uint8_t *target;
    enum cp_err err;
};

static void keep_row(void *ctx, struct cp_bytes row)
{
    struct keeping *k = ctx;
    void *array = k->rows;
    if (k->err == CP_OK)
        k->err = cp_grow(k->d->mem, &array, &k->cap, k->count + 1, SIZE_MAX, sizeof *k->rows);
    k->rows = array;
    if (k->err != CP_OK)
        return;
    struct kept_row *kept = &k->rows[k->count++];
    *kept = (struct kept_row){.at = k->bytes.len, .len = row.len};
    memcpy(kept->target, k->target, CP_ID_LEN);
    cp_buf_put_bytes(&k->bytes, row);
    k->err = cp_buf_err(&k->bytes);
}

static bool keep_views(void *ctx, const uint8_t target[CP_ID_LEN], const struct cp_loaded *l)
{
    struct keeping *k = ctx;
    struct cp_shown s = {.mem = cp_loaded_mem(l), .loaded = *l, .borrowed = true};
    enum cp_err err = CP_OK;
    bool fold = false; /* only what says whose risk it is needs it */
    memcpy(s.id, target, CP_ID_LEN);
    k->target = target;
    for (size_t i = 0; i < l->writes_count && !fold; i++)
        fold = l->writes[i].frame->kind == CP_KIND_VIEW && cp_measure_is_own(l->writes[i].frame->subkind);
    if (fold)
        err = cp_shown_fold(&s, k->d, target, l);
    if (err == CP_OK || err == CP_ERR_NOT_FOUND)
        err = cp_each_view(k->d, &s, keep_row, k);
    cp_shown_clear(&s);
    if (k->err == CP_OK)
        k->err = err;
    return k->err == CP_OK;
}

/* cp_each_view gave a target's rows in their order: where they lie says it. */
static int by_target(const void *a, const void *b)
{
    const struct kept_row *x = a, *y = b;
    int order = memcmp(x->target, y->target, CP_ID_LEN);
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

enum cp_err cp_all_views(const struct cp_desk *d, cp_view_visit *visit, void *ctx)
{
    struct keeping k = {.d = d};
    cp_buf_init(&k.bytes, d->mem, SIZE_MAX / 4);
    enum cp_err err = cp_store_records(d->node->store, d->plan, cp_kind_bit(CP_KIND_VIEW), keep_views, &k);
    if (err == CP_OK)
        err = k.err;
    if (err == CP_OK && k.count > 1)
        qsort(k.rows, k.count, sizeof *k.rows, by_target);
    for (size_t i = 0; err == CP_OK && i < k.count; i++)
        visit(ctx, CP_BYTES(k.bytes.ptr + k.rows[i].at, k.rows[i].len));
    cp_free(d->mem, k.rows);
    cp_buf_clear(&k.bytes);
    return err;
}

/* ---- Answers ---- */

void cp_reply_about(struct cp_request *r, enum cp_err err, struct cp_bytes about)
{
    char text[201];
    cp_utf8_keep(about, text, sizeof text);
    cp_reply_error(r, err, text, NULL);
}
