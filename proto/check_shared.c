/* The Ten Essential Shared Capabilities (domain 1). Owns: these points. Must not: name who a small group is. */
#include <string.h>

#include "proto/check_internal.h"

#define SPEAKS_FOR_ITSELF "uses services|carer|family or friend"

static bool noted(const struct cp_model *m, const uint8_t *about, uint64_t kind)
{
    size_t count = 0;
    const struct cp_model_note *notes = cp_model_notes(m, about, &count);
    for (size_t i = 0; i < count; i++)
        if (notes[i].kind == kind)
            return true;
    return false;
}

/* ---- C1: working in partnership ---- */

void cp_check_c1(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    const struct cp_model_fact *needed = cp_model_get(&m->plan, CP_M_PERSPECTIVES_NEEDED);
    const struct cp_model_item *item = NULL;
    if (needed == NULL)
        cp_say(c, CP_CHECK_NO, "no_perspectives_needed", NULL);
    for (; needed != NULL; needed = cp_model_next(&m->plan, needed))
        if (cp_model_perspective_size(m, needed->text) == 0)
            cp_say1(c, CP_CHECK_HARD, "no_one_yet", NULL, cp_arg_text(needed->text));
    while ((item = cp_next_of(c, CP_RECORD_CONCERN, item)) != NULL) {
        if (cp_model_get(&item->r, CP_M_TENSION) == NULL)
            continue;
        cp_shows(c, item->r.id);
        if (!noted(m, item->r.id, CP_M_NOTE_NEGOTIATION))
            cp_say1(c, CP_CHECK_NO, "tension_open", item->r.id, cp_arg_item(item));
    }
}

/* ---- C2: respecting diversity ---- */

static void date_clash(struct cp_check *c, const struct cp_model_item *action,
                       const struct cp_model_person *p)
{
    const struct cp_model_fact *f = cp_model_get(&p->r, CP_M_CANNOT_ON);
    for (; f != NULL; f = cp_model_next(&p->r, f))
        if (cp_bytes_eq(f->text, cp_model_text(&action->r, CP_M_START)) ||
            cp_bytes_eq(f->text, cp_model_text(&action->r, CP_M_DUE)))
            cp_say3(c, CP_CHECK_NO, "date_clash", action->r.id, cp_arg_item(action), cp_arg_text(p->name),
                    cp_arg_text(f->text));
}

void cp_say_date_clashes(struct cp_check *c, const struct cp_model_item *action)
{
    for (size_t i = 0; i < c->m->people_count; i++)
        if (cp_leads_or_helps(action, c->m->people[i].r.id))
            date_clash(c, action, &c->m->people[i]);
}

void cp_check_c2(struct cp_check *c)
{
    const struct cp_model_person *p = NULL;
    const struct cp_model_item *a = NULL;
    while ((p = cp_next_asked(c, p)) != NULL) {
        if (cp_model_two(&p->r, CP_M_WANTS_FORMAT) || cp_model_two(&p->r, CP_M_WANTS_LANGUAGE) ||
            cp_model_two(&p->r, CP_M_WANTS_BY))
            cp_say1(c, CP_CHECK_PEOPLE, "wants_two", p->r.id, cp_arg_text(p->name));
        else if (cp_model_text(&p->r, CP_M_WANTS_FORMAT).len == 0)
            cp_say1(c, CP_CHECK_PEOPLE, "no_wants", p->r.id, cp_arg_text(p->name));
        else
            cp_shows(c, p->r.id);
    }
    while ((a = cp_next_action(c, a)) != NULL)
        cp_say_date_clashes(c, a);
    cp_check_languages(c);
}

/* ---- C3: practising ethically ---- */

void cp_check_c3(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    for (size_t i = 0; i < m->people_count; i++) {
        const struct cp_model_person *p = &m->people[i];
        bool said = false;
        if (!p->in || cp_model_get(&p->r, CP_M_PERSPECTIVES) == NULL)
            continue;
        for (size_t j = 0; j < m->notes_count && !said; j++)
            said = m->notes[j].kind == CP_M_NOTE_CONSENT && memcmp(m->notes[j].by, p->r.id, CP_ID_LEN) == 0;
        if (!said)
            cp_say1(c, CP_CHECK_PEOPLE, "no_consent", p->r.id, cp_arg_text(p->name));
    }
    for (size_t i = 0; i < m->perspectives_count; i++) {
        struct cp_bytes perspective = m->perspectives[i];
        bool leads = false;
        const struct cp_model_item *a = NULL;
        if (!cp_model_perspective_needed(m, perspective) || !cp_model_perspective_shown(m, perspective))
            continue;
        while (!leads && (a = cp_next_action(c, a)) != NULL) {
            const struct cp_model_person *lead = cp_model_person(m, cp_model_link(&a->r, CP_FIELD_LEAD));
            leads = lead != NULL && cp_model_has_perspective(lead, perspective);
        }
        if (!leads)
            cp_say1(c, CP_CHECK_REMARK, "leads_nothing", NULL, cp_arg_text(perspective));
    }
}

/* ---- C4: challenging inequality ---- */

