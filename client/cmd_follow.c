/* Carrying on in a new plan: continue, follow. Owns: how they are typed and shown. Must not: ask before it is known who asks. */
#include "client/follow.h"
#include "client/connect.h"
#include "client/show.h"
#include "client/value.h"
#include "client/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void show_people(struct cp_cli *cli, json_t *value)
{
    json_t *people = json_object_get(value, "people"), *person = NULL;
    size_t i = 0;
    int64_t come = 0;
    char number[24];

    json_array_foreach(people, i, person) come += cp_json_true(person, "follows") ? 1 : 0;
    (void)snprintf(number, sizeof number, "%" PRId64, come);
    cp_show(cli->out, CP_SAY_HAVE_COME, number, cp_show_number((int64_t)json_array_size(people)), NULL, NULL);
    json_array_foreach(people, i, person)
        cp_show(cli->out, cp_json_true(person, "follows") ? CP_SAY_HAS_COME : CP_SAY_NOT_COME,
                cp_json_text(person, "name"), NULL, NULL, NULL);
}

static void show_continued(struct cp_cli *cli, json_t *value)
{
    char plan[16], old[16];

    (void)snprintf(plan, sizeof plan, "%.12s", cp_json_text(value, "plan"));
    (void)snprintf(old, sizeof old, "%.12s", cp_json_text(value, "continues"));
    cp_show(cli->out, CP_SAY_CONTINUED, plan, old, NULL, NULL);
    show_people(cli, value);
    if (json_array_size(json_object_get(value, "people")) > 1)
        cp_show(cli->out, CP_SAY_CONTINUED_NEXT, plan, NULL, NULL, NULL);
    cp_show(cli->out, CP_SAY_TWO_PLANS_NOW, plan, NULL, NULL, NULL);
}

/* --without A --without B, or --without A B: names may follow the option. */
static int run_continue(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *without = json_array();

    for (size_t i = 0; i < args->options_count; i++)
        if (strcmp(args->options[i].name, "without") == 0)
            json_array_append_new(without, json_string(args->options[i].value));
    if (args->count > 0 && json_array_size(without) == 0) {
        json_decref(without);
        return cp_fail(cli, CP_ERR_USAGE, args->words[0], cp_words_screen(CP_SAY_USE_CONTINUE));
    }
    for (size_t i = 0; i < args->count; i++)
        json_array_append_new(without, json_string(args->words[i]));
    return cp_print(cli, cp_ask(cli, "continue", json_pack("{s:o}", "without", without), CP_ASK_SEAL), show_continued);
}

static void show_followed(struct cp_cli *cli, json_t *value)
{
    char plan[16], old[16];

    (void)snprintf(plan, sizeof plan, "%.12s", cp_json_text(value, "plan"));
    (void)snprintf(old, sizeof old, "%.12s", cp_json_text(value, "continues"));
    cp_show(cli->out, cp_json_true(value, "again") ? CP_SAY_FOLLOWED_AGAIN : CP_SAY_FOLLOWED, plan, NULL, NULL, NULL);
    show_people(cli, value);
    if (cp_json_number(value, "withdrawn") > 0)
        cp_show(cli->out, CP_SAY_FOLLOWED_WITHDRAWN, cp_show_number(cp_json_number(value, "withdrawn")), NULL, NULL, NULL);
    if (cp_json_number(value, "lost") > 0)
        cp_show(cli->out, CP_SAY_FOLLOWED_LOST, cp_show_number(cp_json_number(value, "lost")), NULL, NULL, NULL);
    if (cp_json_number(value, "beyond") > 0)
        cp_show(cli->out, CP_SAY_FOLLOWED_BEYOND, cp_show_number(cp_json_number(value, "beyond")), plan, NULL, NULL);
    cp_show(cli->out, cp_json_true(value, "left_old") ? CP_SAY_FOLLOWED_LEFT_OLD : CP_SAY_FOLLOWED_STAY, old, plan, NULL,
            NULL);
    cp_show(cli->out, CP_SAY_TWO_PLANS_NOW, plan, NULL, NULL, NULL);
}

