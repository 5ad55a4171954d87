/*
 * Printing for people. Owns: what is safe to put on a terminal, and the small shapes that commands share.
 * Must not: talk to the daemon, or print JSON (cp_print).
 *
 * Words of other people may hold control characters and marks that turn or hide text. They are shown as
 * \u{202e}, so that nobody can write over our lines or make a name look like another. Their line breaks stay, but what
 * follows one begins with "| ", further in than any row of ours: nobody's words can look like a row of somebody else.
 * That is done here, where values are printed and filled in, so that no command can forget it.
 */
#ifndef CP_CLIENT_SHOW_H
#define CP_CLIENT_SHOW_H

#include "client/cli.h"
#include "client/words.h"

/* Appends text made safe; line breaks become a line break and `indent` spaces, tabs a space. */
void cp_show_safe(struct cp_bytes text, size_t indent, struct cp_buf *out);
/* Appends what people wrote, safe: every line after the first begins with blanks, 8 or `indent` if that is more, and "| ". */
void cp_show_put_value(const char *text, size_t indent, struct cp_buf *out);
/* Prints what people wrote the same way, without a line end. */
void cp_show_text(FILE *out, const char *text, size_t indent);
/* Prints sentences of ours, whose lines are ours too and begin with `indent` blanks after the first: safe, without a line end. */
void cp_show_lines(FILE *out, const char *text, size_t indent);
/* Fills a sentence for a screen: as cp_words_fill, each value by cp_show_put_value. Print it with cp_show_lines. */
void cp_show_fill(const char *sentence, const char *const args[static 4], struct cp_buf *out);
/* Prints a sentence of the catalogue and a line end; up to four values, NULL counts as empty. */
void cp_show(FILE *out, enum cp_screen id, const char *a, const char *b, const char *c, const char *d);
/* The same without a line end. */
void cp_show_part(FILE *out, enum cp_screen id, const char *a, const char *b, const char *c, const char *d);
/* Prints any JSON value as people would write it, safe: text as it is, lists with commas. */
void cp_show_value(FILE *out, json_t *value, size_t indent);
/* The rows of `peers`: each device, what it is known to have and how we know (show_seen.c). */
void cp_show_peers(struct cp_cli *cli, json_t *rows);
/* The first 12 digits of an id, in one of a few static buffers: good until eight more calls. */
const char *cp_show_id(const char *id);
/* Decimal, in one of the same buffers. */
const char *cp_show_number(int64_t number);
/* "2 July 2031, 14:05" in local time, marked by the caller as a claim; the same buffers. */
const char *cp_show_time(int64_t ms);
/* A plan's title, or in brackets that its author took it back. The row's, or static. */
const char *cp_show_title(json_t *row);
/* One value of a field: a person by name, another id by its beginning, nothing as "(taken out)". people: rows of `people`. */
void cp_show_field_value(struct cp_cli *cli, json_t *people, const char *name, json_t *value);
/* The wordings of a field, numbered; with the command that keeps each where id says of what they are (NULL: none). */
void cp_show_wordings(struct cp_cli *cli, json_t *wordings, json_t *people, const char *id, const char *field);
/* The lines of receipts (cmd_handout.c). */
void cp_show_receipts(struct cp_cli *cli, json_t *rows);
/* The lines of entries of a log (show_history.c). */
void cp_show_log(struct cp_cli *cli, json_t *rows);
/* The history of a row of `show`, with the words that stood once and do not now: they can be read nowhere else. */
void cp_show_history(struct cp_cli *cli, json_t *shown, json_t *people);
/* True when the character must not reach a terminal as it is. */
bool cp_show_is_hidden(uint32_t character);

#endif
