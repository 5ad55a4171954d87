/* Test allocator and seeded generator. */
#include "tests/support/heap.h"

#include <stdlib.h>

static void *resize(void *ctx, void *old, size_t len)
{
    struct test_heap *h = ctx;
    if (len == 0) {
        free(old);
        return NULL;
    }
    h->calls++;
    if (h->left == 0)
        return NULL;
    if (h->left != SIZE_MAX)
        h->left--;
    return realloc(old, len);
}

void test_heap_init(struct test_heap *h, size_t left)
{
    h->left = left;
    h->calls = 0;
    h->mem = (struct cp_mem){.resize = resize, .ctx = h};
}

const struct cp_mem *test_mem(void)
{
    static struct test_heap forever;
    if (forever.mem.resize == NULL)
        test_heap_init(&forever, SIZE_MAX);
    return &forever.mem;
}

#if defined(__clang__)
__attribute__((no_sanitize("unsigned-integer-overflow", "unsigned-shift-base")))
#endif
uint64_t test_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

uint64_t test_below(uint64_t *state, uint64_t bound)
{
    return bound == 0 ? 0 : test_random(state) % bound;
}
