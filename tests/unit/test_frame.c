/* Content frames and words. Bad input first: what a frame says wrongly has no effect, and nothing crashes. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/frame.h"
#include "tests/support/heap.h"

static const uint8_t salt[CP_SALT_LEN] = {1, 2, 3};

struct pair {
    struct cp_buf frame, words;
};

static void write_pair(struct pair *p, struct cp_draft *d)
{
    cp_buf_init(&p->frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&p->words, test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_draft_write(d, salt, &p->frame, &p->words), CP_OK);
    cp_draft_clear(d);
}

static void clear_pair(struct pair *p)
{
    cp_buf_clear(&p->frame);
    cp_buf_clear(&p->words);
}

/* Everything a frame can hold. */
static void make(struct pair *p)
{
    struct cp_draft d;
    uint8_t target[CP_ID_LEN] = {1}, old[CP_ID_LEN] = {2}, person[CP_ID_LEN] = {3}, column[CP_ID_LEN] = {4};
    cp_draft_init(&d, test_mem(), CP_KIND_SET, 0, target);
    cp_draft_replace(&d, old);
    cp_draft_replace(&d, old); /* named once */
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str("Tea"));
    cp_draft_text(&d, CP_FIELD_TEXT, cp_bytes_str("cy"), cp_bytes_str("Te"));
    cp_draft_link(&d, CP_FIELD_LEAD, cp_draft_name(&d, person), false);
    cp_draft_link(&d, CP_FIELD_HELPERS, cp_draft_name(&d, person), true);
    cp_draft_remove(&d, CP_FIELD_HELPERS, cp_draft_name(&d, old), 0);
    cp_draft_column(&d, cp_draft_name(&d, column), cp_bytes_str("Summer term"));
    cp_draft_nil(&d, CP_FIELD_PLAIN, CP_BYTES(NULL, 0));
    write_pair(p, &d);
}

Test(frame, what_is_written_is_read)
{
    struct pair p;
    struct cp_frame f;
    make(&p);
    cr_assert_eq(cp_frame_read(cp_buf_bytes(&p.frame), cp_buf_bytes(&p.words), &f), CP_OK);
    cr_expect_eq(f.replaced, 1);
    cr_expect_eq(f.refs_count, 4);
    cr_expect_eq(f.ops_count, 7);
    cr_expect_eq(cp_frame_target(&f)[0], 1);
    cr_expect_eq(cp_frame_replaced(&f, 0)[0], 2);
    cr_expect(cp_bytes_eq(f.ops[1].lang, cp_bytes_str("cy")));
    cr_expect(cp_bytes_eq(f.ops[1].value.bytes, cp_bytes_str("Te")));
    cr_expect_eq(cp_frame_ref(&f, f.ops[5].ref)[0], 4);
    cr_expect_eq(f.ops[6].value.type, CP_VALUE_NIL);
    clear_pair(&p);
}

Test(frame, truncated_or_flipped_never_reads_as_something_else_unnoticed)
{
    struct pair p;
    struct cp_frame f;
    make(&p);
    for (size_t len = 0; len < p.frame.len; len++)
        cr_expect_neq(cp_frame_read(CP_BYTES(p.frame.ptr, len), cp_buf_bytes(&p.words), &f), CP_OK);
    for (size_t len = 1; len < p.words.len; len++)
        cr_expect_neq(cp_frame_read(cp_buf_bytes(&p.frame), CP_BYTES(p.words.ptr, len), &f), CP_OK);
    for (size_t bit = 0; bit < p.frame.len * 8; bit++) { /* must only not crash: ids catch the change */
        p.frame.ptr[bit / 8] = (uint8_t)(p.frame.ptr[bit / 8] ^ (1U << bit % 8));
        (void)!cp_frame_read(cp_buf_bytes(&p.frame), cp_buf_bytes(&p.words), &f);
        p.frame.ptr[bit / 8] = (uint8_t)(p.frame.ptr[bit / 8] ^ (1U << bit % 8));
    }
    clear_pair(&p);
}

Test(frame, without_its_words_it_still_says_what_it_does)
{
    struct pair p;
    struct cp_frame f;
    make(&p);
    cr_assert_eq(cp_frame_read(cp_buf_bytes(&p.frame), CP_BYTES(NULL, 0), &f), CP_OK);
    cr_expect(!f.words_here);
    cr_expect_eq(f.ops_count, 7);
    cr_expect_eq(f.ops[0].value.type, CP_VALUE_NONE);
    clear_pair(&p);
}

static enum cp_err read_one(uint64_t kind, uint64_t subkind, uint16_t field, const char *text)
{
    struct cp_draft d;
    struct pair p;
    struct cp_frame f;
    cp_draft_init(&d, test_mem(), kind, subkind, NULL);
    cp_draft_text(&d, field, CP_BYTES(NULL, 0), cp_bytes_str(text));
    write_pair(&p, &d);
    enum cp_err err = cp_frame_read(cp_buf_bytes(&p.frame), cp_buf_bytes(&p.words), &f);
    clear_pair(&p);
    return err;
}

