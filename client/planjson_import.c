/* What an import of a plan's JSON does. Owns: which field goes when, and what is left. Must not: read the file's bytes. */
#include "client/planjson.h"

#include "client/cli.h"
#include "client/value.h"
#include "client/words.h"

/* One entry holds 63 writes and 64 KiB; what is more follows in further entries. */
#define FIRST_OPS_MAX   48U
#define FIRST_BYTES_MAX 40000U

static void leave(struct cp_planjson_import *import, enum cp_screen sentence, const char *a, const char *b)
{
    const char *const args[4] = {a, b, NULL, NULL};
    struct cp_buf text;

    cp_buf_init(&text, &cp_client_mem, SIZE_MAX / 2);
    cp_words_fill(cp_words_screen(sentence), args, &text);
    if (cp_buf_err(&text) == CP_OK && text.len > 0)
        json_array_append_new(import->left, json_stringn((const char *)text.ptr, text.len));
    cp_buf_clear(&text);
}

static const struct cp_field *find_field(const char *name, enum cp_record on)
{
    struct cp_bytes base = cp_bytes_str(name);
    const struct cp_field *field = NULL;

    if (strncmp(name, "csv:", 4) == 0)
        return cp_field_by_name(base, on);
    base.len = strcspn(name, ".");
    field = cp_field_by_name(base, on);
    return field != NULL && (name[base.len] == '\0' || field->type == CP_TYPE_TEXT) ? field : NULL;
}

/* The person of this plan that the file means: the same id, else the only one of that name. "" when there is none. */
static const char *find_person(json_t *file, json_t *people, const char *id)
{
    const char *name = "";
    const char *found = "";
    size_t count = 0;
    size_t i = 0;
    json_t *row = NULL;

    json_array_foreach(people, i, row) if (strcmp(cp_json_text(row, "person"), id) == 0) return id;
    json_array_foreach(json_object_get(file, "people"), i, row) if (strcmp(cp_json_text(row, "person"), id) ==
                                                                    0) name = cp_json_text(row, "name");
    json_array_foreach(people, i, row) if (name[0] != '\0' && strcmp(cp_json_text(row, "name"), name) == 0)
    {
        found = cp_json_text(row, "person");
        count++;
    }
    return count == 1 ? found : "";
}

struct target {
    struct cp_planjson_import *import;
    json_t *file;
    json_t *people;
    const char *id; /* of the item, for sentences */
    json_t *fields; /* written with the item */
    json_t *later;
    size_t bytes;
};

static json_t *typed(const char *name, const char *op, const char *value)
{
    return json_pack("{s:s,s:s,s:s}", "name", name, "op", op, "value", value);
}

/* A value that needs no other item: with the item while there is room, else later. */
static void put_now(struct target *t, const char *name, const char *op, const char *value)
{
    size_t len = strlen(name) + strlen(value);
    bool room = json_array_size(t->fields) < FIRST_OPS_MAX && t->bytes + len <= FIRST_BYTES_MAX;

    if (value[0] == '\0')
        return;
    t->bytes += room ? len : 0;
    json_array_append_new(room ? t->fields : t->later, typed(name, op, value));
}

static bool value_fits(const struct cp_field *field, json_t *value, enum cp_record on)
{
    if (cp_field_is_int(field))
        return json_is_integer(value) && cp_field_check_int(field, json_integer_value(value)) == CP_OK;
    return json_is_string(value) && cp_field_check_text(field, cp_json_bytes(value), on) == CP_OK;
}

/* A person without a key is an item of the file, and comes in with the items. */
static bool is_someone(json_t *file, json_t *id)
{
    json_t *item = NULL;
    size_t i = 0;
    const char *word = cp_record_word(CP_RECORD_SOMEONE);

    json_array_foreach(json_object_get(file, "items"), i,
                       item) if (json_is_string(id) && strcmp(cp_json_text(item, "kind"), word) == 0 &&
                                 json_equal(json_object_get(item, "id"), id)) return true;
    return false;
}

