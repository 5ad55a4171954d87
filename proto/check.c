/* The table of the standard, and how a row comes about (check.h). Owns: rows, reasons. Must not: judge a plan. */
#include "proto/check_internal.h"

#include <string.h>

static const struct cp_criterion criteria[] = {
    {"P1", NULL, NULL, cp_check_p1},
    {"P2", NULL, NULL, cp_check_p2},
    {"P3", NULL, NULL, cp_check_p3},
    {"P4", NULL, NULL, NULL},
    {"P4.1", NULL, "P4", cp_check_p4_1},
    {"P4.2", NULL, "P4", cp_check_p4_2},
    {"P5", NULL, NULL, cp_check_p5},
    {"P6", NULL, NULL, cp_check_p6},
    {"P7", NULL, NULL, cp_check_p7},
    {"P8", NULL, NULL, NULL},
    {"P8.1", NULL, "P8", cp_check_p8_1},
    {"P8.2", NULL, "P8", cp_check_p8_2},
    {"P8.3", NULL, "P8", cp_check_p8_3},
    {"P9", NULL, NULL, cp_check_p9_means},
    {"P9.1", NULL, "P9", cp_check_p9_1},
    {"P9.2", NULL, "P9", cp_check_p9_2},
    {"P9.3", NULL, "P9", cp_check_p9_3},
    {"P9.4", NULL, "P9", cp_check_p9_4},
    {"P10", NULL, NULL, cp_check_p10},
    {"P11", NULL, NULL, cp_check_p11},
    {"P12", NULL, NULL, cp_check_p12},
    {"P13", NULL, NULL, cp_check_p13},
    {"C1", "partnership", NULL, cp_check_c1},
    {"C2", "diversity", NULL, cp_check_c2},
    {"C3", "ethics", NULL, cp_check_c3},
    {"C4", "fairness", NULL, cp_check_c4},
    {"C5", "recovery", NULL, cp_check_c5},
    {"C6", "strengths", NULL, cp_check_c6},
    {"C7", "goals", NULL, cp_check_c7},
    {"C8", "difference", NULL, cp_check_c8},
    {"C9", "risk", NULL, cp_check_c9},
    {"C10", "learning", NULL, cp_check_c10},
    {"K-A", "evidence|K1|K2|K5|K6|K11|K15", NULL, cp_check_ka},
    {"K-B", "values|K3|K8|K10|K16|K17|K18", NULL, cp_check_kb},
    {"K-C", "contact|K7|K9|K32|K33", NULL, cp_check_kc},
    {"K-D", "obstacles|K12|K13|K20|K21|K22|K23|K34", NULL, cp_check_kd},
    {"K-E", "change|K14|K19|K24|K25|K26|K27", NULL, cp_check_ke},
    {"K-F", "craft|K28|K29|K30|K31", NULL, cp_check_kf},
    {"K-G", "progress|K4|K35|K36", NULL, cp_check_kg},
};
enum {
    CRITERIA_COUNT = sizeof criteria / sizeof criteria[0]
};

/* Not of the standard: what freezing asks beside it. */
static const struct cp_criterion wordings = {"wordings", NULL, NULL, cp_check_two_wordings};

const struct cp_criterion *cp_criterion_at(size_t i)
{
    return i < CRITERIA_COUNT ? &criteria[i] : NULL;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Is the name one of "a|b|c", in any case? */
static bool is_named(const char *names, struct cp_bytes name)
{
    for (const char *at = names; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, "|"), same = 0;
        while (same < len && same < name.len && lower(at[same]) == lower((char)name.ptr[same]))
            same++;
        if (same == len && same == name.len)
            return true;
        at += len + (at[len] == '|' ? 1 : 0);
    }
    return false;
}

const struct cp_criterion *cp_criterion_find(struct cp_bytes name)
{
    for (size_t i = 0; name.len > 0 && i < CRITERIA_COUNT; i++)
        if (is_named(criteria[i].name, name) || is_named(criteria[i].also, name))
            return &criteria[i];
    return NULL;
}

const char *cp_met_word(enum cp_met met)
{
    switch (met) {
    case CP_MET_YES:
        return "yes";
    case CP_MET_NO:
        return "no";
    case CP_MET_PEOPLE:
        return "needs people";
    }
    return "no";
}

/* ---- Rows ---- */

void cp_checked_init(struct cp_checked *c, const struct cp_mem *mem)
{
    *c = (struct cp_checked){.mem = mem};
}

void cp_checked_clear(struct cp_checked *c)
{
    if (c->mem == NULL)
        return;
    cp_free(c->mem, c->rows);
    cp_free(c->mem, c->reasons);
    cp_free(c->mem, c->records);
    *c = (struct cp_checked){.mem = c->mem};
}

static bool grow(struct cp_checked *c, void **list, size_t *cap, size_t count, size_t size)
{
    if (c->err == CP_OK)
        c->err = cp_grow(c->mem, list, cap, count + 1, SIZE_MAX, size);
    return c->err == CP_OK;
}

