/*
 * copland: the daemon of one home. Owns: arguments, becoming a daemon, exit statuses. Must not: do the work.
 *
 *   copland --home DIR [--carrier] [--listen HOST:PORT] [--foreground]
 *
 * Started without --foreground it returns when its socket answers: 0, or 3 with one line on stderr that begins
 * "copland: CODE". 2: used wrongly.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "daemon/backup.h"
#include "daemon/carrier.h"
#include "daemon/carry.h"
#include "daemon/control.h"
#include "daemon/finder.h"
#include "daemon/held.h"
#include "daemon/home.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/memory.h"
#include "daemon/store.h"

enum {
    EXIT_USAGE = 2,
    EXIT_NOT_NOW = 3
};

static const char usage[] = "usage: copland --home DIR [--carrier] [--listen HOST:PORT] [--foreground]\n"
                            "       copland --version | --help\n";
static const char help[] =
    "\n"
    "The daemon of one coplan home: it keeps the plan, and meets other devices.\n"
    "coplan starts it when it is needed; nobody has to start it by hand.\n"
    "\n"
    "  --home DIR          the home; made when it is not there\n"
    "  --carrier           keep sealed files for others who hold a ticket, and nothing else (coplan carry list);\n"
    "                      a home that was a carrier once stays one\n"
    "  --listen HOST:PORT  open a port for other devices while unlocked; port 0 picks one\n"
    "  --foreground        stay in the foreground\n"
    "\n"
    "It ends cleanly on SIGTERM or SIGINT and on `coplan daemon stop`; kill -9 loses nothing.\n";

struct options {
    const char *home;
    const char *listen;
    bool carrier;
    bool foreground;
};

/* The exit status, or -1 to go on. */
static int read_arguments(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"home", required_argument, NULL, 'd'}, {"listen", required_argument, NULL, 'l'},
        {"foreground", no_argument, NULL, 'f'}, {"version", no_argument, NULL, 'v'},
        {"carrier", no_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
    };
    int c = 0;
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (c == 'd')
            o->home = optarg;
        else if (c == 'l')
            o->listen = optarg;
        else if (c == 'f')
            o->foreground = true;
        else if (c == 'c')
            o->carrier = true;
        else if (c == 'v' || c == 'h') {
            if (c == 'v')
                puts("copland " COPLAN_VERSION);
            else
                printf("%s%s", usage, help);
            return 0;
        } else {
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    if (optind != argc || o->home == NULL || o->home[0] == '\0' ||
        (o->listen != NULL && !cp_endpoint_ok(o->listen))) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return -1;
}

/* ---- Becoming a daemon ---- */

/* What the process that started us must not keep open through us. */
static void close_inherited(void)
{
    for (int fd = 3; fd < 1024; fd++)
        (void)close(fd);
}

