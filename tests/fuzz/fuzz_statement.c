/*
 * Statements: any bytes in, an error or a statement out, and what was read is written again as the same bytes; of a
 * WITHDRAW also its fields. Input: a text.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/statement.h"
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
    return 0;
}
