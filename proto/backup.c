/* Backups. Owns: their layout. Must not: know whose a key is, or where a file lies. */
#include "proto/backup.h"

#include <assert.h>
#include <string.h>

enum {
    CHECK_LEN = 16,
    VERSION_AT = 14, /* in the magic */
    HEAD_ITEMS = 8 + 8 * CP_BACKUP_SLOTS_MAX,
    LEAST = 65536, /* of a file */
    PAD_LEAST = CP_BUNDLE_FRAME_EXTRA + 1
};
_Static_assert(sizeof CP_BACKUP_MAGIC - 1 == CP_BACKUP_MAGIC_LEN, "the length that stands in the header");

static void head_check(struct cp_bytes before, uint8_t out[static CHECK_LEN])
{
    cp_hash2(CP_TAG_BACKUP_HEAD, before, CP_BYTES(NULL, 0), out, CHECK_LEN);
}

void cp_backup_key(const uint8_t storage[static 32], const uint8_t salt[static 32], uint8_t key[static 32])
{
    cp_hash2(CP_TAG_BACKUP_KEY, CP_BYTES(storage, 32), CP_BYTES(salt, 32), key, 32);
}

void cp_backup_key_check(const uint8_t key[static 32], uint8_t check[static CHECK_LEN])
{
    cp_hash2(CP_TAG_BACKUP_CHECK, CP_BYTES(key, 32), CP_BYTES(NULL, 0), check, CHECK_LEN);
}

/* ---- The head ---- */

static void put_slot(struct cp_buf *out, const struct cp_backup_slot *s)
{
    cp_put_array(out, 5);
    cp_put_fixed(out, s->salt, sizeof s->salt);
    cp_put_uint(out, s->passes);
    cp_put_uint(out, s->memory);
    if (s->none)
        cp_put_fixed(out, s->seal, sizeof s->seal);
    else
        cp_put_nil(out);
    cp_put_bin(out, CP_BYTES(s->sealed, sizeof s->sealed));
}

void cp_backup_head_write(const struct cp_backup_head *h, struct cp_buf *out)
{
    uint8_t check[CHECK_LEN];
    size_t begin = out->len;
    assert(h->count >= 1 && h->count <= CP_BACKUP_SLOTS_MAX);
    cp_buf_put(out, CP_BACKUP_MAGIC, CP_BACKUP_MAGIC_LEN);
    cp_buf_put_u32be(out, 0);
    size_t array = out->len;
    cp_put_array(out, 3);
    cp_put_fixed(out, h->salt, sizeof h->salt);
    cp_put_fixed(out, h->key_check, sizeof h->key_check);
    cp_put_array(out, h->count);
    for (size_t i = 0; i < h->count; i++)
        put_slot(out, &h->slots[i]);
    if (cp_buf_err(out) != CP_OK)
        return;
    size_t len = out->len - array;
    for (size_t i = 0; i < 4; i++)
        out->ptr[array - 4 + i] = (uint8_t)(len >> (8 * (3 - i)) & 0xff);
    head_check(CP_BYTES(out->ptr + begin, out->len - begin), check);
    cp_buf_put(out, check, sizeof check);
}

