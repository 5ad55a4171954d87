/* Words withdrawn by their author: which ones, whatever came first, and that the disk forgets them. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct someone a, b;
static struct cp_store *s, *t;
static uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];

static void before(void)
{
    folder = group_begin(&a, &b, &s, &t, plan, "as it was", item);
}

static void after(void)
{
    group_end(folder, s, t);
}

TestSuite(withdraw, .init = before, .fini = after);

/* writer's device carries the statement. */
static void withdraw(struct cp_store *in, struct someone *writer, const struct someone *said,
                     const struct someone *by, const uint8_t id[CP_ID_LEN], bool spoil)
{
    struct cp_buf frame;
    uint8_t ids[1][CP_ID_LEN];
    memcpy(ids[0], id, CP_ID_LEN);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    group_withdraw_frame(plan, said, by, (const uint8_t(*)[CP_ID_LEN])ids, 1, spoil, &frame);
    group_control(in, writer, plan, cp_buf_bytes(&frame));
    cp_buf_clear(&frame);
}

static bool is_gone(struct cp_store *in, const uint8_t id[CP_ID_LEN])
{
    struct cp_loaded l;
    cr_assert_eq(cp_store_entry(in, plan, id, &l), CP_OK);
    bool gone = l.info[0].withdrawn;
    cr_assert_eq(gone, l.info[0].words.ptr == NULL);
    cr_assert_not_null(l.info[0].frame.ptr);
    cp_loaded_clear(&l);
    return gone;
}

static void derived(struct cp_store *in, uint8_t out[CP_ID_LEN])
{
    cr_assert_eq(cp_store_derived_digest(in, out), CP_OK);
}

/* ---- Which ---- */

Test(withdraw, only_by_the_author_and_whoever_carries_it)
{
    uint8_t id[CP_ID_LEN];
    group_set(s, &a, plan, item, "what she said", item, id);
    withdraw(s, &b, &b, &b, id, false);
    cr_assert(!is_gone(s, id), "not his to take back");
    withdraw(s, &b, &a, &b, id, false);
    cr_assert(!is_gone(s, id), "in her name, by his key");
    withdraw(s, &b, &b, &a, id, false);
    cr_assert(!is_gone(s, id), "by her key, and in the name of somebody else");
    withdraw(s, &a, &a, &a, id, true);
    cr_assert(!is_gone(s, id), "a signature that is none");
    withdraw(s, &b, &a, &a, id, false);
    cr_assert(is_gone(s, id), "hers, in an entry of his");
    cr_assert(!is_gone(s, item));
    cr_assert(group_rebuilds(s));
    cr_assert(is_gone(s, id));
    withdraw(s, &a, &a, &a, id, false);
    cr_assert(is_gone(s, id), "again");
    cr_assert(group_rebuilds(s));
}

/* Every row that arrived so far lies before this one. */
static uint64_t rows_now(void)
{
    size_t count = 0;
    uint64_t *rows = group_rows(s, plan, &count), most = 0;
    for (size_t i = 0; i < count; i++)
        most = rows[i] > most ? rows[i] : most;
    free(rows);
    return most + 1;
}

static uint64_t gone_since(const uint8_t id[CP_ID_LEN])
{
    const struct cp_replica *r = cp_store_replica(s);
    struct cp_place place;
    struct cp_outgoing out;
    size_t count = 0;
    bool found = false;
    cr_assert_eq(r->place_of(r->ctx, plan, id, &place, &found), CP_OK);
    cr_assert(found);
    uint64_t *rows = group_rows(s, plan, &count), since = 0;
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(r->source.entry(r->source.ctx, rows[i], &out), CP_OK);
        if (memcmp(out.id, id, CP_ID_LEN) == 0)
            since = out.gone_row;
    }
    free(rows);
    return since;
}

Test(withdraw, gone_since_the_first_that_counts)
{
    uint8_t id[CP_ID_LEN];
    group_set(s, &a, plan, item, "what she said", item, id);
    cr_assert_eq(gone_since(id), 0);
    withdraw(s, &b, &b, &b, id, false); /* not his to take back */
    cr_assert_eq(gone_since(id), 0);
    uint64_t before_hers = rows_now();
    withdraw(s, &a, &a, &a, id, false);
    uint64_t after_hers = rows_now();
    withdraw(s, &a, &a, &a, id, false);
    cr_assert_geq(gone_since(id), before_hers);
    cr_assert_lt(gone_since(id), after_hers);
}

