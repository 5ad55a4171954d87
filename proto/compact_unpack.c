/*
 * Columns to form 0: hostile bytes in. Owns: the bounds of what they may claim. Must not: allocate by a claim (the
 * frame's stated size is capped, the count of entries and the full size too), or trust that it is right: the check and
 * then the signatures tell.
 */
#include <string.h>

#include "proto/compact_internal.h"

struct branch {
    struct cp_compact_row told;
    uint8_t tail[CP_ID_LEN];
    uint64_t lamport; /* of the tail; 0: not known here */
};
struct known {
    bool asked, found;
    uint64_t name, seq;
    struct cp_place place;
};
enum { KNOWN_SLOTS = 256 };

struct unpack {
    const struct cp_compact_look *look;
    const struct cp_mem *mem;
    const uint8_t *plan;
    enum cp_class class;
    struct cp_bytes columns[COLUMN_COUNT]; /* what is left of each */
    enum cp_err err;                       /* the first; after it everything reads as zeros */
    struct cp_table *table;
    uint8_t (*ids)[CP_ID_LEN];
    uint64_t *lamports;
    struct branch *branches;
    size_t branches_count, count, at;
    uint64_t time_ms;
    struct cp_ref parents[CP_PARENTS_MAX]; /* of the entry before */
    size_t parents_count;
    size_t bytes; /* counted in full */
    struct known *known;
    struct cp_header *header;
    struct cp_buf header_bytes, frame, words;
    const uint8_t *words_hash; /* of withdrawn words; NULL: they are here */
    uint64_t gone_len;
};

static void fail(struct unpack *u, enum cp_err err)
{
    if (u->err == CP_OK)
        u->err = err;
}

/* Takes len bytes of a column; never NULL. */
static const uint8_t *take(struct unpack *u, enum cp_column column, size_t len)
{
    static const uint8_t zeros[CP_SIG_LEN] = {0};
    struct cp_bytes *c = &u->columns[column];
    if (c->len < len)
        fail(u, CP_ERR_TRUNCATED);
    if (u->err != CP_OK || len == 0)
        return zeros;
    const uint8_t *p = c->ptr;
    *c = CP_BYTES(p + len, c->len - len);
    return p;
}

static uint64_t get(struct unpack *u, enum cp_column column, uint64_t max)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        uint8_t b = *take(u, column, 1);
        v |= (uint64_t)(b & 0x7f) << shift;
        if ((b & 0x80) == 0) {
            if (v > max)
                fail(u, CP_ERR_BAD_VALUE);
            return u->err == CP_OK ? v : 0;
        }
    }
    fail(u, CP_ERR_BAD_VALUE); /* ten bytes and more */
    return 0;
}

/* One difference may need 64 bits: the widest is CP_INT_MAX twice over. */
static uint64_t get_difference(struct unpack *u, enum cp_column column, uint64_t from)
{
    uint64_t v = 0, by;
    unsigned shift = 0;
    uint8_t b = 0x80;
    for (; shift < 64 && (b & 0x80) != 0; shift += 7) {
        b = *take(u, column, 1);
        if (shift == 63 && b > 1)
            fail(u, CP_ERR_BAD_VALUE);
        v |= (uint64_t)(b & 0x7f) << shift;
    }
    by = (v >> 1) + (v & 1);
    if ((v & 1) != 0 ? by > from : by > CP_INT_MAX - from)
        fail(u, CP_ERR_BAD_VALUE);
    if (u->err != CP_OK)
        return 0;
    return (v & 1) != 0 ? from - by : from + by;
}

/* The one entry at a place that both sides hold. */
static const struct cp_place *at_place(struct unpack *u, uint64_t name, uint64_t seq)
{
    struct known *k = &u->known[(name % KNOWN_SLOTS * 31 + seq % KNOWN_SLOTS) % KNOWN_SLOTS];
    if (u->err == CP_OK && !(k->asked && k->name == name && k->seq == seq)) {
        *k = (struct known){.asked = true, .name = name, .seq = seq};
        fail(u, u->look->at(u->look->ctx, name, seq, &k->place, &k->found));
    }
    if (!k->found)
        fail(u, CP_ERR_MISSING_PARENT);
    return &k->place;
}

static struct cp_ref get_ref(struct unpack *u, enum cp_column kinds, enum cp_column values)
{
    struct cp_ref r = {.kind = get(u, kinds, CP_INT_MAX)};
    if (r.kind != REF_LITERAL)
        r.value = get(u, values, CP_INT_MAX);
    return r;
}

