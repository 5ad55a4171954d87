/* Entries. Owns: the bytes of a header and what an id covers. Must not: know what a frame means. */
#include "proto/entry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/kinds.h"

const uint8_t cp_zero_id[CP_ID_LEN] = {0};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, CP_ID_LEN);
}

void cp_id_sort(uint8_t (*ids)[CP_ID_LEN], size_t count)
{
    if (count > 1)
        qsort(ids, count, CP_ID_LEN, by_bytes);
}

size_t cp_id_sort_once(uint8_t (*ids)[CP_ID_LEN], size_t count)
{
    size_t kept = 0;
    cp_id_sort(ids, count);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || memcmp(ids[kept - 1], ids[i], CP_ID_LEN) != 0)
            memmove(ids[kept++], ids[i], CP_ID_LEN);
    return kept;
}

enum { HEADER_ITEMS = 12 };

void cp_header_encode(const struct cp_header *h, struct cp_buf *out)
{
    assert(h->parents_count <= CP_PARENTS_MAX);
    cp_put_array(out, HEADER_ITEMS);
    cp_put_uint(out, h->rules);
    cp_put_uint(out, h->class);
    cp_put_fixed(out, h->device, CP_KEY_LEN);
    cp_put_fixed(out, h->incarnation, CP_INCARNATION_LEN);
    cp_put_uint(out, h->seq);
    cp_put_fixed(out, h->prev, CP_ID_LEN);
    cp_put_array(out, h->parents_count);
    for (size_t i = 0; i < h->parents_count; i++)
        cp_put_fixed(out, h->parents[i], CP_ID_LEN);
    cp_put_uint(out, h->lamport);
    cp_put_uint(out, h->time_ms);
    cp_put_uint(out, h->frame_len);
    cp_put_uint(out, h->words_len);
    cp_put_fixed(out, h->body_hash, CP_ID_LEN);
}

static enum cp_err check_parents(const struct cp_header *h)
{
    for (size_t i = 0; i < h->parents_count; i++) {
        if (i > 0 && memcmp(h->parents[i - 1], h->parents[i], CP_ID_LEN) >= 0)
            return CP_ERR_BAD_PARENTS;
        if (memcmp(h->parents[i], h->prev, CP_ID_LEN) == 0)
            return CP_ERR_BAD_PARENTS;
    }
    bool prev_zero = memcmp(h->prev, cp_zero_id, CP_ID_LEN) == 0;
    if (h->seq == 0 || prev_zero != (h->seq == 1))
        return CP_ERR_BAD_SEQ;
    return CP_OK;
}

enum cp_err cp_header_decode(struct cp_bytes bytes, struct cp_header *out)
{
    struct cp_cursor c;
    if (bytes.len > CP_HEADER_MAX)
        return CP_ERR_TOO_BIG;
    memset(out, 0, sizeof *out);
    cp_cursor_init(&c, bytes, HEADER_ITEMS + 1 + CP_PARENTS_MAX);
    (void)cp_get_array(&c, HEADER_ITEMS, HEADER_ITEMS);
    out->rules = (uint32_t)cp_get_uint(&c, UINT32_MAX);
    out->class = (enum cp_class)cp_get_uint(&c, CP_CONTENT);
    cp_get_fixed(&c, out->device, CP_KEY_LEN);
    cp_get_fixed(&c, out->incarnation, CP_INCARNATION_LEN);
    out->seq = cp_get_uint(&c, CP_INT_MAX);
    cp_get_fixed(&c, out->prev, CP_ID_LEN);
    size_t parents = cp_get_array(&c, 0, CP_PARENTS_MAX);
    for (size_t i = 0; i < parents; i++)
        cp_get_fixed(&c, out->parents[i], CP_ID_LEN);
    out->parents_count = parents;
    out->lamport = cp_get_uint(&c, CP_INT_MAX);
    out->time_ms = cp_get_uint(&c, CP_INT_MAX);
    uint64_t frame_len = cp_get_uint(&c, UINT32_MAX);
    uint64_t words_len = cp_get_uint(&c, UINT32_MAX);
    cp_get_fixed(&c, out->body_hash, CP_ID_LEN);
    enum cp_err err = cp_cursor_end(&c);
    if (err != CP_OK)
        return err;
    if (bytes.len + frame_len + words_len > CP_ENTRY_MAX)
        return CP_ERR_TOO_BIG;
    out->frame_len = (uint32_t)frame_len;
    out->words_len = (uint32_t)words_len;
    return check_parents(out);
}

void cp_words_hash(struct cp_bytes words, uint8_t out[static CP_ID_LEN])
{
    cp_hash2(CP_TAG_WORDS, words, CP_BYTES(NULL, 0), out, CP_ID_LEN);
}

