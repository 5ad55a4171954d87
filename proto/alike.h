/*
 * How much alike two short texts are, by the words that they share: for a hint, never for a decision.
 * Owns: the measure. Must not: merge anything. Integers only, so every device says the same.
 *
 * Words are runs of letters, digits and bytes beyond ASCII; A to Z count as a to z; each counts once; very short ones
 * (fewer than 3 bytes) do not. The measure is the share of common words in all words of both, in percent (0 to 100).
 * Texts of more than CP_ALIKE_WORDS_MAX different words are compared by their first ones.
 */
#ifndef CP_ALIKE_H
#define CP_ALIKE_H

#include "proto/bytes.h"

#define CP_ALIKE_WORDS_MAX 64U
#define CP_ALIKE_PERCENT   60U /* from here on people are asked whether two are the same */
#define CP_ALIKE_GROUP_MAX \
    40U /* in a larger group no hints are looked for: 780 pairs are what a check has time for */

unsigned cp_alike(struct cp_bytes a, struct cp_bytes b);

#endif
