/*
 * A failing seed told as short as it gets: steps are left out as long as it still fails in the same way.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define RUNS_MAX 400U

/* The same sort of failure: the same words up to the first digit, name or id. */
static bool alike(const char *a, const char *b)
{
    static const char *const marks[] = {"lost entry",    "never took in", "in sync",    "shows", "refuses", "does not end",
                                        "does not start", "derived",       "rule R1",    "fails without", "not equal",
                                        "ends badly",    "digests",       "different pages", "otherwise", "somebody else's"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if ((strstr(a, marks[i]) != NULL) != (strstr(b, marks[i]) != NULL))
            return false;
    return true;
}

struct shrinking {
    struct sim_options opt;
    struct sim_result first;
    uint8_t *left_out;
    unsigned runs;
};

static bool still_fails(struct shrinking *s)
{
    struct sim_result r;
    s->runs++;
    return !sim_run(&s->opt, &r) && alike(r.why, s->first.why);
}

/* Leaves out runs of `len` steps where that does not help. */
static void leave_out(struct shrinking *s, size_t len, size_t steps)
{
    for (size_t from = 1; from <= steps && s->runs < RUNS_MAX; from += len) {
        uint8_t kept[4096];
        size_t n = from + len > steps + 1 ? steps + 1 - from : len;
        bool any = false;
        if (n > sizeof kept)
            n = sizeof kept;
        memcpy(kept, s->left_out + from, n);
        for (size_t i = 0; i < n; i++)
            any = any || kept[i] == 0;
        memset(s->left_out + from, 1, n);
        if (any && !still_fails(s))
            memcpy(s->left_out + from, kept, n);
    }
}

void sim_shrink(const struct sim_options *opt, FILE *out)
{
    struct shrinking s = {.opt = *opt};
    struct sim_result r;
    if (sim_run(opt, &s.first))
        return;
    size_t steps = s.first.steps;
    s.left_out = calloc(steps + 2, 1);
    if (s.left_out == NULL)
        return;
    s.opt.left_out = s.left_out;
    if (s.first.failed_step < steps)
        memset(s.left_out + s.first.failed_step + 1, 1, steps - s.first.failed_step);
    if (!still_fails(&s))
        memset(s.left_out, 0, steps + 2);
    for (size_t len = steps / 2; len > 0; len /= 2)
        leave_out(&s, len, steps);
    size_t left = 0;
    for (size_t i = 1; i <= steps; i++)
        left += s.left_out[i] == 0 ? 1 : 0;
    (void)fprintf(out, "-- shortened to %zu of %zu steps in %u runs:\n", left, steps, s.runs);
    s.opt.trace = out;
    (void)sim_run(&s.opt, &r);
    free(s.left_out);
}
