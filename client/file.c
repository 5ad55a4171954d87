/* Files that people name. Owns: whole reads and whole writes. Must not: know what is in them. */
#include "client/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/show.h"
#include "proto/homename.h"

#define BESIDE_TRIES 100U
#define LINKS_MAX    40U

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
    if (strcmp(typed, "-") == 0) {
        cp_fail(cli, CP_ERR_USAGE, typed, cp_words_screen(CP_SAY_USE_DASH));
        return false;
    }
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

        if (put < 0 && (errno == EINTR || (errno == EAGAIN && poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1) >= 0)))
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

static bool refuse(struct cp_cli *cli, const char *path, int why, enum cp_screen instead)
{
    cp_fail(cli, why == ENOSPC ? CP_ERR_DISK_FULL : CP_ERR_BAD_FILE, path,
            instead != CP_SAY_COUNT ? cp_words_screen(instead) : strerror(why));
    return false;
}

/* Where PATH lies when its folder's links are followed, and its own where there is something; false: errno says why. */
static bool real_place(const char *path, bool there, char out[static PATH_MAX])
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    char folder[PATH_MAX] = ".";

    if (there)
        return realpath(path, out) != NULL;
    if (len >= sizeof folder) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (len > 0) {
        memcpy(folder, path, len);
        folder[len] = '\0';
    }
    if (realpath(folder, out) == NULL)
        return false;
    len = strlen(out);
    if (snprintf(out + len, PATH_MAX - len, "/%s", name) < (int)(PATH_MAX - len))
        return true;
    errno = ENAMETOOLONG;
    return false;
}

/* Is that folder where the system shows the open files of this process? */
static bool shows_ours(const char *folder)
{
    static const char *const shown[] = {"/proc/self/fd", "/proc/thread-self/fd"};
    char real[PATH_MAX];

    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        if (realpath(shown[i], real) != NULL && strcmp(real, folder) == 0)
            return true;
    return false;
}

/* Does PATH name an open descriptor of this process (/dev/stdout, /dev/fd/3)? *out: it, or -1 where nobody opened it for us. */
static bool is_descriptor(const char *path, int *out)
{
    char at[PATH_MAX], next[PATH_MAX];
    char *end = NULL;

    if (!real_place(path, false, at))
        return false;
    for (unsigned i = 0; i < LINKS_MAX; i++) {
        char *slash = strrchr(at, '/'), *name = slash + 1;
        ssize_t len = 0;
        long fd = 0;

        *slash = '\0';
        if (shows_ours(at)) {
            fd = name[0] >= '0' && name[0] <= '9' ? strtol(name, &end, 10) : -1;
            *out = fd >= 0 && fd <= INT_MAX && *end == '\0' && (fcntl((int)fd, F_GETFD) & FD_CLOEXEC) == 0 ? (int)fd : -1;
            return true;
        }
        *slash = '/';
        len = readlink(at, next, sizeof next - 1);
        if (len <= 0)
            return false;
        next[len] = '\0';
        if (next[0] != '/') {
            size_t folder = (size_t)(name - at);

            if (folder + (size_t)len >= sizeof next)
                return false;
            memmove(next + folder, next, (size_t)len + 1);
            memcpy(next, at, folder);
        }
        if (!real_place(next, false, at))
            return false;
    }
    return false;
}

/* Is it one of the home's own files, or in a folder of these? People may keep files of theirs beside them. */
static bool is_homes(const struct cp_cli *cli, const char *place)
{
    char home[PATH_MAX];
    size_t len = 0;

    if (cli->home[0] == '\0' || realpath(cli->home, home) == NULL)
        return false;
    len = strlen(home);
    if (strncmp(place, home, len) != 0 || place[len] != '/')
        return false;
    return cp_home_name_is(place + len + 1, strcspn(place + len + 1, "/"));
}

/* *place: where it lies. False: reported. */
static bool is_free(struct cp_cli *cli, const char *path, bool there, char place[static PATH_MAX])
{
    if (strcmp(path, "-") == 0) {
        cp_fail(cli, CP_ERR_USAGE, path, cp_words_screen(CP_SAY_USE_DASH));
        return false;
    }
    if (!real_place(path, there, place))
        return refuse(cli, path, errno, CP_SAY_COUNT);
    return !is_homes(cli, place) || refuse(cli, path, 0, CP_SAY_USE_IN_HOME);
}

bool cp_file_may_lie(struct cp_cli *cli, const char *path)
{
    char place[PATH_MAX];
    struct stat st;
    int own = -1;

    if (is_descriptor(path, &own)) /* the daemon would take it for one of its own */
        return refuse(cli, path, 0, CP_SAY_USE_NO_FILE);
    return is_free(cli, path, stat(path, &st) == 0, place);
}

