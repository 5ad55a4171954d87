/*
 * Commands about meeting: sync, peers (docs/api.md).
 * Owns: what these answer. Must not: call anybody itself (meet_call.c does).
 */
#include "daemon/meet.h"
#include "daemon/holds.h"
#include "daemon/serve_devices.h"

#define ROW_MAX 65536U

/* One `sync`: as many meetings as there are addresses, a few at a time. */
struct round {
    struct cp_request *r;
    bool stay;
    char (*addresses)[256];
    size_t addresses_count, next;
    size_t pending;
    size_t rows;
    size_t plans;   /* on this device: with several a row has to say of which it speaks */
    uint64_t moved; /* entries, in the meetings that are over */
    bool all_in_sync;
    enum cp_err err; /* the first that was more than nobody there */
    bool starting;
};

static bool nobody_there(enum cp_err err)
{
    return err == CP_OK || err == CP_ERR_UNREACHABLE || err == CP_ERR_TIMED_OUT;
}

static void round_end(struct round *w)
{
    struct cp_request *r = w->r;
    const struct cp_mem *mem = r->node->mem; /* the request is gone once it is answered */
    /* Who answered and did not show to be a member is to people the same as who did not know us. */
    if (w->rows == 0 && !nobody_there(w->err))
        cp_reply_error(r, w->err == CP_ERR_UNPROVEN ? CP_ERR_NOT_A_MEMBER : w->err, NULL, NULL);
    else
        cp_reply_done(r, CP_BYTES(NULL, 0), w->rows > 0 && w->all_in_sync ? 0 : 1);
    cp_free(mem, w->addresses);
    cp_free(mem, w);
}

/* The person who holds a standing device on this machine; of several the one admitted first. */
static const struct cp_member_device *device_of(struct cp_node *node, const uint8_t *plan,
                                                const uint8_t *machine)
{
    const struct cp_members *members = NULL;
    const struct cp_member_device *first = NULL;
    if (cp_store_members(node->store, plan, &members) != CP_OK)
        return NULL;
    for (size_t i = 0; i < members->count; i++) {
        const struct cp_member_device *d = &members->devices[i];
        if (memcmp(d->curve_key, machine, CP_KEY_LEN) == 0 && (first == NULL || d->lamport < first->lamport))
            first = d;
    }
    return first;
}

static void put_id_or_null(struct cp_buf *out, const char *key, const uint8_t *id)
{
    cp_api_key(out, key);
    if (id == NULL)
        cp_api_null(out);
    else
        cp_api_hex(out, id, CP_ID_LEN);
}

static void put_name(struct cp_node *node, const uint8_t *plan, const uint8_t *person, struct cp_buf *out)
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

static void sync_row(struct round *w, const struct cp_meet_row *row)
{
    struct cp_buf out;
    const struct cp_member_device *d = device_of(w->r->node, row->report.plan, row->peer);
    cp_buf_init(&out, w->r->node->mem, ROW_MAX);
    cp_api_object(&out, 13);
    put_id_or_null(&out, "peer", row->peer);
    put_id_or_null(&out, "person", d == NULL ? NULL : d->person);
    if (d != NULL)
        put_name(w->r->node, row->report.plan, d->person, &out);
    else
        put_id_or_null(&out, "name", NULL);
    put_id_or_null(&out, "plan", row->report.plan);
    cp_api_count(&out, "plans_here", w->plans);
    cp_api_key(&out, "in_sync");
    cp_api_bool(&out, row->report.in_sync);
    cp_api_count(&out, "sent", row->report.sent);
    cp_api_count(&out, "received", row->report.received);
    cp_api_count(&out, "bytes_out", row->bytes_out);
    cp_api_count(&out, "bytes_in", row->bytes_in);
    cp_api_count(&out, "round_trips", row->report.round_trips);
    cp_api_count(&out, "missing", row->report.missing);
    cp_api_count(&out, "pieces", row->pieces);
    if (cp_buf_err(&out) == CP_OK)
        cp_reply_row(w->r, cp_buf_bytes(&out));
    cp_buf_clear(&out);
    w->rows++;
    w->moved += row->report.sent + row->report.received;
    w->all_in_sync = w->all_in_sync && row->report.in_sync;
}

