/* A plan as CommonMark. Owns: the page and its escapes. Must not: talk to the daemon. */
#include "client/markdown.h"

#include "client/show.h"
#include "client/value.h"

/* Punctuation that can mean something anywhere in a line. */
static bool means_something(uint8_t c)
{
    return c != '\0' && strchr("\\`*_{}[]<>&|~!#$^", c) != NULL;
}

/* True when what begins here would make a list, a heading's underline or a rule at the start of a line. */
static bool begins_block(struct cp_bytes line)
{
    return line.len > 0 && strchr("+-=:", line.ptr[0]) != NULL;
}

/* The length of "12" in "12. " or "12)" at the start of a line; 0 otherwise. */
static size_t list_number(struct cp_bytes line)
{
    size_t i = 0;

    while (i < line.len && i < 10 && line.ptr[i] >= '0' && line.ptr[i] <= '9')
        i++;
    return i > 0 && i < line.len && (line.ptr[i] == '.' || line.ptr[i] == ')') ? i : 0;
}

static void put_line(struct cp_bytes line, struct cp_buf *out)
{
    size_t i = 0;
    size_t number = 0;

    /* Spaces at the start would be lost, or make a block of code. */
    for (; i < line.len && line.ptr[i] == ' '; i++)
        cp_buf_put_str(out, "&nbsp;");
    line.ptr += i;
    line.len -= i;
    number = list_number(line);
    if (begins_block(line))
        cp_buf_put_byte(out, '\\');
    for (i = 0; i < line.len; i++) {
        if (means_something(line.ptr[i]) || (number > 0 && i == number))
            cp_buf_put_byte(out, '\\');
        cp_buf_put_byte(out, line.ptr[i]);
    }
}

void cp_markdown_text(struct cp_bytes text, size_t indent, struct cp_buf *out)
{
    struct cp_buf safe;
    struct cp_bytes rest;

    /* What turns or hides text is made visible before it is escaped. */
    cp_buf_init(&safe, out->mem, SIZE_MAX / 2);
    cp_show_safe(text, 0, &safe);
    if (cp_buf_err(&safe) != CP_OK && out->err == CP_OK)
        out->err = cp_buf_err(&safe);
    rest = cp_buf_bytes(&safe);
    for (bool first = true; rest.len > 0 || first; first = false) {
        const uint8_t *end = rest.len > 0 ? memchr(rest.ptr, '\n', rest.len) : NULL;
        struct cp_bytes line = {rest.ptr, end != NULL ? (size_t)(end - rest.ptr) : rest.len};
        size_t used = end != NULL ? line.len + 1 : line.len;

        put_line(line, out);
        rest.ptr = used > 0 ? rest.ptr + used : rest.ptr;
        rest.len -= used;
        if (rest.len > 0) {
            /* An empty line would end the paragraph, and a break needs something before it. */
            cp_buf_put_str(out, line.len == 0 ? "&nbsp;\\\n" : "\\\n");
            for (size_t i = 0; i < indent; i++)
                cp_buf_put_byte(out, ' ');
        }
    }
    cp_buf_clear(&safe);
}

/* ------------------------------------------------------------------------------------------- the page */

/* A page on its way: rows by id, since every link is looked up. */
struct page {
    const struct cp_planjson_parts *parts;
    json_t *people; /* id to row */
    json_t *items;  /* id to row */
};

static json_t *by_id(json_t *rows, const char *key)
{
    json_t *index = json_object();
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row) if (json_object_get(index, cp_json_text(row, key)) == NULL)
        json_object_set(index, cp_json_text(row, key), row);
    return index;
}

/* One value: a person by name, an item by its words, anything else as it is. */
static void put_value(const struct page *page, const char *name, json_t *value, size_t indent,
                      struct cp_buf *out)
{
    const char *id = json_is_object(value) ? cp_json_text(value, "id") : json_string_value(value);
    const char *words = "";

