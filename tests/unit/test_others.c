/* Texts of witnesses and mandates, and which answers by others count. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/heap.h"
#include "tests/support/others.h"

static struct test_others t;
static struct cp_buf text;

static void begin(void)
{
    test_others_init(&t);
    cp_buf_init(&text, test_mem(), CP_ANSWER_TEXT_MAX);
}

static void end(void)
{
    cp_buf_clear(&text);
}

TestSuite(others, .init = begin, .fini = end);
static void begin_group(void);
TestSuite(others_judge, .init = begin_group, .fini = end);

/* ---- Texts ---- */

static void write_paper(void)
{
    cp_answer_write(&t.paper, &text);
}
static void write_proxy(void)
{
    cp_answer_write(&t.proxy, &text);
}
static void write_witness(void)
{
    cp_witness_write(&t.witness, &text);
}
static void write_mandate(void)
{
    cp_mandate_write(&t.mandate, &text);
}
static enum cp_err read_answer(struct cp_bytes bytes)
{
    struct cp_answer_read r;
    enum cp_err err = cp_answer_read(&r, test_mem(), bytes);
    cp_answer_clear(&r);
    return err;
}
static enum cp_err read_witness(struct cp_bytes bytes)
{
    struct cp_witness_read r;
    enum cp_err err = cp_witness_read(&r, test_mem(), bytes);
    cp_witness_clear(&r);
    return err;
}
static enum cp_err read_mandate(struct cp_bytes bytes)
{
    struct cp_mandate_read r;
    enum cp_err err = cp_mandate_read(&r, test_mem(), bytes);
    cp_mandate_clear(&r);
    return err;
}

static const struct sort {
    const char *file, *id;
    void (*write)(void);
    enum cp_err (*read)(struct cp_bytes bytes);
} sorts[] = {
    {"tests/vectors/answer-paper.txt", "46da35d5506320bab181bbd46a757c88e1c16f91abf01d1cd19502857c88c9ef", write_paper, read_answer},
    {"tests/vectors/witness.txt", "aca15f3025fabddab72403fd9f47f7365459eb80eb773ff588111d26c6f44cfd", write_witness, read_witness},
    {"tests/vectors/mandate.txt", "7b820fef3fed306d42590bab2fad8415f728096aeabb5ede7967305f2bed9243", write_mandate, read_mandate},
    {"tests/vectors/answer-proxy.txt", "5c3d04400848f1792ccae47e7067cff094be637fe38adf67c48667ee744d6451", write_proxy, read_answer},
};
#define SORTS (sizeof sorts / sizeof *sorts)

static struct cp_bytes written(const struct sort *s)
{
    cp_buf_reset(&text);
    s->write();
    cr_assert_eq(cp_buf_err(&text), CP_OK);
    return cp_buf_bytes(&text);
}

Test(others, the_vectors_and_the_ids_of_the_docs)
{
    for (size_t i = 0; i < SORTS; i++) {
        char file[4096], hex[2 * CP_ID_LEN + 1];
        uint8_t id[CP_ID_LEN];
        FILE *f = fopen(sorts[i].file, "rb");
        cr_assert_not_null(f, "%s", sorts[i].file);
        size_t len = fread(file, 1, sizeof file, f);
        fclose(f);
        struct cp_bytes bytes = written(&sorts[i]);
        cr_expect(cp_bytes_eq(CP_BYTES((const uint8_t *)file, len), bytes), "%s:\n%.*s", sorts[i].file,
                  (int)bytes.len, (const char *)bytes.ptr);
        cr_expect_eq(sorts[i].read(bytes), CP_OK, "%s", sorts[i].file);
        cp_answer_id(bytes, id);
        cp_hex_encode(id, CP_ID_LEN, hex);
        cr_expect_str_eq(hex, sorts[i].id, "%s", sorts[i].file);
    }
}

