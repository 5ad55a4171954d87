/* The disk in memory: what survives what, who is turned away, which call fails. SQLite itself is the writer. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/vfs.h"

static struct sim_disk *disk;

static void set_up(void)
{
    disk = sim_disk_new();
}

static void tear_down(void)
{
    sim_disk_free(disk);
}

TestSuite(vfs, .init = set_up, .fini = tear_down);

static sqlite3 *open_db(struct sim_disk *d, const char *settings)
{
    char path[SIM_PATH_MAX];
    sqlite3 *db = NULL;
    cr_assert_eq(sqlite3_open_v2(sim_disk_path(d, "db", path), &db,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, sim_vfs_name()),
                 SQLITE_OK);
    (void)sqlite3_exec(db, settings, NULL, NULL, NULL);
    return db;
}

static int run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    int64_t out = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        out = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    return out;
}

#define LOG "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"

Test(vfs, a_log_without_shared_memory_and_a_second_opener)
{
    sqlite3 *db = open_db(disk, LOG), *other = open_db(disk, "");
    cr_assert_eq(run(db, "CREATE TABLE t (a); INSERT INTO t VALUES (1)"), SQLITE_OK);
    size_t len;
    cr_assert_not_null(sim_disk_file(disk, "db-wal", &len), "it is in the log");
    cr_assert_eq(run(other, "SELECT * FROM t") & 0xff, SQLITE_BUSY);
    (void)sqlite3_close(db);
    cr_assert_eq(run(other, LOG), SQLITE_OK);
    cr_assert_eq(number(other, "SELECT a FROM t"), 1);
    (void)sqlite3_close(other);
}

Test(vfs, readers_share_and_a_writer_is_alone)
{
    sqlite3 *a = open_db(disk, "CREATE TABLE t (a)"), *b = open_db(disk, "");
    cr_assert_eq(run(a, "BEGIN; SELECT * FROM t"), SQLITE_OK);
    cr_assert_eq(run(b, "BEGIN; SELECT * FROM t"), SQLITE_OK);
    cr_assert_eq(run(a, "INSERT INTO t VALUES (1)"), SQLITE_OK, "reserved, beside a reader");
    cr_assert_eq(run(b, "INSERT INTO t VALUES (2)"), SQLITE_BUSY, "but once");
    cr_assert_eq(run(a, "COMMIT"), SQLITE_BUSY, "not while somebody reads");
    cr_assert_eq(run(b, "COMMIT"), SQLITE_OK);
    cr_assert_eq(run(a, "COMMIT"), SQLITE_OK);
    cr_assert_eq(number(b, "SELECT count(*) FROM t"), 1);
    (void)sqlite3_close(a);
    (void)sqlite3_close(b);
}

/* Commits with or without syncs, then the power fails; how many of 40 rows are there, by the seed. */
static int64_t rows_after_a_cut(const char *settings, uint64_t seed, bool *whole)
{
    struct sim_disk *d = sim_disk_new();
    sqlite3 *db = open_db(d, settings);
    cr_assert_eq(run(db, "CREATE TABLE t (a)"), SQLITE_OK);
    for (int i = 0; i < 40; i++)
        cr_assert_eq(run(db, "INSERT INTO t VALUES (randomblob(400))"), SQLITE_OK);
    sim_disk_power_cut(d, &seed);
    cr_assert_neq(run(db, "INSERT INTO t VALUES (1)"), SQLITE_OK, "the process is gone");
    (void)sqlite3_close(db);
    db = open_db(d, LOG);
    int64_t rows = number(db, "SELECT count(*) FROM t");
    *whole = number(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1;
    (void)sqlite3_close(db);
    sim_disk_free(d);
    return rows;
}

Test(vfs, synced_rows_stay_and_others_may_not)
{
    bool whole, lost = false, torn = false;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        cr_assert_eq(rows_after_a_cut(LOG, seed, &whole), 40);
        cr_assert(whole);
        int64_t rows = rows_after_a_cut(LOG "PRAGMA synchronous = NORMAL", seed, &whole);
        cr_assert(whole, "the log's checksums see what is torn");
        lost = lost || (rows >= 0 && rows < 40);
        rows = rows_after_a_cut("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", seed, &whole);
        torn = torn || !whole || rows < 0;
    }
    cr_assert(lost, "without a sync at each commit the last rows go");
    cr_assert(torn, "without any, the file itself breaks");
}

Test(vfs, the_same_seed_loses_the_same)
{
    uint8_t kept[2][1 << 16];
    size_t len[2];
    for (int i = 0; i < 2; i++) {
        struct sim_disk *d = sim_disk_new();
        uint64_t seed = 77;
        sqlite3 *db = open_db(d, "PRAGMA synchronous = OFF");
        (void)run(db, "CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(9000)); DELETE FROM t;"
                      "INSERT INTO t VALUES (hex(zeroblob(4000)))");
        sim_disk_power_cut(d, &seed);
        (void)sqlite3_close(db);
        const uint8_t *bytes = sim_disk_file(d, "db", &len[i]);
        cr_assert_leq(len[i], sizeof kept[0]);
        if (len[i] > 0)
            memcpy(kept[i], bytes, len[i]);
        sim_disk_free(d);
    }
    cr_assert_eq(len[0], len[1]);
    cr_assert_arr_eq(kept[0], kept[1], len[0]);
}

