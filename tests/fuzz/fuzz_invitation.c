/*
 * Invitations: what is read, written and read again is the same. Input: a text; and, since the check at its end keeps
 * made-up texts out, the same bytes as the array inside one, under a right check: then what is read must be written as
 * the same text.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"
#include "proto/typed.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

static void check(struct cp_bytes text, bool canonical)
{
    struct cp_invitation a, b;
    struct cp_buf again;
    if (cp_invitation_read(text, &a) != CP_OK)
        return;
    cp_buf_init(&again, &replica_mem, 4096);
    if (cp_invitation_write(&a, &again) != CP_OK || cp_invitation_read(cp_buf_bytes(&again), &b) != CP_OK ||
        memcmp(&a, &b, sizeof a) != 0 || (canonical && !cp_bytes_eq(text, cp_buf_bytes(&again))))
        abort();
    cp_buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_buf text;
    check(CP_BYTES(data, size), false);
    if (size > CP_TYPED_MAX)
        return 0;
    cp_buf_init(&text, &replica_mem, 4096);
    cp_typed_write("coplan-invite:", CP_TAG_INVITATION_CHECK, CP_BYTES(data, size), &text);
    if (cp_buf_err(&text) == CP_OK)
        check(cp_buf_bytes(&text), true);
    cp_buf_clear(&text);
    return 0;
}
