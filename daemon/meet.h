/*
 * Meetings: sessions of the core over connections of the net. Private to meet*.c and the serve files; what the
 * loop and the node need is in node.h.
 * Owns: the sessions under way, ZAP's table, and what is remembered of other machines. Must not: hold rules of
 * sessions (proto/session.h) or of joining (proto/member.h).
 */
#ifndef CP_MEET_H
#define CP_MEET_H

#include "daemon/node.h"
#include "daemon/quota.h"

#define CP_MEET_STAY_MAX  8U    /* open sessions that push */
#define CP_MEET_GUESTS_MAX 8U   /* lines at once under one door or invitation key, which several may hold */
#define CP_MEET_CALLS_MAX 16U   /* calls at once: a sync with everybody takes the rest in turn */
/* What sessions hold: four chunks, and some 250 bytes for each chain: 3 MB of the largest plan that we promise to be fast at. */
#define CP_MEET_SESSION_BYTES  (32U * 1024U * 1024U)
#define CP_MEET_SESSIONS_BYTES (48U * 1024U * 1024U) /* all together; beyond it who holds most for nothing goes */
#define CP_MEET_USELESS_MS     3000U
#define CP_MEET_CALL_MS   5000U /* to be connected */
#define CP_MEET_KEPT_MS   60000U /* a kept line that another stands in for is looked at again */
#define CP_MEET_SETTLED_MS \
    1000U /* of quiet, after which `sync --stay` answers for plans that came to no verdict */
#define CP_MEET_PLACES_MAX  256U  /* addresses remembered, the oldest forgotten first */
#define CP_MEET_REPORTS_MAX 4096U /* (plan, machine) pairs remembered, the oldest forgotten first */
#define CP_MEET_REFUSED_MAX 1024U /* (machine, code) pairs counted */

/* As whom a caller calls, and so what it is there for. */
enum cp_meet_as {
    CP_MEET_MEMBER, /* under the own machine key: an ordinary session */
    CP_MEET_KNOCK,  /* under a door key: hands over control entries */
    CP_MEET_INVITED /* under an invitation key: hands over a JOIN */
};

struct cp_meet_door {
    uint8_t key[CP_KEY_LEN];
    struct cp_welcome welcome;
};
struct cp_meet_knock {
    uint8_t plan[CP_ID_LEN];
    uint8_t secret[CP_KEY_LEN];
};

/* One meeting: a session, and for a caller the calls that lead to it. */
struct cp_meet {
    struct cp_meet *next;
    struct cp_meeting *all;
    struct cp_peer *peer;       /* NULL between two calls */
    struct cp_session *session; /* NULL until connected */
    struct cp_quota quota;      /* of the session */
    bool caller;
    bool stay;
    bool stepping;
    bool over; /* freed at the next safe moment */
    bool ours; /* we end it: its end says nothing of the other */
    enum cp_door door;
    uint8_t machine[CP_KEY_LEN]; /* the other's machine key; zeros for callers under another key */
    bool known;                  /* machine was a standing one when the session began */
    bool ended;                  /* by the core, which has reported what there was to report */
    size_t apart;                /* of a line that stays: plans not exchanged, when it was looked at last */
    uint64_t look_ms;            /* when that is looked at, once it is quiet; UINT64_MAX: not now */
    struct cp_meet_row *rows;
    size_t rows_count;
    size_t rows_cap;
    uint64_t bytes_out_told, bytes_in_told; /* already in a row */
    struct cp_session_progress told;        /* how far it was when it was looked at last */
    uint64_t pieces_told;                   /* of pictures, the same */
    bool useful;                            /* entries or pieces went one way or the other */
    uint64_t settled_ms; /* stay: when the first exchange counts as over; UINT64_MAX: not begun or told */
    /* caller */
    cp_meet_done *done; /* NULL once called */
    void (*progress)(void *ctx);
    void *ctx;
    char address[256];
    enum cp_meet_as as;
    bool named;    /* the server key was given */
    bool returned; /* reconnected as itself after a knock or an invitation */
    bool last;     /* nothing follows this session */
    bool keep;     /* when the line breaks it is called again, until cp_node_part */
    unsigned fails;    /* since it was last connected */
    uint64_t again_ms; /* keep: when; UINT64_MAX: not now */
    bool met;      /* a session as itself went well */
    bool knocked;  /* for the plans that such a session did not exchange */
    bool opened;   /* and a door was opened */
    size_t rows_kept; /* those of the sessions as itself */
    uint8_t (*candidates)[CP_KEY_LEN];
    size_t candidates_count, candidates_cap, candidate;
    struct cp_meet_knock *knocks;
    size_t knocks_count, knocks_cap, knock;
    bool proven; /* the knock showed that the server, unknown to our log, knows the plan's secret */
    uint8_t proven_plan[CP_ID_LEN];
    struct cp_meet_trust *trust; /* of the session under way, where it is needed */
    bool invited;
    struct cp_invitation invitation;
    struct cp_buf join;
};

