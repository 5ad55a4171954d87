/* How far a long command is. See progress.h. */
#include "client/progress.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "client/words.h"

#define AFTER_MS    1000U /* what is over by then needs no progress */
#define PACE_MS     1000U /* of work before its pace says something */
#define LEFT_MAX_MS (2U * 24U * 3600U * 1000U)
#define SENTENCE    256U
#define NUMBER      128U

static void fill(enum cp_screen id, const char *a, const char *b, const char *c, struct cp_buf *out)
{
    const char *const args[4] = {a, b, c, NULL};

    cp_words_fill(cp_words_screen(id), args, out);
}

/* 3120 as 3,120, as the language spoken groups it. */
static const char *grouped(int64_t number, char out[static NUMBER])
{
    char digits[32], group[4] = "";
    size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRId64, number < 0 ? 0 : number);
    size_t first = len % 3 == 0 ? 3 : len % 3;

    (void)snprintf(out, NUMBER, "%.*s", (int)first, digits);
    for (size_t at = first; at < len; at += 3) {
        struct cp_buf more;
        memcpy(group, digits + at, 3);
        cp_buf_init(&more, &cp_client_mem, NUMBER);
        fill(CP_SAY_NUMBER_GROUPS, out, group, NULL, &more);
        if (cp_buf_err(&more) == CP_OK && more.len < NUMBER) {
            memcpy(out, more.ptr, more.len);
            out[more.len] = '\0';
        }
        cp_buf_clear(&more);
    }
    return out;
}

/* Rounded as people would say it. */
static void put_time(uint64_t left_ms, struct cp_buf *out)
{
    uint64_t seconds = left_ms / 1000U + 1U, minutes = (seconds + 30U) / 60U;
    char number[NUMBER];

    if (seconds <= 55U)
        fill(CP_SAY_ABOUT_SECONDS, grouped((int64_t)((seconds + 4U) / 5U * 5U), number), NULL, NULL, out);
    else if (minutes <= 1U)
        fill(CP_SAY_ABOUT_A_MINUTE, NULL, NULL, NULL, out);
    else if (minutes < 100U)
        fill(CP_SAY_ABOUT_MINUTES, grouped((int64_t)minutes, number), NULL, NULL, out);
    else
        fill(CP_SAY_ABOUT_HOURS, grouped((int64_t)((minutes + 30U) / 60U), number), NULL, NULL, out);
}

void cp_progress_text(int64_t done, int64_t of, bool counted, uint64_t left_ms, struct cp_buf *out)
{
    char first[NUMBER], second[NUMBER];
    struct cp_buf left;

    cp_buf_init(&left, out->mem, SENTENCE);
    if (left_ms != UINT64_MAX)
        put_time(left_ms, &left);
    cp_buf_put(&left, "", 1);
    const char *time = cp_buf_err(&left) == CP_OK ? (const char *)left.ptr : NULL;
    if (!counted && of > 0) {
        done = done > of ? of : done;
        fill(CP_SAY_PROGRESS_PART, grouped(of > INT64_MAX / 100 ? done / (of / 100) : done * 100 / of, first),
             time, NULL, out);
    } else {
        fill(CP_SAY_PROGRESS_COUNT, grouped(done, first), of > 0 ? grouped(of, second) : NULL, time, out);
    }
    cp_buf_clear(&left);
}

uint64_t cp_progress_left_ms(const struct cp_progress *p, int64_t done, int64_t of, uint64_t now_ms)
{
    uint64_t spent = p->any && now_ms > p->first_ms ? now_ms - p->first_ms : 0;

    if (spent < PACE_MS || done <= p->first_done || of <= done)
        return UINT64_MAX;
    /* As a ratio: a peer may claim any number to come. */
    double left = (double)spent * (double)(of - done) / (double)(done - p->first_done);
    return left > (double)LEFT_MAX_MS ? UINT64_MAX : (uint64_t)left;
}

void cp_progress_show(struct cp_progress *p, struct cp_cli *cli, int64_t done, int64_t of, bool counted,
                      uint64_t now_ms)
{
    struct cp_buf text;

    if (!p->any) {
        p->any = true;
        p->first_ms = now_ms;
        p->first_done = done;
    }
    if (cli->json || !isatty(fileno(cli->err)) || now_ms - p->began_ms < AFTER_MS)
        return;
    cp_buf_init(&text, cli->mem, 4U * SENTENCE);
    cp_progress_text(done, of, counted, cp_progress_left_ms(p, done, of, now_ms), &text);
    if (cp_buf_err(&text) == CP_OK) {
        size_t len = text.len, over = p->width > len ? p->width - len : 0;
        fputs("\r", cli->err);
        fwrite(text.ptr, 1, len, cli->err);
        fprintf(cli->err, "%*s", (int)over, "");
        fflush(cli->err);
        p->width = len;
    }
    cp_buf_clear(&text);
}

void cp_progress_clear(struct cp_progress *p, struct cp_cli *cli)
{
    if (p->width > 0)
        fprintf(cli->err, "\r%*s\r", (int)p->width, "");
    p->width = 0;
}
