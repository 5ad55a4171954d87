/* Printing for people. Owns: what is safe on a terminal. Must not: talk to the daemon. */
#include "client/show.h"

#include <inttypes.h>

#include "client/value.h"
#include "client/words_page.h"

/* Deeper than any row that a command prints begins. */
#define INDENT_OF_VALUES 8U

/* Characters that move, turn or hide what stands around them; controls are judged apart. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0xfdd0, 0xfdef},
};

bool cp_show_is_hidden(uint32_t character)
{
    /* The last two of each plane are no characters. */
    if (character < 0x20 || (character >= 0x7f && character < 0xa0) || (character & 0xfffeU) == 0xfffeU)
        return true;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (character >= hidden[i].first && character <= hidden[i].last)
            return true;
    return false;
}

/* One character of UTF-8; a byte that is none counts as itself in the range of controls. */
static size_t decode(struct cp_bytes text, size_t at, uint32_t *character)
{
    uint8_t first = text.ptr[at];
    size_t len = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

    if (len > text.len - at || !cp_utf8_ok(CP_BYTES(text.ptr + at, len))) {
        *character = 0x80;
        return 1;
    }
    *character = len == 1 ? first : first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++)
        *character = (*character << 6) | (text.ptr[at + i] & 0x3fU);
    return len;
}

/* Every line after the first begins with `indent` blanks and `mark`. */
static void put_safe(struct cp_bytes text, size_t indent, const char *mark, struct cp_buf *out)
{
    char escape[16];

    for (size_t at = 0; at < text.len;) {
        size_t plain = at; /* most words are plain letters: as they are, in one piece */
        while (plain < text.len && text.ptr[plain] >= 0x20 && text.ptr[plain] < 0x7f)
            plain++;
        cp_buf_put(out, text.ptr + at, plain - at);
        at = plain;
        if (at == text.len)
            return;
        uint32_t character = 0;
        size_t len = decode(text, at, &character);

        if (character == '\n') {
            cp_buf_put_byte(out, '\n');
            for (size_t i = 0; i < indent; i++)
                cp_buf_put_byte(out, ' ');
            cp_buf_put_str(out, mark);
        } else if (character == '\t') {
            cp_buf_put_byte(out, ' ');
        } else if (cp_show_is_hidden(character)) {
            snprintf(escape, sizeof escape, "\\u{%" PRIx32 "}", character);
            cp_buf_put_str(out, escape);
        } else {
            cp_buf_put(out, text.ptr + at, len);
        }
        at += len;
    }
}

void cp_show_safe(struct cp_bytes text, size_t indent, struct cp_buf *out)
{
    put_safe(text, indent, "", out);
}

void cp_show_put_value(const char *text, size_t indent, struct cp_buf *out)
{
    put_safe(cp_bytes_str(text), indent > INDENT_OF_VALUES ? indent : INDENT_OF_VALUES, "| ", out);
}

static void print(FILE *out, struct cp_buf *buf)
{
    fwrite(buf->ptr != NULL ? buf->ptr : (const uint8_t *)"", 1, buf->len, out);
    cp_buf_clear(buf);
}

void cp_show_text(FILE *out, const char *text, size_t indent)
{
    struct cp_buf buf;

    cp_buf_init(&buf, &cp_client_mem, SIZE_MAX / 2);
    cp_show_put_value(text, indent, &buf);
    print(out, &buf);
}

void cp_show_lines(FILE *out, const char *text, size_t indent)
{
    struct cp_buf buf;

    cp_buf_init(&buf, &cp_client_mem, SIZE_MAX / 2);
    cp_show_safe(cp_bytes_str(text), indent, &buf);
    print(out, &buf);
}