/* Waits for the daemon's word: its exit status, or EXIT_NOT_NOW when it died without one. */
static int await_child(int from, pid_t child)
{
    unsigned char status = EXIT_NOT_NOW;
    ssize_t n = 0;
    do
        n = read(from, &status, 1);
    while (n < 0 && errno == EINTR);
    if (n != 1) {
        fputs("copland: io_error: it ended before it answered\n", stderr);
        status = EXIT_NOT_NOW;
    }
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* In the daemon: returns the descriptor on which to say how the start went. In the starter: exits. */
static int go_behind(void)
{
    int ends[2];
    close_inherited();
    if (pipe(ends) != 0) {
        fputs("copland: io_error: no pipe\n", stderr);
        exit(EXIT_NOT_NOW);
    }
    pid_t first = fork();
    if (first < 0) {
        fputs("copland: io_error: no process\n", stderr);
        exit(EXIT_NOT_NOW);
    }
    if (first > 0) {
        (void)close(ends[1]);
        exit(await_child(ends[0], first));
    }
    (void)close(ends[0]);
    (void)setsid();
    pid_t second = fork(); /* not the session's leader: it never gets a terminal again */
    if (second != 0)
        _exit(second < 0 ? EXIT_NOT_NOW : 0);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return ends[1];
}

/* Lets go of the starter's terminal or pipes. What a library says before it aborts goes to the log file. */
static void tell_starter(const struct cp_node *node, int fd, int status)
{
    unsigned char byte = (unsigned char)status;
    char path[1088];
    cp_home_path(node, "log", path, sizeof path);
    int nowhere = open("/dev/null", O_RDWR);
    int log = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    for (int i = 0; i < 3 && nowhere >= 0; i++)
        (void)dup2(i == 2 && log >= 0 ? log : nowhere, i);
    if (nowhere > 2)
        (void)close(nowhere);
    if (log > 2)
        (void)close(log);
    ssize_t n = write(fd, &byte, 1);
    (void)n; /* a starter that is gone needs no word */
    (void)close(fd);
}

/* No core files, no debugger of the same user, nothing readable by others. What libraries free is overwritten where
 * the C library can do that: libzmq has every message in a plain buffer while it encrypts. */
static void harden(void)
{
    struct rlimit none = {0, 0};
    (void)mallopt(M_PERTURB, 0xa5);
    (void)umask(077);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/*
 * The C library keeps small blocks that were given back in a cache of each thread, and these are not overwritten: after a
 * lock, beginnings of messages stood in libzmq's (tests/e2e/hunt.sh looks). The cache can be turned off only from outside, so
 * we begin once more. Where that cannot be, it stays.
 */
static void without_cache(char **argv)
{
    static const char off[] = "glibc.malloc.tcache_count=0";
    char all[1024];
    const char *tunables = getenv("GLIBC_TUNABLES");
    if (tunables != NULL && strstr(tunables, off) != NULL)
        return;
    int len = snprintf(all, sizeof all, "%s%s%s", tunables == NULL ? "" : tunables, tunables == NULL ? "" : ":", off);
    if (len < 0 || (size_t)len >= sizeof all || setenv("GLIBC_TUNABLES", all, 1) != 0)
        return;
    (void)execv("/proc/self/exe", argv);
}

/* ---- Running ---- */

/* Says what went wrong in the starter's stderr; returns the exit status. */
static int failed(enum cp_err err, const char *what)
{
    fprintf(stderr, "copland: %s: %s\n", cp_err_word(err), what);
    cp_log(CP_LOG_ERROR, "not_started", "code=%s", cp_err_word(err));
    return err == CP_ERR_USAGE ? EXIT_USAGE : EXIT_NOT_NOW;
}

static int start_carrier(struct cp_node *node)
{
    enum cp_err err = cp_carrier_open(node);
    if (err == CP_ERR_HOME_EXISTS)
        return failed(err, "this is a person's home; a carrier needs one of its own");
    if (err == CP_ERR_PORT_TAKEN)
        return failed(err, "the port cannot be opened");
    if (err == CP_ERR_DAMAGED_KEY || err == CP_ERR_NEWER_HOME)
        return failed(err, "the carrier's file cannot be read");
    if (err == CP_OK)
        err = cp_control_new(&node->control, node, cp_carrier_dispatch);
    return err == CP_OK ? 0 : failed(err, "the carrier does not start");
}

/* Everything that must work before the socket answers. Returns 0 or an exit status. */
static int start(struct cp_node *node, const struct options *o, const char *place, int *signal_fd)
{
    char path[1088];

    cp_store_one_thread();
    if (sodium_init() < 0)
        return failed(CP_ERR_NO_MEMORY, "libsodium does not start");
    enum cp_err err = cp_held_take(node, place);
    if (err == CP_ERR_BUSY)
        return failed(err, "another copland has this home");
    if (err != CP_OK)
        return failed(err, "the home cannot be written to");
    cp_home_path(node, "log", path, sizeof path);
    cp_log_open(path);
    err = cp_loop_signals(signal_fd);
    if (err == CP_OK)
        err = cp_helper_new(&node->helper);
    if (err != CP_OK)
        return failed(err, "signals or the helper thread");
    if (o->listen != NULL)
        (void)snprintf(node->listen, sizeof node->listen, "%s", o->listen);
    if (o->carrier || cp_carrier_is(node->home))
        return start_carrier(node);
    err = cp_meet_open(node);
    if (err != CP_OK)
        return failed(err, "libzmq 4.3.3 or newer with CURVE is needed");
    if (cp_finder_open(node) != CP_OK)
        return failed(CP_ERR_NO_MEMORY, "no memory");
    cp_place_drop(node); /* of a restore that was cut off before it counted */
    cp_carry_sweep(node);
    err = cp_home_open(node); /* a home that is missing or in trouble is told by the commands */
    bool wants_port = err == CP_OK && o->listen != NULL && !cp_keeper_locked(node->keeper);
    if (wants_port && node->bound[0] == '\0')
        return failed(CP_ERR_PORT_TAKEN, "the port cannot be opened");
    err = cp_control_new(&node->control, node, cp_control_dispatch);
    return err == CP_OK ? 0 : failed(err, "the control socket cannot be made");
}

static void finish(struct cp_node *node)
{
    if (node->net != NULL)
        cp_node_part(node);
    cp_helper_free(node->helper); /* before the requests that its jobs are for */
    cp_control_free(node->control);
    cp_carrier_close(node);
    cp_meet_close(node);
    cp_finder_close(node);
    cp_home_close(node);
    cp_log_close();
}

int main(int argc, char **argv)
{
    static struct cp_node node;
    struct options o = {0};
    char place[sizeof node.home];
    int starter = -1, signal_fd = -1;

    node.mem = cp_memory();
    int status = read_arguments(argc, argv, &o);
    if (status >= 0)
        return status;
    without_cache(argv);
    harden();
    enum cp_err err = cp_home_folder(o.home, place, sizeof place);
    if (err != CP_OK)
        return failed(err, "this folder cannot be a home");
    if (!o.foreground)
        starter = go_behind();
    memcpy(node.home, ".", sizeof "."); /* which it goes into: no other folder is kept busy */
    status = start(&node, &o, place, &signal_fd);
    if (starter >= 0)
        tell_starter(&node, starter, status);
    if (status == 0) {
        cp_log(CP_LOG_INFO, "started", "version=%s", COPLAN_VERSION);
        err = cp_loop_run(&node, signal_fd);
        cp_log(err == CP_OK ? CP_LOG_INFO : CP_LOG_ERROR, "stopped", "code=%s", cp_err_word(err));
        status = err == CP_OK ? 0 : EXIT_NOT_NOW;
    }
    finish(&node);
    return status;
}
