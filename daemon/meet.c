/* The meetings' life: ZAP's table, the net's events, time, and news between sessions. See meet.h. */
#include "daemon/meet.h"

#include <assert.h>

#include "daemon/carry.h"

/* ---- Who may be freed when ---- */

static void sweep(struct cp_meeting *all)
{
    struct cp_meet **at = &all->list;
    while (*at != NULL) {
        struct cp_meet *m = *at;
        if (!m->over) {
            at = &m->next;
            continue;
        }
        *at = m->next;
        if (m->peer != NULL) {
            *cp_peer_tag(m->peer) = NULL;
            cp_peer_close(m->peer);
        }
        cp_session_free(m->session);
        cp_free(all->node->mem, m->trust);
        cp_free(all->node->mem, m->rows);
        cp_free(all->node->mem, m->candidates);
        if (m->knocks_count > 0)
            sodium_memzero(m->knocks, m->knocks_count * sizeof *m->knocks);
        cp_free(all->node->mem, m->knocks);
        cp_buf_clear(&m->join);
        sodium_memzero(m, sizeof *m);
        cp_free(all->node->mem, m);
    }
}

/* Somebody's machine may have stopped standing: our side of a session with it ends at once. When its person has just left,
 * the exchange in which we hear of it goes on to its end, and no further one begins. */
static void part_from_strangers(struct cp_meeting *all)
{
    for (struct cp_meet *m = all->list; m != NULL; m = m->next) {
        if (m->over || m->session == NULL || !m->known)
            continue;
        const uint8_t *key = cp_peer_key(m->peer);
        bool exchanged = m->rows_count > 0;
        if (!cp_meet_may_stay(all->node, key) || (exchanged && !cp_meet_stands(all->node, NULL, key)))
            cp_meet_finish(m, CP_ERR_NOT_A_MEMBER);
        else
            m->look_ms = cp_node_monotonic_ms() + CP_MEET_SETTLED_MS; /* it may be in more plans now, or we */
    }
}

void cp_meet_enter(struct cp_meeting *all)
{
    all->depth++;
}

void cp_meet_leave(struct cp_meeting *all)
{
    /* Still inside: stepping the others may bring more news, and nobody must be freed meanwhile. */
    while (all->depth == 1 && (all->news_count > 0 || all->control)) {
        if (all->control) {
            all->control = false;
            part_from_strangers(all);
            continue;
        }
        struct cp_meet_news_due due = all->news[--all->news_count];
        for (struct cp_meet *m = all->list; m != NULL; m = m->next) {
            if (m->over || m->session == NULL || m == due.from)
                continue;
            struct cp_event e = {.type = CP_EVENT_NEWS};
            memcpy(e.plan, due.plan, sizeof e.plan);
            cp_meet_step(m, e);
        }
    }
    if (all->depth == 1)
        cp_meet_shed(all);
    if (--all->depth == 0)
        sweep(all);
}

struct cp_meet *cp_meet_new(struct cp_meeting *all, bool caller)
{
    struct cp_meet *m = cp_alloc(all->node->mem, sizeof *m);
    if (m == NULL)
        return NULL;
    m->all = all;
    m->caller = caller;
    m->next = all->list;
    m->settled_ms = m->look_ms = m->again_ms = UINT64_MAX;
    cp_buf_init(&m->join, all->node->mem, CP_JOIN_MAX);
    all->list = m;
    return m;
}

/* ---- News ---- */

void cp_meet_news_from(struct cp_meeting *all, const uint8_t plan[static CP_ID_LEN],
                       const struct cp_meet *from, bool control)
{
    void *rows = all->news;
    if (control) {
        all->doors_known = false;
        all->control = true;
        all->controls++;
    }
    for (size_t i = 0; i < all->news_count; i++) {
        if (memcmp(all->news[i].plan, plan, CP_ID_LEN) != 0)
            continue;
        if (all->news[i].from != from)
            all->news[i].from = NULL; /* from two sides: each tells the other */
        return;
    }
    if (cp_grow(all->node->mem, &rows, &all->news_cap, all->news_count + 1, SIZE_MAX / 64,
                sizeof *all->news) != CP_OK)
        return; /* they hear of it at the next meeting; a chunk whose words went meanwhile is refused in this one */
    all->news = rows;
    memcpy(all->news[all->news_count].plan, plan, CP_ID_LEN);
    all->news[all->news_count++].from = from;
}

