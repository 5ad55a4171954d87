/*
 * A simulated community: machines with real stores on disks in memory, people with real keys, meetings with real
 * sessions, all on virtual time and from one seed. What the parts of the simulator share.
 * Owns: the truth about who wrote what and who holds what (struct machine.held). Must not: be included outside
 * tests/sim, or ask the product what is true.
 *
 * Whatever a step draws comes from (seed, number of the step), so a step left out changes no other one's dice.
 */
#ifndef CP_TESTS_SIM_WORLD_H
#define CP_TESTS_SIM_WORLD_H

#include "daemon/store.h"
#include "tests/sim/reference.h"
#include "tests/sim/sim.h"
#include "tests/sim/vfs.h"
#include "tests/sim/world_memory.h"
#include "tests/support/group.h"

#define WORLD_LINKS_MAX 4U
#define WORLD_NOBODY SIZE_MAX
#define WORLD_PLANS_MAX 7U /* founded, and carried on */
#define WORLD_FOUNDED_MAX 3U
#define WORLD_PEOPLE_MAX 6U /* of one machine, guests of whoever has it among them */

struct world;
/* The mistake planted in this run. */
extern enum sim_plant world_planted;

/* A person on one device; with a further device they are here twice. */
struct person {
    struct someone who; /* the identity key is the one that this device has */
    size_t machine;
    char name[48];
    size_t of;       /* the first device of the same person */
    unsigned number; /* the first one's: the sheet's key is made from it */
    bool in; /* let in and not gone, as far as their own machine knows */
    bool in_others[WORLD_PLANS_MAX];
    bool gone[WORLD_PLANS_MAX]; /* said LEAVE: comes back now and then */
    bool liar;
    bool stolen;     /* somebody else has the device, unlocked */
    bool key_stolen; /* and the passphrase, so the identity key */
    bool sheet;      /* has come with the recovery sheet, and a key of its own */
    bool retired;    /* cut by its own person's KEY */
    bool made_up;    /* a guest of a thief's, or a puppet: nobody at all */
    uint8_t last[WORLD_PLANS_MAX][CP_ID_LEN]; /* the last entry that was still its person's; zeros: none */
};

/* What the truth says about one plan on one machine. */
struct holding {
    struct ref_set held;    /* what it must hold: acknowledged */
    struct ref_set maybe;   /* what may have got in besides when a commit failed */
    struct ref_set damaged; /* entries whose bodies went bad on this disk and are not whole again */
    struct ref_set backup_held;
    struct ref_set ever;    /* held once, and gone with a home that was set back */
};

struct machine {
    char name[64];
    struct sim_disk *disk;
    struct cp_store *store; /* NULL: off */
    unsigned number;        /* storage key and machine key */
    uint8_t curve[CP_KEY_LEN];
    size_t people[WORLD_PEOPLE_MAX];
    size_t people_count;
    size_t twin;            /* the machine whose copied home this is, or that was copied; WORLD_NOBODY */
    int64_t clock_off_ms;
    bool liar;
    bool thief;             /* a liar who has somebody's device */
    bool full;              /* the disk is nearly full */
    bool doomed;            /* a fault is set for this step */
    bool by_power;          /* and it is a power cut */
    bool side;              /* of the partition */
    bool locked;            /* the storage key is wiped */
    bool beyond;            /* it misses words that nobody has any more */
    bool set_back;          /* a backup was restored on it once */
    struct holding now;     /* of the plan that the world looks at (world_turn) */
    struct holding others[WORLD_PLANS_MAX];
    struct sim_disk *backup;
    struct world *world;
};

/* What goes wrong on the way of one meeting; message numbers count from 1, 0: never. */
struct meddling {
    size_t cut_at, lose_at, bend_at, twice_at, swap_at, wait_at, lock_at;
    uint64_t wait_ms;
    bool stay;    /* both stay and hear of news at once */
    bool endless; /* and says it again and again */
    bool forge; /* the liar's side says what it likes */
};

