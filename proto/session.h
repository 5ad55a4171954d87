/*
 * The meeting of two machines (design 6 steps 1 to 5): a state machine, event in, actions out.
 * Owns: who says what next, what "in sync" means, and the bounds of one session. Must not: do I/O, read a
 * clock, keep anything that outlives the session.
 *
 * The core reads what is held through struct cp_replica (pure look-ups, no waiting) and asks for everything
 * else by actions. docs/protocol-session.md has the messages and the states.
 */
#ifndef CP_SESSION_H
#define CP_SESSION_H

#include "proto/chunk.h"
#include "proto/member.h"

/* The last entry held of one branch of a chain. */
struct cp_tip {
    uint64_t chain;              /* the replica's own number for the chain */
    uint8_t chain_tag[8];        /* H(CHAIN_TAG, plan written in | device | incarnation | class), 8 bytes */
    uint8_t device[CP_KEY_LEN];
    uint8_t incarnation[CP_INCARNATION_LEN];
    uint64_t seq;
    uint8_t id[CP_ID_LEN];
    uint64_t row;                /* its place in order of arrival */
};
/* Entries of one chain with seq > after. */
struct cp_range {
    uint64_t chain;
    uint64_t after;
};

/*
 * Pieces of attachments (attachment.h): what is wanted here, and what can be given. Look-ups as those of struct cp_replica.
 * A place is where to look from; zeros: from the beginning. Attachments come in the order of (lamport, row).
 */
struct cp_piece_place {
    uint64_t lamport, row;
    uint64_t number; /* this one or a later; CP_INT_MAX: of none but the attachments that follow */
};
struct cp_piece_want {
    struct cp_piece_place place; /* its own: number is the piece's */
    uint8_t id[CP_ID_LEN];       /* of the ATTACHMENT entry */
    size_t len;                  /* and what it must be: its length */
    uint8_t hash[CP_ID_LEN];     /* and its hash */
};
struct cp_pieces {
    void *ctx;
    /* Is anything wanted, in any plan? */
    enum cp_err (*any)(void *ctx, bool *yes);
    /* The next that is wanted in a plan: asked for by somebody here, its entry neither void nor withdrawn, and room for it. */
    enum cp_err (*next)(void *ctx, const uint8_t plan[CP_ID_LEN], const struct cp_piece_place *from,
                        struct cp_piece_want *out, bool *found);
    /* Appends a piece that may be given: held, and its entry in the plan neither void nor withdrawn. */
    enum cp_err (*read)(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t id[CP_ID_LEN], uint64_t number,
                        struct cp_buf *out, bool *found);
};

/*
 * What is held, as look-ups. All arrays returned are allocated with `mem` and freed by the caller with cp_free.
 * Every function returns an error of class LOCAL or NOW when the store cannot be read; the session then ends.
 */
struct cp_replica {
    void *ctx;
    const struct cp_mem *mem;
    /* Plans that we hold and of which the machine with this CURVE key holds a standing device. */
    enum cp_err (*plans)(void *ctx, const uint8_t peer[CP_KEY_LEN], uint8_t (**plans)[CP_ID_LEN], size_t *count);
    /* Do we wait for this plan (a JOIN of ours is under way) and not hold it yet? */
    enum cp_err (*awaits)(void *ctx, const uint8_t plan[CP_ID_LEN], bool *yes);
    /*
     * NULL where there are no continuations. A plan was offered whose first entry is by this device and has this frame; its
     * bytes are proven. Asked also for one that we wait for, since it says which plans it goes back to; of others only where
     * the peer is a member of the plan that is carried on. *take: we wait for it, or it carries on a plan of ours for somebody here.
     */
    enum cp_err (*offered)(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t device[CP_KEY_LEN],
                           struct cp_bytes frame, bool *take);
    /* NULL likewise. The plan at this depth of a plan's line: 0 is itself. */
    enum cp_err (*origin)(void *ctx, const uint8_t plan[CP_ID_LEN], unsigned depth, uint8_t out[CP_ID_LEN], bool *found);
    /* Tips of a class, sorted by (device, incarnation, seq, id). A forked chain has several. While entries are wanted:
     * of what arrived before the first of them, and of a run that is whole. So with ids_at. */
    enum cp_err (*tips)(void *ctx, const uint8_t plan[CP_ID_LEN], enum cp_class class, struct cp_tip **tips,
                        size_t *count);
    /* Ids of the entries held at this place of a chain (several in a fork); at most 16 are given. */
    enum cp_err (*ids_at)(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t chain, uint64_t seq,
                          uint8_t (**ids)[CP_ID_LEN], size_t *count);
    /* Rows of the class in order of arrival, of the ranges. after 0 = the whole chain. */
    enum cp_err (*rows)(void *ctx, const uint8_t plan[CP_ID_LEN], enum cp_class class, const struct cp_range *ranges,
                        size_t ranges_count, uint64_t **rows, size_t *count);
    struct cp_entry_source source;
    /* Where an entry of the plan lies. */
    enum cp_err (*place_of)(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t id[CP_ID_LEN], struct cp_place *out,
                            bool *found);
    /* The entry at this place of a chain; not found when there is none or, in a fork, more than one. */
    enum cp_err (*place_at)(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t chain, uint64_t seq,
                            struct cp_place *out, bool *found);
    /* How many entries of the plan are "wanted" (words damaged). */
    enum cp_err (*wanted)(void *ctx, const uint8_t plan[CP_ID_LEN], uint64_t *count);
    /* The first entry of a plan, for an offer. */
    enum cp_err (*first)(void *ctx, const uint8_t plan[CP_ID_LEN], struct cp_outgoing *out);
    /* Does the machine key belong to a standing device of the plan? Of one that we wait for: of the plan that it carries on.
     * Of a plan that is not held: no. */
    enum cp_err (*is_member)(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t peer[CP_KEY_LEN], bool *yes);
    /* Keys derived from the plan's secrets, newest first: DOOR_PROOF_KEY. At most 16. */
    enum cp_err (*proof_keys)(void *ctx, const uint8_t plan[CP_ID_LEN], uint8_t (**keys)[CP_KEY_LEN],
                              size_t *count);
    const struct cp_pieces *pieces; /* NULL where there are no attachments; has a ctx of its own */
};

