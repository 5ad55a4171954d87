/* Invitations in words (proto/spoken.h). Bad input first. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "proto/hash.h"
#include "proto/spoken.h"
#include "proto/version.h"

/* Bytes that look random and are the same in every run. */
static void noise(uint8_t *out, size_t len, uint8_t seed)
{
    uint8_t from[randombytes_SEEDBYTES] = {seed};
    randombytes_buf_deterministic(out, len, from);
}

static enum cp_err reads(const char *typed, uint8_t secret[CP_SPOKEN_LEN])
{
    struct cp_bytes wrong;
    return cp_spoken_read(cp_bytes_str(typed), secret, &wrong);
}

/* Twelve words from their bytes, whatever the last should be. */
static void put(const uint8_t bytes[CP_SPOKEN_WORDS], char out[CP_SPOKEN_TEXT_LEN])
{
    out[0] = '\0';
    for (size_t i = 0; i < CP_SPOKEN_WORDS; i++) {
        size_t len = strlen(out);
        (void)snprintf(out + len, CP_SPOKEN_TEXT_LEN - len, "%s%s", i > 0 ? " " : "", cp_word_of(bytes[i]));
    }
}

static void bytes_of(const char *words, uint8_t bytes[CP_SPOKEN_WORDS])
{
    for (size_t i = 0; i < CP_SPOKEN_WORDS; i++) {
        size_t len = strcspn(words, " ");
        cr_assert(cp_word_byte(CP_BYTES((const uint8_t *)words, len), &bytes[i]));
        words += len + (words[len] == ' ' ? 1 : 0);
    }
}

static const char right[] =
    "acorn artist banana blossom bucket canal chocolate cupboard dinner echo feather badger";
static const uint8_t right_secret[CP_SPOKEN_LEN] = {0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100};

Test(spoken, every_word_changed_to_every_other_is_noticed)
{
    uint8_t bytes[CP_SPOKEN_WORDS], secret[CP_SPOKEN_LEN];
    char text[CP_SPOKEN_TEXT_LEN];
    bytes_of(right, bytes);
    for (size_t i = 0; i < CP_SPOKEN_WORDS; i++) {
        uint8_t was = bytes[i];
        for (unsigned other = 0; other < 256; other++) {
            bytes[i] = (uint8_t)other;
            put(bytes, text);
            cr_assert_eq(reads(text, secret), other == was ? CP_OK : CP_ERR_WORDS_WRONG, "%s", text);
        }
        bytes[i] = was;
    }
}

Test(spoken, any_two_words_that_changed_places_are_noticed)
{
    for (uint8_t seed = 0; seed < 20; seed++) {
        uint8_t secret[CP_SPOKEN_LEN], bytes[CP_SPOKEN_WORDS], read[CP_SPOKEN_LEN];
        char text[CP_SPOKEN_TEXT_LEN];
        noise(secret, sizeof secret, seed);
        cp_spoken_write(secret, text);
        cr_assert_eq(reads(text, read), CP_OK);
        cr_assert_arr_eq(read, secret, sizeof secret);
        bytes_of(text, bytes);
        for (size_t a = 0; a < CP_SPOKEN_WORDS; a++)
            for (size_t b = a + 1; b < CP_SPOKEN_WORDS; b++) {
                uint8_t swapped[CP_SPOKEN_WORDS];
                memcpy(swapped, bytes, sizeof swapped);
                swapped[a] = bytes[b];
                swapped[b] = bytes[a];
                put(swapped, text);
                cr_assert_eq(reads(text, read), bytes[a] == bytes[b] ? CP_OK : CP_ERR_WORDS_WRONG);
            }
    }
}

Test(spoken, eleven_thirteen_none_and_unknown_words_are_told_apart)
{
    static const uint8_t zero[CP_SPOKEN_LEN];
    uint8_t secret[CP_SPOKEN_LEN];
    struct cp_bytes wrong;
    char text[512];
    cr_assert_eq(reads("", secret), CP_ERR_WORDS_COUNT);
    cr_assert_eq(reads(" \n", secret), CP_ERR_WORDS_COUNT);
    (void)snprintf(text, sizeof text, "%.*s", (int)(strrchr(right, ' ') - right), right);
    cr_assert_eq(reads(text, secret), CP_ERR_WORDS_COUNT, "eleven");
    (void)snprintf(text, sizeof text, "%s badger", right);
    cr_assert_eq(reads(text, secret), CP_ERR_WORDS_COUNT, "thirteen, the first twelve of them right");
    static const char *const unknown[] = {"bagder", "badgers", "badge", "b\xc3\xa4r", "badger.", "\x1b[2J"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        (void)snprintf(text, sizeof text, "acorn %s %s", unknown[i], right);
        cr_assert_eq(cp_spoken_read(cp_bytes_str(text), secret, &wrong), CP_ERR_WORD_UNKNOWN);
        cr_assert(cp_bytes_eq(wrong, cp_bytes_str(unknown[i])), "%s", unknown[i]);
        cr_assert_arr_eq(secret, zero, sizeof secret);
    }
    cr_assert_eq(reads(right, secret), CP_OK);
    cr_assert_arr_eq(secret, right_secret, sizeof secret);
}

