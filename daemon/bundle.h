/*
 * Bundles at work: a file written for others, a file read, and what was heard of other machines that way.
 * For bundle*.c, what begins them (serve_bundle.c, carry*.c) and what asks who has what (holds.c). Owns: files on a stick, and the
 * notes "heard/..." and "bundle.heads". Must not: lay out a bundle (proto/bundle.h), judge entries (store) or answer requests (serve_bundle.c
 * does, through `done`).
 */
#ifndef CP_DAEMON_BUNDLE_H
#define CP_DAEMON_BUNDLE_H

#include "daemon/new_file.h"
#include "daemon/node.h"
#include "daemon/store_pieces.h"
#include "proto/bundle.h"
#include "proto/carried.h"

#define CP_HEARD_TIPS_MAX 40000U /* of each class: twice what the largest plan promised has */

#define CP_HEARD_LIVES_MAX 16U /* of a machine; of one that is put back more often than that the earliest are forgotten */

/* ---- What a machine said, and proved to be its own word, that it holds of a plan (bundle_heard.c) ---- */
enum cp_heard_standing {
    CP_HEARD_BELIEVED,
    CP_HEARD_DOUBTED, /* words of several of its lives were read, and it is not known which one it is in: nothing is believed */
    CP_HEARD_MET      /* in the life in which it was met last it said nothing yet */
};
struct cp_heard_life {
    uint8_t incarnation[CP_INCARNATION_LEN];
    uint64_t claimed_ms; /* the latest word of that life, by its clock, or when it was met first, by ours */
};
struct cp_heard {
    uint8_t incarnation[CP_INCARNATION_LEN];
    uint64_t claimed_ms; /* when its bundle was written, by its clock */
    uint64_t heard_ms;   /* when we read it, by ours; for display only */
    struct cp_bundle_tip *tips[2];
    size_t count[2], cap[2];
    bool asks; /* it says what somebody there asked for; a bundle at a carrier does not */
    struct cp_bundle_wish *wishes;
    size_t wishes_count;
    /* As kept; of no account in a word that was read just now. */
    enum cp_heard_standing standing;
    struct cp_heard_life lives[CP_HEARD_LIVES_MAX];
    size_t lives_count;
    const struct cp_mem *mem;
};
void cp_heard_init(struct cp_heard *h, const struct cp_mem *mem);
void cp_heard_clear(struct cp_heard *h);
CP_MUST_USE enum cp_err cp_heard_add(struct cp_heard *h, enum cp_class class,
                                     const struct cp_bundle_tip *tip); /* TOO_BIG */
/* The wishes of a frame, in the place of those that were there. BAD_VALUE: they were said before. */
CP_MUST_USE enum cp_err cp_heard_wishes(struct cp_heard *h, struct cp_bundle_frame *f);
/* NOT_FOUND: it said nothing in the life that it is in. DOUBTED: without tips. On failure *h is clear. */
CP_MUST_USE enum cp_err cp_heard_get(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                     const uint8_t machine[static CP_KEY_LEN], struct cp_heard *h);
/*
 * Keeps it, unless it is an older word of a life of that machine than one that was read. A word of another life is believed when it claims a
 * later time than all that is known of the others; otherwise nobody knows which life came first, and nothing is believed until one claims
 * that: so the order in which files are read is of no matter, and a wrong clock costs entries that are sent twice. What was asked for
 * stays where it does not say.
 */
CP_MUST_USE enum cp_err cp_heard_set(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                     const uint8_t machine[static CP_KEY_LEN], const struct cp_heard *h);
/* It was met in this life, so what it said in any other counts no more. */
CP_MUST_USE enum cp_err cp_heard_met(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                     const uint8_t machine[static CP_KEY_LEN],
                                     const uint8_t incarnation[static CP_INCARNATION_LEN], uint64_t now_ms);
/*
 * Which of what we hold that machine need not be sent: after[i] is lowered to the seq up to which it holds the chain of
 * tips[i]; to 0 where the chain is forked or that is not known. h NULL: it may hold nothing.
 */
CP_MUST_USE enum cp_err cp_heard_lower(const struct cp_replica *held, const uint8_t plan[static CP_ID_LEN],
                                       enum cp_class class, const struct cp_heard *h,
                                       const struct cp_tip *tips, size_t count, uint64_t *after);
/* The two halves of it, for several words at once: known[i] is raised to the seq up to which `h` has that chain; and then `after`
 * lowered to what is known. */
CP_MUST_USE enum cp_err cp_heard_known(const struct cp_replica *held, const uint8_t plan[static CP_ID_LEN],
                                       enum cp_class class, const struct cp_heard *h,
                                       const struct cp_tip *tips, size_t count, uint64_t *known);
