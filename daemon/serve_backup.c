/*
 * Commands about backups: backup, restore (docs/api.md). Owns: what these answer, and trying a passphrase on a backup's
 * slots. Must not: read or write what is in a backup (backup_write.c, restore.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/backup.h"
#include "daemon/control.h"
#include "daemon/held.h"
#include "daemon/home.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/view.h"

#define ANSWER_MAX 65536U

static void answer(struct cp_request *r, const struct cp_backup_done *d)
{
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 7);
    cp_api_key(&out, "path");
    if (d->path != NULL)
        cp_api_cstr(&out, d->path);
    else
        cp_api_text(&out, cp_arg(r, "path"));
    cp_api_count(&out, "time", d->time_ms);
    cp_api_count(&out, "bytes", d->bytes);
    cp_api_count(&out, "plans", d->plans);
    cp_api_count(&out, "entries", d->entries);
    cp_api_count(&out, "persons", d->persons);
    cp_api_key(&out, "no_passphrase"); /* whoever has the file can open it */
    cp_api_bool(&out, d->anybody);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

static void progressed(void *ctx, uint64_t done, uint64_t of)
{
    cp_reply_progress(ctx, done, of, "backup");
}

/* ---- backup ---- */

static void wrote(void *ctx, enum cp_err err, const struct cp_backup_done *d)
{
    struct cp_request *r = ctx;
    cp_log(err == CP_OK ? CP_LOG_INFO : CP_LOG_WARN, "backup", "code=%s", cp_err_word(err));
    if (err == CP_OK)
        answer(r, d);
    else
        cp_reply_error(r, err, NULL, NULL);
}

static void serve_backup(struct cp_request *r)
{
    char path[CP_PATH_MAX + 1];
    if (!cp_request_path(r, "path", path)) {
        cp_reply_error(r, CP_ERR_USAGE, NULL, NULL);
        return;
    }
    struct cp_backup_ask ask = {.path = path, .done = wrote, .progress = progressed, .ctx = r};
    errno = 0;
    enum cp_err err = cp_backup_write_start(r->node, &ask);
    if (err != CP_OK)
        cp_reply_error(r, err, err == CP_ERR_BAD_FILE ? path : NULL, err == CP_ERR_BAD_FILE ? strerror(errno) : NULL);
}

/* ---- restore ---- */

/* A backup whose passphrase is being tried. */
struct opening {
    struct cp_request *r;
    struct cp_backup_head head;
    size_t slot;
    int fd;
};

static void opening_free(struct opening *o)
{
    const struct cp_mem *mem = o->r->node->mem;
    if (o->fd >= 0)
        (void)close(o->fd);
    sodium_memzero(o, sizeof *o);
    cp_free(mem, o);
}

static void restored(void *ctx, enum cp_err err, const struct cp_backup_done *d)
{
    struct cp_request *r = ctx;
    struct cp_node *node = r->node; /* the request is gone once it is answered */
    cp_log(err == CP_OK ? CP_LOG_INFO : CP_LOG_WARN, "restore", "code=%s", cp_err_word(err));
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    answer(r, d);
    /* Where nobody has a passphrase it opens by itself; trouble is told by the next command. */
    if (cp_home_open(node) != CP_OK)
        cp_log(CP_LOG_WARN, "restore", "code=%s", cp_err_word(node->fault));
}

static void start(struct opening *o, const uint8_t *storage, const uint8_t *key)
{
    struct cp_request *r = o->r;
    struct cp_restore_ask ask = {.fd = o->fd,
                                 .head = &o->head,
                                 .storage = storage,
                                 .key = key,
                                 .aside = cp_api_member_true(&r->with, "aside"),
                                 .done = restored,
                                 .progress = progressed,
                                 .ctx = r};
    o->fd = -1;
    enum cp_err err = cp_restore_start(r->node, &ask);
    opening_free(o);
    if (err != CP_OK)
        cp_reply_error(r, err, NULL, NULL);
}

/* True when this slot opened, and the rest is under way. */
static bool try_slot(struct opening *o, const uint8_t *seal)
{
    uint8_t storage[32], key[32];
    bool open = cp_backup_slot_open(&o->head, o->slot, seal, storage, key);
    if (open)
        start(o, storage, key);
    sodium_memzero(storage, sizeof storage);
    sodium_memzero(key, sizeof key);
    return open;
}

static void try_next(struct opening *o);

