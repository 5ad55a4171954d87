/*
 * Files that people name. Owns: reading whole files with a limit, and writing new ones so that they are there
 * whole or not at all. Must not: know what is in them.
 */
#ifndef CP_CLIENT_FILE_H
#define CP_CLIENT_FILE_H

#include "client/cli.h"

/* Reads a regular file of at most `max` bytes and appends it. False: reported (BAD_FILE, TOO_BIG). */
bool cp_file_read(struct cp_cli *cli, const char *path, size_t max, struct cp_buf *out);
/* The whole path of what was typed, for the daemon, which has a folder of its own; NULL gives "", "" is no name
 * (USAGE). False: reported. */
bool cp_file_path(struct cp_cli *cli, const char *typed, char *out, size_t size);
/* True when a regular file of this name is there. */
bool cp_file_is(const char *path);
/* Writes beside PATH under a name that nobody has, syncs and renames over it. False: reported. */
bool cp_file_write(struct cp_cli *cli, const char *path, struct cp_bytes content);
/* The same for what whoever reads it could use: an invitation. Nobody else on this machine may read it (mode 0600). */
bool cp_file_write_secret(struct cp_cli *cli, const char *path, struct cp_bytes content);
/* Writes over a file that is there, as it stands with its owner and mode, and syncs. 0, or errno. */
int cp_file_fill(const char *path, struct cp_bytes content);
/* To the file of --out when it was given, else to cli->out as it is. False: reported. */
bool cp_file_write_or_print(struct cp_cli *cli, const char *path, struct cp_bytes content);

#endif
