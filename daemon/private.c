/* Private needs and learning. See private.h. */
#include "daemon/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/home.h"
#include "proto/mp.h"

static const char magic[] = "coplan private";
#define HEAD (sizeof magic - 1 + 1) /* and the version */

/* ---- Inside the seal ---- */

enum cp_err cp_private_add(struct cp_private *p, enum cp_private_kind kind, uint64_t time_ms,
                           struct cp_bytes text)
{
    void *array = p->rows;
    enum cp_err err = cp_grow(p->mem, &array, &p->cap, p->count + 1, CP_PRIVATE_ROWS_MAX, sizeof *p->rows);
    p->rows = array;
    if (err != CP_OK)
        return err;
    struct cp_private_row *row = &p->rows[p->count++];
    *row = (struct cp_private_row){.kind = kind, .time_ms = time_ms, .text = text};
    randombytes_buf(row->id, sizeof row->id);
    return CP_OK;
}

enum cp_err cp_private_decode(struct cp_private *p, struct cp_bytes plain)
{
    struct cp_cursor c;
    cp_cursor_init(&c, plain, 5 * (CP_PRIVATE_ROWS_MAX + 1));
    size_t count = cp_get_array(&c, 0, CP_PRIVATE_ROWS_MAX);
    enum cp_err err = CP_OK;
    for (size_t i = 0; i < count && c.err == CP_OK && err == CP_OK; i++) {
        uint8_t id[CP_PRIVATE_ID_LEN];
        (void)cp_get_array(&c, 4, 4);
        cp_get_fixed(&c, id, sizeof id);
        uint64_t kind = cp_get_uint(&c, CP_PRIVATE_LEARNING);
        uint64_t time_ms = cp_get_uint(&c, CP_INT_MAX);
        struct cp_bytes text = cp_get_str(&c, CP_TEXT_MAX);
        if (kind == 0)
            cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
        if (c.err == CP_OK)
            err = cp_private_add(p, (enum cp_private_kind)kind, time_ms, text);
        if (c.err == CP_OK && err == CP_OK)
            memcpy(p->rows[p->count - 1].id, id, sizeof id);
    }
    if (err != CP_OK)
        return err;
    return cp_cursor_end(&c) == CP_OK ? CP_OK : CP_ERR_DAMAGED_PRIVATE;
}

void cp_private_encode(const struct cp_private *p, struct cp_buf *out)
{
    cp_put_array(out, p->count);
    for (size_t i = 0; i < p->count; i++) {
        cp_put_array(out, 4);
        cp_put_fixed(out, p->rows[i].id, CP_PRIVATE_ID_LEN);
        cp_put_uint(out, (uint64_t)p->rows[i].kind);
        cp_put_uint(out, p->rows[i].time_ms);
        cp_put_str(out, p->rows[i].text);
    }
}

void cp_private_clear(struct cp_private *p)
{
    if (p->mem == NULL)
        return;
    if (p->plain.ptr != NULL)
        sodium_memzero(p->plain.ptr, p->plain.cap);
    cp_buf_clear(&p->plain);
    cp_free(p->mem, p->rows);
    *p = (struct cp_private){.mem = NULL};
}

/* ---- The file ---- */

static void path_of(const struct cp_node *node, size_t person, const char *tail, char *out, size_t size)
{
    char name[64] = "private-";
    cp_hex_encode(cp_keeper_person(node->keeper, person)->person, 8, name + strlen(name));
    (void)snprintf(name + strlen("private-") + 16, sizeof name - strlen("private-") - 16, "%s", tail);
    cp_home_path(node, name, out, size);
}

static enum cp_err of_errno(int e)
{
    return e == ENOSPC || e == EDQUOT ? CP_ERR_DISK_FULL : CP_ERR_IO;
}

