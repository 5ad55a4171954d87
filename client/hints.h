/*
 * What stands beside a refusal and a command's help: where to look, and how others type it.
 * Owns: the examples, one or more for each command, and which sentence says better than the code's own where to look.
 * Must not: print, or ask the daemon.
 */
#ifndef CP_CLIENT_HINTS_H
#define CP_CLIENT_HINTS_H

#include "client/cli.h"
#include "client/words.h"

#define CP_HINT_MAX 512U

/* How a command is typed: its nth example from 0, the first being the plainest, in out[size] (CP_HINT_MAX is enough). `said`: in
 * the language spoken, where names and words in quotes may be others. False when there is none so far. */
bool cp_hint_example(const char *command, size_t n, bool said, char *out, size_t size);

/* What was typed where the daemon names the option alone ("until"); `about` itself otherwise. */
const char *cp_hint_typed(const struct cp_cli *cli, const char *about);

/*
 * The sentence that says of this failure what to do here: by the command that runs, by what `about` (NULL: the daemon did
 * not say) was typed as, and by what the daemon said beside it. NULL: the code's own sentence does. Its place {1} is `about`.
 */
const char *cp_hint_sentence(const struct cp_cli *cli, enum cp_err err, const char *about);

#endif
