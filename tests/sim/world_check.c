/*
 * The judge: what stores say against the model, and honest machines against each other.
 * Must not: take the product's word for anything that the model can tell.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/check_json.h"
#include "daemon/model.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

/* ---- What a store shows, in the model's words ---- */

static void put_state(const struct cp_record_state *s, struct cp_buf *out)
{
    struct ref_lines lines = {0};
    struct cp_buf line;
    cp_buf_init(&line, test_mem(), SIZE_MAX / 2);
    for (size_t i = 0; i < s->count; i++) {
        const struct cp_register *r = &s->registers[i];
        if (r->count == 0)
            continue;
        cp_buf_put_dec(&line, r->field);
        cp_buf_put_byte(&line, ' ');
        cp_buf_put_bytes(&line, r->lang);
        if (r->column != NULL)
            cp_buf_put_hex(&line, CP_BYTES(r->column, CP_ID_LEN));
        for (size_t v = 0; v < r->count; v++)
            ref_put_value(s->writes[r->values[v].write].id, r->values[v].op, cp_record_link(s, &r->values[v]),
                          cp_record_value(s, &r->values[v]), &line);
        ref_lines_add(&lines, &line);
    }
    cp_buf_put_str(&line, s->set_aside ? "~ set aside" : s->edited_apart ? "~ edited apart" : "~ open");
    cp_buf_put_str(&line, s->closed_apart ? ", closed apart" : "");
    ref_lines_add(&lines, &line);
    ref_lines_end(&lines, out);
    cp_buf_clear(&line);
}

static void put_views(const struct cp_views *v, const struct cp_write *writes, struct cp_buf *out)
{
    struct ref_lines lines = {0};
    struct cp_buf line;
    cp_buf_init(&line, test_mem(), SIZE_MAX / 2);
    for (size_t i = 0; i < v->count; i++) {
        const struct cp_view_row *r = &v->rows[i];
        cp_buf_put_dec(&line, r->measure);
        if (r->criterion != NULL)
            cp_buf_put_hex(&line, CP_BYTES(r->criterion, CP_ID_LEN));
        cp_buf_put_byte(&line, ' ');
        cp_buf_put_hex(&line, CP_BYTES(r->person, CP_ID_LEN));
        cp_buf_put_byte(&line, ' ');
        cp_buf_put_dec(&line, r->current_count);
        ref_put_value(writes[r->first].id, 0, NULL, &(struct cp_value){.type = CP_VALUE_NIL}, &line);
        ref_lines_add(&lines, &line);
    }
    ref_lines_end(&lines, out);
    cp_buf_clear(&line);
}

static uint64_t kind_of_record(const struct world *w, const uint8_t *id)
{
    if (memcmp(id, w->plan, CP_ID_LEN) == 0)
        return CP_KIND_PLAN;
    for (size_t i = 0; i < w->people_count; i++)
        if (memcmp(id, w->people[i].who.person, CP_ID_LEN) == 0)
            return CP_KIND_PERSON;
    return CP_KIND_ITEM;
}

static enum cp_err show(struct world *w, struct machine *m, const uint8_t *id, bool history, struct cp_buf *state,
                        struct cp_buf *views)
{
    struct cp_loaded l;
    struct cp_record_state s = {.mem = NULL};
    struct cp_views v = {.mem = NULL};
    const struct cp_write *writes = NULL;
    size_t count = 0;
    uint64_t kind = kind_of_record(w, id);
    enum cp_err err = cp_store_load(m->store, w->plan, id, history, &l);
    if (err != CP_OK)
        return err;
    err = cp_loaded_of(&l, kind, kind == CP_KIND_ITEM ? CP_KIND_SET : 0, &writes, &count);
    if (err == CP_OK)
        err = cp_record_fold(&s, test_mem(), writes, count);
    if (err == CP_OK) {
        put_state(&s, state);
        for (size_t i = 0; kind == CP_KIND_PERSON && i < s.count; i++)
            for (size_t k = 0; k < s.registers[i].count; k++)
                world_check_owner(w, m, id, s.writes[s.registers[i].values[k].write].id, "the own page");
    }
    cp_record_clear(&s);
    if (err == CP_OK)
        err = cp_loaded_of(&l, CP_KIND_VIEW, 0, &writes, &count);
    if (err == CP_OK)
        err = cp_views_fold(&v, test_mem(), writes, count);
    if (err == CP_OK) {
        put_views(&v, writes, views);
        for (size_t i = 0; i < v.count; i++)
            world_check_owner(w, m, v.rows[i].person, writes[v.rows[i].first].id, "a view");
    }
    cp_views_clear(&v);
    cp_loaded_clear(&l);
    return err;
}

/* ---- One record ---- */

