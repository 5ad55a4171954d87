/* The index of a plan as plain structs. Owns: orders and look-ups. Must not: judge anything. */
#include "proto/model.h"

#include <stdlib.h>
#include <string.h>

/* ---- Orders ---- */

/* Ids are hashes: nearly always the first byte tells. */
static int cmp_id(const uint8_t *a, const uint8_t *b)
{
    return a[0] != b[0] ? (a[0] < b[0] ? -1 : 1) : memcmp(a, b, CP_ID_LEN);
}

static int cmp_number(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_place(const void *a, const void *b)
{
    const struct cp_model_item *x = a, *y = b;
    int order = cmp_number(x->place, y->place);
    return order != 0 ? order : cmp_id(x->r.id, y->r.id);
}

static int by_item_id(const void *a, const void *b)
{
    return cmp_id((*(const struct cp_model_item *const *)a)->r.id,
                  (*(const struct cp_model_item *const *)b)->r.id);
}

static int by_person_id(const void *a, const void *b)
{
    return cmp_id(((const struct cp_model_person *)a)->r.id, ((const struct cp_model_person *)b)->r.id);
}

static int cmp_optional(const uint8_t *a, const uint8_t *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return cmp_id(a, b);
}

static int by_view(const void *a, const void *b)
{
    const struct cp_model_view *x = a, *y = b;
    int order = cmp_id(x->target, y->target);
    if (order == 0)
        order = cmp_number(x->measure, y->measure);
    if (order == 0)
        order = cmp_optional(x->criterion, y->criterion);
    if (order == 0)
        order = cmp_id(x->person, y->person);
    return order != 0 ? order : cmp_id(x->entry, y->entry);
}

static int by_note(const void *a, const void *b)
{
    const struct cp_model_note *x = a, *y = b;
    int order = cmp_id(x->about, y->about);
    if (order == 0)
        order = cmp_number(x->kind, y->kind);
    if (order == 0)
        order = cmp_number(x->lamport, y->lamport);
    return order != 0 ? order : cmp_id(x->r.id, y->r.id);
}

static int by_receipt(const void *a, const void *b)
{
    const struct cp_model_receipt *x = a, *y = b;
    int order = cmp_id(x->version, y->version);
    if (order == 0)
        order = cmp_number(x->lamport, y->lamport);
    return order != 0 ? order : cmp_id(x->r.id, y->r.id);
}

static int by_version(const void *a, const void *b)
{
    return cmp_id(((const struct cp_model_version *)a)->id, ((const struct cp_model_version *)b)->id);
}

static int by_answer(const void *a, const void *b)
{
    const struct cp_model_answer *x = a, *y = b;
    int order = cmp_id(x->version, y->version);
    if (order == 0)
        order = cmp_id(x->person, y->person);
    return order != 0 ? order : cmp_id(x->entry, y->entry);
}

static int by_waiting(const void *a, const void *b)
{
    const struct cp_model_waiting *x = a, *y = b;
    int order = cmp_id(x->version, y->version);
    return order != 0 ? order : cmp_id(x->person, y->person);
}

static int by_back(const void *a, const void *b)
{
    const struct cp_model_back *x = a, *y = b;
    int order = cmp_id(x->to, y->to);
    if (order == 0)
        order = cmp_number(x->field, y->field);
    return order != 0 ? order : by_place(x->item, y->item);
}

static int by_bytes(const void *a, const void *b)
{
    return cp_bytes_cmp(*(const struct cp_bytes *)a, *(const struct cp_bytes *)b);
}

static void sort(void *list, size_t count, size_t size, int (*order)(const void *, const void *))
{
    if (count > 1)
        qsort(list, count, size, order);
}

/* ---- Consent ---- */

/* One person's word about one thing: about NULL anything, scope NULL any. */
struct asked {
    const uint8_t *person, *about;
    const char *scope;
};

static bool is_consent(const struct cp_model_note *n, const struct asked *a)
{
    return n->kind == CP_M_NOTE_CONSENT && cmp_id(n->by, a->person) == 0 &&
           (a->about == NULL || cmp_id(n->about, a->about) == 0) &&
           (a->scope == NULL || cp_model_says(&n->r, CP_M_SCOPE, a->scope));
}

/* The stretch of a sorted array whose members, an id behind `at`, are the id: where it begins, and how long it is. */
typedef const uint8_t *id_at(const void *list, size_t i);

static size_t stretch(const void *list, size_t count, id_at *at, const uint8_t *id, size_t *length)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cmp_id(at(list, middle), id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*length = 0; low + *length < count && cmp_id(at(list, low + *length), id) == 0;) /* few: walked */
        (*length)++;
    return low;
}

