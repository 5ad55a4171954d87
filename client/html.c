/* Pieces of a page: text, sentences, words in several languages. Owns: escaping. Must not: decide what a page says. */
#include "client/html.h"

#include "client/language.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- begin and end */

static json_t *index_rows(json_t *rows, const char *key, json_t *index)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row) if (json_object_get(index, cp_json_text(row, key)) == NULL)
        json_object_set(index, cp_json_text(row, key), row);
    return index;
}

/* The language of words that name none: the plan's, where it has one or has ours; else not known. */
static const char *language_of_plan(const struct cp_page_source *source)
{
    json_t *list = json_object_get(json_object_get(source->parts.plan, "fields"), "languages");
    const char *ours = CP_HTML_OURS;
    json_t *tag = NULL;
    size_t i = 0;

    if (json_array_size(list) == 0)
        return ours;
    if (json_array_size(list) == 1)
        return json_string_value(json_array_get(list, 0));
    json_array_foreach(list, i,
                       tag) if (json_is_string(tag) && strcmp(json_string_value(tag), ours) == 0) return ours;
    return "";
}

bool cp_html_begin(struct cp_html *h, const struct cp_page_source *source,
                   const struct cp_page_options *options, struct cp_buf *out, json_t *warnings)
{
    *h = (struct cp_html){.source = source, .options = options, .out = out, .warnings = warnings};
    h->people =
        index_rows(source->others, "person", index_rows(source->parts.people, "person", json_object()));
    h->items = index_rows(source->named, "id", index_rows(source->parts.items, "id", json_object()));
    h->language = language_of_plan(source);
    return h->people != NULL && h->items != NULL && h->language != NULL;
}

void cp_html_end(struct cp_html *h)
{
    json_decref(h->people);
    json_decref(h->items);
}

/* ------------------------------------------------------------------------------------------- text */

void cp_html_put(struct cp_html *h, const char *html)
{
    cp_buf_put_str(h->out, html);
}

