/* Looking at what was written: list, show, wordings. Owns: these handlers and the group's table. Must not: write. */
#include "daemon/serve_look.h"
#include "daemon/serve_handout.h"

#include <stdlib.h>
#include <string.h>

/* ---- list ---- */

/* One item's row, kept until all are in order. */
struct listed {
    size_t at, len; /* in the buffer of rows */
    struct cp_bytes position;
    uint64_t lamport; /* of the item's own entry */
    uint8_t id[CP_ID_LEN];
};
struct listing {
    const struct cp_desk *d;
    bool all; /* those that were set aside too */
    struct cp_buf rows;
    struct cp_arena arena;
    struct listed *list;
    size_t count, cap;
    enum cp_err err; /* of the visit */
};

static int by_order(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    int order = cp_position_cmp(x->position, y->position);
    if (order == 0)
        order = (x->lamport > y->lamport) - (x->lamport < y->lamport);
    return order != 0 ? order : memcmp(x->id, y->id, CP_ID_LEN);
}

static enum cp_err keep_item(struct listing *l, const struct cp_shown *s)
{
    const struct cp_write *origin = cp_item_origin(&s->loaded, s->id);
    struct cp_buf members;
    void *list = l->list;
    if (origin == NULL || (s->state.set_aside && !l->all))
        return CP_OK;
    enum cp_err err = cp_grow(l->d->mem, &list, &l->cap, l->count + 1, SIZE_MAX, sizeof *l->list);
    l->list = list;
    if (err != CP_OK)
        return err;
    struct listed *row = &l->list[l->count++];
    *row = (struct listed){.at = l->rows.len, .lamport = origin->lamport};
    memcpy(row->id, s->id, CP_ID_LEN);
    row->position = cp_arena_copy(&l->arena, cp_record_text(&s->state, CP_FIELD_POSITION, CP_BYTES(NULL, 0)));
    cp_buf_init(&members, l->d->mem, CP_API_MESSAGE_MAX);
    size_t count = cp_put_row_members(l->d, s, &members);
    cp_api_object(&l->rows, count);
    cp_buf_put_bytes(&l->rows, cp_buf_bytes(&members));
    err = cp_buf_err(&members);
    if (err == CP_OK)
        err = cp_buf_err(&l->rows);
    row->len = l->rows.len - row->at;
    cp_buf_clear(&members);
    return l->arena.failed ? CP_ERR_NO_MEMORY : err;
}

static bool keep_record(void *ctx, const uint8_t target[CP_ID_LEN], const struct cp_loaded *loaded)
{
    struct listing *l = ctx;
    struct cp_shown s;
    enum cp_err err = cp_shown_fold(&s, l->d, target, loaded);
    if (err == CP_OK)
        err = keep_item(l, &s);
    cp_shown_clear(&s);
    l->err = err == CP_ERR_NOT_FOUND ? CP_OK : err; /* the plan itself, a person */
    return l->err == CP_OK;
}

/* One pass over everything costs less than looking each item up; of one kind there are few. */
static enum cp_err keep_all(struct listing *l)
{
    enum cp_err err = cp_store_records(l->d->node->store, l->d->plan, 0, keep_record, l);
    return err == CP_OK ? l->err : err;
}

static enum cp_err keep_kind(struct listing *l, enum cp_record kind)
{
    struct cp_ids ids;
    cp_ids_init(&ids, l->d->mem);
    enum cp_err err = cp_ids_of_kind(&ids, l->d->node, l->d->plan, CP_KIND_ITEM);
    for (size_t i = 0; err == CP_OK && i < ids.count; i++) {
        struct cp_shown s;
        if (ids.numbers[i] != (uint64_t)kind)
            continue;
        err = cp_shown_load_fields(&s, l->d, kind, ids.ids[i]);
        if (err == CP_OK)
            err = keep_item(l, &s);
        cp_shown_clear(&s);
    }
    cp_ids_clear(&ids);
    return err;
}

