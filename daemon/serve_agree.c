/* Freezing and looking at pages. Owns: freeze, versions, text, changes, and the group's table. */
#include "daemon/serve_agree.h"

#include <string.h>

#include "daemon/diff.h"
#include "daemon/gather_names.h"
#include "daemon/gather_ready.h"

/* ---- freeze ---- */

/* What a freeze now would give, and what keeps it from being made. */
static enum cp_err gather_ready(struct cp_gathered *g, const struct cp_desk *d, enum cp_stage stage,
                                bool all_wordings)
{
    enum cp_err err = cp_gather(g, d, stage, all_wordings);
    if (err != CP_OK)
        return err;
    err = cp_gather_ready(g, d);
    if (err != CP_OK)
        cp_gathered_clear(g);
    return err;
}

static enum cp_err write_text(const struct cp_version *v, struct cp_buf *out)
{
    cp_buf_reset(out);
    cp_version_write(v, out);
    return cp_buf_err(out);
}

/* The newest pages of the stage become parents; one with the same words is the page itself (*known). */
static enum cp_err find_parents(struct cp_gathered *g, const struct cp_desk *d, struct cp_bytes text,
                                uint8_t known_id[static CP_ID_LEN], bool *known)
{
    struct cp_pages pages;
    enum cp_err err = cp_pages_list(&pages, d, text);
    if (err != CP_OK)
        return err;
    uint8_t(*parents)[CP_ID_LEN] = cp_arena_take(&g->arena, pages.count, CP_ID_LEN);
    size_t count = 0;
    err = parents == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    for (size_t i = 0; err == CP_OK && i < pages.count; i++) {
        const struct cp_page_row *row = &pages.rows[i];
        if (!row->newest || row->stage != g->v.stage)
            continue;
        if (row->same_words) {
            memcpy(known_id, row->id, CP_ID_LEN);
            *known = true;
        } else {
            memcpy(parents[count++], row->id, CP_ID_LEN);
        }
    }
    cp_id_sort(parents, count);
    g->v.parents = (const uint8_t(*)[CP_ID_LEN])parents;
    g->v.parents_count = count;
    cp_pages_clear(&pages);
    return err;
}

/* Parts, then the VERSION that names them: all or nothing. */
static enum cp_err append_version(struct cp_request *r, enum cp_stage stage, const uint8_t *id,
                                  struct cp_bytes text)
{
    struct cp_draft draft;
    struct cp_ids parts;
    uint8_t entry[CP_ID_LEN];
    enum cp_err err = CP_OK;
    cp_ids_init(&parts, r->node->mem);
    for (size_t at = 0; err == CP_OK && at < text.len; at += CP_PART_MAX) {
        size_t len = text.len - at < CP_PART_MAX ? text.len - at : CP_PART_MAX;
        cp_draft_init(&draft, r->node->mem, CP_KIND_PART, 0, NULL);
        cp_draft_value(&draft, CP_BYTES(text.ptr + at, len), false);
        err = cp_own_append(r, &draft, entry);
        cp_draft_clear(&draft);
        if (err == CP_OK)
            err = cp_ids_add(&parts, entry, 0);
    }
    if (err == CP_OK) {
        cp_draft_init(&draft, r->node->mem, CP_KIND_VERSION, stage, NULL);
        (void)cp_draft_name(&draft, id);
        for (size_t i = 0; i < parts.count; i++)
            (void)cp_draft_name(&draft, parts.ids[i]);
        err = cp_own_append(r, &draft, entry);
        cp_draft_clear(&draft);
    }
    cp_ids_clear(&parts);
    return err;
}

static enum cp_err freeze(struct cp_request *r, const struct cp_desk *d, struct cp_gathered *g,
                          uint8_t id[static CP_ID_LEN], bool *known)
{
    struct cp_buf text;
    struct cp_version_read again;
    cp_buf_init(&text, r->node->mem, CP_VERSION_TEXT_MAX);
    enum cp_err err = write_text(&g->v, &text);
    if (err == CP_OK)
        err = find_parents(g, d, cp_buf_bytes(&text), id, known);
    if (err != CP_OK || *known)
        goto out;
    err = write_text(&g->v, &text);
    if (err == CP_OK) /* nobody is asked to sign what could not be read back */
        err = cp_version_read(&again, r->node->mem, cp_buf_bytes(&text));
    if (err != CP_OK)
        goto out;
    cp_version_clear(&again);
    cp_version_id(cp_buf_bytes(&text), id);
    err = cp_own_begin(r);
    if (err == CP_OK)
        err = cp_own_end(r, append_version(r, g->v.stage, id, cp_buf_bytes(&text)));
out:
    cp_buf_clear(&text);
    return err;
}

