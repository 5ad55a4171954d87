/*
 * Discovery's life: on which networks it runs, its packets in and out, and its time. See finder.h.
 */
#include "daemon/finder.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/home.h"
#include "daemon/log.h"

enum cp_err cp_finder_open(struct cp_node *node)
{
    struct cp_finder *f = cp_alloc(node->mem, sizeof *f);
    if (f == NULL)
        return CP_ERR_NO_MEMORY;
    f->node = node;
    f->changes = -1;
    f->look_ms = UINT64_MAX;
    randombytes_buf(f->gates.salt, sizeof f->gates.salt);
    node->finder = f;
    return CP_OK;
}

void cp_finder_close(struct cp_node *node)
{
    if (node->finder == NULL)
        return;
    cp_finder_rest(node);
    cp_free(node->mem, node->finder);
    node->finder = NULL;
}

static bool asleep(const struct cp_finder *f)
{
    const struct cp_node *node = f->node;
    return node->stopping || node->store == NULL || node->keeper == NULL || cp_keeper_locked(node->keeper) ||
           cp_store_locked(node->store);
}

void cp_finder_look(struct cp_node *node)
{
    if (node->finder != NULL)
        node->finder->look_ms = 0;
}

static void link_end(struct cp_finder_link *l)
{
    cp_beacon_link_close(&l->sockets);
    sodium_memzero(l, sizeof *l);
}

/* The port that we opened ourselves goes with the last network it was for. */
static void port_close(struct cp_finder *f)
{
    struct cp_node *node = f->node;
    bool ours = f->opened[0] != '\0' && strcmp(f->opened, node->listen) == 0;
    f->opened[0] = '\0';
    if (!ours)
        return;
    if (node->bound[0] != '\0')
        cp_net_unlisten(node->net);
    node->bound[0] = node->listen[0] = '\0';
}

void cp_finder_rest(struct cp_node *node)
{
    struct cp_finder *f = node->finder;
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->links_count; i++)
        link_end(&f->links[i]);
    f->links_count = 0;
    if (f->changes >= 0)
        (void)close(f->changes);
    f->changes = -1;
    f->look_ms = UINT64_MAX;
    sodium_memzero(f->found, sizeof f->found);
    f->found_count = 0;
    cp_finder_keys_wipe(f);
    cp_finder_spoken_wipe(f, node->stopping ? CP_ERR_INTERRUPTED : CP_ERR_LOCKED);
}

/* ---- The port ---- */

unsigned cp_finder_port(const struct cp_node *node)
{
    const char *colon = strrchr(node->bound, ':');
    if (colon == NULL || strncmp(node->bound, "127.", 4) == 0 || strncmp(node->bound, "[::1]", 5) == 0)
        return 0;
    return (unsigned)strtoul(colon + 1, NULL, 10);
}

/* Who called a network fine wants to be found there. Without IPv6 the other address does. */
static void port_open(struct cp_finder *f)
{
    static const char *const anywhere[] = {"[::]:0", "0.0.0.0:0"};
    struct cp_node *node = f->node;
    for (size_t i = 0; i < 2 && node->listen[0] == '\0'; i++) {
        (void)snprintf(node->listen, sizeof node->listen, "%s", anywhere[i]);
        if (cp_home_listen(node) == CP_OK)
            (void)snprintf(f->opened, sizeof f->opened, "%s", node->listen);
        else
            node->listen[0] = '\0';
    }
}

/* ---- Networks ---- */

static void link_begin(struct cp_finder *f, const struct cp_network *n, uint64_t now_ms)
{
    struct cp_finder_link *l = &f->links[f->links_count++];
    *l = (struct cp_finder_link){.network = *n, .ask_end_ms = UINT64_MAX};
    cp_beacon_link_init(&l->sockets);
    bool open = cp_beacon_link_open(&l->sockets, n);
    cp_beacon_pace_arrive(&l->pace, now_ms, randombytes_random());
    cp_finder_places(f, n, now_ms);
    cp_log(open ? CP_LOG_INFO : CP_LOG_WARN, "looking", "interface=%u open=%d", n->index, open ? 1 : 0);
}

