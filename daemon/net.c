/* The network's life, its poll set and its peers. See net.h; the sockets themselves are in net_*.c. */
#include "daemon/memory.h"
#include "daemon/net_internal.h"

#include <assert.h>
#include <errno.h>
#include <sys/resource.h>
#include <zmq.h>

uint64_t cp_net_now_ms(void)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

/* How many connections may wait at the port, from how many files we may open. Without files libzmq's I/O thread
 * would spin on what it cannot accept. */
static size_t connections_allowed(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return CP_NET_CONNECTIONS_MAX;
    if (files.rlim_cur < CP_NET_FILES_WANTED) {
        rlim_t wanted = files.rlim_max < CP_NET_FILES_WANTED ? files.rlim_max : CP_NET_FILES_WANTED;
        struct rlimit more = {wanted, files.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &more) == 0)
            files.rlim_cur = wanted;
    }
    if (files.rlim_cur >= 4U * CP_NET_CONNECTIONS_MAX)
        return CP_NET_CONNECTIONS_MAX;
    return files.rlim_cur > 64 ? (size_t)files.rlim_cur / 4U : 8U;
}

enum cp_err cp_net_new(struct cp_net **out, const struct cp_net_events *events)
{
    int major = 0, minor = 0, patch = 0;
    zmq_version(&major, &minor, &patch);
    if (major * 10000 + minor * 100 + patch < 40303 || !zmq_has("curve"))
        return CP_ERR_USAGE;
    struct cp_net *n = calloc(1, sizeof *n);
    if (n == NULL)
        return CP_ERR_NO_MEMORY;
    n->events = *events;
    atomic_init(&n->outboxes, 0);
    n->connections_max = connections_allowed();
    n->context = zmq_ctx_new();
    if (n->context == NULL || cp_net_zap_open(n) != CP_OK) {
        cp_net_free(n);
        return CP_ERR_IO;
    }
    *out = n;
    return CP_OK;
}

struct cp_peer *cp_net_peer_new(struct cp_net *n, bool calling)
{
    struct cp_peer *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->net = n;
    p->calling = calling;
    p->deadline_ms = UINT64_MAX;
    p->useful_ms = cp_net_now_ms();
    p->next = n->peers;
    n->peers = p;
    return p;
}

static void outbox_release(struct cp_net_outbox *o);

static void sweep(struct cp_net *n)
{
    struct cp_peer **at = &n->peers;
    while (*at != NULL) {
        struct cp_peer *p = *at;
        if (!p->over) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        outbox_release(p->outbox);
        free(p);
    }
}

void cp_net_free(struct cp_net *n)
{
    if (n == NULL)
        return;
    for (struct cp_peer *p = n->peers; p != NULL; p = p->next) {
        if (p->calling && !p->over)
            cp_net_call_end(p);
        p->over = true;
    }
    sweep(n);
    cp_net_unlisten(n);
    if (n->zap != NULL)
        (void)zmq_close(n->zap);
    if (n->context != NULL)
        while (zmq_ctx_term(n->context) != 0 && zmq_errno() == EINTR)
            ;
    free(n->items);
    free(n);
}

void cp_peer_close(struct cp_peer *p)
{
    assert(!p->over);
    if (p->calling)
        cp_net_call_end(p);
    else
        cp_net_serve_end(p);
    p->over = true;
    if (p->net->depth == 0)
        sweep(p->net);
}

void cp_net_gone(struct cp_peer *p, enum cp_err why)
{
    if (p->over)
        return;
    p->why = why;
    if (p->calling)
        cp_net_call_end(p);
    p->over = true;
    p->net->depth++; /* the owner may end other peers meanwhile */
    p->net->events.gone(p->net->events.ctx, p, why);
    p->net->depth--;
}

/* ---- What is on its way out ---- */

static struct cp_net_outbox *outbox_of(struct cp_peer *p)
{
    if (p->outbox == NULL && (p->outbox = calloc(1, sizeof *p->outbox)) != NULL) {
        atomic_init(&p->outbox->bytes, 0);
        atomic_init(&p->outbox->holders, 1);
        p->outbox->all = &p->net->outboxes;
    }
    return p->outbox;
}

