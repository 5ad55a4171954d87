/* Yourself and your device: init, daemon, unlock, lock, status, and coplan alone. */
#include "client/follow.h"
#include "client/connect.h"
#include "client/passphrase.h"
#include "client/recovery.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- init */

static void show_init(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_MADE_HOME, cp_args_option(cli->args, "name"), NULL, NULL, NULL);
    cp_show(cli->out, CP_SAY_SHEET, cp_json_text(value, "recovery"), NULL, NULL, NULL);
    cp_recovery_show(cli, value);
}

static int run_init(struct cp_cli *cli, const struct cp_args *args)
{
    const char *name = cp_args_option(args, "name");
    const char *sheet = cp_args_option(args, "sheet");
    bool none = cp_args_option(args, "no-passphrase") != NULL;
    char passphrase[CP_PASSPHRASE_SIZE] = "";
    json_t *answer = NULL;

    if (name == NULL || name[0] == '\0')
        return cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_NO_NAME),
                       cp_words_screen(CP_SAY_USE_INIT));
    if (cp_cli_has_home(cli))
        return cp_fail(cli, CP_ERR_HOME_EXISTS, cli->home, NULL);
    if ((none || cp_passphrase_new(cli, passphrase)) && cp_recovery_reserve(cli, sheet)) {
        answer = cp_ask_with(cli, "init", json_pack("{s:s,s:b}", "name", name, "no_passphrase", none),
                             CP_ASK_NO_HOME, none ? NULL : passphrase);
        cp_recovery_finish(cli, sheet, name, answer);
        cp_recovery_print(cli, answer, show_init);
        if (none && !cli->failed && !cli->json)
            cp_show(cli->out, CP_SAY_NO_PASSPHRASE_HOME, NULL, NULL, NULL, NULL);
        if (!cli->failed && !cli->json)
            cp_show(cli->out, CP_SAY_HOME_NEXT, NULL, NULL, NULL, NULL);
    }
    cp_passphrase_wipe(passphrase);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- daemon */

static void show_daemon(struct cp_cli *cli, json_t *value)
{
    const char *listen = cp_json_text(value, "listen"), *address = cp_json_text(value, "address");

    if (!cp_json_true(value, "running")) {
        cp_show(cli->out, CP_SAY_NOT_RUNNING_NOW, NULL, NULL, NULL, NULL);
        return;
    }
    cp_show(cli->out, CP_SAY_RUNNING, cp_show_number(cp_json_number(value, "pid")), NULL, NULL, NULL);
    if (cp_json_true(value, "locked")) {
        cp_show(cli->out, CP_SAY_PORT_LOCKED, NULL, NULL, NULL, NULL);
        return;
    }
    if (listen[0] != '\0' && cp_json_true(value, "carrier")) {
        cp_show(cli->out, CP_SAY_CARRY_HOME, address, cp_json_text(value, "key"), NULL, NULL);
        return;
    }
    cp_show(cli->out, listen[0] != '\0' ? CP_SAY_LISTENING : CP_SAY_NOT_LISTENING, address, NULL, NULL, NULL);
    if (listen[0] != '\0' && cp_json_text(value, "key")[0] != '\0')
        cp_show(cli->out, CP_SAY_KEY_OF, address, cp_json_text(value, "key"), NULL, NULL);
}

/* {running, pid, listen, address, key, carrier, locked} out of what ping and listen say. Takes the reference. */
static json_t *daemon_row(json_t *ping)
{
    json_t *row = NULL;

    if (ping != NULL)
        row =
            json_pack("{s:b,s:O?,s:O?,s:O?,s:O?,s:b,s:O?}", "running", 1, "pid", json_object_get(ping, "pid"),
                      "listen", json_object_get(ping, "listen"), "address", json_object_get(ping, "address"),
                      "key", json_object_get(ping, "key"), "carrier", cp_json_true(ping, "carrier"), "locked",
                      json_object_get(ping, "locked"));
    json_decref(ping);
    return row;
}

