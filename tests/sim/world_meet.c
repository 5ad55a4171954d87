/*
 * Meetings: two real sessions, a link between them that somebody may meddle with, and what a session claims judged
 * against the truth. Owns: the queues. Must not: know what messages say (world_liar.c does).
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/keeper.h"
#include "daemon/meet.h"
#include "proto/wire.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

#define IDLE_MS 30000U
#define ENDLESS_MAX 2000U

/* ---- The queue ---- */

static void push(struct link_end *to, struct cp_bytes bytes)
{
    if (to->count == to->cap) {
        to->cap = to->cap == 0 ? 16 : to->cap * 2;
        struct message *grown = realloc(to->queue, to->cap * sizeof *grown);
        if (grown == NULL)
            abort();
        to->queue = grown;
    }
    uint8_t *copy = malloc(bytes.len + 1); /* of exactly that length in sanitizers' eyes where it matters */
    if (copy == NULL)
        abort();
    memcpy(copy, bytes.ptr, bytes.len);
    to->queue[to->count++] = (struct message){.bytes = copy, .len = bytes.len};
}

/* The session's memory: within its bound, and all given back. */
static void judge_memory(struct world *w, const struct meeting *l, int side)
{
    const struct session_memory *own = &l->end[side].memory, *other = &l->end[1 - side].memory;
    const char *name = w->machines[l->end[side].machine].name;
    /* Somebody may have made up tips, and a chunk that was packed may never have come to be stored: it is on its way, or
     * what it was made from turned out to be damaged or taken back, and nothing of it was sent. */
    bool arrived = !l->dirty && l->end[0].from == l->end[0].count && l->end[1].from == l->end[1].count &&
                   l->end[0].err == CP_OK && l->end[1].err == CP_OK;
    size_t made_up = l->dirty ? (size_t)l->bytes / CP_TIP_WIRE_LEN : 0, chunk = arrived ? l->largest_chunk : CP_CHUNK_MAX;
    size_t most = session_memory_bound(own->tips + other->tips + made_up, chunk, l->largest_message);
    if (own->peak > w->result->session_memory)
        w->result->session_memory = own->peak;
    if (own->peak > most)
        world_fail(w, "a session of %s takes %zu bytes of memory, and %zu were enough", name, own->peak, most);
}

static void end_clear(struct world *w, struct link_end *e)
{
    for (; e->from < e->count; e->from++)
        free(e->queue[e->from].bytes);
    free(e->queue);
    cp_session_free(e->session);
    if (e->trust != NULL)
        cp_free(&e->memory.mem, e->trust);
    size_t kept = session_memory_end(&e->memory);
    if (kept > 0)
        world_fail(w, "a session of %s ended and keeps %zu bytes of memory", w->machines[e->machine].name, kept);
    for (size_t i = 0; i < WORLD_PLANS_MAX; i++)
        ref_set_clear(&e->at_start[i]);
    memset(e, 0, sizeof *e);
}

void world_link_close(struct world *w, struct meeting *l)
{
    judge_memory(w, l, 0);
    judge_memory(w, l, 1);
    end_clear(w, &l->end[0]);
    end_clear(w, &l->end[1]);
    memset(l, 0, sizeof *l);
}

void world_link_cut(struct world *w, struct meeting *l)
{
    if (!l->open)
        return;
    world_count(w, SIM_COUNT_CUT);
    world_say(w, "the link between %s and %s is cut after %zu messages", w->machines[l->end[0].machine].name,
              w->machines[l->end[1].machine].name, l->messages);
    world_link_close(w, l);
}

void world_links_of(struct world *w, struct machine *m)
{
    for (size_t i = 0; i < WORLD_LINKS_MAX; i++)
        for (int k = 0; k < 2; k++)
            if (w->links[i].open && w->links[i].end[k].machine == world_index(w, m))
                world_link_cut(w, &w->links[i]);
}

/* ---- What a report claims ---- */