void cp_meet_news(struct cp_node *node, const uint8_t plan[static CP_ID_LEN])
{
    struct cp_meeting *all = node->meetings;
    if (all == NULL)
        return;
    cp_meet_enter(all);
    cp_meet_news_from(all, plan, NULL, true);
    cp_meet_leave(all);
}

void cp_meet_wishes(struct cp_node *node)
{
    struct cp_meeting *all = node->meetings;
    if (all == NULL)
        return;
    cp_meet_enter(all);
    for (struct cp_meet *m = all->list; m != NULL; m = m->next)
        if (!m->over && m->session != NULL)
            cp_meet_step(m, (struct cp_event){.type = CP_EVENT_WISHES});
    cp_meet_leave(all);
}

/* ---- ZAP's table ---- */

/* Has the machine a device of which `by` holds, in this plan (NULL: in any)? */
static bool has_device(struct cp_node *node, const uint8_t *plan, const uint8_t *key,
                       bool (*by)(const struct cp_member_device *d))
{
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    bool stands = false;
    if (cp_store_plans(node->store, &plans, &count) != CP_OK)
        return false;
    for (size_t i = 0; i < count && !stands; i++) {
        const struct cp_members *members = NULL;
        if ((plan != NULL && memcmp(plan, plans[i].id, CP_ID_LEN) != 0) ||
            cp_store_members(node->store, plans[i].id, &members) != CP_OK)
            continue;
        for (size_t k = 0; k < members->count && !stands; k++)
            stands =
                by(&members->devices[k]) && memcmp(members->devices[k].curve_key, key, CP_KEY_LEN) == 0;
    }
    cp_free(node->mem, plans);
    return stands;
}

bool cp_meet_stands(struct cp_node *node, const uint8_t *plan, const uint8_t key[static CP_KEY_LEN])
{
    return has_device(node, plan, key, cp_member_is_in);
}

static bool is_out(const struct cp_member_device *d)
{
    return !cp_member_is_in(d);
}

bool cp_meet_went(struct cp_node *node, const uint8_t *plan, const uint8_t key[static CP_KEY_LEN])
{
    return has_device(node, plan, key, is_out) && !cp_meet_stands(node, plan, key);
}

bool cp_meet_may_stay(struct cp_node *node, const uint8_t key[static CP_KEY_LEN])
{
    return has_device(node, NULL, key, cp_member_may_stay);
}

/* The first row for a key counts; machine keys are put in first. */
static void door_add(struct cp_meeting *all, const uint8_t *key, enum cp_door door, const uint8_t *plan)
{
    void *rows = all->doors;
    if (cp_grow(all->node->mem, &rows, &all->doors_cap, all->doors_count + 1, SIZE_MAX / 256,
                sizeof *all->doors) != CP_OK)
        return; /* whoever is missing is refused and calls again */
    all->doors = rows;
    struct cp_meet_door *d = &all->doors[all->doors_count++];
    memset(d, 0, sizeof *d);
    memcpy(d->key, key, sizeof d->key);
    d->welcome.allowed = true;
    d->welcome.door = door;
    d->welcome.lines_max = door == CP_DOOR_MEMBER ? 0 : CP_MEET_GUESTS_MAX;
    if (plan != NULL)
        memcpy(d->welcome.plan, plan, CP_ID_LEN);
}

static void doors_of_members(struct cp_meeting *all, const uint8_t *plan, const uint8_t *own)
{
    const struct cp_members *members = NULL;
    if (cp_store_members(all->node->store, plan, &members) != CP_OK)
        return;
    for (size_t i = 0; i < members->count; i++)
        if (cp_member_is_in(&members->devices[i]) &&
            memcmp(members->devices[i].curve_key, own, CP_KEY_LEN) != 0)
            door_add(all, members->devices[i].curve_key, CP_DOOR_MEMBER, NULL);
}

