/* Everything held about one person, for that person alone: about-me. Owns: these rows. Must not: answer for anybody
 * whose home this is not (the dispatcher finds the person among this home's own). */
#include <string.h>

#include "daemon/serve_agree.h"
#include "daemon/serve_handout.h"
#include "proto/sensitive.h"

struct about {
    struct cp_looking k;
    const uint8_t *me;
};

/* Begins a row: its section and how many members follow it. */
static struct cp_buf *begin(struct about *a, const char *section, size_t members)
{
    cp_api_object(&a->k.row, members + 1);
    cp_api_key(&a->k.row, "section");
    cp_api_cstr(&a->k.row, section);
    return &a->k.row;
}

static void put_word(struct cp_buf *out, const char *key, const char *word)
{
    cp_api_key(out, key);
    cp_api_cstr(out, word == NULL ? "" : word);
}

static bool is_me(const struct about *a, const uint8_t *id)
{
    return id != NULL && memcmp(id, a->me, CP_ID_LEN) == 0;
}

/* ---- What I say of myself, and my devices ---- */

static void send_me(struct about *a)
{
    struct cp_shown s;
    a->k.err = cp_shown_load(&s, &a->k.d, CP_RECORD_PERSON, a->me, false);
    if (a->k.err != CP_OK)
        return;
    struct cp_buf *out = begin(a, "me", 4);
    cp_put_id(out, "person", a->me);
    cp_put_said(out, "name", cp_model_name(&a->k.l.m, a->me));
    cp_api_key(out, "fields");
    cp_put_fields(&s, out);
    cp_api_key(out, "wordings");
    cp_put_all_wordings(&a->k.d, &s, out);
    cp_looking_send(&a->k);
    cp_shown_clear(&s);
}

static void send_devices(struct about *a)
{
    const struct cp_members *members = NULL;
    if (a->k.err == CP_OK)
        a->k.err = cp_store_members(a->k.d.node->store, a->k.d.plan, &members);
    for (size_t i = 0; a->k.err == CP_OK && i < members->count; i++) {
        const struct cp_member_device *d = &members->devices[i];
        if (!is_me(a, d->person))
            continue;
        struct cp_buf *out = begin(a, "device", 3);
        cp_put_id(out, "device", d->device_key);
        cp_put_said(out, "name", d->device_name);
        cp_put_truth(out, "standing", cp_member_speaks(d));
        cp_looking_send(&a->k);
    }
}

/* ---- What I think, answered and wrote ---- */

static struct cp_bytes text_of(const struct about *a, const uint8_t *id)
{
    const struct cp_model_item *item = cp_model_item(&a->k.l.m, id);
    return item != NULL ? cp_model_text(&item->r, CP_FIELD_TEXT) : cp_model_name(&a->k.l.m, id);
}

static void send_views(struct about *a)
{
    const struct cp_model *m = &a->k.l.m;
    for (size_t i = 0; a->k.err == CP_OK && i < m->views_count; i++) {
        const struct cp_model_view *v = &m->views[i];
        if (!is_me(a, v->person))
            continue;
        struct cp_buf *out = begin(a, "view", 6);
        cp_put_id(out, "entry", v->entry);
        cp_put_id(out, "about", v->target);
        cp_put_said(out, "text", text_of(a, v->target));
        put_word(out, "measure", cp_measure_word(v->measure));
        cp_put_said(out, "value", v->value);
        cp_put_said(out, "why", v->why);
        cp_looking_send(&a->k);
    }
}

static bool visit_answer(void *ctx, const struct cp_entry_info *info)
{
    struct about *a = ctx;
    struct cp_answer_read read;
    bool counts = false; /* told all the same: it is theirs */
    if (!cp_desk_answer(&a->k.d, info, &read, &counts))
        return true;
    if (is_me(a, read.a.person)) {
        struct cp_buf *out = begin(a, "answer", 6);
        cp_put_id(out, "entry", info->id);
        cp_put_id(out, "version", read.a.version);
        put_word(out, "answer", cp_answer_text_word(read.a.word));
        cp_put_said(out, "why", read.a.why);
        cp_put_said(out, "would_agree_if", read.a.would_agree_if);
        cp_put_number(out, "claimed_at", (int64_t)info->time_ms);
        cp_looking_send(&a->k);
    }
    cp_answer_clear(&read);
    return a->k.err == CP_OK;
}

static bool visit_own(void *ctx, const struct cp_entry_info *info)
{
    struct about *a = ctx;
    if (!is_me(a, info->person))
        return true;
    struct cp_buf *out = begin(a, "wrote", 1);
    cp_api_key(out, "entry");
    cp_put_history(&a->k.d, info, out);
    cp_looking_send(&a->k);
    return a->k.err == CP_OK;
}

/* ---- Copies and pages ---- */

