/*
 * Reads version texts (layout: version.c). Any bytes in; a version or an error out.
 * Owns: what a version must keep to for anyone to be asked to sign it. Must not: judge what is planned.
 *
 * Two walks over the text by the same code: the first judges and counts, the second also fills arrays of exactly
 * that size. At the end the version is written again, and must give the same bytes.
 */
#include <string.h>

#include "proto/rule.h"
#include "proto/sshsig.h"
#include "proto/text_lines.h"
#include "proto/version.h"
#include "proto/version_text.h"

struct reader {
    struct cp_text_lines lines;
    bool fill; /* second walk: the arrays are there */
    struct cp_text_arena arena;
    struct cp_fact *facts;
    struct cp_version_item *items;
    struct cp_bytes *reasons;
    struct cp_version_person *people; /* who must answer, then who is kept informed */
    struct cp_bytes *perspectives;
    uint8_t (*parents)[CP_ID_LEN];
    size_t facts_count, items_count, reasons_count, people_count, perspectives_count, parents_count;
    struct cp_version *v;
};

static bool empty_line(struct reader *r)
{
    return cp_text_line_take(&r->lines, "");
}

/* A line "WORD HEX64": goes past it. False where the line is another. */
static bool take_head(struct reader *r, const char *word, uint8_t *id)
{
    struct cp_bytes line = r->lines.line;
    if (!cp_text_cut(&line, word) || !cp_text_cut(&line, " ") || !cp_text_cut_id(&line, id) || line.len != 0)
        return false;
    cp_text_lines_next(&r->lines);
    return true;
}

/* Cuts an indented line into label and raw value at the first colon that no backslash stands before. */
static bool cut_label(struct cp_bytes line, struct cp_bytes *label, struct cp_bytes *value)
{
    size_t at = 0;
    if (!cp_text_cut(&line, CP_VT_INDENT))
        return false;
    while (at < line.len && line.ptr[at] != ':')
        at += line.ptr[at] == '\\' ? 2 : 1;
    if (at >= line.len)
        return false;
    *label = CP_BYTES(line.ptr, at);
    *value = CP_BYTES(line.ptr + at + 1, line.len - at - 1);
    if (value->len == 0)
        return true;
    return cp_text_cut(value, " ") && value->len > 0;
}

/* A line "  LABEL: VALUE": goes past it. */
static bool take_line(struct reader *r, const char *label, struct cp_bytes *value)
{
    struct cp_bytes found, raw;
    if (!cut_label(r->lines.line, &found, &raw) || !cp_bytes_eq(found, cp_bytes_str(label)))
        return false;
    cp_text_lines_next(&r->lines);
    return cp_text_value(&r->arena, raw, 0, value);
}

/* ---- Facts ---- */

/* Finds the field that a label names, and what else the label says. */
static const struct cp_field *read_label(struct reader *r, struct cp_bytes label, enum cp_record on,
                                         struct cp_fact *fact)
{
    if (cp_text_cut(&label, CP_VT_COLUMN)) {
        const struct cp_field *f = cp_field_by_code(CP_FIELD_COLUMN);
        bool ok = cp_text_value(&r->arena, label, ':', &fact->column) && fact->column.len <= CP_TEXT_MAX;
        return ok && (f->on & 1U << (unsigned)on) != 0 ? f : NULL;
    }
    for (size_t i = 0; i < label.len; i++) {
        struct cp_bytes lang = CP_BYTES(label.ptr + i, label.len - i);
        if (!cp_text_cut(&lang, CP_VT_IN))
            continue;
        fact->lang = lang;
        label.len = i;
        const struct cp_field tag = {.on = UINT32_MAX, .type = CP_TYPE_LANG};
        if (cp_field_check_text(&tag, lang, CP_RECORD_COUNT) != CP_OK)
            return NULL;
    }
    const struct cp_field *f = cp_field_by_name(label, on);
    if (f != NULL && fact->lang.len > 0 && (f->type != CP_TYPE_TEXT || f->list))
        return NULL;
    return f;
}

