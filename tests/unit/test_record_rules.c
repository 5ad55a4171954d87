/*
 * The merge rules one by one, each as a small story whose end is known. (test_record.c compares random histories with
 * the definition; a story says which rule it was.) Every story is folded in both directions.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/record.h"
#include "tests/support/heap.h"

enum { ENTRIES_MAX = 8, ASHA = 0xaa, BILL = 0xbb, BLOCKS = 51 };

struct story {
    uint8_t ids[ENTRIES_MAX][CP_ID_LEN];
    uint8_t persons[ENTRIES_MAX][CP_ID_LEN];
    struct cp_buf frames[ENTRIES_MAX], words[ENTRIES_MAX];
    struct cp_frame read[ENTRIES_MAX];
    struct cp_write writes[ENTRIES_MAX];
    size_t count;
    struct cp_draft draft; /* of the next entry */
    uint8_t target[CP_ID_LEN];
};

static const struct cp_bytes no_lang = {NULL, 0};

/* The id of the entry called `name`: that byte, 32 times. */
static const uint8_t *id_of(uint8_t name)
{
    static uint8_t ids[256][CP_ID_LEN];
    memset(ids[name], name, CP_ID_LEN);
    return ids[name];
}

static void begin(struct story *s, uint64_t kind, uint64_t subkind, const uint8_t *target)
{
    cp_draft_init(&s->draft, test_mem(), kind, subkind, target);
}

/* Ends the entry that begin() began. */
static void end(struct story *s, uint8_t name, uint64_t lamport, uint8_t person)
{
    static const uint8_t salt[CP_SALT_LEN] = {1};
    size_t i = s->count++;
    memset(s->ids[i], name, CP_ID_LEN);
    memset(s->persons[i], person, CP_ID_LEN);
    cp_buf_init(&s->frames[i], test_mem(), CP_ENTRY_MAX);
    cp_buf_init(&s->words[i], test_mem(), CP_ENTRY_MAX);
    cr_assert_eq(cp_draft_write(&s->draft, salt, &s->frames[i], &s->words[i]), CP_OK);
    cp_draft_clear(&s->draft);
    cr_assert_eq(cp_frame_read(cp_buf_bytes(&s->frames[i]), cp_buf_bytes(&s->words[i]), &s->read[i]), CP_OK);
    s->writes[i] =
        (struct cp_write){.id = s->ids[i], .lamport = lamport, .person = s->persons[i], .frame = &s->read[i]};
}

static void withdraw(struct story *s, size_t i)
{
    cr_assert_eq(cp_frame_read(cp_buf_bytes(&s->frames[i]), no_lang, &s->read[i]), CP_OK);
    s->writes[i].withdrawn = true;
}

static void turn_round(struct story *s)
{
    for (size_t i = 0; i < s->count / 2; i++) {
        struct cp_write swap = s->writes[i];
        s->writes[i] = s->writes[s->count - 1 - i];
        s->writes[s->count - 1 - i] = swap;
    }
}

static void clear(struct story *s)
{
    for (size_t i = 0; i < s->count; i++) {
        cp_buf_clear(&s->frames[i]);
        cp_buf_clear(&s->words[i]);
    }
}

