/*
 * How a community begins and grows: the first entry, invitations, JOINs through the invitation's door, ADMITs.
 * Must not: know what people do once they are in.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world_carried.h"
#include "tests/support/heap.h"

void world_secret(struct world *w, struct machine *m, size_t person)
{
    uint8_t secret[CP_KEY_LEN], id[CP_ID_LEN];
    struct cp_buf frame;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    world_random(w, secret, sizeof secret);
    cp_secret_write(secret, &frame);
    (void)world_write_control(w, m, person, cp_buf_bytes(&frame), id);
    cp_buf_clear(&frame);
}

bool world_may_found(const struct world *w, const struct machine *m)
{
    const struct someone *who = &w->people[m->people[0]].who;
    uint8_t first[CP_ID_LEN];
    cp_person_id(who->identity, who->recovery, first);
    return memcmp(first, who->person, CP_ID_LEN) == 0;
}

void world_found(struct world *w, struct machine *m)
{
    size_t before = w->at, number = w->plans_count;
    struct person *p = &w->people[m->people[0]];
    struct signing s = {w, &p->who};
    struct cp_signer signer = {world_sign, &s};
    struct cp_buf invited, join, frame;
    cp_buf_init(&invited, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    group_join(&p->who, cp_zero_id, cp_zero_id, 0, &invited);
    struct cp_join j;
    if (cp_join_read(cp_buf_bytes(&invited), &j) != CP_OK)
        abort();
    j.token_sig = NULL; /* a founder needs nobody's token */
    cp_join_write(&j, &join);
    cp_first_write(cp_buf_bytes(&join), &frame);
    uint8_t plan[CP_ID_LEN];
    enum cp_err err = cp_store_begin(m->store);
    if (err == CP_OK)
        err = cp_store_found(m->store, &signer, p->who.device, cp_buf_bytes(&frame), world_clock(w, m), plan);
    if (err == CP_OK)
        err = cp_store_commit(m->store);
    world_excuse(w, m, err, "founding a plan");
    if (err == CP_OK) {
        struct cp_entry e = {.header = cp_buf_bytes(&w->signed_header), .frame = cp_buf_bytes(&frame)};
        if (world_plan_of(w, plan) != WORLD_NOBODY)
            world_fail(w, "%s founds a plan that is there already", m->name);
        w->plans_count++;
        (void)world_turn(w, number);
        memcpy(w->plan, plan, CP_ID_LEN);
        ref_init(&w->log, w->plan);
        ref_set_add(&m->now.held, ref_learn(&w->log, &e, 0));
    } else {
        cp_store_rollback(m->store);
    }
    cp_buf_clear(&invited);
    cp_buf_clear(&join);
    cp_buf_clear(&frame);
    if (err != CP_OK || world_failed(w))
        return;
    p->in = true;
    world_say(w, "%s founds plan %zu", p->name, number + 1);
    world_secret(w, m, m->people[0]);
    (void)world_turn(w, before);
}

/* ---- The called side, as the daemon does it ---- */

static bool is_theirs(const struct cp_members *m, const struct cp_join *j)
{
    bool known = false;
    for (size_t i = 0; i < m->count; i++)
        known = known || (memcmp(m->devices[i].person, j->person, CP_ID_LEN) == 0 &&
                          memcmp(m->devices[i].recovery_key, j->recovery_key, CP_KEY_LEN) == 0);
    const struct cp_member_key *key = cp_members_key(m, j->person, j->identity_key);
    return j->how == CP_JOIN_NEW || (known && (j->how == CP_JOIN_RECOVERY || (key != NULL && key->in_force)));
}

static enum cp_err judge(struct machine *m, const uint8_t *plan, const struct cp_join *j)
{
    struct cp_invite_row *rows = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_invites(m->store, plan, &rows, &count);
    if (err != CP_OK)
        return err;
    err = CP_ERR_BAD_INVITATION;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(rows[i].id, j->invite, CP_ID_LEN) != 0 || rows[i].withdrawn || !rows[i].stands)
            continue;
        if (!cp_join_under(j, plan, rows[i].id, rows[i].token_key, rows[i].for_person ? rows[i].person : NULL))
            err = CP_ERR_BAD_SIGNATURE;
        else if (rows[i].used && memcmp(rows[i].used_by, j->person, CP_ID_LEN) != 0)
            err = CP_ERR_INVITATION_USED;
        else
            err = CP_OK;
    }
    cp_free(cp_store_replica(m->store)->mem, rows);
    return err;
}

enum cp_err world_admit(struct world *w, struct machine *m, struct cp_bytes join)
{
    const struct cp_members *members = NULL;
    struct cp_join j;
    struct cp_buf frame;
    uint8_t id[CP_ID_LEN];
    size_t by = world_writer(w, m);
    enum cp_err err = cp_join_read(join, &j);
    if (err == CP_OK)
        err = judge(m, w->plan, &j);
    if (err == CP_OK)
        err = cp_store_members(m->store, w->plan, &members);
    if (err != CP_OK || by == WORLD_NOBODY)
        return err != CP_OK ? err : CP_ERR_NOT_A_MEMBER;
    if (!is_theirs(members, &j))
        return CP_ERR_BAD_SIGNATURE;
    const struct cp_member_device *there = cp_members_find(members, j.device_key);
    if (there != NULL && cp_member_is_in(there))
        return CP_OK;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_admit_write(j.invite, join, &frame);
    err = world_write_control(w, m, by, cp_buf_bytes(&frame), id) ? CP_OK : CP_ERR_IO;
    cp_buf_clear(&frame);
    return err;
}

/* ---- Inviting and joining ---- */