struct message {
    uint8_t *bytes;
    size_t len;
};
struct link_end {
    size_t machine;
    struct cp_session *session;
    struct cp_meet_trust *trust;
    struct session_memory memory; /* the session's own; trust rests on it */
    struct message *queue; /* towards this end */
    size_t from, count, cap;
    bool ended;
    bool in_sync[WORLD_PLANS_MAX], reported[WORLD_PLANS_MAX];
    bool news[WORLD_PLANS_MAX]; /* entries came to it by another way, and its session is to be told */
    enum cp_err err;
    struct ref_set at_start[WORLD_PLANS_MAX];
};
struct meeting {
    bool open;
    enum cp_door door;
    struct link_end end[2]; /* 0: the caller */
    struct meddling meddling;
    bool endless; /* it began to say the same for ever */
    size_t messages;
    size_t entries;  /* stored by either */
    uint64_t bytes;
    size_t largest_message, largest_chunk; /* of both directions; chunks in full form */
    bool dirty;      /* something touched the messages, a disk failed, or a liar took part */
    bool disturbed;  /* entries came to one of them by another way */
    bool damaged;    /* one of them has damaged words: it shows only what came before them */
    bool parted;     /* one of them came to know that the other is in no longer */
    bool barred[2][WORLD_PLANS_MAX]; /* this end's machine knew at the start that the other is not in that plan */
    bool taken_back; /* a WITHDRAW came to one of them by another way: what is under way may need to wait for the next meeting */
    size_t plan;     /* the one that it began for; all that both share are exchanged */
    bool shared[WORLD_PLANS_MAX]; /* both held the plan and named each other at the start */
};

struct world {
    struct sim_options opt;
    uint64_t dice;
    uint64_t seed;
    size_t step, steps;
    uint64_t now_ms;
    struct sim_weather weather;
    uint8_t plan[CP_ID_LEN]; /* the one that the world looks at: all that is done and judged is of this one */
    struct ref_log log;
    size_t at, plans_count, founded;
    struct {
        uint8_t plan[CP_ID_LEN];
        struct ref_log log;
    } plans[WORLD_PLANS_MAX]; /* the others; plans[at] is out of date */
    struct machine *machines;
    size_t machines_count, machines_cap;
    struct person *people;
    size_t people_count, people_cap;
    struct meeting links[WORLD_LINKS_MAX];
    struct sim_result *result;
    struct cp_buf signed_header;
    unsigned tokens;
    struct message kept[8]; /* chunks of earlier meetings, for a second delivery */
    size_t kept_plan[8];
    unsigned kept_depth[8];
    size_t kept_next;
    const struct meeting *storing; /* the session whose chunk is being taken in */
    bool last_in_sync; /* how the last meeting ended */
    struct carried *carried; /* sticks and carriers (world_carried.h); NULL: there are none in this world */
    size_t apart_until;     /* step until which the two sides do not meet */
    bool pictures;        /* the programs of this world know attachments; else all meet as older ones do */
    bool calm;              /* healed: no faults any more */
    bool control_came;      /* who is met may have changed */
    bool large;             /* nothing is judged on the way, all at the end */
};

/* ---- Dice, words, verdicts (world.c) ---- */
uint64_t world_roll(struct world *w, uint64_t below);
bool world_chance(struct world *w, unsigned per_mille);
void world_random(void *ctx, void *out, size_t len);
__attribute__((format(printf, 2, 3))) void world_say(struct world *w, const char *format, ...);
__attribute__((format(printf, 2, 3))) void world_fail(struct world *w, const char *format, ...);
bool world_failed(const struct world *w);
void world_count(struct world *w, enum sim_count what);

/* ---- Plans (world_plans.c) ---- */
/* Looks at another plan; what it looked at before. */
size_t world_turn(struct world *w, size_t plan);
/* A plan's number by its id; WORLD_NOBODY. */
size_t world_plan_of(const struct world *w, const uint8_t *id);
/* Entries of all plans, and damaged ones of a machine. */
size_t world_entries(const struct world *w);
size_t world_damaged(const struct world *w, const struct machine *m);
/* m gives back, copies, or takes from its backup what it holds of all plans. */
void world_holdings_clear(struct machine *m);
void world_holdings_copy(struct machine *to, const struct machine *from);
void world_holdings_back_up(struct machine *m);
void world_holdings_restore(struct machine *m);

