/* The rules: how they are written, what each makes of answers, and that none makes more of fewer answers. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/rule.h"
#include "tests/support/agreement.h"
#include "tests/support/heap.h"

/* ---- Words ---- */

static bool reads(const char *text, enum cp_rule_kind kind, size_t n)
{
    struct cp_rule rule = {.kind = CP_RULE_EVERYONE};
    return cp_rule_read(cp_bytes_str(text), &rule) && rule.kind == kind && rule.n == n;
}

Test(rule, words)
{
    static const char *const wrong[] = {"",
                                        "Everyone",
                                        "everyone ",
                                        "everyone(1)",
                                        "everyone-but-aside",
                                        "everyone-but-aside()",
                                        "everyone-but-aside(0)",
                                        "everyone-but-aside(01)",
                                        "everyone-but-aside(1000)",
                                        "everyone-but-aside(99999999999999999999)",
                                        "everyone-but-aside(1",
                                        "everyone-but-aside(1))",
                                        "everyone-but-aside(-1)",
                                        "each-perspective(",
                                        "each-perspective(0)",
                                        "majority",
                                        "no-objection"};
    struct cp_rule rule;
    cr_assert(reads("everyone", CP_RULE_EVERYONE, 0));
    cr_assert(reads("everyone-but-aside(1)", CP_RULE_BUT_ASIDE, 1));
    cr_assert(reads("everyone-but-aside(999)", CP_RULE_BUT_ASIDE, 999));
    cr_assert(reads("each-perspective", CP_RULE_PERSPECTIVE, 1));
    cr_assert(reads("each-perspective(2)", CP_RULE_PERSPECTIVE, 2));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_assert(!cp_rule_read(cp_bytes_str(wrong[i]), &rule), "%s", wrong[i]);
}

/* ---- A page with six people, three perspectives and three actions ---- */

enum {
    PEOPLE = 6,
    ACTIONS = 3,
    ANSWERS_MAX = 3 * PEOPLE
};

struct page {
    struct cp_version v;
    struct cp_version_person people[PEOPLE];
    struct cp_version_item items[ACTIONS];
    struct cp_fact plan_facts[3], facts[ACTIONS][3];
    char hex[PEOPLE][2 * CP_ID_LEN + 1];
    struct cp_bytes sides[3];
    struct cp_answer answers[ANSWERS_MAX];
    struct cp_answer_action promises[ANSWERS_MAX][ACTIONS];
    uint8_t replaces[ANSWERS_MAX][1][CP_ID_LEN];
    struct cp_answer_in in[ANSWERS_MAX];
    size_t count;
    struct cp_answer_out outs[PEOPLE];
};

static uint32_t state;

static uint32_t below(uint32_t n)
{
    state = (uint32_t)((uint64_t)state * 1664525U + 1013904223U);
    return (state >> 8) % n;
}

static void page_make(struct page *p, const char *rule)
{
    static const char *const sides[] = {"carer", "council", "uses services"};
    memset(p, 0, sizeof *p);
    for (size_t i = 0; i < 3; i++) {
        p->sides[i] = cp_bytes_str(sides[i]);
        p->plan_facts[i] = (struct cp_fact){.field = CP_FIELD_PERSPECTIVES_NEEDED, .value = p->sides[i]};
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        memset(p->people[i].person, (int)(i + 1), CP_ID_LEN);
        cp_hex_encode(p->people[i].person, CP_ID_LEN, p->hex[i]);
        p->people[i].perspectives = &p->sides[i % 3];
        p->people[i].perspectives_count = 1;
    }
    for (size_t i = 0; i < ACTIONS; i++) {
        memset(p->items[i].id, (int)(0x40 + i), CP_ID_LEN);
        p->items[i].kind = CP_RECORD_ACTION;
        p->items[i].facts = p->facts[i];
    }
    p->v = (struct cp_version){.stage = CP_STAGE_AGREEMENT,
                               .facts = p->plan_facts,
                               .facts_count = 3,
                               .items = p->items,
                               .items_count = ACTIONS,
                               .rule = cp_bytes_str(rule),
                               .must_answer = p->people,
                               .must_answer_count = PEOPLE};
}

/* The action is led by one and helped by another. */
static void led_by(struct page *p, size_t action, size_t lead, size_t helper)
{
    p->facts[action][0] = (struct cp_fact){.field = CP_FIELD_LEAD, .value = cp_bytes_str(p->hex[lead])};
    p->facts[action][1] = (struct cp_fact){.field = CP_FIELD_HELPERS, .value = cp_bytes_str(p->hex[helper])};
    p->items[action].facts_count = 2;
}

