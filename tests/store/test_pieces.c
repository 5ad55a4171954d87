/*
 * Pieces of attachments in the store: only the right ones are kept, within the room there is, sealed, given to nobody when their
 * entry is withdrawn or void, wanted again when the disk spoils them.
 */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "daemon/store_pieces.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

#define SIZE ((size_t)2 * CP_PIECE_LEN + 77)

static const char *folder;
static struct someone a, b;
static struct cp_store *s, *t;
static uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
static uint8_t bytes[SIZE];

static void before(void)
{
    cp_store_one_thread();
    folder = group_begin(&a, &b, &s, &t, plan, "a garden", item);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t) "PIECEMARK"[i % 9]; /* 9 divides no piece's length: none equals another */
}

static void after(void)
{
    group_end(folder, s, t);
}

TestSuite(pieces, .init = before, .fini = after);

static struct cp_bytes piece(uint64_t number)
{
    return CP_BYTES(bytes + number * CP_PIECE_LEN, cp_piece_len(SIZE, number));
}

static void attach_by(struct someone *by, uint8_t id[CP_ID_LEN])
{
    struct cp_draft *d = malloc(sizeof *d);
    cr_assert_not_null(d);
    cp_draft_init(d, test_mem(), CP_KIND_ATTACHMENT, 0, item);
    cr_assert_eq(cp_attachment_draft(d, CP_MEDIA_PNG, CP_BYTES(bytes, SIZE), CP_BYTES(NULL, 0),
                                     cp_bytes_str("a garden")),
                 CP_OK);
    cr_assert_eq(group_write(s, by, plan, d, id), CP_OK);
    free(d);
}

static void attach(uint8_t id[CP_ID_LEN])
{
    attach_by(&a, id);
}

static void keep_all(struct cp_store *in, const uint8_t *id)
{
    for (uint64_t i = 0; i < 3; i++)
        cr_assert_eq(cp_store_piece_keep(in, plan, id, i, piece(i)), CP_OK);
}

static bool reads(struct cp_store *in, const uint8_t *id, uint64_t number)
{
    struct cp_buf out;
    bool found = false;
    cp_buf_init(&out, test_mem(), CP_PIECE_LEN);
    enum cp_err err = cp_store_piece_read(in, plan, id, number, &out, &found);
    cr_assert(err == CP_OK || err == CP_ERR_NOT_FOUND);
    if (found)
        cr_assert(cp_bytes_eq(cp_buf_bytes(&out), piece(number)));
    else
        cr_assert_eq(out.len, 0);
    cp_buf_clear(&out);
    return found;
}

/* How many pieces a session would ask for, from the beginning. */
static size_t wanted(struct cp_store *in)
{
    const struct cp_pieces *p = cp_store_replica(in)->pieces;
    struct cp_piece_place from = {.number = 0};
    struct cp_piece_want want;
    size_t count = 0;
    bool any = false, found = true;
    cr_assert_eq(p->any(p->ctx, &any), CP_OK);
    for (; found; count += found ? 1 : 0) {
        cr_assert_eq(p->next(p->ctx, plan, &from, &want, &found), CP_OK);
        if (found) {
            uint8_t hash[CP_ID_LEN];
            cp_piece_hash(want.place.number, piece(want.place.number), hash);
            cr_assert(want.len == piece(want.place.number).len && memcmp(hash, want.hash, CP_ID_LEN) == 0);
        }
        from = want.place;
        from.number++;
    }
    cr_assert_eq(any, count > 0);
    return count;
}

static struct cp_pieces_held held(struct cp_store *in, const uint8_t *id)
{
    struct cp_pieces_held h;
    cr_assert_eq(cp_store_pieces_held(in, id, &h), CP_OK);
    return h;
}

