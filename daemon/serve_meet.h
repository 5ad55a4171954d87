/*
 * What the answers of `sync` and `peers` have in common. Single thread, the daemon's.
 */
#ifndef CP_SERVE_MEET_H
#define CP_SERVE_MEET_H

#include "daemon/node.h"

/* The key, and the id in hex, or null for NULL. */
void cp_serve_put_id(struct cp_buf *out, const char *key, const uint8_t *id);
/* "name": what the person is called in the plan, or null. */
void cp_serve_put_name(struct cp_node *node, const uint8_t plan[static CP_ID_LEN], const uint8_t person[static CP_ID_LEN],
                       struct cp_buf *out);

#endif
