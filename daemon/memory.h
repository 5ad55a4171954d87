/*
 * The daemon's memory: malloc that wipes whatever it gives back. Names, words, invitations and recovery sheets pass
 * through many buffers, and a `lock` that left them in freed memory would have wiped little.
 * Owns: the wiping. Must not: hold keys; those live in libsodium's guarded memory.
 */
#ifndef CP_MEMORY_H
#define CP_MEMORY_H

#include "proto/bytes.h"

/* Blocks are wiped when they are freed and, when they move, where they were. Any thread. */
const struct cp_mem *cp_memory(void);

#endif
