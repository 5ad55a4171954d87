/* Several people on one device: person add, person idle. Owns: these commands. Must not: keep a passphrase. */
#include "client/connect.h"
#include "client/passphrase.h"
#include "client/recovery.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- person add */

static void show_added(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_PERSON_ADDED, cp_show_id(cp_json_text(value, "person")), NULL, NULL, NULL);
    cp_show(cli->out, CP_SAY_SHEET, cp_json_text(value, "recovery"), NULL, NULL, NULL);
    cp_recovery_show(cli, value);
    cp_show(cli->out, CP_SAY_SHARED_DEVICE, NULL, NULL, NULL, NULL);
}

static int run_person_add(struct cp_cli *cli, const struct cp_args *args)
{
    const char *name = cp_args_option(args, "name");
    const char *sheet = cp_args_option(args, "sheet");
    bool none = cp_args_option(args, "no-passphrase") != NULL;
    char passphrase[CP_PASSPHRASE_SIZE] = "";
    json_t *answer = NULL;

    if (name == NULL || name[0] == '\0')
        return cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_NO_NAME),
                       cp_words_screen(CP_SAY_USE_PERSON_ADD));
    if ((none || cp_passphrase_new(cli, passphrase)) && cp_recovery_reserve(cli, sheet)) {
        answer = cp_ask_with(cli, "person-add", json_pack("{s:s,s:b}", "name", name, "no_passphrase", none), 0,
                             none ? NULL : passphrase);
        cp_recovery_finish(cli, sheet, name, answer);
        cp_recovery_print(cli, answer, show_added);
    }
    cp_passphrase_wipe(passphrase);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- person idle */

/* "10m", "90s", "0": seconds; -1 when it is none of them. */
static int64_t seconds_of(const char *typed)
{
    size_t digits = strspn(typed, "0123456789");
    int64_t n = 0;

    if (digits == 0 || digits > 6)
        return -1;
    for (size_t i = 0; i < digits; i++)
        n = n * 10 + (typed[i] - '0');
    if (strcmp(typed + digits, "s") == 0)
        return n;
    if (strcmp(typed + digits, "m") == 0 || typed[digits] == '\0')
        return n * 60;
    return -1;
}

static void show_idle(struct cp_cli *cli, json_t *value)
{
    int64_t seconds = cp_json_number(value, "session_seconds");

    if (seconds == 0)
        cp_show(cli->out, CP_SAY_SESSION_NEVER, NULL, NULL, NULL, NULL);
    else
        cp_show(cli->out, CP_SAY_SESSION_ENDS, cp_show_number(seconds), NULL, NULL, NULL);
}

static int run_person_idle(struct cp_cli *cli, const struct cp_args *args)
{
    int64_t seconds = seconds_of(args->words[0]);

    if (seconds < 0)
        return cp_fail(cli, CP_ERR_USAGE, args->words[0], cp_words_screen(CP_SAY_USE_PERSON_IDLE));
    return cp_print(cli, cp_ask(cli, "person-idle", json_pack("{s:I}", "seconds", (json_int_t)seconds), 0),
                    show_idle);
}

/* ------------------------------------------------------------------------------------------- home idle */

static void show_home_idle(struct cp_cli *cli, json_t *value)
{
    int64_t seconds = cp_json_number(value, "lock_seconds");

    cp_show(cli->out, seconds > 0 ? CP_SAY_LOCKS_ITSELF : CP_SAY_LOCKS_NEVER, seconds > 0 ? cp_show_number(seconds) : NULL,
            NULL, NULL, NULL);
}

static int run_home_idle(struct cp_cli *cli, const struct cp_args *args)
{
    int64_t seconds = seconds_of(args->words[0]);

    if (seconds < 0)
        return cp_fail(cli, CP_ERR_USAGE, args->words[0], cp_words_screen(CP_SAY_USE_HOME_IDLE));
    return cp_print(cli, cp_ask(cli, "home-idle", json_pack("{s:I}", "seconds", (json_int_t)seconds), 0),
                    show_home_idle);
}

/* ------------------------------------------------------------------------------------------- passphrase */

static void show_passphrase(struct cp_cli *cli, json_t *value)
{
    bool none = strcmp(cp_json_text(value, "passphrase"), "none") == 0;

    cp_show(cli->out, none ? CP_SAY_PASSPHRASE_GONE : CP_SAY_PASSPHRASE_CHANGED, NULL, NULL, NULL, NULL);
}

/* The new one: the first line of --to FILE, or asked for twice. False: reported. */
static bool fresh_passphrase(struct cp_cli *cli, const char *to, char out[static CP_PASSPHRASE_SIZE])
{
    const char *given = cli->passphrase_file;

    cli->passphrase_file = to;
    bool got = cp_passphrase_new(cli, out);
    cli->passphrase_file = given;
    return got;
}

static int run_passphrase(struct cp_cli *cli, const struct cp_args *args)
{
    const char *to = cp_args_option(args, "to");
    bool none = cp_args_option(args, "none") != NULL;
    char fresh[CP_PASSPHRASE_SIZE] = "";

    if (none && to != NULL)
        return cp_fail(cli, CP_ERR_USAGE, "--to --none", cp_words_screen(CP_SAY_USE_PASSPHRASE));
    if (none || fresh_passphrase(cli, to, fresh))
        cp_print(cli, cp_ask(cli, "passphrase", json_pack("{s:s,s:b}", "new", fresh, "none", none), CP_ASK_SEAL),
                 show_passphrase);
    cp_passphrase_wipe(fresh);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option passphrase_options[] = {{"to", true}, {"none", false}, {NULL, false}};
static const struct cp_option add_options[] = {{"name", true}, {"no-passphrase", false}, {"sheet", true}, {NULL, false}};

const struct cp_command cp_person_commands[] = {
    {"person add", "--name NAME [--no-passphrase] [--sheet FILE]",
     "A further person on this shared device, and their recovery sheet.", add_options, 0, 0, run_person_add},
    {"person idle", "TIME", "How long a person's session lasts without a command: 10m, 90s, or 0 for always.",
     NULL, 1, 1, run_person_idle},
    {"home idle", "TIME", "Lock the whole home after so long without a command: 10m, 90s, or 0 for never.", NULL, 1, 1,
     run_home_idle},
    {"passphrase", "[--to FILE | --none]", "Another passphrase, from a file's first line or asked for; --none for none.",
     passphrase_options, 0, 0, run_passphrase},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
