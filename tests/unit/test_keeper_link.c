/* A further device of the same person: the carry, with bad input first, and what changes on the device that takes it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/keeper_internal.h"
#include "tests/support/heap.h"

static char folder[64], path[2][96];

static void setup(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/coplan-link-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    for (int i = 0; i < 2; i++)
        (void)snprintf(path[i], sizeof path[i], "%s/keys%d", folder, i);
    cr_assert_eq(setenv("COPLAN_TEST_KDF", "weak", 1), 0);
}

static void teardown(void)
{
    for (int i = 0; i < 2; i++)
        (void)unlink(path[i]);
    (void)rmdir(folder);
}

TestSuite(keeper_link, .init = setup, .fini = teardown);

/* phrase NULL: without a passphrase. Unlocked. */
static struct cp_keeper *make(int i, const char *phrase, uint8_t seal[static 32])
{
    struct cp_keeper *k = NULL;
    struct cp_kdf kdf;
    char sheet[CP_SHEET_MAX];
    cp_kdf_choose(&kdf, phrase == NULL);
    memset(seal, 0, 32);
    if (phrase != NULL)
        cr_assert_eq(cp_kdf_run(&kdf, cp_bytes_str(phrase), seal), CP_OK);
    cr_assert_eq(cp_keeper_create(&k, path[i], cp_bytes_str(i == 0 ? "Asha" : "Phone"), &kdf, seal, sheet), CP_OK);
    cr_assert_eq(phrase == NULL ? cp_keeper_unlock_plain(k) : cp_keeper_unlock(k, 0, seal), CP_OK);
    return k;
}

/* The JOIN that k makes is of `person`, and verifies. */
static void joins_as(struct cp_keeper *k, const uint8_t *seal, const uint8_t *person)
{
    const uint8_t plan[32] = {2}, invite[32] = {3}, token[CP_TOKEN_LEN] = {4}, other[32] = {5};
    uint8_t token_key[32], token_curve[32];
    struct cp_buf join;
    struct cp_join j;
    cp_token_public(token, token_key, token_curve);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cr_assert_eq(cp_keeper_join_device(k, 0, seal, plan, invite, token, cp_bytes_str("Asha"), &join), CP_OK);
    cr_assert_eq(cp_join_read(cp_buf_bytes(&join), &j), CP_OK);
    cr_assert_eq(j.how, CP_JOIN_DEVICE);
    cr_assert(cp_join_under(&j, plan, invite, token_key, person));
    cr_assert_not(cp_join_under(&j, plan, invite, token_key, NULL));
    cr_assert_not(cp_join_under(&j, plan, invite, token_key, other));
    cp_buf_clear(&join);
}

static void check(const char *first, const char *second)
{
    uint8_t seal[2][32], device[32], machine[32], box[32], now[32];
    struct cp_carry carry, bad;
    struct cp_keeper *a = make(0, first, seal[0]), *b = make(1, second, seal[1]), *again = NULL;
    memcpy(device, cp_keeper_person(b, 0)->device_key, 32);
    cp_keeper_machine(b, machine, box);
    cr_assert_eq(cp_keeper_carry(a, 0, seal[0], &carry), CP_OK);
    bad = carry;
    bad.sealed[40] ^= 1;
    cr_assert_neq(cp_keeper_adopt(b, 0, &bad, seal[0], seal[1]), CP_OK);
    bad = carry;
    bad.identity_key[0] ^= 1;
    cr_assert_neq(cp_keeper_adopt(b, 0, &bad, seal[0], seal[1]), CP_OK);
    if (first != NULL) {
        const uint8_t wrong[32] = {1};
        cr_assert_eq(cp_keeper_adopt(b, 0, &carry, wrong, seal[1]), CP_ERR_WRONG_PASSPHRASE);
    }
    cr_assert_arr_neq(cp_keeper_person(b, 0)->person, carry.person, 32, "nothing has changed so far");
    cr_assert_eq(cp_keeper_adopt(b, 0, &carry, seal[0], seal[1]), CP_OK);
    cr_assert_eq(cp_keeper_adopt(b, 0, &carry, seal[0], seal[1]), CP_OK, "twice is once");
    cp_keeper_free(b);

    const uint8_t *key = first != NULL ? seal[0] : seal[1]; /* the passphrase of the identity, where it has one */
    cr_assert_eq(cp_keeper_open(&again, path[1]), CP_OK);
    if (first != NULL && second != NULL)
        cr_assert_eq(cp_keeper_unlock(again, 0, seal[1]), CP_ERR_WRONG_PASSPHRASE);
    cr_assert_eq(first == NULL && second == NULL ? cp_keeper_unlock_plain(again) : cp_keeper_unlock(again, 0, key), CP_OK);
    const struct cp_keeper_person *p = cp_keeper_person(again, 0);
    cr_assert_arr_eq(p->person, carry.person, 32);
    cr_assert_arr_eq(p->recovery_key, cp_keeper_person(a, 0)->recovery_key, 32);
    cr_assert_arr_eq(p->device_key, device, 32, "its device key stays its own");
    cr_assert_str_eq(p->name, "Phone");
    cp_keeper_machine(again, now, box);
    cr_assert_arr_eq(now, machine, 32);
    joins_as(again, key, carry.person);
    cp_keeper_free(a);
    cp_keeper_free(again);
}

