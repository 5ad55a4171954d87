/* The plain sockets of discovery. See beacon_net.h. */
#include "daemon/beacon_net.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Linux has had it since 4.20; libc's headers of Debian 12 leave it out. */
#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static int udp(int domain)
{
    return socket(domain, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static struct sockaddr_in group4(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(CP_BEACON_PORT)};
    (void)inet_pton(AF_INET, CP_BEACON_GROUP4, &a.sin_addr);
    return a;
}

static struct sockaddr_in6 group6(const struct cp_network *n)
{
    struct sockaddr_in6 a = {
        .sin6_family = AF_INET6, .sin6_port = htons(CP_BEACON_PORT), .sin6_scope_id = n->index};
    (void)inet_pton(AF_INET6, CP_BEACON_GROUP6, &a.sin6_addr);
    return a;
}

/* Several homes may be at work on one machine: each has an ear of its own, and hears everything. */
static bool ear4(int fd, const struct cp_network *n)
{
    struct sockaddr_in a = group4();
    struct ip_mreqn join = {
        .imr_multiaddr = a.sin_addr, .imr_address = n->address, .imr_ifindex = (int)n->index};
    return set(fd, SOL_SOCKET, SO_REUSEADDR, 1) && set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) &&
           set(fd, IPPROTO_IP, IP_TTL, 1) && bind(fd, (const struct sockaddr *)&a, sizeof a) == 0 &&
           setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join) == 0;
}

static bool ear6(int fd, const struct cp_network *n)
{
    struct sockaddr_in6 a = group6(n);
    struct ipv6_mreq join = {.ipv6mr_multiaddr = a.sin6_addr, .ipv6mr_interface = n->index};
    return set(fd, SOL_SOCKET, SO_REUSEADDR, 1) && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
           set(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0) && set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 1) &&
           bind(fd, (const struct sockaddr *)&a, sizeof a) == 0 &&
           setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &join, sizeof join) == 0;
}

/* From the network's own address, so that a machine with several answers on the one it was asked on. */
static bool ask4(int fd, const struct cp_network *n, const uint8_t *ask)
{
    struct sockaddr_in to = group4(), own = {.sin_family = AF_INET, .sin_addr = n->address};
    struct ip_mreqn by = {.imr_address = n->address, .imr_ifindex = (int)n->index};
    return bind(fd, (const struct sockaddr *)&own, sizeof own) == 0 &&
           setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by) == 0 &&
           set(fd, IPPROTO_IP, IP_MULTICAST_TTL, 1) && set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1) &&
           sendto(fd, ask, CP_BEACON_LEN, 0, (const struct sockaddr *)&to, sizeof to) ==
               (ssize_t)CP_BEACON_LEN;
}

static bool ask6(int fd, const struct cp_network *n, const uint8_t *ask)
{
    struct sockaddr_in6 to = group6(n);
    struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_addr = n->address6, .sin6_scope_id = n->index};
    return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
           bind(fd, (const struct sockaddr *)&own, sizeof own) == 0 &&
           set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)n->index) &&
           set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1) && set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1) &&
           sendto(fd, ask, CP_BEACON_LEN, 0, (const struct sockaddr *)&to, sizeof to) ==
               (ssize_t)CP_BEACON_LEN;
}

