/*
 * What an attachment says of itself, its pieces, and pictures without what nobody sees in them. Bad input first: words and files
 * cut at every byte, with a bit flipped, too long, hostile.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/picture.h"
#include "tests/support/replica.h"

/* ---- Words ---- */

static const uint8_t salt[CP_SALT_LEN] = {7, 7, 7};

static void write_words(enum cp_media media, struct cp_bytes bytes, const char *lang, const char *alt,
                        struct cp_buf *words)
{
    struct cp_draft d;
    struct cp_buf frame;
    static const uint8_t target[CP_ID_LEN] = {1};
    cp_buf_init(&frame, &replica_mem, CP_ENTRY_MAX);
    cp_buf_init(words, &replica_mem, CP_ENTRY_MAX);
    cp_draft_init(&d, &replica_mem, CP_KIND_ATTACHMENT, 0, target);
    cr_assert_eq(cp_attachment_draft(&d, media, bytes, cp_bytes_str(lang), cp_bytes_str(alt)), CP_OK);
    cr_assert_eq(cp_draft_write(&d, salt, &frame, words), CP_OK);
    struct cp_frame f;
    cr_assert_eq(cp_frame_read(cp_buf_bytes(&frame), cp_buf_bytes(words), &f), CP_OK);
    cr_assert(f.kind == CP_KIND_ATTACHMENT && memcmp(cp_frame_target(&f), target, CP_ID_LEN) == 0);
    cp_buf_clear(&frame);
    cp_draft_clear(&d);
}

static struct cp_bytes many(size_t len)
{
    static uint8_t bytes[CP_ATTACHMENT_MAX + 1];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 31 % 251);
    return CP_BYTES(bytes, len);
}

Test(attachment, words_come_back)
{
    struct cp_buf words;
    struct cp_attachment a;
    struct cp_bytes bytes = many(2 * CP_PIECE_LEN + 5);
    write_words(CP_MEDIA_JPEG, bytes, "cy", "Mainc yn y parc", &words);
    cr_assert_eq(cp_attachment_read(cp_buf_bytes(&words), &a), CP_OK);
    cr_expect(a.media == CP_MEDIA_JPEG && a.size == bytes.len && a.pieces == 3);
    cr_expect(cp_bytes_eq(a.alt, cp_bytes_str("Mainc yn y parc")) && cp_bytes_eq(a.lang, cp_bytes_str("cy")));
    cr_expect(memcmp(a.salt, salt, CP_SALT_LEN) == 0);
    for (uint64_t i = 0; i < 3; i++)
        cr_expect(cp_piece_fits(&a, i, CP_BYTES(bytes.ptr + i * CP_PIECE_LEN, cp_piece_len(bytes.len, i))));
    cp_buf_clear(&words);
}

Test(attachment, wrong_pieces_do_not_fit)
{
    struct cp_buf words;
    struct cp_attachment a;
    struct cp_bytes bytes = many(3 * CP_PIECE_LEN);
    static uint8_t wrong[CP_PIECE_LEN];
    memcpy(wrong, bytes.ptr, CP_PIECE_LEN);
    wrong[40000] ^= 1;
    write_words(CP_MEDIA_PNG, bytes, "", "a bench", &words);
    cr_assert_eq(cp_attachment_read(cp_buf_bytes(&words), &a), CP_OK);
    cr_expect(cp_piece_fits(&a, 0, CP_BYTES(bytes.ptr, CP_PIECE_LEN)));
    cr_expect(!cp_piece_fits(&a, 0, CP_BYTES(wrong, CP_PIECE_LEN)), "a bit flipped");
    cr_expect(!cp_piece_fits(&a, 1, CP_BYTES(bytes.ptr, CP_PIECE_LEN)), "in another place");
    cr_expect(!cp_piece_fits(&a, 0, CP_BYTES(bytes.ptr, CP_PIECE_LEN - 1)), "too short");
    cr_expect(!cp_piece_fits(&a, 3, CP_BYTES(bytes.ptr, 0)) &&
              !cp_piece_fits(&a, UINT64_MAX, CP_BYTES(bytes.ptr, 1)));
    cp_buf_clear(&words);
    cr_expect_eq(cp_piece_len(CP_ATTACHMENT_MAX, CP_PIECES_MAX - 1), CP_PIECE_LEN);
    cr_expect_eq(cp_piece_len(CP_ATTACHMENT_MAX, CP_PIECES_MAX), 0);
    cr_expect_eq(cp_piece_len(1, 0), 1);
}

