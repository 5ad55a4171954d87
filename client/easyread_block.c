/* Blocks of Easy Read: a picture on the left, one idea on the right. Owns: the block. Must not: know the page. */
#include "client/easyread.h"

#include "client/show.h"
#include "client/value.h"

void cp_easy_open(struct cp_html *h, enum cp_picture picture)
{
    cp_html_put(h, "<div class=\"block\">\n<div class=\"slot\">");
    cp_easy_drawing(picture, h->out);
    cp_html_put(h, "</div>\n<div class=\"words\">");
}

void cp_easy_close(struct cp_html *h)
{
    cp_html_put(h, "</div>\n</div>\n");
}

void cp_easy_say(struct cp_html *h, enum cp_picture picture, enum cp_page_say say, struct cp_buf *a,
                 struct cp_buf *b, struct cp_buf *c)
{
    cp_easy_open(h, picture);
    cp_html_put(h, "<p>");
    cp_html_say(h, say, a, b, c);
    cp_html_put(h, "</p>");
    cp_easy_close(h);
}

/* ------------------------------------------------------------------------------------------- own pictures */

/* One to eight characters none of which is a letter of ours: an emoji, shown as the picture itself. */
static bool is_emoji(const char *text)
{
    size_t characters = 0;

    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c < 0xe2 && (*c & 0xc0) != 0x80)
            return false;
        characters += (*c & 0xc0) != 0x80 ? 1 : 0;
    }
    return characters > 0 && characters <= 8;
}

/* The slot of an item that names a picture: the picture where it is a character, else a place to stick it. */
static void open_own(struct cp_html *h, json_t *row, const char *picture)
{
    const char *lang = NULL;
    const char *alt = cp_html_first(h, json_object_get(row, "fields"), "picture_alt", &lang);
    struct cp_buf words;

    if (alt[0] == '\0') {
        cp_easy_warn(h, CP_PAGE_SAY_HARD_NO_PICTURE_WORDS, cp_json_text(row, "text"), NULL, NULL);
        alt = picture;
    }
    cp_html_put(h, is_emoji(picture) ? "<div class=\"block\">\n<div class=\"slot\"><span class=\"emoji\""
                                     : "<div class=\"block\">\n<div class=\"slot\"><span class=\"own\"");
    cp_html_put(h, " role=\"img\" aria-label=\"");
    cp_html_arg(h, &words);
    cp_html_line(cp_bytes_str(alt), &words);
    cp_html_say(h, CP_PAGE_SAY_PICTURE_OWN, &words, NULL, NULL);
    cp_html_put(h, "\">");
    cp_html_theirs(h, cp_bytes_str(is_emoji(picture) ? picture : alt), NULL, h->out);
    cp_html_put(h, "</span></div>\n<div class=\"words\">");
}

/* ------------------------------------------------------------------------------------------- people's words */

struct lines {
    json_t *row;
    const char *picture; /* the item's own; "" when it names none */
    enum cp_picture drawing;
    enum cp_page_say head; /* said before the first line; CP_PAGE_SAY_COUNT: nothing */
    size_t count;
};

/* One block for each line that says something. */
static void put_lines(struct cp_html *h, const char *text, const char *lang, void *context)
{
    struct lines *l = context;
    const char *ours = CP_HTML_OURS;
    size_t len = 0;

    if (strcmp(lang != NULL ? lang : h->language, ours) == 0)
        cp_easy_check(h, text, cp_json_text(l->row, "text"));
    for (const char *end = text; *text != '\0'; text = *end != '\0' ? end + 1 : end) {
        end = text + strcspn(text, "\n");
        if (strspn(text, " \t\r") >= (size_t)(end - text))
            continue;
        if (l->picture[0] != '\0')
            open_own(h, l->row, l->picture);
        else
            cp_easy_open(h, l->drawing);
        if (l->head < CP_PAGE_SAY_COUNT)
            cp_html_said(h, "<p><b>", l->head, "</b></p>\n");
        l->head = CP_PAGE_SAY_COUNT;
        cp_html_open(h, "p", lang);
        len = (size_t)(end - text);
        cp_html_bare(CP_BYTES((const uint8_t *)text, text[len - 1] == '\r' ? len - 1 : len), h->out);
        cp_html_put(h, "</p>");
        cp_easy_close(h);
        l->count++;
    }
}

size_t cp_easy_item(struct cp_html *h, json_t *row, enum cp_picture picture)
{
    json_t *fields = json_object_get(row, "fields");
    struct lines l = {row, cp_json_text(fields, "picture"), picture, CP_PAGE_SAY_COUNT, 0};

    if (cp_html_languages(h, fields, "plain", put_lines, &l) > 0)
        return l.count;
    if (cp_json_gone(row, "text") && cp_json_text(row, "text")[0] == '\0') {
        cp_easy_open(h, picture);
        cp_html_put(h, "<p>");
        cp_html_words(h, row);
        cp_html_put(h, "</p>");
        cp_easy_close(h);
        return 1;
    }
    cp_easy_warn(h, CP_PAGE_SAY_HARD_NO_PLAIN, cp_json_text(row, "text"), NULL, NULL);
    if (cp_html_languages(h, fields, "text", put_lines, &l) == 0)
        put_lines(h, cp_json_text(row, "text"), NULL, &l);
    return l.count;
}

size_t cp_easy_field(struct cp_html *h, json_t *row, const char *name, enum cp_picture picture,
                     enum cp_page_say head)
{
    struct lines l = {row, "", picture, head, 0};

    cp_html_languages(h, json_object_get(row, "fields"), name, put_lines, &l);
    return l.count;
}
