/*
 * Calling another machine: which server key to expect, as whom to call, what to do when refused.
 * Owns: the order of attempts (design 6). Must not: knock or hand anything over where our own log does not name
 * the server, unless its key was given and is then proven (the session sees to that).
 */
#include "daemon/meet.h"

#include "daemon/home.h"
#include "proto/beacon.h"

static enum cp_err candidate_add(struct cp_meet *m, const uint8_t *key)
{
    uint8_t own[CP_KEY_LEN], box[CP_KEY_LEN];
    void *rows = m->candidates;
    cp_keeper_machine(m->all->node->keeper, own, box);
    if (memcmp(own, key, sizeof own) == 0)
        return CP_OK;
    for (size_t i = 0; i < m->candidates_count; i++)
        if (memcmp(m->candidates[i], key, CP_KEY_LEN) == 0)
            return CP_OK;
    enum cp_err err = cp_grow(m->all->node->mem, &rows, &m->candidates_cap, m->candidates_count + 1,
                              SIZE_MAX / 64, sizeof *m->candidates);
    if (err != CP_OK)
        return err;
    m->candidates = rows;
    memcpy(m->candidates[m->candidates_count++], key, CP_KEY_LEN);
    return CP_OK;
}

/* The invitation and JOIN that are kept for an awaited plan. */
static enum cp_err awaited(struct cp_node *node, const uint8_t *plan, struct cp_invitation *inv,
                           struct cp_buf *join)
{
    struct cp_buf text;
    cp_buf_init(&text, node->mem, CP_TEXT_MAX);
    cp_buf_reset(join);
    enum cp_err err = cp_store_awaited(node->store, plan, join, &text);
    if (err == CP_OK)
        err = cp_invitation_read(cp_buf_bytes(&text), inv);
    cp_buf_clear(&text);
    return err;
}

static enum cp_err candidates_of_plan(struct cp_meet *m, const struct cp_plan_row *plan)
{
    struct cp_node *node = m->all->node;
    const struct cp_members *members = NULL;
    enum cp_err err = CP_OK;
    if (plan->awaited && plan->entries == 0) {
        struct cp_invitation inv;
        if (awaited(node, plan->id, &inv, &m->join) == CP_OK && inv.has_server)
            err = candidate_add(m, inv.server_key);
        cp_buf_reset(&m->join);
        sodium_memzero(&inv, sizeof inv);
        return err;
    }
    bool hushed = false;
    err = cp_store_hushed(node->store, plan->id, &hushed);
    if (err != CP_OK || hushed)
        return err;
    err = cp_store_members(node->store, plan->id, &members);
    for (size_t i = 0; err == CP_OK && i < members->count; i++)
        if (cp_member_is_in(&members->devices[i]))
            err = candidate_add(m, members->devices[i].curve_key);
    return err;
}

/* The machine last seen at this address, then each standing one of every plan in turn. */
static enum cp_err candidates_find(struct cp_meet *m)
{
    struct cp_node *node = m->all->node;
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    const struct cp_meet_place *place = cp_meet_place_at(m->all, m->address);
    enum cp_err err = place == NULL ? CP_OK : candidate_add(m, place->machine);
    if (err == CP_OK)
        err = cp_store_plans(node->store, &plans, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++)
        err = candidates_of_plan(m, &plans[i]);
    cp_free(node->mem, plans);
    return err;
}

static const uint8_t *server_of(const struct cp_meet *m)
{
    return m->candidates[m->candidate];
}

/* Calls as what m->as says. */
static enum cp_err call_out(struct cp_meet *m)
{
    struct cp_node *node = m->all->node;
    uint8_t key[CP_KEY_LEN], secret[CP_KEY_LEN], box[CP_KEY_LEN];
    const uint8_t *own = cp_keeper_curve_secret(node->keeper);
    enum cp_err err = CP_ERR_LOCKED;
    if (own == NULL)
        return err;
    switch (m->as) {
    case CP_MEET_MEMBER:
        cp_keeper_machine(node->keeper, key, box);
        memcpy(secret, own, sizeof secret);
        m->door = CP_DOOR_MEMBER;
        break;
    case CP_MEET_KNOCK:
        cp_door_curve(m->knocks[m->knock].secret, key, secret);
        m->door = CP_DOOR_KNOCK;
        break;
    case CP_MEET_INVITED:
        cp_token_curve(m->invitation.token, key, secret);
        m->door = CP_DOOR_INVITE;
        break;
    }
    memcpy(m->machine, server_of(m), sizeof m->machine);
    err = cp_net_call(node->net, m->address, server_of(m), key, secret, CP_MEET_CALL_MS, m, &m->peer);
    sodium_memzero(secret, sizeof secret);
    return err;
}

static void call_on(struct cp_meet *m)
{
    enum cp_err err = call_out(m);
    if (err != CP_OK)
        cp_meet_conclude(m, err);
}

