/* Commands that write shared words: add, set, choose. Owns: these handlers and the table of the group. */
#include "daemon/serve_plan.h"

#include <string.h>

#include "proto/utf8.h"

/* {"id": hex, "entry": hex, and what *more holds: a key and its value}; entry NULL: {"id"} alone. */
static void reply_ids(struct cp_request *r, const uint8_t *id, const uint8_t *entry, const struct cp_buf *more)
{
    struct cp_buf out;
    bool has_more = more != NULL && more->len > 0 && cp_buf_err(more) == CP_OK;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, (entry == NULL ? 1U : 2U) + (has_more ? 1U : 0U));
    cp_api_key(&out, "id");
    cp_api_hex(&out, id, CP_ID_LEN);
    if (entry != NULL) {
        cp_api_key(&out, "entry");
        cp_api_hex(&out, entry, CP_ID_LEN);
    }
    if (has_more)
        cp_buf_put_bytes(&out, cp_buf_bytes(more));
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* ---- add ---- */

static void refuse_kind(struct cp_request *r, struct cp_bytes kind)
{
    char kinds[256] = "", typed[64] = "";
    size_t at = 0;
    for (unsigned i = 0; i < CP_RECORD_COUNT; i++) {
        if (!cp_record_is_item(i))
            continue;
        int n = snprintf(kinds + at, sizeof kinds - at, "%s%s", at == 0 ? "" : "|", cp_record_word(i));
        at += n > 0 ? (size_t)n : 0;
    }
    if (kind.len > 0 && kind.len < sizeof typed)
        memcpy(typed, kind.ptr, kind.len);
    cp_reply_error(r, CP_ERR_BAD_KIND, typed, kinds);
}

struct import_search {
    struct cp_bytes value;
    uint8_t *id;
    bool found;
};

static bool find_import(void *ctx, const struct cp_entry_info *info)
{
    struct import_search *s = ctx;
    struct cp_frame f;
    if (info->newer || info->words.ptr == NULL || cp_frame_read(info->frame, info->words, &f) != CP_OK)
        return true;
    for (size_t i = 0; i < f.ops_count; i++)
        if (f.ops[i].field == CP_FIELD_IMPORT && cp_bytes_eq(f.ops[i].value.bytes, s->value)) {
            memcpy(s->id, info->id, CP_ID_LEN);
            s->found = true;
            return false;
        }
    return true;
}

/* Writes the item unless its row of the import is there already. */
static enum cp_err add_item(struct cp_request *r, struct cp_desk *d, struct cp_edits *e, enum cp_record kind,
                            uint8_t id[static CP_ID_LEN])
{
    struct cp_api_value fields = {.type = CP_API_NULL};
    struct import_search search = {.value = cp_arg(r, "import"), .id = id};
    enum cp_err err = CP_OK;
    if (search.value.len > 0)
        err = cp_store_each(r->node->store, r->plan, CP_KIND_ITEM, false, find_import, &search);
    if (err != CP_OK || search.found)
        return err;
    err = cp_edits_text(e, CP_FIELD_TEXT, kind, cp_arg(r, "text"));
    (void)cp_api_member(&r->with, "fields", &fields);
    if (err == CP_OK)
        err = cp_edits_read(e, r, d, kind, &fields); /* text= among them would be a second one */
    if (err == CP_OK && search.value.len > 0)
        err = cp_edits_text(e, CP_FIELD_IMPORT, kind, search.value);
    if (err != CP_OK)
        return err;
    struct cp_draft draft;
    cp_draft_init(&draft, r->node->mem, CP_KIND_ITEM, kind, NULL);
    err = cp_edits_apply(e, NULL, &draft);
    if (err == CP_OK)
        err = cp_own_append(r, &draft, id);
    cp_draft_clear(&draft);
    return err;
}

static void serve_add(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_edits e;
    uint8_t id[CP_ID_LEN] = {0};
    enum cp_record kind = cp_item_kind_of_word(cp_arg(r, "kind"));
    if (kind == CP_RECORD_COUNT) {
        refuse_kind(r, cp_arg(r, "kind"));
        return;
    }
    cp_edits_init(&e);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_own_begin(r);
        if (err == CP_OK)
            err = cp_own_end(r, add_item(r, &d, &e, kind, id));
        cp_desk_close(&d);
    }
    if (err == CP_OK)
        reply_ids(r, id, NULL, NULL);
    else
        cp_edits_refuse(r, &e, err);
}

/* ---- set and choose ---- */

/* Whose words may be written: the plan's and items' by anyone, a person's by that person alone. */
static enum cp_err find_writable(const struct cp_request *r, struct cp_target *t)
{
    enum cp_err err = cp_target_find(r, cp_arg(r, "id"), t);
    if (err != CP_OK)
        return err;
    if (t->kind == CP_RECORD_PERSON) {
        const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
        return memcmp(own->person, t->id, CP_ID_LEN) == 0 ? CP_OK : CP_ERR_NOT_YOURS;
    }
    return t->kind == CP_RECORD_PLAN || cp_record_is_item(t->kind) ? CP_OK : CP_ERR_NOT_FOUND;
}

