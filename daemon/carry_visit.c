/*
 * A call on the carriers: one question and its answer after the other. See carry.h.
 * Owns: the visit under way, its two files in the home (sealed bundles, as they travel), and the order of things.
 * Must not: trust a number, a size or a byte of the carrier's for more than where to look next.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/carry_internal.h"
#include "daemon/home.h"
#include "daemon/log.h"

static void next_ticket(struct cp_carry_visit *v);
static void fetch_next(struct cp_carry_visit *v);

/* ---- Ends ---- */

void cp_carry_sweep(struct cp_node *node)
{
    static const char *const ours[] = {CP_CARRY_COMING, CP_CARRY_GOING};
    char path[1100];
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        cp_home_path(node, ours[i], path, sizeof path);
        (void)unlink(path);
        cp_new_file_sweep(node->home, ours[i]);
    }
}

static void hang_up(struct cp_carry_visit *v)
{
    struct cp_peer *peer = v->peer;
    v->peer = NULL;
    v->deadline_ms = UINT64_MAX;
    cp_new_file_drop(&v->file);
    if (v->fd >= 0)
        (void)close(v->fd);
    v->fd = -1;
    if (peer != NULL)
        cp_peer_close(peer);
}

static void finish(struct cp_carry_visit *v, enum cp_err err)
{
    struct cp_node *node = v->node;
    struct cp_carry_ask ask = v->ask;
    hang_up(v);
    node->visit = NULL;
    cp_carry_sweep(node);
    cp_carried_clear(&v->there);
    cp_heard_clear(&v->said);
    cp_free(node->mem, v->machines);
    cp_free(node->mem, v->places);
    sodium_memzero(v, sizeof *v);
    cp_free(node->mem, v);
    ask.done(ask.ctx, err);
}

static void begin_place(struct cp_carry_visit *v);

/* This carrier is done with; the next one. */
void cp_carry_end_place(struct cp_carry_visit *v, enum cp_err err)
{
    hang_up(v);
    if (err == CP_OK && !v->row.newest && !v->row.old)
        err = CP_ERR_NO_TICKET;
    v->row.err = err;
    cp_log(CP_LOG_INFO, "carrier", "code=%s fetched=%llu put=%llu", cp_err_word(err),
           (unsigned long long)v->row.fetched, (unsigned long long)v->row.put);
    v->ask.row(v->ask.ctx, &v->row);
    if (err == CP_ERR_LOCKED) {
        finish(v, err);
        return;
    }
    v->place++;
    v->again = false;
    begin_place(v);
}

void cp_carry_end_ticket(struct cp_carry_visit *v)
{
    hang_up(v);
    if (v->ticket == 0)
        v->newest_taken = v->row.taken;
    v->ticket++;
    next_ticket(v);
}

void cp_carry_send(struct cp_carry_visit *v, enum cp_carry_phase phase, const struct cp_buf *message)
{
    enum cp_err err = cp_buf_err(message);
    if (err == CP_OK)
        err = cp_peer_send(v->peer, cp_buf_bytes(message));
    if (err != CP_OK) {
        cp_carry_end_place(v, err);
        return;
    }
    v->phase = phase;
    v->deadline_ms = cp_node_monotonic_ms() + CP_CARRY_WAIT_MS;
}

void cp_carry_ask_for(struct cp_carry_visit *v, enum cp_carry_phase phase, struct cp_carry_message m)
{
    struct cp_buf out;
    cp_buf_init(&out, v->node->mem, CP_MESSAGE_MAX);
    cp_carry_put(&m, &out);
    cp_carry_send(v, phase, &out);
    cp_buf_clear(&out);
}

/* ---- Where ---- */

static void begin_place(struct cp_carry_visit *v)
{
    bool hushed = false;
    if (v->place == v->ask.count) {
        finish(v, CP_OK);
        return;
    }
    const struct cp_carry_place *p = &v->places[v->place];
    if (!v->again)
        memset(&v->row, 0, sizeof v->row);
    v->row.place = p;
    enum cp_err err = cp_store_hushed(v->node->store, p->plan, &hushed);
    if (err == CP_OK && hushed)
        err = CP_ERR_LEFT;
    if (err == CP_OK)
        err = cp_carry_keys_get(v->node, p, &v->keys);
    if (err != CP_OK) {
        v->row.newest = true; /* nobody asked the carrier */
        cp_carry_end_place(v, err);
        return;
    }
    v->row.newest = false;
    v->ticket = 0;
    next_ticket(v);
}

/*
 * All tickets were tried. Once more from the newest, when it is another by now, or when an older pile brought something: who came in
 * there has no box yet in what we left in the newest one, and what was written there does not lie in it.
 */
