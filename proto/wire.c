/* Messages of a session. Owns: their layouts. Must not: know states. */
#include "proto/wire.h"

#include <string.h>

enum { ITEMS_MAX = 3 * CP_TIPS_MAX + 4096 };

/* ---- Pieces ---- */

void cp_wire_put_greeting(struct cp_buf *b, enum cp_wire_type type, const uint8_t *incarnation, unsigned flags)
{
    cp_put_array(b, type == CP_WIRE_HELLO ? 5 : 8);
    cp_put_uint(b, type);
    cp_put_uint(b, CP_WIRE_VERSION);
    cp_put_fixed(b, incarnation, CP_INCARNATION_LEN);
    cp_put_uint(b, flags);
}

unsigned cp_wire_get_greeting(struct cp_cursor *c, uint8_t *incarnation)
{
    if (cp_get_uint(c, UINT32_MAX) != CP_WIRE_VERSION)
        cp_cursor_fail(c, CP_ERR_NEWER_RULES);
    const uint8_t *theirs = cp_get_fixed_ref(c, CP_INCARNATION_LEN);
    if (incarnation != NULL)
        memcpy(incarnation, theirs, CP_INCARNATION_LEN);
    return (unsigned)cp_get_uint(c, CP_WIRE_FLAGS_MAX);
}

void cp_wire_put_digests(struct cp_buf *b, const uint8_t *tag, const struct cp_wire_digests *d)
{
    uint8_t block[CP_PLAN_BLOCK_LEN];
    size_t at = 0;
    if (tag != NULL) {
        memcpy(block, tag, CP_TAG_LEN);
        at = CP_TAG_LEN;
    }
    memcpy(block + at, d->class[CP_CONTROL], CP_DIGEST_LEN);
    at += CP_DIGEST_LEN;
    if (tag != NULL || !d->listed) {
        memcpy(block + at, d->class[CP_CONTENT], CP_DIGEST_LEN);
        at += CP_DIGEST_LEN;
    }
    block[at++] = d->wanted;
    cp_put_fixed(b, block, at);
}

void cp_wire_get_digests(struct cp_cursor *c, uint8_t *tag, struct cp_wire_digests *d)
{
    struct cp_bytes block = cp_get_bin(c, CP_PLAN_BLOCK_LEN);
    memset(d, 0, sizeof *d);
    size_t head = tag != NULL ? CP_TAG_LEN : 0;
    d->listed = tag == NULL && block.len == CP_PLAN_DIGESTS_LEN - CP_DIGEST_LEN;
    if (!d->listed && block.len != head + CP_PLAN_DIGESTS_LEN)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    if (c->err != CP_OK)
        return;
    if (tag != NULL)
        memcpy(tag, block.ptr, CP_TAG_LEN);
    memcpy(d->class[CP_CONTROL], block.ptr + head, CP_DIGEST_LEN);
    if (!d->listed)
        memcpy(d->class[CP_CONTENT], block.ptr + head + CP_DIGEST_LEN, CP_DIGEST_LEN);
    if (block.ptr[block.len - 1] > 1)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    d->wanted = block.ptr[block.len - 1] == 1;
}

void cp_wire_put_tips(struct cp_buf *b, const struct cp_wire_tip *tips, size_t count)
{
    struct cp_buf hashes;
    cp_buf_init(&hashes, b->mem, CP_MESSAGE_MAX);
    for (size_t i = 0; i < count; i++) {
        cp_buf_put(&hashes, tips[i].tag, CP_TAG_LEN);
        cp_buf_put(&hashes, tips[i].hash, CP_TIP_HASH_LEN);
    }
    if (cp_buf_err(&hashes) != CP_OK && b->err == CP_OK)
        b->err = cp_buf_err(&hashes);
    cp_put_bin(b, cp_buf_bytes(&hashes));
    cp_buf_clear(&hashes);
    cp_put_array(b, count);
    for (size_t i = 0; i < count; i++)
        cp_put_uint(b, tips[i].seq);
}

void cp_wire_get_tips(struct cp_cursor *c, struct cp_wire_tips *out)
{
    out->hashes = cp_get_bin(c, (size_t)CP_TIPS_MAX * CP_TIP_WIRE_LEN);
    size_t count = cp_get_array(c, 0, CP_TIPS_MAX);
    out->seqs = *c;
    if (c->err == CP_OK && out->hashes.len != count * CP_TIP_WIRE_LEN)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
    for (size_t i = 0; i < count && c->err == CP_OK; i++)
        (void)cp_get_uint(c, CP_INT_MAX);
    out->left = c->err == CP_OK ? count : 0;
}

