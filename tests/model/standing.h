/*
 * A history of control entries in small numbers, and what docs/protocol.md "Standing" says of it, told once more from
 * those words alone: who was admitted, whose device stands, which entries are void, which keys are in force, which secret
 * is in use.
 * Owns: its own reading of these rules, as plainly as it can be. Must not: share a line with proto/ or daemon/, include
 * their headers, or be quick at the cost of being plain.
 *
 * Everything is a number: an entry is its place in the history, a set of entries one bit each. A set that is asked about
 * holds with an entry all of its past.
 */
#ifndef CP_TESTS_MODEL_STANDING_H
#define CP_TESTS_MODEL_STANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ST_ENTRIES = 64,
    ST_JOINS = 48,
    ST_STATEMENTS = 48,
    ST_PERSONS = 6,
    ST_DEVICES = 16,
    ST_KEYS = 24, /* identity keys; the first ST_PERSONS are each person's first */
    ST_CHAINS = 48,
    ST_TIPS = 3,
    ST_CUTS = 3,
    ST_EARLIER = 4,
    ST_PLANS = 3, /* a plan, what it is carried on as, and that one's */
    ST_NONE = -1
};
typedef uint64_t st_set; /* of entries, JOINs, statements or devices: bit i */
#define ST_BIT(i) (UINT64_C(1) << (i))

enum st_kind { ST_FIRST, ST_INVITE, ST_UNINVITE, ST_ADMIT, ST_SAYS, ST_SECRET, ST_WORDS, ST_FROZEN };
enum st_how { ST_NEW, ST_FURTHER, ST_RECOVERY };

struct st_join {
    enum st_how how;
    int person, key, sheet; /* identity key; whose recovery key */
    int device, invite;     /* the INVITE it names; ST_NONE: the founder's */
    bool good;              /* its signatures */
};

/* One chain of the device, up to an entry of it. */
struct st_tip {
    int chain, seq;
    int tip; /* ST_NONE: an entry that nobody holds */
};
struct st_cut {
    int count;
    struct st_tip tips[ST_TIPS];
};

enum st_says { ST_REVOKE, ST_KEY, ST_LEAVE, ST_FOLLOW };
struct st_statement {
    enum st_says says;
    int person;
    int key;   /* the identity key that signs; ST_NONE: a recovery key */
    int sheet; /* whose recovery key signs then */
    int plan;    /* made for this one; ST_NONE: for one that nobody here has */
    int old;     /* FOLLOW: the plan it says it comes from */
    int earlier[ST_EARLIER], earlier_count;
    int device; /* REVOKE */
    struct st_cut cut;
    int new_key; /* KEY */
    st_set stay; /* devices */
    int cut_devices[ST_CUTS], cuts_count;
    struct st_cut cuts[ST_CUTS];
    st_set stand; /* statements */
    st_set joins; /* LEAVE */
};

struct st_entry {
    enum st_kind kind;
    int plan; /* where it was written */
    int device, chain, seq, prev; /* prev: ST_NONE for the first of its chain */
    st_set past;                  /* whole */
    int lamport, order;           /* order: which of two with one lamport number is higher */
    int invite;                   /* UNINVITE, ADMIT */
    int for_person;               /* INVITE: for a further device or a recovery of theirs */
    int join, statement; /* join of a continuation's FIRST: st_joined */
    st_set people; /* FIRST of a continuation: whom it is for */
    bool good; /* the statement's signature */
};

struct st_history {
    struct st_entry entries[ST_ENTRIES];
    struct st_join joins[ST_JOINS];
    struct st_statement statements[ST_STATEMENTS];
    int chain_device[ST_CHAINS];
    int chain_incarnation[ST_CHAINS], chain_plan[ST_CHAINS];
    int first[ST_PLANS], plans_count; /* entries */
    bool chain_words[ST_CHAINS]; /* of content */
    int count, joins_count, statements_count, chains_count, keys_count;
    st_set admits; /* what st_admits says of each entry: nothing that comes later changes it */
};

struct st_state {
    st_set held;
    int plan;                    /* judged: of earlier ones what its first entry carries on */
    st_set admissions;           /* entries */
    st_set revokes, keys_said;   /* statements that count */
    st_set overtaken;            /* REVOKEs in whose place another was made */
    st_set beyond[ST_STATEMENTS]; /* the entries that each statement in force cuts off, held or not */
    st_set ended;                /* JOINs that a LEAVE ended */
    st_set admitted, stands, waits, lost, left, in, shared; /* devices */
    st_set follows; /* persons named who came */
    st_set void_entries;
    int lowest[ST_DEVICES];      /* the admission that says whose it is */
    int in_force[ST_PERSONS];    /* identity key, or ST_NONE */
    st_set ended_keys[ST_PERSONS];
    int secret;                  /* the entry of the SECRET in use, or ST_NONE */
};

/* What holds in this plan for whoever holds this set: of a continuation, its first entry with all of its past, and what was written there. */
void st_judge(const struct st_history *h, int plan, st_set held, struct st_state *out);
/* The JOIN by which the author of a continuation's first entry was in the plan before; ST_NONE: not at all. */
int st_joined(const struct st_history *h, int first);
/* Is the entry an admission for whoever holds it (rule R1)? Only its own past is looked at; h->admits of that is filled. */
bool st_admits(const struct st_history *h, int entry);
/* Does a statement by this person's key count? */
bool st_says_counts(const struct st_history *h, const struct st_state *s, int person, int key, int statement);
/* Is what the REVOKE says of its device, or the KEY of this one, in force? */
bool st_in_force(const struct st_history *h, const struct st_state *s, int statement, int device);

#endif
