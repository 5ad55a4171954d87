/* Pictures and scanned forms: attach, attachments, fetch, save. Must not: read or write the files (the daemon does). */
#include "client/attached.h"
#include "client/connect.h"
#include "client/file.h"
#include "client/show.h"
#include "client/value.h"

static int64_t kilobytes(json_t *row)
{
    return (cp_json_number(row, "bytes") + 1023) / 1024;
}

static const char *media_words(const char *media)
{
    static const struct cp_words_pair known[] = {{"image/png", CP_SAY_ATTACHMENT_MEDIA_PNG},
                                                 {"image/jpeg", CP_SAY_ATTACHMENT_MEDIA_JPEG},
                                                 {"application/pdf", CP_SAY_ATTACHMENT_MEDIA_PDF},
                                                 {"text/plain", CP_SAY_ATTACHMENT_MEDIA_TEXT},
                                                 {NULL, CP_SAY_COUNT}};
    enum cp_screen say = cp_words_pick(known, media);

    return say != CP_SAY_COUNT ? cp_words_screen(say) : media;
}

/* ------------------------------------------------------------------------------------------- attach */

static void show_attached(struct cp_cli *cli, json_t *value)
{
    const char *id = cp_show_id(cp_json_text(value, "id"));
    json_t *left_out = json_object_get(value, "left_out");
    const char *first = json_string_value(json_array_get(left_out, 0));

    cp_show(cli->out, CP_SAY_ATTACHED, id, media_words(cp_json_text(value, "media")),
            cp_show_number(kilobytes(value)), NULL);
    if (first != NULL)
        cp_show(cli->out, strcmp(first, "place") == 0 ? CP_SAY_ATTACHED_PLACE : CP_SAY_ATTACHED_OTHER, NULL,
                NULL, NULL, NULL);
    if (cp_json_true(value, "unseen"))
        cp_show(cli->out, CP_SAY_ATTACHED_UNSEEN, NULL, NULL, NULL, NULL);
    cp_show(cli->out, CP_SAY_ATTACHED_WHO, id, NULL, NULL, NULL);
}

static int run_attach(struct cp_cli *cli, const struct cp_args *args)
{
    char path[4096];
    const char *alt = cp_args_option(args, "alt");
    const char *lang = cp_args_option(args, "lang");
    json_t *with = NULL;

    if (!cp_file_path(cli, args->words[1], path, sizeof path))
        return cli->status;
    with = json_pack("{s:s,s:s,s:s,s:s}", "about", args->words[0], "path", path, "alt",
                     alt != NULL ? alt : "", "lang", lang != NULL ? lang : "");
    return cp_print(cli, cp_ask(cli, "attach", with, 0), show_attached);
}

/* ------------------------------------------------------------------------------------------- attachments */

static void show_state(struct cp_cli *cli, json_t *row, const char *id)
{
    const char *state = cp_json_text(row, "state");

    if (strcmp(state, "here") == 0)
        cp_show(cli->out, CP_SAY_ATTACHMENT_HERE, id, NULL, NULL, NULL);
    else if (strcmp(state, "partly") == 0)
        cp_show(cli->out, CP_SAY_ATTACHMENT_PARTLY, cp_show_number(cp_json_number(row, "here")),
                cp_show_number(cp_json_number(row, "pieces")), NULL, NULL);
    else if (strcmp(state, "wished") == 0)
        cp_show(cli->out, CP_SAY_ATTACHMENT_WISHED, NULL, NULL, NULL, NULL);
    else if (strcmp(state, "no_room") == 0)
        cp_show(cli->out, CP_SAY_ATTACHMENT_NO_ROOM, NULL, NULL, NULL, NULL);
    else
        cp_show(cli->out, CP_SAY_ATTACHMENT_AWAY, id, NULL, NULL, NULL);
}

void cp_show_attachments(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *id = cp_show_id(cp_json_text(row, "id"));
        const char *lang = cp_json_text(row, "lang");

        if (strcmp(cp_json_text(row, "state"), "withdrawn") == 0) {
            cp_show(cli->out, CP_SAY_ATTACHMENT_GONE, id, NULL, NULL, NULL);
            continue;
        }
        cp_show(cli->out, lang[0] != '\0' ? CP_SAY_ATTACHMENT_ROW_LANG : CP_SAY_ATTACHMENT_ROW, id,
                cp_json_text(row, "alt"), lang, NULL);
        cp_show(cli->out, CP_SAY_ATTACHMENT_WHAT, media_words(cp_json_text(row, "media")),
                cp_show_number(kilobytes(row)), cp_show_id(cp_json_text(row, "about")),
                cp_json_text(row, "name"));
        show_state(cli, row, id);
    }
}

