/*
 * What is kept incrementally against the definition, whatever the order of arrival: random writing on three stores
 * that know of each other's entries without holding them, then every entry into a fresh store in random order.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

enum { STORES = 3, ENTRIES_MAX = 120, ITEMS = 3 };

struct world {
    const char *folder;
    struct someone people[STORES];
    struct cp_store *stores[STORES];
    uint8_t plan[CP_ID_LEN];
    uint8_t items[ITEMS][CP_ID_LEN];
    uint8_t written[ENTRIES_MAX][CP_ID_LEN];
    size_t count;
    uint64_t seed;
    struct cp_draft draft;
};

static void world_init(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->seed = seed;
    w->folder = folder_make();
    for (unsigned i = 0; i < STORES; i++) {
        char name[16];
        someone_make(&w->people[i], i + 1);
        (void)snprintf(name, sizeof name, "s%u", i);
        w->stores[i] = store_at(in_folder(w->folder, name), i + 1, NULL);
    }
    group_found(w->stores[0], &w->people[0], w->plan);
    for (unsigned i = 1; i < STORES; i++)
        group_add(w->stores[0], &w->people[0], w->plan, &w->people[i], i);
    for (unsigned i = 0; i < ITEMS; i++) {
        group_item(w->stores[0], &w->people[0], w->plan, "an item", w->items[i]);
        memcpy(w->written[w->count++], w->items[i], CP_ID_LEN);
    }
    for (unsigned i = 1; i < STORES; i++)
        group_carry(w->stores[0], w->stores[i], w->plan);
}

static void world_clear(struct world *w)
{
    for (unsigned i = 0; i < STORES; i++)
        cp_store_close(w->stores[i]);
    folder_remove(w->folder);
}

static const uint8_t *any_written(struct world *w)
{
    return w->written[test_below(&w->seed, w->count)];
}

static void fill_item_fields(struct world *w, struct cp_draft *d)
{
    static const char *const texts[] = {"red", "green", "blue"};
    if (test_below(&w->seed, 2) == 0)
        cp_draft_text(d, CP_FIELD_TEXT, CP_BYTES(NULL, 0), cp_bytes_str(texts[test_below(&w->seed, 3)]));
    if (test_below(&w->seed, 4) == 0)
        cp_draft_text(d, CP_FIELD_TEXT, cp_bytes_str("cy"), cp_bytes_str(texts[test_below(&w->seed, 3)]));
    if (test_below(&w->seed, 4) == 0)
        cp_draft_nil(d, CP_FIELD_TEXT, CP_BYTES(NULL, 0));
    if (test_below(&w->seed, 4) == 0)
        cp_draft_text(d, CP_FIELD_STATE, CP_BYTES(NULL, 0), cp_bytes_str("set aside"));
    if (test_below(&w->seed, 3) == 0)
        cp_draft_link(d, CP_FIELD_HELPERS, cp_draft_name(d, w->people[test_below(&w->seed, STORES)].person), true);
    if (test_below(&w->seed, 3) == 0) {
        uint16_t of = cp_draft_name(d, any_written(w)); /* most often not an addition, or of another item */
        cp_draft_remove(d, CP_FIELD_HELPERS, of, (uint16_t)test_below(&w->seed, 4));
    }
}

