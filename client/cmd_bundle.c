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

static void show_pictures(struct cp_cli *cli, json_t *value)
{
    static const struct {
        const char *member;
        enum cp_screen say;
    } rows[] = {{"pieces", CP_SAY_BUNDLE_GOT_PIECES},
                {"unasked", CP_SAY_BUNDLE_UNASKED},
                {"no_room", CP_SAY_BUNDLE_NO_ROOM}};

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
    show_pictures(cli, value);
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

static void add_up(json_t *sum, const json_t *one)
{
    static const char *const members[] = {"taken",  "known",   "refused", "damaged",
                                          "pieces", "unasked", "no_room"};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        json_object_set_new(sum, members[i],
                            json_integer(cp_json_number(sum, members[i]) + cp_json_number(one, members[i])));
}

/* One file of the stick. What is for others, or is no bundle of ours, is nobody's mistake here. */
static bool take_file(struct cp_cli *cli, const char *folder, const char *name, json_t *sum)
{
    struct cp_buf path;
    json_t *one = NULL;
    bool quiet = false;

    cp_buf_init(&path, cli->mem, 8192);
    cp_buf_put_str(&path, folder);
    cp_buf_put_byte(&path, '/');
    cp_buf_put_str(&path, name);
    cp_buf_put_byte(&path, '\0');
    if (cp_buf_err(&path) == CP_OK)
        one = cp_ask(cli, "bundle-read",
                     json_pack("{s:s,s:b}", "path", (const char *)path.ptr, "forgive", true), 0);
    if (one != NULL) {
        add_up(sum, one);
        json_object_set_new(sum, "files", json_integer(cp_json_number(sum, "files") + 1));
    }
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
    cp_show(cli->out, CP_SAY_BUNDLE_TOOK, cp_show_number(cp_json_number(value, "taken")),
            cp_show_number(cp_json_number(value, "known")), NULL, NULL);
    show_pictures(cli, value);
    if (cp_json_number(value, "damaged") > 0)
        cp_show(cli->out, CP_SAY_BUNDLE_DAMAGED, NULL, NULL, NULL, NULL);
    if (cp_json_number(value, "refused") > 0)
        cp_show(cli->out, CP_SAY_BUNDLE_REFUSED, cp_show_number(cp_json_number(value, "refused")), NULL, NULL,
                NULL);
    show_written(cli, json_object_get(value, "wrote"));
}

/* Takes everything from the stick first, so that what is written covers it. */
static int run_stick(struct cp_cli *cli, const struct cp_args *args)
{
    char path[4096];
    json_t *sum = json_pack("{s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i}", "files", 0, "taken", 0, "known", 0,
                            "refused", 0, "damaged", 0, "pieces", 0, "unasked", 0, "no_room", 0);
    json_t *wrote = NULL;

    if (sum != NULL && cp_file_path(cli, args->words[0], path, sizeof path) && take_all(cli, path, sum))
        wrote = ask_write(cli, args, path, true);
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
