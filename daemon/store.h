/*
 * The store: one SQLite database per home; the log is the truth, everything else can be rebuilt from it.
 * Owns: the connection, the schema, sealing of columns under the storage key, rule R1's look-ups, own
 * incarnations and the marker beside the database. Must not: decide merges (proto/record.h) or membership
 * (proto/member.h), hold a signing key, or be opened by a second connection.
 *
 * One thread. Every frame, word, value and name is sealed; a locked store shows headers, kinds of row, counts
 * and order only. Functions that open sealed columns fail with LOCKED while no storage key is set.
 * Errors everywhere: DISK_FULL, IO, DAMAGED_STORE, NO_MEMORY, LOCKED; more where said.
 */
#ifndef CP_STORE_H
#define CP_STORE_H

#include "proto/chunk.h"
#include "proto/member.h"
#include "proto/record.h"
#include "proto/session.h"

struct cp_store;

struct cp_store_options {
    const struct cp_mem *mem;   /* NULL: malloc */
    void (*random)(void *ctx, void *out, size_t len); /* NULL: libsodium's */
    void *random_ctx;
    const char *vfs;            /* NULL: SQLite's default; tests name their fault VFS */
    bool no_marker;             /* simulator: no marker file; incarnation only from the database */
    const char *machine_id;     /* for the marker; NULL: read /etc/machine-id ("" when there is none) */
};

/*
 * Opens or creates PATH. Errors: BUSY (another process has it), NEWER_HOME (user_version beyond ours, nothing
 * is touched), DAMAGED_STORE (not ours, or corrupt).
 */
/* For a program in which one thread alone uses stores: SQLite then needs no locks, and counts no memory. Before the
 * first store is opened; without it all works the same, slower. */
void cp_store_one_thread(void);
CP_MUST_USE enum cp_err cp_store_open(struct cp_store **out, const char *path, const struct cp_store_options *opt);
void cp_store_close(struct cp_store *s); /* NULL is fine; rolls back what is open */
/* SQLite's own words for the last failure, for the log file. */
const char *cp_store_trouble(const struct cp_store *s);

/* The storage key is copied into guarded memory; lock wipes it and everything opened with it.
 * Errors: DAMAGED_KEY (not the key this store was sealed with). */
CP_MUST_USE enum cp_err cp_store_unlock(struct cp_store *s, const uint8_t key[static 32]);
void cp_store_lock(struct cp_store *s);
bool cp_store_locked(const struct cp_store *s);

/* Transactions do not nest. Writers below demand an open one (assert), so that callers choose its size. */
CP_MUST_USE enum cp_err cp_store_begin(struct cp_store *s);
CP_MUST_USE enum cp_err cp_store_commit(struct cp_store *s);
void cp_store_rollback(struct cp_store *s); /* without an open one: nothing */

/* This database's incarnation (8 bytes); changes when the home was restored, copied or salvaged, and when an
 * own entry is met that is not held. `fresh` (may be NULL) tells whether that happened at this opening. */
void cp_store_incarnation(const struct cp_store *s, uint8_t out[static CP_INCARNATION_LEN], bool *fresh);

/* ---- Plans ---- */
/* A plan we hold or wait for. */
struct cp_plan_row {
    uint8_t id[CP_ID_LEN];
    bool awaited;      /* a JOIN of ours is under way; no entry held yet */
    uint64_t entries;
    uint64_t newer;    /* content made with a newer coplan */
    uint64_t wanted;
    uint64_t forks;    /* chains with more than one branch */
    uint64_t void_count;
};
CP_MUST_USE enum cp_err cp_store_plans(struct cp_store *s, struct cp_plan_row **rows, size_t *count);
/* Remembers that a plan is awaited (its JOIN array is kept, sealed, so it can be sent again). In a transaction. */
/* join empty: forgets what was kept (the own admission is held now). */
CP_MUST_USE enum cp_err cp_store_await(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], struct cp_bytes join,
                                       struct cp_bytes invitation);
/* A plan that its people here have left: no session is told of it any more. Kept; NO_PLAN, LOCKED. */
CP_MUST_USE enum cp_err cp_store_hush(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], bool yes);
CP_MUST_USE enum cp_err cp_store_hushed(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], bool *yes);
/* The kept JOIN and invitation text of an awaited plan, appended. NOT_FOUND. */
CP_MUST_USE enum cp_err cp_store_awaited(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], struct cp_buf *join,
                                         struct cp_buf *invitation);