void cp_body_hash_erased(struct cp_bytes frame, const uint8_t words_hash[static CP_ID_LEN],
                         uint8_t out[static CP_ID_LEN])
{
    uint8_t frame_hash[CP_ID_LEN];
    cp_hash2(CP_TAG_FRAME, frame, CP_BYTES(NULL, 0), frame_hash, CP_ID_LEN);
    cp_hash2(CP_TAG_BODY, CP_BYTES(frame_hash, CP_ID_LEN), CP_BYTES(words_hash, CP_ID_LEN), out, CP_ID_LEN);
}

void cp_body_hash(struct cp_bytes frame, struct cp_bytes words, uint8_t out[static CP_ID_LEN])
{
    uint8_t words_hash[CP_ID_LEN];
    cp_words_hash(words, words_hash);
    cp_body_hash_erased(frame, words_hash, out);
}

void cp_entry_id(const uint8_t plan[static CP_ID_LEN], struct cp_bytes header, uint8_t out[static CP_ID_LEN])
{
    cp_hash2(CP_TAG_ENTRY_ID, CP_BYTES(plan, CP_ID_LEN), header, out, CP_ID_LEN);
}

bool cp_entry_sig_ok(const uint8_t id[static CP_ID_LEN], const uint8_t sig[static CP_SIG_LEN],
                     const uint8_t device[static CP_KEY_LEN])
{
    return cp_sig_ok(CP_TAG_ENTRY_SIG, CP_BYTES(id, CP_ID_LEN), sig, device);
}

/* The two values that every frame, also of an unknown kind, begins with: kind and references. */
static enum cp_err check_frame(struct cp_bytes frame, enum cp_class class)
{
    enum cp_err err = cp_mp_check(frame, CP_ITEMS_MAX);
    if (err != CP_OK)
        return err;
    struct cp_cursor c;
    cp_cursor_init(&c, frame, CP_ITEMS_MAX);
    (void)cp_get_array(&c, 2, 0xffff);
    uint64_t kind = cp_get_uint(&c, UINT32_MAX);
    size_t refs = cp_get_array(&c, 0, CP_REFS_MAX);
    for (size_t i = 0; i < refs; i++)
        (void)cp_get_fixed_ref(&c, CP_ID_LEN);
    if (c.err != CP_OK)
        return c.err;
    return cp_kind_class(kind) == class ? CP_OK : CP_ERR_BAD_VALUE;
}

enum cp_err cp_entry_check(const struct cp_entry *e, struct cp_header *h)
{
    enum cp_err err = cp_header_decode(e->header, h);
    if (err != CP_OK)
        return err;
    if (h->rules != CP_RULES_VERSION)
        return CP_ERR_NEWER_RULES;
    if (e->frame.len != h->frame_len || (e->words.ptr != NULL && e->words.len != h->words_len))
        return CP_ERR_BAD_BODY;
    if (h->class == CP_CONTROL && h->words_len != 0)
        return CP_ERR_BAD_VALUE;
    uint8_t hash[CP_ID_LEN];
    if (e->words.ptr != NULL || h->words_len == 0)
        cp_body_hash(e->frame, e->words, hash);
    else if (e->words_hash.len == CP_ID_LEN)
        cp_body_hash_erased(e->frame, e->words_hash.ptr, hash);
    else
        return CP_ERR_BAD_BODY; /* nothing that would tell the frame from a false one */
    if (memcmp(hash, h->body_hash, CP_ID_LEN) != 0)
        return CP_ERR_BAD_BODY;
    return check_frame(e->frame, h->class);
}

enum cp_err cp_entry_check_preds(const struct cp_header *h, const struct cp_pred *preds, size_t count)
{
    size_t expected = h->parents_count + (h->seq > 1 ? 1 : 0);
    assert(count == expected);
    uint64_t greatest = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_prev = i == 0 && h->seq > 1;
        if (is_prev && (!preds[i].same_chain || preds[i].seq != h->seq - 1))
            return CP_ERR_BAD_SEQ;
        if (h->class == CP_CONTROL && preds[i].class != CP_CONTROL)
            return CP_ERR_BAD_PARENTS;
        if (preds[i].lamport > greatest)
            greatest = preds[i].lamport;
    }
    (void)expected;
    return h->lamport == greatest + 1 ? CP_OK : CP_ERR_BAD_LAMPORT;
}

uint64_t cp_frame_kind(struct cp_bytes frame)
{
    struct cp_cursor c;
    cp_cursor_init(&c, frame, CP_ITEMS_MAX);
    (void)cp_get_array(&c, 2, 0xffff);
    uint64_t kind = cp_get_uint(&c, UINT32_MAX);
    return c.err == CP_OK ? kind : 0;
}
