/*
 * What the files of the session share. Nobody else includes this.
 *
 *   session.c        life, events, leaving, deadlines
 *   session_greet.c  the caller: HELLO, what WELCOME says, offers, knocking
 *   session_called.c the called side: WELCOME, offers, the invitation
 *   session_tips.c   tips: snapshots, groups, lists, digests
 *   session_plan.c   one exchange of one plan: open, compare, finish
 *   session_fork.c   forked chains: ASK, TAGS, WANT
 *   session_done.c   how an exchange ended: the merged digest
 *   session_flow.c   what is sent next: chunks, acknowledgements, ends
 *   session_take.c   the peer's chunks: in which order they are stored, and what is asked for again
 *   session_fetch.c  pieces of attachments, once the words are settled
 *   session_names.c  what both sides hold, for chunks in form 1
 */
#ifndef CP_SESSION_INTERNAL_H
#define CP_SESSION_INTERNAL_H

#include "proto/attachment.h"
#include "proto/compact.h"
#include "proto/wire.h"

enum {
    CP_SESSION_TIPS_TAKEN_MAX = 1000000, /* of the peer, in one exchange of all plans: 32 MB */
    CP_SESSION_USELESS_MAX = 256,        /* chunks without anything new: forks may bring some */
    CP_SESSION_IDLE_MS = 30000
};

/* One of our own tips, or of the base. Sorted by (tag, seq, hash). */
struct tip {
    uint8_t tag[CP_TAG_LEN];
    uint8_t hash[CP_TIP_HASH_LEN];
    bool own; /* a chain that this machine writes now */
    uint64_t seq;
    uint64_t chain;
    uint8_t id[CP_ID_LEN];
};
struct tips {
    struct tip *list;
    size_t count;
    uint64_t row_end; /* beyond the row of the last that had arrived when they were read; 0: none */
};
struct wire_tips {
    struct cp_wire_tip *list;
    size_t count, cap;
};

/* The tips of one chain tag: ours, and what the peer holds as far as it showed. Normally one of each. Two chains
 * whose tags collide are one group and are treated as branches. */
struct group {
    const struct tip *own;
    size_t own_count;
    const struct cp_wire_tip *listed; /* what the peer listed; seq 0: nothing held */
    size_t listed_count;
    const struct tip *base;           /* what it holds when it listed nothing */
    size_t base_count;
};
struct groups { /* walks three sorted lists at once */
    const struct tips *own, *base;
    const struct wire_tips *listed;
    size_t own_at, base_at, listed_at;
};
/* The peer's tips of a group. */
size_t group_peer_count(const struct group *g);
void group_peer_at(const struct group *g, size_t i, uint64_t *seq, const uint8_t **hash);
/* How two sorted lists of a group relate. */
struct group_match {
    bool same;
    uint64_t own_max, peer_max;
    uint64_t unmatched_min; /* lowest seq of a tip that only one side shows; UINT64_MAX: none */
};
struct group_match group_match(const struct group *g);
const uint8_t *group_tag(const struct group *g);

enum plan_state {
    PLAN_GREETED, /* caller: listed in HELLO; called: listed by the caller, unknown here */
    PLAN_OFFERED, /* we offered it; the peer may begin an exchange */
    PLAN_QUIET,   /* no exchange under way */
    PLAN_ROUND,   /* an exchange is under way */
    PLAN_OVER     /* not shared, or not taken further */
};

struct fork {
    enum cp_class class;
    uint8_t tag[CP_TAG_LEN];
    uint64_t below; /* next ASK; 0 before the first */
    uint64_t own_max, peer_max, unmatched_min;
    bool need_send, need_want, asked;
};

struct rows {
    uint64_t *list;
    size_t count, cap, at;
};
struct ranges {
    struct cp_range *list;
    size_t count, cap;
};

/* The chains that chunks of one direction may name, in the order that both sides count them in: those that the
 * called side listed (later exchanges: the base), control first, ascending by tag; then each that a chunk brought. */
struct name {
    uint8_t tag[CP_TAG_LEN];
    enum cp_class class;
    uint64_t chain; /* our own number; UINT64_MAX: not known yet, or not clear */
    uint64_t held;  /* both sides hold it up to here, as both work it out; 0: cannot be told */
    bool forked;    /* as only this side may know: not used for packing */
};
struct name_order {
    uint64_t chain;
    size_t name;
};
struct names {
    struct name *list;
    struct name_order *order; /* by chain: for packing */
    size_t count, cap, order_count, order_cap;
    bool made;
};

