/* Tables and plans in: import. Owns: the order of requests. Must not: know formats (sheet.h, planjson.h). */
#include <sodium.h>
#include <strings.h>
#include <unistd.h>

#include "client/connect.h"
#include "client/file.h"
#include "client/planjson.h"
#include "client/sheet.h"
#include "client/show.h"
#include "client/value.h"

/* One request adds so many rows or so many bytes, whichever comes first: one transaction each, and each may be
 * repeated, because the daemon knows the rows that it has by import and number. */
#define BATCH_ROWS  1000U
#define BATCH_BYTES (2U * 1024U * 1024U)

/* ------------------------------------------------------------------------------------------- adding rows */

static void show_rows_progress(struct cp_cli *cli, size_t done, size_t of, bool last)
{
    if (cli->json || !isatty(fileno(cli->err)) || of <= BATCH_ROWS)
        return;
    fprintf(cli->err, last ? "\r                                        \r" : "\r%s %zu / %zu",
            cp_words_screen(CP_SAY_IMPORTING), done, of);
    fflush(cli->err);
}

/* What one row costs on the wire, roughly and not too little. */
static size_t row_bytes(json_t *row)
{
    size_t bytes = 64 + json_string_length(json_object_get(row, "text"));
    json_t *field = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "fields"), i, field) bytes +=
        32 + json_string_length(json_object_get(field, "name")) +
        json_string_length(json_object_get(field, "value"));
    return bytes;
}

/* Adds rows in batches. *sums gets {added, known, ids}. False: reported; what was added before stays, and the same
 * import again goes on from there. */
static bool add_rows(struct cp_cli *cli, const char *import, json_t *columns, json_t *rows, json_t **sums)
{
    size_t count = json_array_size(rows);
    json_int_t added = 0;
    json_int_t known = 0;
    json_t *ids = json_array();

    for (size_t at = 0; at < count && !cli->failed;) {
        json_t *batch = json_array();
        json_t *answer = NULL;
        size_t bytes = 0;

        while (at < count && json_array_size(batch) < BATCH_ROWS && bytes < BATCH_BYTES) {
            bytes += row_bytes(json_array_get(rows, at));
            json_array_append(batch, json_array_get(rows, at++));
        }
        answer = cp_ask(cli, "add-many",
                        json_pack("{s:s,s:O,s:o}", "import", import, "columns", columns, "rows", batch), 0);
        added += cp_json_number(answer, "added");
        known += cp_json_number(answer, "known");
        json_array_extend(ids, json_object_get(answer, "ids"));
        json_decref(answer);
        show_rows_progress(cli, at, count, at == count);
    }
    *sums = json_pack("{s:I,s:I,s:o}", "added", added, "known", known, "ids", ids);
    return !cli->failed;
}

/* The import id: the file's own hash, so that the same file is the same import. */
static void import_id(struct cp_bytes file, char out[static 2 * CP_ID_LEN + 1])
{
    uint8_t hash[CP_ID_LEN];

    crypto_generichash(hash, sizeof hash, file.ptr, file.len, NULL, 0);
    cp_hex_encode(hash, sizeof hash, out);
}

/* ------------------------------------------------------------------------------------------- import csv */

static const enum cp_screen csv_words[] = {
    [CP_CSV_EMPTY] = CP_SAY_CSV_EMPTY,
    [CP_CSV_NUL] = CP_SAY_CSV_NUL,
    [CP_CSV_NOT_UTF8] = CP_SAY_CSV_NOT_UTF8,
    [CP_CSV_CONTROL] = CP_SAY_CSV_CONTROL,
    [CP_CSV_QUOTE] = CP_SAY_CSV_QUOTE,
    [CP_CSV_AFTER_QUOTE] = CP_SAY_CSV_AFTER_QUOTE,
    [CP_CSV_OPEN_QUOTE] = CP_SAY_CSV_OPEN_QUOTE,
    [CP_CSV_RAGGED] = CP_SAY_CSV_RAGGED,
    [CP_CSV_LONG_CELL] = CP_SAY_CSV_LONG_CELL,
    [CP_CSV_LONG_ROW] = CP_SAY_CSV_LONG_ROW,
    [CP_CSV_MANY_COLUMNS] = CP_SAY_CSV_MANY_COLUMNS,
    [CP_CSV_MANY_ROWS] = CP_SAY_CSV_MANY_ROWS,
    [CP_CSV_LONG_FILE] = CP_SAY_CSV_LONG_FILE,
};

