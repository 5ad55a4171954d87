/*
 * From passphrases and shared secrets to keys: Argon2id and its measure, and the derived CURVE pairs.
 * Owns: how costly a guess is. Must not: read or keep anything.
 */
#include "daemon/keeper_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/spoken.h"

#define STACK_USED 32768U /* of Argon2's calls: some KiB of blocks, and a hash's state */

enum cp_err cp_kdf_run(const struct cp_kdf *kdf, struct cp_bytes passphrase, uint8_t out[static 32])
{
    assert(!kdf->none);
    if (passphrase.len > CP_PASSPHRASE_MAX)
        return CP_ERR_TOO_BIG;
    if (sodium_init() < 0)
        return CP_ERR_NO_MEMORY;
    static const char nothing[1] = "";
    const char *p = passphrase.len == 0 ? nothing : (const char *)passphrase.ptr;
    int rc = crypto_pwhash(out, 32, p, passphrase.len, kdf->salt, kdf->passes, (size_t)kdf->memory,
                           crypto_pwhash_ALG_ARGON2ID13);
    sodium_stackzero(STACK_USED); /* it leaves its result below, where a thread that waits would keep it for ever */
    return rc == 0 ? CP_OK : CP_ERR_NO_MEMORY;
}

static uint64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* An eighth of the memory of this machine: a guess may cost much, unlocking must not push people's work out. */
static uint64_t memory_room(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page <= 0)
        return CP_KDF_MEMORY_FLOOR;
    uint64_t room = (uint64_t)pages * (uint64_t)page / 8;
    return room > CP_KDF_MEMORY_MAX ? CP_KDF_MEMORY_MAX : room;
}

/* The least that is called strong; false: what tests ask for instead. */
static bool at_floor(struct cp_kdf *out)
{
    const char *test = getenv("COPLAN_TEST_KDF");
    bool weak = test != NULL && strcmp(test, "weak") == 0;
    out->passes = weak ? crypto_pwhash_OPSLIMIT_MIN : CP_KDF_PASSES_FLOOR;
    out->memory = weak ? crypto_pwhash_MEMLIMIT_MIN : CP_KDF_MEMORY_FLOOR;
    return !weak;
}

void cp_kdf_spoken(struct cp_kdf *out)
{
    *out = (struct cp_kdf){.none = false};
    (void)at_floor(out);
    cp_spoken_salt(out->salt);
}

void cp_kdf_choose(struct cp_kdf *out, bool none)
{
    const uint64_t aim_us = 1000000;
    uint8_t key[32];

    *out = (struct cp_kdf){.none = none};
    if (none || sodium_init() < 0)
        return;
    randombytes_buf(out->salt, sizeof out->salt);
    if (!at_floor(out))
        return;
    uint64_t begin = now_us();
    enum cp_err err = cp_kdf_run(out, CP_BYTES(NULL, 0), key);
    uint64_t took = now_us() - begin;
    sodium_memzero(key, sizeof key);
    if (err != CP_OK || took == 0)
        return;
    /* Memory first: it is what costs a guesser most. Time grows with memory times passes. */
    uint64_t room = memory_room();
    while (took * 2 <= aim_us && out->memory * 2 <= room) {
        out->memory *= 2;
        took *= 2;
    }
    uint64_t passes = out->passes * aim_us / took;
    if (passes > out->passes)
        out->passes = passes > CP_KDF_PASSES_MAX ? CP_KDF_PASSES_MAX : passes;
}

static void curve_pair(enum cp_tag tag, const uint8_t *from, size_t from_len, uint8_t key[static CP_KEY_LEN],
                       uint8_t secret[static CP_KEY_LEN])
{
    cp_hash2(tag, CP_BYTES(from, from_len), CP_BYTES(NULL, 0), secret, CP_KEY_LEN);
    (void)crypto_scalarmult_base(key, secret);
}

void cp_token_curve(const uint8_t token[static CP_TOKEN_LEN], uint8_t key[static CP_KEY_LEN],
                    uint8_t secret[static CP_KEY_LEN])
{
    curve_pair(CP_TAG_TOKEN_CURVE, token, CP_TOKEN_LEN, key, secret);
}

void cp_door_curve(const uint8_t plan_secret[static CP_KEY_LEN], uint8_t key[static CP_KEY_LEN],
                   uint8_t secret[static CP_KEY_LEN])
{
    curve_pair(CP_TAG_DOOR_CURVE, plan_secret, CP_KEY_LEN, key, secret);
}

void cp_ticket_curve(const uint8_t plan_secret[static CP_KEY_LEN], const uint8_t carrier[static CP_KEY_LEN],
                     uint8_t key[static CP_KEY_LEN], uint8_t secret[static CP_KEY_LEN])
{
    cp_hash2(CP_TAG_CARRIER_KEY, CP_BYTES(plan_secret, CP_KEY_LEN), CP_BYTES(carrier, CP_KEY_LEN), secret,
             CP_KEY_LEN);
    (void)crypto_scalarmult_base(key, secret);
}

void cp_door_proof_key(const uint8_t plan_secret[static CP_KEY_LEN], uint8_t out[static CP_KEY_LEN])
{
    cp_hash2(CP_TAG_DOOR_PROOF_KEY, CP_BYTES(plan_secret, CP_KEY_LEN), CP_BYTES(NULL, 0), out, CP_KEY_LEN);
}
