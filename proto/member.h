/*
 * Control entries: their frames, the statements in them, joining, and who stands (design 5).
 * Owns: the layout of control frames and statements, and the rules of admission and standing.
 * Must not: hold a secret key; the keeper signs what the _text functions here lay out.
 *
 * Frames: [kind, refs, ...]
 *   FIRST    [1, [], join, nil]                     join as below; plan and invite in it are 32 zero bytes
 *            [1, [old plan, ..., head, ...], nil, [plans, [person, ...]]]     of a continuation: the plan it is carried on
 *            from and those that one is, then the heads, ascending; how many plans; whom it is for, ascending
 *   INVITE   [2, [], token key, token curve key, person or nil]    person: only for a further device of theirs, or their way back
 *   UNINVITE [3, [invite]]
 *   ADMIT    [4, [invite], join]     in a continuation also a JOIN of a plan before it, under that plan's INVITE (or first entry)
 *   REVOKE   [5, [earlier, ..., tip, ...], text, signature]   statements (statement.h); the references are theirs,
 *   KEY      [6, [earlier, ..., tip, ...], text, signature]   in their order
 *   LEAVE    [7, [join, ...], text, signature]     a statement that names exactly these JOINs, by their statement ids
 *   FOLLOW   [10, [plan], text, signature]         a statement that names this plan
 *   WITHDRAW [9, [entry, ...], text, signature]    a statement that names exactly these entries
 *   SECRET   [11, [], 32 bytes]
 *   join = [text, token signature or nil, device signature, identity signature or nil, recovery signature or nil]
 *   JOIN text = [1, plan, invite, how, person, identity key, recovery key, device key, curve key, box key,
 *                device name, person name]      how: 0 a new person, 1 a further device, 2 recovery
 * Other control kinds are kept without effect (docs/protocol.md has the whole table).
 */
#ifndef CP_MEMBER_H
#define CP_MEMBER_H

#include "proto/kinds.h"
#include "proto/statement.h"

enum cp_join_how { CP_JOIN_NEW = 0, CP_JOIN_DEVICE = 1, CP_JOIN_RECOVERY = 2 };

#define CP_JOIN_MAX 2048U
#define CP_TOKEN_LEN 16U /* 128 bits: twelve words; guessing is hopeless without attempt limits */

struct cp_join {
    uint8_t plan[CP_ID_LEN];
    uint8_t invite[CP_ID_LEN];
    enum cp_join_how how;
    uint8_t person[CP_ID_LEN];
    uint8_t identity_key[CP_KEY_LEN];
    uint8_t recovery_key[CP_KEY_LEN];
    uint8_t device_key[CP_KEY_LEN];
    uint8_t curve_key[CP_KEY_LEN]; /* of the machine */
    uint8_t box_key[CP_KEY_LEN];   /* of the machine */
    struct cp_bytes device_name;   /* borrowed; at most CP_NAME_MAX, may be empty */
    struct cp_bytes name;          /* borrowed; 1 .. CP_NAME_MAX */
    struct cp_bytes text;          /* borrowed: the signed bytes (set by reading) */
    const uint8_t *token_sig;      /* borrowed; NULL when nil */
    const uint8_t *device_sig;
    const uint8_t *identity_sig;
    const uint8_t *recovery_sig;
};

/* Person id = H(tag, first identity key, recovery key). */
void cp_person_id(const uint8_t identity_key[static CP_KEY_LEN], const uint8_t recovery_key[static CP_KEY_LEN],
                  uint8_t out[static CP_ID_LEN]);

/* Appends the JOIN text that the keeper signs (token, device, identity: their own tags, STATEMENT_*). */
void cp_join_text(const struct cp_join *j, struct cp_buf *out);
/* Appends the join array: j->text and the four signatures. */
void cp_join_write(const struct cp_join *j, struct cp_buf *out);
/* Reads a join array. Errors: those of the profile, BAD_VALUE, TOO_BIG. Judges no signature. */
CP_MUST_USE enum cp_err cp_join_read(struct cp_bytes bytes, struct cp_join *out);
/*
 * True when the JOIN verifies: names this plan and invite, person id fits the keys, device and identity
 * signatures are good and the token's is by token_key. founder: plan and invite zero, token_key ignored, no
 * token signature, a new person. A further device's may be signed by a key that a KEY named later, and a recovery's is
 * signed by the recovery key instead: whose these keys are is the caller's to see to (cp_join_new_key, cp_join_is_of).
 * For a JOIN under an INVITE use cp_join_under, which also asks whom the INVITE is for.
 */
bool cp_join_ok(const struct cp_join *j, const uint8_t plan[static CP_ID_LEN],
                const uint8_t invite[static CP_ID_LEN], const uint8_t *token_key, bool founder);
