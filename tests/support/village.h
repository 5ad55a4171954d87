/* Plans as plain structs, made by hand: for tests of checks, rankings, balance and progress. */
#ifndef CP_TEST_VILLAGE_H
#define CP_TEST_VILLAGE_H

#include "proto/model.h"

enum {
    VILLAGE_ITEMS = 128,
    VILLAGE_PEOPLE = 32,
    VILLAGE_VIEWS = 512,
    VILLAGE_NOTES = 64,
    VILLAGE_FACTS = 32 /* of one record */
};

struct village {
    struct cp_model m;
    size_t made; /* ids given out */
};
/* Arrays with room; the plan without a field. Clear frees everything, the index too. */
void village_make(struct village *t, const char *today);
void village_clear(struct village *t);
/* Pointers stay good until village_shuffle or cp_model_index. The n-th thing made has n in its second byte. */
struct cp_model_person *village_person(struct village *t, const char *name,
                                       const char *perspective /* or NULL */);
struct cp_model_item *village_item(struct village *t, enum cp_record kind, const char *text,
                                   const char *state);
struct cp_model_note *village_note(struct village *t, enum cp_model_note_kind kind, const uint8_t *about,
                                   const char *day);
/* Further facts of a record. Texts are not copied. */
struct cp_model_fact *village_text(struct village *t, struct cp_model_record *r, uint16_t field,
                                   const char *text);
struct cp_model_fact *village_number(struct village *t, struct cp_model_record *r, uint16_t field,
                                     int64_t number);
struct cp_model_fact *village_link(struct village *t, struct cp_model_record *r, uint16_t field,
                                   const uint8_t *id);
/* The person at place p in the order made. '-' is "do not know". */
void village_score(struct village *t, size_t p, const struct cp_model_item *option,
                   const struct cp_model_item *criterion, char score);
struct cp_model_view *village_view(struct village *t, size_t p, const struct cp_model_item *target,
                                   uint64_t measure, const char *value);
/* A new order of everything that may come in any order. */
void village_shuffle(struct village *t, uint64_t seed);

#endif
