/*
 * Two machines that meet in one process: the real session and the real stores, no network between them.
 * Owns: carrying messages and counting their bytes. Must not: know more of a message than
 * whether it is a chunk.
 */
#ifndef CP_BENCH_MEET_H
#define CP_BENCH_MEET_H

#include "tests/support/bench_town.h"

struct bench_meeting {
    uint64_t bytes;       /* of messages, both ways */
    uint64_t chunk_bytes; /* of those, chunk payloads as they travelled */
    uint64_t full_bytes;  /* the same chunks in full */
    uint64_t messages;
    uint64_t round_trips;        /* before the first chunk; all when there was none */
    uint64_t moved;              /* entries that were new to one of the two */
    bool in_sync;                /* both said so */
    double cpu_us;               /* both ends */
    double take_us, take_cpu_us; /* of proving and storing chunks alone */
};
/* caller and called meet once. key: the machines' CURVE keys. */
void bench_meet(struct town *caller, const uint8_t caller_key[CP_KEY_LEN], struct town *called,
                const uint8_t called_key[CP_KEY_LEN], struct bench_meeting *out);

#endif
