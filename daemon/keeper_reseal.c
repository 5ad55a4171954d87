/*
 * Another passphrase for one person. Owns: that everything sealed under the old one is sealed under the new one, in one
 * file that takes the old one's place. Must not: touch what is somebody else's, or sealed under the storage key.
 */
#include "daemon/keeper_internal.h"

#include <assert.h>
#include <string.h>

/* What the person's seal key guards, opened. */
struct parts {
    uint8_t storage[32];
    uint8_t identity[32];
    uint8_t device[32];
};

static bool open_parts(const struct cp_keeper_slot *p, const uint8_t *seal, struct parts *out)
{
    const uint8_t *key = p->pub.kdf.none ? p->plain_seal : seal;
    return cp_part_open(key, CP_PART_STORAGE, p->pub.person, p->sealed_storage, CP_SEALED_KEY_LEN, out->storage) &&
           cp_part_open(key, CP_PART_IDENTITY, p->pub.identity_key, p->sealed_identity, CP_SEALED_KEY_LEN,
                        out->identity) &&
           (!p->own_device ||
            cp_part_open(key, CP_PART_DEVICE, p->pub.device_key, p->sealed_device, CP_SEALED_KEY_LEN, out->device));
}

static void seal_parts(struct cp_keeper_slot *p, const uint8_t *seal, const struct parts *parts)
{
    const uint8_t *key = p->pub.kdf.none ? p->plain_seal : seal;
    cp_part_seal(key, CP_PART_STORAGE, p->pub.person, parts->storage, 32, p->sealed_storage);
    cp_part_seal(key, CP_PART_IDENTITY, p->pub.identity_key, parts->identity, 32, p->sealed_identity);
    if (p->own_device)
        cp_part_seal(key, CP_PART_DEVICE, p->pub.device_key, parts->device, 32, p->sealed_device);
}

enum cp_err cp_keeper_reseal(struct cp_keeper *k, size_t person, const uint8_t old_seal[static 32],
                             const struct cp_kdf *kdf, const uint8_t new_seal[static 32])
{
    assert(person < k->count);
    if (k->open == NULL)
        return CP_ERR_LOCKED;
    struct cp_keeper_slot *p = &k->persons[person], *before = sodium_malloc(sizeof *before);
    struct parts *parts = sodium_malloc(sizeof *parts);
    enum cp_err err = before == NULL || parts == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    if (err == CP_OK && !open_parts(p, old_seal, parts))
        err = CP_ERR_WRONG_PASSPHRASE;
    if (err == CP_OK) {
        *before = *p;
        p->pub.kdf = *kdf;
        if (kdf->none)
            randombytes_buf(p->plain_seal, sizeof p->plain_seal);
        else
            sodium_memzero(p->plain_seal, sizeof p->plain_seal);
        seal_parts(p, new_seal, parts);
        err = cp_keyfile_save(k);
        if (err != CP_OK)
            *p = *before;
    }
    sodium_free(before);
    sodium_free(parts);
    return err;
}