    if (json_is_integer(value)) {
        cp_buf_put_str(out, cp_show_number(json_integer_value(value)));
        return;
    }
    if (id == NULL)
        return;
    if (strlen(id) == (size_t)2 * CP_ID_LEN) {
        words = cp_json_text(json_object_get(page->people, id), "name");
        if (words[0] == '\0')
            words = cp_json_text(json_object_get(page->items, id), "text");
    }
    cp_markdown_text(cp_bytes_str(words[0] != '\0' ? words : cp_words_of_field(name, id)), indent, out);
    if (json_is_object(value)) {
        cp_buf_put_str(out, ": ");
        cp_buf_put_str(out, cp_show_number(cp_json_number(value, "amount")));
    }
}

static void put_fields(const struct page *page, json_t *fields, const char *words_key, size_t indent,
                       struct cp_buf *out)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_t *element = NULL;
    size_t i = 0;

    json_object_foreach(fields, name, value)
    {
        if (strcmp(name, words_key) == 0 || strcmp(name, "position") == 0 || strcmp(name, "state") == 0)
            continue;
        for (i = 0; i < indent; i++)
            cp_buf_put_byte(out, ' ');
        cp_buf_put_str(out, "- ");
        cp_markdown_text(cp_bytes_str(strncmp(name, "csv:", 4) == 0 ? name + 4 : cp_words_label(name)),
                         indent + 2, out);
        cp_buf_put_str(out, ": ");
        if (!json_is_array(value))
            put_value(page, name, value, indent + 2, out);
        json_array_foreach(value, i, element)
        {
            cp_buf_put_str(out, i > 0 ? ", " : "");
            put_value(page, name, element, indent + 2, out);
        }
        cp_buf_put_byte(out, '\n');
    }
}

static void put_gone(struct cp_buf *out)
{
    cp_buf_put_str(out, "*");
    cp_buf_put_str(out, cp_words_screen(CP_SAY_WORDS_GONE));
    cp_buf_put_str(out, "*");
}

static void put_fields_gone(json_t *item, size_t indent, struct cp_buf *out)
{
    json_t *field = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(item, "withdrawn"), i, field)
    {
        const char *name = json_string_value(field);

        if (strcmp(name, "text") == 0 || strcmp(name, "title") == 0 || strcmp(name, "position") == 0 ||
            strcmp(name, "state") == 0)
            continue;
        cp_buf_put_str(out, indent > 0 ? "  - " : "- ");
        cp_markdown_text(cp_bytes_str(strncmp(name, "csv:", 4) == 0 ? name + 4 : cp_words_label(name)), 4,
                         out);
        cp_buf_put_str(out, ": ");
        put_gone(out);
        cp_buf_put_byte(out, '\n');
    }
}

static void put_wordings(json_t *wordings, struct cp_buf *out)
{
    const char *name = NULL;
    json_t *list = NULL;
    json_t *wording = NULL;
    size_t i = 0;

    json_object_foreach(wordings, name, list)
    {
        cp_buf_put_str(out, "  - ");
        cp_buf_put_str(out, cp_words_screen(CP_SAY_TWO_WORDINGS));
        cp_buf_put_str(out, " (");
        cp_markdown_text(cp_bytes_str(cp_words_label(name)), 4, out);
        cp_buf_put_str(out, ")\n");
        json_array_foreach(list, i, wording)
        {
            json_t *value = json_object_get(wording, "value");

            cp_buf_put_str(out, "    - ");
            if (json_is_integer(value))
                cp_buf_put_str(out, cp_show_number(json_integer_value(value)));
            else
                cp_markdown_text(cp_json_bytes(value), 6, out);
            cp_buf_put_byte(out, '\n');
        }
    }
}

/* What pictures and papers of this thing show: the words that were written for whoever cannot see them. Whether they are on this
 * device is left out: the same plan gives the same page everywhere. */
