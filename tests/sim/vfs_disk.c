/* Files of a disk in memory: what was written, what was synced, and what a power cut makes of the difference. */
#include "tests/sim/vfs_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/heap.h"

static struct sim_disk **disks;
static unsigned disks_count;

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

/* ---- Disks ---- */

struct sim_disk *sim_disk_new(void)
{
    struct sim_disk *d = must(calloc(1, sizeof *d));
    unsigned i = 0;
    while (i < disks_count && disks[i] != NULL)
        i++;
    if (i == disks_count) {
        unsigned more = disks_count == 0 ? 8 : 2 * disks_count;
        disks = must(realloc(disks, more * sizeof(struct sim_disk *)));
        memset(disks + disks_count, 0, (more - disks_count) * sizeof(struct sim_disk *));
        disks_count = more;
    }
    disks[i] = d;
    d->number = i;
    d->life = 1;
    return d;
}

static void empty(struct sim_disk *d)
{
    while (d->files != NULL) {
        struct sim_file *next = d->files->next;
        sim_file_free(d->files);
        d->files = next;
    }
}

void sim_disk_free(struct sim_disk *d)
{
    if (d == NULL)
        return;
    disks[d->number] = NULL;
    empty(d);
    free(d);
    unsigned left = 0;
    for (unsigned i = 0; i < disks_count; i++)
        left += disks[i] != NULL;
    if (left == 0) {
        free(disks);
        disks = NULL;
        disks_count = 0;
    }
}

static void copy_files(struct sim_disk *d, const struct sim_disk *from)
{
    for (const struct sim_file *f = from->files; f != NULL; f = f->next) {
        if (!f->here)
            continue;
        struct sim_file *copy = sim_file_make(d, f->name);
        sim_file_write(copy, 0, f->bytes, f->len);
        sim_file_sync(copy);
    }
}

struct sim_disk *sim_disk_clone(const struct sim_disk *d)
{
    struct sim_disk *copy = sim_disk_new();
    copy_files(copy, d);
    return copy;
}

void sim_disk_restore(struct sim_disk *d, const struct sim_disk *from)
{
    sim_disk_kill(d);
    empty(d);
    copy_files(d, from);
}

const char *sim_disk_path(const struct sim_disk *d, const char *name, char out[static SIM_PATH_MAX])
{
    (void)snprintf(out, SIM_PATH_MAX, "/simdisk/%u/%.31s", d->number, name);
    return out;
}

struct sim_disk *sim_disk_of(const char *path, const char **name)
{
    static const char start[] = "/simdisk/";
    char *end = NULL;
    if (strncmp(path, start, sizeof start - 1) != 0)
        return NULL;
    unsigned long number = strtoul(path + sizeof start - 1, &end, 10);
    if (*end != '/' || number >= disks_count || strlen(end + 1) >= SIM_NAME_MAX)
        return NULL;
    *name = end + 1;
    return disks[number];
}

uint64_t sim_disk_bytes(const struct sim_disk *d)
{
    uint64_t sum = 0;
    for (const struct sim_file *f = d->files; f != NULL; f = f->next)
        sum += f->here ? f->len : 0;
    return sum;
}

uint64_t sim_disk_unsynced(const struct sim_disk *d)
{
    uint64_t sum = 0;
    for (const struct sim_file *f = d->files; f != NULL; f = f->next)
        for (size_t i = 0; i < f->changes_count; i++)
            sum += f->changes[i].len;
    return sum;
}

uint8_t *sim_disk_file(struct sim_disk *d, const char *name, size_t *len)
{
    struct sim_file *f = sim_file_find(d, name);
    *len = f == NULL ? 0 : f->len;
    return f == NULL ? NULL : f->bytes;
}

/* ---- Files ---- */

static struct sim_file *named(struct sim_disk *d, const char *name)
{
    struct sim_file *f = d->files;
    while (f != NULL && strcmp(f->name, name) != 0)
        f = f->next;
    return f;
}

