/*
 * Ten thousand entries of one plan, made from a seed: every kind, every field, good values and bad ones, void and
 * withdrawn writes, forks. Owns: the making. Must not: depend on anything but the seed; so no two random numbers are
 * drawn in one expression, whose order a compiler chooses.
 */
#ifndef CP_TESTS_CORPUS_H
#define CP_TESTS_CORPUS_H

#include "proto/chunk.h"
#include "proto/member.h"
#include "proto/record.h"

enum { CORPUS_PEOPLE = 24, CORPUS_CHAINS = 2 * CORPUS_PEOPLE };

struct corpus_person {
    uint8_t key[3][CP_KEY_LEN]; /* device, identity, recovery */
    uint8_t secret[3][64];
    uint8_t person[CP_ID_LEN];
    uint8_t incarnation[CP_INCARNATION_LEN];
    size_t last[2]; /* this device's last entry of each class, + 1; 0: none */
};
struct corpus_entry {
    uint8_t id[CP_ID_LEN], sig[CP_SIG_LEN];
    struct cp_header header;
    struct cp_entry entry; /* one block, from entry.header.ptr on */
    size_t author;
    uint8_t target[CP_ID_LEN]; /* what it touches; zeros: nothing */
    bool is_void, withdrawn;
};
struct corpus {
    uint64_t seed;
    struct corpus_person people[CORPUS_PEOPLE];
    size_t people_in;
    uint8_t plan[CP_ID_LEN];
    uint8_t invites[CORPUS_PEOPLE][CP_ID_LEN];
    struct corpus_entry *entries;
    size_t count, max;
    struct cp_draft draft;
    struct cp_buf frame, words;
};

/* Makes `max` entries. */
void corpus_make(struct corpus *c, uint64_t seed, size_t max);
void corpus_clear(struct corpus *c);
/* Entries in order of arrival, rows 0 .. count - 1. */
struct cp_entry_source corpus_source(struct corpus *c);

#endif
