/* The database as of one moment, read in pieces while the store goes on. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/group.h"

/* Copies the frozen file in pieces; `meanwhile` is called after each. */
static void copy_frozen(struct cp_store *s, uint64_t size, const char *to, void (*meanwhile)(void *ctx), void *ctx)
{
    uint8_t piece[1024];
    FILE *f = fopen(to, "wb");
    cr_assert_not_null(f);
    for (uint64_t at = 0; at < size; at += sizeof piece) {
        size_t len = size - at < sizeof piece ? (size_t)(size - at) : sizeof piece;
        cr_assert_eq(cp_store_frozen(s, at, piece, len), CP_OK);
        cr_assert_eq(fwrite(piece, 1, len, f), len);
        meanwhile(ctx);
    }
    (void)fclose(f);
}

struct busy {
    struct cp_store *s;
    struct someone a;
    uint8_t plan[CP_ID_LEN];
    unsigned written;
};

static void write_more(void *ctx)
{
    struct busy *b = ctx;
    uint8_t item[CP_ID_LEN];
    for (unsigned i = 0; i < 80 && b->written < 400; i++, b->written++)
        group_item(b->s, &b->a, b->plan, "a text that is long enough to fill the pages of the log file before long", item);
}

static void state_of(struct cp_store *s, const uint8_t *plan, uint8_t log[CP_ID_LEN])
{
    uint64_t entries;
    cr_assert_eq(cp_store_log_digest(s, plan, &entries, log), CP_OK);
}

Test(freeze, what_is_read_is_of_one_moment)
{
    const char *folder = folder_make(), *path = in_folder(folder, "db"), *copy = in_folder(folder, "copy");
    struct busy b = {.s = store_at(path, 1, NULL)};
    uint8_t before[CP_ID_LEN], got[CP_ID_LEN], item[CP_ID_LEN];
    uint64_t size = 0, none = 0;
    bool fresh = false;
    uint8_t incarnation[CP_INCARNATION_LEN];
    someone_make(&b.a, 1);
    group_found(b.s, &b.a, b.plan);
    for (unsigned i = 0; i < 20; i++)
        group_item(b.s, &b.a, b.plan, "before", item);
    state_of(b.s, b.plan, before);
    cr_assert_eq(cp_store_freeze(b.s, &size), CP_OK);
    cr_assert_gt(size, 4 * 4096);
    cr_assert_eq(cp_store_freeze(b.s, &none), CP_ERR_BUSY, "once at a time");
    copy_frozen(b.s, size, copy, write_more, &b);
    cr_assert_eq(b.written, 400, "beyond what SQLite would have brought into the file by itself");
    struct cp_store *other = store_at(copy, 1, NULL);
    state_of(other, b.plan, got);
    cr_assert_eq(memcmp(before, got, sizeof got), 0, "as of the moment");
    cp_store_incarnation(other, incarnation, &fresh);
    cr_assert(fresh, "and it knows that it is a copy");
    cr_assert(group_rebuilds(other));
    cp_store_close(other);
    cp_store_thaw(b.s);
    cp_store_thaw(b.s); /* harmless */
    state_of(b.s, b.plan, before);
    cp_store_close(b.s);
    b.s = store_at(path, 1, NULL);
    state_of(b.s, b.plan, got);
    cr_assert_eq(memcmp(before, got, sizeof got), 0, "nothing written meanwhile was lost");
    cp_store_close(b.s);
    folder_remove(folder);
}

Test(freeze, not_within_a_transaction_and_not_without)
{
    const char *folder = folder_make();
    struct cp_store *s = store_at(in_folder(folder, "db"), 1, NULL);
    uint64_t size = 0;
    uint8_t byte = 0;
    cr_assert_eq(cp_store_frozen(s, 0, &byte, 1), CP_ERR_IO);
    cr_assert_eq(cp_store_begin(s), CP_OK);
    cr_assert_eq(cp_store_freeze(s, &size), CP_ERR_BUSY);
    cp_store_rollback(s);
    cr_assert_eq(cp_store_freeze(s, &size), CP_OK);
    cr_assert_neq(cp_store_frozen(s, size, &byte, 1), CP_OK, "behind its end");
    cp_store_close(s); /* frozen */
    s = store_at(in_folder(folder, "db"), 1, NULL);
    cp_store_close(s);
    folder_remove(folder);
}
