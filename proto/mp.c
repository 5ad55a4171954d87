/* The strict MessagePack profile. Owns: cursor and writer. Must not: allocate while reading. */
#include "proto/mp.h"

#include <assert.h>
#include <string.h>

/* msgpack-c's inline packer uses old-style constructs that our warnings refuse; they are not ours to mend. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <msgpack/pack.h>
#pragma GCC diagnostic pop

/* msgpack-c takes the byte order from a header made for one machine. Built with another machine's, it would write
 * every integer wrongly and say nothing. */
_Static_assert((MSGPACK_ENDIAN_LITTLE_BYTE != 0) == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__),
               "msgpack-c's headers are those of a machine with another byte order");

void cp_cursor_init(struct cp_cursor *c, struct cp_bytes bytes, size_t items_max)
{
    static const uint8_t nothing[1] = {0};
    const uint8_t *p = bytes.len == 0 ? nothing : bytes.ptr;
    *c = (struct cp_cursor){.at = p, .end = p + bytes.len, .items = items_max};
}

size_t cp_cursor_left(const struct cp_cursor *c)
{
    return (size_t)(c->end - c->at);
}

void cp_cursor_fail(struct cp_cursor *c, enum cp_err err)
{
    if (c->err == CP_OK)
        c->err = err;
}

enum cp_mp_type cp_cursor_peek(struct cp_cursor *c)
{
    if (c->err != CP_OK || c->at == c->end)
        return CP_MP_NONE;
    uint8_t b = *c->at;
    if (b <= 0x7f || (b >= 0xcc && b <= 0xcf))
        return CP_MP_UINT;
    if (b >= 0xe0 || (b >= 0xd0 && b <= 0xd3))
        return CP_MP_NEG;
    if ((b >= 0xa0 && b <= 0xbf) || b == 0xd9 || b == 0xda)
        return CP_MP_STR;
    if (b >= 0xc4 && b <= 0xc6)
        return CP_MP_BIN;
    if ((b >= 0x90 && b <= 0x9f) || b == 0xdc)
        return CP_MP_ARRAY;
    if (b == 0xc0)
        return CP_MP_NIL;
    cp_cursor_fail(c, CP_ERR_BAD_TYPE); /* map, float, ext, bool, array32, str32, reserved */
    return CP_MP_NONE;
}

/* Takes n bytes, or fails. */
static const uint8_t *take(struct cp_cursor *c, size_t n)
{
    if (c->err != CP_OK)
        return NULL;
    if (cp_cursor_left(c) < n) {
        c->err = CP_ERR_TRUNCATED;
        return NULL;
    }
    const uint8_t *p = c->at;
    c->at += n;
    return p;
}

/* The first byte of a value of type `want`; counts the value. 0 with the error set when it is another. */
static uint8_t head(struct cp_cursor *c, enum cp_mp_type want)
{
    enum cp_mp_type is = cp_cursor_peek(c);
    if (c->err != CP_OK)
        return 0;
    if (is == CP_MP_NONE)
        cp_cursor_fail(c, CP_ERR_TRUNCATED);
    else if (is != want)
        cp_cursor_fail(c, CP_ERR_BAD_TYPE);
    else if (c->items == 0)
        cp_cursor_fail(c, CP_ERR_TOO_BIG);
    if (c->err != CP_OK)
        return 0;
    c->items--;
    return *c->at++;
}

/* Big-endian integer of n bytes that must need that width: at least `least`. */
static uint64_t wide(struct cp_cursor *c, size_t n, uint64_t least)
{
    const uint8_t *p = take(c, n);
    if (p == NULL)
        return 0;
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    if (v < least) {
        cp_cursor_fail(c, CP_ERR_NOT_CANONICAL);
        return 0;
    }
    return v;
}

uint64_t cp_get_uint(struct cp_cursor *c, uint64_t max)
{
    uint8_t b = head(c, CP_MP_UINT);
    uint64_t v = b;
    if (b == 0xcc)
        v = wide(c, 1, 0x80);
    else if (b == 0xcd)
        v = wide(c, 2, 0x100);
    else if (b == 0xce)
        v = wide(c, 4, 0x10000);
    else if (b == 0xcf)
        v = wide(c, 8, 0x100000000ULL);
    if (c->err == CP_OK && v > max)
        c->err = CP_ERR_BAD_VALUE;
    return c->err == CP_OK ? v : 0;
}

