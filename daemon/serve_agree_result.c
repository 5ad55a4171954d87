/* What was answered and what it comes to. Owns: agreement, proof, the plan's stage. */
#include <stdlib.h>
#include <string.h>

#include "daemon/serve_agree.h"

/* ---- The result, as JSON ---- */

struct judged {
    const struct cp_desk *d;
    const struct cp_page *p;
    struct cp_answered answers;
    struct cp_answer_out *outs; /* one for each who must answer */
    enum cp_result result;
    struct cp_stops stops;
    struct cp_gathered now; /* who would be asked today */
};

static void judged_clear(struct judged *j)
{
    cp_answered_clear(&j->answers);
    cp_free(j->d->mem, j->outs);
    cp_stops_clear(&j->stops);
    cp_gathered_clear(&j->now);
}

static enum cp_err judge(struct judged *j, const struct cp_desk *d, const struct cp_page *p)
{
    *j = (struct judged){.d = d, .p = p, .result = CP_RESULT_NOT_YET};
    const struct cp_version *v = &p->read.v;
    enum cp_err err = cp_answered_load(&j->answers, d, p);
    if (err != CP_OK)
        return err;
    j->outs = cp_alloc_array(d->mem, v->must_answer_count + 1, sizeof *j->outs);
    if (j->outs == NULL) {
        cp_answered_clear(&j->answers);
        return CP_ERR_NO_MEMORY;
    }
    /* A page that has no effect has no result either: nobody was asked by it. */
    if (cp_page_counts(p))
        j->result = cp_answer_judge(v, j->answers.ins, j->answers.count, j->outs);
    err = cp_page_stops(&j->stops, p, d);
    if (err == CP_OK && j->stops.count > 0)
        j->result = CP_RESULT_NOT_AGREED; /* whoever answered what: nobody agrees over their head */
    if (err == CP_OK)
        err = cp_gather(&j->now, d, CP_STAGE_AGREEMENT, false);
    if (err != CP_OK) {
        cp_stops_clear(&j->stops);
        cp_answered_clear(&j->answers);
        cp_free(d->mem, j->outs);
    }
    return err;
}

static void put_person(const struct cp_desk *d, const uint8_t *person, struct cp_bytes printed,
                       struct cp_buf *out)
{
    cp_api_key(out, "person");
    cp_api_hex(out, person, CP_ID_LEN);
    cp_api_key(out, "name");
    cp_api_text(out, printed.len > 0 ? printed : cp_desk_name(d, person));
}

static const char *will_word(enum cp_will will)
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

static void put_answer(const struct judged *j, size_t at, bool asked, struct cp_buf *out)
{
    const struct cp_answer *a = j->answers.ins[at].a;
    cp_api_object(out, 13);
    put_person(j->d, a->person, a->name, out);
    cp_put_answer_others(&j->answers, j->d, j->p, at, out);
    cp_api_key(out, "answer");
    cp_api_cstr(out, cp_answer_text_word(a->word));
    cp_api_key(out, "why");
    cp_api_text(out, a->why);
    cp_api_key(out, "would_agree_if");
    cp_api_text(out, a->would_agree_if);
    cp_api_key(out, "actions");
    cp_api_list(out, a->actions_count);
    for (size_t i = 0; i < a->actions_count; i++) {
        cp_api_object(out, 4);
        cp_api_key(out, "met");
        cp_api_bool(out, a->actions[i].will == CP_WILL_IF &&
                             cp_answer_will(&j->answers.ins[at], a->actions[i].action));
        cp_api_key(out, "action");
        cp_api_hex(out, a->actions[i].action, CP_ID_LEN);
        cp_api_key(out, "will");
        cp_api_cstr(out, will_word(a->actions[i].will));
        cp_api_key(out, "condition");
        cp_api_text(out, a->actions[i].condition);
    }
    cp_api_key(out, "method");
    cp_api_text(out, a->method);
    cp_api_key(out, "asked");
    cp_api_bool(out, asked);
    cp_api_key(out, "id");
    cp_api_hex(out, j->answers.infos[at]->id, CP_ID_LEN);
}

static bool is_asked(const struct judged *j, const uint8_t *person)
{
    const uint8_t *key = NULL;
    return cp_page_key(j->p, person, &key);
}

