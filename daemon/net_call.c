/*
 * Calling connections: one DEALER and its monitor for each. What became of the handshake is read from the
 * monitor. Owns: those sockets. Must not: call again by itself.
 */
#include "daemon/net_internal.h"

#include <zmq.h>

#define CP_NET_LINGER_MS 1000 /* a goodbye still goes out after a polite close */

enum cp_err cp_net_call(struct cp_net *n, const char *endpoint, const uint8_t server_key[static CP_KEY_LEN],
                        const uint8_t key[static CP_KEY_LEN], const uint8_t secret[static CP_KEY_LEN],
                        uint64_t timeout_ms, void *tag, struct cp_peer **peer)
{
    char where[CP_NET_ADDRESS_MAX + 16];
    bool ipv6 = false;
    enum cp_err err = cp_net_endpoint(endpoint, false, where, &ipv6);
    if (err != CP_OK)
        return err;
    struct cp_peer *p = cp_net_peer_new(n, true);
    if (p == NULL)
        return CP_ERR_NO_MEMORY;
    p->socket = cp_net_dealer_new(n, server_key, key, secret, ipv6);
    if (p->socket != NULL)
        p->monitor = cp_net_monitor_new(n, p->socket);
    if (p->monitor == NULL) {
        err = CP_ERR_IO;
    } else if (zmq_connect(p->socket, where) != 0) {
        err = zmq_errno() == EINVAL ? CP_ERR_USAGE : CP_ERR_IO;
    }
    if (err != CP_OK) {
        cp_net_call_end(p);
        p->over = true;
        return err;
    }
    memcpy(p->key, server_key, sizeof p->key);
    (void)snprintf(p->address, sizeof p->address, "%s", endpoint);
    p->tag = tag;
    p->deadline_ms = cp_net_now_ms() + timeout_ms;
    *peer = p;
    return CP_OK;
}

/* The first reason is the true one: libzmq tells of a failed handshake before the connection's end. */
static void ended(struct cp_peer *p, enum cp_err why)
{
    if (p->why == CP_OK)
        p->why = why;
}

void cp_net_call_monitor(struct cp_peer *p)
{
    unsigned event = 0;
    uint32_t value = 0;
    while (!p->over && p->monitor != NULL && cp_net_monitor_next(p->monitor, &event, &value)) {
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            p->up = true;
            p->net->events.connected(p->net->events.ctx, p);
        } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
            ended(p, CP_ERR_NOT_A_MEMBER);
        } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL ||
                   event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL) {
            ended(p, CP_ERR_UNPROVEN);
        } else if (event == ZMQ_EVENT_CLOSED || event == ZMQ_EVENT_CONNECT_RETRIED) {
            ended(p, CP_ERR_UNREACHABLE);
        } else if (event == ZMQ_EVENT_DISCONNECTED) {
            ended(p, p->up ? CP_ERR_INTERRUPTED : CP_ERR_UNPROVEN);
        }
    }
}

/* False: nothing there. */
static bool take_one(struct cp_peer *p)
{
    zmq_msg_t msg;
    int more = 0;
    size_t more_len = sizeof more;
    if (zmq_msg_init(&msg) != 0)
        return false;
    if (zmq_msg_recv(&msg, p->socket, ZMQ_DONTWAIT) < 0) {
        (void)zmq_msg_close(&msg);
        return false;
    }
    if (zmq_getsockopt(p->socket, ZMQ_RCVMORE, &more, &more_len) != 0 || more != 0)
        cp_net_gone(p, CP_ERR_BAD_MESSAGE); /* a message is one frame */
    else
        p->net->events.message(p->net->events.ctx, p, CP_BYTES(zmq_msg_data(&msg), zmq_msg_size(&msg)));
    cp_net_message_end(&msg);
    return true;
}

void cp_net_call_messages(struct cp_peer *p)
{
    for (int i = 0; i < CP_NET_ROUND_MAX && !p->over; i++) {
        if (take_one(p))
            continue;
        if (p->why != CP_OK)
            cp_net_gone(p, p->why);
        return;
    }
}

void cp_net_call_end(struct cp_peer *p)
{
    void *socket = p->socket, *monitor = p->monitor;
    p->socket = NULL;
    p->monitor = NULL;
    cp_net_socket_close(socket, monitor, p->up && p->why == CP_OK ? CP_NET_LINGER_MS : 0);
}

void cp_net_call_tick(struct cp_peer *p, uint64_t now_ms)
{
    if (!p->over && !p->up && p->deadline_ms <= now_ms)
        cp_net_gone(p, CP_ERR_UNREACHABLE);
}
