/*
 * The eight invariants of the domain, asked of what machines hold and say (docs/testing.md "Invariants of the domain").
 * Each is judged from the words of the page and the entries of the model alone.
 * Must not: ask the product's checks whether they are right.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/serve_agree.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

enum { /* codes of fields, as docs/protocol.md has them */
    FIRST_REVIEW = 23,
    REVIEWER = 24,
    BUDGET = 25,
    IF_BEHIND = 26,
    OWNER = 68,
    AMOUNT = 69,
    UNIT = 70,
    DETAILS = 92,
    DUE = 96,
    REPEATS = 97,
    COSTS = 98,
    COST_PENCE = 99,
    EFFORT = 100,
    MEASURE = 101,
    CHECKED_BY = 105,
    CHECK_EVERY = 106
};

/* ---- Looking at a page ---- */

static const struct cp_fact *fact(const struct cp_version_item *item, uint16_t field)
{
    for (size_t i = 0; i < item->facts_count; i++)
        if (item->facts[i].field == field)
            return &item->facts[i];
    return NULL;
}

static const struct cp_fact *plan_fact(const struct cp_version *v, uint16_t field)
{
    struct cp_version_item plan = {.facts = v->facts, .facts_count = v->facts_count};
    return fact(&plan, field);
}

static int64_t number_of(struct cp_bytes text)
{
    char digits[24] = {0};
    if (text.len < sizeof digits)
        memcpy(digits, text.ptr, text.len);
    return strtoll(digits, NULL, 10);
}

static int64_t number(const struct cp_version_item *item, uint16_t field)
{
    const struct cp_fact *f = fact(item, field);
    return f == NULL ? 0 : number_of(f->value);
}

bool world_fact_names(const struct cp_fact *f, const uint8_t *id)
{
    char hex[2 * CP_ID_LEN + 1];
    (void)sodium_bin2hex(hex, sizeof hex, id, CP_ID_LEN);
    return cp_bytes_eq(f->value, cp_bytes_str(hex));
}

static bool says(const struct cp_version_item *item, uint16_t field, const char *word)
{
    const struct cp_fact *f = fact(item, field);
    return f != NULL && cp_bytes_eq(f->value, cp_bytes_str(word));
}

/* ---- 3: the id of a page is the hash of its words ---- */

void world_check_page_id(struct world *w, struct cp_bytes text, const uint8_t *id)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(hash, text.ptr, text.len);
    if (memcmp(hash, id, sizeof hash) != 0)
        world_fail(w, "invariant 3: the id of a page does not depend on its words alone");
}

/* ---- 5: nothing unfinished is frozen for agreement ---- */

static const char *lacks_p9(const struct cp_version *v)
{
    static const uint16_t of_plan[] = {FIRST_REVIEW, REVIEWER, IF_BEHIND};
    static const uint16_t of_action[] = {DETAILS, CP_FIELD_LEAD, MEASURE, CHECKED_BY, CHECK_EVERY};
    for (size_t i = 0; i < sizeof of_plan / sizeof *of_plan; i++)
        if (plan_fact(v, of_plan[i]) == NULL)
            return cp_field_by_code(of_plan[i])->name;
    for (size_t i = 0; i < v->items_count; i++) {
        if (v->items[i].kind != CP_RECORD_ACTION)
            continue;
        for (size_t k = 0; k < sizeof of_action / sizeof *of_action; k++)
            if (fact(&v->items[i], of_action[k]) == NULL)
                return cp_field_by_code(of_action[k])->name;
        if (fact(&v->items[i], DUE) == NULL && fact(&v->items[i], REPEATS) == NULL)
            return "due";
    }
    return NULL;
}

