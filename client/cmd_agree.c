/* Agreement: freeze, text, sign, withdraw, agreement, changes. */
#include "client/cmd_agree.h"
#include "client/connect.h"
#include "client/passphrase.h"
#include "client/show.h"
#include "client/value.h"
#include "proto/answer.h"

/* ------------------------------------------------------------------------------------------- freeze, text */

/* The words that may say more about somebody than they agreed to. */
static void show_names(FILE *out, json_t *value)
{
    json_t *names = json_object_get(value, "names");
    json_t *row = NULL;
    json_int_t more = json_integer_value(json_object_get(value, "more_names"));
    size_t i = 0;

    json_array_foreach(names, i, row)
    {
        const char *field = cp_json_text(row, "field");

        cp_show(out, CP_SAY_NAMES_ROW, cp_json_text(row, "word"), cp_words_label(field),
                cp_show_id(cp_json_text(row, "id")), NULL);
    }
    if (more > 0)
        cp_show(out, CP_SAY_NAMES_MORE, cp_show_number(more), NULL, NULL, NULL);
}

static void show_freeze(struct cp_cli *cli, json_t *value)
{
    const char *version = cp_json_text(value, "version");

    const char *stage = cp_args_option(cli->args, "stage");

    cp_show(cli->out, CP_SAY_FROZEN, cp_show_id(version), cp_json_text(value, "check_words"), NULL, NULL);
    cp_show(cli->out,
            stage != NULL && strcmp(stage, "comment") == 0 ? CP_SAY_FROZEN_COMMENT_NEXT : CP_SAY_FROZEN_NEXT,
            cp_show_id(version), NULL, NULL, NULL);
    if (cp_args_option(cli->args, "anyway") != NULL && cp_json_number(value, "left_open") == 0)
        cp_show(cli->out, CP_SAY_FROZEN_NO_WHY, NULL, NULL, NULL, NULL);
    if (!cp_passphrase_can_ask() && json_array_size(json_object_get(value, "names")) > 0) {
        cp_show(cli->out, CP_SAY_NAMES, NULL, NULL, NULL, NULL);
        show_names(cli->out, value);
    }
}

/* A page cannot be unsaid, so whoever sits there is asked first. True: go on. */
static bool ask_about_names(struct cp_cli *cli, const char *stage, const char *anyway)
{
    json_t *value = NULL;
    char line[16] = "";
    bool yes = true;

    if (cli->json || !cp_passphrase_can_ask())
        return true;
    value =
        cp_ask(cli, "freeze", json_pack("{s:s,s:s?,s:b}", "stage", stage, "anyway", anyway, "look", 1), 0);
    if (cli->failed) {
        json_decref(value);
        return false;
    }
    if (json_array_size(json_object_get(value, "names")) > 0) {
        cp_show(cli->err, CP_SAY_NAMES, NULL, NULL, NULL, NULL);
        show_names(cli->err, value);
        cp_show(cli->err, CP_SAY_NAMES_ASK, NULL, NULL, NULL, NULL);
        yes = fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y');
    }
    json_decref(value);
    if (!yes) {
        cp_show(cli->err, CP_SAY_NAMES_NO, NULL, NULL, NULL, NULL);
        cli->status = 1;
    }
    return yes;
}

static int run_freeze(struct cp_cli *cli, const struct cp_args *args)
{
    const char *stage = cp_args_option(args, "stage");
    const char *anyway = cp_args_option(args, "anyway");

    if (stage == NULL || (strcmp(stage, "comment") != 0 && strcmp(stage, "agreement") != 0))
        return cp_fail(cli, CP_ERR_USAGE, "--stage", cp_words_screen(CP_SAY_USE_STAGE));
    if (!ask_about_names(cli, stage, anyway))
        return cli->status;
    return cp_print(cli, cp_ask(cli, "freeze", json_pack("{s:s,s:s?}", "stage", stage, "anyway", anyway), 0),
                    show_freeze);
}

static void show_exact(struct cp_cli *cli, json_t *value)
{
    fwrite(json_string_value(value) != NULL ? json_string_value(value) : "", 1, json_string_length(value),
           cli->out);
}

