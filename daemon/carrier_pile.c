/*
 * A ticket's pile on disk: HOME/piles/TICKET/NUMBER-NAME, NUMBER as 16 hex digits. Owns: those files. Must not: know who asks.
 * Which numbers were given is read from the names: the highest that was dropped stays as an empty file until a higher is there.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/carrier.h"

enum {
    NUMBER_DIGITS = 16,
    NAME_DIGITS = 2 * CP_CARRY_NAME_LEN,
    FILE_NAME_LEN = NUMBER_DIGITS + 1 + NAME_DIGITS,
    PATH_LEN = 1400
};
#define INCOMING "incoming"

static void folder_of(const char *home, const uint8_t *ticket, char out[static 1200])
{
    char hex[2 * CP_KEY_LEN + 1];
    cp_hex_encode(ticket, CP_KEY_LEN, hex);
    (void)snprintf(out, 1200, "%s/piles/%s", home, hex);
}

static void file_of(const struct cp_pile *p, const struct cp_carry_item *item, char out[static PATH_LEN])
{
    char hex[NAME_DIGITS + 1];
    cp_hex_encode(item->name, sizeof item->name, hex);
    (void)snprintf(out, PATH_LEN, "%s/%016llx-%s", p->folder, (unsigned long long)item->number, hex);
}

/* False: not a name that we give. */
static bool read_name(const char *name, struct cp_carry_item *out)
{
    uint8_t number[NUMBER_DIGITS / 2];
    out->number = 0;
    if (strlen(name) != FILE_NAME_LEN || name[NUMBER_DIGITS] != '-' ||
        !cp_hex_decode(CP_BYTES((const uint8_t *)name, NUMBER_DIGITS), number, sizeof number) ||
        !cp_hex_decode(CP_BYTES((const uint8_t *)name + NUMBER_DIGITS + 1, NAME_DIGITS), out->name,
                       sizeof out->name))
        return false;
    for (size_t i = 0; i < sizeof number; i++)
        out->number = out->number << 8 | number[i];
    return out->number > 0 && out->number < CP_INT_MAX;
}

static int by_number(const void *a, const void *b)
{
    const struct cp_carry_item *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

enum cp_err cp_pile_look(const char *home, const uint8_t ticket[static CP_KEY_LEN], struct cp_pile *out)
{
    struct dirent *entry = NULL;
    memset(out, 0, sizeof *out);
    folder_of(home, ticket, out->folder);
    out->next = 1;
    DIR *dir = opendir(out->folder);
    if (dir == NULL)
        return errno == ENOENT ? CP_OK : CP_ERR_IO;
    while ((entry = readdir(dir)) != NULL) {
        struct cp_carry_item item;
        struct stat st;
        if (!read_name(entry->d_name, &item) ||
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
            continue;
        if (item.number >= out->next)
            out->next = item.number + 1;
        if (st.st_size <= 0 || out->count == CP_CARRY_BUNDLES_MAX)
            continue;
        item.size = (uint64_t)st.st_size;
        out->items[out->count++] = item;
        out->bytes += item.size;
    }
    (void)closedir(dir);
    qsort(out->items, out->count, sizeof *out->items, by_number);
    return CP_OK;
}

static const struct cp_carry_item *item_of(const struct cp_pile *p, uint64_t number)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->items[i].number == number)
            return &p->items[i];
    return NULL;
}

enum cp_err cp_pile_get(const struct cp_pile *p, uint64_t number, uint64_t offset, struct cp_buf *out)
{
    char path[PATH_LEN];
    const struct cp_carry_item *item = item_of(p, number);
    if (item == NULL || offset >= item->size)
        return CP_ERR_NOT_FOUND;
    uint64_t left = item->size - offset;
    size_t len = left < CP_CARRY_PART_MAX ? (size_t)left : CP_CARRY_PART_MAX;
    file_of(p, item, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return CP_ERR_NOT_FOUND;
    uint8_t *to = cp_buf_space(out, len);
    enum cp_err err = cp_buf_err(out);
    if (err == CP_OK)
        err = cp_file_read_at(fd, offset, to, len);
    (void)close(fd);
    return err;
}

bool cp_pile_fits(const struct cp_pile *p, uint64_t room, uint64_t coming, uint64_t more)
{
    uint64_t left = p->bytes < room ? room - p->bytes : 0;
    left = coming < left ? left - coming : 0;
    return more <= left;
}

/* Empty files below the highest number say nothing any more. */
static void tidy(const struct cp_pile *p)
{
    struct dirent *entry = NULL;
    DIR *dir = opendir(p->folder);
    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        struct cp_carry_item item;
        struct stat st;
        if (read_name(entry->d_name, &item) && item.number + 1 < p->next &&
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size == 0)
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    (void)closedir(dir);
}

enum cp_err cp_pile_begin(const char *home, const struct cp_pile *p, struct cp_new_file *file)
{
    char path[PATH_LEN];
    (void)snprintf(path, sizeof path, "%s/piles", home);
    if ((mkdir(path, 0700) != 0 && errno != EEXIST) || (mkdir(p->folder, 0700) != 0 && errno != EEXIST))
        return errno == ENOSPC ? CP_ERR_DISK_FULL : CP_ERR_IO;
    (void)snprintf(path, sizeof path, "%s/" INCOMING, p->folder);
    enum cp_err err = cp_new_file_open(file, path);
    return err == CP_OK || err == CP_ERR_DISK_FULL ? err : CP_ERR_IO;
}

enum cp_err cp_pile_add(struct cp_pile *p, struct cp_new_file *file,
                        const uint8_t name[static CP_CARRY_NAME_LEN], uint64_t *number)
{
    char path[PATH_LEN];
    struct cp_carry_item item = {.number = p->next};
    memcpy(item.name, name, sizeof item.name);
    file_of(p, &item, path);
    int len = snprintf(file->path, sizeof file->path, "%s", path);
    enum cp_err err = len < 0 || (size_t)len >= sizeof file->path ? CP_ERR_IO : cp_new_file_end(file);
    cp_new_file_drop(file);
    if (err != CP_OK)
        return err == CP_ERR_DISK_FULL ? err : CP_ERR_IO;
    *number = p->next++;
    tidy(p);
    return CP_OK;
}

void cp_pile_drop(struct cp_pile *p, uint64_t number)
{
    char path[PATH_LEN];
    const struct cp_carry_item *item = item_of(p, number);
    if (item == NULL)
        return;
    file_of(p, item, path);
    int done = number + 1 < p->next ? unlink(path) : truncate(path, 0);
    (void)done; /* what stays is listed again, and dropped again by whoever comes next */
}

static void remove_files(const char *folder)
{
    struct dirent *entry = NULL;
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        struct cp_carry_item item;
        if (read_name(entry->d_name, &item))
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    (void)closedir(dir);
}

void cp_pile_remove(const char *home, const uint8_t ticket[static CP_KEY_LEN])
{
    char folder[1200];
    folder_of(home, ticket, folder);
    cp_new_file_sweep(folder, INCOMING);
    remove_files(folder);
    (void)rmdir(folder);
}

void cp_pile_sweep(const char *home)
{
    char piles[1200], folder[PATH_LEN];
    struct dirent *entry = NULL;
    (void)snprintf(piles, sizeof piles, "%s/piles", home);
    DIR *dir = opendir(piles);
    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        if (strlen(entry->d_name) != 2 * (size_t)CP_KEY_LEN)
            continue;
        (void)snprintf(folder, sizeof folder, "%s/%.64s", piles, entry->d_name);
        cp_new_file_sweep(folder, INCOMING);
    }
    (void)closedir(dir);
}
