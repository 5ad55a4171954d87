/*
 * Reading a backup into HOME/restore.part, one frame a turn of the loop, and judging it before it counts.
 * Owns: that nothing of the home is touched until every byte was authentic and the keys and the database open.
 * Must not: place the files (restore_place.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/backup.h"
#include "daemon/home.h"
#include "daemon/notice.h"
#include "daemon/work.h"

struct secrets {
    uint8_t storage[32];
    uint8_t key[32];
};
struct reader {
    struct cp_work work; /* first: cast back */
    struct cp_node *node;
    struct cp_restore_ask ask;
    struct secrets *secrets; /* guarded */
    int fd, out;             /* out: the file under way; -1: none */
    uint64_t at, size;       /* of the backup */
    struct cp_bundle_stream stream;
    struct cp_backup_order order;
    struct cp_buf in, plain;
    struct cp_backup_done done;
};

static enum cp_err of_errno(void)
{
    return errno == ENOSPC || errno == EDQUOT ? CP_ERR_DISK_FULL : CP_ERR_IO;
}

static void finish(struct reader *r, enum cp_err err)
{
    const struct cp_mem *mem = r->node->mem;
    if (r->out >= 0)
        (void)close(r->out);
    (void)close(r->fd);
    if (err != CP_OK)
        cp_place_drop(r->node);
    cp_bundle_stream_end(&r->stream);
    cp_buf_clear(&r->in);
    cp_buf_clear(&r->plain);
    sodium_free(r->secrets);
    r->done.bytes = r->size;
    r->ask.done(r->ask.ctx, err, &r->done);
    cp_free(mem, r);
}

/* ---- Files ---- */

static enum cp_err close_file(struct reader *r)
{
    if (r->out < 0)
        return CP_OK;
    enum cp_err err = fsync(r->out) == 0 ? CP_OK : of_errno();
    if (close(r->out) != 0 && err == CP_OK)
        err = of_errno();
    r->out = -1;
    return err;
}

static enum cp_err open_file(struct reader *r, struct cp_bytes name)
{
    char text[CP_BACKUP_NAME_MAX + 1], path[1280];
    enum cp_err err = close_file(r);
    if (err != CP_OK)
        return err;
    memcpy(text, name.ptr, name.len); /* one of the names that a home has (cp_backup_read) */
    text[name.len] = '\0';
    cp_place_path(r->node, text, path, sizeof path);
    r->out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return r->out < 0 ? of_errno() : CP_OK;
}

