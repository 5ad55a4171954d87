/*
 * Memory that runs out at the n-th call, and the loop that tries every n. For allocation sweeps of proto/.
 * Owns: the count of blocks. Must not: fail a call that gives memory back.
 */
#ifndef CP_TESTS_SHORTAGE_H
#define CP_TESTS_SHORTAGE_H

#include "proto/bytes.h"

struct shortage {
    struct cp_mem mem;
    uint64_t calls;
    uint64_t fail_at; /* 0: none */
    bool fail_on;     /* and every later one */
    bool hit;
    int64_t live;               /* blocks not given back */
    const struct cp_mem *below; /* where it comes from; NULL: malloc */
};
void shortage_init(struct shortage *s, uint64_t fail_at, bool fail_on);

/*
 * Runs `act` with its n-th allocation failing, once and from then on, for every n until none fails any more. Returns
 * the number of n, or 0 with a line on stderr when, at some n, act said OK though it had none, or anything else than
 * NO_MEMORY, or kept a block. act says OK only when its result is the right one.
 */
typedef enum cp_err shortage_act(const struct cp_mem *mem, void *ctx);
uint64_t shortage_sweep(const char *name, shortage_act *act, void *ctx);

#endif
