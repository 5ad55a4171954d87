/*
 * The ZAP handler (ZeroMQ RFC 27): a REP socket that libzmq asks about every client key, in the same poll set as
 * everything else. Owns: the socket. Must not: decide; the owner's `who` does.
 */
#include "daemon/net_internal.h"

#include <zmq.h>

enum {
    ZAP_VERSION,
    ZAP_REQUEST,
    ZAP_DOMAIN_PART,
    ZAP_ADDRESS,
    ZAP_ROUTING,
    ZAP_MECHANISM,
    ZAP_KEY,
    ZAP_PARTS
};
#define ZAP_PART_MAX 256

struct zap_request {
    uint8_t part[ZAP_PARTS][ZAP_PART_MAX];
    size_t len[ZAP_PARTS];
    size_t count;
    bool good;
};

enum cp_err cp_net_zap_open(struct cp_net *n)
{
    int linger = 0;
    n->zap = zmq_socket(n->context, ZMQ_REP);
    if (n->zap == NULL || zmq_setsockopt(n->zap, ZMQ_LINGER, &linger, sizeof linger) != 0 ||
        zmq_bind(n->zap, "inproc://zeromq.zap.01") != 0)
        return CP_ERR_IO;
    return CP_OK;
}

/* Reads every part of one request, so that the socket may answer it. False: there is none. */
static bool zap_read(void *zap, struct zap_request *r)
{
    int more = 1;
    memset(r, 0, sizeof *r);
    r->good = true;
    while (more != 0) {
        uint8_t raw[ZAP_PART_MAX];
        size_t more_len = sizeof more;
        int len = zmq_recv(zap, raw, sizeof raw, ZMQ_DONTWAIT);
        if (len < 0)
            return r->count > 0;
        if (r->count >= ZAP_PARTS || (size_t)len > sizeof raw) {
            r->good = false;
        } else {
            memcpy(r->part[r->count], raw, (size_t)len);
            r->len[r->count] = (size_t)len;
        }
        r->count++;
        if (zmq_getsockopt(zap, ZMQ_RCVMORE, &more, &more_len) != 0)
            more = 0;
    }
    return true;
}

static bool zap_part_is(const struct zap_request *r, size_t i, const char *text)
{
    size_t len = strlen(text);
    return r->len[i] == len && memcmp(r->part[i], text, len) == 0;
}

/* 300 ends the connection without a word: to who has to wait it looks as if nobody were there. */
static void zap_answer(void *zap, const struct zap_request *r, struct cp_welcome w)
{
    char user[2 * CP_KEY_LEN + 1] = "";
    if (w.allowed)
        cp_hex_encode(r->part[ZAP_KEY], CP_KEY_LEN, user);
    (void)zmq_send(zap, "1.0", 3, ZMQ_SNDMORE);
    (void)zmq_send(zap, r->part[ZAP_REQUEST], r->len[ZAP_REQUEST], ZMQ_SNDMORE);
    (void)zmq_send(zap, w.allowed ? "200" : w.later ? "300" : "400", 3, ZMQ_SNDMORE);
    (void)zmq_send(zap, w.allowed ? "in" : "no", 2, ZMQ_SNDMORE);
    (void)zmq_send(zap, user, strlen(user), ZMQ_SNDMORE);
    (void)zmq_send(zap, "", 0, 0);
}

void cp_net_zap_serve(struct cp_net *n)
{
    struct zap_request r;
    for (int i = 0; i < CP_NET_ROUND_MAX && zap_read(n->zap, &r); i++) {
        struct cp_welcome w = {.allowed = false};
        if (r.good && r.count == ZAP_PARTS && zap_part_is(&r, ZAP_VERSION, "1.0") &&
            zap_part_is(&r, ZAP_DOMAIN_PART, CP_NET_ZAP_DOMAIN) && zap_part_is(&r, ZAP_MECHANISM, "CURVE") &&
            r.len[ZAP_KEY] == CP_KEY_LEN)
            w = n->events.who(n->events.ctx, r.part[ZAP_KEY]);
        if (!w.allowed && !w.later)
            n->strangers++;
        zap_answer(n->zap, &r, w);
    }
}
