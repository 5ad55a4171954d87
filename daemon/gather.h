/*
 * Gathering: what a version frozen now would say (design 7, domain 5.2).
 * Owns: what belongs in a version, in which order, who must answer, and why it is not ready.
 * Must not: write entries, or lay out the text (proto/version.h does).
 *
 * Everything that is not set aside goes in: the plan's fields, the items in their order, every language, plain
 * words, csv columns. Positions show as the order itself; rule, kept_informed and import have no fact.
 */
#ifndef CP_GATHER_H
#define CP_GATHER_H

#include "daemon/view.h"
#include "proto/version.h"

/* Memory that is freed all at once. */
struct cp_arena {
    const struct cp_mem *mem;
    void **blocks;
    size_t blocks_count, blocks_cap;
    uint8_t *at;
    size_t left;
    bool failed;
};
void cp_arena_init(struct cp_arena *a, const struct cp_mem *mem);
void cp_arena_clear(struct cp_arena *a);
/* Zeroed, aligned for any type; NULL when out of memory (a->failed then stays true). */
void *cp_arena_take(struct cp_arena *a, size_t count, size_t size);
struct cp_bytes cp_arena_copy(struct cp_arena *a, struct cp_bytes b);

struct cp_gathered {
    struct cp_version v; /* without parents; everything in the arena */
    struct cp_arena arena;
    struct cp_buf reasons; /* elements of an API list of {"code", "args"}: why it is not ready */
    size_t reasons_count, reasons_shown; /* all; those among the elements */
    size_t wordings;                     /* reasons that nothing passes */
    size_t passable;                     /* reasons that `anyway` passes; their texts are v.left_open */
    struct cp_version_person *asked;     /* the same as v.must_answer, to complete */
    struct cp_bytes *left_open;          /* private: v.left_open, and the room it has */
    size_t left_open_cap;
};
/*
 * all_wordings: of a field with several wordings every one becomes a fact, for showing differences; else the
 * first. Errors: those of the store, NO_MEMORY. On failure *g is clear.
 */
CP_MUST_USE enum cp_err cp_gather(struct cp_gathered *g, const struct cp_desk *d, enum cp_stage stage,
                                  bool all_wordings);
void cp_gathered_clear(struct cp_gathered *g);
/* Counts one more reason; false when enough are shown, so that it is told as a number. A page says all of them. */
bool cp_gathered_shows_more(struct cp_gathered *g);
#define CP_REASONS_SHOWN 200U

/* Appends the facts of one record to *facts (grown in `a`). Exposed for tests: pure. */
struct cp_facts {
    struct cp_fact *list;
    size_t count, cap;
};
CP_MUST_USE enum cp_err cp_gather_facts(struct cp_facts *out, struct cp_arena *a, const struct cp_shown *s,
                                        bool all_wordings);

#endif
