/*
 * Map files: any bytes in, and what they say tried on a table. The first line of the input is a cell; the rest is the map.
 * What is written of the cell always fits its field, and the cell itself is always kept.
 */
#include <stdlib.h>
#include <string.h>

#include "client/sheet.h"
#include "client/value.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"

static const char people[] =
    "[{\"person\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"name\":\"Asha\"},"
    "{\"person\":\"10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"name\":\"Bill\"}]";

/* field_alone: every cell fits as an export writes it, so no copy of the words is needed. */
static void judge(json_t *row, struct cp_bytes cell, bool field_alone, const struct cp_sheet_context *context)
{
    json_t *one = NULL;
    size_t i = 0;
    bool kept = false;

    json_array_foreach(json_object_get(row, "fields"), i, one)
    {
        const char *name = cp_json_text(one, "name");
        struct cp_bytes value = cp_json_bytes(json_object_get(one, "value"));
        struct cp_bytes rest;
        const struct cp_field *field = cp_sheet_field(cp_bytes_str(name), &rest);

        kept = kept || cp_bytes_eq(value, cell);
        if (strncmp(name, "csv:", 4) == 0)
            continue;
        if (field == NULL || value.len == 0)
            abort();
        if (!field->list && field->type != CP_TYPE_PERSON && !cp_sheet_value_fits(field, value, context))
            abort();
    }
    kept = kept || cp_bytes_eq(cp_json_bytes(json_object_get(row, "text")), cell);
    if (row != NULL && !kept && !field_alone && cell.len > 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cp_importmap map;
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    struct cp_bytes cell = {data, end != NULL ? (size_t)(end - data) : 0};
    struct cp_bytes cells[4] = {cp_bytes_str("action"), cp_bytes_str("C"), cp_bytes_str("walk"), cell};
    struct cp_csv csv = {.cells = cells, .rows = 2, .columns = 2};
    struct cp_sheet sheet;
    struct cp_sheet_context context = {.map = &map};
    struct cp_bytes word;
    size_t line = 0;
    size_t column = 0;
    bool too_much = false;

    if (end == NULL || !cp_utf8_ok(cell) || cell.len > CP_TEXT_MAX ||
        cp_importmap_read(&map, CP_BYTES(end + 1, size - cell.len - 1), &line, &word) != CP_IMPORTMAP_FINE)
        return 0;
    context.people = json_loads(people, 0, NULL);
    context.report = json_array();
    if (cp_sheet_map(&sheet, &csv, &context, &column) == CP_SHEET_FINE) {
        json_t *row = cp_sheet_row(&sheet, &csv, 1, &context, &too_much);

        judge(row, cell, sheet.columns[1].use == CP_SHEET_FIELD, &context);
        json_decref(row);
    }
    json_decref(context.people);
    json_decref(context.report);
    return 0;
}
