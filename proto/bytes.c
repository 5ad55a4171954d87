/* Slices, the injected allocator and the growing buffer. Owns: struct cp_buf's memory. Must not: do I/O. */
#include "proto/bytes.h"

#include <assert.h>
#include <string.h>

struct cp_bytes cp_bytes_str(const char *s)
{
    return CP_BYTES((const uint8_t *)s, strlen(s));
}

bool cp_bytes_eq(struct cp_bytes a, struct cp_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool cp_bytes_begin(struct cp_bytes b, const char *with, size_t len)
{
    return b.len >= len && memcmp(b.ptr, with, len) == 0;
}

int cp_bytes_cmp(struct cp_bytes a, struct cp_bytes b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.ptr, b.ptr, shared);
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

void *cp_alloc(const struct cp_mem *mem, size_t len)
{
    void *p = mem->resize(mem->ctx, NULL, len == 0 ? 1 : len);
    if (p != NULL)
        memset(p, 0, len == 0 ? 1 : len);
    return p;
}

void *cp_alloc_array(const struct cp_mem *mem, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return cp_alloc(mem, count * size);
}

void *cp_dup(const struct cp_mem *mem, struct cp_bytes b)
{
    if (b.len == SIZE_MAX)
        return NULL;
    uint8_t *copy = cp_alloc(mem, b.len + 1);
    if (copy != NULL && b.len != 0)
        memcpy(copy, b.ptr, b.len);
    return copy;
}

void cp_free(const struct cp_mem *mem, void *p)
{
    if (p != NULL)
        mem->resize(mem->ctx, p, 0);
}

enum cp_err cp_grow(const struct cp_mem *mem, void **array, size_t *cap, size_t need, size_t max, size_t size)
{
    assert(size != 0);
    if (need <= *cap)
        return CP_OK;
    if (need > max || need > SIZE_MAX / size)
        return CP_ERR_TOO_BIG;
    size_t want = *cap < 8 ? 8 : *cap;
    while (want < need)
        want = want > max / 2 ? max : want * 2;
    if (want > max)
        want = max;
    if (want > SIZE_MAX / size)
        return CP_ERR_TOO_BIG;
    void *grown = mem->resize(mem->ctx, *array, want * size);
    if (grown == NULL)
        return CP_ERR_NO_MEMORY;
    *array = grown;
    *cap = want;
    return CP_OK;
}

void cp_buf_init(struct cp_buf *buf, const struct cp_mem *mem, size_t max)
{
    *buf = (struct cp_buf){.mem = mem, .max = max};
}

void cp_buf_clear(struct cp_buf *buf)
{
    if (buf->mem != NULL)
        cp_free(buf->mem, buf->ptr);
    buf->ptr = NULL;
    buf->len = buf->cap = 0;
    buf->err = CP_OK;
}

void cp_buf_reset(struct cp_buf *buf)
{
    buf->len = 0;
    buf->err = CP_OK;
}

enum cp_err cp_buf_err(const struct cp_buf *buf)
{
    return buf->err;
}

struct cp_bytes cp_buf_bytes(const struct cp_buf *buf)
{
    return CP_BYTES(buf->ptr, buf->len);
}

uint8_t *cp_buf_space(struct cp_buf *buf, size_t len)
{
    if (buf->err != CP_OK)
        return NULL;
    if (len > buf->max || buf->len > buf->max - len) {
        buf->err = CP_ERR_TOO_BIG;
        return NULL;
    }
    if (buf->len + len > buf->cap) {
        void *ptr = buf->ptr;
        size_t cap = buf->cap < 64 ? 0 : buf->cap;
        size_t need = buf->len + len < 64 && buf->max >= 64 ? 64 : buf->len + len;
        enum cp_err err = cp_grow(buf->mem, &ptr, &cap, need, buf->max, 1);
        if (err != CP_OK) {
            buf->err = err;
            return NULL;
        }
        buf->ptr = ptr;
        buf->cap = cap;
    }
    if (buf->ptr == NULL) /* len 0 on an empty buffer */
        return NULL;
    uint8_t *at = buf->ptr + buf->len;
    if (len != 0)
        memset(at, 0, len);
    buf->len += len;
    return at;
}

void cp_buf_put(struct cp_buf *buf, const void *p, size_t len)
{
    if (len == 0)
        return;
    /* Room that is there is below max; zeros there would only be written over. */
    bool fits = buf->err == CP_OK && len <= buf->cap - buf->len;
    uint8_t *at = fits ? buf->ptr + buf->len : cp_buf_space(buf, len);
    if (at == NULL)
        return;
    memcpy(at, p, len);
    buf->len += fits ? len : 0;
}

void cp_buf_put_bytes(struct cp_buf *buf, struct cp_bytes b)
{
    cp_buf_put(buf, b.ptr, b.len);
}

void cp_buf_put_byte(struct cp_buf *buf, uint8_t byte)
{
    cp_buf_put(buf, &byte, 1);
}

void cp_buf_put_str(struct cp_buf *buf, const char *s)
{
    cp_buf_put(buf, s, strlen(s));
}

void cp_buf_put_hex(struct cp_buf *buf, struct cp_bytes b)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < b.len; i++) {
        cp_buf_put_byte(buf, (uint8_t)digits[b.ptr[i] >> 4]);
        cp_buf_put_byte(buf, (uint8_t)digits[b.ptr[i] & 15]);
    }
}

