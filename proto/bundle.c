/* Bundles. Owns: their bytes. Must not: know files, stores or whom a bundle is for. */
#include "proto/bundle.h"

#include <assert.h>
#include <string.h>

#include "proto/mp.h"

static const char magic[16] = "coplan bundle 1\n"; /* no NUL: sixteen characters fill it */

enum {
    SLOTS_AT = 24,
    TAG_LEN = 16,
    VERSION = 1,
    PAD_LEAST = CP_BUNDLE_FRAME_EXTRA + 1
};

/* ---- The head ---- */

size_t cp_bundle_slots(size_t machines)
{
    size_t n = CP_BUNDLE_SLOTS_MIN;
    while (n < machines)
        n *= 2;
    return n;
}

static void put_be(uint64_t v, uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        at[i] = (uint8_t)(v >> (8 * (len - 1 - i)));
}

static uint64_t get_be(const uint8_t *at, size_t len)
{
    uint64_t v = 0;
    for (size_t i = 0; i < len; i++)
        v = v << 8 | at[i];
    return v;
}

void cp_bundle_put_size(uint64_t size, uint8_t at[static 8])
{
    put_be(size, at, 8);
}

void cp_bundle_head_write(struct cp_bytes slots, uint64_t size, struct cp_buf *out)
{
    uint8_t numbers[10];
    size_t count = slots.len / CP_BUNDLE_SLOT_LEN;
    assert(count <= CP_BUNDLE_SLOTS_MAX && slots.len % CP_BUNDLE_SLOT_LEN == 0);
    put_be(size, numbers, 8);
    put_be(count, numbers + 8, 2);
    cp_buf_put(out, magic, sizeof magic);
    cp_buf_put(out, numbers, sizeof numbers);
    cp_buf_put_bytes(out, slots);
}