static void put_value(struct target *t, const struct cp_field *field, const char *name, json_t *value,
                      enum cp_record on)
{
    const char *op = field->list ? "+=" : "=";
    char number[32];

    if (json_is_null(value))
        return;
    if (field->type == CP_TYPE_PERSON && is_someone(t->file, value)) {
        json_array_append_new(t->later, json_pack("{s:s,s:s,s:O}", "name", name, "op", op, "to", value));
    } else if (field->type == CP_TYPE_PERSON) {
        const char *person =
            json_is_string(value) ? find_person(t->file, t->people, json_string_value(value)) : "";

        if (person[0] == '\0')
            leave(t->import, CP_SAY_LEFT_PERSON, t->id, name);
        else
            put_now(t, name, op, person);
    } else if (field->type == CP_TYPE_ITEM && json_is_string(value)) {
        json_array_append_new(t->later, json_pack("{s:s,s:s,s:O}", "name", name, "op", op, "to", value));
    } else if (field->type == CP_TYPE_COST && json_is_object(value)) {
        json_array_append_new(t->later, json_pack("{s:s,s:s,s:O,s:O}", "name", name, "op", op, "to",
                                                  json_object_get(value, "id"), "amount",
                                                  json_object_get(value, "amount")));
    } else if (cp_field_is_link(field) || !value_fits(field, value, on)) {
        leave(t->import, CP_SAY_LEFT_FIELD, t->id, name);
    } else if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        put_now(t, name, op, number);
    } else {
        put_now(t, name, op, json_string_value(value));
    }
}

static void put_fields(struct target *t, json_t *fields, enum cp_record on)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_t *element = NULL;
    size_t i = 0;

    json_object_foreach(fields, name, value)
    {
        const struct cp_field *field = find_field(name, on);

        if (strcmp(name, "text") == 0 ||
            (field != NULL && (field->code == CP_FIELD_POSITION || field->code == CP_FIELD_IMPORT ||
                               (field->code == CP_FIELD_STATE && cp_record_is_item(on)))))
            continue;
        if (field == NULL || json_is_array(value) != field->list) {
            leave(t->import, CP_SAY_LEFT_FIELD, t->id, name);
            continue;
        }
        if (!json_is_array(value))
            put_value(t, field, name, value, on);
        json_array_foreach(value, i, element) put_value(t, field, name, element, on);
    }
}

static void put_item(struct cp_planjson_import *import, json_t *file, json_t *people, json_t *item,
                     size_t row)
{
    struct target t = {.import = import, .file = file, .people = people, .id = cp_json_text(item, "id")};
    enum cp_record kind = cp_item_kind_of_word(cp_bytes_str(cp_json_text(item, "kind")));
    const char *text = cp_json_text(item, "text");
    const char *state = cp_json_text(item, "state");
    const char *name = NULL;
    json_t *wordings = NULL;

    if (kind == CP_RECORD_COUNT) {
        leave(import, CP_SAY_LEFT_FIELD, t.id, cp_json_text(item, "kind"));
        return;
    }
    if (text[0] == '\0' || strlen(text) > CP_TEXT_MAX) {
        leave(import, CP_SAY_LEFT_EMPTY, t.id, NULL);
        return;
    }
    t.fields = json_array();
    t.later = json_array();
    t.bytes = strlen(text);
    put_fields(&t, json_object_get(item, "fields"), kind);
    json_object_foreach(json_object_get(item, "wordings"), name, wordings)
        leave(import, CP_SAY_LEFT_WORDINGS, t.id, name);
    /* Last, so that it has seen all the rest; an item that says nothing of it is open. */
    if (strcmp(state, "open") != 0 && state[0] != '\0') {
        if (cp_word_in(cp_record_states(kind), cp_bytes_str(state)))
            json_array_append_new(t.later, typed("state", "=", state));
        else
            leave(import, CP_SAY_LEFT_FIELD, t.id, "state");
    }
    json_array_append_new(import->rows, json_pack("{s:I,s:O,s:O,s:o}", "row", (json_int_t)row, "kind",
                                                  json_object_get(item, "kind"), "text",
                                                  json_object_get(item, "text"), "fields", t.fields));
    json_array_append(import->ids, json_object_get(item, "id"));
    json_array_append_new(import->later, t.later);
}

