/*
 * Machines and what their people write: opening, ending, own entries, chunks taken in.
 * Owns: the truth about what each machine acknowledged. Must not: decide what happens next.
 */
#include "tests/sim/world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "tests/support/heap.h"

/* ---- Dice, words, verdicts ---- */

uint64_t world_roll(struct world *w, uint64_t below)
{
    return test_below(&w->dice, below);
}

bool world_chance(struct world *w, unsigned per_mille)
{
    return test_below(&w->dice, 1000) < per_mille;
}

void world_random(void *ctx, void *out, size_t len)
{
    struct world *w = ctx;
    uint8_t *bytes = out;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)test_random(&w->dice);
}

void world_say(struct world *w, const char *format, ...)
{
    va_list args;
    if (w->opt.trace == NULL)
        return;
    (void)fprintf(w->opt.trace, "[%4zu] ", w->step);
    va_start(args, format);
    (void)vfprintf(w->opt.trace, format, args);
    va_end(args);
    (void)fputc('\n', w->opt.trace);
}

void world_fail(struct world *w, const char *format, ...)
{
    va_list args;
    if (w->result->failed)
        return;
    w->result->failed = true;
    w->result->failed_step = w->step;
    va_start(args, format);
    (void)vsnprintf(w->result->why, sizeof w->result->why, format, args);
    va_end(args);
    world_say(w, "WRONG: %s", w->result->why);
}

bool world_failed(const struct world *w)
{
    return w->result->failed;
}

void world_count(struct world *w, enum sim_count what)
{
    w->result->counts[what]++;
}

/* ---- Machines ---- */

size_t world_index(const struct world *w, const struct machine *m)
{
    return (size_t)(m - w->machines);
}

uint64_t world_clock(const struct world *w, const struct machine *m)
{
    return (uint64_t)((int64_t)(UINT64_C(1700000000000) + w->now_ms) + m->clock_off_ms);
}

bool world_holds_plan(const struct world *w, const struct machine *m)
{
    return w->log.count > 0 && w->log.first != REF_NONE && ref_set_has(&m->now.held, w->log.first);
}

bool world_off(const struct machine *m)
{
    return m->store == NULL || m->locked;
}

void world_lock(struct world *w, struct machine *m)
{
    bool meets = false;
    if (world_off(m))
        return;
    for (size_t i = 0; i < WORLD_LINKS_MAX; i++)
        for (int k = 0; k < 2; k++)
            if (w->links[i].open && w->links[i].end[k].machine == world_index(w, m))
                w->links[i].dirty = meets = true;
    cp_store_lock(m->store);
    m->locked = true;
    world_count(w, SIM_COUNT_LOCKED);
    if (meets)
        world_count(w, SIM_COUNT_LOCKED_MEETING);
    world_say(w, "%s is locked", m->name);
}

static void storage_key(const struct machine *m, uint8_t key[static 32])
{
    memset(key, (int)(m->number & 0xff), 32);
    key[1] = (uint8_t)(m->number >> 8);
}

void world_unlock(struct world *w, struct machine *m)
{
    uint8_t key[32];
    if (m->store == NULL || !m->locked)
        return;
    storage_key(m, key);
    enum cp_err err = cp_store_unlock(m->store, key);
    world_excuse(w, m, err, "unlocking");
    m->locked = err != CP_OK;
    world_say(w, "%s is unlocked", m->name);
}

bool world_is_in(const struct world *w, const struct machine *m, size_t person)
{
    const struct person *p = &w->people[person];
    if (!p->in || w->large)
        return p->in;
    const struct ref_device d = ref_device(&w->log, &m->now.held, p->who.device);
    return d.stands && ref_is_in(&d);
}

size_t world_writer(struct world *w, struct machine *m)
{
    size_t able[WORLD_PEOPLE_MAX], count = 0;
    for (size_t i = 0; i < m->people_count; i++)
        if (world_is_in(w, m, m->people[i]))
            able[count++] = m->people[i];
    return count == 0 ? WORLD_NOBODY : able[world_roll(w, count)];
}

struct machine *world_machine_add(struct world *w, size_t person)
{
    static const char *const things[] = {"phone", "tablet", "laptop", "old laptop"};
    if (w->machines_count == w->machines_cap)
        abort(); /* room is made beforehand: pointers to machines stay valid */
    struct machine *m = &w->machines[w->machines_count];
    memset(m, 0, sizeof *m);
    m->number = (unsigned)w->machines_count + 1;
    m->twin = WORLD_NOBODY;
    m->disk = sim_disk_new();
    m->people[m->people_count++] = person;
    (void)snprintf(m->name, sizeof m->name, "%s's %s", w->people[person].name, things[m->number % 4]);
    w->people[person].machine = w->machines_count++;
    w->people[person].who.curve[31] &= 0x7f;
    memcpy(m->curve, w->people[person].who.curve, CP_KEY_LEN);
    return m;
}

