/* What we said to each other, what we have an interest in, and a guide for each stage. Must not: write to a plan. */
#include <stdlib.h>
#include <string.h>

#include "client/cmd_check.h"
#include "client/connect.h"
#include "client/file.h"
#include "client/guide.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- talk */

/* A sentence on a line of its own; what people wrote can begin no other. c goes where {3} stands. */
static void line_of(struct cp_cli *cli, int64_t depth, enum cp_screen id, const char *a, const char *b,
                    const char *c)
{
    const char *const args[4] = {a, b, c, NULL};
    size_t blanks = 4 * (size_t)(depth > 20 ? 20 : depth);
    struct cp_buf text;

    cp_buf_init(&text, cli->mem, SIZE_MAX / 2);
    cp_words_fill(cp_words_screen(id), args, &text);
    cp_buf_put_byte(&text, 0);
    fprintf(cli->out, "%*s", (int)blanks, "");
    if (cp_buf_err(&text) == CP_OK)
        cp_show_text(cli->out, (const char *)text.ptr, blanks + 4);
    fputs("\n", cli->out);
    cp_buf_clear(&text);
}

static void show_line(struct cp_cli *cli, json_t *line)
{
    json_t *now = json_object_get(line, "now");
    const char *how = cp_json_text(now, "how");
    const char *number = cp_show_number(cp_json_number(now, "number"));

    line_of(cli, 1, CP_SAY_TALK_LINE, cp_show_number(cp_json_number(line, "number")),
            cp_json_text(line, "words"), NULL);
    if (strcmp(how, "same") == 0)
        line_of(cli, 1, CP_SAY_TALK_SAME, number, NULL, NULL);
    else if (strcmp(how, "changed") == 0)
        line_of(cli, 1, CP_SAY_TALK_NOW, number, cp_json_text(now, "words"), NULL);
    else if (strcmp(how, "gone") == 0)
        line_of(cli, 1, CP_SAY_TALK_GONE, NULL, NULL, NULL);
}

static void show_quote(struct cp_cli *cli, json_t *row, int64_t depth)
{
    json_t *quote = json_object_get(row, "quotes");

    if (json_is_object(quote))
        line_of(cli, depth, CP_SAY_TALK_QUOTES, cp_json_text(quote, "name"), cp_json_text(quote, "text"),
                NULL);
    else
        line_of(cli, depth, CP_SAY_TALK_QUOTE_GONE, NULL, NULL, NULL);
}

static void show_said(struct cp_cli *cli, json_t *row)
{
    const char *changed = cp_json_text(row, "changed"), *name = cp_json_text(row, "name");
    int64_t depth = cp_json_number(row, "depth");

    if (strcmp(cp_json_text(row, "kind"), "reply") == 0)
        show_quote(cli, row, depth);
    if (cp_json_true(row, "differently"))
        line_of(cli, depth, CP_SAY_TALK_DIFFERENTLY, name, cp_json_text(row, "text"), NULL);
    else
        line_of(cli, depth, CP_SAY_TALK_SAID, name, cp_words_value(cp_json_text(row, "kind")),
                cp_json_text(row, "text"));
    if (changed[0] != '\0')
        line_of(cli, depth, strcmp(changed, "yes") == 0 ? CP_SAY_TALK_CHANGED : CP_SAY_TALK_STAYS, NULL, NULL,
                NULL);
    if (json_is_object(json_object_get(row, "line")))
        show_line(cli, json_object_get(row, "line"));
}

static void show_talk(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_TALK_NOTHING, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        if (i > 0 && cp_json_number(row, "depth") == 0)
            fputs("\n", cli->out);
        show_said(cli, row);
    }
}

static int run_talk(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(
        cli,
        cp_ask(cli, "talk", json_pack("{s:s}", "id", args->count > 0 ? args->words[0] : ""), CP_ASK_ROWS),
        show_talk);
}

/* ------------------------------------------------------------------------------------------- marks */

static void show_marks(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    json_t *inner = NULL;
    size_t i = 0;
    size_t k = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NO_MARKS, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        json_array_foreach(json_object_get(row, "why"), k, inner)
        {
            cp_show_text(cli->out, json_string_value(inner), 4);
            fputs("\n", cli->out);
        }
        json_array_foreach(json_object_get(row, "helpers"), k, inner)
            cp_show(cli->out, CP_SAY_MARK_HELPERS, cp_json_text(inner, "name"), NULL, NULL, NULL);
    }
}

