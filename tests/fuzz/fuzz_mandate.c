/* Mandates' texts: any bytes in, an error or a text out, and what was read is written again as the same bytes. What the
 * frame that carries one is read as is read again from a frame of our own; any bytes are tried as a frame, and as what stands in one. */
#include <stdlib.h>
#include <string.h>

#include "proto/answer_others.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"

static bool read_frame(struct cp_bytes frame, struct cp_bytes *text)
{
    struct cp_bytes read_again;
    struct cp_buf again;
    const uint8_t *sig = NULL, *sig_again = NULL;
    if (!cp_mandate_frame_read(frame, text, &sig))
        return false;
    cp_buf_init(&again, test_mem(), CP_ENTRY_MAX);
    cp_mandate_frame(*text, sig, &again); /* without the references that it may have had */
    if (cp_buf_err(&again) != CP_OK || !cp_mandate_frame_read(cp_buf_bytes(&again), &read_again, &sig_again) ||
        !cp_bytes_eq(read_again, *text) || memcmp(sig, sig_again, CP_SIG_LEN) != 0)
        abort();
    cp_buf_clear(&again);
    return true;
}

static void put_into_frame(struct cp_bytes text)
{
    static const uint8_t sig[CP_SIG_LEN] = {1};
    struct cp_bytes found = CP_BYTES(NULL, 0);
    struct cp_buf frame;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_mandate_frame(text, sig, &frame);
    bool fits = cp_buf_err(&frame) == CP_OK && text.len <= CP_ANSWER_TEXT_MAX && cp_utf8_ok(text);
    if (cp_buf_err(&frame) == CP_OK && (read_frame(cp_buf_bytes(&frame), &found) != fits || (fits && !cp_bytes_eq(found, text))))
        abort();
    cp_buf_clear(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_bytes bytes = CP_BYTES(data, size);
    struct cp_mandate_read r;
    struct cp_buf out;
    cp_buf_init(&out, test_mem(), CP_ANSWER_TEXT_MAX);
    if (cp_mandate_read(&r, test_mem(), bytes) == CP_OK) {
        cp_mandate_write(&r.m, &out);
        if (cp_buf_err(&out) != CP_OK || !cp_bytes_eq(cp_buf_bytes(&out), bytes))
            abort();
    }
    cp_mandate_clear(&r);
    cp_buf_clear(&out);
    (void)read_frame(bytes, &bytes);
    put_into_frame(CP_BYTES(data, size));
    return 0;
}