/* Opens a locked home when there is a passphrase to open it with; leaves it locked otherwise. */
static bool unlock_at_start(struct cp_cli *cli)
{
    json_t *ping = cp_ask(cli, "ping", json_object(), CP_ASK_NO_HOME);
    bool locked = cp_json_true(ping, "locked");
    char passphrase[CP_PASSPHRASE_SIZE];

    json_decref(ping);
    if (cli->failed || !locked || !cp_cli_has_home(cli))
        return !cli->failed;
    if (cp_passphrase_get(cli, CP_PASSPHRASE_ASK, passphrase) > 0 && passphrase[0] != '\0')
        json_decref(cp_ask_with(cli, "unlock", json_object(), 0, passphrase));
    cp_passphrase_wipe(passphrase);
    return !cli->failed;
}

static int run_daemon_start(struct cp_cli *cli, const struct cp_args *args)
{
    const char *listen = cp_args_option(args, "listen");
    json_t *answer = NULL;

    if (!cp_daemon_start(cli) || !unlock_at_start(cli))
        return cli->status;
    if (listen != NULL)
        answer = cp_ask(cli, "listen", json_pack("{s:s}", "endpoint", listen), CP_ASK_NO_HOME);
    else
        answer = cp_ask(cli, "ping", json_object(), CP_ASK_NO_HOME);
    return cp_print(cli, daemon_row(answer), show_daemon);
}

static json_t *not_running(void)
{
    return json_pack("{s:b,s:n,s:n,s:n,s:n,s:b,s:n}", "running", 0, "pid", "listen", "address", "key",
                     "carrier", 0, "locked");
}

static int run_daemon_stop(struct cp_cli *cli, const struct cp_args *args)
{
    const unsigned flags = CP_ASK_NO_HOME | CP_ASK_NO_START | CP_ASK_QUIET;
    json_t *ping = cp_ask(cli, "ping", json_object(), flags);
    int64_t pid = cp_json_number(ping, "pid");

    (void)args;
    if (ping != NULL)
        json_decref(cp_ask(cli, "stop", json_object(), flags));
    json_decref(ping);
    if (cli->failed)
        return cli->status;
    if (ping != NULL && !cp_daemon_wait_gone(cli, pid))
        return cp_fail(cli, CP_ERR_BUSY, cli->home, NULL);
    return cp_print(cli, not_running(), show_daemon);
}

static int run_daemon_status(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *ping = cp_ask(cli, "ping", json_object(), CP_ASK_NO_HOME | CP_ASK_NO_START | CP_ASK_QUIET);

    (void)args;
    if (cli->failed)
        return cli->status;
    return cp_print(cli, ping != NULL ? daemon_row(ping) : not_running(), show_daemon);
}

/* ------------------------------------------------------------------------------------------- locks */

static void show_lock(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, cp_json_true(value, "locked") ? CP_SAY_LOCKED_NOW : CP_SAY_UNLOCKED_NOW, NULL, NULL,
            NULL, NULL);
}

static int run_unlock(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "unlock", json_object(), CP_ASK_SEAL), show_lock);
}

static int run_lock(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "lock", json_object(), 0), show_lock);
}

/* ------------------------------------------------------------------------------------------- status */

static void show_count(struct cp_cli *cli, json_t *plan, const char *key, enum cp_screen sentence)
{
    if (cp_json_number(plan, key) > 0)
        cp_show(cli->out, sentence, cp_show_number(cp_json_number(plan, key)), NULL, NULL, NULL);
}

/* Who shares this device, and whose session is open. */
static void show_persons(struct cp_cli *cli, json_t *value)
{
    json_t *persons = json_object_get(value, "persons");
    json_t *person = NULL;
    size_t i = 0;

    if (json_array_size(persons) < 2 || cp_json_true(value, "locked"))
        return;
    if (cp_json_number(value, "session_seconds") > 0)
        cp_show(cli->out, CP_SAY_SESSION_ENDS, cp_show_number(cp_json_number(value, "session_seconds")), NULL,
                NULL, NULL);
    else
        cp_show(cli->out, CP_SAY_SESSION_NEVER, NULL, NULL, NULL, NULL);
    json_array_foreach(persons, i, person)
    {
        int64_t left = cp_json_number(person, "ends_in");

        cp_show(cli->out,
                cp_json_true(person, "open") ? CP_SAY_STATUS_PERSON_OPEN : CP_SAY_STATUS_PERSON_CLOSED,
                cp_json_text(person, "name"), left > 0 ? cp_show_number(left) : NULL, NULL, NULL);
    }
}