Test(vfs, a_killed_process_loses_nothing_that_it_wrote)
{
    sqlite3 *db = open_db(disk, LOG "PRAGMA synchronous = OFF; CREATE TABLE t (a); INSERT INTO t VALUES (5)");
    sim_disk_kill(disk);
    cr_assert_neq(run(db, "INSERT INTO t VALUES (6)"), SQLITE_OK);
    (void)sqlite3_close(db);
    db = open_db(disk, LOG);
    cr_assert_eq(number(db, "SELECT a FROM t"), 5);
    cr_assert_eq(number(db, "SELECT count(*) FROM t"), 1);
    (void)sqlite3_close(db);
}

Test(vfs, each_fault_comes_at_its_call)
{
    sqlite3 *db = open_db(disk, LOG "CREATE TABLE t (a)");
    static const enum sim_call kinds[] = {SIM_WRITE, SIM_SYNC, SIM_ANY};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        sim_disk_faults(disk, &(struct sim_faults){.fail_kind = kinds[i], .fail_at = 1, .half = true});
        cr_assert_eq(run(db, "INSERT INTO t VALUES (1)") & 0xff, SQLITE_IOERR);
        cr_assert(sim_disk_hit(disk));
        cr_assert_eq(run(db, "INSERT INTO t VALUES (1)"), SQLITE_OK, "once");
    }
    sim_disk_faults(disk, &(struct sim_faults){.full = true, .room = 100});
    cr_assert_eq(run(db, "INSERT INTO t VALUES (zeroblob(9000))"), SQLITE_FULL);
    sim_disk_heal(disk);
    sim_disk_faults(disk, &(struct sim_faults){.crash_kind = SIM_SYNC, .crash_at = 1});
    cr_assert_eq(run(db, "INSERT INTO t VALUES (1)") & 0xff, SQLITE_IOERR);
    cr_assert(sim_disk_crashed(disk));
    cr_assert_neq(run(db, "SELECT * FROM t; INSERT INTO t VALUES (1)"), SQLITE_OK);
    cr_assert_eq(sim_disk_calls(disk, SIM_SYNC), 1);
    sim_disk_kill(disk);
    (void)sqlite3_close(db);
    db = open_db(disk, LOG);
    cr_assert_geq(number(db, "SELECT count(*) FROM t"), 3);
    (void)sqlite3_close(db);
}

/* A journal whose deletion was not synced comes back, and so does what it undoes: SQLite's own small print. */
Test(vfs, a_deletion_that_was_not_synced_may_be_undone)
{
    bool back = false, gone = false;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct sim_disk *d = sim_disk_new();
        uint64_t s = seed;
        sqlite3 *db = open_db(d, "PRAGMA synchronous = FULL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
        sim_disk_power_cut(d, &s);
        (void)sqlite3_close(db);
        db = open_db(d, "");
        int64_t rows = number(db, "SELECT count(*) FROM t");
        back = back || rows == 0;
        gone = gone || rows == 1;
        (void)sqlite3_close(db);
        sim_disk_free(d);
    }
    cr_assert(back);
    cr_assert(gone);
}

/* SQLite deletes its log without a sync and soon makes a new one. The power gives back the one or the other, never a mixture:
 * they are two files. */
Test(vfs, a_file_that_took_anothers_place_is_that_file_or_the_other)
{
    bool back = false, gone = false;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct sim_disk *d = sim_disk_new();
        uint64_t s = seed;
        size_t len = 0, now = 0;
        sqlite3 *db = open_db(d, LOG "CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(9000))");
        uint8_t *log = sim_disk_file(d, "db-wal", &len), *old = malloc(len);
        cr_assert(old != NULL && len > 9000);
        memcpy(old, log, len);
        (void)sqlite3_close(db);
        db = open_db(d, LOG "BEGIN EXCLUSIVE; COMMIT");
        log = sim_disk_file(d, "db-wal", &now);
        cr_assert(log != NULL && now == 0);
        sim_disk_power_cut(d, &s);
        (void)sqlite3_close(db);
        log = sim_disk_file(d, "db-wal", &now);
        if (log == NULL || now == 0) {
            gone = true;
        } else {
            back = true;
            cr_assert_eq(now, len);
            cr_assert_eq(memcmp(log, old, len), 0, "seed %d: a mixture", (int)seed);
        }
        free(old);
        sim_disk_free(d);
    }
    cr_assert(back);
    cr_assert(gone);
}

Test(vfs, copies_and_restored_backups)
{
    sqlite3 *db = open_db(disk, LOG "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    struct sim_disk *backup = sim_disk_clone(disk);
    cr_assert_eq(run(db, "INSERT INTO t VALUES (2)"), SQLITE_OK);
    sqlite3 *copy = open_db(backup, LOG);
    cr_assert_eq(number(copy, "SELECT count(*) FROM t"), 1);
    (void)sqlite3_close(copy);
    sim_disk_restore(disk, backup);
    cr_assert_neq(run(db, "INSERT INTO t VALUES (3)"), SQLITE_OK);
    (void)sqlite3_close(db);
    db = open_db(disk, LOG);
    cr_assert_eq(number(db, "SELECT count(*) FROM t"), 1);
    cr_assert_gt(sim_disk_bytes(disk), 0);
    (void)sqlite3_close(db);
    sim_disk_free(backup);
}
