/* Words taken back where a plan is carried on: by whose key, in which plans, and once. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct cp_store *s;
static struct someone a, b;
static uint8_t old[CP_ID_LEN], new[CP_ID_LEN], item[CP_ID_LEN];

static void before(void)
{
    cp_store_one_thread();
    folder = group_begin(&a, &b, &s, NULL, old, "as it was", item);
}

static void after(void)
{
    group_end(folder, s, NULL);
}

TestSuite(carry_words, .init = before, .fini = after);

static void begin(void)
{
    struct cp_buf first;
    cp_buf_init(&first, test_mem(), CP_ENTRY_MAX);
    group_continue(s, &a, &b, old, &first, new);
    cp_buf_clear(&first);
}

static bool takes(const uint8_t *plan, struct cp_bytes frame)
{
    struct cp_control c;
    uint8_t key[CP_ID_LEN];
    bool yes = false;
    cp_control_read(frame, &c);
    cr_assert(c.known && c.kind == CP_KIND_WITHDRAW);
    cr_assert_eq(cp_store_withdraw_takes(s, plan, NULL, &c.withdraw, &yes, key), CP_OK);
    cr_assert(memcmp(key, cp_zero_id, CP_ID_LEN) == 0);
    return yes;
}

/* Words that are damaged here and wanted from others are spoken for as if they were here: once, and they need not come any more. */
Test(carry_words, what_was_taken_back_is_said_of_words_that_are_wanted)
{
    struct cp_buf frame;
    char sql[200], hex[2 * CP_ID_LEN + 1];
    size_t damaged = 0;
    begin();
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    group_withdraw_frame(old, &a, &a, (const uint8_t(*)[CP_ID_LEN])item, 1, false, &frame);
    cp_hex_encode(item, CP_ID_LEN, hex);
    (void)snprintf(sql, sizeof sql, "UPDATE entry SET body = zeroblob(length(body)) WHERE id = x'%s'", hex);
    cp_store_close(s);
    store_spoil(in_folder(folder, "s"), sql);
    s = store_at(in_folder(folder, "s"), 1, NULL);
    cr_assert_eq(cp_store_scrub(s, 1000, &damaged), CP_OK);
    cr_assert_gt(damaged, 0U);
    cr_assert(!group_has_words(s, new, item) && takes(new, cp_buf_bytes(&frame)));
    group_control(s, &a, new, cp_buf_bytes(&frame));
    cr_assert(!takes(new, cp_buf_bytes(&frame)), "once is enough");
    cp_buf_clear(&frame);
}

/* Who used their sheet on a linked device and carried on by it has a first entry without a JOIN behind the others: it says nothing of
 * keys, and taking words back by the new key still counts. */
Test(carry_words, a_new_key_takes_words_back_where_a_linked_device_began)
{
    struct someone phone, laptop = a, next;
    struct cp_key_lists lists = {.stay = (const uint8_t(*)[CP_KEY_LEN])phone.device, .stay_count = 1};
    struct cp_buf join, invite, key, withdraw, fields, text;
    struct cp_buf *const bufs[] = {&join, &invite, &key, &withdraw, &fields, &text};
    uint8_t token[CP_KEY_LEN], secret[64], sig[CP_SIG_LEN], invited[CP_ID_LEN], admitted[CP_ID_LEN];
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
        cp_buf_init(bufs[i], test_mem(), CP_ENTRY_MAX);
    someone_make(&phone, 7);
    someone_make(&next, 8); /* whose identity key is the new one */
    someone_pair(9, 5, token, secret);
    cp_invite_write(token, token, a.person, &invite);
    cr_assert_eq(cp_store_begin(s), CP_OK);
    cr_assert_eq(cp_store_append(s, &a.signer, old, a.device, CP_CONTROL, cp_buf_bytes(&invite), CP_BYTES(NULL, 0), 3, invited),
                 CP_OK);
    cr_assert_eq(cp_store_commit(s), CP_OK);
    someone_joins(&(struct joining){.who = &laptop, .how = CP_JOIN_DEVICE, .device = &phone, .plan = old, .invite = invited,
                                    .token_secret = secret}, &join);
    group_admit(s, &a, old, invited, cp_buf_bytes(&join), admitted);
    cr_assert_eq(cp_key_fields(next.identity, &lists, &fields), CP_OK);
    someone_says(CP_STATEMENT_KEY, &a, &a, CP_BY_RECOVERY, old, &fields, &text, sig);
    cr_assert_eq(cp_key_frame_write(cp_buf_bytes(&text), sig, &key), CP_OK);
    group_control(s, &phone, old, cp_buf_bytes(&key));
    memcpy(a.device, phone.device, CP_KEY_LEN); /* who carries on */
    memcpy(a.device_secret, phone.device_secret, sizeof a.device_secret);
    begin();
    group_admit(s, &a, new, invited, cp_buf_bytes(&join), admitted);
    group_withdraw_frame(new, &laptop, &next, (const uint8_t(*)[CP_ID_LEN])item, 1, false, &withdraw);
    group_control(s, &a, new, cp_buf_bytes(&withdraw));
    cr_assert(!group_has_words(s, new, item), "taken back, by a key of theirs");
    cr_assert(group_has_words(s, old, item), "where nobody said it");
    cr_assert(group_rebuilds(s));
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
        cp_buf_clear(bufs[i]);
}

/* By a KEY that was said in this plan alone; its entry. */
static bool takes_with(const uint8_t *plan, const uint8_t *from, struct cp_bytes frame, uint8_t *key)
{
    struct cp_control c;
    bool yes = false;
    cp_control_read(frame, &c);
    cr_assert_eq(cp_store_withdraw_takes(s, plan, from, &c.withdraw, &yes, key), CP_OK);
    return yes;
}

