/* What the files of agreement share. Must not: talk to the daemon. */
#ifndef CP_CLIENT_CMD_AGREE_H
#define CP_CLIENT_CMD_AGREE_H

#include "client/show.h"

/* "You asked: ... This page: ..." for each. */
void cp_show_asked(struct cp_cli *cli, json_t *asked);
void cp_show_agreement(struct cp_cli *cli, json_t *value);
/* Rows of `versions`, each with `result`. */
void cp_show_pages(struct cp_cli *cli, json_t *rows);

#endif
