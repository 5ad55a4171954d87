/* Control frames: whatever has an effect is written again byte for byte. Input: a frame. */
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

static void write_withdraw(const struct cp_withdraw *w, struct cp_buf *out)
{
    static uint8_t ids[CP_WITHDRAW_ENTRIES_MAX][CP_ID_LEN];
    for (size_t i = 0; i < w->count; i++)
        memcpy(ids[i], cp_withdraw_entry(w, i), CP_ID_LEN);
    cp_statement_frame_write(CP_KIND_WITHDRAW, (const uint8_t(*)[CP_ID_LEN])ids, w->count, w->statement.text,
                             w->statement.sig, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_control c;
    struct cp_buf join, b;
    if (cp_mp_check(CP_BYTES(data, size), CP_ITEMS_MAX) != CP_OK)
        return 0;
    cp_control_read(CP_BYTES(data, size), &c);
    if (!c.known)
        return 0;
    cp_buf_init(&join, &replica_mem, CP_JOIN_MAX);
    cp_buf_init(&b, &replica_mem, CP_ENTRY_MAX);
    if (c.kind == CP_KIND_FIRST || c.kind == CP_KIND_ADMIT) {
        struct cp_buf text;
        cp_buf_init(&text, &replica_mem, CP_JOIN_MAX);
        cp_join_text(&c.join, &text);
        if (!cp_bytes_eq(cp_buf_bytes(&text), c.join.text))
            abort();
        cp_buf_clear(&text);
        cp_join_write(&c.join, &join);
    }
    if (c.kind == CP_KIND_FIRST)
        cp_first_write(cp_buf_bytes(&join), &b);
    else if (c.kind == CP_KIND_ADMIT)
        cp_admit_write(c.invite, cp_buf_bytes(&join), &b);
    else if (c.kind == CP_KIND_INVITE)
        cp_invite_write(c.token_key, c.token_curve_key, c.for_person ? c.person : NULL, &b);
    else if (c.kind == CP_KIND_UNINVITE)
        cp_uninvite_write(c.invite, &b);
    else if (c.kind == CP_KIND_WITHDRAW)
        write_withdraw(&c.withdraw, &b);
    else
        cp_secret_write(c.secret, &b);
    if (cp_buf_err(&b) != CP_OK || !cp_bytes_eq(cp_buf_bytes(&b), CP_BYTES(data, size)))
        abort();
    cp_buf_clear(&join);
    cp_buf_clear(&b);
    return 0;
}
