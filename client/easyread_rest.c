/* What an Easy Read page has beside its actions: every other thing that was written down, its fields, and who takes part.
 * A person may sign after reading this page and no other. Owns: that no word of the plan is missing here. Must not: say
 * what has a sentence of its own (easyread.c). */
#include "client/easyread.h"

#include "client/value.h"

/* What an item says with its words, its picture and its state. */
static const char *const item_but[] = {"text", "plain", "state",       "position",
                                       "unit", "picture", "picture_alt", NULL};

/* ------------------------------------------------------------------------------------------- fields */

static enum cp_picture picture_of(const struct cp_field *field)
{
    if (field == NULL)
        return CP_PICTURE_PAGE;
    if (field->type == CP_TYPE_PERSON)
        return CP_PICTURE_PERSON;
    if (field->type == CP_TYPE_DATE)
        return CP_PICTURE_DAY;
    if (field->type == CP_TYPE_DURATION)
        return CP_PICTURE_AGAIN;
    if (field->type == CP_TYPE_PENCE)
        return CP_PICTURE_COIN;
    return field->type == CP_TYPE_MINUTES ? CP_PICTURE_CLOCK : CP_PICTURE_PAGE;
}

static void put_field(struct cp_html *h, json_t *row, const char *key, json_t *value)
{
    const struct cp_field *field = cp_html_field(key, cp_html_kind(row));
    const char *lang = cp_html_language_of(key);

    if (field != NULL && field->type == CP_TYPE_TEXT && json_is_string(value) &&
        strcmp(lang != NULL ? lang : h->language, CP_HTML_OURS) == 0)
        cp_easy_check(h, json_string_value(value), cp_json_text(row, "text"));
    cp_easy_open(h, picture_of(field));
    cp_html_put_field(h, row, key, value);
    cp_easy_close(h);
}

void cp_easy_fields(struct cp_html *h, json_t *row, const char *const *but)
{
    cp_html_each_field(h, row, but != NULL ? but : item_but, put_field);
}

void cp_easy_gone(struct cp_html *h, json_t *row)
{
    json_t *name = NULL;
    struct cp_buf label;
    struct cp_buf gone;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "withdrawn"), i, name)
    {
        if (!cp_html_tells_gone(name))
            continue;
        cp_html_arg(h, &label);
        cp_html_arg(h, &gone);
        cp_html_key(h, json_string_value(name), &label);
        cp_html_gone(&gone);
        cp_easy_say(h, CP_PICTURE_WARN, CP_PAGE_SAY_LABEL, &label, &gone, NULL);
    }
}

void cp_easy_wordings(struct cp_html *h, json_t *row)
{
    if (json_object_size(json_object_get(row, "wordings")) == 0)
        return;
    cp_easy_say(h, CP_PICTURE_WARN, CP_PAGE_SAY_EASY_TWO, NULL, NULL, NULL);
    cp_html_put(h, "<div class=\"wordings\">\n");
    cp_html_wordings(h, row, NULL);
    cp_html_put(h, "</div>\n");
}

/* ------------------------------------------------------------------------------------------- items */

void cp_easy_whole(struct cp_html *h, json_t *row, enum cp_picture picture)
{
    const char *state = cp_json_text(row, "state");
    struct cp_buf said;

    cp_easy_item(h, row, picture);
    if (state[0] != '\0' && strcmp(state, "open") != 0) {
        cp_html_arg(h, &said);
        cp_html_label(state, &said);
        cp_easy_say(h, CP_PICTURE_PAGE, CP_PAGE_SAY_EASY_STATE, &said, NULL, NULL);
    }
    cp_easy_fields(h, row, NULL);
    cp_easy_gone(h, row);
    cp_easy_wordings(h, row);
}

static enum cp_picture picture_of_kind(enum cp_record kind)
{
    if (kind == CP_RECORD_RISK || kind == CP_RECORD_OBSTACLE)
        return CP_PICTURE_WARN;
    if (kind == CP_RECORD_CONCERN)
        return CP_PICTURE_TALK;
    if (kind == CP_RECORD_PRIORITY || kind == CP_RECORD_VALUE)
        return CP_PICTURE_HEART;
    return kind == CP_RECORD_ACTION ? CP_PICTURE_TICK : CP_PICTURE_PAGE;
}

bool cp_easy_is_shown(json_t *row)
{
    const enum cp_record kind = cp_html_kind(row);

    if (kind != CP_RECORD_ACTION && kind != CP_RECORD_PRIORITY && kind != CP_RECORD_BENEFIT &&
        kind != CP_RECORD_INACTION)
        return false;
    return cp_html_stands(row, kind) &&
           (kind == CP_RECORD_ACTION || strcmp(cp_json_text(row, "state"), "not now") != 0);
}