static void end_tickets(struct cp_carry_visit *v)
{
    struct cp_carry_keys now;
    enum cp_err err = cp_carry_keys_get(v->node, &v->places[v->place], &now);
    bool newer = err == CP_OK && memcmp(now.key[0], v->keys.key[0], CP_KEY_LEN) != 0;
    sodium_memzero(&now, sizeof now);
    bool brought = err == CP_OK && v->row.newest && v->row.taken > v->newest_taken;
    if ((newer || brought) && !v->again) {
        v->again = true;
        begin_place(v);
        return;
    }
    cp_carry_end_place(v, err);
}

static void next_ticket(struct cp_carry_visit *v)
{
    uint8_t box[CP_KEY_LEN];
    if (v->ticket == v->keys.count) {
        end_tickets(v);
        return;
    }
    const uint8_t *key = v->keys.key[v->ticket];
    v->phase = CP_CARRY_CALLING;
    v->tries = 0;
    v->tell = false;
    cp_keeper_machine(v->node->keeper, v->own, box);
    cp_carried_clear(&v->there);
    cp_carry_pile_id(v->row.place, key, v->pile);
    enum cp_err err = cp_carry_memory_get(v->node, v->pile, &v->there);
    if (err == CP_OK)
        err = cp_net_call(v->node->net, v->row.place->address, v->row.place->carrier, key,
                          v->keys.secret[v->ticket], CP_CARRY_WAIT_MS, NULL, &v->peer);
    if (err != CP_OK)
        cp_carry_end_place(v, err);
}

static void list(struct cp_carry_visit *v)
{
    cp_carry_ask_for(v, CP_CARRY_LISTING, (struct cp_carry_message){.type = CP_CARRY_LIST, .number = 0});
}

void cp_carry_connected(struct cp_node *node)
{
    struct cp_carry_visit *v = node->visit;
    v->row.newest = v->row.newest || v->ticket == 0;
    v->row.old = v->row.old || v->ticket > 0;
    list(v);
}

void cp_carry_gone(struct cp_node *node, enum cp_err why)
{
    struct cp_carry_visit *v = node->visit;
    v->peer = NULL; /* closed already */
    if (v->phase == CP_CARRY_READING || v->phase == CP_CARRY_WRITING) {
        v->stopping = v->stopping == CP_OK ? why : v->stopping;
        return;
    }
    if (v->phase == CP_CARRY_CALLING && why == CP_ERR_NOT_A_MEMBER)
        cp_carry_end_ticket(v); /* it does not know this ticket: an older one */
    else
        cp_carry_end_place(v, why);
}

/* ---- Fetching ---- */

static void took_listing(struct cp_carry_visit *v, struct cp_carry_message *m)
{
    struct cp_carried_news news;
    enum cp_err err = cp_carried_listed(&v->there, m, v->own, &news);
    if (err != CP_OK) {
        cp_carry_end_place(v, err);
        return;
    }
    v->row.withheld += news.withheld;
    v->row.changed += news.changed;
    v->row.again += news.again;
    v->row.set_back = v->row.set_back || news.set_back;
    v->tell = v->tell || news.withheld > 0 || news.changed > 0 || news.again > 0;
    fetch_next(v);
}

/* What was learnt is kept after each bundle: a call that is cut goes on from there. */
static void was_read(struct cp_carry_visit *v)
{
    enum cp_err err = cp_carried_was_read(&v->there, v->item.number, v->believed ? v->writer : NULL);
    if (err == CP_OK)
        err = cp_carry_memory_set(v->node, v->pile, &v->there);
    if (err != CP_OK)
        cp_carry_end_place(v, err);
    else
        fetch_next(v);
}

static void fetch_next(struct cp_carry_visit *v)
{
    char path[1100];
    const struct cp_carried_item *item = cp_carried_next(&v->there, v->own);
    if (item == NULL) {
        v->row.lost = !cp_carried_all_read(&v->there, v->own) || v->row.lost;
        cp_carry_drop_or_add(v);
        return;
    }
    v->item = (struct cp_carry_item){.number = item->number, .size = item->size};
    memcpy(v->item.name, item->name, sizeof v->item.name);
    v->at = 0;
    v->believed = v->spoiled = false;
    if (item->size > CP_CARRY_SIZE_MAX) {
        v->row.damaged++;
        v->tell = true;
        was_read(v);
        return;
    }
    cp_home_path(v->node, CP_CARRY_COMING, path, sizeof path);
    cp_carry_name_begin(&v->hash);
    enum cp_err err = cp_new_file_open(&v->file, path);
    if (err != CP_OK)
        cp_carry_end_place(v, err == CP_ERR_DISK_FULL ? err : CP_ERR_IO);
    else
        cp_carry_ask_for(v, CP_CARRY_FETCHING,
                         (struct cp_carry_message){.type = CP_CARRY_GET, .number = v->item.number});
}

