/* Giving pages out: receipt, receipts, hand-out, and a page with its receipts. Owns: these handlers and the group's
 * table. Must not: judge what counts (proto/handout.h), or write files (the client does). */
#include "daemon/serve_handout.h"

#include <stdio.h>
#include <assert.h>
#include <string.h>

#include "daemon/serve_agree.h"
#include "daemon/serve_plan.h"
#include "proto/handout.h"

enum {
    RECEIPT_FORMAT = CP_M_FORMAT,
    RECEIPT_STATE = CP_M_RECEIPT_STATE
};

/* ---- receipt ---- */

/* A receipt on its way. */
struct handing {
    struct cp_request *r;
    struct cp_desk d;
    struct cp_edits e;
    uint8_t version[CP_ID_LEN];
    char today[11];
};

static const struct cp_edit *edit_of(const struct cp_edits *e, uint16_t field)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].field->code == field && e->list[i].how == CP_EDIT_SET)
            return &e->list[i];
    return NULL;
}

static bool edit_says(const struct cp_edits *e, uint16_t field, const char *words)
{
    const struct cp_edit *edit = edit_of(e, field);
    return edit != NULL && cp_word_in(words, edit->text);
}

static enum cp_err refuse(struct handing *h, const char *bad, const char *expected)
{
    (void)snprintf(h->e.bad, sizeof h->e.bad, "%s", bad);
    (void)snprintf(h->e.expected, sizeof h->e.expected, "%s", expected);
    return CP_ERR_BAD_FIELD;
}

static bool is_about_me(const struct handing *h)
{
    const struct cp_edit *to = edit_of(&h->e, CP_M_RECEIPT_TO);
    return to != NULL &&
           memcmp(to->link, cp_keeper_person(h->r->node->keeper, h->r->person)->person, CP_ID_LEN) == 0;
}

/* What a receipt has to say. Every device judges what it counts as; this is for people who mistyped. */
static enum cp_err check_receipt(struct handing *h)
{
    if (edit_of(&h->e, CP_M_RECEIPT_TO) == NULL)
        return refuse(h, "to", "the person whom the copy is for");
    if (edit_of(&h->e, RECEIPT_STATE) == NULL)
        return refuse(h, "state", "sent|given|got|explained|could_not");
    if (edit_says(&h->e, RECEIPT_STATE, "got") && !is_about_me(h) && !edit_says(&h->e, CP_M_HOW, "hand"))
        return refuse(h, "state=got", "given; or how=hand beside it, when you put it in their hand");
    if (edit_says(&h->e, RECEIPT_STATE, "could_not") && edit_of(&h->e, CP_FIELD_WHY) == NULL)
        return refuse(h, "why", "the reason, in your own words");
    return CP_OK;
}

/* The day, and who gave it, where nobody said: today, and the one who writes this. */
static enum cp_err fill_in(struct handing *h)
{
    bool sent = edit_says(&h->e, RECEIPT_STATE, "sent");
    struct cp_bytes is = cp_bytes_str("="), me = cp_bytes_str("me");
    enum cp_err err = CP_OK;
    if (edit_says(&h->e, RECEIPT_STATE, "could_not"))
        return CP_OK;
    if (edit_of(&h->e, CP_M_SENT_AT) == NULL && edit_of(&h->e, CP_M_GIVEN_AT) == NULL)
        err = cp_edits_text(&h->e, sent ? CP_M_SENT_AT : CP_M_GIVEN_AT, CP_RECORD_RECEIPT,
                            cp_bytes_str(h->today));
    if (err == CP_OK && !sent && !is_about_me(h) && edit_of(&h->e, CP_M_GIVEN_BY) == NULL)
        err = cp_edits_typed(&h->e, h->r, &h->d, CP_RECORD_RECEIPT, cp_bytes_str("given_by"), is, me);
    return err;
}

static enum cp_err write_receipt(struct handing *h, uint8_t id[static CP_ID_LEN])
{
    struct cp_api_value fields = {.type = CP_API_NULL};
    struct cp_draft draft;
    (void)cp_api_member(&h->r->with, "fields", &fields);
    enum cp_err err = cp_edits_read(&h->e, h->r, &h->d, CP_RECORD_RECEIPT, &fields);
    if (err == CP_OK)
        err = check_receipt(h);
    if (err == CP_OK)
        err = fill_in(h);
    if (err != CP_OK)
        return err;
    cp_draft_init(&draft, h->d.mem, CP_KIND_RECEIPT, 0, h->version);
    err = cp_edits_apply(&h->e, NULL, &draft);
    if (err == CP_OK)
        err = cp_own_append(h->r, &draft, id);
    cp_draft_clear(&draft);
    return err;
}

