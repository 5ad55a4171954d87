/* Chunks. Owns: which signatures travel, where a chunk is cut, how it is proven. Must not: know sessions. */
#include "proto/chunk.h"

#include <assert.h>
#include <string.h>

#include "proto/chunk_internal.h"

/* ---- Building ---- */

struct pending {
    size_t end;     /* of its encoded header, frame and words in the scratch buffer */
    size_t covered; /* how many of the first entries are in the chunk when a later one covers this; NONE: never */
    bool has_sig;
    bool keep;      /* its signature travels although a later one covers it */
    uint8_t sig[CP_SIG_LEN];
};
struct build {
    const struct cp_mem *mem;
    struct cp_table *table;
    uint8_t (*ids)[CP_ID_LEN];
    struct pending *list;
    size_t count;
    size_t open;  /* tails of branches whose signature is not held */
    size_t bytes; /* in full, with the signatures that would travel */
    size_t cut;   /* the most entries that end with no run open */
    struct cp_buf scratch;
};

static enum cp_err build_init(struct build *b, const struct cp_mem *mem, size_t most)
{
    *b = (struct build){.mem = mem};
    cp_buf_init(&b->scratch, mem, CP_CHUNK_PAYLOAD_MAX + CP_ENTRY_MAX);
    b->table = cp_alloc(mem, sizeof *b->table);
    b->ids = cp_alloc_array(mem, most, sizeof *b->ids);
    b->list = cp_alloc_array(mem, most, sizeof *b->list);
    return b->table == NULL || b->ids == NULL || b->list == NULL ? CP_ERR_NO_MEMORY : CP_OK;
}

static void build_clear(struct build *b)
{
    cp_buf_clear(&b->scratch);
    cp_free(b->mem, b->table);
    cp_free(b->mem, b->ids);
    cp_free(b->mem, b->list);
}

static size_t sig_bytes(const struct pending *p)
{
    return p->has_sig ? CP_SIG_LEN : 0;
}

void cp_chunk_put_gone(struct cp_buf *out, const uint8_t words_hash[static CP_ID_LEN])
{
    cp_put_array(out, 1);
    cp_put_fixed(out, words_hash, CP_ID_LEN);
}

/* Adds one entry; false when it does not fit any more. gone: its words are not here and it has some. first: it is
 * the plan's first, which whoever offers the plan must be able to show alone and signed. */
static bool build_add(struct build *b, const struct cp_outgoing *out, bool gone, bool first)
{
    const struct cp_entry *e = &out->entry;
    size_t body = e->header.len + e->frame.len + (gone ? e->words_hash.len : e->words.len);
    size_t tail = cp_table_find(b->table, b->ids, out->prev);
    struct pending *p = &b->list[b->count];
    p->has_sig = e->sig.len == CP_SIG_LEN;
    p->keep = first && p->has_sig;
    p->covered = NONE;
    size_t saved = 0;
    if (tail != NONE && b->list[tail].covered == NONE && !b->list[tail].keep)
        saved = sig_bytes(&b->list[tail]);
    if (b->bytes - saved + body + sig_bytes(p) > CP_CHUNK_MAX)
        return false;
    if (tail != NONE && b->list[tail].covered == NONE) {
        b->list[tail].covered = b->count + 1;
        if (!b->list[tail].has_sig)
            b->open--;
    }
    if (p->has_sig)
        memcpy(p->sig, e->sig.ptr, CP_SIG_LEN);
    else
        b->open++;
    cp_put_bin(&b->scratch, e->header);
    cp_put_bin(&b->scratch, e->frame);
    if (gone)
        cp_chunk_put_gone(&b->scratch, e->words_hash.ptr);
    else
        cp_put_bin(&b->scratch, e->words);
    p->end = b->scratch.len;
    memcpy(b->ids[b->count], out->id, CP_ID_LEN);
    cp_table_put(b->table, out->id, b->count);
    b->bytes += body + sig_bytes(p) - saved;
    b->count++;
    if (b->open == 0)
        b->cut = b->count;
    return true;
}

