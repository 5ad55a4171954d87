/* Who was found, and calling them. See finder.h. */
#include <arpa/inet.h>
#include <string.h>

#include "daemon/finder.h"
#include "daemon/log.h"

/* A call under way outlives its row. */
struct call {
    struct cp_finder *finder;
    uint8_t machine[CP_KEY_LEN];
};

static struct cp_finder_found *found_of(struct cp_finder *f, const uint8_t *machine)
{
    for (size_t i = 0; i < f->found_count; i++)
        if (memcmp(f->found[i].machine, machine, CP_KEY_LEN) == 0)
            return &f->found[i];
    return NULL;
}

static struct cp_finder_found *found_row(struct cp_finder *f, const uint8_t *machine)
{
    struct cp_finder_found *row = found_of(f, machine);
    if (row != NULL)
        return row;
    if (f->found_count < CP_FINDER_FOUND_MAX) {
        row = &f->found[f->found_count++];
    } else {
        row = &f->found[0];
        for (size_t i = 1; i < f->found_count; i++)
            if (f->found[i].heard_ms < row->heard_ms)
                row = &f->found[i];
    }
    memset(row, 0, sizeof *row);
    memcpy(row->machine, machine, CP_KEY_LEN);
    return row;
}

/* The newest address is tried first: whoever moved answers from where they are now. */
static void put_address(struct cp_finder_found *row, const char *address)
{
    size_t at = 0;
    if (strlen(address) >= sizeof row->address[0])
        return;
    while (at < row->addresses && strcmp(row->address[at], address) != 0)
        at++;
    if (at < row->addresses)
        return;
    if (row->addresses < CP_FINDER_ADDRESSES_MAX)
        row->addresses++;
    for (at = row->addresses - 1; at > 0; at--)
        memcpy(row->address[at], row->address[at - 1], sizeof row->address[0]);
    (void)snprintf(row->address[0], sizeof row->address[0], "%s", address);
    row->next = 0;
}

static bool our_key_is_higher(const struct cp_finder *f, const uint8_t *machine)
{
    uint8_t own[CP_KEY_LEN], box[CP_KEY_LEN];
    cp_keeper_machine(f->node->keeper, own, box);
    return memcmp(own, machine, CP_KEY_LEN) > 0;
}

void cp_finder_heard(struct cp_finder *f, const uint8_t machine[static CP_KEY_LEN], const char *address,
                     uint64_t now_ms)
{
    uint8_t own[CP_KEY_LEN], box[CP_KEY_LEN];
    cp_keeper_machine(f->node->keeper, own, box);
    if (memcmp(own, machine, CP_KEY_LEN) == 0 || cp_meet_went(f->node, NULL, machine))
        return;
    bool fresh = found_of(f, machine) == NULL;
    struct cp_finder_found *row = found_row(f, machine);
    if (fresh) {
        /* Both asked, and both would call: one waits, and mostly need not. */
        row->call_ms = now_ms + (our_key_is_higher(f, machine) ? CP_FINDER_YIELD_MS : 0U);
        cp_log(CP_LOG_INFO, "found", "machine=%02x%02x%02x%02x", machine[0], machine[1], machine[2],
               machine[3]);
    }
    put_address(row, address);
    row->heard_ms = now_ms;
}

bool cp_finder_in_range(const struct cp_network *n, const char *address)
{
    char host[INET_ADDRSTRLEN] = "";
    struct in_addr in;
    const char *colon = strrchr(address, ':'), *scope = strchr(address, '%');
    size_t len = colon == NULL ? 0 : (size_t)(colon - address), name = strlen(n->name);
    if (n->has6 && scope != NULL)
        return strncmp(scope + 1, n->name, name) == 0 && scope[1 + name] == ']';
    if (len == 0 || len >= sizeof host)
        return false;
    memcpy(host, address, len);
    return inet_pton(AF_INET, host, &in) == 1 && cp_network_spans(n, in);
}

