/* Invitations: what is read, written and read again is the same. Input: a text. */
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_invitation a, b;
    struct cp_buf text;
    if (cp_invitation_read(CP_BYTES(data, size), &a) != CP_OK)
        return 0;
    cp_buf_init(&text, &replica_mem, 4096);
    if (cp_invitation_write(&a, &text) != CP_OK || cp_invitation_read(cp_buf_bytes(&text), &b) != CP_OK ||
        memcmp(&a, &b, sizeof a) != 0)
        abort();
    cp_buf_clear(&text);
    return 0;
}
