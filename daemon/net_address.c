/* Addresses as people type them and as libzmq wants them. Owns: nothing. Must not: ask a name server. */
#include "daemon/net_internal.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "daemon/net_reach.h"

static bool host_char(char c, bool bracketed)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
        c == '_')
        return true;
    return bracketed && (c == ':' || c == '%');
}

static bool port_ok(const char *port, bool zero_fine)
{
    unsigned value = 0;
    if (*port == '\0')
        return false;
    for (const char *c = port; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || value > 6553U)
            return false;
        value = value * 10U + (unsigned)(*c - '0');
    }
    return value <= 65535U && (zero_fine || value != 0);
}

enum cp_err cp_net_endpoint(const char *address, bool listening, char out[static CP_NET_ADDRESS_MAX + 16],
                            bool *ipv6)
{
    size_t len = strlen(address);
    const char *colon = strrchr(address, ':');
    if (len >= CP_NET_ADDRESS_MAX || colon == NULL || colon == address || !port_ok(colon + 1, listening))
        return CP_ERR_USAGE;
    const char *host = address;
    size_t host_len = (size_t)(colon - address);
    *ipv6 = host[0] == '[';
    if (*ipv6) {
        if (host_len < 4 || host[host_len - 1] != ']')
            return CP_ERR_USAGE;
        host++;
        host_len -= 2;
    }
    for (size_t i = 0; i < host_len; i++)
        if (!host_char(host[i], *ipv6))
            return CP_ERR_USAGE;
    /* Not left to the resolver: on many machines it gives ::1 only, where nobody listens. */
    if (host_len == 9 && memcmp(host, "localhost", 9) == 0) {
        (void)snprintf(out, CP_NET_ADDRESS_MAX + 16, "tcp://127.0.0.1%s", colon);
        return CP_OK;
    }
    (void)snprintf(out, CP_NET_ADDRESS_MAX + 16, "tcp://%s", address);
    return CP_OK;
}

void cp_net_plain_address(const char *endpoint, char out[static CP_NET_ADDRESS_MAX])
{
    static const char tcp[] = "tcp://", mapped[] = "[::ffff:";
    const char *p = endpoint;
    if (strncmp(p, tcp, sizeof tcp - 1) == 0)
        p += sizeof tcp - 1;
    const char *close = strchr(p, ']');
    if (strncmp(p, mapped, sizeof mapped - 1) == 0 && close != NULL && strchr(p, '.') != NULL) {
        size_t host_len = (size_t)(close - p) - (sizeof mapped - 1), port_len = strlen(close + 1);
        if (host_len + port_len < CP_NET_ADDRESS_MAX) {
            memcpy(out, p + sizeof mapped - 1, host_len);
            memcpy(out + host_len, close + 1, port_len + 1);
            return;
        }
    }
    (void)snprintf(out, CP_NET_ADDRESS_MAX, "%s", p);
}

/* A private IPv4 address is what a neighbour on the same LAN or hotspot reaches; then any IPv4, then IPv6. */
static int address_rank(const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        uint32_t ip = ntohl(in.sin_addr.s_addr);
        bool private = (ip >> 24) == 10 || (ip >> 20) == 0xac1 || (ip >> 16) == 0xc0a8;
        bool self_given = (ip >> 16) == 0xa9fe;
        return private ? 4 : self_given ? 2 : 3;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        return IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr) ? 0 : 1; /* link-local needs a scope that only we know */
    }
    return 0;
}

static bool best_local(char *host, size_t host_len, bool ipv6_too)
{
    struct ifaddrs *list = NULL;
    int best = 0;
    if (getifaddrs(&list) != 0)
        return false;
    for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        if (i->ifa_addr == NULL || (i->ifa_flags & IFF_UP) == 0 || (i->ifa_flags & IFF_LOOPBACK) != 0)
            continue;
        int rank = address_rank(i->ifa_addr);
        if (rank <= best || (rank == 1 && !ipv6_too))
            continue;
        char text[INET6_ADDRSTRLEN] = "";
        if (rank == 1) {
            struct sockaddr_in6 in6;
            memcpy(&in6, i->ifa_addr, sizeof in6);
            if (inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text) == NULL)
                continue;
            (void)snprintf(host, host_len, "[%s]", text);
        } else {
            struct sockaddr_in in;
            memcpy(&in, i->ifa_addr, sizeof in);
            if (inet_ntop(AF_INET, &in.sin_addr, text, sizeof text) == NULL)
                continue;
            (void)snprintf(host, host_len, "%s", text);
        }
        best = rank;
    }
    freeifaddrs(list);
    return best > 0;
}

void cp_net_reachable(const char *bound, char out[static 256])
{
    const char *colon = strrchr(bound, ':');
    char host[INET6_ADDRSTRLEN + 4] = "";
    bool any4 = strncmp(bound, "0.0.0.0:", 8) == 0;
    bool any6 = strncmp(bound, "[::]:", 5) == 0;
    if (colon == NULL || (!any4 && !any6)) {
        (void)snprintf(out, 256, "%s", bound);
        return;
    }
    if (!best_local(host, sizeof host, any6))
        (void)snprintf(host, sizeof host, "127.0.0.1");
    (void)snprintf(out, 256, "%s%s", host, colon);
}
