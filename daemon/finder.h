/*
 * Finding other machines of our plans on networks that were called fine: asks, answers, and calls who was found.
 * Owns: when discovery runs, who was found and when they are called. Must not: lay out packets (proto/beacon.h), judge
 * who is a member (the session and ZAP do), run on a network that nobody called fine, or while locked.
 *
 * All times are monotonic; the clock on the wall is never looked at.
 */
#ifndef CP_FINDER_H
#define CP_FINDER_H

#include "daemon/beacon_net.h"
#include "daemon/meet.h"
#include "proto/spoken.h"

#define CP_FINDER_FDS_MAX       (1U + 2U * CP_BEACON_FAMILIES * CP_NETWORKS_MAX)
#define CP_FINDER_ASK_MS        3000U  /* so long answers are waited for */
#define CP_FINDER_TURN_MAX      32U    /* packets taken from one socket before others have their turn */
#define CP_FINDER_ANSWERS_MAX   256U   /* read for one ask; a flood is not worth more */
#define CP_FINDER_FOUND_MAX     64U    /* machines remembered; the one not heard of for longest goes */
#define CP_FINDER_ADDRESSES_MAX 4U     /* of one machine: two families on two networks */
#define CP_FINDER_FRESH_MS      90000U /* so long after an answer its machine is called */
#define CP_FINDER_YIELD_MS \
    1500U /* of two that find each other, the one with the higher key calls so much later */
#define CP_FINDER_PLACE_MS    4000U /* where we met somebody before is called when no answer came within this */
#define CP_FINDER_VISIT_MS    60000U /* between two calls of one that cannot stay */
#define CP_FINDER_BRIEF_MS    10000U /* a session that lasted less ended badly: not called at once again */
#define CP_FINDER_CALLS_MAX   4U     /* at once */
#define CP_FINDER_SETTLE_MS   150U   /* changes of addresses come in showers */
#define CP_FINDER_LOOK_MS     60000U /* a look at the networks though nobody told of a change */
#define CP_FINDER_NAMELESS_MS 5000U  /* the same while a network's router has not been heard */
#define CP_FINDER_SPOKEN_MAX  4U /* invitations in words open at once: one address is told of each within 8 answers */
#define CP_FINDER_SPOKEN_MS   3600000U /* so long each is open, asleep or awake */
#define CP_FINDER_SEEK_MS     24000U   /* so long one is looked for: 8 answers to one address come in less */
#define CP_FINDER_SEEK_ASK_MS 3000U    /* at most between two asks meanwhile: an answer to the last is waited for as long */

/* A machine that answered. */
struct cp_finder_found {
    uint8_t machine[CP_KEY_LEN];
    char address[CP_FINDER_ADDRESSES_MAX][80];
    size_t addresses, next; /* the one to try next */
    uint64_t heard_ms;
    uint64_t call_ms; /* not before */
    unsigned fails;   /* calls in a row that came to nothing */
    bool calling;
    bool met; /* there was a session when we last looked */
    uint64_t met_ms;
    unsigned brief; /* sessions in a row that ended soon */
};

struct cp_finder_link {
    struct cp_network network;
    struct cp_beacon_link sockets;
    struct cp_beacon_pace pace;
    uint8_t ask[CP_BEACON_FAMILIES][CP_BEACON_LEN]; /* two, so that nothing goes out twice */
    uint64_t ask_end_ms;                            /* UINT64_MAX: nothing is asked */
    unsigned answers;                               /* read for this ask */
};

/* An invitation in words that this machine's answers tell of. */
struct cp_finder_spoken {
    uint8_t plan[CP_ID_LEN];
    uint8_t invite[CP_ID_LEN];
    uint8_t door[CP_KEY_LEN];
    uint8_t slots[CP_BEACON_SLOTS][CP_KEY_LEN];
    uint64_t end_ms; /* by the clock that goes on while the machine sleeps */
};

/* Somebody here who looks for one. Belongs to the finder from cp_finder_seek until done is called. */
struct cp_finder_search {
    uint8_t slots[CP_BEACON_SLOTS][CP_KEY_LEN];
    /* Called once: where it is and HOST:PORT, or NOBODY_THERE, LOCKED, INTERRUPTED without. */
    void (*done)(void *ctx, enum cp_err err, const struct cp_spoken_place *place, const char *address);
    void *ctx;
    uint64_t end_ms;
    struct cp_finder_search *next;
};

