/*
 * What was heard of other machines by bundle. Owns: the notes "heard/PLAN/MACHINE", sealed in the store: [4, incarnation, claimed,
 * heard, standing, [seq, id, ...] control, [seq, id, ...] content, [number, id, ...] wishes, [incarnation, claimed, ...] lives]. Must not:
 * believe anything that is not tagged with the other's incarnation, or be needed for being right: without it everything is sent.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/bundle.h"
#include "proto/mp.h"

#define NOTE_MAX     (4U * 1024U * 1024U)
#define NOTE_VERSION 4U /* 3: one life alone; 2: without wishes; none: of before a machine's word had to be proven. None is read: all is sent again */

void cp_heard_init(struct cp_heard *h, const struct cp_mem *mem)
{
    *h = (struct cp_heard){.mem = mem};
}

void cp_heard_clear(struct cp_heard *h)
{
    const struct cp_mem *mem = h->mem;
    if (mem == NULL)
        return;
    cp_free(mem, h->tips[0]);
    cp_free(mem, h->tips[1]);
    cp_free(mem, h->wishes);
    cp_heard_init(h, mem);
}

enum cp_err cp_heard_add(struct cp_heard *h, enum cp_class class, const struct cp_bundle_tip *tip)
{
    size_t c = class == CP_CONTENT ? 1 : 0;
    void *array = h->tips[c];
    enum cp_err err =
        cp_grow(h->mem, &array, &h->cap[c], h->count[c] + 1, CP_HEARD_TIPS_MAX, sizeof *h->tips[c]);
    if (err != CP_OK)
        return err;
    h->tips[c] = array;
    h->tips[c][h->count[c]++] = *tip;
    return CP_OK;
}

enum cp_err cp_heard_wishes(struct cp_heard *h, struct cp_bundle_frame *f)
{
    if (h->asks)
        return CP_ERR_BAD_VALUE;
    h->wishes = cp_alloc_array(h->mem, f->wishes_count + 1, sizeof *h->wishes);
    if (h->wishes == NULL)
        return CP_ERR_NO_MEMORY;
    h->asks = true;
    for (; h->wishes_count < f->wishes_count; h->wishes_count++)
        cp_bundle_next_wish(f, &h->wishes[h->wishes_count]);
    return CP_OK;
}

static void note_key(const uint8_t *plan, const uint8_t *machine, char out[static 160])
{
    char a[2 * CP_ID_LEN + 1], b[2 * CP_KEY_LEN + 1];
    cp_hex_encode(plan, CP_ID_LEN, a);
    cp_hex_encode(machine, CP_KEY_LEN, b);
    (void)snprintf(out, 160, "heard/%s/%s", a, b);
}

static enum cp_err read_wishes(struct cp_cursor *c, struct cp_heard *h)
{
    size_t count = cp_get_array(c, 0, 2 * (size_t)CP_BUNDLE_WISHES_MAX) / 2;
    h->wishes = cp_alloc_array(h->mem, count + 1, sizeof *h->wishes);
    for (size_t i = 0; i < count && h->wishes != NULL && c->err == CP_OK; i++) {
        h->wishes[i].number = cp_get_uint(c, CP_PIECES_MAX - 1);
        cp_get_fixed(c, h->wishes[i].id, sizeof h->wishes[i].id);
        h->wishes_count = i + 1;
    }
    return h->wishes == NULL ? CP_ERR_NO_MEMORY : CP_OK;
}

static void read_lives(struct cp_cursor *c, struct cp_heard *h)
{
    size_t count = cp_get_array(c, 0, 2 * (size_t)CP_HEARD_LIVES_MAX) / 2;
    for (size_t i = 0; i < count && c->err == CP_OK; i++) {
        cp_get_fixed(c, h->lives[i].incarnation, CP_INCARNATION_LEN);
        h->lives[i].claimed_ms = cp_get_uint(c, CP_INT_MAX);
        h->lives_count = i + 1;
    }
}