static void compare(struct world *w, struct machine *m, const char *what, struct cp_buf *is, struct cp_buf *should)
{
    cp_buf_put_byte(is, '\0');
    cp_buf_put_byte(should, '\0');
    if (strcmp((char *)is->ptr, (char *)should->ptr) != 0)
        world_fail(w, "%s shows %s wrongly.\n-- it shows\n%.400s-- by the definition\n%.400s", m->name, what,
                   (char *)is->ptr, (char *)should->ptr);
}

static void check_record(struct world *w, struct machine *m, size_t record, bool history)
{
    struct cp_buf state, views, ref_state, ref_views;
    const uint8_t *id = w->log.records[record].id;
    if (!world_holds_plan(w, m)) /* of a continuation whose first entry has yet to come nothing is shown */
        return;
    if (world_damage_touches(w, m, id)) /* nothing can be said of it until it is whole again */
        return;
    cp_buf_init(&state, test_mem(), SIZE_MAX / 2);
    cp_buf_init(&views, test_mem(), SIZE_MAX / 2);
    cp_buf_init(&ref_state, test_mem(), SIZE_MAX / 2);
    cp_buf_init(&ref_views, test_mem(), SIZE_MAX / 2);
    enum cp_err err = show(w, m, id, history, &state, &views);
    world_excuse(w, m, err, "showing a record");
    if (err == CP_OK) {
        ref_show(&w->log, &m->now.held, kind_of_record(w, id), id, &ref_state);
        ref_show_views(&w->log, &m->now.held, id, &ref_views);
        compare(w, m, history ? "a record with its history" : "a record", &state, &ref_state);
        compare(w, m, "views", &views, &ref_views);
        world_count(w, SIM_COUNT_CHECKS);
    }
    cp_buf_clear(&state);
    cp_buf_clear(&views);
    cp_buf_clear(&ref_state);
    cp_buf_clear(&ref_views);
}

void world_check_record(struct world *w, struct machine *m, size_t record)
{
    check_record(w, m, record, false);
}

void world_check_entry(struct world *w, struct machine *m, size_t entry)
{
    const uint8_t *target = w->large ? NULL : w->log.entries[entry].target;
    size_t record = target == NULL ? REF_NONE : ref_record_find(&w->log, target);
    if (record != REF_NONE)
        check_record(w, m, record, false);
}

void world_check_withdrawn(struct world *w, struct machine *m, size_t withdraw)
{
    world_link_taken_back(w, m);
    const struct ref_withdraw *r = ref_withdraw_of(&w->log, withdraw);
    for (size_t i = 0; r != NULL && i < r->count && !world_failed(w); i++) {
        struct cp_loaded l;
        size_t at = ref_find(&w->log, r->ids[i]);
        if (at == REF_NONE || !ref_set_has(&m->now.held, at) || ref_set_has(&m->now.damaged, at))
            continue;
        enum cp_err err = cp_store_entry(m->store, w->plan, r->ids[i], &l);
        world_excuse(w, m, err, "reading what was withdrawn");
        if (err != CP_OK)
            return;
        if (l.info[0].withdrawn != ref_withdrawn(&w->log, &m->now.held, at))
            world_fail(w, "%s %s the words of entry %zu", m->name, l.info[0].withdrawn ? "erased" : "keeps", at);
        cp_loaded_clear(&l);
        world_check_entry(w, m, at);
    }
}

void world_check_count(struct world *w, struct machine *m)
{
    uint64_t entries = 0;
    uint8_t digest[CP_ID_LEN];
    if (w->large || !world_holds_plan(w, m))
        return;
    enum cp_err err = cp_store_log_digest(m->store, w->plan, &entries, digest);
    world_excuse(w, m, err, "counting");
    if (err == CP_OK && entries != m->now.held.count)
        world_fail(w, "%s says that it holds %llu entries and holds %zu", m->name, (unsigned long long)entries,
                   m->now.held.count);
}

/* ---- One store as a whole ---- */

struct looking {
    struct world *w;
    struct machine *m;
    size_t seen;
};

/* Whose device key it is, by the truth of this world; NULL: a stranger's. */
static const struct person *owner(const struct world *w, const uint8_t *device)
{
    for (size_t i = 0; i < w->people_count; i++)
        if (memcmp(w->people[i].who.device, device, CP_KEY_LEN) == 0)
            return &w->people[i];
    return NULL;
}

