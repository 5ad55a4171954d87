/* Chunks: what is proven hashes to what it says, and memory is given back. Input: a payload. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t plan[CP_ID_LEN];
    struct cp_chunk c;
    if (memcmp(plan, cp_zero_id, CP_ID_LEN) == 0) { /* the plan that device 1 founds: the corpus has chunks of it */
        struct replica r;
        struct device d;
        replica_init(&r, 1);
        device_make(&d, 1);
        replica_found(&r, &d);
        memcpy(plan, r.plan, CP_ID_LEN);
        replica_clear(&r);
    }
    size_t before = replica_bytes;
    if (cp_chunk_read(&c, &replica_mem, CP_BYTES(data, size), plan) == CP_OK)
        for (size_t i = 0; i < c.count; i++)
            if (c.entries[i].words.ptr != NULL && c.entries[i].words.len != c.headers[i].words_len)
                abort();
    cp_chunk_clear(&c);
    if (replica_bytes != before)
        abort();
    return 0;
}
