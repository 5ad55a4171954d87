/*
 * Answers by others for tests: on paper by the caretaker, written down by Asha, seen by Bill; and by Asha for Bill, with his
 * mandate. Their texts are tests/vectors/answer-paper.txt, witness.txt, mandate.txt and answer-proxy.txt, which
 * docs/protocol-texts.md prints.
 */
#ifndef CP_TEST_OTHERS_H
#define CP_TEST_OTHERS_H

#include "proto/answer_others.h"
#include "tests/support/agreement.h"

enum test_person {
    TEST_ASHA,
    TEST_BILL,
    TEST_CHEN,
    TEST_DINA,
    TEST_PEOPLE
};

struct test_others {
    struct test_agreement t;
    struct cp_version_person people[TEST_PEOPLE]; /* who must answer, once test_others_group was called */
    uint8_t secret[TEST_PEOPLE][64];
    char words[64];
    struct cp_answer paper, proxy;
    struct cp_witness witness;
    struct cp_mandate mandate;
    uint8_t paper_id[CP_ID_LEN], mandate_id[CP_ID_LEN];
};

/* As the page of vectors has them. Caller storage that must not move afterwards. */
void test_others_init(struct test_others *o);
/* The same with Chen and Dina asked too, so that there may be two witnesses. */
void test_others_group(struct test_others *o);
/* Puts the ids of the version, the paper answer and the mandate right after a change. */
void test_others_ids(struct test_others *o);
/* A witness's text for the paper answer by that person. */
struct cp_witness test_others_witness(const struct test_others *o, enum test_person by);
/* The signature file of a text, by that person's key. Appends. */
void test_others_sign(const struct test_others *o, enum test_person by, struct cp_bytes text,
                      struct cp_buf *armour);

#endif
