/*
 * The simulator: one seed makes a community, its weather, what people do and what goes wrong; then all heals, and all
 * honest machines must become equal. docs/testing.md "Simulator" says what is drawn and what is judged.
 * Owns: running, replaying and shortening a seed. Must not: know what a test framework is.
 */
#ifndef CP_TESTS_SIM_SIM_H
#define CP_TESTS_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* How often each thing goes wrong, in thousandths of the steps or meetings; drawn for each run. */
struct sim_weather {
    unsigned machines, liars;
    unsigned cut, lose, bend, twice, swap, wait; /* of meetings */
    unsigned crash, power, io, full;             /* of steps */
    unsigned restore, copy, replay, apart;
    unsigned shared_machines;                    /* of machines: two people on it */
    unsigned clocks;                             /* of machines: years wrong */
    unsigned long_notes;                         /* of notes: 48 KiB */
    unsigned newer;                              /* of entries: by a newer program */
    unsigned attaches;                           /* of entries: with bytes beside them */
    unsigned takes_back;                         /* of entries: a WITHDRAW */
    unsigned damage, scrub, lock;                /* of steps: words go bad on a disk, are looked for; somebody locks */
    unsigned lock_meeting;                       /* of meetings: somebody locks in the middle */
    unsigned plans;                              /* founded in the end */
    unsigned devices;                            /* of steps: somebody's device is added, stolen, reported; somebody leaves */
    unsigned thieves;                            /* devices stolen in the end, at most */
    unsigned continues;                          /* of steps: somebody carries on */
    unsigned puppets;                            /* made up by each liar, at most */
    unsigned open_links;                         /* of meetings: left open, other things happen meanwhile */
    unsigned sticks, carriers;                   /* of steps: somebody uses a stick, calls on a carrier */
    bool unplugged;                              /* nobody meets in any other way */
};

