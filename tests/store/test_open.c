/* Opening, closing, what is refused, what a lock hides, the marker beside the database. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/group.h"
#include "tests/support/heap.h"

static const uint8_t *key_of(unsigned key)
{
    static uint8_t storage[32];
    memset(storage, (int)key, sizeof storage);
    return storage;
}

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    *len = 0;
    if (f == NULL)
        return NULL;
    uint8_t *all = malloc(1 << 22);
    *len = fread(all, 1, 1 << 22, f);
    (void)fclose(f);
    return all;
}

static void write_file(const char *path, const uint8_t *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(bytes, 1, len, f), len);
    (void)fclose(f);
}

static void copy_file(const char *from, const char *to)
{
    size_t len;
    uint8_t *bytes = read_file(from, &len);
    write_file(to, bytes, len);
    free(bytes);
}

static bool holds(const char *path, const void *what, size_t what_len)
{
    size_t len;
    uint8_t *bytes = read_file(path, &len);
    bool found = false;
    for (size_t i = 0; bytes != NULL && i + what_len <= len && !found; i++)
        found = memcmp(bytes + i, what, what_len) == 0;
    free(bytes);
    return found;
}

Test(open, a_new_store_is_empty_and_opens_again)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db");
    struct cp_plan_row *rows;
    size_t count;
    uint8_t first[CP_INCARNATION_LEN], again[CP_INCARNATION_LEN];
    bool fresh = true;
    struct cp_store *s = store_at(path, 1, NULL);
    cr_assert_eq(cp_store_plans(s, &rows, &count), CP_OK);
    cr_assert_eq(count, 0);
    cp_store_incarnation(s, first, &fresh);
    cr_assert_not(fresh);
    cp_store_close(s);
    s = store_at(path, 1, NULL);
    cp_store_incarnation(s, again, &fresh);
    cr_assert_not(fresh);
    cr_assert_arr_eq(first, again, sizeof first);
    cp_store_lock(s);
    cr_assert(cp_store_locked(s));
    cr_assert_eq(cp_store_unlock(s, key_of(2)), CP_ERR_DAMAGED_KEY);
    cr_assert(cp_store_locked(s));
    cr_assert_eq(cp_store_unlock(s, key_of(1)), CP_OK);
    cp_store_close(s);
    cp_store_close(NULL);
    folder_remove(folder);
}

Test(open, a_second_process_is_turned_away)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db");
    struct cp_store *s = store_at(path, 1, NULL);
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct cp_store *other = NULL;
        enum cp_err err = cp_store_open(&other, path, NULL);
        _exit(err == CP_ERR_BUSY && other == NULL ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cp_store_close(s);
    folder_remove(folder);
}

static void patch(const char *path, size_t at, const uint8_t *bytes, size_t bytes_len)
{
    size_t len;
    uint8_t *all = read_file(path, &len);
    cr_assert(at + bytes_len <= len);
    memcpy(all + at, bytes, bytes_len);
    write_file(path, all, len);
    free(all);
}

Test(open, a_newer_home_is_refused_and_left_as_it_is)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db");
    struct cp_store *s = store_at(path, 1, NULL);
    cp_store_close(s);
    patch(path, 60, (const uint8_t[]){0, 0, 0, 9}, 4); /* user_version in SQLite's file header */
    size_t before_len, after_len;
    uint8_t *before = read_file(path, &before_len);
    cr_assert_eq(cp_store_open(&s, path, NULL), CP_ERR_NEWER_HOME);
    cr_assert_null(s);
    uint8_t *after = read_file(path, &after_len);
    cr_assert_eq(before_len, after_len);
    cr_assert_arr_eq(before, after, before_len);
    free(before);
    free(after);
    folder_remove(folder);
}

Test(open, other_files_and_broken_ones_are_refused)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db");
    struct cp_store *s = store_at(path, 1, NULL);
    size_t len;
    cp_store_close(s);
    uint8_t *good = read_file(path, &len), *bad = malloc(len);
    static const char text[] = "This is a letter, not a database. It is long enough to have a header, though: one "
                               "hundred bytes are read before SQLite can tell.";
    write_file(path, (const uint8_t *)text, sizeof text);
    cr_assert_eq(cp_store_open(&s, path, NULL), CP_ERR_DAMAGED_STORE);
    memcpy(bad, good, len);
    memset(bad + 68, 7, 4); /* somebody else's application */
    write_file(path, bad, len);
    cr_assert_eq(cp_store_open(&s, path, NULL), CP_ERR_DAMAGED_STORE);
    uint64_t seed = 11;
    for (unsigned round = 0; round < 40; round++) { /* never a crash, whatever the disk says */
        memcpy(bad, good, len);
        for (unsigned i = 0; i < 30; i++)
            bad[100 + test_below(&seed, len - 100)] = (uint8_t)test_below(&seed, 256);
        write_file(path, bad, len);
        if (cp_store_open(&s, path, NULL) == CP_OK) {
            struct cp_plan_row *rows = NULL;
            size_t count;
            if (cp_store_unlock(s, key_of(1)) == CP_OK && cp_store_plans(s, &rows, &count) == CP_OK)
                cp_free(test_mem(), rows);
            cp_store_close(s);
        }
        (void)unlink(in_folder(folder, "db-wal"));
    }
    for (size_t cut = 0; cut < len; cut += 997) {
        write_file(path, good, cut);
        if (cp_store_open(&s, path, NULL) == CP_OK)
            cp_store_close(s);
        (void)unlink(in_folder(folder, "db-wal"));
    }
    free(good);
    free(bad);
    folder_remove(folder);
}

