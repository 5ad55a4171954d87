/* Entries: headers, ids and rule R1. Bad input first. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/entry.h"
#include "proto/frame.h"
#include "tests/support/heap.h"

struct made {
    struct cp_header h;
    struct cp_buf header, frame, words;
    struct cp_entry e;
};

/* A content entry with one parent, consistent in every length and hash. */
static void make(struct made *m)
{
    static const uint8_t salt[CP_SALT_LEN] = {4};
    struct cp_draft d;
    memset(m, 0, sizeof *m);
    cp_buf_init(&m->header, test_mem(), CP_HEADER_MAX);
    cp_buf_init(&m->frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&m->words, test_mem(), CP_ENTRY_MAX);
    cp_draft_init(&d, test_mem(), CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("Tea on Tuesdays"));
    cr_assert_eq(cp_draft_write(&d, salt, &m->frame, &m->words), CP_OK);
    cp_draft_clear(&d);
    m->h = (struct cp_header){.rules = 1, .class = CP_CONTENT, .seq = 1, .parents_count = 1, .lamport = 6,
                              .time_ms = 1700000000000, .frame_len = (uint32_t)m->frame.len,
                              .words_len = (uint32_t)m->words.len};
    memset(m->h.device, 0xd1, CP_KEY_LEN);
    memset(m->h.parents[0], 0x77, CP_ID_LEN);
    cp_body_hash(cp_buf_bytes(&m->frame), cp_buf_bytes(&m->words), m->h.body_hash);
}

static void seal(struct made *m)
{
    cp_buf_reset(&m->header);
    cp_header_encode(&m->h, &m->header);
    cr_assert_eq(cp_buf_err(&m->header), CP_OK);
    m->e = (struct cp_entry){.header = cp_buf_bytes(&m->header), .frame = cp_buf_bytes(&m->frame),
                             .words = cp_buf_bytes(&m->words)};
}

static void clear(struct made *m)
{
    cp_buf_clear(&m->header);
    cp_buf_clear(&m->frame);
    cp_buf_clear(&m->words);
}

Test(entry, a_good_one_passes_and_reads_back_to_the_same_bytes)
{
    struct made m;
    struct cp_header h;
    struct cp_buf again;
    make(&m);
    seal(&m);
    cr_assert_eq(cp_entry_check(&m.e, &h), CP_OK);
    cp_buf_init(&again, test_mem(), CP_HEADER_MAX);
    cp_header_encode(&h, &again);
    cr_expect(cp_bytes_eq(cp_buf_bytes(&again), m.e.header));
    cp_buf_clear(&again);
    clear(&m);
}

Test(entry, truncated_anywhere_is_refused)
{
    struct made m;
    struct cp_header h;
    make(&m);
    seal(&m);
    for (size_t len = 0; len < m.header.len; len++)
        cr_expect_neq(cp_header_decode(CP_BYTES(m.header.ptr, len), &h), CP_OK, "header cut at %zu", len);
    struct cp_entry cut = m.e;
    for (size_t len = 0; len < m.frame.len; len++) {
        cut.frame.len = len;
        cr_expect_neq(cp_entry_check(&cut, &h), CP_OK);
    }
    cut = m.e;
    for (size_t len = 0; len < m.words.len; len++) {
        cut.words.len = len;
        cr_expect_neq(cp_entry_check(&cut, &h), CP_OK);
    }
    clear(&m);
}

/* A flipped bit is refused, or it makes another id (so no signature of the old one fits). */
Test(entry, every_flipped_bit_shows)
{
    struct made m;
    struct cp_header h;
    uint8_t id[CP_ID_LEN], other[CP_ID_LEN];
    make(&m);
    seal(&m);
    cp_entry_id(cp_zero_id, m.e.header, id);
    struct cp_buf *parts[] = {&m.header, &m.frame, &m.words};
    for (size_t p = 0; p < 3; p++)
        for (size_t bit = 0; bit < parts[p]->len * 8; bit++) {
            parts[p]->ptr[bit / 8] = (uint8_t)(parts[p]->ptr[bit / 8] ^ (1U << bit % 8));
            enum cp_err err = cp_entry_check(&m.e, &h);
            cp_entry_id(cp_zero_id, m.e.header, other);
            cr_expect(err != CP_OK || (p == 0 && memcmp(id, other, CP_ID_LEN) != 0), "part %zu bit %zu", p, bit);
            parts[p]->ptr[bit / 8] = (uint8_t)(parts[p]->ptr[bit / 8] ^ (1U << bit % 8));
        }
    clear(&m);
}

