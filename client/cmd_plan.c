/* Writing in the plan: plan new, add, set, choose, rate, note. */
#include "client/connect.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- fields */

/*
 * FIELD=VALUE, FIELD+=VALUE, FIELD-=VALUE, split at the first '='. The names themselves may hold neither '+' nor
 * '-' before it (csv: columns may, and are only ever set with =).
 */
static bool read_field(struct cp_cli *cli, const char *typed, json_t *fields)
{
    const char *equals = strchr(typed, '=');
    size_t len = equals != NULL ? (size_t)(equals - typed) : 0;
    const char *op = "=";

    if (len > 1 && strncmp(typed, "csv:", 4) != 0 && (typed[len - 1] == '+' || typed[len - 1] == '-')) {
        op = typed[len - 1] == '+' ? "+=" : "-=";
        len--;
    }
    if (len == 0) {
        cp_fail(cli, CP_ERR_BAD_FIELD, typed, NULL);
        return false;
    }
    json_array_append_new(fields,
                          json_pack("{s:s%,s:s,s:s}", "name", typed, len, "op", op, "value", equals + 1));
    return true;
}

/* The fields among the words from `first` on; NULL when one is none (reported). */
static json_t *read_fields(struct cp_cli *cli, const struct cp_args *args, size_t first)
{
    json_t *fields = json_array();

    for (size_t i = first; i < args->count; i++)
        if (!read_field(cli, args->words[i], fields)) {
            json_decref(fields);
            return NULL;
        }
    return fields;
}

/* ------------------------------------------------------------------------------------------- answers */

static void show_plan_new(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_MADE_PLAN, cp_show_id(cp_json_text(value, "plan")), NULL, NULL, NULL);
}

static void show_added(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_ADDED, cp_show_id(cp_json_text(value, "id")), NULL, NULL, NULL);
}

static void show_changed(struct cp_cli *cli, json_t *value)
{
    json_t *people = NULL;
    json_t *row = NULL;
    size_t i = 0;

    cp_show(cli->out, CP_SAY_CHANGED, NULL, NULL, NULL, NULL);
    if (json_array_size(json_object_get(value, "settled")) > 0)
        people = cp_ask(cli, "people", json_object(), CP_ASK_ROWS);
    json_array_foreach(json_object_get(value, "settled"), i, row)
    {
        cp_show(cli->out, CP_SAY_SETTLED, cp_words_label(cp_json_text(row, "field")), NULL, NULL, NULL);
        cp_show_wordings(cli, json_object_get(row, "wordings"), people, NULL, cp_json_text(row, "field"));
    }
    json_decref(people);
}

/* Which words: the number typed may have meant others a moment ago. */
static void show_chosen(struct cp_cli *cli, json_t *value)
{
    json_t *people = cp_ask(cli, "people", json_object(), CP_ASK_ROWS);

    cp_show_part(cli->out, CP_SAY_CHOSEN, NULL, NULL, NULL, NULL);
    cp_show_field_value(cli, people, cli->args->words[1], json_object_get(value, "value"));
    fputs("\n", cli->out);
    json_decref(people);
}

static void show_rated(struct cp_cli *cli, json_t *value)
{
    (void)value;
    cp_show(cli->out, CP_SAY_RATED, NULL, NULL, NULL, NULL);
}

static void show_noted(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_NOTED, cp_show_id(cp_json_text(value, "id")), NULL, NULL, NULL);
}

/* ------------------------------------------------------------------------------------------- commands */

static int run_plan_new(struct cp_cli *cli, const struct cp_args *args)
{
    if (args->words[0][0] == '\0')
        return cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_NO_TITLE), cp_words_screen(CP_SAY_USE_PLAN_NEW));
    return cp_print(cli, cp_ask(cli, "plan-new", json_pack("{s:s}", "title", args->words[0]), CP_ASK_SEAL),
                    show_plan_new);
}

static int run_add(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *fields = NULL;

    if (args->words[1][0] == '\0')
        return cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_NO_WORDS), cp_words_screen(CP_SAY_USE_ADD));
    fields = read_fields(cli, args, 2);
    if (fields == NULL)
        return cli->status;
    return cp_print(
        cli,
        cp_ask(cli, "add",
               json_pack("{s:s,s:s,s:o}", "kind", args->words[0], "text", args->words[1], "fields", fields),
               0),
        show_added);
}

static int run_set(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *fields = read_fields(cli, args, 1);

    if (fields == NULL)
        return cli->status;
    return cp_print(cli,
                    cp_ask(cli, "set", json_pack("{s:s,s:o}", "id", args->words[0], "fields", fields), 0),
                    show_changed);
}

