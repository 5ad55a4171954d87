/*
 * Entries of lost devices: which are void, whatever came first, against the definition in docs/protocol.md "Standing"
 * told once more as plainly as it can be. Three machines write, let people in, report devices lost; every entry goes into a
 * fresh store in random order, and after each some the store must say what the definition says of what it holds.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/group.h"
#include "tests/support/heap.h"

enum {
    STORES = 3,
    PEOPLE = 7,
    MOST = 160
};

/* ---- A plain log ---- */

struct plain {
    uint8_t id[CP_ID_LEN];
    struct cp_header h;
    uint8_t *frame;
    size_t frame_len;
    struct cp_control c;
    bool before[MOST]; /* lies in the past */
    size_t prev;       /* its place; MOST: none */
};
static struct plain all[MOST];
static size_t all_count;

static size_t place_of(const uint8_t *id)
{
    for (size_t i = 0; i < all_count; i++)
        if (memcmp(all[i].id, id, CP_ID_LEN) == 0)
            return i;
    return MOST;
}

static void cites(struct plain *p, const uint8_t *id)
{
    size_t at = place_of(id);
    cr_assert_lt(at, MOST);
    p->before[at] = true;
    for (size_t i = 0; i < all_count; i++)
        p->before[i] = p->before[i] || all[at].before[i];
}

static void learn(struct cp_store *s, const uint8_t *plan)
{
    size_t count = 0;
    uint64_t *rows = group_rows(s, plan, &count);
    for (size_t i = 0; i < count; i++) {
        struct cp_outgoing out;
        struct plain *p = &all[all_count];
        cr_assert_eq(cp_store_replica(s)->source.entry(s, rows[i], &out), CP_OK);
        cr_assert_lt(all_count, (size_t)MOST);
        memset(p, 0, sizeof *p);
        cr_assert_eq(cp_header_decode(out.entry.header, &p->h), CP_OK);
        cp_entry_id(all_count == 0 ? cp_zero_id : plan, out.entry.header, p->id);
        if (place_of(p->id) != MOST)
            continue;
        p->frame = malloc(out.entry.frame.len);
        cr_assert_not_null(p->frame);
        memcpy(p->frame, out.entry.frame.ptr, out.entry.frame.len);
        cp_control_read(CP_BYTES(p->frame, out.entry.frame.len), &p->c);
        p->prev = MOST;
        if (p->h.seq > 1) {
            p->prev = place_of(p->h.prev);
            cites(p, p->h.prev);
        }
        for (size_t k = 0; k < p->h.parents_count; k++)
            cites(p, p->h.parents[k]);
        all_count++;
    }
    cp_free(test_mem(), rows);
}

static void forget(void)
{
    for (size_t i = 0; i < all_count; i++)
        free(all[i].frame);
    all_count = 0;
}

/* ---- The definition ---- */

static bool held[MOST],
    stands[MOST]; /* stands: by the place of an ADMIT or FIRST that makes a device stand */
static struct someone people[PEOPLE];

static bool counts(size_t i) /* a REVOKE that counts: its own person's, of a device let in as theirs */
{
    const struct cp_revoke *r = &all[i].c.revoke;
    bool admitted = false;
    if (!held[i] || !all[i].c.known || all[i].c.kind != CP_KIND_REVOKE || !cp_statement_sig_ok(&r->statement))
        return false;
    for (size_t k = 0; k < all_count; k++)
        admitted = admitted || (held[k] && all[k].c.known &&
                                (all[k].c.kind == CP_KIND_ADMIT || all[k].c.kind == CP_KIND_FIRST) &&
                                memcmp(all[k].c.join.device_key, r->device, CP_KEY_LEN) == 0 &&
                                memcmp(all[k].c.join.person, r->statement.person, CP_ID_LEN) == 0 &&
                                memcmp(all[k].c.join.identity_key, r->statement.key, CP_KEY_LEN) == 0);
    return admitted;
}

static bool overtaken(size_t i)
{
    uint8_t id[CP_ID_LEN];
    cp_statement_id(all[i].c.revoke.statement.text, id);
    for (size_t k = 0; k < all_count; k++)
        if (counts(k) && memcmp(all[k].c.revoke.device, all[i].c.revoke.device, CP_KEY_LEN) == 0 &&
            cp_id_list_has(&all[k].c.revoke.earlier, id))
            return true;
    return false;
}

