/*
 * Members who lie. Must not: be believed.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

void world_liar_step(struct world *w, struct machine *m)
{
    world_people_step(w, m);
}

void world_forge(struct world *w, struct machine *liar, struct machine *to, struct message *m)
{
    (void)w;
    (void)liar;
    (void)to;
    (void)m;
}
