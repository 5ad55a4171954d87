/*
 * Chunks: whole runs of entries in the sender's own order of arrival (design 3 "Runs", 6 step 3).
 * Owns: which signatures travel, where a chunk may be cut, how a chunk is proven. Must not: know sessions.
 *
 * A run is a stretch of one branch (entries linked by prev) that ends at an entry with its signature. One
 * signature proves every earlier entry of its branch, so a chunk carries one for each branch it holds: at the
 * last entry of that branch in the chunk. A chunk is refused whole when one entry in it is not proven.
 *
 * Form 0 (full): canonical array [header, frame, words, signature or nil,  header, ...]. An entry without words has an
 * empty bin; in place of withdrawn words stands [their hash], only for an entry whose WITHDRAW the receiver has.
 * Form 1 (compact.h) says the same in fewer bytes, and what comes out of it is a chunk of form 0.
 */
#ifndef CP_CHUNK_H
#define CP_CHUNK_H

#include "proto/entry.h"

#define CP_CHUNK_FORM_FULL 0U

/* One entry on its way out, as the store holds it. Slices borrowed until the next call to the source. */
struct cp_outgoing {
    struct cp_entry entry;    /* sig.len 0: signature not held */
    uint8_t id[CP_ID_LEN];
    uint8_t prev[CP_ID_LEN];  /* zeros for seq 1 */
    unsigned depth;           /* written in this plan (0), or in which of those it goes back to: a chunk is of one */
    bool first;               /* a continuation's first entry: whoever offers the plan must be able to show it signed */
    uint64_t gone_row;        /* its words were withdrawn: the row of the first WITHDRAW that counts; 0 otherwise */
};
/* One entry held, and its place in the log. */
struct cp_place {
    uint8_t id[CP_ID_LEN];
    uint64_t chain;
    uint64_t seq;
    uint64_t lamport;
    uint8_t device[CP_KEY_LEN];
    uint8_t incarnation[CP_INCARNATION_LEN];
};
/* Where entries come from: fills *out with the entry of row `row`. Errors pass through. */
struct cp_entry_source {
    enum cp_err (*entry)(void *ctx, uint64_t row, struct cp_outgoing *out);
    void *ctx;
    unsigned *depth; /* NULL, or gets the depth of the entries that cp_chunk_build took */
};

/*
 * Builds one chunk payload (form 0) from rows[0..count), rows in order of arrival, beginning with the first;
 * takes as many of the first one's depth as fit CP_CHUNK_MAX and CP_CHUNK_ENTRIES_MAX and end with no run open; *taken > 0.
 * Errors: those of the source, NO_MEMORY, NO_SIGNATURE (no cut is possible: the store lost a signature).
 */
CP_MUST_USE enum cp_err cp_chunk_build(const struct cp_entry_source *from, const struct cp_mem *mem,
                                       const uint64_t *rows, size_t count, struct cp_buf *payload, size_t *taken);

/* A chunk read: entries borrowed from the payload. */
struct cp_chunk {
    struct cp_entry *entries;
    struct cp_header *headers;   /* decoded, same count */
    uint8_t (*ids)[CP_ID_LEN];
    size_t count;
    unsigned depth; /* the caller's to set for whoever stores it: 0, or which plan before this one it is of */
    const struct cp_mem *mem;
};
/*
 * Reads and proves a payload: every entry passes cp_entry_check, and every one is covered by a good signature
 * at itself or at a later entry of its branch in this chunk. plan: the one that they were written in; cp_zero_id counts
 * for its first entry (header with class control and seq 1 whose id equals `plan`).
 * Words left out are passed on with words.ptr NULL and their hash; the caller decides whether they may be.
 * Errors: those of cp_entry_check, NO_SIGNATURE, BAD_SIGNATURE, TOO_BIG, NO_MEMORY. On failure *out is clear.
 */
CP_MUST_USE enum cp_err cp_chunk_read(struct cp_chunk *out, const struct cp_mem *mem, struct cp_bytes payload,
                                      const uint8_t plan[static CP_ID_LEN]);
void cp_chunk_clear(struct cp_chunk *c);
/* The id of an entry: the first of a plan counts the plan id as zeros. */
void cp_chunk_id(const uint8_t plan[static CP_ID_LEN], struct cp_bytes header, const struct cp_header *h,
                 uint8_t id[static CP_ID_LEN]);

#endif
