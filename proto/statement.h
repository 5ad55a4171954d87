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
 *   LEAVE    [join, ...]      the JOINs it ends, by their statement ids, ascending, each once, 1 .. CP_LEAVE_JOINS_MAX
 *   WITHDRAW [entry, ...]     ids of entries whose words go, ascending, each once, 1 .. CP_WITHDRAW_ENTRIES_MAX
 *   REVOKE   [device, earlier, cut]
 *   KEY      [new identity key, earlier, [device that stays, ...], [[device, cut], ...], [statement that stands, ...]]
 *   FOLLOW   [old plan]    the plan that the one named is carried on from
 *   earlier = [statement id, ...] of those that it is made in the place of; cut = [[incarnation, class, seq, tip], ...]
 *   Each list ascending, nothing in it twice (a cut's rows by incarnation, class and tip).
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
    CP_STATEMENT_MANDATE = 5, /* not in use: a mandate is a text of its own (mandate.h) */
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

/* ---- LEAVE ---- */
#define CP_LEAVE_JOINS_MAX 64U /* one for each device of a person, and each time that they came back */
struct cp_leave {
    struct cp_statement statement;
    size_t count;
    const uint8_t *joins; /* use cp_leave_join */
};
/* As cp_withdraw_fields, of statement ids of JOINs; at most CP_LEAVE_JOINS_MAX. */
CP_MUST_USE enum cp_err cp_leave_fields(const uint8_t (*ids)[CP_ID_LEN], size_t count, struct cp_buf *out);
/* Reads a statement as a LEAVE: by an identity key, fields as above. Errors: BAD_VALUE and those of the profile. */
CP_MUST_USE enum cp_err cp_leave_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_leave *out);
/* The i-th JOIN, borrowed from the text. i < count. */
const uint8_t *cp_leave_join(const struct cp_leave *l, size_t i);

/* ---- FOLLOW: I come along into the plan that this statement names ---- */
struct cp_follow {
    struct cp_statement statement;
    const uint8_t *old; /* CP_ID_LEN: the plan that it is carried on from */
};
void cp_follow_fields(const uint8_t old[static CP_ID_LEN], struct cp_buf *out);
/* Reads a statement as a FOLLOW: by an identity key, fields as above. Errors: BAD_VALUE and those of the profile. */
CP_MUST_USE enum cp_err cp_follow_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_follow *out);

/* ---- Cuts: what of a device's was still its person's (statement_revoke.c) ---- */
#define CP_CUT_TIPS_MAX 256U  /* two chains for each time that a home was restored or copied */
#define CP_EARLIER_MAX 32U    /* statements made apart that one is made in the place of */
#define CP_KEY_DEVICES_MAX 64U
#define CP_KEY_STATEMENTS_MAX 256U /* answers of many years */

/* One chain of the device, up to and with an entry of it. */
struct cp_cut_tip {
    const uint8_t *incarnation; /* CP_INCARNATION_LEN */
    enum cp_class class;
    uint64_t seq;
    const uint8_t *tip; /* CP_ID_LEN: the entry at that place */
};
/* A cut as read: borrowed. A chain not named is wholly beyond. */
struct cp_cut {
    struct cp_bytes rows;
    size_t count;
};
/* Writes rows (ascending, each once, at most CP_CUT_TIPS_MAX: else BAD_VALUE). */
CP_MUST_USE enum cp_err cp_cut_write(const struct cp_cut_tip *tips, size_t count, struct cp_buf *out);
/* Order of rows, for sorting. */
int cp_cut_order(const struct cp_cut_tip *a, const struct cp_cut_tip *b);
/* A walk along a cut that was read: begin, then next until false. */
struct cp_cut_walk {
    struct cp_cursor c;
    size_t left;
};
void cp_cut_begin(struct cp_cut_walk *w, const struct cp_cut *cut);
bool cp_cut_next(struct cp_cut_walk *w, struct cp_cut_tip *out);

/* Ids in a row, as they stand in a statement: borrowed. */
struct cp_id_list {
    const uint8_t *first; /* use cp_id_list_at */
    size_t count;
};
const uint8_t *cp_id_list_at(const struct cp_id_list *l, size_t i); /* i < count */
bool cp_id_list_has(const struct cp_id_list *l, const uint8_t id[static CP_ID_LEN]);

/* ---- REVOKE: this device is not mine any more, but for what lies within the cut ---- */
struct cp_revoke {
    struct cp_statement statement;
    const uint8_t *device; /* CP_KEY_LEN */
    struct cp_id_list earlier;
    struct cp_cut cut;
};
/* Appends the fields. earlier: ids of statements, ascending; cut: as cp_cut_write gave it. BAD_VALUE. */
CP_MUST_USE enum cp_err cp_revoke_fields(const uint8_t device[static CP_KEY_LEN], const uint8_t (*earlier)[CP_ID_LEN],
                                         size_t earlier_count, struct cp_bytes cut, struct cp_buf *out);
/* Reads a statement as a REVOKE, by either key. Errors: BAD_VALUE and those of the profile. */
CP_MUST_USE enum cp_err cp_revoke_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_revoke *out);

/* ---- KEY: from now on this is my identity key ---- */
struct cp_key_change {
    struct cp_statement statement;
    const uint8_t *key; /* CP_KEY_LEN: the new identity key */
    struct cp_id_list earlier;
    struct cp_id_list stay;     /* devices */
    struct cp_bytes cuts;       /* use cp_key_cut */
    size_t cuts_count;
    struct cp_id_list stand;    /* statements by the keys replaced */
};
struct cp_device_cut {
    const uint8_t *device; /* CP_KEY_LEN */
    struct cp_bytes cut;   /* as cp_cut_write gave it */
};
struct cp_key_lists {
    const uint8_t (*earlier)[CP_ID_LEN];
    size_t earlier_count;
    const uint8_t (*stay)[CP_KEY_LEN];
    size_t stay_count;
    const struct cp_device_cut *cuts; /* ascending by device; a device stays or is cut, not both */
    size_t cuts_count;
    const uint8_t (*stand)[CP_ID_LEN];
    size_t stand_count;
};
CP_MUST_USE enum cp_err cp_key_fields(const uint8_t key[static CP_KEY_LEN], const struct cp_key_lists *lists,
                                      struct cp_buf *out);
/* Reads a statement as a KEY: by a recovery key, naming another key than that. Errors: BAD_VALUE and the profile's. */
CP_MUST_USE enum cp_err cp_key_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_key_change *out);
/* The i-th device that is cut and its cut. i < cuts_count. */
void cp_key_cut(const struct cp_key_change *k, size_t i, const uint8_t **device, struct cp_cut *cut);

/*
 * The references of a REVOKE's or KEY's frame: the earlier statements, then the tips of its cuts, in the statement's
 * order. False: the frame names something else. `refs` has the cursor at the first value of the list of `count`.
 */
bool cp_revoke_refs_ok(const struct cp_revoke *r, struct cp_cursor *refs, size_t count);
bool cp_key_refs_ok(const struct cp_key_change *k, struct cp_cursor *refs, size_t count);
/* Appends the whole frame. NO_MEMORY, and BAD_VALUE for a text that is not one of these. */
CP_MUST_USE enum cp_err cp_revoke_frame_write(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN],
                                              struct cp_buf *out);
CP_MUST_USE enum cp_err cp_key_frame_write(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN],
                                           struct cp_buf *out);

#endif
