/* Holding a home. See held.h. Owns: the lock's descriptor and the watch on it. Must not: know what is in a home. */
#include "daemon/held.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK "lock"

struct cp_held {
    char place[sizeof((struct cp_node *)NULL)->home];
    int lock_fd;
    int watch_fd;
};

/* Closed with the process: the lock is to outlive all that the daemon still writes. */
static struct cp_held the_home = {.lock_fd = -1, .watch_fd = -1};

static enum cp_err lock(struct cp_held *h)
{
    h->lock_fd = open(LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (h->lock_fd < 0)
        return errno == ENOSPC ? CP_ERR_DISK_FULL : CP_ERR_IO;
    while (flock(h->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        enum cp_err err = errno == EWOULDBLOCK ? CP_ERR_BUSY : CP_ERR_IO;
        (void)close(h->lock_fd);
        h->lock_fd = -1;
        return err;
    }
    return CP_OK;
}

/* The folder itself being moved, and the lock losing its name: nothing that goes on in a home wakes us by this. */
static void watch(struct cp_held *h)
{
    h->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (h->watch_fd < 0)
        return;
    if (inotify_add_watch(h->watch_fd, ".", IN_MOVE_SELF | IN_DELETE_SELF) >= 0 &&
        inotify_add_watch(h->watch_fd, LOCK, IN_MOVE_SELF | IN_ATTRIB) >= 0)
        return;
    (void)close(h->watch_fd);
    h->watch_fd = -1;
}

enum cp_err cp_held_take(struct cp_node *node, const char *place)
{
    struct cp_held *h = &the_home;
    if (strlen(place) >= sizeof h->place || chdir(place) != 0)
        return CP_ERR_IO;
    enum cp_err err = lock(h);
    if (err != CP_OK)
        return err;
    memcpy(h->place, place, strlen(place) + 1);
    watch(h);
    node->held = h;
    return CP_OK;
}

bool cp_held_here(const struct cp_node *node)
{
    const struct cp_held *h = node->held;
    char path[sizeof h->place + sizeof LOCK + 1];
    struct stat ours, there;
    if (h == NULL)
        return true;
    (void)snprintf(path, sizeof path, "%s/" LOCK, h->place);
    if (lstat(path, &there) != 0)
        return errno != ENOENT && errno != ENOTDIR;
    return fstat(h->lock_fd, &ours) != 0 || (ours.st_ino == there.st_ino && ours.st_dev == there.st_dev);
}

const char *cp_held_place(const struct cp_node *node)
{
    return node->held == NULL ? node->home : node->held->place;
}

int cp_held_fd(const struct cp_node *node)
{
    return node->held == NULL ? -1 : node->held->watch_fd;
}

void cp_held_heard(const struct cp_node *node)
{
    char events[4096];
    while (read(cp_held_fd(node), events, sizeof events) > 0)
        continue;
}
