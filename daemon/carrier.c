/*
 * A carrier at work: who is let in, and one answer to each question. See carrier.h.
 * Owns: the calls under way. Must not: look into what it keeps, or wait for anybody.
 */
#include "daemon/carrier.h"

#include <string.h>

#include "daemon/home.h"
#include "daemon/log.h"

/* ---- Who ---- */

static const struct cp_carrier_ticket *ticket_of(const struct cp_carrier *c, const uint8_t *key)
{
    for (size_t i = 0; i < c->facts.count; i++)
        if (memcmp(c->facts.tickets[i].key, key, CP_KEY_LEN) == 0)
            return &c->facts.tickets[i];
    return NULL;
}

static struct cp_welcome on_who(void *ctx, const uint8_t key[CP_KEY_LEN])
{
    const struct cp_node *node = ctx;
    /* All who are in the plan hold the one ticket. */
    return (struct cp_welcome){
        .allowed = ticket_of(node->carrier, key) != NULL, .door = CP_DOOR_MEMBER, .lines_max = SIZE_MAX};
}

static void drop_incoming(struct cp_carrier_caller *w)
{
    cp_new_file_drop(&w->file);
    w->size = w->at = 0;
}

/* The peer is closed already, or about to be. */
static void forget(struct cp_carrier *c, struct cp_carrier_caller *w)
{
    struct cp_carrier_caller **at = &c->callers;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    drop_incoming(w);
    cp_free(c->node->mem, w);
}

static void cut(struct cp_carrier *c, struct cp_carrier_caller *w)
{
    *cp_peer_tag(w->peer) = NULL;
    cp_peer_close(w->peer);
    forget(c, w);
}

static struct cp_carrier_caller *caller_new(struct cp_carrier *c, struct cp_peer *peer)
{
    struct cp_carrier_caller *w = cp_alloc(c->node->mem, sizeof *w);
    if (w == NULL)
        return NULL;
    w->peer = peer;
    w->file.fd = -1;
    w->next = c->callers;
    c->callers = w;
    *cp_peer_tag(peer) = w;
    return w;
}

/* ---- What ---- */

static void refuse(struct cp_buf *out, enum cp_err why)
{
    struct cp_carry_message no = {.type = CP_CARRY_NO, .word = why};
    cp_buf_reset(out);
    cp_carry_put(&no, out);
}

static void put(struct cp_buf *out, struct cp_carry_message m)
{
    cp_carry_put(&m, out);
}

static enum cp_err serve_list(struct cp_carrier *c, const uint8_t *born, uint64_t after, struct cp_buf *out)
{
    size_t first = 0;
    while (first < c->pile->count && c->pile->items[first].number <= after)
        first++;
    cp_carry_put_pile(born, c->pile->next, c->pile->items + first, c->pile->count - first, out);
    return CP_OK;
}

static enum cp_err serve_get(struct cp_carrier *c, const struct cp_carry_message *m, struct cp_buf *out)
{
    struct cp_buf piece;
    cp_buf_init(&piece, c->node->mem, CP_CARRY_PART_MAX);
    enum cp_err err = cp_pile_get(c->pile, m->number, m->offset, &piece);
    if (err == CP_OK)
        put(out, (struct cp_carry_message){.type = CP_CARRY_PART,
                                           .number = m->number,
                                           .offset = m->offset,
                                           .bytes = cp_buf_bytes(&piece)});
    cp_buf_clear(&piece);
    return err;
}

/* What the ticket's room leaves is asked before the first byte comes, and again before the bundle counts. */
static bool has_room(const struct cp_carrier *c, const struct cp_carrier_ticket *t, uint64_t size)
{
    return c->pile->count < CP_CARRY_BUNDLES_MAX && size <= CP_CARRY_SIZE_MAX && cp_pile_fits(c->pile, t->room, 0, size);
}

/* What has come so far by all calls with this ticket: many that never end must not take more than its room together. */
static uint64_t coming(const struct cp_carrier *c, const struct cp_carrier_ticket *t)
{
    uint64_t sum = 0;
    for (const struct cp_carrier_caller *w = c->callers; w != NULL; w = w->next)
        if (memcmp(cp_peer_key(w->peer), t->key, CP_KEY_LEN) == 0)
            sum += w->at;
    return sum;
}

static enum cp_err serve_put(struct cp_carrier *c, const struct cp_carrier_ticket *t,
                             struct cp_carrier_caller *w, const struct cp_carry_message *m,
                             struct cp_buf *out)
{
    drop_incoming(w);
    for (size_t i = 0; i < c->pile->count; i++)
        if (cp_carry_name_is(c->pile->items[i].name, m->name)) {
            put(out, (struct cp_carry_message){.type = CP_CARRY_STORED, .number = c->pile->items[i].number});
            return CP_OK;
        }
    if (m->number != c->pile->next)
        return CP_ERR_BUSY; /* somebody was quicker: read theirs first */
    if (!has_room(c, t, m->size))
        return CP_ERR_NO_ROOM;
    enum cp_err err = cp_pile_begin(c->node->home, c->pile, &w->file);
    if (err != CP_OK)
        return err;
    w->size = m->size;
    w->number = m->number;
    memcpy(w->name, m->name, sizeof w->name);
    cp_carry_name_begin(&w->hash);
    put(out, (struct cp_carry_message){.type = CP_CARRY_GO, .offset = 0});
    return CP_OK;
}

