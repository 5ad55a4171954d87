/*
 * Sticks and carriers of a world: the weather that they have, their steps, and what must be true of what machines believe that
 * others hold. See world_carried.h. Owns: struct carried, and the dice of all this. Must not: know what is in a bundle.
 */
#include "tests/sim/world_carried.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/heap.h"

#define DICE UINT64_C(0x9e6c63d0876a9a47) /* these dice are not those of the steps */

/* ---- Dice ---- */

static uint64_t other_dice(struct world *w, uint64_t step)
{
    uint64_t before = w->dice, mixed = w->seed ^ DICE;
    w->dice = test_random(&mixed) ^ (step * UINT64_C(0xd1342543de82ef95));
    (void)test_random(&w->dice);
    return before;
}

static unsigned draw(struct world *w, unsigned chance, unsigned most)
{
    return world_chance(w, chance) ? 1 + (unsigned)world_roll(w, most) : 0;
}

/* ---- Beginning and end ---- */

static void make_folder(struct carried *c)
{
    static const char *const places[] = {"/dev/shm", "/tmp", "."};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        (void)snprintf(c->folder, sizeof c->folder, "%s/coplan-sim-XXXXXX", places[i]);
        if (mkdtemp(c->folder) != NULL)
            return;
    }
    abort();
}

static void remove_all(const char *folder, unsigned depth)
{
    char path[2 * PATHS_MAX + 320];
    struct dirent *e = NULL;
    DIR *dir = opendir(folder);
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (unlink(path) != 0 && depth > 0)
            remove_all(path, depth - 1);
    }
    if (dir != NULL)
        (void)closedir(dir);
    (void)rmdir(folder);
}

static void name_files(struct carried *c)
{
    for (unsigned i = 0; i < STICKS_MAX; i++)
        for (unsigned k = 0; k < STICK_FILES_MAX; k++) {
            struct stick *s = &c->sticks[i];
            (void)snprintf(s->files[k].path, PATHS_MAX, "%.60s/stick%u-%u", c->folder, i, k);
            (void)snprintf(s->older[k].path, PATHS_MAX, "%.60s/older%u-%u", c->folder, i, k);
        }
}

void world_carried_begin(struct world *w)
{
    struct sim_weather *a = &w->weather;
    uint64_t before = other_dice(w, 0);
    if (w->opt.calm || w->large) {
        w->dice = before;
        return;
    }
    a->sticks = draw(w, 350, 45);
    a->carriers = draw(w, 200, 60);
    a->unplugged = world_chance(w, 40);
    if (w->opt.plant >= SIM_PLANT_RECEIPT) { /* a mistake in these ways to meet: they are used */
        a->sticks = 60;
        a->carriers = 120;
    }
    if (a->unplugged && a->sticks == 0 && a->carriers == 0)
        a->sticks = 50;
    if (a->sticks + a->carriers > 0) {
        struct carried *c = calloc(1, sizeof *c);
        if (c == NULL)
            abort();
        w->carried = c;
        make_folder(c);
        name_files(c);
        for (size_t i = 0; i < STICKS_MAX; i++)
            c->sticks[i].folder = world_chance(w, 400);
        c->carriers_count = a->carriers == 0 ? 0 : 1 + (size_t)world_roll(w, CARRIERS_MAX);
        for (size_t i = 0; i < c->carriers_count; i++) {
            carrier_begin(w, &c->carriers[i], i);
            c->carriers[i].lies = world_chance(w, 400);
        }
        c->unplugged = a->unplugged;
        if (c->unplugged)
            a->damage = a->scrub = 0; /* what went bad comes home in meetings alone */
        if (c->unplugged)
            world_count(w, SIM_COUNT_UNPLUGGED);
    }
    w->dice = before;
}

