/* From what was typed to edits. Owns: names, types and ids in typed fields. Must not: know what stands already. */
#include <assert.h>
#include <string.h>

#include "daemon/serve_plan.h"
#include "proto/utf8.h"

void cp_edits_init(struct cp_edits *e)
{
    memset(e, 0, sizeof *e);
}

/* ---- Saying what is wrong ---- */

static void put_cut(char *out, size_t size, struct cp_bytes b)
{
    size_t at = strlen(out);
    cp_utf8_keep(b, out + at, size - at);
}

static enum cp_err refuse(struct cp_edits *e, enum cp_err err, const char *expected)
{
    e->expected[0] = '\0';
    put_cut(e->expected, sizeof e->expected, cp_bytes_str(expected));
    return err;
}

static void remember(struct cp_edits *e, struct cp_bytes name, struct cp_bytes value)
{
    e->bad[0] = e->expected[0] = '\0';
    put_cut(e->bad, 120, name);
    put_cut(e->bad, 121, cp_bytes_str("="));
    put_cut(e->bad, sizeof e->bad, value);
}

static enum cp_err refuse_name(struct cp_edits *e, enum cp_record on)
{
    size_t count;
    const struct cp_field *all = cp_fields(&count);
    e->expected[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if ((all[i].on & 1U << (unsigned)on) == 0 || all[i].code == CP_FIELD_IMPORT)
            continue;
        if (e->expected[0] != '\0')
            put_cut(e->expected, sizeof e->expected, cp_bytes_str("|"));
        put_cut(e->expected, sizeof e->expected,
                cp_bytes_str(all[i].type == CP_TYPE_COLUMN ? "csv:NAME" : all[i].name));
    }
    return CP_ERR_BAD_FIELD;
}

static const char *expectation(const struct cp_field *f, enum cp_record on)
{
    if (f->code == CP_FIELD_STATE && f->type == CP_TYPE_LINE)
        return cp_record_states(on);
    switch (f->type) {
    case CP_TYPE_TEXT:
    case CP_TYPE_COLUMN:
        return "text";
    case CP_TYPE_LINE:
        return "one line of text";
    case CP_TYPE_WORD:
    case CP_TYPE_OPEN:
        return f->words;
    case CP_TYPE_DATE:
        return "YYYY-MM-DD";
    case CP_TYPE_DURATION:
        return "P1M, P2W, P10D";
    case CP_TYPE_LANG:
        return "en, cy, pl";
    case CP_TYPE_INT:
    case CP_TYPE_MINUTES:
        return "a whole number in range";
    case CP_TYPE_PENCE:
        return "12.50 (pounds) or 1250 (pence)";
    case CP_TYPE_YESNO:
        return "yes|no";
    case CP_TYPE_ITEM:
        return "the id of something in the plan";
    case CP_TYPE_PERSON:
        return "me, the id of a person, or a name that one person has";
    case CP_TYPE_VERSION:
        return "the id of a version, an answer or an entry";
    case CP_TYPE_COST:
        return "RESOURCE-ID:AMOUNT";
    }
    return "";
}

void cp_edits_refuse(struct cp_request *r, const struct cp_edits *e, enum cp_err err)
{
    bool typed =
        err == CP_ERR_BAD_FIELD || err == CP_ERR_TOO_BIG || err == CP_ERR_AMBIGUOUS || err == CP_ERR_USAGE;
    if (!typed || e->bad[0] == '\0')
        cp_reply_error(r, err, NULL, NULL);
    else
        cp_reply_error(r, err, e->bad, e->expected[0] == '\0' ? NULL : e->expected);
}

