/* Invitations in twelve words. See spoken.h. */
#include "proto/spoken.h"

#include <string.h>

#include "proto/hash.h"
#include "proto/version.h"

enum {
    PART_MACHINE, /* beside the port; the others beside 1 */
    PART_PLAN,
    PART_INVITE,
    PART_DOOR
};
_Static_assert(PART_DOOR + 1 == CP_BEACON_SLOTS, "a slot for each part");
_Static_assert(CP_SPOKEN_WORDS == CP_SPOKEN_LEN + 1, "one word checks the others");

/* ---- Words ---- */

/* Times x in GF(256). */
static uint8_t times_x(uint8_t a)
{
    unsigned twice = (unsigned)a << 1;
    return (uint8_t)(twice ^ (a >= 0x80U ? 0x1dU : 0U));
}

/* The weights of the words are powers of x that differ, so neither a change of one nor a swap of two adds up to 0. */
static uint8_t check_byte(const uint8_t *secret)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < CP_SPOKEN_LEN; i++)
        sum = times_x(sum ^ secret[i]);
    return sum;
}

void cp_spoken_write(const uint8_t secret[static CP_SPOKEN_LEN], char out[static CP_SPOKEN_TEXT_LEN])
{
    size_t len = 0;
    for (size_t i = 0; i < CP_SPOKEN_WORDS; i++) {
        const char *word = cp_word_of(i < CP_SPOKEN_LEN ? secret[i] : check_byte(secret));
        if (i > 0)
            out[len++] = ' ';
        memcpy(out + len, word, strlen(word));
        len += strlen(word);
    }
    out[len] = '\0';
}

/* The next word from *at on; empty: there is none. */
static struct cp_bytes next_word(struct cp_bytes typed, size_t *at)
{
    while (*at < typed.len && cp_is_blank(typed.ptr[*at]))
        (*at)++;
    size_t from = *at;
    while (*at < typed.len && !cp_is_blank(typed.ptr[*at]))
        (*at)++;
    return from == typed.len ? CP_BYTES(NULL, 0) : CP_BYTES(typed.ptr + from, *at - from);
}

bool cp_spoken_is(struct cp_bytes typed)
{
    size_t at = 0, known = 0;
    uint8_t byte = 0;
    for (struct cp_bytes w = next_word(typed, &at); w.len > 0; w = next_word(typed, &at))
        known += cp_word_byte(w, &byte) ? 1U : 0U;
    return known >= CP_SPOKEN_SURE;
}

enum cp_err cp_spoken_read(struct cp_bytes typed, uint8_t secret[static CP_SPOKEN_LEN],
                           struct cp_bytes *wrong)
{
    uint8_t bytes[CP_SPOKEN_WORDS] = {0};
    size_t at = 0, count = 0;
    enum cp_err err = CP_OK;
    *wrong = CP_BYTES(NULL, 0);
    memset(secret, 0, CP_SPOKEN_LEN);
    for (struct cp_bytes w = next_word(typed, &at); err == CP_OK && w.len > 0; w = next_word(typed, &at)) {
        uint8_t byte = 0;
        if (!cp_word_byte(w, &byte)) {
            *wrong = w;
            err = CP_ERR_WORD_UNKNOWN;
        } else if (count < CP_SPOKEN_WORDS) {
            bytes[count] = byte;
        }
        count++;
    }
    if (err == CP_OK && count != CP_SPOKEN_WORDS)
        err = CP_ERR_WORDS_COUNT;
    if (err == CP_OK && check_byte(bytes) != bytes[CP_SPOKEN_LEN])
        err = CP_ERR_WORDS_WRONG;
    if (err == CP_OK)
        memcpy(secret, bytes, CP_SPOKEN_LEN);
    sodium_memzero(bytes, sizeof bytes);
    return err;
}

/* ---- What follows from them ---- */

void cp_spoken_salt(uint8_t salt[static CP_SPOKEN_SALT_LEN])
{
    cp_hash2(CP_TAG_SPOKEN_SALT, CP_BYTES(NULL, 0), CP_BYTES(NULL, 0), salt, CP_SPOKEN_SALT_LEN);
}

void cp_spoken_derive(const uint8_t stretched[static CP_KEY_LEN], struct cp_spoken_keys *out)
{
    const struct cp_bytes from = CP_BYTES(stretched, CP_KEY_LEN);
    cp_hash2(CP_TAG_SPOKEN_TOKEN, from, CP_BYTES(NULL, 0), out->token, sizeof out->token);
    for (uint8_t i = 0; i < CP_BEACON_SLOTS; i++)
        cp_hash2(CP_TAG_SPOKEN_SLOT, from, CP_BYTES(&i, 1), out->slots[i], CP_KEY_LEN);
}

/* ---- Being found ---- */

void cp_spoken_answer(const uint8_t ask[static CP_BEACON_LEN],
                      const uint8_t slots[CP_BEACON_SLOTS][CP_KEY_LEN], const struct cp_spoken_place *place,
                      uint8_t packet[static CP_BEACON_LEN])
{
    cp_beacon_put(ask, slots[PART_MACHINE], PART_MACHINE, place->port, place->machine, packet);
    cp_beacon_put(ask, slots[PART_PLAN], PART_PLAN, 1, place->plan, packet);
    cp_beacon_put(ask, slots[PART_INVITE], PART_INVITE, 1, place->invite, packet);
    cp_beacon_put(ask, slots[PART_DOOR], PART_DOOR, 1, place->door, packet);
}

bool cp_spoken_found(const uint8_t ask[static CP_BEACON_LEN], struct cp_bytes packet,
                     const uint8_t slots[CP_BEACON_SLOTS][CP_KEY_LEN], struct cp_spoken_place *place)
{
    struct cp_beacon_found found[CP_BEACON_SLOTS];
    uint8_t *const parts[CP_BEACON_SLOTS] = {place->machine, place->plan, place->invite, place->door};
    unsigned seen = 0;
    size_t count = cp_beacon_read(ask, packet, slots, CP_BEACON_SLOTS, found);
    memset(place, 0, sizeof *place);
    if (count != CP_BEACON_SLOTS)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t part = found[i].key;
        if (part != PART_MACHINE && found[i].port != 1)
            return false;
        seen |= 1U << part;
        memcpy(parts[part], found[i].machine, CP_KEY_LEN);
        if (part == PART_MACHINE)
            place->port = found[i].port;
    }
    return seen == (1U << CP_BEACON_SLOTS) - 1U; /* one key in every slot would be four as well */
}
