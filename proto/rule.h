/*
 * The rules by which answers become an agreement (domain 5.3): how they are written.
 * Owns: their words. Must not: judge answers (answer_judge.c does).
 *
 *   everyone                   every named person agrees
 *   everyone-but-aside(N)      the same, but up to N people who lead or help nothing may stand aside; N from 1 to 999
 *   each-perspective(K)        everyone has answered, and of every perspective that the plan needs at least K agree;
 *                              who leads or helps nothing may stand aside; K from 1 to 999. Without (K) it is 1.
 *
 * No rule lets a majority override: a `no` from anybody who is asked is "not agreed" in each of them, and none counts
 * silence, so a device that lacks answers never says "agreed" where one that has them says something else.
 */
#ifndef CP_RULE_H
#define CP_RULE_H

#include "proto/bytes.h"

enum cp_rule_kind {
    CP_RULE_EVERYONE,
    CP_RULE_BUT_ASIDE,
    CP_RULE_PERSPECTIVE
};
struct cp_rule {
    enum cp_rule_kind kind;
    size_t n; /* N or K; 0 for everyone */
};
#define CP_RULE_N_MAX 999U

/* False, and *out as it was, for anything but exactly these spellings. */
bool cp_rule_read(struct cp_bytes text, struct cp_rule *out);

#endif
