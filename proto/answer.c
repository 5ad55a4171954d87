/*
 * Answer texts: layout in answer.h, with an example in docs/protocol-texts.md. Results: answer_judge.c.
 * Owns: how an answer is written and read. Must not: check signatures, or whether the version is known.
 *
 * Beyond the layout: TEXT and NAME are escaped (escape.c). `why` stands exactly with worry, stand aside and no,
 * and is not empty; `would agree if` may stand with these. Who withdraws says nothing about actions. The lines
 * of actions, seen and replaces are sorted by id, none twice.
 */
#include "proto/answer.h"

#include <string.h>

#include "proto/hash.h"
#include "proto/text_lines.h"

#define FIRST_LINE "coplan answer 1"
#define LAST_LINE  "end"
#define WILL       "will"
#define WILL_IF    "will if "
#define CANNOT     "cannot"
#define PAPER      "paper"
#define PROXY      "proxy"
#define DAY_LEN    10 /* YYYY-MM-DD */

const char *cp_answer_text_word(enum cp_answer_word word)
{
    switch (word) {
    case CP_ANSWER_AGREE:
        return "agree";
    case CP_ANSWER_WORRY:
        return "agree, with a worry";
    case CP_ANSWER_ASIDE:
        return "stand aside";
    case CP_ANSWER_NO:
        return "no";
    case CP_ANSWER_WITHDRAWN:
        return "withdrawn";
    }
    return "";
}

/* Worry, stand aside and no need a reason: it is what improves the plan. */
static bool needs_why(enum cp_answer_word word)
{
    return word == CP_ANSWER_WORRY || word == CP_ANSWER_ASIDE || word == CP_ANSWER_NO;
}

/* ---- Writing ---- */

static void put_id(struct cp_buf *out, const char *label, const uint8_t *id, const char *after)
{
    cp_buf_put_str(out, label);
    cp_buf_put_hex(out, CP_BYTES(id, CP_ID_LEN));
    cp_buf_put_str(out, after);
}

static void put_text(struct cp_buf *out, const char *label, struct cp_bytes text)
{
    cp_buf_put_str(out, label);
    cp_text_put(out, text, 0);
    cp_buf_put_byte(out, '\n');
}

static void put_action(struct cp_buf *out, const struct cp_answer_action *action)
{
    put_id(out, "action ", action->action, " ");
    switch (action->will) {
    case CP_WILL:
        cp_buf_put_str(out, WILL "\n");
        break;
    case CP_WILL_IF:
        put_text(out, WILL_IF, action->condition);
        break;
    case CP_WILL_CANNOT:
        cp_buf_put_str(out, CANNOT "\n");
        break;
    }
}

static void put_check(struct cp_buf *out, const struct cp_answer_check *check)
{
    put_id(out, "checked by ", check->by, " ");
    cp_buf_put_bytes(out, check->date);
    put_text(out, " ", check->name);
}

static const char *const read_words[] = {"", "standard", "easy-read", "large", "aloud"};

const char *cp_will_word(enum cp_will will)
{
    switch (will) {
    case CP_WILL:
        return "will";
    case CP_WILL_IF:
        return "will if";
    case CP_WILL_CANNOT:
        return "cannot";
    }
    return "";
}

const char *cp_read_as_word(enum cp_read_as as)
{
    return read_words[as];
}

bool cp_read_as_parse(struct cp_bytes said, const char *separator, enum cp_read_as *as, struct cp_bytes *lang)
{
    const struct cp_field tag = {.on = UINT32_MAX, .type = CP_TYPE_LANG};
    size_t between = strlen(separator);
    for (unsigned i = CP_READ_STANDARD; i <= CP_READ_ALOUD; i++) {
        size_t len = strlen(read_words[i]);
        if (said.len < len || memcmp(said.ptr, read_words[i], len) != 0)
            continue;
        *as = (enum cp_read_as)i;
        *lang = CP_BYTES(NULL, 0);
        if (said.len == len)
            return true;
        if (said.len <= len + between || memcmp(said.ptr + len, separator, between) != 0)
            return false;
        *lang = CP_BYTES(said.ptr + len + between, said.len - len - between);
        return cp_field_check_text(&tag, *lang, CP_RECORD_COUNT) == CP_OK;
    }
    return false;
}

static void put_read_as(const struct cp_answer *a, struct cp_buf *out)
{
    cp_buf_put_str(out, "read as ");
    cp_buf_put_str(out, cp_read_as_word(a->read_as));
    if (a->read_lang.len > 0)
        cp_buf_put_str(out, ", ");
    cp_buf_put_bytes(out, a->read_lang);
    cp_buf_put_byte(out, '\n');
}

