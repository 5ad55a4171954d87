/* The settings of security.md 4.3, read back from real sockets, and addresses as people type them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <sodium.h>
#include <zmq.h>

#include "daemon/net_internal.h"
#include "daemon/net_reach.h"

static struct cp_welcome nobody(void *ctx, const uint8_t key[CP_KEY_LEN])
{
    (void)ctx;
    (void)key;
    return (struct cp_welcome){.allowed = false};
}
static void ignore(void *ctx, struct cp_peer *peer)
{
    (void)ctx;
    (void)peer;
}
static void ignore_message(void *ctx, struct cp_peer *peer, struct cp_bytes bytes)
{
    (void)bytes;
    ignore(ctx, peer);
}
static void ignore_end(void *ctx, struct cp_peer *peer, enum cp_err why)
{
    (void)why;
    ignore(ctx, peer);
}
static struct cp_net *open_net(void)
{
    struct cp_net *n = NULL;
    cr_assert(sodium_init() >= 0);
    cr_assert_eq(cp_net_new(&n, &(struct cp_net_events){NULL, nobody, ignore_message, ignore, ignore_end}),
                 CP_OK);
    return n;
}

Test(net_settings, addresses)
{
    static const char *const good[] = {"127.0.0.1:1", "host.local:65535", "[::1]:80", "[fe80::1%eth0]:7",
                                       "localhost:9"};
    static const char *const bad[] = {
        "",      ":",     "host",    "host:",   ":80",  "host:65536",       "host:-1", "host:8 0",
        "a/b:1", "a;b:1", "::1:80x", "[::1:80", "[]:1", "host:99999999999", "ho st:1", "a\nb:1"};
    char out[CP_NET_ADDRESS_MAX + 16], plain[CP_NET_ADDRESS_MAX];
    bool six = false;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        cr_assert_eq(cp_net_endpoint(good[i], false, out, &six), CP_OK, "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(cp_net_endpoint(bad[i], false, out, &six), CP_ERR_USAGE, "%s", bad[i]);
    cr_assert_eq(cp_net_endpoint("h:0", false, out, &six), CP_ERR_USAGE);
    cr_assert_eq(cp_net_endpoint("h:0", true, out, &six), CP_OK);
    cr_assert_eq(cp_net_endpoint("localhost:0", true, out, &six), CP_OK);
    cr_assert_str_eq(out, "tcp://127.0.0.1:0");
    cp_net_plain_address("tcp://[::ffff:10.1.2.3]:44", plain);
    cr_assert_str_eq(plain, "10.1.2.3:44");
    cp_net_plain_address("tcp://[::1]:44", plain);
    cr_assert_str_eq(plain, "[::1]:44");
    cp_net_reachable("10.1.2.3:44", plain);
    cr_assert_str_eq(plain, "10.1.2.3:44");
    cp_net_reachable("0.0.0.0:44", plain);
    cr_assert_neq(strncmp(plain, "0.0.0.0", 7), 0);
    cr_assert_not_null(strstr(plain, ":44"));
    cr_assert_null(strchr(plain, '['));
}

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

Test(net_settings, settings_are_as_written)
{
    static const struct {
        int option;
        int64_t router, dealer; /* -2: not asked */
    } want[] = {
        {ZMQ_CURVE_SERVER, 1, 0},
        {ZMQ_MECHANISM, ZMQ_CURVE, ZMQ_CURVE},
        {ZMQ_ZAP_ENFORCE_DOMAIN, 1, -2},
        {ZMQ_MAXMSGSIZE, 1048576, 1048576},
        {ZMQ_HANDSHAKE_IVL, 5000, 5000},
        {ZMQ_SNDHWM, 1000, 1000},
        {ZMQ_RCVHWM, 2, 2},
        {ZMQ_LINGER, 0, 0},
        {ZMQ_HEARTBEAT_IVL, 10000, 10000},
        {ZMQ_HEARTBEAT_TIMEOUT, 30000, 30000},
        {ZMQ_HEARTBEAT_TTL, 30000, 30000},
        {ZMQ_BACKLOG, 32, -2},
        {ZMQ_IPV6, 1, 0},
        {ZMQ_RECONNECT_IVL, -2, -1},
        {ZMQ_CONNECT_TIMEOUT, -2, 5000},
    };
    struct cp_net *called = open_net(), *calling = open_net();
    uint8_t key[CP_KEY_LEN], secret[CP_KEY_LEN];
    char bound[256];
    struct cp_peer *p = NULL;
    randombytes_buf(secret, sizeof secret);
    cr_assert_eq(crypto_scalarmult_base(key, secret), 0);
    cr_assert_eq(cp_net_listen(called, "127.0.0.1:0", key, secret, bound), CP_OK);
    cr_assert_eq(cp_net_call(calling, bound, key, key, secret, 1000, NULL, &p), CP_OK);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        int64_t value = -3;
        if (want[i].router != -2) {
            cr_assert(cp_net_setting(called, NULL, want[i].option, &value), "option %d", want[i].option);
            cr_assert_eq(value, want[i].router, "option %d is %lld", want[i].option, (long long)value);
        }
        if (want[i].dealer != -2) {
            cr_assert(cp_net_setting(calling, p, want[i].option, &value), "option %d", want[i].option);
            cr_assert_eq(value, want[i].dealer, "option %d is %lld", want[i].option, (long long)value);
        }
    }
    char domain[32];
    size_t len = sizeof domain;
    cr_assert_eq(zmq_getsockopt(called->router, ZMQ_ZAP_DOMAIN, domain, &len), 0);
    cr_assert_str_eq(domain, "coplan");
    /* libzmq does not tell these two; what they do is seen: an unknown address is an error, and
     * the_same_routing_id_twice_hijacks_nobody shows the other. */
    cr_assert_lt(zmq_send(called->router, "nobody", 6, ZMQ_SNDMORE | ZMQ_DONTWAIT), 0);
    cr_assert_eq(zmq_errno(), EHOSTUNREACH);
    cp_net_free(calling);
    cp_net_free(called);
}
