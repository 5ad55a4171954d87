/* How an answer came about, in words. Owns: labels of answers by others. Must not: ask the daemon. */
#ifndef CP_CLIENT_OTHERS_H
#define CP_CLIENT_OTHERS_H

#include <jansson.h>

#include "client/cli.h"
#include "client/words.h"

/* ", signed on paper, seen by ...", ", by ... for ...", ", with help from ...", ", on a shared device", ", no passphrase",
 * ", signed with another name: ...", ", does not count: ...": nothing else. answer: a row of
 * `agreement`, or of cp_proof_build. */
void cp_how_label(const struct cp_mem *mem, const json_t *answer, struct cp_buf *out);
/* Was it signed where no passphrase guards the key? Said wherever the answer is shown. */
bool cp_how_is_open(const json_t *answer);
/* The sentence on the form of the page that they read ({1}: a language tag or ""); CP_SAY_COUNT when they did not say. */
enum cp_screen cp_how_read(const json_t *answer);
void cp_show_how(struct cp_cli *cli, const json_t *answer);
/* All that an answer says: a line with its word and reason, and lines for what would help, each action and a proxy's limits. The
 * same of a page here and of a proof folder. */
void cp_show_answer(struct cp_cli *cli, const json_t *answer);
/* A line for each answer on paper that still needs witnesses. */
void cp_show_pending(struct cp_cli *cli, json_t *pending);

/* Where two people in a value of the local API have the same name, the beginning of the id comes behind each: nobody is taken for
 * somebody else. Names that differ in spaces or small and big letters alone are the same here. */
void cp_tell_apart(json_t *value);

#endif