static void judge_report(struct world *w, struct meeting *l, int side, const struct cp_report *r)
{
    const struct link_end *own = &l->end[side], *other = &l->end[1 - side];
    const struct machine *a = &w->machines[own->machine], *b = &w->machines[other->machine];
    l->end[side].reported[w->at] = true;
    l->end[side].in_sync[w->at] = r->in_sync;
    if (r->in_sync)
        world_told(w, &w->machines[own->machine]);
    if (!r->in_sync || a->liar || b->liar)
        return;
    uint64_t wanted = 0;
    const struct cp_replica *replica = cp_store_replica(a->store);
    if (replica->wanted(replica->ctx, w->plan, &wanted) == CP_OK && wanted > 0)
        world_fail(w, "%s says that it is in sync, and it wants words", a->name);
    world_count(w, SIM_COUNT_IN_SYNC);
    bool cover = ref_set_includes(&a->now.held, &other->at_start[w->at]) &&
                 ref_set_includes(&b->now.held, &own->at_start[w->at]);
    bool equal = ref_set_includes(&a->now.held, &b->now.held) && ref_set_includes(&b->now.held, &a->now.held);
    if (!cover || (!l->disturbed && !equal))
        world_fail(w, "%s says that it is in sync with %s, and it is not (%zu and %zu entries)", a->name, b->name,
                   a->now.held.count, b->now.held.count);
}

/* ---- One event, and what follows from it ---- */

static enum cp_err store_chunk(struct world *w, struct meeting *l, int side, const struct cp_action *a, size_t *fresh)
{
    struct machine *m = &w->machines[l->end[side].machine];
    size_t plan = world_plan_of(w, a->plan);
    if (a->form != CP_CHUNK_FORM_FULL || plan == WORLD_NOBODY)
        return CP_ERR_BAD_MESSAGE;
    (void)world_turn(w, plan);
    l->largest_chunk = a->bytes.len > l->largest_chunk ? a->bytes.len : l->largest_chunk;
    struct machine *from = &w->machines[l->end[1 - side].machine];
    if (l->door == CP_DOOR_MEMBER && !from->liar && l->barred[1 - side][plan] && world_holds_plan(w, from))
        world_fail(w, "%s gives %s what is new in a plan that it knows it is not in", from->name, m->name);
    w->storing = l;
    enum cp_err err = world_take(w, m, a->bytes, a->depth, a->control_only, fresh);
    w->storing = NULL;
    l->entries += *fresh;
    bool excused = l->dirty || sim_disk_hit(m->disk) || sim_disk_crashed(m->disk);
    if (err != CP_OK && !excused)
        world_fail(w, "%s refuses what %s honestly sends: %s", m->name, w->machines[l->end[1 - side].machine].name,
                   cp_err_word(err));
    if (err != CP_OK && w->machines[l->end[1 - side].machine].liar && cp_err_class(err) == CP_CLASS_PEER)
        world_count(w, SIM_COUNT_LIE_REFUSED);
    if (err == CP_OK && a->bytes.len < 4096 && world_chance(w, 200)) { /* for a second delivery */
        struct message *kept = &w->kept[w->kept_next++ % (sizeof w->kept / sizeof *w->kept)];
        free(kept->bytes);
        w->kept_plan[kept - w->kept] = w->at;
        w->kept_depth[kept - w->kept] = a->depth;
        kept->bytes = malloc(a->bytes.len);
        kept->len = a->bytes.len;
        if (kept->bytes == NULL)
            abort();
        memcpy(kept->bytes, a->bytes.ptr, a->bytes.len);
    }
    return err;
}

