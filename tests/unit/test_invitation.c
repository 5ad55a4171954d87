/* Invitations as text: what people mistype is seen. The rest of invitations is in test_member.c. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/heap.h"

static void fill_carry(struct cp_carry *c, bool none)
{
    memset(c->identity_key, 6, sizeof c->identity_key);
    memset(c->recovery_key, 7, sizeof c->recovery_key);
    cp_person_id(c->identity_key, c->recovery_key, c->person);
    memset(c->salt, 8, sizeof c->salt);
    memset(c->sealed, 9, sizeof c->sealed);
    c->none = none;
    c->passes = none ? 0 : 3;
    c->memory = none ? 0 : 67108864;
    if (none)
        memset(c->seal, 10, sizeof c->seal);
}

static void make(struct cp_buf *text)
{
    struct cp_invitation inv = {.has_server = true, .address = "192.0.2.7:4711"};
    memset(inv.plan, 1, sizeof inv.plan);
    memset(inv.invite, 2, sizeof inv.invite);
    memset(inv.token, 3, sizeof inv.token);
    memset(inv.server_key, 4, sizeof inv.server_key);
    memset(inv.door_key, 5, sizeof inv.door_key);
    cp_buf_init(text, test_mem(), 4096);
    cr_assert_eq(cp_invitation_write(&inv, text), CP_OK);
}

/* Every letter replaced by another, and every two neighbours swapped. */
Test(invitation, a_mistyped_letter_is_seen_wherever_it_is)
{
    struct cp_buf text;
    struct cp_invitation out;
    make(&text);
    cr_assert_eq(cp_invitation_read(cp_buf_bytes(&text), &out), CP_OK);
    cr_assert_eq(out.token[15], 3);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t was = text.ptr[i];
        text.ptr[i] = was == 'q' ? 'r' : 'q';
        cr_assert_eq(cp_invitation_read(cp_buf_bytes(&text), &out), CP_ERR_BAD_INVITATION, "letter %zu", i);
        text.ptr[i] = was;
        if (i + 1 == text.len || text.ptr[i + 1] == was)
            continue;
        text.ptr[i] = text.ptr[i + 1];
        text.ptr[i + 1] = was;
        cr_assert_eq(cp_invitation_read(cp_buf_bytes(&text), &out), CP_ERR_BAD_INVITATION, "letters %zu", i);
        text.ptr[i + 1] = text.ptr[i];
        text.ptr[i] = was;
    }
    cr_assert_eq(cp_invitation_read(cp_buf_bytes(&text), &out), CP_OK);
    cp_buf_clear(&text);
}

/* The array without its check bytes was an invitation once; and none is shorter than them. */
Test(invitation, without_its_check_bytes_it_is_none)
{
    struct cp_buf text;
    struct cp_invitation out;
    make(&text);
    for (size_t len = 0; len < text.len; len++)
        cr_assert_eq(cp_invitation_read(CP_BYTES(text.ptr, len), &out), CP_ERR_BAD_INVITATION);
    cr_assert_eq(cp_invitation_read(cp_bytes_str("coplan-invite:aaaaaaa"), &out), CP_ERR_BAD_INVITATION);
    cp_buf_clear(&text);
}

Test(invitation, one_for_a_further_device_carries_its_person)
{
    for (int none = 0; none < 2; none++) {
        struct cp_invitation in, out;
        struct cp_buf text;
        char words[64], other[64];
        memset(&in, 0, sizeof in);
        memset(in.token, 3, sizeof in.token);
        in.has_server = true;
        memset(in.address, 'a', sizeof in.address - 1); /* the longest there is */
        in.has_carry = true;
        fill_carry(&in.carry, none == 1);
        cp_buf_init(&text, test_mem(), 4096);
        cr_assert_eq(cp_invitation_write(&in, &text), CP_OK);
        cr_assert_eq(cp_invitation_read(cp_buf_bytes(&text), &out), CP_OK);
        cr_assert(out.has_carry);
        cr_assert_eq(out.carry.none, none == 1);
        cr_assert_arr_eq(out.carry.person, in.carry.person, CP_ID_LEN);
        cr_assert_arr_eq(out.carry.sealed, in.carry.sealed, sizeof in.carry.sealed);
        cr_assert_arr_eq(out.carry.seal, in.carry.seal, sizeof in.carry.seal);
        cr_assert_eq(out.carry.memory, in.carry.memory);
        cr_assert_eq(cp_invitation_words(&in, test_mem(), words), CP_OK);
        cr_assert_eq(cp_invitation_words(&out, test_mem(), other), CP_OK);
        cr_assert_str_eq(words, other);
        out.carry.sealed[0] ^= 1;
        cr_assert_eq(cp_invitation_words(&out, test_mem(), other), CP_OK);
        cr_assert_str_neq(words, other, "another carry, other words");
        for (size_t len = 0; len < text.len; len++)
            cr_assert_eq(cp_invitation_read(CP_BYTES(text.ptr, len), &out), CP_ERR_BAD_INVITATION);
        cp_buf_reset(&text);
        in.carry.person[0] ^= 1; /* whose key was changed has another id than the keys make: the plan knows */
        cr_assert_eq(cp_invitation_write(&in, &text), CP_OK);
        cr_assert_eq(cp_invitation_read(cp_buf_bytes(&text), &out), CP_OK);
        cp_buf_clear(&text);
    }
}

Test(invitation, one_for_who_comes_back_names_them)
{
    struct cp_invitation in, out;
    struct cp_buf text;
    memset(&in, 0, sizeof in);
    in.has_person = true;
    memset(in.person, 7, sizeof in.person);
    cp_buf_init(&text, test_mem(), 4096);
    cr_assert_eq(cp_invitation_write(&in, &text), CP_OK);
    cr_assert_eq(cp_invitation_read(cp_buf_bytes(&text), &out), CP_OK);
    cr_assert(out.has_person && !out.has_carry);
    cr_assert_arr_eq(out.person, in.person, CP_ID_LEN);
    for (size_t len = 0; len < text.len; len++)
        cr_assert_eq(cp_invitation_read(CP_BYTES(text.ptr, len), &out), CP_ERR_BAD_INVITATION);
    cp_buf_clear(&text);
}