Test(pieces, only_the_right_ones_are_kept)
{
    uint8_t id[CP_ID_LEN];
    attach(id);
    cr_expect_eq(cp_store_piece_keep(s, plan, id, 1, piece(0)), CP_ERR_BAD_PIECE, "in another place");
    cr_expect_eq(cp_store_piece_keep(s, plan, id, 3, piece(0)), CP_ERR_BAD_PIECE);
    cr_expect_eq(cp_store_piece_keep(s, plan, id, UINT64_MAX, piece(0)), CP_ERR_BAD_PIECE);
    cr_expect_eq(cp_store_piece_keep(s, plan, id, 0, CP_BYTES(bytes, 9)), CP_ERR_BAD_PIECE);
    cr_expect_eq(cp_store_piece_keep(s, plan, item, 0, piece(0)), CP_ERR_NOT_FOUND, "no attachment");
    cr_expect_eq(cp_store_piece_keep(s, plan, plan, 0, piece(0)), CP_ERR_NOT_FOUND);
    cr_expect_eq(cp_store_piece_keep(s, item, id, 0, piece(0)), CP_ERR_NO_PLAN);
    cr_expect_eq(held(s, id).pieces, 0);
    keep_all(s, id);
    keep_all(s, id);
    cr_expect(held(s, id).pieces == 3 && held(s, id).bytes == SIZE && held(s, id).whole, "twice is once");
    for (uint64_t i = 0; i < 3; i++)
        cr_expect(reads(s, id, i));
    cr_expect(!reads(s, id, 3) && !reads(s, item, 0));
    cr_assert(group_rebuilds(s));
    cr_expect(reads(s, id, 2), "a rebuild of what is derived leaves them alone");
}

Test(pieces, wished_for_and_given)
{
    uint8_t id[CP_ID_LEN];
    struct cp_pictures_setting setting = {.all = true, .room_mib = 200};
    attach(id);
    keep_all(s, id);
    group_carry(s, t, plan);
    cr_expect_eq(wanted(t), 0, "nobody asked");
    cr_assert_eq(cp_store_pictures_set(t, plan, &setting), CP_OK);
    cr_expect_eq(wanted(t), 3, "all");
    setting.all = false;
    cr_assert_eq(cp_store_pictures_set(t, plan, &setting), CP_OK);
    cr_expect_eq(cp_store_piece_wish(t, plan, item), CP_ERR_NOT_FOUND);
    cr_assert_eq(cp_store_piece_wish(t, plan, id), CP_OK);
    cr_expect_eq(wanted(t), 3);
    cr_assert_eq(cp_store_piece_keep(t, plan, id, 1, piece(1)), CP_OK);
    cr_expect(wanted(t) == 2 && !held(t, id).whole && held(t, id).pieces == 1);
    setting.room_mib = 0;
    cr_assert_eq(cp_store_pictures_set(t, plan, &setting), CP_OK);
    cr_expect_eq(wanted(t), 0, "what does not fit whole is not begun");
    cr_expect_eq(cp_store_piece_keep(t, plan, id, 0, piece(0)), CP_ERR_PICTURES_FULL);
    cr_expect(reads(t, id, 1), "what is here stays");
    cp_store_lock(t);
    const struct cp_pieces *p = cp_store_replica(t)->pieces;
    struct cp_piece_place from = {.number = 0};
    struct cp_piece_want want;
    bool found = false;
    cr_expect_eq(p->next(p->ctx, plan, &from, &want, &found), CP_ERR_LOCKED);
}

/* Seven fit into a MiB, of the eighth two pieces less than it has. */
Test(pieces, what_is_here_takes_room)
{
    const struct cp_pictures_setting setting = {.room_mib = 1};
    uint8_t id[8][CP_ID_LEN];
    struct cp_pictures_room room;
    cr_assert_eq(cp_store_pictures_set(s, plan, &setting), CP_OK);
    for (int i = 0; i < 8; i++) {
        attach(id[i]);
        cr_assert_eq(cp_store_piece_wish(s, plan, id[i]), CP_OK);
        cr_expect_eq(wanted(s), i < 7 ? 3 : 0, "%d", i);
        if (i < 7)
            keep_all(s, id[i]);
    }
    cr_assert_eq(cp_store_pictures_room(s, plan, &room), CP_OK);
    cr_expect(room.used == 7 * SIZE && room.left == 1024 * 1024 - 7 * SIZE && room.setting.room_mib == 1);
    cr_expect_eq(cp_store_piece_keep(s, plan, id[7], 0, piece(0)), CP_OK);
    cr_expect_eq(cp_store_piece_keep(s, plan, id[7], 1, piece(1)), CP_ERR_PICTURES_FULL);
}

