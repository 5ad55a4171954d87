/*
 * Several plans in one world: the one that it looks at lies in w->plan, w->log and in each machine's `now`; turning to
 * another changes them over. Owns: that change. Must not: know what a plan says.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

size_t world_turn(struct world *w, size_t plan)
{
    size_t before = w->at;
    if (plan == before)
        return before;
    memcpy(w->plans[before].plan, w->plan, CP_ID_LEN);
    w->plans[before].log = w->log;
    for (size_t i = 0; i < w->machines_count; i++) {
        struct machine *m = &w->machines[i];
        m->others[before] = m->now;
        m->now = m->others[plan];
        memset(&m->others[plan], 0, sizeof m->others[plan]);
    }
    for (size_t i = 0; i < w->people_count; i++) {
        struct person *p = &w->people[i];
        p->in_others[before] = p->in;
        p->in = p->in_others[plan];
    }
    memcpy(w->plan, w->plans[plan].plan, CP_ID_LEN);
    w->log = w->plans[plan].log;
    w->at = plan;
    return before;
}

size_t world_plan_of(const struct world *w, const uint8_t *id)
{
    for (size_t i = 0; i < w->plans_count; i++)
        if (memcmp(i == w->at ? w->plan : w->plans[i].plan, id, CP_ID_LEN) == 0)
            return i;
    return WORLD_NOBODY;
}

size_t world_entries(const struct world *w)
{
    size_t sum = w->log.count;
    for (size_t i = 0; i < w->plans_count; i++)
        sum += i == w->at ? 0 : w->plans[i].log.count;
    return sum;
}

size_t world_damaged(const struct world *w, const struct machine *m)
{
    size_t sum = m->now.damaged.count;
    for (size_t i = 0; i < w->plans_count; i++)
        sum += i == w->at ? 0 : m->others[i].damaged.count;
    return sum;
}

/* ---- All that a machine holds ---- */

static struct holding *holding_of(struct machine *m, size_t i)
{
    return i == 0 ? &m->now : &m->others[i - 1];
}

void world_holdings_clear(struct machine *m)
{
    for (size_t i = 0; i <= WORLD_PLANS_MAX; i++) {
        struct holding *h = holding_of(m, i);
        ref_set_clear(&h->held);
        ref_set_clear(&h->maybe);
        ref_set_clear(&h->damaged);
        ref_set_clear(&h->backup_held);
        ref_set_clear(&h->ever);
    }
}

void world_holdings_copy(struct machine *to, const struct machine *from)
{
    for (size_t i = 0; i <= WORLD_PLANS_MAX; i++) {
        const struct holding *h = i == 0 ? &from->now : &from->others[i - 1];
        ref_set_copy(&holding_of(to, i)->held, &h->held);
        ref_set_copy(&holding_of(to, i)->maybe, &h->maybe);
        ref_set_copy(&holding_of(to, i)->ever, &h->ever);
    }
}

void world_holdings_back_up(struct machine *m)
{
    for (size_t i = 0; i <= WORLD_PLANS_MAX; i++)
        ref_set_copy(&holding_of(m, i)->backup_held, &holding_of(m, i)->held);
}

void world_holdings_restore(struct machine *m)
{
    for (size_t i = 0; i <= WORLD_PLANS_MAX; i++) {
        struct holding *h = holding_of(m, i);
        for (size_t at = 0; at < h->held.words * 64; at++)
            if (ref_set_has(&h->held, at))
                ref_set_add(&h->ever, at);
        ref_set_copy(&h->held, &h->backup_held);
        ref_set_clear(&h->maybe);
        ref_set_clear(&h->damaged); /* backups are made of whole disks */
    }
}
