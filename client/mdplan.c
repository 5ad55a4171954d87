/* Pages of Markdown as plans. Owns: headings, and what stands under them. Must not: change words. */
#include "client/mdplan.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------- lines */

struct reading {
    struct cp_mdplan *plan;
    struct cp_bytes rest;
    size_t line;      /* of the line at hand, from 1 */
    uint8_t fence;    /* '`' or '~' within a fence of code; 0 outside */
    size_t fence_len; /* how many of them opened it */
    size_t indent;    /* blanks that the list of the part at hand puts before its lines */
};

/* The next line without its end; false after the last. */
static bool next_line(struct reading *r, struct cp_bytes *line)
{
    const uint8_t *end = NULL;

    if (r->rest.len == 0)
        return false;
    end = memchr(r->rest.ptr, '\n', r->rest.len);
    *line = r->rest;
    if (end != NULL)
        line->len = (size_t)(end - r->rest.ptr);
    r->rest.ptr += line->len + (end != NULL ? 1 : 0);
    r->rest.len -= line->len + (end != NULL ? 1 : 0);
    if (line->len > 0 && line->ptr[line->len - 1] == '\r')
        line->len--;
    r->line++;
    return true;
}

static enum cp_mdplan_fault judge(struct cp_bytes line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((line.ptr[i] < 0x20 && line.ptr[i] != '\t') || line.ptr[i] == 0x7f)
            return CP_MDPLAN_CONTROL;
    return cp_utf8_ok(line) ? CP_MDPLAN_FINE : CP_MDPLAN_NOT_UTF8;
}

static size_t blanks(struct cp_bytes line)
{
    size_t i = 0;

    while (i < line.len && line.ptr[i] == ' ')
        i++;
    return i;
}

static struct cp_bytes from(struct cp_bytes line, size_t at)
{
    return CP_BYTES(line.ptr + at, line.len - at);
}

/* The length of "- " or "12. " and its blanks at the start; 0: no list. */
static size_t list_mark(struct cp_bytes line)
{
    size_t i = 0;

    if (line.len > 1 && strchr("-*+", line.ptr[0]) != NULL && line.ptr[0] != '\0')
        i = 1;
    else
        while (i < line.len && i < 9 && line.ptr[i] >= '0' && line.ptr[i] <= '9')
            i++;
    if (i > 0 && line.ptr[0] >= '0' && line.ptr[0] <= '9')
        i = i < line.len && (line.ptr[i] == '.' || line.ptr[i] == ')') ? i + 1 : 0;
    return i > 0 && i < line.len && line.ptr[i] == ' ' ? i + blanks(from(line, i)) : 0;
}

/* Follows fences; true when the line belongs to code. */
static bool in_code(struct reading *r, struct cp_bytes line)
{
    size_t at = blanks(line);
    size_t count = 0;
    uint8_t mark = at < line.len ? line.ptr[at] : 0;

    if (mark != '`' && mark != '~')
        return r->fence != 0;
    while (at + count < line.len && line.ptr[at + count] == mark)
        count++;
    if (r->fence == 0) {
        /* Three backticks and another in the same line are words in code, not a fence. */
        if (count >= 3 &&
            (mark == '~' || memchr(line.ptr + at + count, '`', line.len - at - count) == NULL)) {
            r->fence = mark;
            r->fence_len = count;
            return true;
        }
        return false;
    }
    if (mark == r->fence && count >= r->fence_len && blanks(from(line, at + count)) == line.len - at - count)
        r->fence = 0;
    return true;
}

/* ------------------------------------------------------------------------------------------- headings */

/* A heading, alone or as the first thing of a list's point. */
static bool read_heading(struct cp_bytes line, struct cp_mdplan_part *part, size_t *indent)
{
    size_t before = blanks(line);
    size_t mark = list_mark(from(line, before));
    struct cp_bytes text = from(line, before + mark);
    size_t level = 0;

    /* Four blanks make code of a line, or words of the list's point above it. */
    if (before > 12 || (mark == 0 && before > 3))
        return false;
    while (level < text.len && text.ptr[level] == '#')
        level++;
    if (level == 0 || level > 6 || (level < text.len && text.ptr[level] != ' ' && text.ptr[level] != '\t'))
        return false;
    text = from(text, level);
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = from(text, 1);
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    /* A row of # at the end, behind a blank, closes the heading. */
    for (size_t end = text.len; end > 0 && text.ptr[end - 1] == '#'; end--)
        if (end >= 2 && text.ptr[end - 2] == ' ')
            text.len = end - 2;
    if (text.len == 0)
        return false;
    *part = (struct cp_mdplan_part){.level = level, .in_list = mark > 0, .title = text, .group = SIZE_MAX};
    *indent = mark > 0 ? before + (mark > 4 ? mark : 4) : before;
    return true;
}

static enum cp_mdplan_fault add_part(struct reading *r, const struct cp_mdplan_part *part)
{
    struct cp_mdplan *plan = r->plan;
    void *array = plan->parts;

    if (plan->count == CP_MDPLAN_HEADINGS_MAX)
        return CP_MDPLAN_MANY;
    if (cp_grow(plan->mem, &array, &plan->cap, plan->count + 1, SIZE_MAX, sizeof *plan->parts) != CP_OK)
        return CP_MDPLAN_NO_MEMORY;
    plan->parts = array;
    plan->parts[plan->count++] = *part;
    return CP_MDPLAN_FINE;
}

