/* Values on a page: names, days, amounts, rows. Owns: how each type is said. Must not: decide what a page says. */
#include "client/html.h"

#include "client/cmd_check.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- people and items */

void cp_html_person(const struct cp_html *h, const char *id, struct cp_buf *out)
{
    const char *name = cp_json_text(json_object_get(h->people, id), "name");

    cp_html_theirs(h, cp_bytes_str(name[0] != '\0' ? name : cp_show_id(id)), NULL, out);
}

void cp_html_item(const struct cp_html *h, const char *id, struct cp_buf *out)
{
    json_t *row = json_object_get(h->items, id);
    const char *lang = NULL;
    const char *text = cp_html_first(h, json_object_get(row, "fields"), "text", &lang);

    if (text[0] == '\0')
        text = cp_json_text(row, "text");
    if (text[0] == '\0' && cp_json_gone(row, "text")) {
        cp_html_gone(out);
        return;
    }
    cp_html_theirs(h, cp_bytes_str(text[0] != '\0' ? text : cp_show_id(id)), lang, out);
}

/* ------------------------------------------------------------------------------------------- days and amounts */

void cp_html_day(const struct cp_html *h, const char *day, struct cp_buf *out)
{
    struct cp_buf parts[3];
    int64_t number = cp_field_check_text(cp_field_by_name(cp_bytes_str("due"), CP_RECORD_ACTION),
                                         cp_bytes_str(day), CP_RECORD_ACTION) == CP_OK
                         ? 1
                         : 0;

    if (number == 0) {
        cp_html_theirs(h, cp_bytes_str(day), NULL, out);
        return;
    }
    for (size_t i = 0; i < 3; i++)
        cp_html_arg(h, &parts[i]);
    cp_buf_put_str(&parts[0], day[8] == '0' ? day + 9 : day + 8);
    cp_buf_put_str(&parts[1], cp_words_month((day[5] - '0') * 10 + (day[6] - '0')));
    cp_buf_put(&parts[2], day, 4);
    cp_buf_put_str(out, "<time datetime=\"");
    cp_buf_put_str(out, day);
    cp_buf_put_str(out, "\">");
    cp_html_say_into(out, CP_PAGE_SAY_DAY, &parts[0], &parts[1], &parts[2]);
    cp_buf_put_str(out, "</time>");
}

static void say_number(struct cp_buf *out, enum cp_page_say say, int64_t number)
{
    const char *const args[4] = {cp_show_number(number), NULL, NULL, NULL};

    cp_words_fill(cp_words_page(say), args, out);
}

void cp_html_every(const char *duration, struct cp_buf *out)
{
    static const struct {
        char unit;
        enum cp_page_say one, many;
    } units[] = {{'D', CP_PAGE_SAY_EVERY_DAY, CP_PAGE_SAY_EVERY_DAYS},
                 {'W', CP_PAGE_SAY_EVERY_WEEK, CP_PAGE_SAY_EVERY_WEEKS},
                 {'M', CP_PAGE_SAY_EVERY_MONTH, CP_PAGE_SAY_EVERY_MONTHS},
                 {'Y', CP_PAGE_SAY_EVERY_YEAR, CP_PAGE_SAY_EVERY_YEARS}};
    char *end = NULL;
    long long count = duration[0] == 'P' ? strtoll(duration + 1, &end, 10) : 0;

    for (size_t i = 0; count > 0 && i < sizeof units / sizeof units[0]; i++)
        if (end[0] == units[i].unit && end[1] == '\0') {
            say_number(out, count == 1 ? units[i].one : units[i].many, count);
            return;
        }
    cp_html_line(cp_bytes_str(duration), out); /* of several parts, as P1M2W */
}

void cp_html_money(int64_t pence, struct cp_buf *out)
{
    struct cp_buf amount;

    cp_buf_init(&amount, out->mem, SIZE_MAX / 2);
    cp_put_pence(&amount, pence);
    cp_html_say_into(out, CP_PAGE_SAY_MONEY, &amount, NULL, NULL);
}

void cp_html_time(int64_t minutes, struct cp_buf *out)
{
    struct cp_buf hours;
    struct cp_buf rest;

    cp_buf_init(&hours, out->mem, SIZE_MAX / 2);
    cp_buf_init(&rest, out->mem, SIZE_MAX / 2);
    say_number(&hours, minutes / 60 == 1 ? CP_PAGE_SAY_ONE_HOUR : CP_PAGE_SAY_HOURS, minutes / 60);
    say_number(&rest, minutes % 60 == 1 ? CP_PAGE_SAY_ONE_MINUTE : CP_PAGE_SAY_MINUTES, minutes % 60);
    if (minutes >= 60 && minutes % 60 != 0) {
        cp_html_say_into(out, CP_PAGE_SAY_HOURS_MINUTES, &hours, &rest, NULL);
        return;
    }
    cp_buf_put_bytes(out, cp_buf_bytes(minutes >= 60 ? &hours : &rest));
    cp_buf_clear(&hours);
    cp_buf_clear(&rest);
}

/* An amount of something offered, in its own unit. */
static void put_amount(json_t *resource, int64_t amount, struct cp_buf *out)
{
    const char *unit = cp_json_text(json_object_get(resource, "fields"), "unit");

    if (strcmp(unit, "pence") == 0)
        cp_html_money(amount, out);
    else if (strcmp(unit, "minutes") == 0)
        cp_html_time(amount, out);
    else
        cp_buf_put_str(out, cp_show_number(amount));
}

