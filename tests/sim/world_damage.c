/*
 * Words that go bad on a disk, are found by the scrub or by a meeting, and come home from others.
 * Owns: which bodies are bad. Must not: touch what an entry rests on, its header's columns.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

/* Whoever left an old plan alone fetches and gives nothing of it. */
static bool speaks_of_it(struct world *w, const struct machine *m)
{
    bool hushed = true;
    return m->store != NULL && cp_store_hushed(m->store, w->plan, &hushed) == CP_OK && !hushed;
}

/* An honest machine other than this one that can read the entry. whole: and everything else that it holds, since one
 * that misses words itself hands over only what came before them. */
static struct machine *who_has(struct world *w, const struct machine *m, size_t entry, bool whole)
{
    size_t start = world_roll(w, w->machines_count);
    for (size_t i = 0; i < w->machines_count; i++) {
        struct machine *o = &w->machines[(start + i) % w->machines_count];
        if (!o->liar && memcmp(o->curve, m->curve, CP_KEY_LEN) != 0 && ref_set_has(&o->now.held, entry) &&
            !ref_set_has(&o->now.damaged, entry) &&
            (!whole || (o->now.damaged.count == 0 && speaks_of_it(w, o) && speaks_of_it(w, m) && world_in_by(w, o, &m->now.held) && world_in_by(w, m, &o->now.held))))
            return o;
    }
    return NULL;
}

static uint64_t wanted(struct machine *m, const uint8_t *plan)
{
    const struct cp_replica *r = cp_store_replica(m->store);
    uint64_t count = 0;
    return r->wanted(r->ctx, plan, &count) == CP_OK ? count : 0;
}

void world_damage(struct world *w, struct machine *m)
{
    char sql[360], hex[2 * CP_ID_LEN + 1], plan[2 * CP_ID_LEN + 1];
    if (world_off(m) || m->doomed || m->full || !world_holds_plan(w, m))
        return;
    size_t at = world_roll(w, w->log.count);
    const struct ref_entry *e = &w->log.entries[at];
    if (!ref_set_has(&m->now.held, at) || ref_set_has(&m->now.damaged, at) || e->class != CP_CONTENT ||
        who_has(w, m, at, false) == NULL)
        return;
    cp_hex_encode(e->id, CP_ID_LEN, hex);
    cp_hex_encode(w->plan, CP_ID_LEN, plan);
    (void)snprintf(sql, sizeof sql, "UPDATE entry SET body = zeroblob(length(body)) WHERE id = x'%s' AND chain IN "
                   "(SELECT num FROM chain WHERE plan = (SELECT num FROM plan WHERE id = x'%s'))", hex, plan);
    if (sqlite3_exec(m->store->db, sql, NULL, NULL, NULL) != SQLITE_OK || sqlite3_changes(m->store->db) != 1)
        abort();
    ref_set_add(&m->now.damaged, at);
    for (size_t i = 0; i < WORLD_LINKS_MAX; i++)
        for (int k = 0; k < 2; k++)
            if (w->links[i].open && w->links[i].end[k].machine == world_index(w, m))
                w->links[i].damaged = true;
    world_count(w, SIM_COUNT_DAMAGED);
    world_say(w, "%s: entry %zu goes bad on the disk", m->name, at);
}

void world_scrub(struct world *w, struct machine *m)
{
    size_t found = 0;
    if (world_off(m) || m->doomed || m->full)
        return;
    for (unsigned times = 0; times < 2; times++) { /* it goes on where it stopped; twice is all round */
        size_t damaged = 0;
        world_excuse(w, m, cp_store_scrub(m->store, 1000000, &damaged), "looking for damage");
        found = damaged > found ? damaged : found;
    }
    if (found > 0)
        world_say(w, "%s finds %zu damaged entries", m->name, found);
    if (found != world_damaged(w, m))
        world_fail(w, "%s finds %zu damaged entries of %zu", m->name, found, world_damaged(w, m));
    else if (found > 0 && world_holds_plan(w, m) && wanted(m, w->plan) != m->now.damaged.count)
        world_fail(w, "%s wants %llu entries and %zu are damaged", m->name,
                   (unsigned long long)wanted(m, w->plan), m->now.damaged.count);
    else
        w->result->counts[SIM_COUNT_WANTED] += found;
}

void world_damage_look(struct world *w, struct machine *m)
{
    for (size_t i = 0; i < w->log.count && m->now.damaged.count > 0; i++) {
        struct cp_loaded l;
        if (!ref_set_has(&m->now.damaged, i) || cp_store_entry(m->store, w->plan, w->log.entries[i].id, &l) != CP_OK)
            continue;
        if (l.info[0].frame.ptr != NULL) {
            ref_set_remove(&m->now.damaged, i);
            world_count(w, SIM_COUNT_HOME);
            world_say(w, "%s: entry %zu is whole again", m->name, i);
        }
        cp_loaded_clear(&l);
    }
}

void world_damage_heal(struct world *w, struct machine *m)
{
    if (m->liar || m->store == NULL || m->now.damaged.count == 0)
        return;
    world_scrub(w, m);
    for (size_t i = 0; i < w->log.count && !world_failed(w); i++) {
        if (!ref_set_has(&m->now.damaged, i))
            continue;
        struct machine *o = who_has(w, m, i, true);
        if (o == NULL) {
            m->beyond = true;
            continue;
        }
        world_say(w, "healed: %s fetches what is damaged from %s", m->name, o->name);
        (void)world_meet(w, world_index(w, m), world_index(w, o), NULL);
        if (!world_in_by(w, o, &m->now.held) || !world_in_by(w, m, &o->now.held))
            continue; /* they heard of that in this very meeting, which it ended: the next round asks somebody else */
        if (!world_failed(w) && ref_set_has(&m->now.damaged, i) && !m->beyond)
            world_fail(w, "%s met %s, which has what it wants, and entry %zu is still damaged", m->name, o->name, i);
    }
}

bool world_damage_touches(const struct world *w, const struct machine *m, const uint8_t *record)
{
    for (size_t i = 0; i < w->log.count && m->now.damaged.count > 0; i++)
        if (ref_set_has(&m->now.damaged, i) &&
            (w->log.entries[i].target == NULL || memcmp(w->log.entries[i].target, record, CP_ID_LEN) == 0))
            return true;
    return false;
}