Test(others, every_cut_and_every_flipped_bit_is_refused)
{
    for (size_t i = 0; i < SORTS; i++) {
        struct cp_bytes whole = written(&sorts[i]);
        uint8_t *copy = cp_dup(test_mem(), whole);
        for (size_t len = 0; len < whole.len; len++)
            cr_assert_eq(sorts[i].read(CP_BYTES(copy, len)), CP_ERR_NOT_GOOD, "%s: %zu", sorts[i].file, len);
        /* Another reading may be another text, never the same one. */
        for (size_t at = 0; at < whole.len; at++) {
            struct cp_buf again;
            copy[at] ^= 0x80;
            cr_assert_eq(sorts[i].read(CP_BYTES(copy, whole.len)), CP_ERR_NOT_GOOD, "%s: %zu", sorts[i].file,
                         at);
            copy[at] ^= 0x80;
            cp_buf_init(&again, test_mem(), CP_ANSWER_TEXT_MAX);
            cp_buf_put(&again, copy, at);
            cp_buf_put_byte(&again, '\r');
            cp_buf_put(&again, copy + at, whole.len - at);
            cr_assert_eq(sorts[i].read(cp_buf_bytes(&again)), CP_ERR_NOT_GOOD, "%s: %zu", sorts[i].file, at);
            cp_buf_clear(&again);
        }
        cp_free(test_mem(), copy);
    }
}

/* The text with its first `from` changed. */
static enum cp_err read_changed(const struct sort *s, const char *from, const char *to)
{
    struct cp_buf changed;
    char *whole = cp_dup(test_mem(), written(s));
    char *at = strstr(whole, from);
    cr_assert_not_null(at, "%s: %s", s->file, from);
    cp_buf_init(&changed, test_mem(), CP_ANSWER_TEXT_MAX + 100);
    cp_buf_put(&changed, whole, (size_t)(at - whole));
    cp_buf_put_str(&changed, to);
    cp_buf_put_str(&changed, at + strlen(from));
    enum cp_err err = s->read(cp_buf_bytes(&changed));
    cp_buf_clear(&changed);
    cp_free(test_mem(), whole);
    return err;
}