bool cp_file_path_out(struct cp_cli *cli, const char *typed, char *out, size_t size)
{
    return cp_file_path(cli, typed, out, size) && (out[0] == '\0' || cp_file_may_lie(cli, out));
}

/*
 * What PATH names: *as_is for a pipe or a device, which is written into and never replaced, and for what a shell opened for us,
 * then *own is its descriptor (else -1); otherwise `place`, a file that is there or can be. A link is followed. False: reported.
 */
static bool find_place(struct cp_cli *cli, const char *path, char place[static PATH_MAX], bool *as_is, int *own)
{
    struct stat st;
    bool there = lstat(path, &st) == 0;

    *as_is = false;
    *own = -1;
    if (there && S_ISLNK(st.st_mode) && stat(path, &st) != 0)
        return refuse(cli, path, errno, CP_SAY_COUNT);
    if (there && S_ISDIR(st.st_mode))
        return refuse(cli, path, EISDIR, CP_SAY_COUNT);
    if (there && is_descriptor(path, own)) {
        int flags = *own < 0 ? -1 : fcntl(*own, F_GETFL);

        *as_is = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
        return *as_is || refuse(cli, path, EBADF, CP_SAY_COUNT);
    }
    *as_is = there && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
    if (there && !*as_is && !S_ISREG(st.st_mode))
        return refuse(cli, path, 0, CP_SAY_USE_NO_FILE);
    return *as_is || is_free(cli, path, there, place);
}

/* Where a shell let it go, behind what was said before: neither cut nor replaced. */
static bool write_on(struct cp_cli *cli, const char *path, int fd, struct cp_bytes content)
{
    bool done = fflush(cli->out) == 0 && fflush(cli->err) == 0 && write_all(fd, content);

    return done || refuse(cli, path, errno, CP_SAY_COUNT);
}

/* Into a pipe or a device; not waiting for somebody to read a pipe. */
static bool write_into(struct cp_cli *cli, const char *path, struct cp_bytes content)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    int why = flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0 || !write_all(fd, content) ? errno : 0;

    if (fd >= 0 && close(fd) != 0 && why == 0)
        why = errno;
    return why == 0 || refuse(cli, path, why, CP_SAY_COUNT);
}

static bool write_whole(struct cp_cli *cli, const char *path, struct cp_bytes content, mode_t mode)
{
    char place[PATH_MAX], beside[PATH_MAX];
    bool as_is = false;
    int fd = -1, why = 0, own = -1;

    if (!find_place(cli, path, place, &as_is, &own))
        return false;
    if (as_is)
        return own >= 0 ? write_on(cli, path, own, content) : write_into(cli, path, content);
    fd = open_beside(place, mode, beside, sizeof beside);
    why = fd < 0 || !write_all(fd, content) || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0 && close(fd) != 0 && why == 0)
        why = errno;
    if (why == 0 && rename(beside, place) != 0)
        why = errno;
    if (why != 0 && fd >= 0)
        (void)unlink(beside);
    return why == 0 || refuse(cli, path, why, CP_SAY_COUNT);
}

bool cp_file_can_write(struct cp_cli *cli, const char *path)
{
    char place[PATH_MAX], beside[PATH_MAX];
    bool as_is = false;
    int fd = -1, own = -1;

    if (!find_place(cli, path, place, &as_is, &own))
        return false;
    if (as_is)
        return true;
    fd = open_beside(place, 0600, beside, sizeof beside);
    if (fd < 0)
        return refuse(cli, path, errno, CP_SAY_COUNT);
    close(fd);
    (void)unlink(beside);
    return true;
}

bool cp_file_write(struct cp_cli *cli, const char *path, struct cp_bytes content)
{
    return write_whole(cli, path, content, 0644);
}

bool cp_file_write_secret(struct cp_cli *cli, const char *path, struct cp_bytes content)
{
    return write_whole(cli, path, content, 0600);
}

const char *cp_file_out(const struct cp_args *args)
{
    const char *path = cp_args_option(args, "out");

    return path != NULL && strcmp(path, "-") == 0 ? NULL : path;
}

bool cp_file_write_or_print(struct cp_cli *cli, const char *path, struct cp_bytes content)
{
    if (path != NULL)
        return cp_file_write(cli, path, content);
    fwrite(content.len > 0 ? content.ptr : (const uint8_t *)"", 1, content.len, cli->out);
    return true;
}