static void put_kind(struct cp_html *h, enum cp_record kind, bool *begun)
{
    json_t *row = NULL;
    bool any = false;
    size_t i = 0;

    json_array_foreach(h->source->parts.items, i, row)
    {
        if (cp_html_kind(row) != kind || cp_easy_is_shown(row) ||
            strcmp(cp_json_text(row, "state"), "set aside") == 0)
            continue;
        if (!*begun)
            cp_html_said(h, "<section>\n<h2>", CP_PAGE_SAY_REST, "</h2>\n");
        *begun = true;
        if (!any) {
            cp_html_put(h, "<h3>");
            cp_html_label(cp_record_word(kind), h->out);
            cp_html_put(h, "</h3>\n");
        }
        any = true;
        cp_easy_whole(h, row, picture_of_kind(kind));
    }
}

static bool names(json_t *row, const char *person)
{
    return cp_html_names(row, "about_person", person) || cp_html_names(row, "affects", person);
}

void cp_easy_risks_of(struct cp_html *h, const char *person)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(h->source->parts.items, i, row)
    {
        const enum cp_record kind = cp_html_kind(row);

        if ((kind != CP_RECORD_RISK && kind != CP_RECORD_OBSTACLE) || !cp_html_stands(row, kind) ||
            !names(row, person))
            continue;
        cp_html_put(h, "<section>\n<h3>");
        cp_html_label(cp_record_word(kind), h->out);
        cp_html_put(h, "</h3>\n");
        cp_easy_whole(h, row, CP_PICTURE_WARN);
        cp_html_put(h, "</section>\n");
    }
}

static void put_attached(struct cp_html *h)
{
    json_t *row = NULL;
    bool any = false;
    struct cp_buf label;
    struct cp_buf words;
    size_t i = 0;

    json_array_foreach(h->source->parts.attachments, i, row)
    {
        const char *lang = cp_json_text(row, "lang");

        if (cp_json_text(row, "alt")[0] == '\0')
            continue;
        if (!any)
            cp_html_said(h, "<section>\n<h2>", CP_PAGE_SAY_ATTACHED, "</h2>\n");
        any = true;
        cp_html_arg(h, &label);
        cp_html_arg(h, &words);
        cp_html_theirs(h, cp_json_bytes(json_object_get(row, "alt")), lang[0] != '\0' ? lang : NULL, &words);
        if (json_object_get(h->items, cp_json_text(row, "about")) != NULL)
            cp_html_item(h, cp_json_text(row, "about"), &label);
        cp_easy_say(h, CP_PICTURE_PAGE, CP_PAGE_SAY_NAME_WHY, &words, &label, NULL);
    }
    if (!any)
        return;
    cp_easy_say(h, CP_PICTURE_PAGE, CP_PAGE_SAY_ATTACHED_KEPT, NULL, NULL, NULL);
    cp_html_put(h, "</section>\n");
}

void cp_easy_rest(struct cp_html *h)
{
    bool begun = false;

    for (unsigned kind = CP_RECORD_ITEM_FIRST; kind <= CP_RECORD_ITEM_LAST; kind++)
        put_kind(h, (enum cp_record)kind, &begun);
    cp_html_put(h, begun ? "</section>\n" : "");
    put_attached(h);
}

/* ------------------------------------------------------------------------------------------- people */

static void put_person(struct cp_html *h, json_t *row)
{
    const bool asks = h->source->version[0] != '\0' && !h->source->comment;
    struct cp_buf name;
    struct cp_buf without;

    cp_html_arg(h, &name);
    cp_html_arg(h, &without);
    cp_html_theirs(h, cp_json_bytes(json_object_get(row, "name")), NULL, &name);
    if (cp_json_true(row, "someone"))
        cp_html_say_into(&without, CP_PAGE_SAY_NO_DEVICE, NULL, NULL, NULL);
    cp_easy_say(h, CP_PICTURE_PERSON,
                !asks                                 ? CP_PAGE_SAY_NAME_WHY
                : cp_json_true(row, "kept_informed") ? CP_PAGE_SAY_EASY_INFORMED
                                                      : CP_PAGE_SAY_EASY_ASKED,
                &name, &without, NULL);
}

void cp_easy_people(struct cp_html *h)
{
    json_t *people = cp_html_by_name(h->source->parts.people);
    json_t *row = NULL;
    size_t i = 0;

    cp_html_said(h, "<section>\n<h2>", CP_PAGE_SAY_WHO_TAKES_PART, "</h2>\n");
    json_array_foreach(people, i, row) if (cp_json_true(row, "someone") ||
                                           !json_is_false(json_object_get(row, "standing")))
        put_person(h, row);
    cp_html_put(h, "</section>\n");
    json_decref(people);
}
