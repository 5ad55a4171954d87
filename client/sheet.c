/* Tables of actions. Owns: which column is what, both ways. Must not: read files or talk to the daemon. */
#include "client/sheet.h"

#include <strings.h>

#include "client/value.h"

/* One of these names makes a column the action's words. */
static const char *const text_names[] = {"text", "action", "title", "what"};

static bool is_text_name(struct cp_bytes name)
{
    for (size_t i = 0; i < sizeof text_names / sizeof text_names[0]; i++)
        if (name.len == strlen(text_names[i]) &&
            strncasecmp((const char *)name.ptr, text_names[i], name.len) == 0)
            return true;
    return false;
}

static bool cut_front(struct cp_bytes *b, const char *front)
{
    size_t len = strlen(front);

    if (b->len < len || memcmp(b->ptr, front, len) != 0)
        return false;
    b->ptr += len;
    b->len -= len;
    return true;
}

static bool is_language(struct cp_bytes lang)
{
    const struct cp_field *languages = cp_field_by_code(CP_FIELD_LANGUAGES);

    return cp_field_check_text(languages, lang, CP_RECORD_PLAN) == CP_OK;
}

const struct cp_field *cp_sheet_field(struct cp_bytes name, struct cp_bytes *field_name)
{
    const struct cp_field *field = NULL;
    const uint8_t *dot = NULL;
    struct cp_bytes base;

    (void)cut_front(&name, "coplan:");
    *field_name = name;
    base = name;
    dot = name.len > 0 ? memchr(name.ptr, '.', name.len) : NULL;
    if (dot != NULL)
        base.len = (size_t)(dot - name.ptr);
    field = cp_field_by_name(base, CP_RECORD_ACTION);
    if (field == NULL || field->type == CP_TYPE_COLUMN || field->code == CP_FIELD_IMPORT ||
        field->code == CP_FIELD_POSITION)
        return NULL;
    /* An alias ("title") is not how an export writes it. */
    if (!cp_bytes_eq(base, cp_bytes_str(field->name)))
        return NULL;
    if (dot != NULL && (field->type != CP_TYPE_TEXT || field->list ||
                        !is_language(CP_BYTES(dot + 1, name.len - base.len - 1))))
        return NULL;
    /* The words in the plan's own language have a column of their own. */
    return field->code == CP_FIELD_TEXT && dot == NULL ? NULL : field;
}

/* ------------------------------------------------------------------------------------------- import */

static bool cells_fit(const struct cp_csv *csv, size_t column, const struct cp_field *field,
                      const struct cp_sheet_context *context)
{
    for (size_t row = 1; row < csv->rows; row++) {
        struct cp_bytes cell = cp_csv_cell(csv, row, column);

        if (cell.len > 0 && !cp_sheet_value_fits(field, cell, context))
            return false;
    }
    return true;
}

static bool is_taken(const struct cp_sheet *sheet, struct cp_bytes field_name)
{
    for (size_t i = 0; i < sheet->count; i++)
        if ((sheet->columns[i].use == CP_SHEET_FIELD || sheet->columns[i].use == CP_SHEET_MAPPED) &&
            cp_bytes_eq(sheet->columns[i].field_name, field_name))
            return true;
    return false;
}

/* Maps the columns whose names begin with "coplan:" (or the others) to fields where they fit. */
static void map_fields(struct cp_sheet *sheet, const struct cp_csv *csv,
                       const struct cp_sheet_context *context, bool explicit_names)
{
    for (size_t i = 0; i < sheet->count; i++) {
        struct cp_sheet_column *column = &sheet->columns[i];
        struct cp_bytes field_name = column->name;
        bool is_explicit = cut_front(&field_name, "coplan:");
        const struct cp_field *field = cp_sheet_field(column->name, &field_name);

        if (column->use != CP_SHEET_OWN || is_explicit != explicit_names || field == NULL ||
            is_taken(sheet, field_name) || !cells_fit(csv, i, field, context))
            continue;
        column->use = CP_SHEET_FIELD;
        column->field = field;
        column->field_name = field_name;
    }
}

/* The column of this name: written so, or else in other letters. The count is returned. */
static size_t find_column(const struct cp_sheet *sheet, struct cp_bytes name, size_t *at)
{
    size_t exact = 0;
    size_t alike = 0;
    size_t other = 0;

    for (size_t i = 0; i < sheet->count; i++) {
        if (cp_bytes_eq(sheet->columns[i].name, name)) {
            *at = i;
            exact++;
        } else if (cp_same_word(cp_trim(sheet->columns[i].name), name)) {
            other = i;
            alike++;
        }
    }
    if (exact == 0 && alike > 0)
        *at = other;
    return exact > 0 ? exact : alike;
}

