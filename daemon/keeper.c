/*
 * The keeper's life: making keys, unlocking, locking, public facts.
 * Owns: when secrets are in memory. Must not: sign (keeper_sign.c), know files (keeper_file.c).
 */
#include "daemon/keeper_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/memory.h"

const struct cp_mem *cp_keeper_mem(void)
{
    return cp_memory();
}

/* ---- Sealed parts ---- */

enum {
    NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
};
_Static_assert(CP_SEAL_EXTRA ==
                   crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "what sealing adds");

void cp_part_seal(const uint8_t key[static 32], enum cp_part part, const uint8_t whose[static 32],
                  const uint8_t *plain, size_t len, uint8_t *out)
{
    uint8_t with[33] = {(uint8_t)part};
    memcpy(with + 1, whose, 32);
    randombytes_buf(out, NONCE_LEN);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_LEN, NULL, plain, len, with, sizeof with,
                                                     NULL, out, key);
}

bool cp_part_open(const uint8_t key[static 32], enum cp_part part, const uint8_t whose[static 32],
                  const uint8_t *sealed, size_t sealed_len, uint8_t *out)
{
    uint8_t with[33] = {(uint8_t)part};
    memcpy(with + 1, whose, 32);
    if (sealed_len < CP_SEAL_EXTRA)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed + NONCE_LEN,
                                                      sealed_len - NONCE_LEN, with, sizeof with, sealed,
                                                      key) == 0;
}

/* ---- Making ---- */

static enum cp_err new_keeper(struct cp_keeper **out, const char *path)
{
    if (sodium_init() < 0)
        return CP_ERR_NO_MEMORY;
    struct cp_keeper *k = calloc(1, sizeof *k);
    if (k == NULL)
        return CP_ERR_NO_MEMORY;
    if (strlen(path) >= sizeof k->path) {
        free(k);
        return CP_ERR_TOO_BIG;
    }
    memcpy(k->path, path, strlen(path) + 1);
    for (size_t i = 0; i < CP_PERSONS_MAX; i++)
        k->persons[i].pub.name = k->persons[i].name;
    *out = k;
    return CP_OK;
}

static struct cp_keeper_secrets *new_secrets(void)
{
    struct cp_keeper_secrets *s = sodium_malloc(sizeof *s);
    if (s != NULL)
        memset(s, 0, sizeof *s);
    return s;
}

static void make_machine(struct cp_keeper *k)
{
    struct cp_keeper_secrets *s = k->open;
    randombytes_buf(s->storage, sizeof s->storage);
    (void)crypto_box_keypair(k->curve_key, s->curve);
    (void)crypto_box_keypair(k->box_key, s->box);
    cp_part_seal(s->storage, CP_PART_CURVE, k->curve_key, s->curve, CP_KEY_LEN, k->sealed_curve);
    cp_part_seal(s->storage, CP_PART_BOX, k->box_key, s->box, CP_KEY_LEN, k->sealed_box);
}

/* A seed's pair of keys. The seed is the first half of libsodium's secret key. */
static void make_pair(uint8_t key[static CP_KEY_LEN], uint8_t secret[static crypto_sign_SECRETKEYBYTES])
{
    (void)crypto_sign_keypair(key, secret);
}

/* The key that guards what is the person's own. */
static const uint8_t *seal_of(const struct cp_keeper_slot *p, const uint8_t *seal)
{
    return p->pub.kdf.none ? p->plain_seal : seal;
}

