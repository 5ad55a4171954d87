/*
 * Meeting everybody, or whoever is at an address: sync (docs/api.md). Owns: whom one `sync` calls, how often, and what it may say at
 * the end of them all. Must not: call anybody itself (meet_call.c does), or say "in sync" of what has changed since it was.
 */
#include "daemon/meet.h"
#include "daemon/serve_meet.h"

#define ROW_MAX    65536U
#define PASSES_MAX 3U /* whoever was met before somebody else brought something is called again, but not for ever */

struct round;
struct call {
    struct round *round;
    char address[256];
    bool due;
};
/* A peer and a plan; of several meetings the counts add up, and the last verdict counts. */
struct row {
    struct cp_meet_row met;
    size_t call;
};

/* One `sync`: as many meetings as there are addresses, a few at a time. */
struct round {
    struct cp_request *r;
    bool stay, has_key;
    uint8_t server_key[CP_KEY_LEN];
    struct call *calls;
    size_t calls_count, next, pending;
    unsigned passes; /* that are over */
    struct row *rows;
    size_t rows_count, rows_cap;
    uint64_t moved;  /* entries, in the meetings that are over */
    enum cp_err err; /* the first that was more than nobody there */
    bool starting;
};

static bool nobody_there(enum cp_err err)
{
    return err == CP_OK || err == CP_ERR_UNREACHABLE || err == CP_ERR_TIMED_OUT;
}

static bool own_trouble(enum cp_err err)
{
    return err == CP_ERR_DISK_FULL || err == CP_ERR_IO || err == CP_ERR_NO_MEMORY || err == CP_ERR_DAMAGED_STORE ||
           err == CP_ERR_LOCKED;
}

/* ---- What is said ---- */

/* As of now: what a later meeting of this round brought, an earlier one did not have. Who stays in touch is told of it at once. */
static bool is_in_sync(const struct round *w, const struct row *row)
{
    struct cp_node *node = w->r->node;
    const struct cp_report *report = &row->met.report;
    uint64_t entries = 0;
    uint8_t digest[CP_ID_LEN];
    if (row->met.apart || !report->in_sync)
        return false;
    if (w->stay)
        return true;
    const struct cp_meet_report *last = cp_meet_last(node->meetings, report->plan, row->met.peer);
    return cp_store_log_digest(node->store, report->plan, &entries, digest) == CP_OK &&
           cp_meet_still_in_sync(last, entries, digest);
}

/* The person who holds a standing device on this machine; of several the one admitted first. */
static const struct cp_member_device *device_of(struct cp_node *node, const uint8_t *plan, const uint8_t *machine)
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

static void put_row(struct round *w, const struct row *row, bool in_sync, uint64_t plans)
{
    struct cp_node *node = w->r->node;
    const struct cp_report *report = &row->met.report;
    const struct cp_member_device *d = device_of(node, report->plan, row->met.peer);
    struct cp_buf out;
    cp_buf_init(&out, node->mem, ROW_MAX);
    cp_api_object(&out, 16);
    cp_serve_put_id(&out, "peer", row->met.peer);
    cp_serve_put_id(&out, "person", d == NULL ? NULL : d->person);
    if (d != NULL)
        cp_serve_put_name(node, report->plan, d->person, &out);
    else
        cp_serve_put_id(&out, "name", NULL);
    cp_serve_put_id(&out, "plan", report->plan);
    cp_api_count(&out, "plans_here", plans);
    cp_api_key(&out, "in_sync");
    cp_api_bool(&out, in_sync);
    cp_api_count(&out, "sent", report->sent);
    cp_api_count(&out, "received", report->received);
    cp_api_count(&out, "bytes_out", row->met.bytes_out);
    cp_api_count(&out, "bytes_in", row->met.bytes_in);
    cp_api_count(&out, "round_trips", report->round_trips);
    cp_api_count(&out, "missing", report->missing);
    cp_api_count(&out, "pieces", row->met.pieces);
    cp_api_key(&out, "apart");
    cp_api_bool(&out, row->met.apart);
    cp_api_key(&out, "no_place");
    cp_api_bool(&out, report->no_place);
    cp_api_key(&out, "cut");
    cp_api_bool(&out, row->met.cut);
    if (cp_buf_err(&out) == CP_OK)
        cp_reply_row(w->r, cp_buf_bytes(&out));
    cp_buf_clear(&out);
}

