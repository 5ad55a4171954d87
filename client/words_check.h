/*
 * The sentences of the checks and of the lists beside them (words.h is the catalogue for all else).
 * Owns: one sentence for each code of the core's reasons, and headings. Must not: decide anything, or print.
 * Places are filled as in words.h: {1} to {3} are the reason's arguments.
 */
#ifndef CP_CLIENT_WORDS_CHECK_H
#define CP_CLIENT_WORDS_CHECK_H

#include "client/words.h"

extern const struct cp_words_table cp_words_check_table, cp_words_short_table, cp_words_criterion_table;

/* By code; static. NULL for a code that is not known here. */
const char *cp_words_check(const char *code);
/* The same in a word or two; NULL where there is none. */
const char *cp_words_short(const char *code);
/* What a point of the standard is about, in plain words; "" for one that is not known here. */
const char *cp_words_criterion(const char *name);

#endif