static bool look(void *ctx, const struct cp_entry_info *info)
{
    struct looking *l = ctx;
    size_t at = ref_find(&l->w->log, info->id);
    if (at == REF_NONE) {
        world_fail(l->w, "%s holds an entry that nobody wrote", l->m->name);
        return false;
    }
    const struct ref_entry *e = &l->w->log.entries[at];
    const struct person *by = owner(l->w, info->device);
    bool gone = ref_withdrawn(&l->w->log, &l->m->now.held, at);
    l->seen++;
    if (info->is_void)
        world_count(l->w, SIM_COUNT_VOID);
    if (!ref_set_has(&l->m->now.held, at))
        world_fail(l->w, "%s holds entry %zu, which it never took in", l->m->name, at);
    else if (by == NULL || memcmp(by->who.person, info->person, CP_ID_LEN) != 0 ||
             memcmp(e->person, info->person, CP_ID_LEN) != 0)
        world_fail(l->w, "%s takes entry %zu for somebody else's", l->m->name, at);
    else if (info->is_void != ref_void(&l->w->log, &l->m->now.held, at))
        world_fail(l->w, "%s takes entry %zu of %s for %s", l->m->name, at, by->name, info->is_void ? "void" : "good");
    else if (ref_set_has(&l->m->now.damaged, at))
        return true;
    else if (info->withdrawn != gone || (gone && info->words.ptr != NULL))
        world_fail(l->w, "%s %s entry %zu", l->m->name, gone ? "still holds the withdrawn words of" : "lost words of", at);
    else if (info->kind != e->kind || info->lamport != e->lamport || info->seq != e->seq || info->class != e->class ||
             !cp_bytes_eq(info->frame, e->frame) || (!gone && !cp_bytes_eq(info->words, e->words)) ||
             (info->class == CP_CONTENT && info->newer == ref_says(&l->w->log, &l->m->now.held, at)))
        world_fail(l->w, "%s holds entry %zu otherwise than it was written", l->m->name, at);
    return !world_failed(l->w);
}

static void check_rebuild(struct world *w, struct machine *m)
{
    uint8_t before[CP_ID_LEN], after[CP_ID_LEN];
    if (world_damaged(w, m) > 0)
        return;
    enum cp_err err = cp_store_derived_digest(m->store, before);
    if (err == CP_OK)
        err = cp_store_rebuild(m->store);
    if (err == CP_OK)
        err = cp_store_derived_digest(m->store, after);
    world_excuse(w, m, err, "building the tables anew");
    if (err == CP_OK && memcmp(before, after, CP_ID_LEN) != 0)
        world_fail(w, "%s: the derived tables change when they are made anew", m->name);
}

/* Who is in, whose device is lost, who left, who has yet to come. */
static void check_members(struct world *w, struct machine *m)
{
    const struct cp_members *members = NULL;
    enum cp_err err = cp_store_members(m->store, w->plan, &members);
    world_excuse(w, m, err, "reading members");
    for (size_t i = 0; err == CP_OK && i < w->people_count && !world_failed(w); i++) {
        const struct cp_member_device *d = cp_members_find(members, w->people[i].who.device);
        const struct ref_device r = ref_device(&w->log, &m->now.held, w->people[i].who.device);
        bool before = d != NULL && !r.admitted && w->log.line_count > 1 && !d->stands && !d->waits;
        if (before) /* known from the plan before, and not let into this one */
            continue;
        if (r.admitted != (d != NULL))
            world_fail(w, "%s says that %s was %s let in", m->name, w->people[i].name, d == NULL ? "never" : "once");
        else if (d != NULL && (d->stands != r.stands || d->revoked != r.lost || d->left != r.left || d->waits != r.waits))
            world_fail(w, "%s says of %s: stands %d, lost %d, left %d, waits %d; by the definition %d, %d, %d, %d", m->name,
                       w->people[i].name, d->stands, d->revoked, d->left, d->waits, r.stands, r.lost, r.left, r.waits);
    }
}

void world_check_whole(struct world *w, struct machine *m, bool rebuild)
{
    struct looking l = {.w = w, .m = m};
    if (world_off(m) || !world_holds_plan(w, m) || world_failed(w))
        return;
    world_count(w, SIM_COUNT_WHOLE);
    enum cp_err err = cp_store_each(m->store, w->plan, 0, false, look, &l);
    world_excuse(w, m, err, "reading everything");
    if (err == CP_OK && l.seen != m->now.held.count)
        world_fail(w, "%s holds %zu entries and acknowledged %zu", m->name, l.seen, m->now.held.count);
    const char *unsound = m->liar ? NULL : ref_set_sound(&w->log, &m->now.held);
    if (unsound != NULL)
        world_fail(w, "%s holds what it must not: %s", m->name, unsound);
    if (!world_failed(w))
        check_members(w, m);
    for (size_t i = 0; i < w->log.records_count && !world_failed(w); i++)
        check_record(w, m, i, world_chance(w, 200));
    if (rebuild && !world_failed(w))
        check_rebuild(w, m);
}

/* ---- Machines against each other ---- */

static bool same_set(const struct ref_set *a, const struct ref_set *b)
{
    return a->count == b->count && ref_set_includes(a, b) && ref_set_includes(b, a);
}

