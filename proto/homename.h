/*
 * The names that a home is made of: what the daemon, its database and its keeper have or make in HOME, now or for a moment.
 * Whoever names a new file in daemon/ says it here; people's own files may lie beside them under any other name.
 * Owns: that list. Must not: look at a disk.
 */
#ifndef CP_HOMENAME_H
#define CP_HOMENAME_H

#include <stdbool.h>
#include <stddef.h>

/* Is that the name of one of the home's own files or folders? */
bool cp_home_name_is(const char *name, size_t len);

#endif
