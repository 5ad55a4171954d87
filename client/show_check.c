/* Rankings, common ground, who is here, balance and reviews in words. Must not: talk to the daemon. */
#include "client/cmd_check.h"

#include <inttypes.h>

#include "client/value.h"

static void text_of(struct cp_cli *cli, const json_t *row, const char *key)
{
    /* A side is named as people's sides are. */
    cp_show_text(
        cli->out,
        cp_words_of_field(strcmp(key, "perspective") == 0 ? "perspectives" : key, cp_json_text(row, key)), 4);
}

static void line(struct cp_cli *cli, const char *before, const json_t *row, const char *key,
                 const char *after)
{
    fputs(before, cli->out);
    text_of(cli, row, key);
    fputs(after, cli->out);
}

static const char *number(const json_t *row, const char *key)
{
    return cp_show_number(cp_json_number(row, key));
}

static const char *or_dash(const json_t *row, const char *key)
{
    const char *text = cp_json_text(row, key);

    return text[0] != '\0' ? text : "-";
}

/* ------------------------------------------------------------------------------------------- rank */

static void show_perspective(struct cp_cli *cli, const json_t *row)
{
    line(cli, "        ", row, "perspective", ": ");
    if (cp_json_true(row, "hidden"))
        cp_show(cli->out, CP_SAY_SHOW_TOO_FEW, NULL, NULL, NULL, NULL);
    else
        cp_show(cli->out, CP_SAY_SHOW_MEDIAN, or_dash(row, "median"), number(row, "scored"),
                number(row, "people"), NULL);
}

void cp_show_rank(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    json_t *inner = NULL;
    size_t i = 0;
    size_t j = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NOTHING_HERE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        if (cp_json_true(row, "answer_first")) {
            line(cli, "  ", row, "text", "   ");
            cp_show(cli->out, CP_SAY_SHOW_SCORE_FIRST, NULL, NULL, NULL, NULL);
            continue;
        }
        fprintf(cli->out, "%" PRId64 ". ", cp_json_number(row, "place"));
        text_of(cli, row, "text");
        fputs("\n", cli->out);
        cp_show(cli->out, CP_SAY_SHOW_RANK_LINE, or_dash(row, "lowest"), or_dash(row, "overall"),
                number(row, "cannot"), number(row, "dont_know"));
        json_array_foreach(json_object_get(row, "perspectives"), j, inner) show_perspective(cli, inner);
        json_array_foreach(json_object_get(row, "other_weights"), j, inner)
            cp_show(cli->out, CP_SAY_SHOW_OTHER_WEIGHT, cp_json_text(inner, "text"), number(inner, "counts"),
                    number(inner, "place"), NULL);
        if (cp_json_number(row, "late") > 0)
            cp_show(cli->out, CP_SAY_SHOW_LATE_SCORES, number(row, "late"), NULL, NULL, NULL);
    }
}

/* ------------------------------------------------------------------------------------------- common ground, match */

void cp_show_ground(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    const char *last = "";
    size_t i = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NOTHING_HERE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        const char *ground = cp_json_text(row, "ground");

        if (cp_json_true(row, "answer_first")) {
            line(cli, "  ", row, "text", "   ");
            cp_show(cli->out, CP_SAY_SHOW_ANSWER_FIRST, NULL, NULL, NULL, NULL);
            continue;
        }
        if (strcmp(ground, last) != 0)
            fprintf(cli->out, "%s:\n",
                    strcmp(ground, "common ground") == 0 ? cp_words_screen(CP_SAY_SHOW_GROUND_ALL)
                    : strcmp(ground, "one cannot") == 0  ? cp_words_screen(CP_SAY_SHOW_GROUND_ONE)
                                                         : cp_words_label(ground));
        last = ground;
        line(cli, "  ", row, "text", "\n");
        if (strcmp(ground, "one cannot") == 0) {
            line(cli, "      ", row, "name", "");
            line(cli, ": ", row, "why", "");
            if (cp_json_text(row, "would_change_if")[0] != '\0')
                cp_show_part(cli->out, CP_SAY_SHOW_WOULD_CHANGE, cp_json_text(row, "would_change_if"), NULL,
                             NULL, NULL);
            fputs("\n", cli->out);
        }
    }
}

