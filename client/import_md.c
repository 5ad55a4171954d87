/* Importing a page of Markdown. Owns: which part becomes what. Must not: read Markdown (mdplan.h does). */
#include "client/import.h"
#include "client/mdplan.h"
#include "client/show.h"
#include "client/value.h"
#include "proto/limits.h"
#include "proto/utf8.h"

static const enum cp_screen fault_words[] = {
    [CP_MDPLAN_EMPTY] = CP_SAY_MD_EMPTY,         [CP_MDPLAN_NOT_UTF8] = CP_SAY_MD_NOT_UTF8,
    [CP_MDPLAN_CONTROL] = CP_SAY_MD_CONTROL,     [CP_MDPLAN_LONG_LINE] = CP_SAY_MD_LONG_LINE,
    [CP_MDPLAN_LONG_TEXT] = CP_SAY_MD_LONG_TEXT, [CP_MDPLAN_MANY] = CP_SAY_MD_MANY,
};

static void refuse(struct cp_import *im, enum cp_mdplan_fault fault, size_t line)
{
    const char *const args[4] = {cp_show_number((int64_t)line), NULL, NULL, NULL};

    if (fault == CP_MDPLAN_NO_MEMORY)
        cp_fail(im->cli, CP_ERR_NO_MEMORY, NULL, NULL);
    else
        cp_import_refuse(im, CP_ERR_BAD_FILE, fault_words[fault], args);
}

/* ------------------------------------------------------------------------------------------- rows */

/* A heading that is a link as a whole is called by the link's words; the heading as it stands goes before the rest. */
static struct cp_bytes link_words(struct cp_bytes title)
{
    const uint8_t *end = title.len > 4 && title.ptr[0] == '[' ? memchr(title.ptr, ']', title.len) : NULL;

    if (end == NULL || strchr(")}", title.ptr[title.len - 1]) == NULL || end == title.ptr + 1 ||
        (size_t)(end - title.ptr) + 2 >= title.len || end[1] != '(')
        return title;
    return CP_BYTES(title.ptr + 1, (size_t)(end - title.ptr) - 1);
}

static void add_field(json_t *fields, const char *name, const char *op, struct cp_bytes value)
{
    if (value.len > 0)
        json_array_append_new(fields, json_pack("{s:s,s:s,s:s%}", "name", name, "op", op, "value",
                                                (const char *)value.ptr, value.len));
}

/* A heading that others stand under matters to somebody, and what is said there is why; a last heading is an action. */
static json_t *make_row(struct cp_import *im, const struct cp_mdplan_part *part)
{
    bool action = part->use == CP_MDPLAN_ACTION;
    struct cp_bytes words = link_words(part->title);
    json_t *fields = json_array();
    struct cp_buf body;

    cp_buf_init(&body, im->cli->mem, CP_TEXT_MAX);
    if (words.len < part->title.len) {
        cp_buf_put_bytes(&body, part->title);
        cp_buf_put_str(&body, part->body.len > 0 ? "\n\n" : "");
        cp_buf_put_bytes(&body, part->body);
    }
    if (words.len == part->title.len || cp_buf_err(&body) != CP_OK) {
        words = part->title;
        add_field(fields, action ? "details" : "why", "=", part->body);
    } else {
        add_field(fields, action ? "details" : "why", "=", cp_buf_bytes(&body));
    }
    cp_buf_clear(&body);
    return json_pack("{s:I,s:s,s:s%,s:o}", "row", (json_int_t)part->line, "kind",
                     action ? "action" : "priority", "text", (const char *)words.ptr, words.len, "fields",
                     fields);
}

/* The rows of one use, in the order of the page. ids: of the groups, by their place in the plan; NULL: no links yet. */
static json_t *make_rows(struct cp_import *im, const struct cp_mdplan *plan, enum cp_mdplan_use use,
                         json_t *ids)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < plan->count; i++) {
        json_t *row = NULL;
        json_t *id = NULL;

        if (plan->parts[i].use != use)
            continue;
        row = make_row(im, &plan->parts[i]);
        id = plan->parts[i].group < plan->count ? json_array_get(ids, plan->parts[i].group) : NULL;
        if (id != NULL)
            add_field(json_object_get(row, "fields"), "serves", "+=", cp_json_bytes(id));
        json_array_append_new(rows, row);
    }
    return rows;
}

