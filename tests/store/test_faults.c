/* A full disk, a failing disk, no memory, damaged rows: refused or healed, never half done, never a crash. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

struct scene {
    const char *folder;
    struct someone a;
    uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
};

static struct cp_store *scene_open(struct scene *c)
{
    return store_at(in_folder(c->folder, "db"), 1, &(struct cp_store_options){.vfs = fault_vfs()});
}

static struct cp_store *scene_init(struct scene *c)
{
    fault_set(0, FAULT_IO, false);
    c->folder = folder_make();
    someone_make(&c->a, 1);
    struct cp_store *s = scene_open(c);
    group_found(s, &c->a, c->plan);
    group_item(s, &c->a, c->plan, "an item", c->item);
    return s;
}

static enum cp_err try_write(struct cp_store *s, struct scene *c, uint8_t id[CP_ID_LEN])
{
    static struct cp_draft d;
    struct cp_buf frame, words;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX);
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, c->item);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("new words"));
    cr_assert_eq(cp_draft_write(&d, c->item, &frame, &words), CP_OK);
    cp_draft_clear(&d);
    enum cp_err err = cp_store_begin(s);
    if (err == CP_OK) {
        err = cp_store_append(s, &c->a.signer, c->plan, c->a.device, CP_CONTENT, cp_buf_bytes(&frame),
                              cp_buf_bytes(&words), 1, id);
        if (err == CP_OK)
            err = cp_store_commit(s);
        else
            cp_store_rollback(s);
    }
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    return err;
}

static void fail_every_call(enum fault what, bool for_ever, enum cp_err expected)
{
    struct scene c;
    struct cp_store *s = scene_init(&c);
    bool went_through = false;
    for (size_t at = 1; !went_through; at++) {
        uint8_t id[CP_ID_LEN], before[CP_ID_LEN], after[CP_ID_LEN];
        uint64_t entries, entries_after;
        struct cp_loaded l;
        cr_assert_lt(at, 200);
        cr_assert_eq(cp_store_log_digest(s, c.plan, &entries, before), CP_OK);
        fault_set(at, what, for_ever);
        enum cp_err err = try_write(s, &c, id);
        went_through = fault_calls() < at;
        cr_assert(err == CP_OK || err == expected || err == CP_ERR_IO, "%zu: %s", at, cp_err_word(err));
        if (went_through)
            cr_assert_eq(err, CP_OK);
        cr_assert_eq(cp_store_load(s, c.plan, c.item, true, &l), CP_OK, "reads go on");
        cp_loaded_clear(&l);
        fault_set(0, what, false);
        if (err != CP_OK) {
            cr_assert_eq(cp_store_log_digest(s, c.plan, &entries_after, after), CP_OK);
            cr_assert_eq(entries, entries_after);
            cr_assert_arr_eq(before, after, CP_ID_LEN);
        }
        cr_assert_eq(try_write(s, &c, id), CP_OK, "and writing, when there is room again");
    }
    cr_assert(group_rebuilds(s));
    cp_store_close(s);
    s = scene_open(&c);
    cr_assert(group_rebuilds(s));
    cp_store_close(s);
    folder_remove(c.folder);
}

Test(faults, a_full_disk_rolls_back_and_reads_go_on)
{
    fail_every_call(FAULT_FULL, false, CP_ERR_DISK_FULL);
    fail_every_call(FAULT_FULL, true, CP_ERR_DISK_FULL);
}

Test(faults, a_failing_disk_rolls_back_and_reads_go_on)
{
    fail_every_call(FAULT_IO, false, CP_ERR_IO);
}

/* ---- Memory ---- */

Test(faults, no_memory_is_an_ordinary_answer)
{
    struct scene c;
    struct test_heap heap;
    cp_store_close(scene_init(&c));
    const char *path = in_folder(c.folder, "db");
    bool went_through = false;
    uint8_t key[32];
    memset(key, 1, sizeof key);
    for (size_t at = 0; !went_through; at += 3) {
        struct cp_store *s = NULL;
        struct cp_loaded l = {0};
        const struct cp_members *m;
        uint8_t id[CP_ID_LEN];
        test_heap_init(&heap, at);
        enum cp_err err = cp_store_open(&s, path, &(struct cp_store_options){.mem = &heap.mem, .no_marker = true});
        if (err == CP_OK)
            err = cp_store_unlock(s, key);
        if (err == CP_OK)
            err = cp_store_load(s, c.plan, c.item, true, &l);
        if (err == CP_OK)
            err = cp_store_members(s, c.plan, &m);
        if (err == CP_OK)
            err = try_write(s, &c, id);
        cr_assert(err == CP_OK || err == CP_ERR_NO_MEMORY, "%zu: %s", at, cp_err_word(err));
        went_through = err == CP_OK;
        cp_loaded_clear(&l);
        cp_store_close(s);
    }
    folder_remove(c.folder);
}

