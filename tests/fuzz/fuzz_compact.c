/*
 * The compact form of chunks: hostile columns. Whatever comes out has at most a chunk's size, and memory is given back.
 *
 * Input: a first byte, then a payload. Even: the payload as it travels. Odd: check and columns, not compressed, so that
 * the fuzzer need not learn zstd. Bit 1: control.
 */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "proto/compact.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

static struct replica held;

static enum cp_err at(void *ctx, uint64_t name, uint64_t seq, struct cp_place *out, bool *found)
{
    (void)ctx;
    return held.iface.place_at(&held, held.plan, name, seq, out, found);
}

static uint64_t held_to(void *ctx, uint64_t name)
{
    (void)ctx;
    return name < held.chains_count ? 3 : 0;
}

static enum cp_err brought(void *ctx, const struct cp_compact_row *row)
{
    (void)ctx;
    if (row->first > row->last || (!row->fresh && row->name >= held.chains_count))
        abort();
    return CP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t payload[1 << 17];
    const struct cp_compact_look look = {.at = at, .held = held_to, .brought = brought};
    struct cp_buf full;
    if (!held.held) { /* the plan that device 1 founds, and three entries of each of two chains */
        struct device d[2];
        replica_init(&held, 1);
        for (unsigned i = 0; i < 2; i++)
            device_make(&d[i], i + 1);
        replica_found(&held, &d[0]);
        for (unsigned i = 0; i < 6; i++)
            replica_write(&held, &d[i % 2], CP_CONTENT, 8);
    }
    if (size < 1 + CP_COMPACT_CHECK_LEN)
        return 0;
    enum cp_class class = (data[0] & 2) != 0 ? CP_CONTROL : CP_CONTENT;
    struct cp_bytes in = CP_BYTES(data + 1, size - 1);
    if ((data[0] & 1) != 0 && ZSTD_compressBound(in.len) <= sizeof payload) {
        memcpy(payload, in.ptr, CP_COMPACT_CHECK_LEN);
        size_t len = ZSTD_compress(payload + CP_COMPACT_CHECK_LEN, sizeof payload - CP_COMPACT_CHECK_LEN,
                                   in.ptr + CP_COMPACT_CHECK_LEN, in.len - CP_COMPACT_CHECK_LEN, 1);
        in = CP_BYTES(payload, CP_COMPACT_CHECK_LEN + (ZSTD_isError(len) ? 0 : len));
    }
    size_t before = replica_bytes;
    cp_buf_init(&full, &replica_mem, CP_MESSAGE_MAX);
    enum cp_err err = cp_compact_unpack(&look, &replica_mem, held.plan, class, in, &full);
    if (err != CP_OK && cp_err_class(err) != CP_CLASS_PEER)
        abort();
    if (full.len > CP_CHUNK_MAX + 16 * CP_CHUNK_ENTRIES_MAX + 8)
        abort();
    if (err == CP_OK) { /* what was rebuilt is a chunk, or is refused as one */
        struct cp_chunk c;
        if (cp_chunk_read(&c, &replica_mem, cp_buf_bytes(&full), held.plan) == CP_OK)
            cp_chunk_clear(&c);
    }
    cp_buf_clear(&full);
    if (replica_bytes != before)
        abort();
    return 0;
}
