/* Looking at the plan: plan list, list, show, wordings, log, digest. */
#include <time.h>

#include "client/attached.h"
#include "client/follow.h"
#include "client/cmd_check.h"
#include "client/connect.h"
#include "client/others.h"
#include "client/show.h"
#include "client/value.h"
#include "proto/model.h"

#define MARKS_WITHIN 20000

/* ------------------------------------------------------------------------------------------- one item */

static void show_gone(struct cp_cli *cli)
{
    fprintf(cli->out, "(%s)", cp_words_screen(CP_SAY_WORDS_GONE));
}

/* Fields of which nothing is left but that somebody took it back; the text is told with the item. */
static void show_fields_gone(struct cp_cli *cli, json_t *row)
{
    json_t *field = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "withdrawn"), i, field)
    {
        const char *name = json_string_value(field);

        if (strcmp(name, "text") == 0 || strcmp(name, "title") == 0 || strcmp(name, "position") == 0)
            continue;
        fputs("    ", cli->out);
        cp_show_text(cli->out, strncmp(name, "csv:", 4) == 0 ? name + 4 : cp_words_label(name), 4);
        fputs(": ", cli->out);
        show_gone(cli);
        fputs("\n", cli->out);
    }
}

static void show_fields(struct cp_cli *cli, json_t *row, json_t *people)
{
    json_t *wordings = json_object_get(row, "wordings");
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach(json_object_get(row, "fields"), name, value)
    {
        if (strcmp(name, "text") == 0 || strcmp(name, "position") == 0 || strcmp(name, "state") == 0)
            continue;
        fputs("    ", cli->out);
        cp_show_text(cli->out, strncmp(name, "csv:", 4) == 0 ? name + 4 : cp_words_label(name), 4);
        fputs(": ", cli->out);
        cp_show_field_value(cli, people, name, value);
        fputs("\n", cli->out);
    }
    show_fields_gone(cli, row);
    json_object_foreach(wordings, name, value)
    {
        fputs("    ", cli->out);
        cp_show(cli->out, CP_SAY_TWO_WORDINGS, NULL, NULL, NULL, NULL);
        cp_show_wordings(cli, value, people, cp_json_text(row, "id"), name);
    }
}

static void show_item(struct cp_cli *cli, json_t *row)
{
    const char *state = cp_json_text(row, "state");

    fprintf(cli->out, "%s  ", cp_show_id(cp_json_text(row, "id")));
    if (cp_json_gone(row, "text") || cp_json_gone(row, "title"))
        show_gone(cli);
    cp_show_text(cli->out, cp_json_text(row, "text"), 14);
    if (state[0] != '\0' && strcmp(state, "open") != 0) {
        fputs("  (", cli->out);
        cp_show_text(cli->out, cp_words_label(state), 0);
        fputs(")", cli->out);
    }
    if (json_is_true(json_object_get(row, "edited_apart")) ||
        json_is_true(json_object_get(row, "closed_apart")))
        fprintf(cli->out, "  (%s)", cp_words_screen(CP_SAY_CHANGED_APART));
    if (json_object_size(json_object_get(row, "wordings")) > 0)
        fprintf(cli->out, "  (%s)", cp_words_screen(CP_SAY_TWO_WORDINGS_SHORT));
    fputs("\n", cli->out);
}

/* ------------------------------------------------------------------------------------------- list and show */

static void show_list(struct cp_cli *cli, json_t *rows)
{
    const char *kind = "";
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NOTHING_HERE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        if (strcmp(kind, cp_json_text(row, "kind")) != 0) {
            kind = cp_json_text(row, "kind");
            fprintf(cli->out, "%s%s\n", i > 0 ? "\n" : "", cp_words_label(kind));
        }
        show_item(cli, row);
    }
}

/* Evidence whose day to be looked at again has passed, the longest passed first. Takes the reference to rows. */
static json_t *keep_stale(json_t *rows, const char *on)
{
    json_t *kept = json_array();
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *again = cp_json_text(json_object_get(row, "fields"), "check_again_on");
        size_t at = json_array_size(kept);

        if (again[0] == '\0' || strcmp(again, on) >= 0)
            continue;
        while (at > 0 &&
               strcmp(cp_json_text(json_object_get(json_array_get(kept, at - 1), "fields"), "check_again_on"),
                      again) > 0)
            at--;
        json_array_insert(kept, at, row);
    }
    json_decref(rows);
    return kept;
}

static void show_stale(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NOTHING_STALE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        json_t *fields = json_object_get(row, "fields");

        cp_show(cli->out, CP_SAY_STALE, cp_show_id(cp_json_text(row, "id")), cp_json_text(row, "text"),
                cp_json_text(fields, "check_again_on"), cp_json_text(fields, "source"));
    }
}

