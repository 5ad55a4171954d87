/*
 * What the store's files share. Owns: struct cp_store. Must not: be included outside daemon/store*.c.
 *
 *   store.c          open, close, lock, transactions, incarnation
 *   store_plans.c    plans, notes
 *   store_sql.c      statements           store_schema.c   tables
 *   store_seal.c     sealing and marks    store_marker.c   the file beside the database
 *   store_graph.c    rows of a graph: frontiers, admissions (rule R1)
 *   store_past.c     "lies in the past of", and what control entries cite, in memory
 *   store_recent.c   chains and ids that are asked for again and again
 *   store_intake.c   one entry's rows, own or others'; heads and tips of a batch
 *   store_derive.c   touch, dangling, listed, admission   store_rebuild.c  all of them anew
 *   store_withdraw.c words withdrawn by their author: which, and erasing them
 *   store_void.c     entries of devices that were reported lost       store_cut.c   the line that is drawn
 *   store_put.c      a chunk              store_append.c   an own entry
 *   store_read.c     load, each, find     store_records.c  all records in one pass
 *   store_members.c  members, invitations, secrets
 *   store_carry.c    continuations: their line, what they take over, what lies in the past of their heads
 *   store_pieces.c   bytes of attachments
 *   store_freeze.c   the file as of one moment, for a backup
 *   store_whole.c    entries as they travel; scrub         store_replica.c  look-ups for sessions
 */
#ifndef CP_STORE_INTERNAL_H
#define CP_STORE_INTERNAL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store.h"
#include "daemon/store_sql.h"

#define CP_STORE_APPLICATION 0x63706c6e /* "cpln" */
/* entry.words. The first two take no room in a row, the last takes the byte that an erased body is shorter. */
#define CP_WORDS_HERE 0U
#define CP_WORDS_WANTED 1U
#define CP_WORDS_ERASED 2U

extern const char *const cp_schema_log;
extern const char *const cp_schema_pieces;
extern const char *const cp_schema_derived;
extern const char *const cp_schema_later;
extern const char *const cp_schema_from_2;
extern const char *const cp_schema_fill_from_2;
extern const char *const cp_schema_drop;

struct cp_store_plan {
    uint64_t num;
    uint8_t id[CP_ID_LEN];
    uint64_t rules;
    uint64_t first; /* row; 0: nothing held */
    unsigned line;  /* how many plans it goes back to; 0: it is no continuation */
};

/* What travels from one home file to the next: changes inside a transaction and is put back by a rollback. */
struct cp_store_home {
    uint8_t incarnation[CP_INCARNATION_LEN];
    uint64_t own_count;
};

struct cp_member_cache;

#define CP_PERSON_CACHE 64U
#define CP_FRONTIER_MEMO 256U

#define CP_CHAIN_CACHE 512U
#define CP_ID_CACHE 2048U

struct cp_past;

/* A row of `chain`. */
struct cp_chain {
    uint64_t num, plan, person;
    uint8_t device[CP_KEY_LEN], incarnation[CP_INCARNATION_LEN];
    enum cp_class class;
    unsigned depth;
};

struct cp_store {
    sqlite3 *db;
    sqlite3_stmt *statements[CP_SQL_COUNT];
    char trouble[256];
    struct cp_mem mem;
    void (*random)(void *ctx, void *out, size_t len);
    void *random_ctx;
    bool in_transaction;
    bool own_dirty;  /* the transaction wrote own entries or a new incarnation: the marker follows its commit */
    bool erased;     /* the transaction erased words */
    bool wipe_due;   /* some are erased, and the WAL may still have them; also at opening, after an unclean stop */
    bool fresh;
    bool created;    /* this opening made the file: nobody else has a copy of it */
    bool frozen;     /* a backup reads the file: nothing goes from the WAL into it (store_freeze.c) */
    struct cp_store_home home, home_kept; /* kept: as of the last commit */

    char *marker_path; /* NULL: no marker */
    char *path;
    char *machine_id;
    int marker_fd;

    uint8_t *key;        /* storage key | mark key, guarded memory; NULL while locked */

