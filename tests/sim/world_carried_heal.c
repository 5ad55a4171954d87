/*
 * All heals without anybody meeting: by one stick that goes round, by a folder on it, or by carriers alone.
 * Must not: help a machine to what the daemon's own code would not bring it.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world_carried.h"

#define ROUNDS_MAX 6U

static bool equal(struct world *w, const size_t *order, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct ref_set *a = &w->machines[order[i - 1]].now.held, *b = &w->machines[order[i]].now.held;
        if (a->count != b->count || !ref_set_includes(a, b))
            return false;
    }
    return true;
}

/*
 * Each reads what lies there, and puts what it holds in its place. Whoever cannot read it, since its writer has not heard of them,
 * leaves it there and puts a file of their own beside it. all: everything is written, whatever is believed of others.
 * Where a copy of a home would always come after that home, of which it reads nothing, every other round goes the other way.
 */
static void round_of_sticks(struct world *w, const size_t *order, size_t count, bool folder, bool all)
{
    struct stick *s = &w->carried->sticks[0];
    bool copies = memcmp(w->machines[order[0]].curve, w->machines[order[count - 1]].curve, CP_KEY_LEN) == 0;
    bool back = copies && w->carried->rounds++ % 2 == 1;
    for (size_t i = 0; i < count && !world_failed(w); i++) {
        size_t at = order[back ? count - 1 - i : i];
        struct machine *m = &w->machines[at];
        bool first = !s->files[0].there, own = folder && count <= STICK_FILES_MAX;
        size_t mine = own ? i : 0;
        for (size_t k = 0; k < STICK_FILES_MAX && !world_failed(w); k++)
            if (s->files[k].there && s->files[k].cargo.writer != at && stick_read(w, &s->files[k], m))
                first = first || k == 0;
        while (!first && !own && mine + 1 < STICK_FILES_MAX && s->files[mine].there && s->files[mine].cargo.writer != at)
            mine++;
        if (!world_failed(w))
            (void)stick_write(w, &s->files[mine], m, all);
    }
}

static void round_of_carriers(struct world *w, const size_t *order, size_t count)
{
    for (size_t i = 0; i < count && !world_failed(w); i++) {
        struct machine *m = &w->machines[order[i]];
        for (size_t k = 0; k < w->carried->carriers_count; k++)
            carrier_tickets(w, &w->carried->carriers[k], m);
        carrier_visit(w, &m, 1);
    }
}

/* Carriers tell no lies any more; what they lost stays lost. */
void world_carried_heal(struct world *w, const size_t *order, size_t count)
{
    struct carried *c = w->carried;
    bool by_carrier = c->carriers_count > 0 && world_chance(w, 500), folder = world_chance(w, 300);
    unsigned rounds = 0;
    if (count < 2 || (!c->unplugged && !world_chance(w, 150)))
        return;
    for (size_t k = 0; k < STICK_FILES_MAX; k++)
        stick_file_clear(&c->sticks[0].files[k]);
    world_say(w, "healed: %s",
              by_carrier ? "carriers alone"
              : folder   ? "a folder on a stick"
                         : "a stick goes round");
    for (; rounds < ROUNDS_MAX && !equal(w, order, count) && !world_failed(w); rounds++) {
        world_count(w, SIM_COUNT_APART_ROUNDS);
        if (by_carrier)
            round_of_carriers(w, order, count);
        else
            round_of_sticks(w, order, count, folder, false);
        world_say(w, "healed: after round %u", rounds + 1);
    }
    /* Two secrets that were made apart have no pile in common where nobody ever brought the ticket of before. */
    bool apart = by_carrier && !world_failed(w) && carrier_piles_apart(w, &c->carriers[0], order, count);
    for (unsigned i = 0; i < 2 && apart && !equal(w, order, count) && !world_failed(w); i++)
        round_of_sticks(w, order, count, false, false);
    /* Where homes were set back or copied, others go on believing what was true of them: then everything is sent. */
    for (unsigned i = 0; i < 2 && carried_any_set_back(w) && !equal(w, order, count) && !world_failed(w); i++)
        round_of_sticks(w, order, count, false, true);
    for (size_t i = 0; i < count && !equal(w, order, count); i++)
        world_say(w, "%s holds %zu entries of plan %zu", w->machines[order[i]].name,
                  w->machines[order[i]].now.held.count, w->at + 1);
    if (!world_failed(w) && !equal(w, order, count))
        world_fail(w, "healed by %s for %u rounds, and they are not equal",
                   by_carrier ? "carriers" : "sticks", rounds);
    for (size_t k = 0; k < c->carriers_count && !world_failed(w); k++)
        carrier_check(w, &c->carriers[k]);
}
