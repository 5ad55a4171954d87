/*
 * A plan as JSON, out and in (docs/commands.md has the format).
 * Owns: the shape of the file, and what of a file becomes which request. Must not: talk to the daemon or read files.
 *
 * Out: one object with sorted keys and two spaces; the same bytes on every device that shows the same.
 *   {"format": "coplan plan 1", "plan", "fields", "wordings", "columns", "people", "items", "notes", "views"}
 * In: items with their fields, links between them, and notes. Whatever cannot be taken is said, one sentence each.
 */
#ifndef CP_CLIENT_PLANJSON_H
#define CP_CLIENT_PLANJSON_H

#include <jansson.h>

#include "proto/kinds.h"

#define CP_PLANJSON_FORMAT    "coplan plan 1"
#define CP_PLANJSON_BYTES_MAX (128U * 1024U * 1024U)
#define CP_PLANJSON_ITEMS_MAX 1000000U

/* What the daemon says of a plan: the answers of plan-show, columns, people, list, notes, views; attachments, which are on pages
 * and not in the file. Borrowed. */
struct cp_planjson_parts {
    json_t *plan, *columns, *people, *items, *notes, *views, *attachments;
};
/* The file's object; NULL: out of memory. */
json_t *cp_planjson_make(const struct cp_planjson_parts *parts);

/* Parses and checks the shape. NULL: *line is the line of broken JSON, or 0 and *what names what is wrong. */
json_t *cp_planjson_read(struct cp_bytes file, int *line, const char **what);

/* What an import of a file (as read) does. */
struct cp_planjson_import {
    json_t *rows; /* for add-many, in order: {"row", "kind", "text", "fields"} */
    json_t *ids;  /* the file's id of each row */
    json_t *
        later; /* for each row: fields to set afterwards, links as {"name", "op", "to", "amount"} by the file's ids */
    json_t *own;  /* the plan's own fields, as one of `later`: those of which the plan at hand says nothing */
    json_t *left; /* sentences */
};
/* plan: what plan-show says of the plan at hand; people: its rows. False: out of memory. */
bool cp_planjson_plan(struct cp_planjson_import *out, json_t *file, json_t *plan, json_t *people);
void cp_planjson_clear(struct cp_planjson_import *import);
/* later[row] with links turned into typed fields by `map` (file id to new id); what is not in the map is left. */
json_t *cp_planjson_links(struct cp_planjson_import *import, size_t row, json_t *map);
/* The same of the plan's own fields. */
json_t *cp_planjson_own(struct cp_planjson_import *import, json_t *map);
/* Requests of `note` for the file's notes: {"kind", "about", "text", "fields"}; map also has the file's plan. Who said it
 * stands before the words, since the one who imports is the author here. there: rows of `notes` of this plan, which are
 * not said again. */
json_t *cp_planjson_notes(struct cp_planjson_import *import, json_t *file, json_t *map, json_t *there,
                          json_t *people);

#endif
