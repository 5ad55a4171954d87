/*
 * The portfolio of evidence: each point of the standard, whether it is met, why not, and what shows it, by whom and when.
 * Owns: the page, as Markdown and as HTML. Must not: judge, or talk to the daemon.
 *
 * Nothing private is in it: no score of one person, no words of a consent, nobody's side without their yes. The daemon
 * leaves these out already; this page prints nothing that the rows do not have.
 */
#ifndef CP_CLIENT_EVIDENCE_H
#define CP_CLIENT_EVIDENCE_H

#include <jansson.h>

#include "proto/bytes.h"

/* rows: of `evidence`, each reason with its sentence as `why` beside the reasons. Errors: NO_MEMORY. */
CP_MUST_USE enum cp_err cp_evidence_write(json_t *rows, bool html, struct cp_buf *out);

#endif
