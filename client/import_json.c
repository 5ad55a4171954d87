/* Importing a plan that coplan exported as JSON. Owns: the order: items, then links, then notes. */
#include "client/connect.h"
#include "client/import.h"
#include "client/planjson.h"
#include "client/show.h"
#include "client/value.h"

static void show_imported_json(struct cp_cli *cli, json_t *value)
{
    json_t *left = NULL;
    size_t i = 0;

    if (cp_json_true(value, "dry_run"))
        cp_import_show_dry(cli, value);
    else
        cp_show(cli->out, CP_SAY_IMPORTED_JSON, cp_show_number(cp_json_number(value, "added")),
                cp_show_number(cp_json_number(value, "notes")), NULL, NULL);
    json_array_foreach(json_object_get(value, "left"), i, left)
        cp_show(cli->out, CP_SAY_IMPORT_LEFT, json_string_value(left), NULL, NULL, NULL);
}

/* The second pass: links between items, now that every item has its new id. */
static void write_links(struct cp_import *im, struct cp_planjson_import *import, json_t *ids, json_t *map)
{
    json_t *index = cp_import_index(im);

    for (size_t i = 0; i < json_array_size(import->rows) && !im->cli->failed; i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        json_t *fields = cp_planjson_links(import, i, map);

        if (id != NULL)
            cp_import_set(im, id, fields, json_object_get(index, id));
        json_decref(fields);
        cp_import_progress(im, i + 1, json_array_size(import->rows));
    }
    json_decref(index);
}

/* What the file says of the plan itself, where nothing was said yet. */
static void write_own(struct cp_import *im, struct cp_planjson_import *import, json_t *map)
{
    json_t *fields = cp_planjson_own(import, map);

    cp_import_set(im, "plan", fields, NULL);
    json_decref(fields);
}

static size_t write_notes(struct cp_import *im, struct cp_planjson_import *import, json_t *file, json_t *map,
                          json_t *people)
{
    struct cp_cli *cli = im->cli;
    json_t *there = cp_ask(cli, "notes", json_object(), CP_ASK_ROWS);
    json_t *notes = there != NULL ? cp_planjson_notes(import, file, map, there, people) : NULL;
    json_t *note = NULL;
    size_t i = 0;

    json_array_foreach(im->dry ? NULL : notes, i, note)
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

int cp_import_json(struct cp_import *im)
{
    struct cp_cli *cli = im->cli;
    int line = 0;
    const char *what = NULL;
    json_t *file = cp_planjson_read(im->file, &line, &what);
    struct cp_planjson_import import = {.rows = NULL};
    json_t *people = NULL;
    json_t *plan = NULL;
    json_t *columns = NULL;
    json_t *sums = NULL;
    json_t *map = json_object();
    size_t notes = 0;

    if (file == NULL) {
        const char *const args[4] = {line > 0 ? cp_show_number(line) : what, NULL, NULL, NULL};

        cp_import_refuse(im, CP_ERR_BAD_FILE, line > 0 ? CP_SAY_JSON_BROKEN : CP_SAY_JSON_OTHER, args);
        goto out;
    }
    plan = cp_ask(cli, "plan-show", json_object(), 0);
    people = plan != NULL ? cp_ask(cli, "people", json_object(), CP_ASK_ROWS) : NULL;
    if (people == NULL)
        goto out;
    if (!cp_planjson_plan(&import, file, plan, people)) {
        cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
        goto out;
    }
    columns = json_incref(json_object_get(file, "columns"));
    if (!cp_import_rows(im, columns, import.rows, &sums))
        goto out;
    for (size_t i = 0; i < json_array_size(import.ids); i++)
        json_object_set(map, json_string_value(json_array_get(import.ids, i)),
                        json_array_get(json_object_get(sums, "ids"), i));
    json_object_set(map, cp_json_text(file, "plan"), json_object_get(plan, "plan"));
    if (!im->dry)
        write_links(im, &import, json_object_get(sums, "ids"), map);
    if (!im->dry && !cli->failed)
        write_own(im, &import, map);
    if (!cli->failed)
        notes = write_notes(im, &import, file, map, people);
    if (!cli->failed) {
        json_object_set_new(sums, "notes", json_integer((json_int_t)notes));
        json_object_set(sums, "left", import.left);
        json_object_set_new(sums, "dry_run", json_boolean(im->dry));
        if (im->dry)
            json_object_set_new(sums, "ids", json_array());
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
