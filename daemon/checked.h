/*
 * Keys checked in person (domain 5.8): two people side by side read the same words off both screens, and one notes it.
 * Owns: reading these notes. Must not: write one, or decide whether a key counts.
 *
 * A note of the kind `checked` about a person holds the key that was seen. It says nothing of another key, so a key that
 * changes is not checked until somebody looks again.
 */
#ifndef CP_DAEMON_CHECKED_H
#define CP_DAEMON_CHECKED_H

#include "daemon/view.h"

struct cp_check {
    uint8_t by[CP_ID_LEN];
    uint64_t time_ms; /* the latest that they claimed */
};
struct cp_checks {
    struct cp_check *list; /* by person, each once */
    size_t count, cap;
    const struct cp_mem *mem;
};
/* Who else noted that they had seen this key on the person's own screen; void and withdrawn notes left out.
 * Errors: those of the store. On failure *c is clear. */
CP_MUST_USE enum cp_err cp_checks_load(struct cp_checks *c, const struct cp_desk *d,
                                       const uint8_t person[static CP_ID_LEN],
                                       const uint8_t key[static CP_KEY_LEN]);
/* What this person noted; NULL: nothing. */
const struct cp_check *cp_checks_by(const struct cp_checks *c, const uint8_t by[static CP_ID_LEN]);
/* Leaves those who claim the latest, at most this many, in the same order. */
void cp_checks_newest(struct cp_checks *c, size_t most);
void cp_checks_clear(struct cp_checks *c);

#endif
