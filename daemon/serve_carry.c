/*
 * Commands about carriers, for those who use one: carry-use, carry-forget, carry-list, carry-visit (docs/api.md).
 * Owns: what these answer. Must not: call anybody itself (carry_visit.c does), or say that anything is in sync.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "daemon/carry.h"

#define ANSWER_MAX (256U * 1024U)

static void put_bool(struct cp_buf *out, const char *key, bool b)
{
    cp_api_key(out, key);
    cp_api_bool(out, b);
}

/* HOST:PORT#KEY */
static void put_place(const struct cp_carry_place *p, struct cp_buf *out)
{
    char text[sizeof p->address + 2 * CP_KEY_LEN + 2], hex[2 * CP_KEY_LEN + 1];
    cp_hex_encode(p->carrier, CP_KEY_LEN, hex);
    (void)snprintf(text, sizeof text, "%s#%s", p->address, hex);
    cp_api_key(out, "plan");
    cp_api_hex(out, p->plan, CP_ID_LEN);
    cp_api_key(out, "address");
    cp_api_cstr(out, text);
}

/* What its keeper must be given for this plan now; null where the plan has no secret yet. */
static void put_ticket(struct cp_node *node, const struct cp_carry_place *p, struct cp_buf *out)
{
    struct cp_carry_keys keys;
    struct cp_ticket ticket;
    struct cp_buf text;
    enum cp_err err = cp_carry_keys_get(node, p, &keys);
    cp_buf_init(&text, node->mem, CP_TEXT_MAX);
    if (err == CP_OK) {
        memcpy(ticket.carrier, p->carrier, CP_KEY_LEN);
        memcpy(ticket.key, keys.key[0], CP_KEY_LEN);
        cp_ticket_write(&ticket, &text);
        err = cp_buf_err(&text);
    }
    cp_api_key(out, "ticket");
    if (err == CP_OK)
        cp_api_text(out, cp_buf_bytes(&text));
    else
        cp_api_null(out);
    sodium_memzero(&keys, sizeof keys);
    cp_buf_clear(&text);
}

/* ---- carry-use, carry-forget, carry-list ---- */

static bool same_place(const struct cp_carry_place *a, const struct cp_carry_place *b)
{
    return memcmp(a->plan, b->plan, CP_ID_LEN) == 0 && memcmp(a->carrier, b->carrier, CP_KEY_LEN) == 0;
}

static void serve_use(struct cp_request *r)
{
    struct cp_carry_places places;
    struct cp_carry_place p;
    struct cp_buf out;
    bool hushed = false;
    size_t at = 0;
    memset(&p, 0, sizeof p);
    enum cp_err err = cp_carry_address(cp_api_member_text(&r->with, "address", CP_BYTES(NULL, 0)), &p);
    memcpy(p.plan, r->plan, CP_ID_LEN);
    if (err == CP_OK)
        err = cp_store_hushed(r->node->store, r->plan, &hushed);
    if (err == CP_OK && hushed)
        err = CP_ERR_LEFT;
    if (err == CP_OK)
        err = cp_carry_places_get(r->node, &places);
    while (err == CP_OK && at < places.count && !same_place(&places.list[at], &p))
        at++;
    if (err == CP_OK && at == CP_CARRY_PLACES_MAX)
        err = CP_ERR_TOO_BIG;
    if (err == CP_OK) { /* known already: its address may be a new one */
        places.list[at] = p;
        places.count += at == places.count ? 1 : 0;
        err = cp_carry_places_set(r->node, &places);
    }
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 3);
    put_place(&p, &out);
    put_ticket(r->node, &p, &out);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* Those of the plan named (or of any) at that HOST:PORT or, with #KEY, of that carrier wherever it is; nothing typed: all. */
static bool is_asked(const struct cp_request *r, const struct cp_carry_place *p)
{
    struct cp_bytes typed = cp_api_member_text(&r->with, "address", CP_BYTES(NULL, 0));
    struct cp_carry_place named;
    if (r->plan_arg.len > 0 && memcmp(p->plan, r->plan, CP_ID_LEN) != 0)
        return false;
    if (typed.len == 0)
        return true;
    if (cp_carry_address(typed, &named) == CP_OK)
        return memcmp(named.carrier, p->carrier, CP_KEY_LEN) == 0;
    return typed.len == strlen(p->address) && memcmp(typed.ptr, p->address, typed.len) == 0;
}

/* The places that are meant. NO_CARRIER: none. */
static enum cp_err choose(struct cp_request *r, struct cp_carry_places *places)
{
    size_t kept = 0;
    enum cp_err err = cp_carry_places_get(r->node, places);
    for (size_t i = 0; err == CP_OK && i < places->count; i++)
        if (is_asked(r, &places->list[i]))
            places->list[kept++] = places->list[i];
    places->count = kept;
    return err == CP_OK && kept == 0 ? CP_ERR_NO_CARRIER : err;
}

