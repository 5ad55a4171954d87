/* Statements: bad input first, then what a WITHDRAW says and who can have said it. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/heap.h"

enum { MANY = (int)CP_WITHDRAW_ENTRIES_MAX };

static uint8_t key[CP_KEY_LEN], secret[64], sig[CP_SIG_LEN];
static uint8_t ids[MANY + 1][CP_ID_LEN];
static struct cp_buf fields, text, again, frame;

static void setup(void)
{
    uint8_t seed[32] = {1};
    cr_assert_eq(crypto_sign_seed_keypair(key, secret, seed), 0);
    for (size_t i = 0; i <= MANY; i++) {
        memset(ids[i], 0x55, CP_ID_LEN);
        ids[i][0] = (uint8_t)(i >> 8);
        ids[i][1] = (uint8_t)i;
    }
    cp_buf_init(&fields, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&text, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&again, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
}

static void teardown(void)
{
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    cp_buf_clear(&again);
    cp_buf_clear(&frame);
}

TestSuite(statement, .init = setup, .fini = teardown);

static void sign_as(enum cp_tag tag)
{
    cp_buf_reset(&again);
    cp_sign_input(tag, cp_buf_bytes(&text), &again);
    cr_assert_eq(crypto_sign_detached(sig, NULL, again.ptr, again.len, secret), 0);
}

/* A statement of this kind with what stands in `fields`, signed. */
static void say(enum cp_statement_kind kind, enum cp_statement_by by)
{
    struct cp_statement st = {.kind = kind, .by = by, .fields = cp_buf_bytes(&fields)};
    memset(st.plan, 0x11, CP_ID_LEN);
    memset(st.person, 0x22, CP_ID_LEN);
    memcpy(st.key, key, CP_KEY_LEN);
    cp_buf_reset(&text);
    cp_statement_text(&st, &text);
    cr_assert_eq(cp_buf_err(&text), CP_OK);
    sign_as(cp_statement_tag(by));
}

static void say_withdraw(size_t count)
{
    cp_buf_reset(&fields);
    cr_assert_eq(cp_withdraw_fields((const uint8_t(*)[CP_ID_LEN])ids, count, &fields), CP_OK);
    say(CP_STATEMENT_WITHDRAW, CP_BY_IDENTITY);
}

/* Fields as they are not allowed to be written. */
static void say_fields(const size_t *at, size_t count)
{
    cp_buf_reset(&fields);
    cp_put_array(&fields, count);
    for (size_t i = 0; i < count; i++)
        cp_put_fixed(&fields, ids[at[i]], CP_ID_LEN);
    say(CP_STATEMENT_WITHDRAW, CP_BY_IDENTITY);
}

static enum cp_err read_it(void)
{
    static struct cp_withdraw w;
    return cp_withdraw_read(cp_buf_bytes(&text), sig, &w);
}

/* ---- Bad input ---- */

Test(statement, truncated_at_every_byte_or_longer)
{
    struct cp_withdraw w;
    say_withdraw(3);
    for (size_t len = 0; len < text.len; len++) {
        uint8_t *part = memcpy(cp_alloc(test_mem(), len + 1), text.ptr, len); /* so that a sanitizer sees the end */
        cr_assert_neq(cp_withdraw_read(CP_BYTES(part, len), sig, &w), CP_OK, "%zu", len);
        cp_free(test_mem(), part);
    }
    cp_buf_put_byte(&text, 0xc0);
    cr_assert_neq(read_it(), CP_OK, "something behind it");
}