static void get_slot(struct cp_cursor *c, struct cp_backup_slot *s, const struct cp_backup_slot *before)
{
    (void)cp_get_array(c, 5, 5);
    cp_get_fixed(c, s->salt, sizeof s->salt);
    s->passes = cp_get_uint(c, CP_INT_MAX);
    s->memory = cp_get_uint(c, CP_INT_MAX);
    s->none = cp_cursor_peek(c) == CP_MP_BIN;
    if (s->none)
        cp_get_fixed(c, s->seal, sizeof s->seal);
    else
        cp_get_nil(c);
    struct cp_bytes sealed = cp_get_bin(c, CP_BACKUP_SEALED_LEN);
    if (c->err == CP_OK && sealed.len != sizeof s->sealed)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    if (c->err == CP_OK)
        memcpy(s->sealed, sealed.ptr, sizeof s->sealed);
    if (s->none != (s->passes == 0 && s->memory == 0))
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    if (before != NULL && memcmp(before->salt, s->salt, sizeof s->salt) >= 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
}

/* Judges the beginning alone. */
static enum cp_err read_magic(struct cp_bytes bytes)
{
    size_t len = bytes.len < CP_BACKUP_MAGIC_LEN ? bytes.len : CP_BACKUP_MAGIC_LEN;
    if (len == 0)
        return CP_ERR_TRUNCATED;
    if (memcmp(bytes.ptr, CP_BACKUP_MAGIC, len < VERSION_AT ? len : VERSION_AT) != 0)
        return CP_ERR_NOT_CANONICAL;
    if (len <= VERSION_AT)
        return CP_ERR_TRUNCATED;
    if (bytes.ptr[VERSION_AT] < '0' || bytes.ptr[VERSION_AT] > '9')
        return CP_ERR_NOT_CANONICAL;
    if (memcmp(bytes.ptr, CP_BACKUP_MAGIC, len) != 0)
        return CP_ERR_NEWER_RULES;
    return len < CP_BACKUP_MAGIC_LEN ? CP_ERR_TRUNCATED : CP_OK;
}

enum cp_err cp_backup_head_read(struct cp_bytes bytes, struct cp_backup_head *out)
{
    struct cp_cursor c;
    uint8_t check[CHECK_LEN];
    memset(out, 0, sizeof *out);
    enum cp_err err = read_magic(bytes);
    if (err != CP_OK)
        return err;
    if (bytes.len < CP_BACKUP_MAGIC_LEN + 4)
        return CP_ERR_TRUNCATED;
    const uint8_t *at = bytes.ptr + CP_BACKUP_MAGIC_LEN;
    size_t len = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    size_t before = CP_BACKUP_MAGIC_LEN + 4 + len;
    if (len > CP_BACKUP_HEAD_MAX)
        return CP_ERR_BAD_BODY;
    if (bytes.len < before + CHECK_LEN)
        return CP_ERR_TRUNCATED;
    head_check(CP_BYTES(bytes.ptr, before), check);
    if (memcmp(check, bytes.ptr + before, CHECK_LEN) != 0)
        return CP_ERR_BAD_BODY;
    cp_cursor_init(&c, CP_BYTES(at + 4, len), HEAD_ITEMS);
    (void)cp_get_array(&c, 3, 3);
    cp_get_fixed(&c, out->salt, sizeof out->salt);
    cp_get_fixed(&c, out->key_check, sizeof out->key_check);
    out->count = cp_get_array(&c, 1, CP_BACKUP_SLOTS_MAX);
    for (size_t i = 0; i < out->count && c.err == CP_OK; i++)
        get_slot(&c, &out->slots[i], i > 0 ? &out->slots[i - 1] : NULL);
    out->len = before + CHECK_LEN;
    return cp_cursor_end(&c) == CP_OK ? CP_OK : CP_ERR_BAD_BODY;
}

/* ---- Frames ---- */

static const size_t elements[] = {[CP_BACKUP_BEGIN] = 5, [CP_BACKUP_FILE] = 3, [CP_BACKUP_DATA] = 2, [CP_BACKUP_END] = 1};

/* A file is written where its name says, so only names that a home has. */
static bool name_ok(struct cp_bytes name)
{
    static const char private[] = "private-";
    if (cp_bytes_eq(name, cp_bytes_str("keys")) || cp_bytes_eq(name, cp_bytes_str("plan.db")))
        return true;
    if (name.len != sizeof private - 1 + 16 || memcmp(name.ptr, private, sizeof private - 1) != 0)
        return false;
    for (size_t i = sizeof private - 1; i < name.len; i++)
        if (!((name.ptr[i] >= '0' && name.ptr[i] <= '9') || (name.ptr[i] >= 'a' && name.ptr[i] <= 'f')))
            return false;
    return true;
}

enum cp_err cp_backup_read(struct cp_bytes plain, struct cp_backup_frame *out)
{
    struct cp_cursor c;
    *out = (struct cp_backup_frame){.type = CP_BACKUP_PADDING};
    if (plain.len > 0 && sodium_is_zero(plain.ptr, plain.len) == 1)
        return CP_OK;
    cp_cursor_init(&c, plain, 8);
    size_t count = cp_get_array(&c, 1, 5);
    uint64_t type = cp_get_uint(&c, CP_BACKUP_END);
    if (c.err == CP_OK && count != elements[type])
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    if (c.err != CP_OK)
        return c.err;
    out->type = (enum cp_backup_type)type;
    if (type == CP_BACKUP_BEGIN) {
        out->time_ms = cp_get_uint(&c, CP_INT_MAX);
        out->plans = cp_get_uint(&c, CP_INT_MAX);
        out->entries = cp_get_uint(&c, CP_INT_MAX);
        out->persons = cp_get_uint(&c, CP_BACKUP_SLOTS_MAX);
    } else if (type == CP_BACKUP_FILE) {
        out->name = cp_get_str(&c, CP_BACKUP_NAME_MAX);
        out->size = cp_get_uint(&c, CP_BACKUP_FILE_MAX);
        if (c.err == CP_OK && (!name_ok(out->name) || out->size == 0))
            cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    } else if (type == CP_BACKUP_DATA) {
        out->data = cp_get_bin(&c, CP_BACKUP_DATA_MAX);
        if (c.err == CP_OK && out->data.len == 0)
            cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    }
    return cp_cursor_end(&c);
}

void cp_backup_write(const struct cp_backup_frame *f, struct cp_buf *out)
{
    assert(f->type != CP_BACKUP_PADDING);
    cp_put_array(out, elements[f->type]);
    cp_put_uint(out, f->type);
    if (f->type == CP_BACKUP_BEGIN) {
        cp_put_uint(out, f->time_ms);
        cp_put_uint(out, f->plans);
        cp_put_uint(out, f->entries);
        cp_put_uint(out, f->persons);
    } else if (f->type == CP_BACKUP_FILE) {
        cp_put_str(out, f->name);
        cp_put_uint(out, f->size);
    } else if (f->type == CP_BACKUP_DATA) {
        cp_put_bin(out, f->data);
    }
}

/* ---- In which order ---- */

static bool take_file(struct cp_backup_order *o, const struct cp_backup_frame *f)
{
    static const char *const first[] = {"keys", "plan.db"};
    char name[CP_BACKUP_NAME_MAX + 1];
    if (!o->begun || o->left > 0 || o->files == CP_BACKUP_FILES_MAX)
        return false;
    memcpy(name, f->name.ptr, f->name.len);
    name[f->name.len] = '\0';
    if (o->files < 2 ? strcmp(name, first[o->files]) != 0 : strcmp(o->last, name) >= 0)
        return false; /* "plan.db" is less than "private-", so the third may be any of these */
    memcpy(o->last, name, sizeof name);
    o->files++;
    o->left = f->size;
    return true;
}

enum cp_err cp_backup_next(struct cp_backup_order *o, const struct cp_backup_frame *f)
{
    bool fits = false;
    switch (f->type) {
    case CP_BACKUP_BEGIN:
        fits = !o->begun;
        o->begun = true;
        break;
    case CP_BACKUP_FILE:
        fits = !o->ended && take_file(o, f);
        break;
    case CP_BACKUP_DATA:
        fits = f->data.len <= o->left;
        o->left -= fits ? f->data.len : 0;
        break;
    case CP_BACKUP_END:
        fits = !o->ended && o->files >= 2 && o->left == 0;
        o->ended = fits || o->ended;
        break;
    case CP_BACKUP_PADDING:
        fits = o->ended;
        break;
    }
    return fits ? CP_OK : CP_ERR_BAD_VALUE;
}

bool cp_backup_whole(const struct cp_backup_order *o)
{
    return o->ended;
}

uint64_t cp_backup_size(uint64_t used)
{
    uint64_t step = LEAST / 8;
    while (step * 16 <= used)
        step *= 2;
    uint64_t size = used < LEAST ? LEAST : (used + step - 1) / step * step;
    return size > used && size - used < PAD_LEAST ? size + step : size;
}
