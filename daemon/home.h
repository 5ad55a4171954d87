/*
 * A home's folder: where things lie, and opening what is in it (held.h: who holds it).
 * Owns: HOME itself, and the life of node->keeper and node->store. Must not: know commands.
 *
 *   HOME/keys  plan.db  lock  socket/control  log
 */
#ifndef CP_HOME_H
#define CP_HOME_H

#include "daemon/node.h"

/* Makes the folder (0700) and those above it where missing; absolute path without links into out.
 * Errors: USAGE (too long), IO (also: not a folder, or somebody else's), DISK_FULL. */
CP_MUST_USE enum cp_err cp_home_folder(const char *path, char *out, size_t size);
/* HOME/NAME. */
void cp_home_path(const struct cp_node *node, const char *name, char *out, size_t size);

/*
 * Opens keys and store when they are not open yet, and unlocks a home without a passphrase. Errors: NO_HOME
 * (nothing was made here), and those that become node->fault until a later call succeeds: people mend a home,
 * or take a newer program, while the daemon stays up.
 */
CP_MUST_USE enum cp_err cp_home_open(struct cp_node *node);
/* Makes keys and store. Errors: those of cp_keeper_create and the store. */
CP_MUST_USE enum cp_err cp_home_make(struct cp_node *node, struct cp_bytes name, const struct cp_kdf *kdf,
                                     const uint8_t seal[static 32], char sheet[static CP_SHEET_MAX]);
void cp_home_close(struct cp_node *node);

/* Opens the port that node->listen asks for, when unlocked. Errors: those of cp_net_listen. */
CP_MUST_USE enum cp_err cp_home_listen(struct cp_node *node);
/* Is this what is open already? Port 0 asks for some port of that host, and any will do. */
bool cp_home_listens(const struct cp_node *node, const char *endpoint);
/* HOST:PORT with something for a host and a number up to 65535. */
bool cp_endpoint_ok(const char *endpoint);

#endif