/* How the caller was let in: under which sort of key of ZAP's table (design 6). */
enum cp_door {
    CP_DOOR_MEMBER, /* its own machine key */
    CP_DOOR_INVITE, /* an invitation key: may deliver one JOIN and take the answer */
    CP_DOOR_KNOCK   /* a plan's door key: may only hand over control entries and is given nothing */
};

struct cp_session_config {
    bool caller;               /* we called; false: we were called */
    enum cp_door door;
    bool stay;                 /* keep open and push (both sides say so in the greeting) */
    bool must_prove;           /* caller: the server key is not one that our log names as a standing machine's:
                                  the called side must show that it is a member before anything is handed over */
    uint8_t own_key[CP_KEY_LEN];   /* our machine's CURVE key; caller, INVITE and KNOCK: the public half of the
                                      key that the call is made with, since a door proof covers both ends' keys */
    uint8_t peer_key[CP_KEY_LEN];  /* the other's, as CURVE proved it; for INVITE and KNOCK on the called side:
                                      the key that was used */
    uint8_t own_incarnation[CP_INCARNATION_LEN];
    uint8_t plan[CP_ID_LEN];   /* INVITE and KNOCK: the plan that the key belongs to */
    struct cp_bytes join;      /* caller, INVITE: the join array to deliver; copied */
    const struct cp_mem *mem;  /* for all that the session holds, so that its owner may bound it; NULL: the replica's */
    /* Caller, or NULL: puts the plans in common into the order in which they are listed. Asked only when there are more than one session
     * takes; those behind are reported with no_place. */
    void (*in_turn)(void *ctx, uint8_t (*plans)[CP_ID_LEN], size_t count);
    void *in_turn_ctx;
    bool full_only;            /* chunks travel in form 0 alone, as with peers that know no other */
    uint64_t now_ms;           /* monotonic */
    uint64_t idle_ms;          /* end with TIMED_OUT after so long without a message while waiting; 0: 30,000 */
};

enum cp_event_type {
    CP_EVENT_START,   /* first of all */
    CP_EVENT_MESSAGE, /* bytes from the peer */
    CP_EVENT_STORED,  /* the daemon finished a STORE action */
    CP_EVENT_JOINED,  /* the daemon judged a JOIN action */
    CP_EVENT_KEPT,    /* the daemon finished a PIECE action */
    CP_EVENT_WISHES,  /* pieces may be wanted that were not before, or there is room again */
    CP_EVENT_NEWS,    /* entries entered the store by another way (own edits, another session): told before any other event,
                         since what is sent next rests on knowing whether words may have gone that the other did not see go */
    CP_EVENT_TICK,    /* time passed cp_session_deadline_ms() */
    CP_EVENT_CLOSE    /* we want to leave: say goodbye and end */
};
struct cp_event {
    enum cp_event_type type;
    uint64_t now_ms;
    struct cp_bytes message;          /* MESSAGE; borrowed */
    uint64_t store_id;                /* STORED: the action's number */
    enum cp_err result;               /* STORED, JOINED, KEPT: how it went. KEPT: NOT_FOUND (taken back meanwhile) and
                                         PICTURES_FULL end no session */
    size_t stored;                    /* STORED: entries that were new */
    uint8_t plan[CP_ID_LEN];          /* NEWS */
};

