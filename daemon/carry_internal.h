/*
 * Inside a visit: its state, and what its two files call in each other. For carry_visit.c (where, fetching, ends) and carry_add.c
 * (dropping, adding) alone.
 */
#ifndef CP_CARRY_INTERNAL_H
#define CP_CARRY_INTERNAL_H

#include "daemon/carry.h"

#define CP_CARRY_COMING "carried"  /* HOME/carried: a bundle that was fetched */
#define CP_CARRY_GOING  "carrying" /* HOME/carrying: one that is to be added */

enum cp_carry_phase {
    CP_CARRY_CALLING,
    CP_CARRY_LISTING,
    CP_CARRY_FETCHING,
    CP_CARRY_READING, /* a piece of work of this home */
    CP_CARRY_DROPPING,
    CP_CARRY_WRITING, /* the same */
    CP_CARRY_PUTTING
};

struct cp_carry_visit {
    struct cp_node *node;
    struct cp_carry_ask ask;
    struct cp_carry_place *places;
    size_t place;
    struct cp_carry_keys keys;
    size_t ticket;
    bool again; /* from the newest ticket once more: a newer secret came with what was read, or an older pile brought something */
    uint64_t newest_taken; /* of row.taken, when the newest ticket's pile was done with */
    unsigned tries;
    enum cp_carry_phase phase;
    struct cp_peer *peer;
    uint64_t deadline_ms;
    enum cp_err stopping; /* while a piece of work must end first */
    struct cp_carry_row row;
    /* the pile */
    uint8_t pile[CP_ID_LEN];
    uint8_t own[CP_KEY_LEN];
    struct cp_carried there;
    bool tell;                       /* something went wrong there, so say what we hold */
    uint8_t (*machines)[CP_KEY_LEN]; /* that are in, ours too */
    size_t machines_count, machines_cap;
    /* coming */
    struct cp_new_file file;
    struct cp_carry_item item;
    struct cp_hasher hash;
    uint64_t at;
    bool spoiled, believed;
    uint8_t writer[CP_KEY_LEN];
    /* going */
    int fd;
    struct cp_bundle_offer offer;
    struct cp_heard said;
    uint64_t entries;
};

/* ---- carry_visit.c ---- */
/* This carrier is done with; the next one. After it, and after the three below it, the visit may be gone. */
void cp_carry_end_place(struct cp_carry_visit *v, enum cp_err err);
void cp_carry_end_ticket(struct cp_carry_visit *v);
/* Sends a question and waits for its answer. */
void cp_carry_send(struct cp_carry_visit *v, enum cp_carry_phase phase, const struct cp_buf *message);
void cp_carry_ask_for(struct cp_carry_visit *v, enum cp_carry_phase phase, struct cp_carry_message m);
void cp_carry_progressed(void *ctx, uint64_t done, uint64_t of);

/* ---- carry_add.c ---- */
/* Everything new was read: drops what may go, then adds what is to be said. */
void cp_carry_drop_or_add(struct cp_carry_visit *v);
void cp_carry_write_ours(struct cp_carry_visit *v);
/* The carrier wants the piece from this offset on; or has it all, under this number. */
void cp_carry_send_piece(struct cp_carry_visit *v, uint64_t offset);
void cp_carry_was_put(struct cp_carry_visit *v, uint64_t number);

#endif