static void add_row(struct cp_checked *c, const struct cp_check_row *row)
{
    void *list = c->rows;
    if (!grow(c, &list, &c->cap, c->count, sizeof *c->rows))
        return;
    c->rows = list;
    c->rows[c->count++] = *row;
}

static void begin(struct cp_check *c, const char *name)
{
    c->row = (struct cp_check_row){.criterion = name,
                                   .met = CP_MET_YES,
                                   .reasons_at = c->out->reasons_count,
                                   .records_at = c->out->records_count};
}

static void end(struct cp_check *c)
{
    c->row.reasons_count = c->out->reasons_count - c->row.reasons_at;
    c->row.records_count = c->out->records_count - c->row.records_at;
    add_row(c->out, &c->row);
}

static enum cp_met worse(enum cp_met a, enum cp_met b)
{
    if (a == CP_MET_NO || b == CP_MET_NO)
        return CP_MET_NO;
    return a == CP_MET_PEOPLE ? a : b;
}

/* A main point's stretch of reasons and records reaches over those of its sub-points, which follow it. */
static void gather_under(struct cp_checked *out, size_t main_at)
{
    struct cp_check_row *row = &out->rows[main_at];
    for (size_t i = main_at + 1; i < out->count; i++)
        row->met = worse(row->met, out->rows[i].met);
    row->reasons_count = out->reasons_count - row->reasons_at;
    row->records_count = out->records_count - row->records_at;
}

enum cp_err cp_check_run(struct cp_checked *out, const struct cp_model *m,
                         const struct cp_criterion *criterion)
{
    struct cp_check c = {.m = m, .out = out};
    size_t main_at = out->count;
    begin(&c, criterion->name);
    if (criterion->run != NULL)
        criterion->run(&c);
    end(&c);
    for (size_t i = 0; out->err == CP_OK && i < CRITERIA_COUNT; i++) {
        if (criteria[i].under == NULL || strcmp(criteria[i].under, criterion->name) != 0)
            continue;
        begin(&c, criteria[i].name);
        criteria[i].run(&c);
        end(&c);
    }
    if (out->err == CP_OK)
        gather_under(out, main_at);
    return out->err;
}

enum cp_err cp_check_all(struct cp_checked *out, const struct cp_model *m)
{
    enum cp_err err = CP_OK;
    for (size_t i = 0; err == CP_OK && i < CRITERIA_COUNT; i++)
        if (criteria[i].under == NULL)
            err = cp_check_run(out, m, &criteria[i]);
    return err;
}

/* Keeps the hard reasons of the last row alone, or takes the row away. */
static void keep_hard(struct cp_checked *out)
{
    struct cp_check_row *row = &out->rows[out->count - 1];
    size_t kept = row->reasons_at;
    for (size_t i = row->reasons_at; i < row->reasons_at + row->reasons_count; i++)
        if (out->reasons[i].weight == CP_CHECK_HARD)
            out->reasons[kept++] = out->reasons[i];
    row->reasons_count = kept - row->reasons_at;
    out->reasons_count = kept;
    out->count -= row->reasons_count == 0 ? 1 : 0;
}

static void hard_of(struct cp_check *c, const struct cp_criterion *criterion)
{
    if (criterion->run == NULL || c->out->err != CP_OK)
        return;
    begin(c, criterion->name);
    criterion->run(c);
    end(c);
    if (c->out->err == CP_OK)
        keep_hard(c->out);
}

enum cp_err cp_check_languages_missing(struct cp_checked *out, const struct cp_model *m)
{
    static const struct cp_criterion languages = {"C2", NULL, NULL, cp_check_languages};
    struct cp_check c = {.m = m, .out = out};
    hard_of(&c, &languages);
    return out->err;
}

enum cp_err cp_check_hard_failures(struct cp_checked *out, const struct cp_model *m)
{
    struct cp_check c = {.m = m, .out = out};
    hard_of(&c, &wordings);
    for (size_t i = 0; i < CRITERIA_COUNT; i++)
        hard_of(&c, &criteria[i]);
    return out->err;
}

enum cp_err cp_check_marks(struct cp_checked *out, const struct cp_model *m,
                           const struct cp_model_item *action)
{
    struct cp_check c = {.m = m, .out = out};
    begin(&c, "marks");
    cp_mark_action(&c, action);
    end(&c);
    return out->err;
}

/* ---- Reasons ---- */

struct cp_check_arg cp_arg_text(struct cp_bytes text)
{
    return (struct cp_check_arg){.type = CP_ARG_TEXT, .text = text};
}

struct cp_check_arg cp_arg_item(const struct cp_model_item *item)
{
    return cp_arg_text(cp_model_text(&item->r, CP_FIELD_TEXT));
}