/* A machine that wants words shows what came before them. What was taken back later would be refused without its WITHDRAW (simulator:
 * seed 900015 of c815ad8 with continuations). */
Test(withdraw, what_is_shown_before_damage_has_its_withdraw)
{
    const struct cp_replica *r = cp_store_replica(s);
    uint8_t other[CP_ID_LEN];
    char sql[200], hex[2 * CP_ID_LEN + 1];
    struct cp_tip *tips = NULL;
    size_t count = 0, damaged = 0;
    group_item(s, &a, plan, "something else", other);
    withdraw(s, &a, &a, &a, item, false);
    cp_hex_encode(other, CP_ID_LEN, hex);
    (void)snprintf(sql, sizeof sql, "UPDATE entry SET body = zeroblob(length(body)) WHERE id = x'%s'", hex);
    cr_assert_eq(r->tips(r->ctx, plan, CP_CONTENT, &tips, &count), CP_OK);
    cr_assert_gt(count, 0U);
    cp_free(r->mem, tips);
    cp_store_close(s);
    store_spoil(in_folder(folder, "s"), sql);
    s = store_at(in_folder(folder, "s"), 1, NULL);
    r = cp_store_replica(s);
    cr_assert_eq(cp_store_scrub(s, 1000, &damaged), CP_OK);
    cr_assert_eq(damaged, 1U);
    cr_assert_eq(r->tips(r->ctx, plan, CP_CONTENT, &tips, &count), CP_OK);
    cr_assert_eq(count, 0U, "the item, whose words somebody took back behind the damage");
    cp_free(r->mem, tips);
}

Test(withdraw, what_is_frozen_stays)
{
    static const uint64_t kinds[] = {CP_KIND_PART, CP_KIND_VERSION, CP_KIND_ANSWER};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct cp_draft *d = malloc(sizeof *d);
        uint8_t id[CP_ID_LEN];
        cr_assert_not_null(d);
        cp_draft_init(d, test_mem(), kinds[i], kinds[i] == CP_KIND_VERSION ? 2 : 0,
                      kinds[i] == CP_KIND_ANSWER ? item : NULL);
        if (kinds[i] == CP_KIND_VERSION)
            (void)cp_draft_name(d, item);
        cp_draft_value(d, cp_bytes_str("words that were signed"), true);
        cr_assert_eq(group_write(s, &a, plan, d, id), CP_OK);
        withdraw(s, &a, &a, &a, id, false);
        cr_assert(!is_gone(s, id), "kind %u", (unsigned)kinds[i]);
        free(d);
    }
}

/* ---- Whichever came first ---- */

/* `to` awaits the plan and gets its control entries, the WITHDRAWs among them, and nothing else. */
static void control_alone(struct cp_store *from, struct cp_store *to)
{
    struct cp_buf payload;
    size_t count = 0, control = 0;
    uint64_t *rows = group_rows(from, plan, &count);
    struct cp_outgoing out;
    while (control < count && cp_store_replica(from)->source.entry(from, rows[control], &out) == CP_OK &&
           out.entry.words.len == 0 && out.gone_row == 0)
        control++; /* control stands first */
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    group_pack(from, rows, control, &payload);
    cr_assert_eq(cp_store_begin(to), CP_OK);
    cr_assert_eq(cp_store_await(to, plan, cp_bytes_str("join"), cp_bytes_str("invitation")), CP_OK);
    cr_assert_eq(cp_store_commit(to), CP_OK);
    cr_assert_eq(group_take(to, plan, cp_buf_bytes(&payload), NULL), CP_OK);
    cp_buf_clear(&payload);
    cp_free(test_mem(), rows);
}