/* What was said in one plan is said again in the others that have the words, once, and nowhere else. */
Test(carry_words, which_plans_a_withdraw_still_takes_words_of)
{
    struct cp_buf frame;
    uint8_t later[CP_ID_LEN];
    begin();
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    group_withdraw_frame(old, &b, &b, (const uint8_t(*)[CP_ID_LEN])item, 1, false, &frame);
    cr_assert(!takes(new, cp_buf_bytes(&frame)), "not b's to take back");
    cp_buf_reset(&frame);
    group_withdraw_frame(old, &a, &b, (const uint8_t(*)[CP_ID_LEN])item, 1, false, &frame);
    cr_assert(!takes(new, cp_buf_bytes(&frame)), "in a's name, by b's key");
    cp_buf_reset(&frame);
    group_withdraw_frame(old, &a, &a, (const uint8_t(*)[CP_ID_LEN])item, 1, true, &frame);
    cr_assert(!takes(new, cp_buf_bytes(&frame)), "a signature that is none");
    cp_buf_reset(&frame);
    group_withdraw_frame(old, &a, &a, (const uint8_t(*)[CP_ID_LEN])item, 1, false, &frame);
    cr_assert(takes(old, cp_buf_bytes(&frame)) && takes(new, cp_buf_bytes(&frame)));
    group_control(s, &a, old, cp_buf_bytes(&frame));
    cr_assert(!takes(old, cp_buf_bytes(&frame)), "said there");
    cr_assert(takes(new, cp_buf_bytes(&frame)));
    group_control(s, &a, new, cp_buf_bytes(&frame));
    cr_assert(!takes(new, cp_buf_bytes(&frame)) && !group_has_words(s, new, item), "once is enough");
    group_item(s, &a, old, "after they went on", later);
    cp_buf_reset(&frame);
    group_withdraw_frame(old, &a, &a, (const uint8_t(*)[CP_ID_LEN])later, 1, false, &frame);
    cr_assert(takes(old, cp_buf_bytes(&frame)) && !takes(new, cp_buf_bytes(&frame)), "the new plan has no such words");
    cp_buf_clear(&frame);
}

/* Whose sheet was used in the old plan after it was carried on: the KEY has to be said in the new one too, and says nothing there of
 * which key is in force. */
Test(carry_words, a_key_that_was_said_elsewhere_takes_words_back)
{
    struct someone next, sheet = a;
    const struct cp_key_lists none = {.stay = NULL};
    const struct cp_members *m = NULL;
    struct cp_buf key, other, withdraw, fields, text;
    struct cp_buf *const bufs[] = {&key, &other, &withdraw, &fields, &text};
    uint8_t sig[CP_SIG_LEN], named[CP_ID_LEN], said[CP_ID_LEN];
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
        cp_buf_init(bufs[i], test_mem(), CP_ENTRY_MAX);
    someone_make(&next, 8); /* whose identity key is the new one */
    begin();
    group_withdraw_frame(old, &a, &next, (const uint8_t(*)[CP_ID_LEN])item, 1, false, &withdraw);
    cr_assert_eq(cp_key_fields(next.identity, &none, &fields), CP_OK);
    memcpy(sheet.recovery_secret, b.recovery_secret, sizeof sheet.recovery_secret);
    memcpy(sheet.recovery, b.recovery, sizeof sheet.recovery);
    someone_says(CP_STATEMENT_KEY, &a, &sheet, CP_BY_RECOVERY, old, &fields, &text, sig);
    cr_assert_eq(cp_key_frame_write(cp_buf_bytes(&text), sig, &other), CP_OK);
    group_control(s, &b, old, cp_buf_bytes(&other));
    cr_assert(!takes_with(new, old, cp_buf_bytes(&withdraw), named), "another's sheet");
    cp_buf_reset(&text);
    someone_says(CP_STATEMENT_KEY, &a, &a, CP_BY_RECOVERY, old, &fields, &text, sig);
    cr_assert_eq(cp_key_frame_write(cp_buf_bytes(&text), sig, &key), CP_OK);
    cr_assert(!takes_with(new, old, cp_buf_bytes(&withdraw), named), "not said yet");
    cr_assert_eq(cp_store_begin(s), CP_OK);
    cr_assert_eq(cp_store_append(s, &b.signer, old, b.device, CP_CONTROL, cp_buf_bytes(&key), CP_BYTES(NULL, 0), 5, said), CP_OK);
    cr_assert_eq(cp_store_commit(s), CP_OK);
    cr_assert(!takes(new, cp_buf_bytes(&withdraw)), "by what lies there alone");
    cr_assert(takes_with(new, old, cp_buf_bytes(&withdraw), named));
    cr_assert(memcmp(named, said, CP_ID_LEN) == 0, "the KEY is named");
    group_control(s, &a, new, cp_buf_bytes(&withdraw));
    cr_assert(group_has_words(s, new, item), "without the KEY it counts for nothing");
    group_control(s, &a, new, cp_buf_bytes(&key));
    cr_assert(!group_has_words(s, new, item), "in whatever order they come");
    cr_assert(!takes_with(new, old, cp_buf_bytes(&withdraw), named), "once is enough");
    cr_assert(takes_with(old, new, cp_buf_bytes(&withdraw), named) && memcmp(named, cp_zero_id, CP_ID_LEN) == 0, "known there");
    cr_assert_eq(cp_store_members(s, new, &m), CP_OK);
    cr_assert(cp_members_key(m, a.person, a.identity)->in_force, "the key in force in the new plan is the one before");
    cr_assert(group_rebuilds(s));
    for (size_t i = 0; i < sizeof bufs / sizeof bufs[0]; i++)
        cp_buf_clear(bufs[i]);
}