/* names: the members of cp_gathered_names. open: how much the page says was left open; without any there is no WHY on it. */
static void reply_version(struct cp_request *r, const uint8_t id[static CP_ID_LEN], bool known, size_t open,
                          struct cp_bytes names)
{
    char words[64];
    struct cp_buf out;
    cp_check_words(id, words);
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 6);
    cp_api_key(&out, "version");
    cp_api_hex(&out, id, CP_ID_LEN);
    cp_api_key(&out, "check_words");
    cp_api_cstr(&out, words);
    cp_api_key(&out, "known");
    cp_api_bool(&out, known);
    cp_api_key(&out, "left_open");
    cp_api_int(&out, (int64_t)open);
    cp_buf_put_bytes(&out, names);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* Only what would be asked before the page is made. */
static void reply_names(struct cp_request *r, struct cp_bytes names)
{
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 2);
    cp_buf_put_bytes(&out, names);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

static void reply_not_ready(struct cp_request *r, const struct cp_gathered *g)
{
    struct cp_buf reasons;
    cp_buf_init(&reasons, r->node->mem, CP_API_MESSAGE_MAX);
    cp_gathered_reasons(g, &reasons);
    cp_reply_refused(r, CP_ERR_NOT_READY, cp_buf_bytes(&reasons));
    cp_buf_clear(&reasons);
}

void cp_serve_freeze(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_gathered g;
    struct cp_bytes stage = cp_arg(r, "stage"), why = cp_arg_said(r, "anyway");
    struct cp_buf names;
    bool comment = cp_bytes_eq(stage, cp_bytes_str("comment")), known = false;
    bool look = cp_api_member_true(&r->with, "look"); /* to ask people first: nothing is made */
    uint8_t id[CP_ID_LEN] = {0};
    if (!comment && !cp_bytes_eq(stage, cp_bytes_str("agreement"))) {
        cp_reply_error(r, CP_ERR_USAGE, "stage", "comment|agreement");
        return;
    }
    if (why.len > CP_TEXT_MAX) {
        cp_reply_error(r, CP_ERR_TOO_BIG, "anyway", "16384");
        return;
    }
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = gather_ready(&g, &d, comment ? CP_STAGE_COMMENT : CP_STAGE_AGREEMENT, false);
        if (err != CP_OK)
            cp_desk_close(&d);
    }
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    cp_buf_init(&names, r->node->mem, CP_API_MESSAGE_MAX);
    bool refused = g.wordings > 0 || (g.passable > 0 && why.len == 0);
    if (refused) {
        reply_not_ready(r, &g);
    } else {
        g.v.left_open_why = g.passable > 0 ? why : CP_BYTES(NULL, 0);
        err = cp_gathered_names(&g, &d, &names);
        if (err == CP_OK && !look)
            err = freeze(r, &d, &g, id, &known);
    }
    size_t open = g.passable;
    cp_gathered_clear(&g);
    cp_desk_close(&d);
    if (!refused && err != CP_OK)
        cp_reply_error(r, err, NULL, NULL);
    else if (!refused && look)
        reply_names(r, cp_buf_bytes(&names));
    else if (!refused)
        reply_version(r, id, known, open, cp_buf_bytes(&names));
    cp_buf_clear(&names);
}

/* ---- What changed since ---- */

/* The text without the lines of parents. */
static void without_parents(struct cp_bytes text, struct cp_buf *out)
{
    static const char parent[] = "parent ";
    for (size_t at = 0; at < text.len;) {
        const uint8_t *lf = memchr(text.ptr + at, '\n', text.len - at);
        size_t len = lf == NULL ? text.len - at : (size_t)(lf - text.ptr) + 1 - at;
        if (len < sizeof parent - 1 || memcmp(text.ptr + at, parent, sizeof parent - 1) != 0)
            cp_buf_put(out, text.ptr + at, len);
        at += len;
    }
}