Test(others, one_spelling_of_each_line)
{
    static const struct {
        size_t sort;
        const char *from, *to;
    } bad[] = {
        {0, "method paper", "method proxy"},
        {0, "method paper", "method own device"},
        {0, "recorded by ", "proxy "},
        {0, "recorded by ", "recorded by  "},
        {0, "check words apple teapot feather singer", "check words "},
        {0, "check words", "checked words"},
        {0, "helped by his sister", "helped by "},
        {0, "helped by his sister", "helped by his\\x"},
        {1, "coplan witness 1", "coplan witness 2"},
        {1, "\nwitness ", "\nwitness A"},
        {1, "\nwitness name Bill", "\nwitness name "},
        {1, "saw 1", "saw\n1"},
        {1, "says date 2026-12-02", "says date 2026-02-30"},
        {1, "key ssh-ed25519 ", "key ssh-rsa "},
        {1, "end\n", "end\nend\n"},
        {2, "from 2026-11-01", "from 2027-02-01"},
        {2, "until 2027-01-31", "until 2027-1-31"},
        {2, "limits Only", "limits \\u{202e}\\q"},
        {2, "limits Only about the quiet room.\n", "limits \n"},
        {2, "accepted level no", "accepted level maybe"},
        {2, "accepted level no\n", ""},
        {2, "says date",
         "withdraws 0000000000000000000000000000000000000000000000000000000000000000\nsays date"},
        {2, "\nperson ", "\nPerson "},
        {3, "mandate ", "mandates "},
        {3, "method proxy", "method paper"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(read_changed(&sorts[bad[i].sort], bad[i].from, bad[i].to), CP_ERR_NOT_GOOD, "%zu: %s", i,
                     bad[i].to);
    cr_expect_eq(read_changed(&sorts[2], "limits Only about the quiet room.\n", ""), CP_OK,
                 "limits may be left out");
}

Test(others, too_long_is_refused)
{
    char *limits = malloc(CP_ANSWER_TEXT_MAX + 1);
    cr_assert_not_null(limits);
    memset(limits, 'x', CP_ANSWER_TEXT_MAX);
    limits[CP_ANSWER_TEXT_MAX] = '\0';
    t.mandate.limits = cp_bytes_str(limits);
    cp_buf_clear(&text);
    cp_buf_init(&text, test_mem(), 2 * CP_ANSWER_TEXT_MAX);
    cr_assert_eq(read_mandate(written(&sorts[2])), CP_ERR_TOO_BIG);
    free(limits);
}

Test(others, a_mandate_in_its_frame)
{
    struct cp_buf frame;
    struct cp_bytes got;
    const uint8_t *got_sig = NULL;
    const uint8_t sig[CP_SIG_LEN] = {9};
    struct cp_bytes whole = written(&sorts[2]);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_mandate_frame(whole, sig, &frame);
    cr_assert_eq(cp_buf_err(&frame), CP_OK);
    cr_assert(cp_mandate_frame_read(cp_buf_bytes(&frame), &got, &got_sig));
    cr_assert(cp_bytes_eq(got, whole));
    cr_assert_arr_eq(got_sig, sig, CP_SIG_LEN);
    for (size_t len = 0; len < frame.len; len++)
        cr_assert_not(cp_mandate_frame_read(CP_BYTES(frame.ptr, len), &got, &got_sig), "%zu", len);
    cp_buf_put_byte(&frame, 0);
    cr_assert_not(cp_mandate_frame_read(cp_buf_bytes(&frame), &got, &got_sig), "a byte more");
    frame.ptr[1] ^= 1;
    cr_assert_not(cp_mandate_frame_read(CP_BYTES(frame.ptr, frame.len - 1), &got, &got_sig), "another kind");
    cp_buf_clear(&frame);
}

/* ---- Which count ---- */

static struct cp_witness witness_texts[3];
static struct cp_witness_in witnesses[3];
static struct cp_answer_in answers[3];
static struct cp_mandate_in mandates[2];
static struct cp_mandate ending;
static struct cp_others all;

/* The paper answer, two witnesses of it, the proxy's answer and its mandate. */
static void gather(void)
{
    test_others_ids(&t);
    all = (struct cp_others){.v = &t.t.version,
                             .answers = answers,
                             .answers_count = 2,
                             .witnesses = witnesses,
                             .witnesses_count = 2,
                             .mandates = mandates,
                             .mandates_count = 1};
    answers[0] = (struct cp_answer_in){.a = &t.paper};
    memcpy(answers[0].id, t.paper_id, CP_ID_LEN);
    answers[1] = (struct cp_answer_in){.a = &t.proxy};
    memset(answers[1].id, 0xee, CP_ID_LEN);
    mandates[0].m = &t.mandate;
    memcpy(mandates[0].id, t.mandate_id, CP_ID_LEN);
    witness_texts[0] = test_others_witness(&t, TEST_CHEN);
    witness_texts[1] = test_others_witness(&t, TEST_DINA);
    for (size_t i = 0; i < 3; i++)
        witnesses[i].w = &witness_texts[i];
}

static void begin_group(void)
{
    test_others_group(&t);
    cp_buf_init(&text, test_mem(), CP_ANSWER_TEXT_MAX);
    gather();
}

Test(others_judge, both_count)
{
    cr_assert_eq(cp_others_judge(&all, 0), CP_SAID_COUNTS);
    cr_assert_eq(cp_others_judge(&all, 1), CP_SAID_COUNTS);
}

Test(others_judge, two_witnesses_who_may_be)
{
    all.witnesses_count = 1;
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_PENDING, "one");
    all.witnesses_count = 2;
    witness_texts[1] = witness_texts[0];
    witness_texts[1].date = cp_bytes_str("2026-12-03");
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_PENDING, "one of them twice");
    witness_texts[1] = test_others_witness(&t, TEST_ASHA);
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_PENDING, "who wrote it down");
    witness_texts[1] = test_others_witness(&t, TEST_DINA);
    witness_texts[1].key[0] ^= 1;
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_PENDING, "with a key that the page does not print");
    witness_texts[1] = test_others_witness(&t, TEST_DINA);
    memset(witness_texts[1].witness, 0x99, CP_ID_LEN);
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_PENDING, "somebody the page does not print");
    for (size_t i = 0; i < 4; i++) {
        witness_texts[1] = test_others_witness(&t, TEST_DINA);
        uint8_t *const named[] = {witness_texts[1].version, witness_texts[1].plan, witness_texts[1].answer,
                                  witness_texts[1].person};
        named[i][5] ^= 1;
        cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_PENDING, "of something else: %zu", i);
    }
    witness_texts[2] = test_others_witness(&t, TEST_BILL);
    all.witnesses_count = 3;
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_COUNTS, "Bill may, too");
}

