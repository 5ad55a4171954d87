/* Statements. Owns: their layout and signatures. Must not: know whose a key is. */
#include "proto/statement.h"

#include <assert.h>
#include <string.h>

#include "proto/kinds.h"

enum {
    TEXT_ITEMS = 6,
    ID_VALUE = CP_ID_LEN + 2 /* an id as a value: bin 8 and its length in front */
};

void cp_statement_text(const struct cp_statement *st, struct cp_buf *out)
{
    cp_put_array(out, TEXT_ITEMS);
    cp_put_uint(out, st->kind);
    cp_put_fixed(out, st->plan, CP_ID_LEN);
    cp_put_fixed(out, st->person, CP_ID_LEN);
    cp_put_uint(out, st->by);
    cp_put_fixed(out, st->key, CP_KEY_LEN);
    cp_buf_put_bytes(out, st->fields);
}

enum cp_err cp_statement_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN],
                              struct cp_statement *out)
{
    struct cp_cursor c;
    memset(out, 0, sizeof *out);
    if (text.len > CP_STATEMENT_MAX)
        return CP_ERR_TOO_BIG;
    cp_cursor_init(&c, text, CP_ITEMS_MAX);
    (void)cp_get_array(&c, TEXT_ITEMS, TEXT_ITEMS);
    out->kind = (enum cp_statement_kind)cp_get_uint(&c, CP_STATEMENT_FOLLOW);
    cp_get_fixed(&c, out->plan, CP_ID_LEN);
    cp_get_fixed(&c, out->person, CP_ID_LEN);
    out->by = (enum cp_statement_by)cp_get_uint(&c, CP_BY_RECOVERY);
    cp_get_fixed(&c, out->key, CP_KEY_LEN);
    out->fields = cp_get_any(&c, 1);
    if (out->kind <= CP_STATEMENT_JOIN) /* a JOIN has a layout of its own */
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    out->text = text;
    out->sig = sig;
    return cp_cursor_end(&c);
}

void cp_statement_id(struct cp_bytes text, uint8_t out[static CP_ID_LEN])
{
    cp_hash2(CP_TAG_STATEMENT_ID, text, CP_BYTES(NULL, 0), out, CP_ID_LEN);
}

enum cp_tag cp_statement_tag(enum cp_statement_by by)
{
    return by == CP_BY_RECOVERY ? CP_TAG_STATEMENT_RECOVERY : CP_TAG_STATEMENT_IDENTITY;
}

bool cp_statement_sig_ok(const struct cp_statement *st)
{
    return cp_sig_ok(cp_statement_tag(st->by), st->text, st->sig, st->key);
}

void cp_statement_frame_write(uint64_t kind, const uint8_t (*refs)[CP_ID_LEN], size_t refs_count,
                              struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_buf *out)
{
    cp_put_array(out, 4);
    cp_put_uint(out, kind);
    cp_put_array(out, refs_count);
    for (size_t i = 0; i < refs_count; i++)
        cp_put_fixed(out, refs[i], CP_ID_LEN);
    cp_put_bin(out, text);
    cp_put_fixed(out, sig, CP_SIG_LEN);
}

/* ---- WITHDRAW ---- */

/* Ids ascending, each once, 1 .. max. */
static enum cp_err put_ids(const uint8_t (*ids)[CP_ID_LEN], size_t count, size_t max, struct cp_buf *out)
{
    if (count == 0 || count > max)
        return CP_ERR_BAD_VALUE;
    for (size_t i = 1; i < count; i++)
        if (memcmp(ids[i - 1], ids[i], CP_ID_LEN) >= 0)
            return CP_ERR_BAD_VALUE;
    cp_put_array(out, count);
    for (size_t i = 0; i < count; i++)
        cp_put_fixed(out, ids[i], CP_ID_LEN);
    return cp_buf_err(out);
}

/* The same, read: *first gets the first of them. */
static enum cp_err get_ids(struct cp_bytes fields, size_t max, const uint8_t **first, size_t *count)
{
    struct cp_cursor c;
    cp_cursor_init(&c, fields, max + 1);
    *count = cp_get_array(&c, 1, max);
    for (size_t i = 0; i < *count && c.err == CP_OK; i++) {
        const uint8_t *id = cp_get_fixed_ref(&c, CP_ID_LEN);
        if (i == 0)
            *first = id;
        else if (c.err == CP_OK && memcmp(id - ID_VALUE, id, CP_ID_LEN) >= 0)
            cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    }
    return cp_cursor_end(&c);
}

enum cp_err cp_withdraw_fields(const uint8_t (*ids)[CP_ID_LEN], size_t count, struct cp_buf *out)
{
    return put_ids(ids, count, CP_WITHDRAW_ENTRIES_MAX, out);
}

enum cp_err cp_withdraw_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN],
                             struct cp_withdraw *out)
{
    memset(out, 0, sizeof *out);
    enum cp_err err = cp_statement_read(text, sig, &out->statement);
    if (err != CP_OK)
        return err;
    if (out->statement.kind != CP_STATEMENT_WITHDRAW || out->statement.by != CP_BY_IDENTITY)
        return CP_ERR_BAD_VALUE;
    return get_ids(out->statement.fields, CP_WITHDRAW_ENTRIES_MAX, &out->entries, &out->count);
}

const uint8_t *cp_withdraw_entry(const struct cp_withdraw *w, size_t i)
{
    assert(i < w->count);
    return w->entries + i * ID_VALUE;
}

bool cp_withdraw_kind(uint64_t kind)
{
    return cp_kind_class(kind) == CP_CONTENT && kind != CP_KIND_VERSION && kind != CP_KIND_PART &&
           kind != CP_KIND_ANSWER;
}

/* ---- LEAVE ---- */

enum cp_err cp_leave_fields(const uint8_t (*ids)[CP_ID_LEN], size_t count, struct cp_buf *out)
{
    return put_ids(ids, count, CP_LEAVE_JOINS_MAX, out);
}

enum cp_err cp_leave_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_leave *out)
{
    memset(out, 0, sizeof *out);
    enum cp_err err = cp_statement_read(text, sig, &out->statement);
    if (err != CP_OK)
        return err;
    if (out->statement.kind != CP_STATEMENT_LEAVE || out->statement.by != CP_BY_IDENTITY)
        return CP_ERR_BAD_VALUE;
    return get_ids(out->statement.fields, CP_LEAVE_JOINS_MAX, &out->joins, &out->count);
}

const uint8_t *cp_leave_join(const struct cp_leave *l, size_t i)
{
    assert(i < l->count);
    return l->joins + i * ID_VALUE;
}

/* ---- FOLLOW ---- */

void cp_follow_fields(const uint8_t old[static CP_ID_LEN], struct cp_buf *out)
{
    cp_put_array(out, 1);
    cp_put_fixed(out, old, CP_ID_LEN);
}

enum cp_err cp_follow_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_follow *out)
{
    struct cp_cursor c;
    memset(out, 0, sizeof *out);
    enum cp_err err = cp_statement_read(text, sig, &out->statement);
    if (err != CP_OK)
        return err;
    if (out->statement.kind != CP_STATEMENT_FOLLOW || out->statement.by != CP_BY_IDENTITY)
        return CP_ERR_BAD_VALUE;
    cp_cursor_init(&c, out->statement.fields, 2);
    (void)cp_get_array(&c, 1, 1);
    out->old = cp_get_fixed_ref(&c, CP_ID_LEN);
    if (c.err == CP_OK && memcmp(out->old, out->statement.plan, CP_ID_LEN) == 0)
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    return cp_cursor_end(&c);
}
