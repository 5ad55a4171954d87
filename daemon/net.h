/*
 * The network: raw libzmq with CURVE and ZAP, and the one place where the daemon waits.
 * Owns: sockets, their settings (security.md 4.3), the ZAP handler (a REP socket in the same poll set), who is
 * connected. Must not: know plans or entries; it moves messages of at most CP_MESSAGE_MAX between CURVE keys.
 *
 * One thread. Identity is ZAP's User-Id (the peer's CURVE key in hex), never a routing id.
 */
#ifndef CP_NET_H
#define CP_NET_H

#include "proto/session.h"

struct cp_net;
struct cp_peer; /* one connection, called or calling; owned by the net, valid until on_gone returned */

/* What ZAP's table says of a CURVE key. */
struct cp_welcome {
    bool allowed;
    bool later; /* not now: allowed is false, and the caller is not told that it is unknown */
    enum cp_door door;
    size_t lines_max; /* at once by this key; 0: as many as one machine needs */
    uint8_t plan[CP_ID_LEN]; /* INVITE, KNOCK */
};

struct cp_net_events {
    void *ctx;
    /* May this CURVE key in? Asked by ZAP once per connection, and again when its first message makes it known. */
    struct cp_welcome (*who)(void *ctx, const uint8_t key[CP_KEY_LEN]);
    /* A message. For a called connection the first message makes the peer known. */
    void (*message)(void *ctx, struct cp_peer *peer, struct cp_bytes bytes);
    /* A calling connection finished its CURVE handshake. */
    void (*connected)(void *ctx, struct cp_peer *peer);
    /* The connection ended. NOT_A_MEMBER: refused by the other's ZAP; UNPROVEN: the server's key was wrong;
     * UNREACHABLE: nobody there; INTERRUPTED: lost. */
    void (*gone)(void *ctx, struct cp_peer *peer, enum cp_err why);
};

/* Errors: USAGE (libzmq older than 4.3.3 or built without CURVE), IO. */
CP_MUST_USE enum cp_err cp_net_new(struct cp_net **out, const struct cp_net_events *events);
void cp_net_free(struct cp_net *n); /* closes everything; NULL is fine */

/* Opens the port under the machine's CURVE key. endpoint HOST:PORT; port 0 picks one. The address that was
 * really bound is written to bound. Errors: USAGE (not an address), PORT_TAKEN, IO. */
CP_MUST_USE enum cp_err cp_net_listen(struct cp_net *n, const char *endpoint, const uint8_t key[static CP_KEY_LEN],
                                      const uint8_t secret[static CP_KEY_LEN], char bound[static 256]);
void cp_net_unlisten(struct cp_net *n); /* closes the port and every called connection */

/* Calls HOST:PORT under a client key, expecting the server's key. The result arrives as an event.
 * Errors: USAGE, IO. tag is the caller's. */
CP_MUST_USE enum cp_err cp_net_call(struct cp_net *n, const char *endpoint, const uint8_t server_key[static CP_KEY_LEN],
                                    const uint8_t key[static CP_KEY_LEN], const uint8_t secret[static CP_KEY_LEN],
                                    uint64_t timeout_ms, void *tag, struct cp_peer **peer);
/* Queues a message (copied). BUSY when the peer does not read: the session is ended by the caller. */
CP_MUST_USE enum cp_err cp_peer_send(struct cp_peer *p, struct cp_bytes bytes);
/* Ends the connection; `gone` is not called for it. p is invalid afterwards. */
void cp_peer_close(struct cp_peer *p);
/*
 * What decides who goes where there is no room: a peer was of use just now (entries went one way or the other), and one that
 * is kept (its session stays) goes only for another line of its own key.
 */
void cp_peer_useful(struct cp_peer *p);
void cp_peer_keep(struct cp_peer *p);
uint64_t cp_peer_useful_ms(const struct cp_peer *p); /* when it was of use last, or came; monotonic */
const uint8_t *cp_peer_key(const struct cp_peer *p);      /* the other's CURVE key as proven */
enum cp_door cp_peer_door(const struct cp_peer *p);       /* called side: how it was let in */
const uint8_t *cp_peer_plan(const struct cp_peer *p);     /* called side, INVITE and KNOCK */
bool cp_peer_is_caller(const struct cp_peer *p);          /* true when we called */
const char *cp_peer_address(const struct cp_peer *p);     /* HOST:PORT that we called; "" when called */
void **cp_peer_tag(struct cp_peer *p);                    /* the owner's pointer */

/* Waits for descriptors and sockets together. fds[i].ready says what happened. Network events are delivered
 * from inside. Returns at the first event or after timeout_ms (-1: for ever). Errors: IO. EINTR returns OK. */
struct cp_wait_fd {
    int fd;
    bool want_write;
    bool readable, writable; /* out */
};
CP_MUST_USE enum cp_err cp_net_wait(struct cp_net *n, struct cp_wait_fd *fds, size_t count, int timeout_ms);
/* When cp_net_wait must return for the net's own time limits; UINT64_MAX: never. now_ms is monotonic. */
uint64_t cp_net_deadline_ms(const struct cp_net *n);
void cp_net_tick(struct cp_net *n, uint64_t now_ms);
/* Counted refusals for `peers`: strangers turned away since start. */
uint64_t cp_net_strangers(const struct cp_net *n);

#endif
