/*
 * A plan loaded as plain structs (proto/model.h). Owns: the path from stored entries to the model.
 * Must not: judge anything. What is void says nothing; what is set aside is left out.
 */
#ifndef CP_DAEMON_MODEL_H
#define CP_DAEMON_MODEL_H

#include "daemon/serve_agree.h"
#include "proto/model.h"

struct cp_model_loaded {
    struct cp_model m;
    struct cp_arena arena;
};
/*
 * today: YYYY-MM-DD, borrowed; empty: the day that this device's clock says. Errors: those of the store, NO_MEMORY;
 * BAD_VALUE when today is no day. On failure *l is clear.
 */
CP_MUST_USE enum cp_err cp_model_load(struct cp_model_loaded *l, const struct cp_desk *d,
                                      struct cp_bytes today);
void cp_model_unload(struct cp_model_loaded *l);

/* Private to the model files. */
struct cp_loading {
    struct cp_model_loaded *l;
    const struct cp_desk *d;
    size_t items_cap, views_cap, notes_cap, receipts_cap, answers_cap, asks_cap, waiting_cap,
        differs_cap;
    enum cp_err err; /* of a visit */
};
/* Room for one more; the arrays live in the desk's allocator until cp_model_unload. */
CP_MUST_USE enum cp_err cp_loading_room(struct cp_loading *g, void *list, size_t *cap, size_t count,
                                        size_t size);
/* The notes and receipts about one id, of what touches it. */
CP_MUST_USE enum cp_err cp_loading_notes(struct cp_loading *g, const uint8_t about[static CP_ID_LEN],
                                         const struct cp_loaded *from);
CP_MUST_USE enum cp_err cp_loading_pages(struct cp_loading *g);
/* The day of a device's clock, as text in the arena. */
struct cp_bytes cp_loading_day(struct cp_loading *g, uint64_t time_ms);

#endif