static bool done_with(const struct cp_model *m, const struct cp_model_item *action, const char *perspective)
{
    for (size_t i = 0; i < m->people_count; i++)
        if (cp_model_has_perspective(&m->people[i], cp_bytes_str(perspective)) &&
            cp_leads_or_helps(action, m->people[i].r.id))
            return true;
    return false;
}

/* Did somebody with the perspective score it 0 or 1? On the action or on the idea it comes from. */
static bool found_unfair(const struct cp_model *m, const uint8_t *target, struct cp_bytes perspective)
{
    for (size_t i = 0; i < m->people_count; i++) {
        const struct cp_model_person *p = &m->people[i];
        const struct cp_model_view *v = cp_model_view(m, target, CP_M_MEASURE_FAIRNESS, p->r.id);
        if (p->in && v != NULL && cp_word_in("0|1", v->value) && cp_model_has_perspective(p, perspective))
            return true;
    }
    return false;
}

/* Most things nobody found unfair: then no side has to be asked. */
static bool has_unfair_view(const struct cp_model *m, const uint8_t *target)
{
    size_t count = 0;
    const struct cp_model_view *views = cp_model_views(m, target, &count);
    for (size_t i = 0; i < count; i++)
        if (views[i].measure == CP_M_MEASURE_FAIRNESS && cp_word_in("0|1", views[i].value))
            return true;
    return false;
}

static void judge_fairness(struct cp_check *c, const struct cp_model_item *a, const uint8_t *target)
{
    bool hidden = false;
    if (!has_unfair_view(c->m, target))
        return;
    for (size_t i = 0; i < c->m->perspectives_count; i++) {
        struct cp_bytes perspective = c->m->perspectives[i];
        if (!found_unfair(c->m, target, perspective))
            continue;
        if (cp_model_perspective_shown(c->m, perspective))
            cp_say2(c, CP_CHECK_NO, "unfair_to", a->r.id, cp_arg_item(a), cp_arg_text(perspective));
        else if (!hidden)
            cp_say1(c, CP_CHECK_NO, "unfair_to_some", a->r.id, cp_arg_item(a));
        hidden = hidden || !cp_model_perspective_shown(c->m, perspective);
    }
}

/* Naming the actions that nobody who uses services does names the others too, and with them whoever does those. So they are
 * named where there are no others, or where each who would be known by it lets their side be shown (domain 5.9). */
static bool may_name_actions(const struct cp_check *c)
{
    for (size_t i = 0; i < c->m->people_count; i++) {
        const struct cp_model_person *p = &c->m->people[i];
        const struct cp_model_item *a = NULL;
        if (p->shows_perspective || !cp_model_has_perspective(p, cp_bytes_str("uses services")))
            continue;
        while ((a = cp_next_action(c, a)) != NULL)
            if (cp_leads_or_helps(a, p->r.id))
                return false;
    }
    return true;
}

void cp_check_c4(struct cp_check *c)
{
    bool named = may_name_actions(c), some = false;
    const struct cp_model_item *a = cp_next_action(c, NULL);
    if (a == NULL)
        cp_say1(c, CP_CHECK_NO, "nothing_of", NULL, cp_arg_word("action"));
    for (; a != NULL; a = cp_next_action(c, a)) {
        const struct cp_model_fact *f = cp_model_get(&a->r, CP_M_FROM);
        cp_shows(c, a->r.id);
        if (!done_with(c->m, a, "uses services")) {
            if (named)
                cp_say1(c, CP_CHECK_NO, "nobody_who_uses_services", a->r.id, cp_arg_item(a));
            else if (!some)
                cp_say(c, CP_CHECK_NO, "some_without_services", NULL);
            some = true;
        }
        judge_fairness(c, a, a->r.id);
        for (; f != NULL; f = cp_model_next(&a->r, f))
            if (f->link != NULL)
                judge_fairness(c, a, f->link);
    }
}

/* ---- C5: promoting recovery ---- */

void cp_check_c5(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    const struct cp_model_item *p = cp_next_of(c, CP_RECORD_PRIORITY, NULL);
    bool hope = false;
    for (; p != NULL; p = cp_next_of(c, CP_RECORD_PRIORITY, p)) {
        if (cp_model_text(&p->r, CP_M_HOPE).len > 0) {
            hope = true;
            cp_shows(c, p->r.id);
        } else if (cp_model_state_in(p, "chosen")) {
            cp_say1(c, CP_CHECK_PEOPLE, "no_hope_said", p->r.id, cp_arg_item(p));
        }
    }
    if (!hope)
        cp_say(c, CP_CHECK_NO, "no_hope", NULL);
    for (size_t i = 0; i < m->notes_count; i++)
        if (m->notes[i].kind == CP_M_NOTE_ACHIEVEMENT)
            cp_shows(c, m->notes[i].r.id);
}

/* ---- C6: needs and strengths side by side ---- */

