/*
 * What is known of other machines: peers (docs/api.md). Owns: what it answers. Must not: meet anybody (serve_sync.c).
 */
#include "daemon/meet.h"
#include "daemon/holds.h"
#include "daemon/serve_devices.h"
#include "daemon/serve_meet.h"

#define ROW_MAX 65536U

void cp_serve_put_id(struct cp_buf *out, const char *key, const uint8_t *id)
{
    cp_api_key(out, key);
    if (id == NULL)
        cp_api_null(out);
    else
        cp_api_hex(out, id, CP_ID_LEN);
}

void cp_serve_put_name(struct cp_node *node, const uint8_t plan[static CP_ID_LEN], const uint8_t person[static CP_ID_LEN],
                       struct cp_buf *out)
{
    struct cp_buf name;
    cp_buf_init(&name, node->mem, CP_TEXT_MAX);
    cp_api_key(out, "name");
    if (cp_node_name(node, plan, person, &name) == CP_OK)
        cp_api_text(out, cp_buf_bytes(&name));
    else
        cp_api_null(out);
    cp_buf_clear(&name);
}

/* ---- peers ---- */

static size_t refused_codes(const struct cp_meeting *all, const uint8_t *machine, struct cp_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < all->refused_count; i++) {
        const struct cp_meet_refused *f = &all->refused[i];
        if (memcmp(f->machine, machine, CP_KEY_LEN) != 0)
            continue;
        count++;
        if (out != NULL)
            cp_api_count(out, cp_err_word(f->err), f->count);
    }
    return count;
}

/* What that machine is known to hold of what is here; up_to NULL: no edit of ours is told. */
static void put_seen(struct cp_buf *out, const struct cp_holds *seen, const struct cp_store_edit *up_to)
{
    cp_api_key(out, "has");
    if (seen->how == CP_HOLDS_UNKNOWN) {
        cp_api_null(out);
        return;
    }
    cp_api_object(out, 7);
    cp_api_key(out, "everything");
    cp_api_bool(out, seen->lacks == 0);
    cp_api_count(out, "lacks", seen->lacks);
    cp_api_count(out, "more", seen->more);
    cp_api_key(out, "up_to");
    if (up_to != NULL) {
        cp_api_object(out, 2);
        cp_serve_put_id(out, "entry", up_to->id);
        cp_api_count(out, "claimed_at", up_to->time_ms);
    } else {
        cp_api_null(out);
    }
    cp_api_key(out, "how");
    cp_api_cstr(out, seen->how == CP_HOLDS_MET ? "met" : "stick");
    cp_api_count(out, "heard_at", seen->heard_ms);
    cp_api_key(out, "said_at");
    if (seen->how == CP_HOLDS_STICK)
        cp_api_int(out, seen->said_ms > CP_INT_MAX ? (int64_t)CP_INT_MAX : (int64_t)seen->said_ms);
    else
        cp_api_null(out);
}