static void feed(struct world *w, struct meeting *l, int side, struct cp_event event)
{
    static struct cp_actions out; /* never stepped from inside a step of its own */
    struct link_end *own = &l->end[side];
    struct machine *m = &w->machines[own->machine];
    bool again = !own->ended && m->store != NULL;
    while (again && !world_failed(w)) {
        struct cp_event follow = {.type = CP_EVENT_TICK, .now_ms = w->now_ms};
        event.now_ms = w->now_ms;
        out.count = 0;
        cp_session_step(own->session, &event, &out);
        if (own->memory.took) {
            own->memory.took = false;
            world_took_over(w, m);
            (void)world_turn(w, l->plan);
        }
        again = false;
        for (size_t i = 0; i < out.count && !own->ended; i++) {
            const struct cp_action *a = &out.list[i];
            if (a->type == CP_ACTION_SEND) {
                push(&l->end[1 - side], a->bytes);
                l->bytes += a->bytes.len;
                l->largest_message = a->bytes.len > l->largest_message ? a->bytes.len : l->largest_message;
                w->result->counts[SIM_COUNT_BYTES] += a->bytes.len;
            } else if (a->type == CP_ACTION_STORE) {
                follow = (struct cp_event){.type = CP_EVENT_STORED, .store_id = a->store_id};
                follow.result = store_chunk(w, l, side, a, &follow.stored);
                (void)world_turn(w, l->plan);
                again = true;
            } else if (a->type == CP_ACTION_PIECE) {
                follow = (struct cp_event){.type = CP_EVENT_KEPT};
                follow.result = world_keep_piece(w, m, a);
                again = true;
            } else if (a->type == CP_ACTION_JOIN) {
                follow = (struct cp_event){.type = CP_EVENT_JOINED, .result = world_admit(w, m, a->bytes)};
                again = true;
            } else if (a->type == CP_ACTION_REPORT) {
                struct cp_report claimed = a->report;
                claimed.in_sync = claimed.in_sync || world_planted == SIM_PLANT_IN_SYNC;
                size_t plan = world_plan_of(w, claimed.plan);
                if (plan == WORLD_NOBODY) {
                    world_fail(w, "%s reports about a plan that nobody has", m->name);
                    continue;
                }
                (void)world_turn(w, plan);
                judge_report(w, l, side, &claimed);
                (void)world_turn(w, l->plan);
            } else {
                own->ended = true;
                own->err = a->err;
            }
        }
        event = follow;
        again = !own->ended && (again || cp_session_deadline_ms(own->session) == 0);
    }
    if (sim_disk_crashed(m->disk) || sim_disk_hit(m->disk))
        l->dirty = true;
    if (own->ended && own->err == CP_ERR_TIMED_OUT)
        world_count(w, SIM_COUNT_TIMED_OUT);
}

void world_link_news(struct world *w, struct machine *m)
{
    for (size_t i = 0; i < WORLD_LINKS_MAX; i++)
        for (int k = 0; k < 2; k++) {
            struct meeting *l = &w->links[i];
            if (l->open && l != w->storing && l->end[k].machine == world_index(w, m))
                l->disturbed = l->end[k].news[w->at] = true;
        }
}

void world_link_taken_back(struct world *w, struct machine *m)
{
    for (size_t i = 0; i < WORLD_LINKS_MAX; i++)
        for (int k = 0; k < 2; k++) {
            struct meeting *l = &w->links[i];
            if (l->open && l != w->storing && l->end[k].machine == world_index(w, m))
                l->taken_back = true;
        }
}

/* What a WITHDRAW erases in the middle of an exchange cannot be sent in it (session_flow.c): only that may interrupt. */
static bool ended_well(const struct meeting *l)
{
    for (int k = 0; k < 2; k++)
        if (l->end[k].err != CP_OK && !(l->taken_back && l->end[k].err == CP_ERR_INTERRUPTED))
            return false;
    return true;
}

/* ---- Beginning ---- */

static bool names(struct machine *m, const uint8_t *plan, const uint8_t *curve)
{
    return world_speaks(m, plan, curve);
}