static enum cp_err read_note(struct cp_bytes note, struct cp_heard *h)
{
    struct cp_cursor c;
    enum cp_err err = CP_OK;
    cp_cursor_init(&c, note,
                   4 * (size_t)CP_HEARD_TIPS_MAX + 2 * (size_t)(CP_BUNDLE_WISHES_MAX + CP_HEARD_LIVES_MAX) + 16);
    (void)cp_get_array(&c, 9, 9);
    (void)cp_get_uint(&c, NOTE_VERSION);
    cp_get_fixed(&c, h->incarnation, sizeof h->incarnation);
    h->claimed_ms = cp_get_uint(&c, CP_INT_MAX);
    h->heard_ms = cp_get_uint(&c, CP_INT_MAX);
    h->standing = (enum cp_heard_standing)cp_get_uint(&c, CP_HEARD_MET);
    for (int class = 0; class < 2; class ++) {
        size_t count = cp_get_array(&c, 0, 2 * (size_t)CP_HEARD_TIPS_MAX) / 2;
        for (size_t i = 0; i < count && c.err == CP_OK && err == CP_OK; i++) {
            struct cp_bundle_tip tip;
            tip.seq = cp_get_uint(&c, CP_INT_MAX);
            cp_get_fixed(&c, tip.id, sizeof tip.id);
            err = cp_heard_add(h, class == 1 ? CP_CONTENT : CP_CONTROL, &tip);
        }
    }
    if (err == CP_OK)
        err = read_wishes(&c, h);
    if (err == CP_OK)
        read_lives(&c, h);
    if (err == CP_OK && cp_cursor_end(&c) != CP_OK)
        err = CP_ERR_NOT_FOUND; /* ours, sealed, and not readable: it is only a memory, so begin anew */
    return err;
}

static enum cp_err get_note(struct cp_node *node, const uint8_t *plan, const uint8_t *machine, struct cp_heard *h)
{
    char key[160];
    struct cp_buf note;
    note_key(plan, machine, key);
    cp_heard_init(h, node->mem);
    cp_buf_init(&note, node->mem, NOTE_MAX);
    enum cp_err err = cp_store_note_get(node->store, key, &note);
    if (err == CP_OK)
        err = read_note(cp_buf_bytes(&note), h);
    if (err != CP_OK)
        cp_heard_clear(h);
    cp_buf_clear(&note);
    return err;
}

enum cp_err cp_heard_get(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                         const uint8_t machine[static CP_KEY_LEN], struct cp_heard *h)
{
    enum cp_err err = get_note(node, plan, machine, h);
    if (err == CP_OK && h->standing == CP_HEARD_MET) {
        cp_heard_clear(h);
        err = CP_ERR_NOT_FOUND;
    }
    return err;
}

static uint64_t sum_of(const struct cp_heard *h)
{
    uint64_t sum = 0;
    for (int c = 0; c < 2; c++)
        for (size_t i = 0; i < h->count[c]; i++)
            sum += h->tips[c][i].seq;
    return sum;
}

static bool one_life(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, CP_INCARNATION_LEN) == 0;
}

/* Within one incarnation a machine's chains only grow, so more is later. Of another all that is known is which words were read. */
bool cp_heard_less(const struct cp_heard *h, const struct cp_heard *known)
{
    if (known->standing != CP_HEARD_DOUBTED && one_life(known->incarnation, h->incarnation))
        return sum_of(h) < sum_of(known);
    for (size_t i = 0; i < known->lives_count; i++)
        if (one_life(known->lives[i].incarnation, h->incarnation))
            return h->claimed_ms <= known->lives[i].claimed_ms;
    return false;
}

bool cp_heard_same(const struct cp_heard *a, const struct cp_heard *b)
{
    if (memcmp(a->incarnation, b->incarnation, CP_INCARNATION_LEN) != 0)
        return false;
    for (int c = 0; c < 2; c++) {
        if (a->count[c] != b->count[c])
            return false;
        for (size_t i = 0; i < a->count[c]; i++)
            if (a->tips[c][i].seq != b->tips[c][i].seq || memcmp(a->tips[c][i].id, b->tips[c][i].id, CP_ID_LEN) != 0)
                return false;
    }
    return true;
}

