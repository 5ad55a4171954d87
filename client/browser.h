/*
 * Printing a page to PDF with a browser that is on this machine.
 * Owns: which browser, how it is started and watched, and its folder. Must not: make pages (page.h).
 *
 * The browser runs without a window, without a network, with a folder of its own that is removed afterwards, and is
 * ended when it takes longer than a minute.
 */
#ifndef CP_CLIENT_BROWSER_H
#define CP_CLIENT_BROWSER_H

#include "client/cli.h"

/* The name of a browser that can print ("chromium"), looked for along PATH. NULL: reported (NO_BROWSER: what to
 * install). */
const char *cp_browser_find(struct cp_cli *cli);
/* Appends the PDF of an HTML page. Reports what went wrong. */
void cp_browser_print(struct cp_cli *cli, struct cp_bytes page, struct cp_buf *out);

#endif
