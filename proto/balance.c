/* Means and balance (balance.h). Owns: the sums. Must not: overflow: they end at the greatest number. */
#include "proto/balance.h"

#include <string.h>

static int64_t add(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b; /* both are 0 or more */
}

static bool is_offered(const struct cp_model_item *r, const char *unit)
{
    return r != NULL && r->r.kind == CP_RECORD_RESOURCE && !cp_model_state_in(r, "taken back|set aside") &&
           cp_model_says(&r->r, CP_M_UNIT, unit);
}

int64_t cp_means_taken(const struct cp_model *m, const struct cp_model_item *resource)
{
    size_t count = 0;
    int64_t sum = 0;
    const struct cp_model_back *backs = cp_model_backs(m, resource->r.id, &count);
    for (size_t i = 0; i < count; i++)
        if (backs[i].field == CP_M_COSTS && cp_model_is_action(backs[i].item))
            sum = add(sum, backs[i].number);
    return sum;
}

/* What an action's costs take from resources of a unit. */
static int64_t costs_in(const struct cp_model *m, const struct cp_model_item *action, const char *unit)
{
    int64_t sum = 0;
    const struct cp_model_fact *f = cp_model_get(&action->r, CP_M_COSTS);
    for (; f != NULL; f = cp_model_next(&action->r, f)) {
        const struct cp_model_item *resource = cp_model_item(m, f->link);
        if (resource != NULL && cp_model_says(&resource->r, CP_M_UNIT, unit))
            sum = add(sum, f->number);
    }
    return sum;
}

int64_t cp_means_pence(const struct cp_model *m, const struct cp_model_item *action)
{
    int64_t costs = costs_in(m, action, "pence"), said = cp_model_number(&action->r, CP_M_COST_PENCE, 0);
    return costs > said ? costs : said;
}

static struct cp_means_person *person_of(struct cp_means *out, const struct cp_model *m, const uint8_t *id)
{
    const struct cp_model_person *p = cp_model_person(m, id);
    return p == NULL ? NULL : &out->people[p - m->people];
}

static void count_resource(struct cp_means *out, const struct cp_model *m, const struct cp_model_item *item)
{
    int64_t amount = cp_model_number(&item->r, CP_M_AMOUNT, 0);
    if (is_offered(item, "pence"))
        out->pence_offered = add(out->pence_offered, amount);
    if (!is_offered(item, "minutes"))
        return;
    struct cp_means_person *p = person_of(out, m, cp_model_owner(item));
    out->minutes_offered = add(out->minutes_offered, amount);
    if (p != NULL)
        p->offered = add(p->offered, amount);
}

static void count_action(struct cp_means *out, const struct cp_model *m, const struct cp_model_item *action)
{
    int64_t named = 0, effort = cp_model_number(&action->r, CP_M_EFFORT, 0);
    out->pence_asked = add(out->pence_asked, cp_means_pence(m, action));
    const struct cp_model_fact *f = cp_model_get(&action->r, CP_M_COSTS);
    for (; f != NULL; f = cp_model_next(&action->r, f)) {
        const struct cp_model_item *resource = cp_model_item(m, f->link);
        if (resource == NULL || !cp_model_says(&resource->r, CP_M_UNIT, "minutes"))
            continue;
        struct cp_means_person *p = person_of(out, m, cp_model_owner(resource));
        named = add(named, f->number);
        if (p != NULL)
            p->asked = add(p->asked, f->number);
    }
    int64_t rest = effort > named ? effort - named : 0;
    struct cp_means_person *lead = person_of(out, m, cp_model_link(&action->r, CP_FIELD_LEAD));
    if (lead != NULL)
        lead->asked = add(lead->asked, rest);
    else
        out->minutes_nobody = add(out->minutes_nobody, rest);
    out->minutes_asked = add(out->minutes_asked, add(named, rest));
}

enum cp_err cp_means(struct cp_means *out, const struct cp_mem *mem, const struct cp_model *m)
{
    bool money = false;
    *out = (struct cp_means){.mem = mem, .budget = cp_model_number(&m->plan, CP_M_BUDGET, -1)};
    out->people = cp_alloc_array(mem, m->people_count + 1, sizeof *out->people);
    if (out->people == NULL)
        return CP_ERR_NO_MEMORY;
    out->people_count = m->people_count;
    for (size_t i = 0; i < m->people_count; i++)
        out->people[i].person = &m->people[i];
    for (size_t i = 0; i < m->items_count; i++) {
        const struct cp_model_item *item = &m->items[i];
        money = money || is_offered(item, "pence");
        if (item->r.kind == CP_RECORD_RESOURCE)
            count_resource(out, m, item);
        else if (cp_model_is_action(item))
            count_action(out, m, item);
    }
    if (!money && out->budget > 0)
        out->pence_offered = out->budget;
    out->budget_passed = out->budget >= 0 && out->pence_asked > out->budget;
    return CP_OK;
}

void cp_means_clear(struct cp_means *means)
{
    if (means->mem == NULL)
        return;
    cp_free(means->mem, means->people);
    *means = (struct cp_means){.mem = NULL};
}

/* ---- Who speaks, scores and leads ---- */

static bool speaks(const struct cp_model *m, const struct cp_model_person *p)
{
    for (size_t i = 0; i < m->items_count; i++) {
        const uint8_t *by = cp_model_link(&m->items[i].r, CP_M_BY);
        if (memcmp(by == NULL ? m->items[i].author : by, p->r.id, CP_ID_LEN) == 0)
            return true;
    }
    return false;
}

static bool scores(const struct cp_model *m, const struct cp_model_person *p)
{
    for (size_t i = 0; i < m->views_count; i++)
        if (!m->views[i].two && memcmp(m->views[i].person, p->r.id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static bool leads(const struct cp_model *m, const struct cp_model_person *p)
{
    size_t count = 0;
    const struct cp_model_back *backs = cp_model_backs(m, p->r.id, &count);
    for (size_t i = 0; i < count; i++)
        if (backs[i].field == CP_FIELD_LEAD && cp_model_is_action(backs[i].item))
            return true;
    return false;
}

size_t cp_balance(const struct cp_model *m, struct cp_balance_row *rows)
{
    for (size_t i = 0; i < m->perspectives_count; i++) {
        struct cp_balance_row *row = &rows[i];
        *row = (struct cp_balance_row){.perspective = m->perspectives[i]};
        row->needed = cp_model_perspective_needed(m, row->perspective);
        row->shown = cp_model_perspective_shown(m, row->perspective);
        row->somebody = cp_model_perspective_size(m, row->perspective) > 0;
        for (size_t j = 0; row->shown && j < m->people_count; j++) {
            const struct cp_model_person *p = &m->people[j];
            if (!p->in || !cp_model_has_perspective(p, row->perspective))
                continue;
            row->people++;
            row->speak += speaks(m, p) ? 1 : 0;
            row->score += scores(m, p) ? 1 : 0;
            row->lead += leads(m, p) ? 1 : 0;
        }
    }
    return m->perspectives_count;
}
