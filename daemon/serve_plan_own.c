/* What one person thinks and says: views and notes. Owns: rate, note. Must not: write for somebody else without their mandate. */
#include <stdio.h>
#include <string.h>

#include "daemon/serve_agree.h"
#include "daemon/serve_check.h"
#include "daemon/serve_plan.h"
#include "proto/page_line.h"
#include "proto/utf8.h"

enum {
#define X(name, code, word, values) MEASURE_##name = (code),
    CP_MEASURE_LIST(X)
#undef X
#define X(name, code, word) NOTE_##name = (code),
    CP_NOTE_LIST(X)
#undef X
};

static void reply_id(struct cp_request *r, const uint8_t *id)
{
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 1);
    cp_api_key(&out, "id");
    cp_api_hex(&out, id, CP_ID_LEN);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

static const uint8_t *own_id(const struct cp_request *r)
{
    return cp_keeper_person(r->node->keeper, r->person)->person;
}

/* ---- rate ---- */

/* What each measure may be about (domain P4 to P8 and capability 9), for the refusal too. */
static const char *rated_kinds(uint64_t measure)
{
    switch (measure) {
    case MEASURE_SCORE:
    case MEASURE_FAIRNESS:
        return "option|action";
    case MEASURE_COMMITMENT:
        return "priority|option|action";
    case MEASURE_LIKELIHOOD:
    case MEASURE_IMPACT:
        return "obstacle|risk";
    case MEASURE_ACCEPTED_LEVEL:
        return "risk";
    default:
        return "priority|benefit|inaction|need|strength|concern|value|evidence|resource|obstacle|risk|option|action";
    }
}

struct rating {
    uint64_t measure;
    struct cp_target target;
    bool by_criterion;
    uint8_t criterion[CP_ID_LEN];
    bool is_for;
    uint8_t person[CP_ID_LEN]; /* whose view it is */
    const char *bad, *expected;
    char typed[128];
};

static enum cp_err refuse_rating(struct rating *g, enum cp_err err, const char *bad, const char *expected)
{
    g->bad = bad;
    g->expected = expected;
    return err;
}

/* Keeps what was typed for the refusal. */
static const char *typed_copy(struct rating *g, struct cp_bytes b)
{
    cp_utf8_keep(b, g->typed, sizeof g->typed);
    return g->typed;
}

static enum cp_err read_rating(struct cp_request *r, struct rating *g)
{
    struct cp_bytes measure = cp_arg(r, "measure"), value = cp_arg(r, "value");
    struct cp_bytes criterion = cp_arg(r, "by_criterion");
    g->measure = cp_measure_of_word(measure);
    if (g->measure == 0)
        return refuse_rating(g, CP_ERR_BAD_MEASURE, typed_copy(g, measure),
                             "importance|score|fairness|commitment|likelihood|impact|accepted_level");
    if (!cp_word_in(cp_measure_values(g->measure), value))
        return refuse_rating(g, CP_ERR_BAD_VALUE, typed_copy(g, value), cp_measure_values(g->measure));
    enum cp_err err = cp_target_find(r, cp_arg(r, "id"), &g->target);
    if (err != CP_OK)
        return refuse_rating(g, err, typed_copy(g, cp_arg(r, "id")), NULL);
    const char *word = cp_record_word(g->target.kind);
    if (word == NULL || !cp_word_in(rated_kinds(g->measure), cp_bytes_str(word)))
        return refuse_rating(g, CP_ERR_BAD_MEASURE, cp_measure_word(g->measure), rated_kinds(g->measure));
    g->is_for = cp_arg(r, "for").len > 0;
    memcpy(g->person, own_id(r), CP_ID_LEN);
    if (g->is_for) {
        err = cp_node_find_person(r->node, r->plan, cp_arg(r, "for"), g->person);
        if (err == CP_OK && memcmp(g->person, own_id(r), CP_ID_LEN) == 0)
            err = CP_ERR_USAGE;
        if (err != CP_OK)
            return refuse_rating(g, err, "for", NULL);
    }
    g->by_criterion = criterion.len > 0;
    if (!g->by_criterion)
        return CP_OK;
    struct cp_target t;
    err = cp_target_find(r, criterion, &t);
    if (err == CP_ERR_AMBIGUOUS)
        return refuse_rating(g, err, typed_copy(g, criterion), NULL);
    if (err == CP_ERR_NOT_FOUND || err == CP_ERR_USAGE || (err == CP_OK && t.kind != CP_RECORD_CRITERION) ||
        (err == CP_OK && g->measure != MEASURE_SCORE))
        return refuse_rating(g, CP_ERR_BAD_FIELD, "by_criterion",
                             "the id of a criterion, with the measure score");
    memcpy(g->criterion, t.id, CP_ID_LEN);
    return err;
}