static int run_choose(struct cp_cli *cli, const struct cp_args *args)
{
    const char *keep = cp_args_option(args, "keep");
    const char *write = cp_args_option(args, "write");
    bool suggestion = cp_args_option(args, "suggestion") != NULL;
    json_t *with = NULL;

    if ((keep != NULL) + (write != NULL) + suggestion != 1)
        return cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_CHOOSE_ONE),
                       cp_words_screen(CP_SAY_USE_CHOOSE));
    with = json_pack("{s:s,s:s}", "id", args->words[0], "field", args->words[1]);
    if (keep != NULL)
        json_object_set_new(with, "keep", json_string(keep));
    else if (write != NULL)
        json_object_set_new(with, "write", json_string(write));
    else
        json_object_set_new(with, "suggestion", json_true());
    return cp_print(cli, cp_ask(cli, "choose", with, 0), show_chosen);
}

static int run_rate(struct cp_cli *cli, const struct cp_args *args)
{
    const char *criterion = cp_args_option(args, "by-criterion");
    const char *why = cp_args_option(args, "why");
    const char *whom = cp_args_option(args, "for");

    return cp_print(
        cli,
        cp_ask(cli, "rate",
               json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "for", whom != NULL ? whom : "", "id", args->words[0],
                         "measure", args->words[1], "value", args->words[2], "by_criterion",
                         criterion != NULL ? criterion : "", "why", why != NULL ? why : ""),
               0),
        show_rated);
}

static int run_note(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *fields = read_fields(cli, args, 3);

    if (fields == NULL)
        return cli->status;
    return cp_print(cli,
                    cp_ask(cli, "note",
                           json_pack("{s:s,s:s,s:s,s:o}", "kind", args->words[0], "about", args->words[1],
                                     "text", args->words[2], "fields", fields),
                           0),
                    show_noted);
}

/* ------------------------------------------------------------------------------------------- withdraw-words */

static void show_words_gone(struct cp_cli *cli, json_t *value)
{
    size_t i;
    json_t *place;

    cp_show(cli->out, CP_SAY_WORDS_TAKEN_BACK, cp_show_id(cp_json_text(value, "entry")), NULL, NULL, NULL);
    json_array_foreach(json_object_get(value, "same"), i, place)
        cp_show(cli->out, CP_SAY_WORDS_STAND_ELSEWHERE, cp_show_id(cp_json_text(place, "entry")),
                cp_json_text(place, "name"), NULL, NULL);
    json_array_foreach(json_object_get(value, "elsewhere"), i, place) {
        enum cp_err err = cp_err_of_word(cp_json_text(place, "code"));
        bool later = err == CP_ERR_NOT_YET || err == CP_ERR_LEFT;

        cp_show(cli->out, err == CP_OK ? CP_SAY_WORDS_TAKEN_ELSEWHERE : later ? CP_SAY_WORDS_LATER_ELSEWHERE : CP_SAY_WORDS_NOT_ELSEWHERE,
                cp_show_id(cp_json_text(place, "plan")), cp_words_error(err), NULL, NULL);
    }
}

static int run_withdraw_words(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli,
                    cp_ask(cli, "withdraw-words", json_pack("{s:s}", "entry", args->words[0]), CP_ASK_SEAL),
                    show_words_gone);
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option choose_options[] = {
    {"keep", true}, {"write", true}, {"suggestion", false}, {NULL, false}};
static const struct cp_option rate_options[] = {
    {"by-criterion", true}, {"why", true}, {"for", true}, {NULL, false}};

const struct cp_command cp_plan_commands[] = {
    {"plan new", "TITLE", "Begin a plan.", NULL, 1, 1, run_plan_new},
    {"add", "KIND TEXT [FIELD=VALUE ...]",
     "Write something down. KIND: priority benefit inaction need strength concern value evidence resource obstacle "
     "risk criterion option action someone (a person without a device).",
     NULL, 2, CP_ARGS_MAX, run_add},
    {"set", "ID FIELD=VALUE ...",
     "Change fields. FIELD= clears, FIELD.cy= is for a language, FIELD+=V and FIELD-=V are for lists. ID may be plan "
     "or me.",
     NULL, 2, CP_ARGS_MAX, run_set},
    {"choose", "ID FIELD (--keep N-OR-ENTRY | --write VALUE | --suggestion)", "Choose between two wordings.",
     choose_options, 2, 2, run_choose},
    {"rate", "ID MEASURE VALUE [--by-criterion ID] [--why TEXT] [--for PERSON]",
     "Say what you think of it. MEASURE: importance score fairness (0 to 4), commitment (lead help fine unsure "
     "cannot), likelihood impact (1 to 5), accepted_level (ok ok_if not_ok); or dont_know.",
     rate_options, 3, 3, run_rate},
    {"note", "KIND ABOUT TEXT [FIELD=VALUE ...]",
     "Note something that was said or happened. KIND: comment reply presented choice negotiation progress review "
     "achievement learning contact consent meeting met. ABOUT may be plan.",
     NULL, 3, CP_ARGS_MAX, run_note},
    {"withdraw-words", "ENTRY",
     "Take words of yours back: they are erased here and wherever this plan goes. ENTRY as log or show names it.",
     NULL, 1, 1, run_withdraw_words},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
