/*
 * Form 1 of a chunk: the same entries in few bytes (docs/protocol-session.md "The compact form").
 * Owns: its layout, and the one promise that unpacking gives back form 0 byte for byte or an error. Must not: prove
 * anything (cp_chunk_read does, on what came out), or know how it is known what the other side holds.
 *
 * What the other side can work out is left out: the lengths, the body hash, prev, seq and device of an entry whose
 * branch goes on, and of an id whatever names it. An id is named by its place in this chunk, or by (chain, seq) where
 * both sides hold it, else it stands there in full. Chains are called by *names*: numbers that both sides count alike.
 */
#ifndef CP_COMPACT_H
#define CP_COMPACT_H

#include "proto/chunk.h"

#define CP_CHUNK_FORM_COMPACT 1U

enum { CP_COMPACT_CHECK_LEN = 4 }; /* of the ids of all entries, before the frame: tells apart, proves nothing */

/* A branch that a chunk brought: its entries from `first` to `last`. */
struct cp_compact_row {
    bool fresh;    /* its chain was written out: it takes the next name */
    uint64_t name; /* else */
    uint8_t device[CP_KEY_LEN];
    uint8_t incarnation[CP_INCARNATION_LEN];
    uint64_t first, last;
};
/* What is known beside the chunk. In every struct cp_place here, `chain` is a name. */
struct cp_compact_look {
    /* Packing: where an entry lies, when the other side holds it for certain at that place. */
    enum cp_err (*find)(void *ctx, const uint8_t id[CP_ID_LEN], struct cp_place *out, bool *found);
    /* Unpacking: the one entry held at a place; none when there are several. */
    enum cp_err (*at)(void *ctx, uint64_t name, uint64_t seq, struct cp_place *out, bool *found);
    /* Both: how far both sides hold the chain, as each of them works it out; 0: not at all, or it is not sure. */
    uint64_t (*held)(void *ctx, uint64_t name);
    /* Both: told of each branch in the order of the chunk, once the chunk as a whole is good. */
    enum cp_err (*brought)(void *ctx, const struct cp_compact_row *row);
    void *ctx;
};

/* For chunks that must stand alone, in a file say: nothing is held by both, nothing is told. */
extern const struct cp_compact_look cp_compact_alone;

/*
 * Form 0 in, form 1 out. *packed false: the chunk holds something that this form cannot say, or would not become
 * smaller; it travels as it is. Errors: those of `look`, NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_compact_pack(const struct cp_compact_look *look, const struct cp_mem *mem,
                                        const uint8_t plan[static CP_ID_LEN], enum cp_class class,
                                        struct cp_bytes full, struct cp_buf *out, bool *packed);
/*
 * Form 1 in, form 0 out. Any bytes may come in. Errors: those of `look`, NO_MEMORY; every other one, of class PEER,
 * says that the chunk does not rebuild here, which need not be the sender's fault.
 */
CP_MUST_USE enum cp_err cp_compact_unpack(const struct cp_compact_look *look, const struct cp_mem *mem,
                                          const uint8_t plan[static CP_ID_LEN], enum cp_class class,
                                          struct cp_bytes compact, struct cp_buf *full);

#endif
