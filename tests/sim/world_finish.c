/*
 * People finish a plan: two wordings are settled, every action gets what a final page asks of it (domain P9), and when
 * all is healed they sit together, freeze the page and answer it one after the other.
 * Must not: judge (world_invariants.c does).
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/serve_plan.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

#define ACTIONS_KEPT 3U

struct finishing {
    struct world *w;
    struct machine *m;
    size_t person;
    struct cp_desk d;
    struct cp_edits e;
    size_t actions;
};

/* ---- One record ---- */

static struct cp_edit *want(struct finishing *f, enum cp_record on, const char *name, enum cp_edit_how how)
{
    struct cp_edit *edit = &f->e.list[f->e.count];
    if (cp_edit_name(&f->e, cp_bytes_str(name), on, edit) != CP_OK) {
        world_fail(f->w, "there is no field %s", name);
        return NULL;
    }
    for (size_t i = 0; i < f->e.count; i++)
        if (f->e.list[i].field == edit->field && f->e.list[i].lang.len == 0 && f->e.list[i].column.len == 0)
            return NULL;
    edit->how = how;
    f->e.count++;
    return edit;
}

static void want_text(struct finishing *f, enum cp_record on, const char *name, const char *value)
{
    struct cp_edit *edit = want(f, on, name, CP_EDIT_SET);
    if (edit != NULL)
        edit->text = cp_bytes_str(value);
}

static void want_number(struct finishing *f, enum cp_record on, const char *name, uint64_t value)
{
    struct cp_edit *edit = want(f, on, name, CP_EDIT_SET);
    if (edit != NULL)
        edit->number = (int64_t)value;
}

static void want_person(struct finishing *f, enum cp_record on, const char *name, size_t person,
                        enum cp_edit_how how)
{
    struct cp_edit *edit = want(f, on, name, how);
    if (edit != NULL)
        memcpy(edit->link, f->w->people[person].who.person, CP_ID_LEN);
}

/* Somebody who can be asked: in, honest, and with a machine that can be met. */
static bool can_answer(const struct world *w, size_t person)
{
    const struct machine *m = &w->machines[w->people[person].machine];
    return world_is_in(w, m, person) && !m->liar && !m->beyond;
}

static size_t somebody(struct finishing *f)
{
    size_t start = world_roll(f->w, f->w->people_count);
    for (size_t i = 0; i < f->w->people_count; i++)
        if (can_answer(f->w, (start + i) % f->w->people_count))
            return (start + i) % f->w->people_count;
    return f->person;
}

/* Of each field with two wordings the first is kept. */
static void settle_wordings(struct finishing *f, const struct cp_shown *s)
{
    for (size_t i = 0; i < s->fields_count && f->e.count + 24 < CP_OPS_MAX; i++)
        if (!s->fields[i].field->list && s->fields[i].count > 1 &&
            cp_edits_keep(&f->e, s, &s->fields[i], &s->fields[i].values[0]) != CP_OK)
            return; /* words that are not here cannot be kept */
}

static void write_record(struct finishing *f, const struct cp_shown *s, uint64_t kind, uint64_t subkind,
                         const uint8_t *target)
{
    static struct cp_draft draft;
    if (f->e.count == 0)
        return;
    cp_draft_init(&draft, test_mem(), kind, subkind, target);
    enum cp_err err = cp_edits_apply(&f->e, s, &draft);
    if (err == CP_OK && draft.ops_count > 0) {
        (void)world_write(f->w, f->m, f->person, &draft);
        return;
    }
    if (err != CP_OK && err != CP_ERR_BAD_FIELD)
        world_excuse(f->w, f->m, err, "finishing the plan");
    cp_draft_clear(&draft);
}

/* ---- The plan, an action, what somebody offers ---- */

