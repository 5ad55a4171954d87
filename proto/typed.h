/*
 * Short texts that people copy, type or photograph: a prefix, then bytes in base 32.
 * Owns: how such a text is read: white space around and inside and upper case are forgiven, nothing else.
 * Must not: know what the bytes say.
 */
#ifndef CP_TYPED_H
#define CP_TYPED_H

#include "proto/bytes.h"

/* Appends the prefix and the bytes. `raw` at most 1,024 bytes. Errors stand in *out. */
void cp_typed_write(const char *prefix, struct cp_bytes raw, struct cp_buf *out);
/* Reads at most `max` bytes into out; *len gets how many. False: another prefix, a letter that does not belong, more
 * bytes, or bits left over. */
CP_MUST_USE bool cp_typed_read(const char *prefix, struct cp_bytes text, uint8_t *out, size_t max,
                               size_t *len);

#endif
