/*
 * Comparing ideas (domain P6, P7): the order of the options of a priority, and what everyone can live with.
 * Owns: the method and the privacy of small groups. Must not: pick anything (people do), or use floating point.
 *
 * Method. Per person: the mean of the scores given, weighted by what the criteria count; "do not know" is left
 * out and counted. Per perspective: the median of its people. Options stand by the highest lowest-perspective
 * median, then the highest median of all people, then the fewest "cannot", then id. Nothing is a majority vote.
 * A person of several perspectives counts in each; whoever named none counts among all people.
 */
#ifndef CP_RANK_H
#define CP_RANK_H

#include "proto/model.h"

/* num / den in lowest terms, den > 0; den 0: nothing to say. */
struct cp_ratio {
    int64_t num, den;
};
struct cp_ratio cp_ratio_make(int64_t num, int64_t den);
/* -1, 0, 1; what is nothing comes below everything. Never overflows. */
int cp_ratio_cmp(struct cp_ratio a, struct cp_ratio b);
/* Half of their sum. Both are means of up to a million scores, so this fits. */
struct cp_ratio cp_ratio_middle(struct cp_ratio a, struct cp_ratio b);
/* "3.25", rounded to the nearest hundredth, halves up; "" for nothing. */
void cp_ratio_text(struct cp_ratio r, char out[static 24]);

struct cp_rank_group {
    struct cp_bytes perspective; /* borrowed from the model */
    size_t size;                 /* people in who have it */
    size_t scored;               /* of them, those who scored this option */
    size_t dont_know;            /* scores "do not know" of its people */
    bool shown;                  /* else its line is hidden: fewer than three, and not all said yes */
    struct cp_ratio median;
};
struct cp_rank_row {
    const struct cp_model_item *option;
    size_t place;                /* from 1; equal ones share it */
    struct cp_ratio lowest;      /* the lowest perspective median; of all people when no perspective scored */
    bool lowest_shown;           /* false: it is that of a hidden perspective */
    struct cp_ratio overall;     /* median of all people */
    struct cp_ratio least, most; /* the spread of people's means */
    size_t scored, dont_know, cannot;
    size_t late;                  /* scores that the choice of this priority did not see */
    struct cp_rank_group *groups; /* perspectives_count of the model, in its order */
};
/* One criterion has two weights that stand: the ranking with the other one. */
struct cp_rank_other {
    const struct cp_model_item *criterion;
    int64_t counts;
    size_t *places; /* of rows[i] under that weight */
};
struct cp_ranking {
    struct cp_rank_row *rows;
    size_t count;
    struct cp_rank_other *others;
    size_t others_count;
    const struct cp_model_note *choice; /* the newest choice for this priority; NULL when none */
    size_t late;                        /* scores that it did not see */
    const struct cp_mem *mem;
    void *blocks[4]; /* private */
};
/* The options of a priority: those that say they are `for` it, apart from combined ones. Errors: NO_MEMORY; on
 * failure *out is clear. Borrows the model. */
CP_MUST_USE enum cp_err cp_rank(struct cp_ranking *out, const struct cp_mem *mem, const struct cp_model *m,
                                const struct cp_model_item *priority);
void cp_ranking_clear(struct cp_ranking *r);
/* The choice for a priority with the greatest (lamport, id). NULL when none. */
const struct cp_model_note *cp_rank_choice(const struct cp_model *m, const struct cp_model_item *priority);

/* ---- Common ground (P6) ---- */
enum cp_ground {
    CP_GROUND_COMMON,     /* no "cannot", no more "unsure" than agreed, nobody missing */
    CP_GROUND_ONE_CANNOT, /* one "cannot", whose condition is shown */
    CP_GROUND_SPLIT,
    CP_GROUND_NOT_ENOUGH /* somebody who is asked has not answered */
};
struct cp_ground_row {
    const struct cp_model_item *option;
    enum cp_ground ground;
    size_t lead, help, fine, unsure, cannot, missing;
    const struct cp_model_view *first_cannot; /* NULL when none */
};
/* One option. */
void cp_ground_of(const struct cp_model *m, const struct cp_model_item *option, struct cp_ground_row *out);
/* Options of one priority, or of all (NULL): common ground first, then one "cannot", then the others; by place in
 * the plan. rows holds as many as the model has items; returns how many. */
size_t cp_common_ground(const struct cp_model *m, const struct cp_model_item *priority,
                        struct cp_ground_row *rows);

#endif