static void write_something(struct world *w)
{
    size_t who = test_below(&w->seed, STORES);
    struct cp_draft *d = &w->draft;
    const uint8_t *item = w->items[test_below(&w->seed, ITEMS)];
    uint64_t what = test_below(&w->seed, 10);
    const uint8_t *person = w->people[test_below(&w->seed, 4) == 0 ? test_below(&w->seed, STORES) : who].person;
    if (what < 6)
        cp_draft_init(d, test_mem(), CP_KIND_SET, 0, item);
    else if (what == 6)
        cp_draft_init(d, test_mem(), CP_KIND_PERSON, 0, person);
    else if (what == 7)
        cp_draft_init(d, test_mem(), CP_KIND_NOTE, 1, item);
    else if (what == 8)
        cp_draft_init(d, test_mem(), CP_KIND_VIEW, 1, item);
    else
        cp_draft_init(d, test_mem(), CP_KIND_PLAN, 0, NULL);
    for (uint64_t n = test_below(&w->seed, 4); n > 0; n--)
        cp_draft_replace(d, any_written(w));
    if (what < 6)
        fill_item_fields(w, d);
    else if (what == 6)
        cp_draft_text(d, CP_FIELD_NAME, CP_BYTES(NULL, 0), cp_bytes_str("Sal"));
    else if (what == 8)
        cp_draft_text(d, CP_FIELD_VALUE, CP_BYTES(NULL, 0), cp_bytes_str("3"));
    else if (what == 9)
        cp_draft_text(d, CP_FIELD_TITLE, CP_BYTES(NULL, 0), cp_bytes_str("Garden"));
    uint8_t *id = w->written[w->count];
    cr_assert_eq(group_write(w->stores[who], &w->people[who], w->plan, d, id), CP_OK);
    w->count++;
}

/* ---- The definition ---- */

static void same_left(struct world *w, struct cp_store *s, const uint8_t *target)
{
    struct cp_loaded all, some;
    uint64_t left[ENTRIES_MAX];
    cr_assert_eq(cp_store_load(s, w->plan, target, true, &all), CP_OK);
    cr_assert_eq(cp_store_load(s, w->plan, target, false, &some), CP_OK);
    cr_assert_eq(all.count, all.writes_count);
    cr_assert_eq(cp_record_left(test_mem(), all.writes, all.writes_count, left), CP_OK);
    for (size_t i = 0; i < all.count; i++)
        cr_assert_eq(all.info[i].left, left[i], "seed %zu entry %zu kind %u: %lx, by definition %lx", (size_t)w->seed, i,
                     (unsigned)all.info[i].kind, (unsigned long)all.info[i].left, (unsigned long)left[i]);
    struct cp_record_state full, part;
    cr_assert_eq(cp_record_fold(&full, test_mem(), all.writes, all.writes_count), CP_OK);
    cr_assert_eq(cp_record_fold(&part, test_mem(), some.writes, some.writes_count), CP_OK);
    cr_assert_eq(full.set_aside, part.set_aside);
    cr_assert_eq(full.edited_apart, part.edited_apart);
    cr_assert_eq(full.closed_apart, part.closed_apart);
    cr_assert_eq(full.wordings, part.wordings);
    for (size_t r = 0; r < full.count; r++) {
        const struct cp_register *a = &full.registers[r], *b = NULL;
        for (size_t i = 0; i < part.count; i++)
            if (part.registers[i].field == a->field && cp_bytes_eq(part.registers[i].lang, a->lang))
                b = &part.registers[i];
        cr_assert_eq(a->count, b == NULL ? 0 : b->count);
        for (size_t i = 0; i < a->count; i++)
            cr_assert_arr_eq(full.writes[a->values[i].write].id, part.writes[b->values[i].write].id, CP_ID_LEN);
    }
    cp_record_clear(&full);
    cp_record_clear(&part);
    cp_loaded_clear(&all);
    cp_loaded_clear(&some);
}

/* ---- All records in one pass ---- */

struct pass {
    struct world *w;
    struct cp_store *store;
    enum cp_kind more; /* the kind that is asked for; 0: none, CP_KIND_PLAN: all */
    size_t visited;
};

static bool is_open(const struct pass *p, uint64_t kind)
{
    return kind == CP_KIND_ITEM || kind == CP_KIND_SET || kind == (uint64_t)p->more || p->more == CP_KIND_PLAN;
}

static uint32_t asked(const struct pass *p)
{
    return p->more == CP_KIND_PLAN ? CP_KINDS_ALL : cp_kind_bit((uint64_t)p->more);
}

