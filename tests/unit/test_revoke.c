/* REVOKE and KEY: which count, what they cut, and who stands after them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/control.h"
#include "tests/support/heap.h"

static struct control_log l;
static struct someone p[8]; /* the last is the token */
static struct cp_members m;

static size_t invite(const struct someone *by, const struct someone *person)
{
    return control_invite(&l, by, &p[7], person);
}

/* A new person, or, where the device is another's, a further device. */
static size_t admit(const struct someone *by, size_t invited, const struct someone *who, const struct someone *device)
{
    return control_admit(
        &l, by, invited, &p[7],
        &(struct joining){.who = who, .how = who == device ? CP_JOIN_NEW : CP_JOIN_DEVICE, .device = device});
}

static size_t revoke(const struct someone *carrier, const struct someone *of, enum cp_statement_by by,
                     const struct someone *device, size_t at, const uint8_t *earlier, uint8_t id[CP_ID_LEN])
{
    return control_revoke(&l, carrier,
                          &(struct revoking){.of = of, .by = by, .device = device, .at = at, .earlier = earlier}, id);
}

/* Who stands, as bits by person's number: device i of p. Every order of the entries must say the same. */
static unsigned standing(void)
{
    static uint32_t seed = 7;
    const struct cp_control_past past = control_past(&l);
    unsigned first = 0;
    for (int round = 0; round < 6; round++) {
        struct cp_control_entry shuffled[CONTROL_MOST];
        unsigned bits = 0;
        memcpy(shuffled, l.entries, sizeof shuffled);
        for (size_t i = l.count; round > 0 && i > 1; i--) {
            seed = (uint32_t)((uint64_t)seed * 1103515245U + 12345U);
            size_t k = (seed >> 8) % i;
            struct cp_control_entry swap = shuffled[k];
            shuffled[k] = shuffled[i - 1];
            shuffled[i - 1] = swap;
        }
        cr_assert_eq(cp_members_fold(&m, shuffled, l.count, l.plan, &past), CP_OK);
        for (unsigned i = 0; i < 8; i++) {
            const struct cp_member_device *d = cp_members_find(&m, p[i].device);
            bits |= d != NULL && d->stands ? 1U << i : 0;
        }
        cr_assert(round == 0 || bits == first, "another order, another state");
        first = bits;
    }
    return first;
}

static bool revoked(const struct someone *s)
{
    const struct cp_member_device *d = cp_members_find(&m, s->device);
    return d != NULL && d->revoked;
}

static void before(void)
{
    for (unsigned i = 0; i < 8; i++)
        someone_make(&p[i], i + 1);
    cp_members_init(&m, test_mem());
    (void)control_found(&l, &p[0]);
}

static void after(void)
{
    control_clear(&l);
    cp_members_clear(&m);
}

TestSuite(revoke, .init = before, .fini = after);

/* 0 founds and has the further device 1; 1 lets 2 in, 2 lets 3 in. Gives 1's entry before that. */
static size_t phone(void)
{
    size_t own = invite(&p[0], &p[0]);
    (void)admit(&p[0], own, &p[0], &p[1]);
    size_t mine = invite(&p[1], NULL);
    size_t two = invite(&p[1], NULL);
    (void)admit(&p[1], two, &p[2], &p[2]);
    size_t three = invite(&p[2], NULL);
    (void)admit(&p[2], three, &p[3], &p[3]);
    return mine;
}

Test(revoke, a_thief_and_their_guests_fall_and_the_owner_stays)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    cr_assert_eq(standing(), 0x0fU);
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    cr_assert_eq(standing(), 0x03U, "the phone stands for what was its person's, and is reported lost");
    cr_assert(revoked(&p[1]) && !revoked(&p[0]));
    cr_assert(!cp_member_is_in(cp_members_find(&m, p[1].device)) &&
              cp_member_is_in(cp_members_find(&m, p[0].device)));
}

Test(revoke, within_the_cut_stays)
{
    uint8_t id[CP_ID_LEN];
    (void)phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, NULL, id); /* its ADMIT of 2 */
    cr_assert_eq(standing(), 0x0fU);
}

