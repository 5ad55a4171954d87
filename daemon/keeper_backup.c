/*
 * The keys of a backup (proto/backup.h): who can open it, and opening.
 * Owns: the slots of its head. Must not: know files.
 *
 * A sealed storage key names its person in what it authenticates, and a backup's head names nobody. So its bytes are
 * first deciphered without the tag; the head's key check says whether they are the key, and the tag is judged as always
 * when the key file that lies inside is opened.
 */
#include "daemon/keeper_internal.h"

#include <assert.h>
#include <string.h>

_Static_assert(CP_BACKUP_SEALED_LEN == CP_SEALED_KEY_LEN, "the sealed part as it stands in the key file");
_Static_assert(CP_BACKUP_SLOTS_MAX == CP_PERSONS_MAX, "one for each person");

enum {
    NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
};

static void put_slot(struct cp_backup_head *h, const struct cp_keeper_slot *p)
{
    size_t at = h->count;
    for (size_t i = 0; i < h->count; i++)
        if (memcmp(h->slots[i].salt, p->pub.kdf.salt, sizeof p->pub.kdf.salt) == 0)
            return; /* two without a passphrase: one of them opens it as well */
    while (at > 0 && memcmp(h->slots[at - 1].salt, p->pub.kdf.salt, sizeof p->pub.kdf.salt) > 0) {
        h->slots[at] = h->slots[at - 1];
        at--;
    }
    struct cp_backup_slot *s = &h->slots[at];
    memset(s, 0, sizeof *s);
    memcpy(s->salt, p->pub.kdf.salt, sizeof s->salt);
    s->passes = p->pub.kdf.passes;
    s->memory = p->pub.kdf.memory;
    s->none = p->pub.kdf.none;
    if (s->none)
        memcpy(s->seal, p->plain_seal, sizeof s->seal);
    memcpy(s->sealed, p->sealed_storage, sizeof s->sealed);
    h->count++;
}

enum cp_err cp_keeper_backup(const struct cp_keeper *k, struct cp_backup_head *h, uint8_t key[static 32])
{
    if (k->open == NULL)
        return CP_ERR_LOCKED;
    memset(h, 0, sizeof *h);
    randombytes_buf(h->salt, sizeof h->salt);
    cp_backup_key(k->open->storage, h->salt, key);
    cp_backup_key_check(key, h->key_check);
    for (size_t i = 0; i < k->count; i++)
        put_slot(h, &k->persons[i]);
    return CP_OK;
}

enum cp_err cp_backup_slot_kdf(const struct cp_backup_slot *s, struct cp_kdf *out)
{
    *out = (struct cp_kdf){.passes = s->passes, .memory = s->memory, .none = s->none};
    memcpy(out->salt, s->salt, sizeof out->salt);
    bool fits = s->none || (s->passes >= crypto_pwhash_OPSLIMIT_MIN && s->passes <= CP_KDF_PASSES_MAX &&
                            s->memory >= crypto_pwhash_MEMLIMIT_MIN && s->memory <= CP_KDF_MEMORY_MAX);
    return fits ? CP_OK : CP_ERR_BAD_BODY;
}

bool cp_backup_slot_open(const struct cp_backup_head *h, size_t i, const uint8_t seal[static 32],
                         uint8_t storage[static 32], uint8_t key[static 32])
{
    uint8_t check[sizeof h->key_check];
    assert(i < h->count);
    const struct cp_backup_slot *s = &h->slots[i];
    /* Block 0 of the stream makes the tag's key; the cipher's bytes begin with block 1. */
    (void)crypto_stream_xchacha20_xor_ic(storage, s->sealed + NONCE_LEN, 32, s->sealed, 1, s->none ? s->seal : seal);
    cp_backup_key(storage, h->salt, key);
    cp_backup_key_check(key, check);
    if (sodium_memcmp(check, h->key_check, sizeof check) == 0)
        return true;
    sodium_memzero(storage, 32);
    sodium_memzero(key, 32);
    return false;
}
