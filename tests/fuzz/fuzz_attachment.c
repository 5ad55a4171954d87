/*
 * Attachments. The input's first byte says what the rest is: the words of an ATTACHMENT (0), or a file to be cleaned as PNG (1) or
 * JPEG (2). Words that are understood must be written again as the same bytes; a cleaned file is clean: cleaning it once more
 * changes nothing and leaves nothing out.
 */
#include <stdlib.h>

#include "proto/picture.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void read_words(struct cp_bytes words)
{
    struct cp_attachment a;
    struct cp_buf out;
    if (cp_attachment_read(words, &a) != CP_OK)
        return;
    require(cp_media_word(a.media) != NULL && a.pieces > 0 && a.pieces <= CP_PIECES_MAX &&
            cp_attachment_alt_ok(a.alt));
    require(cp_piece_len(a.size, a.pieces - 1) > 0 && cp_piece_len(a.size, a.pieces) == 0);
    cp_buf_init(&out, test_mem(), CP_ENTRY_MAX);
    cp_put_array(&out, 6);
    cp_put_fixed(&out, a.salt, CP_SALT_LEN);
    cp_put_uint(&out, a.media);
    cp_put_uint(&out, a.size);
    cp_put_bin(&out, CP_BYTES(a.hashes, a.pieces * CP_ID_LEN));
    cp_put_str(&out, a.lang);
    cp_put_str(&out, a.alt);
    require(cp_bytes_eq(cp_buf_bytes(&out), words));
    cp_buf_clear(&out);
}

static void clean(enum cp_media media, struct cp_bytes file)
{
    struct cp_buf once, twice;
    unsigned left_out = 0;
    cp_buf_init(&once, test_mem(), CP_ATTACHMENT_MAX);
    cp_buf_init(&twice, test_mem(), CP_ATTACHMENT_MAX);
    if (cp_picture_clean(media, file, &once, &left_out) == CP_OK) {
        require(cp_picture_clean(media, cp_buf_bytes(&once), &twice, &left_out) == CP_OK);
        require(cp_bytes_eq(cp_buf_bytes(&once), cp_buf_bytes(&twice)) && left_out == 0);
    }
    cp_buf_clear(&once);
    cp_buf_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct cp_bytes rest = CP_BYTES(data + 1, size - 1);
    (void)cp_media_of(rest);
    if (data[0] % 3 == 0)
        read_words(rest);
    else
        clean(data[0] % 3 == 1 ? CP_MEDIA_PNG : CP_MEDIA_JPEG, rest);
    return 0;
}
