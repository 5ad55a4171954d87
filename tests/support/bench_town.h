/*
 * The workload "town plan" (performance.md): 40 people, one device each, on one plan. About 70 % edits of one field
 * (state, cost, due, lead, title, description, a rating), 20 % comments, 10 % new items; titles 40-80 bytes,
 * descriptions 200-600, comments 60-300.
 * Owns: the people's keys (made up here: no keeper is measured) and the order of operations, which a seed decides.
 * Must not: reach behind the store's header.
 */
#ifndef CP_BENCH_TOWN_H
#define CP_BENCH_TOWN_H

#include "daemon/keeper.h"
#include "daemon/store.h"

#define TOWN_PEOPLE 40U
#define TOWN_MOST   1000U
/* How many people there are: TOWN_PEOPLE unless a program says otherwise, before town_people. */
extern size_t town_size;

struct town_person {
    uint8_t device[CP_KEY_LEN], device_secret[64];
    uint8_t identity[CP_KEY_LEN], identity_secret[64];
    uint8_t recovery[CP_KEY_LEN];
    uint8_t person[CP_ID_LEN];
};
enum {
    TOWN_FIELDS = 7
};
struct town_item {
    uint8_t id[CP_ID_LEN];
    uint8_t last[TOWN_FIELDS][CP_ID_LEN]; /* the write that stands, for each field; zeros: none */
    size_t rated_by;                      /* whose rating last[6] is */
};
/* One machine of the town: its store, and the people who write on it. */
struct town {
    struct cp_store *store;
    struct cp_keeper *keeper; /* signs for the founder when the home is a real one; NULL otherwise */
    uint8_t plan[CP_ID_LEN];
    uint8_t founder[CP_KEY_LEN];
    const struct town_person *people;
    size_t first, count; /* who writes here: people[first .. first + count) */
    struct town_item *items;
    size_t items_count, items_cap;
    uint64_t dice, time_ms;
};

/* Makes the people: machine[i] is the CURVE key of the machine where people[i] sit. */
void town_people(struct town_person *people /* town_size of them */);
/* A new store at PATH, unlocked with a key of its own making. */
struct cp_store *town_store(const char *path);
/* Founds the plan on t->store by people[0], whose machine has this CURVE key, and admits the others; machine[i]
 * is that of people[i]. */
void town_found(struct town *t, const uint8_t (*machine)[CP_KEY_LEN]);
/* Admits people[from..] to a plan that t->founder is in. */
void town_admit(struct town *t, size_t from, const uint8_t (*machine)[CP_KEY_LEN]);
/* Appends `count` operations, `batch` in a transaction. Returns bytes of frames and words. */
uint64_t town_write(struct town *t, size_t count, size_t batch);
/* The parts of it, for other workloads: a number below `below`, words of a length between two bounds, and one
 * entry by people[author] in the open transaction (returns bytes of frame and words). */
uint32_t town_roll(struct town *t, uint32_t below);
struct cp_bytes town_words(struct town *t, char *out, size_t least, size_t most);
uint64_t town_append(struct town *t, const struct cp_draft *d, size_t author, uint8_t id[CP_ID_LEN]);
/* Opens the keys and the store of a home whose daemon is stopped, and admits the people into its one plan: they sit
 * at `machine`. Shut again by town_leave_home. */
void town_enter_home(struct town *t, const char *home, const uint8_t machine[CP_KEY_LEN]);
void town_leave_home(struct town *t);
/* One edit of a date: one transaction. */
void town_edit(struct town *t);
/* Ends the program when an entry had no effect: the workload then does not fit the tables of kinds. */
void town_check(struct town *t);
/* The other machine knows the same items. */
void town_share(struct town *to, const struct town *from);
void town_clear(struct town *t);

#endif
