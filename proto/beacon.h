/*
 * Finding each other on a network: the two packets, and the limits and the pace of sending them.
 * Owns: their bytes (docs/protocol-session.md, "Finding each other"), what a flood may cost, when to ask, how a machine
 * notices that it slept. Must not: have a socket, a clock or randomness of its own; know a plan.
 *
 * Who looks for others ASKs everybody on the network with random bytes, new ones each time. Whoever hears it ANSWERs with as
 * many bytes that look random to all but the members of the plans they are for, and that open only together with that one
 * ask. So nothing can be recognised again, nothing can be replayed, and no clock is needed for it.
 */
#ifndef CP_BEACON_H
#define CP_BEACON_H

#include "proto/bytes.h"

#define CP_BEACON_LEN       224U /* both packets: an answer never makes more of what was asked */
#define CP_BEACON_NONCE_LEN 24U
#define CP_BEACON_SLOTS     4U /* plans in one answer; who is in more takes turns */
#define CP_BEACON_SLOT_LEN  50U
#define CP_BEACON_KEYS_MAX  256U /* secrets of all plans together that are tried on an answer */

/* ---- The packets ---- */

/* The beacon key of a plan secret. */
void cp_beacon_key(const uint8_t secret[static CP_KEY_LEN], uint8_t key[static CP_KEY_LEN]);

/* `packet` is full of random bytes when it comes and is the answer to `ask` when it goes: under each of the keys (at most
 * CP_BEACON_SLOTS) the port and the machine. port is not 0. */
void cp_beacon_answer(const uint8_t ask[static CP_BEACON_LEN], const uint8_t (*keys)[CP_KEY_LEN],
                      size_t count, unsigned port, const uint8_t machine[static CP_KEY_LEN],
                      uint8_t packet[static CP_BEACON_LEN]);

/* The same for one slot (under CP_BEACON_SLOTS): under that key a port, not 0, and 32 bytes. */
void cp_beacon_put(const uint8_t ask[static CP_BEACON_LEN], const uint8_t key[static CP_KEY_LEN], size_t slot,
                   unsigned port, const uint8_t value[static CP_KEY_LEN], uint8_t packet[static CP_BEACON_LEN]);

struct cp_beacon_found {
    size_t key; /* which of the keys opened it */
    unsigned port;
    uint8_t machine[CP_KEY_LEN];
};
/* What an answer to that very ask says under any of the keys; how many were found, 0 for whatever else came. */
CP_MUST_USE size_t cp_beacon_read(const uint8_t ask[static CP_BEACON_LEN], struct cp_bytes packet,
                                  const uint8_t (*keys)[CP_KEY_LEN], size_t count,
                                  struct cp_beacon_found found[static CP_BEACON_SLOTS]);

/* ---- How much is answered ---- */

#define CP_BEACON_BURST         24U  /* answers at once, to all together: as many arrive at a meeting */
#define CP_BEACON_EVERY_MS      100U /* and then one in so long */
#define CP_BEACON_FROM_BURST    4U /* the same for one address: what an honest machine asks when it arrives */
#define CP_BEACON_FROM_EVERY_MS 5000U
#define CP_BEACON_GATES         64U
#define CP_BEACON_SALT_LEN      16U

/* Caller storage. salt: random, so that nobody can choose addresses that share a gate with somebody else's. */
struct cp_beacon_gates {
    uint8_t salt[CP_BEACON_SALT_LEN];
    uint64_t all_ms;
    uint64_t from_ms[CP_BEACON_GATES];
};
/* Which of the gates an address (its bytes, without the port) goes through. */
CP_MUST_USE size_t cp_beacon_gate(const struct cp_beacon_gates *g, struct cp_bytes from);
/* May an ask from this address (its bytes, without the port) be answered now? Counts it when it may. */
CP_MUST_USE bool cp_beacon_pass(struct cp_beacon_gates *g, struct cp_bytes from, uint64_t now_ms);

/* ---- When to ask ---- */

#define CP_BEACON_LEAST_MS 500U   /* between two asks on one network, whatever happens to it */
#define CP_BEACON_CALM_MS  30000U /* between two asks when nothing happens; a sixth more or less by chance */
#define CP_BEACON_EAGER \
    4U /* asks after an arrival: at once, then after 1, 2 and 4 s, because some are lost */

struct cp_beacon_pace {
    uint64_t due_ms;  /* ask now or later than this */
    uint64_t last_ms; /* 0: never asked */
    unsigned sent;    /* since the last arrival */
};
/* We have arrived on this network, or something changed on it: ask soon. */
void cp_beacon_pace_arrive(struct cp_beacon_pace *p, uint64_t now_ms, uint32_t random);
/* One was sent. */
void cp_beacon_pace_sent(struct cp_beacon_pace *p, uint64_t now_ms, uint32_t random);

/* ---- When to call again somebody who was found ---- */

#define CP_BEACON_AGAIN_MAX_MS 600000U
/* After so many calls in a row that came to nothing: 1, 2, 4 ... s, at most ten minutes, and up to a quarter more. */
CP_MUST_USE uint64_t cp_beacon_again_ms(unsigned fails, uint32_t random);

/* ---- Sleep ---- */

#define CP_BEACON_SLEPT_MS 2000U
/* Two clocks that begin together; only the first goes on while the machine sleeps. Neither is the clock on the wall, which may
 * jump or be years wrong. */
struct cp_beacon_sleep {
    bool known;
    uint64_t ahead_ms; /* of boot over awake, when we last looked */
};
/* True once after the machine slept. */
CP_MUST_USE bool cp_beacon_slept(struct cp_beacon_sleep *s, uint64_t boot_ms, uint64_t awake_ms);

#endif
