/* One try of a fault sweep: sets the fault, runs the operation, ends the process, opens again, judges. */
#include "tests/sim/faults.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/heap.h"

const char *const fault_way_names[FAULT_WAYS] = {"one-call",   "from-call", "full", "sqlite-heap",
                                                 "store-heap", "power",     "kill"};

/* Notes what is wrong; the first finding stays. Always false. */
__attribute__((format(printf, 2, 3))) static bool wrong(struct fault_try *t, const char *format, ...)
{
    va_list args;
    if (t->why[0] != '\0')
        return false;
    va_start(args, format);
    (void)vsnprintf(t->why, sizeof t->why, format, args);
    va_end(args);
    return false;
}

static bool must(struct fault_try *t, enum cp_err err, const char *what)
{
    return err == CP_OK || wrong(t, "%s: %s (%s)", what, cp_err_word(err), cp_store_trouble(t->store));
}

static bool has_plan(const struct fault_try *t)
{
    return t->op->disk != offsetof(struct fault_world, empty) &&
           t->op->disk != offsetof(struct fault_world, unkeyed);
}

/* ---- The fault ---- */

static void set_fault(struct fault_try *t)
{
    struct sim_faults f = {0};
    switch (t->way) {
    case FAULT_ONE_CALL:
        f = (struct sim_faults){.fail_kind = SIM_ANY, .fail_at = t->n, .half = t->seed % 2 == 1};
        break;
    case FAULT_FROM_CALL:
        f = (struct sim_faults){
            .fail_kind = SIM_ANY, .fail_at = t->n, .fail_on = true, .half = t->seed % 2 == 1};
        break;
    case FAULT_FULL:
        f = (struct sim_faults){.full = true, .room = (t->n - 1) * 100};
        break;
    case FAULT_SQLITE_HEAP:
        fault_heap_set(fault_sqlite_heap(), t->n, t->seed % 2 == 1);
        break;
    case FAULT_STORE_HEAP:
        fault_heap_set(&t->heap, t->n, t->seed % 2 == 1);
        break;
    case FAULT_POWER:
    case FAULT_KILL:
        f = (struct sim_faults){.crash_kind = SIM_ANY, .crash_at = t->n, .half = t->seed % 2 == 1};
        break;
    case FAULT_WAYS:
        abort();
    }
    sim_disk_faults(t->disk, &f);
}

static void end_fault(struct fault_try *t)
{
    t->hit = sim_disk_hit(t->disk) || (t->way == FAULT_SQLITE_HEAP && fault_sqlite_heap()->hit) ||
             (t->way == FAULT_STORE_HEAP && t->heap.hit);
    if (!sim_disk_crashed(t->disk))
        sim_disk_heal(t->disk);
    fault_heap_set(fault_sqlite_heap(), 0, false);
    fault_heap_set(&t->heap, 0, false);
}

/* The one error that tells what happened. */
static enum cp_err honest(enum fault_way way)
{
    switch (way) {
    case FAULT_FULL:
        return CP_ERR_DISK_FULL;
    case FAULT_SQLITE_HEAP:
    case FAULT_STORE_HEAP:
        return CP_ERR_NO_MEMORY;
    case FAULT_ONE_CALL:
    case FAULT_FROM_CALL:
    case FAULT_POWER:
    case FAULT_KILL:
    case FAULT_WAYS:
        break;
    }
    return CP_ERR_IO;
}

static bool judge_error(struct fault_try *t)
{
    if (t->err == CP_OK || (t->hit && t->err == honest(t->way)))
        return true;
    return wrong(t, "the operation said %s (%s)", cp_err_word(t->err), cp_store_trouble(t->store));
}

/* ---- The same process goes on ---- */

/* Nothing of what failed is seen. */
static bool as_before(struct fault_try *t)
{
    uint8_t log[CP_ID_LEN], incarnation[CP_INCARNATION_LEN];
    uint64_t entries;
    const struct cp_members *members = NULL;
    if (t->err == CP_OK || !has_plan(t) || t->store == NULL || cp_store_locked(t->store))
        return true;
    if (!must(t, cp_store_members(t->store, t->world->plan, &members), "members"))
        return false;
    if (members->count != 2)
        return wrong(t, "%zu members", members->count);
    cp_store_incarnation(t->store, incarnation, NULL);
    if (memcmp(incarnation, t->world->incarnation, sizeof incarnation) != 0)
        return wrong(t, "a new incarnation that the disk does not know");
    return must(t, cp_store_log_digest(t->store, t->world->plan, &entries, log), "the log's digest") &&
           (memcmp(log, t->log, CP_ID_LEN) == 0 || wrong(t, "what failed is seen"));
}