bool cp_wire_next_tip(struct cp_wire_tips *t, struct cp_wire_tip *out)
{
    if (t->left == 0)
        return false;
    t->left--;
    memcpy(out->tag, t->hashes.ptr, CP_TAG_LEN);
    memcpy(out->hash, t->hashes.ptr + CP_TAG_LEN, CP_TIP_HASH_LEN);
    t->hashes = CP_BYTES(t->hashes.ptr + CP_TIP_WIRE_LEN, t->hashes.len - CP_TIP_WIRE_LEN);
    out->seq = cp_get_uint(&t->seqs, CP_INT_MAX);
    return true;
}

void cp_wire_put_offer(struct cp_buf *b, const uint8_t *plan, const struct cp_outgoing *first)
{
    cp_put_fixed(b, plan, CP_ID_LEN);
    cp_put_bin(b, first->entry.header);
    cp_put_bin(b, first->entry.frame);
    cp_put_bin(b, first->entry.sig);
}

void cp_wire_get_offer(struct cp_cursor *c, struct cp_wire_offer *out)
{
    out->plan = cp_get_fixed_ref(c, CP_ID_LEN);
    out->header = cp_get_bin(c, CP_HEADER_MAX);
    out->frame = cp_get_bin(c, CP_ENTRY_MAX);
    out->sig = cp_get_fixed_ref(c, CP_SIG_LEN);
}

/* ---- Small messages ---- */

void cp_wire_put_plan(struct cp_buf *b, enum cp_wire_type type, uint64_t plan)
{
    cp_put_array(b, 2);
    cp_put_uint(b, type);
    cp_put_uint(b, plan);
}

void cp_wire_put_chain(struct cp_buf *b, enum cp_wire_type type, uint64_t plan, enum cp_class class,
                       const uint8_t *tag, uint64_t number)
{
    cp_put_array(b, 5);
    cp_put_uint(b, type);
    cp_put_uint(b, plan);
    cp_put_uint(b, class);
    cp_put_fixed(b, tag, CP_TAG_LEN);
    cp_put_uint(b, number);
}

void cp_wire_put_chunk(struct cp_buf *b, uint64_t plan, enum cp_class class, unsigned depth, uint64_t number,
                       unsigned form, struct cp_bytes payload)
{
    cp_put_array(b, 6);
    cp_put_uint(b, CP_WIRE_CHUNK);
    cp_put_uint(b, plan);
    cp_put_uint(b, (uint64_t)class + 2 * (uint64_t)depth);
    cp_put_uint(b, number);
    cp_put_uint(b, form);
    cp_put_bin(b, payload);
}

static void put_number(struct cp_buf *b, enum cp_wire_type type, uint64_t number)
{
    cp_put_array(b, 2);
    cp_put_uint(b, type);
    cp_put_uint(b, number);
}

void cp_wire_put_ack(struct cp_buf *b, uint64_t number)
{
    put_number(b, CP_WIRE_ACK, number);
}

void cp_wire_put_again(struct cp_buf *b, uint64_t number)
{
    put_number(b, CP_WIRE_AGAIN, number);
}

void cp_wire_put_done(struct cp_buf *b, uint64_t plan, const uint8_t *digest, uint64_t missing, uint64_t wanted)
{
    cp_put_array(b, 5);
    cp_put_uint(b, CP_WIRE_DONE);
    cp_put_uint(b, plan);
    if (digest != NULL)
        cp_put_fixed(b, digest, CP_ID_LEN);
    else
        cp_put_nil(b);
    cp_put_uint(b, missing);
    cp_put_uint(b, wanted);
}

void cp_wire_put_fetch(struct cp_buf *b, uint64_t plan, const uint8_t *id, uint64_t number)
{
    cp_put_array(b, 4);
    cp_put_uint(b, CP_WIRE_FETCH);
    cp_put_uint(b, plan);
    cp_put_fixed(b, id, CP_ID_LEN);
    cp_put_uint(b, number);
}

