/* The port when many come at once: who has to wait, who makes room for whom, and how much is kept for whoever does not read. */
#include "tests/support/net_side.h"

Test(net_room, who_has_to_wait_is_not_told_that_it_is_unknown)
{
    struct side a, b;
    struct cp_peer *peer = NULL;
    side_open(&a, true);
    side_open(&b, false);
    let_in(&a, b.own, CP_DOOR_MEMBER);
    a.later = true;
    cr_assert_eq(cp_net_call(b.net, a.bound, a.own.key, b.own.key, b.own.secret, 2000, NULL, &peer), CP_OK);
    UNTIL(&b, &a, b.gone == 1);
    cr_assert_neq(b.why, CP_ERR_NOT_A_MEMBER);
    cr_assert_eq(b.connected, 0);
    cr_assert_eq(cp_net_strangers(a.net), 0);
    a.later = false;
    cr_assert_eq(cp_net_call(b.net, a.bound, a.own.key, b.own.key, b.own.secret, 2000, NULL, &peer), CP_OK);
    UNTIL(&b, &a, b.connected == 1);
    cp_net_free(a.net);
    cp_net_free(b.net);
}

/* A line of its own by this pair, on which something was said. */
static struct hostile *line_of(struct side *a, const struct pair *p)
{
    struct hostile_options o = {
        .address = a->bound, .server_key = a->own.key, .key = p->key, .secret = p->secret, .read_ahead = 1};
    struct hostile *h = hostile_new(&o);
    unsigned before = a->messages;
    cr_assert_not_null(h);
    cr_assert(hostile_send(h, "hello", 5, false));
    UNTIL(a, NOBODY, a->messages > before);
    return h;
}

Test(net_room, a_machine_that_comes_again_leaves_its_older_lines_behind)
{
    struct side a;
    struct pair p;
    struct hostile *h[CP_NET_LINES_MAX + 1];
    side_open(&a, true);
    p = pair_new();
    let_in(&a, p, CP_DOOR_MEMBER);
    for (size_t i = 0; i < CP_NET_LINES_MAX; i++)
        h[i] = line_of(&a, &p);
    cr_assert_eq(a.gone, 0);
    h[CP_NET_LINES_MAX] = line_of(&a, &p);
    cr_assert_eq(a.gone, 1);
    cr_assert_eq(a.why, CP_ERR_INTERRUPTED);
    UNTIL(&a, NOBODY, hostile_ends(h[0]) == 1);
    cr_assert_eq(hostile_ends(h[1]), 0);
    for (size_t i = 0; i <= CP_NET_LINES_MAX; i++)
        hostile_free(h[i]);
    cp_net_free(a.net);
}

Test(net_room, where_all_places_are_taken_who_brings_nothing_makes_room, .timeout = 30)
{
    struct side a;
    struct hostile *h[CP_NET_PEERS_MAX + 2];
    struct pair late = pair_new();
    size_t count = 0;
    side_open(&a, true);
    for (size_t k = 0; k < CP_NET_PEERS_MAX / CP_NET_LINES_MAX;
         k++) { /* the list is short: each comes in its turn */
        a.welcome_count = 0;
        let_in(&a, pair_new(), CP_DOOR_MEMBER);
        for (size_t i = 0; i < CP_NET_LINES_MAX; i++)
            h[count++] = line_of(&a, &a.welcome[0]);
    }
    cr_assert_eq(count, CP_NET_PEERS_MAX);
    cr_assert_eq(a.gone, 0);
    let_in(&a, late, CP_DOOR_MEMBER);
    /* All of them came just now: nobody has to go. */
    struct hostile_options o = {
        .address = a.bound, .server_key = a.own.key, .key = late.key, .secret = late.secret};
    struct hostile *refused = hostile_new(&o);
    cr_assert(hostile_send(refused, "hello", 5, false));
    UNTIL(&a, NOBODY, hostile_ends(refused) == 1);
    cr_assert_eq(a.gone, 0);
    /* One has brought nothing for long, another one too but stays, by agreement. */
    size_t at = 0;
    for (struct cp_peer *p = a.net->peers; p != NULL; p = p->next, at++) {
        if (at == 5 || at == 9)
            p->useful_ms -= 2U * CP_NET_USELESS_MS + at;
        if (at == 9)
            cp_peer_keep(p);
    }
    h[count++] = line_of(&a, &late);
    cr_assert_eq(a.gone, 1);
    UNTIL(&a, NOBODY,
          hostile_ends(h[CP_NET_PEERS_MAX - 1 - 5]) == 1); /* the newest is the first of the list */
    cr_assert_eq(hostile_ends(h[CP_NET_PEERS_MAX - 1 - 9]), 0);
    for (size_t i = 0; i < count; i++)
        hostile_free(h[i]);
    hostile_free(refused);
    cp_net_free(a.net);
}

Test(net_room, who_does_not_read_holds_no_more_than_a_bound)
{
    struct side a;
    struct pair p;
    size_t sent = 0, size = CP_MESSAGE_MAX / 2;
    uint8_t *bytes = calloc(1, size);
    side_open(&a, true);
    p = pair_new();
    let_in(&a, p, CP_DOOR_MEMBER);
    struct hostile *h = line_of(&a, &p);
    enum cp_err err = CP_OK;
    while (err == CP_OK && sent < 4U * CP_NET_OUTBOX_MAX) {
        err = cp_peer_send(a.peer, CP_BYTES(bytes, size));
        sent += err == CP_OK ? size : 0;
        cr_assert_leq(atomic_load(&a.net->outboxes), CP_NET_OUTBOX_MAX);
    }
    cr_assert_eq(err, CP_ERR_BUSY, "after %zu bytes", sent);
    hostile_free(h);
    UNTIL(&a, NOBODY, a.gone == 1);
    UNTIL(&a, NOBODY, atomic_load(&a.net->outboxes) == 0);
    cp_net_free(a.net);
    free(bytes);
}