/* For those who want to speak of a line: its number before each, and nothing that a screen could be misled by. */
static void show_numbered(struct cp_cli *cli, json_t *value)
{
    const char *at = json_string_value(value);

    for (int64_t number = 1; at != NULL && *at != '\0'; number++) {
        size_t len = strcspn(at, "\n");
        char *line = strndup(at, len);

        if (line != NULL)
            cp_show(cli->out, CP_SAY_TEXT_LINE, cp_show_number(number), line, NULL, NULL);
        free(line);
        at += len + (at[len] == '\n' ? 1 : 0);
    }
}

static int run_text(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli, cp_ask(cli, "text", json_pack("{s:s}", "version", args->words[0]), 0),
                    cp_args_option(args, "numbers") != NULL ? show_numbered : show_exact);
}

/* ------------------------------------------------------------------------------------------- sign */

/* For whom a proxy speaks, as typed; NULL: for themselves. */
static const char *for_whom(const struct cp_cli *cli)
{
    const char *typed = cp_args_option(cli->args, "for");

    return typed != NULL && typed[0] != '\0' ? typed : NULL;
}

static void show_answer(struct cp_cli *cli, json_t *value)
{
    const char *person = for_whom(cli);

    (void)value;
    if (person == NULL) {
        cp_show(cli->out, CP_SAY_ANSWERED, cli->about, NULL, NULL, NULL);
        return;
    }
    /* What a shell would take apart is no part of a command to type. */
    if (strpbrk(person, " \t\n!\"#$%&'()*+,./:;<=>?@[\\]^`{|}~") != NULL)
        person = "PERSON";
    cp_show(cli->out, CP_SAY_ANSWERED_FOR, cli->about, person, NULL, NULL);
}

static void show_taken_back(struct cp_cli *cli, json_t *value)
{
    (void)value;
    cp_show(cli->out, for_whom(cli) == NULL ? CP_SAY_TAKEN_BACK : CP_SAY_TAKEN_BACK_FOR, NULL, NULL, NULL, NULL);
}

/* Exactly one of the four answers; NULL (reported) otherwise. */
static const char *find_answer(struct cp_cli *cli, const struct cp_args *args, const char **why)
{
    static const char *const answers[] = {"agree", "worry", "aside", "no"};
    const char *found = NULL;

    for (size_t i = 0; i < args->options_count; i++)
        for (size_t j = 0; j < sizeof answers / sizeof answers[0]; j++) {
            if (strcmp(args->options[i].name, answers[j]) != 0)
                continue;
            if (found != NULL) {
                cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_MANY_ANSWERS),
                        cp_words_screen(CP_SAY_USE_WHICH_ANSWER));
                return NULL;
            }
            found = answers[j];
            *why = args->options[i].value;
        }
    if (found == NULL)
        cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_NO_ANSWER),
                cp_words_screen(CP_SAY_USE_WHICH_ANSWER));
    else if (strcmp(found, "agree") != 0 && (*why)[0] == '\0')
        cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_NO_REASON), cp_words_screen(CP_SAY_USE_REASON));
    return cli->failed ? NULL : found;
}

/* --will, --will-if and --cannot in the order typed; NULL when one makes no sense (reported). */
static json_t *find_actions(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *actions = json_array();

    for (size_t i = 0; i < args->options_count; i++) {
        const char *name = args->options[i].name;
        const char *value = args->options[i].value;
        size_t len = strlen(value);
        const char *will = NULL;
        const char *condition = "";

        if (strcmp(name, "will") == 0)
            will = "will";
        else if (strcmp(name, "cannot") == 0)
            will = "cannot";
        else if (strcmp(name, "will-if") == 0)
            will = "will_if";
        else
            continue;
        if (strcmp(will, "will_if") == 0) {
            len = strcspn(value, "=");
            condition = value[len] == '=' ? value + len + 1 : "";
        }
        if (len == 0 || (strcmp(will, "will_if") == 0 && condition[0] == '\0')) {
            cp_fail(cli, CP_ERR_USAGE, value, cp_words_screen(CP_SAY_USE_WILL));
            json_decref(actions);
            return NULL;
        }
        json_array_append_new(
            actions, json_pack("{s:s%,s:s,s:s}", "action", value, len, "will", will, "condition", condition));
    }
    return actions;
}