static enum cp_err write_edits(struct cp_request *r, struct cp_edits *e, const struct cp_shown *s,
                               uint8_t entry[static CP_ID_LEN])
{
    struct cp_draft draft;
    enum cp_kind kind = CP_KIND_SET;
    if (s->kind == CP_RECORD_PLAN)
        kind = CP_KIND_PLAN;
    else if (s->kind == CP_RECORD_PERSON)
        kind = CP_KIND_PERSON;
    cp_draft_init(&draft, r->node->mem, kind, 0, kind == CP_KIND_PLAN ? NULL : s->id);
    enum cp_err err = cp_edits_apply(e, s, &draft);
    if (err == CP_OK)
        err = cp_own_append(r, &draft, entry);
    cp_draft_clear(&draft);
    return err;
}

/* What one entry had no room for, entry after entry, in the same transaction: all of an edit is written or nothing. */
static enum cp_err write_rest(struct cp_request *r, struct cp_edits *e, struct cp_desk *d, const struct cp_target *t,
                              uint8_t entry[static CP_ID_LEN])
{
    enum cp_err err = CP_OK;
    while (err == CP_OK && cp_edits_rest(e)) {
        struct cp_shown s;
        err = cp_shown_load(&s, d, t->kind, t->id, false);
        if (err != CP_OK)
            return err;
        err = write_edits(r, e, &s, entry);
        cp_shown_clear(&s);
    }
    return err;
}

static enum cp_err read_set(struct cp_request *r, struct cp_desk *d, const struct cp_shown *s,
                            struct cp_edits *e)
{
    struct cp_api_value fields = {.type = CP_API_NULL};
    (void)cp_api_member(&r->with, "fields", &fields);
    enum cp_err err = cp_edits_read(e, r, d, s->kind, &fields);
    return err == CP_OK && e->count == 0 ? CP_ERR_USAGE : err;
}

/* Which value `keep` means: N from 1 (below a million), or the beginning of its entry's id. */
static const struct cp_current *find_kept(const struct cp_shown *s, const struct cp_shown_field *f,
                                          struct cp_bytes keep)
{
    size_t n = 0;
    bool number = keep.len > 0 && keep.len < 6;
    for (size_t i = 0; number && i < keep.len; i++) {
        number = keep.ptr[i] >= '0' && keep.ptr[i] <= '9';
        n = n * 10 + (size_t)(keep.ptr[i] & 15U);
    }
    if (number)
        return n >= 1 && n <= f->count ? &f->values[n - 1] : NULL;
    const struct cp_current *found = NULL;
    for (size_t i = 0; keep.len >= 6 && keep.len <= 2 * CP_ID_LEN && i < f->count; i++) {
        char hex[2 * CP_ID_LEN + 1];
        cp_hex_encode(s->state.writes[f->values[i].write].id, CP_ID_LEN, hex);
        if (memcmp(hex, keep.ptr, keep.len) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = &f->values[i];
    }
    return found;
}

/* The suggestion is made anew from what stands now, so that nobody takes words that no screen would show. */
static enum cp_err read_suggestion(struct cp_request *r, struct cp_desk *d, const struct cp_shown *s,
                                   const struct cp_shown_field *f, struct cp_edits *e, struct cp_buf *text)
{
    bool found = false;
    enum cp_err err = cp_shown_suggestion(d, s, f, text, &found);
    if (err == CP_OK && !found)
        err = CP_ERR_NO_SUGGESTION;
    return err != CP_OK
               ? err
               : cp_edits_typed(e, r, d, s->kind, cp_arg(r, "field"), cp_bytes_str("="), cp_buf_bytes(text));
}

/* text: room for a suggestion, which the edits borrow. */
static enum cp_err read_choice(struct cp_request *r, struct cp_desk *d, const struct cp_shown *s,
                               struct cp_edits *e, struct cp_buf *text)
{
    struct cp_edit named;
    struct cp_api_value write = {.type = CP_API_NULL};
    struct cp_bytes field = cp_arg(r, "field"), keep = cp_arg(r, "keep");
    enum cp_err err = cp_edit_name(e, field, s->kind, &named);
    if (err != CP_OK)
        return err;
    const struct cp_shown_field *f = cp_shown_field(s, named.field->code, named.lang, named.column);
    if (f == NULL || f->count == 0 || f->field->list)
        return CP_ERR_NOT_FOUND;
    if (cp_api_member(&r->with, "write", &write) && write.type == CP_API_TEXT)
        return cp_edits_typed(e, r, d, s->kind, field, cp_bytes_str("="), write.text);
    if (cp_api_member_true(&r->with, "suggestion"))
        return read_suggestion(r, d, s, f, e, text);
    if (keep.len == 0)
        return CP_ERR_USAGE;
    const struct cp_current *kept = find_kept(s, f, keep);
    if (kept == NULL) { /* that is what was not found, and not the field */
        cp_utf8_keep(keep, e->bad, sizeof e->bad);
        return CP_ERR_NOT_FOUND;
    }
    /* N counts what stands now: where nothing stands beside it, they read something else. */
    return f->count < 2 ? CP_ERR_NO_CHOICE : cp_edits_keep(e, s, f, kept);
}

/* "value": the words that a choice left standing. */
static void put_chosen(const struct cp_edit *edit, struct cp_buf *out)
{
    cp_api_key(out, "value");
    if (edit->how == CP_EDIT_CLEAR)
        cp_api_null(out);
    else if (edit->field->type == CP_TYPE_COLUMN || !(cp_field_is_link(edit->field) || cp_field_is_int(edit->field)))
        cp_api_text(out, edit->text);
    else if (cp_field_is_link(edit->field))
        cp_api_hex(out, edit->link, CP_ID_LEN);
    else
        cp_api_int(out, edit->number);
}

/* The field that this edit writes anew, where more than one wording stood; else NULL. */
static const struct cp_shown_field *settles(const struct cp_shown *s, const struct cp_edit *edit)
{
    const struct cp_shown_field *f =
        edit->field->list ? NULL : cp_shown_field(s, edit->field->code, edit->lang, edit->column);
    return f != NULL && f->count > 1 ? f : NULL;
}

/* "settled": the wordings that stood beside each other before, by field. */
static void put_settled(const struct cp_desk *d, const struct cp_shown *s, const struct cp_edits *e,
                        struct cp_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < e->count; i++)
        count += settles(s, &e->list[i]) != NULL ? 1 : 0;
    cp_api_key(out, "settled");
    cp_api_list(out, count);
    for (size_t i = 0; i < e->count; i++) {
        const struct cp_shown_field *f = settles(s, &e->list[i]);
        if (f == NULL)
            continue;
        cp_api_object(out, 2);
        cp_api_key(out, "field");
        cp_put_field_name(f, out);
        cp_api_key(out, "wordings");
        cp_put_wordings(d, s, f, out);
    }
}

