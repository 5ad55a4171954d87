/* The log file: one line an event, nothing beyond its level, never larger than it may be. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"

static char folder[64], path[80], old[84];

static void setup(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/coplan-log-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/log", folder);
    (void)snprintf(old, sizeof old, "%s.old", path);
    (void)unsetenv("COPLAN_LOG");
}

static void teardown(void)
{
    cp_log_close();
    (void)unlink(path);
    (void)unlink(old);
    (void)rmdir(folder);
}

TestSuite(log, .init = setup, .fini = teardown);

static size_t slurp(char *out, size_t size)
{
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    size_t n = fread(out, 1, size - 1, f);
    out[n] = '\0';
    fclose(f);
    return n;
}

static size_t lines(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

Test(log, one_line_an_event_whatever_a_value_holds)
{
    char text[4096], longer[2048], id[9];
    const uint8_t bytes[32] = {0x1a, 0x2b, 0x3c, 0x4d, 0x5e};
    struct stat st;
    cp_log_open(path);
    cp_log(CP_LOG_INFO, "stored", "plan=%s entries=%d", cp_log_id(bytes, id), 12);
    cp_log(CP_LOG_WARN, "odd", "value=%s", "a\nb\r\tc\x1b[31m");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    cp_log(CP_LOG_ERROR, "long", "value=%s", longer);
    cp_log(CP_LOG_DEBUG, "hidden", "secret=%d", 1);
    (void)slurp(text, sizeof text);
    cr_assert_eq(lines(text), 3);
    cr_assert_not_null(strstr(text, " info stored plan=1a2b3c4d entries=12\n"));
    cr_assert_null(strchr(text, '\x1b'));
    cr_assert_null(strstr(text, "hidden"));
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
}

Test(log, level_by_environment)
{
    char text[4096];
    cr_assert_eq(setenv("COPLAN_LOG", "error", 1), 0);
    cp_log_open(path);
    cp_log(CP_LOG_WARN, "quiet", "a=%d", 1);
    cp_log(CP_LOG_ERROR, "loud", "a=%d", 1);
    (void)slurp(text, sizeof text);
    cr_assert_eq(lines(text), 1);
}

Test(log, turns_over_and_survives_a_place_that_cannot_be_written)
{
    struct stat st;
    char many[400];
    memset(many, 'x', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    cp_log_open(path);
    for (long written = 0; written < CP_LOG_BYTES_MAX + 4096; written += 400)
        cp_log(CP_LOG_INFO, "much", "v=%s", many);
    cr_assert_eq(stat(old, &st), 0);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_lt(st.st_size, CP_LOG_BYTES_MAX / 2);
    cp_log_open("/nowhere/at/all/log");
    cp_log(CP_LOG_ERROR, "lost", "a=%d", 1);
    cp_log_open("");
    cp_log(CP_LOG_ERROR, "lost", "a=%d", 1);
}