/* Where a machine was met. */
struct cp_meet_place {
    char address[256];
    uint8_t machine[CP_KEY_LEN];
    uint64_t time_ms;
};
/* How the last meeting with a machine ended, for one plan. */
struct cp_meet_report {
    uint8_t machine[CP_KEY_LEN];
    uint8_t plan[CP_ID_LEN];
    uint64_t time_ms;          /* wall clock, for display only */
    bool in_sync;              /* at that moment */
    uint64_t missing;          /* what we still lacked then */
    uint64_t entries;          /* held by us then */
    uint8_t digest[CP_ID_LEN]; /* cp_store_log_digest then */
    /* The last meeting that ended in sync: the other then held all that had arrived here up to that row. */
    uint64_t synced_ms, synced_row; /* 0: there was none */
    uint8_t incarnation[CP_INCARNATION_LEN]; /* the other's at the last meeting; what was in sync is of that one */
};
struct cp_meet_refused {
    uint8_t machine[CP_KEY_LEN];
    enum cp_err err;
    uint64_t count;
};
/* Who came for nothing, or broke a rule (meet_hold.c). */
struct cp_meet_hold {
    uint8_t machine[CP_KEY_LEN];
    unsigned score;
    uint64_t last_ms, until_ms; /* monotonic; not let in before until */
};
struct cp_meet_news_due {
    uint8_t plan[CP_ID_LEN];
    const struct cp_meet *from; /* NULL: an own write */
};

struct cp_meeting {
    struct cp_node *node;
    struct cp_meet *list;
    struct cp_quota_pool memory; /* of all sessions */
    unsigned depth; /* inside a step: nobody is freed */
    struct cp_meet_door *doors;
    size_t doors_count, doors_cap;
    bool doors_known;
    uint64_t controls; /* how often control entries may have come in: plan secrets are read again */
    bool control; /* control entries came in: who still stands must be looked at */
    struct cp_meet_news_due *news;
    size_t news_count, news_cap;
    /* remembered (meet_facts.c) */
    bool facts_known, facts_changed;
    struct cp_meet_place *places;
    size_t places_count, places_cap;
    struct cp_meet_report *reports;
    size_t reports_count, reports_cap;
    struct cp_meet_refused *refused; /* since the daemon began */
    size_t refused_count, refused_cap;
    struct cp_meet_hold *holds; /* the same */
    size_t holds_count, holds_cap;
};

/* ---- meet.c ---- */
/* Everything that may free or step a meeting happens between these two. */
void cp_meet_enter(struct cp_meeting *all);
void cp_meet_leave(struct cp_meeting *all);
struct cp_meet *cp_meet_new(struct cp_meeting *all, bool caller);
/* What ZAP's table says of a key. */
struct cp_welcome cp_meet_who(struct cp_meeting *all, const uint8_t key[static CP_KEY_LEN]);
/* True when the key is the machine of a device that is in a plan (NULL: any plan) that is held. */
bool cp_meet_stands(struct cp_node *node, const uint8_t *plan, const uint8_t key[static CP_KEY_LEN]);
/* True when our log names it as a machine of the plan (NULL: any plan) and nobody of it is in any more: reported lost, or all
 * left. It is not asked to prove itself either, since it knows secrets from before. */
bool cp_meet_went(struct cp_node *node, const uint8_t *plan, const uint8_t key[static CP_KEY_LEN]);
/* True also when its person left: the exchange in which we hear of it may go on. */
bool cp_meet_may_stay(struct cp_node *node, const uint8_t key[static CP_KEY_LEN]);
/* Tells the other sessions, once this step is over. */
void cp_meet_news_from(struct cp_meeting *all, const uint8_t plan[static CP_ID_LEN],
                       const struct cp_meet *from, bool control);
size_t cp_meet_staying(const struct cp_meeting *all);

/* ---- meet_session.c ---- */
/* Begins the session on m->peer. */
void cp_meet_begin(struct cp_meet *m);
void cp_meet_step(struct cp_meet *m, struct cp_event event);
/* Time for the session, and for whoever waits for a session that stays. */
void cp_meet_session_tick(struct cp_meet *m, uint64_t now_ms);
uint64_t cp_meet_session_deadline_ms(const struct cp_meet *m);
/* The session is over, or lost: closes what is open and goes on with the call, if it was one. */
void cp_meet_finish(struct cp_meet *m, enum cp_err err);
/* Ends sessions while all together hold more than they may. */
void cp_meet_shed(struct cp_meeting *all);

/* ---- meet_call.c ---- */
struct cp_meet_call {
    const char *address;
    const uint8_t *server_key; /* or NULL */
    bool stay;
    bool keep; /* with stay: a line that breaks is called again, less and less often, until cp_node_part */
    const struct cp_invitation *invitation; /* or NULL */
    struct cp_bytes join;
    cp_meet_done *done;
    void (*progress)(void *ctx); /* entries went one way or the other (cp_meet_progress); or NULL */
    void *ctx;
};
/* done is called once, never before this returns OK, and not at all after an error. Errors: USAGE, BUSY,
 * LOCKED, NOT_A_MEMBER (no machine is known that could be there), those of the store. */