static void shut(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void cp_beacon_link_init(struct cp_beacon_link *l)
{
    for (int f = 0; f < CP_BEACON_FAMILIES; f++)
        l->ear[f] = l->ask[f] = -1;
}

bool cp_beacon_link_open(struct cp_beacon_link *l, const struct cp_network *n)
{
    cp_beacon_link_close(l);
    l->ear[CP_BEACON_4] = n->has4 ? udp(AF_INET) : -1;
    l->ear[CP_BEACON_6] = n->has6 ? udp(AF_INET6) : -1;
    if (l->ear[CP_BEACON_4] >= 0 && !ear4(l->ear[CP_BEACON_4], n))
        shut(&l->ear[CP_BEACON_4]);
    if (l->ear[CP_BEACON_6] >= 0 && !ear6(l->ear[CP_BEACON_6], n))
        shut(&l->ear[CP_BEACON_6]);
    return l->ear[CP_BEACON_4] >= 0 || l->ear[CP_BEACON_6] >= 0;
}

void cp_beacon_link_close(struct cp_beacon_link *l)
{
    cp_beacon_link_asked(l);
    for (int f = 0; f < CP_BEACON_FAMILIES; f++)
        shut(&l->ear[f]);
}

bool cp_beacon_link_ask(struct cp_beacon_link *l, const struct cp_network *n,
                        const uint8_t ask[static CP_BEACON_FAMILIES][CP_BEACON_LEN])
{
    cp_beacon_link_asked(l);
    l->ask[CP_BEACON_4] = n->has4 ? udp(AF_INET) : -1;
    l->ask[CP_BEACON_6] = n->has6 ? udp(AF_INET6) : -1;
    if (l->ask[CP_BEACON_4] >= 0 && !ask4(l->ask[CP_BEACON_4], n, ask[CP_BEACON_4]))
        shut(&l->ask[CP_BEACON_4]);
    if (l->ask[CP_BEACON_6] >= 0 && !ask6(l->ask[CP_BEACON_6], n, ask[CP_BEACON_6]))
        shut(&l->ask[CP_BEACON_6]);
    return l->ask[CP_BEACON_4] >= 0 || l->ask[CP_BEACON_6] >= 0;
}

void cp_beacon_link_asked(struct cp_beacon_link *l)
{
    for (int f = 0; f < CP_BEACON_FAMILIES; f++)
        shut(&l->ask[f]);
}

bool cp_beacon_hear(int fd, struct cp_beacon_packet *p)
{
    p->from_len = sizeof p->from;
    ssize_t n = recvfrom(fd, p->bytes, sizeof p->bytes, 0, (struct sockaddr *)&p->from, &p->from_len);
    p->len = n < 0 ? 0 : (size_t)n;
    return n >= 0;
}

void cp_beacon_send(int fd, const struct cp_beacon_packet *to, const uint8_t answer[static CP_BEACON_LEN])
{
    ssize_t n = sendto(fd, answer, CP_BEACON_LEN, 0, (const struct sockaddr *)&to->from, to->from_len);
    (void)n; /* they ask again */
}

bool cp_beacon_is_near(const struct cp_beacon_packet *p, const struct cp_network *n)
{
    if (p->from.ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, &p->from, sizeof in);
        return cp_network_spans(n, in.sin_addr);
    }
    struct sockaddr_in6 in6;
    memcpy(&in6, &p->from, sizeof in6);
    return p->from.ss_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr) &&
           in6.sin6_scope_id == n->index;
}

struct cp_bytes cp_beacon_from(const struct cp_beacon_packet *p)
{
    const uint8_t *at = (const uint8_t *)&p->from;
    if (p->from.ss_family == AF_INET)
        return CP_BYTES(at + offsetof(struct sockaddr_in, sin_addr), sizeof(struct in_addr));
    if (p->from.ss_family == AF_INET6)
        return CP_BYTES(at + offsetof(struct sockaddr_in6, sin6_addr), sizeof(struct in6_addr));
    return CP_BYTES(at, 0);
}

bool cp_beacon_address(const struct cp_beacon_packet *p, unsigned port, char *out, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "", name[IF_NAMESIZE] = "";
    int len = -1;
    if (p->from.ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, &p->from, sizeof in);
        if (inet_ntop(AF_INET, &in.sin_addr, host, sizeof host) != NULL)
            len = snprintf(out, size, "%s:%u", host, port);
    } else if (p->from.ss_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, &p->from, sizeof in6);
        if (if_indextoname(in6.sin6_scope_id, name) != NULL &&
            inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof host) != NULL)
            len = snprintf(out, size, "[%s%%%s]:%u", host, name, port);
    }
    return len > 0 && (size_t)len < size;
}

int cp_beacon_changes_open(void)
{
    struct sockaddr_nl a = {.nl_family = AF_NETLINK,
                            .nl_groups =
                                RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&a, sizeof a) != 0)
        shut(&fd);
    return fd;
}

/* That there was news is enough: everything is read anew. */
void cp_beacon_changes_take(int fd)
{
    uint8_t news[4096];
    while (recv(fd, news, sizeof news, 0) > 0)
        continue;
}
