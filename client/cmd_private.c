/* What I learned and need, for all or for myself alone: learn, need, private. Must not: send private words to a plan. */
#include "client/connect.h"
#include "client/show.h"
#include "client/value.h"

static void show_kept(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_PRIVATE_KEPT, cp_show_id(cp_json_text(value, "id")), NULL, NULL, NULL);
}

static void show_noted(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_NOTED, cp_show_id(cp_json_text(value, "id")), NULL, NULL, NULL);
}

static void show_added(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_ADDED, cp_show_id(cp_json_text(value, "id")), NULL, NULL, NULL);
}

static void show_removed(struct cp_cli *cli, json_t *value)
{
    (void)value;
    cp_show(cli->out, CP_SAY_PRIVATE_GONE, NULL, NULL, NULL, NULL);
}

static void show_private(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NOTHING_HERE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        fprintf(cli->out, "%s  %s: ", cp_show_id(cp_json_text(row, "id")),
                cp_words_label(cp_json_text(row, "kind")));
        cp_show_text(cli->out, cp_json_text(row, "text"), 2);
        fputs("\n", cli->out);
    }
}

static int keep(struct cp_cli *cli, const struct cp_args *args, const char *kind)
{
    return cp_print(
        cli, cp_ask(cli, "private-add", json_pack("{s:s,s:s}", "kind", kind, "text", args->words[0]), 0),
        show_kept);
}

static int run_learn(struct cp_cli *cli, const struct cp_args *args)
{
    if (cp_args_option(args, "private") != NULL)
        return keep(cli, args, "learning");
    return cp_print(cli,
                    cp_ask(cli, "note",
                           json_pack("{s:s,s:s,s:s,s:[]}", "kind", "learning", "about", "me", "text",
                                     args->words[0], "fields"),
                           0),
                    show_noted);
}

static int run_need(struct cp_cli *cli, const struct cp_args *args)
{
    if (cp_args_option(args, "private") != NULL)
        return keep(cli, args, "need");
    return cp_print(
        cli,
        cp_ask(cli, "add", json_pack("{s:s,s:s,s:[]}", "kind", "need", "text", args->words[0], "fields"), 0),
        show_added);
}

static int run_list(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "private-list", json_object(), CP_ASK_ROWS), show_private);
}

static int run_remove(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli, cp_ask(cli, "private-remove", json_pack("{s:s}", "id", args->words[0]), 0),
                    show_removed);
}

static const struct cp_option private_options[] = {{"private", false}, {NULL, false}};

const struct cp_command cp_private_commands[] = {
    {"learn", "TEXT [--private]",
     "Note what you learned, for the group; or with --private for yourself, on this device alone.",
     private_options, 1, 1, run_learn},
    {"need", "TEXT [--private]",
     "Say what you need, for the group; or with --private for yourself, on this device alone.",
     private_options, 1, 1, run_need},
    {"private list", "", "What you keep for yourself.", NULL, 0, 0, run_list},
    {"private remove", "ID", "Throw away something that you keep for yourself.", NULL, 1, 1, run_remove},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
