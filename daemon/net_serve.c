/*
 * Called connections: the port, who came through it, and the cap on how many may wait there.
 * Owns: the ROUTER, its slots, its peers. Must not: trust a routing id; it only addresses the answer.
 *
 * libzmq cannot end one connection of a ROUTER, and unbinding to shed load ends the honest ones too (measured:
 * their messages are dropped without an event). So a connection is ended by shutting its descriptor down, which
 * libzmq sees as the other side hanging up. Should the number have passed to something else in that instant, what
 * is cut is a connection that can be made again.
 */
#include "daemon/net_internal.h"

#include <errno.h>
#include <sys/socket.h>
#include <zmq.h>

static struct cp_net_slot *slot_of(struct cp_net *n, int fd)
{
    for (size_t i = 0; i < n->slots_count; i++)
        if (n->slots[i].fd == fd)
            return &n->slots[i];
    return NULL;
}

static void slot_cut(struct cp_net_slot *slot)
{
    slot->ending = true;
    slot->end_ms = UINT64_MAX;
    (void)shutdown(slot->fd, SHUT_RDWR);
}

/* Makes room: of those that never sent a message the oldest goes, as sshd does with its unauthenticated ones. */
static void slot_evict(struct cp_net *n)
{
    struct cp_net_slot *oldest = NULL;
    size_t alive = 0;
    for (size_t i = 0; i < n->slots_count; i++) {
        struct cp_net_slot *s = &n->slots[i];
        if (s->ending)
            continue;
        alive++;
        if (s->peer == NULL && (oldest == NULL || s->since_ms < oldest->since_ms))
            oldest = s;
    }
    if (alive >= n->connections_max && oldest != NULL)
        slot_cut(oldest);
}

static void accepted(struct cp_net *n, int fd)
{
    slot_evict(n);
    if (n->slots_count == CP_NET_SLOTS_MAX) {
        (void)shutdown(fd, SHUT_RDWR);
        return;
    }
    n->slots[n->slots_count++] =
        (struct cp_net_slot){.fd = fd, .since_ms = cp_net_now_ms(), .end_ms = UINT64_MAX};
}

static void disconnected(struct cp_net *n, int fd)
{
    struct cp_net_slot *slot = slot_of(n, fd);
    if (slot == NULL)
        return;
    if (slot->peer != NULL && slot->peer->why == CP_OK)
        slot->peer->why = CP_ERR_INTERRUPTED;
    *slot = n->slots[--n->slots_count];
}

void cp_net_serve_monitor(struct cp_net *n)
{
    unsigned event = 0;
    uint32_t value = 0;
    while (n->monitor != NULL && cp_net_monitor_next(n->monitor, &event, &value)) {
        if (event == ZMQ_EVENT_ACCEPTED)
            accepted(n, (int)value);
        else if (event == ZMQ_EVENT_DISCONNECTED)
            disconnected(n, (int)value);
        else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL &&
                 value != ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)
            n->strangers++; /* a wrong server key is no misbehaviour, and ZAP counted those it refused */
    }
}

static struct cp_peer *peer_of(struct cp_net *n, const uint8_t *routing, size_t len)
{
    for (struct cp_peer *p = n->peers; p != NULL; p = p->next)
        if (!p->calling && !p->over && p->routing_len == len && memcmp(p->routing, routing, len) == 0)
            return p;
    return NULL;
}

/* Ends one that was called; its owner hears of it. */
static void part(struct cp_peer *p, enum cp_err why)
{
    cp_net_serve_end(p);
    cp_net_gone(p, why);
}

/*
 * Is there room for one more line by this key? A machine that comes again leaves its older line behind; and where all places
 * are taken, whoever has brought nothing for longest goes, so that nobody locks the others out by holding on to a place.
 */
