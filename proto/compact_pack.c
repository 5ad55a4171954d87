/* Form 0 to columns. Owns: what is left out of a chunk. Must not: leave out what the reader cannot work out. */
#include <stdlib.h>
#include <string.h>

#include "proto/compact_internal.h"

struct branch {
    struct cp_compact_row told;
    size_t tail; /* its last entry so far */
};
struct known { /* what `find` said of an id */
    uint8_t id[CP_ID_LEN];
    bool asked, found;
    struct cp_place place;
};
enum { KNOWN_SLOTS = 256 };

struct pack {
    const struct cp_compact_look *look;
    const struct cp_mem *mem;
    const uint8_t *plan;
    enum cp_class class;
    struct cp_buf columns[COLUMN_COUNT];
    struct cp_table *table;
    uint8_t (*ids)[CP_ID_LEN];
    uint64_t *lamports;
    size_t *branch_of;
    struct branch *branches;
    size_t branches_count, count;
    uint64_t time_ms;
    struct cp_ref parents[CP_PARENTS_MAX]; /* of the entry before */
    size_t parents_count;
    struct known *known;
    bool cannot; /* this form cannot say it */
};

void compact_check(uint8_t (*ids)[CP_ID_LEN], size_t count, uint8_t out[static CP_COMPACT_CHECK_LEN])
{
    struct cp_hasher h;
    cp_hash_init(&h, CP_TAG_CHUNK_CHECK, CP_COMPACT_CHECK_LEN);
    for (size_t i = 0; i < count; i++)
        cp_hash_add(&h, ids[i], CP_ID_LEN);
    cp_hash_end(&h, out, CP_COMPACT_CHECK_LEN);
}

static void put(struct cp_buf *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        cp_buf_put_byte(b, (uint8_t)(0x80 | (v & 0x7f)));
    cp_buf_put_byte(b, (uint8_t)v);
}

/* Small numbers of either sign become small: 0, -1, 1, -2 ... Both lie in 63 bits. */
static void put_difference(struct cp_buf *b, uint64_t v, uint64_t from)
{
    put(b, v >= from ? (v - from) << 1 : ((from - v) << 1) - 1);
}

static enum cp_err find(struct pack *p, const uint8_t *id, const struct known **out)
{
    struct known *k = &p->known[id[0] % KNOWN_SLOTS];
    *out = k;
    if (k->asked && memcmp(k->id, id, CP_ID_LEN) == 0)
        return CP_OK;
    memcpy(k->id, id, CP_ID_LEN);
    k->found = false;
    k->asked = true;
    return p->look->find(p->look->ctx, id, &k->place, &k->found);
}

/* How an id is named; `greatest` is raised to its Lamport number where the reader will know it. */
static enum cp_err name_id(struct pack *p, const uint8_t *id, struct cp_ref *r, uint64_t *greatest)
{
    const struct known *k = NULL;
    uint64_t lamport = 0;
    size_t at = cp_table_find(p->table, p->ids, id);
    *r = (struct cp_ref){.kind = REF_LITERAL};
    if (at != NONE) {
        *r = (struct cp_ref){.kind = REF_BACK, .value = p->count - at};
        lamport = p->lamports[at];
    } else {
        enum cp_err err = find(p, id, &k);
        if (err != CP_OK)
            return err;
        if (k->found) {
            *r = (struct cp_ref){.kind = REF_NAMED + k->place.chain, .value = k->place.seq};
            lamport = k->place.lamport;
        }
    }
    *greatest = lamport > *greatest ? lamport : *greatest;
    return CP_OK;
}

static void put_ref(struct pack *p, enum cp_column kinds, enum cp_column values, const struct cp_ref *r)
{
    put(&p->columns[kinds], r->kind);
    if (r->kind != REF_LITERAL)
        put(&p->columns[values], r->value);
}

/* ---- Headers ---- */

