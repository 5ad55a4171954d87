/*
 * Members who lie, with their own real keys: forks, entries that hide what their author knew, frames that overreach,
 * and messages that say what is not so. Owns: how a lie is made. Must not: forge what nobody could forge.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

static const struct cp_bytes none = {NULL, 0};

/* ---- An entry with a header of one's own ---- */

struct lie {
    struct cp_header h;
    struct cp_buf frame, words;
};

static void lie_init(struct lie *l, const struct person *p, enum cp_class class)
{
    memset(&l->h, 0, sizeof l->h);
    l->h.rules = CP_RULES_VERSION;
    l->h.class = class;
    l->h.seq = 1;
    l->h.time_ms = 1;
    memcpy(l->h.device, p->who.device, CP_KEY_LEN);
    cp_buf_init(&l->frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&l->words, test_mem(), CP_ENTRY_MAX);
}

static void lie_clear(struct lie *l)
{
    cp_buf_clear(&l->frame);
    cp_buf_clear(&l->words);
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, CP_ID_LEN);
}

/* A new wording of something, that says it replaces what `replaces` names (REF_NONE: a new item). */
static void lie_words(struct world *w, struct lie *l, size_t replaces)
{
    static struct cp_draft d;
    uint8_t salt[CP_SALT_LEN];
    const struct ref_entry *e = replaces == REF_NONE ? NULL : &w->log.entries[replaces];
    char text[40];
    world_random(w, salt, sizeof salt);
    (void)snprintf(text, sizeof text, "never mind %u", (unsigned)world_roll(w, 1000));
    if (e != NULL && e->target != NULL && (e->kind == CP_KIND_ITEM || e->kind == CP_KIND_SET)) {
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, e->target);
        cp_draft_replace(&d, e->id);
    } else {
        cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    }
    cp_draft_text(&d, CP_FIELD_TEXT, none, cp_bytes_str(text));
    if (cp_draft_write(&d, salt, &l->frame, &l->words) != CP_OK)
        abort();
    cp_draft_clear(&d);
}

/* Signs and packs: a chunk of this one entry. plan: whose id is in the hash. */
static void lie_pack(struct lie *l, const struct someone *signer, const uint8_t *plan, bool spoil_sig,
                     struct cp_buf *payload)
{
    struct cp_buf header, input;
    uint8_t id[CP_ID_LEN], sig[CP_SIG_LEN];
    cp_buf_init(&header, test_mem(), CP_HEADER_MAX);
    cp_buf_init(&input, test_mem(), 256);
    l->h.frame_len = (uint32_t)l->frame.len;
    l->h.words_len = (uint32_t)l->words.len;
    cp_body_hash(cp_buf_bytes(&l->frame), cp_buf_bytes(&l->words), l->h.body_hash);
    if (l->h.parents_count > 1)
        qsort(l->h.parents, l->h.parents_count, CP_ID_LEN, by_id);
    cp_header_encode(&l->h, &header);
    cp_entry_id(plan, cp_buf_bytes(&header), id);
    cp_sign_input(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), &input);
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, signer->device_secret);
    sig[3] ^= spoil_sig ? 1U : 0U;
    cp_put_array(payload, 4);
    cp_put_bin(payload, cp_buf_bytes(&header));
    cp_put_bin(payload, cp_buf_bytes(&l->frame));
    cp_put_bin(payload, cp_buf_bytes(&l->words));
    cp_put_bin(payload, CP_BYTES(sig, sizeof sig));
    cp_buf_clear(&header);
    cp_buf_clear(&input);
}

/* ---- Looking for material ---- */

/* An entry that `by` holds and that fits; REF_NONE: none. */
typedef bool fits_fn(const struct ref_entry *e, const void *ctx);
static size_t pick_entry(struct world *w, const struct machine *by, fits_fn *fits, const void *ctx)
{
    size_t start = world_roll(w, w->log.count);
    for (size_t i = 0; i < w->log.count; i++) {
        size_t at = (start + i) % w->log.count;
        if (ref_set_has(&by->now.held, at) && fits(&w->log.entries[at], ctx))
            return at;
    }
    return REF_NONE;
}

