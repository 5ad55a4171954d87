/*
 * A plan as JSON: any bytes in. What is refused says why; what is taken gives requests whose values are all text, one
 * id for each row, and no link that the map does not know.
 */
#include <stdlib.h>

#include "client/planjson.h"
#include "tests/support/fuzz_target.h"

static void check_fields(json_t *fields)
{
    json_t *field = NULL;
    size_t i = 0;

    if (!json_is_array(fields))
        abort();
    json_array_foreach(fields, i, field) if (!json_is_string(json_object_get(field, "name")) ||
                                             !json_is_string(json_object_get(field, "op")) ||
                                             !json_is_string(json_object_get(field, "value")) ||
                                             json_string_length(json_object_get(field, "value")) == 0)
        abort();
}

static void import(json_t *file)
{
    struct cp_planjson_import import;
    json_t *people = json_pack("[{s:s,s:s}]", "person", "aa", "name", "Asha");
    json_t *plan = json_pack("{s:{s:s}}", "fields", "title", "Ours");
    json_t *map = json_object();
    json_t *own = NULL;
    json_t *there = json_array();
    json_t *notes = NULL;

    if (!cp_planjson_plan(&import, file, plan, people))
        abort();
    if (json_array_size(import.rows) != json_array_size(import.ids) ||
        json_array_size(import.rows) != json_array_size(import.later))
        abort();
    for (size_t i = 0; i < json_array_size(import.ids); i++)
        if (i % 2 == 0)
            json_object_set_new(map, json_string_value(json_array_get(import.ids, i)), json_string("new"));
    for (size_t i = 0; i < json_array_size(import.rows); i++) {
        json_t *fields = cp_planjson_links(&import, i, map);

        check_fields(fields);
        check_fields(json_object_get(json_array_get(import.rows, i), "fields"));
        json_decref(fields);
    }
    own = cp_planjson_own(&import, map);
    check_fields(own);
    json_decref(own);
    json_decref(plan);
    notes = cp_planjson_notes(&import, file, map, there, people);
    for (size_t i = 0; i < json_array_size(notes); i++)
        check_fields(json_object_get(json_array_get(notes, i), "fields"));
    json_decref(notes);
    json_decref(there);
    json_decref(map);
    json_decref(people);
    cp_planjson_clear(&import);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int line = 0;
    const char *what = NULL;
    json_t *file = cp_planjson_read(CP_BYTES(data, size), &line, &what);

    if (file == NULL && line == 0 && what == NULL)
        abort();
    if (file != NULL)
        import(file);
    json_decref(file);
    return 0;
}