static struct cp_answer *say(struct page *p, size_t who, enum cp_answer_word word)
{
    size_t at = p->count++;
    struct cp_answer *a = &p->answers[at];
    *a = (struct cp_answer){.word = word, .actions = p->promises[at], .actions_count = ACTIONS};
    memcpy(a->person, p->people[who].person, CP_ID_LEN);
    for (size_t i = 0; i < ACTIONS; i++) {
        p->promises[at][i] = (struct cp_answer_action){.will = CP_WILL};
        memcpy(p->promises[at][i].action, p->items[i].id, CP_ID_LEN);
    }
    p->in[at] = (struct cp_answer_in){.a = a};
    memset(p->in[at].id, (int)(0x80 + at), CP_ID_LEN);
    return a;
}

static enum cp_result judge(struct page *p)
{
    return cp_answer_judge(&p->v, p->in, p->count, p->outs);
}

static void all_say(struct page *p, enum cp_answer_word word)
{
    for (size_t i = 0; i < PEOPLE; i++)
        (void)say(p, i, word);
}

/* ---- Each rule ---- */

Test(rule, so_many_who_do_nothing_may_stand_aside)
{
    static struct page p;
    page_make(&p, "everyone-but-aside(2)");
    led_by(&p, 0, 0, 1);
    all_say(&p, CP_ANSWER_AGREE);
    cr_assert_eq(judge(&p), CP_RESULT_AGREED);
    p.answers[4].word = p.answers[5].word = CP_ANSWER_ASIDE;
    cr_assert_eq(judge(&p), CP_RESULT_AGREED);
    cr_assert(p.outs[5].aside && p.outs[5].counts);
    p.answers[3].word = CP_ANSWER_ASIDE;
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET, "three are more than two");
    cr_assert(!p.outs[5].counts, "none of them counts then: all are asked");
    p.answers[3].word = CP_ANSWER_AGREE;
    p.answers[5].word = CP_ANSWER_AGREE;
    p.answers[1].word = CP_ANSWER_ASIDE;
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET, "who helps cannot stand aside");
    p.answers[1].word = CP_ANSWER_NO;
    cr_assert_eq(judge(&p), CP_RESULT_NOT_AGREED);
    p.v.rule = cp_bytes_str("everyone");
    p.answers[1].word = CP_ANSWER_AGREE;
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET, "nobody stands aside where everyone agrees");
}

Test(rule, enough_of_each_perspective)
{
    static struct page p;
    struct cp_rule_side side;
    page_make(&p, "each-perspective(2)");
    led_by(&p, 0, 0, 1);
    all_say(&p, CP_ANSWER_AGREE);
    cr_assert_eq(judge(&p), CP_RESULT_AGREED);
    p.answers[5].word = CP_ANSWER_ASIDE;
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET, "one alone of those who use services");
    cr_assert(cp_rule_side(&p.v, p.outs, 2, &side));
    cr_assert_eq(side.agree, 1);
    cr_assert_eq(side.have, 2);
    cr_assert_eq(side.needed, 2);
    cr_assert(!cp_rule_side(&p.v, p.outs, 3, &side));
    p.v.rule = cp_bytes_str("each-perspective");
    cr_assert_eq(judge(&p), CP_RESULT_AGREED);
    p.count--;
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET, "silence is no answer here either");
    p.count++;
    p.answers[5].word = CP_ANSWER_NO;
    cr_assert_eq(judge(&p), CP_RESULT_NOT_AGREED, "no majority of a perspective overrides one of it");
    p.answers[5].word = CP_ANSWER_AGREE;
    p.v.facts_count = 0;
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET, "nothing to count by");
    cr_assert(!cp_rule_side(&p.v, p.outs, 0, &side));
}

Test(rule, all_aside_is_nobodys_agreement)
{
    static struct page p;
    page_make(&p, "everyone-but-aside(999)");
    all_say(&p, CP_ANSWER_ASIDE);
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET);
    p.v.rule = cp_bytes_str("each-perspective");
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET);
    p.v.rule = cp_bytes_str("whoever shouts");
    p.count = 0;
    all_say(&p, CP_ANSWER_AGREE);
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET, "a rule that is not known makes nothing agreed");
}

Test(rule, will_if_counts_once_its_person_notes_it_as_met)
{
    static struct page p;
    page_make(&p, "everyone");
    led_by(&p, 0, 0, 1);
    led_by(&p, 1, 0, 1);
    all_say(&p, CP_ANSWER_AGREE);
    p.promises[1][0].will = p.promises[1][1].will = CP_WILL_IF;
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET);
    void *met = p.items[0].id;
    p.in[1].met = met;
    p.in[1].met_count = 1;
    cr_assert(cp_answer_will(&p.in[1], p.items[0].id));
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET, "one of the two");
    p.in[1].all_met = true;
    cr_assert_eq(judge(&p), CP_RESULT_AGREED);
    p.promises[1][1].will = CP_WILL_CANNOT;
    cr_assert_eq(judge(&p), CP_RESULT_NOT_YET, "no note turns a cannot round");
}

