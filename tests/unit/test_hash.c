/* Tags: none is a prefix of another, and each use gives another hash. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/hash.h"

Test(hash, no_tag_is_a_prefix_of_another)
{
    for (int a = 0; a < CP_TAG_COUNT; a++)
        for (int b = 0; b < CP_TAG_COUNT; b++) {
            const char *ta = cp_tag_text((enum cp_tag)a), *tb = cp_tag_text((enum cp_tag)b);
            size_t len = strlen(ta) + 1; /* what is hashed ends with the zero byte */
            cr_expect(a == b || strlen(tb) + 1 < len || memcmp(ta, tb, len) != 0, "%s / %s", ta, tb);
        }
}

Test(hash, the_tag_and_the_cut_decide_the_value)
{
    uint8_t a[32], b[32], short_a[8];
    cp_hash2(CP_TAG_FRAME, cp_bytes_str("x"), cp_bytes_str("y"), a, 32);
    cp_hash2(CP_TAG_WORDS, cp_bytes_str("x"), cp_bytes_str("y"), b, 32);
    cr_expect_neq(memcmp(a, b, 32), 0);
    uint8_t sixteen[16];
    cp_hash2(CP_TAG_FRAME, cp_bytes_str("x"), cp_bytes_str("y"), sixteen, 16);
    cp_hash2(CP_TAG_FRAME, cp_bytes_str("x"), cp_bytes_str("y"), short_a, 8);
    cr_expect_eq(memcmp(short_a, sixteen, 8), 0);
}

Test(hash, signatures_are_judged_strictly)
{
    uint8_t pk[32], sk[64], seed[32] = {7}, sig[64], input[128];
    const char *tag = cp_tag_text(CP_TAG_ENTRY_SIG);
    cr_assert_eq(crypto_sign_seed_keypair(pk, sk, seed), 0);
    memcpy(input, tag, strlen(tag) + 1);
    memcpy(input + strlen(tag) + 1, "id", 2);
    crypto_sign_detached(sig, NULL, input, strlen(tag) + 3, sk);
    cr_expect(cp_sig_ok(CP_TAG_ENTRY_SIG, cp_bytes_str("id"), sig, pk));
    cr_expect(!cp_sig_ok(CP_TAG_STATEMENT_IDENTITY, cp_bytes_str("id"), sig, pk));
    cr_expect(!cp_sig_ok(CP_TAG_ENTRY_SIG, cp_bytes_str("ie"), sig, pk));
    for (size_t bit = 0; bit < 64 * 8; bit++) {
        sig[bit / 8] = (uint8_t)(sig[bit / 8] ^ (1U << bit % 8));
        cr_expect(!cp_sig_ok(CP_TAG_ENTRY_SIG, cp_bytes_str("id"), sig, pk), "bit %zu", bit);
        sig[bit / 8] = (uint8_t)(sig[bit / 8] ^ (1U << bit % 8));
    }
    /* S + L is the same signature to a careless verifier (security.md 0.5). */
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                      0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)sig[32 + i] + order[i];
        sig[32 + i] = (uint8_t)(carry & 0xff);
        carry >>= 8;
    }
    cr_expect(!cp_sig_ok(CP_TAG_ENTRY_SIG, cp_bytes_str("id"), sig, pk));
    uint8_t small[32] = {1}; /* a small-order key */
    cr_expect(!cp_sig_ok(CP_TAG_ENTRY_SIG, cp_bytes_str("id"), sig, small));
}