static int run_follow(struct cp_cli *cli, const struct cp_args *args)
{
    cli->plan = args->words[0]; /* the plan it is about, whatever --plan said */
    return cp_print(cli,
                    cp_ask(cli, "follow", json_pack("{s:b}", "leave_old", cp_args_option(args, "leave-old") != NULL),
                           CP_ASK_SEAL),
                    show_followed);
}

static void show_again(struct cp_cli *cli, json_t *value)
{
    size_t written = json_array_size(json_object_get(value, "written"));

    if (written > 0)
        cp_show(cli->out, CP_SAY_AGAIN_WRITTEN, cp_show_number((int64_t)written), NULL, NULL, NULL);
    else
        cp_show(cli->out, cp_json_number(value, "could") == 0 ? CP_SAY_AGAIN_NOTHING : CP_SAY_AGAIN_COULD,
                cp_show_number(cp_json_number(value, "could")), NULL, NULL, NULL);
    if (cp_json_number(value, "left") > 0)
        cp_show(cli->out, CP_SAY_AGAIN_LEFT, cp_show_number(cp_json_number(value, "left")), NULL, NULL, NULL);
}

static int run_again(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *entries = json_array();

    for (size_t i = 0; i < args->count; i++)
        json_array_append_new(entries, json_string(args->words[i]));
    return cp_print(
        cli,
        cp_ask(cli, "again", json_pack("{s:o,s:b}", "entries", entries, "look", cp_args_option(args, "look") != NULL), 0),
        show_again);
}

void cp_show_carried(struct cp_cli *cli, json_t *plan)
{
    json_t *other = NULL;
    size_t i = 0;
    char id[16], come[24];

    (void)snprintf(come, sizeof come, "%" PRId64, cp_json_number(plan, "come"));
    (void)snprintf(id, sizeof id, "%.12s", cp_json_text(plan, "continues"));
    if (id[0] != '\0')
        cp_show(cli->out, CP_SAY_CARRIES_ON, id, come, cp_show_number(cp_json_number(plan, "named")), NULL);
    if (id[0] != '\0' && !cp_json_true(plan, "follows"))
        cp_show(cli->out, CP_SAY_CARRY_YOU, cp_show_id(cp_json_text(plan, "plan")), NULL, NULL, NULL);
    json_array_foreach(json_object_get(plan, "carried_on"), i, other)
    {
        (void)snprintf(come, sizeof come, "%" PRId64, cp_json_number(other, "come"));
        (void)snprintf(id, sizeof id, "%.12s", cp_json_text(other, "plan"));
        cp_show(cli->out, CP_SAY_CARRIED_ON, id, come, cp_show_number(cp_json_number(other, "named")), NULL);
    }
    if (cp_json_true(plan, "left_old"))
        cp_show(cli->out, CP_SAY_CARRY_HUSHED, NULL, NULL, NULL, NULL);
}

static const struct cp_option continue_options[] = {{"without", true}, {NULL, false}};
static const struct cp_option again_options[] = {{"look", false}, {NULL, false}};
static const struct cp_option follow_options[] = {{"leave-old", false}, {NULL, false}};

const struct cp_command cp_follow_commands[] = {
    {"continue", "[--without PERSON ...]",
     "Carry on in a new plan, without somebody or with all; each comes along by their own word.", continue_options, 0,
     64, run_continue},
    {"follow", "PLAN [--leave-old]",
     "Come along into a plan that somebody carried on; --leave-old stops sending the old one from here.", follow_options,
     1, 1, run_follow},
    {"again", "[ENTRY ...] [--look]",
     "Write again here what you wrote in the old plan after it was carried on; with ENTRY also somebody else's words.",
     again_options, 0, 64, run_again},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
