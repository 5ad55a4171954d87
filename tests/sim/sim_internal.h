/*
 * What the two ways to run a world share: sim.c tells a story in all weathers, sim_large.c a town that grows in peace.
 * Must not: be included outside tests/sim.
 */
#ifndef CP_TESTS_SIM_SIM_INTERNAL_H
#define CP_TESTS_SIM_SIM_INTERNAL_H

#include "tests/sim/world.h"

/* Makes the weather, machines and people, starts all, founds the plan. */
void sim_world_begin(struct world *w, const struct sim_options *opt, struct sim_result *result);
/* Stops all, sums up the digest, frees. */
void sim_world_end(struct world *w);
/* From here on the dice follow from the seed and this number. */
void sim_throw_dice(struct world *w, uint64_t step);

#endif