/* The system forgets a router that nobody spoke with for a while: as long as nothing else changed it is the same network. */
void cp_finder_names(const struct cp_finder *f, struct cp_network *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct cp_network *n = &list[i];
        for (size_t k = 0; k < f->links_count && n->known == CP_NETWORK_BY_NOTHING; k++) {
            const struct cp_network *was = &f->links[k].network;
            struct cp_network named = *n;
            named.known = was->known;
            memcpy(named.id, was->id, sizeof named.id);
            if (was->known == CP_NETWORK_BY_ROUTER && cp_network_same(&named, was))
                *n = named;
        }
    }
}

static const struct cp_network *same_in(const struct cp_network *list, size_t count,
                                        const struct cp_network *n)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].fine && cp_network_same(&list[i], n))
            return &list[i];
    return NULL;
}

/* Keeps the links that are as they were, ends those that are not. True when one ended: its lines are dead. */
static bool links_keep(struct cp_finder *f, const struct cp_network *list, size_t count)
{
    size_t kept = 0, before = f->links_count;
    for (size_t i = 0; i < before; i++) {
        if (same_in(list, count, &f->links[i].network) == NULL) {
            link_end(&f->links[i]);
            continue;
        }
        if (kept != i) {
            f->links[kept] = f->links[i];
            sodium_memzero(&f->links[i], sizeof f->links[i]);
        }
        kept++;
    }
    f->links_count = kept;
    return kept < before;
}

static bool have_link(const struct cp_finder *f, const struct cp_network *n)
{
    for (size_t i = 0; i < f->links_count; i++)
        if (cp_network_same(&f->links[i].network, n))
            return true;
    return false;
}

static void look(struct cp_finder *f, uint64_t now_ms)
{
    struct cp_network list[CP_NETWORKS_MAX];
    struct cp_network_mark marks[CP_NETWORK_MARKS_MAX];
    size_t marks_count = cp_network_marks(f->node, marks), count = 0;
    bool nameless = false;
    if (marks_count > 0) {
        if (f->changes < 0)
            f->changes = cp_beacon_changes_open();
        count = cp_network_scan(list);
        cp_finder_names(f, list, count);
        cp_network_judge(marks, marks_count, list, count);
    }
    bool ended = links_keep(f, list, count);
    for (size_t i = 0; i < count; i++) {
        nameless = nameless || list[i].known == CP_NETWORK_BY_NOTHING;
        if (list[i].fine && !have_link(f, &list[i]))
            link_begin(f, &list[i], now_ms);
    }
    if (f->links_count > 0)
        port_open(f);
    else
        port_close(f);
    if (ended)
        cp_finder_cut(f);
    f->look_ms =
        marks_count == 0 ? UINT64_MAX : now_ms + (nameless ? CP_FINDER_NAMELESS_MS : CP_FINDER_LOOK_MS);
}

/* ---- Packets ---- */

static bool is_ours(const struct cp_finder *f, const uint8_t *ask)
{
    for (size_t i = 0; i < f->links_count; i++)
        if (f->links[i].ask_end_ms != UINT64_MAX &&
            (memcmp(f->links[i].ask[CP_BEACON_4], ask, CP_BEACON_LEN) == 0 ||
             memcmp(f->links[i].ask[CP_BEACON_6], ask, CP_BEACON_LEN) == 0))
            return true;
    return false;
}