static size_t inviter(struct world *w, size_t joining)
{
    size_t able[64], count = 0;
    for (size_t i = 0; i < w->machines_count && count < 64; i++) {
        struct machine *m = &w->machines[i];
        if (i != joining && !m->liar && !world_off(m) && world_holds_plan(w, m) && world_writer(w, m) != WORLD_NOBODY)
            able[count++] = i;
    }
    return count == 0 ? WORLD_NOBODY : able[world_roll(w, count)];
}

/* The newcomer's machine remembers that it waits. */
static bool await(struct world *w, struct machine *m, struct cp_bytes join)
{
    enum cp_err err = cp_store_begin(m->store);
    if (err == CP_OK)
        err = cp_store_await(m->store, w->plan, join, cp_bytes_str("invitation"));
    if (err == CP_OK)
        err = cp_store_commit(m->store);
    else
        cp_store_rollback(m->store);
    world_excuse(w, m, err, "remembering an invitation");
    return err == CP_OK;
}

static bool admitted(struct world *w, struct machine *m, const struct person *p)
{
    const struct cp_members *members = NULL;
    if (!world_holds_plan(w, m) || cp_store_members(m->store, w->plan, &members) != CP_OK)
        return false;
    const struct cp_member_device *d = cp_members_find(members, p->who.device);
    return d != NULL && cp_member_speaks(d);
}

static void deliver(struct world *w, struct machine *by, struct machine *m, struct cp_bytes join, unsigned token)
{
    uint8_t key[CP_KEY_LEN], secret[64], seed[32] = {(uint8_t)token, (uint8_t)(token >> 8), 9, 0x5a};
    if (by == m) { /* two people at one machine */
        (void)world_admit(w, by, join);
        return;
    }
    if (world_carried_joins(w)) {
        world_carried_join(w, by, m, join);
        return;
    }
    (void)crypto_sign_seed_keypair(key, secret, seed); /* as group_invite makes a token's keys */
    struct meddling how = {.cut_at = world_chance(w, w->weather.cut) ? 1 + (size_t)world_roll(w, 4) : 0,
                           .bend_at = world_chance(w, w->weather.bend) ? 1 + (size_t)world_roll(w, 3) : 0};
    struct meeting *l = world_link(w, CP_DOOR_INVITE, world_index(w, m), world_index(w, by), key, join, false, &how);
    if (l != NULL)
        world_link_run(w, l, 1000);
}

/* As whom the device comes, as far as the machine that invites knows; false: it does not. */
static bool how_to_join(struct world *w, struct machine *by, size_t person, enum cp_join_how *how)
{
    const struct cp_members *members = NULL;
    const struct person *p = &w->people[person];
    bool known = false;
    if (cp_store_members(by->store, w->plan, &members) != CP_OK)
        return false;
    for (size_t i = 0; i < members->count; i++)
        known = known || memcmp(members->devices[i].person, p->who.person, CP_ID_LEN) == 0;
    const struct cp_member_key *key = cp_members_key(members, p->who.person, p->who.identity);
    *how = p->of == person || !known          ? CP_JOIN_NEW
           : key != NULL && key->in_force     ? CP_JOIN_DEVICE
                                              : CP_JOIN_RECOVERY;
    return *how == CP_JOIN_NEW ? !p->sheet : *how == CP_JOIN_DEVICE || (p->sheet && key == NULL);
}

static void come_in(struct world *w, struct person *p, size_t person)
{
    p->in = true;
    world_count(w, SIM_COUNT_JOINS);
    if (p->gone[w->at])
        world_count(w, SIM_COUNT_BACK_IN);
    p->gone[w->at] = false;
    world_say(w, "%s is in", p->name);
    if (world_key_due(w, person))
        world_key(w, &w->machines[p->machine], person);
}

void world_join(struct world *w, size_t person)
{
    struct person *p = &w->people[person];
    struct machine *m = &w->machines[p->machine];
    size_t at = world_holds_plan(w, m) && world_writer(w, m) != WORLD_NOBODY ? p->machine : inviter(w, p->machine);
    enum cp_join_how how = CP_JOIN_NEW;
    if (at == WORLD_NOBODY || world_off(m) || !how_to_join(w, &w->machines[at], person, &how))
        return;
    struct machine *by = &w->machines[at];
    uint8_t invite[CP_ID_LEN], key[CP_KEY_LEN], secret[64];
    unsigned token = ++w->tokens;
    uint8_t seed[32] = {(uint8_t)token, (uint8_t)(token >> 8), 9, 0x5a};
    struct cp_buf frame, join;
    (void)crypto_sign_seed_keypair(key, secret, seed);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_invite_write(key, key, how == CP_JOIN_NEW ? NULL : p->who.person, &frame);
    world_say(w, "%s invites %s", by->name, p->name);
    if (world_write_control(w, by, world_writer(w, by), cp_buf_bytes(&frame), invite)) {
        world_join_write(w, person, how, invite, token, &join);
        if (world_holds_plan(w, m)) /* whoever left may come back (daemon/serve_people.c) */
            world_excuse(w, m, cp_store_hush(m->store, w->plan, false), "speaking again");
        if (by == m || await(w, m, cp_buf_bytes(&join)))
            deliver(w, by, m, cp_buf_bytes(&join), token);
        if (by != m && !world_failed(w) && !world_off(m) && !world_off(by) && !world_carried_joins(w))
            (void)world_meet(w, world_index(w, m), at, NULL);
    }
    if (!world_off(m) && !world_failed(w) && admitted(w, m, p))
        come_in(w, p, person);
    cp_buf_clear(&frame);
    cp_buf_clear(&join);
}