struct reading {
    struct world *w;
    struct machine *m;
    struct ref_set *out;
    bool unknown;
};
static bool read_one(void *ctx, const struct cp_entry_info *info)
{
    struct reading *r = ctx;
    size_t at = ref_find(&r->w->log, info->id);
    if (at == REF_NONE)
        r->unknown = true;
    else
        ref_set_add(r->out, at);
    return true;
}

enum cp_err world_read_held(struct world *w, struct machine *m, struct ref_set *out)
{
    struct reading r = {.w = w, .m = m, .out = out};
    if (w->log.count == 0)
        return CP_OK;
    enum cp_err err = cp_store_each(m->store, w->plan, 0, false, read_one, &r);
    if (err == CP_ERR_NO_PLAN)
        return CP_OK;
    if (r.unknown)
        world_fail(w, "%s holds an entry that was never written or accepted", m->name);
    return err;
}

/* What it says that it holds of a plan after it started, against what it acknowledged. */
static enum cp_err judge_start(struct world *w, struct machine *m)
{
    struct ref_set now = {0};
    enum cp_err err = world_read_held(w, m, &now);
    if (err != CP_OK)
        world_fail(w, "%s does not start again: %s", m->name, cp_err_word(err));
    for (size_t i = 0; err == CP_OK && i < w->log.count; i++) {
        bool is = ref_set_has(&now, i);
        if (!is && ref_set_has(&m->now.held, i))
            world_fail(w, "%s lost entry %zu, which it had acknowledged", m->name, i);
        else if (is && !ref_set_has(&m->now.held, i) && !ref_set_has(&m->now.maybe, i))
            world_fail(w, "%s holds entry %zu, which it never took in", m->name, i);
    }
    ref_set_copy(&m->now.held, &now);
    ref_set_clear(&now);
    ref_set_clear(&m->now.maybe);
    return err;
}

