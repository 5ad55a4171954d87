/* A plan as JSON: what is written, and what is accepted. Owns: the shape. Must not: decide what an import does. */
#include "client/planjson.h"

#include "client/value.h"

/* ------------------------------------------------------------------------------------------- out */

/* The members of a row that are the same on every device, in a new object. */
static json_t *copy_members(json_t *row, const char *const *keys)
{
    json_t *out = json_object();

    for (; out != NULL && *keys != NULL; keys++)
        if (json_object_get(row, *keys) != NULL)
            json_object_set(out, *keys, json_object_get(row, *keys));
    return out;
}

static json_t *copy_rows(json_t *rows, const char *const *keys)
{
    json_t *out = json_array();
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row) json_array_append_new(out, copy_members(row, keys));
    return out;
}

struct sortable {
    json_t *row;
    const char *const *keys;
};

/* By the keys in turn: numbers by size, texts by bytes; a key that is missing comes first. */
static int by_keys(const void *a, const void *b)
{
    const struct sortable *left = a;
    const struct sortable *right = b;

    for (const char *const *key = left->keys; *key != NULL; key++) {
        json_t *x = json_object_get(left->row, *key);
        json_t *y = json_object_get(right->row, *key);
        json_int_t m = json_integer_value(x);
        json_int_t n = json_integer_value(y);
        int order = m != n ? (m < n ? -1 : 1) : cp_bytes_cmp(cp_json_bytes(x), cp_json_bytes(y));

        if (order != 0)
            return order;
    }
    return 0;
}

/* Takes the reference and gives a sorted array. */
static json_t *sort_rows(json_t *rows, const char *const *keys)
{
    size_t count = json_array_size(rows);
    struct sortable *list = calloc(count + 1, sizeof *list);
    json_t *out = json_array();

    for (size_t i = 0; list != NULL && i < count; i++)
        list[i] = (struct sortable){json_array_get(rows, i), keys};
    if (list != NULL)
        qsort(list, count, sizeof *list, by_keys);
    for (size_t i = 0; list != NULL && i < count; i++)
        json_array_append(out, list[i].row);
    if (list == NULL) {
        json_decref(out);
        out = NULL;
    }
    free(list);
    json_decref(rows);
    return out;
}

json_t *cp_planjson_make(const struct cp_planjson_parts *parts)
{
    static const char *const column_keys[] = {"name", "field", NULL};
    static const char *const person_keys[] = {"person", "name", "kept_informed", NULL};
    static const char *const item_keys[] = {"id",     "kind",     "text",      "state",
                                            "fields", "wordings", "withdrawn", NULL};
    static const char *const note_keys[] = {"id", "kind",       "about",     "text",         "fields",
                                            "by", "claimed_at", "withdrawn", "for_a_member", NULL};
    static const char *const view_keys[] = {"target", "person", "measure", "value", "criterion",
                                            "why",    "two",    "by",      NULL};
    static const char *const by_person[] = {"person", NULL};
    static const char *const by_time[] = {"claimed_at", "id", NULL};
    static const char *const by_target[] = {"target", "measure", "criterion", "person", "value", NULL};

    return json_pack(
        "{s:s,s:O,s:O,s:O,s:O*,s:o,s:o,s:o,s:o,s:o}", "format", CP_PLANJSON_FORMAT, "plan",
        json_object_get(parts->plan, "plan"), "fields", json_object_get(parts->plan, "fields"), "wordings",
        json_object_get(parts->plan, "wordings"), "withdrawn", json_object_get(parts->plan, "withdrawn"),
        "columns", copy_rows(parts->columns, column_keys), "people",
        sort_rows(copy_rows(parts->people, person_keys), by_person), "items",
        copy_rows(parts->items, item_keys), "notes", sort_rows(copy_rows(parts->notes, note_keys), by_time),
        "views", sort_rows(copy_rows(parts->views, view_keys), by_target));
}

/* ------------------------------------------------------------------------------------------- in */

static bool is_value(json_t *value)
{
    return json_is_string(value) || json_is_integer(value) || json_is_null(value) ||
           (json_is_object(value) && json_is_string(json_object_get(value, "id")) &&
            json_is_integer(json_object_get(value, "amount")));
}

static bool are_fields(json_t *fields)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_t *element = NULL;
    size_t i = 0;

    if (!json_is_object(fields))
        return false;
    json_object_foreach(fields, key, value)
    {
        if (!json_is_array(value) && !is_value(value))
            return false;
        json_array_foreach(value, i, element) if (!is_value(element)) return false;
    }
    return true;
}

static bool is_item(json_t *item)
{
    return json_is_string(json_object_get(item, "id")) && json_is_string(json_object_get(item, "kind")) &&
           json_is_string(json_object_get(item, "text")) && json_is_string(json_object_get(item, "state")) &&
           are_fields(json_object_get(item, "fields"));
}

static bool is_note(json_t *note)
{
    return json_is_string(json_object_get(note, "kind")) && json_is_string(json_object_get(note, "about")) &&
           json_is_string(json_object_get(note, "text")) && json_is_string(json_object_get(note, "by")) &&
           are_fields(json_object_get(note, "fields"));
}

static bool is_person(json_t *person)
{
    return json_is_string(json_object_get(person, "person")) &&
           json_is_string(json_object_get(person, "name"));
}

static bool is_column(json_t *column)
{
    json_t *field = json_object_get(column, "field");

    return json_is_string(json_object_get(column, "name")) &&
           (field == NULL || json_is_null(field) || json_is_string(field));
}

static bool is_view(json_t *view)
{
    return json_is_object(view);
}

/* What is wrong with the shape, NULL when nothing is. */
static const char *check_shape(json_t *file)
{
    static const struct {
        const char *name;
        bool (*is)(json_t *element);
    } lists[] = {{"columns", is_column},
                 {"people", is_person},
                 {"items", is_item},
                 {"notes", is_note},
                 {"views", is_view}};

    if (!json_is_object(file) || strcmp(cp_json_text(file, "format"), CP_PLANJSON_FORMAT) != 0)
        return "format";
    if (!json_is_string(json_object_get(file, "plan")))
        return "plan";
    if (!are_fields(json_object_get(file, "fields")))
        return "fields";
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++) {
        json_t *list = json_object_get(file, lists[l].name);
        json_t *element = NULL;
        size_t i = 0;

        if (!json_is_array(list) || json_array_size(list) > CP_PLANJSON_ITEMS_MAX)
            return lists[l].name;
        json_array_foreach(list, i, element) if (!lists[l].is(element)) return lists[l].name;
    }
    return NULL;
}

json_t *cp_planjson_read(struct cp_bytes file, int *line, const char **what)
{
    json_error_t error;
    json_t *read =
        json_loadb(file.len > 0 ? (const char *)file.ptr : "", file.len, JSON_REJECT_DUPLICATES, &error);

    *line = 0;
    *what = NULL;
    if (read == NULL) {
        *line = error.line > 0 ? error.line : 1;
        return NULL;
    }
    *what = check_shape(read);
    if (*what != NULL) {
        json_decref(read);
        return NULL;
    }
    return read;
}
