/*
 * Bundles: heads, frames, their sealing, and everything that must be refused.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/bundle.h"
#include "proto/mp.h"
#include "tests/support/replica.h"

static const uint8_t key[32] = {7};
static uint8_t slots[CP_BUNDLE_SLOTS_MIN * CP_BUNDLE_SLOT_LEN];

static struct cp_bytes all_slots(void)
{
    memset(slots, 0x5a, sizeof slots);
    return CP_BYTES(slots, sizeof slots);
}

static struct cp_buf buf(void)
{
    struct cp_buf b;
    cp_buf_init(&b, &replica_mem, 4U * CP_BUNDLE_FRAME_MAX);
    return b;
}

Test(bundle, slots_tell_only_a_power_of_two)
{
    static const size_t want[][2] = {{0, 8}, {1, 8}, {8, 8}, {9, 16}, {1000, 1024}, {4096, 4096}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        cr_expect_eq(cp_bundle_slots(want[i][0]), want[i][1]);
}

Test(bundle, heads_that_no_writer_makes_are_refused)
{
    struct cp_bundle_head head;
    struct cp_buf b = buf();
    cp_bundle_head_write(all_slots(), 8192, &b);
    cr_assert_eq(b.len, CP_BUNDLE_HEAD_LEN + sizeof slots);
    cr_assert_eq(cp_bundle_head_read(cp_buf_bytes(&b), &head), CP_OK);
    cr_expect_eq(head.count, CP_BUNDLE_SLOTS_MIN);
    cr_expect_eq(head.size, 8192);
    cr_expect_eq(head.len, b.len);
    for (size_t n = 0; n < b.len; n++)
        cr_expect_eq(cp_bundle_head_read(CP_BYTES(b.ptr, n), &head), CP_ERR_TRUNCATED, "%zu", n);
    /* every byte of magic, size and number of slots matters: one bit elsewhere is no power of two, or another magic */
    for (size_t at = 0; at < CP_BUNDLE_HEAD_LEN; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            b.ptr[at] ^= (uint8_t)(1U << bit);
            enum cp_err err = cp_bundle_head_read(cp_buf_bytes(&b), &head);
            cr_expect_eq(err, CP_ERR_NOT_CANONICAL, "byte %zu bit %u: %d", at, bit, (int)err);
            b.ptr[at] ^= (uint8_t)(1U << bit);
        }
    cp_bundle_put_size(512, b.ptr + CP_BUNDLE_SIZE_AT);
    cr_expect_eq(cp_bundle_head_read(cp_buf_bytes(&b), &head), CP_ERR_NOT_CANONICAL,
                 "smaller than the least");
    cp_buf_clear(&b);
}

Test(bundle, padding_fills_exactly_to_a_power_of_two)
{
    for (uint64_t used = 700; used < 3U * CP_BUNDLE_FRAME_MAX; used += used < 9000 ? 1 : 7919) {
        uint64_t whole = cp_bundle_size(used), left = whole - used, size = CP_BUNDLE_SIZE_MIN;
        while (size < whole)
            size *= 2;
        cr_assert_eq(size, whole);
        while (left > 0) {
            size_t zeros = cp_bundle_padding(left);
            cr_assert(zeros > 0 && zeros + CP_BUNDLE_FRAME_EXTRA <= left && zeros + 4 <= CP_BUNDLE_FRAME_MAX,
                      "%zu", zeros);
            left -= zeros + CP_BUNDLE_FRAME_EXTRA;
        }
    }
}

/* Three frames as a writer makes them; ends[i]: where frame i ends. */
static struct cp_buf three(size_t ends[static 3])
{
    static const char *const say[] = {"one", "two", "three"};
    struct cp_bundle_stream s;
    struct cp_buf b = buf();
    cp_bundle_stream_begin(&s, key, all_slots());
    for (size_t i = 0; i < 3; i++) {
        cp_bundle_seal(&s, cp_bytes_str(say[i]), i == 2, &b);
        ends[i] = b.len;
    }
    cp_bundle_stream_end(&s);
    return b;
}

Test(bundle, frames_open_in_order_and_only_there)
{
    size_t ends[3], used = 0;
    struct cp_buf b = three(ends), plain = buf();
    struct cp_bundle_stream s;
    cp_bundle_stream_begin(&s, key, all_slots());
    cr_assert_eq(cp_bundle_open(&s, cp_buf_bytes(&b), &plain, &used), CP_OK);
    cr_expect_eq(used, ends[0]);
    /* the same again, and the one after the next, do not fit here; a failure does not spoil what follows */
    cr_expect_eq(cp_bundle_open(&s, cp_buf_bytes(&b), &plain, &used), CP_ERR_BAD_SIGNATURE);
    cr_expect_eq(cp_bundle_open(&s, CP_BYTES(b.ptr + ends[1], b.len - ends[1]), &plain, &used),
                 CP_ERR_BAD_SIGNATURE);
    cr_expect_eq(plain.len, 3);
    cr_expect_not(s.ended);
    for (size_t i = 0; i < 2; i++)
        cr_expect_eq(cp_bundle_open(&s, CP_BYTES(b.ptr + ends[i], b.len - ends[i]), &plain, &used), CP_OK);
    cr_expect(s.ended);
    cr_expect(cp_bytes_eq(cp_buf_bytes(&plain), cp_bytes_str("onetwothree")));
    cr_expect_eq(cp_bundle_open(&s, cp_buf_bytes(&b), &plain, &used), CP_ERR_TRAILING);
    cp_buf_clear(&b);
    cp_buf_clear(&plain);
}

