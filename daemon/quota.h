/*
 * How much memory each of several may hold, and all of them together.
 * Owns: the counting. Must not: decide who has to go when all together hold too much (the owner of the pool does).
 *
 * Blocks come from cp_memory and are wiped as those are. One thread.
 */
#ifndef CP_QUOTA_H
#define CP_QUOTA_H

#include "proto/bytes.h"

struct cp_quota_pool {
    size_t used; /* bytes, by all quotas of the pool */
};
struct cp_quota {
    struct cp_mem mem; /* hand this out; its address must stay */
    struct cp_quota_pool *pool;
    size_t used, max; /* beyond max there is no memory */
};

/* Caller storage. It may be forgotten when everything that came from it was freed. */
void cp_quota_init(struct cp_quota *q, struct cp_quota_pool *pool, size_t max);

#endif