/* Is a JOIN kept for the plan that is no JOIN of its log yet? So it is until the first ADMIT of it comes, for who left and comes
 * back too. */
CP_MUST_USE enum cp_err cp_store_waits(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], bool *yes);

/* ---- Writing own entries ---- */
/* Signs for a device: computes the id of (plan, header) itself and signs it. plan is cp_zero_id for a first entry. */
struct cp_signer {
    enum cp_err (*sign)(void *ctx, const uint8_t device[CP_KEY_LEN], const uint8_t plan[CP_ID_LEN],
                        struct cp_bytes header, uint8_t id[CP_ID_LEN], uint8_t sig[CP_SIG_LEN]);
    void *ctx;
};
/*
 * Appends one own entry: chooses seq, prev, parents (control heads first, one whose past holds the author's
 * admission, then the highest content heads) and lamport, has it signed, stores it with its derived rows.
 * In a transaction; the entry counts only once commit returned OK. Errors: NOT_YET (own admission not held),
 * LEFT (the device's person left the plan), NOT_FOLLOWED (content: they have yet to come along), TOO_BIG, those of the signer.
 */
CP_MUST_USE enum cp_err cp_store_append(struct cp_store *s, const struct cp_signer *signer,
                                        const uint8_t plan[static CP_ID_LEN], const uint8_t device[static CP_KEY_LEN],
                                        enum cp_class class, struct cp_bytes frame, struct cp_bytes words,
                                        uint64_t time_ms, uint8_t id[static CP_ID_LEN]);
/* Starts a plan with its first entry (control frame FIRST); the plan's id is the entry's. In a transaction. */
CP_MUST_USE enum cp_err cp_store_found(struct cp_store *s, const struct cp_signer *signer,
                                       const uint8_t device[static CP_KEY_LEN], struct cp_bytes frame,
                                       uint64_t time_ms, uint8_t plan[static CP_ID_LEN]);

/* ---- Continuations (store_carry.c, store_carry_take.c) ---- */
/* Begins one: like cp_store_found, with the frame of cp_continue_write, which names the heads of `old` as they are held now. Takes
 * over all that is in their past. */
CP_MUST_USE enum cp_err cp_store_continue(struct cp_store *s, const struct cp_signer *signer,
                                          const uint8_t device[static CP_KEY_LEN], const uint8_t old[static CP_ID_LEN],
                                          struct cp_bytes frame, uint64_t time_ms, uint8_t plan[static CP_ID_LEN]);
/* Where a plan that is held comes from; *continues false: from nowhere. *out borrows from `frame`. */
CP_MUST_USE enum cp_err cp_store_continued_from(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                                struct cp_buf *frame, struct cp_continuation *out, bool *continues);
/* The plan at this depth of its line; 0 is itself. WRONG_PLAN: it does not go back so far. */
CP_MUST_USE enum cp_err cp_store_origin(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], unsigned depth,
                                        uint8_t out[static CP_ID_LEN]);
/* Remembers which plans one goes back to, before any entry of it comes. */
CP_MUST_USE enum cp_err cp_store_learn_line(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                            const struct cp_continuation *from);
/* Copies what is held of the plan before, in the past of the heads and in whole runs. */
CP_MUST_USE enum cp_err cp_store_take_over(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                           const struct cp_continuation *from);
/* A plan was shown by its first entry, by this device, whose bytes are proven. *take in: we wait for it; out: also where it
 * carries on a plan that is held, for somebody here, and a device begins it that was admitted there (as the first entry must be);
 * then it is waited for from now on and what is held is taken over. */
CP_MUST_USE enum cp_err cp_store_offered(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                         const uint8_t device[static CP_KEY_LEN], struct cp_bytes frame, bool *take);
/* Asked for each such plan: is it for somebody of this home? Until this is set: no. */
typedef bool cp_store_for_us(void *ctx, const struct cp_continuation *from);
void cp_store_offers(struct cp_store *s, cp_store_for_us *for_us, void *ctx);

