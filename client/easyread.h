/*
 * Easy Read: one idea a block, a picture on the left and words on the right; and what is hard to read in it.
 * Owns: blocks, pictures, the two word lists. Must not: talk to the daemon. No tool can say that a page is Easy Read:
 * people with learning disabilities do.
 */
#ifndef CP_CLIENT_EASYREAD_H
#define CP_CLIENT_EASYREAD_H

#include "client/html.h"

extern const struct cp_words_table cp_words_easy_table;

/* The longest sentence of Easy Read. */
#define CP_EASY_WORDS_MAX 15U

/* Our drawings. X(name): CP_PICTURE_name, and CP_PAGE_SAY_PICTURE_name says what it shows. */
#define CP_PICTURES(X) \
    X(PAGE)            \
    X(PEOPLE)          \
    X(PERSON)          \
    X(SUN)             \
    X(RAIN) X(HEART) X(TICK) X(TALK) X(DAY) X(COIN) X(CLOCK) X(RULER) X(EYE) X(AGAIN) X(PEN) X(WARN) X(KEY)
enum cp_picture {
#define X(name) CP_PICTURE_##name,
    CP_PICTURES(X)
#undef X
    CP_PICTURE_COUNT
};
/* Appends an <svg> with its alternative. */
void cp_easy_drawing(enum cp_picture picture, struct cp_buf *out);

/* ---- Blocks ---- */
/* A sentence of ours; a, b, c as in cp_html_say. */
void cp_easy_say(struct cp_html *h, enum cp_picture picture, enum cp_page_say say, struct cp_buf *a,
                 struct cp_buf *b, struct cp_buf *c);
/* The words of an item, its plain ones where there are any, a block a line; its own picture if it names one. Returns
 * the number of blocks. Warns of what is hard to read. */
size_t cp_easy_item(struct cp_html *h, json_t *row, enum cp_picture picture);
/* One field of a row, or with head < CP_PAGE_SAY_COUNT behind a sentence of ours. */
size_t cp_easy_field(struct cp_html *h, json_t *row, const char *name, enum cp_picture picture,
                     enum cp_page_say head);

/* What a block of its own opens and closes with. */
void cp_easy_open(struct cp_html *h, enum cp_picture picture);
void cp_easy_close(struct cp_html *h);

/* ---- All that is written down (easyread_rest.c) ---- */
/* A block for each field that says something, with its label; not those in `but` (NULL: what an item says by itself). */
void cp_easy_fields(struct cp_html *h, json_t *row, const char *const *but);
/* Fields, their text apart, of which nothing is left but that their author took it back. */
void cp_easy_gone(struct cp_html *h, json_t *row);
void cp_easy_wordings(struct cp_html *h, json_t *row);
/* An item with all of these. */
void cp_easy_whole(struct cp_html *h, json_t *row, enum cp_picture picture);
/* Has a place of its own on the page (easyread.c), so it is not among the rest. */
bool cp_easy_is_shown(json_t *row);
/* Risks and obstacles that are about this person or touch them. */
void cp_easy_risks_of(struct cp_html *h, const char *person);
/* Every item that has no place of its own, and what pictures show. */
void cp_easy_rest(struct cp_html *h);
void cp_easy_people(struct cp_html *h);

/* ---- What is hard to read (easyread_check.c) ---- */
void cp_easy_warn(struct cp_html *h, enum cp_page_say say, const char *a, const char *b, const char *c);
/* English words that a page shows: long sentences and hard words become warnings. about: what to call the place. */
void cp_easy_check(struct cp_html *h, const char *text, const char *about);
/* The parts of that, for tests: words in the longest sentence, and whether a word is hard. */
size_t cp_easy_longest(struct cp_bytes text, struct cp_bytes *sentence);
bool cp_easy_is_hard(struct cp_bytes word);
/* What to say instead of a word; NULL where we know nothing better. */
const char *cp_easy_instead(struct cp_bytes word);

/* easyread_words.c: common words of seven letters or more, sorted. */
extern const char *const cp_easy_common[];
extern const size_t cp_easy_common_count;

#endif
