/*
 * The control socket and its connections. Owns: descriptors, buffers, time limits. Must not: wait.
 */
#include "daemon/control_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/log.h"
#include "proto/socketpath.h"

enum {
    HEAD_LEN = 4,
    READ_STEP = 65536,
    BACKLOG = 64
};

/* ---- Opening ---- */

/* HOME/socket, ours alone, as a descriptor. */
static enum cp_err open_folder(const char *home, int *fd)
{
    char path[1088];
    struct stat st;
    if (!cp_socket_folder(home, path, sizeof path))
        return CP_ERR_TOO_BIG;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return CP_ERR_IO;
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0)
        return CP_ERR_IO;
    if (fchmod(*fd, 0700) == 0 && fstat(*fd, &st) == 0 && st.st_uid == geteuid() &&
        (st.st_mode & 0777) == 0700)
        return CP_OK;
    (void)close(*fd);
    *fd = -1;
    return CP_ERR_IO;
}

static bool set_flags(int fd)
{
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

static enum cp_err open_socket(struct cp_control_socket *c)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    _Static_assert(sizeof address.sun_path >= CP_SOCKET_PATH_MAX, "room for the address");
    if (!cp_socket_address(c->node->home, c->folder_fd, address.sun_path))
        return CP_ERR_TOO_BIG;
    (void)unlinkat(c->folder_fd, "control", 0); /* stale: we hold the home's lock */
    c->listen_fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (c->listen_fd < 0 || !set_flags(c->listen_fd))
        return CP_ERR_IO;
    if (bind(c->listen_fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return CP_ERR_IO;
    return listen(c->listen_fd, BACKLOG) == 0 ? CP_OK : CP_ERR_IO;
}

enum cp_err cp_control_new(struct cp_control_socket **out, struct cp_node *node, cp_control_serve *serve)
{
    *out = NULL;
    struct cp_control_socket *c = calloc(1, sizeof *c);
    if (c == NULL)
        return CP_ERR_NO_MEMORY;
    c->node = node;
    c->serve = serve;
    c->folder_fd = -1;
    c->listen_fd = -1;
    enum cp_err err = open_folder(node->home, &c->folder_fd);
    if (err == CP_OK)
        err = open_socket(c);
    if (err != CP_OK) {
        cp_control_free(c);
        return err;
    }
    *out = c;
    return CP_OK;
}

void cp_control_stop(struct cp_control_socket *c)
{
    if (c->listen_fd < 0)
        return;
    (void)close(c->listen_fd);
    c->listen_fd = -1;
    (void)unlinkat(c->folder_fd, "control", 0);
}

/* ---- Connections ---- */

static void connection_free(struct cp_connection *c)
{
    if (c->fd >= 0)
        (void)close(c->fd);
    if (c->request != NULL) {
        sodium_memzero(c->request, sizeof *c->request);
        free(c->request);
    }
    sodium_free(c->in);
    if (c->out.ptr != NULL)
        sodium_memzero(c->out.ptr, c->out.len); /* a recovery sheet may be in it */
    cp_buf_clear(&c->out);
    free(c);
}

void cp_control_free(struct cp_control_socket *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->count; i++)
        connection_free(c->list[i]);
    cp_control_stop(c);
    if (c->folder_fd >= 0)
        (void)close(c->folder_fd);
    free(c);
}

void cp_connection_answered(struct cp_connection *c)
{
    sodium_memzero(c->request, sizeof *c->request);
    free(c->request);
    c->request = NULL;
    c->state = CP_CONNECTION_ENDING;
    sodium_free(c->in); /* borrowed by the request until now */
    c->in = NULL;
    cp_connection_flush(c);
}

/* Nobody is there any more. A handler that has the request keeps it. */
static void hang_up(struct cp_connection *c)
{
    if (c->fd >= 0)
        (void)close(c->fd);
    c->fd = -1;
    c->out_at = 0;
    if (c->out.ptr != NULL)
        sodium_memzero(c->out.ptr, c->out.len);
    cp_buf_clear(&c->out);
    if (c->state == CP_CONNECTION_READING)
        c->state = CP_CONNECTION_ENDING;
}

void cp_connection_flush(struct cp_connection *c)
{
    while (c->fd >= 0 && c->out_at < c->out.len) {
        ssize_t n = send(c->fd, c->out.ptr + c->out_at, c->out.len - c->out_at, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            hang_up(c);
            return;
        }
        c->out_at += (size_t)n;
        c->since_ms = c->control->now_ms;
    }
    if (c->out_at != 0 && c->out_at == c->out.len) {
        cp_buf_reset(&c->out);
        c->out_at = 0;
    }
}

/* Linux's struct ucred, whose declaration needs _GNU_SOURCE. */
struct peer_credentials {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

static bool is_own_user(int fd)
{
    struct peer_credentials peer = {.uid = (uid_t)-1};
    socklen_t len = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && len == sizeof peer &&
           peer.uid == geteuid();
}

static void accept_one(struct cp_control_socket *control)
{
    int fd = accept(control->listen_fd, NULL, NULL);
    if (fd < 0)
        return; /* gone again, or no descriptor left: the backlog keeps the others */
    struct cp_connection *c = is_own_user(fd) && set_flags(fd) ? calloc(1, sizeof *c) : NULL;
    if (c == NULL) {
        cp_log(CP_LOG_WARN, "turned_away", "what=control");
        (void)close(fd);
        return;
    }
    c->control = control;
    c->fd = fd;
    c->since_ms = control->now_ms;
    cp_buf_init(&c->out, control->node->mem, CP_CONTROL_OUT_MAX);
    control->list[control->count++] = c;
}

/* Room for more of the request: as much as has arrived again, never as much as was announced. */
static bool grow_in(struct cp_connection *c, size_t need)
{
    if (need <= c->in_cap)
        return true;
    size_t cap = c->in_cap * 2 > READ_STEP ? c->in_cap * 2 : READ_STEP;
    if (cap < need)
        cap = need;
    uint8_t *in = sodium_malloc(cap);
    if (in == NULL)
        return false;
    if (c->in_len > 0)
        memcpy(in, c->in, c->in_len);
    sodium_free(c->in);
    c->in = in;
    c->in_cap = cap;
    return true;
}

/* The frame's announced length, once its four bytes are here. */
static size_t frame_len(const struct cp_connection *c)
{
    return (size_t)c->in[0] << 24 | (size_t)c->in[1] << 16 | (size_t)c->in[2] << 8 | c->in[3];
}

/* Once the request is here, nothing more should come; the end of the stream means that nobody waits any more. */
static void read_after(struct cp_connection *c)
{
    uint8_t more[256];
    ssize_t n = recv(c->fd, more, sizeof more, 0);
    if (n >= 0 || (errno != EAGAIN && errno != EINTR))
        hang_up(c);
}

static void read_request(struct cp_connection *c)
{
    if (!grow_in(c, c->in_len + 1)) {
        hang_up(c);
        return;
    }
    ssize_t n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        hang_up(c);
        return;
    }
    c->in_len += (size_t)n;
    if (c->in_len < HEAD_LEN)
        return;
    size_t len = frame_len(c);
    /* Too long is judged at once; the request then sees an empty frame and says so. */
    if (len > CP_API_MESSAGE_MAX)
        cp_connection_request(c, CP_BYTES(NULL, 0));
    else if (c->in_len >= HEAD_LEN + len)
        cp_connection_request(c, CP_BYTES(c->in + HEAD_LEN, c->in_len - HEAD_LEN));
}

/* ---- For the loop ---- */

static void sweep(struct cp_control_socket *control)
{
    size_t kept = 0;
    for (size_t i = 0; i < control->count; i++) {
        struct cp_connection *c = control->list[i];
        bool out_left = c->fd >= 0 && c->out_at < c->out.len;
        if (c->state == CP_CONNECTION_ENDING && !out_left)
            connection_free(c);
        else
            control->list[kept++] = c;
    }
    control->count = kept;
}

size_t cp_control_fds(struct cp_control_socket *control, struct cp_wait_fd *fds, size_t max)
{
    size_t n = 0;
    sweep(control);
    if (control->listen_fd >= 0 && control->count < CP_CONNECTIONS_MAX && n < max)
        fds[n++] = (struct cp_wait_fd){.fd = control->listen_fd};
    for (size_t i = 0; i < control->count && n < max; i++) {
        const struct cp_connection *c = control->list[i];
        if (c->fd >= 0)
            fds[n++] = (struct cp_wait_fd){.fd = c->fd, .want_write = c->out_at < c->out.len};
    }
    return n;
}

static struct cp_connection *find(struct cp_control_socket *control, int fd)
{
    for (size_t i = 0; i < control->count; i++)
        if (control->list[i]->fd == fd)
            return control->list[i];
    return NULL;
}

void cp_control_ready(struct cp_control_socket *control, const struct cp_wait_fd *fds, size_t count,
                      uint64_t now_ms)
{
    control->now_ms = now_ms;
    for (size_t i = 0; i < count; i++) {
        if (!fds[i].readable && !fds[i].writable)
            continue;
        if (fds[i].fd == control->listen_fd) {
            if (control->count < CP_CONNECTIONS_MAX)
                accept_one(control);
            continue;
        }
        struct cp_connection *c = find(control, fds[i].fd);
        if (c == NULL)
            continue;
        if (fds[i].writable)
            cp_connection_flush(c);
        if (fds[i].readable && c->fd >= 0 && c->state == CP_CONNECTION_READING)
            read_request(c);
        else if (fds[i].readable && c->fd >= 0)
            read_after(c);
    }
}

/* UINT64_MAX while a handler works and nothing waits to go out. */
static uint64_t deadline_of(const struct cp_connection *c)
{
    if (c->fd < 0)
        return UINT64_MAX;
    if (c->state == CP_CONNECTION_READING)
        return c->since_ms + CP_CONTROL_READ_MS;
    return c->out_at < c->out.len ? c->since_ms + CP_CONTROL_WRITE_MS : UINT64_MAX;
}

uint64_t cp_control_deadline_ms(const struct cp_control_socket *control)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < control->count; i++) {
        uint64_t at = deadline_of(control->list[i]);
        first = at < first ? at : first;
    }
    return first;
}

void cp_control_tick(struct cp_control_socket *control, uint64_t now_ms)
{
    control->now_ms = now_ms;
    for (size_t i = 0; i < control->count; i++)
        if (deadline_of(control->list[i]) <= now_ms)
            hang_up(control->list[i]);
    sweep(control);
}

bool cp_control_reading(const struct cp_control_socket *control)
{
    for (size_t i = 0; i < control->count; i++)
        if (control->list[i]->fd >= 0 && control->list[i]->state == CP_CONNECTION_READING)
            return true;
    return false;
}

bool cp_control_busy(const struct cp_control_socket *control)
{
    for (size_t i = 0; i < control->count; i++) {
        const struct cp_connection *c = control->list[i];
        if (c->fd >= 0 && c->out_at < c->out.len)
            return true;
    }
    return false;
}