struct sim_file *sim_file_find(struct sim_disk *d, const char *name)
{
    struct sim_file *f = named(d, name);
    return f != NULL && f->here ? f : NULL;
}

struct sim_file *sim_file_make(struct sim_disk *d, const char *name)
{
    struct sim_file *f = named(d, name);
    if (f == NULL) {
        f = must(calloc(1, sizeof *f));
        f->plain = sim_spilling();
        f->spilled = f->plain && strchr(name, '-') == NULL; /* journals are emptied after each meeting */
        f->bytes = f->spilled ? must(sim_spill_take(&f->cap)) : NULL;
        (void)snprintf(f->name, sizeof f->name, "%s", name);
        f->next = d->files;
        d->files = f;
    } else if (!f->here) {
        sim_file_cut(f, 0);
        if (f->changes_count > 0)
            f->changes[f->changes_count - 1].other = true;
    }
    f->here = true;
    return f;
}

void sim_file_delete(struct sim_file *f)
{
    f->here = false;
}

static void forget_changes(struct sim_file *f)
{
    for (size_t i = 0; i < f->changes_count; i++)
        free(f->changes[i].old);
    f->changes_count = 0;
}

void sim_file_free(struct sim_file *f)
{
    forget_changes(f);
    free(f->changes);
    if (f->spilled)
        sim_spill_give(f->bytes);
    else
        free(f->bytes);
    free(f);
}

static void remember(struct sim_file *f, size_t at, size_t len)
{
    if (f->plain)
        return;
    if (f->changes_count == f->changes_cap) {
        f->changes_cap = f->changes_cap == 0 ? 16 : 2 * f->changes_cap;
        f->changes = must(realloc(f->changes, f->changes_cap * sizeof *f->changes));
    }
    struct sim_change *c = &f->changes[f->changes_count++];
    size_t end = at + len < f->len ? at + len : f->len;
    *c = (struct sim_change){.at = at, .len = len, .old_len = f->len, .kept = end > at ? end - at : 0};
    if (c->kept > 0) {
        c->old = must(malloc(c->kept));
        memcpy(c->old, f->bytes + at, c->kept);
    }
}

void sim_file_write(struct sim_file *f, size_t at, const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return;
    remember(f, at, len);
    if (at + len > f->cap) {
        size_t cap = f->cap == 0 ? 4096 : f->cap;
        while (cap < at + len)
            cap *= 2;
        if (f->spilled)
            abort(); /* a slot is larger than any file of a run that is planned with sense */
        f->bytes = must(realloc(f->bytes, cap));
        f->cap = cap;
    }
    if (at > f->len)
        memset(f->bytes + f->len, 0, at - f->len);
    if (f->spilled)
        sim_spill_write(f->bytes + at, bytes, len);
    else
        memcpy(f->bytes + at, bytes, len);
    if (at + len > f->len)
        f->len = at + len;
}

void sim_file_cut(struct sim_file *f, size_t len)
{
    if (len >= f->len)
        return;
    remember(f, len, f->len - len);
    if (f->changes_count > 0)
        f->changes[f->changes_count - 1].cut = true;
    f->len = len;
    if (f->plain && !f->spilled && len == 0) {
        free(f->bytes);
        f->bytes = NULL;
        f->cap = 0;
    }
}

void sim_file_sync(struct sim_file *f)
{
    forget_changes(f);
    f->kept_here = f->here;
}

void sim_folder_sync(struct sim_disk *d)
{
    for (struct sim_file *f = d->files; f != NULL; f = f->next)
        f->kept_here = f->here;
}

/* ---- Ends ---- */

void sim_disk_kill(struct sim_disk *d)
{
    d->life++;
    d->handles = NULL;
    d->crashed = false;
    sim_disk_heal(d);
}

/* Changes of one file, from..to: where a file was deleted and made anew, the old one may come back, but no mixture of the two. */
struct span {
    size_t from, to;
};
static struct span which_file(const struct sim_file *f, uint64_t *seed)
{
    struct span s = {0, f->changes_count};
    for (size_t i = f->changes_count; i-- > 0;) {
        if (!f->changes[i].other)
            continue;
        if (test_below(seed, 2) == 0) {
            s.from = i + 1;
            break;
        }
        s.to = i;
    }
    return s;
}

