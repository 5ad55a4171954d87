/*
 * What the files of the compact form share. Nobody else includes this.
 *
 *   compact_pack.c    form 0 to columns
 *   compact_unpack.c  columns to form 0
 *   compact_zstd.c    columns to one zstd frame and back
 */
#ifndef CP_COMPACT_INTERNAL_H
#define CP_COMPACT_INTERNAL_H

#include "proto/chunk_internal.h"
#include "proto/compact.h"

/* Like stands with like: what repeats first, then what people wrote, then what no compressor can shorten. */
enum cp_column {
    COLUMN_WHO,        /* for each entry: 2 x branch, + 1 when its signature travels */
    COLUMN_BRANCHES,   /* for each new branch: 0 and the seq of the entry before its first; or
                          1 + name, and how far that entry lies below the last that both hold */
    COLUMN_LAMPORT,    /* signed difference from 1 + the greatest of the predecessors' that are known */
    COLUMN_TIME,       /* signed difference from the entry before in the chunk */
    COLUMN_PARENTS,    /* 0: named as those of the entry before are; else 1 + count, and that many references */
    COLUMN_SHAPE,      /* frame: 2 x kind (content: kind - 64), + 1 and then the count of elements when it is not 5;
                          how many references; words: enum cp_words_shape */
    COLUMN_REF_KIND,   /* the frames' references: enum cp_ref_kind */
    COLUMN_REF_VALUE,
    COLUMN_TAIL,       /* the frames' other elements, as they are */
    COLUMN_TEXT,       /* the words' values, as they are */
    COLUMN_RAW,        /* as they come up: ids (32), salts (16), signatures (64); of a branch written out: device,
                          incarnation, the id before its first. All the rest: its length is not stated */
    COLUMN_COUNT
};
/* Where one block of the frame ends and the next begins: each has statistics of its own. */
#define COLUMN_BLOCK_ENDS(c) ((c) == COLUMN_TAIL || (c) == COLUMN_TEXT)

enum cp_ref_kind {
    REF_LITERAL, /* 32 bytes in COLUMN_RAW, no value */
    REF_BACK,    /* value: how many entries back in this chunk */
    REF_NAMED    /* + name; value: seq */
};
enum {
    FRAME_ELEMENTS = 5,      /* of every content frame of today */
    FRAME_KIND_CONTENT = 64  /* the lowest kind of content */
};
struct cp_ref {
    uint64_t kind, value;
};
enum cp_words_shape {
    WORDS_NONE,  /* length 0 */
    WORDS_RAW,   /* then their length; all of them in COLUMN_TEXT. Length 0: withdrawn; then the length that they
                    had, and their hash in COLUMN_RAW */
    WORDS_SALTED /* + how many values stand in COLUMN_TEXT, after a salt */
};

/* One zstd frame of `count` pieces, each beginning a block; its size is stated. */
enum cp_err compact_deflate(const struct cp_mem *mem, const struct cp_bytes *pieces, size_t count, struct cp_buf *out);
/* The stated size is judged before anything is allocated: TOO_BIG beyond CP_CHUNK_MAX, BAD_VALUE when there is none. */
enum cp_err compact_inflate(const struct cp_mem *mem, struct cp_bytes frame, struct cp_buf *out);

void compact_check(uint8_t (*ids)[CP_ID_LEN], size_t count, uint8_t out[static CP_COMPACT_CHECK_LEN]);

#endif
