/*
 * Writing a backup, a piece of the database a turn of the loop. Owns: that everything in it is of one moment: the store
 * keeps its file as it is, and the small files are opened before the first turn (they are only ever replaced whole).
 * Must not: change anything of the home.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/backup.h"
#include "daemon/home.h"
#include "daemon/work.h"

#define OUT_MAX (4U * CP_BUNDLE_FRAME_MAX)

struct source {
    char name[CP_BACKUP_NAME_MAX + 1];
    int fd; /* -1: the frozen database */
    uint64_t size;
};
struct writer {
    struct cp_work work; /* first: cast back */
    struct cp_node *node;
    struct cp_backup_ask ask;
    struct source sources[CP_BACKUP_FILES_MAX];
    size_t count, next;
    uint64_t at; /* in sources[next] */
    uint64_t written, total, read;
    struct cp_bundle_stream stream;
    struct cp_new_file file;
    struct cp_buf out, plain;
    uint8_t *data; /* CP_BACKUP_DATA_MAX */
    struct cp_backup_done done;
};

static void writer_free(struct writer *w)
{
    const struct cp_mem *mem = w->node->mem;
    for (size_t i = 0; i < w->count; i++)
        if (w->sources[i].fd >= 0)
            (void)close(w->sources[i].fd);
    if (w->node->store != NULL)
        cp_store_thaw(w->node->store);
    cp_bundle_stream_end(&w->stream);
    cp_buf_clear(&w->out);
    cp_buf_clear(&w->plain);
    cp_free(mem, w->data);
    cp_free(mem, w);
}

static void finish(struct writer *w, enum cp_err err)
{
    if (err == CP_OK)
        err = cp_new_file_end(&w->file);
    else
        cp_new_file_drop(&w->file);
    w->done.bytes = w->written;
    w->done.path = w->file.path;
    w->ask.done(w->ask.ctx, err, &w->done);
    writer_free(w);
}

/* ---- Pieces ---- */

static enum cp_err flush(struct writer *w)
{
    enum cp_err err = cp_buf_err(&w->out);
    if (err == CP_OK)
        err = cp_new_file_put(&w->file, cp_buf_bytes(&w->out));
    w->written += w->out.len;
    cp_buf_reset(&w->out);
    return err;
}

/* Seals w->plain and writes it. */
static enum cp_err put_plain(struct writer *w, bool last)
{
    enum cp_err err = cp_buf_err(&w->plain);
    if (err == CP_OK)
        cp_bundle_seal(&w->stream, cp_buf_bytes(&w->plain), last, &w->out);
    cp_buf_reset(&w->plain);
    return err == CP_OK ? flush(w) : err;
}

static enum cp_err put_frame(struct writer *w, const struct cp_backup_frame *f)
{
    cp_backup_write(f, &w->plain);
    return put_plain(w, false);
}

static enum cp_err read_source(struct writer *w, const struct source *s, size_t len)
{
    if (s->fd < 0)
        return cp_store_frozen(w->node->store, w->at, w->data, len);
    return cp_file_read_at(s->fd, w->at, w->data, len);
}

static enum cp_err put_data(struct writer *w)
{
    const struct source *s = &w->sources[w->next];
    uint64_t left = s->size - w->at;
    size_t len = left > CP_BACKUP_DATA_MAX ? CP_BACKUP_DATA_MAX : (size_t)left;
    enum cp_err err = CP_OK;
    if (w->at == 0)
        err = put_frame(w, &(struct cp_backup_frame){
                               .type = CP_BACKUP_FILE, .name = cp_bytes_str(s->name), .size = s->size});
    if (err == CP_OK)
        err = read_source(w, s, len);
    if (err == CP_OK)
        err = put_frame(w, &(struct cp_backup_frame){.type = CP_BACKUP_DATA, .data = CP_BYTES(w->data, len)});
    w->at += len;
    w->read += len;
    if (w->at == s->size) {
        w->next++;
        w->at = 0;
    }
    return err;
}

/* END and padding. */
static enum cp_err put_end(struct writer *w)
{
    cp_backup_write(&(struct cp_backup_frame){.type = CP_BACKUP_END}, &w->plain);
    uint64_t used = w->written + w->plain.len + CP_BUNDLE_FRAME_EXTRA;
    uint64_t left = cp_backup_size(used) - used;
    enum cp_err err = put_plain(w, left == 0);
    while (err == CP_OK && left > 0) {
        size_t zeros = cp_bundle_padding(left);
        (void)cp_buf_space(&w->plain, zeros);
        left -= zeros + CP_BUNDLE_FRAME_EXTRA;
        err = put_plain(w, left == 0);
    }
    return err;
}

static bool step(struct cp_work *work)
{
    struct writer *w = (struct writer *)(void *)work;
    bool more = w->next < w->count;
    enum cp_err err = more ? put_data(w) : put_end(w);
    if (err != CP_OK || !more) {
        finish(w, err);
        return false;
    }
    w->ask.progress(w->ask.ctx, w->read, w->total);
    return true;
}

static void stop(struct cp_work *work, enum cp_err why)
{
    finish((struct writer *)(void *)work, why);
}

/* ---- The moment ---- */

