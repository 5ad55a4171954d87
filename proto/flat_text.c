/* Texts from a table of lines (flat_text.h). Owns: that reading and writing agree byte for byte. */
#include "proto/flat_text.h"

#include <string.h>

#include "proto/kinds.h"
#include "proto/sshsig.h"
#include "proto/text_lines.h"

#define LAST_LINE "end"

static bool says_nothing(const struct cp_flat_line *l, const uint8_t *at)
{
    static const uint8_t zero[CP_ID_LEN];
    struct cp_bytes text;
    if (l->type == CP_FLAT_ID || l->type == CP_FLAT_KEY)
        return memcmp(at, zero, CP_ID_LEN) == 0;
    memcpy(&text, at, sizeof text);
    return text.len == 0;
}

static void put_line(const struct cp_flat_line *l, const uint8_t *at, struct cp_buf *out)
{
    struct cp_bytes text;
    cp_buf_put_str(out, l->label);
    switch (l->type) {
    case CP_FLAT_ID:
        cp_buf_put_hex(out, CP_BYTES(at, CP_ID_LEN));
        break;
    case CP_FLAT_KEY:
        cp_ssh_public(at, out);
        break;
    case CP_FLAT_TEXT:
    case CP_FLAT_DAY:
    case CP_FLAT_YESNO:
        memcpy(&text, at, sizeof text);
        cp_text_put(out, text, 0);
        break;
    }
    cp_buf_put_byte(out, '\n');
}

void cp_flat_write(const struct cp_flat *f, const void *s, struct cp_buf *out)
{
    cp_buf_put_str(out, f->first);
    cp_buf_put_byte(out, '\n');
    for (size_t i = 0; i < f->count; i++) {
        const uint8_t *at = (const uint8_t *)s + f->lines[i].at;
        if (!f->lines[i].optional || !says_nothing(&f->lines[i], at))
            put_line(&f->lines[i], at, out);
    }
    cp_buf_put_str(out, LAST_LINE "\n");
}

static bool text_fits(enum cp_flat_type type, struct cp_bytes text)
{
    const struct cp_field day = {.on = UINT32_MAX, .type = CP_TYPE_DATE};
    if (type == CP_FLAT_DAY)
        return cp_field_check_text(&day, text, CP_RECORD_COUNT) == CP_OK;
    return type == CP_FLAT_YESNO ? cp_word_in("yes|no", text) : text.len > 0;
}

/* Takes the current line when it is this one. */
static bool take_line(struct cp_text_lines *lines, const struct cp_flat_line *l, uint8_t *at,
                      struct cp_text_arena *arena)
{
    struct cp_bytes line = lines->line, text = {NULL, 0};
    if (!lines->more || !cp_text_cut(&line, l->label))
        return false;
    if (l->type == CP_FLAT_ID) {
        if (!cp_text_cut_id(&line, at) || line.len != 0)
            return false;
    } else if (l->type == CP_FLAT_KEY) {
        if (cp_ssh_public_read(line, at) != CP_OK)
            return false;
    } else {
        if (line.len == 0 || !cp_text_value(arena, line, 0, &text) || !text_fits(l->type, text))
            return false;
        memcpy(at, &text, sizeof text);
    }
    cp_text_lines_next(lines);
    return true;
}

static bool read_lines(const struct cp_flat *f, uint8_t *s, struct cp_text_arena arena, struct cp_bytes text)
{
    struct cp_text_lines lines;
    cp_text_lines_init(&lines, text);
    if (!cp_text_line_take(&lines, f->first))
        return false;
    for (size_t i = 0; i < f->count; i++)
        if (!take_line(&lines, &f->lines[i], s + f->lines[i].at, &arena) && !f->lines[i].optional)
            return false;
    return cp_text_line_take(&lines, LAST_LINE) && !lines.more && lines.rest.len == 0;
}

enum cp_err cp_flat_read(const struct cp_flat *f, void *s, const struct cp_mem *mem, struct cp_bytes text,
                         void **block)
{
    struct cp_buf again;
    *block = NULL;
    if (text.len > CP_ANSWER_TEXT_MAX)
        return CP_ERR_TOO_BIG;
    *block = cp_alloc(mem, text.len + 1);
    if (*block == NULL)
        return CP_ERR_NO_MEMORY;
    cp_buf_init(&again, mem, CP_ANSWER_TEXT_MAX);
    enum cp_err err = read_lines(f, s, (struct cp_text_arena){*block}, text) ? CP_OK : CP_ERR_NOT_GOOD;
    if (err == CP_OK) {
        cp_flat_write(f, s, &again);
        err = cp_buf_err(&again) == CP_ERR_NO_MEMORY ? CP_ERR_NO_MEMORY : CP_OK;
        if (err == CP_OK && (cp_buf_err(&again) != CP_OK || !cp_bytes_eq(cp_buf_bytes(&again), text)))
            err = CP_ERR_NOT_GOOD;
    }
    cp_buf_clear(&again);
    if (err != CP_OK) {
        cp_free(mem, *block);
        *block = NULL;
    }
    return err;
}
