/* The standard page: in short on one sheet, the actions, who agreed and worries, then everything else. Owns: the order.
 * Must not: know how a value is said (html_value.c). */
#include "client/html.h"

#include "client/show.h"
#include "client/value.h"

/* Fields of the plan that say nothing of their own here. */
static const char *const plan_but[] = {"title", "position", "private_words", NULL};
static const char *const item_but[] = {"text", "state", "position", "unit", "picture_alt", "picture", NULL};

static void put_state(struct cp_html *h)
{
    const struct cp_page_source *source = h->source;
    struct cp_buf words;

    cp_html_said(h, "<p class=\"state\">",
                 source->version[0] == '\0' ? CP_PAGE_SAY_DRAFT
                 : source->comment          ? CP_PAGE_SAY_FOR_COMMENT
                                            : CP_PAGE_SAY_FINAL,
                 "</p>\n");
    if (source->version[0] == '\0')
        return;
    cp_html_arg(h, &words);
    cp_buf_put_str(&words, source->check_words);
    cp_html_put(h, "<p class=\"check\"><b>");
    cp_html_say(h, CP_PAGE_SAY_CHECK_WORDS, &words, NULL, NULL);
    cp_html_said(h, "</b>. ", CP_PAGE_SAY_CHECK_WORDS_HELP, "</p>\n<p class=\"id\">");
    cp_html_arg(h, &words);
    cp_buf_put_str(&words, source->version);
    cp_html_say(h, CP_PAGE_SAY_ID, &words, NULL, NULL);
    cp_html_put(h, "</p>\n");
}

static void put_header(struct cp_html *h)
{
    cp_html_put(h, "<header>\n");
    cp_html_main_heading(h);
    put_state(h);
    cp_html_put(h, "</header>\n");
}

/* ------------------------------------------------------------------------------------------- in short */

static bool matters(json_t *row)
{
    return cp_html_stands(row, CP_RECORD_PRIORITY) && strcmp(cp_json_text(row, "state"), "not now") != 0;
}

static void put_priorities(struct cp_html *h)
{
    json_t *row = NULL;
    bool any = false;
    size_t i = 0;

    json_array_foreach(h->source->parts.items, i, row)
    {
        if (!matters(row))
            continue;
        if (!any) {
            cp_html_put(h, "<h3>");
            cp_html_label("priority", h->out);
            cp_html_put(h, "</h3>\n<ul>\n");
        }
        any = true;
        cp_html_put(h, "<li>");
        cp_html_words(h, row);
        cp_html_put(h, "</li>\n");
    }
    cp_html_put(h, any ? "</ul>\n" : "");
}

static void put_open(struct cp_html *h)
{
    json_t *open = json_object_get(h->source->parts.plan, "left_open");
    json_t *why = json_object_get(h->source->parts.plan, "left_open_why");
    json_t *reason = NULL;
    struct cp_buf words;
    size_t i = 0;

    if (json_array_size(open) == 0)
        return;
    cp_html_said(h, "<h3>", CP_PAGE_SAY_LEFT_OPEN, "</h3>\n<ul>\n");
    json_array_foreach(open, i, reason)
    {
        cp_html_put(h, "<li>");
        cp_html_theirs(h, cp_json_bytes(reason), CP_HTML_OURS, h->out); /* a line of the version's text */
        cp_html_put(h, "</li>\n");
    }
    cp_html_put(h, "</ul>\n<p>");
    cp_html_arg(h, &words);
    cp_html_theirs(h, cp_json_bytes(why), NULL, &words);
    cp_html_say(h, CP_PAGE_SAY_LEFT_OPEN_WHY, &words, NULL, NULL);
    cp_html_put(h, "</p>\n");
}

static void put_short(struct cp_html *h)
{
    cp_html_said(h, "<section class=\"short\">\n<h2>", CP_PAGE_SAY_IN_SHORT, "</h2>\n");
    cp_html_fields(h, h->source->parts.plan, plan_but);
    cp_html_wordings(h, h->source->parts.plan, NULL);
    put_priorities(h);
    put_open(h);
    cp_html_put(h, "</section>\n");
}

/* ------------------------------------------------------------------------------------------- the rest */

static void put_item(struct cp_html *h, json_t *row)
{
    const char *state = cp_json_text(row, "state");

    cp_html_put(h, "<li>");
    cp_html_words(h, row);
    if (state[0] != '\0' && strcmp(state, "open") != 0) {
        cp_html_put(h, " <span class=\"label\">(");
        cp_html_label(state, h->out);
        cp_html_put(h, ")</span>");
    }
    cp_html_put(h, "\n<div class=\"more\">\n");
    cp_html_fields(h, row, item_but);
    cp_html_wordings(h, row, NULL);
    cp_html_put(h, "</div>\n</li>\n");
}

/* What stands somewhere above already: actions that are to be done. */
static bool is_elsewhere(json_t *row)
{
    return cp_html_stands(row, CP_RECORD_ACTION) || strcmp(cp_json_text(row, "state"), "set aside") == 0;
}