struct plan {
    uint8_t id[CP_ID_LEN];
    uint8_t tag[CP_TAG_LEN];
    enum plan_state state;
    bool held;        /* false: awaited, and nothing is here that the peer may be shown */
    bool offer_due, decline_due, report_due;
    bool dirty;       /* news came while an exchange was under way, or before its report was told */
    struct cp_wire_digests digests;  /* ours, as greeted */
    struct cp_wire_digests expected; /* the peer's for the same tips */

    /* One exchange. */
    uint64_t exchange;        /* which */
    bool by_welcome;          /* WELCOME began it */
    struct names names[2];    /* of our chunks, of the peer's */
    struct tips own[2];
    struct wire_tips peer[2];
    struct tips base[2];      /* both sides hold these: what an unlisted chain means */
    bool base_is_own[2];      /* the same, without a copy: an unlisted chain equals ours */
    bool base_known;          /* an exchange ended with equal digests: `base` is what both hold */
    struct tips merged[2];    /* of the exchange: the base to be */
    struct wire_tips listing; /* to be sent: control first */
    size_t listing_split, listing_at;
    bool listing_due;
    bool answers_listing;     /* caller, first exchange: our list is what differs from the peer's */
    bool peer_tips_begun, peer_tips_known;
    bool evaluated, uncertain, peer_ready, ready_due, rows_final;
    bool pushed;              /* own entries went out before the peer's tips were known */
    bool sent, peer_sent, done_sent, peer_done;
    struct fork *forks;
    size_t forks_count, forks_cap, forks_at;
    bool want_due;
    uint64_t want_after;
    struct fork want;
    size_t wants_taken;
    uint64_t levels_told;
    struct ranges ranges[2];
    struct rows rows[2];
    size_t storing;           /* chunks taken, not stored yet */
    uint8_t own_digest[CP_ID_LEN], expected_digest[CP_ID_LEN], peer_digest[CP_ID_LEN];
    bool peer_has_digest;
    uint64_t missing, wanted, peer_missing, peer_wanted;
    uint64_t to_come; /* entries that the peer's tips say we lack: for people to see how far we are */
    bool partial; /* words were wanted when our tips were read: they show only what came before */
    struct cp_report report;
};

enum session_phase {
    PHASE_NEW,
    PHASE_GREETED,  /* caller: HELLO or JOIN is out */
    PHASE_LISTENING,/* called: nothing came yet */
    PHASE_MEETING,
    PHASE_JUDGING,  /* called, INVITE: the daemon judges the JOIN */
    PHASE_JUDGED,   /* called, INVITE: JOINED is out */
    PHASE_ENDING,
    PHASE_ENDED
};

struct outgoing_chunk {
    size_t plan;
    size_t entries;
    uint64_t exchange;
    enum cp_class class;
    size_t at;     /* of its first row */
    bool compact;  /* form 1, and not asked for again yet */
};
struct incoming_chunk {
    struct cp_buf payload;
    size_t plan;
    enum cp_class class;
    unsigned depth;
    unsigned form;
};

/* Pieces of attachments: asked for one by one, answered in order. */
struct fetch_asked {
    size_t plan;
    struct cp_piece_want want;
};
struct fetch_owed {
    size_t plan;
    uint64_t number;
    uint8_t id[CP_ID_LEN];
};
struct fetch {
    bool on;         /* both sides know pieces */
    bool peer_wants; /* as it greeted */
    bool met;        /* an exchange took place: there may be new wishes since the greeting */
    bool dry;        /* every plan was looked through: nothing more is wanted, or there is no room */
    size_t plan;     /* where to look next */
    struct cp_piece_place from;
    struct fetch_asked asked[CP_PIECES_IN_FLIGHT];
    size_t asked_first, asked_count;
    size_t keeping;  /* PIECE actions that are not answered */
    struct fetch_owed owed[CP_PIECES_IN_FLIGHT];
    size_t owed_first, owed_count;
    bool enough_sent, enough_got;
};

