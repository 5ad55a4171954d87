/* A plan out of the house: export. Owns: what each format needs, and where it is written. Must not: know formats
 * (sheet.h, planjson.h, markdown.h, page.h). */
#include <unistd.h>

#include "client/attached.h"
#include "client/browser.h"
#include "client/cmd_check.h"
#include "client/connect.h"
#include "client/file.h"
#include "client/ics.h"
#include "client/markdown.h"
#include "client/page.h"
#include "client/sheet.h"
#include "client/show.h"
#include "client/value.h"

/* What a format is made from: of a big plan the rest would cost more than the file. */
enum part {
    PART_COLUMNS = 1,
    PART_SAID = 2,    /* notes and views */
    PART_ASIDE = 4,   /* items that were set aside too */
    PART_ATTACHED = 8 /* what pictures and papers show, in words */
};

/* False: reported. What was got is released by release_parts either way. */
static bool get_parts(struct cp_cli *cli, unsigned which, struct cp_planjson_parts *parts)
{
    *parts = (struct cp_planjson_parts){NULL, NULL, NULL, NULL, NULL, NULL, NULL};
    parts->plan = cp_ask(cli, "plan-show", json_object(), 0);
    if (!cli->failed && (which & PART_COLUMNS) != 0)
        parts->columns = cp_ask(cli, "columns", json_object(), CP_ASK_ROWS);
    if (!cli->failed)
        parts->people = cp_ask(cli, "people", json_object(), CP_ASK_ROWS);
    if (!cli->failed)
        parts->items = cp_ask(
            cli, "list", json_pack("{s:s,s:b}", "kind", "", "all", (which & PART_ASIDE) != 0), CP_ASK_ROWS);
    if (!cli->failed && (which & PART_SAID) != 0)
        parts->notes = cp_ask(cli, "notes", json_object(), CP_ASK_ROWS);
    if (!cli->failed && (which & PART_SAID) != 0)
        parts->views = cp_ask(cli, "views", json_object(), CP_ASK_ROWS);
    if (!cli->failed && (which & PART_ATTACHED) != 0)
        parts->attachments = cp_attachments_of(cli, "");
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
    json_decref(parts->attachments);
}

