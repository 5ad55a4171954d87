/* An imported table: many rows in one transaction. Owns: columns, and which rows are there already. */
#include <stdlib.h>
#include <string.h>

#include "daemon/serve_plan.h"
#include "proto/utf8.h"

enum {
    PROGRESS_EVERY = 250
};

/* ---- Rows that an earlier try brought ---- */

struct known_row {
    uint64_t row;
    uint8_t id[CP_ID_LEN];
};
struct many {
    struct cp_request *r;
    struct cp_desk d;
    struct cp_edits e;
    struct cp_bytes import;
    struct known_row *known; /* by row */
    size_t known_count, known_cap;
    struct cp_buf ids; /* of the rows, in their order */
    size_t ids_count, added, met;
    enum cp_err err;
};

/* "IMPORT 12": the import's own words, a space, the row's number. */
static bool read_mark(const struct many *m, struct cp_bytes mark, uint64_t *row)
{
    size_t head = m->import.len + 1;
    if (mark.len <= head || mark.len > head + 18 || memcmp(mark.ptr, m->import.ptr, m->import.len) != 0 ||
        mark.ptr[m->import.len] != ' ')
        return false;
    *row = 0;
    for (size_t i = head; i < mark.len; i++) {
        if (mark.ptr[i] < '0' || mark.ptr[i] > '9')
            return false;
        *row = *row * 10 + (mark.ptr[i] & 15U);
    }
    return true;
}

static bool note_known(void *ctx, const struct cp_entry_info *info)
{
    struct many *m = ctx;
    struct cp_frame f;
    uint64_t row = 0;
    if (info->newer || info->words.ptr == NULL || cp_frame_read(info->frame, info->words, &f) != CP_OK)
        return true;
    for (size_t i = 0; i < f.ops_count; i++) {
        if (f.ops[i].field != CP_FIELD_IMPORT || f.ops[i].value.type != CP_VALUE_TEXT ||
            !read_mark(m, f.ops[i].value.bytes, &row))
            continue;
        void *array = m->known;
        m->err = cp_grow(m->d.mem, &array, &m->known_cap, m->known_count + 1, SIZE_MAX, sizeof *m->known);
        if (m->err != CP_OK)
            return false;
        m->known = array;
        m->known[m->known_count].row = row;
        memcpy(m->known[m->known_count++].id, info->id, CP_ID_LEN);
    }
    return true;
}

