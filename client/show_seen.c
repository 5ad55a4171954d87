/* In words, what another device is known to have. Owns: these lines. Must not: judge it (the daemon did). */
#include "client/show.h"
#include "client/value.h"

void cp_show_seen(struct cp_cli *cli, json_t *row)
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
