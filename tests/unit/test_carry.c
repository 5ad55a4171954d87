/* Tickets and the messages of carriers: everything that must be refused, and that what is written is read as the same. */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/keeper.h"
#include "proto/carry.h"
#include "tests/support/replica.h"

static struct cp_buf buf(void)
{
    struct cp_buf b;
    cp_buf_init(&b, &replica_mem, 2U * CP_CARRY_PART_MAX);
    return b;
}

/* ---- Tickets ---- */

static struct cp_ticket a_ticket(void)
{
    struct cp_ticket t;
    memset(t.carrier, 0x11, sizeof t.carrier);
    memset(t.key, 0x22, sizeof t.key);
    return t;
}

Test(carry, a_ticket_is_read_however_it_was_copied)
{
    struct cp_ticket t = a_ticket(), out;
    struct cp_buf b = buf(), loud = buf();
    cp_ticket_write(&t, &b);
    cr_assert_eq(cp_buf_err(&b), CP_OK);
    cr_assert_eq(cp_ticket_read(cp_buf_bytes(&b), &out), CP_OK);
    cr_expect_arr_eq(out.carrier, t.carrier, CP_KEY_LEN);
    cr_expect_arr_eq(out.key, t.key, CP_KEY_LEN);
    for (size_t i = 0; i < b.len; i++) {
        cp_buf_put_byte(&loud, b.ptr[i] >= 'a' && b.ptr[i] <= 'z' ? (uint8_t)(b.ptr[i] - 32) : b.ptr[i]);
        if (i % 7 == 3)
            cp_buf_put_str(&loud, " \r\n");
    }
    cr_expect_eq(cp_ticket_read(cp_buf_bytes(&loud), &out), CP_OK);
    cp_buf_clear(&b);
    cp_buf_clear(&loud);
}

Test(carry, a_letter_wrong_is_no_ticket)
{
    static const char *const no[] = {
        "", "coplan-ticket:", "coplan-ticket:aaaa", "coplan-invite:aaaaaaaaaaaaaaaa", "../../etc", "=1+1"};
    struct cp_ticket t = a_ticket(), out;
    struct cp_buf b = buf();
    cp_ticket_write(&t, &b);
    for (size_t n = 0; n < b.len; n++)
        cr_expect_eq(cp_ticket_read(CP_BYTES(b.ptr, n), &out), CP_ERR_BAD_TICKET, "%zu", n);
    for (size_t i = 0; i < b.len; i++) {
        uint8_t was = b.ptr[i];
        b.ptr[i] = was == 'b' ? 'c' : 'b';
        cr_expect_eq(cp_ticket_read(cp_buf_bytes(&b), &out), CP_ERR_BAD_TICKET, "letter %zu", i);
        b.ptr[i] = was;
    }
    cp_buf_put_str(&b, "a");
    cr_expect_eq(cp_ticket_read(cp_buf_bytes(&b), &out), CP_ERR_BAD_TICKET);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        cr_expect_eq(cp_ticket_read(cp_bytes_str(no[i]), &out), CP_ERR_BAD_TICKET, "%s", no[i]);
    cp_buf_clear(&b);
}

Test(carry, a_ticket_is_of_one_secret_at_one_carrier)
{
    const uint8_t secret[2][CP_KEY_LEN] = {{1}, {2}}, carrier[2][CP_KEY_LEN] = {{3}, {4}};
    uint8_t key[4][CP_KEY_LEN], half[CP_KEY_LEN], public[CP_KEY_LEN];
    for (size_t i = 0; i < 4; i++) {
        cp_ticket_curve(secret[i / 2], carrier[i % 2], key[i], half);
        cr_assert_eq(crypto_scalarmult_base(public, half), 0);
        cr_expect_arr_eq(public, key[i], CP_KEY_LEN);
        for (size_t k = 0; k < i; k++)
            cr_expect_neq(memcmp(key[i], key[k], CP_KEY_LEN), 0, "%zu %zu", i, k);
    }
}

