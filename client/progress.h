/*
 * How far a long command is, and how long it may still take: "3,120 of 8,000; about 20 seconds".
 * Owns: the sentence, and the line on the terminal. Must not: be shown where nobody looks (no terminal, --json), or be
 * taken for more than a guess: the time left is what is left at the pace so far.
 */
#ifndef CP_CLIENT_PROGRESS_H
#define CP_CLIENT_PROGRESS_H

#include "client/cli.h"

struct cp_progress {
    uint64_t began_ms; /* when the command was given; monotonic */
    bool any;          /* something was heard: of first_done, at first_ms */
    uint64_t first_ms;
    int64_t first_done;
    size_t width; /* bytes on the line now; 0: nothing is shown */
};

/*
 * The sentence. counted: done and of are things that people count; else only how much of the whole is shown. of 0: not known.
 * left_ms UINT64_MAX: not known. The buffer's error says whether it worked.
 */
void cp_progress_text(int64_t done, int64_t of, bool counted, uint64_t left_ms, struct cp_buf *out);
/* What is left at the pace since the first that was heard; UINT64_MAX while that tells nothing, or beyond two days. */
uint64_t cp_progress_left_ms(const struct cp_progress *p, int64_t done, int64_t of, uint64_t now_ms);
/* Shows it, a second after the beginning and on a terminal alone; clear takes it away again. */
void cp_progress_show(struct cp_progress *p, struct cp_cli *cli, int64_t done, int64_t of, bool counted,
                      uint64_t now_ms);
void cp_progress_clear(struct cp_progress *p, struct cp_cli *cli);

#endif
