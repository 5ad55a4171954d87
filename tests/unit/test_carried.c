/* What a member remembers of a pile: what of a listing does not fit, what is fetched, and what may go. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/carried.h"
#include "tests/support/replica.h"

static const uint8_t own[CP_KEY_LEN] = {1}, bill[CP_KEY_LEN] = {2}, chen[CP_KEY_LEN] = {3};
static const uint8_t machines[3][CP_KEY_LEN] = {{1}, {2}, {3}};

/* Takes over a listing of these numbers; a bundle's name is its number's, unless `other` is that number. */
static struct cp_carried_news listed(struct cp_carried *m, uint8_t born_byte, uint64_t next,
                                     const uint64_t *numbers, size_t count, uint64_t other)
{
    const uint8_t born[CP_CARRY_BORN_LEN] = {born_byte};
    struct cp_carry_item items[8];
    struct cp_carry_message message;
    struct cp_carried_news news;
    struct cp_buf b;
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct cp_carry_item){.number = numbers[i], .size = 4096};
        items[i].name[0] = numbers[i] == other ? 0xff : (uint8_t)numbers[i];
    }
    cp_buf_init(&b, &replica_mem, 65536);
    cp_carry_put_pile(born, next, items, count, &b);
    cr_assert_eq(cp_carry_read(cp_buf_bytes(&b), &message), CP_OK);
    cr_assert_eq(cp_carried_listed(m, &message, own, &news), CP_OK);
    cp_buf_clear(&b);
    return news;
}

/* False: ours is gone. */
static bool fetch_all(struct cp_carried *m, const uint8_t *writer)
{
    const struct cp_carried_item *item = NULL;
    while ((item = cp_carried_next(m, own)) != NULL)
        cr_assert_eq(cp_carried_was_read(m, item->number, writer), CP_OK);
    return cp_carried_all_read(m, own);
}

static void put(struct cp_carried *m, uint64_t number)
{
    struct cp_carry_item item = {.number = number, .size = 4096, .name = {(uint8_t)number}};
    cr_assert_eq(cp_carried_was_put(m, &item, own), CP_OK);
}

/* As it is kept between two visits. */
static void kept_and_read(struct cp_carried *m)
{
    struct cp_buf b;
    cp_buf_init(&b, &replica_mem, 65536);
    cp_carried_write(m, &b);
    cr_assert_eq(cp_carried_read(cp_buf_bytes(&b), m), CP_OK);
    cp_buf_clear(&b);
}

#define NUMBERS(...) \
    (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)

static struct cp_carried fresh(void)
{
    struct cp_carried m;
    cp_carried_init(&m, &replica_mem);
    return m;
}

static bool fits(struct cp_carried_news n)
{
    return !n.set_back && n.withheld == 0 && n.changed == 0 && n.again == 0;
}

Test(carried, an_honest_pile_is_read_in_order_and_once)
{
    struct cp_carried m = fresh();
    cr_expect(fits(listed(&m, 1, 6, NUMBERS(2, 5), 0)), "what went before our first look is nobody's fault");
    cr_assert_eq(cp_carried_next(&m, own)->number, 2);
    (void)fetch_all(&m, bill);
    cr_expect_null(cp_carried_next(&m, own));
    put(&m, 6);
    cr_expect(fits(listed(&m, 1, 8, NUMBERS(5, 6, 7), 0)));
    cr_assert_eq(cp_carried_next(&m, own)->number, 7, "ours is not fetched");
    cp_carried_clear(&m);
}

Test(carried, what_does_not_fit_is_told)
{
    struct cp_carried m = fresh();
    (void)listed(&m, 1, 3, NUMBERS(1, 2), 0);
    (void)fetch_all(&m, bill);
    put(&m, 3);
    struct cp_carried_news news = listed(&m, 1, 7, NUMBERS(2, 3, 6), 0);
    cr_expect_eq(news.withheld, 2,
                 "4 and 5 were added and nobody may have dropped them: we had not passed them");
    (void)fetch_all(&m, bill);
    cr_expect(fits(listed(&m, 1, 7, NUMBERS(2, 3, 6), 0)), "told once");
    news = listed(&m, 1, 7, NUMBERS(2, 3, 6), 6);
    cr_expect_eq(news.changed, 1);
    (void)listed(&m, 1, 7, NUMBERS(2, 6), 0);
    cr_expect_not(fetch_all(&m, bill), "ours is gone");
    cr_expect_eq(cp_carried_latest(&m, own), 0);
    news = listed(&m, 1, 5, NUMBERS(2), 0);
    cr_expect(news.set_back, "numbers do not fall");
    cr_expect_eq(m.read, 0);
    (void)fetch_all(&m, bill);
    news = listed(&m, 2, 9, NUMBERS(8), 0);
    cr_expect(news.set_back && news.withheld == 0, "another pile");
    cp_carried_clear(&m);
}

