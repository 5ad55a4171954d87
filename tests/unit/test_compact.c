/* The compact form of chunks: what comes out is what went in, whatever else comes in is refused within bounds. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "proto/compact.h"
#include "proto/frame.h"
#include "tests/support/replica.h"
#include "tests/support/shortage.h"

/* ---- A chunk, and what both sides know beside it ---- */

enum { BOTH_HOLD = 7 }; /* of the first entries; names are the chains of the replica, in its order */

struct book {
    struct replica r;
    struct device d[4];
    struct cp_buf full, compact;
    enum cp_class class;
    size_t told;  /* branches */
    bool nothing; /* neither side knows what the other holds */
};

static uint64_t held(void *ctx, uint64_t name)
{
    const struct book *b = ctx;
    uint64_t most = 0;
    for (size_t i = 0; i < BOTH_HOLD && !b->nothing; i++)
        if (b->r.entries[i].chain == name && b->r.entries[i].head.seq > most)
            most = b->r.entries[i].head.seq;
    return most;
}

static enum cp_err find(void *ctx, const uint8_t id[CP_ID_LEN], struct cp_place *out, bool *found)
{
    const struct book *b = ctx;
    const struct cp_replica *r = &b->r.iface;
    enum cp_err err = r->place_of(r->ctx, b->r.plan, id, out, found);
    *found = *found && out->seq <= held(ctx, out->chain);
    return err;
}

static enum cp_err at(void *ctx, uint64_t name, uint64_t seq, struct cp_place *out, bool *found)
{
    const struct book *b = ctx;
    struct replica there = b->r; /* the other side: without what the chunk brings */
    there.count = b->nothing ? 0 : BOTH_HOLD;
    return b->r.iface.place_at(&there, b->r.plan, name, seq, out, found);
}

static enum cp_err brought(void *ctx, const struct cp_compact_row *row)
{
    struct book *b = ctx;
    cr_assert_leq(row->first, row->last);
    b->told++;
    return CP_OK;
}

static struct cp_compact_look look_of(struct book *b)
{
    return (struct cp_compact_look){.find = find, .at = at, .held = held, .brought = brought, .ctx = b};
}

/* kind, references to these entries and 40 bytes nobody holds; the words as asked for. */
static void write(struct book *b, unsigned device, uint64_t seq, size_t elements, const size_t *refs, size_t count,
                  const char *text)
{
    struct cp_buf frame, words;
    uint8_t stranger[CP_ID_LEN], salt[CP_SALT_LEN];
    memset(stranger, 0xee, sizeof stranger);
    memset(salt, (int)(b->r.count & 0x7f), sizeof salt);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    cp_buf_init(&words, &replica_mem, CP_ENTRY_MAX);
    cp_put_array(&frame, elements);
    cp_put_uint(&frame, 66);
    cp_put_array(&frame, count + 1);
    for (size_t i = 0; i < count; i++)
        cp_put_fixed(&frame, b->r.entries[refs[i]].id, CP_ID_LEN);
    cp_put_fixed(&frame, stranger, sizeof stranger);
    for (size_t i = 2; i < elements; i++) {
        cp_put_array(&frame, 2);
        cp_put_uint(&frame, i);
        cp_put_cstr(&frame, "how");
    }
    if (text != NULL && text[0] != '\0') {
        cp_put_array(&words, 3);
        cp_put_fixed(&words, salt, sizeof salt);
        cp_put_cstr(&words, text);
        cp_put_int(&words, -5);
    } else if (text != NULL) {
        cp_buf_put_str(&words, "not in the profile at all");
    }
    replica_write_body(&b->r, &b->d[device], CP_CONTENT, seq, cp_buf_bytes(&frame), cp_buf_bytes(&words));
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
}

