/* What the files about chunks share (chunk.c, compact*.c). Nobody else includes this. */
#ifndef CP_CHUNK_INTERNAL_H
#define CP_CHUNK_INTERNAL_H

#include <string.h>

#include "proto/chunk.h"

enum {
    CP_TABLE_SLOTS = 2 * CP_CHUNK_ENTRIES_MAX, /* of the table of ids: never more than half full */
    CP_CHUNK_PARTS = 4,                        /* header, frame, words, signature */
    CP_CHUNK_VALUES_MAX = 1 + (CP_CHUNK_PARTS + 1) * CP_CHUNK_ENTRIES_MAX, /* a hash of words is one value more */
    CP_CHUNK_PAYLOAD_MAX = CP_CHUNK_MAX + CP_CHUNK_ENTRIES_MAX * 16 + 8 /* with the heads of the values */
};
#define NONE SIZE_MAX

/* Which entry of the chunk has an id: open addressing, index + 1 in each slot. Ids are hashes; somebody who
 * grinds them makes the look-ups of 4,096 entries linear and nothing worse. */
struct cp_table {
    uint16_t slot[CP_TABLE_SLOTS];
};

static inline size_t cp_table_slot(const uint8_t *id)
{
    return ((size_t)id[0] << 8 | id[1]) % CP_TABLE_SLOTS;
}

static inline size_t cp_table_find(const struct cp_table *t, uint8_t (*ids)[CP_ID_LEN], const uint8_t *id)
{
    for (size_t at = cp_table_slot(id); t->slot[at] != 0; at = (at + 1) % CP_TABLE_SLOTS)
        if (memcmp(ids[t->slot[at] - 1], id, CP_ID_LEN) == 0)
            return (size_t)t->slot[at] - 1;
    return NONE;
}

static inline void cp_table_put(struct cp_table *t, const uint8_t *id, size_t index)
{
    size_t at = cp_table_slot(id);
    while (t->slot[at] != 0)
        at = (at + 1) % CP_TABLE_SLOTS;
    t->slot[at] = (uint16_t)(index + 1);
}

/* In place of words that were withdrawn: [their hash]. */
void cp_chunk_put_gone(struct cp_buf *out, const uint8_t words_hash[static CP_ID_LEN]);
/* Reads one entry of form 0. */
void cp_chunk_get(struct cp_cursor *c, struct cp_entry *e);

#endif
