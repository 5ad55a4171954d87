/*
 * Texts as pictures for a camera (QR codes). Owns: libqrencode. Must not: know what the text says.
 */
#ifndef CP_CLIENT_QR_H
#define CP_CLIENT_QR_H

#include "client/cli.h"

/* On a terminal: two rows of squares in one line of half blocks, light on dark. False: it is too long for a picture. */
bool cp_qr_show(FILE *out, const char *text);
/* In a page: an <svg> with this label, its squares of one unit. Errors stand in *out: TOO_BIG. */
void cp_qr_svg(const char *text, const char *label, struct cp_buf *out);

#endif