/* HEX64, HEX64 NAME, or for costs NUMBER of HEX64. */
static bool read_link(struct reader *r, const struct cp_field *f, struct cp_bytes raw, struct cp_fact *fact)
{
    uint8_t id[CP_ID_LEN];
    if (f->type == CP_TYPE_COST) {
        size_t digits = 0;
        uint64_t amount = 0;
        while (digits < raw.len && raw.ptr[digits] >= '0' && raw.ptr[digits] <= '9')
            digits++;
        fact->also = CP_BYTES(raw.ptr, digits);
        raw = CP_BYTES(raw.ptr + digits, raw.len - digits);
        if (!cp_text_number(fact->also, (uint64_t)f->max, &amount) || !cp_text_cut(&raw, CP_VT_OF))
            return false;
    }
    fact->value = CP_BYTES(raw.ptr, CP_ID_LEN * 2);
    if (!cp_text_cut_id(&raw, id))
        return false;
    if (raw.len == 0 || f->type == CP_TYPE_COST)
        return raw.len == 0;
    return cp_text_cut(&raw, " ") && raw.len > 0 && cp_text_value(&r->arena, raw, 0, &fact->also);
}

static bool read_fact(struct reader *r, struct cp_bytes label, struct cp_bytes raw, enum cp_record on,
                      struct cp_fact *fact)
{
    uint64_t number = 0;
    *fact = (struct cp_fact){0};
    const struct cp_field *f = read_label(r, label, on, fact);
    if (f == NULL)
        return false;
    fact->field = f->code;
    if (cp_field_is_link(f))
        return raw.len > 0 && read_link(r, f, raw, fact);
    if (!cp_text_value(&r->arena, raw, 0, &fact->value))
        return false;
    if (cp_field_is_int(f))
        return cp_text_number(fact->value, CP_INT_MAX, &number) &&
               cp_field_check_int(f, (int64_t)number) == CP_OK;
    return cp_field_check_text(f, fact->value, on) == CP_OK;
}

/* The order in which facts stand; fields lie in one array, so their addresses are their order. */
static bool fact_follows(const struct cp_fact *a, const struct cp_fact *b)
{
    const struct cp_field *f = cp_field_by_code(a->field), *g = cp_field_by_code(b->field);
    if (f != g)
        return f < g;
    return f->list || f->type == CP_TYPE_COLUMN || cp_bytes_cmp(a->lang, b->lang) < 0;
}

/* The indented lines of a block, and the empty line after them. */
static bool read_facts(struct reader *r, enum cp_record on, const struct cp_fact **facts, size_t *count)
{
    size_t start = r->facts_count;
    struct cp_bytes label, raw;
    struct cp_fact fact, last = {0};
    for (; cut_label(r->lines.line, &label, &raw); cp_text_lines_next(&r->lines)) {
        if (!read_fact(r, label, raw, on, &fact) || (last.field != 0 && !fact_follows(&last, &fact)))
            return false;
        if (r->fill)
            r->facts[r->facts_count] = fact;
        r->facts_count++;
        last = fact;
    }
    *count = r->facts_count - start;
    *facts = *count > 0 && r->fill ? r->facts + start : NULL;
    return empty_line(r);
}

/* ---- Blocks ---- */

/* Item blocks until a line begins otherwise. */
static bool read_items(struct reader *r)
{
    for (;; r->items_count++) {
        struct cp_bytes line = r->lines.line, word = line;
        struct cp_version_item item = {.kind = CP_RECORD_COUNT};
        const uint8_t *space = line.len == 0 ? NULL : memchr(line.ptr, ' ', line.len);
        word.len = space == NULL ? 0 : (size_t)(space - line.ptr);
        item.kind = cp_item_kind_of_word(word);
        if (item.kind == CP_RECORD_COUNT || item.kind == CP_RECORD_SOMEONE) /* people stand further down */
            return true;
        if (!take_head(r, cp_record_word(item.kind), item.id) ||
            !read_facts(r, item.kind, &item.facts, &item.facts_count))
            return false;
        if (r->fill)
            r->items[r->items_count] = item;
    }
}

static bool read_left_open(struct reader *r)
{
    struct cp_bytes value = {NULL, 0};
    if (!cp_text_line_take(&r->lines, CP_VT_LEFT_OPEN))
        return true;
    for (; take_line(r, CP_VT_REASON, &value); r->reasons_count++)
        if (r->fill)
            r->reasons[r->reasons_count] = value;
    if (r->reasons_count == 0 || !take_line(r, CP_VT_WHY, &r->v->left_open_why))
        return false;
    return empty_line(r) && r->v->left_open_why.len > 0;
}

static bool read_rule(struct reader *r)
{
    const struct cp_field *rule = cp_field_by_code(CP_FIELD_RULE);
    struct cp_bytes line = r->lines.line;
    if (!cp_text_cut(&line, CP_VT_RULE) || cp_field_check_text(rule, line, CP_RECORD_PLAN) != CP_OK)
        return false;
    r->v->rule = line;
    cp_text_lines_next(&r->lines);
    return empty_line(r);
}