/* Empty when there is no file. */
static enum cp_err read_file(const char *path, struct cp_buf *out)
{
    enum cp_err err = CP_OK;
    ssize_t n = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? CP_OK : CP_ERR_IO;
    while (err == CP_OK && n != 0) {
        uint8_t piece[16384];
        n = read(fd, piece, sizeof piece);
        if (n > 0)
            cp_buf_put(out, piece, (size_t)n);
        if (n < 0 && errno != EINTR)
            err = CP_ERR_IO;
        if (out->err != CP_OK)
            err = out->err == CP_ERR_TOO_BIG ? CP_ERR_DAMAGED_PRIVATE : out->err;
    }
    (void)close(fd);
    return err == CP_OK && out->len == 0 ? CP_ERR_DAMAGED_PRIVATE : err;
}

enum cp_err cp_private_load(struct cp_private *p, const struct cp_node *node, size_t person)
{
    char path[1152];
    struct cp_buf file;
    *p = (struct cp_private){.mem = node->mem};
    if (cp_keeper_locked(node->keeper))
        return CP_ERR_LOCKED;
    path_of(node, person, "", path, sizeof path);
    cp_buf_init(&p->plain, node->mem, CP_PRIVATE_FILE_MAX);
    cp_buf_init(&file, node->mem, CP_PRIVATE_FILE_MAX);
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return CP_OK;
    enum cp_err err = read_file(path, &file);
    if (err == CP_OK && (file.len < HEAD || memcmp(file.ptr, magic, HEAD - 1) != 0))
        err = CP_ERR_DAMAGED_PRIVATE;
    if (err == CP_OK && file.ptr[HEAD - 1] != CP_PRIVATE_VERSION)
        err = file.ptr[HEAD - 1] > CP_PRIVATE_VERSION ? CP_ERR_NEWER_HOME : CP_ERR_DAMAGED_PRIVATE;
    if (err == CP_OK)
        err = cp_keeper_open_private(node->keeper, person, CP_BYTES(file.ptr + HEAD, file.len - HEAD),
                                     &p->plain);
    if (err == CP_OK)
        err = cp_private_decode(p, cp_buf_bytes(&p->plain));
    cp_buf_clear(&file);
    if (err != CP_OK)
        cp_private_clear(p);
    return err;
}

static enum cp_err write_all(int fd, struct cp_bytes bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + at, bytes.len - at);
        if (n < 0 && errno != EINTR)
            return of_errno(errno);
        at += n < 0 ? 0 : (size_t)n;
    }
    return fsync(fd) == 0 ? CP_OK : of_errno(errno);
}

/* A rename is on the disk only when the folder is. */
static enum cp_err replace_file(const char *fresh, const char *path, const char *folder,
                                struct cp_bytes bytes)
{
    (void)unlink(fresh); /* what a crash left; never written through, it may be a link */
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return of_errno(errno);
    enum cp_err err = write_all(fd, bytes);
    if (close(fd) != 0 && err == CP_OK)
        err = of_errno(errno);
    if (err == CP_OK && rename(fresh, path) != 0)
        err = of_errno(errno);
    if (err != CP_OK) {
        (void)unlink(fresh);
        return err;
    }
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return of_errno(errno);
    err = fsync(fd) == 0 ? CP_OK : of_errno(errno);
    (void)close(fd);
    return err;
}

enum cp_err cp_private_save(const struct cp_private *p, const struct cp_node *node, size_t person)
{
    char path[1152], fresh[1152];
    struct cp_buf plain, file;
    path_of(node, person, "", path, sizeof path);
    path_of(node, person, ".new", fresh, sizeof fresh);
    cp_buf_init(&plain, node->mem, CP_PRIVATE_FILE_MAX - 256);
    cp_buf_init(&file, node->mem, CP_PRIVATE_FILE_MAX);
    cp_private_encode(p, &plain);
    enum cp_err err = cp_buf_err(&plain);
    cp_buf_put(&file, magic, HEAD - 1);
    cp_buf_put_byte(&file, CP_PRIVATE_VERSION);
    if (err == CP_OK)
        err = cp_keeper_seal_private(node->keeper, person, cp_buf_bytes(&plain), &file);
    if (err == CP_OK)
        err = cp_buf_err(&file);
    if (err == CP_OK)
        err = replace_file(fresh, path, node->home, cp_buf_bytes(&file));
    if (plain.ptr != NULL)
        sodium_memzero(plain.ptr, plain.cap);
    cp_buf_clear(&plain);
    cp_buf_clear(&file);
    return err;
}
