/* Freezing and answering. */
#include "tests/sim/world.h"

void world_agree_step(struct world *w, struct machine *m)
{
    world_people_step(w, m);
}
