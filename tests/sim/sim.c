/*
 * A run: the world is made, faults and people have their steps, then all heals.
 * Owns: the order of things. Must not: judge (world_check.c).
 */
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_internal.h"
#include "tests/sim/world_carried.h"
#include "tests/support/heap.h"

const char *const sim_count_words[SIM_COUNTS] = {
#define X(name, words) words,
    SIM_COUNT_LIST(X)
#undef X
};
const char *const sim_plant_words[SIM_PLANTS] = {"none", "dangling", "lamport", "in-sync", "unsynced", "withdrawn",
                                             "hoard", "clock", "foreign", "page-id", "unwilling", "unready",
                                             "leaning", "overspent", "leak", "taken", "forgiving",
                                             "trusting", "old-key", "left-in", "unasked", "stray",
                                             "receipt", "assumed", "other-pile", "hasty", "unproven"};

enum sim_plant world_planted;

/* ---- Making a world ---- */

static unsigned draw(struct world *w, unsigned chance, unsigned most)
{
    return world_chance(w, chance) ? 1 + (unsigned)world_roll(w, most) : 0;
}

static void draw_weather(struct world *w)
{
    struct sim_weather *a = &w->weather;
    uint64_t least = w->opt.machines_min > 2 ? w->opt.machines_min : 2;
    size_t drawn = (size_t)(least + world_roll(w, least < 12 ? 13 - least : 1));
    a->machines = (unsigned)(w->opt.machines != 0 ? w->opt.machines : drawn);
    w->steps = w->opt.steps != 0 ? w->opt.steps : 100 + (size_t)world_roll(w, 400);
    if (w->opt.calm)
        return;
    a->liars = a->machines < 3 ? 0 : draw(w, 500, a->machines / 4 + 1);
    a->cut = draw(w, 600, 300);
    a->lose = draw(w, 300, 100);
    a->bend = draw(w, 300, 100);
    a->twice = draw(w, 300, 100);
    a->swap = draw(w, 300, 100);
    a->wait = draw(w, 300, 100);
    a->crash = draw(w, 500, 60);
    a->power = draw(w, 500, 60);
    a->io = draw(w, 300, 30);
    a->full = draw(w, 300, 20);
    a->restore = draw(w, 400, 15);
    a->copy = draw(w, 300, 4);
    a->replay = draw(w, 500, 40);
    a->apart = draw(w, 300, 15);
    a->shared_machines = draw(w, 400, 400);
    a->clocks = draw(w, 500, 600);
    a->open_links = draw(w, 500, 300);
    a->long_notes = draw(w, 200, 1000);
    a->newer = draw(w, 200, 60);
    a->takes_back = draw(w, 700, 80);
    a->damage = draw(w, 300, 25);
    a->scrub = a->damage == 0 ? 0 : 1 + (unsigned)world_roll(w, 40);
    a->lock = draw(w, 300, 30);
    a->lock_meeting = draw(w, 300, 60);
    a->plans = 1 + draw(w, 400, WORLD_FOUNDED_MAX - 1);
    a->devices = draw(w, 700, 60);
    a->thieves = a->machines < 4 ? 0 : draw(w, 800, a->machines / 4 + 1);
    a->puppets = draw(w, 500, 3);
    w->pictures = !w->large && w->opt.seed > 40 && w->opt.seed % 4 == 0;
    a->attaches = w->pictures ? 40 : 0; /* drawn by nobody: the other seeds go on as they were */
    a->continues = draw(w, 600, 15);
}

static void make_people(struct world *w)
{
    static const char *const names[] = {"Asha", "Bill", "Chen", "Dora", "Eli",  "Fay", "Gil",  "Hana",
                                        "Ivo",  "June", "Kofi", "Lena", "Mona", "Ned", "Olga", "Pete"};
    static const size_t names_count = sizeof names / sizeof *names;
    size_t room = w->weather.machines;
    w->machines_cap = room + 4 + (w->weather.devices == 0 ? 0 : 12); /* and copied homes, further devices */
    w->machines = calloc(w->machines_cap, sizeof *w->machines);
    w->people_cap = room * 2 + (w->weather.devices == 0 ? 0 : 40);
    w->people = calloc(w->people_cap, sizeof *w->people);
    if (w->machines == NULL || w->people == NULL)
        abort();
    for (size_t i = 0; i < room; i++) {
        bool two = i > 0 && world_chance(w, w->weather.shared_machines);
        for (size_t k = 0; k < (two ? 2U : 1U); k++) {
            size_t at = w->people_count++;
            struct person *p = &w->people[at];
            someone_make(&p->who, (unsigned)at + 1);
            p->of = at;
            p->number = (unsigned)at + 1;
            (void)snprintf(p->name, sizeof p->name, at < names_count ? "%s" : "%s %zu", names[at % names_count],
                           at / names_count);
            if (k == 0) {
                (void)world_machine_add(w, at);
                continue;
            }
            struct machine *m = &w->machines[w->machines_count - 1];
            m->people[m->people_count++] = at;
            p->machine = w->machines_count - 1;
            memcpy(p->who.curve, m->curve, CP_KEY_LEN);
        }
        struct machine *m = &w->machines[i];
        m->liar = i > 0 && i >= room - w->weather.liars;
        m->side = world_chance(w, 500);
        if (world_chance(w, w->weather.clocks)) {
            m->clock_off_ms = (int64_t)world_roll(w, UINT64_C(631152000000)) - INT64_C(315576000000);
            world_count(w, SIM_COUNT_CLOCKS);
        }
    }
}

