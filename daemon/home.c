/* A home's folder and what is opened in it. Owns: HOME. Must not: know commands. */
#include "daemon/home.h"
#include "daemon/serve_follow.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/backup.h"
#include "daemon/log.h"

/* Room that names below the home need, "/socket/control" the longest. */
enum {
    BELOW = 64
};

static enum cp_err make_folders(const char *path)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof part)
        return CP_ERR_USAGE;
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST && errno != EISDIR)
            return errno == ENOSPC ? CP_ERR_DISK_FULL : CP_ERR_IO;
    }
    return CP_OK;
}

enum cp_err cp_home_folder(const char *path, char *out, size_t size)
{
    struct stat st;
    enum cp_err err = make_folders(path);
    if (err != CP_OK)
        return err;
    char *real = realpath(path, NULL);
    if (real == NULL)
        return CP_ERR_IO;
    if (strlen(real) + BELOW >= size)
        err = CP_ERR_USAGE;
    else if (stat(real, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
        err = CP_ERR_IO;
    else
        memcpy(out, real, strlen(real) + 1);
    free(real);
    return err;
}

void cp_home_path(const struct cp_node *node, const char *name, char *out, size_t size)
{
    (void)snprintf(out, size, "%s/%s", node->home, name);
}

/* ---- Keys and store ---- */

static enum cp_err open_store(struct cp_node *node)
{
    char path[1088];
    struct cp_store_options options = {.mem = node->mem};
    cp_home_path(node, "plan.db", path, sizeof path);
    enum cp_err err = cp_store_open(&node->store, path, &options);
    if (err == CP_OK)
        cp_store_offers(node->store, cp_follow_for_us, node);
    return err;
}

static enum cp_err open_parts(struct cp_node *node)
{
    char path[1088];
    struct stat st;
    cp_home_path(node, "keys", path, sizeof path);
    enum cp_err err = cp_keeper_open(&node->keeper, path);
    if (err == CP_ERR_NO_HOME) {
        /* A store whose keys are gone is no empty place: making new ones would lose what is in it. */
        cp_home_path(node, "plan.db", path, sizeof path);
        return lstat(path, &st) == 0 ? CP_ERR_DAMAGED_KEY : CP_ERR_NO_HOME;
    }
    if (err == CP_OK)
        err = open_store(node);
    if (err != CP_OK)
        return err;
    err = cp_keeper_unlock_plain(node->keeper);
    if (err == CP_ERR_WRONG_PASSPHRASE)
        return CP_OK; /* it has one: locked until somebody says it */
    return err == CP_OK ? cp_node_unlocked(node) : err;
}

enum cp_err cp_home_open(struct cp_node *node)
{
    if (node->keeper != NULL)
        return CP_OK;
    enum cp_err err = cp_place_finish(node); /* a restore that was cut off when it counted already */
    if (err == CP_OK)
        err = open_parts(node);
    if (err != CP_OK)
        cp_home_close(node);
    enum cp_err fault = err == CP_ERR_NO_HOME ? CP_OK : err;
    if (fault != node->fault)
        cp_log(fault == CP_OK ? CP_LOG_INFO : CP_LOG_ERROR, "home", "fault=%s", cp_err_word(fault));
    node->fault = fault;
    return err;
}

/* What a failed making left; the keys last, because a store without keys looks like a damaged home. */
static void remove_parts(const struct cp_node *node)
{
    static const char *const names[] = {"plan.db-wal", "plan.db-shm", "plan.db.marker", "plan.db", "keys"};
    char path[1088];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        cp_home_path(node, names[i], path, sizeof path);
        (void)unlink(path);
    }
}

enum cp_err cp_home_make(struct cp_node *node, struct cp_bytes name, const struct cp_kdf *kdf,
                         const uint8_t seal[static 32], char sheet[static CP_SHEET_MAX])
{
    char path[1088];
    enum cp_err err = cp_home_open(node); /* NO_HOME is what we hope for */
    if (err != CP_ERR_NO_HOME)
        return err == CP_OK ? CP_ERR_HOME_EXISTS : err;
    cp_home_path(node, "keys", path, sizeof path);
    err = cp_keeper_create(&node->keeper, path, name, kdf, seal, sheet);
    if (err == CP_OK)
        err = open_store(node);
    if (err == CP_OK)
        err = cp_keeper_unlock(node->keeper, 0, seal);
    if (err == CP_OK)
        err = cp_node_unlocked(node);
    if (err != CP_OK) {
        /* Keys that nobody has the sheet of protect nothing yet: the next try begins afresh. */
        bool made = node->keeper != NULL;
        cp_home_close(node);
        if (made)
            remove_parts(node);
        sodium_memzero(sheet, CP_SHEET_MAX);
    }
    return err;
}

void cp_home_close(struct cp_node *node)
{
    node->noticed = false;
    cp_store_close(node->store);
    node->store = NULL;
    cp_keeper_free(node->keeper);
    node->keeper = NULL;
}

/* ---- The port ---- */

bool cp_home_listens(const struct cp_node *node, const char *endpoint)
{
    const char *port = strrchr(endpoint, ':');
    size_t host = port == NULL ? 0 : (size_t)(port - endpoint) + 1;
    if (node->bound[0] == '\0')
        return false;
    return strcmp(endpoint, node->bound) == 0 ||
           (strcmp(endpoint + host, "0") == 0 && strncmp(endpoint, node->bound, host) == 0 &&
            strchr(node->bound + host, ':') == NULL);
}

bool cp_endpoint_ok(const char *endpoint)
{
    const char *colon = strrchr(endpoint, ':');
    if (colon == NULL || colon == endpoint || strlen(endpoint) >= sizeof((struct cp_node *)NULL)->listen)
        return false;
    size_t digits = strspn(colon + 1, "0123456789");
    if (digits == 0 || digits > 5 || colon[1 + digits] != '\0')
        return false;
    return strtol(colon + 1, NULL, 10) <= 65535;
}

enum cp_err cp_home_listen(struct cp_node *node)
{
    uint8_t key[CP_KEY_LEN], box[CP_KEY_LEN];
    if (node->listen[0] == '\0' || node->keeper == NULL || cp_keeper_locked(node->keeper))
        return CP_OK;
    if (node->bound[0] != '\0') {
        cp_net_unlisten(node->net);
        node->bound[0] = '\0';
    }
    cp_keeper_machine(node->keeper, key, box);
    enum cp_err err =
        cp_net_listen(node->net, node->listen, key, cp_keeper_curve_secret(node->keeper), node->bound);
    if (err != CP_OK) {
        node->bound[0] = '\0';
        cp_log(CP_LOG_WARN, "port_closed", "code=%s", cp_err_word(err));
        return err;
    }
    /* A port that was picked is kept: invitations name it, and `lock` must not make them stale. */
    memcpy(node->listen, node->bound, sizeof node->listen);
    return CP_OK;
}