static enum cp_err add_source(struct writer *w, const char *name, int fd, uint64_t size)
{
    if (size == 0 || w->count == CP_BACKUP_FILES_MAX) {
        if (fd >= 0)
            (void)close(fd);
        return size == 0 ? CP_OK : CP_ERR_TOO_BIG; /* an empty private file has nothing to keep */
    }
    struct source *s = &w->sources[w->count++];
    (void)snprintf(s->name, sizeof s->name, "%s", name);
    s->fd = fd;
    s->size = size;
    w->total += size;
    return CP_OK;
}

static enum cp_err add_file(struct writer *w, const char *name)
{
    char path[1152];
    struct stat st;
    cp_home_path(w->node, name, path, sizeof path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? CP_OK : CP_ERR_IO;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0) {
        (void)close(fd);
        return CP_ERR_IO;
    }
    return add_source(w, name, fd, (uint64_t)st.st_size);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

/* The persons' private files, by name. */
static enum cp_err add_private(struct writer *w)
{
    size_t from = w->count;
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < cp_keeper_count(w->node->keeper); i++) {
        char name[CP_BACKUP_NAME_MAX + 1] = "private-";
        cp_hex_encode(cp_keeper_person(w->node->keeper, i)->person, 8, name + strlen(name));
        err = add_file(w, name);
    }
    qsort(w->sources + from, w->count - from, sizeof *w->sources, by_name);
    return err;
}

static enum cp_err count_plans(struct writer *w)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_plans(w->node->store, &rows, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++)
        w->done.entries += rows[i].entries;
    w->done.plans = count;
    w->done.persons = cp_keeper_count(w->node->keeper);
    w->done.time_ms = cp_node_time_ms();
    cp_free(w->node->mem, rows);
    return err;
}

/* Everything that is to be in it, as it is now. */
static enum cp_err gather(struct writer *w)
{
    uint64_t size = 0;
    enum cp_err err = count_plans(w);
    if (err == CP_OK)
        err = add_file(w, "keys");
    if (err == CP_OK && w->count == 0)
        err = CP_ERR_DAMAGED_KEY; /* somebody took the file away under us */
    if (err == CP_OK)
        err = cp_store_freeze(w->node->store, &size);
    if (err == CP_OK)
        err = add_source(w, "plan.db", -1, size);
    return err == CP_OK ? add_private(w) : err;
}

static enum cp_err put_head(struct writer *w)
{
    struct cp_backup_head *head = cp_alloc(w->node->mem, sizeof *head);
    uint8_t key[32] = {0};
    enum cp_err err = head == NULL ? CP_ERR_NO_MEMORY : cp_keeper_backup(w->node->keeper, head, key);
    if (err == CP_OK) {
        for (size_t i = 0; i < head->count; i++)
            w->done.anybody = w->done.anybody || head->slots[i].none;
        cp_backup_head_write(head, &w->out);
        err = cp_buf_err(&w->out);
    }
    if (err == CP_OK) {
        cp_bundle_stream_begin(&w->stream, key, cp_buf_bytes(&w->out));
        err = flush(w);
    }
    if (err == CP_OK)
        err = put_frame(w, &(struct cp_backup_frame){.type = CP_BACKUP_BEGIN,
                                                     .time_ms = w->done.time_ms,
                                                     .plans = w->done.plans,
                                                     .entries = w->done.entries,
                                                     .persons = w->done.persons});
    sodium_memzero(key, sizeof key);
    if (head != NULL)
        sodium_memzero(head, sizeof *head);
    cp_free(w->node->mem, head);
    return err;
}

/* An older backup may be replaced; somebody's holiday pictures may not. */
static enum cp_err may_write(const char *path)
{
    uint8_t begin[CP_BACKUP_MAGIC_LEN];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) /* what cannot be read may be anything */
        return errno == ENOENT ? CP_OK : CP_ERR_BAD_FILE;
    ssize_t n = read(fd, begin, sizeof begin);
    (void)close(fd);
    if (n == (ssize_t)sizeof begin && memcmp(begin, CP_BACKUP_MAGIC, sizeof begin) == 0)
        return CP_OK;
    errno = EEXIST;
    return CP_ERR_BAD_FILE;
}

enum cp_err cp_backup_write_start(struct cp_node *node, const struct cp_backup_ask *ask)
{
    const struct cp_mem *mem = node->mem;
    if (node->work != NULL)
        return CP_ERR_BUSY;
    enum cp_err err = may_write(ask->path);
    if (err != CP_OK)
        return err;
    struct writer *w = cp_alloc(mem, sizeof *w);
    if (w == NULL)
        return CP_ERR_NO_MEMORY;
    *w = (struct writer){.work = {.step = step, .stop = stop}, .node = node, .ask = *ask, .file = {.fd = -1}};
    w->ask.path = NULL; /* the file has it */
    cp_buf_init(&w->out, mem, OUT_MAX);
    cp_buf_init(&w->plain, mem, CP_BUNDLE_FRAME_MAX);
    w->data = cp_alloc(mem, CP_BACKUP_DATA_MAX);
    err = w->data == NULL ? CP_ERR_NO_MEMORY : cp_new_file_open(&w->file, ask->path);
    int why = errno;
    if (err == CP_OK)
        err = gather(w);
    if (err == CP_OK)
        err = put_head(w);
    if (err == CP_OK)
        err = cp_work_start(node, &w->work);
    if (err != CP_OK) {
        cp_new_file_drop(&w->file);
        writer_free(w);
        errno = why;
    }
    return err;
}
