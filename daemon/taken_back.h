/*
 * Words that somebody took back in one plan of this machine are taken back in its other plans that have them: a WITHDRAW counts in
 * every plan that holds the entry, and travels in none but the one that it was said in.
 * Owns: when that is looked at, and the entries that say it again. Must not: judge whose words they are (the store does), or sign
 * statements (they are copied as their author signed them).
 *
 * One thread. Written by any device of this machine that is awake and was let in there, also one whose person has yet to come along
 * or was reported lost: the statement counts whoever carries it. Where none can (they have left that plan, or nobody who is in it
 * is awake) it is tried again when somebody unlocks, and whenever entries come.
 */
#ifndef CP_TAKEN_BACK_H
#define CP_TAKEN_BACK_H

#include "daemon/node.h"

/* A WITHDRAW that was said in plan `from`, said in plan `to` as well where it takes words there, with the KEY that it counts by where
 * that was said in `from` alone. by: the entry. NOT_YET, LEFT: nobody of this machine who is awake may write there; WORDS_STAY: it
 * takes nothing there, by what is known or whole of whose they are; what the store could not do. */
CP_MUST_USE enum cp_err cp_taken_back_say(struct cp_node *node, const uint8_t to[static CP_ID_LEN], const uint8_t from[static CP_ID_LEN],
                                          struct cp_bytes frame, uint8_t by[static CP_ID_LEN]);
/* Looked at now, in all plans. *said: how many were said in this one. What cannot be is logged, and tried again as above; the error
 * is why one was not said in this one, or why not all could be looked at. */
CP_MUST_USE enum cp_err cp_taken_back_now(struct cp_node *node, const uint8_t plan[static CP_ID_LEN], size_t *said);
/* Entries came from somebody else: looked at when the meeting is over, or soon. */
void cp_taken_back_came(struct cp_node *node);
/* Monotonic; UINT64_MAX: never. step, once each turn of the loop, does what is due; somebody who is awake makes it due. */
uint64_t cp_taken_back_deadline_ms(const struct cp_node *node);
void cp_taken_back_step(struct cp_node *node);

#endif
