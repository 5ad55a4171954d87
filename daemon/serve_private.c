/* What I keep for myself: private-add, private-list, private-remove. Must not: write an entry. */
#include <string.h>

#include "daemon/private.h"
#include "daemon/view.h"

static const char *kind_word(enum cp_private_kind kind)
{
    return kind == CP_PRIVATE_NEED ? "need" : "learning";
}

static void put_row(const struct cp_private_row *row, struct cp_buf *out)
{
    cp_api_object(out, 4);
    cp_api_key(out, "id");
    cp_api_hex(out, row->id, CP_PRIVATE_ID_LEN);
    cp_api_key(out, "kind");
    cp_api_cstr(out, kind_word(row->kind));
    cp_api_key(out, "text");
    cp_api_text(out, row->text);
    cp_api_key(out, "claimed_at");
    cp_api_int(out, (int64_t)row->time_ms);
}

static void reply_row(struct cp_request *r, const struct cp_private_row *row)
{
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    put_row(row, &out);
    cp_reply_buf(r, &out);
    if (out.ptr != NULL)
        sodium_memzero(out.ptr, out.cap);
    cp_buf_clear(&out);
}

static void serve_add(struct cp_request *r)
{
    struct cp_private p;
    struct cp_bytes kind = cp_arg(r, "kind"), text = cp_arg_said(r, "text");
    bool need = cp_bytes_eq(kind, cp_bytes_str("need"));
    if (!need && !cp_bytes_eq(kind, cp_bytes_str("learning"))) {
        cp_reply_error(r, CP_ERR_BAD_KIND, "what is private", "need|learning");
        return;
    }
    if (text.len == 0 || text.len > CP_TEXT_MAX || !cp_utf8_ok(text)) {
        cp_reply_error(r, text.len > CP_TEXT_MAX ? CP_ERR_TOO_BIG : CP_ERR_BAD_TEXT, "text", "16384");
        return;
    }
    enum cp_err err = cp_private_load(&p, r->node, r->person);
    if (err == CP_OK) {
        err = cp_private_add(&p, need ? CP_PRIVATE_NEED : CP_PRIVATE_LEARNING, cp_node_time_ms(), text);
        if (err == CP_OK)
            err = cp_private_save(&p, r->node, r->person);
        if (err == CP_OK)
            reply_row(r, &p.rows[p.count - 1]);
        cp_private_clear(&p);
    }
    if (err != CP_OK)
        cp_reply_error(r, err, NULL, NULL);
}

static void serve_list(struct cp_request *r)
{
    struct cp_private p;
    struct cp_buf out;
    enum cp_err err = cp_private_load(&p, r->node, r->person);
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; err == CP_OK && i < p.count; i++) {
        cp_buf_reset(&out);
        put_row(&p.rows[i], &out);
        err = cp_buf_err(&out);
        if (err == CP_OK)
            cp_reply_row(r, cp_buf_bytes(&out));
    }
    cp_private_clear(&p);
    if (out.ptr != NULL)
        sodium_memzero(out.ptr, out.cap);
    cp_buf_clear(&out);
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_error(r, err, NULL, NULL);
}

/* The row whose id begins so: at least 6 digits, as everywhere. */
static enum cp_err find_row(const struct cp_private *p, struct cp_bytes typed, size_t *at)
{
    size_t hits = 0;
    for (size_t i = 0; i < p->count; i++) {
        char hex[2 * CP_PRIVATE_ID_LEN + 1];
        cp_hex_encode(p->rows[i].id, CP_PRIVATE_ID_LEN, hex);
        if (typed.len >= 6 && typed.len <= 2 * CP_PRIVATE_ID_LEN && memcmp(hex, typed.ptr, typed.len) == 0) {
            *at = i;
            hits++;
        }
    }
    return hits == 1 ? CP_OK : hits == 0 ? CP_ERR_NOT_FOUND : CP_ERR_AMBIGUOUS;
}

static void serve_remove(struct cp_request *r)
{
    struct cp_private p;
    size_t at = 0;
    enum cp_err err = cp_private_load(&p, r->node, r->person);
    if (err == CP_OK) {
        err = find_row(&p, cp_arg(r, "id"), &at);
        if (err == CP_OK) {
            memmove(&p.rows[at], &p.rows[at + 1], (p.count - at - 1) * sizeof *p.rows);
            p.count--;
            err = cp_private_save(&p, r->node, r->person);
        }
        cp_private_clear(&p);
    }
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_about(r, err, cp_arg(r, "id"));
}

const struct cp_command cp_serve_private[] = {
    {"private-add", CP_NEED_UNLOCKED | CP_NEED_PERSON, serve_add},
    {"private-list", CP_NEED_UNLOCKED | CP_NEED_PERSON, serve_list},
    {"private-remove", CP_NEED_UNLOCKED | CP_NEED_PERSON, serve_remove},
    {NULL, 0, NULL}};
