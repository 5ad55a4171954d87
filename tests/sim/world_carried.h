/*
 * Meeting by stick and by carrier: the daemon's own code for bundles, piles and visits (daemon/bundle_*.c, carry_*.c,
 * carrier*.c), with the keeper, the net, the clock and the meetings stood in for (sim_carried.c) and its files in a folder that
 * is memory where the system has such a place. What the parts of that share; struct world holds one struct carried.
 * Owns: sticks, carriers, and what each bundle's writer held. Must not: be included outside tests/sim.
 *
 * All of this draws from dice of its own, so a world without sticks and carriers goes as it went before there were any.
 */
#ifndef CP_TESTS_SIM_WORLD_CARRIED_H
#define CP_TESTS_SIM_WORLD_CARRIED_H

#include "daemon/carrier.h"
#include "daemon/carry.h"
#include "tests/sim/world.h"

#define STICKS_MAX       3U
#define STICK_FILES_MAX  16U /* of one stick: one that all write in turn, or a folder with a file for each */
#define STICK_FILES_USED 4U  /* before all heals */
#define CARRIERS_MAX     2U
#define VISITS_MAX       2U /* at once: both may want to add the same number */
#define PATHS_MAX        128U
#define PROMISES_MAX     24U

/* What a bundle's writer held when it was written. */
struct cargo {
    bool there;
    size_t writer;
    bool honest;
    size_t written_step;
    struct ref_set held[WORLD_PLANS_MAX];
    bool in[WORLD_PLANS_MAX];    /* the plan is in it */
    bool whole[WORLD_PLANS_MAX]; /* none of it was damaged at the writer's */
};
struct stick_file {
    char path[PATHS_MAX];
    bool there;
    bool touched; /* not what its writer wrote: torn, bent, or another's bytes */
    struct cargo cargo;
};
struct stick {
    bool folder; /* each machine has a file of its own on it */
    struct stick_file files[STICK_FILES_MAX], older[STICK_FILES_MAX];
};

/* What a machine held at the end of its call: it lies there for everybody whom it knew to be in, or they said that they hold it. */
struct promise {
    size_t machine;
    uint8_t plan[CP_ID_LEN], ticket[CP_KEY_LEN];
    struct ref_set held;
};
/* One end of a call on a carrier. */
struct visit;
struct sim_peer {
    struct visit *visit;
    bool at_carrier, open;
    uint8_t key[CP_KEY_LEN]; /* the other's, as it proved it */
    void *tag;
};
struct carrier {
    char name[32], home[PATHS_MAX];
    struct cp_node node;
    struct cp_net_events events;
    bool lies;    /* now and then */
    bool lied;    /* it did, once */
    bool emptied; /* a ticket was taken back and given again: another pile */
    struct promise promises[PROMISES_MAX];
    size_t promises_next;
};
struct visit {
    struct world *w;
    bool open;
    struct machine *m;
    struct cp_node node;
    struct carrier *carrier; /* the one that is called now */
    struct sim_peer ends[2]; /* 0: the member's */
    struct message queue[2]; /* towards that end; each side sends one and waits */
    enum cp_err gone;        /* to be told to the member */
    bool connected;          /* the same */
    size_t messages, cut_at;
    bool lied;        /* the carrier did, during this call */
    bool boasts;      /* the member signs that it holds what it does not */
    bool must_notice; /* it kept back what it had promised: the member has to say so */
    bool disturbed;   /* the call was cut, or others acted at the carrier meanwhile */
    size_t before;    /* entries of all plans that the machine held at the start */
    uint64_t taken;   /* said, by all rows */
};

struct carried {
    char folder[PATHS_MAX];
    struct stick sticks[STICKS_MAX];
    struct carrier carriers[CARRIERS_MAX];
    size_t carriers_count;
    struct visit visits[VISITS_MAX];
    bool unplugged; /* nobody meets in any other way */
    unsigned rounds; /* of sticks that went round, to heal */
};

/* ---- world_carried.c ---- */
void world_carried_begin(struct world *w); /* behind the weather: may make w->carried */
void world_carried_end(struct world *w);
void world_carried_step(struct world *w, struct machine *m);
/* Where nobody meets in any other way: m and somebody else by stick. False: they meet. */
bool world_carried_meet(struct world *w, struct machine *a, struct machine *b);
/* The node that the daemon's code is given for this machine. */
void carried_node(struct machine *m, struct cp_node *node);
/* Was a backup ever restored, or a home copied? Then others may believe what is true no more. */
bool carried_any_set_back(const struct world *w);
bool carried_any_liar(const struct world *w);
/* By the model: does a file of somebody who holds this have a box that m can open? */
bool carried_boxed_by(struct world *w, const struct machine *m, const struct ref_set *held);
/* The machine that a puppet of this liar's is said to be on; NULL: none. */
const struct machine *carried_puppet_of(const struct world *w, const struct machine *m);
/* Entries that m holds of all plans. */
size_t carried_held(const struct world *w, const struct machine *m);
/* What m believes of others is true: nobody is said to hold what they never had. pile: what was heard at one; or NULL. */
void carried_check_heard(struct world *w, struct machine *m, const uint8_t *pile);
/* Ends well, or was excused by the machine's disk or by damage that nobody knows of. */
bool carried_excused(const struct world *w, const struct machine *m, enum cp_err err);
/* Along the line by sticks or by the carriers alone, until all hold the same. */
void world_carried_heal(struct world *w, const size_t *order, size_t count);
/* A JOIN by stick, and the answer. */
bool world_carried_joins(const struct world *w);
void world_carried_join(struct world *w, struct machine *by, struct machine *m, struct cp_bytes join);

/* ---- world_stick.c ---- */
bool stick_write(struct world *w, struct stick_file *f, struct machine *m, bool all);
/* True: it was written for this machine too, in the plan that the world looks at. */
bool stick_read(struct world *w, struct stick_file *f, struct machine *m);
void stick_weather(struct world *w, struct stick *s, size_t file);
void stick_step(struct world *w, struct machine *m);
void stick_file_clear(struct stick_file *f);

/* A JOIN as a file, read by somebody who is in, and the way back. */
void stick_join(struct world *w, struct stick_file *f, struct machine *by, struct machine *m,
                struct cp_bytes join);

/* ---- world_carrier.c ---- */
void carrier_begin(struct world *w, struct carrier *c, size_t number);
void carrier_end(struct carrier *c);
void carrier_step(struct world *w, struct machine *m);
void carrier_tickets(struct world *w, struct carrier *c,
                     struct machine *m); /* m brings the newest tickets of its plans */
/* They go by secrets that were made apart, so by different piles. */
bool carrier_piles_apart(struct world *w, const struct carrier *c, const size_t *order, size_t count);
void carrier_visit(struct world *w, struct machine *const *machines, size_t count);
void carrier_check(struct world *w, struct carrier *c); /* nothing of the plans is in its memory */

/* ---- world_carrier_lies.c ---- */
/* A lying carrier's answer, before it goes; the bytes are malloc's. */
void carrier_lie(struct world *w, struct visit *v, struct message *m);

/* ---- sim_carried.c: the stand-ins ---- */
/* From now on they act for this machine, which reads what came with this cargo (NULL: from a carrier); NULL: for nobody. */
void carried_stand_in(struct world *w, struct machine *m, const struct cargo *cargo);
/* What its machine signs until then: that it holds what it does not; as another's word (NULL: as its own). */
void carried_lie(bool boasts, const struct machine *poses);
/* Fresh entries since then. */
uint64_t carried_taken(void);

#endif
