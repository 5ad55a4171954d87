/*
 * Lines of version and answer texts: what both readers and both writers share. Private to proto/.
 * Owns: cutting text into lines and values out of lines. Must not: know what the lines say.
 */
#ifndef CP_TEXT_LINES_H
#define CP_TEXT_LINES_H

#include "proto/bytes.h"

/* Where unescaped values are put. A value is never longer than its escaped form, so an arena as long as the
 * text always suffices. */
struct cp_text_arena {
    uint8_t *at;
};

struct cp_text_lines {
    struct cp_bytes rest;
    struct cp_bytes line; /* the current one, without its LF; empty after the last */
    bool more;            /* false: there was no whole line left */
};

/* Begins at the first line. Borrows. A last line without LF is no line. */
void cp_text_lines_init(struct cp_text_lines *l, struct cp_bytes text);
/* Goes to the next line. */
void cp_text_lines_next(struct cp_text_lines *l);
/* The current line is exactly this. */
bool cp_text_line_is(const struct cp_text_lines *l, const char *s);
/* Is it? Then goes to the next one. */
bool cp_text_line_take(struct cp_text_lines *l, const char *s);

/* Each takes something from the front of *b and says whether it was there; otherwise *b is unchanged. */
bool cp_text_cut(struct cp_bytes *b, const char *prefix);
bool cp_text_cut_id(struct cp_bytes *b, uint8_t out[static CP_ID_LEN]);

/* Unescapes raw, which is also free of `also` (0: none) save behind a backslash. Borrows raw where it can. */
bool cp_text_value(struct cp_text_arena *arena, struct cp_bytes raw, uint8_t also, struct cp_bytes *out);
/* Escapes; `also` (0: none) is written behind a backslash too. Fails the buffer with BAD_TEXT on no UTF-8. */
void cp_text_put(struct cp_buf *out, struct cp_bytes value, uint8_t also);

/* True when the text is a decimal number without sign or leading zeros, at most max. */
bool cp_text_number(struct cp_bytes b, uint64_t max, uint64_t *out);

#endif
