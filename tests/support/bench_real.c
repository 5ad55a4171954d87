/* Real daemons. See bench_real.h. */
#include "tests/support/bench_real.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/support/bench_tool.h"

static char programs[1024] = ".";

void real_programs(const char *folder)
{
    (void)snprintf(programs, sizeof programs, "%s", folder);
}

json_t *real_run(const char *home, const char *args)
{
    char command[4096];
    json_error_t error;
    (void)snprintf(command, sizeof command, "'%s/coplan' --home '%s' --json %s </dev/null 2>/dev/null",
                   programs, home, args);
    FILE *f = popen(command, "r"); /* every word of it is ours */
    if (f == NULL)
        bench_die(command, "cannot be run");
    json_t *answer = json_loadf(f, JSON_DECODE_ANY, &error);
    int status = pclose(f);
    if (answer == NULL || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        char *said = answer == NULL ? NULL : json_dumps(answer, JSON_COMPACT);
        (void)fprintf(stderr, "bench: coplan %s\n", args);
        bench_die("it failed", said == NULL ? "no JSON" : said);
    }
    return answer;
}

static const json_t *member(const json_t *answer, const char *key)
{
    return json_object_get(json_is_array(answer) ? json_array_get(answer, 0) : answer, key);
}

const char *real_text(const json_t *answer, const char *key)
{
    const char *text = json_string_value(member(answer, key));
    return text == NULL ? "" : text;
}

double real_number(const json_t *answer, const char *key)
{
    const json_t *v = member(answer, key);
    return json_is_number(v) ? json_number_value(v) : -1;
}

void real_home(const char *home, const char *name)
{
    char args[256];
    (void)snprintf(args, sizeof args, "init --name '%s' --no-passphrase", name);
    json_decref(real_run(home, args));
}

void real_serve(const char *home, char *address, size_t len, long *pid)
{
    json_t *answer = real_run(home, "daemon start --listen 127.0.0.1:0");
    (void)snprintf(address, len, "%s", real_text(answer, "listen"));
    *pid = (long)real_number(answer, "pid");
    json_decref(answer);
    if (*pid <= 1 || address[0] == '\0')
        bench_die(home, "the daemon tells no number or address");
}

void real_stop(const char *home, long pid)
{
    json_decref(real_run(home, "daemon stop"));
    for (int i = 0; i < 1000 && kill((pid_t)pid, 0) == 0; i++)
        (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    if (kill((pid_t)pid, 0) == 0)
        bench_die(home, "the daemon does not end");
}