static void put_kind(struct cp_html *h, enum cp_record kind, bool *begun)
{
    json_t *row = NULL;
    bool any = false;
    size_t i = 0;

    json_array_foreach(h->source->parts.items, i, row)
    {
        if (cp_html_kind(row) != kind || is_elsewhere(row))
            continue;
        if (!*begun)
            cp_html_said(h, "<section class=\"rest\">\n<h2>", CP_PAGE_SAY_REST, "</h2>\n");
        *begun = true;
        if (!any) {
            cp_html_put(h, "<h3>");
            cp_html_label(cp_record_word(kind), h->out);
            cp_html_put(h, "</h3>\n<ul>\n");
        }
        any = true;
        put_item(h, row);
    }
    cp_html_put(h, any ? "</ul>\n" : "");
}

/* What pictures and papers show, in the words that were written for whoever cannot see them. Not whether they are here: the same
 * plan gives the same page on every device. */
static void put_attached(struct cp_html *h)
{
    json_t *row = NULL;
    bool any = false;
    size_t i = 0;

    json_array_foreach(h->source->parts.attachments, i, row)
    {
        const char *lang = cp_json_text(row, "lang");
        const char *about = cp_json_text(row, "about");
        struct cp_buf words;

        if (cp_json_text(row, "alt")[0] == '\0')
            continue;
        if (!any)
            cp_html_said(h, "<section class=\"rest\">\n<h2>", CP_PAGE_SAY_ATTACHED, "</h2>\n<ul>\n");
        any = true;
        cp_html_put(h, "<li>");
        cp_html_theirs(h, cp_json_bytes(json_object_get(row, "alt")), lang[0] != '\0' ? lang : NULL, h->out);
        if (json_object_get(h->items, about) != NULL) {
            cp_html_put(h, " <span class=\"label\">(");
            cp_html_arg(h, &words);
            cp_html_item(h, about, &words);
            cp_html_say(h, CP_PAGE_SAY_ATTACHED_TO, &words, NULL, NULL);
            cp_html_put(h, ")</span>");
        }
        cp_html_put(h, "</li>\n");
    }
    if (any)
        cp_html_said(h, "</ul>\n<p>", CP_PAGE_SAY_ATTACHED_KEPT, "</p>\n</section>\n");
}

/* The sides of a person, where they were asked for: the daemon tells only those that the person lets show. */
static void put_sides(struct cp_html *h, const char *person)
{
    json_t *row = NULL;
    json_t *side = NULL;
    size_t i = 0;
    size_t j = 0;

    json_array_foreach(h->source->who, i, row)
    {
        json_t *sides = json_object_get(row, "perspectives");

        if (strcmp(cp_json_text(row, "person"), person) != 0 || json_array_size(sides) == 0)
            continue;
        cp_html_put(h, " (");
        json_array_foreach(sides, j, side)
        {
            cp_html_put(h, j > 0 ? ", " : "");
            cp_html_theirs(h, cp_json_bytes(side), NULL, h->out);
        }
        cp_html_put(h, ")");
    }
}

static void put_people(struct cp_html *h)
{
    json_t *people = cp_html_by_name(h->source->parts.people);
    json_t *row = NULL;
    size_t i = 0;

    cp_html_said(h, "<section class=\"people\">\n<h2>", CP_PAGE_SAY_WHO_TAKES_PART, "</h2>\n<ul>\n");
    json_array_foreach(people, i, row)
    {
        bool someone = cp_json_true(row, "someone");

        if (!someone && json_is_false(json_object_get(row, "standing")))
            continue; /* no longer in */
        cp_html_put(h, "<li>");
        cp_html_theirs(h, cp_json_bytes(json_object_get(row, "name")), NULL, h->out);
        if (someone)
            cp_html_said(h, " (", CP_PAGE_SAY_NO_DEVICE, ")");
        put_sides(h, cp_json_text(row, "person"));
        cp_html_put(h, "</li>\n");
    }
    cp_html_put(h, "</ul>\n</section>\n");
    json_decref(people);
}

void cp_html_plan(struct cp_html *h)
{
    bool begun = false;

    cp_html_head(h, h->options->format == CP_PAGE_LARGE ? "large" : "plan",
                 h->options->form ? CP_PAGE_SAY_FORM_TITLE : CP_PAGE_SAY_COUNT);
    put_header(h);
    cp_html_put(h, "<main>\n");
    put_short(h);
    cp_html_part_of(h);
    if (h->options->person == NULL || !h->options->mine_only)
        cp_html_actions(h);
    if (!h->options->form) /* what others said sways, and a printed form would soon be wrong about it */
        cp_html_agreement(h);
    for (unsigned kind = CP_RECORD_ITEM_FIRST; kind <= CP_RECORD_ITEM_LAST; kind++)
        put_kind(h, (enum cp_record)kind, &begun);
    cp_html_put(h, begun ? "</section>\n" : "");
    put_attached(h);
    put_people(h);
    if (h->options->form)
        cp_html_form(h);
    cp_html_put(h, "</main>\n");
    cp_html_foot(h);
}