/* Two chains that both hold and one that is new, a fork of an old entry and one inside the chunk, every sort of words. */
static void fill(struct book *b)
{
    static const size_t refs[] = {1, 2, 7, 8, 3, 1};
    memset(b, 0, sizeof *b);
    b->class = CP_CONTENT;
    replica_init(&b->r, 1);
    for (unsigned i = 0; i < 4; i++)
        device_make(&b->d[i], i + 1);
    cp_buf_init(&b->full, &replica_mem, CP_MESSAGE_MAX);
    cp_buf_init(&b->compact, &replica_mem, CP_MESSAGE_MAX);
    replica_found(&b->r, &b->d[0]);
    for (unsigned i = 1; i < BOTH_HOLD; i++)
        write(b, i % 2, 0, 5, refs, i > 2 ? 2 : 0, "as it was");
    write(b, 0, 0, 5, refs, 2, "now it is so");
    write(b, 1, 0, 5, refs, 2, "and so");
    write(b, 2, 0, 2, refs, 4, NULL);
    write(b, 2, 0, 7, refs, 6, "");
    write(b, 1, 3, 5, refs, 0, "another branch from long ago");
    write(b, 2, 2, 5, refs, 3, "another branch from just now");
    write(b, 2, 0, 5, refs, 3, "which goes on");
}

static void clear(struct book *b)
{
    cp_buf_clear(&b->full);
    cp_buf_clear(&b->compact);
    replica_clear(&b->r);
}

static bool pack(struct book *b, size_t from, size_t count)
{
    const struct cp_compact_look look = look_of(b);
    uint64_t rows[64];
    size_t taken = 0;
    bool packed = false;
    cr_assert_leq(count, 64);
    for (size_t i = 0; i < count; i++)
        rows[i] = from + i;
    cp_buf_reset(&b->full);
    cp_buf_reset(&b->compact);
    cr_assert_eq(cp_chunk_build(&b->r.iface.source, &replica_mem, rows, count, &b->full, &taken), CP_OK);
    cr_assert_eq(taken, count);
    cr_assert_eq(cp_compact_pack(&look, &replica_mem, b->r.plan, b->class, cp_buf_bytes(&b->full), &b->compact, &packed),
                 CP_OK);
    return packed;
}

static enum cp_err unpack(struct book *b, struct cp_bytes compact, struct cp_buf *out)
{
    const struct cp_compact_look look = look_of(b);
    cp_buf_reset(out);
    return cp_compact_unpack(&look, &replica_mem, b->r.plan, b->class, compact, out);
}

/* ---- There and back ---- */

static void back_again(struct book *b)
{
    struct cp_buf out;
    struct cp_chunk c;
    size_t told = b->told;
    cp_buf_init(&out, &replica_mem, CP_MESSAGE_MAX);
    b->told = 0;
    enum cp_err err = unpack(b, cp_buf_bytes(&b->compact), &out);
    cr_assert_eq(err, CP_OK, "%s, class %d, nothing %d", cp_err_word(err), b->class, b->nothing);
    cr_assert(cp_bytes_eq(cp_buf_bytes(&out), cp_buf_bytes(&b->full)));
    cr_assert_eq(b->told, told, "both are told of the same branches");
    cr_assert_eq(cp_chunk_read(&c, &replica_mem, cp_buf_bytes(&out), b->r.plan), CP_OK);
    cp_chunk_clear(&c);
    cp_buf_clear(&out);
}

Test(compact, every_shape_comes_back_byte_for_byte)
{
    struct book b;
    fill(&b);
    cr_assert(pack(&b, BOTH_HOLD, b.r.count - BOTH_HOLD));
    cr_assert_eq(b.told, 5, "two that go on, one new, two that fork");
    cr_assert_leq(2 * b.compact.len, b.full.len);
    back_again(&b);
    size_t known = b.compact.len;
    b.told = 0;
    b.nothing = true; /* as when one side holds nothing of the plan */
    cr_assert(pack(&b, BOTH_HOLD, b.r.count - BOTH_HOLD));
    back_again(&b);
    cr_assert_gt(b.compact.len, known + 100, "ids that the other is not known to hold stand there in full");
    b.told = 0;
    b.class = CP_CONTROL;
    for (int i = 0; i < 6; i++)
        replica_write(&b.r, &b.d[0], CP_CONTROL, 0);
    cr_assert(pack(&b, b.r.count - 6, 6));
    back_again(&b);
    clear(&b);
}

Test(compact, what_it_cannot_say_travels_in_full)
{
    struct book b;
    fill(&b);
    b.class = CP_CONTROL; /* the chunk holds content */
    cr_assert(!pack(&b, BOTH_HOLD, 2));
    cr_assert_eq(b.told, 0);
    clear(&b);
}