/* The words of a thing by its id; "" when it has none here. */
static const char *words_of(json_t *items, const char *id)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(items, i, row)
        if (strcmp(cp_json_text(row, "id"), id) == 0)
            return cp_json_gone(row, "text") ? cp_words_screen(CP_SAY_WORDS_GONE) : cp_json_text(row, "text");
    return "";
}

/* The lines that differ, under the words of the thing that they belong to: a line alone ("state: dropped") could be anybody's. */
static void show_lines(struct cp_cli *cli, FILE *out, json_t *rows)
{
    json_t *items = NULL;
    json_t *row = NULL;
    const char *of = "";
    size_t i = 0;

    if (json_array_size(rows) > 0)
        items = cp_ask(cli, "list", json_pack("{s:s,s:b}", "kind", "", "all", 1), CP_ASK_ROWS);
    json_array_foreach(rows, i, row)
    {
        const char *id = cp_json_text(row, "id");

        if (strcmp(id, of) != 0 && id[0] != '\0')
            cp_show(out, CP_SAY_CHANGES_OF, cp_show_id(id), words_of(items, id), NULL, NULL);
        of = id;
        cp_show(out, CP_SAY_CHANGES_ROW, cp_json_text(row, "op"), cp_json_text(row, "line"), NULL, NULL);
    }
    json_decref(items);
}

/* Which page stands where this one is not the newest, or not alone. */
static void show_other_pages(struct cp_cli *cli, const char *version)
{
    json_t *page = cp_ask(cli, "agreement", json_pack("{s:s}", "version", version), 0);
    json_t *newest = cli->failed ? NULL : cp_ask(cli, "agreement", json_pack("{s:s}", "version", ""), 0);
    const char *id = cp_json_text(page, "version");
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(page, "beside"), i, row)
        cp_show(cli->err, CP_SAY_BESIDE, cp_show_id(cp_json_text(row, "version")),
                cp_words_label(cp_json_text(row, "result")), cp_show_id(id), NULL);
    if (i == 0 && newest != NULL && cp_json_text(newest, "version")[0] != '\0' &&
        strcmp(cp_json_text(page, "stage"), "agreement") == 0 && strcmp(id, cp_json_text(newest, "version")) != 0)
        cp_show(cli->err, CP_SAY_NEWER_PAGE, cp_json_text(newest, "check_words"),
                cp_show_id(cp_json_text(newest, "version")), NULL, NULL);
    json_decref(page);
    json_decref(newest);
}

/* What signing means, and how the page differs from what a freeze would give now: read before, not after. */
static void show_before_signing(struct cp_cli *cli, const char *version)
{
    json_t *rows = NULL;

    if (cli->json)
        return;
    rows = cp_ask(cli, "changes", json_pack("{s:s}", "version", version), CP_ASK_ROWS);
    if (json_array_size(rows) > 0)
        cp_show(cli->err, CP_SAY_SINCE, NULL, NULL, NULL, NULL);
    show_lines(cli, cli->err, rows);
    if (!cli->failed)
        show_other_pages(cli, version);
    if (!cli->failed)
        cp_show(cli->err, CP_SAY_MEANING, NULL, NULL, NULL, NULL);
    json_decref(rows);
}

/* A proxy reads within which limits they were let before they sign. */
static void show_limits(struct cp_cli *cli)
{
    const char *typed = for_whom(cli);
    json_t *rows = NULL;
    json_t *row = NULL;
    size_t i = 0;

    if (cli->json || typed == NULL)
        return;
    rows = cp_ask(cli, "mandates", json_object(), CP_ASK_ROWS);
    json_array_foreach(rows, i, row)
    {
        const char *limits = cp_json_text(row, "limits");

        if (limits[0] == '\0' || cp_json_true(row, "withdrawn") ||
            (strcmp(typed, cp_json_text(row, "name")) != 0 &&
             (strlen(typed) < 6 || strncmp(typed, cp_json_text(row, "person"), strlen(typed)) != 0)))
            continue;
        cp_show(cli->err, CP_SAY_LIMITS_BEFORE, cp_json_text(row, "name"), cp_json_text(row, "proxy_name"), limits,
                NULL);
    }
    json_decref(rows);
}