/* Protocol (docs/protocol.md "Attachments"): BLAKE2b-256 of the tag with its NUL, the number in 8 bytes, the bytes. */
Test(attachment, a_piece_is_named_by_its_place_too)
{
    static const char *const names[] = {"a03748d545a5e7329dc14afd79bc458a3dd96c3393eba644032b92cf6aef2f8d",
                                        "81ab4cab06e311729abeae04cda1b55ae08c7c1eb682219d27049f9d99819035"};
    for (uint64_t i = 0; i < 2; i++) {
        uint8_t hash[CP_ID_LEN];
        char hex[2 * CP_ID_LEN + 1];
        cp_piece_hash(i, cp_bytes_str("AAAAAAAAAA"), hash);
        cp_hex_encode(hash, sizeof hash, hex);
        cr_expect_str_eq(hex, names[i]);
    }
}

Test(attachment, words_that_are_cut_or_bent_say_nothing_or_what_they_say)
{
    struct cp_buf words;
    struct cp_attachment a;
    write_words(CP_MEDIA_TEXT, many(70000), "en", "two pages", &words);
    for (size_t len = 0; len < words.len; len++)
        cr_expect_eq(cp_attachment_read(CP_BYTES(words.ptr, len), &a), CP_ERR_NEWER_CONTENT, "cut at %zu",
                     len);
    for (size_t bit = 0; bit < words.len * 8; bit++) {
        words.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        if (cp_attachment_read(cp_buf_bytes(&words), &a) == CP_OK)
            cr_expect(a.size > 0 && a.size <= CP_ATTACHMENT_MAX &&
                      a.pieces == (a.size + CP_PIECE_LEN - 1) / CP_PIECE_LEN && a.alt.len > 0 &&
                      cp_media_word(a.media) != NULL);
        words.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cp_buf_clear(&words);
}

Test(attachment, drafts_are_refused)
{
    struct cp_draft d;
    static const uint8_t target[CP_ID_LEN] = {1};
    static char alt[CP_ALT_MAX + 2];
    memset(alt, 'a', CP_ALT_MAX + 1);
    const struct cp_bytes one = CP_BYTES((const uint8_t *)"x", 1), none = CP_BYTES(NULL, 0);
    cp_draft_init(&d, &replica_mem, CP_KIND_ATTACHMENT, 0, target);
    struct cp_bytes said = cp_bytes_str("a bench");
    cr_expect_eq(cp_attachment_draft(&d, CP_MEDIA_PNG, many(CP_ATTACHMENT_MAX + 1), none, said),
                 CP_ERR_TOO_BIG);
    cr_expect_eq(cp_attachment_draft(&d, CP_MEDIA_PNG, none, none, said), CP_ERR_BAD_VALUE);
    cr_expect_eq(cp_attachment_draft(&d, CP_MEDIA_NONE, one, none, said), CP_ERR_BAD_VALUE);
    cr_expect_eq(cp_attachment_draft(&d, CP_MEDIA_PNG, one, cp_bytes_str("No tag"), said), CP_ERR_BAD_VALUE);
    cr_expect_eq(cp_attachment_draft(&d, CP_MEDIA_PNG, one, none, none), CP_ERR_BAD_VALUE);
    cr_expect_eq(cp_attachment_draft(&d, CP_MEDIA_PNG, one, none, cp_bytes_str(" \n ")), CP_ERR_BAD_VALUE);
    cr_expect_eq(cp_attachment_draft(&d, CP_MEDIA_PNG, one, none, cp_bytes_str("a\x1b[2J")),
                 CP_ERR_BAD_VALUE);
    cr_expect_eq(cp_attachment_draft(&d, CP_MEDIA_PNG, one, none, cp_bytes_str("\xff")), CP_ERR_BAD_VALUE);
    cr_expect_eq(cp_attachment_draft(&d, CP_MEDIA_PNG, one, none, cp_bytes_str(alt)), CP_ERR_BAD_VALUE);
    alt[CP_ALT_MAX] = '\0';
    cr_expect_eq(cp_attachment_draft(&d, CP_MEDIA_PNG, many(CP_ATTACHMENT_MAX), none, cp_bytes_str(alt)),
                 CP_OK);
    cp_draft_clear(&d);
}

Test(attachment, first_bytes)
{
    static const struct {
        const char *bytes;
        size_t len;
        enum cp_media media;
    } rows[] = {{"\x89PNG\r\n\x1a\n", 8, CP_MEDIA_PNG},
                {"\x89PNG\r\n\x1a", 7, CP_MEDIA_NONE},
                {"\xff\xd8\xff\xe0", 4, CP_MEDIA_JPEG},
                {"\xff\xd8", 2, CP_MEDIA_NONE},
                {"%PDF-1.4", 8, CP_MEDIA_PDF},
                {"A letter\n", 9, CP_MEDIA_TEXT},
                {"", 0, CP_MEDIA_NONE},
                {"a\0b", 3, CP_MEDIA_NONE},
                {"\x1b[2J", 4, CP_MEDIA_NONE},
                {"GIF89a\x01", 7, CP_MEDIA_NONE},
                {"\x7f"
                 "ELF",
                 4, CP_MEDIA_NONE},
                {"\xc3", 1, CP_MEDIA_NONE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(cp_media_of(CP_BYTES((const uint8_t *)rows[i].bytes, rows[i].len)), rows[i].media,
                     "row %zu", i);
    cr_expect(cp_media_word(CP_MEDIA_NONE) == NULL && cp_media_word(CP_MEDIA_LAST + 1) == NULL);
}

/* ---- Pictures ---- */

/* What a phone makes: place, camera, comment, a small copy, a film behind the end; turned by 90 degrees. */
static const char exif_mm[] = "Exif\0\0MM\0*\0\0\0\x08\0\x02"
                              "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
                              "\x88\x25\0\x04\0\0\0\x01\0\0\0\x08"
                              "\0\0\0\0GPSMARK";
static const char scan[] = "\xff\xda\0\x08\x01\x01\0\0\x3f\0shown\xff\0more\xff\xd3more";

static void put_segment(struct cp_buf *b, unsigned marker, const char *inside, size_t len)
{
    cp_buf_put_byte(b, 0xff);
    cp_buf_put_byte(b, (uint8_t)marker);
    cp_buf_put_byte(b, (uint8_t)((len + 2) >> 8 & 0xff));
    cp_buf_put_byte(b, (uint8_t)((len + 2) & 0xff));
    cp_buf_put(b, inside, len);
}

static void make_jpeg(struct cp_buf *b)
{
    cp_buf_init(b, &replica_mem, 65536);
    cp_buf_put(b, "\xff\xd8", 2);
    put_segment(b, 0xe0, "JFIF\0\x01\x02\0\0\x01\0\x01\x01\x02THUMBMARK", 23);
    put_segment(b, 0xe1, exif_mm, sizeof exif_mm - 1);
    put_segment(b, 0xe1, "http://ns.adobe.com/xap/1.0/\0XMPMARK", 36);
    put_segment(b, 0xe2, "ICC_PROFILE\0\x01\x01kept", 18);
    put_segment(b, 0xe2, "MPF\0COPYMARK", 12);
    put_segment(b, 0xee, "Adobe\0d\0\0\0\0\x01", 12);
    put_segment(b, 0xfe, "COMMENTMARK", 11);
    put_segment(b, 0xdb, "\0table", 6);
    cp_buf_put(b, scan, sizeof scan - 1);
    put_segment(b, 0xc4, "\0another", 8);
    cp_buf_put(b, scan, sizeof scan - 1);
    cp_buf_put(b,
               "\xff\xd9"
               "FILMMARK",
               10);
    cr_assert_eq(cp_buf_err(b), CP_OK);
}

static bool has(const struct cp_buf *b, const char *text, size_t len)
{
    for (size_t i = 0; i + len <= b->len; i++)
        if (memcmp(b->ptr + i, text, len) == 0)
            return true;
    return false;
}

Test(picture, a_photo_keeps_what_it_shows)
{
    struct cp_buf in, out, again;
    unsigned left_out = 0;
    make_jpeg(&in);
    cp_buf_init(&out, &replica_mem, 65536);
    cp_buf_init(&again, &replica_mem, 65536);
    cr_assert_eq(cp_picture_clean(CP_MEDIA_JPEG, cp_buf_bytes(&in), &out, &left_out), CP_OK);
    cr_expect_eq(left_out, CP_LEFT_OUT_PLACE | CP_LEFT_OUT_OTHER);
    cr_expect(!has(&out, "MARK", 4), "what nobody sees");
    cr_expect(has(&out, "ICC_PROFILE", 11) && has(&out, "Adobe", 5) && has(&out, "table", 5) &&
              has(&out, "another", 7));
    cr_expect(has(&out, scan, sizeof scan - 1), "the picture, byte for byte");
    cr_expect(has(&out, "\x01\x12\0\x03\0\0\0\x01\0\x06", 10), "which way up");
    cr_expect(memcmp(out.ptr + out.len - 2, "\xff\xd9", 2) == 0 &&
              cp_media_of(cp_buf_bytes(&out)) == CP_MEDIA_JPEG);
    cr_assert_eq(cp_picture_clean(CP_MEDIA_JPEG, cp_buf_bytes(&out), &again, &left_out), CP_OK);
    cr_expect(cp_bytes_eq(cp_buf_bytes(&out), cp_buf_bytes(&again)) && left_out == 0, "clean is clean");
    cp_buf_clear(&in);
    cp_buf_clear(&out);
    cp_buf_clear(&again);
}

/* However a file is cut or bent: no place, no camera, no read beyond it, and never a file that says it is whole but is not. */
Test(picture, a_photo_that_is_cut_or_bent)
{
    struct cp_buf in, out;
    unsigned left_out = 0;
    size_t refused = 0;
    make_jpeg(&in);
    cp_buf_init(&out, &replica_mem, 65536);
    for (size_t len = 0; len + 8 < in.len; len++) {
        cp_buf_reset(&out);
        cr_expect_eq(cp_picture_clean(CP_MEDIA_JPEG, CP_BYTES(in.ptr, len), &out, &left_out),
                     CP_ERR_BAD_PICTURE, "cut at %zu", len);
    }
    for (size_t bit = 0; bit < in.len * 8; bit++) {
        in.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cp_buf_reset(&out);
        enum cp_err err = cp_picture_clean(CP_MEDIA_JPEG, cp_buf_bytes(&in), &out, &left_out);
        cr_expect(err == CP_OK || err == CP_ERR_BAD_PICTURE);
        cr_expect(out.len <= in.len + 64);
        refused += err == CP_OK ? 0 : 1;
        in.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cr_expect(refused > 100);
    cp_buf_clear(&in);
    cp_buf_clear(&out);
}

static void put_chunk(struct cp_buf *b, const char *type, const char *inside, size_t len)
{
    const uint8_t head[4] = {0, 0, (uint8_t)(len >> 8 & 0xff), (uint8_t)(len & 0xff)};
    cp_buf_put(b, head, 4);
    cp_buf_put(b, type, 4);
    cp_buf_put(b, inside, len);
    cp_buf_put(b, "crc!", 4);
}

Test(picture, a_png_keeps_what_it_shows)
{
    struct cp_buf in, out;
    unsigned left_out = 0;
    cp_buf_init(&in, &replica_mem, 65536);
    cp_buf_init(&out, &replica_mem, 65536);
    cp_buf_put(&in, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(&in, "IHDR", "thirteenbytes", 13);
    put_chunk(&in, "tEXt", "Author\0TEXTMARK", 15);
    put_chunk(&in, "eXIf", "MM\0*EXIFMARK", 12);
    put_chunk(&in, "tIME", "MARKs", 5);
    put_chunk(&in, "pHYs", "ninebytes", 9);
    put_chunk(&in, "IDAT", "shown", 5);
    put_chunk(&in, "IEND", "", 0);
    cp_buf_put(&in, "TAILMARK", 8);
    cr_assert_eq(cp_picture_clean(CP_MEDIA_PNG, cp_buf_bytes(&in), &out, &left_out), CP_OK);
    cr_expect_eq(left_out, CP_LEFT_OUT_OTHER);
    cr_expect(!has(&out, "MARK", 4) && has(&out, "shown", 5) && has(&out, "ninebytes", 9));
    cp_buf_reset(&in);
    cr_assert_eq(cp_picture_clean(CP_MEDIA_PNG, cp_buf_bytes(&out), &in, &left_out), CP_OK);
    cr_expect(cp_bytes_eq(cp_buf_bytes(&in), cp_buf_bytes(&out)) && left_out == 0, "clean is clean");
    cp_buf_reset(&in);
    cp_buf_put(&in, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(&in, "IHDR", "thirteenbytes", 13);
    put_chunk(&in, "eXIf", exif_mm + 6, sizeof exif_mm - 1 - 6);
    put_chunk(&in, "IDAT", "shown", 5);
    put_chunk(&in, "IEND", "", 0);
    cp_buf_put(&in, "TAILMARK", 8);
    cp_buf_reset(&out);
    cr_assert_eq(cp_picture_clean(CP_MEDIA_PNG, cp_buf_bytes(&in), &out, &left_out), CP_OK);
    cr_expect_eq(left_out, CP_LEFT_OUT_PLACE | CP_LEFT_OUT_OTHER);
    cr_expect(!has(&out, "MARK", 4));
    for (size_t len = 0; len + 8 < in.len; len++) {
        cp_buf_reset(&out);
        cr_expect_eq(cp_picture_clean(CP_MEDIA_PNG, CP_BYTES(in.ptr, len), &out, &left_out),
                     CP_ERR_BAD_PICTURE, "cut at %zu", len);
    }
    for (size_t bit = 0; bit < in.len * 8; bit++) {
        in.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cp_buf_reset(&out);
        enum cp_err err = cp_picture_clean(CP_MEDIA_PNG, cp_buf_bytes(&in), &out, &left_out);
        cr_expect((err == CP_OK || err == CP_ERR_BAD_PICTURE) && out.len <= in.len);
        in.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cp_buf_reset(&in);
    cp_buf_put(&in, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(&in, "IDAT", "shown", 5);
    put_chunk(&in, "IEND", "", 0);
    cr_expect_eq(cp_picture_clean(CP_MEDIA_PNG, cp_buf_bytes(&in), &out, &left_out), CP_ERR_BAD_PICTURE,
                 "no head");
    cp_buf_clear(&in);
    cp_buf_clear(&out);
}

Test(picture, papers_stay_as_they_are)
{
    struct cp_buf out;
    unsigned left_out = 7;
    cp_buf_init(&out, &replica_mem, 64);
    cr_assert_eq(cp_picture_clean(CP_MEDIA_PDF, cp_bytes_str("%PDF-1.4"), &out, &left_out), CP_OK);
    cr_expect(left_out == 0 && cp_bytes_eq(cp_buf_bytes(&out), cp_bytes_str("%PDF-1.4")));
    cr_expect_eq(cp_picture_clean(CP_MEDIA_NONE, cp_bytes_str("%PDF-1.4"), &out, &left_out),
                 CP_ERR_BAD_PICTURE);
    cp_buf_clear(&out);
}
