/*
 * What came of what people asked for (domain P10, 5.5): the answers to the pages before, and the talks about them; who is
 * needed anew; pages that stand beside. Must not: judge a result, or write.
 */
#include <string.h>

#include "daemon/serve_agree.h"

/* ---- Rounds ---- */

static bool has(const struct cp_ids *ids, const uint8_t *id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (memcmp(ids->ids[i], id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static enum cp_err add_parents(struct cp_ids *ids, const struct cp_version *v)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < v->parents_count; i++)
        if (!has(ids, v->parents[i]))
            err = cp_ids_add(ids, v->parents[i], 0);
    return err;
}

/* This page and all before it that are here. */
static enum cp_err count_rounds(const struct cp_judged *j, size_t *rounds)
{
    struct cp_ids ids;
    cp_ids_init(&ids, j->d->mem);
    enum cp_err err = add_parents(&ids, &j->p->read.v);
    *rounds = 1;
    for (size_t i = 0; err == CP_OK && i < ids.count; i++) {
        struct cp_page before;
        err = cp_page_open(&before, j->d, ids.ids[i]);
        if (err == CP_ERR_NOT_FOUND || err == CP_ERR_WORDS_MISSING) {
            err = CP_OK;
            continue;
        }
        if (err != CP_OK)
            break;
        ++*rounds;
        if (cp_page_counts(&before))
            err = add_parents(&ids, &before.read.v);
        cp_page_clear(&before);
    }
    cp_ids_clear(&ids);
    return err;
}

/* ---- "You asked / this page" ---- */

static bool asks(const struct cp_answer *a)
{
    for (size_t i = 0; i < a->actions_count; i++)
        if (a->actions[i].will == CP_WILL_CANNOT)
            return true;
    return a->word == CP_ANSWER_NO || a->word == CP_ANSWER_ASIDE || a->word == CP_ANSWER_WORRY;
}

/* What a talk says: its words, whether something was changed, and by which page (none named: by whichever). */
struct talk {
    struct cp_bytes text, changed;
    bool other_page;
};

static void read_talk(const struct cp_frame *f, const uint8_t *page, struct talk *out)
{
    *out = (struct talk){.other_page = false};
    for (size_t i = 0; i < f->ops_count; i++) {
        const struct cp_op *op = &f->ops[i];
        if (op->field == CP_FIELD_TEXT && op->value.type == CP_VALUE_TEXT)
            out->text = op->value.bytes;
        else if (op->field == CP_FIELD_CHANGED && op->value.type == CP_VALUE_TEXT)
            out->changed = op->value.bytes;
        else if (op->field == CP_FIELD_VERSION && op->how == CP_HOW_LINK)
            out->other_page = memcmp(cp_frame_ref(f, op->ref), page, CP_ID_LEN) != 0;
    }
}

/* The last talk about an answer that says what came of it in this page; writes come by (lamport, id). */
static void put_outcome(const struct cp_judged *j, const struct cp_loaded *l, struct cp_buf *out)
{
    const char *state = "open";
    struct cp_bytes text = {NULL, 0};
    for (size_t i = 0; i < l->writes_count; i++) {
        const struct cp_write *w = &l->writes[i];
        struct talk talk;
        if (w->is_void || w->withdrawn || w->frame->kind != CP_KIND_NOTE ||
            (w->frame->subkind != CP_NOTE_NEGOTIATION && w->frame->subkind != CP_NOTE_REPLY))
            continue;
        read_talk(w->frame, j->p->id, &talk);
        if (talk.other_page || talk.changed.len == 0)
            continue;
        state = cp_bytes_eq(talk.changed, cp_bytes_str("yes")) ? "changed" : "stays";
        text = talk.text;
    }
    cp_api_key(out, "state");
    cp_api_cstr(out, state);
    cp_api_key(out, "this_version");
    cp_api_text(out, text);
}

static enum cp_err put_asker(const struct cp_judged *j, const struct cp_page *before,
                             const struct cp_answered *set, size_t at, struct cp_buf *out)
{
    struct cp_loaded l;
    const struct cp_answer *a = set->ins[at].a;
    enum cp_err err = cp_store_load(j->d->node->store, j->d->plan, set->infos[at]->id, true, &l);
    if (err != CP_OK)
        return err;
    cp_api_object(out, 8);
    cp_put_answerer(j->d, a->person, a->name, out);
    cp_api_key(out, "answer");
    cp_api_cstr(out, cp_answer_text_word(a->word));
    cp_api_key(out, "asked");
    cp_api_text(out, a->would_agree_if.len > 0 ? a->would_agree_if : a->why);
    cp_api_key(out, "version");
    cp_api_hex(out, before->id, CP_ID_LEN);
    cp_api_key(out, "id");
    cp_api_hex(out, set->infos[at]->id, CP_ID_LEN);
    put_outcome(j, &l, out);
    cp_loaded_clear(&l);
    return CP_OK;
}

static enum cp_err put_askers(const struct cp_judged *j, const uint8_t *parent, struct cp_buf *rows,
                              size_t *count)
{
    struct cp_page before;
    struct cp_answered set;
    enum cp_err err = cp_page_open(&before, j->d, parent);
    if (err == CP_ERR_NOT_FOUND || err == CP_ERR_WORDS_MISSING)
        return CP_OK; /* not here yet */
    if (err != CP_OK)
        return err;
    err = cp_answered_load(&set, j->d, &before);
    for (size_t i = 0; err == CP_OK && i < set.count; i++) {
        if (!cp_answered_stands(&set, i) || !asks(set.ins[i].a))
            continue;
        err = put_asker(j, &before, &set, i, rows);
        ++*count;
    }
    cp_answered_clear(&set);
    cp_page_clear(&before);
    return err;
}

static enum cp_err put_parents(const struct cp_judged *j, struct cp_buf *out)
{
    struct cp_buf rows;
    size_t count = 0;
    enum cp_err err = CP_OK;
    cp_buf_init(&rows, j->d->mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; err == CP_OK && i < j->p->read.v.parents_count; i++)
        err = put_askers(j, j->p->read.v.parents[i], &rows, &count);
    cp_api_key(out, "asked");
    cp_api_list(out, count);
    cp_buf_put_bytes(out, cp_buf_bytes(&rows));
    if (err == CP_OK)
        err = cp_buf_err(&rows);
    cp_buf_clear(&rows);
    return err;
}

/* ---- Who is needed anew ---- */

/* Took their answer back, or is not in the plan any more. */
static bool is_gone(const struct cp_judged *j, const uint8_t *person)
{
    const struct cp_version *v = &j->p->read.v;
    const struct cp_named *known = cp_desk_person(j->d, person);
    for (size_t i = 0; i < v->must_answer_count; i++) {
        const struct cp_answer_out *row = &j->outs[i];
        if (memcmp(v->must_answer[i].person, person, CP_ID_LEN) == 0 && row->standing == 1 &&
            j->answers.ins[row->first].a->word == CP_ANSWER_WITHDRAWN)
            return true;
    }
    return known != NULL && !known->stands && !known->someone;
}

static void put_need(const struct cp_judged *j, const struct cp_version_item *item,
                     const struct cp_fact *lead, const uint8_t *person, struct cp_buf *rows)
{
    struct cp_bytes text = {NULL, 0};
    for (size_t i = 0; text.len == 0 && i < item->facts_count; i++)
        if (item->facts[i].field == CP_FIELD_TEXT)
            text = item->facts[i].value;
    cp_api_object(rows, 4);
    cp_put_answerer(j->d, person, lead->also, rows);
    cp_api_key(rows, "action");
    cp_api_hex(rows, item->id, CP_ID_LEN);
    cp_api_key(rows, "text");
    cp_api_text(rows, text);
}

static void put_needs(const struct cp_judged *j, struct cp_buf *out)
{
    const struct cp_version *v = &j->p->read.v;
    struct cp_buf rows;
    size_t count = 0;
    cp_buf_init(&rows, j->d->mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; cp_page_counts(j->p) && i < v->items_count; i++)
        for (size_t f = 0; v->items[i].kind == CP_RECORD_ACTION && f < v->items[i].facts_count; f++) {
            const struct cp_fact *fact = &v->items[i].facts[f];
            uint8_t person[CP_ID_LEN];
            if (fact->field != CP_FIELD_LEAD || !cp_hex_decode(fact->value, person, CP_ID_LEN) ||
                !is_gone(j, person))
                continue;
            put_need(j, &v->items[i], fact, person, &rows);
            count++;
        }
    cp_api_key(out, "needs_someone");
    cp_api_list(out, count);
    cp_buf_put_bytes(out, cp_buf_bytes(&rows));
    if (out->err == CP_OK)
        out->err = rows.err;
    cp_buf_clear(&rows);
}

/* ---- Pages beside ---- */

static enum cp_err put_page_beside(const struct cp_desk *d, const uint8_t *id, struct cp_buf *rows)
{
    struct cp_page p;
    struct cp_judged other;
    enum cp_err err = cp_page_open(&p, d, id);
    if (err != CP_OK)
        return err;
    err = cp_judge_page(&other, d, &p);
    if (err == CP_OK) {
        cp_api_object(rows, 2);
        cp_api_key(rows, "version");
        cp_api_hex(rows, id, CP_ID_LEN);
        cp_api_key(rows, "result");
        cp_api_cstr(rows, cp_result_word(other.result));
        cp_judged_clear(&other);
    }
    cp_page_clear(&p);
    return err;
}

/* Two halves of a group apart may each make a page: none of them replaces the other. */
static enum cp_err put_beside(const struct cp_judged *j, struct cp_buf *out)
{
    struct cp_pages pages;
    struct cp_buf rows;
    size_t count = 0;
    bool newest = false;
    enum cp_err err = cp_pages_list(&pages, j->d, CP_BYTES(NULL, 0));
    cp_buf_init(&rows, j->d->mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; err == CP_OK && i < pages.count; i++)
        newest = newest || (pages.rows[i].newest && memcmp(pages.rows[i].id, j->p->id, CP_ID_LEN) == 0);
    for (size_t i = 0; err == CP_OK && newest && i < pages.count; i++) {
        const struct cp_page_row *row = &pages.rows[i];
        if (!row->newest || row->stage != j->p->read.v.stage || memcmp(row->id, j->p->id, CP_ID_LEN) == 0)
            continue;
        err = put_page_beside(j->d, row->id, &rows);
        count++;
    }
    cp_api_key(out, "beside");
    cp_api_list(out, count);
    cp_buf_put_bytes(out, cp_buf_bytes(&rows));
    if (err == CP_OK)
        err = cp_buf_err(&rows);
    cp_buf_clear(&rows);
    cp_pages_clear(&pages);
    return err;
}

void cp_put_asked(const struct cp_judged *j, struct cp_buf *out)
{
    size_t rounds = 1;
    enum cp_err err = count_rounds(j, &rounds);
    cp_api_key(out, "round");
    cp_api_int(out, (int64_t)rounds);
    if (err == CP_OK)
        err = put_parents(j, out);
    put_needs(j, out);
    if (err == CP_OK)
        err = put_beside(j, out);
    if (out->err == CP_OK)
        out->err = err;
}

void cp_put_nothing_asked(struct cp_buf *out)
{
    static const char *const lists[] = {"asked", "needs_someone", "beside"};
    cp_api_key(out, "round");
    cp_api_int(out, 0);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        cp_api_key(out, lists[i]);
        cp_api_list(out, 0);
    }
}
