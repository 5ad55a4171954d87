/* Taking in entries: rule R1 against crafted chunks, forks, own entries that are not held, signatures. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct someone a, b, c;
static struct cp_store *s, *t;
static uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];

/* Store s: founded by a, who let b in and wrote one item. Store t holds the same. c is a stranger. */
static void set_up(void)
{
    folder = group_begin(&a, &b, &s, &t, plan, "mend the gate", item);
    someone_make(&c, 3);
    group_carry(s, t, plan);
}

static void tear_down(void)
{
    group_end(folder, s, t);
}

TestSuite(put, .init = set_up, .fini = tear_down);

/* ---- Chunks made by hand ---- */

struct craft {
    struct cp_buf items;
    size_t count;
};

/* Completes lengths and body hash, signs, appends. Words may be left out of the chunk. */
static void craft_add(struct craft *k, const struct someone *by, struct cp_header *h, struct cp_bytes frame,
                      struct cp_bytes words, bool leave_out, uint8_t id[CP_ID_LEN])
{
    struct cp_buf header, input;
    uint8_t sig[CP_SIG_LEN];
    if (k->items.mem == NULL)
        cp_buf_init(&k->items, test_mem(), CP_MESSAGE_MAX);
    h->rules = CP_RULES_VERSION;
    memcpy(h->device, by->device, CP_KEY_LEN);
    h->frame_len = (uint32_t)frame.len;
    h->words_len = (uint32_t)words.len;
    cp_body_hash(frame, words, h->body_hash);
    cp_buf_init(&header, test_mem(), CP_HEADER_MAX);
    cp_header_encode(h, &header);
    cp_entry_id(plan, cp_buf_bytes(&header), id);
    cp_buf_init(&input, test_mem(), 128);
    cp_sign_input(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), &input);
    (void)crypto_sign_detached(sig, NULL, input.ptr, input.len, by->device_secret);
    cp_put_bin(&k->items, cp_buf_bytes(&header));
    cp_put_bin(&k->items, frame);
    uint8_t words_hash[CP_ID_LEN];
    cp_words_hash(words, words_hash);
    if (leave_out)
        cp_put_array(&k->items, 1);
    if (leave_out)
        cp_put_fixed(&k->items, words_hash, CP_ID_LEN);
    else
        cp_put_bin(&k->items, words);
    cp_put_fixed(&k->items, sig, sizeof sig);
    k->count++;
    cp_buf_clear(&header);
    cp_buf_clear(&input);
}

static enum cp_err craft_take(struct craft *k, struct cp_store *into, struct cp_put_result *result)
{
    struct cp_buf payload;
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    cp_put_array(&payload, k->count * 4);
    cp_buf_put_bytes(&payload, cp_buf_bytes(&k->items));
    enum cp_err err = group_take(into, plan, cp_buf_bytes(&payload), result);
    cp_buf_clear(&payload);
    cp_buf_clear(&k->items);
    *k = (struct craft){0};
    return err;
}

/* A content frame that does nothing but exist, with a few words. */
static struct cp_bytes note_frame(void)
{
    static uint8_t bytes[256];
    static struct cp_draft d;
    struct cp_buf frame, words;
    cp_buf_init(&frame, test_mem(), sizeof bytes);
    cp_buf_init(&words, test_mem(), sizeof bytes);
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, item);
    cr_assert_eq(cp_draft_write(&d, item, &frame, &words), CP_OK);
    memcpy(bytes, frame.ptr, frame.len);
    size_t len = frame.len;
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    cp_draft_clear(&d);
    return CP_BYTES(bytes, len);
}

static uint64_t count_of(struct cp_store *in)
{
    uint64_t entries;
    uint8_t digest[CP_ID_LEN];
    cr_assert_eq(cp_store_log_digest(in, plan, &entries, digest), CP_OK);
    return entries;
}

/* The highest head of a class and its lamport. */
static uint64_t head_of(struct cp_store *in, enum cp_class class, uint8_t id[CP_ID_LEN])
{
    uint8_t (*ids)[CP_ID_LEN];
    size_t count;
    struct cp_loaded l;
    cr_assert_eq(cp_store_heads(in, plan, class, &ids, &count), CP_OK);
    cr_assert_gt(count, 0);
    memcpy(id, ids[0], CP_ID_LEN);
    free(ids);
    cr_assert_eq(cp_store_entry(in, plan, id, &l), CP_OK);
    uint64_t lamport = l.info[0].lamport;
    cp_loaded_clear(&l);
    return lamport;
}

