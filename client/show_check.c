/* Rankings, common ground, who is here, balance and reviews in words. Must not: talk to the daemon. */
#include "client/cmd_check.h"

#include <inttypes.h>

#include "client/value.h"

static void text_of(struct cp_cli *cli, const json_t *row, const char *key)
{
    cp_show_text(cli->out, cp_json_text(row, key), 4);
}

static void line(struct cp_cli *cli, const char *before, const json_t *row, const char *key,
                 const char *after)
{
    fputs(before, cli->out);
    text_of(cli, row, key);
    fputs(after, cli->out);
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
        fputs("too few people to show\n", cli->out);
    else
        fprintf(cli->out, "%s  (%" PRId64 " of %" PRId64 " people)\n", or_dash(row, "median"),
                cp_json_number(row, "scored"), cp_json_number(row, "people"));
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
            line(cli, "  ", row, "text", "   (shown once you have scored)\n");
            continue;
        }
        fprintf(cli->out, "%" PRId64 ". ", cp_json_number(row, "place"));
        text_of(cli, row, "text");
        fprintf(cli->out,
                "\n    lowest side %s, all of us %s, could not live with it: %" PRId64
                ", do not know: %" PRId64 "\n",
                or_dash(row, "lowest"), or_dash(row, "overall"), cp_json_number(row, "cannot"),
                cp_json_number(row, "dont_know"));
        json_array_foreach(json_object_get(row, "perspectives"), j, inner) show_perspective(cli, inner);
        json_array_foreach(json_object_get(row, "other_weights"), j, inner)
        {
            fputs("    if \"", cli->out);
            text_of(cli, inner, "text");
            fprintf(cli->out, "\" counts %" PRId64 ": place %" PRId64 "\n", cp_json_number(inner, "counts"),
                    cp_json_number(inner, "place"));
        }
        if (cp_json_number(row, "late") > 0)
            fprintf(cli->out, "    %" PRId64 " scores came in after we chose\n", cp_json_number(row, "late"));
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
            line(cli, "  ", row, "text", "   (shown once you have answered)\n");
            continue;
        }
        if (strcmp(ground, last) != 0)
            fprintf(cli->out, "%s:\n",
                    strcmp(ground, "common ground") == 0 ? "everyone can live with it"
                    : strcmp(ground, "one cannot") == 0  ? "one of us cannot live with it"
                                                         : ground);
        last = ground;
        line(cli, "  ", row, "text", "\n");
        if (strcmp(ground, "one cannot") == 0) {
            line(cli, "      ", row, "name", "");
            line(cli, ": ", row, "why", "");
            if (cp_json_text(row, "would_change_if")[0] != '\0')
                line(cli, "  would change if: ", row, "would_change_if", "");
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
            fputs("    nothing yet: who here could help with this?\n", cli->out);
    }
}

/* ------------------------------------------------------------------------------------------- who, balance */

static void show_side(struct cp_cli *cli, const json_t *row, bool balance)
{
    line(cli, "  ", row, "perspective", ": ");
    if (!cp_json_true(row, "somebody"))
        fputs("no one yet", cli->out);
    else if (cp_json_true(row, "hidden"))
        fputs("someone (too few to show)", cli->out);
    else
        fprintf(cli->out, "%" PRId64 " people", cp_json_number(row, "people"));
    if (balance && cp_json_true(row, "somebody") && !cp_json_true(row, "hidden"))
        fprintf(cli->out,
                ": %" PRId64 " wrote something, %" PRId64 " gave their view, %" PRId64
                " make sure of something",
                cp_json_number(row, "speak"), cp_json_number(row, "score"), cp_json_number(row, "lead"));
    fputs(cp_json_true(row, "needed") ? "   (must be heard)\n" : "\n", cli->out);
}

void cp_show_who(struct cp_cli *cli, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row)
    {
        if (strcmp(cp_json_text(row, "what"), "perspective") == 0) {
            show_side(cli, row, false);
            continue;
        }
        line(cli, "", row, "name", "");
        fputs(cp_json_true(row, "in") ? "" : "  (no longer in)", cli->out);
        if (json_array_size(json_object_get(row, "perspectives")) > 0) {
            fputs("  ", cli->out);
            cp_show_value(cli->out, json_object_get(row, "perspectives"), 4);
        }
        fputs(cp_json_true(row, "contact_overdue") ? "  time to be in touch\n" : "\n", cli->out);
    }
}

static void show_amounts(struct cp_cli *cli, const char *what, int64_t asked, int64_t offered,
                         void (*put)(struct cp_buf *, int64_t))
{
    struct cp_buf buf;

    cp_buf_init(&buf, cli->mem, SIZE_MAX / 2);
    put(&buf, asked);
    cp_buf_put_str(&buf, " asked, ");
    put(&buf, offered);
    cp_buf_put_str(&buf, " offered\n");
    cp_show_text(cli->out, what, 0);
    fputs(": ", cli->out);
    fwrite(buf.ptr != NULL ? buf.ptr : (const uint8_t *)"\n", 1, buf.ptr != NULL ? buf.len : 1, cli->out);
    cp_buf_clear(&buf);
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
            show_amounts(cli, "money", cp_json_number(row, "pence_asked"),
                         cp_json_number(row, "pence_offered"), cp_put_pence);
        show_amounts(cli, strcmp(what, "all") == 0 ? "time" : cp_json_text(row, "name"),
                     cp_json_number(row, "minutes_asked"), cp_json_number(row, "minutes_offered"),
                     cp_put_minutes);
    }
}

/* ------------------------------------------------------------------------------------------- review */

static void show_when(struct cp_cli *cli, const json_t *row)
{
    line(cli, "We last looked: ", row, "last", "\n");
    line(cli, "Time to look again: ", row, "next",
         cp_json_true(row, "overdue") ? "   (that day is past)\n" : "\n");
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
            fprintf(cli->out, "%s:\n", section);
        last = section;
        line(cli, "  ", row, "text", "");
        if (json_object_get(row, "rag") != NULL)
            fprintf(cli->out, "  [%s]", cp_words_label(cp_json_text(row, "rag")));
        if (cp_json_text(row, "due")[0] != '\0')
            line(cli, "  done by ", row, "due", "");
        if (cp_json_text(row, "next")[0] != '\0' && strcmp(section, "done") != 0)
            line(cli, "  next on ", row, "next", "");
        if (cp_json_number(row, "updates") > 1)
            fputs("  two updates", cli->out);
        if (cp_json_true(row, "for_somebody"))
            line(cli, "  ", row, "name", cp_json_text(row, "name")[0] != '\0' ? "" : "a member");
        fputs("\n", cli->out);
    }
}