/* ---- Steps ---- */

static struct machine *pick(struct world *w)
{
    return &w->machines[world_roll(w, w->machines_count)];
}

static size_t at_message(struct world *w, unsigned per_mille)
{
    return world_chance(w, per_mille) ? 1 + (size_t)world_roll(w, 14) : 0;
}

static void draw_meddling(struct world *w, struct meddling *how)
{
    const struct sim_weather *a = &w->weather;
    *how = (struct meddling){.cut_at = at_message(w, a->cut),
                             .lose_at = at_message(w, a->lose),
                             .bend_at = at_message(w, a->bend),
                             .twice_at = at_message(w, a->twice),
                             .swap_at = at_message(w, a->swap),
                             .wait_at = at_message(w, a->wait),
                             .lock_at = at_message(w, a->lock_meeting),
                             .wait_ms = world_roll(w, 40000),
                             .forge = world_chance(w, 600),
                             .endless = world_chance(w, 30)};
}

static void meeting_step(struct world *w, struct machine *m)
{
    bool calls = world_chance(w, 500);
    struct machine *other = pick(w), *a = calls ? m : other, *b = calls ? other : m;
    struct meddling how;
    static const struct cp_bytes none = {NULL, 0};
    if (a == b || world_off(a) || world_off(b) || memcmp(a->curve, b->curve, CP_KEY_LEN) == 0)
        return;
    if (w->step < w->apart_until && a->side != b->side) {
        world_count(w, SIM_COUNT_APART);
        return;
    }
    if (world_carried_meet(w, a, b))
        return;
    draw_meddling(w, &how);
    world_say(w, "%s meets %s", a->name, b->name);
    const struct cp_replica *r = cp_store_replica(b->store);
    bool member = false;
    if (world_chance(w, w->weather.open_links) && world_holds_plan(w, a) && world_holds_plan(w, b) &&
        r->is_member(r->ctx, w->plan, a->curve, &member) == CP_OK && member) {
        how.stay = world_chance(w, 500);
        struct meeting *l = world_link(w, CP_DOOR_MEMBER, world_index(w, a), world_index(w, b), NULL, none, false, &how);
        world_count(w, SIM_COUNT_MEETINGS);
        if (l != NULL)
            world_link_run(w, l, 1 + (size_t)world_roll(w, 12));
        return;
    }
    (void)world_meet(w, world_index(w, a), world_index(w, b), &how);
    world_refresh(w, a);
    world_refresh(w, b);
}

static void open_links_step(struct world *w)
{
    struct meeting *l = &w->links[world_roll(w, WORLD_LINKS_MAX)];
    if (!l->open)
        return;
    struct machine *a = &w->machines[l->end[0].machine], *b = &w->machines[l->end[1].machine];
    if (world_chance(w, 150))
        world_link_leave(w, l);
    else
        world_link_run(w, l, world_chance(w, 500) ? SIZE_MAX : 1 + (size_t)world_roll(w, 10));
    world_refresh(w, a);
    world_refresh(w, b);
}

static void join_step(struct world *w)
{
    if (w->log.line_count > 1 && !world_chance(w, 50)) /* into a continuation people follow; few are invited */
        return;
    size_t start = world_roll(w, w->people_count);
    for (size_t i = 0; i < w->people_count; i++) {
        size_t at = (start + i) % w->people_count;
        const struct person *p = &w->people[at];
        if (!p->in && world_honest(p) && (!p->gone[w->at] || world_chance(w, 100))) {
            world_join(w, at);
            return;
        }
    }
}

static void settle_all(struct world *w)
{
    for (size_t i = 0; i < w->machines_count && !world_failed(w); i++)
        world_settle(w, &w->machines[i]);
}