void world_start(struct world *w, struct machine *m)
{
    char path[SIM_PATH_MAX];
    uint8_t key[32];
    struct cp_store_options opt = {
        .random = world_random, .random_ctx = w, .vfs = sim_vfs_name(), .no_marker = true, .machine_id = ""};
    storage_key(m, key);
    m->locked = false;
    enum cp_err err = cp_store_open(&m->store, sim_disk_path(m->disk, "db", path), &opt);
    if (err == CP_OK) {
        m->world = w;
        cp_store_offers(m->store, world_for_us, m);
        err = cp_store_unlock(m->store, key);
    }
    if (err == CP_OK && world_planted == SIM_PLANT_UNSYNCED)
        (void)sqlite3_exec(m->store->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    if (err != CP_OK)
        world_fail(w, "%s does not start again: %s", m->name, cp_err_word(err));
    size_t looked_at = w->at;
    for (size_t i = 0; i < w->plans_count && err == CP_OK && !world_failed(w); i++) {
        (void)world_turn(w, i);
        world_took_over_here(w, m); /* what ended the process may have come right after; the plan that it goes back to is judged */
        err = judge_start(w, m);
    }
    (void)world_turn(w, looked_at);
}

void world_stop(struct world *w, struct machine *m)
{
    (void)w;
    cp_store_close(m->store);
    m->store = NULL;
}

void world_end_process(struct world *w, struct machine *m, bool power)
{
    uint64_t seed = test_random(&w->dice);
    world_links_of(w, m);
    if (power && sim_disk_unsynced(m->disk) > 0)
        world_count(w, SIM_COUNT_LOST_WRITES);
    if (power)
        sim_disk_power_cut(m->disk, &seed);
    else
        sim_disk_kill(m->disk);
    m->full = false;
    world_stop(w, m);
    if (!world_failed(w))
        world_start(w, m);
}

void world_excuse(struct world *w, struct machine *m, enum cp_err err, const char *doing)
{
    if (err == CP_OK || sim_disk_hit(m->disk) || sim_disk_crashed(m->disk))
        return;
    world_fail(w, "%s: %s fails without a reason: %s (%s)", m->name, doing, cp_err_word(err),
               m->store == NULL ? "" : cp_store_trouble(m->store));
}

void world_settle(struct world *w, struct machine *m)
{
    bool hit = sim_disk_hit(m->disk), crashed = sim_disk_crashed(m->disk);
    if (!m->doomed) {
        if (m->full && hit)
            world_count(w, SIM_COUNT_FULL);
        return;
    }
    m->doomed = false;
    sim_disk_heal(m->disk);
    if (crashed) {
        world_say(w, "%s: %s in the middle of it", m->name, m->by_power ? "the power goes" : "the process is killed");
        world_count(w, m->by_power ? SIM_COUNT_POWER : SIM_COUNT_CRASH);
        world_end_process(w, m, m->by_power);
    } else if (hit) {
        world_count(w, SIM_COUNT_IO);
        world_say(w, "%s: the disk failed once", m->name);
        world_links_of(w, m);
        world_stop(w, m); /* as people do: start it again */
        world_start(w, m);
    }
}

/* ---- Own entries ---- */

enum cp_err world_sign(void *ctx, const uint8_t device[CP_KEY_LEN], const uint8_t plan[CP_ID_LEN],
                        struct cp_bytes header, uint8_t id[CP_ID_LEN], uint8_t sig[CP_SIG_LEN])
{
    struct signing *s = ctx;
    cp_buf_reset(&s->w->signed_header);
    cp_buf_put_bytes(&s->w->signed_header, header);
    return s->who->signer.sign(s->who, device, plan, header, id, sig);
}

enum cp_err world_begin(struct world *w, struct machine *m, struct writing *t)
{
    (void)w;
    t->count = 0;
    return cp_store_begin(m->store);
}

/* What was signed just now becomes known to the model, whether it is kept or not. */
static size_t learn_signed(struct world *w, struct cp_bytes frame, struct cp_bytes words)
{
    struct cp_entry e = {.header = cp_buf_bytes(&w->signed_header), .frame = frame, .words = words};
    return ref_learn(&w->log, &e, 0);
}

enum cp_err world_append(struct world *w, struct machine *m, size_t person, enum cp_class class, struct cp_bytes frame,
                         struct cp_bytes words, struct writing *t)
{
    uint8_t id[CP_ID_LEN];
    struct signing s = {w, &w->people[person].who};
    struct cp_signer signer = {world_sign, &s};
    enum cp_err err = cp_store_append(m->store, &signer, w->plan, w->people[person].who.device, class, frame, words,
                                      world_clock(w, m), id);
    if (err != CP_OK)
        return err;
    size_t at = learn_signed(w, frame, words);
    if (at == REF_NONE || memcmp(w->log.entries[at].id, id, CP_ID_LEN) != 0 || t->count == sizeof t->ids / sizeof *t->ids)
        world_fail(w, "%s wrote an entry whose id is not the hash of its header", m->name);
    else
        t->ids[t->count++] = at;
    return CP_OK;
}

enum cp_err world_append_draft(struct world *w, struct machine *m, size_t person, struct cp_draft *d,
                               struct writing *t)
{
    struct cp_buf frame, words;
    uint8_t salt[CP_SALT_LEN];
    world_random(w, salt, sizeof salt);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX);
    enum cp_err err = cp_draft_write(d, salt, &frame, &words);
    if (err == CP_OK)
        err = world_append(w, m, person, CP_CONTENT, cp_buf_bytes(&frame), cp_buf_bytes(&words), t);
    else
        world_fail(w, "a draft that cannot be written: %s", cp_err_word(err));
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    cp_draft_clear(d);
    return err;
}

enum cp_err world_end(struct world *w, struct machine *m, struct writing *t, enum cp_err err)
{
    if (err != CP_OK) {
        cp_store_rollback(m->store);
    } else {
        err = cp_store_commit(m->store);
        if (err == CP_OK)
            ref_set_clear(&m->now.maybe);
        for (size_t i = 0; i < t->count; i++)
            ref_set_add(err == CP_OK ? &m->now.held : &m->now.maybe, t->ids[i]);
    }
    world_excuse(w, m, err, "writing");
    if (err != CP_OK || world_failed(w))
        return err;
    w->result->counts[SIM_COUNT_ENTRIES] += t->count;
    for (size_t i = 0; i < t->count; i++)
        w->control_came = w->control_came || w->log.entries[t->ids[i]].class == CP_CONTROL;
    for (size_t i = 0; i < t->count; i++)
        world_check_entry(w, m, t->ids[i]);
    world_check_count(w, m);
    world_link_news(w, m);
    return CP_OK;
}

bool world_write(struct world *w, struct machine *m, size_t person, struct cp_draft *d)
{
    struct writing t;
    enum cp_err err = world_begin(w, m, &t);
    if (err != CP_OK) {
        cp_draft_clear(d);
        world_excuse(w, m, err, "beginning to write");
        return false;
    }
    return world_end(w, m, &t, world_append_draft(w, m, person, d, &t)) == CP_OK;
}

bool world_write_control(struct world *w, struct machine *m, size_t person, struct cp_bytes frame,
                         uint8_t id[CP_ID_LEN])
{
    struct writing t;
    enum cp_err err = world_begin(w, m, &t);
    if (err == CP_OK)
        err = world_end(w, m, &t, world_append(w, m, person, CP_CONTROL, frame, CP_BYTES(NULL, 0), &t));
    else
        world_excuse(w, m, err, "beginning to write");
    if (err == CP_OK && t.count == 1)
        memcpy(id, w->log.entries[t.ids[0]].id, CP_ID_LEN);
    return err == CP_OK && t.count == 1;
}

