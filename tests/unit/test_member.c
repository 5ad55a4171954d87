/* Joining, invitations, control frames, and who stands. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/control.h"
#include "tests/support/heap.h"

/* Founder 0 invites 1, 1 invites 2 and 3 by one token; 9 was never let in and invites 4. */
static void build(struct control_log *l, struct someone *p)
{
    for (unsigned i = 0; i < 16; i++)
        someone_make(&p[i], i);
    (void)control_found(l, &p[0]);
    size_t one = control_invite(l, &p[0], &p[10], NULL);
    (void)control_admit(l, &p[0], one, &p[10], &(struct joining){.who = &p[1]});
    size_t two = control_invite(l, &p[1], &p[11], NULL);
    (void)control_admit(l, &p[0], two, &p[11], &(struct joining){.who = &p[2]});
    (void)control_admit(l, &p[1], two, &p[11], &(struct joining){.who = &p[3]});
    size_t stranger = control_invite(l, &p[9], &p[12], NULL);
    (void)control_admit(l, &p[9], stranger, &p[12], &(struct joining){.who = &p[4]});
    (void)control_admit(l, &p[4], one, &p[11], &(struct joining){.who = &p[5]}); /* signed by another token: no admission */
    (void)control_admit(l, &p[0], two, &p[11], &(struct joining){.who = &p[2]}); /* again: the lower one stays */
}

Test(member, standing_spreads_from_the_first_entry_in_any_order)
{
    struct control_log l;
    struct someone p[16];
    build(&l, p);
    uint32_t seed = 7;
    for (int round = 0; round < 12; round++) {
        struct cp_members m;
        cp_members_init(&m, test_mem());
        for (size_t i = l.count; i > 1; i--) {
            seed = (seed % 65521U) * 75U + 74U;
            size_t k = seed % i;
            struct cp_control_entry swap = l.entries[k];
            l.entries[k] = l.entries[i - 1];
            l.entries[i - 1] = swap;
        }
        cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
        cr_assert_eq(m.count, 5);
        for (unsigned i = 0; i < 4; i++) {
            const struct cp_member_device *d = cp_members_find(&m, p[i].device);
            cr_assert_not_null(d);
            cr_assert(d->stands);
            cr_assert_eq(d->token_shared, i >= 2);
        }
        cr_assert_eq(cp_members_find(&m, p[2].device)->lamport, 5, "the lower of two admissions");
        cr_assert(!cp_members_find(&m, p[4].device)->stands, "let in by nobody who stands");
        cr_assert_null(cp_members_find(&m, p[5].device), "another token");
        cr_assert_null(cp_members_find(&m, p[9].device));
        cp_members_clear(&m);
    }
    control_clear(&l);
}

Test(member, a_first_entry_is_good_only_for_its_author)
{
    struct control_log l;
    struct someone p[2];
    struct cp_members m;
    cp_members_init(&m, test_mem());
    someone_make(&p[0], 0);
    someone_make(&p[1], 1);
    (void)control_found(&l, &p[0]);
    memcpy(l.entries[0].device, p[1].device, CP_KEY_LEN);
    cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
    cr_assert_eq(m.count, 0);
    memcpy(l.entries[0].device, p[0].device, CP_KEY_LEN);
    l.entries[0].id[0] ^= 1; /* not this plan's first */
    cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
    cr_assert_eq(m.count, 0);
    cp_members_clear(&m);
    control_clear(&l);
}