static void one_step(struct world *w)
{
    struct machine *m = pick(w);
    w->now_ms += 1000 + world_roll(w, 3600000);
    world_count(w, SIM_COUNT_STEPS);
    if (w->plans_count < WORLD_PLANS_MAX && w->founded < w->weather.plans && !world_off(m) && !m->liar &&
        world_may_found(w, m) && world_chance(w, 30)) {
        world_found(w, m);
        w->founded++;
        world_count(w, SIM_COUNT_PLANS);
    }
    (void)world_turn(w, world_roll(w, w->plans_count));
    open_links_step(w);
    if (!world_failed(w) && world_chance(w, w->weather.crash + w->weather.power + w->weather.io))
        world_doom(w, m);
    uint64_t what = world_roll(w, 100);
    if (!world_failed(w) && m->locked && world_chance(w, 400))
        world_unlock(w, m);
    if (world_failed(w) || m->locked)
        return;
    if (what < (w->plans_count > 1 ? 8U : 4U))
        join_step(w);
    else if (what < 40)
        meeting_step(w, m);
    else if (what < 46)
        world_agree_step(w, m);
    else if (m->thief && what < 75)
        world_thief_step(w, m);
    else if (m->liar && what < 75)
        world_liar_step(w, m);
    else
        world_people_step(w, m);
    settle_all(w);
    world_part(w);
    if (!world_failed(w) && world_chance(w, 300) && world_follow_somebody(w, m))
        settle_all(w);
    if (!world_failed(w) && !m->liar && world_chance(w, w->weather.continues)) {
        size_t person = world_writer(w, m);
        if (person != WORLD_NOBODY)
            world_continue(w, m, person);
        settle_all(w);
    }
    if (!world_failed(w) && world_chance(w, w->weather.devices)) {
        world_devices_step(w);
        settle_all(w);
        world_part(w);
    }
    if (w->carried != NULL && !world_failed(w)) {
        world_carried_step(w, m);
        settle_all(w);
        world_part(w);
    }
    if (!world_failed(w))
        world_weather_step(w);
    if (!world_failed(w) && w->step % 50 == 49)
        world_check_whole(w, pick(w), world_chance(w, 200));
    if (!world_failed(w) && w->step % 100 == 99)
        world_check_equal(w);
}

/* ---- Healing ---- */

static void heal_machines(struct world *w)
{
    for (size_t i = 0; i < WORLD_LINKS_MAX; i++)
        world_link_cut(w, &w->links[i]);
    memset(&w->weather, 0, sizeof w->weather);
    w->apart_until = 0;
    w->calm = true;
    for (size_t i = 0; i < w->machines_count && !world_failed(w); i++) {
        sim_disk_heal(w->machines[i].disk);
        w->machines[i].full = w->machines[i].doomed = false;
        world_unlock(w, &w->machines[i]);
    }
    /* A session carries all plans, and damage that nobody knows of ends it, of whichever plan it is: it is looked for. */
    for (size_t k = 0; k < w->plans_count; k++) {
        (void)world_turn(w, k);
        for (size_t i = 0; i < w->machines_count && !world_failed(w); i++)
            if (!w->machines[i].liar && w->machines[i].store != NULL && w->machines[i].now.damaged.count > 0)
                world_scrub(w, &w->machines[i]);
    }
}

/* Who is not in yet joins, and damaged words come home. */
static void heal_plan(struct world *w)
{
    for (size_t i = 0; i < w->machines_count; i++)
        w->machines[i].beyond = false;
    for (size_t i = 0; i < w->people_count && !world_failed(w); i++)
        for (unsigned tries = 0; tries < 3 && !w->people[i].in && w->log.line_count == 1; tries++)
            if (!w->machines[w->people[i].machine].liar && world_honest(&w->people[i]) && !w->people[i].gone[w->at])
                world_join(w, i);
    for (size_t i = 0; i < 3 * w->machines_count && !world_failed(w); i++) /* the first may wait for what the second gets */
        world_damage_heal(w, &w->machines[i % w->machines_count]);
    for (size_t i = 0; i < w->machines_count; i++)
        w->result->counts[SIM_COUNT_BEYOND] += w->machines[i].beyond ? 1 : 0;
}

static bool hushed(struct world *w, struct machine *m)
{
    bool yes = false;
    return cp_store_hushed(m->store, w->plan, &yes) != CP_OK || yes;
}