void world_carried_end(struct world *w)
{
    struct carried *c = w->carried;
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->carriers_count; i++)
        carrier_end(&c->carriers[i]);
    for (size_t i = 0; i < STICKS_MAX; i++)
        for (size_t k = 0; k < STICK_FILES_MAX; k++) {
            stick_file_clear(&c->sticks[i].files[k]);
            stick_file_clear(&c->sticks[i].older[k]);
        }
    remove_all(c->folder, 4);
    free(c);
    w->carried = NULL;
}

/* ---- Machines ---- */

void carried_node(struct machine *m, struct cp_node *node)
{
    const struct carried *c = m->world->carried;
    memset(node, 0, sizeof *node);
    node->mem = test_mem();
    (void)snprintf(node->home, sizeof node->home, "%s", c->folder);
    node->keeper = (struct cp_keeper *)(void *)m;
    node->store = m->store;
    node->meetings = (struct cp_meeting *)(void *)m;
}

size_t carried_held(const struct world *w, const struct machine *m)
{
    size_t sum = m->now.held.count;
    for (size_t i = 0; i < w->plans_count; i++)
        sum += i == w->at ? 0 : m->others[i].held.count;
    return sum;
}

bool carried_any_set_back(const struct world *w)
{
    for (size_t i = 0; i < w->machines_count; i++)
        if (w->machines[i].set_back || w->machines[i].twin != WORLD_NOBODY)
            return true;
    return false;
}

bool carried_any_liar(const struct world *w)
{
    for (size_t i = 0; i < w->machines_count; i++)
        if (w->machines[i].liar)
            return true;
    return false;
}

bool carried_boxed_by(struct world *w, const struct machine *m, const struct ref_set *held)
{
    for (size_t i = 0; i < w->people_count; i++) {
        const struct someone *who = &w->people[i].who;
        bool boxed = memcmp(who->box, cp_zero_id, CP_KEY_LEN) == 0 || memcmp(who->box, m->curve, CP_KEY_LEN) == 0;
        if (!boxed || memcmp(who->curve, m->curve, CP_KEY_LEN) != 0)
            continue;
        struct ref_device d = ref_device(&w->log, held, who->device);
        if (ref_is_in(&d))
            return true;
    }
    return false;
}

const struct machine *carried_puppet_of(const struct world *w, const struct machine *m)
{
    for (size_t i = 0; i < m->people_count; i++) {
        const struct someone *who = &w->people[m->people[i]].who;
        for (size_t k = 0; k < w->machines_count; k++)
            if (memcmp(who->curve, m->curve, CP_KEY_LEN) != 0 &&
                memcmp(who->curve, w->machines[k].curve, CP_KEY_LEN) == 0)
                return &w->machines[k];
    }
    return NULL;
}

bool carried_excused(const struct world *w, const struct machine *m, enum cp_err err)
{
    return err == CP_OK || sim_disk_hit(m->disk) || sim_disk_crashed(m->disk) || world_damaged(w, m) > 0;
}

/* ---- What is believed of others ---- */

static bool ever_had(const struct world *w, const struct machine *of, size_t entry)
{
    for (size_t i = 0; i < w->machines_count; i++) {
        const struct machine *m = &w->machines[i];
        if (memcmp(m->curve, of->curve, CP_KEY_LEN) == 0 &&
            (ref_set_has(&m->now.held, entry) || ref_set_has(&m->now.ever, entry)))
            return true;
    }
    return false;
}

static void check_tips(struct world *w, struct machine *m, const struct machine *of, const struct cp_heard *h)
{
    for (int c = 0; c < 2; c++)
        for (size_t i = 0; i < h->count[c] && !world_failed(w); i++) {
            size_t at = ref_find(&w->log, h->tips[c][i].id);
            if (at == REF_NONE || !ever_had(w, of, at))
                world_fail(w, "%s heard that %s holds an entry which it never had", m->name, of->name);
            else if (w->log.entries[at].seq != h->tips[c][i].seq)
                world_fail(w, "%s heard of an entry of %s at a wrong place", m->name, of->name);
        }
}

