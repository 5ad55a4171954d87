/* The daemon's allocator. See memory.h. */
#include "daemon/memory.h"

#include <malloc.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void wipe_and_free(void *p)
{
    if (p == NULL)
        return;
    sodium_memzero(p, malloc_usable_size(p));
    free(p);
}

/* realloc would leave a copy behind whenever the block moves. */
static void *resize(void *ctx, void *old, size_t len)
{
    (void)ctx;
    if (len == 0) {
        wipe_and_free(old);
        return NULL;
    }
    size_t had = old == NULL ? 0 : malloc_usable_size(old);
    if (old != NULL && len <= had && len > had / 2)
        return old;
    void *fresh = malloc(len);
    if (fresh == NULL)
        return NULL;
    if (old != NULL)
        memcpy(fresh, old, had < len ? had : len);
    wipe_and_free(old);
    return fresh;
}

const struct cp_mem *cp_memory(void)
{
    static const struct cp_mem mem = {.resize = resize};
    return &mem;
}