/* ---- Good ones ---- */

Test(put, two_stores_come_to_hold_the_same)
{
    uint8_t id[CP_ID_LEN];
    cr_assert(group_same(s, t, plan));
    group_set(t, &b, plan, item, "mend the gate and the fence", item, id);
    cr_assert_not(group_same(s, t, plan));
    group_carry(t, s, plan);
    cr_assert(group_same(s, t, plan));
    cr_assert(group_rebuilds(s));
    cr_assert(group_rebuilds(t));
    struct cp_loaded l;
    cr_assert_eq(cp_store_load(s, plan, item, false, &l), CP_OK);
    cr_assert_eq(l.count, 2);
    cr_assert_eq(l.info[0].left, 0);
    cr_assert_eq(l.info[1].left, 1);
    cr_assert_arr_eq(l.info[1].person, b.person, CP_ID_LEN);
    cr_assert_arr_eq(l.info[0].person, a.person, CP_ID_LEN);
    cp_loaded_clear(&l);
}

Test(put, what_is_held_is_known_and_nothing_changes)
{
    struct cp_put_result r;
    struct cp_buf payload;
    size_t count;
    uint64_t *rows = group_rows(s, plan, &count);
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    group_pack(s, rows, count, &payload);
    cr_assert_eq(group_take(t, plan, cp_buf_bytes(&payload), &r), CP_OK);
    cr_assert_eq(r.fresh, 0);
    cr_assert_eq(r.known, count);
    cr_assert_not(r.control);
    cr_assert_not(r.own_unknown);
    cr_assert(group_rebuilds(t));
    cp_buf_clear(&payload);
    free(rows);
}

Test(put, a_signature_that_arrives_later_is_kept)
{
    uint8_t first[CP_ID_LEN], second[CP_ID_LEN];
    struct cp_buf payload;
    struct cp_put_result r;
    group_item(s, &a, plan, "one", first);
    group_item(s, &a, plan, "two", second);
    group_carry(s, t, plan); /* one run: a signature at its end alone */
    size_t count;
    uint64_t *rows = group_rows(t, plan, &count);
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    size_t taken = 0;
    enum cp_err err = cp_chunk_build(&cp_store_replica(t)->source, test_mem(), &rows[count - 2], 1, &payload, &taken);
    cr_assert_eq(err, CP_ERR_NO_SIGNATURE);
    free(rows);
    rows = group_rows(s, plan, &count);
    cp_buf_reset(&payload);
    group_pack(s, &rows[count - 2], 1, &payload);
    free(rows);
    cr_assert_eq(group_take(t, plan, cp_buf_bytes(&payload), &r), CP_OK);
    cr_assert_eq(r.known, 1);
    rows = group_rows(t, plan, &count);
    cp_buf_reset(&payload);
    group_pack(t, &rows[count - 2], 1, &payload);
    free(rows);
    cp_buf_clear(&payload);
}

/* ---- Bad ones ---- */

Test(put, a_plan_that_nobody_awaits)
{
    struct cp_store *u = store_at(in_folder(folder, "u"), 3, NULL);
    struct cp_buf payload;
    size_t count;
    uint64_t *rows = group_rows(s, plan, &count);
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    group_pack(s, rows, count, &payload);
    cr_assert_eq(group_take(u, plan, cp_buf_bytes(&payload), NULL), CP_ERR_WRONG_PLAN);
    bool awaited = true;
    cr_assert_eq(cp_store_replica(u)->awaits(u, plan, &awaited), CP_OK);
    cr_assert_not(awaited);
    cp_store_lock(u);
    cr_assert_eq(group_take(u, plan, cp_buf_bytes(&payload), NULL), CP_ERR_LOCKED);
    cp_buf_clear(&payload);
    free(rows);
    cp_store_close(u);
}