/* Words without a language are in the plan's first one. */
static bool lacks_language(const struct cp_version *v)
{
    bool first = true;
    for (size_t l = 0; l < v->facts_count; l++) {
        if (v->facts[l].field != CP_FIELD_LANGUAGES)
            continue;
        const struct cp_bytes lang = v->facts[l].value, bare = first ? CP_BYTES(NULL, 0) : lang;
        first = false;
        for (size_t i = 0; i < v->items_count; i++) {
            bool there = false, any = false;
            for (size_t k = 0; k < v->items[i].facts_count; k++) {
                const struct cp_fact *f = &v->items[i].facts[k];
                any = any || f->field == CP_FIELD_TEXT;
                there = there || (f->field == CP_FIELD_TEXT &&
                                  (cp_bytes_eq(f->lang, lang) || cp_bytes_eq(f->lang, bare)));
            }
            if (any && !there)
                return true;
        }
    }
    return false;
}

/* A field that may have one value and has several on this page: two wordings that nobody chose between. */
static bool has_twice(const struct cp_fact *facts, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (facts[i].field == facts[i - 1].field && !cp_field_by_code(facts[i].field)->list &&
            facts[i].field != CP_FIELD_COLUMN && cp_bytes_eq(facts[i].lang, facts[i - 1].lang))
            return true;
    return false;
}

/* One line of what the model shows of a record: its field, and " | " before each value: "id.op value". */
static bool line_has_two(const char *line, size_t len)
{
    const struct cp_field *f = cp_field_by_code((uint16_t)strtoul(line, NULL, 10));
    struct cp_bytes first = {NULL, 0};
    if (f == NULL || f->list || f->code == CP_FIELD_COLUMN || f->code == CP_FIELD_POSITION)
        return false;
    for (size_t at = 0; at + 3 < len; at++) {
        if (memcmp(line + at, " | ", 3) != 0)
            continue;
        size_t from = at + 3, to = 0;
        while (from < len && line[from] != ' ')
            from++;
        for (to = from; to + 3 <= len && memcmp(line + to, " | ", 3) != 0;)
            to++;
        struct cp_bytes value = CP_BYTES((const uint8_t *)line + from, (to + 3 > len ? len : to) - from);
        if (first.ptr != NULL && !cp_bytes_eq(first, value))
            return true;
        first = value;
    }
    return false;
}

/* By the model: does a record of this page have a register in which two of us wrote differently? */
static bool has_wordings(struct world *w, struct machine *m, uint64_t kind, const uint8_t *id)
{
    struct cp_buf out;
    bool two = false;
    cp_buf_init(&out, test_mem(), SIZE_MAX / 2);
    ref_show(&w->log, &m->now.held, kind, id, &out);
    for (size_t at = 0; at < out.len && !two;) {
        const char *line = (const char *)out.ptr + at, *end = memchr(line, '\n', out.len - at);
        size_t len = end == NULL ? out.len - at : (size_t)(end - line);
        two = line_has_two(line, len);
        at += len + 1;
    }
    cp_buf_clear(&out);
    return two;
}

static void check_means(struct world *w, const struct cp_version *v, const char *when);

void world_check_frozen(struct world *w, struct machine *m, const struct cp_version *v)
{
    if (v->stage != CP_STAGE_AGREEMENT || m->now.damaged.count > 0)
        return;
    bool two = has_twice(v->facts, v->facts_count) || has_wordings(w, m, CP_KIND_PLAN, w->plan);
    for (size_t i = 0; i < v->items_count && !two; i++)
        two = has_twice(v->items[i].facts, v->items[i].facts_count) ||
              has_wordings(w, m, CP_KIND_ITEM, v->items[i].id);
    if (two)
        world_fail(w, "invariant 5: %s freezes a page for agreement with two wordings", m->name);
    if (v->left_open_why.len > 0 || world_failed(w))
        return;
    world_count(w, SIM_COUNT_READY);
    const char *lacks = lacks_p9(v);
    if (lacks != NULL)
        world_fail(w, "invariant 5: %s freezes a page with nothing left open, and %s is not said", m->name,
                   lacks);
    if (lacks_language(v))
        world_fail(w, "invariant 5: %s freezes a page that lacks a language", m->name);
    check_means(w, v, "frozen");
}

/* ---- 7: no more is asked than is offered ---- */

struct means {
    int64_t money_asked, money_offered;
    bool offered_money;
};

