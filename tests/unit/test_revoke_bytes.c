/* The bytes of REVOKE and KEY: written, read strictly, and what a frame must name. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/heap.h"

static uint8_t key[CP_KEY_LEN], secret[64], ids[4][CP_ID_LEN], incarnation[CP_INCARNATION_LEN];
static struct cp_buf cut, fields, text, frame;
static uint8_t sig[CP_SIG_LEN];

static void before(void)
{
    const uint8_t seed[32] = {9};
    (void)crypto_sign_seed_keypair(key, secret, seed);
    for (unsigned i = 0; i < 4; i++)
        memset(ids[i], (int)i + 3, CP_ID_LEN);
    struct cp_buf *all[] = {&cut, &fields, &text, &frame};
    for (size_t i = 0; i < 4; i++)
        cp_buf_init(all[i], test_mem(), CP_ENTRY_MAX);
}

static void after(void)
{
    cp_buf_clear(&cut);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
}

TestSuite(revoke_bytes, .init = before, .fini = after);

static void say(enum cp_statement_kind kind, enum cp_statement_by by)
{
    struct cp_statement st = {.kind = kind, .by = by, .fields = cp_buf_bytes(&fields)};
    struct cp_buf input;
    memcpy(st.key, key, CP_KEY_LEN);
    cp_buf_reset(&text);
    cp_statement_text(&st, &text);
    cp_buf_init(&input, test_mem(), CP_ENTRY_MAX);
    cp_sign_input(cp_statement_tag(by), cp_buf_bytes(&text), &input);
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, secret);
    cp_buf_clear(&input);
}

static void put_cut(size_t tips)
{
    struct cp_cut_tip rows[2] = {{incarnation, CP_CONTROL, 7, ids[0]},
                                 {incarnation, CP_CONTENT, 300, ids[1]}};
    cp_buf_reset(&cut);
    cr_assert_eq(cp_cut_write(rows, tips, &cut), CP_OK);
}

static void say_revoke(void)
{
    put_cut(2);
    cp_buf_reset(&fields);
    cr_assert_eq(cp_revoke_fields(key, (const uint8_t(*)[CP_ID_LEN])ids, 2, cp_buf_bytes(&cut), &fields),
                 CP_OK);
    say(CP_STATEMENT_REVOKE, CP_BY_IDENTITY);
}

static void say_key(const struct cp_key_lists *lists)
{
    cp_buf_reset(&fields);
    cr_assert_eq(cp_key_fields(ids[3], lists, &fields), CP_OK);
    say(CP_STATEMENT_KEY, CP_BY_RECOVERY);
}

static struct cp_key_lists some_lists(const struct cp_device_cut *cuts)
{
    return (struct cp_key_lists){.earlier = (const uint8_t(*)[CP_ID_LEN])ids,
                                 .earlier_count = 1,
                                 .stay = (const uint8_t(*)[CP_KEY_LEN]) & ids[1],
                                 .stay_count = 1,
                                 .cuts = cuts,
                                 .cuts_count = 1,
                                 .stand = (const uint8_t(*)[CP_ID_LEN])ids,
                                 .stand_count = 3};
}

/* Short by any number of bytes it is not read; with any bit changed it says nothing that the signature covers. */
static void only_as_it_is(enum cp_kind kind)
{
    struct cp_control c;
    for (size_t len = 0; len < frame.len; len++) {
        cp_control_read(CP_BYTES(frame.ptr, len), &c);
        cr_assert(!c.known, "%zu bytes of it", len);
    }
    for (size_t bit = 0; bit < frame.len * 8; bit++) {
        frame.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cp_control_read(cp_buf_bytes(&frame), &c);
        bool says = c.known && c.kind == kind &&
                    cp_statement_sig_ok(kind == CP_KIND_KEY ? &c.key.statement : &c.revoke.statement);
        cr_assert(!says, "bit %zu", bit);
        frame.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cp_control_read(cp_buf_bytes(&frame), &c);
    cr_assert(c.known && c.kind == kind);
}

Test(revoke_bytes, a_revoke_as_written)
{
    struct cp_revoke r;
    struct cp_cut_walk w;
    struct cp_cut_tip row;
    say_revoke();
    cr_assert_eq(cp_revoke_read(cp_buf_bytes(&text), sig, &r), CP_OK);
    cr_assert(r.earlier.count == 2 && cp_id_list_has(&r.earlier, ids[1]) &&
              !cp_id_list_has(&r.earlier, ids[2]));
    cr_assert_eq(memcmp(r.device, key, CP_KEY_LEN), 0);
    cp_cut_begin(&w, &r.cut);
    cr_assert(cp_cut_next(&w, &row) && row.class == CP_CONTROL && row.seq == 7);
    cr_assert(cp_cut_next(&w, &row) && row.class == CP_CONTENT && row.seq == 300 &&
              memcmp(row.tip, ids[1], CP_ID_LEN) == 0);
    cr_assert(!cp_cut_next(&w, &row));
    cr_assert_eq(cp_revoke_frame_write(cp_buf_bytes(&text), sig, &frame), CP_OK);
    only_as_it_is(CP_KIND_REVOKE);
}

Test(revoke_bytes, a_key_as_written)
{
    struct cp_key_change k;
    const uint8_t *device;
    struct cp_cut of;
    put_cut(2);
    const struct cp_device_cut cuts = {ids[2], cp_buf_bytes(&cut)};
    const struct cp_key_lists lists = some_lists(&cuts);
    say_key(&lists);
    cr_assert_eq(cp_key_read(cp_buf_bytes(&text), sig, &k), CP_OK);
    cr_assert(k.earlier.count == 1 && k.stay.count == 1 && k.cuts_count == 1 && k.stand.count == 3);
    cp_key_cut(&k, 0, &device, &of);
    cr_assert(memcmp(device, ids[2], CP_KEY_LEN) == 0 && of.count == 2);
    cr_assert_eq(cp_key_frame_write(cp_buf_bytes(&text), sig, &frame), CP_OK);
    only_as_it_is(CP_KIND_KEY);
}

Test(revoke_bytes, a_frame_names_what_the_statement_names)
{
    struct cp_control c;
    const uint8_t(*refs)[CP_ID_LEN] = (const uint8_t(*)[CP_ID_LEN])ids;
    uint8_t right[4][CP_ID_LEN];
    say_revoke();
    memcpy(right[0], ids[0], CP_ID_LEN); /* two earlier ones, then the tips: ids 0 and 1 again */
    memcpy(right[1], ids[1], CP_ID_LEN);
    memcpy(right[2], ids[0], CP_ID_LEN);
    memcpy(right[3], ids[1], CP_ID_LEN);
    cp_statement_frame_write(CP_KIND_REVOKE, (const uint8_t(*)[CP_ID_LEN])right, 4, cp_buf_bytes(&text), sig,
                             &frame);
    cp_control_read(cp_buf_bytes(&frame), &c);
    cr_assert(c.known);
    for (size_t count = 0; count < 4; count++) {
        cp_buf_reset(&frame);
        cp_statement_frame_write(CP_KIND_REVOKE, (const uint8_t(*)[CP_ID_LEN])right, count,
                                 cp_buf_bytes(&text), sig, &frame);
        cp_control_read(cp_buf_bytes(&frame), &c);
        cr_assert(!c.known, "%zu references", count);
    }
    cp_buf_reset(&frame);
    cp_statement_frame_write(CP_KIND_REVOKE, refs, 4, cp_buf_bytes(&text), sig, &frame);
    cp_control_read(cp_buf_bytes(&frame), &c);
    cr_assert(!c.known, "other entries than the statement's");
    cp_buf_reset(&frame);
    cp_statement_frame_write(CP_KIND_KEY, (const uint8_t(*)[CP_ID_LEN])right, 4, cp_buf_bytes(&text), sig,
                             &frame);
    cp_control_read(cp_buf_bytes(&frame), &c);
    cr_assert(!c.known, "a REVOKE in a KEY's frame");
}

Test(revoke_bytes, what_is_out_of_order_or_said_twice_is_refused)
{
    struct cp_key_change k;
    struct cp_revoke r;
    uint8_t twice[2][CP_ID_LEN];
    memcpy(twice[0], ids[1], CP_ID_LEN);
    memcpy(twice[1], ids[1], CP_ID_LEN);
    put_cut(1);
    const struct cp_cut_tip same[2] = {{incarnation, CP_CONTROL, 7, ids[0]},
                                       {incarnation, CP_CONTROL, 8, ids[0]}};
    const struct cp_cut_tip none[1] = {{incarnation, CP_CONTROL, 0, ids[0]}};
    cr_assert_eq(cp_cut_write(same, 2, &text), CP_ERR_BAD_VALUE);
    cp_buf_reset(&text);
    cr_assert_eq(cp_cut_write(none, 1, &text), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_revoke_fields(key, (const uint8_t(*)[CP_ID_LEN])twice, 2, cp_buf_bytes(&cut), &fields),
                 CP_ERR_BAD_VALUE);
    struct cp_device_cut cuts = {ids[1], cp_buf_bytes(&cut)};
    struct cp_key_lists lists = some_lists(&cuts);
    cp_buf_reset(&fields);
    cr_assert_eq(cp_key_fields(ids[3], &lists, &fields), CP_ERR_BAD_VALUE, "stays and is cut");
    cuts.device = ids[2];
    say_key(&lists);
    say(CP_STATEMENT_KEY, CP_BY_IDENTITY);
    cr_assert_eq(cp_key_read(cp_buf_bytes(&text), sig, &k), CP_ERR_BAD_VALUE, "only the sheet changes keys");
    say(CP_STATEMENT_REVOKE, CP_BY_RECOVERY);
    cr_assert_neq(cp_revoke_read(cp_buf_bytes(&text), sig, &r), CP_OK);
    cp_buf_reset(&fields);
    cr_assert_eq(cp_key_fields(key, &lists, &fields), CP_OK);
    say(CP_STATEMENT_KEY, CP_BY_RECOVERY);
    cr_assert_eq(cp_key_read(cp_buf_bytes(&text), sig, &k), CP_ERR_BAD_VALUE,
                 "the sheet's key is no identity");
}