Test(member, a_join_verifies_whole_or_not_at_all)
{
    struct someone who, token;
    struct cp_buf b;
    struct cp_join j;
    const uint8_t plan[CP_ID_LEN] = {1}, inv[CP_ID_LEN] = {2};
    someone_make(&who, 1);
    someone_make(&token, 2);
    cp_buf_init(&b, test_mem(), CP_JOIN_MAX);
    const struct joining from = {.who = &who, .plan = plan, .invite = inv, .token_secret = token.device_secret};
    someone_joins(&from, &b);
    cr_assert_eq(cp_join_read(cp_buf_bytes(&b), &j), CP_OK);
    cr_assert(cp_join_ok(&j, plan, inv, token.device, false));
    cr_assert(!cp_join_ok(&j, inv, inv, token.device, false));
    cr_assert(!cp_join_ok(&j, plan, plan, token.device, false));
    cr_assert(!cp_join_ok(&j, plan, inv, who.device, false));
    cr_assert(!cp_join_ok(&j, plan, inv, NULL, true));
    for (size_t cut = 0; cut < b.len; cut++)
        cr_assert_neq(cp_join_read(CP_BYTES(b.ptr, cut), &j), CP_OK);
    for (size_t bit = 0; bit < b.len * 8; bit += 5) {
        b.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cr_assert(cp_join_read(cp_buf_bytes(&b), &j) != CP_OK || !cp_join_ok(&j, plan, inv, token.device, false));
        b.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cp_buf_clear(&b);
}

Test(member, invitations_survive_people_and_nothing_else)
{
    struct cp_invitation in = {.has_server = true, .address = "192.0.2.7:4711"}, out;
    struct cp_buf b, typed;
    cp_buf_init(&b, test_mem(), 4096);
    cp_buf_init(&typed, test_mem(), 8192);
    memset(in.token, 7, sizeof in.token);
    memset(in.door_key, 9, sizeof in.door_key);
    cr_assert_eq(cp_invitation_write(&in, &b), CP_OK);
    cp_buf_put_str(&typed, " \r\n");
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.ptr[i];
        cp_buf_put_byte(&typed, c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c);
        if (i % 20 == 19)
            cp_buf_put_str(&typed, "\n ");
    }
    cr_assert_eq(cp_invitation_read(cp_buf_bytes(&typed), &out), CP_OK);
    cr_assert_eq(memcmp(&in, &out, sizeof in), 0);
    for (size_t cut = 0; cut < b.len; cut++)
        cr_assert_eq(cp_invitation_read(CP_BYTES(b.ptr, cut), &out), CP_ERR_BAD_INVITATION);
    cp_buf_put_str(&b, "a");
    cr_assert_eq(cp_invitation_read(cp_buf_bytes(&b), &out), CP_ERR_BAD_INVITATION);
    cp_buf_clear(&b);
    cp_buf_clear(&typed);
}

Test(member, unknown_control_has_no_effect)
{
    static const uint8_t later[] = {0x93, 5, 0x90, 1}, longer[] = {0x94, 11, 0x90, 1, 2}, content[] = {0x92, 64, 0x90};
    struct cp_control c;
    cp_control_read(CP_BYTES(later, sizeof later), &c);
    cr_assert(!c.known);
    cp_control_read(CP_BYTES(longer, sizeof longer), &c);
    cr_assert(!c.known);
    cp_control_read(CP_BYTES(content, sizeof content), &c);
    cr_assert(!c.known);
}

/* Signed as it should be, and yet not what a JOIN may be. */
Test(member, a_well_signed_join_may_still_be_none)
{
    struct someone who, token;
    struct cp_buf text, b;
    uint8_t sigs[4][CP_SIG_LEN];
    const uint8_t plan[CP_ID_LEN] = {1}, inv[CP_ID_LEN] = {2};
    someone_make(&who, 1);
    someone_make(&token, 2);
    cp_buf_init(&text, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&b, test_mem(), CP_JOIN_MAX);
    for (int wrong = 0; wrong < 6; wrong++) {
        struct cp_join j = {.how = CP_JOIN_NEW, .name = cp_bytes_str("Asha")};
        memcpy(j.plan, plan, CP_ID_LEN);
        memcpy(j.invite, inv, CP_ID_LEN);
        memcpy(j.device_key, who.device, CP_KEY_LEN);
        memcpy(j.identity_key, who.identity, CP_KEY_LEN);
        memcpy(j.recovery_key, who.recovery, CP_KEY_LEN);
        cp_person_id(j.identity_key, j.recovery_key, j.person);
        if (wrong == 1)
            j.person[0] ^= 1; /* somebody else's id */
        if (wrong == 2)
            cp_person_id(j.recovery_key, j.identity_key, j.person);
        if (wrong == 3)
            j.how = CP_JOIN_RECOVERY; /* the sheet did not sign */
        cp_buf_reset(&text);
        cp_join_text(&j, &text);
        j.text = cp_buf_bytes(&text);
        someone_signs(CP_TAG_STATEMENT_DEVICE, j.text, who.device_secret, sigs[0]);
        someone_signs(CP_TAG_STATEMENT_IDENTITY, j.text, who.identity_secret, sigs[1]);
        someone_signs(CP_TAG_STATEMENT_TOKEN, j.text, token.device_secret, sigs[2]);
        someone_signs(CP_TAG_STATEMENT_RECOVERY, j.text, who.recovery_secret, sigs[3]);
        j.device_sig = sigs[0];
        j.identity_sig = wrong == 5 ? NULL : sigs[1];
        j.token_sig = sigs[2];
        j.recovery_sig = wrong == 4 ? sigs[3] : NULL; /* one signature too many, a good one */
        cp_buf_reset(&b);
        cp_join_write(&j, &b);
        cr_assert_eq(cp_join_read(cp_buf_bytes(&b), &j), CP_OK);
        cr_expect_eq(cp_join_ok(&j, plan, inv, token.device, false), wrong == 0, "case %d", wrong);
    }
    cp_buf_clear(&text);
    cp_buf_clear(&b);
}

