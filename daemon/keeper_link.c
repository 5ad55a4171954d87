/*
 * A further device of the same person: handing the sealed identity on, and taking it in.
 * Owns: both ends of the carry; who a person was before they became another, until that stands. Must not: know how it
 * travels (an invitation does), hand out an opened key.
 */
#include "daemon/keeper_internal.h"

#include <assert.h>
#include <string.h>

_Static_assert(CP_CARRY_SEALED_LEN == CP_SEALED_KEY_LEN, "the sealed part as it stands in the key file");

enum cp_err cp_keeper_carry(const struct cp_keeper *k, size_t person, const uint8_t seal[static 32],
                            struct cp_carry *out)
{
    uint8_t seed[32];
    enum cp_err err = cp_keeper_identity(k, person, seal, seed);
    sodium_memzero(seed, sizeof seed);
    if (err != CP_OK)
        return err;
    const struct cp_keeper_slot *p = &k->persons[person];
    memset(out, 0, sizeof *out);
    memcpy(out->person, p->pub.person, CP_ID_LEN);
    memcpy(out->identity_key, p->pub.identity_key, CP_KEY_LEN);
    memcpy(out->recovery_key, p->pub.recovery_key, CP_KEY_LEN);
    memcpy(out->salt, p->pub.kdf.salt, sizeof out->salt);
    out->passes = p->pub.kdf.passes;
    out->memory = p->pub.kdf.memory;
    out->none = p->pub.kdf.none;
    if (out->none)
        memcpy(out->seal, p->plain_seal, sizeof out->seal);
    memcpy(out->sealed, p->sealed_identity, sizeof out->sealed);
    return CP_OK;
}

enum cp_err cp_carry_kdf(const struct cp_carry *carry, struct cp_kdf *out)
{
    *out = (struct cp_kdf){.passes = carry->passes, .memory = carry->memory, .none = carry->none};
    memcpy(out->salt, carry->salt, sizeof out->salt);
    if (carry->none)
        return carry->passes == 0 && carry->memory == 0 ? CP_OK : CP_ERR_BAD_INVITATION;
    bool fits = carry->passes >= crypto_pwhash_OPSLIMIT_MIN && carry->passes <= CP_KDF_PASSES_MAX &&
                carry->memory >= crypto_pwhash_MEMLIMIT_MIN && carry->memory <= CP_KDF_MEMORY_MAX;
    return fits ? CP_OK : CP_ERR_BAD_INVITATION;
}

/* The identity of the carry, opened. */
static enum cp_err open_carry(const struct cp_carry *carry, const uint8_t *seal, uint8_t seed[static 32])
{
    uint8_t key[CP_KEY_LEN], secret[crypto_sign_SECRETKEYBYTES];
    if (!cp_part_open(carry->none ? carry->seal : seal, CP_PART_IDENTITY, carry->identity_key, carry->sealed,
                      sizeof carry->sealed, seed))
        return carry->none ? CP_ERR_BAD_INVITATION : CP_ERR_WRONG_PASSPHRASE;
    (void)crypto_sign_seed_keypair(key, secret, seed);
    sodium_memzero(secret, sizeof secret);
    return memcmp(key, carry->identity_key, sizeof key) == 0 ? CP_OK : CP_ERR_BAD_INVITATION;
}

/* Everything of the slot that names its person or is sealed under their passphrase, made anew. */
static void take_in(struct cp_keeper *k, size_t i, const struct cp_carry *carry, const uint8_t *seed, const uint8_t *seal,
                    const uint8_t *own_seal)
{
    struct cp_keeper_slot *p = &k->persons[i];
    struct cp_keeper_secrets *s = k->open;
    size_t name_len = strlen(p->name);
    memcpy(p->pub.person, carry->person, CP_ID_LEN);
    memcpy(p->pub.identity_key, carry->identity_key, CP_KEY_LEN);
    memcpy(p->pub.recovery_key, carry->recovery_key, CP_KEY_LEN);
    if (!carry->none) {
        p->pub.kdf = (struct cp_kdf){.passes = carry->passes, .memory = carry->memory};
        memcpy(p->pub.kdf.salt, carry->salt, sizeof carry->salt);
        sodium_memzero(p->plain_seal, sizeof p->plain_seal);
    }
    const uint8_t *key = !carry->none ? seal : p->pub.kdf.none ? p->plain_seal : own_seal;
    cp_part_seal(key, CP_PART_IDENTITY, p->pub.identity_key, seed, 32, p->sealed_identity);
    cp_part_seal(key, CP_PART_STORAGE, p->pub.person, s->storage, sizeof s->storage, p->sealed_storage);
    cp_part_seal(s->storage, CP_PART_NAME, p->pub.person, (const uint8_t *)p->name, name_len, p->sealed_name);
    p->sealed_name_len = name_len + CP_SEAL_EXTRA;
    if (p->own_device)
        cp_part_seal(key, CP_PART_DEVICE, p->pub.device_key, s->device[i], 32, p->sealed_device);
}