static const uint8_t *saw_at(const void *list, size_t i)
{
    return ((const struct cp_model_saw *)list)[i].id;
}

static const uint8_t *consent_at(const void *list, size_t i)
{
    return ((const struct cp_model_note *const *)list)[i]->by;
}

/* Did a later word of the same person about the same see it? */
static bool is_passed(const struct cp_model *m, const struct cp_model_note *n, const struct asked *a)
{
    size_t count = 0, first = stretch(m->saws, m->saws_count, saw_at, n->r.id, &count);
    for (size_t i = first; i < first + count; i++)
        if (m->saws[i].by != n && is_consent(m->saws[i].by, a))
            return true;
    return false;
}

bool cp_model_consents(const struct cp_model *m, const uint8_t *person, const uint8_t *about,
                       const char *scope)
{
    const struct asked asked = {person, about, scope};
    bool yes = false, no = false;
    size_t count = 0, first = stretch(m->consents, m->consents_count, consent_at, person, &count);
    for (size_t i = first; i < first + count; i++) {
        const struct cp_model_note *n = m->consents[i];
        if (!is_consent(n, &asked) || is_passed(m, n, &asked))
            continue;
        yes = yes || cp_model_says(&n->r, CP_M_GIVEN, "yes");
        no = no || cp_model_says(&n->r, CP_M_GIVEN, "no");
    }
    return yes && !no;
}

static int by_consent(const void *a, const void *b)
{
    const struct cp_model_note *x = *(const struct cp_model_note *const *)a;
    const struct cp_model_note *y = *(const struct cp_model_note *const *)b;
    int order = cmp_id(x->by, y->by);
    return order != 0 ? order : cmp_id(x->r.id, y->r.id);
}

static int by_saw(const void *a, const void *b)
{
    const struct cp_model_saw *x = a, *y = b;
    int order = cmp_id(x->id, y->id);
    return order != 0 ? order : cmp_id(x->by->r.id, y->by->r.id);
}

static enum cp_err index_consents(struct cp_model *m, const struct cp_mem *mem)
{
    size_t notes = 0, seen = 0;
    for (size_t i = 0; i < m->notes_count; i++) {
        notes += m->notes[i].kind == CP_M_NOTE_CONSENT ? 1 : 0;
        seen += m->notes[i].kind == CP_M_NOTE_CONSENT ? m->notes[i].seen_count : 0;
    }
    m->consents = cp_alloc_array(mem, notes + 1, sizeof *m->consents);
    m->saws = cp_alloc_array(mem, seen + 1, sizeof *m->saws);
    if (m->consents == NULL || m->saws == NULL)
        return CP_ERR_NO_MEMORY;
    for (size_t i = 0; i < m->notes_count; i++) {
        const struct cp_model_note *n = &m->notes[i];
        if (n->kind != CP_M_NOTE_CONSENT)
            continue;
        m->consents[m->consents_count++] = n;
        for (size_t j = 0; j < n->seen_count; j++)
            m->saws[m->saws_count++] = (struct cp_model_saw){n->seen + j * CP_ID_LEN, n};
    }
    sort(m->consents, m->consents_count, sizeof *m->consents, by_consent);
    sort(m->saws, m->saws_count, sizeof *m->saws, by_saw);
    return CP_OK;
}

/* ---- The index ---- */

static size_t count_links(const struct cp_model *m)
{
    size_t count = 0;
    for (size_t i = 0; i < m->items_count; i++)
        for (size_t j = 0; j < m->items[i].r.facts_count; j++)
            count += m->items[i].r.facts[j].link != NULL ? 1 : 0;
    return count;
}

