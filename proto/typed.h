/*
 * Short texts that people copy, type or photograph: a prefix, then bytes and four check bytes of them in base 32.
 * Owns: how such a text is read: white space around and inside and upper case are forgiven, nothing else; a letter wrong would
 * make other bytes, which the check bytes show.
 * Must not: know what the bytes say.
 */
#ifndef CP_TYPED_H
#define CP_TYPED_H

#include "proto/hash.h"

#define CP_TYPED_MAX       1024U /* bytes in one text */
#define CP_TYPED_CHECK_LEN 4U

/* The check bytes, under a tag of each sort of text. */
void cp_typed_check(enum cp_tag check, struct cp_bytes raw, uint8_t out[static CP_TYPED_CHECK_LEN]);
/* Appends the text. `raw` at most CP_TYPED_MAX. Errors stand in *out. */
void cp_typed_write(const char *prefix, enum cp_tag check, struct cp_bytes raw, struct cp_buf *out);
/* Reads at most CP_TYPED_MAX bytes into out; *len gets how many. False: another prefix, a letter that does not belong, more
 * bytes, bits left over, or other check bytes; *len is 0 then, and what stands in out is to be wiped all the same. */
CP_MUST_USE bool cp_typed_read(const char *prefix, enum cp_tag check, struct cp_bytes text,
                               uint8_t out[static CP_TYPED_MAX + CP_TYPED_CHECK_LEN], size_t *len);

#endif