Test(spoken, any_case_and_any_blanks_are_the_same_words)
{
    uint8_t secret[CP_SPOKEN_LEN];
    cr_assert_eq(reads("  ACORN artist\tBanana\nblossom  bucket\r\ncanal chocolate cupboard dinner echo "
                       "feather badger\n",
                       secret),
                 CP_OK);
    cr_assert_arr_eq(secret, right_secret, sizeof secret);
}

Test(spoken, other_invitations_are_not_taken_for_words)
{
    cr_assert(cp_spoken_is(cp_bytes_str(right)));
    cr_assert(cp_spoken_is(cp_bytes_str("acorn artist xx banana blossom yy bucket canal")),
              "words, some wrong");
    cr_assert_not(cp_spoken_is(cp_bytes_str("acorn artist banana blossom bucket")));
    cr_assert_not(cp_spoken_is(cp_bytes_str("coplan-invite:abc def ghi jkl mno pqr stu vwx yz2 345 678 9")));
    cr_assert_not(cp_spoken_is(cp_bytes_str("")));
}

Test(spoken, the_longest_words_have_room)
{
    uint8_t longest = 0, secret[CP_SPOKEN_LEN];
    char text[CP_SPOKEN_TEXT_LEN];
    for (unsigned b = 0; b < 256; b++)
        if (strlen(cp_word_of((uint8_t)b)) > strlen(cp_word_of(longest)))
            longest = (uint8_t)b;
    cr_assert_leq(CP_SPOKEN_WORDS * (strlen(cp_word_of(longest)) + 1), sizeof text);
    memset(secret, longest, sizeof secret);
    cp_spoken_write(secret, text);
}

/* ---- Being found ---- */

static uint8_t ask[CP_BEACON_LEN];
static struct cp_spoken_keys keys;
static struct cp_spoken_place there;

static void begin(void)
{
    uint8_t stretched[CP_KEY_LEN];
    cr_assert(sodium_init() >= 0);
    noise(ask, sizeof ask, 1);
    noise(stretched, sizeof stretched, 2);
    cp_spoken_derive(stretched, &keys);
    noise(there.machine, CP_KEY_LEN, 3);
    noise(there.plan, CP_ID_LEN, 4);
    noise(there.invite, CP_ID_LEN, 5);
    noise(there.door, CP_KEY_LEN, 6);
    there.port = 40123;
}

static bool found(const uint8_t *packet, size_t len, struct cp_spoken_place *place)
{
    return cp_spoken_found(ask, CP_BYTES(packet, len), (const uint8_t(*)[CP_KEY_LEN])keys.slots, place);
}

static void answer(uint8_t packet[CP_BEACON_LEN])
{
    noise(packet, CP_BEACON_LEN, 7);
    cp_spoken_answer(ask, (const uint8_t(*)[CP_KEY_LEN])keys.slots, &there, packet);
}