static const struct cp_version_item *item_of(const struct cp_version *v, const struct cp_fact *f)
{
    for (size_t i = 0; f != NULL && i < v->items_count; i++)
        if (world_fact_names(f, v->items[i].id))
            return &v->items[i];
    return NULL;
}

/* What one action takes out of a person's time beyond what is taken from things offered, and out of money. */
static int64_t money_of(const struct cp_version *v, const struct cp_version_item *a)
{
    int64_t taken = 0;
    for (size_t k = 0; k < a->facts_count; k++) {
        const struct cp_version_item *r = a->facts[k].field == COSTS ? item_of(v, &a->facts[k]) : NULL;
        taken += r != NULL && says(r, UNIT, "pence") ? number_of(a->facts[k].also) : 0;
    }
    return taken > number(a, COST_PENCE) ? taken : number(a, COST_PENCE);
}

static int64_t minutes_of(const struct cp_version *v, const struct cp_version_item *a, const uint8_t *person)
{
    int64_t all = 0, theirs = 0;
    const struct cp_fact *lead = fact(a, CP_FIELD_LEAD);
    for (size_t k = 0; k < a->facts_count; k++) {
        const struct cp_version_item *r = a->facts[k].field == COSTS ? item_of(v, &a->facts[k]) : NULL;
        if (r == NULL || !says(r, UNIT, "minutes"))
            continue;
        const struct cp_fact *owner = fact(r, OWNER);
        all += number_of(a->facts[k].also);
        theirs += owner != NULL && world_fact_names(owner, person) ? number_of(a->facts[k].also) : 0;
    }
    int64_t rest = number(a, EFFORT) - all;
    return theirs + (rest > 0 && lead != NULL && world_fact_names(lead, person) ? rest : 0);
}

static void check_minutes(struct world *w, const struct cp_version *v, const struct person *p,
                          const char *when)
{
    int64_t asked = 0, offered = 0;
    for (size_t i = 0; i < v->items_count; i++) {
        const struct cp_version_item *item = &v->items[i];
        const struct cp_fact *owner = fact(item, OWNER);
        if (item->kind == CP_RECORD_ACTION)
            asked += minutes_of(v, item, p->who.person);
        else if (item->kind == CP_RECORD_RESOURCE && says(item, UNIT, "minutes") && owner != NULL &&
                 world_fact_names(owner, p->who.person) && !says(item, CP_FIELD_STATE, "taken back"))
            offered += number(item, AMOUNT);
    }
    if (asked > offered)
        world_fail(w, "invariant 7: a page is %s that asks %lld minutes of %s, who offers %lld", when,
                   (long long)asked, p->name, (long long)offered);
}

static void check_means(struct world *w, const struct cp_version *v, const char *when)
{
    const struct cp_fact *budget = plan_fact(v, BUDGET);
    struct means s = {0};
    for (size_t i = 0; i < v->items_count; i++) {
        const struct cp_version_item *item = &v->items[i];
        if (item->kind == CP_RECORD_ACTION)
            s.money_asked += money_of(v, item);
        if (item->kind != CP_RECORD_RESOURCE || !says(item, UNIT, "pence") ||
            says(item, CP_FIELD_STATE, "taken back"))
            continue;
        s.offered_money = true;
        s.money_offered += number(item, AMOUNT);
    }
    int64_t limit = budget == NULL ? INT64_MAX : number_of(budget->value);
    if (s.money_asked > limit || (s.money_asked > s.money_offered && (s.offered_money || budget == NULL)))
        world_fail(w, "invariant 7: a page is %s that asks %lld pence; %lld are offered", when,
                   (long long)s.money_asked, (long long)(s.offered_money ? s.money_offered : limit));
    for (size_t i = 0; i < w->people_count && !world_failed(w); i++)
        check_minutes(w, v, &w->people[i], when);
}

/* ---- 4: whoever leads something agreed has said "I will" ---- */

struct said {
    size_t standing; /* answers that no other one of the same person replaces */
    bool agrees, will;
};