Test(open, a_lock_and_the_disk_show_no_words)
{
    static const char words[] = "Grandmother's orchard meeting", note_key[] = "address of the clinic";
    const char *folder = folder_make(), *path = in_folder(folder, "db");
    struct someone a, b;
    uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
    someone_make(&a, 1);
    someone_make(&b, 2);
    struct cp_store *s = store_at(path, 1, NULL);
    group_found(s, &a, plan);
    group_add(s, &a, plan, &b, 5);
    group_item(s, &a, plan, words, item);
    cr_assert_eq(cp_store_note_set(s, note_key, cp_bytes_str(words)), CP_OK);
    cr_assert_eq(cp_store_begin(s), CP_OK);
    cr_assert_eq(cp_store_await(s, a.person, cp_bytes_str(words), cp_bytes_str(words)), CP_OK);
    cr_assert_eq(cp_store_commit(s), CP_OK);
    const struct {
        const void *p;
        size_t len;
    } planted[] = {{words, strlen(words)}, {note_key, strlen(note_key)}, {"Somebody", 8}, {"phone", 5},
                   {a.identity, CP_KEY_LEN}, {b.device, CP_KEY_LEN}, {b.curve, CP_KEY_LEN}, {b.person, CP_ID_LEN}};
    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
            cr_assert_not(holds(path, planted[i].p, planted[i].len), "%zu in the database", i);
            cr_assert_not(holds(in_folder(folder, "db-wal"), planted[i].p, planted[i].len), "%zu in the WAL", i);
        }
        if (round == 0)
            cp_store_close(s); /* checkpoints */
    }
    s = store_at(path, 1, NULL);
    cp_store_lock(s);
    struct cp_loaded l;
    struct cp_buf out;
    const struct cp_members *members;
    cp_buf_init(&out, test_mem(), 1000);
    cr_assert_eq(cp_store_load(s, plan, item, true, &l), CP_ERR_LOCKED);
    cr_assert_eq(cp_store_entry(s, plan, item, &l), CP_ERR_LOCKED);
    cr_assert_eq(cp_store_members(s, plan, &members), CP_ERR_LOCKED);
    cr_assert_eq(cp_store_note_get(s, note_key, &out), CP_ERR_LOCKED);
    cr_assert_eq(cp_store_rebuild(s), CP_ERR_LOCKED);
    cr_assert_eq(cp_store_unlock(s, key_of(1)), CP_OK);
    cr_assert_eq(cp_store_note_get(s, note_key, &out), CP_OK);
    cr_assert(cp_bytes_eq(cp_buf_bytes(&out), cp_bytes_str(words)));
    cr_assert_eq(cp_store_note_get(s, "another", &out), CP_ERR_NOT_FOUND);
    cp_buf_clear(&out);
    cp_store_close(s);
    folder_remove(folder);
}

/* ---- A home that an earlier version made ---- */

/* What was the same in version 2 stays; `chain` and `entry` as that version made them, word for word. */
static const char *const back_to_2 =
    "PRAGMA legacy_alter_table = ON; DROP TABLE piece; DROP TABLE attachment; DROP TABLE line; DROP INDEX entry_chain;"
    "ALTER TABLE chain RENAME TO newer_chain; ALTER TABLE entry RENAME TO newer_entry;"
    "CREATE TABLE chain (  num INTEGER PRIMARY KEY,  plan INTEGER NOT NULL REFERENCES plan,"
    "  device BLOB NOT NULL CHECK (length(device) = 32),  incarnation BLOB NOT NULL CHECK (length(incarnation) = 8),"
    "  class INTEGER NOT NULL CHECK (class IN (0, 1)),  person INTEGER NOT NULL REFERENCES person,"
    "  UNIQUE (plan, device, incarnation, class)) STRICT;"
    "CREATE TABLE entry (  row INTEGER PRIMARY KEY,  id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),"
    "  chain INTEGER NOT NULL REFERENCES chain,  seq INTEGER NOT NULL,  prev INTEGER NOT NULL,  parents BLOB NOT NULL,"
    "  lamport INTEGER NOT NULL,  time_ms INTEGER NOT NULL,  frontier INTEGER NOT NULL REFERENCES frontier,"
    "  kind INTEGER NOT NULL,  author INTEGER,  words INTEGER NOT NULL CHECK (words IN (0, 1, 2)),"
    "  body BLOB NOT NULL) STRICT;"
    "INSERT INTO chain SELECT num, plan, device, incarnation, class, person FROM newer_chain;"
    "INSERT INTO entry SELECT * FROM newer_entry; DROP TABLE newer_entry; DROP TABLE newer_chain;"
    "CREATE INDEX entry_chain ON entry (chain, seq); PRAGMA user_version = 2";