/* What happened, counted when it really did. */
#define SIM_COUNT_LIST(X)                                                                             \
    X(STEPS, "steps") X(ENTRIES, "entries written") X(MEETINGS, "meetings") X(IN_SYNC, "said in sync") \
    X(PLANS, "plans") X(BESIDE, "plans exchanged beside another") X(JOINS, "people joined") X(KNOCKS, "knocks") X(CONTROL, "other control entries")                 \
    X(EDITS, "edits") X(CHOICES, "choices between wordings") X(ASIDES, "set aside or brought back")   \
    X(LISTS, "list changes") X(VIEWS, "ratings") X(NOTES, "notes") X(OWN, "own fields")               \
    X(FREEZES, "frozen") X(ANSWERS, "answers") X(WITHDRAWN, "answers withdrawn") X(TAKEN, "words taken back") X(TAKEN_VAIN, "words that cannot be taken back") \
    X(ATTACHED, "attached") X(PIECES, "pieces fetched") \
    X(LEFT_OUT, "entries that came without their words") X(NOES, "said no")   \
    X(DEVICES, "further devices") X(RECOVERED, "people back with their sheet") X(REVOKES, "devices reported lost")            \
    X(REVOKES_WIDER, "reported again, with another cut") X(REVOKES_SHEET, "reported with the sheet") X(KEYS, "keys changed")   \
    X(LEAVES, "people left") X(BACK_IN, "people who left and came back") X(PARTED, "sessions ended because somebody is in no longer") \
    X(STOLEN, "devices stolen") X(STOLEN_KEYS, "and the key with them") X(THIEF_WRITES, "thieves: entries")                   \
    X(THIEF_PAST, "thieves: as if long ago") X(THIEF_GUESTS, "thieves: guests let in")                                     \
    X(THIEF_CLAIMS, "thieves: in the owner's name, without the key") X(THIEF_SAYS, "thieves: in the owner's name, with the key") \
    X(PUPPETS, "puppets let in") X(PUPPETS_ELSEWHERE, "and said to be on somebody's machine") X(VOID, "void entries looked at") X(OUT, "machines out in the end")                       \
    X(CONTINUED, "plans carried on") X(CONTINUED_TWICE, "continuations carried on") X(FOLLOWS, "people who followed")             \
    X(TAKEN_OVER, "machines that took over what they held") X(LEFT_OLD, "and said nothing more of the old plan")            \
    X(TAKEN_ELSEWHERE, "words taken back in another plan too") X(LIE_STRAY, "lies: entries of an old plan beyond the heads") \
    X(FINISHED, "plans finished") X(READY, "frozen with nothing left open") X(AGREED, "agreed pages looked at") \
    X(PRIVATE, "things kept for oneself") X(BACK, "set aside and brought back as it was") \
    X(LONG, "notes of 48 KiB") X(NEWER, "entries of a newer program") X(CUT, "links cut") X(LOST, "messages lost") X(BENT, "messages bent") X(TWICE, "messages twice")  \
    X(SWAPPED, "messages swapped") X(LATE, "messages late") X(STAYED, "quiet moments of sessions that stay")  \
    X(TIMED_OUT, "sessions timed out")        \
    X(APART, "meetings kept apart by a partition")                                                    \
    X(CRASH, "processes killed at a store call") X(POWER, "power cuts at a store call")               \
    X(LOST_WRITES, "power cuts with unsynced bytes") X(IO, "I/O errors") X(FULL, "writes refused by a full disk") \
    X(RESTORED, "backups restored") X(COPIED, "homes copied") X(REPLAYED, "chunks delivered again")   \
    X(REPLAY_REFUSED, "chunks delivered too early") X(CLOCKS, "clocks years wrong")                   \
    X(DAMAGED, "entries damaged on a disk") X(WANTED, "entries found damaged") X(HOME, "damaged entries come home") \
    X(BEYOND, "machines with words that nobody has any more") \
    X(LOCKED, "machines locked") X(LOCKED_MEETING, "machines locked in the middle of a session") \
    X(FORKS, "forked chains") X(SELF_FORKS, "own entries met that were not held")                     \
    X(LIE_FORK, "lies: forks") X(LIE_BACKDATE, "lies: old predecessors only")                         \
    X(LIE_EARLY, "lies: handed over before what they replace") \
    X(LIE_ADMIT, "lies: strangers admitted without a token") X(LIE_NONSENSE, "lies: frames that overreach") X(LIE_FOREIGN, "lies: entries of another plan")    \
    X(LIE_CHUNK, "lies: chunks against the rules") X(LIE_REFUSED, "lies refused")                     \
    X(LIE_TIPS, "lies: tips and digests") X(LIE_WITHHELD, "lies: withheld chunks")                    \
    X(LIE_ENDLESS, "lies: sessions without end") \
    X(STICKS, "sticks written") X(STICK_READ, "stick files read") X(STICK_TAKEN, "entries taken from sticks") X(STICK_PIECES, "pieces from sticks") \
    X(STICK_TORN, "sticks torn out") X(STICK_BENT, "sticks with bits bent") X(STICK_LOST, "sticks lost") \
    X(STICK_STALE, "sticks with an older content") X(STICK_SWAPPED, "sticks with another's content") \
    X(STICK_OTHERS, "sticks that are for others") X(STICK_DAMAGED, "stick files found damaged") \
    X(STICK_REFUSED, "stick files refused in part") X(STICK_LACKS, "chunks in bundles that came too early") \
    X(LIE_SEEN, "lies: what a machine holds, signed") X(STICK_JOINS, "JOINs by stick") X(HEARD, "beliefs about others looked at") X(UNPLUGGED, "worlds without a network") \
    X(VISITS, "calls on carriers") X(CARRIED_PUT, "bundles put there") X(CARRIED_GOT, "bundles fetched there") \
    X(CARRIED_TAKEN, "entries taken from carriers") X(CARRIED_DROPPED, "bundles dropped there") \
    X(PROMISES, "things left there for somebody who came") X(CARRIED_RACES, "two at a carrier at once") X(CARRIED_CUT, "calls on carriers cut") X(TICKETS, "tickets brought") \
    X(TICKETS_GONE, "tickets taken back") X(CARRIER_LIES, "lies of carriers") X(CARRIER_NOTICED, "lies of carriers noticed") \
    X(APART_ROUNDS, "rounds to heal without a network") X(CHECKS, "records compared") X(WHOLE, "stores compared whole") \
    X(HEAL_MEETINGS, "meetings to heal") X(BYTES, "bytes exchanged")
