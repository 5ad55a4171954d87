/*
 * What a fault sweep is made of: a world (disks and prepared bytes), operations of the store, ways to fail, and what
 * must be true afterwards. test_faults.c says which are swept.
 * Owns: the judgement. Must not: know how the store does its work, other than by the contract in daemon/store.h.
 *
 * One try = a copy of the world's disk, the operation's preparation without faults, the operation with one fault at
 * the n-th call, then the same process goes on where it can, then it ends (closed, killed or without power), and the
 * disk is opened again and judged.
 */
#ifndef CP_TESTS_SIM_FAULTS_H
#define CP_TESTS_SIM_FAULTS_H

#include "daemon/store.h"
#include "tests/sim/faults_memory.h"
#include "tests/sim/vfs.h"
#include "tests/support/group.h"

#define FAULT_BYTES_MAX 8192U
#define FAULT_TOKEN     21U /* whose key is token_key */

/* Prepared bytes that outlive their makers. */
struct fault_bytes {
    uint8_t at[FAULT_BYTES_MAX];
    size_t len;
};

struct fault_world {
    struct someone a, b, c; /* a's homes; b is in; c is not */
    uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
    uint64_t entries; /* held by all homes that have the plan */
    uint8_t log[CP_ID_LEN];
    uint8_t incarnation[CP_INCARNATION_LEN]; /* of them all */
    struct sim_disk *empty;
    struct sim_disk *hot;     /* a's home, its process killed: the log is not yet in the database */
    struct sim_disk *cold;    /* the same, closed as it should be */
    struct sim_disk *unkeyed; /* made, never unlocked */
    struct sim_disk *damaged; /* like cold; one entry's body has a flipped bit */
    struct sim_disk *wide;    /* like hot, with a log so long that the next commit writes it back */
    /* Chunks: b's new entry; three that are held, the item among them; b's other branch; a's own by a copied home. */
    struct fault_bytes fresh, known, forked, own;
    struct fault_bytes apart; /* a control entry of b's, made apart from a's next one */
    struct fault_bytes taken_back; /* b's WITHDRAW of what b said about the item */
    uint8_t said[CP_ID_LEN], withdraw[CP_ID_LEN]; /* that entry and that WITHDRAW */
    struct fault_bytes said_sealed; /* the body of `said` as a's disks hold it */
    char last_note[16]; /* of `wide`: written last */
    uint8_t token_key[CP_KEY_LEN];
    struct fault_bytes first, invite, item_frame, item_words; /* frames and words of own entries */
};
void fault_world_make(struct fault_world *w);
void fault_world_free(struct fault_world *w);

enum fault_way {
    FAULT_ONE_CALL,    /* the n-th call to the disk fails once */
    FAULT_FROM_CALL,   /* and every later one of its kind, until the disk is changed */
    FAULT_FULL,        /* n x 100 bytes of room */
    FAULT_SQLITE_HEAP, /* SQLite's n-th allocation */
    FAULT_STORE_HEAP,  /* the store's */
    FAULT_POWER,       /* power cut at the n-th call */
    FAULT_KILL,        /* the process ends at the n-th call */
    FAULT_WAYS
};
extern const char *const fault_way_names[FAULT_WAYS];

/* One try. */
struct fault_try {
    const struct fault_world *world;
    const struct fault_op *op;
    enum fault_way way;
    uint64_t n;
    uint64_t seed;

    struct sim_disk *disk;
    struct cp_store *store;
    struct fault_heap heap;
    uint64_t random;
    enum cp_err err;
    uint8_t acked[8][CP_ID_LEN]; /* own entries whose commit said OK in this try */
    size_t acked_count;
    uint8_t tried[4][CP_ID_LEN]; /* own entries of the last transaction: all of them stay, or none */
    size_t tried_count;
    bool own_taken_back; /* the entries tried are a's WITHDRAW of the item's words */
    uint8_t founded[CP_ID_LEN]; /* a plan made in this try */
    bool founded_acked;
    uint8_t log[CP_ID_LEN];  /* the log's digest before the fault */
    uint8_t seen[CP_ID_LEN]; /* what reading gave before the fault */
    bool hit;                /* the fault came about */
    char why[256];           /* what was not as it must be; "" when all was */
};

struct fault_op {
    const char *name;
    size_t disk;                                 /* offset of the disk it begins with in struct fault_world */
    enum cp_err (*prepare)(struct fault_try *t); /* without faults; NULL: nothing, not even opening */
    enum cp_err (*act)(struct fault_try *t); /* with the fault; leaves no transaction open when it fails */
    bool again;                              /* act must succeed when it is called again after the fault */
    bool forks;                              /* the plan may have a fork afterwards */
    bool own_log;                            /* prepare wrote entries */
};
extern const struct fault_op fault_ops[];
extern const size_t fault_ops_count;

/* Runs one try; false with t->why when something is not as it must be. */
bool fault_run(struct fault_try *t);

/* For operations. */
enum cp_err fault_open(struct fault_try *t);
enum cp_err fault_unlock(struct fault_try *t);
/* `count` own entries of a in one transaction. */
enum cp_err fault_write(struct fault_try *t, enum cp_class class, size_t count);

#endif