/* ---- Numbers ---- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool read_digits(struct cp_bytes b, int64_t *out)
{
    int64_t n = 0;
    if (b.len == 0 || b.len > 18)
        return false;
    for (size_t i = 0; i < b.len; i++) {
        if (!is_digit(b.ptr[i]))
            return false;
        n = n * 10 + (int64_t)(b.ptr[i] & 15U);
    }
    *out = n;
    return true;
}

static bool read_whole(struct cp_bytes b, int64_t *out)
{
    bool minus = b.len > 0 && b.ptr[0] == '-';
    if (!read_digits(minus ? CP_BYTES(b.ptr + 1, b.len - 1) : b, out))
        return false;
    *out = minus ? -*out : *out;
    return true;
}

/* A plain number is pence; with a point or a pound sign before it, pounds. No floats on the way. */
static bool read_pence(struct cp_bytes b, int64_t *out)
{
    int64_t whole = 0, part = 0;
    bool sign = b.len > 2 && b.ptr[0] == 0xc2 && b.ptr[1] == 0xa3;
    if (sign)
        b = CP_BYTES(b.ptr + 2, b.len - 2);
    const uint8_t *point = b.len == 0 ? NULL : memchr(b.ptr, '.', b.len);
    size_t before = point == NULL ? b.len : (size_t)(point - b.ptr);
    if (!read_digits(CP_BYTES(b.ptr, before), &whole) || whole > INT64_MAX / 100 - 1)
        return false;
    if (point == NULL) {
        *out = sign ? whole * 100 : whole;
        return true;
    }
    if (b.len - before != 3 || !read_digits(CP_BYTES(point + 1, 2), &part))
        return false;
    *out = whole * 100 + part;
    return true;
}

/* ---- Links ---- */

static enum cp_err find_person(const struct cp_request *r, struct cp_bytes typed,
                               uint8_t id[static CP_ID_LEN])
{
    if (cp_bytes_eq(typed, cp_bytes_str("me"))) {
        memcpy(id, cp_keeper_person(r->node->keeper, r->person)->person, CP_ID_LEN);
        return CP_OK;
    }
    return cp_node_find_person(r->node, r->plan, typed, id);
}

static enum cp_err find_link(const struct cp_request *r, struct cp_edit *edit, struct cp_bytes typed)
{
    struct cp_target t;
    if (edit->field->type == CP_TYPE_PERSON)
        return find_person(r, typed, edit->link);
    if (edit->field->type == CP_TYPE_COST) {
        size_t at = typed.len;
        while (at > 0 && typed.ptr[at - 1] != ':')
            at--;
        bool whatever = edit->how == CP_EDIT_REMOVE && at == 0; /* taking away needs no amount */
        if (!whatever && (at == 0 || !read_pence(CP_BYTES(typed.ptr + at, typed.len - at), &edit->number)))
            return CP_ERR_NOT_FOUND;
        if (whatever)
            edit->number = -1;
        else
            typed.len = at - 1;
    }
    enum cp_err err = cp_target_find(r, typed, &t);
    if (err != CP_OK)
        return err;
    bool item = cp_record_is_item(t.kind);
    bool fits = item;
    if (edit->field->type == CP_TYPE_VERSION)
        fits = t.version || t.entry_kind != 0;
    if (edit->field->type == CP_TYPE_COST)
        fits = t.kind == CP_RECORD_RESOURCE;
    memcpy(edit->link, t.id, CP_ID_LEN);
    return fits ? CP_OK : CP_ERR_NOT_FOUND;
}

/* ---- One field ---- */

static bool lang_fits(struct cp_bytes lang)
{
    const struct cp_field *languages = cp_field_by_code(CP_FIELD_LANGUAGES);
    return cp_field_check_text(languages, lang, CP_RECORD_PLAN) == CP_OK;
}

enum cp_err cp_edit_name(struct cp_edits *e, struct cp_bytes typed, enum cp_record on, struct cp_edit *out)
{
    struct cp_bytes name = typed, csv = cp_bytes_str("csv:");
    *out = (struct cp_edit){.how = CP_EDIT_SET};
    if (e->bad[0] == '\0')
        put_cut(e->bad, sizeof e->bad, typed);
    bool column = name.len > csv.len && memcmp(name.ptr, csv.ptr, csv.len) == 0;
    const uint8_t *dot = column || name.len == 0 ? NULL : memchr(name.ptr, '.', name.len);
    if (dot != NULL) {
        name.len = (size_t)(dot - typed.ptr);
        out->lang = CP_BYTES(dot + 1, typed.len - name.len - 1);
    }
    out->field = cp_field_by_name(name, on);
    if (out->field == NULL || out->field->code == CP_FIELD_IMPORT)
        return refuse_name(e, on);
    if (column)
        out->column = CP_BYTES(name.ptr + csv.len, name.len - csv.len);
    if (dot != NULL && (out->field->type != CP_TYPE_TEXT || out->field->list))
        return refuse(e, CP_ERR_BAD_FIELD, "no language: this field has none");
    if (dot != NULL && !lang_fits(out->lang))
        return refuse(e, CP_ERR_BAD_FIELD, "a language such as en, cy or pt-br after the point");
    return CP_OK;
}

