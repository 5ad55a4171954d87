/* Boxes that show their reader, and nobody else, whose machine made them and for what (docs/protocol-bundle.md). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/keeper.h"
#include "proto/bundle.h"

static char folder[64];

static void setup(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/coplan-keeper-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void teardown(void)
{
    (void)rmdir(folder);
}

TestSuite(keeper_box, .init = setup, .fini = teardown);

static struct cp_keeper *machine(uint8_t curve[static CP_KEY_LEN], uint8_t box[static CP_KEY_LEN])
{
    static const uint8_t seal[32] = {0};
    struct cp_keeper *k = NULL;
    struct cp_kdf kdf;
    char sheet[CP_SHEET_MAX], path[80];
    (void)snprintf(path, sizeof path, "%s/keys", folder);
    cp_kdf_choose(&kdf, true);
    cr_assert_eq(cp_keeper_create(&k, path, cp_bytes_str("Asha"), &kdf, seal, sheet), CP_OK);
    cr_assert_eq(cp_keeper_unlock_plain(k), CP_OK);
    cp_keeper_machine(k, curve, box);
    cr_assert_eq(unlink(path), 0);
    return k;
}

Test(keeper_box, a_box_shows_its_reader_alone_whose_it_is)
{
    struct {
        struct cp_keeper *k;
        uint8_t curve[CP_KEY_LEN], box[CP_KEY_LEN];
    } m[3];
    const uint8_t key[32] = {7}, seen[CP_ID_LEN] = {8}, other[32] = {9};
    uint8_t slot[CP_BUNDLE_SLOT_LEN], again[CP_BUNDLE_SLOT_LEN], got[32];
    for (size_t i = 0; i < 3; i++)
        m[i].k = machine(m[i].curve, m[i].box);
    cr_assert(cp_keeper_box_to(m[0].k, m[1].box, seen, key, slot));
    cr_assert(cp_keeper_box_open(m[1].k, slot, got));
    cr_expect_eq(memcmp(got, key, sizeof got), 0);
    cr_expect(cp_keeper_box_is_by(m[1].k, m[0].curve, seen, key, slot));
    cr_expect_not(cp_keeper_box_is_by(m[1].k, m[2].curve, seen, key, slot), "another machine's");
    cr_expect_not(cp_keeper_box_is_by(m[1].k, m[1].curve, seen, key, slot), "the reader's own");
    cr_expect_not(cp_keeper_box_is_by(m[1].k, m[0].curve, other, key, slot), "for another word");
    cr_expect_not(cp_keeper_box_is_by(m[1].k, m[0].curve, seen, other, slot), "for another bundle");
    cr_expect_not(cp_keeper_box_open(m[2].k, slot, got));
    cr_expect_not(cp_keeper_box_is_by(m[2].k, m[0].curve, seen, key, slot), "who cannot open it cannot tell");
    for (size_t i = 0; i < 32; i++) {
        memcpy(again, slot, sizeof again);
        again[i] ^= 1;
        cr_expect_not(cp_keeper_box_is_by(m[1].k, m[0].curve, seen, key, again), "byte %zu", i);
    }
    cr_assert(cp_keeper_box_to(m[0].k, m[1].box, seen, other, again));
    cr_expect_neq(memcmp(slot, again, 32), 0, "two bundles have nothing in common");
    cr_assert(cp_box_to(m[1].box, key, again));
    cr_expect_not(cp_keeper_box_is_by(m[1].k, m[0].curve, seen, key, again), "by nobody in particular");
    for (size_t i = 0; i < 3; i++)
        cp_keeper_free(m[i].k);
}

Test(keeper_box, boxes_for_no_key_and_while_locked_are_not_made)
{
    static const uint8_t nothing[CP_KEY_LEN] = {0};
    const uint8_t key[32] = {7}, seen[CP_ID_LEN] = {8};
    uint8_t curve[CP_KEY_LEN], box[CP_KEY_LEN], slot[CP_BUNDLE_SLOT_LEN];
    struct cp_keeper *k = machine(curve, box);
    cr_expect_not(cp_keeper_box_to(k, nothing, seen, key, slot), "a point of small order");
    cr_assert(cp_keeper_box_to(k, box, seen, key, slot));
    cr_expect(cp_keeper_box_is_by(k, curve, seen, key, slot));
    cr_expect_not(cp_keeper_box_is_by(k, nothing, seen, key, slot));
    cp_keeper_lock(k);
    cr_expect_not(cp_keeper_box_to(k, box, seen, key, slot));
    cr_expect_not(cp_keeper_box_is_by(k, curve, seen, key, slot));
    cp_keeper_free(k);
}

/* As docs/protocol-bundle.md has it, from X25519, BLAKE2b and crypto_box alone. */
Test(keeper_box, a_box_is_as_the_protocol_says)
{
    static const char tag[] = "coplan/1 bundle slot"; /* with its NUL */
    uint8_t shared[32], from[32], to[32], to_secret[32], from_secret[32], secret[32], nonce[24], slot[80],
        want[80];
    const uint8_t key[32] = {7}, seen[32] = {8};
    crypto_generichash_state h;
    cr_assert_eq(crypto_box_keypair(from, from_secret) + crypto_box_keypair(to, to_secret), 0);
    cr_assert_eq(crypto_scalarmult(shared, to_secret, from), 0);
    crypto_generichash_init(&h, NULL, 0, 32);
    crypto_generichash_update(&h, (const uint8_t *)tag, sizeof tag);
    crypto_generichash_update(&h, shared, 32);
    crypto_generichash_update(&h, from, 32);
    crypto_generichash_update(&h, to, 32);
    crypto_generichash_update(&h, seen, 32);
    crypto_generichash_update(&h, key, 32);
    crypto_generichash_final(&h, secret, 32);
    cr_assert_eq(crypto_scalarmult_base(want, secret), 0);
    crypto_generichash_init(&h, NULL, 0, sizeof nonce);
    crypto_generichash_update(&h, want, 32);
    crypto_generichash_update(&h, to, 32);
    crypto_generichash_final(&h, nonce, sizeof nonce);
    cr_assert_eq(crypto_box_easy(want + 32, key, 32, nonce, to, secret), 0);
    cr_assert(cp_box_by(&(struct cp_box_by){shared, from, to, seen, key}, slot));
    cr_expect_eq(memcmp(slot, want, sizeof slot), 0);
}
