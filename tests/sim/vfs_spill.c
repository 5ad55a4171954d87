/*
 * Files of simulated disks outside memory: slots of one sparse file that has no name.
 * Owns: that file. Must not: know what a disk is.
 */
#define _GNU_SOURCE /* fallocate */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/sim/vfs_disk.h"

enum { SLOTS_MAX = 4096 };
#define SLOT_LEN ((size_t)128 * 1024 * 1024) /* address space and sparse file, not disk: 100,000 entries take 40 MB */

static int spill = -1;
static uint8_t *slots; /* all of them, one behind the other */
static bool taken[SLOTS_MAX];

bool sim_spilling(void)
{
    return spill >= 0;
}

bool sim_disk_spill(const char *folder)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/coplan-sim-XXXXXX", folder);
    spill = mkstemp(path);
    if (spill < 0 || unlink(path) != 0 || ftruncate(spill, (off_t)(SLOTS_MAX * SLOT_LEN)) != 0)
        return false;
    void *at = mmap(NULL, SLOTS_MAX * SLOT_LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, spill, 0);
    slots = at == MAP_FAILED ? NULL : at;
    return slots != NULL;
}

uint8_t *sim_spill_take(size_t *cap)
{
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        if (taken[i])
            continue;
        taken[i] = true;
        *cap = SLOT_LEN;
        return slots + i * SLOT_LEN;
    }
    return NULL;
}

/* By a call, not through the mapping: a page that is written over whole is then not read from the disk first. */
void sim_spill_write(uint8_t *at, const uint8_t *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(spill, bytes + done, len - done, (off_t)((size_t)(at - slots) + done));
        if (n <= 0)
            abort(); /* the folder is full: nothing that this run says would be worth anything */
        done += (size_t)n;
    }
}

void sim_spill_give(uint8_t *bytes)
{
    size_t i = (size_t)(bytes - slots) / SLOT_LEN;
    (void)fallocate(spill, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(i * SLOT_LEN), (off_t)SLOT_LEN);
    taken[i] = false;
}
