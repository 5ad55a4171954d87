/* A plan that is only a list of rows. */
#include "tests/support/pretend_plan.h"

#include <stdlib.h>
#include <string.h>

#include "client/value.h"

static json_t *value_of(const struct cp_field *field, const char *typed)
{
    if (field != NULL && field->type == CP_TYPE_COST)
        return json_pack("{s:s%,s:I}", "id", typed, (size_t)(2 * CP_ID_LEN), "amount",
                         (json_int_t)strtoll(typed + 2 * CP_ID_LEN + 1, NULL, 10));
    if (field != NULL && cp_field_is_int(field))
        return json_integer(strtoll(typed, NULL, 10));
    return json_string(typed);
}

static json_t *action_of(json_t *row)
{
    json_t *fields = json_object();
    json_t *field = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "fields"), i, field)
    {
        const char *name = cp_json_text(field, "name");
        struct cp_bytes field_name;
        const struct cp_field *f = cp_sheet_field(cp_bytes_str(name), &field_name);
        json_t *value = value_of(strncmp(name, "csv:", 4) == 0 ? NULL : f, cp_json_text(field, "value"));

        if (strcmp(cp_json_text(field, "op"), "=") == 0) {
            json_object_set_new(fields, name, value);
        } else {
            if (json_object_get(fields, name) == NULL)
                json_object_set_new(fields, name, json_array());
            json_array_append_new(json_object_get(fields, name), value);
        }
    }
    return json_pack("{s:s,s:O,s:s,s:o}", "kind", "action", "text", json_object_get(row, "text"), "state",
                     "open", "fields", fields);
}

json_t *pretend_import(const struct cp_csv *csv, const struct cp_sheet_context *context, json_t **columns)
{
    struct cp_sheet sheet;
    size_t column = 0;
    json_t *actions = NULL;

    if (cp_sheet_map(&sheet, csv, context, &column) != CP_SHEET_FINE)
        return NULL;
    actions = json_array();
    for (size_t i = 1; i < csv->rows; i++) {
        bool too_much = false;
        json_t *row = cp_sheet_row(&sheet, csv, i, context, &too_much);

        if (row != NULL)
            json_array_append_new(actions, action_of(row));
        json_decref(row);
        if (too_much) {
            json_decref(actions);
            return NULL;
        }
    }
    *columns = cp_sheet_columns(&sheet);
    return actions;
}

static void put_expected(const struct cp_csv *csv, struct cp_buf *out)
{
    for (size_t row = 0; row < csv->rows; row++) {
        size_t len = 0;

        for (size_t column = 0; column < csv->columns; column++)
            len += cp_csv_cell(csv, row, column).len;
        if (len > 0)
            cp_csv_put_row(out, &csv->cells[row * csv->columns], csv->columns);
    }
}

bool pretend_round_trip(struct cp_bytes file, const struct cp_sheet_context *context,
                        const struct cp_mem *mem, struct cp_buf *out, struct cp_buf *expected)
{
    struct cp_csv csv;
    struct cp_csv_place place;
    json_t *columns = NULL;
    json_t *actions = NULL;
    json_t *control = json_array();
    bool fine = false;

    if (cp_csv_read(&csv, mem, file, &place)) {
        actions = pretend_import(&csv, context, &columns);
        if (actions != NULL) {
            put_expected(&csv, expected);
            fine = cp_sheet_export(actions, columns, context, mem, out, control) == CP_OK;
        }
        cp_csv_clear(&csv);
    }
    json_decref(control);
    json_decref(columns);
    json_decref(actions);
    return fine;
}
