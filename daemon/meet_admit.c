/*
 * Admitting: a JOIN that came under an invitation key, judged against the INVITE we hold.
 * Owns: the choice of the device that admits. Must not: judge by anything but the JOIN and the INVITE; every
 * reader of the ADMIT judges both again.
 */
#include "daemon/meet.h"

/* NOT_A_MEMBER when no device of this machine stands in the plan; LOCKED when none that does is awake. */
static enum cp_err own_device(struct cp_node *node, const struct cp_members *members,
                              uint8_t device[static CP_KEY_LEN])
{
    bool asleep = false;
    for (size_t i = 0; i < cp_keeper_count(node->keeper); i++) {
        const struct cp_keeper_person *p = cp_keeper_person(node->keeper, i);
        const struct cp_member_device *d = cp_members_find(members, p->device_key);
        if (d == NULL || !cp_member_is_in(d))
            continue;
        asleep = !cp_keeper_awake(node->keeper, i);
        if (asleep)
            continue;
        memcpy(device, p->device_key, CP_KEY_LEN);
        return CP_OK;
    }
    return asleep ? CP_ERR_LOCKED : CP_ERR_NOT_A_MEMBER;
}

/* Did everything by which this person came in end with their leaving? Then only an invitation that nobody has used brings
 * them back: the old token is not to be a door that stays open. */
static enum cp_err has_left(struct cp_node *node, const uint8_t *plan, const uint8_t *person, bool *yes)
{
    const struct cp_members *members = NULL;
    size_t joins = 0, ended = 0;
    enum cp_err err = cp_store_members(node->store, plan, &members);
    for (size_t i = 0; err == CP_OK && i < members->joins_count; i++) {
        if (memcmp(members->joins[i].person, person, CP_ID_LEN) != 0)
            continue;
        joins++;
        ended += members->joins[i].ended ? 1 : 0;
    }
    *yes = joins > 0 && joins == ended;
    return err;
}

/* A further device, or one after a loss: under the sheet of a person who is here, and by the key that is in force. */
static bool is_theirs(const struct cp_members *m, const struct cp_join *j)
{
    bool known = false;
    if (j->how == CP_JOIN_NEW)
        return true;
    for (size_t i = 0; i < m->count && !known; i++)
        known = memcmp(m->devices[i].person, j->person, CP_ID_LEN) == 0 &&
                memcmp(m->devices[i].recovery_key, j->recovery_key, CP_KEY_LEN) == 0;
    const struct cp_member_key *key = cp_members_key(m, j->person, j->identity_key);
    return known && (j->how == CP_JOIN_RECOVERY || (key != NULL && key->in_force));
}

static enum cp_err judge(struct cp_node *node, const uint8_t *plan, const struct cp_join *j)
{
    bool left = false;
    struct cp_invite_row *invites = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_invites(node->store, plan, &invites, &count);
    if (err == CP_OK)
        err = has_left(node, plan, j->person, &left);
    if (err != CP_OK) {
        cp_free(node->mem, invites);
        return err;
    }
    err = CP_ERR_BAD_INVITATION;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(invites[i].id, j->invite, CP_ID_LEN) != 0 || invites[i].withdrawn || !invites[i].stands)
            continue;
        const struct cp_invite_row *row = &invites[i];
        bool other = row->for_person ? memcmp(row->used_device, j->device_key, CP_KEY_LEN) != 0
                                     : memcmp(row->used_by, j->person, CP_ID_LEN) != 0;
        if (!cp_join_under(j, plan, row->id, row->token_key, row->for_person ? row->person : NULL))
            err = CP_ERR_BAD_SIGNATURE;
        else if (row->used && (other || left))
            err =
                CP_ERR_INVITATION_USED; /* as far as we know; admitted apart, both are in and both are marked */
        else
            err = CP_OK;
    }
    cp_free(node->mem, invites);
    return err;
}

struct own_admit {
    const struct cp_node *node;
    const struct cp_join *j;
    bool found;
};

static bool visit_admit(void *ctx, const struct cp_entry_info *info)
{
    struct own_admit *o = ctx;
    struct cp_control c;
    for (size_t i = 0; i < cp_keeper_count(o->node->keeper); i++) {
        if (memcmp(cp_keeper_person(o->node->keeper, i)->device_key, info->device, CP_KEY_LEN) != 0)
            continue;
        cp_control_read(info->frame, &c);
        o->found = c.known && c.kind == CP_KIND_ADMIT && cp_bytes_eq(c.join.text, o->j->text);
    }
    return !o->found;
}

/* A device that is here and not in. Its request may be shown again and again, by a door that stays open: by itself a machine
 * answers each with one ADMIT at most, and one that was reported lost with none. */
static enum cp_err judge_again(const struct cp_node *node, const uint8_t *plan, const struct cp_join *j,
                               const struct cp_member_device *there)
{
    struct own_admit o = {.node = node, .j = j};
    if (there->revoked)
        return CP_ERR_INVITATION_USED;
    enum cp_err err = cp_store_each(node->store, plan, CP_KIND_ADMIT, false, visit_admit, &o);
    return err == CP_OK && o.found ? CP_ERR_INVITATION_USED : err;
}

static enum cp_err write_admit(struct cp_node *node, const uint8_t *plan, const uint8_t *invite,
                               struct cp_bytes join, const uint8_t *device)
{
    struct cp_buf frame;
    uint8_t id[CP_ID_LEN];
    struct cp_signer signer = cp_node_signer(node);
    cp_buf_init(&frame, node->mem, CP_ENTRY_MAX);
    cp_admit_write(invite, join, &frame);
    enum cp_err err = cp_buf_err(&frame);
    if (err == CP_OK)
        err = cp_store_begin(node->store);
    if (err == CP_OK) {
        err = cp_store_append(node->store, &signer, plan, device, CP_CONTROL, cp_buf_bytes(&frame),
                              CP_BYTES(NULL, 0), cp_node_time_ms(), id);
        if (err == CP_OK)
            err = cp_store_commit(node->store);
        if (err != CP_OK)
            cp_store_rollback(node->store);
    }
    cp_buf_clear(&frame);
    return err;
}

enum cp_err cp_meet_admit(struct cp_meeting *all, const uint8_t plan[static CP_ID_LEN], struct cp_bytes join)
{
    struct cp_node *node = all->node;
    const struct cp_members *members = NULL;
    uint8_t device[CP_KEY_LEN];
    struct cp_join j;
    enum cp_err err = cp_join_read(join, &j);
    if (err == CP_OK)
        err = judge(node, plan, &j);
    if (err == CP_OK)
        err = cp_store_members(node->store, plan, &members);
    if (err == CP_OK && !is_theirs(members, &j))
        err = CP_ERR_BAD_SIGNATURE;
    if (err != CP_OK)
        return err;
    const struct cp_member_device *there = cp_members_find(members, j.device_key);
    if (there != NULL && cp_member_is_in(there))
        return CP_OK; /* the answer to an earlier delivery was lost */
    if (there != NULL)
        err = judge_again(node, plan, &j, there);
    if (err == CP_OK)
        err = cp_store_members(node->store, plan, &members); /* what was lent before may be gone */
    if (err == CP_OK)
        err = own_device(node, members, device);
    if (err == CP_OK)
        err = write_admit(node, plan, j.invite, join, device);
    if (err == CP_OK)
        cp_meet_news_from(all, plan, NULL, true);
    return err;
}
