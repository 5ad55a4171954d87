/* Keeping a copy of the whole home, and getting it back: backup, restore. */
#include "client/connect.h"
#include "client/file.h"
#include "client/passphrase.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- backup */

static void show_backup(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_BACKUP_WRITTEN, cp_json_text(value, "path"),
            cp_show_number(cp_json_number(value, "bytes")), NULL, NULL);
    cp_show(cli->out, cp_json_true(value, "no_passphrase") ? CP_SAY_BACKUP_OPEN : CP_SAY_BACKUP_SEALED, NULL, NULL, NULL,
            NULL);
}

static int run_backup(struct cp_cli *cli, const struct cp_args *args)
{
    char path[4096];

    if (cp_file_path_out(cli, args->words[0], path, sizeof path))
        cp_print(cli, cp_ask(cli, "backup", json_pack("{s:s}", "path", path), 0), show_backup);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- restore */

static void show_restore(struct cp_cli *cli, json_t *value)
{
    int64_t time = cp_json_number(value, "time");

    cp_show(cli->out, CP_SAY_RESTORED, time > 0 ? cp_show_time(time) : NULL,
            cp_show_number(cp_json_number(value, "plans")), cp_show_number(cp_json_number(value, "entries")), NULL);
    cp_show(cli->out, CP_SAY_RESTORED_NEXT, NULL, NULL, NULL, NULL);
}

static int run_restore(struct cp_cli *cli, const struct cp_args *args)
{
    char path[4096];
    json_t *with = NULL;

    if (!cp_file_path(cli, args->words[0], path, sizeof path))
        return cli->status;
    with = json_pack("{s:s,s:b}", "path", path, "aside", cp_args_option(args, "set-aside") != NULL);
    return cp_print(cli, cp_ask(cli, "restore", with, CP_ASK_NO_HOME | CP_ASK_SEAL), show_restore);
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option restore_options[] = {{"set-aside", false}, {NULL, false}};

const struct cp_command cp_backup_commands[] = {
    {"backup", "FILE", "Everything of this home in one sealed file, as it is now.", NULL, 1, 1, run_backup},
    {"restore", "FILE [--set-aside]",
     "A home from a backup; --set-aside first puts the home that is here into a folder of its own.", restore_options, 1, 1,
     run_restore},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
