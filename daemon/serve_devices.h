/*
 * Commands about a person's own devices (serve_devices.c), and what they share with joining (serve_people.c).
 * Single thread, the daemon's.
 */
#ifndef CP_SERVE_DEVICES_H
#define CP_SERVE_DEVICES_H

#include "daemon/node.h"

/* Joins as the request's person, whose seal is there: makes or finds the JOIN, keeps it, delivers it, answers. `inv` is
 * borrowed for the call. The request's `name` and `out` are as in the command `join`. */
void cp_serve_join_with(struct cp_request *r, const struct cp_invitation *inv);

/* Writes the INVITE of inv->token into the request's plan and fills what travels beside it. inv->has_carry: for a further device of
 * its person. Errors: those of writing; NOT_YET. */
CP_MUST_USE enum cp_err cp_serve_make_invite(struct cp_request *r, struct cp_invitation *inv);
/* Is the request's device in its plan? And any person of this machine? */
bool cp_serve_is_in(const struct cp_request *r);
bool cp_serve_is_held(const struct cp_request *r);

/*
 * `link` and `recover` make the request's person another before anybody has judged the JOIN. One request at a time may: BUSY.
 * Then it ends by cp_serve_became: taken, or it waits for an answer; else everything is as it was before. True: it was put back.
 */
CP_MUST_USE enum cp_err cp_serve_becoming(struct cp_request *r);
bool cp_serve_became(struct cp_request *r, bool taken);
/* The person of the carry (seal: what opens it), or of the sheet; a JOIN of theirs that waits is forgotten. Errors: those of
 * cp_keeper_adopt, cp_keeper_become and of the store. */
CP_MUST_USE enum cp_err cp_serve_become_carried(struct cp_request *r, const struct cp_carry *carry,
                                                const uint8_t seal[static 32]);
CP_MUST_USE enum cp_err cp_serve_become_back(struct cp_request *r, const uint8_t person[static CP_ID_LEN],
                                             const struct cp_sheet *sheet);
/* Is the request's person in no plan, waiting for none as themselves, and with nothing kept for themselves? */
CP_MUST_USE enum cp_err cp_serve_is_free(struct cp_request *r, bool *free);
/* A device of the plan by a unique beginning of its key, or by a name that only one has; of `person` only, unless NULL.
 * NOT_FOUND, AMBIGUOUS. */
CP_MUST_USE enum cp_err cp_serve_find_device(const struct cp_members *m, const uint8_t *person, struct cp_bytes typed,
                                             const struct cp_member_device **out);
/* How a device stands in the plan, in a word of docs/api.md: "in", "reported lost", "left", "to follow" or "not in". */
const char *cp_serve_device_state(const struct cp_member_device *d);
/* "others": [name] of whoever else is in on the machine of this device of the plan: what the plan has goes there for them. */
CP_MUST_USE enum cp_err cp_serve_put_others(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                            const uint8_t device[static CP_KEY_LEN], struct cp_buf *out);
/* Answers `recover` once the request's device is in r->plan: names the new key there. */
void cp_serve_recovered(struct cp_request *r);
/* Reports in the request's plan each device of the request's person that is let in there and was reported lost in `old`, as
 * `revoke-device` without more: what is held of it was theirs. The seal must be there. *count goes up by as many. */
CP_MUST_USE enum cp_err cp_serve_lost_since(struct cp_request *r, const uint8_t old[static CP_ID_LEN], size_t *count);
/* A new secret for the plan, written by the request's device. */
CP_MUST_USE enum cp_err cp_serve_new_secret(struct cp_request *r, uint8_t id[static CP_ID_LEN]);

#endif
