/* Backups: the head's layout and its seal, frames and their order, and what is refused. */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/keeper_internal.h"
#include "daemon/memory.h"
#include "proto/backup.h"

static const struct cp_mem *mem(void)
{
    return cp_memory();
}

static struct cp_backup_head sample(void)
{
    struct cp_backup_head h = {.count = 2};
    memset(h.salt, 7, sizeof h.salt);
    memset(h.key_check, 8, sizeof h.key_check);
    memset(h.slots[0].salt, 1, 16);
    h.slots[0].passes = 3;
    h.slots[0].memory = 67108864;
    memset(h.slots[0].sealed, 9, CP_BACKUP_SEALED_LEN);
    memset(h.slots[1].salt, 2, 16);
    h.slots[1].none = true;
    memset(h.slots[1].seal, 4, 32);
    memset(h.slots[1].sealed, 5, CP_BACKUP_SEALED_LEN);
    return h;
}

static void write_head(const struct cp_backup_head *h, struct cp_buf *out)
{
    cp_buf_init(out, mem(), CP_BACKUP_HEAD_MAX + 64);
    cp_backup_head_write(h, out);
    cr_assert_eq(cp_buf_err(out), CP_OK);
}

Test(backup, a_head_is_read_as_it_was_written)
{
    struct cp_backup_head h = sample(), got;
    struct cp_buf bytes;
    write_head(&h, &bytes);
    size_t len = bytes.len;
    cp_buf_put_str(&bytes, "frames");
    cr_assert_eq(cp_backup_head_read(cp_buf_bytes(&bytes), &got), CP_OK);
    cr_assert_eq(got.len, len);
    got.len = 0;
    cr_assert_eq(memcmp(&got, &h, sizeof h), 0);
    cp_buf_clear(&bytes);
}

Test(backup, a_head_that_is_cut_wants_more_and_a_bent_one_is_damaged)
{
    struct cp_backup_head h = sample(), got;
    struct cp_buf bytes;
    write_head(&h, &bytes);
    for (size_t len = 0; len < bytes.len; len++)
        cr_assert_eq(cp_backup_head_read(CP_BYTES(bytes.ptr, len), &got), CP_ERR_TRUNCATED, "%zu", len);
    for (size_t at = 0; at < bytes.len; at++) {
        bytes.ptr[at] ^= 1;
        enum cp_err err = cp_backup_head_read(cp_buf_bytes(&bytes), &got);
        cr_assert(err == CP_ERR_BAD_BODY || err == CP_ERR_NOT_CANONICAL || err == CP_ERR_NEWER_RULES ||
                      (err == CP_ERR_TRUNCATED && at >= 16 && at < 20),
                  "byte %zu: %d", at, (int)err);
        bytes.ptr[at] ^= 1;
    }
    cp_buf_clear(&bytes);
}

/* The check makes a layout that nobody wrote unlikely, not impossible: each is refused under a right check too. */
static enum cp_err reread(const struct cp_backup_head *h)
{
    struct cp_backup_head got;
    struct cp_buf bytes;
    write_head(h, &bytes);
    enum cp_err err = cp_backup_head_read(cp_buf_bytes(&bytes), &got);
    cp_buf_clear(&bytes);
    return err;
}

Test(backup, a_head_that_no_writer_makes_is_refused)
{
    struct cp_backup_head h = sample();
    cr_assert_eq(reread(&h), CP_OK);
    memcpy(h.slots[1].salt, h.slots[0].salt, 16); /* twice the same */
    cr_assert_eq(reread(&h), CP_ERR_BAD_BODY);
    h = sample();
    h.slots[0].passes = 0; /* neither a passphrase nor a seal key */
    h.slots[0].memory = 0;
    cr_assert_eq(reread(&h), CP_ERR_BAD_BODY);
    h = sample();
    h.slots[1].passes = 3; /* both */
    cr_assert_eq(reread(&h), CP_ERR_BAD_BODY);
    h = sample();
    struct cp_backup_slot first = h.slots[0];
    h.slots[0] = h.slots[1]; /* out of order */
    h.slots[1] = first;
    cr_assert_eq(reread(&h), CP_ERR_BAD_BODY);
}

Test(backup, another_version_is_told_from_no_backup)
{
    struct cp_backup_head got;
    cr_assert_eq(cp_backup_head_read(cp_bytes_str("coplan backup 2\nwhatever"), &got), CP_ERR_NEWER_RULES);
    cr_assert_eq(cp_backup_head_read(cp_bytes_str("coplan backup 10\n"), &got), CP_ERR_NEWER_RULES);
    cr_assert_eq(cp_backup_head_read(cp_bytes_str("coplan bundle 1\n"), &got), CP_ERR_NOT_CANONICAL);
    cr_assert_eq(cp_backup_head_read(cp_bytes_str("x"), &got), CP_ERR_NOT_CANONICAL);
    cr_assert_eq(cp_backup_head_read(CP_BYTES(NULL, 0), &got), CP_ERR_TRUNCATED);
}

/* ---- Slots ---- */

