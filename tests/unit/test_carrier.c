/* A carrier's own files: the one with its key and tickets, and the piles. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/carrier.h"
#include "tests/support/replica.h"

static struct cp_carrier_facts some_facts(void)
{
    struct cp_carrier_facts f;
    cp_carrier_facts_init(&f, &replica_mem);
    memset(f.key, 1, sizeof f.key);
    memset(f.secret, 2, sizeof f.secret);
    (void)snprintf(f.listen, sizeof f.listen, "192.0.2.7:4000");
    f.tickets = cp_alloc_array(&replica_mem, 2, sizeof *f.tickets);
    f.cap = f.count = 2;
    for (uint8_t i = 0; i < 2; i++) {
        memset(f.tickets[i].key, 3 + i, CP_KEY_LEN);
        f.tickets[i].room = 65536;
    }
    return f;
}

Test(carrier, its_file_is_whole_or_refused)
{
    struct cp_carrier_facts f = some_facts(), out;
    struct cp_buf b;
    cp_buf_init(&b, &replica_mem, 65536);
    cr_assert_eq(cp_carrier_facts_write(&f, &b), CP_OK);
    cp_carrier_facts_init(&out, &replica_mem);
    cr_assert_eq(cp_carrier_facts_read(cp_buf_bytes(&b), &out), CP_OK);
    cr_expect_eq(out.count, 2);
    cr_expect_str_eq(out.listen, f.listen);
    cr_expect_arr_eq(out.tickets[1].key, f.tickets[1].key, CP_KEY_LEN);
    cp_carrier_facts_clear(&out);
    for (size_t n = 0; n < b.len; n++)
        cr_expect_eq(cp_carrier_facts_read(CP_BYTES(b.ptr, n), &out), CP_ERR_DAMAGED_KEY, "%zu", n);
    for (size_t bit = 0; bit < 8 * b.len; bit++) {
        b.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cr_expect_eq(cp_carrier_facts_read(cp_buf_bytes(&b), &out), CP_ERR_DAMAGED_KEY, "bit %zu", bit);
        b.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    /* One ticket twice, under a good checksum. */
    memcpy(f.tickets[1].key, f.tickets[0].key, CP_KEY_LEN);
    cp_buf_reset(&b);
    cr_assert_eq(cp_carrier_facts_write(&f, &b), CP_OK);
    cr_expect_eq(cp_carrier_facts_read(cp_buf_bytes(&b), &out), CP_ERR_DAMAGED_KEY);
    cr_expect_eq(out.count, 0);
    cp_buf_clear(&b);
    cp_carrier_facts_clear(&f);
}

static char home[64];
static const uint8_t ticket[CP_KEY_LEN] = {7};
static struct cp_pile pile;

static void make_home(void)
{
    (void)snprintf(home, sizeof home, "/tmp/carrier.XXXXXX");
    cr_assert_not_null(mkdtemp(home));
}

static void remove_home(void)
{
    char path[128];
    cp_pile_remove(home, ticket);
    (void)snprintf(path, sizeof path, "%s/piles", home);
    (void)rmdir(path);
    cr_expect_eq(rmdir(home), 0, "nothing was left behind");
}

static uint64_t add(uint8_t byte)
{
    struct cp_new_file file = {.fd = -1};
    const uint8_t name[CP_CARRY_NAME_LEN] = {byte};
    uint64_t number = 0;
    cr_assert_eq(cp_pile_look(home, ticket, &pile), CP_OK);
    cr_assert_eq(cp_pile_begin(home, &pile, &file), CP_OK);
    cr_assert_eq(cp_new_file_put(&file, CP_BYTES(name, 5)), CP_OK);
    cr_assert_eq(cp_pile_add(&pile, &file, name, &number), CP_OK);
    cr_assert_eq(cp_pile_look(home, ticket, &pile), CP_OK);
    return number;
}

Test(carrier, numbers_are_never_given_again, .init = make_home, .fini = remove_home)
{
    cr_assert_eq(cp_pile_look(home, ticket, &pile), CP_OK);
    cr_expect_eq(pile.next, 1);
    for (uint8_t i = 1; i <= 3; i++)
        cr_expect_eq(add(i), i);
    cr_expect_eq(pile.count, 3);
    cr_expect_eq(pile.bytes, 15);
    cp_pile_drop(&pile, 3);
    cp_pile_drop(&pile, 1);
    cp_pile_drop(&pile, 99);
    cr_assert_eq(cp_pile_look(home, ticket, &pile), CP_OK);
    cr_expect_eq(pile.count, 1);
    cr_expect_eq(pile.next, 4, "3 was dropped, and is not given again");
    cp_pile_drop(&pile, 2);
    cr_expect_eq(add(4), 4);
    cr_expect_eq(pile.count, 1);
}

Test(carrier, room_is_for_all_that_comes_together)
{
    struct cp_pile p = {.bytes = 600};
    cr_expect(cp_pile_fits(&p, 1000, 0, 400));
    cr_expect(!cp_pile_fits(&p, 1000, 0, 401));
    cr_expect(cp_pile_fits(&p, 1000, 300, 100));
    cr_expect(!cp_pile_fits(&p, 1000, 300, 101), "what has come of others, and is not whole, takes room too");
    cr_expect(!cp_pile_fits(&p, 1000, 500, 1), "more than there is room for has come already");
    cr_expect(!cp_pile_fits(&p, 500, 0, 1), "the keeper gives less room than is used");
    cr_expect(!cp_pile_fits(&p, UINT64_MAX, UINT64_MAX, 1));
}

Test(carrier, pieces_of_what_is_there_and_nothing_else, .init = make_home, .fini = remove_home)
{
    struct cp_buf b;
    cp_buf_init(&b, &replica_mem, CP_CARRY_PART_MAX);
    (void)add(9);
    cr_assert_eq(cp_pile_get(&pile, 1, 2, &b), CP_OK);
    cr_expect_eq(b.len, 3);
    cr_expect_eq(cp_pile_get(&pile, 1, 5, &b), CP_ERR_NOT_FOUND);
    cr_expect_eq(cp_pile_get(&pile, 1, CP_CARRY_SIZE_MAX, &b), CP_ERR_NOT_FOUND);
    cr_expect_eq(cp_pile_get(&pile, 2, 0, &b), CP_ERR_NOT_FOUND);
    cp_buf_clear(&b);
}

Test(carrier, what_was_half_written_and_what_is_not_ours_is_not_shown, .init = make_home, .fini = remove_home)
{
    static const char *const strange[] = {"0000000000000009-zz", "x",
                                          "0000000000000000-00000000000000000000000000000000"};
    struct cp_new_file file = {.fd = -1};
    char path[1400];
    (void)add(1);
    cr_assert_eq(cp_pile_begin(home, &pile, &file), CP_OK);
    (void)close(file.fd); /* the process died here */
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", pile.folder, strange[i]);
        FILE *f = fopen(path, "w");
        cr_assert_not_null(f);
        (void)fputs("words", f);
        (void)fclose(f);
    }
    cr_assert_eq(cp_pile_look(home, ticket, &pile), CP_OK);
    cr_expect_eq(pile.count, 1);
    cp_pile_sweep(home);
    cr_expect_neq(access(file.temp, F_OK), 0, "swept");
    cr_expect_eq(pile.next, 2);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", pile.folder, strange[i]);
        (void)unlink(path);
    }
}