Test(put, missing_predecessors_refuse_the_whole_chunk)
{
    struct craft k = {0};
    struct cp_put_result r;
    struct cp_header h = {.class = CP_CONTENT, .seq = 1, .parents_count = 1};
    uint8_t id[CP_ID_LEN], control[CP_ID_LEN];
    uint64_t before = count_of(t), lamport = head_of(t, CP_CONTROL, control);
    memcpy(h.parents[0], control, CP_ID_LEN);
    h.lamport = lamport + 1;
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(NULL, 0), false, id); /* good */
    h = (struct cp_header){.class = CP_CONTENT, .seq = 1, .parents_count = 1, .lamport = 2, .incarnation = {1}};
    memset(h.parents[0], 9, CP_ID_LEN);
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, &r), CP_ERR_MISSING_PARENT);
    cr_assert_arr_eq(r.bad, id, CP_ID_LEN);
    cr_assert_eq(r.fresh, 0);
    cr_assert_eq(count_of(t), before);
    h = (struct cp_header){.class = CP_CONTENT, .seq = 2, .lamport = 2, .incarnation = {1}};
    memset(h.prev, 9, CP_ID_LEN);
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, &r), CP_ERR_MISSING_PARENT);
    cr_assert(group_rebuilds(t));
}

Test(put, wrong_numbers)
{
    struct craft k = {0};
    struct cp_header good = {.class = CP_CONTENT, .seq = 1, .parents_count = 1}, h;
    uint8_t id[CP_ID_LEN], own[CP_ID_LEN];
    good.lamport = head_of(t, CP_CONTROL, good.parents[0]) + 1;
    h = good;
    h.lamport++;
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_BAD_LAMPORT);
    h.lamport = CP_INT_MAX;
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_BAD_LAMPORT);
    craft_add(&k, &b, &good, note_frame(), CP_BYTES(NULL, 0), false, own);
    cr_assert_eq(craft_take(&k, t, NULL), CP_OK);
    h = (struct cp_header){.class = CP_CONTENT, .seq = 3, .lamport = good.lamport + 1};
    memcpy(h.prev, own, CP_ID_LEN);
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_BAD_SEQ);
    h.seq = 2;
    h.incarnation[0] = 1; /* prev is of another chain */
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_BAD_SEQ);
    h = (struct cp_header){.class = CP_CONTROL, .seq = 1, .parents_count = 1, .lamport = good.lamport + 1};
    memcpy(h.parents[0], own, CP_ID_LEN);
    struct cp_buf frame;
    cp_buf_init(&frame, test_mem(), 200);
    cp_uninvite_write(own, &frame);
    craft_add(&k, &b, &h, cp_buf_bytes(&frame), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_BAD_PARENTS);
    cp_buf_clear(&frame);
    cr_assert(group_rebuilds(t));
}

Test(put, words_left_out_without_reason)
{
    struct craft k = {0};
    struct cp_header h = {.class = CP_CONTENT, .seq = 1, .parents_count = 1};
    uint8_t id[CP_ID_LEN];
    static const uint8_t words[] = {0x90};
    h.lamport = head_of(t, CP_CONTROL, h.parents[0]) + 1;
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(words, 1), true, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_WORDS_MISSING);
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(words, 1), false, id); /* words that mean nothing: kept as newer */
    cr_assert_eq(craft_take(&k, t, NULL), CP_OK);
    struct cp_plan_row *rows;
    size_t count;
    cr_assert_eq(cp_store_plans(t, &rows, &count), CP_OK);
    cr_assert_eq(rows[0].newer, 1);
    free(rows);
    cr_assert(group_rebuilds(t));
}

Test(put, content_is_no_part_of_a_knock)
{
    struct cp_chunk chunk;
    struct cp_put_result r;
    struct cp_buf payload;
    struct cp_store *u = store_at(in_folder(folder, "u"), 3, NULL);
    size_t count;
    uint64_t *rows = group_rows(s, plan, &count);
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    group_pack(s, rows, count, &payload);
    cr_assert_eq(cp_store_begin(u), CP_OK);
    cr_assert_eq(cp_store_await(u, plan, cp_bytes_str("j"), cp_bytes_str("i")), CP_OK);
    cr_assert_eq(cp_store_commit(u), CP_OK);
    cr_assert_eq(cp_chunk_read(&chunk, test_mem(), cp_buf_bytes(&payload), plan), CP_OK);
    cr_assert_eq(cp_store_put(u, plan, &chunk, true, &r), CP_ERR_BAD_MESSAGE);
    bool awaited = false;
    cr_assert_eq(cp_store_replica(u)->awaits(u, plan, &awaited), CP_OK);
    cr_assert(awaited, "rolled back, in memory too");
    cp_chunk_clear(&chunk);
    cp_buf_reset(&payload);
    group_pack(s, rows, count - 1, &payload);
    cr_assert_eq(cp_chunk_read(&chunk, test_mem(), cp_buf_bytes(&payload), plan), CP_OK);
    cr_assert_eq(cp_store_put(u, plan, &chunk, true, &r), CP_OK);
    cr_assert_eq(r.fresh, count - 1);
    cr_assert(r.control);
    cp_chunk_clear(&chunk);
    cp_buf_clear(&payload);
    free(rows);
    cp_store_close(u);
}

