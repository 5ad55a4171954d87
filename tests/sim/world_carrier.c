/*
 * Carriers: the real one (cp_carrier_open and what it answers), its piles in the world's folder, and calls on it (cp_carry_start),
 * one or two at once. Owns: the calls under way, and what is judged of them. Must not: tell lies (world_carrier_lies.c).
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/carry_internal.h"
#include "daemon/work.h"
#include "tests/sim/world_carried.h"
#include "tests/support/heap.h"

#define MOVES_MAX 20000U

/* ---- A carrier's life ---- */

void carrier_begin(struct world *w, struct carrier *c, size_t number)
{
    (void)snprintf(c->name, sizeof c->name, "carrier %u", (unsigned)(number + 1) % 10);
    (void)snprintf(c->home, sizeof c->home, "%.60s/carrier%u", w->carried->folder, (unsigned)number % 10);
    if (mkdir(c->home, 0700) != 0)
        abort();
    c->node.mem = test_mem();
    (void)snprintf(c->node.home, sizeof c->node.home, "%s", c->home);
    carried_stand_in(w, NULL, NULL);
    enum cp_err err = cp_carrier_open(&c->node);
    carried_stand_in(NULL, NULL, NULL);
    if (err != CP_OK)
        world_fail(w, "a carrier does not begin: %s", cp_err_word(err));
}

void carrier_end(struct carrier *c)
{
    cp_carrier_close(&c->node);
    for (size_t i = 0; i < PROMISES_MAX; i++)
        ref_set_clear(&c->promises[i].held);
}

static struct cp_carry_place place_of(const struct world *w, const struct carrier *c)
{
    struct cp_carry_place p = {.address = "carrier:1"};
    memcpy(p.plan, w->plan, CP_ID_LEN);
    memcpy(p.carrier, c->node.carrier->facts.key, CP_KEY_LEN);
    return p;
}

void carrier_tickets(struct world *w, struct carrier *c, struct machine *m)
{
    struct cp_node node;
    size_t at = w->at;
    carried_node(m, &node);
    for (size_t i = 0; i < w->plans_count && !world_failed(w); i++) {
        struct cp_carry_keys keys;
        (void)world_turn(w, i);
        struct cp_carry_place p = place_of(w, c);
        size_t count = c->node.carrier->facts.count;
        if (!world_holds_plan(w, m) || cp_carry_keys_get(&node, &p, &keys) != CP_OK)
            continue;
        if (count < CP_CARRIER_TICKETS_MAX && cp_carrier_ticket_add(c->node.carrier, keys.key[0], 0) != CP_OK)
            world_fail(w, "%s does not take a ticket", c->name);
        w->result->counts[SIM_COUNT_TICKETS] += c->node.carrier->facts.count - count;
    }
    (void)world_turn(w, at);
}

bool carrier_piles_apart(struct world *w, const struct carrier *c, const size_t *order, size_t count)
{
    struct cp_carry_place p = place_of(w, c);
    struct cp_carry_keys first = {.count = 0}, keys;
    struct cp_node node;
    for (size_t i = 0; i < count; i++) {
        carried_node(&w->machines[order[i]], &node);
        if (cp_carry_keys_get(&node, &p, &keys) != CP_OK)
            continue;
        if (first.count > 0 && memcmp(first.key[0], keys.key[0], CP_KEY_LEN) != 0)
            return true;
        first = keys;
    }
    return false;
}

/* Its keeper takes a ticket back. */
static void take_back(struct world *w, struct carrier *c)
{
    struct cp_carrier_facts *f = &c->node.carrier->facts;
    uint8_t key[CP_KEY_LEN];
    if (f->count == 0)
        return;
    memcpy(key, f->tickets[world_roll(w, f->count)].key, sizeof key);
    if (cp_carrier_ticket_remove(c->node.carrier, key) != CP_OK)
        world_fail(w, "%s does not give a ticket back", c->name);
    c->emptied = true;
    world_count(w, SIM_COUNT_TICKETS_GONE);
    world_say(w, "a ticket at %s is taken back", c->name);
}

/* ---- Nothing of the plans is in its memory ---- */

