/* Files that people name. Owns: whole reads and whole writes. Must not: know what is in them. */
#include "client/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/show.h"

#define BESIDE_TRIES 100U

bool cp_file_is(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool cp_file_path(struct cp_cli *cli, const char *typed, char *out, size_t size)
{
    char here[4096] = "";
    int len = 0;

    out[0] = '\0';
    if (typed == NULL)
        return true;
    if (typed[0] == '\0') { /* else it would be the folder we happen to stand in */
        cp_fail(cli, CP_ERR_USAGE, cp_words_screen(CP_SAY_USE_EMPTY), NULL);
        return false;
    }
    if (typed[0] != '/' && getcwd(here, sizeof here) == NULL) {
        cp_fail(cli, CP_ERR_BAD_FILE, typed, strerror(errno));
        return false;
    }
    len = snprintf(out, size, "%s%s%s", here, typed[0] != '/' ? "/" : "", typed);
    if (len > 0 && (size_t)len < size)
        return true;
    cp_fail(cli, CP_ERR_TOO_BIG, typed, NULL);
    return false;
}

bool cp_file_read(struct cp_cli *cli, const char *path, size_t max, struct cp_buf *out)
{
    uint8_t block[65536];
    struct stat st;
    ssize_t got = 0;
    /* Not waiting for a pipe that nobody writes to. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st) != 0) {
        cp_fail(cli, CP_ERR_BAD_FILE, path, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        cp_fail(cli, CP_ERR_BAD_FILE, path, cp_words_screen(CP_SAY_USE_NO_FILE));
    } else {
        while ((got = read(fd, block, sizeof block)) > 0 && out->len + (size_t)got <= max)
            cp_buf_put(out, block, (size_t)got);
        if (got < 0)
            cp_fail(cli, CP_ERR_BAD_FILE, path, strerror(errno));
        else if (got > 0)
            cp_fail(cli, CP_ERR_TOO_BIG, path, cp_show_number((int64_t)max));
        else if (cp_buf_err(out) != CP_OK)
            cp_fail(cli, cp_buf_err(out), path, NULL);
    }
    if (fd >= 0)
        close(fd);
    return !cli->failed;
}

static bool write_all(int fd, struct cp_bytes content)
{
    while (content.len > 0) {
        ssize_t put = write(fd, content.ptr, content.len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        content.ptr += put;
        content.len -= (size_t)put;
    }
    return true;
}

int cp_file_fill(const char *path, struct cp_bytes content)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    int why = fd < 0 || !write_all(fd, content) || fsync(fd) != 0 ? errno : 0;

    if (fd >= 0 && close(fd) != 0 && why == 0)
        why = errno;
    return why;
}

/* Opens a new file beside PATH, under a name that nobody has: what lies there is somebody's. -1: errno says why. */
static int open_beside(const char *path, mode_t mode, char *beside, size_t size)
{
    int fd = -1;

    for (unsigned i = 0; fd < 0 && i < BESIDE_TRIES; i++) {
        int len = snprintf(beside, size, "%s.part-%ld-%u", path, (long)getpid(), i);

        if (len < 0 || (size_t)len >= size) {
            errno = ENAMETOOLONG;
            return -1;
        }
        fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    return fd;
}

static bool write_whole(struct cp_cli *cli, const char *path, struct cp_bytes content, mode_t mode)
{
    char beside[4096];
    int fd = open_beside(path, mode, beside, sizeof beside);
    int why = fd < 0 || !write_all(fd, content) || fsync(fd) != 0 ? errno : 0;

    if (fd >= 0 && close(fd) != 0 && why == 0)
        why = errno;
    if (why == 0 && rename(beside, path) != 0)
        why = errno;
    if (why != 0) {
        if (fd >= 0)
            (void)unlink(beside);
        cp_fail(cli, why == ENOSPC ? CP_ERR_DISK_FULL : CP_ERR_BAD_FILE, path, strerror(why));
    }
    return why == 0;
}

bool cp_file_write(struct cp_cli *cli, const char *path, struct cp_bytes content)
{
    return write_whole(cli, path, content, 0644);
}

bool cp_file_write_secret(struct cp_cli *cli, const char *path, struct cp_bytes content)
{
    return write_whole(cli, path, content, 0600);
}

bool cp_file_write_or_print(struct cp_cli *cli, const char *path, struct cp_bytes content)
{
    if (path != NULL)
        return cp_file_write(cli, path, content);
    fwrite(content.len > 0 ? content.ptr : (const uint8_t *)"", 1, content.len, cli->out);
    return true;
}
