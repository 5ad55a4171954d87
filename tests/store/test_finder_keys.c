/* Which beacon keys a machine answers with, and which it tries on answers (daemon/finder_keys.c). */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/finder.h"
#include "daemon/memory.h"
#include "proto/member.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct cp_store *s;
static struct someone a, b;
static uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
static struct cp_node node;
static struct cp_meeting meetings;
static struct cp_finder f;

static void before(void)
{
    cp_store_one_thread();
    folder = group_begin(&a, &b, &s, NULL, plan, "a", item);
    node = (struct cp_node){.mem = cp_memory(), .store = s, .meetings = &meetings};
    f = (struct cp_finder){.node = &node};
}

static void after(void)
{
    cp_finder_keys_wipe(&f);
    group_end(folder, s, NULL);
}

TestSuite(finder_keys, .init = before, .fini = after);

/* A secret is made from a number. */
static void write_secret(uint8_t number)
{
    const uint8_t secret[CP_KEY_LEN] = {number};
    struct cp_buf frame;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_secret_write(secret, &frame);
    group_control(s, &a, plan, cp_buf_bytes(&frame));
    meetings.controls++;
    cp_buf_clear(&frame);
}

static bool is_of(const uint8_t *key, uint8_t number)
{
    const uint8_t secret[CP_KEY_LEN] = {number};
    uint8_t want[CP_KEY_LEN];
    cp_beacon_key(secret, want);
    return memcmp(key, want, sizeof want) == 0;
}

Test(finder_keys, answers_are_under_the_secret_in_use_alone)
{
    cp_finder_keys(&f);
    size_t none = f.keys_count;
    write_secret(1);
    write_secret(2);
    cp_finder_keys(&f);
    cr_assert_eq(f.own_count, 1);
    cr_assert(is_of(f.own[0], 2));
    cr_assert_eq(f.keys_count, none + 2);
    cr_assert(is_of(f.keys[0], 2) && is_of(f.keys[1], 1), "an older one is understood");
    group_report(s, &a, plan, &b, false);
    meetings.controls++;
    cp_finder_keys(&f);
    cr_assert_eq(f.own_count, 0, "the one reported lost knows them all");
    cr_assert_eq(f.keys_count, none + 2, "and who has not heard of it finds us");
    write_secret(3);
    cp_finder_keys(&f);
    cr_assert_eq(f.own_count, 1);
    cr_assert(is_of(f.own[0], 3));
    cr_assert(is_of(f.keys[0], 3) && is_of(f.keys[1], 2));
}

Test(finder_keys, the_newest_are_tried_and_a_plan_that_was_left_is_not_looked_for)
{
    for (uint8_t i = 1; i <= 40; i++)
        write_secret(i);
    cp_finder_keys(&f);
    cr_assert_eq(f.keys_count, 16);
    for (uint8_t i = 0; i < 16; i++)
        cr_assert(is_of(f.keys[i], (uint8_t)(40 - i)), "%u", i);
    cr_assert_eq(cp_store_hush(s, plan, true), CP_OK);
    meetings.controls++;
    cp_finder_keys(&f);
    cr_assert_eq(f.keys_count + f.own_count, 0);
}
