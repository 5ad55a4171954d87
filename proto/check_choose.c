/* P6 to P8: common ground, comparing, balance of what is proposed. Owns: these points. */
#include <string.h>

#include "proto/check_internal.h"

static bool is_option_of(const struct cp_model_back *b)
{
    return b->field == CP_M_FOR && b->item->r.kind == CP_RECORD_OPTION &&
           !cp_model_state_in(b->item, "combined");
}

/* ---- P6: how far people would go, and where all can live with it ---- */

void cp_check_p6(struct cp_check *c)
{
    const struct cp_model_item *p = cp_next_chosen(c, NULL);
    if (p == NULL)
        cp_say(c, CP_CHECK_NO, "nothing_chosen", NULL);
    for (; p != NULL; p = cp_next_chosen(c, p)) {
        size_t count = 0, options = 0, common = 0;
        const struct cp_model_back *backs = cp_model_backs(c->m, p->r.id, &count);
        for (size_t i = 0; i < count; i++) {
            struct cp_ground_row row;
            if (!is_option_of(&backs[i]))
                continue;
            options++;
            cp_ground_of(c->m, backs[i].item, &row);
            common += row.ground == CP_GROUND_COMMON ? 1 : 0;
            if (row.missing > 0)
                cp_say2(c, CP_CHECK_NO, "commitment_missing", row.option->r.id, cp_arg_item(row.option),
                        cp_arg_number((int64_t)row.missing));
            else
                cp_shows(c, row.option->r.id);
        }
        if (options == 0)
            cp_say2(c, CP_CHECK_NO, "few_options", p->r.id, cp_arg_item(p), cp_arg_number(0));
        else if (common == 0)
            cp_say1(c, CP_CHECK_NO, "no_common_ground", p->r.id, cp_arg_item(p));
    }
}

/* ---- P7: comparing, and picking the best in the circumstances ---- */

static void count_criteria(struct cp_check *c)
{
    const struct cp_model_item *item = NULL;
    int64_t count = 0;
    while ((item = cp_next_of(c, CP_RECORD_CRITERION, item)) != NULL) {
        if (cp_model_state_in(item, "not used"))
            continue;
        count++;
        cp_shows(c, item->r.id);
    }
    if (count < 3 || count > 6)
        cp_say1(c, CP_CHECK_NO, "criteria_count", NULL, cp_arg_number(count));
}

static bool has_reason(const struct cp_model_note *n)
{
    return cp_model_text(&n->r, CP_FIELD_WHY).len > 0 || cp_model_text(&n->r, CP_FIELD_TEXT).len > 0;
}

static void compare(struct cp_check *c, const struct cp_model_item *p)
{
    struct cp_ranking r;
    size_t chosen = 0;
    enum cp_err err = cp_rank(&r, c->out->mem, c->m, p);
    if (err != CP_OK) {
        c->out->err = err;
        return;
    }
    for (size_t i = 0; i < r.count; i++) {
        const struct cp_model_item *o = r.rows[i].option;
        if (r.rows[i].scored == 0 && !cp_model_says(&o->r, CP_M_DO_NOTHING, "yes"))
            cp_say1(c, CP_CHECK_NO, "not_scored", o->r.id, cp_arg_item(o));
        if (!cp_model_state_in(o, "chosen"))
            continue;
        chosen++;
        cp_say3(c, CP_CHECK_REMARK, "chosen_place", o->r.id, cp_arg_item(o),
                cp_arg_number((int64_t)r.rows[i].place), cp_arg_number((int64_t)r.count));
    }
    if (chosen == 0)
        cp_say1(c, CP_CHECK_NO, "nothing_picked", p->r.id, cp_arg_item(p));
    else if (r.choice == NULL || !has_reason(r.choice))
        cp_say1(c, CP_CHECK_NO, "picked_no_reason", p->r.id, cp_arg_item(p));
    if (r.choice != NULL)
        cp_shows(c, r.choice->r.id);
    if (r.late > 0)
        cp_say2(c, CP_CHECK_REMARK, "late_scores", p->r.id, cp_arg_number((int64_t)r.late), cp_arg_item(p));
    cp_ranking_clear(&r);
}

