/*
 * The recovery sheet: what a person prints and types again years later.
 * Owns: its letters. Must not: keep the seed.
 */
#include "daemon/keeper_internal.h"

#include <string.h>

enum {
    CHECK_LEN = 4,
    SHEET_BYTES = CP_SHEET_SEED_LEN + CHECK_LEN,
    LETTERS = SHEET_BYTES * 8 / 5,
    GROUP = 4
};
_Static_assert(SHEET_BYTES * 8 % (5 * GROUP) == 0, "whole groups, no letter half used");
_Static_assert(LETTERS + LETTERS / GROUP <= CP_SHEET_MAX, "room for the dashes");

/* Crockford's: without I, L, O (read as 1, 1, 0) and U (so that no word forms). */
static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void check_of(const uint8_t seed[static CP_SHEET_SEED_LEN], uint8_t out[static CHECK_LEN])
{
    cp_hash2(CP_TAG_RECOVERY_CHECK, CP_BYTES(seed, CP_SHEET_SEED_LEN), CP_BYTES(NULL, 0), out, CHECK_LEN);
}

void cp_sheet_write(const uint8_t seed[static CP_SHEET_SEED_LEN], char out[static CP_SHEET_MAX])
{
    uint8_t bytes[SHEET_BYTES];
    unsigned bits = 0, held = 0;
    size_t at = 0, n = 0;

    memcpy(bytes, seed, CP_SHEET_SEED_LEN);
    check_of(seed, bytes + CP_SHEET_SEED_LEN);
    memset(out, 0, CP_SHEET_MAX);
    for (size_t i = 0; i < sizeof bytes; i++) {
        held = (held << 8 | bytes[i]) & 0xffffU;
        for (bits += 8; bits >= 5; bits -= 5) {
            if (n > 0 && n % GROUP == 0)
                out[at++] = '-';
            out[at++] = letters[held >> (bits - 5) & 31U];
            n++;
        }
    }
    sodium_memzero(bytes, sizeof bytes);
}

/* Value of a letter as typed; -1 for one to pass over, -2 for one that is none of ours. */
static int value_of(uint8_t c)
{
    if (c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r')
        return -1;
    if (c >= 'a' && c <= 'z')
        c = (uint8_t)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    const char *p = c == 0 ? NULL : strchr(letters, c);
    return p == NULL ? -2 : (int)(p - letters);
}

/* The letters as values, spaces and dashes left out; -2 where there is none of ours. False: not as many as a sheet has. */
static bool letters_of(struct cp_bytes typed, int8_t out[static LETTERS])
{
    size_t n = 0;
    for (size_t i = 0; i < typed.len; i++) {
        int v = value_of(typed.ptr[i]);
        if (v == -1)
            continue;
        if (n == LETTERS)
            return false;
        out[n++] = (int8_t)v;
    }
    return n == LETTERS;
}

static bool fits(const int8_t values[static LETTERS], uint8_t seed[static CP_SHEET_SEED_LEN])
{
    uint8_t bytes[SHEET_BYTES], check[CHECK_LEN];
    unsigned bits = 0, held = 0;
    size_t n = 0;
    for (size_t i = 0; i < LETTERS; i++) {
        if (values[i] < 0)
            return false;
        held = (held << 5 | (unsigned)values[i]) & 0xffffU;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes[n++] = (uint8_t)(held >> bits & 0xffU);
        }
    }
    check_of(bytes, check);
    bool same = sodium_memcmp(check, bytes + CP_SHEET_SEED_LEN, CHECK_LEN) == 0;
    if (same)
        memcpy(seed, bytes, CP_SHEET_SEED_LEN);
    sodium_memzero(bytes, sizeof bytes);
    return same;
}

bool cp_sheet_read(struct cp_bytes typed, uint8_t seed[static CP_SHEET_SEED_LEN])
{
    int8_t values[LETTERS];
    bool ok = letters_of(typed, values) && fits(values, seed);
    sodium_memzero(values, sizeof values);
    return ok;
}

/* Each place with each letter: 992 hashes of 16 bytes, and 32 bits of check tell the one that is right from all others. */
bool cp_sheet_forgive(struct cp_bytes typed, uint8_t seed[static CP_SHEET_SEED_LEN], unsigned *group, unsigned *letter)
{
    int8_t values[LETTERS];
    bool ok = letters_of(typed, values);
    *group = *letter = 0;
    if (ok && !fits(values, seed)) {
        ok = false;
        for (size_t i = 0; i < LETTERS && !ok; i++) {
            int8_t was = values[i];
            for (int8_t v = 0; v < 32 && !ok; v++) {
                values[i] = v;
                ok = fits(values, seed);
            }
            values[i] = was;
            if (ok) {
                *group = (unsigned)(i / GROUP + 1);
                *letter = (unsigned)(i % GROUP + 1);
            }
        }
    }
    sodium_memzero(values, sizeof values);
    return ok;
}

void cp_sheet_keys(const uint8_t seed[static CP_SHEET_SEED_LEN], uint8_t key[static CP_KEY_LEN],
                   uint8_t secret[static crypto_sign_SECRETKEYBYTES])
{
    uint8_t from[32];
    cp_hash2(CP_TAG_RECOVERY_SEED, CP_BYTES(seed, CP_SHEET_SEED_LEN), CP_BYTES(NULL, 0), from, sizeof from);
    (void)crypto_sign_seed_keypair(key, secret, from);
    sodium_memzero(from, sizeof from);
}