static void put_method(const struct cp_answer *a, struct cp_buf *out)
{
    switch (a->how) {
    case CP_ANSWER_OWN:
        put_text(out, "method ", a->method);
        break;
    case CP_ANSWER_PAPER:
        cp_buf_put_str(out, "method " PAPER "\n");
        break;
    case CP_ANSWER_PROXY:
        cp_buf_put_str(out, "method " PROXY "\n");
        break;
    }
    if (a->helped_by.len > 0)
        put_text(out, "helped by ", a->helped_by);
    if (a->read_as != CP_READ_UNSAID)
        put_read_as(a, out);
    if (a->how == CP_ANSWER_PAPER) {
        put_id(out, "recorded by ", a->by, "\n");
        put_text(out, "check words ", a->check_words);
    }
    if (a->how == CP_ANSWER_PROXY) {
        put_id(out, "proxy ", a->by, "\n");
        put_id(out, "mandate ", a->mandate, "\n");
    }
}

bool cp_answer_cannot(const struct cp_answer *a)
{
    for (size_t i = 0; i < a->actions_count; i++)
        if (a->actions[i].will == CP_WILL_CANNOT)
            return true;
    return false;
}

void cp_answer_write(const struct cp_answer *a, struct cp_buf *out)
{
    cp_buf_put_str(out, FIRST_LINE "\n");
    put_id(out, "version ", a->version, "\n");
    put_id(out, "plan ", a->plan, "\n");
    put_id(out, "person ", a->person, "\n");
    put_text(out, "name ", a->name);
    cp_buf_put_str(out, "key ");
    cp_ssh_public(a->key, out);
    cp_buf_put_str(out, "\n");
    for (size_t i = 0; i < a->checks_count; i++)
        put_check(out, &a->checks[i]);
    put_text(out, "answer ", cp_bytes_str(cp_answer_text_word(a->word)));
    if (a->why.len > 0)
        put_text(out, "why ", a->why);
    if (a->would_agree_if.len > 0)
        put_text(out, "would agree if ", a->would_agree_if);
    for (size_t i = 0; i < a->actions_count; i++)
        put_action(out, &a->actions[i]);
    put_method(a, out);
    for (size_t i = 0; i < a->seen_count; i++)
        put_id(out, "seen ", a->seen[i], "\n");
    for (size_t i = 0; i < a->replaces_count; i++)
        put_id(out, "replaces ", a->replaces[i], "\n");
    put_text(out, "meaning ", a->meaning);
    put_text(out, "says date ", a->date);
    put_text(out, "software ", a->software);
    cp_buf_put_str(out, LAST_LINE "\n");
}

void cp_answer_id(struct cp_bytes text, uint8_t out[static CP_ID_LEN])
{
    cp_hash2(CP_TAG_STATEMENT_ID, text, CP_BYTES(NULL, 0), out, CP_ID_LEN);
}

/* ---- Reading: two walks, as in version_read.c ---- */

struct reader {
    struct cp_text_lines lines;
    bool fill;
    struct cp_text_arena arena;
    struct cp_answer_action *actions;
    struct cp_answer_check *checks;
    uint8_t (*ids)[CP_ID_LEN]; /* seen, then replaced */
    size_t checks_count, actions_count, seen_count, replaces_count;
    struct cp_answer *a;
};

/* A line "LABEL HEX64": goes past it. */
static bool take_id(struct reader *r, const char *label, uint8_t *id)
{
    struct cp_bytes line = r->lines.line;
    if (!cp_text_cut(&line, label) || !cp_text_cut_id(&line, id) || line.len != 0)
        return false;
    cp_text_lines_next(&r->lines);
    return true;
}

/* A line "LABEL TEXT" whose text is not empty: goes past it. */
static bool take_text(struct reader *r, const char *label, struct cp_bytes *text)
{
    struct cp_bytes line = r->lines.line;
    if (!cp_text_cut(&line, label) || line.len == 0 || !cp_text_value(&r->arena, line, 0, text))
        return false;
    cp_text_lines_next(&r->lines);
    return true;
}

static bool read_check(struct reader *r, struct cp_answer_check *check)
{
    const struct cp_field day = {.on = UINT32_MAX, .type = CP_TYPE_DATE};
    struct cp_bytes line = r->lines.line;
    if (!cp_text_cut(&line, "checked by ") || !cp_text_cut_id(&line, check->by) || !cp_text_cut(&line, " ") ||
        line.len < DAY_LEN)
        return false;
    check->date = CP_BYTES(line.ptr, DAY_LEN);
    line = CP_BYTES(line.ptr + DAY_LEN, line.len - DAY_LEN);
    if (cp_field_check_text(&day, check->date, CP_RECORD_COUNT) != CP_OK || !cp_text_cut(&line, " ") ||
        line.len == 0 || !cp_text_value(&r->arena, line, 0, &check->name))
        return false;
    cp_text_lines_next(&r->lines);
    return true;
}