/* Links lie about on a phone: with one that its person, or anybody, had made before, the thief lets somebody in. */
Test(revoke, an_invitation_of_before_lets_nobody_in_beyond_the_cut)
{
    uint8_t id[CP_ID_LEN];
    size_t own = invite(&p[0], &p[0]);
    (void)admit(&p[0], own, &p[0], &p[1]);
    size_t others = invite(&p[0], NULL), mine = invite(&p[1], NULL);
    (void)admit(&p[1], others, &p[2], &p[2]);
    (void)admit(&p[1], mine, &p[3], &p[3]);
    cr_assert_eq(standing(), 0x0fU);
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    cr_assert_eq(standing(), 0x03U);
}

Test(revoke, only_by_its_own_person)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[2], &p[2], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    for (unsigned by = CP_BY_IDENTITY; by <= CP_BY_RECOVERY; by++)
        (void)control_revoke(&l, &p[2],
                             &(struct revoking){.of = &p[0], .signer = &p[2], .by = (enum cp_statement_by)by,
                                                .device = &p[1], .at = mine}, id);
    cr_assert_eq(standing(), 0x0fU);
    cr_assert(!revoked(&p[1]));
    (void)revoke(&p[2], &p[0], CP_BY_RECOVERY, &p[1], mine, NULL, id);
    cr_assert_eq(standing(), 0x03U, "whoever carries it");
}

Test(revoke, made_again_wider_and_narrower)
{
    uint8_t first[CP_ID_LEN], second[CP_ID_LEN], third[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, first);
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, first, second);
    cr_assert_eq(standing(), 0x0fU, "wider: the guest was asked in by its person after all");
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], CONTROL_NOTHING, second, third);
    cr_assert_eq(standing(), 0x03U);
}

Test(revoke, of_two_made_apart_an_entry_must_lie_within_each)
{
    uint8_t a[CP_ID_LEN], b[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, NULL, a);
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, b);
    cr_assert_eq(standing(), 0x03U);
}

Test(revoke, what_the_sheet_said_only_the_sheet_takes_back)
{
    uint8_t a[CP_ID_LEN], b[CP_ID_LEN], c[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_RECOVERY, &p[1], mine, NULL, a);
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, a, b);
    cr_assert_eq(standing(), 0x03U);
    (void)revoke(&p[0], &p[0], CP_BY_RECOVERY, &p[1], 5, a, c);
    cr_assert_eq(standing(), 0x0fU);
}

Test(revoke, on_another_branch_is_beyond)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    struct cp_control_entry *one = &l.entries[invite(&p[1], NULL)]; /* beside `two`: from `mine` */
    struct cp_control_entry *fork = &l.entries[invite(&p[1], NULL)];
    one->seq = l.entries[mine].seq + 1;
    memcpy(one->prev, l.entries[mine].id, CP_ID_LEN);
    fork->seq = one->seq + 1;
    cr_assert_eq(fork->seq, l.entries[5].seq, "as high as the ADMIT on the other branch");
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], (size_t)(fork - l.entries), NULL, id);
    cr_assert_eq(standing(), 0x03U, "as low, but on the other branch");
    memset(fork->id, 99, CP_ID_LEN);
    cr_assert_eq(standing(), 0x0fU, "not held: by number alone");
}

Test(revoke, a_device_that_a_key_does_not_name_is_wholly_beyond)
{
    uint8_t id[CP_ID_LEN];
    (void)phone();
    const struct key_says says = {.stay = {&p[0]}};
    (void)control_key(&l, &p[0], &p[0], &p[5], &says, id);
    cr_assert_eq(standing(), 0x01U, "and whom it let in with it");
    cr_assert(!revoked(&p[1]), "nothing was drawn through it: it comes by no key that counts");
}

Test(revoke, while_the_tip_is_not_held_the_number_counts)
{
    uint8_t id[CP_ID_LEN];
    (void)phone();
    struct cp_control_entry away =
        l.entries[5]; /* the ADMIT of 2 by the phone, and what a machine knows of it */
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, NULL, id);
    cr_assert_eq(standing(), 0x0fU);
    memset(l.entries[5].id, 98, CP_ID_LEN);
    cr_assert_eq(standing(), 0x0fU, "another entry at that place: by number");
    l.entries[5] = away;
}

Test(revoke, admitted_again_with_the_same_join_by_who_knows)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    size_t late = control_admit_again(&l, &p[0], 5, l.entries[4].id);
    size_t cut = revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    cr_assert_eq(standing(), 0x03U, "let in again, but without knowing");
    (void)control_admit_again(&l, &p[0], 5, l.entries[4].id);
    cr_assert_eq(standing(), 0x0fU, "and so is the guest's guest");
    cr_assert(late < cut);
}

