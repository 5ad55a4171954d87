/*
 * Every hash, key derivation and signature of the protocol, each under a tag of its own.
 * Owns: the list of tags. Must not: be bypassed (no other file names a BLAKE2b or Ed25519 context string).
 *
 * A tag is the text below followed by one zero byte. No tag holds a zero byte, so none is a prefix of
 * another; tests/unit/test_hash.c proves it from this list. Hash: BLAKE2b (RFC 7693), unkeyed unless said.
 * Signature: Ed25519 (RFC 8032) over tag | message, judged by libsodium.
 */
#ifndef CP_HASH_H
#define CP_HASH_H

#include <sodium.h>

#include "proto/bytes.h"

#define CP_TAG_LIST(X)                                                                                      \
    X(ENTRY_ID, "coplan/1 entry id")            /* plan id | header */                                      \
    X(ENTRY_SIG, "coplan/1 entry signature")    /* entry id */                                              \
    X(FRAME, "coplan/1 frame")                                                                              \
    X(WORDS, "coplan/1 words")                                                                              \
    X(BODY, "coplan/1 body")                    /* frame hash | words hash */                               \
    X(PERSON, "coplan/1 person id")             /* first identity key | recovery key */                     \
    X(STATEMENT_ID, "coplan/1 statement id")    /* statement text */                                        \
    X(STATEMENT_TOKEN, "coplan/1 statement by token")                                                       \
    X(STATEMENT_DEVICE, "coplan/1 statement by device")                                                     \
    X(STATEMENT_IDENTITY, "coplan/1 statement by identity")                                                 \
    X(STATEMENT_RECOVERY, "coplan/1 statement by recovery key")                                             \
    X(TOKEN_SIGN, "coplan/1 token signing seed")     /* token secret */                                     \
    X(TOKEN_CURVE, "coplan/1 token curve seed")      /* token secret */                                     \
    X(DOOR_CURVE, "coplan/1 door curve seed")        /* plan secret */                                      \
    X(DOOR_PROOF, "coplan/1 door proof")             /* keyed with a key derived from the secret */         \
    X(DOOR_PROOF_KEY, "coplan/1 door proof key")     /* plan secret */                                      \
    X(BEACON_KEY, "coplan/1 beacon key")             /* plan secret */                                      \
    X(CARRIER_KEY, "coplan/1 carrier key")           /* plan secret | the carrier's CURVE key */            \
    X(TICKET_CHECK, "coplan/1 ticket check")         /* a ticket's array; 4 bytes */                        \
    X(CARRIED, "coplan/1 carried bundle")            /* a bundle's bytes; 16 bytes */                       \
    X(PILE, "coplan/1 pile")                         /* local: plan | the ticket's two keys */              \
    X(CARRIER_FILE, "coplan/1 carrier file")         /* local: checksum of a carrier's file */              \
    X(BEACON_SLOT, "coplan/1 beacon slot")           /* keyed with the beacon key: an ask, as sent */       \
    X(SPOKEN_SALT, "coplan/1 spoken salt")           /* nothing; 16 bytes, for Argon2id */                  \
    X(SPOKEN_TOKEN, "coplan/1 spoken token")         /* the stretched secret of an invitation in words */   \
    X(SPOKEN_SLOT, "coplan/1 spoken slot")           /* the same | number of the slot, one byte */          \
    X(RECOVERY_SEED, "coplan/1 recovery seed")       /* 16 bytes of the sheet */                            \
    X(RECOVERY_CHECK, "coplan/1 recovery check")     /* 16 bytes of the sheet; 4 bytes */                   \
    X(INVITATION_CHECK, "coplan/1 invitation check") /* the invitation's array; 4 bytes */                  \
    X(TIPS_DIGEST, "coplan/1 tips digest")           /* plan | sender's CURVE key | sorted tips, 16 bytes */\
    X(TIP_HASH, "coplan/1 tip")                      /* keyed with the hash of the caller's greeting */     \
    X(GREETING, "coplan/1 greeting")                 /* the caller's greeting, as sent */                   \
    X(CHAIN_TAG, "coplan/1 chain tag")               /* plan written in | device | incarnation | class */   \
    X(PLAN_TAG, "coplan/1 plan tag")                 /* plan id | caller's CURVE key, 8 bytes */            \
    X(MERGED, "coplan/1 merged tips")                /* what both hold after an exchange */                 \
    X(CHUNK_CHECK, "coplan/1 chunk check")           /* a compact chunk: its entries' ids, 4 bytes */       \
    X(PIECE, "coplan/1 piece")                       /* of an attachment: number | bytes */                 \
    X(BUNDLE_STREAM, "coplan/1 bundle stream")       /* bundle key | its slots */                            \
    X(BUNDLE_SLOT, "coplan/1 bundle slot")           /* shared secret | both keys | seen | bundle key */     \
    X(BUNDLE_HEAD, "coplan/1 bundle head")           /* local: a bundle's slots; 16 bytes */               \
    X(SEEN, "coplan/1 seen")                         /* what a bundle says that its writer holds */         \
    X(SEEN_SIG, "coplan/1 seen signature")           /* by a device of the writer, over that hash */        \
    X(LOG_DIGEST, "coplan/1 log digest")             /* coplan digest: the entries held */                  \
    X(STATE_DIGEST, "coplan/1 state digest")         /* coplan digest: what is shown */                     \
    X(CHECK_WORDS, "coplan/1 check words")           /* version id */                                       \
    X(KEY_WORDS, "coplan/1 key words")               /* identity key */                                     \
    X(STORE_TARGET, "coplan/1 store target")         /* local: keyed row key of a record */                 \
    X(STORE_PIECE, "coplan/1 store piece")           /* local: salt of the words | entry id | number */     \
    X(STORE_NONCE, "coplan/1 store nonce")           /* local: nonce of a sealed column */                  \
    X(NETWORK, "coplan/1 network")                   /* local: how a network is known again; 16 bytes */    \
    X(KEYFILE, "coplan/1 key file")                  /* local: checksum of the key file */                  \
    X(BACKUP_HEAD, "coplan/1 backup head")           /* a backup's head; 16 bytes */                        \
    X(BACKUP_KEY, "coplan/1 backup key")             /* storage key | the head's salt */                    \
    X(BACKUP_CHECK, "coplan/1 backup key check")     /* backup key; 16 bytes */