/* What was read ahead says of an entry what looking it up says. */
static void same_entry(const struct cp_entry_info *got, const struct cp_loaded *l)
{
    size_t at = 0;
    while (at < l->count && l->info[at].row != got->row)
        at++;
    cr_assert_lt(at, l->count);
    const struct cp_entry_info *want = &l->info[at];
    cr_assert_arr_eq(got->id, want->id, CP_ID_LEN);
    cr_assert_arr_eq(got->person, want->person, CP_ID_LEN);
    cr_assert_arr_eq(got->device, want->device, CP_KEY_LEN);
    cr_assert_arr_eq(got->incarnation, want->incarnation, CP_INCARNATION_LEN);
    cr_assert(got->kind == want->kind && got->class == want->class && got->depth == want->depth);
    cr_assert(got->lamport == want->lamport && got->time_ms == want->time_ms && got->seq == want->seq);
    cr_assert(got->left == want->left && got->withdrawn == want->withdrawn && got->is_void == want->is_void);
    cr_assert(cp_bytes_eq(got->frame, want->frame) && cp_bytes_eq(got->words, want->words));
}

/* What the pass gives of a record is what looking it up gives, but for the kinds that stay closed. */
static bool same_as_looked_up(void *ctx, const uint8_t target[CP_ID_LEN], const struct cp_loaded *l)
{
    struct pass *p = ctx;
    struct cp_loaded one, some;
    size_t wanted = 0;
    uint32_t open = asked(p) | cp_kind_bit(CP_KIND_ITEM) | cp_kind_bit(CP_KIND_SET);
    cr_assert_eq(cp_store_load(p->store, p->w->plan, target, false, &one), CP_OK);
    cr_assert_eq(cp_store_load_kinds(p->store, p->w->plan, target, open, &some), CP_OK);
    for (size_t i = 0; i < one.count; i++) {
        bool here = false, there = false;
        for (size_t j = 0; j < l->count; j++)
            here = here || memcmp(l->info[j].id, one.info[i].id, CP_ID_LEN) == 0;
        for (size_t j = 0; j < some.count; j++)
            there = there || memcmp(some.info[j].id, one.info[i].id, CP_ID_LEN) == 0;
        cr_assert_eq(here, is_open(p, one.info[i].kind), "kind %u", (unsigned)one.info[i].kind);
        cr_assert_eq(there, here);
        wanted += here ? 1 : 0;
    }
    cr_assert_eq(l->count, wanted);
    cr_assert_eq(some.count, wanted);
    for (size_t i = 0; i < l->count; i++)
        same_entry(&l->info[i], &some);
    cp_loaded_clear(&one);
    cp_loaded_clear(&some);
    p->visited++;
    return true;
}

/* However much is read ahead: all, a few rows at a time, no more than finds room, nothing. */
static void same_in_one_pass(struct world *w, struct cp_store *s)
{
    static const enum cp_kind more[] = {(enum cp_kind)0, CP_KIND_VIEW, CP_KIND_NOTE, CP_KIND_PLAN, CP_KIND_PLAN,
                                        CP_KIND_PLAN, CP_KIND_VIEW};
    static const size_t rows[] = {65536, 65536, 65536, 65536, 5, 20, 20};
    static const size_t blocks[] = {99, 99, 99, 99, 99, 3, 0};
    struct pass p = {.w = w, .store = s};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        s->ahead.rows = rows[i];
        s->ahead.block = 1024;
        s->ahead.bytes = blocks[i] * s->ahead.block;
        p.more = more[i];
        p.visited = 0;
        cr_assert_eq(cp_store_records(s, w->plan, asked(&p), same_as_looked_up, &p), CP_OK);
        cr_assert_geq(p.visited, (size_t)ITEMS, "an item is there whether or not anything else is opened");
    }
}

/* How often a record was written: its own writes and the notes about it, and no views. */
static void same_count(struct world *w, struct cp_store *s, const uint8_t *target)
{
    struct cp_loaded all;
    struct cp_written got;
    uint64_t count = 0, latest = 0;
    cr_assert_eq(cp_store_load(s, w->plan, target, true, &all), CP_OK);
    for (size_t i = 0; i < all.count; i++)
        if (all.info[i].kind != CP_KIND_VIEW) {
            count++;
            latest = all.info[i].time_ms > latest ? all.info[i].time_ms : latest;
        }
    cr_assert_eq(cp_store_written(s, w->plan, target, &got), CP_OK);
    cr_assert_eq(got.count, count);
    cr_assert_eq(got.claimed_ms, latest);
    cp_loaded_clear(&all);
}

