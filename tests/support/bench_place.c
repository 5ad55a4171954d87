/* The place where a benchmark works: see bench_place.h. */
#include "tests/support/bench_place.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/bench_real.h"
#include "tests/support/bench_tool.h"

static char self[PATH_MAX], folder[PATH_MAX], place[64];
static long running[16];

const char *place_self(void)
{
    return self;
}

const char *place_programs(void)
{
    return folder;
}

const char *place_at(const char *name)
{
    static char paths[8][PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    (void)snprintf(path, PATH_MAX, "%s/%s", place, name);
    return path;
}

static bool removed(const char *name)
{
    char command[PATH_MAX + 32];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", place_at(name));
    return system(command) == 0; /* NOLINT(cert-env33-c) */
}

void place_forget(const char *name)
{
    if (!removed(name))
        bench_die(name, "cannot be removed");
}

/* Nothing here may end the program: it is ending. */
static void leave(void)
{
    for (size_t i = 0; i < sizeof running / sizeof *running; i++)
        if (running[i] > 1)
            (void)kill((pid_t)running[i], SIGTERM);
    if (!removed(""))
        (void)fprintf(stderr, "left: %s\n", place);
}

void place_open(const char *name)
{
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    const char *tmp = getenv("TMPDIR");
    if (len < 0)
        bench_die("itself", "is not found");
    self[len] = '\0';
    (void)snprintf(folder, sizeof folder, "%s", self);
    for (int i = 0; i < 3; i++)
        *strrchr(folder, '/') = '\0';
    real_programs(folder);
    (void)snprintf(place, sizeof place, "%.40s/%.14s.XXXXXX", tmp == NULL ? "/tmp" : tmp, name);
    if (mkdtemp(place) == NULL)
        bench_die(place, "cannot be made");
    (void)atexit(leave);
}

void place_serve(const char *home, size_t i, char address[static 256])
{
    real_serve(home, address, 256, &running[i]);
}

void place_stop(const char *home, size_t i)
{
    real_stop(home, running[i]);
    running[i] = 0;
}

long place_pid(size_t i)
{
    return running[i];
}

double place_cpu_us(void)
{
    double all = 0;
    for (size_t i = 0; i < sizeof running / sizeof *running; i++)
        if (running[i] > 1)
            all += bench_pid_cpu_us(running[i]);
    return all;
}