void cp_buf_put_dec(struct cp_buf *buf, uint64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    cp_buf_put(buf, digits + at, sizeof digits - at);
}

void cp_buf_put_u32be(struct cp_buf *buf, uint32_t v)
{
    const uint8_t be[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16 & 0xff), (uint8_t)(v >> 8 & 0xff),
                           (uint8_t)(v & 0xff)};
    cp_buf_put(buf, be, sizeof be);
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool cp_hex_decode(struct cp_bytes hex, uint8_t *out, size_t len)
{
    if (len > SIZE_MAX / 2 || hex.len != len * 2)
        return false;
    for (size_t i = 0; i < len; i++) {
        int hi = hex_digit(hex.ptr[2 * i]), lo = hex_digit(hex.ptr[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        out[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}

void cp_hex_encode(const uint8_t *p, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    out[2 * len] = '\0';
}

size_t cp_base32_len(size_t len)
{
    return (len * 8 + 4) / 5;
}

void cp_base32_encode(const uint8_t *p, size_t len, char *out)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint32_t acc = 0;
    unsigned bits = 0;
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        acc = (acc << 8 | p[i]) & 0xffffU;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out[at++] = digits[acc >> bits & 31];
        }
    }
    if (bits > 0)
        out[at++] = digits[acc << (5 - bits) & 31];
    out[at] = '\0';
}

/* Length of the well-formed sequence at p (n bytes left), 0 when there is none. RFC 3629 section 4. */
static size_t utf8_step(const uint8_t *p, size_t n)
{
    uint8_t c = p[0];
    if (c == 0)
        return 0;
    if (c < 0x80)
        return 1;
    size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || len > n)
        return 0;
    uint8_t low = 0x80, high = 0xbf; /* the second byte's range narrows at the edges */
    if (c == 0xe0)
        low = 0xa0;
    else if (c == 0xed)
        high = 0x9f;
    else if (c == 0xf0)
        low = 0x90;
    else if (c == 0xf4)
        high = 0x8f;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (p[i] < 0x80 || p[i] > 0xbf)
            return 0;
    return len;
}

/*
 * True when none of these 8 bytes is NUL or above 0x7f. Every word of every entry passes here, at each opening, and
 * almost all of it is plain ASCII. With its high bit set no byte borrows from the next, and only a NUL loses that bit.
 */
static bool all_plain(const uint8_t *p)
{
    const uint64_t ones = 0x0101010101010101U, highs = 0x8080808080808080U;
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return (word & highs) == 0 && (((word | highs) - ones) & highs) == highs;
}

bool cp_utf8_ok(struct cp_bytes b)
{
    for (size_t i = 0; i < b.len;) {
        if (b.len - i >= 8 && all_plain(b.ptr + i)) {
            i += 8;
            continue;
        }
        size_t step = utf8_step(b.ptr + i, b.len - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}
