/*
 * Coming back with the recovery sheet (cmd_recover.c), and what it shares with joining (cmd_people.c).
 * Must not: hold the letters of a sheet longer than it takes to send them.
 */
#ifndef CP_CLIENT_RECOVER_H
#define CP_CLIENT_RECOVER_H

#include "client/cli.h"

#define CP_INVITATION_FILE_MAX 65536U

/* Runs `recover`. */
int cp_run_recover(struct cp_cli *cli, const struct cp_args *args);
/* Appends the text of an invitation, typed or in a file of that name, without white space around. False: said what is wrong with it. */
bool cp_read_invitation(struct cp_cli *cli, const char *word, struct cp_buf *out);

#endif