CP_MUST_USE enum cp_err cp_meet_start(struct cp_node *node, const struct cp_meet_call *call);
/* How far the meetings are together that were begun with this ctx and are not over. */
struct cp_session_progress cp_meet_progress(const struct cp_meeting *all, const void *ctx);
/* A line that is kept waits to be called again: it calls now. */
void cp_meet_call_kept(struct cp_meet *m, uint64_t now_ms);
/* The connection of a caller ended before its session, for this reason. */
void cp_meet_refused(struct cp_meet *m, enum cp_err why);
/* A caller's session ended. */
void cp_meet_onwards(struct cp_meet *m, enum cp_err err);
/* Answers who asked for the meeting, once. */
void cp_meet_conclude(struct cp_meet *m, enum cp_err err);

/* ---- meet_knock.c ---- */
/* The door keys to knock with, newest first in each plan, into m->knocks: where our log names the server, or for every plan when
 * its key was given by hand and our log does not say that it is in no longer. */
void cp_meet_knocks_find(struct cp_meet *m, const uint8_t server[static CP_KEY_LEN]);
/* How many plans our log says that m->machine and we are in, and this meeting has not exchanged. 0 also when that cannot be read. */
size_t cp_meet_apart(const struct cp_meet *m);
/* The door keys of these alone, in the place of what m->knocks had. */
void cp_meet_knocks_apart(struct cp_meet *m);
/* A row for each of these. */
void cp_meet_rows_apart(struct cp_meet *m);
/* A line that stays open knows the plans of its beginning alone. When there are others apart than when it was looked at last: the
 * caller's is ended and begun anew, with what has to be handed over in between; the other side calls. True when it did. */
bool cp_meet_turn_back(struct cp_meet *m);

/* ---- meet_trust.c ---- */
/* `held`, but that this machine counts as a member of this plan. NULL when out of memory; freed with cp_free. */
struct cp_meet_trust *cp_meet_trust_new(const struct cp_replica *held, const uint8_t plan[static CP_ID_LEN],
                                        const uint8_t machine[static CP_KEY_LEN]);
const struct cp_replica *cp_meet_trust_replica(const struct cp_meet_trust *t);

/* ---- meet_admit.c ---- */
/*
 * Judges a JOIN and admits by an own device. Harmless when repeated. Errors: BAD_INVITATION (no such INVITE, or
 * withdrawn), INVITATION_USED (by another person), BAD_SIGNATURE, NOT_A_MEMBER (no own device stands), those of
 * the store.
 */
CP_MUST_USE enum cp_err cp_meet_admit(struct cp_meeting *all, const uint8_t plan[static CP_ID_LEN],
                                      struct cp_bytes join);

/* ---- meet_hold.c ---- */
/* A machine that called us came for nothing, or broke a rule of the session. */
void cp_meet_misbehaved(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN], bool broken, uint64_t now_ms);
/* It met us as it should: forgets what was before. */
void cp_meet_behaved(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN]);
bool cp_meet_must_wait(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN], uint64_t now_ms);

/* ---- meet_facts.c ---- */
/* Reads what is remembered; needs an unlocked store. Without it there is nothing remembered. */
void cp_meet_facts_load(struct cp_meeting *all);
/* Writes it if it changed. */
void cp_meet_facts_save(struct cp_meeting *all);
void cp_meet_facts_forget(struct cp_meeting *all);
void cp_meet_met(struct cp_meeting *all, const char *address, const uint8_t machine[static CP_KEY_LEN]);
void cp_meet_reported(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN],
                      const struct cp_report *report);
/* Sorts plans by when they were met about with this machine last, never first: so that each comes to its turn. */
void cp_meet_in_turn(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN], uint8_t (*plans)[CP_ID_LEN],
                     size_t count);
void cp_meet_count_refused(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN], enum cp_err err);
/* NULL when the two never met. Borrowed until the next event. */
const struct cp_meet_report *cp_meet_last(struct cp_meeting *all, const uint8_t plan[static CP_ID_LEN],
                                          const uint8_t machine[static CP_KEY_LEN]);
/* In sync only while nothing has changed here since it was proven: entries and digest are what the plan has now
 * (cp_store_log_digest). last: of cp_meet_last. */
bool cp_meet_still_in_sync(const struct cp_meet_report *last, uint64_t entries, const uint8_t digest[static CP_ID_LEN]);
/* The newest, NULL when there is none. Borrowed until the next event. */
const struct cp_meet_place *cp_meet_place_of(struct cp_meeting *all,
                                             const uint8_t machine[static CP_KEY_LEN]);
const struct cp_meet_place *cp_meet_place_at(struct cp_meeting *all, const char *address);

#endif