/* The plan's own fields: where the plan at hand says something else it keeps that, and this is told. */
static void put_own(struct cp_planjson_import *import, json_t *file, json_t *plan, json_t *people)
{
    struct target t = {.import = import, .file = file, .people = people, .id = cp_json_text(file, "plan")};
    json_t *ours = json_object_get(plan, "fields");
    json_t *missing = json_object();
    const char *name = NULL;
    json_t *value = NULL;
    bool kept = false;

    json_object_foreach(json_object_get(file, "fields"), name, value)
    {
        if (json_object_get(ours, name) == NULL && !cp_json_gone(plan, name))
            json_object_set(missing, name, value);
        else
            kept = kept || !json_equal(json_object_get(ours, name), value);
    }
    t.fields = json_array();
    t.later = json_array();
    put_fields(&t, missing, CP_RECORD_PLAN);
    json_array_extend(t.fields, t.later);
    import->own = t.fields;
    if (kept)
        leave(import, CP_SAY_LEFT_PLAN, NULL, NULL);
    json_object_foreach(json_object_get(file, "wordings"), name,
                        value) if (json_object_get(missing, name) != NULL)
        leave(import, CP_SAY_LEFT_WORDINGS, t.id, name);
    json_decref(missing);
    json_decref(t.later);
}

bool cp_planjson_plan(struct cp_planjson_import *out, json_t *file, json_t *plan, json_t *people)
{
    json_t *item = NULL;
    size_t views = json_array_size(json_object_get(file, "views"));
    char number[32];
    size_t i = 0;

    *out = (struct cp_planjson_import){
        .rows = json_array(), .ids = json_array(), .later = json_array(), .left = json_array()};
    json_array_foreach(json_object_get(file, "items"), i, item) put_item(out, file, people, item, i + 1);
    if (views > 0) {
        snprintf(number, sizeof number, "%zu", views);
        leave(out, CP_SAY_LEFT_VIEWS, number, NULL);
    }
    put_own(out, file, plan, people);
    return out->own != NULL && out->rows != NULL && out->ids != NULL && out->later != NULL &&
           out->left != NULL;
}

void cp_planjson_clear(struct cp_planjson_import *import)
{
    json_decref(import->rows);
    json_decref(import->ids);
    json_decref(import->later);
    json_decref(import->own);
    json_decref(import->left);
    *import = (struct cp_planjson_import){.rows = NULL};
}

/* A list of fields with its links turned into typed ones; `of` says whose they are. */
static json_t *link_fields(struct cp_planjson_import *import, json_t *later, const char *of, json_t *map)
{
    json_t *fields = json_array();
    json_t *field = NULL;
    size_t i = 0;

    json_array_foreach(later, i, field)
    {
        const char *to = json_string_value(json_object_get(field, "to"));
        const char *new_id = to != NULL ? cp_json_text(map, to) : "";
        json_t *amount = json_object_get(field, "amount");
        char value[2 * CP_ID_LEN + 32];

        if (to == NULL) {
            json_array_append(fields, field);
        } else if (new_id[0] == '\0') {
            leave(import, CP_SAY_LEFT_LINK, of, cp_json_text(field, "name"));
        } else {
            if (amount != NULL)
                snprintf(value, sizeof value, "%.64s:%" JSON_INTEGER_FORMAT, new_id,
                         json_integer_value(amount));
            else
                snprintf(value, sizeof value, "%.64s", new_id);
            json_array_append_new(fields,
                                  typed(cp_json_text(field, "name"), cp_json_text(field, "op"), value));
        }
    }
    return fields;
}

