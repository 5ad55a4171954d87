/*
 * A disk in memory for SQLite, with faults. A disk holds named files; of each it knows what was written and what
 * of that was synced, so that it can lose power. Many disks live in one process; one SQLite VFS serves them all
 * and finds the disk by the path.
 * Owns: the files, the locks between openers, the faults. Must not: know what the files say.
 *
 *     struct sim_disk *disk = sim_disk_new();
 *     char path[SIM_PATH_MAX];
 *     struct cp_store_options opt = {.vfs = sim_vfs_name(), .no_marker = true};
 *     err = cp_store_open(&store, sim_disk_path(disk, "db", path), &opt);
 *     ...
 *     sim_disk_kill(disk);   or   sim_disk_power_cut(disk, &seed);
 *     cp_store_close(store);  the dead process's handles: nothing reaches the disk through them any more
 *     err = cp_store_open(&store, path, &opt);
 *
 * What is modelled: a sector of 512 bytes is whole, in any state that it had since the last sync of its file, or
 * as the last sync left it, each sector for itself; the length of a file likewise; a file made or deleted may be
 * gone or back until some sync of a new file or a deletion with sync wrote the folder. What was synced stays.
 * A second opener of a file is turned away by the ordinary lock levels. No shared memory: WAL needs
 * locking_mode EXCLUSIVE, as the store sets it. One thread.
 */
#ifndef CP_TESTS_SIM_VFS_H
#define CP_TESTS_SIM_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_SECTOR   512U
#define SIM_PATH_MAX 64U

struct sim_disk;

/* Registers the VFS when asked first (not as the default one); the name for cp_store_options.vfs. */
const char *sim_vfs_name(void);
/* Makes SQLite's own random numbers (salts of the log) follow from a seed, for the whole process. */
void sim_vfs_seed(uint32_t seed);

struct sim_disk *sim_disk_new(void);
/* NULL is fine. No handle may be open on it. */
void sim_disk_free(struct sim_disk *d);
/* The files as they are now, synced or not, on a disk of its own without faults and without openers: a backup, or
 * a copied home. */
struct sim_disk *sim_disk_clone(const struct sim_disk *d);
/* Puts `from`'s files in the place of this disk's: a restored backup. Open handles die as in sim_disk_kill. */
void sim_disk_restore(struct sim_disk *d, const struct sim_disk *from);
/* The path of a file on this disk, written to out and returned. The name has at most 31 characters, no '/'. */
const char *sim_disk_path(const struct sim_disk *d, const char *name, char out[static SIM_PATH_MAX]);

/* From now on the bytes of new files lie in one sparse file without a name in this folder, mapped, so that they need
 * not fit into memory; it is gone with the process. Such files lose nothing to a power cut: for runs without one. */
bool sim_disk_spill(const char *folder);

/* ---- What ends a process ---- */
/* The process dies: open handles answer every call with an I/O error, locks are gone, all that was written stays.
 * Faults are taken away. */
void sim_disk_kill(struct sim_disk *d);
/* Power fails: as above, and what was not synced survives sector by sector, or not, by the seed (advanced). */
void sim_disk_power_cut(struct sim_disk *d, uint64_t *seed);

/* ---- Faults ---- */
enum sim_call {
    SIM_READ,
    SIM_WRITE,
    SIM_SYNC,
    SIM_TRUNCATE,
    SIM_OPEN,
    SIM_DELETE,
    SIM_LOOK, /* size, access, locks */
    SIM_ANY,
    SIM_CALLS /* how many; not a call */
};
/* Zeros: no faults. Numbers count from 1 = the next call of that kind after sim_disk_faults. */
struct sim_faults {
    enum sim_call fail_kind;
    uint64_t fail_at; /* this call fails with the I/O error of its kind; 0: none */
    bool fail_on;     /* and every later one of the kind */
    bool half;        /* a write that fails or ends a process has written its first half, by sectors */
    enum sim_call crash_kind;
    uint64_t crash_at; /* at this call everything ends: it and each later call of any kind fails; 0: none */
    bool full;         /* the disk has room for `room` bytes more than it holds; then SQLITE_FULL */
    uint64_t room;
};
/* Sets the faults and puts the counters to 0. */
void sim_disk_faults(struct sim_disk *d, const struct sim_faults *f);
/* No faults; the counters go on. */
void sim_disk_heal(struct sim_disk *d);
/* Calls of a kind since sim_disk_faults or the disk's beginning; SIM_ANY: of all kinds. */
uint64_t sim_disk_calls(const struct sim_disk *d, enum sim_call kind);
/* Whether the fault that was set has come about (for a full disk: a write was refused). */
bool sim_disk_hit(const struct sim_disk *d);
/* Crashed by crash_at and neither killed nor cut since. */
bool sim_disk_crashed(const struct sim_disk *d);

/* ---- Looking ---- */
/* Bytes in all files, and those that a power cut may lose. */
uint64_t sim_disk_bytes(const struct sim_disk *d);
uint64_t sim_disk_unsynced(const struct sim_disk *d);
/* A file's bytes for looking at or damaging; NULL when there is none. Valid until the next call on the disk. */
uint8_t *sim_disk_file(struct sim_disk *d, const char *name, size_t *len);

#endif
