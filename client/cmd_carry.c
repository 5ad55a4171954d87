/* Carriers: carry add, remove and list for who keeps one; carry use, visit, list and forget for who uses one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/connect.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- keeping one */

/* "64k", "10M", "2G" or bytes; -1: no size. */
static int64_t read_size(const char *typed)
{
    static const char units[] = "kmg";
    char *end = NULL;
    const char *unit = NULL;
    unsigned long long n = 0;
    unsigned shift = 0;

    if (typed[0] < '0' || typed[0] > '9')
        return -1;
    errno = 0;
    n = strtoull(typed, &end, 10);
    if (*end != '\0') {
        unit = strchr(units, *end >= 'A' && *end <= 'Z' ? *end - 'A' + 'a' : *end);
        if (unit == NULL || end[1] != '\0')
            return -1;
        shift = 10 * (unsigned)(unit - units + 1);
    }
    return errno != 0 || n > (1ULL << 40) >> shift ? -1 : (int64_t)(n << shift);
}

static void show_ticket(struct cp_cli *cli, json_t *row)
{
    cp_show(cli->out, CP_SAY_CARRY_TICKET, cp_show_number(cp_json_number(row, "bundles")),
            cp_show_number(cp_json_number(row, "bytes")), cp_show_number(cp_json_number(row, "room")),
            cp_json_text(row, "ticket"));
}

static void show_added(struct cp_cli *cli, json_t *row)
{
    cp_show(cli->out, CP_SAY_CARRY_ADDED, NULL, NULL, NULL, NULL);
    show_ticket(cli, row);
}

static void show_removed(struct cp_cli *cli, json_t *row)
{
    cp_show(cli->out, CP_SAY_CARRY_REMOVED, cp_show_number(cp_json_number(row, "bundles")), NULL, NULL, NULL);
}

static int run_add(struct cp_cli *cli, const struct cp_args *args)
{
    const char *room = cp_args_option(args, "room");
    int64_t bytes = room == NULL ? 0 : read_size(room);
    json_t *with = NULL;

    if (bytes < 0)
        return cp_fail(cli, CP_ERR_BAD_VALUE, "--room", room);
    with = json_pack("{s:s}", "ticket", args->words[0]);
    if (room != NULL)
        json_object_set_new(with, "room", json_integer(bytes));
    return cp_print(cli, cp_ask(cli, "carry-add", with, CP_ASK_NO_HOME), show_added);
}

static int run_remove(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli,
                    cp_ask(cli, "carry-remove", json_pack("{s:s}", "ticket", args->words[0]), CP_ASK_NO_HOME),
                    show_removed);
}

/* ------------------------------------------------------------------------------------------- using one */

static void show_place(struct cp_cli *cli, json_t *row)
{
    const char *ticket = cp_json_text(row, "ticket");

    cp_show(cli->out, CP_SAY_CARRY_PLACE, cp_json_text(row, "address"), cp_show_id(cp_json_text(row, "plan")),
            NULL, NULL);
    if (ticket[0] != '\0')
        cp_show(cli->out, CP_SAY_CARRY_GIVE, ticket, NULL, NULL, NULL);
}

static int run_use(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli, cp_ask(cli, "carry-use", json_pack("{s:s}", "address", args->words[0]), 0),
                    show_place);
}

static void show_forgotten(struct cp_cli *cli, json_t *value)
{
    (void)value;
    cp_show(cli->out, CP_SAY_CARRY_FORGOTTEN, NULL, NULL, NULL, NULL);
}

static int run_forget(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli, cp_ask(cli, "carry-forget", json_pack("{s:s}", "address", args->words[0]), 0),
                    show_forgotten);
}

/* What does not fit, each in words: at a carrier nothing that is wrong goes without a word. */
static void show_troubles(struct cp_cli *cli, json_t *row)
{
    static const struct {
        const char *key;
        enum cp_screen say;
    } counted[] = {{"refused", CP_SAY_CARRY_REFUSED},
                   {"damaged", CP_SAY_CARRY_DAMAGED},
                   {"withheld", CP_SAY_CARRY_WITHHELD},
                   {"changed", CP_SAY_CARRY_CHANGED},
                   {"again", CP_SAY_CARRY_AGAIN}};

    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++)
        if (cp_json_number(row, counted[i].key) > 0)
            cp_show(cli->out, counted[i].say, cp_show_number(cp_json_number(row, counted[i].key)), NULL, NULL,
                    NULL);
    if (cp_json_true(row, "set_back"))
        cp_show(cli->out, CP_SAY_CARRY_SET_BACK, NULL, NULL, NULL, NULL);
    if (cp_json_true(row, "lost"))
        cp_show(cli->out, CP_SAY_CARRY_LOST, NULL, NULL, NULL, NULL);
}