enum cp_action_type {
    CP_ACTION_SEND,   /* bytes to the peer */
    CP_ACTION_STORE,  /* store this chunk in one transaction, then CP_EVENT_STORED with store_id */
    CP_ACTION_JOIN,   /* called side, INVITE: judge this JOIN and admit, then CP_EVENT_JOINED */
    CP_ACTION_PIECE,  /* keep this piece, which is the one that was wanted, then CP_EVENT_KEPT; in the order given */
    CP_ACTION_REPORT, /* a plan's exchange ended: see struct cp_report */
    CP_ACTION_END     /* the session is over, for `err` (OK: as it should); nothing more will come */
};
/* How the exchange of one plan went. */
struct cp_report {
    uint8_t plan[CP_ID_LEN];
    bool in_sync;        /* both digests equal, nothing wanted on either side: proven at this moment */
    uint64_t sent;       /* entries the other acknowledged */
    uint64_t received;   /* entries that were new to us */
    uint64_t missing;    /* entries the other's tips show and we still lack (0 when in sync) */
    uint64_t round_trips;/* before the first chunk, and all when there was none */
    bool more;           /* entries came in by another way meanwhile: more is held now than was compared */
    bool no_place;       /* caller: more plans are in common than one session takes, and nothing was said of this one */
    uint8_t incarnation[CP_INCARNATION_LEN]; /* the other's: what is believed of it holds for that one */
};
struct cp_action {
    enum cp_action_type type;
    struct cp_bytes bytes;      /* SEND, JOIN (join array), STORE (payload), PIECE: valid until the next step */
    uint64_t store_id;
    uint8_t plan[CP_ID_LEN];    /* STORE, JOIN, PIECE */
    uint8_t id[CP_ID_LEN];      /* PIECE: the ATTACHMENT entry */
    uint64_t number;            /* PIECE */
    unsigned form;              /* STORE: always CP_CHUNK_FORM_FULL; what came in form 1 was rebuilt */
    unsigned depth;             /* STORE: written in this plan (0) or in which one before it */
    bool control_only;          /* STORE: refuse content (a KNOCK) */
    struct cp_report report;    /* REPORT */
    enum cp_err err;            /* END */
};
#define CP_ACTIONS_MAX 64U
struct cp_actions {
    struct cp_action list[CP_ACTIONS_MAX];
    size_t count;
};

struct cp_session;

/* NULL when out of memory. The replica is borrowed for the session's life. */
struct cp_session *cp_session_new(const struct cp_replica *replica, const struct cp_session_config *config);
void cp_session_free(struct cp_session *s);
/*
 * One event in, actions out (bounded by CP_ACTIONS_MAX; what does not fit comes with the next step: the
 * session then asks for a TICK at once). Actions' bytes are the session's, valid until the next call.
 * Bytes from the peer can never reach an assert, and memory is bounded by CP_CHUNKS_IN_FLIGHT chunks, one
 * message and a few copies of the tips (72 bytes for each of ours, of the base and of the merge, 32 for each of
 * the peer's and of the list sent; 40 for each chain that chunks may name), and while a chunk is packed or rebuilt its
 * forms and zstd's context beside it. After CP_ACTION_END only cp_session_free may follow.
 */
void cp_session_step(struct cp_session *s, const struct cp_event *event, struct cp_actions *out);
/* When to send CP_EVENT_TICK; UINT64_MAX: never. */
uint64_t cp_session_deadline_ms(const struct cp_session *s);
/* For `sync` rows and `status`: bytes of payload handed over, both ways. */
struct cp_session_totals {
    uint64_t bytes_out, bytes_in, messages_out, messages_in;
    uint64_t pieces_out, pieces_in; /* given; kept here */
};
struct cp_session_totals cp_session_totals(const struct cp_session *s);
/*
 * How far the exchanges under way are: entries that went either way, of those known to have to (0: not known yet). What is to
 * come is what the other's tips say: for people, nothing may rest on it. Of never less than done.
 */
struct cp_session_progress {
    uint64_t done, of;
};
struct cp_session_progress cp_session_progress(const struct cp_session *s);
/* True once the other said that it stays too (only then are pushes sent). */
bool cp_session_stays(const struct cp_session *s);
/* Is an exchange under way, or a piece asked for that has not come? A link that breaks then breaks something off. */
bool cp_session_unfinished(const struct cp_session *s);
/* Whether this plan is exchanged here: both hold it, and each is in it by the other's log. False too for one that was offered and
 * not taken up yet, and before WELCOME. */
bool cp_session_shares(const struct cp_session *s, const uint8_t plan[static CP_ID_LEN]);
/* A word for traces. */
const char *cp_session_state_word(const struct cp_session *s);

/* The digest of a class's tips as `sender` computes it (16 bytes). */
void cp_tips_digest(const uint8_t plan[static CP_ID_LEN], const uint8_t sender[static CP_KEY_LEN],
                    const struct cp_tip *tips, size_t count, uint8_t out[static 16]);
void cp_chain_tag(const uint8_t plan_written_in[static CP_ID_LEN], const uint8_t device[static CP_KEY_LEN],
                  const uint8_t incarnation[static CP_INCARNATION_LEN], enum cp_class class, uint8_t out[static 8]);

#endif
