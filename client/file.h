/*
 * Files that people name. Owns: reading whole files with a limit, and writing new ones so that they are there
 * whole or not at all. Must not: know what is in them.
 */
#ifndef CP_CLIENT_FILE_H
#define CP_CLIENT_FILE_H

#include "client/cli.h"

/* Reads a regular file of at most `max` bytes and appends it. False: reported (BAD_FILE, TOO_BIG). */
bool cp_file_read(struct cp_cli *cli, const char *path, size_t max, struct cp_buf *out);
/* The whole path of what was typed, for the daemon, which has a folder of its own; NULL gives "", "" and "-" are no names
 * (USAGE). False: reported. */
bool cp_file_path(struct cp_cli *cli, const char *typed, char *out, size_t size);
/* The same for a file that the daemon is to write: not what cp_file_may_lie refuses. */
bool cp_file_path_out(struct cp_cli *cli, const char *typed, char *out, size_t size);
/* True when a regular file of this name is there. */
bool cp_file_is(const char *path);
/*
 * Writes beside PATH under a name that nobody has, syncs and renames over it. A link stays one: the file that it names is
 * written. A pipe or a device stays what it is and is written into, and so does what a shell opened for us (/dev/stdout,
 * /dev/fd/3), whatever lies behind it: its words before stay. A folder, a socket, a disk, "-" and what the home is
 * made of are refused. False: reported.
 */
bool cp_file_write(struct cp_cli *cli, const char *path, struct cp_bytes content);
/* False, and reported, where no file is put: "-", an open descriptor, and the files and folders of which a home is made
 * (proto/homename.h). */
bool cp_file_may_lie(struct cp_cli *cli, const char *path);
/* Would cp_file_write be refused? Asked before something that cannot be undone is done. False: reported. */
bool cp_file_can_write(struct cp_cli *cli, const char *path);
/* The same for what whoever reads it could use: an invitation. Nobody else on this machine may read it (mode 0600). */
bool cp_file_write_secret(struct cp_cli *cli, const char *path, struct cp_bytes content);
/* Writes over a file that is there, as it stands with its owner and mode, and syncs. 0, or errno. */
int cp_file_fill(const char *path, struct cp_bytes content);
/* The file of --out; NULL where it was not given, or is "-": the screen. */
const char *cp_file_out(const struct cp_args *args);
/* To the file of --out when it was given, else to cli->out as it is. False: reported. */
bool cp_file_write_or_print(struct cp_cli *cli, const char *path, struct cp_bytes content);

#endif