/*
 * The same for a JOIN under an INVITE: an INVITE that names a person is for a further device of that person, or the first anew with their sheet, and for
 * nothing else, and a further device comes by no other. That the person was admitted before is the caller's to see to.
 */
bool cp_join_under(const struct cp_join *j, const uint8_t plan[static CP_ID_LEN], const uint8_t invite[static CP_ID_LEN],
                   const uint8_t token_key[static CP_KEY_LEN], const uint8_t *invited_person /* or NULL */);

/* Is the JOIN by a key that its person did not begin with? Then a KEY in the ADMIT's own past must name it (a further
 * device's; a recovery's own key is not asked for). */
bool cp_join_new_key(const struct cp_join *j);
/* Is a further device's or a recovery's JOIN of the person whose first admission has this JOIN? The same recovery key. */
bool cp_join_is_of(const struct cp_join *j, const struct cp_join *first);

/* Where a continuation comes from, as its first entry says (frames above). Borrowed from the frame. */
struct cp_continuation {
    struct cp_id_list plans;  /* the one it is carried on from, then the one that was, ... */
    struct cp_id_list heads;  /* of both classes */
    struct cp_id_list people; /* whom it is for; each comes by their own FOLLOW */
};

/* A control frame, read. Slices borrow from the frame. */
struct cp_control {
    enum cp_kind kind; /* one of the known control kinds */
    bool known;        /* false: a kind or layout without effect here */
    uint8_t invite[CP_ID_LEN];          /* ADMIT, UNINVITE: refs[0] */
    uint8_t token_key[CP_KEY_LEN];      /* INVITE */
    uint8_t token_curve_key[CP_KEY_LEN];/* INVITE */
    bool for_person;                    /* INVITE */
    uint8_t person[CP_ID_LEN];          /* INVITE for a further device, or the way back */
    struct cp_join join;                /* FIRST, ADMIT */
    struct cp_withdraw withdraw;        /* WITHDRAW; its signature is not judged by reading */
    struct cp_leave leave;              /* LEAVE; the same */
    struct cp_revoke revoke;            /* REVOKE; the same */
    struct cp_key_change key;           /* KEY; the same */
    struct cp_follow follow;            /* FOLLOW; the same */
    bool continues;                     /* FIRST: it has no JOIN, but where it comes from */
    struct cp_continuation from;        /* FIRST, when continues */
    uint8_t secret[CP_KEY_LEN];         /* SECRET */
};
/* Reads a control frame that passed cp_entry_check. Never fails: what it cannot read has known = false. */
void cp_control_read(struct cp_bytes frame, struct cp_control *out);
/*
 * A plan is shown by its first entry to whoever cannot know it yet, in a meeting or in a bundle: is this the first entry of that
 * plan, signed by its author? Errors: those of cp_entry_check, WRONG_PLAN, BAD_SIGNATURE.
 */
CP_MUST_USE enum cp_err cp_first_check(const uint8_t plan[static CP_ID_LEN], struct cp_bytes header,
                                       struct cp_bytes frame, const uint8_t sig[static CP_SIG_LEN],
                                       struct cp_header *h, struct cp_control *control);

/* Writers of control frames. `join` is the join array (cp_join_write). */
void cp_first_write(struct cp_bytes join, struct cp_buf *out);
/*
 * The first entry of a continuation. plans: newest first, 1 .. CP_LINEAGE_MAX, distinct; heads and people ascending, each
 * once, at least one of each: BAD_VALUE. TOO_BIG: more than an entry holds.
 */
CP_MUST_USE enum cp_err cp_continue_write(const uint8_t (*plans)[CP_ID_LEN], size_t plans_count,
                                          const uint8_t (*heads)[CP_ID_LEN], size_t heads_count,
                                          const uint8_t (*people)[CP_ID_LEN], size_t people_count, struct cp_buf *out);
void cp_invite_write(const uint8_t token_key[static CP_KEY_LEN], const uint8_t token_curve_key[static CP_KEY_LEN],
                     const uint8_t *person /* or NULL */, struct cp_buf *out);
void cp_uninvite_write(const uint8_t invite[static CP_ID_LEN], struct cp_buf *out);
void cp_admit_write(const uint8_t invite[static CP_ID_LEN], struct cp_bytes join, struct cp_buf *out);
void cp_secret_write(const uint8_t secret[static CP_KEY_LEN], struct cp_buf *out);

