/*
 * Carrying on: continue, follow, words taken back on both sides, as daemon/serve_follow.c does it; and what a machine takes
 * over when a continuation is offered to it. Owns: the model's log of a continuation as it begins.
 * Must not: say who has come (reference_standing.c).
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"
#include "tests/support/heap.h"

enum {
    NAMED_MAX = 256,
    HEADS_MAX = 300,
    ADMITS_MAX = 256
};

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, CP_ID_LEN);
}

struct carrying {
    struct world *w;
    struct machine *m;
    size_t person;
    const struct cp_members *members;
    uint8_t people[NAMED_MAX][CP_ID_LEN], heads[HEADS_MAX][CP_ID_LEN];
    size_t people_count, heads_count;
    struct cp_buf admits[ADMITS_MAX];
    size_t admits_count;
};

bool world_for_us(void *ctx, const struct cp_continuation *from)
{
    const struct machine *m = ctx;
    for (size_t i = 0; i < m->people_count; i++)
        if (cp_id_list_has(&from->people, m->world->people[m->people[i]].who.person))
            return true;
    return false;
}

/* ---- Whom it is for, what it goes on from ---- */

static bool has(const uint8_t (*ids)[CP_ID_LEN], size_t count, const uint8_t *id)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(ids[i], id, CP_ID_LEN) == 0)
            return true;
    return false;
}

static void find_people(struct carrying *c)
{
    const uint8_t *own = c->w->people[c->person].who.person;
    for (size_t i = 0; i < c->members->count && c->people_count < NAMED_MAX; i++) {
        const struct cp_member_device *d = &c->members->devices[i];
        bool mine = memcmp(d->person, own, CP_ID_LEN) == 0;
        if (!cp_member_speaks(d) || has((const uint8_t(*)[CP_ID_LEN])c->people, c->people_count, d->person))
            continue;
        if (mine || !world_chance(c->w, 250))
            memcpy(c->people[c->people_count++], d->person, CP_ID_LEN);
    }
    qsort(c->people, c->people_count, CP_ID_LEN, by_id);
}

static bool find_heads(struct carrying *c)
{
    for (unsigned class = CP_CONTROL; class <= CP_CONTENT; class ++) {
        uint8_t(*ids)[CP_ID_LEN] = NULL;
        size_t count = 0;
        if (cp_store_heads(c->m->store, c->w->plan, (enum cp_class) class, &ids, &count) != CP_OK)
            return false;
        for (size_t i = 0; i < count && c->heads_count < HEADS_MAX; i++)
            memcpy(c->heads[c->heads_count++], ids[i], CP_ID_LEN);
        cp_free(cp_store_replica(c->m->store)->mem, ids);
    }
    qsort(c->heads, c->heads_count, CP_ID_LEN, by_id);
    return c->heads_count > 0 && c->heads_count < HEADS_MAX;
}

static bool ended(const struct cp_members *m, const struct cp_join *join)
{
    uint8_t id[CP_ID_LEN];
    cp_statement_id(join->text, id);
    for (size_t i = 0; i < m->joins_count; i++)
        if (memcmp(m->joins[i].person, join->person, CP_ID_LEN) == 0 &&
            memcmp(m->joins[i].join, id, CP_ID_LEN) == 0)
            return m->joins[i].ended;
    return true;
}

static bool add_admission(void *ctx, const struct cp_entry_info *info)
{
    struct carrying *c = ctx;
    struct cp_control control;
    struct cp_buf join, *frame = &c->admits[c->admits_count];
    if (info->is_void || (info->kind != CP_KIND_ADMIT && info->kind != CP_KIND_FIRST))
        return true;
    cp_control_read(info->frame, &control);
    if (!control.known || control.continues || c->admits_count == ADMITS_MAX)
        return true;
    const struct cp_member_device *d = cp_members_find(c->members, control.join.device_key);
    if (d == NULL || !cp_member_speaks(d) || memcmp(d->person, control.join.person, CP_ID_LEN) != 0 ||
        !has((const uint8_t(*)[CP_ID_LEN])c->people, c->people_count, d->person) ||
        ended(c->members, &control.join))
        return true;
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_buf_init(frame, test_mem(), CP_ENTRY_MAX);
    cp_join_write(&control.join, &join);
    cp_admit_write(info->kind == CP_KIND_FIRST ? info->id : control.invite, cp_buf_bytes(&join), frame);
    bool again = false;
    for (size_t i = 0; i < c->admits_count; i++)
        again = again || cp_bytes_eq(cp_buf_bytes(&c->admits[i]), cp_buf_bytes(frame));
    if (again)
        cp_buf_clear(frame);
    else
        c->admits_count++;
    cp_buf_clear(&join);
    return true;
}

