/*
 * The loop: waits for the network, the control socket, signals and the helper thread in one place.
 * Owns: the order in which things are done. Must not: know commands.
 */
#include "daemon/loop.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "daemon/carrier.h"
#include "daemon/carry.h"
#include "daemon/control.h"
#include "daemon/finder.h"
#include "daemon/held.h"
#include "daemon/log.h"
#include "daemon/seat.h"
#include "daemon/store_pieces.h"
#include "daemon/taken_back.h"
#include "daemon/work.h"

enum {
    FARE_MS = 2000,          /* for answers on their way when we stop */
    SCRUB_EVERY_MS = 600000, /* a quiet look for bit rot: 10,000 entries take most of a day */
    SCRUB_ENTRIES = 128,
    SCRUB_PIECES = 16,
    FDS_MAX = CP_CONNECTIONS_MAX + 4 + CP_FINDER_FDS_MAX
};

enum cp_err cp_loop_signals(int *fd)
{
    sigset_t set;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigemptyset(&ignore.sa_mask);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP); /* the terminal that started us went away */
    if (sigaction(SIGPIPE, &ignore, NULL) != 0 || pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return CP_ERR_IO;
    *fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return *fd < 0 ? CP_ERR_IO : CP_OK;
}

static void take_signals(struct cp_node *node, int fd)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo != SIGHUP && !node->stopping) {
            cp_log(CP_LOG_INFO, "stopping", "signal=%u", info.ssi_signo);
            node->stopping = true;
        }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int timeout_until(uint64_t deadline_ms, uint64_t now_ms)
{
    if (deadline_ms == UINT64_MAX)
        return -1;
    uint64_t left = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

/* Entries whose words no longer match become wanted and are fetched again at the next meeting. */
static void scrub(struct cp_node *node)
{
    size_t damaged = 0;
    if (node->store == NULL || cp_store_locked(node->store))
        return;
    enum cp_err err = cp_store_scrub(node->store, SCRUB_ENTRIES, &damaged);
    if (err != CP_OK || damaged > 0)
        cp_log(CP_LOG_WARN, "scrubbed", "damaged=%zu code=%s", damaged, cp_err_word(err));
    err = cp_store_pieces_scrub(node->store, SCRUB_PIECES, &damaged);
    if (err != CP_OK || damaged > 0)
        cp_log(CP_LOG_WARN, "scrubbed", "pieces=%zu code=%s", damaged, cp_err_word(err));
}

/* A home that is no longer at its place is nobody's to work in. A command that is on its way in is told (control_request.c). */
static void let_go(struct cp_node *node)
{
    if (node->stopping || cp_control_reading(node->control) || cp_held_here(node))
        return;
    cp_log(CP_LOG_ERROR, "stopping", "code=%s", cp_err_word(CP_ERR_HOME_MOVED));
    node->stopping = true;
}

/* Waits once and does what came. */
static enum cp_err turn(struct cp_node *node, int signal_fd, uint64_t deadline_ms)
{
    struct cp_wait_fd fds[FDS_MAX];
    fds[0] = (struct cp_wait_fd){.fd = signal_fd};
    fds[1] = (struct cp_wait_fd){.fd = cp_helper_fd(node->helper)};
    size_t own = 2;
    if (cp_held_fd(node) >= 0)
        fds[own++] = (struct cp_wait_fd){.fd = cp_held_fd(node)};
    size_t control = cp_control_fds(node->control, fds + own, CP_CONNECTIONS_MAX + 1);
    size_t finder = own + control, count = finder + cp_finder_fds(node, fds + finder, FDS_MAX - finder);
    deadline_ms = least(deadline_ms, cp_control_deadline_ms(node->control));
    deadline_ms = least(deadline_ms, cp_meet_deadline_ms(node));
    deadline_ms = least(deadline_ms, cp_seat_deadline_ms(node));
    deadline_ms = least(deadline_ms, cp_net_deadline_ms(node->net));
    deadline_ms = least(deadline_ms, cp_carrier_deadline_ms(node));
    deadline_ms = least(deadline_ms, cp_carry_deadline_ms(node));
    deadline_ms = least(deadline_ms, cp_finder_deadline_ms(node));
    deadline_ms = least(deadline_ms, cp_taken_back_deadline_ms(node));
    if (node->work != NULL)
        deadline_ms = 0;
    enum cp_err err = cp_net_wait(node->net, fds, count, timeout_until(deadline_ms, cp_node_monotonic_ms()));
    if (err != CP_OK)
        return err;
    uint64_t now_ms = cp_node_monotonic_ms();
    if (fds[0].readable)
        take_signals(node, signal_fd);
    if (fds[1].readable)
        cp_helper_collect(node->helper);
    if (own > 2 && fds[2].readable)
        cp_held_heard(node);
    cp_control_ready(node->control, fds + own, control, now_ms);
    cp_finder_ready(node, fds + finder, count - finder, now_ms);
    if (cp_control_deadline_ms(node->control) <= now_ms)
        cp_control_tick(node->control, now_ms);
    if (cp_meet_deadline_ms(node) <= now_ms)
        cp_meet_tick(node, now_ms);
    cp_seat_tick(node, now_ms);
    if (cp_net_deadline_ms(node->net) <= now_ms)
        cp_net_tick(node->net, now_ms);
    cp_carrier_tick(node, now_ms);
    cp_carry_tick(node, now_ms);
    if (cp_finder_deadline_ms(node) <= now_ms)
        cp_finder_tick(node, now_ms);
    cp_work_step(node);
    cp_taken_back_step(node);
    let_go(node);
    return CP_OK;
}

enum cp_err cp_loop_run(struct cp_node *node, int signal_fd)
{
    uint64_t scrub_ms = cp_node_monotonic_ms() + SCRUB_EVERY_MS;
    enum cp_err err = CP_OK;
    while (!node->stopping && err == CP_OK) {
        bool awake = node->store != NULL && !cp_store_locked(node->store);
        err = turn(node, signal_fd, awake ? scrub_ms : UINT64_MAX);
        if (cp_node_monotonic_ms() >= scrub_ms) {
            scrub(node);
            scrub_ms = cp_node_monotonic_ms() + SCRUB_EVERY_MS;
        }
    }
    /* Waiting commands are answered while there is still somebody to hand the answers over. */
    cp_control_stop(node->control);
    cp_finder_rest(node);
    cp_node_part(node);
    cp_work_stop(node, CP_ERR_INTERRUPTED);
    uint64_t end_ms = cp_node_monotonic_ms() + FARE_MS;
    while (err == CP_OK && cp_control_busy(node->control) && cp_node_monotonic_ms() < end_ms)
        err = turn(node, signal_fd, end_ms);
    return err;
}
