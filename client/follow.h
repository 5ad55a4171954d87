/* Carrying on, as lists of plans show it (cmd_follow.c). Owns: nothing. */
#ifndef CP_CLIENT_FOLLOW_H
#define CP_CLIENT_FOLLOW_H

#include "client/cli.h"

/* Behind the line of a plan: what it carries on or is carried on in, and how many have come. Nothing where there is none. */
void cp_show_carried(struct cp_cli *cli, json_t *plan);

#endif