static void doors_of_guests(struct cp_meeting *all, const uint8_t *plan)
{
    struct cp_node *node = all->node;
    struct cp_invite_row *invites = NULL;
    uint8_t(*secrets)[CP_KEY_LEN] = NULL;
    size_t count = 0;
    if (cp_store_invites(node->store, plan, &invites, &count) == CP_OK)
        for (size_t i = 0; i < count; i++)
            if (!invites[i].withdrawn && invites[i].stands)
                door_add(all, invites[i].token_curve_key, CP_DOOR_INVITE, plan);
    cp_free(node->mem, invites);
    count = 0;
    if (cp_store_secrets(node->store, plan, &secrets, &count) == CP_OK) {
        for (size_t i = 0; i < count; i++) {
            uint8_t key[CP_KEY_LEN], secret[CP_KEY_LEN];
            cp_door_curve(secrets[i], key, secret);
            sodium_memzero(secret, sizeof secret);
            door_add(all, key, CP_DOOR_KNOCK, plan);
        }
    }
    if (secrets != NULL)
        sodium_memzero(secrets, count * sizeof *secrets);
    cp_free(node->mem, secrets);
}

/* A plan that its people here left opens no door; what cannot be read opens none either. */
static bool is_hushed(struct cp_meeting *all, const uint8_t *plan)
{
    bool hushed = true;
    return cp_store_hushed(all->node->store, plan, &hushed) != CP_OK || hushed;
}

static void doors_renew(struct cp_meeting *all)
{
    struct cp_node *node = all->node;
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    uint8_t own[CP_KEY_LEN], box[CP_KEY_LEN];
    all->doors_count = 0;
    if (cp_store_plans(node->store, &plans, &count) != CP_OK)
        return; /* nobody is let in, and the next caller makes us look again */
    cp_keeper_machine(node->keeper, own, box);
    for (size_t i = 0; i < count; i++)
        if (!is_hushed(all, plans[i].id))
            doors_of_members(all, plans[i].id, own);
    for (size_t i = 0; i < count; i++)
        if (!is_hushed(all, plans[i].id))
            doors_of_guests(all, plans[i].id);
    cp_free(node->mem, plans);
    all->doors_known = true;
}

struct cp_welcome cp_meet_who(struct cp_meeting *all, const uint8_t key[static CP_KEY_LEN])
{
    if (all->node->store == NULL || cp_store_locked(all->node->store))
        return (struct cp_welcome){.allowed = false};
    if (!all->doors_known)
        doors_renew(all);
    for (size_t i = 0; i < all->doors_count; i++) {
        if (memcmp(all->doors[i].key, key, CP_KEY_LEN) != 0)
            continue;
        struct cp_welcome w = all->doors[i].welcome;
        w.later = w.door == CP_DOOR_MEMBER && cp_meet_must_wait(all, key, cp_node_monotonic_ms());
        w.allowed = !w.later;
        return w;
    }
    return (struct cp_welcome){.allowed = false};
}

/* ---- The net's events ---- */

static struct cp_welcome on_who(void *ctx, const uint8_t key[CP_KEY_LEN])
{
    struct cp_node *node = ctx;
    return cp_meet_who(node->meetings, key);
}

size_t cp_meet_staying(const struct cp_meeting *all)
{
    size_t count = 0;
    for (const struct cp_meet *m = all->list; m != NULL; m = m->next)
        count += !m->over && (m->caller ? m->stay : m->session != NULL && cp_session_stays(m->session));
    return count;
}

/* The first message of somebody who called us. */
static struct cp_meet *called(struct cp_meeting *all, struct cp_peer *peer)
{
    struct cp_meet *m = cp_meet_new(all, false);
    if (m == NULL) {
        cp_peer_close(peer);
        return NULL;
    }
    *cp_peer_tag(peer) = m;
    m->peer = peer;
    m->door = cp_peer_door(peer);
    m->stay = cp_meet_staying(all) < CP_MEET_STAY_MAX;
    if (m->door == CP_DOOR_MEMBER)
        memcpy(m->machine, cp_peer_key(peer), sizeof m->machine);
    cp_meet_begin(m);
    return m->over ? NULL : m;
}

static void on_message(void *ctx, struct cp_peer *peer, struct cp_bytes bytes)
{
    struct cp_meeting *all = ((struct cp_node *)ctx)->meetings;
    if (cp_carry_is(ctx, peer)) {
        cp_carry_message(ctx, bytes);
        return;
    }
    cp_meet_enter(all);
    struct cp_meet *m = *cp_peer_tag(peer);
    if (m == NULL && !cp_peer_is_caller(peer))
        m = called(all, peer);
    if (m != NULL && m->session != NULL)
        cp_meet_step(m, (struct cp_event){.type = CP_EVENT_MESSAGE, .message = bytes});
    cp_meet_leave(all);
}

