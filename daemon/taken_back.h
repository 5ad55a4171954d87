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

/* Entries came from somebody else: looked at when the meeting is over, or soon. */
void cp_taken_back_came(struct cp_node *node);
/* Monotonic; UINT64_MAX: never. step, once each turn of the loop, does what is due; somebody who is awake makes it due. */
uint64_t cp_taken_back_deadline_ms(const struct cp_node *node);
void cp_taken_back_step(struct cp_node *node);

#endif
