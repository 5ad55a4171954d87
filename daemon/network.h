/*
 * The networks that this machine is on, how each is known again, and which of them its people called fine.
 * Owns: reading them from the system, and the note "networks". Must not: send anything; let anything leave this machine.
 *
 * A network is known by its router's hardware address and its range of addresses; where there is no router (a cable, a
 * hotspot without internet) by the interface and the range. Neither is proof: somebody can copy both. So what is sent on a
 * fine network tells nothing by itself (proto/beacon.h).
 */
#ifndef CP_NETWORK_H
#define CP_NETWORK_H

#include <net/if.h>
#include <netinet/in.h>

#include "daemon/node.h"

#define CP_NETWORKS_MAX      8U /* looked at; the rest of a machine's interfaces are left alone */
#define CP_NETWORK_ID_LEN    16U
#define CP_NETWORK_LABEL_MAX 80U
#define CP_NETWORK_MARKS_MAX 64U /* remembered, the oldest forgotten first */
#define CP_NETWORK_MAC_LEN   6U

enum cp_network_known {
    CP_NETWORK_BY_NOTHING, /* its router has not been heard yet: asked again soon; never fine meanwhile */
    CP_NETWORK_BY_ROUTER,
    CP_NETWORK_BY_ADDRESSES /* there is no router */
};
struct cp_network {
    unsigned index; /* the interface's */
    char name[IF_NAMESIZE];
    char label[CP_NETWORK_LABEL_MAX]; /* "wlan0 192.168.1.0/24" */
    enum cp_network_known known;
    uint8_t id[CP_NETWORK_ID_LEN];
    bool fine;
    bool has4, has6;
    struct in_addr address, mask; /* has4 */
    struct in6_addr address6;     /* has6: of this link alone */
};

/* Those that could carry a beacon: up, not loopback, multicast; in the order of their interfaces' numbers. `fine` is false.
 * Asks only the system. */
size_t cp_network_scan(struct cp_network list[static CP_NETWORKS_MAX]);
/* Do the two show the same machine at the same place: same interface, network and addresses? */
bool cp_network_same(const struct cp_network *a, const struct cp_network *b);
/* Is that address in its range? */
bool cp_network_spans(const struct cp_network *n, struct in_addr address);

/* ---- What is read for it, apart so that tests can hand in what a system might say ---- */
/* The router of an interface, in the words of /proc/net/route. */
bool cp_network_router(const char *routes, const char *interface, struct in_addr *router);
/* Its hardware address, in the words of /proc/net/arp. */
bool cp_network_hardware(const char *arp, const char *interface, struct in_addr address,
                         uint8_t mac[static CP_NETWORK_MAC_LEN]);
/* mac NULL: known by its addresses. range: "192.168.1.0/24". */
void cp_network_id(const char *interface, const char *range, const uint8_t *mac,
                   uint8_t id[static CP_NETWORK_ID_LEN]);

/* ---- Which are fine (network_marks.c); the store is unlocked ---- */
struct cp_network_mark {
    uint8_t id[CP_NETWORK_ID_LEN];
    char label[CP_NETWORK_LABEL_MAX];
    uint64_t time_ms; /* when it was marked; for display only */
};
/* The marks that stand; none when the note is not there or not readable. */
size_t cp_network_marks(struct cp_node *node, struct cp_network_mark list[static CP_NETWORK_MARKS_MAX]);
/* Errors: those of the store. Marking twice, or taking away what is not marked, is fine. */
CP_MUST_USE enum cp_err cp_network_mark(struct cp_node *node, const uint8_t id[static CP_NETWORK_ID_LEN],
                                        const char *label, bool fine);
/* Sets `fine` of each. */
void cp_network_judge(const struct cp_network_mark *marks, size_t marks_count, struct cp_network *list,
                      size_t count);

#endif