static void make_person(struct cp_keeper *k, size_t i, struct cp_bytes name, const struct cp_kdf *kdf,
                        const uint8_t seal[static 32], char sheet[static CP_SHEET_MAX])
{
    struct cp_keeper_slot *p = &k->persons[i];
    struct cp_keeper_secrets *s = k->open;
    uint8_t seed[CP_SHEET_SEED_LEN], secret[crypto_sign_SECRETKEYBYTES];

    p->pub.kdf = *kdf;
    if (kdf->none)
        randombytes_buf(p->plain_seal, sizeof p->plain_seal);
    const uint8_t *key = seal_of(p, seal);

    randombytes_buf(seed, sizeof seed);
    cp_sheet_keys(seed, p->pub.recovery_key, secret);
    cp_sheet_write(seed, sheet);
    make_pair(p->pub.identity_key, secret);
    cp_person_id(p->pub.identity_key, p->pub.recovery_key, p->pub.person);
    cp_part_seal(key, CP_PART_IDENTITY, p->pub.identity_key, secret, 32, p->sealed_identity);
    make_pair(p->pub.device_key, s->device[i]);
    p->own_device = i > 0;
    cp_part_seal(p->own_device ? key : s->storage, CP_PART_DEVICE, p->pub.device_key, s->device[i], 32,
                 p->sealed_device);
    s->awake[i] = true;
    cp_part_seal(key, CP_PART_STORAGE, p->pub.person, s->storage, sizeof s->storage, p->sealed_storage);
    cp_part_seal(s->storage, CP_PART_NAME, p->pub.person, name.ptr, name.len, p->sealed_name);
    p->sealed_name_len = name.len + CP_SEAL_EXTRA;
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(secret, sizeof secret);
}

enum cp_err cp_keeper_create(struct cp_keeper **out, const char *path, struct cp_bytes name,
                             const struct cp_kdf *kdf, const uint8_t seal[static 32],
                             char sheet[static CP_SHEET_MAX])
{
    struct stat st;
    struct cp_keeper *k = NULL;

    *out = NULL;
    if (name.len == 0 || name.len > CP_NAME_MAX || !cp_utf8_ok(name))
        return CP_ERR_BAD_VALUE;
    if (lstat(path, &st) == 0)
        return CP_ERR_HOME_EXISTS;
    if (errno != ENOENT)
        return CP_ERR_IO;
    enum cp_err err = new_keeper(&k, path);
    if (err != CP_OK)
        return err;
    k->open = new_secrets();
    if (k->open == NULL) {
        err = CP_ERR_NO_MEMORY;
        goto out;
    }
    make_machine(k);
    make_person(k, 0, name, kdf, seal, sheet);
    k->count = 1;
    err = cp_keyfile_save(k);
    if (err == CP_OK) {
        cp_keeper_lock(k);
        *out = k;
        k = NULL; /* transferred */
    }
out:
    if (err != CP_OK)
        sodium_memzero(sheet, CP_SHEET_MAX);
    cp_keeper_free(k);
    return err;
}

enum cp_err cp_keeper_add(struct cp_keeper *k, struct cp_bytes name, const struct cp_kdf *kdf,
                          const uint8_t seal[static 32], char sheet[static CP_SHEET_MAX])
{
    if (k->open == NULL)
        return CP_ERR_LOCKED;
    if (name.len == 0 || name.len > CP_NAME_MAX || !cp_utf8_ok(name))
        return CP_ERR_BAD_VALUE;
    for (size_t i = 0; i < k->count; i++)
        if (cp_bytes_eq(cp_bytes_str(k->persons[i].name), name))
            return CP_ERR_BAD_VALUE; /* --as NAME must say who */
    if (k->count == CP_PERSONS_MAX)
        return CP_ERR_TOO_BIG;
    size_t i = k->count;
    struct cp_keeper_slot *p = &k->persons[i];
    make_person(k, i, name, kdf, seal, sheet);
    memcpy(p->name, name.ptr, name.len);
    p->name[name.len] = '\0';
    k->count++;
    enum cp_err err = cp_keyfile_save(k);
    if (err != CP_OK) {
        k->count--;
        sodium_memzero(p, sizeof *p);
        p->pub.name = p->name;
        sodium_memzero(k->open->device[i], sizeof k->open->device[i]);
        k->open->awake[i] = false;
        sodium_memzero(sheet, CP_SHEET_MAX);
    }
    return err;
}

enum cp_err cp_keeper_open(struct cp_keeper **out, const char *path)
{
    struct cp_keeper *k = NULL;

    *out = NULL;
    enum cp_err err = new_keeper(&k, path);
    if (err != CP_OK)
        return err;
    err = cp_keyfile_load(k);
    if (err != CP_OK) {
        cp_keeper_free(k);
        return err;
    }
    *out = k;
    return CP_OK;
}

