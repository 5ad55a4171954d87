/* What lies inside the seal of a private file: read without harm, and what is read writes the same bytes. */
#include <assert.h>

#include "daemon/memory.h"
#include "daemon/private.h"
#include "tests/support/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_private p = {.mem = cp_memory()};
    struct cp_buf out;
    cp_buf_init(&p.plain, p.mem, CP_PRIVATE_FILE_MAX);
    cp_buf_init(&out, p.mem, CP_PRIVATE_FILE_MAX);
    enum cp_err err = cp_private_decode(&p, CP_BYTES(data, size));
    assert(err == CP_OK || err == CP_ERR_DAMAGED_PRIVATE || err == CP_ERR_NO_MEMORY);
    if (err == CP_OK) {
        cp_private_encode(&p, &out);
        assert(cp_buf_err(&out) == CP_OK && cp_bytes_eq(cp_buf_bytes(&out), CP_BYTES(data, size)));
    }
    cp_private_clear(&p);
    cp_buf_clear(&out);
    return 0;
}