void cp_wire_put_piece(struct cp_buf *b, uint64_t plan, const uint8_t *id, uint64_t number, struct cp_bytes bytes)
{
    cp_put_array(b, 5);
    cp_put_uint(b, CP_WIRE_PIECE);
    cp_put_uint(b, plan);
    cp_put_fixed(b, id, CP_ID_LEN);
    cp_put_uint(b, number);
    if (bytes.ptr != NULL)
        cp_put_bin(b, bytes);
    else
        cp_put_nil(b);
}

void cp_wire_put_enough(struct cp_buf *b)
{
    cp_put_array(b, 1);
    cp_put_uint(b, CP_WIRE_ENOUGH);
}

void cp_wire_put_word(struct cp_buf *b, enum cp_wire_type type, enum cp_err word)
{
    bool bare = type == CP_WIRE_BYE && word == CP_OK;
    cp_put_array(b, bare ? 1 : 2);
    cp_put_uint(b, type);
    if (!bare)
        cp_put_cstr(b, cp_err_word(word));
}

void cp_wire_put_join(struct cp_buf *b, struct cp_bytes join)
{
    cp_put_array(b, 3);
    cp_put_uint(b, CP_WIRE_JOIN);
    cp_put_uint(b, CP_WIRE_VERSION);
    cp_put_bin(b, join);
}

/* ---- Reading ---- */

static enum cp_err get_word(struct cp_cursor *c)
{
    char word[CP_WORD_MAX + 1] = {0};
    struct cp_bytes text = cp_get_str(c, CP_WORD_MAX);
    if (text.len != 0)
        memcpy(word, text.ptr, text.len);
    return cp_err_of_word(word);
}

static void get_chain(struct cp_cursor *c, struct cp_wire *out)
{
    out->class = (enum cp_class)cp_get_uint(c, CP_CONTENT);
    out->tag = cp_get_fixed_ref(c, CP_TAG_LEN);
    out->number = cp_get_uint(c, CP_INT_MAX);
}

/* How many levels there are and how many hashes: the numbers must add up. */
static void get_tags(struct cp_cursor *c, struct cp_wire *out)
{
    uint64_t sum = 0;
    get_chain(c, out);
    out->bytes = cp_get_bin(c, CP_TAGS_PER_MESSAGE * CP_TIP_HASH_LEN);
    out->count = cp_get_array(c, 0, CP_TAGS_PER_MESSAGE);
    out->rest = *c;
    for (size_t i = 0; i < out->count && c->err == CP_OK; i++) {
        uint64_t here = cp_get_uint(c, CP_BRANCHES_SHOWN);
        if (here == 0)
            cp_cursor_fail(c, CP_ERR_BAD_VALUE);
        sum += here;
    }
    if (out->bytes.len != sum * CP_TIP_HASH_LEN || out->count > out->number)
        cp_cursor_fail(c, CP_ERR_BAD_VALUE);
}

static void get_tips(struct cp_cursor *c, struct cp_wire *out)
{
    struct cp_wire_tips ignored;
    out->last = cp_get_uint(c, 1) == 1;
    out->rest = *c;
    cp_wire_get_tips(c, &ignored);
    cp_wire_get_tips(c, &ignored);
}

static void get_chunk(struct cp_cursor *c, struct cp_wire *out)
{
    uint64_t class = cp_get_uint(c, CP_CONTENT + 2 * CP_LINEAGE_MAX);
    out->class = (class & 1) != 0 ? CP_CONTENT : CP_CONTROL;
    out->depth = (unsigned)(class >> 1);
    out->number = cp_get_uint(c, CP_INT_MAX);
    out->form = (unsigned)cp_get_uint(c, 255);
    out->bytes = cp_get_bin(c, CP_MESSAGE_MAX);
}

static void get_done(struct cp_cursor *c, struct cp_wire *out)
{
    if (cp_cursor_peek(c) == CP_MP_NIL)
        cp_get_nil(c);
    else
        out->digest = cp_get_fixed_ref(c, CP_ID_LEN);
    out->number = cp_get_uint(c, CP_INT_MAX);
    out->wanted = cp_get_uint(c, CP_INT_MAX);
}

static void get_piece(struct cp_cursor *c, struct cp_wire *out)
{
    out->id = cp_get_fixed_ref(c, CP_ID_LEN);
    out->number = cp_get_uint(c, CP_PIECES_MAX - 1);
    if (out->type == CP_WIRE_FETCH)
        return;
    out->none = cp_cursor_peek(c) == CP_MP_NIL;
    if (out->none)
        cp_get_nil(c);
    else
        out->bytes = cp_get_bin(c, CP_PIECE_LEN);
}

