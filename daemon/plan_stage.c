/* How far a plan has come: what its pages, answers and reviews say. Must not: decide the stage (proto/stage.h). */
#include <string.h>

#include "daemon/model.h"
#include "daemon/serve_agree.h"
#include "proto/progress.h"

struct staging {
    const struct cp_desk *d;
    struct cp_stage_facts facts;
    uint64_t agreed_lamport; /* of the last agreed page */
};

/* ---- Pages ---- */

/* A page that leaves out somebody whom this machine would ask sets no stage until they answered it too. */
static bool all_have_answered(const struct cp_judged *j)
{
    const struct cp_version *now = &j->now.v;
    for (size_t i = 0; i < now->must_answer_count; i++) {
        bool heard = cp_judged_asked(j, now->must_answer[i].person);
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

static bool is_agreed(enum cp_result result)
{
    return result == CP_RESULT_AGREED || result == CP_RESULT_WORRIES;
}

/*
 * Was it agreed before this answer came? Judged by the answers below it in (lamport), which is the same on every device;
 * of answers made apart it is not known which was first, and any order will do as long as all take the same.
 */
static enum cp_err agreed_before(const struct cp_judged *j, uint64_t lamport, bool *agreed)
{
    const struct cp_version *v = &j->p->read.v;
    const struct cp_mem *mem = j->d->mem;
    struct cp_answer_in *before = cp_alloc_array(mem, j->answers.count + 1, sizeof *before);
    struct cp_answer_out *outs = cp_alloc_array(mem, v->must_answer_count + 1, sizeof *outs);
    size_t count = 0;
    enum cp_err err = before == NULL || outs == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    for (size_t i = 0; err == CP_OK && i < j->answers.count; i++)
        if (j->answers.infos[i]->lamport < lamport)
            before[count++] = j->answers.ins[i];
    if (err == CP_OK)
        *agreed = is_agreed(cp_answer_judge(v, before, count, outs));
    cp_free(mem, before);
    cp_free(mem, outs);
    return err;
}

/* Somebody took back, or changed, an answer that a page was agreed with. */
static enum cp_err was_agreed(const struct cp_judged *j, bool *agreed)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && !*agreed && i < j->p->read.v.must_answer_count; i++) {
        const struct cp_answer_out *row = &j->outs[i];
        if (row->standing == 1 && !row->counts && j->answers.ins[row->first].a->replaces_count > 0)
            err = agreed_before(j, j->answers.infos[row->first]->lamport, agreed);
    }
    return err;
}

static enum cp_err look_at_page(struct staging *t, const struct cp_page_row *row)
{
    struct cp_page p;
    struct cp_judged j;
    enum cp_err err = cp_page_open(&p, t->d, row->id);
    if (err != CP_OK)
        return err;
    err = cp_judge_page(&j, t->d, &p);
    if (err == CP_OK) {
        bool agreed = is_agreed(j.result) && all_have_answered(&j), once = false;
        if (!agreed && row->newest)
            err = was_agreed(&j, &once);
        if (agreed || once)
            t->agreed_lamport = row->lamport > t->agreed_lamport ? row->lamport : t->agreed_lamport;
        t->facts.agreed += agreed && row->newest ? 1 : 0;
        t->facts.agreed_before = t->facts.agreed_before || (agreed && !row->newest);
        t->facts.taken_back = t->facts.taken_back || once;
        t->facts.signing = t->facts.signing || (row->newest && !agreed && !once);
        cp_judged_clear(&j);
    }
    cp_page_clear(&p);
    return err;
}

/* Pages that another one replaces matter only while none of the newest is agreed: then one of them is in force. */
static enum cp_err look_at_pages(struct staging *t)
{
    struct cp_pages pages;
    enum cp_err err = cp_pages_list(&pages, t->d, CP_BYTES(NULL, 0));
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; err == CP_OK && i < pages.count; i++) {
            const struct cp_page_row *row = &pages.rows[i];
            bool now = row->newest == (round == 0) && row->counts && row->stage == CP_STAGE_AGREEMENT;
            if (now && (round == 0 || (t->facts.agreed == 0 && !t->facts.agreed_before)))
                err = look_at_page(t, row);
        }
    for (size_t i = 0; err == CP_OK && i < pages.count; i++) {
        if (!pages.rows[i].newest || pages.rows[i].stage != CP_STAGE_COMMENT)
            continue;
        t->facts.comment = true;
        t->facts.comment_later = t->facts.comment_later || pages.rows[i].lamport > t->agreed_lamport;
    }
    cp_pages_clear(&pages);
    return err;
}

/* ---- Items ---- */

/* Before anything was frozen: how far the items say that people have come. */
static enum cp_err look_at_items(struct staging *t)
{
    struct cp_ids ids;
    struct cp_shown s;
    cp_ids_init(&ids, t->d->mem);
    enum cp_err err = cp_ids_of_kind(&ids, t->d->node, t->d->plan, CP_KIND_ITEM);
    for (size_t i = 0; err == CP_OK && !t->facts.actions && i < ids.count; i++) {
        enum cp_record kind = (enum cp_record)ids.numbers[i];
        bool action = kind == CP_RECORD_ACTION;
        if (!action && (t->facts.ideas || (kind != CP_RECORD_OPTION && kind != CP_RECORD_CRITERION)))
            continue;
        err = cp_shown_load_fields(&s, t->d, kind, ids.ids[i]);
        if (err == CP_OK && !s.state.set_aside) {
            t->facts.ideas = true;
            t->facts.actions = action;
        }
        cp_shown_clear(&s);
    }
    cp_ids_clear(&ids);
    return err;
}

/* ---- After agreement ---- */

static void look_at_actions(struct staging *t, const struct cp_model *m)
{
    size_t actions = 0, finished = 0;
    for (size_t i = 0; i < m->items_count; i++) {
        struct cp_progress p;
        if (m->items[i].r.kind != CP_RECORD_ACTION || !cp_model_is_action(&m->items[i]))
            continue;
        cp_progress_of(m, &m->items[i], &p);
        actions++;
        finished += p.finished ? 1 : 0;
    }
    t->facts.all_finished = actions > 0 && finished == actions;
}

static enum cp_err look_at_review(struct staging *t, struct cp_bytes today)
{
    struct cp_model_loaded l;
    struct cp_review review;
    enum cp_err err = cp_model_load(&l, t->d, today);
    if (err != CP_OK)
        return err;
    cp_review_of(&l.m, &review);
    t->facts.review_due = review.overdue;
    if (review.last != NULL && review.last->lamport > t->agreed_lamport) {
        t->facts.decided_change = cp_model_says(&review.last->r, CP_M_DECISION, "change");
        t->facts.decided_stop = cp_model_says(&review.last->r, CP_M_DECISION, "stop");
    }
    look_at_actions(t, &l.m);
    cp_model_unload(&l);
    return CP_OK;
}

enum cp_err cp_plan_stage(const struct cp_desk *d, struct cp_bytes today, enum cp_plan_stage *stage)
{
    struct staging t = {.d = d};
    if (today.len > 0 && cp_day_number(today) == 0)
        return CP_ERR_BAD_VALUE;
    enum cp_err err = look_at_pages(&t);
    bool in_force = t.facts.agreed > 0 || t.facts.taken_back || t.facts.agreed_before;
    if (err == CP_OK && in_force)
        err = look_at_review(&t, today);
    else if (err == CP_OK && !t.facts.signing && !t.facts.comment)
        err = look_at_items(&t);
    *stage = cp_plan_stage_of(&t.facts);
    return err;
}
