/*
 * Pieces of an HTML page: text that stays text, names, days, amounts, sentences of the catalogue with them inside.
 * Owns: escaping, isolation, languages, head and foot of a page. Must not: decide what a page says (html_plan.c,
 * easyread.c), or talk to the daemon.
 *
 * What people wrote is put by cp_html_theirs and nothing else: controls and marks that turn or hide text become visible
 * (\u{202e}), < > & and quotes are escaped, and <bdi> keeps its direction from reaching beyond it.
 */
#ifndef CP_CLIENT_HTML_H
#define CP_CLIENT_HTML_H

#include "client/page.h"
#include "client/words_page.h"

/* The language of words that name none, where the plan does not say another: that of version texts. */
#define CP_HTML_OURS "en"

struct cp_html {
    const struct cp_page_source *source;
    const struct cp_page_options *options;
    struct cp_buf *out;
    json_t *people;       /* id to row */
    json_t *items;        /* id to row */
    const char *language; /* of words without a language of their own; "" when not known */
    json_t *warnings;     /* NULL: nobody wants them */
};

/* False: out of memory. Clear either way. */
bool cp_html_begin(struct cp_html *h, const struct cp_page_source *source,
                   const struct cp_page_options *options, struct cp_buf *out, json_t *warnings);
void cp_html_end(struct cp_html *h);

/* ---- Text ---- */
void cp_html_put(struct cp_html *h, const char *html); /* ours, as it is */
/* People's words as one line of text content, for <title> and attributes. */
void cp_html_line(struct cp_bytes text, struct cp_buf *out);
/* People's words; lang NULL: the plan's own. */
void cp_html_theirs(const struct cp_html *h, struct cp_bytes text, const char *lang, struct cp_buf *out);
/* A sentence; each of a, b, c may be NULL, holds HTML and is cleared. */
void cp_html_say_into(struct cp_buf *out, enum cp_page_say say, struct cp_buf *a, struct cp_buf *b,
                      struct cp_buf *c);
void cp_html_say(struct cp_html *h, enum cp_page_say say, struct cp_buf *a, struct cp_buf *b,
                 struct cp_buf *c);
/* The same for a sentence without places, between two pieces of HTML. */
void cp_html_said(struct cp_html *h, const char *before, enum cp_page_say say, const char *after);
/* An empty buffer for a place. */
void cp_html_arg(const struct cp_html *h, struct cp_buf *arg);
/* In the place of words that their author took back; in no attribute. */
void cp_html_gone(struct cp_buf *out);
/* Our word for a field, kind or value. */
void cp_html_label(const char *word, struct cp_buf *out);

/* ---- Words in several languages: `text`, `text.cy` ---- */
/* Calls each with the wordings that the page is to show of a field; returns how many there were. */
typedef void (*cp_html_each)(struct cp_html *h, const char *text, const char *lang, void *context);
size_t cp_html_languages(struct cp_html *h, json_t *fields, const char *name, cp_html_each each,
                         void *context);
/* Each as <div class=tongue>: the language of a block reaches a PDF, that of a span does not. */
size_t cp_html_tongues(struct cp_html *h, json_t *fields, const char *name);
/* The first as a heading of this level ("h3"), the others as <p class=tongue> below it. False: it says nothing. */
bool cp_html_heading(struct cp_html *h, json_t *fields, const char *name, const char *level);
/* The words of an item in the languages of the page, or that they were withdrawn. */
void cp_html_words(struct cp_html *h, json_t *row);
/* The plan's title as <h1>, or what stands in its place. */
void cp_html_main_heading(struct cp_html *h);
/* An element with the language and direction of people's words: <p dir="auto" lang="cy">. */
void cp_html_open(struct cp_html *h, const char *element, const char *lang);
/* People's words without an element of their own, for inside such a one. */
void cp_html_bare(struct cp_bytes text, struct cp_buf *out);
/* The first wording to show of an item's text or plain words; "" when there is none. *lang is NULL for the plan's own. */
const char *cp_html_first(const struct cp_html *h, json_t *fields, const char *name, const char **lang);
/* The language of a key "text.cy"; NULL when it has none. */
const char *cp_html_language_of(const char *key);