static void tried(struct cp_job *job, void *ctx)
{
    struct opening *o = ctx;
    if (job->err != CP_OK) {
        struct cp_request *r = o->r;
        opening_free(o);
        cp_reply_error(r, job->err, NULL, NULL);
    } else if (!try_slot(o, job->seal)) {
        o->slot++;
        try_next(o);
    }
}

/* The passphrase may be anybody's who has keys on that machine, so it is tried on every slot. */
static void try_next(struct opening *o)
{
    struct cp_request *r = o->r;
    struct cp_bytes passphrase = {NULL, 0};
    struct cp_job *job = NULL;
    struct cp_kdf kdf = {.passes = 0};
    enum cp_err err = CP_ERR_WRONG_PASSPHRASE;
    if (o->slot < o->head.count)
        err = cp_backup_slot_kdf(&o->head.slots[o->slot], &kdf);
    if (err == CP_ERR_BAD_BODY)
        err = CP_ERR_DAMAGED_FILE;
    if (err == CP_OK && !cp_request_passphrase(r, &passphrase))
        err = CP_ERR_PASSPHRASE_NEEDED;
    if (err == CP_OK)
        job = cp_job_new(passphrase);
    if (err == CP_OK && job == NULL)
        err = CP_ERR_NO_MEMORY;
    if (err != CP_OK) {
        opening_free(o);
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    job->kdf = kdf;
    job->done = tried;
    job->ctx = o;
    cp_helper_submit(r->node->helper, job);
}

/* A slot that is open to anybody needs no passphrase. */
static void try_first(struct opening *o)
{
    static const uint8_t nothing[32] = {0};
    for (o->slot = 0; o->slot < o->head.count; o->slot++)
        if (o->head.slots[o->slot].none && try_slot(o, nothing))
            return;
    o->slot = 0;
    while (o->slot < o->head.count && o->head.slots[o->slot].none)
        o->slot++;
    try_next(o);
}

static enum cp_err read_head(int fd, struct cp_backup_head *head)
{
    uint8_t bytes[CP_BACKUP_HEAD_MAX + 64];
    struct stat st;
    size_t len = 0;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return CP_ERR_BAD_FILE;
    }
    while (len < sizeof bytes) {
        ssize_t n = pread(fd, bytes + len, sizeof bytes - len, (off_t)len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return CP_ERR_IO;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    enum cp_err err = cp_backup_head_read(CP_BYTES(bytes, len), head);
    errno = 0;
    if (err == CP_ERR_NEWER_RULES)
        return CP_ERR_NEWER_FILE;
    if (err == CP_ERR_NOT_CANONICAL || len == 0)
        return CP_ERR_BAD_FILE;
    return err == CP_OK ? CP_OK : CP_ERR_DAMAGED_FILE;
}

/* What a restore would find in its way. */
static enum cp_err look(struct cp_request *r)
{
    enum cp_err err = cp_home_open(r->node);
    if (cp_api_member_true(&r->with, "aside"))
        return CP_OK;
    return err == CP_ERR_NO_HOME && !cp_place_taken(r->node) ? CP_OK : CP_ERR_HOME_EXISTS;
}

static void serve_restore(struct cp_request *r)
{
    char path[CP_PATH_MAX + 1];
    enum cp_err err = cp_request_path(r, "path", path) ? look(r) : CP_ERR_USAGE;
    if (err != CP_OK) {
        cp_reply_error(r, err, err == CP_ERR_HOME_EXISTS ? cp_held_place(r->node) : NULL, NULL);
        return;
    }
    struct opening *o = cp_alloc(r->node->mem, sizeof *o);
    if (o == NULL) {
        cp_reply_error(r, CP_ERR_NO_MEMORY, NULL, NULL);
        return;
    }
    o->r = r;
    o->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    err = o->fd < 0 ? CP_ERR_BAD_FILE : read_head(o->fd, &o->head);
    int why = errno;
    if (err == CP_OK && r->node->work != NULL)
        err = CP_ERR_BUSY;
    if (err == CP_OK) {
        try_first(o);
        return;
    }
    opening_free(o);
    cp_reply_error(r, err, err == CP_ERR_BAD_FILE || err == CP_ERR_DAMAGED_FILE || err == CP_ERR_NEWER_FILE ? path : NULL,
                   err == CP_ERR_BAD_FILE && why != 0 ? strerror(why) : NULL);
}

const struct cp_command cp_serve_backup[] = {
    {"backup", CP_NEED_UNLOCKED, serve_backup},
    {"restore", CP_NEED_NO_HOME, serve_restore},
    {NULL, 0, NULL},
};
