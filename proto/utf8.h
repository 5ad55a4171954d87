/*
 * Shortening texts without cutting a character in two; texts that show nothing. Owns: that. Must not: judge texts (cp_utf8_ok does).
 */
#ifndef CP_UTF8_H
#define CP_UTF8_H

#include "proto/bytes.h"

/* The length of the longest beginning of at most `most` bytes that ends with a whole character. */
size_t cp_utf8_whole(struct cp_bytes text, size_t most);
/* Copies such a beginning into a string of `size` bytes (1 or more), NUL included. */
void cp_utf8_keep(struct cp_bytes text, char *out, size_t size);
/* Is there nothing in it that anybody could see: empty, or white space and marks without a shape alone? text passed cp_utf8_ok. */
bool cp_utf8_blank(struct cp_bytes text);
/* What is said in it: the text itself, or nothing (len 0) where it is blank. What fails cp_utf8_ok is given back as it is, for
 * whoever refuses it. */
struct cp_bytes cp_utf8_said(struct cp_bytes text);

#endif