/* The honest machines of which somebody is in, by all that these machines hold together. */
static size_t those_in(struct world *w, size_t *out)
{
    size_t count = 0, before = SIZE_MAX;
    for (size_t i = 0; i < w->machines_count; i++)
        if (!w->machines[i].liar && !w->machines[i].beyond && world_holds_plan(w, &w->machines[i]) &&
            !hushed(w, &w->machines[i]))
            out[count++] = i;
    while (count != before) {
        struct ref_set all = {0};
        for (size_t i = 0; i < count; i++)
            for (size_t e = 0; e < w->log.count; e++)
                if (ref_set_has(&w->machines[out[i]].now.held, e))
                    ref_set_add(&all, e);
        before = count;
        count = 0;
        for (size_t i = 0; i < before; i++)
            if (carried_boxed_by(w, &w->machines[out[i]], &all)) /* no puppet that says it is on the machine keeps it in */
                out[count++] = out[i];
        w->result->counts[SIM_COUNT_OUT] += before - count;
        ref_set_clear(&all);
    }
    return count;
}

/* The machines in the order in which they stand, and which of them could not get in sync: they stand apart the next time. */
struct line {
    size_t *order, count;
    size_t apart[32][2];
    size_t apart_count;
};

static bool may_stand(const struct world *w, const struct line *l, size_t a, size_t b)
{
    bool good = memcmp(w->machines[a].curve, w->machines[b].curve, CP_KEY_LEN) != 0; /* no copies of one home */
    for (size_t i = 0; i < l->apart_count; i++)
        good = good && !(l->apart[i][0] == a && l->apart[i][1] == b) && !(l->apart[i][0] == b && l->apart[i][1] == a);
    return good;
}

/* A drawn order; false where a thousand draws were none. */
static bool line_up(struct world *w, struct line *l)
{
    size_t *order = l->order;
    bool good = false;
    for (unsigned tries = 0; tries < 1000 && !good; tries++) {
        good = true;
        for (size_t i = l->count; i > 1; i--) {
            size_t other = world_roll(w, i), kept = order[i - 1];
            order[i - 1] = order[other];
            order[other] = kept;
        }
        for (size_t i = 1; i < l->count; i++)
            good = good && may_stand(w, l, order[i - 1], order[i]);
    }
    return good;
}

static bool heal_meet(struct world *w, size_t a, size_t b, bool must)
{
    if (world_failed(w))
        return false;
    world_count(w, SIM_COUNT_HEAL_MEETINGS);
    world_say(w, "healed: %s meets %s", w->machines[a].name, w->machines[b].name);
    bool good = world_meet(w, a, b, NULL);
    if (!good && must && !world_failed(w))
        world_fail(w, "healed, and %s and %s do not get in sync", w->machines[a].name, w->machines[b].name);
    return good;
}

/* Along the line and back: the last of it has it all, and it goes back. */
static bool walk_line(struct world *w, struct line *l, const size_t *order, bool must)
{
    size_t last = 2 * (l->count - 1), faults = 0;
    for (size_t i = 0; l->count > 1 && i < last; i++) {
        bool back = i >= l->count - 1;
        size_t at = back ? last - i : i;
        size_t a = order[at], b = order[back ? at - 1 : at + 1];
        if (heal_meet(w, a, b, must))
            continue;
        faults++;
        if (back && l->apart_count < sizeof l->apart / sizeof *l->apart) {
            l->apart[l->apart_count][0] = a;
            l->apart[l->apart_count++][1] = b;
        }
    }
    return faults == 0;
}

/* Whoever does not know yet that a neighbour is in hears of it from the others. Two who both left and came back, each by another
 * half of the line, would keep the halves apart for ever, so after a time with a fault they line up anew, those two apart. The
 * last of three times must be without fault, and so must in the end those who stood side by side at first. */
static void walk(struct world *w, struct line *l, size_t *first)
{
    size_t times = 0;
    memcpy(first, l->order, l->count * sizeof *first);
    while (!walk_line(w, l, l->order, times == 2) && ++times < 3 && !world_failed(w))
        if (!line_up(w, l)) { /* there are too few of them to stand otherwise */
            l->apart_count = 0;
            (void)line_up(w, l);
        }
    if (times > 0 && !world_failed(w))
        (void)walk_line(w, l, first, true);
}

