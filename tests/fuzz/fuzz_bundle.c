/*
 * Bundles. Input: a head; frames under a known key; and, since sealing keeps made-up frames out, the same bytes as the
 * plaintext of one: what is read must be written as the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/bundle.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

static void put_again(struct cp_bundle_frame *f, struct cp_buf *out)
{
    struct cp_bundle_tip *tips = NULL;
    struct cp_bundle_wish *wishes = NULL;
    switch (f->type) {
    case CP_BUNDLE_BEGIN:
        cp_bundle_put_begin(&f->begin, out);
        break;
    case CP_BUNDLE_TIPS:
        tips = cp_alloc_array(&replica_mem, f->tips_count + 1, sizeof *tips);
        for (size_t i = 0; i < f->tips_count; i++)
            cp_bundle_next_tip(f, &tips[i]);
        cp_bundle_put_tips(f->class, tips, f->tips_count, out);
        cp_free(&replica_mem, tips);
        break;
    case CP_BUNDLE_SEEN:
        cp_bundle_put_seen(f->device, f->sig, out);
        break;
    case CP_BUNDLE_CHUNK:
        cp_bundle_put_chunk(f->class, f->depth, f->form, f->bytes, out);
        break;
    case CP_BUNDLE_JOIN:
        cp_bundle_put_join(f->bytes, out);
        break;
    case CP_BUNDLE_END:
        cp_bundle_put_end(f->entries, out);
        break;
    case CP_BUNDLE_FIRST:
        cp_bundle_put_first(f->header, f->bytes, f->sig, out);
        break;
    case CP_BUNDLE_WISHES:
        wishes = cp_alloc_array(&replica_mem, f->wishes_count + 1, sizeof *wishes);
        for (size_t i = 0; i < f->wishes_count; i++)
            cp_bundle_next_wish(f, &wishes[i]);
        cp_bundle_put_wishes(wishes, f->wishes_count, out);
        cp_free(&replica_mem, wishes);
        break;
    case CP_BUNDLE_PIECE:
        cp_bundle_put_piece(f->id, f->number, f->bytes, out);
        break;
    case CP_BUNDLE_PADDING:
        break;
    }
}

static void one_frame(struct cp_bytes plain)
{
    struct cp_bundle_frame f;
    struct cp_buf again;
    if (cp_bundle_read(plain, &f) != CP_OK || f.type == CP_BUNDLE_PADDING)
        return;
    cp_buf_init(&again, &replica_mem, 2U * CP_BUNDLE_FRAME_MAX);
    put_again(&f, &again);
    if (cp_buf_err(&again) != CP_OK || !cp_bytes_eq(plain, cp_buf_bytes(&again)))
        abort();
    cp_buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[32] = {1}, slots[CP_BUNDLE_SLOTS_MIN * CP_BUNDLE_SLOT_LEN] = {2};
    struct cp_bytes input = CP_BYTES(data, size);
    struct cp_bundle_stream s;
    struct cp_bundle_head head;
    struct cp_buf plain, sealed;
    size_t used = 0;
    if (cp_bundle_head_read(input, &head) == CP_OK &&
        (head.len > size || head.slots.len + CP_BUNDLE_HEAD_LEN != head.len))
        abort();
    cp_buf_init(&plain, &replica_mem, CP_BUNDLE_FRAME_MAX);
    cp_buf_init(&sealed, &replica_mem, 2U * CP_BUNDLE_FRAME_MAX);
    cp_bundle_stream_begin(&s, key, CP_BYTES(slots, sizeof slots));
    if (cp_bundle_open(&s, input, &plain, &used) == CP_OK)
        abort(); /* nobody seals by chance */
    cp_buf_reset(&plain);
    if (size <= CP_BUNDLE_FRAME_MAX - CP_BUNDLE_FRAME_EXTRA && size > 0) {
        cp_bundle_stream_begin(&s, key, CP_BYTES(slots, sizeof slots));
        cp_bundle_seal(&s, input, true, &sealed);
        cp_bundle_stream_begin(&s, key, CP_BYTES(slots, sizeof slots));
        if (cp_bundle_open(&s, cp_buf_bytes(&sealed), &plain, &used) != CP_OK || used != sealed.len ||
            !cp_bytes_eq(cp_buf_bytes(&plain), input) || !s.ended)
            abort();
    }
    one_frame(input);
    cp_buf_clear(&plain);
    cp_buf_clear(&sealed);
    return 0;
}
