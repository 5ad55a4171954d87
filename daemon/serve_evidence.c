/* The portfolio of evidence: what each point of the standard rests on, by whom and when. Owns: these rows.
 * Must not: judge (proto/check.h), or say of anybody which side they belong to without their yes. */
#include <string.h>

#include "daemon/check_json.h"
#include "daemon/serve_agree.h"
#include "daemon/serve_handout.h"

/* How many records, and reasons, of one point are described; all are counted, and `check` has them. */
#define DESCRIBED_MOST 25

struct evidence {
    struct cp_looking k;
    struct cp_checked c;
    size_t most;
};

/* ---- One record ---- */

struct described {
    const char *kind;
    const char *subkind;
    struct cp_bytes text;
    const uint8_t *by; /* NULL: nobody's doing */
    uint8_t by_id[CP_ID_LEN];
    uint64_t time_ms;    /* 0: nobody said when */
    const uint8_t *whom; /* whom it was said for, when that is somebody else than `by`; else NULL */
    uint8_t whom_id[CP_ID_LEN];
    const char *how; /* "own", "paper", "proxy" */
    bool withdrawn;  /* its words were taken back */
};

/* What somebody wrote, where all may read it. An achievement of somebody is told in their words after their yes. */
static struct cp_bytes words_of(const struct cp_model *m, const uint8_t *id)
{
    const struct cp_model_item *item = cp_model_item(m, id);
    if (item != NULL)
        return cp_model_text(&item->r, CP_FIELD_TEXT);
    for (size_t i = 0; i < m->notes_count; i++) {
        const struct cp_model_note *n = &m->notes[i];
        if (memcmp(n->r.id, id, CP_ID_LEN) != 0)
            continue;
        const uint8_t *who = cp_model_link(&n->r, CP_M_FOR_PERSON);
        bool may = n->kind != CP_M_NOTE_CONSENT && (who == NULL || cp_model_consents(m, who, n->r.id, NULL));
        return may ? cp_model_text(&n->r, CP_FIELD_TEXT) : CP_BYTES(NULL, 0);
    }
    return CP_BYTES(NULL, 0);
}

static const char *subkind_of(const struct cp_entry_info *info)
{
    struct cp_frame f;
    const char *word = NULL;
    if (info->newer || cp_frame_read(info->frame, CP_BYTES(NULL, 0), &f) != CP_OK)
        return "";
    if (f.kind == CP_KIND_ITEM)
        word = cp_record_word(f.subkind);
    if (f.kind == CP_KIND_VIEW)
        word = cp_measure_word(f.subkind);
    if (f.kind == CP_KIND_NOTE)
        word = cp_note_word(f.subkind);
    return word == NULL ? "" : word;
}

static enum cp_err describe_page(struct evidence *e, const uint8_t *id, struct described *d)
{
    struct cp_page page;
    enum cp_err err = cp_page_open(&page, &e->k.d, id);
    if (err != CP_OK)
        return err == CP_ERR_NOT_FOUND || err == CP_ERR_WORDS_MISSING ? CP_OK : err;
    d->kind = "version";
    d->subkind = page.read.v.stage == CP_STAGE_COMMENT ? "comment" : "agreement";
    d->time_ms = page.time_ms;
    memcpy(d->by_id, page.by, CP_ID_LEN);
    d->by = d->by_id;
    cp_page_clear(&page);
    return CP_OK;
}

static void say_for(struct described *d, const uint8_t *by, const uint8_t *whom, const char *how)
{
    memcpy(d->by_id, by, CP_ID_LEN);
    d->by = d->by_id;
    memcpy(d->whom_id, whom, CP_ID_LEN);
    d->whom = d->whom_id;
    d->how = how;
}

/* An answer on paper was written down by somebody, one by a proxy is the proxy's: neither is the person's own doing. */
static enum cp_err describe_answer(struct evidence *e, const struct cp_entry_info *info, struct described *d)
{
    struct cp_answer_read read;
    bool counts = false;
    if (!cp_desk_answer(&e->k.d, info, &read, &counts))
        return CP_OK;
    if (counts && read.a.how != CP_ANSWER_OWN)
        say_for(d, read.a.by, read.a.person, read.a.how == CP_ANSWER_PAPER ? "paper" : "proxy");
    cp_answer_clear(&read);
    return CP_OK;
}