static void begin_end(struct world *w, struct meeting *l, int side, struct cp_session_config *c, bool trusts)
{
    struct link_end *e = &l->end[side];
    struct machine *m = &w->machines[e->machine];
    session_memory_init(&e->memory, cp_store_replica(m->store), world_planted == SIM_PLANT_HOARD);
    if (!w->pictures)
        e->memory.replica.pieces = NULL;
    const struct cp_replica *replica = &e->memory.replica;
    c->caller = side == 0;
    c->door = l->door;
    c->now_ms = w->now_ms;
    c->idle_ms = IDLE_MS;
    c->stay = l->meddling.stay;
    memcpy(c->plan, w->plan, CP_ID_LEN);
    cp_store_incarnation(m->store, c->own_incarnation, NULL);
    if (trusts) {
        e->trust = cp_meet_trust_new(replica, w->plan, c->peer_key);
        replica = cp_meet_trust_replica(e->trust);
    }
    e->session = cp_session_new(replica, c);
    if (e->session == NULL)
        abort();
    for (size_t i = 0; i < w->plans_count; i++) {
        (void)world_turn(w, i);
        ref_set_copy(&e->at_start[i], &m->now.held);
    }
    (void)world_turn(w, l->plan);
}

static struct meeting *free_link(struct world *w)
{
    for (size_t i = 0; i < WORLD_LINKS_MAX; i++)
        if (!w->links[i].open)
            return &w->links[i];
    return NULL;
}

static struct meeting *begin(struct world *w, enum cp_door door, const size_t at[2], const uint8_t *door_key,
                             struct cp_bytes join, bool must_prove, bool trusts, const struct meddling *how)
{
    struct meeting *l = free_link(w);
    struct cp_session_config c[2] = {{.must_prove = must_prove, .join = join}, {.join = {NULL, 0}}};
    if (l == NULL)
        return NULL;
    memset(l, 0, sizeof *l);
    l->open = true;
    l->plan = w->at;
    l->door = door;
    if (how != NULL)
        l->meddling = *how;
    for (int k = 0; k < 2; k++) {
        const struct machine *m = &w->machines[at[k]];
        l->end[k].machine = at[k];
        l->dirty = l->dirty || m->liar || m->doomed || m->full;
        l->damaged = l->damaged || world_damaged(w, m) > 0;
        memcpy(c[k].own_key, k == 0 && door_key != NULL ? door_key : m->curve, CP_KEY_LEN);
        memcpy(c[1 - k].peer_key, c[k].own_key, CP_KEY_LEN);
    }
    struct machine *a = &w->machines[at[0]], *b = &w->machines[at[1]];
    for (size_t i = 0; i < w->plans_count; i++) {
        (void)world_turn(w, i);
        l->barred[0][i] = door == CP_DOOR_MEMBER && world_bars(w, a, b, trusts && i == l->plan);
        l->barred[1][i] = door == CP_DOOR_MEMBER && world_bars(w, b, a, false);
        l->shared[i] = door == CP_DOOR_MEMBER && world_holds_plan(w, a) && world_holds_plan(w, b) &&
                       ((trusts && i == l->plan) || names(a, w->plan, b->curve)) && names(b, w->plan, a->curve);
        if (l->shared[i] && i != l->plan)
            world_count(w, SIM_COUNT_BESIDE);
    }
    (void)world_turn(w, l->plan);
    for (int k = 0; k < 2; k++)
        begin_end(w, l, k, &c[k], trusts && k == 0);
    feed(w, l, 1, (struct cp_event){.type = CP_EVENT_START});
    feed(w, l, 0, (struct cp_event){.type = CP_EVENT_START});
    return l;
}

struct meeting *world_link(struct world *w, enum cp_door door, size_t caller, size_t called, const uint8_t *door_key,
                           struct cp_bytes join, bool must_prove, const struct meddling *how)
{
    return begin(w, door, (const size_t[2]){caller, called}, door_key, join, must_prove, false, how);
}

/* ---- On the way ---- */

static struct message pop(struct link_end *e)
{
    return e->queue[e->from++];
}

