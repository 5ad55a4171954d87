/* Sticks: bundle write, bundle read, stick. */
#include <dirent.h>
#include <errno.h>

#include "client/connect.h"
#include "client/file.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- write */

static void show_written(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_BUNDLE_WRITTEN, cp_show_number(cp_json_number(value, "entries")),
            cp_show_number(cp_json_number(value, "machines")), cp_show_number(cp_json_number(value, "bytes")),
            NULL);
    cp_show(cli->out, CP_SAY_BUNDLE_CARRY, NULL, NULL, NULL, NULL);
    if (cp_json_number(value, "kept") > 0)
        cp_show(cli->out, CP_SAY_BUNDLE_KEPT, cp_show_number(cp_json_number(value, "kept")), NULL, NULL,
                NULL);
    if (cp_json_number(value, "pieces") > 0)
        cp_show(cli->out, CP_SAY_BUNDLE_PIECES, cp_show_number(cp_json_number(value, "pieces")), NULL, NULL,
                NULL);
    else if (cp_json_true(value, "no_room"))
        cp_show(cli->out, CP_SAY_BUNDLE_PICTURES_FULL, NULL, NULL, NULL, NULL);
    else if (cp_json_true(value, "pictures"))
        cp_show(cli->out, CP_SAY_BUNDLE_NO_PICTURES, NULL, NULL, NULL, NULL);
}

static json_t *ask_write(struct cp_cli *cli, const struct cp_args *args, const char *path, bool folder)
{
    const char *to = cp_args_option(args, "for");

    return cp_ask(cli, "bundle-write",
                  json_pack("{s:s,s:s,s:b,s:b,s:b}", "path", path, "for", to != NULL ? to : "", "all",
                            cp_args_option(args, "all") != NULL, "pictures",
                            cp_args_option(args, "pictures") != NULL, "folder", folder),
                  0);
}

