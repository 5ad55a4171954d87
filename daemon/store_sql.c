/* Statements: prepared once, bound, stepped, reset. Owns: how SQLite's results become ours. Must not: hold a query. */
#include <assert.h>
#include <stdarg.h>

#include "daemon/store_internal.h"

static const char *const texts[] = {
#define X(name, text) [CP_SQL_##name] = text,
    CP_SQL_LIST(X)
#undef X
};

enum cp_err cp_sql_err(struct cp_store *s, int rc)
{
    if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
        return CP_OK;
    if (s->db != NULL)
        (void)snprintf(s->trouble, sizeof s->trouble, "%d: %s", sqlite3_extended_errcode(s->db), sqlite3_errmsg(s->db));
    if (rc == SQLITE_IOERR_NOMEM)
        return CP_ERR_NO_MEMORY;
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return CP_ERR_DISK_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return CP_ERR_BUSY;
    case SQLITE_NOMEM:
        return CP_ERR_NO_MEMORY;
    case SQLITE_TOOBIG:
        return CP_ERR_TOO_BIG;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_NOLFS:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
        return CP_ERR_IO;
    default: /* CORRUPT, NOTADB, and whatever only a schema or rows that we did not write can cause */
        return CP_ERR_DAMAGED_STORE;
    }
}

enum cp_err cp_sql_exec(struct cp_store *s, const char *text)
{
    return cp_sql_err(s, sqlite3_exec(s->db, text, NULL, NULL, NULL));
}

/*
 * SQLite may end a transaction by itself (no memory, disk full), and a rollback may find no memory: nothing more is
 * written of the first, and the second is made up for, before any statement could see what is left of it.
 */
static enum cp_err in_step(struct cp_store *s)
{
    bool open = sqlite3_get_autocommit(s->db) == 0;
    if (open == s->in_transaction)
        return CP_OK;
    return open ? cp_sql_exec(s, "ROLLBACK") : CP_ERR_IO;
}

static enum cp_err bind(struct cp_store *s, enum cp_sql which, sqlite3_stmt **out, const char *format, va_list args)
{
    sqlite3_stmt **st = &s->statements[which];
    int rc = SQLITE_OK;
    *out = NULL;
    enum cp_err err = in_step(s);
    if (err != CP_OK)
        return err;
    if (*st == NULL)
        rc = sqlite3_prepare_v3(s->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, st, NULL);
    if (rc != SQLITE_OK)
        return cp_sql_err(s, rc);
    assert(!sqlite3_stmt_busy(*st));
    for (int i = 1; *format != '\0' && rc == SQLITE_OK; i++, format++) {
        if (*format == 'i') {
            rc = sqlite3_bind_int64(*st, i, (sqlite3_int64)va_arg(args, uint64_t));
        } else if (*format == 'b') {
            const void *p = va_arg(args, const void *);
            size_t len = va_arg(args, size_t);
            rc = len == 0 ? sqlite3_bind_zeroblob(*st, i, 0) : sqlite3_bind_blob64(*st, i, p, len, SQLITE_STATIC);
        } else {
            assert(*format == 'n');
            rc = sqlite3_bind_null(*st, i);
        }
    }
    if (rc != SQLITE_OK)
        return cp_sql_err(s, rc);
    *out = *st;
    return CP_OK;
}

enum cp_err cp_sql_open(struct cp_store *s, enum cp_sql which, sqlite3_stmt **st, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    enum cp_err err = bind(s, which, st, format, args);
    va_end(args);
    return err;
}

void cp_sql_done(sqlite3_stmt *st)
{
    if (st == NULL)
        return;
    (void)sqlite3_reset(st); /* repeats the error that the step reported */
    (void)sqlite3_clear_bindings(st);
}

enum cp_err cp_sql_step(struct cp_store *s, sqlite3_stmt *st, bool *row)
{
    int rc = sqlite3_step(st);
    *row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW)
        return CP_OK;
    enum cp_err err = cp_sql_err(s, rc);
    cp_sql_done(st);
    return err;
}

enum cp_err cp_sql_run(struct cp_store *s, enum cp_sql which, const char *format, ...)
{
    sqlite3_stmt *st = NULL;
    bool row = false;
    va_list args;
    va_start(args, format);
    enum cp_err err = bind(s, which, &st, format, args);
    va_end(args);
    if (err == CP_OK)
        err = cp_sql_step(s, st, &row);
    if (row)
        cp_sql_done(st);
    return err;
}

enum cp_err cp_sql_one(struct cp_store *s, enum cp_sql which, sqlite3_stmt **st, bool *found, const char *format, ...)
{
    va_list args;
    *found = false;
    va_start(args, format);
    enum cp_err err = bind(s, which, st, format, args);
    va_end(args);
    return err == CP_OK ? cp_sql_step(s, *st, found) : err;
}

enum cp_err cp_sql_has(struct cp_store *s, enum cp_sql which, bool *yes, const char *format, ...)
{
    sqlite3_stmt *st = NULL;
    va_list args;
    *yes = false;
    va_start(args, format);
    enum cp_err err = bind(s, which, &st, format, args);
    va_end(args);
    if (err == CP_OK)
        err = cp_sql_step(s, st, yes);
    if (err == CP_OK && *yes)
        cp_sql_done(st);
    return err;
}

uint64_t cp_col_u64(sqlite3_stmt *st, int i)
{
    return (uint64_t)sqlite3_column_int64(st, i);
}

struct cp_bytes cp_col_blob(sqlite3_stmt *st, int i)
{
    if (sqlite3_column_type(st, i) != SQLITE_BLOB)
        return CP_BYTES(NULL, 0);
    const void *p = sqlite3_column_blob(st, i);
    int len = sqlite3_column_bytes(st, i);
    return p == NULL || len <= 0 ? CP_BYTES(NULL, 0) : CP_BYTES(p, (size_t)len);
}

bool cp_col_fixed(sqlite3_stmt *st, int i, uint8_t *out, size_t len)
{
    struct cp_bytes b = cp_col_blob(st, i);
    if (b.len != len)
        return false;
    memcpy(out, b.ptr, len);
    return true;
}
