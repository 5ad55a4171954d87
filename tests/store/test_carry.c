/* Continuations in the store: what is taken over, what comes by chunks of each depth, what lies beyond the heads, what is not ours. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct cp_store *s, *t;
static struct someone a, b;
static uint8_t old[CP_ID_LEN], new[CP_ID_LEN], item[CP_ID_LEN];
static struct cp_buf first; /* the continuation's */

static void before(void)
{
    cp_store_one_thread();
    folder = group_begin(&a, &b, &s, &t, old, "as it was", item);
    group_carry(s, t, old);
    cp_buf_init(&first, test_mem(), CP_ENTRY_MAX);
}

static void after(void)
{
    cp_buf_clear(&first);
    group_end(folder, s, t);
}

TestSuite(carry, .init = before, .fini = after);

static void begin(void)
{
    group_continue(s, &a, &b, old, &first, new);
}

static bool yes(void *ctx, const struct cp_continuation *from)
{
    (void)ctx;
    return cp_id_list_has(&from->people, b.person);
}

/* One chunk of `rows` as whatever depth is said; how it is taken. */
static enum cp_err give(struct cp_store *from, struct cp_store *to, const uint64_t *rows, size_t count, const uint8_t *origin,
                        unsigned as_depth, size_t *taken)
{
    struct cp_chunk chunk;
    struct cp_put_result result;
    struct cp_buf payload;
    cp_buf_init(&payload, test_mem(), CP_CHUNK_MAX * 2);
    cr_assert_eq(cp_chunk_build(&cp_store_replica(from)->source, test_mem(), rows, count, &payload, taken), CP_OK);
    cr_assert_eq(cp_chunk_read(&chunk, test_mem(), cp_buf_bytes(&payload), origin), CP_OK);
    chunk.depth = as_depth;
    enum cp_err err = cp_store_put(to, new, &chunk, false, &result);
    cp_chunk_clear(&chunk);
    cp_buf_clear(&payload);
    return err;
}

static void carry_new(void)
{
    size_t count = 0, taken = 0;
    uint64_t *rows = group_rows(s, new, &count);
    for (size_t at = 0; at < count; at += taken) {
        struct cp_outgoing out;
        uint8_t origin[CP_ID_LEN];
        cr_assert_eq(cp_store_replica(s)->source.entry(s, rows[at], &out), CP_OK);
        unsigned depth = out.depth;
        cr_assert_eq(cp_store_origin(s, new, depth, origin), CP_OK);
        cr_assert_eq(give(s, t, rows + at, count - at, origin, depth, &taken), CP_OK);
    }
    free(rows);
}

static bool is_void(struct cp_store *in, const uint8_t *plan, const uint8_t *id)
{
    struct cp_loaded l;
    cr_assert_eq(cp_store_entry(in, plan, id, &l), CP_OK);
    bool is = l.info[0].is_void;
    cp_loaded_clear(&l);
    return is;
}

Test(carry, the_past_is_there_as_it_is)
{
    uint64_t were = 0, are = 0;
    uint8_t digest[CP_ID_LEN], same[CP_ID_LEN];
    cr_assert_eq(cp_store_log_digest(s, old, &were, digest), CP_OK);
    begin();
    cr_assert_eq(cp_store_log_digest(s, new, &are, same), CP_OK);
    cr_assert_eq(are, were + 1, "the past and the first entry");
    cr_assert_eq(cp_store_log_digest(s, old, &are, same), CP_OK);
    cr_assert(are == were && memcmp(same, digest, CP_ID_LEN) == 0, "the old plan is as it was");
    cr_assert(!is_void(s, new, item));
    cr_assert(group_rebuilds(s));
}

Test(carry, offered_to_somebody_here_it_is_taken_over)
{
    bool take = false;
    uint64_t entries = 0;
    uint8_t digest[CP_ID_LEN];
    begin();
    cr_assert_eq(cp_store_offered(t, new, a.device, cp_buf_bytes(&first), &take), CP_OK);
    cr_assert(!take, "nobody here was asked about");
    cp_store_offers(t, yes, NULL);
    for (size_t cut = 0; cut < first.len; cut++) {
        cr_assert_eq(cp_store_offered(t, new, a.device, CP_BYTES(first.ptr, cut), &take), CP_OK);
        cr_assert(!take, "cut at %zu", cut);
    }
    cr_assert_eq(cp_store_offered(t, new, a.device, cp_buf_bytes(&first), &take), CP_OK);
    cr_assert(take);
    cr_assert_eq(cp_store_log_digest(t, new, &entries, digest), CP_OK);
    cr_assert_gt(entries, 0U, "what was held of the old plan");
    carry_new();
    cr_assert(group_same(s, t, new));
    cr_assert(group_rebuilds(t));
}

