/*
 * One net with what it told of, for tests of the port. Real sockets on loopback, port 0 only.
 * Owns: the turning of one or two nets until something holds. Must not: be used outside unit tests (it asserts).
 */
#ifndef CP_TEST_NET_SIDE_H
#define CP_TEST_NET_SIDE_H

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>

#include "daemon/net_internal.h"
#include "tests/support/hostile.h"

struct pair {
    uint8_t key[CP_KEY_LEN];
    uint8_t secret[CP_KEY_LEN];
};
static inline struct pair pair_new(void)
{
    struct pair p;
    randombytes_buf(p.secret, sizeof p.secret);
    (void)crypto_scalarmult_base(p.key, p.secret);
    return p;
}

#define SEEN_MAX 64
/* One net with what it told of. */
struct side {
    struct cp_net *net;
    struct pair own;
    struct pair welcome[4];
    enum cp_door door[4];
    size_t welcome_count;
    char bound[256];
    unsigned asked, connected, messages, gone;
    enum cp_err why;
    struct cp_peer *peer; /* the last that connected or spoke */
    uint8_t last[64];
    size_t last_len;
    size_t bytes;
    bool echo;
    bool hang_up; /* after the first message */
    bool later;   /* nobody is let in now */
};

static inline struct cp_welcome who(void *ctx, const uint8_t key[CP_KEY_LEN])
{
    struct side *s = ctx;
    s->asked++;
    if (s->later)
        return (struct cp_welcome){.later = true};
    for (size_t i = 0; i < s->welcome_count; i++)
        if (memcmp(s->welcome[i].key, key, CP_KEY_LEN) == 0)
            return (struct cp_welcome){.allowed = true, .door = s->door[i], .plan = {(uint8_t)(i + 1)}};
    return (struct cp_welcome){.allowed = false};
}

static inline void message(void *ctx, struct cp_peer *peer, struct cp_bytes bytes)
{
    struct side *s = ctx;
    s->messages++;
    s->peer = peer;
    s->bytes += bytes.len;
    s->last_len = bytes.len < sizeof s->last ? bytes.len : sizeof s->last;
    if (s->last_len > 0)
        memcpy(s->last, bytes.ptr, s->last_len);
    if (s->echo)
        cr_assert_eq(cp_peer_send(peer, bytes), CP_OK);
    if (s->hang_up) {
        cp_peer_close(peer);
        s->peer = NULL;
    }
}

static inline void connected(void *ctx, struct cp_peer *peer)
{
    struct side *s = ctx;
    s->connected++;
    s->peer = peer;
}

static inline void gone(void *ctx, struct cp_peer *peer, enum cp_err why)
{
    struct side *s = ctx;
    s->gone++;
    s->why = why;
    if (s->peer == peer)
        s->peer = NULL;
}

static inline void side_open(struct side *s, bool listening)
{
    memset(s, 0, sizeof *s);
    cr_assert(sodium_init() >= 0);
    s->own = pair_new();
    struct cp_net_events e = {s, who, message, connected, gone};
    cr_assert_eq(cp_net_new(&s->net, &e), CP_OK);
    if (listening) {
        cr_assert_eq(cp_net_listen(s->net, "127.0.0.1:0", s->own.key, s->own.secret, s->bound), CP_OK);
        cr_assert_eq(strncmp(s->bound, "127.0.0.1:", 10), 0, "bound to %s", s->bound);
    }
}

static inline void let_in(struct side *s, struct pair p, enum cp_door door)
{
    s->welcome[s->welcome_count] = p;
    s->door[s->welcome_count++] = door;
}

static inline void turn(struct side *s, int ms)
{
    cr_assert_eq(cp_net_wait(s->net, NULL, 0, ms), CP_OK);
    cp_net_tick(s->net, cp_net_now_ms());
}

/* Turns both until the condition holds, 3 seconds at most. */
#define UNTIL(a, b, condition)                                      \
    do {                                                            \
        uint64_t end_ = cp_net_now_ms() + 3000;                     \
        bool holds_ = false;                                        \
        while (!(holds_ = (condition)) && cp_net_now_ms() < end_) { \
            turn((a), 1);                                           \
            if ((struct side *)(b) != NULL)                         \
                turn((b), 1);                                       \
        }                                                           \
        cr_assert(holds_, "not within 3 s: %s", #condition);        \
    } while (0)
#define NOBODY ((struct side *)NULL)
/* Turns for a while in which something must not happen. */
static inline void pass(struct side *a, struct side *b, unsigned ms)
{
    uint64_t end = cp_net_now_ms() + ms;
    while (cp_net_now_ms() < end) {
        turn(a, 2);
        if (b != NULL)
            turn(b, 2);
    }
}

static inline struct cp_peer *call(struct side *from, struct side *to, struct pair as)
{
    struct cp_peer *p = NULL;
    cr_assert_eq(cp_net_call(from->net, to->bound, to->own.key, as.key, as.secret, 2000, NULL, &p), CP_OK);
    return p;
}

/* A member calls and is served: what must hold after every attack. */
static inline void honest_is_served(struct side *s)
{
    struct side a;
    side_open(&a, false);
    let_in(s, a.own, CP_DOOR_MEMBER);
    s->echo = true;
    struct cp_peer *p = call(&a, s, a.own);
    UNTIL(&a, s, a.connected == 1);
    cr_assert_eq(cp_peer_send(p, cp_bytes_str("still here")), CP_OK);
    UNTIL(&a, s, a.messages == 1);
    cr_assert_eq(a.last_len, 10);
    cp_net_free(a.net);
    s->welcome_count--;
    s->echo = false;
}

#endif
