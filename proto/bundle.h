/*
 * Bundles: what one machine hands to others through a stick, a carrier or a stranger (design 6 "Stick").
 * Owns: the layout of a bundle and of its frames, their sealing under the bundle's key, and its padded size.
 * Must not: box the key to anybody (the keeper does), draw randomness, or know files and stores.
 *
 *   file   = bundle, bundle, ...                          one for each plan, back to back
 *   bundle = "coplan bundle 1" LF, size (8), slots (2), slot (80) ..., frame ...
 *   frame  = length of what follows (4), the frame's plaintext sealed (+16)
 *
 * size: of the whole bundle, a power of two, so that a reader that no slot is for finds the next one. A slot is the
 * bundle's key in a sealed box to one machine (or to a plan's door), which shows that machine whose it is (daemon/keeper.h); unused
 * ones are random bytes, and their number is a power of two as well. Frames: XChaCha20-Poly1305 under H(BUNDLE_STREAM, bundle key | slots), the nonce is 16 zero bytes
 * and the frame's number (8), and one byte is authenticated with it: 1 for the last frame. A frame that was swapped, left out or
 * belongs to another bundle does not open, and a bundle without its last frame is known to be cut. Numbers big-endian.
 *
 * A frame's plaintext is one array, or padding: zero bytes and nothing else.
 *   BEGIN  [0, 1, plan, machine's CURVE key, its incarnation, claimed time, all (0, 1)]
 *   TIPS   [1, class, [seq, id, ...]]     what the writer holds: its tips, control before content; at most 2,000 a frame
 *   WISHES [7, [number, id, ...]]         the attachments that somebody there asked for, each from its first missing piece on; once at most
 *   SEEN   [2, device key, signature]     by a device of the machine, over what BEGIN, all TIPS and WISHES say; its slots are made for the same hash
 *   CHUNK  [3, class + 2 x depth, form, payload]      proto/chunk.h, proto/compact.h with nothing named outside the chunk
 *   JOIN   [4, join array as bin]         a request to be let in (then no machine, no TIPS and no CHUNK)
 *   PIECE  [8, id, number, bytes]         of an attachment (proto/attachment.h), for whoever asked for it
 *   END    [5, entries]                   how many entries the CHUNKs held
 *   FIRST  [6, header, frame, signature]  of a continuation: its first entry, which says which plans it goes back to
 * BEGIN first, then FIRST, TIPS, WISHES and SEEN, CHUNKs, PIECEs, END. Anything after a damaged place is not read; what came before it counts.
 */
#ifndef CP_BUNDLE_H
#define CP_BUNDLE_H

#include "proto/entry.h"
#include "proto/hash.h"

enum {
    CP_BUNDLE_SLOT_LEN = 80,    /* a libsodium sealed box of 32 bytes */
    CP_BUNDLE_SIZE_AT = 16,     /* where the size stands, written last */
    CP_BUNDLE_HEAD_LEN = 26,    /* magic, size, slots */
    CP_BUNDLE_SLOTS_MAX = 4096, /* machines of one plan; a head stays under 328 KiB */
    CP_BUNDLE_SLOTS_MIN = 8,    /* how many machines a small group has is nobody's business */
    CP_BUNDLE_TIPS_MAX = 2000,  /* of one TIPS frame: 86 KB */
    CP_BUNDLE_WISHES_MAX = 2000, /* the oldest; the others in the next file */
    CP_BUNDLE_FRAME_EXTRA = 20  /* length and tag */
};
#define CP_BUNDLE_FRAME_MAX (1024U * 1024U) /* as a message of the wire: a full chunk and room beside it */
#define CP_BUNDLE_SIZE_MIN  4096U
#define CP_BUNDLE_SIZE_MAX  (1ULL << 40)

/* ---- The head ---- */

/* How many slots stand for so many machines: the next power of two, at least CP_BUNDLE_SLOTS_MIN. */
size_t cp_bundle_slots(size_t machines);
/* Appends the head. slots: all of them, one behind the other. `size` may be 0 and be written into place later (cp_bundle_put_size). */
void cp_bundle_head_write(struct cp_bytes slots, uint64_t size, struct cp_buf *out);
void cp_bundle_put_size(uint64_t size, uint8_t at[static 8]); /* at: 16 bytes behind the bundle's begin */
struct cp_bundle_head {
    struct cp_bytes slots; /* borrowed; CP_BUNDLE_SLOT_LEN each */
    size_t count;
    uint64_t size;
    size_t len; /* of the head: where the first frame begins */
};
/*
 * Reads a head from the beginning of `bytes`, which may hold more. Errors: TRUNCATED (more bytes are needed),
 * NOT_CANONICAL (no bundle, or a size or number of slots that no writer makes).
 */
CP_MUST_USE enum cp_err cp_bundle_head_read(struct cp_bytes bytes, struct cp_bundle_head *out);

/* ---- Frames ---- */

