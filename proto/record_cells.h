/* What record.c, record_state.c and views.c share: which ops stand for values. Private to proto/. */
#ifndef CP_RECORD_CELLS_H
#define CP_RECORD_CELLS_H

#include "proto/record.h"

/* True for ops that put an element into a list. */
bool cp_how_is_add(enum cp_how how);
/* True for kinds whose entries write registers of shared words or of a person. */
bool cp_kind_is_record(uint64_t kind);
/* Do two VIEW frames on one target write the same register (measure and criterion), given the same person? */
bool cp_view_same_register(const struct cp_frame *a, const struct cp_frame *b);
/* The criterion a VIEW names, or NULL. */
const uint8_t *cp_view_criterion(const struct cp_frame *f);

/* Does this current value of the state say one of "a|b"? */
bool cp_record_says(const struct cp_record_state *s, const struct cp_current *at, const char *words);
/* Sets set_aside, edited_apart and closed_apart of registers that are gathered and not yet settled. */
CP_MUST_USE enum cp_err cp_record_judge_state(struct cp_record_state *s);

#endif
