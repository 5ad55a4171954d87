/* The world that every try of a fault sweep begins with: two people, their homes in several states, chunks. */
#include "tests/sim/faults.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/heap.h"

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "fault world: %s\n", what);
        abort();
    }
}

static struct cp_store *home(struct sim_disk *d, unsigned key)
{
    char path[SIM_PATH_MAX];
    struct cp_store_options opt = {.vfs = sim_vfs_name(), .no_marker = true, .machine_id = ""};
    return store_at(sim_disk_path(d, "db", path), key, &opt);
}

static void keep(struct fault_bytes *out, const struct cp_buf *buf)
{
    must(buf->err == CP_OK && buf->len <= sizeof out->at, "prepared bytes");
    memcpy(out->at, buf->ptr, buf->len);
    out->len = buf->len;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* The last `count` entries that came to a store, as a chunk. */
static void pack_last(struct cp_store *s, const uint8_t *plan, size_t count, struct fault_bytes *out)
{
    struct cp_buf payload;
    size_t rows_count = 0;
    uint64_t *rows = group_rows(s, plan, &rows_count);
    must(rows_count >= count, "too few entries");
    qsort(rows, rows_count, sizeof *rows, by_number);
    cp_buf_init(&payload, test_mem(), sizeof out->at);
    group_pack(s, rows + rows_count - count, count, &payload);
    keep(out, &payload);
    cp_buf_clear(&payload);
    free(rows);
}

static void take(struct cp_store *s, const uint8_t *plan, const struct fault_bytes *payload)
{
    must(group_take(s, plan, CP_BYTES(payload->at, payload->len), NULL) == CP_OK, "a chunk");
}

/* Frames of own entries: a first entry, an invitation, an item with words. */
static void make_frames(struct fault_world *w)
{
    static struct cp_draft d;
    static const uint8_t salt[CP_SALT_LEN] = {0xfa};
    struct cp_buf frame, words;
    cp_buf_init(&frame, test_mem(), FAULT_BYTES_MAX);
    cp_buf_init(&words, test_mem(), FAULT_BYTES_MAX);
    cp_invite_write(w->a.curve, w->b.curve, NULL, &frame);
    keep(&w->invite, &frame);
    cp_buf_reset(&frame);
    cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("paint the shed, both sides"));
    must(cp_draft_write(&d, salt, &frame, &words) == CP_OK, "a draft");
    cp_draft_clear(&d);
    keep(&w->item_frame, &frame);
    keep(&w->item_words, &words);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
}

/* The frame of a first entry, as the store holds it. */
static void keep_first(struct cp_store *s, struct fault_world *w)
{
    struct cp_loaded l;
    must(cp_store_entry(s, w->plan, w->plan, &l) == CP_OK && l.info[0].frame.len <= FAULT_BYTES_MAX,
         "first entry");
    memcpy(w->first.at, l.info[0].frame.ptr, l.info[0].frame.len);
    w->first.len = l.info[0].frame.len;
    cp_loaded_clear(&l);
}

/* Overwrites the item's sealed body with zeros, as a bad block might. */
static void damage(struct sim_disk *d, const uint8_t *id)
{
    sqlite3 *db = NULL;
    char path[SIM_PATH_MAX], sql[256], hex[2 * CP_ID_LEN + 1];
    cp_hex_encode(id, CP_ID_LEN, hex);
    (void)snprintf(
        sql, sizeof sql,
        "PRAGMA locking_mode = EXCLUSIVE; UPDATE entry SET body = zeroblob(length(body)) WHERE id = x'%s'",
        hex);
    must(sqlite3_open_v2(sim_disk_path(d, "db", path), &db, SQLITE_OPEN_READWRITE, sim_vfs_name()) ==
                 SQLITE_OK &&
             sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK && sqlite3_changes(db) == 1,
         "damaging");
    must(sqlite3_close(db) == SQLITE_OK, "closing");
}

/* The item's other wording, long enough to be looked for on a disk. */
static const char SAID[] = "mend the gate and the fence, and do not forget the hinges, which are in the blue box by the door";

static void withdraw(struct cp_store *s, struct fault_world *w)
{
    uint8_t said[1][CP_ID_LEN];
    struct cp_buf frame;
    memcpy(said[0], w->said, CP_ID_LEN);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    group_withdraw_frame(w->plan, &w->b, &w->b, (const uint8_t(*)[CP_ID_LEN])said, 1, false, &frame);
    must(cp_store_begin(s) == CP_OK &&
             cp_store_append(s, &w->b.signer, w->plan, w->b.device, CP_CONTROL, cp_buf_bytes(&frame), CP_BYTES(NULL, 0),
                             1700000100000, w->withdraw) == CP_OK &&
             cp_store_commit(s) == CP_OK,
         "a WITHDRAW");
    cp_buf_clear(&frame);
}

static void keep_sealed(struct sim_disk *d, const uint8_t *id, struct fault_bytes *out)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    char path[SIM_PATH_MAX];
    must(sqlite3_open_v2(sim_disk_path(d, "db", path), &db, SQLITE_OPEN_READWRITE, sim_vfs_name()) == SQLITE_OK &&
             sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK &&
             sqlite3_prepare_v2(db, "SELECT body FROM entry WHERE id = ?", -1, &st, NULL) == SQLITE_OK &&
             sqlite3_bind_blob(st, 1, id, CP_ID_LEN, SQLITE_STATIC) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW,
         "a sealed body");
    out->len = (size_t)sqlite3_column_bytes(st, 0);
    must(out->len <= sizeof out->at, "its length");
    memcpy(out->at, sqlite3_column_blob(st, 0), out->len);
    (void)sqlite3_finalize(st);
    must(sqlite3_close(db) == SQLITE_OK, "closing");
}

