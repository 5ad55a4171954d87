/* Witnesses' texts: any bytes in, an error or a text out, and what was read is written again as the same bytes. */
#include <stdlib.h>

#include "proto/answer_others.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_bytes bytes = CP_BYTES(data, size);
    struct cp_witness_read r;
    struct cp_buf out;
    cp_buf_init(&out, test_mem(), CP_ANSWER_TEXT_MAX);
    if (cp_witness_read(&r, test_mem(), bytes) == CP_OK) {
        cp_witness_write(&r.w, &out);
        if (cp_buf_err(&out) != CP_OK || !cp_bytes_eq(cp_buf_bytes(&out), bytes))
            abort();
    }
    cp_witness_clear(&r);
    cp_buf_clear(&out);
    return 0;
}