Test(backup, a_slot_opens_with_its_seal_key_alone)
{
    struct cp_backup_head h = sample();
    uint8_t storage[32], key[32], seal[32], whose[32], got[32], got_key[32];
    cr_assert(sodium_init() >= 0);
    randombytes_buf(storage, sizeof storage);
    randombytes_buf(seal, sizeof seal);
    randombytes_buf(whose, sizeof whose);
    cp_backup_key(storage, h.salt, key);
    cp_backup_key_check(key, h.key_check);
    cp_part_seal(seal, CP_PART_STORAGE, whose, storage, 32, h.slots[0].sealed);
    cp_part_seal(h.slots[1].seal, CP_PART_STORAGE, whose, storage, 32, h.slots[1].sealed);
    cr_assert(cp_backup_slot_open(&h, 0, seal, got, got_key));
    cr_assert_eq(memcmp(got, storage, 32), 0);
    cr_assert_eq(memcmp(got_key, key, 32), 0);
    cr_assert(cp_backup_slot_open(&h, 1, whose, got, got_key), "it has its own");
    seal[3] ^= 1;
    cr_assert_not(cp_backup_slot_open(&h, 0, seal, got, got_key));
    cr_assert(sodium_is_zero(got, 32) && sodium_is_zero(got_key, 32));
    seal[3] ^= 1;
    h.salt[0] ^= 1;
    cr_assert_not(cp_backup_slot_open(&h, 0, seal, got, got_key));
}

Test(backup, a_slot_is_no_memory_bomb)
{
    struct cp_backup_slot s = sample().slots[0];
    struct cp_kdf kdf;
    cr_assert_eq(cp_backup_slot_kdf(&s, &kdf), CP_OK);
    s.memory = CP_KDF_MEMORY_MAX + 1;
    cr_assert_eq(cp_backup_slot_kdf(&s, &kdf), CP_ERR_BAD_BODY);
    s.memory = 67108864;
    s.passes = CP_KDF_PASSES_MAX + 1;
    cr_assert_eq(cp_backup_slot_kdf(&s, &kdf), CP_ERR_BAD_BODY);
    s.passes = 0;
    cr_assert_eq(cp_backup_slot_kdf(&s, &kdf), CP_ERR_BAD_BODY);
}

/* ---- Frames ---- */

static enum cp_err round_trip(const struct cp_backup_frame *f, struct cp_backup_frame *got)
{
    static uint8_t kept[4096];
    struct cp_buf bytes;
    cp_buf_init(&bytes, mem(), sizeof kept);
    cp_backup_write(f, &bytes);
    cr_assert_eq(cp_buf_err(&bytes), CP_OK);
    memcpy(kept, bytes.ptr, bytes.len);
    enum cp_err err = cp_backup_read(CP_BYTES(kept, bytes.len), got);
    for (size_t len = 0; len < bytes.len; len++) {
        struct cp_backup_frame cut;
        cr_assert_neq(cp_backup_read(CP_BYTES(kept, len), &cut), CP_OK);
    }
    cp_buf_clear(&bytes);
    return err;
}

Test(backup, frames_are_read_as_they_were_written)
{
    struct cp_backup_frame got, begin = {.type = CP_BACKUP_BEGIN, .time_ms = 5, .plans = 1, .entries = 70000, .persons = 2};
    cr_assert_eq(round_trip(&begin, &got), CP_OK);
    cr_assert(got.time_ms == 5 && got.plans == 1 && got.entries == 70000 && got.persons == 2);
    struct cp_backup_frame file = {.type = CP_BACKUP_FILE, .name = cp_bytes_str("private-0123456789abcdef"), .size = 9};
    cr_assert_eq(round_trip(&file, &got), CP_OK);
    cr_assert(cp_bytes_eq(got.name, file.name) && got.size == 9);
    struct cp_backup_frame data = {.type = CP_BACKUP_DATA, .data = cp_bytes_str("bytes")};
    cr_assert_eq(round_trip(&data, &got), CP_OK);
    cr_assert(cp_bytes_eq(got.data, data.data));
    cr_assert_eq(round_trip(&(struct cp_backup_frame){.type = CP_BACKUP_END}, &got), CP_OK);
    cr_assert_eq(got.type, CP_BACKUP_END);
    cr_assert_eq(cp_backup_read(cp_bytes_str("x"), &got), CP_ERR_BAD_TYPE);
    static const uint8_t zeros[9] = {0};
    cr_assert_eq(cp_backup_read(CP_BYTES(zeros, sizeof zeros), &got), CP_OK);
    cr_assert_eq(got.type, CP_BACKUP_PADDING);
}

Test(backup, only_names_that_a_home_has)
{
    static const char *const bad[] = {"", "log", "key", "keys/", "../keys", "/etc/passwd", "plan.db-wal", "private-",
                                      "private-0123456789abcde", "private-0123456789ABCDEF", "private-../../etc/pass",
                                      "private-0123456789abcde/"};
    struct cp_backup_frame got;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cp_backup_frame f = {.type = CP_BACKUP_FILE, .name = cp_bytes_str(bad[i]), .size = 1};
        cr_assert_eq(round_trip(&f, &got), CP_ERR_BAD_VALUE, "%s", bad[i]);
    }
    cr_assert_eq(round_trip(&(struct cp_backup_frame){.type = CP_BACKUP_FILE, .name = cp_bytes_str("keys")}, &got),
                 CP_ERR_BAD_VALUE, "of no bytes");
}