struct cp_bundle_stream {
    uint8_t key[32]; /* wiped by cp_bundle_stream_end */
    uint64_t next;
    bool ended; /* the last frame was sealed or opened */
};
void cp_bundle_stream_begin(struct cp_bundle_stream *s, const uint8_t key[static 32], struct cp_bytes slots);
void cp_bundle_stream_end(struct cp_bundle_stream *s);
/* Appends one frame. plain.len at most CP_BUNDLE_FRAME_MAX - CP_BUNDLE_FRAME_EXTRA. */
void cp_bundle_seal(struct cp_bundle_stream *s, struct cp_bytes plain, bool last, struct cp_buf *out);
/*
 * Opens the frame at the beginning of `bytes`; *used gets its length there. Appends its plaintext to `plain`.
 * Errors: TRUNCATED (the frame is not all here; *used gets how many bytes it takes, 4 when even that is unknown),
 * BAD_SIGNATURE (not what was sealed here), TOO_BIG, TRAILING (the last frame was read before), NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_bundle_open(struct cp_bundle_stream *s, struct cp_bytes bytes,
                                       struct cp_buf *plain, size_t *used);
/*
 * The size of a bundle that has `used` bytes with its END: a power of two, so that what is left is nothing or room for
 * padding frames. Padding: frames whose plaintext is this many zero bytes, until `left` is 0.
 */
uint64_t cp_bundle_size(uint64_t used);
size_t cp_bundle_padding(uint64_t left);

/* ---- What a frame says ---- */

enum cp_bundle_type {
    CP_BUNDLE_BEGIN,
    CP_BUNDLE_TIPS,
    CP_BUNDLE_SEEN,
    CP_BUNDLE_CHUNK,
    CP_BUNDLE_JOIN,
    CP_BUNDLE_END,
    CP_BUNDLE_FIRST, /* of a continuation, behind BEGIN: its first entry, which says which plans it goes back to */
    CP_BUNDLE_WISHES,
    CP_BUNDLE_PIECE,
    CP_BUNDLE_PADDING
};
struct cp_bundle_tip {
    uint64_t seq;
    uint8_t id[CP_ID_LEN];
};
struct cp_bundle_wish {
    uint64_t number; /* of the first piece that is missing, from 0 */
    uint8_t id[CP_ID_LEN];
};
struct cp_bundle_begin {
    uint8_t plan[CP_ID_LEN];
    uint8_t machine[CP_KEY_LEN]; /* zeros in a request to be let in */
    uint8_t incarnation[CP_INCARNATION_LEN];
    uint64_t time_ms;
    bool all; /* it was to leave nothing out that the writer holds of the plan, whatever the others had said that they hold */
};
/* One frame read; members unused by a type are zero. Slices borrow from the plaintext. */
struct cp_bundle_frame {
    enum cp_bundle_type type;
    struct cp_bundle_begin begin;
    enum cp_class class;   /* TIPS, CHUNK */
    struct cp_cursor tips; /* TIPS: cp_bundle_next_tip, tips_count times */
    size_t tips_count;
    struct cp_cursor wishes; /* WISHES: cp_bundle_next_wish, wishes_count times */
    size_t wishes_count;
    const uint8_t *id;     /* PIECE, and its number */
    uint64_t number;
    const uint8_t *device; /* SEEN */
    const uint8_t *sig;    /* SEEN, FIRST */
    unsigned depth;        /* CHUNK */
    unsigned form;         /* CHUNK */
    struct cp_bytes bytes; /* CHUNK payload, JOIN array, FIRST's frame, PIECE */
    struct cp_bytes header;/* FIRST */
    uint64_t entries;      /* END */
};
/* Errors: those of the profile, BAD_VALUE, NEWER_RULES (a version of bundles that is not known). */
CP_MUST_USE enum cp_err cp_bundle_read(struct cp_bytes plain, struct cp_bundle_frame *out);
void cp_bundle_next_tip(struct cp_bundle_frame *f, struct cp_bundle_tip *out);
void cp_bundle_next_wish(struct cp_bundle_frame *f, struct cp_bundle_wish *out);

void cp_bundle_put_begin(const struct cp_bundle_begin *b, struct cp_buf *out);
void cp_bundle_put_tips(enum cp_class class, const struct cp_bundle_tip *tips, size_t count,
                        struct cp_buf *out);
void cp_bundle_put_wishes(const struct cp_bundle_wish *wishes, size_t count, struct cp_buf *out);
void cp_bundle_put_seen(const uint8_t device[static CP_KEY_LEN], const uint8_t sig[static CP_SIG_LEN],
                        struct cp_buf *out);
void cp_bundle_put_chunk(enum cp_class class, unsigned depth, unsigned form, struct cp_bytes payload, struct cp_buf *out);
void cp_bundle_put_first(struct cp_bytes header, struct cp_bytes frame, const uint8_t sig[static CP_SIG_LEN],
                         struct cp_buf *out);
void cp_bundle_put_piece(const uint8_t id[static CP_ID_LEN], uint64_t number, struct cp_bytes bytes, struct cp_buf *out);
void cp_bundle_put_join(struct cp_bytes join, struct cp_buf *out);
void cp_bundle_put_end(uint64_t entries, struct cp_buf *out);

/* ---- What SEEN signs: H(SEEN, plan | machine | incarnation | time | for each tip in order: class, seq, id | for each wish: 2, number, id) ---- */
void cp_seen_begin(struct cp_hasher *h, const struct cp_bundle_begin *b);
void cp_seen_add(struct cp_hasher *h, enum cp_class class, const struct cp_bundle_tip *tip);
void cp_seen_add_wish(struct cp_hasher *h, const struct cp_bundle_wish *wish);
void cp_seen_end(struct cp_hasher *h, uint8_t out[static CP_ID_LEN]);

#endif
