/* Networks: what the system's tables say of them, and which are fine (daemon/network.h). Bad input first. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "daemon/beacon_net.h"

static const char routes[] =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
    "wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n"
    "tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0\n"
    "eth1\t000A0A0A\t010A0A0A\t0003\t0\t0\t50\t00FFFFFF\t0\t0\t0\n";
static const char arp[] = "IP address       HW type     Flags       HW address            Mask     Device\n"
                          "192.168.1.7      0x1         0x2         02:11:22:33:44:77     *        wlan0\n"
                          "192.168.1.1      0x1         0x2         02:aa:22:33:44:55     *        eth1\n"
                          "192.168.1.1      0x1         0x2         02:11:22:33:44:55     *        wlan0\n";

static struct in_addr address(const char *text)
{
    struct in_addr in = {.s_addr = 0};
    cr_assert_eq(inet_pton(AF_INET, text, &in), 1);
    return in;
}

Test(network, tables_that_are_none_tell_of_no_router)
{
    static const char *const none[] = {"",
                                       "\n",
                                       "Iface",
                                       "Iface\n",
                                       "Iface\n\n\n",
                                       "Iface\nwlan0",
                                       "Iface\nwlan0\tzz\t01\t03\n",
                                       "Iface\nwlan0 00000000 0101A8C0\n",
                                       "Iface\n\xff\xfe\x01\n"};
    struct in_addr router;
    uint8_t mac[CP_NETWORK_MAC_LEN];
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        cr_assert_not(cp_network_router(none[i], "wlan0", &router), "%zu", i);
        cr_assert_not(cp_network_hardware(none[i], "wlan0", address("192.168.1.1"), mac), "%zu", i);
    }
    for (size_t len = 0; len < sizeof routes; len++) { /* cut off anywhere */
        char part[sizeof routes];
        memcpy(part, routes, len);
        part[len] = '\0';
        if (cp_network_router(part, "wlan0", &router))
            cr_assert_eq(router.s_addr, 0x0101A8C0U);
    }
}

Test(network, lines_longer_than_any_are_passed_over)
{
    char table[2048];
    struct in_addr router;
    memset(table, 'x', sizeof table);
    memcpy(table, "Iface\n", 6);
    memcpy(table + 1500, "\nwlan0\t00000000\t0101A8C0\t0003\t0\n", 33);
    table[1533] = '\0';
    cr_assert(cp_network_router(table, "wlan0", &router));
}

Test(network, the_router_is_that_of_the_way_out)
{
    struct in_addr router = {.s_addr = 0};
    cr_assert(cp_network_router(routes, "wlan0", &router));
    cr_assert_eq(router.s_addr, 0x0101A8C0U);
    cr_assert_not(cp_network_router(routes, "tun0", &router), "a way out without a router");
    cr_assert_not(cp_network_router(routes, "eth1", &router), "a router to one place only");
    cr_assert_not(cp_network_router(routes, "wlan", &router), "the beginning of a name");
    cr_assert_not(cp_network_router(routes, "", &router));
}

Test(network, its_hardware_address_once_it_was_heard)
{
    uint8_t mac[CP_NETWORK_MAC_LEN] = {0};
    static const uint8_t want[CP_NETWORK_MAC_LEN] = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};
    cr_assert(cp_network_hardware(arp, "wlan0", address("192.168.1.1"), mac));
    cr_assert_arr_eq(mac, want, sizeof want);
    cr_assert_not(cp_network_hardware(arp, "wlan0", address("192.168.1.2"), mac));
    cr_assert_not(cp_network_hardware("IP\n192.168.1.1 0x1 0x0 02:11:22:33:44:55 * wlan0\n", "wlan0",
                                      address("192.168.1.1"), mac),
                  "asked for and not heard");
    cr_assert_not(cp_network_hardware("IP\n192.168.1.1 0x1 0x2 00:00:00:00:00:00 * wlan0\n", "wlan0",
                                      address("192.168.1.1"), mac),
                  "nothing but zeros");
    cr_assert_not(cp_network_hardware("IP\n192.168.1.1 0x1 0x2 02:11:22:33:44 * wlan0\n", "wlan0",
                                      address("192.168.1.1"), mac),
                  "too short");
}