/* A JOIN of ours that this server is to have, from an awaited plan. */
static bool invitation_for(struct cp_meet *m)
{
    struct cp_node *node = m->all->node;
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    bool found = false;
    if (cp_store_plans(node->store, &plans, &count) != CP_OK)
        return false;
    for (size_t i = 0; i < count && !found; i++) {
        bool waits = false;
        found = cp_store_waits(node->store, plans[i].id, &waits) == CP_OK && waits &&
                awaited(node, plans[i].id, &m->invitation, &m->join) == CP_OK && m->invitation.has_server &&
                memcmp(m->invitation.server_key, server_of(m), CP_KEY_LEN) == 0;
    }
    cp_free(node->mem, plans);
    return found;
}

/* The next door to knock at; when the one before was opened, of the next plan. False: there is none. */
static bool knock_next(struct cp_meet *m, bool opened)
{
    const struct cp_meet_knock *was = &m->knocks[m->knock];
    do
        m->knock++;
    while (opened && m->knock < m->knocks_count && memcmp(m->knocks[m->knock].plan, was->plan, CP_ID_LEN) == 0);
    return m->knock < m->knocks_count;
}

/* As ourselves, after something was handed over. */
static void call_again(struct cp_meet *m)
{
    m->as = CP_MEET_MEMBER;
    m->returned = true;
    call_on(m);
}

/* We met as ourselves. What that could not bring, since the other does not know yet that we are in the plan: a JOIN of ours, then
 * the control entries of each plan that it does not exchange with us. False: nothing, or it was tried. */
static bool more_to_hand_over(struct cp_meet *m)
{
    if (!m->invited && invitation_for(m)) {
        m->invited = true;
        m->as = CP_MEET_INVITED;
        return true;
    }
    if (m->knocked)
        return false;
    m->knocked = true;
    m->opened = false;
    cp_meet_knocks_apart(m);
    if (m->knocks_count > 0)
        m->as = CP_MEET_KNOCK;
    return m->knocks_count > 0;
}

/* The server is the one we expected and does not know us. */
static void not_known(struct cp_meet *m)
{
    switch (m->as) {
    case CP_MEET_MEMBER:
        if (m->returned) {
            cp_meet_conclude(m, CP_ERR_NOT_A_MEMBER);
            return;
        }
        if (!m->invited && invitation_for(m)) {
            m->invited = true;
            m->as = CP_MEET_INVITED;
            break;
        }
        cp_meet_knocks_find(m, server_of(m));
        if (m->knocks_count == 0) {
            cp_meet_conclude(m, CP_ERR_NOT_A_MEMBER);
            return;
        }
        m->as = CP_MEET_KNOCK;
        break;
    case CP_MEET_KNOCK:
        if (knock_next(m, false))
            break;
        if (m->opened)
            call_again(m);
        else
            cp_meet_conclude(m, m->met ? CP_OK : CP_ERR_NOT_A_MEMBER);
        return;
    case CP_MEET_INVITED:
        cp_meet_conclude(m, CP_ERR_BAD_INVITATION);
        return;
    }
    call_on(m);
}

void cp_meet_refused(struct cp_meet *m, enum cp_err why)
{
    if (why == CP_ERR_NOT_A_MEMBER) {
        not_known(m);
    } else if (why == CP_ERR_UNPROVEN && m->as == CP_MEET_MEMBER && !m->named && !m->returned) {
        /* Another machine answers there: the next one that it could be. */
        if (++m->candidate < m->candidates_count)
            call_on(m);
        else
            cp_meet_conclude(m, CP_ERR_NOT_A_MEMBER);
    } else {
        cp_meet_conclude(m, why);
    }
}

void cp_meet_onwards(struct cp_meet *m, enum cp_err err)
{
    if (m->as == CP_MEET_MEMBER) {
        m->met = m->met || err == CP_OK;
        m->rows_kept = m->rows_count;
        if (err == CP_OK && !m->last && more_to_hand_over(m))
            call_on(m);
        else
            cp_meet_conclude(m, err);
        return;
    }
    m->rows_count = m->rows_kept; /* what was handed over is no exchange */
    if (err != CP_OK || m->last) {
        cp_meet_conclude(m, err);
        return;
    }
    /* What had to be handed over is there: once more, as ourselves. A knock at a machine that our log does not name
     * goes well only when that machine has proven itself. */
    if (m->as == CP_MEET_KNOCK && m->named && !cp_meet_stands(m->all->node, m->knocks[m->knock].plan, server_of(m))) {
        m->proven = true;
        memcpy(m->proven_plan, m->knocks[m->knock].plan, sizeof m->proven_plan);
    }
    m->opened = m->as == CP_MEET_KNOCK;
    if (m->opened && m->met && knock_next(m, true))
        call_on(m);
    else
        call_again(m);
}

/* Whoever asked for the line was answered. What the other says of us will not change by asking again. */
static bool wait_to_call(struct cp_meet *m, enum cp_err err)
{
    if (!m->keep || m->done != NULL || m->session != NULL || m->last || err == CP_OK || err == CP_ERR_NOT_A_MEMBER ||
        cp_err_class(err) == CP_CLASS_PEER)
        return false;
    m->again_ms = cp_node_monotonic_ms() + cp_beacon_again_ms(++m->fails, randombytes_random());
    return true;
}

