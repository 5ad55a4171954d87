/*
 * Backups: one machine's whole home in a sealed file, as of one moment (design 5 "At rest", security 6).
 * Owns: the layout of the file's head and of its frames, in which order they may come, and the padded size.
 * Must not: open a seal with a passphrase (keeper_backup.c does), draw randomness, or know files and stores.
 *
 *   file  = "coplan backup 1" LF, length of the array (4), array, check (16), frame ...
 *   array = [salt (32), key check (16), [slot, ...]]
 *   slot  = [kdf salt (16), passes, memory, seal key (32) or nil, sealed storage key (72)]
 *   check = H(BACKUP_HEAD, everything before it)       damage there is told from a wrong passphrase
 *
 * A slot for each person of the machine: what their passphrase opens in the key file, so that any of them can
 * restore. A seal key stands in it (and passes and memory are 0) where its person has no passphrase: then anybody
 * can open the file. Slots are in ascending order of kdf salt, and nothing in the head names anybody. The sealed
 * storage key stands as in the key file (keeper_internal.h), where its seal also names its person; who that is lies
 * inside, so a reader first takes the cipher's bytes without its tag, asks the key check, and judges the tag when it
 * has the key file.
 *
 * backup key = H(BACKUP_KEY, storage key | salt); key check = H(BACKUP_CHECK, backup key). Frames are those of a bundle
 * (proto/bundle.h: numbered, the last one marked) under the backup key, with the whole head in the place of the slots.
 *
 * A frame's plaintext is one array, or padding: zero bytes and nothing else.
 *   BEGIN [0, claimed time, plans, entries, persons]   the counts are for display
 *   FILE  [1, name, size]      "keys", "plan.db", then "private-" and 16 hex digits, ascending; each once
 *   DATA  [2, bytes]           of that file, until it has its size
 *   END   [3]
 */
#ifndef CP_BACKUP_H
#define CP_BACKUP_H

#include "proto/bundle.h"
#include "proto/entry.h"

#define CP_BACKUP_MAGIC      "coplan backup 1\n"
#define CP_BACKUP_MAGIC_LEN  16U
#define CP_BACKUP_SLOTS_MAX  32U /* as many as persons of one machine */
#define CP_BACKUP_SEALED_LEN 72U
#define CP_BACKUP_HEAD_MAX   8192U /* 32 slots take less than 6 KiB */
#define CP_BACKUP_DATA_MAX   (256U * 1024U)
#define CP_BACKUP_NAME_MAX   24U
#define CP_BACKUP_FILES_MAX  (2U + CP_BACKUP_SLOTS_MAX)
#define CP_BACKUP_FILE_MAX   (1ULL << 40) /* far beyond what a plan promised to be fast at takes */

struct cp_backup_slot {
    uint8_t salt[16];
    uint64_t passes;
    uint64_t memory;
    bool none; /* `seal` opens it: its person has no passphrase */
    uint8_t seal[32];
    uint8_t sealed[CP_BACKUP_SEALED_LEN];
};
struct cp_backup_head {
    uint8_t salt[32];
    uint8_t key_check[16];
    struct cp_backup_slot slots[CP_BACKUP_SLOTS_MAX];
    size_t count;
    size_t len; /* of the head in bytes: where the first frame begins (set by reading) */
};
/* Appends the head; slots in ascending order of salt, 1 .. CP_BACKUP_SLOTS_MAX (the caller sees to it). */
void cp_backup_head_write(const struct cp_backup_head *h, struct cp_buf *out);
/*
 * Reads a head from the beginning of `bytes`, which may hold more. Errors: TRUNCATED (more bytes are needed),
 * NOT_CANONICAL (no backup), NEWER_RULES (a backup of another version), BAD_BODY (damaged).
 */
CP_MUST_USE enum cp_err cp_backup_head_read(struct cp_bytes bytes, struct cp_backup_head *out);
/* The key that seals the frames, and what the head says of it. */
void cp_backup_key(const uint8_t storage[static 32], const uint8_t salt[static 32], uint8_t key[static 32]);
void cp_backup_key_check(const uint8_t key[static 32], uint8_t check[static 16]);

enum cp_backup_type { CP_BACKUP_BEGIN, CP_BACKUP_FILE, CP_BACKUP_DATA, CP_BACKUP_END, CP_BACKUP_PADDING };
struct cp_backup_frame {
    enum cp_backup_type type;
    uint64_t time_ms, plans, entries, persons; /* BEGIN */
    struct cp_bytes name;                      /* FILE; borrowed from the plaintext, as is `data` */
    uint64_t size;                             /* FILE */
    struct cp_bytes data;                      /* DATA */
};
/* Errors: those of the profile, BAD_VALUE (also: a name that no home has). */
CP_MUST_USE enum cp_err cp_backup_read(struct cp_bytes plain, struct cp_backup_frame *out);
void cp_backup_write(const struct cp_backup_frame *f, struct cp_buf *out); /* anything but PADDING */

/* What came so far, and what may come next. Begins as zeros. */
struct cp_backup_order {
    bool begun, ended;
    size_t files;
    uint64_t left; /* of the file under way */
    char last[CP_BACKUP_NAME_MAX + 1];
};
/* Takes the next frame. BAD_VALUE: it does not belong here (twice, too much, too little, after the end). */
CP_MUST_USE enum cp_err cp_backup_next(struct cp_backup_order *o, const struct cp_backup_frame *f);
/* Everything is there: BEGIN, both files that every home has, END. */
bool cp_backup_whole(const struct cp_backup_order *o);

/* The size of a file that has `used` bytes with its END: at most an eighth more, so that little can be read from it. */
uint64_t cp_backup_size(uint64_t used);

#endif