static void show_on_paper(struct cp_cli *cli, json_t *value)
{
    (void)value;
    cp_show(cli->out, CP_SAY_ON_PAPER, NULL, NULL, NULL, NULL);
}

static int answer(struct cp_cli *cli, const struct cp_args *args, const char *name,
                  void (*show)(struct cp_cli *, json_t *))
{
    const char *whom = cp_args_option(args, "for");
    const char *helper = cp_args_option(args, "helped-by");
    const char *check = cp_args_option(args, "check-words");
    const char *read_as = cp_args_option(args, "read-as");
    const char *why = "";
    const char *said = find_answer(cli, args, &why);
    const char *would = cp_args_option(args, "would-agree-if");
    json_t *actions = said != NULL ? find_actions(cli, args) : NULL;
    struct cp_bytes language;
    enum cp_read_as form;

    if (actions != NULL && read_as != NULL && !cp_read_as_parse(cp_bytes_str(read_as), ":", &form, &language)) {
        cp_fail(cli, CP_ERR_BAD_VALUE, read_as, cp_words_screen(CP_SAY_USE_READ_AS));
        json_decref(actions);
        return cli->status;
    }
    if (actions == NULL)
        return cli->status;
    cli->about = args->words[0];
    show_before_signing(cli, args->words[0]);
    if (!cli->failed && strcmp(name, "sign") == 0)
        show_limits(cli);
    if (cli->failed) {
        json_decref(actions);
        return cli->status;
    }
    return cp_print(cli,
                    cp_ask(cli, name,
                           json_pack("{s:s,s:s,s:s,s:o,s:s,s:s,s:s,s:s,s:s}", "version", args->words[0], "answer",
                                     said, "why", why, "actions", actions, "would_agree_if",
                                     would != NULL ? would : "", "for", whom != NULL ? whom : "", "helped_by",
                                     helper != NULL ? helper : "", "check_words", check != NULL ? check : "",
                                     "read_as", read_as != NULL ? read_as : ""),
                           CP_ASK_SEAL),
                    show);
}

static int run_sign(struct cp_cli *cli, const struct cp_args *args)
{
    return answer(cli, args, "sign", show_answer);
}

static int run_paper(struct cp_cli *cli, const struct cp_args *args)
{
    const char *whom = cp_args_option(args, "for");

    if (whom == NULL || whom[0] == '\0')
        return cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_NO_FOR),
                       cp_words_screen(CP_SAY_USE_PAPER));
    return answer(cli, args, "paper", show_on_paper);
}

static int run_withdraw(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli,
                    cp_ask(cli, "withdraw",
                           json_pack("{s:s,s:s}", "version", args->words[0], "for", for_whom(cli) != NULL ? for_whom(cli) : ""),
                           CP_ASK_SEAL),
                    show_taken_back);
}

/* ------------------------------------------------------------------------------------------- agreement, changes */

/* Every page, as a row of `versions` with what it comes to: `result` is null of one for comment, and where it was not asked for. */
static json_t *fetch_pages(struct cp_cli *cli, bool results)
{
    json_t *rows = cp_ask(cli, "versions", json_object(), CP_ASK_ROWS);
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *id = cp_json_text(row, "version");
        json_t *page = results && !cli->failed && strcmp(cp_json_text(row, "stage"), "agreement") == 0
                           ? cp_ask(cli, "agreement", json_pack("{s:s}", "version", id), 0)
                           : NULL;

        json_object_set_new(row, "result", page != NULL ? json_string(cp_json_text(page, "result")) : json_null());
        json_decref(page);
    }
    if (cli->failed) {
        json_decref(rows);
        return NULL;
    }
    return rows;
}

static int run_agreement(struct cp_cli *cli, const struct cp_args *args)
{
    const char *version = args->count > 0 ? args->words[0] : "";
    json_t *value = NULL, *pages = NULL;
    size_t shown = 0;

    if (cp_args_option(args, "all") != NULL) {
        if (args->count > 0)
            return cp_fail(cli, CP_ERR_USAGE, "--all", cp_words_screen(CP_SAY_USE_ALL_PAGES));
        return cp_print(cli, fetch_pages(cli, true), cp_show_pages);
    }
    value = cp_ask(cli, "agreement", json_pack("{s:s}", "version", version), 0);
    shown = cp_json_text(value, "version")[0] != '\0' ? 1 : 0; /* none: there may be pages for comment */
    cp_print(cli, value, cp_show_agreement);
    if (cli->json || cli->failed || version[0] != '\0')
        return cli->status;
    pages = fetch_pages(cli, false);
    if (json_array_size(pages) > shown)
        cp_show(cli->out, shown > 0 ? CP_SAY_OTHER_PAGES : CP_SAY_ONLY_COMMENT, NULL, NULL, NULL, NULL);
    json_decref(pages);
    return cli->status;
}