static bool in_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return false;
    size_t len = strlen(text), at = 0;
    int c;
    while (at < len && (c = fgetc(f)) != EOF)
        at = c == text[at] ? at + 1 : c == text[0] ? 1 : 0;
    (void)fclose(f);
    return at == len;
}

static uint64_t rows_of(const char *path, const char *table)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    char sql[64];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    uint64_t count = (uint64_t)sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    return count;
}

Test(pieces, taken_back_is_gone)
{
    uint8_t id[CP_ID_LEN], other[CP_ID_LEN], ids[1][CP_ID_LEN];
    struct cp_buf frame;
    attach(id);
    attach(other);
    group_carry(s, t, plan);
    for (int i = 0; i < 2; i++) {
        keep_all(i == 0 ? s : t, id);
        keep_all(i == 0 ? s : t, other);
    }
    memcpy(ids[0], id, CP_ID_LEN);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    group_withdraw_frame(plan, &a, &a, (const uint8_t(*)[CP_ID_LEN])ids, 1, false, &frame);
    group_control(s, &a, plan, cp_buf_bytes(&frame));
    cp_buf_clear(&frame);
    group_carry(s, t, plan);
    for (int i = 0; i < 2; i++) {
        struct cp_store *in = i == 0 ? s : t;
        cr_expect(held(in, id).pieces == 0 && !reads(in, id, 0), "here and where it came to be known");
        cr_expect_eq(cp_store_piece_keep(in, plan, id, 0, piece(0)), CP_ERR_NOT_FOUND, "and not taken again");
        cr_expect_eq(cp_store_piece_wish(in, plan, id), CP_ERR_NOT_FOUND);
        cr_expect(reads(in, other, 0), "the other one stays");
        cr_expect_eq(wanted(in), 0);
    }
    cp_store_close(s);
    cp_store_close(t);
    cr_expect_eq(rows_of(in_folder(folder, "s"), "attachment"), 1);
    cr_expect_eq(rows_of(in_folder(folder, "t"), "piece"), 3);
    cr_expect(!in_file(in_folder(folder, "s"), "PIECEMARK") &&
                  !in_file(in_folder(folder, "s-wal"), "PIECEMARK"),
              "sealed");
    s = store_at(in_folder(folder, "s"), 1, NULL);
    t = store_at(in_folder(folder, "t"), 2, NULL);
}

Test(pieces, of_a_lost_device_none_is_fetched_or_given)
{
    uint8_t lost[CP_ID_LEN], own[CP_ID_LEN];
    attach_by(&b, lost);
    attach(own);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(cp_store_piece_wish(s, plan, i == 0 ? lost : own), CP_OK);
    cr_assert_eq(cp_store_piece_keep(s, plan, lost, 0, piece(0)), CP_OK);
    cr_expect_eq(wanted(s), 5);
    group_report(s, &a, plan, &b, false);
    cr_expect_eq(wanted(s), 3, "of the other alone");
    cr_expect(!reads(s, lost, 0), "not given");
    cr_expect_eq(cp_store_piece_keep(s, plan, lost, 1, piece(1)), CP_ERR_NOT_FOUND);
    cr_expect_eq(cp_store_piece_wish(s, plan, lost), CP_ERR_NOT_FOUND);
    cr_expect_eq(held(s, lost).pieces, 1, "and kept: a report may be made again, narrower");
}