Test(carried, one_of_ours_whose_answer_was_lost_is_no_lie_of_the_carrier)
{
    struct cp_carried m = fresh();
    (void)listed(&m, 1, 2, NUMBERS(1), 0);
    cr_expect(fetch_all(&m, bill));
    put(&m, 2);
    const struct cp_carry_item going = {.number = 3, .size = 4096, .name = {3}};
    cr_assert_eq(cp_carried_is_put(&m, &going, own), CP_OK);
    cr_assert_eq(cp_carried_is_put(&m, &going, own), CP_OK, "tried again");
    kept_and_read(&m);
    /* it got there, and we never heard; so the others let our 2 go, and bill wrote 4 */
    cr_expect(fits(listed(&m, 1, 5, NUMBERS(3, 4), 0)));
    cr_assert_eq(cp_carried_next(&m, own)->number, 4, "ours is not fetched");
    cr_expect(fetch_all(&m, bill), "our latest is 3");
    cr_expect_eq(cp_carried_latest(&m, own), 3);
    cp_carried_clear(&m);
}

Test(carried, one_of_ours_that_never_arrived_leaves_no_trace)
{
    struct cp_carried m = fresh();
    const struct cp_carry_item going = {.number = 3, .size = 4096, .name = {0xff}};
    (void)listed(&m, 1, 2, NUMBERS(1), 0);
    cr_expect(fetch_all(&m, bill));
    put(&m, 2);
    cr_assert_eq(cp_carried_is_put(&m, &going, own), CP_OK);
    kept_and_read(&m);
    cr_expect(fits(listed(&m, 1, 3, NUMBERS(1, 2), 0)), "it is missed by nobody");
    cr_assert_eq(cp_carried_is_put(&m, &going, own), CP_OK);
    cr_expect(fits(listed(&m, 1, 4, NUMBERS(1, 2, 3), 0)), "somebody else's came first");
    cr_assert_eq(cp_carried_next(&m, own)->number, 3);
    cr_expect(fetch_all(&m, bill));
    cr_expect_eq(cp_carried_latest(&m, own), 2);
    cp_carried_clear(&m);
}

Test(carried, before_a_bundle_of_ours_lies_there_nobody_need_know_of_us)
{
    struct cp_carried m = fresh();
    cr_expect(fits(listed(&m, 1, 9, NUMBERS(2, 6), 0)));
    cr_assert_eq(cp_carried_was_read(&m, 2, bill), CP_OK);
    /* cut off here: the next look is not the first any more */
    cr_expect(fits(listed(&m, 1, 12, NUMBERS(2, 11), 0)));
    cr_expect(fetch_all(&m, bill));
    put(&m, 12);
    struct cp_carried_news news = listed(&m, 1, 15, NUMBERS(11, 12, 13), 0);
    cr_expect_eq(news.withheld, 1, "14 was added when they knew of us");
    news = listed(&m, 1, 15, NUMBERS(11, 12), 0);
    cr_expect_eq(news.withheld, 1, "13 lay there unread");
    cp_carried_clear(&m);
}

Test(carried, old_bytes_under_a_new_number_are_not_taken_for_new)
{
    struct cp_carried m = fresh();
    struct cp_carried_news news;
    const uint8_t born[CP_CARRY_BORN_LEN] = {1};
    const struct cp_carry_item items[2] = {{1, 4096, {1}}, {2, 4096, {1}}};
    struct cp_carry_message message;
    struct cp_buf b;
    (void)listed(&m, 1, 2, NUMBERS(1), 0);
    (void)fetch_all(&m, bill);
    cp_buf_init(&b, &replica_mem, 65536);
    cp_carry_put_pile(born, 3, items, 2, &b);
    cr_assert_eq(cp_carry_read(cp_buf_bytes(&b), &message), CP_OK);
    cr_assert_eq(cp_carried_listed(&m, &message, own, &news), CP_OK);
    cr_expect_eq(news.again, 1);
    cr_expect_null(cp_carried_next(&m, own), "not fetched again");
    cr_expect_eq(cp_carried_latest(&m, bill), 1, "and its writer has not come by again");
    cp_buf_clear(&b);
    cp_carried_clear(&m);
}

