/*
 * What the files of the keeper share: the layout of the key file in memory, sealing, and the recovery sheet.
 * Nobody outside keeper*.c, kdf.c and their tests includes this.
 *
 * Key file: ["coplan keys", version, body (bin), checksum], the same outer array in every version, so that a
 * newer home is told from a damaged one. checksum = H(KEYFILE, version as u64 | body). Versions 1 and 2:
 *   body   = [machine, [person, ...]]
 *   machine= [curve key, box key, sealed curve secret, sealed box secret]
 *   person = [person id, identity key, recovery key, device key, kdf, sealed name, sealed storage key,
 *             sealed identity seed, sealed device seed]
 *            in version 2 also 1 or 0: the device seed is sealed under the person's own seal key, or as in version 1
 *   kdf    = [method, salt, passes, memory, seal key or nil]     method: argon2id13, weak, none
 * Sealed: nonce (24) | XChaCha20-Poly1305 ciphertext. What it is for and whose it is are authenticated with
 * it, so a part copied to another place does not open. Name, device seed and the machine's secrets are sealed
 * under the storage key; storage key and identity seed under the person's seal key. On a device that several share,
 * device seeds are sealed like identity seeds, so that nobody's unlocking lets anybody write as somebody else; a file
 * is of version 2 as soon as one is.
 */
#ifndef CP_KEEPER_INTERNAL_H
#define CP_KEEPER_INTERNAL_H

#include "daemon/keeper.h"

#define CP_KEYFILE_VERSION 2U /* the newest; 1 is still written where it says enough */
#define CP_KEYFILE_MAX     65536U /* 32 persons take less than 24 KiB */
#define CP_SEAL_EXTRA      40U    /* nonce and tag */
#define CP_SEALED_KEY_LEN  (32U + CP_SEAL_EXTRA)
#define CP_SHEET_SEED_LEN  16U

#define CP_KDF_MEMORY_MAX   (1024ULL * 1024 * 1024) /* a key file that asks for more is no key file of ours */
#define CP_KDF_PASSES_MAX   20U
#define CP_KDF_MEMORY_FLOOR (64ULL * 1024 * 1024) /* below this, or below the passes, it is called weak */
#define CP_KDF_PASSES_FLOOR 3U

/* What a sealed part is for; written into what its seal authenticates. */
enum cp_part {
    CP_PART_CURVE = 1,
    CP_PART_BOX,
    CP_PART_NAME,
    CP_PART_STORAGE,
    CP_PART_IDENTITY,
    CP_PART_DEVICE,
    CP_PART_PRIVATE
};

struct cp_keeper_slot {
    struct cp_keeper_person pub; /* pub.name points to `name` */
    uint8_t plain_seal[32];      /* kdf.none: the seal key as it stands in the file */
    uint8_t sealed_name[CP_NAME_MAX + CP_SEAL_EXTRA];
    size_t sealed_name_len;
    uint8_t sealed_storage[CP_SEALED_KEY_LEN];
    uint8_t sealed_identity[CP_SEALED_KEY_LEN];
    uint8_t sealed_device[CP_SEALED_KEY_LEN];
    bool own_device; /* sealed_device is sealed under the person's seal key */
    char name[CP_NAME_MAX + 1]; /* "" while locked */
};

struct cp_keeper_secrets {
    uint8_t storage[32];
    uint8_t curve[CP_KEY_LEN];
    uint8_t box[CP_KEY_LEN];
    uint8_t device[CP_PERSONS_MAX][crypto_sign_SECRETKEYBYTES];
    bool awake[CP_PERSONS_MAX]; /* device[i] is there */
};

struct cp_keeper {
    char path[1088];
    uint8_t curve_key[CP_KEY_LEN];
    uint8_t box_key[CP_KEY_LEN];
    uint8_t sealed_curve[CP_SEALED_KEY_LEN];
    uint8_t sealed_box[CP_SEALED_KEY_LEN];
    size_t count;
    struct cp_keeper_slot persons[CP_PERSONS_MAX];
    struct cp_keeper_secrets *open; /* guarded memory; NULL while locked */
    struct cp_keeper_slot *before;  /* guarded memory: person before_of as they were, and as they became; NULL: nobody became another */
    size_t before_of;
};