Test(entry, headers_that_lie_about_order_are_refused)
{
    struct made m;
    struct cp_header h;
    make(&m);
    m.h.seq = 0;
    seal(&m);
    cr_expect_eq(cp_header_decode(m.e.header, &h), CP_ERR_BAD_SEQ);
    m.h.seq = 2; /* prev is zeros */
    seal(&m);
    cr_expect_eq(cp_header_decode(m.e.header, &h), CP_ERR_BAD_SEQ);
    m.h.seq = 1;
    memset(m.h.prev, 1, CP_ID_LEN); /* the first of a chain has no prev */
    seal(&m);
    cr_expect_eq(cp_header_decode(m.e.header, &h), CP_ERR_BAD_SEQ);
    memset(m.h.prev, 0, CP_ID_LEN);
    m.h.parents_count = 2; /* second parent sorts before the first */
    memset(m.h.parents[1], 0x11, CP_ID_LEN);
    seal(&m);
    cr_expect_eq(cp_header_decode(m.e.header, &h), CP_ERR_BAD_PARENTS);
    memset(m.h.parents[1], 0x77, CP_ID_LEN); /* twice the same */
    seal(&m);
    cr_expect_eq(cp_header_decode(m.e.header, &h), CP_ERR_BAD_PARENTS);
    clear(&m);
}

Test(entry, unknown_rules_wrong_class_and_control_with_words_are_refused)
{
    struct made m;
    struct cp_header h;
    make(&m);
    m.h.rules = 2;
    seal(&m);
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_ERR_NEWER_RULES);
    m.h.rules = 1;
    m.h.class = CP_CONTROL;
    seal(&m);
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_ERR_BAD_VALUE);
    clear(&m);
}

Test(entry, an_unknown_kind_keeps_its_class)
{
    struct made m;
    struct cp_header h;
    struct cp_frame f;
    static const uint8_t frame[] = {0x93, 0xcd, 0x03, 0xe7, 0x90, 0xa1, 'x'}; /* [999, [], "x"] */
    make(&m);
    cp_buf_reset(&m.frame);
    cp_buf_put(&m.frame, frame, sizeof frame);
    m.h.frame_len = sizeof frame;
    cp_body_hash(cp_buf_bytes(&m.frame), cp_buf_bytes(&m.words), m.h.body_hash);
    seal(&m);
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_OK);
    cr_expect_eq(cp_frame_read(m.e.frame, m.e.words, &f), CP_ERR_NEWER_CONTENT);
    clear(&m);
}

Test(entry, words_may_be_erased_and_the_id_stands)
{
    struct made m;
    uint8_t kept[CP_ID_LEN], hash[CP_ID_LEN];
    make(&m);
    cp_words_hash(cp_buf_bytes(&m.words), kept);
    cp_body_hash_erased(cp_buf_bytes(&m.frame), kept, hash);
    cr_expect_eq(memcmp(hash, m.h.body_hash, CP_ID_LEN), 0);
    seal(&m);
    m.e.words = CP_BYTES(NULL, 0);
    struct cp_header h;
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_ERR_BAD_BODY, "nothing tells the frame from a false one");
    m.e.words_hash = CP_BYTES(kept, sizeof kept);
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_OK);
    kept[3] ^= 1;
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_ERR_BAD_BODY);
    kept[3] ^= 1;
    m.frame.ptr[m.frame.len - 1] ^= 1;
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_ERR_BAD_BODY, "another frame");
    m.frame.ptr[m.frame.len - 1] ^= 1;
    m.e.words_hash.len--;
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_ERR_BAD_BODY);
    clear(&m);
}

Test(entry, predecessors_decide_lamport_seq_and_class)
{
    struct made m;
    uint8_t prev[CP_ID_LEN] = {3};
    make(&m);
    memcpy(m.h.prev, prev, CP_ID_LEN);
    m.h.seq = 5;
    struct cp_pred preds[2] = {
        {.id = prev, .class = CP_CONTENT, .lamport = 5, .same_chain = true, .seq = 4},
        {.id = m.h.parents[0], .class = CP_CONTROL, .lamport = 2},
    };
    cr_expect_eq(cp_entry_check_preds(&m.h, preds, 2), CP_OK);
    preds[0].seq = 3;
    cr_expect_eq(cp_entry_check_preds(&m.h, preds, 2), CP_ERR_BAD_SEQ);
    preds[0].seq = 4;
    preds[0].same_chain = false;
    cr_expect_eq(cp_entry_check_preds(&m.h, preds, 2), CP_ERR_BAD_SEQ);
    preds[0].same_chain = true;
    preds[1].lamport = 6;
    cr_expect_eq(cp_entry_check_preds(&m.h, preds, 2), CP_ERR_BAD_LAMPORT);
    preds[1].lamport = 2;
    m.h.class = CP_CONTROL;
    cr_expect_eq(cp_entry_check_preds(&m.h, preds, 2), CP_ERR_BAD_PARENTS);
    clear(&m);
}