/* Only whom a risk is about or affects says how much of it they accept: others would write what nobody takes. */
static enum cp_err check_about(const struct rating *g, const struct cp_shown *s)
{
    const struct cp_view_row row = {.person = g->person, .measure = MEASURE_ACCEPTED_LEVEL};
    return cp_view_is_theirs(&s->state, &row) ? CP_OK : CP_ERR_NOT_YOURS;
}

/* What nobody let me say would be nobody's view. */
static enum cp_err check_mandate(const struct cp_request *r, const struct rating *g, const struct cp_desk *d)
{
    struct cp_mandates mandates;
    enum cp_err err = cp_mandates_load(&mandates, d);
    if (err != CP_OK)
        return err;
    bool lets = cp_desk_lets(d, &mandates, g->person, own_id(r), g->measure, cp_node_time_ms());
    cp_mandates_clear(&mandates);
    return lets ? CP_OK : CP_ERR_NO_MANDATE;
}

static const uint8_t *criterion_of(const struct cp_frame *f)
{
    for (size_t i = 0; i < f->ops_count; i++)
        if (f->ops[i].field == CP_FIELD_BY_CRITERION && f->ops[i].how == CP_HOW_LINK)
            return cp_frame_ref(f, f->ops[i].ref);
    return NULL;
}

static bool same_register(const struct cp_request *r, const struct rating *g, const struct cp_write *w)
{
    if (w->frame->kind != CP_KIND_VIEW || w->frame->subkind != g->measure ||
        memcmp(w->person, own_id(r), CP_ID_LEN) != 0)
        return false;
    const uint8_t *whom = cp_view_for(w->frame);
    if (g->is_for ? whom == NULL || memcmp(whom, g->person, CP_ID_LEN) != 0 : whom != NULL)
        return false;
    const uint8_t *criterion = criterion_of(w->frame);
    if (criterion == NULL || !g->by_criterion)
        return criterion == NULL && !g->by_criterion;
    return memcmp(criterion, g->criterion, CP_ID_LEN) == 0;
}

/* Own views of the same thing that still stand, from whichever of one's devices. */
static enum cp_err replace_own(const struct cp_request *r, const struct rating *g, const struct cp_shown *s,
                               struct cp_draft *draft)
{
    const struct cp_loaded *l = &s->loaded;
    uint64_t *left = cp_alloc_array(s->mem, l->writes_count + 1, sizeof *left);
    if (left == NULL)
        return CP_ERR_NO_MEMORY;
    enum cp_err err = cp_record_left(s->mem, l->writes, l->writes_count, left);
    for (size_t i = 0; err == CP_OK && i < l->writes_count; i++)
        if (left[i] != 0 && same_register(r, g, &l->writes[i]))
            cp_draft_replace(draft, l->writes[i].id);
    cp_free(s->mem, left);
    return err;
}

static enum cp_err rate(struct cp_request *r, struct rating *g, uint8_t id[static CP_ID_LEN])
{
    struct cp_desk d;
    struct cp_shown s;
    struct cp_draft draft;
    struct cp_bytes why = cp_arg_said(r, "why"), none = CP_BYTES(NULL, 0);
    if (why.len > CP_TEXT_MAX)
        return refuse_rating(g, CP_ERR_TOO_BIG, "why", "16384");
    if (!cp_utf8_ok(why))
        return refuse_rating(g, CP_ERR_BAD_TEXT, "why", NULL);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err != CP_OK)
        return err;
    err = cp_shown_load(&s, &d, g->target.kind, g->target.id, false);
    if (err == CP_OK) {
        cp_draft_init(&draft, d.mem, CP_KIND_VIEW, g->measure, g->target.id);
        if (g->is_for)
            err = check_mandate(r, g, &d);
        if (err == CP_OK && g->measure == MEASURE_ACCEPTED_LEVEL)
            err = check_about(g, &s);
        if (err == CP_OK)
            err = replace_own(r, g, &s, &draft);
        if (err == CP_OK) {
            cp_draft_text(&draft, CP_FIELD_VALUE, none, cp_arg(r, "value"));
            if (why.len > 0)
                cp_draft_text(&draft, CP_FIELD_WHY, none, why);
            if (g->is_for)
                cp_draft_link(&draft, CP_FIELD_FOR_PERSON, cp_draft_name(&draft, g->person), false);
            if (g->by_criterion)
                cp_draft_link(&draft, CP_FIELD_BY_CRITERION, cp_draft_name(&draft, g->criterion), false);
            err = cp_node_write(r, &draft, id);
        }
        cp_draft_clear(&draft);
        cp_shown_clear(&s);
    }
    cp_desk_close(&d);
    return err;
}

