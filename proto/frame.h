/*
 * Frames and words of content entries: what an entry does, without and with what a person said.
 * Owns: the layout of content frames (docs/protocol.md "Content entries"). Must not: decide what is current
 * (record.h). Control frames are member.h's.
 *
 * frame = [kind, refs, replaced, subkind, ops]
 *   refs      ids: the target first (kinds that have one), then the writes replaced, then whatever else is named
 *   replaced  how many refs after the target are writes replaced (for a set-aside: writes seen)
 *   subkind   ITEM: item kind; VIEW: measure; NOTE: note kind; VERSION: stage; COLUMN: field code it maps to
 *             (0: none); else 0
 *   ops       field writes, each [field, how, ...] (enum cp_how)
 * words = [salt, value, ...]: one value for each op that has a slot, in the ops' order.
 * A kind has a target: SET, PERSON, VIEW, NOTE, RECEIPT, ANSWER, ATTACHMENT. VERSION: its refs are the version id and then
 * its parts in order. ANSWER: target = version id, words = [salt, answer text, signature].
 */
#ifndef CP_FRAME_H
#define CP_FRAME_H

#include "proto/kinds.h"

enum cp_how {
    CP_HOW_SET = 0,         /* [f, 0]          slot: the value, or nil when cleared */
    CP_HOW_SET_LANG = 1,    /* [f, 1, "cy"]    slot */
    CP_HOW_ADD = 2,         /* [f, 2]          slot: one element of a list */
    CP_HOW_LINK = 3,        /* [f, 3, r]       no slot: refs[r] is the value */
    CP_HOW_LINK_ADD = 4,    /* [f, 4, r]       no slot: refs[r] is one element of a list */
    CP_HOW_REMOVE = 5,      /* [f, 5, r, op]   no slot: the element that op number `op` of entry refs[r] added */
    CP_HOW_COLUMN = 6,      /* [f, 6, r]       slot: the value under COLUMN entry refs[r] */
    CP_HOW_LINK_VALUE = 7   /* [f, 7, r]       slot: an int that goes with refs[r]; one element of a list */
};
#define CP_HOW_KNOWN_MAX 7

enum cp_value_type { CP_VALUE_NONE, CP_VALUE_NIL, CP_VALUE_TEXT, CP_VALUE_INT, CP_VALUE_BYTES };

struct cp_value {
    enum cp_value_type type; /* NONE: no slot, or the words are not here */
    struct cp_bytes bytes;   /* TEXT, BYTES: borrowed */
    int64_t number;          /* INT */
};

struct cp_op {
    uint16_t field;
    enum cp_how how;
    uint16_t ref;          /* LINK*, REMOVE, COLUMN: index into refs */
    uint16_t removed_op;   /* REMOVE */
    struct cp_bytes lang;  /* SET_LANG: borrowed */
    struct cp_value value;
};

struct cp_frame {
    uint64_t kind;
    uint64_t subkind;
    bool has_target;
    size_t refs_count;
    const uint8_t *refs; /* refs_count ids of CP_ID_LEN, `stride` bytes apart, borrowed: use cp_frame_ref */
    size_t replaced;     /* refs[has_target .. has_target + replaced) */
    bool words_here;     /* false: withdrawn or wanted; values are NONE */
    size_t ops_count;
    struct cp_op ops[CP_OPS_MAX]; /* last: see cp_frame_keep */
};

/* The i-th reference, borrowed from the frame's bytes. i < refs_count. */
const uint8_t *cp_frame_ref(const struct cp_frame *f, size_t i);
/* The target, or NULL for kinds without one. */
const uint8_t *cp_frame_target(const struct cp_frame *f);
/* The first `replaced` reference; f->replaced of them follow each other. */
const uint8_t *cp_frame_replaced(const struct cp_frame *f, size_t i);
bool cp_kind_has_target(uint64_t kind);

/*
 * Reads the frame and words of a content entry that passed cp_entry_check. words.ptr NULL: not here.
 * Everything in *out borrows from the two slices. Errors: NEWER_CONTENT (unknown kind, field or how, a value
 * outside what its field allows, a malformed known frame: kept, without effect, "made with a newer coplan").
 */
