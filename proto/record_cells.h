/* What record.c and view.c share: which ops stand for values. Private to proto/. */
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

#endif