static void refuse_csv(struct cp_cli *cli, enum cp_screen sentence, const char *const args[static 4])
{
    struct cp_buf text;

    cp_buf_init(&text, cli->mem, SIZE_MAX / 2);
    cp_words_fill(cp_words_screen(sentence), args, &text);
    cp_buf_put_byte(&text, 0);
    cp_fail(cli, CP_ERR_BAD_CSV, cp_buf_err(&text) == CP_OK ? (const char *)text.ptr : NULL, NULL);
    cp_buf_clear(&text);
}

static void refuse_place(struct cp_cli *cli, const struct cp_csv_place *place)
{
    const char *const args[4] = {cp_show_number((int64_t)place->row), cp_show_number((int64_t)place->column),
                                 cp_show_number((int64_t)place->cells),
                                 cp_show_number((int64_t)place->wanted)};

    if (place->fault == CP_CSV_NO_MEMORY)
        cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
    else
        refuse_csv(cli, csv_words[place->fault], args);
}

/* All names of columns, for the refusal of a table without one for the words. */
static void put_names(const struct cp_csv *csv, struct cp_buf *out)
{
    for (size_t i = 0; i < csv->columns; i++) {
        cp_buf_put_str(out, i > 0 ? ", " : "");
        cp_buf_put_bytes(out, cp_csv_cell(csv, 0, i));
    }
    cp_buf_put_byte(out, 0);
}

static void refuse_sheet(struct cp_cli *cli, const struct cp_csv *csv, enum cp_sheet_fault fault,
                         size_t column)
{
    struct cp_buf names;
    const char *args[4] = {NULL, cp_show_number((int64_t)column + 1), NULL, NULL};
    enum cp_screen sentence = CP_SAY_CSV_NO_TEXT;

    cp_buf_init(&names, cli->mem, SIZE_MAX / 2);
    if (fault == CP_SHEET_NO_TEXT) {
        put_names(csv, &names);
    } else {
        cp_buf_put_bytes(&names, cp_csv_cell(csv, 0, column));
        cp_buf_put_byte(&names, 0);
        sentence = fault == CP_SHEET_NO_NAME     ? CP_SAY_CSV_NO_NAME
                   : fault == CP_SHEET_SAME_NAME ? CP_SAY_CSV_SAME_NAME
                                                 : CP_SAY_CSV_LONG_NAME;
    }
    args[0] = cp_buf_err(&names) == CP_OK ? (const char *)names.ptr : NULL;
    refuse_csv(cli, sentence, args);
    cp_buf_clear(&names);
}

/* All rows of the table, decided before the first is written. NULL: reported. */
static json_t *make_rows(struct cp_cli *cli, const struct cp_sheet *sheet, const struct cp_csv *csv,
                         const struct cp_sheet_context *context, size_t *empty)
{
    json_t *rows = json_array();

    for (size_t i = 1; i < csv->rows; i++) {
        bool too_much = false;
        json_t *row = cp_sheet_row(sheet, csv, i, context, &too_much);

        if (too_much) {
            const char *const args[4] = {cp_show_number((int64_t)i + 1), NULL, NULL, NULL};

            refuse_csv(cli, CP_SAY_CSV_LONG_ROW, args);
            json_decref(rows);
            return NULL;
        }
        *empty += row == NULL ? 1 : 0;
        if (row != NULL)
            json_array_append_new(rows, row);
    }
    return rows;
}

static void show_imported(struct cp_cli *cli, json_t *value)
{
    int64_t known = cp_json_number(value, "known");
    int64_t empty = cp_json_number(value, "empty");

    cp_show(cli->out, CP_SAY_IMPORTED, cp_show_number(cp_json_number(value, "added")),
            known > 0 ? cp_show_number(known) : NULL, empty > 0 ? cp_show_number(empty) : NULL, NULL);
}