/* ---- Taking in others' entries ---- */
struct cp_put_result {
    size_t fresh;            /* new and stored */
    size_t known;            /* held before */
    bool control;            /* control entries were among the new ones: membership may have changed */
    bool own_unknown;        /* an own entry that was not held: a new incarnation has begun */
    uint8_t bad[CP_ID_LEN];  /* on a refusal: the entry refused */
};
/*
 * Judges (R1) and stores a proven chunk: one transaction of its own, all or nothing. A plan not held is taken
 * only if awaited. control_only: refuses content with BAD_MESSAGE. Errors of R1: MISSING_PARENT, BAD_LAMPORT,
 * BAD_SEQ, BAD_PARENTS, NOT_ADMITTED, WORDS_MISSING, WRONG_PLAN (neither held nor awaited).
 */
CP_MUST_USE enum cp_err cp_store_put(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                     const struct cp_chunk *chunk, bool control_only, struct cp_put_result *result);

/* ---- Reading ---- */
/* One entry as it was stored and by whom. Slices live in the struct cp_loaded it came with. */
struct cp_entry_info {
    uint64_t row;            /* order of arrival */
    uint8_t id[CP_ID_LEN];
    uint8_t device[CP_KEY_LEN];
    uint8_t person[CP_ID_LEN];
    uint64_t kind;
    uint64_t lamport;
    uint64_t time_ms;
    uint64_t seq;
    enum cp_class class;
    uint8_t incarnation[CP_INCARNATION_LEN];
    unsigned depth;          /* written in this plan (0), or in which of those it goes back to */
    bool newer;              /* cp_frame_read refused it: no effect */
    uint64_t left;           /* cp_record_left; 0 in cp_store_each, which does not look it up */
    struct cp_bytes frame;   /* opened */
    struct cp_bytes words;   /* opened; ptr NULL when not here */
    bool withdrawn;          /* they are gone for good: their author withdrew them */
    bool is_void;            /* without effect: its device was reported lost, or does not stand */
    /* frame.ptr NULL: wanted (damaged on disk, being fetched again); nothing can be said of it */
};
/* Entries opened together. */
struct cp_loaded {
    struct cp_entry_info *info;
    struct cp_write *writes; /* in the order of info; for cp_record_fold. Newer, wanted and control entries are left
                                out, so writes[i].row tells whose it is: it equals the row of its info */
    size_t count;
    size_t writes_count;
    void *arena; /* private */
};
void cp_loaded_clear(struct cp_loaded *l); /* wipes and frees */
/* For what is made of these entries and thrown away before them: what is given back is not used again. */
const struct cp_mem *cp_loaded_mem(const struct cp_loaded *l);
/* The writes of one or two kinds only (say ITEM and SET, or VIEW), in order. They live as long as l. NO_MEMORY. */
CP_MUST_USE enum cp_err cp_loaded_of(struct cp_loaded *l, uint64_t kind, uint64_t kind2 /* 0: none */,
                                     const struct cp_write **writes, size_t *count);

/* Entries that touch one record (its target id; the plan's id for PLAN entries; a person's id for PERSON
 * entries), in (lamport, id) order. history: all; otherwise only those with something left, whose other ops are
 * marked in writes[].gone, so that a fold gives the same state. An item's own ITEM entry always comes along. */
CP_MUST_USE enum cp_err cp_store_load(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                      const uint8_t target[static CP_ID_LEN], bool history, struct cp_loaded *out);
/* The same without history, of these kinds alone (cp_kind_bit): what others said of a record costs more to open than the
 * record. */
CP_MUST_USE enum cp_err cp_store_load_kinds(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                            const uint8_t target[static CP_ID_LEN], uint32_t kinds, struct cp_loaded *out);
/* How often a record was written or noted on, void entries left out but for its own ITEM, and the latest time claimed. */
struct cp_written {
    uint64_t count;
    uint64_t claimed_ms;
};
CP_MUST_USE enum cp_err cp_store_written(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                         const uint8_t target[static CP_ID_LEN], struct cp_written *out);
/* A number that is another one after anything was written to this store; it begins anew whenever a store is opened. */
uint64_t cp_store_changes(const struct cp_store *s);
/* Every record of a plan in one pass over the rows: what cp_store_load without history gives of each, its entries in
 * order of arrival. Records come in an order that means nothing. *l is valid during the visit, which returns false to
 * stop, may read the store and must not write to it. Records of which nothing can be read are left out. Of content,
 * only items, their edits and these kinds are opened (cp_kind_bit). */