/* The identity of the carry, when person i may become its person. *same: they are, with this very key. */
static enum cp_err judge(const struct cp_keeper *k, size_t i, const struct cp_carry *carry, const uint8_t *seal,
                         const uint8_t *own_seal, uint8_t seed[static 32], bool *same)
{
    *same = false;
    if (k->open == NULL || !k->open->awake[i])
        return CP_ERR_LOCKED;
    for (size_t n = 0; n < k->count; n++)
        if (memcmp(k->persons[n].pub.person, carry->person, CP_ID_LEN) == 0) {
            if (n != i)
                return CP_ERR_AMBIGUOUS;
            *same = memcmp(k->persons[n].pub.identity_key, carry->identity_key, CP_KEY_LEN) == 0;
            if (*same)
                return CP_OK; /* else their key was changed: this device gets the new one */
        }
    enum cp_err err = open_carry(carry, seal, seed);
    return err == CP_OK && carry->none && !k->persons[i].pub.kdf.none ? cp_keeper_check(k, i, own_seal) : err;
}

enum cp_err cp_keeper_may_adopt(const struct cp_keeper *k, size_t i, const struct cp_carry *carry,
                                const uint8_t seal[static 32], const uint8_t own_seal[static 32])
{
    uint8_t seed[32] = {0};
    bool same = false;
    assert(i < k->count);
    enum cp_err err = judge(k, i, carry, seal, own_seal, seed, &same);
    sodium_memzero(seed, sizeof seed);
    return err;
}

enum cp_err cp_keeper_adopt(struct cp_keeper *k, size_t i, const struct cp_carry *carry, const uint8_t seal[static 32],
                            const uint8_t own_seal[static 32])
{
    uint8_t seed[32] = {0};
    bool same = false;
    assert(i < k->count);
    enum cp_err err = judge(k, i, carry, seal, own_seal, seed, &same);
    if (err == CP_OK && !same) {
        err = cp_keeper_remember(k, i);
        if (err == CP_OK) {
            take_in(k, i, carry, seed, seal, own_seal);
            err = cp_keeper_changed(k);
        }
    }
    sodium_memzero(seed, sizeof seed);
    return err;
}

/* ---- Taking it back ---- */

enum {
    WAS,
    IS
};

void cp_keeper_settle(struct cp_keeper *k)
{
    sodium_free(k->before);
    k->before = NULL;
}

/* Names stay, and are only here while the home is open. */
static void put_back(struct cp_keeper *k, const struct cp_keeper_slot *slot)
{
    struct cp_keeper_slot *p = &k->persons[k->before_of];
    char name[sizeof p->name];
    memcpy(name, p->name, sizeof name);
    *p = *slot;
    memcpy(p->name, name, sizeof name);
    sodium_memzero(name, sizeof name);
}

enum cp_err cp_keeper_remember(struct cp_keeper *k, size_t i)
{
    cp_keeper_settle(k);
    k->before = sodium_allocarray(2, sizeof *k->before);
    if (k->before == NULL)
        return CP_ERR_NO_MEMORY;
    k->before_of = i;
    k->before[WAS] = k->persons[i];
    return CP_OK;
}

enum cp_err cp_keeper_changed(struct cp_keeper *k)
{
    k->before[IS] = k->persons[k->before_of];
    enum cp_err err = cp_keyfile_save(k);
    if (err != CP_OK) {
        put_back(k, &k->before[WAS]);
        cp_keeper_settle(k);
    }
    return err;
}

enum cp_err cp_keeper_undo(struct cp_keeper *k, size_t i, bool *undone)
{
    enum cp_err err = CP_OK;
    assert(i < k->count);
    *undone = false;
    if (k->before == NULL || k->before_of != i)
        return CP_OK;
    const struct cp_keeper_slot *p = &k->persons[i], *is = &k->before[IS];
    /* Each sealing is another: a passphrase that was changed since, say, must not be lost. */
    if (memcmp(p->sealed_storage, is->sealed_storage, sizeof is->sealed_storage) == 0 &&
        memcmp(p->sealed_identity, is->sealed_identity, sizeof is->sealed_identity) == 0) {
        put_back(k, &k->before[WAS]);
        err = cp_keyfile_save(k);
        if (err != CP_OK)
            put_back(k, &k->before[IS]);
        *undone = err == CP_OK;
    }
    cp_keeper_settle(k);
    return err;
}
