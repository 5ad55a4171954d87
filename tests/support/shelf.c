/* Attachments in memory. See shelf.h. */
#include "tests/support/shelf.h"

#include <assert.h>
#include <string.h>

struct cp_bytes shelf_piece(const struct shelf_row *r, uint64_t number, uint8_t out[static CP_PIECE_LEN])
{
    size_t len = cp_piece_len(r->size, number);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)((r->seed + i * 7 + number) & 0xff);
    return CP_BYTES(out, len);
}

static size_t pieces_of(const struct shelf_row *r)
{
    return (r->size + CP_PIECE_LEN - 1) / CP_PIECE_LEN;
}

bool shelf_whole(const struct shelf_row *r)
{
    for (size_t i = 0; i < pieces_of(r); i++)
        if (!r->here[i])
            return false;
    return true;
}

static enum cp_err next(void *ctx, const uint8_t plan[CP_ID_LEN], const struct cp_piece_place *from,
                        struct cp_piece_want *out, bool *found)
{
    const struct shelf *s = ctx;
    static uint8_t bytes[CP_PIECE_LEN];
    (void)plan;
    *found = false;
    for (size_t i = 0; i < s->count && s->room > 0; i++) {
        const struct shelf_row *r = &s->rows[i];
        if (!r->wished || i + 1 < from->row)
            continue;
        for (uint64_t n = i + 1 == from->row ? from->number : 0; n < pieces_of(r); n++) {
            if (r->here[n])
                continue;
            *out = (struct cp_piece_want){.place = {.row = i + 1, .number = n}};
            memcpy(out->id, r->id, CP_ID_LEN);
            struct cp_bytes piece = shelf_piece(r, n, bytes);
            out->len = piece.len;
            cp_piece_hash(n, piece, out->hash);
            *found = true;
            return s->broken;
        }
    }
    return s->broken;
}

static enum cp_err any(void *ctx, bool *yes)
{
    const struct cp_piece_place from = {.number = 0};
    struct cp_piece_want want;
    return next(ctx, NULL, &from, &want, yes);
}

static enum cp_err give(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t id[CP_ID_LEN],
                        uint64_t number, struct cp_buf *out, bool *found)
{
    struct shelf *s = ctx;
    static uint8_t bytes[CP_PIECE_LEN];
    (void)plan;
    *found = false;
    for (size_t i = 0; i < s->count && !*found; i++) {
        const struct shelf_row *r = &s->rows[i];
        *found = memcmp(r->id, id, CP_ID_LEN) == 0 && !r->hidden && number < pieces_of(r) && r->here[number];
        if (*found)
            cp_buf_put_bytes(out, shelf_piece(r, number, bytes));
    }
    s->given += *found ? 1 : 0;
    return s->broken != CP_OK ? s->broken : cp_buf_err(out);
}

void shelf_init(struct shelf *s)
{
    memset(s, 0, sizeof *s);
    s->room = SIZE_MAX;
    s->iface = (struct cp_pieces){.ctx = s, .any = any, .next = next, .read = give};
}

struct shelf_row *shelf_add(struct shelf *s, uint8_t seed, size_t size, bool here, bool wished)
{
    assert(s->count < SHELF_MAX);
    struct shelf_row *r = &s->rows[s->count++];
    *r = (struct shelf_row){.size = size, .seed = seed, .wished = wished};
    memset(r->id, seed, CP_ID_LEN);
    for (size_t i = 0; i < pieces_of(r); i++)
        r->here[i] = here;
    return r;
}

enum cp_err shelf_keep(struct shelf *s, const struct cp_action *a)
{
    static uint8_t bytes[CP_PIECE_LEN];
    for (size_t i = 0; i < s->count; i++) {
        struct shelf_row *r = &s->rows[i];
        if (memcmp(r->id, a->id, CP_ID_LEN) != 0)
            continue;
        if (s->room == 0)
            return CP_ERR_PICTURES_FULL;
        assert(a->number < pieces_of(r) && cp_bytes_eq(a->bytes, shelf_piece(r, a->number, bytes)));
        r->here[a->number] = true;
        s->room--;
        s->kept++;
        return CP_OK;
    }
    return CP_ERR_NOT_FOUND;
}
