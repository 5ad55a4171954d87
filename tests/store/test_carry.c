/* Continuations in the store: what is taken over, what comes by chunks of each depth, what lies beyond the heads, what is not ours. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/group.h"
#include "tests/support/heap.h"

static const char *folder;
static struct cp_store *s, *t;
static struct someone a, b;
static uint8_t old[CP_ID_LEN], new[CP_ID_LEN], item[CP_ID_LEN];
static struct cp_buf first; /* the continuation's */

static void before(void)
{
    cp_store_one_thread();
    folder = folder_make();
    someone_make(&a, 1);
    someone_make(&b, 2);
    s = store_at(in_folder(folder, "s"), 1, NULL);
    t = store_at(in_folder(folder, "t"), 2, NULL);
    group_found(s, &a, old);
    group_add(s, &a, old, &b, 1);
    group_item(s, &a, old, "as it was", item);
    group_carry(s, t, old);
    cp_buf_init(&first, test_mem(), CP_ENTRY_MAX);
}

static void after(void)
{
    cp_buf_clear(&first);
    cp_store_close(s);
    cp_store_close(t);
    folder_remove(folder);
}

TestSuite(carry, .init = before, .fini = after);

static int by_id(const void *x, const void *y)
{
    return memcmp(x, y, CP_ID_LEN);
}

static void begin(void)
{
    uint8_t heads[8][CP_ID_LEN], people[2][CP_ID_LEN], plans[1][CP_ID_LEN];
    size_t count = 0;
    memcpy(plans[0], old, CP_ID_LEN);
    memcpy(people[0], a.person, CP_ID_LEN);
    memcpy(people[1], b.person, CP_ID_LEN);
    qsort(people, 2, CP_ID_LEN, by_id);
    for (unsigned class = CP_CONTROL; class <= CP_CONTENT; class++) {
        uint8_t(*ids)[CP_ID_LEN] = NULL;
        size_t n = 0;
        cr_assert_eq(cp_store_heads(s, old, (enum cp_class)class, &ids, &n), CP_OK);
        for (size_t i = 0; i < n; i++)
            memcpy(heads[count++], ids[i], CP_ID_LEN);
        cp_free(test_mem(), ids);
    }
    qsort(heads, count, CP_ID_LEN, by_id);
    cr_assert_eq(cp_continue_write((const uint8_t(*)[CP_ID_LEN])plans, 1, (const uint8_t(*)[CP_ID_LEN])heads, count,
                                   (const uint8_t(*)[CP_ID_LEN])people, 2, &first), CP_OK);
    cr_assert_eq(cp_store_begin(s), CP_OK);
    cr_assert_eq(cp_store_continue(s, &a.signer, a.device, old, cp_buf_bytes(&first), 9, new), CP_OK);
    cr_assert_eq(cp_store_commit(s), CP_OK);
}

static bool yes(void *ctx, const struct cp_continuation *from)
{
    (void)ctx;
    return cp_id_list_has(&from->people, b.person);
}

/* One chunk of `rows` as whatever depth is said; how it is taken. */
static enum cp_err give(struct cp_store *from, struct cp_store *to, const uint64_t *rows, size_t count, const uint8_t *origin,
                        unsigned as_depth, size_t *taken)
{
    struct cp_chunk chunk;
    struct cp_put_result result;
    struct cp_buf payload;
    cp_buf_init(&payload, test_mem(), CP_CHUNK_MAX * 2);
    cr_assert_eq(cp_chunk_build(&cp_store_replica(from)->source, test_mem(), rows, count, &payload, taken), CP_OK);
    cr_assert_eq(cp_chunk_read(&chunk, test_mem(), cp_buf_bytes(&payload), origin), CP_OK);
    chunk.depth = as_depth;
    enum cp_err err = cp_store_put(to, new, &chunk, false, &result);
    cp_chunk_clear(&chunk);
    cp_buf_clear(&payload);
    return err;
}

