/*
 * What SQLite alone does with the same bytes: bare prepared statements, the same tables, the same settings.
 * Owns: the yardstick. Must not: use the store.
 */
#ifndef CP_BENCH_PLAIN_H
#define CP_BENCH_PLAIN_H

#include <stddef.h>
#include <stdint.h>

/* Copies every row of the database `from` into memory, then inserts them all into a new database at `to` with the
 * same schema, `slices` transactions, each an equal part of every table. Returns microseconds of the inserting, and
 * those on a processor. */
double plain_copy(const char *from, const char *to, size_t slices, double *cpu_us);
/* Microseconds of one commit of one row of `len` bytes: median of `count`. */
double plain_commit_us(const char *path, size_t len, size_t count);
/* Pages in use times page size, after the WAL was put back. */
uint64_t plain_bytes(const char *path);
/* Microseconds to open and read the first row. */
double plain_open_us(const char *path);

#endif
