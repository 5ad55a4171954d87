/*
 * What one KEY says in one plan (serve_recover_key.c), for serve_recover.c alone: judged first, in every plan, then written.
 * Single thread, the daemon's.
 */
#ifndef CP_SERVE_RECOVER_H
#define CP_SERVE_RECOVER_H

#include "daemon/serve_devices.h"

struct cp_saying;

/* Of the request's person in this plan; NULL: no memory. Freed by cp_saying_free. */
CP_MUST_USE struct cp_saying *cp_saying_new(struct cp_request *r, const uint8_t plan[static CP_ID_LEN]);
void cp_saying_free(struct cp_saying *s);
const uint8_t *cp_saying_plan(const struct cp_saying *s);
/*
 * Which devices stay, what of the others is still the person's, and which statements stand: by the request's `keep`, `after` and
 * `all`. Changes nothing but the request's plan. found: which of the devices of `keep`, in their order, this plan has; only ever
 * set. *lacks: it does not have the entry of `after`. Errors: AMBIGUOUS, USAGE, TOO_BIG, MANY_BRANCHES, NO_MEMORY and those of the store.
 */
CP_MUST_USE enum cp_err cp_saying_judge(struct cp_saying *s, bool found[static CP_KEY_DEVICES_MAX], bool *lacks);
/* Writes it, signed by the recovery key and naming the identity key as it is here, in the caller's transaction. MANY_BRANCHES and those
 * of writing. */
CP_MUST_USE enum cp_err cp_saying_write(struct cp_saying *s, const struct cp_sheet *sheet);
/* Judged without a line, does something go on counting that only a device reported lost by this has brought? People look at it
 * first, since no later KEY can take it back. */
bool cp_saying_asks(const struct cp_saying *s);
/* The row of the answer: {plan, entry (null: not written), stay, lost, statements, left_out, signed: [{entry, kind, version, answer,
 * claimed_at, device, lost, before}]}. */
void cp_saying_put(const struct cp_saying *s, struct cp_buf *rows);

#endif
