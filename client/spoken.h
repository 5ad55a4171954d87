/*
 * Invitations in words: what `invite --words` shows, and words of `join` that stand without quotes (spoken.c).
 * Must not: judge words (proto/spoken.h, in the daemon).
 */
#ifndef CP_CLIENT_SPOKEN_H
#define CP_CLIENT_SPOKEN_H

#include "client/cli.h"

#define CP_SPOKEN_TYPED_MAX 24U /* words of `join`: one more or less than twelve is told with a sentence of its own */

/* Runs `invite --words`. */
int cp_invite_spoken(struct cp_cli *cli, const struct cp_args *args);
/* All words of the command with blanks between, appended. False: said why not. */
bool cp_spoken_typed(struct cp_cli *cli, const struct cp_args *args, struct cp_buf *out);

#endif