/* On this device: with several a row has to say of which it speaks. Counted at the end: a meeting may have brought one. */
static uint64_t count_plans(const struct round *w)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    if (cp_store_plans(w->r->node->store, &rows, &count) != CP_OK)
        count = 0;
    cp_free(w->r->node->mem, rows);
    return count;
}

static void round_end(struct round *w)
{
    struct cp_request *r = w->r;
    const struct cp_mem *mem = r->node->mem; /* the request is gone once it is answered */
    bool good = w->rows_count > 0;
    /* Who answered and did not show to be a member is to people the same as who did not know us. */
    if (own_trouble(w->err) || (w->rows_count == 0 && !nobody_there(w->err))) {
        cp_reply_error(r, w->err == CP_ERR_UNPROVEN ? CP_ERR_NOT_A_MEMBER : w->err, NULL, NULL);
    } else {
        uint64_t plans = count_plans(w);
        for (size_t i = 0; i < w->rows_count; i++) {
            bool in_sync = is_in_sync(w, &w->rows[i]);
            put_row(w, &w->rows[i], in_sync, plans);
            good = good && in_sync && !w->rows[i].met.cut;
        }
        cp_reply_done(r, CP_BYTES(NULL, 0), good ? 0 : 1);
    }
    cp_free(mem, w->calls);
    cp_free(mem, w->rows);
    cp_free(mem, w);
}

static void progressed(void *ctx)
{
    struct round *w = ((struct call *)ctx)->round;
    uint64_t done = w->moved, of = w->moved;
    for (size_t i = 0; i < w->calls_count; i++) {
        struct cp_session_progress now = cp_meet_progress(w->r->node->meetings, &w->calls[i]);
        done += now.done;
        of = now.of > CP_INT_MAX - of ? CP_INT_MAX : of + now.of;
    }
    cp_reply_progress(w->r, done, of, "entries");
}

/* ---- The calls ---- */

static void met(void *ctx, enum cp_err err, const struct cp_meet_row *rows, size_t count);

static void fail(struct round *w, enum cp_err err)
{
    if (nobody_there(w->err) && !nobody_there(err))
        w->err = err;
}

static void start_some(struct round *w)
{
    w->starting = true;
    for (; w->next < w->calls_count && w->pending < CP_MEET_CALLS_MAX / 2; w->next++) {
        struct call *c = &w->calls[w->next];
        if (!c->due)
            continue;
        struct cp_meet_call call = {.address = c->address,
                                    .server_key = w->has_key ? w->server_key : NULL,
                                    .stay = w->stay,
                                    .keep = w->stay,
                                    .done = met,
                                    .progress = progressed,
                                    .ctx = c};
        c->due = false;
        enum cp_err err = cp_meet_start(w->r->node, &call);
        if (err == CP_OK)
            w->pending++;
        else
            fail(w, err);
    }
    w->starting = false;
}

static void take_row(struct round *w, const struct call *c, const struct cp_meet_row *new)
{
    struct row *row = NULL;
    void *rows = w->rows;
    for (size_t i = 0; i < w->rows_count; i++)
        if (memcmp(w->rows[i].met.peer, new->peer, CP_KEY_LEN) == 0 &&
            memcmp(w->rows[i].met.report.plan, new->report.plan, CP_ID_LEN) == 0)
            row = &w->rows[i];
    struct row was = {.call = 0};
    if (row != NULL && new->report.no_place) /* it had its turn before */
        return;
    if (row != NULL) {
        was = *row;
    } else if (cp_grow(w->r->node->mem, &rows, &w->rows_cap, w->rows_count + 1, SIZE_MAX / sizeof *w->rows,
                       sizeof *w->rows) == CP_OK) {
        w->rows = rows;
        row = &w->rows[w->rows_count++];
    } else {
        fail(w, CP_ERR_NO_MEMORY);
        return;
    }
    *row = (struct row){.met = *new, .call = (size_t)(c - w->calls)};
    row->met.report.sent += was.met.report.sent;
    row->met.report.received += was.met.report.received;
    row->met.bytes_out += was.met.bytes_out;
    row->met.bytes_in += was.met.bytes_in;
    row->met.pieces += was.met.pieces;
    if (was.met.report.round_trips > new->report.round_trips)
        row->met.report.round_trips = was.met.report.round_trips;
    w->moved += new->report.sent + new->report.received;
}

/* Those that were in sync and are not any more, by what others of this round brought; and those with whom plans had no place yet. False:
 * there is none. */
