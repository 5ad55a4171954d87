/* Words that are taken back while two are meeting: what is still sent, and what waits for the next meeting. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/support/replica.h"

#define BEYOND 1000U /* a row that arrived after the tips were read */

/* When WELCOME reaches the caller, the words of its last entry go: by a WITHDRAW in this row. */
struct taking_back {
    uint64_t row;
    bool news;    /* it came by another way than this meeting */
    bool damaged; /* something that we hold is, and with it what came later is not shown */
    bool done;
};

static bool take_back(void *ctx, struct link *l, int to, struct link_message *m)
{
    struct taking_back *t = ctx;
    struct replica *r = l->side[0].replica;
    if (t->done || to != 0 || m->len < 2 || m->bytes[1] != CP_WIRE_WELCOME)
        return true;
    t->done = true;
    r->entries[r->count - 1].gone_row = t->row;
    if (t->news) {
        struct cp_event news = {.type = CP_EVENT_NEWS, .now_ms = l->now_ms};
        memcpy(news.plan, r->plan, CP_ID_LEN);
        link_event(l, 0, &news);
    }
    return true;
}

/* One meeting in which the caller has one entry more; what its side ended with. */
static enum cp_err meet(struct taking_back *t, bool *arrived)
{
    struct replica a, b;
    struct device d;
    struct link l = {.now_ms = 5, .meddle = take_back, .meddle_ctx = t};
    struct cp_session_config ca = {.door = CP_DOOR_MEMBER}, cb = {.door = CP_DOOR_MEMBER};
    replica_init(&a, 1);
    replica_init(&b, 2);
    device_make(&d, 1);
    replica_found(&a, &d);
    replica_copy(&b, &a);
    replica_write(&a, &d, CP_CONTENT, 10);
    a.wanted = t->damaged ? 1 : 0;
    link_start(&l, &a, &b, &ca, &cb);
    link_run(&l, SIZE_MAX);
    cr_assert(t->done);
    cr_assert(l.side[0].ended && l.side[1].ended);
    enum cp_err err = l.side[0].err;
    cr_assert_eq(l.side[1].err, err, "%s", cp_err_word(l.side[1].err));
    *arrived = replica_same(&a, &b);
    link_clear(&l);
    if (err != CP_OK) { /* the next meeting is whole */
        a.wanted = 0;
        cr_assert(link_meet(&a, &b));
        cr_assert(replica_same(&a, &b));
    }
    replica_clear(&a);
    replica_clear(&b);
    return err;
}

Test(session_gone, by_another_way_the_other_cannot_know_of_it)
{
    struct taking_back t = {.row = BEYOND, .news = true};
    bool arrived;
    cr_assert_eq(meet(&t, &arrived), CP_ERR_INTERRUPTED);
    cr_assert_not(arrived);
}

Test(session_gone, the_other_brought_it_itself)
{
    struct taking_back t = {.row = BEYOND};
    bool arrived;
    cr_assert_eq(meet(&t, &arrived), CP_OK);
    cr_assert(arrived);
}

Test(session_gone, what_is_damaged_was_not_shown)
{
    struct taking_back t = {.row = BEYOND, .damaged = true};
    bool arrived;
    cr_assert_eq(meet(&t, &arrived), CP_ERR_INTERRUPTED);
    cr_assert_not(arrived);
}

Test(session_gone, it_was_part_of_this_exchange)
{
    struct taking_back t = {.row = 1, .news = true};
    bool arrived;
    cr_assert_eq(meet(&t, &arrived), CP_OK);
    cr_assert(arrived);
}
