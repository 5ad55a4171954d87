/*
 * Devices and keys of people: further ones, lost and stolen ones, REVOKE, KEY, LEAVE, coming back with the sheet.
 * Owns: what honest people do about their devices, as daemon/serve_revoke.c, serve_recover.c and serve_leave.c do it.
 * Must not: say who stands (reference_standing.c), or do what a thief does (world_thief.c).
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"
#include "tests/support/heap.h"

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, CP_ID_LEN);
}

bool world_honest(const struct person *p)
{
    return !p->stolen && !p->made_up && !p->retired;
}

static bool same_person(const struct person *a, const struct person *b)
{
    return a->of == b->of;
}

/* ---- Statements ---- */

void world_statement(struct world *w, enum cp_statement_kind kind, const struct person *who,
                     enum cp_statement_by by, struct cp_bytes fields, bool spoil, struct cp_buf *text,
                     uint8_t sig[CP_SIG_LEN])
{
    struct cp_statement st = {.kind = kind, .by = by, .fields = fields};
    const uint8_t seed[32] = {(uint8_t)who->number, (uint8_t)(who->number >> 8), 3,
                              0x5a}; /* as someone_make has it */
    uint8_t key[CP_KEY_LEN], sheet[64];
    struct cp_buf input;
    cp_buf_init(&input, test_mem(), CP_STATEMENT_MAX + 64);
    memcpy(st.plan, w->plan, CP_ID_LEN);
    memcpy(st.person, who->who.person, CP_ID_LEN);
    memcpy(st.key, by == CP_BY_RECOVERY ? who->who.recovery : who->who.identity, CP_KEY_LEN);
    (void)crypto_sign_seed_keypair(key, sheet, seed);
    cp_statement_text(&st, text);
    cp_sign_input(cp_statement_tag(by), cp_buf_bytes(text), &input);
    const uint8_t *secret = spoil                  ? who->who.device_secret
                            : by == CP_BY_RECOVERY ? sheet
                                                   : who->who.identity_secret;
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, secret);
    cp_buf_clear(&input);
}

/* ---- Joining with a further device ---- */

void world_join_write(struct world *w, size_t person, enum cp_join_how how, const uint8_t *invite,
                      unsigned token, struct cp_buf *join)
{
    const struct person *p = &w->people[person];
    struct cp_join j = {.how = how, .device_name = cp_bytes_str("another"), .name = cp_bytes_str("Somebody")};
    uint8_t key[CP_KEY_LEN], secret[64], sheet[64], sigs[3][CP_SIG_LEN];
    struct cp_buf text, input;
    if (how == CP_JOIN_NEW) {
        group_join(&p->who, w->plan, invite, token, join);
        return;
    }
    memcpy(j.plan, w->plan, CP_ID_LEN);
    memcpy(j.invite, invite, CP_ID_LEN);
    memcpy(j.person, p->who.person, CP_ID_LEN);
    memcpy(j.identity_key, p->who.identity, CP_KEY_LEN);
    memcpy(j.recovery_key, p->who.recovery, CP_KEY_LEN);
    memcpy(j.device_key, p->who.device, CP_KEY_LEN);
    memcpy(j.curve_key, p->who.curve, CP_KEY_LEN);
    memcpy(j.box_key, p->who.curve, CP_KEY_LEN);
    (void)crypto_sign_seed_keypair(key, secret,
                                   (uint8_t[32]){(uint8_t)token, (uint8_t)(token >> 8), 9, 0x5a});
    (void)crypto_sign_seed_keypair(key, sheet,
                                   (uint8_t[32]){(uint8_t)p->number, (uint8_t)(p->number >> 8), 3, 0x5a});
    cp_buf_init(&text, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&input, test_mem(), CP_JOIN_MAX + 64);
    cp_join_text(&j, &text);
    j.text = cp_buf_bytes(&text);
    const enum cp_tag tags[3] = {CP_TAG_STATEMENT_TOKEN, CP_TAG_STATEMENT_DEVICE,
                                 how == CP_JOIN_RECOVERY ? CP_TAG_STATEMENT_RECOVERY
                                                         : CP_TAG_STATEMENT_IDENTITY};
    const uint8_t *const secrets[3] = {secret, p->who.device_secret,
                                       how == CP_JOIN_RECOVERY ? sheet : p->who.identity_secret};
    for (int i = 0; i < 3; i++) {
        cp_buf_reset(&input);
        cp_sign_input(tags[i], j.text, &input);
        (void)crypto_sign_detached(sigs[i], NULL, input.ptr, input.len, secrets[i]);
    }
    j.token_sig = sigs[0];
    j.device_sig = sigs[1];
    if (how == CP_JOIN_RECOVERY)
        j.recovery_sig = sigs[2];
    else
        j.identity_sig = sigs[2];
    cp_join_write(&j, join);
    cp_buf_clear(&text);
    cp_buf_clear(&input);
}