Test(pieces, what_the_disk_spoils_is_wanted_again)
{
    static const char *const ways[] = {
        "UPDATE piece SET body = zeroblob(length(body)) WHERE number = 1",
        "UPDATE piece SET body = x'' WHERE number = 1",
        "UPDATE piece SET body = (SELECT p.body FROM piece p WHERE p.number = 0) WHERE number = 1",
        "DELETE FROM piece WHERE number = 1; UPDATE attachment SET whole = 0",
    };
    uint8_t id[CP_ID_LEN];
    attach(id);
    cr_assert_eq(cp_store_piece_wish(s, plan, id), CP_OK);
    keep_all(s, id);
    for (size_t i = 0; i < 2 * sizeof ways / sizeof ways[0]; i++) {
        size_t damaged = 0;
        cp_store_close(s);
        store_spoil(in_folder(folder, "s"), ways[i / 2]);
        s = store_at(in_folder(folder, "s"), 1, NULL);
        if (i % 2 == 0)
            cr_expect(!reads(s, id, 1), "%s", ways[i / 2]);
        else
            cr_assert_eq(cp_store_pieces_scrub(s, 100, &damaged), CP_OK);
        cr_expect(reads(s, id, 0) && reads(s, id, 2), "%s", ways[i / 2]);
        cr_expect_eq(damaged, i % 2 == 1 && i < 6 ? 1 : 0, "%s", ways[i / 2]);
        cr_expect_eq(wanted(s), 1, "%s", ways[i / 2]);
        keep_all(s, id);
        cr_expect(held(s, id).whole && wanted(s) == 0);
    }
    size_t damaged = 1;
    for (int i = 0; i < 5; i++) { /* two at a time, round and round */
        cr_assert_eq(cp_store_pieces_scrub(s, 2, &damaged), CP_OK);
        cr_expect_eq(damaged, 0);
    }
}

static void copy(const uint8_t *from, const uint8_t *to)
{
    cr_assert_eq(cp_store_begin(s), CP_OK);
    cr_assert_eq(cp_store_pieces_copy(s, plan, from, plan, to), CP_OK);
    cr_assert_eq(cp_store_commit(s), CP_OK);
}

/* What was attached in the old plan after it was carried on is said again in the new one, by an entry of its own. */
Test(pieces, go_along_with_words_that_are_written_again)
{
    uint8_t id[4][CP_ID_LEN];
    struct cp_pictures_setting none = {.room_mib = 0};
    for (int i = 0; i < 4; i++)
        attach(id[i]);
    copy(id[0], id[1]);
    cr_expect(held(s, id[1]).pieces == 0 && !held(s, id[1]).wished, "nothing is here, and nobody asked");
    cr_assert_eq(cp_store_piece_wish(s, plan, id[0]), CP_OK);
    cr_assert_eq(cp_store_piece_keep(s, plan, id[0], 0, piece(0)), CP_OK);
    cr_assert_eq(cp_store_piece_keep(s, plan, id[0], 2, piece(2)), CP_OK);
    copy(id[0], id[1]);
    cr_expect(reads(s, id[1], 0) && !reads(s, id[1], 1) && reads(s, id[1], 2), "what is here");
    cr_expect(held(s, id[1]).wished && wanted(s) == 2, "and what is missing is wished for of both");
    cr_assert_eq(cp_store_piece_keep(s, plan, id[1], 1, piece(1)), CP_OK);
    copy(id[1], id[2]);
    cr_expect(held(s, id[2]).whole && held(s, id[1]).whole);
    cr_assert_eq(cp_store_pictures_set(s, plan, &none), CP_OK);
    copy(id[1], id[3]);
    cr_expect(held(s, id[3]).pieces == 0 && held(s, id[3]).wished, "for which there is no room: wished for");
}

