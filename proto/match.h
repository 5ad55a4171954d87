/*
 * Who could help with what (domain K-C, K-D). Owns: when an offer meets an obstacle, and when contact is due.
 */
#ifndef CP_MATCH_H
#define CP_MATCH_H

#include "proto/model.h"

/* Is the strength or resource, still offered, of the obstacle's type? */
bool cp_match(const struct cp_model_item *obstacle, const struct cp_model_item *offer);
/* The day by which contact with a person is due, 0 when none was agreed; *last: the last one, 0 for never. */
int64_t cp_contact_due(const struct cp_model *m, const struct cp_model_person *p, int64_t *last);

#endif