/* Safe to show, then safe in HTML; line_break is put for each line's end. */
static void put_escaped(struct cp_bytes text, const char *line_break, struct cp_buf *out)
{
    struct cp_buf safe;

    /* A line that ends as on other systems ends once, and shows no mark. */
    cp_buf_init(&safe, out->mem, SIZE_MAX / 2);
    for (size_t from = 0, at = 0; at <= text.len; at++)
        if (at == text.len || (text.ptr[at] == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n')) {
            cp_show_safe(CP_BYTES(text.ptr + from, at - from), 0, &safe);
            from = at + 1;
        }
    if (cp_buf_err(&safe) != CP_OK && out->err == CP_OK)
        out->err = cp_buf_err(&safe);
    for (size_t i = 0; i < safe.len; i++) {
        uint8_t c = safe.ptr[i];

        if (c == '\n')
            cp_buf_put_str(out, line_break);
        else if (c == '<')
            cp_buf_put_str(out, "&lt;");
        else if (c == '>')
            cp_buf_put_str(out, "&gt;");
        else if (c == '&')
            cp_buf_put_str(out, "&amp;");
        else if (c == '"')
            cp_buf_put_str(out, "&quot;");
        else if (c == '\'')
            cp_buf_put_str(out, "&#39;");
        else
            cp_buf_put_byte(out, c);
    }
    cp_buf_clear(&safe);
}

void cp_html_line(struct cp_bytes text, struct cp_buf *out)
{
    put_escaped(text, " ", out);
}

/* Attributes that say language and direction of people's words. */
static void put_lang(const struct cp_html *h, const char *lang, struct cp_buf *out)
{
    const char *named = lang != NULL ? lang : h->language;

    if (strcmp(named, cp_language_tag()) == 0)
        return;
    cp_buf_put_str(out, " lang=\"");
    cp_html_line(cp_bytes_str(named), out);
    cp_buf_put_str(out, "\"");
}

void cp_html_theirs(const struct cp_html *h, struct cp_bytes text, const char *lang, struct cp_buf *out)
{
    cp_buf_put_str(out, "<bdi");
    put_lang(h, lang, out);
    cp_buf_put_str(out, ">");
    put_escaped(text, "<br>", out);
    cp_buf_put_str(out, "</bdi>");
}

void cp_html_arg(const struct cp_html *h, struct cp_buf *arg)
{
    cp_buf_init(arg, h->out->mem, SIZE_MAX / 2);
}

/* False in an attribute, a style's string and the title, where an element would be text. */
static bool can_hold_element(const struct cp_buf *out)
{
    static const char title[] = "<title>";
    size_t len = sizeof title - 1;

    return out->len == 0 || (out->ptr[out->len - 1] != '"' &&
                             (out->len < len || memcmp(out->ptr + out->len - len, title, len) != 0));
}

void cp_html_say_into(struct cp_buf *out, enum cp_page_say say, struct cp_buf *a, struct cp_buf *b,
                      struct cp_buf *c)
{
    struct cp_buf *bufs[3] = {a, b, c};
    const char *args[4] = {NULL, NULL, NULL, NULL};
    bool mark = false;

    for (size_t i = 0; i < 3; i++) {
        if (bufs[i] == NULL)
            continue;
        cp_buf_put_byte(bufs[i], 0);
        if (cp_buf_err(bufs[i]) == CP_OK)
            args[i] = (const char *)bufs[i]->ptr;
        else if (out->err == CP_OK)
            out->err = cp_buf_err(bufs[i]);
    }
    mark = cp_words_page_is_english(say) && can_hold_element(out);
    cp_buf_put_str(out, mark ? "<span lang=\"en\">" : "");
    cp_words_fill(cp_words_page(say), args, out);
    cp_buf_put_str(out, mark ? "</span>" : "");
    for (size_t i = 0; i < 3; i++)
        if (bufs[i] != NULL)
            cp_buf_clear(bufs[i]);
}

void cp_html_say(struct cp_html *h, enum cp_page_say say, struct cp_buf *a, struct cp_buf *b,
                 struct cp_buf *c)
{
    cp_html_say_into(h->out, say, a, b, c);
}

void cp_html_said(struct cp_html *h, const char *before, enum cp_page_say say, const char *after)
{
    cp_html_put(h, before);
    cp_html_say(h, say, NULL, NULL, NULL);
    cp_html_put(h, after);
}

void cp_html_gone(struct cp_buf *out)
{
    cp_buf_put_str(out, "<span class=\"gone\">(");
    cp_html_say_into(out, CP_PAGE_SAY_WORDS_GONE, NULL, NULL, NULL);
    cp_buf_put_str(out, ")</span>");
}

void cp_html_label(const char *word, struct cp_buf *out)
{
    char buf[CP_NAME_MAX + 1];

    cp_html_line(cp_bytes_str(cp_words_page_label(word, buf, sizeof buf)), out);
}

/* ------------------------------------------------------------------------------------------- languages */

const char *cp_html_language_of(const char *key)
{
    const char *dot = strncmp(key, "csv:", 4) == 0 ? NULL : strchr(key, '.');

    return dot != NULL ? dot + 1 : NULL;
}

/* The value of "name.lang", or of "name" where lang is NULL; NULL when it says nothing. */
static const char *wording(json_t *fields, const char *name, const char *lang)
{
    size_t len = strlen(name);
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach(fields, key, value)
    {
        const char *of = cp_html_language_of(key);

        if (strncmp(key, name, len) != 0 || (key[len] != '\0' && key[len] != '.') ||
            (lang == NULL ? of != NULL : of == NULL || strcmp(of, lang) != 0))
            continue;
        return json_string_length(value) > 0 ? json_string_value(value) : NULL;
    }
    return NULL;
}

const char *cp_html_first(const struct cp_html *h, json_t *fields, const char *name, const char **lang)
{
    const char *wanted = h->options->language;
    const char *text = wanted != NULL && wanted[0] != '\0' ? wording(fields, name, wanted) : NULL;
    size_t len = strlen(name);
    const char *key = NULL;
    json_t *value = NULL;

    *lang = text != NULL ? wanted : NULL;
    if (text == NULL)
        text = wording(fields, name, NULL);
    if (text != NULL)
        return text;
    json_object_foreach(fields, key, value) if (strncmp(key, name, len) == 0 && key[len] == '.' &&
                                                json_string_length(value) > 0)
    {
        *lang = key + len + 1;
        return json_string_value(value);
    }
    return "";
}

size_t cp_html_languages(struct cp_html *h, json_t *fields, const char *name, cp_html_each each,
                         void *context)
{
    const char *wanted = h->options->language;
    const char *lang = NULL;
    const char *text = cp_html_first(h, fields, name, &lang);
    size_t len = strlen(name);
    size_t count = 0;
    const char *key = NULL;
    json_t *value = NULL;

    if (text[0] == '\0')
        return 0;
    each(h, text, lang, context);
    count = 1;
    if (wanted != NULL && wanted[0] != '\0')
        return count;
    json_object_foreach(fields, key, value)
    {
        if (strncmp(key, name, len) != 0 || key[len] != '.' || json_string_length(value) == 0 ||
            (lang != NULL && strcmp(key + len + 1, lang) == 0))
            continue;
        each(h, json_string_value(value), key + len + 1, context);
        count++;
    }
    return count;
}

void cp_html_open(struct cp_html *h, const char *element, const char *lang)
{
    cp_html_put(h, "<");
    cp_html_put(h, element);
    cp_html_put(h, " dir=\"auto\"");
    put_lang(h, lang, h->out);
    cp_html_put(h, ">");
}

void cp_html_bare(struct cp_bytes text, struct cp_buf *out)
{
    put_escaped(text, "<br>", out);
}

static void put_tongue(struct cp_html *h, const char *text, const char *lang, void *context)
{
    (void)context;
    cp_html_open(h, "div class=\"tongue\"", lang);
    cp_html_bare(cp_bytes_str(text), h->out);
    cp_html_put(h, "</div>");
}

size_t cp_html_tongues(struct cp_html *h, json_t *fields, const char *name)
{
    return cp_html_languages(h, fields, name, put_tongue, NULL);
}

struct heading {
    const char *level;
    size_t count;
};

static void put_heading(struct cp_html *h, const char *text, const char *lang, void *context)
{
    struct heading *heading = context;
    const char *element = heading->count++ == 0 ? heading->level : "p";

    cp_html_open(h, heading->count == 1 ? element : "p class=\"tongue\"", lang);
    cp_html_bare(cp_bytes_str(text), h->out);
    cp_html_put(h, "</");
    cp_html_put(h, element);
    cp_html_put(h, ">\n");
}

bool cp_html_heading(struct cp_html *h, json_t *fields, const char *name, const char *level)
{
    struct heading heading = {level, 0};

    return cp_html_languages(h, fields, name, put_heading, &heading) > 0;
}

void cp_html_words(struct cp_html *h, json_t *row)
{
    const char *text = cp_json_text(row, "text");

    if (cp_html_tongues(h, json_object_get(row, "fields"), "text") > 0)
        return;
    if (text[0] == '\0' && cp_json_gone(row, "text"))
        cp_html_gone(h->out);
    else
        cp_html_theirs(h, cp_bytes_str(text), NULL, h->out);
}

void cp_html_main_heading(struct cp_html *h)
{
    json_t *plan = h->source->parts.plan;

    if (cp_html_heading(h, json_object_get(plan, "fields"), "title", "h1"))
        return;
    cp_html_put(h, "<h1>");
    if (cp_json_gone(plan, "title"))
        cp_html_gone(h->out);
    else
        cp_html_say(h, CP_PAGE_SAY_NO_TITLE, NULL, NULL, NULL);
    cp_html_put(h, "</h1>\n");
}

/* ------------------------------------------------------------------------------------------- the page around */

const char *cp_html_title(const struct cp_html *h, const char **lang)
{
    return cp_html_first(h, json_object_get(h->source->parts.plan, "fields"), "title", lang);
}

/* A sentence of ours as a CSS string, its places as counters: "Page " counter(page) " of " counter(pages). */
static void put_css_counters(const char *sentence, struct cp_buf *out)
{
    cp_buf_put_byte(out, '"');
    for (; *sentence != '\0'; sentence++) {
        if (strncmp(sentence, "{1}", 3) == 0 || strncmp(sentence, "{2}", 3) == 0) {
            cp_buf_put_str(out, sentence[1] == '1' ? "\" counter(page) \"" : "\" counter(pages) \"");
            sentence += 2;
        } else {
            cp_buf_put_byte(out, (uint8_t)*sentence);
        }
    }
    cp_buf_put_byte(out, '"');
}

/* What stands at the foot of every printed page. */
static void put_print_foot(struct cp_html *h)
{
    struct cp_buf words;

    cp_html_put(h, "@page{@bottom-left{content:\"");
    if (h->source->check_words[0] != '\0') {
        cp_html_arg(h, &words);
        cp_buf_put_str(&words, h->source->check_words);
        cp_html_say(h, CP_PAGE_SAY_CHECK_WORDS, &words, NULL, NULL);
    } else {
        cp_html_say(h, CP_PAGE_SAY_DRAFT_SHORT, NULL, NULL, NULL);
    }
    cp_html_put(h, "\"}@bottom-right{content:");
    put_css_counters(cp_words_page(CP_PAGE_SAY_PAGE_OF), h->out);
    cp_html_put(h, "}}\n");
}

void cp_html_preamble(struct cp_buf *out)
{
    cp_buf_put_str(out, "<!DOCTYPE html>\n<html lang=\"");
    cp_buf_put_str(out, cp_language_tag());
    cp_buf_put_str(out, "\">\n<head>\n<meta charset=\"utf-8\">\n"
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
}

void cp_html_head(struct cp_html *h, const char *class, enum cp_page_say title_before)
{
    const char *lang = NULL;
    const char *title = cp_html_title(h, &lang);

    cp_html_preamble(h->out);
    if (title_before < CP_PAGE_SAY_COUNT) {
        cp_html_say(h, title_before, NULL, NULL, NULL);
        cp_html_put(h, " ");
    }
    cp_html_line(cp_bytes_str(title[0] != '\0' ? title : cp_words_page(CP_PAGE_SAY_NO_TITLE)), h->out);
    cp_html_put(h, "</title>\n<style>\n");
    cp_html_put(h, cp_html_style_all);
    cp_html_put(h, strcmp(class, "easy") == 0 ? cp_html_style_easy : cp_html_style_plan);
    if (strcmp(class, "large") == 0)
        cp_html_put(h, cp_html_style_large);
    if (h->options->form)
        cp_html_put(h, cp_html_style_form);
    put_print_foot(h);
    cp_html_put(h, "</style>\n</head>\n<body class=\"");
    cp_html_put(h, class);
    cp_html_put(h, "\">\n");
}

void cp_html_foot(struct cp_html *h)
{
    struct cp_buf words;

    cp_html_put(h, "<footer>\n<p>");
    if (h->source->check_words[0] != '\0') {
        cp_html_arg(h, &words);
        cp_buf_put_str(&words, h->source->check_words);
        cp_html_say(h, CP_PAGE_SAY_CHECK_WORDS, &words, NULL, NULL);
    } else {
        cp_html_say(h, CP_PAGE_SAY_DRAFT_SHORT, NULL, NULL, NULL);
    }
    cp_html_said(h, "</p>\n<p>", CP_PAGE_SAY_NOT_A_CARE_PLAN, " ");
    cp_html_said(h, "", CP_PAGE_SAY_MADE_BY, "</p>\n</footer>\n</body>\n</html>\n");
}
