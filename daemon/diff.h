/*
 * What differs between two texts, line by line (Myers 1986, divided in the middle: memory linear in the lines).
 * Owns: which lines are said to be gone and new. Must not: know what the lines mean.
 *
 * Lines end at LF; a last line without one counts as a line. The work is bounded: where two stretches have so
 * little in common that the shortest answer would take too long, a longer but equally true one is given.
 */
#ifndef CP_DIFF_H
#define CP_DIFF_H

#include "proto/bytes.h"

/* op '-': line `number` of a (from 0) is not in b; '+': line `number` of b is not in a. In order of appearance;
 * of one place the lines gone come first. `line` has no LF. */
typedef void cp_diff_visit(void *ctx, char op, size_t number, struct cp_bytes line);
/* Errors: NO_MEMORY, TOO_BIG (more than 2^30 lines). */
CP_MUST_USE enum cp_err cp_diff_lines(const struct cp_mem *mem, struct cp_bytes a, struct cp_bytes b,
                                      cp_diff_visit *visit, void *ctx);

#endif