/* The new ids, each at its group's place. */
static json_t *place_ids(const struct cp_mdplan *plan, json_t *ids)
{
    json_t *placed = json_array();
    size_t next = 0;

    for (size_t i = 0; i < plan->count; i++)
        json_array_append_new(placed, plan->parts[i].use == CP_MDPLAN_GROUP
                                          ? json_incref(json_array_get(ids, next++))
                                          : json_null());
    return placed;
}

/* ------------------------------------------------------------------------------------------- what is said */

static json_t *say_left(struct cp_import *im, const struct cp_mdplan *plan)
{
    json_t *left = json_array();

    for (size_t i = 0; i < plan->count; i++) {
        const struct cp_mdplan_part *part = &plan->parts[i];
        char title[200];
        struct cp_buf text;

        if (part->use != CP_MDPLAN_LEFT || (part->words == 0 && part->line == 0))
            continue;
        cp_utf8_keep(part->title, title, sizeof title);
        const char *const args[4] = {cp_show_number((int64_t)part->line), cp_import_begin(title),
                                     cp_show_number((int64_t)part->words), NULL};
        cp_buf_init(&text, im->cli->mem, SIZE_MAX / 2);
        cp_words_fill(cp_words_screen(part->line > 0 ? CP_SAY_MD_LEFT : CP_SAY_MD_LEFT_TOP), args, &text);
        json_array_append_new(left, json_stringn((const char *)text.ptr, text.len));
        cp_buf_clear(&text);
    }
    return left;
}

static void show_page(struct cp_cli *cli, json_t *value)
{
    json_t *row = NULL;
    size_t i = 0;

    if (cp_json_true(value, "dry_run"))
        cp_import_show_dry(cli, value);
    else
        cp_show(cli->out, CP_SAY_IMPORTED, cp_show_number(cp_json_number(value, "added")),
                cp_json_number(value, "known") > 0 ? cp_show_number(cp_json_number(value, "known")) : NULL,
                NULL, NULL);
    json_array_foreach(json_object_get(value, "rows"), i, row)
        cp_show(cli->out, CP_SAY_DRY_PART, cp_show_number(cp_json_number(row, "row")),
                cp_words_label(cp_json_text(row, "kind")), cp_import_begin(cp_json_text(row, "text")), NULL);
    json_array_foreach(json_object_get(value, "left"), i, row)
        cp_show(cli->out, CP_SAY_IMPORT_LEFT, json_string_value(row), NULL, NULL, NULL);
}

/* ------------------------------------------------------------------------------------------- the whole */

static void take_in(struct cp_import *im, const struct cp_mdplan *plan)
{
    json_t *columns = json_array();
    json_t *groups = make_rows(im, plan, CP_MDPLAN_GROUP, NULL);
    json_t *actions = NULL;
    json_t *sums = NULL;
    json_t *more = NULL;
    json_t *placed = NULL;

    /* What is served comes first, so that an action is one entry with its link. A rehearsal has no ids to link to. */
    if (!cp_import_rows(im, columns, groups, &sums))
        goto out;
    placed = place_ids(plan, json_object_get(sums, "ids"));
    actions = make_rows(im, plan, CP_MDPLAN_ACTION, im->dry ? NULL : placed);
    if (!cp_import_rows(im, columns, actions, &more))
        goto out;
    json_object_set_new(sums, "added",
                        json_integer(cp_json_number(sums, "added") + cp_json_number(more, "added")));
    json_object_set_new(sums, "known",
                        json_integer(cp_json_number(sums, "known") + cp_json_number(more, "known")));
    json_array_extend(json_object_get(sums, "ids"), json_object_get(more, "ids"));
    json_object_set_new(sums, "left", say_left(im, plan));
    json_object_set_new(sums, "dry_run", json_boolean(im->dry));
    if (im->dry) {
        json_object_set_new(sums, "ids", json_array());
        json_array_extend(groups, actions);
        json_object_set(sums, "rows", groups);
    }
    cp_print(im->cli, json_incref(sums), show_page);
out:
    json_decref(columns);
    json_decref(groups);
    json_decref(actions);
    json_decref(sums);
    json_decref(more);
    json_decref(placed);
}

int cp_import_markdown(struct cp_import *im)
{
    struct cp_mdplan plan;
    size_t line = 0;
    enum cp_mdplan_fault fault = cp_mdplan_read(&plan, im->cli->mem, im->file, &line);

    if (fault != CP_MDPLAN_FINE) {
        refuse(im, fault, line);
        return im->cli->status;
    }
    take_in(im, &plan);
    cp_mdplan_clear(&plan);
    return im->cli->status;
}
