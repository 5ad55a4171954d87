/*
 * Plans that a machine does not exchange with us though our log says that it is in them: it does not know yet that we are (let in,
 * come back with a sheet, or said to be lost, and it has not heard the end of that). Owns: which plans these are, at which doors is
 * knocked for them, and when a line that stays open is turned back for it. Must not: call (meet_call.c does).
 */
#include "daemon/meet.h"

#include <string.h>

#define KNOCKS_MAX 1024U /* door keys tried at one machine: plans times their secrets */

static enum cp_err knocks_of_plan(struct cp_meet *m, const uint8_t *plan)
{
    struct cp_node *node = m->all->node;
    uint8_t(*secrets)[CP_KEY_LEN] = NULL;
    size_t count = 0;
    bool hushed = false;
    enum cp_err err = cp_store_hushed(node->store, plan, &hushed);
    if (err != CP_OK || hushed)
        return err;
    err = cp_store_secrets(node->store, plan, &secrets, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        void *rows = m->knocks;
        err = cp_grow(node->mem, &rows, &m->knocks_cap, m->knocks_count + 1, KNOCKS_MAX, sizeof *m->knocks);
        if (err != CP_OK)
            break;
        m->knocks = rows;
        struct cp_meet_knock *k = &m->knocks[m->knocks_count++];
        memcpy(k->plan, plan, CP_ID_LEN);
        memcpy(k->secret, secrets[i], CP_KEY_LEN);
    }
    if (secrets != NULL)
        sodium_memzero(secrets, count * sizeof *secrets);
    cp_free(node->mem, secrets);
    return err == CP_ERR_TOO_BIG ? CP_OK : err;
}

void cp_meet_knocks_find(struct cp_meet *m, const uint8_t server[static CP_KEY_LEN])
{
    struct cp_node *node = m->all->node;
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_plans(node->store, &plans, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++)
        if (!plans[i].awaited && (m->named ? !cp_meet_went(node, plans[i].id, server)
                                           : cp_meet_stands(node, plans[i].id, server)))
            err = knocks_of_plan(m, plans[i].id);
    cp_free(node->mem, plans);
}

/* ---- Plans apart ---- */

static bool has_row(const struct cp_meet *m, const uint8_t *plan)
{
    for (size_t i = 0; i < m->rows_count; i++)
        if (!m->rows[i].apart && memcmp(m->rows[i].report.plan, plan, CP_ID_LEN) == 0)
            return true;
    return false;
}

/* Ours are the first *count of *plans then; the array is freed with the replica's cp_free. */
static enum cp_err apart(const struct cp_meet *m, uint8_t (**plans)[CP_ID_LEN], size_t *count)
{
    struct cp_node *node = m->all->node;
    const struct cp_replica *r = cp_store_replica(node->store);
    uint8_t own[CP_KEY_LEN], box[CP_KEY_LEN];
    size_t kept = 0;
    *count = 0;
    cp_keeper_machine(node->keeper, own, box);
    enum cp_err err = r->plans(r->ctx, m->machine, plans, count);
    for (size_t i = 0; err == CP_OK && i < *count; i++) {
        const uint8_t *plan = (*plans)[i];
        bool theirs = has_row(m, plan) || (m->session != NULL && cp_session_shares(m->session, plan));
        if (!theirs && cp_meet_stands(node, plan, own)) /* where we are in no longer, there is nothing to bring */
            memmove((*plans)[kept++], plan, CP_ID_LEN);
    }
    *count = err == CP_OK ? kept : 0;
    return err;
}

size_t cp_meet_apart(const struct cp_meet *m)
{
    uint8_t(*plans)[CP_ID_LEN] = NULL;
    size_t count = 0;
    if (apart(m, &plans, &count) == CP_OK)
        cp_free(cp_store_replica(m->all->node->store)->mem, plans);
    return count;
}

void cp_meet_knocks_apart(struct cp_meet *m)
{
    uint8_t(*plans)[CP_ID_LEN] = NULL;
    size_t count = 0;
    if (m->knocks_count > 0)
        sodium_memzero(m->knocks, m->knocks_count * sizeof *m->knocks);
    m->knocks_count = m->knock = 0;
    enum cp_err err = apart(m, &plans, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++)
        err = knocks_of_plan(m, plans[i]);
    cp_free(cp_store_replica(m->all->node->store)->mem, plans);
}

void cp_meet_rows_apart(struct cp_meet *m)
{
    uint8_t(*plans)[CP_ID_LEN] = NULL;
    size_t count = 0;
    enum cp_err err = apart(m, &plans, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        void *rows = m->rows;
        err = cp_grow(m->all->node->mem, &rows, &m->rows_cap, m->rows_count + 1, SIZE_MAX / sizeof *m->rows, sizeof *m->rows);
        if (err != CP_OK)
            break;
        m->rows = rows;
        struct cp_meet_row *row = &m->rows[m->rows_count++];
        memset(row, 0, sizeof *row);
        memcpy(row->peer, m->machine, sizeof row->peer);
        memcpy(row->report.plan, plans[i], CP_ID_LEN);
        row->apart = true;
    }
    cp_free(cp_store_replica(m->all->node->store)->mem, plans);
}

/* ---- Lines that stay open ---- */

bool cp_meet_turn_back(struct cp_meet *m)
{
    if (m->over || m->session == NULL || m->last || m->door != CP_DOOR_MEMBER || !cp_session_stays(m->session))
        return false;
    size_t count = cp_meet_apart(m);
    if (count == m->apart)
        return false; /* that was tried */
    m->apart = count;
    if (count == 0)
        return false;
    if (m->caller) { /* a goodbye; then what is to be handed over, and as ourselves again */
        m->knocked = false;
        m->settled_ms = UINT64_MAX;
        cp_meet_step(m, (struct cp_event){.type = CP_EVENT_CLOSE});
        return true;
    }
    /* They called: theirs stays, and we call, where we know an address. */
    const struct cp_meet_place *place = cp_meet_place_of(m->all, m->machine);
    if (place == NULL)
        return false;
    struct cp_meet_call call = {.address = place->address, .server_key = m->machine};
    enum cp_err err = cp_meet_start(m->all->node, &call);
    return err == CP_OK;
}
