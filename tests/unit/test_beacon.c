/* Finding each other: packets, limits and pace (proto/beacon.h). Bad input first. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "proto/beacon.h"

static uint8_t ask[CP_BEACON_LEN], machine[CP_KEY_LEN], keys[6][CP_KEY_LEN];

/* Bytes that look random and are the same in every run. */
static void noise(uint8_t *out, size_t len, uint8_t seed)
{
    uint8_t from[randombytes_SEEDBYTES] = {seed};
    randombytes_buf_deterministic(out, len, from);
}

static void begin(void)
{
    cr_assert(sodium_init() >= 0);
    noise(ask, sizeof ask, 1);
    noise(machine, sizeof machine, 2);
    for (uint8_t i = 0; i < 6; i++) {
        uint8_t secret[CP_KEY_LEN];
        noise(secret, sizeof secret, (uint8_t)(10 + i));
        cp_beacon_key(secret, keys[i]);
    }
}

static void answer(const uint8_t (*with)[CP_KEY_LEN], size_t count, uint8_t seed,
                   uint8_t packet[CP_BEACON_LEN])
{
    noise(packet, CP_BEACON_LEN, seed);
    cp_beacon_answer(ask, with, count, 40123, machine, packet);
}

static size_t opened(const uint8_t *packet, size_t len)
{
    struct cp_beacon_found found[CP_BEACON_SLOTS];
    return cp_beacon_read(ask, CP_BYTES(packet, len), (const uint8_t(*)[CP_KEY_LEN])keys, 6, found);
}

Test(beacon, every_other_length_is_nothing, .init = begin)
{
    uint8_t packet[CP_BEACON_LEN + 1] = {0};
    answer((const uint8_t(*)[CP_KEY_LEN])keys, 1, 3, packet);
    for (size_t len = 0; len < CP_BEACON_LEN; len++)
        cr_assert_eq(opened(packet, len), 0, "%zu bytes", len);
    cr_assert_eq(opened(packet, CP_BEACON_LEN), 1);
    cr_assert_eq(opened(packet, CP_BEACON_LEN + 1), 0, "one byte more");
    cr_assert_eq(opened(NULL, 0), 0);
}