Test(network, known_by_router_and_range_else_by_interface_and_range)
{
    uint8_t one[CP_NETWORK_ID_LEN], two[CP_NETWORK_ID_LEN];
    static const uint8_t mac[CP_NETWORK_MAC_LEN] = {1, 2, 3, 4, 5, 6},
                         other[CP_NETWORK_MAC_LEN] = {1, 2, 3, 4, 5, 7};
    cr_assert(sodium_init() >= 0);
    cp_network_id("wlan0", "192.168.1.0/24", mac, one);
    cp_network_id("wlan1", "192.168.1.0/24", mac, two);
    cr_assert_arr_eq(one, two, sizeof one, "the same network by another card");
    cp_network_id("wlan0", "192.168.1.0/24", other, two);
    cr_assert_arr_neq(one, two, sizeof one, "a cafe with the same range");
    cp_network_id("wlan0", "192.168.2.0/24", mac, two);
    cr_assert_arr_neq(one, two, sizeof one, "the guests' network of one router");
    cp_network_id("wlan0", "192.168.1.0/24", NULL, two);
    cr_assert_arr_neq(one, two, sizeof one, "without a router");
    cp_network_id("wlan1", "192.168.1.0/24", NULL, one);
    cr_assert_arr_neq(one, two, sizeof one, "by another card, without a router");
}

Test(network, only_what_was_marked_is_fine)
{
    struct cp_network list[3] = {{.known = CP_NETWORK_BY_ROUTER, .id = {1}},
                                 {.known = CP_NETWORK_BY_NOTHING, .id = {1}},
                                 {.known = CP_NETWORK_BY_ADDRESSES, .id = {2}, .fine = true}};
    struct cp_network_mark mark = {.id = {1}};
    cp_network_judge(&mark, 1, list, 3);
    cr_assert(list[0].fine);
    cr_assert_not(list[1].fine, "its router was not heard");
    cr_assert_not(list[2].fine, "taken back");
    cp_network_judge(NULL, 0, list, 3);
    cr_assert_not(list[0].fine);
}

Test(network, another_address_is_another_place)
{
    struct cp_network a = {
        .index = 2, .name = "wlan0", .known = CP_NETWORK_BY_ROUTER, .has4 = true, .has6 = true};
    struct cp_network b = a;
    cr_assert(cp_network_same(&a, &b));
    b.address = address("10.0.0.1");
    cr_assert_not(cp_network_same(&a, &b));
    b = a;
    b.address6.s6_addr[15] = 1;
    cr_assert_not(cp_network_same(&a, &b));
    b = a;
    b.has6 = false;
    cr_assert_not(cp_network_same(&a, &b));
    b = a;
    b.id[0] = 1;
    cr_assert_not(cp_network_same(&a, &b), "another router");
    b = a;
    b.index = 3;
    cr_assert_not(cp_network_same(&a, &b));
}

/* ---- Packets of discovery ---- */

static struct cp_beacon_packet from4(const char *text)
{
    struct cp_beacon_packet p = {.from_len = sizeof(struct sockaddr_in)};
    const struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_port = htons(CP_BEACON_PORT), .sin_addr = address(text)};
    memcpy(&p.from, &in, sizeof in);
    return p;
}

static struct cp_beacon_packet from6(const char *text, unsigned scope)
{
    struct cp_beacon_packet p = {.from_len = sizeof(struct sockaddr_in6)};
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(CP_BEACON_PORT), .sin6_scope_id = scope};
    cr_assert_eq(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    memcpy(&p.from, &in6, sizeof in6);
    return p;
}

Test(network, a_packet_from_beyond_is_not_near)
{
    const struct cp_network n = {.index = 2,
                                 .name = "wlan0",
                                 .has4 = true,
                                 .has6 = true,
                                 .address = address("192.168.1.7"),
                                 .mask = address("255.255.255.0")};
    static const char *const beyond[] = {"192.168.2.7", "192.0.2.9",       "8.8.8.8",
                                         "127.0.0.1",   "255.255.255.255", "0.0.0.0"};
    static const char *const beyond6[] = {"2001:db8::9", "::1", "::ffff:192.168.1.9", "fd00::9", "ff12::1"};
    struct cp_beacon_packet p = {.from_len = 0};
    cr_expect_not(cp_beacon_is_near(&p, &n), "from nowhere");
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        p = from4(beyond[i]);
        cr_expect_not(cp_beacon_is_near(&p, &n), "%s", beyond[i]);
    }
    for (size_t i = 0; i < sizeof beyond6 / sizeof beyond6[0]; i++) {
        p = from6(beyond6[i], 2);
        cr_expect_not(cp_beacon_is_near(&p, &n), "%s", beyond6[i]);
    }
    p = from6("fe80::9", 3);
    cr_expect_not(cp_beacon_is_near(&p, &n), "the same address by another card");
    p = from4("192.168.1.200");
    cr_expect(cp_beacon_is_near(&p, &n));
    p = from6("fe80::9", 2);
    cr_expect(cp_beacon_is_near(&p, &n));
    p = from4("0.0.0.7");
    struct cp_network only6 = {.index = 2, .name = "wlan0", .has6 = true};
    cr_expect_not(cp_beacon_is_near(&p, &only6), "a network without such addresses spans none");
}