/* A branch that this entry begins: by name when the entry before it is one that both hold, else in full. */
static enum cp_err begin_branch(struct pack *p, const struct cp_header *h, uint64_t *greatest)
{
    const struct known *k = NULL;
    struct branch *b = &p->branches[p->branches_count++];
    *b = (struct branch){.told = {.fresh = true, .first = h->seq}};
    memcpy(b->told.device, h->device, CP_KEY_LEN);
    memcpy(b->told.incarnation, h->incarnation, CP_INCARNATION_LEN);
    if (h->seq > 1) {
        enum cp_err err = find(p, h->prev, &k);
        if (err != CP_OK)
            return err;
        b->told.fresh = !k->found || k->place.seq != h->seq - 1 || cp_table_find(p->table, p->ids, h->prev) != NONE;
    }
    put(&p->columns[COLUMN_BRANCHES], b->told.fresh ? 0 : 1 + k->place.chain);
    if (!b->told.fresh) {
        put(&p->columns[COLUMN_BRANCHES], p->look->held(p->look->ctx, k->place.chain) - (h->seq - 1));
        b->told.name = k->place.chain;
        *greatest = k->place.lamport;
        return CP_OK;
    }
    put(&p->columns[COLUMN_BRANCHES], h->seq - 1);
    cp_buf_put(&p->columns[COLUMN_RAW], h->device, CP_KEY_LEN);
    cp_buf_put(&p->columns[COLUMN_RAW], h->incarnation, CP_INCARNATION_LEN);
    if (h->seq > 1)
        cp_buf_put(&p->columns[COLUMN_RAW], h->prev, CP_ID_LEN);
    return CP_OK;
}

static enum cp_err put_branch(struct pack *p, const struct cp_header *h, bool has_sig, uint64_t *greatest)
{
    size_t prev = h->seq > 1 ? cp_table_find(p->table, p->ids, h->prev) : NONE;
    size_t branch = prev == NONE ? NONE : p->branch_of[prev];
    enum cp_err err = CP_OK;
    if (branch != NONE && p->branches[branch].tail == prev) {
        *greatest = p->lamports[prev];
    } else {
        branch = p->branches_count;
        err = begin_branch(p, h, greatest);
    }
    p->branches[branch].tail = p->count;
    p->branches[branch].told.last = h->seq;
    p->branch_of[p->count] = branch;
    put(&p->columns[COLUMN_WHO], 2 * (uint64_t)branch + has_sig);
    return err;
}

static int by_ref(const void *a, const void *b)
{
    const struct cp_ref *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->value == y->value ? 0 : x->value < y->value ? -1 : 1;
}

/* Parents stand in the order of their ids, which is no order at all; sorted as they are named they repeat. */
static enum cp_err put_parents(struct pack *p, const struct cp_header *h, uint64_t *greatest)
{
    struct cp_ref refs[CP_PARENTS_MAX];
    size_t count = h->parents_count;
    for (size_t i = 0; i < count; i++) {
        enum cp_err err = name_id(p, h->parents[i], &refs[i], greatest);
        if (err != CP_OK)
            return err;
        if (refs[i].kind == REF_LITERAL)
            cp_buf_put(&p->columns[COLUMN_RAW], h->parents[i], CP_ID_LEN);
    }
    if (count > 1)
        qsort(refs, count, sizeof refs[0], by_ref);
    bool same = p->count != 0 && count == p->parents_count;
    for (size_t i = 0; i < count && same; i++)
        same = by_ref(&refs[i], &p->parents[i]) == 0;
    put(&p->columns[COLUMN_PARENTS], same ? 0 : 1 + count);
    for (size_t i = 0; i < count && !same; i++)
        put_ref(p, COLUMN_PARENTS, COLUMN_PARENTS, &refs[i]);
    if (!same && count != 0)
        memcpy(p->parents, refs, count * sizeof refs[0]);
    p->parents_count = count;
    return CP_OK;
}

static enum cp_err put_header(struct pack *p, const struct cp_header *h, bool has_sig)
{
    uint64_t greatest = 0;
    enum cp_err err = put_branch(p, h, has_sig, &greatest);
    if (err == CP_OK)
        err = put_parents(p, h, &greatest);
    put_difference(&p->columns[COLUMN_LAMPORT], h->lamport, greatest + 1);
    put_difference(&p->columns[COLUMN_TIME], h->time_ms, p->time_ms);
    p->lamports[p->count] = h->lamport;
    p->time_ms = h->time_ms;
    return err;
}

/* ---- Bodies ---- */

