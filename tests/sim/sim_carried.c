/*
 * What the daemon's code for bundles and carriers rests on, as the linker puts it in place (--wrap): the keys of a simulated
 * person, a net without sockets, the world's clock, and what follows from entries that came in. Everything is passed on to the
 * real functions while no simulated machine is at work.
 * Must not: know what a bundle is.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/keeper.h"
#include "daemon/meet.h"
#include "proto/bundle.h"
#include "tests/sim/world_carried.h"
#include "tests/support/heap.h"

static struct {
    struct world *w;
    struct machine *m;
    const struct cargo *cargo;
    bool inside;                 /* the model is at work: the real function is meant */
    bool boasts;                 /* a liar signs that their machine holds what it does not */
    const struct machine *poses; /* and as another's */
    uint64_t taken;
} at_work;

void carried_stand_in(struct world *w, struct machine *m, const struct cargo *cargo)
{
    at_work.w = w;
    at_work.m = m;
    at_work.cargo = cargo;
    at_work.taken = 0;
    at_work.inside = at_work.boasts = false;
    at_work.poses = NULL;
}

void carried_lie(bool boasts, const struct machine *poses)
{
    at_work.boasts = boasts;
    at_work.poses = poses;
}

uint64_t carried_taken(void)
{
    return at_work.taken;
}

/* ---- The keeper: a machine of this world in its place ---- */

static const struct machine *keeper_of(const struct cp_keeper *k)
{
    return (const struct machine *)(const void *)k;
}

/* JOINs of this world name the machine's CURVE key as its box key, and it is no point of a curve; the pairs that are used in the
 * place of both follow from it. */
enum pair {
    PAIR_BOX,
    PAIR_CURVE
};

static void pair_of(enum pair what, const uint8_t *named, uint8_t key[CP_KEY_LEN], uint8_t secret[CP_KEY_LEN])
{
    const uint8_t of[1] = {(uint8_t)what};
    (void)crypto_generichash(secret, CP_KEY_LEN, named, CP_KEY_LEN, of, sizeof of);
    (void)crypto_scalarmult_base(key, secret);
}

void __wrap_cp_keeper_machine(const struct cp_keeper *k, uint8_t curve_key[static CP_KEY_LEN],
                              uint8_t box_key[static CP_KEY_LEN]);
size_t __wrap_cp_keeper_count(const struct cp_keeper *k);
const struct cp_keeper_person *__wrap_cp_keeper_person(const struct cp_keeper *k, size_t i);
bool __wrap_cp_keeper_locked(const struct cp_keeper *k);
bool __wrap_cp_keeper_box_open(const struct cp_keeper *k, const uint8_t slot[static 80],
                               uint8_t key[static 32]);
enum cp_err __wrap_cp_keeper_seen(struct cp_keeper *k, const uint8_t device[static CP_KEY_LEN],
                                  const uint8_t hash[static CP_ID_LEN], uint8_t sig[static CP_SIG_LEN]);
bool __wrap_cp_keeper_box_to(const struct cp_keeper *k, const uint8_t to[static CP_KEY_LEN],
                             const uint8_t seen[static CP_ID_LEN], const uint8_t key[static 32],
                             uint8_t slot[static 80]);
bool __wrap_cp_keeper_box_is_by(const struct cp_keeper *k, const uint8_t machine[static CP_KEY_LEN],
                                const uint8_t seen[static CP_ID_LEN], const uint8_t key[static 32],
                                const uint8_t slot[static 80]);

void __wrap_cp_keeper_machine(const struct cp_keeper *k, uint8_t curve_key[static CP_KEY_LEN],
                              uint8_t box_key[static CP_KEY_LEN])
{
    const struct machine *m = at_work.poses != NULL ? at_work.poses : keeper_of(k);
    memcpy(curve_key, m->curve, CP_KEY_LEN);
    memcpy(box_key, m->curve, CP_KEY_LEN);
}

size_t __wrap_cp_keeper_count(const struct cp_keeper *k)
{
    return keeper_of(k)->people_count;
}