json_t *cp_planjson_links(struct cp_planjson_import *import, size_t row, json_t *map)
{
    return link_fields(import, json_array_get(import->later, row),
                       cp_json_text(json_array_get(import->rows, row), "text"), map);
}

json_t *cp_planjson_own(struct cp_planjson_import *import, json_t *map)
{
    return link_fields(import, import->own, "", map);
}

/* ------------------------------------------------------------------------------------------- notes */

static const char *shown_name(json_t *file, const char *person)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(file, "people"), i,
                       row) if (strcmp(cp_json_text(row, "person"), person) == 0) return cp_json_text(row,
                                                                                                      "name");
    return "";
}

static bool is_said(json_t *there, const char *kind, const char *about, const char *text)
{
    json_t *note = NULL;
    size_t i = 0;

    json_array_foreach(there, i, note) if (strcmp(cp_json_text(note, "kind"), kind) == 0 &&
                                           strcmp(cp_json_text(note, "about"), about) == 0 &&
                                           strcmp(cp_json_text(note, "text"), text) == 0) return true;
    return false;
}

/* The fields of a note, with the links among them that the map knows. */
static json_t *note_fields(struct cp_planjson_import *import, json_t *file, json_t *note, json_t *map,
                           json_t *people)
{
    struct target t = {.import = import, .file = file, .people = people, .id = cp_json_text(note, "id")};
    json_t *link = NULL;
    size_t i = 0;

    t.fields = json_array();
    t.later = json_array();
    put_fields(&t, json_object_get(note, "fields"), CP_RECORD_NOTE);
    json_array_foreach(t.later, i, link)
    {
        const char *to = cp_json_text(map, cp_json_text(link, "to"));

        if (to[0] != '\0')
            json_array_append_new(t.fields, typed(cp_json_text(link, "name"), cp_json_text(link, "op"), to));
        else
            leave(import, CP_SAY_LEFT_LINK, t.id, cp_json_text(link, "name"));
    }
    json_decref(t.later);
    return t.fields;
}

json_t *cp_planjson_notes(struct cp_planjson_import *import, json_t *file, json_t *map, json_t *there,
                          json_t *people)
{
    json_t *notes = json_array();
    json_t *note = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(file, "notes"), i, note)
    {
        const char *kind = cp_json_text(note, "kind");
        const char *about = cp_json_text(note, "about");
        const char *by = cp_json_text(note, "by");
        const char *name = shown_name(file, by);
        const char *said = cp_json_text(note, "text");
        size_t len = strlen(name);
        const char *target = cp_json_text(map, about);
        bool of_plan = strcmp(about, cp_json_text(file, "plan")) == 0;
        struct cp_buf text;

        if (target[0] == '\0' || cp_note_of_word(cp_bytes_str(kind)) == 0 || strcmp(kind, "checked") == 0) {
            leave(import, CP_SAY_LEFT_NOTE, about, NULL);
            continue;
        }
        /* Nobody's words in somebody else's name: whoever brings them says whose they are. */
        cp_buf_init(&text, &cp_client_mem, SIZE_MAX / 2);
        if (len > 0 && !(strncmp(said, name, len) == 0 && strncmp(said + len, ": ", 2) == 0)) {
            cp_buf_put_str(&text, name);
            cp_buf_put_str(&text, ": ");
        }
        cp_buf_put_str(&text, said);
        cp_buf_put_byte(&text, 0);
        if (cp_buf_err(&text) == CP_OK && text.len > CP_TEXT_MAX)
            leave(import, CP_SAY_LEFT_NOTE, about, NULL);
        else if (cp_buf_err(&text) == CP_OK && !is_said(there, kind, target, (const char *)text.ptr))
            json_array_append_new(notes, json_pack("{s:s,s:s,s:s,s:o}", "kind", kind, "about",
                                                   of_plan ? "plan" : target, "text", (const char *)text.ptr,
                                                   "fields", note_fields(import, file, note, map, people)));
        cp_buf_clear(&text);
    }
    return notes;
}
