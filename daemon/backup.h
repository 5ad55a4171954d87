/*
 * Backups at work: the whole home into one sealed file, and back into a folder without a home.
 * Private to backup*.c, restore*.c, serve_backup.c and home.c. Owns: the files on their way. Must not: lay out a backup
 * (proto/backup.h), open seals (keeper_backup.c) or answer requests (serve_backup.c does, through `done`).
 */
#ifndef CP_DAEMON_BACKUP_H
#define CP_DAEMON_BACKUP_H

#include "daemon/new_file.h"
#include "daemon/node.h"
#include "proto/backup.h"

/* ---- Writing (backup_write.c) ---- */
struct cp_backup_done {
    const char *path;
    uint64_t time_ms; /* the moment that it shows; a claim */
    uint64_t bytes, plans, entries, persons;
    bool anybody; /* somebody here has no passphrase: whoever has the file can open it */
};
struct cp_backup_ask {
    const char *path; /* written beside it, synced, renamed; what stands there is replaced only if it is a backup too */
    void (*done)(void *ctx, enum cp_err err, const struct cp_backup_done *d); /* once, unless this fails */
    void (*progress)(void *ctx, uint64_t done, uint64_t of);                  /* in bytes */
    void *ctx;
};
/* The home as it is now. Errors: BUSY, LOCKED, NO_MEMORY, BAD_FILE (errno says why), those of the store. */
CP_MUST_USE enum cp_err cp_backup_write_start(struct cp_node *node, const struct cp_backup_ask *ask);

/* ---- Reading (restore.c) ---- */
/*
 * A backup goes into HOME/restore.part; when it is whole and opens, that folder becomes HOME/restore.ready, which is the
 * moment when it counts; then its files take their places (restore_place.c), also after a crash in between.
 */
struct cp_restore_ask {
    int fd; /* of the file, its head read; taken over, also on failure */
    const struct cp_backup_head *head; /* copied */
    const uint8_t *storage, *key;      /* as the slot gave them; copied into guarded memory */
    bool aside; /* a home that is here goes into a folder of its own; without it, it is left alone and refused */
    void (*done)(void *ctx, enum cp_err err, const struct cp_backup_done *d);
    void (*progress)(void *ctx, uint64_t done, uint64_t of);
    void *ctx;
};
/* Errors: BUSY, NO_MEMORY, DISK_FULL, IO. done's errors: DAMAGED_FILE, HOME_EXISTS, DISK_FULL, IO, NEWER_HOME. */
CP_MUST_USE enum cp_err cp_restore_start(struct cp_node *node, const struct cp_restore_ask *ask);

/* ---- Taking their places (restore_place.c) ---- */
/* Does this folder hold anything of a home? */
bool cp_place_taken(const struct cp_node *node);
/* HOME/restore.part, empty. DISK_FULL, IO. */
CP_MUST_USE enum cp_err cp_place_begin(struct cp_node *node);
/* HOME/restore.part/NAME, or the folder itself for "". */
void cp_place_path(const struct cp_node *node, const char *name, char *out, size_t size);
/* What was written becomes the home. The keeper and the store of the node must be closed. DISK_FULL, IO: before the moment
 * when it counts nothing has changed; after it cp_place_finish goes on at the next opening. */
CP_MUST_USE enum cp_err cp_place_commit(struct cp_node *node);
/* Goes on where a crash stopped. OK also where nothing is to be done. DISK_FULL, IO. */
CP_MUST_USE enum cp_err cp_place_finish(const struct cp_node *node);
/* Removes what a restore wrote that did not end. */
void cp_place_drop(const struct cp_node *node);

#endif
