/*
 * A drawn history as the bytes that proto/ and daemon/ read: frames with real layouts, and signatures by a stand-in (a
 * hash of key and text, which a program that links this takes for Ed25519), since real ones would take all the time.
 * Owns: the writing. Must not: decide anything.
 */
#ifndef CP_TESTS_MODEL_ENCODE_H
#define CP_TESTS_MODEL_ENCODE_H

#include "proto/member.h"
#include "tests/model/standing.h"

struct encoded {
    uint8_t plans[ST_PLANS][CP_ID_LEN]; /* as they are numbered in the history */
    uint8_t ids[ST_ENTRIES][CP_ID_LEN];
    uint8_t join_ids[ST_JOINS][CP_ID_LEN];
    uint8_t statement_ids[ST_STATEMENTS][CP_ID_LEN];
    struct cp_buf frames[ST_ENTRIES]; /* reused from history to history */
    struct cp_buf joins[ST_JOINS], texts[ST_STATEMENTS];
    struct cp_buf fields, text, cut, cuts[ST_CUTS]; /* while writing */
};
void encoded_init(struct encoded *e);
void encoded_clear(struct encoded *e);
/* Begins a history: nothing is written yet. A plan's id is its first entry's. */
void encode_begin(struct encoded *e);
/* The frame of entry `at`, when all before it have their ids in e->ids (FIRST: none needed). */
void encode_frame(struct encoded *e, const struct st_history *h, int at);

const uint8_t *encode_device(int device);
const uint8_t *encode_identity(int key);
const uint8_t *encode_person(int person);
void encode_incarnation(const struct st_history *h, int chain, uint8_t out[CP_INCARNATION_LEN]);
void encode_secret(int entry, uint8_t out[CP_KEY_LEN]);
/* The stand-in for a signature. */
void encode_sign(enum cp_tag tag, struct cp_bytes text, const uint8_t *key, uint8_t sig[CP_SIG_LEN]);

#endif