Test(compact, withdrawn_words_leave_their_hash)
{
    struct book b;
    uint8_t hash[CP_ID_LEN];
    fill(&b);
    cr_assert(pack(&b, BOTH_HOLD, b.r.count - BOTH_HOLD));
    size_t with = b.compact.len;
    struct cp_entry *e = &b.r.entries[BOTH_HOLD].entry;
    cp_words_hash(e->words, hash);
    e->words = CP_BYTES(NULL, 0);
    e->words_hash = CP_BYTES(hash, sizeof hash);
    b.told = 0;
    cr_assert(pack(&b, BOTH_HOLD, b.r.count - BOTH_HOLD));
    back_again(&b);
    cr_assert_leq(b.compact.len, with + 40, "a hash in the place of a salt and what was said");
    clear(&b);
}

/* ---- What is not a chunk ---- */

Test(compact, cut_at_every_byte_and_with_every_bit_flipped)
{
    struct book b;
    struct cp_buf out;
    fill(&b);
    cr_assert(pack(&b, BOTH_HOLD, b.r.count - BOTH_HOLD));
    cp_buf_init(&out, &replica_mem, CP_MESSAGE_MAX);
    for (size_t len = 0; len < b.compact.len; len++) {
        uint8_t *cut = malloc(len + 1); /* of exactly that length, so that a read past the end is seen */
        cr_assert_not_null(cut);
        memcpy(cut, b.compact.ptr, len);
        cr_assert_neq(unpack(&b, CP_BYTES(cut, len), &out), CP_OK, "%zu bytes", len);
        free(cut);
    }
    for (size_t bit = 0; bit < b.compact.len * 8; bit++) {
        b.compact.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        enum cp_err err = unpack(&b, cp_buf_bytes(&b.compact), &out);
        if (err == CP_OK) /* a bit that says nothing; or of a signature, which chunk_read judges */
            cr_assert_eq(out.len, b.full.len);
        else
            cr_assert_eq(cp_err_class(err), CP_CLASS_PEER, "bit %zu: %s", bit, cp_err_word(err));
        b.compact.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cp_buf_clear(&out);
    clear(&b);
}

/* The columns, opened; and the same closed again behind a check. */
static struct cp_bytes open_columns(const struct book *b, uint8_t *space, size_t len)
{
    size_t got = ZSTD_decompress(space, len, b->compact.ptr + CP_COMPACT_CHECK_LEN,
                                 b->compact.len - CP_COMPACT_CHECK_LEN);
    cr_assert(!ZSTD_isError(got));
    return CP_BYTES(space, got);
}

static enum cp_err closed(struct book *b, struct cp_bytes columns, struct cp_buf *out)
{
    static uint8_t payload[1 << 16];
    memcpy(payload, b->compact.ptr == NULL ? (const uint8_t *)"0000" : b->compact.ptr, CP_COMPACT_CHECK_LEN);
    size_t len = ZSTD_compress(payload + CP_COMPACT_CHECK_LEN, sizeof payload - CP_COMPACT_CHECK_LEN, columns.ptr,
                               columns.len, 1);
    cr_assert(!ZSTD_isError(len));
    return unpack(b, CP_BYTES(payload, CP_COMPACT_CHECK_LEN + len), out);
}

Test(compact, columns_with_every_bit_flipped)
{
    static uint8_t space[1 << 16];
    struct book b;
    struct cp_buf out;
    size_t same = 0;
    fill(&b);
    cr_assert(pack(&b, BOTH_HOLD, 5));
    cp_buf_init(&out, &replica_mem, CP_MESSAGE_MAX);
    struct cp_bytes columns = open_columns(&b, space, sizeof space);
    cr_assert_eq(closed(&b, columns, &out), CP_OK);
    for (size_t bit = 0; bit < columns.len * 8; bit++) {
        space[bit / 8] ^= (uint8_t)(1U << bit % 8);
        enum cp_err err = closed(&b, columns, &out);
        cr_assert(err == CP_OK || cp_err_class(err) == CP_CLASS_PEER, "bit %zu: %s", bit, cp_err_word(err));
        same += err == CP_OK;
        space[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cr_assert_leq(same, 4 * CP_SIG_LEN * 8, "only signatures are beyond the check: %zu", same);
    cp_buf_clear(&out);
    clear(&b);
}

Test(compact, claims_are_bounded)
{
    static uint8_t zeros[4 * 1024 * 1024], payload[1 << 16];
    struct book b;
    struct cp_buf out;
    fill(&b);
    cp_buf_init(&out, &replica_mem, CP_MESSAGE_MAX);
    static const size_t sizes[] = {CP_CHUNK_MAX + 1, sizeof zeros};
    size_t before = replica_bytes;
    replica_bytes_most = before;
    for (size_t i = 0; i < 2; i++) { /* four megabytes in a few hundred bytes */
        size_t len = ZSTD_compress(payload + 4, sizeof payload - 4, zeros, sizes[i], 3);
        cr_assert_eq(unpack(&b, CP_BYTES(payload, 4 + len), &out), CP_ERR_TOO_BIG);
        cr_assert_eq(replica_bytes_most, before, "nothing is allocated by a claim");
    }
    ZSTD_CCtx *z = ZSTD_createCCtx();
    cr_assert(!ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_contentSizeFlag, 0)));
    size_t len = ZSTD_compress2(z, payload + 4, sizeof payload - 4, zeros, 1000);
    (void)ZSTD_freeCCtx(z);
    cr_assert_eq(unpack(&b, CP_BYTES(payload, 4 + len), &out), CP_ERR_BAD_VALUE, "it does not say how large it is");
    len = ZSTD_compress(payload + 4, sizeof payload - 4, zeros, CP_CHUNK_MAX, 3);
    cr_assert_eq(unpack(&b, CP_BYTES(payload, 4 + len), &out), CP_ERR_BAD_VALUE, "no entries");
    payload[4 + 5] ^= 0x40; /* less than there is */
    cr_assert_neq(unpack(&b, CP_BYTES(payload, 4 + len), &out), CP_OK);
    cp_buf_clear(&out);
    cr_assert_eq(replica_bytes, before);
    clear(&b);
}

/* ---- Columns made by hand ---- */

enum { WHO, BRANCHES, LAMPORT, TIME, PARENTS, SHAPE, REF_KIND, REF_VALUE, TAIL, TEXT, RAW, COLUMNS };
struct hand {
    struct cp_buf column[COLUMNS];
    size_t count;
};

static void hand_init(struct hand *h)
{
    h->count = 0;
    for (int i = 0; i < COLUMNS; i++)
        cp_buf_init(&h->column[i], &replica_mem, CP_MESSAGE_MAX);
}

static void number(struct cp_buf *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        cp_buf_put_byte(b, (uint8_t)(0x80 | (v & 0x7f)));
    cp_buf_put_byte(b, (uint8_t)v);
}

/* An entry of one new branch with `refs` references back by one; without words. */
static void entry(struct hand *h, size_t refs, uint64_t back)
{
    number(&h->column[WHO], 1);
    if (h->count++ == 0) {
        h->column[WHO].len--;
        number(&h->column[WHO], 1);
        number(&h->column[BRANCHES], 0);
        number(&h->column[BRANCHES], 0);
        (void)cp_buf_space(&h->column[RAW], CP_KEY_LEN + CP_INCARNATION_LEN);
    }
    number(&h->column[LAMPORT], 0);
    number(&h->column[TIME], 0);
    number(&h->column[PARENTS], 1);
    number(&h->column[SHAPE], 2 * 2 + 1);
    number(&h->column[SHAPE], 2);
    number(&h->column[SHAPE], refs);
    number(&h->column[SHAPE], 0);
    for (size_t i = 0; i < refs; i++) {
        number(&h->column[REF_KIND], 1);
        number(&h->column[REF_VALUE], back);
    }
    (void)cp_buf_space(&h->column[RAW], CP_SIG_LEN);
}

static enum cp_err hand_in(struct book *b, struct hand *h, struct cp_buf *out)
{
    struct cp_buf all;
    cp_buf_init(&all, &replica_mem, CP_MESSAGE_MAX);
    number(&all, h->count);
    for (int i = 0; i < RAW; i++)
        number(&all, h->column[i].len);
    for (int i = 0; i < COLUMNS; i++)
        cp_buf_put_bytes(&all, cp_buf_bytes(&h->column[i]));
    enum cp_err err = closed(b, cp_buf_bytes(&all), out);
    cp_buf_clear(&all);
    for (int i = 0; i < COLUMNS; i++)
        cp_buf_clear(&h->column[i]);
    return err;
}

Test(compact, references_stay_within_what_is_held)
{
    static const struct {
        uint64_t kind, value;
        enum cp_err err;
    } cases[] = {
        {1, 0, CP_ERR_MISSING_PARENT},     /* itself */
        {1, 3, CP_ERR_MISSING_PARENT},     /* before the first */
        {1, 1ULL << 40, CP_ERR_MISSING_PARENT},
        {2 + 99, 1, CP_ERR_MISSING_PARENT}, /* a chain without a name */
        {2 + 1, 999, CP_ERR_MISSING_PARENT}, /* not so far */
        {2 + 1, 0, CP_ERR_MISSING_PARENT},
        {1ULL << 62, 1, CP_ERR_MISSING_PARENT},
        {1, 1, CP_ERR_BAD_VALUE},          /* good: but for the check */
        {2 + 1, 1, CP_ERR_BAD_VALUE},
    };
    struct book b;
    struct cp_buf out;
    struct hand h;
    fill(&b);
    cp_buf_init(&out, &replica_mem, CP_MESSAGE_MAX);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hand_init(&h);
        entry(&h, 0, 0);
        entry(&h, 0, 0);
        entry(&h, 1, cases[i].value);
        cp_buf_reset(&h.column[REF_KIND]);
        number(&h.column[REF_KIND], cases[i].kind);
        cr_assert_eq(hand_in(&b, &h, &out), cases[i].err, "case %zu", i);
    }
    for (uint64_t named = 1; named < 9; named += 7) { /* a branch that goes on from below nothing, or of no chain */
        hand_init(&h);
        entry(&h, 0, 0);
        cp_buf_reset(&h.column[BRANCHES]);
        number(&h.column[BRANCHES], named);
        number(&h.column[BRANCHES], 500);
        cr_assert_eq(hand_in(&b, &h, &out), CP_ERR_BAD_VALUE);
    }
    hand_init(&h);
    entry(&h, 0, 0);
    cp_buf_reset(&h.column[WHO]);
    number(&h.column[WHO], 2 * 3); /* a branch that nobody began */
    cr_assert_eq(hand_in(&b, &h, &out), CP_ERR_BAD_VALUE);
    hand_init(&h);
    entry(&h, 0, 0);
    h.count = CP_CHUNK_ENTRIES_MAX + 1;
    cr_assert_eq(hand_in(&b, &h, &out), CP_ERR_BAD_VALUE);
    hand_init(&h);
    entry(&h, 0, 0);
    h.count = CP_CHUNK_ENTRIES_MAX; /* more than there are */
    cr_assert_eq(hand_in(&b, &h, &out), CP_ERR_TRUNCATED);
    cp_buf_clear(&out);
    clear(&b);
}