static void build_payload(const struct build *b, struct cp_buf *payload)
{
    size_t from = 0;
    cp_put_array(payload, CP_CHUNK_PARTS * b->cut);
    for (size_t i = 0; i < b->cut; i++) {
        const struct pending *p = &b->list[i];
        cp_buf_put(payload, b->scratch.ptr + from, p->end - from);
        from = p->end;
        if (p->keep || p->covered == NONE || p->covered > b->cut)
            cp_put_fixed(payload, p->sig, CP_SIG_LEN);
        else
            cp_put_nil(payload);
    }
}

enum cp_err cp_chunk_build(const struct cp_entry_source *from, const struct cp_mem *mem, const uint64_t *rows,
                           size_t count, struct cp_buf *payload, size_t *taken)
{
    struct build b;
    struct cp_outgoing out;
    struct cp_header h;
    unsigned depth = 0;
    size_t most = count < CP_CHUNK_ENTRIES_MAX ? count : CP_CHUNK_ENTRIES_MAX;
    assert(count > 0);
    *taken = 0;
    enum cp_err err = build_init(&b, mem, most);
    for (size_t i = 0; i < most && err == CP_OK; i++) {
        memset(&out, 0, sizeof out);
        err = from->entry(from->ctx, rows[i], &out);
        if (err == CP_OK && cp_header_decode(out.entry.header, &h) != CP_OK)
            err = CP_ERR_DAMAGED_STORE;
        bool gone = err == CP_OK && out.entry.words.ptr == NULL && h.words_len != 0;
        if (gone && out.entry.words_hash.len != CP_ID_LEN)
            err = CP_ERR_DAMAGED_STORE;
        if (err == CP_OK && i == 0)
            depth = out.depth;
        if (err == CP_OK && out.depth != depth)
            break; /* runs are whole where the depth changes: each came in a chunk of one, or was written here */
        if (err == CP_OK && !build_add(&b, &out, gone, out.first || (h.class == CP_CONTROL && h.lamport == 1)))
            break;
    }
    if (err == CP_OK && b.cut == 0)
        err = CP_ERR_NO_SIGNATURE;
    if (err == CP_OK)
        err = cp_buf_err(&b.scratch);
    if (err == CP_OK) {
        build_payload(&b, payload);
        err = cp_buf_err(payload);
        *taken = err == CP_OK ? b.cut : 0;
        if (from->depth != NULL)
            *from->depth = depth;
    }
    build_clear(&b);
    return err;
}

/* ---- Reading ---- */

static enum cp_err read_init(struct cp_chunk *c, const struct cp_mem *mem, size_t count)
{
    c->mem = mem;
    c->entries = cp_alloc_array(mem, count, sizeof *c->entries);
    c->headers = cp_alloc_array(mem, count, sizeof *c->headers);
    c->ids = cp_alloc_array(mem, count, sizeof *c->ids);
    return c->entries == NULL || c->headers == NULL || c->ids == NULL ? CP_ERR_NO_MEMORY : CP_OK;
}

void cp_chunk_get(struct cp_cursor *c, struct cp_entry *e)
{
    e->header = cp_get_bin(c, CP_HEADER_MAX);
    e->frame = cp_get_bin(c, CP_ENTRY_MAX);
    if (cp_cursor_peek(c) == CP_MP_ARRAY) {
        (void)cp_get_array(c, 1, 1);
        e->words_hash = CP_BYTES(cp_get_fixed_ref(c, CP_ID_LEN), CP_ID_LEN);
    } else {
        e->words = cp_get_bin(c, CP_ENTRY_MAX);
    }
    if (cp_cursor_peek(c) == CP_MP_NIL)
        cp_get_nil(c);
    else
        e->sig = CP_BYTES(cp_get_fixed_ref(c, CP_SIG_LEN), CP_SIG_LEN);
}

/* The first entry of a plan counts the plan id as zeros: only then can its id be the plan's. */
void cp_chunk_id(const uint8_t plan[static CP_ID_LEN], struct cp_bytes header, const struct cp_header *h,
                 uint8_t id[static CP_ID_LEN])
{
    if (h->class == CP_CONTROL && h->seq == 1) {
        cp_entry_id(cp_zero_id, header, id);
        if (memcmp(id, plan, CP_ID_LEN) == 0)
            return;
    }
    cp_entry_id(plan, header, id);
}

