/*
 * The strict MessagePack profile (docs/protocol.md, "Encoding"): one value, one encoding.
 * Owns: the bounded cursor, which is the only reader of bytes that somebody else wrote, and the writer.
 * Must not: allocate while reading. msgpack-c writes; it never reads.
 *
 * Profile: nil, integers at minimal width and unsigned when >= 0, str (UTF-8,
 * no NUL), bin, array up to array16; no map, bool, float, ext, array32, str32; minimal length forms (bin32
 * only for 65,536 bytes and more, which only messages hold); depth <= CP_DEPTH_MAX;
 * a count never above the bytes left; no bytes left over.
 *
 * Both sides are sticky: after the first error a cursor yields zeros and empty slices, and the error stands.
 */
#ifndef CP_MP_H
#define CP_MP_H

#include "proto/bytes.h"

enum cp_mp_type { CP_MP_NONE, CP_MP_NIL, CP_MP_UINT, CP_MP_NEG, CP_MP_STR, CP_MP_BIN, CP_MP_ARRAY };

struct cp_cursor {
    const uint8_t *at;
    const uint8_t *end;
    size_t items; /* values still allowed */
    bool checked; /* the bytes have passed cp_mp_check: their text is not looked through once more */
    enum cp_err err;
};

/* Reads `bytes`, at most `items_max` values in all (CP_ITEMS_MAX for entries). Borrows. */
void cp_cursor_init(struct cp_cursor *c, struct cp_bytes bytes, size_t items_max);
/* Type of the next value; CP_MP_NONE at the end or after an error (a byte outside the profile is an error). */
enum cp_mp_type cp_cursor_peek(struct cp_cursor *c);
/* Bytes left. */
size_t cp_cursor_left(const struct cp_cursor *c);
/* Marks the cursor failed with err unless it already is. */
void cp_cursor_fail(struct cp_cursor *c, enum cp_err err);

uint64_t cp_get_uint(struct cp_cursor *c, uint64_t max);           /* BAD_VALUE above max */
int64_t cp_get_int(struct cp_cursor *c);                           /* any int64 */
void cp_get_nil(struct cp_cursor *c);
struct cp_bytes cp_get_str(struct cp_cursor *c, size_t max);       /* borrowed from the input */
struct cp_bytes cp_get_bin(struct cp_cursor *c, size_t max);       /* borrowed from the input */
void cp_get_fixed(struct cp_cursor *c, uint8_t *out, size_t len);  /* bin of exactly len */
const uint8_t *cp_get_fixed_ref(struct cp_cursor *c, size_t len);  /* the same, borrowed; never NULL */
size_t cp_get_array(struct cp_cursor *c, size_t min, size_t max);  /* the count; BAD_VALUE outside */
/* Skips one whole value, checking it against the profile to CP_DEPTH_MAX - depth. Returns its bytes. */
struct cp_bytes cp_get_any(struct cp_cursor *c, unsigned depth);
/* The verdict: the first error, else TRAILING when bytes are left, else OK. */
CP_MUST_USE enum cp_err cp_cursor_end(struct cp_cursor *c);

/*
 * Checks that `bytes` hold exactly one value of the profile, of at most items_max values.
 * Allocates nothing. Errors: TRUNCATED, TRAILING, NOT_CANONICAL, BAD_TYPE, BAD_TEXT, TOO_DEEP, TOO_BIG.
 */
CP_MUST_USE enum cp_err cp_mp_check(struct cp_bytes bytes, size_t items_max);

/*
 * Writers; each appends one canonical value (cp_put_array: the count; the elements follow). A text or count
 * that the profile cannot hold (65,536 and more) fails the buffer with TOO_BIG.
 */
void cp_put_nil(struct cp_buf *buf);
void cp_put_uint(struct cp_buf *buf, uint64_t v);
void cp_put_int(struct cp_buf *buf, int64_t v);
void cp_put_str(struct cp_buf *buf, struct cp_bytes text);
void cp_put_cstr(struct cp_buf *buf, const char *text);
void cp_put_bin(struct cp_buf *buf, struct cp_bytes bin);
void cp_put_fixed(struct cp_buf *buf, const uint8_t *bin, size_t len);
void cp_put_array(struct cp_buf *buf, size_t count);

#endif
