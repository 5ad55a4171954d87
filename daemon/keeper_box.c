/*
 * Boxes: a bundle's key for one machine, or for the door of a plan (proto/bundle.h), whose box it is, and what a device says
 * that its machine holds. Owns: the use of the box key. Must not: know bundles' files.
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

/*
 * A sealed box whose ephemeral secret is no random one: it follows from what the two machines share, so whoever holds neither
 * secret can make none that fits, also for a bundle whose key they know. To all others it looks like any sealed box.
 */
static bool ephemeral(const struct cp_box_by *b, uint8_t key[static CP_KEY_LEN],
                      uint8_t secret[static CP_KEY_LEN])
{
    struct cp_hasher h;
    cp_hash_init(&h, CP_TAG_BUNDLE_SLOT, CP_KEY_LEN);
    cp_hash_add(&h, b->shared, 32);
    cp_hash_add(&h, b->from, CP_KEY_LEN);
    cp_hash_add(&h, b->to, CP_KEY_LEN);
    cp_hash_add(&h, b->seen, CP_ID_LEN);
    cp_hash_add(&h, b->key, 32);
    cp_hash_end(&h, secret, CP_KEY_LEN);
    sodium_memzero(&h, sizeof h);
    return crypto_scalarmult_base(key, secret) == 0;
}

bool cp_box_by(const struct cp_box_by *b, uint8_t slot[static CP_BUNDLE_SLOT_LEN])
{
    uint8_t secret[CP_KEY_LEN], nonce[crypto_box_NONCEBYTES];
    crypto_generichash_state h;
    bool done = ephemeral(b, slot, secret);
    /* as crypto_box_seal has it, which opens it */
    (void)crypto_generichash_init(&h, NULL, 0, sizeof nonce);
    (void)crypto_generichash_update(&h, slot, CP_KEY_LEN);
    (void)crypto_generichash_update(&h, b->to, CP_KEY_LEN);
    (void)crypto_generichash_final(&h, nonce, sizeof nonce);
    done = done && crypto_box_easy(slot + CP_KEY_LEN, b->key, 32, nonce, b->to, secret) == 0;
    sodium_memzero(secret, sizeof secret);
    return done;
}

bool cp_box_is_by(const struct cp_box_by *b, const uint8_t slot[static CP_BUNDLE_SLOT_LEN])
{
    uint8_t key[CP_KEY_LEN], secret[CP_KEY_LEN];
    bool is = ephemeral(b, key, secret) && sodium_memcmp(key, slot, CP_KEY_LEN) == 0;
    sodium_memzero(secret, sizeof secret);
    return is;
}

bool cp_keeper_box_to(const struct cp_keeper *k, const uint8_t to[static CP_KEY_LEN],
                      const uint8_t seen[static CP_ID_LEN], const uint8_t key[static 32],
                      uint8_t slot[static CP_BUNDLE_SLOT_LEN])
{
    uint8_t shared[32];
    struct cp_box_by by = {.shared = shared, .from = k->curve_key, .to = to, .seen = seen, .key = key};
    bool done = k->open != NULL && crypto_scalarmult(shared, k->open->curve, to) == 0 && cp_box_by(&by, slot);
    sodium_memzero(shared, sizeof shared);
    return done;
}

bool cp_keeper_box_is_by(const struct cp_keeper *k, const uint8_t machine[static CP_KEY_LEN],
                         const uint8_t seen[static CP_ID_LEN], const uint8_t key[static 32],
                         const uint8_t slot[static CP_BUNDLE_SLOT_LEN])
{
    uint8_t shared[32];
    struct cp_box_by by = {.shared = shared, .from = machine, .to = k->box_key, .seen = seen, .key = key};
    bool is =
        k->open != NULL && crypto_scalarmult(shared, k->open->box, machine) == 0 && cp_box_is_by(&by, slot);
    sodium_memzero(shared, sizeof shared);
    return is;
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
