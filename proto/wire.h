/*
 * The messages of a session, byte for byte (docs/protocol-session.md "Messages").
 * Owns: their layouts. Must not: know in which state which message may come (session*.c).
 *
 * A message is one array of the strict profile whose first element is its type. PLAN is the place of a plan in
 * the caller's greeting, counted from 0; plans offered by the called side follow on in the order of the offer.
 *
 *   HELLO     [0, version, incarnation, flags, [plan block, ...]]
 *             plan block = bin of 41: tag (8), control digest (16), content digest (16), wanted (0 or 1)
 *   WELCOME   [1, version, incarnation, flags, [PLAN, digests, ...], [PLAN, complete, TIPS, TIPS, ...],
 *              [plan id, header, frame, signature, ...], [proof, ...]]
 *             digests = bin of 33: the block without its tag; of 17, without its content digest too, where content
 *             differs and its tips follow. Two TIPS: control, content.
 *   TIPS      [2, PLAN, last, TIPS, TIPS]
 *   ASK       [3, PLAN, class, chain tag, below]       tags of that chain's entries with seq < below, from the top
 *   TAGS      [4, PLAN, class, chain tag, top, hashes, [how many at top, at top - 1, ...]]
 *   WANT      [5, PLAN, class, chain tag, after]       send that chain's entries with seq > after
 *   READY     [6, PLAN]                                no more WANTs come
 *   CHUNK     [7, PLAN, class + 2 x depth, number, form, payload]  number counts from 1 in each direction; depth: which plan
 *                                                        before this one it was written in, 0 in this one
 *   ACK       [8, number]
 *   SENT      [9, PLAN]                                no more chunks come in this exchange
 *   DONE      [10, PLAN, digest or nil, missing, wanted]
 *   OFFER     [11, PLAN, plan id, header, frame, signature]
 *   DECLINE   [12, PLAN]
 *   BYE       [13] or [13, word]                       the code word of the reason
 *   JOIN      [14, version, join array as bin]
 *   JOINED    [15, word]
 *   AGAIN     [16, number]                             that chunk came in form 1 and does not rebuild: send it in full
 *   FETCH     [17, PLAN, entry id, number]             give me that piece of that attachment
 *   PIECE     [18, PLAN, entry id, number, bytes or nil] in the order asked for; nil: it is not here, or is not given
 *   ENOUGH    [19]                                     I fetch no more; the caller's asks for the same
 * TIPS = hashes and seqs as two values: a bin of 20 bytes a tip (chain tag, tip hash), an array of as many seqs.
 */
#ifndef CP_WIRE_H
#define CP_WIRE_H

#include "proto/session.h"

#define CP_WIRE_VERSION 1U
#define CP_WIRE_STAY 1U  /* flags: keep the session open */
#define CP_WIRE_PROVE 2U /* flags: show that you are a member */
#define CP_WIRE_COMPACT 4U /* flags: I take chunks in form 1 */
#define CP_WIRE_PIECES 8U  /* flags: I know FETCH, PIECE and ENOUGH */
#define CP_WIRE_WISHES 16U /* flags: there are pieces that I want */
#define CP_WIRE_FLAGS_MAX 127U /* flags that we do not know say nothing to us, and cost no more than a byte */

enum {
    CP_TAG_LEN = 8,           /* plans and chains: only told apart, never trusted */
    CP_DIGEST_LEN = 16,
    CP_TIP_HASH_LEN = 12,     /* keyed for one session: nobody can prepare two that agree */
    CP_PLAN_BLOCK_LEN = CP_TAG_LEN + 2 * CP_DIGEST_LEN + 1,
    CP_PLAN_DIGESTS_LEN = 2 * CP_DIGEST_LEN + 1,
    CP_TIP_WIRE_LEN = CP_TAG_LEN + CP_TIP_HASH_LEN,
    CP_PROOF_LEN = 32,
    CP_PROOFS_MAX = 16,
    CP_TIPS_PER_MESSAGE = 16000, /* with seqs of 9 bytes: 464 KB, under CP_MESSAGE_MAX beside the rest */
    CP_TAGS_PER_MESSAGE = 256,
    CP_BRANCHES_SHOWN = 16,      /* as cp_replica.ids_at */
    CP_WORD_MAX = 40             /* of a code word */
};

enum cp_wire_type {
    CP_WIRE_HELLO,
    CP_WIRE_WELCOME,
    CP_WIRE_TIPS,
    CP_WIRE_ASK,
    CP_WIRE_TAGS,
    CP_WIRE_WANT,
    CP_WIRE_READY,
    CP_WIRE_CHUNK,
    CP_WIRE_ACK,
    CP_WIRE_SENT,
    CP_WIRE_DONE,
    CP_WIRE_OFFER,
    CP_WIRE_DECLINE,
    CP_WIRE_BYE,
    CP_WIRE_JOIN,
    CP_WIRE_JOINED,
    CP_WIRE_AGAIN,
    CP_WIRE_FETCH,
    CP_WIRE_PIECE,
    CP_WIRE_ENOUGH,
    CP_WIRE_COUNT
};

