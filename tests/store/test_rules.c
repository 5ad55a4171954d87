/* Rules that the store holds, each broken in one thing alone: first entries, other plans, views, sealing. */
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
    folder = group_begin(&a, &b, &s, NULL, plan, "mend the gate", item);
}

static void tear_down(void)
{
    group_end(folder, s, NULL);
}

TestSuite(rules, .init = set_up, .fini = tear_down);

/* One entry by `by` as a chunk's payload; in_plan is zeros for a plan's first. Gives its id. */
static void pack_one(const struct someone *by, struct cp_header *h, struct cp_bytes frame, const uint8_t *in_plan,
                     struct cp_buf *payload, uint8_t id[CP_ID_LEN])
{
    struct cp_buf header, input;
    uint8_t sig[CP_SIG_LEN];
    h->rules = CP_RULES_VERSION;
    memcpy(h->device, by->device, CP_KEY_LEN);
    h->frame_len = (uint32_t)frame.len;
    cp_body_hash(frame, CP_BYTES(NULL, 0), h->body_hash);
    cp_buf_init(&header, test_mem(), CP_HEADER_MAX);
    cp_buf_init(&input, test_mem(), 128);
    cp_header_encode(h, &header);
    cp_entry_id(in_plan, cp_buf_bytes(&header), id);
    cp_sign_input(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), &input);
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, by->device_secret);
    cp_buf_reset(payload);
    cp_put_array(payload, 4);
    cp_put_bin(payload, cp_buf_bytes(&header));
    cp_put_bin(payload, frame);
    cp_put_bin(payload, CP_BYTES(NULL, 0));
    cp_put_fixed(payload, sig, sizeof sig);
    cp_buf_clear(&header);
    cp_buf_clear(&input);
}

/* A JOIN that others signed founds a plan for nobody else. */
Test(rules, a_first_entry_is_by_the_device_that_its_join_names)
{
    for (int whose = 0; whose < 2; whose++) {
        struct cp_store *t = store_at(in_folder(folder, whose == 0 ? "t" : "u"), 3, NULL);
        struct cp_header h = {.class = CP_CONTROL, .seq = 1, .lamport = 1};
        struct cp_buf payload;
        struct cp_loaded l;
        uint8_t id[CP_ID_LEN];
        cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
        cr_assert_eq(cp_store_entry(s, plan, plan, &l), CP_OK);
        pack_one(whose == 0 ? &a : &b, &h, l.info[0].frame, cp_zero_id, &payload, id);
        cp_loaded_clear(&l);
        cr_assert_eq(cp_store_begin(t), CP_OK);
        cr_assert_eq(cp_store_await(t, id, cp_bytes_str("join"), cp_bytes_str("invitation")), CP_OK);
        cr_assert_eq(cp_store_commit(t), CP_OK);
        cr_expect_eq(group_take(t, id, cp_buf_bytes(&payload), NULL), whose == 0 ? CP_OK : CP_ERR_NOT_ADMITTED);
        cp_buf_clear(&payload);
        cp_store_close(t);
    }
}

/* Held, but in the other plan that this store has: here it is missing. */
Test(rules, predecessors_are_present_in_this_plan)
{
    uint8_t other[CP_ID_LEN], id[CP_ID_LEN];
    struct cp_buf payload, frame;
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    cp_buf_init(&frame, test_mem(), 256);
    group_found(s, &b, other);
    cp_uninvite_write(item, &frame);
    struct cp_header h = {.class = CP_CONTROL, .seq = 1, .lamport = 2, .parents_count = 1, .incarnation = {1}};
    for (int which = 0; which < 2; which++) {
        memcpy(h.parents[0], which == 0 ? plan : other, CP_ID_LEN);
        pack_one(&b, &h, cp_buf_bytes(&frame), other, &payload, id);
        cr_expect_eq(group_take(s, other, cp_buf_bytes(&payload), NULL), which == 0 ? CP_ERR_MISSING_PARENT : CP_OK);
    }
    cp_buf_clear(&payload);
    cp_buf_clear(&frame);
    cr_assert(group_rebuilds(s));
}