Test(carry, what_lies_beyond_the_heads_is_void)
{
    uint8_t later[CP_ID_LEN];
    bool take = false;
    size_t count = 0, taken = 0;
    begin();
    cp_store_offers(t, yes, NULL);
    cr_assert_eq(cp_store_offered(t, new, a.device, cp_buf_bytes(&first), &take), CP_OK);
    carry_new();
    group_item(s, &a, old, "after they went on", later);
    uint64_t *rows = group_rows(s, old, &count);
    cr_assert_eq(give(s, t, &rows[count - 1], 1, old, 1, &taken), CP_OK, "R1 looks at nothing of this");
    free(rows);
    cr_assert(is_void(t, new, later));
    cr_assert(!is_void(t, new, item));
    cr_assert(group_rebuilds(t));
}

/* A session that offered the plan ended with words_missing, always (simulator: seed 900004 of c815ad8 with continuations). */
Test(carry, what_was_taken_back_after_the_heads_comes_with_its_words)
{
    struct cp_buf frame, payload;
    bool take = false;
    size_t count = 0, at = 0;
    begin();
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&payload, test_mem(), CP_CHUNK_MAX);
    group_withdraw_frame(old, &a, &a, (const uint8_t(*)[CP_ID_LEN])item, 1, false, &frame);
    group_control(s, &a, old, cp_buf_bytes(&frame));
    uint64_t *rows = group_rows(s, old, &count);
    for (size_t i = 0; i < count; i++)
        at = rows[i] > rows[at] ? i : at;
    group_pack(s, &rows[at], 1, &payload);
    cr_assert_eq(group_take(t, old, cp_buf_bytes(&payload), NULL), CP_OK);
    cr_assert(!group_has_words(t, old, item), "gone there");
    cp_store_offers(t, yes, NULL);
    cr_assert_eq(cp_store_offered(t, new, a.device, cp_buf_bytes(&first), &take), CP_OK);
    cr_assert(take);
    carry_new();
    cr_assert(group_has_words(t, new, item), "where nobody has taken it back");
    cr_assert(group_same(s, t, new));
    cr_assert(group_rebuilds(t));
    group_control(s, &a, new, cp_buf_bytes(&frame));
    cr_assert(!group_has_words(s, new, item), "until somebody says it here");
    free(rows);
    cp_buf_clear(&frame);
    cp_buf_clear(&payload);
}

/* Whoever left and came back was refused to carry on: "left" (seed 900008). */
Test(carry, whoever_left_and_came_back_carries_on)
{
    uint8_t sig[CP_SIG_LEN], joins[1][CP_ID_LEN], secret[CP_KEY_LEN] = {7};
    struct cp_buf fields, text, frame;
    struct cp_buf *const bufs[] = {&fields, &text, &frame};
    const struct cp_members *members = NULL;
    for (size_t i = 0; i < 3; i++)
        cp_buf_init(bufs[i], test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_store_members(s, old, &members), CP_OK);
    for (size_t i = 0; i < members->joins_count; i++)
        if (memcmp(members->joins[i].person, b.person, CP_ID_LEN) == 0)
            memcpy(joins[0], members->joins[i].join, CP_ID_LEN);
    cr_assert_eq(cp_leave_fields((const uint8_t(*)[CP_ID_LEN])joins, 1, &fields), CP_OK);
    someone_says(CP_STATEMENT_LEAVE, &b, &b, CP_BY_IDENTITY, old, &fields, &text, sig);
    cp_statement_frame_write(CP_KIND_LEAVE, (const uint8_t(*)[CP_ID_LEN])joins, 1, cp_buf_bytes(&text), sig, &frame);
    group_control(s, &b, old, cp_buf_bytes(&frame));
    group_add(s, &a, old, &b, 2);
    struct someone founder = a;
    a = b; /* who carries on */
    a.signer.ctx = &a;
    begin();
    cp_buf_reset(&frame);
    cp_secret_write(secret, &frame);
    group_control(s, &a, new, cp_buf_bytes(&frame));
    a = founder;
    a.signer.ctx = &a;
    for (size_t i = 0; i < 3; i++)
        cp_buf_clear(bufs[i]);
}

/* ---- Cuts of either plan ---- */

