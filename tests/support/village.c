/* Plans as plain structs, made by hand (village.h). */
#include "tests/support/village.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/heap.h"

static void give_id(struct village *t, uint8_t id[CP_ID_LEN])
{
    t->made++;
    assert(t->made < 256);
    memset(id, 0, CP_ID_LEN);
    /* The first byte makes the order by id another one than the order in which things were made. */
    id[0] = (uint8_t)(t->made * 151U);
    id[1] = (uint8_t)t->made;
}

static struct cp_model_fact *room(struct cp_model_record *r)
{
    struct cp_model_fact *facts = NULL;
    assert(r->facts_count < VILLAGE_FACTS);
    if (r->facts == NULL)
        r->facts = calloc(VILLAGE_FACTS, sizeof *facts);
    memcpy(&facts, &r->facts, sizeof facts);
    return &facts[r->facts_count++];
}

void village_make(struct village *t, const char *today)
{
    memset(t, 0, sizeof *t);
    t->m.today = cp_bytes_str(today);
    t->m.items = calloc(VILLAGE_ITEMS, sizeof *t->m.items);
    t->m.people = calloc(VILLAGE_PEOPLE, sizeof *t->m.people);
    t->m.views = calloc(VILLAGE_VIEWS, sizeof *t->m.views);
    t->m.notes = calloc(VILLAGE_NOTES, sizeof *t->m.notes);
    give_id(t, t->m.plan.id);
}

static void forget(const struct cp_model_record *r)
{
    void *facts = NULL;
    memcpy(&facts, &r->facts, sizeof facts);
    free(facts);
}

void village_clear(struct village *t)
{
    forget(&t->m.plan);
    for (size_t i = 0; i < t->m.items_count; i++)
        forget(&t->m.items[i].r);
    for (size_t i = 0; i < t->m.people_count; i++)
        forget(&t->m.people[i].r);
    for (size_t i = 0; i < t->m.notes_count; i++)
        forget(&t->m.notes[i].r);
    cp_model_clear(&t->m);
    free(t->m.items);
    free(t->m.people);
    free(t->m.views);
    free(t->m.notes);
    memset(t, 0, sizeof *t);
}

struct cp_model_person *village_person(struct village *t, const char *name, const char *perspective)
{
    assert(t->m.people_count < VILLAGE_PEOPLE);
    struct cp_model_person *p = &t->m.people[t->m.people_count++];
    p->r.kind = CP_RECORD_PERSON;
    p->name = cp_bytes_str(name);
    p->in = true;
    give_id(t, p->r.id);
    p->r.id[0] = (uint8_t)t->m.people_count; /* people keep their order, so that tests can count them */
    if (perspective != NULL)
        village_text(t, &p->r, CP_M_PERSPECTIVES, perspective);
    return p;
}

struct cp_model_item *village_item(struct village *t, enum cp_record kind, const char *text,
                                   const char *state)
{
    assert(t->m.items_count < VILLAGE_ITEMS && t->m.people_count > 0);
    struct cp_model_item *item = &t->m.items[t->m.items_count];
    item->r.kind = kind;
    item->place = t->m.items_count++;
    item->state = cp_bytes_str(state);
    item->author = t->m.plan.id;
    give_id(t, item->r.id);
    village_text(t, &item->r, CP_FIELD_TEXT, text);
    return item;
}

struct cp_model_note *village_note(struct village *t, enum cp_model_note_kind kind, const uint8_t *about,
                                   const char *day)
{
    assert(t->m.notes_count < VILLAGE_NOTES);
    struct cp_model_note *n = &t->m.notes[t->m.notes_count++];
    n->kind = (uint64_t)kind;
    n->lamport = t->m.notes_count;
    n->day = cp_bytes_str(day);
    memcpy(n->about, about, CP_ID_LEN);
    memcpy(n->by, t->m.people[0].r.id, CP_ID_LEN);
    n->r.kind = CP_RECORD_NOTE;
    give_id(t, n->r.id);
    return n;
}

struct cp_model_fact *village_text(struct village *t, struct cp_model_record *r, uint16_t field,
                                   const char *text)
{
    (void)t;
    struct cp_model_fact *f = room(r);
    f->field = field;
    f->text = cp_bytes_str(text);
    return f;
}

struct cp_model_fact *village_number(struct village *t, struct cp_model_record *r, uint16_t field,
                                     int64_t number)
{
    (void)t;
    struct cp_model_fact *f = room(r);
    f->field = field;
    f->number = number;
    return f;
}

/* The id is looked up again after a shuffle by its bytes, so it is kept apart from the arrays that move. */
struct cp_model_fact *village_link(struct village *t, struct cp_model_record *r, uint16_t field,
                                   const uint8_t *id)
{
    static uint8_t kept[4096][CP_ID_LEN];
    static size_t used;
    (void)t;
    struct cp_model_fact *f = room(r);
    size_t at = 0;
    while (at < used && memcmp(kept[at], id, CP_ID_LEN) != 0)
        at++;
    assert(at < 4096);
    if (at == used)
        memcpy(kept[used++], id, CP_ID_LEN);
    f->field = field;
    f->link = kept[at];
    return f;
}

struct cp_model_view *village_view(struct village *t, size_t p, const struct cp_model_item *target,
                                   uint64_t measure, const char *value)
{
    assert(t->m.views_count < VILLAGE_VIEWS);
    struct cp_model_view *v = &t->m.views[t->m.views_count++];
    v->measure = measure;
    v->value = cp_bytes_str(value);
    memcpy(v->target, target->r.id, CP_ID_LEN);
    memcpy(v->person, t->m.people[p].r.id, CP_ID_LEN);
    v->entry[0] = (uint8_t)(t->m.views_count * 37U);
    v->entry[1] = (uint8_t)(t->m.views_count >> 8U);
    v->entry[2] = (uint8_t)t->m.views_count;
    return v;
}

void village_score(struct village *t, size_t p, const struct cp_model_item *option,
                   const struct cp_model_item *criterion, char score)
{
    static const char *const digits[] = {"0", "1", "2", "3", "4"};
    struct cp_model_fact kept = {.field = 0};
    struct cp_model_record r = {.facts_count = 0};
    struct cp_model_view *v =
        village_view(t, p, option, CP_M_MEASURE_SCORE, score == '-' ? "dont_know" : digits[score - '0']);
    kept = *village_link(t, &r, 0, criterion->r.id);
    v->criterion = kept.link;
    forget(&r);
}

static void swap(void *list, size_t size, size_t a, size_t b)
{
    uint8_t kept[512];
    uint8_t *bytes = list;
    assert(size <= sizeof kept);
    memcpy(kept, bytes + a * size, size);
    memcpy(bytes + a * size, bytes + b * size, size);
    memcpy(bytes + b * size, kept, size);
}

static void shuffle(void *list, size_t count, size_t size, uint64_t *seed)
{
    for (size_t i = count; i > 1; i--)
        swap(list, size, i - 1, (size_t)test_below(seed, i));
}

void village_shuffle(struct village *t, uint64_t seed)
{
    shuffle(t->m.items, t->m.items_count, sizeof *t->m.items, &seed);
    shuffle(t->m.people, t->m.people_count, sizeof *t->m.people, &seed);
    shuffle(t->m.views, t->m.views_count, sizeof *t->m.views, &seed);
    shuffle(t->m.notes, t->m.notes_count, sizeof *t->m.notes, &seed);
}