static bool is_own_content(const struct ref_entry *e, const void *ctx)
{
    const struct person *p = ctx;
    return e->class == CP_CONTENT && e->depth == 0 && e->preds_count < CP_PARENTS_MAX && memcmp(e->device, p->who.device, CP_KEY_LEN) == 0;
}

static bool is_wording(const struct ref_entry *e, const void *ctx)
{
    (void)ctx;
    return e->readable && (e->kind == CP_KIND_ITEM || e->kind == CP_KIND_SET);
}

static bool admits(const struct ref_entry *e, const void *ctx)
{
    const struct person *p = ctx;
    struct cp_control c;
    if (e->kind != CP_KIND_ADMIT || e->depth > 0)
        return false;
    cp_control_read(e->frame, &c);
    return c.known && memcmp(c.join.device_key, p->who.device, CP_KEY_LEN) == 0;
}

static void cite(struct lie *l, const struct world *w, size_t at)
{
    const struct ref_entry *e = &w->log.entries[at];
    memcpy(l->h.parents[l->h.parents_count++], e->id, CP_ID_LEN);
    l->h.lamport = e->lamport > l->h.lamport ? e->lamport : l->h.lamport;
}

struct gap {
    const struct ref_log *log;
    const struct machine *victim;
};

/* ---- Lies that rule R1 lets in ---- */

static void tell_self(struct world *w, struct machine *m, struct lie *l, const struct person *p, enum sim_count what,
                      const char *words)
{
    struct cp_buf payload;
    cp_buf_init(&payload, test_mem(), 2 * CP_ENTRY_MAX);
    l->h.lamport++;
    lie_pack(l, &p->who, w->plan, false, &payload);
    enum cp_err err = world_take(w, m, cp_buf_bytes(&payload), 0, false, NULL);
    world_excuse(w, m, err, "a lie that keeps the rules");
    if (err == CP_OK) {
        world_count(w, what);
        world_say(w, "%s on %s %s", p->name, m->name, words);
    }
    cp_buf_clear(&payload);
}

/* A second entry at a place of the own chain. */
void world_fork(struct world *w, struct machine *m, const struct person *p)
{
    struct lie l;
    size_t at = pick_entry(w, m, is_own_content, p);
    if (at == REF_NONE)
        return;
    const struct ref_entry *e = &w->log.entries[at];
    lie_init(&l, p, CP_CONTENT);
    memcpy(l.h.incarnation, e->incarnation, CP_INCARNATION_LEN);
    l.h.seq = e->seq;
    for (size_t i = 0; i < e->preds_count; i++) {
        if (i == 0 && e->seq > 1) {
            memcpy(l.h.prev, w->log.entries[e->preds[0]].id, CP_ID_LEN);
            l.h.lamport = w->log.entries[e->preds[0]].lamport;
        } else {
            cite(&l, w, e->preds[i]);
        }
    }
    lie_words(w, &l, pick_entry(w, m, is_wording, NULL));
    tell_self(w, m, &l, p, SIM_COUNT_LIE_FORK, "writes a second entry at one place");
    lie_clear(&l);
}

static bool is_news(const struct ref_entry *e, const void *ctx)
{
    const struct gap *g = ctx;
    return is_wording(e, NULL) && !ref_set_has(&g->victim->now.held, (size_t)(e - g->log->entries));
}

/* A new chain that cites nothing but the own admission, and replaces what it says it never saw; handed to somebody who
 * has not seen that either, so that the replacement comes before what it replaces. */
void world_backdate(struct world *w, struct machine *m, const struct person *p)
{
    struct machine *victim = &w->machines[world_roll(w, w->machines_count)];
    struct gap g = {&w->log, victim};
    struct lie l;
    size_t admission = pick_entry(w, m, admits, p), news = pick_entry(w, m, is_news, &g);
    bool hands = news != REF_NONE && admission != REF_NONE && !world_off(victim) && victim != m &&
                 ref_set_has(&victim->now.held, admission) && world_chance(w, 700);
    if (admission == REF_NONE)
        return;
    lie_init(&l, p, CP_CONTENT);
    world_random(w, l.h.incarnation, CP_INCARNATION_LEN);
    cite(&l, w, admission);
    lie_words(w, &l, hands ? news : pick_entry(w, m, is_wording, NULL));
    tell_self(w, m, &l, p, SIM_COUNT_LIE_BACKDATE, "writes as if long ago");
    if (hands && !world_failed(w)) {
        struct cp_buf payload;
        cp_buf_init(&payload, test_mem(), 2 * CP_ENTRY_MAX);
        lie_pack(&l, &p->who, w->plan, false, &payload);
        world_say(w, "%s hands it to %s alone", m->name, victim->name);
        world_excuse(w, victim, world_take(w, victim, cp_buf_bytes(&payload), 0, false, NULL), "taking in a lie");
        world_count(w, SIM_COUNT_LIE_EARLY);
        cp_buf_clear(&payload);
    }
    lie_clear(&l);
}

