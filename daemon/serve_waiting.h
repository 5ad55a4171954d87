/*
 * What waits for the people of this home: so that whoever looks at `status` need not know which command to ask.
 * Owns: which of these lines there are. Must not: judge a page (answered.h), or decide anything.
 */
#ifndef CP_SERVE_WAITING_H
#define CP_SERVE_WAITING_H

#include "daemon/node.h"

/*
 * "waiting": [{what, person, name, id, text}] of an unlocked home, by page, then as the page lists people. person and name:
 * whom it waits for, somebody of this home but for new_page_for. what:
 *   answer        the page `id` asks them, and they have not answered; text: its check words
 *   new_page      the same, but the page prints another key of theirs than the one in force, so they cannot answer it; text: as above
 *   new_page_for  the same of somebody else: whoever makes the next page helps them
 *   two_answers   their devices answered the page `id` differently
 *   will_if       their part waits for what they said "I will if" of, in `text`; `id`: their answer, for a note `met`
 *   will_missing  their answer to the page `id` lacks "I will" to something they lead or help
 *   witness       the answer `id` on paper waits for witnesses, and they may be one; text: whose answer it is
 *   needs_someone they help the action `id`, whose lead took their answer back or left; text: its words
 * Only of pages for agreement that nothing newer replaces. Errors: those of the store, NO_MEMORY.
 */
CP_MUST_USE enum cp_err cp_put_waiting(struct cp_node *node, const uint8_t plan[static CP_ID_LEN], struct cp_buf *out);

#endif
