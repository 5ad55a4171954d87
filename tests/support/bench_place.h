/*
 * The place where a benchmark works: a folder of its own that is gone at the end, and the daemons it started there.
 * Owns: that folder, those daemons. Must not: measure.
 */
#ifndef CP_BENCH_PLACE_H
#define CP_BENCH_PLACE_H

#include <stddef.h>

/* Finds the programs beside this one (BUILD/tests/bench/NAME), makes the folder and takes care that both it and the
 * daemons go when the program ends. Ends the program when one of these cannot be. */
void place_open(const char *name);
/* The path of this program, and the folder with coplan and copland. */
const char *place_self(void);
const char *place_programs(void);
/* A path in the folder; good for the next seven calls. */
const char *place_at(const char *name);
/* Removes what is there of this name. */
void place_forget(const char *name);
/* The daemon of a home, started and stopped; i below 16 tells it from the others. */
void place_serve(const char *home, size_t i, char address[static 256]);
void place_stop(const char *home, size_t i);
long place_pid(size_t i);
/* Time on a processor of all of them, in microseconds. */
double place_cpu_us(void);

#endif
