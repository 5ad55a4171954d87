/* Answers that somebody signs for somebody else: witness, mandate. Owns: these commands. Must not: label answers (how.c). */
#include "client/connect.h"
#include "client/others.h"
#include "client/show.h"
#include "client/value.h"
#include "proto/version.h"

void cp_show_pending(struct cp_cli *cli, json_t *pending)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(pending, i, row) cp_show(
        cli->out, CP_SAY_PENDING_ROW, cp_json_text(row, "name"), cp_words_label(cp_json_text(row, "answer")),
        cp_show_number((int64_t)json_array_size(json_object_get(row, "witnesses"))),
        cp_show_id(cp_json_text(row, "id")));
}

/* ------------------------------------------------------------------------------------------- witness, mandate */

static void show_witness(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_WITNESSED, cp_json_text(value, "name"), cp_words_label(cp_json_text(value, "answer")),
            cp_json_text(value, "why"), cp_json_text(value, "check_words"));
}

/* Nobody signs for what they have not been told: what waits for witnesses on this device, by the beginning of its id. */
static void show_what_is_witnessed(struct cp_cli *cli, const char *typed)
{
    json_t *page = cli->json ? NULL : cp_ask(cli, "agreement", json_pack("{s:s}", "version", ""), 0);
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(page, "pending"), i, row)
        if (strlen(typed) >= 6 && strncmp(typed, cp_json_text(row, "id"), strlen(typed)) == 0)
            cp_show(cli->err, CP_SAY_WITNESS_WHAT, cp_json_text(row, "name"),
                    cp_words_label(cp_json_text(row, "answer")), cp_json_text(page, "check_words"), NULL);
    json_decref(page);
}

static int run_witness(struct cp_cli *cli, const struct cp_args *args)
{
    show_what_is_witnessed(cli, args->words[0]);
    if (cli->failed)
        return cli->status;
    return cp_print(cli, cp_ask(cli, "witness", json_pack("{s:s}", "answer", args->words[0]), CP_ASK_SEAL),
                    show_witness);
}

static const char *option(const struct cp_args *args, const char *name)
{
    const char *value = cp_args_option(args, name);

    return value != NULL ? value : "";
}

static void show_mandate(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_MANDATE_GIVEN, cp_show_id(cp_json_text(value, "mandate")), NULL, NULL, NULL);
}

static int run_mandate(struct cp_cli *cli, const struct cp_args *args)
{
    if (option(args, "to")[0] == '\0' || option(args, "until")[0] == '\0')
        return cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_NO_TO_UNTIL),
                       cp_words_screen(CP_SAY_USE_MANDATE));
    return cp_print(cli,
                    cp_ask(cli, "mandate",
                           json_pack("{s:s,s:s,s:s,s:s,s:s,s:b}", "to", option(args, "to"), "version",
                                     option(args, "version"), "from", option(args, "from"), "until",
                                     option(args, "until"), "limits", option(args, "limits"),
                                     "accepted_level", cp_args_option(args, "with-accepted-level") != NULL),
                           CP_ASK_SEAL),
                    show_mandate);
}

static void show_ended(struct cp_cli *cli, json_t *value)
{
    (void)value;
    cp_show(cli->out, CP_SAY_MANDATE_ENDED, NULL, NULL, NULL, NULL);
}

static int run_withdraw_mandate(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(
        cli, cp_ask(cli, "withdraw-mandate", json_pack("{s:s}", "mandate", args->words[0]), CP_ASK_SEAL),
        show_ended);
}

static void show_mandates(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;
    char when[64];

    json_array_foreach(rows, i, row)
    {
        const char *version = cp_json_text(row, "version"), *limits = cp_json_text(row, "limits");

        snprintf(when, sizeof when, "%s .. %s", cp_json_text(row, "from"), cp_json_text(row, "until"));
        cp_show(cli->out, CP_SAY_MANDATE_ROW, cp_show_id(cp_json_text(row, "mandate")),
                cp_json_text(row, "proxy_name"), cp_json_text(row, "name"), when);
        if (version[0] != '\0')
            cp_show(cli->out, CP_SAY_MANDATE_PAGE, cp_show_id(version), NULL, NULL, NULL);
        if (limits[0] != '\0')
            cp_show(cli->out, CP_SAY_LIMITS, limits, NULL, NULL, NULL);
        if (cp_json_true(row, "withdrawn"))
            cp_show(cli->out, CP_SAY_MANDATE_BACK, NULL, NULL, NULL, NULL);
    }
}

static int run_mandates(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "mandates", json_object(), CP_ASK_ROWS), show_mandates);
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option mandate_options[] = {{"to", true},     {"version", true},
                                                   {"from", true},   {"until", true},
                                                   {"limits", true}, {"with-accepted-level", false},
                                                   {NULL, false}};

const struct cp_command cp_others_commands[] = {
    {"witness", "ANSWER", "Sign that you were there and saw somebody mark this answer on paper.", NULL, 1, 1,
     run_witness},
    {"mandate",
     "--to PERSON --until YYYY-MM-DD [--from YYYY-MM-DD] [--version VERSION] [--limits TEXT] [--with-accepted-level]",
     "Let somebody answer for you. What you say yourself always goes before it.", mandate_options, 0, 0,
     run_mandate},
    {"withdraw-mandate", "MANDATE", "Take a mandate back.", NULL, 1, 1, run_withdraw_mandate},
    {"mandates", "", "Who may answer for whom.", NULL, 0, 0, run_mandates},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
