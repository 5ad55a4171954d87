/*
 * Pictures and papers of something in the plan, for other commands to show. Owns: their rows and lines.
 * Must not: fetch or save any.
 */
#ifndef CP_CLIENT_ATTACHED_H
#define CP_CLIENT_ATTACHED_H

#include "client/cli.h"

/* The rows of `attachments` about an id as typed; "" for all of the plan. NULL: reported. */
json_t *cp_attachments_of(struct cp_cli *cli, const char *about);
/* Their lines. */
void cp_show_attachments(struct cp_cli *cli, json_t *rows);

#endif
