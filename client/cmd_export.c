/* A plan out of the house: export. Owns: what each format needs, and where it is written. Must not: know formats
 * (sheet.h, planjson.h, markdown.h, page.h). */
#include "client/connect.h"
#include "client/file.h"
#include "client/ics.h"
#include "client/markdown.h"
#include "client/sheet.h"
#include "client/show.h"
#include "client/value.h"

/* False: reported. What was got is released by release_parts either way. */
static bool get_parts(struct cp_cli *cli, bool all, struct cp_planjson_parts *parts)
{
    *parts = (struct cp_planjson_parts){NULL, NULL, NULL, NULL, NULL, NULL};
    parts->plan = cp_ask(cli, "plan-show", json_object(), 0);
    if (!cli->failed)
        parts->columns = cp_ask(cli, "columns", json_object(), CP_ASK_ROWS);
    if (!cli->failed)
        parts->people = cp_ask(cli, "people", json_object(), CP_ASK_ROWS);
    if (!cli->failed)
        parts->items = cp_ask(cli, "list", json_pack("{s:s,s:b}", "kind", "", "all", all), CP_ASK_ROWS);
    if (!cli->failed)
        parts->notes = cp_ask(cli, "notes", json_object(), CP_ASK_ROWS);
    if (!cli->failed)
        parts->views = cp_ask(cli, "views", json_object(), CP_ASK_ROWS);
    return !cli->failed;
}

static void release_parts(struct cp_planjson_parts *parts)
{
    json_decref(parts->plan);
    json_decref(parts->columns);
    json_decref(parts->people);
    json_decref(parts->items);
    json_decref(parts->notes);
    json_decref(parts->views);
}

static void export_csv(struct cp_cli *cli, const struct cp_planjson_parts *parts, struct cp_buf *out)
{
    struct cp_sheet_context context = {parts->people, parts->items};
    json_t *actions = json_array();
    json_t *control = json_array();
    json_t *row = NULL;
    enum cp_err err = CP_OK;
    size_t i = 0;

    json_array_foreach(parts->items, i, row) if (strcmp(cp_json_text(row, "kind"), "action") == 0 &&
                                                 strcmp(cp_json_text(row, "state"), "set aside") != 0)
        json_array_append(actions, row);
    err = cp_sheet_export(actions, parts->columns, &context, cli->mem, out, control);
    if (err != CP_OK)
        cp_fail(cli, err, NULL, NULL);
    json_array_foreach(control, i, row)
        cp_show(cli->err, CP_SAY_EXPORT_CONTROL, cp_show_number(cp_json_number(row, "row")),
                cp_json_text(row, "column"), NULL, NULL);
    json_decref(actions);
    json_decref(control);
}

static int put_into(const char *text, size_t len, void *buf)
{
    cp_buf_put(buf, text, len);
    return 0;
}

static void export_json(struct cp_cli *cli, const struct cp_planjson_parts *parts, struct cp_buf *out)
{
    json_t *file = cp_planjson_make(parts);

    if (file == NULL || json_dump_callback(file, put_into, out, JSON_INDENT(2) | JSON_SORT_KEYS) != 0)
        cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
    cp_buf_put_byte(out, '\n');
    json_decref(file);
}

static void export_ics(struct cp_cli *cli, const struct cp_args *args, const struct cp_planjson_parts *parts,
                       struct cp_buf *out)
{
    const struct cp_ics_options options = {.todo = cp_args_option(args, "todo") != NULL,
                                           .names = cp_args_option(args, "with-names") != NULL,
                                           .health_words = cp_args_option(args, "with-health-words") != NULL};
    json_t *days = cp_ask(cli, "calendar", json_object(), CP_ASK_ROWS);
    size_t left_out = 0;
    enum cp_err err = CP_OK;

    if (days != NULL)
        err = cp_ics_write(days, parts->people, cp_json_text(parts->plan, "title"), &options, out, &left_out);
    if (err != CP_OK)
        cp_fail(cli, err, NULL, NULL);
    if (left_out > 0)
        cp_show(cli->err, CP_SAY_ICS_LEFT_OUT, cp_show_number((int64_t)left_out), NULL, NULL, NULL);
    json_decref(days);
}

static void show_written(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_WRITTEN, cp_json_text(value, "file"), NULL, NULL, NULL);
}

static int run_export(struct cp_cli *cli, const struct cp_args *args)
{
    static const char *const later[] = {"html", "easy-read", "pdf"};
    const char *format = args->words[0];
    const char *path = cp_args_option(args, "out");
    bool csv = strcmp(format, "csv") == 0;
    bool json = strcmp(format, "json") == 0;
    bool ics = strcmp(format, "ics") == 0;
    struct cp_planjson_parts parts;
    struct cp_buf out;

    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
        if (strcmp(format, later[i]) == 0)
            return cp_fail(cli, CP_ERR_NOT_HERE, format, NULL);
    if (!csv && !json && !ics && strcmp(format, "md") != 0)
        return cp_fail(cli, CP_ERR_USAGE, format,
                       "Say it like this: coplan export csv, or json, or md, or ics");
    cp_buf_init(&out, cli->mem, SIZE_MAX / 2);
    if (get_parts(cli, csv || json, &parts)) {
        if (csv)
            export_csv(cli, &parts, &out);
        else if (json)
            export_json(cli, &parts, &out);
        else if (ics)
            export_ics(cli, args, &parts, &out);
        else
            cp_markdown_page(&parts, &out);
        if (cp_buf_err(&out) != CP_OK)
            cp_fail(cli, cp_buf_err(&out), NULL, NULL);
        /* With --json and no file the export is the one value: the plan itself, or the text as a string. */
        if (!cli->failed && path == NULL && cli->json && !json)
            cp_print(cli, json_stringn(out.len > 0 ? (const char *)out.ptr : "", out.len), show_written);
        else if (!cli->failed && cp_file_write_or_print(cli, path, cp_buf_bytes(&out)) && path != NULL)
            cp_print(cli, json_pack("{s:s,s:I}", "file", path, "bytes", (json_int_t)out.len), show_written);
    }
    release_parts(&parts);
    cp_buf_clear(&out);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option export_options[] = {
    {"out", true}, {"todo", false}, {"with-names", false}, {"with-health-words", false}, {NULL, false}};

const struct cp_command cp_export_commands[] = {
    {"export", "csv|json|md|ics [--out FILE] [--todo] [--with-names] [--with-health-words]",
     "Write the plan as a table of its actions, as JSON, as a page of text, or its days as a calendar.",
     export_options, 1, 1, run_export},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
