/*
 * The database file as of one moment, while the store goes on (a backup reads it in pieces).
 * Owns: keeping the WAL out of the file meanwhile. Must not: open the file a second time: closing such a descriptor
 * would give up the locks that SQLite holds on it.
 *
 * A checkpoint brings everything into the file and empties the WAL; as long as no other one is made, all that is written
 * stays in the WAL and the file is whole by itself.
 */
#include "daemon/store_internal.h"

enum {
    PAGES_DEFAULT = 1000 /* SQLite's own: how many pages of WAL before it is brought in */
};

static sqlite3_file *file_of(struct cp_store *s)
{
    sqlite3_file *file = NULL;
    if (sqlite3_file_control(s->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK)
        return NULL;
    return file != NULL && file->pMethods != NULL ? file : NULL;
}

enum cp_err cp_store_freeze(struct cp_store *s, uint64_t *size)
{
    int frames = 0, moved = 0;
    sqlite3_int64 len = 0;
    *size = 0;
    if (s->in_transaction || s->frozen)
        return CP_ERR_BUSY;
    enum cp_err err = cp_sql_err(s, sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &frames, &moved));
    if (err != CP_OK)
        return err;
    sqlite3_file *file = file_of(s);
    if (file == NULL || frames != moved)
        return CP_ERR_IO;
    err = cp_sql_err(s, file->pMethods->xFileSize(file, &len));
    if (err == CP_OK && len <= 0)
        err = CP_ERR_IO;
    if (err != CP_OK)
        return err;
    (void)sqlite3_wal_autocheckpoint(s->db, 0);
    s->frozen = true;
    *size = (uint64_t)len;
    return CP_OK;
}

enum cp_err cp_store_frozen(struct cp_store *s, uint64_t at, uint8_t *out, size_t len)
{
    sqlite3_file *file = file_of(s);
    if (!s->frozen || file == NULL || len > INT32_MAX)
        return CP_ERR_IO;
    return cp_sql_err(s, file->pMethods->xRead(file, out, (int)len, (sqlite3_int64)at));
}

void cp_store_thaw(struct cp_store *s)
{
    if (!s->frozen)
        return;
    s->frozen = false;
    (void)sqlite3_wal_autocheckpoint(s->db, PAGES_DEFAULT);
    cp_withdraw_wipe(s);
}
