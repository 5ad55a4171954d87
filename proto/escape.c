/*
 * Escapes: how any text stands on one line and shows everything that is in it.
 * Owns: which characters are escaped. Must not: judge what a text says.
 *
 * Backslash is \\, LF is \n, and every other character below is \u{HEX} in lower case without leading zeros:
 * controls (C0, DEL, C1), line and paragraph separators, bidirectional formatting, everything that Unicode calls
 * default ignorable except the variation selectors FE00 to FE0F (emoji need them and they cannot move or hide a
 * letter), FFF0 to FFFB, tag characters and noncharacters. So one text has one escaped form, no value can begin
 * a line, and none can make a reader see another order or other letters than those that are there.
 */
#include "proto/text_lines.h"
#include "proto/version.h"

#include <string.h>

/* First and last character of each escaped range, ascending. The last two of each plane are in escaped(). */
static const uint32_t ranges[][2] = {
    {0x0000, 0x001f}, {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c},
    {0x115f, 0x1160}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f}, {0x3164, 0x3164},   {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool escaped(uint32_t c)
{
    if (c == '\\' || (c & 0xfffeU) == 0xfffeU)
        return true;
    if (c >= 0x20 && c < 0x7f)
        return false;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

/* The character at p, which is well-formed UTF-8; *len is how many bytes it takes. */
static uint32_t decode(const uint8_t *p, size_t *len)
{
    uint32_t c = p[0];
    *len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (*len == 1)
        return c;
    c &= 0x7fU >> *len;
    for (size_t i = 1; i < *len; i++)
        c = c << 6 | (p[i] & 0x3fU);
    return c;
}

/* Writes c as UTF-8 and returns the length; 0 for what UTF-8 cannot say, and for NUL, which no text holds. */
static size_t encode(uint32_t c, uint8_t out[4])
{
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80U | (c & 0x3fU));
        c >>= 6;
    }
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (uint8_t)(lead[len] | c);
    return len;
}

static void put_escape(struct cp_buf *out, uint32_t c)
{
    if (c == '\\' || c == '\n') {
        cp_buf_put_str(out, c == '\n' ? "\\n" : "\\\\");
        return;
    }
    char hex[8];
    size_t at = sizeof hex;
    do {
        hex[--at] = "0123456789abcdef"[c & 15U];
        c >>= 4;
    } while (c != 0);
    cp_buf_put_str(out, "\\u{");
    cp_buf_put(out, hex + at, sizeof hex - at);
    cp_buf_put_byte(out, '}');
}

void cp_text_put(struct cp_buf *out, struct cp_bytes value, uint8_t also)
{
    size_t plain = 0, len = 0;
    if (!cp_utf8_ok(value)) {
        if (out->err == CP_OK)
            out->err = CP_ERR_BAD_TEXT;
        return;
    }
    for (size_t i = 0; i < value.len; i += len) {
        uint32_t c = decode(value.ptr + i, &len);
        bool marked = also != 0 && c == also;
        if (!marked && !escaped(c))
            continue;
        cp_buf_put(out, value.ptr + plain, i - plain);
        plain = i + len;
        if (marked) {
            cp_buf_put_byte(out, '\\');
            cp_buf_put_byte(out, also);
        } else {
            put_escape(out, c);
        }
    }
    if (plain < value.len)
        cp_buf_put(out, value.ptr + plain, value.len - plain);
}

/* One escape at the front of raw (a backslash). Returns its length and sets *c; 0 when it is none of ours. */
static size_t read_escape(struct cp_bytes raw, uint8_t also, uint32_t *c)
{
    if (raw.len < 2)
        return 0;
    uint8_t kind = raw.ptr[1];
    if (kind == '\\' || kind == 'n' || (also != 0 && kind == also)) {
        *c = kind == 'n' ? '\n' : kind;
        return 2;
    }
    if (kind != 'u' || raw.len < 5 || raw.ptr[2] != '{' || raw.ptr[3] == '0')
        return 0;
    *c = 0;
    for (size_t i = 3; i < raw.len && i < 10; i++) {
        uint8_t d = raw.ptr[i];
        if (d == '}')
            return i > 3 && escaped(*c) && *c != '\\' && *c != '\n' ? i + 1 : 0;
        bool number = d >= '0' && d <= '9', letter = d >= 'a' && d <= 'f';
        if (!number && !letter)
            return 0;
        *c = *c << 4 | (number ? d - (uint32_t)'0' : d - (uint32_t)'a' + 10);
    }
    return 0;
}