Test(bundle, every_bit_and_every_cut_of_a_frame_is_noticed)
{
    size_t ends[3], used = 0;
    struct cp_buf b = three(ends), plain = buf();
    for (size_t at = 0; at < ends[0]; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            struct cp_bundle_stream s;
            cp_bundle_stream_begin(&s, key, all_slots());
            b.ptr[at] ^= (uint8_t)(1U << bit);
            enum cp_err err = cp_bundle_open(&s, CP_BYTES(b.ptr, ends[0]), &plain, &used);
            cr_expect(err == CP_ERR_BAD_SIGNATURE || err == CP_ERR_TRUNCATED || err == CP_ERR_TOO_BIG,
                      "%zu.%u: %d", at, bit, (int)err);
            b.ptr[at] ^= (uint8_t)(1U << bit);
        }
    for (size_t n = 0; n < ends[0]; n++) {
        struct cp_bundle_stream s;
        cp_bundle_stream_begin(&s, key, all_slots());
        cr_expect_eq(cp_bundle_open(&s, CP_BYTES(b.ptr, n), &plain, &used), CP_ERR_TRUNCATED);
    }
    cr_expect_eq(plain.len, 0);
    cp_buf_clear(&b);
    cp_buf_clear(&plain);
}

Test(bundle, slots_and_key_are_bound_to_the_frames)
{
    size_t ends[3], used = 0;
    struct cp_buf b = three(ends), plain = buf();
    struct cp_bundle_stream s;
    static const uint8_t other[32] = {8};
    cp_bundle_stream_begin(&s, other, all_slots());
    cr_expect_eq(cp_bundle_open(&s, cp_buf_bytes(&b), &plain, &used), CP_ERR_BAD_SIGNATURE);
    struct cp_bytes bent = all_slots();
    slots[sizeof slots - 1] ^= 1;
    cp_bundle_stream_begin(&s, key, bent);
    cr_expect_eq(cp_bundle_open(&s, cp_buf_bytes(&b), &plain, &used), CP_ERR_BAD_SIGNATURE);
    cp_buf_clear(&b);
    cp_buf_clear(&plain);
}

Test(bundle, what_is_written_is_read)
{
    struct cp_bundle_begin begin = {
        .plan = {1}, .machine = {2}, .incarnation = {3}, .time_ms = 4, .all = true};
    struct cp_bundle_tip tips[2] = {{.seq = 5, .id = {6}}, {.seq = CP_INT_MAX, .id = {7}}}, tip;
    struct cp_bundle_frame f;
    struct cp_buf b = buf();
    cp_bundle_put_begin(&begin, &b);
    cr_assert_eq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_OK);
    cr_expect_eq(f.type, CP_BUNDLE_BEGIN);
    cr_expect_eq(memcmp(f.begin.plan, begin.plan, CP_ID_LEN), 0);
    cr_expect_eq(memcmp(f.begin.machine, begin.machine, CP_KEY_LEN), 0);
    cr_expect(f.begin.all && f.begin.time_ms == 4);
    cp_buf_reset(&b);
    cp_bundle_put_tips(CP_CONTENT, tips, 2, &b);
    cr_assert_eq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_OK);
    cr_expect(f.type == CP_BUNDLE_TIPS && f.class == CP_CONTENT && f.tips_count == 2);
    for (size_t i = 0; i < 2; i++) {
        cp_bundle_next_tip(&f, &tip);
        cr_expect(tip.seq == tips[i].seq && memcmp(tip.id, tips[i].id, CP_ID_LEN) == 0);
    }
    cp_buf_reset(&b);
    cp_bundle_put_chunk(CP_CONTROL, 0, 1, cp_bytes_str("payload"), &b);
    cr_assert_eq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_OK);
    cr_expect(f.type == CP_BUNDLE_CHUNK && f.form == 1 && cp_bytes_eq(f.bytes, cp_bytes_str("payload")));
    for (size_t n = 0; n < b.len; n++)
        cr_expect_neq(cp_bundle_read(CP_BYTES(b.ptr, n), &f), CP_OK, "cut at %zu", n);
    cp_buf_put_byte(&b, 0);
    cr_expect_eq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_ERR_TRAILING);
    cp_buf_clear(&b);
}

