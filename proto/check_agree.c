/* P10 to P13: renegotiating, commenting, agreeing, giving out. Owns: these points. Must not: judge signatures. */
#include <string.h>

#include "proto/check_internal.h"
#include "proto/handout.h"

static bool noted(const struct cp_model *m, const uint8_t *about, uint64_t kind)
{
    size_t count = 0;
    const struct cp_model_note *notes = cp_model_notes(m, about, &count);
    for (size_t i = 0; i < count; i++)
        if (notes[i].kind == kind)
            return true;
    return false;
}

/* ---- P10: when people do not agree or cannot commit ---- */

static void cannot_do(struct cp_check *c, const struct cp_model_answer *a)
{
    for (size_t i = 0; i < a->actions_count; i++) {
        const struct cp_model_item *action = cp_model_item(c->m, a->actions[i].action);
        if (a->actions[i].will == CP_WILL || action == NULL)
            continue;
        cp_say2(c, CP_CHECK_NO, a->actions[i].will == CP_WILL_CANNOT ? "cannot_do" : "will_if", a->entry,
                cp_arg_name(c, a->person), cp_arg_item(action));
    }
}

/* Asks again for something at this page: then the answer here is what is to be talked about. */
static bool asks_here(const struct cp_model *m, const struct cp_model_version *v, const uint8_t *person)
{
    for (size_t i = 0; i < m->answers_count; i++) {
        const struct cp_model_answer *a = &m->answers[i];
        bool asks = a->word == CP_ANSWER_NO || a->word == CP_ANSWER_WORRY || a->word == CP_ANSWER_ASIDE;
        for (size_t k = 0; k < a->actions_count; k++)
            asks = asks || a->actions[k].will == CP_WILL_CANNOT;
        if (asks && memcmp(a->version, v->id, CP_ID_LEN) == 0 && memcmp(a->person, person, CP_ID_LEN) == 0)
            return true;
    }
    return false;
}

/* Each no is answered by a change, or by why it stays, and that is said about it; whether or not its person agrees now:
 * "you asked / this page" is owed to them. A worry may go unanswered for what a machine can see. */
static void asked_before(struct cp_check *c, const struct cp_model_version *v)
{
    for (size_t i = 0; i < c->m->asks_count; i++) {
        const struct cp_model_ask *ask = &c->m->asks[i];
        if (memcmp(ask->page, v->id, CP_ID_LEN) != 0)
            continue;
        cp_shows(c, ask->entry);
        if (ask->state == CP_ASKED_OPEN && !asks_here(c->m, v, ask->person))
            cp_say2(c, ask->word == CP_ANSWER_NO || ask->cannot ? CP_CHECK_NO : CP_CHECK_PEOPLE, "asked_open",
                    ask->entry, cp_arg_text(ask->name), cp_arg_text(ask->asked));
    }
}

/* Who was waited for at a newest page before this one is named once. */
static bool waits_before(const struct cp_model *m, const struct cp_model_version *v, const uint8_t *person)
{
    for (const struct cp_model_version *other = m->versions; other < v; other++)
        for (size_t i = 0; other->newest && i < m->waiting_count; i++)
            if (memcmp(m->waiting[i].version, other->id, CP_ID_LEN) == 0 &&
                memcmp(m->waiting[i].person, person, CP_ID_LEN) == 0 && !asks_here(m, other, person))
                return true;
    return false;
}

static void page_answered(struct cp_check *c, const struct cp_model_version *v)
{
    const struct cp_model *m = c->m;
    cp_shows(c, v->id);
    for (size_t i = 0; i < m->answers_count; i++) {
        const struct cp_model_answer *a = &m->answers[i];
        if (memcmp(a->version, v->id, CP_ID_LEN) != 0)
            continue;
        bool talked = noted(m, a->entry, CP_M_NOTE_NEGOTIATION);
        cp_shows(c, a->entry);
        if (a->word == CP_ANSWER_NO)
            cp_say1(c, CP_CHECK_NO, talked ? "no_stands" : "no_not_talked", a->entry,
                    cp_arg_name(c, a->person));
        else if ((a->word == CP_ANSWER_WORRY || a->word == CP_ANSWER_ASIDE) && !talked)
            cp_say1(c, CP_CHECK_PEOPLE, "worry_not_talked", a->entry, cp_arg_name(c, a->person));
        cannot_do(c, a);
    }
    asked_before(c, v);
    for (size_t i = 0; i < m->waiting_count; i++) { /* who said no or cannot has answered: it was said above */
        const uint8_t *person = m->waiting[i].person;
        if (memcmp(m->waiting[i].version, v->id, CP_ID_LEN) == 0 && !asks_here(m, v, person) &&
            !waits_before(m, v, person))
            cp_say1(c, CP_CHECK_NO, "waiting_for", person, cp_arg_name(c, person));
    }
}

/* Of pages made apart none replaces the other, so a no to any of them is to be talked about. */
void cp_check_p10(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    bool any = false;
    for (size_t i = 0; i < m->versions_count; i++) {
        if (!m->versions[i].newest || m->versions[i].stage != CP_STAGE_AGREEMENT)
            continue;
        page_answered(c, &m->versions[i]);
        any = true;
    }
    if (!any)
        cp_say(c, CP_CHECK_NO, "no_final_page", NULL);
}