static bool goes_on(struct fault_try *t)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    if ((t->seed / 6) % 2 == 0 && !as_before(t)) /* looking changes what is kept in memory: not always */
        return false;
    if (t->err != CP_OK && t->op->again && !must(t, t->op->act(t), "again, without the fault"))
        return false;
    if (t->store == NULL || cp_store_locked(t->store))
        return true;
    if (!must(t, cp_store_plans(t->store, &rows, &count), "plans"))
        return false;
    cp_free(&t->heap.mem, rows);
    if (count == 0)
        return true;
    cp_store_rollback(t->store);
    return must(t, fault_write(t, CP_CONTENT, 1), "an own entry after the fault");
}

static void end_process(struct fault_try *t)
{
    uint64_t end = t->way == FAULT_POWER ? 2 : t->way == FAULT_KILL ? 1 : (t->seed / 2) % 3;
    if (end == 2)
        sim_disk_power_cut(t->disk, &t->seed);
    else if (end == 1)
        sim_disk_kill(t->disk);
    cp_store_close(t->store);
    t->store = NULL;
}

/* ---- What must be true ---- */

static bool holds(struct fault_try *t, const uint8_t *plan, const uint8_t *id, bool *yes)
{
    struct cp_loaded l;
    enum cp_err err = cp_store_entry(t->store, plan, id, &l);
    *yes = err == CP_OK && l.info[0].frame.ptr != NULL;
    cp_loaded_clear(&l);
    return err == CP_ERR_NOT_FOUND || err == CP_ERR_NO_PLAN || must(t, err, "an entry");
}

static bool judge_entries(struct fault_try *t)
{
    const uint8_t *plan = t->world->plan;
    size_t there = 0;
    bool yes;
    for (size_t i = 0; i < t->acked_count; i++) {
        if (!holds(t, plan, t->acked[i], &yes))
            return false;
        if (!yes)
            return wrong(t, "acknowledged entry %zu of %zu is lost", i + 1, t->acked_count);
    }
    for (size_t i = 0; i < t->tried_count; i++) {
        if (!holds(t, plan, t->tried[i], &yes))
            return false;
        there += yes;
    }
    if (there != 0 && there != t->tried_count)
        return wrong(t, "%zu of %zu entries of one transaction", there, t->tried_count);
    if (!t->founded_acked)
        return true;
    return holds(t, t->founded, t->founded, &yes) && (yes || wrong(t, "a founded plan is lost"));
}

/* Words are there exactly when nothing that is held takes them back: the WITHDRAW and the erasing are one commit. */
static bool judge_words(struct fault_try *t, const uint8_t *said, bool taken_back)
{
    struct cp_loaded l;
    enum cp_err err = cp_store_entry(t->store, t->world->plan, said, &l);
    bool there = err == CP_OK && l.info[0].words.ptr != NULL, framed = err == CP_OK && l.info[0].frame.ptr != NULL;
    cp_loaded_clear(&l);
    if (!must(t, err, "an entry") || !framed) /* damaged: judge_state knows of it */
        return err == CP_OK;
    if (there && taken_back)
        return wrong(t, "words are there that were taken back");
    return there || taken_back || wrong(t, "words are gone that nobody took back");
}

static bool judge_taken_back(struct fault_try *t)
{
    const struct fault_world *w = t->world;
    bool theirs = false, ours = false;
    if (!has_plan(t))
        return true;
    return holds(t, w->plan, w->withdraw, &theirs) &&
           (!t->own_taken_back || t->tried_count == 0 || holds(t, w->plan, t->tried[0], &ours)) &&
           judge_words(t, w->said, theirs) && judge_words(t, w->item, ours);
}

/* What was in a long log before the operation began was on the disk. */
static bool judge_note(struct fault_try *t)
{
    struct cp_buf note;
    if (t->op->disk != offsetof(struct fault_world, wide))
        return true;
    cp_buf_init(&note, test_mem(), SIZE_MAX / 2);
    enum cp_err err = cp_store_note_get(t->store, t->world->last_note, &note);
    cp_buf_clear(&note);
    return must(t, err, "the note that was written last");
}

static bool judge_plan(struct fault_try *t)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    bool seen = false, forked = false;
    if (!must(t, cp_store_plans(t->store, &rows, &count), "plans"))
        return false;
    for (size_t i = 0; i < count; i++) {
        forked = forked || rows[i].forks != 0;
        if (memcmp(rows[i].id, t->world->plan, CP_ID_LEN) == 0)
            seen = rows[i].entries >= t->world->entries;
    }
    cp_free(&t->heap.mem, rows);
    if (has_plan(t) && !seen)
        return wrong(t, "entries of the plan are lost");
    return !forked || t->op->forks || wrong(t, "a chain has forked");
}

