/*
 * Taking in files that somebody else wrote: one file for each format, and what they share.
 * Owns: the order of requests; rows known by the import (the file's own hash) and their number, so that the same file
 * again adds nothing and goes on where it was cut off. Must not: know formats (sheet.h, planjson.h, mdplan.h).
 *
 * A dry run asks the daemon to do all of it in a transaction that is undone, so what it says is what would happen.
 */
#ifndef CP_CLIENT_IMPORT_H
#define CP_CLIENT_IMPORT_H

#include "client/cli.h"
#include "client/importmap.h"
#include "client/words.h"

struct cp_import {
    struct cp_cli *cli;
    struct cp_bytes file;
    const struct cp_importmap *map; /* NULL: none */
    struct cp_bytes map_file;       /* its bytes, for sentences */
    bool dry;                       /* say what would happen, and write nothing */
};

/* Each takes in the whole file and reports; the exit status is returned. */
int cp_import_csv(struct cp_import *im);
int cp_import_json(struct cp_import *im);
int cp_import_markdown(struct cp_import *im);

/* Adds rows in batches. *sums gets {added, known, ids}. False: reported; what was added before stays, and the same
 * import again goes on from there. */
bool cp_import_rows(struct cp_import *im, json_t *columns, json_t *rows, json_t **sums);
/* Writes those of `fields` that `row` (as `list` shows it; NULL: nothing) does not show yet, at most 48 an entry. */
void cp_import_set(struct cp_import *im, const char *id, json_t *fields, json_t *row);
/* Every row of `list` by its id; NULL: reported. */
json_t *cp_import_index(struct cp_import *im);
void cp_import_progress(struct cp_import *im, size_t done, size_t of);
/* Fails with a sentence of the catalogue, its places filled. */
void cp_import_refuse(struct cp_import *im, enum cp_err err, enum cp_screen sentence,
                      const char *const args[static 4]);
/* The beginning of a text, for a line on the screen. The bytes last until the 8th call after. */
const char *cp_import_begin(const char *text);
/* "Nothing was written: this was a dry run", and what it would have done. */
void cp_import_show_dry(struct cp_cli *cli, json_t *value);

#endif