/* Fills the slots of an answer: with where the plan of an invitation in words is, or with our plans in turn. */
static void fill_answer(struct cp_finder *f, const struct cp_beacon_packet *p, unsigned port,
                        uint8_t packet[static CP_BEACON_LEN])
{
    uint8_t machine[CP_KEY_LEN], box[CP_KEY_LEN], keys[CP_BEACON_SLOTS][CP_KEY_LEN];
    size_t count = 0;
    cp_keeper_machine(f->node->keeper, machine, box);
    cp_finder_spoken_prune(f, cp_finder_boot_ms());
    const struct cp_finder_spoken *spoken =
        cp_finder_spoken_turn(f, cp_beacon_gate(&f->gates, cp_beacon_from(p)));
    if (spoken != NULL) {
        struct cp_spoken_place place = {.port = port};
        memcpy(place.machine, machine, CP_KEY_LEN);
        memcpy(place.plan, spoken->plan, CP_ID_LEN);
        memcpy(place.invite, spoken->invite, CP_ID_LEN);
        memcpy(place.door, spoken->door, CP_KEY_LEN);
        cp_spoken_answer(p->bytes, spoken->slots, &place, packet);
        return;
    }
    cp_finder_keys(f);
    /* Who can be found by nobody answers all the same: silence would tell that this machine is in no plan. */
    for (; count < CP_BEACON_SLOTS && count < f->own_count; count++)
        memcpy(keys[count], f->own[(f->turn + count) % f->own_count], CP_KEY_LEN);
    f->turn += count;
    cp_beacon_answer(p->bytes, (const uint8_t(*)[CP_KEY_LEN])keys, count, port, machine, packet);
    sodium_memzero(keys, sizeof keys);
}

static void answer(struct cp_finder *f, int ear, const struct cp_beacon_packet *p, uint64_t now_ms)
{
    uint8_t packet[CP_BEACON_LEN];
    unsigned port = cp_finder_port(f->node);
    if (port == 0 || p->len != CP_BEACON_LEN || is_ours(f, p->bytes) ||
        !cp_beacon_pass(&f->gates, cp_beacon_from(p), now_ms))
        return;
    randombytes_buf(packet, sizeof packet);
    fill_answer(f, p, port, packet);
    cp_beacon_send(ear, p, packet);
}

static void take_answer(struct cp_finder *f, struct cp_finder_link *l, int family,
                        const struct cp_beacon_packet *p, uint64_t now_ms)
{
    struct cp_beacon_found found[CP_BEACON_SLOTS];
    char address[256];
    if (l->answers >= CP_FINDER_ANSWERS_MAX)
        return;
    l->answers++;
    cp_finder_keys(f);
    size_t count = cp_beacon_read(l->ask[family], CP_BYTES(p->bytes, p->len),
                                  (const uint8_t(*)[CP_KEY_LEN])f->keys, f->keys_count, found);
    for (size_t i = 0; i < count; i++)
        if (cp_beacon_address(p, found[i].port, address, sizeof address))
            cp_finder_heard(f, found[i].machine, address, now_ms);
    cp_finder_seek_heard(f, l->ask[family], p);
}

static void hear(struct cp_finder *f, struct cp_finder_link *l, int family, bool ear, uint64_t now_ms)
{
    struct cp_beacon_packet p;
    int fd = ear ? l->sockets.ear[family] : l->sockets.ask[family];
    for (unsigned i = 0; i < CP_FINDER_TURN_MAX && cp_beacon_hear(fd, &p); i++) {
        if (!cp_beacon_is_near(&p, &l->network))
            continue; /* nothing goes beyond this network for the sake of it: no answer, no call */
        if (ear)
            answer(f, fd, &p, now_ms);
        else
            take_answer(f, l, family, &p, now_ms);
    }
}

static void ask(struct cp_finder *f, struct cp_finder_link *l, uint64_t now_ms)
{
    cp_finder_keys(f);
    cp_beacon_pace_sent(&l->pace, now_ms, randombytes_random());
    cp_finder_seek_pace(f, &l->pace, now_ms);
    if (f->keys_count == 0 && f->searches == NULL)
        return; /* no answer could open */
    randombytes_buf(l->ask, sizeof l->ask);
    l->answers = 0;
    bool sent = cp_beacon_link_ask(&l->sockets, &l->network, (const uint8_t(*)[CP_BEACON_LEN])l->ask);
    l->ask_end_ms = sent ? now_ms + CP_FINDER_ASK_MS : UINT64_MAX;
}

/* ---- For the loop ---- */