static void finish_plan(struct finishing *f)
{
    struct cp_shown s;
    if (cp_shown_load(&s, &f->d, CP_RECORD_PLAN, f->w->plan, false) != CP_OK)
        return;
    cp_edits_init(&f->e);
    want_text(f, CP_RECORD_PLAN, "first_review", "2027-06-01");
    want_person(f, CP_RECORD_PLAN, "reviewer", somebody(f), CP_EDIT_SET);
    want_text(f, CP_RECORD_PLAN, "if_behind", "we meet within a week");
    want_number(f, CP_RECORD_PLAN, "budget_pence", 100 + world_roll(f->w, 600));
    if (world_chance(f->w, 900)) {
        (void)want(f, CP_RECORD_PLAN, "languages", CP_EDIT_CLEAR);
        (void)want(f, CP_RECORD_PLAN, "perspectives_needed", CP_EDIT_CLEAR);
    }
    settle_wordings(f, &s);
    write_record(f, &s, CP_KIND_PLAN, 0, NULL);
    cp_shown_clear(&s);
    for (size_t i = 0; i < f->w->people_count && !world_failed(f->w); i++) {
        if (can_answer(f->w, i) || cp_shown_load(&s, &f->d, CP_RECORD_PLAN, f->w->plan, false) != CP_OK)
            continue;
        cp_edits_init(&f->e);
        want_person(f, CP_RECORD_PLAN, "kept_informed", i, CP_EDIT_ADD);
        write_record(f, &s, CP_KIND_PLAN, 0, NULL);
        cp_shown_clear(&s);
    }
}

static void offer_time(struct finishing *f, size_t person)
{
    cp_edits_init(&f->e);
    want_text(f, CP_RECORD_RESOURCE, "text", "some of my time");
    want_text(f, CP_RECORD_RESOURCE, "unit", "minutes");
    want_number(f, CP_RECORD_RESOURCE, "amount", 100 + world_roll(f->w, 400));
    want_person(f, CP_RECORD_RESOURCE, "owner", person, CP_EDIT_SET);
    write_record(f, NULL, CP_KIND_ITEM, CP_RECORD_RESOURCE, NULL);
}

static void finish_action(struct finishing *f, const struct cp_shown *s, const uint8_t *id)
{
    size_t lead = somebody(f);
    bool many = ++f->actions > ACTIONS_KEPT;
    cp_edits_init(&f->e);
    if (many) {
        want_text(f, CP_RECORD_ACTION, "state", "set aside");
    } else {
        want_person(f, CP_RECORD_ACTION, "lead", lead, CP_EDIT_SET);
        want_text(f, CP_RECORD_ACTION, "details", "as we said");
        want_text(f, CP_RECORD_ACTION, "start", "2027-04-01");
        want_text(f, CP_RECORD_ACTION, "due", "2027-05-01");
        want_text(f, CP_RECORD_ACTION, "measure", "we shall see it");
        want_person(f, CP_RECORD_ACTION, "checked_by", somebody(f), CP_EDIT_SET);
        want_text(f, CP_RECORD_ACTION, "check_every", "P1M");
        (void)want(f, CP_RECORD_ACTION, "helpers", CP_EDIT_CLEAR);
        want_number(f, CP_RECORD_ACTION, "cost_pence", world_roll(f->w, 200));
        want_number(f, CP_RECORD_ACTION, "effort_minutes",
                    world_chance(f->w, 600) ? 0 : 1 + world_roll(f->w, 300));
        settle_wordings(f, s);
    }
    write_record(f, s, CP_KIND_SET, 0, id);
    if (!many && world_chance(f->w, 700) && !world_failed(f->w))
        offer_time(f, lead);
}

static void finish_item(struct finishing *f, const struct ref_entry *item)
{
    struct cp_shown s;
    enum cp_record kind = (enum cp_record)item->subkind;
    if (cp_shown_load(&s, &f->d, kind, item->id, false) != CP_OK)
        return;
    if (!cp_bytes_eq(cp_shown_state(&s), cp_bytes_str("set aside"))) {
        if (kind == CP_RECORD_ACTION) {
            finish_action(f, &s, item->id);
        } else {
            cp_edits_init(&f->e);
            settle_wordings(f, &s);
            write_record(f, &s, CP_KIND_SET, 0, item->id);
        }
    }
    cp_shown_clear(&s);
}

