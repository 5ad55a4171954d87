/*
 * One zstd frame around the columns of a chunk. Owns: every call to zstd. Must not: keep anything between calls.
 *
 * Contexts take their memory from the injected allocator; those calls stand in the part of zstd's header that is
 * not promised to stay, and have stood there unchanged since 1.0.
 */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

#include "proto/compact_internal.h"

enum { LEVEL = 3 };

/* zstd asks for n bytes at 8-byte boundaries at the most; sizes of blocks are not told when they are freed. */
static void *zstd_alloc(void *opaque, size_t len)
{
    const struct cp_mem *mem = opaque;
    return mem->resize(mem->ctx, NULL, len);
}

static void zstd_free(void *opaque, void *p)
{
    const struct cp_mem *mem = opaque;
    if (p != NULL)
        (void)mem->resize(mem->ctx, p, 0);
}

static enum cp_err put_pieces(ZSTD_CCtx *z, const struct cp_bytes *pieces, size_t count, struct cp_buf *out)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += pieces[i].len;
    size_t room = ZSTD_compressBound(total) + 64 * count, from = out->len;
    uint8_t *space = cp_buf_space(out, room);
    if (space == NULL)
        return cp_buf_err(out);
    ZSTD_outBuffer to = {.dst = space, .size = room};
    size_t rc = ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, total < 4096 ? 19 : LEVEL);
    if (!ZSTD_isError(rc))
        rc = ZSTD_CCtx_setPledgedSrcSize(z, total);
    for (size_t i = 0; i < count && !ZSTD_isError(rc); i++) {
        ZSTD_inBuffer in = {.src = pieces[i].ptr, .size = pieces[i].len};
        rc = ZSTD_compressStream2(z, &to, &in, i + 1 == count ? ZSTD_e_end : ZSTD_e_flush);
        if (!ZSTD_isError(rc) && (rc != 0 || in.pos != in.size))
            return CP_ERR_TOO_BIG; /* cannot happen: there is room for all */
    }
    if (ZSTD_isError(rc)) /* with good arguments only memory can be what is wrong */
        return CP_ERR_NO_MEMORY;
    out->len = from + to.pos;
    return CP_OK;
}

enum cp_err compact_deflate(const struct cp_mem *mem, const struct cp_bytes *pieces, size_t count, struct cp_buf *out)
{
    struct cp_mem own = *mem; /* zstd wants a pointer that is not const */
    ZSTD_CCtx *z = ZSTD_createCCtx_advanced((ZSTD_customMem){zstd_alloc, zstd_free, &own});
    if (z == NULL)
        return CP_ERR_NO_MEMORY;
    enum cp_err err = put_pieces(z, pieces, count, out);
    (void)ZSTD_freeCCtx(z);
    return err;
}

enum cp_err compact_inflate(const struct cp_mem *mem, struct cp_bytes frame, struct cp_buf *out)
{
    static const unsigned long long no_frame = ZSTD_CONTENTSIZE_ERROR, not_said = ZSTD_CONTENTSIZE_UNKNOWN;
    struct cp_mem own = *mem;
    unsigned long long size = ZSTD_getFrameContentSize(frame.ptr, frame.len);
    if (size == no_frame || size == not_said || size == 0)
        return CP_ERR_BAD_VALUE;
    if (size > CP_CHUNK_MAX)
        return CP_ERR_TOO_BIG;
    uint8_t *space = cp_buf_space(out, (size_t)size);
    if (space == NULL)
        return cp_buf_err(out);
    ZSTD_DCtx *z = ZSTD_createDCtx_advanced((ZSTD_customMem){zstd_alloc, zstd_free, &own});
    if (z == NULL)
        return CP_ERR_NO_MEMORY;
    /* Straight into `space`: no window is kept, so what the frame says of one allocates nothing. */
    size_t rc = ZSTD_decompressDCtx(z, space, (size_t)size, frame.ptr, frame.len);
    (void)ZSTD_freeDCtx(z);
    if (ZSTD_isError(rc))
        return ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation ? CP_ERR_NO_MEMORY : CP_ERR_BAD_VALUE;
    return rc == size ? CP_OK : CP_ERR_BAD_VALUE;
}