Test(withdraw, before_its_entry_after_it_and_without_it)
{
    struct cp_store *u = store_at(in_folder(folder, "u"), 3, NULL);
    uint8_t id[CP_ID_LEN], later[CP_ID_LEN], x[CP_ID_LEN], y[CP_ID_LEN];
    group_set(s, &a, plan, item, "what she said", item, id);
    group_carry(s, t, plan);              /* t has the words */
    group_set(t, &b, plan, item, "what he said", id, later); /* and goes on from them */
    withdraw(s, &a, &a, &a, id, false);
    group_carry(s, u, plan);              /* u gets an entry without words: control goes first */
    cr_assert(is_gone(u, id));
    struct cp_store *z = store_at(in_folder(folder, "z"), 6, NULL);
    group_carry(u, z, plan);              /* u never had the words, and hands the entry on */
    cr_assert(is_gone(z, id) && group_same(u, z, plan));
    cp_store_close(z);
    group_carry(t, u, plan);              /* t still sends the words of what it holds */
    group_carry(t, s, plan);
    cr_assert(is_gone(u, id) && is_gone(s, id) && !is_gone(t, id));
    group_carry(s, t, plan);
    cr_assert(is_gone(t, id));
    cr_assert(group_same(s, t, plan) && group_same(s, u, plan));
    cr_assert(group_rebuilds(s) && group_rebuilds(t) && group_rebuilds(u));
    struct cp_loaded l;
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(cp_store_load(i == 0 ? s : i == 1 ? t : u, plan, item, true, &l), CP_OK);
        cr_assert_eq(l.count, 3);
        cr_assert(!l.info[0].withdrawn && l.info[1].withdrawn && !l.info[2].withdrawn);
        cr_assert_eq(l.info[1].left, 0, "a link of the line all the same");
        cp_loaded_clear(&l);
    }
    /* words arrive where the WITHDRAW is already, the entry not */
    struct cp_store *v = store_at(in_folder(folder, "v"), 4, NULL), *w = store_at(in_folder(folder, "w"), 5, NULL);
    group_set(s, &a, plan, item, "once more", later, id);
    group_carry(s, w, plan); /* w: the words */
    withdraw(s, &a, &a, &a, id, false);
    control_alone(s, v);
    group_carry(w, v, plan);
    cr_assert(is_gone(v, id), "never written here");
    group_carry(s, w, plan);
    derived(v, x);
    cr_assert(group_rebuilds(v));
    derived(v, y);
    cr_assert_eq(memcmp(x, y, CP_ID_LEN), 0);
    cr_assert(group_same(v, w, plan) && group_same(v, s, plan));
    cp_store_close(u);
    cp_store_close(v);
    cp_store_close(w);
}

/* Words that nobody could read gave the entry no effect; its frame alone has one. All must come to the same. */
Test(withdraw, malformed_words_do_not_tell_who_had_seen_them)
{
    struct cp_store *u = store_at(in_folder(folder, "u"), 3, NULL), *v = store_at(in_folder(folder, "v"), 4, NULL);
    struct cp_draft *d = malloc(sizeof *d);
    struct cp_buf frame, words;
    uint8_t id[CP_ID_LEN], salt[CP_SALT_LEN] = {0};
    cr_assert_not_null(d);
    cp_draft_init(d, test_mem(), CP_KIND_SET, 0, item);
    cp_draft_replace(d, item);
    cp_draft_text(d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("x"));
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_draft_write(d, salt, &frame, &words), CP_OK);
    cr_assert_eq(cp_store_begin(s), CP_OK);
    cr_assert_eq(cp_store_append(s, &a.signer, plan, a.device, CP_CONTENT, cp_buf_bytes(&frame),
                                 cp_bytes_str("no words at all, and of some length"), 5, id),
                 CP_OK);
    cr_assert_eq(cp_store_commit(s), CP_OK);
    struct cp_plan_row *rows;
    size_t count;
    cr_assert_eq(cp_store_plans(s, &rows, &count), CP_OK);
    cr_assert_eq(rows[0].newer, 1);
    cp_free(test_mem(), rows);
    group_carry(s, t, plan);
    withdraw(s, &a, &a, &a, id, false); /* seen, then erased */
    group_carry(s, u, plan);            /* never seen */
    control_alone(s, v);                /* known to be withdrawn before the words come */
    group_carry(t, v, plan);
    group_carry(s, t, plan);
    struct cp_loaded l;
    for (int i = 0; i < 4; i++) {
        struct cp_store *in = i == 0 ? s : i == 1 ? t : i == 2 ? u : v;
        cr_assert_eq(cp_store_plans(in, &rows, &count), CP_OK);
        cr_assert_eq(rows[0].newer, 0);
        cp_free(test_mem(), rows);
        cr_assert_eq(cp_store_load(in, plan, item, true, &l), CP_OK);
        cr_assert_eq(l.writes_count, 2);
        cr_assert_eq(l.info[0].left, 0, "it replaces, as its frame says");
        cp_loaded_clear(&l);
        cr_assert(group_rebuilds(in));
    }
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    cp_draft_clear(d);
    free(d);
    cp_store_close(u);
    cp_store_close(v);
}