/* What the map file says, before anything is taken from names. */
static bool follow_map(struct cp_sheet *sheet, const struct cp_sheet_context *context, size_t *line,
                       bool *text)
{
    const struct cp_importmap *map = context->map;

    for (size_t i = 0; map != NULL && i < map->rules_count; i++) {
        const struct cp_importmap_rule *rule = &map->rules[i];
        size_t at = 0;

        *line = rule->line;
        if (find_column(sheet, rule->column, &at) != 1 || sheet->columns[at].use != CP_SHEET_OWN)
            return false;
        sheet->columns[at].field = rule->field;
        sheet->columns[at].field_name = rule->field_name;
        sheet->columns[at].use = rule->rag             ? CP_SHEET_RAG
                                 : rule->field == NULL ? CP_SHEET_TEXT
                                                       : CP_SHEET_MAPPED;
        *text = *text || sheet->columns[at].use == CP_SHEET_TEXT;
    }
    return true;
}

/* A mapped column whose every cell is written as an export writes it needs no copy of its words. */
static void simplify(struct cp_sheet *sheet, const struct cp_csv *csv, const struct cp_sheet_context *context)
{
    for (size_t i = 0; i < sheet->count; i++)
        if (sheet->columns[i].use == CP_SHEET_MAPPED &&
            !cp_sheet_needs_map(sheet->columns[i].field, context) &&
            cells_fit(csv, i, sheet->columns[i].field, context))
            sheet->columns[i].use = CP_SHEET_FIELD;
}

enum cp_sheet_fault cp_sheet_map(struct cp_sheet *out, const struct cp_csv *csv,
                                 const struct cp_sheet_context *context, size_t *column)
{
    bool text = false;

    *out = (struct cp_sheet){.count = csv->columns};
    for (size_t i = 0; i < out->count; i++) {
        out->columns[i].use = CP_SHEET_OWN;
        out->columns[i].name = cp_csv_cell(csv, 0, i);
    }
    if (!follow_map(out, context, column, &text))
        return CP_SHEET_MAP_COLUMN;
    for (size_t i = 0; i < out->count; i++)
        if (!text && out->columns[i].use == CP_SHEET_OWN && is_text_name(out->columns[i].name)) {
            out->columns[i].use = CP_SHEET_TEXT;
            text = true;
        }
    *column = 0;
    if (!text)
        return CP_SHEET_NO_TEXT;
    for (size_t i = 0; i < out->count; i++) {
        *column = i;
        if (out->columns[i].name.len == 0)
            return CP_SHEET_NO_NAME;
        if (out->columns[i].name.len > CP_NAME_MAX)
            return CP_SHEET_LONG_NAME;
        for (size_t j = 0; j < i; j++)
            if (out->columns[i].use != CP_SHEET_TEXT && out->columns[j].use != CP_SHEET_TEXT &&
                cp_bytes_eq(out->columns[i].name, out->columns[j].name))
                return CP_SHEET_SAME_NAME;
    }
    simplify(out, csv, context);
    map_fields(out, csv, context, true);
    map_fields(out, csv, context, false);
    return CP_SHEET_FINE;
}

bool cp_sheet_wants_items(const struct cp_csv *csv)
{
    for (size_t i = 0; i < csv->columns; i++) {
        struct cp_bytes field_name;
        const struct cp_field *field = cp_sheet_field(cp_csv_cell(csv, 0, i), &field_name);

        if (field != NULL && (field->type == CP_TYPE_ITEM || field->type == CP_TYPE_COST))
            return true;
    }
    return false;
}

json_t *cp_sheet_columns(const struct cp_sheet *sheet)
{
    json_t *columns = json_array();

    for (size_t i = 0; i < sheet->count; i++) {
        const struct cp_sheet_column *c = &sheet->columns[i];
        const char *field = c->use == CP_SHEET_TEXT    ? "text"
                            : c->use == CP_SHEET_FIELD ? c->field->name
                                                       : NULL;

        json_array_append_new(columns, json_pack("{s:s%,s:s?}", "name", (const char *)c->name.ptr,
                                                 c->name.len, "field", field));
    }
    return columns;
}

void cp_sheet_put_field(json_t *fields, const char *prefix, struct cp_bytes name, const char *op,
                        struct cp_bytes value)
{
    json_array_append_new(fields, json_pack("{s:s+%,s:s,s:s%}", "name", prefix,
                                            name.len > 0 ? (const char *)name.ptr : "", name.len, "op", op,
                                            "value", (const char *)value.ptr, value.len));
}

struct cp_bytes cp_sheet_person_id(struct cp_bytes cell, const struct cp_sheet_context *context)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(context->people, i,
                       row) if (cp_bytes_eq(cp_json_bytes(json_object_get(row, "name")),
                                            cell)) return cp_json_bytes(json_object_get(row, "person"));
    return cell;
}

