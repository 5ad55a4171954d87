/*
 * What loop.c and node.c need of the meetings, beside cp_node_meet and cp_node_part (node.h).
 * Owns: the sessions under way, ZAP's table, and what is remembered of other machines: where they were met,
 * when, and how far they were in sync. Must not: hold rules of sessions (proto/session.h) or of joining.
 *
 * Everything hangs on node->meetings, which the functions here make when it is missing.
 */
#ifndef CP_MEET_H
#define CP_MEET_H

#include "daemon/node.h"

/* The events to hand to cp_net_new, once, when the node is made. */
void cp_meet_events(struct cp_node *node, struct cp_net_events *out);
/* Entries of a plan entered the store by another way than a session, or a plan began: tells the open
 * sessions and renews ZAP's table. What cp_node_news does. */
void cp_meet_news(struct cp_node *node, const uint8_t plan[static CP_ID_LEN]);
/* When the loop must call cp_meet_tick; UINT64_MAX: never. Includes the net's own deadline. */
uint64_t cp_meet_deadline_ms(const struct cp_node *node);
/* Time limits of sessions and of the net. */
void cp_meet_tick(struct cp_node *node, uint64_t now_ms);
/* Frees node->meetings; after cp_node_part and before cp_net_free. NULL is fine. */
void cp_meet_free(struct cp_node *node);

/* How the last meeting with a machine ended, for one plan. */
struct cp_meet_report {
    uint8_t machine[CP_KEY_LEN];
    uint8_t plan[CP_ID_LEN];
    uint64_t time_ms;            /* wall clock, for display only */
    bool in_sync;                /* at that moment */
    uint64_t missing;            /* what we still lacked then */
    uint64_t entries;            /* held by us then */
    uint8_t digest[CP_ID_LEN];   /* cp_store_log_digest then */
};
/* NULL when the two never met. Borrowed until the next event. Errors of the store count as never met. */
const struct cp_meet_report *cp_meet_last(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                          const uint8_t machine[static CP_KEY_LEN]);
/* The greatest `missing` of a plan's last meetings: what `status` shows. */
uint64_t cp_meet_missing(struct cp_node *node, const uint8_t plan[static CP_ID_LEN]);

#endif