/* ---- The disk ---- */

static size_t read_file(const char *path, uint8_t *out, size_t most)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return 0;
    size_t len = fread(out, 1, most, f);
    (void)fclose(f);
    return len;
}

/* Sealed bodies of the entries that are to go, taken from a copy of the file. */
enum { GONE = 60, WINDOW = 12 };
struct sealed {
    uint8_t bytes[8192];
    size_t len;
};

static void keep_sealed(const char *path, const uint8_t *id, struct sealed *out)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, "SELECT body FROM entry WHERE id = ?", -1, &st, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_bind_blob(st, 1, id, CP_ID_LEN, SQLITE_STATIC), SQLITE_OK);
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    out->len = (size_t)sqlite3_column_bytes(st, 0);
    cr_assert_leq(out->len, sizeof out->bytes);
    memcpy(out->bytes, sqlite3_column_blob(st, 0), out->len);
    (void)sqlite3_finalize(st);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

static bool has_bytes(const uint8_t *all, size_t len, const uint8_t *some)
{
    for (const uint8_t *at = all; at != NULL && at + WINDOW <= all + len;) {
        at = memchr(at, some[0], (size_t)(all + len - at) - WINDOW + 1);
        if (at != NULL && memcmp(at, some, WINDOW) == 0)
            return true;
        at = at == NULL ? NULL : at + 1;
    }
    return false;
}

static size_t traces(const char *path, const struct sealed *gone)
{
    static uint8_t all[8 << 20];
    size_t len = read_file(path, all, sizeof all), found = 0;
    cr_assert_lt(len, sizeof all);
    for (size_t i = 0; i < GONE; i++) /* the frame lies before the words and is kept, under another nonce */
        for (size_t at = 0; at + WINDOW <= gone[i].len; at += gone[i].len / 4)
            found += has_bytes(all, len, gone[i].bytes + at) ? 1 : 0;
    return found;
}

Test(withdraw, no_trace_on_the_disk)
{
    static uint8_t ids[GONE][CP_ID_LEN];
    static struct sealed sealed[GONE];
    static char text[6000];
    uint8_t id[CP_ID_LEN], last[CP_ID_LEN];
    const char *path = in_folder(folder, "s");
    memcpy(last, item, CP_ID_LEN);
    for (size_t i = 0; i < 5 * GONE; i++) { /* short ones, long ones, some on pages of their own */
        size_t len = i % 7 == 0 ? 5000 : i % 3 == 0 ? 1 : 40 + i;
        memset(text, 'a' + (int)(i % 26), len);
        text[len] = '\0';
        group_set(s, i % 2 == 0 ? &a : &b, plan, item, text, last, id);
        memcpy(last, id, CP_ID_LEN);
        if (i % 5 == 0)
            memcpy(ids[i / 5], id, CP_ID_LEN);
    }
    group_carry(s, t, plan); /* t: rows without signatures, which then come one by one */
    cp_store_close(s);
    for (size_t i = 0; i < GONE; i++)
        keep_sealed(path, ids[i], &sealed[i]);
    cr_assert_gt(traces(path, sealed), 3 * GONE, "the search finds what is there");
    s = store_at(path, 1, NULL);
    for (size_t i = 0; i < GONE; i++)
        withdraw(s, &a, i % 2 == 0 ? &a : &b, i % 2 == 0 ? &a : &b, ids[i], false);
    cr_assert(is_gone(s, ids[0]) && is_gone(s, ids[1]));
    cr_assert_eq(traces(path, sealed), 0, "in the database, while it is open");
    char wal[512];
    (void)snprintf(wal, sizeof wal, "%s-wal", path);
    cr_assert_eq(traces(wal, sealed), 0, "in its WAL");
    cr_assert(group_rebuilds(s));
    group_carry(s, t, plan);
    cr_assert(is_gone(t, ids[GONE - 1]) && group_same(s, t, plan));
}
