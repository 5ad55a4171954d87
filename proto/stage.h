/*
 * How far a plan has come (domain 4.2): computed, never stored, and nothing is locked by it.
 * Owns: the stages, their words and their order. Must not: look at records, or know a clock.
 */
#ifndef CP_STAGE_H
#define CP_STAGE_H

#include <stdbool.h>
#include <stddef.h>

#define CP_PLAN_STAGE_LIST(X)                                                                    \
    X(GATHERING, "gathering")     /* what matters, what we have, what worries us */              \
    X(CHOOSING, "choosing")       /* there are ideas to compare */                               \
    X(PLANNING, "planning")       /* there are actions */                                        \
    X(COMMENT, "out for comment") /* a page for comment, none for agreement yet */               \
    X(SIGNING, "signing")         /* a page for agreement, and none was agreed yet */            \
    X(AGREED, "agreed")                                                                          \
    X(REVIEW_DUE, "review due") /* the day to look again is past */                              \
    X(CHANGING, "changing")     /* what was agreed is being changed, taken back or made twice */ \
    X(FINISHED, "finished")     /* every action is done or stopped */                            \
    X(ENDED, "ended")           /* a review decided to stop */

enum cp_plan_stage {
#define X(name, word) CP_PLAN_##name,
    CP_PLAN_STAGE_LIST(X)
#undef X
};
/* Static. */
const char *cp_plan_stage_word(enum cp_plan_stage stage);

/* What a plan's records say. Zeroed: an empty plan. */
struct cp_stage_facts {
    bool ideas; /* an option or a criterion */
    bool actions;
    bool comment;        /* a page for comment that no other replaces */
    bool comment_later;  /* ... made knowing of, or later than, the agreed page */
    bool signing;        /* a page for agreement that no other replaces, not agreed */
    size_t agreed;       /* pages for agreement that no other replaces, agreed */
    bool taken_back;     /* such a page was agreed, and somebody has changed their answer since */
    bool agreed_before;  /* a page that another replaces is agreed */
    bool decided_change; /* the last review, held after the agreed page was made, decided to change */
    bool decided_stop;   /* ... to stop */
    bool all_finished;   /* there are actions, and each is done or stopped */
    bool review_due;
};
enum cp_plan_stage cp_plan_stage_of(const struct cp_stage_facts *f);

#endif
