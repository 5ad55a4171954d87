/*
 * A suggestion for two wordings (design 4): both edits of one text, word by word, against the words that both
 * replaced. Owns: when there is a suggestion, and its bytes. Must not: decide anything: a person chooses.
 *
 * A word is a run of bytes that are no blanks (space, tab, CR, LF); blanks between are kept as somebody wrote them.
 * There is a suggestion only where the edits keep apart: between a change of one side and a change of the other at
 * least one word of the common text stands untouched by both. Changes that both made alike count once. Pure, and
 * the same whichever wording is named first. No word is ever in it that is in none of the three texts.
 *
 * Bound: when one side differs from the common text, beyond what begins and ends alike, by more than
 * CP_SUGGEST_EDITS_MAX words and blanks taken out or put in, there is none. Work and memory are at most that number
 * squared, beside one pass over the texts.
 */
#ifndef CP_SUGGEST_H
#define CP_SUGGEST_H

#include "proto/record.h"

#define CP_SUGGEST_EDITS_MAX 256U /* a page rewritten is no edit that words of another could be put into */

/*
 * base: what both replaced. *found false: none; *out is left as it was. The texts are at most CP_TEXT_MAX bytes
 * each, or there is none. Errors: NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_suggest(const struct cp_mem *mem, struct cp_bytes base, struct cp_bytes a,
                                   struct cp_bytes b, struct cp_buf *out, bool *found);

/*
 * The same for two current values of one register, with the common text found among the record's writes: of the writes
 * that both values replaced, directly or through a line of writes each replacing the next, the latest: those that no
 * other of them replaced. None where they say different things, say nothing, or have their words no more.
 * writes: all that were ever made to the record (with its history). Errors: NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_suggest_for(const struct cp_mem *mem, const struct cp_write *writes, size_t count,
                                       const struct cp_current *a, const struct cp_current *b,
                                       struct cp_buf *out, bool *found);

#endif