const struct cp_keeper_person *__wrap_cp_keeper_person(const struct cp_keeper *k, size_t i)
{
    static struct cp_keeper_person said;
    const struct machine *m = keeper_of(k);
    size_t at = i;
    for (size_t n = 0; at_work.poses != NULL && n < m->people_count; n++) /* a puppet there signs first */
        if (memcmp(m->world->people[m->people[n]].who.curve, at_work.poses->curve, CP_KEY_LEN) == 0)
            at = i == 0 ? n : i == n ? 0 : i;
    i = at;
    const struct someone *who = &m->world->people[m->people[i]].who;
    memcpy(said.person, who->person, CP_ID_LEN);
    memcpy(said.identity_key, who->identity, CP_KEY_LEN);
    memcpy(said.device_key, who->device, CP_KEY_LEN);
    said.name = m->world->people[m->people[i]].name;
    return &said;
}

bool __wrap_cp_keeper_locked(const struct cp_keeper *k)
{
    return world_off(keeper_of(k));
}

bool __wrap_cp_keeper_box_open(const struct cp_keeper *k, const uint8_t slot[static 80],
                               uint8_t key[static 32])
{
    uint8_t pub[CP_KEY_LEN], secret[CP_KEY_LEN];
    pair_of(PAIR_BOX, keeper_of(k)->curve, pub, secret);
    return crypto_box_seal_open(key, slot, CP_BUNDLE_SLOT_LEN, pub, secret) == 0;
}

enum cp_err __wrap_cp_keeper_seen(struct cp_keeper *k, const uint8_t device[static CP_KEY_LEN],
                                  const uint8_t hash[static CP_ID_LEN], uint8_t sig[static CP_SIG_LEN])
{
    const struct machine *m = keeper_of(k);
    for (size_t i = 0; i < m->people_count; i++) {
        const struct someone *who = &m->world->people[m->people[i]].who;
        struct cp_buf input;
        if (memcmp(who->device, device, CP_KEY_LEN) != 0)
            continue;
        cp_buf_init(&input, test_mem(), CP_ENTRY_MAX);
        cp_sign_input(CP_TAG_SEEN_SIG, CP_BYTES(hash, CP_ID_LEN), &input);
        (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, who->device_secret);
        cp_buf_clear(&input);
        return CP_OK;
    }
    return CP_ERR_NOT_FOUND;
}

/* Whoever poses as another's machine has its own secret all the same. */
bool __wrap_cp_keeper_box_to(const struct cp_keeper *k, const uint8_t to[static CP_KEY_LEN],
                             const uint8_t seen[static CP_ID_LEN], const uint8_t key[static 32],
                             uint8_t slot[static 80])
{
    uint8_t pub[CP_KEY_LEN], secret[CP_KEY_LEN], unused[CP_KEY_LEN], box[CP_KEY_LEN], shared[32];
    struct cp_box_by by = {
        .shared = shared, .from = keeper_of(k)->curve, .to = box, .seen = seen, .key = key};
    pair_of(PAIR_BOX, to, box, unused);
    pair_of(PAIR_CURVE, keeper_of(k)->curve, pub, secret);
    return crypto_scalarmult(shared, secret, box) == 0 && cp_box_by(&by, slot);
}

bool __wrap_cp_keeper_box_is_by(const struct cp_keeper *k, const uint8_t machine[static CP_KEY_LEN],
                                const uint8_t seen[static CP_ID_LEN], const uint8_t key[static 32],
                                const uint8_t slot[static 80])
{
    uint8_t pub[CP_KEY_LEN], box[CP_KEY_LEN], secret[CP_KEY_LEN], unused[CP_KEY_LEN], shared[32];
    struct cp_box_by by = {.shared = shared, .from = machine, .to = box, .seen = seen, .key = key};
    pair_of(PAIR_CURVE, machine, pub, unused);
    pair_of(PAIR_BOX, keeper_of(k)->curve, box, secret);
    return world_planted == SIM_PLANT_UNPROVEN ||
           (crypto_scalarmult(shared, secret, pub) == 0 && cp_box_is_by(&by, slot));
}