static void finish_people(struct finishing *f)
{
    struct cp_shown s;
    for (size_t i = 0; i < f->m->people_count && !world_failed(f->w); i++) {
        size_t at = f->m->people[i];
        const uint8_t *id = f->w->people[at].who.person;
        if (!world_is_in(f->w, f->m, at) || cp_shown_load(&s, &f->d, CP_RECORD_PERSON, id, false) != CP_OK)
            continue;
        cp_edits_init(&f->e);
        settle_wordings(f, &s);
        f->person = at;
        write_record(f, &s, CP_KIND_PERSON, 0, id);
        cp_shown_clear(&s);
    }
}

static bool open_desk(struct finishing *f)
{
    static struct cp_node node;
    node.mem = test_mem();
    node.store = f->m->store;
    enum cp_err err = cp_desk_open(&f->d, &node, f->w->plan);
    world_excuse(f->w, f->m, err, "reading the plan");
    return err == CP_OK;
}

void world_finish_plan(struct world *w, struct machine *m)
{
    static struct finishing f;
    f = (struct finishing){.w = w, .m = m, .person = world_writer(w, m)};
    if (f.person == WORLD_NOBODY || !world_holds_plan(w, m) || m->now.damaged.count > 0 || !open_desk(&f))
        return;
    world_say(w, "%s finishes the plan on %s", w->people[f.person].name, m->name);
    world_count(w, SIM_COUNT_FINISHED);
    finish_plan(&f);
    size_t count = w->log.count;
    for (size_t i = 0; i < count && !world_failed(w) && !world_off(m); i++)
        if (w->log.entries[i].kind == CP_KIND_ITEM && w->log.entries[i].readable &&
            ref_set_has(&m->now.held, i) && w->log.entries[i].subkind != CP_RECORD_SOMEONE)
            finish_item(&f, &w->log.entries[i]);
    if (!world_failed(w) && !world_off(m))
        finish_people(&f);
    cp_desk_close(&f.d);
}

/* ---- All together ---- */

static void meet_along(struct world *w, const size_t *order, size_t count)
{
    for (size_t i = 1; i < count && !world_failed(w); i++)
        (void)world_meet(w, order[i - 1], order[i], NULL);
    for (size_t i = count; i > 1 && !world_failed(w); i--)
        (void)world_meet(w, order[i - 1], order[i - 2], NULL);
}

void world_assemble(struct world *w, const size_t *order, size_t count)
{
    uint64_t said = world_roll(w, 10);
    enum mood mood = said < 5 ? MOOD_WILLING : said < 8 ? MOOD_SILENT : MOOD_MIXED;
    if (count == 0 || world_failed(w))
        return;
    struct machine *first = &w->machines[order[0]];
    world_finish_plan(w, first);
    meet_along(w, order, count);
    for (size_t i = 1; i < count && !world_failed(w); i++) /* their own page is settled by themselves alone */
        if (world_chance(w, 500))
            world_finish_plan(w, &w->machines[order[i]]);
    meet_along(w, order, count);
    if (!world_failed(w))
        world_finish_plan(w, first);
    if (!world_failed(w))
        world_freeze(w, first, CP_STAGE_AGREEMENT);
    meet_along(w, order, count);
    for (size_t p = 0; p < w->people_count && !world_failed(w); p++)
        for (size_t i = 0; i < count; i++)
            if (w->people[p].machine == order[i] && world_is_in(w, &w->machines[order[i]], p)) {
                world_answer(w, &w->machines[order[i]], p, mood);
                break;
            }
    meet_along(w, order, count);
}