static int run_write(struct cp_cli *cli, const struct cp_args *args)
{
    char path[4096];

    if (cp_file_path_out(cli, args->words[0], path, sizeof path))
        cp_print(cli, ask_write(cli, args, path, false), show_written);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- read */

/* What is said only where there is some of it. */
static void show_counts(struct cp_cli *cli, json_t *value)
{
    static const struct {
        const char *member;
        enum cp_screen say;
    } rows[] = {{"pieces", CP_SAY_BUNDLE_GOT_PIECES},
                {"unasked", CP_SAY_BUNDLE_UNASKED},
                {"no_room", CP_SAY_BUNDLE_NO_ROOM},
                {"other_plans", CP_SAY_BUNDLE_OTHER_PLAN},
                {"unread", CP_SAY_BUNDLE_UNREAD}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (cp_json_number(value, rows[i].member) > 0)
            cp_show(cli->out, rows[i].say, cp_show_number(cp_json_number(value, rows[i].member)), NULL, NULL,
                    NULL);
}

static bool is_one_of(json_t *rows, const char *member, const char *id)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
        if (strcmp(cp_json_text(row, member), id) == 0)
            return true;
    return false;
}

/* The plans that somebody of this home waits to be let into, and who uses it; NULL where nobody reads what is said of it. */
static json_t *ask_waiting(struct cp_cli *cli)
{
    return cli->json ? NULL : cp_ask(cli, "status", json_object(), 0);
}

/* Who is let in: oneself, or somebody who needs a file now (from `stick`, which writes it next: `next` false). */
static void show_admitted(struct cp_cli *cli, json_t *value, json_t *before, bool next)
{
    json_t *admitted = json_object_get(value, "admitted"), *name = NULL, *plan = NULL;
    json_t *after = ask_waiting(cli);
    size_t i = 0;

    json_array_foreach(json_object_get(before, "plans"), i, plan)
    {
        json_t *now = NULL;
        size_t k = 0;

        json_array_foreach(json_object_get(after, "plans"), k, now)
            if (cp_json_true(plan, "awaited") && !cp_json_true(now, "awaited") &&
                strcmp(cp_json_text(now, "plan"), cp_json_text(plan, "plan")) == 0)
                cp_show(cli->out, CP_SAY_JOINED, cp_show_id(cp_json_text(now, "plan")), NULL, NULL, NULL);
    }
    json_array_foreach(json_object_get(value, "names"), i, name)
    {
        const char *id = json_string_value(json_array_get(admitted, i));

        if (id != NULL && is_one_of(json_object_get(after, "persons"), "person", id))
            continue; /* their own request, on the stick still */
        cp_show(cli->out, next ? CP_SAY_BUNDLE_ADMITTED : CP_SAY_BUNDLE_LET_IN, json_string_value(name), NULL, NULL,
                NULL);
    }
    json_decref(after);
}

/* Why some of it was not taken, in words. */
static void show_refused(struct cp_cli *cli, json_t *value)
{
    static const char *const nothing[4] = {NULL, NULL, NULL, NULL};
    enum cp_err why = cp_err_of_word(cp_json_text(value, "why"));
    struct cp_buf said;

    if (why == CP_ERR_MISSING_PARENT)
        cp_show(cli->out, CP_SAY_BUNDLE_MISSING, NULL, NULL, NULL, NULL);
    if (why == CP_ERR_MISSING_PARENT || cp_json_number(value, "refused") == 0)
        return;
    cp_buf_init(&said, &cp_client_mem, SIZE_MAX / 2);
    if (why < CP_ERR_COUNT)
        cp_words_fill(why == CP_ERR_BAD_INVITATION ? cp_words_screen(CP_SAY_HINT_INVITED_ELSEWHERE) : cp_words_error(why),
                      nothing, &said);
    cp_buf_put_byte(&said, 0);
    if (cp_buf_err(&said) == CP_OK)
        cp_show(cli->out, CP_SAY_BUNDLE_REFUSED, cp_show_number(cp_json_number(value, "refused")),
                (const char *)said.ptr, NULL, NULL);
    cp_buf_clear(&said);
}

static void show_took(struct cp_cli *cli, json_t *value, json_t *before, bool next)
{
    if (json_array_size(json_object_get(value, "names")) == 0 ||
        cp_json_number(value, "taken") + cp_json_number(value, "known") > 0)
        cp_show(cli->out, CP_SAY_BUNDLE_TOOK, cp_show_number(cp_json_number(value, "taken")),
                cp_show_number(cp_json_number(value, "known")), NULL, NULL);
    show_admitted(cli, value, before, next);
    show_counts(cli, value);
    if (cp_json_number(value, "damaged") > 0)
        cp_show(cli->out, CP_SAY_BUNDLE_DAMAGED, NULL, NULL, NULL, NULL);
    show_refused(cli, value);
}

/* ------------------------------------------------------------------------------------------- one file or many */

static size_t let_in(json_t *one)
{
    return json_array_size(json_object_get(one, "admitted"));
}

/* Did it bring anything that what was refused may have waited for? A request that was answered is answered at each reading. */
static bool brought(json_t *one, json_t *before)
{
    return cp_json_number(one, "taken") > 0 || let_in(one) > let_in(before);
}

static void count(json_t *sum, const char *member, int64_t more)
{
    json_object_set_new(sum, member, json_integer(cp_json_number(sum, member) + more));
}

/* Two readings of a file told as one, in the second: what the first took is not new to it. */
static void as_one(json_t *first, json_t *second)
{
    int64_t taken = cp_json_number(first, "taken"), known = cp_json_number(second, "known");

    count(second, "known", known < taken ? -known : -taken); /* fewer: the file has changed meanwhile, or is gone */
    count(second, "taken", taken);
    count(second, "pieces", cp_json_number(first, "pieces"));
    if (let_in(second) < let_in(first)) {
        json_object_set(second, "admitted", json_object_get(first, "admitted"));
        json_object_set(second, "names", json_object_get(first, "names"));
    }
}

static json_t *ask_read(struct cp_cli *cli, const char *path, bool forgive)
{
    return cp_ask(cli, "bundle-read", json_pack("{s:s,s:b}", "path", path, "forgive", forgive), 0);
}

/* Once round all files; after the first time only those of which something was refused. *more: another may bring more. False: reported. */
static bool read_round(struct cp_cli *cli, json_t *paths, json_t *rows, bool forgive, bool *more)
{
    bool came = false, refused = false, first = json_array_size(rows) == 0;

    for (size_t i = 0; i < json_array_size(paths); i++) {
        json_t *before = json_array_get(rows, i), *one = NULL;

        if (!first && cp_json_number(before, "refused") == 0)
            continue;
        one = ask_read(cli, json_string_value(json_array_get(paths, i)), forgive);
        if (one == NULL)
            return false;
        came = came || brought(one, before);
        refused = refused || cp_json_number(one, "refused") > 0;
        if (first) {
            json_array_append_new(rows, one);
        } else {
            as_one(before, one);
            json_array_set_new(rows, i, one);
        }
    }
    *more = came && refused;
    return true;
}

/* The answers, a row a file; NULL: reported. A request may lie before the bundle that holds its invitation, and one bundle before
 * what it rests on, in one file or in several: what was refused is read again as long as something comes. */
static json_t *read_files(struct cp_cli *cli, json_t *paths, bool forgive)
{
    json_t *rows = json_array();
    bool more = json_array_size(paths) > 0;

    while (more)
        if (!read_round(cli, paths, rows, forgive, &more)) {
            json_decref(rows);
            return NULL;
        }
    return rows;
}

static int run_read(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *before = NULL, *paths = NULL, *rows = NULL, *value = NULL;
    char path[4096];

    if (!cp_file_path(cli, args->words[0], path, sizeof path))
        return cli->status;
    before = ask_waiting(cli);
    paths = json_pack("[s]", path);
    rows = read_files(cli, paths, false);
    value = json_incref(json_array_get(rows, 0));
    json_decref(paths);
    json_decref(rows);
    if (value == NULL || cli->json) {
        json_decref(before);
        return cp_print(cli, value, NULL);
    }
    show_took(cli, value, before, true);
    json_decref(before);
    json_decref(value);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- a whole stick */

static bool is_bundle_name(const char *name)
{
    size_t len = strlen(name);

    return len > 7 && name[0] != '.' && strcmp(name + len - 7, ".coplan") == 0;
}

static const char *const counts[] = {"files",  "taken",   "known",   "refused",     "damaged",
                                     "pieces", "unasked", "no_room", "other_plans", "unread"};
#define COUNTS (sizeof counts / sizeof counts[0])

static json_t *new_sum(void)
{
    json_t *sum = json_pack("{s:[],s:[],s:n}", "admitted", "names", "why");

    for (size_t i = 0; i < COUNTS; i++)
        json_object_set_new(sum, counts[i], json_integer(0));
    return sum;
}

static void add_up(json_t *sum, json_t *one)
{
    for (size_t i = 0; i < COUNTS; i++)
        count(sum, counts[i], cp_json_number(one, counts[i]));
    count(sum, "files", 1);
    count(sum, "unread", cp_json_true(one, "unread") ? 1 : 0);
    json_array_extend(json_object_get(sum, "admitted"), json_object_get(one, "admitted"));
    json_array_extend(json_object_get(sum, "names"), json_object_get(one, "names"));
    if (json_is_null(json_object_get(sum, "why")))
        json_object_set(sum, "why", json_object_get(one, "why"));
}

static void add_file(json_t *paths, const char *folder, const char *name, json_t *sum)
{
    if (cp_utf8_ok(cp_bytes_str(name)))
        json_array_append_new(paths, json_sprintf("%s/%s", folder, name));
    else
        count(sum, "unread", 1); /* nobody can tell the daemon such a name */
}

/* What is for others, or is no bundle of ours, is nobody's mistake here. */
static bool take_all(struct cp_cli *cli, const char *folder, json_t *sum)
{
    struct dirent *entry = NULL;
    json_t *paths = json_array(), *rows = NULL, *one = NULL;
    size_t i = 0;
    DIR *dir = opendir(folder);

    if (dir == NULL) {
        cp_fail(cli, CP_ERR_BAD_FILE, folder, strerror(errno));
    } else {
        while ((entry = readdir(dir)) != NULL)
            if (is_bundle_name(entry->d_name))
                add_file(paths, folder, entry->d_name, sum);
        closedir(dir);
        rows = read_files(cli, paths, true);
    }
    json_array_foreach(rows, i, one)
        add_up(sum, one);
    json_decref(paths);
    json_decref(rows);
    return rows != NULL;
}

static void show_stick(struct cp_cli *cli, json_t *value)
{
    show_written(cli, json_object_get(value, "wrote"));
}

/* Takes everything from the stick first, so that what is written covers it. What was taken is said though the writing fails. */
static int run_stick(struct cp_cli *cli, const struct cp_args *args)
{
    char path[4096];
    json_t *sum = new_sum(), *before = ask_waiting(cli), *wrote = NULL;

    if (sum != NULL && cp_file_path(cli, args->words[0], path, sizeof path) && take_all(cli, path, sum)) {
        if (!cli->json)
            show_took(cli, sum, before, false);
        wrote = ask_write(cli, args, path, true);
    }
    if (wrote != NULL) {
        json_object_set_new(sum, "wrote", wrote);
        cp_print(cli, json_incref(sum), show_stick);
    }
    json_decref(before);
    json_decref(sum);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option write_options[] = {
    {"for", true}, {"all", false}, {"pictures", false}, {NULL, false}};
static const struct cp_option stick_options[] = {{"all", false}, {"pictures", false}, {NULL, false}};

const struct cp_command cp_bundle_commands[] = {
    {"bundle write", "FILE [--for PERSON] [--all] [--pictures]",
     "A sealed file for the others in your plans; --all when theirs may be lost or old.", write_options, 1, 1,
     run_write},
    {"bundle read", "FILE", "Take in a file that somebody wrote for you, or a request to be let in.", NULL, 1,
     1, run_read},
    {"stick", "FOLDER [--all] [--pictures]", "Take everything from a stick and put everything on it.",
     stick_options, 1, 1, run_stick},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
