/* The names of the control socket. Owns: the names. Must not: open anything. */
#include "proto/socketpath.h"

#include <stdio.h>
#include <string.h>

bool cp_socket_folder(const char *home, char *out, size_t size)
{
    int n = snprintf(out, size, "%s/socket", home);
    return n > 0 && (size_t)n < size;
}

bool cp_socket_address(const char *home, int folder_fd, char out[static CP_SOCKET_PATH_MAX])
{
    static const char tail[] = "/socket/control";
    size_t len = strlen(home);
    if (len + sizeof tail <= CP_SOCKET_PATH_MAX) {
        memcpy(out, home, len);
        memcpy(out + len, tail, sizeof tail);
        return true;
    }
    if (folder_fd < 0)
        return false;
    int n = snprintf(out, CP_SOCKET_PATH_MAX, "/proc/self/fd/%d/control", folder_fd);
    return n > 0 && (size_t)n < CP_SOCKET_PATH_MAX;
}
