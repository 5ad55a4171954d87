/* Headers: whatever is read is written again byte for byte. Input: a header. */
#include <stdlib.h>
#include <string.h>

#include "proto/entry.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_header h;
    struct cp_buf b;
    if (cp_header_decode(CP_BYTES(data, size), &h) != CP_OK)
        return 0;
    cp_buf_init(&b, &replica_mem, CP_HEADER_MAX);
    cp_header_encode(&h, &b);
    if (!cp_bytes_eq(cp_buf_bytes(&b), CP_BYTES(data, size)))
        abort();
    cp_buf_clear(&b);
    return 0;
}
