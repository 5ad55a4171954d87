/*
 * One small agreement for tests: a version in two languages and an answer to it, always the same bytes. Their
 * texts are tests/vectors/version.txt and answer.txt, which docs/protocol-texts.md prints.
 */
#ifndef CP_TEST_AGREEMENT_H
#define CP_TEST_AGREEMENT_H

#include "proto/answer.h"

struct test_agreement {
    struct cp_version version;
    struct cp_answer answer; /* Asha's; its version id is set by test_agreement_init */
    uint8_t secret[64];      /* Asha's signing key */
    struct cp_fact plan_facts[5];
    struct cp_fact action_facts[10];
    struct cp_fact resource_facts[3];
    struct cp_version_item items[2];
    struct cp_version_person must[2], kept[1];
    struct cp_bytes left_open[1];
    uint8_t parents[1][CP_ID_LEN];
    char action_hex[2 * CP_ID_LEN + 1], resource_hex[2 * CP_ID_LEN + 1];
    char asha_hex[2 * CP_ID_LEN + 1], bill_hex[2 * CP_ID_LEN + 1];
    struct cp_answer_action actions[1];
    uint8_t seen[1][CP_ID_LEN];
};

/* Caller storage that must not move afterwards: the version and the answer point into it. */
void test_agreement_init(struct test_agreement *t);

#endif