struct cp_session {
    const struct cp_replica *replica;
    const struct cp_mem *mem;
    struct cp_session_config config;
    uint8_t *join;
    enum session_phase phase;
    struct cp_actions *out; /* of the step under way */
    bool more;              /* something did not fit */
    struct cp_buf sends[CP_ACTIONS_MAX]; /* what the actions of the last step point to */
    size_t sends_count;
    uint64_t now_ms, heard_ms;
    struct cp_session_totals totals;
    bool peer_stays;
    uint8_t peer_incarnation[CP_INCARNATION_LEN];
    uint8_t greeting[CP_ID_LEN]; /* hash of HELLO: keys the tip hashes */
    struct plan *plans;
    size_t plans_count;
    size_t greeted_count; /* of these stood in HELLO */
    uint8_t (*beyond)[CP_ID_LEN]; /* caller: all plans in common; from beyond_from on they found no place */
    size_t beyond_from, beyond_count;
    enum cp_err joined; /* called, INVITE: what the daemon said */
    uint64_t tips_taken;
    bool differs; /* digests differed though nobody missed anything */
    /* Our chunks. */
    uint64_t chunk_sent, chunk_acked;
    struct outgoing_chunk flight[CP_CHUNKS_IN_FLIGHT];
    /* The peer's. */
    uint64_t chunk_taken, chunk_given, chunk_stored, ack_sent; /* given: to be stored */
    struct incoming_chunk in[CP_CHUNKS_IN_FLIGHT];
    bool given_compact; /* the last one given was rebuilt */
    bool again_asked;   /* chunk_given + 1 was asked for in full */
    bool peer_compact;  /* the peer takes form 1 */
    size_t useless;
    struct fetch fetch;
    /* The end. */
    enum cp_err end_err;
    bool bye_due;
    enum cp_err bye_word;
};

/* ---- session.c ---- */
void session_fail(struct cp_session *s, enum cp_err err);              /* the peer's doing or ours; says goodbye */
void session_leave(struct cp_session *s, enum cp_err err);             /* ends; goodbye with OK */
bool session_going(const struct cp_session *s);                        /* false once it is ending */
struct cp_buf *session_message(struct cp_session *s);                  /* a message to fill; then session_send */
void session_send(struct cp_session *s, struct cp_buf *b);
bool session_room(struct cp_session *s);                               /* true when further actions fit */
struct cp_action *session_action(struct cp_session *s, enum cp_action_type type);
/* Tells how the plan's exchange went; there is room for it. */
void session_report(struct cp_session *s, struct plan *p);
bool session_both_stay(const struct cp_session *s);

/* ---- session_greet.c: the caller, and what both share ---- */
void greet_start(struct cp_session *s);
void greet_take_welcome(struct cp_session *s, struct cp_wire *m);
void greet_offer(struct cp_session *s, struct plan *p);
void greet_plan_tag(const uint8_t *plan, const uint8_t *caller, uint8_t *out);
void greet_hash(struct cp_session *s, struct cp_bytes hello);
void greet_proof(const struct cp_session *s, const uint8_t *key, uint8_t *out);
enum cp_err greet_snapshot(struct cp_session *s, struct plan *p); /* own tips, digests, wanted */
struct plan *greet_plan_add(struct cp_session *s, const uint8_t *id, bool held);
enum cp_err greet_plans_room(struct cp_session *s, size_t count);
enum cp_err greet_offer_wanted(struct cp_session *s, const struct cp_wire_offer *o, bool *take);

/* ---- session_called.c ---- */
void called_first(struct cp_session *s, struct cp_bytes message, struct cp_wire *m);
void called_joined(struct cp_session *s, enum cp_err result);
void called_take_offer(struct cp_session *s, struct cp_wire *m);

/* ---- session_tips.c ---- */
void tip_hash(const struct cp_session *s, const uint8_t *id, uint8_t out[static CP_TIP_HASH_LEN]);
/* Reads our tips of a class, with the digests that we and the peer make of them (both NULL: not asked for). */
enum cp_err tips_load(struct cp_session *s, const struct plan *p, enum cp_class class, struct tips *out,
                      struct cp_wire_digests *own, struct cp_wire_digests *peer);
void tips_rehash(const struct cp_session *s, struct tips *t); /* after the greeting is known */
void tips_clear(struct cp_session *s, struct tips *t);
bool groups_next(struct groups *it, struct group *g);
struct groups plan_groups(const struct plan *p, enum cp_class class);
/* The group of one tag among our own tips; false when we hold no such chain. */
bool tips_find(const struct tips *t, const uint8_t *tag, struct group *g);
/* The distinct chain numbers of a group, at most 8. */
size_t group_chains(const struct group *g, uint64_t out[static 8]);
/* Ids held at a place of the group's chains; *ids is allocated. */
enum cp_err group_ids_at(struct cp_session *s, const struct plan *p, const struct group *g, uint64_t seq,
                         uint8_t (**ids)[CP_ID_LEN], size_t *count);
