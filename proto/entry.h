/*
 * Entries: header, body hash, id, signature, and the context-free half of rule R1 (docs/protocol.md "Entry").
 * Owns: the bytes of a header and what an id covers. Must not: know what a frame means (frame.h) or which
 * entries are held (the store tells, in struct cp_pred).
 */
#ifndef CP_ENTRY_H
#define CP_ENTRY_H

#include "proto/hash.h"
#include "proto/mp.h"

enum cp_class { CP_CONTROL = 0, CP_CONTENT = 1 };

/* The header's values. Canonical order of the array is the order of these members. */
struct cp_header {
    uint32_t rules;
    enum cp_class class;
    uint8_t device[CP_KEY_LEN];
    uint8_t incarnation[CP_INCARNATION_LEN];
    uint64_t seq; /* from 1, per chain */
    uint8_t prev[CP_ID_LEN]; /* zeros exactly when seq is 1 */
    size_t parents_count;
    uint8_t parents[CP_PARENTS_MAX][CP_ID_LEN]; /* strictly ascending, without prev */
    uint64_t lamport; /* 1 + the greatest of all predecessors' */
    uint64_t time_ms; /* a claim, for display only */
    uint32_t frame_len;
    uint32_t words_len;
    uint8_t body_hash[CP_ID_LEN];
};

/* An entry in borrowed slices. words.ptr is NULL when the words are not here (withdrawn, wanted): what is left of
 * withdrawn ones is their hash, by which the frame can still be told from a false one. words_hash.len is 0 otherwise;
 * sig.len is 0 when no signature is held. */
struct cp_entry {
    struct cp_bytes header;
    struct cp_bytes frame;
    struct cp_bytes words;
    struct cp_bytes words_hash;
    struct cp_bytes sig;
};

/* Appends the canonical header. */
void cp_header_encode(const struct cp_header *h, struct cp_buf *out);
/*
 * Reads a header. Errors: those of the profile, BAD_VALUE, BAD_PARENTS (order, doubles, prev among them),
 * BAD_SEQ (seq 0, or prev zeros with seq > 1 and the reverse), TOO_BIG (lengths beyond CP_ENTRY_MAX).
 * rules is not judged here: NEWER_RULES is the caller's decision before decoding further.
 */
CP_MUST_USE enum cp_err cp_header_decode(struct cp_bytes bytes, struct cp_header *out);

/* H(tag, H(frame), H(words)). */
void cp_body_hash(struct cp_bytes frame, struct cp_bytes words, uint8_t out[static CP_ID_LEN]);
/* The same from a kept hash of erased words. */
void cp_words_hash(struct cp_bytes words, uint8_t out[static CP_ID_LEN]);
void cp_body_hash_erased(struct cp_bytes frame, const uint8_t words_hash[static CP_ID_LEN],
                         uint8_t out[static CP_ID_LEN]);
/* Entry id. For the first entry of a plan the plan id counts as 32 zero bytes: pass cp_zero_id. */
void cp_entry_id(const uint8_t plan[static CP_ID_LEN], struct cp_bytes header, uint8_t out[static CP_ID_LEN]);
extern const uint8_t cp_zero_id[CP_ID_LEN];
/* Lists of ids and keys stand in byte order wherever the format has them. ids may be NULL for none. */
_Static_assert(CP_KEY_LEN == CP_ID_LEN, "one order for both");
void cp_id_sort(uint8_t (*ids)[CP_ID_LEN], size_t count);
/* The same, each once: returns how many are left. */
size_t cp_id_sort_once(uint8_t (*ids)[CP_ID_LEN], size_t count);
/* True when sig is the device's over the id. */
bool cp_entry_sig_ok(const uint8_t id[static CP_ID_LEN], const uint8_t sig[static CP_SIG_LEN],
                     const uint8_t device[static CP_KEY_LEN]);

/*
 * R1, what needs no other entry: header canonical, rules known, lengths as stated, size within CP_ENTRY_MAX,
 * body hash (from the words, or from the hash that is left of them), frame in the profile and beginning [kind, refs], kind of the header's
 * class, control without words. Fills *h. Words' inside is not judged: an entry may have lost them.
 * Errors: those of the profile, NEWER_RULES, BAD_BODY, BAD_VALUE, TOO_BIG.
 */
CP_MUST_USE enum cp_err cp_entry_check(const struct cp_entry *e, struct cp_header *h);

/* The first number of a frame: its kind, without reading more of it. 0 when there is none. */
uint64_t cp_frame_kind(struct cp_bytes frame);

/* What R1 must know of one predecessor that is held. */
struct cp_pred {
    const uint8_t *id;
    enum cp_class class;
    uint64_t lamport;
    bool same_chain;
    uint64_t seq;
};
/*
 * R1, what needs the predecessors: `preds` holds prev (first, when seq > 1) and then every parent, all held.
 * Errors: BAD_SEQ (prev of another chain or not seq - 1), BAD_PARENTS (content parent of a control entry),
 * BAD_LAMPORT. The admission of a chain's first entry is judged by member.h.
 */
CP_MUST_USE enum cp_err cp_entry_check_preds(const struct cp_header *h, const struct cp_pred *preds, size_t count);

#endif