static bool read_checks(struct reader *r)
{
    struct cp_answer_check check, last;
    for (; read_check(r, &check); r->checks_count++) {
        if (r->checks_count == CP_ANSWER_CHECKS_MAX ||
            (r->checks_count > 0 && memcmp(last.by, check.by, CP_ID_LEN) >= 0))
            return false;
        if (r->fill)
            r->checks[r->checks_count] = check;
        last = check;
    }
    return true;
}

static bool read_word(struct reader *r)
{
    struct cp_bytes word;
    struct cp_answer *a = r->a;
    if (!take_text(r, "answer ", &word))
        return false;
    for (a->word = CP_ANSWER_AGREE; !cp_bytes_eq(word, cp_bytes_str(cp_answer_text_word(a->word))); a->word++)
        if (a->word == CP_ANSWER_WITHDRAWN)
            return false;
    if (!needs_why(a->word))
        return true; /* a `why` now fits no line that may come */
    if (!take_text(r, "why ", &a->why))
        return false;
    (void)take_text(r, "would agree if ", &a->would_agree_if);
    return true;
}

static bool read_action(struct reader *r, struct cp_answer_action *action)
{
    struct cp_bytes line = r->lines.line;
    *action = (struct cp_answer_action){.will = CP_WILL};
    if (!cp_text_cut(&line, "action ") || !cp_text_cut_id(&line, action->action) || !cp_text_cut(&line, " "))
        return false;
    if (cp_bytes_eq(line, cp_bytes_str(CANNOT))) {
        action->will = CP_WILL_CANNOT;
    } else if (cp_text_cut(&line, WILL_IF)) {
        action->will = CP_WILL_IF;
        if (line.len == 0 || !cp_text_value(&r->arena, line, 0, &action->condition))
            return false;
    } else if (!cp_bytes_eq(line, cp_bytes_str(WILL))) {
        return false;
    }
    cp_text_lines_next(&r->lines);
    return true;
}

static bool read_actions(struct reader *r)
{
    struct cp_answer_action action, last = {.will = CP_WILL};
    for (; read_action(r, &action); r->actions_count++) {
        if (r->actions_count > 0 && memcmp(last.action, action.action, CP_ID_LEN) >= 0)
            return false;
        if (r->fill)
            r->actions[r->actions_count] = action;
        last = action;
    }
    return r->actions_count == 0 || r->a->word != CP_ANSWER_WITHDRAWN;
}

/* Lines of one label, ids ascending, at most as many as an entry has parents. */
static bool read_ids(struct reader *r, const char *label, size_t before, size_t *count)
{
    uint8_t id[CP_ID_LEN], last[CP_ID_LEN] = {0};
    for (*count = 0; take_id(r, label, id); ++*count) {
        if (*count == CP_PARENTS_MAX || (*count > 0 && memcmp(last, id, CP_ID_LEN) >= 0))
            return false;
        if (r->fill)
            memcpy(r->ids[before + *count], id, CP_ID_LEN);
        memcpy(last, id, CP_ID_LEN);
    }
    return true;
}

/* "1 en Sentence.": a revision, a language, the sentence that was shown. */
static bool meaning_ok(struct cp_bytes meaning)
{
    const struct cp_field tag = {.on = UINT32_MAX, .type = CP_TYPE_LANG};
    uint64_t revision = 0;
    for (unsigned part = 0; part < 2; part++) {
        const uint8_t *space = meaning.len == 0 ? NULL : memchr(meaning.ptr, ' ', meaning.len);
        if (space == NULL)
            return false;
        struct cp_bytes word = CP_BYTES(meaning.ptr, (size_t)(space - meaning.ptr));
        bool ok = part == 0 ? cp_text_number(word, UINT32_MAX, &revision)
                            : cp_field_check_text(&tag, word, CP_RECORD_COUNT) == CP_OK;
        if (!ok)
            return false;
        meaning = CP_BYTES(space + 1, meaning.len - word.len - 1);
    }
    return meaning.len > 0;
}

/* Who signs for somebody else says who they are, and on what ground. */
static bool read_method(struct reader *r)
{
    struct cp_answer *a = r->a;
    if (!take_text(r, "method ", &a->method))
        return false;
    struct cp_bytes read_as;
    (void)take_text(r, "helped by ", &a->helped_by);
    if (take_text(r, "read as ", &read_as) && !cp_read_as_parse(read_as, ", ", &a->read_as, &a->read_lang))
        return false;
    if (cp_bytes_eq(a->method, cp_bytes_str(PAPER))) {
        a->how = CP_ANSWER_PAPER;
        return take_id(r, "recorded by ", a->by) && take_text(r, "check words ", &a->check_words);
    }
    if (cp_bytes_eq(a->method, cp_bytes_str(PROXY))) {
        a->how = CP_ANSWER_PROXY;
        return take_id(r, "proxy ", a->by) && take_id(r, "mandate ", a->mandate);
    }
    return true;
}