void cp_show_match(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    json_t *offer = NULL;
    size_t i = 0;
    size_t j = 0;

    if (json_array_size(rows) == 0)
        cp_show(cli->out, CP_SAY_NOTHING_HERE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        line(cli, "", row, "text", "");
        line(cli, "  (", row, "type", ")\n");
        json_array_foreach(json_object_get(row, "offers"), j, offer)
        {
            line(cli, "    ", offer, "text", "");
            line(cli, "   (", offer, "name", ")\n");
        }
        if (json_array_size(json_object_get(row, "offers")) == 0)
            cp_show(cli->out, CP_SAY_SHOW_MATCH_NONE, NULL, NULL, NULL, NULL);
    }
}

/* ------------------------------------------------------------------------------------------- who, balance */

static void show_side(struct cp_cli *cli, const json_t *row, bool balance)
{
    line(cli, "  ", row, "perspective", ": ");
    if (!cp_json_true(row, "somebody"))
        cp_show_part(cli->out, CP_SAY_SHOW_SIDE_NOBODY, NULL, NULL, NULL, NULL);
    else if (cp_json_true(row, "hidden"))
        cp_show_part(cli->out, CP_SAY_SHOW_SIDE_HIDDEN, NULL, NULL, NULL, NULL);
    else
        cp_show_part(cli->out, CP_SAY_SHOW_SIDE_COUNT, number(row, "people"), NULL, NULL, NULL);
    if (balance && cp_json_true(row, "somebody") && !cp_json_true(row, "hidden"))
        cp_show_part(cli->out, CP_SAY_SHOW_SIDE_SHARES, number(row, "speak"), number(row, "score"),
                     number(row, "lead"), NULL);
    if (cp_json_true(row, "needed")) {
        fputs("   ", cli->out);
        cp_show_part(cli->out, CP_SAY_SHOW_SIDE_NEEDED, NULL, NULL, NULL, NULL);
    }
    fputs("\n", cli->out);
}

void cp_show_who(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    json_t *duty = NULL;
    size_t i = 0;
    size_t k = 0;

    json_array_foreach(rows, i, row)
    {
        if (strcmp(cp_json_text(row, "what"), "perspective") == 0) {
            show_side(cli, row, false);
            continue;
        }
        line(cli, "", row, "name", "");
        if (cp_json_true(row, "someone")) {
            fprintf(cli->out, "  (%s)", cp_words_screen(CP_SAY_WITHOUT_DEVICE));
        } else if (!cp_json_true(row, "in")) {
            fputs("  ", cli->out);
            cp_show_part(cli->out, CP_SAY_SHOW_LEFT, NULL, NULL, NULL, NULL);
        }
        if (json_array_size(json_object_get(row, "perspectives")) > 0) {
            fputs("  ", cli->out);
            cp_show_value(cli->out, json_object_get(row, "perspectives"), 4);
        }
        if (cp_json_true(row, "contact_overdue")) {
            fputs("  ", cli->out);
            cp_show_part(cli->out, CP_SAY_SHOW_CONTACT_DUE, NULL, NULL, NULL, NULL);
        }
        json_array_foreach(json_object_get(row, "duties"), k, duty)
            cp_show_part(cli->out, CP_SAY_WHO_DUTY, json_string_value(duty), NULL, NULL, NULL);
        fputs("\n", cli->out);
        if (cp_json_text(row, "limits")[0] != '\0')
            cp_show(cli->out, CP_SAY_WHO_LIMITS, cp_json_text(row, "limits"), NULL, NULL, NULL);
    }
}

