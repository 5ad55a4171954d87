/* The networks that this machine is on, read from the system. See network.h. */
#include "daemon/network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/hash.h"

enum {
    ROUTE_GATEWAY = 2,
    ARP_COMPLETE = 2,
    TABLE_MAX = 65536 /* of a file in /proc; what lies beyond is not ours to know */
};

/* ---- The system's tables ---- */

/* Calls `row` with each line behind the first, until it says true. */
static bool any_line(const char *table, bool (*row)(void *ctx, const char *line), void *ctx)
{
    char line[256];
    const char *at = strchr(table, '\n');
    while (at != NULL && *++at != '\0') {
        const char *end = strchr(at, '\n');
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        if (len < sizeof line) {
            memcpy(line, at, len);
            line[len] = '\0';
            if (row(ctx, line))
                return true;
        }
        at = end;
    }
    return false;
}

struct route {
    const char *interface;
    struct in_addr *router;
};

static bool route_row(void *ctx, const char *line)
{
    const struct route *want = ctx;
    char name[IF_NAMESIZE] = "";
    unsigned to = 0, by = 0, flags = 0;
    if (sscanf(line, "%15s %8x %8x %4x", name, &to, &by, &flags) != 4 || strcmp(name, want->interface) != 0 ||
        to != 0 || by == 0 || (flags & ROUTE_GATEWAY) == 0)
        return false;
    want->router->s_addr = by; /* printed as the machine holds it */
    return true;
}

bool cp_network_router(const char *routes, const char *interface, struct in_addr *router)
{
    return any_line(routes, route_row, &(struct route){interface, router});
}

struct hardware {
    const char *interface;
    struct in_addr address;
    uint8_t *mac;
};

static bool hardware_row(void *ctx, const char *line)
{
    const struct hardware *want = ctx;
    char address[46] = "", mac[24] = "", mask[24] = "", name[IF_NAMESIZE] = "";
    unsigned type = 0, flags = 0, m[CP_NETWORK_MAC_LEN], all = 0;
    struct in_addr in;
    if (sscanf(line, "%45s %x %x %23s %23s %15s", address, &type, &flags, mac, mask, name) != 6 ||
        strcmp(name, want->interface) != 0 || (flags & ARP_COMPLETE) == 0 ||
        inet_pton(AF_INET, address, &in) != 1 || in.s_addr != want->address.s_addr ||
        sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) != 6)
        return false;
    for (size_t i = 0; i < CP_NETWORK_MAC_LEN; i++) {
        want->mac[i] = (uint8_t)m[i];
        all |= m[i];
    }
    return all != 0;
}

bool cp_network_hardware(const char *arp, const char *interface, struct in_addr address,
                         uint8_t mac[static CP_NETWORK_MAC_LEN])
{
    return any_line(arp, hardware_row, &(struct hardware){interface, address, mac});
}

static void read_table(const char *path, char out[static TABLE_MAX])
{
    size_t len = 0;
    ssize_t n = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && n > 0 && len < TABLE_MAX - 1) {
        n = read(fd, out + len, TABLE_MAX - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0)
        (void)close(fd);
    out[len] = '\0';
}

/* ---- Networks ---- */

void cp_network_id(const char *interface, const char *range, const uint8_t *mac,
                   uint8_t id[static CP_NETWORK_ID_LEN])
{
    struct cp_hasher h;
    cp_hash_init(&h, CP_TAG_NETWORK, CP_NETWORK_ID_LEN);
    cp_hash_add_sized(&h, cp_bytes_str(range));
    cp_hash_add_sized(&h, mac == NULL ? CP_BYTES(NULL, 0) : CP_BYTES(mac, CP_NETWORK_MAC_LEN));
    cp_hash_add_sized(&h, mac == NULL ? cp_bytes_str(interface) : CP_BYTES(NULL, 0));
    cp_hash_end(&h, id, CP_NETWORK_ID_LEN);
}

static struct cp_network *network_of(struct cp_network *list, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    unsigned index = if_nametoindex(name);
    if (index == 0 || strlen(name) >= IF_NAMESIZE)
        return NULL;
    size_t at = 0;
    while (at < *count && list[at].index < index)
        at++;
    if (at == CP_NETWORKS_MAX)
        return NULL;
    *count += *count < CP_NETWORKS_MAX ? 1U : 0U; /* else the one with the highest number goes */
    for (size_t i = *count - 1; i > at; i--)
        list[i] = list[i - 1];
    list[at] = (struct cp_network){.index = index};
    (void)snprintf(list[at].name, sizeof list[at].name, "%s", name);
    return &list[at];
}

