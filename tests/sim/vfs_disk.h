/*
 * What the two halves of the disk share: vfs_disk.c keeps files and their unsynced changes, vfs.c speaks to SQLite.
 * Must not: be included outside tests/sim/vfs*.c.
 */
#ifndef CP_TESTS_SIM_VFS_DISK_H
#define CP_TESTS_SIM_VFS_DISK_H

#include "tests/sim/vfs.h"

#define SIM_NAME_MAX 48U /* with "-journal" */

/* One change since the last sync, and what it took the place of. */
struct sim_change {
    size_t at, len; /* bytes at..at+len were written, or cut off */
    size_t old_len; /* of the file */
    size_t kept;    /* bytes in `old`, from `at` on; what lies beyond was beyond the end, so zero */
    bool cut;
    bool other; /* from here on it is another file of the same name */
    uint8_t *old;
};

struct sim_file {
    struct sim_file *next;
    char name[SIM_NAME_MAX];
    bool here;      /* in the folder, as the running system sees it */
    bool kept_here; /* in the folder as it is on the disk */
    uint8_t *bytes;
    size_t len, cap;
    struct sim_change *changes;
    size_t changes_count, changes_cap;
    bool spilled; /* bytes are of vfs_spill.c */
    bool plain;   /* on a disk that is spilled: no power cut comes, so what changes is not remembered */
};

struct sim_handle;

struct sim_disk {
    unsigned number;
    uint64_t life; /* of the process: handles of an earlier one are dead */
    struct sim_file *files;
    struct sim_handle *handles; /* of this life */
    struct sim_faults faults;
    uint64_t limit; /* bytes, when faults.full */
    uint64_t calls[SIM_CALLS];
    bool hit, crashed;
};

/* The disk and the file's name of a path that sim_disk_path wrote; NULL when it is none. */
struct sim_disk *sim_disk_of(const char *path, const char **name);

/* ---- vfs_spill.c: bytes outside memory ---- */
bool sim_spilling(void);
uint8_t *sim_spill_take(size_t *cap);
void sim_spill_write(uint8_t *at, const uint8_t *bytes, size_t len); /* at: in what was taken */
void sim_spill_give(uint8_t *bytes);

struct sim_file *sim_file_find(struct sim_disk *d, const char *name); /* NULL: not here */
struct sim_file *sim_file_make(struct sim_disk *d, const char *name); /* empty; or the one that is here */
void sim_file_delete(struct sim_file *f);
void sim_file_write(struct sim_file *f, size_t at, const uint8_t *bytes, size_t len);
void sim_file_cut(struct sim_file *f, size_t len);
/* What the file says now is on the disk; so is its name. */
void sim_file_sync(struct sim_file *f);
/* The folder as it is now is on the disk. */
void sim_folder_sync(struct sim_disk *d);
void sim_file_free(struct sim_file *f);

#endif