static void reply_receipt(struct handing *h, const uint8_t *id)
{
    struct cp_buf out;
    const struct cp_edit *to = edit_of(&h->e, CP_M_RECEIPT_TO);
    const struct cp_edit *state = edit_of(&h->e, RECEIPT_STATE);
    assert(to != NULL && state != NULL); /* what was just written has both */
    cp_buf_init(&out, h->r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 4);
    cp_put_id(&out, "id", id);
    cp_put_id(&out, "version", h->version);
    cp_put_id(&out, "to", to->link);
    cp_put_said(&out, "state", state->text);
    cp_reply_buf(h->r, &out);
    cp_buf_clear(&out);
}

static void serve_receipt(struct cp_request *r)
{
    struct handing h = {.r = r};
    uint8_t id[CP_ID_LEN] = {0};
    enum cp_err err = cp_node_find_version(r->node, r->plan, cp_arg(r, "version"), h.version);
    if (err != CP_OK) {
        cp_reply_about(r, err, cp_arg(r, "version"));
        return;
    }
    cp_day_of(cp_node_time_ms(), h.today);
    cp_edits_init(&h.e);
    err = cp_desk_open(&h.d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_own_begin(r);
        if (err == CP_OK)
            err = cp_own_end(r, write_receipt(&h, id));
        cp_desk_close(&h.d);
    }
    if (err == CP_OK)
        reply_receipt(&h, id);
    else
        cp_edits_refuse(r, &h.e, err);
}

/* ---- receipts ---- */

static void put_texts(struct cp_buf *out, const struct cp_model_record *r)
{
    cp_put_said(out, "format", cp_model_text(r, RECEIPT_FORMAT));
    cp_put_said(out, "language", cp_model_text(r, CP_M_LANGUAGE));
    cp_put_said(out, "how", cp_model_text(r, CP_M_HOW));
    cp_put_said(out, "part", cp_model_text(r, CP_M_PART));
    cp_put_said(out, "why", cp_model_text(r, CP_FIELD_WHY));
    cp_put_said(out, "sent_at", cp_model_text(r, CP_M_SENT_AT));
    cp_put_said(out, "given_at", cp_model_text(r, CP_M_GIVEN_AT));
    cp_put_said(out, "try_again", cp_model_text(r, CP_M_TRY_AGAIN));
}

static struct cp_bytes name_of(const struct cp_looking *k, const uint8_t *id)
{
    return id == NULL ? CP_BYTES(NULL, 0) : cp_model_name(&k->l.m, id);
}

void cp_put_receipt(struct cp_looking *k, const struct cp_model_receipt *r, struct cp_buf *out)
{
    const uint8_t *to = cp_model_link(&r->r, CP_M_RECEIPT_TO);
    const uint8_t *giver = cp_model_link(&r->r, CP_M_GIVEN_BY);
    cp_api_object(out, 19);
    cp_put_id(out, "id", r->r.id);
    cp_put_id(out, "version", r->version);
    cp_put_id(out, "to", to);
    cp_put_said(out, "to_name", name_of(k, to));
    cp_put_said(out, "state", cp_model_text(&r->r, RECEIPT_STATE));
    cp_put_said(out, "counts_as", cp_bytes_str(cp_copied_word(cp_receipt_counts_as(r))));
    put_texts(out, &r->r);
    cp_put_id(out, "given_by", giver);
    cp_put_said(out, "given_by_name", name_of(k, giver));
    cp_put_id(out, "by", r->by);
    cp_put_said(out, "name", name_of(k, r->by));
    cp_put_number(out, "claimed_at", (int64_t)r->claimed_ms);
}