/* ---- Damage ---- */

/* Flips one byte of the entry's sealed body, `at` bytes from its beginning. The store is closed. */
static void damage(const char *path, const uint8_t *id, size_t at)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    sqlite3_blob *blob = NULL;
    uint8_t byte;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, "SELECT row FROM entry WHERE id = ?", -1, &st, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_bind_blob(st, 1, id, CP_ID_LEN, SQLITE_STATIC), SQLITE_OK);
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    cr_assert_eq(sqlite3_blob_open(db, "main", "entry", "body", sqlite3_column_int64(st, 0), 1, &blob), SQLITE_OK);
    cr_assert_eq(sqlite3_blob_read(blob, &byte, 1, (int)at), SQLITE_OK);
    byte ^= 1;
    cr_assert_eq(sqlite3_blob_write(blob, &byte, 1, (int)at), SQLITE_OK);
    cr_assert_eq(sqlite3_blob_close(blob), SQLITE_OK);
    (void)sqlite3_finalize(st);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

/* The highest content entry that a session would show. */
static uint64_t shown(struct cp_store *s, const uint8_t *plan)
{
    struct cp_tip *tips = NULL;
    size_t count = 0;
    const struct cp_replica *r = cp_store_replica(s);
    cr_assert_eq(r->tips(r->ctx, plan, CP_CONTENT, &tips, &count), CP_OK);
    cr_assert_eq(count, 1);
    uint64_t seq = tips[0].seq;
    cp_free(r->mem, tips);
    return seq;
}

Test(faults, damaged_words_are_found_wanted_and_come_home)
{
    struct scene c;
    uint8_t id[CP_ID_LEN];
    struct cp_store *s = scene_init(&c), *other = store_at(in_folder(c.folder, "other"), 2, NULL);
    for (int i = 0; i < 20; i++)
        group_set(s, &c.a, c.plan, c.item, "some words of an ordinary length", NULL, id);
    group_carry(s, other, c.plan);
    cp_store_close(s);
    damage(in_folder(c.folder, "db"), id, 40);
    s = scene_open(&c);
    size_t damaged, count;
    struct cp_plan_row *rows;
    cr_assert_eq(cp_store_scrub(s, 5, &damaged), CP_OK);
    cr_assert_eq(damaged, 0, "it goes on where it stopped");
    for (int i = 0; i < 10 && damaged == 0; i++)
        cr_assert_eq(cp_store_scrub(s, 5, &damaged), CP_OK);
    cr_assert_eq(damaged, 1);
    cr_assert_eq(cp_store_plans(s, &rows, &count), CP_OK);
    cr_assert_eq(rows[0].wanted, 1);
    cp_free(test_mem(), rows);
    cr_assert_eq(shown(s, c.plan) + 1, shown(other, c.plan), "a session asks for what is damaged, and sends nothing of it");
    struct cp_loaded l;
    cr_assert_eq(cp_store_load(s, c.plan, c.item, true, &l), CP_OK);
    cr_assert_eq(l.count, l.writes_count + 1);
    cp_loaded_clear(&l);
    cr_assert_eq(cp_store_rebuild(s), CP_OK);
    uint64_t *all = group_rows(other, c.plan, &count);
    struct cp_buf payload;
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    group_pack(other, all, count, &payload);
    struct cp_put_result r;
    enum cp_err err = group_take(s, c.plan, cp_buf_bytes(&payload), &r);
    cr_assert_eq(err, CP_OK, "%s %s", cp_err_word(err), cp_store_trouble(s));
    cr_assert_eq(r.fresh, 0);
    cp_buf_clear(&payload);
    free(all);
    uint64_t wanted;
    cr_assert_eq(cp_store_replica(s)->wanted(s, c.plan, &wanted), CP_OK);
    cr_assert_eq(wanted, 0);
    cr_assert_eq(cp_store_load(s, c.plan, c.item, true, &l), CP_OK);
    cr_assert_eq(l.count, l.writes_count);
    cp_loaded_clear(&l);
    cr_assert_eq(shown(s, c.plan), shown(other, c.plan));
    cr_assert(group_rebuilds(s));
    cr_assert(group_same(s, other, c.plan));
    cp_store_close(s);
    cp_store_close(other);
    folder_remove(c.folder);
}