/* Walks a text line by line and knows the item whose block it is in. */
struct walker {
    struct cp_bytes text;
    size_t at, line; /* the next line */
    uint8_t item[CP_ID_LEN];
    bool in_item;
};

static void walk_line(struct walker *w)
{
    const uint8_t *lf = memchr(w->text.ptr + w->at, '\n', w->text.len - w->at);
    size_t len = lf == NULL ? w->text.len - w->at : (size_t)(lf - w->text.ptr) - w->at;
    struct cp_bytes line = CP_BYTES(w->text.ptr + w->at, len);
    const uint8_t *space = len == 0 ? NULL : memchr(line.ptr, ' ', len);
    size_t word = space == NULL ? len : (size_t)(space - line.ptr);
    bool indented = len > 0 && line.ptr[0] == ' ';
    if (!indented)
        w->in_item = word < len && cp_item_kind_of_word(CP_BYTES(line.ptr, word)) != CP_RECORD_COUNT &&
                     cp_hex_decode(CP_BYTES(line.ptr + word + 1, len - word - 1), w->item, CP_ID_LEN);
    w->at += len + 1;
    w->line++;
}

static const uint8_t *item_of(struct walker *w, size_t line)
{
    while (w->line <= line && w->at < w->text.len)
        walk_line(w);
    return w->in_item ? w->item : NULL;
}

struct changes {
    struct walker before, after;
    cp_change_visit *visit;
    void *ctx;
};

static void change(void *ctx, char op, size_t number, struct cp_bytes line)
{
    struct changes *c = ctx;
    c->visit(c->ctx, op, line, item_of(op == '-' ? &c->before : &c->after, number));
}

/* The lines that differ between two texts; clears both. */
static enum cp_err visit_difference(const struct cp_desk *d, struct cp_buf *before, struct cp_buf *after,
                                    cp_change_visit *visit, void *ctx)
{
    struct changes c = {.visit = visit, .ctx = ctx};
    enum cp_err err = cp_buf_err(before);
    if (err == CP_OK)
        err = cp_buf_err(after);
    c.before.text = cp_buf_bytes(before);
    c.after.text = cp_buf_bytes(after);
    if (err == CP_OK)
        err = cp_diff_lines(d->mem, c.before.text, c.after.text, change, &c);
    cp_buf_clear(before);
    cp_buf_clear(after);
    return err;
}

enum cp_err cp_page_changes(const struct cp_page *p, const struct cp_desk *d, cp_change_visit *visit,
                            void *ctx)
{
    struct cp_gathered g;
    struct cp_buf before, after;
    enum cp_stage stage = p->reproduced ? p->read.v.stage : CP_STAGE_AGREEMENT;
    enum cp_err err = gather_ready(&g, d, stage, true);
    if (err != CP_OK)
        return err;
    cp_buf_init(&before, d->mem, CP_VERSION_TEXT_MAX);
    cp_buf_init(&after, d->mem, 4 * (size_t)CP_VERSION_TEXT_MAX); /* what has grown too long still differs */
    if (p->reproduced && g.passable > 0)
        g.v.left_open_why = p->read.v.left_open_why;
    without_parents(cp_buf_bytes(&p->text), &before);
    cp_version_write(&g.v, &after);
    err = visit_difference(d, &before, &after, visit, ctx);
    cp_gathered_clear(&g);
    return err;
}

struct change_rows {
    struct cp_request *r;
    struct cp_buf row;
    enum cp_err err;
};

static void send_change(void *ctx, char op, struct cp_bytes line, const uint8_t *item)
{
    struct change_rows *c = ctx;
    cp_buf_reset(&c->row);
    cp_api_object(&c->row, 3);
    cp_api_key(&c->row, "op");
    cp_api_cstr(&c->row, op == '-' ? "-" : "+");
    cp_api_key(&c->row, "line");
    cp_api_text(&c->row, line);
    cp_api_key(&c->row, "id");
    if (item == NULL)
        cp_api_null(&c->row);
    else
        cp_api_hex(&c->row, item, CP_ID_LEN);
    if (c->err == CP_OK)
        c->err = cp_buf_err(&c->row);
    if (c->err == CP_OK)
        cp_reply_row(c->r, cp_buf_bytes(&c->row));
}