Test(carried, a_bundle_goes_when_everybody_passed_it_and_it_is_nobodys_latest)
{
    struct cp_carried m = fresh();
    uint64_t numbers[CP_CARRY_BUNDLES_MAX];
    (void)listed(&m, 1, 2, NUMBERS(1), 0);
    (void)fetch_all(&m, bill);
    put(&m, 2);
    cr_expect_eq(cp_carried_droppable(&m, machines, 3, own, numbers), 0, "chen never came by");
    (void)listed(&m, 1, 4, NUMBERS(1, 2, 3), 0);
    (void)fetch_all(&m, chen);
    cr_expect_eq(cp_carried_droppable(&m, machines, 3, own, numbers), 0,
                 "1 is bill's latest, 2 ours, 3 chen's");
    (void)listed(&m, 1, 5, NUMBERS(1, 2, 3, 4), 0);
    (void)fetch_all(&m, bill);
    cr_assert_eq(cp_carried_droppable(&m, machines, 3, own, numbers), 1);
    cr_expect_eq(numbers[0], 1);
    cr_expect_eq(cp_carried_droppable(&m, machines, 2, own, numbers), 2,
                 "chen is in no more: his goes as well");
    cr_expect(cp_carried_passed(&m, 2, machines, 3, own, own), "both wrote after our 2");
    cr_expect(!cp_carried_passed(&m, 3, machines, 3, own, own));
    cr_expect_eq(cp_carried_droppable(&m, machines, 1, own, numbers), 0, "alone we take nothing away");
    cp_carried_clear(&m);
}

Test(carried, what_nobody_could_read_goes_when_all_have_passed_it)
{
    struct cp_carried m = fresh();
    uint64_t numbers[CP_CARRY_BUNDLES_MAX];
    (void)listed(&m, 1, 2, NUMBERS(1), 0);
    (void)fetch_all(&m, NULL); /* not ours, or nothing that makes sense */
    put(&m, 2);
    cr_expect_eq(cp_carried_droppable(&m, machines, 2, own, numbers), 0);
    (void)listed(&m, 1, 4, NUMBERS(1, 2, 3), 0);
    (void)fetch_all(&m, bill);
    cr_assert_eq(cp_carried_droppable(&m, machines, 2, own, numbers), 1);
    cr_expect_eq(numbers[0], 1);
    cp_carried_clear(&m);
}

Test(carried, a_number_that_was_not_the_next_is_no_number)
{
    struct cp_carried m = fresh();
    struct cp_carry_item item = {.number = 7, .size = 4096};
    (void)listed(&m, 1, 2, NUMBERS(1), 0);
    cr_expect_eq(cp_carried_was_put(&m, &item, own), CP_ERR_BAD_MESSAGE);
    cr_expect_eq(cp_carried_latest(&m, own), 0);
    cp_carried_clear(&m);
}

Test(carried, what_is_kept_is_read_as_the_same_and_nothing_else_is)
{
    struct cp_carried m = fresh(), again = fresh();
    struct cp_buf b, c;
    (void)listed(&m, 1, 4, NUMBERS(1, 3), 0);
    (void)fetch_all(&m, bill);
    put(&m, 4);
    cp_buf_init(&b, &replica_mem, 65536);
    cp_buf_init(&c, &replica_mem, 65536);
    cp_carried_write(&m, &b);
    cr_assert_eq(cp_carried_read(cp_buf_bytes(&b), &again), CP_OK);
    cp_carried_write(&again, &c);
    cr_expect(cp_bytes_eq(cp_buf_bytes(&b), cp_buf_bytes(&c)));
    cr_expect(fits(listed(&again, 1, 5, NUMBERS(1, 3, 4), 0)));
    for (size_t n = 0; n < b.len; n++) {
        cr_expect_neq(cp_carried_read(CP_BYTES(b.ptr, n), &again), CP_OK, "%zu", n);
        cr_expect_eq(again.count + again.machines_count, 0);
    }
    cp_buf_clear(&b);
    cp_buf_clear(&c);
    cp_carried_clear(&m);
    cp_carried_clear(&again);
}
