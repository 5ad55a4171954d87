/*
 * simulate: long runs of the simulator, and the replay of one seed.
 *
 *   simulate SEEDS [FROM] [--machines N] [--at-least N] [--steps N] [--calm] [--plant WHAT]
 *   simulate --seed N [the same]     one seed, told in words; when it fails, shortened
 *   simulate --large ENTRIES [--machines N] [--seed N] [--folder PATH] [--line]   one large town until all are equal
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/store.h"
#include "tests/sim/sim.h"

static int usage(void)
{
    (void)fprintf(stderr, "usage: simulate SEEDS [FROM] | simulate --seed N   [--machines N] [--at-least N] [--steps N] [--calm]"
                          " [--plant WHAT] [--quiet]\n"
                          "       simulate --large ENTRIES [--machines N] [--seed N] [--folder PATH] [--line]\n");
    return 2;
}

static bool number(const char *text, uint64_t *out)
{
    char *end = NULL;
    *out = strtoull(text, &end, 10);
    return end != text && *end == '\0';
}

struct arguments {
    struct sim_options opt;
    uint64_t seeds, from;
    bool one, quiet, line;
    uint64_t large; /* entries; 0: no large town */
    const char *folder;
};

static bool read_word(struct arguments *a, const char *word, const char *next, bool *used)
{
    uint64_t n = 0;
    *used = true;
    if (strcmp(word, "--plant") == 0 && next != NULL) {
        for (int p = 0; p < SIM_PLANTS; p++)
            if (strcmp(next, sim_plant_words[p]) == 0) {
                a->opt.plant = (enum sim_plant)p;
                return true;
            }
        return false;
    }
    if (strcmp(word, "--folder") == 0 && next != NULL) {
        a->folder = next;
        return true;
    }
    if (strcmp(word, "--large") == 0)
        return next != NULL && number(next, &a->large) && a->large > 0;
    if (next != NULL && number(next, &n)) {
        size_t *at = strcmp(word, "--machines") == 0   ? &a->opt.machines
                     : strcmp(word, "--at-least") == 0 ? &a->opt.machines_min
                     : strcmp(word, "--steps") == 0    ? &a->opt.steps
                                                       : NULL;
        if (at != NULL) {
            *at = (size_t)n;
            return true;
        }
        if (strcmp(word, "--seed") == 0) {
            a->one = true;
            a->from = n;
            return true;
        }
    }
    *used = false;
    if (strcmp(word, "--calm") == 0)
        a->opt.calm = true;
    else if (strcmp(word, "--line") == 0)
        a->line = true;
    else if (strcmp(word, "--quiet") == 0)
        a->quiet = true;
    else if (a->seeds == 0)
        return number(word, &a->seeds);
    else
        return number(word, &a->from);
    return true;
}

static void tell_failure(const struct sim_options *opt, const struct sim_result *r)
{
    (void)printf("seed %llu FAILED at step %zu of %zu: %s\n", (unsigned long long)opt->seed, r->failed_step, r->steps,
                 r->why);
    (void)printf("replay: build/release/tests/simulate --seed %llu", (unsigned long long)opt->seed);
    if (opt->machines != 0)
        (void)printf(" --machines %zu", opt->machines);
    if (opt->machines_min != 0)
        (void)printf(" --at-least %zu", opt->machines_min);
    if (opt->steps != 0)
        (void)printf(" --steps %zu", opt->steps);
    (void)printf("%s", opt->calm ? " --calm" : "");
    if (opt->plant != SIM_PLANT_NONE)
        (void)printf(" --plant %s", sim_plant_words[opt->plant]);
    (void)printf("\n");
    (void)fflush(stdout);
}

static int run_one(struct arguments *a)
{
    struct sim_result r;
    a->opt.seed = a->from;
    a->opt.trace = a->quiet ? NULL : stdout;
    if (sim_run(&a->opt, &r)) {
        (void)printf("seed %llu: nothing wrong; %zu machines, %zu steps, %zu entries, digest %016llx\n",
                     (unsigned long long)a->from, r.machines, r.steps, r.entries, (unsigned long long)r.digest);
        return 0;
    }
    tell_failure(&a->opt, &r);
    a->opt.trace = NULL;
    sim_shrink(&a->opt, stdout);
    return 1;
}

static int run_many(struct arguments *a)
{
    static uint64_t totals[SIM_COUNTS];
    struct sim_result r;
    uint64_t failed = 0, machines = 0;
    size_t memory = 0;
    clock_t begin = clock();
    for (uint64_t i = 0; i < a->seeds; i++) {
        a->opt.seed = a->from + i;
        bool good = sim_run(&a->opt, &r);
        machines += r.machines;
        memory = r.session_memory > memory ? r.session_memory : memory;
        for (int c = 0; c < SIM_COUNTS; c++)
            totals[c] += r.counts[c];
        if (good)
            continue;
        tell_failure(&a->opt, &r);
        if (++failed == 20)
            break;
    }
    for (int c = 0; c < SIM_COUNTS; c++)
        (void)printf("%12llu  %s\n", (unsigned long long)totals[c], sim_count_words[c]);
    (void)printf("%12llu  machines\n", (unsigned long long)machines);
    (void)printf("most memory of one session: %zu bytes\n", memory);
    (void)printf("seeds %llu to %llu, %.1f seconds: %llu failed\n", (unsigned long long)a->from,
                 (unsigned long long)a->opt.seed, (double)(clock() - begin) / CLOCKS_PER_SEC,
                 (unsigned long long)failed);
    return failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct arguments a = {.from = 1};
    for (int i = 1; i < argc; i++) {
        bool used = false;
        if (!read_word(&a, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used))
            return usage();
        i += used ? 1 : 0;
    }
    if (!a.one && a.seeds == 0 && a.large == 0)
        return usage();
    cp_store_one_thread();
    if (a.large > 0) {
        a.opt.seed = a.from;
        return sim_run_large(&a.opt, (size_t)a.large, a.folder, a.line, stdout) ? 0 : 1;
    }
    return a.one ? run_one(&a) : run_many(&a);
}
