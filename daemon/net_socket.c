/*
 * Sockets with the settings of security.md 4.3, and their monitors.
 * Owns: the two tables of settings. Must not: know peers or messages.
 */
#include "daemon/net_internal.h"

#include <zmq.h>

/* Behind zmq.h's draft fence in stable releases, and honoured by them all the same: without it a socket whose
 * ZAP handler is missing would let everybody in. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

struct setting {
    int option;
    int value;
};

static const struct setting both_settings[] = {
    {ZMQ_HANDSHAKE_IVL, CP_NET_HANDSHAKE_MS},
    {ZMQ_SNDHWM, CP_NET_SEND_HWM},
    {ZMQ_RCVHWM, CP_NET_TAKE_HWM},
    {ZMQ_LINGER, 0},
    {ZMQ_HEARTBEAT_IVL, 10000},
    {ZMQ_HEARTBEAT_TIMEOUT, 30000},
    {ZMQ_HEARTBEAT_TTL, 30000},
};
static const struct setting router_settings[] = {
    {ZMQ_CURVE_SERVER, 1},    {ZMQ_ZAP_ENFORCE_DOMAIN, 1}, {ZMQ_ROUTER_MANDATORY, 1},
    {ZMQ_ROUTER_HANDOVER, 0}, {ZMQ_BACKLOG, 32},           {ZMQ_IPV6, 1},
};
static const struct setting dealer_settings[] = {
    /* A call is made once: what becomes of it is said to the caller, who decides whether to call again. libzmq's
     * own reconnecting would knock at a machine that refused us, without end. */
    {ZMQ_RECONNECT_IVL, -1},
    {ZMQ_CONNECT_TIMEOUT, CP_NET_CONNECT_MS},
};

static bool apply(void *socket, const struct setting *settings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (zmq_setsockopt(socket, settings[i].option, &settings[i].value, sizeof settings[i].value) != 0)
            return false;
    return true;
}

static bool apply_both(void *socket, const uint8_t *key, const uint8_t *secret)
{
    int64_t message_max = (int64_t)CP_MESSAGE_MAX;
    return apply(socket, both_settings, sizeof both_settings / sizeof both_settings[0]) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key, CP_KEY_LEN) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret, CP_KEY_LEN) == 0;
}

void *cp_net_router_new(struct cp_net *n, const uint8_t key[static CP_KEY_LEN],
                        const uint8_t secret[static CP_KEY_LEN])
{
    void *s = zmq_socket(n->context, ZMQ_ROUTER);
    if (s == NULL)
        return NULL;
    if (!apply(s, router_settings, sizeof router_settings / sizeof router_settings[0]) ||
        !apply_both(s, key, secret) ||
        zmq_setsockopt(s, ZMQ_ZAP_DOMAIN, CP_NET_ZAP_DOMAIN, sizeof CP_NET_ZAP_DOMAIN - 1) != 0) {
        (void)zmq_close(s);
        return NULL;
    }
    return s;
}

void *cp_net_dealer_new(struct cp_net *n, const uint8_t server_key[static CP_KEY_LEN],
                        const uint8_t key[static CP_KEY_LEN], const uint8_t secret[static CP_KEY_LEN],
                        bool ipv6)
{
    int six = ipv6 ? 1 : 0;
    void *s = zmq_socket(n->context, ZMQ_DEALER);
    if (s == NULL)
        return NULL;
    if (!apply(s, dealer_settings, sizeof dealer_settings / sizeof dealer_settings[0]) ||
        !apply_both(s, key, secret) || zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, server_key, CP_KEY_LEN) != 0 ||
        zmq_setsockopt(s, ZMQ_IPV6, &six, sizeof six) != 0) {
        (void)zmq_close(s);
        return NULL;
    }
    return s;
}

void *cp_net_monitor_new(struct cp_net *n, void *socket)
{
    char name[64];
    int unlimited = 0, linger = 0;
    void *pair = NULL;
    int events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED |
                 ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    (void)snprintf(name, sizeof name, "inproc://coplan.monitor.%llu", (unsigned long long)++n->monitors);
    if (zmq_socket_monitor(socket, name, events) != 0)
        return NULL;
    pair = zmq_socket(n->context, ZMQ_PAIR);
    /* Without a limit: libzmq's I/O thread writes events and would wait for us when the queue were full. */
    if (pair != NULL &&
        (zmq_setsockopt(pair, ZMQ_RCVHWM, &unlimited, sizeof unlimited) != 0 ||
         zmq_setsockopt(pair, ZMQ_LINGER, &linger, sizeof linger) != 0 || zmq_connect(pair, name) != 0)) {
        (void)zmq_close(pair);
        pair = NULL;
    }
    if (pair == NULL)
        (void)zmq_socket_monitor(socket, NULL, 0);
    return pair;
}

bool cp_net_monitor_next(void *monitor, unsigned *event, uint32_t *value)
{
    uint8_t raw[6];
    uint16_t number = 0;
    int more = 0;
    size_t more_len = sizeof more;
    int len = zmq_recv(monitor, raw, sizeof raw, ZMQ_DONTWAIT);
    if (len != (int)sizeof raw)
        return false;
    memcpy(&number, raw, sizeof number);
    memcpy(value, raw + 2, sizeof *value);
    *event = number;
    /* The second part names our own end of the connection, which tells nothing. */
    while (zmq_getsockopt(monitor, ZMQ_RCVMORE, &more, &more_len) == 0 && more != 0) {
        char rest[1];
        if (zmq_recv(monitor, rest, sizeof rest, ZMQ_DONTWAIT) < 0)
            break;
    }
    return true;
}

void cp_net_socket_close(void *socket, void *monitor, int linger_ms)
{
    if (socket != NULL) {
        if (monitor != NULL)
            (void)zmq_socket_monitor(socket, NULL, 0);
        (void)zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
        (void)zmq_close(socket);
    }
    if (monitor != NULL)
        (void)zmq_close(monitor);
}

bool cp_net_setting(const struct cp_net *n, const struct cp_peer *peer, int option, int64_t *value)
{
    int number = 0;
    size_t len = sizeof number;
    void *socket = peer == NULL ? n->router : peer->socket;
    if (socket == NULL)
        return false;
    if (option == ZMQ_MAXMSGSIZE) {
        len = sizeof *value;
        return zmq_getsockopt(socket, option, value, &len) == 0;
    }
    if (zmq_getsockopt(socket, option, &number, &len) != 0)
        return false;
    *value = number;
    return true;
}