static bool read_text(struct reader *r, struct cp_bytes text)
{
    const struct cp_field day = {.on = UINT32_MAX, .type = CP_TYPE_DATE};
    struct cp_answer *a = r->a;
    struct cp_bytes key;
    *a = (struct cp_answer){.word = CP_ANSWER_AGREE};
    cp_text_lines_init(&r->lines, text);
    if (!cp_text_line_take(&r->lines, FIRST_LINE) || !take_id(r, "version ", a->version) ||
        !take_id(r, "plan ", a->plan) || !take_id(r, "person ", a->person) ||
        !take_text(r, "name ", &a->name) || !take_text(r, "key ", &key) ||
        cp_ssh_public_read(key, a->key) != CP_OK || !read_checks(r) || !read_word(r) || !read_actions(r) ||
        !read_method(r) || !read_ids(r, "seen ", 0, &r->seen_count) ||
        !read_ids(r, "replaces ", r->seen_count, &r->replaces_count))
        return false;
    return take_text(r, "meaning ", &a->meaning) && meaning_ok(a->meaning) &&
           take_text(r, "says date ", &a->date) &&
           cp_field_check_text(&day, a->date, CP_RECORD_COUNT) == CP_OK &&
           take_text(r, "software ", &a->software) && cp_text_line_take(&r->lines, LAST_LINE) &&
           !r->lines.more && r->lines.rest.len == 0;
}

/* A block of count x size bytes that the answer owns; NULL for none, which is no failure. */
static bool new_block(struct cp_answer_read *out, size_t count, size_t size, void **block)
{
    *block = NULL;
    if (count == 0)
        return true;
    *block = cp_alloc_array(out->mem, count, size);
    if (*block != NULL)
        out->blocks[out->blocks_count++] = *block;
    return *block != NULL;
}

static enum cp_err same_again(const struct cp_answer *a, const struct cp_mem *mem, struct cp_bytes text)
{
    struct cp_buf again;
    cp_buf_init(&again, mem, CP_ANSWER_TEXT_MAX);
    cp_answer_write(a, &again);
    enum cp_err err = cp_buf_err(&again);
    if (err == CP_OK && !cp_bytes_eq(cp_buf_bytes(&again), text))
        err = CP_ERR_NOT_GOOD;
    cp_buf_clear(&again);
    return err == CP_OK || err == CP_ERR_NO_MEMORY ? err : CP_ERR_NOT_GOOD;
}

void cp_answer_clear(struct cp_answer_read *r)
{
    for (size_t i = 0; i < r->blocks_count; i++)
        cp_free(r->mem, r->blocks[i]);
    *r = (struct cp_answer_read){.mem = r->mem};
}

static enum cp_err read_all(struct cp_answer_read *out, struct cp_bytes text)
{
    struct reader r = {.a = &out->a};
    void *arena, *checks, *actions, *ids, *replaced;
    if (text.len > CP_ANSWER_TEXT_MAX)
        return CP_ERR_TOO_BIG;
    if (!new_block(out, text.len, 1, &arena))
        return CP_ERR_NO_MEMORY;
    r.arena.at = arena;
    if (!read_text(&r, text))
        return CP_ERR_NOT_GOOD;
    if (!new_block(out, r.checks_count, sizeof *r.checks, &checks) ||
        !new_block(out, r.actions_count, sizeof *r.actions, &actions) ||
        !new_block(out, r.seen_count + r.replaces_count, CP_ID_LEN, &ids))
        return CP_ERR_NO_MEMORY;
    r = (struct reader){
        .fill = true, .a = &out->a, .arena = {arena}, .checks = checks, .actions = actions, .ids = ids};
    if (!read_text(&r, text))
        return CP_ERR_NOT_GOOD;
    replaced = ids == NULL ? NULL : r.ids + r.seen_count;
    out->a.checks = r.checks;
    out->a.checks_count = r.checks_count;
    out->a.actions = r.actions;
    out->a.actions_count = r.actions_count;
    out->a.seen = ids;
    out->a.seen_count = r.seen_count;
    out->a.replaces = replaced;
    out->a.replaces_count = r.replaces_count;
    return same_again(&out->a, out->mem, text);
}

enum cp_err cp_answer_read(struct cp_answer_read *out, const struct cp_mem *mem, struct cp_bytes text)
{
    *out = (struct cp_answer_read){.mem = mem};
    enum cp_err err = read_all(out, text);
    if (err != CP_OK)
        cp_answer_clear(out);
    return err;
}
