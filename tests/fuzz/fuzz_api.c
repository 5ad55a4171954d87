/* The local API: whatever is read is written again byte for byte. Input: a value. */
#include <stdlib.h>

#include "proto/api.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

static void write_again(struct cp_buf *b, const struct cp_api_value *v)
{
    struct cp_api_iter it;
    struct cp_api_value in;
    struct cp_bytes key;
    switch (v->type) {
    case CP_API_NULL:
        cp_api_null(b);
        break;
    case CP_API_BOOL:
        cp_api_bool(b, v->truth);
        break;
    case CP_API_INT:
        cp_api_int(b, v->number);
        break;
    case CP_API_TEXT:
        cp_api_text(b, v->text);
        break;
    case CP_API_LIST:
    case CP_API_OBJECT:
        if (v->type == CP_API_LIST)
            cp_api_list(b, v->count);
        else
            cp_api_object(b, v->count);
        cp_api_iter_init(&it, v);
        while (cp_api_next(&it, &key, &in)) {
            if (v->type == CP_API_OBJECT)
                cp_put_str(b, key);
            write_again(b, &in);
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_api_value v;
    struct cp_buf b;
    if (cp_api_read(CP_BYTES(data, size), &v) != CP_OK)
        return 0;
    cp_buf_init(&b, &replica_mem, CP_API_MESSAGE_MAX);
    write_again(&b, &v);
    if (cp_buf_err(&b) != CP_OK || !cp_bytes_eq(cp_buf_bytes(&b), CP_BYTES(data, size)))
        abort();
    cp_buf_clear(&b);
    return 0;
}