json_t *cp_attachments_of(struct cp_cli *cli, const char *about)
{
    return cp_ask(cli, "attachments", json_pack("{s:s}", "about", about), CP_ASK_ROWS);
}

static void show_listed(struct cp_cli *cli, json_t *rows)
{
    cp_show_attachments(cli, rows);
    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_ATTACHMENTS_NONE, NULL, NULL, NULL, NULL);
    else
        cp_show(cli->out, CP_SAY_ATTACHMENTS_STICK, NULL, NULL, NULL, NULL);
}

static int run_attachments(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli, cp_attachments_of(cli, args->count > 0 ? args->words[0] : ""), show_listed);
}

/* ------------------------------------------------------------------------------------------- fetch */

static void show_fetch(struct cp_cli *cli, json_t *value)
{
    const char *id = cp_json_text(value, "id");

    if (id[0] != '\0' && cp_json_number(value, "here") == cp_json_number(value, "pieces"))
        cp_show(cli->out, CP_SAY_ATTACHMENT_HERE, cp_show_id(id), NULL, NULL, NULL);
    else if (id[0] != '\0')
        cp_show(cli->out, CP_SAY_ATTACHMENT_FETCH, NULL, NULL, NULL, NULL);
    else
        cp_show(cli->out, cp_json_true(value, "all") ? CP_SAY_ATTACHMENTS_ALL : CP_SAY_ATTACHMENTS_ASKED,
                NULL, NULL, NULL, NULL);
    cp_show(cli->out, CP_SAY_ATTACHMENTS_ROOM,
            cp_show_number((cp_json_number(value, "used") + 512 * 1024) / (1024 * 1024)),
            cp_show_number(cp_json_number(value, "room_mib")), NULL, NULL);
}

/* Whole megabytes; false: reported. */
static bool read_room(struct cp_cli *cli, const char *typed, json_t *with)
{
    char *end = NULL;
    long room = strtol(typed, &end, 10);

    if (typed[0] < '0' || typed[0] > '9' || *end != '\0' || room > (long)CP_PICTURES_ROOM_MIB_MAX) {
        cp_fail(cli, CP_ERR_USAGE, typed, NULL);
        return false;
    }
    json_object_set_new(with, "room", json_integer(room));
    return true;
}

static int run_fetch(struct cp_cli *cli, const struct cp_args *args)
{
    const char *room = cp_args_option(args, "room");
    bool all = cp_args_option(args, "all") != NULL;
    bool asked = cp_args_option(args, "only-asked") != NULL;
    json_t *with = json_pack("{s:s}", "id", args->count > 0 ? args->words[0] : "");

    if (all && asked) {
        json_decref(with);
        return cp_fail(cli, CP_ERR_USAGE, "--all --only-asked", NULL);
    }
    if (all || asked)
        json_object_set_new(with, "all", json_boolean(all));
    if (room != NULL && !read_room(cli, room, with)) {
        json_decref(with);
        return cli->status;
    }
    return cp_print(cli, cp_ask(cli, "fetch", with, 0), show_fetch);
}

/* ------------------------------------------------------------------------------------------- save */

static void show_saved(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_ATTACHMENT_SAVED, cp_json_text(value, "path"),
            cp_show_number(cp_json_number(value, "bytes")), NULL, NULL);
}

static int run_save(struct cp_cli *cli, const struct cp_args *args)
{
    char path[4096];

    if (!cp_file_path_out(cli, args->words[1], path, sizeof path))
        return cli->status;
    return cp_print(
        cli, cp_ask(cli, "save-attachment", json_pack("{s:s,s:s}", "id", args->words[0], "path", path), 0),
        show_saved);
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option attach_options[] = {{"alt", true}, {"lang", true}, {NULL, false}};
static const struct cp_option fetch_options[] = {
    {"all", false}, {"only-asked", false}, {"room", true}, {NULL, false}};

const struct cp_command cp_attach_commands[] = {
    {"attach", "ID FILE --alt WORDS [--lang LANGUAGE]",
     "A picture or a scanned paper for something in the plan. --alt says what it shows, for whoever cannot see it.",
     attach_options, 2, 2, run_attach},
    {"attachments", "[ID]", "The pictures and papers of the plan, or of one thing in it, and which are here.",
     NULL, 0, 1, run_attachments},
    {"fetch", "[ID] [--all] [--only-asked] [--room MB]",
     "Get one at the next meeting, or --all from now on; --room says how much they may take on this device.",
     fetch_options, 0, 1, run_fetch},
    {"save", "ID FILE", "A picture or paper as a file of yours.", NULL, 2, 2, run_save},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
