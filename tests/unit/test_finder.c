/* Who was found, and on which networks they are called (daemon/finder.h). */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/finder.h"
#include "daemon/memory.h"

struct fixture {
    struct cp_node node;
    struct cp_meeting meetings;
    struct cp_finder finder;
};

static struct cp_network network(unsigned index, const char *name, const char *address)
{
    struct cp_network n = {.index = index, .has4 = true, .has6 = true};
    (void)snprintf(n.name, sizeof n.name, "%s", name);
    cr_assert_eq(inet_pton(AF_INET, address, &n.address), 1);
    cr_assert_eq(inet_pton(AF_INET, "255.255.255.0", &n.mask), 1);
    return n;
}

static void open_fixture(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->node.mem = cp_memory();
    f->node.meetings = &f->meetings;
    f->meetings.node = &f->node;
    f->finder.node = &f->node;
    f->finder.links[0].network = network(2, "wlan0", "192.168.1.7");
    f->finder.links_count = 1;
}

static void found(struct fixture *f, uint8_t machine, size_t count, const char *const *addresses)
{
    struct cp_finder_found *row = &f->finder.found[f->finder.found_count++];
    row->machine[0] = machine;
    row->addresses = count;
    row->next = count - 1;
    for (size_t i = 0; i < count; i++)
        (void)snprintf(row->address[i], sizeof row->address[i], "%s", addresses[i]);
}

Test(finder, an_address_is_of_the_network_that_it_names_or_whose_range_it_is_in)
{
    const struct cp_network n = network(2, "wlan0", "192.168.1.7");
    static const char *const here[] = {"192.168.1.9:4000", "[fe80::1%wlan0]:4000"};
    static const char *const beyond[] = {"",
                                         "192.168.1.9",
                                         "192.168.2.9:4000",
                                         "8.8.8.8:4000",
                                         "[fe80::1%wlan]:4000",
                                         "[fe80::1%wlan01]:4000",
                                         "[2001:db8::1]:4000",
                                         "somewhere.example:4000"};
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++)
        cr_expect(cp_finder_in_range(&n, here[i]), "%s", here[i]);
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++)
        cr_expect_not(cp_finder_in_range(&n, beyond[i]), "%s", beyond[i]);
}

Test(finder, nobody_is_called_on_a_network_that_is_gone_or_not_fine_any_more)
{
    struct fixture f;
    open_fixture(&f);
    found(&f, 1, 3, (const char *const[]){"10.0.0.9:1", "192.168.1.9:2", "[fe80::1%eth0]:3"});
    found(&f, 2, 1, (const char *const[]){"10.0.0.8:1"});
    found(&f, 3, 1, (const char *const[]){"[fe80::3%wlan0]:1"});
    cp_finder_cut(&f.finder);
    cr_assert_eq(f.finder.found_count, 3, "who was found is not forgotten");
    cr_assert_eq(f.finder.found[0].addresses, 1);
    cr_expect_str_eq(f.finder.found[0].address[0], "192.168.1.9:2");
    cr_expect_eq(f.finder.found[0].next, 0);
    cr_expect_eq(f.finder.found[1].addresses, 0);
    cr_expect_eq(f.finder.found[2].addresses, 1);
    f.finder.links_count = 0;
    cp_finder_cut(&f.finder);
    cr_expect_eq(f.finder.found[0].addresses, 0);
    cr_expect_eq(f.finder.found[2].addresses, 0);
}