enum sim_count {
#define X(name, words) SIM_COUNT_##name,
    SIM_COUNT_LIST(X)
#undef X
        SIM_COUNTS
};
extern const char *const sim_count_words[SIM_COUNTS];

/* Mistakes planted on purpose, to see that the simulator sees them. */
enum sim_plant {
    SIM_PLANT_NONE,
    SIM_PLANT_DANGLING, /* a replacement of a write that comes later is forgotten */
    SIM_PLANT_LAMPORT,  /* an entry with a wrong lamport number is taken in */
    SIM_PLANT_IN_SYNC,  /* in sync is said without comparing */
    SIM_PLANT_UNSYNCED, /* commits do not wait for the disk */
    SIM_PLANT_WITHDRAWN, /* that words were withdrawn is forgotten when something else comes */
    SIM_PLANT_HOARD,    /* a session gives no memory back before its end */
    SIM_PLANT_CLOCK,     /* a check looks at the clock of its machine */
    SIM_PLANT_FOREIGN,   /* anybody's write to a person counts */
    SIM_PLANT_PAGE_ID,   /* a page's id depends on more than its words */
    SIM_PLANT_UNWILLING, /* a page is agreed without "I will" */
    SIM_PLANT_UNREADY,   /* hard checks find nothing */
    SIM_PLANT_LEANING,   /* an answer's signature covers somebody else's entry */
    SIM_PLANT_OVERSPENT, /* nothing counts as asked */
    SIM_PLANT_LEAK,      /* what is private becomes a note */
    SIM_PLANT_TAKEN,     /* setting aside takes something else as well */
    SIM_PLANT_FORGIVING, /* what is void is forgotten when something comes */
    SIM_PLANT_TRUSTING,  /* whoever knows an older secret is trusted, though the log says that they are out */
    SIM_PLANT_OLD_KEY,   /* every key that was ever somebody's goes on counting */
    SIM_PLANT_LEFT_IN,   /* who left is spoken with as before */
    SIM_PLANT_UNASKED,   /* who is named in a continuation comes along without a word of their own */
    SIM_PLANT_STRAY,     /* what lies beyond a continuation's heads counts */
    SIM_PLANT_RECEIPT,   /* what was known before is counted as taken from a stick */
    SIM_PLANT_ASSUMED,   /* what was written onto a stick is believed to have arrived */
    SIM_PLANT_OTHER_PILE, /* a carrier shows every ticket the same pile */
    SIM_PLANT_HASTY,     /* what one has read at a carrier is taken away there */
    SIM_PLANT_UNPROVEN,  /* who signs what a machine holds is believed, whoever made the file */
    SIM_PLANTS
};
extern const char *const sim_plant_words[SIM_PLANTS];

struct sim_options {
    uint64_t seed;
    size_t machines; /* 0: drawn, 2 to 12 */
    size_t machines_min;
    size_t steps;    /* 0: drawn */
    bool calm;       /* no faults, no liars */
    enum sim_plant plant;
    FILE *trace;            /* NULL: none */
    const uint8_t *left_out; /* per step: 1 = skipped; NULL: none */
};
struct sim_result {
    bool failed;
    char why[1024];
    size_t failed_step, steps, machines, entries;
    size_t session_memory; /* most bytes that one session took */
    uint64_t digest; /* of everything at the end: a replay must give the same */
    uint64_t counts[SIM_COUNTS];
};

/* Runs one seed. True when nothing was wrong. */
bool sim_run(const struct sim_options *opt, struct sim_result *result);
/*
 * A large town in peace: `machines` join, write `entries` entries among them while they meet, and go on meeting in pairs
 * until all are equal. Nothing is judged on the way but what sessions claim; at the end every log and every page.
 * `folder` (NULL: memory) is where the disks lie, as one file without a name. in_line: after the last entry the machines
 * meet in a drawn line, there and back, instead of random pairs. Tells `out` what it took.
 */
bool sim_run_large(const struct sim_options *opt, size_t entries, const char *folder, bool in_line, FILE *out);
/* A failing seed: leaves out steps as long as it still fails, then tells the rest in words to `out`. */
void sim_shrink(const struct sim_options *opt, FILE *out);

#endif
