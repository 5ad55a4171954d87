/* The packets by which machines find each other, and their limits. See beacon.h. */
#include "proto/beacon.h"

#include <assert.h>
#include <string.h>

#include "proto/hash.h"

enum {
    PLACE_LEN = 2 + CP_KEY_LEN /* port, machine */
};
_Static_assert(CP_BEACON_SLOT_LEN == PLACE_LEN + crypto_aead_xchacha20poly1305_ietf_ABYTES, "a slot");
_Static_assert(CP_BEACON_NONCE_LEN == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "the nonce");
_Static_assert(CP_BEACON_NONCE_LEN + CP_BEACON_SLOTS * CP_BEACON_SLOT_LEN == CP_BEACON_LEN, "the packet");
_Static_assert(CP_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key");

void cp_beacon_key(const uint8_t secret[static CP_KEY_LEN], uint8_t key[static CP_KEY_LEN])
{
    cp_hash2(CP_TAG_BEACON_KEY, CP_BYTES(secret, CP_KEY_LEN), CP_BYTES(NULL, 0), key, CP_KEY_LEN);
}

/* An answer is sealed for one ask: what opened once opens for no other. */
static void slot_key(const uint8_t *key, const uint8_t *ask, uint8_t out[static CP_KEY_LEN])
{
    struct cp_hasher h;
    cp_hash_init_keyed(&h, CP_TAG_BEACON_SLOT, CP_KEY_LEN, key, CP_KEY_LEN);
    cp_hash_add(&h, ask, CP_BEACON_LEN);
    cp_hash_end(&h, out, CP_KEY_LEN);
}

void cp_beacon_put(const uint8_t ask[static CP_BEACON_LEN], const uint8_t key[static CP_KEY_LEN], size_t slot,
                   unsigned port, const uint8_t value[static CP_KEY_LEN],
                   uint8_t packet[static CP_BEACON_LEN])
{
    uint8_t place[PLACE_LEN], sealing[CP_KEY_LEN];
    assert(slot < CP_BEACON_SLOTS);
    assert(port > 0 && port <= 0xffff);
    place[0] = (uint8_t)(port >> 8);
    place[1] = (uint8_t)(port & 0xffU);
    memcpy(place + 2, value, CP_KEY_LEN);
    slot_key(key, ask, sealing);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(packet + CP_BEACON_NONCE_LEN + slot * CP_BEACON_SLOT_LEN,
                                                     NULL, place, sizeof place, NULL, 0, NULL, packet,
                                                     sealing);
    sodium_memzero(sealing, sizeof sealing);
}

void cp_beacon_answer(const uint8_t ask[static CP_BEACON_LEN], const uint8_t (*keys)[CP_KEY_LEN],
                      size_t count, unsigned port, const uint8_t machine[static CP_KEY_LEN],
                      uint8_t packet[static CP_BEACON_LEN])
{
    assert(count <= CP_BEACON_SLOTS);
    for (size_t i = 0; i < count; i++)
        cp_beacon_put(ask, keys[i], i, port, machine, packet);
}

static bool slot_open(const uint8_t *key, const uint8_t *packet, size_t slot, uint8_t place[static PLACE_LEN])
{
    const uint8_t *sealed = packet + CP_BEACON_NONCE_LEN + slot * CP_BEACON_SLOT_LEN;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(place, NULL, NULL, sealed, CP_BEACON_SLOT_LEN, NULL, 0,
                                                      packet, key) == 0 &&
           (place[0] != 0 || place[1] != 0);
}

size_t cp_beacon_read(const uint8_t ask[static CP_BEACON_LEN], struct cp_bytes packet,
                      const uint8_t (*keys)[CP_KEY_LEN], size_t count,
                      struct cp_beacon_found found[static CP_BEACON_SLOTS])
{
    size_t opened = 0;
    uint8_t key[CP_KEY_LEN];
    assert(count <= CP_BEACON_KEYS_MAX);
    if (packet.len != CP_BEACON_LEN)
        return 0;
    for (size_t k = 0; k < count && opened < CP_BEACON_SLOTS; k++) {
        slot_key(keys[k], ask, key);
        for (size_t slot = 0; slot < CP_BEACON_SLOTS && opened < CP_BEACON_SLOTS; slot++) {
            uint8_t place[PLACE_LEN];
            if (!slot_open(key, packet.ptr, slot, place))
                continue;
            struct cp_beacon_found *f = &found[opened++];
            f->key = k;
            f->port = (unsigned)place[0] << 8 | place[1];
            memcpy(f->machine, place + 2, sizeof f->machine);
        }
    }
    sodium_memzero(key, sizeof key);
    return opened;
}

/* ---- How much is answered ---- */

/* *at is when the last of what was let through would have come, had all come evenly. */
static bool gate_open(uint64_t at, uint64_t now_ms, uint64_t burst, uint64_t every_ms)
{
    return at <= now_ms || at - now_ms <= (burst - 1) * every_ms;
}

static void gate_count(uint64_t *at, uint64_t now_ms, uint64_t every_ms)
{
    *at = (*at < now_ms ? now_ms : *at) + every_ms;
}

size_t cp_beacon_gate(const struct cp_beacon_gates *g, struct cp_bytes from)
{
    uint8_t hash[crypto_shorthash_BYTES];
    (void)crypto_shorthash(hash, from.ptr, from.len, g->salt);
    return hash[0] % CP_BEACON_GATES;
}

bool cp_beacon_pass(struct cp_beacon_gates *g, struct cp_bytes from, uint64_t now_ms)
{
    uint64_t *one = &g->from_ms[cp_beacon_gate(g, from)];
    /* Its own gate first: whoever floods from one address shuts nobody else out. */
    if (!gate_open(*one, now_ms, CP_BEACON_FROM_BURST, CP_BEACON_FROM_EVERY_MS) ||
        !gate_open(g->all_ms, now_ms, CP_BEACON_BURST, CP_BEACON_EVERY_MS))
        return false;
    gate_count(one, now_ms, CP_BEACON_FROM_EVERY_MS);
    gate_count(&g->all_ms, now_ms, CP_BEACON_EVERY_MS);
    return true;
}

/* ---- When ---- */

void cp_beacon_pace_arrive(struct cp_beacon_pace *p, uint64_t now_ms, uint32_t random)
{
    uint64_t soon = now_ms + random % 200U; /* after a power cut everybody arrives at once */
    p->sent = 0;
    p->due_ms =
        p->last_ms != 0 && soon < p->last_ms + CP_BEACON_LEAST_MS ? p->last_ms + CP_BEACON_LEAST_MS : soon;
}

void cp_beacon_pace_sent(struct cp_beacon_pace *p, uint64_t now_ms, uint32_t random)
{
    const uint64_t third = CP_BEACON_CALM_MS / 3U;
    p->last_ms = now_ms;
    p->sent++;
    if (p->sent < CP_BEACON_EAGER)
        p->due_ms = now_ms + (1000U << (p->sent - 1U)) + random % 200U;
    else
        p->due_ms = now_ms + CP_BEACON_CALM_MS - third / 2U + random % third;
}

uint64_t cp_beacon_again_ms(unsigned fails, uint32_t random)
{
    uint64_t wait = fails >= 20U ? CP_BEACON_AGAIN_MAX_MS : (uint64_t)1000U << (fails == 0 ? 0 : fails - 1U);
    wait = wait < CP_BEACON_AGAIN_MAX_MS ? wait : CP_BEACON_AGAIN_MAX_MS;
    return wait + random % (wait / 4U);
}

bool cp_beacon_slept(struct cp_beacon_sleep *s, uint64_t boot_ms, uint64_t awake_ms)
{
    uint64_t ahead = boot_ms > awake_ms ? boot_ms - awake_ms : 0;
    bool slept = s->known && ahead > s->ahead_ms && ahead - s->ahead_ms >= CP_BEACON_SLEPT_MS;
    s->known = true;
    s->ahead_ms = ahead;
    return slept;
}
