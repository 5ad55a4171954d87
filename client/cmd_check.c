/* The standard's report: check. Also the sentences of its reasons. */
#include "client/cmd_check.h"

#include <inttypes.h>

#include "client/connect.h"
#include "client/value.h"
#include "client/words_check.h"
#include "client/words_page.h"

/* ------------------------------------------------------------------------------------------- amounts */

void cp_put_pence(struct cp_buf *out, int64_t pence)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%" PRId64, pence / 100);

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            cp_buf_put_byte(out, ',');
        cp_buf_put_byte(out, (uint8_t)digits[i]);
    }
    snprintf(digits, sizeof digits, ".%02d", (int)(pence % 100));
    cp_buf_put_str(out, digits);
}

void cp_put_minutes(struct cp_buf *out, int64_t minutes)
{
    char text[64];

    if (minutes % 60 == 0)
        snprintf(text, sizeof text, "%" PRId64 " h", minutes / 60);
    else if (minutes < 60)
        snprintf(text, sizeof text, "%" PRId64 " min", minutes);
    else
        snprintf(text, sizeof text, "%" PRId64 " h %" PRId64 " min", minutes / 60, minutes % 60);
    cp_buf_put_str(out, text);
}

/* An argument as people write it; NUL-terminated. */
static void put_arg(struct cp_buf *out, json_t *arg)
{
    char number[32], label[64];

    if (json_is_string(arg)) {
        cp_buf_put_bytes(out, cp_json_bytes(arg));
    } else if (json_is_integer(arg)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(arg));
        cp_buf_put_str(out, number);
    } else if (json_object_get(arg, "word") != NULL) {
        cp_buf_put_str(out, cp_words_page_label(cp_json_text(arg, "word"), label, sizeof label));
    } else if (json_object_get(arg, "pence") != NULL) {
        cp_put_pence(out, cp_json_number(arg, "pence"));
    } else if (json_object_get(arg, "minutes") != NULL) {
        cp_put_minutes(out, cp_json_number(arg, "minutes"));
    }
    cp_buf_put_byte(out, 0);
}

/* ------------------------------------------------------------------------------------------- sentences */

/* Sentences after sentences: a plan of thousands of records has thousands of reasons, and few codes. */
struct saying {
    char code[64]; /* the last one, and */
    bool point;    /* who said it: */
    const char *sentence;
    struct cp_buf args[4], out;
};

static void saying_begin(struct saying *s, const struct cp_mem *mem)
{
    *s = (struct saying){.sentence = NULL};
    for (size_t i = 0; i < 4; i++)
        cp_buf_init(&s->args[i], mem, SIZE_MAX / 2);
    cp_buf_init(&s->out, mem, SIZE_MAX / 2);
}

static void saying_end(struct saying *s)
{
    for (size_t i = 0; i < 4; i++)
        cp_buf_clear(&s->args[i]);
    cp_buf_clear(&s->out);
}

/* A point of the standard says it, or freezing itself: some codes are said by both, with other arguments. */
static const char *sentence_of(struct saying *s, const char *code, bool point)
{
    if (s->code[0] != '\0' && s->point == point && strcmp(s->code, code) == 0)
        return s->sentence;
    s->sentence = point ? cp_words_check(code) : cp_words_reason(code);
    s->point = point;
    snprintf(s->code, sizeof s->code, "%s", strlen(code) < sizeof s->code ? code : "");
    return s->sentence;
}

static json_t *say(struct saying *s, const json_t *reason)
{
    const json_t *list = json_object_get(reason, "args");
    const char *code = cp_json_text(reason, "code");
    const char *sentence = sentence_of(s, code, json_object_get(reason, "criterion") != NULL);
    const char *args[4] = {NULL, NULL, NULL, NULL};

    for (size_t i = 0; i < 4; i++) {
        cp_buf_reset(&s->args[i]);
        put_arg(&s->args[i], json_array_get(list, i));
        args[i] = cp_buf_err(&s->args[i]) == CP_OK ? (const char *)s->args[i].ptr : NULL;
    }
    cp_buf_reset(&s->out);
    if (sentence == NULL) /* said by a newer daemon: its code and what it is about */
        cp_buf_put_str(&s->out, code);
    cp_words_fill(sentence != NULL ? sentence : "[: {1}][ {2}][ {3}]", args, &s->out);
    return cp_buf_err(&s->out) == CP_OK ? json_stringn((const char *)s->out.ptr, s->out.len) : NULL;
}

json_t *cp_check_sentence(const struct cp_mem *mem, const json_t *reason)
{
    struct saying s;
    json_t *made = NULL;

    saying_begin(&s, mem);
    made = say(&s, reason);
    saying_end(&s);
    return made;
}

