/* What was answered and what it comes to. Owns: agreement, proof. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/serve_agree.h"

/* ---- The result, as JSON ---- */

void cp_put_answerer(const struct cp_desk *d, const uint8_t *person, struct cp_bytes printed,
                     struct cp_buf *out)
{
    cp_api_key(out, "person");
    cp_api_hex(out, person, CP_ID_LEN);
    cp_api_key(out, "name");
    cp_api_text(out, printed.len > 0 ? printed : cp_desk_name(d, person));
}

/* How many answers of this person to the page stand; 0 for those whom it does not ask. */
static size_t standing(const struct cp_judged *j, const uint8_t *person)
{
    const struct cp_version *v = &j->p->read.v;
    for (size_t i = 0; cp_page_counts(j->p) && i < v->must_answer_count; i++)
        if (memcmp(v->must_answer[i].person, person, CP_ID_LEN) == 0)
            return j->outs[i].standing;
    return 0;
}

static void put_answer(const struct cp_judged *j, size_t at, bool asked, struct cp_buf *out)
{
    const struct cp_answer *a = j->answers.ins[at].a;
    cp_api_object(out, 19);
    cp_put_answerer(j->d, a->person, cp_page_name(j->p, j->d, a->person), out);
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
        cp_api_object(out, 5);
        cp_api_key(out, "text");
        cp_api_text(out, cp_version_words(&j->p->read.v, a->actions[i].action));
        cp_api_key(out, "met");
        cp_api_bool(out, a->actions[i].will == CP_WILL_IF &&
                             cp_answer_will(&j->answers.ins[at], a->actions[i].action));
        cp_api_key(out, "action");
        cp_api_hex(out, a->actions[i].action, CP_ID_LEN);
        cp_api_key(out, "will");
        cp_api_cstr(out, cp_will_word(a->actions[i].will));
        cp_api_key(out, "condition");
        cp_api_text(out, a->actions[i].condition);
    }
    cp_api_key(out, "method");
    cp_api_text(out, a->method);
    cp_api_key(out, "asked");
    cp_api_bool(out, asked);
    cp_api_key(out, "apart");
    cp_api_bool(out, standing(j, a->person) > 1);
    cp_api_key(out, "id");
    cp_api_hex(out, j->answers.infos[at]->id, CP_ID_LEN);
}

