/*
 * What its keeper asks of a carrier (docs/api.md). Owns: these few commands; all others are refused with CARRIER_HOME, since
 * there is no plan here and nobody to act for. Must not: look into a pile beyond counts and sizes.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/carrier.h"
#include "daemon/control.h"
#include "daemon/net_reach.h"
#include "daemon/serve_running.h"

#define ANSWER_MAX (256U * 1024U)

/* ---- ping, listen ---- */

static void serve_ping(struct cp_request *r)
{
    cp_reply_running(r, &(struct cp_running){.key = r->node->carrier->facts.key, .carrier = true});
}

static void serve_listen(struct cp_request *r)
{
    if (cp_take_listen(r, cp_carrier_listen))
        serve_ping(r);
}

/* ---- Tickets ---- */

static void put_ticket(struct cp_carrier *c, const struct cp_carrier_ticket *t, struct cp_buf *out)
{
    struct cp_ticket ticket;
    struct cp_buf text;
    memcpy(ticket.carrier, c->facts.key, CP_KEY_LEN);
    memcpy(ticket.key, t->key, CP_KEY_LEN);
    cp_buf_init(&text, c->node->mem, CP_TEXT_MAX);
    cp_ticket_write(&ticket, &text);
    cp_api_key(out, "ticket");
    cp_api_text(out, cp_buf_bytes(&text));
    if (cp_buf_err(&text) != CP_OK && out->err == CP_OK)
        out->err = cp_buf_err(&text);
    cp_buf_clear(&text);
}

static void put_row(struct cp_carrier *c, const struct cp_carrier_ticket *t, struct cp_buf *out)
{
    enum cp_err err = cp_pile_look(c->node->home, t->key, c->pile);
    cp_api_object(out, 5);
    put_ticket(c, t, out);
    cp_api_count(out, "bundles", c->pile->count);
    cp_api_count(out, "bytes", c->pile->bytes);
    cp_api_count(out, "room", t->room);
    cp_api_count(out, "next", c->pile->next);
    if (err != CP_OK && out->err == CP_OK)
        out->err = err;
}

static struct cp_carrier_ticket *find(struct cp_carrier *c, const uint8_t *key)
{
    for (size_t i = 0; i < c->facts.count; i++)
        if (memcmp(c->facts.tickets[i].key, key, CP_KEY_LEN) == 0)
            return &c->facts.tickets[i];
    return NULL;
}

static enum cp_err typed_ticket(struct cp_request *r, struct cp_ticket *out)
{
    struct cp_bytes typed = cp_api_member_text(&r->with, "ticket", CP_BYTES(NULL, 0));
    enum cp_err err = cp_ticket_read(typed, out);
    if (err == CP_OK && memcmp(out->carrier, r->node->carrier->facts.key, CP_KEY_LEN) != 0)
        err = CP_ERR_BAD_TICKET; /* made with another carrier's address */
    return err;
}

enum cp_err cp_carrier_ticket_add(struct cp_carrier *c, const uint8_t key[static CP_KEY_LEN], uint64_t room)
{
    struct cp_carrier_ticket *t = find(c, key);
    size_t count = c->facts.count;
    void *rows = c->facts.tickets;
    uint64_t before = t == NULL ? 0 : t->room;
    if (t == NULL) {
        enum cp_err err = cp_grow(c->node->mem, &rows, &c->facts.cap, count + 1, CP_CARRIER_TICKETS_MAX,
                                  sizeof *c->facts.tickets);
        if (err != CP_OK)
            return err;
        c->facts.tickets = rows;
        t = &c->facts.tickets[c->facts.count++];
        memcpy(t->key, key, CP_KEY_LEN);
        randombytes_buf(t->born, sizeof t->born);
        t->room = CP_CARRIER_ROOM;
    }
    if (room > 0)
        t->room = room;
    enum cp_err err = cp_carrier_save(c->node->home, &c->facts);
    if (err != CP_OK) {
        t->room = before;
        c->facts.count = count;
    }
    return err;
}

