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

    if (cp_file_path(cli, args->words[0], path, sizeof path))
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

static void show_took(struct cp_cli *cli, json_t *value)
{
    const char *why = cp_json_text(value, "why");
    json_t *names = json_object_get(value, "names"), *name = NULL;
    size_t i = 0;

    if (json_array_size(names) == 0 || cp_json_number(value, "taken") + cp_json_number(value, "known") > 0)
        cp_show(cli->out, CP_SAY_BUNDLE_TOOK, cp_show_number(cp_json_number(value, "taken")),
                cp_show_number(cp_json_number(value, "known")), NULL, NULL);
    json_array_foreach(names, i, name)
        cp_show(cli->out, CP_SAY_BUNDLE_ADMITTED, json_string_value(name), NULL, NULL, NULL);
    show_counts(cli, value);
    if (cp_json_number(value, "damaged") > 0)
        cp_show(cli->out, CP_SAY_BUNDLE_DAMAGED, NULL, NULL, NULL, NULL);
    if (strcmp(why, cp_err_word(CP_ERR_MISSING_PARENT)) == 0)
        cp_show(cli->out, CP_SAY_BUNDLE_MISSING, NULL, NULL, NULL, NULL);
    else if (cp_json_number(value, "refused") > 0)
        cp_show(cli->out, CP_SAY_BUNDLE_REFUSED, cp_show_number(cp_json_number(value, "refused")), why, NULL,
                NULL);
}

static int run_read(struct cp_cli *cli, const struct cp_args *args)
{
    char path[4096];

    if (cp_file_path(cli, args->words[0], path, sizeof path))
        cp_print(cli, cp_ask(cli, "bundle-read", json_pack("{s:s}", "path", path), 0), show_took);
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

static void count(json_t *sum, const char *member, int64_t more)
{
    json_object_set_new(sum, member, json_integer(cp_json_number(sum, member) + more));
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

/* One file of the stick. What is for others, or is no bundle of ours, is nobody's mistake here. */
static bool take_file(struct cp_cli *cli, const char *folder, const char *name, json_t *sum)
{
    struct cp_buf path;
    json_t *one = NULL;
    bool quiet = false;

    if (!cp_utf8_ok(cp_bytes_str(name))) { /* nobody can tell the daemon such a name */
        count(sum, "unread", 1);
        return true;
    }
    cp_buf_init(&path, cli->mem, 8192);
    cp_buf_put_str(&path, folder);
    cp_buf_put_byte(&path, '/');
    cp_buf_put_str(&path, name);
    cp_buf_put_byte(&path, '\0');
    if (cp_buf_err(&path) == CP_OK)
        one = cp_ask(cli, "bundle-read",
                     json_pack("{s:s,s:b}", "path", (const char *)path.ptr, "forgive", true), 0);
    if (one != NULL)
        add_up(sum, one);
    quiet = one != NULL;
    json_decref(one);
    cp_buf_clear(&path);
    return quiet;
}

static bool take_all(struct cp_cli *cli, const char *folder, json_t *sum)
{
    struct dirent *entry = NULL;
    bool good = true;
    DIR *dir = opendir(folder);

    if (dir == NULL) {
        cp_fail(cli, CP_ERR_BAD_FILE, folder, strerror(errno));
        return false;
    }
    while (good && (entry = readdir(dir)) != NULL)
        if (is_bundle_name(entry->d_name))
            good = take_file(cli, folder, entry->d_name, sum);
    closedir(dir);
    return good;
}

static void show_stick(struct cp_cli *cli, json_t *value)
{
    show_written(cli, json_object_get(value, "wrote"));
}

/* Takes everything from the stick first, so that what is written covers it. What was taken is said though the writing fails. */
static int run_stick(struct cp_cli *cli, const struct cp_args *args)
{
    char path[4096];
    json_t *sum = new_sum(), *wrote = NULL;

    if (sum != NULL && cp_file_path(cli, args->words[0], path, sizeof path) && take_all(cli, path, sum)) {
        if (!cli->json)
            show_took(cli, sum);
        wrote = ask_write(cli, args, path, true);
    }
    if (wrote != NULL) {
        json_object_set_new(sum, "wrote", wrote);
        cp_print(cli, json_incref(sum), show_stick);
    }
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