/* Which life comes after which nobody says: of two, the one whose word claims the later time, once it does. */
static bool is_latest(const struct cp_heard *h, const struct cp_heard *old)
{
    if (old->standing != CP_HEARD_DOUBTED && one_life(old->incarnation, h->incarnation))
        return true;
    for (size_t i = 0; i < old->lives_count; i++)
        if (!one_life(old->lives[i].incarnation, h->incarnation) && h->claimed_ms <= old->lives[i].claimed_ms)
            return false;
    return true;
}

/* The life with the earliest word makes room. */
static void add_life(struct cp_heard *h, const uint8_t *incarnation, uint64_t claimed_ms)
{
    size_t at = 0;
    while (at < h->lives_count && !one_life(h->lives[at].incarnation, incarnation))
        at++;
    if (at < h->lives_count && h->lives[at].claimed_ms >= claimed_ms)
        return;
    if (at == CP_HEARD_LIVES_MAX)
        for (size_t i = at = 0; i < h->lives_count; i++)
            at = h->lives[i].claimed_ms < h->lives[at].claimed_ms ? i : at;
    h->lives_count = at < h->lives_count ? h->lives_count : at + 1;
    memcpy(h->lives[at].incarnation, incarnation, CP_INCARNATION_LEN);
    h->lives[at].claimed_ms = claimed_ms;
}

/* With the lives of `of`; tips only where the word is believed. */
static enum cp_err put_note(struct cp_node *node, const uint8_t *plan, const uint8_t *machine, const struct cp_heard *h,
                            const struct cp_heard *asks, const struct cp_heard *of)
{
    char key[160];
    struct cp_buf note;
    note_key(plan, machine, key);
    cp_buf_init(&note, node->mem, NOTE_MAX);
    cp_put_array(&note, 9);
    cp_put_uint(&note, NOTE_VERSION);
    cp_put_fixed(&note, h->incarnation, sizeof h->incarnation);
    cp_put_uint(&note, h->claimed_ms);
    cp_put_uint(&note, h->heard_ms);
    cp_put_uint(&note, of->standing);
    for (int c = 0; c < 2; c++) {
        size_t count = of->standing == CP_HEARD_BELIEVED ? h->count[c] : 0;
        cp_put_array(&note, 2 * count);
        for (size_t i = 0; i < count; i++) {
            cp_put_uint(&note, h->tips[c][i].seq);
            cp_put_fixed(&note, h->tips[c][i].id, CP_ID_LEN);
        }
    }
    cp_put_array(&note, 2 * asks->wishes_count);
    for (size_t i = 0; i < asks->wishes_count; i++) {
        cp_put_uint(&note, asks->wishes[i].number);
        cp_put_fixed(&note, asks->wishes[i].id, CP_ID_LEN);
    }
    cp_put_array(&note, 2 * of->lives_count);
    for (size_t i = 0; i < of->lives_count; i++) {
        cp_put_fixed(&note, of->lives[i].incarnation, CP_INCARNATION_LEN);
        cp_put_uint(&note, of->lives[i].claimed_ms);
    }
    enum cp_err err = cp_buf_err(&note);
    if (err == CP_OK)
        err = cp_store_note_set(node->store, key, cp_buf_bytes(&note));
    cp_buf_clear(&note);
    return err;
}

enum cp_err cp_heard_set(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                         const uint8_t machine[static CP_KEY_LEN], const struct cp_heard *h)
{
    struct cp_heard old;
    enum cp_err err = get_note(node, plan, machine, &old);
    bool less = err == CP_OK && cp_heard_less(h, &old);
    if ((err != CP_OK && err != CP_ERR_NOT_FOUND) || less) {
        cp_heard_clear(&old);
        return less ? CP_OK : err;
    }
    const struct cp_heard *asks = h->asks ? h : &old;
    old.standing = is_latest(h, &old) ? CP_HEARD_BELIEVED : CP_HEARD_DOUBTED;
    add_life(&old, h->incarnation, h->claimed_ms);
    err = put_note(node, plan, machine, h, asks, &old);
    cp_heard_clear(&old);
    return err;
}