/* Who speaks for whom in an entry, and whether its words are gone. */
static enum cp_err describe_entry(struct evidence *e, const struct cp_entry_info *info, struct described *d)
{
    struct cp_frame f;
    struct cp_shown s;
    if (info->kind == CP_KIND_ANSWER && !info->newer)
        return describe_answer(e, info, d);
    if (info->newer || cp_frame_read(info->frame, CP_BYTES(NULL, 0), &f) != CP_OK)
        return CP_OK;
    if (f.kind == CP_KIND_VIEW && cp_view_for(&f) != NULL)
        say_for(d, info->person, cp_view_for(&f), "proxy");
    if (f.kind != CP_KIND_ITEM || d->text.len > 0)
        return CP_OK;
    enum cp_err err = cp_shown_load(&s, &e->k.d, (enum cp_record)f.subkind, info->id, false);
    if (err != CP_OK)
        return err;
    const struct cp_shown_field *text =
        cp_shown_field(&s, CP_FIELD_TEXT, CP_BYTES(NULL, 0), CP_BYTES(NULL, 0));
    d->withdrawn = text != NULL && cp_shown_withdrawn(&s, text);
    cp_shown_clear(&s);
    return CP_OK;
}

static enum cp_err describe(struct evidence *e, const uint8_t *id, struct described *d)
{
    struct cp_loaded l;
    const struct cp_model *m = &e->k.l.m;
    const struct cp_model_person *p = cp_model_person(m, id);
    *d = (struct described){.kind = "", .subkind = "", .how = "own", .text = words_of(m, id)};
    if (memcmp(id, e->k.d.plan, CP_ID_LEN) == 0) {
        d->kind = "plan";
        d->text = cp_model_text(&m->plan, CP_FIELD_TITLE);
        return CP_OK;
    }
    if (p != NULL) {
        d->kind = "person";
        d->text = p->name;
        return CP_OK;
    }
    enum cp_err err = cp_store_entry(e->k.d.node->store, e->k.d.plan, id, &l);
    if (err == CP_ERR_NOT_FOUND)
        return describe_page(e, id, d);
    if (err != CP_OK)
        return err;
    const char *kind = cp_kind_word(l.info[0].kind);
    d->kind = kind == NULL ? "" : kind;
    d->subkind = subkind_of(&l.info[0]);
    d->time_ms = l.info[0].time_ms;
    memcpy(d->by_id, l.info[0].person, CP_ID_LEN);
    d->by = d->by_id;
    err = describe_entry(e, &l.info[0], d);
    cp_loaded_clear(&l);
    return err;
}

static void put_record(struct evidence *e, const uint8_t *id)
{
    struct described d;
    struct cp_buf *out = &e->k.row;
    if (e->k.err == CP_OK)
        e->k.err = describe(e, id, &d);
    if (e->k.err != CP_OK)
        return;
    cp_api_object(out, 11);
    cp_put_id(out, "id", id);
    cp_api_key(out, "kind");
    cp_api_cstr(out, d.kind);
    cp_api_key(out, "subkind");
    cp_api_cstr(out, d.subkind);
    cp_put_said(out, "text", d.text);
    cp_put_id(out, "by", d.by);
    cp_put_said(out, "name", d.by == NULL ? CP_BYTES(NULL, 0) : cp_model_name(&e->k.l.m, d.by));
    cp_put_number(out, "claimed_at", (int64_t)d.time_ms);
    cp_put_id(out, "for", d.whom);
    cp_put_said(out, "for_name", d.whom == NULL ? CP_BYTES(NULL, 0) : cp_model_name(&e->k.l.m, d.whom));
    cp_api_key(out, "how");
    cp_api_cstr(out, d.how);
    cp_put_truth(out, "withdrawn", d.withdrawn);
}

/* ---- Rows ---- */

static void send_plan(struct evidence *e)
{
    struct cp_buf *out = &e->k.row;
    struct cp_shown s;
    bool withdrawn = false;
    e->k.err = cp_shown_load(&s, &e->k.d, CP_RECORD_PLAN, e->k.d.plan, false);
    if (e->k.err != CP_OK)
        return;
    const struct cp_shown_field *title =
        cp_shown_field(&s, CP_FIELD_TITLE, CP_BYTES(NULL, 0), CP_BYTES(NULL, 0));
    withdrawn = title != NULL && cp_shown_withdrawn(&s, title);
    cp_shown_clear(&s);
    cp_api_object(out, 5);
    cp_api_key(out, "what");
    cp_api_cstr(out, "plan");
    cp_put_id(out, "plan", e->k.d.plan);
    cp_put_said(out, "title", cp_model_text(&e->k.l.m.plan, CP_FIELD_TITLE));
    cp_put_said(out, "on", e->k.l.m.today);
    cp_put_truth(out, "title_withdrawn", withdrawn);
    cp_looking_send(&e->k);
}