static void show_perspectives(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NO_PERSPECTIVES, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        json_t *item = NULL;
        size_t n = 0;
        int64_t more = cp_json_number(row, "count") - (int64_t)json_array_size(json_object_get(row, "items"));

        cp_show(cli->out, CP_SAY_PERSPECTIVE, cp_json_text(row, "perspective"), NULL, NULL, NULL);
        if (!cp_json_true(row, "somebody"))
            cp_show(cli->out, CP_SAY_NO_ONE_YET, NULL, NULL, NULL, NULL);
        json_array_foreach(json_object_get(row, "items"), n, item)
            cp_show(cli->out, CP_SAY_PERSPECTIVE_ITEM, cp_show_id(cp_json_text(item, "id")),
                    cp_words_label(cp_json_text(item, "kind")), cp_json_text(item, "text"), NULL);
        if (cp_json_true(row, "hidden"))
            cp_show(cli->out, CP_SAY_PERSPECTIVE_SMALL, NULL, NULL, NULL, NULL);
        else if (more > 0)
            cp_show(cli->out, CP_SAY_PERSPECTIVE_MORE, cp_show_number(more), NULL, NULL, NULL);
    }
}

/* The day to look from: as typed, else by this device's clock. NULL: reported. */
static const char *find_day(struct cp_cli *cli, const struct cp_args *args, char out[static 11])
{
    const char *on = cp_args_option(args, "on");

    if (on != NULL && cp_day_number(cp_bytes_str(on)) == 0) {
        cp_fail(cli, CP_ERR_BAD_VALUE, on, "YYYY-MM-DD");
        return NULL;
    }
    cp_day_text((int64_t)time(NULL) / 86400 + cp_day_number(cp_bytes_str("1970-01-01")), out);
    return on != NULL ? on : out;
}

static int run_list(struct cp_cli *cli, const struct cp_args *args)
{
    const char *option = cp_args_option(args, "kind");
    const char *kind = args->count > 0 ? args->words[0] : option != NULL ? option : "";
    bool stale = cp_args_option(args, "stale") != NULL;
    bool sides = cp_args_option(args, "by-perspective") != NULL;
    char today[11];
    const char *day = NULL;
    json_t *rows = NULL;

    if ((args->count > 0 && option != NULL) || (stale && sides) ||
        (!stale && cp_args_option(args, "on") != NULL))
        return cp_fail(cli, CP_ERR_USAGE, NULL, cp_words_screen(CP_SAY_USE_LIST_KIND));
    if (sides)
        return cp_print(cli, cp_ask(cli, "by-perspective", json_pack("{s:s}", "kind", kind), CP_ASK_ROWS),
                        show_perspectives);
    if (stale && kind[0] != '\0' && strcmp(kind, "evidence") != 0)
        return cp_fail(cli, CP_ERR_USAGE, kind, cp_words_screen(CP_SAY_USE_ONLY_EVIDENCE));
    if (stale) {
        day = find_day(cli, args, today);
        if (day == NULL)
            return cli->status;
        kind = "evidence";
    }
    rows =
        cp_ask(cli, "list", json_pack("{s:s,s:b}", "kind", kind, "all", cp_args_option(args, "all") != NULL),
               CP_ASK_ROWS);
    if (stale && rows != NULL)
        rows = keep_stale(rows, day);
    return cp_print(cli, rows, stale ? show_stale : show_list);
}

/* ------------------------------------------------------------------------------------------- prompts */

static const struct {
    const char *prompt;
    enum cp_screen question;
} questions[] = {
    {"clear", CP_SAY_ASK_CLEAR}, {"tell", CP_SAY_ASK_TELL}, {"can", CP_SAY_ASK_CAN},
    {"helps", CP_SAY_ASK_HELPS}, {"when", CP_SAY_ASK_WHEN},
};

static void show_prompts(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        json_t *reason = NULL;
        size_t n = 0;

        for (size_t q = 0; q < sizeof questions / sizeof questions[0]; q++)
            if (strcmp(questions[q].prompt, cp_json_text(row, "prompt")) == 0)
                cp_show(cli->out, questions[q].question,
                        cp_words_screen(cp_json_true(row, "yes") ? CP_SAY_YES : CP_SAY_NOT_YET), NULL, NULL,
                        NULL);
        json_array_foreach(json_object_get(row, "reasons"), n, reason)
        {
            json_t *sentence = cp_check_sentence(cli->mem, reason);

            cp_show(cli->out, CP_SAY_WHY, json_string_value(sentence), NULL, NULL, NULL);
            json_decref(sentence);
        }
    }
}

