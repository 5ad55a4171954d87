/*
 * The daemon's one loop, and the helper thread for Argon2.
 * Owns: waiting, signals, what is done when. Must not: know commands, files or keys.
 */
#ifndef CP_LOOP_H
#define CP_LOOP_H

#include "daemon/node.h"

/* ---- The helper thread (loop_helper.c): one job at a time, in order ---- */
struct cp_helper;

/* One run of Argon2. Owned by the helper from submit until done was called, then freed by it. */
struct cp_job {
    struct cp_kdf kdf;
    bool choose;         /* measure this machine first (kdf.none is kept) and fill kdf */
    uint8_t *passphrase; /* sodium_malloc'd; freed by the helper */
    size_t passphrase_len;
    uint8_t *seal; /* out: 32 bytes, guarded; freed by the helper */
    enum cp_err err;
    void (*done)(struct cp_job *job,
                 void *ctx); /* on the loop's thread; never called once the helper is freed */
    void *ctx;
    struct cp_job *next; /* private */
};
/* Copies the passphrase into guarded memory. NULL: out of memory. */
struct cp_job *cp_job_new(struct cp_bytes passphrase);

CP_MUST_USE enum cp_err cp_helper_new(struct cp_helper **out); /* IO */
/* Waits for the job that is running (about a second), forgets the others. NULL is fine. */
void cp_helper_free(struct cp_helper *h);
void cp_helper_submit(struct cp_helper *h, struct cp_job *job);
/* Readable when a job is done; then collect, which calls `done`. */
int cp_helper_fd(const struct cp_helper *h);
void cp_helper_collect(struct cp_helper *h);

/* ---- The loop (loop.c) ---- */
/* SIGTERM and SIGINT are blocked and come through a descriptor from here on; call before any thread starts.
 * IO. */
CP_MUST_USE enum cp_err cp_loop_signals(int *fd);
/* Runs until node->stopping, then until every answer was handed over (2 s at most). */
CP_MUST_USE enum cp_err cp_loop_run(struct cp_node *node, int signal_fd);

#endif
