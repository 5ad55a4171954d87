/*
 * What the answers to a version come to, by each of the rules (domain 5.3).
 * Owns: the rules. Pure: the same answers in any order, any of them twice, give the same result.
 * Must not: check signatures (the caller did), or know time.
 */
#include "proto/answer.h"
#include "proto/rule.h"

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

bool cp_answer_will(const struct cp_answer_in *in, const uint8_t action[static CP_ID_LEN])
{
    const struct cp_answer *a = in->a;
    for (size_t i = 0; i < a->actions_count; i++) {
        if (!same_id(a->actions[i].action, action))
            continue;
        bool met = in->all_met;
        for (size_t k = 0; k < in->met_count && !met; k++)
            met = same_id(in->met[k], action);
        return a->actions[i].will == CP_WILL || (a->actions[i].will == CP_WILL_IF && met);
    }
    return false;
}

/* How many actions the person leads or helps, and how many of them the answer (or NULL) does not say "will" to. */
static void count_actions(const struct cp_version *v, const uint8_t *person, const struct cp_answer_in *in,
                          size_t *named, size_t *missing)
{
    char hex[CP_ID_LEN * 2 + 1];
    cp_hex_encode(person, CP_ID_LEN, hex);
    *named = *missing = 0;
    for (size_t i = 0; i < v->items_count; i++) {
        if (!does(&v->items[i], hex))
            continue;
        ++*named;
        if (in == NULL || !cp_answer_will(in, v->items[i].id))
            ++*missing;
    }
}

/* Fills the row of one person, and returns what their answer alone would make of the whole. Standing aside makes
 * nothing of it yet: the rule says how many may. */
static enum cp_result judge_person(const struct cp_version *v, const struct cp_answer_in *answers,
                                   size_t count, struct cp_answer_out *row)
{
    const uint8_t *person = row->person->person;
    size_t named = 0, missing = 0;
    for (size_t i = 0; i < count; i++) {
        if (!same_id(answers[i].a->person, person) || replaced(answers, count, i))
            continue;
        if (row->standing == 0 || memcmp(answers[i].id, answers[row->first].id, CP_ID_LEN) < 0)
            row->first = i;
        row->standing++;
    }
    const struct cp_answer_in *in = row->standing == 1 ? &answers[row->first] : NULL;
    count_actions(v, person, in, &named, &missing);
    row->will_missing = missing > 0;
    if (in == NULL)
        return CP_RESULT_NOT_YET;
    struct cp_answer_in met = *in;
    size_t silent = 0;
    met.all_met = true;
    count_actions(v, person, &met, &named, &silent);
    row->will_if = missing > 0 && silent == 0;
    switch (in->a->word) {
    case CP_ANSWER_NO:
        return CP_RESULT_NOT_AGREED;
    case CP_ANSWER_AGREE:
    case CP_ANSWER_WORRY:
        row->counts = !row->will_missing;
        if (!row->counts)
            return CP_RESULT_NOT_YET;
        return in->a->word == CP_ANSWER_WORRY ? CP_RESULT_WORRIES : CP_RESULT_AGREED;
    case CP_ANSWER_ASIDE:
        row->aside = named == 0;
        return row->aside ? CP_RESULT_AGREED : CP_RESULT_NOT_YET;
    case CP_ANSWER_WITHDRAWN:
        break;
    }
    return CP_RESULT_NOT_YET;
}

/* ---- The rules ---- */

static bool has_perspective(const struct cp_version_person *p, struct cp_bytes perspective)
{
    for (size_t i = 0; i < p->perspectives_count; i++)
        if (cp_bytes_eq(p->perspectives[i], perspective))
            return true;
    return false;
}

bool cp_rule_side(const struct cp_version *v, const struct cp_answer_out *outs, size_t i,
                  struct cp_rule_side *out)
{
    struct cp_rule rule = {.kind = CP_RULE_EVERYONE};
    if (!cp_rule_read(v->rule, &rule) || rule.kind != CP_RULE_PERSPECTIVE)
        return false;
    for (size_t at = 0; at < v->facts_count; at++) {
        if (v->facts[at].field != CP_FIELD_PERSPECTIVES_NEEDED)
            continue;
        if (i > 0) {
            i--;
            continue;
        }
        *out = (struct cp_rule_side){.perspective = v->facts[at].value, .needed = rule.n};
        for (size_t p = 0; p < v->must_answer_count; p++) {
            if (!has_perspective(&v->must_answer[p], out->perspective))
                continue;
            out->have++;
            out->agree += outs[p].counts && !outs[p].aside ? 1 : 0;
        }
        return true;
    }
    return false;
}

/* Do enough of each perspective agree? A plan that needs none has nothing to count by. */
static bool sides_agree(const struct cp_version *v, const struct cp_answer_out *outs)
{
    struct cp_rule_side side;
    size_t i = 0;
    for (; cp_rule_side(v, outs, i, &side); i++)
        if (side.agree < side.needed)
            return false;
    return i > 0;
}

/* What the rule makes of everybody together; lets those who stand aside count where it may. */
static bool rule_is_met(const struct cp_version *v, struct cp_answer_out *outs)
{
    struct cp_rule rule = {.kind = CP_RULE_EVERYONE};
    size_t asides = 0, agree = 0;
    if (!cp_rule_read(v->rule, &rule))
        return false;
    for (size_t i = 0; i < v->must_answer_count; i++) {
        asides += outs[i].aside ? 1 : 0;
        agree += outs[i].counts ? 1 : 0;
    }
    bool may = asides == 0 || rule.kind == CP_RULE_PERSPECTIVE ||
               (rule.kind == CP_RULE_BUT_ASIDE && asides <= rule.n);
    for (size_t i = 0; may && i < v->must_answer_count; i++)
        outs[i].counts = outs[i].counts || outs[i].aside;
    return may && agree > 0 && (rule.kind != CP_RULE_PERSPECTIVE || sides_agree(v, outs));
}

/* Somebody who leads an action and whom the page does not ask cannot have said yes to it: such a page, whoever made it, is
 * not agreed (domain 4.3, invariant 4). */
static bool leads_are_asked(const struct cp_version *v)
{
    for (size_t i = 0; i < v->items_count; i++)
        for (size_t k = 0; v->items[i].kind == CP_RECORD_ACTION && k < v->items[i].facts_count; k++) {
            const struct cp_fact *f = &v->items[i].facts[k];
            bool asked = f->field != CP_FIELD_LEAD || f->value.len != CP_ID_LEN * 2;
            for (size_t p = 0; !asked && p < v->must_answer_count; p++) {
                char hex[CP_ID_LEN * 2 + 1];
                cp_hex_encode(v->must_answer[p].person, CP_ID_LEN, hex);
                asked = memcmp(f->value.ptr, hex, CP_ID_LEN * 2) == 0;
            }
            if (!asked && does(&v->items[i], (const char *)f->value.ptr))
                return false;
        }
    return true;
}

/* The graver of what each person's answer makes of it, and of what the rule does: the enum goes from agreed to not
 * agreed. */
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
    bool met = rule_is_met(v, outs) && leads_are_asked(v);
    return met || result > CP_RESULT_NOT_YET ? result : CP_RESULT_NOT_YET;
}