static void follow(struct unpack *u, const struct cp_ref *r, uint8_t *id, uint64_t *greatest)
{
    uint64_t kind = r->kind, value = r->value, lamport = 0;
    if (kind == REF_LITERAL) {
        memcpy(id, take(u, COLUMN_RAW, CP_ID_LEN), CP_ID_LEN);
        return;
    }
    if (kind == REF_BACK) {
        if (value == 0 || value > u->at)
            fail(u, CP_ERR_MISSING_PARENT);
        if (u->err == CP_OK) {
            memcpy(id, u->ids[u->at - value], CP_ID_LEN);
            lamport = u->lamports[u->at - value];
        }
    } else {
        const struct cp_place *place = at_place(u, kind - REF_NAMED, value);
        memcpy(id, place->id, CP_ID_LEN);
        lamport = place->lamport;
    }
    *greatest = lamport > *greatest ? lamport : *greatest;
}

/* ---- Headers ---- */

static void begin_branch(struct unpack *u)
{
    struct branch *b = &u->branches[u->branches_count];
    uint64_t named = get(u, COLUMN_BRANCHES, CP_INT_MAX), before = get(u, COLUMN_BRANCHES, CP_INT_MAX - 1);
    if (named != 0) {
        uint64_t held = u->err == CP_OK ? u->look->held(u->look->ctx, named - 1) : 0;
        if (before >= held)
            fail(u, CP_ERR_BAD_VALUE);
        before = u->err == CP_OK ? held - before : 0;
    }
    *b = (struct branch){.told = {.fresh = named == 0, .first = before + 1, .last = before}};
    if (named != 0) {
        const struct cp_place *place = at_place(u, named - 1, before);
        b->told.name = named - 1;
        memcpy(b->told.device, place->device, CP_KEY_LEN);
        memcpy(b->told.incarnation, place->incarnation, CP_INCARNATION_LEN);
        memcpy(b->tail, place->id, CP_ID_LEN);
        b->lamport = place->lamport;
    } else {
        memcpy(b->told.device, take(u, COLUMN_RAW, CP_KEY_LEN), CP_KEY_LEN);
        memcpy(b->told.incarnation, take(u, COLUMN_RAW, CP_INCARNATION_LEN), CP_INCARNATION_LEN);
        if (before != 0)
            memcpy(b->tail, take(u, COLUMN_RAW, CP_ID_LEN), CP_ID_LEN);
    }
    u->branches_count++;
}

static void get_parents(struct unpack *u, uint64_t *greatest)
{
    struct cp_header *h = u->header;
    uint64_t count = get(u, COLUMN_PARENTS, 1 + CP_PARENTS_MAX);
    if (count != 0)
        u->parents_count = (size_t)count - 1;
    for (size_t i = 0; i < u->parents_count && count != 0 && u->err == CP_OK; i++)
        u->parents[i] = get_ref(u, COLUMN_PARENTS, COLUMN_PARENTS);
    h->parents_count = u->parents_count;
    for (size_t i = 0; i < u->parents_count && u->err == CP_OK; i++)
        follow(u, &u->parents[i], h->parents[i], greatest);
    cp_id_sort(h->parents, h->parents_count);
}

static struct branch *get_header(struct unpack *u, bool *has_sig)
{
    struct cp_header *h = u->header;
    uint64_t who = get(u, COLUMN_WHO, 2 * (uint64_t)CP_CHUNK_ENTRIES_MAX), greatest;
    if (who >> 1 > u->branches_count)
        fail(u, CP_ERR_BAD_VALUE);
    else if (who >> 1 == u->branches_count)
        begin_branch(u);
    struct branch *b = &u->branches[u->err == CP_OK ? who >> 1 : 0];
    *has_sig = (who & 1) != 0;
    h->rules = CP_RULES_VERSION;
    h->class = u->class;
    memcpy(h->device, b->told.device, CP_KEY_LEN);
    memcpy(h->incarnation, b->told.incarnation, CP_INCARNATION_LEN);
    h->seq = b->told.last + 1;
    memcpy(h->prev, b->tail, CP_ID_LEN);
    greatest = b->lamport;
    get_parents(u, &greatest);
    if (h->seq > CP_INT_MAX || greatest >= CP_INT_MAX)
        fail(u, CP_ERR_BAD_VALUE);
    h->lamport = u->err == CP_OK ? get_difference(u, COLUMN_LAMPORT, greatest + 1) : 0;
    h->time_ms = get_difference(u, COLUMN_TIME, u->time_ms);
    return b;
}

/* ---- Bodies ---- */

/* Moves `count` whole values from a column to a buffer. */
static void move_values(struct unpack *u, enum cp_column column, size_t count, struct cp_buf *to)
{
    struct cp_cursor c;
    cp_cursor_init(&c, u->columns[column], CP_ITEMS_MAX);
    for (size_t i = 0; i < count && c.err == CP_OK; i++)
        (void)cp_get_any(&c, 1);
    if (c.err != CP_OK)
        fail(u, c.err);
    if (u->err == CP_OK) {
        size_t len = u->columns[column].len - cp_cursor_left(&c);
        cp_buf_put(to, take(u, column, len), len);
    }
}