static void fill_backs(struct cp_model *m)
{
    for (size_t i = 0; i < m->items_count; i++) {
        const struct cp_model_item *item = &m->items[i];
        for (size_t j = 0; j < item->r.facts_count; j++) {
            const struct cp_model_fact *f = &item->r.facts[j];
            if (f->link != NULL)
                m->backs[m->backs_count++] = (struct cp_model_back){f->link, f->field, item, f->number};
        }
    }
    sort(m->backs, m->backs_count, sizeof *m->backs, by_back);
}

static void add_perspectives(struct cp_model *m, const struct cp_model_record *r, uint16_t field)
{
    for (const struct cp_model_fact *f = cp_model_get(r, field); f != NULL; f = cp_model_next(r, f))
        m->perspectives[m->perspectives_count++] = f->text;
}

static void fill_perspectives(struct cp_model *m)
{
    size_t kept = 0;
    add_perspectives(m, &m->plan, CP_M_PERSPECTIVES_NEEDED);
    for (size_t i = 0; i < m->people_count; i++)
        if (m->people[i].in)
            add_perspectives(m, &m->people[i].r, CP_M_PERSPECTIVES);
    sort(m->perspectives, m->perspectives_count, sizeof *m->perspectives, by_bytes);
    for (size_t i = 0; i < m->perspectives_count; i++)
        if (kept == 0 || !cp_bytes_eq(m->perspectives[kept - 1], m->perspectives[i]))
            m->perspectives[kept++] = m->perspectives[i];
    m->perspectives_count = kept;
}

enum cp_err cp_model_index(struct cp_model *m, const struct cp_mem *mem)
{
    size_t named = m->plan.facts_count;
    m->mem = mem;
    sort(m->items, m->items_count, sizeof *m->items, by_place);
    sort(m->people, m->people_count, sizeof *m->people, by_person_id);
    sort(m->views, m->views_count, sizeof *m->views, by_view);
    sort(m->notes, m->notes_count, sizeof *m->notes, by_note);
    sort(m->receipts, m->receipts_count, sizeof *m->receipts, by_receipt);
    sort(m->versions, m->versions_count, sizeof *m->versions, by_version);
    sort(m->answers, m->answers_count, sizeof *m->answers, by_answer);
    sort(m->waiting, m->waiting_count, sizeof *m->waiting, by_waiting);
    enum cp_err err = index_consents(m, mem);
    for (size_t i = 0; err == CP_OK && i < m->people_count; i++) {
        named += m->people[i].r.facts_count;
        m->people[i].shows_perspective = cp_model_consents(m, m->people[i].r.id, NULL, "perspective");
    }
    m->by_id = cp_alloc_array(mem, m->items_count + 1, sizeof *m->by_id);
    m->backs = cp_alloc_array(mem, count_links(m) + 1, sizeof *m->backs);
    m->perspectives = cp_alloc_array(mem, named + 1, sizeof *m->perspectives);
    if (err != CP_OK || m->by_id == NULL || m->backs == NULL || m->perspectives == NULL) {
        cp_model_clear(m);
        return CP_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < m->items_count; i++)
        m->by_id[i] = &m->items[i];
    sort(m->by_id, m->items_count, sizeof *m->by_id, by_item_id);
    fill_backs(m);
    fill_perspectives(m);
    return CP_OK;
}

void cp_model_clear(struct cp_model *m)
{
    if (m->mem == NULL)
        return;
    cp_free(m->mem, m->by_id);
    cp_free(m->mem, m->backs);
    cp_free(m->mem, m->perspectives);
    cp_free(m->mem, m->consents);
    cp_free(m->mem, m->saws);
    m->consents = NULL;
    m->saws = NULL;
    m->consents_count = m->saws_count = 0;
    m->by_id = NULL;
    m->backs = NULL;
    m->perspectives = NULL;
    m->backs_count = m->perspectives_count = 0;
    m->mem = NULL;
}

/* ---- Looking up ---- */

const struct cp_model_item *cp_model_item(const struct cp_model *m, const uint8_t *id)
{
    struct cp_model_item key = {.place = 0};
    const struct cp_model_item *wanted = &key;
    if (id == NULL || m->items_count == 0)
        return NULL;
    memcpy(key.r.id, id, CP_ID_LEN);
    const struct cp_model_item *const *hit =
        bsearch(&wanted, m->by_id, m->items_count, sizeof *m->by_id, by_item_id);
    return hit == NULL ? NULL : *hit;
}

