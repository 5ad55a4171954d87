/* The port against strangers. */
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/net_side.h"

Test(net, members_talk_both_ways)
{
    struct side a, b;
    side_open(&a, false);
    side_open(&b, true);
    let_in(&b, a.own, CP_DOOR_MEMBER);
    struct cp_peer *p = call(&a, &b, a.own);
    UNTIL(&a, &b, a.connected == 1);
    cr_assert_eq(b.messages, 0);
    cr_assert_eq(cp_peer_send(p, cp_bytes_str("hello")), CP_OK);
    UNTIL(&a, &b, b.messages == 1);
    cr_assert_arr_eq(cp_peer_key(b.peer), a.own.key, CP_KEY_LEN);
    cr_assert_eq(cp_peer_door(b.peer), CP_DOOR_MEMBER);
    cr_assert_not(cp_peer_is_caller(b.peer));
    cr_assert_str_eq(cp_peer_address(b.peer), "");
    cr_assert_eq(cp_peer_send(b.peer, cp_bytes_str("hello yourself")), CP_OK);
    UNTIL(&a, &b, a.messages == 1);
    cr_assert_arr_eq(cp_peer_key(a.peer), b.own.key, CP_KEY_LEN);
    cr_assert(cp_peer_is_caller(a.peer));
    cr_assert_str_eq(cp_peer_address(a.peer), b.bound);
    cr_assert_eq(a.last_len, 14);
    cr_assert_eq(cp_net_strangers(b.net), 0);
    cp_net_free(a.net);
    UNTIL(&b, NOBODY, b.gone == 1);
    cr_assert_eq(b.why, CP_ERR_INTERRUPTED);
    cp_net_free(b.net);
}

Test(net, what_was_sent_before_a_polite_close_arrives)
{
    struct side a, b;
    side_open(&a, false);
    side_open(&b, true);
    let_in(&b, a.own, CP_DOOR_MEMBER);
    b.echo = true;
    b.hang_up = true;
    struct cp_peer *p = call(&a, &b, a.own);
    UNTIL(&a, &b, a.connected == 1);
    static const uint8_t big[300000] = {1};
    cr_assert_eq(cp_peer_send(p, CP_BYTES(big, sizeof big)), CP_OK);
    UNTIL(&a, &b, a.gone == 1);
    cr_assert_eq(a.messages, 1, "the answer queued before the close came");
    cr_assert_eq(a.bytes, sizeof big);
    cr_assert_eq(a.why, CP_ERR_INTERRUPTED);
    cr_assert_eq(b.gone, 0, "who closes is not told");

    /* And the other way: the caller closes at once after sending. */
    b.echo = false;
    b.hang_up = false;
    b.bytes = 0;
    b.messages = 0;
    p = call(&a, &b, a.own);
    UNTIL(&a, &b, a.connected == 2);
    cr_assert_eq(cp_peer_send(p, cp_bytes_str("hi")), CP_OK);
    UNTIL(&a, &b, b.messages == 1);
    cr_assert_eq(cp_peer_send(p, CP_BYTES(big, sizeof big)), CP_OK);
    cr_assert_eq(cp_peer_send(p, cp_bytes_str("bye")), CP_OK);
    cp_peer_close(p);
    UNTIL(&a, &b, b.gone == 1);
    cr_assert_eq(b.messages, 3);
    cr_assert_eq(b.bytes, sizeof big + 5);
    cp_net_free(a.net);
    cp_net_free(b.net);
}

Test(net, a_stranger_is_refused_and_counted)
{
    struct side a, b;
    side_open(&a, false);
    side_open(&b, true);
    (void)call(&a, &b, a.own);
    UNTIL(&a, &b, a.gone == 1);
    cr_assert_eq(a.why, CP_ERR_NOT_A_MEMBER);
    cr_assert_eq(a.connected, 0);
    cr_assert_eq(b.asked, 1);
    cr_assert_eq(cp_net_strangers(b.net), 1);
    pass(&a, &b, 300);
    cr_assert_eq(b.asked, 1, "it does not call again by itself");
    cr_assert_eq(b.messages, 0);
    honest_is_served(&b);
    cp_net_free(a.net);
    cp_net_free(b.net);
}

