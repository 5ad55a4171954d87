/*
 * The beginning of a session as the caller: HELLO, what WELCOME says, offers, and knocking. Owns: what is said
 * before anything is exchanged. Must not: show a plan to somebody who is no member.
 */
#include <assert.h>
#include <string.h>

#include "proto/session_internal.h"

void greet_plan_tag(const uint8_t *plan, const uint8_t *caller, uint8_t *out)
{
    cp_hash2(CP_TAG_PLAN_TAG, CP_BYTES(plan, CP_ID_LEN), CP_BYTES(caller, CP_KEY_LEN), out, CP_TAG_LEN);
}

static const uint8_t *caller_key(const struct cp_session *s)
{
    return s->config.caller ? s->config.own_key : s->config.peer_key;
}

void greet_hash(struct cp_session *s, struct cp_bytes hello)
{
    cp_hash2(CP_TAG_GREETING, hello, CP_BYTES(NULL, 0), s->greeting, CP_ID_LEN);
}

void greet_proof(const struct cp_session *s, const uint8_t *key, uint8_t *out)
{
    struct cp_hasher h;
    cp_hash_init_keyed(&h, CP_TAG_DOOR_PROOF, CP_PROOF_LEN, key, CP_KEY_LEN);
    cp_hash_add(&h, s->config.caller ? s->config.own_key : s->config.peer_key, CP_KEY_LEN);
    cp_hash_add(&h, s->config.caller ? s->config.peer_key : s->config.own_key, CP_KEY_LEN);
    cp_hash_add(&h, s->greeting, CP_ID_LEN);
    cp_hash_end(&h, out, CP_PROOF_LEN);
}

/* Loads what is greeted with: both digests, tips kept as the exchange's snapshot. */
enum cp_err greet_snapshot(struct cp_session *s, struct plan *p)
{
    uint64_t wanted = 0;
    enum cp_err err = tips_load(s, p, CP_CONTROL, &p->own[CP_CONTROL], &p->digests, &p->expected);
    if (err == CP_OK)
        err = tips_load(s, p, CP_CONTENT, &p->own[CP_CONTENT], &p->digests, &p->expected);
    if (err == CP_OK)
        err = s->replica->wanted(s->replica->ctx, p->id, &wanted);
    p->digests.wanted = p->partial = wanted != 0;
    return err;
}

struct plan *greet_plan_add(struct cp_session *s, const uint8_t *id, bool held)
{
    struct plan *p = &s->plans[s->plans_count++];
    memset(p, 0, sizeof *p);
    memcpy(p->id, id, CP_ID_LEN);
    greet_plan_tag(id, caller_key(s), p->tag);
    plan_reset(s, p);
    p->held = held;
    return p;
}

/* Room for `count` plans. */
enum cp_err greet_plans_room(struct cp_session *s, size_t count)
{
    assert(s->plans == NULL);
    s->plans = cp_alloc_array(s->mem, count, sizeof *s->plans);
    return s->plans == NULL ? CP_ERR_NO_MEMORY : CP_OK;
}

/* ---- Caller ---- */

static enum cp_err hello_plans(struct cp_session *s)
{
    uint8_t(*ids)[CP_ID_LEN] = NULL;
    size_t count = 0;
    enum cp_err err = CP_OK;
    if (s->config.door == CP_DOOR_MEMBER)
        err = s->replica->plans(s->replica->ctx, s->config.peer_key, &ids, &count);
    if (err != CP_OK)
        return err;
    /* What is listed, what is offered to us, and what is beyond one session: that much is reported. */
    size_t listed = count < CP_PLANS_PER_SESSION ? count : CP_PLANS_PER_SESSION;
    if (count > listed && s->config.in_turn != NULL)
        s->config.in_turn(s->config.in_turn_ctx, ids, count);
    err = greet_plans_room(s, count + CP_PLANS_PER_SESSION + 1);
    for (size_t i = 0; i < listed && err == CP_OK; i++)
        err = greet_snapshot(s, greet_plan_add(s, ids[i], true));
    s->greeted_count = listed;
    s->beyond = ids; /* transferred: reported once the places are given out */
    s->beyond_from = listed;
    s->beyond_count = count;
    return err;
}

