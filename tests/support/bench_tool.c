/* Clocks, medians, the table. See bench_tool.h. */
#include "tests/support/bench_tool.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void bench_die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

void bench_must(enum cp_err err, const char *what)
{
    if (err != CP_OK)
        bench_die(what, cp_err_word(err));
}

static void *resize(void *ctx, void *old, size_t len)
{
    (void)ctx;
    if (len == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, len);
}
const struct cp_mem bench_mem = {resize, NULL};

static double clock_us(clockid_t which)
{
    struct timespec t;
    (void)clock_gettime(which, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double bench_wall_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

double bench_cpu_us(void)
{
    return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

static int cmp(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, cmp);
    return values[count / 2];
}

/* The number behind NAME in a file of lines "NAME: number"; -1 when there is none. */
static double line_of(const char *path, const char *name)
{
    char line[256];
    double value = -1;
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return -1;
    while (fgets(line, sizeof line, f) != NULL) {
        size_t len = strlen(name);
        if (strncmp(line, name, len) == 0 && line[len] == ':')
            value = strtod(line + len + 1, NULL);
    }
    (void)fclose(f);
    return value;
}

double bench_status(long pid, const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%ld/status", pid == 0 ? (long)getpid() : pid);
    return line_of(path, name);
}

static double cpu_of(const char *task)
{
    char path[192], line[128];
    double us = 0;
    (void)snprintf(path, sizeof path, "%.150s/schedstat", task);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return 0;
    if (fgets(line, sizeof line, f) != NULL)
        us = strtod(line, NULL) / 1e3;
    (void)fclose(f);
    return us;
}

static double sleeps_of(const char *task)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%.150s/status", task);
    return line_of(path, "voluntary_ctxt_switches");
}

static double sum_of_threads(long pid, double (*of)(const char *task))
{
    char path[64];
    double total = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/task", pid);
    DIR *d = opendir(path);
    if (d == NULL)
        return 0;
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char task[128];
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(task, sizeof task, "%s/%.20s", path, e->d_name);
        total += of(task);
    }
    (void)closedir(d);
    return total;
}

double bench_pid_cpu_us(long pid)
{
    return sum_of_threads(pid, cpu_of);
}

double bench_pid_sleeps(long pid)
{
    return sum_of_threads(pid, sleeps_of);
}

/* ---- The table ---- */

#define ROWS_MAX   128
#define NUMBER_MAX 330 /* the widest double there is, printed in full */
static struct bench_row rows[ROWS_MAX];
static size_t rows_count;

void bench_section(const char *title)
{
    (void)printf("\n%s\n", title);
    (void)fflush(stdout);
}

/* 12345.6 as "12,346", small numbers with as many places as they need. */
static const char *number(double v, char *out, size_t len)
{
    if (v < 0 || v >= 1e15) {
        (void)snprintf(out, len, "%.4g", v);
    } else if (v < 10) {
        (void)snprintf(out, len, "%.2f", v);
    } else if (v < 1000) {
        (void)snprintf(out, len, "%.1f", v);
    } else {
        char digits[NUMBER_MAX];
        (void)snprintf(digits, sizeof digits, "%.0f", v);
        size_t n = strlen(digits), at = 0;
        for (size_t i = 0; i < n && at + 2 < len; i++) {
            out[at++] = digits[i];
            if ((n - i - 1) % 3 == 0 && i + 1 < n)
                out[at++] = ',';
        }
        out[at] = '\0';
    }
    return out;
}

static bool reached(const struct bench_row *r)
{
    double v = r->compare_ratio ? r->value / r->limit : r->value;
    return r->aim == BENCH_AT_MOST ? v <= r->aim_value : v >= r->aim_value;
}

void bench_add(const struct bench_row *r)
{
    char a[NUMBER_MAX], b[NUMBER_MAX], c[NUMBER_MAX];
    if (rows_count == ROWS_MAX)
        bench_die("table", "too many rows");
    rows[rows_count++] = *r;
    (void)printf("  %-58s %11s %-12s", r->what, number(r->value, a, sizeof a), r->unit);
    if (r->limit_what != NULL)
        (void)printf(" %-34s %11s  x%-7.2f", r->limit_what, number(r->limit, b, sizeof b),
                     r->value / r->limit);
    else
        (void)printf(" %-34s %11s  %-8s", "", "", "");
    if (r->aim != BENCH_NO_AIM)
        (void)printf(" aim %s%s or %s: %s", r->compare_ratio ? "x" : "", number(r->aim_value, c, sizeof c),
                     r->aim == BENCH_AT_MOST ? "less" : "more", reached(r) ? "reached" : "NOT REACHED");
    (void)printf("\n");
    (void)fflush(stdout);
}

bool bench_finish(const char *json_path)
{
    size_t count = rows_count;
    rows_count = 0;
    if (json_path == NULL)
        return true;
    FILE *f = fopen(json_path, "w");
    if (f == NULL)
        return false;
    (void)fprintf(f, "[");
    for (size_t i = 0; i < count; i++) {
        const struct bench_row *r = &rows[i];
        (void)fprintf(f, "%s\n  {\"key\": \"%s\", \"what\": \"%s\", \"value\": %.6g, \"unit\": \"%s\"",
                      i ? "," : "", r->key, r->what, r->value, r->unit);
        if (r->limit_what != NULL)
            (void)fprintf(f, ", \"limit_what\": \"%s\", \"limit\": %.6g, \"ratio\": %.4g", r->limit_what,
                          r->limit, r->value / r->limit);
        if (r->aim != BENCH_NO_AIM)
            (void)fprintf(f, ", \"aim\": %.6g, \"aim_is\": \"%s %s\", \"reached\": %s", r->aim_value,
                          r->compare_ratio ? "ratio" : "value",
                          r->aim == BENCH_AT_MOST ? "at most" : "at least", reached(r) ? "true" : "false");
        (void)fprintf(f, "}");
    }
    (void)fprintf(f, "\n]\n");
    return fclose(f) == 0;
}