static void carry_new(void)
{
    size_t count = 0, taken = 0;
    uint64_t *rows = group_rows(s, new, &count);
    for (size_t at = 0; at < count; at += taken) {
        struct cp_outgoing out;
        uint8_t origin[CP_ID_LEN];
        cr_assert_eq(cp_store_replica(s)->source.entry(s, rows[at], &out), CP_OK);
        unsigned depth = out.depth;
        cr_assert_eq(cp_store_origin(s, new, depth, origin), CP_OK);
        cr_assert_eq(give(s, t, rows + at, count - at, origin, depth, &taken), CP_OK);
    }
    free(rows);
}

static bool is_void(struct cp_store *in, const uint8_t *plan, const uint8_t *id)
{
    struct cp_loaded l;
    cr_assert_eq(cp_store_entry(in, plan, id, &l), CP_OK);
    bool is = l.info[0].is_void;
    cp_loaded_clear(&l);
    return is;
}

Test(carry, the_past_is_there_as_it_is)
{
    uint64_t were = 0, are = 0;
    uint8_t digest[CP_ID_LEN], same[CP_ID_LEN];
    cr_assert_eq(cp_store_log_digest(s, old, &were, digest), CP_OK);
    begin();
    cr_assert_eq(cp_store_log_digest(s, new, &are, same), CP_OK);
    cr_assert_eq(are, were + 1, "the past and the first entry");
    cr_assert_eq(cp_store_log_digest(s, old, &are, same), CP_OK);
    cr_assert(are == were && memcmp(same, digest, CP_ID_LEN) == 0, "the old plan is as it was");
    cr_assert(!is_void(s, new, item));
    cr_assert(group_rebuilds(s));
}

Test(carry, offered_to_somebody_here_it_is_taken_over)
{
    bool take = false;
    uint64_t entries = 0;
    uint8_t digest[CP_ID_LEN];
    begin();
    cr_assert_eq(cp_store_offered(t, new, cp_buf_bytes(&first), &take), CP_OK);
    cr_assert(!take, "nobody here was asked about");
    cp_store_offers(t, yes, NULL);
    for (size_t cut = 0; cut < first.len; cut++) {
        cr_assert_eq(cp_store_offered(t, new, CP_BYTES(first.ptr, cut), &take), CP_OK);
        cr_assert(!take, "cut at %zu", cut);
    }
    cr_assert_eq(cp_store_offered(t, new, cp_buf_bytes(&first), &take), CP_OK);
    cr_assert(take);
    cr_assert_eq(cp_store_log_digest(t, new, &entries, digest), CP_OK);
    cr_assert_gt(entries, 0U, "what was held of the old plan");
    carry_new();
    cr_assert(group_same(s, t, new));
    cr_assert(group_rebuilds(t));
}

Test(carry, what_lies_beyond_the_heads_is_void)
{
    uint8_t later[CP_ID_LEN];
    bool take = false;
    size_t count = 0, taken = 0;
    begin();
    cp_store_offers(t, yes, NULL);
    cr_assert_eq(cp_store_offered(t, new, cp_buf_bytes(&first), &take), CP_OK);
    carry_new();
    group_item(s, &a, old, "after they went on", later);
    uint64_t *rows = group_rows(s, old, &count);
    cr_assert_eq(give(s, t, &rows[count - 1], 1, old, 1, &taken), CP_OK, "R1 looks at nothing of this");
    free(rows);
    cr_assert(is_void(t, new, later));
    cr_assert(!is_void(t, new, item));
    cr_assert(group_rebuilds(t));
}

Test(carry, a_depth_that_the_line_does_not_have_is_refused)
{
    bool take = false;
    size_t count = 0, taken = 0;
    begin();
    cp_store_offers(t, yes, NULL);
    cr_assert_eq(cp_store_offered(t, new, cp_buf_bytes(&first), &take), CP_OK);
    uint64_t *rows = group_rows(s, old, &count);
    uint8_t later[CP_ID_LEN];
    free(rows);
    group_item(s, &a, old, "later", later);
    rows = group_rows(s, old, &count);
    cr_assert_eq(give(s, t, &rows[count - 1], 1, old, 2, &taken), CP_ERR_WRONG_PLAN);
    free(rows);
}
