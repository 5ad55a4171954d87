/*
 * Lines of a version text, for those who speak of one of them (domain P11: comments on exact lines).
 * Owns: which line has a number, what it belongs to, and where the same words stand in another page. Must not: judge a
 * text (proto/version.h does); any bytes are taken.
 *
 * Lines count from 1 and end at LF. A block begins with a line that is not indented; a line of two spaces, a label and a
 * colon is a fact of the block before it. So an item's line stays the same line wherever its block moves.
 */
#ifndef CP_PAGE_LINE_H
#define CP_PAGE_LINE_H

#include "proto/version.h"

/* Slices borrow from the text. */
struct cp_page_line {
    size_t number;
    struct cp_bytes words; /* without its LF, and without the two spaces before it */
    struct cp_bytes block; /* the line that its block begins with; the line itself where it begins one */
    struct cp_bytes label; /* "due", "text in fr", "column Cost"; empty when it is no fact */
};
/* False when there is no such line, or it is empty. */
bool cp_page_line_at(struct cp_bytes text, uint64_t number, struct cp_page_line *out);
/* The first line of a field of an item (NULL: of the plan); field empty: the line that the block begins with. */
bool cp_page_line_of(struct cp_bytes text, const uint8_t *item, struct cp_bytes field,
                     struct cp_page_line *out);
/* The item that it is about. False: none. */
bool cp_page_line_item(const struct cp_page_line *line, uint8_t item[static CP_ID_LEN]);

enum cp_page_line_now {
    CP_LINE_SAME,    /* the same words of the same block, wherever they stand now */
    CP_LINE_CHANGED, /* the same field says something else; not for a field with several lines */
    CP_LINE_GONE
};
const char *cp_page_line_now_word(enum cp_page_line_now now); /* "same", "changed", "gone" */
/* Where a line of the text `from` stands in another. *out is the line there, unless it is gone. */
enum cp_page_line_now cp_page_line_find(struct cp_bytes text, struct cp_bytes from,
                                        const struct cp_page_line *line, struct cp_page_line *out);

#endif