void cp_heard_leave_out(const struct cp_tip *tips, size_t count, const uint64_t *known, uint64_t *after);
/* Do both say the same? And is `h` an older word of its life than what was read (`known`: of cp_heard_get)? */
bool cp_heard_same(const struct cp_heard *a, const struct cp_heard *b);
bool cp_heard_less(const struct cp_heard *h, const struct cp_heard *known);
/* How many of its tips we lack. */
CP_MUST_USE enum cp_err cp_heard_unknown(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                         const struct cp_heard *h, uint64_t *unknown);

/* A machine that a bundle is for, as a JOIN names it. Whose box key really is that machine's nobody can tell, so where two are
 * named it has two boxes. */
struct cp_bundle_to {
    uint8_t curve_key[CP_KEY_LEN];
    uint8_t box_key[CP_KEY_LEN];
};

/* ---- What lies at a carrier for them (bundle_offer.c) ---- */
/* A bundle for a carrier leaves out what the machine it is for will find there. */
struct cp_bundle_offer {
    uint8_t pile[CP_ID_LEN];          /* under which what was heard there is kept (cp_heard_get) */
    const struct cp_carried *carried; /* borrowed */
    bool control_only;                /* an older ticket's pile: only what leads to the newer one */
    struct cp_heard *said;            /* gets the tips that the bundle names */
};
/* Lowers `after` for each of these machines, by its own word and by what lies there in a box that its box key opens. Each bundle's
 * word is read once. */
CP_MUST_USE enum cp_err cp_offer_lower(struct cp_node *node, const struct cp_bundle_offer *offer,
                                       const uint8_t plan[static CP_ID_LEN], const struct cp_bundle_to *to,
                                       size_t to_count, enum cp_class class, const struct cp_tip *tips, size_t count,
                                       uint64_t *after);

/* ---- Pictures and papers (bundle_pictures.c) ---- */
/* What somebody here asked for in a plan and is not here, the oldest first. *out is allocated with the node's memory. */
CP_MUST_USE enum cp_err cp_pictures_wishes(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                           struct cp_bundle_wish **out, size_t *count);
/* Those of a plan that go into a bundle. */
struct cp_pictures {
    struct cp_node *node; /* NULL: there are none */
    uint8_t plan[CP_ID_LEN];
    struct cp_bundle_wish *list; /* what is here, sorted by id, and from which piece on it goes in; CP_PIECES_MAX: not */
    size_t count, at;
};
/* all: whoever asked for them or not. Ended by cp_pictures_end, also on failure. */
CP_MUST_USE enum cp_err cp_pictures_begin(struct cp_pictures *p, struct cp_node *node,
                                          const uint8_t plan[static CP_ID_LEN], bool all);
void cp_pictures_ask(struct cp_pictures *p, const struct cp_heard *heard);
/* Appends the next piece. *found false: that was all. */
CP_MUST_USE enum cp_err cp_pictures_next(struct cp_pictures *p, struct cp_buf *out, const uint8_t **id, uint64_t *number,
                                         bool *found);
void cp_pictures_end(struct cp_pictures *p);
/* A PIECE that was read is kept when somebody here asked for it. Errors: those of cp_store_piece_keep but NOT_FOUND. */
CP_MUST_USE enum cp_err cp_pictures_take(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                         const struct cp_bundle_frame *f, enum cp_piece_use *use);

/* ---- Writing (bundle_write.c) ---- */
/* One plan's part. */
struct cp_bundle_plan {
    uint8_t plan[CP_ID_LEN];
    bool one_person; /* only for this one */
    uint8_t person[CP_ID_LEN];
};
struct cp_bundle_written {
    const char *path;
    uint64_t entries, bytes, plans, machines;
    uint64_t kept; /* bundles that lay in the file, are not said again, and stay in it behind ours */
    uint64_t pieces; /* of pictures and papers */
    bool no_room;    /* there was none on the disk for all pieces that others asked for */
    const struct cp_bundle_plan *for_plans; /* as asked; borrowed */
    size_t for_count;
};
typedef void cp_bundle_write_done(void *ctx, enum cp_err err, const struct cp_bundle_written *w);
typedef void cp_bundle_progress(void *ctx, uint64_t done, uint64_t of);
struct cp_bundle_write {
    const char *path;                   /* written beside it, synced, renamed */
    const struct cp_bundle_plan *plans; /* copied */
    size_t plans_count;
    bool all;                   /* everything, whatever was heard of the others */
    bool in_turn;               /* something may lie in this file: what is not said again stays */
    bool remembered;            /* it may be written over by us: what is in it is kept in mind (cp_beside_know) */
    bool pictures;              /* all that are here, not only those that others asked for */
    const struct cp_bundle_offer *offer; /* for a carrier, or NULL; borrowed until done */
    cp_bundle_write_done *done; /* once, unless this fails */
    cp_bundle_progress *progress;
    void *ctx;
};
/* ---- What lies in the file already (bundle_beside.c) ---- */
struct cp_beside {
    int fd; /* -1: there is none */
    uint64_t size, at;
    uint64_t left; /* of the bundle that is copied */
    uint64_t kept;
    bool all; /* what is written leaves nothing out */
    struct cp_beside_known *known; /* as remembered when the file was opened */
    size_t known_count;
    const struct cp_mem *mem;
};
/* Remembers a bundle by its slots: ours, or read whole. `of`: the plan, and for whom; NULL: a request that was dealt with, which may go
 * at any time. `all`: it was to leave nothing out, and goes only where what is written leaves nothing out either. */
