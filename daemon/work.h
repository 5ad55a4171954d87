/*
 * Work that takes longer than a moment, done in pieces between the turns of the loop: reading and writing bundles.
 * Owns: the piece that is due next. Must not: know what is done. One work at a time for a home: a stick is one place.
 */
#ifndef CP_WORK_H
#define CP_WORK_H

#include "daemon/node.h"

struct cp_work {
    /* One piece, a few milliseconds; false: it is over and has freed itself. */
    bool (*step)(struct cp_work *w);
    /* It must end now (lock, stop): answers its request with `why` and frees itself. */
    void (*stop)(struct cp_work *w, enum cp_err why);
};

/* The node takes the work over. Errors: BUSY (another is under way; w is still the caller's). */
CP_MUST_USE enum cp_err cp_work_start(struct cp_node *node, struct cp_work *w);
void cp_work_step(struct cp_node *node);
void cp_work_stop(struct cp_node *node, enum cp_err why);

#endif
