/*
 * What a home says of itself once: that it was set back or copied, and that nobody has done anything wrong.
 * Owns: one note of the store. Must not: keep anybody from anything.
 *
 * There is one notice, however often it happened since it was last put away. `back`: a meeting ended in sync since, so
 * what the others held of this home's own entries is here again. It is put away when people say so.
 */
#ifndef CP_NOTICE_H
#define CP_NOTICE_H

#include "daemon/store.h"

struct cp_notice {
    uint64_t since_ms;  /* when it was noticed; our clock */
    uint64_t backup_ms; /* the moment that a backup showed; 0: a copied home, or one that was set back by hand */
    bool back;
};
/* LOCKED, NO_MEMORY and those of the store. */
CP_MUST_USE enum cp_err cp_notice_restored(struct cp_store *s, const struct cp_mem *mem, uint64_t backup_ms);
/* A meeting ended in sync. */
CP_MUST_USE enum cp_err cp_notice_back(struct cp_store *s, const struct cp_mem *mem);
/* NOT_FOUND: there is none. */
CP_MUST_USE enum cp_err cp_notice_get(struct cp_store *s, const struct cp_mem *mem, struct cp_notice *out);
CP_MUST_USE enum cp_err cp_notice_forget(struct cp_store *s);

#endif