    /* Caches; each can be forgotten at any time. */
    struct cp_store_plan plan;   /* num 0: none */
    struct {
        uint64_t plan; /* num; 0: none */
        uint8_t ids[CP_LINEAGE_MAX + 1][CP_ID_LEN]; /* by depth */
    } line;
    struct {
        uint64_t plan, last; /* rows up to here have a bit */
        uint8_t *bits;       /* NULL: not worked out */
    } carried;               /* store_carry.c: the past of a continuation's heads */
    cp_store_for_us *for_us;
    void *for_us_ctx;
    struct {
        uint64_t num;
        uint8_t id[CP_ID_LEN];
    } persons[CP_PERSON_CACHE];
    struct {
        uint64_t a, b, merged;
    } frontiers[CP_FRONTIER_MEMO];
    struct cp_past *past; /* store_past.c */
    struct cp_chain chains[CP_CHAIN_CACHE]; /* store_recent.c */
    struct {
        uint64_t row; /* 0: empty */
        uint8_t id[CP_ID_LEN];
    } ids[CP_ID_CACHE];
    uint64_t damage_seen;        /* grows when an entry becomes wanted, is whole again, or loses its words */
    struct {
        uint64_t plan, seen, row; /* seen: damage_seen + 1 when it was worked out; 0: never */
    } whole;                     /* store_replica.c: up to where a plan is whole */
    struct cp_member_cache *members; /* one a plan; folded when asked for */

    struct cp_frame frames[2];   /* scratch: too big for a stack that calls itself */
    struct cp_buf body[2];       /* scratch: opened bodies */
    struct cp_buf parents;       /* scratch likewise: the column of that name */
    struct cp_buf sealed;        /* scratch: a column on its way to disk */
    struct cp_buf out_header, out_body; /* of the entry that the replica gave last */
    uint8_t out_sig[CP_SIG_LEN], out_words_hash[CP_ID_LEN];
    struct cp_replica replica;
    struct cp_pieces pieces;
    uint64_t scrub_attachment, scrub_piece; /* store_pieces.c: the last one looked at */
    struct {
        size_t rows, bytes, block;
    } ahead;                     /* store_records.c: how much is read ahead, in blocks of what size; tests make it small */
};

/* ---- store_plans.c ---- */
CP_MUST_USE enum cp_err cp_store_plan_by_id(struct cp_store *s, const uint8_t *id, struct cp_store_plan *out); /* NO_PLAN */
CP_MUST_USE enum cp_err cp_store_plan_by_num(struct cp_store *s, uint64_t num, struct cp_store_plan *out);
/* The plan's row, made when there is none. */
CP_MUST_USE enum cp_err cp_store_plan_make(struct cp_store *s, const uint8_t *id, struct cp_store_plan *out);
/* ---- store.c ---- */
/* A new incarnation; in a transaction. */
CP_MUST_USE enum cp_err cp_store_new_incarnation(struct cp_store *s);
CP_MUST_USE enum cp_err cp_store_home_write(struct cp_store *s);
/* Begins a transaction unless one is open; *own tells cp_store_end whether to finish it. */
CP_MUST_USE enum cp_err cp_store_enter(struct cp_store *s, bool *own);
CP_MUST_USE enum cp_err cp_store_leave(struct cp_store *s, bool own, enum cp_err err);

/* ---- store_marker.c ---- */
enum cp_marker_says { CP_MARKER_FITS, CP_MARKER_NONE, CP_MARKER_DIFFERS };
enum cp_marker_says cp_marker_compare(struct cp_store *s);
void cp_marker_write(struct cp_store *s);
void cp_marker_close(struct cp_store *s);
/* /etc/machine-id without its line end; "" when there is none. */
void cp_marker_machine_id(char *out, size_t out_len);

