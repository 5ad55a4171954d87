/*
 * The beginning of a session as the called side: WELCOME, offers, the door, the invitation. Owns: what a caller
 * is shown. Must not: show anything to one who came by a narrow door, or a plan to one who is no member of it.
 */
#include <string.h>

#include "proto/session_internal.h"

/* A plan that the caller listed, by its tag; NULL when it is none of ours. */
static const uint8_t *find_plan(uint8_t (*ids)[CP_ID_LEN], size_t count, const uint8_t *tag, const uint8_t *caller)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t own[CP_TAG_LEN];
        greet_plan_tag(ids[i], caller, own);
        if (memcmp(own, tag, CP_TAG_LEN) == 0)
            return ids[i];
    }
    return NULL;
}

static bool listed_twice(const struct cp_session *s, const uint8_t *tag)
{
    for (size_t i = 0; i < s->plans_count; i++)
        if (memcmp(s->plans[i].tag, tag, CP_TAG_LEN) == 0)
            return true;
    return false;
}

/* One plan block of HELLO. whole[class]: the class differs and WELCOME brings its tips. */
static enum cp_err take_block(struct cp_session *s, const uint8_t *id, const uint8_t *tag,
                              const struct cp_wire_digests *theirs)
{
    struct plan *p = greet_plan_add(s, id != NULL ? id : cp_zero_id, id != NULL);
    memcpy(p->tag, tag, CP_TAG_LEN);
    p->state = PLAN_GREETED;
    if (id == NULL)
        return CP_OK;
    enum cp_err err = greet_snapshot(s, p);
    if (err != CP_OK)
        return err;
    bool whole[2];
    for (int class = 0; class < 2; class++)
        whole[class] = memcmp(p->expected.class[class], theirs->class[class], CP_DIGEST_LEN) != 0;
    if (!whole[CP_CONTROL] && !whole[CP_CONTENT]) {
        plan_settle_equal(s, p, theirs->wanted || p->digests.wanted);
        return CP_OK;
    }
    p->state = PLAN_ROUND;
    p->by_welcome = true;
    p->digests.listed = whole[CP_CONTENT];
    for (int class = 0; class < 2; class++)
        p->base_is_own[class] = true; /* what the caller leaves out of its answer it holds as we do */
    return plan_list(s, p, whole);
}

static enum cp_err take_blocks(struct cp_session *s, struct cp_cursor *c, uint8_t (*ids)[CP_ID_LEN], size_t ids_count)
{
    size_t count = cp_get_array(c, 0, CP_PLANS_PER_SESSION);
    enum cp_err err = greet_plans_room(s, count + ids_count + 1);
    for (size_t i = 0; i < count && err == CP_OK && c->err == CP_OK; i++) {
        struct cp_wire_digests theirs;
        uint8_t tag[CP_TAG_LEN];
        cp_wire_get_digests(c, tag, &theirs);
        if (c->err == CP_OK && listed_twice(s, tag))
            cp_cursor_fail(c, CP_ERR_BAD_MESSAGE);
        if (c->err == CP_OK)
            err = take_block(s, find_plan(ids, ids_count, tag, s->config.peer_key), tag, &theirs);
    }
    s->greeted_count = s->plans_count;
    return err != CP_OK ? err : c->err;
}

/* Plans that the caller is in by our log and did not list: it may not know yet that it was let in. */
static void add_offers(struct cp_session *s, uint8_t (*ids)[CP_ID_LEN], size_t count)
{
    for (size_t i = 0; i < count && s->plans_count < s->greeted_count + CP_PLANS_PER_SESSION; i++) {
        uint8_t tag[CP_TAG_LEN];
        greet_plan_tag(ids[i], s->config.peer_key, tag);
        if (listed_twice(s, tag))
            continue;
        greet_plan_add(s, ids[i], true)->state = PLAN_OFFERED;
    }
}

static void put_proofs(struct cp_session *s, struct cp_buf *b, bool asked)
{
    uint8_t(*keys)[CP_KEY_LEN] = NULL;
    size_t count = 0;
    enum cp_err err = CP_OK;
    if (asked && s->config.door == CP_DOOR_KNOCK)
        err = s->replica->proof_keys(s->replica->ctx, s->config.plan, &keys, &count);
    if (err != CP_OK) {
        session_fail(s, err);
        return;
    }
    if (count > CP_PROOFS_MAX)
        count = CP_PROOFS_MAX;
    cp_put_array(b, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t made[CP_PROOF_LEN];
        greet_proof(s, keys[i], made);
        cp_put_fixed(b, made, sizeof made);
    }
    if (keys != NULL)
        sodium_memzero(keys, count * sizeof *keys);
    cp_free(s->replica->mem, keys);
}

/* Tips go into WELCOME itself when they fit; a plan with more has them follow as TIPS messages. */
static void put_first_tips(struct cp_session *s, struct cp_buf *b)
{
    size_t differing = 0, total = 0;
    for (size_t i = 0; i < s->greeted_count; i++)
        differing += s->plans[i].state == PLAN_ROUND;
    cp_put_array(b, 6 * differing);
    for (size_t i = 0; i < s->greeted_count; i++) {
        struct plan *p = &s->plans[i];
        if (p->state != PLAN_ROUND)
            continue;
        bool fits = p->listing.count <= CP_TIPS_PER_MESSAGE - total;
        size_t count = fits ? p->listing.count : 0, split = fits ? p->listing_split : 0;
        cp_put_uint(b, i);
        cp_put_uint(b, fits);
        cp_wire_put_tips(b, p->listing.list, split);
        cp_wire_put_tips(b, split == 0 ? p->listing.list : p->listing.list + split, count - split);
        total += count;
        p->listing_due = !fits;
    }
}