static void outbox_release(struct cp_net_outbox *o)
{
    if (o != NULL && atomic_fetch_sub(&o->holders, 1) == 1)
        free(o);
}

/* A message's copy, with its length and whose it is: what libzmq hands back. */
struct parcel {
    struct cp_net_outbox *outbox;
    size_t len;
    uint8_t bytes[];
};

/* libzmq calls this on its own thread once the message is encrypted. */
static void wipe(void *data, void *hint)
{
    struct parcel *parcel = hint;
    (void)data;
    atomic_fetch_sub(parcel->outbox->all, parcel->len);
    atomic_fetch_sub(&parcel->outbox->bytes, parcel->len);
    outbox_release(parcel->outbox);
    cp_free(cp_memory(), parcel);
}

/* Who does not read, or acknowledges what was never read, holds no more of our memory than this. */
static bool outbox_has_room(const struct cp_peer *p, size_t len)
{
    const struct cp_net_outbox *o = p->outbox;
    size_t own = atomic_load(&o->bytes) + len, all = atomic_load(o->all) + len;
    return own <= CP_NET_OUTBOX_MAX && (all <= CP_NET_OUTBOXES_MAX || own <= CP_NET_OUTBOX_SHARE);
}

/* A chunk has people's words in it: the copy that libzmq keeps until it is encrypted is wiped, not only freed. */
static enum cp_err wiped_message(struct cp_peer *p, zmq_msg_t *msg, struct cp_bytes bytes)
{
    struct cp_net_outbox *o = outbox_of(p);
    if (o == NULL)
        return CP_ERR_NO_MEMORY;
    if (!outbox_has_room(p, bytes.len))
        return CP_ERR_BUSY;
    struct parcel *parcel = cp_alloc(cp_memory(), sizeof *parcel + bytes.len);
    if (parcel == NULL)
        return CP_ERR_NO_MEMORY;
    parcel->outbox = o;
    parcel->len = bytes.len;
    if (bytes.len > 0)
        memcpy(parcel->bytes, bytes.ptr, bytes.len);
    if (zmq_msg_init_data(msg, parcel->bytes, bytes.len, wipe, parcel) != 0) {
        cp_free(cp_memory(), parcel);
        return CP_ERR_NO_MEMORY;
    }
    atomic_fetch_add(&o->holders, 1);
    atomic_fetch_add(&o->bytes, bytes.len);
    atomic_fetch_add(o->all, bytes.len);
    return CP_OK;
}

void cp_net_message_end(zmq_msg_t *msg)
{
    if (zmq_msg_size(msg) > 0)
        sodium_memzero(zmq_msg_data(msg), zmq_msg_size(msg));
    (void)zmq_msg_close(msg);
}

