/* The log file. Owns: HOME/log. Must not: fail its caller. One thread. */
#include "daemon/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *const level_words[] = {"error", "warn", "info", "debug"};

static struct {
    char path[1088];
    int fd;
    long size;
    enum cp_log_level level;
} the_log = {.fd = -1, .level = CP_LOG_INFO};

static void open_file(void)
{
    struct stat st;
    the_log.fd =
        open(the_log.path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    the_log.size = the_log.fd >= 0 && fstat(the_log.fd, &st) == 0 ? (long)st.st_size : 0;
}

void cp_log_open(const char *path)
{
    const char *word = getenv("COPLAN_LOG");
    cp_log_close();
    for (unsigned i = 0; word != NULL && i < sizeof level_words / sizeof level_words[0]; i++)
        if (strcmp(word, level_words[i]) == 0)
            the_log.level = (enum cp_log_level)i;
    if (path[0] == '\0' || strlen(path) >= sizeof the_log.path)
        return;
    memcpy(the_log.path, path, strlen(path) + 1);
    open_file();
}

void cp_log_close(void)
{
    if (the_log.fd >= 0)
        (void)close(the_log.fd);
    the_log.fd = -1;
}

static void turn_over(void)
{
    char old[sizeof the_log.path + 4];
    (void)snprintf(old, sizeof old, "%s.old", the_log.path);
    cp_log_close();
    (void)rename(the_log.path, old);
    open_file();
}

/* "2026-11-21T20:17:39.123Z info event "; the length. */
static size_t write_head(char *line, size_t size, enum cp_log_level level, const char *event)
{
    struct timespec now;
    struct tm tm;
    char day[32];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &tm) == NULL || strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        day[0] = '\0';
    int n = snprintf(line, size, "%s.%03ldZ %s %s ", day, now.tv_nsec / 1000000, level_words[level], event);
    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

void cp_log(enum cp_log_level level, const char *event, const char *format, ...)
{
    char line[512];
    va_list args;
    if (the_log.fd < 0 || level > the_log.level)
        return;
    size_t len = write_head(line, sizeof line - 1, level, event);
    va_start(args, format);
    int n = vsnprintf(line + len, sizeof line - 1 - len, format, args);
    va_end(args);
    if (n > 0)
        len += (size_t)n < sizeof line - 1 - len ? (size_t)n : sizeof line - 2 - len;
    /* One event is one line, whatever a value holds. */
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < 0x20)
            line[i] = ' ';
    line[len++] = '\n';
    ssize_t wrote = write(the_log.fd, line, len);
    if (wrote > 0)
        the_log.size += (long)wrote;
    if (the_log.size > CP_LOG_BYTES_MAX)
        turn_over();
}

const char *cp_log_id(const uint8_t *id, char out[static 9])
{
    for (unsigned i = 0; i < 4; i++)
        (void)snprintf(out + 2 * (size_t)i, 3, "%02x", id[i]);
    return out;
}
