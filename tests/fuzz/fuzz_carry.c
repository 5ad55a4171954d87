/*
 * Carriers. Input: a message; a ticket, as text and as what stands in one; what is remembered of a pile; a carrier's file. What is
 * read must be written as the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/carrier.h"
#include "proto/carried.h"
#include "proto/typed.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

static void same_or_abort(struct cp_buf *again, struct cp_bytes input)
{
    if (cp_buf_err(again) != CP_OK || !cp_bytes_eq(input, cp_buf_bytes(again)))
        abort();
    cp_buf_reset(again);
}

static void put_list(struct cp_carry_message *m, struct cp_buf *again)
{
    static struct cp_carry_item items[CP_CARRY_BUNDLES_MAX];
    static uint64_t numbers[CP_CARRY_BUNDLES_MAX];
    if (m->count > CP_CARRY_BUNDLES_MAX)
        abort();
    for (size_t i = 0; i < m->count; i++)
        if (m->type == CP_CARRY_PILE)
            cp_carry_next_item(m, &items[i]);
        else
            numbers[i] = cp_carry_next_number(m);
    if (m->type == CP_CARRY_PILE)
        cp_carry_put_pile(m->born, m->number, items, m->count, again);
    else
        cp_carry_put_drop(numbers, m->count, again);
}

static void one_message(struct cp_bytes input, struct cp_buf *again)
{
    static const uint8_t own[CP_KEY_LEN] = {1};
    struct cp_carry_message m;
    struct cp_carried there;
    struct cp_carried_news news;
    if (cp_carry_read(input, &m) != CP_OK)
        return;
    struct cp_carry_message copy = m;
    if (m.type == CP_CARRY_PILE || m.type == CP_CARRY_DROP)
        put_list(&copy, again);
    else if (m.type == CP_CARRY_NO && m.word == CP_ERR_COUNT)
        return;
    else
        cp_carry_put(&copy, again);
    same_or_abort(again, input);
    if (m.type != CP_CARRY_PILE)
        return;
    cp_carried_init(&there, &replica_mem);
    if (cp_carried_listed(&there, &m, own, &news) == CP_OK) {
        while (cp_carried_next(&there, own) != NULL)
            if (cp_carried_was_read(&there, cp_carried_next(&there, own)->number, NULL) != CP_OK)
                break;
        if (!cp_carried_all_read(&there, own) && !cp_carried_all_read(&there, own))
            abort(); /* told once */
    }
    cp_carried_clear(&there);
}

static void one_file(struct cp_bytes input, struct cp_buf *again)
{
    struct cp_carrier_facts f;
    uint8_t check[16];
    struct cp_buf whole;
    cp_carrier_facts_init(&f, &replica_mem);
    /* Under a good checksum, which nobody finds by chance. */
    cp_hash2(CP_TAG_CARRIER_FILE, input, CP_BYTES(NULL, 0), check, sizeof check);
    cp_buf_init(&whole, &replica_mem, 2 * input.len + 64);
    cp_buf_put_bytes(&whole, input);
    cp_buf_put(&whole, check, sizeof check);
    if (cp_carrier_facts_read(cp_buf_bytes(&whole), &f) == CP_OK) {
        if (cp_carrier_facts_write(&f, again) != CP_OK)
            abort();
        same_or_abort(again, cp_buf_bytes(&whole));
    }
    cp_carrier_facts_clear(&f);
    cp_buf_clear(&whole);
}

static void one_ticket(struct cp_bytes text, bool canonical, struct cp_buf *again)
{
    struct cp_ticket a, b;
    if (cp_ticket_read(text, &a) != CP_OK)
        return;
    cp_ticket_write(&a, again);
    if (cp_ticket_read(cp_buf_bytes(again), &b) != CP_OK || memcmp(&a, &b, sizeof a) != 0)
        abort();
    if (canonical)
        same_or_abort(again, text);
    cp_buf_reset(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cp_bytes input = CP_BYTES(data, size);
    struct cp_carried there;
    struct cp_buf again, text;
    cp_buf_init(&again, &replica_mem, 2U * CP_CARRY_PART_MAX);
    one_message(input, &again);
    one_ticket(input, false, &again);
    if (size <= CP_TYPED_MAX) { /* under good check bytes, which nobody finds by chance */
        cp_buf_init(&text, &replica_mem, 4096);
        cp_typed_write("coplan-ticket:", CP_TAG_TICKET_CHECK, input, &text);
        one_ticket(cp_buf_bytes(&text), true, &again);
        cp_buf_clear(&text);
    }
    cp_carried_init(&there, &replica_mem);
    if (cp_carried_read(input, &there) == CP_OK) {
        cp_carried_write(&there, &again);
        same_or_abort(&again, input);
    }
    cp_carried_clear(&there);
    if (size <= 65536)
        one_file(input, &again);
    cp_buf_clear(&again);
    return 0;
}