static void make_csv(struct cp_cli *cli, const struct cp_planjson_parts *parts, struct cp_buf *out)
{
    struct cp_sheet_context context = {.people = parts->people, .items = parts->items};
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

static void make_json(struct cp_cli *cli, const struct cp_planjson_parts *parts, struct cp_buf *out)
{
    json_t *file = cp_planjson_make(parts);

    if (file == NULL || json_dump_callback(file, put_into, out, JSON_INDENT(2) | JSON_SORT_KEYS) != 0)
        cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
    cp_buf_put_byte(out, '\n');
    json_decref(file);
}

/* ------------------------------------------------------------------------------------------- pages */

/* --audience: which of the pages it is. False: reported. */
static bool read_audience(struct cp_cli *cli, const char *audience, struct cp_page_options *out)
{
    bool why = out->format == CP_PAGE_WHY;

    if (strcmp(audience, "easy-read") == 0) {
        out->easy = why;
        out->format = why ? CP_PAGE_WHY : CP_PAGE_EASY_READ;
        return true;
    }
    out->easy = false;
    out->sources = why && strcmp(audience, "professional") == 0;
    if (!why && strcmp(audience, "large") == 0)
        out->format = CP_PAGE_LARGE;
    else if (!out->sources && strcmp(audience, "standard") != 0)
        cp_fail(cli, CP_ERR_USAGE, audience,
                why ? cp_words_screen(CP_SAY_USE_AUDIENCE_WHY) : cp_words_screen(CP_SAY_USE_AUDIENCE));
    return !cli->failed;
}

/* --audience, --language, --mine. False: reported. */
static bool read_page_options(struct cp_cli *cli, const struct cp_args *args, enum cp_page_format format,
                              struct cp_page_options *out)
{
    const char *audience = cp_args_option(args, "audience");
    const struct cp_field *tag = cp_field_by_name(cp_bytes_str("wants_language"), CP_RECORD_PERSON);

    *out = (struct cp_page_options){.format = format, .easy = format == CP_PAGE_WHY};
    out->language = cp_args_option(args, "language");
    out->mine_only = cp_args_option(args, "mine") != NULL;
    if (out->language != NULL &&
        cp_field_check_text(tag, cp_bytes_str(out->language), CP_RECORD_PERSON) != CP_OK)
        cp_fail(cli, CP_ERR_USAGE, out->language, cp_words_screen(CP_SAY_USE_LANGUAGE));
    else if (out->mine_only && cp_args_option(args, "for") == NULL)
        cp_fail(cli, CP_ERR_USAGE, "--mine", cp_words_screen(CP_SAY_USE_WHOSE_PART));
    else if (audience != NULL)
        (void)read_audience(cli, audience, out);
    return !cli->failed;
}

/* Whom --for names: a whole id, a unique beginning of one, or a name that only one person on the page has. */
static const char *find_person(struct cp_cli *cli, const struct cp_page_source *source, const char *typed)
{
    json_t *const lists[] = {source->parts.people, source->others};
    const char *found = NULL;
    size_t len = strlen(typed);
    json_t *row = NULL;
    size_t i = 0;

    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        json_array_foreach(lists[l], i, row)
        {
            const char *person = cp_json_text(row, "person");

            if (strcmp(cp_json_text(row, "name"), typed) != 0 &&
                (len < 6 || strncmp(person, typed, len) != 0))
                continue;
            if (found != NULL && strcmp(found, person) != 0) {
                cp_fail(cli, CP_ERR_AMBIGUOUS, typed, NULL);
                return NULL;
            }
            found = person;
        }
    if (found == NULL)
        cp_fail(cli, CP_ERR_NOT_FOUND, typed, NULL);
    return found;
}

static void show_warnings(struct cp_cli *cli, json_t *warnings)
{
    json_t *warning = NULL;
    size_t i = 0;

    json_array_foreach(warnings, i, warning)
    {
        cp_show_text(cli->err, json_string_value(warning), 4);
        fputs("\n", cli->err);
    }
}

/* A page for this person is in the form and language that they asked for, where none was typed. *wants keeps the words.
 * A form that no page can have (audio, signed) is the standard page. False: reported. */
static bool follow_wishes(struct cp_cli *cli, const struct cp_args *args, struct cp_page_options *options,
                          json_t **wants)
{
    const char *format = NULL;

    *wants = cp_ask(cli, "wants", json_pack("{s:s}", "person", options->person), 0);
    if (*wants == NULL)
        return false;
    format = cp_json_text(*wants, "format");
    if (options->language == NULL)
        options->language = cp_json_text(*wants, "language");
    if (cp_args_option(args, "audience") == NULL && options->format == CP_PAGE_STANDARD)
        options->format = strcmp(format, "easy_read") == 0     ? CP_PAGE_EASY_READ
                          : strcmp(format, "large_print") == 0 ? CP_PAGE_LARGE
                                                               : CP_PAGE_STANDARD;
    return true;
}

/* A form is for a page that can be signed, and for somebody whom it asks. False: reported. */
static bool form_fits(struct cp_cli *cli, const struct cp_page_source *source, const char *person)
{
    json_t *row = NULL;
    size_t i = 0;

    if (!cp_json_true(source->agreement, "for_signing")) {
        cp_fail(cli, CP_ERR_NOT_FOR_SIGNING, cp_show_id(source->version), NULL);
        return false;
    }
    if (person == NULL)
        return true;
    json_array_foreach(source->parts.people, i, row) if (strcmp(cp_json_text(row, "person"), person) == 0 &&
                                                         !cp_json_true(row, "kept_informed")) return true;
    cp_fail(cli, CP_ERR_USAGE, "--for", cp_words_screen(CP_SAY_USE_FORM_WHO));
    return false;
}

/* Whom the page is for, and what it needs to know of them. False: reported. */
static bool look_at_person(struct cp_cli *cli, const struct cp_args *args, struct cp_page_source *source,
                           struct cp_page_options *options, json_t **wants)
{
    const char *typed = cp_args_option(args, "for");

    if (typed != NULL && ((options->person = find_person(cli, source, typed)) == NULL ||
                          !follow_wishes(cli, args, options, wants)))
        return false;
    return !options->form || (form_fits(cli, source, options->person) &&
                              (typed == NULL || cp_page_fetch_since(cli, options->person, source)));
}

/* Appends the page that was asked for. Reports what went wrong. */
static void export_page(struct cp_cli *cli, const struct cp_args *args, enum cp_page_format format, bool form,
                        struct cp_buf *out)
{
    const char *version = cp_args_option(args, "version");
    struct cp_page_source source;
    struct cp_page_options options;
    json_t *warnings = json_array();
    json_t *wants = NULL;
    enum cp_err err = CP_OK;

    if (!read_page_options(cli, args, format, &options)) {
        json_decref(warnings);
        return;
    }
    options.form = form;
    if (cp_page_fetch(cli, form && version == NULL ? "" : version, &source) &&
        (cp_args_option(args, "with-sides") == NULL || cp_page_fetch_sides(cli, &source)) &&
        look_at_person(cli, args, &source, &options, &wants)) {
        err = cp_page_render(&source, &options, out, warnings);
        if (err != CP_OK)
            cp_fail(cli, err, NULL, NULL);
    }
    if (!cli->failed)
        show_warnings(cli, warnings);
    cp_page_release(&source);
    json_decref(warnings);
    json_decref(wants);
}

static void export_html(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out)
{
    export_page(cli, args, CP_PAGE_STANDARD, false, out);
}

static void export_easy_read(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out)
{
    export_page(cli, args, CP_PAGE_EASY_READ, false, out);
}

static void export_why(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out)
{
    export_page(cli, args, CP_PAGE_WHY, false, out);
}

/* The same page on paper. */
static void print_page(struct cp_cli *cli, const struct cp_args *args, bool form, struct cp_buf *out)
{
    const char *path = cp_file_out(args);
    struct cp_buf page;

    /* Said before anything is made: bytes of a PDF are no JSON, and nothing for a terminal. */
    if (path == NULL && (cli->json || isatty(fileno(cli->out)))) {
        cp_fail(cli, CP_ERR_USAGE, "export pdf", cp_words_screen(CP_SAY_USE_WHERE_PDF));
        return;
    }
    cp_buf_init(&page, cli->mem, SIZE_MAX / 2);
    if (cp_browser_find(cli) != NULL)
        export_page(cli, args, CP_PAGE_STANDARD, form, &page);
    if (!cli->failed)
        cp_browser_print(cli, cp_buf_bytes(&page), out);
    cp_buf_clear(&page);
}

static void export_pdf(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out)
{
    print_page(cli, args, false, out);
}

/* The newest page for agreement where none is named: that is the one people answer. */
static void export_paper_form(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out)
{
    if (cp_args_option(args, "pdf") != NULL)
        print_page(cli, args, true, out);
    else
        export_page(cli, args, CP_PAGE_STANDARD, true, out);
}

/* ------------------------------------------------------------------------------------------- tables and texts */

static void export_rows(struct cp_cli *cli, unsigned which, struct cp_buf *out,
                        void (*make)(struct cp_cli *cli, const struct cp_planjson_parts *parts,
                                     struct cp_buf *out))
{
    struct cp_planjson_parts parts;

    if (get_parts(cli, which, &parts))
        make(cli, &parts, out);
    release_parts(&parts);
}

static void make_markdown(struct cp_cli *cli, const struct cp_planjson_parts *parts, struct cp_buf *out)
{
    (void)cli;
    cp_markdown_page(parts, out);
}

static void export_csv(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out)
{
    (void)args;
    export_rows(cli, PART_COLUMNS | PART_ASIDE, out, make_csv);
}

static void export_json(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out)
{
    (void)args;
    export_rows(cli, PART_COLUMNS | PART_SAID | PART_ASIDE, out, make_json);
}

static void export_md(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out)
{
    (void)args;
    export_rows(cli, PART_ATTACHED, out, make_markdown);
}

static void export_ics(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out)
{
    const struct cp_ics_options options = {.todo = cp_args_option(args, "todo") != NULL,
                                           .names = cp_args_option(args, "with-names") != NULL,
                                           .health_words = cp_args_option(args, "with-health-words") != NULL};
    struct cp_planjson_parts parts;
    json_t *days = get_parts(cli, 0, &parts) ? cp_ask(cli, "calendar", json_object(), CP_ASK_ROWS) : NULL;
    struct cp_ics_said said = {0, 0};
    enum cp_err err = CP_OK;

    if (days != NULL)
        err = cp_ics_write(days, parts.people, parts.items, parts.plan, &options, out, &said);
    if (err != CP_OK)
        cp_fail(cli, err, NULL, NULL);
    if (said.apart > 0)
        cp_show(cli->err, CP_SAY_ICS_APART_COUNT, cp_show_number((int64_t)said.apart), NULL, NULL, NULL);
    if (said.left_out > 0)
        cp_show(cli->err, CP_SAY_ICS_LEFT_OUT, cp_show_number((int64_t)said.left_out), NULL, NULL, NULL);
    json_decref(days);
    release_parts(&parts);
}

/* ------------------------------------------------------------------------------------------- the command */

#define PAGE_OPTIONS "|out|version|language|for|mine|with-sides|"

/* With --json and no file an export is the one value: the plan itself for `json`, else the text as a string. */
static const struct {
    const char *name;
    void (*make)(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out);
    const char *options; /* that mean something to it; another is refused rather than passed over */
    bool is_json;
} formats[] = {
    {"csv", export_csv, "|out|", false},
    {"json", export_json, "|out|", true},
    {"md", export_md, "|out|", false},
    {"html", export_html, PAGE_OPTIONS "audience|", false},
    {"easy-read", export_easy_read, PAGE_OPTIONS, false},
    {"paper-form", export_paper_form, "|out|version|language|for|audience|pdf|", false},
    {"why", export_why, "|out|version|language|audience|", false},
    {"pdf", export_pdf, PAGE_OPTIONS "audience|", false},
    {"ics", export_ics, "|out|todo|with-names|with-health-words|", false},
    {"evidence", cp_export_evidence, "|out|html|on|", false},
};

/* False: reported. */
static bool options_fit(struct cp_cli *cli, const struct cp_args *args, const char *fitting)
{
    char name[64];

    for (size_t i = 0; i < args->options_count; i++) {
        snprintf(name, sizeof name, "|%s|", args->options[i].name);
        if (strstr(fitting, name) == NULL) {
            snprintf(name, sizeof name, "--%s", args->options[i].name);
            cp_fail(cli, CP_ERR_USAGE, name, cp_words_screen(CP_SAY_USE_OTHER_FORMATS));
            return false;
        }
    }
    return true;
}

static void show_written(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_WRITTEN, cp_json_text(value, "file"), NULL, NULL, NULL);
}