static void get_frame(struct unpack *u)
{
    uint8_t id[CP_ID_LEN] = {0};
    uint64_t ignored = 0;
    cp_buf_reset(&u->frame);
    uint64_t kind = get(u, COLUMN_SHAPE, 2 * (uint64_t)UINT32_MAX + 1);
    size_t elements = (kind & 1) != 0 ? (size_t)get(u, COLUMN_SHAPE, CP_ITEMS_MAX) : FRAME_ELEMENTS;
    kind = (kind >> 1) + (u->class == CP_CONTENT ? FRAME_KIND_CONTENT : 0);
    size_t refs = (size_t)get(u, COLUMN_SHAPE, CP_REFS_MAX);
    if (elements < 2)
        fail(u, CP_ERR_BAD_VALUE);
    cp_put_array(&u->frame, elements);
    cp_put_uint(&u->frame, kind);
    cp_put_array(&u->frame, refs);
    for (size_t i = 0; i < refs && u->err == CP_OK; i++) {
        struct cp_ref r = get_ref(u, COLUMN_REF_KIND, COLUMN_REF_VALUE);
        follow(u, &r, id, &ignored);
        cp_put_fixed(&u->frame, id, CP_ID_LEN);
    }
    if (u->err == CP_OK)
        move_values(u, COLUMN_TAIL, elements - 2, &u->frame);
    fail(u, cp_buf_err(&u->frame));
}

static void get_words(struct unpack *u)
{
    uint64_t shape = get(u, COLUMN_SHAPE, WORDS_SALTED + CP_ITEMS_MAX - 1);
    cp_buf_reset(&u->words);
    u->words_hash = NULL;
    if (shape == WORDS_RAW) {
        size_t len = (size_t)get(u, COLUMN_SHAPE, CP_ENTRY_MAX);
        if (len == 0) {
            u->gone_len = get(u, COLUMN_SHAPE, CP_ENTRY_MAX);
            u->words_hash = take(u, COLUMN_RAW, CP_ID_LEN);
            fail(u, u->gone_len == 0 ? CP_ERR_BAD_VALUE : CP_OK);
            return;
        }
        const uint8_t *bytes = take(u, COLUMN_TEXT, len);
        if (u->err == CP_OK)
            cp_buf_put(&u->words, bytes, len);
    } else if (shape >= WORDS_SALTED) {
        size_t values = (size_t)(shape - WORDS_SALTED);
        cp_put_array(&u->words, 1 + values);
        cp_put_fixed(&u->words, take(u, COLUMN_RAW, CP_SALT_LEN), CP_SALT_LEN);
        move_values(u, COLUMN_TEXT, values, &u->words);
    }
    fail(u, cp_buf_err(&u->words));
}

/* ---- The whole ---- */

static void get_entry(struct unpack *u, struct cp_buf *full)
{
    bool has_sig = false;
    struct cp_header *h = u->header;
    struct branch *b = get_header(u, &has_sig);
    get_frame(u);
    get_words(u);
    const uint8_t *sig = take(u, COLUMN_RAW, has_sig ? CP_SIG_LEN : 0);
    if (u->err != CP_OK)
        return;
    h->frame_len = (uint32_t)u->frame.len;
    bool gone = u->words_hash != NULL;
    h->words_len = gone ? (uint32_t)u->gone_len : (uint32_t)u->words.len;
    if (gone)
        cp_body_hash_erased(cp_buf_bytes(&u->frame), u->words_hash, h->body_hash);
    else
        cp_body_hash(cp_buf_bytes(&u->frame), cp_buf_bytes(&u->words), h->body_hash);
    cp_buf_reset(&u->header_bytes);
    cp_header_encode(h, &u->header_bytes);
    u->bytes += u->header_bytes.len + u->frame.len + (gone ? CP_ID_LEN : u->words.len) + (has_sig ? CP_SIG_LEN : 0);
    if (u->bytes > CP_CHUNK_MAX)
        fail(u, CP_ERR_TOO_BIG);
    fail(u, cp_buf_err(&u->header_bytes));
    if (u->err != CP_OK)
        return;
    cp_chunk_id(u->plan, cp_buf_bytes(&u->header_bytes), h, u->ids[u->at]);
    cp_table_put(u->table, u->ids[u->at], u->at);
    memcpy(b->tail, u->ids[u->at], CP_ID_LEN);
    b->told.last = h->seq;
    b->lamport = u->lamports[u->at] = h->lamport;
    u->time_ms = h->time_ms;
    cp_put_bin(full, cp_buf_bytes(&u->header_bytes));
    cp_put_bin(full, cp_buf_bytes(&u->frame));
    if (gone)
        cp_chunk_put_gone(full, u->words_hash);
    else
        cp_put_bin(full, cp_buf_bytes(&u->words));
    if (has_sig)
        cp_put_fixed(full, sig, CP_SIG_LEN);
    else
        cp_put_nil(full);
    fail(u, cp_buf_err(full));
}

