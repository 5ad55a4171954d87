/*
 * Whoever has somebody's unlocked device, and whoever makes people up: what they write, whom they let in, and what they say in
 * somebody's name. Owns: what a thief can do with the keys that the device holds. Must not: use a key that was not stolen.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"
#include "tests/support/heap.h"

static const struct cp_bytes none = {NULL, 0};

/* May the store of this home write for the device? Nobody's who left. */
static bool may_write(struct world *w, struct machine *m, const struct person *p)
{
    if (!world_holds_plan(w, m) || !ref_admitted(&w->log, &m->now.held, p->who.device))
        return false;
    const struct ref_device d = ref_device(&w->log, &m->now.held, p->who.device);
    return !d.left;
}

static size_t pick_held(struct world *w, const struct machine *m, uint64_t kind, uint64_t kind2)
{
    size_t start = world_roll(w, w->log.count);
    for (size_t i = 0; i < w->log.count; i++) {
        size_t at = (start + i) % w->log.count;
        const struct ref_entry *e = &w->log.entries[at];
        if (ref_set_has(&m->now.held, at) && (e->kind == kind || e->kind == kind2))
            return at;
    }
    return REF_NONE;
}

/* Edits what is there, sets it aside, or rates it as the owner. */
static void write_something(struct world *w, struct machine *m, size_t person)
{
    static struct cp_draft d;
    size_t at = pick_held(w, m, CP_KIND_ITEM, CP_KIND_SET);
    const struct ref_entry *e = at == REF_NONE ? NULL : &w->log.entries[at];
    uint64_t how = e == NULL || e->target == NULL ? 0 : world_roll(w, 4);
    if (how == 0) {
        cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    } else if (how == 3) {
        cp_draft_init(&d, test_mem(), CP_KIND_VIEW, 1, e->target);
        for (size_t i = 0; i < w->log.count && d.replaced < 8; i++)
            if (w->log.entries[i].kind == CP_KIND_VIEW && ref_set_has(&m->now.held, i) &&
                w->log.entries[i].target != NULL &&
                memcmp(w->log.entries[i].target, e->target, CP_ID_LEN) == 0)
                cp_draft_replace(&d, w->log.entries[i].id);
    } else {
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, e->target);
        cp_draft_replace(&d, e->id);
    }
    if (how == 2)
        cp_draft_text(&d, CP_FIELD_STATE, none, cp_bytes_str("set aside"));
    else if (how == 3)
        cp_draft_text(&d, CP_FIELD_VALUE, none, cp_bytes_str("0"));
    else
        cp_draft_text(&d, CP_FIELD_TEXT, none,
                      cp_bytes_str(world_chance(w, 500) ? "all is mine" : "nothing is left"));
    if (world_write(w, m, person, &d)) {
        world_count(w, SIM_COUNT_THIEF_WRITES);
        world_say(w, "a thief writes with %s", m->name);
    }
}

/* Every other puppet says that it is on somebody else's machine, which nobody can check, with a box of its maker's. */
static bool moves_out(struct world *w, const struct machine *m, struct person *p, size_t at)
{
    const struct machine *other = &w->machines[at % w->machines_count];
    if (at % 2 == 0 || other->liar || memcmp(other->curve, m->curve, CP_KEY_LEN) == 0)
        return false;
    memcpy(p->who.curve, other->curve, CP_KEY_LEN);
    memcpy(p->who.box, m->curve, CP_KEY_LEN);
    world_say(w, "%s says that it is on %s", p->name, other->name);
    return true;
}

