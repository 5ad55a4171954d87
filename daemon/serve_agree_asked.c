/*
 * What came of what people asked for (domain P10, 5.5): the answers to the pages before, and the talks about them; who is
 * needed anew; pages that stand beside. Must not: judge a result, or write.
 */
#include <string.h>

#include "daemon/asked.h"

/* ---- "You asked / this page" ---- */

static void put_ask(const struct cp_judged *j, const struct cp_model_ask *ask, struct cp_buf *out)
{
    cp_api_object(out, 9);
    cp_put_answerer(j->d, ask->person, ask->name, out);
    cp_api_key(out, "answer");
    cp_api_cstr(out, cp_answer_text_word(ask->word));
    cp_api_key(out, "asked");
    cp_api_text(out, ask->asked);
    cp_api_key(out, "cannot");
    cp_api_list(out, ask->cannots_count);
    for (size_t i = 0; i < ask->cannots_count; i++)
        cp_api_text(out, ask->cannots[i]);
    cp_api_key(out, "version");
    cp_api_hex(out, ask->version, CP_ID_LEN);
    cp_api_key(out, "id");
    cp_api_hex(out, ask->entry, CP_ID_LEN);
    cp_api_key(out, "state");
    cp_api_cstr(out, cp_asked_word(ask->state));
    cp_api_key(out, "this_version");
    cp_api_text(out, ask->said);
}

static enum cp_err put_asks(const struct cp_judged *j, struct cp_buf *out)
{
    struct cp_asks asks;
    enum cp_err err = cp_asks_load(&asks, j->d, j->p);
    cp_api_key(out, "round");
    cp_api_int(out, (int64_t)asks.rounds);
    cp_api_key(out, "asked");
    cp_api_list(out, asks.count);
    for (size_t i = 0; i < asks.count; i++)
        put_ask(j, &asks.list[i], out);
    cp_asks_clear(&asks);
    return err;
}

/* ---- Who is needed anew ---- */

bool cp_judged_gone(const struct cp_judged *j, const uint8_t *person)
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

/* Who helps is told, by name (domain 5.5). */
static void put_helpers(const struct cp_judged *j, const struct cp_version_item *item, struct cp_buf *rows)
{
    size_t count = 0;
    uint8_t person[CP_ID_LEN];
    for (size_t i = 0; i < item->facts_count; i++)
        count +=
            item->facts[i].field == CP_FIELD_HELPERS && cp_hex_decode(item->facts[i].value, person, CP_ID_LEN)
                ? 1
                : 0;
    cp_api_key(rows, "helpers");
    cp_api_list(rows, count);
    for (size_t i = 0; i < item->facts_count; i++) {
        const struct cp_fact *f = &item->facts[i];
        if (f->field != CP_FIELD_HELPERS || !cp_hex_decode(f->value, person, CP_ID_LEN))
            continue;
        cp_api_object(rows, 2);
        cp_put_answerer(j->d, person, f->also, rows);
    }
}

static void put_need(const struct cp_judged *j, const struct cp_version_item *item,
                     const struct cp_fact *lead, const uint8_t *person, struct cp_buf *rows)
{
    struct cp_bytes text = {NULL, 0};
    for (size_t i = 0; text.len == 0 && i < item->facts_count; i++)
        if (item->facts[i].field == CP_FIELD_TEXT)
            text = item->facts[i].value;
    cp_api_object(rows, 5);
    cp_put_answerer(j->d, person, lead->also, rows);
    cp_api_key(rows, "action");
    cp_api_hex(rows, item->id, CP_ID_LEN);
    cp_api_key(rows, "text");
    cp_api_text(rows, text);
    put_helpers(j, item, rows);
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
                !cp_judged_gone(j, person))
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
    enum cp_err err = put_asks(j, out);
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
