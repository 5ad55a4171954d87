/* The other devices in words, and what each is known to have. Owns: these lines. Must not: judge it (the daemon did). */
#include "client/show.h"
#include "client/value.h"

static void show_has(struct cp_cli *cli, json_t *row)
{
    json_t *has = json_object_get(row, "has"), *up_to = json_object_get(has, "up_to");
    bool stick = strcmp(cp_json_text(has, "how"), "stick") == 0;
    const char *device = cp_json_text(row, "device_name"), *name = cp_json_text(row, "name");
    char who[512], heard[64], edit[64];

    if (cp_json_text(row, "person")[0] == '\0')
        return; /* strangers */
    (void)snprintf(who, sizeof who, device[0] == '\0' ? "%s%s" : "%s (%s)", name, device);
    if (!json_is_object(has)) {
        cp_show(cli->out, CP_SAY_SEEN_NOT, who, NULL, NULL, NULL);
        return;
    }
    (void)snprintf(heard, sizeof heard, "%s", cp_show_time(cp_json_number(has, "heard_at")));
    (void)snprintf(edit, sizeof edit, "%s", cp_show_time(cp_json_number(up_to, "claimed_at")));
    if (cp_json_true(has, "everything"))
        cp_show(cli->out, stick ? CP_SAY_SEEN_STICK_ALL : CP_SAY_SEEN_MET_ALL, who, heard, NULL, NULL);
    else if (json_is_object(up_to))
        cp_show(cli->out, stick ? CP_SAY_SEEN_STICK_EDIT : CP_SAY_SEEN_MET_EDIT, who, heard, edit,
                cp_show_number(cp_json_number(has, "lacks")));
    else
        cp_show(cli->out, stick ? CP_SAY_SEEN_STICK_SOME : CP_SAY_SEEN_MET_SOME, who, heard, NULL,
                cp_show_number(cp_json_number(has, "lacks")));
    if (cp_json_number(has, "more") > 0)
        cp_show(cli->out, CP_SAY_SEEN_MORE, NULL, NULL, NULL, NULL);
}

/* A device that is not in the plan is given nothing, so nobody is told to meet it. True: said why. */
static bool show_out(struct cp_cli *cli, json_t *row)
{
    static const struct cp_words_pair states[] = {{"reported lost", CP_SAY_PEER_LOST},
                                                  {"left", CP_SAY_PEER_LEFT},
                                                  {"not in", CP_SAY_PEER_NOT_IN},
                                                  {"to follow", CP_SAY_PEER_TO_FOLLOW},
                                                  {NULL, CP_SAY_COUNT}};
    enum cp_screen say = cp_words_pick(states, cp_json_text(row, "state"));
    json_t *others = json_object_get(row, "others"), *name = NULL;
    size_t i = 0;

    if (say == CP_SAY_PEER_LOST && json_array_size(others) > 0) {
        json_array_foreach(others, i, name)
            cp_show(cli->out, CP_SAY_PEER_LOST_SHARED, json_string_value(name), NULL, NULL, NULL);
        return true;
    }
    if (say != CP_SAY_COUNT)
        cp_show(cli->out, say, NULL, NULL, NULL, NULL);
    return say != CP_SAY_COUNT && say != CP_SAY_PEER_TO_FOLLOW;
}

static void show_strangers(struct cp_cli *cli, json_t *row)
{
    json_t *times = NULL;
    const char *code = NULL;
    int64_t sum = 0;

    json_object_foreach(json_object_get(row, "refused"), code, times) sum += json_integer_value(times);
    cp_show(cli->out, CP_SAY_PEERS_STRANGERS, cp_show_number(sum), NULL, NULL, NULL);
}

static void show_peer(struct cp_cli *cli, json_t *row)
{
    const char *name = cp_json_text(row, "name"), *address = cp_json_text(row, "address");

    if (cp_json_text(row, "person")[0] == '\0') {
        show_strangers(cli, row);
        return;
    }
    fprintf(cli->out, "%s  ", cp_show_id(cp_json_text(row, "device")));
    cp_show_text(cli->out, name, 0);
    if (address[0] != '\0')
        cp_show_part(cli->out, CP_SAY_PEER_AT, address, NULL, NULL, NULL);
    if (cp_json_true(row, "in_sync"))
        cp_show_part(cli->out, CP_SAY_SHOW_SYNCED, NULL, NULL, NULL, NULL);
    if (json_object_size(json_object_get(row, "refused")) > 0) {
        cp_show_part(cli->out, CP_SAY_SHOW_PEER_REFUSED, NULL, NULL, NULL, NULL);
        cp_show_value(cli->out, json_object_get(row, "refused"), 0);
    }
    fputs("\n", cli->out);
    if (!show_out(cli, row))
        show_has(cli, row);
}

void cp_show_peers(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;
    const char *plan = "", *first = cp_json_text(json_array_get(rows, 0), "plan");
    bool several = false;

    json_array_foreach(rows, i, row) several =
        several || (cp_json_text(row, "plan")[0] != '\0' && strcmp(cp_json_text(row, "plan"), first) != 0);
    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NO_PEERS, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        if (several && cp_json_text(row, "plan")[0] != '\0' && strcmp(cp_json_text(row, "plan"), plan) != 0) {
            plan = cp_json_text(row, "plan");
            cp_show(cli->out, CP_SAY_PEERS_PLAN, cp_show_id(plan), NULL, NULL, NULL);
        }
        show_peer(cli, row);
    }
}