size_t cp_finder_fds(struct cp_node *node, struct cp_wait_fd *fds, size_t max)
{
    const struct cp_finder *f = node->finder;
    size_t count = 0;
    if (f == NULL)
        return 0;
    if (f->changes >= 0 && count < max)
        fds[count++] = (struct cp_wait_fd){.fd = f->changes};
    for (size_t i = 0; i < f->links_count; i++)
        for (int k = 0; k < CP_BEACON_FAMILIES; k++) {
            if (f->links[i].sockets.ear[k] >= 0 && count < max)
                fds[count++] = (struct cp_wait_fd){.fd = f->links[i].sockets.ear[k]};
            if (f->links[i].sockets.ask[k] >= 0 && count < max)
                fds[count++] = (struct cp_wait_fd){.fd = f->links[i].sockets.ask[k]};
        }
    return count;
}

static bool has_come(const struct cp_wait_fd *fds, size_t count, int fd)
{
    for (size_t i = 0; i < count; i++)
        if (fds[i].fd == fd)
            return fds[i].readable;
    return false;
}

void cp_finder_ready(struct cp_node *node, const struct cp_wait_fd *fds, size_t count, uint64_t now_ms)
{
    struct cp_finder *f = node->finder;
    if (f == NULL || asleep(f))
        return;
    if (f->changes >= 0 && has_come(fds, count, f->changes)) {
        cp_beacon_changes_take(f->changes);
        if (f->look_ms > now_ms + CP_FINDER_SETTLE_MS)
            f->look_ms = now_ms + CP_FINDER_SETTLE_MS;
    }
    for (size_t i = 0; i < f->links_count; i++)
        for (int k = 0; k < CP_BEACON_FAMILIES; k++) {
            struct cp_finder_link *l = &f->links[i];
            if (l->sockets.ear[k] >= 0 && has_come(fds, count, l->sockets.ear[k]))
                hear(f, l, k, true, now_ms);
            if (l->sockets.ask[k] >= 0 && has_come(fds, count, l->sockets.ask[k]))
                hear(f, l, k, false, now_ms);
        }
}

uint64_t cp_finder_deadline_ms(struct cp_node *node)
{
    const struct cp_finder *f = node->finder;
    if (f == NULL || asleep(f))
        return UINT64_MAX;
    uint64_t first = f->look_ms, seek = cp_finder_seek_ms(f);
    first = seek < first ? seek : first;
    for (size_t i = 0; i < f->links_count; i++) {
        const struct cp_finder_link *l = &f->links[i];
        first = l->pace.due_ms < first ? l->pace.due_ms : first;
        first = l->ask_end_ms < first ? l->ask_end_ms : first;
    }
    uint64_t call = f->links_count == 0 ? UINT64_MAX : cp_finder_calls_ms(f, cp_node_monotonic_ms());
    return call < first ? call : first;
}

static uint64_t clock_of(clockid_t which)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(which, &t);
    return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

uint64_t cp_finder_boot_ms(void)
{
    return clock_of(CLOCK_BOOTTIME);
}

void cp_finder_tick(struct cp_node *node, uint64_t now_ms)
{
    struct cp_finder *f = node->finder;
    if (f == NULL || asleep(f))
        return;
    bool again = cp_beacon_slept(&f->sleep, cp_finder_boot_ms(), clock_of(CLOCK_MONOTONIC));
    if (again && f->links_count > 0) {
        cp_log(CP_LOG_INFO, "slept", "links=%zu", f->links_count);
        cp_finder_cut(f); /* TCP has died without a word */
        f->look_ms = 0;
    }
    if (f->look_ms <= now_ms) {
        cp_finder_spoken_prune(f, cp_finder_boot_ms());
        look(f, now_ms);
    }
    cp_finder_seek_tick(f, now_ms);
    if (f->links_count > 0)
        again = cp_finder_calls(f, now_ms) || again;
    for (size_t i = 0; i < f->links_count; i++) {
        struct cp_finder_link *l = &f->links[i];
        if (l->ask_end_ms <= now_ms) {
            cp_beacon_link_asked(&l->sockets);
            l->ask_end_ms = UINT64_MAX;
        }
        if (again)
            cp_beacon_pace_arrive(&l->pace, now_ms, randombytes_random());
        if (l->pace.due_ms <= now_ms)
            ask(f, l, now_ms);
    }
}
