/* On which networks devices find each other: network, network fine, network not-fine. Owns: these commands. */
#include "client/connect.h"
#include "client/show.h"
#include "client/value.h"

/* "wlan0 192.168.1.0/24": its first word is what people type. */
static void first_word(const char *label, char out[static 32])
{
    size_t len = strcspn(label, " ");

    (void)snprintf(out, 32, "%.*s", (int)(len < 31 ? len : 31), label);
}

static void show_networks(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0, here = 0;

    json_array_foreach(rows, i, row)
    {
        const char *label = cp_json_text(row, "network");
        bool fine = cp_json_true(row, "fine"), is_here = cp_json_true(row, "here");
        char word[32];

        first_word(label, word);
        here += is_here ? 1U : 0U;
        if (!is_here)
            cp_show(cli->out, CP_SAY_NETWORK_AWAY, label, NULL, NULL, NULL);
        else if (fine)
            cp_show(cli->out, CP_SAY_NETWORK_FINE, label, cp_show_number(cp_json_number(row, "found")), NULL,
                    NULL);
        else if (cp_json_text(row, "known_by")[0] == '\0')
            cp_show(cli->out, CP_SAY_NETWORK_NAMELESS, label, NULL, NULL, NULL);
        else
            cp_show(cli->out, CP_SAY_NETWORK_NOT, label, word, NULL, NULL);
    }
    if (here == 0)
        cp_show(cli->out, CP_SAY_NO_NETWORKS, NULL, NULL, NULL, NULL);
}

static int run_network(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "network", json_object(), CP_ASK_ROWS), show_networks);
}

static void show_marked(struct cp_cli *cli, json_t *value)
{
    bool fine = cp_json_true(value, "fine");

    cp_show(cli->out, fine ? CP_SAY_NETWORK_MARKED : CP_SAY_NETWORK_UNMARKED, cp_json_text(value, "network"),
            NULL, NULL, NULL);
    if (fine && strcmp(cp_json_text(value, "known_by"), "addresses") == 0)
        cp_show(cli->out, CP_SAY_NETWORK_BY_ADDRESSES, NULL, NULL, NULL, NULL);
}

static int mark(struct cp_cli *cli, const struct cp_args *args, bool fine)
{
    json_t *with = json_pack("{s:s,s:b}", "network", args->count > 0 ? args->words[0] : "", "fine", fine);

    return cp_print(cli, cp_ask(cli, "network-mark", with, 0), show_marked);
}

static int run_fine(struct cp_cli *cli, const struct cp_args *args)
{
    return mark(cli, args, true);
}

static int run_not_fine(struct cp_cli *cli, const struct cp_args *args)
{
    return mark(cli, args, false);
}

/* ------------------------------------------------------------------------------------------- the table */

const struct cp_command cp_network_commands[] = {
    {"network fine", "[NETWORK]", "On this network devices may look for each other, and are found.", NULL, 0,
     1, run_fine},
    {"network not-fine", "[NETWORK]", "On this network nothing is sent by itself any more.", NULL, 0, 1,
     run_not_fine},
    {"network", "", "The networks this device is on, and on which it looks for the others.", NULL, 0, 0,
     run_network},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