/* Everyone with exactly one standing answer; then supporters, labelled. */
static void put_answers(const struct cp_judged *j, struct cp_buf *out)
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
        if (!cp_judged_asked(j, j->answers.ins[i].a->person) && cp_answered_stands(&j->answers, i)) {
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

/* Answers that do not know of each other, by one person: none of them counts, and each is heard. */
static void put_apart(const struct cp_judged *j, struct cp_buf *out)
{
    struct cp_buf rows;
    size_t count = 0;
    cp_buf_init(&rows, out->mem, CP_API_MESSAGE_MAX);
    for (size_t i = 0; i < j->answers.count; i++)
        if (standing(j, j->answers.ins[i].a->person) > 1 && cp_answered_stands(&j->answers, i)) {
            put_answer(j, i, true, &rows);
            count++;
        }
    cp_api_key(out, "apart");
    cp_api_list(out, count);
    cp_buf_put_bytes(out, cp_buf_bytes(&rows));
    if (out->err == CP_OK)
        out->err = rows.err;
    cp_buf_clear(&rows);
}

/* Is there an answer of theirs that still needs witnesses? */
static bool on_paper(const struct cp_judged *j, const uint8_t *person)
{
    for (size_t i = j->answers.count; i < j->answers.count + j->answers.pending_count; i++)
        if (memcmp(j->answers.ins[i].a->person, person, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* After their recovery sheet was used the page prints a key that signs nothing any more. Where no key of theirs is in force (two were
 * made apart) a new page would not help either. */
static bool prints_old_key(const struct cp_judged *j, const struct cp_version_person *asked)
{
    const struct cp_named *known = cp_desk_person(j->d, asked->person);
    return known != NULL && memcmp(known->key, asked->key, CP_KEY_LEN) != 0 && !sodium_is_zero(known->key, CP_KEY_LEN);
}

/* They said that they are not in the plan any more: no answer of theirs comes, unless they are invited again. */
static bool has_left(const struct cp_judged *j, const uint8_t *person)
{
    const struct cp_named *known = cp_desk_person(j->d, person);
    return known != NULL && known->left;
}

const char *cp_judged_waits(const struct cp_judged *j, const struct cp_answer_out *row)
{
    if (row->counts)
        return NULL;
    if (row->standing == 0 && !on_paper(j, row->person->person))
        return has_left(j, row->person->person) ? "left" : prints_old_key(j, row->person) ? "old_key" : "no_answer";
    if (row->standing == 0)
        return "paper_pending";
    if (row->standing > 1)
        return "two_answers";
    switch (j->answers.ins[row->first].a->word) {
    case CP_ANSWER_AGREE:
    case CP_ANSWER_WORRY:
        if (row->will_missing && cp_answer_cannot(j->answers.ins[row->first].a))
            return "cannot_do_it"; /* so nobody need ask them what they will do */
        return row->will_if ? "will_if" : row->will_missing ? "will_missing" : NULL;
    case CP_ANSWER_ASIDE:
        return "stands_aside";
    case CP_ANSWER_NO:
        return NULL; /* said no: not waited for, but heard */
    case CP_ANSWER_WITHDRAWN:
        return "withdrawn";
    }
    return NULL;
}

static void put_waiting(const struct cp_judged *j, struct cp_buf *out)
{
    const struct cp_version *v = &j->p->read.v;
    size_t people = cp_page_counts(j->p) ? v->must_answer_count : 0, count = 0;
    for (size_t i = 0; i < people; i++)
        count += cp_judged_waits(j, &j->outs[i]) != NULL ? 1 : 0;
    cp_api_key(out, "waiting_for");
    cp_api_list(out, count);
    for (size_t i = 0; i < people; i++) {
        const char *why = cp_judged_waits(j, &j->outs[i]);
        if (why == NULL)
            continue;
        cp_api_object(out, 3);
        cp_put_answerer(j->d, v->must_answer[i].person, v->must_answer[i].name, out);
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

/* Answers by a key that was replaced with the recovery sheet, which did not list them. */
static void put_lost(const struct cp_judged *j, struct cp_buf *out)
{
    cp_api_key(out, "lost_key");
    cp_api_list(out, j->answers.lost_count);
    for (size_t i = 0; i < j->answers.lost_count; i++) {
        const struct cp_lost_answer *lost = &j->answers.lost[i];
        cp_api_object(out, 4);
        cp_put_answerer(j->d, lost->person, cp_desk_name(j->d, lost->person), out);
        cp_api_key(out, "answer");
        cp_api_cstr(out, cp_answer_text_word(lost->word));
        cp_api_key(out, "id");
        cp_api_hex(out, lost->id, CP_ID_LEN);
    }
}

/* People who are in and whom the page did not ask: a result is never shown without them. */
static void put_not_asked(const struct cp_judged *j, struct cp_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < j->d->people_count; i++)
        count += j->d->people[i].stands && !cp_judged_asked(j, j->d->people[i].person) ? 1 : 0;
    cp_api_key(out, "not_asked");
    cp_api_list(out, count);
    for (size_t i = 0; i < j->d->people_count; i++) {
        const struct cp_named *p = &j->d->people[i];
        if (!p->stands || cp_judged_asked(j, p->person))
            continue;
        cp_api_object(out, 3);
        cp_put_answerer(j->d, p->person, p->name, out);
        cp_api_key(out, "kept_informed");
        cp_api_bool(out, among(j->now.v.kept_informed, j->now.v.kept_informed_count, p->person));
    }
}

/* The rule in its words, and under each-perspective how far each that is needed has come. */
static void put_rule(const struct cp_judged *j, struct cp_buf *out)
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

static void put_agreement(const struct cp_judged *j, struct cp_buf *out)
{
    const struct cp_version *v = &j->p->read.v;
    bool comment = j->p->reproduced && v->stage == CP_STAGE_COMMENT;
    char words[64];
    cp_api_object(out, 18);
    put_rule(j, out);
    cp_put_asked(j, out);
    cp_api_key(out, "version");
    cp_api_hex(out, j->p->id, CP_ID_LEN);
    cp_check_words(j->p->id, words);
    cp_api_key(out, "check_words");
    cp_api_cstr(out, words);
    cp_api_key(out, "stage");
    cp_api_cstr(out, comment ? "comment" : "agreement");
    cp_api_key(out, "for_signing");
    cp_api_bool(out, cp_page_counts(j->p) && !comment);
    cp_api_key(out, "result");
    cp_api_cstr(out, cp_result_word(j->result));
    put_answers(j, out);
    put_apart(j, out);
    cp_put_pending(&j->answers, j->d, j->p, out);
    put_waiting(j, out);
    put_not_asked(j, out);
    put_lost(j, out);
    cp_put_stops(&j->stops, j->d, out);
}

/* No page for agreement yet: that is a fact to report, not a failure. */
static void put_no_agreement(struct cp_buf *out)
{
    cp_api_object(out, 18);
    cp_put_nothing_asked(out);
    cp_api_key(out, "rule");
    cp_api_null(out);
    cp_api_key(out, "perspectives");
    cp_api_list(out, 0);
    cp_api_key(out, "version");
    cp_api_null(out);
    cp_api_key(out, "check_words");
    cp_api_null(out);
    cp_api_key(out, "stage");
    cp_api_null(out);
    cp_api_key(out, "for_signing");
    cp_api_bool(out, false);
    cp_api_key(out, "result");
    cp_api_cstr(out, cp_result_word(CP_RESULT_NOT_YET));
    cp_api_key(out, "answers");
    cp_api_list(out, 0);
    cp_api_key(out, "apart");
    cp_api_list(out, 0);
    cp_api_key(out, "pending");
    cp_api_list(out, 0);
    cp_api_key(out, "waiting_for");
    cp_api_list(out, 0);
    cp_api_key(out, "not_asked");
    cp_api_list(out, 0);
    cp_api_key(out, "lost_key");
    cp_api_list(out, 0);
    cp_api_key(out, "stopped");
    cp_api_list(out, 0);
}

void cp_serve_agreement(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_page p;
    struct cp_judged j;
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_request_page(r, &d, &p);
        if (err == CP_ERR_NOT_FOUND && cp_arg(r, "version").len == 0) {
            put_no_agreement(&out);
            err = CP_OK;
        } else if (err == CP_OK) {
            err = cp_judge_page(&j, &d, &p);
            if (err == CP_OK) {
                put_agreement(&j, &out);
                cp_judged_clear(&j);
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

static void put_proof_answer(const struct cp_judged *j, size_t at, struct cp_bytes name, struct cp_buf *out)
{
    const struct cp_answer *a = j->answers.ins[at].a;
    cp_api_object(out, 7);
    cp_put_answerer(j->d, a->person, name, out);
    cp_put_proof_others(&j->answers, j->p, at, out);
    cp_api_key(out, "key");
    cp_api_hex(out, a->key, CP_KEY_LEN);
    cp_api_key(out, "text");
    cp_api_text(out, j->answers.texts[at].bytes);
    cp_api_key(out, "sig");
    cp_api_hex(out, j->answers.sigs[at].bytes.ptr, CP_SIG_LEN);
}

/* In the order of those who must answer; of one person with two apart both, which is no answer, and says so. */
static void put_proof_answers(const struct cp_judged *j, struct cp_buf *out)
{
    const struct cp_version *v = &j->p->read.v;
    size_t count = 0;
    for (size_t i = 0; i < v->must_answer_count; i++)
        count += j->outs[i].standing;
    cp_api_key(out, "answers");
    cp_api_list(out, count);
    for (size_t i = 0; i < v->must_answer_count; i++)
        for (size_t at = 0; at < j->answers.count; at++)
            if (memcmp(j->answers.ins[at].a->person, v->must_answer[i].person, CP_ID_LEN) == 0 &&
                cp_answered_stands(&j->answers, at))
                put_proof_answer(j, at, v->must_answer[i].name, out);
}

static void put_proof(const struct cp_judged *j, struct cp_buf *out)
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
    struct cp_judged j;
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_request_page(r, &d, &p);
        if (err == CP_OK) {
            if (!cp_page_counts(&p))
                err = CP_ERR_NOT_FOR_SIGNING;
            if (err == CP_OK)
                err = cp_judge_page(&j, &d, &p);
            if (err == CP_OK) {
                put_proof(&j, &out);
                cp_judged_clear(&j);
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