static enum cp_err peers_row(struct cp_request *r, struct cp_holds_plan *of, const struct cp_member_device *d,
                             uint64_t entries, const uint8_t *digest, bool wanted)
{
    struct cp_meeting *all = r->node->meetings;
    const uint8_t *plan = of->plan;
    struct cp_holds seen;
    struct cp_store_edit edit;
    struct cp_buf out;
    enum cp_err err = cp_holds_of(of, d->curve_key, &seen);
    if (err != CP_OK)
        return err;
    err = cp_holds_edit(of, &seen, &edit);
    if (err != CP_OK && err != CP_ERR_NOT_FOUND)
        return err;
    const struct cp_store_edit *up_to = err == CP_OK ? &edit : NULL;
    const struct cp_meet_report *last = cp_meet_last(all, plan, d->curve_key);
    const struct cp_meet_place *place = cp_meet_place_of(all, d->curve_key);
    cp_buf_init(&out, r->node->mem, ROW_MAX);
    cp_api_object(&out, 12);
    cp_serve_put_id(&out, "device", d->device_key);
    cp_api_key(&out, "state");
    cp_api_cstr(&out, cp_serve_device_state(d));
    err = cp_serve_put_others(r->node, plan, d->device_key, &out);
    cp_api_key(&out, "device_name");
    cp_api_text(&out, d->device_name);
    cp_serve_put_id(&out, "person", d->person);
    cp_serve_put_name(r->node, plan, d->person, &out);
    cp_api_key(&out, "address");
    if (place == NULL)
        cp_api_null(&out);
    else
        cp_api_cstr(&out, place->address);
    cp_serve_put_id(&out, "plan", plan);
    cp_api_key(&out, "in_sync");
    cp_api_bool(&out, !wanted && cp_meet_still_in_sync(last, entries, digest));
    cp_api_count(&out, "missing", last == NULL ? 0 : last->missing);
    put_seen(&out, &seen, up_to);
    cp_api_key(&out, "refused");
    cp_api_object(&out, refused_codes(all, d->curve_key, NULL));
    (void)refused_codes(all, d->curve_key, &out);
    err = err == CP_OK ? cp_buf_err(&out) : err;
    if (err == CP_OK)
        cp_reply_row(r, cp_buf_bytes(&out));
    cp_buf_clear(&out);
    return err;
}

/* Those who were turned away at the port have no name. */
static void strangers_row(struct cp_request *r)
{
    struct cp_buf out;
    uint64_t strangers = cp_net_strangers(r->node->net);
    if (strangers == 0)
        return;
    cp_buf_init(&out, r->node->mem, ROW_MAX);
    cp_api_object(&out, 12);
    cp_serve_put_id(&out, "device", NULL);
    cp_serve_put_id(&out, "state", NULL);
    cp_api_key(&out, "others");
    cp_api_list(&out, 0);
    cp_serve_put_id(&out, "device_name", NULL);
    cp_serve_put_id(&out, "person", NULL);
    cp_serve_put_id(&out, "name", NULL);
    cp_api_key(&out, "address");
    cp_api_null(&out);
    cp_serve_put_id(&out, "plan", NULL);
    cp_api_key(&out, "in_sync");
    cp_api_bool(&out, false);
    cp_api_count(&out, "missing", 0);
    cp_serve_put_id(&out, "has", NULL);
    cp_api_key(&out, "refused");
    cp_api_object(&out, 1);
    cp_api_count(&out, cp_err_word(CP_ERR_NOT_A_MEMBER), strangers);
    if (cp_buf_err(&out) == CP_OK)
        cp_reply_row(r, cp_buf_bytes(&out));
    cp_buf_clear(&out);
}

static void serve_peers(struct cp_request *r)
{
    struct cp_node *node = r->node;
    struct cp_plan_row *plans = NULL;
    size_t count = 0;
    uint8_t own[CP_KEY_LEN], box[CP_KEY_LEN];
    enum cp_err err = cp_store_plans(node->store, &plans, &count);
    cp_keeper_machine(node->keeper, own, box);
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        const struct cp_members *members = NULL;
        struct cp_holds_plan of;
        uint64_t entries = 0;
        uint8_t digest[CP_ID_LEN];
        if (plans[i].awaited && plans[i].entries == 0)
            continue;
        err = cp_store_log_digest(node->store, plans[i].id, &entries, digest);
        if (err != CP_OK)
            break;
        err = cp_holds_begin(&of, node, plans[i].id);
        if (err == CP_OK)
            err = cp_store_members(node->store, plans[i].id, &members);
        for (size_t k = 0; err == CP_OK && k < members->count; k++)
            if (memcmp(members->devices[k].curve_key, own, CP_KEY_LEN) != 0)
                err = peers_row(r, &of, &members->devices[k], entries, digest, plans[i].wanted > 0);
        cp_holds_finish(&of);
    }
    cp_free(node->mem, plans);
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    strangers_row(r);
    cp_reply_done(r, CP_BYTES(NULL, 0), 0);
}

const struct cp_command cp_serve_meet[] = {
    {"peers", CP_NEED_UNLOCKED, serve_peers},
    {NULL, 0, NULL},
};