/* ---- Properties ---- */

static const char *const rules[] = {"everyone", "everyone-but-aside(1)", "everyone-but-aside(3)",
                                    "each-perspective", "each-perspective(2)"};

/* Answers that often make an agreement, and sometimes do not. */
static enum cp_answer_word any_word(void)
{
    static const enum cp_answer_word words[] = {CP_ANSWER_WORRY, CP_ANSWER_ASIDE, CP_ANSWER_NO,
                                                CP_ANSWER_WITHDRAWN};
    return below(5) > 0 ? CP_ANSWER_AGREE : words[below(4)];
}

static void page_random(struct page *p, bool changed_minds)
{
    page_make(p, rules[below(5)]);
    for (size_t i = 0; i < ACTIONS; i++)
        if (below(3) > 0)
            led_by(p, i, below(PEOPLE), below(PEOPLE));
    for (size_t i = 0; i < PEOPLE; i++) {
        size_t answers = changed_minds ? below(4) : below(12) > 0;
        for (size_t k = 0; k < answers && p->count < ANSWERS_MAX; k++) {
            struct cp_answer *a = say(p, i, any_word());
            if (k > 0 && below(4) > 0) { /* names the one before; else two stand apart */
                memcpy(p->replaces[p->count - 1][0], p->in[p->count - 2].id, CP_ID_LEN);
                void *replaces = p->replaces[p->count - 1];
                a->replaces = replaces;
                a->replaces_count = 1;
            }
            for (size_t j = 0; j < ACTIONS; j++)
                if (below(12) == 0)
                    p->promises[p->count - 1][j].will = below(2) == 0 ? CP_WILL_IF : CP_WILL_CANNOT;
            p->in[p->count - 1].all_met = below(2) == 0;
        }
    }
}

static bool agreed(enum cp_result result)
{
    return result == CP_RESULT_AGREED || result == CP_RESULT_WORRIES;
}

/* The same answers in any order, some of them twice, come to the same, row by row. */
Test(rule, no_order_and_no_repetition_matters)
{
    static struct page p;
    size_t seen[4] = {0};
    state = 7;
    for (unsigned round = 0; round < 4000; round++) {
        struct cp_answer_in turned[2 * ANSWERS_MAX];
        struct cp_answer_out again[PEOPLE];
        page_random(&p, round % 2 == 0);
        size_t count = p.count;
        enum cp_result result = judge(&p);
        seen[result]++;
        memcpy(turned, p.in, count * sizeof turned[0]);
        for (size_t i = 0, more = below((uint32_t)count + 1); i < more; i++)
            turned[count + i] = p.in[below((uint32_t)p.count)];
        for (size_t i = count; i > 1; i--) {
            size_t other = below((uint32_t)i);
            struct cp_answer_in held = turned[i - 1];
            turned[i - 1] = turned[other];
            turned[other] = held;
        }
        cr_assert_eq(cp_answer_judge(&p.v, turned, count, again), result, "round %u", round);
        for (size_t i = 0; i < PEOPLE; i++) {
            cr_assert_eq(again[i].standing, p.outs[i].standing);
            cr_assert_eq(again[i].counts, p.outs[i].counts);
            cr_assert_eq(again[i].will_missing, p.outs[i].will_missing);
            cr_assert_eq(again[i].aside, p.outs[i].aside);
        }
    }
    for (size_t i = 0; i < 4; i++)
        cr_assert_gt(seen[i], 50, "result %zu is met too seldom: %zu", i, seen[i]);
}

/* Who lacks some answers, or the notes that something is met, never says "agreed" where the whole says otherwise. */
Test(rule, fewer_answers_never_make_more_of_it)
{
    static struct page p, part;
    size_t agreements = 0;
    state = 11;
    for (unsigned round = 0; round < 6000; round++) {
        page_random(&p, false);
        enum cp_result whole = judge(&p);
        part = p;
        part.count = 0;
        for (size_t i = 0; i < p.count; i++) {
            if (below(8) == 0)
                continue;
            part.in[part.count] = p.in[i];
            part.in[part.count++].all_met = p.in[i].all_met && below(4) > 0;
        }
        enum cp_result less = cp_answer_judge(&p.v, part.in, part.count, part.outs);
        agreements += agreed(less) ? 1 : 0;
        cr_assert(!agreed(less) || less == whole, "round %u: %s of a part, %s of the whole", round,
                  cp_result_word(less), cp_result_word(whole));
    }
    cr_assert_gt(agreements, 100, "too few agreements to say anything: %zu", agreements);
}