/* Count, lengths, columns; the last is all the rest. */
static void divide(struct unpack *u, struct cp_bytes all)
{
    size_t lengths[COLUMN_RAW];
    u->columns[0] = all;
    u->count = (size_t)get(u, COLUMN_WHO, CP_CHUNK_ENTRIES_MAX);
    for (int i = 0; i < COLUMN_RAW; i++)
        lengths[i] = (size_t)get(u, COLUMN_WHO, CP_CHUNK_MAX);
    struct cp_bytes left = u->columns[0];
    for (int i = 0; i < COLUMN_RAW; i++) {
        if (lengths[i] > left.len)
            fail(u, CP_ERR_TRUNCATED);
        if (u->err != CP_OK)
            return;
        u->columns[i] = CP_BYTES(left.ptr, lengths[i]);
        left = CP_BYTES(left.ptr + lengths[i], left.len - lengths[i]);
    }
    u->columns[COLUMN_RAW] = left;
    if (u->count == 0)
        fail(u, CP_ERR_BAD_VALUE);
}

static void unpack_init(struct unpack *u)
{
    u->table = cp_alloc(u->mem, sizeof *u->table);
    u->ids = cp_alloc_array(u->mem, u->count, sizeof *u->ids);
    u->lamports = cp_alloc_array(u->mem, u->count, sizeof *u->lamports);
    u->branches = cp_alloc_array(u->mem, u->count, sizeof *u->branches);
    u->known = cp_alloc_array(u->mem, KNOWN_SLOTS, sizeof *u->known);
    u->header = cp_alloc(u->mem, sizeof *u->header);
    if (u->table == NULL || u->ids == NULL || u->lamports == NULL || u->branches == NULL || u->known == NULL ||
        u->header == NULL)
        fail(u, CP_ERR_NO_MEMORY);
}

static void unpack_clear(struct unpack *u)
{
    cp_free(u->mem, u->table);
    cp_free(u->mem, u->ids);
    cp_free(u->mem, u->lamports);
    cp_free(u->mem, u->branches);
    cp_free(u->mem, u->known);
    cp_free(u->mem, u->header);
    cp_buf_clear(&u->header_bytes);
    cp_buf_clear(&u->frame);
    cp_buf_clear(&u->words);
}

static void get_entries(struct unpack *u, const uint8_t *check, struct cp_buf *full)
{
    uint8_t made[CP_COMPACT_CHECK_LEN];
    unpack_init(u);
    cp_put_array(full, CP_CHUNK_PARTS * u->count);
    for (; u->at < u->count && u->err == CP_OK; u->at++)
        get_entry(u, full);
    for (int i = 0; i < COLUMN_COUNT && u->err == CP_OK; i++)
        if (u->columns[i].len != 0)
            fail(u, CP_ERR_TRAILING);
    if (u->err != CP_OK)
        return;
    compact_check(u->ids, u->count, made);
    if (memcmp(made, check, sizeof made) != 0)
        fail(u, CP_ERR_BAD_VALUE);
    for (size_t i = 0; i < u->branches_count && u->err == CP_OK; i++)
        fail(u, u->look->brought(u->look->ctx, &u->branches[i].told));
}

enum cp_err cp_compact_unpack(const struct cp_compact_look *look, const struct cp_mem *mem,
                              const uint8_t plan[static CP_ID_LEN], enum cp_class class, struct cp_bytes compact,
                              struct cp_buf *full)
{
    struct unpack u = {.look = look, .mem = mem, .plan = plan, .class = class};
    struct cp_buf all;
    if (compact.len <= CP_COMPACT_CHECK_LEN)
        return CP_ERR_TRUNCATED;
    cp_buf_init(&all, mem, CP_CHUNK_MAX);
    cp_buf_init(&u.header_bytes, mem, CP_HEADER_MAX + 64);
    cp_buf_init(&u.frame, mem, CP_ENTRY_MAX);
    cp_buf_init(&u.words, mem, CP_ENTRY_MAX);
    fail(&u, compact_inflate(mem, CP_BYTES(compact.ptr + CP_COMPACT_CHECK_LEN, compact.len - CP_COMPACT_CHECK_LEN),
                             &all));
    if (u.err == CP_OK)
        divide(&u, cp_buf_bytes(&all));
    if (u.err == CP_OK)
        get_entries(&u, compact.ptr, full);
    unpack_clear(&u);
    cp_buf_clear(&all);
    return u.err;
}