void cp_serve_rate(struct cp_request *r)
{
    struct rating g = {.bad = NULL};
    uint8_t id[CP_ID_LEN] = {0};
    enum cp_err err = read_rating(r, &g);
    if (err == CP_OK)
        err = rate(r, &g, id);
    if (err == CP_OK)
        reply_id(r, id);
    else
        cp_reply_error(r, err, err == CP_ERR_NO_MANDATE ? "for" : g.bad, g.expected);
}

/* ---- note ---- */

/* What a note may be about: anything with an id of its own. */
static bool may_be_noted(const struct cp_target *t)
{
    return t->kind != CP_RECORD_COUNT || t->version || t->entry_kind == CP_KIND_ANSWER ||
           t->entry_kind == CP_KIND_RECEIPT;
}

static bool is_note_of(const struct cp_write *w, uint64_t kind)
{
    return w->frame->kind == CP_KIND_NOTE && w->frame->subkind == kind;
}

/* A progress note names those it saw, so that two made apart show until somebody has seen both (domain 4.2); a
 * consent all own ones before it, so that taking it back stands until the person says otherwise (capability 3). */
static bool is_seen_as(const struct cp_request *r, const struct cp_write *w, uint64_t kind)
{
    return is_note_of(w, kind) && (kind != NOTE_CONSENT || memcmp(w->person, own_id(r), CP_ID_LEN) == 0);
}

static enum cp_err see_notes(struct cp_request *r, uint64_t kind, const struct cp_target *t,
                             struct cp_draft *draft)
{
    struct cp_loaded l;
    enum cp_err err = cp_store_load(r->node->store, r->plan, t->id, true, &l);
    if (err != CP_OK)
        return err;
    for (size_t i = 0; i < l.writes_count && err == CP_OK; i++) {
        bool seen = !is_seen_as(r, &l.writes[i], kind);
        for (size_t j = 0; j < l.writes_count && !seen && kind == NOTE_PROGRESS; j++)
            for (size_t k = 0; is_note_of(&l.writes[j], kind) && k < l.writes[j].frame->replaced; k++)
                seen =
                    seen || memcmp(cp_frame_replaced(l.writes[j].frame, k), l.writes[i].id, CP_ID_LEN) == 0;
        if (!seen && kind == NOTE_CONSENT && draft->replaced == CP_REPLACED_MAX)
            err = CP_ERR_TOO_BIG; /* one that is not seen would go on counting */
        else if (!seen)
            cp_draft_replace(draft, l.writes[i].id);
    }
    cp_loaded_clear(&l);
    return err;
}

static enum cp_err refuse_note(struct cp_edits *e, const char *bad, const char *expected)
{
    (void)snprintf(e->bad, sizeof e->bad, "%s", bad);
    (void)snprintf(e->expected, sizeof e->expected, "%s", expected);
    return CP_ERR_BAD_FIELD;
}

/* A comment about a line is about one that the page has. */
static enum cp_err check_line(struct cp_edits *e, struct cp_desk *d, const struct cp_target *t)
{
    struct cp_page p;
    struct cp_page_line line;
    const struct cp_edit *number = NULL;
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].field->code == CP_FIELD_ABOUT_LINE)
            number = &e->list[i];
    if (number == NULL)
        return CP_OK;
    if (!t->version)
        return refuse_note(e, "about_line", "a line of a page: note comment PAGE \"...\" about_line=N");
    enum cp_err err = cp_page_open(&p, d, t->id);
    if (err != CP_OK)
        return err;
    if (!cp_page_line_at(cp_buf_bytes(&p.text), (uint64_t)number->number, &line))
        err = refuse_note(e, "about_line", "the number of a line with words, as: coplan text PAGE --numbers");
    cp_page_clear(&p);
    return err;
}

/* A reply always shows the words it answers (knowledge group B), so there are some. */
static bool has_words(const struct cp_target *t)
{
    return cp_record_is_item(t->kind) || t->kind == CP_RECORD_NOTE || t->kind == CP_RECORD_VIEW ||
           t->entry_kind == CP_KIND_ANSWER;
}