Test(keeper_link, both_with_a_passphrase) { check("tea and toast", "another"); }
Test(keeper_link, the_first_alone_has_one) { check("tea and toast", NULL); }
Test(keeper_link, the_second_alone_has_one) { check(NULL, "another"); }
Test(keeper_link, neither_has_one) { check(NULL, NULL); }

Test(keeper_link, no_more_work_than_a_key_file_asks_for)
{
    struct cp_carry c;
    struct cp_kdf kdf;
    memset(&c, 0, sizeof c);
    c.passes = 3;
    c.memory = CP_KDF_MEMORY_MAX;
    cr_assert_eq(cp_carry_kdf(&c, &kdf), CP_OK);
    c.memory++;
    cr_assert_eq(cp_carry_kdf(&c, &kdf), CP_ERR_BAD_INVITATION);
    c.memory = CP_KDF_MEMORY_MAX;
    c.passes = CP_KDF_PASSES_MAX + 1;
    cr_assert_eq(cp_carry_kdf(&c, &kdf), CP_ERR_BAD_INVITATION);
    c.passes = 0;
    cr_assert_eq(cp_carry_kdf(&c, &kdf), CP_ERR_BAD_INVITATION);
    c.none = true;
    cr_assert_eq(cp_carry_kdf(&c, &kdf), CP_ERR_BAD_INVITATION);
    c.memory = 0;
    cr_assert_eq(cp_carry_kdf(&c, &kdf), CP_OK);
}

Test(keeper_link, somebody_who_is_here_already)
{
    uint8_t seal[2][32];
    struct cp_carry carry;
    char sheet[CP_SHEET_MAX];
    struct cp_keeper *a = make(0, "tea", seal[0]);
    struct cp_kdf kdf;
    cr_assert_eq(cp_keeper_carry(a, 0, seal[1], &carry), CP_ERR_WRONG_PASSPHRASE);
    cr_assert_eq(cp_keeper_carry(a, 0, seal[0], &carry), CP_OK);
    cp_kdf_choose(&kdf, true);
    memset(seal[1], 0, 32);
    cr_assert_eq(cp_keeper_add(a, cp_bytes_str("Bill"), &kdf, seal[1], sheet), CP_OK);
    cr_assert_eq(cp_keeper_adopt(a, 1, &carry, seal[0], seal[1]), CP_ERR_AMBIGUOUS);
    cp_keeper_lock(a);
    cr_assert_eq(cp_keeper_adopt(a, 1, &carry, seal[0], seal[1]), CP_ERR_LOCKED);
    cr_assert_eq(cp_keeper_carry(a, 0, seal[0], &carry), CP_ERR_LOCKED);
    cp_keeper_free(a);
}