/* ---- Frames that overreach ---- */

static void names_somebody(struct world *w, struct cp_draft *d)
{
    cp_draft_init(d, test_mem(), CP_KIND_PERSON, 0, w->people[world_roll(w, w->people_count)].who.person);
    cp_draft_text(d, CP_FIELD_NAME, none, cp_bytes_str("somebody else"));
}

static void nonsense(struct world *w, struct machine *m, size_t person)
{
    static struct cp_draft d;
    uint8_t random[CP_ID_LEN];
    size_t at = pick_entry(w, m, is_wording, NULL);
    const struct ref_entry *e = at == REF_NONE ? NULL : &w->log.entries[at];
    world_random(w, random, sizeof random);
    switch (e == NULL ? 0 : world_roll(w, 9)) {
    case 0:
        names_somebody(w, &d);
        break;
    case 1: /* about something that is not there */
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, random);
        cp_draft_text(&d, CP_FIELD_TEXT, none, cp_bytes_str("about nothing"));
        break;
    case 2: /* a replacement that points to another record */
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, w->log.entries[pick_entry(w, m, is_wording, NULL)].target);
        cp_draft_replace(&d, e->id);
        cp_draft_text(&d, CP_FIELD_PLAIN, none, cp_bytes_str("another field"));
        break;
    case 3: /* a removal of what is no element */
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, e->target);
        cp_draft_remove(&d, 48, cp_draft_name(&d, e->id), (uint16_t)world_roll(w, 5));
        break;
    case 4: /* a word that the kind does not know, and a field that it does not have */
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, e->target);
        cp_draft_replace(&d, e->id);
        cp_draft_text(&d, CP_FIELD_STATE, none, cp_bytes_str("splendid"));
        cp_draft_text(&d, CP_FIELD_TITLE, none, cp_bytes_str("not a plan"));
        break;
    case 5: /* somebody else's view replaced */
        cp_draft_init(&d, test_mem(), CP_KIND_VIEW, 1, e->target);
        for (size_t i = 0; i < w->log.count && d.replaced < 8; i++)
            if (w->log.entries[i].kind == CP_KIND_VIEW && ref_set_has(&m->now.held, i))
                cp_draft_replace(&d, w->log.entries[i].id);
        cp_draft_text(&d, CP_FIELD_VALUE, none, cp_bytes_str("0"));
        break;
    case 6: /* one register twice in one entry */
        cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, e->target);
        cp_draft_text(&d, CP_FIELD_TEXT, none, cp_bytes_str("first"));
        cp_draft_text(&d, CP_FIELD_TEXT, none, cp_bytes_str("second"));
        cp_draft_text(&d, CP_FIELD_STATE, none, cp_bytes_str("set aside"));
        break;
    case 7: /* a page that nobody wrote, an answer that nobody signed */
        cp_draft_init(&d, test_mem(), world_chance(w, 500) ? CP_KIND_ANSWER : CP_KIND_RECEIPT, 0, random);
        if (d.kind == CP_KIND_ANSWER)
            cp_draft_value(&d, cp_bytes_str("coplan answer 1"), true);
        break;
    default: /* the plan's own fields by the id of an item's write */
        cp_draft_init(&d, test_mem(), CP_KIND_PLAN, 0, NULL);
        cp_draft_replace(&d, e->id);
        cp_draft_text(&d, CP_FIELD_TITLE, none, cp_bytes_str("our plan"));
        break;
    }
    if (world_write(w, m, person, &d)) {
        world_count(w, SIM_COUNT_LIE_NONSENSE);
        world_say(w, "%s on %s writes what overreaches", w->people[person].name, m->name);
    }
}

