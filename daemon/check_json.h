/*
 * Reasons of the checks as members of an answer (docs/api.md). Owns: their shape. Must not: judge.
 */
#ifndef CP_CHECK_JSON_H
#define CP_CHECK_JSON_H

#include "proto/api.h"
#include "proto/check.h"

/* {"criterion", "code", "weight", "record", "args"} */
void cp_put_check_reason(struct cp_buf *out, const struct cp_check_reason *reason);

#endif