/* a lets b in as they were, and b comes along; t has it all. */
static void bring_b(void)
{
    struct cp_buf join, fields, text, frame;
    struct cp_buf *const bufs[] = {&join, &fields, &text, &frame};
    const struct cp_members *members = NULL;
    uint8_t sig[CP_SIG_LEN], refs[1][CP_ID_LEN];
    struct cp_loaded l;
    struct cp_control c;
    bool take = false;
    for (size_t i = 0; i < 4; i++)
        cp_buf_init(bufs[i], test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_store_members(s, old, &members), CP_OK);
    cr_assert_eq(cp_store_entry(s, old, cp_members_find(members, b.device)->admission, &l), CP_OK);
    cp_control_read(l.info[0].frame, &c);
    cp_join_write(&c.join, &join);
    cp_admit_write(c.invite, cp_buf_bytes(&join), &frame);
    cp_loaded_clear(&l);
    group_control(s, &a, new, cp_buf_bytes(&frame));
    cp_buf_reset(&frame);
    cp_follow_fields(old, &fields);
    someone_says(CP_STATEMENT_FOLLOW, &b, &b, CP_BY_IDENTITY, new, &fields, &text, sig);
    memcpy(refs[0], new, CP_ID_LEN);
    cp_statement_frame_write(CP_KIND_FOLLOW, (const uint8_t(*)[CP_ID_LEN])refs, 1, cp_buf_bytes(&text), sig, &frame);
    group_control(s, &a, new, cp_buf_bytes(&frame));
    cp_store_offers(t, yes, NULL);
    cr_assert_eq(cp_store_offered(t, new, a.device, cp_buf_bytes(&first), &take), CP_OK);
    carry_new();
    for (size_t i = 0; i < 4; i++)
        cp_buf_clear(bufs[i]);
}

/*
 * A cut names chains of the plan that it was said in. A home goes on with its incarnation, so b's chain of the new plan has
 * the same device, incarnation and numbers: none of it is within the old plan's cut; and what is carried over is judged
 * as in the old plan, which never heard of what was said in the new one.
 */
Test(carry, a_cut_is_of_its_own_plan)
{
    enum { NOBODY, THERE, HERE, WAYS };
    for (int way = NOBODY; way < WAYS; way++) {
        uint8_t before_it[CP_ID_LEN], after_it[CP_ID_LEN];
        if (way > NOBODY) {
            after();
            before();
        }
        group_item(t, &b, old, "by b", before_it);
        group_carry(t, s, old);
        if (way == THERE)
            group_report(s, &a, old, &b, true);
        begin();
        if (way == HERE)
            group_report(s, &a, new, &b, false);
        bring_b();
        group_item(t, &b, new, "by b, here", after_it);
        cr_expect(!is_void(t, new, before_it), "what was theirs stays theirs, way %d", way);
        cr_expect_eq(is_void(t, new, after_it), way != NOBODY, "way %d", way);
        cr_expect(group_rebuilds(t), "way %d", way);
    }
}

Test(carry, a_depth_that_the_line_does_not_have_is_refused)
{
    bool take = false;
    size_t count = 0, taken = 0;
    begin();
    cp_store_offers(t, yes, NULL);
    cr_assert_eq(cp_store_offered(t, new, a.device, cp_buf_bytes(&first), &take), CP_OK);
    uint64_t *rows = group_rows(s, old, &count);
    uint8_t later[CP_ID_LEN];
    free(rows);
    group_item(s, &a, old, "later", later);
    rows = group_rows(s, old, &count);
    cr_assert_eq(give(s, t, &rows[count - 1], 1, old, 2, &taken), CP_ERR_WRONG_PLAN);
    free(rows);
}

/* ---- Who may offer one ---- */

/* The first entry as `by` would have signed it; by whom the plan then is. */
struct shown {
    struct cp_buf header;
    uint8_t plan[CP_ID_LEN], sig[CP_SIG_LEN];
    struct cp_outgoing out;
};

static void show(struct shown *x, const struct someone *by)
{
    struct cp_outgoing out;
    struct cp_header h;
    const struct cp_replica *r = cp_store_replica(s);
    cr_assert_eq(r->first(r->ctx, new, &out), CP_OK);
    cr_assert_eq(cp_header_decode(out.entry.header, &h), CP_OK);
    memcpy(h.device, by->device, CP_KEY_LEN);
    cp_buf_init(&x->header, test_mem(), CP_HEADER_MAX);
    cp_header_encode(&h, &x->header);
    cr_assert_eq(by->signer.sign(by->signer.ctx, by->device, cp_zero_id, cp_buf_bytes(&x->header), x->plan, x->sig), CP_OK);
    x->out = (struct cp_outgoing){.entry = {.header = cp_buf_bytes(&x->header), .frame = cp_buf_bytes(&first),
                                            .sig = CP_BYTES(x->sig, CP_SIG_LEN)}};
}

static size_t plans_at(struct cp_store *at)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    cr_assert_eq(cp_store_plans(at, &rows, &count), CP_OK);
    cp_free(test_mem(), rows);
    return count;
}

