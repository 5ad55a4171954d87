/*
 * Sticks: a machine writes a bundle for those whom it knows, the stick lies about and suffers, somebody reads it. The bundles are
 * the daemon's own (cp_bundle_write_start, cp_bundle_read_start), and so is what is believed of others afterwards.
 * Owns: what each file's writer held. Must not: look into a bundle.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/keeper.h"
#include "daemon/work.h"
#include "tests/sim/world_carried.h"
#include "tests/support/heap.h"

/* ---- Files ---- */

static void cargo_clear(struct cargo *c)
{
    for (size_t i = 0; i < WORLD_PLANS_MAX; i++)
        ref_set_clear(&c->held[i]);
    memset(c, 0, sizeof *c);
}

void stick_file_clear(struct stick_file *f)
{
    (void)unlink(f->path);
    cargo_clear(&f->cargo);
    f->there = f->touched = false;
}

static uint64_t size_of(const struct stick_file *f)
{
    struct stat st;
    return stat(f->path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void exchange(struct stick_file *a, struct stick_file *b)
{
    struct stick_file kept = *a;
    char other[PATHS_MAX + 8];
    (void)snprintf(other, sizeof other, "%s.x", a->path);
    (void)rename(a->path, other);
    (void)rename(b->path, a->path);
    (void)rename(other, b->path);
    a->there = b->there;
    a->touched = b->touched;
    a->cargo = b->cargo;
    b->there = kept.there;
    b->touched = kept.touched;
    b->cargo = kept.cargo;
}

/* ---- Writing ---- */

struct ending {
    bool done;
    enum cp_err err;
    struct cp_bundle_written wrote;
    struct cp_bundle_took took;
};

static void written(void *ctx, enum cp_err err, const struct cp_bundle_written *b)
{
    struct ending *e = ctx;
    e->done = true;
    e->err = err;
    e->wrote = *b;
}

static void was_read(void *ctx, enum cp_err err, const struct cp_bundle_took *t)
{
    struct ending *e = ctx;
    e->done = true;
    e->err = err;
    e->took = *t;
    if (world_planted == SIM_PLANT_RECEIPT)
        e->took.taken += t->known;
}

static void progressed(void *ctx, uint64_t done, uint64_t of)
{
    (void)ctx;
    (void)done;
    (void)of;
}

/* The plans that go into the file, as serve_bundle.c chooses them, and what is held of them. */
static size_t load(struct world *w, struct machine *m, struct cp_bundle_plan *plans, struct cargo *cargo)
{
    size_t count = 0;
    cargo->there = true;
    cargo->writer = world_index(w, m);
    cargo->honest = !m->liar;
    cargo->written_step = w->step;
    for (size_t i = 0; i < w->plans_count; i++) {
        bool hushed = false;
        (void)world_turn(w, i);
        if (!world_holds_plan(w, m) || cp_store_hushed(m->store, w->plan, &hushed) != CP_OK || hushed)
            continue;
        memset(&plans[count], 0, sizeof plans[count]);
        memcpy(plans[count++].plan, w->plan, CP_ID_LEN);
        ref_set_copy(&cargo->held[i], &m->now.held);
        cargo->in[i] = true;
        cargo->whole[i] = world_damaged(w, m) == 0;
    }
    return count;
}

/* Planted: everybody in this plan has what was written. */
static void assume(struct world *w, struct machine *m, struct cp_node *node)
{
    const struct cp_replica *r = cp_store_replica(m->store);
    for (size_t i = 0; i < w->machines_count; i++) {
        struct cp_heard h;
        cp_heard_init(&h, test_mem());
        h.claimed_ms = CP_INT_MAX / 2 + w->step; /* as if the latest word of all */
        for (int c = 0; c < 2; c++) {
            struct cp_tip *tips = NULL;
            size_t count = 0;
            if (r->tips(r->ctx, w->plan, c == 1 ? CP_CONTENT : CP_CONTROL, &tips, &count) != CP_OK)
                abort();
            for (size_t k = 0; k < count; k++) {
                struct cp_bundle_tip tip = {.seq = tips[k].seq};
                memcpy(tip.id, tips[k].id, CP_ID_LEN);
                if (cp_heard_add(&h, c == 1 ? CP_CONTENT : CP_CONTROL, &tip) != CP_OK)
                    abort();
            }
            cp_free(test_mem(), tips);
        }
        if (cp_heard_set(node, w->plan, w->machines[i].curve, &h) != CP_OK)
            world_say(w, "what is assumed cannot be kept");
        cp_heard_clear(&h);
    }
}

bool stick_write(struct world *w, struct stick_file *f, struct machine *m, bool all)
{
    struct cp_bundle_plan plans[WORLD_PLANS_MAX];
    struct cargo cargo = {.there = false};
    struct ending end = {.done = false};
    struct cp_node node;
    size_t at = w->at, count = load(w, m, plans, &cargo);
    struct cp_bundle_write ask = {.path = f->path,
                                  .plans = plans,
                                  .plans_count = count,
                                  .all = all,
                                  .done = written,
                                  .progress = progressed,
                                  .ctx = &end};
    (void)world_turn(w, at);
    carried_node(m, &node);
    carried_stand_in(w, m, NULL);
    if (m->liar && !w->calm && world_chance(w, 500)) {
        const struct machine *other = &w->machines[world_roll(w, w->machines_count)];
        const struct machine *named = carried_puppet_of(w, m);
        carried_lie(true, named != NULL ? named : world_chance(w, 300) ? other : NULL);
        world_count(w, SIM_COUNT_LIE_SEEN);
    }
    enum cp_err err = count == 0 ? CP_ERR_NO_PLAN : cp_bundle_write_start(&node, &ask);
    while (err == CP_OK && !end.done)
        cp_work_step(&node);
    carried_stand_in(NULL, NULL, NULL);
    err = err == CP_OK ? end.err : err;
    if (err != CP_OK) {
        if (err != CP_ERR_NOBODY && err != CP_ERR_NO_PLAN && !carried_excused(w, m, err))
            world_fail(w, "%s cannot write a stick: %s", m->name, cp_err_word(err));
        cargo_clear(&cargo);
        return false;
    }
    cargo_clear(&f->cargo);
    f->cargo = cargo;
    f->there = true;
    f->touched = false;
    if (world_planted == SIM_PLANT_ASSUMED && world_holds_plan(w, m))
        assume(w, m, &node);
    world_count(w, SIM_COUNT_STICKS);
    world_say(w, "%s writes a stick: %llu entries, %llu bytes", m->name,
              (unsigned long long)end.wrote.entries, (unsigned long long)end.wrote.bytes);
    return true;
}

/* ---- Reading ---- */

/* Was it written for this machine, by what its writer held? Nobody writes for themselves, nor for a copy of their home. */
static bool is_for(struct world *w, const struct cargo *c, const struct machine *m)
{
    return c->in[w->at] && carried_boxed_by(w, m, &c->held[w->at]) &&
           memcmp(w->machines[c->writer].curve, m->curve, CP_KEY_LEN) != 0;
}

/* Whose home was ever set back or copied may be believed to hold what it has no more; its own next file mends that. */
static bool may_lack(const struct machine *m)
{
    return m->set_back || m->twin != WORLD_NOBODY || m->liar;
}

static void judge_reading(struct world *w, const struct stick_file *f, struct machine *m,
                          const struct ending *end, size_t before)
{
    const struct cargo *c = &f->cargo;
    size_t now = carried_held(w, m);
    bool excused = sim_disk_hit(m->disk) || sim_disk_crashed(m->disk) || m->full;
    if (!excused && end->took.taken != carried_taken())
        world_fail(w, "%s says that it took %llu entries from a stick, and it took %llu", m->name,
                   (unsigned long long)end->took.taken, (unsigned long long)carried_taken());
    else if (!excused && now < before)
        world_fail(w, "%s holds less after reading a stick", m->name);
    if (end->took.refused > 0)
        world_count(w, SIM_COUNT_STICK_REFUSED);
    if (end->took.damaged > 0)
        world_count(w, SIM_COUNT_STICK_DAMAGED);
    if (end->err == CP_ERR_NOT_FOR_US)
        world_count(w, SIM_COUNT_STICK_OTHERS);
    w->result->counts[SIM_COUNT_STICK_TAKEN] += end->took.taken;
    w->result->counts[SIM_COUNT_STICK_PIECES] += end->took.pieces;
    if (end->took.first_bad == CP_ERR_BAD_PIECE)
        world_fail(w, "%s finds a wrong piece on a stick, and nobody makes any", m->name);
    if (!f->touched && end->took.damaged > 0)
        world_fail(w, "%s finds damage in a file that nobody touched", m->name);
    for (size_t i = 0; i < w->plans_count && !world_failed(w); i++) {
        (void)world_turn(w, i);
        if (f->touched || !c->honest || excused || world_off(m) || may_lack(m) || !is_for(w, c, m) ||
            !c->whole[i] || !world_holds_plan(w, m) || world_damaged(w, m) > 0)
            continue;
        if (!ref_set_includes(&m->now.held, &c->held[i]))
            world_fail(w, "%s read the whole file of %s and lacks something that is for it", m->name,
                       w->machines[c->writer].name);
    }
}

bool stick_read(struct world *w, struct stick_file *f, struct machine *m)
{
    struct ending end = {.done = false};
    struct cp_node node;
    size_t at = w->at, before = carried_held(w, m);
    struct cp_bundle_read_ask ask = {.path = f->path, .done = was_read, .progress = progressed, .ctx = &end};
    if (!f->there || world_off(m))
        return false;
    carried_node(m, &node);
    carried_stand_in(w, m, &f->cargo);
    enum cp_err err = cp_bundle_read_start(&node, &ask);
    while (err == CP_OK && !end.done)
        cp_work_step(&node);
    world_count(w, SIM_COUNT_STICK_READ);
    world_say(w, "%s reads the stick of %s: %s, %llu taken, %llu known, %llu refused%s", m->name,
              w->machines[f->cargo.writer].name, cp_err_word(err == CP_OK ? end.err : err),
              (unsigned long long)end.took.taken, (unsigned long long)end.took.known,
              (unsigned long long)end.took.refused, f->touched ? " (it is not as it was written)" : "");
    if (err != CP_OK)
        world_fail(w, "%s cannot open a stick: %s", m->name, cp_err_word(err));
    else
        judge_reading(w, f, m, &end, before);
    carried_stand_in(NULL, NULL, NULL);
    for (size_t i = 0; i < w->plans_count && !world_failed(w); i++) {
        (void)world_turn(w, i);
        carried_check_heard(w, m, NULL);
    }
    (void)world_turn(w, at);
    if (!world_failed(w) && !sim_disk_crashed(m->disk) && !world_off(m))
        world_refresh(w, m);
    return is_for(w, &f->cargo, m);
}

void stick_join(struct world *w, struct stick_file *f, struct machine *by, struct machine *m,
                struct cp_bytes join)
{
    struct ending end = {.done = false};
    struct cp_node node;
    uint8_t(*secrets)[CP_KEY_LEN] = NULL, door[CP_KEY_LEN], secret[CP_KEY_LEN];
    size_t count = 0, at = w->at;
    struct cp_bundle_read_ask ask = {.path = f->path, .done = was_read, .progress = progressed, .ctx = &end};
    if (cp_store_secrets(by->store, w->plan, &secrets, &count) != CP_OK || count == 0) {
        cp_free(test_mem(), secrets);
        return;
    }
    cp_door_curve(secrets[0], door, secret); /* the invitation names it */
    cp_free(test_mem(), secrets);
    stick_file_clear(f);
    carried_node(m, &node);
    carried_stand_in(w, m, NULL);
    enum cp_err err = cp_bundle_write_join(&node, f->path, w->plan, door, join);
    if (err != CP_OK)
        world_fail(w, "%s cannot write a JOIN onto a stick: %s", m->name, cp_err_word(err));
    carried_node(by, &node);
    carried_stand_in(w, by, NULL);
    if (err == CP_OK)
        err = cp_bundle_read_start(&node, &ask);
    while (err == CP_OK && !end.done)
        cp_work_step(&node);
    carried_stand_in(NULL, NULL, NULL);
    if (end.took.admitted_count > 0)
        world_count(w, SIM_COUNT_STICK_JOINS);
    world_say(w, "%s reads the JOIN of %s from a stick: %s", by->name, m->name,
              cp_err_word(err == CP_OK ? end.err : err));
    if (world_failed(w) || world_off(by) || sim_disk_crashed(by->disk))
        return;
    if (stick_write(w, f, by, false))
        (void)stick_read(w, f, m);
    (void)world_turn(w, at);
}

/* ---- What becomes of a stick ---- */

static void tear(struct world *w, struct stick_file *f)
{
    uint64_t size = size_of(f);
    if (!f->there || size == 0 || truncate(f->path, (off_t)world_roll(w, size)) != 0)
        return;
    f->touched = true;
    world_count(w, SIM_COUNT_STICK_TORN);
    world_say(w, "a stick is torn out: %llu of %llu bytes are left", (unsigned long long)size_of(f),
              (unsigned long long)size);
}

static void bend(struct world *w, struct stick_file *f)
{
    uint64_t size = size_of(f);
    uint8_t byte = 0;
    int fd = f->there && size > 0 ? open(f->path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    for (uint64_t n = 1 + world_roll(w, 3); n > 0; n--) {
        off_t at = (off_t)world_roll(w, world_chance(w, 300) && size > 4096 ? 4096 : size);
        if (pread(fd, &byte, 1, at) != 1)
            abort();
        byte ^= (uint8_t)(1U << world_roll(w, 8));
        if (pwrite(fd, &byte, 1, at) != 1)
            abort();
    }
    (void)close(fd);
    f->touched = true;
    world_count(w, SIM_COUNT_STICK_BENT);
}

/* The bytes of another file behind these: one stick's content beside another's. */
static void append(struct stick_file *to, const struct stick_file *from)
{
    for (size_t i = 0; i < WORLD_PLANS_MAX; i++)
        for (size_t at = 0; at < from->cargo.held[i].words * 64; at++)
            if (ref_set_has(&from->cargo.held[i], at))
                ref_set_add(&to->cargo.held[i], at);
    to->cargo.honest = to->cargo.honest && from->cargo.honest;
    uint8_t bytes[65536];
    int in = open(from->path, O_RDONLY | O_CLOEXEC), out = open(to->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    for (ssize_t n = 1; in >= 0 && out >= 0 && n > 0;) {
        n = read(in, bytes, sizeof bytes);
        if (n > 0 && write(out, bytes, (size_t)n) != n)
            abort();
    }
    if (in >= 0)
        (void)close(in);
    if (out >= 0)
        (void)close(out);
    to->touched = true;
}

void stick_weather(struct world *w, struct stick *s, size_t k)
{
    struct stick *other = &w->carried->sticks[world_roll(w, STICKS_MAX)];
    struct stick_file *f = &s->files[k], *g = &other->files[world_roll(w, STICK_FILES_USED)];
    switch (world_roll(w, 8)) {
    case 0:
    case 1:
        tear(w, f);
        break;
    case 2:
        bend(w, f);
        break;
    case 3:
        if (f->there)
            world_count(w, SIM_COUNT_STICK_LOST);
        stick_file_clear(f);
        break;
    case 4:
        if (s->older[k].there) {
            exchange(f, &s->older[k]);
            world_count(w, SIM_COUNT_STICK_STALE);
        }
        break;
    case 5:
        if (f != g && f->there && g->there) {
            exchange(f, g);
            world_count(w, SIM_COUNT_STICK_SWAPPED);
        }
        break;
    case 6:
        if (f != g && f->there && g->there && size_of(f) + size_of(g) < 1000000) {
            append(f, g);
            world_count(w, SIM_COUNT_STICK_SWAPPED);
        }
        break;
    default:
        break;
    }
}

/* ---- One step ---- */

static void write_some(struct world *w, struct stick *s, struct machine *m)
{
    size_t k = s->folder ? world_index(w, m) % STICK_FILES_USED : 0;
    if (s->files[k].there)
        exchange(&s->files[k], &s->older[k]);
    if (!stick_write(w, &s->files[k], m, world_chance(w, 100)) && s->older[k].there)
        exchange(&s->files[k], &s->older[k]);
}

void stick_step(struct world *w, struct machine *m)
{
    struct stick *s = &w->carried->sticks[world_roll(w, STICKS_MAX)];
    bool reads = world_chance(w, 600);
    for (size_t k = 0; k < STICK_FILES_USED; k++)
        if (s->files[k].there && world_chance(w, 450))
            stick_weather(w, s, k);
    for (size_t k = 0; reads && k < STICK_FILES_USED && !world_failed(w) && !world_off(m); k++)
        (void)stick_read(w, &s->files[k], m);
    if (reads && world_chance(w, 100) && !world_failed(w) && !world_off(m)) /* and once more */
        (void)stick_read(w, &s->files[0], m);
    if (!world_failed(w) && !world_off(m) && !sim_disk_crashed(m->disk) && (!reads || world_chance(w, 500)))
        write_some(w, s, m);
}
