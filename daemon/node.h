/*
 * The node: one home at work. Ties keeper, store, net and control together, and is what commands act on.
 * Owns: the parts and the sessions under way. Must not: hold rules (proto/) or SQL (store).
 *
 * One thread, one loop (loop.c). Commands come from control.c as struct cp_request and are answered once; a
 * command that must wait (sync, join, Argon2) keeps its request and answers later.
 */
#ifndef CP_NODE_H
#define CP_NODE_H

#include "daemon/keeper.h"
#include "daemon/net.h"
#include "daemon/store.h"
#include "proto/api.h"

#define COPLAN_VERSION "0.1"

struct cp_carrier;
struct cp_carry_visit;
struct cp_control_socket;
struct cp_meeting;
struct cp_finder;

#define CP_WORDINGS_KNOWN 4U
/* In how many places of a plan two wordings stand, as it was at this cp_store_changes (view_count.c). */
struct cp_wordings_known {
    uint8_t plan[CP_ID_LEN];
    bool known;
    uint64_t changes;
    size_t count;
};

struct cp_node {
    const struct cp_mem *mem;
    char home[1024];            /* the home's folder: "." in the daemon, which works in it (held.h) */
    struct cp_held *held;       /* the home's lock and its place (held.h); NULL: nothing is held */
    struct cp_keeper *keeper;
    struct cp_store *store;
    struct cp_net *net;
    struct cp_control_socket *control;
    struct cp_meeting *meetings; /* sessions under way (meet.c) */
    struct cp_finder *finder;    /* finding others on networks that are fine (finder.h) */
    char listen[256];           /* what was asked for: HOST:PORT; "" when no port is wanted */
    char bound[256];            /* what is open; "" when locked or not listening */
    bool stopping;
    bool noticed;               /* that the database was set back or copied: once an opening */
    enum cp_err fault;          /* why the home cannot be used (DAMAGED_KEY, NEWER_HOME ...); OK: it can, or is not made yet */
    uint64_t seat_seconds;             /* a shared device: a session ends after so long (seat.h); 0: never */
    uint64_t lock_seconds;             /* the whole home locks itself after so long without a command (seat.h); 0: never */
    uint64_t used_ms;                  /* when the last command came; monotonic */
    uint64_t seat_ms[CP_PERSONS_MAX];  /* when each person last did something; monotonic */
    struct cp_helper *helper;   /* the thread for Argon2 (loop_helper.c) */
    struct cp_carrier *carrier; /* copland --carrier: then there is no keeper, no store and no meeting (carrier.h) */
    struct cp_carry_visit *visit; /* a call on a carrier under way (carry.h); NULL: none */
    struct cp_wordings_known wordings[CP_WORDINGS_KNOWN]; /* of the store that is open; forgotten when it is locked */
    unsigned wordings_turn;     /* which of them is written over next */
    const struct cp_request *becoming; /* whose person is becoming another now (serve_devices.h); one at a time */
    size_t slot_at;             /* where our box was in the bundle that was read last (bundle_read.c) */
    uint64_t words_ms;          /* when it is looked at whether words go from other plans too (taken_back.h); UINT64_MAX: never */
    uint32_t words_awake;       /* and who was awake when it was looked at last, a bit for each person */
    struct cp_work *work;       /* what is done in pieces between turns (work.h); NULL: nothing */
};

/* ---- One command (control.c) ---- */
struct cp_request {
    struct cp_node *node;
    const char *name;            /* "add" */
    struct cp_api_value with;    /* the arguments object; borrowed for the request's life */
    struct cp_bytes plan_arg;    /* --plan as typed; empty when not given */
    struct cp_bytes person_arg;  /* --as as typed */
    bool has_seal;               /* a passphrase was given (or none is needed) and Argon2 has run */
    uint8_t seal[32];            /* wiped when the request ends */
    size_t person;               /* the keeper's person it is for */
    uint8_t plan[CP_ID_LEN];     /* resolved when the command's row says so */
    bool wrote;                  /* an entry into `plan`: its answer says where that is sent to nobody */
    struct cp_connection *connection; /* private */
};

/* Answers. After reply_done or reply_error the request is gone. `value` must hold one API value (cp_api_*). */
void cp_reply_row(struct cp_request *r, struct cp_bytes value);
void cp_reply_progress(struct cp_request *r, uint64_t done, uint64_t of, const char *what);
void cp_reply_done(struct cp_request *r, struct cp_bytes value /* empty: null */, int exit_status);
/* The same with a finished value and 0 or, when the buffer failed, its error. */
void cp_reply_buf(struct cp_request *r, const struct cp_buf *value);
/* args: up to 4 texts for the catalogue's sentence, NULL-terminated list may be shorter. */
void cp_reply_error(struct cp_request *r, enum cp_err err, const char *arg1, const char *arg2);
/* With reasons, each an API value (an object {"code", "args"}); for a refused freeze and such. */
void cp_reply_refused(struct cp_request *r, enum cp_err err, struct cp_bytes reasons_list);
/* True when the client hung up: the answer reaches nobody. The request must still be answered, which frees it. */
bool cp_request_gone(const struct cp_request *r);
/* A file's whole path, of the request's `key`. False: none is there, or it is not whole, or longer than one that a new file can have. */
#define CP_PATH_MAX 4000U
bool cp_request_path(const struct cp_request *r, const char *key, char out[static CP_PATH_MAX + 1]);
/* The exit status of an error: 1 for NOT_READY, NOT_GOOD; 3 for class NOW and LOCAL; else 2. */
int cp_exit_of(enum cp_err err);