/* Unescapes into `out`, which has room for raw.len bytes. Returns false on what cp_text_put does not write. */
static bool unescape(struct cp_bytes raw, uint8_t also, uint8_t *out, size_t *out_len)
{
    size_t len = 0, step = 0;
    if (!cp_utf8_ok(raw))
        return false;
    for (size_t i = 0; i < raw.len; i += step) {
        uint32_t c = decode(raw.ptr + i, &step);
        if (c == '\\') {
            uint8_t utf8[4];
            step = read_escape(CP_BYTES(raw.ptr + i, raw.len - i), also, &c);
            size_t n = step == 0 ? 0 : encode(c, utf8);
            if (n == 0)
                return false;
            memcpy(out + len, utf8, n);
            len += n;
            continue;
        }
        if (escaped(c) || (also != 0 && c == also))
            return false;
        memcpy(out + len, raw.ptr + i, step);
        len += step;
    }
    *out_len = len;
    return true;
}

void cp_escape(struct cp_bytes value, struct cp_buf *out)
{
    cp_text_put(out, value, 0);
}

bool cp_unescape(struct cp_bytes line, struct cp_buf *out)
{
    size_t before = out->len, len = 0;
    if (line.len == 0)
        return true;
    uint8_t *room = cp_buf_space(out, line.len);
    if (room == NULL)
        return false;
    bool ok = unescape(line, 0, room, &len);
    out->len = before + (ok ? len : 0);
    return ok;
}

bool cp_text_value(struct cp_text_arena *arena, struct cp_bytes raw, uint8_t also, struct cp_bytes *out)
{
    size_t len = 0;
    if (raw.len == 0) {
        *out = raw;
        return true;
    }
    if (!unescape(raw, also, arena->at, &len))
        return false;
    if (len == raw.len) { /* nothing was escaped: the text itself will do */
        *out = raw;
        return true;
    }
    *out = CP_BYTES(arena->at, len);
    arena->at += len;
    return true;
}

/* ---- Lines ---- */

void cp_text_lines_init(struct cp_text_lines *l, struct cp_bytes text)
{
    *l = (struct cp_text_lines){.rest = text};
    cp_text_lines_next(l);
}

void cp_text_lines_next(struct cp_text_lines *l)
{
    const uint8_t *end = l->rest.len == 0 ? NULL : memchr(l->rest.ptr, '\n', l->rest.len);
    l->more = end != NULL;
    if (end == NULL) {
        l->line = CP_BYTES(NULL, 0);
        return;
    }
    size_t len = (size_t)(end - l->rest.ptr);
    l->line = CP_BYTES(l->rest.ptr, len);
    l->rest = CP_BYTES(end + 1, l->rest.len - len - 1);
}

bool cp_text_line_is(const struct cp_text_lines *l, const char *s)
{
    return l->more && cp_bytes_eq(l->line, cp_bytes_str(s));
}

bool cp_text_line_take(struct cp_text_lines *l, const char *s)
{
    if (!cp_text_line_is(l, s))
        return false;
    cp_text_lines_next(l);
    return true;
}

bool cp_text_cut(struct cp_bytes *b, const char *prefix)
{
    size_t len = strlen(prefix);
    if (b->len < len || (len != 0 && memcmp(b->ptr, prefix, len) != 0))
        return false;
    *b = CP_BYTES(len == 0 ? b->ptr : b->ptr + len, b->len - len);
    return true;
}

bool cp_text_cut_id(struct cp_bytes *b, uint8_t out[static CP_ID_LEN])
{
    if (b->len < CP_ID_LEN * 2 || !cp_hex_decode(CP_BYTES(b->ptr, CP_ID_LEN * 2), out, CP_ID_LEN))
        return false;
    *b = CP_BYTES(b->ptr + CP_ID_LEN * 2, b->len - CP_ID_LEN * 2);
    return true;
}

bool cp_text_number(struct cp_bytes b, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;
    if (b.len == 0 || b.len > 19 || (b.ptr[0] == '0' && b.len > 1))
        return false;
    for (size_t i = 0; i < b.len; i++) {
        if (b.ptr[i] < '0' || b.ptr[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(b.ptr[i] - '0');
    }
    *out = n;
    return n <= max;
}
