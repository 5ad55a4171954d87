/*
 * The line to the daemon: finds the socket, starts copland when nobody answers, sends one command and reads
 * its answers.
 * Owns: the socket and the child process it starts. Must not: know what a command means.
 */
#ifndef CP_CLIENT_CONNECT_H
#define CP_CLIENT_CONNECT_H

#include "client/cli.h"

enum {
    CP_ASK_SEAL = 1,     /* signs a statement: a passphrase is sent, and asked for when the daemon needs it */
    CP_ASK_ROWS = 2,     /* the answer is a list: an array of the rows */
    CP_ASK_NO_START = 4, /* do not start a daemon for it */
    CP_ASK_QUIET = 8,    /* NULL without a report when nobody answers */
    CP_ASK_NO_HOME = 16, /* fine without a home */
    CP_ASK_TRIED = 32    /* with ROWS, for people: rows that came before an error are the answer, each with its own; the status is the error's */
};

/*
 * Sends {"do": name, .., "with": with} and returns the answer as a new reference (json null for none), or NULL
 * after reporting why not. Takes the reference to `with` (NULL: out of memory, reported). cli->status is the exit
 * status that came with the answer.
 */
json_t *cp_ask(struct cp_cli *cli, const char *name, json_t *with, unsigned flags);

/* The same with this passphrase (NULL: none), and nobody is asked for one. */
json_t *cp_ask_with(struct cp_cli *cli, const char *name, json_t *with, unsigned flags,
                    const char *passphrase);

/* Starts copland unless it answers already. False: reported. */
bool cp_daemon_start(struct cp_cli *cli);
/* Waits until the process is gone and nobody answers; false after too long (not reported). */
bool cp_daemon_wait_gone(struct cp_cli *cli, int64_t pid);

#endif
