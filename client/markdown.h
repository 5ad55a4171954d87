/*
 * A plan as a CommonMark page for minutes and mail. Owns: the page and its escapes. Must not: talk to the daemon.
 * People's words are always text: nothing that they hold becomes a heading, a link, a picture or HTML.
 */
#ifndef CP_CLIENT_MARKDOWN_H
#define CP_CLIENT_MARKDOWN_H

#include "client/planjson.h"

/* Appends text as it reads, whatever is in it. Line breaks become hard ones, the next line `indent` spaces in. */
void cp_markdown_text(struct cp_bytes text, size_t indent, struct cp_buf *out);
/* Appends the whole page. */
void cp_markdown_page(const struct cp_planjson_parts *parts, struct cp_buf *out);

#endif