/* Is there nothing that it would be sent, by what is believed of it? */
static bool needs_nothing(struct world *w, struct machine *m, const struct cp_heard *h)
{
    const struct cp_replica *r = cp_store_replica(m->store);
    bool nothing = true;
    for (int c = 0; c < 2 && nothing; c++) {
        enum cp_class class = c == 1 ? CP_CONTENT : CP_CONTROL;
        struct cp_tip *tips = NULL;
        size_t count = 0;
        nothing = r->tips(r->ctx, w->plan, class, &tips, &count) == CP_OK;
        uint64_t *after = calloc(count + 1, sizeof *after);
        if (after == NULL)
            abort();
        for (size_t i = 0; i < count; i++)
            after[i] = tips[i].seq;
        nothing = nothing && cp_heard_lower(r, w->plan, class, h, tips, count, after) == CP_OK;
        for (size_t i = 0; i < count; i++)
            nothing = nothing && after[i] == tips[i].seq;
        free(after);
        cp_free(r->mem, tips);
    }
    return nothing;
}

static void check_all(struct world *w, struct machine *m, const struct machine *of, const struct cp_heard *h)
{
    if (m->now.damaged.count > 0 || !needs_nothing(w, m, h))
        return;
    for (size_t i = 0; i < w->log.count && !world_failed(w); i++)
        if (ref_set_has(&m->now.held, i) && !ever_had(w, of, i))
            world_fail(w, "%s believes that %s has everything, and it never had entry %zu", m->name, of->name,
                       i);
}

void carried_check_heard(struct world *w, struct machine *m, const uint8_t *pile)
{
    struct cp_node node;
    if (world_failed(w) || world_off(m) || sim_disk_crashed(m->disk) || m->liar) /* who poses as others tells itself lies */
        return;
    carried_node(m, &node);
    for (size_t i = 0; i < w->machines_count && world_holds_plan(w, m) && !world_failed(w); i++) {
        const struct machine *of = &w->machines[i];
        struct cp_heard h;
        if (of->liar || memcmp(of->curve, m->curve, CP_KEY_LEN) == 0)
            continue;
        if (cp_heard_get(&node, pile == NULL ? w->plan : pile, of->curve, &h) == CP_OK) {
            world_count(w, SIM_COUNT_HEARD);
            check_tips(w, m, of, &h);
            if (pile == NULL && !world_failed(w))
                check_all(w, m, of, &h);
        }
        cp_heard_clear(&h);
    }
}

/* ---- Steps ---- */

void world_carried_step(struct world *w, struct machine *m)
{
    const struct sim_weather *a = &w->weather;
    if (w->carried == NULL || world_failed(w) || world_off(m))
        return;
    uint64_t before = other_dice(w, w->step);
    size_t at = w->at;
    if (world_chance(w, 150) && world_chance(w, a->crash + a->power + a->io))
        world_doom(w, m);
    if (world_chance(w, a->sticks))
        stick_step(w, m);
    if (!world_failed(w) && !world_off(m) && world_chance(w, a->carriers))
        carrier_step(w, m);
    (void)world_turn(w, at);
    w->dice = before;
}

bool world_carried_joins(const struct world *w)
{
    return w->carried != NULL && w->carried->unplugged;
}

void world_carried_join(struct world *w, struct machine *by, struct machine *m, struct cp_bytes join)
{
    size_t at = w->at;
    stick_join(w, &w->carried->sticks[0].files[0], by, m, join);
    (void)world_turn(w, at);
}

bool world_carried_meet(struct world *w, struct machine *a, struct machine *b)
{
    struct stick_file *f = NULL;
    if (w->carried == NULL || !w->carried->unplugged)
        return false;
    f = &w->carried->sticks[0].files[0];
    size_t at = w->at;
    if (stick_write(w, f, a, false) && !world_failed(w))
        (void)stick_read(w, f, b);
    (void)world_turn(w, at);
    return true;
}