struct cp_check_arg cp_arg_name(const struct cp_check *c, const uint8_t *person)
{
    return cp_arg_text(cp_model_name(c->m, person));
}

struct cp_check_arg cp_arg_word(const char *word)
{
    return (struct cp_check_arg){.type = CP_ARG_WORD, .text = cp_bytes_str(word)};
}

struct cp_check_arg cp_arg_number(int64_t number)
{
    return (struct cp_check_arg){.type = CP_ARG_NUMBER, .number = number};
}

struct cp_check_arg cp_arg_pence(int64_t pence)
{
    return (struct cp_check_arg){.type = CP_ARG_PENCE, .number = pence};
}

struct cp_check_arg cp_arg_minutes(int64_t minutes)
{
    return (struct cp_check_arg){.type = CP_ARG_MINUTES, .number = minutes};
}

void cp_say3(struct cp_check *c, enum cp_check_weight weight, const char *code, const uint8_t *record,
             struct cp_check_arg a, struct cp_check_arg b, struct cp_check_arg d)
{
    struct cp_checked *out = c->out;
    void *list = out->reasons;
    if (!grow(out, &list, &out->reasons_cap, out->reasons_count, sizeof *out->reasons))
        return;
    out->reasons = list;
    out->reasons[out->reasons_count++] = (struct cp_check_reason){
        .criterion = c->row.criterion, .code = code, .weight = weight, .record = record, .args = {a, b, d}};
    if (weight == CP_CHECK_NO || weight == CP_CHECK_HARD)
        c->row.met = CP_MET_NO;
    else if (weight == CP_CHECK_PEOPLE)
        c->row.met = worse(c->row.met, CP_MET_PEOPLE);
    if (record != NULL)
        cp_shows(c, record);
}

static const struct cp_check_arg no_arg;

void cp_say2(struct cp_check *c, enum cp_check_weight weight, const char *code, const uint8_t *record,
             struct cp_check_arg a, struct cp_check_arg b)
{
    cp_say3(c, weight, code, record, a, b, no_arg);
}

void cp_say1(struct cp_check *c, enum cp_check_weight weight, const char *code, const uint8_t *record,
             struct cp_check_arg a)
{
    cp_say3(c, weight, code, record, a, no_arg, no_arg);
}

void cp_say(struct cp_check *c, enum cp_check_weight weight, const char *code, const uint8_t *record)
{
    cp_say3(c, weight, code, record, no_arg, no_arg, no_arg);
}

/* Repeats that stand near each other are left out; to leave out all of them is not worth a search. */
void cp_shows(struct cp_check *c, const uint8_t *record)
{
    enum {
        LOOK_BACK = 16
    };
    struct cp_checked *out = c->out;
    void *list = out->records;
    size_t first = out->records_count > c->row.records_at + LOOK_BACK ? out->records_count - LOOK_BACK
                                                                      : c->row.records_at;
    for (size_t i = first; i < out->records_count; i++)
        if (memcmp(out->records[i], record, CP_ID_LEN) == 0)
            return;
    if (!grow(out, &list, &out->records_cap, out->records_count, sizeof *out->records))
        return;
    out->records = list;
    out->records[out->records_count++] = record;
}

/* ---- Walking ---- */

const struct cp_model_item *cp_next_of(const struct cp_check *c, enum cp_record kind,
                                       const struct cp_model_item *at)
{
    const struct cp_model_item *end_of = c->m->items + c->m->items_count;
    for (at = at == NULL ? c->m->items : at + 1; at < end_of; at++)
        if (at->r.kind == kind)
            return at;
    return NULL;
}

const struct cp_model_item *cp_next_chosen(const struct cp_check *c, const struct cp_model_item *at)
{
    while ((at = cp_next_of(c, CP_RECORD_PRIORITY, at)) != NULL)
        if (cp_model_state_in(at, "chosen"))
            return at;
    return NULL;
}

const struct cp_model_item *cp_next_action(const struct cp_check *c, const struct cp_model_item *at)
{
    while ((at = cp_next_of(c, CP_RECORD_ACTION, at)) != NULL)
        if (cp_model_is_action(at))
            return at;
    return NULL;
}

const struct cp_model_person *cp_next_asked(const struct cp_check *c, const struct cp_model_person *at)
{
    const struct cp_model_person *end_of = c->m->people + c->m->people_count;
    for (at = at == NULL ? c->m->people : at + 1; at < end_of; at++)
        if (cp_model_asked(at))
            return at;
    return NULL;
}

bool cp_leads_or_helps(const struct cp_model_item *action, const uint8_t *person)
{
    return cp_model_links(&action->r, CP_FIELD_LEAD, person) ||
           cp_model_links(&action->r, CP_FIELD_HELPERS, person);
}

bool cp_is_obstacle_open(const struct cp_model_item *item)
{
    return item->r.kind == CP_RECORD_OBSTACLE && !cp_model_state_in(item, "gone|accepted|set aside");
}
