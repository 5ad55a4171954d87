/*
 * copland --carrier: keeps sealed bundles for others. A home of its own sort: HOME/carrier (its CURVE key, its tickets) and
 * HOME/piles/TICKET/NUMBER-NAME, one file a bundle. It has no plan, no person and no key that opens anything.
 * Owns: that folder, and what a ticket holder may ask for (proto/carry.h). Must not: look into a bundle.
 *
 * Who holds a ticket is let in and sees that ticket's pile alone. It may list, fetch, add within the ticket's room, and take
 * away; which bundles everybody has had the members know (they read each other's signed word), so they say what may go.
 */
#ifndef CP_DAEMON_CARRIER_H
#define CP_DAEMON_CARRIER_H

#include "daemon/new_file.h"
#include "daemon/node.h"
#include "proto/carry.h"

#define CP_CARRIER_TICKETS_MAX 256U
#define CP_CARRIER_ROOM        (256ULL * 1024 * 1024) /* of a ticket, unless its keeper says otherwise */
#define CP_CARRIER_ROOM_MAX    (1ULL << 40)
#define CP_CARRIER_IDLE_MS \
    300000U /* a member that asks nothing for so long is cut; it may be reading what it fetched */

/* ---- The home (carrier_home.c) ---- */
struct cp_carrier_ticket {
    uint8_t key[CP_KEY_LEN];
    uint8_t born[CP_CARRY_BORN_LEN]; /* of its pile */
    uint64_t room;                   /* bytes */
};
struct cp_carrier_facts {
    uint8_t key[CP_KEY_LEN], secret[CP_KEY_LEN];
    char listen[256]; /* the address that people were told; "" before the first port was opened */
    struct cp_carrier_ticket *tickets; /* in the order of adding */
    size_t count, cap;
    const struct cp_mem *mem;
};
/* The file's bytes: [1, key, secret, listen, [ticket key, born, room, ...]] and 16 bytes of checksum. */
void cp_carrier_facts_init(struct cp_carrier_facts *f, const struct cp_mem *mem);
void cp_carrier_facts_clear(struct cp_carrier_facts *f);
CP_MUST_USE enum cp_err cp_carrier_facts_write(const struct cp_carrier_facts *f, struct cp_buf *out);
/* Errors: DAMAGED_KEY, NEWER_HOME, NO_MEMORY; *f is clear then. */
CP_MUST_USE enum cp_err cp_carrier_facts_read(struct cp_bytes bytes, struct cp_carrier_facts *f);
/* Is there a carrier's file in this home? */
bool cp_carrier_is(const char *home);
/* Reads HOME/carrier, or makes a new one. Errors: HOME_EXISTS (a person's home), DAMAGED_KEY, NEWER_HOME, IO, DISK_FULL. */
CP_MUST_USE enum cp_err cp_carrier_load(const char *home, struct cp_carrier_facts *f);
CP_MUST_USE enum cp_err cp_carrier_save(const char *home, const struct cp_carrier_facts *f);

/* ---- One pile (carrier_pile.c) ---- */
struct cp_pile {
    char folder[1200];
    struct cp_carry_item items[CP_CARRY_BUNDLES_MAX]; /* by number; those that were dropped are left out */
    size_t count;
    uint64_t next;  /* number of the next bundle */
    uint64_t bytes; /* of the items */
};
/* What is in a ticket's pile now. A folder that is not there is an empty pile. Errors: IO, NO_MEMORY. */
CP_MUST_USE enum cp_err cp_pile_look(const char *home, const uint8_t ticket[static CP_KEY_LEN],
                                     struct cp_pile *out);
/* Reads one piece, appended: at most CP_CARRY_PART_MAX. NOT_FOUND (also: dropped since, or nothing there), IO. */
CP_MUST_USE enum cp_err cp_pile_get(const struct cp_pile *p, uint64_t number, uint64_t offset,
                                    struct cp_buf *out);
/* Is there room for `more` bytes beside what lies there and `coming`, all that has come so far of bundles that are not whole? */
bool cp_pile_fits(const struct cp_pile *p, uint64_t room, uint64_t coming, uint64_t more);
/* A file for a bundle that is coming in. DISK_FULL, IO. */
CP_MUST_USE enum cp_err cp_pile_begin(const char *home, const struct cp_pile *p, struct cp_new_file *file);
/* Gives a file that is written and whole its number, as the last step. DISK_FULL, IO: the file is gone. */
CP_MUST_USE enum cp_err cp_pile_add(struct cp_pile *p, struct cp_new_file *file,
                                    const uint8_t name[static CP_CARRY_NAME_LEN], uint64_t *number);
/* Without effect on what is not there. The highest number leaves an empty file, so that it is never given again. */
void cp_pile_drop(struct cp_pile *p, uint64_t number);
/* The whole pile of a ticket that was taken back. */
void cp_pile_remove(const char *home, const uint8_t ticket[static CP_KEY_LEN]);
/* What an interrupted writing left, in every pile. */
void cp_pile_sweep(const char *home);

/* ---- The daemon (carrier.c) ---- */
struct cp_carrier_caller {
    struct cp_carrier_caller *next;
    struct cp_peer *peer;
    uint64_t since_ms;       /* of its last message */
    struct cp_new_file file; /* a bundle that is coming in */
    struct cp_hasher hash;
    uint64_t size, at, number;
    uint8_t name[CP_CARRY_NAME_LEN];
};
struct cp_carrier {
    struct cp_node *node;
    struct cp_carrier_facts facts;
    struct cp_carrier_caller *callers;
    struct cp_pile *pile; /* scratch: one question is answered at a time */
};
/* Makes node->carrier and node->net, and opens the port where an address is known. Errors: those of cp_carrier_load and
 * of the net. */
CP_MUST_USE enum cp_err cp_carrier_open(struct cp_node *node);
void cp_carrier_close(struct cp_node *node); /* without one: nothing */
/* Opens the port that node->listen asks for, and remembers it. On failure none is open. Errors: those of cp_net_listen, DISK_FULL,
 * IO. */
CP_MUST_USE enum cp_err cp_carrier_listen(struct cp_node *node);
uint64_t cp_carrier_deadline_ms(const struct cp_node *node);
void cp_carrier_tick(struct cp_node *node, uint64_t now_ms);
/* A ticket that is known already is kept with what lies in its pile; a room other than 0 becomes its room. Errors: TOO_BIG,
 * NO_MEMORY, and those of cp_carrier_save: then nothing has changed. */
CP_MUST_USE enum cp_err cp_carrier_ticket_add(struct cp_carrier *c, const uint8_t key[static CP_KEY_LEN], uint64_t room);
/* Takes it back, with its pile and the calls under way. Errors: NOT_FOUND, and those of cp_carrier_save. */
CP_MUST_USE enum cp_err cp_carrier_ticket_remove(struct cp_carrier *c, const uint8_t key[static CP_KEY_LEN]);
/* Ends the calls of a ticket that was taken back. */
void cp_carrier_part(struct cp_carrier *c, const uint8_t ticket[static CP_KEY_LEN]);

/* ---- Its commands (carrier_serve.c): ping listen stop carry-add carry-remove carry-list ---- */
void cp_carrier_dispatch(struct cp_request *r);

#endif