static void put_attached(const struct page *page, const char *id, size_t indent, struct cp_buf *out)
{
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(page->parts->attachments, i, row)
    {
        struct cp_buf alt;
        const char *args[4] = {NULL, NULL, NULL, NULL};
        struct cp_buf line;

        if (strcmp(cp_json_text(row, "about"), id) != 0 || cp_json_text(row, "alt")[0] == '\0')
            continue;
        cp_buf_init(&alt, out->mem, SIZE_MAX / 2);
        cp_buf_init(&line, out->mem, SIZE_MAX / 2);
        cp_markdown_text(cp_json_bytes(json_object_get(row, "alt")), indent + 2, &alt);
        cp_buf_put_byte(&alt, '\0');
        args[0] = alt.ptr != NULL ? (const char *)alt.ptr : "";
        cp_words_fill(cp_words_screen(CP_SAY_PAGE_ATTACHED), args, &line);
        cp_buf_put_str(out, indent > 0 ? "  - " : "- ");
        cp_buf_put_bytes(out, cp_buf_bytes(&line));
        cp_buf_put_byte(out, '\n');
        if (cp_buf_err(&alt) != CP_OK && out->err == CP_OK)
            out->err = cp_buf_err(&alt);
        cp_buf_clear(&alt);
        cp_buf_clear(&line);
    }
}

static void put_item(const struct page *page, json_t *item, struct cp_buf *out)
{
    const char *state = cp_json_text(item, "state");

    cp_buf_put_str(out, "- ");
    cp_markdown_text(cp_json_bytes(json_object_get(item, "text")), 2, out);
    if (cp_json_gone(item, "text"))
        put_gone(out);
    if (state[0] != '\0' && strcmp(state, "open") != 0) {
        cp_buf_put_str(out, " (");
        cp_markdown_text(cp_bytes_str(cp_words_label(state)), 2, out);
        cp_buf_put_byte(out, ')');
    }
    cp_buf_put_byte(out, '\n');
    put_fields(page, json_object_get(item, "fields"), "text", 2, out);
    put_fields_gone(item, 2, out);
    put_wordings(json_object_get(item, "wordings"), out);
    put_attached(page, cp_json_text(item, "id"), 2, out);
}

static void put_people(json_t *people, struct cp_buf *out)
{
    json_t *row = NULL;
    size_t i = 0;

    cp_buf_put_str(out, "\n## ");
    cp_buf_put_str(out, cp_words_screen(CP_SAY_SHOW_WHO_TAKES_PART));
    cp_buf_put_str(out, "\n\n");
    json_array_foreach(people, i, row)
    {
        cp_buf_put_str(out, "- ");
        cp_markdown_text(cp_json_bytes(json_object_get(row, "name")), 2, out);
        cp_buf_put_byte(out, '\n');
    }
}

void cp_markdown_page(const struct cp_planjson_parts *parts, struct cp_buf *out)
{
    const struct page page = {parts, by_id(parts->people, "person"), by_id(parts->items, "id")};
    json_t *item = NULL;
    size_t before = 0;
    size_t i = 0;

    cp_buf_put_str(out, "# ");
    /* A heading is one line. */
    for (const char *c = cp_json_text(parts->plan, "title"); *c != '\0';) {
        size_t len = strcspn(c, "\r\n");

        cp_markdown_text(CP_BYTES((const uint8_t *)c, len), 0, out);
        c += len;
        if (*c != '\0')
            cp_buf_put_byte(out, ' ');
        c += strspn(c, "\r\n");
    }
    if (cp_json_gone(parts->plan, "title"))
        put_gone(out);
    cp_buf_put_str(out, "\n");
    before = out->len;
    cp_buf_put_str(out, "\n");
    put_fields(&page, json_object_get(parts->plan, "fields"), "title", 0, out);
    put_fields_gone(parts->plan, 0, out);
    put_wordings(json_object_get(parts->plan, "wordings"), out);
    put_attached(&page, cp_json_text(parts->plan, "plan"), 0, out);
    if (out->len == before + 1)
        out->len = before; /* nothing was said of the plan itself */
    for (unsigned kind = CP_RECORD_ITEM_FIRST; kind <= CP_RECORD_ITEM_LAST; kind++) {
        bool any = false;

        json_array_foreach(parts->items, i, item)
        {
            if (strcmp(cp_json_text(item, "kind"), cp_record_word(kind)) != 0)
                continue;
            if (!any) {
                cp_buf_put_str(out, "\n## ");
                cp_buf_put_str(out, cp_words_label(cp_record_word(kind)));
                cp_buf_put_str(out, "\n\n");
            }
            any = true;
            put_item(&page, item, out);
        }
    }
    put_people(parts->people, out);
    json_decref(page.people);
    json_decref(page.items);
}
