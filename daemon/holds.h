/*
 * Who has seen what: what other machines are known to hold of what is here, from meetings that ended in sync and from
 * what a machine said under its signature in a stick file. Owns: nothing; works it out each time. Must not: guess: what is
 * not proven is told as not known, and nothing that is said here decides anything.
 */
#ifndef CP_HOLDS_H
#define CP_HOLDS_H

#include "daemon/bundle.h"
#include "daemon/meet.h"

enum cp_holds_how {
    CP_HOLDS_UNKNOWN, /* nothing is known of it */
    CP_HOLDS_MET,     /* a meeting that ended in sync */
    CP_HOLDS_STICK
};

struct cp_holds {
    enum cp_holds_how how;
    uint64_t heard_ms; /* by our clock */
    uint64_t said_ms;  /* STICK: by the other's */
    uint64_t lacks;    /* entries here that it is not known to hold; 0: it has everything that is here */
    uint64_t more;     /* STICK: at least so many of its own tips are not held here */
    uint64_t first;    /* row of the first entry that it may lack; UINT64_MAX: it lacks none */
};

/* One plan, looked at for several machines. */
struct cp_holds_plan {
    struct cp_node *node;
    uint8_t plan[CP_ID_LEN];
    uint64_t *rows; /* of entries that arrived after the least that somebody is known to hold */
    size_t rows_count;
};
/* Errors: those of the store. To be ended also after an error. */
CP_MUST_USE enum cp_err cp_holds_begin(struct cp_holds_plan *p, struct cp_node *node,
                                       const uint8_t plan[static CP_ID_LEN]);
CP_MUST_USE enum cp_err cp_holds_of(struct cp_holds_plan *p, const uint8_t machine[static CP_KEY_LEN],
                                    struct cp_holds *out);
/* The last edit of our own people before the first entry that it may lack. NOT_FOUND: none, or nothing is known. */
CP_MUST_USE enum cp_err cp_holds_edit(const struct cp_holds_plan *p, const struct cp_holds *seen,
                                      struct cp_store_edit *out);
void cp_holds_finish(struct cp_holds_plan *p);

/* The other machines of a plan, counted. */
struct cp_holds_count {
    uint64_t devices;    /* machines, each once */
    uint64_t everything; /* have all that is here */
    uint64_t unheard;    /* nothing is known of them */
};
CP_MUST_USE enum cp_err cp_holds_others(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                        struct cp_holds_count *out);

#endif
