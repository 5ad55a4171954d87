/* Control frames: whatever has an effect is written again byte for byte. Input: a frame. */
#include <stdlib.h>
#include <string.h>

#include "proto/member.h"
#include "tests/support/fuzz_target.h"
#include "tests/support/replica.h"

/* A statement in a frame that names what it is about. */
static void write_about(enum cp_kind kind, const uint8_t (*ids)[CP_ID_LEN], size_t count, const struct cp_statement *st,
                        struct cp_buf *out)
{
    cp_statement_frame_write(kind, ids, count, st->text, st->sig, out);
}

static enum cp_err write_statement(const struct cp_control *c, struct cp_buf *out)
{
    static uint8_t ids[CP_WITHDRAW_ENTRIES_MAX + CP_LEAVE_JOINS_MAX][CP_ID_LEN];
    const uint8_t(*named)[CP_ID_LEN] = (const uint8_t(*)[CP_ID_LEN])ids;
    size_t count = 0;
    if (c->kind == CP_KIND_REVOKE)
        return cp_revoke_frame_write(c->revoke.statement.text, c->revoke.statement.sig, out);
    if (c->kind == CP_KIND_KEY)
        return cp_key_frame_write(c->key.statement.text, c->key.statement.sig, out);
    if (c->kind == CP_KIND_FOLLOW) {
        memcpy(ids[0], c->follow.statement.plan, CP_ID_LEN);
        write_about(c->kind, named, 1, &c->follow.statement, out);
    } else if (c->kind == CP_KIND_WITHDRAW) {
        for (count = 0; count < c->withdraw.count; count++)
            memcpy(ids[count], cp_withdraw_entry(&c->withdraw, count), CP_ID_LEN);
        write_about(c->kind, named, count, &c->withdraw.statement, out);
    } else if (c->kind == CP_KIND_LEAVE) {
        for (count = 0; count < c->leave.count; count++)
            memcpy(ids[count], cp_leave_join(&c->leave, count), CP_ID_LEN);
        write_about(c->kind, named, count, &c->leave.statement, out);
    } else {
        return CP_ERR_BAD_VALUE;
    }
    return CP_OK;
}

/* The first entry of a continuation. */
static enum cp_err write_continuation(const struct cp_control *c, struct cp_buf *out)
{
    static uint8_t ids[3][CP_REFS_MAX][CP_ID_LEN];
    const struct cp_id_list *lists[] = {&c->from.plans, &c->from.heads, &c->from.people};
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            memcpy(ids[k][i], cp_id_list_at(lists[k], i), CP_ID_LEN);
    return cp_continue_write((const uint8_t(*)[CP_ID_LEN])ids[0], c->from.plans.count,
                             (const uint8_t(*)[CP_ID_LEN])ids[1], c->from.heads.count,
                             (const uint8_t(*)[CP_ID_LEN])ids[2], c->from.people.count, out);
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
    enum cp_err err = CP_OK;
    if ((c.kind == CP_KIND_FIRST && !c.continues) || c.kind == CP_KIND_ADMIT) {
        struct cp_buf text;
        cp_buf_init(&text, &replica_mem, CP_JOIN_MAX);
        cp_join_text(&c.join, &text);
        if (!cp_bytes_eq(cp_buf_bytes(&text), c.join.text))
            abort();
        cp_buf_clear(&text);
        cp_join_write(&c.join, &join);
    }
    if (c.kind == CP_KIND_FIRST && c.continues)
        err = write_continuation(&c, &b);
    else if (c.kind == CP_KIND_FIRST)
        cp_first_write(cp_buf_bytes(&join), &b);
    else if (c.kind == CP_KIND_ADMIT)
        cp_admit_write(c.invite, cp_buf_bytes(&join), &b);
    else if (c.kind == CP_KIND_INVITE)
        cp_invite_write(c.token_key, c.token_curve_key, c.for_person ? c.person : NULL, &b);
    else if (c.kind == CP_KIND_UNINVITE)
        cp_uninvite_write(c.invite, &b);
    else if (c.kind == CP_KIND_SECRET)
        cp_secret_write(c.secret, &b);
    else
        err = write_statement(&c, &b);
    if (err != CP_OK || cp_buf_err(&b) != CP_OK || !cp_bytes_eq(cp_buf_bytes(&b), CP_BYTES(data, size)))
        abort();
    cp_buf_clear(&join);
    cp_buf_clear(&b);
    return 0;
}