static void serve_forget(struct cp_request *r)
{
    struct cp_carry_places all, gone;
    struct cp_buf out;
    size_t kept = 0;
    enum cp_err err = choose(r, &gone);
    if (err == CP_OK)
        err = cp_carry_places_get(r->node, &all);
    for (size_t i = 0; err == CP_OK && i < all.count; i++)
        if (!is_asked(r, &all.list[i]))
            all.list[kept++] = all.list[i];
    if (err == CP_OK) {
        all.count = kept;
        err = cp_carry_places_set(r->node, &all);
    }
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 1);
    cp_api_count(&out, "forgotten", gone.count);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

static void serve_list(struct cp_request *r)
{
    struct cp_carry_places places;
    struct cp_buf out;
    enum cp_err err = cp_carry_places_get(r->node, &places);
    if (err != CP_OK) {
        cp_reply_error(r, err, NULL, NULL);
        return;
    }
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 1);
    cp_api_key(&out, "carriers");
    cp_api_list(&out, places.count);
    for (size_t i = 0; i < places.count; i++) {
        cp_api_object(&out, 3);
        put_place(&places.list[i], &out);
        put_ticket(r->node, &places.list[i], &out);
    }
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* ---- carry-visit ---- */

/* Lives as long as the visit. */
struct visit {
    struct cp_request *r;
    size_t good;
    enum cp_err first_bad;
};

static void visited(void *ctx, const struct cp_carry_row *row)
{
    struct visit *v = ctx;
    struct cp_buf out;
    if (row->err == CP_OK)
        v->good++;
    else if (v->first_bad == CP_OK)
        v->first_bad = row->err;
    cp_buf_init(&out, v->r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 18);
    put_place(row->place, &out);
    cp_api_key(&out, "ticket");
    cp_api_cstr(&out, row->newest ? "in use" : row->old ? "old" : "not known");
    cp_api_count(&out, "fetched", row->fetched);
    cp_api_count(&out, "taken", row->taken);
    cp_api_count(&out, "known", row->known);
    cp_api_count(&out, "refused", row->refused);
    cp_api_count(&out, "damaged", row->damaged);
    cp_api_count(&out, "withheld", row->withheld);
    cp_api_count(&out, "changed", row->changed);
    cp_api_count(&out, "again", row->again);
    put_bool(&out, "set_back", row->set_back);
    put_bool(&out, "lost", row->lost);
    cp_api_count(&out, "put", row->put);
    cp_api_count(&out, "entries", row->put_entries);
    cp_api_count(&out, "bytes", row->put_bytes);
    cp_api_count(&out, "dropped", row->dropped);
    cp_api_key(&out, "error");
    if (row->err == CP_OK)
        cp_api_null(&out);
    else
        cp_api_cstr(&out, cp_err_word(row->err));
    if (cp_buf_err(&out) == CP_OK)
        cp_reply_row(v->r, cp_buf_bytes(&out));
    cp_buf_clear(&out);
}

static void visit_done(void *ctx, enum cp_err err)
{
    struct visit *v = ctx;
    struct cp_request *r = v->r;
    const struct cp_mem *mem = r->node->mem;
    if (err == CP_OK && v->good == 0)
        err = v->first_bad;
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else
        cp_reply_error(r, err, NULL, NULL);
    cp_free(mem, v);
}

static void progressed(void *ctx, uint64_t done, uint64_t of)
{
    cp_reply_progress(((struct visit *)ctx)->r, done, of, "bundle");
}

static void serve_visit(struct cp_request *r)
{
    struct cp_carry_places places;
    enum cp_err err = choose(r, &places);
    struct visit *v = err == CP_OK ? cp_alloc(r->node->mem, sizeof *v) : NULL;
    if (err == CP_OK && v == NULL)
        err = CP_ERR_NO_MEMORY;
    if (err == CP_OK) {
        struct cp_carry_ask ask = {.places = places.list,
                                   .count = places.count,
                                   .row = visited,
                                   .done = visit_done,
                                   .progress = progressed,
                                   .ctx = v};
        v->r = r;
        err = cp_carry_start(r->node, &ask);
        if (err == CP_OK)
            return;
        cp_free(r->node->mem, v);
    }
    cp_reply_error(r, err, NULL, NULL);
}

/* ---- What only a carrier does ---- */

static void serve_not_here(struct cp_request *r)
{
    cp_reply_error(r, CP_ERR_NOT_A_CARRIER, NULL, NULL);
}

const struct cp_command cp_serve_carry[] = {
    {"carry-use", CP_NEED_UNLOCKED | CP_NEED_PLAN, serve_use},
    {"carry-forget", CP_NEED_UNLOCKED | CP_MAY_PLAN, serve_forget},
    {"carry-list", CP_NEED_UNLOCKED, serve_list},
    {"carry-visit", CP_NEED_UNLOCKED | CP_MAY_PLAN, serve_visit},
    {"carry-add", CP_NEED_NO_HOME, serve_not_here},
    {"carry-remove", CP_NEED_NO_HOME, serve_not_here},
    {NULL, 0, NULL},
};
