/*
 * Who is met and who is not any more, as daemon/meet*.c has it: people who left, devices reported lost.
 * Must not: know what a session says.
 */
#include <string.h>

#include "tests/sim/world.h"

bool world_speaks(struct machine *m, const uint8_t *plan, const uint8_t *curve)
{
    const struct cp_replica *r = cp_store_replica(m->store);
    uint8_t(*plans)[CP_ID_LEN] = NULL;
    size_t count = 0;
    bool yes = false;
    if (m->store == NULL || r->plans(r->ctx, curve, &plans, &count) != CP_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        yes = yes || memcmp(plans[i], plan, CP_ID_LEN) == 0;
    cp_free(r->mem, plans);
    return yes;
}

/* By the model: nobody of that machine is in, for whoever holds what m holds; trusted: it may be one of which m has not heard. */
bool world_bars(struct world *w, const struct machine *m, const struct machine *other, bool trusted)
{
    bool known = false;
    if (!world_holds_plan(w, m) || world_in_by(w, other, &m->now.held))
        return false;
    for (size_t i = 0; i < w->people_count && !known; i++)
        known = memcmp(w->people[i].who.curve, other->curve, CP_KEY_LEN) == 0 &&
                ref_admitted(&w->log, &m->now.held, w->people[i].who.device);
    return known || !trusted;
}

/* Does this machine know that the other is in no plan that it is met for any more? */
static bool parts(struct world *w, const struct meeting *l, int side)
{
    struct machine *m = &w->machines[l->end[side].machine], *other = &w->machines[l->end[1 - side].machine];
    bool stays = false, in = false, exchanged = false;
    if (m->store == NULL || m->locked || m->liar || l->door != CP_DOOR_MEMBER || l->end[side].trust != NULL)
        return false;
    for (size_t i = 0; i < w->plans_count; i++) {
        const struct cp_members *members = NULL;
        exchanged = exchanged || l->end[side].reported[i];
        if (cp_store_members(m->store, i == w->at ? w->plan : w->plans[i].plan, &members) != CP_OK)
            continue;
        for (size_t k = 0; k < members->count; k++)
            if (memcmp(members->devices[k].curve_key, other->curve, CP_KEY_LEN) == 0) {
                stays = stays || cp_member_may_stay(&members->devices[k]);
                in = in || cp_member_is_in(&members->devices[k]);
            }
    }
    return !stays || (exchanged && !in);
}

void world_part(struct world *w)
{
    if (!w->control_came || w->storing != NULL)
        return;
    w->control_came = false;
    for (size_t i = 0; i < WORLD_LINKS_MAX; i++) {
        struct meeting *l = &w->links[i];
        if (!l->open || (!parts(w, l, 0) && !parts(w, l, 1)))
            continue;
        world_count(w, SIM_COUNT_PARTED);
        world_say(w, "the session of %s and %s ends: one of them is in no longer",
                  w->machines[l->end[0].machine].name, w->machines[l->end[1].machine].name);
        world_link_close(w, l);
    }
}

/* Have all people of this machine left the plan? Then it was the last of it from here (daemon/meet_session.c). */
void world_told(struct world *w, struct machine *m)
{
    const struct cp_members *members = NULL;
    size_t were = 0, left = 0;
    bool waits = true;
    if (m->liar || cp_store_members(m->store, w->plan, &members) != CP_OK)
        return;
    for (size_t i = 0; i < m->people_count; i++) {
        const struct cp_member_device *d = cp_members_find(members, w->people[m->people[i]].who.device);
        were += d != NULL ? 1 : 0;
        left += d != NULL && d->left ? 1 : 0;
    }
    if (were > 0 && left == were && cp_store_waits(m->store, w->plan, &waits) == CP_OK && !waits)
        world_excuse(w, m, cp_store_hush(m->store, w->plan, true), "falling silent");
}

/* Does m's own log say that this machine was one of ours and is not any more? It is not called then, and proves nothing. */
bool world_went(struct world *w, struct machine *m, const uint8_t *curve)
{
    const struct cp_members *members = NULL;
    bool known = false;
    if (!world_holds_plan(w, m) || cp_store_members(m->store, w->plan, &members) != CP_OK)
        return false;
    for (size_t i = 0; i < members->count; i++) {
        if (memcmp(members->devices[i].curve_key, curve, CP_KEY_LEN) != 0)
            continue;
        known = true;
        if (cp_member_is_in(&members->devices[i]))
            return false;
    }
    return known;
}

static void refresh_one(struct world *w, struct machine *m)
{
    const struct cp_members *members = NULL;
    for (size_t i = 0; i < m->people_count; i++) {
        struct person *p = &w->people[m->people[i]];
        if (p->machine != world_index(w, m))
            continue;
        p->in = false;
        if (!world_holds_plan(w, m))
            continue;
        if (cp_store_members(m->store, w->plan, &members) != CP_OK)
            return;
        const struct cp_member_device *d = cp_members_find(members, p->who.device);
        p->in = d != NULL && cp_member_speaks(d);
    }
}

/* Who is in by now, as far as their machine knows. */
void world_refresh(struct world *w, struct machine *m)
{
    size_t before = w->at;
    for (size_t i = 0; i < w->plans_count; i++) {
        (void)world_turn(w, i);
        refresh_one(w, m);
    }
    (void)world_turn(w, before);
}