/* Elements after the type; BYE has one or none. */
static size_t elements(enum cp_wire_type type)
{
    static const uint8_t counts[CP_WIRE_COUNT] = {
        [CP_WIRE_HELLO] = 4, [CP_WIRE_WELCOME] = 7, [CP_WIRE_TIPS] = 6,    [CP_WIRE_ASK] = 4,
        [CP_WIRE_TAGS] = 6,  [CP_WIRE_WANT] = 4,    [CP_WIRE_READY] = 1,   [CP_WIRE_CHUNK] = 5,
        [CP_WIRE_ACK] = 1,   [CP_WIRE_SENT] = 1,    [CP_WIRE_DONE] = 4,    [CP_WIRE_OFFER] = 5,
        [CP_WIRE_BYE] = 0,   [CP_WIRE_DECLINE] = 1, [CP_WIRE_JOIN] = 2,    [CP_WIRE_JOINED] = 1,
        [CP_WIRE_AGAIN] = 1, [CP_WIRE_FETCH] = 3,   [CP_WIRE_PIECE] = 4,   [CP_WIRE_ENOUGH] = 0,
    };
    return counts[type];
}

static void get_body(struct cp_cursor *c, size_t count, struct cp_wire *out)
{
    switch (out->type) {
    case CP_WIRE_HELLO:
    case CP_WIRE_WELCOME:
    case CP_WIRE_OFFER:
    case CP_WIRE_COUNT:
        out->rest = *c;
        for (size_t i = 0; i < count; i++)
            (void)cp_get_any(c, 1);
        break;
    case CP_WIRE_TIPS:
        get_tips(c, out);
        break;
    case CP_WIRE_ASK:
    case CP_WIRE_WANT:
        get_chain(c, out);
        break;
    case CP_WIRE_TAGS:
        get_tags(c, out);
        break;
    case CP_WIRE_CHUNK:
        get_chunk(c, out);
        break;
    case CP_WIRE_ACK:
    case CP_WIRE_AGAIN:
        out->number = cp_get_uint(c, CP_INT_MAX);
        break;
    case CP_WIRE_DONE:
        get_done(c, out);
        break;
    case CP_WIRE_BYE:
        out->word = count == 1 ? get_word(c) : CP_OK;
        break;
    case CP_WIRE_JOIN:
        if (cp_get_uint(c, UINT32_MAX) != CP_WIRE_VERSION)
            cp_cursor_fail(c, CP_ERR_NEWER_RULES);
        out->bytes = cp_get_bin(c, CP_JOIN_MAX);
        break;
    case CP_WIRE_JOINED:
        out->word = get_word(c);
        break;
    case CP_WIRE_READY:
    case CP_WIRE_SENT:
    case CP_WIRE_DECLINE:
    case CP_WIRE_ENOUGH:
        break;
    case CP_WIRE_FETCH:
    case CP_WIRE_PIECE:
        get_piece(c, out);
        break;
    }
}

static bool names_plan(enum cp_wire_type type)
{
    return (type >= CP_WIRE_TIPS && type <= CP_WIRE_DECLINE && type != CP_WIRE_ACK && type != CP_WIRE_OFFER) ||
           type == CP_WIRE_FETCH || type == CP_WIRE_PIECE;
}

enum cp_err cp_wire_read(struct cp_bytes message, struct cp_wire *out)
{
    struct cp_cursor c;
    memset(out, 0, sizeof *out);
    if (message.len > CP_MESSAGE_MAX)
        return CP_ERR_TOO_BIG;
    cp_cursor_init(&c, message, ITEMS_MAX);
    size_t count = cp_get_array(&c, 1, 8);
    uint64_t type = cp_get_uint(&c, UINT32_MAX);
    if (c.err != CP_OK)
        return c.err;
    if (type >= CP_WIRE_COUNT)
        return CP_ERR_BAD_MESSAGE;
    out->type = (enum cp_wire_type)type;
    count--;
    if (count != elements(out->type) && !(out->type == CP_WIRE_BYE && count == 1))
        return CP_ERR_BAD_VALUE;
    if (names_plan(out->type))
        out->plan = cp_get_uint(&c, 2 * CP_PLANS_PER_SESSION - 1);
    get_body(&c, count, out);
    return cp_cursor_end(&c);
}
