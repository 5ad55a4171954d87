/* The portfolio of evidence (evidence.h). Owns: the page. Must not: judge. */
#include "client/evidence.h"

#include "client/language.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/markdown.h"
#include "client/show.h"
#include "client/value.h"
#include "client/words_check.h"

struct evidence {
    struct cp_buf *out;
    bool html;
    bool in_list;
};

/* ------------------------------------------------------------------------------------------- both forms */

/* People's words, and ours with theirs inside: always text. */
static void put_text(struct evidence *e, const char *text)
{
    struct cp_buf safe;

    if (!e->html) {
        cp_markdown_text(cp_bytes_str(text), 2, e->out);
        return;
    }
    cp_buf_init(&safe, e->out->mem, SIZE_MAX / 2);
    cp_show_safe(cp_bytes_str(text), 0, &safe);
    for (size_t i = 0; i < safe.len; i++) {
        uint8_t c = safe.ptr[i];

        if (c == '<')
            cp_buf_put_str(e->out, "&lt;");
        else if (c == '>')
            cp_buf_put_str(e->out, "&gt;");
        else if (c == '&')
            cp_buf_put_str(e->out, "&amp;");
        else if (c == '"')
            cp_buf_put_str(e->out, "&quot;");
        else if (c == '\n')
            cp_buf_put_str(e->out, "<br>");
        else
            cp_buf_put_byte(e->out, c);
    }
    if (e->out->err == CP_OK)
        e->out->err = cp_buf_err(&safe);
    cp_buf_clear(&safe);
}

static void end_list(struct evidence *e)
{
    if (e->in_list)
        cp_buf_put_str(e->out, e->html ? "</ul>\n" : "\n");
    e->in_list = false;
}

static void put_heading(struct evidence *e, int level, const char *text)
{
    char mark[32];

    end_list(e);
    if (e->html)
        snprintf(mark, sizeof mark, "<h%d dir=auto>", level);
    else
        snprintf(mark, sizeof mark, "%.*s ", level, "####");
    cp_buf_put_str(e->out, mark);
    put_text(e, text);
    if (e->html)
        snprintf(mark, sizeof mark, "</h%d>\n", level);
    cp_buf_put_str(e->out, e->html ? mark : "\n\n");
}

static void put_paragraph(struct evidence *e, const char *text)
{
    end_list(e);
    cp_buf_put_str(e->out, e->html ? "<p dir=auto>" : "");
    put_text(e, text);
    cp_buf_put_str(e->out, e->html ? "</p>\n" : "\n\n");
}

static void put_item(struct evidence *e, const char *text)
{
    if (!e->in_list && e->html)
        cp_buf_put_str(e->out, "<ul>\n");
    e->in_list = true;
    cp_buf_put_str(e->out, e->html ? "<li dir=auto>" : "- ");
    put_text(e, text);
    cp_buf_put_str(e->out, e->html ? "</li>\n" : "\n");
}

typedef void put_line(struct evidence *e, const char *text);

/* A sentence of the catalogue as a heading, paragraph or element. */
static void say(struct evidence *e, put_line *put, enum cp_screen sentence, const char *a, const char *b,
                const char *c, const char *d)
{
    const char *const args[4] = {a, b, c, d};
    struct cp_buf text;

    cp_buf_init(&text, e->out->mem, SIZE_MAX / 2);
    cp_words_fill(cp_words_screen(sentence), args, &text);
    cp_buf_put_byte(&text, 0);
    if (cp_buf_err(&text) == CP_OK)
        put(e, (const char *)text.ptr);
    else if (e->out->err == CP_OK)
        e->out->err = cp_buf_err(&text);
    cp_buf_clear(&text);
}

static void put_title(struct evidence *e, const char *text)
{
    put_heading(e, 1, text);
}

static void put_section(struct evidence *e, const char *text)
{
    put_heading(e, 2, text);
}

static void put_point(struct evidence *e, const char *text)
{
    put_heading(e, 3, text);
}

/* ------------------------------------------------------------------------------------------- what is in it */

