/* The allocator that tests hand to proto/: malloc, with a countdown that fails the n-th call. */
#ifndef CP_TEST_HEAP_H
#define CP_TEST_HEAP_H

#include "proto/bytes.h"

/* Counts down on each allocation; 0 fails that one and every later one. SIZE_MAX: never fails. */
struct test_heap {
    size_t left;
    size_t calls;
    struct cp_mem mem;
};
void test_heap_init(struct test_heap *h, size_t left);
/* One that never fails. */
const struct cp_mem *test_mem(void);

/* A small seeded generator (splitmix64), so that a failing case can be named by its seed. */
uint64_t test_random(uint64_t *state);
uint64_t test_below(uint64_t *state, uint64_t bound);

#endif