/* ---- P11: recorded, and sent for comment without delay ---- */

static void sent_to_all(struct cp_check *c, const struct cp_model_version *v)
{
    int64_t hours = cp_model_number(&c->m->plan, CP_M_SEND_WITHIN_HOURS, 72);
    int64_t last = cp_day_number(v->day) + (hours + 23) / 24;
    for (size_t i = 0; i < v->copies_count; i++) {
        const struct cp_model_copy *to = &v->copies[i];
        struct cp_copy copy;
        cp_copy_find(&copy, c->m, v->id, to->person);
        if (copy.receipt != NULL)
            cp_shows(c, copy.receipt->r.id);
        if (copy.copied < CP_COPIED_SENT)
            cp_say1(c, CP_CHECK_NO, "not_sent", to->person, cp_arg_text(to->name));
        else if (cp_day_number(copy.sent_on) > last)
            cp_say2(c, CP_CHECK_NO, "sent_late", to->person, cp_arg_text(to->name),
                    cp_arg_text(copy.sent_on));
    }
}

/* A comment stays with the page it was made on, and is owed a reply also when a newer page is there. */
static void replied_to(struct cp_check *c, const uint8_t *page)
{
    size_t count = 0;
    const struct cp_model_note *notes = cp_model_notes(c->m, page, &count);
    for (size_t i = 0; i < count; i++)
        if (notes[i].kind == CP_M_NOTE_COMMENT && !noted(c->m, notes[i].r.id, CP_M_NOTE_REPLY))
            cp_say2(c, CP_CHECK_NO, "no_reply", notes[i].r.id, cp_arg_name(c, notes[i].by),
                    cp_arg_text(cp_model_text(&notes[i].r, CP_FIELD_TEXT)));
}

void cp_check_p11(struct cp_check *c)
{
    const struct cp_model_version *v = cp_model_newest(c->m, CP_STAGE_COMMENT);
    if (v == NULL) {
        cp_say(c, CP_CHECK_NO, "no_comment_page", NULL);
        return;
    }
    cp_shows(c, v->id);
    sent_to_all(c, v);
    for (size_t i = 0; i < c->m->versions_count; i++)
        if (c->m->versions[i].stage == CP_STAGE_COMMENT)
            replied_to(c, c->m->versions[i].id);
}

/* ---- P12: formal agreement ---- */

void cp_check_p12(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    const struct cp_model_version *v = cp_model_newest(m, CP_STAGE_AGREEMENT);
    if (v == NULL) {
        cp_say(c, CP_CHECK_NO, "no_final_page", NULL);
        return;
    }
    cp_shows(c, v->id);
    if (v->result != CP_RESULT_AGREED && v->result != CP_RESULT_WORRIES)
        cp_say1(c, CP_CHECK_NO, "result", v->id, cp_arg_word(cp_result_word(v->result)));
    for (size_t i = 0; i < m->waiting_count; i++)
        if (memcmp(m->waiting[i].version, v->id, CP_ID_LEN) == 0)
            cp_say1(c, CP_CHECK_NO, "waiting_for", m->waiting[i].person,
                    cp_arg_name(c, m->waiting[i].person));
    for (size_t i = 0; i < m->answers_count; i++)
        if (memcmp(m->answers[i].version, v->id, CP_ID_LEN) == 0)
            cp_shows(c, m->answers[i].entry);
}

/* ---- P13: given to everyone who carries it out, as they asked ---- */

void cp_check_p13(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    const struct cp_model_version *v = cp_model_newest(m, CP_STAGE_AGREEMENT);
    if (v == NULL || (v->result != CP_RESULT_AGREED && v->result != CP_RESULT_WORRIES)) {
        cp_say(c, CP_CHECK_NO, "not_agreed", NULL);
        return;
    }
    cp_shows(c, v->id);
    for (size_t i = 0; i < v->copies_count; i++) {
        const struct cp_model_copy *to = &v->copies[i];
        const struct cp_model_person *p = cp_model_person(m, to->person);
        struct cp_copy copy;
        if ((to->why & CP_COPY_NAMED) == 0)
            continue;
        cp_copy_find(&copy, m, v->id, to->person);
        if (copy.receipt != NULL)
            cp_shows(c, copy.receipt->r.id);
        if (copy.copied == CP_COPIED_COULD_NOT)
            cp_say3(c, CP_CHECK_NO, "could_not_give", to->person, cp_arg_text(to->name),
                    cp_arg_text(cp_model_text(&copy.receipt->r, CP_FIELD_WHY)), cp_arg_text(copy.try_again));
        else if (copy.copied < CP_COPIED_GIVEN || !copy.in_form)
            cp_say2(c, CP_CHECK_NO, "not_given", to->person, cp_arg_text(to->name),
                    cp_arg_text(p == NULL ? CP_BYTES(NULL, 0) : cp_model_settled(&p->r, CP_M_WANTS_FORMAT)));
    }
}
