/* "Why do this?": what we gain and what happens if we do nothing, on one sheet. Owns: that page. Must not: know others. */
#include "client/easyread.h"
#include "client/html.h"

#include "client/show.h"
#include "client/value.h"

/* About so many ideas fit on one sheet in Easy Read; more are kept, and said. */
#define SHEET_IDEAS 9U

/* "How we know: research; People who sleep well are ill less often (Town survey)". */
static void put_ground(struct cp_html *h, json_t *row)
{
    static const char *const texts[] = {"strength_of_evidence", "source", "source_date", "link"};
    json_t *fields = json_object_get(row, "fields");
    json_t *evidence = NULL;
    struct cp_buf known;
    bool any = false;
    size_t i = 0;

    cp_html_arg(h, &known);
    for (; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *value = json_object_get(fields, texts[i]);

        /* Where it is from is for those who check. */
        if (json_string_length(value) == 0 || (i > 0 && !h->options->sources))
            continue;
        cp_buf_put_str(&known, any ? "; " : "");
        cp_html_value(h, cp_html_field(texts[i], cp_html_kind(row)), row, value, &known);
        any = true;
    }
    json_array_foreach(json_object_get(fields, "evidence"), i, evidence)
    {
        json_t *known_row = json_object_get(h->items, json_string_value(evidence));
        json_t *source = json_object_get(json_object_get(known_row, "fields"), "source");
        json_t *link = json_object_get(json_object_get(known_row, "fields"), "link");

        cp_buf_put_str(&known, any ? "; " : "");
        cp_html_item(h, json_string_value(evidence), &known);
        any = true;
        if (!h->options->sources)
            continue;
        if (json_string_length(source) > 0) {
            cp_buf_put_str(&known, " (");
            cp_html_theirs(h, cp_json_bytes(source), NULL, &known);
            cp_buf_put_str(&known, ")");
        }
        if (json_string_length(link) > 0) {
            cp_buf_put_str(&known, " ");
            cp_html_theirs(h, cp_json_bytes(link), NULL, &known);
        }
    }
    if (!any) {
        cp_buf_clear(&known);
        return;
    }
    cp_html_put(h, "<p>");
    cp_html_say(h, CP_PAGE_SAY_WHY_KNOWN, &known, NULL, NULL);
    cp_html_put(h, "</p>\n");
}

static size_t put_kind(struct cp_html *h, enum cp_record kind, enum cp_page_say head, enum cp_picture picture)
{
    json_t *row = NULL;
    size_t count = 0;
    size_t i = 0;

    cp_html_said(h, "<section>\n<h2>", head, "</h2>\n");
    json_array_foreach(h->source->parts.items, i, row)
    {
        if (!cp_html_stands(row, kind))
            continue;
        if (h->options->easy) {
            count += cp_easy_item(h, row, picture);
            continue;
        }
        cp_html_put(h, count == 0 ? "<ul>\n<li>" : "<li>");
        cp_html_words(h, row);
        put_ground(h, row);
        cp_html_put(h, "</li>\n");
        count++;
    }
    if (count == 0)
        cp_html_said(h, "<p>", CP_PAGE_SAY_WHY_NOT_SAID, "</p>\n");
    else if (!h->options->easy)
        cp_html_put(h, "</ul>\n");
    cp_html_put(h, "</section>\n");
    return count;
}

void cp_html_why(struct cp_html *h)
{
    size_t count = 0;

    cp_html_head(h, h->options->easy ? "easy" : "plan", CP_PAGE_SAY_WHY_TITLE);
    cp_html_said(h, "<header class=\"why\">\n<h1>", CP_PAGE_SAY_WHY_TITLE, "</h1>\n");
    if (cp_html_tongues(h, json_object_get(h->source->parts.plan, "fields"), "title") == 0) {
        cp_html_put(h, "<p>");
        if (cp_json_gone(h->source->parts.plan, "title"))
            cp_html_gone(h->out);
        else
            cp_html_say(h, CP_PAGE_SAY_NO_TITLE, NULL, NULL, NULL);
        cp_html_put(h, "</p>");
    }
    cp_html_put(h, "\n</header>\n<main class=\"why\">\n");
    count = put_kind(h, CP_RECORD_BENEFIT, CP_PAGE_SAY_WHY_GAIN, CP_PICTURE_SUN);
    count += put_kind(h, CP_RECORD_INACTION, CP_PAGE_SAY_WHY_NOTHING, CP_PICTURE_RAIN);
    if (h->options->easy && count > SHEET_IDEAS)
        cp_easy_warn(h, CP_PAGE_SAY_HARD_FULL, cp_show_number((int64_t)SHEET_IDEAS),
                     cp_show_number((int64_t)count), NULL);
    cp_html_put(h, "</main>\n");
    cp_html_foot(h);
}