/* 34 bytes for two: what a chunk becomes is counted while it grows. */
Test(compact, the_full_size_is_counted)
{
    struct book b;
    struct cp_buf out;
    struct hand h;
    fill(&b);
    cp_buf_init(&out, &replica_mem, CP_MESSAGE_MAX);
    hand_init(&h);
    entry(&h, 0, 0);
    for (size_t i = 0; i < 20; i++) /* 700 KB: less than a message */
        entry(&h, CP_REFS_MAX, 1);
    size_t before = replica_bytes;
    replica_bytes_most = before;
    cr_assert_eq(hand_in(&b, &h, &out), CP_ERR_TOO_BIG);
    cr_assert_leq(replica_bytes_most - before, 4U * 1024 * 1024);
    cp_buf_clear(&out);
    clear(&b);
}

/* ---- Memory, and the document ---- */

static struct book sweep_book;

static enum cp_err act_pack(const struct cp_mem *mem, void *ctx)
{
    struct book *b = ctx;
    struct cp_buf out;
    bool packed = false;
    const struct cp_compact_look look = look_of(b);
    cp_buf_init(&out, mem, CP_MESSAGE_MAX);
    enum cp_err err = cp_compact_pack(&look, mem, b->r.plan, b->class, cp_buf_bytes(&b->full), &out, &packed);
    if (err == CP_OK && !(packed && cp_bytes_eq(cp_buf_bytes(&out), cp_buf_bytes(&b->compact))))
        err = CP_ERR_BAD_MESSAGE;
    cp_buf_clear(&out);
    return err;
}

