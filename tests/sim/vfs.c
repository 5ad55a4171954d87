/* The side of the disk in memory that SQLite sees: its VFS and file methods, locks, and where faults come in. */
#include "tests/sim/vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/vfs_disk.h"

struct sim_handle {
    sqlite3_file base;
    struct sim_disk *disk; /* NULL: a temporary file, on no disk */
    struct sim_file *file;
    struct sim_handle *next; /* of the disk */
    uint64_t life;
    int level;
    bool folder; /* a new journal's first sync writes the folder too */
};

static struct sim_handle *of(sqlite3_file *file)
{
    return (struct sim_handle *)file;
}

/* ---- Faults ---- */

static int error_of(enum sim_call kind)
{
    switch (kind) {
    case SIM_READ:
        return SQLITE_IOERR_READ;
    case SIM_WRITE:
        return SQLITE_IOERR_WRITE;
    case SIM_SYNC:
        return SQLITE_IOERR_FSYNC;
    case SIM_TRUNCATE:
        return SQLITE_IOERR_TRUNCATE;
    case SIM_OPEN:
        return SQLITE_CANTOPEN;
    case SIM_DELETE:
        return SQLITE_IOERR_DELETE;
    case SIM_LOOK:
        return SQLITE_IOERR_FSTAT;
    case SIM_ANY:
    case SIM_CALLS:
        break;
    }
    return SQLITE_IOERR;
}

static bool meant(const struct sim_disk *d, enum sim_call set, uint64_t at, bool on, enum sim_call kind)
{
    if (at == 0 || (set != kind && set != SIM_ANY))
        return false;
    return on ? d->calls[set] >= at : d->calls[set] == at;
}

/* Counts a call; not OK when it is to fail. *last: a write that fails now, and may leave half of itself. */
static int gate(struct sim_disk *d, enum sim_call kind, bool *last)
{
    *last = false;
    if (d == NULL)
        return SQLITE_OK;
    if (d->crashed)
        return error_of(kind);
    d->calls[kind]++;
    d->calls[SIM_ANY]++;
    if (meant(d, d->faults.crash_kind, d->faults.crash_at, false, kind))
        d->crashed = true;
    else if (!meant(d, d->faults.fail_kind, d->faults.fail_at, d->faults.fail_on, kind))
        return SQLITE_OK;
    d->hit = true;
    *last = true;
    return error_of(kind);
}

static int pass(struct sim_handle *h, enum sim_call kind)
{
    bool last;
    if (h->disk != NULL && h->life != h->disk->life)
        return error_of(kind);
    return gate(h->disk, kind, &last);
}

/* ---- Files ---- */

static int file_close(sqlite3_file *file)
{
    struct sim_handle *h = of(file);
    if (h->disk == NULL) {
        sim_file_free(h->file);
        return SQLITE_OK;
    }
    if (h->life != h->disk->life)
        return SQLITE_OK;
    for (struct sim_handle **at = &h->disk->handles; *at != NULL; at = &(*at)->next) {
        if (*at == h) {
            *at = h->next;
            break;
        }
    }
    return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *out, int amount, sqlite3_int64 at)
{
    struct sim_handle *h = of(file);
    int rc = pass(h, SIM_READ);
    if (rc != SQLITE_OK)
        return rc;
    const struct sim_file *f = h->file;
    size_t from = (size_t)at, want = (size_t)amount;
    size_t have = from >= f->len ? 0 : f->len - from < want ? f->len - from : want;
    if (have > 0)
        memcpy(out, f->bytes + from, have);
    if (have == want)
        return SQLITE_OK;
    memset((uint8_t *)out + have, 0, want - have);
    return SQLITE_IOERR_SHORT_READ;
}

/* The first half in whole sectors of the file; what a write that broke off may have done. */
static size_t half_of(size_t at, size_t len)
{
    size_t end = (at + len / 2) / SIM_SECTOR * SIM_SECTOR;
    return end > at ? end - at : 0;
}

static int file_write(sqlite3_file *file, const void *bytes, int amount, sqlite3_int64 at)
{
    struct sim_handle *h = of(file);
    struct sim_disk *d = h->disk;
    size_t from = (size_t)at, len = (size_t)amount;
    bool last;
    if (d != NULL && h->life != d->life)
        return SQLITE_IOERR_WRITE;
    int rc = gate(d, SIM_WRITE, &last);
    if (last && d->faults.half)
        sim_file_write(h->file, from, bytes, half_of(from, len));
    if (rc != SQLITE_OK)
        return rc;
    size_t growth = from + len > h->file->len ? from + len - h->file->len : 0;
    uint64_t used = d != NULL && d->faults.full && growth > 0 ? sim_disk_bytes(d) : 0;
    if (used + growth > (used > 0 || (d != NULL && d->faults.full) ? d->limit : UINT64_MAX)) {
        size_t room = d->limit > used ? (size_t)(d->limit - used) : 0, fits = len + room;
        d->hit = true;
        sim_file_write(h->file, from, bytes, fits > growth ? fits - growth : 0);
        return SQLITE_FULL;
    }
    sim_file_write(h->file, from, bytes, len);
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 len)
{
    struct sim_handle *h = of(file);
    int rc = pass(h, SIM_TRUNCATE);
    if (rc == SQLITE_OK)
        sim_file_cut(h->file, (size_t)len);
    return rc;
}

