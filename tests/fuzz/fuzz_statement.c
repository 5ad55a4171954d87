/*
 * Statements: any bytes in, an error or a statement out, and what was read is written again as the same bytes; of a
 * WITHDRAW, LEAVE or FOLLOW also its fields, of a REVOKE or KEY its lists and its frame. Frames as they come, that of a
 * continuation among them, are fuzz_control's. Input: a text.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/heap.h"

static const uint8_t sig[CP_SIG_LEN] = {1};

static void read_withdraw(struct cp_bytes text, const struct cp_statement *st)
{
    static uint8_t ids[CP_WITHDRAW_ENTRIES_MAX][CP_ID_LEN];
    struct cp_withdraw w;
    struct cp_buf fields;
    if (cp_withdraw_read(text, sig, &w) != CP_OK)
        return;
    for (size_t i = 0; i < w.count; i++)
        memcpy(ids[i], cp_withdraw_entry(&w, i), CP_ID_LEN);
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    if (cp_withdraw_fields((const uint8_t(*)[CP_ID_LEN])ids, w.count, &fields) != CP_OK ||
        !cp_bytes_eq(cp_buf_bytes(&fields), st->fields))
        abort();
    cp_buf_clear(&fields);
}

static void read_leave(struct cp_bytes text, const struct cp_statement *st)
{
    static uint8_t ids[CP_LEAVE_JOINS_MAX][CP_ID_LEN];
    struct cp_leave l;
    struct cp_control c;
    struct cp_buf fields, frame;
    if (cp_leave_read(text, sig, &l) != CP_OK)
        return;
    for (size_t i = 0; i < l.count; i++)
        memcpy(ids[i], cp_leave_join(&l, i), CP_ID_LEN);
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    if (cp_leave_fields((const uint8_t(*)[CP_ID_LEN])ids, l.count, &fields) != CP_OK ||
        !cp_bytes_eq(cp_buf_bytes(&fields), st->fields))
        abort();
    cp_statement_frame_write(CP_KIND_LEAVE, (const uint8_t(*)[CP_ID_LEN])ids, l.count, text, sig, &frame);
    cp_control_read(cp_buf_bytes(&frame), &c);
    if (!c.known || c.kind != CP_KIND_LEAVE || c.leave.count != l.count)
        abort();
    cp_buf_clear(&fields);
    cp_buf_clear(&frame);
}

static void read_follow(struct cp_bytes text, const struct cp_statement *st)
{
    struct cp_follow f;
    struct cp_control c;
    struct cp_buf fields, frame;
    uint8_t ids[1][CP_ID_LEN];
    if (cp_follow_read(text, sig, &f) != CP_OK)
        return;
    cp_buf_init(&fields, test_mem(), CP_STATEMENT_MAX);
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    cp_follow_fields(f.old, &fields);
    memcpy(ids[0], st->plan, CP_ID_LEN);
    cp_statement_frame_write(CP_KIND_FOLLOW, (const uint8_t(*)[CP_ID_LEN])ids, 1, text, sig, &frame);
    cp_control_read(cp_buf_bytes(&frame), &c);
    if (!cp_bytes_eq(cp_buf_bytes(&fields), st->fields) || !c.known || c.kind != CP_KIND_FOLLOW)
        abort();
    cp_buf_clear(&fields);
    cp_buf_clear(&frame);
}

/* What is read can be walked to its end, and its frame names just that. */
static void read_revoke(struct cp_bytes text)
{
    struct cp_revoke r;
    struct cp_key_change k;
    struct cp_control c;
    struct cp_buf frame;
    enum cp_kind kind = CP_KIND_REVOKE;
    cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
    enum cp_err err = cp_revoke_frame_write(text, sig, &frame);
    if (err != CP_OK) {
        kind = CP_KIND_KEY;
        cp_buf_reset(&frame);
        err = cp_key_frame_write(text, sig, &frame);
    }
    if (err == CP_OK) {
        cp_control_read(cp_buf_bytes(&frame), &c);
        if (!c.known || c.kind != kind ||
            (kind == CP_KIND_REVOKE ? cp_revoke_read(text, sig, &r) : cp_key_read(text, sig, &k)) != CP_OK)
            abort();
        for (size_t i = 0; kind == CP_KIND_KEY && i < k.cuts_count; i++) {
            const uint8_t *device;
            struct cp_cut cut;
            struct cp_cut_walk w;
            struct cp_cut_tip row;
            size_t rows = 0;
            cp_key_cut(&k, i, &device, &cut);
            for (cp_cut_begin(&w, &cut); cp_cut_next(&w, &row);)
                rows++;
            if (rows != cut.count)
                abort();
        }
    }
    cp_buf_clear(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_bytes bytes = CP_BYTES(data, size);
    struct cp_statement st;
    struct cp_buf out;
    if (cp_statement_read(bytes, sig, &st) != CP_OK)
        return 0;
    cp_buf_init(&out, test_mem(), CP_STATEMENT_MAX);
    cp_statement_text(&st, &out);
    if (cp_buf_err(&out) != CP_OK || !cp_bytes_eq(cp_buf_bytes(&out), bytes))
        abort();
    cp_buf_clear(&out);
    if (cp_statement_sig_ok(&st)) /* one fixed signature: whoever makes it good has broken the key */
        abort();
    read_withdraw(bytes, &st);
    read_leave(bytes, &st);
    read_follow(bytes, &st);
    read_revoke(bytes);
    return 0;
}