static void write_export(struct cp_cli *cli, const char *path, bool is_json, struct cp_bytes made)
{
    if (path == NULL && cli->json && !is_json)
        cp_print(cli, json_stringn(made.len > 0 ? (const char *)made.ptr : "", made.len), show_written);
    else if (cp_file_write_or_print(cli, path, made) && path != NULL)
        cp_print(cli, json_pack("{s:s,s:I}", "file", path, "bytes", (json_int_t)made.len), show_written);
}

static int run_export(struct cp_cli *cli, const struct cp_args *args)
{
    const char *format = args->words[0];
    struct cp_buf out;
    size_t i = 0;

    while (i < sizeof formats / sizeof formats[0] && strcmp(formats[i].name, format) != 0)
        i++;
    if (i == sizeof formats / sizeof formats[0])
        return cp_fail(cli, CP_ERR_USAGE, format, cp_words_screen(CP_SAY_USE_FORMATS));
    if (!options_fit(cli, args, formats[i].options))
        return cli->status;
    cp_buf_init(&out, cli->mem, SIZE_MAX / 2);
    formats[i].make(cli, args, &out);
    if (!cli->failed && cp_buf_err(&out) != CP_OK)
        cp_fail(cli, cp_buf_err(&out), NULL, NULL);
    if (!cli->failed)
        write_export(cli, cp_file_out(args), formats[i].is_json, cp_buf_bytes(&out));
    cp_buf_clear(&out);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option export_options[] = {{"out", true},
                                                  {"version", true},
                                                  {"audience", true},
                                                  {"language", true},
                                                  {"for", true},
                                                  {"mine", false},
                                                  {"with-sides", false},
                                                  {"todo", false},
                                                  {"html", false},
                                                  {"pdf", false},
                                                  {"on", true},
                                                  {"with-names", false},
                                                  {"with-health-words", false},
                                                  {NULL, false}};

const struct cp_command cp_export_commands[] = {
    {"export",
     "html|easy-read|paper-form|why|pdf|md|csv|json|ics|evidence [--out FILE] [--version VERSION] [--audience WHO] [--language TAG] "
     "[--for PERSON] [--mine] [--with-sides] [--todo] [--with-names] [--with-health-words] [--html] [--pdf] [--on YYYY-MM-DD]",
     "Write the plan as a page for the screen and for paper, in Easy Read, as a form for those who answer on paper, as one sheet on why to do this, as PDF, as text, as a table of its actions, as JSON, its days as a calendar, or what it shows of the standard.",
     export_options, 1, 1, run_export},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