/* From one page to another; the words alone, parents' lines apart. */
static enum cp_err page_to_page(const struct cp_request *r, const struct cp_desk *d, const struct cp_page *p,
                                cp_change_visit *visit, void *ctx)
{
    struct cp_page other;
    struct cp_buf before, after;
    uint8_t id[CP_ID_LEN];
    enum cp_err err = cp_node_find_version(r->node, r->plan, cp_arg(r, "other"), id);
    if (err == CP_OK)
        err = cp_page_open(&other, d, id);
    if (err != CP_OK)
        return err;
    cp_buf_init(&before, d->mem, CP_VERSION_TEXT_MAX);
    cp_buf_init(&after, d->mem, CP_VERSION_TEXT_MAX);
    without_parents(cp_buf_bytes(&p->text), &before);
    without_parents(cp_buf_bytes(&other.text), &after);
    err = visit_difference(d, &before, &after, visit, ctx);
    cp_page_clear(&other);
    return err;
}

static void serve_changes(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_page p;
    struct change_rows rows = {.r = r};
    cp_buf_init(&rows.row, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_request_page(r, &d, &p);
        if (err == CP_OK) {
            err = cp_arg(r, "other").len > 0 ? page_to_page(r, &d, &p, send_change, &rows)
                                             : cp_page_changes(&p, &d, send_change, &rows);
            cp_page_clear(&p);
        }
        cp_desk_close(&d);
    }
    cp_buf_clear(&rows.row);
    if (err == CP_OK)
        err = rows.err;
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_about(r, err, cp_arg(r, "version"));
}

/* ---- text, versions ---- */

static void serve_text(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_page p;
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_request_page(r, &d, &p);
        if (err == CP_OK) {
            cp_api_text(&out, cp_buf_bytes(&p.text));
            cp_page_clear(&p);
        }
        cp_desk_close(&d);
    }
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else
        cp_reply_about(r, err, cp_arg(r, "version"));
    cp_buf_clear(&out);
}

static void put_page_row(const struct cp_desk *d, const struct cp_page_row *row, struct cp_buf *out)
{
    char words[64];
    cp_check_words(row->id, words);
    cp_api_object(out, 8);
    cp_api_key(out, "version");
    cp_api_hex(out, row->id, CP_ID_LEN);
    cp_api_key(out, "stage");
    cp_api_cstr(out, row->stage == CP_STAGE_COMMENT ? "comment" : "agreement");
    cp_api_key(out, "by");
    cp_api_hex(out, row->by, CP_ID_LEN);
    cp_api_key(out, "name");
    cp_api_text(out, cp_desk_name(d, row->by));
    cp_api_key(out, "claimed_at");
    cp_api_int(out, (int64_t)row->time_ms);
    cp_api_key(out, "newest");
    cp_api_bool(out, row->newest);
    cp_api_key(out, "for_signing");
    cp_api_bool(out, row->counts && row->stage == CP_STAGE_AGREEMENT);
    cp_api_key(out, "check_words");
    cp_api_cstr(out, words);
}

static void serve_versions(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_pages pages;
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_pages_list(&pages, &d, CP_BYTES(NULL, 0));
        for (size_t i = 0; err == CP_OK && i < pages.count; i++) {
            cp_buf_reset(&out);
            put_page_row(&d, &pages.rows[i], &out);
            err = cp_buf_err(&out);
            if (err == CP_OK)
                cp_reply_row(r, cp_buf_bytes(&out));
        }
        cp_pages_clear(&pages);
        cp_desk_close(&d);
    }
    cp_buf_clear(&out);
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_error(r, err, NULL, NULL);
}

const struct cp_command cp_serve_agree[] = {
    {"freeze", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, cp_serve_freeze},
    {"versions", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_versions},
    {"text", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_text},
    {"changes", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_changes},
    {"sign", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL | CP_NEED_KEY, cp_serve_sign},
    {"withdraw", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL | CP_NEED_KEY, cp_serve_withdraw},
    {"paper", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL | CP_NEED_KEY, cp_serve_paper},
    {"agreement", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_agreement},
    {"proof", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_proof},
    {NULL, 0, NULL}};