enum cp_err cp_heard_met(struct cp_node *node, const uint8_t plan[static CP_ID_LEN], const uint8_t machine[static CP_KEY_LEN],
                         const uint8_t incarnation[static CP_INCARNATION_LEN], uint64_t now_ms)
{
    struct cp_heard old;
    enum cp_err err = get_note(node, plan, machine, &old);
    bool same = err == CP_OK && old.standing != CP_HEARD_DOUBTED && one_life(old.incarnation, incarnation);
    if (err == CP_ERR_NOT_FOUND)
        err = CP_OK;
    if (err == CP_OK && !same) {
        memcpy(old.incarnation, incarnation, CP_INCARNATION_LEN);
        old.standing = CP_HEARD_MET;
        add_life(&old, incarnation, now_ms);
        err = put_note(node, plan, machine, &old, &old, &old);
    }
    cp_heard_clear(&old);
    return err;
}

/* ---- What it means for us ---- */

/* The first tip of the place's chain; tips come sorted by (device, incarnation). */
static size_t tip_of(const struct cp_tip *tips, size_t count, const struct cp_place *place)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = memcmp(tips[middle].device, place->device, CP_KEY_LEN);
        if (c == 0)
            c = memcmp(tips[middle].incarnation, place->incarnation, CP_INCARNATION_LEN);
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && tips[low].chain == place->chain ? low : count;
}

enum cp_err cp_heard_known(const struct cp_replica *held, const uint8_t plan[static CP_ID_LEN],
                           enum cp_class class, const struct cp_heard *h, const struct cp_tip *tips,
                           size_t count, uint64_t *known)
{
    size_t c = class == CP_CONTENT ? 1 : 0;
    enum cp_err err = CP_OK;
    for (size_t k = 0; err == CP_OK && k < h->count[c]; k++) {
        struct cp_place place;
        bool found = false;
        err = held->place_of(held->ctx, plan, h->tips[c][k].id, &place, &found);
        size_t i = err == CP_OK && found ? tip_of(tips, count, &place) : count;
        if (i < count && known[i] < place.seq)
            known[i] = place.seq;
    }
    return err;
}

void cp_heard_leave_out(const struct cp_tip *tips, size_t count, const uint64_t *known, uint64_t *after)
{
    for (size_t i = 0; i < count; i++) {
        bool forked = (i > 0 && tips[i - 1].chain == tips[i].chain) ||
                      (i + 1 < count && tips[i + 1].chain == tips[i].chain);
        uint64_t upto = forked ? 0 : known[i];
        after[i] = after[i] < upto ? after[i] : upto;
    }
}

enum cp_err cp_heard_lower(const struct cp_replica *held, const uint8_t plan[static CP_ID_LEN],
                           enum cp_class class, const struct cp_heard *h, const struct cp_tip *tips,
                           size_t count, uint64_t *after)
{
    uint64_t *known = cp_alloc_array(held->mem, count + 1, sizeof *known);
    enum cp_err err = known == NULL ? CP_ERR_NO_MEMORY : CP_OK;
    if (err == CP_OK && h != NULL)
        err = cp_heard_known(held, plan, class, h, tips, count, known);
    if (err == CP_OK)
        cp_heard_leave_out(tips, count, known, after);
    cp_free(held->mem, known);
    return err;
}

enum cp_err cp_heard_unknown(struct cp_node *node, const uint8_t plan[static CP_ID_LEN],
                             const struct cp_heard *h, uint64_t *unknown)
{
    const struct cp_replica *held = cp_store_replica(node->store);
    enum cp_err err = CP_OK;
    *unknown = 0;
    for (int c = 0; c < 2; c++)
        for (size_t k = 0; err == CP_OK && k < h->count[c]; k++) {
            struct cp_place place;
            bool found = false;
            err = held->place_of(held->ctx, plan, h->tips[c][k].id, &place, &found);
            *unknown += err == CP_OK && !found ? 1 : 0;
        }
    return err;
}