/* Nobody did anything wrong: what happened, and what to do. */
static void show_restored(struct cp_cli *cli, json_t *notice)
{
    int64_t of = cp_json_number(notice, "backup_of");

    if (!json_is_object(notice))
        return;
    cp_show(cli->out, cp_json_true(notice, "back") ? CP_SAY_RESTORED_BACK : CP_SAY_RESTORED_NOTICE,
            of > 0 ? cp_show_time(of) : NULL, NULL, NULL, NULL);
}

/* Of two pages that wait for one person none is a later one: whoever answers both should know that. */
static void show_beside(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    const char *first = "";
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *what = cp_json_text(row, "what"), *id = cp_json_text(row, "id");

        if (strcmp(what, "answer") != 0 && strcmp(what, "two_answers") != 0 && strcmp(what, "will_missing") != 0)
            continue;
        if (first[0] == '\0')
            first = id;
        else if (strcmp(first, id) != 0) {
            cp_show(cli->out, CP_SAY_WAITS_BESIDE, cp_show_id(first), cp_show_id(id), NULL, NULL);
            return;
        }
    }
}

/* What somebody of this home is asked for, and the command that does it. */
static void show_waiting(struct cp_cli *cli, json_t *rows)
{
    static const struct cp_words_pair says[] = {{"answer", CP_SAY_WAITS_ANSWER},
                                                {"new_page", CP_SAY_WAITS_NEW_PAGE},
                                                {"new_page_for", CP_SAY_WAITS_NEW_PAGE_FOR},
                                                {"two_answers", CP_SAY_WAITS_TWO_ANSWERS},
                                                {"will_missing", CP_SAY_WAITS_WILL},
                                                {"will_if", CP_SAY_WAITS_WILL_IF},
                                                {"witness", CP_SAY_WAITS_WITNESS},
                                                {"needs_someone", CP_SAY_WAITS_SOMEONE},
                                                {NULL, CP_SAY_COUNT}};
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        enum cp_screen say = cp_words_pick(says, cp_json_text(row, "what"));

        if (say != CP_SAY_COUNT)
            cp_show(cli->out, say, cp_json_text(row, "name"), cp_json_text(row, "text"),
                    cp_show_id(cp_json_text(row, "id")), cp_words_label(cp_json_text(row, "answer")));
    }
    show_beside(cli, rows);
}

/* How this device stands in the plan, where it is more than simply in. */
static void show_state(struct cp_cli *cli, json_t *plan)
{
    static const struct cp_words_pair says[] = {{"waiting", CP_SAY_STATE_WAITING},
                                                {"left", CP_SAY_STATE_LEFT},
                                                {"reported lost", CP_SAY_STATE_LOST},
                                                {"not in", CP_SAY_STATE_NOT_IN},
                                                {NULL, CP_SAY_COUNT}};
    enum cp_screen say = cp_words_pick(says, cp_json_text(plan, "state"));

    if (say != CP_SAY_COUNT)
        cp_show(cli->out, say, NULL, NULL, NULL, NULL);
}

/* Somebody here came back with their sheet, and it has to be used once more, or this device linked again. */
static void show_key(struct cp_cli *cli, json_t *plan)
{
    const char *const none[4] = {NULL, NULL, NULL, NULL};
    const char *key = cp_json_text(plan, "key");
    struct cp_buf said;

    if (key[0] == '\0')
        return;
    cp_buf_init(&said, cli->mem, 4096);
    cp_words_fill(cp_words_error(cp_err_of_word(key)), none, &said);
    cp_buf_put_byte(&said, 0);
    if (cp_buf_err(&said) == CP_OK)
        fprintf(cli->out, "    %s\n", (const char *)said.ptr);
    cp_buf_clear(&said);
}

static bool is_state(json_t *plan, const char *state)
{
    return strcmp(cp_json_text(plan, "state"), state) == 0;
}

