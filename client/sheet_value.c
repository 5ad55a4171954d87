/* Values as cells, and whether a cell is one. Owns: that both agree. Must not: know tables. */
#include "client/sheet.h"

#include "client/value.h"

#define ID_HEX (2U * CP_ID_LEN)

/* ------------------------------------------------------------------------------------------- people, items */

static json_t *find_row(json_t *rows, const char *key, struct cp_bytes text, size_t *count)
{
    json_t *found = NULL;
    json_t *row = NULL;
    size_t i = 0;

    *count = 0;
    json_array_foreach(rows, i, row) if (cp_bytes_eq(cp_json_bytes(json_object_get(row, key)), text))
    {
        found = found == NULL ? row : found;
        ++*count;
    }
    return found;
}

/* A name stands for its person where it is the only one, does not look like an id or "me", and holds no separator. */
static bool name_stands(json_t *people, struct cp_bytes name)
{
    size_t count = 0;
    size_t hex = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == ';')
            return false;
        hex += strchr("0123456789abcdef", name.ptr[i]) != NULL ? 1 : 0;
    }
    (void)find_row(people, "name", name, &count);
    return count == 1 && name.len > 0 && !(hex == name.len && hex >= 6) &&
           !cp_bytes_eq(name, cp_bytes_str("me"));
}

static void put_person(struct cp_bytes id, json_t *people, struct cp_buf *out)
{
    size_t count = 0;
    struct cp_bytes name = cp_json_bytes(json_object_get(find_row(people, "person", id, &count), "name"));

    cp_buf_put_bytes(out, count == 1 && name_stands(people, name) ? name : id);
}

static bool person_fits(struct cp_bytes cell, json_t *people)
{
    size_t count = 0;
    json_t *row = NULL;

    if (name_stands(people, cell))
        return true;
    row = find_row(people, "person", cell, &count);
    return count == 1 && cell.len == ID_HEX &&
           !name_stands(people, cp_json_bytes(json_object_get(row, "name")));
}

static bool item_fits(struct cp_bytes cell, json_t *items, const char *kind)
{
    size_t count = 0;
    json_t *row = cell.len == ID_HEX ? find_row(items, "id", cell, &count) : NULL;

    return count == 1 && (kind == NULL || strcmp(cp_json_text(row, "kind"), kind) == 0);
}

/* ------------------------------------------------------------------------------------------- numbers */

/* Digits as a machine writes them: no sign, no zero in front. */
static bool number_fits(const struct cp_field *field, struct cp_bytes cell)
{
    int64_t number = 0;

    if (cell.len == 0 || cell.len > 18 || (cell.ptr[0] == '0' && cell.len > 1))
        return false;
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] < '0' || cell.ptr[i] > '9')
            return false;
        number = number * 10 + (cell.ptr[i] - '0');
    }
    return cp_field_check_int(field, number) == CP_OK;
}

static void put_number(json_t *value, struct cp_buf *out)
{
    json_int_t number = json_integer_value(value);

    if (number < 0)
        cp_buf_put_byte(out, '-');
    cp_buf_put_dec(out, number < 0 ? (uint64_t)0 - (uint64_t)number : (uint64_t)number);
}

/* ------------------------------------------------------------------------------------------- one value */

static bool cost_fits(const struct cp_field *field, struct cp_bytes cell, json_t *items)
{
    return cell.len > ID_HEX + 1 && cell.ptr[ID_HEX] == ':' &&
           item_fits(CP_BYTES(cell.ptr, ID_HEX), items, "resource") &&
           number_fits(field, CP_BYTES(cell.ptr + ID_HEX + 1, cell.len - ID_HEX - 1));
}

static bool one_fits(const struct cp_field *field, struct cp_bytes cell,
                     const struct cp_sheet_context *context)
{
    if (field->type == CP_TYPE_PERSON)
        return person_fits(cell, context->people);
    if (field->type == CP_TYPE_ITEM)
        return item_fits(cell, context->items, NULL);
    if (field->type == CP_TYPE_COST)
        return cost_fits(field, cell, context->items);
    if (cp_field_is_link(field))
        return false;
    if (cp_field_is_int(field))
        return number_fits(field, cell);
    /* What is set aside is not in a table, so a table does not set aside. */
    if (field->code == CP_FIELD_STATE && cp_bytes_eq(cell, cp_bytes_str("set aside")))
        return false;
    if (field->list && cell.len > 0 && memchr(cell.ptr, ';', cell.len) != NULL)
        return false;
    return cp_field_check_text(field, cell, CP_RECORD_ACTION) == CP_OK;
}

static void put_one(const struct cp_field *field, json_t *value, const struct cp_sheet_context *context,
                    struct cp_buf *out)
{
    if (field != NULL && field->type == CP_TYPE_PERSON) {
        put_person(cp_json_bytes(value), context->people, out);
    } else if (json_is_object(value)) {
        cp_buf_put_bytes(out, cp_json_bytes(json_object_get(value, "id")));
        cp_buf_put_byte(out, ':');
        put_number(json_object_get(value, "amount"), out);
    } else if (json_is_integer(value)) {
        put_number(value, out);
    } else {
        cp_buf_put_bytes(out, cp_json_bytes(value));
    }
}

void cp_sheet_put_value(const struct cp_field *field, json_t *value, const struct cp_sheet_context *context,
                        struct cp_buf *out)
{
    json_t *element = NULL;
    size_t i = 0;

    if (!json_is_array(value)) {
        put_one(field, value, context, out);
        return;
    }
    json_array_foreach(value, i, element)
    {
        cp_buf_put_str(out, i > 0 ? "; " : "");
        put_one(field, element, context, out);
    }
}

/* The next element of a list's cell; false at its end. */
static bool next_part(struct cp_bytes *rest, struct cp_bytes *part)
{
    const uint8_t *end = NULL;

    if (rest->ptr == NULL)
        return false;
    end = rest->len > 0 ? memchr(rest->ptr, ';', rest->len) : NULL;
    *part = *rest;
    if (end == NULL) {
        rest->ptr = NULL;
        return true;
    }
    part->len = (size_t)(end - rest->ptr);
    rest->len -= part->len + 1;
    rest->ptr = end + 1;
    /* Without its space it is not how an export writes it, and fits nothing. */
    if (rest->len > 0 && rest->ptr[0] == ' ') {
        rest->ptr++;
        rest->len--;
    } else {
        part->len = 0;
    }
    return true;
}

bool cp_sheet_value_fits(const struct cp_field *field, struct cp_bytes cell,
                         const struct cp_sheet_context *context)
{
    struct cp_bytes rest = cell;
    struct cp_bytes part = {NULL, 0};
    struct cp_bytes before[16];
    size_t count = 0;

    if (!field->list)
        return one_fits(field, cell, context);
    while (next_part(&rest, &part)) {
        if (part.len == 0 || count == sizeof before / sizeof before[0] || !one_fits(field, part, context))
            return false;
        for (size_t i = 0; i < count; i++)
            if (cp_bytes_eq(before[i], part))
                return false;
        before[count++] = part;
    }
    return true;
}