/* A plan with two people, two wordings, words taken back, and a note. */
static void write_plan(struct cp_store *s, struct someone *a, struct someone *b, uint8_t *plan, uint8_t *item)
{
    uint8_t set[2][CP_ID_LEN], gone[1][CP_ID_LEN], id[CP_ID_LEN];
    struct cp_buf frame;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    group_found(s, a, plan);
    group_add(s, a, plan, b, 1);
    group_item(s, a, plan, "a garden", item);
    group_set(s, a, plan, item, "a large garden", item, set[0]);
    group_set(s, b, plan, item, "a small garden", item, set[1]);
    group_item(s, a, plan, "taken back", gone[0]);
    group_withdraw_frame(plan, a, a, (const uint8_t(*)[CP_ID_LEN])gone, 1, false, &frame);
    cr_assert_eq(cp_store_begin(s), CP_OK);
    cr_assert_eq(cp_store_append(s, &a->signer, plan, a->device, CP_CONTROL, cp_buf_bytes(&frame),
                                 CP_BYTES(NULL, 0), 5, id),
                 CP_OK);
    cr_assert_eq(cp_store_commit(s), CP_OK);
    cr_assert_eq(cp_store_note_set(s, "kept", cp_bytes_str("as it was")), CP_OK);
    cp_buf_clear(&frame);
}

Test(open, a_home_of_version_2_keeps_all_it_had)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db");
    struct someone a, b;
    uint8_t plan[CP_ID_LEN], item[CP_ID_LEN], other[CP_ID_LEN], log[2][CP_ID_LEN], state[2][CP_ID_LEN];
    uint64_t entries[2];
    struct cp_buf note;
    bool fresh = true;
    cp_store_one_thread();
    someone_make(&a, 1);
    someone_make(&b, 2);
    struct cp_store *s = store_at(path, 1, NULL), *t = store_at(in_folder(folder, "t"), 2, NULL);
    write_plan(s, &a, &b, plan, item);
    for (int i = 0; i < 2; i++) {
        if (i == 1) {
            cp_store_close(s);
            store_spoil(path, back_to_2);
            s = store_at(path, 1, NULL);
        }
        cr_assert_eq(cp_store_log_digest(s, plan, &entries[i], log[i]), CP_OK);
        cr_assert_eq(cp_store_derived_digest(s, state[i]), CP_OK);
    }
    cr_expect(entries[0] == entries[1] && memcmp(log[0], log[1], CP_ID_LEN) == 0, "the same entries");
    cr_expect(memcmp(state[0], state[1], CP_ID_LEN) == 0, "and the same said of them");
    cr_expect(group_rebuilds(s));
    cp_store_incarnation(s, other, &fresh);
    cr_expect_not(fresh, "the same home");
    cp_buf_init(&note, test_mem(), 64);
    cr_assert_eq(cp_store_note_get(s, "kept", &note), CP_OK);
    cr_expect(cp_bytes_eq(cp_buf_bytes(&note), cp_bytes_str("as it was")));
    cp_buf_clear(&note);
    group_item(s, &a, plan, "and goes on", other);
    group_carry(s, t, plan);
    cr_expect(group_same(s, t, plan), "all of it can be proven to somebody else");
    cp_store_close(s);
    cp_store_close(t);
    s = store_at(path, 1, NULL);
    cr_assert_eq(cp_store_log_digest(s, plan, &entries[1], log[1]), CP_OK);
    cr_expect_eq(entries[1], entries[0] + 1, "once is enough");
    cp_store_close(s);
    folder_remove(folder);
}

/* ---- The marker ---- */

static struct cp_store *with_own_entries(const char *path, struct someone *a, uint8_t *plan)
{
    uint8_t item[CP_ID_LEN];
    struct cp_store *s = store_at(path, 1, NULL);
    someone_make(a, 1);
    group_found(s, a, plan);
    group_item(s, a, plan, "first", item);
    return s;
}