static bool in_cut(const struct cp_cut *cut, size_t e)
{
    struct cp_cut_walk w;
    struct cp_cut_tip t;
    cp_cut_begin(&w, cut);
    while (cp_cut_next(&w, &t)) {
        if (t.class != all[e].h.class || memcmp(t.incarnation, all[e].h.incarnation, CP_INCARNATION_LEN) != 0)
            continue;
        size_t tip = place_of(t.tip);
        bool here = tip != MOST && held[tip];
        for (size_t at = tip; here && at != MOST; at = all[at].prev)
            if (at == e)
                return true;
        if (!here && all[e].h.seq <= t.seq)
            return true;
    }
    return false;
}

/* Does the REVOKE at i, in force, leave e outside? */
static bool cuts_off(size_t i, size_t e)
{
    return counts(i) && !overtaken(i) && memcmp(all[i].c.revoke.device, all[e].h.device, CP_KEY_LEN) == 0 &&
           !in_cut(&all[i].c.revoke.cut, e);
}

static bool within(size_t e)
{
    for (size_t i = 0; i < all_count; i++)
        if (cuts_off(i, e))
            return false;
    return true;
}

static bool device_stands(const uint8_t *device)
{
    for (size_t i = 0; i < all_count; i++)
        if (stands[i] && memcmp(all[i].c.join.device_key, device, CP_KEY_LEN) == 0)
            return true;
    return false;
}

/* Is each statement that cuts off `e`, or the line by which its author came in, known to `by`, and is there one? */
static bool seen[MOST];
static void blame(size_t e, size_t by, bool *any, bool *known)
{
    for (size_t i = 0; i < all_count; i++)
        if (cuts_off(i, e)) {
            *any = true;
            *known = *known && all[by].before[i];
        }
    for (size_t i = 0; i < all_count; i++) {
        if (!held[i] || seen[i] || !all[i].c.known || all[i].c.kind != CP_KIND_ADMIT ||
            memcmp(all[i].c.join.device_key, all[e].h.device, CP_KEY_LEN) != 0)
            continue;
        seen[i] = true;
        blame(i, by, any, known);
        blame(place_of(all[i].c.invite), by, any, known);
    }
}

static bool admission_holds(size_t i)
{
    if (!held[i] || !all[i].c.known)
        return false;
    if (all[i].c.kind == CP_KIND_FIRST)
        return true;
    if (all[i].c.kind != CP_KIND_ADMIT || !within(i) || !device_stands(all[i].h.device))
        return false;
    size_t invite = place_of(all[i].c.invite);
    if (within(invite) && device_stands(all[invite].h.device))
        return true;
    bool any = false, known = true;
    memset(seen, 0, sizeof seen);
    blame(invite, i, &any, &known);
    return any && known;
}

static void settle(void)
{
    memset(stands, 0, sizeof stands);
    for (bool grew = true; grew;) {
        grew = false;
        for (size_t i = 0; i < all_count; i++)
            if (!stands[i] && admission_holds(i)) {
                stands[i] = true;
                grew = true;
            }
    }
}

static size_t voids;
static bool same_as_plain(void *ctx, const struct cp_entry_info *info)
{
    const uint64_t *seed = ctx;
    size_t at = place_of(info->id);
    cr_assert(at != MOST && held[at]);
    bool want = !device_stands(all[at].h.device) || !within(at);
    cr_assert_eq(info->is_void, want, "seed %zu, entry %zu kind %u: void %d, by definition %d", (size_t)*seed,
                 at, (unsigned)info->kind, info->is_void, want);
    voids += want ? 1 : 0;
    return true;
}

/* The same of what is read ahead. */
static bool same_in_pass(void *ctx, const uint8_t target[CP_ID_LEN], const struct cp_loaded *l)
{
    (void)target;
    for (size_t i = 0; i < l->count; i++)
        (void)same_as_plain(ctx, &l->info[i]);
    return true;
}

static void compare(struct cp_store *s, const uint8_t *plan, const uint8_t (*items)[CP_ID_LEN], uint64_t seed)
{
    settle();
    cr_assert_eq(cp_store_each(s, plan, 0, true, same_as_plain, &seed), CP_OK);
    cr_assert_eq(cp_store_records(s, plan, CP_KINDS_ALL, same_in_pass, &seed), CP_OK);
    for (size_t i = 0; i < STORES; i++) {
        struct cp_loaded l;
        uint64_t left[MOST];
        if (cp_store_load(s, plan, items[i], true, &l) != CP_OK)
            continue;
        cr_assert_eq(cp_record_left(test_mem(), l.writes, l.writes_count, left), CP_OK);
        for (size_t k = 0; k < l.writes_count; k++)
            cr_assert_eq(l.info[k].left, left[k], "seed %zu: what is left", (size_t)seed);
        cp_loaded_clear(&l);
    }
}