/* ---- Others' entries ---- */

/* Of a town only who holds what is kept; all is judged at the end. */
static void took_in_large(struct world *w, struct machine *m, const struct cp_chunk *chunk)
{
    for (size_t i = 0; i < chunk->count && !world_failed(w); i++) {
        size_t at = ref_find(&w->log, chunk->ids[i]);
        if (at == REF_NONE)
            world_fail(w, "%s took in an entry that nobody wrote", m->name);
        else
            ref_set_add(&m->now.held, at);
    }
}

static void took_in(struct world *w, struct machine *m, const struct cp_chunk *chunk, enum cp_err err)
{
    size_t fresh[8], fresh_count = 0, withdraws[8], withdraws_count = 0;
    if (err == CP_OK)
        ref_set_clear(&m->now.maybe);
    for (size_t i = 0; i < chunk->count && !world_failed(w); i++) {
        size_t at = ref_learn(&w->log, &chunk->entries[i], chunk->depth);
        if (at == REF_NONE)
            continue;
        const struct ref_entry *e = &w->log.entries[at];
        if (err == CP_OK && !ref_set_has(&m->now.held, at) && fresh_count < sizeof fresh / sizeof *fresh)
            fresh[fresh_count++] = at;
        else if (err == CP_OK && !ref_set_has(&m->now.held, at) && world_chance(w, 200))
            fresh[world_roll(w, fresh_count)] = at;
        if (err == CP_OK && e->kind == CP_KIND_WITHDRAW && !ref_set_has(&m->now.held, at) &&
            withdraws_count < sizeof withdraws / sizeof *withdraws)
            withdraws[withdraws_count++] = at;
        if (err == CP_OK && chunk->headers[i].words_len != 0 && chunk->entries[i].words.ptr == NULL)
            world_count(w, SIM_COUNT_LEFT_OUT);
        if (err == CP_OK && e->unfit != NULL && !m->liar)
            world_fail(w, "%s took in what rule R1 forbids: %s", m->name, e->unfit);
        ref_set_add(err == CP_OK ? &m->now.held : &m->now.maybe, at);
        for (size_t p = 0; err == CP_OK && p < e->preds_count; p++)
            if (!ref_set_has(&m->now.held, e->preds[p]))
                world_fail(w, "%s took in an entry without its predecessor", m->name);
    }
    for (size_t i = 0; i < fresh_count && i < 3 && !world_failed(w); i++)
        world_check_entry(w, m, fresh[world_roll(w, fresh_count)]);
    for (size_t i = 0; i < withdraws_count && !world_failed(w); i++)
        world_check_withdrawn(w, m, withdraws[i]);
}

enum cp_err world_put(struct world *w, struct machine *m, const struct cp_chunk *chunk, bool control_only,
                      struct cp_put_result *result)
{
    if (world_planted == SIM_PLANT_WITHDRAWN)
        (void)sqlite3_exec(m->store->db, "DELETE FROM withdrawal", NULL, NULL, NULL);
    if (world_planted == SIM_PLANT_FORGIVING)
        (void)sqlite3_exec(m->store->db, "DELETE FROM void", NULL, NULL, NULL);
    if (world_planted == SIM_PLANT_DANGLING)
        (void)sqlite3_exec(m->store->db, "DELETE FROM dangling", NULL, NULL, NULL);
    enum cp_err err = cp_store_put(m->store, w->plan, chunk, control_only, result);
    if (err == CP_OK && w->large)
        took_in_large(w, m, chunk);
    else if (err == CP_OK || sim_disk_hit(m->disk) || sim_disk_crashed(m->disk))
        took_in(w, m, chunk, err);
    if (result->own_unknown)
        world_count(w, SIM_COUNT_SELF_FORKS);
    w->control_came = w->control_came || result->control;
    if (err == CP_OK && !world_failed(w)) {
        world_damage_look(w, m);
        world_check_count(w, m);
        if (result->fresh > 0)
            world_link_news(w, m);
    }
    return err;
}

enum cp_err world_take(struct world *w, struct machine *m, struct cp_bytes payload, unsigned depth, bool control_only,
                       size_t *fresh)
{
    struct cp_chunk chunk;
    struct cp_put_result result = {0};
    if (fresh != NULL)
        *fresh = 0;
    enum cp_err err = depth >= w->log.line_count ? CP_ERR_WRONG_PLAN
                                                 : cp_chunk_read(&chunk, test_mem(), payload, w->log.line[depth]);
    if (err != CP_OK)
        return err;
    chunk.depth = depth;
    err = world_put(w, m, &chunk, control_only, &result);
    cp_chunk_clear(&chunk);
    if (fresh != NULL)
        *fresh = result.fresh;
    return err;
}