/* What a command needs before its handler runs. */
enum {
    CP_NEED_UNLOCKED = 1, /* LOCKED otherwise */
    CP_NEED_PLAN = 2,     /* --plan resolved, or the only one */
    CP_NEED_PERSON = 4,   /* --as resolved, or the only one */
    CP_NEED_SEAL = 8,     /* a statement: the passphrase is asked for and Argon2 run on the helper thread first */
    CP_NEED_NO_HOME = 16, /* may run before there is a usable home (ping, stop, listen, init) */
    CP_NEED_KEY = 32,     /* with PLAN and PERSON: the identity key here is in force there; else KEY_CHANGED, KEY_UNHEARD, KEY_APART */
    CP_MAY_PLAN = 64      /* --plan resolved where it is given; else the command is about all plans */
};
struct cp_command {
    const char *name;
    unsigned needs;
    void (*serve)(struct cp_request *r);
};
/* One table per file; control.c searches them in turn. Each ends with {NULL, 0, NULL}. */
extern const struct cp_command cp_serve_home[];   /* serve_home.c: init unlock lock status daemon-status stop */
extern const struct cp_command cp_serve_plan[];   /* serve_plan.c: plan-new plan-list add set list show ... */
extern const struct cp_command cp_serve_look[];   /* serve_look.c: log digest export-data columns */
extern const struct cp_command cp_serve_agree[];  /* serve_agree.c: freeze text sign withdraw agreement ... */
extern const struct cp_command cp_serve_others[];  /* serve_others.c: witness mandate withdraw-mandate mandates */
extern const struct cp_command cp_serve_key[];     /* serve_key.c: key */
extern const struct cp_command cp_serve_persons[]; /* serve_persons.c: person-add person-idle */
extern const struct cp_command cp_serve_devices[]; /* serve_devices.c: link */
extern const struct cp_command cp_serve_revoke[];  /* serve_revoke.c: revoke-device admit */
extern const struct cp_command cp_serve_recover[]; /* serve_recover.c: recover */
extern const struct cp_command cp_serve_people[]; /* serve_people.c: invite join people */
extern const struct cp_command cp_serve_meet[];   /* serve_meet.c: peers */
extern const struct cp_command cp_serve_sync[];   /* serve_sync.c: sync */
extern const struct cp_command cp_serve_network[]; /* serve_network.c: network network-mark */
extern const struct cp_command cp_serve_bundle[]; /* serve_bundle.c: bundle-write bundle-read */
extern const struct cp_command cp_serve_carry[];   /* serve_carry.c: carry-use carry-forget carry-list carry-visit */
extern const struct cp_command cp_serve_backup[];  /* serve_backup.c: backup restore */
extern const struct cp_command cp_serve_invites[]; /* serve_invites.c: invites uninvite */
extern const struct cp_command cp_serve_leave[];   /* serve_leave.c: leave */
extern const struct cp_command cp_serve_follow[];  /* serve_follow.c: continue follow; serve_again.c: again */
extern const struct cp_command cp_serve_attach[];   /* serve_attach.c: attach attachments fetch save-attachment */
extern const struct cp_command cp_serve_check[];  /* serve_check.c: check rank common-ground match who balance review */
extern const struct cp_command cp_serve_handout[]; /* serve_handout.c: receipt receipts hand-out */
extern const struct cp_command cp_serve_private[]; /* serve_private.c: private-add private-list private-remove */

/* ---- Shared by the serve files (node.c) ---- */
uint64_t cp_node_time_ms(void);      /* wall clock: a claim, for display only */
uint64_t cp_node_monotonic_ms(void);
/* The signer for cp_store_append. */
struct cp_signer cp_node_signer(struct cp_node *node);
/* The device key of the request's person. */
const uint8_t *cp_request_device(const struct cp_request *r);
/* Writes one draft as an own entry in a transaction of its own, commits, tells open sessions (NEWS).
 * id gets the entry's id. */
CP_MUST_USE enum cp_err cp_node_write(struct cp_request *r, const struct cp_draft *draft, uint8_t id[static CP_ID_LEN]);
/* REPORTED_LOST when the request's device was, in its plan; NOT_FOUND never: one that is not in yet is told by writing. */
CP_MUST_USE enum cp_err cp_node_may_write(const struct cp_request *r);
/* Is the identity key that this home has of the request's person in force in its plan? KEY_UNHEARD: the plan never
 * named it; KEY_CHANGED: it was replaced; KEY_APART: by one of two KEYs made apart, so none is. Who is not in the plan is told so elsewhere. */
