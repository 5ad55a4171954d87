/*
 * The keeper: the one place that holds secret keys, behind the short list of requests below.
 * Owns: the key file of a home (keys), its sealing, and the bytes of everything that is signed.
 * Must not: hand out a signing key, sign bytes that it did not lay out itself, know the store or the network.
 *
 * A home has one machine (random CURVE and box keys, storage key) and one or more persons, each with an identity
 * key (sealed by the passphrase alone; opened for one statement at a time) and a device key (sealed under the
 * storage key). The storage key is sealed once per person under that person's passphrase. The recovery key exists
 * on a printed sheet only. File: one canonical array with a checksum, written to a new file, synced, renamed.
 * Secrets live in sodium_malloc memory and are wiped by lock and free.
 */
#ifndef CP_KEEPER_H
#define CP_KEEPER_H

#include "proto/answer_others.h"
#include "proto/backup.h"
#include "proto/member.h"

#define CP_PASSPHRASE_MAX 1024U
#define CP_PERSONS_MAX    32U /* a shared tablet, not a server */
#define CP_SHEET_MAX      256U

struct cp_keeper;

/* What Argon2id needs; public. Read from the file with caps (1 GiB, 20 passes) so that it is no memory bomb. */
struct cp_kdf {
    uint8_t salt[16];
    uint64_t passes;
    uint64_t memory; /* bytes */
    bool none;       /* "no passphrase": the seal key is kept in the file, plainly labelled */
};
/* Runs Argon2id13; the only slow call (about a second), pure and safe on the helper thread. NO_MEMORY. */
CP_MUST_USE enum cp_err cp_kdf_run(const struct cp_kdf *kdf, struct cp_bytes passphrase,
                                   uint8_t out[static 32]);
/* Measures this machine and chooses: about 1 s, at least 64 MiB and 3 passes. COPLAN_TEST_KDF=weak in the
 * environment chooses libsodium's minimum, for tests only; the file then says so ("weak") and status shows it. */
void cp_kdf_choose(struct cp_kdf *out, bool none);

/* The measure for the words of an invitation: the floor, on every machine the same, since two of them have to come to the same
 * secret. COPLAN_TEST_KDF=weak as above. */
void cp_kdf_spoken(struct cp_kdf *out);

/* "argon2id13", "weak" (below the floor: a test's home) or "none", as in the file; static. */
const char *cp_kdf_word(const struct cp_kdf *kdf);

/* Makes the keys of a new home in memory and its file at PATH (must not exist: HOME_EXISTS). `seal` is
 * cp_kdf_run's output (ignored when kdf->none). sheet gets the recovery sheet's text, eight groups of
 * letters and digits, printed once. HOME_EXISTS, BAD_VALUE (the name), DISK_FULL, IO. The new keeper is locked. */
CP_MUST_USE enum cp_err cp_keeper_create(struct cp_keeper **out, const char *path, struct cp_bytes name,
                                         const struct cp_kdf *kdf, const uint8_t seal[static 32],
                                         char sheet[static CP_SHEET_MAX]);
/* Errors: NO_HOME, DAMAGED_KEY (checksum, layout), NEWER_HOME. A fresh keeper is locked. */
CP_MUST_USE enum cp_err cp_keeper_open(struct cp_keeper **out, const char *path);
void cp_keeper_free(struct cp_keeper *k);

/* ---- Public facts, also while locked ---- */
struct cp_keeper_person {
    uint8_t person[CP_ID_LEN];
    uint8_t identity_key[CP_KEY_LEN];
    uint8_t recovery_key[CP_KEY_LEN];
    uint8_t device_key[CP_KEY_LEN];
    struct cp_kdf kdf;
    const char *name; /* sealed on disk: "" while locked */
};
size_t cp_keeper_count(const struct cp_keeper *k);
const struct cp_keeper_person *cp_keeper_person(const struct cp_keeper *k, size_t i);
void cp_keeper_machine(const struct cp_keeper *k, uint8_t curve_key[static CP_KEY_LEN],
                       uint8_t box_key[static CP_KEY_LEN]);

/* ---- Requests ---- */
/* Opens machine and storage keys, and the person's device key, with the person's seal key; so does every device key
 * that no passphrase guards. Where the machine is open it wakes the person. WRONG_PASSPHRASE. */