static bool power_of_two(uint64_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

enum cp_err cp_bundle_head_read(struct cp_bytes bytes, struct cp_bundle_head *out)
{
    *out = (struct cp_bundle_head){0};
    size_t here = bytes.len < sizeof magic ? bytes.len : sizeof magic;
    if (here > 0 && memcmp(bytes.ptr, magic, here) != 0)
        return CP_ERR_NOT_CANONICAL;
    if (bytes.len < CP_BUNDLE_HEAD_LEN)
        return CP_ERR_TRUNCATED;
    uint64_t size = get_be(bytes.ptr + CP_BUNDLE_SIZE_AT, 8);
    size_t count = (size_t)get_be(bytes.ptr + SLOTS_AT, 2);
    size_t len = CP_BUNDLE_HEAD_LEN + count * CP_BUNDLE_SLOT_LEN;
    if (!power_of_two(size) || size < CP_BUNDLE_SIZE_MIN || size > CP_BUNDLE_SIZE_MAX ||
        !power_of_two(count) || count < CP_BUNDLE_SLOTS_MIN || count > CP_BUNDLE_SLOTS_MAX || size <= len)
        return CP_ERR_NOT_CANONICAL;
    if (bytes.len < len)
        return CP_ERR_TRUNCATED;
    *out =
        (struct cp_bundle_head){.slots = CP_BYTES(bytes.ptr + CP_BUNDLE_HEAD_LEN, count * CP_BUNDLE_SLOT_LEN),
                                .count = count,
                                .size = size,
                                .len = len};
    return CP_OK;
}

/* ---- Frames ---- */

void cp_bundle_stream_begin(struct cp_bundle_stream *s, const uint8_t key[static 32], struct cp_bytes slots)
{
    *s = (struct cp_bundle_stream){.next = 0};
    cp_hash2(CP_TAG_BUNDLE_STREAM, CP_BYTES(key, 32), slots, s->key, sizeof s->key);
}

void cp_bundle_stream_end(struct cp_bundle_stream *s)
{
    sodium_memzero(s, sizeof *s);
}

static void nonce_of(uint64_t number, uint8_t nonce[static crypto_aead_xchacha20poly1305_ietf_NPUBBYTES])
{
    memset(nonce, 0, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    put_be(number, nonce + 16, 8);
}

void cp_bundle_seal(struct cp_bundle_stream *s, struct cp_bytes plain, bool last, struct cp_buf *out)
{
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    uint8_t flag = last ? 1 : 0;
    assert(!s->ended && plain.len <= CP_BUNDLE_FRAME_MAX - CP_BUNDLE_FRAME_EXTRA);
    nonce_of(s->next++, nonce);
    s->ended = last;
    cp_buf_put_u32be(out, (uint32_t)(plain.len + TAG_LEN));
    uint8_t *at = cp_buf_space(out, plain.len + TAG_LEN);
    if (at != NULL)
        (void)crypto_aead_xchacha20poly1305_ietf_encrypt(at, NULL, plain.ptr, plain.len, &flag, 1, NULL,
                                                         nonce, s->key);
}

enum cp_err cp_bundle_open(struct cp_bundle_stream *s, struct cp_bytes bytes, struct cp_buf *plain,
                           size_t *used)
{
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    *used = 4;
    if (s->ended)
        return CP_ERR_TRAILING;
    if (bytes.len < 4)
        return CP_ERR_TRUNCATED;
    size_t len = (size_t)get_be(bytes.ptr, 4);
    if (len <= TAG_LEN || len > CP_BUNDLE_FRAME_MAX - 4)
        return CP_ERR_TOO_BIG;
    *used = 4 + len;
    if (bytes.len < *used)
        return CP_ERR_TRUNCATED;
    size_t before = plain->len;
    uint8_t *at = cp_buf_space(plain, len - TAG_LEN);
    if (at == NULL)
        return cp_buf_err(plain);
    nonce_of(s->next, nonce);
    for (uint8_t flag = 0; flag <= 1; flag++)
        if (crypto_aead_xchacha20poly1305_ietf_decrypt(at, NULL, NULL, bytes.ptr + 4, len, &flag, 1, nonce,
                                                       s->key) == 0) {
            s->next++;
            s->ended = flag == 1;
            return CP_OK;
        }
    plain->len = before;
    return CP_ERR_BAD_SIGNATURE;
}

uint64_t cp_bundle_size(uint64_t used)
{
    uint64_t size = CP_BUNDLE_SIZE_MIN;
    while (size < used || (size > used && size - used < PAD_LEAST))
        size *= 2;
    return size;
}

size_t cp_bundle_padding(uint64_t left)
{
    assert(left >= PAD_LEAST);
    if (left <= CP_BUNDLE_FRAME_MAX)
        return (size_t)left - CP_BUNDLE_FRAME_EXTRA;
    /* never leave less than the smallest frame takes */
    size_t most = CP_BUNDLE_FRAME_MAX - PAD_LEAST;
    return most - CP_BUNDLE_FRAME_EXTRA;
}

/* ---- What a frame says ---- */

static bool all_zero(struct cp_bytes b)
{
    return b.len > 0 && sodium_is_zero(b.ptr, b.len) == 1;
}

static void read_begin(struct cp_cursor *c, struct cp_bundle_begin *b)
{
    if (cp_get_uint(c, CP_INT_MAX) != VERSION)
        cp_cursor_fail(c, CP_ERR_NEWER_RULES);
    cp_get_fixed(c, b->plan, sizeof b->plan);
    cp_get_fixed(c, b->machine, sizeof b->machine);
    cp_get_fixed(c, b->incarnation, sizeof b->incarnation);
    b->time_ms = cp_get_uint(c, CP_INT_MAX);
    b->all = cp_get_uint(c, 1) == 1;
}

/* [number, id, ...]: checks all, and says where they begin. */
static size_t read_pairs(struct cp_cursor *c, size_t pairs_max, uint64_t least, uint64_t most, struct cp_cursor *first)
{
    size_t count = cp_get_array(c, 0, 2 * pairs_max);
    if (count % 2 != 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    *first = *c;
    for (size_t i = 0; i < count / 2 && c->err == CP_OK; i++) {
        if (cp_get_uint(c, most) < least)
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
        (void)cp_get_fixed_ref(c, CP_ID_LEN);
    }
    return count / 2;
}

static void read_piece(struct cp_cursor *c, struct cp_bundle_frame *out)
{
    out->id = cp_get_fixed_ref(c, CP_ID_LEN);
    out->number = cp_get_uint(c, CP_PIECES_MAX - 1);
    out->bytes = cp_get_bin(c, CP_PIECE_LEN);
    if (out->bytes.len == 0)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
}

static const size_t elements[] = {[CP_BUNDLE_BEGIN] = 7, [CP_BUNDLE_TIPS] = 3, [CP_BUNDLE_SEEN] = 3,
                                  [CP_BUNDLE_CHUNK] = 4, [CP_BUNDLE_JOIN] = 2, [CP_BUNDLE_END] = 2,
                                  [CP_BUNDLE_FIRST] = 4, [CP_BUNDLE_WISHES] = 2, [CP_BUNDLE_PIECE] = 4};

enum cp_err cp_bundle_read(struct cp_bytes plain, struct cp_bundle_frame *out)
{
    struct cp_cursor c;
    *out = (struct cp_bundle_frame){.type = CP_BUNDLE_PADDING};
    if (all_zero(plain))
        return CP_OK;
    cp_cursor_init(&c, plain, 2 * (size_t)CP_BUNDLE_TIPS_MAX + 16);
    size_t count = cp_get_array(&c, 1, 16);
    uint64_t type = cp_get_uint(&c, CP_BUNDLE_PIECE);
    if (c.err == CP_OK && type == CP_BUNDLE_BEGIN &&
        count >= 2) { /* the version before the layout it stands for */
        struct cp_cursor version = c;
        if (cp_get_uint(&version, CP_INT_MAX) != VERSION && version.err == CP_OK)
            return CP_ERR_NEWER_RULES;
    }
    if (c.err == CP_OK && count != elements[type])
        cp_cursor_fail(&c, CP_ERR_BAD_VALUE);
    if (c.err != CP_OK)
        return c.err;
    out->type = (enum cp_bundle_type)type;
    switch (out->type) {
    case CP_BUNDLE_BEGIN:
        read_begin(&c, &out->begin);
        break;
    case CP_BUNDLE_TIPS:
        out->class = cp_get_uint(&c, 1) == 1 ? CP_CONTENT : CP_CONTROL;
        out->tips_count = read_pairs(&c, CP_BUNDLE_TIPS_MAX, 1, CP_INT_MAX, &out->tips); /* seqs begin at 1 */
        break;
    case CP_BUNDLE_SEEN:
        out->device = cp_get_fixed_ref(&c, CP_KEY_LEN);
        out->sig = cp_get_fixed_ref(&c, CP_SIG_LEN);
        break;
    case CP_BUNDLE_CHUNK:
        out->depth = (unsigned)cp_get_uint(&c, 1 + 2 * CP_LINEAGE_MAX);
        out->class = (out->depth & 1) != 0 ? CP_CONTENT : CP_CONTROL;
        out->depth >>= 1;
        out->form = (unsigned)cp_get_uint(&c, 127);
        out->bytes = cp_get_bin(&c, CP_BUNDLE_FRAME_MAX);
        break;
    case CP_BUNDLE_JOIN:
        out->bytes = cp_get_bin(&c, CP_BUNDLE_FRAME_MAX);
        break;
    case CP_BUNDLE_END:
        out->entries = cp_get_uint(&c, CP_INT_MAX);
        break;
    case CP_BUNDLE_FIRST:
        out->header = cp_get_bin(&c, CP_HEADER_MAX);
        out->bytes = cp_get_bin(&c, CP_ENTRY_MAX);
        out->sig = cp_get_fixed_ref(&c, CP_SIG_LEN);
        break;
    case CP_BUNDLE_WISHES:
        out->wishes_count = read_pairs(&c, CP_BUNDLE_WISHES_MAX, 0, CP_PIECES_MAX - 1, &out->wishes);
        break;
    case CP_BUNDLE_PIECE:
        read_piece(&c, out);
        break;
    case CP_BUNDLE_PADDING:
        break;
    }
    return cp_cursor_end(&c);
}

void cp_bundle_next_tip(struct cp_bundle_frame *f, struct cp_bundle_tip *out)
{
    out->seq = cp_get_uint(&f->tips, CP_INT_MAX);
    cp_get_fixed(&f->tips, out->id, sizeof out->id);
}

void cp_bundle_next_wish(struct cp_bundle_frame *f, struct cp_bundle_wish *out)
{
    out->number = cp_get_uint(&f->wishes, CP_PIECES_MAX - 1);
    cp_get_fixed(&f->wishes, out->id, sizeof out->id);
}

void cp_bundle_put_begin(const struct cp_bundle_begin *b, struct cp_buf *out)
{
    cp_put_array(out, elements[CP_BUNDLE_BEGIN]);
    cp_put_uint(out, CP_BUNDLE_BEGIN);
    cp_put_uint(out, VERSION);
    cp_put_fixed(out, b->plan, sizeof b->plan);
    cp_put_fixed(out, b->machine, sizeof b->machine);
    cp_put_fixed(out, b->incarnation, sizeof b->incarnation);
    cp_put_uint(out, b->time_ms);
    cp_put_uint(out, b->all ? 1 : 0);
}

void cp_bundle_put_tips(enum cp_class class, const struct cp_bundle_tip *tips, size_t count,
                        struct cp_buf *out)
{
    assert(count <= CP_BUNDLE_TIPS_MAX);
    cp_put_array(out, elements[CP_BUNDLE_TIPS]);
    cp_put_uint(out, CP_BUNDLE_TIPS);
    cp_put_uint(out, class == CP_CONTENT ? 1 : 0);
    cp_put_array(out, 2 * count);
    for (size_t i = 0; i < count; i++) {
        cp_put_uint(out, tips[i].seq);
        cp_put_fixed(out, tips[i].id, sizeof tips[i].id);
    }
}

void cp_bundle_put_wishes(const struct cp_bundle_wish *wishes, size_t count, struct cp_buf *out)
{
    assert(count <= CP_BUNDLE_WISHES_MAX);
    cp_put_array(out, elements[CP_BUNDLE_WISHES]);
    cp_put_uint(out, CP_BUNDLE_WISHES);
    cp_put_array(out, 2 * count);
    for (size_t i = 0; i < count; i++) {
        cp_put_uint(out, wishes[i].number);
        cp_put_fixed(out, wishes[i].id, sizeof wishes[i].id);
    }
}

void cp_bundle_put_piece(const uint8_t id[static CP_ID_LEN], uint64_t number, struct cp_bytes bytes, struct cp_buf *out)
{
    cp_put_array(out, elements[CP_BUNDLE_PIECE]);
    cp_put_uint(out, CP_BUNDLE_PIECE);
    cp_put_fixed(out, id, CP_ID_LEN);
    cp_put_uint(out, number);
    cp_put_bin(out, bytes);
}

void cp_bundle_put_seen(const uint8_t device[static CP_KEY_LEN], const uint8_t sig[static CP_SIG_LEN],
                        struct cp_buf *out)
{
    cp_put_array(out, elements[CP_BUNDLE_SEEN]);
    cp_put_uint(out, CP_BUNDLE_SEEN);
    cp_put_fixed(out, device, CP_KEY_LEN);
    cp_put_fixed(out, sig, CP_SIG_LEN);
}

void cp_bundle_put_chunk(enum cp_class class, unsigned depth, unsigned form, struct cp_bytes payload, struct cp_buf *out)
{
    cp_put_array(out, elements[CP_BUNDLE_CHUNK]);
    cp_put_uint(out, CP_BUNDLE_CHUNK);
    cp_put_uint(out, (class == CP_CONTENT ? 1 : 0) + 2 * (uint64_t)depth);
    cp_put_uint(out, form);
    cp_put_bin(out, payload);
}

void cp_bundle_put_first(struct cp_bytes header, struct cp_bytes frame, const uint8_t sig[static CP_SIG_LEN],
                         struct cp_buf *out)
{
    cp_put_array(out, elements[CP_BUNDLE_FIRST]);
    cp_put_uint(out, CP_BUNDLE_FIRST);
    cp_put_bin(out, header);
    cp_put_bin(out, frame);
    cp_put_fixed(out, sig, CP_SIG_LEN);
}

void cp_bundle_put_join(struct cp_bytes join, struct cp_buf *out)
{
    cp_put_array(out, elements[CP_BUNDLE_JOIN]);
    cp_put_uint(out, CP_BUNDLE_JOIN);
    cp_put_bin(out, join);
}

void cp_bundle_put_end(uint64_t entries, struct cp_buf *out)
{
    cp_put_array(out, elements[CP_BUNDLE_END]);
    cp_put_uint(out, CP_BUNDLE_END);
    cp_put_uint(out, entries);
}

/* ---- SEEN ---- */

void cp_seen_begin(struct cp_hasher *h, const struct cp_bundle_begin *b)
{
    cp_hash_init(h, CP_TAG_SEEN, CP_ID_LEN);
    cp_hash_add(h, b->plan, sizeof b->plan);
    cp_hash_add(h, b->machine, sizeof b->machine);
    cp_hash_add(h, b->incarnation, sizeof b->incarnation);
    cp_hash_add_u64(h, b->time_ms);
}

void cp_seen_add(struct cp_hasher *h, enum cp_class class, const struct cp_bundle_tip *tip)
{
    cp_hash_add_u64(h, class == CP_CONTENT ? 1 : 0);
    cp_hash_add_u64(h, tip->seq);
    cp_hash_add(h, tip->id, sizeof tip->id);
}

/* The 2 keeps a wish apart from a tip, whose class is 0 or 1. */
void cp_seen_add_wish(struct cp_hasher *h, const struct cp_bundle_wish *wish)
{
    cp_hash_add_u64(h, 2);
    cp_hash_add_u64(h, wish->number);
    cp_hash_add(h, wish->id, sizeof wish->id);
}

void cp_seen_end(struct cp_hasher *h, uint8_t out[static CP_ID_LEN])
{
    cp_hash_end(h, out, CP_ID_LEN);
}