static bool reads(struct cp_bytes text, const char *line)
{
    size_t len = strlen(line);
    for (size_t at = 0; at + len < text.len; at++)
        if ((at == 0 || text.ptr[at - 1] == '\n') && memcmp(text.ptr + at, line, len) == 0)
            return true;
    return false;
}

static bool text_of(const struct ref_entry *e, struct cp_bytes *text, struct cp_bytes *sig)
{
    struct cp_value v[2];
    size_t count = 0;
    if (e->kind != CP_KIND_ANSWER || !e->readable || cp_words_values(e->words, v, 2, &count) != CP_OK ||
        count != 2)
        return false;
    *text = v[0].bytes;
    *sig = v[1].bytes;
    return true;
}

/* An answer that counts: by the key that the page prints, which is in force or whose KEY lets the answer stand. */
static bool answer_counts(struct world *w, struct machine *m, const struct cp_version *v, const struct person *p,
                          const struct ref_entry *e)
{
    struct cp_bytes text, sig;
    struct cp_buf input;
    uint8_t id[CP_ID_LEN];
    const uint8_t *key = NULL;
    for (size_t i = 0; i < v->must_answer_count; i++)
        if (memcmp(v->must_answer[i].person, p->who.person, CP_ID_LEN) == 0)
            key = v->must_answer[i].key;
    if (key == NULL || !text_of(e, &text, &sig) || sig.len != CP_SIG_LEN)
        return false;
    cp_answer_id(text, id);
    cp_buf_init(&input, test_mem(), 512);
    cp_sshsig_input(text, &input);
    bool good = crypto_sign_verify_detached(sig.ptr, input.ptr, input.len, key) == 0 &&
                ref_key_says(&w->log, &m->now.held, p->who.person, key, id);
    cp_buf_clear(&input);
    return good;
}

static bool replaced(struct world *w, struct machine *m, const struct cp_version *v, const struct person *p,
                     const uint8_t *page, const uint8_t *id)
{
    char line[80] = "replaces ", hex[2 * CP_ID_LEN + 1];
    (void)sodium_bin2hex(hex, sizeof hex, id, CP_ID_LEN);
    (void)snprintf(line, sizeof line, "replaces %s\n", hex);
    for (size_t i = 0; i < w->log.count; i++) {
        struct cp_bytes text, sig;
        const struct ref_entry *e = &w->log.entries[i];
        if (e->target != NULL && memcmp(e->target, page, CP_ID_LEN) == 0 && ref_set_has(&m->now.held, i) &&
            text_of(e, &text, &sig) && reads(text, line) && answer_counts(w, m, v, p, e))
            return true;
    }
    return false;
}

static struct said said_of(struct world *w, struct machine *m, const struct cp_version *v, const struct person *p,
                           const uint8_t *page, const uint8_t *action)
{
    struct said s = {0};
    char will[96], hex[2 * CP_ID_LEN + 1];
    (void)sodium_bin2hex(hex, sizeof hex, action, CP_ID_LEN);
    (void)snprintf(will, sizeof will, "action %s will\n", hex);
    for (size_t i = 0; i < w->log.count; i++) {
        uint8_t id[CP_ID_LEN];
        struct cp_bytes text, sig;
        const struct ref_entry *e = &w->log.entries[i];
        if (e->target == NULL || memcmp(e->target, page, CP_ID_LEN) != 0 || !ref_set_has(&m->now.held, i) ||
            !text_of(e, &text, &sig) || !answer_counts(w, m, v, p, e))
            continue;
        cp_answer_id(text, id);
        if (replaced(w, m, v, p, page, id))
            continue;
        bool again = false; /* the same words on two devices of one person are one answer */
        for (size_t k = 0; k < i && !again; k++) {
            struct cp_bytes other, other_sig;
            const struct ref_entry *o = &w->log.entries[k];
            again = o->target != NULL && memcmp(o->target, page, CP_ID_LEN) == 0 && ref_set_has(&m->now.held, k) &&
                    text_of(o, &other, &other_sig) && cp_bytes_eq(other, text) && answer_counts(w, m, v, p, o);
        }
        s.standing += again ? 0 : 1;
        s.agrees = reads(text, "answer agree\n") || reads(text, "answer agree, with a worry\n");
        s.will = reads(text, will);
    }
    return s;
}

