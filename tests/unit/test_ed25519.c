/*
 * Ed25519 as we judge it: the vectors of tests/vectors/ed25519.txt against the one call that judges signatures, and
 * forgeries made here against the three functions of ours that use it. An id never depends on signature bytes, but a
 * signature that another program would take and we would not (or the reverse) would split a group.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/entry.h"
#include "proto/sshsig.h"
#include "tests/support/heap.h"

static struct cp_buf input;

static void set_up(void)
{
    cr_assert_geq(sodium_init(), 0);
    cp_buf_init(&input, test_mem(), CP_ENTRY_MAX);
}

static void tear_down(void)
{
    cp_buf_clear(&input);
}

TestSuite(ed25519, .init = set_up, .fini = tear_down);

/* ---- The list ---- */

static size_t unhex(const char *hex, uint8_t *out, size_t max)
{
    size_t len = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
    cr_assert_leq(len, max);
    cr_assert(cp_hex_decode(CP_BYTES((const uint8_t *)hex, len * 2), out, len), "%s", hex);
    return len;
}

static bool verifies(const uint8_t *key, const uint8_t *message, size_t len, const uint8_t *sig)
{
    return crypto_sign_verify_detached(sig, message, len, key) == 0;
}

Test(ed25519, the_vectors)
{
    char line[1024], what[8], fields[4][300];
    uint8_t seed[32], key[CP_KEY_LEN], sig[CP_SIG_LEN], again[CP_SIG_LEN], message[256], secret[64], own[CP_KEY_LEN];
    size_t good = 0, bad = 0, made = 0;
    FILE *f = fopen("tests/vectors/ed25519.txt", "r");
    cr_assert_neq(f, NULL, "run from the top of the project");
    while (fgets(line, sizeof line, f) != NULL) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        bool makes = strncmp(line, "sign ", 5) == 0;
        if (makes)
            cr_assert_eq(sscanf(line, "%7s %299s %299s %299s %299s", what, fields[0], fields[1], fields[2], fields[3]), 5);
        else
            cr_assert_eq(sscanf(line, "%7s %299s %299s %299s", what, fields[1], fields[2], fields[3]), 4);
        cr_assert_eq(unhex(fields[1], key, sizeof key), CP_KEY_LEN);
        size_t len = unhex(fields[2], message, sizeof message);
        cr_assert_eq(unhex(fields[3], sig, sizeof sig), CP_SIG_LEN);
        cr_expect_eq(verifies(key, message, len, sig), strcmp(what, "bad") != 0, "%s", line);
        good += strcmp(what, "good") == 0 ? 1 : 0;
        bad += strcmp(what, "bad") == 0 ? 1 : 0;
        if (!makes)
            continue;
        made++;
        cr_assert_eq(unhex(fields[0], seed, sizeof seed), sizeof seed);
        cr_assert_eq(crypto_sign_seed_keypair(own, secret, seed), 0);
        cr_expect_arr_eq(own, key, CP_KEY_LEN);
        cr_assert_eq(crypto_sign_detached(again, NULL, message, len, secret), 0);
        cr_expect_arr_eq(again, sig, CP_SIG_LEN);
    }
    (void)fclose(f);
    cr_expect_eq(made, 4);
    cr_expect_geq(good, 40);
    cr_expect_geq(bad, 50);
}

/* ---- Forgeries against ours ---- */

/* The three that judge: an entry's, a statement's and an answer's signature, each over its own input. */
enum { JUDGES = 3 };

static struct cp_bytes covered(int judge, struct cp_bytes message)
{
    cp_buf_reset(&input);
    if (judge == 2)
        cp_sshsig_input(message, &input);
    else
        cp_sign_input(judge == 0 ? CP_TAG_ENTRY_SIG : CP_TAG_STATEMENT_IDENTITY, message, &input);
    cr_assert_eq(cp_buf_err(&input), CP_OK);
    return cp_buf_bytes(&input);
}

static bool judged(int judge, const uint8_t id[static CP_ID_LEN], const uint8_t *sig, const uint8_t *key)
{
    if (judge == 0)
        return cp_entry_sig_ok(id, sig, key);
    if (judge == 1)
        return cp_sig_ok(CP_TAG_STATEMENT_IDENTITY, CP_BYTES(id, CP_ID_LEN), sig, key);
    return cp_sshsig_ok(CP_BYTES(id, CP_ID_LEN), key, sig);
}

/* SHA-512(R | A | M) mod L. */
static void challenge(const uint8_t *r, const uint8_t *key, struct cp_bytes m, uint8_t h[32])
{
    crypto_hash_sha512_state state;
    uint8_t wide[64];
    (void)crypto_hash_sha512_init(&state);
    (void)crypto_hash_sha512_update(&state, r, 32);
    (void)crypto_hash_sha512_update(&state, key, 32);
    (void)crypto_hash_sha512_update(&state, m.ptr, m.len);
    (void)crypto_hash_sha512_final(&state, wide);
    crypto_core_ed25519_scalar_reduce(h, wide);
}