static int import_csv(struct cp_cli *cli, struct cp_bytes file)
{
    struct cp_csv csv;
    struct cp_csv_place place;
    struct cp_sheet sheet;
    struct cp_sheet_context context = {NULL, NULL};
    enum cp_sheet_fault fault = CP_SHEET_FINE;
    char import[2 * CP_ID_LEN + 1];
    json_t *columns = NULL;
    json_t *rows = NULL;
    json_t *sums = NULL;
    size_t column = 0;
    size_t empty = 0;

    if (!cp_csv_read(&csv, cli->mem, file, &place)) {
        refuse_place(cli, &place);
        return cli->status;
    }
    /* What needs no daemon is refused without one. */
    fault = cp_sheet_map(&sheet, &csv, &context, &column);
    if (fault != CP_SHEET_FINE) {
        refuse_sheet(cli, &csv, fault, column);
        goto out;
    }
    context.people = cp_ask(cli, "people", json_object(), CP_ASK_ROWS);
    if (context.people != NULL && cp_sheet_wants_items(&csv))
        context.items = cp_ask(cli, "list", json_pack("{s:s,s:b}", "kind", "", "all", 1), CP_ASK_ROWS);
    if (cli->failed)
        goto out;
    (void)cp_sheet_map(&sheet, &csv, &context, &column);
    columns = cp_sheet_columns(&sheet);
    rows = make_rows(cli, &sheet, &csv, &context, &empty);
    import_id(file, import);
    if (rows != NULL && add_rows(cli, import, columns, rows, &sums)) {
        json_object_set_new(sums, "empty", json_integer((json_int_t)empty));
        json_object_set(sums, "columns", columns);
        cp_print(cli, json_incref(sums), show_imported);
    }
out:
    json_decref(sums);
    json_decref(rows);
    json_decref(columns);
    json_decref(context.people);
    json_decref(context.items);
    cp_csv_clear(&csv);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- import json */

static void show_imported_json(struct cp_cli *cli, json_t *value)
{
    json_t *left = NULL;
    size_t i = 0;

    cp_show(cli->out, CP_SAY_IMPORTED_JSON, cp_show_number(cp_json_number(value, "added")),
            cp_show_number(cp_json_number(value, "notes")), NULL, NULL);
    json_array_foreach(json_object_get(value, "left"), i, left)
        cp_show(cli->out, CP_SAY_IMPORT_LEFT, json_string_value(left), NULL, NULL, NULL);
}

/* True when the row shows this already, so that the same import twice writes it once. */
static bool stands(json_t *row, json_t *field)
{
    json_t *value = json_object_get(json_object_get(row, "fields"), cp_json_text(field, "name"));
    const char *wanted = cp_json_text(field, "value");
    size_t len = strcspn(wanted, ":");
    json_t *element = NULL;
    size_t i = 0;

    if (strcmp(cp_json_text(field, "name"), "state") == 0)
        return strcmp(cp_json_text(row, "state"), wanted) == 0;
    json_array_foreach(value, i, element)
    {
        const char *id = json_is_object(element) ? cp_json_text(element, "id") : json_string_value(element);

        if (id != NULL && (strcmp(id, wanted) == 0 ||
                           (json_is_object(element) && strlen(id) == len && strncmp(id, wanted, len) == 0)))
            return true;
    }
    return json_is_string(value) && strcmp(json_string_value(value), wanted) == 0;
}

/* Writes the links of one row, at most 48 fields an entry. */
static void set_links(struct cp_cli *cli, const char *id, json_t *fields, json_t *row)
{
    size_t count = json_array_size(fields);

    for (size_t at = 0; at < count && !cli->failed;) {
        json_t *some = json_array();
        size_t bytes = 0;

        for (; at < count && json_array_size(some) < 48 && bytes < 40000; at++) {
            json_t *field = json_array_get(fields, at);

            /* What is set aside has to have been seen whole: it goes alone. */
            if (strcmp(cp_json_text(field, "name"), "state") == 0 && json_array_size(some) > 0)
                break;
            if (stands(row, field))
                continue;
            bytes += json_string_length(json_object_get(field, "value"));
            json_array_append(some, field);
        }
        if (json_array_size(some) > 0)
            json_decref(cp_ask(cli, "set", json_pack("{s:s,s:O}", "id", id, "fields", some), 0));
        json_decref(some);
    }
}

static json_t *find_row(json_t *index, const char *id)
{
    return json_object_get(index, id);
}

/* The second pass: links between items, now that every item has its new id. */
static void write_links(struct cp_cli *cli, struct cp_planjson_import *import, json_t *ids, json_t *map)
{
    json_t *rows = cp_ask(cli, "list", json_pack("{s:s,s:b}", "kind", "", "all", 1), CP_ASK_ROWS);
    json_t *index = json_object();
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row) json_object_set(index, cp_json_text(row, "id"), row);
    for (i = 0; i < json_array_size(import->rows) && !cli->failed; i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        json_t *fields = cp_planjson_links(import, i, map);

        if (id != NULL)
            set_links(cli, id, fields, find_row(index, id));
        json_decref(fields);
        show_rows_progress(cli, i + 1, json_array_size(import->rows), i + 1 == json_array_size(import->rows));
    }
    json_decref(index);
    json_decref(rows);
}