static void add_list(json_t *fields, const struct cp_sheet_column *column, struct cp_bytes cell,
                     const struct cp_sheet_context *context)
{
    while (cell.len > 0) {
        const uint8_t *end = memchr(cell.ptr, ';', cell.len);
        struct cp_bytes part = {cell.ptr, end != NULL ? (size_t)(end - cell.ptr) : cell.len};
        size_t used = end != NULL ? part.len + 2 : part.len;

        if (column->field->type == CP_TYPE_PERSON)
            part = cp_sheet_person_id(part, context);
        cp_sheet_put_field(fields, "", column->field_name, "+=", part);
        cell.ptr += used;
        cell.len -= used;
    }
}

static void report(const struct cp_sheet_context *context, size_t row, const struct cp_sheet_column *column,
                   struct cp_bytes field, struct cp_bytes cell, const char *why)
{
    if (context->report == NULL || why == NULL)
        return;
    json_array_append_new(context->report,
                          json_pack("{s:I,s:s%,s:s%,s:s%,s:s}", "row", (json_int_t)(row + 1), "column",
                                    (const char *)column->name.ptr, column->name.len, "field",
                                    field.len > 0 ? (const char *)field.ptr : "", field.len, "value",
                                    cell.len > 0 ? (const char *)cell.ptr : "", cell.len, "why", why));
}

/* A column that goes by the name of a field but could not become it: which cells stood against it. */
static void report_own(const struct cp_sheet_context *context, size_t row,
                       const struct cp_sheet_column *column, struct cp_bytes cell)
{
    struct cp_bytes name;
    const struct cp_field *field = cp_sheet_field(column->name, &name);

    if (field != NULL && !cp_sheet_value_fits(field, cell, context))
        report(context, row, column, name, cell, cp_sheet_why_not(field));
}

static void add_cell(json_t *fields, size_t row, const struct cp_sheet_column *column, struct cp_bytes cell,
                     const struct cp_sheet_context *context)
{
    switch (column->use) {
    case CP_SHEET_TEXT:
        break;
    case CP_SHEET_FIELD:
        if (column->field->list)
            add_list(fields, column, cell, context);
        else
            cp_sheet_put_field(fields, "", column->field_name, "=",
                               column->field->type == CP_TYPE_PERSON ? cp_sheet_person_id(cell, context)
                                                                     : cell);
        break;
    case CP_SHEET_MAPPED:
        report(context, row, column, column->field_name, cell,
               cp_sheet_understand(column, cell, context, fields));
        cp_sheet_put_field(fields, "csv:", column->name, "=", cell);
        break;
    case CP_SHEET_RAG:
        cp_sheet_put_field(fields, "csv:", column->name, "=", cell);
        break;
    case CP_SHEET_OWN:
        cp_sheet_put_field(fields, "csv:", column->name, "=", cell);
        report_own(context, row, column, cell);
        break;
    }
}

/* How it goes, by the map file or as people write it; the words themselves go with it. */
static void add_rag(json_t *made, size_t row, const struct cp_sheet_column *column, struct cp_bytes cell,
                    const struct cp_sheet_context *context)
{
    struct cp_bytes value = {NULL, 0};
    const char *rag = cp_rag_read(cell);

    if (cp_importmap_means(context->map, column->field_name, cell, &value))
        rag = cp_rag_read(value);
    if (rag == NULL) {
        report(context, row, column, column->field_name, cell, "no_rag");
        return;
    }
    json_object_set_new(made, "rag", json_string(rag));
    json_object_set_new(made, "said", json_stringn((const char *)cell.ptr, cell.len));
}

json_t *cp_sheet_row(const struct cp_sheet *sheet, const struct cp_csv *csv, size_t row,
                     const struct cp_sheet_context *context, bool *too_much)
{
    json_t *fields = json_array();
    json_t *made = NULL;
    struct cp_bytes text = {NULL, 0};

    *too_much = false;
    for (size_t i = 0; i < sheet->count; i++) {
        struct cp_bytes cell = cp_csv_cell(csv, row, i);

        if (sheet->columns[i].use == CP_SHEET_TEXT)
            text = cell;
        else if (cell.len > 0)
            add_cell(fields, row, &sheet->columns[i], cell, context);
    }
    /* Beside the fields stand the words and the place in the import. */
    *too_much = json_array_size(fields) + 2 > CP_OPS_MAX;
    if (*too_much || (text.len == 0 && json_array_size(fields) == 0)) {
        json_decref(fields);
        return NULL;
    }
    made = json_pack("{s:I,s:s,s:s%,s:o}", "row", (json_int_t)(row + 1), "kind", "action", "text",
                     text.len > 0 ? (const char *)text.ptr : "", text.len, "fields", fields);
    for (size_t i = 0; made != NULL && i < sheet->count; i++)
        if (sheet->columns[i].use == CP_SHEET_RAG && cp_csv_cell(csv, row, i).len > 0)
            add_rag(made, row, &sheet->columns[i], cp_csv_cell(csv, row, i), context);
    return made;
}