void greet_start(struct cp_session *s)
{
    unsigned flags = (s->config.stay ? CP_WIRE_STAY : 0U) | (s->config.must_prove ? CP_WIRE_PROVE : 0U) |
                     (s->config.full_only ? 0U : CP_WIRE_COMPACT) | fetch_flags(s);
    /* Digests differ by whose key they are made with; with one key an echo would agree. */
    if (s->config.door == CP_DOOR_MEMBER && memcmp(s->config.own_key, s->config.peer_key, CP_KEY_LEN) == 0) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    if (!s->config.caller) {
        s->phase = PHASE_LISTENING;
        return;
    }
    s->phase = PHASE_GREETED;
    if (s->config.door == CP_DOOR_INVITE) {
        struct cp_buf *b = session_message(s);
        cp_wire_put_join(b, s->config.join);
        session_send(s, b);
        return;
    }
    enum cp_err err = hello_plans(s);
    if (err != CP_OK) {
        session_fail(s, err);
        return;
    }
    struct cp_buf *b = session_message(s);
    cp_wire_put_greeting(b, CP_WIRE_HELLO, s->config.own_incarnation, flags);
    cp_put_array(b, s->greeted_count);
    for (size_t i = 0; i < s->greeted_count; i++)
        cp_wire_put_digests(b, s->plans[i].tag, &s->plans[i].digests);
    greet_hash(s, cp_buf_bytes(b));
    for (size_t i = 0; i < s->greeted_count; i++) {
        tips_rehash(s, &s->plans[i].own[CP_CONTROL]);
        tips_rehash(s, &s->plans[i].own[CP_CONTENT]);
    }
    session_send(s, b);
}

static void digests_same(const struct plan *p, const struct cp_wire_digests *theirs, bool same[2])
{
    for (int class = 0; class < 2; class++)
        same[class] = memcmp(p->expected.class[class], theirs->class[class], CP_DIGEST_LEN) == 0;
    same[CP_CONTENT] = same[CP_CONTENT] && !theirs->listed;
}

