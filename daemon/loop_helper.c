/*
 * The one thread beside the loop: Argon2 takes a second, and meanwhile edits and sessions go on.
 * Owns: the queue, passphrases and seals on their way. Must not: touch anything of the node.
 */
#include "daemon/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct cp_helper {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct cp_job *waiting; /* oldest first */
    struct cp_job *ready;   /* oldest first */
    bool stopping;
    int fd; /* eventfd: a job is ready */
};

struct cp_job *cp_job_new(struct cp_bytes passphrase)
{
    struct cp_job *job = calloc(1, sizeof *job);
    if (job == NULL)
        return NULL;
    job->passphrase = sodium_malloc(passphrase.len + 1);
    job->seal = sodium_malloc(32);
    if (job->passphrase == NULL || job->seal == NULL) {
        sodium_free(job->passphrase);
        sodium_free(job->seal);
        free(job);
        return NULL;
    }
    if (passphrase.len > 0)
        memcpy(job->passphrase, passphrase.ptr, passphrase.len);
    job->passphrase_len = passphrase.len;
    memset(job->seal, 0, 32);
    return job;
}

static void job_free(struct cp_job *job)
{
    sodium_free(job->passphrase);
    sodium_free(job->seal);
    free(job);
}

static void append(struct cp_job **list, struct cp_job *job)
{
    while (*list != NULL)
        list = &(*list)->next;
    job->next = NULL;
    *list = job;
}

static void *work(void *arg)
{
    struct cp_helper *h = arg;
    uint64_t one = 1;
    (void)pthread_mutex_lock(&h->mutex);
    for (;;) {
        while (h->waiting == NULL && !h->stopping)
            (void)pthread_cond_wait(&h->wake, &h->mutex);
        if (h->stopping)
            break;
        struct cp_job *job = h->waiting;
        h->waiting = job->next;
        (void)pthread_mutex_unlock(&h->mutex);
        if (job->choose)
            cp_kdf_choose(&job->kdf, job->kdf.none);
        if (!job->kdf.none)
            job->err = cp_kdf_run(&job->kdf, CP_BYTES(job->passphrase, job->passphrase_len), job->seal);
        (void)pthread_mutex_lock(&h->mutex);
        append(&h->ready, job);
        if (write(h->fd, &one, sizeof one) < 0 && errno != EAGAIN) /* EAGAIN: it is readable already */
            h->stopping = true;
    }
    (void)pthread_mutex_unlock(&h->mutex);
    return NULL;
}

enum cp_err cp_helper_new(struct cp_helper **out)
{
    sigset_t all, old;
    *out = NULL;
    if (sodium_init() < 0) /* guarded memory needs it */
        return CP_ERR_NO_MEMORY;
    struct cp_helper *h = calloc(1, sizeof *h);
    if (h == NULL)
        return CP_ERR_NO_MEMORY;
    h->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (h->fd < 0) {
        free(h);
        return CP_ERR_IO;
    }
    (void)pthread_mutex_init(&h->mutex, NULL);
    (void)pthread_cond_init(&h->wake, NULL);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are the loop's */
    int rc = pthread_create(&h->thread, NULL, work, h);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0) {
        (void)close(h->fd);
        free(h);
        return CP_ERR_IO;
    }
    *out = h;
    return CP_OK;
}

void cp_helper_free(struct cp_helper *h)
{
    if (h == NULL)
        return;
    (void)pthread_mutex_lock(&h->mutex);
    h->stopping = true;
    (void)pthread_cond_signal(&h->wake);
    (void)pthread_mutex_unlock(&h->mutex);
    (void)pthread_join(h->thread, NULL);
    struct cp_job *lists[] = {h->waiting, h->ready};
    for (size_t i = 0; i < 2; i++)
        while (lists[i] != NULL) {
            struct cp_job *next = lists[i]->next;
            job_free(lists[i]);
            lists[i] = next;
        }
    (void)pthread_cond_destroy(&h->wake);
    (void)pthread_mutex_destroy(&h->mutex);
    (void)close(h->fd);
    free(h);
}

void cp_helper_submit(struct cp_helper *h, struct cp_job *job)
{
    (void)pthread_mutex_lock(&h->mutex);
    append(&h->waiting, job);
    (void)pthread_cond_signal(&h->wake);
    (void)pthread_mutex_unlock(&h->mutex);
}

int cp_helper_fd(const struct cp_helper *h)
{
    return h->fd;
}

void cp_helper_collect(struct cp_helper *h)
{
    uint64_t count = 0;
    ssize_t n = read(h->fd, &count, sizeof count);
    (void)n; /* EAGAIN when nothing was ready: then the list is empty too */
    (void)pthread_mutex_lock(&h->mutex);
    struct cp_job *job = h->ready;
    h->ready = NULL;
    (void)pthread_mutex_unlock(&h->mutex);
    while (job != NULL) {
        struct cp_job *next = job->next;
        job->done(job, job->ctx);
        job_free(job);
        job = next;
    }
}