/* ---- Beginning ---- */

/* The model's log of the new plan: what the continuer holds of the old one, then the first entry. The world looks at it. */
static void new_log(struct carrying *c, const uint8_t *plan, struct cp_bytes frame)
{
    struct world *w = c->w;
    size_t number = w->plans_count;
    struct ref_log log;
    struct ref_set held = {0};
    ref_init_from(&log, plan, &w->log);
    for (size_t i = 0; i < w->log.count; i++)
        if (ref_set_has(&c->m->now.held, i))
            ref_set_add(&held, ref_adopt(&log, &w->log, i));
    memcpy(w->plans[number].plan, plan, CP_ID_LEN);
    w->plans[number].log = log;
    w->plans_count++;
    (void)world_turn(w, number);
    struct cp_entry e = {.header = cp_buf_bytes(&w->signed_header), .frame = frame};
    size_t first = ref_learn(&w->log, &e, 0);
    if (first == REF_NONE || w->log.first != first)
        world_fail(w, "%s begins a continuation whose first entry is not its first", c->m->name);
    else
        ref_set_add(&held, first);
    ref_set_copy(&c->m->now.maybe, &held);
    ref_set_clear(&held);
}

static void follow_frame(struct world *w, const struct person *p, struct cp_buf *frame)
{
    struct cp_buf fields, text;
    uint8_t sig[CP_SIG_LEN], refs[1][CP_ID_LEN];
    cp_buf_init(&fields, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&text, test_mem(), CP_ENTRY_MAX);
    memcpy(refs[0], w->plan, CP_ID_LEN);
    cp_follow_fields(w->log.line[1], &fields);
    world_statement(w, CP_STATEMENT_FOLLOW, p, CP_BY_IDENTITY, cp_buf_bytes(&fields), false, &text, sig);
    cp_statement_frame_write(CP_KIND_FOLLOW, (const uint8_t(*)[CP_ID_LEN])refs, 1, cp_buf_bytes(&text), sig,
                             frame);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
}

/* Secret, ADMITs and the own FOLLOW, in the transaction that begins the plan. */
static enum cp_err begin_plan(struct carrying *c, struct writing *t)
{
    struct world *w = c->w;
    struct cp_buf frame;
    uint8_t secret[CP_KEY_LEN];
    static const struct cp_bytes none = {NULL, 0};
    world_random(w, secret, sizeof secret);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_secret_write(secret, &frame);
    enum cp_err err = world_append(w, c->m, c->person, CP_CONTROL, cp_buf_bytes(&frame), none, t);
    for (size_t i = 0; i < c->admits_count && err == CP_OK; i++)
        err = world_append(w, c->m, c->person, CP_CONTROL, cp_buf_bytes(&c->admits[i]), none, t);
    cp_buf_reset(&frame);
    follow_frame(w, &w->people[c->person], &frame);
    if (err == CP_OK)
        err = world_append(w, c->m, c->person, CP_CONTROL, cp_buf_bytes(&frame), none, t);
    cp_buf_clear(&frame);
    return err;
}