void cp_finder_places(struct cp_finder *f, const struct cp_network *n, uint64_t now_ms)
{
    struct cp_meeting *all = f->node->meetings;
    cp_meet_facts_load(all);
    for (size_t i = 0; i < all->places_count; i++) {
        const struct cp_meet_place *p = &all->places[i];
        if (cp_meet_place_of(all, p->machine) != p || !cp_finder_in_range(n, p->address) ||
            cp_meet_went(f->node, NULL, p->machine))
            continue;
        bool fresh = found_of(f, p->machine) == NULL;
        struct cp_finder_found *row = found_row(f, p->machine);
        put_address(row, p->address);
        row->heard_ms = now_ms;
        row->call_ms = fresh ? now_ms + CP_FINDER_PLACE_MS : row->call_ms;
    }
}

/* ---- Sessions with one machine ---- */

static bool stays(const struct cp_meet *m)
{
    return !m->over && m->session != NULL && m->stay && cp_session_stays(m->session);
}

/* There is a session, or a call that may become one. */
static bool busy_with(const struct cp_finder *f, const uint8_t *machine)
{
    for (const struct cp_meet *m = f->node->meetings->list; m != NULL; m = m->next)
        if (!m->over && m->again_ms == UINT64_MAX && memcmp(m->machine, machine, CP_KEY_LEN) == 0)
            return true;
    return false;
}

/* Keeps the addresses on networks where we look: on one that is gone or not fine any more nobody is called. */
static void addresses_keep(const struct cp_finder *f, struct cp_finder_found *row)
{
    size_t kept = 0;
    for (size_t a = 0; a < row->addresses; a++) {
        bool here = false;
        for (size_t i = 0; i < f->links_count; i++)
            here = here || cp_finder_in_range(&f->links[i].network, row->address[a]);
        if (here && kept != a)
            memcpy(row->address[kept], row->address[a], sizeof row->address[a]);
        kept += here ? 1U : 0U;
    }
    row->addresses = kept;
    row->next = 0;
}

void cp_finder_cut(struct cp_finder *f)
{
    struct cp_meeting *all = f->node->meetings;
    cp_meet_enter(all);
    for (struct cp_meet *m = all->list; m != NULL; m = m->next)
        if (stays(m))
            cp_meet_finish(m, CP_ERR_INTERRUPTED);
    cp_meet_leave(all);
    for (size_t i = 0; i < f->found_count; i++) {
        f->found[i].met = false;
        f->found[i].fails = f->found[i].brief = 0; /* it was not they who broke it */
        f->found[i].call_ms = 0;
        addresses_keep(f, &f->found[i]);
    }
}

/* Both called, or a machine came back while its old line had not been noticed to be dead. Newer ones stand first in the list. */
static void one_each(struct cp_finder *f)
{
    struct cp_meeting *all = f->node->meetings;
    cp_meet_enter(all);
    for (struct cp_meet *m = all->list; m != NULL; m = m->next) {
        if (!stays(m) || m->door != CP_DOOR_MEMBER)
            continue;
        for (struct cp_meet *older = m->next; older != NULL; older = older->next) {
            if (!stays(older) || memcmp(m->machine, older->machine, CP_KEY_LEN) != 0)
                continue;
            /* Of two calls in both directions both sides keep the one by the lower key. */
            struct cp_meet *mine = m->caller ? m : older;
            struct cp_meet *goes = m->caller == older->caller         ? older
                                   : our_key_is_higher(f, m->machine) ? mine
                                                                      : NULL;
            if (goes != NULL)
                cp_meet_finish(goes, CP_ERR_INTERRUPTED);
            if (goes == m)
                break;
        }
    }
    cp_meet_leave(all);
}

/* ---- Calls ---- */

static void called(void *ctx, enum cp_err err, const struct cp_meet_row *rows, size_t count)
{
    struct call *c = ctx;
    struct cp_finder *f = c->finder;
    struct cp_finder_found *row = found_of(f, c->machine);
    uint64_t now_ms = cp_node_monotonic_ms();
    bool good = err == CP_OK;
    (void)rows, (void)count; /* what was said of each plan is kept where `peers` looks for it */
    if (row != NULL) {
        row->calling = false;
        row->fails = good ? 0 : row->fails + 1;
        row->next = good || row->addresses == 0 ? row->next : (row->next + 1) % row->addresses;
        row->call_ms =
            now_ms + (good ? CP_FINDER_VISIT_MS : cp_beacon_again_ms(row->fails, randombytes_random()));
        if (!good)
            cp_log(CP_LOG_INFO, "found_not_met", "machine=%02x%02x%02x%02x code=%s", c->machine[0],
                   c->machine[1], c->machine[2], c->machine[3], cp_err_word(err));
    }
    cp_free(f->node->mem, c);
}