static enum cp_err store(struct cp_carrier *c, const struct cp_carrier_ticket *t, struct cp_carrier_caller *w,
                         struct cp_buf *out)
{
    uint8_t name[CP_CARRY_NAME_LEN];
    uint64_t number = 0;
    cp_carry_name_end(&w->hash, name);
    if (!cp_carry_name_is(name, w->name))
        return CP_ERR_DAMAGED_FILE;
    if (w->number != c->pile->next)
        return CP_ERR_BUSY;
    if (!has_room(c, t, w->size))
        return CP_ERR_NO_ROOM;
    enum cp_err err = cp_pile_add(c->pile, &w->file, name, &number);
    if (err == CP_OK)
        put(out, (struct cp_carry_message){.type = CP_CARRY_STORED, .number = number});
    return err;
}

static enum cp_err serve_data(struct cp_carrier *c, const struct cp_carrier_ticket *t,
                              struct cp_carrier_caller *w, const struct cp_carry_message *m,
                              struct cp_buf *out)
{
    if (w->file.fd < 0 || m->offset != w->at || m->bytes.len > w->size - w->at)
        return CP_ERR_BAD_MESSAGE;
    if (!cp_pile_fits(c->pile, t->room, coming(c, t), m->bytes.len))
        return CP_ERR_NO_ROOM;
    enum cp_err err = cp_new_file_put(&w->file, m->bytes);
    if (err != CP_OK)
        return err == CP_ERR_DISK_FULL ? err : CP_ERR_IO;
    cp_carry_name_add(&w->hash, m->bytes);
    w->at += m->bytes.len;
    if (w->at == w->size) {
        err = store(c, t, w, out);
        drop_incoming(w);
        return err;
    }
    put(out, (struct cp_carry_message){.type = CP_CARRY_GO, .offset = w->at});
    return CP_OK;
}

static enum cp_err serve(struct cp_carrier *c, const struct cp_carrier_ticket *t, struct cp_carrier_caller *w,
                         struct cp_carry_message *m, struct cp_buf *out)
{
    switch (m->type) {
    case CP_CARRY_LIST:
        return serve_list(c, t->born, m->number, out);
    case CP_CARRY_GET:
        return serve_get(c, m, out);
    case CP_CARRY_PUT:
        return serve_put(c, t, w, m, out);
    case CP_CARRY_DATA:
        return serve_data(c, t, w, m, out);
    case CP_CARRY_DROP:
        for (size_t i = 0; i < m->count; i++)
            cp_pile_drop(c->pile, cp_carry_next_number(m));
        put(out, (struct cp_carry_message){.type = CP_CARRY_DONE});
        return CP_OK;
    case CP_CARRY_PILE:
    case CP_CARRY_PART:
    case CP_CARRY_GO:
    case CP_CARRY_STORED:
    case CP_CARRY_DONE:
    case CP_CARRY_NO:
    case CP_CARRY_TYPES:
        break;
    }
    return CP_ERR_BAD_MESSAGE; /* that is for us to say */
}

/* False: the call is to be cut. */
static bool answer(struct cp_carrier *c, struct cp_carrier_caller *w, struct cp_bytes bytes)
{
    const struct cp_carrier_ticket *t = ticket_of(c, cp_peer_key(w->peer));
    struct cp_carry_message m;
    struct cp_buf out;
    cp_buf_init(&out, c->node->mem, CP_MESSAGE_MAX);
    enum cp_err err = t == NULL ? CP_ERR_NO_TICKET : cp_carry_read(bytes, &m);
    if (err == CP_OK)
        err = cp_pile_look(c->node->home, t->key, c->pile);
    if (err == CP_OK)
        err = serve(c, t, w, &m, &out);
    if (err != CP_OK) {
        drop_incoming(w);
        refuse(&out, err);
        cp_log(CP_LOG_INFO, "refused", "code=%s", cp_err_word(err));
    }
    /* Who says what makes no sense is told so, and then let go. */
    bool good = err == CP_OK || cp_err_class(err) != CP_CLASS_PEER;
    if (cp_buf_err(&out) != CP_OK || cp_peer_send(w->peer, cp_buf_bytes(&out)) != CP_OK)
        good = false;
    cp_buf_clear(&out);
    return good;
}