static bool make_room(struct cp_net *n, const uint8_t *key, size_t lines_max)
{
    uint64_t now_ms = cp_net_now_ms();
    size_t most = lines_max == 0 ? CP_NET_LINES_MAX : lines_max;
    struct cp_peer *oldest = NULL, *idle = NULL;
    size_t own = 0, all = 0;
    for (struct cp_peer *p = n->peers; p != NULL; p = p->next) { /* newest first */
        if (p->calling || p->over)
            continue;
        all++;
        if (memcmp(p->key, key, CP_KEY_LEN) == 0) {
            own++;
            oldest = p;
        }
        if (!p->kept && p->useful_ms + CP_NET_USELESS_MS <= now_ms && (idle == NULL || p->useful_ms < idle->useful_ms))
            idle = p;
    }
    struct cp_peer *goes = own >= most ? oldest : all >= CP_NET_PEERS_MAX ? idle : NULL;
    if (goes != NULL)
        part(goes, CP_ERR_INTERRUPTED);
    return goes != NULL || all < CP_NET_PEERS_MAX;
}

/* The first message of a connection: it becomes a peer, if its key is still welcome. NULL: it is cut. */
static struct cp_peer *peer_begin(struct cp_net *n, struct cp_net_slot *slot, const uint8_t *key,
                                  const uint8_t *routing, size_t routing_len)
{
    struct cp_welcome w = n->events.who(n->events.ctx, key);
    struct cp_peer *p = NULL;
    if (w.allowed && make_room(n, key, w.lines_max))
        p = cp_net_peer_new(n, false);
    if (p == NULL) {
        slot_cut(slot);
        return NULL;
    }
    memcpy(p->key, key, sizeof p->key);
    memcpy(p->plan, w.plan, sizeof p->plan);
    memcpy(p->routing, routing, routing_len);
    p->routing_len = routing_len;
    p->door = w.door;
    slot->peer = p;
    return p;
}

/* Who sent this message, by what ZAP said of the connection it came on. NULL: nobody we listen to. */
static struct cp_peer *sender(struct cp_net *n, zmq_msg_t *msg, const uint8_t *routing, size_t routing_len)
{
    uint8_t key[CP_KEY_LEN];
    const char *user = zmq_msg_gets(msg, "User-Id");
    struct cp_net_slot *slot = slot_of(n, zmq_msg_get(msg, ZMQ_SRCFD));
    struct cp_peer *p = peer_of(n, routing, routing_len);
    if (user == NULL || !cp_hex_decode(cp_bytes_str(user), key, sizeof key))
        return NULL;
    if (p != NULL) {
        if (memcmp(p->key, key, sizeof key) == 0)
            return p;
        if (slot != NULL)
            slot_cut(slot);
        return NULL;
    }
    if (slot == NULL || slot->ending || slot->peer != NULL)
        return NULL;
    return peer_begin(n, slot, key, routing, routing_len);
}

/* A message is one frame; a peer that sends more is not one of us. */
static void too_many_parts(struct cp_peer *p)
{
    if (p != NULL)
        part(p, CP_ERR_BAD_MESSAGE);
}

static bool more_parts(void *socket)
{
    int more = 0;
    size_t len = sizeof more;
    return zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &len) == 0 && more != 0;
}

/* False: nothing there. */
static bool take_one(struct cp_net *n)
{
    uint8_t routing[255];
    zmq_msg_t msg;
    bool many = false;
    int len = zmq_recv(n->router, routing, sizeof routing, ZMQ_DONTWAIT);
    if (len < 0)
        return false;
    cp_net_serve_monitor(n); /* ahead of the message: see net_internal.h */
    if (!more_parts(n->router) || zmq_msg_init(&msg) != 0)
        return true;
    if (zmq_msg_recv(&msg, n->router, ZMQ_DONTWAIT) < 0) {
        (void)zmq_msg_close(&msg);
        return true;
    }
    struct cp_peer *p = sender(n, &msg, routing, (size_t)len);
    while (more_parts(n->router)) {
        zmq_msg_t rest;
        many = true;
        if (zmq_msg_init(&rest) != 0 || zmq_msg_recv(&rest, n->router, ZMQ_DONTWAIT) < 0)
            break;
        (void)zmq_msg_close(&rest);
    }
    if (many)
        too_many_parts(p);
    else if (p != NULL)
        n->events.message(n->events.ctx, p, CP_BYTES(zmq_msg_data(&msg), zmq_msg_size(&msg)));
    cp_net_message_end(&msg);
    return true;
}