Test(frame, values_outside_their_field_have_no_effect)
{
    cr_expect_eq(read_one(CP_KIND_ITEM, CP_RECORD_ACTION, CP_FIELD_TEXT, "ok"), CP_OK);
    cr_expect_eq(read_one(CP_KIND_ITEM, CP_RECORD_ACTION, CP_FIELD_STATE, "set aside"), CP_OK);
    cr_expect_eq(read_one(CP_KIND_ITEM, CP_RECORD_ACTION, CP_FIELD_STATE, "offered a biscuit"), CP_ERR_NEWER_CONTENT);
    cr_expect_eq(read_one(CP_KIND_ITEM, CP_RECORD_ACTION, CP_FIELD_LEAD, "Asha"), CP_ERR_NEWER_CONTENT);
    cr_expect_eq(read_one(CP_KIND_ITEM, CP_RECORD_ACTION, CP_FIELD_HELPERS, "Asha"), CP_ERR_NEWER_CONTENT);
    cr_expect_eq(read_one(CP_KIND_ITEM, CP_RECORD_ACTION, 60000, "x"), CP_ERR_NEWER_CONTENT);
    cr_expect_eq(read_one(CP_KIND_ITEM, 99, CP_FIELD_TEXT, "x"), CP_ERR_NEWER_CONTENT);
    static char big[CP_TEXT_MAX + 2];
    memset(big, 'a', CP_TEXT_MAX + 1);
    cr_expect_eq(read_one(CP_KIND_ITEM, CP_RECORD_ACTION, CP_FIELD_TEXT, big), CP_ERR_NEWER_CONTENT);
}

/* One value under a language, or of a view of a measure. */
static enum cp_err read_value(uint64_t kind, uint64_t subkind, uint16_t field, const char *lang, const char *text)
{
    static const uint8_t target[CP_ID_LEN] = {7};
    struct cp_draft d;
    struct pair p;
    struct cp_frame f;
    cp_draft_init(&d, test_mem(), kind, subkind, cp_kind_has_target(kind) ? target : NULL);
    cp_draft_text(&d, field, cp_bytes_str(lang), cp_bytes_str(text));
    write_pair(&p, &d);
    enum cp_err err = cp_frame_read(cp_buf_bytes(&p.frame), cp_buf_bytes(&p.words), &f);
    clear_pair(&p);
    return err;
}

Test(frame, languages_and_what_a_measure_allows)
{
    static const char *const bad[] = {"EN", "c", "cy: no\n  due", "cy ", "en--gb", "en-", "engl"};
    cr_expect_eq(read_value(CP_KIND_SET, 0, CP_FIELD_TEXT, "cy", "x"), CP_OK);
    cr_expect_eq(read_value(CP_KIND_SET, 0, CP_FIELD_TEXT, "pt-br", "x"), CP_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect_eq(read_value(CP_KIND_SET, 0, CP_FIELD_TEXT, bad[i], "x"), CP_ERR_NEWER_CONTENT, "%s", bad[i]);
    cr_expect_eq(read_value(CP_KIND_VIEW, 2, CP_FIELD_VALUE, "", "4"), CP_OK);
    cr_expect_eq(read_value(CP_KIND_VIEW, 2, CP_FIELD_VALUE, "", "dont_know"), CP_OK);
    cr_expect_eq(read_value(CP_KIND_VIEW, 2, CP_FIELD_VALUE, "", "400"), CP_ERR_NEWER_CONTENT);
    cr_expect_eq(read_value(CP_KIND_VIEW, 2, CP_FIELD_VALUE, "", "lead"), CP_ERR_NEWER_CONTENT);
    cr_expect_eq(read_value(CP_KIND_VIEW, 4, CP_FIELD_VALUE, "", "lead"), CP_OK);
}

Test(frame, too_much_for_one_entry_is_an_error_when_written)
{
    struct cp_draft d;
    struct cp_buf frame, words;
    cp_draft_init(&d, test_mem(), CP_KIND_PLAN, 0, NULL);
    for (unsigned i = 0; i <= CP_OPS_MAX; i++)
        cp_draft_text(&d, CP_FIELD_TITLE, CP_BYTES(NULL, 0), cp_bytes_str("x"));
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX);
    cr_expect_eq(cp_draft_write(&d, salt, &frame, &words), CP_ERR_TOO_BIG);
    cp_draft_clear(&d);
    cp_draft_init(&d, test_mem(), CP_KIND_PLAN, 0, NULL);
    for (unsigned i = 0; i <= CP_REFS_MAX; i++) {
        uint8_t id[CP_ID_LEN] = {(uint8_t)(i & 0xff), (uint8_t)(i >> 8), 1};
        (void)cp_draft_name(&d, id);
    }
    cr_expect_eq(cp_draft_write(&d, salt, &frame, &words), CP_ERR_TOO_BIG);
    cp_draft_clear(&d);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
}