static void progressed(void *ctx)
{
    struct round *w = ctx;
    struct cp_session_progress now = cp_meet_progress(w->r->node->meetings, w);
    cp_reply_progress(w->r, w->moved + now.done, w->moved + now.of, "entries");
}

static void met(void *ctx, enum cp_err err, const struct cp_meet_row *rows, size_t count);

static void fail(struct round *w, enum cp_err err)
{
    if (nobody_there(w->err) && !nobody_there(err))
        w->err = err;
}

static void start_some(struct round *w)
{
    w->starting = true;
    while (w->next < w->addresses_count && w->pending < CP_MEET_CALLS_MAX / 2) {
        struct cp_meet_call call = {.address = w->addresses[w->next++],
                                    .stay = w->stay,
                                    .done = met,
                                    .progress = progressed,
                                    .ctx = w};
        enum cp_err err = cp_meet_start(w->r->node, &call);
        if (err == CP_OK)
            w->pending++;
        else
            fail(w, err);
    }
    w->starting = false;
}

/* Counted when a meeting is over: it may have brought one. */
static void count_plans(struct round *w)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    if (cp_store_plans(w->r->node->store, &rows, &count) == CP_OK)
        w->plans = count;
    cp_free(w->r->node->mem, rows);
}

static void met(void *ctx, enum cp_err err, const struct cp_meet_row *rows, size_t count)
{
    struct round *w = ctx;
    count_plans(w);
    for (size_t i = 0; i < count; i++)
        sync_row(w, &rows[i]);
    fail(w, err);
    w->pending--;
    if (w->starting)
        return;
    start_some(w);
    if (w->pending == 0)
        round_end(w);
}

/* There is room: addresses_known made it. */
static void address_add(struct round *w, const char *address)
{
    for (size_t i = 0; i < w->addresses_count; i++)
        if (strcmp(w->addresses[i], address) == 0)
            return;
    (void)snprintf(w->addresses[w->addresses_count++], sizeof *w->addresses, "%s", address);
}

/* Where each machine was met last, and where an invitation that waits for its answer points. */
static enum cp_err addresses_known(struct round *w)
{
    struct cp_node *node = w->r->node;
    struct cp_meeting *all = node->meetings;
    struct cp_plan_row *plans = NULL;
    size_t plans_count = 0;
    cp_meet_facts_load(all);
    enum cp_err err = cp_store_plans(node->store, &plans, &plans_count);
    if (err != CP_OK)
        return err;
    w->addresses = cp_alloc_array(node->mem, all->places_count + plans_count + 1, sizeof *w->addresses);
    if (w->addresses == NULL)
        err = CP_ERR_NO_MEMORY;
    for (size_t i = 0; err == CP_OK && i < all->places_count; i++)
        if (cp_meet_place_of(all, all->places[i].machine) == &all->places[i])
            address_add(w, all->places[i].address);
    for (size_t i = 0; err == CP_OK && i < plans_count; i++) {
        struct cp_buf join, text;
        struct cp_invitation inv;
        if (!plans[i].awaited)
            continue;
        cp_buf_init(&join, node->mem, CP_JOIN_MAX);
        cp_buf_init(&text, node->mem, CP_TEXT_MAX);
        if (cp_store_awaited(node->store, plans[i].id, &join, &text) == CP_OK &&
            cp_invitation_read(cp_buf_bytes(&text), &inv) == CP_OK) {
            if (inv.has_server && inv.address[0] != '\0')
                address_add(w, inv.address);
            sodium_memzero(&inv, sizeof inv);
        }
        cp_buf_clear(&join);
        cp_buf_clear(&text);
    }
    cp_free(node->mem, plans);
    return err;
}