static enum cp_err write_data(struct reader *r, struct cp_bytes b)
{
    for (size_t at = 0; at < b.len;) {
        ssize_t n = write(r->out, b.ptr + at, b.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return of_errno();
        at += (size_t)n;
    }
    return CP_OK;
}

/* ---- Frames ---- */

static enum cp_err take(struct reader *r)
{
    struct cp_backup_frame f;
    enum cp_err err = cp_backup_read(cp_buf_bytes(&r->plain), &f);
    if (err == CP_OK)
        err = cp_backup_next(&r->order, &f);
    if (err != CP_OK)
        return CP_ERR_DAMAGED_FILE;
    if (f.type == CP_BACKUP_BEGIN) {
        r->done.time_ms = f.time_ms;
        r->done.plans = f.plans;
        r->done.entries = f.entries;
        r->done.persons = f.persons;
    } else if (f.type == CP_BACKUP_FILE) {
        err = open_file(r, f.name);
    } else if (f.type == CP_BACKUP_DATA) {
        err = write_data(r, f.data);
    } else if (f.type == CP_BACKUP_END) {
        err = close_file(r);
    }
    return err;
}

/* More of the file, so that `need` bytes are here; DAMAGED_FILE when it ends before. */
static enum cp_err fill(struct reader *r, size_t need)
{
    while (r->in.len < need) {
        size_t had = r->in.len;
        uint8_t *to = cp_buf_space(&r->in, need - had);
        if (to == NULL)
            return cp_buf_err(&r->in) == CP_ERR_TOO_BIG ? CP_ERR_DAMAGED_FILE : cp_buf_err(&r->in);
        ssize_t n = pread(r->fd, to, need - had, (off_t)r->at);
        r->in.len = had + (n > 0 ? (size_t)n : 0);
        r->at += n > 0 ? (uint64_t)n : 0;
        if (n < 0 && errno != EINTR)
            return CP_ERR_IO;
        if (n == 0)
            return CP_ERR_DAMAGED_FILE;
    }
    return CP_OK;
}

/* The next frame, opened into r->plain. */
static enum cp_err next_frame(struct reader *r)
{
    size_t used = 4;
    cp_buf_reset(&r->in);
    if (r->plain.ptr != NULL)
        sodium_memzero(r->plain.ptr, r->plain.len);
    cp_buf_reset(&r->plain);
    for (;;) {
        enum cp_err err = fill(r, used);
        if (err != CP_OK)
            return err;
        err = cp_bundle_open(&r->stream, cp_buf_bytes(&r->in), &r->plain, &used);
        if (err == CP_ERR_TRUNCATED && used > r->in.len)
            continue;
        return err == CP_OK || err == CP_ERR_NO_MEMORY ? err : CP_ERR_DAMAGED_FILE;
    }
}

/* ---- The verdict ---- */

/* The key file opens with what opened the backup, and holds the storage key. */
static enum cp_err judge_keys(struct reader *r)
{
    struct cp_keeper *k = NULL;
    char path[1280];
    cp_place_path(r->node, "keys", path, sizeof path);
    enum cp_err err = cp_keeper_open(&k, path);
    if (err == CP_OK && !cp_keeper_storage_is(k, r->secrets->storage))
        err = CP_ERR_DAMAGED_FILE;
    if (err == CP_OK)
        r->done.persons = cp_keeper_count(k);
    for (size_t i = 0; err == CP_OK && i < cp_keeper_count(k); i++)
        r->done.anybody = r->done.anybody || cp_keeper_person(k, i)->kdf.none;
    cp_keeper_free(k);
    return err == CP_ERR_DAMAGED_KEY ? CP_ERR_DAMAGED_FILE : err;
}

/* The database opens, and begins a new incarnation here: what this home wrote since is with the others, and must
 * not be written a second time in another way. */
static enum cp_err judge_store(struct reader *r)
{
    struct cp_store *s = NULL;
    struct cp_store_options options = {.mem = r->node->mem};
    struct cp_plan_row *rows = NULL;
    char path[1280];
    size_t count = 0;
    cp_place_path(r->node, "plan.db", path, sizeof path);
    enum cp_err err = cp_store_open(&s, path, &options);
    if (err == CP_OK)
        err = cp_store_unlock(s, r->secrets->storage);
    if (err == CP_OK)
        err = cp_store_plans(s, &rows, &count);
    r->done.plans = count;
    r->done.entries = 0;
    for (size_t i = 0; err == CP_OK && i < count; i++)
        r->done.entries += rows[i].entries;
    if (err == CP_OK)
        err = cp_notice_restored(s, r->node->mem, r->done.time_ms);
    cp_free(r->node->mem, rows);
    cp_store_close(s);
    return err == CP_ERR_DAMAGED_STORE || err == CP_ERR_DAMAGED_KEY ? CP_ERR_DAMAGED_FILE : err;
}

static enum cp_err place(struct reader *r)
{
    struct cp_node *node = r->node;
    enum cp_err err = judge_keys(r);
    if (err == CP_OK)
        err = judge_store(r);
    if (err == CP_OK && !r->ask.aside && cp_place_taken(node))
        err = CP_ERR_HOME_EXISTS; /* made while we were reading */
    if (err != CP_OK)
        return err;
    if (node->keeper != NULL) {
        cp_node_lock(node);
        cp_home_close(node);
    }
    err = cp_place_commit(node);
    node->fault = CP_OK;
    return err;
}

static bool step(struct cp_work *work)
{
    struct reader *r = (struct reader *)(void *)work;
    enum cp_err err = CP_OK;
    if (!r->stream.ended) {
        err = next_frame(r);
        if (err == CP_OK)
            err = take(r);
        if (err == CP_OK) {
            r->ask.progress(r->ask.ctx, r->at, r->size);
            return true;
        }
    } else if (r->at != r->size || !cp_backup_whole(&r->order)) {
        err = CP_ERR_DAMAGED_FILE; /* more than was written, or the writer stopped in between */
    } else {
        err = place(r);
    }
    finish(r, err);
    return false;
}

static void stop(struct cp_work *work, enum cp_err why)
{
    finish((struct reader *)(void *)work, why);
}

/* The head is authenticated with every frame. */
static enum cp_err begin_stream(struct reader *r, const struct cp_backup_head *head)
{
    struct cp_buf bytes;
    cp_buf_init(&bytes, r->node->mem, CP_BACKUP_HEAD_MAX + 64);
    cp_backup_head_write(head, &bytes);
    enum cp_err err = cp_buf_err(&bytes);
    if (err == CP_OK)
        cp_bundle_stream_begin(&r->stream, r->secrets->key, cp_buf_bytes(&bytes));
    r->at = head->len;
    cp_buf_clear(&bytes);
    return err;
}

enum cp_err cp_restore_start(struct cp_node *node, const struct cp_restore_ask *ask)
{
    struct stat st;
    struct reader *r = cp_alloc(node->mem, sizeof *r);
    struct secrets *secrets = sodium_malloc(sizeof *secrets);
    enum cp_err err = r == NULL || secrets == NULL ? CP_ERR_NO_MEMORY : fstat(ask->fd, &st) != 0 ? CP_ERR_IO : CP_OK;
    if (err == CP_OK) {
        memcpy(secrets->storage, ask->storage, sizeof secrets->storage);
        memcpy(secrets->key, ask->key, sizeof secrets->key);
        *r = (struct reader){.work = {.step = step, .stop = stop}, .node = node, .ask = *ask, .secrets = secrets};
        r->fd = ask->fd;
        r->out = -1;
        r->size = (uint64_t)st.st_size;
        cp_buf_init(&r->in, node->mem, CP_BUNDLE_FRAME_MAX + 64);
        cp_buf_init(&r->plain, node->mem, CP_BUNDLE_FRAME_MAX);
        err = begin_stream(r, ask->head);
        r->ask.head = NULL;
        r->ask.storage = r->ask.key = NULL;
    }
    if (err == CP_OK)
        err = node->work != NULL ? CP_ERR_BUSY : cp_place_begin(node);
    if (err == CP_OK)
        err = cp_work_start(node, &r->work);
    if (err != CP_OK) {
        (void)close(ask->fd);
        sodium_free(secrets);
        cp_free(node->mem, r);
    }
    return err;
}
