/*
 * What a daemon says of itself and does about its port, be it a person's home or a carrier: ping, listen, stop (docs/api.md).
 * Owns: these answers. Must not: know what either has of its own.
 */
#ifndef CP_SERVE_RUNNING_H
#define CP_SERVE_RUNNING_H

#include "daemon/node.h"

struct cp_running {
    const uint8_t *key; /* the machine's CURVE key; NULL when it is not known */
    enum cp_err trouble;
    bool locked;
    bool carrier;
};
/* Answers a ping. */
void cp_reply_running(struct cp_request *r, const struct cp_running *is);
/* Opens the port that the request names, unless it is open already, by `open`, which takes node->listen. False: it answered why
 * not, and the port that was open is open again (sessions over it were cut); where that cannot be either, none is asked for. */
CP_MUST_USE bool cp_take_listen(struct cp_request *r, enum cp_err (*open)(struct cp_node *node));
void cp_serve_stop(struct cp_request *r);

#endif
