/* Invitations in words: how long answers tell of them, whose turn it is, and looking for one (daemon/finder_spoken.c). */
#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <string.h>

#include "daemon/finder.h"
#include "daemon/memory.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct cp_store *s;
static struct someone a, b, c;
static uint8_t plan[CP_ID_LEN], item[CP_ID_LEN];
static struct cp_node node;
static struct cp_meeting meetings;
static struct cp_finder f;

static void before(void)
{
    cp_store_one_thread();
    folder = group_begin(&a, &b, &s, NULL, plan, "a", item);
    someone_make(&c, 77);
    node = (struct cp_node){.mem = cp_memory(), .store = s, .meetings = &meetings};
    meetings = (struct cp_meeting){.node = &node, .controls = 1};
    memset(&f, 0, sizeof f);
    f.node = &node;
    f.links_count = 1;
    (void)snprintf(node.bound, sizeof node.bound, "[::]:4711");
}

static void after(void)
{
    group_end(folder, s, NULL);
}

TestSuite(finder_spoken, .init = before, .fini = after);

/* Opened at 0; its slots are told from others by the number. */
static void open_one(unsigned number, uint8_t invite[CP_ID_LEN])
{
    struct cp_finder_spoken spoken;
    memset(&spoken, (int)number, sizeof spoken);
    group_invite(s, &a, plan, number, invite);
    memcpy(spoken.plan, plan, CP_ID_LEN);
    memcpy(spoken.invite, invite, CP_ID_LEN);
    spoken.end_ms = CP_FINDER_SPOKEN_MS;
    meetings.controls++;
    cr_assert_eq(cp_finder_spoken_room(&f, 0), CP_OK);
    cp_finder_spoken_open(&f, &spoken);
}

static void write_uninvite(const uint8_t *invite)
{
    struct cp_buf frame;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_uninvite_write(invite, &frame);
    group_control(s, &a, plan, cp_buf_bytes(&frame));
    cp_buf_clear(&frame);
    meetings.controls++;
}

static bool is_wiped(void)
{
    return sodium_is_zero((const uint8_t *)&f.spoken[f.spoken_count],
                          (CP_FINDER_SPOKEN_MAX - f.spoken_count) * sizeof f.spoken[0]) == 1;
}

Test(finder_spoken, none_where_no_network_is_fine_and_no_fifth)
{
    uint8_t invite[CP_ID_LEN];
    f.links_count = 0;
    cr_assert_eq(cp_finder_spoken_room(&f, 0), CP_ERR_NOT_FINE);
    f.links_count = 1;
    static const char *const alone[] = {"", "127.0.0.1:4711", "[::1]:4711"};
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        (void)snprintf(node.bound, sizeof node.bound, "%s", alone[i]);
        cr_assert_eq(cp_finder_spoken_room(&f, 0), CP_ERR_NO_PORT, "nobody could call: %s", alone[i]);
    }
    (void)snprintf(node.bound, sizeof node.bound, "0.0.0.0:4711");
    for (unsigned i = 1; i <= CP_FINDER_SPOKEN_MAX; i++)
        open_one(i, invite);
    cr_assert_eq(cp_finder_spoken_room(&f, 0), CP_ERR_WORDS_MANY);
    cr_assert_eq(cp_finder_spoken_room(&f, CP_FINDER_SPOKEN_MS), CP_OK, "an hour later they are over");
    cr_assert_eq(f.spoken_count, 0);
    cr_assert(is_wiped());
}

Test(finder_spoken, an_hour_is_the_end)
{
    uint8_t invite[CP_ID_LEN];
    open_one(1, invite);
    cp_finder_spoken_prune(&f, CP_FINDER_SPOKEN_MS - 1);
    cr_assert_eq(f.spoken_count, 1);
    cp_finder_spoken_prune(&f, CP_FINDER_SPOKEN_MS);
    cr_assert_eq(f.spoken_count, 0);
    cr_assert(is_wiped());
}

Test(finder_spoken, taken_back_is_the_end_and_the_others_stay)
{
    uint8_t first[CP_ID_LEN], second[CP_ID_LEN];
    open_one(1, first);
    open_one(2, second);
    write_uninvite(first);
    cp_finder_spoken_prune(&f, 1);
    cr_assert_eq(f.spoken_count, 1);
    cr_assert_arr_eq(f.spoken[0].invite, second, CP_ID_LEN);
    cr_assert(is_wiped());
}

