/* A frozen page's text as the rows that a draft has, so that one renderer does for both. Owns: that translation.
 * Must not: render, or talk to the daemon. */
#include "client/page_internal.h"

#include "client/value.h"
#include "proto/version.h"

static json_t *hex_of(const uint8_t *id)
{
    char hex[2 * CP_ID_LEN + 1];

    cp_hex_encode(id, CP_ID_LEN, hex);
    return json_string(hex);
}

static json_t *text_of(struct cp_bytes text)
{
    return json_stringn(text.len > 0 ? (const char *)text.ptr : "", text.len);
}

static json_t *number_of(struct cp_bytes text)
{
    char digits[32];

    if (text.len >= sizeof digits)
        return json_integer(0);
    memcpy(digits, text.ptr, text.len);
    digits[text.len] = '\0';
    return json_integer(strtoll(digits, NULL, 10));
}

/* The name under which `list` tells it: "due", "text.cy", "csv:Partner". */
static void key_of(const struct cp_field *field, const struct cp_fact *fact, struct cp_buf *out)
{
    cp_buf_put_str(out, field->name);
    if (field->type == CP_TYPE_COLUMN) {
        cp_buf_put_byte(out, ':');
        cp_buf_put_bytes(out, fact->column);
    } else if (fact->lang.len > 0) {
        cp_buf_put_byte(out, '.');
        cp_buf_put_bytes(out, fact->lang);
    }
    cp_buf_put_byte(out, 0);
}

static json_t *value_of(const struct cp_field *field, const struct cp_fact *fact)
{
    if (field->type == CP_TYPE_COST)
        return json_pack("{s:o,s:o}", "id", text_of(fact->value), "amount", number_of(fact->also));
    return cp_field_is_int(field) ? number_of(fact->value) : text_of(fact->value);
}

/* What a link names: a person joins the people, anything else the named. */
static void keep_named(const struct cp_field *field, const struct cp_fact *fact, struct cp_page_source *out)
{
    if (fact->also.len == 0 || !cp_field_is_link(field) || field->type == CP_TYPE_COST)
        return;
    if (field->type == CP_TYPE_PERSON)
        json_array_append_new(
            out->others, json_pack("{s:o,s:o}", "person", text_of(fact->value), "name", text_of(fact->also)));
    else
        json_array_append_new(
            out->named, json_pack("{s:o,s:o}", "id", text_of(fact->value), "text", text_of(fact->also)));
}

/* {"due": ..} of facts; NULL: out of memory. */
static json_t *fields_of(const struct cp_fact *facts, size_t count, struct cp_page_source *out,
                         const struct cp_mem *mem)
{
    json_t *fields = json_object();

    for (size_t i = 0; i < count; i++) {
        const struct cp_field *field = cp_field_by_code(facts[i].field);
        struct cp_buf key;

        if (field == NULL)
            continue; /* the reader refuses such a text */
        cp_buf_init(&key, mem, SIZE_MAX / 2);
        key_of(field, &facts[i], &key);
        if (cp_buf_err(&key) != CP_OK) {
            json_decref(fields);
            return NULL;
        }
        if (!field->list) {
            json_object_set_new(fields, (const char *)key.ptr, value_of(field, &facts[i]));
        } else {
            if (json_object_get(fields, (const char *)key.ptr) == NULL)
                json_object_set_new(fields, (const char *)key.ptr, json_array());
            json_array_append_new(json_object_get(fields, (const char *)key.ptr), value_of(field, &facts[i]));
        }
        keep_named(field, &facts[i], out);
        cp_buf_clear(&key);
    }
    return fields;
}

/* Someone without a device has no key. */
static int has_no_key(const struct cp_version_person *person)
{
    for (size_t i = 0; i < CP_KEY_LEN; i++)
        if (person->key[i] != 0)
            return 0;
    return 1;
}

static void add_people(const struct cp_version_person *people, size_t count, int informed, json_t *rows)
{
    for (size_t i = 0; i < count; i++)
        json_array_append_new(rows, json_pack("{s:o,s:o,s:b,s:b}", "person", hex_of(people[i].person), "name",
                                              text_of(people[i].name), "kept_informed", informed, "someone",
                                              has_no_key(&people[i])));
}

static json_t *plan_of(const struct cp_version *v, json_t *fields)
{
    json_t *open = json_array();

    for (size_t i = 0; i < v->left_open_count; i++)
        json_array_append_new(open, text_of(v->left_open[i]));
    if (v->rule.len > 0)
        json_object_set_new(fields, "rule", text_of(v->rule));
    return json_pack("{s:o,s:s,s:o,s:{},s:o,s:o}", "plan", hex_of(v->plan), "title",
                     cp_json_text(fields, "title"), "fields", fields, "wordings", "left_open", open,
                     "left_open_why", text_of(v->left_open_why));
}

static void add_item(const struct cp_version_item *item, json_t *fields, json_t *rows)
{
    const char *state = cp_json_text(fields, "state");

    json_array_append_new(rows,
                          json_pack("{s:o,s:s,s:s,s:s,s:o,s:{}}", "id", hex_of(item->id), "kind",
                                    cp_record_word(item->kind), "text", cp_json_text(fields, "text"), "state",
                                    state[0] != '\0' ? state : "open", "fields", fields, "wordings"));
}

enum cp_err cp_page_of_version(struct cp_page_source *out, const struct cp_mem *mem, struct cp_bytes text)
{
    struct cp_version_read read;
    enum cp_err err = cp_version_read(&read, mem, text);
    json_t *fields = NULL;

    if (err != CP_OK)
        return err;
    out->comment = read.v.stage == CP_STAGE_COMMENT;
    out->parts.items = json_array();
    out->parts.people = json_array();
    out->named = json_array();
    out->others = json_array();
    add_people(read.v.must_answer, read.v.must_answer_count, 0, out->parts.people);
    add_people(read.v.kept_informed, read.v.kept_informed_count, 1, out->parts.people);
    fields = fields_of(read.v.facts, read.v.facts_count, out, mem);
    out->parts.plan = fields != NULL ? plan_of(&read.v, fields) : NULL;
    for (size_t i = 0; i < read.v.items_count; i++) {
        fields = fields_of(read.v.items[i].facts, read.v.items[i].facts_count, out, mem);
        if (fields != NULL)
            add_item(&read.v.items[i], fields, out->parts.items);
        else
            err = CP_ERR_NO_MEMORY;
    }
    cp_version_clear(&read);
    return out->parts.plan == NULL ? CP_ERR_NO_MEMORY : err;
}