static void serve_list(struct cp_request *r)
{
    struct cp_desk d;
    struct listing l = {.d = &d, .all = cp_api_member_true(&r->with, "all")};
    struct cp_bytes kind = cp_arg(r, "kind");
    enum cp_record only = kind.len == 0 ? CP_RECORD_COUNT : cp_item_kind_of_word(kind);
    if (kind.len > 0 && only == CP_RECORD_COUNT) {
        cp_reply_about(r, CP_ERR_BAD_KIND, kind);
        return;
    }
    cp_buf_init(&l.rows, r->node->mem, SIZE_MAX / 4);
    cp_arena_init(&l.arena, r->node->mem);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = only == CP_RECORD_COUNT ? keep_all(&l) : keep_kind(&l, only);
        cp_desk_close(&d);
    }
    if (err == CP_OK && l.count > 1)
        qsort(l.list, l.count, sizeof *l.list, by_order);
    for (size_t i = 0; err == CP_OK && i < l.count; i++)
        cp_reply_row(r, CP_BYTES(l.rows.ptr + l.list[i].at, l.list[i].len));
    cp_free(r->node->mem, l.list);
    cp_arena_clear(&l.arena);
    cp_buf_clear(&l.rows);
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_error(r, err, NULL, NULL);
}

/* ---- show ---- */

struct show_rows {
    struct cp_buf out;
    size_t count;
};

static void keep_view(void *ctx, struct cp_bytes row)
{
    struct show_rows *rows = ctx;
    cp_buf_put_bytes(&rows->out, row);
    rows->count++;
}

static int by_arrival(const void *a, const void *b)
{
    const struct cp_entry_info *x = *(const struct cp_entry_info *const *)a;
    const struct cp_entry_info *y = *(const struct cp_entry_info *const *)b;
    return (x->row > y->row) - (x->row < y->row);
}

/* Everything that touches the record, newest last as this machine got it. */
static enum cp_err put_history(const struct cp_desk *d, const struct cp_shown *s, struct cp_buf *out)
{
    const struct cp_loaded *l = &s->loaded;
    const struct cp_entry_info **order = cp_alloc_array(d->mem, l->count + 1, sizeof *order);
    size_t count = 0;
    if (order == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < l->count; i++)
        if (cp_desk_tells(d, &l->info[i]))
            order[count++] = &l->info[i];
    if (count > 0)
        qsort(order, count, sizeof *order, by_arrival);
    cp_api_key(out, "history");
    cp_api_list(out, count);
    for (size_t i = 0; i < count; i++)
        cp_put_history_values(d, order[i], out);
    cp_free(d->mem, order);
    return cp_buf_err(out);
}

static enum cp_err put_notes_and_views(const struct cp_desk *d, const struct cp_shown *s, struct cp_buf *out)
{
    struct show_rows rows = {.count = 0};
    struct cp_frame f;
    cp_buf_init(&rows.out, d->mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; i < s->loaded.count; i++) {
        const struct cp_entry_info *info = &s->loaded.info[i];
        if (info->newer || info->is_void || info->kind != CP_KIND_NOTE ||
            cp_frame_read(info->frame, info->words, &f) != CP_OK)
            continue;
        cp_put_note(d, info, &f, &rows.out);
        rows.count++;
    }
    cp_api_key(out, "notes");
    cp_api_list(out, rows.count);
    cp_buf_put_bytes(out, cp_buf_bytes(&rows.out));
    enum cp_err err = cp_buf_err(&rows.out);
    cp_buf_reset(&rows.out);
    rows.count = 0;
    if (err == CP_OK)
        err = cp_each_view(d, s, keep_view, &rows);
    cp_api_key(out, "views");
    cp_api_list(out, rows.count);
    cp_buf_put_bytes(out, cp_buf_bytes(&rows.out));
    if (err == CP_OK)
        err = cp_buf_err(&rows.out);
    cp_buf_clear(&rows.out);
    return err == CP_OK ? cp_buf_err(out) : err;
}

static enum cp_err show(const struct cp_desk *d, const struct cp_target *t, struct cp_buf *out)
{
    struct cp_shown s;
    struct cp_buf members;
    enum cp_err err = cp_shown_load(&s, d, t->kind, t->id, true);
    if (err != CP_OK)
        return err;
    cp_buf_init(&members, d->mem, CP_API_MESSAGE_MAX);
    size_t count = cp_put_row_members(d, &s, &members);
    err = cp_buf_err(&members);
    cp_api_object(out, count + 3);
    cp_buf_put_bytes(out, cp_buf_bytes(&members));
    cp_buf_clear(&members);
    if (err == CP_OK)
        err = put_history(d, &s, out);
    if (err == CP_OK)
        err = put_notes_and_views(d, &s, out);
    cp_shown_clear(&s);
    return err;
}