static void take_address(struct cp_network *n, const struct ifaddrs *i)
{
    if (i->ifa_addr->sa_family == AF_INET && i->ifa_netmask != NULL) {
        struct sockaddr_in in, mask;
        memcpy(&in, i->ifa_addr, sizeof in);
        memcpy(&mask, i->ifa_netmask, sizeof mask);
        /* An address that a machine gave itself (169.254/16) counts only where there is no other. */
        bool self_given = ntohl(in.sin_addr.s_addr) >> 16 == 0xa9fe;
        if (n->has4 && (self_given || ntohl(n->address.s_addr) >> 16 != 0xa9fe))
            return;
        n->has4 = true;
        n->address = in.sin_addr;
        n->mask = mask.sin_addr;
    } else if (i->ifa_addr->sa_family == AF_INET6 && !n->has6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, i->ifa_addr, sizeof in6);
        n->has6 = IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr);
        n->address6 = in6.sin6_addr;
    }
}

static void name_it(struct cp_network *n, const char *routes, const char *arp)
{
    char range[64] = "fe80::/64", host[INET_ADDRSTRLEN] = "";
    uint8_t mac[CP_NETWORK_MAC_LEN];
    struct in_addr router;
    bool routed = cp_network_router(routes, n->name, &router);
    if (n->has4) {
        struct in_addr net = {.s_addr = n->address.s_addr & n->mask.s_addr};
        unsigned bits = 0;
        for (uint32_t m = ntohl(n->mask.s_addr); m != 0; m <<= 1)
            bits++;
        if (inet_ntop(AF_INET, &net, host, sizeof host) != NULL)
            (void)snprintf(range, sizeof range, "%s/%u", host, bits);
    }
    (void)snprintf(n->label, sizeof n->label, "%s %s", n->name, range);
    bool heard = routed && cp_network_hardware(arp, n->name, router, mac);
    n->known = heard ? CP_NETWORK_BY_ROUTER : routed ? CP_NETWORK_BY_NOTHING : CP_NETWORK_BY_ADDRESSES;
    cp_network_id(n->name, range, heard ? mac : NULL, n->id);
}

size_t cp_network_scan(struct cp_network list[static CP_NETWORKS_MAX])
{
    const unsigned wanted = IFF_UP | IFF_RUNNING | IFF_MULTICAST;
    struct ifaddrs *all = NULL;
    size_t count = 0;
    if (getifaddrs(&all) != 0)
        return 0;
    char *tables = calloc(2, TABLE_MAX);
    for (const struct ifaddrs *i = all; tables != NULL && i != NULL; i = i->ifa_next) {
        if (i->ifa_addr == NULL || (i->ifa_flags & wanted) != wanted || (i->ifa_flags & IFF_LOOPBACK) != 0)
            continue;
        if (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6)
            continue;
        struct cp_network *n = network_of(list, &count, i->ifa_name);
        if (n != NULL)
            take_address(n, i);
    }
    freeifaddrs(all);
    if (tables == NULL)
        return 0;
    read_table("/proc/net/route", tables);
    read_table("/proc/net/arp", tables + TABLE_MAX);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!list[i].has4 && !list[i].has6)
            continue;
        name_it(&list[i], tables, tables + TABLE_MAX);
        list[kept++] = list[i];
    }
    free(tables);
    return kept;
}

bool cp_network_same(const struct cp_network *a, const struct cp_network *b)
{
    return a->index == b->index && strcmp(a->name, b->name) == 0 && a->known == b->known &&
           memcmp(a->id, b->id, sizeof a->id) == 0 && a->has4 == b->has4 && a->has6 == b->has6 &&
           (!a->has4 || a->address.s_addr == b->address.s_addr) &&
           (!a->has6 || memcmp(&a->address6, &b->address6, sizeof a->address6) == 0);
}

bool cp_network_spans(const struct cp_network *n, struct in_addr address)
{
    return n->has4 && (address.s_addr & n->mask.s_addr) == (n->address.s_addr & n->mask.s_addr);
}