/* ---- The clock ---- */

uint64_t __real_cp_node_time_ms(void);
uint64_t __wrap_cp_node_time_ms(void);
uint64_t __real_cp_node_monotonic_ms(void);
uint64_t __wrap_cp_node_monotonic_ms(void);

uint64_t __wrap_cp_node_time_ms(void)
{
    return at_work.m == NULL ? __real_cp_node_time_ms() : world_clock(at_work.w, at_work.m);
}

uint64_t __wrap_cp_node_monotonic_ms(void)
{
    return at_work.w == NULL ? __real_cp_node_monotonic_ms() : at_work.w->now_ms;
}

/* ---- What comes in ---- */

void __wrap_cp_meet_enter(struct cp_meeting *all);
void __wrap_cp_meet_leave(struct cp_meeting *all);
void __wrap_cp_meet_news_from(struct cp_meeting *all, const uint8_t plan[static CP_ID_LEN],
                              const struct cp_meet *from, bool control);
enum cp_err __wrap_cp_meet_admit(struct cp_meeting *all, const uint8_t plan[static CP_ID_LEN],
                                 struct cp_bytes join);
enum cp_err __real_cp_store_put(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                const struct cp_chunk *chunk, bool control_only,
                                struct cp_put_result *result);
enum cp_err __wrap_cp_store_put(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                const struct cp_chunk *chunk, bool control_only,
                                struct cp_put_result *result);
enum cp_err __real_cp_store_offered(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                    const uint8_t device[static CP_KEY_LEN], struct cp_bytes frame,
                                    bool *take);
enum cp_err __wrap_cp_store_offered(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                    const uint8_t device[static CP_KEY_LEN], struct cp_bytes frame,
                                    bool *take);

void __wrap_cp_meet_enter(struct cp_meeting *all)
{
    (void)all;
}

void __wrap_cp_meet_leave(struct cp_meeting *all)
{
    (void)all;
}

void __wrap_cp_meet_news_from(struct cp_meeting *all, const uint8_t plan[static CP_ID_LEN],
                              const struct cp_meet *from, bool control)
{
    (void)all; /* world_put tells the open links */
    (void)plan;
    (void)from;
    (void)control;
}

enum cp_err __wrap_cp_meet_admit(struct cp_meeting *all, const uint8_t plan[static CP_ID_LEN],
                                 struct cp_bytes join)
{
    struct world *w = at_work.w;
    size_t at = world_plan_of(w, plan);
    (void)all;
    if (at == WORLD_NOBODY)
        return CP_ERR_NO_PLAN;
    size_t before = world_turn(w, at);
    enum cp_err err = world_admit(w, at_work.m, join);
    (void)world_turn(w, before);
    return err;
}

/* A predecessor is missing, by the model. */
static bool lacks(const struct world *w, const struct machine *m, const struct cp_chunk *c)
{
    for (size_t i = 0; i < c->count; i++)
        for (size_t p = 0; p <= c->headers[i].parents_count; p++) {
            const uint8_t *id =
                p < c->headers[i].parents_count ? c->headers[i].parents[p] : c->headers[i].prev;
            bool there = p == c->headers[i].parents_count && c->headers[i].seq == 1;
            for (size_t k = 0; k < i && !there; k++)
                there = memcmp(c->ids[k], id, CP_ID_LEN) == 0;
            size_t at = there ? REF_NONE : ref_find(&w->log, id);
            if (!there && (at == REF_NONE || !ref_set_has(&m->now.held, at)))
                return true;
        }
    return false;
}