Test(statement, a_flipped_bit_is_refused_or_said_by_nobody)
{
    struct cp_withdraw w;
    struct cp_buf other;
    size_t refused = 0;
    say_withdraw(2);
    cp_buf_init(&other, test_mem(), CP_ENTRY_MAX);
    for (size_t bit = 0; bit < text.len * 8; bit++) {
        text.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        if (cp_withdraw_read(cp_buf_bytes(&text), sig, &w) == CP_OK) {
            cr_assert(!cp_statement_sig_ok(&w.statement), "bit %zu", bit);
            cp_buf_reset(&other);
            cp_statement_text(&w.statement, &other);
            cr_assert(cp_bytes_eq(cp_buf_bytes(&other), cp_buf_bytes(&text)), "bit %zu", bit);
        } else {
            refused++;
        }
        text.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cr_assert_gt(refused, 50, "layout is checked");
    cr_assert_eq(cp_withdraw_read(cp_buf_bytes(&text), sig, &w), CP_OK);
    for (size_t bit = 0; bit < CP_SIG_LEN * 8; bit++) {
        sig[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cr_assert(!cp_statement_sig_ok(&w.statement));
        sig[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cp_buf_clear(&other);
}

Test(statement, entries_none_twice_out_of_order_too_many)
{
    static size_t all[MANY + 1];
    static const size_t twice[] = {1, 1}, back[] = {2, 1}, later[] = {1, 2, 2};
    for (size_t i = 0; i <= MANY; i++)
        all[i] = i;
    say_fields(all, 0);
    cr_assert_neq(read_it(), CP_OK, "none");
    say_fields(twice, 2);
    cr_assert_eq(read_it(), CP_ERR_BAD_VALUE);
    say_fields(back, 2);
    cr_assert_eq(read_it(), CP_ERR_BAD_VALUE);
    say_fields(later, 3);
    cr_assert_eq(read_it(), CP_ERR_BAD_VALUE);
    say_fields(all, MANY + 1);
    cr_assert_neq(read_it(), CP_OK, "more than fit");
    say_fields(all, MANY);
    cr_assert_eq(read_it(), CP_OK);
    cp_buf_reset(&fields);
    cr_assert_eq(cp_withdraw_fields((const uint8_t(*)[CP_ID_LEN])ids, 0, &fields), CP_ERR_BAD_VALUE);
    cr_assert_eq(cp_withdraw_fields((const uint8_t(*)[CP_ID_LEN])ids, MANY + 1, &fields), CP_ERR_BAD_VALUE);
    memcpy(ids[1], ids[0], CP_ID_LEN);
    cr_assert_eq(cp_withdraw_fields((const uint8_t(*)[CP_ID_LEN])ids, 2, &fields), CP_ERR_BAD_VALUE);
    cr_assert_eq(fields.len, 0, "nothing is written of what is refused");
}

Test(statement, fields_that_are_no_list_of_ids)
{
    cp_buf_reset(&fields);
    cp_put_nil(&fields);
    say(CP_STATEMENT_WITHDRAW, CP_BY_IDENTITY);
    cr_assert_neq(read_it(), CP_OK);
    cp_buf_reset(&fields);
    cp_put_array(&fields, 1);
    cp_put_bin(&fields, CP_BYTES(ids[0], CP_ID_LEN - 1));
    say(CP_STATEMENT_WITHDRAW, CP_BY_IDENTITY);
    cr_assert_neq(read_it(), CP_OK, "an id that is too short");
    cp_buf_reset(&fields);
    cp_put_array(&fields, 1);
    cp_put_str(&fields, CP_BYTES((const uint8_t *)"0123456789abcdef0123456789abcdef", CP_ID_LEN));
    say(CP_STATEMENT_WITHDRAW, CP_BY_IDENTITY);
    cr_assert_neq(read_it(), CP_OK, "text of an id's length");
}

/* What is long may cost nobody anything before it is refused; another kind may be as long as that. */
Test(statement, too_long_is_refused_unread)
{
    static uint8_t page[CP_STATEMENT_MAX];
    struct cp_statement st;
    for (size_t over = 0; over < 2; over++) {
        cp_buf_reset(&fields);
        cp_put_bin(&fields, CP_BYTES(page, CP_STATEMENT_MAX - 108 + over));
        say(CP_STATEMENT_KEY, CP_BY_RECOVERY);
        cr_assert_eq(text.len, CP_STATEMENT_MAX + over);
        cr_assert_eq(cp_statement_read(cp_buf_bytes(&text), sig, &st), over == 0 ? CP_OK : CP_ERR_TOO_BIG);
    }
}

Test(statement, kinds_that_are_none)
{
    struct cp_statement st;
    say_withdraw(1);
    for (unsigned kind = 0; kind < 32; kind++) {
        text.ptr[1] = (uint8_t)kind;
        bool known = kind >= CP_STATEMENT_LEAVE && kind <= CP_STATEMENT_FOLLOW;
        cr_assert_eq(cp_statement_read(cp_buf_bytes(&text), sig, &st) == CP_OK, known, "%u", kind);
        cr_assert_eq(read_it() == CP_OK, kind == CP_STATEMENT_WITHDRAW, "%u", kind);
    }
    say(CP_STATEMENT_WITHDRAW, CP_BY_RECOVERY);
    cr_assert_eq(cp_statement_read(cp_buf_bytes(&text), sig, &st), CP_OK);
    cr_assert(cp_statement_sig_ok(&st));
    cr_assert_eq(read_it(), CP_ERR_BAD_VALUE, "words are withdrawn by who is, not by who lost a key");
}

/* ---- Whose it is ---- */

Test(statement, a_signature_is_for_one_text_under_one_tag)
{
    static const enum cp_tag others[] = {CP_TAG_STATEMENT_RECOVERY, CP_TAG_STATEMENT_DEVICE, CP_TAG_STATEMENT_TOKEN,
                                         CP_TAG_ENTRY_SIG};
    struct cp_withdraw w;
    cr_assert_eq(cp_statement_tag(CP_BY_IDENTITY), CP_TAG_STATEMENT_IDENTITY);
    cr_assert_eq(cp_statement_tag(CP_BY_RECOVERY), CP_TAG_STATEMENT_RECOVERY);
    say_withdraw(2);
    cr_assert_eq(cp_withdraw_read(cp_buf_bytes(&text), sig, &w), CP_OK);
    cr_assert(cp_statement_sig_ok(&w.statement));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        sign_as(others[i]);
        cr_assert(!cp_statement_sig_ok(&w.statement), "%zu", i);
    }
    sign_as(CP_TAG_STATEMENT_IDENTITY);
    text.ptr[4] ^= 1; /* for another plan */
    cr_assert_eq(cp_withdraw_read(cp_buf_bytes(&text), sig, &w), CP_OK);
    cr_assert_eq(w.statement.plan[0], 0x10);
    cr_assert(!cp_statement_sig_ok(&w.statement));
}

Test(statement, the_same_text_signed_again_is_the_same_statement)
{
    uint8_t id[CP_ID_LEN], other[CP_ID_LEN];
    say_withdraw(2);
    cp_statement_id(cp_buf_bytes(&text), id);
    sig[0] ^= 1; /* its id does not rest on these */
    cp_statement_id(cp_buf_bytes(&text), other);
    cr_assert_arr_eq(id, other, CP_ID_LEN);
    say_withdraw(3);
    cp_statement_id(cp_buf_bytes(&text), other);
    cr_assert_neq(memcmp(id, other, CP_ID_LEN), 0);
}

Test(statement, what_is_said_is_read)
{
    for (size_t count = 1; count <= MANY; count += count == 1 ? 1 : 127) {
        struct cp_withdraw w;
        say_withdraw(count);
        cr_assert_eq(cp_withdraw_read(cp_buf_bytes(&text), sig, &w), CP_OK);
        cr_assert_eq(w.count, count);
        for (size_t i = 0; i < count; i++)
            cr_assert_arr_eq(cp_withdraw_entry(&w, i), ids[i], CP_ID_LEN);
        cr_assert_eq(w.statement.person[0], 0x22);
        cr_assert_arr_eq(w.statement.key, key, CP_KEY_LEN);
        cp_buf_reset(&again);
        cp_statement_text(&w.statement, &again);
        cr_assert(cp_bytes_eq(cp_buf_bytes(&again), cp_buf_bytes(&text)));
    }
}

Test(statement, only_content_that_is_not_frozen_loses_its_words)
{
    static const uint64_t stays[] = {CP_KIND_VERSION, CP_KIND_PART, CP_KIND_ANSWER, CP_KIND_FIRST, CP_KIND_ADMIT,
                                     CP_KIND_INVITE, CP_KIND_WITHDRAW, CP_KIND_SECRET};
    static const uint64_t goes[] = {CP_KIND_ITEM, CP_KIND_SET, CP_KIND_PLAN, CP_KIND_PERSON,
                                    CP_KIND_VIEW, CP_KIND_NOTE, CP_KIND_COLUMN};
    for (size_t i = 0; i < sizeof stays / sizeof *stays; i++)
        cr_assert(!cp_withdraw_kind(stays[i]), "%u", (unsigned)stays[i]);
    for (size_t i = 0; i < sizeof goes / sizeof *goes; i++)
        cr_assert(cp_withdraw_kind(goes[i]), "%u", (unsigned)goes[i]);
}

/* ---- In a frame ---- */

static bool in_frame(size_t refs)
{
    struct cp_control c;
    cp_buf_reset(&frame);
    cp_statement_frame_write(CP_KIND_WITHDRAW, (const uint8_t(*)[CP_ID_LEN])ids, refs, cp_buf_bytes(&text), sig, &frame);
    cp_control_read(cp_buf_bytes(&frame), &c);
    return c.known && c.kind == CP_KIND_WITHDRAW && c.withdraw.count == refs;
}

Test(statement, a_frame_names_what_its_statement_names)
{
    say_withdraw(2);
    cr_assert(in_frame(2));
    cr_assert(!in_frame(1));
    cr_assert(!in_frame(3));
    ids[1][31] ^= 1;
    cr_assert(!in_frame(2), "another entry");
    say_withdraw(2);
    cr_assert(in_frame(2));
    say_withdraw(MANY);
    cr_assert(in_frame(MANY));
    cr_assert_leq(frame.len, CP_ENTRY_MAX / 2);
}