static void serve_receipts(struct cp_request *r)
{
    struct cp_looking k;
    uint8_t version[CP_ID_LEN] = {0};
    struct cp_bytes typed = cp_arg(r, "version");
    enum cp_err err = typed.len == 0 ? CP_OK : cp_node_find_version(r->node, r->plan, typed, version);
    if (err != CP_OK) {
        cp_reply_about(r, err, typed);
        return;
    }
    if (!cp_looking_begin(&k, r))
        return;
    for (size_t i = 0; k.err == CP_OK && i < k.l.m.receipts_count; i++) {
        const struct cp_model_receipt *receipt = &k.l.m.receipts[i];
        if (typed.len > 0 && memcmp(receipt->version, version, CP_ID_LEN) != 0)
            continue;
        cp_put_receipt(&k, receipt, &k.row);
        cp_looking_send(&k);
    }
    cp_looking_end(&k);
}

/* ---- hand-out: who must get what ---- */

/* The page that a hand-out is of: the one named, else the newest for agreement, else the newest for comment. */
static const struct cp_model_version *page_of(struct cp_looking *k)
{
    struct cp_bytes typed = cp_arg(k->r, "version");
    const struct cp_model *m = &k->l.m;
    uint8_t id[CP_ID_LEN] = {0};
    const struct cp_model_version *v = NULL;
    if (typed.len == 0) {
        v = cp_model_newest(m, CP_STAGE_AGREEMENT);
        v = v != NULL ? v : cp_model_newest(m, CP_STAGE_COMMENT);
    } else {
        k->err = cp_node_find_version(k->r->node, k->r->plan, typed, id);
        for (size_t i = 0; k->err == CP_OK && v == NULL && i < m->versions_count; i++)
            v = memcmp(m->versions[i].id, id, CP_ID_LEN) == 0 ? &m->versions[i] : NULL;
    }
    if (k->err == CP_OK && v == NULL)
        k->err = CP_ERR_NOT_FOUND;
    if (k->err != CP_OK)
        k->about = typed;
    return v;
}

static void put_why(struct cp_buf *out, unsigned why)
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {{CP_COPY_NAMED, "named"}, {CP_COPY_ANSWERS, "answers"}, {CP_COPY_INFORMED, "kept informed"}};
    size_t count = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        count += (why & words[i].bit) != 0 ? 1 : 0;
    cp_api_key(out, "why");
    cp_api_list(out, count);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if ((why & words[i].bit) != 0)
            cp_api_cstr(out, words[i].word);
}

static struct cp_bytes fact_of(const struct cp_version_item *item, uint16_t field)
{
    for (size_t i = 0; i < item->facts_count; i++)
        if (item->facts[i].field == field && item->facts[i].lang.len == 0)
            return item->facts[i].value;
    return CP_BYTES(NULL, 0);
}

