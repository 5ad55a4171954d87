/* The actions: the table that people work from, one person's part, and fields in general. Owns: which field stands in
 * which column. Must not: know the rest of the page. */
#include "client/html.h"

#include "client/show.h"
#include "client/value.h"

/* Columns by P9: what, who, when, money and time, how we will know, who checks. The first column also takes what no
 * other column has. */
static const char *const who_fields[] = {"lead", "helpers", "consulted", "informed", NULL};
static const char *const when_fields[] = {"start", "due", "repeats", NULL};
static const char *const cost_fields[] = {"costs", "cost_pence", "effort_minutes", NULL};
static const char *const measure_fields[] = {"measure", "baseline", "target", "measure_unit", NULL};
static const char *const check_fields[] = {"checked_by", "check_every", NULL};
static const char *const placed[] = {
    "text",        "state",        "position", "lead",           "helpers", "consulted",
    "informed",    "start",        "due",      "repeats",        "costs",   "cost_pence",
    "measure",     "baseline",     "target",   "effort_minutes", "details", "checked_by",
    "check_every", "measure_unit", "picture",  "picture_alt",    NULL};

static const struct {
    enum cp_page_say head;
    const char *const *fields;
} columns[] = {{CP_PAGE_SAY_COLUMN_WHO, who_fields},
               {CP_PAGE_SAY_COLUMN_WHEN, when_fields},
               {CP_PAGE_SAY_COLUMN_COST, cost_fields},
               {CP_PAGE_SAY_COLUMN_MEASURE, measure_fields},
               {CP_PAGE_SAY_COLUMN_CHECK, check_fields}};

/* ------------------------------------------------------------------------------------------- fields */

/* The length of a key's name without its language. */
static size_t name_length(const char *key)
{
    const char *lang = cp_html_language_of(key);

    return lang != NULL ? (size_t)(lang - key) - 1 : strlen(key);
}

static bool is_among(const char *key, const char *const *list)
{
    size_t len = name_length(key);

    for (; *list != NULL; list++)
        if (strlen(*list) == len && strncmp(*list, key, len) == 0)
            return true;
    return false;
}

/* A wording in a language that this page does not show. */
static bool is_other_language(const struct cp_html *h, json_t *fields, const char *key)
{
    char name[CP_NAME_MAX + 1];
    const char *wanted = h->options->language;
    const char *of = cp_html_language_of(key);
    const char *lang = NULL;
    size_t len = name_length(key);

    if (wanted == NULL || wanted[0] == '\0' || len >= sizeof name || strncmp(key, "csv:", 4) == 0)
        return false;
    memcpy(name, key, len);
    name[len] = '\0';
    (void)cp_html_first(h, fields, name, &lang);
    return of == NULL ? lang != NULL : lang == NULL || strcmp(of, lang) != 0;
}

void cp_html_key(const struct cp_html *h, const char *key, struct cp_buf *out)
{
    char name[CP_NAME_MAX + 1];
    size_t len = name_length(key);

    if (strncmp(key, "csv:", 4) == 0 || len >= sizeof name) {
        cp_html_theirs(h, cp_bytes_str(strncmp(key, "csv:", 4) == 0 ? key + 4 : key), NULL, out);
        return;
    }
    memcpy(name, key, len);
    name[len] = '\0';
    cp_html_label(name, out);
}

void cp_html_put_field(struct cp_html *h, json_t *row, const char *key, json_t *value)
{
    const struct cp_field *field = cp_html_field(key, cp_html_kind(row));
    /* Words in a language of their own are a block of their own. */
    bool other = json_is_string(value) && cp_html_language_of(key) != NULL;
    struct cp_buf label;
    struct cp_buf said;

    cp_html_arg(h, &label);
    cp_html_arg(h, &said);
    cp_buf_put_str(&label, "<span class=\"label\">");
    cp_html_key(h, key, &label);
    cp_buf_put_str(&label, "</span>");
    if (!other)
        cp_html_value(h, field, row, value, &said);
    cp_html_put(h, "<p>");
    cp_html_say(h, CP_PAGE_SAY_LABEL, &label, &said, NULL);
    cp_html_put(h, "</p>\n");
    if (other) {
        cp_html_open(h, "div class=\"tongue\"", cp_html_language_of(key));
        cp_html_bare(cp_json_bytes(value), h->out);
        cp_html_put(h, "</div>\n");
    }
}