/* ---- store_seal.c ---- */
/* Columns that are sealed. Those before MUTABLE always hold the same bytes for the same name. */
enum cp_column {
    CP_COLUMN_BODY = 1,   /* name: entry id */
    CP_COLUMN_PERSON = 2, /* name: hash of the person id */
    CP_COLUMN_ERASED = 3, /* name: entry id; a body without its words */
    CP_COLUMN_PIECE = 4,  /* name: hash of the words' salt, the entry's id and the piece's number */
    CP_COLUMN_MUTABLE = 16,
    CP_COLUMN_JOIN = 16,  /* name: plan id */
    CP_COLUMN_INVITATION = 17,
    CP_COLUMN_NOTE = 18,  /* name: hash of the note's key */
    CP_COLUMN_CHECK = 19  /* name: zeros */
};
/* Appends the sealed bytes. LOCKED. */
CP_MUST_USE enum cp_err cp_store_seal(struct cp_store *s, const uint8_t name[static CP_ID_LEN], enum cp_column column,
                                      struct cp_bytes plain, struct cp_buf *out);
/* Appends what was sealed. LOCKED, DAMAGED_STORE (not sealed by this key, for this name and column). */
CP_MUST_USE enum cp_err cp_store_open_sealed(struct cp_store *s, const uint8_t name[static CP_ID_LEN],
                                             enum cp_column column, struct cp_bytes sealed, struct cp_buf *out);
CP_MUST_USE enum cp_err cp_seal_unlock(struct cp_store *s, const uint8_t *key);
void cp_seal_lock(struct cp_store *s);
/* Row keys that tell a locked disk nothing. Unlocked only. */
uint64_t cp_mark(const struct cp_store *s, const uint8_t plan[static CP_ID_LEN], const uint8_t id[static CP_ID_LEN]);
/* 32 bytes from a text, keyed, for names of sealed columns. */
void cp_mark_name(const struct cp_store *s, struct cp_bytes text, uint8_t out[static CP_ID_LEN]);
/* Person numbers and ids. */
CP_MUST_USE enum cp_err cp_person_num(struct cp_store *s, const uint8_t id[static CP_ID_LEN], uint64_t *num);
CP_MUST_USE enum cp_err cp_person_of(struct cp_store *s, uint64_t num, uint8_t id[static CP_ID_LEN]);

/*
 * A body. As it is sealed: LEB128 length of the frame, LEB128 length of the words, frame, and then the words or, once
 * they are erased, their hash; zeros behind it, so that a body keeps its length when its words go.
 */
struct cp_body {
    struct cp_bytes frame;
    struct cp_bytes words; /* ptr NULL: erased */
    bool erased;
    size_t words_len;      /* as the header states it */
    uint8_t words_hash[CP_ID_LEN]; /* of erased ones */
};
/* Appends the sealed bytes of body->frame and, by body->erased, words or words_len and words_hash. */
CP_MUST_USE enum cp_err cp_body_seal(struct cp_store *s, const uint8_t id[static CP_ID_LEN], const struct cp_body *body,
                                     struct cp_buf *out);
/* Opens into `plain` (reset first) what `state` (entry.words) says it is. Slices borrow from it; words.ptr is NULL
 * exactly when they are erased. DAMAGED_STORE. */
CP_MUST_USE enum cp_err cp_body_open(struct cp_store *s, const uint8_t id[static CP_ID_LEN], uint64_t state,
                                     struct cp_bytes sealed, struct cp_buf *plain, struct cp_body *out);
/* The body of an entry on its way in; erased: its words are left out. */
struct cp_body cp_body_of(const struct cp_header *h, const struct cp_entry *e, bool erased);

/* ---- store_graph.c ---- */
/* A growing list of rows. */
struct cp_rows {
    uint64_t *at;
    size_t count;
    size_t cap;
};
CP_MUST_USE enum cp_err cp_rows_add(struct cp_store *s, struct cp_rows *rows, uint64_t row);
void cp_rows_clear(struct cp_store *s, struct cp_rows *rows);
void cp_rows_sort(struct cp_rows *rows); /* ascending, each once */
/* Ascending numbers as differences in LEB128, and back (DAMAGED_STORE when they are not that). */
void cp_rows_pack(const struct cp_rows *rows, struct cp_buf *out);
CP_MUST_USE enum cp_err cp_rows_unpack(struct cp_store *s, struct cp_bytes packed, struct cp_rows *out);
/* The parents column: rows as distances back from `row`. */
CP_MUST_USE enum cp_err cp_parents_pack(struct cp_store *s, uint64_t row, const uint64_t *parents, size_t count,
                                        struct cp_buf *out);