/* ---- Writing at random ---- */

static struct cp_store *stores[STORES];
static uint8_t plan[CP_ID_LEN], items[STORES][CP_ID_LEN], last[STORES][CP_ID_LEN];

/* Somebody's device is reported lost, by its person's key, as machine `at` sees it: all of it, up to an entry, or none. */
static void report(size_t at, size_t whose, uint64_t *seed)
{
    struct cp_buf cut, fields, text, frame;
    uint8_t sig[CP_SIG_LEN], earlier[4][CP_ID_LEN];
    const struct cp_members *m;
    size_t count = 0;
    struct cp_buf *bufs[] = {&cut, &fields, &text, &frame};
    for (size_t i = 0; i < 4; i++)
        cp_buf_init(bufs[i], test_mem(), CP_ENTRY_MAX);
    uint64_t how = test_below(seed, 4);
    if (how == 0)
        cr_assert_eq(cp_cut_write(NULL, 0, &cut), CP_OK);
    else
        cr_assert_eq(cp_store_cut(stores[at], plan, people[whose].device, how == 1 ? NULL : last[at], &cut,
                                  NULL, NULL),
                     CP_OK);
    cr_assert_eq(cp_store_members(stores[at], plan, &m), CP_OK);
    for (size_t i = 0; i < m->cuts_count && count < 4 && how != 3; i++)
        if (memcmp(m->cuts[i].device, people[whose].device, CP_KEY_LEN) == 0)
            memcpy(earlier[count++], m->cuts[i].statement, CP_ID_LEN);
    cr_assert_eq(cp_revoke_fields(people[whose].device, (const uint8_t(*)[CP_ID_LEN])earlier, count,
                                  cp_buf_bytes(&cut), &fields),
                 CP_OK);
    someone_says(CP_STATEMENT_REVOKE, &people[whose], &people[whose], CP_BY_IDENTITY, plan, &fields, &text, sig);
    cr_assert_eq(cp_revoke_frame_write(cp_buf_bytes(&text), sig, &frame), CP_OK);
    group_control(stores[at], &people[at], plan, cp_buf_bytes(&frame));
    for (size_t i = 0; i < 4; i++)
        cp_buf_clear(bufs[i]);
}

static void something(uint64_t *seed, size_t *guests)
{
    size_t at = test_below(seed, STORES), what = test_below(seed, 10);
    if (what == 0 && *guests < PEOPLE) {
        group_add(stores[at], &people[at], plan, &people[*guests], (unsigned)*guests + 20);
        (*guests)++;
    } else if (what == 1) {
        report(at, test_below(seed, STORES), seed);
    } else if (what == 2 && *guests > STORES) { /* let in once more, by whoever knows what they know */
        const struct cp_members *m;
        struct cp_loaded l;
        struct cp_control c;
        struct cp_buf join, frame;
        size_t who = STORES + test_below(seed, *guests - STORES);
        cr_assert_eq(cp_store_members(stores[at], plan, &m), CP_OK);
        const struct cp_member_device *d = cp_members_find(m, people[who].device);
        if (d == NULL)
            return;
        cr_assert_eq(cp_store_entry(stores[at], plan, d->admission, &l), CP_OK);
        cp_control_read(l.info[0].frame, &c);
        cp_buf_init(&join, test_mem(), CP_JOIN_MAX);
        cp_buf_init(&frame, test_mem(), CP_ENTRY_MAX);
        cp_join_write(&c.join, &join);
        cp_admit_write(c.invite, cp_buf_bytes(&join), &frame);
        group_control(stores[at], &people[at], plan, cp_buf_bytes(&frame));
        cp_buf_clear(&join);
        cp_buf_clear(&frame);
        cp_loaded_clear(&l);
    } else if (what == 3 || what == 4) {
        size_t to = test_below(seed, STORES);
        if (to != at)
            group_carry(stores[at], stores[to], plan);
    } else {
        group_set(stores[at], &people[at], plan, items[test_below(seed, STORES)], "as I say",
                  last[test_below(seed, STORES)], last[at]);
    }
}