static bool stands_in(struct cp_bytes bytes, const void *what, size_t len)
{
    const uint8_t *at = bytes.ptr, *first = what;
    while (bytes.len >= len &&
           (at = memchr(at, *first, (size_t)(bytes.ptr + bytes.len - at) - len + 1)) != NULL) {
        if (memcmp(at, what, len) == 0)
            return true;
        if (++at + len > bytes.ptr + bytes.len)
            break;
    }
    return false;
}

/* Ids and keys that would tell whose pile it is, and words that people kept or wrote. */
static void check_bytes(struct world *w, const struct carrier *c, struct cp_bytes bytes)
{
    static const char *const words[] = {WORLD_PRIVATE, "in plain words", "a later thought"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (stands_in(bytes, words[i], strlen(words[i])))
            world_fail(w, "%s can read \"%s\"", c->name, words[i]);
    for (size_t i = 0; i < w->plans_count; i++)
        if (stands_in(bytes, i == w->at ? w->plan : w->plans[i].plan, CP_ID_LEN))
            world_fail(w, "%s can read of which plan a bundle is", c->name);
    for (size_t i = 0; i < w->people_count; i++) {
        const struct someone *p = &w->people[i].who;
        if (stands_in(bytes, p->person, CP_ID_LEN) || stands_in(bytes, p->device, CP_KEY_LEN) ||
            stands_in(bytes, p->curve, CP_KEY_LEN) || stands_in(bytes, p->identity, CP_KEY_LEN))
            world_fail(w, "%s can read whose bundle it keeps: %s", c->name, w->people[i].name);
    }
}

static void check_file(struct world *w, const struct carrier *c, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    uint8_t *bytes = malloc((size_t)st.st_size);
    if (bytes == NULL || read(fd, bytes, (size_t)st.st_size) != st.st_size)
        abort();
    check_bytes(w, c, CP_BYTES(bytes, (size_t)st.st_size));
    free(bytes);
    (void)close(fd);
}

static void check_folder(struct world *w, const struct carrier *c, const char *folder, unsigned depth)
{
    char path[4 * PATHS_MAX + 260];
    struct dirent *e = NULL;
    DIR *dir = opendir(folder);
    while (dir != NULL && (e = readdir(dir)) != NULL && !world_failed(w)) {
        if (e->d_name[0] == '.')
            continue;
        check_bytes(w, c, cp_bytes_str(e->d_name));
        (void)snprintf(path, sizeof path, "%.480s/%s", folder, e->d_name);
        check_file(w, c, path);
        if (depth > 0)
            check_folder(w, c, path, depth - 1);
    }
    if (dir != NULL)
        (void)closedir(dir);
}

void carrier_check(struct world *w, struct carrier *c)
{
    check_folder(w, c, c->home, 3);
}

/* ---- What a call came to ---- */

/* Whoever holds that a machine is in no longer, or never heard that it is, drops what it has not read. */
static bool is_out_for_somebody(struct world *w, const struct machine *m, const uint8_t *plan)
{
    size_t number = world_plan_of(w, plan), before = 0;
    bool out = false;
    if (number == WORLD_NOBODY)
        return false;
    before = world_turn(w, number);
    for (size_t i = 0; i < w->machines_count && !out; i++) {
        const struct machine *o = &w->machines[i];
        bool in = false;
        for (size_t k = 0; k < m->people_count; k++)
            in = in || world_is_in(w, o, m->people[k]);
        out = o != m && !in && world_holds_plan(w, o);
    }
    (void)world_turn(w, before);
    return out;
}

/* After an undisturbed call at an honest carrier: what others left there for this machine is here. */
static void judge_promises(struct visit *v, const struct cp_carry_row *r)
{
    struct world *w = v->w;
    struct carrier *c = v->carrier;
    const uint8_t *ticket = v->node.visit->keys.key[0];
    size_t plan = world_plan_of(w, r->place->plan), before = 0;
    if (plan == WORLD_NOBODY || c->lied || c->emptied || carried_any_liar(w) || carried_any_set_back(w) ||
        world_damaged(w, v->m) > 0 || v->node.visit->keys.count == 0 ||
        is_out_for_somebody(w, v->m, r->place->plan))
        return;
    before = world_turn(w, plan);
    for (size_t i = 0; i < PROMISES_MAX && !world_failed(w); i++) {
        const struct promise *p = &c->promises[i];
        if (memcmp(p->plan, w->plan, CP_ID_LEN) != 0 || memcmp(p->ticket, ticket, CP_KEY_LEN) != 0 ||
            p->held.count == 0 || v->disturbed || !carried_boxed_by(w, v->m, &p->held))
            continue;
        world_count(w, SIM_COUNT_PROMISES);
        if (!ref_set_includes(&v->m->now.held, &p->held))
            world_fail(w, "%s called on an honest carrier and lacks what %s left there for it", v->m->name,
                       w->machines[p->machine].name);
    }
    struct promise *own = &c->promises[c->promises_next++ % PROMISES_MAX];
    own->machine = world_index(w, v->m);
    memcpy(own->plan, w->plan, CP_ID_LEN);
    memcpy(own->ticket, ticket, CP_KEY_LEN);
    ref_set_copy(&own->held, &v->m->now.held);
    (void)world_turn(w, before);
}

static void judge_row(void *ctx, const struct cp_carry_row *r)
{
    struct visit *v = ctx;
    struct world *w = v->w;
    const struct machine *m = v->m;
    bool excused = sim_disk_hit(m->disk) || sim_disk_crashed(m->disk) || m->full;
    v->taken += r->taken;
    w->result->counts[SIM_COUNT_CARRIED_PUT] += r->put;
    w->result->counts[SIM_COUNT_CARRIED_GOT] += r->fetched;
    w->result->counts[SIM_COUNT_CARRIED_TAKEN] += r->taken;
    w->result->counts[SIM_COUNT_CARRIED_DROPPED] += r->dropped;
    bool noticed = r->withheld + r->changed + r->again + r->damaged > 0 || r->set_back || r->lost;
    if (noticed)
        world_count(w, SIM_COUNT_CARRIER_NOTICED);
    world_say(w,
              "%s calls on a carrier: %s, %llu fetched, %llu taken, %llu refused, %llu put, %llu dropped%s",
              m->name, cp_err_word(r->err), (unsigned long long)r->fetched, (unsigned long long)r->taken,
              (unsigned long long)r->refused, (unsigned long long)r->put, (unsigned long long)r->dropped,
              noticed ? "; something does not fit" : "");
    if (v->must_notice && !noticed && !excused)
        world_fail(w, "%s does not notice that a carrier keeps back what it has", m->name);
    v->must_notice = false;
    if (v->carrier == NULL || v->carrier->lied || excused)
        return;
    bool others = v->carrier->emptied || carried_any_set_back(w) || m->liar ||
                  is_out_for_somebody(w, m, r->place->plan);
    if (noticed && !others && !carried_any_liar(w))
        world_fail(w, "%s says that an honest carrier lies", m->name);
    if (r->damaged > 0)
        world_fail(w, "%s finds damage at an honest carrier", m->name);
    if (r->err != CP_OK && r->err != CP_ERR_NO_TICKET && r->err != CP_ERR_NOT_YET && r->err != CP_ERR_LEFT &&
        r->err != CP_ERR_BUSY && !v->disturbed && !carried_excused(w, m, r->err))
        world_fail(w, "%s calls on an honest carrier, and it ends badly: %s", m->name, cp_err_word(r->err));
    else if (r->err == CP_OK && r->newest && !world_failed(w))
        judge_promises(v, r);
}

static void judge_done(void *ctx, enum cp_err err)
{
    struct visit *v = ctx;
    v->open = false;
    if (err != CP_OK && !v->disturbed && !carried_excused(v->w, v->m, err))
        world_fail(v->w, "%s cannot call on carriers: %s", v->m->name, cp_err_word(err));
}

static void progressed(void *ctx, uint64_t done, uint64_t of)
{
    (void)ctx;
    (void)done;
    (void)of;
}

/* ---- On the way ---- */

static void cut(struct world *w, struct visit *v)
{
    struct carrier *c = v->carrier;
    for (int k = 0; k < 2; k++) {
        free(v->queue[k].bytes);
        v->queue[k].bytes = NULL;
    }
    if (v->ends[1].open)
        c->events.gone(c->events.ctx, (struct cp_peer *)(void *)&v->ends[1], CP_ERR_INTERRUPTED);
    v->ends[1].open = false;
    v->gone = CP_ERR_INTERRUPTED;
    v->connected = false;
    v->disturbed = true;
    v->cut_at = 0;
    world_count(w, SIM_COUNT_CARRIED_CUT);
}

static struct message take(struct visit *v, int end)
{
    struct message m = v->queue[end];
    v->queue[end] = (struct message){.bytes = NULL};
    v->messages++;
    return m;
}

static void to_carrier(struct world *w, struct visit *v)
{
    struct message m = take(v, 1);
    struct carrier *c = v->carrier;
    check_bytes(w, c, CP_BYTES(m.bytes, m.len));
    if (v->ends[1].open && !world_failed(w))
        c->events.message(c->events.ctx, (struct cp_peer *)(void *)&v->ends[1], CP_BYTES(m.bytes, m.len));
    free(m.bytes);
}

static void to_member(struct world *w, struct visit *v)
{
    struct message m = take(v, 0);
    if (v->carrier->lies && !w->calm)
        carrier_lie(w, v, &m);
    if (m.bytes != NULL)
        cp_carry_message(&v->node, CP_BYTES(m.bytes, m.len));
    free(m.bytes);
}

/* Whatever is next in one call. */
static void move(struct world *w, struct visit *v)
{
    carried_stand_in(w, v->m, NULL);
    if (v->cut_at != 0 && v->messages >= v->cut_at && v->node.visit->peer != NULL && v->ends[0].open)
        cut(w, v);
    if (v->queue[0].bytes != NULL)
        to_member(w, v);
    else if (v->connected) {
        v->connected = false;
        cp_carry_connected(&v->node);
    } else if (v->queue[1].bytes != NULL)
        to_carrier(w, v);
    else if (v->gone != CP_OK) {
        enum cp_err why = v->gone;
        v->gone = CP_OK;
        v->ends[0].open = false;
        cp_carry_gone(&v->node, why);
    } else if (v->node.work != NULL) {
        bool boasts = v->boasts && v->node.visit->phase == CP_CARRY_WRITING;
        carried_lie(boasts, boasts && w->step % 2 == 0 ? carried_puppet_of(w, v->m) : NULL);
        cp_work_step(&v->node);
    } else {
        w->now_ms += CP_CARRY_WAIT_MS + 1;
        cp_carry_tick(&v->node, w->now_ms);
    }
    carried_stand_in(NULL, NULL, NULL);
}

/* ---- A call ---- */

static size_t places(struct world *w, struct machine *m, struct cp_carry_place *out)
{
    size_t count = 0, at = w->at;
    for (size_t i = 0; i < w->plans_count; i++) {
        (void)world_turn(w, i);
        for (size_t k = 0; k < w->carried->carriers_count && world_holds_plan(w, m); k++)
            out[count++] = place_of(w, &w->carried->carriers[k]);
    }
    (void)world_turn(w, at);
    return count;
}

static bool begin(struct world *w, struct visit *v, struct machine *m)
{
    struct cp_carry_place list[WORLD_PLANS_MAX * CARRIERS_MAX];
    size_t count = world_off(m) ? 0 : places(w, m, list);
    if (count == 0)
        return false;
    memset(v, 0, sizeof *v);
    v->w = w;
    v->m = m;
    v->before = carried_held(w, m);
    carried_node(m, &v->node);
    /* Its two files lie in a home of its own: two may be on their way at once. */
    (void)snprintf(v->node.home, sizeof v->node.home, "%.60s/home%zu", w->carried->folder, world_index(w, m));
    (void)mkdir(v->node.home, 0700);
    v->node.net = (struct cp_net *)(void *)v;
    v->cut_at = world_chance(w, w->weather.cut) ? 1 + (size_t)world_roll(w, 30) : 0;
    struct cp_carry_ask ask = {.places = list,
                               .count = count,
                               .row = judge_row,
                               .done = judge_done,
                               .progress = progressed,
                               .ctx = v};
    v->open = true;
    v->boasts = m->liar && !w->calm && world_chance(w, 400);
    if (v->boasts)
        world_count(w, SIM_COUNT_LIE_SEEN);
    carried_stand_in(w, m, NULL);
    enum cp_err err = cp_carry_start(&v->node, &ask);
    carried_stand_in(NULL, NULL, NULL);
    v->open = v->open && err == CP_OK;
    if (err != CP_OK)
        world_fail(w, "%s cannot call on carriers: %s", m->name, cp_err_word(err));
    world_count(w, SIM_COUNT_VISITS);
    return v->open;
}

static void end(struct world *w, struct visit *v)
{
    struct machine *m = v->m;
    struct cp_node node;
    bool excused = sim_disk_hit(m->disk) || sim_disk_crashed(m->disk) || m->full;
    size_t at = w->at;
    for (int k = 0; k < 2; k++)
        free(v->queue[k].bytes);
    if (!excused && !world_failed(w) && carried_held(w, m) < v->before)
        world_fail(w, "%s holds less after calling on a carrier", m->name);
    carried_node(m, &node);
    for (size_t i = 0; i < w->plans_count && !world_failed(w) && !world_off(m); i++) {
        (void)world_turn(w, i);
        carried_check_heard(w, m, NULL);
        for (size_t k = 0; k < w->carried->carriers_count && world_holds_plan(w, m); k++) {
            struct cp_carry_keys keys;
            struct cp_carry_place p = place_of(w, &w->carried->carriers[k]);
            uint8_t pile[CP_ID_LEN];
            if (cp_carry_keys_get(&node, &p, &keys) != CP_OK)
                continue;
            cp_carry_pile_id(&p, keys.key[0], pile);
            carried_check_heard(w, m, pile);
        }
    }
    (void)world_turn(w, at);
    if (!world_failed(w) && !sim_disk_crashed(m->disk) && !world_off(m))
        world_refresh(w, m);
    v->m = NULL;
}

void carrier_visit(struct world *w, struct machine *const *machines, size_t count)
{
    struct visit *v = w->carried->visits;
    size_t begun = 0;
    for (size_t i = 0; i < count && !world_failed(w); i++)
        begun += begin(w, &v[begun], machines[i]) ? 1 : 0;
    for (size_t i = 0; i < begun && begun > 1; i++)
        v[i].disturbed = true;
    if (begun > 1)
        world_count(w, SIM_COUNT_CARRIED_RACES);
    bool going = begun > 0;
    for (size_t moves = 0; going && !world_failed(w); moves++) {
        size_t i = begun == 1 ? 0 : world_roll(w, begun);
        if (v[i].open)
            move(w, &v[i]);
        if (moves > MOVES_MAX)
            world_fail(w, "a call of %s on a carrier does not end", v[i].m->name);
        going = false;
        for (size_t k = 0; k < begun; k++)
            going = going || v[k].open;
    }
    for (size_t i = 0; i < begun; i++) {
        if (v[i].open) { /* the world has failed: no more than tidied up */
            carried_stand_in(w, v[i].m, NULL);
            cp_work_stop(&v[i].node, CP_ERR_INTERRUPTED);
            if (v[i].node.visit != NULL)
                cp_carry_stop(&v[i].node, CP_ERR_INTERRUPTED);
            carried_stand_in(NULL, NULL, NULL);
        }
        end(w, &v[i]);
    }
}

/* ---- One step ---- */

void carrier_step(struct world *w, struct machine *m)
{
    struct carried *c = w->carried;
    struct machine *both[VISITS_MAX] = {m, &w->machines[world_roll(w, w->machines_count)]};
    struct carrier *which = &c->carriers[world_roll(w, c->carriers_count)];
    if (which->node.carrier->facts.count == 0 || world_chance(w, 150))
        carrier_tickets(w, which, m);
    else if (world_chance(w, 10))
        take_back(w, which);
    if (world_failed(w))
        return;
    bool two =
        both[1] != m && !world_off(both[1]) && !sim_disk_crashed(both[1]->disk) && world_chance(w, 250);
    carrier_visit(w, both, two ? 2 : 1);
    if (world_chance(w, 100))
        carrier_check(w, which);
}