int64_t cp_get_int(struct cp_cursor *c)
{
    if (cp_cursor_peek(c) != CP_MP_NEG)
        return (int64_t)cp_get_uint(c, CP_INT_MAX);
    uint8_t b = head(c, CP_MP_NEG);
    if (c->err != CP_OK)
        return 0;
    if (b >= 0xe0)
        return (int64_t)b - 256;
    size_t n = (size_t)1 << (b - 0xd0);
    const uint8_t *p = take(c, n);
    if (p == NULL)
        return 0;
    uint64_t raw = (p[0] & 0x80) != 0 ? UINT64_MAX : 0; /* sign extension */
    for (size_t i = 0; i < n; i++)
        raw = (raw & 0x00ffffffffffffffULL) << 8 | p[i];
    /* Bits of a negative number: anything that a narrower form could hold is not canonical. */
    static const uint64_t narrower_holds[] = {32, 0x80, 0x8000, 0x80000000ULL};
    uint64_t magnitude = ~raw + (raw == 0 ? 0 : 1); /* -value, 1 .. 2^63 */
    bool negative = (raw >> 63) != 0;
    if (!negative || magnitude <= narrower_holds[b - 0xd0]) {
        cp_cursor_fail(c, CP_ERR_NOT_CANONICAL);
        return 0;
    }
    return -(int64_t)(magnitude - 1) - 1;
}

void cp_get_nil(struct cp_cursor *c)
{
    (void)head(c, CP_MP_NIL);
}

struct cp_bytes cp_get_str(struct cp_cursor *c, size_t max)
{
    uint8_t b = head(c, CP_MP_STR);
    uint64_t len = b & 0x1f;
    if (b == 0xd9)
        len = wide(c, 1, 32);
    else if (b == 0xda)
        len = wide(c, 2, 0x100);
    if (c->err == CP_OK && len > max)
        c->err = CP_ERR_TOO_BIG;
    const uint8_t *p = take(c, (size_t)len);
    if (p == NULL)
        return CP_BYTES(NULL, 0);
    if (!c->checked && !cp_utf8_ok(CP_BYTES(p, (size_t)len))) {
        c->err = CP_ERR_BAD_TEXT;
        return CP_BYTES(NULL, 0);
    }
    return CP_BYTES(p, (size_t)len);
}

struct cp_bytes cp_get_bin(struct cp_cursor *c, size_t max)
{
    uint8_t b = head(c, CP_MP_BIN);
    uint64_t len = 0;
    if (b == 0xc4)
        len = wide(c, 1, 0);
    else if (b == 0xc5)
        len = wide(c, 2, 0x100);
    else if (b == 0xc6)
        len = wide(c, 4, 0x10000);
    if (c->err == CP_OK && len > max)
        c->err = CP_ERR_TOO_BIG;
    const uint8_t *p = take(c, (size_t)len);
    return p == NULL ? CP_BYTES(NULL, 0) : CP_BYTES(p, (size_t)len);
}

const uint8_t *cp_get_fixed_ref(struct cp_cursor *c, size_t len)
{
    static const uint8_t zeros[64] = {0};
    assert(len <= sizeof zeros);
    struct cp_bytes b = cp_get_bin(c, CP_MESSAGE_MAX);
    if (c->err == CP_OK && b.len != len)
        c->err = CP_ERR_BAD_VALUE;
    return c->err == CP_OK ? b.ptr : zeros;
}

void cp_get_fixed(struct cp_cursor *c, uint8_t *out, size_t len)
{
    memcpy(out, cp_get_fixed_ref(c, len), len);
}

size_t cp_get_array(struct cp_cursor *c, size_t min, size_t max)
{
    uint8_t b = head(c, CP_MP_ARRAY);
    uint64_t count = b & 0x0f;
    if (b == 0xdc)
        count = wide(c, 2, 16);
    if (c->err == CP_OK && count > cp_cursor_left(c)) /* each element takes a byte at least */
        c->err = CP_ERR_TRUNCATED;
    if (c->err == CP_OK && (count < min || count > max))
        c->err = CP_ERR_BAD_VALUE;
    return c->err == CP_OK ? (size_t)count : 0;
}

/* The big-endian number of n bytes behind the first. */
static size_t behind(const uint8_t *p, size_t n)
{
    size_t v = 0;
    for (size_t i = 1; i <= n; i++)
        v = v << 8 | p[i];
    return v;
}

/* How many bytes the value at p takes without what an array holds, of which *more are added; 0 for none of the profile's. */
static size_t length_of(const uint8_t *p, size_t left, size_t *more)
{
    uint8_t b = p[0];
    size_t wide = b == 0xda || b == 0xc5 || b == 0xdc ? 2 : b == 0xd9 || b == 0xc4 ? 1 : b == 0xc6 ? 4 : 0;
    if (wide >= left)
        return 0;
    if (b <= 0x7f || b >= 0xe0 || b == 0xc0)
        return 1;
    if (b >= 0xa0 && b <= 0xbf)
        return 1 + (size_t)(b & 0x1f);
    if ((b >= 0xcc && b <= 0xcf) || (b >= 0xd0 && b <= 0xd3))
        return 1 + ((size_t)1 << (b & 3));
    if (b >= 0x90 && b <= 0x9f)
        *more += b & 0x0f;
    else if (b == 0xdc)
        *more += behind(p, wide);
    else if (wide > 0)
        return behind(p, wide) > left ? 0 : 1 + wide + behind(p, wide);
    else
        return 0;
    return 1 + wide;
}

