/*
 * What keeps a gathered page from being made, beside what gathering itself finds (design 7, domain 5.2 step 2).
 * Owns: the way from hard checks to reasons and to the lines of "left open". Must not: judge (proto/check.h does).
 */
#ifndef CP_GATHER_READY_H
#define CP_GATHER_READY_H

#include "daemon/gather.h"
#include "proto/reason_text.h"

/*
 * Under each-perspective: puts beside everyone who must answer the perspectives that they let be shown, and a reason for
 * each that the plan needs and that too few of them show, since such a page could never be agreed.
 * For a page of stage agreement: adds a reason for each hard failure. Those that freeze --anyway passes are counted
 * in g->passable and become lines of g->v.left_open; the others in g->wordings. No clock has a part in it. A page for
 * comment is asked for words in each of the plan's languages, and nothing more. Errors: those of the store, NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_gather_ready(struct cp_gathered *g, const struct cp_desk *d);

/* One more line of "left open", and one more passable reason. Errors: NO_MEMORY. */
CP_MUST_USE enum cp_err cp_gathered_leave_open(struct cp_gathered *g, const struct cp_check_reason *reason);

/* Appends the API list of all reasons. */
void cp_gathered_reasons(const struct cp_gathered *g, struct cp_buf *out);

#endif