/* An ADMIT whose JOIN no token signed: kept, and admits nobody; what the stranger then writes is refused everywhere. */
static void admit_stranger(struct world *w, struct machine *m, size_t person)
{
    struct someone stranger;
    struct lie l;
    struct cp_buf join, frame, payload;
    uint8_t admit[CP_ID_LEN];
    size_t invite = world_roll(w, w->log.count);
    while (invite > 0 && (w->log.entries[invite].kind != CP_KIND_INVITE || !ref_set_has(&m->now.held, invite)))
        invite--;
    if (invite == 0)
        return;
    someone_make(&stranger, 60001);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&payload, test_mem(), 2 * CP_ENTRY_MAX);
    group_join(&stranger, w->plan, w->log.entries[invite].id, 65000, &join); /* a token of the liar's own making */
    cp_admit_write(w->log.entries[invite].id, cp_buf_bytes(&join), &frame);
    if (world_write_control(w, m, person, cp_buf_bytes(&frame), admit)) {
        struct person p = {.who = stranger};
        struct machine *victim = world_chance(w, 500) ? m : &w->machines[world_roll(w, w->machines_count)];
        lie_init(&l, &p, CP_CONTENT);
        cite(&l, w, ref_find(&w->log, admit));
        lie_words(w, &l, REF_NONE);
        l.h.lamport++;
        lie_pack(&l, &stranger, w->plan, false, &payload);
        world_say(w, "%s admits a stranger without a token", m->name);
        world_count(w, SIM_COUNT_LIE_ADMIT);
        if (!world_off(victim) && world_holds_plan(w, victim) &&
            world_take(w, victim, cp_buf_bytes(&payload), 0, false, NULL) == CP_OK)
            world_fail(w, "%s took in what a stranger wrote", victim->name);
        lie_clear(&l);
    }
    cp_buf_clear(&join);
    cp_buf_clear(&frame);
    cp_buf_clear(&payload);
}

/* Something written in a plan before, beyond what this one carries on, handed over as if it were part of it. */
void world_stray(struct world *w, struct machine *m, const struct person *p)
{
    struct machine *victim = world_chance(w, 500) ? m : &w->machines[world_roll(w, w->machines_count)];
    unsigned depth = 1 + (unsigned)world_roll(w, w->log.line_count - 1);
    size_t admission = REF_NONE;
    struct cp_buf payload;
    struct lie l;
    for (size_t i = 0; i < w->log.controls_count; i++) {
        const struct ref_control *r = &w->log.controls[i];
        const struct ref_entry *e = &w->log.entries[r->entry];
        if (r->admits && e->depth == depth && !r->c.continues && ref_set_has(&m->now.held, r->entry) &&
            ref_set_has(&victim->now.held, r->entry) &&
            memcmp(r->c.join.device_key, p->who.device, CP_KEY_LEN) == 0)
            admission = r->entry;
    }
    if (admission == REF_NONE || world_off(victim) || !world_holds_plan(w, victim))
        return;
    lie_init(&l, p, CP_CONTENT);
    world_random(w, l.h.incarnation, CP_INCARNATION_LEN);
    cite(&l, w, admission);
    lie_words(w, &l, pick_entry(w, victim, is_wording, NULL));
    l.h.lamport++;
    cp_buf_init(&payload, test_mem(), 2 * CP_ENTRY_MAX);
    lie_pack(&l, &p->who, w->log.line[depth], false, &payload);
    enum cp_err err = world_take(w, victim, cp_buf_bytes(&payload), depth, false, NULL);
    world_excuse(w, victim, err, "taking in a stray");
    if (err == CP_OK) {
        world_count(w, SIM_COUNT_LIE_STRAY);
        world_say(w, "%s hands %s something of plan %u before, beyond what is carried on", p->name, victim->name, depth);
    }
    cp_buf_clear(&payload);
    lie_clear(&l);
}

void world_liar_step(struct world *w, struct machine *m)
{
    size_t person = world_writer(w, m);
    if (person == WORLD_NOBODY || !world_holds_plan(w, m))
        return;
    if (w->log.line_count > 1 && world_chance(w, 600)) {
        world_stray(w, m, &w->people[person]);
        return;
    }
    switch (world_roll(w, 10)) {
    case 9:
        world_puppet(w, m, person);
        break;
    case 8:
        admit_stranger(w, m, person);
        break;
    case 0:
    case 1:
        world_fork(w, m, &w->people[person]);
        break;
    case 2:
    case 3:
        world_backdate(w, m, &w->people[person]);
        break;
    default:
        nonsense(w, m, person);
    }
}