/* Passes over one value of bytes that were checked as a whole: neither its form nor its text is judged again. */
static void pass_over(struct cp_cursor *c)
{
    for (size_t more = 1; more > 0 && c->err == CP_OK; more--) {
        size_t left = cp_cursor_left(c), len = left == 0 ? 0 : length_of(c->at, left, &more);
        if (len == 0 || len > left)
            cp_cursor_fail(c, CP_ERR_TRUNCATED);
        else
            c->at += len;
    }
}

struct cp_bytes cp_get_any(struct cp_cursor *c, unsigned depth)
{
    const uint8_t *from = c->at;
    if (c->checked) {
        pass_over(c);
        return c->err == CP_OK ? CP_BYTES(from, (size_t)(c->at - from)) : CP_BYTES(NULL, 0);
    }
    switch (cp_cursor_peek(c)) {
    case CP_MP_NONE:
        cp_cursor_fail(c, CP_ERR_TRUNCATED);
        break;
    case CP_MP_NIL:
        cp_get_nil(c);
        break;
    case CP_MP_UINT:
        (void)cp_get_uint(c, UINT64_MAX);
        break;
    case CP_MP_NEG:
        (void)cp_get_int(c);
        break;
    case CP_MP_STR:
        (void)cp_get_str(c, CP_API_MESSAGE_MAX);
        break;
    case CP_MP_BIN:
        (void)cp_get_bin(c, CP_API_MESSAGE_MAX);
        break;
    case CP_MP_ARRAY: {
        if (depth >= CP_DEPTH_MAX) {
            cp_cursor_fail(c, CP_ERR_TOO_DEEP);
            break;
        }
        size_t count = cp_get_array(c, 0, 0xffff);
        for (size_t i = 0; i < count && c->err == CP_OK; i++)
            (void)cp_get_any(c, depth + 1);
        break;
    }
    }
    return c->err == CP_OK ? CP_BYTES(from, (size_t)(c->at - from)) : CP_BYTES(NULL, 0);
}

enum cp_err cp_cursor_end(struct cp_cursor *c)
{
    if (c->err == CP_OK && c->at != c->end)
        c->err = CP_ERR_TRAILING;
    return c->err;
}

enum cp_err cp_mp_check(struct cp_bytes bytes, size_t items_max)
{
    struct cp_cursor c;
    cp_cursor_init(&c, bytes, items_max);
    (void)cp_get_any(&c, 0);
    return cp_cursor_end(&c);
}

/* msgpack-c's output goes to the buffer, which remembers a failure itself. */
static int to_buf(void *data, const char *p, size_t len)
{
    cp_buf_put(data, p, len);
    return 0;
}

#define PACKER(name, buf) \
    msgpack_packer name;  \
    msgpack_packer_init(&(name), (buf), to_buf)

void cp_put_nil(struct cp_buf *buf)
{
    PACKER(pk, buf);
    msgpack_pack_nil(&pk);
}

void cp_put_uint(struct cp_buf *buf, uint64_t v)
{
    PACKER(pk, buf);
    msgpack_pack_uint64(&pk, v); /* picks the minimal width */
}

void cp_put_int(struct cp_buf *buf, int64_t v)
{
    PACKER(pk, buf);
    msgpack_pack_int64(&pk, v);
}

void cp_put_str(struct cp_buf *buf, struct cp_bytes text)
{
    if (text.len > 0xffff) { /* the profile has no str32 */
        if (buf->err == CP_OK)
            buf->err = CP_ERR_TOO_BIG;
        return;
    }
    PACKER(pk, buf);
    msgpack_pack_str(&pk, text.len);
    cp_buf_put_bytes(buf, text);
}

void cp_put_cstr(struct cp_buf *buf, const char *text)
{
    cp_put_str(buf, cp_bytes_str(text));
}

void cp_put_bin(struct cp_buf *buf, struct cp_bytes bin)
{
    PACKER(pk, buf);
    msgpack_pack_bin(&pk, bin.len);
    cp_buf_put_bytes(buf, bin);
}

void cp_put_fixed(struct cp_buf *buf, const uint8_t *bin, size_t len)
{
    cp_put_bin(buf, CP_BYTES(bin, len));
}

void cp_put_array(struct cp_buf *buf, size_t count)
{
    if (count > 0xffff) { /* the profile has no array32 */
        if (buf->err == CP_OK)
            buf->err = CP_ERR_TOO_BIG;
        return;
    }
    PACKER(pk, buf);
    msgpack_pack_array(&pk, count);
}