static void heal(struct world *w)
{
    size_t *order = calloc(2 * w->machines_cap, sizeof *order);
    if (order == NULL)
        abort();
    struct line l = {.order = order};
    heal_plan(w);
    l.count = world_failed(w) ? 0 : those_in(w, order);
    if (!line_up(w, &l))
        l.count = 0;
    size_t count = l.count;
    if (w->pictures)
        world_ask_for_all(w, order, count);
    if (w->carried != NULL && !world_failed(w))
        world_carried_heal(w, order, count);
    walk(w, &l, order + w->machines_cap);
    if (w->pictures && !world_failed(w))
        world_check_attached(w, order, count);
    world_assemble(w, order, count);
    for (size_t i = 0; i < count && !world_failed(w); i++) {
        struct machine *m = &w->machines[order[i]];
        if (m->now.held.count != w->machines[order[0]].now.held.count)
            world_fail(w, "healed, and %s is not equal", m->name);
        world_check_whole(w, m, i < 2);
    }
    if (!world_failed(w))
        world_check_equal(w);
    if (!world_failed(w))
        world_check_signatures(w);
    for (size_t i = 0; i < w->log.count && !world_failed(w); i++) {
        world_check_private(w, w->log.entries[i].frame, "an entry");
        world_check_private(w, w->log.entries[i].words, "an entry");
    }
    free(order);
}

static void heal_all(struct world *w)
{
    heal_machines(w);
    for (size_t i = 0; i < w->plans_count && !world_failed(w); i++) {
        (void)world_turn(w, i);
        heal(w);
    }
}

/* ---- The run ---- */

static void count_forks(struct world *w)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    if (w->machines[0].store == NULL || cp_store_plans(w->machines[0].store, &rows, &count) != CP_OK)
        return;
    for (size_t i = 0; i < count; i++)
        w->result->counts[SIM_COUNT_FORKS] += rows[i].forks;
    cp_free(cp_store_replica(w->machines[0].store)->mem, rows);
}

void sim_world_end(struct world *w)
{
    for (size_t i = 0; i < WORLD_LINKS_MAX; i++)
        if (w->links[i].open)
            world_link_cut(w, &w->links[i]);
    for (size_t i = 0; i < w->machines_count; i++) {
        struct machine *m = &w->machines[i];
        if (m->store != NULL && !world_failed(w)) {
            uint8_t digest[CP_ID_LEN];
            uint64_t entries = 0, eight = 0;
            for (size_t k = 0; k < w->plans_count; k++) {
                (void)world_turn(w, k);
                if (world_holds_plan(w, m) && cp_store_log_digest(m->store, w->plan, &entries, digest) == CP_OK)
                    memcpy(&eight, digest, sizeof eight);
                w->result->digest = w->result->digest * 31 + eight;
            }
        }
        world_stop(w, m);
        world_holdings_clear(m);
        sim_disk_free(m->backup);
        sim_disk_free(m->disk);
    }
    for (size_t i = 0; i < sizeof w->kept / sizeof *w->kept; i++)
        free(w->kept[i].bytes);
    w->result->entries = world_entries(w);
    w->result->machines = w->machines_count;
    for (size_t k = 0; k < w->plans_count; k++) {
        (void)world_turn(w, k);
        ref_clear(&w->log);
    }
    cp_buf_clear(&w->signed_header);
    world_carried_end(w);
    free(w->machines);
    free(w->people);
}

void sim_throw_dice(struct world *w, uint64_t step)
{
    uint64_t mixed = w->seed;
    w->dice = test_random(&mixed) ^ (step * UINT64_C(0xd1342543de82ef95));
    (void)test_random(&w->dice);
}

void sim_world_begin(struct world *w, const struct sim_options *opt, struct sim_result *result)
{
    memset(w, 0, sizeof *w);
    memset(result, 0, sizeof *result);
    w->opt = *opt;
    world_planted = opt->plant;
    w->seed = opt->seed;
    w->result = result;
    sim_vfs_seed((uint32_t)opt->seed);
    cp_buf_init(&w->signed_header, test_mem(), CP_HEADER_MAX);
    sim_throw_dice(w, 0);
    draw_weather(w);
    world_carried_begin(w);
    make_people(w);
    result->steps = w->steps;
    for (size_t i = 0; i < w->machines_count && !world_failed(w); i++)
        world_start(w, &w->machines[i]);
    if (!world_failed(w))
        world_found(w, &w->machines[0]);
    w->founded = 1;
    if (!world_failed(w))
        world_count(w, SIM_COUNT_PLANS);
}

bool sim_run(const struct sim_options *opt, struct sim_result *result)
{
    static struct world w;
    sim_world_begin(&w, opt, result);
    for (w.step = 1; w.step <= w.steps && !world_failed(&w); w.step++) {
        if (opt->left_out != NULL && opt->left_out[w.step] != 0)
            continue;
        sim_throw_dice(&w, w.step);
        if (w.step <= w.people_count) /* most come early */
            join_step(&w);
        else
            one_step(&w);
    }
    sim_throw_dice(&w, w.steps + 1);
    count_forks(&w);
    if (!world_failed(&w))
        heal_all(&w);
    sim_world_end(&w);
    return !result->failed;
}
