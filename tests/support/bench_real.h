/*
 * Real daemons and real commands, for the figures that the programs themselves must show.
 * Owns: starting them in folders of their own, and stopping them again. Must not: look inside them.
 */
#ifndef CP_BENCH_REAL_H
#define CP_BENCH_REAL_H

#include <jansson.h>
#include <stdbool.h>

/* The folder with coplan and copland. */
void real_programs(const char *folder);
/* Runs coplan --home HOME --json ARGS and returns what it printed (the caller's); ends the program when the exit
 * status is not 0. args is one shell-quoted text. */
json_t *real_run(const char *home, const char *args);
/* A text or number of the answer's top, or of its first row; "" and -1 when there is none. */
const char *real_text(const json_t *answer, const char *key);
double real_number(const json_t *answer, const char *key);
/* init without passphrase, and the daemon with an open port. */
void real_home(const char *home, const char *name);
void real_serve(const char *home, char *address, size_t len, long *pid);
/* Stops the daemon and waits until it has ended. */
void real_stop(const char *home, long pid);

#endif
