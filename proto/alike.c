/* Look-alikes (alike.h). Owns: words of a text, and counting common ones. */
#include "proto/alike.h"

#include <string.h>

struct words {
    struct cp_bytes list[CP_ALIKE_WORDS_MAX];
    size_t count;
};

static uint8_t small(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool is_part(uint8_t c)
{
    return (c >= '0' && c <= '9') || (small(c) >= 'a' && small(c) <= 'z') || c >= 0x80;
}

static bool same(struct cp_bytes a, struct cp_bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (small(a.ptr[i]) != small(b.ptr[i]))
            return false;
    return true;
}

static bool has(const struct words *w, struct cp_bytes word)
{
    for (size_t i = 0; i < w->count; i++)
        if (same(w->list[i], word))
            return true;
    return false;
}

static void split(struct words *w, struct cp_bytes text)
{
    w->count = 0;
    for (size_t at = 0; at < text.len && w->count < CP_ALIKE_WORDS_MAX;) {
        size_t end = at;
        while (end < text.len && is_part(text.ptr[end]))
            end++;
        struct cp_bytes word = CP_BYTES(text.ptr + at, end - at);
        if (word.len >= 3 && !has(w, word))
            w->list[w->count++] = word;
        at = end + (word.len == 0 ? 1 : 0);
    }
}

unsigned cp_alike(struct cp_bytes a, struct cp_bytes b)
{
    struct words x, y;
    size_t common = 0;
    split(&x, a);
    split(&y, b);
    for (size_t i = 0; i < x.count; i++)
        common += has(&y, x.list[i]) ? 1 : 0;
    size_t all = x.count + y.count - common;
    return all == 0 ? 0 : (unsigned)(common * 100 / all);
}
