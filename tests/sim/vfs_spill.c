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

enum { SLOTS_MAX = 8192 };
#define SLOT_LEN ((size_t)128 * 1024 * 1024) /* address space and sparse file, not disk: 100,000 entries take 50 MB */

static int spill = -1;
static uint8_t *slots[SLOTS_MAX];

bool sim_spilling(void)
{
    return spill >= 0;
}

bool sim_disk_spill(const char *folder)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/coplan-sim-XXXXXX", folder);
    spill = mkstemp(path);
    return spill >= 0 && unlink(path) == 0;
}

uint8_t *sim_spill_take(size_t *cap)
{
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        if (slots[i] != NULL)
            continue;
        off_t end = (off_t)((i + 1) * SLOT_LEN);
        if (lseek(spill, 0, SEEK_END) < end && ftruncate(spill, end) != 0)
            return NULL;
        void *at = mmap(NULL, SLOT_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, spill, (off_t)(i * SLOT_LEN));
        if (at == MAP_FAILED)
            return NULL;
        slots[i] = at;
        *cap = SLOT_LEN;
        return at;
    }
    return NULL;
}

void sim_spill_give(uint8_t *bytes)
{
    for (size_t i = 0; i < SLOTS_MAX; i++)
        if (slots[i] == bytes && bytes != NULL) {
            (void)munmap(bytes, SLOT_LEN);
            (void)fallocate(spill, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(i * SLOT_LEN), (off_t)SLOT_LEN);
            slots[i] = NULL;
        }
}