CP_MUST_USE enum cp_err cp_parents_unpack(struct cp_store *s, uint64_t row, struct cp_bytes packed,
                                          struct cp_rows *out);
uint64_t cp_leb_get(struct cp_bytes *b, bool *ok);
void cp_leb_put(struct cp_buf *out, uint64_t v);

CP_MUST_USE enum cp_err cp_frontier_make(struct cp_store *s, const struct cp_rows *members, uint64_t *num);
CP_MUST_USE enum cp_err cp_frontier_members(struct cp_store *s, uint64_t num, struct cp_rows *out); /* appends */
/* The frontier of an entry whose predecessors have these. count > 0. */
CP_MUST_USE enum cp_err cp_frontier_join(struct cp_store *s, const uint64_t *nums, size_t count, uint64_t *num);
/* The person as whom the device is admitted in the past that ends at a frontier: the lowest by (lamport, id). */
CP_MUST_USE enum cp_err cp_admission_in(struct cp_store *s, const struct cp_store_plan *plan, unsigned depth,
                                        const uint8_t *device, uint64_t frontier, uint64_t *person, bool *found);

/* ---- store_past.c ---- */
/* Is control entry `row` (lamport) among `from` or in the past of one of them? */
CP_MUST_USE enum cp_err cp_graph_reaches(struct cp_store *s, const struct cp_rows *from, uint64_t row,
                                         uint64_t lamport, bool *yes);
/* Leaves those of `rows` (ascending, control) that lie in no other's past. */
CP_MUST_USE enum cp_err cp_past_leave_greatest(struct cp_store *s, struct cp_rows *rows);
/* After a rollback, and when a row was written anew. */
void cp_past_forget(struct cp_store *s);

/* ---- store_recent.c ---- */
/* Borrowed until the next call. DAMAGED_STORE: there is none. */
CP_MUST_USE enum cp_err cp_chain_get(struct cp_store *s, uint64_t num, const struct cp_chain **out);
CP_MUST_USE enum cp_err cp_id_of_row(struct cp_store *s, uint64_t row, uint8_t id[static CP_ID_LEN]); /* DAMAGED_STORE */
void cp_id_remember(struct cp_store *s, uint64_t row, const uint8_t id[static CP_ID_LEN]);
void cp_recent_forget(struct cp_store *s);

/* ---- store_intake.c ---- */
/* What is known of an entry that is held. */
struct cp_known {
    uint64_t row, chain, seq, lamport, frontier, person, plan;
    enum cp_class class;
    unsigned depth;
    bool wanted;
};
/* plan: its number. */
CP_MUST_USE enum cp_err cp_known_by_id(struct cp_store *s, uint64_t plan, const uint8_t id[static CP_ID_LEN],
                                       struct cp_known *out, bool *found);
/* One entry of a batch. */
struct cp_batch_entry {
    struct cp_known known;
    const uint8_t *id; /* borrowed from the chunk; NULL in a rebuild */
    struct cp_bytes frame; /* borrowed likewise; NULL in a rebuild */
    bool cited;        /* by a later one of the batch and of its class */
    bool continued;
    bool touches;      /* `touch` has this row when the batch is written */
    uint64_t target, left;
};
#define CP_BATCH_CHAINS 64U
struct cp_derive;
struct cp_judged;
struct cp_intake {
    struct cp_store *s;
    struct cp_store_plan plan;
    unsigned depth; /* of what is taken in now (in a rebuild: of each in turn) */
    uint64_t next_row;
    struct cp_batch_entry *entries;
    size_t count, max;
    uint32_t *by_id; /* open addressing: index + 1 */
    size_t by_id_mask;
    struct cp_judged *judged; /* scratch: the entry that is being taken in, and */
    struct cp_rows preds;     /* its predecessors */
    bool dangling;   /* the table may hold something */
    bool withdrawals;/* the same of that one */
    bool voids;      /* the plan holds REVOKEs or KEYs: some entries may be void */
    bool cuts_came;  /* one came in this batch */
    bool first_came; /* the plan's first entry did */
    struct cp_rows touched;        /* while voids: marks of the records that the batch touched, */
    struct cp_rows touched_chains; /* and its chains */
    bool again;      /* words that gave an entry no effect were erased: the derived tables are to be made anew */
    bool control;    /* some came */
    bool members;    /* and such as may change who is a member */
    bool rebuild;    /* ids are found in the database alone */
    uint64_t tally_entries, tally_newer;
    struct {
        uint8_t device[CP_KEY_LEN], incarnation[CP_INCARNATION_LEN];
        enum cp_class class;
        unsigned depth;
        uint64_t num, person; /* num 0: empty */
    } chains[CP_BATCH_CHAINS];
};
CP_MUST_USE enum cp_err cp_intake_begin(struct cp_intake *in, struct cp_store *s, const struct cp_store_plan *plan,
                                        size_t max);