/* ---- Messages ---- */

static const uint8_t name[CP_CARRY_NAME_LEN] = {9}, born[CP_CARRY_BORN_LEN] = {8};

/* One of each type. */
static void a_message(enum cp_carry_type type, struct cp_buf *out)
{
    static const struct cp_carry_item items[2] = {{3, 4096, {1}}, {7, 8192, {2}}};
    static const uint64_t numbers[2] = {3, 7};
    struct cp_carry_message m = {.type = type,
                                 .number = 5,
                                 .offset = 70000,
                                 .size = 4096,
                                 .name = name,
                                 .bytes = CP_BYTES(name, sizeof name),
                                 .word = CP_ERR_NO_ROOM};
    if (type == CP_CARRY_PILE)
        cp_carry_put_pile(born, 8, items, 2, out);
    else if (type == CP_CARRY_DROP)
        cp_carry_put_drop(numbers, 2, out);
    else
        cp_carry_put(&m, out);
}

Test(carry, each_message_is_read_as_it_was_written)
{
    struct cp_carry_message m;
    for (int type = 0; type < CP_CARRY_TYPES; type++) {
        struct cp_buf b = buf();
        a_message((enum cp_carry_type)type, &b);
        cr_assert_eq(cp_buf_err(&b), CP_OK);
        cr_assert_eq(cp_carry_read(cp_buf_bytes(&b), &m), CP_OK, "type %d", type);
        cr_expect_eq((int)m.type, type);
        if (type == CP_CARRY_PILE) {
            struct cp_carry_item item;
            cr_assert_eq(m.count, 2);
            cr_expect_eq(m.number, 8);
            cp_carry_next_item(&m, &item);
            cp_carry_next_item(&m, &item);
            cr_expect_eq(item.number, 7);
            cr_expect_eq(item.size, 8192);
            cr_expect_eq(item.name[0], 2);
        }
        if (type == CP_CARRY_DROP) {
            cr_assert_eq(m.count, 2);
            (void)cp_carry_next_number(&m);
            cr_expect_eq(cp_carry_next_number(&m), 7);
        }
        if (type == CP_CARRY_NO)
            cr_expect_eq(m.word, CP_ERR_NO_ROOM);
        cp_buf_clear(&b);
    }
}

Test(carry, cut_or_longer_messages_are_refused)
{
    struct cp_carry_message m;
    for (int type = 0; type < CP_CARRY_TYPES; type++) {
        struct cp_buf b = buf();
        a_message((enum cp_carry_type)type, &b);
        for (size_t n = 0; n < b.len; n++)
            cr_expect_neq(cp_carry_read(CP_BYTES(b.ptr, n), &m), CP_OK, "type %d at %zu", type, n);
        cp_buf_put_byte(&b, 0);
        cr_expect_eq(cp_carry_read(cp_buf_bytes(&b), &m), CP_ERR_TRAILING, "type %d", type);
        cp_buf_clear(&b);
    }
}

static enum cp_err read_values(const uint64_t *values, size_t count)
{
    struct cp_carry_message m;
    struct cp_buf b = buf();
    cp_put_array(&b, count);
    for (size_t i = 0; i < count; i++)
        cp_put_uint(&b, values[i]);
    enum cp_err err = cp_carry_read(cp_buf_bytes(&b), &m);
    cp_buf_clear(&b);
    return err;
}