CP_MUST_USE enum cp_err cp_node_key_counts(const struct cp_request *r);
/* A statement by the person that counts whoever carries it, even a device that was reported lost. */
CP_MUST_USE enum cp_err cp_node_write_statement(struct cp_request *r, struct cp_bytes frame, uint8_t id[static CP_ID_LEN]);
/* The same for a control frame. */
CP_MUST_USE enum cp_err cp_node_write_control(struct cp_request *r, struct cp_bytes frame, uint8_t id[static CP_ID_LEN]);
/* Tells every open session that entries of this plan arrived by another way, and renews ZAP's table. */
void cp_node_news(struct cp_node *node, const uint8_t plan[static CP_ID_LEN]);
/* The name shown for a person of a plan (their PERSON register, else the JOIN's), appended. */
CP_MUST_USE enum cp_err cp_node_name(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                     const uint8_t person[static CP_ID_LEN], struct cp_buf *out);
/* After unlock: hands keys to store and net, opens the port. After lock: the reverse. */
CP_MUST_USE enum cp_err cp_node_unlocked(struct cp_node *node);
void cp_node_lock(struct cp_node *node);

/* ---- Record ids as typed (node_ids.c) ---- */
/* Does this id begin with the typed digits (6 or more, any case)? */
bool cp_id_begins(const uint8_t id[static CP_ID_LEN], struct cp_bytes typed);
/* An item, note, view or entry by a unique beginning of 6 or more hex digits. NOT_FOUND, AMBIGUOUS, USAGE. */
CP_MUST_USE enum cp_err cp_node_find_entry(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                           struct cp_bytes typed, uint8_t id[static CP_ID_LEN]);
/* A person, with a key or without: id beginning, or an exact shown name that only one person has. */
CP_MUST_USE enum cp_err cp_node_find_person(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                            struct cp_bytes typed, uint8_t id[static CP_ID_LEN]);
/* People without a key: items of kind someone, in (lamport, id) order. visit returns false to stop. */
struct cp_someone {
    uint8_t id[CP_ID_LEN];
    struct cp_bytes name; /* of two wordings the first; valid during the call */
    bool aside;           /* set aside: still named where they stand, no longer found by name */
};
typedef bool cp_someone_visit(void *ctx, const struct cp_someone *who);
CP_MUST_USE enum cp_err cp_node_someones(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                         cp_someone_visit *visit, void *ctx);
/* A version id (SHA-256) by a unique beginning. */
CP_MUST_USE enum cp_err cp_node_find_version(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                                             struct cp_bytes typed, uint8_t id[static CP_ID_LEN]);

/* ---- Meetings (meet.c): sessions over the net ---- */
struct cp_meet_row { /* one per peer and plan, as `sync` shows */
    uint8_t peer[CP_KEY_LEN];
    struct cp_report report;
    uint64_t bytes_out, bytes_in;
    uint64_t pieces; /* of pictures, fetched here */
    bool cut;        /* the link broke before all was through, of this plan or another */
    bool apart;      /* our log says that the peer is in this plan, and it does not exchange it with us; no report then */
};
/* Calls an address (server key NULL: the one last seen there, then each standing machine) and runs one session;
 * done is called once, with what was exchanged in rows (none: count 0; each says how far its plan came) and why it ended.
 * join: an invitation to deliver first. */
typedef void cp_meet_done(void *ctx, enum cp_err err, const struct cp_meet_row *rows, size_t count);
CP_MUST_USE enum cp_err cp_node_meet(struct cp_node *node, const char *address, const uint8_t *server_key, bool stay,
                                     const struct cp_invitation *invitation, struct cp_bytes join, cp_meet_done *done,
                                     void *ctx);
/* Ends every session (lock, sync --leave). */
void cp_node_part(struct cp_node *node);

/* What loop.c and node.c call in meet.c. */
CP_MUST_USE enum cp_err cp_meet_open(struct cp_node *node); /* at start: makes node->net and node->meetings */
void cp_meet_close(struct cp_node *node);                   /* at the end, before the store closes; NULLs are fine */
uint64_t cp_meet_deadline_ms(struct cp_node *node);         /* monotonic; UINT64_MAX: never */
void cp_meet_tick(struct cp_node *node, uint64_t now_ms);
/* Entries of this plan arrived by another way: CP_EVENT_NEWS to every session, ZAP's table renewed. */
void cp_meet_news(struct cp_node *node, const uint8_t plan[static CP_ID_LEN]);
/* Pieces of pictures may be wanted that were not before: every session looks. */
void cp_meet_wishes(struct cp_node *node);
/* Entries of the plan that other machines were seen to hold and we still lack, as far as this run knows. */
uint64_t cp_meet_missing(struct cp_node *node, const uint8_t plan[static CP_ID_LEN]);

#endif
