#include "tests/support/hostile.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

struct hostile {
    void *context;
    void *socket;
    void *monitor;
    unsigned ends;
};

struct hostile *hostile_new(const struct hostile_options *o)
{
    char where[300];
    int zero = 0, never = -1;
    struct hostile *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->context = zmq_ctx_new();
    h->socket = zmq_socket(h->context, ZMQ_DEALER);
    (void)zmq_setsockopt(h->socket, ZMQ_LINGER, &zero, sizeof zero);
    (void)zmq_setsockopt(h->socket, ZMQ_RECONNECT_IVL, &never, sizeof never);
    if (o->server_key != NULL) {
        (void)zmq_setsockopt(h->socket, ZMQ_CURVE_SERVERKEY, o->server_key, 32);
        (void)zmq_setsockopt(h->socket, ZMQ_CURVE_PUBLICKEY, o->key, 32);
        (void)zmq_setsockopt(h->socket, ZMQ_CURVE_SECRETKEY, o->secret, 32);
    }
    if (o->routing_id != NULL)
        (void)zmq_setsockopt(h->socket, ZMQ_ROUTING_ID, o->routing_id, o->routing_len);
    if (o->read_ahead > 0)
        (void)zmq_setsockopt(h->socket, ZMQ_RCVHWM, &o->read_ahead, sizeof o->read_ahead);
    (void)zmq_socket_monitor(h->socket, "inproc://hostile", ZMQ_EVENT_DISCONNECTED);
    h->monitor = zmq_socket(h->context, ZMQ_PAIR);
    (void)zmq_setsockopt(h->monitor, ZMQ_LINGER, &zero, sizeof zero);
    (void)zmq_connect(h->monitor, "inproc://hostile");
    (void)snprintf(where, sizeof where, "tcp://%s", o->address);
    if (zmq_connect(h->socket, where) != 0) {
        hostile_free(h);
        return NULL;
    }
    return h;
}

void hostile_free(struct hostile *h)
{
    if (h == NULL)
        return;
    (void)zmq_socket_monitor(h->socket, NULL, 0);
    (void)zmq_close(h->monitor);
    (void)zmq_close(h->socket);
    (void)zmq_ctx_term(h->context);
    free(h);
}

bool hostile_send(struct hostile *h, const void *p, size_t len, bool more)
{
    return zmq_send(h->socket, p, len, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) >= 0;
}

int hostile_recv(struct hostile *h, void *p, size_t len)
{
    return zmq_recv(h->socket, p, len, ZMQ_DONTWAIT);
}

unsigned hostile_ends(struct hostile *h)
{
    uint8_t part[256];
    while (zmq_recv(h->monitor, part, sizeof part, ZMQ_DONTWAIT) >= 0) {
        h->ends++;
        (void)zmq_recv(h->monitor, part, sizeof part, ZMQ_DONTWAIT);
    }
    return h->ends;
}

int hostile_tcp(const char *address)
{
    char host[64] = "";
    const char *colon = strrchr(address, ':');
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (colon == NULL || (size_t)(colon - address) >= sizeof host)
        return -1;
    memcpy(host, address, (size_t)(colon - address));
    to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
        return -1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

void hostile_greeting(const char *mechanism, uint8_t out[64])
{
    static const uint8_t start[12] = {0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0};
    memset(out, 0, 64);
    memcpy(out, start, sizeof start);
    memcpy(out + 12, mechanism, strlen(mechanism));
}

void hostile_write(int fd, const void *p, size_t len)
{
    (void)send(fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool hostile_cut(int fd)
{
    uint8_t byte[256];
    ssize_t got = 1;
    while (got > 0)
        got = recv(fd, byte, sizeof byte, MSG_DONTWAIT);
    return got == 0 || (fcntl(fd, F_GETFD) >= 0 && recv(fd, byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0);
}