void cp_meet_call_kept(struct cp_meet *m, uint64_t now_ms)
{
    m->again_ms = UINT64_MAX;
    for (const struct cp_meet *other = m->all->list; other != NULL; other = other->next)
        if (other != m && !other->over && other->session != NULL && other->stay &&
            memcmp(other->machine, m->machine, CP_KEY_LEN) == 0) {
            m->again_ms = now_ms + CP_MEET_KEPT_MS; /* they called, or were found elsewhere */
            return;
        }
    m->as = CP_MEET_MEMBER;
    m->returned = m->met = m->knocked = m->opened = m->invited = false;
    m->rows_count = m->rows_kept = 0;
    call_on(m);
}

void cp_meet_conclude(struct cp_meet *m, enum cp_err err)
{
    cp_meet_done *done = m->done;
    if (wait_to_call(m, err))
        return;
    m->done = NULL;
    if (m->session == NULL)
        m->over = true;
    if (done == NULL)
        return;
    if (m->met || m->session != NULL)
        cp_meet_rows_apart(m);
    done(m->ctx, err, m->rows, m->rows_count);
}

struct cp_session_progress cp_meet_progress(const struct cp_meeting *all, const void *ctx)
{
    struct cp_session_progress sum = {0, 0};
    for (const struct cp_meet *m = all->list; m != NULL; m = m->next) {
        if (m->over || m->done == NULL || m->ctx != ctx || m->session == NULL)
            continue;
        struct cp_session_progress one = cp_session_progress(m->session);
        sum.done += one.done;
        sum.of = one.of > CP_INT_MAX - sum.of ? CP_INT_MAX : sum.of + one.of;
    }
    return sum;
}

static size_t calls_under_way(const struct cp_meeting *all)
{
    size_t count = 0;
    for (const struct cp_meet *m = all->list; m != NULL; m = m->next)
        count += m->caller && !m->over && m->done != NULL;
    return count;
}

enum cp_err cp_meet_start(struct cp_node *node, const struct cp_meet_call *call)
{
    struct cp_meeting *all = node->meetings;
    if (all == NULL || node->net == NULL || node->store == NULL || node->keeper == NULL ||
        cp_keeper_locked(node->keeper))
        return CP_ERR_LOCKED;
    if (calls_under_way(all) >= CP_MEET_CALLS_MAX || (call->stay && cp_meet_staying(all) >= CP_MEET_STAY_MAX))
        return CP_ERR_BUSY;
    if (strlen(call->address) >= sizeof((struct cp_meet *)NULL)->address || !cp_endpoint_ok(call->address))
        return CP_ERR_USAGE;
    cp_meet_enter(all);
    enum cp_err err = CP_OK;
    struct cp_meet *m = cp_meet_new(all, true);
    if (m == NULL) {
        err = CP_ERR_NO_MEMORY;
        goto out;
    }
    (void)snprintf(m->address, sizeof m->address, "%s", call->address);
    m->stay = call->stay;
    m->keep = call->stay && call->keep;
    if (call->invitation != NULL) {
        m->invited = true;
        m->as = CP_MEET_INVITED;
        m->invitation = *call->invitation;
        cp_buf_put_bytes(&m->join, call->join);
        err = cp_buf_err(&m->join);
        if (err == CP_OK)
            err =
                call->invitation->has_server ? candidate_add(m, call->invitation->server_key) : CP_ERR_USAGE;
    } else if (call->server_key != NULL) {
        m->named = true;
        err = candidate_add(m, call->server_key);
    } else {
        err = candidates_find(m);
    }
    /* Under a key that our log does not name nothing is said before it has proven itself, which it does when we
     * knock. */
    if (err == CP_OK && m->named && m->candidates_count > 0 && !cp_meet_stands(node, NULL, server_of(m))) {
        cp_meet_knocks_find(m, server_of(m));
        if (m->knocks_count > 0)
            m->as = CP_MEET_KNOCK;
    }
    if (err == CP_OK && m->candidates_count == 0)
        err = m->named || m->invited ? CP_ERR_USAGE
                                     : CP_ERR_NOT_A_MEMBER; /* our own key: not somebody to meet */
    if (err == CP_OK)
        err = call_out(m);
    if (err == CP_OK) {
        m->done = call->done;
        m->progress = call->progress;
        m->ctx = call->ctx;
    } else {
        m->over = true;
    }
out:
    cp_meet_leave(all);
    return err;
}

enum cp_err cp_node_meet(struct cp_node *node, const char *address, const uint8_t *server_key, bool stay,
                         const struct cp_invitation *invitation, struct cp_bytes join, cp_meet_done *done,
                         void *ctx)
{
    struct cp_meet_call call = {.address = address, .server_key = server_key, .stay = stay, .invitation = invitation,
                                .join = join, .done = done, .ctx = ctx};
    return cp_meet_start(node, &call);
}
