/*
 * Where others reach this machine. Owns: nothing; asks the system for its own addresses each time.
 * Must not: ask anybody on the network.
 */
#ifndef CP_NET_REACH_H
#define CP_NET_REACH_H

/* `bound` as it is, unless it is bound to every address: then one that neighbours can call, loopback when there
 * is no other. */
void cp_net_reachable(const char *bound, char out[static 256]);

#endif