/* ---- Machines (world.c) ---- */
struct machine *world_machine_add(struct world *w, size_t person);
void world_start(struct world *w, struct machine *m);   /* opens and checks what it holds */
void world_stop(struct world *w, struct machine *m);    /* closes in order */
void world_end_process(struct world *w, struct machine *m, bool power); /* kill or power cut; then start */
/* After an error: excuses it when a fault came about, else the world has failed. */
void world_excuse(struct world *w, struct machine *m, enum cp_err err, const char *doing);
/* After a step: takes the faults away; what crashed starts again. */
void world_settle(struct world *w, struct machine *m);
/* People whose keys can write on this machine now; WORLD_NOBODY when none is in. */
/* True when nothing can be done with it: off, or locked. */
bool world_off(const struct machine *m);
void world_lock(struct world *w, struct machine *m);
void world_unlock(struct world *w, struct machine *m);
size_t world_writer(struct world *w, struct machine *m);
/* In, and this machine can know it: a backup or a copy may be older than the admission. */
bool world_is_in(const struct world *w, const struct machine *m, size_t person);
bool world_holds_plan(const struct world *w, const struct machine *m);
uint64_t world_clock(const struct world *w, const struct machine *m);

/* ---- Writing (world.c) ---- */
struct writing {
    size_t ids[96]; /* entries of the transaction */
    size_t count;
};
/* Begin, append..., end. end commits when err is OK; returns what counts. */
enum cp_err world_begin(struct world *w, struct machine *m, struct writing *t);
enum cp_err world_append(struct world *w, struct machine *m, size_t person, enum cp_class class, struct cp_bytes frame,
                         struct cp_bytes words, struct writing *t);
enum cp_err world_append_draft(struct world *w, struct machine *m, size_t person, struct cp_draft *d,
                               struct writing *t);
enum cp_err world_end(struct world *w, struct machine *m, struct writing *t, enum cp_err err);
/* One entry; the draft is cleared. False when it did not get in. */
bool world_write(struct world *w, struct machine *m, size_t person, struct cp_draft *d);
bool world_write_control(struct world *w, struct machine *m, size_t person, struct cp_bytes frame,
                         uint8_t id[CP_ID_LEN]);
/* A proven chunk into a machine's store, and what the model makes of it. */
enum cp_err world_put(struct world *w, struct machine *m, const struct cp_chunk *chunk, bool control_only,
                      struct cp_put_result *result);
/* A payload into a machine's store. fresh may be NULL. */
enum cp_err world_take(struct world *w, struct machine *m, struct cp_bytes payload, unsigned depth, bool control_only,
                       size_t *fresh);
/* For signing first entries: keeps the header that was signed. */
struct signing {
    struct world *w;
    struct someone *who;
};
enum cp_err world_sign(void *ctx, const uint8_t device[CP_KEY_LEN], const uint8_t plan[CP_ID_LEN], struct cp_bytes header,
                       uint8_t id[CP_ID_LEN], uint8_t sig[CP_SIG_LEN]);

/* ---- Joining (world_join.c) ---- */
/* Not with a key that came later: a plan that never heard of the change could not know whose it is, and so no keeper
 * signs such a first entry (NEW_PERSON). */
bool world_may_found(const struct world *w, const struct machine *m);
/* A further plan, by the first person of m; the world looks at it. */
void world_found(struct world *w, struct machine *m);
void world_join(struct world *w, size_t person);
/* A new secret, by whoever made a REVOKE or KEY. */
void world_secret(struct world *w, struct machine *m, size_t person);
/* The JOIN array of this device under an INVITE. */
void world_join_write(struct world *w, size_t person, enum cp_join_how how, const uint8_t *invite, unsigned token,
                      struct cp_buf *join);
enum cp_err world_admit(struct world *w, struct machine *m, struct cp_bytes join);

