/*
 * What the answers to a version come to: the rule `everyone` (domain 5.3).
 * Owns: the rule. Pure: the same answers in any order, any of them twice, give the same result.
 * Must not: check signatures (the caller did), or know time.
 */
#include "proto/answer.h"

#include <string.h>

const char *cp_result_word(enum cp_result result)
{
    switch (result) {
    case CP_RESULT_AGREED:
        return "agreed";
    case CP_RESULT_WORRIES:
        return "agreed, with worries";
    case CP_RESULT_NOT_YET:
        return "not agreed yet";
    case CP_RESULT_NOT_AGREED:
        return "not agreed";
    }
    return "";
}

static bool same_id(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, CP_ID_LEN) == 0;
}

/* Does another answer of the same person name this one, or is it the same statement met before? */
static bool replaced(const struct cp_answer_in *answers, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++) {
        const struct cp_answer *a = answers[i].a;
        if (i == at || !same_id(a->person, answers[at].a->person))
            continue;
        if (same_id(answers[i].id, answers[at].id)) {
            if (i < at)
                return true;
            continue;
        }
        for (size_t k = 0; k < a->replaces_count; k++)
            if (same_id(a->replaces[k], answers[at].id))
                return true;
    }
    return false;
}

/* Does the person lead or help the action? A dropped one asks nothing of anybody. */
static bool does(const struct cp_version_item *item, const char hex[CP_ID_LEN * 2])
{
    bool named = false;
    if (item->kind != CP_RECORD_ACTION)
        return false;
    for (size_t i = 0; i < item->facts_count; i++) {
        const struct cp_fact *f = &item->facts[i];
        if (f->field == CP_FIELD_STATE && cp_word_in("dropped|set aside", f->value))
            return false;
        if ((f->field == CP_FIELD_LEAD || f->field == CP_FIELD_HELPERS) && f->value.len == CP_ID_LEN * 2 &&
            memcmp(f->value.ptr, hex, CP_ID_LEN * 2) == 0)
            named = true;
    }
    return named;
}

static bool says_will(const struct cp_answer *a, const uint8_t *action)
{
    for (size_t i = 0; i < a->actions_count; i++)
        if (same_id(a->actions[i].action, action))
            return a->actions[i].will == CP_WILL;
    return false;
}

/* a NULL: there is no answer that could say so. */
static bool will_missing(const struct cp_version *v, const uint8_t *person, const struct cp_answer *a)
{
    char hex[CP_ID_LEN * 2 + 1];
    cp_hex_encode(person, CP_ID_LEN, hex);
    for (size_t i = 0; i < v->items_count; i++)
        if (does(&v->items[i], hex) && (a == NULL || !says_will(a, v->items[i].id)))
            return true;
    return false;
}

/* Fills the row of one person, and returns what their answer alone would make of the whole. */
static enum cp_result judge_person(const struct cp_version *v, const struct cp_answer_in *answers,
                                   size_t count, struct cp_answer_out *row)
{
    const uint8_t *person = row->person->person;
    for (size_t i = 0; i < count; i++) {
        if (!same_id(answers[i].a->person, person) || replaced(answers, count, i))
            continue;
        if (row->standing == 0 || memcmp(answers[i].id, answers[row->first].id, CP_ID_LEN) < 0)
            row->first = i;
        row->standing++;
    }
    const struct cp_answer *a = row->standing == 1 ? answers[row->first].a : NULL;
    row->will_missing = will_missing(v, person, a);
    if (a == NULL)
        return CP_RESULT_NOT_YET;
    if (a->word == CP_ANSWER_NO)
        return CP_RESULT_NOT_AGREED;
    row->counts = (a->word == CP_ANSWER_AGREE || a->word == CP_ANSWER_WORRY) && !row->will_missing;
    if (!row->counts)
        return CP_RESULT_NOT_YET;
    return a->word == CP_ANSWER_WORRY ? CP_RESULT_WORRIES : CP_RESULT_AGREED;
}

/* The graver of what each person's answer makes of it: the enum goes from agreed to not agreed. */
enum cp_result cp_answer_judge(const struct cp_version *v, const struct cp_answer_in *answers, size_t count,
                               struct cp_answer_out *outs)
{
    /* Nobody asked is nobody's agreement, and a page for comment is not for agreeing. */
    bool can = v->must_answer_count > 0 && v->stage == CP_STAGE_AGREEMENT;
    enum cp_result result = can ? CP_RESULT_AGREED : CP_RESULT_NOT_YET;
    _Static_assert(CP_RESULT_AGREED < CP_RESULT_WORRIES && CP_RESULT_WORRIES < CP_RESULT_NOT_YET &&
                       CP_RESULT_NOT_YET < CP_RESULT_NOT_AGREED,
                   "in the order of gravity");
    for (size_t i = 0; i < v->must_answer_count; i++) {
        outs[i] = (struct cp_answer_out){.person = &v->must_answer[i]};
        enum cp_result one = judge_person(v, answers, count, &outs[i]);
        if (one > result)
            result = one;
    }
    return result;
}
