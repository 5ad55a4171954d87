/* Shortening texts: see utf8.h. */
#include "proto/utf8.h"

#include <string.h>

size_t cp_utf8_whole(struct cp_bytes text, size_t most)
{
    if (text.len <= most)
        return text.len;
    while (most > 0 && (text.ptr[most] & 0xc0U) == 0x80U)
        most--;
    return most;
}

void cp_utf8_keep(struct cp_bytes text, char *out, size_t size)
{
    size_t len = cp_utf8_whole(text, size - 1);
    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}
