/*
 * Commands about invitations that were made: invites, uninvite (docs/api.md).
 * Owns: what these answer. Must not: make one (serve_people.c), or judge who comes by one (meet_admit.c).
 */
#include "daemon/view.h"

#define ROW_MAX 4096U

static void put_hex(struct cp_buf *out, const char *key, const uint8_t *id)
{
    cp_api_key(out, key);
    cp_api_hex(out, id, CP_ID_LEN);
}

static void put_bool(struct cp_buf *out, const char *key, bool value)
{
    cp_api_key(out, key);
    cp_api_bool(out, value);
}

static void serve_invites(struct cp_request *r)
{
    struct cp_invite_row *rows = NULL;
    size_t count = 0;
    enum cp_err err = cp_store_invites(r->node->store, r->plan, &rows, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        struct cp_buf out;
        cp_buf_init(&out, r->node->mem, ROW_MAX);
        cp_api_object(&out, 4);
        put_hex(&out, "id", rows[i].id);
        put_bool(&out, "used", rows[i].used);
        cp_api_key(&out, "used_by");
        if (rows[i].used)
            cp_api_hex(&out, rows[i].used_by, CP_ID_LEN);
        else
            cp_api_null(&out);
        put_bool(&out, "withdrawn", rows[i].withdrawn);
        err = cp_buf_err(&out);
        if (err == CP_OK)
            cp_reply_row(r, cp_buf_bytes(&out));
        cp_buf_clear(&out);
    }
    cp_free(r->node->mem, rows);
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_error(r, err, NULL, NULL);
}

/* ---- uninvite ---- */

/* An invitation by a unique beginning of its id, of those that this plan has. */
static enum cp_err find_invite(struct cp_request *r, struct cp_bytes typed, struct cp_invite_row *out)
{
    struct cp_invite_row *rows = NULL;
    size_t count = 0, found = 0;
    if (typed.len < 6)
        return CP_ERR_USAGE;
    enum cp_err err = cp_store_invites(r->node->store, r->plan, &rows, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++)
        if (cp_id_begins(rows[i].id, typed)) {
            *out = rows[i];
            found++;
        }
    cp_free(r->node->mem, rows);
    if (err == CP_OK && found != 1)
        err = found == 0 ? CP_ERR_NOT_FOUND : CP_ERR_AMBIGUOUS;
    return err;
}

/* Anybody in the plan may: a lost invitation is everybody's open door. Whoever came by it stays. */
static void serve_uninvite(struct cp_request *r)
{
    struct cp_bytes typed = cp_arg(r, "invite");
    struct cp_invite_row row;
    struct cp_buf frame, out;
    uint8_t id[CP_ID_LEN];
    enum cp_err err = find_invite(r, typed, &row);
    if (err != CP_OK) {
        cp_reply_about(r, err, typed);
        return;
    }
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    if (!row.withdrawn) {
        cp_uninvite_write(row.id, &frame);
        err = cp_buf_err(&frame);
        if (err == CP_OK)
            err = cp_node_write_control(r, cp_buf_bytes(&frame), id);
    }
    cp_buf_clear(&frame);
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    cp_buf_init(&out, r->node->mem, ROW_MAX);
    cp_api_object(&out, 2);
    put_hex(&out, "id", row.id);
    put_bool(&out, "used", row.used);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

const struct cp_command cp_serve_invites[] = {
    {"invites", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_invites},
    {"uninvite", CP_NEED_UNLOCKED | CP_NEED_PLAN | CP_NEED_PERSON, serve_uninvite},
    {NULL, 0, NULL},
};