void cp_net_serve_messages(struct cp_net *n)
{
    for (int i = 0; i < CP_NET_ROUND_MAX; i++) {
        if (n->router == NULL)
            return;
        if (take_one(n))
            continue;
        /* All that they sent is delivered; now those who hung up are gone. */
        for (struct cp_peer *p = n->peers; p != NULL; p = p->next)
            if (!p->calling && !p->over && p->why != CP_OK)
                cp_net_gone(p, p->why);
        return;
    }
}

void cp_net_serve_end(struct cp_peer *p)
{
    struct cp_net *n = p->net;
    for (size_t i = 0; i < n->slots_count; i++) {
        if (n->slots[i].peer != p)
            continue;
        n->slots[i].peer = NULL;
        n->slots[i].ending = true;
        n->slots[i].end_ms = cp_net_now_ms() + CP_NET_PARTING_MS;
    }
}

void cp_net_serve_tick(struct cp_net *n, uint64_t now_ms)
{
    for (size_t i = 0; i < n->slots_count; i++)
        if (n->slots[i].ending && n->slots[i].end_ms <= now_ms)
            slot_cut(&n->slots[i]);
}

uint64_t cp_net_serve_deadline_ms(const struct cp_net *n)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < n->slots_count; i++)
        if (n->slots[i].ending && n->slots[i].end_ms < first)
            first = n->slots[i].end_ms;
    return first;
}

enum cp_err cp_net_listen(struct cp_net *n, const char *endpoint, const uint8_t key[static CP_KEY_LEN],
                          const uint8_t secret[static CP_KEY_LEN], char bound[static 256])
{
    char where[CP_NET_ADDRESS_MAX + 16];
    bool ipv6 = false;
    enum cp_err err = cp_net_endpoint(endpoint, true, where, &ipv6);
    if (err != CP_OK)
        return err;
    cp_net_unlisten(n);
    n->router = cp_net_router_new(n, key, secret);
    if (n->router != NULL)
        n->monitor = cp_net_monitor_new(n, n->router);
    if (n->monitor == NULL) {
        err = CP_ERR_IO;
    } else if (zmq_bind(n->router, where) != 0) {
        int why = zmq_errno();
        err = why == EADDRINUSE ? CP_ERR_PORT_TAKEN : why == EMFILE || why == ENOMEM ? CP_ERR_IO : CP_ERR_USAGE;
    } else {
        size_t len = sizeof where;
        if (zmq_getsockopt(n->router, ZMQ_LAST_ENDPOINT, where, &len) != 0)
            err = CP_ERR_IO;
    }
    if (err != CP_OK) {
        cp_net_unlisten(n);
        return err;
    }
    cp_net_plain_address(where, bound);
    return CP_OK;
}

/* libzmq closes a port behind our back. Who asked for it to be closed may open it again at once, so wait until it
 * is: the monitor says so, within a few milliseconds. */
static void port_close(void *router, void *monitor)
{
    char where[CP_NET_ADDRESS_MAX + 16];
    size_t len = sizeof where;
    unsigned event = 0;
    uint32_t value = 0;
    uint64_t end = cp_net_now_ms() + CP_NET_CLOSE_MS;
    if (zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, where, &len) != 0 || zmq_unbind(router, where) != 0)
        return;
    while (event != ZMQ_EVENT_CLOSED && cp_net_now_ms() < end)
        if (!cp_net_monitor_next(monitor, &event, &value))
            (void)zmq_poll(&(zmq_pollitem_t){monitor, 0, ZMQ_POLLIN, 0}, 1, CP_NET_CLOSE_MS);
}

void cp_net_unlisten(struct cp_net *n)
{
    void *router = n->router, *monitor = n->monitor;
    if (monitor != NULL)
        port_close(router, monitor);
    n->router = NULL;
    n->monitor = NULL;
    n->slots_count = 0;
    cp_net_socket_close(router, monitor, 0);
    for (struct cp_peer *p = n->peers; p != NULL; p = p->next)
        if (!p->calling && !p->over)
            cp_net_gone(p, CP_ERR_INTERRUPTED);
}
