/*
 * Where client and daemon of one home meet: HOME/socket/control.
 * Owns: the names, and what to do when the path does not fit a socket address. Must not: open anything.
 *
 * A Unix socket's address holds 107 bytes and a home may lie deeper. Both sides then open the folder HOME/socket
 * and reach the socket in it by way of that descriptor; no second place (/tmp, a runtime folder that one side's
 * environment names and the other's does not) can be squatted or missed.
 */
#ifndef CP_SOCKETPATH_H
#define CP_SOCKETPATH_H

#include <stdbool.h>
#include <stddef.h>

#define CP_SOCKET_PATH_MAX 108U /* sun_path with its NUL */

/* HOME/socket into out of `size` bytes. False when it does not fit. */
bool cp_socket_folder(const char *home, char *out, size_t size);
/* The address to bind or connect to. folder_fd: a descriptor of HOME/socket; used (and needed) only when
 * HOME/socket/control is too long: pass -1 to ask. False when it is too long and no descriptor was given. */
bool cp_socket_address(const char *home, int folder_fd, char out[static CP_SOCKET_PATH_MAX]);

#endif
