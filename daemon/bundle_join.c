/* A JOIN as a file: a bundle with one slot, boxed to the plan's door, so that any member may take it in. */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "daemon/bundle.h"

/* BEGIN, JOIN, END and padding. */
static enum cp_err put_frames(struct cp_bundle_stream *s, const uint8_t *plan, struct cp_bytes join,
                              const struct cp_mem *mem, size_t head, struct cp_buf *out)
{
    struct cp_bundle_begin b = {.time_ms = cp_node_time_ms()};
    struct cp_buf plain;
    memcpy(b.plan, plan, CP_ID_LEN);
    cp_buf_init(&plain, mem, CP_BUNDLE_FRAME_MAX);
    cp_bundle_put_begin(&b, &plain);
    cp_bundle_seal(s, cp_buf_bytes(&plain), false, out);
    cp_buf_reset(&plain);
    cp_bundle_put_join(join, &plain);
    cp_bundle_seal(s, cp_buf_bytes(&plain), false, out);
    cp_buf_reset(&plain);
    cp_bundle_put_end(0, &plain);
    uint64_t used = out->len - head + plain.len + CP_BUNDLE_FRAME_EXTRA, whole = cp_bundle_size(used);
    cp_bundle_seal(s, cp_buf_bytes(&plain), whole == used, out);
    for (uint64_t left = whole - used; left > 0;) {
        size_t zeros = cp_bundle_padding(left);
        cp_buf_reset(&plain);
        (void)cp_buf_space(&plain, zeros);
        left -= zeros + CP_BUNDLE_FRAME_EXTRA;
        cp_bundle_seal(s, cp_buf_bytes(&plain), left == 0, out);
    }
    enum cp_err err = cp_buf_err(&plain);
    cp_buf_clear(&plain);
    if (err == CP_OK)
        err = cp_buf_err(out);
    if (err == CP_OK)
        cp_bundle_put_size(whole, out->ptr + head + CP_BUNDLE_SIZE_AT);
    return err;
}

/* The request, and behind it what lies there: others may have put theirs into the same file, or words for somebody. */
static enum cp_err put_file(struct cp_node *node, const char *path, struct cp_bytes request)
{
    struct cp_beside there;
    struct cp_new_file file = {.fd = -1};
    uint64_t written = 0;
    bool more = true;
    enum cp_err err = cp_beside_open(&there, node, path, false);
    if (err == CP_OK)
        err = cp_new_file_open(&file, path);
    int why = errno;
    if (err == CP_OK) {
        cp_new_file_for_all(&file);
        err = cp_new_file_put(&file, request);
    }
    while (err == CP_OK && more)
        err = cp_beside_step(&there, NULL, 0, &file, &written, &more);
    if (err == CP_OK)
        err = cp_new_file_end(&file);
    cp_new_file_drop(&file);
    cp_beside_close(&there);
    errno = why;
    return err;
}

enum cp_err cp_bundle_may_write_join(struct cp_node *node, const char *path)
{
    struct cp_beside there;
    struct cp_new_file file = {.fd = -1};
    enum cp_err err = cp_beside_open(&there, node, path, false);
    if (err == CP_OK)
        err = cp_new_file_open(&file, path);
    int why = errno;
    cp_new_file_drop(&file);
    cp_beside_close(&there);
    errno = why;
    return err;
}

enum cp_err cp_bundle_write_join(struct cp_node *node, const char *path, const uint8_t plan[static CP_ID_LEN],
                                 const uint8_t door_key[static CP_KEY_LEN], struct cp_bytes join)
{
    uint8_t key[32], slots[CP_BUNDLE_SLOTS_MIN][CP_BUNDLE_SLOT_LEN];
    const struct cp_bytes all = CP_BYTES(slots[0], sizeof slots);
    struct cp_bundle_stream stream;
    struct cp_buf out;
    randombytes_buf(key, sizeof key);
    randombytes_buf(slots, sizeof slots);
    enum cp_err err = cp_box_to(door_key, key, slots[0]) ? CP_OK : CP_ERR_BAD_INVITATION;
    cp_buf_init(&out, node->mem, CP_BUNDLE_FRAME_MAX);
    cp_bundle_stream_begin(&stream, key, all);
    cp_bundle_head_write(all, 0, &out);
    if (err == CP_OK)
        err = put_frames(&stream, plan, join, node->mem, 0, &out);
    if (err == CP_OK)
        err = put_file(node, path, cp_buf_bytes(&out));
    cp_bundle_stream_end(&stream);
    sodium_memzero(key, sizeof key);
    cp_buf_clear(&out);
    return err;
}