/* Does the page name the person as lead or helper of the action? */
static bool does(const struct cp_version_item *action, const uint8_t *person)
{
    uint8_t id[CP_ID_LEN];
    for (size_t i = 0; i < action->facts_count; i++)
        if ((action->facts[i].field == CP_FIELD_LEAD || action->facts[i].field == CP_FIELD_HELPERS) &&
            cp_hex_decode(action->facts[i].value, id, CP_ID_LEN) && memcmp(id, person, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* Days of the page's actions on which the person has said that they cannot (capability 2): for their own copy. */
static void put_clashes(const struct cp_version *page, const uint8_t *person,
                        const struct cp_model_record *wants, struct cp_buf *out, const struct cp_mem *mem)
{
    static const uint16_t days[] = {CP_M_START, CP_M_DUE};
    struct cp_buf rows;
    size_t count = 0;
    cp_buf_init(&rows, mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; i < page->items_count; i++)
        for (size_t k = 0; k < 2; k++) {
            const struct cp_version_item *item = &page->items[i];
            const struct cp_model_fact *f = cp_model_get(wants, CP_M_CANNOT_ON);
            struct cp_bytes day = fact_of(item, days[k]);
            while (f != NULL && !cp_bytes_eq(f->text, day))
                f = cp_model_next(wants, f);
            if (f == NULL || day.len == 0 || item->kind != CP_RECORD_ACTION || !does(item, person))
                continue;
            cp_api_object(&rows, 3);
            cp_put_id(&rows, "action", item->id);
            cp_put_said(&rows, "text", fact_of(item, CP_FIELD_TEXT));
            cp_put_said(&rows, "day", day);
            count++;
        }
    cp_api_key(out, "clashes");
    cp_api_list(out, count);
    cp_buf_put_bytes(out, cp_buf_bytes(&rows));
    if (out->err == CP_OK)
        out->err = rows.err;
    cp_buf_clear(&rows);
}

static void send_copy(struct cp_looking *k, const struct cp_model_version *v, const struct cp_version *page,
                      const struct cp_model_copy *to)
{
    const struct cp_model_person *p = cp_model_person(&k->l.m, to->person);
    static const struct cp_model_record nobody = {.facts = NULL};
    const struct cp_model_record *wants = p == NULL ? &nobody : &p->r;
    struct cp_copy copy;
    struct cp_buf *out = &k->row;
    cp_copy_find(&copy, &k->l.m, v->id, to->person);
    cp_api_object(out, 15);
    cp_put_id(out, "version", v->id);
    cp_api_key(out, "stage");
    cp_api_cstr(out, v->stage == CP_STAGE_COMMENT ? "comment" : "agreement");
    cp_put_id(out, "person", to->person);
    cp_put_said(out, "name", to->name);
    put_why(out, to->why);
    cp_put_said(out, "format", cp_model_settled(wants, CP_M_WANTS_FORMAT));
    cp_put_said(out, "language", cp_model_settled(wants, CP_M_WANTS_LANGUAGE));
    cp_put_said(out, "way", cp_model_settled(wants, CP_M_WANTS_BY));
    cp_put_truth(out, "my_part", (to->why & CP_COPY_NAMED) != 0);
    cp_put_said(out, "state", cp_bytes_str(cp_copied_word(copy.copied)));
    cp_put_truth(out, "in_form", copy.in_form);
    cp_put_id(out, "receipt", copy.receipt == NULL ? NULL : copy.receipt->r.id);
    cp_put_said(out, "sent_on", copy.sent_on);
    cp_put_said(out, "try_again", copy.try_again);
    put_clashes(page, to->person, wants, out, k->d.mem);
    cp_looking_send(k);
}

static void serve_hand_out(struct cp_request *r)
{
    struct cp_looking k;
    struct cp_model_copy *list = NULL;
    struct cp_page page;
    size_t count = 0;
    if (!cp_looking_begin(&k, r))
        return;
    const struct cp_model_version *v = page_of(&k);
    if (v == NULL) {
        cp_looking_end(&k);
        return;
    }
    /* Older pages too can be given out, so the list comes from the page itself. */
    k.err = cp_page_open(&page, &k.d, v->id);
    if (k.err == CP_OK) {
        k.err = cp_copies_of(&page.read.v, k.d.mem, &list, &count);
        for (size_t i = 0; k.err == CP_OK && i < count; i++)
            send_copy(&k, v, &page.read.v, &list[i]);
        cp_free(k.d.mem, list);
        cp_page_clear(&page);
    }
    cp_looking_end(&k);
}

/* ---- wants ---- */

/* What somebody asked for; of two wordings neither, because they have not chosen. */
static void put_want(const struct cp_shown *s, const char *key, uint16_t field, struct cp_buf *out)
{
    const struct cp_shown_field *f = cp_shown_field(s, field, CP_BYTES(NULL, 0), CP_BYTES(NULL, 0));
    const struct cp_value *v = f == NULL || f->count != 1 ? NULL : cp_record_value(&s->state, &f->values[0]);
    cp_put_said(out, key, v != NULL && v->type == CP_VALUE_TEXT ? v->bytes : CP_BYTES(NULL, 0));
}

/* One person's own wishes, without a look at the whole plan: exports ask for them each time. */
static void serve_wants(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_shown s;
    struct cp_buf out;
    uint8_t id[CP_ID_LEN] = {0};
    enum cp_err err = cp_node_find_person(r->node, r->plan, cp_arg(r, "person"), id);
    if (err != CP_OK) {
        cp_reply_about(r, err, cp_arg(r, "person"));
        return;
    }
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        const struct cp_named *who = cp_desk_person(&d, id);
        err = cp_shown_load(&s, &d, who != NULL && who->someone ? CP_RECORD_SOMEONE : CP_RECORD_PERSON, id,
                            false);
        if (err == CP_OK) {
            cp_api_object(&out, 5);
            cp_put_id(&out, "person", id);
            cp_put_said(&out, "name", cp_desk_name(&d, id));
            put_want(&s, "format", CP_M_WANTS_FORMAT, &out);
            put_want(&s, "language", CP_M_WANTS_LANGUAGE, &out);
            put_want(&s, "way", CP_M_WANTS_BY, &out);
            cp_shown_clear(&s);
        }
        cp_desk_close(&d);
    }
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else
        cp_reply_error(r, err, NULL, NULL);
    cp_buf_clear(&out);
}

/* ---- show VERSION ---- */

static enum cp_err put_log(struct cp_looking *k, const struct cp_loaded *l, struct cp_buf *out)
{
    struct cp_frame f;
    struct cp_buf notes;
    size_t count = 0;
    cp_buf_init(&notes, k->d.mem, CP_API_MESSAGE_MAX);
    size_t told = 0;
    for (size_t i = 0; i < l->count; i++)
        told += cp_desk_tells(&k->d, &l->info[i]) ? 1 : 0;
    cp_api_key(out, "history");
    cp_api_list(out, told);
    for (size_t i = 0; i < l->count; i++) {
        const struct cp_entry_info *info = &l->info[i];
        if (cp_desk_tells(&k->d, info))
            cp_put_history(&k->d, info, out);
        if (info->newer || info->is_void || info->kind != CP_KIND_NOTE ||
            cp_frame_read(info->frame, info->words, &f) != CP_OK)
            continue;
        cp_put_note(&k->d, info, &f, &notes);
        count++;
    }
    cp_api_key(out, "notes");
    cp_api_list(out, count);
    cp_buf_put_bytes(out, cp_buf_bytes(&notes));
    enum cp_err err = cp_buf_err(&notes);
    cp_buf_clear(&notes);
    return err == CP_OK ? cp_buf_err(out) : err;
}

static void put_page(struct cp_looking *k, const struct cp_page *p, struct cp_buf *out)
{
    char words[64];
    cp_check_words(p->id, words);
    cp_put_id(out, "id", p->id);
    cp_api_key(out, "kind");
    cp_api_cstr(out, "version");
    cp_put_said(out, "text", cp_bytes_str(words));
    cp_api_key(out, "state");
    cp_api_cstr(out, p->read.v.stage == CP_STAGE_COMMENT ? "comment" : "agreement");
    cp_api_key(out, "fields");
    cp_api_object(out, 0);
    cp_api_key(out, "wordings");
    cp_api_object(out, 0);
    cp_put_id(out, "by", p->by);
    cp_put_said(out, "name", cp_desk_name(&k->d, p->by));
    cp_put_number(out, "claimed_at", (int64_t)p->time_ms);
}

static void put_receipts(struct cp_looking *k, const uint8_t *version, struct cp_buf *out)
{
    const struct cp_model *m = &k->l.m;
    size_t count = 0;
    for (size_t i = 0; i < m->receipts_count; i++)
        count += memcmp(m->receipts[i].version, version, CP_ID_LEN) == 0 ? 1 : 0;
    cp_api_key(out, "receipts");
    cp_api_list(out, count);
    for (size_t i = 0; i < m->receipts_count; i++)
        if (memcmp(m->receipts[i].version, version, CP_ID_LEN) == 0)
            cp_put_receipt(k, &m->receipts[i], out);
}

void cp_serve_show_version(struct cp_request *r, const uint8_t version[static CP_ID_LEN])
{
    struct cp_looking k;
    struct cp_page page;
    struct cp_loaded l;
    if (!cp_looking_begin(&k, r))
        return;
    struct cp_buf *out = &k.row;
    k.err = cp_page_open(&page, &k.d, version);
    if (k.err == CP_OK) {
        k.err = cp_store_load(r->node->store, r->plan, version, true, &l);
        if (k.err == CP_OK) {
            cp_api_object(out, 13);
            put_page(&k, &page, out);
            k.err = put_log(&k, &l, out);
            cp_api_key(out, "views");
            cp_api_list(out, 0);
            put_receipts(&k, version, out);
            cp_loaded_clear(&l);
        }
        cp_page_clear(&page);
    }
    cp_looking_value(&k);
}

const struct cp_command cp_serve_handout[] = {
    {"receipt", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, serve_receipt},
    {"receipts", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_receipts},
    {"hand-out", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_hand_out},
    {"wants", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_wants},
    {"calendar", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_calendar},
    {"evidence", CP_NEED_UNLOCKED | CP_NEED_PLAN, cp_serve_evidence},
    {"about-me", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, cp_serve_about_me},
    {NULL, 0, NULL}};
