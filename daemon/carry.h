/*
 * Members at carriers: which carriers this home uses for which plan, and a call on them. Private to carry*.c, serve_carry.c and
 * the loop. Owns: the notes "carriers" and "carry/PILE", and the one visit under way. Must not: judge entries or say "in sync"
 * (a carrier proves nothing about what anybody holds), or decide what is fetched and dropped (proto/carried.h).
 *
 * A visit, for each carrier of each plan and for its tickets from the newest to the oldest: list; fetch and read what is new,
 * as a stick's file is read; drop what everybody has had; write what the others lack and will not find there; add it.
 */
#ifndef CP_DAEMON_CARRY_H
#define CP_DAEMON_CARRY_H

#include "daemon/bundle.h"
#include "daemon/node.h"

#define CP_CARRY_PLACES_MAX  32U    /* (plan, carrier) pairs */
#define CP_CARRY_TICKETS_MAX 4U     /* the newest secrets of a plan whose piles are looked at */
#define CP_CARRY_WAIT_MS     30000U /* for an answer */
#define CP_CARRY_TRIES_MAX   5U     /* to add something while others add too */

/* ---- Which carriers (carry_place.c) ---- */
struct cp_carry_place {
    uint8_t plan[CP_ID_LEN];
    uint8_t carrier[CP_KEY_LEN];
    char address[256]; /* HOST:PORT */
};
struct cp_carry_places {
    struct cp_carry_place list[CP_CARRY_PLACES_MAX];
    size_t count;
};
/* Nothing kept is an empty list. */
CP_MUST_USE enum cp_err cp_carry_places_get(struct cp_node *node, struct cp_carry_places *out);
CP_MUST_USE enum cp_err cp_carry_places_set(struct cp_node *node, const struct cp_carry_places *places);
/* HOST:PORT#KEY as typed. USAGE. */
CP_MUST_USE enum cp_err cp_carry_address(struct cp_bytes typed, struct cp_carry_place *out);
/* The tickets of a plan at a carrier, newest first: CURVE pairs, at most CP_CARRY_TICKETS_MAX; the caller wipes secrets. */
struct cp_carry_keys {
    uint8_t key[CP_CARRY_TICKETS_MAX][CP_KEY_LEN];
    uint8_t secret[CP_CARRY_TICKETS_MAX][CP_KEY_LEN];
    size_t count;
};
CP_MUST_USE enum cp_err cp_carry_keys_get(struct cp_node *node, const struct cp_carry_place *place,
                                          struct cp_carry_keys *out);
/* What is remembered of a ticket's pile. */
void cp_carry_pile_id(const struct cp_carry_place *place, const uint8_t ticket[static CP_KEY_LEN],
                      uint8_t out[static CP_ID_LEN]);
CP_MUST_USE enum cp_err cp_carry_memory_get(struct cp_node *node, const uint8_t pile[static CP_ID_LEN],
                                            struct cp_carried *out);
CP_MUST_USE enum cp_err cp_carry_memory_set(struct cp_node *node, const uint8_t pile[static CP_ID_LEN],
                                            const struct cp_carried *m);

/* ---- The visit (carry_visit.c) ---- */
/* How it went at one carrier for one plan, over all its tickets. */
struct cp_carry_row {
    const struct cp_carry_place *place;
    enum cp_err err;
    bool newest, old;                        /* which tickets it knows */
    uint64_t fetched, taken, known, refused; /* bundles; entries */
    uint64_t damaged;                        /* bundles that are not whole, or not what was listed */
    uint64_t withheld, changed, again;       /* cp_carried_news */
    bool set_back, lost;
    uint64_t put, put_entries, put_bytes, dropped;
};
struct cp_carry_ask {
    const struct cp_carry_place *places; /* copied */
    size_t count;
    void (*row)(void *ctx, const struct cp_carry_row *row);
    void (*done)(void *ctx, enum cp_err err); /* once; an error where nothing more could be tried */
    cp_bundle_progress *progress;             /* bytes of one bundle */
    void *ctx;
};
/* Errors: BUSY (another visit, or other work), LOCKED, NO_MEMORY. */
CP_MUST_USE enum cp_err cp_carry_start(struct cp_node *node, const struct cp_carry_ask *ask);
void cp_carry_stop(struct cp_node *node, enum cp_err why); /* none under way: nothing */

/* Removes what a visit that was killed left in the home; none is under way. */
void cp_carry_sweep(struct cp_node *node);

/* What the net's owner (meet.c) and the loop call. */
bool cp_carry_is(const struct cp_node *node, const struct cp_peer *peer);
void cp_carry_connected(struct cp_node *node);
void cp_carry_message(struct cp_node *node, struct cp_bytes bytes);
void cp_carry_gone(struct cp_node *node, enum cp_err why);
uint64_t cp_carry_deadline_ms(const struct cp_node *node);
void cp_carry_tick(struct cp_node *node, uint64_t now_ms);

#endif
