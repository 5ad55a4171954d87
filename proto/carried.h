/*
 * What a member remembers of one pile at a carrier: what lay there, who wrote it, and how far each machine has come by its own
 * signed word. Owns: which bundle is fetched next, which may go, and what of a listing does not fit what was seen before.
 * Must not: believe the carrier for more than that. All of this only saves work: what is remembered wrongly (since the carrier
 * lied) makes bundles late or doubles them; what is held, and "in sync", never rest on it.
 *
 * A machine has passed a bundle when it wrote a later one: a member reads what is new before it adds. So everything that
 * bundle n offered to a machine that wrote a later one and still lacks something is offered again.
 */
#ifndef CP_CARRIED_H
#define CP_CARRIED_H

#include "proto/carry.h"

#define CP_CARRIED_MACHINES_MAX 4096U
#define CP_CARRIED_ITEMS_MAX    (2U * CP_CARRY_BUNDLES_MAX) /* one whole listing, and what was put since */

struct cp_carried_item {
    uint64_t number, size;
    uint8_t name[CP_CARRY_NAME_LEN];
    uint8_t writer[CP_KEY_LEN]; /* the machine; zeros: not known */
    bool again;                 /* its bytes lay there before under another number: not fetched */
};
struct cp_carried_machine {
    uint8_t key[CP_KEY_LEN];
    uint64_t number; /* of its latest bundle that was believed */
};
struct cp_carried {
    bool known; /* listed at least once */
    uint8_t born[CP_CARRY_BORN_LEN];
    uint64_t next;                 /* the highest that the carrier ever said */
    uint64_t read;                 /* everything up to here was fetched, or was not there */
    struct cp_carried_item *items; /* by number: what lies there */
    size_t count, cap;
    struct cp_carried_machine *machines;
    size_t machines_count, machines_cap;
    const struct cp_mem *mem;
};
/* What does not fit. An honest carrier gives none of it while its disk is whole. */
struct cp_carried_news {
    bool set_back; /* it has forgotten what it said: another pile, or an older state. Then we begin anew */
    uint64_t
        withheld;     /* bundles that lay there or were added after our own latest, and are gone unread */
    uint64_t changed; /* other bytes under a number that we knew */
    uint64_t again;   /* old bytes under a new number */
};
void cp_carried_init(struct cp_carried *m, const struct cp_mem *mem);
void cp_carried_clear(struct cp_carried *m);

/* Takes over a listing (a PILE of all numbers). Errors: NO_MEMORY, TOO_BIG, BAD_MESSAGE (no PILE). */
CP_MUST_USE enum cp_err cp_carried_listed(struct cp_carried *m, struct cp_carry_message *pile,
                                          const uint8_t own[static CP_KEY_LEN], struct cp_carried_news *news);
/* The next bundle to fetch; NULL: none. Borrowed until the next call. */
const struct cp_carried_item *cp_carried_next(const struct cp_carried *m,
                                              const uint8_t own[static CP_KEY_LEN]);
/* That bundle was read, or is of no use. writer NULL: nobody's word in it was believed. Errors: NO_MEMORY, TOO_BIG. */
CP_MUST_USE enum cp_err cp_carried_was_read(struct cp_carried *m, uint64_t number, const uint8_t *writer);
/*
 * Everything listed was read. False: our own latest bundle is gone, and is to be put again.
 */
CP_MUST_USE bool cp_carried_all_read(struct cp_carried *m, const uint8_t own[static CP_KEY_LEN]);
/*
 * Our own bundle is about to be sent, as the next one. To be kept before it is: when the answer is lost on the way it lies
 * there all the same, is known again by its name, and is why the others let the one before it go. NO_MEMORY, TOO_BIG.
 */
CP_MUST_USE enum cp_err cp_carried_is_put(struct cp_carried *m, const struct cp_carry_item *item,
                                          const uint8_t own[static CP_KEY_LEN]);
/* Our own bundle got this number, the next one. Errors: NO_MEMORY, TOO_BIG, BAD_MESSAGE (another number). */
CP_MUST_USE enum cp_err cp_carried_was_put(struct cp_carried *m, const struct cp_carry_item *item,
                                           const uint8_t own[static CP_KEY_LEN]);

/* The number of a machine's latest bundle; 0: none. */
uint64_t cp_carried_latest(const struct cp_carried *m, const uint8_t machine[static CP_KEY_LEN]);
/* Has every one of these machines, but its writer and us, passed this number? */
bool cp_carried_passed(const struct cp_carried *m, uint64_t number, const uint8_t (*machines)[CP_KEY_LEN],
                       size_t count, const uint8_t own[static CP_KEY_LEN], const uint8_t *writer);
/*
 * Which bundles may go: every machine that is in has passed them, and they are nobody's latest, which tells how far that machine
 * has come. `numbers` has room for CP_CARRY_BUNDLES_MAX. Returns how many. Nothing while we are alone.
 */
size_t cp_carried_droppable(const struct cp_carried *m, const uint8_t (*machines)[CP_KEY_LEN], size_t count,
                            const uint8_t own[static CP_KEY_LEN], uint64_t *numbers);

/* As kept: [1, born, next, read, [number, size, name, writer, again, ...], [machine, number, ...]]. */
void cp_carried_write(const struct cp_carried *m, struct cp_buf *out);
/* Errors: those of the profile, BAD_VALUE, NO_MEMORY; *m is clear then. */
CP_MUST_USE enum cp_err cp_carried_read(struct cp_bytes bytes, struct cp_carried *m);

#endif