static void send_receipts(struct about *a)
{
    const struct cp_model *m = &a->k.l.m;
    for (size_t i = 0; a->k.err == CP_OK && i < m->receipts_count; i++) {
        const struct cp_model_receipt *r = &m->receipts[i];
        if (!is_me(a, r->by) && !cp_model_links(&r->r, CP_M_RECEIPT_TO, a->me) &&
            !cp_model_links(&r->r, CP_M_GIVEN_BY, a->me))
            continue;
        struct cp_buf *out = begin(a, "receipt", 1);
        cp_api_key(out, "receipt");
        cp_put_receipt(&a->k, r, out);
        cp_looking_send(&a->k);
    }
}

static bool hex_is_me(const struct about *a, struct cp_bytes hex)
{
    uint8_t id[CP_ID_LEN];
    return cp_hex_decode(hex, id, CP_ID_LEN) && is_me(a, id);
}

static bool page_names_me(const struct about *a, const struct cp_version *v)
{
    for (size_t i = 0; i < v->must_answer_count; i++)
        if (is_me(a, v->must_answer[i].person))
            return true;
    for (size_t i = 0; i < v->kept_informed_count; i++)
        if (is_me(a, v->kept_informed[i].person))
            return true;
    for (size_t i = 0; i < v->items_count; i++)
        for (size_t j = 0; j < v->items[i].facts_count; j++)
            if (hex_is_me(a, v->items[i].facts[j].value))
                return true;
    return false;
}

static void send_pages(struct about *a)
{
    const struct cp_model *m = &a->k.l.m;
    for (size_t i = 0; a->k.err == CP_OK && i < m->versions_count; i++) {
        struct cp_page page;
        enum cp_err err = cp_page_open(&page, &a->k.d, m->versions[i].id);
        if (err == CP_ERR_WORDS_MISSING)
            continue;
        a->k.err = err;
        if (err != CP_OK)
            return;
        if (page_names_me(a, &page.read.v)) {
            struct cp_buf *out = begin(a, "page", 2);
            cp_put_id(out, "version", page.id);
            put_word(out, "stage", page.read.v.stage == CP_STAGE_COMMENT ? "comment" : "agreement");
            cp_looking_send(&a->k);
        }
        cp_page_clear(&page);
    }
}

/* ---- Where others name me ---- */

static void send_mention(struct about *a, const char *section, const struct cp_model_record *r,
                         const char *kind, uint16_t field)
{
    const struct cp_field *f = cp_field_by_code(field);
    struct cp_buf *out = begin(a, section, 4);
    cp_put_id(out, "id", r->id);
    put_word(out, "kind", kind);
    put_word(out, "field", f == NULL ? "" : f->name);
    cp_put_said(out, "text", cp_model_text(r, CP_FIELD_TEXT));
    cp_looking_send(&a->k);
}

/* By a link, field by field; and by name, in somebody's words. */
static void send_of_record(struct about *a, const struct cp_model_record *r, const char *kind)
{
    struct cp_bytes name = cp_model_name(&a->k.l.m, a->me);
    for (size_t i = 0; a->k.err == CP_OK && i < r->facts_count; i++) {
        const struct cp_model_fact *f = &r->facts[i];
        if (is_me(a, f->link))
            send_mention(a, "mention", r, kind, f->field);
        else if (f->text.len > 0 && cp_sensitive_name(f->text, 0, name).len > 0)
            send_mention(a, "named in words", r, kind, f->field);
    }
}

static void send_mentions(struct about *a)
{
    const struct cp_model *m = &a->k.l.m;
    send_of_record(a, &m->plan, "plan");
    for (size_t i = 0; a->k.err == CP_OK && i < m->items_count; i++)
        send_of_record(a, &m->items[i].r, cp_record_word(m->items[i].r.kind));
    for (size_t i = 0; a->k.err == CP_OK && i < m->notes_count; i++) {
        const struct cp_model_note *n = &m->notes[i];
        if (is_me(a, n->about))
            send_mention(a, "note about me", &n->r, cp_note_word(n->kind), CP_FIELD_TEXT);
        send_of_record(a, &n->r, cp_note_word(n->kind));
    }
}

void cp_serve_about_me(struct cp_request *r)
{
    struct about a = {.me = cp_keeper_person(r->node->keeper, r->person)->person};
    if (!cp_looking_begin(&a.k, r))
        return;
    send_me(&a);
    send_devices(&a);
    send_views(&a);
    if (a.k.err == CP_OK)
        a.k.err = cp_store_each(r->node->store, r->plan, CP_KIND_ANSWER, false, visit_answer, &a);
    send_receipts(&a);
    send_pages(&a);
    send_mentions(&a);
    if (a.k.err == CP_OK)
        a.k.err = cp_store_each(r->node->store, r->plan, 0, true, visit_own, &a);
    cp_looking_end(&a.k);
}
