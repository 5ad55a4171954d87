/*
 * The plain sockets of discovery: UDP multicast on one network, and the kernel's word that addresses changed.
 * Owns: those descriptors. Must not: decide when to ask or whom to answer (finder.c); read what packets say; be ZeroMQ.
 *
 * One ear for each family hears what is asked; it is bound to the group, so nothing else reaches it. Each ask goes out from
 * a new socket with a port of its own, where the answers come, and which is closed soon: no port of ours stays the same for
 * long. All packets live for one hop.
 */
#ifndef CP_BEACON_NET_H
#define CP_BEACON_NET_H

#include <sys/socket.h>

#include "daemon/network.h"
#include "proto/beacon.h"

#define CP_BEACON_PORT   28370U            /* not one that systems hand out by themselves */
#define CP_BEACON_GROUP4 "239.255.67.80"   /* stays within the site, and with one hop on the link */
#define CP_BEACON_GROUP6 "ff12::6370:6c6e" /* of the link alone, and nobody's for good */

enum cp_beacon_family {
    CP_BEACON_4,
    CP_BEACON_6,
    CP_BEACON_FAMILIES
};

struct cp_beacon_link {
    int ear[CP_BEACON_FAMILIES]; /* -1: not open */
    int ask[CP_BEACON_FAMILIES]; /* -1: nobody was asked just now */
};

/* A packet, and where it came from. */
struct cp_beacon_packet {
    uint8_t bytes[CP_BEACON_LEN + 1]; /* one more, so that a longer one shows */
    size_t len;
    struct sockaddr_storage from;
    socklen_t from_len;
};

void cp_beacon_link_init(struct cp_beacon_link *l);
/* Opens the ears that this network has addresses for. False when none could be opened. */
bool cp_beacon_link_open(struct cp_beacon_link *l, const struct cp_network *n);
void cp_beacon_link_close(struct cp_beacon_link *l); /* any number of times */
/* Sends an ask for each family from new sockets; those of an earlier one are closed. False when it could be sent nowhere. */
bool cp_beacon_link_ask(struct cp_beacon_link *l, const struct cp_network *n,
                        const uint8_t ask[static CP_BEACON_FAMILIES][CP_BEACON_LEN]);
void cp_beacon_link_asked(struct cp_beacon_link *l); /* closes them: whoever answers later was too slow */
/* Takes one packet. False: none there. */
bool cp_beacon_hear(int fd, struct cp_beacon_packet *p);
/* Sends the answer to where the ask came from; lost when it cannot be sent now. */
void cp_beacon_send(int fd, const struct cp_beacon_packet *to, const uint8_t answer[static CP_BEACON_LEN]);
/* Does it say that it came from a machine on that network? Whoever sends it can write there what they like, so this only
 * bounds where anything goes because of it. */
bool cp_beacon_is_near(const struct cp_beacon_packet *p, const struct cp_network *n);
/* The bytes of the address that a packet came from. */
struct cp_bytes cp_beacon_from(const struct cp_beacon_packet *p);
/* HOST:PORT of that machine with another port, as cp_net_call takes it; of a packet that is near. False when it is no address
 * to call. */
bool cp_beacon_address(const struct cp_beacon_packet *p, unsigned port, char *out, size_t size);

/* Tells that links or addresses changed, by being readable. -1 when the system has none. */
int cp_beacon_changes_open(void);
void cp_beacon_changes_take(int fd);

#endif
