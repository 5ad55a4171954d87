/*
 * Statements (design 3): what a person says about the plan itself, signed by a key of theirs, carried by any
 * member's control entry and counting by that signature alone.
 * Owns: the general layout {kind, plan, person, who signs, key, fields}, a statement's id, and when its signature is
 * good; the fields of each kind. Must not: say whether the key is that person's (the log tells: the store asks), hold
 * a secret key (the keeper signs what cp_statement_text lays out), or read JOINs (member.h: the first statement, whose
 * layout came before this one).
 *
 * text = [kind, plan, person, by, key, fields]      by: 0 identity key, 1 recovery key; the signature's tag says so too
 * fields, of each kind:
 *   WITHDRAW [entry, ...]     ids of entries whose words go, ascending, each once, 1 .. CP_WITHDRAW_ENTRIES_MAX
 *
 * A statement is known by the hash of its text: the same text with other signature bytes is the same statement. The
 * plan named is the one it was made for; WITHDRAW counts wherever the entries are that it names.
 */
#ifndef CP_STATEMENT_H
#define CP_STATEMENT_H

#include "proto/entry.h"

enum cp_statement_kind {
    CP_STATEMENT_JOIN = 1,
    CP_STATEMENT_LEAVE = 2,
    CP_STATEMENT_REVOKE = 3,
    CP_STATEMENT_KEY = 4,
    CP_STATEMENT_MANDATE = 5,
    CP_STATEMENT_WITHDRAW = 6,
    CP_STATEMENT_FOLLOW = 7
};

enum cp_statement_by {
    CP_BY_IDENTITY = 0,
    CP_BY_RECOVERY = 1
};

#define CP_STATEMENT_MAX \
    16384U /* a KEY or REVOKE with a cut for every chain of a person; WITHDRAW takes 9 KiB */
#define CP_WITHDRAW_ENTRIES_MAX 256U /* a pasted text as one sees it; more need a second statement */

struct cp_statement {
    enum cp_statement_kind kind;
    uint8_t plan[CP_ID_LEN];
    uint8_t person[CP_ID_LEN];
    enum cp_statement_by by;
    uint8_t key[CP_KEY_LEN];
    struct cp_bytes fields; /* borrowed: one canonical value */
    struct cp_bytes text;   /* borrowed: the signed bytes (set by reading) */
    const uint8_t *sig;     /* borrowed, CP_SIG_LEN (set by reading) */
};

/* Appends the text to be signed, of every member but `text` and `sig`. */
void cp_statement_text(const struct cp_statement *st, struct cp_buf *out);
/* Reads a text. Everything borrows from it. Errors: those of the profile, BAD_VALUE, TOO_BIG. Judges no signature and
 * no fields. */
CP_MUST_USE enum cp_err cp_statement_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN],
                                          struct cp_statement *out);
/* H(tag, text). */
void cp_statement_id(struct cp_bytes text, uint8_t out[static CP_ID_LEN]);
/* True when the signature is good for the key that the text names, under the tag that `by` asks for. */
bool cp_statement_sig_ok(const struct cp_statement *st);
/* The tag that a signature by this sort of key carries. */
enum cp_tag cp_statement_tag(enum cp_statement_by by);

/*
 * A control frame of a statement (kinds REVOKE to FOLLOW): [kind, refs, text, signature]. The references are borrowed ids; each kind says
 * how they follow from the fields.
 */
void cp_statement_frame_write(uint64_t kind, const uint8_t (*refs)[CP_ID_LEN], size_t refs_count,
                              struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_buf *out);

/* ---- WITHDRAW ---- */
struct cp_withdraw {
    struct cp_statement statement;
    size_t count;
    const uint8_t *entries; /* use cp_withdraw_entry */
};
/* ids ascending, each once, 1 .. CP_WITHDRAW_ENTRIES_MAX (the caller sees to it: BAD_VALUE). Appends the fields. */
CP_MUST_USE enum cp_err cp_withdraw_fields(const uint8_t (*ids)[CP_ID_LEN], size_t count, struct cp_buf *out);
/* Reads a statement as a WITHDRAW: by an identity key, fields as above. Errors: BAD_VALUE and those of the profile. */
CP_MUST_USE enum cp_err cp_withdraw_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN],
                                         struct cp_withdraw *out);
/* The i-th entry, borrowed from the text. i < count. */
const uint8_t *cp_withdraw_entry(const struct cp_withdraw *w, size_t i);
/* May the words of an entry of this kind be withdrawn? Content, but not what is frozen (VERSION, PART, ANSWER). */
bool cp_withdraw_kind(uint64_t kind);

#endif