/* ---- 6: a signature needs nobody else's records ---- */

void world_check_signatures(struct world *w)
{
    for (size_t i = 0; i < w->log.count && !world_failed(w); i++) {
        const struct ref_entry *e = &w->log.entries[i];
        struct cp_bytes text, sig;
        struct cp_buf input;
        const struct person *p = NULL;
        for (size_t k = 0; k < w->people_count; k++)
            if (memcmp(w->people[k].who.device, e->device, CP_KEY_LEN) == 0)
                p = &w->people[k];
        if (p == NULL || p->liar || w->machines[p->machine].liar || !text_of(e, &text, &sig))
            continue;
        /* All there is to it: this one entry, and the key of the person who wrote it. */
        cp_buf_init(&input, test_mem(), 512);
        cp_sshsig_input(text, &input);
        if (sig.len != CP_SIG_LEN ||
            crypto_sign_verify_detached(sig.ptr, input.ptr, input.len, p->who.identity) != 0)
            world_fail(w, "invariant 6: without the records of others the answer of %s no longer verifies",
                       p->name);
        cp_buf_clear(&input);
    }
}

/* ---- A page that a machine calls agreed ---- */

static bool is_asked(const struct cp_version *v, const uint8_t *person)
{
    for (size_t i = 0; i < v->must_answer_count; i++)
        if (memcmp(v->must_answer[i].person, person, CP_ID_LEN) == 0)
            return true;
    return false;
}

void world_check_agreed(struct world *w, struct machine *m, const struct cp_version *v, const uint8_t *page)
{
    if (!cp_bytes_eq(v->rule, cp_bytes_str("everyone")) || m->now.damaged.count > 0)
        return;
    world_count(w, SIM_COUNT_AGREED);
    for (size_t i = 0; i < v->items_count && !world_failed(w); i++) {
        const struct cp_fact *lead = fact(&v->items[i], CP_FIELD_LEAD);
        for (size_t p = 0; lead != NULL && p < w->people_count; p++) {
            if (!world_fact_names(lead, w->people[p].who.person))
                continue;
            struct said s = said_of(w, m, v, &w->people[p], page, v->items[i].id);
            if (s.standing != 1 || !s.agrees || !s.will)
                world_fail(
                    w,
                    "invariant 4: %s calls a page agreed in which %s leads an action and has not said \"I will\""
                    " (%zu answers; asked: %s)",
                    m->name, w->people[p].name, s.standing,
                    is_asked(v, w->people[p].who.person) ? "yes" : "no");
        }
    }
    if (v->left_open_why.len == 0 && !world_failed(w))
        check_means(w, v, "agreed");
}

/* ---- 2: what is mine nobody else writes ---- */

void world_check_owner(struct world *w, struct machine *m, const uint8_t *owner, const uint8_t *entry,
                       const char *what)
{
    size_t at = ref_find(&w->log, entry);
    if (at != REF_NONE && memcmp(w->log.entries[at].person, owner, CP_ID_LEN) != 0) {
        const struct person *p = world_person(w, w->log.entries[at].person), *of = world_person(w, owner);
        world_fail(w, "invariant 2: on %s %s wrote %s of %s", m->name, p == NULL ? "a stranger" : p->name,
                   what, of == NULL ? "a stranger" : of->name);
    }
}

/* ---- 8: what is private never leaves ---- */

void world_check_private(struct world *w, struct cp_bytes bytes, const char *where)
{
    size_t len = strlen(WORLD_PRIVATE);
    for (size_t at = 0; at + len <= bytes.len; at++)
        if (bytes.ptr[at] == (uint8_t)WORLD_PRIVATE[0] && memcmp(bytes.ptr + at, WORLD_PRIVATE, len) == 0) {
            world_fail(w, "invariant 8: private words stand in %s", where);
            return;
        }
}