static bool can_be_shown(enum cp_record kind)
{
    return kind == CP_RECORD_PLAN || kind == CP_RECORD_PERSON || cp_record_is_item(kind);
}

static void serve_show(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_target t;
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_target_find(r, cp_arg(r, "id"), &t);
    if (err == CP_OK && t.version) {
        cp_buf_clear(&out);
        cp_serve_show_version(r, t.id);
        return;
    }
    if (err == CP_OK && !can_be_shown(t.kind))
        err = CP_ERR_NOT_FOUND;
    if (err == CP_OK)
        err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = show(&d, &t, &out);
        cp_desk_close(&d);
    }
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else
        cp_reply_about(r, err, cp_arg(r, "id"));
    cp_buf_clear(&out);
}

/* ---- wordings ---- */

static enum cp_err put_suggestion(const struct cp_desk *d, const struct cp_shown *s,
                                  const struct cp_shown_field *f, struct cp_buf *out)
{
    struct cp_buf text;
    bool found = false;
    cp_buf_init(&text, d->mem, CP_TEXT_MAX);
    enum cp_err err = cp_shown_suggestion(d, s, f, &text, &found);
    cp_api_key(out, "suggestion");
    if (err == CP_OK && found)
        cp_api_text(out, cp_buf_bytes(&text));
    else
        cp_api_null(out);
    cp_buf_clear(&text);
    return err;
}

static enum cp_err send_wordings(struct cp_request *r, const struct cp_desk *d, enum cp_record kind,
                                 const uint8_t *id)
{
    struct cp_shown s;
    struct cp_buf out;
    enum cp_err err = cp_shown_load(&s, d, kind, id, false);
    if (err != CP_OK)
        return err;
    cp_buf_init(&out, d->mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; err == CP_OK && !s.state.set_aside && i < s.fields_count; i++) {
        if (s.fields[i].field->list || s.fields[i].count < 2)
            continue;
        cp_buf_reset(&out);
        cp_api_object(&out, 5);
        cp_api_key(&out, "id");
        cp_api_hex(&out, id, CP_ID_LEN);
        cp_api_key(&out, "kind");
        cp_api_cstr(&out, cp_record_word(kind));
        cp_api_key(&out, "field");
        cp_put_field_name(&s.fields[i], &out);
        cp_api_key(&out, "wordings");
        cp_put_wordings(d, &s, &s.fields[i], &out);
        err = put_suggestion(d, &s, &s.fields[i], &out);
        if (err == CP_OK)
            err = cp_buf_err(&out);
        if (err == CP_OK)
            cp_reply_row(r, cp_buf_bytes(&out));
    }
    cp_buf_clear(&out);
    cp_shown_clear(&s);
    return err;
}

static void serve_wordings(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_ids ids;
    cp_ids_init(&ids, r->node->mem);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_ids_of_kind(&ids, r->node, r->plan, CP_KIND_ITEM);
        if (err == CP_OK)
            err = send_wordings(r, &d, CP_RECORD_PLAN, r->plan);
        for (size_t i = 0; err == CP_OK && i < d.people_count; i++)
            if (!d.people[i].someone) /* with the items */
                err = send_wordings(r, &d, CP_RECORD_PERSON, d.people[i].person);
        for (size_t i = 0; err == CP_OK && i < ids.count; i++)
            err = send_wordings(r, &d, (enum cp_record)ids.numbers[i], ids.ids[i]);
        cp_desk_close(&d);
    }
    cp_ids_clear(&ids);
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_error(r, err, NULL, NULL);
}

const struct cp_command cp_serve_look[] = {{"list", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_list},
                                           {"show", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_show},
                                           {"wordings", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_wordings},
                                           {"log", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_log},
                                           {"digest", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_digest},
                                           {"columns", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_columns},
                                           {"notes", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_notes},
                                           {"views", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_views},
                                           {NULL, 0, NULL}};