/* True when a tip of the peer is held. `id` (may be NULL) gets its id. */
enum cp_err group_held(struct cp_session *s, const struct plan *p, const struct group *g, uint64_t seq,
                       const uint8_t *hash, bool *held, uint8_t *id);
enum cp_err listing_add(struct cp_session *s, struct plan *p, const struct cp_wire_tip *tip);
enum cp_err tips_take(struct cp_session *s, struct plan *p, enum cp_class class, struct cp_cursor *c);

/* ---- session_plan.c ---- */
void plan_reset(struct cp_session *s, struct plan *p); /* forgets the last exchange; keeps the base */
void plan_clear(struct cp_session *s, struct plan *p);
void plan_open(struct cp_session *s, struct plan *p, bool answering); /* begins an exchange, or joins in one */
enum cp_err plan_list(struct cp_session *s, struct plan *p, const bool whole[2]); /* whole: every tip of the class */
void plan_take_tips(struct cp_session *s, struct plan *p, struct cp_wire *m);
void plan_tips_known(struct cp_session *s, struct plan *p);
/* Everything of the group's chains beyond `after`; once: no other range can name them yet. */
enum cp_err plan_range(struct cp_session *s, struct plan *p, enum cp_class class, const struct group *g,
                       uint64_t after, bool once);
void plan_rows(struct cp_session *s, struct plan *p);        /* turns the ranges into rows */
void plan_try_rows(struct cp_session *s, struct plan *p);    /* when both sides are ready */
uint64_t plan_row_end(const struct plan *p);                 /* rows from here on are not part of this exchange */
/* Ends the session when the peer is no member of the plan, or when that cannot be read. */
bool session_with_member(struct cp_session *s, const struct plan *p);
void plan_news(struct cp_session *s, struct plan *p);

/* ---- session_done.c ---- */
void plan_done(struct cp_session *s, struct plan *p);        /* computes and sends DONE */
void plan_try_finish(struct cp_session *s, struct plan *p);
void plan_settle_equal(struct cp_session *s, struct plan *p, bool wanted); /* the greetings agreed */
bool plan_settled(const struct plan *p);

/* ---- session_fork.c ---- */
enum cp_err fork_add(struct cp_session *s, struct plan *p, enum cp_class class, const struct group *g,
                     const struct group_match *match);
void fork_pump(struct cp_session *s, struct plan *p, size_t index);
void fork_asked(struct cp_session *s, struct plan *p, const struct cp_wire *m);
void fork_tags(struct cp_session *s, struct plan *p, struct cp_wire *m);
void fork_want(struct cp_session *s, struct plan *p, const struct cp_wire *m);

/* ---- session_take.c ---- */
void take_chunk(struct cp_session *s, struct plan *p, size_t index, const struct cp_wire *m);
void take_stored(struct cp_session *s, const struct cp_event *e);
void take_clear(struct cp_session *s);

/* ---- session_names.c ---- */
/* depth: of the chunk. WRONG_PLAN: the plan does not go back so far, as far as we know. */
enum cp_err names_pack(struct cp_session *s, struct plan *p, enum cp_class class, unsigned depth, struct cp_bytes full,
                       struct cp_buf *out, bool *packed);
enum cp_err names_unpack(struct cp_session *s, struct plan *p, enum cp_class class, unsigned depth,
                         struct cp_bytes compact, struct cp_buf *full);
void names_clear(struct cp_session *s, struct names *n);

/* ---- session_flow.c ---- */
void flow_again(struct cp_session *s, const struct cp_wire *m);
void flow_ack(struct cp_session *s, const struct cp_wire *m);
void flow_pump(struct cp_session *s);
bool flow_all_settled(const struct cp_session *s);

/* ---- session_fetch.c ---- */
unsigned fetch_flags(struct cp_session *s);                  /* of our greeting */
void fetch_greeted(struct cp_session *s, unsigned flags);    /* the peer's */
void fetch_again(struct cp_session *s);                      /* looks through all plans anew */
void fetch_take(struct cp_session *s, const struct cp_wire *m); /* FETCH, PIECE, ENOUGH */
void fetch_kept(struct cp_session *s, enum cp_err result);
void fetch_pump(struct cp_session *s);
bool fetch_waits(const struct cp_session *s);                /* for a piece of the peer's */
bool fetch_over(struct cp_session *s);                       /* the caller: may it say goodbye? */

#endif