bool cp_html_tells_gone(json_t *name)
{
    const char *text = json_string_value(name);

    return text != NULL && strcmp(text, "text") != 0 && strcmp(text, "title") != 0 &&
           strcmp(text, "position") != 0 && strcmp(text, "state") != 0;
}

/* <p>label: words withdrawn</p> for each field that is in `of` (NULL: in any) and not in `but` (NULL: in none). */
static void put_gone(struct cp_html *h, json_t *row, const char *const *of, const char *const *but)
{
    json_t *name = NULL;
    struct cp_buf label;
    struct cp_buf gone;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "withdrawn"), i, name)
    {
        const char *key = json_string_value(name);

        if (!cp_html_tells_gone(name) || (of != NULL && !is_among(key, of)) ||
            (but != NULL && is_among(key, but)))
            continue;
        cp_html_arg(h, &label);
        cp_html_arg(h, &gone);
        cp_html_key(h, key, &label);
        cp_html_gone(&gone);
        cp_html_put(h, "<p>");
        cp_html_say(h, CP_PAGE_SAY_LABEL, &label, &gone, NULL);
        cp_html_put(h, "</p>\n");
    }
}

static bool is_empty(json_t *value)
{
    return json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0);
}

void cp_html_each_field(struct cp_html *h, json_t *row, const char *const *but, cp_html_field_put put)
{
    json_t *fields = json_object_get(row, "fields");
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach(fields, key, value) if (!is_among(key, but) && !is_empty(value) &&
                                                !is_other_language(h, fields, key))
        put(h, row, key, value);
}

void cp_html_fields(struct cp_html *h, json_t *row, const char *const *but)
{
    cp_html_each_field(h, row, but, cp_html_put_field);
    put_gone(h, row, NULL, but);
}

/* The wordings of the fields in the list, or with NULL of all. */
void cp_html_wordings(struct cp_html *h, json_t *row, const char *const *of)
{
    json_t *wordings = json_object_get(row, "wordings");
    const char *key = NULL;
    json_t *list = NULL;
    json_t *wording = NULL;
    struct cp_buf label;
    size_t i = 0;

    json_object_foreach(wordings, key, list)
    {
        const struct cp_field *field = cp_html_field(key, cp_html_kind(row));

        if (of != NULL && !is_among(key, of))
            continue;
        cp_html_arg(h, &label);
        cp_html_key(h, key, &label);
        cp_html_put(h, "<p class=\"two\">");
        cp_html_say(h, CP_PAGE_SAY_TWO_WORDINGS, &label, NULL, NULL);
        cp_html_put(h, "</p>\n<ul class=\"two\">\n");
        json_array_foreach(list, i, wording)
        {
            cp_html_put(h, "<li>");
            cp_html_value(h, field, row, json_object_get(wording, "value"), h->out);
            cp_html_put(h, "</li>\n");
        }
        cp_html_put(h, "</ul>\n");
    }
}

/* ------------------------------------------------------------------------------------------- the table */

static void put_cell(struct cp_html *h, json_t *row, enum cp_page_say head, const char *const *list)
{
    json_t *fields = json_object_get(row, "fields");
    const char *key = NULL;
    json_t *value = NULL;
    bool any = false;

    cp_html_said(h, "<td data-head=\"", head, "\">");
    json_object_foreach(fields, key, value)
    {
        if (!is_among(key, list) || is_empty(value) || is_other_language(h, fields, key))
            continue;
        cp_html_put_field(h, row, key, value);
        any = true;
    }
    if (!any && list == who_fields)
        cp_html_said(h, "<p>", CP_PAGE_SAY_NOBODY_YET, "</p>\n");
    put_gone(h, row, list, NULL);
    cp_html_wordings(h, row, list);
    cp_html_put(h, "</td>\n");
}

