/* Allocators with a countdown. */
#include "tests/sim/faults_memory.h"

#include <sqlite3.h>
#include <stdlib.h>

static bool fails(struct fault_heap *h)
{
    h->calls++;
    if (h->fail_at == 0 || (h->fail_on ? h->calls < h->fail_at : h->calls != h->fail_at))
        return false;
    h->hit = true;
    return true;
}

static void *resize(void *ctx, void *old, size_t len)
{
    struct fault_heap *h = ctx;
    if (len == 0) {
        h->live -= old != NULL;
        free(old);
        return NULL;
    }
    if (fails(h))
        return NULL;
    void *p = realloc(old, len);
    h->live += old == NULL && p != NULL;
    return p;
}

void fault_heap_init(struct fault_heap *h)
{
    *h = (struct fault_heap){.mem = {resize, h}};
}

void fault_heap_set(struct fault_heap *h, uint64_t fail_at, bool fail_on)
{
    h->calls = 0;
    h->fail_at = fail_at;
    h->fail_on = fail_on;
    h->hit = false;
}

/* ---- Under SQLite ---- */

static struct fault_heap sqlite_heap;
static sqlite3_mem_methods below;

static void *sql_malloc(int len)
{
    void *p = fails(&sqlite_heap) ? NULL : below.xMalloc(len);
    sqlite_heap.live += p != NULL;
    return p;
}

static void sql_free(void *p)
{
    sqlite_heap.live -= p != NULL;
    below.xFree(p);
}

static void *sql_realloc(void *p, int len)
{
    return fails(&sqlite_heap) ? NULL : below.xRealloc(p, len);
}

void fault_sqlite_install(void)
{
    sqlite3_mem_methods mine;
    static bool done;
    if (done)
        return;
    done = true;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &below) != SQLITE_OK)
        abort();
    mine = below;
    mine.xMalloc = sql_malloc;
    mine.xFree = sql_free;
    mine.xRealloc = sql_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK)
        abort();
}

struct fault_heap *fault_sqlite_heap(void)
{
    return &sqlite_heap;
}