Test(finder_spoken, used_is_the_end)
{
    uint8_t invite[CP_ID_LEN], id[CP_ID_LEN];
    struct cp_buf join;
    open_one(1, invite);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    group_join(&c, plan, invite, 1, &join);
    group_admit(s, &a, plan, invite, cp_buf_bytes(&join), id);
    cp_buf_clear(&join);
    cp_finder_spoken_prune(&f, 1);
    cr_assert_eq(f.spoken_count, 1, "not heard of yet");
    meetings.controls++;
    cp_finder_spoken_prune(&f, 1);
    cr_assert_eq(f.spoken_count, 0);
}

Test(finder_spoken, of_a_plan_that_was_left_nothing_is_told)
{
    uint8_t invite[CP_ID_LEN];
    open_one(1, invite);
    cr_assert_eq(cp_store_hush(s, plan, true), CP_OK);
    meetings.controls++;
    cp_finder_spoken_prune(&f, 1);
    cr_assert_eq(f.spoken_count, 0);
}

Test(finder_spoken, each_address_hears_of_each_in_turn_and_of_the_plans_as_often)
{
    uint8_t invite[CP_ID_LEN];
    cr_assert_null(cp_finder_spoken_turn(&f, 3), "none is open");
    for (unsigned i = 1; i <= CP_FINDER_SPOKEN_MAX; i++)
        open_one(i, invite);
    for (unsigned i = 0; i < 4U * CP_FINDER_SPOKEN_MAX; i++)
        for (size_t gate = 3; gate < 6; gate++) { /* three who ask in step */
            const struct cp_finder_spoken *turn = cp_finder_spoken_turn(&f, gate);
            cr_assert_eq(turn, i % 2 == 0 ? &f.spoken[i / 2 % CP_FINDER_SPOKEN_MAX] : NULL, "%u", i);
        }
}

/* ---- Looking ---- */

struct outcome {
    unsigned told;
    enum cp_err err;
    char address[256];
    struct cp_spoken_place place;
};

static void told(void *ctx, enum cp_err err, const struct cp_spoken_place *place, const char *address)
{
    struct outcome *o = ctx;
    o->told++;
    o->err = err;
    if (err != CP_OK) {
        cr_assert(place == NULL && address == NULL);
        return;
    }
    o->place = *place;
    (void)snprintf(o->address, sizeof o->address, "%s", address);
}

static void begin_search(struct cp_finder_search *search, struct outcome *o, uint8_t number)
{
    memset(search, 0, sizeof *search);
    memset(o, 0, sizeof *o);
    for (uint8_t i = 0; i < CP_BEACON_SLOTS; i++)
        memset(search->slots[i], number + i, CP_KEY_LEN);
    search->done = told;
    search->ctx = o;
    cp_finder_seek(&f, search, 1000);
}

/* Which of the open ones an asker hears of that begins at `begin_ms`, in time for the last answer to come: a bit for each. */
static unsigned heard_of(uint64_t begin_ms, uint32_t random)
{
    static const uint8_t address[] = {10, 1, 2, 3};
    const struct cp_bytes from = CP_BYTES(address, sizeof address);
    struct cp_beacon_pace pace = {.due_ms = 0};
    unsigned heard = 0;
    for (cp_beacon_pace_arrive(&pace, begin_ms, random); pace.due_ms < begin_ms + CP_FINDER_SEEK_MS - 1000U;) {
        uint64_t now_ms = pace.due_ms;
        cp_beacon_pace_sent(&pace, now_ms, random);
        cp_finder_seek_pace(&f, &pace, now_ms);
        if (!cp_beacon_pass(&f.gates, from, now_ms))
            continue;
        const struct cp_finder_spoken *turn = cp_finder_spoken_turn(&f, cp_beacon_gate(&f.gates, from));
        heard |= turn == NULL ? 0U : 1U << (turn - f.spoken);
    }
    return heard;
}