/* Everyone with exactly one standing answer; then supporters, labelled. */
static void put_answers(const struct judged *j, struct cp_buf *out)
{
    const struct cp_version *v = &j->p->read.v;
    struct cp_buf rows;
    size_t count = 0;
    cp_buf_init(&rows, out->mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; cp_page_counts(j->p) && i < v->must_answer_count; i++)
        if (j->outs[i].standing == 1) {
            put_answer(j, j->outs[i].first, true, &rows);
            count++;
        }
    for (size_t i = 0; cp_page_counts(j->p) && i < j->answers.count; i++)
        if (!is_asked(j, j->answers.ins[i].a->person) && cp_answered_stands(&j->answers, i)) {
            put_answer(j, i, false, &rows);
            count++;
        }
    cp_api_key(out, "answers");
    cp_api_list(out, count);
    cp_buf_put_bytes(out, cp_buf_bytes(&rows));
    if (out->err == CP_OK)
        out->err = rows.err;
    cp_buf_clear(&rows);
}

/* Is there an answer of theirs that still needs witnesses? */
static bool on_paper(const struct judged *j, const uint8_t *person)
{
    for (size_t i = j->answers.count; i < j->answers.count + j->answers.pending_count; i++)
        if (memcmp(j->answers.ins[i].a->person, person, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* Why the agreement waits for this person; NULL when it does not. */
static const char *waits_why(const struct judged *j, const struct cp_answer_out *row)
{
    if (row->counts)
        return NULL;
    if (row->standing == 0)
        return on_paper(j, row->person->person) ? "paper_pending" : "no_answer";
    if (row->standing > 1)
        return "two_answers";
    switch (j->answers.ins[row->first].a->word) {
    case CP_ANSWER_AGREE:
    case CP_ANSWER_WORRY:
        return row->will_missing ? "will_missing" : NULL;
    case CP_ANSWER_ASIDE:
        return "stands_aside";
    case CP_ANSWER_NO:
        return NULL; /* said no: not waited for, but heard */
    case CP_ANSWER_WITHDRAWN:
        return "withdrawn";
    }
    return NULL;
}

static void put_waiting(const struct judged *j, struct cp_buf *out)
{
    const struct cp_version *v = &j->p->read.v;
    size_t people = cp_page_counts(j->p) ? v->must_answer_count : 0, count = 0;
    for (size_t i = 0; i < people; i++)
        count += waits_why(j, &j->outs[i]) != NULL ? 1 : 0;
    cp_api_key(out, "waiting_for");
    cp_api_list(out, count);
    for (size_t i = 0; i < people; i++) {
        const char *why = waits_why(j, &j->outs[i]);
        if (why == NULL)
            continue;
        cp_api_object(out, 3);
        put_person(j->d, v->must_answer[i].person, v->must_answer[i].name, out);
        cp_api_key(out, "why");
        cp_api_cstr(out, why);
    }
}

static bool among(const struct cp_version_person *people, size_t count, const uint8_t *person)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(people[i].person, person, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* People who are in and whom the page did not ask: a result is never shown without them. */
static void put_not_asked(const struct judged *j, struct cp_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < j->d->people_count; i++)
        count += j->d->people[i].stands && !is_asked(j, j->d->people[i].person) ? 1 : 0;
    cp_api_key(out, "not_asked");
    cp_api_list(out, count);
    for (size_t i = 0; i < j->d->people_count; i++) {
        const struct cp_named *p = &j->d->people[i];
        if (!p->stands || is_asked(j, p->person))
            continue;
        cp_api_object(out, 3);
        put_person(j->d, p->person, p->name, out);
        cp_api_key(out, "kept_informed");
        cp_api_bool(out, among(j->now.v.kept_informed, j->now.v.kept_informed_count, p->person));
    }
}

/* The rule in its words, and under each-perspective how far each that is needed has come. */
static void put_rule(const struct judged *j, struct cp_buf *out)
{
    struct cp_rule_side side;
    size_t count = 0;
    bool can = cp_page_counts(j->p);
    while (can && cp_rule_side(&j->p->read.v, j->outs, count, &side))
        count++;
    cp_api_key(out, "rule");
    cp_api_text(out, can ? j->p->read.v.rule : CP_BYTES(NULL, 0));
    cp_api_key(out, "perspectives");
    cp_api_list(out, count);
    for (size_t i = 0; i < count && cp_rule_side(&j->p->read.v, j->outs, i, &side); i++) {
        cp_api_object(out, 3);
        cp_api_key(out, "perspective");
        cp_api_text(out, side.perspective);
        cp_api_key(out, "needed");
        cp_api_int(out, (int64_t)side.needed);
        cp_api_key(out, "agree");
        cp_api_int(out, (int64_t)side.agree);
    }
}

static void put_agreement(const struct judged *j, struct cp_buf *out)
{
    const struct cp_version *v = &j->p->read.v;
    bool comment = j->p->reproduced && v->stage == CP_STAGE_COMMENT;
    cp_api_object(out, 11);
    put_rule(j, out);
    cp_api_key(out, "version");
    cp_api_hex(out, j->p->id, CP_ID_LEN);
    cp_api_key(out, "stage");
    cp_api_cstr(out, comment ? "comment" : "agreement");
    cp_api_key(out, "for_signing");
    cp_api_bool(out, cp_page_counts(j->p) && !comment);
    cp_api_key(out, "result");
    cp_api_cstr(out, cp_result_word(j->result));
    put_answers(j, out);
    cp_put_pending(&j->answers, j->d, j->p, out);
    put_waiting(j, out);
    put_not_asked(j, out);
    cp_put_stops(&j->stops, j->d, out);
}

/* No page for agreement yet: that is a fact to report, not a failure. */
static void put_no_agreement(struct cp_buf *out)
{
    cp_api_object(out, 11);
    cp_api_key(out, "rule");
    cp_api_null(out);
    cp_api_key(out, "perspectives");
    cp_api_list(out, 0);
    cp_api_key(out, "version");
    cp_api_null(out);
    cp_api_key(out, "stage");
    cp_api_null(out);
    cp_api_key(out, "for_signing");
    cp_api_bool(out, false);
    cp_api_key(out, "result");
    cp_api_cstr(out, cp_result_word(CP_RESULT_NOT_YET));
    cp_api_key(out, "answers");
    cp_api_list(out, 0);
    cp_api_key(out, "pending");
    cp_api_list(out, 0);
    cp_api_key(out, "waiting_for");
    cp_api_list(out, 0);
    cp_api_key(out, "not_asked");
    cp_api_list(out, 0);
    cp_api_key(out, "stopped");
    cp_api_list(out, 0);
}

void cp_serve_agreement(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_page p;
    struct judged j;
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_request_page(r, &d, &p);
        if (err == CP_ERR_NOT_FOUND && cp_arg(r, "version").len == 0) {
            put_no_agreement(&out);
            err = CP_OK;
        } else if (err == CP_OK) {
            err = judge(&j, &d, &p);
            if (err == CP_OK) {
                put_agreement(&j, &out);
                judged_clear(&j);
            }
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

/* ---- proof ---- */

static void put_proof_answers(const struct judged *j, struct cp_buf *out)
{
    const struct cp_version *v = &j->p->read.v;
    size_t count = 0;
    for (size_t i = 0; i < v->must_answer_count; i++)
        count += j->outs[i].standing == 1 ? 1 : 0;
    cp_api_key(out, "answers");
    cp_api_list(out, count);
    for (size_t i = 0; i < v->must_answer_count; i++) {
        if (j->outs[i].standing != 1)
            continue; /* of two apart neither is what the person says: they are asked */
        size_t at = j->outs[i].first;
        const struct cp_answer *a = j->answers.ins[at].a;
        cp_api_object(out, 7);
        put_person(j->d, a->person, v->must_answer[i].name, out);
        cp_put_proof_others(&j->answers, j->p, at, out);
        cp_api_key(out, "key");
        cp_api_hex(out, a->key, CP_KEY_LEN);
        cp_api_key(out, "text");
        cp_api_text(out, j->answers.texts[at].bytes);
        cp_api_key(out, "sig");
        cp_api_hex(out, j->answers.sigs[at].bytes.ptr, CP_SIG_LEN);
    }
}

static void put_proof(const struct judged *j, struct cp_buf *out)
{
    const struct cp_version *v = &j->p->read.v;
    size_t keys = 0;
    cp_api_object(out, 4);
    cp_api_key(out, "version");
    cp_api_hex(out, j->p->id, CP_ID_LEN);
    cp_api_key(out, "text");
    cp_api_text(out, cp_buf_bytes(&j->p->text));
    put_proof_answers(j, out);
    for (size_t i = 0; i < v->must_answer_count; i++)
        keys += sodium_is_zero(v->must_answer[i].key, CP_KEY_LEN) ? 0 : 1;
    cp_api_key(out, "keys");
    cp_api_list(out, keys);
    for (size_t i = 0; i < v->must_answer_count; i++) {
        if (sodium_is_zero(v->must_answer[i].key, CP_KEY_LEN))
            continue;
        cp_api_object(out, 3);
        cp_api_key(out, "person");
        cp_api_hex(out, v->must_answer[i].person, CP_ID_LEN);
        cp_api_key(out, "key");
        cp_api_hex(out, v->must_answer[i].key, CP_KEY_LEN);
        cp_api_key(out, "name");
        cp_api_text(out, v->must_answer[i].name);
    }
}

void cp_serve_proof(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_page p;
    struct judged j;
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_request_page(r, &d, &p);
        if (err == CP_OK) {
            if (!cp_page_counts(&p))
                err = CP_ERR_NOT_FOR_SIGNING;
            if (err == CP_OK)
                err = judge(&j, &d, &p);
            if (err == CP_OK) {
                put_proof(&j, &out);
                judged_clear(&j);
            }
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

/* ---- The plan's stage ---- */

/* A page that leaves out somebody whom this machine would ask sets no stage until they answered it too. */
static bool all_have_answered(const struct judged *j)
{
    const struct cp_version *now = &j->now.v;
    for (size_t i = 0; i < now->must_answer_count; i++) {
        bool heard = is_asked(j, now->must_answer[i].person);
        for (size_t k = 0; !heard && k < j->answers.count; k++) {
            const struct cp_answer *a = j->answers.ins[k].a;
            heard = memcmp(a->person, now->must_answer[i].person, CP_ID_LEN) == 0 &&
                    cp_answered_stands(&j->answers, k) &&
                    (a->word == CP_ANSWER_AGREE || a->word == CP_ANSWER_WORRY);
        }
        if (!heard)
            return false;
    }
    return true;
}

static enum cp_err is_agreed(const struct cp_desk *d, const uint8_t *version, bool *agreed)
{
    struct cp_page p;
    struct judged j;
    enum cp_err err = cp_page_open(&p, d, version);
    if (err != CP_OK)
        return err;
    err = judge(&j, d, &p);
    if (err == CP_OK) {
        *agreed = (j.result == CP_RESULT_AGREED || j.result == CP_RESULT_WORRIES) && all_have_answered(&j);
        judged_clear(&j);
    }
    cp_page_clear(&p);
    return err;
}

/* Before anything was frozen: how far the items say that people have come. */
static enum cp_err stage_of_items(const struct cp_desk *d, const char **stage)
{
    struct cp_ids ids;
    struct cp_shown s;
    bool choosing = false, planning = false;
    cp_ids_init(&ids, d->mem);
    enum cp_err err = cp_ids_of_kind(&ids, d->node, d->plan, CP_KIND_ITEM);
    for (size_t i = 0; err == CP_OK && !planning && i < ids.count; i++) {
        enum cp_record kind = (enum cp_record)ids.numbers[i];
        bool action = kind == CP_RECORD_ACTION;
        if (!action && (choosing || (kind != CP_RECORD_OPTION && kind != CP_RECORD_CRITERION)))
            continue;
        err = cp_shown_load(&s, d, kind, ids.ids[i], false);
        if (err == CP_OK && !s.state.set_aside) {
            choosing = true;
            planning = action;
        }
        cp_shown_clear(&s);
    }
    cp_ids_clear(&ids);
    *stage = planning ? "planning" : choosing ? "choosing" : "gathering";
    return err;
}

enum cp_err cp_plan_stage(const struct cp_desk *d, const char **stage)
{
    struct cp_pages pages;
    bool comment = false, signing = false, agreed = false;
    enum cp_err err = cp_pages_list(&pages, d, CP_BYTES(NULL, 0));
    for (size_t i = 0; err == CP_OK && i < pages.count; i++) {
        const struct cp_page_row *row = &pages.rows[i];
        if (!row->newest)
            continue;
        comment = comment || row->stage == CP_STAGE_COMMENT;
        if (row->stage != CP_STAGE_AGREEMENT)
            continue;
        signing = true;
        if (!agreed)
            err = is_agreed(d, row->id, &agreed);
    }
    cp_pages_clear(&pages);
    if (err != CP_OK)
        return err;
    if (!signing && !comment)
        return stage_of_items(d, stage);
    *stage = agreed ? "agreed" : signing ? "signing" : "out for comment";
    return CP_OK;
}