/* Makes one row of those that the daemon had to split: a point's rows follow each other (docs/api.md). */
static void join_rows(json_t *rows)
{
    static const char *const lists[] = {"reasons", "records", "texts"};

    for (size_t i = json_array_size(rows); i > 1; i--) {
        json_t *row = json_array_get(rows, i - 2);
        json_t *next = json_array_get(rows, i - 1);

        if (strcmp(cp_json_text(row, "criterion"), cp_json_text(next, "criterion")) != 0)
            continue;
        for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
            (void)json_array_extend(json_object_get(row, lists[l]), json_object_get(next, lists[l])); /* where it is told */
        json_array_remove(rows, i - 1);
    }
}

void cp_check_add_why(struct cp_cli *cli, json_t *rows)
{
    struct saying s;
    json_t *row = NULL;
    json_t *reason = NULL;
    size_t i = 0;
    size_t j = 0;

    saying_begin(&s, cli->mem);
    json_array_foreach(rows, i, row)
    {
        json_t *why = json_array();

        json_array_foreach(json_object_get(row, "reasons"), j, reason)
            json_array_append_new(why, say(&s, reason));
        json_object_set_new(row, "why", why);
    }
    saying_end(&s);
}

/* ------------------------------------------------------------------------------------------- for people */

static const char *met_words(const char *met)
{
    if (strcmp(met, "yes") == 0)
        return cp_words_screen(CP_SAY_SHOW_MET);
    return cp_words_screen(strcmp(met, "no") == 0 ? CP_SAY_SHOW_NOT_MET : CP_SAY_SHOW_NEEDS_PEOPLE);
}

static void show_reasons(struct cp_cli *cli, const json_t *row)
{
    const json_t *why = json_object_get(row, "why");
    json_t *reason = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "reasons"), i, reason)
    {
        const char *weight = cp_json_text(reason, "weight");

        fputs(strcmp(weight, "remark") == 0 ? "       . " : "       - ", cli->out);
        cp_show_text(cli->out, json_string_value(json_array_get(why, i)), 9);
        fputs("\n", cli->out);
    }
}

/* "no lead": a code in short, for the lines by action. */
static void show_short(struct cp_cli *cli, const char *code)
{
    const char *said = cp_words_short(code);

    if (said != NULL)
        fputs(said, cli->out);
    for (; said == NULL && *code != '\0'; code++)
        fputc(*code == '_' ? ' ' : *code, cli->out);
}

/* A row's reasons that are no remarks, by the record they are about: an array for each. A plan of thousands of actions
 * has thousands of reasons, and is not to be searched for each action anew. The caller gives it back. */
static json_t *by_record(const json_t *row)
{
    json_t *index = json_object();
    json_t *reason = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "reasons"), i, reason)
    {
        const char *record = cp_json_text(reason, "record");

        if (strcmp(cp_json_text(reason, "weight"), "remark") == 0)
            continue;
        if (json_object_get(index, record) == NULL)
            json_object_set_new(index, record, json_array());
        json_array_append(json_object_get(index, record), reason);
    }
    return index;
}

/* "P9.1 ok" or "P9.2 no lead" of one action. reasons: by_record of the row. */
static void show_action_point(struct cp_cli *cli, const json_t *row, const json_t *reasons,
                              const char *action)
{
    json_t *reason = NULL;
    bool any = false;
    size_t i = 0;

    fprintf(cli->out, "  %s ", cp_json_text(row, "criterion"));
    json_array_foreach(json_object_get(reasons, action), i, reason)
    {
        fputs(any ? ", " : "", cli->out);
        show_short(cli, cp_json_text(reason, "code"));
        any = true;
    }
    fputs(any ? "" : cp_words_screen(CP_SAY_SHOW_ACTION_OK), cli->out);
}

static bool is_point_of_action(const json_t *row)
{
    return strncmp(cp_json_text(row, "criterion"), "P9.", 3) == 0;
}

/* The sub-points of P9 from `at` on, a line for each action; what is about the plan comes after. */
static void show_by_action(struct cp_cli *cli, json_t *rows, size_t at)
{
    json_t *first = json_array_get(rows, at);
    json_t *points = json_array();
    json_t *action = NULL;
    size_t i = 0;

    for (size_t j = at; is_point_of_action(json_array_get(rows, j)); j++)
        json_array_append_new(points, by_record(json_array_get(rows, j)));
    json_array_foreach(json_object_get(first, "records"), i, action)
    {
        const char *text = json_string_value(json_array_get(json_object_get(first, "texts"), i));

        fputs("       ", cli->out);
        cp_show_text(cli->out, text != NULL ? text : "", 9);
        fputs(":", cli->out);
        for (size_t j = 0; j < json_array_size(points); j++)
            show_action_point(cli, json_array_get(rows, at + j), json_array_get(points, j),
                              json_string_value(action));
        fputs("\n", cli->out);
    }
    json_decref(points);
}