enum cp_err cp_peer_send(struct cp_peer *p, struct cp_bytes bytes)
{
    zmq_msg_t msg;
    assert(!p->over && bytes.len <= CP_MESSAGE_MAX);
    void *socket = p->calling ? p->socket : p->net->router;
    if (socket == NULL || p->why != CP_OK)
        return CP_ERR_INTERRUPTED;
    enum cp_err err = wiped_message(p, &msg, bytes); /* before the first part, which must not go without the second */
    if (err != CP_OK)
        return err;
    if ((p->calling || zmq_send(socket, p->routing, p->routing_len, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0) &&
        zmq_msg_send(&msg, socket, ZMQ_DONTWAIT) >= 0)
        return CP_OK;
    err = zmq_errno() == EAGAIN ? CP_ERR_BUSY : CP_ERR_INTERRUPTED;
    (void)zmq_msg_close(&msg);
    return err;
}

void cp_peer_useful(struct cp_peer *p)
{
    p->useful_ms = cp_net_now_ms();
}

void cp_peer_keep(struct cp_peer *p)
{
    p->kept = true;
}

uint64_t cp_peer_useful_ms(const struct cp_peer *p)
{
    return p->useful_ms;
}

const uint8_t *cp_peer_key(const struct cp_peer *p)
{
    return p->key;
}

enum cp_door cp_peer_door(const struct cp_peer *p)
{
    return p->door;
}

const uint8_t *cp_peer_plan(const struct cp_peer *p)
{
    return p->plan;
}

bool cp_peer_is_caller(const struct cp_peer *p)
{
    return p->calling;
}

const char *cp_peer_address(const struct cp_peer *p)
{
    return p->address;
}

void **cp_peer_tag(struct cp_peer *p)
{
    return &p->tag;
}

/* ---- The poll set: zap, router and its monitor, two for each call, then the caller's descriptors ---- */

static bool items_grow(struct cp_net *n, size_t need)
{
    if (need <= n->items_cap)
        return true;
    void *more = realloc(n->items, need * sizeof(zmq_pollitem_t));
    if (more == NULL)
        return false;
    n->items = more;
    n->items_cap = need;
    return true;
}

static size_t items_of_sockets(struct cp_net *n, zmq_pollitem_t *items)
{
    size_t count = 0;
    items[count++] = (zmq_pollitem_t){n->zap, 0, ZMQ_POLLIN, 0};
    if (n->router != NULL) {
        items[count++] = (zmq_pollitem_t){n->router, 0, ZMQ_POLLIN, 0};
        items[count++] = (zmq_pollitem_t){n->monitor, 0, ZMQ_POLLIN, 0};
    }
    for (const struct cp_peer *p = n->peers; p != NULL; p = p->next) {
        if (!p->calling || p->over)
            continue;
        items[count++] = (zmq_pollitem_t){p->socket, 0, ZMQ_POLLIN, 0};
        items[count++] = (zmq_pollitem_t){p->monitor, 0, ZMQ_POLLIN, 0};
    }
    return count;
}

/* Every socket has its turn; looking at one without news costs little. The ones that callbacks add meanwhile
 * stand in front of the list and wait for the next round. */
static void deliver(struct cp_net *n)
{
    cp_net_zap_serve(n);
    cp_net_serve_monitor(n);
    cp_net_serve_messages(n);
    for (struct cp_peer *p = n->peers; p != NULL; p = p->next) {
        if (!p->calling || p->over)
            continue;
        cp_net_call_monitor(p);
        cp_net_call_messages(p);
    }
}

enum cp_err cp_net_wait(struct cp_net *n, struct cp_wait_fd *fds, size_t count, int timeout_ms)
{
    assert(n->depth == 0);
    sweep(n);
    size_t sockets = 3;
    bool lost = false;
    for (const struct cp_peer *p = n->peers; p != NULL; p = p->next) {
        sockets += 2;
        lost = lost || p->why != CP_OK;
    }
    if (!items_grow(n, sockets + count))
        return CP_ERR_NO_MEMORY;
    zmq_pollitem_t *items = n->items;
    sockets = items_of_sockets(n, items);
    for (size_t i = 0; i < count; i++) {
        short events = (short)(fds[i].want_write ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN);
        items[sockets + i] = (zmq_pollitem_t){NULL, fds[i].fd, events, 0};
        fds[i].readable = fds[i].writable = false;
    }
    /* Somebody whose end was seen between two rounds is still to be reported. */
    if (zmq_poll(items, (int)(sockets + count), lost ? 0 : timeout_ms) < 0)
        return zmq_errno() == EINTR ? CP_OK : CP_ERR_IO;
    for (size_t i = 0; i < count; i++) {
        fds[i].readable = (items[sockets + i].revents & (ZMQ_POLLIN | ZMQ_POLLERR)) != 0;
        fds[i].writable = (items[sockets + i].revents & ZMQ_POLLOUT) != 0;
    }
    n->depth++;
    deliver(n);
    n->depth--;
    sweep(n);
    return CP_OK;
}

uint64_t cp_net_deadline_ms(const struct cp_net *n)
{
    uint64_t first = cp_net_serve_deadline_ms(n);
    for (const struct cp_peer *p = n->peers; p != NULL; p = p->next)
        if (p->calling && !p->over && !p->up && p->deadline_ms < first)
            first = p->deadline_ms;
    return first;
}

void cp_net_tick(struct cp_net *n, uint64_t now_ms)
{
    n->depth++;
    cp_net_serve_tick(n, now_ms);
    for (struct cp_peer *p = n->peers; p != NULL; p = p->next)
        if (p->calling)
            cp_net_call_tick(p, now_ms);
    n->depth--;
    if (n->depth == 0)
        sweep(n);
}

uint64_t cp_net_strangers(const struct cp_net *n)
{
    return n->strangers;
}