static enum cp_err put_frame(struct pack *p, struct cp_bytes frame)
{
    struct cp_cursor c;
    uint64_t ignored = 0;
    cp_cursor_init(&c, frame, CP_ITEMS_MAX);
    size_t elements = cp_get_array(&c, 2, 0xffff);
    uint64_t kind = cp_get_uint(&c, UINT32_MAX);
    size_t refs = cp_get_array(&c, 0, CP_REFS_MAX);
    uint64_t lowest = p->class == CP_CONTENT ? FRAME_KIND_CONTENT : 0;
    if (c.err != CP_OK || kind < lowest) {
        p->cannot = true;
        return CP_OK;
    }
    put(&p->columns[COLUMN_SHAPE], 2 * (kind - lowest) + (elements != FRAME_ELEMENTS));
    if (elements != FRAME_ELEMENTS)
        put(&p->columns[COLUMN_SHAPE], elements);
    put(&p->columns[COLUMN_SHAPE], refs);
    for (size_t i = 0; i < refs && c.err == CP_OK; i++) {
        struct cp_ref r;
        const uint8_t *id = cp_get_fixed_ref(&c, CP_ID_LEN);
        enum cp_err err = name_id(p, id, &r, &ignored);
        if (err != CP_OK)
            return err;
        put_ref(p, COLUMN_REF_KIND, COLUMN_REF_VALUE, &r);
        if (r.kind == REF_LITERAL)
            cp_buf_put(&p->columns[COLUMN_RAW], id, CP_ID_LEN);
    }
    p->cannot = p->cannot || c.err != CP_OK;
    cp_buf_put(&p->columns[COLUMN_TAIL], c.at, cp_cursor_left(&c));
    return CP_OK;
}

/* Words of the usual shape: an array that begins with a salt. */
static bool put_salted(struct pack *p, struct cp_bytes words)
{
    struct cp_cursor c;
    cp_cursor_init(&c, words, CP_ITEMS_MAX);
    size_t elements = cp_get_array(&c, 1, CP_ITEMS_MAX);
    const uint8_t *salt = cp_get_fixed_ref(&c, CP_SALT_LEN);
    struct cp_bytes values = CP_BYTES(c.at, cp_cursor_left(&c));
    for (size_t i = 1; i < elements && c.err == CP_OK; i++)
        (void)cp_get_any(&c, 1);
    if (cp_cursor_end(&c) != CP_OK)
        return false;
    put(&p->columns[COLUMN_SHAPE], WORDS_SALTED + elements - 1);
    cp_buf_put(&p->columns[COLUMN_RAW], salt, CP_SALT_LEN);
    cp_buf_put_bytes(&p->columns[COLUMN_TEXT], values);
    return true;
}

static void put_words(struct pack *p, const struct cp_header *h, const struct cp_entry *e)
{
    struct cp_bytes words = e->words;
    if (words.ptr == NULL && h->words_len != 0) { /* gone: nobody can work their hash out */
        put(&p->columns[COLUMN_SHAPE], WORDS_RAW);
        put(&p->columns[COLUMN_SHAPE], 0);
        put(&p->columns[COLUMN_SHAPE], h->words_len);
        cp_buf_put_bytes(&p->columns[COLUMN_RAW], e->words_hash);
    } else if (words.len == 0) {
        put(&p->columns[COLUMN_SHAPE], WORDS_NONE);
    } else if (!put_salted(p, words)) {
        put(&p->columns[COLUMN_SHAPE], WORDS_RAW);
        put(&p->columns[COLUMN_SHAPE], words.len);
        cp_buf_put_bytes(&p->columns[COLUMN_TEXT], words);
    }
}

/* ---- The whole ---- */

static enum cp_err put_entry(struct pack *p, const struct cp_entry *e)
{
    struct cp_header h;
    if (cp_header_decode(e->header, &h) != CP_OK || h.class != p->class || h.rules != CP_RULES_VERSION ||
        h.lamport == 0) {
        p->cannot = true;
        return CP_OK;
    }
    cp_chunk_id(p->plan, e->header, &h, p->ids[p->count]);
    enum cp_err err = put_header(p, &h, e->sig.len != 0);
    if (err == CP_OK)
        err = put_frame(p, e->frame);
    put_words(p, &h, e);
    cp_buf_put_bytes(&p->columns[COLUMN_RAW], e->sig);
    cp_table_put(p->table, p->ids[p->count], p->count);
    p->count++;
    return err;
}

