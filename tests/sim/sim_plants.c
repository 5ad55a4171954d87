/*
 * Functions that the linker puts in the place of others (-Wl,--wrap), for mistakes planted about who counts and about carriers.
 * Must not: change anything when none of these is planted.
 */
#include "daemon/carrier.h"
#include "daemon/store_internal.h"
#include "proto/carried.h"
#include "proto/member_internal.h"
#include "tests/sim/sim.h"
#include "tests/sim/world.h"

bool __real_cp_members_says(const struct cp_members *m, const uint8_t person[static CP_ID_LEN],
                            const uint8_t key[static CP_KEY_LEN], const uint8_t statement[static CP_ID_LEN]);
bool __wrap_cp_members_says(const struct cp_members *m, const uint8_t person[static CP_ID_LEN],
                            const uint8_t key[static CP_KEY_LEN], const uint8_t statement[static CP_ID_LEN]);
bool __real_cp_member_is_in(const struct cp_member_device *d);
bool __wrap_cp_member_is_in(const struct cp_member_device *d);

bool __wrap_cp_members_says(const struct cp_members *m, const uint8_t person[static CP_ID_LEN],
                            const uint8_t key[static CP_KEY_LEN], const uint8_t statement[static CP_ID_LEN])
{
    return world_planted == SIM_PLANT_OLD_KEY ? cp_members_key(m, person, key) != NULL
                                              : __real_cp_members_says(m, person, key, statement);
}

bool __wrap_cp_member_is_in(const struct cp_member_device *d)
{
    return world_planted == SIM_PLANT_LEFT_IN ? cp_member_may_stay(d) : __real_cp_member_is_in(d);
}

enum cp_err __real_cp_fold_follows(struct cp_fold *f, struct cp_members *m);
enum cp_err __wrap_cp_fold_follows(struct cp_fold *f, struct cp_members *m);
enum cp_err __real_cp_carry_heads_hold(struct cp_store *s, const struct cp_store_plan *plan, uint64_t row,
                                       bool *yes);
enum cp_err __wrap_cp_carry_heads_hold(struct cp_store *s, const struct cp_store_plan *plan, uint64_t row,
                                       bool *yes);

enum cp_err __wrap_cp_fold_follows(struct cp_fold *f, struct cp_members *m)
{
    enum cp_err err = __real_cp_fold_follows(f, m);
    for (size_t i = 0; err == CP_OK && world_planted == SIM_PLANT_UNASKED && i < m->named_count; i++)
        m->named[i].follows = true;
    return err;
}

enum cp_err __wrap_cp_carry_heads_hold(struct cp_store *s, const struct cp_store_plan *plan, uint64_t row,
                                       bool *yes)
{
    enum cp_err err = __real_cp_carry_heads_hold(s, plan, row, yes);
    *yes = *yes || world_planted == SIM_PLANT_STRAY;
    return err;
}

enum cp_err __real_cp_pile_look(const char *home, const uint8_t ticket[static CP_KEY_LEN], struct cp_pile *out);
enum cp_err __wrap_cp_pile_look(const char *home, const uint8_t ticket[static CP_KEY_LEN], struct cp_pile *out);
size_t __real_cp_carried_droppable(const struct cp_carried *m, const uint8_t (*machines)[CP_KEY_LEN], size_t count,
                                   const uint8_t own[static CP_KEY_LEN], uint64_t *numbers);
size_t __wrap_cp_carried_droppable(const struct cp_carried *m, const uint8_t (*machines)[CP_KEY_LEN], size_t count,
                                   const uint8_t own[static CP_KEY_LEN], uint64_t *numbers);

enum cp_err __wrap_cp_pile_look(const char *home, const uint8_t ticket[static CP_KEY_LEN], struct cp_pile *out)
{
    static const uint8_t same[CP_KEY_LEN] = {1};
    return __real_cp_pile_look(home, world_planted == SIM_PLANT_OTHER_PILE ? same : ticket, out);
}

size_t __wrap_cp_carried_droppable(const struct cp_carried *m, const uint8_t (*machines)[CP_KEY_LEN], size_t count,
                                   const uint8_t own[static CP_KEY_LEN], uint64_t *numbers)
{
    size_t found = __real_cp_carried_droppable(m, machines, count, own, numbers);
    if (world_planted != SIM_PLANT_HASTY)
        return found;
    for (found = 0; found < m->count && m->items[found].number <= m->read; found++)
        numbers[found] = m->items[found].number;
    return found;
}