static int run_prompts(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli, cp_ask(cli, "prompts", json_pack("{s:s}", "id", args->words[0]), CP_ASK_ROWS),
                    show_prompts);
}

static void show_notes(struct cp_cli *cli, json_t *notes)
{
    json_t *note = NULL;
    size_t i = 0;

    if (json_array_size(notes) > 0)
        cp_show(cli->out, CP_SAY_NOTES, NULL, NULL, NULL, NULL);
    json_array_foreach(notes, i, note)
    {
        fputs("  ", cli->out);
        cp_show_text(cli->out, cp_json_text(note, "name"), 4);
        fputs(", ", cli->out);
        cp_show_text(cli->out, cp_words_value(cp_json_text(note, "kind")), 4);
        fputs(": ", cli->out);
        cp_show_text(cli->out, cp_json_text(note, "text"), 4);
        if (json_is_true(json_object_get(note, "withdrawn")))
            show_gone(cli);
        if (cp_json_true(note, "for_a_member"))
            fputs(cp_words_screen(CP_SAY_SHOW_A_MEMBER), cli->out);
        fputs("\n", cli->out);
    }
}

static void show_views(struct cp_cli *cli, json_t *views)
{
    json_t *view = NULL;
    size_t i = 0;

    if (json_array_size(views) > 0)
        cp_show(cli->out, CP_SAY_VIEWS, NULL, NULL, NULL, NULL);
    json_array_foreach(views, i, view)
    {
        fputs("  ", cli->out);
        cp_show_text(cli->out, cp_json_text(view, "name"), 4);
        fputs(": ", cli->out);
        cp_show_text(cli->out, cp_words_value(cp_json_text(view, "measure")), 4);
        fputs(" ", cli->out);
        cp_show_value(cli->out, json_object_get(view, "value"), 4);
        if (json_is_object(json_object_get(view, "by"))) {
            json_t *how = json_pack("{s:s,s:s,s:O}", "how", "proxy", "name", cp_json_text(view, "name"), "by",
                                    json_object_get(view, "by"));

            cp_show_how(cli, how);
            json_decref(how);
        }
        if (cp_json_text(view, "why")[0] != '\0') {
            fputs(", ", cli->out);
            cp_show_text(cli->out, cp_json_text(view, "why"), 4);
        }
        fputs("\n", cli->out);
    }
}

static void show_show(struct cp_cli *cli, json_t *row)
{
    json_t *mark = NULL;
    size_t i = 0;
    json_t *people = cp_ask(cli, "people", json_object(), CP_ASK_ROWS);

    fprintf(cli->out, "%s\n", cp_words_label(cp_json_text(row, "kind")));
    show_item(cli, row);
    show_fields(cli, row, people);
    json_array_foreach(json_object_get(row, "marks"), i, mark)
    {
        fputs("  ! ", cli->out);
        cp_show_text(cli->out, json_string_value(mark), 4);
        fputs("\n", cli->out);
    }
    if (json_is_null(json_object_get(row, "marks")))
        cp_show(cli->out, CP_SAY_MARKS_BEYOND, cp_show_id(cp_json_text(row, "id")), NULL, NULL, NULL);
    show_views(cli, json_object_get(row, "views"));
    show_notes(cli, json_object_get(row, "notes"));
    if (json_array_size(json_object_get(row, "attachments")) > 0)
        cp_show(cli->out, CP_SAY_ATTACHMENTS_OF, NULL, NULL, NULL, NULL);
    cp_show_attachments(cli, json_object_get(row, "attachments"));
    if (json_array_size(json_object_get(row, "receipts")) > 0)
        cp_show(cli->out, CP_SAY_RECEIPTS, NULL, NULL, NULL, NULL);
    cp_show_receipts(cli, json_object_get(row, "receipts"));
    cp_show_history(cli, row, people);
    json_decref(people);
}

/* What has to be seen to on an action stands on the action. Null where the plan is so large that looking for it would
 * make people wait (MARKS_WITHIN entries take about a tenth of a second). */
static void add_marks(struct cp_cli *cli, json_t *row)
{
    json_t *rows =
        cp_ask(cli, "marks", json_pack("{s:s,s:i}", "id", cp_json_text(row, "id"), "within", MARKS_WITHIN), CP_ASK_ROWS);
    json_t *why = NULL;

    if (rows == NULL)
        return;
    if (json_object_get(json_array_get(rows, 0), "beyond") != NULL) {
        json_object_set_new(row, "marks", json_null());
        json_decref(rows);
        return;
    }
    cp_check_add_why(cli, rows);
    why = json_object_get(json_array_get(rows, 0), "why");
    if (why != NULL)
        json_object_set(row, "marks", why);
    else
        json_object_set_new(row, "marks", json_array());
    json_decref(rows);
}