static void put_offers(struct cp_session *s, struct cp_buf *b)
{
    cp_put_array(b, 4 * (s->plans_count - s->greeted_count));
    for (size_t i = s->greeted_count; i < s->plans_count; i++) {
        struct cp_outgoing first = {.entry = {.sig = {NULL, 0}}};
        enum cp_err err = s->replica->first(s->replica->ctx, s->plans[i].id, &first);
        if (err != CP_OK) {
            session_fail(s, err);
            return;
        }
        cp_wire_put_offer(b, s->plans[i].id, &first);
    }
}

static void send_welcome(struct cp_session *s, bool prove)
{
    size_t shared = 0;
    struct cp_buf *b = session_message(s);
    cp_wire_put_greeting(b, CP_WIRE_WELCOME, s->config.own_incarnation,
                         (s->config.stay ? CP_WIRE_STAY : 0U) | (s->config.full_only ? 0U : CP_WIRE_COMPACT) |
                             fetch_flags(s));
    for (size_t i = 0; i < s->greeted_count; i++)
        shared += s->plans[i].held;
    cp_put_array(b, 2 * shared);
    for (size_t i = 0; i < s->greeted_count; i++) {
        if (!s->plans[i].held)
            continue;
        cp_put_uint(b, i);
        cp_wire_put_digests(b, NULL, &s->plans[i].digests);
    }
    put_first_tips(s, b);
    put_offers(s, b);
    put_proofs(s, b, prove);
    if (session_going(s))
        session_send(s, b);
}

static void take_hello(struct cp_session *s, struct cp_bytes message, struct cp_wire *m)
{
    uint8_t(*ids)[CP_ID_LEN] = NULL;
    size_t ids_count = 0;
    unsigned flags = cp_wire_get_greeting(&m->rest, s->peer_incarnation);
    enum cp_err err = m->rest.err;
    greet_hash(s, message);
    s->phase = PHASE_MEETING;
    s->peer_stays = (flags & CP_WIRE_STAY) != 0;
    s->peer_compact = (flags & CP_WIRE_COMPACT) != 0 && !s->config.full_only && s->config.door == CP_DOOR_MEMBER;
    fetch_greeted(s, flags);
    if (s->config.door == CP_DOOR_MEMBER && err == CP_OK)
        err = s->replica->plans(s->replica->ctx, s->config.peer_key, &ids, &ids_count);
    if (err == CP_OK)
        err = take_blocks(s, &m->rest, ids, ids_count);
    if (err == CP_OK && s->config.door == CP_DOOR_MEMBER)
        add_offers(s, ids, ids_count);
    cp_free(s->replica->mem, ids);
    if (err == CP_OK && s->config.door == CP_DOOR_KNOCK) {
        if (s->plans_count != 0) { /* who knocks shows no plans and is shown none */
            session_fail(s, CP_ERR_BAD_MESSAGE);
            return;
        }
        send_welcome(s, (flags & CP_WIRE_PROVE) != 0);
        greet_plan_add(s, s->config.plan, true)->state = PLAN_ROUND;
        return;
    }
    if (err != CP_OK)
        session_fail(s, err);
    else
        send_welcome(s, false);
}

void called_first(struct cp_session *s, struct cp_bytes message, struct cp_wire *m)
{
    bool invited = s->config.door == CP_DOOR_INVITE;
    if (m->type != (invited ? CP_WIRE_JOIN : CP_WIRE_HELLO)) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    if (!invited) {
        take_hello(s, message, m);
        return;
    }
    struct cp_buf *b = session_message(s); /* kept for the action, not sent */
    cp_buf_put_bytes(b, m->bytes);
    if (cp_buf_err(b) != CP_OK) {
        session_fail(s, cp_buf_err(b));
        return;
    }
    s->phase = PHASE_JUDGING;
    struct cp_action *a = session_action(s, CP_ACTION_JOIN);
    a->bytes = cp_buf_bytes(b);
    memcpy(a->plan, s->config.plan, CP_ID_LEN);
}

void called_joined(struct cp_session *s, enum cp_err result)
{
    struct cp_buf *b = session_message(s);
    s->phase = PHASE_JUDGED;
    s->joined = result;
    cp_wire_put_word(b, CP_WIRE_JOINED, result);
    session_send(s, b);
}

void called_take_offer(struct cp_session *s, struct cp_wire *m)
{
    struct cp_wire_offer o;
    uint8_t tag[CP_TAG_LEN];
    uint64_t at = cp_get_uint(&m->rest, CP_PLANS_PER_SESSION);
    cp_wire_get_offer(&m->rest, &o);
    struct plan *p = at < s->greeted_count ? &s->plans[at] : NULL;
    if (m->rest.err != CP_OK || s->config.caller || p == NULL || p->state != PLAN_GREETED) {
        session_fail(s, CP_ERR_BAD_MESSAGE);
        return;
    }
    greet_plan_tag(o.plan, s->config.peer_key, tag);
    p->state = PLAN_OVER;
    p->decline_due = true;
    bool take = false;
    if (memcmp(tag, p->tag, CP_TAG_LEN) != 0)
        return;
    enum cp_err err = greet_offer_wanted(s, &o, &take);
    if (err == CP_OK && !take)
        return;
    if (err != CP_OK) {
        session_fail(s, err);
        return;
    }
    memcpy(p->id, o.plan, CP_ID_LEN);
    p->decline_due = false;
    p->state = PLAN_QUIET;
    plan_open(s, p, false);
}