static bool is_fresh(const char *path, const struct cp_store_options *options)
{
    bool fresh;
    uint8_t incarnation[CP_INCARNATION_LEN];
    struct cp_store *s = store_at(path, 1, options);
    cp_store_incarnation(s, incarnation, &fresh);
    cp_store_close(s);
    return fresh;
}

Test(marker, the_same_home_stays_the_same)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db");
    struct someone a;
    uint8_t plan[CP_ID_LEN];
    cp_store_close(with_own_entries(path, &a, plan));
    cr_assert_not(is_fresh(path, NULL));
    cr_assert_not(is_fresh(path, NULL));
    folder_remove(folder);
}

Test(marker, a_copy_a_restore_another_machine_and_a_lost_marker_begin_anew)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db"), *marker = in_folder(folder, "db.marker");
    const char *old = in_folder(folder, "old"), *copy = in_folder(folder, "copy");
    struct someone a;
    uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
    cp_store_close(with_own_entries(path, &a, plan));
    copy_file(path, old);
    copy_file(path, copy);
    copy_file(marker, in_folder(folder, "copy.marker"));
    cr_assert(is_fresh(copy, NULL), "another inode");
    cr_assert_not(is_fresh(copy, NULL), "once only");
    struct cp_store *s = store_at(path, 1, NULL);
    group_item(s, &a, plan, "second", item);
    cp_store_close(s);
    copy_file(old, path); /* an older state in the very same file: the marker knows of more own entries */
    cr_assert(is_fresh(path, NULL), "restored in place");
    cr_assert_not(is_fresh(path, NULL));
    cr_assert(is_fresh(path, &(struct cp_store_options){.machine_id = "another"}), "another machine");
    cr_assert(is_fresh(path, NULL), "and back");
    cr_assert_eq(unlink(marker), 0);
    cr_assert(is_fresh(path, NULL), "marker lost");
    write_file(marker, (const uint8_t *)"coplan", 6);
    cr_assert(is_fresh(path, NULL), "marker cut");
    folder_remove(folder);
}

/* The one it was copied from may have written since, under the incarnation that both were made with. */
Test(marker, a_copy_of_a_database_that_had_written_nothing_begins_anew_too)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db"), *copy = in_folder(folder, "copy");
    cp_store_close(store_at(path, 1, NULL));
    cr_assert_not(is_fresh(path, NULL));
    copy_file(path, copy);
    cr_assert(is_fresh(copy, NULL), "the file alone");
    cr_assert_not(is_fresh(copy, NULL));
    folder_remove(folder);
}

Test(marker, a_new_incarnation_writes_a_new_chain)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db");
    struct someone a;
    uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
    struct cp_loaded l;
    cp_store_close(with_own_entries(path, &a, plan));
    cr_assert_eq(unlink(in_folder(folder, "db.marker")), 0);
    struct cp_store *s = store_at(path, 1, NULL);
    group_item(s, &a, plan, "after", item);
    cr_assert_eq(cp_store_entry(s, plan, item, &l), CP_OK);
    cr_assert_eq(l.info[0].seq, 1);
    cr_assert_gt(l.info[0].lamport, 1);
    cp_loaded_clear(&l);
    cr_assert(group_rebuilds(s));
    cp_store_close(s);
    folder_remove(folder);
}

Test(marker, a_kill_before_the_commit_leaves_what_was)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db");
    struct someone a;
    uint8_t plan[CP_ID_LEN], item[CP_ID_LEN], before[CP_ID_LEN], after[CP_ID_LEN];
    uint64_t entries;
    int status;
    struct cp_store *s = with_own_entries(path, &a, plan);
    cr_assert_eq(cp_store_log_digest(s, plan, &entries, before), CP_OK);
    cp_store_close(s);
    pid_t child = fork();
    if (child == 0) {
        struct cp_buf frame;
        s = store_at(path, 1, NULL);
        cp_buf_init(&frame, test_mem(), 1000);
        cp_invite_write(a.device, a.device, NULL, &frame);
        enum cp_err err = cp_store_begin(s);
        for (int i = 0; i < 50 && err == CP_OK; i++)
            err = cp_store_append(s, &a.signer, plan, a.device, CP_CONTROL, cp_buf_bytes(&frame), CP_BYTES(NULL, 0), 1,
                                  item);
        _exit(err == CP_OK ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cr_assert_not(is_fresh(path, NULL));
    s = store_at(path, 1, NULL);
    cr_assert_eq(cp_store_log_digest(s, plan, &entries, after), CP_OK);
    cr_assert_arr_eq(before, after, CP_ID_LEN);
    group_item(s, &a, plan, "goes on", item);
    cr_assert(group_rebuilds(s));
    cp_store_close(s);
    folder_remove(folder);
}