Test(spoken, every_other_length_and_every_flipped_bit_is_nothing, .init = begin)
{
    struct cp_spoken_place place;
    uint8_t packet[CP_BEACON_LEN + 1] = {0};
    answer(packet);
    for (size_t len = 0; len <= CP_BEACON_LEN + 1; len++)
        cr_assert_eq(found(packet, len, &place), len == CP_BEACON_LEN, "%zu", len);
    for (size_t bit = 0; bit < 8U * CP_BEACON_LEN; bit++) {
        packet[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cr_assert_not(found(packet, CP_BEACON_LEN, &place), "bit %zu", bit);
        packet[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

Test(spoken, an_answer_opens_for_no_other_ask_and_no_other_words, .init = begin)
{
    struct cp_spoken_place place;
    uint8_t packet[CP_BEACON_LEN], stretched[CP_KEY_LEN];
    answer(packet);
    ask[0] ^= 1;
    cr_assert_not(found(packet, sizeof packet, &place), "replayed");
    ask[0] ^= 1;
    cr_assert(found(packet, sizeof packet, &place));
    noise(stretched, sizeof stretched, 99);
    cp_spoken_derive(stretched, &keys);
    cr_assert_not(found(packet, sizeof packet, &place), "of another invitation");
}

Test(spoken, slots_missing_mixed_or_of_one_key_alone_are_nothing, .init = begin)
{
    struct cp_spoken_place place;
    for (size_t left_out = 0; left_out < CP_BEACON_SLOTS; left_out++) {
        uint8_t packet[CP_BEACON_LEN];
        noise(packet, sizeof packet, 8);
        for (size_t i = 0; i < CP_BEACON_SLOTS; i++)
            if (i != left_out)
                cp_beacon_put(ask, keys.slots[i], i, 1, there.plan, packet);
        cr_assert_not(found(packet, sizeof packet, &place), "three of four");
        cp_beacon_put(ask, keys.slots[(left_out + 1) % CP_BEACON_SLOTS], left_out, 1, there.plan, packet);
        cr_assert_not(found(packet, sizeof packet, &place), "one of them twice");
        cp_beacon_put(ask, keys.slots[left_out], left_out, 1, there.plan, packet);
        cr_assert(found(packet, sizeof packet, &place));
        cp_beacon_put(ask, keys.slots[left_out], left_out, 2, there.plan, packet);
        cr_assert_eq(found(packet, sizeof packet, &place), left_out == 0, "only the first says a port");
    }
    /* Half of one packet, half of another: each is sealed with its own random bytes in front. */
    uint8_t one[CP_BEACON_LEN], two[CP_BEACON_LEN];
    answer(one);
    noise(two, sizeof two, 9);
    cp_spoken_answer(ask, (const uint8_t(*)[CP_KEY_LEN])keys.slots, &there, two);
    cr_assert(found(two, sizeof two, &place));
    memcpy(one + CP_BEACON_LEN / 2, two + CP_BEACON_LEN / 2, CP_BEACON_LEN / 2);
    cr_assert_not(found(one, sizeof one, &place), "two senders");
    for (uint8_t seed = 10; seed < 60; seed++) {
        noise(one, sizeof one, seed);
        cr_assert_not(found(one, sizeof one, &place), "garbage");
    }
}

Test(spoken, what_is_said_is_read, .init = begin)
{
    struct cp_spoken_place place;
    uint8_t packet[CP_BEACON_LEN];
    answer(packet);
    cr_assert(found(packet, sizeof packet, &place));
    cr_assert_eq(place.port, there.port);
    cr_assert_arr_eq(place.machine, there.machine, CP_KEY_LEN);
    cr_assert_arr_eq(place.plan, there.plan, CP_ID_LEN);
    cr_assert_arr_eq(place.invite, there.invite, CP_ID_LEN);
    cr_assert_arr_eq(place.door, there.door, CP_KEY_LEN);
}

/* docs/protocol-session.md, "Invitations in words", has the same. */
Test(spoken, vector)
{
    uint8_t salt[CP_SPOKEN_SALT_LEN], stretched[CP_KEY_LEN];
    char text[CP_SPOKEN_TEXT_LEN], hex[2 * CP_KEY_LEN + 1];
    cp_spoken_write(right_secret, text);
    cr_assert_str_eq(text, right);
    cp_spoken_salt(salt);
    sodium_bin2hex(hex, sizeof hex, salt, sizeof salt);
    cr_expect_str_eq(hex, "0aaf05a4191b59650890ab975246ff29");
    memset(stretched, 7, sizeof stretched);
    cp_spoken_derive(stretched, &keys);
    sodium_bin2hex(hex, sizeof hex, keys.token, sizeof keys.token);
    cr_expect_str_eq(hex, "d06790bc6290eff8d5aa70e66244f3ea");
    sodium_bin2hex(hex, sizeof hex, keys.slots[3], CP_KEY_LEN);
    cr_expect_str_eq(hex, "f965a4f1b5fb906cfe3dde3d29c8d16f46ebd7b479a737bcba988d7d554cbdf4");
    for (size_t a = 0; a < CP_BEACON_SLOTS; a++)
        for (size_t b = 0; b < a; b++)
            cr_assert_neq(memcmp(keys.slots[a], keys.slots[b], CP_KEY_LEN), 0);
}