void cp_keeper_free(struct cp_keeper *k)
{
    if (k == NULL)
        return;
    cp_keeper_lock(k);
    cp_keeper_settle(k);
    sodium_memzero(k, sizeof *k);
    free(k);
}

/* ---- Public facts ---- */

size_t cp_keeper_count(const struct cp_keeper *k)
{
    return k->count;
}

const struct cp_keeper_person *cp_keeper_person(const struct cp_keeper *k, size_t i)
{
    assert(i < k->count);
    return &k->persons[i].pub;
}

void cp_keeper_machine(const struct cp_keeper *k, uint8_t curve_key[static CP_KEY_LEN],
                       uint8_t box_key[static CP_KEY_LEN])
{
    memcpy(curve_key, k->curve_key, CP_KEY_LEN);
    memcpy(box_key, k->box_key, CP_KEY_LEN);
}

/* ---- Locking ---- */

/* A secret that does not belong to the public key beside it would sign what nobody can check. */
static bool open_machine(const struct cp_keeper *k, struct cp_keeper_secrets *s)
{
    uint8_t key[CP_KEY_LEN];
    if (!cp_part_open(s->storage, CP_PART_CURVE, k->curve_key, k->sealed_curve, CP_SEALED_KEY_LEN,
                      s->curve) ||
        !cp_part_open(s->storage, CP_PART_BOX, k->box_key, k->sealed_box, CP_SEALED_KEY_LEN, s->box))
        return false;
    if (crypto_scalarmult_base(key, s->curve) != 0 || memcmp(key, k->curve_key, CP_KEY_LEN) != 0)
        return false;
    return crypto_scalarmult_base(key, s->box) == 0 && memcmp(key, k->box_key, CP_KEY_LEN) == 0;
}

bool cp_keeper_storage_is(const struct cp_keeper *k, const uint8_t storage[static 32])
{
    struct cp_keeper_secrets *s = new_secrets();
    if (s == NULL)
        return false;
    memcpy(s->storage, storage, sizeof s->storage);
    bool is = open_machine(k, s);
    sodium_free(s);
    return is;
}

static bool open_device(struct cp_keeper *k, size_t i, const uint8_t *seal)
{
    const struct cp_keeper_slot *p = &k->persons[i];
    struct cp_keeper_secrets *s = k->open;
    uint8_t seed[32], key[CP_KEY_LEN];
    if (!cp_part_open(p->own_device ? seal_of(p, seal) : s->storage, CP_PART_DEVICE, p->pub.device_key,
                      p->sealed_device, CP_SEALED_KEY_LEN, seed))
        return false;
    (void)crypto_sign_seed_keypair(key, s->device[i], seed);
    sodium_memzero(seed, sizeof seed);
    s->awake[i] = memcmp(key, p->pub.device_key, CP_KEY_LEN) == 0;
    return s->awake[i];
}

static bool open_name(struct cp_keeper_slot *p, const struct cp_keeper_secrets *s)
{
    size_t len = p->sealed_name_len - CP_SEAL_EXTRA;
    if (!cp_part_open(s->storage, CP_PART_NAME, p->pub.person, p->sealed_name, p->sealed_name_len,
                      (uint8_t *)p->name))
        return false;
    p->name[len] = '\0';
    return cp_utf8_ok(CP_BYTES((const uint8_t *)p->name, len));
}

enum cp_err cp_keeper_check(const struct cp_keeper *k, size_t person, const uint8_t seal[static 32])
{
    uint8_t storage[32];
    assert(person < k->count);
    const struct cp_keeper_slot *p = &k->persons[person];
    bool ok = cp_part_open(p->pub.kdf.none ? p->plain_seal : seal, CP_PART_STORAGE, p->pub.person,
                           p->sealed_storage, CP_SEALED_KEY_LEN, storage);
    sodium_memzero(storage, sizeof storage);
    return ok ? CP_OK : CP_ERR_WRONG_PASSPHRASE;
}

/* The first person's device key was sealed for a device of one. Now that several share it, it is sealed anew as soon
 * as the passphrase is here. What cannot be saved stays as it was, and is tried again. */