/* Somebody who is not there, with keys and a token that are in order, on the machine of whoever makes them up. */
static void make_up(struct world *w, struct machine *m, size_t by, enum sim_count what)
{
    size_t at = w->people_count;
    unsigned token = ++w->tokens;
    uint8_t key[CP_KEY_LEN], secret[64], invite[CP_ID_LEN], id[CP_ID_LEN];
    struct cp_buf frame, join;
    if (at >= w->people_cap || m->people_count == WORLD_PEOPLE_MAX)
        return;
    struct person *p = &w->people[w->people_count++];
    someone_make(&p->who, (unsigned)at + 1);
    p->of = at;
    p->number = (unsigned)at + 1;
    p->machine = world_index(w, m);
    p->made_up = p->liar = true;
    (void)snprintf(p->name, sizeof p->name, "nobody %zu", at);
    memcpy(p->who.curve, m->curve, CP_KEY_LEN);
    bool elsewhere = what == SIM_COUNT_PUPPETS && moves_out(w, m, p, at);
    m->people[m->people_count++] = at;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    (void)crypto_sign_seed_keypair(key, secret,
                                   (uint8_t[32]){(uint8_t)token, (uint8_t)(token >> 8), 9, 0x5a});
    cp_invite_write(key, key, NULL, &frame);
    if (world_write_control(w, m, by, cp_buf_bytes(&frame), invite)) {
        group_join(&p->who, w->plan, invite, token, &join);
        cp_buf_reset(&frame);
        cp_admit_write(invite, cp_buf_bytes(&join), &frame);
        if (!world_off(m) && world_write_control(w, m, by, cp_buf_bytes(&frame), id)) {
            world_count(w, what);
            if (elsewhere)
                world_count(w, SIM_COUNT_PUPPETS_ELSEWHERE);
            world_say(w, "%s lets in %s", w->people[by].name, p->name);
        }
    }
    cp_buf_clear(&frame);
    cp_buf_clear(&join);
}

/* ---- In the owner's name ---- */

/* A device of the same person, whichever. */
static const struct person *another(struct world *w, const struct person *p)
{
    size_t start = world_roll(w, w->people_count);
    for (size_t i = 0; i < w->people_count; i++) {
        const struct person *o = &w->people[(start + i) % w->people_count];
        if (o != p && o->of == p->of)
            return o;
    }
    return p;
}

static bool fields_of(struct world *w, struct machine *m, const struct person *p, enum cp_statement_kind kind,
                      struct cp_buf *fields, uint8_t refs[CP_LEAVE_JOINS_MAX][CP_ID_LEN], size_t *count)
{
    const struct cp_members *members = NULL;
    struct cp_buf cut;
    *count = 0;
    if (kind == CP_STATEMENT_FOLLOW) {
        size_t other = world_roll(w, w->plans_count);
        memcpy(refs[(*count)++], w->plan, CP_ID_LEN);
        cp_follow_fields(w->log.line_count > 1 ? w->log.line[1]
                         : other == w->at      ? w->plan
                                               : w->plans[other].plan,
                         fields);
        return true;
    }
    if (kind == CP_STATEMENT_WITHDRAW) {
        for (size_t i = 0, start = world_roll(w, w->log.count); i < w->log.count && *count == 0; i++) {
            size_t at = (start + i) % w->log.count;
            if (ref_set_has(&m->now.held, at) && w->log.entries[at].words.len > 0 &&
                memcmp(w->log.entries[at].person, p->who.person, CP_ID_LEN) == 0)
                memcpy(refs[(*count)++], w->log.entries[at].id, CP_ID_LEN);
        }
        return *count > 0 && cp_withdraw_fields((const uint8_t(*)[CP_ID_LEN])refs, *count, fields) == CP_OK;
    }
    if (cp_store_members(m->store, w->plan, &members) != CP_OK)
        return false;
    if (kind == CP_STATEMENT_LEAVE) {
        for (size_t i = 0; i < members->joins_count && *count < CP_LEAVE_JOINS_MAX; i++)
            if (memcmp(members->joins[i].person, p->who.person, CP_ID_LEN) == 0)
                memcpy(refs[(*count)++], members->joins[i].join, CP_ID_LEN);
        return *count > 0 && cp_leave_fields((const uint8_t(*)[CP_ID_LEN])refs, *count, fields) == CP_OK;
    }
    cp_buf_init(&cut, test_mem(), CP_ENTRY_MAX);
    bool good = cp_cut_write(NULL, 0, &cut) == CP_OK &&
                cp_revoke_fields(another(w, p)->who.device, NULL, 0, cp_buf_bytes(&cut), fields) == CP_OK;
    cp_buf_clear(&cut);
    return good;
}