Test(revoke, a_guests_guest_is_let_in_without_the_guest)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    (void)control_admit_again(&l, &p[0], 7, l.entries[6].id);
    cr_assert_eq(standing(), 0x0bU);
}

/* The thief of the phone lets it in once more as a puppet's, who then takes back what its owner said of it. */
Test(revoke, what_one_person_said_no_other_takes_back)
{
    uint8_t first[CP_ID_LEN], second[CP_ID_LEN];
    size_t mine = phone();
    size_t asked = invite(&p[2], NULL);
    (void)control_admit(&l, &p[2], asked, &p[7], &(struct joining){.who = &p[5], .device = &p[1]});
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, first);
    cr_assert_eq(standing(), 0x03U);
    (void)revoke(&p[2], &p[5], CP_BY_RECOVERY, &p[1], 5, first, second);
    cr_assert_eq(standing(), 0x03U);
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], 5, first, second);
    cr_assert_eq(standing(), 0x0fU, "its owner does");
    cr_assert_eq(m.cuts_count, 2, "and the puppet's stands beside it");
}

/* ---- KEY ---- */

Test(revoke, a_key_ends_what_it_does_not_name)
{
    uint8_t revoked_by[CP_ID_LEN], id[CP_ID_LEN];
    size_t mine = phone();
    (void)mine;
    /* the thief of phone and passphrase reports the owner's first device lost, and links one of their own */
    (void)revoke(&p[1], &p[0], CP_BY_IDENTITY, &p[0], 0, NULL, revoked_by);
    size_t own = invite(&p[1], &p[0]);
    (void)admit(&p[1], own, &p[0], &p[4]);
    cr_assert_eq(standing() & 0x10U, 0U,
                 "the line led through an entry that the thief cut off: they fell themselves");
    const struct key_says says = {.stay = {&p[0]}, .cut = {&p[1]}, .cut_at = {3}};
    (void)control_key(&l, &p[2], &p[0], &p[5], &says, id);
    cr_assert_eq(standing(), 0x03U);
    cr_assert(!revoked(&p[0]), "what the old key said counts only where it is listed");
    cr_assert(revoked(&p[1]));
    const struct cp_member_key *k = cp_members_key(&m, p[0].person, p[5].identity);
    cr_assert(k != NULL && k->in_force && !k->replaced);
    k = cp_members_key(&m, p[0].person, p[0].identity);
    cr_assert(k != NULL && !k->in_force && k->replaced);
    cr_assert_eq(memcmp(cp_members_find(&m, p[0].device)->identity_key, p[5].identity, CP_KEY_LEN), 0);
    cr_assert(!cp_members_says(&m, p[0].person, p[0].identity, revoked_by));
    cr_assert(cp_members_says(&m, p[0].person, p[5].identity, revoked_by));
    cr_assert(!cp_members_says(&m, p[2].person, p[5].identity, revoked_by));
}

Test(revoke, a_key_keeps_what_it_lists)
{
    uint8_t revoke_id[CP_ID_LEN], id[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, revoke_id);
    const struct key_says says = {.stay = {&p[0], &p[1]}, .stand = revoke_id};
    (void)control_key(&l, &p[0], &p[0], &p[5], &says, id);
    cr_assert_eq(standing(), 0x03U);
    cr_assert(revoked(&p[1]));
}

Test(revoke, of_two_keys_made_apart_neither_counts_until_a_third)
{
    uint8_t a[CP_ID_LEN], b[CP_ID_LEN], c[CP_ID_LEN];
    (void)phone();
    const struct key_says both = {.stay = {&p[0], &p[1]}};
    const struct key_says one = {.stay = {&p[0]}, .cut = {&p[1]}, .cut_at = {3}};
    (void)control_key(&l, &p[0], &p[0], &p[5], &both, a);
    cr_assert_eq(standing(), 0x0fU);
    (void)control_key(&l, &p[0], &p[0], &p[6], &one, b);
    cr_assert_eq(standing(), 0x03U, "what either ends is ended");
    cr_assert(!cp_members_key(&m, p[0].person, p[5].identity)->in_force);
    cr_assert(!cp_members_key(&m, p[0].person, p[6].identity)->in_force);
    cr_assert(!cp_members_says(&m, p[0].person, p[5].identity, a));
    const struct key_says third = {.stay = {&p[0], &p[1]}, .earlier = {a, b}};
    (void)control_key(&l, &p[0], &p[0], &p[4], &third, c);
    cr_assert_eq(standing(), 0x03U, "and stays ended");
    cr_assert(cp_members_key(&m, p[0].person, p[4].identity)->in_force);
    cr_assert(cp_members_key(&m, p[0].person, p[5].identity)->replaced);
}