/* ---- Values ---- */
void cp_html_person(const struct cp_html *h, const char *id, struct cp_buf *out);
void cp_html_item(const struct cp_html *h, const char *id, struct cp_buf *out);
void cp_html_day(const struct cp_html *h, const char *day, struct cp_buf *out);
void cp_html_every(const char *duration, struct cp_buf *out);
void cp_html_money(int64_t pence, struct cp_buf *out);
void cp_html_time(int64_t minutes, struct cp_buf *out);
/* Any value of this field of this row: lists with "; ". */
void cp_html_value(const struct cp_html *h, const struct cp_field *field, json_t *row, json_t *value,
                   struct cp_buf *out);
/* The field of a key of `fields` on this kind; NULL for a column of a table or what is not known. */
const struct cp_field *cp_html_field(const char *key, enum cp_record on);

/* ---- Rows ---- */
enum cp_record cp_html_kind(json_t *row);
/* Neither set aside nor dropped nor taken back nor of another kind. */
bool cp_html_stands(json_t *row, enum cp_record kind);
/* A new array of rows in the order of name, then id. */
json_t *cp_html_by_name(json_t *rows);
/* Whether the row names this person in this field (lead or a list). */
bool cp_html_names(json_t *row, const char *field, const char *person);

/* ---- The page around ---- */
/* Every page begins so: up to the words of its <title>. */
void cp_html_preamble(struct cp_buf *out);
/* Everything up to <main>; class is the body's. */
void cp_html_head(struct cp_html *h, const char *class, enum cp_page_say title_before);
void cp_html_foot(struct cp_html *h);
/* The plan's title as people wrote it, "" when there is none. */
const char *cp_html_title(const struct cp_html *h, const char **lang);

/* html_style.c: the style sheets; static. */
extern const char cp_html_style_all[];
extern const char cp_html_style_plan[];
extern const char cp_html_style_easy[];
extern const char cp_html_style_large[];
extern const char cp_html_style_form[];

/* ---- Pages and parts of pages ---- */
void cp_html_plan(struct cp_html *h);      /* html_plan.c */
void cp_html_actions(struct cp_html *h);   /* html_actions.c */
void cp_html_part_of(struct cp_html *h);   /* html_actions.c: "Your part" */
void cp_html_agreement(struct cp_html *h); /* html_agree.c */
void cp_html_fields(struct cp_html *h, json_t *row,
                    const char *const *but); /* html_actions.c: what is not in `but` */
/* html_actions.c: calls put for each field that says something, is in a language of the page and is not in `but`. */
typedef void (*cp_html_field_put)(struct cp_html *h, json_t *row, const char *key, json_t *value);
void cp_html_each_field(struct cp_html *h, json_t *row, const char *const *but, cp_html_field_put put);
/* html_actions.c: <p>label: value</p> of one key. */
void cp_html_put_field(struct cp_html *h, json_t *row, const char *key, json_t *value);
void cp_html_key(const struct cp_html *h, const char *key,
                 struct cp_buf *out);      /* html_actions.c: the label of a key of `fields` */
bool cp_html_tells_gone(json_t *name); /* html_actions.c: a withdrawn field told by itself, not with the item's words */
void cp_html_wordings(struct cp_html *h, json_t *row,
                      const char *const *of);     /* html_actions.c: two wordings */
json_t *cp_html_answers(const struct cp_html *h); /* html_agree.c: a new array in an order of its own */
/* html_agree.c: the sentence of what somebody says of one action, and its three places */
enum cp_page_say cp_html_will(const struct cp_html *h, json_t *answer, json_t *action, struct cp_buf *name,
                              struct cp_buf *what, struct cp_buf *when);
void cp_html_easy(struct cp_html *h);             /* easyread.c */
void cp_html_why(struct cp_html *h);              /* html_why.c */
void cp_html_form(struct cp_html *h);             /* html_form.c: the form for an answer on paper */

#endif