void cp_show_fill(const char *sentence, const char *const args[static 4], struct cp_buf *out)
{
    const char *safe[4] = {NULL, NULL, NULL, NULL};
    struct cp_buf values[4];

    for (size_t i = 0; i < 4; i++) {
        cp_buf_init(&values[i], out->mem, SIZE_MAX / 2);
        if (args[i] == NULL)
            continue;
        cp_show_put_value(args[i], 0, &values[i]);
        cp_buf_put_byte(&values[i], 0);
        if (cp_buf_err(&values[i]) == CP_OK)
            safe[i] = (const char *)values[i].ptr;
        else if (out->err == CP_OK)
            out->err = cp_buf_err(&values[i]);
    }
    cp_words_fill(sentence, safe, out);
    for (size_t i = 0; i < 4; i++)
        cp_buf_clear(&values[i]);
}

void cp_show(FILE *out, enum cp_screen id, const char *a, const char *b, const char *c, const char *d)
{
    cp_show_part(out, id, a, b, c, d);
    fputs("\n", out);
}

void cp_show_part(FILE *out, enum cp_screen id, const char *a, const char *b, const char *c, const char *d)
{
    const char *const args[4] = {a, b, c, d};
    struct cp_buf filled;

    cp_buf_init(&filled, &cp_client_mem, SIZE_MAX / 2);
    cp_show_fill(cp_words_screen(id), args, &filled);
    print(out, &filled);
}

void cp_show_value(FILE *out, json_t *value, size_t indent)
{
    const char *key = NULL;
    json_t *inner = NULL;
    size_t i = 0;

    if (json_is_string(value)) {
        cp_show_text(out, json_string_value(value), indent);
    } else if (json_is_integer(value)) {
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        cp_show_part(out, json_is_true(value) ? CP_SAY_SHOW_TRUE : CP_SAY_SHOW_FALSE, NULL, NULL, NULL, NULL);
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, inner)
        {
            fputs(i > 0 ? ", " : "", out);
            cp_show_value(out, inner, indent);
        }
    } else if (json_is_object(value)) {
        i = 0;
        json_object_foreach(value, key, inner)
        {
            fputs(i++ > 0 ? ", " : "", out);
            cp_show_text(out, key, indent);
            fputs(" ", out);
            cp_show_value(out, inner, indent);
        }
    }
}

static char *next_buffer(void)
{
    static char buffers[8][64];
    static size_t next;

    next = (next + 1) % 8;
    return buffers[next];
}

const char *cp_show_id(const char *id)
{
    char *out = next_buffer();

    snprintf(out, 64, "%.12s", id);
    return out;
}

const char *cp_show_number(int64_t number)
{
    char *out = next_buffer();

    snprintf(out, 64, "%" PRId64, number);
    return out;
}

/* By our own names of months: the machine may have none in the language spoken. "" when it does not fit. */
static void put_time(const struct tm *when, char *out, size_t size)
{
    char parts[3][16];
    const char *const args[4] = {parts[0], cp_words_month(when->tm_mon + 1), parts[1], parts[2]};
    struct cp_buf text;

    strftime(parts[0], sizeof parts[0], when->tm_mday < 10 ? "%e" : "%d", when);
    if (parts[0][0] == ' ')
        memmove(parts[0], parts[0] + 1, strlen(parts[0]));
    strftime(parts[1], sizeof parts[1], "%Y", when);
    strftime(parts[2], sizeof parts[2], "%H:%M", when);
    cp_buf_init(&text, &cp_client_mem, size);
    cp_words_fill(cp_words_screen(CP_SAY_SHOW_TIME), args, &text);
    cp_buf_put_byte(&text, 0);
    if (cp_buf_err(&text) == CP_OK)
        memcpy(out, text.ptr, text.len);
    cp_buf_clear(&text);
}

const char *cp_show_time(int64_t ms)
{
    char *out = next_buffer();
    time_t seconds = (time_t)(ms / 1000);
    struct tm when;

    out[0] = '\0';
    if (ms > 0 && localtime_r(&seconds, &when) != NULL)
        put_time(&when, out, 64);
    return out;
}

const char *cp_show_title(json_t *row)
{
    return cp_json_true(row, "title_withdrawn") ? cp_words_screen(CP_SAY_WORDS_GONE)
                                                : cp_json_text(row, "title");
}