Test(bundle, wishes_and_pieces_are_read_as_written)
{
    struct cp_bundle_wish wishes[2] = {{.number = 0, .id = {6}}, {.number = CP_PIECES_MAX - 1, .id = {7}}},
                          wish;
    static const uint8_t id[CP_ID_LEN] = {9}, bytes[CP_PIECE_LEN + 1] = {1};
    struct cp_bundle_frame f;
    struct cp_buf b = buf();
    cp_bundle_put_wishes(NULL, 0, &b);
    cr_assert_eq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_OK);
    cr_expect(f.type == CP_BUNDLE_WISHES && f.wishes_count == 0);
    cp_buf_reset(&b);
    cp_bundle_put_wishes(wishes, 2, &b);
    cr_assert_eq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_OK);
    cr_assert_eq(f.wishes_count, 2);
    for (size_t i = 0; i < 2; i++) {
        cp_bundle_next_wish(&f, &wish);
        cr_expect(wish.number == wishes[i].number && memcmp(wish.id, wishes[i].id, CP_ID_LEN) == 0);
    }
    for (size_t n = 0; n < b.len; n++)
        cr_expect_neq(cp_bundle_read(CP_BYTES(b.ptr, n), &f), CP_OK, "cut at %zu", n);
    wishes[1].number = CP_PIECES_MAX;
    cp_buf_reset(&b);
    cp_bundle_put_wishes(wishes, 2, &b);
    cr_expect_neq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_OK, "no attachment has so many pieces");
    cp_buf_reset(&b);
    cp_bundle_put_piece(id, 3, CP_BYTES(bytes, CP_PIECE_LEN), &b);
    cr_assert_eq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_OK);
    cr_expect(f.type == CP_BUNDLE_PIECE && f.number == 3 && memcmp(f.id, id, sizeof id) == 0);
    cr_expect(cp_bytes_eq(f.bytes, CP_BYTES(bytes, CP_PIECE_LEN)));
    static const struct {
        uint64_t number;
        size_t len;
    } wrong[] = {{3, 0}, {3, CP_PIECE_LEN + 1}, {CP_PIECES_MAX, 5}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cp_buf_reset(&b);
        cp_bundle_put_piece(id, wrong[i].number, CP_BYTES(bytes, wrong[i].len), &b);
        cr_expect_neq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_OK, "%zu", i);
    }
    cp_buf_clear(&b);
}

/* A wish cannot pass for a tip, nor one wish for another, in what is signed. */
Test(bundle, what_is_signed_tells_wishes_from_tips)
{
    const struct cp_bundle_begin begin = {.plan = {1}};
    const struct cp_bundle_tip tip = {.seq = 1, .id = {6}};
    const struct cp_bundle_wish wishes[3] = {
        {.number = 1, .id = {6}}, {.number = 2, .id = {6}}, {.number = 1, .id = {7}}};
    uint8_t hash[5][CP_ID_LEN];
    struct cp_hasher h;
    for (size_t i = 0; i < 5; i++) {
        cp_seen_begin(&h, &begin);
        if (i > 0 && i < 4)
            cp_seen_add_wish(&h, &wishes[i - 1]);
        else if (i == 4)
            cp_seen_add(&h, CP_CONTENT, &tip);
        cp_seen_end(&h, hash[i]);
        for (size_t k = 0; k < i; k++)
            cr_expect_neq(memcmp(hash[i], hash[k], CP_ID_LEN), 0, "%zu %zu", i, k);
    }
}

Test(bundle, frames_that_say_what_none_may_are_refused)
{
    struct cp_bundle_tip none = {.seq = 0};
    struct cp_bundle_frame f;
    struct cp_buf b = buf();
    static const uint8_t zeros[64] = {0};
    cr_expect_eq(cp_bundle_read(CP_BYTES(zeros, sizeof zeros), &f), CP_OK);
    cr_expect_eq(f.type, CP_BUNDLE_PADDING);
    cr_expect_neq(cp_bundle_read(CP_BYTES(NULL, 0), &f), CP_OK);
    cp_bundle_put_tips(CP_CONTENT, &none, 1, &b);
    cr_expect_eq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_ERR_BAD_VALUE, "no entry has seq 0");
    cp_buf_reset(&b);
    cp_put_array(&b, 2);
    cp_put_uint(&b, 0);
    cp_put_uint(&b, 2);
    cr_expect_eq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_ERR_NEWER_RULES, "a later version of bundles");
    cp_buf_reset(&b);
    cp_put_array(&b, 2);
    cp_put_uint(&b, 6);
    cp_put_uint(&b, 0);
    cr_expect_eq(cp_bundle_read(cp_buf_bytes(&b), &f), CP_ERR_BAD_VALUE, "no such frame");
    cp_buf_clear(&b);
}
