/* Carrying on, as other commands show it (serve_follow.c). Owns: nothing. */
#ifndef CP_SERVE_FOLLOW_H
#define CP_SERVE_FOLLOW_H

#include "daemon/node.h"

/* Is a continuation for somebody of this home? For cp_store_offers; ctx is the node. */
bool cp_follow_for_us(void *ctx, const struct cp_continuation *from);

/*
 * How many members of an object cp_follow_put adds, and adds them: "continues" (the plan it carries on, or null), "named" and "come"
 * (how many people it is for and how many have come; 0 where it carries on none), "follows" (has everybody of this home for
 * whom it is?), "carried_on": [{plan, named, come}] (plans here that carry this one on), "left_old" (it is not sent from here).
 */
enum {
    CP_FOLLOW_MEMBERS = 6
};
CP_MUST_USE enum cp_err cp_follow_put(struct cp_node *node, const struct cp_plan_row *rows, size_t count, size_t at,
                                     struct cp_buf *out);

/* ---- serve_again.c ---- */
/* Own entries of the plan before that are not in this one and were not written again: how many. */
CP_MUST_USE enum cp_err cp_again_count(struct cp_request *r, size_t *count);
void cp_serve_again(struct cp_request *r);

#endif
