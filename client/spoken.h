/*
 * Invitations in words: what `invite --words` shows (spoken.c).
 * Must not: judge words (proto/spoken.h, in the daemon).
 */
#ifndef CP_CLIENT_SPOKEN_H
#define CP_CLIENT_SPOKEN_H

#include "client/cli.h"

#define CP_SPOKEN_TYPED_MAX 24U /* words of `join`: one more or less than twelve is told with a sentence of its own */

/* Runs `invite --words`. */
int cp_invite_spoken(struct cp_cli *cli, const struct cp_args *args);

#endif