CP_MUST_USE enum cp_err cp_keeper_unlock(struct cp_keeper *k, size_t person, const uint8_t seal[static 32]);
/* Is this the person's seal key? Opens nothing. WRONG_PASSPHRASE. */
CP_MUST_USE enum cp_err cp_keeper_check(const struct cp_keeper *k, size_t person,
                                        const uint8_t seal[static 32]);
/* Unlocks a home whose person i has no passphrase. NO_PASSPHRASE never; WRONG_PASSPHRASE when it has one. */
CP_MUST_USE enum cp_err cp_keeper_unlock_plain(struct cp_keeper *k);
void cp_keeper_lock(struct cp_keeper *k);
/*
 * A further person of this machine, awake at once. The home must be unlocked; their device key is sealed under their
 * own seal key, so only they can wake it. LOCKED, BAD_VALUE (the name, or somebody here has it), TOO_BIG (no room),
 * DISK_FULL, IO: then nothing has changed.
 */
CP_MUST_USE enum cp_err cp_keeper_add(struct cp_keeper *k, struct cp_bytes name, const struct cp_kdf *kdf,
                                      const uint8_t seal[static 32], char sheet[static CP_SHEET_MAX]);
/*
 * Another passphrase for person i, or none (kdf->none; new_seal is ignored then): what the old one (`old_seal`, ignored where
 * there was none) opens is sealed under the new one. Older copies of the key file, and backups, still open with the old one.
 * LOCKED, WRONG_PASSPHRASE, NO_MEMORY, DISK_FULL, IO: then nothing has changed.
 */
CP_MUST_USE enum cp_err cp_keeper_reseal(struct cp_keeper *k, size_t person, const uint8_t old_seal[static 32],
                                         const struct cp_kdf *kdf, const uint8_t new_seal[static 32]);
/* Is the person's device key open, so that entries can be written as them? */
bool cp_keeper_awake(const struct cp_keeper *k, size_t person);
/* Ends one person's session: their device key is wiped; machine and store stay open. Without effect on somebody who
 * has no passphrase. cp_keeper_unlock wakes them again. */
void cp_keeper_sleep(struct cp_keeper *k, size_t person);
bool cp_keeper_locked(const struct cp_keeper *k);
/* Is this the storage key that the machine's own keys are sealed under? Opens nothing. */
bool cp_keeper_storage_is(const struct cp_keeper *k, const uint8_t storage[static 32]);
/* How this person signs here: "own device", "shared device", each also ", no passphrase"; static. */
const char *cp_keeper_method(const struct cp_keeper *k, size_t person);
/* Borrowed until lock; NULL while locked. For the store and the net, once each. */
const uint8_t *cp_keeper_storage_key(const struct cp_keeper *k);
const uint8_t *cp_keeper_curve_secret(const struct cp_keeper *k);

/* Signs an entry by a device of this home: computes the id itself. LOCKED (or its person is not awake), NOT_FOUND
 * (not a device here). */
CP_MUST_USE enum cp_err cp_keeper_sign_entry(struct cp_keeper *k, const uint8_t device[static CP_KEY_LEN],
                                             const uint8_t plan[static CP_ID_LEN], struct cp_bytes header,
                                             uint8_t id[static CP_ID_LEN], uint8_t sig[static CP_SIG_LEN]);
/*
 * Builds and signs a JOIN of person i: token NULL for a founder (plan and invite zero). Appends the join array.
 * `seal` opens the identity key for this call (ignored when the person has no passphrase).
 * Errors: LOCKED, WRONG_PASSPHRASE, BAD_VALUE (the name).
 */
CP_MUST_USE enum cp_err cp_keeper_join(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                       const uint8_t plan[static CP_ID_LEN],
                                       const uint8_t invite[static CP_ID_LEN],
                                       const uint8_t *token /* CP_TOKEN_LEN */, struct cp_bytes name,
                                       struct cp_buf *join);
/* The same for a further device of a person who is in the plan (CP_JOIN_DEVICE): signed also by the identity key. */
CP_MUST_USE enum cp_err cp_keeper_join_device(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                              const uint8_t plan[static CP_ID_LEN],
                                              const uint8_t invite[static CP_ID_LEN],
                                              const uint8_t token[static CP_TOKEN_LEN], struct cp_bytes name,
                                              struct cp_buf *join);

