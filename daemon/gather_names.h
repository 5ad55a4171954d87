/*
 * What a page says about people, before it can no more be unsaid (domain 5.9): names and health words in its free text.
 * Owns: which texts of a page are looked through, and the order of what is found. Must not: refuse anything, or know
 * the words (proto/sensitive.h).
 */
#ifndef CP_GATHER_NAMES_H
#define CP_GATHER_NAMES_H

#include "daemon/gather.h"

/* More than these are told as a number: nobody reads a longer list before saying yes. */
#define CP_NAMES_SHOWN 500U

/*
 * Two members: "names": [{id, field, word}], each word of a field once, in the order of the page and of the text; and
 * "more_names", how many beyond CP_NAMES_SHOWN. id: the item's or the plan's. A name counts in free text alone: who leads
 * an action or must answer is there because people put them there. field "anyway": the reason of freeze --anyway.
 * Beside people's names and health words: the plan's own list, `private_words`. Errors: NO_MEMORY, those of the store.
 */
CP_MUST_USE enum cp_err cp_gathered_names(const struct cp_gathered *g, const struct cp_desk *d,
                                          struct cp_buf *out);

#endif
