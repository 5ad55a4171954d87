/*
 * Getting a passphrase from a file or from a person. Owns: the terminal while it asks.
 * Must not: keep it: callers wipe what they are given with cp_passphrase_wipe.
 */
#ifndef CP_CLIENT_PASSPHRASE_H
#define CP_CLIENT_PASSPHRASE_H

#include "client/cli.h"

#define CP_PASSPHRASE_SIZE 1026U /* 1,024 bytes, a line end, and the NUL */

enum cp_passphrase_ask {
    CP_PASSPHRASE_FILE_ONLY,
    CP_PASSPHRASE_ASK,
    CP_PASSPHRASE_ASK_TWICE
};

/* 1: out holds it; 0: there is no way to ask, or the file was not given; -1: reported. */
int cp_passphrase_get(struct cp_cli *cli, enum cp_passphrase_ask ask, char out[static CP_PASSPHRASE_SIZE]);
/* For somebody new: asked for twice, and not empty. False: reported. */
bool cp_passphrase_new(struct cp_cli *cli, char out[static CP_PASSPHRASE_SIZE]);
void cp_passphrase_wipe(char passphrase[static CP_PASSPHRASE_SIZE]);
/* True when a person can be asked. */
bool cp_passphrase_can_ask(void);

#endif