/* Found by tests/model/standing: whatever other KEYs there were had to list the statement as well. */
Test(revoke, a_key_named_twice_is_ended_by_who_replaced_it_alone)
{
    uint8_t a[CP_ID_LEN], b[CP_ID_LEN], c[CP_ID_LEN];
    (void)phone();
    const struct key_says one = {.stay = {&p[0]}}, two = {.stay = {&p[1]}}; /* the same new key, made apart */
    (void)control_key(&l, &p[0], &p[0], &p[5], &one, a);
    (void)control_key(&l, &p[0], &p[0], &p[5], &two, b);
    const struct key_says third = {.stay = {&p[0]}, .stand = a, .earlier = {b}};
    (void)control_key(&l, &p[0], &p[0], &p[6], &third, c);
    (void)standing();
    cr_assert(cp_members_says(&m, p[0].person, p[5].identity, a), "the one that replaced it lists it");
}

Test(revoke, a_key_by_another_sheet_is_none)
{
    uint8_t id[CP_ID_LEN];
    const struct key_says says = {.stay = {NULL}};
    struct someone liar = p[0];
    (void)phone();
    memcpy(liar.recovery, p[2].recovery, CP_KEY_LEN);
    memcpy(liar.recovery_secret, p[2].recovery_secret, sizeof liar.recovery_secret);
    (void)control_key(&l, &p[2], &liar, &p[5], &says, id);
    cr_assert_eq(standing(), 0x0fU);
    cr_assert_null(cp_members_key(&m, p[0].person, p[5].identity));
}

Test(revoke, a_lost_home_comes_back_with_the_sheet)
{
    uint8_t id[CP_ID_LEN];
    (void)phone();
    size_t asked = invite(&p[2], &p[0]);
    const struct joining back = {.who = &p[0], .how = CP_JOIN_RECOVERY, .by = CP_BY_RECOVERY, .device = &p[4], .key = &p[5]};
    (void)control_admit(&l, &p[2], asked, &p[7], &back);
    cr_assert_eq(standing(), 0x1fU);
    cr_assert_arr_eq(cp_members_find(&m, p[4].device)->identity_key, p[0].identity, CP_KEY_LEN);
    const struct key_says says = {.stay = {&p[4]}, .cut = {&p[0], &p[1]}, .cut_at = {2, 5}};
    (void)control_key(&l, &p[4], &p[0], &p[5], &says, id);
    cr_assert_eq(standing(), 0x1fU, "within the cuts all stands; the lost devices are reported lost");
    cr_assert(revoked(&p[0]) && revoked(&p[1]) && !revoked(&p[4]));
    size_t more = invite(&p[4], &p[0]);
    const struct joining further = {.who = &p[0], .how = CP_JOIN_DEVICE, .device = &p[6], .key = &p[5]};
    (void)control_admit(&l, &p[4], more, &p[7], &further);
    cr_assert_eq(standing(), 0x5fU, "a further device by the new key");
}

Test(revoke, an_allocation_that_fails_leaves_nothing)
{
    uint8_t id[CP_ID_LEN];
    size_t mine = phone();
    (void)revoke(&p[0], &p[0], CP_BY_IDENTITY, &p[1], mine, NULL, id);
    const struct key_says says = {.stay = {&p[0]}, .cut = {&p[1]}, .cut_at = {3}};
    (void)control_key(&l, &p[0], &p[0], &p[5], &says, id);
    const struct cp_control_past past = control_past(&l);
    enum cp_err err = CP_ERR_NO_MEMORY;
    for (size_t left = 0; err != CP_OK && left < 200; left++) {
        struct test_heap heap;
        struct cp_members short_of;
        test_heap_init(&heap, left);
        cp_members_init(&short_of, &heap.mem);
        err = cp_members_fold(&short_of, l.entries, l.count, l.plan, &past);
        cr_assert(err == CP_OK ||
                  (err == CP_ERR_NO_MEMORY && short_of.count == 0 && short_of.cuts_count == 0));
        cr_assert(err != CP_OK || short_of.cuts_count == 1);
        cp_members_clear(&short_of);
    }
    cr_assert_eq(err, CP_OK);
}
