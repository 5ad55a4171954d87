/*
 * Small signed texts whose every line stands at most once, in a fixed order: witness and mandate texts.
 * Owns: writing and reading them from a table of their lines. Must not: know what they mean. Private to proto/.
 */
#ifndef CP_FLAT_TEXT_H
#define CP_FLAT_TEXT_H

#include "proto/bytes.h"

enum cp_flat_type {
    CP_FLAT_ID,   /* uint8_t[32]; "HEX64"; an optional one that is not there is zero */
    CP_FLAT_KEY,  /* uint8_t[32]; "ssh-ed25519 BASE64" */
    CP_FLAT_TEXT, /* struct cp_bytes; escaped, not empty */
    CP_FLAT_DAY,  /* struct cp_bytes; YYYY-MM-DD */
    CP_FLAT_YESNO /* struct cp_bytes; yes or no */
};
struct cp_flat_line {
    const char *label; /* with the space behind it */
    enum cp_flat_type type;
    size_t at; /* offsetof in the struct */
    bool optional;
};
struct cp_flat {
    const char *first; /* the first line, without its end */
    const struct cp_flat_line *lines;
    size_t count;
};

/* Appends; optional lines that say nothing are left out. The last line is "end". */
void cp_flat_write(const struct cp_flat *f, const void *s, struct cp_buf *out);
/* Strict: OK only when writing gives the same bytes. Values point into *block (freed by cp_free) or into text. Errors:
 * NOT_GOOD, TOO_BIG (over CP_ANSWER_TEXT_MAX), NO_MEMORY; then *block is NULL. */
CP_MUST_USE enum cp_err cp_flat_read(const struct cp_flat *f, void *s, const struct cp_mem *mem,
                                     struct cp_bytes text, void **block);

#endif
