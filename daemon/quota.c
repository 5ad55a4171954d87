/* Memory that is counted. See quota.h. */
#include "daemon/quota.h"

#include <malloc.h>

#include "daemon/memory.h"

/* What the heap says that a block holds; at the bounds that matter the difference to what was asked for is small. */
static void *resize(void *ctx, void *old, size_t len)
{
    struct cp_quota *q = ctx;
    const struct cp_mem *heap = cp_memory();
    size_t had = old == NULL ? 0 : malloc_usable_size(old);
    if (len > had && len - had > (q->used < q->max ? q->max - q->used : 0))
        return NULL;
    void *fresh = heap->resize(heap->ctx, old, len);
    if (fresh == NULL && len != 0)
        return NULL;
    size_t has = fresh == NULL ? 0 : malloc_usable_size(fresh);
    q->used = q->used - had + has;
    q->pool->used = q->pool->used - had + has;
    return fresh;
}

void cp_quota_init(struct cp_quota *q, struct cp_quota_pool *pool, size_t max)
{
    *q = (struct cp_quota){.mem = {resize, q}, .pool = pool, .max = max};
}
