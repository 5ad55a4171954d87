/*
 * A table of actions: which column is which field, rows of a table as fields to write, and actions as a table.
 * Owns: the mapping, both ways, so that a table comes out as it came in. Must not: talk to the daemon or read files.
 *
 * Import. The first column named text, action, title or what (any case) becomes the words of the action. A column
 * whose name is a field of an action (or "coplan:" and such a name, or a field and a language as "plain.cy") becomes
 * that field when every cell is empty or is written exactly as an export would write a value that fits. Every other
 * column is kept as csv:NAME. Empty cells say nothing; a row of empty cells is left out. Only the column of the words
 * may share its name with another.
 *
 * Export. Imported columns in their order under their names, then the other fields in use in the order of the table of
 * fields (proto/kinds.h), as "coplan:FIELD" where FIELD is taken by an imported column. Persons by their shown name
 * where only one person has it, else by id; items by id; lists with "; " between; costs as ID:AMOUNT.
 */
#ifndef CP_CLIENT_SHEET_H
#define CP_CLIENT_SHEET_H

#include <jansson.h>

#include "client/csv.h"
#include "client/importmap.h"

/*
 * Who and what the cells may name: rows of `people` and `list`; what a map file says of the columns; and an array that
 * gets {"row", "column", "field", "value", "why"} for every cell that was not understood. Borrowed; NULL counts as none.
 */
struct cp_sheet_context {
    json_t *people;
    json_t *items;
    const struct cp_importmap *map;
    json_t *report;
};

enum cp_sheet_use {
    CP_SHEET_TEXT,
    CP_SHEET_FIELD,
    CP_SHEET_MAPPED, /* by the map file: what is understood becomes the field, and the cell is kept as csv:NAME too */
    CP_SHEET_RAG, /* by the map file: how it goes, which becomes a note */
    CP_SHEET_OWN
};
struct cp_sheet_column {
    enum cp_sheet_use use;
    struct cp_bytes name;         /* as in the table */
    struct cp_bytes field_name;   /* FIELD, MAPPED: "due", "plain.cy"; points into name or the map file */
    const struct cp_field *field; /* FIELD, MAPPED */
};
struct cp_sheet {
    struct cp_sheet_column columns[CP_CSV_COLUMNS_MAX];
    size_t count;
};

enum cp_sheet_fault {
    CP_SHEET_FINE,
    CP_SHEET_NO_TEXT,   /* no column for the words */
    CP_SHEET_NO_NAME,   /* a column without a name */
    CP_SHEET_SAME_NAME, /* two columns of one name */
    CP_SHEET_LONG_NAME, /* a name beyond CP_NAME_MAX */
    CP_SHEET_MAP_COLUMN /* the map file names a column that is not there, or is there twice; *column: its line */
};
/* Decides every column. On a fault *column (from 0) says which. Borrows from csv and the map. */
enum cp_sheet_fault cp_sheet_map(struct cp_sheet *out, const struct cp_csv *csv,
                                 const struct cp_sheet_context *context, size_t *column);
/* True when some column can hold a link to an item, so that the context needs items. */
bool cp_sheet_wants_items(const struct cp_csv *csv);

/* [{"name", "field"}] for the daemon. */
json_t *cp_sheet_columns(const struct cp_sheet *sheet);
/* {"row", "kind": "action", "text", "fields"}, with "rag" and "said" where a column says how it goes; NULL when the row
 * is empty or (*too_much) is more than one entry holds. */
json_t *cp_sheet_row(const struct cp_sheet *sheet, const struct cp_csv *csv, size_t row,
                     const struct cp_sheet_context *context, bool *too_much);

/* Appends the table of these rows of `list action`, with the rows of `columns`. Errors: TOO_BIG, NO_MEMORY.
 * control gets [{"row", "column"}] of the cells that an import would refuse for a control character. */
CP_MUST_USE enum cp_err cp_sheet_export(json_t *actions, json_t *columns,
                                        const struct cp_sheet_context *context, const struct cp_mem *mem,
                                        struct cp_buf *out, json_t *control);

/* ---- Cells of a mapped column (sheet_map.c) ---- */
/*
 * Appends to `fields` what the cell means. NULL: all of it was understood; else why not (a code), and what was is there
 * all the same.
 */
const char *cp_sheet_understand(const struct cp_sheet_column *column, struct cp_bytes cell,
                                const struct cp_sheet_context *context, json_t *fields);
/* Why such a cell is no value of the field, as a code. */
const char *cp_sheet_why_not(const struct cp_field *field);
/* Appends {"name", "op", "value"}. */
void cp_sheet_put_field(json_t *fields, const char *prefix, struct cp_bytes name, const char *op,
                        struct cp_bytes value);
/* Persons go by id, so that what was decided here is what is written there. */
struct cp_bytes cp_sheet_person_id(struct cp_bytes cell, const struct cp_sheet_context *context);
/* True when the column that the map names can only be understood with what else the map says. */
bool cp_sheet_needs_map(const struct cp_field *field, const struct cp_sheet_context *context);

/* ---- Values as cells ---- */
/* Appends how a value of `list` is written. */
void cp_sheet_put_value(const struct cp_field *field, json_t *value, const struct cp_sheet_context *context,
                        struct cp_buf *out);
/* True when the cell is exactly what cp_sheet_put_value writes for some value that fits the field. */
bool cp_sheet_value_fits(const struct cp_field *field, struct cp_bytes cell,
                         const struct cp_sheet_context *context);
/* The field of a column's name on an action ("due", "coplan:due", "plain.cy"), and that name without "coplan:". NULL:
 * none that a table may hold. */
const struct cp_field *cp_sheet_field(struct cp_bytes name, struct cp_bytes *field_name);

#endif