/* Domain 4.3, 4: in an agreed version nobody leads or helps who said no, stood aside, took it back or did not say will. */
Test(rule, who_does_something_in_an_agreed_version_said_they_will)
{
    static struct page p;
    size_t looked = 0;
    state = 13;
    for (unsigned round = 0; round < 6000; round++) {
        page_random(&p, round % 2 == 0);
        if (!agreed(judge(&p)))
            continue;
        looked++;
        for (size_t i = 0; i < ACTIONS; i++)
            for (size_t f = 0; f < p.items[i].facts_count; f++)
                for (size_t who = 0; who < PEOPLE; who++) {
                    if (memcmp(p.facts[i][f].value.ptr, p.hex[who], CP_ID_LEN) != 0)
                        continue;
                    const struct cp_answer_in *in = &p.in[p.outs[who].first];
                    cr_assert_eq(p.outs[who].standing, 1);
                    cr_assert(in->a->word == CP_ANSWER_AGREE || in->a->word == CP_ANSWER_WORRY);
                    cr_assert(cp_answer_will(in, p.items[i].id));
                }
        for (size_t k = 0; k < PEOPLE; k++)
            cr_assert(p.outs[k].standing == 1 && p.in[p.outs[k].first].a->word != CP_ANSWER_NO,
                      "no rule passes over a no, or over silence");
    }
    cr_assert_gt(looked, 100);
}

/* ---- In the version's text ---- */

static enum cp_err read_back(const struct cp_version *v, const char *from, const char *to)
{
    struct cp_buf text, changed;
    struct cp_version_read read;
    cp_buf_init(&text, test_mem(), CP_VERSION_TEXT_MAX);
    cp_buf_init(&changed, test_mem(), CP_VERSION_TEXT_MAX);
    cp_version_write(v, &text);
    cp_buf_put_byte(&text, 0);
    const char *at = strstr((const char *)text.ptr, from);
    cr_assert_not_null(at, "%s", from);
    cp_buf_put(&changed, text.ptr, (size_t)(at - (const char *)text.ptr));
    cp_buf_put_str(&changed, to);
    cp_buf_put_str(&changed, at + strlen(from));
    enum cp_err err = cp_version_read(&read, test_mem(), cp_buf_bytes(&changed));
    if (err == CP_OK && v->must_answer[0].perspectives_count > 0) {
        cr_assert_eq(read.v.must_answer[0].perspectives_count, 2);
        cr_assert(cp_bytes_eq(read.v.must_answer[0].perspectives[1], v->must_answer[0].perspectives[1]));
        cr_assert_eq(read.v.must_answer[1].perspectives_count, 0);
    }
    cp_version_clear(&read);
    cp_buf_clear(&text);
    cp_buf_clear(&changed);
    return err;
}

Test(rule, perspectives_stand_with_who_must_answer_and_nowhere_else)
{
    static struct test_agreement t;
    static struct cp_bytes sides[2];
    test_agreement_init(&t);
    sides[0] = cp_bytes_str("carer");
    sides[1] = cp_bytes_str("lives\nnext door");
    t.must[0].perspectives = sides;
    t.must[0].perspectives_count = 2;
    t.version.rule = cp_bytes_str("each-perspective(2)");
    cr_assert_eq(read_back(&t.version, "rule", "rule"), CP_OK);
    cr_assert_eq(read_back(&t.version, "rule each-perspective(2)", "rule everyone"), CP_ERR_NOT_FOR_SIGNING);
    cr_assert_eq(read_back(&t.version, "rule each-perspective(2)", "rule each-perspective(02)"),
                 CP_ERR_NOT_FOR_SIGNING);
    cr_assert_eq(read_back(&t.version, "perspective: carer", "perspective: zzz"), CP_ERR_NOT_FOR_SIGNING,
                 "out of order");
    cr_assert_eq(read_back(&t.version, "perspective: carer", "perspective: lives\\nnext door"),
                 CP_ERR_NOT_FOR_SIGNING, "twice");
    cr_assert_eq(read_back(&t.version, "perspective: carer", "perspective:"), CP_ERR_NOT_FOR_SIGNING);
    cr_assert_eq(read_back(&t.version, "  key: none\n", "  key: none\n  perspective: carer\n"),
                 CP_ERR_NOT_FOR_SIGNING, "of somebody who is kept informed");
}