/* What `check` says of everything, on a day that no clock decides, and every record as lists and exports have it. */
static enum cp_err tell_checks(struct world *w, struct machine *m, const struct cp_desk *d, struct cp_buf *out)
{
    struct cp_model_loaded l;
    struct cp_checked c;
    char day[40];
    (void)snprintf(day, sizeof day, "20%02u-06-01",
                   world_planted == SIM_PLANT_CLOCK ? (unsigned)(world_clock(w, m) / UINT64_C(31536000000) % 40) + 20 : 31);
    enum cp_err err = cp_model_load(&l, d, cp_bytes_str(day));
    if (err != CP_OK)
        return err;
    cp_checked_init(&c, test_mem());
    err = cp_check_all(&c, &l.m);
    for (size_t i = 0; err == CP_OK && i < c.count; i++) {
        cp_buf_put_str(out, "\n");
        cp_buf_put_str(out, c.rows[i].criterion);
        cp_buf_put_str(out, cp_met_word(c.rows[i].met));
        for (size_t k = 0; k < c.rows[i].reasons_count; k++)
            cp_put_check_reason(out, &c.reasons[c.rows[i].reasons_at + k]);
        for (size_t k = 0; k < c.rows[i].records_count; k++)
            cp_buf_put_bytes(out, CP_BYTES(c.records[c.rows[i].records_at + k], CP_ID_LEN));
    }
    cp_checked_clear(&c);
    cp_model_unload(&l);
    return err;
}

static enum cp_err tell_rows(struct world *w, const struct cp_desk *d, struct cp_buf *out)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < w->log.records_count; i++) {
        struct cp_shown s;
        const uint8_t *id = w->log.records[i].id;
        uint64_t kind = kind_of_record(w, id);
        enum cp_record on = kind == CP_KIND_PLAN ? CP_RECORD_PLAN : CP_RECORD_PERSON;
        if (kind == CP_KIND_ITEM && cp_item_kind(d->node, w->plan, id, &on) != CP_OK)
            continue;
        err = cp_shown_load(&s, d, on, id, false);
        if (err != CP_OK)
            break;
        (void)cp_put_row_members(d, &s, out);
        cp_shown_clear(&s);
    }
    return err;
}

void world_tell(struct world *w, struct machine *m, struct cp_buf *out)
{
    static struct cp_node node;
    struct cp_desk d;
    struct cp_gathered g;
    node.mem = test_mem();
    node.store = m->store;
    enum cp_err err = cp_desk_open(&d, &node, w->plan);
    if (err == CP_OK) {
        err = cp_gather(&g, &d, CP_STAGE_AGREEMENT, true);
        if (err == CP_OK) {
            cp_version_write(&g.v, out);
            cp_buf_put_bytes(out, cp_buf_bytes(&g.reasons));
            cp_gathered_clear(&g);
        }
        world_tell_agreements(w, m, &d, out);
        if (err == CP_OK && !w->large)
            err = tell_checks(w, m, &d, out);
        if (err == CP_OK && !w->large)
            err = tell_rows(w, &d, out);
        world_check_private(w, cp_buf_bytes(out), "what a machine tells");
        cp_desk_close(&d);
    }
    world_excuse(w, m, err, "gathering a page");
}

void world_check_equal(struct world *w)
{
    uint8_t first_digest[CP_ID_LEN], digest[CP_ID_LEN];
    struct machine *first = NULL;
    struct cp_buf first_page, other;
    uint64_t entries;
    cp_buf_init(&first_page, test_mem(), SIZE_MAX / 2);
    cp_buf_init(&other, test_mem(), SIZE_MAX / 2);
    for (size_t i = 0; i < w->machines_count && !world_failed(w); i++) {
        struct machine *m = &w->machines[i];
        if (m->liar || world_off(m) || m->now.damaged.count > 0 || !world_holds_plan(w, m))
            continue;
        if (cp_store_log_digest(m->store, w->plan, &entries, digest) != CP_OK) {
            world_fail(w, "%s cannot tell its digest", m->name);
        } else if (first == NULL) {
            first = m;
            memcpy(first_digest, digest, CP_ID_LEN);
            world_tell(w, m, &first_page);
        } else {
            bool equal = same_set(&first->now.held, &m->now.held);
            if (equal != (memcmp(first_digest, digest, CP_ID_LEN) == 0))
                world_fail(w, "%s and %s hold %s sets, and their digests say otherwise", first->name, m->name,
                           equal ? "equal" : "different");
            if (!equal)
                continue;
            cp_buf_reset(&other);
            world_tell(w, m, &other);
            if (!cp_bytes_eq(cp_buf_bytes(&first_page), cp_buf_bytes(&other)))
                world_fail(w, "%s and %s hold the same and tell it differently", first->name, m->name);
        }
    }
    cp_buf_clear(&first_page);
    cp_buf_clear(&other);
}
