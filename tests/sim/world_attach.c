/*
 * People attach things, and machines fetch what they ask for. What must hold: a piece that is kept is the one that was attached,
 * nothing is left of what was taken back, and when all is healed and everybody asks for everything, whoever is in has whatever
 * anybody had.
 * Must not: know how pieces travel.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/store_pieces.h"
#include "daemon/view.h"
#include "tests/sim/world.h"
#include "tests/support/heap.h"

static void ask_for_all(struct world *w, struct machine *m, bool all)
{
    const struct cp_pictures_setting setting = {.all = all, .room_mib = CP_PICTURES_ROOM_MIB};
    enum cp_err err = cp_store_pictures_set(m->store, w->plan, &setting);
    if (err != CP_OK)
        world_excuse(w, m, err, "asking for pictures");
}

/* The entry and its pieces, or nothing. */
static void attach(struct world *w, struct machine *m, size_t person, const uint8_t *item,
                   struct cp_bytes bytes)
{
    static struct cp_draft draft;
    struct writing t;
    cp_draft_init(&draft, test_mem(), CP_KIND_ATTACHMENT, 0, item);
    enum cp_err err =
        cp_attachment_draft(&draft, CP_MEDIA_TEXT, bytes, CP_BYTES(NULL, 0), cp_bytes_str("what it shows"));
    if (err == CP_OK)
        err = world_begin(w, m, &t);
    if (err != CP_OK) {
        cp_draft_clear(&draft);
        world_excuse(w, m, err, "beginning to attach");
        return;
    }
    err = world_append_draft(w, m, person, &draft, &t);
    for (uint64_t i = 0; err == CP_OK && t.count > 0 && cp_piece_len(bytes.len, i) > 0; i++)
        err = cp_store_piece_keep(m->store, w->plan, w->log.entries[t.ids[0]].id, i,
                                  CP_BYTES(bytes.ptr + i * CP_PIECE_LEN, cp_piece_len(bytes.len, i)));
    if (world_end(w, m, &t, err) == CP_OK)
        world_count(w, SIM_COUNT_ATTACHED);
}

void world_attach(struct world *w, struct machine *m, size_t person, const uint8_t *item)
{
    static uint8_t bytes[2 * CP_PIECE_LEN];
    size_t len = 1 + (size_t)world_roll(w, world_chance(w, 200) ? sizeof bytes : 2000);
    if (world_chance(w, 300)) {
        ask_for_all(w, m, world_chance(w, 800));
        return;
    }
    world_random(w, bytes, 16);
    for (size_t i = 16; i < len; i++)
        bytes[i] = (uint8_t)((bytes[i % 16] + i) & 0xff);
    world_say(w, "%s attaches %zu bytes on %s", w->people[person].name, len, m->name);
    attach(w, m, person, item, CP_BYTES(bytes, len));
}

enum cp_err world_keep_piece(struct world *w, struct machine *m, const struct cp_action *a)
{
    enum cp_err err = cp_store_piece_keep(m->store, a->plan, a->id, a->number, a->bytes);
    if (err == CP_ERR_BAD_PIECE)
        world_fail(w, "a session of %s let a wrong piece through", m->name);
    else if (err == CP_OK)
        world_count(w, SIM_COUNT_PIECES);
    else if (err != CP_ERR_NOT_FOUND && !(err == CP_ERR_LOCKED && world_off(m))) /* it was locked meanwhile: the session ends */
        world_excuse(w, m, err, "keeping a piece");
    return err;
}

/* ---- Judging ---- */

struct looking {
    struct world *w;
    struct machine *m;
    struct cp_ids whole; /* attachments of which all is here */
    struct cp_ids given; /* those that count: neither void nor taken back */
};

static bool look_at(void *ctx, const struct cp_entry_info *info)
{
    struct looking *l = ctx;
    struct cp_attachment a;
    struct cp_pieces_held held;
    struct cp_buf piece;
    size_t found_count = 0;
    if (cp_store_pieces_held(l->m->store, info->id, &held) != CP_OK)
        return false;
    if (info->withdrawn && held.pieces > 0)
        world_fail(l->w, "%s keeps %zu pieces of what was taken back", l->m->name, held.pieces);
    if (info->newer || info->is_void || info->words.ptr == NULL ||
        cp_attachment_read(info->words, &a) != CP_OK)
        return !world_failed(l->w);
    size_t pieces = a.pieces; /* what it borrows from is opened anew by each look */
    cp_buf_init(&piece, test_mem(), CP_PIECE_LEN);
    for (uint64_t i = 0; i < pieces && held.pieces > 0 && !world_failed(l->w); i++) {
        bool found = false;
        cp_buf_reset(&piece);
        enum cp_err err = cp_store_piece_read(l->m->store, l->w->plan, info->id, i, &piece, &found);
        if (err != CP_OK)
            world_fail(l->w, "%s cannot read a piece that counts: %s", l->m->name, cp_err_word(err));
        found_count += found ? 1 : 0;
    }
    cp_buf_clear(&piece);
    if (found_count != held.pieces || held.whole != (held.pieces == pieces))
        world_fail(l->w, "%s counts %zu pieces of %zu, and has %zu", l->m->name, held.pieces, pieces,
                   found_count);
    if (cp_ids_add(&l->given, info->id, 0) != CP_OK ||
        (held.whole && cp_ids_add(&l->whole, info->id, 0) != CP_OK))
        abort();
    return !world_failed(l->w);
}

static void look(struct world *w, struct machine *m, struct looking *l)
{
    *l = (struct looking){.w = w, .m = m};
    cp_ids_init(&l->whole, test_mem());
    cp_ids_init(&l->given, test_mem());
    enum cp_err err = cp_store_each(m->store, w->plan, CP_KIND_ATTACHMENT, false, look_at, l);
    if (err != CP_OK)
        world_fail(w, "%s cannot list what is attached: %s", m->name, cp_err_word(err));
    cp_ids_sort(&l->whole);
    cp_ids_sort(&l->given);
}

static void look_clear(struct looking *l)
{
    cp_ids_clear(&l->whole);
    cp_ids_clear(&l->given);
}

void world_ask_for_all(struct world *w, const size_t *order, size_t count)
{
    for (size_t i = 0; i < count && !world_failed(w); i++)
        ask_for_all(w, &w->machines[order[i]], true);
}

void world_check_attached(struct world *w, const size_t *order, size_t count)
{
    struct looking first, other;
    for (size_t i = 0; i < count && !world_failed(w); i++) {
        look(w, &w->machines[order[i]], &other);
        if (i == 0) {
            first = other;
            continue;
        }
        bool same = first.given.count == other.given.count && first.whole.count == other.whole.count;
        for (size_t k = 0; same && k < first.whole.count; k++)
            same = memcmp(first.whole.ids[k], other.whole.ids[k], CP_ID_LEN) == 0;
        if (!same)
            world_fail(w, "healed, and %s has %zu of %zu attachments whole, %s %zu of %zu", first.m->name,
                       first.whole.count, first.given.count, other.m->name, other.whole.count,
                       other.given.count);
        look_clear(&other);
    }
    if (count > 0)
        look_clear(&first);
}