static void serve_sync(struct cp_request *r)
{
    struct cp_bytes address = cp_api_member_text(&r->with, "address", CP_BYTES(NULL, 0));
    struct cp_bytes key = cp_api_member_text(&r->with, "key", CP_BYTES(NULL, 0));
    uint8_t server_key[CP_KEY_LEN];
    enum cp_err err = CP_OK;
    if (cp_api_member_true(&r->with, "leave")) {
        cp_node_part(r->node);
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
        return;
    }
    if (address.len >= 256 || (address.len > 0 && memchr(address.ptr, '\0', address.len) != NULL) ||
        (key.len > 0 && (address.len == 0 || !cp_hex_decode(key, server_key, sizeof server_key)))) {
        cp_reply_error(r, CP_ERR_USAGE, NULL, NULL);
        return;
    }
    struct round *w = cp_alloc(r->node->mem, sizeof *w);
    if (w == NULL) {
        cp_reply_error(r, CP_ERR_NO_MEMORY, NULL, NULL);
        return;
    }
    w->r = r;
    w->all_in_sync = true;
    w->stay = cp_api_member_true(&r->with, "stay");
    if (address.len > 0) {
        char typed[256];
        struct cp_meet_call call = {.address = typed,
                                    .server_key = key.len > 0 ? server_key : NULL,
                                    .stay = w->stay,
                                    .done = met,
                                    .progress = progressed,
                                    .ctx = w};
        memcpy(typed, address.ptr, address.len);
        typed[address.len] = '\0';
        err = cp_meet_start(r->node, &call);
        if (err == CP_OK)
            w->pending++;
    } else {
        err = addresses_known(w);
        if (err == CP_OK)
            start_some(w);
    }
    if (w->pending > 0)
        return;
    if (err != CP_OK && w->err == CP_OK)
        w->err = err;
    round_end(w);
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

/* In sync only while nothing has changed since it was proven. */
static bool still_in_sync(const struct cp_meet_report *last, uint64_t entries, const uint8_t *digest)
{
    return last != NULL && last->in_sync && last->entries == entries &&
           memcmp(last->digest, digest, CP_ID_LEN) == 0;
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
        put_id_or_null(out, "entry", up_to->id);
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
    put_id_or_null(&out, "device", d->device_key);
    cp_api_key(&out, "state");
    cp_api_cstr(&out, cp_serve_device_state(d));
    err = cp_serve_put_others(r->node, plan, d->device_key, &out);
    cp_api_key(&out, "device_name");
    cp_api_text(&out, d->device_name);
    put_id_or_null(&out, "person", d->person);
    put_name(r->node, plan, d->person, &out);
    cp_api_key(&out, "address");
    if (place == NULL)
        cp_api_null(&out);
    else
        cp_api_cstr(&out, place->address);
    put_id_or_null(&out, "plan", plan);
    cp_api_key(&out, "in_sync");
    cp_api_bool(&out, !wanted && still_in_sync(last, entries, digest));
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
    put_id_or_null(&out, "device", NULL);
    put_id_or_null(&out, "state", NULL);
    cp_api_key(&out, "others");
    cp_api_list(&out, 0);
    put_id_or_null(&out, "device_name", NULL);
    put_id_or_null(&out, "person", NULL);
    put_id_or_null(&out, "name", NULL);
    cp_api_key(&out, "address");
    cp_api_null(&out);
    put_id_or_null(&out, "plan", NULL);
    cp_api_key(&out, "in_sync");
    cp_api_bool(&out, false);
    cp_api_count(&out, "missing", 0);
    put_id_or_null(&out, "has", NULL);
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
    {"sync", CP_NEED_UNLOCKED, serve_sync},
    {"peers", CP_NEED_UNLOCKED, serve_peers},
    {NULL, 0, NULL},
};
