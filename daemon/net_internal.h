/*
 * Inside the network: its one context, its sockets and who is connected. For net*.c and their test alone.
 *
 * A called connection is known by the descriptor libzmq accepted it on: its monitor names it, and every message
 * carries it. libzmq reports that a descriptor has ended before it closes it, so a monitor that is drained before
 * each message is always ahead of a number that is used again.
 */
#ifndef CP_NET_INTERNAL_H
#define CP_NET_INTERNAL_H

#include <stdatomic.h>

#include "daemon/net.h"

/* Above this many accepted connections the oldest that never sent a message is cut. */
#define CP_NET_CONNECTIONS_MAX 160U
#define CP_NET_SLOTS_MAX       (2U * CP_NET_CONNECTIONS_MAX) /* cut ones stay in the list until libzmq lets go */
#define CP_NET_PEERS_MAX       64U   /* called connections that sent a message: members, not strangers */
#define CP_NET_LINES_MAX       2U    /* of these by one machine: a new one, and an old one not yet seen to be dead */
#define CP_NET_USELESS_MS      3000U /* where there is no room, who brought nothing for so long makes some */
#define CP_NET_FILES_WANTED    4096U /* RLIMIT_NOFILE */
#define CP_NET_ROUND_MAX       64    /* messages taken from one socket before the others have their turn */
#define CP_NET_PARTING_MS      500U /* a connection we end is left open so long, for what was queued before */
#define CP_NET_CLOSE_MS        200  /* at most, until a closed port is really closed */
#define CP_NET_TAKE_HWM        2    /* messages read ahead: with 1 MiB each, and one under way, 3 MiB for each peer */
#define CP_NET_SEND_HWM        1000 /* messages; what they may hold together is bounded by bytes */
#define CP_NET_OUTBOX_MAX      (16U * 1024U * 1024U) /* bytes that a peer has not taken yet: four chunks and long lists */
#define CP_NET_OUTBOXES_MAX    (64U * 1024U * 1024U) /* of all together; beyond it who has more than a share waits */
#define CP_NET_OUTBOX_SHARE    (CP_NET_OUTBOXES_MAX / CP_NET_PEERS_MAX)
#define CP_NET_HANDSHAKE_MS    5000
#define CP_NET_CONNECT_MS      5000
#define CP_NET_ADDRESS_MAX     256U
#define CP_NET_ZAP_DOMAIN      "coplan"

/* One accepted TCP connection. */
struct cp_net_slot {
    int fd;
    uint64_t since_ms;
    struct cp_peer *peer; /* NULL until its first message, and again once we ended it */
    bool ending;          /* nothing more is taken from it */
    uint64_t end_ms;      /* when it is cut; UINT64_MAX: done */
};

/* What was handed to libzmq for a peer and is not encrypted yet. Outlives the peer: libzmq's thread gives the bytes back. */
struct cp_net_outbox {
    atomic_size_t bytes;
    atomic_uint holders; /* the peer, and each message */
    atomic_size_t *all;  /* of all outboxes together; the net's, which outlives libzmq's context */
};

struct cp_peer {
    struct cp_net *net;
    struct cp_net_outbox *outbox; /* NULL before the first message */
    struct cp_peer *next;
    bool calling;
    bool over; /* closed or reported gone: freed at the next safe moment */
    uint8_t key[CP_KEY_LEN];
    void *tag;
    enum cp_err why; /* OK: alive; else it is reported gone once its messages are delivered */
    /* called */
    enum cp_door door;
    uint8_t plan[CP_ID_LEN];
    size_t routing_len;
    uint8_t routing[255];
    /* calling */
    char address[CP_NET_ADDRESS_MAX];
    void *socket;
    void *monitor;
    bool up;
    uint64_t deadline_ms;
    uint64_t useful_ms;
    bool kept;
};

struct cp_net {
    struct cp_net_events events;
    void *context;
    void *zap;
    void *router;
    void *monitor; /* the router's */
    struct cp_net_slot slots[CP_NET_SLOTS_MAX];
    size_t slots_count;
    size_t connections_max;
    struct cp_peer *peers;
    void *items; /* of the poll set */
    size_t items_cap;
    unsigned depth;    /* inside a wait or tick: peers that are over must not be freed yet */
    uint64_t monitors; /* names given so far */
    uint64_t strangers;
    atomic_size_t outboxes; /* bytes */
};

uint64_t cp_net_now_ms(void);
/* Closes a message that was received, and wipes what it said. */
struct zmq_msg_t;
void cp_net_message_end(struct zmq_msg_t *msg);
/* Reports the peer gone, once. */
void cp_net_gone(struct cp_peer *p, enum cp_err why);
/* A new peer in the list, or NULL when out of memory. */
struct cp_peer *cp_net_peer_new(struct cp_net *n, bool calling);

/* ---- net_socket.c ---- */
/* Makes a socket with the settings of its role. NULL on failure (errno). */
void *cp_net_router_new(struct cp_net *n, const uint8_t key[static CP_KEY_LEN],
                        const uint8_t secret[static CP_KEY_LEN]);
void *cp_net_dealer_new(struct cp_net *n, const uint8_t server_key[static CP_KEY_LEN],
                        const uint8_t key[static CP_KEY_LEN], const uint8_t secret[static CP_KEY_LEN],
                        bool ipv6);
/* The PAIR on which a socket's events arrive. */
void *cp_net_monitor_new(struct cp_net *n, void *socket);
/* One event; false when there is none. */
bool cp_net_monitor_next(void *monitor, unsigned *event, uint32_t *value);
void cp_net_socket_close(void *socket, void *monitor, int linger_ms); /* NULLs are fine */
/* An int setting of the router (peer NULL) or of a calling peer's socket, for tests. False: not readable. */
bool cp_net_setting(const struct cp_net *n, const struct cp_peer *peer, int option, int64_t *value);

/* ---- net_zap.c ---- */
CP_MUST_USE enum cp_err cp_net_zap_open(struct cp_net *n);
void cp_net_zap_serve(struct cp_net *n);

/* ---- net_serve.c: called connections ---- */
void cp_net_serve_monitor(struct cp_net *n);
void cp_net_serve_messages(struct cp_net *n);
void cp_net_serve_end(struct cp_peer *p); /* cp_peer_close of a called peer */
void cp_net_serve_tick(struct cp_net *n, uint64_t now_ms);
uint64_t cp_net_serve_deadline_ms(const struct cp_net *n);

/* ---- net_call.c: calling connections ---- */
void cp_net_call_monitor(struct cp_peer *p);
void cp_net_call_messages(struct cp_peer *p);
void cp_net_call_end(struct cp_peer *p);
void cp_net_call_tick(struct cp_peer *p, uint64_t now_ms);

/* ---- net_address.c ---- */
/* HOST:PORT to libzmq's endpoint. Errors: USAGE. */
CP_MUST_USE enum cp_err cp_net_endpoint(const char *address, bool listening,
                                        char out[static CP_NET_ADDRESS_MAX + 16], bool *ipv6);
/* libzmq's last endpoint to HOST:PORT, IPv4 as IPv4. */
void cp_net_plain_address(const char *endpoint, char out[static CP_NET_ADDRESS_MAX]);

#endif