struct cp_wire_tip {
    uint8_t tag[CP_TAG_LEN];
    uint8_t hash[CP_TIP_HASH_LEN];
    uint64_t seq; /* 0: nothing of this chain is held; the hash is zeros */
};
struct cp_wire_digests {
    uint8_t class[2][CP_DIGEST_LEN];
    bool wanted;
    bool listed; /* in WELCOME: content differs and is listed, so its digest is left out */
};
struct cp_wire_offer {
    const uint8_t *plan;
    struct cp_bytes header, frame;
    const uint8_t *sig;
};
/* What all messages but the greetings and OFFER are made of; members unused by a type are zero. */
struct cp_wire {
    enum cp_wire_type type;
    size_t count;    /* elements after the type */
    uint64_t plan;
    uint64_t number; /* ASK below, TAGS top, WANT after, CHUNK, ACK, AGAIN, FETCH and PIECE number, DONE missing */
    uint64_t wanted; /* DONE */
    enum cp_class class;
    unsigned depth;        /* CHUNK */
    const uint8_t *tag;    /* ASK, TAGS, WANT */
    const uint8_t *digest; /* DONE; NULL when nil */
    unsigned form;
    bool last;             /* TIPS */
    const uint8_t *id;     /* FETCH, PIECE */
    bool none;             /* PIECE: nil */
    struct cp_bytes bytes; /* CHUNK payload, TAGS hashes, JOIN array, PIECE */
    struct cp_cursor rest; /* TIPS: at the first TIPS; TAGS: at the array; greetings: after the type */
    enum cp_err word;      /* BYE, JOINED: CP_ERR_COUNT for a word that we do not know */
};

/* Reads a message; for HELLO, WELCOME and OFFER only the type, with `rest` set after it.
 * Errors: those of the profile, BAD_VALUE, BAD_MESSAGE (no such type). */
CP_MUST_USE enum cp_err cp_wire_read(struct cp_bytes message, struct cp_wire *out);

/* The pieces. Readers are sticky as cursors are. */
void cp_wire_put_greeting(struct cp_buf *b, enum cp_wire_type type, const uint8_t *incarnation, unsigned flags);
/* The flags; NEWER_RULES for another version. incarnation may be NULL. */
unsigned cp_wire_get_greeting(struct cp_cursor *c, uint8_t *incarnation);
void cp_wire_put_digests(struct cp_buf *b, const uint8_t *tag /* or NULL */, const struct cp_wire_digests *d);
void cp_wire_get_digests(struct cp_cursor *c, uint8_t *tag /* or NULL */, struct cp_wire_digests *d);
void cp_wire_put_tips(struct cp_buf *b, const struct cp_wire_tip *tips, size_t count);
/* Opens one TIPS value; then cp_wire_next_tip `count` times. Returns the count. */
struct cp_wire_tips {
    struct cp_bytes hashes;
    struct cp_cursor seqs;
    size_t left;
};
void cp_wire_get_tips(struct cp_cursor *c, struct cp_wire_tips *out);
bool cp_wire_next_tip(struct cp_wire_tips *t, struct cp_wire_tip *out);
void cp_wire_put_offer(struct cp_buf *b, const uint8_t *plan, const struct cp_outgoing *first);
void cp_wire_get_offer(struct cp_cursor *c, struct cp_wire_offer *out);

/* Whole messages of small shape. */
void cp_wire_put_plan(struct cp_buf *b, enum cp_wire_type type, uint64_t plan); /* READY, SENT, DECLINE */
void cp_wire_put_chain(struct cp_buf *b, enum cp_wire_type type, uint64_t plan, enum cp_class class,
                       const uint8_t *tag, uint64_t number); /* ASK, WANT */
void cp_wire_put_chunk(struct cp_buf *b, uint64_t plan, enum cp_class class, unsigned depth, uint64_t number,
                       unsigned form, struct cp_bytes payload);
void cp_wire_put_ack(struct cp_buf *b, uint64_t number);
void cp_wire_put_again(struct cp_buf *b, uint64_t number);
void cp_wire_put_done(struct cp_buf *b, uint64_t plan, const uint8_t *digest, uint64_t missing, uint64_t wanted);
void cp_wire_put_fetch(struct cp_buf *b, uint64_t plan, const uint8_t *id, uint64_t number);
void cp_wire_put_piece(struct cp_buf *b, uint64_t plan, const uint8_t *id, uint64_t number,
                       struct cp_bytes bytes /* ptr NULL: nil */);
void cp_wire_put_enough(struct cp_buf *b);
void cp_wire_put_word(struct cp_buf *b, enum cp_wire_type type, enum cp_err word); /* BYE, JOINED */
void cp_wire_put_join(struct cp_buf *b, struct cp_bytes join);

#endif
