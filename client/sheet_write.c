/* Actions as a table. Owns: which columns an export has, and in which order. Must not: read files. */
#include "client/sheet.h"
#include "client/value.h"

/* One column of an export. */
struct column {
    char *header; /* owned */
    char *key;    /* owned: "text" for the words, else the name in "fields" */
    bool words;
    const struct cp_field *field; /* NULL for csv: columns */
};
struct writer {
    const struct cp_mem *mem;
    const struct cp_sheet_context *context;
    struct column *columns;
    size_t count;
    size_t cap;
    enum cp_err err;
};

static bool has_header(const struct writer *w, const char *header, bool but_words)
{
    for (size_t i = 0; i < w->count; i++)
        if (!(but_words && w->columns[i].words) && strcmp(w->columns[i].header, header) == 0)
            return true;
    return false;
}

static bool has_key(const struct writer *w, const char *key)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->columns[i].key, key) == 0)
            return true;
    return false;
}

static char *join(const struct cp_mem *mem, const char *a, const char *b)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    char *out = cp_alloc(mem, a_len + b_len + 1);

    if (out != NULL) {
        memcpy(out, a, a_len);
        memcpy(out + a_len, b, b_len + 1);
    }
    return out;
}

/* Adds a column unless its key is there. A name that another column has already gets `prefix`. */
static void add_column(struct writer *w, const char *prefix, const char *header, const char *key_prefix,
                       const char *key, bool words, const struct cp_field *field)
{
    void *columns = w->columns;
    char *whole_key = join(w->mem, key_prefix, key);
    struct column *c = NULL;

    if (w->err == CP_OK && whole_key == NULL)
        w->err = CP_ERR_NO_MEMORY;
    if (w->err != CP_OK || has_key(w, whole_key)) {
        cp_free(w->mem, whole_key);
        return;
    }
    w->err = cp_grow(w->mem, &columns, &w->cap, w->count + 1, SIZE_MAX / sizeof *c, sizeof *c);
    if (w->err != CP_OK) {
        cp_free(w->mem, whole_key);
        return;
    }
    w->columns = columns;
    c = &w->columns[w->count];
    *c = (struct column){.key = whole_key, .words = words, .field = field};
    /* A column of words may share its name with one kept as it was: reading takes the first for the words. */
    c->header = join(w->mem, "", header);
    while (c->header != NULL && has_header(w, c->header, field == NULL && !words)) {
        char *longer = join(w->mem, prefix, c->header);

        cp_free(w->mem, c->header);
        c->header = longer;
    }
    if (c->header == NULL)
        w->err = CP_ERR_NO_MEMORY;
    w->count++;
}

/* A row of `columns`: {name, field}. */
static void add_imported(struct writer *w, json_t *row)
{
    const char *name = cp_json_text(row, "name");
    const char *field = cp_json_text(row, "field");
    struct cp_bytes field_name;
    const struct cp_field *f = cp_sheet_field(cp_bytes_str(name), &field_name);

    if (field[0] == '\0')
        add_column(w, "csv:", name, "csv:", name, false, NULL);
    else if (f != NULL && strcmp(f->name, field) == 0)
        add_column(w, "coplan:", name, "", (const char *)field_name.ptr, false, f);
    else if (strcmp(field, "text") == 0)
        add_column(w, "coplan:", name, "", "text", true, NULL);
}

/* Fields of the actions that no imported column shows, in the order of the table; languages in byte order. */
static void add_used(struct writer *w, json_t *actions, const struct cp_field *field)
{
    size_t len = strlen(field->name);
    json_t *names = json_object();
    json_t *action = NULL;
    json_t *value = NULL;
    const char *key = NULL;
    size_t i = 0;

    json_array_foreach(actions, i, action) json_object_foreach(
        json_object_get(action, "fields"), key,
        value) if (strncmp(key, field->name, len) == 0 && (key[len] == '\0' || key[len] == '.'))
        json_object_set_new(names, key, json_true());
    for (;;) {
        const char *least = NULL;

        json_object_foreach(names, key, value) if (!has_key(w, key) &&
                                                   (least == NULL || strcmp(key, least) < 0)) least = key;
        if (least == NULL || w->err != CP_OK)
            break;
        add_column(w, "coplan:", least, "", least, false, field);
    }
    json_decref(names);
}