static const uint8_t id[CP_ID_LEN] = {1, 2, 3};

static const struct {
    const char *hex;
    unsigned order;
} small[] = {
    {"0100000000000000000000000000000000000000000000000000000000000000", 1},
    {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", 2},
    {"0000000000000000000000000000000000000000000000000000000000000000", 4},
    {"0000000000000000000000000000000000000000000000000000000000000080", 4},
    {"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", 8},
    {"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", 8},
    {"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", 8},
    {"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", 8},
    /* the same points not in their one encoding */
    {"0100000000000000000000000000000000000000000000000000000000000080", 1},
    {"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", 1},
    {"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 1},
    {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 2},
    {"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", 4},
    {"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 4},
};

/* Whoever names a key of small order could sign anything without knowing a secret: R = [S]B holds wherever the
 * challenge is a multiple of the order. */
Test(ed25519, keys_of_small_order_sign_nothing)
{
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        for (int judge = 0; judge < JUDGES; judge++) {
            uint8_t key[CP_KEY_LEN], sig[CP_SIG_LEN] = {0}, h[32];
            bool found = false;
            (void)unhex(small[i].hex, key, sizeof key);
            for (uint8_t s = 1; s < 200 && !found; s++) {
                sig[32] = s;
                cr_assert_eq(crypto_scalarmult_ed25519_base_noclamp(sig, sig + 32), 0);
                challenge(sig, key, covered(judge, CP_BYTES(id, CP_ID_LEN)), h);
                found = h[0] % small[i].order == 0;
            }
            cr_assert(found, "a forgery that a lax verifier takes");
            cr_expect_not(judged(judge, id, sig, key), "%s", small[i].hex);
        }
}

/* The holder of a secret could make signatures with an R of small order: known to nobody else, and yet not the one
 * signature that the key would make. */
Test(ed25519, an_r_of_small_order_is_refused)
{
    uint8_t seed[32] = {7}, key[CP_KEY_LEN], secret[64], wide[64], a[32], h[32], sig[CP_SIG_LEN];
    cr_assert_eq(crypto_sign_seed_keypair(key, secret, seed), 0);
    (void)crypto_hash_sha512(wide, seed, sizeof seed);
    memcpy(a, wide, sizeof a);
    a[0] &= 248;
    a[31] = (uint8_t)((a[31] & 127) | 64);
    memset(wide + 32, 0, 32);
    memcpy(wide, a, 32);
    crypto_core_ed25519_scalar_reduce(a, wide);
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        for (int judge = 0; judge < JUDGES; judge++) {
            (void)unhex(small[i].hex, sig, CP_KEY_LEN);
            challenge(sig, key, covered(judge, CP_BYTES(id, CP_ID_LEN)), h);
            crypto_core_ed25519_scalar_mul(sig + 32, h, a);
            cr_expect_not(judged(judge, id, sig, key), "%s", small[i].hex);
        }
}

/* S + L, S + 2L ... say the same to whoever does not look, and would be a second signature that anybody can make. */
Test(ed25519, s_is_reduced)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
                                      0xde, 0x14, [31] = 0x10};
    uint8_t seed[32] = {8}, key[CP_KEY_LEN], secret[64], sig[CP_SIG_LEN];
    cr_assert_eq(crypto_sign_seed_keypair(key, secret, seed), 0);
    for (int judge = 0; judge < JUDGES; judge++) {
        struct cp_bytes m = covered(judge, CP_BYTES(id, CP_ID_LEN));
        cr_assert_eq(crypto_sign_detached(sig, NULL, m.ptr, m.len, secret), 0);
        cr_expect(judged(judge, id, sig, key));
        for (int times = 1; times < 15; times++) {
            unsigned carry = 0;
            for (size_t i = 0; i < 32; i++) {
                carry += (unsigned)sig[32 + i] + order[i];
                sig[32 + i] = (uint8_t)carry;
                carry >>= 8;
            }
            cr_expect_not(judged(judge, id, sig, key), "S + %d L", times);
        }
    }
}

/* What one of ours signs, none of the others takes: each has an input of its own. */
Test(ed25519, one_judge_does_not_take_what_another_would)
{
    uint8_t seed[32] = {9}, key[CP_KEY_LEN], secret[64], sig[CP_SIG_LEN];
    cr_assert_eq(crypto_sign_seed_keypair(key, secret, seed), 0);
    for (int made = 0; made < JUDGES; made++) {
        struct cp_bytes m = covered(made, CP_BYTES(id, CP_ID_LEN));
        cr_assert_eq(crypto_sign_detached(sig, NULL, m.ptr, m.len, secret), 0);
        for (int judge = 0; judge < JUDGES; judge++)
            cr_expect_eq(judged(judge, id, sig, key), judge == made);
    }
}
