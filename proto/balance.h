/*
 * Means and balance (domain P8.1, P9, capability 3): money and minutes asked against offered, and who speaks,
 * scores and leads by perspective.
 * Owns: the sums. Must not: show a perspective that is too small (shown says so).
 *
 * Money asked of an action: what its costs take from resources in pence, or its cost_pence when that is more.
 * Minutes: what its costs take from somebody's resource in minutes is asked of whoever offered it; what
 * effort_minutes has beyond that is asked of the lead. Offered: resources that were not taken back. Where nobody
 * offered money, the plan's budget is what there is.
 */
#ifndef CP_BALANCE_H
#define CP_BALANCE_H

#include "proto/model.h"

struct cp_means_person {
    const struct cp_model_person *person;
    int64_t asked, offered; /* minutes */
};
struct cp_means {
    int64_t pence_asked, pence_offered;
    int64_t budget;                         /* -1: none given */
    bool budget_passed;                     /* more asked than the budget */
    int64_t minutes_asked, minutes_offered; /* of everyone */
    int64_t minutes_nobody;                 /* asked, and nobody leads */
    struct cp_means_person *people;         /* one for each person of the model, in its order */
    size_t people_count;
    const struct cp_mem *mem;
};
CP_MUST_USE enum cp_err cp_means(struct cp_means *out, const struct cp_mem *mem, const struct cp_model *m);
void cp_means_clear(struct cp_means *means);
/* What actions that count take from one resource, in its unit. */
int64_t cp_means_taken(const struct cp_model *m, const struct cp_model_item *resource);
/* What an action takes in money. */
int64_t cp_means_pence(const struct cp_model *m, const struct cp_model_item *action);

struct cp_balance_row {
    struct cp_bytes perspective;
    bool needed, shown;
    size_t people, speak, score, lead; /* 0 when not shown, apart from nobody being there */
    bool somebody;                     /* at least one person */
};
/* rows holds perspectives_count of the model; returns how many. */
size_t cp_balance(const struct cp_model *m, struct cp_balance_row *rows);

#endif