/* Writes touch, heads, tips and counts of the batch. */
CP_MUST_USE enum cp_err cp_intake_flush(struct cp_intake *in);
void cp_intake_clear(struct cp_intake *in);
/* The entry of the batch that has this row, or this id (in a rebuild none is found so), or NULL. */
struct cp_batch_entry *cp_intake_in_batch(struct cp_intake *in, uint64_t row);
struct cp_batch_entry *cp_intake_by_id(struct cp_intake *in, const uint8_t *id);
/* Looks in the batch first, then in the database. Entries of other plans are not found. */
CP_MUST_USE enum cp_err cp_intake_known(struct cp_intake *in, const uint8_t *id, struct cp_known *out, bool *found);
/*
 * Judges by R1 and stores one entry that was proven: predecessors, lamport, admission. The id is borrowed until the
 * flush. *held: content may turn out to be held, which nothing then came of; control must not be.
 */
CP_MUST_USE enum cp_err cp_intake_entry(struct cp_intake *in, const struct cp_header *h, const struct cp_entry *e,
                                        const uint8_t *id, bool *held);
/* The derived rows of an entry whose row is written already. preds: prev first when d->has_prev. */
CP_MUST_USE enum cp_err cp_intake_derived(struct cp_intake *in, const struct cp_derive *d,
                                          const struct cp_known *preds, size_t preds_count);
/* Writes an entry's columns again: its row was found damaged. */
CP_MUST_USE enum cp_err cp_intake_repair(struct cp_intake *in, const struct cp_known *held, const struct cp_header *h,
                                         const struct cp_entry *e, const uint8_t *id, bool erased);

/* ---- store_derive.c ---- */
/* An entry and what its derived rows follow from. */
struct cp_derive {
    struct cp_known known;
    const uint8_t *id;
    uint64_t kind;
    struct cp_bytes frame, words;
    const struct cp_rows *preds; /* rows; prev first when there is one */
    bool has_prev;
};
CP_MUST_USE enum cp_err cp_derive_entry(struct cp_intake *in, const struct cp_derive *d);
/* The record that a content frame touches; false for kinds that touch none. */
bool cp_derive_target(const struct cp_frame *f, const uint8_t *plan, const uint8_t *id, uint8_t out[static CP_ID_LEN]);
/* The same in a continuation, where what was said of an earlier plan of its line is said of it. */
CP_MUST_USE enum cp_err cp_target_of(struct cp_store *s, const struct cp_store_plan *plan, const struct cp_frame *f,
                                     const uint8_t *id, uint8_t out[static CP_ID_LEN], bool *touches);

/* ---- store_withdraw.c ---- */
/* A WITHDRAW has come: remembers what it names and erases what is held of it. */
CP_MUST_USE enum cp_err cp_withdraw_arrives(struct cp_intake *in, const struct cp_derive *d,
                                            const struct cp_withdraw *w);
/* The row of the first WITHDRAW to arrive that counts for an entry of person number `person`; 0: none. */
CP_MUST_USE enum cp_err cp_withdraw_first(struct cp_store *s, const struct cp_store_plan *plan, const uint8_t *id,
                                          uint64_t person, uint64_t *row);