static void view(struct someone *by, const char *value, const uint8_t *replaces, uint8_t id[CP_ID_LEN])
{
    static struct cp_draft d;
    cp_draft_init(&d, test_mem(), CP_KIND_VIEW, 1, item);
    if (replaces != NULL)
        cp_draft_replace(&d, replaces);
    cp_draft_text(&d, CP_FIELD_VALUE, CP_BYTES(NULL, 0), cp_bytes_str(value));
    cr_assert_eq(group_write(s, by, plan, &d, id), CP_OK);
}

Test(rules, nobody_takes_away_the_view_of_somebody_else)
{
    uint8_t first[CP_ID_LEN], second[CP_ID_LEN], third[CP_ID_LEN];
    static const size_t rows[] = {2, 2};
    view(&a, "1", NULL, first);
    view(&b, "2", first, second);
    for (size_t round = 0; round < 2; round++) {
        struct cp_loaded l;
        struct cp_views v;
        const struct cp_write *writes;
        size_t count;
        cr_assert_eq(cp_store_load(s, plan, item, false, &l), CP_OK);
        cr_assert_eq(cp_loaded_of(&l, CP_KIND_VIEW, 0, &writes, &count), CP_OK);
        cr_assert_eq(cp_views_fold(&v, test_mem(), writes, count), CP_OK);
        cr_expect_eq(v.count, rows[round]);
        cr_expect_eq(count, 2, "what is replaced is not loaded again");
        cp_views_clear(&v);
        cp_loaded_clear(&l);
        view(&a, "3", first, third); /* one's own it replaces */
    }
    cr_assert(group_rebuilds(s));
}

Test(rules, what_is_sealed_opens_only_where_it_was_put)
{
    struct cp_buf sealed, again, plain;
    const struct cp_bytes words = cp_bytes_str("the clinic's address");
    cp_buf_init(&sealed, test_mem(), 1024);
    cp_buf_init(&again, test_mem(), 1024);
    cp_buf_init(&plain, test_mem(), 1024);
    static const enum cp_column columns[] = {CP_COLUMN_BODY, CP_COLUMN_PERSON, CP_COLUMN_JOIN, CP_COLUMN_INVITATION,
                                             CP_COLUMN_NOTE, CP_COLUMN_CHECK};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    for (size_t i = 0; i < COLUMNS; i++) {
        cp_buf_reset(&sealed);
        cp_buf_reset(&again);
        cr_assert_eq(cp_store_seal(s, item, columns[i], words, &sealed), CP_OK);
        cr_assert_eq(cp_store_seal(s, item, columns[i], words, &again), CP_OK);
        /* A column that changes must not say that it became what it was; a nonce is never used for two values. */
        cr_expect_eq(cp_bytes_eq(cp_buf_bytes(&sealed), cp_buf_bytes(&again)), columns[i] < CP_COLUMN_MUTABLE);
        for (size_t k = 0; k < COLUMNS; k++) {
            cp_buf_reset(&plain);
            enum cp_err err = cp_store_open_sealed(s, item, columns[k], cp_buf_bytes(&sealed), &plain);
            cr_expect_eq(err, i == k ? CP_OK : CP_ERR_DAMAGED_STORE, "column %zu in %zu", i, k);
        }
        cp_buf_reset(&plain);
        cr_expect_eq(cp_store_open_sealed(s, plan, columns[i], cp_buf_bytes(&sealed), &plain), CP_ERR_DAMAGED_STORE);
        for (size_t at = 0; at < sealed.len; at++) {
            sealed.ptr[at] ^= 1;
            cp_buf_reset(&plain);
            cr_expect_eq(cp_store_open_sealed(s, item, columns[i], cp_buf_bytes(&sealed), &plain), CP_ERR_DAMAGED_STORE);
            sealed.ptr[at] ^= 1;
            cp_buf_reset(&plain);
            cr_expect_neq(cp_store_open_sealed(s, item, columns[i], CP_BYTES(sealed.ptr, at), &plain), CP_OK);
        }
    }
    cp_buf_clear(&sealed);
    cp_buf_clear(&again);
    cp_buf_clear(&plain);
}