static void meddle(struct world *w, struct meeting *l, int to, struct message *m)
{
    const struct meddling *how = &l->meddling;
    struct machine *from = &w->machines[l->end[1 - to].machine];
    if (l->messages == how->bend_at && m->len > 0) {
        m->bytes[world_roll(w, m->len)] ^= (uint8_t)(1U << world_roll(w, 8));
        world_count(w, SIM_COUNT_BENT);
        l->dirty = true;
    }
    if (l->messages == how->twice_at) {
        push(&l->end[to], CP_BYTES(m->bytes, m->len));
        world_count(w, SIM_COUNT_TWICE);
        l->dirty = true;
    }
    if (l->messages == how->swap_at && l->end[to].from < l->end[to].count) {
        struct message *next = &l->end[to].queue[l->end[to].from], kept = *m;
        *m = *next;
        *next = kept;
        world_count(w, SIM_COUNT_SWAPPED);
        l->dirty = true;
    }
    if (how->forge && from->liar && m->len > 0)
        world_forge(w, from, &w->machines[l->end[to].machine], m);
    if (how->endless && from->liar && m->len > 0 && l->messages < ENDLESS_MAX && !l->end[to].ended) {
        push(&l->end[to], CP_BYTES(m->bytes, m->len));
        if (!l->endless)
            world_count(w, SIM_COUNT_LIE_ENDLESS);
        l->endless = true;
    }
}

static bool deliver(struct world *w, struct meeting *l, int to)
{
    struct link_end *e = &l->end[to];
    if (e->from == e->count)
        return false;
    struct message m = pop(e);
    l->messages++;
    if (l->messages == l->meddling.wait_at) {
        w->now_ms += l->meddling.wait_ms;
        world_count(w, SIM_COUNT_LATE);
        l->dirty = l->dirty || l->meddling.wait_ms >= IDLE_MS;
    }
    if (l->messages == l->meddling.lock_at)
        world_lock(w, &w->machines[e->machine]);
    meddle(w, l, to, &m);
    if (l->messages == l->meddling.lose_at) {
        world_count(w, SIM_COUNT_LOST);
        l->dirty = true;
    } else if (!e->ended && m.bytes != NULL) {
        feed(w, l, to, (struct cp_event){.type = CP_EVENT_MESSAGE, .message = {m.bytes, m.len}});
    }
    free(m.bytes);
    return true;
}

/* Nothing moves any more and a session still waits: time goes by until it gives up. */
static void wait_out(struct world *w, struct meeting *l)
{
    bool waits = false;
    for (int k = 0; k < 2; k++)
        if (!l->end[k].ended)
            waits = true;
    if (!waits)
        return;
    w->now_ms += IDLE_MS + 1;
    for (int k = 0; k < 2; k++)
        if (l->open && !l->end[k].ended && cp_session_deadline_ms(l->end[k].session) <= w->now_ms)
            feed(w, l, k, (struct cp_event){.type = CP_EVENT_TICK});
}

static void judge_end(struct world *w, struct meeting *l)
{
    const char *a = w->machines[l->end[0].machine].name, *b = w->machines[l->end[1].machine].name;
    bool closed = l->end[0].ended && l->end[1].ended, changed = false;
    for (size_t i = 0; i < w->plans_count; i++) {
        size_t before = world_turn(w, i);
        struct machine *x = &w->machines[l->end[0].machine], *y = &w->machines[l->end[1].machine];
        bool still = !l->shared[i] || world_off(x) || world_off(y) ||
                     (names(x, w->plan, y->curve) && names(y, w->plan, x->curve));
        changed = changed || !still;
        l->shared[i] = l->shared[i] && still; /* somebody went meanwhile */
        (void)world_turn(w, before);
    }
    w->last_in_sync = l->end[0].in_sync[l->plan] && l->end[1].in_sync[l->plan];
    if (world_failed(w) || l->dirty)
        return;
    if (!closed)
        world_fail(w, "the session of %s and %s does not end", a, b);
    else if (l->damaged)
        return; /* it may have come upon damage that nobody knew of, and what is wanted stands against "in sync" */
    else if (l->door != CP_DOOR_INVITE && !changed && !ended_well(l))
        world_fail(w, "a clean session of %s and %s ends badly: %s, %s", a, b, cp_err_word(l->end[0].err),
                   cp_err_word(l->end[1].err));
    bool broken_off = changed && !ended_well(l); /* out of one plan: that ends the exchange of the others too */
    for (size_t i = 0; i < w->plans_count && !l->disturbed && !broken_off && !world_failed(w); i++)
        if (l->shared[i] && !(l->end[0].in_sync[i] && l->end[1].in_sync[i]))
            world_fail(w, "%s and %s met cleanly and are not in sync (%sreported, %sreported)", a, b,
                       l->end[0].reported[i] ? "" : "not ", l->end[1].reported[i] ? "" : "not ");
}