static void on_connected(void *ctx, struct cp_peer *peer)
{
    struct cp_meeting *all = ((struct cp_node *)ctx)->meetings;
    if (cp_carry_is(ctx, peer)) {
        cp_carry_connected(ctx);
        return;
    }
    struct cp_meet *m = *cp_peer_tag(peer);
    if (m == NULL)
        return;
    cp_meet_enter(all);
    cp_meet_met(all, m->address, m->machine);
    cp_meet_begin(m);
    cp_meet_leave(all);
}

static void on_gone(void *ctx, struct cp_peer *peer, enum cp_err why)
{
    struct cp_meeting *all = ((struct cp_node *)ctx)->meetings;
    if (cp_carry_is(ctx, peer)) {
        cp_carry_gone(ctx, why);
        return;
    }
    struct cp_meet *m = *cp_peer_tag(peer);
    if (m == NULL)
        return;
    cp_meet_enter(all);
    m->peer = NULL;
    if (m->session != NULL || !m->caller)
        cp_meet_finish(m, why);
    else
        cp_meet_refused(m, why);
    cp_meet_leave(all);
}

/* ---- Life ---- */

enum cp_err cp_meet_open(struct cp_node *node)
{
    struct cp_net_events events = {node, on_who, on_message, on_connected, on_gone};
    node->meetings = cp_alloc(node->mem, sizeof *node->meetings);
    if (node->meetings == NULL)
        return CP_ERR_NO_MEMORY;
    node->meetings->node = node;
    return cp_net_new(&node->net, &events);
}

void cp_node_part(struct cp_node *node)
{
    struct cp_meeting *all = node->meetings;
    if (all == NULL)
        return;
    cp_carry_stop(node, CP_ERR_INTERRUPTED);
    cp_meet_enter(all);
    for (struct cp_meet *m = all->list; m != NULL; m = m->next) {
        if (m->over)
            continue;
        m->last = m->returned = true; /* whatever was planned next is off */
        if (m->session != NULL)
            cp_meet_step(m,
                         (struct cp_event){.type = CP_EVENT_CLOSE}); /* a goodbye, where there is somebody */
        if (m->over)
            continue;
        m->ours = true;
        if (m->session != NULL || !m->caller)
            cp_meet_finish(m, CP_ERR_INTERRUPTED);
        else
            cp_meet_conclude(m, CP_ERR_INTERRUPTED);
    }
    all->doors_known = false;
    cp_meet_leave(all);
    cp_meet_facts_save(all);
    cp_meet_facts_forget(all); /* read again when they are needed; after a lock they must not lie about */
}

void cp_meet_close(struct cp_node *node)
{
    struct cp_meeting *all = node->meetings;
    if (all != NULL)
        cp_node_part(node);
    cp_net_free(node->net);
    node->net = NULL;
    if (all == NULL)
        return;
    cp_free(node->mem, all->doors);
    cp_free(node->mem, all->news);
    cp_free(node->mem, all->refused);
    cp_free(node->mem, all->holds);
    cp_free(node->mem, all);
    node->meetings = NULL;
}

uint64_t cp_meet_deadline_ms(struct cp_node *node)
{
    uint64_t first = node->net == NULL ? UINT64_MAX : cp_net_deadline_ms(node->net);
    for (const struct cp_meet *m = node->meetings == NULL ? NULL : node->meetings->list; m != NULL;
         m = m->next) {
        uint64_t at = cp_meet_session_deadline_ms(m);
        if (at < first)
            first = at;
    }
    return first;
}

void cp_meet_tick(struct cp_node *node, uint64_t now_ms)
{
    struct cp_meeting *all = node->meetings;
    if (all == NULL || node->net == NULL)
        return;
    cp_net_tick(node->net, now_ms);
    cp_meet_enter(all);
    for (struct cp_meet *m = all->list; m != NULL; m = m->next)
        if (!m->over)
            cp_meet_session_tick(m, now_ms);
    cp_meet_leave(all);
}