static void put_people(struct evidence *e, json_t *rows)
{
    json_t *row = NULL;
    json_t *side = NULL;
    size_t i = 0;
    size_t j = 0;

    say(e, put_section, CP_SAY_EVIDENCE_PEOPLE, NULL, NULL, NULL, NULL);
    json_array_foreach(rows, i, row)
    {
        struct cp_buf sides;

        if (strcmp(cp_json_text(row, "what"), "person") != 0)
            continue;
        cp_buf_init(&sides, e->out->mem, SIZE_MAX / 2);
        json_array_foreach(json_object_get(row, "perspectives"), j, side)
        {
            cp_buf_put_str(&sides, j > 0 ? ", " : "");
            cp_buf_put_bytes(&sides, cp_json_bytes(side));
        }
        cp_buf_put_byte(&sides, 0);
        if (cp_buf_err(&sides) == CP_OK)
            say(e, put_item, CP_SAY_EVIDENCE_PERSON, cp_json_text(row, "name"), (const char *)sides.ptr, NULL,
                NULL);
        cp_buf_clear(&sides);
    }
}

static const char *met_words(const char *met)
{
    return cp_words_screen(strcmp(met, "yes") == 0  ? CP_SAY_EVIDENCE_MET
                           : strcmp(met, "no") == 0 ? CP_SAY_EVIDENCE_NOT_YET
                                                    : CP_SAY_EVIDENCE_NEEDS_PEOPLE);
}

/* What a record is, in plain words. */
static const char *called(json_t *record)
{
    const char *kind = cp_json_text(record, "kind");
    const char *sub = cp_json_text(record, "subkind");

    if (strcmp(kind, "view") == 0)
        return cp_words_screen(CP_SAY_EVIDENCE_VIEW);
    if (strcmp(kind, "answer") == 0)
        return cp_words_screen(CP_SAY_EVIDENCE_ANSWER);
    if (strcmp(kind, "receipt") == 0)
        return cp_words_screen(CP_SAY_EVIDENCE_RECEIPT);
    if (strcmp(kind, "version") == 0)
        return cp_words_screen(strcmp(sub, "comment") == 0 ? CP_SAY_EVIDENCE_PAGE_COMMENT
                                                           : CP_SAY_EVIDENCE_PAGE);
    return cp_words_label(sub[0] != '\0' ? sub : kind);
}

/* Who said it. What somebody said for somebody else is never told as that person's own doing. */
static void put_who(json_t *record, struct cp_buf *out)
{
    const char *const args[4] = {cp_json_text(record, "name"), cp_json_text(record, "for_name"), NULL, NULL};
    const char *how = cp_json_text(record, "how");

    if (strcmp(how, "proxy") == 0)
        cp_words_fill(cp_words_screen(CP_SAY_EVIDENCE_BY_FOR), args, out);
    else if (strcmp(how, "paper") == 0)
        cp_words_fill(cp_words_screen(CP_SAY_EVIDENCE_ON_PAPER), args, out);
    else
        cp_buf_put_str(out, args[0]);
}

static void put_record(struct evidence *e, json_t *record)
{
    bool gone = cp_json_true(record, "withdrawn");
    const char *text = gone ? cp_words_screen(CP_SAY_WORDS_GONE) : cp_json_text(record, "text");
    int64_t ms = cp_json_number(record, "claimed_at");
    time_t seconds = (time_t)(ms / 1000);
    char day[64] = "";
    struct tm when;

    struct cp_buf who;

    if (ms > 0 && gmtime_r(&seconds, &when) != NULL && when.tm_year < 8100)
        strftime(day, sizeof day, "%Y-%m-%d", &when);
    cp_buf_init(&who, e->out->mem, SIZE_MAX / 2);
    put_who(record, &who);
    cp_buf_put_byte(&who, 0);
    if (cp_buf_err(&who) == CP_OK)
        say(e, put_item,
            text[0] != '\0' ? (gone ? CP_SAY_EVIDENCE_GONE : CP_SAY_EVIDENCE_RECORD)
                            : CP_SAY_EVIDENCE_RECORD_BARE,
            called(record), text, (const char *)who.ptr, day);
    else if (e->out->err == CP_OK)
        e->out->err = cp_buf_err(&who);
    cp_buf_clear(&who);
}

