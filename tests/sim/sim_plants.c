/*
 * Functions that the linker puts in the place of others (-Wl,--wrap), for mistakes planted about who counts.
 * Must not: change anything when none of these is planted.
 */
#include "daemon/store_internal.h"
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