/* Column lengths, then columns; a piece for each block. */
static enum cp_err join(struct pack *p, struct cp_buf *out)
{
    struct cp_buf all;
    struct cp_bytes pieces[COLUMN_COUNT];
    size_t ends[COLUMN_COUNT], count = 0, from = 0;
    enum cp_err err = CP_OK;
    cp_buf_init(&all, p->mem, CP_CHUNK_MAX);
    put(&all, p->count);
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (i != COLUMN_RAW)
            put(&all, p->columns[i].len);
        if (err == CP_OK)
            err = cp_buf_err(&p->columns[i]);
    }
    for (int i = 0; i < COLUMN_COUNT; i++) {
        cp_buf_put_bytes(&all, cp_buf_bytes(&p->columns[i]));
        if (COLUMN_BLOCK_ENDS(i) || i + 1 == COLUMN_COUNT)
            ends[count++] = all.len;
    }
    if (err == CP_OK)
        err = cp_buf_err(&all);
    if (err == CP_OK) {
        for (size_t i = 0; i < count; i++) {
            pieces[i] = CP_BYTES(all.ptr + from, ends[i] - from);
            from = ends[i];
        }
        err = compact_deflate(p->mem, pieces, count, out);
    }
    cp_buf_clear(&all);
    if (err == CP_ERR_TOO_BIG) { /* larger than the full form may be: that travels */
        p->cannot = true;
        return CP_OK;
    }
    return err;
}

static enum cp_err pack_init(struct pack *p, size_t count)
{
    for (int i = 0; i < COLUMN_COUNT; i++)
        cp_buf_init(&p->columns[i], p->mem, CP_CHUNK_PAYLOAD_MAX);
    p->table = cp_alloc(p->mem, sizeof *p->table);
    p->ids = cp_alloc_array(p->mem, count, sizeof *p->ids);
    p->lamports = cp_alloc_array(p->mem, count, sizeof *p->lamports);
    p->branch_of = cp_alloc_array(p->mem, count, sizeof *p->branch_of);
    p->branches = cp_alloc_array(p->mem, count, sizeof *p->branches);
    p->known = cp_alloc_array(p->mem, KNOWN_SLOTS, sizeof *p->known);
    return p->table == NULL || p->ids == NULL || p->lamports == NULL || p->branch_of == NULL || p->branches == NULL ||
                   p->known == NULL
               ? CP_ERR_NO_MEMORY
               : CP_OK;
}

static void pack_clear(struct pack *p)
{
    for (int i = 0; i < COLUMN_COUNT; i++)
        cp_buf_clear(&p->columns[i]);
    cp_free(p->mem, p->table);
    cp_free(p->mem, p->ids);
    cp_free(p->mem, p->lamports);
    cp_free(p->mem, p->branch_of);
    cp_free(p->mem, p->branches);
    cp_free(p->mem, p->known);
}

static enum cp_err finish(struct pack *p, size_t full_len, struct cp_buf *out, bool *packed)
{
    uint8_t check[CP_COMPACT_CHECK_LEN];
    compact_check(p->ids, p->count, check);
    cp_buf_put(out, check, sizeof check);
    enum cp_err err = cp_buf_err(out);
    if (err == CP_OK)
        err = join(p, out);
    if (err != CP_OK || p->cannot || out->len >= full_len)
        return err;
    for (size_t i = 0; i < p->branches_count && err == CP_OK; i++)
        err = p->look->brought(p->look->ctx, &p->branches[i].told);
    *packed = err == CP_OK;
    return err;
}

enum cp_err cp_compact_pack(const struct cp_compact_look *look, const struct cp_mem *mem,
                            const uint8_t plan[static CP_ID_LEN], enum cp_class class, struct cp_bytes full,
                            struct cp_buf *out, bool *packed)
{
    struct pack p = {.look = look, .mem = mem, .plan = plan, .class = class};
    struct cp_cursor c;
    *packed = false;
    cp_cursor_init(&c, full, CP_CHUNK_VALUES_MAX);
    size_t count = cp_get_array(&c, CP_CHUNK_PARTS, (size_t)CP_CHUNK_PARTS * CP_CHUNK_ENTRIES_MAX) / CP_CHUNK_PARTS;
    if (c.err != CP_OK)
        return CP_OK;
    enum cp_err err = pack_init(&p, count);
    for (size_t i = 0; i < count && err == CP_OK && !p.cannot; i++) {
        struct cp_entry e = {.sig = {NULL, 0}};
        cp_chunk_get(&c, &e);
        p.cannot = c.err != CP_OK;
        if (!p.cannot)
            err = put_entry(&p, &e);
    }
    if (err == CP_OK && !p.cannot)
        err = finish(&p, full.len, out, packed);
    pack_clear(&p);
    return err;
}
