/* Who saw a person's key: notes written straight into a store, honest ones and others. */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/checked.h"
#include "proto/version.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static const struct cp_bytes none = {NULL, 0};
static const char *folder;
static struct someone asha, bill, chen;
static struct cp_node node;
static uint8_t plan[CP_ID_LEN];

static void begin(void)
{
    folder = folder_make();
    someone_make(&asha, 1);
    someone_make(&bill, 2);
    someone_make(&chen, 3);
    node = (struct cp_node){.mem = test_mem(), .store = store_at(in_folder(folder, "plan.db"), 1, NULL)};
    group_found(node.store, &asha, plan);
    group_add(node.store, &asha, plan, &bill, 1);
    group_add(node.store, &asha, plan, &chen, 2);
}

static void end(void)
{
    cp_store_close(node.store);
    folder_remove(folder);
}

TestSuite(checked, .init = begin, .fini = end);

static uint8_t id[CP_ID_LEN]; /* of the last note */

static void note(struct someone *by, const struct someone *about, uint64_t kind, const uint8_t *key)
{
    struct cp_draft d;
    char hex[2 * CP_KEY_LEN + 1];
    cp_draft_init(&d, test_mem(), CP_KIND_NOTE, kind, about->person);
    cp_hex_encode(key, CP_KEY_LEN, hex);
    cp_draft_text(&d, CP_FIELD_CHECKED_KEY, none, cp_bytes_str(hex));
    cr_assert_eq(group_write(node.store, by, plan, &d, id), CP_OK);
}

static size_t count_of(const struct someone *who, const uint8_t *key, const struct someone *by)
{
    struct cp_desk d;
    struct cp_checks c;
    cr_assert_eq(cp_desk_open(&d, &node, plan), CP_OK);
    cr_assert_eq(cp_checks_load(&c, &d, who->person, key), CP_OK);
    size_t count = c.count;
    if (by != NULL) {
        cr_assert_arr_eq(c.list[0].by, by->person, CP_ID_LEN);
        cr_assert_eq(cp_checks_by(&c, by->person), &c.list[0]);
    }
    cr_assert_null(cp_checks_by(&c, who->person), "nobody vouches for their own key");
    for (size_t i = 1; i < c.count; i++)
        cr_assert_lt(memcmp(c.list[i - 1].by, c.list[i].by, CP_ID_LEN), 0);
    cp_checks_clear(&c);
    cp_desk_close(&d);
    return count;
}

Test(checked, a_note_counts_once_for_whoever_wrote_it)
{
    cr_assert_eq(count_of(&bill, bill.identity, NULL), 0);
    note(&asha, &bill, CP_NOTE_CHECKED, bill.identity);
    note(&asha, &bill, CP_NOTE_CHECKED, bill.identity);
    cr_assert_eq(count_of(&bill, bill.identity, &asha), 1);
    note(&chen, &bill, CP_NOTE_CHECKED, bill.identity);
    cr_assert_eq(count_of(&bill, bill.identity, NULL), 2);
    cr_assert_eq(count_of(&chen, chen.identity, NULL), 0, "of somebody else it says nothing");
}

Test(checked, another_key_another_note_or_their_own_word_count_for_nothing)
{
    note(&asha, &bill, CP_NOTE_CHECKED, chen.identity);
    note(&asha, &bill, CP_NOTE_COMMENT, bill.identity);
    note(&bill, &bill, CP_NOTE_CHECKED, bill.identity);
    cr_assert_eq(count_of(&bill, bill.identity, NULL), 0);
    cr_assert_eq(count_of(&bill, chen.identity, &asha), 1, "asked about that key, it is there");
}

Test(checked, what_a_lost_device_noted_counts_for_nothing)
{
    note(&asha, &bill, CP_NOTE_CHECKED, bill.identity);
    note(&chen, &bill, CP_NOTE_CHECKED, bill.identity);
    group_report(node.store, &asha, plan, &chen, true);
    cr_assert_eq(count_of(&bill, bill.identity, NULL), 2, "it was theirs still");
    group_report(node.store, &bill, plan, &asha, false);
    cr_assert_eq(count_of(&bill, bill.identity, NULL), 0, "nor does that of whoever was let in by it");
}

Test(checked, what_somebody_took_back_is_not_noted)
{
    struct cp_buf frame;
    note(&asha, &bill, CP_NOTE_CHECKED, bill.identity);
    note(&chen, &bill, CP_NOTE_CHECKED, bill.identity);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    group_withdraw_frame(plan, &chen, &chen, (const uint8_t(*)[CP_ID_LEN]) & id, 1, false, &frame);
    group_control(node.store, &asha, plan, cp_buf_bytes(&frame));
    cp_buf_clear(&frame);
    cr_assert_eq(count_of(&bill, bill.identity, &asha), 1);
}

Test(checked, of_too_many_the_newest_stay)
{
    struct cp_check list[4] = {{{1}, 40}, {{2}, 10}, {{3}, 30}, {{4}, 20}};
    struct cp_checks c = {.list = list, .count = 4};
    cp_checks_newest(&c, 2);
    cr_assert_eq(c.count, 2);
    cr_assert_eq(c.list[0].by[0], 1);
    cr_assert_eq(c.list[1].by[0], 3);
}

Test(checked, words_are_typed_as_people_type)
{
    char words[128], other[128];
    cp_key_words(bill.identity, words);
    cp_key_words(chen.identity, other);
    cr_assert_str_neq(words, other);
    cr_assert(cp_words_typed(cp_bytes_str(words), words));
    cr_assert_not(cp_words_typed(cp_bytes_str(other), words));
    cr_assert(cp_words_typed(cp_bytes_str("  Apple   BOAT "), "apple boat"));
    cr_assert(cp_words_typed(cp_bytes_str("\tapple\r\nboat\n"), "apple boat"));
    static const char *const wrong[] = {
        "", " ", "apple", "apple boa", "apple boats", "appleboat", "apple boat apple", "boat apple"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_not(cp_words_typed(cp_bytes_str(wrong[i]), "apple boat"), "%s", wrong[i]);
}
