/* Words in each of the languages that a plan needs (proto/check_language.c). */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/check.h"
#include "tests/support/heap.h"
#include "tests/support/village.h"

/* How often a code was said about a field (NULL: any) and a language. */
static size_t lacks_in(const struct cp_checked *c, const char *code, const char *field, const char *lang)
{
    size_t n = 0;
    for (size_t i = 0; i < c->reasons_count; i++) {
        const struct cp_check_reason *r = &c->reasons[i];
        const struct cp_check_arg *last = &r->args[field == NULL ? 1 : 2];
        if (strcmp(r->code, code) == 0 && cp_bytes_eq(last->text, cp_bytes_str(lang)) &&
            (field == NULL || cp_bytes_eq(r->args[1].text, cp_bytes_str(field))))
            n++;
    }
    return n;
}

static void languages(struct village *t, struct cp_checked *c)
{
    cp_model_clear(&t->m);
    cr_assert_eq(cp_model_index(&t->m, test_mem()), CP_OK);
    cp_checked_init(c, test_mem());
    cr_assert_eq(cp_check_languages_missing(c, &t->m), CP_OK);
}

Test(check, every_word_is_there_in_every_language_the_plan_needs)
{
    struct village t;
    struct cp_checked c;
    village_make(&t, "2031-03-01");
    village_person(&t, "Asha", NULL);
    village_text(&t, &t.m.plan, CP_FIELD_TITLE, "The garden");
    struct cp_model_item *a = village_item(&t, CP_RECORD_ACTION, "Open the garden", "open");
    languages(&t, &c);
    cr_assert_eq(c.count, 0, "a plan that names no language needs none");
    cp_checked_clear(&c);
    village_text(&t, &t.m.plan, CP_FIELD_LANGUAGES, "en");
    languages(&t, &c);
    cr_assert_eq(c.count, 0, "words without a language are in the first one");
    cp_checked_clear(&c);
    village_text(&t, &t.m.plan, CP_FIELD_LANGUAGES, "cy");
    village_text(&t, &a->r, CP_M_DETAILS, "Each Monday");
    village_text(&t, &a->r, CP_FIELD_PLAIN, "Come in.")->lang = cp_bytes_str("cy");
    village_text(&t, &a->r, CP_M_EFFECT, ""); /* cleared: nothing is said */
    languages(&t, &c);
    cr_assert_eq(c.count, 1);
    cr_assert_str_eq(c.rows[0].criterion, "C2");
    cr_assert_eq(c.reasons_count, 4);
    cr_assert_eq(lacks_in(&c, "no_language", NULL, "cy"), 2, "the title and the action");
    cr_assert_eq(lacks_in(&c, "no_field_language", "details", "cy"), 1);
    cr_assert_eq(lacks_in(&c, "no_field_language", "plain", "en"), 1, "in the first language too");
    cr_assert_eq(c.reasons[0].weight, CP_CHECK_HARD);
    cp_checked_clear(&c);
    village_text(&t, &t.m.plan, CP_FIELD_TITLE, "Yr ardd")->lang = cp_bytes_str("cy");
    village_text(&t, &a->r, CP_FIELD_TEXT, "Agor yr ardd")->lang = cp_bytes_str("cy");
    village_text(&t, &a->r, CP_M_DETAILS, "Bob dydd Llun")->lang = cp_bytes_str("cy");
    village_text(&t, &a->r, CP_FIELD_PLAIN, "Dewch i mewn.")->lang = cp_bytes_str("en");
    languages(&t, &c);
    cr_assert_eq(c.count, 0);
    cp_checked_clear(&c);
    village_clear(&t);
}

Test(check, names_of_sources_and_what_has_no_language_are_left_alone)
{
    struct village t;
    struct cp_checked c;
    village_make(&t, "2031-03-01");
    village_person(&t, "Asha", NULL);
    village_text(&t, &t.m.plan, CP_FIELD_LANGUAGES, "cy");
    struct cp_model_item *e = village_item(&t, CP_RECORD_EVIDENCE, "Gerddi", "open");
    village_text(&t, &e->r, CP_M_SOURCE, "Five Ways")->lang = cp_bytes_str("en");
    village_text(&t, &e->r, CP_M_LINK, "https://example.org/five")->lang = cp_bytes_str("en");
    village_text(&t, &e->r, CP_M_READ_ON, "2031-01-01");
    languages(&t, &c);
    cr_assert_eq(c.count, 0);
    cp_checked_clear(&c);
    village_text(&t, &e->r, CP_M_CONTACT, "Ring on Mondays")->lang = cp_bytes_str("en");
    languages(&t, &c);
    cr_assert_eq(lacks_in(&c, "no_field_language", "contact", "cy"), 1, "whom to ask is words");
    cp_checked_clear(&c);
    village_clear(&t);
}