static void put_cost(const struct cp_html *h, json_t *cost, struct cp_buf *out)
{
    const char *id = cp_json_text(cost, "id");
    json_t *resource = json_object_get(h->items, id);
    const char *unit = cp_json_text(json_object_get(resource, "fields"), "unit");
    struct cp_buf amount;
    struct cp_buf from;

    cp_html_arg(h, &amount);
    cp_html_arg(h, &from);
    put_amount(resource, cp_json_number(cost, "amount"), &amount);
    cp_html_item(h, id, &from);
    cp_html_say_into(out,
                     strcmp(unit, "pence") == 0 || strcmp(unit, "minutes") == 0 ? CP_PAGE_SAY_FROM_RESOURCE
                                                                                : CP_PAGE_SAY_WITH_COUNT,
                     &amount, &from, NULL);
}

/* ------------------------------------------------------------------------------------------- any value */

static void put_number(const struct cp_field *field, json_t *row, json_int_t number, struct cp_buf *out)
{
    if (field != NULL && field->type == CP_TYPE_PENCE)
        cp_html_money(number, out);
    else if (field != NULL && field->type == CP_TYPE_MINUTES)
        cp_html_time(number, out);
    else if (field != NULL && strcmp(field->name, "amount") == 0)
        put_amount(row, number, out);
    else
        cp_buf_put_str(out, cp_show_number(number));
}

static void put_one(const struct cp_html *h, const struct cp_field *field, json_t *row, json_t *value,
                    struct cp_buf *out)
{
    const char *text = json_string_value(value);

    if (json_is_object(value))
        put_cost(h, value, out);
    else if (json_is_integer(value))
        put_number(field, row, json_integer_value(value), out);
    else if (text == NULL)
        return;
    else if (field == NULL)
        cp_html_theirs(h, cp_json_bytes(value), NULL, out);
    else if (field->type == CP_TYPE_PERSON)
        cp_html_person(h, text, out);
    else if (field->type == CP_TYPE_ITEM)
        cp_html_item(h, text, out);
    else if (field->type == CP_TYPE_DATE)
        cp_html_day(h, text, out);
    else if (field->type == CP_TYPE_DURATION)
        cp_html_every(text, out);
    else if (field->words != NULL && cp_word_in(field->words, cp_json_bytes(value)))
        cp_html_label(text, out);
    else if (field->code == CP_FIELD_STATE)
        cp_html_label(text, out);
    else
        cp_html_theirs(h, cp_json_bytes(value), NULL, out);
}

void cp_html_value(const struct cp_html *h, const struct cp_field *field, json_t *row, json_t *value,
                   struct cp_buf *out)
{
    json_t *element = NULL;
    size_t i = 0;

    if (!json_is_array(value)) {
        put_one(h, field, row, value, out);
        return;
    }
    json_array_foreach(value, i, element)
    {
        cp_buf_put_str(out, i > 0 ? "; " : "");
        put_one(h, field, row, element, out);
    }
}

const struct cp_field *cp_html_field(const char *key, enum cp_record on)
{
    const char *lang = cp_html_language_of(key);
    size_t len = lang != NULL ? (size_t)(lang - key) - 1 : strlen(key);

    return strncmp(key, "csv:", 4) == 0 ? NULL : cp_field_by_name(CP_BYTES((const uint8_t *)key, len), on);
}

/* ------------------------------------------------------------------------------------------- rows */

enum cp_record cp_html_kind(json_t *row)
{
    json_t *kind = json_object_get(row, "kind");

    return kind == NULL ? CP_RECORD_PLAN : cp_item_kind_of_word(cp_json_bytes(kind));
}

bool cp_html_stands(json_t *row, enum cp_record kind)
{
    static const char *const gone[] = {"set aside", "dropped", "taken back", "not used"};
    const char *state = cp_json_text(row, "state");

    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        if (strcmp(state, gone[i]) == 0)
            return false;
    return cp_html_kind(row) == kind;
}

static int by_name(const void *a, const void *b)
{
    json_t *const *left = a;
    json_t *const *right = b;
    int order = strcmp(cp_json_text(*left, "name"), cp_json_text(*right, "name"));

    if (order == 0)
        order = strcmp(cp_json_text(*left, "person"), cp_json_text(*right, "person"));
    return order != 0 ? order : strcmp(cp_json_text(*left, "id"), cp_json_text(*right, "id"));
}

json_t *cp_html_by_name(json_t *rows)
{
    size_t count = json_array_size(rows);
    json_t **list = calloc(count + 1, sizeof(json_t *));
    json_t *out = json_array();

    for (size_t i = 0; list != NULL && i < count; i++)
        list[i] = json_array_get(rows, i);
    if (list != NULL)
        qsort(list, count, sizeof *list, by_name);
    for (size_t i = 0; list != NULL && i < count; i++)
        json_array_append(out, list[i]);
    free(list);
    return out;
}

bool cp_html_names(json_t *row, const char *field, const char *person)
{
    json_t *value = json_object_get(json_object_get(row, "fields"), field);
    json_t *element = NULL;
    size_t i = 0;

    if (json_is_string(value))
        return strcmp(json_string_value(value), person) == 0;
    json_array_foreach(value, i, element) if (json_is_string(element) &&
                                              strcmp(json_string_value(element), person) == 0) return true;
    return false;
}
