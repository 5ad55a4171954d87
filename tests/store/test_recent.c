/* What the store keeps in memory goes with a transaction that is taken back: numbers are given again, to others. */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct someone a, b;
static struct cp_store *s;
static uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];

static void set_up(void)
{
    folder = folder_make();
    someone_make(&a, 1);
    someone_make(&b, 2);
    s = store_at(in_folder(folder, "s"), 1, NULL);
    group_found(s, &a, plan);
    group_add(s, &a, plan, &b, 7);
}

static void tear_down(void)
{
    cp_store_close(s);
    folder_remove(folder);
}

TestSuite(recent, .init = set_up, .fini = tear_down);

/* In the transaction that is open. */
static void write(struct someone *by, const char *text, uint8_t id[CP_ID_LEN])
{
    static struct cp_draft d;
    static uint8_t salt[CP_SALT_LEN];
    struct cp_buf frame, words;
    salt[1]++;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX);
    cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str(text));
    cr_assert_eq(cp_draft_write(&d, salt, &frame, &words), CP_OK);
    cr_assert_eq(cp_store_append(s, &by->signer, plan, by->device, CP_CONTENT, cp_buf_bytes(&frame),
                                 cp_buf_bytes(&words), 1800000000000U, id),
                 CP_OK);
    cp_draft_clear(&d);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
}

static bool by(void *ctx, const struct cp_entry_info *info)
{
    const struct someone *who = ctx;
    cr_expect(memcmp(info->person, who->person, CP_ID_LEN) == 0, "an entry is taken for somebody else's");
    cr_expect(memcmp(info->device, who->device, CP_KEY_LEN) == 0, "an entry is taken for another device's");
    return true;
}

/* Two entries of a chain that is taken back, then two of another device's, whose chain gets the same number. */
Test(recent, a_chain_that_was_taken_back_lends_its_number_to_another)
{
    const struct cp_replica *r = cp_store_replica(s);
    size_t count = 0;
    cr_assert_eq(cp_store_begin(s), CP_OK);
    write(&b, "one", item);
    write(&b, "two", item);
    cp_store_rollback(s);
    cr_assert_eq(cp_store_begin(s), CP_OK);
    write(&a, "three", item);
    write(&a, "four", item);
    cr_assert_eq(cp_store_commit(s), CP_OK);
    cr_assert_eq(cp_store_each(s, plan, CP_KIND_ITEM, false, by, &a), CP_OK);
    uint64_t *rows = group_rows(s, plan, &count);
    for (size_t i = 0; i < count; i++) {
        struct cp_outgoing out;
        cr_expect_eq(r->source.entry(r->source.ctx, rows[i], &out), CP_OK, "row %zu", i);
    }
    free(rows);
}

/* A row that was taken back is given again; who cites it cites the entry that is there now. */
Test(recent, a_row_that_was_taken_back_lends_its_number_to_another)
{
    const struct cp_replica *r = cp_store_replica(s);
    uint8_t gone[CP_ID_LEN], kept[CP_ID_LEN];
    bool found = true;
    struct cp_place place;
    cr_assert_eq(cp_store_begin(s), CP_OK);
    write(&a, "one", gone);
    cp_store_rollback(s);
    cr_assert_eq(r->place_of(r->ctx, plan, gone, &place, &found), CP_OK);
    cr_expect_not(found);
    group_item(s, &a, plan, "two", kept);
    group_item(s, &a, plan, "three", item);
    struct cp_known known;
    struct cp_outgoing out;
    cr_assert_eq(cp_known_by_id(s, 0, item, &known, &found), CP_OK);
    cr_assert(found);
    cr_assert_eq(r->source.entry(r->source.ctx, known.row, &out), CP_OK);
    cr_expect_eq(memcmp(out.prev, kept, CP_ID_LEN), 0);
}

/* One chunk brings a write and what replaces it; and once more, when both are held. */
Test(recent, what_comes_and_goes_in_one_chunk_is_as_if_it_came_in_two)
{
    struct cp_store *one = store_at(in_folder(folder, "one"), 2, NULL), *two = store_at(in_folder(folder, "two"), 3, NULL);
    uint8_t first[CP_ID_LEN], second[CP_ID_LEN], of_one[CP_ID_LEN], of_two[CP_ID_LEN];
    struct cp_store *stores[] = {one, two};
    struct cp_put_result result;
    struct cp_buf payload;
    size_t count = 0;
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    group_item(s, &a, plan, "mend the gate", item);
    group_set(s, &a, plan, item, "paint the gate", NULL, first);
    group_set(s, &a, plan, item, "oil the gate", first, second);
    uint64_t *rows = group_rows(s, plan, &count);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(cp_store_begin(stores[i]), CP_OK);
        cr_assert_eq(cp_store_await(stores[i], plan, cp_bytes_str("join"), cp_bytes_str("invitation")), CP_OK);
        cr_assert_eq(cp_store_commit(stores[i]), CP_OK);
    }
    group_pack(s, rows, count, &payload);
    cr_assert_eq(group_take(one, plan, cp_buf_bytes(&payload), &result), CP_OK);
    cr_expect_eq(result.fresh, count);
    cr_assert_eq(group_take(one, plan, cp_buf_bytes(&payload), &result), CP_OK);
    cr_expect_eq(result.fresh, 0);
    cr_expect_eq(result.known, count);
    for (size_t i = 0; i < count; i++) {
        cp_buf_reset(&payload);
        group_pack(s, &rows[i], 1, &payload);
        cr_assert_eq(group_take(two, plan, cp_buf_bytes(&payload), &result), CP_OK);
    }
    cr_assert_eq(cp_store_derived_digest(one, of_one), CP_OK);
    cr_assert_eq(cp_store_derived_digest(two, of_two), CP_OK);
    cr_expect(group_same(one, two, plan));
    struct cp_loaded l;
    for (size_t i = 0; i < 2; i++) {
        size_t left = 0;
        cr_assert_eq(cp_store_load(stores[i], plan, item, false, &l), CP_OK);
        left = l.writes_count; /* the item itself always comes along; of the two edits only the later */
        cp_loaded_clear(&l);
        cr_expect_eq(left, 2, "%zu writes", left);
        cr_expect(group_rebuilds(stores[i]));
        cp_store_close(stores[i]);
    }
    free(rows);
    cp_buf_clear(&payload);
}
