/*
 * How restored files become a home: all at once, as far as anybody can see, whatever is cut off in between.
 * Owns: HOME/restore.part, HOME/restore.ready and HOME/before-restore-N. Must not: judge what is in the files.
 *
 * restore.part is nothing yet and may be thrown away at any time. Renamed to restore.ready it counts. From there each step
 * can be done again: as long as plan.db is in restore.ready all that is in the home is old and goes into the folder that
 * the file "aside" names; then plan.db moves, and then the others. An empty restore.ready is removed last. Until then no
 * home is opened here (home.c calls cp_place_finish first).
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
#include "daemon/log.h"

#define PART  "restore.part"
#define READY "restore.ready"
#define ASIDE "before-restore-"

enum { PATH_LEN = 1280, BEFORE_MAX = 1000 };

static enum cp_err of_errno(void)
{
    return errno == ENOSPC || errno == EDQUOT ? CP_ERR_DISK_FULL : CP_ERR_IO;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Is a file of this name part of a home? */
static bool is_part(const char *name)
{
    static const char *const names[] = {"keys", "plan.db", "plan.db-wal", "plan.db-shm", "plan.db.marker"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return begins(name, "private-");
}

static void path_in(const struct cp_node *node, const char *folder, const char *name, char out[static PATH_LEN])
{
    if (folder[0] == '\0')
        (void)snprintf(out, PATH_LEN, "%s/%s", node->home, name);
    else
        (void)snprintf(out, PATH_LEN, "%s/%s%s%s", node->home, folder, name[0] == '\0' ? "" : "/", name);
}

void cp_place_path(const struct cp_node *node, const char *name, char *out, size_t size)
{
    char path[PATH_LEN];
    path_in(node, PART, name, path);
    (void)snprintf(out, size, "%s", path);
}

static bool is_there(const struct cp_node *node, const char *folder, const char *name)
{
    char path[PATH_LEN];
    struct stat st;
    path_in(node, folder, name, path);
    return lstat(path, &st) == 0;
}

static enum cp_err sync_folder(const struct cp_node *node, const char *folder)
{
    char path[PATH_LEN];
    if (folder[0] == '\0')
        (void)snprintf(path, sizeof path, "%s", node->home);
    else
        path_in(node, folder, "", path);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return of_errno();
    enum cp_err err = fsync(fd) == 0 ? CP_OK : of_errno();
    (void)close(fd);
    return err;
}

/* Calls `each` for every name in HOME/FOLDER that is not "." or ".."; stops at the first error. */
static enum cp_err each_in(const struct cp_node *node, const char *folder,
                           enum cp_err (*each)(const struct cp_node *node, const char *name, void *ctx), void *ctx)
{
    char path[PATH_LEN];
    enum cp_err err = CP_OK;
    path_in(node, folder, "", path);
    DIR *dir = opendir(path);
    if (dir == NULL)
        return errno == ENOENT ? CP_OK : of_errno();
    for (struct dirent *e = readdir(dir); e != NULL && err == CP_OK; e = readdir(dir))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            err = each(node, e->d_name, ctx);
    (void)closedir(dir);
    return err;
}

static enum cp_err look(const struct cp_node *node, const char *name, void *ctx)
{
    (void)node;
    *(bool *)ctx = *(bool *)ctx || is_part(name);
    return CP_OK;
}

bool cp_place_taken(const struct cp_node *node)
{
    bool taken = false;
    enum cp_err err = each_in(node, "", look, &taken);
    return taken || err != CP_OK || is_there(node, READY, "");
}

/* ---- Before it counts ---- */

static enum cp_err remove_one(const struct cp_node *node, const char *name, void *ctx)
{
    char path[PATH_LEN];
    (void)ctx;
    path_in(node, PART, name, path);
    return unlink(path) == 0 ? CP_OK : of_errno();
}

void cp_place_drop(const struct cp_node *node)
{
    char path[PATH_LEN];
    if (each_in(node, PART, remove_one, NULL) != CP_OK)
        cp_log(CP_LOG_WARN, "restore_left", "what=part");
    path_in(node, PART, "", path);
    (void)rmdir(path);
}

enum cp_err cp_place_begin(struct cp_node *node)
{
    char path[PATH_LEN];
    cp_place_drop(node);
    path_in(node, PART, "", path);
    return mkdir(path, 0700) == 0 ? CP_OK : of_errno();
}

/* Names a folder for the old home that is not there yet, in the file "aside" of restore.part. */
static enum cp_err name_aside(const struct cp_node *node)
{
    char name[64], path[PATH_LEN];
    unsigned n = 1;
    do
        (void)snprintf(name, sizeof name, ASIDE "%u", n);
    while (is_there(node, name, "") && ++n < BEFORE_MAX);
    path_in(node, PART, "aside", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return of_errno();
    ssize_t len = (ssize_t)strlen(name);
    enum cp_err err = write(fd, name, (size_t)len) == len && fsync(fd) == 0 ? CP_OK : of_errno();
    if (close(fd) != 0 && err == CP_OK)
        err = of_errno();
    return err;
}

/* ---- From when it counts ---- */

static bool read_aside(const struct cp_node *node, char out[static 64])
{
    char path[PATH_LEN];
    path_in(node, READY, "aside", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : read(fd, out, 63);
    if (fd >= 0)
        (void)close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n > 0 && begins(out, ASIDE) && strchr(out, '/') == NULL;
}

static enum cp_err rename_in(const struct cp_node *node, const char *from_folder, const char *to_folder, const char *name)
{
    char from[PATH_LEN], to[PATH_LEN];
    path_in(node, from_folder, name, from);
    path_in(node, to_folder, name, to);
    return rename(from, to) == 0 ? CP_OK : of_errno();
}

static enum cp_err put_aside(const struct cp_node *node, const char *name, void *ctx)
{
    char path[PATH_LEN];
    const char *aside = ctx;
    if (!is_part(name))
        return CP_OK;
    path_in(node, aside, "", path);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return of_errno();
    return rename_in(node, "", aside, name);
}

static enum cp_err move_in(const struct cp_node *node, const char *name, void *ctx)
{
    (void)ctx;
    return is_part(name) ? rename_in(node, READY, "", name) : CP_OK;
}

enum cp_err cp_place_finish(const struct cp_node *node)
{
    char aside[64], path[PATH_LEN];
    enum cp_err err = CP_OK;
    if (!is_there(node, READY, ""))
        return CP_OK;
    if (is_there(node, READY, "plan.db")) { /* it moves first: what is in the home now is old */
        err = read_aside(node, aside) ? each_in(node, "", put_aside, aside) : CP_ERR_IO;
        if (err == CP_OK)
            err = rename_in(node, READY, "", "plan.db");
    }
    if (err == CP_OK)
        err = each_in(node, READY, move_in, NULL);
    if (err == CP_OK)
        err = sync_folder(node, "");
    if (err != CP_OK)
        return err;
    path_in(node, READY, "aside", path);
    (void)unlink(path);
    path_in(node, READY, "", path);
    (void)rmdir(path);
    cp_log(CP_LOG_INFO, "restored", "what=home");
    return CP_OK;
}

enum cp_err cp_place_commit(struct cp_node *node)
{
    char from[PATH_LEN], to[PATH_LEN];
    enum cp_err err = name_aside(node);
    if (err == CP_OK)
        err = sync_folder(node, PART);
    path_in(node, PART, "", from);
    path_in(node, READY, "", to);
    if (err == CP_OK && rename(from, to) != 0)
        err = of_errno();
    if (err == CP_OK)
        err = sync_folder(node, "");
    return err == CP_OK ? cp_place_finish(node) : err;
}
