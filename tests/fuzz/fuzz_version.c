/*
 * Version texts and escapes: any bytes in, an error or a version out. A version that was read is written again
 * as the same bytes, and an escaped value that was read is escaped again as it stood.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/version.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"

static void check_escape(struct cp_bytes bytes)
{
    struct cp_buf out, back;
    cp_buf_init(&out, test_mem(), CP_VERSION_TEXT_MAX);
    cp_buf_init(&back, test_mem(), CP_VERSION_TEXT_MAX);
    if (cp_unescape(bytes, &out)) {
        cp_escape(cp_buf_bytes(&out), &back);
        if (!cp_bytes_eq(cp_buf_bytes(&back), bytes))
            abort();
    }
    cp_buf_clear(&out);
    cp_buf_clear(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_bytes bytes = CP_BYTES(data, size);
    struct cp_version_read r;
    struct cp_buf out;
    cp_buf_init(&out, test_mem(), CP_VERSION_TEXT_MAX);
    if (cp_version_read(&r, test_mem(), bytes) == CP_OK) {
        cp_version_write(&r.v, &out);
        if (cp_buf_err(&out) != CP_OK || !cp_bytes_eq(cp_buf_bytes(&out), bytes))
            abort();
        if (!cp_version_same_words(bytes, cp_buf_bytes(&out)))
            abort();
    }
    cp_version_clear(&r);
    cp_buf_clear(&out);
    check_escape(bytes);
    return 0;
}