static int run_marks(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *rows = cp_ask(cli, "marks",
                          json_pack("{s:s,s:b}", "id", args->count > 0 ? args->words[0] : "", "mine",
                                    cp_args_option(args, "mine") != NULL),
                          CP_ASK_ROWS);

    if (rows != NULL)
        cp_check_add_why(cli, rows);
    return cp_print(cli, rows, show_marks);
}

/* ------------------------------------------------------------------------------------------- readings */

enum {
    BAR = 30
};

/* A whole number of not more than nine digits; -1 for anything else. */
static int64_t number_of(const char *text)
{
    size_t len = strspn(text, "0123456789");

    return len == 0 || len > 9 || text[len] != '\0' ? -1 : (int64_t)strtol(text, NULL, 10);
}

static void put_bar(char out[static BAR + 1], int64_t value, int64_t most)
{
    int64_t width = value <= 0 || most <= 0 ? 0 : value * BAR / most;

    memset(out, '#', (size_t)width);
    out[width] = '\0';
}

static void show_reading_rows(struct cp_cli *cli, json_t *row)
{
    json_t *reading = NULL;
    int64_t most = number_of(cp_json_text(row, "target"));
    size_t i = 0;

    json_array_foreach(json_object_get(row, "readings"), i, reading)
    {
        int64_t value = number_of(cp_json_text(reading, "value"));

        most = value > most ? value : most;
    }
    json_array_foreach(json_object_get(row, "readings"), i, reading)
    {
        const char *unit = cp_json_text(reading, "unit");
        char bar[BAR + 1];

        put_bar(bar, number_of(cp_json_text(reading, "value")), most);
        cp_show(cli->out, CP_SAY_READINGS_ONE, cp_json_text(reading, "on"), cp_json_text(reading, "value"),
                unit[0] != '\0' ? unit : cp_json_text(row, "unit"), bar);
    }
    if (json_array_size(json_object_get(row, "readings")) == 0)
        cp_show(cli->out, CP_SAY_READINGS_NONE, NULL, NULL, NULL, NULL);
}

static void show_readings(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NOTHING_HERE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        cp_show(cli->out, CP_SAY_READINGS_HEAD, cp_json_text(row, "text"), cp_json_text(row, "measure"),
                cp_json_text(row, "baseline"), cp_json_text(row, "target"));
        show_reading_rows(cli, row);
    }
}

static int run_readings(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(
        cli,
        cp_ask(cli, "readings", json_pack("{s:s}", "id", args->count > 0 ? args->words[0] : ""), CP_ASK_ROWS),
        show_readings);
}

/* ------------------------------------------------------------------------------------------- needs and strengths */

static void show_beside(struct cp_cli *cli, json_t *row, const char *key, enum cp_screen head,
                        enum cp_screen none)
{
    json_t *items = json_object_get(row, key);
    json_t *item = NULL;
    size_t i = 0;

    cp_show(cli->out, json_array_size(items) > 0 ? head : none, NULL, NULL, NULL, NULL);
    json_array_foreach(items, i, item) cp_show(cli->out, CP_SAY_BESIDE_ONE, cp_json_text(item, "text"),
                                               cp_show_id(cp_json_text(item, "id")), NULL, NULL);
}

static void show_strengths(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NOTHING_HERE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        const char *group = cp_json_text(row, "group");

        cp_show(cli->out, CP_SAY_BESIDE_WHO, group[0] != '\0' ? group : cp_json_text(row, "name"), NULL, NULL,
                NULL);
        show_beside(cli, row, "needs", CP_SAY_BESIDE_NEEDS, CP_SAY_BESIDE_NO_NEEDS);
        show_beside(cli, row, "strengths", CP_SAY_BESIDE_STRENGTHS, CP_SAY_BESIDE_NO_STRENGTHS);
    }
}

static int run_strengths(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "strengths", json_object(), CP_ASK_ROWS), show_strengths);
}

/* ------------------------------------------------------------------------------------------- small pages */

/* To --out, else to the screen; with --json the page as a string. */
static int give_page(struct cp_cli *cli, const struct cp_args *args, const struct cp_buf *page)
{
    const char *out = cp_file_out(args);

    if (cp_buf_err(page) != CP_OK)
        return cp_fail(cli, cp_buf_err(page), NULL, NULL);
    if (cli->json && out == NULL)
        return cp_print(cli, json_stringn((const char *)page->ptr, page->len), NULL);
    if (!cp_file_write_or_print(cli, out, cp_buf_bytes(page)))
        return cli->status;
    if (cli->json)
        return cp_print(cli, json_pack("{s:s,s:I}", "file", out, "bytes", (json_int_t)page->len), NULL);
    return cli->status;
}

