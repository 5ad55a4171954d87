/*
 * What one person keeps for themselves: private needs and private learning (domain 4.3, invariant 8).
 * Owns: one sealed file a person, beside the store: HOME/private-HEX, HEX the first 16 digits of the person id.
 * Must not: write an entry, or hand a row to anything but its person's own command.
 *
 * File: "coplan private" | version (one byte) | sealed. Sealed under the storage key for this person alone
 * (keeper.h). Inside, one canonical array of rows, oldest first: [id (16 bytes), kind (1 need, 2 learning), claimed
 * time in ms, text]. Written to a new file, synced, renamed. A file that does not open is damaged: it is said, and never
 * written over.
 */
#ifndef CP_PRIVATE_H
#define CP_PRIVATE_H

#include "daemon/node.h"

#define CP_PRIVATE_VERSION  1U
#define CP_PRIVATE_ROWS_MAX 4096U                /* a notebook, not an archive */
#define CP_PRIVATE_FILE_MAX (4U * 1024U * 1024U) /* one file is read and written as a whole */
#define CP_PRIVATE_ID_LEN   16U

enum cp_private_kind {
    CP_PRIVATE_NEED = 1,
    CP_PRIVATE_LEARNING = 2
};

struct cp_private_row {
    uint8_t id[CP_PRIVATE_ID_LEN];
    enum cp_private_kind kind;
    uint64_t time_ms;
    struct cp_bytes text; /* in `plain` */
};
struct cp_private {
    struct cp_buf plain;
    struct cp_private_row *rows;
    size_t count, cap;
    const struct cp_mem *mem;
};

/* What is inside the seal: rows borrow from `plain`. DAMAGED_PRIVATE, NO_MEMORY. Written as what was read. */
CP_MUST_USE enum cp_err cp_private_decode(struct cp_private *p, struct cp_bytes plain);
void cp_private_encode(const struct cp_private *p, struct cp_buf *out);

/* Reads person i's file; none is no rows. LOCKED, DAMAGED_PRIVATE, NEWER_HOME, IO, NO_MEMORY. On failure *p is clear. */
CP_MUST_USE enum cp_err cp_private_load(struct cp_private *p, const struct cp_node *node, size_t person);
void cp_private_clear(struct cp_private *p); /* wipes and frees */
/* Writes it. LOCKED, TOO_BIG, DISK_FULL, IO, NO_MEMORY; then the file is as it was. */
CP_MUST_USE enum cp_err cp_private_save(const struct cp_private *p, const struct cp_node *node,
                                        size_t person);
/* One more row, at the end; text is borrowed. TOO_BIG, NO_MEMORY. */
CP_MUST_USE enum cp_err cp_private_add(struct cp_private *p, enum cp_private_kind kind, uint64_t time_ms,
                                       struct cp_bytes text);

#endif
