/*
 * Holding a home: this process alone works in it, in the very folder, wherever that is moved; and one whose folder is no longer at its
 * place is let go of. Owns: HOME/lock, the working directory, the place. Must not: write anything else.
 *
 * The working directory of the daemon is the home, and every name in it is below "." (home.h): so a folder that somebody makes at the old
 * place is never written to. People who moved or deleted their home (into a bin, too) mean that nobody is at work in it any more.
 */
#ifndef CP_HELD_H
#define CP_HELD_H

#include "daemon/node.h"

/* Goes into the folder at `place` (whole, without links), takes its lock until the process ends, and sets node->held.
 * Errors: BUSY (another process has it), DISK_FULL, IO. */
CP_MUST_USE enum cp_err cp_held_take(struct cp_node *node, const char *place);
/* Does HOME/lock at the place still name the lock that we hold? True also when that cannot be looked at, and when nothing is held. */
bool cp_held_here(const struct cp_node *node);
/* Where the home is, for people: the folder itself when nothing is held. */
const char *cp_held_place(const struct cp_node *node);
/* Readable when the home was moved or deleted; -1 where this machine does not tell (then cp_held_here does, when asked). */
int cp_held_fd(const struct cp_node *node);
/* Takes what made it readable away. */
void cp_held_heard(const struct cp_node *node);

#endif
