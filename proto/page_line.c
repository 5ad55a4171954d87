/* Lines of a version text (page_line.h). Owns: the walk. Must not: judge a text. */
#include "proto/page_line.h"

#include <string.h>

#include "proto/text_lines.h"

/* "due" of "  due: 2031-05-01"; the colon of a column's name stands behind a backslash. */
static struct cp_bytes label_of(struct cp_bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\\')
            i++;
        else if (line.ptr[i] == ':' && (i + 1 == line.len || line.ptr[i + 1] == ' '))
            return CP_BYTES(line.ptr, i);
    }
    return CP_BYTES(line.ptr, 0);
}

/* Reads the current line of a walk; *block is the one before it, and becomes its own. */
static void read_line(const struct cp_text_lines *l, size_t number, struct cp_bytes *block,
                      struct cp_page_line *out)
{
    *out = (struct cp_page_line){.number = number, .words = l->line};
    bool fact = cp_text_cut(&out->words, "  ");
    if (fact)
        out->label = label_of(out->words);
    else
        *block = l->line;
    out->block = *block;
}

bool cp_page_line_at(struct cp_bytes text, uint64_t number, struct cp_page_line *out)
{
    struct cp_text_lines l;
    struct cp_bytes block = CP_BYTES(NULL, 0);
    size_t at = 1;
    cp_text_lines_init(&l, text);
    for (; l.more; cp_text_lines_next(&l), at++) {
        read_line(&l, at, &block, out);
        if (at == number)
            return out->words.len > 0;
    }
    return false;
}

bool cp_page_line_item(const struct cp_page_line *line, uint8_t item[static CP_ID_LEN])
{
    struct cp_bytes b = line->block;
    const uint8_t *space = b.len == 0 ? NULL : memchr(b.ptr, ' ', b.len);
    if (space == NULL)
        return false;
    size_t len = (size_t)(space - b.ptr);
    enum cp_record kind = cp_item_kind_of_word(CP_BYTES(b.ptr, len));
    b = CP_BYTES(space + 1, b.len - len - 1);
    return kind != CP_RECORD_COUNT && cp_text_cut_id(&b, item) && b.len == 0;
}

bool cp_page_line_of(struct cp_bytes text, const uint8_t *item, struct cp_bytes field,
                     struct cp_page_line *out)
{
    struct cp_text_lines l;
    struct cp_bytes block = CP_BYTES(NULL, 0);
    size_t at = 1;
    cp_text_lines_init(&l, text);
    for (; l.more; cp_text_lines_next(&l), at++) {
        uint8_t of[CP_ID_LEN];
        read_line(&l, at, &block, out);
        struct cp_bytes begins = block;
        bool here = item == NULL ? cp_text_cut(&begins, "plan ")
                                 : cp_page_line_item(out, of) && memcmp(of, item, CP_ID_LEN) == 0;
        if (here && out->words.len > 0 && cp_bytes_eq(out->label, field))
            return true;
    }
    return false;
}

const char *cp_page_line_now_word(enum cp_page_line_now now)
{
    switch (now) {
    case CP_LINE_SAME:
        return "same";
    case CP_LINE_CHANGED:
        return "changed";
    case CP_LINE_GONE:
        return "gone";
    }
    return "gone";
}

static bool same_field(const struct cp_page_line *a, const struct cp_page_line *b)
{
    return a->label.len > 0 && cp_bytes_eq(a->label, b->label) && cp_bytes_eq(a->block, b->block);
}

/* How many lines of the text are of the same field; *out is the last of them. */
static size_t count_field(struct cp_bytes text, const struct cp_page_line *line, struct cp_page_line *out)
{
    struct cp_text_lines l;
    struct cp_bytes block = CP_BYTES(NULL, 0);
    size_t at = 1, count = 0;
    cp_text_lines_init(&l, text);
    for (; l.more; cp_text_lines_next(&l), at++) {
        struct cp_page_line here;
        read_line(&l, at, &block, &here);
        if (!same_field(&here, line))
            continue;
        *out = here;
        count++;
    }
    return count;
}

enum cp_page_line_now cp_page_line_find(struct cp_bytes text, struct cp_bytes from,
                                        const struct cp_page_line *line, struct cp_page_line *out)
{
    struct cp_text_lines l;
    struct cp_bytes block = CP_BYTES(NULL, 0);
    size_t at = 1;
    cp_text_lines_init(&l, text);
    for (; l.more; cp_text_lines_next(&l), at++) {
        read_line(&l, at, &block, out);
        if (cp_bytes_eq(out->words, line->words) && cp_bytes_eq(out->block, line->block))
            return CP_LINE_SAME;
    }
    if (count_field(from, line, out) == 1 && count_field(text, line, out) == 1)
        return CP_LINE_CHANGED;
    *out = (struct cp_page_line){.number = 0};
    return CP_LINE_GONE;
}
