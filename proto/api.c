/* The local API's values. Owns: how JSON-like values are written as the strict profile. Must not: know commands. */
#include "proto/api.h"

#include <assert.h>
#include <string.h>

enum {
    MEMBERS_MAX = 1024, /* keys are compared pairwise when read: bounds that work */
    KEYS_KEPT = 32,     /* more members than a message of ours has: beyond, the object is read again for each key */
    STR_MAX = 65535     /* longer text goes as bin: the profile has no str32 */
};

static void fail(struct cp_buf *buf, enum cp_err err)
{
    if (buf->err == CP_OK)
        buf->err = err;
}

void cp_api_object(struct cp_buf *buf, size_t members)
{
    if (members > MEMBERS_MAX) {
        fail(buf, CP_ERR_TOO_BIG);
        return;
    }
    cp_put_array(buf, 1 + 2 * members);
    cp_put_cstr(buf, "{");
}

void cp_api_list(struct cp_buf *buf, size_t elements)
{
    if (elements >= 0xffff) {
        fail(buf, CP_ERR_TOO_BIG);
        return;
    }
    cp_put_array(buf, 1 + elements);
    cp_put_cstr(buf, "[");
}

void cp_api_key(struct cp_buf *buf, const char *key)
{
    cp_put_cstr(buf, key);
}

void cp_api_text(struct cp_buf *buf, struct cp_bytes text)
{
    if (!cp_utf8_ok(text))
        fail(buf, CP_ERR_BAD_TEXT);
    else if (text.len > STR_MAX)
        cp_put_bin(buf, text);
    else
        cp_put_str(buf, text);
}

void cp_api_cstr(struct cp_buf *buf, const char *text)
{
    cp_api_text(buf, cp_bytes_str(text));
}

void cp_api_hex(struct cp_buf *buf, const uint8_t *p, size_t len)
{
    char hex[2 * 64 + 1];
    assert(len <= 64);
    cp_hex_encode(p, len, hex);
    cp_put_cstr(buf, hex);
}

void cp_api_int(struct cp_buf *buf, int64_t v)
{
    cp_put_int(buf, v);
}

void cp_api_count(struct cp_buf *buf, const char *key, uint64_t n)
{
    cp_api_key(buf, key);
    cp_api_int(buf, n > CP_INT_MAX ? (int64_t)CP_INT_MAX : (int64_t)n);
}

void cp_api_bool(struct cp_buf *buf, bool v)
{
    cp_put_array(buf, 1);
    cp_put_cstr(buf, v ? "T" : "F");
}

void cp_api_null(struct cp_buf *buf)
{
    cp_put_nil(buf);
}

static struct cp_bytes get_text(struct cp_cursor *c)
{
    if (cp_cursor_peek(c) != CP_MP_BIN)
        return cp_get_str(c, STR_MAX);
    struct cp_bytes text = cp_get_bin(c, CP_API_MESSAGE_MAX);
    if (c->err == CP_OK && text.len <= STR_MAX)
        cp_cursor_fail(c, CP_ERR_NOT_CANONICAL);
    if (c->err == CP_OK && !cp_utf8_ok(text))
        cp_cursor_fail(c, CP_ERR_BAD_TEXT);
    return c->err == CP_OK ? text : CP_BYTES(NULL, 0);
}

/* The word that opens an array tells its shape; `count` elements follow it. */
static void open_array(struct cp_cursor *c, size_t count, struct cp_api_value *out)
{
    struct cp_bytes word = cp_get_str(c, 1);
    uint8_t shape = word.len == 1 ? word.ptr[0] : 0;
    if ((shape == 'T' || shape == 'F') && count == 0) {
        out->type = CP_API_BOOL;
        out->truth = shape == 'T';
    } else if (shape == '[') {
        out->type = CP_API_LIST;
        out->count = count;
    } else if (shape == '{' && count % 2 == 0 && count / 2 <= MEMBERS_MAX) {
        out->type = CP_API_OBJECT;
        out->count = count / 2;
    } else {
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    }
}

/* Takes one value; of a list or object it keeps the elements as bytes. */
static void get_value(struct cp_cursor *c, struct cp_api_value *out)
{
    memset(out, 0, sizeof *out);
    switch (cp_cursor_peek(c)) {
    case CP_MP_NONE:
        cp_cursor_fail(c, CP_ERR_TRUNCATED);
        break;
    case CP_MP_NIL:
        cp_get_nil(c);
        out->type = CP_API_NULL;
        break;
    case CP_MP_UINT:
    case CP_MP_NEG:
        out->type = CP_API_INT;
        out->number = cp_get_int(c);
        break;
    case CP_MP_STR:
    case CP_MP_BIN:
        out->type = CP_API_TEXT;
        out->text = get_text(c);
        break;
    case CP_MP_ARRAY: {
        size_t count = cp_get_array(c, 1, 0xffff);
        open_array(c, count == 0 ? 0 : count - 1, out);
        const uint8_t *from = c->at;
        for (size_t i = 1; i < count && c->err == CP_OK; i++)
            (void)cp_get_any(c, 0);
        out->inside = CP_BYTES(from, (size_t)(c->at - from));
        break;
    }
    }
}

