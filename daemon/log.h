/*
 * The log file of a home: one line an event, key=value, four levels.
 * Owns: HOME/log and its size. Must not: hold words, names, keys, addresses or whole ids at the default level
 * (ids are cut to 8 hex digits by cp_log_id), or ever fail its caller.
 *
 *   2026-11-21T20:17:39.123Z info stored plan=1a2b3c4d entries=12
 */
#ifndef CP_LOG_H
#define CP_LOG_H

#include <stdint.h>

enum cp_log_level {
    CP_LOG_ERROR,
    CP_LOG_WARN,
    CP_LOG_INFO,
    CP_LOG_DEBUG
};

#define CP_LOG_BYTES_MAX (1024L * 1024) /* then it becomes log.old, and the one before is gone */

/* Appends to PATH from here on; "" or a file that cannot be opened: nowhere. COPLAN_LOG=error|warn|info|debug
 * sets the level (info when unset). Call again after a fork that closed descriptors. */
void cp_log_open(const char *path);
void cp_log_close(void);
/* event: one word. format gives "key=value key=value", or "" for none. */
void cp_log(enum cp_log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The first 8 hex digits of an id; out is returned. */
const char *cp_log_id(const uint8_t *id, char out[static 9]);

#endif