/* 1 stands. 9 was never let in: what it admits under 1's invitation, and what 1 admits under its, stands not. */
Test(member, both_the_admit_and_its_invite_must_be_by_one_who_stands)
{
    struct control_log l;
    struct someone p[16];
    struct cp_members m;
    for (unsigned i = 0; i < 16; i++)
        someone_make(&p[i], i);
    (void)control_found(&l, &p[0]);
    size_t good = control_invite(&l, &p[0], &p[10], NULL), bad = control_invite(&l, &p[9], &p[11], NULL);
    (void)control_admit(&l, &p[9], good, &p[10], &(struct joining){.who = &p[1]});
    (void)control_admit(&l, &p[0], bad, &p[11], &(struct joining){.who = &p[2]});
    cp_members_init(&m, test_mem());
    cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
    cr_assert_eq(m.count, 3);
    cr_expect(cp_members_find(&m, p[0].device)->stands);
    cr_expect(!cp_members_find(&m, p[1].device)->stands, "admitted by a stranger");
    cr_expect(!cp_members_find(&m, p[2].device)->stands, "invited by a stranger");
    size_t again = control_invite(&l, &p[0], &p[12], NULL);
    (void)control_admit(&l, &p[0], again, &p[12], &(struct joining){.who = &p[9]}); /* the stranger comes in, and with it what it did */
    cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
    cr_assert_eq(m.count, 4);
    for (size_t i = 0; i < m.count; i++)
        cr_expect(m.devices[i].stands);
    cp_members_clear(&m);
    control_clear(&l);
}

Test(member, a_token_used_by_two_marks_both)
{
    struct control_log l;
    struct someone p[16];
    struct cp_members m;
    for (unsigned i = 0; i < 16; i++)
        someone_make(&p[i], i);
    (void)control_found(&l, &p[0]);
    size_t shared = control_invite(&l, &p[0], &p[10], NULL), once = control_invite(&l, &p[0], &p[11], NULL);
    for (unsigned i = 1; i <= 3; i++)
        (void)control_admit(&l, &p[0], i == 3 ? once : shared, &p[i == 3 ? 11 : 10], &(struct joining){.who = &p[i]});
    (void)control_admit(&l, &p[0], once, &p[11], &(struct joining){.who = &p[3]}); /* the same person twice is one */
    cp_members_init(&m, test_mem());
    cr_assert_eq(cp_members_fold(&m, l.entries, l.count, l.plan, NULL), CP_OK);
    for (unsigned i = 0; i <= 3; i++)
        cr_expect_eq(cp_members_find(&m, p[i].device)->token_shared, i == 1 || i == 2, "%u", i);
    cp_members_clear(&m);
    control_clear(&l);
}

/* `with`'s device as a further one of `who`, under an INVITE for `for_whom` (NULL: for anybody). */
static const struct cp_member_device *link(struct control_log *l, struct cp_members *m, const struct someone *who,
                                           const struct someone *with, const struct someone *for_whom, enum cp_join_how how)
{
    struct someone token, founder;
    someone_make(&founder, 0);
    someone_make(&token, 40);
    size_t at = control_invite(l, &founder, &token, for_whom);
    (void)control_admit(l, &founder, at, &token, &(struct joining){.who = who, .device = with, .how = how});
    cr_assert_eq(cp_members_fold(m, l->entries, l->count, l->plan, NULL), CP_OK);
    return cp_members_find(m, with->device);
}

Test(member, a_further_device_comes_under_an_invite_for_its_person_and_no_other)
{
    struct control_log l;
    struct someone p[4];
    struct cp_members m;
    for (unsigned i = 0; i < 4; i++)
        someone_make(&p[i], i);
    cp_members_init(&m, test_mem());
    (void)control_found(&l, &p[0]);
    cr_assert_null(link(&l, &m, &p[0], &p[2], NULL, CP_JOIN_DEVICE), "an invitation for anybody");
    cr_assert_null(link(&l, &m, &p[0], &p[2], &p[1], CP_JOIN_DEVICE), "an invitation for another person");
    cr_assert_null(link(&l, &m, &p[0], &p[2], &p[0], CP_JOIN_NEW), "a new person by an invitation for a device");
    cr_assert_null(link(&l, &m, &p[0], &p[2], &p[0], CP_JOIN_RECOVERY), "a recovery that the sheet did not sign");
    cr_assert_null(link(&l, &m, &p[1], &p[2], &p[1], CP_JOIN_DEVICE), "of somebody whom nobody let in");
    const struct cp_member_device *d = link(&l, &m, &p[0], &p[2], &p[0], CP_JOIN_DEVICE);
    cr_assert_not_null(d);
    cr_assert(d->stands);
    cr_assert_arr_eq(d->person, p[0].person, CP_ID_LEN);
    cr_assert_eq(m.count, 2);
    cp_members_clear(&m);
    control_clear(&l);
}
