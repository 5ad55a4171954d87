/*
 * Pages of prompts, one for each stage of a plan (knowledge group E), and the small pages round lists of sentences.
 * Owns: what a guide says, and how such a page is laid out as text and as HTML for one side of A4. Must not: talk to the
 * daemon, or lock anything: stages say what comes first, and no more.
 */
#ifndef CP_CLIENT_GUIDE_H
#define CP_CLIENT_GUIDE_H

#include <stdbool.h>

#include "client/words.h"

/* ---- Small pages ---- */
struct cp_small {
    struct cp_buf *out;
    bool html, in_list;
};
/* Begins with the title. Everything given is text, whoever wrote it. */
void cp_small_begin(struct cp_small *p, bool html, struct cp_buf *out, const char *title);
void cp_small_heading(struct cp_small *p, const char *text);
void cp_small_paragraph(struct cp_small *p, const char *text);
void cp_small_item(struct cp_small *p, const char *text);
void cp_small_end(struct cp_small *p);
/* A sentence of ours with its places filled, as text behind `out`'s end; a and b may be NULL. Freed by the caller. */
char *cp_small_say(enum cp_screen id, const char *a, const char *b);

/* ---- Guides ---- */
/* Rows "STAGE title", "STAGE ask" and "STAGE type", in the order of the page; texts for translators. */
extern const struct cp_words_table cp_words_guide_table;
/* The stages there are guides for, apart by "|". */
#define CP_GUIDE_STAGES "gathering|choosing|planning|comment|signing|agreed|review|changing|ended"
/* The guide's name of a stage as `plan list` says it ("out for comment": "comment"); NULL when there is none. */
const char *cp_guide_of_stage(const char *stage);
/* Appends the page. False: there is no such stage. */
bool cp_guide_write(const char *stage, bool html, struct cp_buf *out);

#endif
