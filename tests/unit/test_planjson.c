/* A plan as JSON: what is accepted, what is asked of the daemon, and what is said to be left. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "client/planjson.h"
#include "client/value.h"

static json_t *read_text(const char *text, int *line, const char **what)
{
    return cp_planjson_read(cp_bytes_str(text), line, what);
}

static void wrong(const char *text, const char *expected)
{
    int line = 0;
    const char *what = NULL;

    cr_assert_null(read_text(text, &line, &what));
    if (expected == NULL)
        cr_assert_gt(line, 0);
    else
        cr_assert_str_eq(what, expected);
}

#define HEAD \
    "{\"format\":\"coplan plan 1\",\"plan\":\"p\",\"fields\":{},\"columns\":[],\"people\":[],\"views\":[]"

Test(planjson, says_what_is_wrong)
{
    wrong("", NULL);
    wrong("{", NULL);
    wrong("{\"a\":1,\"a\":2}", NULL);
    wrong("{\"a\":\"\\u0000\"}", NULL);
    wrong("[]", "format");
    wrong("{\"format\":\"coplan plan 2\"}", "format");
    wrong("{\"format\":\"coplan plan 1\"}", "plan");
    wrong("{\"format\":\"coplan plan 1\",\"plan\":\"p\",\"fields\":[]}", "fields");
    wrong(HEAD ",\"items\":{},\"notes\":[]}", "items");
    wrong(HEAD ",\"items\":[1],\"notes\":[]}", "items");
    wrong(
        HEAD
        ",\"items\":[{\"id\":\"a\",\"kind\":\"need\",\"text\":\"x\",\"state\":\"open\",\"fields\":{\"a\":1.5}}],"
        "\"notes\":[]}",
        "items");
    wrong(HEAD ",\"items\":[],\"notes\":[{}]}", "notes");
}

static json_t *example(void)
{
    return json_pack(
        "{s:s,s:s,s:{s:s},s:[],s:[{s:s,s:s}],s:[{}],s:[{s:s,s:s,s:s,s:s,s:{s:s,s:[s,s],s:[s,s],s:i,s:[{s:s,s:i}],s:s,"
        "s:s},s:{}},{s:s,s:s,s:s,s:s,s:{s:i},s:{}}],s:[{s:s,s:s,s:s,s:{s:s},s:s},{s:s,s:s,s:s,s:{},s:s}]}",
        "format", CP_PLANJSON_FORMAT, "plan", "old", "fields", "title", "T", "columns", "people", "person",
        "b", "name", "Bill", "views", "items", "id", "a1", "kind", "action", "text", "Walk", "state",
        "set aside", "fields", "lead", "nobody", "helpers", "me", "b", "serves", "a2", "gone", "cost_pence",
        12, "costs", "id", "a2", "amount", 3, "csv:x", "y", "due", "soon", "wordings", "id", "a2", "kind",
        "resource", "text", "Hall", "state", "open", "fields", "amount", 5, "wordings", "notes", "kind",
        "progress", "about", "a1", "text", "Half", "fields", "rag", "green", "by", "b", "kind", "comment",
        "about", "elsewhere", "text", "x", "fields", "by", "b");
}

static bool has(json_t *fields, const char *name, const char *value)
{
    json_t *field = NULL;
    size_t i = 0;

    json_array_foreach(fields, i, field) if (strcmp(cp_json_text(field, "name"), name) == 0 &&
                                             strcmp(cp_json_text(field, "value"), value) == 0) return true;
    return false;
}

Test(planjson, items_come_first_and_links_after)
{
    json_t *file = example();
    json_t *people =
        json_pack("[{s:s,s:s},{s:s,s:s}]", "person", "me", "name", "Asha", "person", "bb", "name", "Bill");
    json_t *map = json_pack("{s:s,s:s,s:s}", "a1", "n1", "a2", "n2", "old", "new");
    json_t *plan = json_pack("{s:{s:s}}", "fields", "title", "Ours");
    struct cp_planjson_import import;
    json_t *fields = NULL;
    json_t *links = NULL;

    cr_assert_not_null(file);
    cr_assert(cp_planjson_plan(&import, file, plan, people));
    cr_assert_eq(json_array_size(import.rows), 2);
    fields = json_object_get(json_array_get(import.rows, 0), "fields");
    cr_assert(has(fields, "helpers", "me"));
    cr_assert(has(fields, "helpers", "bb")); /* by his name: the id is of another plan */
    cr_assert(has(fields, "cost_pence", "12"));
    cr_assert(has(fields, "csv:x", "y"));
    cr_assert_not(has(fields, "due", "soon"));
    links = cp_planjson_links(&import, 0, map);
    cr_assert(has(links, "serves", "n2"));
    cr_assert(has(links, "costs", "n2:3"));
    cr_assert_str_eq(cp_json_text(json_array_get(links, json_array_size(links) - 1), "name"), "state");
    /* the lead, the day, the link to what is not there, the views, the plan's own fields */
    cr_assert_eq(json_array_size(import.left), 5);
    json_decref(links);
    json_decref(map);
    json_decref(people);
    json_decref(plan);
    json_decref(file);
    cp_planjson_clear(&import);
}