static int run_show(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *row = cp_ask(cli, "show", json_pack("{s:s}", "id", args->words[0]), 0);

    /* What was dropped or set aside asks nothing of anybody. */
    if (row != NULL && strcmp(cp_json_text(row, "kind"), "action") == 0 &&
        strcmp(cp_json_text(row, "state"), "open") == 0)
        add_marks(cli, row);
    if (row != NULL)
        json_object_set_new(row, "attachments", cp_attachments_of(cli, cp_json_text(row, "id")));
    return cp_print(cli, row, show_show);
}

/* ------------------------------------------------------------------------------------------- the rest */

static void show_wordings(struct cp_cli *cli, json_t *rows)
{
    json_t *people = NULL;
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NO_WORDINGS, NULL, NULL, NULL, NULL);
    else
        people = cp_ask(cli, "people", json_object(), CP_ASK_ROWS);
    json_array_foreach(rows, i, row)
    {
        const char *id = cp_show_id(cp_json_text(row, "id"));
        const char *field = cp_json_text(row, "field");
        const char *suggestion = cp_json_text(row, "suggestion");

        fprintf(cli->out, "%s%s  ", i > 0 ? "\n" : "", id);
        cp_show_text(cli->out, cp_words_label(field), 0);
        fputs("\n  ", cli->out);
        cp_show(cli->out, CP_SAY_TWO_WORDINGS, NULL, NULL, NULL, NULL);
        cp_show_wordings(cli, json_object_get(row, "wordings"), people, cp_json_text(row, "id"), field);
        if (suggestion[0] != '\0')
            cp_show(cli->out, CP_SAY_SUGGESTION, suggestion, id, field, NULL);
    }
    json_decref(people);
}

static int run_wordings(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "wordings", json_object(), CP_ASK_ROWS), show_wordings);
}

static int run_log(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(
        cli, cp_ask(cli, "log", json_pack("{s:s}", "id", args->count > 0 ? args->words[0] : ""), CP_ASK_ROWS),
        cp_show_log);
}

static void show_digest(struct cp_cli *cli, json_t *value)
{
    cp_show(cli->out, CP_SAY_DIGEST, cp_show_number(cp_json_number(value, "entries")),
            cp_json_text(value, "log"), cp_json_text(value, "state"), NULL);
}

static int run_digest(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "digest", json_object(), 0), show_digest);
}

static void show_plans(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NO_PLANS, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        cp_show(cli->out, CP_SAY_PLAN_LINE, cp_show_id(cp_json_text(row, "plan")), cp_show_title(row),
                cp_words_label(cp_json_text(row, "stage")), NULL);
        cp_show_carried(cli, row);
    }
}

static int run_plan_list(struct cp_cli *cli, const struct cp_args *args)
{
    const char *on = cp_args_option(args, "on");

    return cp_print(cli,
                    cp_ask(cli, "plan-list", json_pack("{s:s}", "on", on != NULL ? on : ""), CP_ASK_ROWS),
                    show_plans);
}

static const struct cp_option plans_options[] = {{"on", true}, {NULL, false}};
static const struct cp_option list_options[] = {
    {"all", false}, {"kind", true}, {"stale", false}, {"by-perspective", false}, {"on", true}, {NULL, false}};

const struct cp_command cp_look_commands[] = {
    {"plan list", "[--on YYYY-MM-DD]",
     "The plans on this device, and how far each has come; --on as on that day.", plans_options, 0, 0,
     run_plan_list},
    {"list", "[KIND | --kind KIND] [--all] [--by-perspective] [--stale [--on YYYY-MM-DD]]",
     "What we wrote down; --all also shows what was set aside, --by-perspective sorts it by the sides that speak, "
     "--stale shows sources past the day to look at them again.",
     list_options, 0, 1, run_list},
    {"show", "ID", "One thing, with its history, notes and views.", NULL, 1, 1, run_show},
    {"prompts", "ID", "Five questions about one action: clear, done, can we, does it help, by when?", NULL, 1,
     1, run_prompts},
    {"wordings", "", "Where two of us changed the same thing.", NULL, 0, 0, run_wordings},
    {"log", "[ID]", "Who did what, newest last.", NULL, 0, 1, run_log},
    {"digest", "", "Two strings that are equal on two devices exactly when both hold and show the same.",
     NULL, 0, 0, run_digest},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