/* ---- Admission ---- */

static void frame_of_admit(struct cp_buf *frame, const uint8_t *invite, const struct someone *who, unsigned token)
{
    struct cp_buf join;
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_buf_init(frame, test_mem(), CP_ENTRY_MAX);
    group_join(who, plan, invite, token, &join);
    cp_admit_write(invite, cp_buf_bytes(&join), frame);
    cp_buf_clear(&join);
}

Test(put, nobody_writes_without_an_admission_in_the_own_past)
{
    struct craft k = {0};
    struct cp_header h = {.class = CP_CONTENT, .seq = 1, .parents_count = 1};
    struct cp_buf frame;
    uint8_t id[CP_ID_LEN], invite[CP_ID_LEN], before[CP_ID_LEN], admit[CP_ID_LEN];
    uint64_t lamport = head_of(t, CP_CONTROL, before);
    memcpy(h.parents[0], before, CP_ID_LEN);
    h.lamport = lamport + 1;
    craft_add(&k, &c, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_NOT_ADMITTED);
    h = (struct cp_header){.class = CP_CONTENT, .seq = 1, .lamport = 1};
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_NOT_ADMITTED);
    /* c is let in, but what c writes does not have it in its past */
    group_invite(s, &a, plan, 8, invite);
    frame_of_admit(&frame, invite, &c, 8);
    struct cp_buf join;
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    group_join(&c, plan, invite, 8, &join);
    group_admit(s, &a, plan, invite, cp_buf_bytes(&join), admit);
    group_carry(s, t, plan);
    h = (struct cp_header){.class = CP_CONTENT, .seq = 1, .parents_count = 1, .lamport = lamport + 1};
    memcpy(h.parents[0], before, CP_ID_LEN);
    craft_add(&k, &c, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_NOT_ADMITTED);
    h.lamport = head_of(t, CP_CONTROL, h.parents[0]) + 1;
    craft_add(&k, &c, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_OK);
    cp_buf_clear(&join);
    cp_buf_clear(&frame);
    cr_assert(group_rebuilds(t));
}

Test(put, an_admit_that_does_not_hold_admits_nobody)
{
    struct craft k = {0};
    struct cp_buf frame;
    uint8_t invite[CP_ID_LEN], old_head[CP_ID_LEN], admit[CP_ID_LEN], id[CP_ID_LEN];
    uint64_t old_lamport = head_of(s, CP_CONTROL, old_head);
    group_invite(s, &a, plan, 8, invite);
    group_carry(s, t, plan);
    /* by b, who has not seen the invitation: the ADMIT's own past does not hold it */
    struct cp_header h = {.class = CP_CONTROL, .seq = 1, .parents_count = 1, .lamport = old_lamport + 1};
    memcpy(h.parents[0], old_head, CP_ID_LEN);
    frame_of_admit(&frame, invite, &c, 8);
    craft_add(&k, &b, &h, cp_buf_bytes(&frame), CP_BYTES(NULL, 0), false, admit);
    cr_assert_eq(craft_take(&k, t, NULL), CP_OK, "kept, without effect");
    cp_buf_clear(&frame);
    const struct cp_members *members = NULL;
    cr_assert_eq(cp_store_members(t, plan, &members), CP_OK);
    cr_assert_eq(cp_members_find(members, c.device), NULL, "nor one of us, nor let in");
    struct cp_header w = {.class = CP_CONTENT, .seq = 1, .parents_count = 1, .lamport = old_lamport + 2};
    memcpy(w.parents[0], admit, CP_ID_LEN);
    craft_add(&k, &c, &w, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_NOT_ADMITTED);
    /* with a token that is not the invitation's */
    h.seq = 2;
    h.lamport = old_lamport + 2;
    memcpy(h.prev, admit, CP_ID_LEN);
    memcpy(h.parents[0], invite, CP_ID_LEN);
    frame_of_admit(&frame, invite, &c, 99);
    craft_add(&k, &b, &h, cp_buf_bytes(&frame), CP_BYTES(NULL, 0), false, admit);
    cr_assert_eq(craft_take(&k, t, NULL), CP_OK);
    cp_buf_clear(&frame);
    w.lamport = old_lamport + 3;
    memcpy(w.parents[0], admit, CP_ID_LEN);
    craft_add(&k, &c, &w, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, t, NULL), CP_ERR_NOT_ADMITTED);
    struct cp_invite_row *rows;
    size_t count;
    cr_assert_eq(cp_store_invites(t, plan, &rows, &count), CP_OK);
    cr_assert_eq(count, 2);
    cr_assert(rows[0].used);
    cr_assert_not(rows[1].used);
    cp_free(test_mem(), rows);
    cr_assert(group_rebuilds(t));
}