Test(planjson, notes_say_whose_they_are_and_are_said_once)
{
    json_t *file = example();
    json_t *people = json_array();
    json_t *map = json_pack("{s:s,s:s,s:s}", "a1", "n1", "a2", "n2", "old", "new");
    json_t *there = json_array();
    json_t *plan = json_pack("{s:{s:s}}", "fields", "title", "Ours");
    struct cp_planjson_import import;
    json_t *notes = NULL;

    cr_assert(cp_planjson_plan(&import, file, plan, people));
    notes = cp_planjson_notes(&import, file, map, there, people);
    cr_assert_eq(json_array_size(notes), 1);
    cr_assert_str_eq(cp_json_text(json_array_get(notes, 0), "text"), "Bill: Half");
    cr_assert_str_eq(cp_json_text(json_array_get(notes, 0), "about"), "n1");
    cr_assert(has(json_object_get(json_array_get(notes, 0), "fields"), "rag", "green"));
    json_array_append(there, json_array_get(notes, 0));
    json_decref(notes);
    notes = cp_planjson_notes(&import, file, map, there, people);
    cr_assert_eq(json_array_size(notes), 0);
    json_decref(notes);
    json_decref(there);
    json_decref(map);
    json_decref(people);
    json_decref(plan);
    json_decref(file);
    cp_planjson_clear(&import);
}

Test(planjson, the_file_is_the_same_whatever_order_things_come_in)
{
    json_t *plan = json_pack("{s:s,s:{s:s},s:{}}", "plan", "p", "fields", "title", "T", "wordings");
    json_t *none = json_array();
    json_t *notes = json_pack("[{s:s,s:i,s:s},{s:s,s:i,s:s}]", "id", "b", "claimed_at", 2, "name", "local",
                              "id", "a", "claimed_at", 1, "name", "local");
    json_t *other = json_pack("[O,O]", json_array_get(notes, 1), json_array_get(notes, 0));
    struct cp_planjson_parts parts = {plan, none, none, none, notes, none, NULL};
    json_t *one = cp_planjson_make(&parts);
    json_t *two = NULL;
    char *a = json_dumps(one, JSON_SORT_KEYS);
    char *b = NULL;

    parts.notes = other;
    two = cp_planjson_make(&parts);
    b = json_dumps(two, JSON_SORT_KEYS);
    cr_assert_str_eq(a, b);
    cr_assert_null(strstr(a, "local"));
    free(a);
    free(b);
    json_decref(one);
    json_decref(two);
    json_decref(plan);
    json_decref(none);
    json_decref(notes);
    json_decref(other);
}

Test(planjson, a_plans_own_fields_come_in_where_nothing_was_said)
{
    json_t *file = example();
    json_t *people = json_pack("[{s:s,s:s}]", "person", "me", "name", "Asha");
    json_t *map = json_pack("{s:s,s:s}", "a1", "n1", "old", "new");
    json_t *plan = json_pack("{s:{s:s},s:[s]}", "fields", "place", "Here", "withdrawn", "purpose");
    struct cp_planjson_import import;
    json_t *own = NULL;

    json_object_set_new(file, "fields",
                        json_pack("{s:s,s:s,s:s,s:i,s:s,s:s,s:[s,s]}", "title", "Theirs", "place", "There",
                                  "purpose", "What for", "budget_pence", 500, "reviewer", "me",
                                  "first_review", "soon", "criteria_order", "a1", "gone"));
    cr_assert(cp_planjson_plan(&import, file, plan, people));
    own = cp_planjson_own(&import, map);
    cr_assert(has(own, "title", "Theirs"));
    cr_assert(has(own, "budget_pence", "500"));
    cr_assert(has(own, "reviewer", "me"));
    cr_assert(has(own, "criteria_order", "n1"));
    cr_assert_eq(json_array_size(own),
                 4); /* not what stands, what its author took back, no day, no such item */
    json_decref(own);
    json_decref(map);
    json_decref(people);
    json_decref(plan);
    json_decref(file);
    cp_planjson_clear(&import);
}