Test(entry, an_oversized_one_is_refused)
{
    struct made m;
    struct cp_header h;
    make(&m);
    m.h.words_len = CP_ENTRY_MAX;
    seal(&m);
    cr_expect_eq(cp_header_decode(m.e.header, &h), CP_ERR_TOO_BIG);
    clear(&m);
}

/* Each of these is wrong in one thing alone, so that nothing else can refuse it. */
Test(entry, one_lie_at_a_time)
{
    struct made m;
    struct cp_header h;
    make(&m);
    m.h.frame_len++;
    seal(&m);
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_ERR_BAD_BODY, "the frame is shorter than stated");
    m.h.frame_len -= 2;
    seal(&m);
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_ERR_BAD_BODY, "the frame is longer than stated");
    m.h.frame_len++;
    m.h.words_len++;
    seal(&m);
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_ERR_BAD_BODY, "the words are shorter than stated");
    m.h.words_len -= 2;
    seal(&m);
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_ERR_BAD_BODY, "the words are longer than stated");
    m.h.words_len++;
    seal(&m);
    cr_expect_eq(cp_entry_check(&m.e, &h), CP_OK);
    m.h.seq = 2;
    memset(m.h.prev, 0x77, CP_ID_LEN);
    seal(&m);
    cr_expect_eq(cp_header_decode(m.e.header, &h), CP_ERR_BAD_PARENTS, "prev is named among the parents too");
    clear(&m);
}

Test(entry, frame_and_header_must_agree_on_the_class)
{
    static const uint8_t secret[] = {0x92, CP_KIND_SECRET, 0x90}, note[] = {0x92, CP_KIND_NOTE, 0x90};
    struct made m;
    struct cp_header h;
    make(&m);
    for (int control = 0; control < 2; control++)
        for (int words = 0; words < 2; words++)
            for (int class = 0; class < 2; class++) {
                cp_buf_reset(&m.frame);
                cp_buf_put(&m.frame, control ? secret : note, sizeof secret);
                m.h.class = class == 0 ? CP_CONTROL : CP_CONTENT;
                m.h.frame_len = sizeof secret;
                m.h.words_len = words ? (uint32_t)m.words.len : 0;
                struct cp_bytes said = words ? cp_buf_bytes(&m.words) : CP_BYTES((const uint8_t *)"", 0);
                cp_body_hash(cp_buf_bytes(&m.frame), said, m.h.body_hash);
                seal(&m);
                m.e.words = said;
                bool good = (control && class == 0 && !words) || (!control && class == 1);
                cr_expect_eq(cp_entry_check(&m.e, &h), good ? CP_OK : CP_ERR_BAD_VALUE, "%d %d %d", control, words, class);
            }
    clear(&m);
}

Test(entry, lamport_is_one_more_than_the_greatest_and_not_two)
{
    struct made m;
    make(&m);
    struct cp_pred pred = {.id = m.h.parents[0], .class = CP_CONTROL, .lamport = 5};
    cr_expect_eq(cp_entry_check_preds(&m.h, &pred, 1), CP_OK);
    pred.lamport = 4;
    cr_expect_eq(cp_entry_check_preds(&m.h, &pred, 1), CP_ERR_BAD_LAMPORT);
    m.h.parents_count = 0;
    cr_expect_eq(cp_entry_check_preds(&m.h, NULL, 0), CP_ERR_BAD_LAMPORT, "1 where there are none");
    m.h.lamport = 1;
    cr_expect_eq(cp_entry_check_preds(&m.h, NULL, 0), CP_OK);
    clear(&m);
}

Test(entry, lists_of_ids_are_put_in_order)
{
    static const uint8_t first[] = {7, 0, 255, 7, 1, 0, 128}, sorted[] = {0, 0, 1, 7, 7, 128, 255}, once[] = {0, 1, 7, 128, 255};
    uint8_t ids[sizeof first][CP_ID_LEN];
    for (unsigned round = 0; round < 2; round++) {
        const uint8_t *want = round == 0 ? sorted : once;
        size_t count = sizeof first;
        memset(ids, 5, sizeof ids);
        for (size_t i = 0; i < count; i++)
            ids[i][CP_ID_LEN - 1] = first[i]; /* the last byte counts too */
        if (round == 0)
            cp_id_sort(ids, count);
        else
            count = cp_id_sort_once(ids, count);
        cr_assert_eq(count, round == 0 ? sizeof sorted : sizeof once);
        for (size_t i = 0; i < count; i++)
            cr_assert(ids[i][0] == 5 && ids[i][CP_ID_LEN - 1] == want[i], "%zu", i);
    }
    cp_id_sort(NULL, 0);
    cr_assert_eq(cp_id_sort_once(NULL, 0), 0);
}
