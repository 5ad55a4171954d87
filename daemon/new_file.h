/*
 * A file that is there whole or not at all: written under a name of its own beside the path, synced, then renamed. And pieces of
 * one that is there. Owns: that other name. Must not: know what is in the file. A process that is killed may leave it behind.
 *
 * Errors everywhere: BAD_FILE (the path cannot be written), DISK_FULL, IO.
 */
#ifndef CP_NEW_FILE_H
#define CP_NEW_FILE_H

#include <stdint.h>

#include "proto/bytes.h"

#define CP_NEW_FILE_PART ".part-" /* behind the name of what is being written */

struct cp_new_file {
    int fd; /* -1: none */
    char path[4096];
    char temp[4096];
};

CP_MUST_USE enum cp_err cp_new_file_open(struct cp_new_file *f, const char *path);
CP_MUST_USE enum cp_err cp_new_file_put(struct cp_new_file *f, struct cp_bytes b);
CP_MUST_USE enum cp_err cp_new_file_put_at(struct cp_new_file *f, uint64_t at, struct cp_bytes b);
/* Anybody on this machine may read it: for what is sealed, and carried by whoever comes along. Else its owner alone may. */
void cp_new_file_for_all(struct cp_new_file *f);
/* Synced, renamed, its folder synced. On failure the file is gone and what stood at the path is as it was. */
CP_MUST_USE enum cp_err cp_new_file_end(struct cp_new_file *f);
/* Without effect once it has ended. */
void cp_new_file_drop(struct cp_new_file *f);
/* Removes what a process that was killed left of writing that name in that folder. Nobody may be writing it now. */
void cp_new_file_sweep(const char *folder, const char *name);
/* All of it at once. */
CP_MUST_USE enum cp_err cp_new_file_whole(const char *path, struct cp_bytes b);
/* The same, over nothing: FILE_THERE when anything stands at the path, a link that leads nowhere too. Just before the rename the
 * name is taken by an empty file, which stays when the process is killed in that moment. */
CP_MUST_USE enum cp_err cp_new_file_whole_new(const char *path, struct cp_bytes b);

/* Of any open file: exactly `len` bytes from there on. IO, also where the file ends before. */
CP_MUST_USE enum cp_err cp_file_read_at(int fd, uint64_t at, uint8_t *to, size_t len);

#endif