static void judge_chunk(struct world *w, struct machine *m, const struct cp_chunk *c, enum cp_err err)
{
    const struct cargo *cargo = at_work.cargo;
    bool excused = sim_disk_hit(m->disk) || sim_disk_crashed(m->disk);
    for (size_t i = 0; i < c->count && !world_failed(w); i++) {
        size_t at = ref_find(&w->log, c->ids[i]);
        if (at == REF_NONE)
            world_fail(w, "%s reads an entry in a bundle that nobody wrote", m->name);
        else if (err == CP_OK && cargo != NULL && !ref_set_has(&cargo->held[w->at], at))
            world_fail(w, "%s took an entry from a stick whose writer did not hold it", m->name);
    }
    if (err == CP_OK || excused || world_failed(w))
        return;
    if (cp_err_class(err) == CP_CLASS_PEER && lacks(w, m, c))
        world_count(w, SIM_COUNT_STICK_LACKS);
    else if (m->now.damaged.count == 0 && (cargo == NULL || cargo->honest))
        world_fail(w, "%s refuses what was honestly written in a bundle: %s", m->name, cp_err_word(err));
}

enum cp_err __wrap_cp_store_put(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                const struct cp_chunk *chunk, bool control_only, struct cp_put_result *result)
{
    struct world *w = at_work.w;
    size_t at = w == NULL || at_work.inside ? WORLD_NOBODY : world_plan_of(w, plan);
    if (at == WORLD_NOBODY)
        return __real_cp_store_put(s, plan, chunk, control_only, result);
    struct machine *m = at_work.m;
    size_t before = world_turn(w, at);
    at_work.inside = true;
    memset(result, 0, sizeof *result);
    for (size_t i = 0; i < chunk->count; i++)
        if (ref_find(&w->log, chunk->ids[i]) == REF_NONE)
            world_fail(w, "%s reads an entry in a bundle that nobody wrote", m->name);
    enum cp_err err = world_put(w, m, chunk, control_only, result);
    judge_chunk(w, m, chunk, err);
    if (err == CP_OK)
        at_work.taken += result->fresh;
    at_work.inside = false;
    (void)world_turn(w, before);
    return err;
}

enum cp_err __wrap_cp_store_offered(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                    const uint8_t device[static CP_KEY_LEN], struct cp_bytes frame,
                                    bool *take)
{
    enum cp_err err = __real_cp_store_offered(s, plan, device, frame, take);
    if (at_work.w != NULL && err == CP_OK && *take)
        world_took_over(at_work.w, at_work.m);
    return err;
}

/* ---- What a liar signs ---- */

void __real_cp_seen_add(struct cp_hasher *h, enum cp_class class, const struct cp_bundle_tip *tip);
void __wrap_cp_seen_add(struct cp_hasher *h, enum cp_class class, const struct cp_bundle_tip *tip);

void __wrap_cp_seen_add(struct cp_hasher *h, enum cp_class class, const struct cp_bundle_tip *tip)
{
    struct world *w = at_work.w;
    if (at_work.boasts && w->log.count > 0 && world_chance(w, 500)) {
        struct cp_bundle_tip *lie =
            (struct cp_bundle_tip *)(uintptr_t)tip; /* the list that is written next */
        const struct ref_entry *e = &w->log.entries[world_roll(w, w->log.count)];
        if (e->class == class) {
            lie->seq = e->seq;
            memcpy(lie->id, e->id, CP_ID_LEN);
        } else {
            lie->seq += world_roll(w, 1000);
            world_random(w, lie->id, CP_ID_LEN);
        }
    }
    __real_cp_seen_add(h, class, tip);
}

/* ---- The net: no sockets, one call on a carrier ---- */

static struct sim_peer *peer_of(const struct cp_peer *p)
{
    return (struct sim_peer *)(uintptr_t)p;
}

enum cp_err __wrap_cp_net_new(struct cp_net **out, const struct cp_net_events *events);
void __wrap_cp_net_free(struct cp_net *n);
enum cp_err __wrap_cp_net_call(struct cp_net *n, const char *endpoint,
                               const uint8_t server_key[static CP_KEY_LEN],
                               const uint8_t key[static CP_KEY_LEN], const uint8_t secret[static CP_KEY_LEN],
                               uint64_t timeout_ms, void *tag, struct cp_peer **peer);
enum cp_err __wrap_cp_peer_send(struct cp_peer *p, struct cp_bytes bytes);
void __wrap_cp_peer_close(struct cp_peer *p);
void **__wrap_cp_peer_tag(struct cp_peer *p);
const uint8_t *__wrap_cp_peer_key(const struct cp_peer *p);
void __wrap_cp_peer_useful(struct cp_peer *p);