/* ---- Meeting (world_meet.c) ---- */
/* The whole of a meeting, knocking first where needed. True when both said that they are in sync. */
bool world_meet(struct world *w, size_t caller, size_t called, const struct meddling *how);
/* An open link for later steps; NULL when it cannot begin. */
struct meeting *world_link(struct world *w, enum cp_door door, size_t caller, size_t called, const uint8_t *door_key,
                           struct cp_bytes join, bool must_prove, const struct meddling *how);
void world_link_run(struct world *w, struct meeting *l, size_t most);
/* One of two that stay says goodbye. */
void world_link_leave(struct world *w, struct meeting *l);
void world_link_cut(struct world *w, struct meeting *l);
void world_link_news(struct world *w, struct machine *m); /* tells open links that m has something new */
/* Who of its people is in by now, as far as the machine knows (world_part.c). */
void world_refresh(struct world *w, struct machine *m);
/* Ends sessions with machines that are in no longer, as daemon/meet.c does. */
void world_part(struct world *w);
void world_link_close(struct world *w, struct meeting *l);
/* By the model: nobody of that machine is in, for whoever holds what m holds; trusted: it may be one of which m has not heard. */
bool world_bars(struct world *w, const struct machine *m, const struct machine *other, bool trusted);
/* Does m's own log say that this machine was one of ours and is not any more? It is not called then, and proves nothing. */
bool world_went(struct world *w, struct machine *m, const uint8_t *curve);
/* A meeting in sync was the last of a plan from a machine that all its people left. */
void world_told(struct world *w, struct machine *m);
/* Would the machine speak of this plan with whoever has that key? */
bool world_speaks(struct machine *m, const uint8_t *plan, const uint8_t *curve);
void world_link_taken_back(struct world *w, struct machine *m); /* a WITHDRAW is held from now on */
void world_links_of(struct world *w, struct machine *m);  /* cuts all that m takes part in */
size_t world_index(const struct world *w, const struct machine *m);

/* ---- Carrying on (world_continue.c) ---- */
void world_continue(struct world *w, struct machine *m, size_t person);
/* Somebody of this machine who is named and has not come yet says FOLLOW. */
bool world_follow_somebody(struct world *w, struct machine *m);
/* A continuation was offered to m in a session, and what it holds of the old plan is in it now. */
void world_took_over(struct world *w, struct machine *m);
void world_took_over_here(struct world *w, struct machine *m); /* the same of the plan at hand alone */
bool world_for_us(void *ctx, const struct cp_continuation *from);
void world_take_back_elsewhere(struct world *w, struct machine *m, size_t person, struct cp_bytes frame,
                               const uint8_t (*ids)[CP_ID_LEN], size_t count);

/* ---- Devices (world_devices.c) ---- */
/* Further devices, devices stolen, reported lost, keys changed, people who leave: one such thing, or none. */
void world_devices_step(struct world *w);
/* A KEY by the sheet: this device stays, every other one of its person is cut. */
void world_key(struct world *w, struct machine *m, size_t person);
/* Did this device come with the sheet, and has yet to say so in this plan? */
bool world_key_due(struct world *w, size_t person);
/* A statement by `who`, signed with this key, as the control frame that carries it, appended. spoil: badly signed. */
void world_statement(struct world *w, enum cp_statement_kind kind, const struct person *who, enum cp_statement_by by,
                     struct cp_bytes fields, bool spoil, struct cp_buf *text, uint8_t sig[CP_SIG_LEN]);
/* Is the device at work for its own person? */
bool world_honest(const struct person *p);
/* By the model: is somebody of the machine in, for whoever holds this set? */
bool world_in_by(struct world *w, const struct machine *m, const struct ref_set *held);
void world_thief_step(struct world *w, struct machine *m); /* world_thief.c */
void world_puppet(struct world *w, struct machine *m, size_t person); /* world_thief.c */
void world_stray(struct world *w, struct machine *m, const struct person *p);    /* world_liar.c */
void world_fork(struct world *w, struct machine *m, const struct person *p);     /* world_liar.c */
void world_backdate(struct world *w, struct machine *m, const struct person *p); /* world_liar.c */