/* Who says that they saw somebody's key types the words that it was shown by; what is kept is the key. */
static enum cp_err check_key(struct cp_edits *e, struct cp_request *r, const struct cp_desk *d,
                             const struct cp_target *t)
{
    char words[128];
    struct cp_edit *typed = NULL;
    const struct cp_named *who = t->kind == CP_RECORD_PERSON ? cp_desk_person(d, t->id) : NULL;
    if (who == NULL || who->someone || memcmp(t->id, own_id(r), CP_ID_LEN) == 0)
        return refuse_note(e, "checked", "somebody else, who has a key of their own");
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].field->code == CP_FIELD_CHECKED_KEY)
            typed = &e->list[i];
    if (sodium_is_zero(who->key, CP_KEY_LEN))
        return CP_ERR_KEY_APART;
    cp_key_words(who->key, words);
    if (typed == NULL || !cp_words_typed(typed->text, words))
        return refuse_note(e, "checked_key",
                           "the eight words that `coplan key me` shows on their own screen");
    cp_hex_encode(who->key, CP_KEY_LEN, e->key);
    typed->text = cp_bytes_str(e->key);
    return CP_OK;
}

static bool has_edit(const struct cp_edits *e, uint16_t field)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].field->code == field)
            return true;
    return false;
}

static enum cp_err check_note(struct cp_edits *e, struct cp_request *r, struct cp_desk *d, uint64_t kind,
                              const struct cp_target *t)
{
    if (kind == NOTE_CHECKED)
        return check_key(e, r, d, t);
    if (has_edit(e, CP_FIELD_CHECKED_KEY))
        return refuse_note(e, "checked_key", "in a note of the kind checked");
    if (kind == NOTE_REPLY && !has_words(t))
        return refuse_note(e, "reply",
                           "the id of what it answers: a comment, an answer, a view, something written down");
    return kind == NOTE_COMMENT ? check_line(e, d, t) : CP_OK;
}

static enum cp_err write_note(struct cp_request *r, struct cp_desk *d, struct cp_edits *e, uint64_t kind,
                              const struct cp_target *t, uint8_t id[static CP_ID_LEN])
{
    struct cp_api_value fields = {.type = CP_API_NULL};
    struct cp_draft draft;
    struct cp_bytes text = cp_arg_said(r, "text");
    enum cp_err err = CP_OK;
    (void)cp_api_member(&r->with, "fields", &fields);
    if (text.len > 0 || fields.type != CP_API_LIST || fields.count == 0) /* progress may be a status alone */
        err = cp_edits_text(e, CP_FIELD_TEXT, CP_RECORD_NOTE, text);
    if (err == CP_OK)
        err = cp_edits_read(e, r, d, CP_RECORD_NOTE, &fields);
    if (err == CP_OK)
        err = check_note(e, r, d, kind, t);
    if (err != CP_OK)
        return err;
    cp_draft_init(&draft, d->mem, CP_KIND_NOTE, kind, t->id);
    if (kind == NOTE_PROGRESS || kind == NOTE_CONSENT)
        err = see_notes(r, kind, t, &draft);
    if (kind == NOTE_CHOICE)
        err = cp_choice_sees(d, t->id, &draft);
    if (err == CP_OK)
        err = cp_edits_apply(e, NULL, &draft);
    if (err == CP_OK)
        err = cp_own_append(r, &draft, id);
    cp_draft_clear(&draft);
    return err;
}

void cp_serve_note(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_edits e;
    struct cp_target t;
    struct rating typed = {.bad = NULL};
    uint8_t id[CP_ID_LEN] = {0};
    uint64_t kind = cp_note_of_word(cp_arg(r, "kind"));
    if (kind == 0) {
        cp_reply_error(
            r, CP_ERR_BAD_KIND, typed_copy(&typed, cp_arg(r, "kind")),
            "comment|reply|presented|choice|negotiation|progress|review|achievement|learning|contact|"
            "consent|meeting|met");
        return;
    }
    enum cp_err err = cp_target_find(r, cp_arg(r, "about"), &t);
    if (err == CP_OK && !may_be_noted(&t))
        err = CP_ERR_NOT_FOUND;
    if (err != CP_OK) {
        cp_reply_about(r, err, cp_arg(r, "about"));
        return;
    }
    cp_edits_init(&e);
    err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_own_begin(r);
        if (err == CP_OK)
            err = cp_own_end(r, write_note(r, &d, &e, kind, &t, id));
        cp_desk_close(&d);
    }
    if (err == CP_OK)
        reply_id(r, id);
    else
        cp_edits_refuse(r, &e, err);
}
