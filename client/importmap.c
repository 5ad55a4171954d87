/* Map files of imports. Owns: reading their lines. Must not: look at a table. */
#include "client/importmap.h"

#include "client/sheet.h"

/* ------------------------------------------------------------------------------------------- words */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct cp_bytes cp_trim(struct cp_bytes text)
{
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    while (text.len > 0 && is_blank(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    return text;
}

static uint8_t small(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool cp_same_word(struct cp_bytes a, struct cp_bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (small(a.ptr[i]) != small(b.ptr[i]))
            return false;
    return true;
}

/* What stands in real plans. A stray spelling is not guessed at: the map file can say what it means. */
static const struct {
    const char *written, *rag;
} rags[] = {
    {"green", "green"},
    {"g", "green"},
    {"amber", "amber"},
    {"a", "amber"},
    {"yellow", "amber"},
    {"red", "red"},
    {"r", "red"},
    {"unknown", "unknown"},
    {"not known", "unknown"},
    {"progress unknown", "unknown"},
    {"don't know", "unknown"},
    {"do not know", "unknown"},
    {"we do not know", "unknown"},
};

const char *cp_rag_read(struct cp_bytes cell)
{
    cell = cp_trim(cell);
    for (size_t i = 0; i < sizeof rags / sizeof rags[0]; i++)
        if (cp_same_word(cell, cp_bytes_str(rags[i].written)))
            return rags[i].rag;
    return NULL;
}

bool cp_importmap_means(const struct cp_importmap *map, struct cp_bytes field_name, struct cp_bytes words,
                        struct cp_bytes *value)
{
    for (size_t i = 0; map != NULL && i < map->words_count; i++)
        if (cp_bytes_eq(map->words[i].field_name, field_name) &&
            cp_same_word(map->words[i].words, cp_trim(words))) {
            *value = map->words[i].value;
            return true;
        }
    return false;
}

/* ------------------------------------------------------------------------------------------- lines */

static bool is_str(struct cp_bytes text, const char *wanted)
{
    return cp_bytes_eq(text, cp_bytes_str(wanted));
}

/* The field of a line's name. False: there is none. */
static bool find_field(struct cp_bytes name, struct cp_importmap_rule *rule)
{
    *rule = (struct cp_importmap_rule){.field_name = name};
    rule->rag = is_str(name, "rag");
    if (rule->rag || is_str(name, "text"))
        return true;
    rule->field = cp_sheet_field(name, &rule->field_name);
    return rule->field != NULL;
}

static enum cp_importmap_fault read_rule(struct cp_importmap *map, struct cp_bytes name,
                                         struct cp_bytes column, size_t line)
{
    struct cp_importmap_rule rule;

    if (is_str(name, "days") || is_str(name, "money")) {
        bool days = is_str(name, "days");
        if (days && cp_same_word(column, cp_bytes_str("day/month/year")))
            map->days = CP_DAYS_DMY;
        else if (days && cp_same_word(column, cp_bytes_str("month/day/year")))
            map->days = CP_DAYS_MDY;
        else if (!days && cp_same_word(column, cp_bytes_str("pounds")))
            map->money = CP_MONEY_POUNDS;
        else if (!days && cp_same_word(column, cp_bytes_str("pence")))
            map->money = CP_MONEY_PENCE;
        else
            return CP_IMPORTMAP_VALUE;
        return CP_IMPORTMAP_FINE;
    }
    if (!find_field(name, &rule))
        return CP_IMPORTMAP_FIELD;
    if (map->rules_count == CP_IMPORTMAP_RULES_MAX)
        return CP_IMPORTMAP_MANY;
    for (size_t i = 0; i < map->rules_count; i++)
        if (cp_bytes_eq(map->rules[i].field_name, rule.field_name) ||
            cp_bytes_eq(map->rules[i].column, column))
            return CP_IMPORTMAP_TWICE;
    rule.column = column;
    rule.line = line;
    map->rules[map->rules_count++] = rule;
    return CP_IMPORTMAP_FINE;
}

/* Values that can be judged without the plan at hand are judged here, where the line can be named. */
static bool value_fits(const struct cp_importmap_rule *rule, struct cp_bytes value)
{
    if (rule->rag)
        return is_str(value, "green") || is_str(value, "amber") || is_str(value, "red") ||
               is_str(value, "unknown");
    if (rule->field == NULL)
        return false; /* the action's own words mean what they say */
    if (cp_field_is_link(rule->field) || cp_field_is_int(rule->field))
        return value.len <= CP_NAME_MAX;
    return cp_field_check_text(rule->field, value, CP_RECORD_ACTION) == CP_OK;
}

static enum cp_importmap_fault read_words(struct cp_importmap *map, struct cp_bytes name,
                                          struct cp_bytes rest)
{
    struct cp_importmap_rule rule;
    size_t sign = rest.len;
    struct cp_importmap_words words = {.field_name = {NULL, 0}};

    while (sign > 0 && rest.ptr[sign - 1] != '=')
        sign--;
    if (sign == 0)
        return CP_IMPORTMAP_NO_SIGN;
    words.words = cp_trim(CP_BYTES(rest.ptr, sign - 1));
    words.value = cp_trim(CP_BYTES(rest.ptr + sign, rest.len - sign));
    if (words.words.len == 0 || words.value.len == 0)
        return CP_IMPORTMAP_NO_SIGN;
    if (!find_field(name, &rule))
        return CP_IMPORTMAP_FIELD;
    if (!value_fits(&rule, words.value))
        return CP_IMPORTMAP_VALUE;
    words.field_name = rule.field_name;
    for (size_t i = 0; i < map->words_count; i++)
        if (cp_bytes_eq(map->words[i].field_name, words.field_name) &&
            cp_same_word(map->words[i].words, words.words))
            return CP_IMPORTMAP_TWICE;
    if (map->words_count == CP_IMPORTMAP_WORDS_MAX)
        return CP_IMPORTMAP_MANY;
    map->words[map->words_count++] = words;
    return CP_IMPORTMAP_FINE;
}

static bool is_text(struct cp_bytes line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] < 0x20 && line.ptr[i] != '\t')
            return false;
    return cp_utf8_ok(line);
}

static enum cp_importmap_fault read_line(struct cp_importmap *map, struct cp_bytes line, size_t number,
                                         struct cp_bytes *word)
{
    size_t sign = 0;
    struct cp_bytes name;
    struct cp_bytes rest;

    while (line.len > 0 && is_blank(line.ptr[line.len - 1]))
        line.len--;
    *word = CP_BYTES(NULL, 0);
    if (!is_text(line))
        return CP_IMPORTMAP_NOT_TEXT;
    line = cp_trim(line);
    *word = line;
    if (line.len == 0 || line.ptr[0] == '#')
        return CP_IMPORTMAP_FINE;
    while (sign < line.len && line.ptr[sign] != '=' && line.ptr[sign] != ':')
        sign++;
    if (sign == line.len)
        return CP_IMPORTMAP_NO_SIGN;
    name = cp_trim(CP_BYTES(line.ptr, sign));
    rest = cp_trim(CP_BYTES(line.ptr + sign + 1, line.len - sign - 1));
    if (name.len == 0 || rest.len == 0)
        return CP_IMPORTMAP_NO_SIGN;
    return line.ptr[sign] == ':' ? read_words(map, name, rest) : read_rule(map, name, rest, number);
}

enum cp_importmap_fault cp_importmap_read(struct cp_importmap *out, struct cp_bytes file, size_t *line,
                                          struct cp_bytes *word)
{
    enum cp_importmap_fault fault = CP_IMPORTMAP_FINE;

    *out = (struct cp_importmap){.rules_count = 0};
    *line = 0;
    *word = CP_BYTES(NULL, 0);
    if (file.len >= 3 && memcmp(file.ptr, "\xef\xbb\xbf", 3) == 0) {
        file.ptr += 3;
        file.len -= 3;
    }
    while (fault == CP_IMPORTMAP_FINE && file.len > 0) {
        const uint8_t *end = memchr(file.ptr, '\n', file.len);
        size_t len = end != NULL ? (size_t)(end - file.ptr) : file.len;

        fault = read_line(out, CP_BYTES(file.ptr, len), ++*line, word);
        file.ptr += end != NULL ? len + 1 : len;
        file.len -= end != NULL ? len + 1 : len;
    }
    return fault;
}
