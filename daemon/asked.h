/*
 * What people asked for by their answers to the pages before one, and what came of it (domain P10, 5.5). Private to daemon/.
 * Owns: the line of pages, whose answers ask for something, and which talk says what came of it. Must not: judge a
 * result, or write.
 */
#ifndef CP_ASKED_H
#define CP_ASKED_H

#include "daemon/serve_agree.h"
#include "proto/model.h"

struct cp_asks {
    struct cp_model_ask *list; /* the nearest page first, then in the order of its answers */
    size_t count, cap;
    size_t rounds; /* this page and all before it */
    struct cp_arena arena;
};
/*
 * The asks of the line of pages that ends at p. A talk is a note of kind negotiation or reply about the answer with `changed`
 * said; it counts when it names no page or one of the line that came after the page answered. Of several the last by
 * (lamport, id). Pages that are not here yet are passed over. Errors: those of the store, NO_MEMORY. On failure
 * *out is clear.
 */
CP_MUST_USE enum cp_err cp_asks_load(struct cp_asks *out, const struct cp_desk *d, const struct cp_page *p);
void cp_asks_clear(struct cp_asks *a);

#endif