typedef bool cp_store_record_visit(void *ctx, const uint8_t target[CP_ID_LEN], const struct cp_loaded *l);
CP_MUST_USE enum cp_err cp_store_records(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], uint32_t kinds,
                                         cp_store_record_visit *visit, void *ctx);
/* One entry by id. NOT_FOUND. */
CP_MUST_USE enum cp_err cp_store_entry(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                       const uint8_t id[static CP_ID_LEN], struct cp_loaded *out);
/* Is an entry held in this plan whose words, here or wanted, this WITHDRAW, wherever it was said, would take if it were said here, and
 * that none here takes? from: the plan that it was said in, where a KEY may lie that nobody has said here; NULL: by what lies in `plan`
 * alone. *key is that entry of `from`, which must be said here too, or zero. NO_PLAN. */
CP_MUST_USE enum cp_err cp_store_withdraw_takes(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], const uint8_t *from,
                                                const struct cp_withdraw *w, bool *yes, uint8_t key[static CP_ID_LEN]);
/* Visits entries of a kind (0: all) in (lamport, id) order (by_arrival: in order of arrival). visit returns
 * false to stop, and may read the store. Of one kind, in that order, void content is left out, but for an item that an
 * edit keeps; of all, and by arrival, it comes too. The info is valid during the call only. Kinds other than SET do not
 * cost a look at the whole log. */
typedef bool cp_store_visit(void *ctx, const struct cp_entry_info *info);
#define CP_LIST_SOMEONE \
    0x10000013U /* for `kind`: the ITEM entries of people without a key, listed by themselves */
CP_MUST_USE enum cp_err cp_store_each(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], uint64_t kind,
                                      bool by_arrival, cp_store_visit *visit, void *ctx);
/* Ids (entry ids of items, notes, versions...) that begin with these hex digits, at most max. */
CP_MUST_USE enum cp_err cp_store_find(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], struct cp_bytes hex,
                                      uint8_t (*ids)[CP_ID_LEN], size_t max, size_t *count);
/* Heads of a class (entries that no held entry of that class cites), highest (lamport, id) first. */
CP_MUST_USE enum cp_err cp_store_heads(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], enum cp_class class,
                                       uint8_t (**ids)[CP_ID_LEN], size_t *count);
/* The members of a plan; borrowed, valid until the next write or lock. */
CP_MUST_USE enum cp_err cp_store_members(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                         const struct cp_members **out);
/* The INVITE entry's keys and whether it was used by a held ADMIT. NOT_FOUND. */
struct cp_invite_row {
    uint8_t plan[CP_ID_LEN];
    uint8_t id[CP_ID_LEN];
    uint8_t token_key[CP_KEY_LEN];
    uint8_t token_curve_key[CP_KEY_LEN];
    bool for_person; /* a further device of `person` */
    uint8_t person[CP_ID_LEN];
    bool withdrawn; /* by a held UNINVITE */
    bool stands;    /* not void: a machine admits by itself under no other */
    bool used;
    uint8_t used_by[CP_ID_LEN]; /* person of the lowest ADMIT */
    uint8_t used_device[CP_KEY_LEN];
};
CP_MUST_USE enum cp_err cp_store_invites(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                         struct cp_invite_row **rows, size_t *count);
/*
 * A cut of a device (proto/statement.h), appended as cp_cut_write gives it: all that is held of it now; or, where `after` names
 * an entry, that entry and what lies in its past. kept, beyond (may be NULL): how many entries of the device lie within and
 * beyond. Errors: NOT_FOUND (no such entry), MANY_BRANCHES (more than a cut can name).
 */
CP_MUST_USE enum cp_err cp_store_cut(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                     const uint8_t device[static CP_KEY_LEN], const uint8_t *after /* or NULL */,
                                     struct cp_buf *cut, uint64_t *kept, uint64_t *beyond);
/* What lies in the past of an entry, the entry itself included, by row; good until the next write. Freed by cp_store_past_free
 * (NULL is none). Errors: NOT_FOUND, NO_MEMORY. */