static void on_message(void *ctx, struct cp_peer *peer, struct cp_bytes bytes)
{
    struct cp_carrier *c = ((struct cp_node *)ctx)->carrier;
    struct cp_carrier_caller *w = *cp_peer_tag(peer);
    if (w == NULL)
        w = caller_new(c, peer);
    if (w == NULL) {
        cp_peer_close(peer);
        return;
    }
    w->since_ms = cp_node_monotonic_ms();
    cp_peer_useful(peer);
    if (!answer(c, w, bytes))
        cut(c, w);
}

static void on_connected(void *ctx, struct cp_peer *peer)
{
    (void)ctx; /* a carrier calls nobody */
    (void)peer;
}

static void on_gone(void *ctx, struct cp_peer *peer, enum cp_err why)
{
    struct cp_carrier *c = ((struct cp_node *)ctx)->carrier;
    (void)why;
    if (*cp_peer_tag(peer) != NULL)
        forget(c, *cp_peer_tag(peer));
    *cp_peer_tag(peer) = NULL;
}

void cp_carrier_part(struct cp_carrier *c, const uint8_t ticket[static CP_KEY_LEN])
{
    struct cp_carrier_caller *next = NULL;
    for (struct cp_carrier_caller *w = c->callers; w != NULL; w = next) {
        next = w->next;
        if (memcmp(cp_peer_key(w->peer), ticket, CP_KEY_LEN) == 0)
            cut(c, w);
    }
}

/* ---- Life ---- */

enum cp_err cp_carrier_listen(struct cp_node *node)
{
    struct cp_carrier_facts *f = &node->carrier->facts;
    char before[sizeof f->listen];
    if (node->listen[0] == '\0')
        return CP_OK;
    if (node->bound[0] != '\0') {
        cp_net_unlisten(node->net);
        node->bound[0] = '\0';
    }
    enum cp_err err = cp_net_listen(node->net, node->listen, f->key, f->secret, node->bound);
    if (err != CP_OK) {
        node->bound[0] = '\0';
        return err;
    }
    /* People were told this address: the next start opens the same one. */
    memcpy(node->listen, node->bound, sizeof node->listen);
    if (strcmp(f->listen, node->bound) == 0)
        return CP_OK;
    memcpy(before, f->listen, sizeof before);
    memcpy(f->listen, node->bound, sizeof f->listen);
    err = cp_carrier_save(node->home, f);
    if (err != CP_OK) { /* an address that the next start does not know is told to nobody */
        memcpy(f->listen, before, sizeof before);
        cp_net_unlisten(node->net);
        node->bound[0] = '\0';
    }
    return err;
}

enum cp_err cp_carrier_open(struct cp_node *node)
{
    struct cp_net_events events = {node, on_who, on_message, on_connected, on_gone};
    struct cp_carrier *c = cp_alloc(node->mem, sizeof *c);
    struct cp_pile *pile = cp_alloc(node->mem, sizeof *pile);
    if (c == NULL || pile == NULL) {
        cp_free(node->mem, c);
        cp_free(node->mem, pile);
        return CP_ERR_NO_MEMORY;
    }
    c->node = node;
    c->pile = pile;
    cp_carrier_facts_init(&c->facts, node->mem);
    node->carrier = c;
    enum cp_err err = cp_carrier_load(node->home, &c->facts);
    if (err != CP_OK)
        return err;
    cp_pile_sweep(node->home);
    err = cp_net_new(&node->net, &events);
    if (err == CP_OK && node->listen[0] == '\0')
        memcpy(node->listen, c->facts.listen, sizeof node->listen);
    return err == CP_OK ? cp_carrier_listen(node) : err;
}

void cp_carrier_close(struct cp_node *node)
{
    struct cp_carrier *c = node->carrier;
    if (c == NULL)
        return;
    while (c->callers != NULL)
        cut(c, c->callers);
    cp_net_free(node->net);
    node->net = NULL;
    cp_carrier_facts_clear(&c->facts);
    cp_free(node->mem, c->pile);
    cp_free(node->mem, c);
    node->carrier = NULL;
}

uint64_t cp_carrier_deadline_ms(const struct cp_node *node)
{
    uint64_t first = UINT64_MAX;
    for (const struct cp_carrier_caller *w = node->carrier == NULL ? NULL : node->carrier->callers; w != NULL;
         w = w->next)
        if (w->since_ms + CP_CARRIER_IDLE_MS < first)
            first = w->since_ms + CP_CARRIER_IDLE_MS;
    return first;
}

void cp_carrier_tick(struct cp_node *node, uint64_t now_ms)
{
    struct cp_carrier_caller *next = NULL;
    for (struct cp_carrier_caller *w = node->carrier == NULL ? NULL : node->carrier->callers; w != NULL;
         w = next) {
        next = w->next;
        if (w->since_ms + CP_CARRIER_IDLE_MS <= now_ms)
            cut(node->carrier, w);
    }
}