/* *more: what else the answer says of it. */
static enum cp_err change(struct cp_request *r, bool choose, struct cp_edits *e, struct cp_target *t,
                          uint8_t entry[static CP_ID_LEN], struct cp_buf *more)
{
    struct cp_desk d;
    struct cp_shown s;
    struct cp_buf text;
    enum cp_err err = find_writable(r, t);
    if (err != CP_OK)
        return err;
    err = cp_desk_open(&d, r->node, r->plan);
    if (err != CP_OK)
        return err;
    cp_buf_init(&text, r->node->mem, CP_TEXT_MAX);
    err = cp_shown_load(&s, &d, t->kind, t->id, false);
    if (err == CP_OK) {
        err = cp_own_begin(r);
        if (err == CP_OK) {
            enum cp_err step = choose ? read_choice(r, &d, &s, e, &text) : read_set(r, &d, &s, e);
            if (step == CP_OK && choose && e->count > 0)
                put_chosen(&e->list[0], more);
            else if (step == CP_OK)
                put_settled(&d, &s, e, more);
            if (step == CP_OK)
                step = write_edits(r, e, &s, entry);
            if (step == CP_OK)
                step = write_rest(r, e, &d, t, entry);
            err = cp_own_end(r, step);
        }
        cp_shown_clear(&s);
    }
    cp_buf_clear(&text);
    cp_desk_close(&d);
    return err;
}

static void serve_change(struct cp_request *r, bool choose)
{
    struct cp_edits e;
    struct cp_target t;
    uint8_t entry[CP_ID_LEN] = {0};
    struct cp_buf more;
    cp_edits_init(&e);
    cp_buf_init(&more, r->node->mem, CP_API_MESSAGE_MAX / 2);
    enum cp_err err = change(r, choose, &e, &t, entry, &more);
    if (err == CP_OK)
        reply_ids(r, t.id, entry, &more);
    else if (err == CP_ERR_NOT_FOUND || (err == CP_ERR_AMBIGUOUS && e.bad[0] == '\0') ||
             err == CP_ERR_NOT_YOURS || err == CP_ERR_NO_SUGGESTION || err == CP_ERR_NO_CHOICE)
        cp_reply_about(r, err, e.bad[0] == '\0' ? cp_arg(r, "id") : cp_bytes_str(e.bad));
    else
        cp_edits_refuse(r, &e, err);
    cp_buf_clear(&more);
}

static void serve_set(struct cp_request *r)
{
    serve_change(r, false);
}

static void serve_choose(struct cp_request *r)
{
    serve_change(r, true);
}

const struct cp_command cp_serve_plan[] = {
    {"plan-new", CP_NEED_UNLOCKED | CP_NEED_PERSON | CP_NEED_SEAL, cp_serve_plan_new},
    {"plan-list", 0, cp_serve_plan_list},
    {"plan-show", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_plan_show},
    {"add", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, serve_add},
    {"add-many", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, cp_serve_add_many},
    {"set", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, serve_set},
    {"choose", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, serve_choose},
    {"rate", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, cp_serve_rate},
    {"withdraw-words", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON | CP_NEED_SEAL,
     cp_serve_withdraw_words},
    {"note", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, cp_serve_note},
    {NULL, 0, NULL}};