static int by_row(const void *a, const void *b)
{
    const struct known_row *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static enum cp_err find_known(struct many *m)
{
    enum cp_err err = cp_store_each(m->r->node->store, m->r->plan, CP_KIND_ITEM, false, note_known, m);
    if (err == CP_OK)
        err = m->err;
    if (m->known_count > 0)
        qsort(m->known, m->known_count, sizeof *m->known, by_row);
    return err;
}

/* ---- Columns ---- */

/* One row of the table's head: kept under its name, or imported into a field of ours. */
static enum cp_err add_column(struct many *m, const struct cp_api_value *one, enum cp_record kind)
{
    struct cp_bytes none = CP_BYTES(NULL, 0);
    struct cp_bytes name = cp_api_member_text(one, "name", none),
                    field = cp_api_member_text(one, "field", none);
    uint16_t code = 0;
    uint8_t id[CP_ID_LEN];
    if (name.len > CP_TEXT_MAX || !cp_utf8_ok(name))
        return CP_ERR_BAD_CSV;
    if (field.len > 0) {
        struct cp_edit named;
        enum cp_err err = cp_edit_name(&m->e, field, kind, &named);
        if (err != CP_OK)
            return err;
        code = named.field->code == CP_FIELD_COLUMN ? 0 : named.field->code;
    }
    if (cp_desk_column(&m->d, name, code) != NULL)
        return CP_OK;
    struct cp_draft draft;
    cp_draft_init(&draft, m->d.mem, CP_KIND_COLUMN, code, NULL);
    cp_draft_value(&draft, name, true);
    enum cp_err err = cp_own_append(m->r, &draft, id);
    cp_draft_clear(&draft);
    return err == CP_OK ? cp_desk_add_column(&m->d, id, name, code) : err;
}

static enum cp_err add_columns(struct many *m, enum cp_record kind)
{
    struct cp_api_value columns, one;
    struct cp_api_iter it;
    struct cp_bytes key;
    enum cp_err err = CP_OK;
    if (!cp_api_member(&m->r->with, "columns", &columns) || columns.type != CP_API_LIST)
        return CP_OK;
    cp_api_iter_init(&it, &columns);
    while (err == CP_OK && cp_api_next(&it, &key, &one))
        err = one.type == CP_API_OBJECT ? add_column(m, &one, kind) : CP_ERR_USAGE;
    return err;
}

/* ---- Rows ---- */

static enum cp_err write_row(struct many *m, const struct cp_api_value *one, int64_t row, enum cp_record kind,
                             uint8_t id[static CP_ID_LEN])
{
    struct cp_api_value fields = {.type = CP_API_NULL};
    struct cp_draft draft;
    struct cp_buf mark;
    struct cp_bytes text = cp_api_member_text(one, "text", CP_BYTES(NULL, 0));
    enum cp_err err = CP_OK;
    cp_edits_init(&m->e);
    (void)cp_api_member(one, "fields", &fields);
    if (!cp_utf8_blank(text) ||
        fields.count == 0) /* a row may have no words of its own: what else it says must not be lost */
        err = cp_edits_text(&m->e, CP_FIELD_TEXT, kind, text);
    if (err == CP_OK)
        err = cp_edits_read(&m->e, m->r, &m->d, kind, &fields);
    if (err != CP_OK)
        return err;
    cp_buf_init(&mark, m->d.mem, CP_NAME_MAX);
    cp_buf_put_bytes(&mark, m->import);
    cp_buf_put_byte(&mark, ' ');
    cp_buf_put_dec(&mark, (uint64_t)row);
    err = cp_buf_err(&mark);
    if (err == CP_OK)
        err = cp_edits_text(&m->e, CP_FIELD_IMPORT, kind, cp_buf_bytes(&mark));
    if (err == CP_OK) {
        cp_draft_init(&draft, m->d.mem, CP_KIND_ITEM, kind, NULL);
        err = cp_edits_apply(&m->e, NULL, &draft);
        if (err == CP_OK)
            err = cp_own_append(m->r, &draft, id);
        cp_draft_clear(&draft);
    }
    cp_buf_clear(&mark);
    return err;
}

/* Says in which row it was. */
static void name_row(struct cp_edits *e, int64_t row)
{
    char typed[sizeof e->bad];
    memcpy(typed, e->bad, sizeof typed);
    int head = snprintf(e->bad, sizeof e->bad, "row %lld: ", (long long)row);
    size_t at = head > 0 ? (size_t)head : 0;
    cp_utf8_keep(cp_bytes_str(typed), e->bad + at, sizeof e->bad - at);
}

static enum cp_err take_row(struct many *m, const struct cp_api_value *one)
{
    struct cp_api_value number;
    uint8_t id[CP_ID_LEN];
    if (one->type != CP_API_OBJECT || !cp_api_member(one, "row", &number) || number.type != CP_API_INT ||
        number.number < 0)
        return CP_ERR_USAGE;
    enum cp_record kind = cp_item_kind_of_word(cp_api_member_text(one, "kind", CP_BYTES(NULL, 0)));
    if (kind == CP_RECORD_COUNT)
        return CP_ERR_BAD_KIND;
    struct known_row key = {.row = (uint64_t)number.number};
    const struct known_row *known =
        m->known_count == 0 ? NULL : bsearch(&key, m->known, m->known_count, sizeof *m->known, by_row);
    if (known != NULL) {
        memcpy(id, known->id, CP_ID_LEN);
        m->met++;
    } else {
        enum cp_err err = write_row(m, one, number.number, kind, id);
        if (err != CP_OK) {
            name_row(&m->e, number.number);
            return err;
        }
        m->added++;
    }
    cp_api_hex(&m->ids, id, CP_ID_LEN);
    m->ids_count++;
    return cp_buf_err(&m->ids);
}

static enum cp_err take_all(struct many *m)
{
    struct cp_api_value rows, one;
    struct cp_api_iter it;
    struct cp_bytes key;
    if (!cp_api_member(&m->r->with, "rows", &rows) || rows.type != CP_API_LIST)
        return CP_ERR_USAGE;
    enum cp_record kind = CP_RECORD_ACTION;
    if (cp_api_at(&rows, 0, &one) && one.type == CP_API_OBJECT) {
        enum cp_record first = cp_item_kind_of_word(cp_api_member_text(&one, "kind", CP_BYTES(NULL, 0)));
        kind = first == CP_RECORD_COUNT ? kind : first;
    }
    enum cp_err err = add_columns(m, kind);
    if (err == CP_OK)
        err = find_known(m);
    cp_api_iter_init(&it, &rows);
    for (size_t i = 0; err == CP_OK && cp_api_next(&it, &key, &one); i++) {
        err = take_row(m, &one);
        if (i % PROGRESS_EVERY == 0)
            cp_reply_progress(m->r, i, rows.count, "rows");
    }
    return err;
}

static void reply_many(struct cp_request *r, const struct many *m)
{
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 3);
    cp_api_key(&out, "added");
    cp_api_int(&out, (int64_t)m->added);
    cp_api_key(&out, "known");
    cp_api_int(&out, (int64_t)m->met);
    cp_api_key(&out, "ids");
    cp_api_list(&out, m->ids_count);
    cp_buf_put_bytes(&out, cp_buf_bytes(&m->ids));
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* A rehearsal does all of it, so that what it says is true, and then undoes it. */
static enum cp_err end(struct cp_request *r, enum cp_err err)
{
    if (!cp_api_member_true(&r->with, "dry"))
        return cp_own_end(r, err);
    cp_store_rollback(r->node->store);
    return err;
}

void cp_serve_add_many(struct cp_request *r)
{
    struct many m = {.r = r, .import = cp_arg(r, "import")};
    cp_edits_init(&m.e);
    if (m.import.len == 0 || m.import.len > CP_NAME_MAX - 20) {
        cp_reply_error(r, CP_ERR_USAGE, "import", NULL);
        return;
    }
    cp_buf_init(&m.ids, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_desk_open(&m.d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_own_begin(r);
        if (err == CP_OK)
            err = end(r, take_all(&m));
        cp_desk_close(&m.d);
    }
    cp_free(r->node->mem, m.known);
    if (err == CP_OK)
        reply_many(r, &m);
    else
        cp_edits_refuse(r, &m.e, err);
    cp_buf_clear(&m.ids);
}
