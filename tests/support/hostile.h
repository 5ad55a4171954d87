/*
 * A peer that does not keep the rules, for tests of the port: raw TCP, and libzmq sockets with settings that the
 * program itself never uses. Owns: a context of its own. Must not: be used outside tests.
 */
#ifndef CP_TEST_HOSTILE_H
#define CP_TEST_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hostile;

struct hostile_options {
    const char *address;       /* HOST:PORT */
    const uint8_t *server_key; /* NULL: the NULL mechanism, no encryption at all */
    const uint8_t *key;        /* with server_key */
    const uint8_t *secret;
    const void *routing_id; /* NULL: none of its own */
    size_t routing_len;
    int read_ahead; /* messages; 0: as many as libzmq likes */
};
/* Connects in the background. NULL on failure. */
struct hostile *hostile_new(const struct hostile_options *options);
void hostile_free(struct hostile *h);
/* One message of one frame; `more`: further frames follow. False when it cannot be queued. */
bool hostile_send(struct hostile *h, const void *p, size_t len, bool more);
/* The length of what has come, -1 when nothing has. */
int hostile_recv(struct hostile *h, void *p, size_t len);
/* How often libzmq gave the connection up. */
unsigned hostile_ends(struct hostile *h);

/* A TCP connection to HOST:PORT (an IPv4 address), -1 on failure. The caller closes it. */
int hostile_tcp(const char *address);
/* The 64 bytes of a ZMTP 3.0 greeting that names this mechanism. */
void hostile_greeting(const char *mechanism, uint8_t out[64]);
/* Sends what it can without waiting. */
void hostile_write(int fd, const void *p, size_t len);
/* True once the other side has hung up. */
bool hostile_cut(int fd);

#endif
