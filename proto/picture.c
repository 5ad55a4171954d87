/* Pictures without what is not to be seen in them. Owns: the walk. Must not: decode. */
#include "proto/picture.h"

#include <string.h>

struct walk {
    struct cp_bytes in;
    size_t at;
    struct cp_buf *out;
    unsigned left_out;
};

static unsigned be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* ---- Exif: a TIFF file within a segment ---- */

struct exif {
    bool little;
    unsigned turned; /* 1 to 8; 0: not said */
    bool place;
};

static unsigned tiff16(const struct exif *e, const uint8_t *p)
{
    return e->little ? (unsigned)p[1] << 8 | p[0] : be16(p);
}

static uint32_t tiff32(const struct exif *e, const uint8_t *p)
{
    return e->little ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0] : be32(p);
}

/* The first directory alone: that is where both stand. What is not well formed says nothing. */
static struct exif read_exif(struct cp_bytes tiff)
{
    enum {
        ROW = 12,
        TURNED = 0x0112,
        PLACE = 0x8825
    };
    struct exif e = {.little = cp_bytes_begin(tiff, "II", 2)};
    if (tiff.len < 8 || (!e.little && !cp_bytes_begin(tiff, "MM", 2)))
        return e;
    uint32_t at = tiff32(&e, tiff.ptr + 4);
    if (at > tiff.len || tiff.len - at < 2)
        return e;
    const uint8_t *row = tiff.ptr + at + 2;
    size_t rows = tiff16(&e, tiff.ptr + at), fit = (tiff.len - at - 2) / ROW;
    for (rows = rows < fit ? rows : fit; rows > 0; rows--, row += ROW) {
        unsigned tag = tiff16(&e, row), value = tiff16(&e, row + 8);
        if (tag == TURNED && tiff16(&e, row + 2) == 3 && value >= 1 && value <= 8)
            e.turned = value;
        e.place = e.place || tag == PLACE;
    }
    return e;
}

/* A segment that says which way up the picture is, and nothing else. */
static void put_turned(struct walk *w, unsigned turned)
{
    static const uint8_t head[] = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42,
                                   0,    0,    0, 8,  0,   1,   1,   18,  0, 3, 0,   0,   0, 1};
    static const uint8_t tail[] = {0, 0, 0, 0, 0, 0};
    cp_buf_put(w->out, head, sizeof head);
    cp_buf_put_byte(w->out, 0);
    cp_buf_put_byte(w->out, (uint8_t)turned);
    cp_buf_put(w->out, tail, sizeof tail);
}

/* ---- JPEG ---- */

enum {
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    COM = 0xfe,
    APP0 = 0xe0,
    APP1 = 0xe1,
    APP2 = 0xe2,
    APP14 = 0xee,
    APP15 = 0xef,
    RST0 = 0xd0,
    RST7 = 0xd7,
    SOF0 = 0xc0,
    EXP = 0xdf
};

/* Its small copy of the picture is left out: it may show what was cut away. */
static void put_jfif(struct walk *w, struct cp_bytes segment)
{
    enum {
        FIXED = 16, /* length, "JFIF", version, dots an inch, the size of the copy */
        MARKER = 2
    };
    static const uint8_t no_copy[] = {0, 0};
    const uint8_t *head = segment.ptr;
    if (segment.len <= MARKER + FIXED) {
        cp_buf_put_bytes(w->out, segment);
        return;
    }
    w->left_out |= CP_LEFT_OUT_OTHER;
    cp_buf_put(w->out, head, MARKER);
    cp_buf_put_byte(w->out, 0);
    cp_buf_put_byte(w->out, FIXED);
    cp_buf_put(w->out, head + MARKER + 2, FIXED - 4);
    cp_buf_put(w->out, no_copy, sizeof no_copy);
}

/* Where it was taken and all else that an Exif segment says, but which way up. One that says only that, as we would, is kept. */
static void put_exif(struct walk *w, struct cp_bytes segment, struct cp_bytes tiff)
{
    struct exif e = read_exif(tiff);
    size_t before = w->out->len;
    if (e.turned > 1)
        put_turned(w, e.turned);
    if (cp_buf_err(w->out) == CP_OK &&
        !cp_bytes_eq(CP_BYTES(w->out->ptr + before, w->out->len - before), segment))
        w->left_out |= e.place ? CP_LEFT_OUT_PLACE : CP_LEFT_OUT_OTHER;
}

/* segment: from its 0xff to its end. */
static void put_segment(struct walk *w, unsigned marker, struct cp_bytes segment)
{
    struct cp_bytes inside = CP_BYTES(segment.ptr + 4, segment.len - 4);
    bool said = marker == COM || (marker >= APP0 && marker <= APP15);
    if (!said || (marker == APP2 && cp_bytes_begin(inside, "ICC_PROFILE", 12)) ||
        (marker == APP14 && cp_bytes_begin(inside, "Adobe", 5))) {
        cp_buf_put_bytes(w->out, segment);
    } else if (marker == APP0 && cp_bytes_begin(inside, "JFIF", 5)) {
        put_jfif(w, segment);
    } else if (marker == APP1 && cp_bytes_begin(inside, "Exif\0", 6)) {
        put_exif(w, segment, CP_BYTES(inside.ptr + 6, inside.len - 6));
    } else {
        w->left_out |= CP_LEFT_OUT_OTHER;
    }
}