CP_MUST_USE enum cp_err cp_frame_read(struct cp_bytes frame, struct cp_bytes words, struct cp_frame *out);

/*
 * Is `again` this entry said once more (serve_again.c writes such): the same kind, subkind and ops, one entry more named, last,
 * and the same words behind a salt of its own? Which entries are named is the caller's to compare. False where words are not here.
 */
bool cp_frame_says_again(struct cp_bytes frame, struct cp_bytes words, struct cp_bytes again, struct cp_bytes words_again);

/*
 * A frame kept in as few bytes as it needs: room is cp_frame_size bytes, aligned for any object, and is returned as
 * the copy. Only its first ops_count ops are there, so it must not be copied as a whole struct. Borrows as f does.
 */
size_t cp_frame_size(const struct cp_frame *f);
const struct cp_frame *cp_frame_keep(const struct cp_frame *f, void *room);

/* ---- Writing ---- */

/* Collects one entry's frame and words. Caller storage; clear frees. Values are copied when put. */
struct cp_draft {
    uint64_t kind;
    uint64_t subkind;
    size_t target_count; /* 0 or 1 */
    size_t replaced;
    size_t refs_count;
    size_t ops_count;
    bool words_any;
    uint8_t refs[CP_REFS_MAX][CP_ID_LEN];
    struct cp_op ops[CP_OPS_MAX]; /* values unused: they are in `values` */
    struct cp_buf values;
    size_t values_count;
    enum cp_err err; /* sticky: TOO_BIG */
};

/* target NULL for kinds without one. */
void cp_draft_init(struct cp_draft *d, const struct cp_mem *mem, uint64_t kind, uint64_t subkind,
                   const uint8_t *target);
void cp_draft_clear(struct cp_draft *d);
/*
 * Adds a replaced (or seen) write; all of these before any cp_draft_name. A double is added once. Beyond
 * CP_REPLACED_MAX none is added: those writes stay beside this one, as wordings or as not seen, and the next entry
 * takes the next of them. A thousand values of one field, whoever made them, must not keep anybody from writing it.
 */
void cp_draft_replace(struct cp_draft *d, const uint8_t id[static CP_ID_LEN]);
/* Adds a named reference and returns its index; an id already among the refs is reused. */
uint16_t cp_draft_name(struct cp_draft *d, const uint8_t id[static CP_ID_LEN]);
/* Ops. lang empty = none; it is borrowed until cp_draft_write. */
void cp_draft_text(struct cp_draft *d, uint16_t field, struct cp_bytes lang, struct cp_bytes text);
void cp_draft_int(struct cp_draft *d, uint16_t field, int64_t value);
void cp_draft_nil(struct cp_draft *d, uint16_t field, struct cp_bytes lang); /* clears */
void cp_draft_add_text(struct cp_draft *d, uint16_t field, struct cp_bytes text);
void cp_draft_link(struct cp_draft *d, uint16_t field, uint16_t ref, bool list);
void cp_draft_link_value(struct cp_draft *d, uint16_t field, uint16_t ref, int64_t value);
void cp_draft_remove(struct cp_draft *d, uint16_t field, uint16_t ref, uint16_t op);
void cp_draft_column(struct cp_draft *d, uint16_t ref, struct cp_bytes text /* ptr NULL: clears */);
/* A bare value without an op (PART, ANSWER, COLUMN): text or bytes appended to the words. */
void cp_draft_value(struct cp_draft *d, struct cp_bytes value, bool text);
void cp_draft_number(struct cp_draft *d, int64_t value); /* likewise (ATTACHMENT) */
/*
 * Writes frame and words. `salt` blinds the words (unused when there are none). Errors: TOO_BIG, NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_draft_write(const struct cp_draft *d, const uint8_t salt[static CP_SALT_LEN],
                                       struct cp_buf *frame, struct cp_buf *words);

/* Values of kinds whose words are not ops: reads [salt, v1, v2 ...] into out[0..max); *count is set. */
CP_MUST_USE enum cp_err cp_words_values(struct cp_bytes words, struct cp_value *out, size_t max, size_t *count);

#endif