static void put_said(struct cp_small *p, enum cp_screen id, const char *a, const char *b)
{
    char *said = cp_small_say(id, a, b);

    if (said != NULL)
        cp_small_item(p, said);
    free(said);
}

static void put_person(struct cp_small *p, json_t *row)
{
    json_t *interests = json_object_get(row, "interests");
    json_t *values = json_object_get(row, "values");
    json_t *said = NULL;
    size_t i = 0;

    if (json_array_size(interests) == 0)
        put_said(p, CP_SAY_INTERESTS_NOTHING, cp_json_text(row, "name"), NULL);
    json_array_foreach(interests, i, said)
        put_said(p, CP_SAY_INTERESTS_ONE, cp_json_text(row, "name"), cp_json_text(said, "text"));
    json_array_foreach(values, i, said)
        put_said(p, CP_SAY_INTERESTS_VALUES, cp_json_text(row, "name"), cp_json_text(said, "text"));
}

static int run_interests(struct cp_cli *cli, const struct cp_args *args)
{
    bool html = cp_args_option(args, "html") != NULL, file = cp_file_out(args) != NULL;
    json_t *rows = cp_ask(cli, "interests", json_object(), CP_ASK_ROWS);
    json_t *row = NULL;
    struct cp_small p;
    struct cp_buf page;
    size_t i = 0;

    if (rows == NULL || (cli->json && !html && !file))
        return cp_print(cli, rows, NULL);
    cp_buf_init(&page, cli->mem, SIZE_MAX / 2);
    cp_small_begin(&p, html, &page, cp_words_screen(CP_SAY_INTERESTS_TITLE));
    cp_small_paragraph(&p, cp_words_screen(CP_SAY_INTERESTS_WHAT));
    json_array_foreach(rows, i, row) put_person(&p, row);
    cp_small_end(&p);
    json_decref(rows);
    (void)give_page(cli, args, &page);
    cp_buf_clear(&page);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- guide */

/* The stage of the plan asked for, or of the only one. NULL: there is none, and then a plan begins by gathering. */
static const char *own_stage(struct cp_cli *cli, json_t *plans)
{
    const char *wanted = cli->plan == NULL ? "" : cli->plan;
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(plans, i, row) if (strncmp(cp_json_text(row, "plan"), wanted, strlen(wanted)) ==
                                          0) return cp_json_text(row, "stage");
    return "gathering";
}

static int run_guide(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *plans = NULL;
    const char *stage = args->count > 0 ? args->words[0] : NULL;
    struct cp_buf page;

    if (stage == NULL) {
        plans = cp_ask(cli, "plan-list", json_pack("{s:s}", "on", ""), CP_ASK_ROWS);
        if (plans == NULL)
            return cli->status;
        stage = own_stage(cli, plans);
        if (stage[0] == '\0') { /* a locked home does not say */
            json_decref(plans);
            return cp_fail(cli, CP_ERR_LOCKED, NULL, NULL);
        }
    }
    stage = cp_guide_of_stage(stage);
    cp_buf_init(&page, cli->mem, SIZE_MAX / 2);
    if (stage != NULL && cp_guide_write(stage, cp_args_option(args, "html") != NULL, &page))
        (void)give_page(cli, args, &page);
    else
        cp_fail(cli, CP_ERR_USAGE, args->count > 0 ? args->words[0] : "", CP_GUIDE_STAGES);
    cp_buf_clear(&page);
    json_decref(plans);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option marks_options[] = {{"mine", false}, {NULL, false}};
static const struct cp_option page_options[] = {{"html", false}, {"out", true}, {NULL, false}};

const struct cp_command cp_talk_commands[] = {
    {"talk", "[ID]",
     "What we said to each other: comments with the line they are about, and replies with the words they answer.",
     NULL, 0, 1, run_talk},
    {"marks", "[ID] [--mine]",
     "What has to be seen to on our actions; --mine: on those that somebody here leads or helps.",
     marks_options, 0, 1, run_marks},
    {"readings", "[ACTION]", "Is it working? What we measure, and each reading with its day.", NULL, 0, 1,
     run_readings},
    {"strengths", "",
     "What each of us and each group needs, and beside it what they are good at and what they can bring.",
     NULL, 0, 0, run_strengths},
    {"interests", "[--html] [--out FILE]",
     "The register of interests: what each of us says we gain or lose by it.", page_options, 0, 0,
     run_interests},
    {"guide", "[STAGE] [--html] [--out FILE]",
     "What to do at this stage: questions to ask each other, on one sheet of paper. It needs no network.",
     page_options, 0, 1, run_guide},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
