/* SSH signatures and public keys: what was read is written again as the same bytes. */
#include <stdlib.h>

#include "proto/sshsig.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_bytes bytes = CP_BYTES(data, size);
    uint8_t key[CP_KEY_LEN], sig[CP_SIG_LEN];
    struct cp_buf out;
    cp_buf_init(&out, test_mem(), 4096);
    if (cp_sshsig_read(bytes, key, sig) == CP_OK) {
        cp_sshsig_armour(key, sig, &out);
        if (!cp_bytes_eq(cp_buf_bytes(&out), bytes))
            abort();
        (void)cp_sshsig_ok(bytes, key, sig);
    }
    cp_buf_reset(&out);
    if (cp_ssh_public_read(bytes, key) == CP_OK) {
        cp_ssh_public(key, &out);
        if (!cp_bytes_eq(cp_buf_bytes(&out), bytes))
            abort();
    }
    cp_buf_clear(&out);
    return 0;
}