/* A chunk, or which chains are held and how far. */
static bool tells(const struct cp_actions *actions)
{
    struct cp_wire m;
    struct cp_wire_tips tips;
    bool told = false;
    for (size_t i = 0; i < actions->count && !told; i++) {
        if (actions->list[i].type != CP_ACTION_SEND || cp_wire_read(actions->list[i].bytes, &m) != CP_OK)
            continue;
        for (int class = 0; class < 2 && m.type == CP_WIRE_TIPS; class++) {
            cp_wire_get_tips(&m.rest, &tips);
            told = told || tips.left > 0;
        }
        told = told || m.type == CP_WIRE_CHUNK;
    }
    return told;
}

/* t calls a machine that shows it this first entry and says that it holds nothing; was it told or sent anything? */
static bool calls(const struct someone *peer, struct shown *x)
{
    static const uint8_t incarnation[CP_INCARNATION_LEN] = {1};
    static struct cp_actions actions;
    struct cp_session_config c = {.door = CP_DOOR_MEMBER, .caller = true};
    struct cp_event e = {.type = CP_EVENT_START};
    struct cp_buf said;
    memcpy(c.own_key, b.curve, CP_KEY_LEN);
    memcpy(c.peer_key, peer->curve, CP_KEY_LEN);
    struct cp_session *session = cp_session_new(cp_store_replica(t), &c);
    cp_session_step(session, &e, &actions);
    cp_buf_init(&said, test_mem(), CP_MESSAGE_MAX);
    cp_wire_put_greeting(&said, CP_WIRE_WELCOME, incarnation, 0);
    for (int i = 0; i < 2; i++)
        cp_put_array(&said, 0);
    cp_put_array(&said, 4);
    cp_wire_put_offer(&said, x->plan, &x->out);
    cp_put_array(&said, 0);
    e = (struct cp_event){.type = CP_EVENT_MESSAGE, .message = cp_buf_bytes(&said)};
    cp_session_step(session, &e, &actions);
    cp_buf_reset(&said);
    cp_put_array(&said, 7);
    cp_put_uint(&said, CP_WIRE_TIPS);
    cp_put_uint(&said, peer == &a ? 1 : 0); /* the place behind what HELLO listed */
    cp_put_uint(&said, 1);
    cp_wire_put_tips(&said, NULL, 0);
    cp_wire_put_tips(&said, NULL, 0);
    e.message = cp_buf_bytes(&said);
    bool sent = tells(&actions);
    bool over = actions.count > 0 && actions.list[actions.count - 1].type == CP_ACTION_END; /* nothing to speak of */
    if (!over)
        cp_session_step(session, &e, &actions);
    sent = sent || (!over && tells(&actions));
    cp_session_free(session);
    cp_buf_clear(&said);
    return sent;
}

/* Whoever is not in the plan before could otherwise make a line that goes back to it and be sent all of it. */
Test(carry, a_stranger_s_offer_brings_them_nothing)
{
    struct someone x;
    struct shown forged, real;
    begin();
    someone_make(&x, 9);
    cp_store_offers(t, yes, NULL);
    show(&forged, &x);
    show(&real, &a);
    cr_assert_eq(memcmp(real.plan, new, CP_ID_LEN), 0);
    cr_assert(!calls(&x, &forged), "by one whom nobody knows");
    cr_assert(!calls(&x, &real), "the true one, which somebody found");
    cr_assert(!calls(&a, &forged), "a member who passes on what nobody of ours began");
    cr_assert_eq(plans_at(t), 1U, "nothing was taken over for them");
    cr_assert(calls(&a, &real), "a member, with the true one");
    cr_assert_eq(plans_at(t), 2U);
    cr_assert(!calls(&x, &real), "and now that it is waited for");
    cp_buf_clear(&forged.header);
    cp_buf_clear(&real.header);
}

Test(carry, a_file_of_a_stranger_has_nothing_taken_over)
{
    struct someone x;
    bool take = false;
    begin();
    someone_make(&x, 9);
    cp_store_offers(t, yes, NULL);
    cr_assert_eq(cp_store_offered(t, new, x.device, cp_buf_bytes(&first), &take), CP_OK);
    cr_assert(!take);
    cr_assert_eq(plans_at(t), 1U);
}

/* Damaged words in the old plan would otherwise end every meeting in which the new one is offered: also the one that mends them. */
Test(carry, what_is_damaged_here_is_no_reason_not_to_take_it)
{
    bool take = false;
    begin();
    cp_store_close(t);
    store_spoil(in_folder(folder, "t"),
                "UPDATE entry SET body = zeroblob(length(body)) WHERE row = (SELECT max(row) FROM entry)");
    t = store_at(in_folder(folder, "t"), 2, NULL);
    cp_store_offers(t, yes, NULL);
    cr_assert_eq(cp_store_offered(t, new, a.device, cp_buf_bytes(&first), &take), CP_OK);
    cr_assert(take);
    carry_new();
    cr_assert(group_same(s, t, new));
}