Test(net, a_wrong_server_key_fails_fast_and_is_no_misbehaviour)
{
    struct side a, b;
    side_open(&a, false);
    side_open(&b, true);
    let_in(&b, a.own, CP_DOOR_MEMBER);
    struct pair other = pair_new();
    struct cp_peer *p = NULL;
    cr_assert_eq(cp_net_call(a.net, b.bound, other.key, a.own.key, a.own.secret, 2000, NULL, &p), CP_OK);
    uint64_t start = cp_net_now_ms();
    UNTIL(&a, &b, a.gone == 1);
    cr_assert_eq(a.why, CP_ERR_UNPROVEN);
    cr_assert_lt(cp_net_now_ms() - start, 500);
    cr_assert_eq(b.asked, 0);
    cr_assert_eq(cp_net_strangers(b.net), 0);
    cp_net_free(a.net);
    cp_net_free(b.net);
}

Test(net, nobody_there)
{
    struct side a, b;
    char address[256];
    side_open(&a, false);
    side_open(&b, true);
    memcpy(address, b.bound, sizeof address);
    cp_net_free(b.net);
    struct cp_peer *p = NULL;
    cr_assert_eq(cp_net_call(a.net, address, b.own.key, a.own.key, a.own.secret, 2000, NULL, &p), CP_OK);
    UNTIL(&a, NOBODY, a.gone == 1);
    cr_assert_eq(a.why, CP_ERR_UNREACHABLE);
    /* A port that takes the connection and says nothing. */
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(listen(fd, 1), 0);
    struct sockaddr_storage at;
    socklen_t at_len = sizeof at;
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &at_len), 0);
    uint16_t port = 0;
    memcpy(&port, (const uint8_t *)&at + 2, 2);
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)((port >> 8) | ((port & 255U) << 8)));
    cr_assert_eq(cp_net_call(a.net, address, b.own.key, a.own.key, a.own.secret, 200, NULL, &p), CP_OK);
    cr_assert_neq(cp_net_deadline_ms(a.net), UINT64_MAX);
    UNTIL(&a, NOBODY, a.gone == 2);
    cr_assert_eq(a.why, CP_ERR_UNREACHABLE);
    (void)close(fd);
    cp_net_free(a.net);
}

Test(net, doors_are_told_apart)
{
    struct side a, b;
    side_open(&a, false);
    side_open(&b, true);
    struct pair token = pair_new(), door = pair_new();
    let_in(&b, token, CP_DOOR_INVITE);
    let_in(&b, door, CP_DOOR_KNOCK);
    struct cp_peer *p = call(&a, &b, token);
    UNTIL(&a, &b, a.connected == 1);
    cr_assert_eq(cp_peer_send(p, cp_bytes_str("join")), CP_OK);
    UNTIL(&a, &b, b.messages == 1);
    cr_assert_eq(cp_peer_door(b.peer), CP_DOOR_INVITE);
    cr_assert_eq(cp_peer_plan(b.peer)[0], 1);
    p = call(&a, &b, door);
    UNTIL(&a, &b, a.connected == 2);
    cr_assert_eq(cp_peer_send(p, cp_bytes_str("control")), CP_OK);
    UNTIL(&a, &b, b.messages == 2);
    cr_assert_eq(cp_peer_door(b.peer), CP_DOOR_KNOCK);
    cr_assert_eq(cp_peer_plan(b.peer)[0], 2);
    cp_net_free(a.net);
    cp_net_free(b.net);
}

Test(net, who_is_no_longer_welcome_at_its_first_message_is_cut)
{
    struct side a, b;
    side_open(&a, false);
    side_open(&b, true);
    let_in(&b, a.own, CP_DOOR_MEMBER);
    struct cp_peer *p = call(&a, &b, a.own);
    UNTIL(&a, &b, a.connected == 1);
    b.welcome_count = 0;
    cr_assert_eq(cp_peer_send(p, cp_bytes_str("late")), CP_OK);
    UNTIL(&a, &b, a.gone == 1);
    cr_assert_eq(b.messages, 0);
    cp_net_free(a.net);
    cp_net_free(b.net);
}

Test(net, null_mechanism_gets_no_service)
{
    struct side b;
    side_open(&b, true);
    struct hostile *h = hostile_new(&(struct hostile_options){.address = b.bound});
    cr_assert_not_null(h);
    (void)hostile_send(h, "hello", 5, false); /* or it was cut before: libzmq's own threads see to that */
    UNTIL(&b, NOBODY, hostile_ends(h) > 0);
    cr_assert_eq(b.messages, 0);
    cr_assert_eq(b.asked, 0);
    hostile_free(h);
    /* One that stays on the line after naming a mechanism we do not speak: cut and counted. */
    uint8_t greeting[64];
    int fd = hostile_tcp(b.bound);
    hostile_greeting("NULL", greeting);
    hostile_write(fd, greeting, sizeof greeting);
    UNTIL(&b, NOBODY, cp_net_strangers(b.net) == 1);
    UNTIL(&b, NOBODY, hostile_cut(fd));
    (void)close(fd);
    honest_is_served(&b);
    cp_net_free(b.net);
}