/* ---- Order ---- */

static const struct cp_backup_frame begin = {.type = CP_BACKUP_BEGIN};
static const struct cp_backup_frame end = {.type = CP_BACKUP_END};
static const struct cp_backup_frame padding = {.type = CP_BACKUP_PADDING};

static struct cp_backup_frame file(const char *name, uint64_t size)
{
    return (struct cp_backup_frame){.type = CP_BACKUP_FILE, .name = cp_bytes_str(name), .size = size};
}
static struct cp_backup_frame data(const char *bytes)
{
    return (struct cp_backup_frame){.type = CP_BACKUP_DATA, .data = cp_bytes_str(bytes)};
}
/* Takes them all; the last one's verdict. */
static enum cp_err take(struct cp_backup_order *o, const struct cp_backup_frame *frames, size_t count)
{
    enum cp_err err = CP_OK;
    *o = (struct cp_backup_order){.begun = false};
    for (size_t i = 0; i < count; i++) {
        err = cp_backup_next(o, &frames[i]);
        if (i + 1 < count)
            cr_assert_eq(err, CP_OK, "frame %zu", i);
    }
    return err;
}
#define TAKE(o, ...) \
    take((o), (struct cp_backup_frame[]){__VA_ARGS__}, sizeof(struct cp_backup_frame[]){__VA_ARGS__} / sizeof begin)

Test(backup, the_order_in_which_frames_may_come)
{
    struct cp_backup_order o;
    cr_assert_eq(TAKE(&o, begin, file("keys", 2), data("a"), data("b"), file("plan.db", 1), data("c"),
                      file("private-0000000000000000", 1), data("d"), end, padding, padding),
                 CP_OK);
    cr_assert(cp_backup_whole(&o));
    cr_assert_eq(TAKE(&o, begin, file("keys", 1), data("a"), file("plan.db", 1), data("c"), end), CP_OK);
    cr_assert(cp_backup_whole(&o));
}

Test(backup, what_does_not_belong_there_is_refused)
{
    struct cp_backup_order o;
    cr_assert_neq(TAKE(&o, file("keys", 1)), CP_OK, "before BEGIN");
    cr_assert_neq(TAKE(&o, begin, begin), CP_OK, "two beginnings");
    cr_assert_neq(TAKE(&o, begin, file("plan.db", 1)), CP_OK, "no keys");
    cr_assert_neq(TAKE(&o, begin, file("keys", 1), data("a"), file("keys", 1)), CP_OK, "keys twice");
    cr_assert_neq(TAKE(&o, begin, file("keys", 2), data("a"), file("plan.db", 1)), CP_OK, "too little");
    cr_assert_neq(TAKE(&o, begin, file("keys", 2), data("abc")), CP_OK, "too much");
    cr_assert_neq(TAKE(&o, begin, data("a")), CP_OK, "of no file");
    cr_assert_neq(TAKE(&o, begin, end), CP_OK, "no home");
    cr_assert_neq(TAKE(&o, begin, file("keys", 1), data("a"), end), CP_OK, "no database");
    cr_assert_not(cp_backup_whole(&o));
    cr_assert_neq(TAKE(&o, begin, file("keys", 1), data("a"), file("plan.db", 2), data("c"), end), CP_OK, "cut");
    cr_assert_neq(TAKE(&o, begin, padding), CP_OK, "padding before the end");
    cr_assert_neq(TAKE(&o, begin, file("keys", 1), data("a"), file("plan.db", 1), data("c"), end, end), CP_OK);
    cr_assert_neq(TAKE(&o, begin, file("keys", 1), data("a"), file("plan.db", 1), data("c"), end,
                       file("private-0000000000000000", 1)),
                  CP_OK, "after the end");
    cr_assert_neq(TAKE(&o, begin, file("keys", 1), data("a"), file("plan.db", 1), data("c"),
                       file("private-0000000000000001", 1), data("d"), file("private-0000000000000000", 1)),
                  CP_OK, "out of order");
    cr_assert_neq(TAKE(&o, begin, file("keys", 1), data("a"), file("plan.db", 1), data("c"),
                       file("private-0000000000000001", 1), data("d"), file("private-0000000000000001", 1)),
                  CP_OK, "twice");
}

Test(backup, sizes_tell_little)
{
    for (uint64_t used = 1; used < 40000000; used += used / 97 + 1) {
        uint64_t size = cp_backup_size(used);
        cr_assert(size >= used && (size == used || size - used > CP_BUNDLE_FRAME_EXTRA), "%llu", (unsigned long long)used);
        cr_assert(size <= used + used / 4 + 65536);
        uint64_t step = 1;
        while (size % (step * 2) == 0)
            step *= 2;
        cr_assert(step * 32 >= size, "few sizes: %llu", (unsigned long long)size);
    }
}