static void same_as_defined(struct world *w, struct cp_store *s)
{
    for (size_t i = 0; i < ITEMS; i++)
        same_left(w, s, w->items[i]);
    for (size_t i = 0; i < STORES; i++)
        same_left(w, s, w->people[i].person);
    same_left(w, s, w->plan);
    same_in_one_pass(w, s);
    for (size_t i = 0; i < ITEMS; i++)
        same_count(w, s, w->items[i]);
    same_count(w, s, w->plan);
}

/* Takes entry after entry from whichever author's store, in any order that its predecessors allow. */
static void take_shuffled(struct world *w, struct cp_store *to)
{
    uint64_t *rows[STORES];
    size_t counts[STORES], left = 0;
    bool *done[STORES];
    struct cp_buf payload;
    cp_buf_init(&payload, test_mem(), CP_MESSAGE_MAX);
    cr_assert_eq(cp_store_begin(to), CP_OK);
    cr_assert_eq(cp_store_await(to, w->plan, cp_bytes_str("j"), cp_bytes_str("i")), CP_OK);
    cr_assert_eq(cp_store_commit(to), CP_OK);
    for (size_t i = 0; i < STORES; i++) {
        rows[i] = group_rows(w->stores[i], w->plan, &counts[i]);
        done[i] = calloc(counts[i], sizeof **done);
        left += counts[i];
    }
    while (left > 0) {
        size_t i = test_below(&w->seed, STORES), r = test_below(&w->seed, counts[i]), taken;
        if (done[i][r])
            continue;
        cp_buf_reset(&payload);
        enum cp_err err = cp_chunk_build(&cp_store_replica(w->stores[i])->source, test_mem(), &rows[i][r], 1, &payload,
                                         &taken);
        if (err == CP_OK)
            err = group_take(to, w->plan, cp_buf_bytes(&payload), NULL);
        if (err == CP_ERR_MISSING_PARENT || err == CP_ERR_NOT_ADMITTED)
            continue;
        cr_assert(err == CP_OK || err == CP_ERR_NO_SIGNATURE, "%s", cp_err_word(err));
        done[i][r] = true;
        left--;
    }
    for (size_t i = 0; i < STORES; i++) {
        free(rows[i]);
        free(done[i]);
    }
    cp_buf_clear(&payload);
}

static void try_seed(uint64_t seed)
{
    static struct world w;
    world_init(&w, seed);
    while (w.count < 45) {
        write_something(&w);
        if (test_below(&w.seed, 12) == 0) {
            size_t from = test_below(&w.seed, STORES), to = test_below(&w.seed, STORES);
            if (from != to)
                group_carry(w.stores[from], w.stores[to], w.plan);
        }
    }
    struct cp_store *fresh = store_at(in_folder(w.folder, "fresh"), 9, NULL);
    take_shuffled(&w, fresh);
    same_as_defined(&w, fresh);
    cr_assert(group_rebuilds(fresh));
    same_as_defined(&w, fresh);
    for (size_t i = 0; i < STORES; i++) {
        cr_assert(group_rebuilds(w.stores[i])); /* holding a part only */
        for (size_t j = 0; j < STORES; j++)
            if (i != j)
                group_carry(w.stores[j], w.stores[i], w.plan);
        cr_assert(group_same(w.stores[i], fresh, w.plan));
        same_as_defined(&w, w.stores[i]);
        cr_assert(group_rebuilds(w.stores[i]));
    }
    cp_store_close(fresh);
    world_clear(&w);
}

Test(derive, any_order_of_arrival_gives_what_is_defined)
{
    for (uint64_t seed = 1; seed <= 4; seed++)
        try_seed(seed);
}

/* ---- Reading ---- */

struct visited {
    struct cp_store *s;
    const uint8_t *plan;
    size_t count, stop_at;
    uint64_t lamport, row;
    uint8_t id[CP_ID_LEN];
    bool by_arrival;
};

