/*
 * Carriers: a machine of somebody who need not be trusted keeps sealed bundles for whoever shows a ticket (design 6).
 * Owns: the ticket as text, and the messages between a member and a carrier. Must not: know what is in a bundle, or
 * where one is kept. docs/protocol-bundle.md "Carriers" has the same table.
 *
 * A ticket is a CURVE key pair derived from the plan secret and the carrier's own key, so that two carriers cannot tell that they
 * serve the same plan. The carrier is given the public half: what it needs to let somebody in, and no more.
 * The member asks, the carrier answers, one message each, in turn:
 *
 *   LIST   [0, 1, after]              PILE   [5, 1, born, next, [number, size, name, ...]]
 *   GET    [1, number, offset]        PART   [6, number, offset, bytes]
 *   PUT    [2, number, size, name]    GO     [7, offset]    or STORED when it lies there already
 *   DATA   [3, offset, bytes]         GO     [7, offset]    or, behind the last byte, STORED [8, number]
 *   DROP   [4, [number, ...]]         DONE   [9]
 *                                     NO     [10, word]     to any of them
 *
 * born: 8 random bytes of the pile, drawn when its ticket was added. Numbers count up from 1 and are never used again; next is
 * the one that the next bundle gets: PUT names it, and is answered NO "busy" when somebody else came first, since a member reads
 * what is new before it adds. name: H(CARRIED, the bundle's bytes), 16 bytes. LIST 1 and PILE 1 are the version.
 */
#ifndef CP_CARRY_H
#define CP_CARRY_H

#include "proto/hash.h"
#include "proto/mp.h"

enum {
    CP_CARRY_VERSION = 1,
    CP_CARRY_NAME_LEN = 16,
    CP_CARRY_BORN_LEN = 8,
    CP_CARRY_BUNDLES_MAX = 1024, /* of one pile, and of one PILE or DROP: 38 KB */
    CP_CARRY_PART_MAX = 512 * 1024
};
#define CP_CARRY_SIZE_MAX (1ULL << 30) /* of one bundle: what a member fetches without asking its person */

/* ---- Tickets ---- */
struct cp_ticket {
    uint8_t carrier[CP_KEY_LEN]; /* the CURVE key of the only carrier it is good for */
    uint8_t key[CP_KEY_LEN];     /* the public half of the key that its holders call with */
};
/* Appends "coplan-ticket:" and base 32 of [1, carrier, key] and four check bytes. */
void cp_ticket_write(const struct cp_ticket *t, struct cp_buf *out);
/* Forgives white space and upper case. Errors: BAD_TICKET. */
CP_MUST_USE enum cp_err cp_ticket_read(struct cp_bytes text, struct cp_ticket *out);

/* ---- Messages ---- */
enum cp_carry_type {
    CP_CARRY_LIST,
    CP_CARRY_GET,
    CP_CARRY_PUT,
    CP_CARRY_DATA,
    CP_CARRY_DROP,
    CP_CARRY_PILE,
    CP_CARRY_PART,
    CP_CARRY_GO,
    CP_CARRY_STORED,
    CP_CARRY_DONE,
    CP_CARRY_NO,
    CP_CARRY_TYPES
};
struct cp_carry_item {
    uint64_t number, size;
    uint8_t name[CP_CARRY_NAME_LEN];
};
/* One message; members that a type does not use are zero. Slices borrow. */
struct cp_carry_message {
    enum cp_carry_type type;
    uint64_t number;       /* LIST: after; GET, PUT, PART, STORED; PILE: next */
    uint64_t offset;       /* GET, DATA, PART, GO */
    uint64_t size;         /* PUT */
    const uint8_t *name;   /* PUT */
    const uint8_t *born;   /* PILE */
    struct cp_bytes bytes; /* DATA, PART: at least one */
    size_t count;          /* PILE items, DROP numbers */
    struct cp_cursor
        list;         /* reading: cp_carry_next_item or cp_carry_next_number, count times, in rising order */
    enum cp_err word; /* NO; CP_ERR_COUNT for a word that is not known */
};
/* Errors: those of the profile, BAD_VALUE, BAD_MESSAGE (no such type), NEWER_RULES (another version). */
CP_MUST_USE enum cp_err cp_carry_read(struct cp_bytes message, struct cp_carry_message *out);
void cp_carry_next_item(struct cp_carry_message *m, struct cp_carry_item *out);
uint64_t cp_carry_next_number(struct cp_carry_message *m);
/* Appends a message that has no list. */
void cp_carry_put(const struct cp_carry_message *m, struct cp_buf *out);
/* count at most CP_CARRY_BUNDLES_MAX, numbers rising and at least 1. */
void cp_carry_put_pile(const uint8_t born[static CP_CARRY_BORN_LEN], uint64_t next,
                       const struct cp_carry_item *items, size_t count, struct cp_buf *out);
void cp_carry_put_drop(const uint64_t *numbers, size_t count, struct cp_buf *out);

/* The name of a bundle, from its bytes piece by piece. */
void cp_carry_name_begin(struct cp_hasher *h);
void cp_carry_name_add(struct cp_hasher *h, struct cp_bytes piece);
void cp_carry_name_end(struct cp_hasher *h, uint8_t out[static CP_CARRY_NAME_LEN]);

/* Is `a` the same name as `b`? */
bool cp_carry_name_is(const uint8_t a[static CP_CARRY_NAME_LEN], const uint8_t b[static CP_CARRY_NAME_LEN]);

#endif
