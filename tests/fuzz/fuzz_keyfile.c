/*
 * The key file's reader: whatever lies on the disk is read without harm, and what is read writes the same bytes.
 * The checksum keeps random bytes out, so the input is also tried as a body under a right checksum.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/keeper_internal.h"
#include "tests/support/fuzz_target.h"

static void check(struct cp_bytes bytes)
{
    struct cp_keeper *k = calloc(1, sizeof *k);
    struct cp_buf out;
    if (k == NULL)
        return;
    cp_buf_init(&out, cp_keeper_mem(), CP_KEYFILE_MAX);
    enum cp_err err = cp_keyfile_decode(bytes, k);
    assert(err == CP_OK || err == CP_ERR_DAMAGED_KEY || err == CP_ERR_NEWER_HOME);
    if (err == CP_OK) {
        cp_keyfile_encode(k, &out);
        assert(cp_buf_err(&out) == CP_OK && cp_bytes_eq(cp_buf_bytes(&out), bytes));
        assert(k->count >= 1 && k->persons[0].pub.kdf.memory <= CP_KDF_MEMORY_MAX);
    }
    cp_buf_clear(&out);
    free(k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_hasher h;
    struct cp_buf file;
    uint8_t sum[32], seed[CP_SHEET_SEED_LEN];
    check(CP_BYTES(data, size));
    (void)!cp_sheet_read(CP_BYTES(data, size), seed);
    cp_buf_init(&file, cp_keeper_mem(), CP_KEYFILE_MAX + 128);
    cp_hash_init(&h, CP_TAG_KEYFILE, 32);
    cp_hash_add_u64(&h, CP_KEYFILE_VERSION);
    cp_hash_add(&h, data, size);
    cp_hash_end(&h, sum, 32);
    cp_put_array(&file, 4);
    cp_put_cstr(&file, "coplan keys");
    cp_put_uint(&file, CP_KEYFILE_VERSION);
    cp_put_bin(&file, CP_BYTES(data, size));
    cp_put_fixed(&file, sum, sizeof sum);
    if (cp_buf_err(&file) == CP_OK)
        check(cp_buf_bytes(&file));
    cp_buf_clear(&file);
    return 0;
}