void cp_check_p7(struct cp_check *c)
{
    const struct cp_model_item *p = cp_next_chosen(c, NULL);
    count_criteria(c);
    if (p == NULL)
        cp_say(c, CP_CHECK_NO, "nothing_chosen", NULL);
    for (; p != NULL && c->out->err == CP_OK; p = cp_next_chosen(c, p))
        compare(c, p);
}

/* ---- P8.1: the best balance for everyone ---- */

/* How a perspective stands to an option: people in, those who gave any view, those who said "cannot". */
struct stand {
    size_t people, heard, answered, cannot;
};

static struct stand stand_of(const struct cp_model *m, struct cp_bytes perspective,
                             const struct cp_model_item *o)
{
    struct stand s = {0, 0, 0, 0};
    size_t count = 0;
    const struct cp_model_view *views = cp_model_views(m, o->r.id, &count);
    for (size_t i = 0; i < m->people_count; i++) {
        const struct cp_model_person *p = &m->people[i];
        bool heard = false;
        if (!p->in || !cp_model_has_perspective(p, perspective))
            continue;
        for (size_t j = 0; j < count && !heard; j++) /* "I do not know" is no view of theirs */
            heard = !views[j].two && memcmp(views[j].person, p->r.id, CP_ID_LEN) == 0 &&
                    !cp_bytes_eq(views[j].value, cp_bytes_str("dont_know"));
        const struct cp_model_view *v = cp_model_view(m, o->r.id, CP_M_MEASURE_COMMITMENT, p->r.id);
        s.people++;
        s.heard += heard ? 1 : 0;
        s.answered += v != NULL ? 1 : 0;
        s.cannot += v != NULL && cp_bytes_eq(v->value, cp_bytes_str("cannot")) ? 1 : 0;
    }
    return s;
}

static void balance_option(struct cp_check *c, const struct cp_model_item *o)
{
    const struct cp_model *m = c->m;
    for (size_t i = 0; i < m->perspectives_count; i++) {
        struct cp_bytes perspective = m->perspectives[i];
        struct stand s = stand_of(m, perspective, o);
        if (cp_model_perspective_needed(m, perspective) && s.heard == 0)
            cp_say2(c, CP_CHECK_NO, "perspective_no_views", o->r.id, cp_arg_item(o),
                    cp_arg_text(perspective));
        if (s.cannot == 0 || 2 * s.cannot < s.answered)
            continue;
        /* The name of a small group would say who it was. */
        if (cp_model_perspective_shown(m, perspective))
            cp_say2(c, CP_CHECK_NO, "perspective_cannot", o->r.id, cp_arg_item(o), cp_arg_text(perspective));
        else
            cp_say1(c, CP_CHECK_NO, "some_cannot", o->r.id, cp_arg_item(o));
    }
}

/* Options in the plan: those that an action comes from. */
static bool in_the_plan(const struct cp_check *c, const struct cp_model_item *o)
{
    size_t count = 0;
    const struct cp_model_back *backs = cp_model_backs(c->m, o->r.id, &count);
    for (size_t i = 0; i < count; i++)
        if (backs[i].field == CP_M_FROM && cp_model_is_action(backs[i].item))
            return true;
    return false;
}

static bool any_action(struct cp_check *c)
{
    bool any = cp_next_action(c, NULL) != NULL;
    if (!any)
        cp_say1(c, CP_CHECK_NO, "nothing_of", NULL, cp_arg_word("action"));
    return any;
}