/* Its title; what stands for it while nobody has told it to this device. */
static const char *title_of(json_t *plan)
{
    const char *title = cp_show_title(plan);

    return title[0] == '\0' && is_state(plan, "waiting") ? cp_words_screen(CP_SAY_NO_TITLE_YET) : title;
}

/* "2 of 3 other devices have all the words that are here." */
static void show_others(struct cp_cli *cli, json_t *others)
{
    int64_t unheard = cp_json_number(others, "unheard");

    if (cp_json_number(others, "devices") > 0)
        cp_show(cli->out, CP_SAY_STATUS_OTHERS, cp_show_number(cp_json_number(others, "everything")),
                cp_show_number(cp_json_number(others, "devices")),
                unheard > 0 ? cp_show_number(unheard) : NULL, NULL);
    if (cp_json_number(others, "devices") > cp_json_number(others, "everything"))
        cp_show(cli->out, CP_SAY_STATUS_OTHERS_NEXT, NULL, NULL, NULL, NULL);
}

static void show_status(struct cp_cli *cli, json_t *value)
{
    json_t *plan = NULL;
    size_t i = 0;

    if (cp_json_true(value, "locked"))
        cp_show(cli->out, CP_SAY_STATUS_LOCKED, NULL, NULL, NULL, NULL);
    if (strcmp(cp_json_text(value, "passphrase"), "none") == 0)
        cp_show(cli->out, CP_SAY_STATUS_NO_PASSPHRASE, NULL, NULL, NULL, NULL);
    if (strcmp(cp_json_text(value, "passphrase"), "weak") == 0)
        cp_show(cli->out, CP_SAY_STATUS_WEAK, NULL, NULL, NULL, NULL);
    show_restored(cli, json_object_get(value, "restored"));
    show_persons(cli, value);
    if (json_array_size(json_object_get(value, "plans")) == 0)
        cp_show(cli->out, CP_SAY_NO_PLANS, NULL, NULL, NULL, NULL);
    json_array_foreach(json_object_get(value, "plans"), i, plan)
    {
        json_t *missing = json_object_get(plan, "missing");

        cp_show(cli->out, is_state(plan, "waiting") ? CP_SAY_PLAN_LINE : CP_SAY_STATUS_PLAN,
                cp_show_id(cp_json_text(plan, "plan")), title_of(plan),
                is_state(plan, "waiting") ? NULL : cp_show_number(cp_json_number(plan, "entries")), NULL);
        show_state(cli, plan);
        cp_show_carried(cli, plan);
        show_count(cli, plan, "wordings", CP_SAY_STATUS_WORDINGS);
        show_count(cli, plan, "void", CP_SAY_STATUS_VOID);
        show_count(cli, plan, "newer", CP_SAY_STATUS_NEWER);
        show_count(cli, plan, "wanted", CP_SAY_STATUS_WANTED);
        show_count(cli, plan, "forks", CP_SAY_STATUS_FORKS);
        show_key(cli, plan);
        if ((is_state(plan, "in") || is_state(plan, "to follow")) && !cp_json_true(plan, "left_old"))
            show_others(cli, json_object_get(plan, "others"));
        if (json_is_true(missing) || json_integer_value(missing) > 0 || json_array_size(missing) > 0)
            cp_show(cli->out, CP_SAY_STATUS_MISSING, NULL, NULL, NULL, NULL);
        show_waiting(cli, json_object_get(plan, "waiting"));
    }
}

static int run_status(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *with = json_pack("{s:b}", "seen", cp_args_option(args, "seen") != NULL);

    return cp_print(cli, cp_ask(cli, "status", with, 0), show_status);
}

/* ------------------------------------------------------------------------------------------- coplan alone */