static bool call_again(struct round *w)
{
    bool any = false;
    if (w->stay || ++w->passes == PASSES_MAX)
        return false;
    for (size_t i = 0; i < w->rows_count; i++)
        if (!w->rows[i].met.cut && (w->rows[i].met.report.no_place ||
                                    (w->rows[i].met.report.in_sync && !is_in_sync(w, &w->rows[i]))))
            any = w->calls[w->rows[i].call].due = true;
    w->next = 0;
    return any;
}

static void go_on(struct round *w)
{
    start_some(w);
    while (w->pending == 0 && call_again(w))
        start_some(w);
    if (w->pending == 0)
        round_end(w);
}

static void met(void *ctx, enum cp_err err, const struct cp_meet_row *rows, size_t count)
{
    const struct call *c = ctx;
    struct round *w = c->round;
    for (size_t i = 0; i < count; i++)
        take_row(w, c, &rows[i]);
    fail(w, err);
    w->pending--;
    if (!w->starting)
        go_on(w);
}

/* ---- Whom ---- */

/* There is room. */
static void add_call(struct round *w, const char *address)
{
    for (size_t i = 0; i < w->calls_count; i++)
        if (strcmp(w->calls[i].address, address) == 0)
            return;
    struct call *c = &w->calls[w->calls_count++];
    *c = (struct call){.round = w, .due = true};
    (void)snprintf(c->address, sizeof c->address, "%s", address);
}

static void add_awaited(struct round *w, const uint8_t *plan)
{
    struct cp_node *node = w->r->node;
    struct cp_buf join, text;
    struct cp_invitation inv;
    cp_buf_init(&join, node->mem, CP_JOIN_MAX);
    cp_buf_init(&text, node->mem, CP_TEXT_MAX);
    if (cp_store_awaited(node->store, plan, &join, &text) == CP_OK &&
        cp_invitation_read(cp_buf_bytes(&text), &inv) == CP_OK) {
        if (inv.has_server && inv.address[0] != '\0')
            add_call(w, inv.address);
        sodium_memzero(&inv, sizeof inv);
    }
    cp_buf_clear(&join);
    cp_buf_clear(&text);
}

/* Where each machine was met last, and where an invitation that waits for its answer points. */
static enum cp_err add_known(struct round *w)
{
    struct cp_node *node = w->r->node;
    struct cp_meeting *all = node->meetings;
    struct cp_plan_row *plans = NULL;
    size_t plans_count = 0;
    cp_meet_facts_load(all);
    enum cp_err err = cp_store_plans(node->store, &plans, &plans_count);
    if (err != CP_OK)
        return err;
    w->calls = cp_alloc_array(node->mem, all->places_count + plans_count + 1, sizeof *w->calls);
    if (w->calls == NULL)
        err = CP_ERR_NO_MEMORY;
    for (size_t i = 0; err == CP_OK && i < all->places_count; i++)
        if (cp_meet_place_of(all, all->places[i].machine) == &all->places[i])
            add_call(w, all->places[i].address);
    for (size_t i = 0; err == CP_OK && i < plans_count; i++) {
        bool waits = false;
        err = cp_store_waits(node->store, plans[i].id, &waits);
        if (err == CP_OK && waits)
            add_awaited(w, plans[i].id);
    }
    cp_free(node->mem, plans);
    return err;
}

static enum cp_err add_typed(struct round *w, struct cp_bytes address)
{
    char typed[256] = "";
    w->calls = cp_alloc_array(w->r->node->mem, 1, sizeof *w->calls);
    if (w->calls == NULL)
        return CP_ERR_NO_MEMORY;
    memcpy(typed, address.ptr, address.len);
    add_call(w, typed);
    return CP_OK;
}

static void serve_sync(struct cp_request *r)
{
    struct cp_bytes address = cp_api_member_text(&r->with, "address", CP_BYTES(NULL, 0));
    struct cp_bytes key = cp_api_member_text(&r->with, "key", CP_BYTES(NULL, 0));
    uint8_t server_key[CP_KEY_LEN] = {0};
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
    w->stay = cp_api_member_true(&r->with, "stay");
    w->has_key = key.len > 0;
    memcpy(w->server_key, server_key, sizeof w->server_key);
    w->err = address.len > 0 ? add_typed(w, address) : add_known(w);
    if (w->err != CP_OK)
        round_end(w);
    else
        go_on(w);
}

const struct cp_command cp_serve_sync[] = {
    {"sync", CP_NEED_UNLOCKED, serve_sync},
    {NULL, 0, NULL},
};