static void guard_device(struct cp_keeper *k, size_t i, const uint8_t *seal)
{
    struct cp_keeper_slot *p = &k->persons[i];
    uint8_t before[CP_SEALED_KEY_LEN];
    if (k->count < 2 || p->own_device || p->pub.kdf.none)
        return;
    memcpy(before, p->sealed_device, sizeof before);
    cp_part_seal(seal, CP_PART_DEVICE, p->pub.device_key, k->open->device[i], 32, p->sealed_device);
    p->own_device = true;
    if (cp_keyfile_save(k) != CP_OK) {
        memcpy(p->sealed_device, before, sizeof before);
        p->own_device = false;
    }
}

static enum cp_err wake(struct cp_keeper *k, size_t person, const uint8_t *seal)
{
    enum cp_err err = cp_keeper_check(k, person, seal);
    if (err == CP_OK && !k->open->awake[person] && !open_device(k, person, seal))
        err = CP_ERR_DAMAGED_KEY;
    if (err == CP_OK)
        guard_device(k, person, seal);
    return err;
}

enum cp_err cp_keeper_unlock(struct cp_keeper *k, size_t person, const uint8_t seal[static 32])
{
    assert(person < k->count);
    if (k->open != NULL)
        return wake(k, person, seal);
    struct cp_keeper_slot *p = &k->persons[person];
    struct cp_keeper_secrets *s = new_secrets();
    enum cp_err err = CP_OK;
    if (s == NULL)
        return CP_ERR_NO_MEMORY;
    k->open = s;
    if (!cp_part_open(p->pub.kdf.none ? p->plain_seal : seal, CP_PART_STORAGE, p->pub.person,
                      p->sealed_storage, CP_SEALED_KEY_LEN, s->storage))
        err = CP_ERR_WRONG_PASSPHRASE;
    else if (!open_machine(k, s))
        err = CP_ERR_DAMAGED_KEY;
    for (size_t i = 0; err == CP_OK && i < k->count; i++) {
        const struct cp_keeper_slot *other = &k->persons[i];
        bool guarded = other->own_device && !other->pub.kdf.none && i != person;
        if (!open_name(&k->persons[i], s) || (!guarded && !open_device(k, i, seal)))
            err = CP_ERR_DAMAGED_KEY;
    }
    for (size_t i = 0; err == CP_OK && i < k->count; i++)
        if (i != person)
            cp_keeper_sleep(k, i); /* one person unlocks: one person's session begins */
    if (err == CP_OK)
        guard_device(k, person, seal);
    if (err != CP_OK)
        cp_keeper_lock(k);
    return err;
}

bool cp_keeper_awake(const struct cp_keeper *k, size_t person)
{
    assert(person < k->count);
    return k->open != NULL && k->open->awake[person];
}

void cp_keeper_sleep(struct cp_keeper *k, size_t person)
{
    assert(person < k->count);
    if (k->open == NULL || k->persons[person].pub.kdf.none)
        return;
    sodium_memzero(k->open->device[person], sizeof k->open->device[person]);
    k->open->awake[person] = false;
}

enum cp_err cp_keeper_unlock_plain(struct cp_keeper *k)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->persons[i].pub.kdf.none)
            return cp_keeper_unlock(k, i, k->persons[i].plain_seal);
    return CP_ERR_WRONG_PASSPHRASE;
}

void cp_keeper_lock(struct cp_keeper *k)
{
    sodium_free(k->open); /* wipes */
    k->open = NULL;
    for (size_t i = 0; i < CP_PERSONS_MAX; i++)
        sodium_memzero(k->persons[i].name, sizeof k->persons[i].name);
}

bool cp_keeper_locked(const struct cp_keeper *k)
{
    return k->open == NULL;
}

const uint8_t *cp_keeper_storage_key(const struct cp_keeper *k)
{
    return k->open == NULL ? NULL : k->open->storage;
}

const uint8_t *cp_keeper_curve_secret(const struct cp_keeper *k)
{
    return k->open == NULL ? NULL : k->open->curve;
}