/* Copies what belongs to the last part into the text; the copies of one part follow each other. */
static void add_text(struct reading *r, struct cp_bytes line)
{
    struct cp_mdplan *plan = r->plan;
    struct cp_mdplan_part *part = &plan->parts[plan->count - 1];
    size_t cut = blanks(line);

    cut = cut < r->indent ? cut : r->indent;
    line = from(line, cut);
    if (part->body.len == 0 && blanks(line) == line.len)
        return; /* blank lines before the first words */
    if (part->body.len == 0)
        part->body.ptr = plan->text + plan->text_len;
    else
        plan->text[plan->text_len++] = '\n';
    memcpy(plan->text + plan->text_len, line.ptr, line.len);
    plan->text_len += line.len;
    part->body.len = (size_t)(plan->text + plan->text_len - part->body.ptr);
}

static void trim_end(struct cp_bytes *text)
{
    while (text->len > 0 && (text->ptr[text->len - 1] == '\n' || text->ptr[text->len - 1] == ' '))
        text->len--;
}

static size_t count_words(struct cp_bytes text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        bool blank = text.ptr[i] == ' ' || text.ptr[i] == '\n' || text.ptr[i] == '\t';
        bool first = i == 0 || text.ptr[i - 1] == ' ' || text.ptr[i - 1] == '\n' || text.ptr[i - 1] == '\t';
        count += !blank && first ? 1 : 0;
    }
    return count;
}

/* ------------------------------------------------------------------------------------------- what is what */

static void decide(struct cp_mdplan *plan)
{
    bool lists = false;
    size_t deepest = 0;
    size_t above[7] = {0};

    for (size_t i = 1; i < plan->count; i++) {
        lists = lists || plan->parts[i].in_list;
        deepest = plan->parts[i].level > deepest ? plan->parts[i].level : deepest;
    }
    /* above[n]: the last heading of level n that is not an action, plus one; deeper ones end with a shallower. */
    for (size_t i = 1; i < plan->count; i++) {
        struct cp_mdplan_part *part = &plan->parts[i];
        bool action = lists ? part->in_list : part->level == deepest;

        if (!action) {
            above[part->level] = i + 1;
            for (size_t level = part->level + 1; level <= 6; level++)
                above[level] = 0;
            continue;
        }
        part->use = CP_MDPLAN_ACTION;
        /* The title of the whole page is not what an action serves, unless nothing else is above it. */
        for (size_t level = 6; level >= 1 && part->group == SIZE_MAX; level--)
            if (above[level] > 0)
                part->group = above[level] - 1;
        if (part->group != SIZE_MAX)
            plan->parts[part->group].use = CP_MDPLAN_GROUP;
    }
}

static enum cp_mdplan_fault judge_lengths(const struct cp_mdplan *plan, size_t *line)
{
    for (size_t i = 1; i < plan->count; i++) {
        const struct cp_mdplan_part *part = &plan->parts[i];

        *line = part->line;
        if (part->use != CP_MDPLAN_LEFT && part->title.len > CP_TEXT_MAX)
            return CP_MDPLAN_LONG_LINE;
        if (part->use != CP_MDPLAN_LEFT && part->body.len > CP_TEXT_MAX)
            return CP_MDPLAN_LONG_TEXT;
    }
    return CP_MDPLAN_FINE;
}

static enum cp_mdplan_fault read_lines(struct reading *r)
{
    struct cp_bytes line;
    struct cp_mdplan_part part = {.use = CP_MDPLAN_LEFT, .group = SIZE_MAX};
    enum cp_mdplan_fault fault = add_part(r, &part); /* what stands before the first heading */
    bool front = false;

    while (fault == CP_MDPLAN_FINE && next_line(r, &line)) {
        bool rule = line.len == 3 && memcmp(line.ptr, "---", 3) == 0;
        size_t indent = 0;

        fault = judge(line);
        if (fault != CP_MDPLAN_FINE)
            break;
        if ((r->line == 1 && rule) || front) {
            front = !(rule && r->line > 1);
            add_text(r, line);
        } else if (!in_code(r, line) && read_heading(line, &part, &indent)) {
            part.line = r->line;
            memcpy(r->plan->text + r->plan->text_len, part.title.ptr, part.title.len);
            part.title.ptr = r->plan->text + r->plan->text_len;
            r->plan->text_len += part.title.len;
            r->indent = indent;
            fault = add_part(r, &part);
        } else {
            add_text(r, line);
        }
    }
    return fault;
}

enum cp_mdplan_fault cp_mdplan_read(struct cp_mdplan *out, const struct cp_mem *mem, struct cp_bytes file,
                                    size_t *line)
{
    struct reading r = {.plan = out, .rest = file};
    enum cp_mdplan_fault fault = CP_MDPLAN_NO_MEMORY;

    *out = (struct cp_mdplan){.mem = mem};
    *line = 0;
    if (file.len >= 3 && memcmp(file.ptr, "\xef\xbb\xbf", 3) == 0)
        r.rest = from(file, 3);
    /* Every line is copied once at most, with a line end. */
    out->text = cp_alloc(mem, file.len + 2);
    if (out->text != NULL)
        fault = read_lines(&r);
    *line = r.line;
    for (size_t i = 0; fault == CP_MDPLAN_FINE && i < out->count; i++) {
        trim_end(&out->parts[i].body);
        out->parts[i].words = count_words(out->parts[i].body);
    }
    if (fault == CP_MDPLAN_FINE && out->count == 1) {
        *line = 1;
        fault = CP_MDPLAN_EMPTY;
    }
    if (fault == CP_MDPLAN_FINE) {
        decide(out);
        fault = judge_lengths(out, line);
    }
    if (fault != CP_MDPLAN_FINE)
        cp_mdplan_clear(out);
    return fault;
}

void cp_mdplan_clear(struct cp_mdplan *plan)
{
    if (plan->mem != NULL) {
        cp_free(plan->mem, plan->parts);
        cp_free(plan->mem, plan->text);
    }
    *plan = (struct cp_mdplan){.mem = plan->mem};
}