const struct cp_model_person *cp_model_person(const struct cp_model *m, const uint8_t *id)
{
    struct cp_model_person key = {.in = false};
    if (id == NULL || m->people_count == 0)
        return NULL;
    memcpy(key.r.id, id, CP_ID_LEN);
    return bsearch(&key, m->people, m->people_count, sizeof *m->people, by_person_id);
}

struct cp_bytes cp_model_name(const struct cp_model *m, const uint8_t *id)
{
    const struct cp_model_person *p = cp_model_person(m, id);
    return p == NULL ? CP_BYTES(NULL, 0) : p->name;
}

static const uint8_t *back_at(const void *list, size_t i)
{
    return ((const struct cp_model_back *)list)[i].to;
}

static const uint8_t *view_at(const void *list, size_t i)
{
    return ((const struct cp_model_view *)list)[i].target;
}

static const uint8_t *note_at(const void *list, size_t i)
{
    return ((const struct cp_model_note *)list)[i].about;
}

const struct cp_model_back *cp_model_backs(const struct cp_model *m, const uint8_t id[static CP_ID_LEN],
                                           size_t *count)
{
    return m->backs + stretch(m->backs, m->backs_count, back_at, id, count);
}

bool cp_model_pointed(const struct cp_model *m, const uint8_t id[static CP_ID_LEN], enum cp_record kind,
                      const uint16_t *fields)
{
    size_t count = 0;
    const struct cp_model_back *backs = cp_model_backs(m, id, &count);
    for (size_t i = 0; i < count; i++)
        for (const uint16_t *f = fields; *f != 0; f++)
            if (backs[i].item->r.kind == kind && backs[i].field == *f)
                return true;
    return false;
}

const struct cp_model_view *cp_model_views(const struct cp_model *m, const uint8_t target[static CP_ID_LEN],
                                           size_t *count)
{
    *count = 0;
    if (m->views_count == 0)
        return NULL;
    return m->views + stretch(m->views, m->views_count, view_at, target, count);
}

/* The order of by_view, as far as it goes without a criterion. */
static int cmp_view(const struct cp_model_view *v, const uint8_t *target, uint64_t measure,
                    const uint8_t *person)
{
    int order = cmp_id(v->target, target);
    if (order == 0)
        order = cmp_number(v->measure, measure);
    if (order == 0)
        order = cmp_optional(v->criterion, NULL);
    return order != 0 ? order : cmp_id(v->person, person);
}

const struct cp_model_view *cp_model_view(const struct cp_model *m, const uint8_t target[static CP_ID_LEN],
                                          uint64_t measure, const uint8_t person[static CP_ID_LEN])
{
    size_t low = 0, high = m->views_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cmp_view(&m->views[middle], target, measure, person) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < m->views_count && cmp_view(&m->views[low], target, measure, person) == 0; low++)
        if (!m->views[low].two && !cp_bytes_eq(m->views[low].value, cp_bytes_str("dont_know")))
            return &m->views[low];
    return NULL;
}

const struct cp_model_note *cp_model_notes(const struct cp_model *m, const uint8_t about[static CP_ID_LEN],
                                           size_t *count)
{
    *count = 0;
    if (m->notes_count == 0)
        return NULL;
    return m->notes + stretch(m->notes, m->notes_count, note_at, about, count);
}

const struct cp_model_version *cp_model_newest(const struct cp_model *m, enum cp_stage stage)
{
    const struct cp_model_version *last = NULL;
    for (size_t i = 0; i < m->versions_count; i++) {
        const struct cp_model_version *v = &m->versions[i];
        if (v->stage == stage && v->newest && (last == NULL || v->place > last->place))
            last = v;
    }
    return last;
}

const char *cp_asked_word(enum cp_asked state)
{
    switch (state) {
    case CP_ASKED_OPEN:
        return "open";
    case CP_ASKED_CHANGED:
        return "changed";
    case CP_ASKED_STAYS:
        return "stays";
    }
    return "open";
}

struct cp_bytes cp_model_settled(const struct cp_model_record *r, uint16_t field)
{
    return cp_model_two(r, field) ? CP_BYTES(NULL, 0) : cp_model_text(r, field);
}