/* Is the life in which this was said the one that is believed? */
static bool stands(struct cp_node *node, const uint8_t *where, const uint8_t *machine, const struct cp_heard *heard)
{
    struct cp_heard now;
    bool yes = cp_heard_get(node, where, machine, &now) == CP_OK && now.standing == CP_HEARD_BELIEVED &&
               memcmp(now.incarnation, heard->incarnation, CP_INCARNATION_LEN) == 0;
    cp_heard_clear(&now);
    return yes;
}

static void said(void *ctx, const uint8_t *plan, const uint8_t *machine, const struct cp_heard *heard)
{
    struct cp_carry_visit *v = ctx;
    struct cp_heard old;
    if (memcmp(plan, v->row.place->plan, CP_ID_LEN) != 0)
        return;
    /* An old bundle under a new number must not pass for that machine's latest, nor one of a life that it is in no more. */
    enum cp_err err = cp_heard_get(v->node, v->pile, machine, &old);
    bool stale = err == CP_OK && cp_heard_less(heard, &old);
    cp_heard_clear(&old);
    if (!stale && (err == CP_OK || err == CP_ERR_NOT_FOUND) && stands(v->node, plan, machine, heard))
        v->believed = cp_heard_set(v->node, v->pile, machine, heard) == CP_OK &&
                      stands(v->node, v->pile, machine, heard);
    memcpy(v->writer, machine, sizeof v->writer);
}

static void read_done(void *ctx, enum cp_err err, const struct cp_bundle_took *t)
{
    struct cp_carry_visit *v = ctx;
    v->row.fetched++;
    v->row.taken += t->taken;
    v->row.known += t->known;
    v->row.refused += t->refused;
    v->row.damaged += t->damaged > 0 || v->spoiled || t->bundles != 1 ? 1 : 0;
    v->tell = v->tell || t->damaged > 0 || v->spoiled || t->refused > 0 || t->bundles != 1;
    bool ours = err == CP_ERR_LOCKED || err == CP_ERR_BUSY || err == CP_ERR_INTERRUPTED ||
                err == CP_ERR_DISK_FULL || err == CP_ERR_IO || err == CP_ERR_NO_MEMORY ||
                err == CP_ERR_DAMAGED_STORE;
    if (v->stopping != CP_OK) {
        enum cp_err why = v->stopping;
        if (!ours && cp_carried_was_read(&v->there, v->item.number, v->believed ? v->writer : NULL) == CP_OK)
            err = cp_carry_memory_set(v->node, v->pile, &v->there);
        v->stopping = CP_OK;
        cp_carry_end_place(v, why);
        return;
    }
    if (ours)
        cp_carry_end_place(v, err);
    else
        was_read(v);
}

void cp_carry_progressed(void *ctx, uint64_t done, uint64_t of)
{
    (void)ctx; /* what is told is how much has travelled */
    (void)done;
    (void)of;
}

static void whole(struct cp_carry_visit *v)
{
    uint8_t name[CP_CARRY_NAME_LEN];
    char path[1100];
    struct cp_bundle_read_ask how = {
        .path = path, .done = read_done, .progress = cp_carry_progressed, .ctx = v, .said = said};
    cp_carry_name_end(&v->hash, name);
    /* Bytes that are not what was listed are read all the same: every frame proves itself, and what stands before the
     * damaged place is whole. */
    v->spoiled = !cp_carry_name_is(name, v->item.name);
    cp_home_path(v->node, CP_CARRY_COMING, path, sizeof path);
    enum cp_err err = cp_new_file_end(&v->file);
    if (err == CP_OK) {
        v->phase = CP_CARRY_READING;
        v->deadline_ms = UINT64_MAX;
        err = cp_bundle_read_start(v->node, &how);
    }
    if (err != CP_OK)
        cp_carry_end_place(v, err);
}

static void took_part(struct cp_carry_visit *v, const struct cp_carry_message *m)
{
    uint64_t left = v->item.size - v->at;
    if (m->number != v->item.number || m->offset != v->at ||
        m->bytes.len != (left < CP_CARRY_PART_MAX ? left : CP_CARRY_PART_MAX)) {
        cp_carry_end_place(v, CP_ERR_BAD_MESSAGE);
        return;
    }
    enum cp_err err = cp_new_file_put(&v->file, m->bytes);
    if (err != CP_OK) {
        cp_carry_end_place(v, err == CP_ERR_DISK_FULL ? err : CP_ERR_IO);
        return;
    }
    cp_carry_name_add(&v->hash, m->bytes);
    v->at += m->bytes.len;
    v->ask.progress(v->ask.ctx, v->at, v->item.size);
    if (v->at == v->item.size)
        whole(v);
    else
        cp_carry_ask_for(
            v, CP_CARRY_FETCHING,
            (struct cp_carry_message){.type = CP_CARRY_GET, .number = v->item.number, .offset = v->at});
}