static enum cp_err read_entries(struct cp_chunk *c, struct cp_cursor *at, const uint8_t *plan, struct cp_table *table)
{
    size_t bytes = 0;
    for (size_t i = 0; i < c->count; i++) {
        struct cp_entry *e = &c->entries[i];
        struct cp_header *h = &c->headers[i];
        cp_chunk_get(at, e);
        if (at->err != CP_OK)
            return at->err;
        bytes += e->header.len + e->frame.len + e->words.len + e->sig.len;
        if (bytes > CP_CHUNK_MAX)
            return CP_ERR_TOO_BIG;
        enum cp_err err = cp_entry_check(e, h);
        if (err != CP_OK)
            return err;
        if (e->words.ptr == NULL && h->words_len == 0)
            return CP_ERR_NOT_CANONICAL;
        cp_chunk_id(plan, e->header, h, c->ids[i]);
        if (cp_table_find(table, c->ids, c->ids[i]) != NONE)
            return CP_ERR_BAD_VALUE;
        cp_table_put(table, c->ids[i], i);
    }
    return cp_cursor_end(at);
}

/* A signature speaks for the entry before it only when that one is of the same chain: the device then signed
 * both. An id inside a header of another device proves nothing about who wrote that. */
static size_t proves(const struct cp_chunk *c, const struct cp_table *table, size_t i)
{
    const struct cp_header *h = &c->headers[i];
    size_t prev = h->seq > 1 ? cp_table_find(table, c->ids, h->prev) : NONE;
    if (prev == NONE || prev >= i)
        return NONE;
    const struct cp_header *p = &c->headers[prev];
    bool same = p->class == h->class && p->seq == h->seq - 1 && memcmp(p->device, h->device, CP_KEY_LEN) == 0 &&
                memcmp(p->incarnation, h->incarnation, CP_INCARNATION_LEN) == 0;
    return same ? prev : NONE;
}

static enum cp_err prove(const struct cp_chunk *c, const struct cp_table *table)
{
    bool *proven = cp_alloc_array(c->mem, c->count, sizeof *proven);
    enum cp_err err = proven == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    for (size_t left = c->count; left > 0 && err == CP_OK; left--) {
        size_t i = left - 1;
        const uint8_t *sig = c->entries[i].sig.ptr;
        if (sig != NULL && !cp_entry_sig_ok(c->ids[i], sig, c->headers[i].device))
            err = CP_ERR_BAD_SIGNATURE;
        else if (sig == NULL && !proven[i])
            err = CP_ERR_NO_SIGNATURE;
        size_t prev = proves(c, table, i);
        if (prev != NONE && err == CP_OK)
            proven[prev] = true;
    }
    cp_free(c->mem, proven);
    return err;
}

enum cp_err cp_chunk_read(struct cp_chunk *out, const struct cp_mem *mem, struct cp_bytes payload,
                          const uint8_t plan[static CP_ID_LEN])
{
    struct cp_cursor c;
    *out = (struct cp_chunk){.mem = mem};
    if (payload.len > CP_CHUNK_PAYLOAD_MAX)
        return CP_ERR_TOO_BIG;
    cp_cursor_init(&c, payload, CP_CHUNK_VALUES_MAX);
    size_t values = cp_get_array(&c, CP_CHUNK_PARTS, (size_t)CP_CHUNK_PARTS * CP_CHUNK_ENTRIES_MAX);
    if (c.err == CP_OK && values % CP_CHUNK_PARTS != 0)
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    if (c.err != CP_OK)
        return c.err;
    struct cp_table *table = cp_alloc(mem, sizeof *table);
    enum cp_err err = table == NULL ? CP_ERR_NO_MEMORY : read_init(out, mem, values / CP_CHUNK_PARTS);
    out->count = values / CP_CHUNK_PARTS;
    if (err == CP_OK)
        err = read_entries(out, &c, plan, table);
    if (err == CP_OK)
        err = prove(out, table);
    cp_free(mem, table);
    if (err != CP_OK)
        cp_chunk_clear(out);
    return err;
}

void cp_chunk_clear(struct cp_chunk *c)
{
    if (c->mem != NULL) {
        cp_free(c->mem, c->entries);
        cp_free(c->mem, c->headers);
        cp_free(c->mem, c->ids);
    }
    *c = (struct cp_chunk){.mem = c->mem};
}