static void put_sides(const struct cp_model_person *p, struct cp_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; p->shows_perspective && i < p->r.facts_count; i++)
        count += p->r.facts[i].field == CP_M_PERSPECTIVES ? 1 : 0;
    cp_api_key(out, "perspectives");
    cp_api_list(out, count);
    for (size_t i = 0; count > 0 && i < p->r.facts_count; i++)
        if (p->r.facts[i].field == CP_M_PERSPECTIVES)
            cp_api_text(out, p->r.facts[i].text);
}

static void send_people(struct evidence *e)
{
    const struct cp_model *m = &e->k.l.m;
    for (size_t i = 0; e->k.err == CP_OK && i < m->people_count; i++) {
        struct cp_buf *out = &e->k.row;
        if (!m->people[i].in)
            continue;
        cp_api_object(out, 4);
        cp_api_key(out, "what");
        cp_api_cstr(out, "person");
        cp_put_id(out, "person", m->people[i].r.id);
        cp_put_said(out, "name", m->people[i].name);
        put_sides(&m->people[i], out);
        cp_looking_send(&e->k);
    }
}

/* What a main point only repeats of its sub-points stands with them. */
static bool is_own(const struct evidence *e, const struct cp_check_row *row, size_t i)
{
    return strcmp(e->c.reasons[row->reasons_at + i].criterion, row->criterion) == 0;
}

/* A side of few people is not named where nobody said that it must be heard: its name would say who they are. */
static bool is_hidden_side(const struct cp_model *m, struct cp_bytes text)
{
    for (size_t i = 0; i < m->perspectives_count; i++)
        if (cp_bytes_eq(m->perspectives[i], text))
            return !cp_model_perspective_needed(m, text) && !cp_model_perspective_shown(m, text);
    return false;
}

static void put_reason(struct evidence *e, const struct cp_check_reason *reason)
{
    struct cp_check_reason told = *reason;
    for (size_t i = 0; i < CP_CHECK_ARGS_MAX; i++)
        if ((told.args[i].type == CP_ARG_TEXT || told.args[i].type == CP_ARG_WORD) &&
            is_hidden_side(&e->k.l.m, told.args[i].text))
            told.args[i] = (struct cp_check_arg){.type = CP_ARG_WORD, .text = cp_bytes_str("small group")};
    cp_put_check_reason(&e->k.row, &told);
}

static void put_reasons(struct evidence *e, const struct cp_check_row *row)
{
    struct cp_buf *out = &e->k.row;
    size_t count = 0, put = 0;
    for (size_t i = 0; i < row->reasons_count; i++)
        count += is_own(e, row, i) ? 1 : 0;
    cp_put_number(out, "reasons_count", (int64_t)count);
    cp_api_key(out, "reasons");
    cp_api_list(out, count < e->most ? count : e->most);
    for (size_t i = 0; i < row->reasons_count && put < e->most; i++) {
        if (!is_own(e, row, i))
            continue;
        put_reason(e, &e->c.reasons[row->reasons_at + i]);
        put++;
    }
}

static void send_criterion(struct evidence *e, const struct cp_check_row *row)
{
    struct cp_buf *out = &e->k.row;
    size_t count = row->records_count < e->most ? row->records_count : e->most;
    cp_api_object(out, 7);
    cp_api_key(out, "what");
    cp_api_cstr(out, "criterion");
    cp_api_key(out, "criterion");
    cp_api_cstr(out, row->criterion);
    cp_api_key(out, "met");
    cp_api_cstr(out, cp_met_word(row->met));
    put_reasons(e, row);
    cp_put_number(out, "records_count", (int64_t)row->records_count);
    cp_api_key(out, "records");
    cp_api_list(out, count);
    for (size_t i = 0; i < count; i++)
        put_record(e, e->c.records[row->records_at + i]);
    cp_looking_send(&e->k);
}

void cp_serve_evidence(struct cp_request *r)
{
    struct evidence e = {.most = DESCRIBED_MOST};
    if (!cp_looking_begin(&e.k, r))
        return;
    cp_checked_init(&e.c, r->node->mem);
    e.k.err = cp_check_all(&e.c, &e.k.l.m);
    if (e.k.err == CP_OK)
        send_plan(&e);
    send_people(&e);
    for (size_t i = 0; e.k.err == CP_OK && i < e.c.count; i++)
        send_criterion(&e, &e.c.rows[i]);
    cp_checked_clear(&e.c);
    cp_looking_end(&e.k);
}