/*
 * What an invitation carries outside the plan: a text "coplan-invite:" and base32 of a canonical array
 * [1, plan, invite, token, server key or nil, address or nil, door key] and four check bytes behind it.
 * One for a further device of one's own begins with 2 and ends with what the device needs of its person, a carry:
 * [person, identity key, recovery key, salt, passes, memory, seal key or nil, sealed identity seed]. The seed is
 * sealed as in the first machine's key file: under Argon2id of the passphrase, or, where there is none, under the seal key.
 * One for somebody who lost their devices begins with 3 and ends with their person id.
 */
#define CP_CARRY_SEALED_LEN 72U
struct cp_carry {
    uint8_t person[CP_ID_LEN];
    uint8_t identity_key[CP_KEY_LEN];
    uint8_t recovery_key[CP_KEY_LEN];
    uint8_t salt[16];
    uint64_t passes;
    uint64_t memory;
    bool none; /* no passphrase: `seal` opens it */
    uint8_t seal[32];
    uint8_t sealed[CP_CARRY_SEALED_LEN];
};

struct cp_invitation {
    bool has_person; /* for somebody who comes back with their recovery sheet: whom */
    uint8_t person[CP_ID_LEN];
    bool has_carry;
    struct cp_carry carry;
    uint8_t plan[CP_ID_LEN];
    uint8_t invite[CP_ID_LEN];
    uint8_t token[CP_TOKEN_LEN];
    bool has_server;
    uint8_t server_key[CP_KEY_LEN];
    char address[256]; /* host:port; "" when none */
    uint8_t door_key[CP_KEY_LEN]; /* public half */
};
CP_MUST_USE enum cp_err cp_invitation_write(const struct cp_invitation *inv, struct cp_buf *out);
/* Four words for eyes and ears: two screens that show the same ones hold the same invitation. NO_MEMORY. */
CP_MUST_USE enum cp_err cp_invitation_words(const struct cp_invitation *inv, const struct cp_mem *mem,
                                            char out[static 64]);
/* Forgives white space around and inside and upper case. Errors: BAD_INVITATION. */
CP_MUST_USE enum cp_err cp_invitation_read(struct cp_bytes text, struct cp_invitation *out);

/*
 * Standing (design 5), as a pure function of the control entries of a plan (docs/protocol.md, "Standing"): which REVOKEs
 * and KEYs count (member_cut.c, member_key.c), what they cut, and who stands in the end (member_fold.c). The store calls this when
 * control entries arrive, and rebuilds its member table from it.
 */
