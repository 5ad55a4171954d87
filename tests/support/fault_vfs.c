/* The VFS that fails when told. Every call goes to the default VFS; only writing is counted. */
#include "tests/support/fault_vfs.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static struct {
    size_t at, calls;
    enum fault what;
    bool for_ever;
} plan;

struct file {
    sqlite3_file base; /* first */
    sqlite3_file *real;
};

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct file *)f)->real;
}

static int turn(void)
{
    plan.calls++;
    bool now = plan.at != 0 && (plan.for_ever ? plan.calls >= plan.at : plan.calls == plan.at);
    return !now ? SQLITE_OK : plan.what == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int f_close(sqlite3_file *f)
{
    sqlite3_file *real = real_of(f);
    int rc = real->pMethods != NULL ? real->pMethods->xClose(real) : SQLITE_OK;
    free(real);
    return rc;
}
static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}
static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    int rc = turn();
    return rc != SQLITE_OK ? rc : real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}
static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    int rc = turn();
    return rc != SQLITE_OK ? rc : real_of(f)->pMethods->xTruncate(real_of(f), size);
}
static int f_sync(sqlite3_file *f, int flags)
{
    int rc = turn();
    return rc != SQLITE_OK ? SQLITE_IOERR_FSYNC : real_of(f)->pMethods->xSync(real_of(f), flags);
}
static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), size);
}
static int f_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}
static int f_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}
static int f_reserved(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}
static int f_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}
static int f_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}
static int f_device(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

/* Version 1: no shared memory, which a connection of its own does not need. */
static const sqlite3_io_methods methods = {.iVersion = 1, .xClose = f_close, .xRead = f_read, .xWrite = f_write,
                                           .xTruncate = f_truncate, .xSync = f_sync, .xFileSize = f_size,
                                           .xLock = f_lock, .xUnlock = f_unlock, .xCheckReservedLock = f_reserved,
                                           .xFileControl = f_control, .xSectorSize = f_sector,
                                           .xDeviceCharacteristics = f_device};

static sqlite3_vfs *under(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static int v_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *out, int flags, int *out_flags)
{
    struct file *f = (struct file *)out;
    f->base.pMethods = NULL;
    f->real = calloc(1, (size_t)under(vfs)->szOsFile);
    if (f->real == NULL)
        return SQLITE_NOMEM;
    int rc = under(vfs)->xOpen(under(vfs), name, f->real, flags, out_flags);
    if (rc != SQLITE_OK)
        free(f->real);
    else
        f->base.pMethods = &methods;
    return rc;
}
static int v_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    return under(vfs)->xDelete(under(vfs), name, sync);
}
static int v_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    return under(vfs)->xAccess(under(vfs), name, flags, out);
}
static int v_path(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
    return under(vfs)->xFullPathname(under(vfs), name, n, out);
}

const char *fault_vfs(void)
{
    static sqlite3_vfs vfs;
    if (vfs.zName != NULL)
        return vfs.zName;
    sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
    vfs = *usual;
    vfs.pNext = NULL;
    vfs.zName = "fault";
    vfs.szOsFile = (int)sizeof(struct file);
    vfs.pAppData = usual;
    vfs.xOpen = v_open;
    vfs.xDelete = v_delete;
    vfs.xAccess = v_access;
    vfs.xFullPathname = v_path;
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? vfs.zName : NULL;
}

void fault_set(size_t at, enum fault what, bool for_ever)
{
    plan.at = at;
    plan.calls = 0;
    plan.what = what;
    plan.for_ever = for_ever;
}

size_t fault_calls(void)
{
    return plan.calls;
}