static void show_error(struct cp_cli *cli, const char *code)
{
    static const char *const none[4];
    enum cp_err err = cp_err_of_word(code);
    struct cp_buf text;

    cp_buf_init(&text, cli->mem, 4096);
    if (err < CP_ERR_COUNT)
        cp_words_fill(cp_words_error(err), none, &text);
    cp_buf_put_byte(&text, '\0');
    if (cp_buf_err(&text) == CP_OK) {
        fputs("    ", cli->out);
        cp_show_lines(cli->out, (const char *)text.ptr, 4);
        fputs("\n", cli->out);
    }
    cp_buf_clear(&text);
}

static void show_visit(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *error = cp_json_text(row, "error");

        cp_show(cli->out, CP_SAY_CARRY_VISIT, cp_json_text(row, "address"),
                cp_show_id(cp_json_text(row, "plan")), NULL, NULL);
        cp_show(cli->out, CP_SAY_CARRY_FETCHED, cp_show_number(cp_json_number(row, "taken")),
                cp_show_number(cp_json_number(row, "entries")), NULL, NULL);
        show_troubles(cli, row);
        if (error[0] != '\0') {
            show_error(cli, error);
        } else if (strcmp(cp_json_text(row, "ticket"), "old") == 0) {
            cp_show(cli->out, CP_SAY_CARRY_OLD, NULL, NULL, NULL, NULL);
        }
    }
    cp_show(cli->out, CP_SAY_CARRY_NO_PROOF, NULL, NULL, NULL, NULL);
}

static int run_visit(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *with = json_pack("{s:s}", "address", args->count > 0 ? args->words[0] : "");

    return cp_print(cli, cp_ask(cli, "carry-visit", with, CP_ASK_ROWS | CP_ASK_TRIED), show_visit);
}

/* ------------------------------------------------------------------------------------------- both */

static void show_list(struct cp_cli *cli, json_t *value)
{
    json_t *rows = json_object_get(value, "tickets");
    json_t *row = NULL;
    size_t i = 0;

    if (rows != NULL) {
        if (cp_json_text(value, "address")[0] == '\0')
            cp_show(cli->out, CP_SAY_NOT_LISTENING, NULL, NULL, NULL, NULL);
        else
            cp_show(cli->out, CP_SAY_CARRY_HOME, cp_json_text(value, "address"), cp_json_text(value, "key"),
                    NULL, NULL);
        json_array_foreach(rows, i, row) show_ticket(cli, row);
        return;
    }
    rows = json_object_get(value, "carriers");
    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_CARRY_NONE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row) show_place(cli, row);
}

static int run_list(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "carry-list", json_object(), CP_ASK_NO_HOME), show_list);
}

static const struct cp_option add_options[] = {{"room", true}, {NULL, false}};

const struct cp_command cp_carry_commands[] = {
    {"carry use", "HOST:PORT#KEY", "Use a carrier for this plan, and see the ticket that its keeper needs.",
     NULL, 1, 1, run_use},
    {"carry visit", "[HOST:PORT]",
     "Fetch what lies at the carriers for us, and put there what the others lack.", NULL, 0, 1, run_visit},
    {"carry list", "", "The carriers we use; at a carrier, its address and its tickets.", NULL, 0, 0,
     run_list},
    {"carry forget", "HOST:PORT", "Use a carrier no more.", NULL, 1, 1, run_forget},
    {"carry add", "TICKET [--room SIZE]",
     "At a carrier: keep sealed files for who holds this ticket (room: 64k, 256M, 2G).", add_options, 1, 1,
     run_add},
    {"carry remove", "TICKET", "At a carrier: take a ticket back, and remove what lies there for it.", NULL,
     1, 1, run_remove},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
