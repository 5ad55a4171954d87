/*
 * Invitations in twelve words: what `invite` and `join` do with them (serve_spoken.c). Single thread, the daemon's.
 */
#ifndef CP_SERVE_SPOKEN_H
#define CP_SERVE_SPOKEN_H

#include "daemon/node.h"

/* Answers `invite` with `words`: a secret, stretched on the helper thread, the INVITE that follows from it, open for an hour. */
void cp_serve_invite_words(struct cp_request *r);
/* Answers `join` with such words: finds whose they are, here or on the networks that are fine, and joins as with an invitation that
 * says the same. The seal is there. */
void cp_serve_join_words(struct cp_request *r, struct cp_bytes typed);

#endif
