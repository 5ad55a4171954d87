/*
 * The store's door: opening, locking, transactions, this home's incarnation, plans and notes.
 * Owns: the connection and its settings (security.md 5). Must not: hold rules about entries.
 */
#include "daemon/store_internal.h"

#include <assert.h>
#include <sodium.h>

#include "daemon/memory.h"

static void sodium_random(void *ctx, void *out, size_t len)
{
    (void)ctx;
    randombytes_buf(out, len);
}

const char *cp_store_trouble(const struct cp_store *s)
{
    return s == NULL ? "" : s->trouble;
}

/* ---- Caches ---- */

/* After a rollback or a lock: nothing kept in memory may be later than the disk, or open. */
static void forget_all(struct cp_store *s)
{
    cp_store_forget_members(s);
    cp_past_forget(s);
    cp_recent_forget(s);
    cp_carry_forget(s);
    memset(&s->plan, 0, sizeof s->plan);
    memset(s->frontiers, 0, sizeof s->frontiers);
    memset(&s->whole, 0, sizeof s->whole);
    sodium_memzero(s->persons, sizeof s->persons);
}

/* ---- Transactions ---- */

enum cp_err cp_store_begin(struct cp_store *s)
{
    assert(!s->in_transaction);
    enum cp_err err = cp_sql_run(s, CP_SQL_BEGIN, "");
    s->in_transaction = err == CP_OK;
    return err;
}

void cp_store_rollback(struct cp_store *s)
{
    if (!s->in_transaction)
        return;
    for (size_t i = 0; i < CP_SQL_COUNT; i++)
        cp_sql_done(s->statements[i]);
    if (sqlite3_get_autocommit(s->db) == 0) /* SQLite itself rolls back when the disk is full */
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->in_transaction = false;
    s->own_dirty = s->erased = false;
    s->home = s->home_kept;
    forget_all(s);
}

enum cp_err cp_store_commit(struct cp_store *s)
{
    assert(s->in_transaction);
    enum cp_err err = sqlite3_get_autocommit(s->db) != 0 ? CP_ERR_IO : cp_sql_run(s, CP_SQL_COMMIT, "");
    if (err != CP_OK) {
        cp_store_rollback(s);
        return err;
    }
    s->in_transaction = false;
    s->home_kept = s->home;
    if (s->own_dirty)
        cp_marker_write(s);
    s->wipe_due = s->wipe_due || s->erased;
    s->own_dirty = s->erased = false;
    cp_withdraw_wipe(s);
    return CP_OK;
}

enum cp_err cp_store_enter(struct cp_store *s, bool *own)
{
    *own = !s->in_transaction;
    return *own ? cp_store_begin(s) : CP_OK;
}

enum cp_err cp_store_leave(struct cp_store *s, bool own, enum cp_err err)
{
    if (!own)
        return err;
    if (err == CP_OK)
        return cp_store_commit(s);
    cp_store_rollback(s);
    return err;
}

/* ---- Incarnation ---- */

enum cp_err cp_store_home_write(struct cp_store *s)
{
    s->own_dirty = true;
    return cp_sql_run(s, CP_SQL_HOME_OWN, "bi", s->home.incarnation, sizeof s->home.incarnation, s->home.own_count);
}

enum cp_err cp_store_new_incarnation(struct cp_store *s)
{
    s->random(s->random_ctx, s->home.incarnation, sizeof s->home.incarnation);
    return cp_store_home_write(s);
}

void cp_store_incarnation(const struct cp_store *s, uint8_t out[static CP_INCARNATION_LEN], bool *fresh)
{
    memcpy(out, s->home.incarnation, CP_INCARNATION_LEN);
    if (fresh != NULL)
        *fresh = s->fresh;
}

/* ---- Opening ---- */

static enum cp_err pragma_number(struct cp_store *s, const char *text, uint64_t *out)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(s->db, text, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    enum cp_err err = cp_sql_err(s, rc);
    *out = rc == SQLITE_ROW ? cp_col_u64(st, 0) : 0;
    (void)sqlite3_finalize(st);
    return err;
}