static enum cp_err read_value(struct cp_edits *e, const struct cp_request *r, struct cp_edit *edit,
                              enum cp_record on, struct cp_bytes value)
{
    const struct cp_field *f = edit->field;
    enum cp_err err = CP_OK;
    if (cp_field_is_link(f)) {
        err = find_link(r, edit, value);
        if (err == CP_OK && f->type == CP_TYPE_COST && edit->how != CP_EDIT_REMOVE)
            err = cp_field_check_int(f, edit->number);
    } else if (cp_field_is_int(f)) {
        bool money = f->type == CP_TYPE_PENCE;
        err = (money ? read_pence(value, &edit->number) : read_whole(value, &edit->number))
                  ? CP_OK
                  : CP_ERR_BAD_VALUE;
        if (err == CP_OK)
            err = cp_field_check_int(f, edit->number);
    } else {
        edit->text = value;
        err = cp_field_check_text(f, value, on);
    }
    if (err == CP_ERR_TOO_BIG)
        return refuse(e, err,
                      f->type == CP_TYPE_TEXT || f->type == CP_TYPE_COLUMN ? "16384 bytes" : "200 bytes");
    if (err == CP_ERR_BAD_TEXT)
        return refuse(e, CP_ERR_BAD_FIELD, "text in UTF-8");
    if (err == CP_ERR_BAD_VALUE || err == CP_ERR_NOT_FOUND || err == CP_ERR_USAGE)
        return refuse(e, CP_ERR_BAD_FIELD, expectation(f, on));
    return err;
}

/* The column's entry, written when this plan has none of the name. */
static enum cp_err find_column(struct cp_edits *e, struct cp_request *r, struct cp_desk *d,
                               struct cp_edit *edit)
{
    const struct cp_column *known = cp_desk_column(d, edit->column, 0);
    if (known != NULL) {
        memcpy(edit->column_id, known->id, CP_ID_LEN);
        return CP_OK;
    }
    if (!cp_utf8_ok(edit->column) || edit->column.len > CP_TEXT_MAX)
        return refuse(e, CP_ERR_BAD_FIELD, "a column name in UTF-8");
    struct cp_draft draft;
    cp_draft_init(&draft, r->node->mem, CP_KIND_COLUMN, 0, NULL);
    cp_draft_value(&draft, edit->column, true);
    enum cp_err err = cp_own_append(r, &draft, edit->column_id);
    cp_draft_clear(&draft);
    return err == CP_OK ? cp_desk_add_column(d, edit->column_id, edit->column, 0) : err;
}

/* Of several "=" for one list in one command the first replaces and the others add. */
static bool set_before(const struct cp_edits *e, const struct cp_edit *edit)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].field == edit->field && e->list[i].how != CP_EDIT_REMOVE)
            return true;
    return false;
}

/* A field that has one value was given one already, in the same command: the first would be gone without a word. */
static bool said_before(const struct cp_edits *e, const struct cp_edit *edit)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].field == edit->field && cp_bytes_eq(e->list[i].lang, edit->lang) &&
            cp_bytes_eq(e->list[i].column, edit->column))
            return true;
    return false;
}

/* The words that a thing, the plan or a person is known by: of blanks alone every screen would show an empty row. A person who
 * takes their own name away has the one that they joined with. */