/* ---- A further device of the same person (keeper_link.c) ---- */
/* What the person's other device needs: their keys and the sealed identity, as it stands in the key file. `seal` as in
 * cp_keeper_join: handing it out is a deliberate act. LOCKED, WRONG_PASSPHRASE. The caller wipes *out. */
CP_MUST_USE enum cp_err cp_keeper_carry(const struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                        struct cp_carry *out);
/* What Argon2 must be run with to open a carry. BAD_INVITATION: more than a key file of ours ever asks for, or less. */
CP_MUST_USE enum cp_err cp_carry_kdf(const struct cp_carry *carry, struct cp_kdf *out);
/*
 * Person i becomes the person of the carry: identity and recovery keys are theirs from now on, and so is the
 * passphrase (`seal`: its Argon2 output; ignored when the carry has none, then what guarded person i goes on guarding:
 * `own_seal`). Device key, name and machine stay. What was person i's before is gone: the caller sees to it that they
 * were in no plan. LOCKED, WRONG_PASSPHRASE, AMBIGUOUS (somebody else here is that person), DISK_FULL, IO: nothing changed.
 */
CP_MUST_USE enum cp_err cp_keeper_adopt(struct cp_keeper *k, size_t i, const struct cp_carry *carry,
                                        const uint8_t seal[static 32], const uint8_t own_seal[static 32]);
/* What cp_keeper_adopt would say, but for the disk; nothing is changed. */
CP_MUST_USE enum cp_err cp_keeper_may_adopt(const struct cp_keeper *k, size_t i, const struct cp_carry *carry,
                                            const uint8_t seal[static 32], const uint8_t own_seal[static 32]);
/*
 * The last cp_keeper_adopt, cp_keeper_become or cp_keeper_renew, taken back: its JOIN was refused, and person i is who they were. Also while
 * locked. *undone: there was one that nothing has changed since. DISK_FULL, IO: it stands.
 */
CP_MUST_USE enum cp_err cp_keeper_undo(struct cp_keeper *k, size_t i, bool *undone);
/* It stands: what was before is wiped. */
void cp_keeper_settle(struct cp_keeper *k);

/*
 * Writes and signs an answer: fills key, person and method (cp_keeper_method) from person i; in one on paper or by a
 * proxy, who writes and signs (`by`) instead of person and method. Then writes the text and signs its SSHSIG preimage.
 * Appends the text; sig gets the raw signature. Errors as cp_keeper_join, TOO_BIG.
 */
CP_MUST_USE enum cp_err cp_keeper_answer(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                         struct cp_answer *answer, struct cp_buf *text,
                                         uint8_t sig[static CP_SIG_LEN]);

/* The same for what a witness saw (fills witness and key) and for a mandate (person and key). */
CP_MUST_USE enum cp_err cp_keeper_witness(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                          struct cp_witness *witness, struct cp_buf *text,
                                          uint8_t sig[static CP_SIG_LEN]);
CP_MUST_USE enum cp_err cp_keeper_mandate(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                          struct cp_mandate *mandate, struct cp_buf *text,
                                          uint8_t sig[static CP_SIG_LEN]);
/* ---- Bundles (keeper_box.c) ---- */
/* A bundle's key in a sealed box to this X25519 key, by nobody in particular: a plan's door. False: no such key. */
bool cp_box_to(const uint8_t to[static CP_KEY_LEN], const uint8_t key[static 32], uint8_t slot[static 80]);
/*
 * The same to a machine's box key, by this machine: that machine alone can tell that it was made with the secret of our CURVE
 * key, for this bundle key and for this word of ours (`seen`: what SEEN signs). False: no such key, or locked.
 */
bool cp_keeper_box_to(const struct cp_keeper *k, const uint8_t to[static CP_KEY_LEN], const uint8_t seen[static CP_ID_LEN],
                      const uint8_t key[static 32], uint8_t slot[static 80]);
/* Was a slot that cp_keeper_box_open opened made so, by the machine of this CURVE key? */
bool cp_keeper_box_is_by(const struct cp_keeper *k, const uint8_t machine[static CP_KEY_LEN],
                         const uint8_t seen[static CP_ID_LEN], const uint8_t key[static 32], const uint8_t slot[static 80]);