/* ---- Messages ---- */

/* A chunk that is right in all but one thing. */
static void bad_chunk(struct world *w, struct machine *liar, struct machine *to, struct cp_buf *payload)
{
    const struct person *p = &w->people[liar->people[0]];
    size_t admission = pick_entry(w, to, admits, p), wording = pick_entry(w, to, is_wording, NULL);
    uint64_t how = world_roll(w, 8);
    struct someone stranger;
    struct lie l;
    lie_init(&l, p, CP_CONTENT);
    world_random(w, l.h.incarnation, CP_INCARNATION_LEN);
    lie_words(w, &l, wording);
    if (admission != REF_NONE && how != 2)
        cite(&l, w, admission);
    if (wording != REF_NONE && wording != admission)
        cite(&l, w, wording);
    l.h.lamport++;
    someone_make(&stranger, 60000);
    const struct someone *signer = &p->who;
    if (how == 0)
        l.h.lamport += 1 + world_roll(w, 1000);
    else if (how == 1)
        l.h.lamport = l.h.lamport > 1 ? l.h.lamport - 1 : 7;
    else if (how == 3)
        world_random(w, l.h.parents[0], CP_ID_LEN); /* an entry that nobody ever had */
    else if (how == 4) {
        memcpy(l.h.device, stranger.device, CP_KEY_LEN); /* nobody's device */
        signer = &stranger;
    } else if (how == 5) {
        l.h.seq = 2; /* a predecessor in somebody else's chain */
        memcpy(l.h.prev, w->log.entries[wording == REF_NONE ? 0 : wording].id, CP_ID_LEN);
        l.h.parents_count = admission == REF_NONE ? 0 : 1;
    } else if (how == 6)
        l.h.class = CP_CONTROL; /* content under control's flag */
    bool foreign = how == 7;
    static const uint8_t nowhere[CP_ID_LEN] = {0};
    size_t other = (w->at + 1) % w->plans_count; /* of another plan that they may share, or of none that there is */
    lie_pack(&l, signer, !foreign ? w->plan : other == w->at ? nowhere : w->plans[other].plan, how == 2, payload);
    world_count(w, foreign ? SIM_COUNT_LIE_FOREIGN : SIM_COUNT_LIE_CHUNK);
    lie_clear(&l);
}

void world_forge(struct world *w, struct machine *liar, struct machine *to, struct message *m)
{
    struct cp_wire wire;
    if (cp_wire_read(CP_BYTES(m->bytes, m->len), &wire) != CP_OK || w->log.count == 0)
        return;
    if (wire.type == CP_WIRE_CHUNK && world_chance(w, 300)) {
        free(m->bytes);
        m->bytes = NULL;
        m->len = 0;
        world_count(w, SIM_COUNT_LIE_WITHHELD);
    } else if (wire.type == CP_WIRE_CHUNK && world_chance(w, 600)) {
        struct cp_buf payload, message;
        cp_buf_init(&payload, test_mem(), 4 * CP_ENTRY_MAX);
        cp_buf_init(&message, test_mem(), CP_MESSAGE_MAX);
        bad_chunk(w, liar, to, &payload);
        cp_wire_put_chunk(&message, wire.plan, wire.class, wire.depth, wire.number, world_chance(w, 800) ? CP_CHUNK_FORM_FULL : wire.form,
                          cp_buf_bytes(&payload));
        free(m->bytes);
        m->bytes = malloc(message.len);
        m->len = message.len;
        if (m->bytes == NULL)
            abort();
        memcpy(m->bytes, message.ptr, message.len);
        cp_buf_clear(&payload);
        cp_buf_clear(&message);
    } else if (wire.type != CP_WIRE_CHUNK && world_chance(w, 150)) {
        for (uint64_t n = 1 + world_roll(w, 24), at = world_roll(w, m->len); n > 0; n--)
            m->bytes[(at + n) % m->len] = (uint8_t)world_roll(w, 256);
        world_count(w, SIM_COUNT_LIE_TIPS);
    }
}
