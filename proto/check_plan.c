/* P9: within our means, and specific; and what else keeps a page from being final. Owns: these points. */
#include <string.h>

#include "proto/check_internal.h"

/* Every action is looked at, so every action shows the point; none at all is not met. */
static const struct cp_model_item *first_action(struct cp_check *c)
{
    const struct cp_model_item *a = cp_next_action(c, NULL);
    if (a == NULL)
        cp_say1(c, CP_CHECK_NO, "nothing_of", NULL, cp_arg_word("action"));
    return a;
}

static bool lacks(const struct cp_model_item *a, uint16_t field)
{
    const struct cp_model_fact *f = cp_model_get(&a->r, field);
    return f == NULL || (f->link == NULL && f->text.len == 0);
}

static void hard(struct cp_check *c, const char *code, const struct cp_model_item *a)
{
    cp_say1(c, CP_CHECK_HARD, code, a->r.id, cp_arg_item(a));
}

/* ---- P9.1: what exactly ---- */

void cp_check_p9_1(struct cp_check *c)
{
    for (const struct cp_model_item *a = first_action(c); a != NULL; a = cp_next_action(c, a)) {
        cp_shows(c, a->r.id);
        if (lacks(a, CP_FIELD_TEXT))
            hard(c, "no_text", a);
        if (lacks(a, CP_M_DETAILS))
            hard(c, "no_details", a);
        if (cp_model_two(&a->r, CP_FIELD_TEXT) || cp_model_two(&a->r, CP_M_DETAILS))
            hard(c, "two_whats", a);
    }
}

/* ---- P9.2: who ---- */

static bool has_left(const struct cp_check *c, const uint8_t *person)
{
    const struct cp_model_person *p = cp_model_person(c->m, person);
    return p != NULL && p->left;
}

/* A page that names who left would wait for them, or promise what nobody does. */
static void check_helpers(struct cp_check *c, const struct cp_model_item *a)
{
    const struct cp_model_fact *f = cp_model_get(&a->r, CP_FIELD_HELPERS);
    for (; f != NULL; f = cp_model_next(&a->r, f))
        if (has_left(c, f->link))
            cp_say2(c, CP_CHECK_HARD, "helper_left", a->r.id, cp_arg_item(a), cp_arg_name(c, f->link));
}

void cp_check_p9_2(struct cp_check *c)
{
    for (const struct cp_model_item *a = first_action(c); a != NULL; a = cp_next_action(c, a)) {
        const uint8_t *lead = cp_model_link(&a->r, CP_FIELD_LEAD);
        const struct cp_model_person *p = cp_model_person(c->m, lead);
        cp_shows(c, a->r.id);
        if (cp_model_two(&a->r, CP_FIELD_LEAD))
            hard(c, "two_leads", a);
        else if (lead == NULL)
            hard(c, "no_lead", a);
        else if (p == NULL || (!p->in && !p->someone))
            cp_say2(c, CP_CHECK_HARD, "lead_left", a->r.id, cp_arg_item(a), cp_arg_name(c, lead));
        check_helpers(c, a);
    }
}

/* ---- P9.3: when ---- */

void cp_check_p9_3(struct cp_check *c)
{
    for (const struct cp_model_item *a = first_action(c); a != NULL; a = cp_next_action(c, a)) {
        int64_t start = cp_day_number(cp_model_text(&a->r, CP_M_START));
        int64_t due = cp_day_number(cp_model_text(&a->r, CP_M_DUE));
        cp_shows(c, a->r.id);
        if (cp_model_two(&a->r, CP_M_START) || cp_model_two(&a->r, CP_M_DUE) ||
            cp_model_two(&a->r, CP_M_REPEATS))
            hard(c, "two_dates", a);
        if (due == 0 && lacks(a, CP_M_REPEATS))
            hard(c, "no_due", a);
        else if (due != 0 && start != 0 && due < start)
            hard(c, "due_before_start", a);
        if (start == 0)
            cp_say1(c, CP_CHECK_REMARK, "no_start", a->r.id, cp_arg_item(a));
    }
}

/* ---- P9.4: how we will know, who checks, when we look again ---- */

static void check_measuring(struct cp_check *c, const struct cp_model_item *a)
{
    const uint8_t *lead = cp_model_link(&a->r, CP_FIELD_LEAD),
                  *checker = cp_model_link(&a->r, CP_M_CHECKED_BY);
    if (lacks(a, CP_M_MEASURE))
        hard(c, "no_measure", a);
    if (checker == NULL)
        hard(c, "nobody_checks", a);
    else if (has_left(c, checker))
        cp_say2(c, CP_CHECK_HARD, "checker_left", a->r.id, cp_arg_item(a), cp_arg_name(c, checker));
    if (lacks(a, CP_M_CHECK_EVERY))
        hard(c, "no_check_every", a);
    if (lead != NULL && checker != NULL && memcmp(lead, checker, CP_ID_LEN) == 0)
        cp_say1(c, CP_CHECK_REMARK, "lead_checks", a->r.id, cp_arg_item(a));
}