/* How both are made, of the secret that the two keys share (X25519); nothing of it is kept. */
struct cp_box_by {
    const uint8_t *shared;      /* 32 bytes */
    const uint8_t *from, *to;   /* the writer's CURVE key, the reader's box key */
    const uint8_t *seen, *key;
};
bool cp_box_by(const struct cp_box_by *b, uint8_t slot[static 80]);
bool cp_box_is_by(const struct cp_box_by *b, const uint8_t slot[static 80]);
/* Opens a slot with this machine's box key, or with a plan's door; false when it is not for it, or while locked. */
bool cp_keeper_box_open(const struct cp_keeper *k, const uint8_t slot[static 80], uint8_t key[static 32]);
bool cp_door_box_open(const uint8_t plan_secret[static CP_KEY_LEN], const uint8_t slot[static 80], uint8_t key[static 32]);
/* A device's word on what its machine holds: signs the hash of proto/bundle.h under a tag of its own. LOCKED, NOT_FOUND. */
CP_MUST_USE enum cp_err cp_keeper_seen(struct cp_keeper *k, const uint8_t device[static CP_KEY_LEN],
                                       const uint8_t hash[static CP_ID_LEN], uint8_t sig[static CP_SIG_LEN]);

/* Seals and opens what person i keeps for themselves (private.h), under the storage key, for them alone. Appended.
 * LOCKED; opening: DAMAGED_PRIVATE. */
CP_MUST_USE enum cp_err cp_keeper_seal_private(const struct cp_keeper *k, size_t person, struct cp_bytes plain,
                                               struct cp_buf *out);
CP_MUST_USE enum cp_err cp_keeper_open_private(const struct cp_keeper *k, size_t person, struct cp_bytes sealed,
                                               struct cp_buf *out);
/*
 * Writes and signs a WITHDRAW by person i for these entries (ascending, each once). Appends the text; sig gets the raw
 * signature by the identity key. Errors as cp_keeper_join; BAD_VALUE (the entries).
 */
CP_MUST_USE enum cp_err cp_keeper_withdraw(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                           const uint8_t plan[static CP_ID_LEN], const uint8_t (*ids)[CP_ID_LEN],
                                           size_t count, struct cp_buf *text, uint8_t sig[static CP_SIG_LEN]);

/*
 * Writes and signs a REVOKE by person i of one of their devices: the cut as cp_cut_write gave it, in the place of the earlier
 * ones (ascending). Errors as cp_keeper_withdraw.
 */
CP_MUST_USE enum cp_err cp_keeper_revoke(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                         const uint8_t plan[static CP_ID_LEN], const uint8_t device[static CP_KEY_LEN],
                                         const uint8_t (*earlier)[CP_ID_LEN], size_t earlier_count, struct cp_bytes cut,
                                         struct cp_buf *text, uint8_t sig[static CP_SIG_LEN]);
/* The same for a LEAVE: the JOINs that it ends, by their statement ids. */
CP_MUST_USE enum cp_err cp_keeper_leave(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                        const uint8_t plan[static CP_ID_LEN], const uint8_t (*joins)[CP_ID_LEN],
                                        size_t count, struct cp_buf *text, uint8_t sig[static CP_SIG_LEN]);

/* The same for a FOLLOW into `plan`, which carries on `old`. */
CP_MUST_USE enum cp_err cp_keeper_follow(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                         const uint8_t plan[static CP_ID_LEN], const uint8_t old[static CP_ID_LEN],
                                         struct cp_buf *text, uint8_t sig[static CP_SIG_LEN]);

/* ---- The recovery sheet (keeper_recover.c) ---- */
/* A sheet that was typed. The caller wipes it. */
struct cp_sheet {
    uint8_t seed[16];
    uint8_t key[CP_KEY_LEN];  /* the public half of the recovery key */
    unsigned group, letter;   /* from 1: the one letter that was typed wrong and is forgiven; 0: none was */
};
/* Forgives case, spaces, dashes, O for 0, I and L for 1, and one wrong letter. BAD_SHEET. */
CP_MUST_USE enum cp_err cp_keeper_sheet(struct cp_bytes typed, struct cp_sheet *out);
/*
 * Person i becomes the person that an invitation to come back names, whose sheet this is: their id and recovery key, and a new
 * identity key for them. What was person i's before is gone: the caller sees to it that they were in no
 * plan. LOCKED, WRONG_PASSPHRASE, AMBIGUOUS (somebody else here is that person), DISK_FULL, IO: nothing changed.
 */
