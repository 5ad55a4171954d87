/* Chunks: which signatures travel, and what a reader accepts. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/support/replica.h"

static void fill(struct replica *r, struct device *d, unsigned entries)
{
    replica_init(r, 1);
    device_make(&d[0], 1);
    device_make(&d[1], 2);
    replica_found(r, &d[0]);
    for (unsigned i = 0; i < entries; i++)
        replica_write(r, &d[i % 2], CP_CONTENT, 8);
}

static enum cp_err build(const struct replica *r, size_t from, size_t count, struct cp_buf *out, size_t *taken)
{
    uint64_t rows[4200];
    for (size_t i = 0; i < count; i++)
        rows[i] = from + i;
    cp_buf_reset(out);
    return cp_chunk_build(&r->iface.source, &replica_mem, rows, count, out, taken);
}

Test(chunk, one_signature_for_each_branch)
{
    struct replica r;
    struct device d[2];
    struct cp_buf b;
    struct cp_chunk c;
    size_t taken = 0, signatures = 0;
    fill(&r, d, 20);
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    cr_assert_eq(build(&r, 0, r.count, &b, &taken), CP_OK);
    cr_assert_eq(taken, r.count);
    cr_assert_eq(cp_chunk_read(&c, &replica_mem, cp_buf_bytes(&b), r.plan), CP_OK);
    cr_assert_eq(c.count, r.count);
    for (size_t i = 0; i < c.count; i++) {
        signatures += c.entries[i].sig.len != 0;
        cr_assert_eq(memcmp(c.ids[i], r.entries[i].id, CP_ID_LEN), 0);
    }
    cr_assert_eq(signatures, 3, "the first entry and two chains");
    cp_chunk_clear(&c);
    cp_buf_clear(&b);
    replica_clear(&r);
}

Test(chunk, a_cut_leaves_no_run_open)
{
    struct replica r;
    struct device d[2];
    struct cp_buf b;
    size_t taken = 0;
    fill(&r, d, 8);
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    r.entries[7].entry.sig = CP_BYTES(NULL, 0);
    r.entries[8].entry.sig = CP_BYTES(NULL, 0);
    cr_assert_eq(build(&r, 1, 8, &b, &taken), CP_OK);
    cr_assert_eq(taken, 6, "the last two are nobody's signed end");
    cr_assert_eq(build(&r, 7, 2, &b, &taken), CP_ERR_NO_SIGNATURE);
    cr_assert_eq(taken, 0);
    cp_buf_clear(&b);
    replica_clear(&r);
}

Test(chunk, stays_within_its_bounds)
{
    struct replica r;
    struct device d[2];
    struct cp_buf b;
    size_t taken = 0;
    replica_init(&r, 1);
    device_make(&d[0], 1);
    replica_found(&r, &d[0]);
    for (int i = 0; i < 12; i++)
        replica_write(&r, &d[0], CP_CONTENT, 60000);
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    cr_assert_eq(build(&r, 0, r.count, &b, &taken), CP_OK);
    cr_assert_eq(taken, 9, "the first entry and eight of 60 KB");
    cr_assert_leq(b.len, CP_CHUNK_MAX + 1024);
    cp_buf_clear(&b);
    replica_clear(&r);
}

/* A run that its own device did not sign: another device's entry cites it as prev. */
Test(chunk, another_devices_signature_proves_nothing)
{
    struct replica r;
    struct device d[2];
    struct cp_buf b, header, frame;
    struct cp_chunk c;
    struct cp_header h;
    uint8_t id[CP_ID_LEN], sig[CP_SIG_LEN];
    fill(&r, d, 1);
    const struct replica_entry *victim = &r.entries[1];
    cr_assert_eq(cp_header_decode(victim->entry.header, &h), CP_OK);
    memcpy(h.device, d[1].key, CP_KEY_LEN);
    h.seq = 2;
    memcpy(h.prev, victim->id, CP_ID_LEN);
    h.parents_count = 0;
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    cp_buf_init(&header, &replica_mem, CP_HEADER_MAX);
    cp_buf_init(&frame, &replica_mem, 256);
    cp_header_encode(&h, &header);
    cp_entry_id(r.plan, cp_buf_bytes(&header), id);
    cp_sign_input(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), &frame);
    (void)crypto_sign_detached(sig, NULL, frame.ptr, frame.len, d[1].secret);
    for (int signed_too = 0; signed_too < 2; signed_too++) {
        cp_buf_reset(&b);
        cp_put_array(&b, 8);
        cp_put_bin(&b, victim->entry.header);
        cp_put_bin(&b, victim->entry.frame);
        cp_put_bin(&b, victim->entry.words);
        if (signed_too)
            cp_put_bin(&b, victim->entry.sig);
        else
            cp_put_nil(&b);
        cp_put_bin(&b, cp_buf_bytes(&header));
        cp_put_bin(&b, victim->entry.frame);
        cp_put_bin(&b, victim->entry.words);
        cp_put_fixed(&b, sig, sizeof sig);
        enum cp_err err = cp_chunk_read(&c, &replica_mem, cp_buf_bytes(&b), r.plan);
        cr_assert_eq(err, signed_too ? CP_OK : CP_ERR_NO_SIGNATURE);
        cp_chunk_clear(&c);
    }
    cp_buf_clear(&b);
    cp_buf_clear(&header);
    cp_buf_clear(&frame);
    replica_clear(&r);
}