static void try_seed(const char *folder, uint64_t first)
{
    uint64_t seed = first;
    size_t guests = STORES;
    char name[32];
    for (unsigned i = 0; i < PEOPLE; i++)
        someone_make(&people[i], i + 1);
    for (unsigned i = 0; i < STORES; i++) {
        (void)snprintf(name, sizeof name, "s%u-%u", (unsigned)first, i);
        stores[i] = store_at(in_folder(folder, name), i + 1, NULL);
    }
    group_found(stores[0], &people[0], plan);
    for (unsigned i = 1; i < STORES; i++)
        group_add(stores[0], &people[0], plan, &people[i], i);
    for (unsigned i = 0; i < STORES; i++) {
        group_item(stores[0], &people[0], plan, "an item", items[i]);
        memcpy(last[i], items[i], CP_ID_LEN);
    }
    for (unsigned i = 1; i < STORES; i++)
        group_carry(stores[0], stores[i], plan);
    for (int i = 0; i < 60; i++)
        something(&seed, &guests);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < STORES; i++)
            group_carry(stores[i], stores[(i + 1) % STORES], plan);
    learn(stores[1], plan);
    (void)snprintf(name, sizeof name, "f%u", (unsigned)first);
    struct cp_store *fresh = store_at(in_folder(folder, name), 9, NULL);
    cr_assert_eq(cp_store_begin(fresh), CP_OK);
    cr_assert_eq(cp_store_await(fresh, plan, cp_bytes_str("j"), cp_bytes_str("i")), CP_OK);
    cr_assert_eq(cp_store_commit(fresh), CP_OK);
    size_t counts_of[STORES];
    uint64_t *rows[STORES];
    struct cp_buf payload;
    for (size_t i = 0; i < STORES; i++)
        rows[i] = group_rows(stores[i], plan, &counts_of[i]);
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    memset(held, 0, sizeof held);
    for (size_t left = all_count, taken; left > 0;) {
        size_t i = test_below(&seed, STORES), r = test_below(&seed, counts_of[i]);
        const struct cp_replica *from = cp_store_replica(stores[i]);
        struct cp_outgoing out;
        struct cp_header h;
        uint8_t id[CP_ID_LEN];
        cr_assert_eq(from->source.entry(stores[i], rows[i][r], &out), CP_OK);
        cr_assert_eq(cp_header_decode(out.entry.header, &h), CP_OK);
        cp_entry_id(h.seq == 1 && h.parents_count == 0 ? cp_zero_id : plan, out.entry.header, id);
        size_t at = place_of(id);
        if (held[at])
            continue;
        cp_buf_reset(&payload);
        enum cp_err err = cp_chunk_build(&from->source, test_mem(), &rows[i][r], 1, &payload, &taken);
        if (err == CP_OK)
            err = group_take(fresh, plan, cp_buf_bytes(&payload), NULL);
        if (err == CP_ERR_MISSING_PARENT || err == CP_ERR_NOT_ADMITTED || err == CP_ERR_NO_SIGNATURE)
            continue;
        cr_assert_eq(err, CP_OK, "%s", cp_err_word(err));
        held[at] = true;
        left--;
        if (left % 7 == 0)
            compare(fresh, plan, (const uint8_t(*)[CP_ID_LEN])items, first);
    }
    cr_assert(group_rebuilds(fresh));
    compare(fresh, plan, (const uint8_t(*)[CP_ID_LEN])items, first);
    for (size_t i = 0; i < STORES; i++) {
        group_carry(fresh, stores[i], plan);
        compare(stores[i], plan, (const uint8_t(*)[CP_ID_LEN])items, first);
        cr_assert(group_rebuilds(stores[i]));
        cp_store_close(stores[i]);
    }
    for (size_t i = 0; i < STORES; i++)
        cp_free(test_mem(), rows[i]);
    cp_buf_clear(&payload);
    cp_store_close(fresh);
    forget();
}

Test(void, any_order_of_arrival_gives_what_is_defined)
{
    const char *folder = folder_make();
    voids = 0;
    for (uint64_t seed = 1; seed <= 6; seed++)
        try_seed(folder, seed);
    cr_assert_gt(voids, 500, "a test of void entries has some: %zu", voids);
    folder_remove(folder);
}