/* Is there one? */
CP_MUST_USE enum cp_err cp_withdraw_counts(struct cp_intake *in, const uint8_t *id, uint64_t kind, uint64_t person,
                                           bool *yes);
/* Erases the words of an entry that is held, for which one counts. */
CP_MUST_USE enum cp_err cp_withdraw_erase(struct cp_intake *in, const struct cp_known *held);
/* Another key of a person came: WITHDRAWs by it that came before are judged again. */
CP_MUST_USE enum cp_err cp_withdraw_key_came(struct cp_intake *in, const uint8_t person[static CP_ID_LEN]);
/* After a commit, and at opening: empties the WAL when it may still have erased words. Trouble leaves it due. */
void cp_withdraw_wipe(struct cp_store *s);

/* ---- store_void.c ---- */
/* A number in `listed` beside the kinds: REVOKEs and KEYs whose signature is good. */
#define CP_LIST_SAID 0x10000005U
CP_MUST_USE enum cp_err cp_void_any(struct cp_store *s, uint64_t plan, bool *yes);
CP_MUST_USE enum cp_err cp_void_has(struct cp_store *s, uint64_t row, bool *yes);
/* After a batch's flush, in its transaction: which entries are void now, and what is left of what they touch. */
CP_MUST_USE enum cp_err cp_void_settle(struct cp_intake *in);
/* The same for every plan, from nothing. */
CP_MUST_USE enum cp_err cp_void_rebuild(struct cp_store *s);

/* ---- store_carry.c ---- */
/* The plan at a depth of the line. WRONG_PLAN: it does not go back so far. */
CP_MUST_USE enum cp_err cp_line_at(struct cp_store *s, const struct cp_store_plan *plan, unsigned depth,
                                   uint8_t out[static CP_ID_LEN]);
/* By depth, plan->line + 1 of them; borrowed until the next call. */
CP_MUST_USE enum cp_err cp_line_of(struct cp_store *s, const struct cp_store_plan *plan,
                                   const uint8_t (**ids)[CP_ID_LEN]);
/* Is this one of the plan's line, itself included? */
CP_MUST_USE enum cp_err cp_line_has(struct cp_store *s, const struct cp_store_plan *plan, const uint8_t *id, bool *yes);
/* The mark of an admission of the device in the plan at this depth: those of one plan let nobody into another. */
CP_MUST_USE enum cp_err cp_admission_mark(struct cp_store *s, const struct cp_store_plan *plan, unsigned depth,
                                          const uint8_t *device, uint64_t *mark);
/* A continuation's first entry, judged by R1: its line is the one we know, its parents are among its heads, and its author was
 * admitted in the plan before, in its past. NOT_ADMITTED otherwise. */
CP_MUST_USE enum cp_err cp_carry_judge_first(struct cp_intake *in, const struct cp_header *h, const struct cp_control *c,
                                             const struct cp_rows *preds, uint64_t frontier, uint64_t *person);
/* Does a row of an earlier plan lie in the past of the heads? Yes to all while not every head is held. */
CP_MUST_USE enum cp_err cp_carry_heads_hold(struct cp_store *s, const struct cp_store_plan *plan, uint64_t row, bool *yes);
/* Are all heads held? */
CP_MUST_USE enum cp_err cp_carry_complete(struct cp_store *s, const struct cp_store_plan *plan, bool *yes);
void cp_carry_forget(struct cp_store *s);
/* A past, one bit a row. What an entry cites has come before it, so it has a smaller row. */
struct cp_carried_past {
    uint8_t *bits;
    uint64_t last;
    bool whole; /* every head is held */
};
CP_MUST_USE enum cp_err cp_carried_past(struct cp_store *s, const struct cp_store_plan *plan,
                                        const struct cp_id_list *heads, struct cp_carried_past *out);
void cp_carried_past_clear(struct cp_store *s, struct cp_carried_past *p);
bool cp_carried_past_has(const struct cp_carried_past *p, uint64_t row);
void cp_carried_past_cut(struct cp_carried_past *p, uint64_t row);
/* The rows that a row cites. */
CP_MUST_USE enum cp_err cp_carried_preds(struct cp_store *s, uint64_t row, struct cp_rows *preds);