/* malloc; for buffers without secrets. */
const struct cp_mem *cp_keeper_mem(void);

/* Seals plain[0..len) into out (len + CP_SEAL_EXTRA); opening is false when it is not what was sealed. */
void cp_part_seal(const uint8_t key[static 32], enum cp_part part, const uint8_t whose[static 32],
                  const uint8_t *plain, size_t len, uint8_t *out);
CP_MUST_USE bool cp_part_open(const uint8_t key[static 32], enum cp_part part, const uint8_t whose[static 32],
                              const uint8_t *sealed, size_t sealed_len, uint8_t *out);

/* The file's bytes. Reading judges everything but what a key is needed for. DAMAGED_KEY, NEWER_HOME. */
void cp_keyfile_encode(const struct cp_keeper *k, struct cp_buf *out);
CP_MUST_USE enum cp_err cp_keyfile_decode(struct cp_bytes bytes, struct cp_keeper *k);
/* k->path: written new, synced, renamed, its folder synced. DISK_FULL, IO. */
CP_MUST_USE enum cp_err cp_keyfile_save(const struct cp_keeper *k);
/* NO_HOME, IO, and those of decoding. */
CP_MUST_USE enum cp_err cp_keyfile_load(struct cp_keeper *k);

/* Keeps person i as they are, for cp_keeper_undo: before they are changed; cp_keeper_changed behind it. NO_MEMORY. */
CP_MUST_USE enum cp_err cp_keeper_remember(struct cp_keeper *k, size_t i);
/* Writes the file with what was changed since. When that fails, person i is as before, and nothing is kept. */
CP_MUST_USE enum cp_err cp_keeper_changed(struct cp_keeper *k);

/* Opens person i's identity seed with their seal key (their own in the file when there is no passphrase). */
CP_MUST_USE enum cp_err cp_keeper_identity(const struct cp_keeper *k, size_t person,
                                           const uint8_t seal[static 32], uint8_t seed[static 32]);

/* sig over tag | message. NO_MEMORY. */
CP_MUST_USE enum cp_err cp_keeper_sign_tagged(enum cp_tag tag, struct cp_bytes message,
                                              const uint8_t secret[static crypto_sign_SECRETKEYBYTES],
                                              uint8_t sig[static CP_SIG_LEN]);
/* A JOIN; sheet_secret: the recovery key, of a recovery alone. */
CP_MUST_USE enum cp_err cp_keeper_write_join(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                             enum cp_join_how how, const uint8_t plan[static CP_ID_LEN],
                                             const uint8_t invite[static CP_ID_LEN], const uint8_t *token,
                                             const uint8_t *sheet_secret, struct cp_bytes name, struct cp_buf *join);

/* "XXXX-XXXX-..." of eight groups: the seed and 4 bytes of check, in Crockford's base 32 (no I, L, O, U). */
void cp_sheet_write(const uint8_t seed[static CP_SHEET_SEED_LEN], char out[static CP_SHEET_MAX]);
/* As typed: any case, O for 0, I and L for 1, spaces and dashes anywhere. False when the check fails. */
CP_MUST_USE bool cp_sheet_read(struct cp_bytes typed, uint8_t seed[static CP_SHEET_SEED_LEN]);
/* The same, and one letter may be wrong: then *group and *letter say which (from 1), else 0. */
CP_MUST_USE bool cp_sheet_forgive(struct cp_bytes typed, uint8_t seed[static CP_SHEET_SEED_LEN], unsigned *group,
                                  unsigned *letter);
/* The recovery key pair of a sheet; the caller wipes secret. */
void cp_sheet_keys(const uint8_t seed[static CP_SHEET_SEED_LEN], uint8_t key[static CP_KEY_LEN],
                   uint8_t secret[static crypto_sign_SECRETKEYBYTES]);

#endif