static void item(struct story *s, const char *text)
{
    begin(s, CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    if (text != NULL)
        cp_draft_text(&s->draft, CP_FIELD_TEXT, no_lang, cp_bytes_str(text));
    end(s, 1, 1, ASHA);
}

/* An edit of the item's field that saw what `sees` names (0: nothing). */
static void edit(struct story *s, uint8_t name, uint64_t lamport, uint8_t sees, uint16_t field, const char *text)
{
    begin(s, CP_KIND_SET, 0, id_of(1));
    if (sees != 0)
        cp_draft_replace(&s->draft, id_of(sees));
    cp_draft_text(&s->draft, field, no_lang, cp_bytes_str(text));
    end(s, name, lamport, name % 2 == 0 ? ASHA : BILL);
}

/* The field shows exactly these values, in this order, whichever way the entries are given. */
static void shows(struct story *s, uint16_t field, const char *first, const char *second)
{
    size_t expected = (first != NULL ? 1U : 0U) + (second != NULL ? 1U : 0U);
    for (int way = 0; way < 2; way++, turn_round(s)) {
        struct cp_record_state state;
        cr_assert_eq(cp_record_fold(&state, test_mem(), s->writes, s->count), CP_OK);
        const struct cp_register *r = cp_record_get(&state, field, no_lang);
        cr_assert_eq(r == NULL ? 0 : r->count, expected, "%zu values", r == NULL ? 0 : r->count);
        for (size_t i = 0; i < expected; i++)
            cr_expect(cp_bytes_eq(cp_record_value(&state, &r->values[i])->bytes, cp_bytes_str(i == 0 ? first : second)));
        cr_expect_eq(state.wordings, expected > 1 ? 1 : 0);
        cp_record_clear(&state);
    }
}

static void aside(struct story *s, bool set_aside, bool apart)
{
    for (int way = 0; way < 2; way++, turn_round(s)) {
        struct cp_record_state state;
        cr_assert_eq(cp_record_fold(&state, test_mem(), s->writes, s->count), CP_OK);
        cr_expect_eq(state.set_aside, set_aside);
        cr_expect_eq(state.edited_apart, apart);
        cp_record_clear(&state);
    }
}

Test(rules, equal_values_are_one_wording_and_others_are_two)
{
    struct story s = {.count = 0};
    item(&s, "walk");
    edit(&s, 2, 2, 1, CP_FIELD_TEXT, "run");
    edit(&s, 3, 2, 1, CP_FIELD_TEXT, "run");
    shows(&s, CP_FIELD_TEXT, "run", NULL);
    edit(&s, 4, 2, 1, CP_FIELD_TEXT, "sit"); /* as long as the other */
    shows(&s, CP_FIELD_TEXT, "run", "sit");
    clear(&s);
}

Test(rules, wordings_stand_by_lamport_and_then_by_id)
{
    struct story s = {.count = 0};
    item(&s, "walk");
    edit(&s, 2, 5, 1, CP_FIELD_TEXT, "later");
    edit(&s, 3, 4, 1, CP_FIELD_TEXT, "sooner");
    shows(&s, CP_FIELD_TEXT, "sooner", "later");
    clear(&s);
    s.count = 0;
    item(&s, "walk");
    edit(&s, 9, 4, 1, CP_FIELD_TEXT, "higher");
    edit(&s, 3, 4, 1, CP_FIELD_TEXT, "lower");
    shows(&s, CP_FIELD_TEXT, "lower", "higher");
    clear(&s);
}

Test(rules, of_two_writes_in_one_entry_the_last_counts)
{
    struct story s = {.count = 0};
    item(&s, "walk");
    begin(&s, CP_KIND_SET, 0, id_of(1));
    cp_draft_replace(&s.draft, id_of(1));
    cp_draft_text(&s.draft, CP_FIELD_TEXT, no_lang, cp_bytes_str("first"));
    cp_draft_text(&s.draft, CP_FIELD_TEXT, no_lang, cp_bytes_str("last"));
    end(&s, 2, 2, ASHA);
    shows(&s, CP_FIELD_TEXT, "last", NULL);
    clear(&s);
}

Test(rules, withdrawn_words_give_way_to_any_others)
{
    struct story s = {.count = 0};
    struct cp_record_state state;
    item(&s, NULL);
    edit(&s, 2, 2, 0, CP_FIELD_TEXT, "gone");
    edit(&s, 3, 3, 0, CP_FIELD_TEXT, "here");
    withdraw(&s, 1);
    shows(&s, CP_FIELD_TEXT, "here", NULL);
    withdraw(&s, 2); /* now nothing else is current: one line says so */
    cr_assert_eq(cp_record_fold(&state, test_mem(), s.writes, s.count), CP_OK);
    const struct cp_register *r = cp_record_get(&state, CP_FIELD_TEXT, no_lang);
    cr_assert(r != NULL && r->count == 1);
    cr_expect_eq(cp_record_value(&state, &r->values[0])->type, CP_VALUE_NONE);
    cp_record_clear(&state);
    clear(&s);
}

Test(rules, the_highest_position_counts)
{
    struct story s = {.count = 0};
    item(&s, "walk");
    edit(&s, 2, 3, 1, CP_FIELD_POSITION, "m");
    edit(&s, 3, 2, 1, CP_FIELD_POSITION, "a");
    shows(&s, CP_FIELD_POSITION, "m", NULL);
    edit(&s, 4, 3, 1, CP_FIELD_POSITION, "c");
    shows(&s, CP_FIELD_POSITION, "c", NULL);
    clear(&s);
}

Test(rules, moving_an_item_apart_leaves_it_aside)
{
    struct story s = {.count = 0};
    item(&s, "walk");
    edit(&s, 2, 2, 1, CP_FIELD_STATE, "set aside");
    edit(&s, 3, 2, 1, CP_FIELD_POSITION, "m");
    aside(&s, true, false);
    edit(&s, 4, 3, 2, CP_FIELD_STATE, "open"); /* brings it back */
    aside(&s, false, false);
    clear(&s);
}

Test(rules, each_column_is_a_register_of_its_own)
{
    struct story s = {.count = 0};
    begin(&s, CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_column(&s.draft, cp_draft_name(&s.draft, id_of(0x70)), cp_bytes_str("north"));
    cp_draft_column(&s.draft, cp_draft_name(&s.draft, id_of(0x71)), cp_bytes_str("south"));
    end(&s, 1, 1, ASHA);
    begin(&s, CP_KIND_SET, 0, id_of(1));
    cp_draft_replace(&s.draft, id_of(1));
    cp_draft_column(&s.draft, cp_draft_name(&s.draft, id_of(0x70)), cp_bytes_str("east"));
    end(&s, 2, 2, BILL);
    for (int way = 0; way < 2; way++, turn_round(&s)) {
        static const char *const expected[2] = {"east", "south"};
        struct cp_record_state state;
        cr_assert_eq(cp_record_fold(&state, test_mem(), s.writes, s.count), CP_OK);
        cr_assert_eq(state.count, 2);
        for (size_t i = 0; i < 2; i++) {
            const struct cp_register *r = &state.registers[i];
            cr_assert_eq(r->count, 1);
            cr_expect_eq(r->column[0], 0x70 + i);
            cr_expect(cp_bytes_eq(cp_record_value(&state, &r->values[0])->bytes, cp_bytes_str(expected[i])));
        }
        cp_record_clear(&state);
    }
    clear(&s);
}

Test(rules, a_removal_takes_from_its_own_list_alone)
{
    enum { SERVES = 49 };
    struct story s = {.count = 0};
    struct cp_record_state state;
    begin(&s, CP_KIND_ITEM, CP_RECORD_ACTION, NULL);
    cp_draft_link(&s.draft, CP_FIELD_HELPERS, cp_draft_name(&s.draft, id_of(ASHA)), true);
    end(&s, 1, 1, ASHA);
    begin(&s, CP_KIND_SET, 0, id_of(1));
    cp_draft_remove(&s.draft, SERVES, cp_draft_name(&s.draft, id_of(1)), 0);
    end(&s, 2, 2, BILL);
    cr_assert_eq(cp_record_fold(&state, test_mem(), s.writes, s.count), CP_OK);
    const struct cp_register *r = cp_record_get(&state, CP_FIELD_HELPERS, no_lang);
    cr_assert(r != NULL && r->count == 1);
    cp_record_clear(&state);
    begin(&s, CP_KIND_SET, 0, id_of(1));
    cp_draft_remove(&s.draft, CP_FIELD_HELPERS, cp_draft_name(&s.draft, id_of(1)), 0);
    end(&s, 3, 2, BILL);
    shows(&s, CP_FIELD_HELPERS, NULL, NULL);
    clear(&s);
}

Test(rules, an_edit_of_an_item_takes_nothing_from_a_person)
{
    struct story s = {.count = 0};
    begin(&s, CP_KIND_PERSON, 0, id_of(ASHA));
    cp_draft_text(&s.draft, CP_FIELD_NAME, no_lang, cp_bytes_str("Asha"));
    end(&s, 1, 1, ASHA);
    begin(&s, CP_KIND_SET, 0, id_of(ASHA));
    cp_draft_replace(&s.draft, id_of(1));
    cp_draft_text(&s.draft, CP_FIELD_NAME, no_lang, cp_bytes_str("Mal"));
    end(&s, 2, 2, ASHA);
    shows(&s, CP_FIELD_NAME, "Asha", NULL);
    clear(&s);
}

/* ---- Views ---- */

static void view(struct story *s, uint8_t name, uint64_t measure, const uint8_t *criterion, const char *value,
                 uint8_t replaces, uint8_t person)
{
    begin(s, CP_KIND_VIEW, measure, id_of(1));
    if (replaces != 0)
        cp_draft_replace(&s->draft, id_of(replaces));
    cp_draft_text(&s->draft, CP_FIELD_VALUE, no_lang, cp_bytes_str(value));
    if (criterion != NULL)
        cp_draft_link(&s->draft, CP_FIELD_BY_CRITERION, cp_draft_name(&s->draft, criterion), false);
    end(s, name, name, person);
}

/* So many rows, the first of them with so many current values. */
static void views(struct story *s, size_t rows, size_t current)
{
    for (int way = 0; way < 2; way++, turn_round(s)) {
        struct cp_views v;
        cr_assert_eq(cp_views_fold(&v, test_mem(), s->writes, s->count), CP_OK);
        cr_assert_eq(v.count, rows, "%zu rows", v.count);
        cr_expect_eq(v.rows[0].current_count, current, "%zu current", v.rows[0].current_count);
        for (size_t i = 1; i < rows; i++)
            cr_expect_eq(v.rows[i].current_count, 1);
        cp_views_clear(&v);
    }
}

Test(views, the_same_given_twice_apart_is_one)
{
    struct story s = {.count = 0};
    view(&s, 2, 1, NULL, "3", 0, ASHA);
    view(&s, 3, 1, NULL, "3", 0, ASHA);
    views(&s, 1, 1);
    view(&s, 4, 1, NULL, "4", 0, ASHA);
    views(&s, 1, 2);
    clear(&s);
}

Test(views, measures_and_criteria_are_registers_of_their_own)
{
    struct story s = {.count = 0};
    view(&s, 2, 1, id_of(0x60), "1", 0, ASHA);
    view(&s, 3, 1, id_of(0x61), "2", 2, ASHA); /* names the first as replaced, and takes nothing from it */
    views(&s, 2, 1);
    view(&s, 4, 2, id_of(0x60), "3", 2, ASHA);
    views(&s, 3, 1);
    view(&s, 5, 1, NULL, "4", 2, ASHA);
    views(&s, 4, 1);
    clear(&s);
}

Test(views, nobody_replaces_the_view_of_somebody_else)
{
    struct story s = {.count = 0};
    view(&s, 2, 1, NULL, "1", 0, ASHA);
    view(&s, 3, 1, NULL, "2", 2, BILL);
    views(&s, 2, 1);
    clear(&s);
}

/* ---- Gone, and changed apart ---- */

static void reads(struct story *s, const char *word, bool apart)
{
    for (int way = 0; way < 2; way++, turn_round(s)) {
        struct cp_record_state state;
        cr_assert_eq(cp_record_fold(&state, test_mem(), s->writes, s->count), CP_OK);
        cr_expect(cp_bytes_eq(cp_record_state_word(&state), cp_bytes_str(word)), "%s", word);
        cr_expect_eq(state.closed_apart, apart);
        cp_record_clear(&state);
    }
}

static void obstacle(struct story *s)
{
    begin(s, CP_KIND_ITEM, CP_RECORD_OBSTACLE, NULL);
    cp_draft_text(&s->draft, CP_FIELD_TEXT, no_lang, cp_bytes_str("no lift"));
    end(s, 1, 1, ASHA);
}

Test(rules, what_is_gone_here_and_changed_there_is_open)
{
    struct story s = {.count = 0};
    obstacle(&s);
    edit(&s, 2, 2, 1, CP_FIELD_STATE, "gone");
    reads(&s, "gone", false);
    edit(&s, 3, 2, 1, CP_FIELD_TEXT, "no lift on Mondays"); /* apart: the text that was seen is not this one */
    reads(&s, "open", true);
    begin(&s, CP_KIND_SET, 0, id_of(1)); /* somebody who saw both closes it for good */
    cp_draft_replace(&s.draft, id_of(2));
    cp_draft_replace(&s.draft, id_of(3));
    cp_draft_text(&s.draft, CP_FIELD_STATE, no_lang, cp_bytes_str("accepted"));
    end(&s, 4, 3, BILL);
    reads(&s, "accepted", false);
    clear(&s);
}

Test(rules, a_link_added_apart_opens_what_is_gone)
{
    struct story s = {.count = 0};
    obstacle(&s);
    edit(&s, 2, 2, 1, CP_FIELD_STATE, "gone");
    begin(&s, CP_KIND_SET, 0, id_of(1));
    cp_draft_link(&s.draft, BLOCKS, cp_draft_name(&s.draft, id_of(7)), true);
    end(&s, 3, 2, BILL);
    reads(&s, "open", true);
    clear(&s);
}

Test(rules, an_edit_that_saw_it_gone_leaves_it_gone)
{
    struct story s = {.count = 0};
    obstacle(&s);
    edit(&s, 2, 2, 1, CP_FIELD_STATE, "gone");
    edit(&s, 3, 3, 2, CP_FIELD_TEXT, "no lift, as it was");
    reads(&s, "gone", false);
    edit(&s, 4, 3, 2, CP_FIELD_POSITION, "m");
    reads(&s, "gone", false);
    edit(&s, 5, 4, 2, CP_FIELD_STATE, "open"); /* brings it back */
    reads(&s, "open", false);
    clear(&s);
}

Test(rules, of_two_words_apart_the_careful_one_is_read)
{
    struct story s = {.count = 0};
    obstacle(&s);
    edit(&s, 2, 2, 1, CP_FIELD_STATE, "gone");
    edit(&s, 4, 3, 1, CP_FIELD_STATE, "being worked on");
    reads(&s, "being worked on", false);
    shows(&s, CP_FIELD_STATE, "gone", "being worked on"); /* and both stand until somebody chooses */
    clear(&s);
}