static void put_row(struct cp_html *h, json_t *row)
{
    static const char *const own[] = {"text", "details", "plain", "state", NULL};
    json_t *fields = json_object_get(row, "fields");

    cp_html_said(h, "<tr>\n<th scope=\"row\" data-head=\"", CP_PAGE_SAY_COLUMN_WHAT, "\">");
    cp_html_words(h, row);
    cp_html_put(h, "\n<div class=\"more\">\n");
    cp_html_tongues(h, fields, "details");
    put_gone(h, row, own, NULL);
    cp_html_fields(h, row, placed);
    cp_html_wordings(h, row, own);
    cp_html_put(h, "</div>\n</th>\n");
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++)
        put_cell(h, row, columns[c].head, columns[c].fields);
    cp_html_put(h, "</tr>\n");
}

static bool is_part_of(json_t *row, const char *person)
{
    static const char *const parts[] = {"lead", "helpers", "checked_by", "consulted", "informed"};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (cp_html_names(row, parts[i], person))
            return true;
    return false;
}

/* The table of the actions of one person, or with NULL of all. False: there are none, and nothing was put. */
static bool put_table(struct cp_html *h, const char *person)
{
    size_t count = 0;
    json_t *row = NULL;
    size_t i = 0;
    struct cp_buf number;

    json_array_foreach(h->source->parts.items, i, row) count +=
        cp_html_stands(row, CP_RECORD_ACTION) && (person == NULL || is_part_of(row, person)) ? 1 : 0;
    if (count == 0)
        return false;
    cp_html_put(h, "<table class=\"actions\">\n<caption>");
    cp_html_arg(h, &number);
    cp_buf_put_dec(&number, count);
    cp_html_say(h, count == 1 ? CP_PAGE_SAY_ONE_ACTION : CP_PAGE_SAY_ACTIONS_CAPTION, &number, NULL, NULL);
    cp_html_said(h, "</caption>\n<thead>\n<tr><th scope=\"col\">", CP_PAGE_SAY_COLUMN_WHAT, "</th>");
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++)
        cp_html_said(h, "<th scope=\"col\">", columns[c].head, "</th>");
    cp_html_put(h, "</tr>\n</thead>\n<tbody>\n");
    json_array_foreach(h->source->parts.items, i, row) if (cp_html_stands(row, CP_RECORD_ACTION) &&
                                                           (person == NULL || is_part_of(row, person)))
        put_row(h, row);
    cp_html_put(h, "</tbody>\n</table>\n");
    return true;
}

void cp_html_actions(struct cp_html *h)
{
    cp_html_said(h, "<section class=\"actions\">\n<h2>", CP_PAGE_SAY_ACTIONS, "</h2>\n");
    if (!put_table(h, NULL))
        cp_html_said(h, "<p>", CP_PAGE_SAY_NO_ACTIONS, "</p>\n");
    cp_html_put(h, "</section>\n");
}

void cp_html_part_of(struct cp_html *h)
{
    struct cp_buf name;
    json_t *row = NULL;
    size_t i = 0;

    if (h->options->person == NULL)
        return;
    cp_html_arg(h, &name);
    cp_html_person(h, h->options->person, &name);
    cp_html_put(h, "<section class=\"part\">\n<h2>");
    cp_html_say(h, CP_PAGE_SAY_YOUR_PART, &name, NULL, NULL);
    cp_html_put(h, "</h2>\n");
    if (!put_table(h, h->options->person))
        cp_html_said(h, "<p>", CP_PAGE_SAY_NO_PART, "</p>\n");
    json_array_foreach(h->source->clashes, i, row)
    {
        struct cp_buf what, day;

        cp_html_arg(h, &what);
        cp_html_arg(h, &day);
        cp_html_theirs(h, cp_bytes_str(cp_json_text(row, "text")), NULL, &what);
        cp_html_day(h, cp_json_text(row, "day"), &day);
        cp_html_put(h, "<p>");
        cp_html_say(h, CP_PAGE_SAY_CLASH, &what, &day, NULL);
        cp_html_put(h, "</p>\n");
    }
    cp_html_put(h, "</section>\n");
}
