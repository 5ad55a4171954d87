/*
 * Keys that two people compare side by side (key.c).
 * Must not: judge words (daemon/serve_plan_own.c).
 */
#ifndef CP_CLIENT_KEY_H
#define CP_CLIENT_KEY_H

#include "client/cli.h"

#define CP_KEY_TYPED_MAX 17U /* a person and their eight words, or twice as many: too many are told with a sentence of its own */

/* Runs `key`. */
int cp_run_key(struct cp_cli *cli, const struct cp_args *args);

#endif
