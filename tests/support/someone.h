/*
 * People with real keys, made from a number, and what they sign: JOINs and statements.
 * Must not: make entries of it; group.h does for a store, control.h for a list of control entries.
 */
#ifndef CP_TESTS_SOMEONE_H
#define CP_TESTS_SOMEONE_H

#include "daemon/store.h"

struct someone {
    uint8_t device[CP_KEY_LEN], device_secret[64];
    uint8_t identity[CP_KEY_LEN], identity_secret[64];
    uint8_t recovery[CP_KEY_LEN], recovery_secret[64];
    uint8_t curve[CP_KEY_LEN];
    uint8_t box[CP_KEY_LEN]; /* zeros: their JOINs name the CURVE key for it */
    uint8_t person[CP_ID_LEN];
    struct cp_signer signer; /* signs entries for this device */
};
void someone_make(struct someone *p, unsigned number);
/* A pair of keys for whatever else a test signs with: a token, say. */
void someone_pair(unsigned number, unsigned use, uint8_t key[CP_KEY_LEN], uint8_t secret[64]);
void someone_signs(enum cp_tag tag, struct cp_bytes text, const uint8_t secret[64], uint8_t sig[CP_SIG_LEN]);

/* A JOIN of `who`; what is NULL is their own. */
struct joining {
    const struct someone *who;
    enum cp_join_how how;
    enum cp_statement_by by;      /* as it should be: by the recovery key where `how` is a recovery */
    const struct someone *device; /* whose device comes */
    const struct someone *key;    /* whose identity key it names and, by the identity key, is signed by */
    const uint8_t *plan, *invite; /* NULL: a founder's */
    const uint8_t *token_secret;  /* NULL: a founder's */
};
/* Appends the join array. */
void someone_joins(const struct joining *j, struct cp_buf *join);

/* A statement of `of`, signed by signer's key: its text, appended, and the signature. */
void someone_says(enum cp_statement_kind kind, const struct someone *of, const struct someone *signer,
                  enum cp_statement_by by, const uint8_t plan[CP_ID_LEN], const struct cp_buf *fields,
                  struct cp_buf *text, uint8_t sig[CP_SIG_LEN]);

#endif