/* The longest text beside as many replaced writes as there may be still fits into an entry. */
Test(frame, more_values_than_one_entry_replaces_keep_nobody_from_writing)
{
    static char text[CP_TEXT_MAX + 1];
    struct cp_draft d;
    struct cp_buf frame, words;
    struct cp_frame read;
    memset(text, 'x', CP_TEXT_MAX);
    cp_draft_init(&d, test_mem(), CP_KIND_PLAN, 0, NULL);
    for (unsigned i = 0; i < 3 * CP_REFS_MAX; i++) {
        uint8_t id[CP_ID_LEN] = {(uint8_t)(i & 0xff), (uint8_t)(i >> 8), 1};
        cp_draft_replace(&d, id);
    }
    cp_draft_text(&d, CP_FIELD_TITLE, CP_BYTES(NULL, 0), cp_bytes_str("x"));
    cp_draft_text(&d, 17 /* purpose */, CP_BYTES(NULL, 0), cp_bytes_str(text));
    cp_draft_text(&d, 26 /* if_behind */, CP_BYTES(NULL, 0), cp_bytes_str(text));
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX - CP_HEADER_MAX);
    cp_buf_init(&words, test_mem(), CP_ENTRY_MAX - CP_HEADER_MAX);
    cr_assert_eq(cp_draft_write(&d, salt, &frame, &words), CP_OK);
    cr_expect_leq(frame.len + words.len + CP_HEADER_MAX, CP_ENTRY_MAX);
    cr_assert_eq(cp_frame_read(cp_buf_bytes(&frame), cp_buf_bytes(&words), &read), CP_OK);
    cr_expect_eq(read.replaced, CP_REPLACED_MAX);
    cp_draft_clear(&d);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
}

Test(frame, bare_values_are_read_strictly)
{
    struct cp_draft d;
    struct pair p;
    struct cp_value v[3];
    size_t count;
    uint8_t target[CP_ID_LEN] = {9}, sig[CP_SIG_LEN] = {8};
    cp_draft_init(&d, test_mem(), CP_KIND_ANSWER, 0, target);
    cp_draft_value(&d, cp_bytes_str("coplan answer 1\n"), true);
    cp_draft_value(&d, CP_BYTES(sig, sizeof sig), false);
    write_pair(&p, &d);
    cr_assert_eq(cp_words_values(cp_buf_bytes(&p.words), v, 3, &count), CP_OK);
    cr_expect_eq(count, 2);
    cr_expect_eq(v[1].bytes.len, CP_SIG_LEN);
    cr_expect_eq(cp_words_values(cp_buf_bytes(&p.words), v, 1, &count), CP_ERR_NEWER_CONTENT);
    for (size_t len = 0; len < p.words.len; len++)
        cr_expect_neq(cp_words_values(CP_BYTES(p.words.ptr, len), v, 3, &count), CP_OK);
    clear_pair(&p);
}

/* ---- Said again ---- */

/* A wish in some words; named: another entry is named last. */
static void wish(struct pair *p, uint64_t kind, const char *text, uint8_t named, uint8_t salted)
{
    struct cp_draft d;
    uint8_t target[CP_ID_LEN] = {1}, old[CP_ID_LEN] = {named}, other_salt[CP_SALT_LEN] = {salted};
    cp_draft_init(&d, test_mem(), kind, kind == CP_KIND_ITEM ? CP_RECORD_ACTION : 0, kind == CP_KIND_ITEM ? NULL : target);
    cp_draft_text(&d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str(text));
    if (named != 0)
        (void)cp_draft_name(&d, old);
    cp_buf_init(&p->frame, test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&p->words, test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_draft_write(&d, other_salt, &p->frame, &p->words), CP_OK);
    cp_draft_clear(&d);
}

static bool again(const struct pair *p, const struct pair *q)
{
    return cp_frame_says_again(cp_buf_bytes(&p->frame), cp_buf_bytes(&p->words), cp_buf_bytes(&q->frame),
                               cp_buf_bytes(&q->words));
}

Test(frame, said_again_is_the_same_words_and_no_others)
{
    struct pair said, same, others, kind, unnamed;
    wish(&said, CP_KIND_SET, "Plant trees", 0, 1);
    wish(&same, CP_KIND_SET, "Plant trees", 7, 2);
    wish(&others, CP_KIND_SET, "Close the park", 7, 2);
    wish(&kind, CP_KIND_ITEM, "Plant trees", 7, 2);
    wish(&unnamed, CP_KIND_SET, "Plant trees", 0, 2);
    cr_expect(again(&said, &same));
    cr_expect(!again(&said, &others), "other words");
    cr_expect(!again(&said, &kind), "said of something else, or of nothing");
    cr_expect(!again(&said, &unnamed), "it does not name what it says again");
    cr_expect(!cp_frame_says_again(cp_buf_bytes(&said.frame), CP_BYTES(NULL, 0), cp_buf_bytes(&same.frame),
                                   cp_buf_bytes(&same.words)), "words that are not here say nothing");
    for (size_t cut = 0; cut < same.words.len; cut++)
        cr_expect(!cp_frame_says_again(cp_buf_bytes(&said.frame), cp_buf_bytes(&said.words), cp_buf_bytes(&same.frame),
                                       CP_BYTES(same.words.ptr, cut)), "cut at %zu", cut);
    clear_pair(&said);
    clear_pair(&same);
    clear_pair(&others);
    clear_pair(&kind);
    clear_pair(&unnamed);
}