/* Columns of one's own that were typed (set ID csv:NAME=...) and never imported, in byte order. */
static void add_typed(struct writer *w, json_t *actions)
{
    json_t *action = NULL;
    json_t *value = NULL;
    const char *key = NULL;
    size_t i = 0;

    for (;;) {
        const char *least = NULL;

        json_array_foreach(actions, i, action)
            json_object_foreach(json_object_get(action, "fields"), key,
                                value) if (strncmp(key, "csv:", 4) == 0 && !has_key(w, key) &&
                                           (least == NULL || strcmp(key, least) < 0)) least = key;
        if (least == NULL || w->err != CP_OK)
            break;
        add_column(w, "csv:", least + 4, "", least, false, NULL);
    }
}

static void choose_columns(struct writer *w, json_t *actions, json_t *columns)
{
    size_t count = 0;
    const struct cp_field *fields = cp_fields(&count);
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(columns, i, row) add_imported(w, row);
    if (!has_key(w, "text"))
        add_column(w, "coplan:", "text", "", "text", true, NULL);
    for (i = 0; i < count; i++)
        if ((fields[i].on & CP_ON(ACTION)) != 0 && fields[i].type != CP_TYPE_COLUMN &&
            fields[i].code != CP_FIELD_POSITION && fields[i].code != CP_FIELD_IMPORT)
            add_used(w, actions, &fields[i]);
    add_typed(w, actions);
}

/* The first character that an import refuses, in a cell that is well-formed UTF-8. */
static bool has_control(struct cp_bytes cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        uint8_t c = cell.ptr[i];

        if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f ||
            (c == 0xc2 && i + 1 < cell.len && cell.ptr[i + 1] < 0xa0))
            return true;
    }
    return false;
}

/* Writes one row; cells and starts have room for every column. Returns false when every cell is empty. */
static bool write_row(struct writer *w, json_t *action, struct cp_bytes *cells, struct cp_buf *values,
                      json_t *control, size_t row, struct cp_buf *out)
{
    size_t total = 0;

    cp_buf_reset(values);
    /* First all values into one buffer, because its memory moves while it grows; then the slices. */
    for (size_t i = 0; i < w->count; i++) {
        const struct column *c = &w->columns[i];
        size_t before = values->len;

        if (c->words)
            cp_buf_put_bytes(values, cp_json_bytes(json_object_get(action, "text")));
        else
            cp_sheet_put_value(c->field, json_object_get(json_object_get(action, "fields"), c->key),
                               w->context, values);
        cells[i].len = values->len - before;
    }
    if (cp_buf_err(values) != CP_OK) {
        w->err = cp_buf_err(values);
        return true;
    }
    for (size_t i = 0; i < w->count; i++) {
        cells[i].ptr = values->ptr + total;
        total += cells[i].len;
        if (cells[i].len > 0 && has_control(cells[i]))
            json_array_append_new(
                control, json_pack("{s:I,s:s}", "row", (json_int_t)row, "column", w->columns[i].header));
    }
    if (total > 0)
        cp_csv_put_row(out, cells, w->count);
    return total > 0;
}

enum cp_err cp_sheet_export(json_t *actions, json_t *columns, const struct cp_sheet_context *context,
                            const struct cp_mem *mem, struct cp_buf *out, json_t *control)
{
    struct writer w = {.mem = mem, .context = context};
    struct cp_bytes *cells = NULL;
    struct cp_buf values;
    json_t *action = NULL;
    size_t row = 2;
    size_t i = 0;

    cp_buf_init(&values, mem, SIZE_MAX / 2);
    choose_columns(&w, actions, columns);
    cells = cp_alloc_array(mem, w.count + 1, sizeof *cells);
    if (cells == NULL)
        w.err = CP_ERR_NO_MEMORY;
    for (i = 0; w.err == CP_OK && i < w.count; i++)
        cells[i] = cp_bytes_str(w.columns[i].header);
    if (w.err == CP_OK)
        cp_csv_put_row(out, cells, w.count);
    json_array_foreach(actions, i, action) if (w.err == CP_OK && write_row(&w, action, cells, &values,
                                                                           control, row, out)) row++;
    for (i = 0; i < w.count; i++) {
        cp_free(mem, w.columns[i].header);
        cp_free(mem, w.columns[i].key);
    }
    cp_free(mem, w.columns);
    cp_free(mem, cells);
    cp_buf_clear(&values);
    return w.err != CP_OK ? w.err : cp_buf_err(out);
}