static bool judge_state(struct fault_try *t)
{
    uint8_t before[CP_ID_LEN], after[CP_ID_LEN];
    size_t damaged = 0, expected = 0;
    bool mended = false;
    if (t->op->disk == offsetof(struct fault_world, damaged)) {
        if (!holds(t, t->world->plan, t->world->item, &mended))
            return false;
        expected = mended ? 0 : 1;
    }
    if (!must(t, cp_store_scrub(t->store, 1000, &damaged), "scrub"))
        return false;
    if (damaged != expected)
        return wrong(t, "%zu entries do not match their ids", damaged);
    if (!must(t, cp_store_derived_digest(t->store, before), "digest") ||
        !must(t, cp_store_rebuild(t->store), "rebuild") ||
        !must(t, cp_store_derived_digest(t->store, after), "digest"))
        return false;
    if (expected == 0 && memcmp(before, after, CP_ID_LEN) != 0)
        return wrong(t, "the derived tables are not what the log says");
    return true;
}

static bool judge_file(struct fault_try *t)
{
    char path[SIM_PATH_MAX], text[200] = "";
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_open_v2(sim_disk_path(t->disk, "db", path), &db, SQLITE_OPEN_READWRITE, sim_vfs_name());
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &st, NULL);
    if (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        (void)snprintf(text, sizeof text, "%.199s", (const char *)sqlite3_column_text(st, 0));
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    return strcmp(text, "ok") == 0 || wrong(t, "integrity_check: %d %s", rc, text);
}

static bool has_bytes(const uint8_t *all, size_t len, const uint8_t *some, size_t window)
{
    for (const uint8_t *at = all; at != NULL && len >= window && at <= all + len - window; at++) {
        at = memchr(at, some[0], (size_t)(all + len - window - at) + 1);
        if (at == NULL || memcmp(at, some, window) == 0)
            return at != NULL;
    }
    return false;
}

/* Once a machine has been opened and closed after its commit said OK, nothing of the erased words is on its disk. */
static bool judge_traces(struct fault_try *t)
{
    enum { WINDOW = 16 };
    static const char *const files[] = {"db", "db-wal", "db-journal"};
    const struct fault_bytes *sealed = &t->world->said_sealed;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        size_t len = 0;
        const uint8_t *all = sim_disk_file(t->disk, files[f], &len);
        for (size_t at = 0; all != NULL && at + WINDOW <= sealed->len; at += WINDOW)
            if (has_bytes(all, len, sealed->at + at, WINDOW))
                return wrong(t, "%s still holds bytes of words that were taken back", files[f]);
    }
    return true;
}

static bool judge_disk(struct fault_try *t)
{
    bool gone = false;
    bool good = must(t, fault_open(t), "opening again") && must(t, fault_unlock(t), "unlocking again") &&
                judge_plan(t) && judge_entries(t) && judge_taken_back(t) && judge_note(t) && judge_state(t);
    if (good && has_plan(t))
        good = must(t, fault_write(t, CP_CONTENT, 1), "an own entry after opening again") &&
               must(t, fault_write(t, CP_CONTROL, 1), "a control entry after opening again") &&
               judge_plan(t) && judge_entries(t);
    good = good && (!has_plan(t) || holds(t, t->world->plan, t->world->withdraw, &gone));
    cp_store_close(t->store);
    t->store = NULL;
    return good && judge_file(t) && (!gone || judge_traces(t));
}

bool fault_run(struct fault_try *t)
{
    struct sim_disk *const *from =
        (struct sim_disk *const *)(const void *)((const char *)t->world + t->op->disk);
    int64_t sqlite_live = fault_sqlite_heap()->live;
    uint64_t entries;
    sim_vfs_seed((uint32_t)(t->seed + 1));
    t->disk = sim_disk_clone(*from);
    t->random = t->seed;
    fault_heap_init(&t->heap);
    bool good = t->op->prepare == NULL || must(t, t->op->prepare(t), "preparing");
    memcpy(t->log, t->world->log, CP_ID_LEN);
    if (good && t->op->own_log)
        good = must(t, cp_store_log_digest(t->store, t->world->plan, &entries, t->log), "the log's digest");
    if (good) {
        set_fault(t);
        t->err = t->op->act(t);
        end_fault(t);
        good = judge_error(t);
    }
    if (good && t->way != FAULT_POWER && t->way != FAULT_KILL)
        good = goes_on(t);
    end_process(t);
    good = good && judge_disk(t);
    if (good && t->heap.live != 0)
        good = wrong(t, "%lld blocks of the store's memory are not freed", (long long)t->heap.live);
    if (good && fault_sqlite_heap()->live != sqlite_live)
        good = wrong(t, "%lld blocks of SQLite's memory are not freed",
                     (long long)(fault_sqlite_heap()->live - sqlite_live));
    sim_disk_free(t->disk);
    t->disk = NULL;
    return good;
}