/* How many changes of its file a sector saw, when `luck` of 256 have all. */
static size_t version(uint64_t *seed, struct span s, uint64_t luck)
{
    if (test_below(seed, 256) < luck)
        return s.to;
    return test_below(seed, 2) == 0 ? s.from : s.from + (size_t)test_below(seed, s.to - s.from + 1);
}

/* Blocks are given back from the end, and the power may go in the middle: a part of what was cut off is there again. */
static size_t half_cut(const struct sim_change *c, uint64_t *seed, uint8_t *bytes, size_t size)
{
    if (!c->cut || size != c->at || test_below(seed, 2) == 0)
        return size;
    size_t left = (size_t)test_below(seed, c->len + 1) / SIM_SECTOR * SIM_SECTOR;
    left = left < c->kept ? left : c->kept;
    if (left > 0)
        memcpy(bytes + c->at, c->old, left);
    return c->at + left;
}

static void lose(struct sim_file *f, uint64_t *seed)
{
    size_t n = f->changes_count, most = f->len, size = f->len;
    struct span file = which_file(f, seed);
    uint64_t luck = test_below(seed, 257);
    for (size_t i = 0; i < n; i++)
        most = f->changes[i].old_len > most ? f->changes[i].old_len : most;
    if (n == 0 || most == 0)
        return;
    uint8_t *bytes = must(calloc(1, most));
    size_t sectors = (most + SIM_SECTOR - 1) / SIM_SECTOR;
    size_t *versions = must(malloc(sectors * sizeof *versions));
    if (f->len > 0)
        memcpy(bytes, f->bytes, f->len);
    for (size_t i = 0; i < sectors; i++)
        versions[i] = version(seed, file, luck);
    size_t size_version = version(seed, file, luck);
    for (size_t i = n; i-- > 0;) {
        const struct sim_change *c = &f->changes[i];
        if (i >= file.from)
            size = size_version <= i ? c->old_len : half_cut(c, seed, bytes, size);
        for (size_t at = c->at; at < c->at + c->len;) {
            size_t end = (at / SIM_SECTOR + 1) * SIM_SECTOR;
            end = end < c->at + c->len ? end : c->at + c->len;
            for (size_t k = at; versions[at / SIM_SECTOR] <= i && k < end; k++)
                bytes[k] = k - c->at < c->kept ? c->old[k - c->at] : 0;
            at = end;
        }
    }
    free(versions);
    free(f->bytes);
    f->bytes = bytes;
    f->cap = most;
    f->len = size;
}

void sim_disk_power_cut(struct sim_disk *d, uint64_t *seed)
{
    sim_disk_kill(d);
    for (struct sim_file *f = d->files; f != NULL; f = f->next) {
        lose(f, seed);
        forget_changes(f);
        if (f->here != f->kept_here)
            f->here = test_below(seed, 2) == 0;
        f->kept_here = f->here;
    }
    for (struct sim_file **at = &d->files; *at != NULL;) {
        struct sim_file *f = *at;
        if (f->here) {
            at = &f->next;
            continue;
        }
        *at = f->next;
        sim_file_free(f);
    }
}

/* ---- Faults ---- */

void sim_disk_faults(struct sim_disk *d, const struct sim_faults *f)
{
    d->faults = *f;
    d->limit = sim_disk_bytes(d) + f->room;
    d->hit = false;
    memset(d->calls, 0, sizeof d->calls);
}

void sim_disk_heal(struct sim_disk *d)
{
    d->faults = (struct sim_faults){0};
}

uint64_t sim_disk_calls(const struct sim_disk *d, enum sim_call kind)
{
    return d->calls[kind];
}

bool sim_disk_hit(const struct sim_disk *d)
{
    return d->hit;
}

bool sim_disk_crashed(const struct sim_disk *d)
{
    return d->crashed;
}
