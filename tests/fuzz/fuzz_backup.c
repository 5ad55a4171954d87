/*
 * A backup's head and what its frames say: read without harm, and what is read writes the same bytes. The checks keep
 * random bytes out, so the input is also tried as an array under a right check.
 */
#include <assert.h>
#include <string.h>

#include "daemon/memory.h"
#include "proto/backup.h"
#include "tests/support/fuzz_target.h"

static void head(struct cp_bytes bytes)
{
    struct cp_backup_head h;
    struct cp_buf out;
    enum cp_err err = cp_backup_head_read(bytes, &h);
    assert(err == CP_OK || err == CP_ERR_TRUNCATED || err == CP_ERR_NOT_CANONICAL || err == CP_ERR_NEWER_RULES ||
           err == CP_ERR_BAD_BODY);
    if (err != CP_OK)
        return;
    assert(h.len <= bytes.len && h.count >= 1 && h.count <= CP_BACKUP_SLOTS_MAX);
    cp_buf_init(&out, cp_memory(), CP_BACKUP_HEAD_MAX + 64);
    cp_backup_head_write(&h, &out);
    assert(cp_buf_err(&out) == CP_OK && cp_bytes_eq(cp_buf_bytes(&out), CP_BYTES(bytes.ptr, h.len)));
    cp_buf_clear(&out);
}

static void frame(struct cp_bytes bytes, struct cp_backup_order *order)
{
    struct cp_backup_frame f;
    struct cp_buf out;
    if (cp_backup_read(bytes, &f) != CP_OK)
        return;
    bool ended = order->ended;
    enum cp_err err = cp_backup_next(order, &f);
    assert(err == CP_OK || err == CP_ERR_BAD_VALUE);
    assert(!ended || order->ended);
    if (f.type == CP_BACKUP_PADDING)
        return;
    cp_buf_init(&out, cp_memory(), CP_BUNDLE_FRAME_MAX);
    cp_backup_write(&f, &out);
    assert(cp_buf_err(&out) == CP_OK && cp_bytes_eq(cp_buf_bytes(&out), bytes));
    cp_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_backup_order order = {.begun = false};
    struct cp_buf file;
    uint8_t check[16];
    head(CP_BYTES(data, size));
    frame(CP_BYTES(data, size), &order);
    for (size_t at = 0; at < size;) { /* frames of the lengths that stand before them */
        size_t len = data[at] < size - at ? data[at] : size - at - 1;
        frame(CP_BYTES(data + at + 1, len), &order);
        at += len + 1;
    }
    cp_buf_init(&file, cp_memory(), size + 64);
    cp_buf_put_str(&file, CP_BACKUP_MAGIC);
    cp_buf_put_u32be(&file, (uint32_t)size);
    cp_buf_put(&file, data, size);
    cp_hash2(CP_TAG_BACKUP_HEAD, cp_buf_bytes(&file), CP_BYTES(NULL, 0), check, sizeof check);
    cp_buf_put(&file, check, sizeof check);
    if (cp_buf_err(&file) == CP_OK)
        head(cp_buf_bytes(&file));
    cp_buf_clear(&file);
    return 0;
}