/* In byte order, none twice. */
static bool read_perspectives(struct reader *r, struct cp_version_person *p)
{
    size_t start = r->perspectives_count;
    struct cp_bytes one, last = {NULL, 0};
    for (; take_line(r, CP_VT_PERSPECTIVE, &one); last = one) {
        if (one.len == 0 || (r->perspectives_count > start && cp_bytes_cmp(last, one) >= 0))
            return false;
        if (r->fill)
            r->perspectives[r->perspectives_count] = one;
        r->perspectives_count++;
    }
    p->perspectives_count = r->perspectives_count - start;
    p->perspectives = p->perspectives_count > 0 && r->fill ? r->perspectives + start : NULL;
    return true;
}

static bool read_person(struct reader *r, struct cp_version_person *p)
{
    struct cp_bytes key = {NULL, 0}, fingerprint = {NULL, 0};
    if (!take_line(r, CP_VT_NAME, &p->name) || !take_line(r, CP_VT_KEY, &key))
        return false;
    (void)take_line(r, CP_VT_FINGERPRINT, &fingerprint);
    if (!cp_bytes_eq(key, cp_bytes_str(CP_VT_NONE)) && cp_ssh_public_read(key, p->key) != CP_OK)
        return false;
    return read_perspectives(r, p) &&
           empty_line(r); /* that fingerprint and key belong together shows when it is written again */
}

static bool read_people(struct reader *r, const char *word, const struct cp_version_person **out,
                        size_t *count)
{
    size_t start = r->people_count;
    struct cp_version_person p = {.person = {0}}, last = p;
    while (take_head(r, word, p.person)) {
        if (!read_person(r, &p))
            return false;
        if (r->people_count > start && memcmp(last.person, p.person, CP_ID_LEN) >= 0)
            return false;
        if (r->fill)
            r->people[r->people_count] = p;
        r->people_count++;
        last = p;
        p = (struct cp_version_person){.person = {0}};
    }
    *count = r->people_count - start;
    *out = *count > 0 && r->fill ? r->people + start : NULL;
    return true;
}

/* Perspectives stand where the rule counts them: with who must answer, under each-perspective. */
static bool read_both_lists(struct reader *r, struct cp_version *v)
{
    struct cp_rule rule = {.kind = CP_RULE_EVERYONE};
    if (!cp_rule_read(v->rule, &rule) ||
        !read_people(r, CP_VT_MUST_ANSWER, &v->must_answer, &v->must_answer_count))
        return false;
    size_t said = r->perspectives_count;
    return (said == 0 || rule.kind == CP_RULE_PERSPECTIVE) &&
           read_people(r, CP_VT_KEPT_INFORMED, &v->kept_informed, &v->kept_informed_count) &&
           r->perspectives_count == said;
}

static bool read_parents(struct reader *r)
{
    uint8_t id[CP_ID_LEN], last[CP_ID_LEN] = {0};
    for (; take_head(r, CP_VT_PARENT, id); r->parents_count++) {
        if (r->parents_count > 0 && memcmp(last, id, CP_ID_LEN) >= 0)
            return false;
        if (r->fill)
            memcpy(r->parents[r->parents_count], id, CP_ID_LEN);
        memcpy(last, id, CP_ID_LEN);
    }
    return true;
}

static bool read_text(struct reader *r, struct cp_bytes text)
{
    struct cp_version *v = r->v;
    cp_text_lines_init(&r->lines, text);
    if (cp_text_line_take(&r->lines, CP_VT_AGREEMENT))
        v->stage = CP_STAGE_AGREEMENT;
    else if (cp_text_line_take(&r->lines, CP_VT_COMMENT))
        v->stage = CP_STAGE_COMMENT;
    else
        return false;
    return empty_line(r) && take_head(r, CP_VT_PLAN, v->plan) &&
           read_facts(r, CP_RECORD_PLAN, &v->facts, &v->facts_count) && read_items(r) && read_left_open(r) &&
           read_rule(r) && read_both_lists(r, v) && read_parents(r) &&
           cp_text_line_take(&r->lines, CP_VT_END) && !r->lines.more && r->lines.rest.len == 0;
}

/* ---- What holds across blocks ---- */

/* Both lists are sorted: nobody stands in both. */
static bool lists_apart(const struct cp_version *v)
{
    for (size_t i = 0, j = 0; i < v->must_answer_count && j < v->kept_informed_count;) {
        int order = memcmp(v->must_answer[i].person, v->kept_informed[j].person, CP_ID_LEN);
        if (order == 0)
            return false;
        if (order < 0)
            i++;
        else
            j++;
    }
    return true;
}