/* What is not described is counted, never passed over. */
static void put_more(struct evidence *e, int64_t more, const char *name)
{
    if (more > 0)
        say(e, put_item, CP_SAY_EVIDENCE_MORE, cp_show_number(more), name, NULL, NULL);
}

static void put_criterion(struct evidence *e, json_t *row)
{
    const char *name = cp_json_text(row, "criterion");
    json_t *records = json_object_get(row, "records");
    json_t *why = NULL;
    json_t *record = NULL;
    size_t i = 0;

    say(e, put_point, CP_SAY_EVIDENCE_POINT, name, cp_words_criterion(name), NULL, NULL);
    say(e, put_paragraph, CP_SAY_EVIDENCE_IS, met_words(cp_json_text(row, "met")), NULL, NULL, NULL);
    json_array_foreach(json_object_get(row, "why"), i, why) put_item(e, json_string_value(why));
    put_more(e, cp_json_number(row, "reasons_count") - (int64_t)i, name);
    if (json_array_size(records) == 0)
        return;
    say(e, put_paragraph, CP_SAY_EVIDENCE_SHOWN_BY, NULL, NULL, NULL, NULL);
    json_array_foreach(records, i, record) put_record(e, record);
    put_more(e, cp_json_number(row, "records_count") - (int64_t)i, name);
}

/* P, C or K: where a point begins a part of the page. */
static void put_part(struct evidence *e, char before, char now)
{
    if (before == now)
        return;
    if (now == 'P')
        say(e, put_section, CP_SAY_EVIDENCE_P, NULL, NULL, NULL, NULL);
    else if (now == 'C')
        say(e, put_section, CP_SAY_EVIDENCE_C, NULL, NULL, NULL, NULL);
    else if (now == 'K')
        say(e, put_section, CP_SAY_EVIDENCE_K, NULL, NULL, NULL, NULL);
}

static void put_head(struct evidence *e, const char *title)
{
    if (!e->html)
        return;
    cp_buf_put_str(e->out, "<!doctype html>\n<html lang=");
    cp_buf_put_str(e->out, cp_language_tag());
    cp_buf_put_str(e->out, ">\n<head>\n<meta charset=utf-8>\n"
                           "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n<title>");
    put_text(e, title[0] != '\0' ? title : cp_words_screen(CP_SAY_EVIDENCE_NO_TITLE));
    cp_buf_put_str(
        e->out,
        "</title>\n<style>body{font:1.1em/1.5 sans-serif;max-width:45em;margin:1em auto;"
        "padding:0 1em;overflow-wrap:anywhere}h3{margin-bottom:0}</style>\n</head>\n<body>\n<main>\n");
}

enum cp_err cp_evidence_write(json_t *rows, bool html, struct cp_buf *out)
{
    struct evidence e = {.out = out, .html = html};
    json_t *plan = json_array_get(rows, 0);
    const char *title = cp_show_title(plan);
    json_t *row = NULL;
    char part = 0;
    size_t i = 0;

    put_head(&e, title);
    say(&e, put_title, CP_SAY_EVIDENCE_TITLE, title, NULL, NULL, NULL);
    say(&e, put_paragraph, CP_SAY_EVIDENCE_WHAT, cp_json_text(plan, "on"), cp_json_text(plan, "plan"), NULL,
        NULL);
    put_people(&e, rows);
    json_array_foreach(rows, i, row)
    {
        char first = cp_json_text(row, "criterion")[0];

        if (strcmp(cp_json_text(row, "what"), "criterion") != 0)
            continue;
        put_part(&e, part, first);
        part = first;
        put_criterion(&e, row);
    }
    end_list(&e);
    cp_buf_put_str(out, html ? "</main>\n</body>\n</html>\n" : "");
    return cp_buf_err(out);
}
