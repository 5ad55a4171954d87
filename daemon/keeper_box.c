/*
 * Boxes: a bundle's key for one machine, or for the door of a plan (proto/bundle.h), and what a device says that its
 * machine holds. Owns: the use of the box key. Must not: know bundles' files.
 */
#include <assert.h>
#include <string.h>

#include "daemon/keeper_internal.h"
#include "proto/bundle.h"

static_assert(CP_BUNDLE_SLOT_LEN == crypto_box_SEALBYTES + 32, "a slot is a sealed box of one key");

bool cp_box_to(const uint8_t to[static CP_KEY_LEN], const uint8_t key[static 32],
               uint8_t slot[static CP_BUNDLE_SLOT_LEN])
{
    return crypto_box_seal(slot, key, 32, to) ==
           0; /* false: `to` is a point of small order, which no machine has */
}

bool cp_keeper_box_open(const struct cp_keeper *k, const uint8_t slot[static CP_BUNDLE_SLOT_LEN],
                        uint8_t key[static 32])
{
    return k->open != NULL &&
           crypto_box_seal_open(key, slot, CP_BUNDLE_SLOT_LEN, k->box_key, k->open->box) == 0;
}

bool cp_door_box_open(const uint8_t plan_secret[static CP_KEY_LEN],
                      const uint8_t slot[static CP_BUNDLE_SLOT_LEN], uint8_t key[static 32])
{
    uint8_t door[CP_KEY_LEN], secret[CP_KEY_LEN];
    cp_door_curve(plan_secret, door, secret);
    bool open = crypto_box_seal_open(key, slot, CP_BUNDLE_SLOT_LEN, door, secret) == 0;
    sodium_memzero(secret, sizeof secret);
    return open;
}

enum cp_err cp_keeper_seen(struct cp_keeper *k, const uint8_t device[static CP_KEY_LEN],
                           const uint8_t hash[static CP_ID_LEN], uint8_t sig[static CP_SIG_LEN])
{
    if (k->open == NULL)
        return CP_ERR_LOCKED;
    for (size_t i = 0; i < k->count; i++) {
        struct cp_buf input;
        if (memcmp(k->persons[i].pub.device_key, device, CP_KEY_LEN) != 0)
            continue;
        if (!k->open->awake[i])
            return CP_ERR_LOCKED; /* a shared device: nobody has opened this person's key */
        cp_buf_init(&input, cp_keeper_mem(), CP_ENTRY_MAX);
        cp_sign_input(CP_TAG_SEEN_SIG, CP_BYTES(hash, CP_ID_LEN), &input);
        enum cp_err err = cp_buf_err(&input);
        if (err == CP_OK)
            (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, k->open->device[i]);
        cp_buf_clear(&input);
        return err;
    }
    return CP_ERR_NOT_FOUND;
}