Test(net, an_oversized_message_drops_its_sender_only)
{
    struct side b;
    side_open(&b, true);
    struct pair mal = pair_new();
    let_in(&b, mal, CP_DOOR_MEMBER);
    struct hostile *h = hostile_new(&(struct hostile_options){
        .address = b.bound, .server_key = b.own.key, .key = mal.key, .secret = mal.secret});
    cr_assert(hostile_send(h, "hello", 5, false));
    UNTIL(&b, NOBODY, b.messages == 1);
    uint8_t *big = calloc(1, CP_MESSAGE_MAX + 1);
    cr_assert(hostile_send(h, big, CP_MESSAGE_MAX + 1, false));
    UNTIL(&b, NOBODY, b.gone == 1);
    cr_assert_eq(b.messages, 1);
    free(big);
    hostile_free(h);
    honest_is_served(&b);
    cp_net_free(b.net);
}

Test(net, a_message_of_many_frames_ends_the_connection)
{
    struct side b;
    side_open(&b, true);
    struct pair mal = pair_new();
    let_in(&b, mal, CP_DOOR_MEMBER);
    struct hostile *h = hostile_new(&(struct hostile_options){
        .address = b.bound, .server_key = b.own.key, .key = mal.key, .secret = mal.secret});
    cr_assert(hostile_send(h, "one", 3, true) && hostile_send(h, "two", 3, false));
    UNTIL(&b, NOBODY, b.gone == 1);
    cr_assert_eq(b.why, CP_ERR_BAD_MESSAGE);
    cr_assert_eq(b.messages, 0);
    UNTIL(&b, NOBODY, hostile_ends(h) > 0);
    hostile_free(h);
    honest_is_served(&b);
    cp_net_free(b.net);
}

Test(net, the_same_routing_id_twice_hijacks_nobody)
{
    struct side b;
    side_open(&b, true);
    b.echo = true;
    struct pair asha = pair_new(), mal = pair_new();
    let_in(&b, asha, CP_DOOR_MEMBER);
    let_in(&b, mal, CP_DOOR_MEMBER);
    struct hostile_options o = {.address = b.bound,
                                .server_key = b.own.key,
                                .key = asha.key,
                                .secret = asha.secret,
                                .routing_id = "same",
                                .routing_len = 4};
    struct hostile *first = hostile_new(&o);
    char answer[16];
    cr_assert(hostile_send(first, "first", 5, false));
    UNTIL(&b, NOBODY, hostile_recv(first, answer, sizeof answer) == 5);
    cr_assert_arr_eq(cp_peer_key(b.peer), asha.key, CP_KEY_LEN);
    o.key = mal.key;
    o.secret = mal.secret;
    struct hostile *second = hostile_new(&o);
    cr_assert(hostile_send(second, "second!", 7, false));
    pass(&b, NULL, 200);
    cr_assert_eq(b.messages, 1, "the second is not served");
    cr_assert(hostile_send(first, "again", 5, false));
    UNTIL(&b, NOBODY, hostile_recv(first, answer, sizeof answer) == 5);
    cr_assert_eq(b.gone, 0);
    cr_assert_lt(hostile_recv(second, answer, sizeof answer), 0);
    hostile_free(second);
    hostile_free(first);
    cp_net_free(b.net);
}

/* Garbage, greetings with one byte changed, half greetings, silence: nobody is asked, the honest are served. */
Test(net, garbage_on_the_port)
{
    struct side b;
    side_open(&b, true);
    int fds[48];
    for (size_t i = 0; i < 48; i++) {
        uint8_t raw[256];
        fds[i] = hostile_tcp(b.bound);
        cr_assert_geq(fds[i], 0);
        if (i % 4 == 0) {
            randombytes_buf(raw, sizeof raw);
            hostile_write(fds[i], raw, sizeof raw);
        } else if (i % 4 == 1) {
            hostile_greeting("CURVE", raw);
            raw[randombytes_uniform(64)] ^= (uint8_t)(1U << randombytes_uniform(8));
            randombytes_buf(raw + 64, 192);
            hostile_write(fds[i], raw, sizeof raw);
        } else if (i % 4 == 2) {
            hostile_greeting("CURVE", raw);
            memcpy(raw + 64, "\x04\xc8\x05HELLO", 8); /* a HELLO of the right length with nothing in it */
            memset(raw + 72, 0, 184);
            hostile_write(fds[i], raw, sizeof raw);
        } else {
            hostile_greeting("CURVE", raw);
            hostile_write(fds[i], raw, 1 + randombytes_uniform(63));
        }
        turn(&b, 0);
    }
    pass(&b, NULL, 100);
    cr_assert_eq(b.asked, 0);
    cr_assert_eq(b.messages, 0);
    honest_is_served(&b);
    for (size_t i = 0; i < 48; i++)
        (void)close(fds[i]);
    pass(&b, NULL, 100);
    cr_assert_eq(b.net->slots_count, 0, "every slot is free again");
    cp_net_free(b.net);
}

