/*
 * Memory that runs out: a heap for struct cp_mem, and the one under SQLite, each with the n-th call to fail.
 * Owns: SQLite's allocator of this process. Must not: be installed after SQLite was used.
 */
#ifndef CP_TESTS_SIM_FAULTS_MEMORY_H
#define CP_TESTS_SIM_FAULTS_MEMORY_H

#include "proto/bytes.h"

struct fault_heap {
    struct cp_mem mem; /* hand out &heap.mem */
    uint64_t calls;    /* allocations and growths asked for since fault_heap_set */
    uint64_t fail_at;  /* this one fails; 0: none */
    bool fail_on;      /* and every later one */
    bool hit;
    int64_t live; /* blocks not freed */
};
void fault_heap_init(struct fault_heap *h);
/* Puts calls to 0. */
void fault_heap_set(struct fault_heap *h, uint64_t fail_at, bool fail_on);

/* SQLite's: before any other use of SQLite in the process. Switches its look-aside memory off, so that every
 * allocation is one. */
void fault_sqlite_install(void);
/* Likewise for SQLite's; `live` counts its blocks. */
struct fault_heap *fault_sqlite_heap(void);

#endif