static void claim(struct world *w, struct machine *m, size_t person)
{
    static const enum cp_statement_kind kinds[] = {CP_STATEMENT_REVOKE, CP_STATEMENT_LEAVE,
                                                   CP_STATEMENT_WITHDRAW, CP_STATEMENT_FOLLOW};
    uint8_t refs[CP_LEAVE_JOINS_MAX][CP_ID_LEN], sig[CP_SIG_LEN], id[CP_ID_LEN];
    const struct person *p = &w->people[person];
    enum cp_statement_kind kind =
        p->key_stolen && world_chance(w, 300) ? CP_STATEMENT_LEAVE : kinds[world_roll(w, 4)];
    struct cp_buf fields, text, frame;
    size_t count = 0;
    cp_buf_init(&fields, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&text, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    if (fields_of(w, m, p, kind, &fields, refs, &count)) {
        static const uint64_t entry_kinds[] = {[CP_STATEMENT_LEAVE] = CP_KIND_LEAVE,
                                               [CP_STATEMENT_WITHDRAW] = CP_KIND_WITHDRAW,
                                               [CP_STATEMENT_FOLLOW] = CP_KIND_FOLLOW};
        world_statement(w, kind, p, CP_BY_IDENTITY, cp_buf_bytes(&fields), !p->key_stolen, &text, sig);
        bool good = true;
        if (kind == CP_STATEMENT_REVOKE)
            good = cp_revoke_frame_write(cp_buf_bytes(&text), sig, &frame) == CP_OK;
        else
            cp_statement_frame_write(entry_kinds[kind], (const uint8_t(*)[CP_ID_LEN])refs, count,
                                     cp_buf_bytes(&text), sig, &frame);
        if (good && cp_buf_err(&frame) == CP_OK &&
            world_write_control(w, m, person, cp_buf_bytes(&frame), id)) {
            world_count(w, p->key_stolen ? SIM_COUNT_THIEF_SAYS : SIM_COUNT_THIEF_CLAIMS);
            world_say(w, "a thief says something (%d) in the name of %s%s", (int)kind, p->name,
                      p->key_stolen ? ", with the key" : "");
            if (kind == CP_STATEMENT_WITHDRAW)
                world_check_withdrawn(w, m, ref_find(&w->log, id));
        }
    }
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
}

void world_thief_step(struct world *w, struct machine *m)
{
    size_t person = m->people[world_roll(w, m->people_count)];
    struct person *p = &w->people[person];
    if (!may_write(w, m, p))
        return;
    const struct ref_device d = ref_device(&w->log, &m->now.held, p->who.device);
    if (w->log.line_count > 1 && world_chance(w, 400)) {
        world_stray(w, m, p);
        return;
    }
    if (p->key_stolen && !p->made_up && world_chance(w, 300)) {
        claim(w, m, person);
        return;
    }
    switch (d.waits ? 3 : world_roll(w, 8)) {
    case 0:
        world_fork(w, m, p);
        break;
    case 1:
        world_backdate(w, m, p);
        world_count(w, SIM_COUNT_THIEF_PAST);
        break;
    case 2:
        if (world_chance(w, 400))
            make_up(w, m, person, SIM_COUNT_THIEF_GUESTS);
        break;
    case 3:
    case 4:
        if (!p->made_up)
            claim(w, m, person);
        break;
    default:
        write_something(w, m, person);
    }
}

void world_puppet(struct world *w, struct machine *m, size_t person)
{
    size_t made = 0;
    for (size_t i = 0; i < m->people_count; i++)
        made += w->people[m->people[i]].made_up ? 1 : 0;
    if (made < w->weather.puppets)
        make_up(w, m, person, SIM_COUNT_PUPPETS);
}