/* In the middle of a run that came with one signature: what a session shows must end with one, or nobody could take it. */
Test(faults, what_is_shown_before_damage_ends_with_a_signature)
{
    struct scene c;
    uint8_t ids[6][CP_ID_LEN];
    struct cp_store *s = scene_init(&c), *other = store_at(in_folder(c.folder, "other"), 2, NULL);
    group_carry(s, other, c.plan);
    for (int i = 0; i < 6; i++)
        group_set(s, &c.a, c.plan, c.item, "some words of an ordinary length", NULL, ids[i]);
    uint64_t before = shown(other, c.plan);
    struct cp_buf payload;
    size_t damaged = 0, count = 0;
    uint64_t *all = group_rows(s, c.plan, &count);
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    group_pack(s, all + count - 6, 6, &payload);
    cr_assert_eq(group_take(other, c.plan, cp_buf_bytes(&payload), NULL), CP_OK);
    cp_buf_clear(&payload);
    free(all);
    cr_assert_eq(shown(other, c.plan), before + 6);
    char sql[160], hex[2 * CP_ID_LEN + 1];
    cp_hex_encode(ids[4], CP_ID_LEN, hex);
    (void)snprintf(sql, sizeof sql, "UPDATE entry SET body = zeroblob(length(body)) WHERE id = x'%s'", hex);
    cr_assert_eq(sqlite3_exec(other->db, sql, NULL, NULL, NULL), SQLITE_OK);
    const struct cp_replica *r = cp_store_replica(other); /* a meeting comes upon it before the scrub */
    struct cp_tip *tips = NULL;
    struct cp_outgoing out;
    uint64_t wanted = 0;
    cr_assert_eq(r->tips(r->ctx, c.plan, CP_CONTENT, &tips, &count), CP_OK);
    cr_assert_eq(r->source.entry(r->ctx, tips[0].row - 1, &out), CP_ERR_DAMAGED_STORE);
    cp_free(r->mem, tips);
    cr_assert_eq(r->wanted(r->ctx, c.plan, &wanted), CP_OK);
    cr_assert_eq(wanted, 1);
    cr_assert_eq(shown(other, c.plan), before);
    cr_assert_eq(cp_store_scrub(other, 1000, &damaged), CP_OK);
    cr_assert_eq(damaged, 1);
    cr_assert_eq(shown(other, c.plan), before, "the run of six has its signature at the end");
    cp_store_close(s);
    cp_store_close(other);
    folder_remove(c.folder);
}

Test(faults, a_disk_that_says_anything_crashes_nothing)
{
    struct scene c;
    uint8_t id[CP_ID_LEN], key[32];
    uint64_t seed = 77;
    struct cp_store *s = scene_init(&c);
    memset(key, 1, sizeof key);
    for (int i = 0; i < 40; i++)
        group_set(s, &c.a, c.plan, c.item, "some words", NULL, id);
    cp_store_close(s);
    const char *path = in_folder(c.folder, "db");
    static uint8_t all[1 << 20];
    unsigned answers[2] = {0};
    FILE *f = fopen(path, "rb");
    size_t len = fread(all, 1, sizeof all, f), damaged;
    (void)fclose(f);
    for (unsigned round = 0; round < 60; round++) {
        f = fopen(path, "wb");
        cr_assert_eq(fwrite(all, 1, len, f), len);
        for (unsigned i = 0; i < 1 + round; i++) {
            uint8_t byte = (uint8_t)test_below(&seed, 256);
            (void)fseek(f, (long)(4096 + test_below(&seed, len - 4096)), SEEK_SET);
            (void)fwrite(&byte, 1, 1, f);
        }
        (void)fclose(f);
        struct cp_loaded l;
        const struct cp_members *m;
        if (cp_store_open(&s, path, NULL) != CP_OK)
            continue;
        if (cp_store_unlock(s, key) == CP_OK) {
            if (cp_store_load(s, c.plan, c.item, true, &l) == CP_OK)
                cp_loaded_clear(&l);
            /* any answer will do */
            bool well = cp_store_members(s, c.plan, &m) == CP_OK;
            well = cp_store_scrub(s, 100, &damaged) == CP_OK && well;
            well = try_write(s, &c, id) == CP_OK && well;
            well = cp_store_rebuild(s) == CP_OK && well;
            answers[well ? 1 : 0]++;
        }
        cp_store_close(s);
    }
    cr_assert_gt(answers[0] + answers[1], 0, "some were opened at all");
    folder_remove(c.folder);
}