/* A new machine for somebody: linked, or with the sheet and a key of its own. */
static void new_device(struct world *w, size_t person, bool with_sheet)
{
    const struct person *old = &w->people[person];
    size_t at = w->people_count;
    if (w->machines_count + 2 >= w->machines_cap || at >= w->people_cap)
        return;
    struct person *p = &w->people[w->people_count++];
    someone_make(&p->who, (unsigned)at + 1);
    p->of = old->of;
    p->number = old->number;
    memcpy(p->who.identity, old->who.identity, CP_KEY_LEN);
    memcpy(p->who.identity_secret, old->who.identity_secret, sizeof p->who.identity_secret);
    memcpy(p->who.recovery, old->who.recovery, CP_KEY_LEN);
    memcpy(p->who.person, old->who.person, CP_ID_LEN);
    memcpy(p->gone, old->gone, sizeof p->gone);
    (void)snprintf(p->name, sizeof p->name, "%.18s %zu", w->people[old->of].name, at);
    p->sheet = with_sheet;
    if (with_sheet) {
        uint8_t seed[32];
        world_random(w, seed, sizeof seed);
        (void)crypto_sign_seed_keypair(p->who.identity, p->who.identity_secret, seed);
    }
    struct machine *m = world_machine_add(w, at);
    m->side = world_chance(w, 500);
    world_start(w, m);
    world_count(w, with_sheet ? SIM_COUNT_RECOVERED : SIM_COUNT_DEVICES);
    world_say(w, "%s has a new device, %s%s", w->people[old->of].name, m->name,
              with_sheet ? ", and the sheet" : "");
    world_join(w, at);
}

/* ---- Stolen ---- */

static size_t last_of(const struct world *w, const struct machine *m, const struct person *p)
{
    size_t last = REF_NONE;
    for (size_t i = 0; i < w->log.count; i++)
        if (ref_set_has(&m->now.held, i) && memcmp(w->log.entries[i].device, p->who.device, CP_KEY_LEN) == 0)
            last = i;
    return last;
}

static void steal(struct world *w, struct machine *m)
{
    size_t before = w->at;
    if (m->liar || m->twin != WORLD_NOBODY || world_off(m) || world_index(w, m) == 0)
        return;
    m->liar = m->thief = true;
    for (size_t i = 0; i < WORLD_LINKS_MAX; i++)
        for (int k = 0; k < 2; k++)
            if (w->links[i].open && w->links[i].end[k].machine == world_index(w, m))
                w->links[i].dirty = true;
    for (size_t i = 0; i < m->people_count; i++) {
        struct person *p = &w->people[m->people[i]];
        p->stolen = true;
        p->key_stolen = world_chance(w, 500);
        world_count(w, SIM_COUNT_STOLEN);
        if (p->key_stolen)
            world_count(w, SIM_COUNT_STOLEN_KEYS);
        for (size_t k = 0; k < w->plans_count; k++) {
            (void)world_turn(w, k);
            size_t last = last_of(w, m, p);
            if (last != REF_NONE)
                memcpy(p->last[k], w->log.entries[last].id, CP_ID_LEN);
        }
        (void)world_turn(w, before);
    }
    world_say(w, "%s is stolen, unlocked", m->name);
}

/* ---- REVOKE ---- */