Test(carry, types_versions_and_numbers_that_are_none)
{
    cr_expect_eq(read_values((const uint64_t[]){CP_CARRY_TYPES, 1}, 2), CP_ERR_BAD_MESSAGE);
    cr_expect_eq(read_values((const uint64_t[]){CP_CARRY_LIST, 2, 0}, 3), CP_ERR_NEWER_RULES);
    cr_expect_eq(read_values((const uint64_t[]){CP_CARRY_LIST, 1}, 2), CP_ERR_BAD_VALUE);
    cr_expect_eq(read_values((const uint64_t[]){CP_CARRY_LIST, 1, 0}, 3), CP_OK);
    cr_expect_eq(read_values((const uint64_t[]){CP_CARRY_GET, 0, 0}, 3), CP_ERR_BAD_VALUE);
    cr_expect_eq(read_values((const uint64_t[]){CP_CARRY_GET, 1, CP_CARRY_SIZE_MAX + 1}, 3),
                 CP_ERR_BAD_VALUE);
    cr_expect_eq(read_values((const uint64_t[]){CP_CARRY_STORED, 0}, 2), CP_ERR_BAD_VALUE);
}

static enum cp_err read_pile(uint64_t next, uint64_t first, uint64_t second, uint64_t size)
{
    const struct cp_carry_item items[2] = {{first, size, {1}}, {second, 4096, {2}}};
    struct cp_carry_message m;
    struct cp_buf b = buf();
    cp_carry_put_pile(born, next, items, 2, &b);
    enum cp_err err = cp_carry_read(cp_buf_bytes(&b), &m);
    cp_buf_clear(&b);
    return err;
}

Test(carry, lists_rise_and_stay_below_the_next_number)
{
    cr_expect_eq(read_pile(3, 1, 2, 1), CP_OK);
    cr_expect_eq(read_pile(3, 2, 1, 1), CP_ERR_BAD_VALUE, "falling");
    cr_expect_eq(read_pile(3, 2, 2, 1), CP_ERR_BAD_VALUE, "twice");
    cr_expect_eq(read_pile(2, 1, 2, 1), CP_ERR_BAD_VALUE, "not given yet");
    cr_expect_eq(read_pile(3, 0, 2, 1), CP_ERR_BAD_VALUE, "no number");
    cr_expect_eq(read_pile(3, 1, 2, 0), CP_ERR_BAD_VALUE, "empty");
}

Test(carry, pieces_are_neither_empty_nor_larger_than_one_may_be)
{
    uint8_t *much = cp_alloc(&replica_mem, CP_CARRY_PART_MAX + 1);
    const size_t lens[] = {0, 1, CP_CARRY_PART_MAX, CP_CARRY_PART_MAX + 1};
    for (size_t i = 0; i < 4; i++)
        for (int type = CP_CARRY_DATA; type <= CP_CARRY_PART; type += CP_CARRY_PART - CP_CARRY_DATA) {
            struct cp_carry_message m = {
                .type = (enum cp_carry_type)type, .number = 1, .bytes = CP_BYTES(much, lens[i])};
            struct cp_buf b = buf();
            cp_carry_put(&m, &b);
            cr_assert_eq(cp_buf_err(&b), CP_OK);
            cr_expect_eq(cp_carry_read(cp_buf_bytes(&b), &m) == CP_OK, i == 1 || i == 2, "%zu bytes",
                         lens[i]);
            cp_buf_clear(&b);
        }
    cp_free(&replica_mem, much);
}

Test(carry, a_name_is_of_the_bytes_however_they_are_cut)
{
    const uint8_t bytes[100] = {1, 2, 3};
    uint8_t whole[CP_CARRY_NAME_LEN], pieces[CP_CARRY_NAME_LEN];
    struct cp_hasher h;
    cp_carry_name_begin(&h);
    cp_carry_name_add(&h, CP_BYTES(bytes, sizeof bytes));
    cp_carry_name_end(&h, whole);
    cp_carry_name_begin(&h);
    cp_carry_name_add(&h, CP_BYTES(bytes, 33));
    cp_carry_name_add(&h, CP_BYTES(bytes + 33, 67));
    cp_carry_name_end(&h, pieces);
    cr_expect(cp_carry_name_is(whole, pieces));
    whole[15] ^= 1;
    cr_expect(!cp_carry_name_is(whole, pieces));
}