/* What SQLite can do that we never ask for stays off, also for a file that somebody prepared. */
static enum cp_err harden(struct cp_store *s)
{
    static const struct {
        int op, on;
    } switches[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0}, {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
        /* A newer home is left as it is, so nothing is written back until it is known to be ours. */
        {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
    };
    static const struct {
        int id, max;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024}, {SQLITE_LIMIT_SQL_LENGTH, 32 * 1024}, {SQLITE_LIMIT_COLUMN, 64},
        {SQLITE_LIMIT_EXPR_DEPTH, 64}, {SQLITE_LIMIT_COMPOUND_SELECT, 2}, {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1}, {SQLITE_LIMIT_VARIABLE_NUMBER, 32}, {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        int rc = sqlite3_db_config(s->db, switches[i].op, switches[i].on, NULL);
        if (rc != SQLITE_OK)
            return cp_sql_err(s, rc);
    }
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        (void)sqlite3_limit(s->db, limits[i].id, limits[i].max);
    (void)sqlite3_extended_result_codes(s->db, 1);
    (void)sqlite3_busy_timeout(s->db, 0); /* one connection: busy can only be a second daemon */
    return CP_OK;
}

static enum cp_err create(struct cp_store *s)
{
    uint8_t incarnation[CP_INCARNATION_LEN];
    char text[256], hex[2 * CP_INCARNATION_LEN + 1];
    s->random(s->random_ctx, incarnation, sizeof incarnation);
    cp_hex_encode(incarnation, sizeof incarnation, hex);
    (void)snprintf(text, sizeof text,
                   "PRAGMA application_id = %d; PRAGMA user_version = %d;"
                   "INSERT INTO home (one, incarnation, own_count, scrub_row) VALUES (1, x'%s', 0, 0);",
                   CP_STORE_APPLICATION, CP_STORE_VERSION, hex);
    enum cp_err err = cp_sql_exec(s, "BEGIN EXCLUSIVE");
    if (err == CP_OK)
        err = cp_sql_exec(s, cp_schema_log);
    if (err == CP_OK)
        err = cp_sql_exec(s, cp_schema_pieces);
    if (err == CP_OK)
        err = cp_sql_exec(s, cp_schema_derived);
    if (err == CP_OK)
        err = cp_sql_exec(s, text);
    return err == CP_OK ? cp_sql_exec(s, "COMMIT") : err;
}

/* A home that an earlier version made: all or nothing. */
static enum cp_err upgrade(struct cp_store *s, uint64_t from)
{
    enum cp_err err = cp_sql_exec(s, "BEGIN EXCLUSIVE");
    if (err == CP_OK && from == 2)
        err = cp_sql_exec(s, cp_schema_from_2);
    if (err == CP_OK && from == 2)
        err = cp_sql_exec(s, cp_schema_log);
    if (err == CP_OK && from == 2)
        err = cp_sql_exec(s, cp_schema_fill_from_2);
    if (err == CP_OK)
        err = cp_sql_exec(s, cp_schema_pieces);
    if (err == CP_OK)
        err = cp_sql_exec(s, "PRAGMA user_version = " CP_SQL_NUMBER(CP_STORE_VERSION) "; COMMIT");
    else
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

/* Is it a home of ours, of a version that we know? *empty: a new file. Nothing was written so far. */
static enum cp_err look(struct cp_store *s, bool *empty, uint64_t *of_version)
{
    uint64_t application = 0, version = 0, tables = 0;
    enum cp_err err = pragma_number(s, "PRAGMA application_id", &application);
    if (err == CP_OK)
        err = pragma_number(s, "PRAGMA user_version", &version);
    if (err == CP_OK)
        err = pragma_number(s, "SELECT count(*) FROM sqlite_schema", &tables);
    *empty = application == 0 && version == 0 && tables == 0;
    *of_version = *empty ? CP_STORE_VERSION : version;
    if (err != CP_OK || *empty)
        return err;
    if (application != CP_STORE_APPLICATION || version == 0 || version == 1)
        return CP_ERR_DAMAGED_STORE;
    return version > CP_STORE_VERSION ? CP_ERR_NEWER_HOME : CP_OK;
}

/* EXCLUSIVE before WAL: no shared memory file, and a second opener is turned away for reading and writing. */
static enum cp_err settle(struct cp_store *s)
{
    bool empty = false;
    uint64_t version = CP_STORE_VERSION;
    enum cp_err err = cp_sql_exec(s, "PRAGMA locking_mode = EXCLUSIVE");
    if (err == CP_OK)
        err = look(s, &empty, &version);
    if (err == CP_OK)
        err = cp_sql_exec(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;"
                             "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -2048;"
                             "PRAGMA journal_size_limit = 16777216; PRAGMA cell_size_check = ON;"
                             "BEGIN EXCLUSIVE; COMMIT");
    if (err == CP_OK)
        err = empty ? create(s) : cp_sql_exec(s, cp_schema_later);
    if (err == CP_OK && version < CP_STORE_VERSION)
        err = upgrade(s, version);
    s->created = err == CP_OK && empty;
    if (err == CP_OK)
        err = cp_sql_err(s, sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL));
    return err;
}

static enum cp_err read_home(struct cp_store *s)
{
    sqlite3_stmt *st = NULL;
    bool found;
    enum cp_err err = cp_sql_one(s, CP_SQL_HOME_GET, &st, &found, "");
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    if (!cp_col_fixed(st, 0, s->home.incarnation, CP_INCARNATION_LEN))
        err = CP_ERR_DAMAGED_STORE;
    s->home.own_count = cp_col_u64(st, 1);
    cp_sql_done(st);
    s->home_kept = s->home;
    return err;
}

/* A restored, copied or salvaged home goes on under a new incarnation: it may not know all that it once signed. */
static enum cp_err check_marker(struct cp_store *s)
{
    enum cp_marker_says says = cp_marker_compare(s);
    if (says == CP_MARKER_FITS)
        return CP_OK;
    if (says == CP_MARKER_NONE && s->created) {
        cp_marker_write(s);
        return CP_OK;
    }
    enum cp_err err = cp_store_begin(s);
    if (err == CP_OK)
        err = cp_store_leave(s, true, cp_store_new_incarnation(s));
    s->fresh = err == CP_OK;
    return err;
}

static char *copy_text(struct cp_store *s, const char *text, const char *tail)
{
    size_t len = strlen(text), tail_len = strlen(tail);
    char *out = cp_alloc(&s->mem, len + tail_len + 1);
    if (out != NULL) {
        memcpy(out, text, len);
        memcpy(out + len, tail, tail_len + 1);
    }
    return out;
}

static enum cp_err store_new(struct cp_store **out, const char *path, const struct cp_store_options *opt)
{
    static const struct cp_store_options none = {0};
    char machine[64];
    opt = opt == NULL ? &none : opt;
    const struct cp_mem *mem = opt->mem == NULL ? cp_memory() : opt->mem;
    struct cp_store *s = cp_alloc(mem, sizeof *s);
    *out = s;
    if (s == NULL)
        return CP_ERR_NO_MEMORY;
    s->mem = *mem;
    s->marker_fd = -1;
    s->random = opt->random == NULL ? sodium_random : opt->random;
    s->random_ctx = opt->random_ctx;
    for (size_t i = 0; i < 2; i++)
        cp_buf_init(&s->body[i], &s->mem, CP_ENTRY_MAX + 16);
    cp_buf_init(&s->parents, &s->mem, CP_PARENTS_MAX * (size_t)10);
    cp_buf_init(&s->sealed, &s->mem, CP_API_MESSAGE_MAX);
    cp_buf_init(&s->out_header, &s->mem, CP_HEADER_MAX);
    cp_buf_init(&s->out_body, &s->mem, CP_ENTRY_MAX + 16);
    cp_pieces_init(s);
    cp_records_init(s);
    cp_replica_init(s);
    s->path = copy_text(s, path, "");
    s->marker_path = opt->no_marker ? NULL : copy_text(s, path, ".marker");
    cp_marker_machine_id(machine, sizeof machine);
    s->machine_id = copy_text(s, opt->machine_id == NULL ? machine : opt->machine_id, "");
    bool ok = s->path != NULL && s->machine_id != NULL && (opt->no_marker || s->marker_path != NULL);
    return ok ? CP_OK : CP_ERR_NO_MEMORY;
}

void cp_store_one_thread(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum cp_err cp_store_open(struct cp_store **out, const char *path, const struct cp_store_options *opt)
{
    static const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    struct cp_store *s = NULL;
    *out = NULL;
    if (sodium_init() < 0)
        return CP_ERR_IO;
    enum cp_err err = store_new(&s, path, opt);
    if (err != CP_OK)
        goto out;
    err = cp_sql_err(s, sqlite3_open_v2(path, &s->db, flags, opt == NULL ? NULL : opt->vfs));
    if (err == CP_OK)
        err = harden(s);
    if (err == CP_OK)
        err = settle(s);
    if (err == CP_OK)
        err = read_home(s);
    if (err == CP_OK && s->marker_path != NULL)
        err = check_marker(s);
    if (err == CP_OK) {
        s->wipe_due = true; /* a stop between a commit and its wiping leaves no other trace */
        cp_withdraw_wipe(s);
    }
out:
    if (err != CP_OK) {
        cp_store_close(s);
        s = NULL;
    }
    *out = s;
    return err;
}

uint64_t cp_store_changes(const struct cp_store *s)
{
    return (uint64_t)sqlite3_total_changes64(s->db);
}

void cp_store_close(struct cp_store *s)
{
    if (s == NULL)
        return;
    if (s->db != NULL)
        cp_store_rollback(s);
    cp_store_lock(s);
    for (size_t i = 0; i < CP_SQL_COUNT; i++)
        (void)sqlite3_finalize(s->statements[i]);
    (void)sqlite3_close_v2(s->db);
    cp_marker_close(s);
    cp_free(&s->mem, s->marker_path);
    cp_free(&s->mem, s->path);
    cp_free(&s->mem, s->machine_id);
    struct cp_mem mem = s->mem;
    sodium_memzero(s, sizeof *s);
    cp_free(&mem, s);
}

/* ---- Locking ---- */

/* The first key seals a constant; every later one must open it. */
static enum cp_err check_key(struct cp_store *s)
{
    static const char text[] = "coplan store";
    struct cp_buf opened;
    sqlite3_stmt *st = NULL;
    bool found, own = false;
    cp_buf_init(&opened, &s->mem, sizeof text);
    enum cp_err err = cp_sql_one(s, CP_SQL_HOME_GET, &st, &found, "");
    if (err != CP_OK || !found)
        return err != CP_OK ? err : CP_ERR_DAMAGED_STORE;
    struct cp_bytes kept = cp_col_blob(st, 3);
    if (kept.len != 0) {
        err = cp_store_open_sealed(s, cp_zero_id, CP_COLUMN_CHECK, kept, &opened);
        bool same = err == CP_OK && cp_bytes_eq(cp_buf_bytes(&opened), cp_bytes_str(text));
        cp_sql_done(st);
        cp_buf_clear(&opened);
        return same ? CP_OK : err == CP_ERR_NO_MEMORY ? err : CP_ERR_DAMAGED_KEY;
    }
    cp_sql_done(st);
    cp_buf_reset(&s->sealed);
    err = cp_store_seal(s, cp_zero_id, CP_COLUMN_CHECK, cp_bytes_str(text), &s->sealed);
    if (err == CP_OK)
        err = cp_store_enter(s, &own);
    if (err == CP_OK)
        err = cp_store_leave(s, own, cp_sql_run(s, CP_SQL_HOME_CHECK, "b", s->sealed.ptr, s->sealed.len));
    return err;
}

enum cp_err cp_store_unlock(struct cp_store *s, const uint8_t key[static 32])
{
    cp_store_lock(s);
    enum cp_err err = cp_seal_unlock(s, key);
    if (err == CP_OK)
        err = check_key(s);
    if (err != CP_OK)
        cp_store_lock(s);
    return err;
}

static void wipe(struct cp_buf *buf)
{
    if (buf->ptr != NULL)
        sodium_memzero(buf->ptr, buf->cap);
    cp_buf_clear(buf);
}

void cp_store_lock(struct cp_store *s)
{
    cp_seal_lock(s);
    forget_all(s);
    wipe(&s->body[0]);
    wipe(&s->body[1]);
    wipe(&s->parents);
    wipe(&s->sealed);
    wipe(&s->out_header);
    wipe(&s->out_body);
    sodium_memzero(s->frames, sizeof s->frames);
}

bool cp_store_locked(const struct cp_store *s)
{
    return s->key == NULL;
}