Test(net, above_the_cap_the_oldest_silent_connection_goes)
{
    struct side a, b;
    side_open(&a, false);
    side_open(&b, true);
    b.net->connections_max = 8;
    let_in(&b, a.own, CP_DOOR_MEMBER);
    struct cp_peer *p = call(&a, &b, a.own);
    UNTIL(&a, &b, a.connected == 1);
    cr_assert_eq(cp_peer_send(p, cp_bytes_str("hello")), CP_OK);
    UNTIL(&a, &b, b.messages == 1);
    int fds[20];
    for (size_t i = 0; i < 20; i++) {
        fds[i] = hostile_tcp(b.bound);
        pass(&b, NULL, 5);
    }
    pass(&a, &b, 100);
    cr_assert_leq(b.net->slots_count, 9);
    cr_assert(hostile_cut(fds[0]), "the oldest stranger was cut");
    cr_assert_not(hostile_cut(fds[19]));
    cr_assert_eq(b.gone, 0, "the member stays");
    honest_is_served(&b);
    for (size_t i = 0; i < 20; i++)
        (void)close(fds[i]);
    cp_net_free(a.net);
    cp_net_free(b.net);
}

/* Fewer files than callers: the cap follows from them, so the port never stands without one. */
Test(net, few_files)
{
    struct side b;
    struct rlimit few = {160, 160};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    side_open(&b, true);
    cr_assert_eq(b.net->connections_max, 40);
    int fds[60];
    for (size_t i = 0; i < 60; i++) {
        fds[i] = hostile_tcp(b.bound);
        cr_assert_geq(fds[i], 0);
        turn(&b, 1);
    }
    pass(&b, NULL, 50);
    cr_assert_leq(b.net->slots_count, 41);
    honest_is_served(&b);
    for (size_t i = 0; i < 60; i++)
        (void)close(fds[i]);
    cp_net_free(b.net);
}

Test(net, a_closed_port_ends_what_came_through_it)
{
    struct side a, b;
    side_open(&a, false);
    side_open(&b, true);
    let_in(&b, a.own, CP_DOOR_MEMBER);
    struct cp_peer *p = call(&a, &b, a.own);
    UNTIL(&a, &b, a.connected == 1);
    cr_assert_eq(cp_peer_send(p, cp_bytes_str("hello")), CP_OK);
    UNTIL(&a, &b, b.messages == 1);
    cp_net_unlisten(b.net);
    cr_assert_eq(b.gone, 1);
    UNTIL(&a, &b, a.gone == 1);
    cr_assert_eq(cp_net_listen(b.net, b.bound, b.own.key, b.own.secret, b.bound), CP_OK,
                 "the same port again");
    honest_is_served(&b);
    struct side c;
    char bound[256];
    side_open(&c, false);
    cr_assert_eq(cp_net_listen(c.net, b.bound, c.own.key, c.own.secret, bound), CP_ERR_PORT_TAKEN);
    cp_net_free(c.net);
    cp_net_free(a.net);
    cp_net_free(b.net);
}

Test(net, descriptors_wake_the_same_wait)
{
    struct side a;
    int ends[2];
    side_open(&a, false);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    struct cp_wait_fd w = {.fd = ends[0]};
    cr_assert_eq(cp_net_wait(a.net, &w, 1, 0), CP_OK);
    cr_assert_not(w.readable || w.writable);
    w.want_write = true;
    cr_assert_eq(cp_net_wait(a.net, &w, 1, 1000), CP_OK);
    cr_assert(w.writable && !w.readable);
    w.want_write = false;
    cr_assert_eq(write(ends[1], "x", 1), 1);
    cr_assert_eq(cp_net_wait(a.net, &w, 1, 1000), CP_OK);
    cr_assert(w.readable && !w.writable);
    (void)close(ends[0]);
    (void)close(ends[1]);
    cp_net_free(a.net);
}
