/* Importing a table of actions. Owns: what is refused, and what is said of cells that were not understood. */
#include "client/connect.h"
#include "client/import.h"
#include "client/sheet.h"
#include "client/show.h"
#include "client/value.h"

static const enum cp_screen csv_words[] = {
    [CP_CSV_EMPTY] = CP_SAY_CSV_EMPTY,
    [CP_CSV_NUL] = CP_SAY_CSV_NUL,
    [CP_CSV_UTF16] = CP_SAY_CSV_UTF16,
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

static void refuse_place(struct cp_import *im, const struct cp_csv_place *place)
{
    const char *const args[4] = {cp_show_number((int64_t)place->row), cp_show_number((int64_t)place->column),
                                 cp_show_number((int64_t)place->cells),
                                 cp_show_number((int64_t)place->wanted)};

    if (place->fault == CP_CSV_NO_MEMORY)
        cp_fail(im->cli, CP_ERR_NO_MEMORY, NULL, NULL);
    else
        cp_import_refuse(im, CP_ERR_BAD_CSV, csv_words[place->fault], args);
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

static void refuse_sheet(struct cp_import *im, const struct cp_csv *csv, enum cp_sheet_fault fault,
                         size_t column)
{
    struct cp_buf names;
    const char *args[4] = {NULL, cp_show_number((int64_t)column + 1), NULL, NULL};
    enum cp_screen sentence = CP_SAY_CSV_NO_TEXT;

    cp_buf_init(&names, im->cli->mem, SIZE_MAX / 2);
    if (fault == CP_SHEET_NO_TEXT || fault == CP_SHEET_MAP_COLUMN) {
        put_names(csv, &names);
        sentence = fault == CP_SHEET_NO_TEXT ? CP_SAY_CSV_NO_TEXT : CP_SAY_CSV_MAP_COLUMN;
        args[1] = cp_show_number((int64_t)column); /* the line of the map */
    } else {
        cp_buf_put_bytes(&names, cp_csv_cell(csv, 0, column));
        cp_buf_put_byte(&names, 0);
        sentence = fault == CP_SHEET_NO_NAME     ? CP_SAY_CSV_NO_NAME
                   : fault == CP_SHEET_SAME_NAME ? CP_SAY_CSV_SAME_NAME
                                                 : CP_SAY_CSV_LONG_NAME;
    }
    args[0] = cp_buf_err(&names) == CP_OK ? (const char *)names.ptr : NULL;
    cp_import_refuse(im, CP_ERR_BAD_CSV, sentence, args);
    cp_buf_clear(&names);
}

/* All rows of the table, decided before the first is written. NULL: reported. */
static json_t *make_rows(struct cp_import *im, const struct cp_sheet *sheet, const struct cp_csv *csv,
                         const struct cp_sheet_context *context, size_t *empty)
{
    json_t *rows = json_array();

    for (size_t i = 1; i < csv->rows; i++) {
        bool too_much = false;
        json_t *row = cp_sheet_row(sheet, csv, i, context, &too_much);

        if (too_much) {
            const char *const args[4] = {cp_show_number((int64_t)i + 1), NULL, NULL, NULL};

            cp_import_refuse(im, CP_ERR_BAD_CSV, CP_SAY_CSV_LONG_ROW, args);
            json_decref(rows);
            return NULL;
        }
        *empty += row == NULL ? 1 : 0;
        if (row != NULL)
            json_array_append_new(rows, row);
    }
    return rows;
}

/* ------------------------------------------------------------------------------------------- what is said */

static const struct {
    const char *why;
    enum cp_screen sentence;
} whys[] = {
    {"no_day", CP_SAY_CELL_NO_DAY},       {"nobody_called", CP_SAY_CELL_NOBODY},
    {"several_leads", CP_SAY_CELL_LEADS}, {"several_people", CP_SAY_CELL_PEOPLE},
    {"no_money", CP_SAY_CELL_NO_MONEY},   {"no_rag", CP_SAY_CELL_NO_RAG},
    {"no_value", CP_SAY_CELL_NO_VALUE},
};

/* How many cells a screen shows; --json gives them all, and the sentence behind them says how many more there are. */
#define CELLS_SHOWN 20U

static void show_cells(struct cp_cli *cli, json_t *cells)
{
    json_t *cell = NULL;
    size_t i = 0;

    json_array_foreach(cells, i, cell)
    {
        enum cp_screen sentence = CP_SAY_CELL_NO_VALUE;

        if (i == CELLS_SHOWN) {
            cp_show(cli->out, CP_SAY_CELLS_MORE, cp_show_number((int64_t)(json_array_size(cells) - i)), NULL,
                    NULL, NULL);
            break;
        }
        for (size_t w = 0; w < sizeof whys / sizeof whys[0]; w++)
            if (strcmp(whys[w].why, cp_json_text(cell, "why")) == 0)
                sentence = whys[w].sentence;
        cp_show(cli->out, sentence, cp_show_number(cp_json_number(cell, "row")), cp_json_text(cell, "column"),
                cp_import_begin(cp_json_text(cell, "value")), cp_json_text(cell, "field"));
    }
}

/* A map is no way to change what is here: whoever gave one is told which rows it did nothing for. */
static void show_known(struct cp_cli *cli, json_t *value)
{
    int64_t known = cp_json_number(value, "known");

    if (known > 0 && cp_args_option(cli->args, "map") != NULL)
        cp_show(cli->out, CP_SAY_IMPORT_KEPT, cp_show_number(known), NULL, NULL, NULL);
}

static void show_imported(struct cp_cli *cli, json_t *value)
{
    int64_t known = cp_json_number(value, "known");
    int64_t empty = cp_json_number(value, "empty");

    cp_show(cli->out, CP_SAY_IMPORTED, cp_show_number(cp_json_number(value, "added")),
            known > 0 ? cp_show_number(known) : NULL, empty > 0 ? cp_show_number(empty) : NULL, NULL);
    show_known(cli, value);
    show_cells(cli, json_object_get(value, "not_understood"));
}

static void show_dry(struct cp_cli *cli, json_t *value)
{
    json_t *column = NULL;
    size_t i = 0;

    cp_import_show_dry(cli, value);
    show_known(cli, value);
    json_array_foreach(json_object_get(value, "columns"), i, column)
    {
        const char *field = cp_json_text(column, "becomes");

        cp_show(cli->out, field[0] != '\0' ? CP_SAY_DRY_FIELD : CP_SAY_DRY_OWN, cp_json_text(column, "name"),
                field[0] != '\0' ? cp_words_label(field) : NULL, NULL, NULL);
    }
    show_cells(cli, json_object_get(value, "not_understood"));
    cp_show(cli->out, CP_SAY_DRY_MAP, NULL, NULL, NULL, NULL);
}

/* {"name", "field", "becomes"}: what each column is, for people; "" where its words are kept as they are. */
static json_t *say_columns(const struct cp_sheet *sheet, json_t *columns)
{
    json_t *said = json_deep_copy(columns);

    for (size_t i = 0; i < sheet->count; i++) {
        const struct cp_sheet_column *c = &sheet->columns[i];
        json_t *becomes = c->use == CP_SHEET_TEXT  ? json_string("text")
                          : c->use == CP_SHEET_RAG ? json_string("rag")
                          : c->use == CP_SHEET_OWN
                              ? json_string("")
                              : json_stringn((const char *)c->field_name.ptr, c->field_name.len);

        json_object_set_new(json_array_get(said, i), "becomes", becomes);
    }
    return said;
}

/* ------------------------------------------------------------------------------------------- how it goes */

static bool is_said(json_t *notes, const char *about, const char *rag, const char *said)
{
    json_t *note = NULL;
    size_t i = 0;

    json_array_foreach(notes, i, note) if (strcmp(cp_json_text(note, "about"), about) == 0 &&
                                           strcmp(cp_json_text(note, "text"), said) == 0 &&
                                           strcmp(cp_json_text(json_object_get(note, "fields"), "rag"),
                                                  rag) == 0) return true;
    return false;
}

/* Red, amber, green: a note of progress on each action, with the words of the cell. Said before: not said again. */
static int64_t write_rags(struct cp_import *im, json_t *rows, json_t *ids)
{
    json_t *notes = NULL;
    json_t *row = NULL;
    int64_t count = 0;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *rag = cp_json_text(row, "rag");
        const char *said = cp_json_text(row, "said");
        const char *id = json_string_value(json_array_get(ids, i));

        if (rag[0] == '\0' || id == NULL)
            continue;
        count++;
        if (im->dry)
            continue;
        if (notes == NULL)
            notes = cp_ask(im->cli, "notes", json_object(), CP_ASK_ROWS);
        if (notes == NULL)
            break;
        if (!is_said(notes, id, rag, said))
            json_decref(cp_ask(im->cli, "note",
                               json_pack("{s:s,s:s,s:s,s:[{s:s,s:s,s:s}]}", "kind", "progress", "about", id,
                                         "text", said, "fields", "name", "rag", "op", "=", "value", rag),
                               0));
        if (im->cli->failed)
            break;
    }
    json_decref(notes);
    return count;
}

/* ------------------------------------------------------------------------------------------- the whole */

/* True when the table, the names or the map cannot be used (reported). Needs no daemon. */
static bool refuse(struct cp_import *im, const struct cp_csv *csv, struct cp_sheet *sheet)
{
    struct cp_sheet_context nobody = {.map = im->map};
    size_t column = 0;
    enum cp_sheet_fault fault = cp_sheet_map(sheet, csv, &nobody, &column);

    if (fault != CP_SHEET_FINE)
        refuse_sheet(im, csv, fault, column);
    return fault != CP_SHEET_FINE;
}

static void finish(struct cp_import *im, const struct cp_sheet *sheet, json_t *columns, json_t *rows,
                   json_t *report, size_t empty)
{
    json_t *sums = NULL;

    if (cp_import_rows(im, columns, rows, &sums)) {
        int64_t notes = write_rags(im, rows, json_object_get(sums, "ids"));

        json_object_set_new(sums, "notes", json_integer(notes));
        json_object_set_new(sums, "empty", json_integer((json_int_t)empty));
        json_object_set_new(sums, "dry_run", json_boolean(im->dry));
        json_object_set_new(sums, "columns", say_columns(sheet, columns));
        json_object_set(sums, "not_understood", report);
        if (im->dry)
            json_object_set(sums, "rows", rows);
        if (im->dry)
            json_object_set_new(sums, "ids",
                                json_array()); /* of a rehearsal: nobody will ever see them again */
        if (!im->cli->failed)
            cp_print(im->cli, json_incref(sums), im->dry ? show_dry : show_imported);
    }
    json_decref(sums);
}

int cp_import_csv(struct cp_import *im)
{
    struct cp_csv csv;
    struct cp_csv_place place;
    struct cp_sheet sheet;
    struct cp_sheet_context context = {.map = im->map, .report = json_array()};
    json_t *columns = NULL;
    json_t *rows = NULL;
    size_t column = 0;
    size_t empty = 0;

    if (!cp_csv_read(&csv, im->cli->mem, im->file, &place)) {
        refuse_place(im, &place);
        json_decref(context.report);
        return im->cli->status;
    }
    if (refuse(im, &csv, &sheet))
        goto out;
    context.people = cp_ask(im->cli, "people", json_object(), CP_ASK_ROWS);
    if (context.people != NULL && cp_sheet_wants_items(&csv))
        context.items = cp_ask(im->cli, "list", json_pack("{s:s,s:b}", "kind", "", "all", 1), CP_ASK_ROWS);
    if (im->cli->failed)
        goto out;
    (void)cp_sheet_map(&sheet, &csv, &context, &column);
    columns = cp_sheet_columns(&sheet);
    rows = make_rows(im, &sheet, &csv, &context, &empty);
    if (rows != NULL)
        finish(im, &sheet, columns, rows, context.report, empty);
out:
    json_decref(rows);
    json_decref(columns);
    json_decref(context.people);
    json_decref(context.items);
    json_decref(context.report);
    cp_csv_clear(&csv);
    return im->cli->status;
}