struct cp_finder {
    struct cp_node *node;
    int changes; /* the kernel's word, -1: not open */
    uint64_t look_ms;
    struct cp_finder_link links[CP_NETWORKS_MAX];
    size_t links_count;
    struct cp_beacon_gates gates;
    struct cp_beacon_sleep sleep;
    struct cp_finder_found found[CP_FINDER_FOUND_MAX];
    size_t found_count;
    char opened[256]; /* the port that we opened because nobody asked for one; "" */
    /* keys, wiped at a lock */
    bool keys_known;
    uint64_t keys_as_of; /* the meeting's count of control news */
    uint8_t (*keys)[CP_KEY_LEN];
    size_t keys_count, keys_cap;
    uint8_t (*own)[CP_KEY_LEN]; /* in use, one a plan: what we answer with */
    size_t own_count, own_cap;
    size_t turn; /* which of them first */
    /* invitations in words, wiped at a lock */
    struct cp_finder_spoken spoken[CP_FINDER_SPOKEN_MAX];
    size_t spoken_count;
    uint64_t spoken_as_of;                /* the meeting's count of control news */
    uint8_t spoken_turn[CP_BEACON_GATES]; /* what an address was told of last */
    struct cp_finder_search *searches;
};

CP_MUST_USE enum cp_err cp_finder_open(struct cp_node *node); /* NO_MEMORY; after cp_meet_open */
void cp_finder_close(struct cp_node *node);                   /* after cp_meet_close; NULL is fine */
/* Unlocked, a mark changed, another port: looks at the networks in the next turn. */
void cp_finder_look(struct cp_node *node);
/* Locked: stops, and wipes what it knows. */
void cp_finder_rest(struct cp_node *node);

/* Gives networks whose router the system has forgotten the name that they had when we came. */
void cp_finder_names(const struct cp_finder *f, struct cp_network *list, size_t count);

/* For the loop. */
size_t cp_finder_fds(struct cp_node *node, struct cp_wait_fd *fds, size_t max);
void cp_finder_ready(struct cp_node *node, const struct cp_wait_fd *fds, size_t count, uint64_t now_ms);
uint64_t cp_finder_deadline_ms(struct cp_node *node);
void cp_finder_tick(struct cp_node *node, uint64_t now_ms);

/* ---- finder_call.c ---- */
/* An answer named this machine at this address. */
void cp_finder_heard(struct cp_finder *f, const uint8_t machine[static CP_KEY_LEN], const char *address,
                     uint64_t now_ms);
/* We came to this network: whom we met there before is called too, in case multicast does not pass. */
void cp_finder_places(struct cp_finder *f, const struct cp_network *n, uint64_t now_ms);
/* Is this HOST:PORT on that network, as far as addresses tell? */
bool cp_finder_in_range(const struct cp_network *n, const char *address);
/* Ends open sessions that lost their network or slept through it, and forgets addresses on networks that we are not on or that are
 * not fine any more; whoever is in reach is found again. */
void cp_finder_cut(struct cp_finder *f);
/* Calls who is due, ends the second of two sessions with one machine. True when somebody was lost: ask again. */
bool cp_finder_calls(struct cp_finder *f, uint64_t now_ms);
uint64_t cp_finder_calls_ms(const struct cp_finder *f, uint64_t now_ms);

/* ---- finder_keys.c ---- */
void cp_finder_keys(struct cp_finder *f); /* reads them when they may have changed */
void cp_finder_keys_wipe(struct cp_finder *f);

/* ---- finder_spoken.c ---- */
/* Is there a network that we are on and that was called fine? */
bool cp_finder_is_on(const struct cp_finder *f);
/* May another one be opened? NOT_FINE, NO_PORT, WORDS_MANY. boot_ms here and below: by the clock of end_ms. */
CP_MUST_USE enum cp_err cp_finder_spoken_room(struct cp_finder *f, uint64_t boot_ms);
/* There is room. */
void cp_finder_spoken_open(struct cp_finder *f, const struct cp_finder_spoken *spoken);
/* Forgets those that are over: an hour has passed, used, taken back, or we left the plan. */
void cp_finder_spoken_prune(struct cp_finder *f, uint64_t boot_ms);
/* The one that the next answer to an address of this gate tells of; NULL: an ordinary answer. Each address has its own turns, so
 * that two who ask at the same pace do not take each other's. */
const struct cp_finder_spoken *cp_finder_spoken_turn(struct cp_finder *f, size_t gate);
/* Begins to ask at once. Slots, done and ctx are filled in. */
void cp_finder_seek(struct cp_finder *f, struct cp_finder_search *search, uint64_t now_ms);
/* An ask was sent: while somebody looks the next comes sooner. */
void cp_finder_seek_pace(const struct cp_finder *f, struct cp_beacon_pace *pace, uint64_t now_ms);
/* An answer to that ask came. */
void cp_finder_seek_heard(struct cp_finder *f, const uint8_t ask[static CP_BEACON_LEN],
                          const struct cp_beacon_packet *p);
void cp_finder_seek_tick(struct cp_finder *f, uint64_t now_ms);
uint64_t cp_finder_seek_ms(const struct cp_finder *f);
/* Ends all searches with `err` and forgets all open ones. */
void cp_finder_spoken_wipe(struct cp_finder *f, enum cp_err err);
/* The port's number where others on a network reach it; 0 when there is none: then no ask is answered (finder.c). */
unsigned cp_finder_port(const struct cp_node *node);
/* Milliseconds by the clock that goes on while the machine sleeps (finder.c). */
uint64_t cp_finder_boot_ms(void);

#endif