/* What a session of this size may take: greetings, tips, a few levels of forks, and the chunks. */
static size_t bound(const struct world *w, const struct meeting *l)
{
    return 400 + 4 * l->entries + world_entries(w) / 16;
}

/* All is quiet in a session that stays: then both hold the same, whatever came meanwhile. */
static bool stays_on(struct world *w, struct meeting *l)
{
    struct machine *a = &w->machines[l->end[0].machine], *b = &w->machines[l->end[1].machine];
    bool quiet = l->end[0].from == l->end[0].count && l->end[1].from == l->end[1].count;
    if (!l->meddling.stay || l->end[0].ended || l->end[1].ended || sim_disk_crashed(a->disk) ||
        sim_disk_crashed(b->disk) || !cp_session_stays(l->end[0].session))
        return false;
    for (size_t i = 0; i < w->plans_count && quiet && !l->dirty && !l->damaged && !a->liar && !b->liar; i++) {
        if (!l->shared[i] || world_failed(w))
            continue;
        (void)world_turn(w, i);
        world_count(w, SIM_COUNT_STAYED);
        if (!ref_set_includes(&a->now.held, &b->now.held) || !ref_set_includes(&b->now.held, &a->now.held))
            world_fail(w, "%s and %s stay in touch, all is quiet, and they differ (%zu and %zu entries)", a->name,
                       b->name, a->now.held.count, b->now.held.count);
    }
    (void)world_turn(w, l->plan);
    return quiet;
}

void world_link_leave(struct world *w, struct meeting *l)
{
    if (l->open && l->meddling.stay) {
        l->meddling.stay = false;
        l->dirty = true; /* a goodbye in the middle of an exchange interrupts it */
        size_t before = world_turn(w, l->plan);
        feed(w, l, (int)world_roll(w, 2), (struct cp_event){.type = CP_EVENT_CLOSE});
        world_link_run(w, l, SIZE_MAX);
        (void)world_turn(w, before);
    }
}

static void tell_news(struct world *w, struct meeting *l)
{
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < w->plans_count; i++)
            if (l->end[k].news[i]) {
                struct cp_event e = {.type = CP_EVENT_NEWS};
                (void)world_turn(w, i);
                memcpy(e.plan, w->plan, CP_ID_LEN);
                (void)world_turn(w, l->plan);
                l->end[k].news[i] = false;
                feed(w, l, k, e);
            }
}

static void link_run(struct world *w, struct meeting *l, size_t most)
{
    for (size_t n = 0; l->open && n < most && !world_failed(w); n++) {
        if (l->meddling.cut_at != 0 && l->messages >= l->meddling.cut_at) {
            world_link_cut(w, l);
            return;
        }
        world_part(w);
        if (!l->open)
            return;
        tell_news(w, l);
        if (!deliver(w, l, 1) && !deliver(w, l, 0))
            break;
        if (!l->dirty && l->messages > bound(w, l))
            world_fail(w, "a session of %zu entries takes %zu messages and goes on", l->entries, l->messages);
        if (sim_disk_crashed(w->machines[l->end[0].machine].disk) || sim_disk_crashed(w->machines[l->end[1].machine].disk))
            break;
    }
    if (l->open && stays_on(w, l))
        return;
    bool still = l->open && l->end[0].from == l->end[0].count && l->end[1].from == l->end[1].count;
    bool crashed = sim_disk_crashed(w->machines[l->end[0].machine].disk) ||
                   sim_disk_crashed(w->machines[l->end[1].machine].disk);
    if (!l->open || (!still && !crashed && !world_failed(w)))
        return; /* to be continued */
    if (still && !crashed)
        wait_out(w, l);
    judge_end(w, l);
    if (!crashed)
        world_link_close(w, l);
    else
        world_link_cut(w, l);
}

