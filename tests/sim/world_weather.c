/*
 * What happens to machines: ends of processes and of power at any call to the disk, full disks, restored backups,
 * copied homes, partitions, chunks that come a second time. Must not: touch what people or sessions do.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

void world_doom(struct world *w, struct machine *m)
{
    const struct sim_weather *a = &w->weather;
    uint64_t which = world_roll(w, a->crash + a->power + a->io);
    struct sim_faults f = {.half = world_chance(w, 500)};
    if (world_off(m) || m->full || m->doomed)
        return;
    m->by_power = which >= a->crash && which < a->crash + a->power;
    if (which < a->crash + a->power) {
        f.crash_kind = world_chance(w, 700) ? SIM_WRITE : SIM_ANY;
        f.crash_at = 1 + world_roll(w, world_chance(w, 500) ? 12 : 120);
    } else {
        f.fail_kind = world_chance(w, 700) ? SIM_WRITE : SIM_ANY;
        f.fail_at = 1 + world_roll(w, 40);
    }
    sim_disk_faults(m->disk, &f);
    m->doomed = true;
}

/* A disk that is nearly full, and one that was and is not any more. */
static void fill(struct world *w, struct machine *m)
{
    struct sim_faults f = {.full = !m->full, .room = world_roll(w, 60000)};
    if (world_off(m) || m->doomed)
        return;
    m->full = !m->full;
    world_say(w, "%s: the disk is %s", m->name, m->full ? "nearly full" : "emptied again");
    sim_disk_faults(m->disk, &f);
}

/* What the marker beside a database does when it sees that this is a copy; the simulated disk has none. */
static void new_incarnation(struct world *w, struct machine *m)
{
    enum cp_err err = cp_store_begin(m->store);
    if (err == CP_OK)
        err = cp_store_new_incarnation(m->store);
    if (err == CP_OK)
        err = cp_store_commit(m->store);
    world_excuse(w, m, err, "beginning a new incarnation");
}

static void restore(struct world *w, struct machine *m)
{
    world_say(w, "%s comes back from a backup: %zu entries instead of %zu", m->name, m->now.backup_held.count,
              m->now.held.count);
    world_count(w, SIM_COUNT_RESTORED);
    world_links_of(w, m);
    sim_disk_restore(m->disk, m->backup);
    m->full = false;
    m->set_back = true;
    world_stop(w, m);
    world_holdings_restore(m);
    world_start(w, m);
    if (!world_failed(w) && world_chance(w, 600)) /* else the marker was restored with it */
        new_incarnation(w, m);
}

static void back_up(struct machine *m)
{
    sim_disk_free(m->backup);
    m->backup = sim_disk_clone(m->disk);
    world_holdings_back_up(m);
}

/* The home folder is copied to another machine, and both go on. */
static void copy_home(struct world *w, struct machine *m)
{
    if (w->machines_count == w->machines_cap || m->twin != WORLD_NOBODY || m->liar || world_damaged(w, m) > 0 ||
        !world_holds_plan(w, m))
        return;
    struct machine *c = &w->machines[w->machines_count];
    memset(c, 0, sizeof *c);
    c->number = m->number;
    c->disk = sim_disk_clone(m->disk);
    memcpy(c->curve, m->curve, CP_KEY_LEN);
    memcpy(c->people, m->people, sizeof c->people);
    c->people_count = m->people_count;
    c->side = world_chance(w, 500);
    c->twin = world_index(w, m);
    m->twin = w->machines_count++;
    (void)snprintf(c->name, sizeof c->name, "the copy of %.45s", m->name);
    world_holdings_copy(c, m);
    world_count(w, SIM_COUNT_COPIED);
    world_say(w, "the home of %s is copied, and both go on", m->name);
    world_start(w, c);
    if (!world_failed(w) && world_chance(w, 600))
        new_incarnation(w, c);
}

/* A chunk of an earlier meeting comes once more, perhaps to somebody who has not what it rests on. */
static void replay(struct world *w, struct machine *m)
{
    const struct message *kept = &w->kept[world_roll(w, sizeof w->kept / sizeof *w->kept)];
    size_t before = world_turn(w, w->kept_plan[kept - w->kept]);
    enum cp_err err = CP_ERR_NO_PLAN;
    if (kept->bytes != NULL && world_holds_plan(w, m))
        err = world_take(w, m, CP_BYTES(kept->bytes, kept->len), w->kept_depth[kept - w->kept], false, NULL);
    (void)world_turn(w, before);
    if (err == CP_ERR_NO_PLAN)
        return;
    world_count(w, err == CP_OK ? SIM_COUNT_REPLAYED : SIM_COUNT_REPLAY_REFUSED);
    world_say(w, "%s is handed an old chunk: %s", m->name, cp_err_word(err));
    if (err != CP_ERR_MISSING_PARENT && err != CP_ERR_NOT_ADMITTED && err != CP_ERR_WORDS_MISSING)
        world_excuse(w, m, err, "taking in an old chunk");
}

void world_weather_step(struct world *w)
{
    const struct sim_weather *a = &w->weather;
    struct machine *m = &w->machines[world_roll(w, w->machines_count)];
    if (world_off(m))
        return;
    if (world_chance(w, m->full ? 200 : a->full))
        fill(w, m);
    if (world_chance(w, a->damage)) {
        world_damage(w, m);
        if (world_chance(w, 400))
            world_scrub(w, m);
    }
    if (world_chance(w, a->scrub))
        world_scrub(w, m);
    if (!m->liar && !m->full && !world_failed(w) && world_chance(w, 3 * a->restore)) {
        if (m->backup == NULL || world_chance(w, 600)) {
            if (world_damaged(w, m) == 0)
                back_up(m);
        } else {
            restore(w, m);
        }
    }
    if (!world_failed(w) && world_chance(w, a->copy))
        copy_home(w, m);
    if (!world_failed(w) && world_chance(w, a->replay))
        replay(w, m);
    if (world_chance(w, a->apart)) {
        w->apart_until = w->step + 10 + world_roll(w, 60);
        world_say(w, "the two sides of the town do not meet for a while");
    }
    if (!world_failed(w) && !m->doomed && world_chance(w, a->lock))
        world_lock(w, m);
}