Test(chunk, cut_flipped_doubled_or_of_another_plan)
{
    struct replica r;
    struct device d[2];
    struct cp_buf b;
    struct cp_chunk c;
    size_t taken = 0;
    fill(&r, d, 3);
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    cr_assert_eq(build(&r, 0, r.count, &b, &taken), CP_OK);
    for (size_t cut = 0; cut < b.len; cut++)
        cr_assert_neq(cp_chunk_read(&c, &replica_mem, CP_BYTES(b.ptr, cut), r.plan), CP_OK);
    for (size_t at = 0; at < b.len; at++) {
        b.ptr[at] ^= (uint8_t)(1U << at % 8);
        cr_assert_neq(cp_chunk_read(&c, &replica_mem, cp_buf_bytes(&b), r.plan), CP_OK, "byte %zu", at);
        b.ptr[at] ^= (uint8_t)(1U << at % 8);
    }
    r.plan[0] ^= 1;
    cr_assert_eq(cp_chunk_read(&c, &replica_mem, cp_buf_bytes(&b), r.plan), CP_ERR_BAD_SIGNATURE);
    r.plan[0] ^= 1;
    uint64_t twice[2] = {1, 1};
    cp_buf_reset(&b);
    cr_assert_eq(cp_chunk_build(&r.iface.source, &replica_mem, twice, 2, &b, &taken), CP_OK);
    cr_assert_eq(cp_chunk_read(&c, &replica_mem, cp_buf_bytes(&b), r.plan), CP_ERR_BAD_VALUE);
    cp_buf_clear(&b);
    replica_clear(&r);
}

/* A payload with the entries from..from + count, each with its own signature. */
static void put_signed(const struct replica *r, size_t from, size_t count, struct cp_buf *b)
{
    cp_buf_reset(b);
    cp_put_array(b, 4 * count);
    for (size_t i = from; i < from + count; i++) {
        cp_put_bin(b, r->entries[i].entry.header);
        cp_put_bin(b, r->entries[i].entry.frame);
        cp_put_bin(b, r->entries[i].entry.words);
        cp_put_bin(b, r->entries[i].entry.sig);
    }
}

Test(chunk, more_than_its_bytes_is_refused_however_well_signed)
{
    struct replica r;
    struct device d[2];
    struct cp_buf b;
    struct cp_chunk c;
    replica_init(&r, 1);
    device_make(&d[0], 1);
    replica_found(&r, &d[0]);
    for (int i = 0; i < 9; i++)
        replica_write(&r, &d[0], CP_CONTENT, 60000);
    cp_buf_init(&b, &replica_mem, CP_MESSAGE_MAX);
    put_signed(&r, 1, 8, &b);
    cr_assert_eq(cp_chunk_read(&c, &replica_mem, cp_buf_bytes(&b), r.plan), CP_OK);
    cp_chunk_clear(&c);
    put_signed(&r, 1, 9, &b);
    cr_assert_eq(cp_chunk_read(&c, &replica_mem, cp_buf_bytes(&b), r.plan), CP_ERR_TOO_BIG);
    cp_buf_clear(&b);
    replica_clear(&r);
}
