/*
 * What the daemon does with the rows of an import, as far as tables can see it: rows of `list` out of rows of
 * `add-many`, in memory.
 */
#ifndef CP_TEST_PRETEND_PLAN_H
#define CP_TEST_PRETEND_PLAN_H

#include "client/sheet.h"

/* The rows of `list action` after an import of this table; NULL when the table has no place for the words. */
json_t *pretend_import(const struct cp_csv *csv, const struct cp_sheet_context *context, json_t **columns);

/* Imports and exports; true when there was something to export, then appended to *out. expected gets what has to
 * come out: the table as our writer writes it, without its empty rows. */
bool pretend_round_trip(struct cp_bytes file, const struct cp_sheet_context *context,
                        const struct cp_mem *mem, struct cp_buf *out, struct cp_buf *expected);

#endif