struct cp_store_past;
CP_MUST_USE enum cp_err cp_store_past_of(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                         const uint8_t entry[static CP_ID_LEN], struct cp_store_past **out);
bool cp_store_past_has(const struct cp_store_past *past, uint64_t row);
void cp_store_past_free(struct cp_store_past *past);
/* How many entries of a device count in the plan and how many are without effect, by all that was said of it so far: a cut of its own
 * is not the only one, and what is frozen counts beyond every cut. */
CP_MUST_USE enum cp_err cp_store_counting(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                          const uint8_t device[static CP_KEY_LEN], uint64_t *counting, uint64_t *without);
/* Plan secrets, the one in use first, then the older ones, highest (lamport, id) first. In use is the highest of those
 * whose past holds every REVOKE and KEY that counts; those of void entries are not among them. */
CP_MUST_USE enum cp_err cp_store_secrets(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                         uint8_t (**secrets)[CP_KEY_LEN], size_t *count);
/* The same, and whether the first is in use: false where a REVOKE or KEY came and nobody who knows it wrote a secret yet.
 * Whoever needs one then writes it. */
CP_MUST_USE enum cp_err cp_store_secrets_known(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                               uint8_t (**secrets)[CP_KEY_LEN], size_t *count, bool *in_use);
/* Entries held and a digest that is equal on two machines exactly when they hold the same entries. */
CP_MUST_USE enum cp_err cp_store_log_digest(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                            uint64_t *entries, uint8_t digest[static CP_ID_LEN]);

/* ---- By order of arrival, for telling what others have seen (store_since.c) ---- */
/* The last row of all plans; 0 when there is none. */
CP_MUST_USE enum cp_err cp_store_last_row(struct cp_store *s, uint64_t *row);
/* Rows of the plan's entries that arrived after `row`, ascending; the caller frees them. NO_PLAN, NO_MEMORY. */
CP_MUST_USE enum cp_err cp_store_since(struct cp_store *s, const uint8_t plan[static CP_ID_LEN], uint64_t row,
                                       uint64_t **rows, size_t *count);
struct cp_store_edit {
    uint64_t row;
    uint8_t id[CP_ID_LEN];
    uint64_t time_ms; /* as its author's clock claims */
};
/* The last content entry of the device in that plan that arrived before `row`. NOT_FOUND. */
CP_MUST_USE enum cp_err cp_store_before(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                        const uint8_t device[static CP_KEY_LEN], uint64_t row,
                                        struct cp_store_edit *out);

/* What is held, for sessions. Borrowed from the store; valid as long as it is open and unlocked. */
const struct cp_replica *cp_store_replica(struct cp_store *s);

/* ---- The database as of one moment, for a backup (store_freeze.c) ---- */
/* From here until thaw the file stays as it is now, while the store goes on; *size gets its length. Without effect on
 * what is read and written. BUSY (a transaction is open, or it is frozen already). */
CP_MUST_USE enum cp_err cp_store_freeze(struct cp_store *s, uint64_t *size);
/* len bytes of it from `at`. IO: it cannot be read, or is not frozen. */
CP_MUST_USE enum cp_err cp_store_frozen(struct cp_store *s, uint64_t at, uint8_t *out, size_t len);
void cp_store_thaw(struct cp_store *s); /* without freeze: nothing */

/* ---- This machine's own notes (never synced), sealed ---- */
CP_MUST_USE enum cp_err cp_store_note_set(struct cp_store *s, const char *key, struct cp_bytes value); /* own transaction if none is open */
CP_MUST_USE enum cp_err cp_store_note_get(struct cp_store *s, const char *key, struct cp_buf *out);    /* NOT_FOUND */

/* Drops every derived table and makes it anew from the log; one transaction. */
CP_MUST_USE enum cp_err cp_store_rebuild(struct cp_store *s);
/* For tests: a digest over the derived tables' content (rows sorted), equal before and after a rebuild. */
CP_MUST_USE enum cp_err cp_store_derived_digest(struct cp_store *s, uint8_t digest[static CP_ID_LEN]);
/* Re-hashes up to `most` entries from where it stopped last; those that do not match become wanted. */
CP_MUST_USE enum cp_err cp_store_scrub(struct cp_store *s, size_t most, size_t *damaged);

#endif
