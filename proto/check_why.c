/* P1 to P5: why together, what matters, what gets in the way, weighing, ideas. Owns: these points. */
#include <string.h>

#include "proto/alike.h"
#include "proto/check_internal.h"

/* ---- P1: why working together is worth it, and what happens if we do not ---- */

static bool is_everyone(struct cp_bytes audience)
{
    return cp_word_in("everyone|all|everybody", audience);
}

/* Was the "why" shown to this audience, by name or to each of its people? */
static bool presented_to(const struct cp_check *c, struct cp_bytes perspective)
{
    const struct cp_model *m = c->m;
    bool each = true;
    for (size_t i = 0; i < m->notes_count; i++) {
        if (m->notes[i].kind != CP_M_NOTE_PRESENTED)
            continue;
        const struct cp_model_fact *f = cp_model_get(&m->notes[i].r, CP_M_TO);
        for (; f != NULL; f = cp_model_next(&m->notes[i].r, f))
            if (is_everyone(f->text) || cp_bytes_eq(f->text, perspective))
                return true;
    }
    for (size_t p = 0; each && p < m->people_count; p++) {
        if (!m->people[p].in || !cp_model_has_perspective(&m->people[p], perspective))
            continue;
        bool shown = false;
        for (size_t i = 0; i < m->notes_count && !shown; i++)
            shown = m->notes[i].kind == CP_M_NOTE_PRESENTED &&
                    cp_model_links(&m->notes[i].r, CP_M_TO_PEOPLE, m->people[p].r.id);
        each = each && shown;
    }
    return each;
}

static bool presented_at_all(const struct cp_model *m)
{
    for (size_t i = 0; i < m->notes_count; i++)
        if (m->notes[i].kind == CP_M_NOTE_PRESENTED)
            return true;
    return false;
}

/* Shows every item of a kind; says `code` when there is none. */
static void want_some(struct cp_check *c, enum cp_record kind, const char *code)
{
    const struct cp_model_item *item = cp_next_of(c, kind, NULL);
    if (item == NULL)
        cp_say1(c, CP_CHECK_NO, code, NULL, cp_arg_word(cp_record_word(kind)));
    for (; item != NULL; item = cp_next_of(c, kind, item))
        cp_shows(c, item->r.id);
}

void cp_check_p1(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    size_t audiences = 0;
    want_some(c, CP_RECORD_BENEFIT, "nothing_of");
    want_some(c, CP_RECORD_INACTION, "nothing_of");
    for (size_t i = 0; i < m->perspectives_count; i++) {
        if (cp_model_perspective_size(m, m->perspectives[i]) == 0)
            continue;
        audiences++;
        if (!presented_to(c, m->perspectives[i]))
            cp_say1(c, CP_CHECK_NO, "not_presented_to", NULL, cp_arg_text(m->perspectives[i]));
    }
    if (audiences == 0 && !presented_at_all(m))
        cp_say(c, CP_CHECK_NO, "not_presented", NULL);
    for (size_t i = 0; i < m->notes_count; i++)
        if (m->notes[i].kind == CP_M_NOTE_PRESENTED)
            cp_shows(c, m->notes[i].r.id);
}

/* ---- P2: people name their own priorities, strengths, resources, concerns ---- */

static const uint8_t *said_by(const struct cp_model_item *item)
{
    const uint8_t *by = cp_model_link(&item->r, CP_M_BY);
    return by == NULL ? item->author : by;
}

static bool is_named_by_people(const struct cp_model_item *item)
{
    switch ((int)item->r.kind) {
    case CP_RECORD_PRIORITY:
    case CP_RECORD_STRENGTH:
    case CP_RECORD_RESOURCE:
    case CP_RECORD_CONCERN:
    case CP_RECORD_NEED:
    case CP_RECORD_OBSTACLE:
        return true;
    default:
        return false;
    }
}