/* What is said of the device by the person's REVOKEs that are in force and that a new one may take the place of. */
static size_t earlier_of(const struct cp_members *m, const uint8_t *device, const uint8_t *person,
                         bool by_sheet, uint8_t ids[CP_EARLIER_MAX][CP_ID_LEN])
{
    size_t count = 0;
    for (size_t i = 0; i < m->cuts_count && count < CP_EARLIER_MAX; i++)
        if (memcmp(m->cuts[i].device, device, CP_KEY_LEN) == 0 &&
            memcmp(m->cuts[i].person, person, CP_ID_LEN) == 0 && (by_sheet || !m->cuts[i].by_recovery))
            memcpy(ids[count++], m->cuts[i].statement, CP_ID_LEN);
    if (count > 1)
        qsort(ids, count, CP_ID_LEN, by_id);
    return count;
}

/* All that is held of the device, up to what was still its person's, up to any entry of it, or nothing. */
static bool draw_cut(struct world *w, struct machine *m, const struct person *lost, struct cp_buf *cut)
{
    uint64_t how = world_roll(w, 10);
    size_t after = ref_find(&w->log, lost->last[w->at]);
    if (how == 0)
        return cp_cut_write(NULL, 0, cut) == CP_OK;
    if (how < 3)
        after = last_of(w, m, lost);
    bool named = how < 8 && after != REF_NONE && ref_set_has(&m->now.held, after);
    enum cp_err err = cp_store_cut(m->store, w->plan, lost->who.device,
                                   named ? w->log.entries[after].id : NULL, cut, NULL, NULL);
    world_excuse(w, m, err, "making a cut");
    return err == CP_OK;
}

/* The person of `by` reports a device of theirs lost. */
static void revoke(struct world *w, struct machine *m, size_t by, const struct person *lost, bool again)
{
    struct cp_buf cut, fields, text, frame;
    const struct cp_members *members = NULL;
    uint8_t sig[CP_SIG_LEN], id[CP_ID_LEN], earlier[CP_EARLIER_MAX][CP_ID_LEN];
    const struct person *p = &w->people[by];
    bool sheet = world_chance(w, 150);
    enum cp_err err = cp_store_members(m->store, w->plan, &members);
    if (err != CP_OK) {
        world_excuse(w, m, err, "reading members");
        return;
    }
    const struct cp_member_key *key = cp_members_key(members, p->who.person, p->who.identity);
    sheet = sheet || key == NULL || !key->in_force;
    size_t count = earlier_of(members, lost->who.device, p->who.person, sheet, earlier);
    struct cp_buf *const bufs[] = {&cut, &fields, &text, &frame};
    for (size_t i = 0; i < 4; i++)
        cp_buf_init(bufs[i], test_mem(), CP_ENTRY_MAX);
    if (draw_cut(w, m, lost, &cut) && cp_revoke_fields(lost->who.device, (const uint8_t(*)[CP_ID_LEN])earlier,
                                                       count, cp_buf_bytes(&cut), &fields) == CP_OK) {
        world_statement(w, CP_STATEMENT_REVOKE, p, sheet ? CP_BY_RECOVERY : CP_BY_IDENTITY,
                        cp_buf_bytes(&fields), false, &text, sig);
        world_say(w, "%s reports %s lost%s%s", m->name, lost->name, again ? " again" : "",
                  sheet ? ", with the sheet" : "");
        if (cp_revoke_frame_write(cp_buf_bytes(&text), sig, &frame) != CP_OK)
            world_fail(w, "a REVOKE that cannot be written");
        else if (world_write_control(w, m, by, cp_buf_bytes(&frame), id)) {
            world_count(w, again ? SIM_COUNT_REVOKES_WIDER : SIM_COUNT_REVOKES);
            if (sheet)
                world_count(w, SIM_COUNT_REVOKES_SHEET);
            if (!world_off(m) && !world_failed(w))
                world_secret(w, m, by);
        }
    }
    for (size_t i = 0; i < 4; i++)
        cp_buf_clear(bufs[i]);
}

/* ---- KEY ---- */

