/* Cells of columns that a map file explains. Owns: what of a cell is understood. Must not: guess, or drop a cell. */
#include "client/sheet.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- people */

/* "Asha and Bill": the length of what separates people at the start of the text; 0: nothing does. */
static size_t separator(struct cp_bytes text)
{
    if (strchr(";,&/+\n", text.ptr[0]) != NULL && text.ptr[0] != '\0')
        return 1;
    return text.len >= 5 && cp_same_word(CP_BYTES(text.ptr, 5), cp_bytes_str(" and ")) ? 5 : 0;
}

static struct cp_bytes next_name(struct cp_bytes *rest)
{
    struct cp_bytes name = {rest->ptr, 0};

    while (name.len < rest->len) {
        size_t len = separator(CP_BYTES(rest->ptr + name.len, rest->len - name.len));

        if (len > 0) {
            rest->ptr += name.len + len;
            rest->len -= name.len + len;
            return cp_trim(name);
        }
        name.len++;
    }
    rest->len = 0;
    return cp_trim(name);
}

static size_t count_names(struct cp_bytes cell)
{
    size_t count = 0;

    while (cell.len > 0)
        count += next_name(&cell).len > 0 ? 1 : 0;
    return count;
}

static bool is_there(json_t *fields, const char *name, struct cp_bytes value)
{
    json_t *field = NULL;
    size_t i = 0;

    json_array_foreach(
        fields, i, field) if (strcmp(cp_json_text(field, "name"), name) == 0 &&
                              cp_bytes_eq(cp_json_bytes(json_object_get(field, "value")), value)) return true;
    return false;
}

/* The one person of this name, or what the map says the name means. */
static bool find_person(const struct cp_sheet_column *column, struct cp_bytes name,
                        const struct cp_sheet_context *context, struct cp_bytes *id)
{
    static const struct cp_field person = {.type = CP_TYPE_PERSON};

    (void)cp_importmap_means(context->map, column->field_name, name, &name);
    *id = cp_sheet_person_id(name, context);
    return cp_sheet_value_fits(&person, name, context);
}

static const char *understand_people(const struct cp_sheet_column *column, struct cp_bytes cell,
                                     const struct cp_sheet_context *context, json_t *fields)
{
    /* Several names where one is wanted: they help, and nobody leads until people say who. */
    const char *name = column->field->list                    ? column->field->name
                       : column->field->code == CP_FIELD_LEAD ? "helpers"
                                                              : NULL;
    bool list = column->field->list;
    const char *why = NULL;
    struct cp_bytes id;

    if (find_person(column, cell, context, &id)) {
        cp_sheet_put_field(fields, "", column->field_name, list ? "+=" : "=", id);
        return NULL;
    }
    if (count_names(cell) < 2)
        return "nobody_called";
    if (!list)
        why = column->field->code == CP_FIELD_LEAD ? "several_leads" : "several_people";
    while (cell.len > 0 && name != NULL) {
        struct cp_bytes one = next_name(&cell);

        if (one.len == 0)
            continue;
        if (!find_person(column, one, context, &id))
            why = why == NULL ? "nobody_called" : why;
        else if (!is_there(fields, name, id))
            cp_sheet_put_field(fields, "", cp_bytes_str(name), "+=", id);
    }
    return why;
}

/* ------------------------------------------------------------------------------------------- days and money */

static bool read_number(struct cp_bytes *rest, size_t digits_max, int64_t *number)
{
    size_t used = 0;

    *number = 0;
    while (used < rest->len && used < digits_max && rest->ptr[used] >= '0' && rest->ptr[used] <= '9')
        *number = *number * 10 + (rest->ptr[used++] - '0');
    rest->ptr += used;
    rest->len -= used;
    return used > 0;
}

static bool skip(struct cp_bytes *rest, const char *any)
{
    if (rest->len == 0 || rest->ptr[0] == '\0' || strchr(any, rest->ptr[0]) == NULL)
        return false;
    rest->ptr++;
    rest->len--;
    return true;
}

/* "30/4/2027" in the order that the map states; two digits of a year are not enough. */
static bool read_day(struct cp_bytes cell, enum cp_importmap_days order, char out[static 16])
{
    int64_t first = 0;
    int64_t second = 0;
    int64_t year = 0;

    if (order == CP_DAYS_ISO || !read_number(&cell, 2, &first) || !skip(&cell, "/.-") ||
        !read_number(&cell, 2, &second) || !skip(&cell, "/.-") || !read_number(&cell, 4, &year) ||
        cell.len > 0 || year < 1000)
        return false;
    snprintf(out, 16, "%04d-%02d-%02d", (int)(year % 10000),
             (int)((order == CP_DAYS_DMY ? second : first) % 100),
             (int)((order == CP_DAYS_DMY ? first : second) % 100));
    return true;
}