static bool visit(void *ctx, const struct cp_entry_info *info)
{
    struct visited *v = ctx;
    struct cp_loaded l;
    if (v->by_arrival)
        cr_assert_gt(info->row, v->row);
    else if (v->count > 0)
        cr_assert(info->lamport > v->lamport ||
                  (info->lamport == v->lamport && memcmp(info->id, v->id, CP_ID_LEN) > 0));
    v->row = info->row;
    v->lamport = info->lamport;
    memcpy(v->id, info->id, CP_ID_LEN);
    cr_assert_eq(cp_store_entry(v->s, v->plan, info->id, &l), CP_OK, "a visitor may read");
    cr_assert(cp_bytes_eq(l.info[0].frame, info->frame));
    cp_loaded_clear(&l);
    return ++v->count != v->stop_at;
}

Test(derive, visiting_and_finding)
{
    static struct world w;
    world_init(&w, 3);
    while (w.count < 30)
        write_something(&w);
    for (unsigned i = 1; i < STORES; i++)
        group_carry(w.stores[i], w.stores[0], w.plan);
    uint64_t entries;
    uint8_t digest[CP_ID_LEN];
    cr_assert_eq(cp_store_log_digest(w.stores[0], w.plan, &entries, digest), CP_OK);
    struct visited v = {.s = w.stores[0], .plan = w.plan};
    cr_assert_eq(cp_store_each(w.stores[0], w.plan, 0, false, visit, &v), CP_OK);
    cr_assert_eq(v.count, entries);
    v = (struct visited){.s = w.stores[0], .plan = w.plan, .by_arrival = true};
    cr_assert_eq(cp_store_each(w.stores[0], w.plan, 0, true, visit, &v), CP_OK);
    cr_assert_eq(v.count, entries);
    v = (struct visited){.s = w.stores[0], .plan = w.plan};
    cr_assert_eq(cp_store_each(w.stores[0], w.plan, CP_KIND_ITEM, false, visit, &v), CP_OK);
    cr_assert_eq(v.count, ITEMS);
    v = (struct visited){.s = w.stores[0], .plan = w.plan, .stop_at = 2};
    cr_assert_eq(cp_store_each(w.stores[0], w.plan, CP_KIND_SET, false, visit, &v), CP_OK);
    cr_assert_eq(v.count, 2);
    char hex[2 * CP_ID_LEN + 1];
    uint8_t ids[4][CP_ID_LEN];
    size_t count;
    cp_hex_encode(w.items[1], CP_ID_LEN, hex);
    for (size_t len = 6; len <= 2 * CP_ID_LEN; len += 29) {
        cr_assert_eq(cp_store_find(w.stores[0], w.plan, CP_BYTES((const uint8_t *)hex, len), ids, 4, &count), CP_OK);
        cr_assert_eq(count, 1);
        cr_assert_arr_eq(ids[0], w.items[1], CP_ID_LEN);
    }
    cr_assert_eq(cp_store_find(w.stores[0], w.plan, CP_BYTES(NULL, 0), ids, 4, &count), CP_OK);
    cr_assert_eq(count, 4, "all begin with nothing; no more than asked for");
    cr_assert_eq(cp_store_find(w.stores[0], w.plan, cp_bytes_str("xyz"), ids, 4, &count), CP_OK);
    cr_assert_eq(count, 0);
    const struct cp_members *m, *again;
    cr_assert_eq(cp_store_members(w.stores[0], w.plan, &m), CP_OK);
    cr_assert_eq(m->count, STORES);
    cr_assert_eq(cp_store_members(w.stores[0], w.plan, &again), CP_OK);
    cr_assert_eq(m, again);
    const struct cp_replica *r = cp_store_replica(w.stores[0]);
    uint8_t (*plans)[CP_ID_LEN];
    cr_assert_eq(r->plans(r->ctx, w.people[2].curve, &plans, &count), CP_OK);
    cr_assert_eq(count, 1);
    cp_free(r->mem, plans);
    cr_assert_eq(r->plans(r->ctx, w.people[2].device, &plans, &count), CP_OK);
    cr_assert_eq(count, 0);
    cp_free(r->mem, plans);
    world_clear(&w);
}
