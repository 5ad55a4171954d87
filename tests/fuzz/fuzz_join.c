/*
 * JOINs as they come through the narrow door from somebody whom nobody knows: what is read is written again byte for
 * byte, and what verifies as one sort of JOIN verifies as no other. Input: a join array.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"

/* The text and the array from what was understood, against the bytes. */
static void check_written(const struct cp_join *j, struct cp_bytes bytes)
{
    struct cp_buf text, join;
    cp_buf_init(&text, test_mem(), CP_JOIN_MAX);
    cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
    cp_join_text(j, &text);
    cp_join_write(j, &join);
    if (!cp_bytes_eq(cp_buf_bytes(&text), j->text) || !cp_bytes_eq(cp_buf_bytes(&join), bytes))
        abort();
    cp_buf_clear(&text);
    cp_buf_clear(&join);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_bytes bytes = CP_BYTES(data, size);
    struct cp_join j;
    if (cp_join_read(bytes, &j) != CP_OK)
        return 0;
    if (size > CP_JOIN_MAX || j.name.len == 0 || j.name.len > CP_NAME_MAX || j.device_name.len > CP_NAME_MAX)
        abort();
    check_written(&j, bytes);
    bool founds = cp_join_ok(&j, cp_zero_id, cp_zero_id, NULL, true);
    bool joins = cp_join_ok(&j, j.plan, j.invite, j.device_key, false); /* the device key is no token's: never good */
    if ((founds && j.token_sig != NULL) || (founds && joins) || (joins && j.token_sig == NULL))
        abort();
    return 0;
}
