/* Values of the local API as JSON, and back. Owns: the translation. Must not: know any command. */
#include "client/value.h"

json_t *cp_value_json(const struct cp_api_value *value)
{
    struct cp_api_iter it;
    struct cp_api_value inner;
    struct cp_bytes key = {NULL, 0};
    json_t *out = NULL;

    switch (value->type) {
    case CP_API_NULL:
        return json_null();
    case CP_API_BOOL:
        return json_boolean(value->truth);
    case CP_API_INT:
        return json_integer(value->number);
    case CP_API_TEXT: /* cp_api_read has seen that it is UTF-8; so with keys */
        return json_stringn_nocheck(value->text.len > 0 ? (const char *)value->text.ptr : "", value->text.len);
    case CP_API_LIST:
    case CP_API_OBJECT:
        break;
    }
    out = value->type == CP_API_LIST ? json_array() : json_object();
    cp_api_iter_init(&it, value);
    while (out != NULL && cp_api_next(&it, &key, &inner)) {
        json_t *made = cp_value_json(&inner);
        int failed = value->type == CP_API_LIST
                         ? json_array_append_new(out, made)
                         : json_object_setn_new_nocheck(out, (const char *)key.ptr, key.len, made);
        if (failed != 0) {
            json_decref(out);
            out = NULL;
        }
    }
    return out;
}

static bool put(struct cp_buf *buf, json_t *json, unsigned depth)
{
    if (depth > CP_DEPTH_MAX)
        return false;
    switch (json_typeof(json)) {
    case JSON_NULL:
        cp_api_null(buf);
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        cp_api_bool(buf, json_is_true(json));
        return true;
    case JSON_INTEGER:
        cp_api_int(buf, json_integer_value(json));
        return true;
    case JSON_STRING:
        cp_api_text(buf, cp_json_bytes(json));
        return true;
    case JSON_REAL:
        return false;
    case JSON_ARRAY:
        cp_api_list(buf, json_array_size(json));
        for (size_t i = 0; i < json_array_size(json); i++)
            if (!put(buf, json_array_get(json, i), depth + 1))
                return false;
        return true;
    case JSON_OBJECT:
        break;
    }
    cp_api_object(buf, json_object_size(json));
    for (void *at = json_object_iter(json); at != NULL; at = json_object_iter_next(json, at)) {
        cp_api_key(buf, json_object_iter_key(at));
        if (!put(buf, json_object_iter_value(at), depth + 1))
            return false;
    }
    return true;
}

bool cp_value_put(struct cp_buf *buf, json_t *json)
{
    return put(buf, json, 1);
}

const char *cp_json_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

int64_t cp_json_number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

bool cp_json_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

struct cp_bytes cp_json_bytes(const json_t *string)
{
    const char *text = json_string_value(string);

    if (text == NULL)
        return (struct cp_bytes){NULL, 0};
    return CP_BYTES((const uint8_t *)text, json_string_length(string));
}

bool cp_json_gone(const json_t *row, const char *field)
{
    json_t *name = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "withdrawn"), i,
                       name) if (json_is_string(name) &&
                                 strcmp(json_string_value(name), field) == 0) return true;
    return false;
}
