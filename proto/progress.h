/*
 * How actions stand (domain P9.4, K-G): progress in words, late, due soon, stuck, time to check, reviews.
 * Owns: what follows from notes and the day handed in. Must not: know a clock.
 *
 * Two progress notes that did not see each other both stand; the more worrying one is shown first.
 */
#ifndef CP_PROGRESS_H
#define CP_PROGRESS_H

#include "proto/model.h"

#define CP_DUE_SOON_DAYS 14 /* a fortnight: time enough to ask for help */

enum cp_rag {
    CP_RAG_GREEN,
    CP_RAG_UNKNOWN,
    CP_RAG_AMBER,
    CP_RAG_RED
}; /* the more worrying, the greater */
/* "green", "unknown", "amber", "red". */
const char *cp_rag_word(enum cp_rag rag);

struct cp_progress {
    const struct cp_model_item *action;
    const struct cp_model_note *note; /* the most worrying of those that stand; NULL: nobody said anything */
    size_t updates;                   /* that stand: 2 and more were made apart */
    struct cp_bytes status;           /* "to_do" when nobody said */
    enum cp_rag rag;
    bool finished; /* done or stopped */
    bool late;     /* not finished and its day is past */
    bool due_soon;
    bool stuck;      /* red, or paused */
    bool check_late; /* nobody looked for longer than check_every */
    int64_t due;     /* day number; 0: none */
    int64_t next;    /* the next day of something that repeats, today or later; 0: it does not, or nobody said from when */
};
void cp_progress_of(const struct cp_model *m, const struct cp_model_item *action, struct cp_progress *out);

struct cp_review {
    const struct cp_model_note *last; /* the latest review held; NULL when none */
    int64_t last_day;                 /* 0 when none */
    int64_t next_day;                 /* when to look again; 0: nobody said */
    bool overdue;
};
void cp_review_of(const struct cp_model *m, struct cp_review *out);

#endif