static void carry_on(struct carrying *c)
{
    struct world *w = c->w;
    struct machine *m = c->m;
    struct signing s = {w, &w->people[c->person].who};
    struct cp_signer signer = {world_sign, &s};
    struct writing t = {.count = 0};
    struct cp_buf frame;
    uint8_t plan[CP_ID_LEN];
    size_t before = w->at;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    enum cp_err err = cp_continue_write((const uint8_t(*)[CP_ID_LEN])w->log.line, w->log.line_count,
                                        (const uint8_t(*)[CP_ID_LEN])c->heads, c->heads_count,
                                        (const uint8_t(*)[CP_ID_LEN])c->people, c->people_count, &frame);
    if (err == CP_OK)
        err = world_begin(w, m, &t);
    if (err == CP_OK) {
        err = cp_store_continue(m->store, &signer, s.who->device, w->plan, cp_buf_bytes(&frame),
                                world_clock(w, m), plan);
        if (err == CP_OK)
            new_log(c, plan, cp_buf_bytes(&frame));
        if (err == CP_OK && !world_failed(w))
            err = begin_plan(c, &t);
        struct ref_set taken = {0}; /* what it has at once when the transaction counts */
        if (err == CP_OK && w->at != before)
            ref_set_copy(&taken, &m->now.maybe);
        if (err != CP_OK) {
            cp_store_rollback(m->store);
        } else {
            err = cp_store_commit(m->store);
            for (size_t i = 0; i < t.count; i++)
                ref_set_add(&taken, t.ids[i]);
            ref_set_copy(err == CP_OK ? &m->now.held : &m->now.maybe, &taken);
            if (err == CP_OK)
                ref_set_clear(&m->now.maybe);
        }
        ref_set_clear(&taken);
    }
    world_excuse(w, m, err, "carrying on");
    if (err == CP_OK && !world_failed(w)) {
        world_count(w, w->log.line_count > 2 ? SIM_COUNT_CONTINUED_TWICE : SIM_COUNT_CONTINUED);
        world_say(w, "%s carries on in plan %zu, for %zu people", m->name, w->at + 1, c->people_count);
        w->people[c->person].in = true;
        w->control_came = true;
        world_check_count(w, m);
        world_check_whole(w, m, false);
    }
    (void)world_turn(w, before);
    cp_buf_clear(&frame);
}

void world_continue(struct world *w, struct machine *m, size_t person)
{
    static struct carrying c;
    if (w->plans_count == WORLD_PLANS_MAX || world_off(m) || m->full || m->doomed ||
        world_damaged(w, m) > 0 || !world_is_in(w, m, person))
        return;
    memset(&c, 0, sizeof c);
    c.w = w;
    c.m = m;
    c.person = person;
    bool good = cp_store_members(m->store, w->plan, &c.members) == CP_OK;
    const struct cp_member_device *own =
        good ? cp_members_find(c.members, w->people[person].who.device) : NULL;
    good = own != NULL && cp_member_speaks(own);
    if (good) {
        find_people(&c);
        good = find_heads(&c) &&
               cp_store_each(m->store, w->plan, CP_KIND_FIRST, false, add_admission, &c) == CP_OK &&
               cp_store_each(m->store, w->plan, CP_KIND_ADMIT, false, add_admission, &c) == CP_OK;
    }
    if (good)
        carry_on(&c);
    for (size_t i = 0; i < c.admits_count; i++)
        cp_buf_clear(&c.admits[i]);
}

/* ---- What is taken over ---- */

void world_took_over_here(struct world *w, struct machine *m)
{
    struct ref_set now = {0};
    if (w->log.line_count >= 2 && m->now.held.count + m->now.maybe.count == 0 && world_read_held(w, m, &now) == CP_OK) {
        size_t old = world_plan_of(w, w->log.line[1]);
        for (size_t i = 0; i < w->log.count && !world_failed(w); i++)
            if (ref_set_has(&now, i)) {
                const struct ref_log *from = &w->plans[old].log;
                size_t at = ref_find(from, w->log.entries[i].id);
                if (at == REF_NONE || !ref_set_has(&m->others[old].held, at))
                    world_fail(w, "%s took over an entry that it did not hold", m->name);
            }
        if (now.count > 0) {
            world_count(w, SIM_COUNT_TAKEN_OVER);
            world_say(w, "%s takes over %zu entries into plan %zu", m->name, now.count, w->at + 1);
        }
        ref_set_copy(&m->now.held, &now);
    }
    ref_set_clear(&now);
}