void world_link_run(struct world *w, struct meeting *l, size_t most)
{
    size_t before = l->open ? world_turn(w, l->plan) : w->at;
    link_run(w, l, most);
    (void)world_turn(w, before);
}

/* ---- A whole meeting ---- */

/* The door of the newest secret that both know; false when they have none in common, or, where the called side must
 * prove that it is a member, none among the newest that a proof is made with. */
static bool common_door(struct world *w, struct machine *a, struct machine *b, bool proof, uint8_t key[CP_KEY_LEN])
{
    enum { PROOFS = 16 };
    uint8_t(*mine)[CP_KEY_LEN] = NULL, (*theirs)[CP_KEY_LEN] = NULL, secret[CP_KEY_LEN];
    size_t mine_count = 0, theirs_count = 0;
    bool found = false;
    if (world_holds_plan(w, a) && world_holds_plan(w, b) &&
        cp_store_secrets(a->store, w->plan, &mine, &mine_count) == CP_OK &&
        cp_store_secrets(b->store, w->plan, &theirs, &theirs_count) == CP_OK)
        for (size_t i = 0; i < mine_count && !(proof && i >= PROOFS) && !found; i++)
            for (size_t j = 0; j < theirs_count && !(proof && j >= PROOFS) && !found; j++)
                if (memcmp(mine[i], theirs[j], CP_KEY_LEN) == 0) {
                    cp_door_curve(mine[i], key, secret);
                    found = true;
                }
    cp_free(cp_store_replica(a->store)->mem, mine);
    cp_free(cp_store_replica(b->store)->mem, theirs);
    return found;
}

static bool finish(struct world *w, struct meeting *l)
{
    w->last_in_sync = false;
    if (l != NULL)
        world_link_run(w, l, SIZE_MAX);
    return w->last_in_sync;
}

bool world_meet(struct world *w, size_t caller, size_t called, const struct meddling *how)
{
    struct machine *a = &w->machines[caller], *b = &w->machines[called];
    static const struct cp_bytes none = {NULL, 0};
    uint8_t door[CP_KEY_LEN];
    if (world_off(a) || world_off(b) || memcmp(a->curve, b->curve, CP_KEY_LEN) == 0)
        return false;
    bool known = !world_holds_plan(w, b) || names(b, w->plan, a->curve);
    bool knows = !world_holds_plan(w, a) || names(a, w->plan, b->curve);
    bool trusts = !knows;
    if (trusts && !a->liar && world_planted != SIM_PLANT_TRUSTING && world_went(w, a, b->curve)) {
        world_say(w, "%s does not call %s, which is in no longer", a->name, b->name);
        return false;
    }
    world_count(w, SIM_COUNT_MEETINGS);
    if (!known || !knows) {
        if (!common_door(w, a, b, trusts, door)) {
            world_say(w, "%s finds no door to %s", a->name, b->name);
            return false;
        }
        world_count(w, SIM_COUNT_KNOCKS);
        world_say(w, "%s knocks at %s", a->name, b->name);
        struct meeting *knock = world_link(w, CP_DOOR_KNOCK, caller, called, door, none, trusts, NULL);
        (void)finish(w, knock);
        if (world_failed(w) || world_off(a) || world_off(b) || !names(b, w->plan, a->curve)) {
            world_say(w, "%s is not let in by %s", a->name, b->name);
            return false;
        }
    }
    return finish(w, begin(w, CP_DOOR_MEMBER, (const size_t[2]){caller, called}, NULL, none, false, trusts, how));
}
