/*
 * The standard, executable (domain 1): P1 to P13 with their sub-points, the ten capabilities, the grouped
 * knowledge points, each a small function over a plan as plain structs.
 * Owns: what is met, why not, and by which records. Must not: hold sentences (reasons are codes; the client has
 * the words), know a clock, or depend on the order in which records came.
 *
 * "needs people": what a machine can see is there, and the rest is for people to judge or to say.
 */
#ifndef CP_CHECK_H
#define CP_CHECK_H

#include "proto/model.h"

struct cp_check; /* check_internal.h */

enum cp_met {
    CP_MET_YES,
    CP_MET_NO,
    CP_MET_PEOPLE
};
/* "yes", "no", "needs people". */
const char *cp_met_word(enum cp_met met);

enum cp_check_weight {
    CP_CHECK_REMARK, /* worth saying; changes nothing */
    CP_CHECK_PEOPLE, /* only people can say or judge this */
    CP_CHECK_NO,     /* not met yet */
    CP_CHECK_HARD    /* not met, and no final page is made while it stands (freeze --anyway apart) */
};

enum cp_check_arg_type {
    CP_ARG_NONE,
    CP_ARG_TEXT, /* somebody's words, a name, a day */
    CP_ARG_WORD, /* a word of ours that has a label (kind, field, perspective) */
    CP_ARG_NUMBER,
    CP_ARG_PENCE,
    CP_ARG_MINUTES
};
struct cp_check_arg {
    enum cp_check_arg_type type;
    struct cp_bytes text; /* borrowed from the model, or static */
    int64_t number;
};
#define CP_CHECK_ARGS_MAX 3U

struct cp_check_reason {
    const char *criterion; /* the point that says it: a main point also lists what its sub-points say */
    const char *code;
    enum cp_check_weight weight;
    const uint8_t *record; /* what it is about; NULL: the plan as a whole. Borrowed from the model. */
    struct cp_check_arg args[CP_CHECK_ARGS_MAX];
};
struct cp_check_row {
    const char *criterion; /* "P9.2" */
    enum cp_met met;
    size_t reasons_at, reasons_count;
    size_t records_at, records_count; /* what shows it, in the order found */
};
struct cp_checked {
    struct cp_check_row *rows;
    size_t count, cap;
    struct cp_check_reason *reasons;
    size_t reasons_count, reasons_cap;
    const uint8_t **records;
    size_t records_count, records_cap;
    const struct cp_mem *mem;
    enum cp_err err;
};
void cp_checked_init(struct cp_checked *c, const struct cp_mem *mem);
void cp_checked_clear(struct cp_checked *c);

/* One criterion of the standard. A main point ("P9") is what its sub-points say together. */
struct cp_criterion {
    const char *name;  /* "P9.2", "C4", "K-A" */
    const char *also;  /* "fairness": another name, or for K-A the points "K1|K2"; NULL */
    const char *under; /* "P9" for P9.2; NULL */
    void (*run)(struct cp_check *c);
};
/* The i-th in the standard's order; NULL at the end. A point with sub-points stands before them. */
const struct cp_criterion *cp_criterion_at(size_t i);
/* By name or other name, in any case of letters; NULL when there is none. */
const struct cp_criterion *cp_criterion_find(struct cp_bytes name);

/*
 * Appends the row of a criterion, and those of its sub-points behind it. Errors: NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_check_run(struct cp_checked *out, const struct cp_model *m,
                                     const struct cp_criterion *c);
/* All of them, each once. */
CP_MUST_USE enum cp_err cp_check_all(struct cp_checked *out, const struct cp_model *m);

/*
 * Risks (capability 9): the least and the most that likelihood times impact comes to among the people who are in and
 * said both. One official number there is not. False: nobody did.
 */
bool cp_risk_range(const struct cp_model *m, const struct cp_model_item *risk, int64_t *low, int64_t *high);
/* "low" to 3, "moderate" to 6, "high" to 12, "extreme" (domain 4.2). */
const char *cp_risk_word(int64_t number);

/*
 * What keeps a page for agreement from being made (domain 4.3, invariants 5 and 7, and capability 9): one row per
 * criterion that has hard reasons, with those reasons alone. Two wordings are among them. Count 0:
 * ready.
 */
CP_MUST_USE enum cp_err cp_check_hard_failures(struct cp_checked *out, const struct cp_model *m);
/*
 * What keeps a page for comment from being made: words that are not there in every language that the plan needs. Whoever
 * is asked what they think must be able to read what the others read, at the same time (domain 6, Welsh). At most one
 * row, of C2. Count 0: ready.
 */
CP_MUST_USE enum cp_err cp_check_languages_missing(struct cp_checked *out, const struct cp_model *m);

/*
 * What has to be seen on one action: it needs someone (its lead took their answer to the page back, or left), it waits (two
 * agreed pages say different things of it), it uses what was taken back, it falls on a day that somebody cannot, it was
 * stopped by the person a risk of it is about. Appends one row "marks"; its reasons stand in the order of this list.
 */
CP_MUST_USE enum cp_err cp_check_marks(struct cp_checked *out, const struct cp_model *m,
                                       const struct cp_model_item *action);

#endif