struct cp_control_entry {
    uint8_t id[CP_ID_LEN];
    uint64_t lamport;
    uint8_t device[CP_KEY_LEN]; /* author */
    uint8_t incarnation[CP_INCARNATION_LEN];
    uint64_t seq;
    uint8_t prev[CP_ID_LEN];    /* zeros where seq is 1 */
    struct cp_bytes frame;      /* borrowed; may be empty where it has no say in this (a SECRET) or is damaged */
    bool judged;                /* rule R1 took it as an admission when it came: its signatures are not checked again */
    uint64_t row;               /* the caller's own number for it */
    unsigned depth;             /* 0: written in this plan; 1: in the one it is carried on from; 2: in that one's; ... */
};
/* Asked when somebody admits again what a REVOKE cut off: does `older` lie in the past of `newer`? */
struct cp_control_past {
    enum cp_err (*lies)(void *ctx, const struct cp_control_entry *older, const struct cp_control_entry *newer, bool *yes);
    void *ctx;
};
struct cp_member_device {
    uint8_t device_key[CP_KEY_LEN];
    uint8_t person[CP_ID_LEN];
    uint8_t curve_key[CP_KEY_LEN];
    uint8_t box_key[CP_KEY_LEN];
    uint8_t identity_key[CP_KEY_LEN]; /* the person's in force; where none is, the one that the admission names */
    uint8_t recovery_key[CP_KEY_LEN];
    uint8_t admission[CP_ID_LEN]; /* the lowest by (lamport, id) */
    uint64_t lamport;
    struct cp_bytes device_name; /* borrowed from the entries' frames */
    struct cp_bytes name;
    bool stands;
    bool revoked;      /* its person reported it lost: what it wrote within the cut counts, and it is let in no more */
    bool left;         /* its person left: it goes on standing, so what it wrote and whom it let in count as ever */
    bool token_shared; /* another person came by the same token: both are marked */
    bool waits; /* let into a continuation and not come yet: it does not stand, but its machine is met, so that it can */
};
/* Whom a continuation is for. */
struct cp_member_named {
    uint8_t person[CP_ID_LEN];
    bool follows; /* by a FOLLOW of their own that counts */
};
/* A JOIN under which somebody was let in, once for each (person, JOIN). */
struct cp_member_join {
    uint8_t person[CP_ID_LEN];
    uint8_t join[CP_ID_LEN]; /* statement id */
    bool ended;              /* by a LEAVE that counts: it never counts again */
};
/* A REVOKE, or what a KEY says of one device, that counts and that nothing was made in the place of. */
struct cp_member_cut {
    uint8_t device[CP_KEY_LEN];
    uint8_t statement[CP_ID_LEN];
    uint8_t person[CP_ID_LEN];
    bool by_recovery;
    unsigned depth;    /* of the plan that it names, seen from the one that is folded: its rows are chains of that plan alone */
    struct cp_cut cut; /* borrowed from the entries' frames */
};
/* An identity key that a person has or had. */
struct cp_member_key {
    uint8_t person[CP_ID_LEN];
    uint8_t key[CP_KEY_LEN];
    uint8_t named_by[CP_ID_LEN]; /* the KEY that names it; zeros: the person's first */
    bool in_force;
    bool replaced; /* neither: one of two KEYs made apart, waiting for a third */
};
/* A KEY whose signature is good and by its person's recovery key. */
struct cp_member_change {
    uint8_t statement[CP_ID_LEN];
    struct cp_key_change key; /* borrowed from the entries' frames */
};
struct cp_members {
    struct cp_member_device *devices; /* ordered by device key */
    size_t count;
    size_t cap;
    struct cp_member_join *joins; /* ordered by (person, JOIN) */
    size_t joins_count;
    struct cp_member_cut *cuts; /* ordered by (device, statement) */
    size_t cuts_count, cuts_cap;
    struct cp_member_key *keys; /* ordered by (person, key) */
    size_t keys_count, keys_cap;
    struct cp_member_change *changes; /* ordered by statement */
    size_t changes_count, changes_cap;
    struct cp_member_named *named; /* of a continuation, ordered by person; else none */
    size_t named_count;
    const struct cp_mem *mem;
};
void cp_members_init(struct cp_members *m, const struct cp_mem *mem);
void cp_members_clear(struct cp_members *m);
/* `entries` in any order. past NULL: nothing lies in anything's past. Errors: NO_MEMORY and those of `past`. */
CP_MUST_USE enum cp_err cp_members_fold(struct cp_members *m, const struct cp_control_entry *entries, size_t count,
                                        const uint8_t plan[static CP_ID_LEN], const struct cp_control_past *past);
/*
 * The same for a continuation: plans[0] is the plan, plans[1] the one it is carried on from, and so on. Of the entries of
 * earlier plans (depth) only those may be given that lie in the past of the plan's first entry. They say who is who and which
 * REVOKEs, KEYs and LEAVEs were made; they let nobody in here.
 */
CP_MUST_USE enum cp_err cp_members_fold_line(struct cp_members *m, const struct cp_control_entry *entries, size_t count,
                                             const uint8_t (*plans)[CP_ID_LEN], size_t plans_count,
                                             const struct cp_control_past *past);
/* May the device's machine be let in? It stands or is yet to follow, nobody reported it lost, and its person has not left. */
bool cp_member_is_in(const struct cp_member_device *d);
/* Is its person one of us? As cp_member_is_in, but who is yet to follow has not come. */
bool cp_member_speaks(const struct cp_member_device *d);
/* Whom a continuation is for; NULL: not this person. */
const struct cp_member_named *cp_members_named(const struct cp_members *m, const uint8_t person[static CP_ID_LEN]);
/* Have they come? By their FOLLOW, or on a device that was let in anew: who had lost all devices comes by an invitation and the
 * sheet, and their KEY is then of this plan. */
bool cp_members_came(const struct cp_members *m, const struct cp_member_named *named);
/* May a session under way with its machine go on to its end? Also when its person has just left: what they wrote before is
 * on its way. Not when it was reported lost. */
bool cp_member_may_stay(const struct cp_member_device *d);
/* How a key of a person stands; NULL: the log never named it as theirs. */
const struct cp_member_key *cp_members_key(const struct cp_members *m, const uint8_t person[static CP_ID_LEN],
                                           const uint8_t key[static CP_KEY_LEN]);
/*
 * Does a statement (or answer) of this person by this identity key count? By the one in force it does, and by one that was
 * replaced where every KEY that replaced it lists the statement. WITHDRAW asks only whether the key was ever theirs.
 */
bool cp_members_says(const struct cp_members *m, const uint8_t person[static CP_ID_LEN],
                     const uint8_t key[static CP_KEY_LEN], const uint8_t statement[static CP_ID_LEN]);
/* NULL when the device is not among them. */
const struct cp_member_device *cp_members_find(const struct cp_members *m, const uint8_t device[static CP_KEY_LEN]);

#endif