/* ---- store_put.c ---- */
/* cp_store_put within a transaction. */
CP_MUST_USE enum cp_err cp_put_chunk(struct cp_store *s, const struct cp_store_plan *plan, const struct cp_chunk *chunk,
                                     bool control_only, struct cp_put_result *result);

/* ---- store_read.c ---- */
/* A row of `entry`, its body still sealed. */
struct cp_stored {
    uint64_t row, chain, kind, lamport, time_ms, seq;
    uint64_t author;       /* 0: the chain's person */
    uint64_t words;        /* CP_WORDS_ */
    struct cp_bytes body;  /* borrowed */
    uint8_t id[CP_ID_LEN];
    bool named;            /* the id has its length */
    bool is_void;
};
/* What stands in the row that a statement with the columns CP_SQL_STORED is at; valid until its next step. is_void: false. */
void cp_stored_read(sqlite3_stmt *st, struct cp_stored *out);
/* One row; valid until cp_sql_done(*st), which is the caller's, also after a failure. DAMAGED_STORE: there is none. */
CP_MUST_USE enum cp_err cp_stored_get(struct cp_store *s, uint64_t row, sqlite3_stmt **st, struct cp_stored *out);
/* A row of `touch`, and what is known of the entry that it names. */
struct cp_touched {
    uint64_t row;
    uint64_t left;                  /* bit 63 included */
    const struct cp_stored *stored; /* NULL: to be looked up */
    uint32_t turn;                  /* of its record in a pass over all (store_records.c) */
    bool is_void;                   /* likewise */
    bool closed;                    /* nobody wants it opened */
};
/* Opens the entries rows[0..count) into *l, whose memory is used again if it has some. Those that are closed, or of other
 * kinds than these, stay out of it. partial: writes[].gone is told. *plan: the number of the last one's plan. On failure *l
 * is to be cleared all the same. */
CP_MUST_USE enum cp_err cp_loaded_fill(struct cp_store *s, struct cp_loaded *l, const struct cp_touched *rows, size_t count,
                                       uint32_t kinds, bool partial, uint64_t *plan);
/* All entries that touch the record with this mark. */
CP_MUST_USE enum cp_err cp_store_load_mark(struct cp_store *s, uint64_t mark, struct cp_loaded *out);
/* Opens entry `row` into s->body[slot]; the slices live until the next use of the slot. DAMAGED_STORE. */
CP_MUST_USE enum cp_err cp_open_row(struct cp_store *s, uint64_t row, unsigned slot, uint8_t id[static CP_ID_LEN],
                                    uint64_t *person, struct cp_bytes *frame, struct cp_bytes *words);
/* Rows of one statement, in its order. */
CP_MUST_USE enum cp_err cp_rows_of(struct cp_store *s, sqlite3_stmt *st, struct cp_rows *rows);

/* ---- store_members.c ---- */
/* The members as the plan at this depth of the line has them, by what lies in the past of the first entry; borrowed likewise. */
CP_MUST_USE enum cp_err cp_store_members_at(struct cp_store *s, const struct cp_store_plan *plan, unsigned depth,
                                            const struct cp_members **out);
void cp_store_forget_members(struct cp_store *s);

/* ---- store_whole.c ---- */
/* An entry as it travels. Slices live until the next call. DAMAGED_STORE: does not hash to its id, or wanted. */
CP_MUST_USE enum cp_err cp_store_whole(struct cp_store *s, uint64_t row, struct cp_outgoing *out);
/* Marks an entry as wanted, and counts it so. */
CP_MUST_USE enum cp_err cp_store_want(struct cp_store *s, uint64_t row);

/* ---- store_pieces.c ---- */
/* In a transaction: all that is here of an attachment goes. Of another entry, or one that nothing is here of: nothing. */
CP_MUST_USE enum cp_err cp_pieces_drop(struct cp_store *s, const uint8_t id[static CP_ID_LEN]);
void cp_pieces_init(struct cp_store *s);

/* ---- store_records.c ---- */
void cp_records_init(struct cp_store *s);

/* ---- store_replica.c ---- */
void cp_replica_init(struct cp_store *s);

#endif