static void call_out(struct cp_finder *f, struct cp_finder_found *row, uint64_t now_ms)
{
    struct cp_node *node = f->node;
    struct call *c = cp_alloc(node->mem, sizeof *c);
    enum cp_err err = c == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    if (c != NULL) {
        c->finder = f;
        memcpy(c->machine, row->machine, sizeof c->machine);
        struct cp_meet_call call = {.address = row->address[row->next],
                                    .server_key = c->machine,
                                    .stay = cp_meet_staying(node->meetings) < CP_MEET_STAY_MAX,
                                    .done = called,
                                    .ctx = c};
        err = cp_meet_start(node, &call);
    }
    if (err == CP_OK) {
        row->calling = true;
        return;
    }
    cp_free(node->mem, c);
    row->fails++;
    row->call_ms = now_ms + cp_beacon_again_ms(row->fails, randombytes_random());
}

static bool is_due(const struct cp_finder *f, const struct cp_finder_found *row, uint64_t now_ms)
{
    return !row->calling && row->addresses > 0 && row->call_ms <= now_ms &&
           row->heard_ms + CP_FINDER_FRESH_MS >= now_ms && !busy_with(f, row->machine);
}

static void forget_old(struct cp_finder *f, uint64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->found_count; i++)
        if (f->found[i].calling || f->found[i].heard_ms + 2U * CP_FINDER_FRESH_MS >= now_ms ||
            busy_with(f, f->found[i].machine))
            f->found[kept++] = f->found[i];
    f->found_count = kept;
}

bool cp_finder_calls(struct cp_finder *f, uint64_t now_ms)
{
    size_t under_way = 0;
    bool lost = false;
    one_each(f);
    forget_old(f, now_ms);
    for (size_t i = 0; i < f->found_count; i++) {
        struct cp_finder_found *row = &f->found[i];
        bool met = busy_with(f, row->machine) && !row->calling;
        if (row->met && !met && !row->calling) {
            lost = true; /* at once, where it was; a line that breaks again and again less often */
            row->brief = now_ms - row->met_ms < CP_FINDER_BRIEF_MS ? row->brief + 1 : 0;
            row->call_ms =
                now_ms + (row->brief == 0 ? 0 : cp_beacon_again_ms(row->brief, randombytes_random()));
        }
        if (met && !row->met)
            row->met_ms = now_ms;
        row->met = met;
        under_way += row->calling ? 1U : 0U;
    }
    for (size_t i = 0; i < f->found_count && under_way < CP_FINDER_CALLS_MAX; i++) {
        if (!is_due(f, &f->found[i], now_ms))
            continue;
        call_out(f, &f->found[i], now_ms);
        under_way += f->found[i].calling ? 1U : 0U;
    }
    return lost;
}

uint64_t cp_finder_calls_ms(const struct cp_finder *f, uint64_t now_ms)
{
    uint64_t first = UINT64_MAX;
    size_t under_way = 0;
    for (size_t i = 0; i < f->found_count; i++) {
        const struct cp_finder_found *row = &f->found[i];
        bool busy = busy_with(f, row->machine);
        if (row->met != (busy && !row->calling))
            return 0;
        under_way += row->calling ? 1U : 0U;
        if (!row->calling && !busy && row->addresses > 0 && row->call_ms < first &&
            row->heard_ms + CP_FINDER_FRESH_MS >= (row->call_ms > now_ms ? row->call_ms : now_ms))
            first = row->call_ms;
    }
    return under_way < CP_FINDER_CALLS_MAX ? first : UINT64_MAX; /* one that ends makes the loop look again */
}