/* Answers of this person that count until now: they stand. */
static size_t standing_answers(struct world *w, struct machine *m, const struct person *p,
                               uint8_t (*ids)[CP_ID_LEN])
{
    size_t count = 0;
    for (size_t i = 0; i < w->log.count && count < CP_KEY_STATEMENTS_MAX; i++) {
        const struct ref_entry *e = &w->log.entries[i];
        struct cp_value v[2];
        size_t values = 0;
        if (e->kind != CP_KIND_ANSWER || !e->readable || !ref_set_has(&m->now.held, i) ||
            memcmp(e->person, p->who.person, CP_ID_LEN) != 0 ||
            cp_words_values(e->words, v, 2, &values) != CP_OK || values != 2 || v[0].type != CP_VALUE_TEXT)
            continue;
        cp_statement_id(v[0].bytes, ids[count]);
        bool again = false;
        for (size_t k = 0; k < count; k++)
            again = again || memcmp(ids[k], ids[count], CP_ID_LEN) == 0;
        count += again ? 0 : 1;
    }
    if (count > 1)
        qsort(ids, count, CP_ID_LEN, by_id);
    return count;
}

static size_t standing_keys(const struct cp_members *m, const uint8_t *person,
                            uint8_t ids[CP_EARLIER_MAX][CP_ID_LEN])
{
    size_t count = 0;
    for (size_t i = 0; i < m->keys_count && count < CP_EARLIER_MAX; i++)
        if (memcmp(m->keys[i].person, person, CP_ID_LEN) == 0 && !m->keys[i].replaced &&
            memcmp(m->keys[i].named_by, cp_zero_id, CP_ID_LEN) != 0)
            memcpy(ids[count++], m->keys[i].named_by, CP_ID_LEN);
    if (count > 1)
        qsort(ids, count, CP_ID_LEN, by_id);
    return count;
}

/* Does the device stay? Those at work do, more often than not. */
static bool stays(struct world *w, const struct person *p, const uint8_t *device)
{
    for (size_t i = 0; i < w->people_count; i++)
        if (memcmp(w->people[i].who.device, device, CP_KEY_LEN) == 0)
            return &w->people[i] == p || (world_honest(&w->people[i]) && world_chance(w, 600));
    return false;
}

struct key_cuts {
    struct cp_device_cut list[CP_KEY_DEVICES_MAX];
    struct cp_buf bytes[CP_KEY_DEVICES_MAX];
    uint8_t devices[CP_KEY_DEVICES_MAX][CP_KEY_LEN], stay[CP_KEY_DEVICES_MAX][CP_KEY_LEN];
    size_t count, stay_count;
};

/* In the order of keys, as members are. */
static bool cut_the_others(struct world *w, struct machine *m, const struct cp_members *members,
                           size_t person, struct key_cuts *out)
{
    const struct person *p = &w->people[person];
    bool good = true;
    out->count = out->stay_count = 0;
    for (size_t i = 0; i < members->count && good; i++) {
        const struct cp_member_device *d = &members->devices[i];
        struct person *lost = NULL;
        if (memcmp(d->person, p->who.person, CP_ID_LEN) != 0)
            continue;
        if (stays(w, p, d->device_key) && out->stay_count < CP_KEY_DEVICES_MAX) {
            memcpy(out->stay[out->stay_count++], d->device_key, CP_KEY_LEN);
            continue;
        }
        for (size_t k = 0; k < w->people_count; k++)
            if (memcmp(w->people[k].who.device, d->device_key, CP_KEY_LEN) == 0)
                lost = &w->people[k];
        if (lost == NULL || out->count == CP_KEY_DEVICES_MAX)
            return false;
        lost->retired = true;
        struct cp_buf *cut = &out->bytes[out->count];
        cp_buf_init(cut, test_mem(), CP_STATEMENT_MAX);
        memcpy(out->devices[out->count], d->device_key, CP_KEY_LEN);
        good = draw_cut(w, m, lost, cut);
        out->list[out->count] = (struct cp_device_cut){out->devices[out->count], cp_buf_bytes(cut)};
        out->count++;
    }
    return good;
}

