/*
 * The recovery sheet as a page to print: the letters to type, and the same as a picture for a camera.
 * Owns: that page and its file, which only its owner may read. Must not: keep the letters anywhere else.
 *
 * A sheet is shown once, when a person is made. So the file is there, empty, before anything is asked of the daemon: where
 * it cannot be written nobody is made.
 */
#ifndef CP_CLIENT_RECOVERY_H
#define CP_CLIENT_RECOVERY_H

#include "client/cli.h"

/* Makes an empty file, for the owner alone. path NULL: nothing is wanted, true. False: reported (BAD_FILE; also when there
 * is one of this name already). */
bool cp_recovery_reserve(struct cp_cli *cli, const char *path);
/* Fills it from the answer {recovery} to whoever made a person of this name, and adds its path to the answer as `sheet`;
 * null, and a word of it, when that fails: the letters are still in the answer. Takes the file away when answer is NULL. */
void cp_recovery_finish(struct cp_cli *cli, const char *path, const char *name, json_t *answer);
/* Prints the answer to whoever made a person with `human`, or as JSON; NULL: reported. Where stdout cannot be written the letters go
 * to stderr, unless a page has them: nobody can make another sheet. Takes the reference. Returns cli->status. */
int cp_recovery_print(struct cp_cli *cli, json_t *answer, void (*human)(struct cp_cli *cli, json_t *value));
/* Says where the page is, when there is one. */
void cp_recovery_show(struct cp_cli *cli, json_t *answer);
/* The page. letters: groups with "-" between them. */
void cp_recovery_page(const char *name, const char *letters, const struct cp_mem *mem, struct cp_buf *out);

#endif