/* Whose it is: the person or group it is about, else who says it. */
static bool same_subject(const struct cp_model_item *a, const struct cp_model_item *b)
{
    struct cp_bytes group = cp_model_text(&a->r, CP_M_ABOUT_GROUP);
    if (group.len > 0)
        return cp_bytes_eq(group, cp_model_text(&b->r, CP_M_ABOUT_GROUP));
    const uint8_t *who = cp_model_link(&a->r, CP_M_ABOUT_PERSON),
                  *other = cp_model_link(&b->r, CP_M_ABOUT_PERSON);
    who = who == NULL ? cp_model_owner(a) : who;
    other = other == NULL ? cp_model_owner(b) : other;
    return memcmp(who, other, CP_ID_LEN) == 0;
}

static bool has_strength(const struct cp_check *c, const struct cp_model_item *need)
{
    const struct cp_model_item *item = NULL;
    while ((item = cp_next_of(c, CP_RECORD_STRENGTH, item)) != NULL)
        if (same_subject(need, item))
            return true;
    while ((item = cp_next_of(c, CP_RECORD_RESOURCE, item)) != NULL)
        if (same_subject(need, item))
            return true;
    return false;
}

void cp_check_c6(struct cp_check *c)
{
    const struct cp_model_item *need = NULL;
    if (cp_next_of(c, CP_RECORD_STRENGTH, NULL) == NULL && cp_next_of(c, CP_RECORD_RESOURCE, NULL) == NULL)
        cp_say1(c, CP_CHECK_NO, "nothing_of", NULL, cp_arg_word("strength"));
    while ((need = cp_next_of(c, CP_RECORD_NEED, need)) != NULL) {
        struct cp_bytes group = cp_model_text(&need->r, CP_M_ABOUT_GROUP);
        const uint8_t *about = cp_model_link(&need->r, CP_M_ABOUT_PERSON);
        cp_shows(c, need->r.id);
        if (!has_strength(c, need))
            cp_say2(c, CP_CHECK_NO, "needs_no_strengths", need->r.id, cp_arg_item(need),
                    group.len > 0 ? cp_arg_text(group)
                                  : cp_arg_name(c, about == NULL ? cp_model_owner(need) : about));
    }
}

/* ---- C7: care centred on the people it is for ---- */

void cp_check_c7(struct cp_check *c)
{
    const struct cp_model_item *p = cp_next_chosen(c, NULL);
    size_t chosen = 0, theirs = 0;
    for (; p != NULL; p = cp_next_chosen(c, p)) {
        bool own = false;
        const struct cp_model_fact *f = cp_model_get(&p->r, CP_M_FROM_PERSPECTIVE);
        for (; f != NULL; f = cp_model_next(&p->r, f))
            own = own || cp_word_in(SPEAKS_FOR_ITSELF, f->text);
        chosen++;
        theirs += own ? 1 : 0;
        if (own)
            cp_shows(c, p->r.id);
    }
    if (chosen == 0)
        cp_say(c, CP_CHECK_NO, "nothing_chosen", NULL);
    else if (2 * theirs < chosen)
        cp_say2(c, CP_CHECK_NO, "goals_of_others", NULL, cp_arg_number((int64_t)theirs),
                cp_arg_number((int64_t)chosen));
}

/* ---- C8: making a difference ---- */

static bool rests_on(const struct cp_model *m, const struct cp_model_item *o, enum cp_record kind)
{
    static const uint16_t fields[] = {CP_M_ABOUT, CP_M_FOR, CP_M_SERVES, CP_M_EVIDENCE, 0};
    if (cp_model_pointed(m, o->r.id, kind, fields))
        return true;
    for (size_t i = 0; i < o->r.facts_count; i++) {
        const struct cp_model_item *to = cp_model_item(m, o->r.facts[i].link);
        if (to != NULL && to->r.kind == kind)
            return true;
    }
    return false;
}

void cp_check_c8(struct cp_check *c)
{
    const struct cp_model_item *o = NULL;
    size_t chosen = 0;
    while ((o = cp_next_of(c, CP_RECORD_OPTION, o)) != NULL) {
        if (!cp_model_state_in(o, "chosen"))
            continue;
        chosen++;
        cp_shows(c, o->r.id);
        if (!rests_on(c->m, o, CP_RECORD_EVIDENCE) && !rests_on(c->m, o, CP_RECORD_VALUE))
            cp_say1(c, CP_CHECK_NO, "rests_on_nothing", o->r.id, cp_arg_item(o));
    }
    if (chosen == 0)
        cp_say(c, CP_CHECK_NO, "no_option_chosen", NULL);
}

/* ---- C10: learning ---- */

void cp_check_c10(struct cp_check *c)
{
    bool any = false;
    for (size_t i = 0; i < c->m->notes_count; i++)
        if (c->m->notes[i].kind == CP_M_NOTE_LEARNING ||
            (c->m->notes[i].kind == CP_M_NOTE_REVIEW &&
             cp_model_text(&c->m->notes[i].r, CP_FIELD_LEARNED).len > 0)) {
            any = true;
            cp_shows(c, c->m->notes[i].r.id);
        }
    if (!any)
        cp_say(c, CP_CHECK_PEOPLE, "no_learning", NULL);
}