enum cp_tag {
#define X(name, text) CP_TAG_##name,
    CP_TAG_LIST(X)
#undef X
        CP_TAG_COUNT
};

/* The tag's text, NUL-terminated (the NUL is part of what is hashed). */
const char *cp_tag_text(enum cp_tag tag);

/* Incremental hashing; caller storage, nothing to free. */
struct cp_hasher {
    crypto_generichash_state state;
};
void cp_hash_init(struct cp_hasher *h, enum cp_tag tag, size_t out_len /* 8 is made from 16 */);
void cp_hash_init_keyed(struct cp_hasher *h, enum cp_tag tag, size_t out_len, const uint8_t *key, size_t key_len);
void cp_hash_add(struct cp_hasher *h, const void *p, size_t len);
void cp_hash_add_u64(struct cp_hasher *h, uint64_t v); /* 8 bytes, big-endian */
void cp_hash_add_sized(struct cp_hasher *h, struct cp_bytes b); /* length as u64, then the bytes */
void cp_hash_end(struct cp_hasher *h, uint8_t *out, size_t out_len);

/* One-shot: hash of a | b with the tag. Lengths 1..64; under 16 the 16-byte hash is cut. */
void cp_hash2(enum cp_tag tag, struct cp_bytes a, struct cp_bytes b, uint8_t *out, size_t out_len);

/* Appends to `out` the bytes that a signature with this tag covers: tag text, NUL, message. */
void cp_sign_input(enum cp_tag tag, struct cp_bytes message, struct cp_buf *out);
/* True when sig is a strict Ed25519 signature by key over tag | message. Message at most CP_ENTRY_MAX. */
bool cp_sig_ok(enum cp_tag tag, struct cp_bytes message, const uint8_t sig[static CP_SIG_LEN],
               const uint8_t key[static CP_KEY_LEN]);

#endif