/* Sorts the items' ids into `ids`: no item stands twice, or a page could say two things of one action. */
static bool items_differ(const struct cp_version *v, uint8_t (*ids)[CP_ID_LEN])
{
    for (size_t i = 0; i < v->items_count; i++)
        memcpy(ids[i], v->items[i].id, CP_ID_LEN);
    cp_id_sort(ids, v->items_count);
    for (size_t i = 1; i < v->items_count; i++)
        if (memcmp(ids[i - 1], ids[i], CP_ID_LEN) == 0)
            return false;
    return true;
}

static enum cp_err same_again(const struct cp_version *v, const struct cp_mem *mem, struct cp_bytes text)
{
    struct cp_buf again;
    cp_buf_init(&again, mem, CP_VERSION_TEXT_MAX);
    cp_version_write(v, &again);
    enum cp_err err = cp_buf_err(&again);
    if (err == CP_OK && !cp_bytes_eq(cp_buf_bytes(&again), text))
        err = CP_ERR_NOT_FOR_SIGNING;
    cp_buf_clear(&again);
    return err == CP_OK || err == CP_ERR_NO_MEMORY ? err : CP_ERR_NOT_FOR_SIGNING;
}

/* ---- Memory ---- */

/* A block of count x size bytes that the version owns; NULL for none, which is no failure. */
static bool new_block(struct cp_version_read *out, size_t count, size_t size, void **block)
{
    *block = NULL;
    if (count == 0)
        return true;
    *block = cp_alloc_array(out->mem, count, size);
    if (*block != NULL)
        out->blocks[out->blocks_count++] = *block;
    return *block != NULL;
}

static bool new_blocks(struct cp_version_read *out, struct reader *r, void *arena)
{
    void *facts, *items, *reasons, *people, *perspectives, *parents;
    if (!new_block(out, r->facts_count, sizeof *r->facts, &facts) ||
        !new_block(out, r->items_count, sizeof *r->items, &items) ||
        !new_block(out, r->reasons_count, sizeof *r->reasons, &reasons) ||
        !new_block(out, r->people_count, sizeof *r->people, &people) ||
        !new_block(out, r->perspectives_count, sizeof *r->perspectives, &perspectives) ||
        !new_block(out, r->parents_count, CP_ID_LEN, &parents))
        return false;
    *r = (struct reader){.fill = true,
                         .v = &out->v,
                         .facts = facts,
                         .items = items,
                         .reasons = reasons,
                         .people = people,
                         .perspectives = perspectives,
                         .parents = parents,
                         .arena = {arena}};
    return true;
}

void cp_version_clear(struct cp_version_read *r)
{
    for (size_t i = 0; i < r->blocks_count; i++)
        cp_free(r->mem, r->blocks[i]);
    *r = (struct cp_version_read){.mem = r->mem};
}

/* Both walks. On failure the caller clears *out. */
static enum cp_err read_all(struct cp_version_read *out, struct cp_bytes text)
{
    struct reader r = {.v = &out->v};
    void *arena, *ids, *parents;
    if (text.len > CP_VERSION_TEXT_MAX)
        return CP_ERR_TOO_BIG;
    if (!new_block(out, text.len, 1, &arena))
        return CP_ERR_NO_MEMORY;
    r.arena.at = arena;
    if (!read_text(&r, text))
        return CP_ERR_NOT_FOR_SIGNING;
    if (!new_block(out, r.items_count, CP_ID_LEN, &ids) || !new_blocks(out, &r, arena))
        return CP_ERR_NO_MEMORY;
    parents = r.parents;
    if (!read_text(&r, text) || !lists_apart(&out->v))
        return CP_ERR_NOT_FOR_SIGNING;
    out->v.items = r.items;
    out->v.items_count = r.items_count;
    out->v.left_open = r.reasons;
    out->v.left_open_count = r.reasons_count;
    out->v.parents = parents;
    out->v.parents_count = r.parents_count;
    return items_differ(&out->v, ids) ? same_again(&out->v, out->mem, text) : CP_ERR_NOT_FOR_SIGNING;
}

enum cp_err cp_version_read(struct cp_version_read *out, const struct cp_mem *mem, struct cp_bytes text)
{
    *out = (struct cp_version_read){.mem = mem};
    enum cp_err err = read_all(out, text);
    if (err != CP_OK)
        cp_version_clear(out);
    return err;
}