static bool spoke(const struct cp_model *m, const struct cp_model_person *p)
{
    for (size_t i = 0; i < m->items_count; i++)
        if (is_named_by_people(&m->items[i]) && memcmp(said_by(&m->items[i]), p->r.id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static bool perspective_spoke(const struct cp_model *m, struct cp_bytes perspective)
{
    for (size_t i = 0; i < m->people_count; i++)
        if (m->people[i].in && cp_model_has_perspective(&m->people[i], perspective) &&
            spoke(m, &m->people[i]))
            return true;
    return false;
}

/* What an action rests on was taken back: the group has to settle it before a final page. */
void cp_say_taken_back(struct cp_check *c, const struct cp_model_item *action)
{
    static const uint16_t spends[] = {CP_M_COSTS, CP_M_USES};
    for (size_t i = 0; i < sizeof spends / sizeof spends[0]; i++) {
        const struct cp_model_fact *f = cp_model_get(&action->r, spends[i]);
        for (; f != NULL; f = cp_model_next(&action->r, f)) {
            const struct cp_model_item *used = cp_model_item(c->m, f->link);
            if (used != NULL && cp_model_state_in(used, "taken back"))
                cp_say2(c, CP_CHECK_HARD, "taken_back_used", action->r.id, cp_arg_item(action),
                        cp_arg_item(used));
        }
    }
}

static void taken_back(struct cp_check *c)
{
    const struct cp_model_item *action = NULL;
    while ((action = cp_next_action(c, action)) != NULL)
        cp_say_taken_back(c, action);
}

void cp_check_p2(struct cp_check *c)
{
    const struct cp_model *m = c->m;
    want_some(c, CP_RECORD_PRIORITY, "nothing_of");
    if (cp_next_of(c, CP_RECORD_RESOURCE, NULL) == NULL)
        want_some(c, CP_RECORD_STRENGTH, "nothing_of");
    want_some(c, CP_RECORD_CONCERN, "nothing_of");
    for (size_t i = 0; i < m->perspectives_count; i++)
        if (cp_model_perspective_needed(m, m->perspectives[i]) && !perspective_spoke(m, m->perspectives[i]))
            cp_say1(c, CP_CHECK_NO, "perspective_silent", NULL, cp_arg_text(m->perspectives[i]));
    const struct cp_model_person *p = NULL;
    while ((p = cp_next_asked(c, p)) != NULL)
        if (!spoke(m, p))
            cp_say1(c, CP_CHECK_PEOPLE, "person_silent", p->r.id, cp_arg_text(p->name));
    taken_back(c);
}

/* ---- P3: what gets in the way, and what it does to our choices ---- */

static bool has_views(const struct cp_model *m, const uint8_t *target, uint64_t measure)
{
    size_t count = 0;
    const struct cp_model_view *views = cp_model_views(m, target, &count);
    for (size_t i = 0; i < count; i++)
        if (views[i].measure == measure && !views[i].two)
            return true;
    return false;
}

void cp_check_p3(struct cp_check *c)
{
    const struct cp_model_item *o = NULL;
    want_some(c, CP_RECORD_OBSTACLE, "nothing_of");
    while ((o = cp_next_of(c, CP_RECORD_OBSTACLE, o)) != NULL) {
        if (!cp_is_obstacle_open(o))
            continue;
        if (cp_model_get(&o->r, CP_M_BLOCKS) == NULL)
            cp_say1(c, CP_CHECK_NO, "blocks_nothing", o->r.id, cp_arg_item(o));
        if (cp_model_text(&o->r, CP_M_EFFECT).len == 0)
            cp_say1(c, CP_CHECK_NO, "no_effect", o->r.id, cp_arg_item(o));
        if (!has_views(c->m, o->r.id, CP_M_MEASURE_IMPACT))
            cp_say1(c, CP_CHECK_PEOPLE, "impact_not_rated", o->r.id, cp_arg_item(o));
    }
}

/* ---- P4: weighing: what we gain, and what happens if we do nothing ---- */

static void weigh(struct cp_check *c, enum cp_record kind, const char *code)
{
    static const uint16_t fields[] = {CP_M_ABOUT, CP_M_FOR, CP_M_SERVES, 0};
    const struct cp_model_item *p = cp_next_chosen(c, NULL);
    if (p == NULL)
        cp_say(c, CP_CHECK_NO, "nothing_chosen", NULL);
    for (; p != NULL; p = cp_next_chosen(c, p)) {
        size_t count = 0;
        const struct cp_model_back *backs = cp_model_backs(c->m, p->r.id, &count);
        if (!cp_model_pointed(c->m, p->r.id, kind, fields))
            cp_say1(c, CP_CHECK_NO, code, p->r.id, cp_arg_item(p));
        for (size_t i = 0; i < count; i++)
            if (backs[i].item->r.kind == kind)
                cp_shows(c, backs[i].item->r.id);
    }
}

void cp_check_p4_1(struct cp_check *c)
{
    const struct cp_model_item *p = NULL;
    weigh(c, CP_RECORD_BENEFIT, "no_gain");
    while ((p = cp_next_of(c, CP_RECORD_PRIORITY, p)) != NULL)
        if (cp_model_state_in(p, "not now") && cp_model_text(&p->r, CP_FIELD_WHY).len == 0)
            cp_say1(c, CP_CHECK_NO, "not_now_no_reason", p->r.id, cp_arg_item(p));
}

void cp_check_p4_2(struct cp_check *c)
{
    weigh(c, CP_RECORD_INACTION, "no_inaction");
}

/* ---- P5: different ways to do each ---- */

void cp_say_alike(struct cp_check *c, const uint8_t *about, uint16_t field, enum cp_record kind)
{
    size_t count = 0, members = 0;
    const struct cp_field *same_as = cp_field_by_name(cp_bytes_str("same_as"), kind);
    const struct cp_model_back *backs = cp_model_backs(c->m, about, &count);
    const struct cp_model_item *group[CP_ALIKE_GROUP_MAX];
    for (size_t i = 0; i < count; i++) {
        const struct cp_model_item *item = backs[i].item;
        if (backs[i].field != field || item->r.kind != kind || cp_model_state_in(item, "combined|dropped"))
            continue;
        if (members == CP_ALIKE_GROUP_MAX)
            return;
        group[members++] = item;
    }
    for (size_t i = 0; same_as != NULL && i < members; i++)
        for (size_t j = i + 1; j < members; j++)
            if (!cp_model_links(&group[i]->r, same_as->code, group[j]->r.id) &&
                !cp_model_links(&group[j]->r, same_as->code, group[i]->r.id) &&
                cp_alike(cp_model_text(&group[i]->r, CP_FIELD_TEXT),
                         cp_model_text(&group[j]->r, CP_FIELD_TEXT)) >= CP_ALIKE_PERCENT)
                cp_say2(c, CP_CHECK_REMARK, "looks_alike", group[i]->r.id, cp_arg_item(group[i]),
                        cp_arg_item(group[j]));
}

void cp_check_p5(struct cp_check *c)
{
    static const uint16_t fields[] = {CP_M_ABOUT, CP_M_FOR, CP_M_SERVES, 0};
    const struct cp_model_item *p = cp_next_chosen(c, NULL);
    if (p == NULL)
        cp_say(c, CP_CHECK_NO, "nothing_chosen", NULL);
    for (; p != NULL; p = cp_next_chosen(c, p)) {
        size_t count = 0, real = 0, nothing = 0;
        const struct cp_model_back *backs = cp_model_backs(c->m, p->r.id, &count);
        for (size_t i = 0; i < count; i++) {
            const struct cp_model_item *o = backs[i].item;
            if (backs[i].field != CP_M_FOR || o->r.kind != CP_RECORD_OPTION ||
                cp_model_state_in(o, "combined"))
                continue;
            bool is_nothing = cp_model_says(&o->r, CP_M_DO_NOTHING, "yes");
            nothing += is_nothing ? 1 : 0;
            real += is_nothing ? 0 : 1;
            cp_shows(c, o->r.id);
        }
        if (real < 2)
            cp_say2(c, CP_CHECK_NO, "few_options", p->r.id, cp_arg_item(p), cp_arg_number((int64_t)real));
        /* The row "do nothing" is filled in from what happens if we do nothing. */
        if (nothing == 0 && !cp_model_pointed(c->m, p->r.id, CP_RECORD_INACTION, fields))
            cp_say1(c, CP_CHECK_NO, "no_do_nothing", p->r.id, cp_arg_item(p));
        cp_say_alike(c, p->r.id, CP_M_FOR, CP_RECORD_OPTION);
    }
}
