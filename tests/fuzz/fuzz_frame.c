/*
 * Frames and words of content entries. The input is the frame's length in two bytes, big-endian, the frame, and
 * the words (none: they are not here). What was understood is encoded again, and must give the same bytes.
 */
#include <stdlib.h>

#include "proto/frame.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void put_op(struct cp_buf *out, const struct cp_frame *f, const struct cp_op *op)
{
    bool lang = op->how == CP_HOW_SET_LANG, removal = op->how == CP_HOW_REMOVE;
    bool ref = op->how == CP_HOW_LINK || op->how == CP_HOW_LINK_ADD || removal || op->how == CP_HOW_COLUMN ||
               op->how == CP_HOW_LINK_VALUE;
    cp_put_array(out, 2U + (lang ? 1U : 0U) + (ref ? 1U : 0U) + (removal ? 1U : 0U));
    cp_put_uint(out, op->field);
    cp_put_uint(out, op->how);
    if (lang)
        cp_put_str(out, op->lang);
    if (ref) {
        require(op->ref < f->refs_count);
        cp_put_uint(out, op->ref);
    }
    if (removal)
        cp_put_uint(out, op->removed_op);
}

static void check_frame(const struct cp_frame *f, struct cp_bytes bytes)
{
    struct cp_buf out;
    cp_buf_init(&out, test_mem(), CP_ENTRY_MAX);
    require(cp_kind_class(f->kind) == CP_CONTENT && cp_kind_word(f->kind) != NULL);
    require((cp_frame_target(f) != NULL) == cp_kind_has_target(f->kind));
    cp_put_array(&out, 5);
    cp_put_uint(&out, f->kind);
    cp_put_array(&out, f->refs_count);
    for (size_t i = 0; i < f->refs_count; i++)
        cp_put_fixed(&out, cp_frame_ref(f, i), CP_ID_LEN);
    for (size_t i = 0; i < f->replaced; i++)
        (void)cp_frame_replaced(f, i)[CP_ID_LEN - 1];
    cp_put_uint(&out, f->replaced);
    cp_put_uint(&out, f->subkind);
    cp_put_array(&out, f->ops_count);
    for (size_t i = 0; i < f->ops_count; i++)
        put_op(&out, f, &f->ops[i]);
    require(cp_bytes_eq(cp_buf_bytes(&out), bytes));
    cp_buf_clear(&out);
}

static bool slot(const struct cp_op *op)
{
    return op->how == CP_HOW_SET || op->how == CP_HOW_SET_LANG || op->how == CP_HOW_ADD ||
           op->how == CP_HOW_COLUMN || op->how == CP_HOW_LINK_VALUE;
}

static void check_words(const struct cp_frame *f, struct cp_bytes words)
{
    struct cp_cursor c;
    struct cp_buf out;
    size_t slots = 0;
    cp_buf_init(&out, test_mem(), CP_ENTRY_MAX);
    for (size_t i = 0; i < f->ops_count; i++) {
        require((f->ops[i].value.type != CP_VALUE_NONE) == slot(&f->ops[i]));
        slots += slot(&f->ops[i]) ? 1 : 0;
    }
    cp_cursor_init(&c, words, CP_ITEMS_MAX);
    (void)cp_get_array(&c, 0, UINT16_MAX);
    if (slots > 0) {
        cp_put_array(&out, slots + 1);
        cp_put_fixed(&out, cp_get_fixed_ref(&c, CP_SALT_LEN), CP_SALT_LEN);
    }
    for (size_t i = 0; i < f->ops_count; i++) {
        const struct cp_value *v = &f->ops[i].value;
        if (v->type == CP_VALUE_NIL)
            cp_put_nil(&out);
        else if (v->type == CP_VALUE_INT)
            cp_put_int(&out, v->number);
        else if (v->type == CP_VALUE_TEXT)
            cp_put_str(&out, v->bytes);
        else
            require(v->type == CP_VALUE_NONE);
    }
    require(cp_bytes_eq(cp_buf_bytes(&out), words));
    cp_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cp_frame f;
    if (size < 2 || size > CP_ENTRY_MAX)
        return 0;
    size_t frame_len = (size_t)data[0] << 8 | data[1];
    if (frame_len > size - 2)
        return 0;
    struct cp_bytes frame = CP_BYTES(data + 2, frame_len);
    struct cp_bytes words = CP_BYTES(data + 2 + frame_len, size - 2 - frame_len);
    struct cp_value values[4];
    size_t count = 0;
    if (cp_words_values(words, values, 4, &count) == CP_OK)
        require(count <= 4);
    if (words.len == 0)
        words.ptr = NULL;
    enum cp_err err = cp_frame_read(frame, words, &f);
    require(err == CP_OK || err == CP_ERR_NEWER_CONTENT);
    if (err != CP_OK)
        return 0;
    check_frame(&f, frame);
    bool bare = f.kind == CP_KIND_PART || f.kind == CP_KIND_ANSWER || f.kind == CP_KIND_COLUMN ||
                f.kind == CP_KIND_ATTACHMENT;
    if (words.len > 0 && !bare)
        check_words(&f, words);
    return 0;
}