void cp_check_p9_4(struct cp_check *c)
{
    const struct cp_model_record *plan = &c->m->plan;
    const uint8_t *reviewer = cp_model_link(plan, CP_M_REVIEWER);
    for (const struct cp_model_item *a = first_action(c); a != NULL; a = cp_next_action(c, a)) {
        cp_shows(c, a->r.id);
        check_measuring(c, a);
    }
    if (cp_day_number(cp_model_text(plan, CP_M_FIRST_REVIEW)) == 0)
        cp_say(c, CP_CHECK_HARD, "no_first_review", NULL);
    if (reviewer == NULL)
        cp_say(c, CP_CHECK_HARD, "no_reviewer", NULL);
    else if (has_left(c, reviewer))
        cp_say1(c, CP_CHECK_HARD, "reviewer_left", NULL, cp_arg_name(c, reviewer));
    if (cp_model_text(plan, CP_M_IF_BEHIND).len == 0)
        cp_say(c, CP_CHECK_HARD, "no_if_behind", NULL);
}

/* ---- P9: within our means ---- */

/* A resource that is asked for more than there is, with every action that takes from it. */
static void check_resource(struct cp_check *c, const struct cp_model_item *resource)
{
    size_t count = 0;
    int64_t amount = cp_model_number(&resource->r, CP_M_AMOUNT, 0), taken = cp_means_taken(c->m, resource);
    bool pence = cp_model_says(&resource->r, CP_M_UNIT, "pence"),
         minutes = cp_model_says(&resource->r, CP_M_UNIT, "minutes");
    if (taken <= amount)
        return;
    cp_say3(c, CP_CHECK_HARD, "resource_short", resource->r.id, cp_arg_item(resource),
            pence     ? cp_arg_pence(taken)
            : minutes ? cp_arg_minutes(taken)
                      : cp_arg_number(taken),
            pence     ? cp_arg_pence(amount)
            : minutes ? cp_arg_minutes(amount)
                      : cp_arg_number(amount));
    const struct cp_model_back *backs = cp_model_backs(c->m, resource->r.id, &count);
    for (size_t i = 0; i < count; i++)
        if (backs[i].field == CP_M_COSTS && cp_model_is_action(backs[i].item))
            cp_say2(c, CP_CHECK_HARD, "takes_from", backs[i].item->r.id, cp_arg_item(backs[i].item),
                    cp_arg_item(resource));
}

void cp_check_p9_means(struct cp_check *c)
{
    struct cp_means means;
    const struct cp_model_item *r = NULL;
    enum cp_err err = cp_means(&means, c->out->mem, c->m);
    if (err != CP_OK) {
        c->out->err = err;
        return;
    }
    if (means.pence_asked > means.pence_offered)
        cp_say3(c, CP_CHECK_HARD, "money_short", NULL, cp_arg_pence(means.pence_asked),
                cp_arg_pence(means.pence_offered), cp_arg_pence(means.pence_asked - means.pence_offered));
    else if (means.pence_asked > 0)
        cp_say2(c, CP_CHECK_REMARK, "money", NULL, cp_arg_pence(means.pence_asked),
                cp_arg_pence(means.pence_offered));
    if (means.budget_passed)
        cp_say2(c, CP_CHECK_HARD, "budget_passed", NULL, cp_arg_pence(means.pence_asked),
                cp_arg_pence(means.budget));
    for (size_t i = 0; i < means.people_count; i++) {
        const struct cp_means_person *p = &means.people[i];
        if (p->asked == 0)
            continue;
        cp_say3(c, p->asked > p->offered ? CP_CHECK_HARD : CP_CHECK_REMARK,
                p->asked > p->offered ? "time_short" : "time", p->person->r.id, cp_arg_text(p->person->name),
                cp_arg_minutes(p->asked), cp_arg_minutes(p->offered));
    }
    if (means.minutes_nobody > 0)
        cp_say1(c, CP_CHECK_HARD, "time_of_nobody", NULL, cp_arg_minutes(means.minutes_nobody));
    while ((r = cp_next_of(c, CP_RECORD_RESOURCE, r)) != NULL)
        check_resource(c, r);
    cp_means_clear(&means);
}

/* ---- Beside the standard: two wordings ---- */

static const char *name_of(uint16_t field)
{
    const struct cp_field *f = cp_field_by_code(field);
    return f == NULL ? "" : f->name;
}

static void two_in(struct cp_check *c, const struct cp_model_record *r)
{
    uint16_t last = 0;
    for (size_t i = 0; i < r->facts_count; i++) {
        if (r->facts[i].two && r->facts[i].field != last)
            cp_say2(c, CP_CHECK_HARD, "two_wordings", r->id, cp_arg_text(cp_model_text(r, CP_FIELD_TEXT)),
                    cp_arg_word(name_of(r->facts[i].field)));
        last = r->facts[i].two ? r->facts[i].field : 0;
    }
}

void cp_check_two_wordings(struct cp_check *c)
{
    two_in(c, &c->m->plan);
    for (size_t i = 0; i < c->m->items_count; i++)
        two_in(c, &c->m->items[i].r);
}
