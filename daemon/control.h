/*
 * The control socket: HOME/socket/control, one command a connection (docs/api.md).
 * Owns: the socket, its connections, requests and their answers' way out. Must not: know what a command does
 * (serve*.c), or wait for anybody: every descriptor is non-blocking, every buffer has a cap.
 *
 * A client keeps its side open until it has the answer: the end of its stream means that nobody waits.
 * Crash-only: a socket file found at start is stale, because the caller holds the home's lock.
 */
#ifndef CP_CONTROL_H
#define CP_CONTROL_H

#include "daemon/node.h"

#define CP_CONNECTIONS_MAX 64U /* one person's commands; more wait in the backlog */
#define CP_CONTROL_OUT_MAX \
    (256U * 1024U * 1024U)         /* a plan's whole log as rows; beyond: TOO_BIG is answered */
#define CP_CONTROL_READ_MS  10000U /* a command that takes longer to arrive is no command */
#define CP_CONTROL_WRITE_MS 60000U /* a client that does not read its answer for so long is gone */

/* Called with each well-formed request; answers it now or later by cp_reply_*. */
typedef void cp_control_serve(struct cp_request *r);

/* Makes HOME/socket (0700) and listens in it. Errors: IO, TOO_BIG (a home too deep), NO_MEMORY. */
CP_MUST_USE enum cp_err cp_control_new(struct cp_control_socket **out, struct cp_node *node,
                                       cp_control_serve *serve);
/* Closes all; requests that are not answered yet are freed unanswered. Removes the socket file. NULL is fine. */
void cp_control_free(struct cp_control_socket *c);
/* True while a request is arriving. */
bool cp_control_reading(const struct cp_control_socket *c);
/* True while answers are still on their way out. */
bool cp_control_busy(const struct cp_control_socket *c);
/* No new connections from here on. */
void cp_control_stop(struct cp_control_socket *c);

/* Fills at most `max` (CP_CONNECTIONS_MAX + 1 is enough) descriptors to wait for, and takes the result. */
size_t cp_control_fds(struct cp_control_socket *c, struct cp_wait_fd *fds, size_t max);
void cp_control_ready(struct cp_control_socket *c, const struct cp_wait_fd *fds, size_t count,
                      uint64_t now_ms);
/* When cp_control_tick must be called; UINT64_MAX: never. */
uint64_t cp_control_deadline_ms(const struct cp_control_socket *c);
void cp_control_tick(struct cp_control_socket *c, uint64_t now_ms);

/* The passphrase that came with a request; false when none did. Guarded memory of the request. */
bool cp_request_passphrase(const struct cp_request *r, struct cp_bytes *passphrase);

/* The dispatcher (control_serve.c): finds the command in the tables, sees to what it needs, calls it. */
void cp_control_dispatch(struct cp_request *r);
/* Runs Argon2 for person r->person on the passphrase of the request, then calls `next`; answers errors itself. */
void cp_request_seal(struct cp_request *r, void (*next)(struct cp_request *r));

/* For somebody new: measures this machine, chooses how Argon2 runs and runs it on the passphrase of the request (none: there
 * is to be no passphrase); then `done` with the request as its context. Answers errors itself. */
struct cp_job;
void cp_request_new_seal(struct cp_request *r, bool none, void (*done)(struct cp_job *job, void *ctx));

#endif