Test(others_judge, the_lead_of_what_the_person_is_to_do_is_no_witness)
{
    char hex[2 * CP_ID_LEN + 1];
    cp_hex_encode(t.people[TEST_CHEN].person, CP_ID_LEN, hex);
    t.t.action_facts[3].value = cp_bytes_str(hex);
    gather();
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_COUNTS, "Chen leads what the caretaker has no part in");
    char his[2 * CP_ID_LEN + 1];
    cp_hex_encode(t.paper.person, CP_ID_LEN, his);
    t.t.action_facts[4].value = cp_bytes_str(his);
    gather();
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_PENDING);
    cr_expect_not(cp_others_may_witness(&all, 0, t.people[TEST_CHEN].person, t.people[TEST_CHEN].key));
    cr_expect(cp_others_may_witness(&all, 0, t.people[TEST_DINA].person, t.people[TEST_DINA].key));
}

Test(others_judge, paper_that_has_no_effect)
{
    char words[] = "apple apple apple apple";
    t.paper.check_words = cp_bytes_str(words);
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_VOID, "other check words");
    gather();
    memset(t.paper.person, 0x99, CP_ID_LEN);
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_VOID, "nobody the page prints");
    memcpy(t.paper.person, t.paper.by, CP_ID_LEN);
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_VOID, "written down by themself");
    test_others_group(&t);
    gather();
    t.paper.key[3] ^= 1;
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_VOID, "by a key that is not the recorder's");
}

/* An answer of Bill's own. */
static struct cp_answer own_of_bill(void)
{
    struct cp_answer own = t.t.answer;
    memcpy(own.person, t.people[TEST_BILL].person, CP_ID_LEN);
    memcpy(own.key, t.people[TEST_BILL].key, CP_KEY_LEN);
    return own;
}

Test(others_judge, a_persons_own_word_goes_before_a_proxys_and_is_never_replaced)
{
    static const uint8_t own_id[1][CP_ID_LEN] = {{0x77}};
    struct cp_answer own = own_of_bill();
    answers[2] = (struct cp_answer_in){.a = &own};
    memcpy(answers[2].id, own_id[0], CP_ID_LEN);
    all.answers_count = 3;
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_VOID, "the proxy's");
    cr_expect_eq(cp_others_judge(&all, 2), CP_SAID_COUNTS);
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_COUNTS, "somebody else's paper");
    memcpy(own.person, t.paper.person, CP_ID_LEN);
    t.paper.replaces = own_id;
    t.paper.replaces_count = 1;
    cr_expect_eq(cp_others_judge(&all, 0), CP_SAID_VOID, "paper takes nobody's own words away");
}

Test(others_judge, the_mandate_fits_or_there_is_none)
{
    static const char *const days[] = {"2026-10-31", "2027-02-01"};
    for (size_t i = 0; i < 2; i++) {
        t.proxy.date = cp_bytes_str(days[i]);
        cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_VOID, "%s", days[i]);
    }
    t.proxy.date = cp_bytes_str("2027-01-31");
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_COUNTS, "the last day is in it");
    uint8_t *const named[] = {t.mandate.plan, t.mandate.version, t.mandate.person, t.mandate.proxy,
                              t.mandate.key,  t.proxy.key,       t.proxy.mandate};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        named[i][2] ^= 1;
        cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_VOID, "%zu", i);
        named[i][2] ^= 1;
    }
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_COUNTS);
    memset(t.mandate.version, 0, CP_ID_LEN);
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_COUNTS, "for every page");
    all.mandates_count = 0;
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_VOID, "not held");
}

Test(others_judge, taken_back_by_the_person_alone)
{
    ending = t.mandate;
    memcpy(ending.withdraws, t.mandate_id, CP_ID_LEN);
    mandates[1].m = &ending;
    memset(mandates[1].id, 0xdd, CP_ID_LEN);
    all.mandates_count = 2;
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_VOID);
    ending.key[0] ^= 1;
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_COUNTS, "by another key, and no log says whose it is");
    mandates[1].theirs = true;
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_VOID, "by another key, which the log names as theirs");
    ending.key[0] ^= 1;
    ending.person[0] ^= 1;
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_COUNTS, "by somebody else, with a key of their own");
    mandates[1].theirs = false;
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_COUNTS, "by somebody else");
    ending.person[0] ^= 1;
    ending.withdraws[0] ^= 1;
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_COUNTS, "another mandate");
    memcpy(t.proxy.mandate, mandates[1].id, CP_ID_LEN);
    cr_expect_eq(cp_others_judge(&all, 1), CP_SAID_VOID, "what ends one gives nothing");
}