CP_MUST_USE enum cp_err cp_beside_know(struct cp_node *node, struct cp_bytes slots, const struct cp_bundle_plan *of, bool all);
/* May a bundle be put at the path? Over nothing, an empty file or one that begins as a bundle. FILE_THERE: anything else stands
 * there; BAD_FILE: it cannot be read, and so not kept (errno says why). NO_MEMORY. Close it in any case. */
CP_MUST_USE enum cp_err cp_beside_open(struct cp_beside *b, struct cp_node *node, const char *path, bool all);
void cp_beside_close(struct cp_beside *b);
/* One piece: copies bundles that are not said again by what is written for these plans. Errors: IO, DISK_FULL, NO_MEMORY. */
CP_MUST_USE enum cp_err cp_beside_step(struct cp_beside *b, const struct cp_bundle_plan *plans, size_t count,
                                       struct cp_new_file *to, uint64_t *written, bool *more);
/* Is all that lies in this file said again by what was written for these plans? False also where that cannot be told. */
bool cp_beside_said(struct cp_node *node, const char *path, const struct cp_bundle_plan *plans, size_t count, bool all);

/* Errors: BUSY, NO_MEMORY, BAD_FILE (errno says why), FILE_THERE (in_turn). done's errors: NOBODY, BAD_FILE, DISK_FULL, IO, LOCKED ... */
CP_MUST_USE enum cp_err cp_bundle_write_start(struct cp_node *node, const struct cp_bundle_write *ask);
/* A JOIN as a file, boxed to a plan's door; written at once, and behind it what lies there (cp_beside_open). FILE_THERE, BAD_FILE, DISK_FULL, IO. */
CP_MUST_USE enum cp_err cp_bundle_write_join(struct cp_node *node, const char *path,
                                             const uint8_t plan[static CP_ID_LEN],
                                             const uint8_t door_key[static CP_KEY_LEN], struct cp_bytes join);
/* Asked before the JOIN is made and kept: would that be refused? Leaves nothing. The same errors. */
CP_MUST_USE enum cp_err cp_bundle_may_write_join(struct cp_node *node, const char *path);

/* ---- Reading (bundle_read.c) ---- */
#define CP_BUNDLE_ADMITTED_MAX 64U
struct cp_bundle_took {
    uint64_t taken, known, refused;
    uint64_t bundles;      /* in the file */
    uint64_t not_for_us;   /* of these, that no key of ours opens */
    uint64_t damaged;      /* that end too soon or hold something wrong */
    uint64_t other_plans;  /* that open, for a plan we neither hold nor wait for */
    uint64_t pieces;       /* of pictures and papers, that came */
    uint64_t unasked;      /* pictures and papers on it that nobody here asked for */
    uint64_t no_room;      /* asked for, and there is no room for the whole of it */
    enum cp_err first_bad; /* the first refusal; OK: none */
    uint8_t admitted[CP_BUNDLE_ADMITTED_MAX][CP_ID_LEN]; /* persons let in by this reading */
    uint8_t admitted_to[CP_BUNDLE_ADMITTED_MAX][CP_ID_LEN]; /* and the plan of each */
    size_t admitted_count;
};
typedef void cp_bundle_read_done(void *ctx, enum cp_err err, const struct cp_bundle_took *t);
struct cp_bundle_read_ask {
    const char *path;
    cp_bundle_read_done *done;
    cp_bundle_progress *progress; /* in bytes */
    void *ctx;
    bool in_turn; /* what was read whole need not stay in the file when we write it */
    /* or NULL: whose word about what they hold was proven, and what it was, once it is kept; borrowed */
    void (*said)(void *ctx, const uint8_t *plan, const uint8_t *machine, const struct cp_heard *heard);
};
/* Errors: BUSY, NO_MEMORY, BAD_FILE. done's errors: BAD_FILE (no bundle at all), NOT_FOR_US, and those of this disk;
 * what was taken before them stays taken. */
CP_MUST_USE enum cp_err cp_bundle_read_start(struct cp_node *node, const struct cp_bundle_read_ask *ask);

#endif
