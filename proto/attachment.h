/*
 * Attachments: a picture or a scanned form that belongs to something in a plan (docs/protocol.md "Attachments").
 * Owns: what an ATTACHMENT entry says, how its bytes are cut into pieces, and how a piece is told from a wrong one.
 * Must not: look into what is attached beyond its first bytes, or keep or fetch anything (session_fetch.c, the store).
 *
 * The entry names the bytes by the hash of each piece; the bytes themselves are no entry. All that the entry says stands in its
 * words, so a WITHDRAW takes the hashes too, and nobody can confirm by guessing what was there.
 *   words = [salt, media, size, hashes, language, alternative text]
 */
#ifndef CP_ATTACHMENT_H
#define CP_ATTACHMENT_H

#include "proto/frame.h"

/* What may be attached. The numbers are protocol. */
enum cp_media {
    CP_MEDIA_NONE = 0,
    CP_MEDIA_PNG = 1,
    CP_MEDIA_JPEG = 2,
    CP_MEDIA_PDF = 3,
    CP_MEDIA_TEXT = 4
};
#define CP_MEDIA_LAST 4U

struct cp_attachment {
    enum cp_media media;
    size_t size;           /* bytes, 1 to CP_ATTACHMENT_MAX */
    size_t pieces;         /* size / CP_PIECE_LEN, rounded up */
    const uint8_t *hashes; /* pieces x CP_ID_LEN; borrowed from the words */
    const uint8_t *salt;   /* CP_SALT_LEN; borrowed */
    struct cp_bytes lang;  /* of alt; empty: the plan's */
    struct cp_bytes alt;   /* never empty */
};

/* "image/png"; NULL for a number that is none. */
const char *cp_media_word(unsigned media);
/* What the first bytes say it is: PNG, JPEG, PDF; TEXT when all of it is UTF-8 without control characters. */
enum cp_media cp_media_of(struct cp_bytes bytes);

/* Reads the words of an ATTACHMENT. NEWER_CONTENT: they say none that this program knows (no effect). Never for erased words. */
CP_MUST_USE enum cp_err cp_attachment_read(struct cp_bytes words, struct cp_attachment *out);
/* May this stand as alternative text: UTF-8, not blank, no control characters but line ends, at most CP_ALT_MAX? */
bool cp_attachment_alt_ok(struct cp_bytes alt);
/*
 * Puts the words of an attachment of `bytes` into a draft of kind ATTACHMENT. Errors: TOO_BIG (more than CP_ATTACHMENT_MAX),
 * BAD_VALUE (no bytes, blank or overlong alternative text, a language that is none).
 */
CP_MUST_USE enum cp_err cp_attachment_draft(struct cp_draft *d, enum cp_media media, struct cp_bytes bytes,
                                            struct cp_bytes lang, struct cp_bytes alt);

/* How long piece `number` (from 0) of `size` bytes is; 0 when there is none. */
size_t cp_piece_len(size_t size, uint64_t number);
/* H("coplan/1 piece", number | bytes). */
void cp_piece_hash(uint64_t number, struct cp_bytes bytes, uint8_t out[static CP_ID_LEN]);
/* Is this that piece of it? */
bool cp_piece_fits(const struct cp_attachment *a, uint64_t number, struct cp_bytes bytes);

#endif
