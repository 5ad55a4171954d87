/* What has to be seen on an action (domain P2, 5.5, capabilities 2 and 9). Owns: which marks. Must not: judge a point. */
#include <string.h>

#include "proto/check_internal.h"

/* Took their answer to a page that is the newest back. */
static bool took_back(const struct cp_model *m, const uint8_t *person)
{
    for (size_t i = 0; i < m->answers_count; i++)
        if (m->answers[i].word == CP_ANSWER_WITHDRAWN && memcmp(m->answers[i].person, person, CP_ID_LEN) == 0)
            return true;
    return false;
}

static void needs_someone(struct cp_check *c, const struct cp_model_item *action)
{
    const uint8_t *lead = cp_model_link(&action->r, CP_FIELD_LEAD);
    const struct cp_model_person *p = cp_model_person(c->m, lead);
    bool left = p != NULL && !p->in && !p->someone;
    if (lead != NULL && !cp_model_two(&action->r, CP_FIELD_LEAD) && (left || took_back(c->m, lead)))
        cp_say2(c, CP_CHECK_NO, "needs_someone", action->r.id, cp_arg_item(action), cp_arg_name(c, lead));
}

static void waits(struct cp_check *c, const struct cp_model_item *action)
{
    for (size_t i = 0; i < c->m->differs_count; i++)
        if (memcmp(c->m->differs[i], action->r.id, CP_ID_LEN) == 0)
            cp_say1(c, CP_CHECK_NO, "pages_differ", action->r.id, cp_arg_item(action));
}

static bool is_of(const struct cp_check *c, const struct cp_model_item *risk,
                  const struct cp_model_item *action)
{
    for (size_t i = 0; i < risk->r.facts_count; i++)
        if (risk->r.facts[i].link != NULL && memcmp(risk->r.facts[i].link, action->r.id, CP_ID_LEN) == 0)
            return true;
    for (size_t i = 0; i < action->r.facts_count; i++)
        if (cp_model_item(c->m, action->r.facts[i].link) == risk)
            return true;
    return false;
}

static void stopped(struct cp_check *c, const struct cp_model_item *action)
{
    const struct cp_model_item *risk = NULL;
    const uint8_t *person = NULL;
    while ((risk = cp_next_of(c, CP_RECORD_RISK, risk)) != NULL)
        if (is_of(c, risk, action) && cp_risk_is_stopped(c, risk, &person))
            cp_say2(c, CP_CHECK_HARD, "risk_stopped", action->r.id, cp_arg_item(risk),
                    cp_arg_name(c, person));
}

void cp_mark_action(struct cp_check *c, const struct cp_model_item *action)
{
    if (!cp_model_is_action(action))
        return;
    needs_someone(c, action);
    waits(c, action);
    cp_say_taken_back(c, action);
    cp_say_date_clashes(c, action);
    stopped(c, action);
}