/* Fills the log until the next commit passes 1,000 pages, where SQLite writes it back into the database. */
static void widen(struct fault_world *w, struct cp_store *s, struct sim_disk *d)
{
    enum {
        PAGE = 4096 + 24,
        BIG = 100000
    };
    static const uint8_t value[BIG];
    size_t len = 0;
    for (unsigned i = 0; i < 400; i++) {
        (void)sim_disk_file(d, "db-wal", &len);
        if (len / PAGE >= 997)
            break;
        (void)snprintf(w->last_note, sizeof w->last_note, "note %u", i);
        must(cp_store_note_set(s, w->last_note, CP_BYTES(value, len / PAGE < 950 ? BIG : 8)) == CP_OK, "a note");
    }
    must(len / PAGE >= 997 && len / PAGE < 1000, "the log's length");
}

static void make_homes(struct fault_world *w, struct cp_store *s, struct sim_disk *disk)
{
    w->hot = sim_disk_clone(disk);
    w->wide = sim_disk_clone(disk);
    struct cp_store *wide = home(w->wide, 1);
    widen(w, wide, w->wide);
    sim_disk_kill(w->wide);
    cp_store_close(wide);
    cp_store_close(s);
    w->cold = disk;
    w->damaged = sim_disk_clone(disk);
    damage(w->damaged, w->item);
    w->empty = sim_disk_new();
    w->unkeyed = sim_disk_new();
    char path[SIM_PATH_MAX];
    struct cp_store_options opt = {.vfs = sim_vfs_name(), .no_marker = true, .machine_id = ""};
    must(cp_store_open(&s, sim_disk_path(w->unkeyed, "db", path), &opt) == CP_OK, "a home without a key");
    cp_store_close(s);
}

void fault_world_make(struct fault_world *w)
{
    struct sim_disk *da = sim_disk_new(), *db = sim_disk_new();
    uint8_t id[CP_ID_LEN];
    struct fault_bytes some;
    memset(w, 0, sizeof *w);
    someone_make(&w->a, 1);
    someone_make(&w->b, 2);
    someone_make(&w->c, 3);
    static const uint8_t token_seed[32] = {FAULT_TOKEN, 0, 9, 0x5a}; /* as in tests/support/group.c */
    uint8_t token_secret[64];
    (void)crypto_sign_seed_keypair(w->token_key, token_secret, token_seed);
    make_frames(w);
    struct cp_store *a = home(da, 1), *b = home(db, 2);
    group_found(a, &w->a, w->plan);
    keep_first(a, w);
    group_add(a, &w->a, w->plan, &w->b, 7);
    group_item(a, &w->a, w->plan, "mend the gate", w->item);
    group_carry(a, b, w->plan);
    group_set(b, &w->b, w->plan, w->item, SAID, NULL, w->said);
    pack_last(b, w->plan, 1, &some);
    take(a, w->plan, &some);

    struct sim_disk *db2 = sim_disk_clone(db); /* b's home is copied: from here on it is written twice */
    struct cp_store *b2 = home(db2, 2);
    group_item(b2, &w->b, w->plan, "by the copy", id);
    pack_last(b2, w->plan, 1, &w->forked);
    cp_store_close(b2);
    sim_disk_free(db2);

    group_item(b, &w->b, w->plan, "sow beans", id);
    pack_last(b, w->plan, 1, &some);
    take(a, w->plan, &some);
    pack_last(a, w->plan, 3, &w->known);
    struct sim_disk *db3 = sim_disk_clone(db); /* a copy takes words back: this rests on nothing that a does not hold */
    struct cp_store *b3 = home(db3, 2);
    withdraw(b3, w);
    pack_last(b3, w->plan, 1, &w->taken_back);
    cp_store_close(b3);
    sim_disk_free(db3);

    group_set(b, &w->b, w->plan, id, "sow beans and peas", id, id);
    pack_last(b, w->plan, 1, &w->fresh);
    group_invite(b, &w->b, w->plan, 9, id);
    pack_last(b, w->plan, 1, &w->apart);
    cp_store_close(b);
    sim_disk_free(db);

    struct sim_disk *da2 = sim_disk_clone(da); /* and a's: what its copy wrote comes to it as an own entry */
    struct cp_store *a2 = home(da2, 1);
    group_item(a2, &w->a, w->plan, "by my other self", id);
    pack_last(a2, w->plan, 1, &w->own);
    cp_store_close(a2);
    keep_sealed(da2, w->said, &w->said_sealed);
    sim_disk_free(da2);

    must(cp_store_log_digest(a, w->plan, &w->entries, w->log) == CP_OK, "the digest");
    cp_store_incarnation(a, w->incarnation, NULL);
    make_homes(w, a, da);
}

void fault_world_free(struct fault_world *w)
{
    sim_disk_free(w->empty);
    sim_disk_free(w->hot);
    sim_disk_free(w->cold);
    sim_disk_free(w->unkeyed);
    sim_disk_free(w->damaged);
    sim_disk_free(w->wide);
}
