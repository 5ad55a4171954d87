/*
 * A SQLite VFS that is the default one until its turn comes: then writes and syncs fail, once or from then on.
 * Owns: the VFS "fault" and its one countdown. Must not: be used by two stores that are to fail apart.
 */
#ifndef CP_TESTS_FAULT_VFS_H
#define CP_TESTS_FAULT_VFS_H

#include <stdbool.h>
#include <stddef.h>

enum fault { FAULT_FULL, FAULT_IO };
/* Registers the VFS (once is enough); its name for struct cp_store_options. */
const char *fault_vfs(void);
/* Call number `at` (from 1) of write, sync and truncate fails; `for_ever`: and all later ones. 0: none. */
void fault_set(size_t at, enum fault what, bool for_ever);
/* Calls since fault_set. */
size_t fault_calls(void);

#endif