/* Puts bytes in the place of a piece, sealed as the store seals them. */
static void seal_instead(const uint8_t *id, uint64_t number, struct cp_bytes wrong)
{
    struct cp_loaded l;
    struct cp_attachment at;
    struct cp_hasher h;
    struct cp_buf sealed;
    uint8_t name[CP_ID_LEN];
    sqlite3_stmt *st = NULL;
    cr_assert_eq(cp_store_entry(s, plan, id, &l), CP_OK);
    cr_assert_eq(cp_attachment_read(l.info[0].words, &at), CP_OK);
    cp_hash_init(&h, CP_TAG_STORE_PIECE, CP_ID_LEN);
    cp_hash_add(&h, at.salt, CP_SALT_LEN);
    cp_hash_add(&h, id, CP_ID_LEN);
    cp_hash_add_u64(&h, number);
    cp_hash_end(&h, name, CP_ID_LEN);
    cp_loaded_clear(&l);
    cp_buf_init(&sealed, test_mem(), 2 * CP_PIECE_LEN);
    cr_assert_eq(cp_store_seal(s, name, CP_COLUMN_PIECE, wrong, &sealed), CP_OK);
    cr_assert_eq(sqlite3_prepare_v2(s->db, "UPDATE piece SET body = ?1 WHERE number = ?2", -1, &st, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_bind_blob(st, 1, sealed.ptr, (int)sealed.len, SQLITE_STATIC), SQLITE_OK);
    cr_assert_eq(sqlite3_bind_int64(st, 2, (sqlite3_int64)number), SQLITE_OK);
    cr_assert_eq(sqlite3_step(st), SQLITE_DONE);
    cr_assert_eq(sqlite3_changes(s->db), 1);
    (void)sqlite3_finalize(st);
    cp_buf_clear(&sealed);
}

/* A bit that fell over in memory after the piece was judged and before it was sealed: the seal holds, and what is inside is
 * still not what the entry names. */
Test(pieces, a_good_seal_around_a_wrong_piece)
{
    static uint8_t wrong[CP_PIECE_LEN];
    uint8_t id[CP_ID_LEN];
    size_t damaged = 0;
    attach(id);
    cr_assert_eq(cp_store_piece_wish(s, plan, id), CP_OK);
    keep_all(s, id);
    cr_assert_eq(cp_store_pieces_scrub(s, 100, &damaged), CP_OK);
    cr_assert_eq(damaged, 0); /* once round, before there is damage */
    memcpy(wrong, piece(0).ptr, CP_PIECE_LEN);
    seal_instead(id, 0, CP_BYTES(wrong, CP_PIECE_LEN));
    cr_assert(reads(s, id, 0), "sealed as the store does");
    wrong[4711] ^= 1;
    seal_instead(id, 0, CP_BYTES(wrong, CP_PIECE_LEN));
    cr_expect(!reads(s, id, 0) && wanted(s) == 1, "given to nobody, and wanted again");
    keep_all(s, id);
    seal_instead(id, 0, CP_BYTES(wrong, CP_PIECE_LEN));
    cr_assert_eq(cp_store_pieces_scrub(s, 100, &damaged), CP_OK);
    cr_expect(damaged == 1 && wanted(s) == 1, "found before anybody asked");
}

/* A home that knew no attachments gets the tables when it is opened, and keeps all it had. */
Test(pieces, a_home_of_version_3)
{
    uint8_t id[CP_ID_LEN], before_all[CP_ID_LEN], after_all[CP_ID_LEN];
    attach(id);
    cr_assert_eq(cp_store_derived_digest(s, before_all), CP_OK);
    cp_store_close(s);
    store_spoil(in_folder(folder, "s"), "DROP TABLE piece; DROP TABLE attachment; PRAGMA user_version = 3;");
    s = store_at(in_folder(folder, "s"), 1, NULL);
    cr_assert_eq(cp_store_derived_digest(s, after_all), CP_OK);
    cr_expect(memcmp(before_all, after_all, CP_ID_LEN) == 0);
    keep_all(s, id);
    cr_expect(reads(s, id, 0));
}