/* ---- What people and weather do ---- */
void world_people_step(struct world *w, struct machine *m);  /* world_people.c */
/* world_attach.c */
void world_attach(struct world *w, struct machine *m, size_t person, const uint8_t *item);
enum cp_err world_keep_piece(struct world *w, struct machine *m, const struct cp_action *a);
void world_ask_for_all(struct world *w, const size_t *order, size_t count); /* before the last meetings, */
void world_check_attached(struct world *w, const size_t *order, size_t count); /* and after them */
void world_take_back(struct world *w, struct machine *m, size_t person); /* world_withdraw.c */
void world_agree_step(struct world *w, struct machine *m);   /* world_agree.c */
void world_freeze(struct world *w, struct machine *m, enum cp_stage stage);
/* Answers the newest page for agreement. Willing: agrees, and will do what they lead. Silent: agrees, and says nothing
 * about some of what they lead. Mixed: anything, now and then to an older page, or taken back. */
enum mood { MOOD_WILLING, MOOD_SILENT, MOOD_MIXED };
void world_answer(struct world *w, struct machine *m, size_t person, enum mood mood);
/* Everything that a final page asks is written on this machine (world_finish.c). */
void world_finish_plan(struct world *w, struct machine *m);
/* Those in the line finish the plan, freeze it and answer it. */
void world_assemble(struct world *w, const size_t *order, size_t count);
void world_weather_step(struct world *w);                    /* world_weather.c */
void world_doom(struct world *w, struct machine *m);         /* world_weather.c: sets a fault for this step */
/* Words that went bad (world_damage.c). */
void world_damage(struct world *w, struct machine *m);
void world_scrub(struct world *w, struct machine *m);
/* After a chunk was taken in: what of it came home. */
void world_damage_look(struct world *w, struct machine *m);
/* Before all heals: meets others until its words are whole, if anybody has them. */
void world_damage_heal(struct world *w, struct machine *m);
/* True when a record is touched by something that this machine cannot read now. */
bool world_damage_touches(const struct world *w, const struct machine *m, const uint8_t *record);
void world_liar_step(struct world *w, struct machine *m);    /* world_liar.c */
/* Replaces a message that a liar sends; the bytes are malloc's. */
void world_forge(struct world *w, struct machine *liar, struct machine *to, struct message *m);

/* ---- Judging (world_check.c) ---- */
void world_check_count(struct world *w, struct machine *m);
void world_check_record(struct world *w, struct machine *m, size_t record);
void world_check_entry(struct world *w, struct machine *m, size_t entry); /* the record that it touches */
void world_check_withdrawn(struct world *w, struct machine *m, size_t withdraw); /* the entries that it names */
void world_check_whole(struct world *w, struct machine *m, bool rebuild);
/* The page that a freeze now would give, with every wording, then all pages, answers and results, as text. */
void world_tell(struct world *w, struct machine *m, struct cp_buf *out);
/* Pages, results and answers as the machine tells them (world_agreed.c). */
struct cp_desk;
void world_tell_agreements(struct world *w, struct machine *m, const struct cp_desk *d, struct cp_buf *out);
/* Every pair of honest machines: equal sets, equal digests, equal pages. */
void world_check_equal(struct world *w);
/* ---- The invariants of the domain (world_invariants.c) ---- */
/* What somebody keeps for themselves begins so; it is nowhere else in this world. */
#define WORLD_PRIVATE "for me alone:"
struct cp_version;
struct cp_fact;
bool world_fact_names(const struct cp_fact *f, const uint8_t *id);
void world_check_page_id(struct world *w, struct cp_bytes text, const uint8_t *id);
void world_check_frozen(struct world *w, struct machine *m, const struct cp_version *v);
void world_check_agreed(struct world *w, struct machine *m, const struct cp_version *v, const uint8_t *page);
void world_check_signatures(struct world *w);
/* A value that only `owner` may write stands by this entry. */
void world_check_owner(struct world *w, struct machine *m, const uint8_t *owner, const uint8_t *entry, const char *what);
void world_check_private(struct world *w, struct cp_bytes bytes, const char *where);
/* NULL: nobody of this world. */
const struct person *world_person(const struct world *w, const uint8_t *person);

/* Reads what the store says it holds. */
enum cp_err world_read_held(struct world *w, struct machine *m, struct ref_set *out);

#endif