static void show_overview(struct cp_cli *cli, json_t *value)
{
    const char *state = cp_json_text(value, "state");
    json_t *plans = json_object_get(value, "plans");
    json_t *plan = NULL;
    bool in = false; /* there is a plan that this device may write in */
    size_t i = 0;

    cp_show(cli->out, CP_SAY_HELLO, NULL, NULL, NULL, NULL);
    fputs("\n", cli->out);
    if (strcmp(state, "carrier") == 0)
        cp_show(cli->out, CP_SAY_CARRY_ALONE, NULL, NULL, NULL, NULL);
    else if (strcmp(state, "no home") == 0)
        cp_show(cli->out, CP_SAY_NO_HOME_YET, NULL, NULL, NULL, NULL);
    else if (strcmp(state, "stopped") == 0)
        cp_show(cli->out, CP_SAY_NOT_RUNNING, cli->home, NULL, NULL, NULL);
    else if (strcmp(state, "locked") == 0)
        cp_show(cli->out, CP_SAY_IS_LOCKED, cli->home, NULL, NULL, NULL);
    else if (json_array_size(plans) == 0)
        cp_show(cli->out, CP_SAY_NO_PLANS_YET, NULL, NULL, NULL, NULL);
    if (strcmp(state, "open") != 0 || json_array_size(plans) == 0)
        return;
    cp_show(cli->out, CP_SAY_YOUR_PLANS, NULL, NULL, NULL, NULL);
    json_array_foreach(plans, i, plan)
    {
        cp_show(cli->out, CP_SAY_PLAN_LINE, cp_show_id(cp_json_text(plan, "plan")), title_of(plan), NULL,
                NULL);
        show_state(cli, plan);
        show_key(cli, plan);
        cp_show_carried(cli, plan);
        in = in || is_state(plan, "in");
        if (cp_json_number(plan, "wordings") > 0)
            cp_show(cli->out, CP_SAY_NEXT_WORDINGS, cp_show_number(cp_json_number(plan, "wordings")), NULL,
                    NULL, NULL);
        show_waiting(cli, json_object_get(plan, "waiting"));
    }
    if (json_array_size(plans) > 1)
        cp_show(cli->out, CP_SAY_SEVERAL_PLANS,
                cp_show_id(cp_json_text(json_array_get(plans, json_array_size(plans) - 1), "plan")), NULL,
                NULL, NULL);
    if (!in)
        return;
    fputs("\n", cli->out);
    cp_show(cli->out, CP_SAY_NEXT_STEPS, NULL, NULL, NULL, NULL);
}

int cp_overview(struct cp_cli *cli)
{
    json_t *status = NULL;
    json_t *value = NULL;
    const char *state = cp_cli_is_carrier(cli) ? "carrier" : "no home";

    if (cp_cli_has_home(cli)) {
        status = cp_ask(cli, "status", json_object(), CP_ASK_NO_START | CP_ASK_QUIET);
        if (cli->failed)
            return cli->status;
        state = status == NULL ? "stopped" : cp_json_true(status, "locked") ? "locked" : "open";
    }
    value = json_pack("{s:s,s:s,s:O*}", "home", cli->home, "state", state, "plans",
                      json_object_get(status, "plans"));
    json_decref(status);
    return cp_print(cli, value, show_overview);
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option init_options[] = {
    {"name", true}, {"no-passphrase", false}, {"sheet", true}, {NULL, false}};
static const struct cp_option start_options[] = {{"listen", true}, {NULL, false}};

static const struct cp_option status_options[] = {{"seen", false}, {NULL, false}};

const struct cp_command cp_home_commands[] = {
    {"init", "--name NAME [--no-passphrase] [--sheet FILE]",
     "Make your home on this device, and your recovery sheet.", init_options, 0, 0, run_init},
    {"daemon start", "[--listen HOST:PORT]",
     "Start coplan in the background; --listen opens a port that other devices can call (port 0 picks a free one).",
     start_options, 0, 0, run_daemon_start},
    {"daemon stop", "", "Stop coplan on this device.", NULL, 0, 0, run_daemon_stop},
    {"daemon status", "", "Say whether coplan runs, and where other devices can call it.", NULL, 0, 0,
     run_daemon_status},
    {"unlock", "", "Open your home with your passphrase.", NULL, 0, 0, run_unlock},
    {"lock", "", "Close your home: its keys are wiped from memory, meetings end, nobody can call.", NULL, 0,
     0, run_lock},
    {"status", "[--seen]", "What is here, and what needs somebody to look at it; --seen puts notes away.",
     status_options, 0, 0, run_status},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