/* Nobody let it in: who person 0 of the second home was is put back, in the file too, also while the home is locked. */
Test(keeper_link, undone)
{
    uint8_t seal[2][32], person[32], device[32];
    struct cp_carry carry;
    struct cp_keeper *a = make(0, "tea", seal[0]), *b = make(1, "toast", seal[1]);
    bool undone = true;
    memcpy(person, cp_keeper_person(b, 0)->person, 32);
    memcpy(device, cp_keeper_person(b, 0)->device_key, 32);
    cr_assert_eq(cp_keeper_carry(a, 0, seal[0], &carry), CP_OK);
    cr_assert_eq(cp_keeper_undo(b, 0, &undone), CP_OK);
    cr_assert_not(undone, "nothing was done");
    cr_assert_eq(cp_keeper_may_adopt(b, 0, &carry, seal[0], seal[1]), CP_OK);
    cr_assert_arr_eq(cp_keeper_person(b, 0)->person, person, 32, "asking changes nothing");
    for (int locked = 0; locked <= 1; locked++) {
        cr_assert_eq(cp_keeper_adopt(b, 0, &carry, seal[0], seal[1]), CP_OK);
        cr_assert_arr_eq(cp_keeper_person(b, 0)->person, carry.person, 32);
        if (locked)
            cp_keeper_lock(b);
        cr_assert_eq(cp_keeper_undo(b, 0, &undone), CP_OK);
        cr_assert(undone);
        cr_assert_arr_eq(cp_keeper_person(b, 0)->person, person, 32);
        cr_assert_str_eq(cp_keeper_person(b, 0)->name, locked ? "" : "Phone", "no name while it is locked");
    }
    cp_keeper_free(b);
    cr_assert_eq(cp_keeper_open(&b, path[1]), CP_OK);
    cr_assert_eq(cp_keeper_unlock(b, 0, seal[0]), CP_ERR_WRONG_PASSPHRASE);
    cr_assert_eq(cp_keeper_unlock(b, 0, seal[1]), CP_OK);
    cr_assert_str_eq(cp_keeper_person(b, 0)->name, "Phone");
    cr_assert_arr_eq(cp_keeper_person(b, 0)->device_key, device, 32);
    cp_keeper_free(a);
    cp_keeper_free(b);
}

/* What stands is not undone, nor what something else was built on: a passphrase that was changed meanwhile is not lost. */
Test(keeper_link, not_undone)
{
    uint8_t seal[2][32], new_seal[32] = {7};
    struct cp_carry carry;
    struct cp_kdf kdf;
    struct cp_keeper *a = make(0, "tea", seal[0]), *b = make(1, "toast", seal[1]);
    bool undone = true;
    cr_assert_eq(cp_keeper_carry(a, 0, seal[0], &carry), CP_OK);
    cr_assert_eq(cp_keeper_adopt(b, 0, &carry, seal[0], seal[1]), CP_OK);
    cp_kdf_choose(&kdf, false);
    cr_assert_eq(cp_keeper_reseal(b, 0, seal[0], &kdf, new_seal), CP_OK);
    cr_assert_eq(cp_keeper_undo(b, 0, &undone), CP_OK);
    cr_assert_not(undone);
    cr_assert_arr_eq(cp_keeper_person(b, 0)->person, carry.person, 32);
    cr_assert_eq(cp_keeper_check(b, 0, new_seal), CP_OK);
    cr_assert_eq(cp_keeper_renew(b, 0, new_seal), CP_OK);
    cp_keeper_settle(b);
    cr_assert_eq(cp_keeper_undo(b, 0, &undone), CP_OK);
    cr_assert_not(undone, "it stands");
    cr_assert_arr_neq(cp_keeper_person(b, 0)->identity_key, carry.identity_key, 32);
    cr_assert_eq(cp_keeper_renew(b, 0, new_seal), CP_OK);
    cr_assert_eq(cp_keeper_undo(b, 0, &undone), CP_OK);
    cr_assert(undone, "a new key too");
    cp_keeper_free(a);
    cp_keeper_free(b);
}