/* The carrier's word as ours: its disk, its memory and its lock are not this device's. */
static enum cp_err word_of_carrier(enum cp_err word)
{
    if (word == CP_ERR_DISK_FULL || word == CP_ERR_IO || word == CP_ERR_NO_MEMORY)
        return CP_ERR_CARRIER_FULL;
    if (word == CP_ERR_BUSY)
        return CP_ERR_INTERRUPTED; /* others added all the time: try again */
    bool fits = word == CP_ERR_NO_ROOM || cp_err_class(word) == CP_CLASS_PEER;
    return fits ? word : CP_ERR_BAD_MESSAGE;
}

static void was_refused(struct cp_carry_visit *v, enum cp_err word)
{
    if (v->phase == CP_CARRY_FETCHING && word == CP_ERR_NOT_FOUND) { /* somebody dropped it since */
        cp_new_file_drop(&v->file);
        was_read(v);
    } else if (v->phase == CP_CARRY_PUTTING && word == CP_ERR_BUSY && ++v->tries < CP_CARRY_TRIES_MAX) {
        (void)close(v->fd);
        v->fd = -1;
        list(v); /* somebody was quicker: read theirs first */
    } else {
        cp_carry_end_place(v, word_of_carrier(word));
    }
}

/* ---- What comes ---- */

void cp_carry_message(struct cp_node *node, struct cp_bytes bytes)
{
    struct cp_carry_visit *v = node->visit;
    struct cp_carry_message m;
    enum cp_err err = cp_carry_read(bytes, &m);
    if (v->phase == CP_CARRY_CALLING || v->phase == CP_CARRY_READING || v->phase == CP_CARRY_WRITING)
        return; /* nothing was asked */
    if (err != CP_OK)
        cp_carry_end_place(v, err);
    else if (m.type == CP_CARRY_NO)
        was_refused(v, m.word);
    else if (v->phase == CP_CARRY_LISTING && m.type == CP_CARRY_PILE)
        took_listing(v, &m);
    else if (v->phase == CP_CARRY_FETCHING && m.type == CP_CARRY_PART)
        took_part(v, &m);
    else if (v->phase == CP_CARRY_DROPPING && m.type == CP_CARRY_DONE)
        cp_carry_write_ours(v);
    else if (v->phase == CP_CARRY_PUTTING && m.type == CP_CARRY_GO)
        cp_carry_send_piece(v, m.offset);
    else if (v->phase == CP_CARRY_PUTTING && m.type == CP_CARRY_STORED)
        cp_carry_was_put(v, m.number);
    else
        cp_carry_end_place(v, CP_ERR_BAD_MESSAGE);
}

bool cp_carry_is(const struct cp_node *node, const struct cp_peer *peer)
{
    return node->visit != NULL && node->visit->peer == peer;
}

uint64_t cp_carry_deadline_ms(const struct cp_node *node)
{
    return node->visit == NULL ? UINT64_MAX : node->visit->deadline_ms;
}

void cp_carry_tick(struct cp_node *node, uint64_t now_ms)
{
    if (cp_carry_deadline_ms(node) <= now_ms)
        cp_carry_end_place(node->visit, CP_ERR_TIMED_OUT);
}

enum cp_err cp_carry_start(struct cp_node *node, const struct cp_carry_ask *how)
{
    if (node->visit != NULL || node->work != NULL)
        return CP_ERR_BUSY;
    if (node->net == NULL || node->store == NULL || node->keeper == NULL || cp_keeper_locked(node->keeper))
        return CP_ERR_LOCKED;
    struct cp_carry_visit *v = cp_alloc(node->mem, sizeof *v);
    struct cp_carry_place *places =
        cp_dup(node->mem, CP_BYTES((const uint8_t *)how->places, how->count * sizeof *how->places));
    if (v == NULL || places == NULL) {
        cp_free(node->mem, v);
        cp_free(node->mem, places);
        return CP_ERR_NO_MEMORY;
    }
    *v = (struct cp_carry_visit){
        .node = node, .ask = *how, .places = places, .file = {.fd = -1}, .fd = -1, .deadline_ms = UINT64_MAX};
    v->ask.places = NULL;
    cp_carried_init(&v->there, node->mem);
    cp_heard_init(&v->said, node->mem);
    node->visit = v;
    begin_place(v);
    return CP_OK;
}

void cp_carry_stop(struct cp_node *node, enum cp_err why)
{
    struct cp_carry_visit *v = node->visit;
    if (v == NULL)
        return;
    v->place = v->ask.count - 1; /* nothing after this one */
    if (v->phase == CP_CARRY_READING || v->phase == CP_CARRY_WRITING) {
        v->stopping = why;
        return;
    }
    cp_carry_end_place(v, why);
}
