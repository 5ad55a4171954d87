/*
 * Borrowed bytes, the injected allocator, and the one growing buffer.
 * Owns: struct cp_buf's memory. Must not: allocate by any other way than the allocator it was given.
 *
 * Buffers are sticky: after the first failure every further append does nothing, and cp_buf_err() tells.
 * A chain of appends is therefore checked once, at its end.
 */
#ifndef CP_BYTES_H
#define CP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/err.h"
#include "proto/limits.h"

/* Borrowed: whoever made the slice owns the bytes. {NULL, 0} is the empty slice; len 0 never reads ptr. */
struct cp_bytes {
    const uint8_t *ptr;
    size_t len;
};

#define CP_BYTES(p, n) ((struct cp_bytes){(p), (n)})
struct cp_bytes cp_bytes_str(const char *s); /* without the NUL */
bool cp_bytes_eq(struct cp_bytes a, struct cp_bytes b);
bool cp_bytes_begin(struct cp_bytes b, const char *with, size_t len);
int cp_bytes_cmp(struct cp_bytes a, struct cp_bytes b); /* memcmp order, shorter first */

/*
 * The allocator that every function of proto/ that needs memory is handed.
 * resize(ctx, NULL, n) allocates, resize(ctx, p, n) grows or shrinks, resize(ctx, p, 0) frees and returns
 * NULL. Returns NULL on failure and leaves the old block as it was.
 */
struct cp_mem {
    void *(*resize)(void *ctx, void *old, size_t len);
    void *ctx;
};

void *cp_alloc(const struct cp_mem *mem, size_t len);                 /* zeroed; NULL on failure */
void *cp_alloc_array(const struct cp_mem *mem, size_t count, size_t size); /* zeroed; overflow checked */
void *cp_dup(const struct cp_mem *mem, struct cp_bytes b);            /* copy with a NUL appended */
void cp_free(const struct cp_mem *mem, void *p);                      /* NULL is fine */

/*
 * Grows *array (of *cap elements of `size` bytes) so that it holds at least `need`; at most `max` elements.
 * Errors: TOO_BIG beyond max, NO_MEMORY. On failure *array and *cap are unchanged.
 */
CP_MUST_USE enum cp_err cp_grow(const struct cp_mem *mem, void **array, size_t *cap, size_t need, size_t max,
                                size_t size);

struct cp_buf {
    uint8_t *ptr; /* NULL until the first append */
    size_t len;
    size_t cap;
    size_t max; /* appending beyond it fails with TOO_BIG */
    enum cp_err err;
    const struct cp_mem *mem;
};

/* Caller storage; nothing allocated yet. */
void cp_buf_init(struct cp_buf *buf, const struct cp_mem *mem, size_t max);
/* Frees the memory and leaves an empty, usable buffer. Idempotent. */
void cp_buf_clear(struct cp_buf *buf);
/* Keeps the memory, forgets content and error. */
void cp_buf_reset(struct cp_buf *buf);
/* OK, TOO_BIG or NO_MEMORY: the first failure since init or reset. */
CP_MUST_USE enum cp_err cp_buf_err(const struct cp_buf *buf);
/* Borrowed view; valid until the next append, reset or clear. */
struct cp_bytes cp_buf_bytes(const struct cp_buf *buf);

void cp_buf_put(struct cp_buf *buf, const void *p, size_t len);
void cp_buf_put_bytes(struct cp_buf *buf, struct cp_bytes b);
void cp_buf_put_byte(struct cp_buf *buf, uint8_t byte);
void cp_buf_put_str(struct cp_buf *buf, const char *s);
void cp_buf_put_hex(struct cp_buf *buf, struct cp_bytes b);
void cp_buf_put_dec(struct cp_buf *buf, uint64_t v);
void cp_buf_put_u32be(struct cp_buf *buf, uint32_t v);
/* len zero bytes appended and returned for filling; NULL after a failure. Valid until the next append. */
uint8_t *cp_buf_space(struct cp_buf *buf, size_t len);

/* Lower-case hex. Decoding demands exactly 2*len hex digits; false otherwise (out undefined). */
bool cp_hex_decode(struct cp_bytes hex, uint8_t *out, size_t len);
void cp_hex_encode(const uint8_t *p, size_t len, char *out /* 2*len+1 */);
/* RFC 4648 base 32, lower case, no padding; out needs cp_base32_len(len)+1 bytes. */
size_t cp_base32_len(size_t len);
void cp_base32_encode(const uint8_t *p, size_t len, char *out);

/* True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms) without NUL. */
bool cp_utf8_ok(struct cp_bytes b);

#endif
