/* What the files of the control socket share. Nobody outside control*.c includes this. */
#ifndef CP_CONTROL_INTERNAL_H
#define CP_CONTROL_INTERNAL_H

#include "daemon/control.h"

enum cp_connection_state {
    CP_CONNECTION_READING, /* the request is arriving */
    CP_CONNECTION_SERVING, /* its handler has it */
    CP_CONNECTION_ENDING   /* answered: what is buffered goes out, then it is closed */
};

struct cp_connection {
    struct cp_control_socket *control;
    int fd; /* -1: the client is gone, a handler still has the request */
    enum cp_connection_state state;
    bool overflow; /* the answer outgrew its cap */
    uint8_t *in;   /* guarded: a passphrase may be in it */
    size_t in_len, in_cap;
    struct cp_buf out;
    size_t out_at;              /* bytes of out that are gone */
    uint64_t since_ms;          /* the last time something moved */
    struct cp_request *request; /* while serving */
    struct cp_bytes passphrase; /* into `in`; ptr NULL: none given */
};

struct cp_control_socket {
    struct cp_node *node;
    cp_control_serve *serve;
    int folder_fd, listen_fd;
    uint64_t now_ms; /* as of the last call */
    size_t count;
    struct cp_connection *list[CP_CONNECTIONS_MAX];
};

/* A whole frame has arrived: makes the request and serves it, or answers why not (control_request.c). */
void cp_connection_request(struct cp_connection *c, struct cp_bytes frame);
/* Sends what the socket takes now; marks the connection gone when it takes nothing ever more. */
void cp_connection_flush(struct cp_connection *c);
/* Frees the request, wiped. Its connection ends when all is out. */
void cp_connection_answered(struct cp_connection *c);

#endif
