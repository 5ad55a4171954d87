/*
 * The memory of one session, counted through the allocator that it is given, and how much it may be.
 * Owns: the count. Must not: change what a look-up answers.
 *
 * A session takes memory in three ways, and all three are counted: its own blocks, arrays that the store makes for it
 * and it frees, and what zstd takes while a chunk is packed or rebuilt.
 */
#ifndef CP_TESTS_SIM_WORLD_MEMORY_H
#define CP_TESTS_SIM_WORLD_MEMORY_H

#include "proto/session.h"

struct session_memory {
    struct cp_mem mem;
    struct cp_replica replica; /* what the session is given; its ctx is this */
    const struct cp_replica *held;
    size_t live, peak;
    size_t tips; /* most of one class that it was shown */
    bool took;   /* an offered plan was taken: what is held is in it now */
    bool hoards; /* planted: what is freed stays until the end */
    void **kept;
    size_t kept_count, kept_cap;
};

void session_memory_init(struct session_memory *m, const struct cp_replica *held, bool hoards);
/* After cp_session_free: gives back what was hoarded; the bytes that were never freed. */
size_t session_memory_end(struct session_memory *m);

/*
 * What one session may take at most.
 *
 *   fixed     zstd's context for a window of one chunk (1.3 MiB), the tables of a chunk that is packed (0.3 MiB), the
 *             session itself; 1.7 MiB was the most that 10,000 small sessions took.
 *   chunk     CP_CHUNKS_IN_FLIGHT that came and are not stored yet, the one under way in its two forms, its columns, and
 *             what grows by doubling is held twice for a moment.
 *   message   one that came or goes out, and one being made.
 *   per tip   our tips, the base and the merge (72 bytes each), the peer's and the list sent (32), names for chunks in
 *             both directions (2 x 56), and arrays that grow by doubling. What a liar claims counts as well.
 */
#define SESSION_MEMORY_FIXED    ((size_t)2 * 1024 * 1024)
#define SESSION_MEMORY_CHUNKS   ((size_t)CP_CHUNKS_IN_FLIGHT + 4)
#define SESSION_MEMORY_MESSAGES ((size_t)2)
#define SESSION_MEMORY_PER_TIP  ((size_t)1024)
/* chunk, message: the largest of the session, counted in full form. */
size_t session_memory_bound(size_t tips, size_t chunk, size_t message);

#endif
