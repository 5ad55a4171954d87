/* Looking along the log: log, columns, notes, views. Owns: these handlers. Must not: write. */
#include <stdlib.h>
#include <string.h>

#include "daemon/serve_look.h"

/* Rows on their way; the desk gives names without asking the store again from inside a visit. */
struct sending {
    struct cp_request *r;
    struct cp_desk d;
    struct cp_buf row;
    enum cp_err err;
};

static bool send_row(struct sending *s)
{
    s->err = cp_buf_err(&s->row);
    if (s->err == CP_OK)
        cp_reply_row(s->r, cp_buf_bytes(&s->row));
    return s->err == CP_OK;
}

static void finish(struct sending *s, enum cp_err err, struct cp_bytes about)
{
    cp_buf_clear(&s->row);
    if (err == CP_OK)
        err = s->err;
    if (err == CP_OK)
        cp_reply_done(s->r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_about(s->r, err, about);
}

static enum cp_err begin(struct sending *s, struct cp_request *r)
{
    *s = (struct sending){.r = r};
    cp_buf_init(&s->row, r->node->mem, CP_API_MESSAGE_MAX);
    return cp_desk_open(&s->d, r->node, r->plan);
}

/* ---- log ---- */

static bool send_entry(void *ctx, const struct cp_entry_info *info)
{
    struct sending *s = ctx;
    if (!cp_desk_tells(&s->d, info))
        return true;
    cp_buf_reset(&s->row);
    cp_put_history(&s->d, info, &s->row);
    return send_row(s);
}

static int by_arrival(const void *a, const void *b)
{
    const struct cp_entry_info *x = *(const struct cp_entry_info *const *)a;
    const struct cp_entry_info *y = *(const struct cp_entry_info *const *)b;
    return (x->row > y->row) - (x->row < y->row);
}

static enum cp_err send_record(struct sending *s, const uint8_t *id)
{
    struct cp_loaded l;
    enum cp_err err = cp_store_load(s->r->node->store, s->r->plan, id, true, &l);
    if (err != CP_OK)
        return err;
    const struct cp_entry_info **order = cp_alloc_array(s->d.mem, l.count + 1, sizeof *order);
    err = order == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    for (size_t i = 0; err == CP_OK && i < l.count; i++)
        order[i] = &l.info[i];
    if (err == CP_OK && l.count > 0)
        qsort(order, l.count, sizeof *order, by_arrival);
    for (size_t i = 0; err == CP_OK && i < l.count; i++)
        if (!send_entry(s, order[i]))
            break;
    cp_free(s->d.mem, order);
    cp_loaded_clear(&l);
    return err;
}

void cp_serve_log(struct cp_request *r)
{
    struct sending s;
    struct cp_target t;
    struct cp_bytes id = cp_arg(r, "id");
    enum cp_err err = begin(&s, r);
    if (err == CP_OK) {
        if (id.len > 0) {
            err = cp_target_find(r, id, &t);
            if (err == CP_OK)
                err = send_record(&s, t.id);
        } else {
            err = cp_store_each(r->node->store, r->plan, 0, true, send_entry, &s);
        }
        cp_desk_close(&s.d);
    }
    finish(&s, err, id);
}

/* ---- columns ---- */

void cp_serve_columns(struct cp_request *r)
{
    struct sending s;
    enum cp_err err = begin(&s, r);
    for (size_t i = 0; err == CP_OK && i < s.d.columns_count; i++) {
        const struct cp_column *c = &s.d.columns[i];
        if (cp_desk_column(&s.d, c->name, UINT16_MAX) != c)
            continue; /* equal names once */
        const struct cp_field *f = c->field == 0 ? NULL : cp_field_by_code(c->field);
        cp_buf_reset(&s.row);
        cp_api_object(&s.row, 2);
        cp_api_key(&s.row, "name");
        cp_api_text(&s.row, c->name);
        cp_api_key(&s.row, "field");
        if (f == NULL)
            cp_api_null(&s.row);
        else
            cp_api_cstr(&s.row, f->name);
        if (!send_row(&s))
            break;
    }
    if (err == CP_OK)
        cp_desk_close(&s.d);
    finish(&s, err, CP_BYTES(NULL, 0));
}

/* ---- notes, views ---- */

static bool send_note(void *ctx, const struct cp_entry_info *info)
{
    struct sending *s = ctx;
    struct cp_frame f;
    if (info->newer || cp_frame_read(info->frame, info->words, &f) != CP_OK)
        return true;
    cp_buf_reset(&s->row);
    cp_put_note(&s->d, info, &f, &s->row);
    return send_row(s);
}

void cp_serve_notes(struct cp_request *r)
{
    struct sending s;
    enum cp_err err = begin(&s, r);
    if (err == CP_OK) {
        err = cp_store_each(r->node->store, r->plan, CP_KIND_NOTE, false, send_note, &s);
        cp_desk_close(&s.d);
    }
    finish(&s, err, CP_BYTES(NULL, 0));
}

static void send_view(void *ctx, struct cp_bytes row)
{
    struct sending *s = ctx;
    cp_reply_row(s->r, row);
}

void cp_serve_views(struct cp_request *r)
{
    struct sending s;
    enum cp_err err = begin(&s, r);
    if (err == CP_OK) {
        err = cp_all_views(&s.d, send_view, &s);
        cp_desk_close(&s.d);
    }
    finish(&s, err, CP_BYTES(NULL, 0));
}