static int file_sync(sqlite3_file *file, int flags)
{
    struct sim_handle *h = of(file);
    (void)flags;
    int rc = pass(h, SIM_SYNC);
    if (rc != SQLITE_OK)
        return rc;
    sim_file_sync(h->file);
    if (h->folder && h->disk != NULL)
        sim_folder_sync(h->disk);
    h->folder = false;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *len)
{
    struct sim_handle *h = of(file);
    int rc = pass(h, SIM_LOOK);
    *len = rc == SQLITE_OK ? (sqlite3_int64)h->file->len : 0;
    return rc;
}

/* ---- Locks, with the levels of SQLite's own file ---- */

static int highest_of_others(const struct sim_handle *h)
{
    int highest = SQLITE_LOCK_NONE;
    for (const struct sim_handle *o = h->disk->handles; o != NULL; o = o->next)
        if (o != h && o->file == h->file && o->level > highest)
            highest = o->level;
    return highest;
}

static int file_lock(sqlite3_file *file, int level)
{
    struct sim_handle *h = of(file);
    int rc = pass(h, SIM_LOOK);
    if (rc != SQLITE_OK)
        return SQLITE_IOERR_LOCK;
    if (h->disk == NULL || h->level >= level)
        return SQLITE_OK;
    int others = highest_of_others(h);
    if (others >= SQLITE_LOCK_PENDING || (level >= SQLITE_LOCK_RESERVED && others >= SQLITE_LOCK_RESERVED))
        return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && others >= SQLITE_LOCK_SHARED) {
        h->level = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
    }
    h->level = level;
    return SQLITE_OK;
}

static int file_unlock(sqlite3_file *file, int level)
{
    struct sim_handle *h = of(file);
    if (pass(h, SIM_LOOK) != SQLITE_OK)
        return SQLITE_IOERR_UNLOCK;
    h->level = h->level > level ? level : h->level;
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *file, int *held)
{
    struct sim_handle *h = of(file);
    *held = 0;
    if (pass(h, SIM_LOOK) != SQLITE_OK)
        return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *held =
        h->level >= SQLITE_LOCK_RESERVED || (h->disk != NULL && highest_of_others(h) >= SQLITE_LOCK_RESERVED);
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
    (void)file;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *file)
{
    (void)file;
    return 4096; /* as SQLite says of files on unix */
}

static int device(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* likewise: a write changes no byte beside it */
}

static const sqlite3_io_methods methods = {
    .iVersion = 1, /* no shared memory */
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device,
};

/* ---- The VFS ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
    struct sim_handle *h = of(file);
    const char *name = NULL;
    bool last;
    (void)vfs;
    memset(h, 0, sizeof *h);
    if (out_flags != NULL)
        *out_flags = flags;
    if (path == NULL) { /* temporary, on no disk */
        h->file = calloc(1, sizeof *h->file);
        if (h->file == NULL)
            return SQLITE_NOMEM;
        h->base.pMethods = &methods;
        return SQLITE_OK;
    }
    struct sim_disk *d = sim_disk_of(path, &name);
    int rc = d == NULL ? SQLITE_CANTOPEN : gate(d, SIM_OPEN, &last);
    if (rc != SQLITE_OK)
        return rc;
    h->file = sim_file_find(d, name);
    if (h->file == NULL && (flags & SQLITE_OPEN_CREATE) != 0)
        h->file = sim_file_make(d, name);
    if (h->file == NULL)
        return SQLITE_CANTOPEN;
    h->folder =
        (flags & SQLITE_OPEN_CREATE) != 0 && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    h->disk = d;
    h->life = d->life;
    h->next = d->handles;
    d->handles = h;
    h->base.pMethods = &methods;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int folder)
{
    const char *name = NULL;
    struct sim_disk *d = sim_disk_of(path, &name);
    bool last;
    (void)vfs;
    int rc = d == NULL ? SQLITE_IOERR_DELETE : gate(d, SIM_DELETE, &last);
    if (rc != SQLITE_OK)
        return rc;
    struct sim_file *f = sim_file_find(d, name);
    if (f == NULL)
        return SQLITE_IOERR_DELETE_NOENT;
    sim_file_delete(f);
    if (folder)
        sim_folder_sync(d);
    return SQLITE_OK;
}

/* An empty file counts as none, as it does on unix. */
static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    const char *name = NULL;
    struct sim_disk *d = sim_disk_of(path, &name);
    bool last;
    (void)vfs;
    *out = 0;
    if (d == NULL)
        return SQLITE_OK;
    if (gate(d, SIM_LOOK, &last) != SQLITE_OK)
        return SQLITE_IOERR_ACCESS;
    const struct sim_file *f = sim_file_find(d, name);
    *out = f != NULL && (flags != SQLITE_ACCESS_EXISTS || f->len > 0);
    return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int out_len, char *out)
{
    (void)vfs;
    int len = snprintf(out, (size_t)out_len, "%s", path);
    return len < 0 || len >= out_len ? SQLITE_CANTOPEN : SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    memset(out, 7, (size_t)len);
    return len;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int vfs_time(sqlite3_vfs *vfs, double *out)
{
    (void)vfs;
    *out = 2460000.5;
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    (void)len;
    (void)out;
    return 0;
}

const char *sim_vfs_name(void)
{
    static sqlite3_vfs vfs = {
        .iVersion = 1,
        .szOsFile = (int)sizeof(struct sim_handle),
        .mxPathname = (int)SIM_PATH_MAX + 16,
        .zName = "sim",
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_random,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_time,
        .xGetLastError = vfs_last_error,
    };
    static bool done;
    if (!done && sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
        abort();
    done = true;
    return vfs.zName;
}

void sim_vfs_seed(uint32_t seed)
{
    (void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(seed & 0x7fffffff) | 1, (sqlite3 *)NULL);
}