/* "£1,250.00", "12.50", and a bare "1250" where the map says what it is. In pence, as an export writes it. */
static bool read_money(struct cp_bytes cell, enum cp_importmap_money bare, char out[static 24])
{
    static const char pound[] = "\xc2\xa3";
    bool signed_as = cell.len >= 2 && memcmp(cell.ptr, pound, 2) == 0;
    int64_t pounds = 0;
    int64_t pence = 0;
    int64_t part = 0;
    bool point = false;

    if (signed_as) {
        cell.ptr += 2;
        cell.len -= 2;
    }
    if (!read_number(&cell, 12, &pounds))
        return false;
    /* A comma stands between thousands or nowhere: three digits follow it. */
    while (cell.len >= 4 && cell.ptr[0] == ',' && skip(&cell, ",")) {
        struct cp_bytes before = cell;
        if (!read_number(&cell, 3, &part) || cell.ptr != before.ptr + 3 || pounds > 1000000000)
            return false;
        pounds = pounds * 1000 + part;
    }
    point = skip(&cell, ".");
    if (point) {
        struct cp_bytes before = cell;
        if (!read_number(&cell, 2, &pence) || cell.ptr != before.ptr + 2)
            return false;
    }
    if (cell.len > 0 || (!signed_as && !point && bare == CP_MONEY_UNSAID))
        return false;
    pence += !signed_as && !point && bare == CP_MONEY_PENCE ? pounds : pounds * 100;
    snprintf(out, 24, "%lld", (long long)pence);
    return true;
}

/* ------------------------------------------------------------------------------------------- one cell */

bool cp_sheet_needs_map(const struct cp_field *field, const struct cp_sheet_context *context)
{
    return field->type == CP_TYPE_PENCE && (context->map == NULL || context->map->money != CP_MONEY_PENCE);
}

const char *cp_sheet_why_not(const struct cp_field *field)
{
    if (field->type == CP_TYPE_DATE)
        return "no_day";
    if (field->type == CP_TYPE_PERSON)
        return "nobody_called";
    if (field->type == CP_TYPE_PENCE)
        return "no_money";
    return "no_value";
}

/* One of the field's words, whatever the letters are written like. */
static bool find_word(const struct cp_field *field, struct cp_bytes cell, struct cp_bytes *word)
{
    const char *words = field->code == CP_FIELD_STATE ? cp_record_states(CP_RECORD_ACTION) : field->words;

    for (const char *at = words; at != NULL && *at != '\0';) {
        struct cp_bytes one = CP_BYTES((const uint8_t *)at, strcspn(at, "|"));

        if (cp_same_word(one, cell)) {
            *word = one;
            return true;
        }
        at += one.len + (at[one.len] == '|' ? 1 : 0);
    }
    return false;
}

const char *cp_sheet_understand(const struct cp_sheet_column *column, struct cp_bytes cell,
                                const struct cp_sheet_context *context, json_t *fields)
{
    const struct cp_field *field = column->field;
    char made[24] = "";
    struct cp_bytes value = field->type == CP_TYPE_TEXT ? cell : cp_trim(cell);
    bool said = cp_importmap_means(context->map, column->field_name, value, &value);

    if (value.len == 0)
        return NULL; /* a cell of blanks says nothing */
    if (field->type == CP_TYPE_PERSON)
        return understand_people(column, value, context, fields);
    if (!said && field->type == CP_TYPE_DATE && read_day(value, context->map->days, made))
        value = cp_bytes_str(made);
    if (field->type == CP_TYPE_PENCE) {
        if (!said && !read_money(value, context->map->money, made))
            return "no_money";
        value = said ? value : cp_bytes_str(made);
    }
    if (!said)
        (void)find_word(field, value, &value);
    if (!cp_sheet_value_fits(field, value, context))
        return cp_sheet_why_not(field);
    if (field->list)
        while (value.len > 0) {
            const uint8_t *end = memchr(value.ptr, ';', value.len);
            size_t len = end != NULL ? (size_t)(end - value.ptr) : value.len;

            cp_sheet_put_field(fields, "", column->field_name, "+=", CP_BYTES(value.ptr, len));
            value.ptr += end != NULL ? len + 2 : len;
            value.len -= end != NULL ? len + 2 : len;
        }
    else
        cp_sheet_put_field(fields, "", column->field_name, "=", value);
    return NULL;
}