Test(put, nothing_is_written_before_the_own_admission_is_held)
{
    uint8_t id[CP_ID_LEN];
    struct cp_draft *d = malloc(sizeof *d);
    cp_draft_init(d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("too early"));
    cr_assert_eq(group_write(t, &c, plan, d, id), CP_ERR_NOT_YET);
    free(d);
}

/* ---- Forks and own entries met ---- */

Test(put, a_fork_is_kept_as_two_branches)
{
    struct craft k = {0};
    struct cp_header h = {.class = CP_CONTENT, .seq = 1, .parents_count = 1, .incarnation = {7}};
    uint8_t one[CP_ID_LEN], left[CP_ID_LEN], right[CP_ID_LEN];
    h.lamport = head_of(t, CP_CONTROL, h.parents[0]) + 1;
    craft_add(&k, &b, &h, note_frame(), CP_BYTES(NULL, 0), false, one);
    struct cp_header two = {.class = CP_CONTENT, .seq = 2, .lamport = h.lamport + 1, .incarnation = {7}};
    memcpy(two.prev, one, CP_ID_LEN);
    craft_add(&k, &b, &two, note_frame(), CP_BYTES(NULL, 0), false, left);
    two.time_ms = 5;
    craft_add(&k, &b, &two, note_frame(), CP_BYTES(NULL, 0), false, right);
    cr_assert_eq(craft_take(&k, t, NULL), CP_OK);
    const struct cp_replica *r = cp_store_replica(t);
    struct cp_tip *tips;
    size_t count, of_chain = 0;
    cr_assert_eq(r->tips(r->ctx, plan, CP_CONTENT, &tips, &count), CP_OK);
    uint64_t chain = 0;
    for (size_t i = 0; i < count; i++)
        if (memcmp(tips[i].device, b.device, CP_KEY_LEN) == 0) {
            of_chain++;
            chain = tips[i].chain;
            cr_assert_eq(tips[i].seq, 2);
        }
    cr_assert_eq(of_chain, 2);
    cp_free(r->mem, tips);
    uint8_t (*ids)[CP_ID_LEN];
    cr_assert_eq(r->ids_at(r->ctx, plan, chain, 2, &ids, &count), CP_OK);
    cr_assert_eq(count, 2);
    cp_free(r->mem, ids);
    struct cp_plan_row *rows;
    cr_assert_eq(cp_store_plans(t, &rows, &count), CP_OK);
    cr_assert_eq(rows[0].forks, 1);
    cp_free(r->mem, rows);
    group_carry(t, s, plan);
    cr_assert(group_same(s, t, plan));
    cr_assert(group_rebuilds(t));
}

Test(put, an_own_entry_that_is_not_held_begins_a_new_incarnation)
{
    struct cp_store *old = store_at(in_folder(folder, "old"), 4, NULL);
    struct craft k = {0};
    struct cp_put_result r;
    uint8_t id[CP_ID_LEN], mine[CP_ID_LEN];
    struct cp_header h = {.class = CP_CONTENT};
    struct cp_loaded l;
    group_carry(s, old, plan);
    group_set(s, &a, plan, item, "written, then forgotten", item, mine);
    cr_assert_eq(cp_store_entry(s, plan, mine, &l), CP_OK);
    /* s as it was before would be shown this successor of `item` under its own incarnation */
    h.seq = l.info[0].seq + 1;
    h.lamport = l.info[0].lamport + 1;
    memcpy(h.prev, mine, CP_ID_LEN);
    cp_loaded_clear(&l);
    cp_store_incarnation(s, h.incarnation, NULL);
    craft_add(&k, &a, &h, note_frame(), CP_BYTES(NULL, 0), false, id);
    cr_assert_eq(craft_take(&k, s, &r), CP_OK);
    cr_assert(r.own_unknown);
    uint8_t now[CP_INCARNATION_LEN];
    cp_store_incarnation(s, now, NULL);
    cr_assert_neq(memcmp(now, h.incarnation, sizeof now), 0);
    group_item(s, &a, plan, "goes on", id);
    cr_assert_eq(cp_store_entry(s, plan, id, &l), CP_OK);
    cr_assert_eq(l.info[0].seq, 1);
    cp_loaded_clear(&l);
    group_carry(s, old, plan);
    cr_assert(group_same(s, old, plan));
    cr_assert(group_rebuilds(s));
    cp_store_close(old);
}

