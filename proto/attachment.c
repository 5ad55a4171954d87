/* What an attachment says of itself. Owns: the layout of its words. Must not: keep or fetch pieces. */
#include "proto/attachment.h"

#include <string.h>

static const char *const words_of[] = {NULL, "image/png", "image/jpeg", "application/pdf", "text/plain"};

_Static_assert(CP_PIECES_MAX == (CP_ATTACHMENT_MAX + CP_PIECE_LEN - 1) / CP_PIECE_LEN,
               "a hash for each piece");
_Static_assert(CP_PIECES_MAX *CP_ID_LEN + CP_ALT_MAX + 256 < CP_ENTRY_MAX, "they fit an entry");
_Static_assert(CP_PIECE_LEN + 256 < CP_MESSAGE_MAX, "and a piece a message");

const char *cp_media_word(unsigned media)
{
    return media <= CP_MEDIA_LAST ? words_of[media] : NULL;
}

/* ---- The first bytes ---- */

/* Words that a page or a terminal can show as they are. */
static bool is_plain(struct cp_bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if ((b.ptr[i] < 0x20 && b.ptr[i] != '\n' && b.ptr[i] != '\r' && b.ptr[i] != '\t') || b.ptr[i] == 0x7f)
            return false;
    return b.len > 0 && cp_utf8_ok(b);
}

enum cp_media cp_media_of(struct cp_bytes bytes)
{
    if (cp_bytes_begin(bytes, "\x89PNG\r\n\x1a\n", 8))
        return CP_MEDIA_PNG;
    if (cp_bytes_begin(bytes, "\xff\xd8\xff", 3))
        return CP_MEDIA_JPEG;
    if (cp_bytes_begin(bytes, "%PDF-", 5))
        return CP_MEDIA_PDF;
    return is_plain(bytes) ? CP_MEDIA_TEXT : CP_MEDIA_NONE;
}

/* ---- Pieces ---- */

size_t cp_piece_len(size_t size, uint64_t number)
{
    if (number >= CP_PIECES_MAX || number * CP_PIECE_LEN >= size)
        return 0;
    size_t left = size - (size_t)number * CP_PIECE_LEN;
    return left < CP_PIECE_LEN ? left : CP_PIECE_LEN;
}

void cp_piece_hash(uint64_t number, struct cp_bytes bytes, uint8_t out[static CP_ID_LEN])
{
    struct cp_hasher h;
    cp_hash_init(&h, CP_TAG_PIECE, CP_ID_LEN);
    cp_hash_add_u64(&h, number);
    cp_hash_add(&h, bytes.ptr, bytes.len);
    cp_hash_end(&h, out, CP_ID_LEN);
}

bool cp_piece_fits(const struct cp_attachment *a, uint64_t number, struct cp_bytes bytes)
{
    uint8_t hash[CP_ID_LEN];
    if (number >= a->pieces || bytes.len != cp_piece_len(a->size, number))
        return false;
    cp_piece_hash(number, bytes, hash);
    return memcmp(hash, a->hashes + number * CP_ID_LEN, CP_ID_LEN) == 0;
}

/* ---- Words ---- */

static bool lang_ok(struct cp_bytes lang)
{
    const struct cp_field tag = {.on = UINT32_MAX, .type = CP_TYPE_LANG};
    return lang.len == 0 || cp_field_check_text(&tag, lang, CP_RECORD_COUNT) == CP_OK;
}

bool cp_attachment_alt_ok(struct cp_bytes alt)
{
    bool said = false;
    for (size_t i = 0; i < alt.len; i++)
        said = said || (alt.ptr[i] > ' ' && alt.ptr[i] != 0x7f);
    return said && alt.len <= CP_ALT_MAX && is_plain(alt);
}

enum cp_err cp_attachment_read(struct cp_bytes words, struct cp_attachment *out)
{
    struct cp_cursor c;
    cp_cursor_init(&c, words, CP_ITEMS_MAX);
    memset(out, 0, sizeof *out);
    (void)cp_get_array(&c, 6, 6);
    out->salt = cp_get_fixed_ref(&c, CP_SALT_LEN);
    uint64_t media = cp_get_uint(&c, CP_MEDIA_LAST);
    out->size = (size_t)cp_get_uint(&c, CP_ATTACHMENT_MAX);
    struct cp_bytes hashes = cp_get_bin(&c, (size_t)CP_PIECES_MAX * CP_ID_LEN);
    out->lang = cp_get_str(&c, CP_LANG_MAX);
    out->alt = cp_get_str(&c, CP_ALT_MAX);
    if (cp_cursor_end(&c) != CP_OK || media == CP_MEDIA_NONE)
        return CP_ERR_NEWER_CONTENT;
    out->media = (enum cp_media)media;
    out->pieces = (out->size + CP_PIECE_LEN - 1) / CP_PIECE_LEN;
    out->hashes = hashes.ptr;
    bool good = out->size > 0 && hashes.len == out->pieces * CP_ID_LEN && lang_ok(out->lang) &&
                cp_attachment_alt_ok(out->alt);
    return good ? CP_OK : CP_ERR_NEWER_CONTENT;
}

enum cp_err cp_attachment_draft(struct cp_draft *d, enum cp_media media, struct cp_bytes bytes,
                                struct cp_bytes lang, struct cp_bytes alt)
{
    uint8_t hashes[CP_PIECES_MAX * CP_ID_LEN];
    size_t pieces = 0;
    if (bytes.len > CP_ATTACHMENT_MAX)
        return CP_ERR_TOO_BIG;
    if (bytes.len == 0 || media == CP_MEDIA_NONE || !cp_attachment_alt_ok(alt) || !lang_ok(lang))
        return CP_ERR_BAD_VALUE;
    for (size_t len; (len = cp_piece_len(bytes.len, pieces)) > 0; pieces++)
        cp_piece_hash(pieces, CP_BYTES(bytes.ptr + pieces * CP_PIECE_LEN, len), hashes + pieces * CP_ID_LEN);
    cp_draft_number(d, media);
    cp_draft_number(d, (int64_t)bytes.len);
    cp_draft_value(d, CP_BYTES(hashes, pieces * CP_ID_LEN), false);
    cp_draft_value(d, lang, true);
    cp_draft_value(d, alt, true);
    return CP_OK;
}