static size_t write_notes(struct cp_cli *cli, struct cp_planjson_import *import, json_t *file, json_t *map,
                          json_t *people)
{
    json_t *there = cp_ask(cli, "notes", json_object(), CP_ASK_ROWS);
    json_t *notes = there != NULL ? cp_planjson_notes(import, file, map, there, people) : NULL;
    json_t *note = NULL;
    size_t i = 0;

    json_array_foreach(notes, i, note)
    {
        json_decref(cp_ask(cli, "note", json_incref(note), 0));
        if (cli->failed)
            break;
    }
    i = json_array_size(notes);
    json_decref(notes);
    json_decref(there);
    return i;
}

static int import_json(struct cp_cli *cli, struct cp_bytes bytes)
{
    int line = 0;
    const char *what = NULL;
    json_t *file = cp_planjson_read(bytes, &line, &what);
    struct cp_planjson_import import = {NULL, NULL, NULL, NULL};
    char id[2 * CP_ID_LEN + 1];
    json_t *people = NULL;
    json_t *plan = NULL;
    json_t *columns = NULL;
    json_t *sums = NULL;
    json_t *map = json_object();
    size_t notes = 0;

    if (file == NULL) {
        const char *const args[4] = {line > 0 ? cp_show_number(line) : what, NULL, NULL, NULL};
        struct cp_buf text;

        cp_buf_init(&text, cli->mem, 4096);
        cp_words_fill(cp_words_screen(line > 0 ? CP_SAY_JSON_BROKEN : CP_SAY_JSON_OTHER), args, &text);
        cp_buf_put_byte(&text, 0);
        cp_fail(cli, CP_ERR_BAD_FILE, cp_buf_err(&text) == CP_OK ? (const char *)text.ptr : NULL, NULL);
        cp_buf_clear(&text);
        goto out;
    }
    plan = cp_ask(cli, "plan-show", json_object(), 0);
    people = plan != NULL ? cp_ask(cli, "people", json_object(), CP_ASK_ROWS) : NULL;
    if (people == NULL)
        goto out;
    if (!cp_planjson_plan(&import, file, people)) {
        cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
        goto out;
    }
    import_id(bytes, id);
    columns = json_incref(json_object_get(file, "columns"));
    if (!add_rows(cli, id, columns, import.rows, &sums))
        goto out;
    for (size_t i = 0; i < json_array_size(import.ids); i++)
        json_object_set(map, json_string_value(json_array_get(import.ids, i)),
                        json_array_get(json_object_get(sums, "ids"), i));
    json_object_set(map, cp_json_text(file, "plan"), json_object_get(plan, "plan"));
    write_links(cli, &import, json_object_get(sums, "ids"), map);
    if (!cli->failed)
        notes = write_notes(cli, &import, file, map, people);
    if (!cli->failed) {
        json_object_set_new(sums, "notes", json_integer((json_int_t)notes));
        json_object_set(sums, "left", import.left);
        cp_print(cli, json_incref(sums), show_imported_json);
    }
out:
    cp_planjson_clear(&import);
    json_decref(file);
    json_decref(people);
    json_decref(plan);
    json_decref(columns);
    json_decref(sums);
    json_decref(map);
    return cli->status;
}

static bool is_json_name(const char *path)
{
    size_t len = strlen(path);

    return len > 5 && strcasecmp(path + len - 5, ".json") == 0;
}

static int run_import(struct cp_cli *cli, const struct cp_args *args)
{
    const char *as = cp_args_option(args, "as");
    struct cp_buf file;
    bool json = as != NULL ? strcmp(as, "json") == 0 : is_json_name(args->words[0]);

    if (as != NULL && !json && strcmp(as, "csv") != 0)
        return cp_fail(cli, CP_ERR_USAGE, as, "Say it like this: coplan import FILE --as csv, or --as json");
    if (cp_args_option(args, "map") != NULL)
        return cp_fail(cli, CP_ERR_NOT_HERE, "import --map", NULL);
    cp_buf_init(&file, cli->mem, SIZE_MAX / 2);
    if (cp_file_read(cli, args->words[0], json ? CP_PLANJSON_BYTES_MAX : CP_CSV_BYTES_MAX, &file)) {
        if (json)
            import_json(cli, cp_buf_bytes(&file));
        else
            import_csv(cli, cp_buf_bytes(&file));
    }
    cp_buf_clear(&file);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option import_options[] = {{"as", true}, {"map", true}, {NULL, false}};

const struct cp_command cp_file_commands[] = {
    {"import", "FILE [--as csv|json]",
     "Take in a table of actions, or a plan that coplan exported as JSON. A file named .json is JSON, any other a "
     "table.",
     import_options, 1, 1, run_import},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