static enum cp_err act_unpack(const struct cp_mem *mem, void *ctx)
{
    struct book *b = ctx;
    struct cp_buf out;
    const struct cp_compact_look look = look_of(b);
    cp_buf_init(&out, mem, CP_MESSAGE_MAX);
    enum cp_err err = cp_compact_unpack(&look, mem, b->r.plan, b->class, cp_buf_bytes(&b->compact), &out);
    if (err == CP_OK && !cp_bytes_eq(cp_buf_bytes(&out), cp_buf_bytes(&b->full)))
        err = CP_ERR_BAD_MESSAGE;
    cp_buf_clear(&out);
    return err;
}

Test(compact, memory_gives_out_at_every_call)
{
    fill(&sweep_book);
    cr_assert(pack(&sweep_book, BOTH_HOLD, sweep_book.r.count - BOTH_HOLD));
    cr_assert_gt(shortage_sweep("pack", act_pack, &sweep_book), 10);
    cr_assert_gt(shortage_sweep("unpack", act_unpack, &sweep_book), 8);
    clear(&sweep_book);
}

static void hex_of(struct cp_bytes b, char *out)
{
    cr_assert_leq(b.len, 300);
    cp_hex_encode(b.ptr, b.len, out);
}

/* The worked example of docs/protocol-session.md, made again. */
Test(compact, the_example_in_the_document)
{
    static char text[65536];
    static uint8_t space[1 << 16];
    char path[1024], line[1100], hex[601];
    const char *root = getenv("COPLAN_SRC");
    struct book b;
    struct cp_buf frame, words;
    uint8_t salt[CP_SALT_LEN];
    memset(&b, 0, sizeof b);
    memset(salt, 0x55, sizeof salt);
    b.class = CP_CONTENT;
    replica_init(&b.r, 1);
    device_make(&b.d[0], 1);
    for (struct cp_buf *each = &b.full; each <= &b.compact; each++)
        cp_buf_init(each, &replica_mem, CP_MESSAGE_MAX);
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    cp_buf_init(&words, &replica_mem, CP_ENTRY_MAX);
    replica_found(&b.r, &b.d[0]);
    for (size_t i = 0; i < 2; i++) { /* an item, and an edit of its text that replaces the first */
        struct cp_draft *d = malloc(sizeof *d);
        cr_assert_not_null(d);
        cp_draft_init(d, &replica_mem, i == 0 ? CP_KIND_ITEM : CP_KIND_SET, i == 0 ? CP_RECORD_ACTION : 0,
                      i == 0 ? NULL : b.r.entries[1].id);
        if (i == 1)
            cp_draft_replace(d, b.r.entries[1].id);
        cp_draft_text(d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str(i == 0 ? "A bench" : "A bench by the river"));
        cp_buf_reset(&frame);
        cp_buf_reset(&words);
        cr_assert_eq(cp_draft_write(d, salt, &frame, &words), CP_OK);
        replica_write_body(&b.r, &b.d[0], CP_CONTENT, 0, cp_buf_bytes(&frame), cp_buf_bytes(&words));
        cp_draft_clear(d);
        free(d);
    }
    cr_assert(pack(&b, 2, 1)); /* the item is held by both */
    back_again(&b);
    (void)snprintf(path, sizeof path, "%s/docs/protocol-session.md", root != NULL ? root : ".");
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size_t len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    cr_assert_gt(len, 0);
    hex_of(CP_BYTES(b.compact.ptr, CP_COMPACT_CHECK_LEN), hex);
    (void)snprintf(line, sizeof line, "\ncheck    %s\n", hex);
    cr_expect_not_null(strstr(text, line), "%s", line);
    hex_of(open_columns(&b, space, sizeof space), hex);
    (void)snprintf(line, sizeof line, "\ncolumns  %s\n", hex);
    cr_expect_not_null(strstr(text, line), "%s", line);
    cp_buf_clear(&frame);
    cp_buf_clear(&words);
    clear(&b);
}