static bool is_name(const struct cp_edit *edit, enum cp_record on, struct cp_bytes value)
{
    if (on == CP_RECORD_PERSON)
        return edit->field->code == CP_FIELD_NAME && value.len > 0;
    return edit->field->code == (on == CP_RECORD_PLAN ? CP_FIELD_TITLE : CP_FIELD_TEXT) && edit->lang.len == 0;
}

enum cp_err cp_edits_typed(struct cp_edits *e, struct cp_request *r, struct cp_desk *d, enum cp_record on,
                           struct cp_bytes name, struct cp_bytes op, struct cp_bytes value)
{
    struct cp_edit edit;
    remember(e, name, value);
    if (e->count == CP_OPS_MAX)
        return refuse(e, CP_ERR_TOO_BIG, "63 fields at once");
    enum cp_err err = cp_edit_name(e, name, on, &edit);
    if (err != CP_OK)
        return err;
    bool add = cp_bytes_eq(op, cp_bytes_str("+=")), take = cp_bytes_eq(op, cp_bytes_str("-="));
    if ((add || take) && !edit.field->list)
        return refuse(e, CP_ERR_BAD_FIELD, "=: this field is not a list");
    if (!add && !take && !cp_bytes_eq(op, cp_bytes_str("=")))
        return refuse(e, CP_ERR_USAGE, "=|+=|-=");
    if (take)
        edit.how = CP_EDIT_REMOVE;
    else if (add || (edit.field->list && set_before(e, &edit)))
        edit.how = CP_EDIT_ADD;
    bool words = !cp_field_is_link(edit.field) && !cp_field_is_int(edit.field);
    bool nothing = (words ? cp_utf8_said(value) : value).len == 0;
    if (nothing && (is_name(&edit, on, value) || (words && add)))
        return refuse(e, CP_ERR_BAD_FIELD, "some words: it cannot be empty");
    if (nothing && !add && !take)
        edit.how = CP_EDIT_CLEAR;
    if (edit.how != CP_EDIT_CLEAR)
        err = read_value(e, r, &edit, on, value);
    if (err == CP_OK && !edit.field->list && said_before(e, &edit))
        return refuse(e, CP_ERR_BAD_FIELD, "each field once");
    if (err == CP_OK && edit.field->type == CP_TYPE_COLUMN)
        err = find_column(e, r, d, &edit);
    if (err == CP_OK)
        e->list[e->count++] = edit;
    return err;
}

enum cp_err cp_edits_read(struct cp_edits *e, struct cp_request *r, struct cp_desk *d, enum cp_record on,
                          const struct cp_api_value *fields)
{
    struct cp_api_iter it;
    struct cp_api_value one;
    struct cp_bytes key, nothing = CP_BYTES(NULL, 0);
    enum cp_err err = CP_OK;
    if (fields->type != CP_API_LIST)
        return CP_OK; /* none given */
    cp_api_iter_init(&it, fields);
    while (err == CP_OK && cp_api_next(&it, &key, &one))
        err = one.type != CP_API_OBJECT
                  ? CP_ERR_USAGE
                  : cp_edits_typed(e, r, d, on, cp_api_member_text(&one, "name", nothing),
                                   cp_api_member_text(&one, "op", nothing),
                                   cp_api_member_text(&one, "value", nothing));
    return err;
}

enum cp_err cp_edits_text(struct cp_edits *e, uint16_t field, enum cp_record on, struct cp_bytes value)
{
    const struct cp_field *f = cp_field_by_code(field);
    assert(f != NULL && !f->list && !cp_field_is_link(f) && !cp_field_is_int(f));
    remember(e, cp_bytes_str(f->name), value);
    if (e->count == CP_OPS_MAX)
        return refuse(e, CP_ERR_TOO_BIG, "63 fields at once");
    if (cp_utf8_said(value).len == 0)
        return refuse(e, CP_ERR_BAD_FIELD, "some words: it cannot be empty");
    struct cp_edit edit = {.field = f, .how = CP_EDIT_SET};
    enum cp_err err = read_value(e, NULL, &edit, on, value);
    if (err == CP_OK)
        e->list[e->count++] = edit;
    return err;
}
