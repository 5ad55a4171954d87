/*
 * What the benchmark shares: clocks, medians, the one table and its JSON.
 * Owns: how a figure is printed beside its limit. Must not: measure anything itself.
 */
#ifndef CP_BENCH_TOOL_H
#define CP_BENCH_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/bytes.h"

/* Ends the program: a benchmark that could not measure says so and shows no figures. */
_Noreturn void bench_die(const char *what, const char *why);
void bench_must(enum cp_err err, const char *what);

extern const struct cp_mem bench_mem; /* malloc */

double bench_wall_us(void);
double bench_cpu_us(void);                         /* this process, all threads */
double bench_median(double *values, size_t count); /* sorts them */
/* "VmRSS" and the like of /proc/PID/status, in KiB or as counted; 0 pid: this process. -1 when there is none. */
double bench_status(long pid, const char *name);
/* How often the threads of a process went to sleep of their own accord, all together. */
double bench_pid_sleeps(long pid);
/* Time on a processor of all threads of a process, in microseconds. */
double bench_pid_cpu_us(long pid);

enum bench_aim {
    BENCH_NO_AIM,
    BENCH_AT_MOST,
    BENCH_AT_LEAST
};
struct bench_row {
    const char *key;  /* for JSON: "sync_10000" */
    const char *what; /* for people */
    double value;
    const char *unit;
    const char *limit_what; /* NULL: no limit was measured for it */
    double limit;
    bool compare_ratio; /* the aim is on value / limit; else on value */
    enum bench_aim aim;
    double aim_value;
};
void bench_section(const char *title);
void bench_add(const struct bench_row *row);
/* Writes the rows as JSON to a file (NULL: nowhere) and forgets them. False: could not be written. */
bool bench_finish(const char *json_path);

#endif