static void show_changes(struct cp_cli *cli, json_t *rows)
{
    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NO_CHANGES, NULL, NULL, NULL, NULL);
    show_lines(cli, cli->out, rows);
}

/* "You asked / this page", from the page itself. */
static void show_what_was_asked(struct cp_cli *cli, const char *version)
{
    json_t *page = cp_ask(cli, "agreement", json_pack("{s:s}", "version", version), 0);

    cp_show_asked(cli, json_object_get(page, "asked"));
    json_decref(page);
}

static int run_changes(struct cp_cli *cli, const struct cp_args *args)
{
    const char *other = args->count > 1 ? args->words[1] : "";
    int status =
        cp_print(cli,
                 cp_ask(cli, "changes", json_pack("{s:s,s:s}", "version", args->words[0], "other", other),
                        CP_ASK_ROWS),
                 show_changes);

    if (!cli->json && !cli->failed && other[0] == '\0')
        show_what_was_asked(cli, args->words[0]);
    return status;
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option freeze_options[] = {{"stage", true}, {"anyway", true}, {NULL, false}};
static const struct cp_option sign_options[] = {
    {"agree", false}, {"worry", true},     {"aside", true},  {"no", true},
    {"will", true},   {"will-if", true},   {"cannot", true}, {"would-agree-if", true},
    {"for", true},    {"helped-by", true}, {"read-as", true}, {NULL, false}};
static const struct cp_option paper_options[] = {
    {"agree", false}, {"worry", true},     {"aside", true},       {"no", true},
    {"will", true},   {"will-if", true},   {"cannot", true},      {"would-agree-if", true},
    {"for", true},    {"helped-by", true}, {"read-as", true},     {"check-words", true}, {NULL, false}};

static const struct cp_option withdraw_options[] = {{"for", true}, {NULL, false}};
static const struct cp_option agreement_options[] = {{"all", false}, {NULL, false}};
static const struct cp_option text_options[] = {{"numbers", false}, {NULL, false}};

const struct cp_command cp_agree_commands[] = {
    {"freeze", "--stage comment|agreement [--anyway WHY]",
     "Make the final page: words that will not change any more.", freeze_options, 0, 0, run_freeze},
    {"text", "VERSION [--numbers]",
     "The words of a page, exactly; --numbers puts its number before each line.", text_options, 1, 1,
     run_text},
    {"sign",
     "VERSION (--agree | --worry WHY | --aside WHY | --no WHY) [--will ACTION] [--will-if ACTION=CONDITION] "
     "[--cannot ACTION] [--would-agree-if TEXT] [--helped-by TEXT] [--read-as FORM[:LANGUAGE]] [--for PERSON]",
     "Answer a page in your own name. --will all for every action of yours. --for: as their proxy, with a mandate.",
     sign_options, 1, 1, run_sign},
    {"paper",
     "VERSION --for PERSON (--agree | --worry WHY | --aside WHY | --no WHY) [--will ACTION] [--will-if "
     "ACTION=CONDITION] [--cannot ACTION] [--would-agree-if TEXT] [--helped-by TEXT] [--read-as FORM[:LANGUAGE]] [--check-words WORDS]",
     "Write down what somebody marked on paper. It counts when two witnesses have signed.", paper_options, 1,
     1, run_paper},
    {"withdraw", "VERSION [--for PERSON]", "Take your answer back. --for: the one that you gave as their proxy.",
     withdraw_options, 1, 1, run_withdraw},
    {"agreement", "[VERSION | --all]", "Who has answered, and what it comes to. --all lists every page.", agreement_options, 0,
     1, run_agreement},
    {"changes", "VERSION [OTHER]", "What has changed since that page was made, or from one page to another.",
     NULL, 1, 2, run_changes},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