Test(put, flipped_bits_never_get_in)
{
    struct cp_buf payload;
    size_t count;
    uint8_t id[CP_ID_LEN];
    uint64_t before = count_of(t), seed = 5;
    group_set(s, &a, plan, item, "short", item, id);
    uint64_t *rows = group_rows(s, plan, &count);
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    group_pack(s, &rows[count - 1], 1, &payload);
    for (unsigned round = 0; round < 300; round++) {
        size_t at = test_below(&seed, payload.len);
        uint8_t bit = (uint8_t)(1U << test_below(&seed, 8));
        payload.ptr[at] ^= bit;
        cr_assert_neq(group_take(t, plan, cp_buf_bytes(&payload), NULL), CP_OK);
        payload.ptr[at] ^= bit;
    }
    cr_assert_eq(count_of(t), before);
    cr_assert_eq(group_take(t, plan, cp_buf_bytes(&payload), NULL), CP_OK);
    cp_buf_clear(&payload);
    free(rows);
}

static int ids_ascend(const void *x, const void *y)
{
    return memcmp(x, y, CP_ID_LEN);
}

/* Entries that cite 60 control entries each, others every time: joined two by two these were minutes of walking for
 * one chunk. What comes of it is the same as when all is made anew. */
Test(put, many_parents_are_joined_at_once, .timeout = 60)
{
    enum { CONTROL = 240, CONTENT = 60, PARENTS = 60 };
    static uint8_t control[CONTROL][CP_ID_LEN];
    static uint64_t lamports[CONTROL];
    uint8_t prev[CP_ID_LEN] = {0}, secret[CP_KEY_LEN] = {0};
    uint64_t last = 0, highest = 0;
    struct craft k = {0};
    struct cp_put_result result;
    highest = head_of(s, CP_CONTROL, control[0]);
    cr_assert_eq(cp_store_begin(s), CP_OK);
    for (size_t i = 0; i < CONTROL; i++) {
        struct cp_buf frame;
        secret[0] = (uint8_t)i;
        cp_buf_init(&frame, test_mem(), 256);
        cp_secret_write(secret, &frame);
        cr_assert_eq(cp_store_append(s, &b.signer, plan, b.device, CP_CONTROL, cp_buf_bytes(&frame), CP_BYTES(NULL, 0), 1,
                                     control[i]),
                     CP_OK);
        lamports[i] = ++highest;
        cp_buf_clear(&frame);
    }
    cr_assert_eq(cp_store_commit(s), CP_OK);
    group_carry(s, t, plan);
    for (size_t e = 0; e < CONTENT; e++) {
        struct cp_header h = {.class = CP_CONTENT, .seq = e + 1, .parents_count = PARENTS, .lamport = last};
        memset(h.incarnation, 0x77, sizeof h.incarnation);
        memcpy(h.prev, prev, CP_ID_LEN);
        for (size_t i = 0; i < PARENTS; i++) {
            size_t at = (e * 7 + i * (CONTROL / PARENTS)) % CONTROL;
            memcpy(h.parents[i], control[at], CP_ID_LEN);
            h.lamport = lamports[at] > h.lamport ? lamports[at] : h.lamport;
        }
        qsort(h.parents, PARENTS, CP_ID_LEN, ids_ascend);
        last = ++h.lamport;
        craft_add(&k, &b, &h, note_frame(), CP_BYTES((const uint8_t *)"", 0), false, prev);
    }
    cr_assert_eq(craft_take(&k, t, &result), CP_OK);
    cr_assert_eq(result.fresh, CONTENT);
    cr_assert(group_rebuilds(t));
}