void world_key(struct world *w, struct machine *m, size_t person)
{
    static uint8_t stand[CP_KEY_STATEMENTS_MAX + 1][CP_ID_LEN];
    static struct key_cuts cuts;
    uint8_t earlier[CP_EARLIER_MAX][CP_ID_LEN], sig[CP_SIG_LEN], id[CP_ID_LEN];
    const struct cp_members *members = NULL;
    const struct person *p = &w->people[person];
    struct cp_buf fields, text, frame;
    enum cp_err err = cp_store_members(m->store, w->plan, &members);
    if (err != CP_OK) {
        world_excuse(w, m, err, "reading members");
        return;
    }
    cp_buf_init(&fields, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&text, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    struct cp_key_lists lists = {.earlier = (const uint8_t(*)[CP_ID_LEN])earlier,
                                 .earlier_count = standing_keys(members, p->who.person, earlier),
                                 .stay = (const uint8_t(*)[CP_KEY_LEN])cuts.stay,
                                 .cuts = cuts.list,
                                 .stand = (const uint8_t(*)[CP_ID_LEN])stand,
                                 .stand_count = standing_answers(w, m, p, stand)};
    bool good = cut_the_others(w, m, members, person, &cuts);
    lists.cuts_count = cuts.count;
    lists.stay_count = cuts.stay_count;
    if (good && cp_key_fields(p->who.identity, &lists, &fields) == CP_OK) {
        world_statement(w, CP_STATEMENT_KEY, p, CP_BY_RECOVERY, cp_buf_bytes(&fields), false, &text, sig);
        world_say(w, "%s says with the sheet that %s has a new key; %zu devices are cut", m->name, p->name,
                  cuts.count);
        if (cp_key_frame_write(cp_buf_bytes(&text), sig, &frame) == CP_OK &&
            world_write_control(w, m, person, cp_buf_bytes(&frame), id)) {
            world_count(w, SIM_COUNT_KEYS);
            if (!world_off(m) && !world_failed(w))
                world_secret(w, m, person);
        }
    }
    for (size_t i = 0; i < cuts.count; i++)
        cp_buf_clear(&cuts.bytes[i]);
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
}

bool world_key_due(struct world *w, size_t person)
{
    const struct person *p = &w->people[person];
    struct machine *m = &w->machines[p->machine];
    const struct cp_members *members = NULL;
    if (!p->sheet || !world_honest(p) || world_off(m) || !world_holds_plan(w, m) ||
        !world_is_in(w, m, person) || cp_store_members(m->store, w->plan, &members) != CP_OK)
        return false;
    return cp_members_key(members, p->who.person, p->who.identity) == NULL;
}

/* ---- LEAVE ---- */

static size_t honest_in(const struct world *w)
{
    size_t count = 0;
    for (size_t i = 0; i < w->people_count; i++)
        count +=
            w->people[i].in && world_honest(&w->people[i]) && !w->machines[w->people[i].machine].liar ? 1 : 0;
    return count;
}

static void leave(struct world *w, struct machine *m, size_t person)
{
    uint8_t joins[CP_LEAVE_JOINS_MAX][CP_ID_LEN], sig[CP_SIG_LEN], id[CP_ID_LEN];
    const struct cp_members *members = NULL;
    struct person *p = &w->people[person];
    struct cp_buf fields, text, frame;
    size_t count = 0;
    enum cp_err err = cp_store_members(m->store, w->plan, &members);
    for (size_t i = 0; err == CP_OK && i < members->joins_count && count < CP_LEAVE_JOINS_MAX; i++)
        if (memcmp(members->joins[i].person, p->who.person, CP_ID_LEN) == 0 && !members->joins[i].ended)
            memcpy(joins[count++], members->joins[i].join, CP_ID_LEN);
    const struct cp_member_key *key =
        err == CP_OK ? cp_members_key(members, p->who.person, p->who.identity) : NULL;
    world_excuse(w, m, err, "reading members");
    if (err != CP_OK || count == 0 || key == NULL || !key->in_force)
        return; /* by another key the daemon lets nobody leave: it would count as soon as a KEY names that one */
    cp_buf_init(&fields, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&text, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    const uint8_t(*named)[CP_ID_LEN] = (const uint8_t(*)[CP_ID_LEN])joins;
    if (cp_leave_fields(named, count, &fields) == CP_OK) {
        world_statement(w, CP_STATEMENT_LEAVE, p, CP_BY_IDENTITY, cp_buf_bytes(&fields), false, &text, sig);
        cp_statement_frame_write(CP_KIND_LEAVE, named, count, cp_buf_bytes(&text), sig, &frame);
        world_say(w, "%s leaves on %s", p->name, m->name);
        if (world_write_control(w, m, person, cp_buf_bytes(&frame), id)) {
            world_count(w, SIM_COUNT_LEAVES);
            for (size_t i = 0; i < w->people_count; i++)
                if (same_person(&w->people[i], p))
                    w->people[i].gone[w->at] = true;
            p->in = false;
        }
    }
    cp_buf_clear(&fields);
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
}

/* ---- What is drawn ---- */

/* A device of the same person that is at work, and in; WORLD_NOBODY. */
static size_t other_device(struct world *w, const struct person *p, bool in)
{
    for (size_t i = 0; i < w->people_count; i++) {
        const struct person *o = &w->people[i];
        if (o != p && same_person(o, p) && world_honest(o) && (!in || o->in) &&
            !world_off(&w->machines[o->machine]))
            return i;
    }
    return WORLD_NOBODY;
}

/* Somebody whose device was stolen says so, or gets a device to say it with; once more now and then. */
static bool report(struct world *w)
{
    size_t start = world_roll(w, w->people_count);
    for (size_t i = 0; i < w->people_count; i++)
        if (world_key_due(w, i)) {
            world_key(w, &w->machines[w->people[i].machine], i);
            return true;
        }
    for (size_t i = 0; i < w->people_count; i++) {
        struct person *lost = &w->people[(start + i) % w->people_count];
        if (!lost->stolen || w->people[lost->of].liar)
            continue;
        size_t by = other_device(w, lost, true);
        const struct cp_members *members = NULL;
        if (by == WORLD_NOBODY) {
            if (other_device(w, lost, false) == WORLD_NOBODY)
                new_device(w, lost->of, true);
            return true;
        }
        struct machine *m = &w->machines[w->people[by].machine];
        if (!world_holds_plan(w, m) || cp_store_members(m->store, w->plan, &members) != CP_OK)
            continue;
        const struct cp_member_device *d = cp_members_find(members, lost->who.device);
        if (d == NULL || !world_is_in(w, m, by) || (d->revoked && !world_chance(w, 150)))
            continue;
        revoke(w, m, by, lost, d->revoked);
        return true;
    }
    return false;
}

static size_t stolen(const struct world *w)
{
    size_t count = 0;
    for (size_t i = 0; i < w->machines_count; i++)
        count += w->machines[i].thief ? 1 : 0;
    return count;
}

void world_devices_step(struct world *w)
{
    size_t at = world_roll(w, w->people_count);
    struct person *p = &w->people[at];
    struct machine *m = &w->machines[p->machine];
    uint64_t what = world_roll(w, 10);
    if (what < 4) {
        (void)report(w);
        return;
    }
    if (world_off(m) || m->liar || !world_honest(p) || !world_is_in(w, m, at))
        return;
    if (what < 6) {
        if (stolen(w) < w->weather.thieves && honest_in(w) > 3)
            steal(w, m);
    } else if (what < 8) {
        if (other_device(w, p, false) == WORLD_NOBODY)
            new_device(w, at, false);
    } else if (what < 9 && honest_in(w) > 4) {
        leave(w, m, at);
    }
}

bool world_in_by(struct world *w, const struct machine *m, const struct ref_set *held)
{
    for (size_t i = 0; i < w->people_count; i++) {
        if (memcmp(w->people[i].who.curve, m->curve, CP_KEY_LEN) != 0)
            continue;
        struct ref_device d = ref_device(&w->log, held, w->people[i].who.device);
        if (ref_is_in(&d))
            return true;
    }
    return false;
}
