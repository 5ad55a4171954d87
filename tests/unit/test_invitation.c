/* Invitations as text: what people mistype is seen. The rest of invitations is in test_member.c. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/heap.h"

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