/* Over bytes that have passed cp_mp_check. */
static void checked_cursor(struct cp_cursor *c, struct cp_bytes bytes)
{
    cp_cursor_init(c, bytes, SIZE_MAX);
    c->checked = true;
}

/* True when an earlier member has this key; `seen` are the first of them, so that their values are not read again. */
static bool key_twice(const struct cp_api_value *object, const struct cp_bytes *seen, size_t upto, struct cp_bytes key)
{
    struct cp_api_iter it;
    struct cp_api_value value;
    struct cp_bytes other;
    if (upto <= KEYS_KEPT) {
        for (size_t i = 0; i < upto; i++)
            if (cp_bytes_eq(seen[i], key))
                return true;
        return false;
    }
    cp_api_iter_init(&it, object);
    for (size_t i = 0; i < upto && cp_api_next(&it, &other, &value); i++)
        if (cp_bytes_eq(other, key))
            return true;
    return false;
}

static enum cp_err check(const struct cp_api_value *v)
{
    struct cp_cursor c;
    struct cp_api_value inner;
    struct cp_bytes seen[KEYS_KEPT];
    if (v->type != CP_API_LIST && v->type != CP_API_OBJECT)
        return CP_OK;
    checked_cursor(&c, v->inside);
    for (size_t i = 0; i < v->count; i++) {
        if (v->type == CP_API_OBJECT) {
            struct cp_bytes key = cp_get_str(&c, STR_MAX);
            if (c.err == CP_OK && key_twice(v, seen, i, key))
                return CP_ERR_BAD_VALUE;
            if (i < KEYS_KEPT)
                seen[i] = key;
        }
        get_value(&c, &inner);
        if (c.err != CP_OK)
            return c.err;
        enum cp_err err = check(&inner); /* no deeper than CP_DEPTH_MAX: the bytes were checked before */
        if (err != CP_OK)
            return err;
    }
    return cp_cursor_end(&c);
}

enum cp_err cp_api_read(struct cp_bytes bytes, struct cp_api_value *out)
{
    struct cp_cursor c;
    memset(out, 0, sizeof *out);
    if (bytes.len > CP_API_MESSAGE_MAX)
        return CP_ERR_TOO_BIG;
    enum cp_err err = cp_mp_check(bytes, SIZE_MAX);
    if (err != CP_OK)
        return err;
    checked_cursor(&c, bytes);
    get_value(&c, out);
    err = cp_cursor_end(&c);
    if (err == CP_OK)
        err = check(out);
    if (err != CP_OK)
        memset(out, 0, sizeof *out);
    return err;
}

void cp_api_iter_init(struct cp_api_iter *it, const struct cp_api_value *value)
{
    bool many = value->type == CP_API_LIST || value->type == CP_API_OBJECT;
    *it = (struct cp_api_iter){.left = many ? value->count : 0, .object = value->type == CP_API_OBJECT};
    checked_cursor(&it->c, value->inside);
}

bool cp_api_next(struct cp_api_iter *it, struct cp_bytes *key, struct cp_api_value *out)
{
    if (it->left == 0)
        return false;
    it->left--;
    if (it->object) {
        struct cp_bytes name = cp_get_str(&it->c, STR_MAX);
        if (key != NULL)
            *key = name;
    }
    get_value(&it->c, out);
    return it->c.err == CP_OK;
}

bool cp_api_at(const struct cp_api_value *list, size_t i, struct cp_api_value *out)
{
    struct cp_api_iter it;
    if (list->type != CP_API_LIST || i >= list->count)
        return false;
    cp_api_iter_init(&it, list);
    for (size_t at = 0; at < i; at++)
        if (!cp_api_next(&it, NULL, out))
            return false;
    return cp_api_next(&it, NULL, out);
}

bool cp_api_member(const struct cp_api_value *object, const char *key, struct cp_api_value *out)
{
    struct cp_api_iter it;
    struct cp_bytes name;
    if (object->type != CP_API_OBJECT)
        return false;
    cp_api_iter_init(&it, object);
    while (cp_api_next(&it, &name, out))
        if (cp_bytes_eq(name, cp_bytes_str(key)))
            return true;
    memset(out, 0, sizeof *out);
    return false;
}

bool cp_api_member_at(const struct cp_api_value *object, size_t i, struct cp_bytes *key, struct cp_api_value *out)
{
    struct cp_api_iter it;
    if (object->type != CP_API_OBJECT || i >= object->count)
        return false;
    cp_api_iter_init(&it, object);
    for (size_t at = 0; at < i; at++)
        if (!cp_api_next(&it, key, out))
            return false;
    return cp_api_next(&it, key, out);
}

struct cp_bytes cp_api_member_text(const struct cp_api_value *object, const char *key, struct cp_bytes otherwise)
{
    struct cp_api_value value;
    return cp_api_member(object, key, &value) && value.type == CP_API_TEXT ? value.text : otherwise;
}

bool cp_api_member_true(const struct cp_api_value *object, const char *key)
{
    struct cp_api_value value;
    return cp_api_member(object, key, &value) && value.type == CP_API_BOOL && value.truth;
}