/* [PLAN, digests, ...] of WELCOME: which of the plans we listed the other shares, and where we differ. */
static void take_shared(struct cp_session *s, struct cp_cursor *c)
{
    size_t values = cp_get_array(c, 0, 2 * CP_PLANS_PER_SESSION);
    if (values % 2 != 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    for (size_t i = 0; i + 1 < values && c->err == CP_OK; i += 2) {
        struct cp_wire_digests theirs;
        bool same[2];
        uint64_t at = cp_get_uint(c, CP_PLANS_PER_SESSION);
        cp_wire_get_digests(c, NULL, &theirs);
        if (c->err != CP_OK)
            return;
        if (at >= s->greeted_count || s->plans[at].state != PLAN_GREETED) {
            cp_cursor_fail(c, CP_ERR_BAD_MESSAGE);
            return;
        }
        struct plan *p = &s->plans[at];
        digests_same(p, &theirs, same);
        if (same[CP_CONTROL] && same[CP_CONTENT]) {
            plan_settle_equal(s, p, theirs.wanted || p->digests.wanted);
            continue;
        }
        p->state = PLAN_ROUND;
        p->answers_listing = p->by_welcome = true;
        p->base_is_own[CP_CONTROL] = same[CP_CONTROL];
        p->base_is_own[CP_CONTENT] = same[CP_CONTENT];
    }
}

/* [PLAN, complete, TIPS, TIPS, ...]: incomplete ones are followed by TIPS messages. */
static void take_first_tips(struct cp_session *s, struct cp_cursor *c)
{
    size_t values = cp_get_array(c, 0, 6 * CP_PLANS_PER_SESSION);
    if (values % 6 != 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    for (size_t i = 0; i + 5 < values && c->err == CP_OK; i += 6) {
        uint64_t at = cp_get_uint(c, CP_PLANS_PER_SESSION);
        bool complete = cp_get_uint(c, 1) == 1;
        if (c->err == CP_OK && (at >= s->greeted_count || s->plans[at].state != PLAN_ROUND || s->plans[at].peer_tips_begun))
            cp_cursor_fail(c, CP_ERR_BAD_MESSAGE);
        if (c->err != CP_OK)
            return;
        struct plan *p = &s->plans[at];
        p->peer_tips_begun = true;
        enum cp_err err = tips_take(s, p, CP_CONTROL, c);
        if (err == CP_OK)
            err = tips_take(s, p, CP_CONTENT, c);
        if (err != CP_OK)
            cp_cursor_fail(c, err);
        else if (complete)
            plan_tips_known(s, p);
    }
}

/* Is the peer a member of the plan that is carried on? Whoever is not has no business offering that, and what is held of it
 * would come to be theirs. */
static enum cp_err carries_on_theirs(struct cp_session *s, const struct cp_control *c, bool *yes)
{
    *yes = false;
    return c->continues ? s->replica->is_member(s->replica->ctx, cp_id_list_at(&c->from.plans, 0), s->config.peer_key, yes)
                        : CP_OK;
}

/* Whether we take what is offered. One that we wait for must be what it says; of another it does not matter. */
enum cp_err greet_offer_wanted(struct cp_session *s, const struct cp_wire_offer *o, bool *take)
{
    const struct cp_replica *r = s->replica;
    struct cp_header h;
    struct cp_control control;
    bool awaited = false, theirs = false;
    *take = false;
    enum cp_err err = r->awaits(r->ctx, o->plan, &awaited);
    if (err != CP_OK || (!awaited && r->offered == NULL))
        return err;
    err = cp_first_check(o->plan, o->header, o->frame, o->sig, &h, &control);
    if (err != CP_OK)
        return awaited ? err : CP_OK;
    *take = awaited;
    if (!awaited)
        err = carries_on_theirs(s, &control, &theirs);
    if (err != CP_OK || r->offered == NULL || (!awaited && !theirs))
        return err;
    return r->offered(r->ctx, o->plan, h.device, o->frame, take);
}

/* Plans offered that nobody here waits for are passed over. */
static void take_offers(struct cp_session *s, struct cp_cursor *c)
{
    size_t values = cp_get_array(c, 0, 4 * CP_PLANS_PER_SESSION);
    if (values % 4 != 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    /* Places of offers follow the places of HELLO: what we could not list has none. */
    for (size_t i = 0; i + 3 < values && c->err == CP_OK; i += 4) {
        struct cp_wire_offer o;
        cp_wire_get_offer(c, &o);
        if (c->err != CP_OK)
            return;
        struct plan *p = greet_plan_add(s, o.plan, false);
        p->state = PLAN_OVER;
        bool take = false;
        enum cp_err err = greet_offer_wanted(s, &o, &take);
        if (err == CP_OK && !take)
            continue;
        if (err != CP_OK) {
            cp_cursor_fail(c, err);
            return;
        }
        p->state = PLAN_QUIET;
        plan_open(s, p, false);
    }
}

/* True when one of the tags is made with a key that we know. */
static bool take_proofs(struct cp_session *s, struct cp_cursor *c)
{
    uint8_t(*keys)[CP_KEY_LEN] = NULL;
    size_t keys_count = 0;
    bool proven = false;
    size_t count = cp_get_array(c, 0, CP_PROOFS_MAX);
    enum cp_err err = CP_OK;
    if (s->config.must_prove)
        err = s->replica->proof_keys(s->replica->ctx, s->config.plan, &keys, &keys_count);
    if (err != CP_OK)
        cp_cursor_fail(c, err);
    for (size_t i = 0; i < count && c->err == CP_OK; i++) {
        const uint8_t *tag = cp_get_fixed_ref(c, CP_PROOF_LEN);
        for (size_t k = 0; k < keys_count && c->err == CP_OK; k++) {
            uint8_t made[CP_PROOF_LEN];
            greet_proof(s, keys[k], made);
            proven = proven || sodium_memcmp(made, tag, sizeof made) == 0;
        }
    }
    if (keys != NULL)
        sodium_memzero(keys, keys_count * sizeof *keys);
    cp_free(s->replica->mem, keys);
    return proven;
}

/* KNOCK, caller: every control entry of the plan, and nothing is expected back. */
static void knock(struct cp_session *s)
{
    struct group g;
    enum cp_err err = CP_OK;
    struct plan *p = greet_plan_add(s, s->config.plan, true);
    p->state = PLAN_ROUND;
    p->evaluated = true;
    err = tips_load(s, p, CP_CONTROL, &p->own[CP_CONTROL], NULL, NULL);
    struct groups it = plan_groups(p, CP_CONTROL);
    while (err == CP_OK && groups_next(&it, &g))
        err = plan_range(s, p, CP_CONTROL, &g, 0, true);
    if (err != CP_OK)
        session_fail(s, err);
    else
        plan_try_rows(s, p);
}

static void offer_unlisted(struct cp_session *s)
{
    for (size_t i = 0; i < s->greeted_count; i++) {
        struct plan *p = &s->plans[i];
        if (p->state != PLAN_GREETED)
            continue;
        p->state = PLAN_OFFERED;
        p->offer_due = true;
    }
}

void greet_take_welcome(struct cp_session *s, struct cp_wire *m)
{
    struct cp_cursor *c = &m->rest;
    struct cp_cursor proofs = *c;
    unsigned flags = cp_wire_get_greeting(c, s->peer_incarnation);
    s->phase = PHASE_MEETING;
    s->peer_stays = (flags & CP_WIRE_STAY) != 0;
    s->peer_compact = (flags & CP_WIRE_COMPACT) != 0 && !s->config.full_only && s->config.door == CP_DOOR_MEMBER;
    fetch_greeted(s, flags);
    (void)cp_wire_get_greeting(&proofs, NULL); /* the proof stands last and is looked at first */
    for (int i = 0; i < 3; i++)
        (void)cp_get_any(&proofs, 1);
    bool proven = take_proofs(s, &proofs);
    if (c->err == CP_OK && proofs.err == CP_OK && s->config.must_prove && !proven) {
        session_fail(s, CP_ERR_UNPROVEN);
        return;
    }
    if (s->config.door == CP_DOOR_KNOCK) { /* whatever else it says: nothing is taken here */
        if (c->err != CP_OK || proofs.err != CP_OK)
            session_fail(s, c->err != CP_OK ? c->err : proofs.err);
        else
            knock(s);
        return;
    }
    take_shared(s, c);
    take_first_tips(s, c);
    take_offers(s, c);
    if (c->err == CP_OK)
        cp_cursor_fail(c, proofs.err);
    if (c->err != CP_OK)
        session_fail(s, c->err);
    else
        offer_unlisted(s);
    /* More plans in common than one session carries: said, not hidden. */
    for (; s->beyond_from < s->beyond_count; s->beyond_from++) {
        struct plan *p = greet_plan_add(s, s->beyond[s->beyond_from], true);
        p->state = PLAN_OVER;
        p->report.no_place = p->report_due = true;
    }
}

void greet_offer(struct cp_session *s, struct plan *p)
{
    struct cp_outgoing first = {.entry = {.sig = {NULL, 0}}};
    p->offer_due = false;
    enum cp_err err = s->replica->first(s->replica->ctx, p->id, &first);
    if (err != CP_OK) {
        session_fail(s, err);
        return;
    }
    struct cp_buf *b = session_message(s);
    cp_put_array(b, 6);
    cp_put_uint(b, CP_WIRE_OFFER);
    cp_put_uint(b, (uint64_t)(p - s->plans));
    cp_wire_put_offer(b, p->id, &first);
    session_send(s, b);
}