/* For a carrier, whose node says which one it is. */
enum cp_err __wrap_cp_net_new(struct cp_net **out, const struct cp_net_events *events)
{
    struct cp_node *node = events->ctx;
    struct carrier *c = (struct carrier *)(void *)((char *)node - offsetof(struct carrier, node));
    c->events = *events;
    *out = (struct cp_net *)(void *)c;
    return CP_OK;
}

void __wrap_cp_net_free(struct cp_net *n)
{
    (void)n;
}

enum cp_err __wrap_cp_net_call(struct cp_net *n, const char *endpoint,
                               const uint8_t server_key[static CP_KEY_LEN],
                               const uint8_t key[static CP_KEY_LEN], const uint8_t secret[static CP_KEY_LEN],
                               uint64_t timeout_ms, void *tag, struct cp_peer **peer)
{
    struct visit *v = (struct visit *)(void *)n;
    struct carried *all = v->w->carried;
    (void)endpoint;
    (void)secret;
    (void)timeout_ms;
    v->carrier = NULL;
    v->gone = CP_ERR_UNREACHABLE;
    v->connected = false;
    for (size_t i = 0; i < all->carriers_count; i++)
        if (memcmp(all->carriers[i].node.carrier->facts.key, server_key, CP_KEY_LEN) == 0)
            v->carrier = &all->carriers[i];
    if (v->carrier != NULL) {
        v->connected = v->carrier->events.who(v->carrier->events.ctx, key).allowed;
        v->gone = v->connected ? CP_OK : CP_ERR_NOT_A_MEMBER;
    }
    for (int k = 0; k < 2; k++) {
        free(v->queue[k].bytes);
        v->queue[k] = (struct message){.bytes = NULL};
        v->ends[k] = (struct sim_peer){
            .visit = v, .at_carrier = k == 1, .open = v->connected, .tag = k == 0 ? tag : NULL};
        memcpy(v->ends[k].key, k == 0 ? server_key : key, CP_KEY_LEN);
    }
    *peer = (struct cp_peer *)(void *)&v->ends[0];
    return CP_OK;
}

enum cp_err __wrap_cp_peer_send(struct cp_peer *p, struct cp_bytes bytes)
{
    const struct sim_peer *from = peer_of(p);
    struct message *to = &from->visit->queue[from->at_carrier ? 0 : 1];
    if (!from->visit->ends[from->at_carrier ? 0 : 1].open)
        return CP_OK; /* nobody reads it any more, and that is told by and by */
    if (to->bytes != NULL)
        return CP_ERR_BUSY;
    to->bytes = malloc(bytes.len + 1);
    to->len = bytes.len;
    if (to->bytes == NULL)
        abort();
    memcpy(to->bytes, bytes.ptr, bytes.len);
    return CP_OK;
}

void __wrap_cp_peer_close(struct cp_peer *p)
{
    struct sim_peer *end = peer_of(p);
    struct visit *v = end->visit;
    struct sim_peer *other = &v->ends[end->at_carrier ? 0 : 1];
    end->open = false;
    if (other->open && end->at_carrier)
        v->gone = CP_ERR_INTERRUPTED;
    else if (other->open)
        v->carrier->events.gone(v->carrier->events.ctx, (struct cp_peer *)(void *)other, CP_ERR_INTERRUPTED);
    other->open = other->open && end->at_carrier;
    if (end->at_carrier)
        return;
    v->gone = CP_OK;
    v->connected = false;
    for (int k = 0; k < 2; k++) {
        free(v->queue[k].bytes);
        v->queue[k].bytes = NULL;
    }
}

void **__wrap_cp_peer_tag(struct cp_peer *p)
{
    return &peer_of(p)->tag;
}

const uint8_t *__wrap_cp_peer_key(const struct cp_peer *p)
{
    return peer_of(p)->key;
}

void __wrap_cp_peer_useful(struct cp_peer *p)
{
    (void)p;
}
