#include "tests/support/others.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "tests/support/heap.h"

static void set_people(struct test_others *o)
{
    static const char *const names[TEST_PEOPLE] = {"Asha", "Bill", "Chen", "Dina"};
    static const uint8_t ids[TEST_PEOPLE] = {0x21, 0x32, 0x54, 0x65}; /* the caretaker has 0x43 */
    for (unsigned i = 0; i < TEST_PEOPLE; i++) {
        uint8_t seed[crypto_sign_SEEDBYTES] = {(uint8_t)(i + 1)};
        memset(o->people[i].person, ids[i], CP_ID_LEN);
        (void)crypto_sign_seed_keypair(o->people[i].key, o->secret[i], seed);
        o->people[i].name = cp_bytes_str(names[i]);
    }
}

static void set_answer(struct test_others *o, struct cp_answer *a, const struct cp_version_person *who)
{
    *a = o->t.answer;
    a->word = CP_ANSWER_AGREE;
    a->why = a->would_agree_if = a->method = CP_BYTES(NULL, 0);
    a->actions_count = 0;
    memcpy(a->person, who->person, CP_ID_LEN);
    a->name = who->name;
    memcpy(a->by, o->people[TEST_ASHA].person, CP_ID_LEN);
    memcpy(a->key, o->people[TEST_ASHA].key, CP_KEY_LEN);
}

static void id_of(void write(const struct test_others *, struct cp_buf *), const struct test_others *o,
                  uint8_t id[static CP_ID_LEN])
{
    struct cp_buf text;
    cp_buf_init(&text, test_mem(), CP_ANSWER_TEXT_MAX);
    write(o, &text);
    assert(cp_buf_err(&text) == CP_OK);
    cp_answer_id(cp_buf_bytes(&text), id);
    cp_buf_clear(&text);
}

static void write_paper(const struct test_others *o, struct cp_buf *out)
{
    cp_answer_write(&o->paper, out);
}

static void write_mandate(const struct test_others *o, struct cp_buf *out)
{
    cp_mandate_write(&o->mandate, out);
}

void test_others_ids(struct test_others *o)
{
    struct cp_buf text;
    uint8_t id[CP_ID_LEN];
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    cp_version_write(&o->t.version, &text);
    assert(cp_buf_err(&text) == CP_OK);
    cp_version_id(cp_buf_bytes(&text), id);
    cp_buf_clear(&text);
    memcpy(o->t.answer.version, id, CP_ID_LEN);
    memcpy(o->paper.version, id, CP_ID_LEN);
    memcpy(o->proxy.version, id, CP_ID_LEN);
    memcpy(o->mandate.version, id, CP_ID_LEN);
    cp_check_words(id, o->words);
    o->paper.check_words = cp_bytes_str(o->words);
    id_of(write_paper, o, o->paper_id);
    id_of(write_mandate, o, o->mandate_id);
    memcpy(o->proxy.mandate, o->mandate_id, CP_ID_LEN);
    o->witness = test_others_witness(o, TEST_BILL);
}

struct cp_witness test_others_witness(const struct test_others *o, enum test_person by)
{
    struct cp_witness w = {.name = o->paper.name,
                           .witness_name = o->people[by].name,
                           .saw =
                               cp_bytes_str("1 en I was there. I saw this person mark this answer on paper."),
                           .date = cp_bytes_str("2026-12-02"),
                           .software = cp_bytes_str("coplan 0.1.0")};
    memcpy(w.version, o->paper.version, CP_ID_LEN);
    memcpy(w.plan, o->paper.plan, CP_ID_LEN);
    memcpy(w.answer, o->paper_id, CP_ID_LEN);
    memcpy(w.person, o->paper.person, CP_ID_LEN);
    memcpy(w.witness, o->people[by].person, CP_ID_LEN);
    memcpy(w.key, o->people[by].key, CP_KEY_LEN);
    return w;
}

void test_others_init(struct test_others *o)
{
    memset(o, 0, sizeof *o);
    test_agreement_init(&o->t);
    set_people(o);
    set_answer(o, &o->paper, &o->t.kept[0]);
    o->paper.how = CP_ANSWER_PAPER;
    o->paper.helped_by = cp_bytes_str("his sister");
    set_answer(o, &o->proxy, &o->people[TEST_BILL]);
    o->proxy.how = CP_ANSWER_PROXY;
    o->mandate = (struct cp_mandate){.name = o->people[TEST_BILL].name,
                                     .proxy_name = o->people[TEST_ASHA].name,
                                     .from = cp_bytes_str("2026-11-01"),
                                     .until = cp_bytes_str("2027-01-31"),
                                     .limits = cp_bytes_str("Only about the quiet room."),
                                     .accepted_level = cp_bytes_str("no"),
                                     .date = cp_bytes_str("2026-11-01"),
                                     .software = cp_bytes_str("coplan 0.1.0")};
    memcpy(o->mandate.plan, o->t.version.plan, CP_ID_LEN);
    memcpy(o->mandate.person, o->people[TEST_BILL].person, CP_ID_LEN);
    memcpy(o->mandate.key, o->people[TEST_BILL].key, CP_KEY_LEN);
    memcpy(o->mandate.proxy, o->people[TEST_ASHA].person, CP_ID_LEN);
    test_others_ids(o);
}

void test_others_group(struct test_others *o)
{
    test_others_init(o);
    o->t.version.must_answer = o->people;
    o->t.version.must_answer_count = TEST_PEOPLE;
    test_others_ids(o);
}

void test_others_sign(const struct test_others *o, enum test_person by, struct cp_bytes text,
                      struct cp_buf *armour)
{
    struct cp_buf input;
    uint8_t sig[CP_SIG_LEN];
    cp_buf_init(&input, test_mem(), 1 << 20);
    cp_sshsig_input(text, &input);
    crypto_sign_detached(sig, NULL, input.ptr, input.len, o->secret[by]);
    cp_sshsig_armour(o->people[by].key, sig, armour);
    assert(cp_buf_err(armour) == CP_OK);
    cp_buf_clear(&input);
}