Test(finder_spoken, whoever_looks_hears_of_all_that_are_open_whosever_turn_it_was)
{
    uint8_t invite[CP_ID_LEN];
    struct cp_finder_search search;
    struct outcome o;
    for (unsigned i = 1; i <= CP_FINDER_SPOKEN_MAX; i++)
        open_one(i, invite);
    begin_search(&search, &o, 1);
    for (uint8_t turn = 0; turn < 2U * CP_FINDER_SPOKEN_MAX; turn++)
        for (uint32_t random = 0; random < 200; random += 199) {
            memset(f.spoken_turn, turn, sizeof f.spoken_turn);
            memset(&f.gates, 0, sizeof f.gates);
            cr_assert_eq(heard_of(5000, random), (1U << CP_FINDER_SPOKEN_MAX) - 1U, "turn %u, %u", turn, random);
        }
}

/* An answer from 10.1.2.3, with these of its four slots. */
static struct cp_beacon_packet answer(const uint8_t *ask, const struct cp_finder_search *search,
                                      unsigned slots)
{
    struct cp_beacon_packet p = {.len = CP_BEACON_LEN};
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(9)};
    uint8_t value[CP_KEY_LEN];
    memset(value, 9, sizeof value);
    cr_assert_eq(inet_pton(AF_INET, "10.1.2.3", &from.sin_addr), 1);
    memcpy(&p.from, &from, sizeof from);
    p.from_len = sizeof from;
    for (size_t i = 0; i < CP_BEACON_SLOTS; i++)
        if ((slots >> i & 1U) != 0)
            cp_beacon_put(ask, search->slots[i], i, i == 0 ? 4711 : 1, value, p.bytes);
    return p;
}

Test(finder_spoken, nobody_is_told_once_after_its_time)
{
    struct cp_finder_search search;
    struct outcome o;
    begin_search(&search, &o, 1);
    cr_assert_eq(cp_finder_seek_ms(&f), 1000 + CP_FINDER_SEEK_MS);
    cp_finder_seek_tick(&f, 1000 + CP_FINDER_SEEK_MS - 1);
    cr_assert_eq(o.told, 0);
    cp_finder_seek_tick(&f, 1000 + CP_FINDER_SEEK_MS);
    cp_finder_seek_tick(&f, 2000 + CP_FINDER_SEEK_MS);
    cr_assert_eq(o.told, 1);
    cr_assert_eq(o.err, CP_ERR_NOBODY_THERE);
    cr_assert_eq(cp_finder_seek_ms(&f), UINT64_MAX);
}

Test(finder_spoken, only_whole_answers_to_that_ask_end_a_search)
{
    struct cp_finder_search one, two;
    struct outcome o1, o2;
    const uint8_t ask[CP_BEACON_LEN] = {1}, other[CP_BEACON_LEN] = {2};
    begin_search(&one, &o1, 1);
    begin_search(&two, &o2, 101);
    for (unsigned slots = 0; slots < 15; slots++) {
        struct cp_beacon_packet p = answer(ask, &one, slots);
        cp_finder_seek_heard(&f, ask, &p);
    }
    struct cp_beacon_packet p = answer(ask, &one, 15);
    cp_finder_seek_heard(&f, other, &p);
    p.len--;
    cp_finder_seek_heard(&f, ask, &p);
    p.len++;
    cr_assert_eq(o1.told + o2.told, 0);
    cp_finder_seek_heard(&f, ask, &p);
    cp_finder_seek_heard(&f, ask, &p);
    cr_assert_eq(o1.told, 1, "once, though two answered");
    cr_assert_eq(o1.err, CP_OK);
    cr_assert_str_eq(o1.address, "10.1.2.3:4711", "where it came from, and the port in it");
    cr_assert_eq(o2.told, 0, "the other goes on");
    cp_finder_spoken_wipe(&f, CP_ERR_LOCKED);
    cr_assert_eq(o2.told, 1);
    cr_assert_eq(o2.err, CP_ERR_LOCKED);
    cr_assert_null(f.searches);
}

Test(finder_spoken, a_lock_forgets_the_open_ones)
{
    uint8_t invite[CP_ID_LEN];
    open_one(1, invite);
    cp_finder_spoken_wipe(&f, CP_ERR_LOCKED);
    cr_assert_eq(f.spoken_count, 0);
    cr_assert(is_wiped());
}