/* Where nothing in the plan comes from an idea, nothing was compared: each side must have said something of some action. */
static void hear_actions(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    const struct cp_model_item *first = cp_next_action(c, NULL);
    for (size_t i = 0; first != NULL && i < m->perspectives_count; i++) {
        bool heard = !cp_model_perspective_needed(m, m->perspectives[i]);
        for (const struct cp_model_item *a = first; a != NULL && !heard; a = cp_next_action(c, a))
            heard = stand_of(m, m->perspectives[i], a).heard > 0;
        if (!heard)
            cp_say2(c, CP_CHECK_NO, "perspective_no_views", first->r.id, cp_arg_item(first), cp_arg_text(m->perspectives[i]));
    }
}

void cp_check_p8_1(struct cp_check *c)
{
    const struct cp_model_item *o = NULL;
    bool any = false;
    (void)any_action(c);
    while ((o = cp_next_of(c, CP_RECORD_OPTION, o)) != NULL) {
        if (!in_the_plan(c, o))
            continue;
        any = true;
        cp_shows(c, o->r.id);
        balance_option(c, o);
    }
    if (!any)
        hear_actions(c);
}

/* ---- P8.2: fits what we found when we compared ---- */

void cp_check_p8_2(struct cp_check *c)
{
    const struct cp_model_item *a = NULL;
    (void)any_action(c);
    while ((a = cp_next_action(c, a)) != NULL) {
        const struct cp_model_fact *f = cp_model_get(&a->r, CP_M_FROM);
        bool reason = cp_model_text(&a->r, CP_FIELD_WHY).len > 0;
        cp_shows(c, a->r.id);
        if (f == NULL && !reason)
            cp_say1(c, CP_CHECK_NO, "from_no_option", a->r.id, cp_arg_item(a));
        for (; f != NULL; f = cp_model_next(&a->r, f)) {
            const struct cp_model_item *o = cp_model_item(c->m, f->link);
            bool chosen = o != NULL && o->r.kind == CP_RECORD_OPTION && cp_model_state_in(o, "chosen");
            if (!chosen && !reason)
                cp_say2(c, CP_CHECK_NO, "option_not_chosen", a->r.id, cp_arg_item(a),
                        o == NULL ? cp_arg_text(CP_BYTES(NULL, 0)) : cp_arg_item(o));
        }
    }
    /* Two people drafted an action for the same idea apart: both are kept, and people are told. */
    for (const struct cp_model_item *o = cp_next_of(c, CP_RECORD_OPTION, NULL); o != NULL;
         o = cp_next_of(c, CP_RECORD_OPTION, o))
        cp_say_alike(c, o->r.id, CP_M_FROM, CP_RECORD_ACTION);
}

/* ---- P8.3: limits what gets in the way ---- */

/* The highest rating anybody gave: the careful reading. */
static int64_t highest(const struct cp_model *m, const uint8_t *target, uint64_t measure)
{
    size_t count = 0;
    int64_t most = 0;
    const struct cp_model_view *views = cp_model_views(m, target, &count);
    for (size_t i = 0; i < count; i++)
        if (views[i].measure == measure && views[i].value.len == 1 && views[i].value.ptr[0] >= '1' &&
            views[i].value.ptr[0] <= '5' && views[i].value.ptr[0] - '0' > most)
            most = views[i].value.ptr[0] - '0';
    return most;
}

static bool is_tackled(const struct cp_model *m, const struct cp_model_item *o)
{
    size_t count = 0;
    const struct cp_model_back *backs = cp_model_backs(m, o->r.id, &count);
    for (size_t i = 0; i < count; i++)
        if (backs[i].field == CP_M_TACKLES && cp_model_is_action(backs[i].item))
            return true;
    return false;
}

void cp_check_p8_3(struct cp_check *c)
{
    const struct cp_model_item *o = NULL;
    while ((o = cp_next_of(c, CP_RECORD_OBSTACLE, o)) != NULL) {
        cp_shows(c, o->r.id);
        int64_t impact = highest(c->m, o->r.id, CP_M_MEASURE_IMPACT);
        if (cp_is_obstacle_open(o) && impact >= 3 && !is_tackled(c->m, o))
            cp_say2(c, CP_CHECK_NO, "not_tackled", o->r.id, cp_arg_item(o), cp_arg_number(impact));
    }
}
