/*
 * People take words of their own entries back, and now and then try it with what nobody may take back.
 * Must not: decide whose words go (reference.c does).
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"
#include "tests/support/heap.h"

enum { AT_ONCE = 3 };

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, CP_ID_LEN);
}

/* Entries that the machine holds: of this person, with words that may go; `vain`: any at all. */
static size_t pick(struct world *w, struct machine *m, size_t person, bool vain, uint8_t ids[AT_ONCE][CP_ID_LEN])
{
    size_t count = 0, most = 1 + (size_t)world_roll(w, AT_ONCE), start = (size_t)world_roll(w, w->log.count);
    for (size_t i = 0; i < w->log.count && count < most; i++) {
        size_t at = (start + i) % w->log.count;
        const struct ref_entry *e = &w->log.entries[at];
        bool own = memcmp(e->person, w->people[person].who.person, CP_ID_LEN) == 0;
        bool may = e->class == CP_CONTENT && e->words.len > 0 && e->kind != CP_KIND_VERSION &&
                   e->kind != CP_KIND_PART && e->kind != CP_KIND_ANSWER && !ref_withdrawn(&w->log, &m->now.held, at);
        if (ref_set_has(&m->now.held, at) && (vain || (own && may)))
            memcpy(ids[count++], e->id, CP_ID_LEN);
    }
    qsort(ids, count, CP_ID_LEN, by_id);
    return count;
}

void world_take_back(struct world *w, struct machine *m, size_t person)
{
    uint8_t ids[AT_ONCE][CP_ID_LEN], id[CP_ID_LEN];
    struct cp_buf frame;
    bool vain = world_chance(w, 150), spoiled = world_chance(w, 50);
    size_t count = pick(w, m, person, vain, ids);
    if (count == 0)
        return;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    const struct someone *who = &w->people[person].who;
    group_withdraw_frame(w->plan, who, who, (const uint8_t(*)[CP_ID_LEN])ids, count, spoiled, &frame);
    world_say(w, "%s takes back the words of %zu entries on %s", w->people[person].name, count, m->name);
    if (world_write_control(w, m, person, cp_buf_bytes(&frame), id)) {
        world_count(w, vain || spoiled ? SIM_COUNT_TAKEN_VAIN : SIM_COUNT_TAKEN);
        world_check_withdrawn(w, m, ref_find(&w->log, id));
        if (!vain && !spoiled)
            world_take_back_elsewhere(w, m, person, cp_buf_bytes(&frame), (const uint8_t(*)[CP_ID_LEN])ids, count);
    }
    cp_buf_clear(&frame);
}
