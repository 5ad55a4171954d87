/*
 * What a lying carrier answers: it keeps back, tells old listings, says the same twice, exchanges, gives another ticket's bundles,
 * cuts and bends. Must not: open anything, since it cannot.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/carry_internal.h"
#include "tests/sim/world_carried.h"
#include "tests/support/heap.h"

static void told(struct world *w, struct visit *v, const char *what)
{
    v->carrier->lied = v->lied = true;
    world_count(w, SIM_COUNT_CARRIER_LIES);
    world_say(w, "%s lies to %s: %s", v->carrier->name, v->m->name, what);
}

static void replace(struct message *m, const struct cp_buf *by)
{
    uint8_t *bytes = malloc(by->len + 1);
    if (bytes == NULL)
        abort();
    memcpy(bytes, by->ptr, by->len);
    free(m->bytes);
    m->bytes = bytes;
    m->len = by->len;
}

/* ---- Listings ---- */

struct listing {
    uint8_t born[CP_CARRY_BORN_LEN];
    uint64_t next;
    struct cp_carry_item items[CP_CARRY_BUNDLES_MAX];
    size_t count;
};

static void remove_item(struct listing *l, size_t at)
{
    memmove(&l->items[at], &l->items[at + 1], (l->count - at - 1) * sizeof l->items[0]);
    l->count--;
}

/* Some of what lies there is not there. */
static void keep_back(struct world *w, struct visit *v, struct listing *l)
{
    const struct cp_carried *known = &v->node.visit->there;
    bool same = cp_carried_latest(known, v->node.visit->own) > 0 &&
                memcmp(known->born, l->born, sizeof l->born) == 0 && l->next >= known->next;
    for (uint64_t n = 1 + world_roll(w, l->count); n > 0 && l->count > 0; n--) {
        size_t at = world_roll(w, l->count);
        v->must_notice = v->must_notice || (same && l->items[at].number > known->read);
        remove_item(l, at);
    }
    told(w, v, "some of it is not there");
}

static void exchange_names(struct listing *l, size_t a, size_t b)
{
    struct cp_carry_item kept = l->items[a];
    l->items[a].size = l->items[b].size;
    memcpy(l->items[a].name, l->items[b].name, CP_CARRY_NAME_LEN);
    l->items[b].size = kept.size;
    memcpy(l->items[b].name, kept.name, CP_CARRY_NAME_LEN);
}

/* An old bundle as if somebody had put it there now. */
static void repeat(struct world *w, struct listing *l)
{
    const struct cp_carry_item *old = &l->items[world_roll(w, l->count)];
    struct cp_carry_item again = {.number = l->next, .size = old->size};
    memcpy(again.name, old->name, sizeof again.name);
    if (l->count == CP_CARRY_BUNDLES_MAX)
        return;
    l->items[l->count++] = again;
    l->next++;
}

static void lie_listing(struct world *w, struct visit *v, struct cp_carry_message *said, struct message *m)
{
    static struct listing l;
    struct cp_buf out;
    memset(&l, 0, sizeof l);
    memcpy(l.born, said->born, sizeof l.born);
    l.next = said->number;
    for (; l.count < said->count; l.count++)
        cp_carry_next_item(said, &l.items[l.count]);
    if (l.count == 0)
        return;
    switch (world_roll(w, 6)) {
    case 0:
    case 1:
        keep_back(w, v, &l);
        break;
    case 2:
        exchange_names(&l, world_roll(w, l.count), world_roll(w, l.count));
        told(w, v, "what lay here lies there");
        break;
    case 3:
        repeat(w, &l);
        told(w, v, "an old bundle came anew");
        break;
    case 4:
        world_random(w, l.born, sizeof l.born);
        told(w, v, "it is another pile");
        break;
    default:
        l.next = l.next > 1 ? 1 + world_roll(w, l.next - 1) : 1;
        while (l.count > 0 && l.items[l.count - 1].number >= l.next)
            l.count--;
        told(w, v, "it is as it was long ago");
    }
    cp_buf_init(&out, test_mem(), CP_MESSAGE_MAX);
    cp_carry_put_pile(l.born, l.next, l.items, l.count, &out);
    replace(m, &out);
    cp_buf_clear(&out);
}

/* ---- Bundles ---- */

/* The piece of another bundle, of this pile or of another ticket's, as long as this one. */
static bool other_piece(struct world *w, struct visit *v, const struct cp_carry_message *said,
                        struct cp_buf *piece)
{
    static struct cp_pile pile;
    const struct cp_carrier_facts *f = &v->carrier->node.carrier->facts;
    if (f->count == 0 ||
        cp_pile_look(v->carrier->home, f->tickets[world_roll(w, f->count)].key, &pile) != CP_OK ||
        pile.count == 0)
        return false;
    uint64_t number = pile.items[world_roll(w, pile.count)].number;
    if (cp_pile_get(&pile, number, said->offset, piece) != CP_OK)
        return false;
    size_t had = piece->len;
    if (had < said->bytes.len) {
        uint8_t *rest = cp_buf_space(piece, said->bytes.len - had);
        if (rest == NULL)
            abort();
        memset(rest, 0, said->bytes.len - had);
    }
    piece->len = said->bytes.len;
    return true;
}

static void lie_piece(struct world *w, struct visit *v, const struct cp_carry_message *said,
                      struct message *m)
{
    struct cp_carry_message lie = *said;
    struct cp_buf piece, out;
    cp_buf_init(&piece, test_mem(), CP_CARRY_PART_MAX);
    cp_buf_init(&out, test_mem(), CP_MESSAGE_MAX);
    uint64_t how = world_roll(w, 4);
    if (how == 0 && other_piece(w, v, said, &piece)) {
        told(w, v, "another bundle in the place of one");
    } else {
        cp_buf_put_bytes(&piece, said->bytes);
        if (how == 1) {
            piece.len -= world_roll(w, piece.len);
            told(w, v, "a bundle that is cut");
        } else {
            for (uint64_t n = 1 + world_roll(w, 3); n > 0; n--)
                piece.ptr[world_roll(w, piece.len)] ^= (uint8_t)(1U << world_roll(w, 8));
            told(w, v, "a bundle with bits bent");
        }
    }
    lie.bytes = cp_buf_bytes(&piece);
    cp_carry_put(&lie, &out);
    replace(m, &out);
    cp_buf_clear(&piece);
    cp_buf_clear(&out);
}

/* It says that it keeps it, and throws it away. */
static void throw_away(struct world *w, struct visit *v, uint64_t number)
{
    static struct cp_pile pile;
    if (cp_pile_look(v->carrier->home, v->ends[1].key, &pile) != CP_OK)
        return;
    cp_pile_drop(&pile, number);
    told(w, v, "it has put away what it threw away");
}

void carrier_lie(struct world *w, struct visit *v, struct message *m)
{
    struct cp_carry_message said;
    if (!world_chance(w, 120) || cp_carry_read(CP_BYTES(m->bytes, m->len), &said) != CP_OK ||
        v->node.visit == NULL)
        return;
    if (said.type == CP_CARRY_PILE)
        lie_listing(w, v, &said, m);
    else if (said.type == CP_CARRY_PART)
        lie_piece(w, v, &said, m);
    else if (said.type == CP_CARRY_STORED && world_chance(w, 500))
        throw_away(w, v, said.number);
    else if (world_chance(w, 200)) {
        m->bytes[world_roll(w, m->len)] ^= (uint8_t)(1U << world_roll(w, 8));
        told(w, v, "nonsense");
    }
}
