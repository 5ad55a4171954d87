/* SQLite alone. See bench_plain.h. */
#include "tests/support/bench_plain.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/bench_tool.h"

#define TABLES_MAX 64

struct table {
    char *name;
    size_t columns, count, cap;
    sqlite3_value **values; /* count * columns */
    sqlite3_stmt *insert;
};

static void check(sqlite3 *db, int rc, const char *what)
{
    if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE)
        bench_die(what, sqlite3_errmsg(db));
}

static void run(sqlite3 *db, const char *sql)
{
    check(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
}

/* With the settings of the store. */
static sqlite3 *open_as_store(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
        bench_die(path, "cannot be opened");
    run(db, "PRAGMA locking_mode=EXCLUSIVE");
    run(db, "PRAGMA journal_mode=WAL");
    run(db, "PRAGMA synchronous=FULL");
    run(db, "PRAGMA foreign_keys=OFF");
    return db;
}

static void read_table(sqlite3 *db, struct table *t)
{
    char sql[256];
    sqlite3_stmt *st = NULL;
    (void)snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", t->name);
    check(db, sqlite3_prepare_v2(db, sql, -1, &st, NULL), sql);
    t->columns = (size_t)sqlite3_column_count(st);
    while (sqlite3_step(st) == SQLITE_ROW) {
        if (t->count == t->cap) {
            t->cap = t->cap ? 2 * t->cap : 256;
            t->values = realloc(t->values, t->cap * t->columns * sizeof *t->values);
            if (t->values == NULL)
                bench_die("rows", "no memory");
        }
        for (size_t c = 0; c < t->columns; c++)
            t->values[t->count * t->columns + c] = sqlite3_value_dup(sqlite3_column_value(st, (int)c));
        t->count++;
    }
    check(db, sqlite3_finalize(st), "read a table");
}

/* Reads the tables of `from`, makes the same in `to`. */
static size_t copy_schema(sqlite3 *from, sqlite3 *to, struct table *tables)
{
    size_t count = 0;
    sqlite3_stmt *st = NULL;
    check(from,
          sqlite3_prepare_v2(
              from,
              "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE "
              "'sqlite_%' ORDER BY type = 'table' DESC, rowid",
              -1, &st, NULL),
          "read the schema");
    while (sqlite3_step(st) == SQLITE_ROW) {
        run(to, (const char *)sqlite3_column_text(st, 2));
        if (strcmp((const char *)sqlite3_column_text(st, 0), "table") != 0)
            continue;
        if (count == TABLES_MAX)
            bench_die("schema", "too many tables");
        tables[count] = (struct table){0};
        tables[count].name = strdup((const char *)sqlite3_column_text(st, 1));
        read_table(from, &tables[count]);
        count++;
    }
    check(from, sqlite3_finalize(st), "read the schema");
    return count;
}

static void prepare(sqlite3 *db, struct table *t)
{
    char sql[1024];
    int at = snprintf(sql, sizeof sql, "INSERT INTO \"%s\" VALUES (", t->name);
    for (size_t c = 0; c < t->columns; c++)
        at += snprintf(sql + at, sizeof sql - (size_t)at, "%s?", c ? "," : "");
    (void)snprintf(sql + at, sizeof sql - (size_t)at, ")");
    check(db, sqlite3_prepare_v2(db, sql, -1, &t->insert, NULL), sql);
}

static void insert(sqlite3 *db, const struct table *t, size_t from, size_t to)
{
    for (size_t r = from; r < to; r++) {
        for (size_t c = 0; c < t->columns; c++)
            check(db, sqlite3_bind_value(t->insert, (int)c + 1, t->values[r * t->columns + c]), "bind");
        check(db, sqlite3_step(t->insert), t->name);
        check(db, sqlite3_reset(t->insert), t->name);
    }
}

static void clear(struct table *t)
{
    for (size_t i = 0; i < t->count * t->columns; i++)
        sqlite3_value_free(t->values[i]);
    free(t->values);
    free(t->name);
    (void)sqlite3_finalize(t->insert);
}

double plain_copy(const char *from_path, const char *to_path, size_t slices, double *cpu_us)
{
    static struct table tables[TABLES_MAX];
    sqlite3 *from = NULL;
    (void)unlink(to_path);
    if (sqlite3_open_v2(from_path, &from, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        bench_die(from_path, "cannot be opened");
    sqlite3 *to = open_as_store(to_path);
    size_t count = copy_schema(from, to, tables);
    (void)sqlite3_close(from);
    for (size_t i = 0; i < count; i++)
        prepare(to, &tables[i]);
    double begun = bench_wall_us(), cpu = bench_cpu_us();
    for (size_t s = 0; s < slices; s++) {
        run(to, "BEGIN IMMEDIATE");
        for (size_t i = 0; i < count; i++)
            insert(to, &tables[i], tables[i].count * s / slices, tables[i].count * (s + 1) / slices);
        run(to, "COMMIT");
    }
    double took = bench_wall_us() - begun;
    *cpu_us = bench_cpu_us() - cpu;
    for (size_t i = 0; i < count; i++)
        clear(&tables[i]);
    (void)sqlite3_close(to);
    return took;
}

double plain_commit_us(const char *path, size_t len, size_t count)
{
    double *took = malloc(count * sizeof *took);
    uint8_t *bytes = malloc(len + 1);
    sqlite3_stmt *st = NULL;
    if (took == NULL || bytes == NULL)
        bench_die("commit", "no memory");
    memset(bytes, 'x', len);
    (void)unlink(path);
    sqlite3 *db = open_as_store(path);
    run(db, "CREATE TABLE bare (row INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT");
    check(db, sqlite3_prepare_v2(db, "INSERT INTO bare (body) VALUES (?)", -1, &st, NULL), "prepare");
    for (size_t i = 0; i < count; i++) {
        double begun = bench_wall_us();
        run(db, "BEGIN IMMEDIATE");
        check(db, sqlite3_bind_blob(st, 1, bytes, (int)len, SQLITE_STATIC), "bind");
        check(db, sqlite3_step(st), "insert");
        check(db, sqlite3_reset(st), "insert");
        run(db, "COMMIT");
        took[i] = bench_wall_us() - begun;
    }
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    double median = bench_median(took, count);
    free(took);
    free(bytes);
    return median;
}

uint64_t plain_bytes(const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        bench_die(path, "cannot be opened");
    run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    check(db,
          sqlite3_prepare_v2(db,
                             "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
                             "pragma_freelist_count, pragma_page_size",
                             -1, &st, NULL),
          "count pages");
    check(db, sqlite3_step(st), "count pages");
    uint64_t bytes = (uint64_t)sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    return bytes;
}

double plain_open_us(const char *path)
{
    sqlite3_stmt *st = NULL;
    double begun = bench_wall_us();
    sqlite3 *db = open_as_store(path);
    check(db, sqlite3_prepare_v2(db, "SELECT * FROM entry LIMIT 1", -1, &st, NULL), "first row");
    check(db, sqlite3_step(st), "first row");
    double took = bench_wall_us() - begun;
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    return took;
}
