/*
 * Who has to wait: machines that misbehaved, or that came again and again for nothing.
 * Owns: the score of each. Must not: hold anybody for ever, or a key that several people share (a door's, an invitation's):
 * one of them would lock the others out.
 *
 * Sixteen visits for nothing, or four that broke a rule, and a machine has to wait a second; four more for nothing, or one more that
 * broke a rule, double that. One meeting in which anything went over, or which showed that nothing had to, and all is forgotten.
 */
#include "daemon/meet.h"

#include <string.h>

#define HOLDS_MAX    1024U /* machines; whoever is quiet for longest is forgotten first */
#define SCORE_HOLD   16U
#define SCORE_BROKEN 4U
#define SCORE_STEP   4U /* doubles the time */
#define HOLD_MS      1000U
#define DOUBLE_MAX   8U      /* 256 s */
#define FORGET_MS    600000U /* of quiet */

static struct cp_meet_hold *hold_of(struct cp_meeting *all, const uint8_t *machine)
{
    for (size_t i = 0; i < all->holds_count; i++)
        if (memcmp(all->holds[i].machine, machine, CP_KEY_LEN) == 0)
            return &all->holds[i];
    return NULL;
}

static struct cp_meet_hold *hold_new(struct cp_meeting *all, const uint8_t *machine)
{
    struct cp_meet_hold *row = NULL;
    void *rows = all->holds;
    if (all->holds_count < HOLDS_MAX) {
        if (cp_grow(all->node->mem, &rows, &all->holds_cap, all->holds_count + 1, HOLDS_MAX,
                    sizeof *all->holds) != CP_OK)
            return NULL;
        all->holds = rows;
        row = &all->holds[all->holds_count++];
    } else {
        row = &all->holds[0];
        for (size_t i = 1; i < all->holds_count; i++)
            row = all->holds[i].last_ms < row->last_ms ? &all->holds[i] : row;
    }
    *row = (struct cp_meet_hold){.score = 0};
    memcpy(row->machine, machine, CP_KEY_LEN);
    return row;
}

void cp_meet_misbehaved(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN], bool broken,
                        uint64_t now_ms)
{
    struct cp_meet_hold *row = hold_of(all, machine);
    if (row == NULL)
        row = hold_new(all, machine);
    if (row == NULL)
        return;
    if (row->until_ms + FORGET_MS <= now_ms && row->last_ms + FORGET_MS <= now_ms)
        row->score = 0;
    row->score += broken ? SCORE_BROKEN : 1U;
    row->last_ms = now_ms;
    if (row->score >= SCORE_HOLD) {
        unsigned doubled = (row->score - SCORE_HOLD) / SCORE_STEP;
        doubled = doubled < DOUBLE_MAX ? doubled : DOUBLE_MAX;
        row->score = row->score < SCORE_HOLD + SCORE_STEP * DOUBLE_MAX ? row->score
                                                                       : SCORE_HOLD + SCORE_STEP * DOUBLE_MAX;
        row->until_ms = now_ms + ((uint64_t)HOLD_MS << doubled);
    }
}

void cp_meet_behaved(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN])
{
    struct cp_meet_hold *row = hold_of(all, machine);
    if (row != NULL)
        *row = all->holds[--all->holds_count];
}

bool cp_meet_must_wait(struct cp_meeting *all, const uint8_t machine[static CP_KEY_LEN], uint64_t now_ms)
{
    const struct cp_meet_hold *row = hold_of(all, machine);
    return row != NULL && now_ms < row->until_ms;
}
