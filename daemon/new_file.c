/* A file that is there whole or not at all, and pieces of one. See new_file.h. */
#include "daemon/new_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum cp_err err_of(int why)
{
    return why == ENOSPC || why == EDQUOT ? CP_ERR_DISK_FULL : why == EIO ? CP_ERR_IO : CP_ERR_BAD_FILE;
}

enum cp_err cp_new_file_open(struct cp_new_file *f, const char *path)
{
    f->fd = -1;
    int len = snprintf(f->path, sizeof f->path, "%s", path);
    int temp = snprintf(f->temp, sizeof f->temp, "%s" CP_NEW_FILE_PART "XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof f->path || temp < 0 || (size_t)temp >= sizeof f->temp) {
        errno = ENAMETOOLONG;
        return CP_ERR_BAD_FILE;
    }
    f->fd = mkstemp(f->temp);
    if (f->fd < 0)
        return err_of(errno);
    (void)fcntl(f->fd, F_SETFD, FD_CLOEXEC);
    return CP_OK;
}

void cp_new_file_for_all(struct cp_new_file *f)
{
    (void)fchmod(f->fd, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH); /* many sticks know no modes: no harm */
}

enum cp_err cp_new_file_put(struct cp_new_file *f, struct cp_bytes b)
{
    size_t at = 0;
    while (at < b.len) {
        ssize_t n = write(f->fd, b.ptr + at, b.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_of(errno);
        at += (size_t)n;
    }
    return CP_OK;
}

enum cp_err cp_new_file_put_at(struct cp_new_file *f, uint64_t at, struct cp_bytes b)
{
    size_t done = 0;
    while (done < b.len) {
        ssize_t n = pwrite(f->fd, b.ptr + done, b.len - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_of(errno);
        done += (size_t)n;
    }
    return CP_OK;
}

static void sync_folder(const char *path)
{
    char copy[sizeof((struct cp_new_file *)NULL)->path];
    (void)snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd); /* some sticks' file systems cannot; the rename stands all the same */
    (void)close(fd);
}

/* Takes the name with an empty file, which the rename then replaces: unlike a link, every stick's file system can. */
static enum cp_err claim(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? CP_ERR_FILE_THERE : err_of(errno);
    (void)close(fd);
    return CP_OK;
}

static enum cp_err end(struct cp_new_file *f, bool over)
{
    enum cp_err err = fsync(f->fd) == 0 ? CP_OK : err_of(errno);
    if (close(f->fd) != 0 && err == CP_OK)
        err = err_of(errno);
    f->fd = -1;
    if (err == CP_OK && !over)
        err = claim(f->path);
    if (err == CP_OK && rename(f->temp, f->path) != 0) {
        err = err_of(errno);
        if (!over)
            (void)unlink(f->path);
    }
    if (err == CP_OK)
        sync_folder(f->path);
    else
        (void)unlink(f->temp);
    return err;
}

enum cp_err cp_new_file_end(struct cp_new_file *f)
{
    return end(f, true);
}

void cp_new_file_drop(struct cp_new_file *f)
{
    if (f->fd < 0)
        return;
    (void)close(f->fd);
    (void)unlink(f->temp);
    f->fd = -1;
}

void cp_new_file_sweep(const char *folder, const char *name)
{
    struct dirent *entry = NULL;
    size_t len = strlen(name);
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL)
        if (strncmp(entry->d_name, name, len) == 0 &&
            strncmp(entry->d_name + len, CP_NEW_FILE_PART, sizeof CP_NEW_FILE_PART - 1) == 0)
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    (void)closedir(dir);
}

static enum cp_err whole(const char *path, struct cp_bytes b, bool over)
{
    struct cp_new_file file;
    enum cp_err err = cp_new_file_open(&file, path);
    if (err == CP_OK)
        err = cp_new_file_put(&file, b);
    if (err == CP_OK)
        err = end(&file, over);
    cp_new_file_drop(&file);
    return err;
}

enum cp_err cp_new_file_whole(const char *path, struct cp_bytes b)
{
    return whole(path, b, true);
}

enum cp_err cp_new_file_whole_new(const char *path, struct cp_bytes b)
{
    return whole(path, b, false);
}

enum cp_err cp_file_read_at(int fd, uint64_t at, uint8_t *to, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(fd, to + done, len - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return CP_ERR_IO;
        done += (size_t)n;
    }
    return CP_OK;
}