CP_MUST_USE enum cp_err cp_keeper_become(struct cp_keeper *k, size_t i, const uint8_t seal[static 32],
                                         const uint8_t person[static CP_ID_LEN], const struct cp_sheet *sheet);
/* What cp_keeper_become would say, but for the disk; nothing is changed. */
CP_MUST_USE enum cp_err cp_keeper_may_become(const struct cp_keeper *k, size_t i, const uint8_t seal[static 32],
                                             const uint8_t person[static CP_ID_LEN]);
/* A new identity key for person i, in the file before it is named anywhere; cp_keeper_undo takes that back too. Errors as above. */
CP_MUST_USE enum cp_err cp_keeper_renew(struct cp_keeper *k, size_t i, const uint8_t seal[static 32]);
/* A JOIN signed by the recovery key instead of the identity key. Errors as cp_keeper_join. */
CP_MUST_USE enum cp_err cp_keeper_join_recovery(struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                                                const struct cp_sheet *sheet, const uint8_t plan[static CP_ID_LEN],
                                                const uint8_t invite[static CP_ID_LEN],
                                                const uint8_t token[static CP_TOKEN_LEN], struct cp_bytes name,
                                                struct cp_buf *join);
/* Writes and signs a KEY of person i that names their identity key as it is here. LOCKED, BAD_VALUE (the lists), TOO_BIG. */
CP_MUST_USE enum cp_err cp_keeper_key(struct cp_keeper *k, size_t person, const struct cp_sheet *sheet,
                                      const uint8_t plan[static CP_ID_LEN], const struct cp_key_lists *lists,
                                      struct cp_buf *text, uint8_t sig[static CP_SIG_LEN]);

/* ---- Backups (keeper_backup.c) ---- */
/* Fills a head with a new salt and a slot for each person, and the key of its frames, which the caller wipes. LOCKED. */
CP_MUST_USE enum cp_err cp_keeper_backup(const struct cp_keeper *k, struct cp_backup_head *h, uint8_t key[static 32]);
/* What Argon2 must be run with to try a slot. BAD_BODY: more than a key file of ours ever asks for, or less. */
CP_MUST_USE enum cp_err cp_backup_slot_kdf(const struct cp_backup_slot *s, struct cp_kdf *out);
/* Opens slot i with a seal key (ignored where the slot has its own): the storage key and the key of the frames, which
 * the caller wipes. False: it is not the one. */
CP_MUST_USE bool cp_backup_slot_open(const struct cp_backup_head *h, size_t i, const uint8_t seal[static 32],
                                     uint8_t storage[static 32], uint8_t key[static 32]);

/* ---- Derivations from secrets that others hold for one call ---- */
/* The public halves that an INVITE states. */
void cp_token_public(const uint8_t token[static CP_TOKEN_LEN], uint8_t sign_key[static CP_KEY_LEN],
                     uint8_t curve_key[static CP_KEY_LEN]);
/* The CURVE pair of a token or of a plan secret's door; the caller wipes secret. */
void cp_token_curve(const uint8_t token[static CP_TOKEN_LEN], uint8_t key[static CP_KEY_LEN],
                    uint8_t secret[static CP_KEY_LEN]);
void cp_door_curve(const uint8_t plan_secret[static CP_KEY_LEN], uint8_t key[static CP_KEY_LEN],
                   uint8_t secret[static CP_KEY_LEN]);
/* The CURVE pair of a plan secret's ticket at one carrier; the caller wipes secret. */
void cp_ticket_curve(const uint8_t plan_secret[static CP_KEY_LEN], const uint8_t carrier[static CP_KEY_LEN],
                     uint8_t key[static CP_KEY_LEN], uint8_t secret[static CP_KEY_LEN]);
void cp_door_proof_key(const uint8_t plan_secret[static CP_KEY_LEN], uint8_t out[static CP_KEY_LEN]);

#endif