Test(beacon, every_flipped_bit_of_what_is_sealed_closes_it, .init = begin)
{
    uint8_t packet[CP_BEACON_LEN];
    answer((const uint8_t(*)[CP_KEY_LEN])keys, CP_BEACON_SLOTS, 3, packet);
    cr_assert_eq(opened(packet, sizeof packet), CP_BEACON_SLOTS);
    for (size_t bit = 0; bit < 8U * sizeof packet; bit++) {
        packet[bit / 8] ^= (uint8_t)(1U << bit % 8);
        size_t want = bit / 8 < CP_BEACON_NONCE_LEN ? 0 : CP_BEACON_SLOTS - 1;
        cr_assert_eq(opened(packet, sizeof packet), want, "bit %zu", bit);
        packet[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

Test(beacon, an_answer_opens_for_no_other_ask, .init = begin)
{
    uint8_t packet[CP_BEACON_LEN];
    answer((const uint8_t(*)[CP_KEY_LEN])keys, 2, 3, packet);
    for (size_t bit = 0; bit < 8U * sizeof ask; bit++) {
        ask[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cr_assert_eq(opened(packet, sizeof packet), 0, "replayed to another ask, bit %zu", bit);
        ask[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

Test(beacon, an_ask_noise_and_answers_of_other_plans_are_nothing, .init = begin)
{
    uint8_t packet[CP_BEACON_LEN], secret[CP_KEY_LEN] = {99}, foreign[1][CP_KEY_LEN];
    struct cp_beacon_found found[CP_BEACON_SLOTS];
    cr_assert_eq(opened(ask, sizeof ask), 0, "our own ask, sent back");
    for (uint8_t seed = 50; seed < 250; seed++) {
        noise(packet, sizeof packet, seed);
        cr_assert_eq(opened(packet, sizeof packet), 0);
    }
    memset(packet, 0, sizeof packet);
    cr_assert_eq(opened(packet, sizeof packet), 0);
    cp_beacon_key(secret, foreign[0]);
    answer((const uint8_t(*)[CP_KEY_LEN])foreign, 1, 3, packet);
    cr_assert_eq(opened(packet, sizeof packet), 0, "another plan's");
    answer((const uint8_t(*)[CP_KEY_LEN])keys, 1, 3, packet);
    cr_assert_eq(cp_beacon_read(ask, CP_BYTES(packet, sizeof packet), NULL, 0, found), 0,
                 "who is in no plan");
    cr_assert_neq(memcmp(foreign[0], secret, sizeof secret), 0, "a key is not its secret");
}

Test(beacon, what_is_said_is_read_under_each_key, .init = begin)
{
    for (size_t count = 0; count <= CP_BEACON_SLOTS; count++) {
        uint8_t packet[CP_BEACON_LEN];
        struct cp_beacon_found found[CP_BEACON_SLOTS];
        answer((const uint8_t(*)[CP_KEY_LEN])keys, count, 3, packet);
        size_t got = cp_beacon_read(ask, CP_BYTES(packet, sizeof packet), (const uint8_t(*)[CP_KEY_LEN])keys,
                                    6, found);
        cr_assert_eq(got, count);
        for (size_t i = 0; i < got; i++) {
            cr_assert_eq(found[i].key, i);
            cr_assert_eq(found[i].port, 40123);
            cr_assert_arr_eq(found[i].machine, machine, sizeof machine);
        }
    }
}

/* Somebody who holds the key could fill all slots with the same: no more is told than an answer has room for. */
Test(beacon, one_key_in_every_slot_is_bounded, .init = begin)
{
    uint8_t packet[CP_BEACON_LEN], same[6][CP_KEY_LEN];
    struct cp_beacon_found found[CP_BEACON_SLOTS];
    for (size_t i = 0; i < 6; i++)
        memcpy(same[i], keys[0], CP_KEY_LEN);
    answer((const uint8_t(*)[CP_KEY_LEN])same, CP_BEACON_SLOTS, 3, packet);
    cr_assert_eq(
        cp_beacon_read(ask, CP_BYTES(packet, sizeof packet), (const uint8_t(*)[CP_KEY_LEN])same, 6, found),
        CP_BEACON_SLOTS);
}

/* No 8 bytes of one answer are in another one to the same ask, wherever they stand: nothing to know a device or a plan by. */
Test(beacon, two_answers_have_nothing_in_common, .init = begin)
{
    uint8_t one[CP_BEACON_LEN], two[CP_BEACON_LEN];
    answer((const uint8_t(*)[CP_KEY_LEN])keys, 3, 3, one);
    answer((const uint8_t(*)[CP_KEY_LEN])keys, 3, 4, two);
    for (size_t i = 0; i + 8 <= sizeof one; i++)
        for (size_t k = 0; k + 8 <= sizeof two; k++)
            cr_assert_neq(memcmp(one + i, two + k, 8), 0, "at %zu and %zu", i, k);
    for (size_t i = 0; i + 8 <= sizeof one; i++) {
        for (size_t k = 0; k + 8 <= sizeof machine; k++)
            cr_assert_neq(memcmp(one + i, machine + k, 8), 0, "the machine's key is readable");
        for (size_t k = 0; k + 8 <= sizeof ask; k++)
            cr_assert_neq(memcmp(one + i, ask + k, 8), 0, "a piece of the ask");
    }
}

/* ---- Limits ---- */

static bool pass(struct cp_beacon_gates *g, uint32_t address, uint64_t now_ms)
{
    return cp_beacon_pass(g, CP_BYTES((const uint8_t *)&address, sizeof address), now_ms);
}

Test(beacon, a_flood_from_one_address_shuts_out_only_itself, .init = begin)
{
    struct cp_beacon_gates g = {.salt = {7}};
    size_t answered = 0;
    for (uint64_t ms = 0; ms < 10000; ms++)
        answered += pass(&g, 1, 100000 + ms) ? 1 : 0;
    cr_assert_eq(answered, CP_BEACON_FROM_BURST + 10000U / CP_BEACON_FROM_EVERY_MS - 1U);
    size_t others = 0;
    for (uint32_t address = 2; address < 12; address++)
        others += pass(&g, address, 110000) ? 1 : 0;
    cr_assert_geq(others, 9, "at most one shares its gate");
}

Test(beacon, a_flood_from_everywhere_is_answered_evenly, .init = begin)
{
    struct cp_beacon_gates g = {.salt = {7}};
    size_t answered = 0;
    for (uint32_t i = 0; i < 100000; i++)
        answered += pass(&g, i, 500000 + i / 10U) ? 1 : 0; /* 10 s of it */
    cr_assert_leq(answered, CP_BEACON_BURST + 10000U / CP_BEACON_EVERY_MS);
    cr_assert(pass(&g, 100001, 500000 + 10U * 60000U), "and then all is as before");
}

Test(beacon, asks_are_few_whatever_the_network_does, .init = begin)
{
    struct cp_beacon_pace p = {.due_ms = 0};
    size_t asks = 0;
    for (uint64_t now = 1000; now < 61000; now++) { /* it changes every millisecond for a minute */
        cp_beacon_pace_arrive(&p, now, (uint32_t)now * 7919U);
        if (p.due_ms <= now) {
            cp_beacon_pace_sent(&p, now, 0);
            asks++;
        }
    }
    cr_assert_leq(asks, 60000U / CP_BEACON_LEAST_MS + 1);
}

Test(beacon, four_asks_in_the_first_seconds_and_then_calm, .init = begin)
{
    struct cp_beacon_pace p = {.due_ms = 0};
    uint64_t at[10] = {0};
    cp_beacon_pace_arrive(&p, 5000, 0xffffffffU);
    for (size_t i = 0; i < 10; i++) {
        at[i] = p.due_ms;
        cp_beacon_pace_sent(&p, p.due_ms, (uint32_t)(i * 0x12345678U));
    }
    cr_assert_leq(at[0], 5200);
    cr_assert_leq(at[2], 5000 + 4000, "three of them within 4 s");
    cr_assert_leq(at[3], 5000 + 9000);
    for (size_t i = 4; i < 10; i++) {
        cr_assert_geq(at[i] - at[i - 1], 25000, "ask %zu", i);
        cr_assert_leq(at[i] - at[i - 1], 35000, "ask %zu", i);
    }
}

Test(beacon, calls_that_come_to_nothing_grow_rare, .init = begin)
{
    uint64_t before = 0;
    for (unsigned fails = 1; fails < 100; fails++) {
        uint64_t wait = cp_beacon_again_ms(fails, 0);
        cr_assert(wait >= before && wait <= CP_BEACON_AGAIN_MAX_MS, "after %u", fails);
        cr_assert_leq(cp_beacon_again_ms(fails, 0xffffffffU), wait + wait / 4);
        before = wait;
    }
    cr_assert_eq(cp_beacon_again_ms(1, 0), 1000);
    cr_assert_eq(before, CP_BEACON_AGAIN_MAX_MS);
}

Test(beacon, sleep_is_told_once_and_from_no_clock_on_the_wall)
{
    struct cp_beacon_sleep s = {.known = false};
    cr_assert_not(cp_beacon_slept(&s, 900000, 100000), "it slept before we began");
    cr_assert_not(cp_beacon_slept(&s, 960000, 160000), "a minute awake");
    cr_assert_not(cp_beacon_slept(&s, 960100, 160000), "two readings, a moment apart");
    cr_assert(cp_beacon_slept(&s, 1560000, 161000));
    cr_assert_not(cp_beacon_slept(&s, 1561000, 162000));
    cr_assert_not(cp_beacon_slept(&s, 0, 163000), "nonsense");
    cr_assert_not(cp_beacon_slept(&s, UINT64_MAX, 0) && cp_beacon_slept(&s, UINT64_MAX, 0), "told once");
}