static void show_amounts(struct cp_cli *cli, const char *what, int64_t asked, int64_t offered,
                         void (*put)(struct cp_buf *, int64_t))
{
    struct cp_buf bufs[2];

    cp_buf_init(&bufs[0], cli->mem, SIZE_MAX / 2);
    cp_buf_init(&bufs[1], cli->mem, SIZE_MAX / 2);
    put(&bufs[0], asked);
    put(&bufs[1], offered);
    cp_buf_put_byte(&bufs[0], 0);
    cp_buf_put_byte(&bufs[1], 0);
    if (cp_buf_err(&bufs[0]) == CP_OK && cp_buf_err(&bufs[1]) == CP_OK)
        cp_show(cli->out, CP_SAY_SHOW_AMOUNTS, what, (const char *)bufs[0].ptr, (const char *)bufs[1].ptr,
                NULL);
    cp_buf_clear(&bufs[0]);
    cp_buf_clear(&bufs[1]);
}

void cp_show_balance(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *what = cp_json_text(row, "what");

        if (strcmp(what, "perspective") == 0) {
            show_side(cli, row, true);
            continue;
        }
        if (strcmp(what, "all") == 0)
            show_amounts(cli, cp_words_screen(CP_SAY_SHOW_ALL_MONEY), cp_json_number(row, "pence_asked"),
                         cp_json_number(row, "pence_offered"), cp_put_pence);
        show_amounts(
            cli, strcmp(what, "all") == 0 ? cp_words_screen(CP_SAY_SHOW_ALL_TIME) : cp_json_text(row, "name"),
            cp_json_number(row, "minutes_asked"), cp_json_number(row, "minutes_offered"), cp_put_minutes);
    }
}

/* ------------------------------------------------------------------------------------------- review */

static void show_when(struct cp_cli *cli, const json_t *row)
{
    if (cp_json_text(row, "last")[0] != '\0')
        cp_show(cli->out, CP_SAY_SHOW_LAST_LOOK, cp_json_text(row, "last"), NULL, NULL, NULL);
    else
        cp_show(cli->out, CP_SAY_SHOW_NO_LOOK, NULL, NULL, NULL, NULL);
    cp_show_part(cli->out, CP_SAY_SHOW_NEXT_LOOK, cp_json_text(row, "next"), NULL, NULL, NULL);
    if (cp_json_true(row, "overdue")) {
        fputs("   ", cli->out);
        cp_show_part(cli->out, CP_SAY_SHOW_DAY_PAST, NULL, NULL, NULL, NULL);
    }
    fputs("\n", cli->out);
}

void cp_show_review(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    const char *last = "";
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        const char *section = cp_json_text(row, "section");

        if (strcmp(section, "when") == 0) {
            show_when(cli, row);
            continue;
        }
        if (strcmp(section, last) != 0)
            fprintf(cli->out, "%s:\n", cp_words_label(section));
        last = section;
        line(cli, "  ", row, "text", "");
        /* What is done needs nobody to say how it goes. */
        if (json_object_get(row, "rag") != NULL &&
            (strcmp(section, "done") != 0 || strcmp(cp_json_text(row, "rag"), "unknown") != 0))
            fprintf(cli->out, "  [%s]", cp_words_label(cp_json_text(row, "rag")));
        if (cp_json_text(row, "due")[0] != '\0')
            cp_show_part(cli->out, CP_SAY_SHOW_REVIEW_DUE, cp_json_text(row, "due"), NULL, NULL, NULL);
        if (cp_json_text(row, "next")[0] != '\0' && strcmp(section, "done") != 0)
            cp_show_part(cli->out, CP_SAY_SHOW_REVIEW_NEXT, cp_json_text(row, "next"), NULL, NULL, NULL);
        if (cp_json_number(row, "updates") > 1)
            cp_show_part(cli->out, CP_SAY_SHOW_TWO_UPDATES, NULL, NULL, NULL, NULL);
        if (cp_json_true(row, "for_somebody")) {
            line(cli, cp_json_text(row, "name")[0] != '\0' ? "  " : "", row, "name", "");
            if (cp_json_text(row, "name")[0] == '\0')
                cp_show_part(cli->out, CP_SAY_SHOW_A_MEMBER, NULL, NULL, NULL, NULL);
        }
        fputs("\n", cli->out);
    }
}