/* The picture itself, which follows a SOS: up to the next marker that is none of its own. */
static bool put_scan(struct walk *w)
{
    size_t from = w->at;
    for (; w->at + 1 < w->in.len; w->at++) {
        unsigned next = w->in.ptr[w->at + 1];
        if (w->in.ptr[w->at] != 0xff || next == 0 || (next >= RST0 && next <= RST7))
            continue;
        cp_buf_put(w->out, w->in.ptr + from, w->at - from);
        return true;
    }
    return false;
}

static bool clean_jpeg(struct walk *w)
{
    bool scanned = false;
    if (!cp_bytes_begin(w->in, "\xff\xd8", 2))
        return false;
    cp_buf_put(w->out, w->in.ptr, 2);
    for (w->at = 2; cp_buf_err(w->out) == CP_OK;) {
        while (w->at + 1 < w->in.len && w->in.ptr[w->at] == 0xff && w->in.ptr[w->at + 1] == 0xff)
            w->at++; /* filling */
        if (w->in.len - w->at < 2 || w->in.ptr[w->at] != 0xff)
            return false;
        unsigned marker = w->in.ptr[w->at + 1];
        if (marker == EOI) {
            cp_buf_put(w->out, w->in.ptr + w->at, 2);
            w->left_out |= w->at + 2 < w->in.len ? CP_LEFT_OUT_OTHER : 0U; /* a film, or another copy */
            return scanned;
        }
        bool known = (marker >= SOF0 && marker < RST0) || (marker > EOI && marker <= EXP) ||
                     (marker >= APP0 && marker <= APP15) || marker == COM;
        if (!known || w->in.len - w->at < 4)
            return false;
        size_t len = 2 + (size_t)be16(w->in.ptr + w->at + 2);
        if (len < 4 || len > w->in.len - w->at)
            return false;
        put_segment(w, marker, CP_BYTES(w->in.ptr + w->at, len));
        w->at += len;
        scanned = scanned || marker == SOS;
        if (marker == SOS && !put_scan(w))
            return false;
    }
    return false;
}

/* ---- PNG ---- */

static bool png_keeps(const uint8_t *type)
{
    static const char *const kept[] = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB",
                                       "iCCP", "sBIT", "bKGD", "pHYs", "acTL", "fcTL", "fdAT"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (memcmp(type, kept[i], 4) == 0)
            return true;
    return false;
}

static bool clean_png(struct walk *w)
{
    enum {
        MARK = 8,
        AROUND = 12
    }; /* of a chunk: length, type, check */
    bool first = true;
    if (!cp_bytes_begin(w->in, "\x89PNG\r\n\x1a\n", MARK))
        return false;
    cp_buf_put(w->out, w->in.ptr, MARK);
    for (w->at = MARK; cp_buf_err(w->out) == CP_OK; first = false) {
        size_t left = w->in.len - w->at;
        const uint8_t *chunk = w->in.ptr + w->at;
        if (left < AROUND || be32(chunk) > left - AROUND)
            return false;
        size_t len = AROUND + (size_t)be32(chunk);
        if (first && memcmp(chunk + 4, "IHDR", 4) != 0)
            return false;
        if (png_keeps(chunk + 4))
            cp_buf_put(w->out, chunk, len);
        else if ((chunk[4] & 0x20) == 0) /* what cannot be left out, and nobody knows */
            return false;
        else if (memcmp(chunk + 4, "eXIf", 4) == 0 && read_exif(CP_BYTES(chunk + 8, len - AROUND)).place)
            w->left_out |= CP_LEFT_OUT_PLACE;
        else
            w->left_out |= CP_LEFT_OUT_OTHER;
        w->at += len;
        if (memcmp(chunk + 4, "IEND", 4) == 0) {
            w->left_out |= w->at < w->in.len ? CP_LEFT_OUT_OTHER : 0U;
            return true;
        }
    }
    return false;
}

/* ---- All ---- */

enum cp_err cp_picture_clean(enum cp_media media, struct cp_bytes file, struct cp_buf *out,
                             unsigned *left_out)
{
    struct walk w = {.in = file, .out = out};
    bool whole = false;
    switch (media) {
    case CP_MEDIA_PNG:
        whole = clean_png(&w);
        break;
    case CP_MEDIA_JPEG:
        whole = clean_jpeg(&w);
        break;
    case CP_MEDIA_PDF:
    case CP_MEDIA_TEXT:
        cp_buf_put_bytes(out, file);
        whole = true;
        break;
    case CP_MEDIA_NONE:
        break;
    }
    *left_out = w.left_out;
    if (cp_buf_err(out) != CP_OK)
        return cp_buf_err(out);
    return whole ? CP_OK : CP_ERR_BAD_PICTURE;
}