static void show_check(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *name = cp_json_text(row, "criterion");

        fprintf(cli->out, "%-5s  %-12s  %s\n", name, met_words(cp_json_text(row, "met")),
                cp_words_criterion(name));
        show_reasons(cli, row);
        if (strcmp(name, "P9") == 0 && i + 1 < json_array_size(rows))
            show_by_action(cli, rows, i + 1);
    }
}

static json_t *day_of(const struct cp_args *args)
{
    const char *on = cp_args_option(args, "on");

    return json_string(on != NULL ? on : "");
}

static int run_check(struct cp_cli *cli, const struct cp_args *args)
{
    json_t *names = json_array();
    json_t *rows = NULL;

    for (size_t i = 0; i < args->count; i++)
        json_array_append_new(names, json_string(args->words[i]));
    rows = cp_ask(cli, "check",
                  json_pack("{s:o,s:o,s:s}", "criteria", names, "on", day_of(args), "records",
                            cli->json ? "all" : "actions"),
                  CP_ASK_ROWS);
    if (rows != NULL) {
        join_rows(rows);
        cp_check_add_why(cli, rows);
    }
    return cp_print(cli, rows, show_check);
}

/* ------------------------------------------------------------------------------------------- the table */

static int run_rank(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli,
                    cp_ask(cli, "rank",
                           json_pack("{s:s,s:o}", "priority", args->words[0], "on", day_of(args)),
                           CP_ASK_ROWS),
                    cp_show_rank);
}

static int run_ground(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli,
                    cp_ask(cli, "common-ground",
                           json_pack("{s:s}", "priority", args->count > 0 ? args->words[0] : ""),
                           CP_ASK_ROWS),
                    cp_show_ground);
}

static int run_match(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "match", json_object(), CP_ASK_ROWS), cp_show_match);
}

static int run_who(struct cp_cli *cli, const struct cp_args *args)
{
    int overdue = cp_args_option(args, "overdue-contact") != NULL;

    return cp_print(cli,
                    cp_ask(cli, "who", json_pack("{s:b,s:o}", "overdue_contact", overdue, "on", day_of(args)),
                           CP_ASK_ROWS),
                    cp_show_who);
}

static int run_balance(struct cp_cli *cli, const struct cp_args *args)
{
    (void)args;
    return cp_print(cli, cp_ask(cli, "balance", json_object(), CP_ASK_ROWS), cp_show_balance);
}

static int run_review(struct cp_cli *cli, const struct cp_args *args)
{
    return cp_print(cli, cp_ask(cli, "review", json_pack("{s:o}", "on", day_of(args)), CP_ASK_ROWS),
                    cp_show_review);
}

static const struct cp_option day_options[] = {{"on", true}, {NULL, false}};
static const struct cp_option who_options[] = {{"overdue-contact", false}, {"on", true}, {NULL, false}};

const struct cp_command cp_check_commands[] = {
    {"check", "[CRITERION ...] [--on YYYY-MM-DD]",
     "What is met, what is not yet, and what needs people: P1 to P13, C1 to C10 (or partnership, fairness, strengths "
     "...), K-A to K-G or K1 to K36. Ends with 1 when something asked for is not met.",
     day_options, 0, CP_ARGS_MAX, run_check},
    {"rank", "PRIORITY [--on YYYY-MM-DD]",
     "Compare our ideas for one priority: each person's mean, each side's middle, and the idea whose lowest middle is "
     "highest comes first.",
     day_options, 1, 1, run_rank},
    {"common-ground", "[PRIORITY]",
     "The ideas that everyone can live with, then those that one of us cannot.", NULL, 0, 1, run_ground},
    {"match", "", "What gets in the way, and what is offered that could help.", NULL, 0, 0, run_match},
    {"who", "[--overdue-contact] [--on YYYY-MM-DD]", "Who is here, for which sides, and who is missing.",
     who_options, 0, 0, run_who},
    {"balance", "", "Money and time asked and offered; who speaks, scores and leads, by side.", NULL, 0, 0,
     run_balance},
    {"review", "[--on YYYY-MM-DD]",
     "How it goes: done since last time, achievements, stuck, late, due soon, what gets in the way.",
     day_options, 0, 0, run_review},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
