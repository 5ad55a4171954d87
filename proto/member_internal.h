/* What the files of member_*.c share. Must not: be included elsewhere. */
#ifndef CP_MEMBER_INTERNAL_H
#define CP_MEMBER_INTERNAL_H

#include "proto/member.h"

struct cp_fold_invite {
    const struct cp_control_entry *entry;
    uint8_t token_key[CP_KEY_LEN];
    bool for_person;
    uint8_t person[CP_ID_LEN];
};
/* Indices into devices; NOBODY when the author was never admitted, FOUNDED for the first entry. */
#define CP_FOLD_NOBODY SIZE_MAX
#define CP_FOLD_FOUNDED (SIZE_MAX - 1)
struct cp_fold_admission {
    const struct cp_control_entry *entry;
    const struct cp_control_entry *invite; /* NULL: the first entry, or an earlier plan's JOIN */
    bool first;   /* by the first entry of its plan */
    bool old;     /* of a continuation: a JOIN of an earlier plan, or its first entry's author; needs its person's FOLLOW */
    bool carried; /* in an earlier plan: tells who is who, lets nobody in here */
    struct cp_join join;
    size_t device, by, invited_by;
    bool counts;      /* within every cut, by a key that counts; its INVITE is asked for apart */
    bool invite_within;
    bool past_judged, past_known; /* admitted again knowing what cut its INVITE off */
    bool visited;
    uint8_t join_id[CP_ID_LEN]; /* its JOIN's statement id */
};
/* Whom a first admission names. */
struct cp_fold_person {
    uint8_t person[CP_ID_LEN], identity_key[CP_KEY_LEN], recovery_key[CP_KEY_LEN];
};
/* An entry that carries a statement that counts. */
struct cp_fold_carrier {
    uint8_t statement[CP_ID_LEN];
    const struct cp_control_entry *entry;
};
struct cp_fold {
    const struct cp_mem *mem;
    const uint8_t (*plans)[CP_ID_LEN]; /* by depth */
    size_t plans_count;
    const struct cp_control_past *past;
    const struct cp_control_entry *entries;
    size_t entries_count;
    struct cp_fold_invite *invites; /* by id */
    size_t invites_count;
    struct cp_fold_admission *admissions; /* by (device, lamport, id) */
    size_t admissions_count;
    struct cp_fold_person *persons; /* by person */
    size_t persons_count;
    struct cp_fold_carrier *carriers; /* by (statement, entry id) */
    size_t carriers_count, carriers_cap;
    const struct cp_control_entry **by_id; /* NULL while nothing is cut */
};

/* Is this statement made for the plan that the entry which carries it was written in? */
bool cp_fold_names_plan(const struct cp_fold *f, const struct cp_control_entry *e, const struct cp_statement *st);
/* And does it count, by an identity key of its person's? Keys must be known. */
bool cp_fold_says(const struct cp_fold *f, const struct cp_members *m, const struct cp_control_entry *e,
                  const struct cp_statement *st);

/* ---- member_follow.c ---- */
/* The admissions of continuations' first entries: their authors' of the plan before. All others must be taken. */
void cp_fold_continued(struct cp_fold *f);
/* Whether an ADMIT's JOIN is one of an earlier plan, under what stands there. */
bool cp_fold_old_join(const struct cp_fold *f, const struct cp_control_entry *admit, const struct cp_control *c,
                      const struct cp_control_entry *invite, const uint8_t *token_key, const uint8_t *invited_person);
/* Fills m->named: whom the plan is for and who has come. Keys must be known. NO_MEMORY. */
CP_MUST_USE enum cp_err cp_fold_follows(struct cp_fold *f, struct cp_members *m);
/* The author of the plan's first entry, where that is a continuation's; else NULL. */
const uint8_t *cp_fold_continuer(const struct cp_fold *f);

/* ---- member_leave.c ---- */
/* Fills m->joins: which JOINs there are and which of them a LEAVE ends. Keys must be known. NO_MEMORY. */
CP_MUST_USE enum cp_err cp_fold_leaves(struct cp_fold *f, struct cp_members *m);
/* Does a LEAVE end the JOIN of this admission? A continuer has none there: every JOIN by which they were in before. */
bool cp_fold_ended(const struct cp_fold *f, const struct cp_members *m, const struct cp_fold_admission *a);

/* ---- member_key.c ---- */
/* Fills m->changes and keys. Admissions and persons must be known. NO_MEMORY. */
CP_MUST_USE enum cp_err cp_fold_keys(struct cp_fold *f, struct cp_members *m);
/* Is the statement by the key that its person's sheet gives? */
bool cp_fold_by_recovery(const struct cp_fold *f, const struct cp_statement *st);
/* Does the device come by a key that counts for it? */
bool cp_fold_key_counts(const struct cp_members *m, const struct cp_join *join);
/* The person's key in force; leaves `key` as it is where none is. */
void cp_fold_key_in_force(const struct cp_members *m, const uint8_t *person, uint8_t key[static CP_KEY_LEN]);

/* ---- member_cut.c ---- */
/* Fills m->changes, keys and cuts, and f->carriers. Admissions and persons must be known. NO_MEMORY. */
CP_MUST_USE enum cp_err cp_fold_cuts(struct cp_fold *f, struct cp_members *m);
/* A statement that counts is carried by this entry: f->carriers. NO_MEMORY. */
CP_MUST_USE enum cp_err cp_fold_carry(struct cp_fold *f, const uint8_t *statement, const struct cp_control_entry *entry);
/* Does the entry lie within every cut of its device? */
bool cp_fold_within(const struct cp_fold *f, const struct cp_members *m, const struct cp_control_entry *e);
/* Does the past of `by` hold every REVOKE and KEY that keeps `invite` from counting, and is there one? Errors of past. */
CP_MUST_USE enum cp_err cp_fold_knowing(struct cp_fold *f, const struct cp_members *m, const struct cp_control_entry *by,
                                        const struct cp_control_entry *invite, bool *yes);

#endif