void world_took_over(struct world *w, struct machine *m)
{
    size_t before = w->at;
    for (size_t k = 0; k < w->plans_count && !world_failed(w); k++) {
        (void)world_turn(w, k);
        world_took_over_here(w, m);
    }
    (void)world_turn(w, before);
}

/* ---- Following ---- */

/* What was taken back in the old plan is taken back here too, before anybody shows it again. */
static void take_back_here(struct world *w, struct machine *m, size_t person)
{
    size_t old = world_plan_of(w, w->log.line[1]);
    const struct ref_log *from = &w->plans[old].log;
    for (size_t i = 0; i < from->withdraws_count && !world_off(m) && !world_failed(w); i++) {
        const struct ref_withdraw *r = &from->withdraws[i];
        uint8_t id[CP_ID_LEN];
        bool names = false;
        for (size_t k = 0; k < r->count && !names; k++) {
            size_t at = ref_find(&w->log, r->ids[k]);
            names =
                at != REF_NONE && ref_set_has(&m->now.held, at) && !ref_withdrawn(&w->log, &m->now.held, at);
        }
        if (!names || !ref_set_has(&m->others[old].held, r->entry))
            continue;
        if (world_write_control(w, m, person, from->entries[r->entry].frame, id))
            world_check_withdrawn(w, m, ref_find(&w->log, id));
    }
}

static void follow(struct world *w, struct machine *m, size_t person)
{
    struct cp_buf frame;
    uint8_t id[CP_ID_LEN];
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    follow_frame(w, &w->people[person], &frame);
    if (world_write_control(w, m, person, cp_buf_bytes(&frame), id)) {
        world_count(w, SIM_COUNT_FOLLOWS);
        world_say(w, "%s follows into plan %zu on %s", w->people[person].name, w->at + 1, m->name);
        take_back_here(w, m, person);
        if (!world_off(m) && world_chance(w, 250)) {
            world_excuse(w, m, cp_store_hush(m->store, w->log.line[1], true), "leaving the old plan alone");
            world_count(w, SIM_COUNT_LEFT_OLD);
            world_links_of(w, m);
        }
    }
    cp_buf_clear(&frame);
}

bool world_follow_somebody(struct world *w, struct machine *m)
{
    const struct cp_members *members = NULL;
    if (world_off(m) || m->thief || w->log.line_count < 2 || !world_holds_plan(w, m) ||
        cp_store_members(m->store, w->plan, &members) != CP_OK)
        return false;
    for (size_t i = 0; i < m->people_count; i++) {
        const struct person *p = &w->people[m->people[i]];
        const struct cp_member_device *d = cp_members_find(members, p->who.device);
        if (d == NULL || !d->waits || !cp_member_is_in(d) || !world_honest(p))
            continue;
        follow(w, m, m->people[i]);
        return true;
    }
    return false;
}

/* ---- Words taken back in one plan go in every plan here that has them ---- */

void world_take_back_elsewhere(struct world *w, struct machine *m, size_t person, struct cp_bytes frame,
                               const uint8_t (*ids)[CP_ID_LEN], size_t count)
{
    size_t before = w->at;
    for (size_t k = 0; k < w->plans_count && !world_failed(w) && !world_off(m); k++) {
        uint8_t id[CP_ID_LEN];
        bool there = false;
        (void)world_turn(w, k);
        const struct ref_device d = ref_device(&w->log, &m->now.held, w->people[person].who.device);
        for (size_t i = 0; k != before && i < count; i++) {
            size_t at = ref_find(&w->log, ids[i]);
            there = there || (at != REF_NONE && ref_set_has(&m->now.held, at) &&
                              !ref_withdrawn(&w->log, &m->now.held, at));
        }
        if (there && world_holds_plan(w, m) && d.admitted && !d.left &&
            world_write_control(w, m, person, frame, id)) {
            world_count(w, SIM_COUNT_TAKEN_ELSEWHERE);
            world_check_withdrawn(w, m, ref_find(&w->log, id));
        }
    }
    (void)world_turn(w, before);
}