static void serve_add(struct cp_request *r)
{
    struct cp_carrier *c = r->node->carrier;
    struct cp_ticket ticket;
    struct cp_buf out;
    struct cp_api_value v;
    int64_t room = 0;
    enum cp_err err = typed_ticket(r, &ticket);
    if (cp_api_member(&r->with, "room", &v) && v.type != CP_API_NULL) {
        room = v.type == CP_API_INT ? v.number : -1;
        if (room < (int64_t)CP_BUNDLE_SIZE_MIN || (uint64_t)room > CP_CARRIER_ROOM_MAX)
            err = CP_ERR_BAD_VALUE;
    }
    if (err == CP_OK)
        err = cp_carrier_ticket_add(c, ticket.key, (uint64_t)room);
    if (err != CP_OK) {
        cp_reply_error(r, err, err == CP_ERR_BAD_VALUE ? "room" : NULL, NULL);
        return;
    }
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    put_row(c, find(c, ticket.key), &out);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

enum cp_err cp_carrier_ticket_remove(struct cp_carrier *c, const uint8_t key[static CP_KEY_LEN])
{
    struct cp_carrier_ticket *t = find(c, key);
    if (t == NULL)
        return CP_ERR_NOT_FOUND;
    struct cp_carrier_ticket gone = *t;
    size_t at = (size_t)(t - c->facts.tickets);
    memmove(t, t + 1, (c->facts.count - at - 1) * sizeof *t);
    c->facts.count--;
    enum cp_err err = cp_carrier_save(c->node->home, &c->facts);
    if (err != CP_OK) {
        memmove(t + 1, t, (c->facts.count - at) * sizeof *t);
        *t = gone;
        c->facts.count++;
        return err;
    }
    cp_carrier_part(c, gone.key);
    cp_pile_remove(c->node->home, gone.key);
    return CP_OK;
}

static void serve_remove(struct cp_request *r)
{
    struct cp_carrier *c = r->node->carrier;
    struct cp_ticket ticket;
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    enum cp_err err = typed_ticket(r, &ticket);
    const struct cp_carrier_ticket *t = err == CP_OK ? find(c, ticket.key) : NULL;
    if (t != NULL)
        put_row(c, t, &out);
    if (err == CP_OK)
        err = cp_carrier_ticket_remove(c, ticket.key);
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else
        cp_reply_error(r, err, NULL, NULL);
    cp_buf_clear(&out);
}

static void serve_list(struct cp_request *r)
{
    struct cp_carrier *c = r->node->carrier;
    char address[256];
    struct cp_buf out;
    cp_buf_init(&out, r->node->mem, ANSWER_MAX);
    cp_api_object(&out, 3);
    cp_api_key(&out, "address"); /* what others type: its keeper passes it on */
    if (r->node->bound[0] == '\0') {
        cp_api_null(&out);
    } else {
        cp_net_reachable(r->node->bound, address);
        cp_api_cstr(&out, address);
    }
    cp_api_key(&out, "key");
    cp_api_hex(&out, c->facts.key, CP_KEY_LEN);
    cp_api_key(&out, "tickets");
    cp_api_list(&out, c->facts.count);
    for (size_t i = 0; i < c->facts.count; i++)
        put_row(c, &c->facts.tickets[i], &out);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

static const struct cp_command commands[] = {
    {"ping", 0, serve_ping},     {"listen", 0, serve_listen},       {"stop", 0, cp_serve_stop},
    {"carry-add", 0, serve_add}, {"carry-remove", 0, serve_remove}, {"carry-list", 0, serve_list},
};

void cp_carrier_dispatch(struct cp_request *r)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, r->name) == 0) {
            commands[i].serve(r);
            return;
        }
    cp_reply_error(r, CP_ERR_CARRIER_HOME, NULL, NULL);
}
