/*
 * REVOKE and KEY: how they are laid out, cuts, and the frames that carry them.
 * Owns: that layout. Must not: know what comes of them (member_cut.c, member_key.c) or whose a key is.
 */
#include <assert.h>
#include <string.h>

#include "proto/kinds.h"
#include "proto/statement.h"

enum {
    ID_VALUE = CP_ID_LEN + 2, /* an id as a value: bin 8 and its length in front */
    ROW_ITEMS = 4,
    REVOKE_ITEMS = 3,
    KEY_ITEMS = 5,
    FRAME_ITEMS = 4
};

/* ---- Rows of ids ---- */

const uint8_t *cp_id_list_at(const struct cp_id_list *l, size_t i)
{
    assert(i < l->count);
    return l->first + i * ID_VALUE;
}

bool cp_id_list_has(const struct cp_id_list *l, const uint8_t id[static CP_ID_LEN])
{
    for (size_t i = 0; i < l->count; i++)
        if (memcmp(cp_id_list_at(l, i), id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static enum cp_err put_ids(const uint8_t (*ids)[CP_ID_LEN], size_t count, size_t max, struct cp_buf *out)
{
    if (count > max)
        return CP_ERR_BAD_VALUE;
    cp_put_array(out, count);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && memcmp(ids[i - 1], ids[i], CP_ID_LEN) >= 0)
            return CP_ERR_BAD_VALUE;
        cp_put_fixed(out, ids[i], CP_ID_LEN);
    }
    return CP_OK;
}

static void get_ids(struct cp_cursor *c, size_t max, struct cp_id_list *out)
{
    out->count = cp_get_array(c, 0, max);
    for (size_t i = 0; i < out->count && c->err == CP_OK; i++) {
        const uint8_t *id = cp_get_fixed_ref(c, CP_ID_LEN);
        if (i == 0)
            out->first = id;
        else if (c->err == CP_OK && memcmp(id - ID_VALUE, id, CP_ID_LEN) >= 0)
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    }
}

/* ---- Cuts ---- */

int cp_cut_order(const struct cp_cut_tip *a, const struct cp_cut_tip *b)
{
    int order = memcmp(a->incarnation, b->incarnation, CP_INCARNATION_LEN);
    if (order == 0 && a->class != b->class)
        order = a->class < b->class ? -1 : 1;
    return order != 0 ? order : memcmp(a->tip, b->tip, CP_ID_LEN);
}

enum cp_err cp_cut_write(const struct cp_cut_tip *tips, size_t count, struct cp_buf *out)
{
    if (count > CP_CUT_TIPS_MAX)
        return CP_ERR_BAD_VALUE;
    cp_put_array(out, count);
    for (size_t i = 0; i < count; i++) {
        if (tips[i].seq == 0 || (i > 0 && cp_cut_order(&tips[i - 1], &tips[i]) >= 0))
            return CP_ERR_BAD_VALUE;
        cp_put_array(out, ROW_ITEMS);
        cp_put_fixed(out, tips[i].incarnation, CP_INCARNATION_LEN);
        cp_put_uint(out, tips[i].class);
        cp_put_uint(out, tips[i].seq);
        cp_put_fixed(out, tips[i].tip, CP_ID_LEN);
    }
    return cp_buf_err(out);
}

static void get_row(struct cp_cursor *c, struct cp_cut_tip *out)
{
    (void)cp_get_array(c, ROW_ITEMS, ROW_ITEMS);
    out->incarnation = cp_get_fixed_ref(c, CP_INCARNATION_LEN);
    out->class = cp_get_uint(c, CP_CONTENT) == CP_CONTROL ? CP_CONTROL : CP_CONTENT;
    out->seq = cp_get_uint(c, CP_INT_MAX);
    out->tip = cp_get_fixed_ref(c, CP_ID_LEN);
    if (out->seq == 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
}

static void get_cut(struct cp_cursor *c, struct cp_cut *out)
{
    struct cp_cut_tip before, row;
    out->count = cp_get_array(c, 0, CP_CUT_TIPS_MAX);
    const uint8_t *from = c->at;
    for (size_t i = 0; i < out->count && c->err == CP_OK; i++) {
        get_row(c, &row);
        if (i > 0 && c->err == CP_OK && cp_cut_order(&before, &row) >= 0)
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
        before = row;
    }
    out->rows = CP_BYTES(from, c->err == CP_OK ? (size_t)(c->at - from) : 0);
}

void cp_cut_begin(struct cp_cut_walk *w, const struct cp_cut *cut)
{
    cp_cursor_init(&w->c, cut->rows, CP_ITEMS_MAX);
    w->left = cut->count;
}

bool cp_cut_next(struct cp_cut_walk *w, struct cp_cut_tip *out)
{
    if (w->left == 0)
        return false;
    w->left--;
    get_row(&w->c, out);
    return w->c.err == CP_OK;
}

/* ---- REVOKE ---- */

enum cp_err cp_revoke_fields(const uint8_t device[static CP_KEY_LEN], const uint8_t (*earlier)[CP_ID_LEN],
                             size_t earlier_count, struct cp_bytes cut, struct cp_buf *out)
{
    cp_put_array(out, REVOKE_ITEMS);
    cp_put_fixed(out, device, CP_KEY_LEN);
    enum cp_err err = put_ids(earlier, earlier_count, CP_EARLIER_MAX, out);
    cp_buf_put_bytes(out, cut);
    return err == CP_OK ? cp_buf_err(out) : err;
}

enum cp_err cp_revoke_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_revoke *out)
{
    struct cp_cursor c;
    memset(out, 0, sizeof *out);
    enum cp_err err = cp_statement_read(text, sig, &out->statement);
    if (err != CP_OK)
        return err;
    if (out->statement.kind != CP_STATEMENT_REVOKE)
        return CP_ERR_BAD_VALUE;
    cp_cursor_init(&c, out->statement.fields, CP_ITEMS_MAX);
    (void)cp_get_array(&c, REVOKE_ITEMS, REVOKE_ITEMS);
    out->device = cp_get_fixed_ref(&c, CP_KEY_LEN);
    get_ids(&c, CP_EARLIER_MAX, &out->earlier);
    get_cut(&c, &out->cut);
    return cp_cursor_end(&c);
}

/* ---- KEY ---- */

static enum cp_err put_cuts(const struct cp_key_lists *l, struct cp_buf *out)
{
    if (l->cuts_count > CP_KEY_DEVICES_MAX)
        return CP_ERR_BAD_VALUE;
    cp_put_array(out, l->cuts_count);
    for (size_t i = 0; i < l->cuts_count; i++) {
        if (i > 0 && memcmp(l->cuts[i - 1].device, l->cuts[i].device, CP_KEY_LEN) >= 0)
            return CP_ERR_BAD_VALUE;
        for (size_t k = 0; k < l->stay_count; k++)
            if (memcmp(l->stay[k], l->cuts[i].device, CP_KEY_LEN) == 0)
                return CP_ERR_BAD_VALUE;
        cp_put_array(out, 2);
        cp_put_fixed(out, l->cuts[i].device, CP_KEY_LEN);
        cp_buf_put_bytes(out, l->cuts[i].cut);
    }
    return CP_OK;
}

enum cp_err cp_key_fields(const uint8_t key[static CP_KEY_LEN], const struct cp_key_lists *l,
                          struct cp_buf *out)
{
    cp_put_array(out, KEY_ITEMS);
    cp_put_fixed(out, key, CP_KEY_LEN);
    enum cp_err err = put_ids(l->earlier, l->earlier_count, CP_EARLIER_MAX, out);
    if (err == CP_OK)
        err = put_ids(l->stay, l->stay_count, CP_KEY_DEVICES_MAX, out);
    if (err == CP_OK)
        err = put_cuts(l, out);
    if (err == CP_OK)
        err = put_ids(l->stand, l->stand_count, CP_KEY_STATEMENTS_MAX, out);
    return err == CP_OK ? cp_buf_err(out) : err;
}

static void get_device_cut(struct cp_cursor *c, const uint8_t **device, struct cp_cut *cut)
{
    (void)cp_get_array(c, 2, 2);
    *device = cp_get_fixed_ref(c, CP_KEY_LEN);
    get_cut(c, cut);
}

static void get_cuts(struct cp_cursor *c, struct cp_key_change *out)
{
    const uint8_t *before = NULL, *device = NULL;
    struct cp_cut cut;
    out->cuts_count = cp_get_array(c, 0, CP_KEY_DEVICES_MAX);
    const uint8_t *from = c->at;
    for (size_t i = 0; i < out->cuts_count && c->err == CP_OK; i++) {
        get_device_cut(c, &device, &cut);
        if (c->err == CP_OK && ((before != NULL && memcmp(before, device, CP_KEY_LEN) >= 0) ||
                                cp_id_list_has(&out->stay, device)))
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
        before = device;
    }
    out->cuts = CP_BYTES(from, c->err == CP_OK ? (size_t)(c->at - from) : 0);
}

enum cp_err cp_key_read(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_key_change *out)
{
    struct cp_cursor c;
    memset(out, 0, sizeof *out);
    enum cp_err err = cp_statement_read(text, sig, &out->statement);
    if (err != CP_OK)
        return err;
    if (out->statement.kind != CP_STATEMENT_KEY || out->statement.by != CP_BY_RECOVERY)
        return CP_ERR_BAD_VALUE;
    cp_cursor_init(&c, out->statement.fields, CP_ITEMS_MAX);
    (void)cp_get_array(&c, KEY_ITEMS, KEY_ITEMS);
    out->key = cp_get_fixed_ref(&c, CP_KEY_LEN);
    get_ids(&c, CP_EARLIER_MAX, &out->earlier);
    get_ids(&c, CP_KEY_DEVICES_MAX, &out->stay);
    get_cuts(&c, out);
    get_ids(&c, CP_KEY_STATEMENTS_MAX, &out->stand);
    err = cp_cursor_end(&c);
    /* The sheet's key signs nothing everyday: it is no identity. */
    if (err == CP_OK && memcmp(out->key, out->statement.key, CP_KEY_LEN) == 0)
        err = CP_ERR_BAD_VALUE;
    return err;
}

void cp_key_cut(const struct cp_key_change *k, size_t i, const uint8_t **device, struct cp_cut *cut)
{
    struct cp_cursor c;
    assert(i < k->cuts_count);
    cp_cursor_init(&c, k->cuts, CP_ITEMS_MAX);
    for (size_t at = 0; at <= i; at++)
        get_device_cut(&c, device, cut);
    assert(c.err == CP_OK); /* read before, by the same function */
}

/* ---- Frames ---- */

static bool next_is(struct cp_cursor *refs, size_t *left, const uint8_t *id)
{
    if (*left == 0)
        return false;
    (*left)--;
    const uint8_t *ref = cp_get_fixed_ref(refs, CP_ID_LEN);
    return refs->err == CP_OK && memcmp(ref, id, CP_ID_LEN) == 0;
}

static bool ids_follow(struct cp_cursor *refs, size_t *left, const struct cp_id_list *ids)
{
    for (size_t i = 0; i < ids->count; i++)
        if (!next_is(refs, left, cp_id_list_at(ids, i)))
            return false;
    return true;
}

static bool tips_follow(struct cp_cursor *refs, size_t *left, const struct cp_cut *cut)
{
    struct cp_cut_walk w;
    struct cp_cut_tip row;
    cp_cut_begin(&w, cut);
    while (cp_cut_next(&w, &row))
        if (!next_is(refs, left, row.tip))
            return false;
    return true;
}

bool cp_revoke_refs_ok(const struct cp_revoke *r, struct cp_cursor *refs, size_t count)
{
    return ids_follow(refs, &count, &r->earlier) && tips_follow(refs, &count, &r->cut) && count == 0;
}

bool cp_key_refs_ok(const struct cp_key_change *k, struct cp_cursor *refs, size_t count)
{
    if (!ids_follow(refs, &count, &k->earlier))
        return false;
    for (size_t i = 0; i < k->cuts_count; i++) {
        const uint8_t *device;
        struct cp_cut cut;
        cp_key_cut(k, i, &device, &cut);
        if (!tips_follow(refs, &count, &cut))
            return false;
    }
    return count == 0;
}

static void put_tips(const struct cp_cut *cut, struct cp_buf *out)
{
    struct cp_cut_walk w;
    struct cp_cut_tip row;
    cp_cut_begin(&w, cut);
    while (cp_cut_next(&w, &row))
        cp_put_fixed(out, row.tip, CP_ID_LEN);
}

static void put_head(enum cp_kind kind, const struct cp_id_list *earlier, size_t tips, struct cp_buf *out)
{
    cp_put_array(out, FRAME_ITEMS);
    cp_put_uint(out, kind);
    cp_put_array(out, earlier->count + tips);
    for (size_t i = 0; i < earlier->count; i++)
        cp_put_fixed(out, cp_id_list_at(earlier, i), CP_ID_LEN);
}

static enum cp_err put_signed(struct cp_bytes text, const uint8_t *sig, struct cp_buf *out)
{
    cp_put_bin(out, text);
    cp_put_fixed(out, sig, CP_SIG_LEN);
    return cp_buf_err(out);
}

enum cp_err cp_revoke_frame_write(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN],
                                  struct cp_buf *out)
{
    struct cp_revoke r;
    enum cp_err err = cp_revoke_read(text, sig, &r);
    if (err != CP_OK)
        return err;
    put_head(CP_KIND_REVOKE, &r.earlier, r.cut.count, out);
    put_tips(&r.cut, out);
    return put_signed(text, sig, out);
}

enum cp_err cp_key_frame_write(struct cp_bytes text, const uint8_t sig[static CP_SIG_LEN], struct cp_buf *out)
{
    struct cp_key_change k;
    const uint8_t *device;
    struct cp_cut cut;
    size_t tips = 0;
    enum cp_err err = cp_key_read(text, sig, &k);
    if (err != CP_OK)
        return err;
    for (size_t i = 0; i < k.cuts_count; i++) {
        cp_key_cut(&k, i, &device, &cut);
        tips += cut.count;
    }
    put_head(CP_KIND_KEY, &k.earlier, tips, out);
    for (size_t i = 0; i < k.cuts_count; i++) {
        cp_key_cut(&k, i, &device, &cut);
        put_tips(&cut, out);
    }
    return put_signed(text, sig, out);
}
